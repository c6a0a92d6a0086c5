//! Who speaks for which role, by who the keys are: in a root as it is, or in one as a change would make it.

use std::collections::{HashMap, HashSet};

use rootward_tuf::key::{Key, KeyId, KeyTable, PhysicalKey};
use rootward_tuf::metadata::{RoleKeys, Root, Targets};
use rootward_tuf::role::RoleName;

use super::change::Change;
use super::edit::RoleAt;
use crate::border::short;

/// The four top-level roles of one root, and the delegated roles that are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Of root.
    pub version: u64,
    pub roles: Vec<RosterRole>,
}

/// The keys of a role and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRole {
    pub role: RoleName,
    /// The role whose document says so, and its version.
    pub by: (RoleName, u64),
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
    /// The role whose document says so, and its version.
    pub by: (RoleName, u64),
    pub threshold: u64,
    /// Those that may be asked.
    pub keys: Vec<NamedKey>,
    /// Those that count as well and were lost or stolen: nobody asks them.
    pub gone: Vec<NamedKey>,
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
    /// Any other document, by the keys its role had before, so that clients with the root before can check it.
    Before,
}

impl Roster {
    /// Reads a root. `names` are what the desk calls keys that the document gives no name.
    pub fn of(root: &Root, names: &HashMap<PhysicalKey, String>) -> Self {
        let roles = root.roles().into_iter().map(|(role, keys)| RosterRole {
            keys: named_keys(&root.keys, keys, names),
            threshold: keys.threshold,
            server_makes: false,
            by: (RoleName::root(), root.version),
            role,
        });
        Roster {
            version: root.version,
            roles: roles.collect(),
        }
    }

    /// Of no root at all.
    pub(super) fn empty() -> Self {
        Roster {
            version: 0,
            roles: Vec::new(),
        }
    }

    /// Reads the delegations of one document to some roles besides.
    pub(super) fn add(
        &mut self,
        by: &RoleName,
        targets: &Targets,
        roles: &HashSet<RoleName>,
        names: &HashMap<PhysicalKey, String>,
    ) {
        let Some(delegations) = &targets.delegations else {
            return;
        };
        let mut wanted: Vec<&RoleName> = roles.iter().collect();
        wanted.sort();
        for delegated in wanted.into_iter().filter_map(|role| delegations.role(role)) {
            self.roles.push(RosterRole {
                keys: named_keys(&delegations.keys, &delegated.keys, names),
                threshold: delegated.keys.threshold,
                server_makes: false,
                by: (by.clone(), targets.version),
                role: delegated.name,
            });
        }
    }

    /// A role as the document of another names it.
    pub fn at(&self, role: &RoleAt) -> Option<&RosterRole> {
        let is_it = |listed: &&RosterRole| listed.role.as_str() == role.role && listed.by.0.as_str() == role.by;
        self.roles.iter().find(is_it)
    }

    /// A role as the first that names it does.
    pub fn role(&self, name: &RoleName) -> Option<&RosterRole> {
        self.roles.iter().find(|role| role.role == *name)
    }

    /// The keys of a role.
    pub fn keys(&self, name: &RoleName) -> &[NamedKey] {
        self.role(name).map(|role| role.keys.as_slice()).unwrap_or_default()
    }

    /// Whether a key speaks for a role.
    pub fn lists(&self, name: &RoleName, key: &PhysicalKey) -> bool {
        self.keys(name).iter().any(|listed| listed.physical == *key)
    }
}

impl RosterRole {
    /// A top-level role of which no root lists a key yet.
    pub(super) fn unlisted(role: RoleName) -> Self {
        RosterRole {
            role,
            by: (RoleName::root(), 0),
            threshold: 1,
            keys: Vec::new(),
            server_makes: false,
        }
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
    /// Whether a signature of the key counts.
    pub fn has(&self, key: &PhysicalKey) -> bool {
        self.every_key().any(|listed| listed.physical == *key)
    }

    /// Every key whose signature counts, whether it may be asked or not.
    pub fn every_key(&self) -> impl Iterator<Item = &NamedKey> {
        self.keys.iter().chain(&self.gone)
    }
}

/// Whose signatures a document needs when `new` follows `old`; where keys hand over, of those before too.
pub fn quorums(role: &RoleName, old: &Roster, new: &Roster, change: &Change) -> Vec<Quorum> {
    let quorum = |side: Side, listed: &RosterRole| {
        let listed_keys = listed.keys.iter().cloned();
        let (gone, keys) = listed_keys.partition(|key| change.gone(&key.physical).is_some());
        Quorum {
            side,
            by: listed.by.clone(),
            threshold: listed.threshold,
            keys,
            gone,
        }
    };
    let of = |roster: &'_ Roster| -> Vec<RosterRole> {
        let listed = roster.roles.iter().filter(|listed| listed.role == *role);
        listed.cloned().collect()
    };
    let (before, after) = (of(old), of(new));
    if *role == RoleName::root() {
        let old = before.iter().map(|listed| quorum(Side::Old, listed));
        return old
            .chain(after.iter().map(|listed| quorum(Side::New, listed)))
            .collect();
    }
    let mut wanted: Vec<Quorum> = after.iter().map(|listed| quorum(Side::Own, listed)).collect();
    if change.hands_over {
        let too_few = before.iter().filter(|old| convinces_too_few(old, &after));
        wanted.extend(too_few.map(|listed| quorum(Side::Before, listed)));
    }
    wanted
}

/// As [`super::authority::convinces_too_few`], of rosters.
pub(super) fn convinces_too_few(old: &RosterRole, after: &[RosterRole]) -> bool {
    let new = after.iter().find(|new| new.by.0 == old.by.0);
    new.is_some_and(|new| {
        let is_new = |key: &NamedKey| old.keys.iter().all(|had| had.physical != key.physical);
        new.threshold < old.threshold || new.keys.iter().any(is_new)
    })
}

fn named_keys(keys: &KeyTable, role: &RoleKeys, names: &HashMap<PhysicalKey, String>) -> Vec<NamedKey> {
    let mut named: Vec<NamedKey> = Vec::new();
    let listed = role.keyids.iter().filter_map(|keyid| keys.get(keyid));
    for key in listed.filter_map(|key| NamedKey::of(key, names)) {
        if named.iter().all(|other| other.physical != key.physical) {
            named.push(key);
        }
    }
    named
}
