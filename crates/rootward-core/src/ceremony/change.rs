//! What officers want: edits, and who is there to sign them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;
use serde::{Deserialize, Serialize};

use super::edit::{Edit, Joining, RoleAt};
use crate::border::visible;
use crate::keyring;
use crate::ports::Failure;

/// A change of trust: one or several edits that are made true together. Every kind goes through the same ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub edits: Vec<Edit>,
    /// Keys that leave sign the new documents as well, so that no client meets one it cannot check while files appear.
    pub hands_over: bool,
    /// Somebody else signs snapshot and timestamp once the other documents are there.
    pub online_elsewhere: bool,
    /// Notary: the keys of so many roots before the one built on sign root too, for clients that still trust those.
    pub legacy_roots: u32,
    /// The keyids of those keys, as far as the roots could be read.
    pub legacy: Vec<String>,
    /// Keys at hand, by the physical key.
    pub signers: Vec<KeyAtHand>,
    /// Keys that nobody has any more, by the physical key: they can sign nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lost: BTreeSet<String>,
    /// Keys that somebody else has, by the physical key: they are asked to sign nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stolen: BTreeSet<String>,
    /// What officers call keys on the desk where it began, by the physical key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub called: BTreeMap<String, String>,
    /// Why, in the officer's words.
    pub reason: String,
    /// Why a role may be left that nobody can sign, in the officer's words.
    pub despite: Option<String>,
    /// Why this is made beside a version that was given up, and that clients refuse, in the officer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub although_loose: Option<String>,
}

/// Where a key is, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAtHand {
    pub physical_key: String,
    /// `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
}

/// Why a key that counts is asked for no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    Lost,
    Stolen,
}

impl Change {
    /// The edits of one document.
    pub fn of_document<'a>(&'a self, role: &'a RoleName) -> impl Iterator<Item = &'a Edit> {
        self.edits.iter().filter(move |edit| edit.document() == role.as_str())
    }

    /// The roles whose keys or thresholds change, each once.
    pub fn of_keys(&self) -> Vec<RoleAt> {
        let roles: BTreeSet<RoleAt> = self.edits.iter().filter_map(Edit::of_keys).collect();
        let rank = |role: &RoleAt| match role.role.as_str() {
            "root" => 0,
            "targets" => 1,
            "snapshot" => 2,
            "timestamp" => 3,
            _ => 4,
        };
        let mut roles: Vec<RoleAt> = roles.into_iter().collect();
        roles.sort_by_key(rank);
        roles
    }

    /// Whether a repository is begun.
    pub fn begins(&self) -> bool {
        self.edits.iter().any(|edit| matches!(edit, Edit::Begins { .. }))
    }

    /// The version behind which a role's document is built anew; 0 for one that has none.
    pub fn rebuilt_after(&self, role: &str) -> u64 {
        let after = self.edits.iter().find_map(|edit| match edit {
            Edit::Rebuilds { role: of, after } if of == role => Some(*after),
            _ => None,
        });
        after.unwrap_or(0)
    }

    /// Whether files get versions in their names, where a repository is begun.
    pub fn consistent_snapshot(&self) -> bool {
        let mut edits = self.edits.iter();
        edits.any(|edit| {
            matches!(
                edit,
                Edit::Begins {
                    consistent_snapshot: true
                }
            )
        })
    }

    /// The keys that leave a role; those unreadable are left out.
    pub fn leaving(&self, role: &RoleAt) -> Vec<PhysicalKey> {
        let keys = self.edits.iter().filter_map(|edit| match edit {
            Edit::Leaves { of, physical_key } if of == role => PhysicalKey::parse(physical_key),
            _ => None,
        });
        keys.collect()
    }

    /// The keys that join a role that is there already.
    pub fn joining<'a>(&'a self, role: &'a RoleAt) -> impl Iterator<Item = &'a Joining> {
        self.edits.iter().filter_map(move |edit| match edit {
            Edit::Joins { of, joining } if of == role => Some(joining),
            _ => None,
        })
    }

    /// The new threshold of a role, if it gets one.
    pub fn threshold(&self, role: &RoleAt) -> Option<u64> {
        self.edits.iter().find_map(|edit| match edit {
            Edit::Threshold { of, threshold } if of == role => Some(*threshold),
            _ => None,
        })
    }

    /// The new end of a document, and whether a person chose it.
    pub fn end(&self, role: &RoleName) -> Option<(&str, bool)> {
        self.edits.iter().find_map(|edit| match edit {
            Edit::Ends { role: of, at, chosen } if of == role.as_str() => Some((at.as_str(), *chosen)),
            _ => None,
        })
    }

    /// Notary: the roles for which the server makes a key.
    pub fn by_server(&self) -> Vec<&str> {
        let roles = self.edits.iter().filter_map(|edit| match edit {
            Edit::ServerKey { role } => Some(role.as_str()),
            _ => None,
        });
        roles.collect()
    }

    /// Whether the server makes the key of a role.
    pub fn is_by_server(&self, role: &RoleName) -> bool {
        self.by_server().contains(&role.as_str())
    }

    /// What became of a key that is asked for no signature.
    pub fn gone(&self, key: &PhysicalKey) -> Option<Gone> {
        let name = key.to_string();
        match (self.stolen.contains(&name), self.lost.contains(&name)) {
            (true, _) => Some(Gone::Stolen),
            (false, true) => Some(Gone::Lost),
            (false, false) => None,
        }
    }

    /// Where a key is, if that is known and it may be asked.
    pub fn at_hand(&self, key: &PhysicalKey) -> Option<&str> {
        if self.gone(key).is_some() {
            return None;
        }
        let name = key.to_string();
        self.signers
            .iter()
            .find(|signer| signer.physical_key == name)
            .map(|signer| signer.key.as_str())
    }

    /// What the desk calls keys: as an officer named them, else after where they are.
    pub fn names(&self) -> HashMap<PhysicalKey, String> {
        let named = self.signers.iter().filter_map(|signer| {
            let reference = keyring::parse(&signer.key).ok()?;
            Some((PhysicalKey::parse(&signer.physical_key)?, keyring::name(&reference)))
        });
        let given = self.called.iter();
        let given = given.filter_map(|(key, name)| Some((PhysicalKey::parse(key)?, name.clone())));
        named.chain(given).collect()
    }

    /// Whether both ask for the same documents of keys of which the same became, wherever those are that sign, whenever it was
    /// asked for and whyever.
    pub fn asks_the_same(&self, other: &Change) -> bool {
        let asked = |change: &Change| change.edits.iter().map(Edit::asked).collect::<BTreeSet<_>>();
        asked(self) == asked(other)
            && self.legacy_roots == other.legacy_roots
            && (&self.lost, &self.stolen) == (&other.lost, &other.stolen)
    }
}

/// A role that root lists; the fault `bad-usage` for any other name.
pub fn top_level(name: &str) -> Result<RoleName, Failure> {
    let role = role_name(name)?;
    if role.is_top_level() {
        return Ok(role);
    }
    let message = format!("expected root, targets, snapshot or timestamp, got {}", visible(name));
    Err(Failure::fault("bad-usage", message))
}

/// Any role; the fault `bad-usage` for an empty name.
pub fn role_name(name: &str) -> Result<RoleName, Failure> {
    RoleName::new(name).map_err(|error| Failure::fault("bad-usage", error.to_string()))
}
