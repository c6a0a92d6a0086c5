//! What a change does to the keys of one role: computed from the rosters before and after, and nothing else.

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use super::roster::{NamedKey, Roster};

/// Keys of a role that left, joined and stayed, and both thresholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    pub role: RoleName,
    pub left: Vec<NamedKey>,
    pub joined: Vec<NamedKey>,
    pub stayed: Vec<NamedKey>,
    /// The only key from now on is one that a server has still to make.
    pub server_makes: bool,
    pub threshold: (u64, u64),
    /// Of root.
    pub version: (u64, u64),
    /// Of root, as signed.
    pub expires: (String, String),
}

impl Delta {
    /// Compares one role in two rosters.
    pub fn between(old: &Roster, new: &Roster, role: &RoleName) -> Self {
        let (before, after) = (old.keys(role), new.keys(role));
        let has = |keys: &[NamedKey], key: &NamedKey| keys.iter().any(|other| other.physical == key.physical);
        let (stayed, joined): (Vec<_>, Vec<_>) = after.iter().cloned().partition(|key| has(before, key));
        let left = before.iter().filter(|key| !has(&stayed, key)).cloned().collect();
        let threshold = |roster: &Roster| roster.role(role).map_or(0, |keys| keys.threshold);
        Delta {
            role: role.clone(),
            left,
            joined,
            stayed,
            server_makes: new.role(role).is_some_and(|keys| keys.server_makes),
            threshold: (threshold(old), threshold(new)),
            version: (old.version, new.version),
            expires: (old.expires.clone(), new.expires.clone()),
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
        let role = &self.role;
        if self.server_makes {
            return format!("Hand the key of {role} of {repository} to the server");
        }
        let (left, joined) = (names(&self.left), names(&self.joined));
        match (left.is_empty(), joined.is_empty()) {
            (false, false) => format!("Replace {left} by {joined} in {role} of {repository}"),
            (false, true) => format!("Remove {left} from {role} of {repository}"),
            (true, false) => format!("Add {joined} to {role} of {repository}"),
            (true, true) if self.threshold.0 != self.threshold.1 => {
                let (from, to) = self.threshold;
                format!("Change the threshold of {role} of {repository} from {from} to {to}")
            }
            (true, true) => format!("Issue root of {repository} again, to end on {}", self.expires.1),
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
