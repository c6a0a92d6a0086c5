//! What a change does to the keys of one role: computed from the rosters before and after, and nothing else.

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use super::edit::RoleAt;
use super::roster::{NamedKey, Roster, RosterRole};

/// Keys of a role that left, joined and stayed, and both thresholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    pub role: RoleName,
    /// The role whose document names its keys.
    pub by: RoleName,
    pub left: Vec<NamedKey>,
    pub joined: Vec<NamedKey>,
    pub stayed: Vec<NamedKey>,
    /// The only key from now on is one that a server has still to make.
    pub server_makes: bool,
    pub threshold: (u64, u64),
    /// Of the document that names its keys.
    pub version: (u64, u64),
}

impl Delta {
    /// Compares one role in two rosters.
    pub fn between(old: &Roster, new: &Roster, at: &RoleAt) -> Option<Self> {
        let (before, after) = (old.at(at), new.at(at));
        let (known, role) = (before.or(after)?, at.name()?);
        let keys = |listed: Option<&RosterRole>| listed.map(|role| role.keys.clone()).unwrap_or_default();
        let (old_keys, new_keys) = (keys(before), keys(after));
        let has = |keys: &[NamedKey], key: &NamedKey| keys.iter().any(|other| other.physical == key.physical);
        let (stayed, joined): (Vec<_>, Vec<_>) = new_keys.into_iter().partition(|key| has(&old_keys, key));
        let left = old_keys.into_iter().filter(|key| !has(&stayed, key)).collect();
        let threshold = |listed: Option<&RosterRole>| listed.map_or(0, |role| role.threshold);
        let version = |listed: Option<&RosterRole>| listed.map_or(0, |role| role.by.1);
        Some(Delta {
            role,
            by: known.by.0.clone(),
            left,
            joined,
            stayed,
            server_makes: after.is_some_and(|role| role.server_makes),
            threshold: (threshold(before), threshold(after)),
            version: (version(before), version(after)),
        })
    }

    /// The change in one sentence without a full stop; none when nothing of the role's changes.
    pub fn sentence(&self, repository: &str) -> Option<String> {
        let names = |keys: &[NamedKey]| {
            let labels: Vec<&str> = keys.iter().map(|key| key.label.as_str()).collect();
            match labels.as_slice() {
                [] => String::new(),
                [one] => (*one).to_owned(),
                [most @ .., last] => format!("{} and {last}", most.join(", ")),
            }
        };
        let role = &self.role;
        if self.server_makes {
            return Some(format!("Hand the key of {role} of {repository} to the server"));
        }
        let (left, joined) = (names(&self.left), names(&self.joined));
        match (left.is_empty(), joined.is_empty()) {
            (false, false) => Some(format!("Replace {left} by {joined} in {role} of {repository}")),
            (false, true) => Some(format!("Remove {left} from {role} of {repository}")),
            (true, false) => Some(format!("Add {joined} to {role} of {repository}")),
            (true, true) if self.threshold.0 != self.threshold.1 => {
                let (from, to) = self.threshold;
                Some(format!(
                    "Change the threshold of {role} of {repository} from {from} to {to}"
                ))
            }
            (true, true) => None,
        }
    }

    /// Keys of the role before.
    pub fn old_keys(&self) -> impl Iterator<Item = &NamedKey> {
        self.stayed.iter().chain(&self.left)
    }

    /// Keys of the role after.
    pub fn new_keys(&self) -> impl Iterator<Item = &NamedKey> {
        self.stayed.iter().chain(&self.joined)
    }

    /// Whether a key leaves the role.
    pub fn leaves(&self, key: &PhysicalKey) -> bool {
        self.left.iter().any(|left| left.physical == *key)
    }
}
