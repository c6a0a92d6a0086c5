//! Histories as reports.

use std::collections::HashMap;

use rootward_tuf::{
    diff::{KeyChange, RootDifference},
    encoding::hex,
    key::KeyId,
    role::RoleName,
};
use serde_json::{Map, Value, json};

use super::{DifferenceReport, HistoryReport, KeyReport, VersionReport};
use crate::border::differences::told;
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
        differences: version.differences.iter().filter_map(DifferenceReport::of).collect(),
    }
}

impl DifferenceReport {
    /// A difference in a sentence and as data; `None` for the version, which every entry says itself.
    fn of(difference: &RootDifference) -> Option<Self> {
        let (kind, data) = match difference {
            RootDifference::Version { .. } => return None,
            RootDifference::KeyJoined(change) => ("key-joined", key(change)),
            RootDifference::KeyLeft(change) => ("key-left", key(change)),
            RootDifference::KeyRenamed {
                physical,
                from,
                to,
                roles,
            } => (
                "key-renamed",
                json!({
                    "physical_key": physical.to_string(),
                    "from_keyids": keyids(from),
                    "to_keyids": keyids(to),
                    "roles": names(roles),
                }),
            ),
            RootDifference::UnusableKeyJoined { keyid, roles } => (
                "unusable-key-joined",
                json!({ "keyid": keyid.as_str(), "roles": names(roles) }),
            ),
            RootDifference::UnusableKeyLeft { keyid, roles } => (
                "unusable-key-left",
                json!({ "keyid": keyid.as_str(), "roles": names(roles) }),
            ),
            RootDifference::ThresholdChanged { role, from, to } => (
                "threshold-changed",
                json!({ "role": role.as_str(), "from": from, "to": to }),
            ),
            RootDifference::ExpiryChanged { from, to } => ("expiry-changed", json!({ "from": from, "to": to })),
            RootDifference::ConsistentSnapshotChanged { to } => ("consistent-snapshot-changed", json!({ "to": to })),
            RootDifference::FieldAdded { pointer } => ("field-added", json!({ "pointer": pointer })),
            RootDifference::FieldRemoved { pointer } => ("field-removed", json!({ "pointer": pointer })),
            RootDifference::FieldChanged { pointer } => ("field-changed", json!({ "pointer": pointer })),
        };
        Some(DifferenceReport {
            kind,
            sentence: told(difference, &HashMap::new())
                .map(|sentence| sentence.text())
                .unwrap_or_default(),
            data: match data {
                Value::Object(data) => data,
                _ => Map::new(),
            },
        })
    }
}

fn key(change: &KeyChange) -> Value {
    json!({
        "physical_key": change.physical.to_string(),
        "keyid": change.keyid.as_str(),
        "roles": names(&change.roles),
        "name": change.name,
    })
}

fn keyids(keyids: &[KeyId]) -> Vec<&str> {
    keyids.iter().map(KeyId::as_str).collect()
}

fn names(roles: &[RoleName]) -> Vec<&str> {
    roles.iter().map(RoleName::as_str).collect()
}
