//! A repository before it is written: documents that can still be changed, who signs them, and what is done to their files.
//!
//! Writing signs and hashes from the bottom up, so that a change here leaves everything else consistent.

use std::collections::BTreeMap;

use super::json::{Json, Style};
use super::keys::{Key, sha256};
use crate::map;

pub const MOMENT: &str = "2026-06-01T00:00:00Z";
pub const LATER: &str = "2046-01-31T12:00:00Z";
pub const EARLIER: &str = "2016-01-31T12:00:00Z";

/// A change made once, when the document is written.
pub type Change<T> = Box<dyn FnOnce(&mut T)>;

/// One document of the repository.
pub struct Doc {
    pub role: String,
    pub signed: Json,
    pub signers: Vec<Key>,
    pub style: Style,
    /// Done to the envelope after it was signed.
    pub envelope: Vec<Change<Json>>,
    /// Done to the file before its parent describes it.
    pub file: Vec<Change<Vec<u8>>>,
    /// Done to what its parent says of it.
    pub meta: Vec<Change<Json>>,
    /// Done to the file after everything else: nobody describes it so.
    pub served: Vec<Change<Vec<u8>>>,
    /// Whether the parent's entry has hashes and a length.
    pub described: bool,
}

/// A repository.
pub struct Plan {
    pub consistent: bool,
    /// The first is the client's anchor.
    pub roots: Vec<Doc>,
    pub timestamp: Doc,
    pub snapshot: Doc,
    pub targets: Doc,
    /// By the order they were made; the delegating document names them.
    pub delegated: Vec<Doc>,
    /// Target paths that clients look for.
    pub lookups: Vec<String>,
    /// Entries that the snapshot does not have.
    pub unlisted: Vec<String>,
    /// What the client kept from an earlier visit, by role.
    pub cached: BTreeMap<String, Vec<u8>>,
    /// Done to the served files by name, at last.
    pub files: Vec<Change<BTreeMap<String, Vec<u8>>>>,
}

/// A repository as it is served.
pub struct Written {
    pub anchor: Vec<u8>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub cached: BTreeMap<String, Vec<u8>>,
    pub lookups: Vec<String>,
}

impl Doc {
    pub fn new(role: &str, signed: Json, signers: Vec<Key>) -> Doc {
        Doc {
            role: role.to_owned(),
            signed,
            signers,
            style: Style::default(),
            envelope: Vec::new(),
            file: Vec::new(),
            meta: Vec::new(),
            served: Vec::new(),
            described: true,
        }
    }

    /// The version as it is written.
    pub fn version(&self) -> String {
        self.signed.get("version").map_or("1", Json::text).to_owned()
    }

    /// The version as a number; 1 if it is none.
    pub fn number(&self) -> u64 {
        self.version().parse().unwrap_or(1)
    }

    pub fn on_envelope(&mut self, change: impl FnOnce(&mut Json) + 'static) {
        self.envelope.push(Box::new(change));
    }

    /// Changes the signatures after signing.
    pub fn on_signatures(&mut self, change: impl FnOnce(&mut Vec<Json>) + 'static) {
        self.on_envelope(|envelope| change(envelope.at(&["signatures"]).entries()));
    }

    pub fn on_file(&mut self, change: impl FnOnce(&mut Vec<u8>) + 'static) {
        self.file.push(Box::new(change));
    }

    pub fn on_meta(&mut self, change: impl FnOnce(&mut Json) + 'static) {
        self.meta.push(Box::new(change));
    }

    pub fn on_served(&mut self, change: impl FnOnce(&mut Vec<u8>) + 'static) {
        self.served.push(Box::new(change));
    }

    /// The signed file.
    pub fn write(&mut self) -> Vec<u8> {
        let message = self.signed.canonical();
        let signature = |key: &Key| map! {"keyid" => key.id.clone(), "sig" => key.sign(&message)};
        let signatures: Vec<Json> = self.signers.iter().map(signature).collect();
        let mut envelope = map! {"signatures" => signatures, "signed" => self.signed.clone()};
        for change in self.envelope.drain(..) {
            change(&mut envelope);
        }
        let mut file = envelope.written(self.style);
        for change in self.file.drain(..) {
            change(&mut file);
        }
        file
    }

    /// What the parent says of `file`.
    fn describe(&mut self, file: &[u8]) -> Json {
        let mut meta = map! {"version" => Json::bare(self.version())};
        if self.described {
            meta.set("length", file.len());
            meta.set("hashes", map! {"sha256" => sha256(file)});
        }
        for change in self.meta.drain(..) {
            change(&mut meta);
        }
        meta
    }

    /// Takes the served file; its name has a version if it is versioned.
    fn serve(&mut self, mut file: Vec<u8>, versioned: Option<String>, files: &mut BTreeMap<String, Vec<u8>>) {
        for change in self.served.drain(..) {
            change(&mut file);
        }
        let stem = file_stem(&self.role);
        let name = versioned.map_or(format!("{stem}.json"), |version| format!("{version}.{stem}.json"));
        files.insert(name, file);
    }
}

impl Plan {
    pub fn last_root(&mut self) -> &mut Doc {
        self.roots.last_mut().expect("a repository has a root")
    }

    pub fn write(mut self) -> Written {
        let mut files = BTreeMap::new();
        let mut anchor = Vec::new();
        for (place, root) in self.roots.iter_mut().enumerate() {
            let file = root.write();
            if place == 0 {
                anchor = file.clone();
            }
            let version = root.version();
            root.serve(file, Some(version), &mut files);
        }
        let named = |entry: &Json| entry.get("version").map(|version| version.text().to_owned());
        for doc in self.delegated.iter_mut().chain([&mut self.targets]) {
            let file = doc.write();
            let entry = doc.describe(&file);
            let version = named(&entry).unwrap_or(doc.version());
            self.snapshot
                .signed
                .at(&["meta"])
                .set(&format!("{}.json", doc.role), entry);
            doc.serve(file, self.consistent.then_some(version), &mut files);
        }
        for role in &self.unlisted {
            self.snapshot.signed.at(&["meta"]).remove(&format!("{role}.json"));
        }
        let file = self.snapshot.write();
        let entry = self.snapshot.describe(&file);
        let version = named(&entry).unwrap_or(self.snapshot.version());
        self.snapshot
            .serve(file, self.consistent.then_some(version), &mut files);
        self.timestamp.signed.at(&["meta"]).set("snapshot.json", entry);
        let file = self.timestamp.write();
        self.timestamp.serve(file, None, &mut files);
        for change in self.files {
            change(&mut files);
        }
        Written {
            anchor,
            files,
            cached: self.cached,
            lookups: self.lookups,
        }
    }
}

/// A role's name as part of a file name: as python-tuf and the specification's examples encode it.
pub fn file_stem(role: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte);
    let encoded = role.bytes().map(|byte| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    encoded.collect()
}
