//! Nobody listens to `log` in what we ship: the driver of tokens writes whole commands there, and one of them is the PIN.

use rootward_tests::sources;

/// Packages that hear what is said to `log`, and write it somewhere.
const LISTENERS: [&str; 10] = [
    "tracing-log",
    "env_logger",
    "pretty_env_logger",
    "simple_logger",
    "simplelog",
    "stderrlog",
    "fern",
    "flexi_logger",
    "log4rs",
    "tauri-plugin-log",
];

#[test]
fn nobody_listens_where_the_driver_of_tokens_writes_pins() {
    let files = sources::below("", &["Cargo.lock"]);
    let lock = files.iter().find(|file| file.path == "Cargo.lock").expect("we lock");
    assert!(
        lock.text.contains("\nname = \"yubikey\"\n"),
        "the driver is not the one of which this is known"
    );
    assert_eq!(listeners(&lock.text), Vec::<String>::new());
}

#[test]
fn a_listener_is_found() {
    let package =
        |name: &str, uses: &str| format!("[[package]]\nname = \"{name}\"\ndependencies = [\n \"{uses}\",\n]\n\n");
    assert_eq!(listeners(&package("env_logger", "log")), ["env_logger"]);
    assert_eq!(listeners(&package("rootward-core", "log")), ["rootward-core"]);
    assert_eq!(listeners(&package("rootward-core", "tracing")), [""; 0]);
    assert_eq!(listeners(&package("yubikey", "log")), [""; 0]);
}

/// The locked packages that listen, or are ours and could: one of ours would need `log` itself to set a listener.
fn listeners(lock: &str) -> Vec<String> {
    let packages = lock.split("[[package]]").filter_map(|package| {
        let name = package.lines().find_map(|line| line.strip_prefix("name = \""))?;
        Some((name.trim_end_matches('"'), package))
    });
    let could = |name: &str, package: &str| {
        LISTENERS.contains(&name) || name.starts_with("rootward") && package.lines().any(|line| line == " \"log\",")
    };
    packages
        .filter(|(name, package)| could(name, package))
        .map(|(name, _)| name.to_owned())
        .collect()
}
