//! Clients of a Notary: folders that remember what they have seen, as machines that pull images do.

use super::NotaryRig;
use crate::fixtures;
use crate::rigs::must;
use crate::rigs::python_tuf::PythonTuf;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A client without keys. It trusts what it sees first, and remembers it in a folder of its own.
pub struct Client<'a> {
    rig: &'a NotaryRig,
    folder: tempfile::TempDir,
}

/// One line of `notary list`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    pub name: String,
    pub digest: String,
    pub size: u64,
    pub role: String,
}

impl<'a> Client<'a> {
    pub(super) fn new(rig: &'a NotaryRig) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self { rig, folder }
    }

    /// Another client that remembers what this one does, as of now.
    pub fn copy(&self) -> Self {
        let copy = Self::new(self.rig);
        fixtures::copy(self.folder.path(), copy.folder.path());
        copy
    }

    /// Where it keeps the documents of `gun` that it has accepted.
    pub fn metadata(&self, gun: &str) -> PathBuf {
        self.folder.path().join("tuf").join(gun).join("metadata")
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.rig.run_in(self.folder.path(), args)
    }

    /// `notary list`, sorted. Panics when it fails or does as little as warn.
    pub fn list(&self, gun: &str) -> Vec<Tag> {
        let mut tags: Vec<_> = self.rows(&["list", gun]).iter().map(|row| Tag::read(row)).collect();
        tags.sort();
        tags
    }

    /// `notary lookup`: digest and size. Panics as [`Client::list`] does.
    pub fn lookup(&self, gun: &str, name: &str) -> (String, u64) {
        let said = self.said(&["lookup", gun, name]);
        let words: Vec<_> = said.split_whitespace().collect();
        let [found, digest, size] = words[..] else {
            panic!("expected name, digest and size: {said}");
        };
        assert_eq!(found, name);
        let digest = digest.strip_prefix("sha256:").expect("Notary names the hash");
        (digest.to_owned(), size.parse().expect("a size is a number"))
    }

    /// `notary delegation list`: each role with the words of its line and of those below it, which go on with its keys and
    /// paths. Panics as [`Client::list`] does.
    pub fn delegations(&self, gun: &str) -> Vec<Vec<String>> {
        let mut roles: Vec<Vec<String>> = Vec::new();
        for row in self.rows(&["delegation", "list", gun]) {
            match roles.last_mut() {
                Some(role) if !row[0].starts_with("targets/") => role.extend(row),
                _ => roles.push(row),
            }
        }
        roles
    }

    /// Has an independent verifier check every id, signature and digest of what this client has accepted. Where it is
    /// absent, a line says so.
    pub fn has_sound_documents(&self, gun: &str) {
        let Some(shared) = fixtures::shared() else { return };
        let flat = tempfile::tempdir().expect("a temporary folder can be made");
        flatten(&self.metadata(gun), flat.path());
        let said = must(
            Command::new(PythonTuf::ready().python())
                .arg(shared.join("fixtures/notary/tools/check_meta.py"))
                .arg(flat.path()),
        );
        let said = String::from_utf8_lossy(&said.stdout);
        for wrong in ["BAD", "MISMATCH", "key-not-listed", "method?", "False"] {
            assert!(!said.contains(wrong), "{gun}: {said}");
        }
        assert!(
            said.contains("snapshot meta root True") && said.contains("'good'"),
            "{gun}: {said}"
        );
    }

    /// The lines of a table below its heading.
    fn rows(&self, args: &[&str]) -> Vec<Vec<String>> {
        let said = self.said(args);
        let below = said.lines().skip_while(|line| !line.starts_with("---")).skip(1);
        below
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect()
    }

    fn said(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        // It falls back to what it remembers with no more than a warning.
        assert!(output.status.success() && err.is_empty(), "notary {args:?}: {out}{err}");
        out.into_owned()
    }
}

impl Tag {
    fn read(row: &[String]) -> Self {
        let [name, digest, size, role] = row else {
            panic!("expected name, digest, size and role: {row:?}");
        };
        Self {
            name: name.clone(),
            digest: digest.clone(),
            size: size.parse().expect("a size is a number"),
            role: role.clone(),
        }
    }
}

/// Lays out what a client has accepted as flat files, delegations as `targets_NAME.json`.
fn flatten(metadata: &Path, to: &Path) {
    let mut waiting = vec![metadata.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder)
            .expect("a client's folder can be read")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let inside = path.strip_prefix(metadata).expect("it was found below");
            let flat = inside.to_str().expect("roles are text").replace('/', "_");
            std::fs::copy(&path, to.join(flat)).expect("a temporary folder can be written to");
        }
    }
}
