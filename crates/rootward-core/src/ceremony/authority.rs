//! Who says whose signatures a document needs: root for a top-level role, and every document that delegates to another.

use rootward_tuf::draft::{AnyFrozen, Authority};
use rootward_tuf::key::{Key, KeyTable, PhysicalKey};
use rootward_tuf::metadata::{RoleKeys, Root, Targets};
use rootward_tuf::role::RoleName;

use super::grounds::Grounds;

/// One document that speaks for a role.
#[derive(Debug, Clone)]
pub struct Speaks {
    /// Whose document it is.
    pub by: RoleName,
    pub keys: KeyTable,
    pub role: RoleKeys,
}

impl Speaks {
    fn of_root(root: &Root, role: &RoleName) -> Option<Self> {
        Some(Speaks {
            by: RoleName::root(),
            keys: root.keys.clone(),
            role: root.role(role)?.clone(),
        })
    }

    fn of_targets(by: &RoleName, targets: &Targets, role: &RoleName) -> Option<Self> {
        let delegations = targets.delegations.as_ref()?;
        Some(Speaks {
            by: by.clone(),
            keys: delegations.keys.clone(),
            role: delegations.role(role)?.keys,
        })
    }

    /// A top-level role of a repository that is begun: nobody speaks for it yet.
    pub fn nobody() -> Self {
        Speaks {
            by: RoleName::root(),
            keys: KeyTable::default(),
            role: RoleKeys {
                keyids: Vec::new(),
                threshold: 1,
            },
        }
    }

    /// The key as which it lists a physical key for the role.
    pub fn listed(&self, physical: &PhysicalKey) -> Option<&Key> {
        let listed = self.role.keyids.iter().filter_map(|keyid| self.keys.get(keyid));
        listed.into_iter().find(|key| key.physical() == Some(*physical))
    }

    pub fn authority(&self) -> Authority<'_> {
        Authority {
            keys: &self.keys,
            role: &self.role,
        }
    }
}

/// Who speaks for a role in the documents built on.
pub fn before(role: &RoleName, grounds: &Grounds) -> Vec<Speaks> {
    if role.is_top_level() {
        let root = grounds.root();
        return root
            .and_then(|root| Speaks::of_root(root.body(), role))
            .into_iter()
            .collect();
    }
    let delegators = grounds.all_targets();
    delegators
        .filter_map(|(by, targets)| Speaks::of_targets(by, targets.body(), role))
        .collect()
}

/// Who speaks for a role once `fixed` documents are there; `fixed` gives the next document of a role if it has one.
pub fn after<'a>(
    role: &RoleName,
    grounds: &Grounds,
    fixed: &impl Fn(&RoleName) -> Option<&'a AnyFrozen>,
) -> Vec<Speaks> {
    if role.is_top_level() {
        let new = fixed(&RoleName::root()).and_then(AnyFrozen::as_root);
        let root = new.map(|root| root.body()).or(grounds.root().map(|root| root.body()));
        return root.and_then(|root| Speaks::of_root(root, role)).into_iter().collect();
    }
    let mut delegators: Vec<RoleName> = grounds.all_targets().map(|(by, _)| by.clone()).collect();
    let first = grounds
        .roles()
        .into_iter()
        .filter(|role| grounds.targets_of(role).is_none());
    delegators.extend(first);
    let speaks = |by: &RoleName| match fixed(by).and_then(AnyFrozen::as_targets) {
        Some(new) => Speaks::of_targets(by, new.body(), role),
        None => Speaks::of_targets(by, grounds.targets_of(by)?.body(), role),
    };
    delegators.iter().filter_map(speaks).collect()
}

/// Everybody whose keys must sign: who speaks for the role afterwards, and where keys hand over also who spoke for it before,
/// when the new keys alone would not convince a client that knows only the old.
pub fn required<'a>(
    role: &RoleName,
    grounds: &Grounds,
    fixed: &impl Fn(&RoleName) -> Option<&'a AnyFrozen>,
    hands_over: bool,
) -> Vec<Speaks> {
    let mut speakers = after(role, grounds, fixed);
    if hands_over && *role != RoleName::root() {
        let old = before(role, grounds).into_iter();
        let old: Vec<Speaks> = old.filter(|old| convinces_too_few(old, &speakers)).collect();
        speakers.extend(old);
    }
    speakers
}

/// Whether signatures that are enough for the new keys of a role may be too few for the old ones.
pub fn convinces_too_few(old: &Speaks, after: &[Speaks]) -> bool {
    let new = after.iter().find(|new| new.by == old.by);
    new.is_some_and(|new| {
        let had = old.keys.physical(&old.role.keyids);
        let have = new.keys.physical(&new.role.keyids);
        new.role.threshold < old.role.threshold || !have.is_subset(&had)
    })
}

/// The key as which a physical key signs a document: as those list it who speak for the role afterwards, else as those did
/// before, and in Notary, for root, as an older root did.
pub fn signing_key<'a>(
    role: &RoleName,
    physical: &PhysicalKey,
    grounds: &Grounds,
    fixed: &impl Fn(&RoleName) -> Option<&'a AnyFrozen>,
    hands_over: bool,
) -> Option<Key> {
    let speakers = required(role, grounds, fixed, hands_over);
    let listed = speakers.iter().find_map(|speaks| speaks.listed(physical).cloned());
    if *role != RoleName::root() {
        return listed;
    }
    let before = || {
        before(role, grounds)
            .iter()
            .find_map(|speaks| speaks.listed(physical).cloned())
    };
    let legacy = || {
        let new = fixed(role).and_then(AnyFrozen::as_root)?;
        let certified = |key: &&Key| key.certificate().is_some() && key.physical() == Some(*physical);
        new.body().keys.iter().find(certified).cloned()
    };
    listed.or_else(before).or_else(legacy)
}
