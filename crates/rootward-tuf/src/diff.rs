//! What one version of a document changes against another, by meaning. Keys are told apart by what they are: one under a
//! new id is renamed, not replaced.
//!
//! Compares what is signed, proven or not. Says nothing in words: sentences are made at the border.

mod fields;
mod listing;
mod seats;
#[cfg(test)]
mod silence_tests;
mod targets;

pub use fields::{FieldChange, FieldDifference};
pub use listing::{ListingDifference, diff_snapshots, diff_timestamps};
pub use targets::{TargetsDifference, diff_targets};

use std::collections::BTreeSet;

use crate::json::{Object, Value};
use crate::key::{KeyId, KeyTable, PhysicalKey};
use crate::metadata::{Envelope, Root};
use crate::role::RoleName;
use fields::{compare, escaped};
use seats::{Renamed, Seats};

/// One difference. A replaced key is two: one left, one joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootDifference {
    /// The later root has another version number.
    Version {
        /// The number in the earlier root.
        from: u64,
        /// The number in the later root.
        to: u64,
    },
    /// A key joined roles it was not in.
    KeyJoined(KeyChange),
    /// A key left roles it was in.
    KeyLeft(KeyChange),
    /// A key stayed in roles, under other ids.
    KeyRenamed {
        /// The key itself, whatever ids it is listed under.
        physical: PhysicalKey,
        /// Its ids in `roles` of the earlier root, sorted.
        from: Vec<KeyId>,
        /// Its ids in `roles` of the later root, sorted.
        to: Vec<KeyId>,
        /// Roles that list it under other ids than before.
        roles: Vec<RoleName>,
    },
    /// A key we cannot use joined; it is known by its id only.
    UnusableKeyJoined {
        /// Its id in the later root.
        keyid: KeyId,
        /// Roles of the later root that list it.
        roles: Vec<RoleName>,
    },
    /// A key we cannot use left.
    UnusableKeyLeft {
        /// Its id in the earlier root.
        keyid: KeyId,
        /// Roles of the earlier root that listed it.
        roles: Vec<RoleName>,
    },
    /// A role needs another number of signatures.
    ThresholdChanged {
        /// The role whose signatures are counted.
        role: RoleName,
        /// Signatures needed by the earlier root.
        from: u64,
        /// Signatures needed by the later root.
        to: u64,
    },
    /// Texts as signed.
    ExpiryChanged {
        /// When the earlier root expires.
        from: String,
        /// When the later root expires.
        to: String,
    },
    /// Consistent snapshots were switched on or off.
    ConsistentSnapshotChanged {
        /// Whether the later root has them on.
        to: bool,
    },
    /// Any other member of the signed object, keys and roles included, by JSON pointer.
    FieldAdded {
        /// From the `signed` object down (RFC 6901).
        pointer: String,
    },
    /// Such a member is in the earlier root only.
    FieldRemoved {
        /// From the `signed` object down (RFC 6901).
        pointer: String,
    },
    /// Such a member is in both roots with different values.
    FieldChanged {
        /// From the `signed` object down (RFC 6901).
        pointer: String,
    },
}

/// A key and the roles it joined or left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key itself, whatever ids it is listed under.
    pub physical: PhysicalKey,
    /// As the root lists it that has the key in these roles.
    pub keyid: KeyId,
    /// Only those it joined or left; roles it stays in are not among them.
    pub roles: Vec<RoleName>,
    /// Who the root says holds it.
    pub name: Option<String>,
}

/// Compares two roots, `old` being the earlier.
pub fn diff_roots(old: &Envelope<Root>, new: &Envelope<Root>) -> Vec<RootDifference> {
    let (old_keys, new_keys) = (&old.body().keys, &new.body().keys);
    let before = Seats::of(old.body().roles(), old_keys);
    let after = Seats::of(new.body().roles(), new_keys);
    let mut differences = Vec::new();
    if old.version() != new.version() {
        differences.push(RootDifference::Version {
            from: old.version(),
            to: new.version(),
        });
    }
    differences.extend(
        before
            .missing_in(&after, old_keys)
            .into_iter()
            .map(RootDifference::KeyLeft),
    );
    differences.extend(
        after
            .missing_in(&before, new_keys)
            .into_iter()
            .map(RootDifference::KeyJoined),
    );
    differences.extend(before.renamed_in(&after).into_iter().map(|renamed| {
        let Renamed {
            physical,
            from,
            to,
            roles,
        } = renamed;
        RootDifference::KeyRenamed {
            physical,
            from,
            to,
            roles,
        }
    }));
    for (keyid, roles) in before.unusable_missing_in(&after) {
        differences.push(RootDifference::UnusableKeyLeft { keyid, roles });
    }
    for (keyid, roles) in after.unusable_missing_in(&before) {
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
    let mut fields = Vec::new();
    other_fields(old.signed(), new.signed(), &mut fields);
    for (role, _) in old.body().roles() {
        if reordered(listed_in(old, &role), listed_in(new, &role)) {
            fields.push(FieldDifference::changed(format!("/roles/{role}/keyids")));
        }
    }
    unseated_keys("/keys", (old_keys, &before), (new_keys, &after), &mut fields);
    if differences.is_empty() && fields.is_empty() {
        written_otherwise(old, new, &mut fields);
    }
    differences.extend(fields.into_iter().map(RootDifference::from));
    differences
}

fn listed_in<'a>(root: &'a Envelope<Root>, role: &RoleName) -> Option<&'a Value> {
    member(root.signed(), "roles")?.get(role.as_str())?.get("keyids")
}

/// Tells of members that are written otherwise although nothing in them means anything else.
fn written_otherwise<T>(old: &Envelope<T>, new: &Envelope<T>, differences: &mut Vec<FieldDifference>) {
    if old.signed_bytes() != new.signed_bytes() {
        compare("", old.signed(), new.signed(), &|_| false, differences);
    }
}

/// Whether these lists of keyids name the same ones in another order, or another number of times.
fn reordered(old: Option<&Value>, new: Option<&Value>) -> bool {
    fn ids(listed: Option<&Value>) -> Vec<&str> {
        let listed = listed.and_then(Value::as_array).unwrap_or_default();
        listed.iter().filter_map(Value::as_str).collect()
    }
    let (old, new) = (ids(old), ids(new));
    let each = |ids: &[&str]| -> BTreeSet<String> { ids.iter().map(|id| (*id).to_owned()).collect() };
    old != new && each(&old) == each(&new)
}

/// Keys that came or went without having a seat in any role.
fn unseated_keys(
    above: &str,
    (old, before): (&KeyTable, &Seats<'_>),
    (new, after): (&KeyTable, &Seats<'_>),
    differences: &mut Vec<FieldDifference>,
) {
    let only = |keys: &KeyTable, seats: &Seats<'_>, other: &KeyTable, change: FieldChange| {
        let unseated = keys.iter().map(crate::key::Key::keyid);
        let unseated = unseated.filter(|keyid| other.get(keyid).is_none() && !seats.hold(keyid));
        let pointers = unseated.map(|keyid| format!("{above}/{}", escaped(keyid.as_str())));
        let told = pointers.map(|pointer| FieldDifference { pointer, change });
        told.collect::<Vec<_>>()
    };
    differences.extend(only(old, before, new, FieldChange::Removed));
    differences.extend(only(new, after, old, FieldChange::Added));
}

/// Members told of by the other differences.
const TOLD: [&str; 4] = ["version", "expires", "consistent_snapshot", "keys"];

impl From<FieldDifference> for RootDifference {
    fn from(field: FieldDifference) -> Self {
        let pointer = field.pointer;
        match field.change {
            FieldChange::Added => RootDifference::FieldAdded { pointer },
            FieldChange::Removed => RootDifference::FieldRemoved { pointer },
            FieldChange::Changed => RootDifference::FieldChanged { pointer },
        }
    }
}

fn other_fields(old: &Object, new: &Object, differences: &mut Vec<FieldDifference>) {
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
            let told = |member: &str| is_top_level(name) && (member == "keyids" || member == "threshold");
            compare(&format!("/roles/{}", escaped(name)), was, is, &told, differences);
        }
    }
    let are_objects = |name: &str| {
        let both = [before, after].map(|roles| roles.get(name).and_then(Value::as_object));
        both.iter().all(Option::is_some)
    };
    let known = |name: &str| is_top_level(name) || are_objects(name);
    compare("/roles", before, after, &known, differences);
}

fn is_top_level(role: &str) -> bool {
    ["root", "targets", "snapshot", "timestamp"].contains(&role)
}

/// Compares what those members of `name` that stay say besides what is told of otherwise.
fn inner(name: &str, old: &Object, new: &Object, told: &[&str], differences: &mut Vec<FieldDifference>) {
    let (Some(before), Some(after)) = (member(old, name), member(new, name)) else {
        return;
    };
    let index: std::collections::HashMap<&str, &Value> = before.iter().collect();
    for (inside, value) in after.iter() {
        if let (Some(Value::Object(was)), Value::Object(is)) = (index.get(inside), value) {
            let above = format!("/{name}/{}", escaped(inside));
            compare(&above, was, is, &|name| told.contains(&name), differences);
        }
    }
}

fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    object.get(name).and_then(Value::as_object)
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
    fn root_certificates_of_one_repository_do_not_lend_their_keys_its_name() {
        let made = Made::new(Dialect::Notary);
        let root = RoleName::root();
        let mut draft = RootDraft::next(made.root.verified());
        draft
            .remove_key(&root, made.officers[0].1.keyid())
            .add_key(&root, Made::officer(Dialect::Notary, 4).1);
        let new = draft.freeze().unwrap();
        let names: Vec<Option<String>> = diff_roots(made.root.verified(), new.envelope())
            .into_iter()
            .filter_map(|difference| match difference {
                RootDifference::KeyLeft(change) | RootDifference::KeyJoined(change) => Some(change.name),
                _ => None,
            })
            .collect();
        assert_eq!(names, [None, None]);
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
