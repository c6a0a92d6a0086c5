//! Which physical keys sit in which roles, before and after.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::KeyChange;
use crate::key::{Key, KeyId, KeyTable, PhysicalKey};
use crate::metadata::RoleKeys;
use crate::role::RoleName;

/// Which keys sit in which roles.
pub(super) struct Seats<'a> {
    usable: BTreeMap<PhysicalKey, BTreeMap<&'a KeyId, BTreeSet<RoleName>>>,
    /// Those of the usable ones.
    ids: BTreeSet<&'a KeyId>,
    unusable: BTreeMap<&'a KeyId, BTreeSet<RoleName>>,
}

/// A key that stayed in roles under other ids.
pub(super) struct Renamed {
    pub(super) physical: PhysicalKey,
    pub(super) from: Vec<KeyId>,
    pub(super) to: Vec<KeyId>,
    pub(super) roles: Vec<RoleName>,
}

impl<'a> Seats<'a> {
    /// The seats of these roles, whose keys are in `keys`.
    pub(super) fn of(roles: impl IntoIterator<Item = (RoleName, &'a RoleKeys)>, keys: &KeyTable) -> Self {
        let mut seats = Seats {
            usable: BTreeMap::new(),
            ids: BTreeSet::new(),
            unusable: BTreeMap::new(),
        };
        for (role, role_keys) in roles {
            for keyid in &role_keys.keyids {
                match keys.get(keyid).and_then(|key| key.physical()) {
                    Some(physical) => {
                        seats.ids.insert(keyid);
                        let ids = seats.usable.entry(physical).or_default();
                        ids.entry(keyid).or_default().insert(role.clone());
                    }
                    None => drop(seats.unusable.entry(keyid).or_default().insert(role.clone())),
                }
            }
        }
        seats
    }

    fn roles(&self, physical: &PhysicalKey) -> BTreeSet<RoleName> {
        self.usable
            .get(physical)
            .map(|ids| ids.values().flatten().cloned().collect())
            .unwrap_or_default()
    }

    /// The seats here that `other` does not have.
    pub(super) fn missing_in(&self, other: &Seats<'_>, keys: &KeyTable) -> Vec<KeyChange> {
        let mut changes = Vec::new();
        for (physical, ids) in &self.usable {
            let elsewhere = other.roles(physical);
            let roles: Vec<RoleName> = self.roles(physical).difference(&elsewhere).cloned().collect();
            let holder = ids
                .iter()
                .find(|(_, seats)| seats.iter().any(|role| roles.contains(role)));
            if let Some((keyid, _)) = holder {
                // A root certificate names the repository it is for, and so do its rivals: that tells no two keys apart.
                let names_its_officer = |key: &&Key| key.certificate().is_none() || !roles.contains(&RoleName::root());
                let name = keys.get(keyid).filter(names_its_officer).and_then(Key::owner_name);
                changes.push(KeyChange {
                    physical: *physical,
                    keyid: (*keyid).clone(),
                    roles,
                    name,
                });
            }
        }
        changes
    }

    /// The seats here of keys that cannot be used, which `other` does not have.
    pub(super) fn unusable_missing_in(&self, other: &Seats<'_>) -> Vec<(KeyId, Vec<RoleName>)> {
        let nowhere = BTreeSet::new();
        let missing = self.unusable.iter().map(|(keyid, roles)| {
            let elsewhere = other.unusable.get(keyid).unwrap_or(&nowhere);
            ((*keyid).clone(), roles.difference(elsewhere).cloned().collect())
        });
        missing.filter(|(_, roles): &(_, Vec<_>)| !roles.is_empty()).collect()
    }

    /// Whether some role has a key of this id.
    pub(super) fn hold(&self, keyid: &KeyId) -> bool {
        self.unusable.contains_key(keyid) || self.ids.contains(keyid)
    }

    /// The keys that `other` seats in the same roles under other ids.
    pub(super) fn renamed_in(&self, other: &Seats<'_>) -> Vec<Renamed> {
        let ids = |seats: &Seats<'_>, physical: &PhysicalKey, role: &RoleName| -> BTreeSet<KeyId> {
            let listed = seats.usable.get(physical).into_iter().flatten();
            listed
                .filter(|(_, roles)| roles.contains(role))
                .map(|(keyid, _)| (*keyid).clone())
                .collect()
        };
        let mut renamed = Vec::new();
        for physical in self.usable.keys() {
            let stayed: Vec<RoleName> = self
                .roles(physical)
                .intersection(&other.roles(physical))
                .cloned()
                .collect();
            let changed = |role: &RoleName| ids(self, physical, role) != ids(other, physical, role);
            let roles: Vec<RoleName> = stayed.into_iter().filter(changed).collect();
            if roles.is_empty() {
                continue;
            }
            let all = |seats: &Seats<'_>| -> Vec<KeyId> {
                let ids: BTreeSet<KeyId> = roles.iter().flat_map(|role| ids(seats, physical, role)).collect();
                ids.into_iter().collect()
            };
            renamed.push(Renamed {
                physical: *physical,
                from: all(self),
                to: all(other),
                roles,
            });
        }
        renamed
    }
}
