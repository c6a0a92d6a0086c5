//! What an officer wants, with every key told by what it is and not by what it is called.

use std::collections::HashMap;

use rootward_tuf::key::{PhysicalKey, PublicKey};
use serde::{Deserialize, Serialize};

use crate::keyring;

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
    /// Notary: keyids of earlier roots whose keys sign root too, for clients that still trust those.
    pub legacy: Vec<String>,
    /// The new end of root, RFC 3339.
    pub expires: String,
    /// Whether a person chose that end.
    pub expires_chosen: bool,
    /// Key files at hand, by the physical key in them.
    pub signers: Vec<KeyAtHand>,
    /// Why, in the officer's words.
    pub reason: String,
}

/// A key that joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// SubjectPublicKeyInfo in PEM.
    pub public: String,
    /// Where it is: `file:PATH`.
    pub key: String,
}

/// A key file and whose key it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAtHand {
    pub physical_key: String,
    /// `file:PATH`
    pub key: String,
}

impl Rotate {
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

    /// What the desk calls the keys whose files it knows: the files' names without their ending.
    pub fn names(&self) -> HashMap<PhysicalKey, String> {
        let named = self.signers.iter().filter_map(|signer| {
            let reference = keyring::parse(&signer.key).ok()?;
            Some((PhysicalKey::parse(&signer.physical_key)?, keyring::name(&reference)))
        });
        named.collect()
    }

    /// Whether both ask for the same root, whoever signs it, whenever it was asked for and whyever.
    pub fn asks_the_same(&self, other: &Rotate) -> bool {
        let sorted = |change: &Rotate| {
            let mut remove = change.remove.clone();
            let mut add: Vec<String> = change.add.iter().map(|joining| joining.public.clone()).collect();
            remove.sort();
            add.sort();
            (remove, add)
        };
        let ends_agree = match (self.expires_chosen, other.expires_chosen) {
            (true, true) => self.expires == other.expires,
            (false, false) => true,
            (true, false) | (false, true) => false,
        };
        sorted(self) == sorted(other) && self.threshold == other.threshold && ends_agree
    }
}
