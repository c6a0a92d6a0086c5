//! What one root changes against another, told by physical keys: a key under a new id is renamed, not replaced.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::{Object, Value};
use crate::key::{KeyId, PhysicalKey};
use crate::metadata::{Envelope, Root};
use crate::role::RoleName;

/// One difference. A replaced key is two: one left, one joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootDifference {
    Version {
        from: u64,
        to: u64,
    },
    /// A key joined roles it was not in.
    KeyJoined(KeyChange),
    /// A key left roles it was in.
    KeyLeft(KeyChange),
    /// A key stayed in roles, under other ids.
    KeyRenamed {
        physical: PhysicalKey,
        from: Vec<KeyId>,
        to: Vec<KeyId>,
        roles: Vec<RoleName>,
    },
    /// A key we cannot use joined; it is known by its id only.
    UnusableKeyJoined {
        keyid: KeyId,
        roles: Vec<RoleName>,
    },
    /// A key we cannot use left.
    UnusableKeyLeft {
        keyid: KeyId,
        roles: Vec<RoleName>,
    },
    ThresholdChanged {
        role: RoleName,
        from: u64,
        to: u64,
    },
    /// Texts as signed.
    ExpiryChanged {
        from: String,
        to: String,
    },
    ConsistentSnapshotChanged {
        to: bool,
    },
    /// Any other member of the signed object, keys and roles included, by JSON pointer.
    FieldAdded {
        pointer: String,
    },
    FieldRemoved {
        pointer: String,
    },
    FieldChanged {
        pointer: String,
    },
}

/// A key and the roles it joined or left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    pub physical: PhysicalKey,
    /// As the root lists it that has the key in these roles.
    pub keyid: KeyId,
    pub roles: Vec<RoleName>,
    /// Who the root says holds it.
    pub name: Option<String>,
}

/// Compares two roots, `old` being the earlier.
pub fn diff_roots(old: &Envelope<Root>, new: &Envelope<Root>) -> Vec<RootDifference> {
    let (before, after) = (Seats::of(old.body()), Seats::of(new.body()));
    let mut differences = Vec::new();
    if old.version() != new.version() {
        differences.push(RootDifference::Version {
            from: old.version(),
            to: new.version(),
        });
    }
    differences.extend(
        before
            .missing_in(&after, old.body())
            .into_iter()
            .map(RootDifference::KeyLeft),
    );
    differences.extend(
        after
            .missing_in(&before, new.body())
            .into_iter()
            .map(RootDifference::KeyJoined),
    );
    differences.extend(before.renamed_in(&after));
    for (keyid, roles) in before
        .unusable
        .iter()
        .filter(|(keyid, _)| !after.unusable.contains_key(*keyid))
    {
        let (keyid, roles) = ((*keyid).clone(), roles.clone());
        differences.push(RootDifference::UnusableKeyLeft { keyid, roles });
    }
    for (keyid, roles) in after
        .unusable
        .iter()
        .filter(|(keyid, _)| !before.unusable.contains_key(*keyid))
    {
        let (keyid, roles) = ((*keyid).clone(), roles.clone());
        differences.push(RootDifference::UnusableKeyJoined { keyid, roles });
    }
    for ((role, from), (_, to)) in old.body().roles().into_iter().zip(new.body().roles()) {
        if from.threshold != to.threshold {
            let (from, to) = (from.threshold, to.threshold);
            differences.push(RootDifference::ThresholdChanged { role, from, to });
        }
    }
    let (from, to) = (&old.body().expires.text, &new.body().expires.text);
    if from != to {
        differences.push(RootDifference::ExpiryChanged {
            from: from.clone(),
            to: to.clone(),
        });
    }
    if old.body().consistent_snapshot != new.body().consistent_snapshot {
        differences.push(RootDifference::ConsistentSnapshotChanged {
            to: new.body().consistent_snapshot,
        });
    }
    other_fields(old.signed(), new.signed(), &mut differences);
    differences
}

/// Which keys sit in which roles.
struct Seats<'a> {
    usable: BTreeMap<PhysicalKey, BTreeMap<&'a KeyId, BTreeSet<RoleName>>>,
    unusable: BTreeMap<&'a KeyId, Vec<RoleName>>,
}

impl<'a> Seats<'a> {
    fn of(root: &'a Root) -> Self {
        let mut seats = Seats {
            usable: BTreeMap::new(),
            unusable: BTreeMap::new(),
        };
        for (role, keys) in root.roles() {
            for keyid in &keys.keyids {
                match root.keys.get(keyid).and_then(|key| key.physical()) {
                    Some(physical) => {
                        let ids = seats.usable.entry(physical).or_default();
                        ids.entry(keyid).or_default().insert(role.clone());
                    }
                    None => seats.unusable.entry(keyid).or_default().push(role.clone()),
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
    fn missing_in(&self, other: &Seats<'_>, root: &Root) -> Vec<KeyChange> {
        let mut changes = Vec::new();
        for (physical, ids) in &self.usable {
            let elsewhere = other.roles(physical);
            let roles: Vec<RoleName> = self.roles(physical).difference(&elsewhere).cloned().collect();
            let holder = ids
                .iter()
                .find(|(_, seats)| seats.iter().any(|role| roles.contains(role)));
            if let Some((keyid, _)) = holder {
                let name = root.keys.get(keyid).and_then(|key| key.owner_name());
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

    fn renamed_in(&self, other: &Seats<'_>) -> Vec<RootDifference> {
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
            renamed.push(RootDifference::KeyRenamed {
                physical: *physical,
                from: all(self),
                to: all(other),
                roles,
            });
        }
        renamed
    }
}

/// Members told of by the other differences.
const TOLD: [&str; 4] = ["version", "expires", "consistent_snapshot", "keys"];

fn other_fields(old: &Object, new: &Object, differences: &mut Vec<RootDifference>) {
    let told = |name: &str| TOLD.contains(&name) || name == "roles";
    compare("", old, new, &told, differences);
    let (Some(before), Some(after)) = (member(old, "keys"), member(new, "keys")) else {
        return;
    };
    for (keyid, key) in after.iter() {
        // A key object may change under an id that stays: who holds it, for one.
        if let (Some(Value::Object(was)), Value::Object(is)) = (before.get(keyid), key) {
            compare(&format!("/keys/{}", escaped(keyid)), was, is, &|_| false, differences);
        }
    }
    let (Some(before), Some(after)) = (member(old, "roles"), member(new, "roles")) else {
        return;
    };
    for (name, role) in after.iter() {
        if let (Some(Value::Object(was)), Value::Object(is)) = (before.get(name), role) {
            let told = |name: &str| name == "keyids" || name == "threshold";
            compare(&format!("/roles/{}", escaped(name)), was, is, &told, differences);
        }
    }
    let known = |name: &str| {
        ["root", "targets", "snapshot", "timestamp"].contains(&name)
            || before.get(name).is_some() && after.get(name).is_some()
    };
    compare("/roles", before, after, &known, differences);
}

fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    object.get(name).and_then(Value::as_object)
}

fn compare(
    above: &str,
    old: &Object,
    new: &Object,
    told: &dyn Fn(&str) -> bool,
    differences: &mut Vec<RootDifference>,
) {
    let pointer = |name: &str| format!("{above}/{}", escaped(name));
    for (name, was) in old.iter().filter(|(name, _)| !told(name)) {
        match new.get(name) {
            None => differences.push(RootDifference::FieldRemoved { pointer: pointer(name) }),
            Some(is) if is != was => differences.push(RootDifference::FieldChanged { pointer: pointer(name) }),
            Some(_) => {}
        }
    }
    for (name, _) in new.iter().filter(|(name, _)| !told(name) && old.get(name).is_none()) {
        differences.push(RootDifference::FieldAdded { pointer: pointer(name) });
    }
}

/// A member name in a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::draft::RootDraft;
    use crate::fixture_tests::fixtures;
    use crate::metadata::read;
    use crate::testing::{Made, Officer, at};

    #[test]
    fn every_kind_of_change_is_told() {
        let made = Made::new(Dialect::Tuf1);
        let root = RoleName::root();
        let joining = Officer::ed25519(40).key();
        let mut draft = RootDraft::next(made.root.verified());
        draft
            .remove_key(&root, made.officers[0].1.keyid())
            .add_key(&root, joining.clone());
        draft.set_threshold(&root, 3).set_expires(at("2029-01-01T00:00:00Z"));
        let new = draft.freeze().unwrap();
        let change = |key: &crate::key::Key| KeyChange {
            physical: key.physical().unwrap(),
            keyid: key.keyid().clone(),
            roles: vec![RoleName::root()],
            name: None,
        };
        assert_eq!(
            diff_roots(made.root.verified(), new.envelope()),
            [
                RootDifference::Version { from: 1, to: 2 },
                RootDifference::KeyLeft(change(&made.officers[0].1)),
                RootDifference::KeyJoined(change(&joining)),
                RootDifference::ThresholdChanged {
                    role: root,
                    from: 2,
                    to: 3
                },
                RootDifference::ExpiryChanged {
                    from: "2027-06-01T00:00:00Z".to_owned(),
                    to: "2029-01-01T00:00:00Z".to_owned()
                },
            ]
        );
        assert_eq!(diff_roots(new.envelope(), new.envelope()), []);
    }

    #[test]
    fn sigstore_renamed_keys_three_times_and_replaced_a_root_key_twice() {
        let Some(place) = fixtures() else { return };
        let root = |version: u64| {
            let name = format!("real/sigstore-root-signing/metadata/root_history/{version}.root.json");
            read::<Root>(&std::fs::read(place.join(name)).unwrap(), Dialect::Tuf1).unwrap()
        };
        // Versions in which keys were renamed, or left and joined roles.
        let (mut renamed, mut replaced) = (Vec::new(), Vec::new());
        for version in 2..=15 {
            let differences = diff_roots(&root(version - 1), &root(version));
            let root_keys = |changes: Vec<&KeyChange>| {
                changes
                    .into_iter()
                    .filter(|change| change.roles.contains(&RoleName::root()))
                    .count()
            };
            let joined = differences.iter().filter_map(|difference| match difference {
                RootDifference::KeyJoined(change) => Some(change),
                _ => None,
            });
            let left = differences.iter().filter_map(|difference| match difference {
                RootDifference::KeyLeft(change) => Some(change),
                _ => None,
            });
            let counts = (root_keys(left.collect()), root_keys(joined.collect()));
            if counts != (0, 0) {
                replaced.push((version, counts));
            }
            let names = differences
                .iter()
                .filter(|difference| matches!(difference, RootDifference::KeyRenamed { .. }));
            if names.clone().count() > 0 {
                renamed.push((version, names.count()));
            }
        }
        // The one renamed in version 12 is the online key whose id in 11 is no hash.
        assert_eq!(renamed, [(5, 5), (9, 7), (10, 6), (12, 1)]);
        assert_eq!(replaced, [(4, (1, 1)), (13, (1, 1))]);
    }
}
