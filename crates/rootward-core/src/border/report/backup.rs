//! The answers of `backup` and `restore`.

use rootward_tuf::encoding::hex;
use serde::Serialize;

use crate::backup::{Made, Restored};

/// The answer of `backup`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackupReport {
    pub file: String,
    pub bytes: u64,
    /// Of the file: compare it with the copy's.
    pub sha256: String,
    /// How many files are in it.
    pub files: usize,
    /// How many private key files are among them.
    pub private_keys: usize,
}

/// The answer of `restore`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RestoreReport {
    /// When the backup was made, RFC 3339.
    pub made_at: String,
    /// Repositories that were not on this desk.
    pub added: Vec<String>,
    /// Repositories that both sides knew.
    pub merged: Vec<String>,
    /// Documents older than this desk's, or proven by no root that is trusted.
    pub left_out: usize,
    /// Files of ceremonies, ledger and keys that were written.
    pub files: usize,
    pub private_keys: usize,
}

impl BackupReport {
    /// Reports a backup that was made.
    pub fn of(made: &Made) -> Self {
        BackupReport {
            file: made.path.display().to_string(),
            bytes: made.bytes,
            sha256: hex(&made.sha256),
            files: made.files,
            private_keys: made.keys,
        }
    }
}

impl RestoreReport {
    /// Reports a backup that was restored.
    pub fn of(restored: &Restored) -> Self {
        RestoreReport {
            made_at: restored.made_at.clone(),
            added: restored.added.clone(),
            merged: restored.merged.clone(),
            left_out: restored.left_out,
            files: restored.files,
            private_keys: restored.keys,
        }
    }
}
