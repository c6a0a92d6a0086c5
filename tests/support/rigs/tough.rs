//! A second judge of what is published: tough's repository loader, the program of tests/judges. It has a lock of its own, so
//! `./dev judges` alone builds it, and names it by `ROOTWARD_TOUGH`.

use super::must;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// tough, ready to run.
pub struct Tough(PathBuf);

/// What tough's loader said.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    pub accepted: bool,
    /// In its own words.
    pub refusal: Option<String>,
}

impl Tough {
    /// The judge, where `./dev judges` has built it; else none, and a line that says so.
    pub fn built() -> Option<Self> {
        let program = std::env::var_os("ROOTWARD_TOUGH").map(PathBuf::from);
        if program.is_none() {
            println!("tough is not asked: ./dev judges builds it");
        }
        program.map(Tough)
    }

    /// Hands it every file of a folder, and the root it trusts. Its clock is the machine's.
    pub fn judge(&self, folder: &Path, trusted: &Path) -> Verdict {
        let read = |path: &Path| fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let mut files = Map::new();
        for entry in fs::read_dir(folder).expect("a folder that was published").flatten() {
            if entry.path().is_file() {
                let name = entry
                    .file_name()
                    .to_str()
                    .expect("names of metadata are UTF-8")
                    .to_owned();
                files.insert(name, Value::String(STANDARD.encode(read(&entry.path()))));
            }
        }
        let anchor = STANDARD.encode(read(trusted));
        let case = json!({ "anchor": anchor, "files": files, "cached": {}, "lookups": [] });
        let mut asked = tempfile::tempfile().expect("a temporary file can be made");
        writeln!(asked, "{case}").expect("a temporary file can be written");
        asked.rewind().expect("a file can be read from its beginning");
        let said = must(Command::new(&self.0).stdin(asked));
        serde_json::from_slice(&said.stdout).expect("the judge prints one JSON object")
    }
}
