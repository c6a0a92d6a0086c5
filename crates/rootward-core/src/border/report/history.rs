//! Histories as reports.

use rootward_tuf::encoding::hex;

use super::{HistoryReport, KeyReport, VersionReport};
use crate::repositories::{
    history::{History, RootVersion},
    roles::keys_of_root,
};

impl HistoryReport {
    /// The history of `source`.
    pub fn of(history: &History, source: impl Into<String>) -> Self {
        let mut before = None;
        let mut versions = Vec::new();
        for version in &history.versions {
            versions.push(report(version, before));
            before = Some(version.root.version());
        }
        HistoryReport {
            source: source.into(),
            dialect: history.dialect.into(),
            versions,
        }
    }
}

fn report(version: &RootVersion, before: Option<u64>) -> VersionReport {
    let root = version.root.body();
    VersionReport {
        version: root.version,
        expires: root.expires.text.clone(),
        sha256: hex(&version.root.digest()),
        threshold: root.root.threshold,
        keys: keys_of_root(&version.root, &version.own)
            .iter()
            .map(KeyReport::from)
            .collect(),
        valid_signatures: version.own.ours,
        follows: version.follows(),
        compared_with: before,
        differences: Vec::new(),
    }
}
