//! The desk's own list of what it put into the keychain: names and public halves, no secret.

use std::{
    io,
    path::{Path, PathBuf},
};

use rootward_tuf::PublicKey;
use serde::{Deserialize, Serialize};

use super::KeychainKey;
use crate::ports::{Disk, Failure};

const FILE: &str = "keychain.json";
const LONGEST: u64 = 1 << 20;

/// Where the list lies.
pub(super) struct Index(PathBuf);

/// One key in the keychain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    /// What the keychain calls it: no two desks share one.
    pub entry: String,
    /// SubjectPublicKeyInfo in PEM.
    pub public: String,
    pub may_sign_root: bool,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    keys: Vec<Entry>,
}

impl Index {
    pub(super) fn new(data: &Path) -> Self {
        Index(data.join(FILE))
    }

    /// Everything listed; an absent file lists nothing.
    pub(super) fn read(&self, disk: &dyn Disk) -> Result<Vec<Entry>, Failure> {
        let bytes = match disk.read(&self.0, LONGEST) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(why) => return Err(broken(&why.to_string())),
        };
        let listed: Listed = serde_json::from_slice(&bytes).map_err(|why| broken(&why.to_string()))?;
        Ok(listed.keys)
    }

    pub(super) fn write(&self, disk: &dyn Disk, entries: &[Entry]) -> Result<(), Failure> {
        let listed = Listed { keys: entries.to_vec() };
        let bytes = serde_json::to_vec_pretty(&listed).map_err(|why| broken(&why.to_string()))?;
        disk.write(&self.0, &bytes, true)
            .map_err(|why| broken(&why.to_string()))
    }
}

impl Entry {
    /// The key listed; `None` when its public half cannot be read.
    pub(super) fn key(&self) -> Option<KeychainKey> {
        Some(KeychainKey {
            public: PublicKey::from_spki_pem(&self.public).ok()?,
            name: self.name.clone(),
            may_sign_root: self.may_sign_root,
        })
    }
}

pub(super) fn broken(why: &str) -> Failure {
    Failure::fault(
        "disk-failed",
        format!("the desk's list of keys in the keychain cannot be used: {why}"),
    )
}
