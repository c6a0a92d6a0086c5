//! Repositories captured from real servers. They lie beside the project, not in it: tests that need them skip when they are absent.

use crate::rigs::must;
use crate::sources;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder `../shared`, or a line that says it is absent.
pub fn shared() -> Option<PathBuf> {
    let given = std::env::var_os("ROOTWARD_SHARED").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| sources::root().join("../shared"));
    if folder.join("fixtures/unpack").exists() {
        return Some(folder);
    }
    println!("skipped: ../shared is absent");
    None
}

/// Lays the captured repositories out in a temporary folder, or says that they are absent.
pub fn captured() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    must(
        Command::new("sh")
            .arg(shared()?.join("fixtures/unpack"))
            .arg(folder.path()),
    );
    Some(folder)
}

/// Copies a folder with all below it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder can be written to");
    for entry in fs::read_dir(from).expect("a folder just made can be read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a temporary folder can be written to");
        }
    }
}
