//! What one root changes of another, in keys: computed from the two documents and nothing else.

use std::collections::HashMap;

use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::metadata::Root;

use crate::border::short;

/// Keys that left, joined and stayed, and both thresholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    pub left: Vec<NamedKey>,
    pub joined: Vec<NamedKey>,
    pub stayed: Vec<NamedKey>,
    pub threshold: (u64, u64),
    pub version: (u64, u64),
    /// As signed.
    pub expires: (String, String),
}

/// A key of root with a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    pub physical: PhysicalKey,
    pub keyid: KeyId,
    pub label: String,
}

impl Delta {
    /// Compares the root roles. `names` are what the desk calls keys that the documents give no name.
    pub fn between(old: &Root, new: &Root, names: &HashMap<PhysicalKey, String>) -> Self {
        let (before, after) = (named_keys(old, names), named_keys(new, names));
        let has = |keys: &[NamedKey], key: &NamedKey| keys.iter().any(|other| other.physical == key.physical);
        let (stayed, joined): (Vec<_>, Vec<_>) = after.into_iter().partition(|key| has(&before, key));
        let left = before.into_iter().filter(|key| !has(&stayed, key)).collect();
        Delta {
            left,
            joined,
            stayed,
            threshold: (old.root.threshold, new.root.threshold),
            version: (old.version, new.version),
            expires: (old.expires.text.clone(), new.expires.text.clone()),
        }
    }

    /// The change in one sentence without a full stop.
    pub fn sentence(&self, repository: &str) -> String {
        let names = |keys: &[NamedKey]| {
            let labels: Vec<&str> = keys.iter().map(|key| key.label.as_str()).collect();
            match labels.as_slice() {
                [] => String::new(),
                [one] => (*one).to_owned(),
                [most @ .., last] => format!("{} and {last}", most.join(", ")),
            }
        };
        let (left, joined) = (names(&self.left), names(&self.joined));
        match (left.is_empty(), joined.is_empty()) {
            (false, false) => format!("Replace {left} by {joined} in root of {repository}"),
            (false, true) => format!("Remove {left} from root of {repository}"),
            (true, false) => format!("Add {joined} to root of {repository}"),
            (true, true) if self.threshold.0 != self.threshold.1 => {
                let (from, to) = self.threshold;
                format!("Change the threshold of root of {repository} from {from} to {to}")
            }
            (true, true) => format!("Issue root of {repository} again, to end on {}", self.expires.1),
        }
    }

    /// Keys of the old root.
    pub fn old_keys(&self) -> impl Iterator<Item = &NamedKey> {
        self.stayed.iter().chain(&self.left)
    }

    /// Keys of the new root.
    pub fn new_keys(&self) -> impl Iterator<Item = &NamedKey> {
        self.stayed.iter().chain(&self.joined)
    }

    /// Every key whose signature counts for the old root, the new one or both.
    pub fn keys(&self) -> impl Iterator<Item = &NamedKey> {
        self.stayed.iter().chain(&self.joined).chain(&self.left)
    }

    pub fn counts_old(&self, key: &PhysicalKey) -> bool {
        self.old_keys().any(|other| other.physical == *key)
    }

    pub fn counts_new(&self, key: &PhysicalKey) -> bool {
        self.new_keys().any(|other| other.physical == *key)
    }
}

/// The physical keys of root, each once, in the order listed.
fn named_keys(root: &Root, names: &HashMap<PhysicalKey, String>) -> Vec<NamedKey> {
    let mut named: Vec<NamedKey> = Vec::new();
    for key in root.root.keyids.iter().filter_map(|keyid| root.keys.get(keyid)) {
        let Some(physical) = key.physical() else { continue };
        if named.iter().any(|other| other.physical == physical) {
            continue;
        }
        let label = key.owner_name().or_else(|| names.get(&physical).cloned());
        let label = label.unwrap_or_else(|| format!("key {}", short(key.keyid().as_str())));
        named.push(NamedKey {
            physical,
            keyid: key.keyid().clone(),
            label,
        });
    }
    named
}
