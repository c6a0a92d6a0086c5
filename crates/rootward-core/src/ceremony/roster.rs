//! Who speaks for which role, by who the keys are: in a root as it is, or in one as a change would make it.

use std::collections::HashMap;

use rootward_tuf::key::{Key, KeyId, PhysicalKey};
use rootward_tuf::metadata::{RoleKeys, Root};
use rootward_tuf::role::RoleName;

use crate::border::short;

/// The four top-level roles of one root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub version: u64,
    /// As signed, or as it would be.
    pub expires: String,
    pub roles: Vec<RosterRole>,
}

/// The keys of a role and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRole {
    pub role: RoleName,
    pub threshold: u64,
    /// Each key once, in the order listed.
    pub keys: Vec<NamedKey>,
    /// The only key is one that a server has still to make.
    pub server_makes: bool,
}

/// A key with a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    pub physical: PhysicalKey,
    /// None while the certificate that the id covers is not made yet.
    pub keyid: Option<KeyId>,
    /// The id of the bare key; in TUF 1.0 the keyid.
    pub canonical: KeyId,
    pub label: String,
}

/// Keys of which enough must sign one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    pub side: Side,
    /// Of the root that says so.
    pub root_version: u64,
    pub threshold: u64,
    pub keys: Vec<NamedKey>,
}

/// Which keys a quorum asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Root, by the keys of the root before (TUF 5.3.4).
    Old,
    /// Root, by its own keys.
    New,
    /// Any other document, by the keys of its role.
    Own,
}

impl Roster {
    /// Reads a root. `names` are what the desk calls keys that the document gives no name.
    pub fn of(root: &Root, names: &HashMap<PhysicalKey, String>) -> Self {
        let roles = root.roles().into_iter().map(|(role, keys)| RosterRole {
            keys: named_keys(root, keys, names),
            threshold: keys.threshold,
            server_makes: false,
            role,
        });
        Roster {
            version: root.version,
            expires: root.expires.text.clone(),
            roles: roles.collect(),
        }
    }

    /// A top-level role; none for any other name.
    pub fn role(&self, name: &RoleName) -> Option<&RosterRole> {
        self.roles.iter().find(|role| role.role == *name)
    }

    pub(super) fn role_mut(&mut self, name: &RoleName) -> Option<&mut RosterRole> {
        self.roles.iter_mut().find(|role| role.role == *name)
    }

    /// The keys of a top-level role.
    pub fn keys(&self, name: &RoleName) -> &[NamedKey] {
        self.role(name).map(|role| role.keys.as_slice()).unwrap_or_default()
    }

    /// Whether a key speaks for a role.
    pub fn lists(&self, name: &RoleName, key: &PhysicalKey) -> bool {
        self.keys(name).iter().any(|listed| listed.physical == *key)
    }
}

impl NamedKey {
    /// The key as a document lists it; none for one that cannot be used.
    pub fn of(key: &Key, names: &HashMap<PhysicalKey, String>) -> Option<Self> {
        let physical = key.physical()?;
        // A certificate names the repository, not its officer: what the desk calls the key says more.
        let named = || names.get(&physical).cloned();
        let owner = match key.certificate() {
            Some(_) => named(),
            None => key.owner_name().or_else(named),
        };
        let canonical = key.canonical_keyid();
        Some(NamedKey {
            physical,
            label: owner.unwrap_or_else(|| format!("key {}", short(canonical.as_str()))),
            keyid: Some(key.keyid().clone()),
            canonical,
        })
    }

    /// The id to show: the canonical one until there is another.
    pub fn shown_id(&self) -> &KeyId {
        self.keyid.as_ref().unwrap_or(&self.canonical)
    }
}

impl Quorum {
    pub fn has(&self, key: &PhysicalKey) -> bool {
        self.keys.iter().any(|listed| listed.physical == *key)
    }
}

/// Whose signatures a document needs when `new` follows `old`.
pub fn quorums(role: &RoleName, old: &Roster, new: &Roster) -> Vec<Quorum> {
    let quorum = |side, roster: &Roster| {
        roster.role(role).map(|keys| Quorum {
            side,
            root_version: roster.version,
            threshold: keys.threshold,
            keys: keys.keys.clone(),
        })
    };
    let wanted = if *role == RoleName::root() {
        vec![quorum(Side::Old, old), quorum(Side::New, new)]
    } else {
        vec![quorum(Side::Own, new)]
    };
    wanted.into_iter().flatten().collect()
}

/// The key under which a role lists a physical key.
pub fn listed<'a>(root: &'a Root, role: &RoleName, physical: &PhysicalKey) -> Option<&'a Key> {
    let keyids = root.role(role).map(|keys| keys.keyids.as_slice()).unwrap_or_default();
    let listed = keyids.iter().filter_map(|keyid| root.keys.get(keyid));
    listed.into_iter().find(|key| key.physical() == Some(*physical))
}

fn named_keys(root: &Root, role: &RoleKeys, names: &HashMap<PhysicalKey, String>) -> Vec<NamedKey> {
    let mut named: Vec<NamedKey> = Vec::new();
    let listed = role.keyids.iter().filter_map(|keyid| root.keys.get(keyid));
    for key in listed.filter_map(|key| NamedKey::of(key, names)) {
        if named.iter().all(|other| other.physical != key.physical) {
            named.push(key);
        }
    }
    named
}
