//! What a practice server keeps: documents of each GUN, the keys it holds for them, and what has changed.

use std::collections::BTreeMap;

use rootward_tuf::{
    Dialect, Document, Frozen, Instant, Key, RoleName, Root, Signature,
    encoding::{base64, from_base64},
    metadata,
};
use serde::{Deserialize, Serialize};

use super::{super::kept, digest};
use crate::{
    adapters::private_key::{self, PrivateKey},
    ports::NewKey,
};

/// Everything one server knows.
#[derive(Clone, Serialize, Deserialize, PartialEq)]
pub(super) struct Shelf {
    practice: String,
    pub(super) guns: BTreeMap<String, Gun>,
    pub(super) changes: Vec<Change>,
}

/// One repository: its documents, by role and version, in base64.
#[derive(Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct Gun {
    documents: BTreeMap<String, BTreeMap<u64, String>>,
    /// Keys that the server holds, by role, newest last; PKCS#8 in base64.
    keys: BTreeMap<String, Vec<String>>,
}

/// A line of the changefeed.
#[derive(Clone, Serialize, Deserialize, PartialEq)]
pub(super) struct Change {
    pub(super) gun: String,
    pub(super) version: u64,
    pub(super) sha256: String,
    pub(super) at: String,
}

/// A key of the server's, as roots list it.
pub(super) struct ServerKey {
    pub(super) listed: Key,
    private: PrivateKey,
}

impl Shelf {
    pub(super) fn new(label: &str) -> Self {
        Shelf {
            practice: label.to_owned(),
            guns: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// Puts a repository as it is after an update in its place, and says so in the changefeed.
    pub(super) fn take(&mut self, gun: &str, updated: Gun, now: Instant) {
        let timestamp = updated.newest("timestamp");
        self.changes.push(Change {
            gun: gun.to_owned(),
            version: timestamp.as_ref().map_or(0, |(version, _)| *version),
            sha256: timestamp.map(|(_, bytes)| digest(&bytes)).unwrap_or_default(),
            at: now.to_string(),
        });
        self.guns.insert(gun.to_owned(), updated);
    }
}

impl Gun {
    pub fn document(&self, role: &str, version: u64) -> Option<Vec<u8>> {
        from_base64(self.documents.get(role)?.get(&version)?)
    }

    pub fn newest(&self, role: &str) -> Option<(u64, Vec<u8>)> {
        let (version, text) = self.documents.get(role)?.last_key_value()?;
        Some((*version, from_base64(text)?))
    }

    pub fn by_digest(&self, role: &str, sha256: &str) -> Option<Vec<u8>> {
        let mut files = self.documents.get(role)?.values().filter_map(|text| from_base64(text));
        files.find(|bytes| digest(bytes) == sha256)
    }

    #[cfg(test)]
    pub fn count_keys(&self) -> usize {
        self.keys.values().map(Vec::len).sum()
    }

    /// Gives the server a key of a test's own, in place of a random one; as roots list it.
    #[cfg(test)]
    pub fn take_key(&mut self, role: &RoleName, pkcs8: &[u8]) -> Key {
        let keys = self.keys.entry(role.to_string()).or_default();
        keys.push(kept(pkcs8));
        ServerKey::of(PrivateKey::read(pkcs8).expect("a key")).listed
    }

    /// The repository after an upload, if the server takes it.
    #[cfg(test)]
    pub fn updated(&self, gun: &str, files: &[(String, Vec<u8>)], now: Instant) -> Option<Gun> {
        super::rules::updated(self, gun, files, now).ok()
    }

    pub(super) fn put(&mut self, role: &str, version: u64, file: &[u8]) {
        let versions = self.documents.entry(role.to_owned()).or_default();
        versions.insert(version, base64(file));
    }

    /// The newest document of a role, read.
    pub(super) fn read<T: Document>(&self, role: &str) -> Option<rootward_tuf::Envelope<T>> {
        metadata::read(&self.newest(role)?.1, Dialect::Notary).ok()
    }

    /// The key that the server holds and the newest root lists for a role.
    pub(super) fn key_of(&self, role: &RoleName) -> Option<ServerKey> {
        let root = self.read::<Root>("root")?;
        let listed = &root.body().role(role)?.keyids;
        self.held(role).find(|key| listed.contains(key.listed.keyid()))
    }

    /// A key that waits for its first root.
    pub(super) fn waiting_key(&self, role: &RoleName) -> Option<ServerKey> {
        match self.newest("root") {
            Some(_) => None,
            None => self.held(role).next(),
        }
    }

    /// A new key for a role; `None` when the system gives no randomness.
    pub(super) fn make_key(&mut self, role: &RoleName) -> Option<ServerKey> {
        let (private, pkcs8) = private_key::generate(NewKey::EcdsaP256).ok()?;
        let keys = self.keys.entry(role.to_string()).or_default();
        keys.push(kept(&pkcs8));
        Some(ServerKey::of(private))
    }

    fn held(&self, role: &RoleName) -> impl Iterator<Item = ServerKey> {
        let keys = self.keys.get(role.as_str()).into_iter().flatten();
        keys.filter_map(|text| super::super::key(text)).map(ServerKey::of)
    }
}

impl ServerKey {
    fn of(private: PrivateKey) -> Self {
        ServerKey {
            listed: Key::new_notary_bare(private.public()),
            private,
        }
    }

    /// Its signature over a document; none when its cryptography fails.
    pub(super) fn sign<T: Document>(&self, frozen: &Frozen<T>) -> Vec<Signature> {
        let signed = self.private.sign(frozen.signing_message(), Dialect::Notary).ok();
        signed
            .and_then(|signed| Signature::by(&self.listed, &signed))
            .into_iter()
            .collect()
    }
}
