//! Yubico's manager as PyPI has it; Debian's is years older and is a judge of its own.

use super::venv;
use std::path::{Path, PathBuf};

const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rigs/ykman/requirements.txt");

/// Finds ykman or installs it, half a minute the first time; `None`, and a line that says why, when pip cannot.
pub fn ready() -> Option<PathBuf> {
    match venv::ready("ykman", Path::new(REQUIREMENTS)) {
        Ok(programs) => Some(programs.join("ykman")),
        Err(why) => {
            let line = why.lines().last().unwrap_or_default();
            println!("skipped: ykman is not installed from PyPI: {line}");
            None
        }
    }
}
