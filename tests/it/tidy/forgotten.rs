//! A Rust file that no `mod` line names is compiled by nobody, and a test in it fails for nobody.

use rootward_tests::sources::{self, Source};

const ENTRANCES: [&str; 4] = ["lib.rs", "main.rs", "mod.rs", "build.rs"];

#[test]
fn every_rust_file_is_compiled() {
    let files: Vec<Source> = ["crates", "src-tauri", "tests"]
        .into_iter()
        .flat_map(|folder| sources::below(folder, &[".rs"]))
        .collect();
    let manifests = sources::below("", &["Cargo.toml"]);
    assert_eq!(
        forgotten(&files, &manifests),
        Vec::<String>::new(),
        "no `mod` line names these"
    );
}

#[test]
fn every_vitest_file_lies_where_vitest_looks() {
    let strays: Vec<String> = sources::below("ui", &[".test.ts", ".test.tsx", ".spec.ts", ".spec.tsx"])
        .into_iter()
        .map(|file| file.path)
        .filter(|path| !path.starts_with("ui/src/") || path.contains(".spec."))
        .collect();
    assert_eq!(strays, Vec::<String>::new(), "UI tests are ui/src/**/*.test.ts(x)");
}

#[test]
fn a_file_nobody_declares_is_found() {
    let file = |path: &str, text: &str| Source {
        path: path.into(),
        text: text.into(),
    };
    let files = [
        file("tests/it/main.rs", "mod tree;\n// mod lost;\n"),
        file("tests/it/tree.rs", "mod rows;"),
        file("tests/it/tree/rows.rs", ""),
        file("tests/it/tree/lost.rs", ""),
        file("tests/it/lost.rs", ""),
        file("tests/support/rootwardctl.rs", ""),
    ];
    let manifests = [file("tests/Cargo.toml", "[[bin]]\npath = \"support/rootwardctl.rs\"\n")];
    assert_eq!(
        forgotten(&files, &manifests),
        ["tests/it/tree/lost.rs", "tests/it/lost.rs"]
    );
}

fn forgotten(files: &[Source], manifests: &[Source]) -> Vec<String> {
    let declared = |owner: &str, module: &str| {
        files.iter().filter(|file| file.path == owner).any(|file| {
            sources::without_comments_and_strings(&file.text)
                .lines()
                .any(|line| line.trim_end().ends_with(&format!("mod {module};")))
        })
    };
    let in_a_manifest = |path: &str| {
        manifests.iter().any(|manifest| {
            let folder = manifest.path.trim_end_matches("Cargo.toml");
            path.strip_prefix(folder)
                .is_some_and(|inside| manifest.text.contains(&format!("\"{inside}\"")))
        })
    };
    files
        .iter()
        .map(|file| file.path.clone())
        .filter(|path| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let module = name.trim_end_matches(".rs");
            // A target of its own (src/bin, examples, benches) or an entrance is named by Cargo.
            !ENTRANCES.contains(&name)
                && !folder.ends_with("/bin")
                && !folder.ends_with("/examples")
                && !in_a_manifest(path)
                && !ENTRANCES
                    .iter()
                    .any(|entrance| declared(&format!("{folder}/{entrance}"), module))
                && !declared(&format!("{folder}.rs"), module)
        })
        .collect()
}
