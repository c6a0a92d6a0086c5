//! What an officer wants, with every key told by what it is and not by what it is called.

use std::collections::HashMap;

use rootward_tuf::key::{PhysicalKey, PublicKey};
use rootward_tuf::role::RoleName;
use serde::{Deserialize, Serialize};

use crate::border::visible;
use crate::keyring;
use crate::ports::Failure;

/// A change of trust. Every kind goes through the same ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    Rotate(Rotate),
}

/// Keys of a role leave, join and stay. Root is issued again, and what the change makes others need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotate {
    /// `root`, `targets`, `snapshot` or `timestamp`.
    pub role: String,
    /// Physical keys that leave.
    pub remove: Vec<String>,
    pub add: Vec<Joining>,
    /// Notary: the role's only key is one that the server makes.
    pub server: bool,
    /// The new threshold; unchanged when absent.
    pub threshold: Option<u64>,
    /// Notary: the keys of so many roots before the one built on sign root too, for clients that still trust those.
    pub legacy_roots: u32,
    /// The keyids of those keys, as far as the roots could be read.
    pub legacy: Vec<String>,
    /// The new end of root, RFC 3339.
    pub expires: String,
    /// Whether a person chose that end.
    pub expires_chosen: bool,
    /// Keys at hand, by the physical key.
    pub signers: Vec<KeyAtHand>,
    /// Why, in the officer's words.
    pub reason: String,
}

/// A key that joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// SubjectPublicKeyInfo in PEM.
    pub public: String,
    /// Where it is: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
}

/// Where a key is, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAtHand {
    pub physical_key: String,
    /// `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
}

impl Change {
    /// The rotation.
    pub fn rotate(&self) -> &Rotate {
        let Change::Rotate(rotate) = self;
        rotate
    }
}

impl Rotate {
    /// The role whose keys change; the fault `bad-usage` for one that is no top-level role.
    pub fn role_name(&self) -> Result<RoleName, Failure> {
        top_level(&self.role)
    }

    /// The keys that leave; those unreadable are left out.
    pub fn leaving(&self) -> Vec<PhysicalKey> {
        self.remove.iter().filter_map(|key| PhysicalKey::parse(key)).collect()
    }

    /// The keys that join with where they are; fails naming the one that is no public key.
    pub fn joining(&self) -> Result<Vec<(PublicKey, &str)>, String> {
        let read =
            |joining: &'_ Joining| PublicKey::from_spki_pem(&joining.public).map_err(|problem| problem.to_string());
        self.add
            .iter()
            .map(|joining| Ok((read(joining)?, joining.key.as_str())))
            .collect()
    }

    /// Where a key is, if that is known.
    pub fn at_hand(&self, key: &PhysicalKey) -> Option<&str> {
        let name = key.to_string();
        self.signers
            .iter()
            .find(|signer| signer.physical_key == name)
            .map(|signer| signer.key.as_str())
    }

    /// What the desk calls the keys of which it knows where they are.
    pub fn names(&self) -> HashMap<PhysicalKey, String> {
        let named = self.signers.iter().filter_map(|signer| {
            let reference = keyring::parse(&signer.key).ok()?;
            Some((PhysicalKey::parse(&signer.physical_key)?, keyring::name(&reference)))
        });
        named.collect()
    }

    /// Whether both ask for the same documents, whoever signs it, whenever it was asked for and whyever.
    pub fn asks_the_same(&self, other: &Rotate) -> bool {
        let sorted = |change: &Rotate| {
            let mut remove = change.remove.clone();
            let mut add: Vec<String> = change.add.iter().map(|joining| joining.public.clone()).collect();
            remove.sort();
            add.sort();
            (remove, add, change.legacy_roots)
        };
        let ends_agree = match (self.expires_chosen, other.expires_chosen) {
            (true, true) => self.expires == other.expires,
            (false, false) => true,
            (true, false) | (false, true) => false,
        };
        self.role == other.role
            && self.server == other.server
            && sorted(self) == sorted(other)
            && self.threshold == other.threshold
            && ends_agree
    }
}

/// A role that root lists; the fault `bad-usage` for any other name.
pub fn top_level(name: &str) -> Result<RoleName, Failure> {
    let top = [
        RoleName::root(),
        RoleName::targets(),
        RoleName::snapshot(),
        RoleName::timestamp(),
    ];
    top.into_iter().find(|role| role.as_str() == name).ok_or_else(|| {
        let message = format!("expected root, targets, snapshot or timestamp, got {}", visible(name));
        Failure::fault("bad-usage", message)
    })
}
