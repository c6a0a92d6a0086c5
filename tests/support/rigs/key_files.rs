//! Key files of securesystemslib (python-tuf), go-tuf and cosign, made by a virtual environment of its own.

use super::{must, venv};
use std::path::Path;
use std::process::Command;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rigs/key-files");

/// Writes one file of each kind into `folder`, those with a passphrase guarded by `passphrase`.
pub fn make(folder: &Path, passphrase: &str) {
    let scripts = Path::new(SCRIPTS);
    let programs = venv::ready("key-files", &scripts.join("requirements.txt"));
    let programs = programs.unwrap_or_else(|why| panic!("key files of other programs: {why}"));
    must(
        Command::new(programs.join("python"))
            .arg(scripts.join("make.py"))
            .arg(folder)
            .arg(passphrase),
    );
}
