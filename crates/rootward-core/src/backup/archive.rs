//! The file of a backup: a tar archive with a manifest in front, which names every other file with its SHA-256.
//!
//! The same contents give the same bytes: files are sorted, and headers say nothing of who wrote them, or when.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read as _},
};

use rootward_tuf::{
    encoding::{hex, sha256},
    json::{self, Value},
};
use serde::{Deserialize, Serialize};

use crate::ports::Failure;

/// Files by path, `/` between folders.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// A backup, whole and checked against its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archive {
    /// RFC 3339.
    pub made_at: String,
    /// The version of the program that made it.
    pub program: String,
    pub files: Files,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: String,
    version: u64,
    made_at: String,
    program: String,
    files: Vec<Named>,
}

#[derive(Serialize, Deserialize)]
struct Named {
    path: String,
    bytes: u64,
    sha256: String,
}

const MANIFEST: &str = "manifest.json";
/// SHA-256 of the manifest. Whatever else a format may become, this and the manifest's version stay.
const DIGEST: &str = "manifest.json.sha256";
const FORMAT: &str = "rootward-backup";
const VERSION: u64 = 1;

impl Archive {
    /// Writes the file. Fails only when there is no memory for it.
    pub(super) fn write(&self) -> Result<Vec<u8>, Failure> {
        let manifest = self.manifest()?;
        let digest = hex(&sha256(&manifest)).into_bytes();
        let failed = |why: io::Error| put_together(&why);
        let mut tar = tar::Builder::new(Vec::new());
        let all = [(MANIFEST, &manifest), (DIGEST, &digest)].into_iter();
        for (path, bytes) in all.chain(self.files.iter().map(|(path, bytes)| (path.as_str(), bytes))) {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            header.set_mtime(0);
            tar.append_data(&mut header, path, &bytes[..]).map_err(failed)?;
        }
        tar.into_inner().map_err(failed)
    }

    /// What is written in front: which files there are, and what they must be.
    pub(super) fn manifest(&self) -> Result<Vec<u8>, Failure> {
        let named = self.files.iter().map(|(path, bytes)| Named {
            path: path.clone(),
            bytes: bytes.len() as u64,
            sha256: hex(&sha256(bytes)),
        });
        let manifest = Manifest {
            format: FORMAT.into(),
            version: VERSION,
            made_at: self.made_at.clone(),
            program: self.program.clone(),
            files: named.collect(),
        };
        serde_json::to_vec_pretty(&manifest).map_err(|why| put_together(&why))
    }

    /// Reads a file that somebody says is a backup. All its bytes are hostile.
    ///
    /// Refuses with `backup-unusable` what is damaged or something else, and with `backup-newer` what a newer program made.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let mut files = Files::new();
        let mut tar = tar::Archive::new(Cursor::new(bytes));
        let entries = tar.entries().map_err(|_| foreign())?;
        for entry in entries {
            // Of a file that is no tar at all, the first header is none.
            let mut entry = entry.map_err(|_| {
                if files.is_empty() {
                    foreign()
                } else {
                    damaged("it is cut off")
                }
            })?;
            if entry.header().entry_type() != tar::EntryType::Regular {
                return Err(damaged("it holds something that is no file"));
            }
            let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| damaged("a name is no text"))?;
            if files.is_empty() && path != MANIFEST {
                return Err(foreign());
            }
            let mut content = Vec::new();
            entry.read_to_end(&mut content).map_err(|_| damaged("it is cut off"))?;
            if content.len() as u64 != entry.size() {
                return Err(damaged("it is cut off"));
            }
            if files.insert(path.clone(), content).is_some() {
                return Err(damaged(&format!("{} is in it twice", crate::border::visible(&path))));
            }
        }
        let manifest = files.remove(MANIFEST).ok_or_else(foreign)?;
        let digest = files.remove(DIGEST).ok_or_else(foreign)?;
        if digest != hex(&sha256(&manifest)).as_bytes() {
            return Err(damaged("its manifest is not what it was"));
        }
        let manifest = understood(&manifest)?;
        let mut named = 0;
        for file in &manifest.files {
            let path = crate::border::visible(&file.path);
            let found = files
                .get(&file.path)
                .ok_or_else(|| damaged(&format!("{path} is missing")))?;
            if found.len() as u64 != file.bytes || hex(&sha256(found)) != file.sha256 {
                return Err(damaged(&format!("{path} is not what the manifest says")));
            }
            named += 1;
        }
        if named != files.len() {
            return Err(damaged("it holds files that the manifest does not name"));
        }
        Ok(Archive {
            made_at: manifest.made_at,
            program: manifest.program,
            files,
        })
    }
}

/// Reads the manifest, its version before everything else: what a newer one says besides is not ours to judge.
fn understood(bytes: &[u8]) -> Result<Manifest, Failure> {
    let value = json::parse(bytes, json::Limits::default()).map_err(|_| damaged("its manifest is no JSON"))?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(foreign());
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => {
            let message = format!("a newer program made the backup: its format is {newer}, expected {VERSION}");
            return Err(Failure::refusal("backup-newer", message).with("format", newer.to_string()));
        }
        _ => return Err(damaged("its manifest says no version")),
    }
    serde_json::from_slice(bytes).map_err(|_| damaged("its manifest does not name its files"))
}

fn put_together(why: &dyn std::fmt::Display) -> Failure {
    Failure::fault("disk-failed", format!("the backup cannot be put together: {why}"))
}

fn foreign() -> Failure {
    Failure::refusal("backup-unusable", "the file is no backup of this program")
}

/// A backup of ours that is not as it was written.
pub(super) fn damaged(why: &str) -> Failure {
    Failure::refusal("backup-unusable", format!("the backup is damaged: {why}"))
}
