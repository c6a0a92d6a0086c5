//! Words and sizes: nothing left to do, no ignored test, no machine's paths, no file that has become two.

use rootward_tests::sources::{self, Source};

const TEXT: [&str; 14] = [
    ".rs", ".toml", ".json", ".md", ".ts", ".tsx", ".css", ".html", ".js", ".mjs", ".py", ".sh", "dev", "run",
];

/// Lines, the tests at the bottom aside, after which a file is asked whether two ideas moved in together.
const LONG: usize = 600;

/// Files that may be longer, and why.
const LONG_WITH_REASON: [(&str, &str); 1] = [("ui/src/border/types.ts", "generated from Rust, read by no one")];

/// Written in halves, so that this file does not find itself.
const UNWELCOME: [(&str, &str, &str); 11] = [
    ("TO", "DO", "an issue says it better"),
    ("FIX", "ME", "fix it or file it"),
    ("#[ig", "nore", "a test that does not run promises nothing"),
    ("todo", "!(", "no stubs"),
    ("unimple", "mented!(", "no stubs"),
    ("crates", ".io", "no registry's host"),
    ("npm", "js.org", "no registry's host"),
    ("py", "pi.org", "no registry's host"),
    ("deb.de", "bian.org", "no registry's host"),
    ("/tmp/", "wt", "a path of one machine"),
    ("/wo", "rk/", "a path of one machine"),
];

#[test]
fn nothing_unwelcome_is_written_anywhere() {
    let found: Vec<String> = sources::below("", &TEXT)
        .iter()
        .filter(|file| !is_lock(file))
        .flat_map(unwelcome)
        .collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn no_source_file_has_become_two() {
    let files = ["crates", "src-tauri", "tests", "ui/src"]
        .into_iter()
        .flat_map(|folder| sources::below(folder, &[".rs", ".ts", ".tsx", ".css"]));
    let found: Vec<String> = files.filter_map(|file| too_long(&file)).collect();
    assert_eq!(
        found,
        Vec::<String>::new(),
        "split it, or give LONG_WITH_REASON a reason"
    );
}

#[test]
fn an_unwelcome_word_and_a_long_file_are_found() {
    let file = |text: String| Source {
        path: "crates/x/src/lib.rs".into(),
        text,
    };
    for (head, tail, _) in UNWELCOME {
        assert_eq!(
            unwelcome(&file(format!("fn a() {{}}\n// {head}{tail} later\n"))).len(),
            1,
            "{head}{tail}"
        );
    }
    assert!(unwelcome(&file("fn tomorrow() {}".into())).is_empty());
    assert!(too_long(&file("\n".repeat(LONG + 1))).is_some());
    assert!(too_long(&file("\n".repeat(LONG))).is_none());
}

fn is_lock(file: &Source) -> bool {
    file.path.ends_with("Cargo.lock") || file.path.ends_with("package-lock.json")
}

fn unwelcome(file: &Source) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(number, line)| {
            let hits = UNWELCOME
                .iter()
                .filter(move |(head, tail, _)| line.contains(&format!("{head}{tail}")));
            hits.map(move |(head, tail, why)| format!("{}:{}: {head}{tail} ({why})", file.path, number + 1))
        })
        .collect()
}

fn too_long(file: &Source) -> Option<String> {
    let lines = sources::without_inline_tests(&file.text).lines().count();
    let excused = LONG_WITH_REASON.iter().any(|(path, _)| *path == file.path);
    (lines > LONG && !excused).then(|| format!("{}: {lines} lines", file.path))
}
