//! What a targets document vouches for, and delegates, otherwise than before.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::dialect::Dialect;
use crate::diff::fields::{FieldDifference, compare, escaped};
use crate::diff::seats::{Renamed, Seats};
use crate::diff::{KeyChange, inner, member, reordered, unseated_keys, written_otherwise};
use crate::json::{Object, Value};
use crate::key::{KeyId, KeyTable, PhysicalKey};
use crate::metadata::{DelegatedRole, Delegations, Entries, Envelope, RoleKeys, Target, Targets};
use crate::role::RoleName;

/// One difference between two targets documents of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetsDifference {
    /// The later document has another version number.
    Version {
        /// The number in the earlier document.
        from: u64,
        /// The number in the later document.
        to: u64,
    },
    /// Texts as signed.
    ExpiryChanged {
        /// When the earlier document expires.
        from: String,
        /// When the later document expires.
        to: String,
    },
    /// The later document vouches for a path that the earlier one does not.
    TargetAdded {
        /// The path as the later document lists it.
        path: String,
        /// What the later document says of it.
        target: Target,
    },
    /// The later document no longer vouches for a path.
    TargetRemoved {
        /// The path as the earlier document lists it.
        path: String,
        /// What the earlier document said of it.
        target: Target,
    },
    /// Another file under a path that stays: its length or digests changed.
    TargetReplaced {
        /// The path both documents list.
        path: String,
        /// What the earlier document says of it.
        from: Target,
        /// What the later document says of it.
        to: Target,
    },
    /// What is said of a target that stays, as it is or as another file, changed.
    CustomChanged {
        /// The path both documents list.
        path: String,
        /// The members that came, went or changed, from `custom` down; none when it is no object before or after.
        fields: Vec<FieldDifference>,
    },
    /// The later document delegates to a role that the earlier one does not.
    DelegationAdded {
        /// The role now delegated to.
        role: RoleName,
    },
    /// The later document no longer delegates to a role.
    DelegationRemoved {
        /// The role no longer delegated to.
        role: RoleName,
    },
    /// Roles that stay are asked in another order.
    OrderChanged {
        /// The roles in both documents, in the order of the earlier.
        from: Vec<RoleName>,
        /// The same roles, in the order of the later.
        to: Vec<RoleName>,
    },
    /// A key joined delegated roles it was not in.
    KeyJoined(KeyChange),
    /// A key left delegated roles it was in.
    KeyLeft(KeyChange),
    /// A key stayed in delegated roles, under other ids.
    KeyRenamed {
        /// The key itself, whatever ids it is listed under.
        physical: PhysicalKey,
        /// Its ids in `roles` of the earlier document, sorted.
        from: Vec<KeyId>,
        /// Its ids in `roles` of the later document, sorted.
        to: Vec<KeyId>,
        /// Delegated roles that list it under other ids than before.
        roles: Vec<RoleName>,
    },
    /// A delegated role needs another number of signatures.
    ThresholdChanged {
        /// The role; for the bins of a succinct delegation (TAP 15), their name prefix with `-*`.
        role: RoleName,
        /// Signatures needed by the earlier document.
        from: u64,
        /// Signatures needed by the later document.
        to: u64,
    },
    /// Paths, or prefixes of paths or digests, that a role gains and loses.
    PathsChanged {
        /// The delegated role, which stays.
        role: RoleName,
        /// Those that only the later document gives it, as listed.
        added: Vec<String>,
        /// Those that only the earlier document gave it, as listed.
        removed: Vec<String>,
    },
    /// A search that comes to a role now ends with it, or no longer does.
    TerminatingChanged {
        /// The delegated role, which stays.
        role: RoleName,
        /// Whether a search ends with it by the later document.
        to: bool,
    },
    /// Any other member.
    Field(FieldDifference),
}

/// Compares two targets documents of one role, `old` being the earlier.
///
/// Targets come in the order of their paths, delegations in the order they are asked. Time grows with the size of both, not
/// with its square.
pub fn diff_targets(old: &Envelope<Targets>, new: &Envelope<Targets>) -> Vec<TargetsDifference> {
    let (before, after) = (old.body(), new.body());
    let mut differences = Vec::new();
    if before.version != after.version {
        let (from, to) = (before.version, after.version);
        differences.push(TargetsDifference::Version { from, to });
    }
    if before.expires.text != after.expires.text {
        let (from, to) = (before.expires.text.clone(), after.expires.text.clone());
        differences.push(TargetsDifference::ExpiryChanged { from, to });
    }
    files(&before.targets, &after.targets, &mut differences);
    let mut fields = Vec::new();
    delegations(
        before.delegations.as_ref(),
        after.delegations.as_ref(),
        &mut differences,
        &mut fields,
    );
    let told = |name: &str| ["version", "expires", "targets", "delegations"].contains(&name);
    compare("", old.signed(), new.signed(), &told, &mut fields);
    inner(
        "targets",
        old.signed(),
        new.signed(),
        &["length", "hashes", "custom"],
        &mut fields,
    );
    fields_of_delegations(old.signed(), new.signed(), old.dialect(), &mut fields);
    if differences.is_empty() && fields.is_empty() {
        written_otherwise(old, new, &mut fields);
    }
    differences.extend(fields.into_iter().map(TargetsDifference::Field));
    differences
}

/// Goes through both in the order of their paths.
fn files(before: &Entries<Target>, after: &Entries<Target>, differences: &mut Vec<TargetsDifference>) {
    let added = |(path, target): (Cow<'_, str>, Target)| TargetsDifference::TargetAdded {
        path: path.into_owned(),
        target,
    };
    for (path, from) in before.iter() {
        let to = after.get(&path);
        let path = path.into_owned();
        match to {
            None => differences.push(TargetsDifference::TargetRemoved { path, target: from }),
            Some(to) => {
                let said = custom(&path, &from, &to);
                if (to.length, &to.hashes) != (from.length, &from.hashes) {
                    differences.push(TargetsDifference::TargetReplaced { path, from, to });
                }
                differences.extend(said);
            }
        }
    }
    differences.extend(after.iter().filter(|(path, _)| !before.contains_key(path)).map(added));
}

fn custom(path: &str, from: &Target, to: &Target) -> Option<TargetsDifference> {
    if from.custom == to.custom {
        return None;
    }
    let mut fields = Vec::new();
    static NOTHING: Object = Object::empty();
    let members = |custom: &'_ Option<Value>| match custom {
        None => Some(NOTHING.clone()),
        Some(Value::Object(custom)) => Some(custom.clone()),
        Some(_) => None,
    };
    if let (Some(from), Some(to)) = (members(&from.custom), members(&to.custom)) {
        compare("", &from, &to, &|_| false, &mut fields);
    }
    let path = path.to_owned();
    Some(TargetsDifference::CustomChanged { path, fields })
}

fn delegations(
    old: Option<&Delegations>,
    new: Option<&Delegations>,
    differences: &mut Vec<TargetsDifference>,
    fields: &mut Vec<FieldDifference>,
) {
    fn roles(delegations: Option<&Delegations>) -> Vec<DelegatedRole> {
        delegations
            .map(|delegations| delegations.roles.iter().collect())
            .unwrap_or_default()
    }
    fn by_name(roles: &[DelegatedRole]) -> HashMap<&RoleName, &DelegatedRole> {
        roles.iter().map(|role| (&role.name, role)).collect()
    }
    let (old_roles, new_roles) = (roles(old), roles(new));
    let (before, after) = (by_name(&old_roles), by_name(&new_roles));
    for role in old_roles.iter().filter(|role| !after.contains_key(&role.name)) {
        let role = role.name.clone();
        differences.push(TargetsDifference::DelegationRemoved { role });
    }
    for role in new_roles.iter().filter(|role| !before.contains_key(&role.name)) {
        let role = role.name.clone();
        differences.push(TargetsDifference::DelegationAdded { role });
    }
    let stayed = |all: &[DelegatedRole], other: &HashMap<&RoleName, &DelegatedRole>| -> Vec<RoleName> {
        let stayed = all.iter().filter(|role| other.contains_key(&role.name));
        stayed.map(|role| role.name.clone()).collect()
    };
    let (from, to) = (stayed(&old_roles, &after), stayed(&new_roles, &before));
    if from != to {
        differences.push(TargetsDifference::OrderChanged { from, to });
    }
    seats((old, &old_roles), (new, &new_roles), differences, fields);
    for is in &new_roles {
        if let Some(was) = before.get(&is.name) {
            differences.extend(role_differences(was, is));
        }
    }
    if let (Some((role, was)), Some((_, is))) = (bins(old), bins(new))
        && was.threshold != is.threshold
    {
        let (from, to) = (was.threshold, is.threshold);
        differences.push(TargetsDifference::ThresholdChanged { role, from, to });
    }
}

/// TAP 15: the bins of a succinct delegation under one name, and their keys.
fn bins(delegations: Option<&Delegations>) -> Option<(RoleName, &RoleKeys)> {
    let succinct = delegations?.succinct.as_ref()?;
    let name = RoleName::new(format!("{}-*", succinct.name_prefix)).ok()?;
    Some((name, &succinct.keys))
}

/// Delegations, and their roles decoded.
type Side<'a> = (Option<&'a Delegations>, &'a [DelegatedRole]);

fn seats(old: Side<'_>, new: Side<'_>, differences: &mut Vec<TargetsDifference>, fields: &mut Vec<FieldDifference>) {
    static NO_KEYS: KeyTable = KeyTable::empty();
    fn keys<'a>((delegations, _): Side<'a>) -> &'a KeyTable {
        delegations.map_or(&NO_KEYS, |delegations| &delegations.keys)
    }
    fn of(side: Side<'_>) -> Seats<'_> {
        let roles = side.1.iter().map(|role| (role.name.clone(), &role.keys));
        Seats::of(roles.chain(bins(side.0)), keys(side))
    }
    let (before, after) = (of(old), of(new));
    let left = before.missing_in(&after, keys(old));
    differences.extend(left.into_iter().map(TargetsDifference::KeyLeft));
    let joined = after.missing_in(&before, keys(new));
    differences.extend(joined.into_iter().map(TargetsDifference::KeyJoined));
    for renamed in before.renamed_in(&after) {
        let Renamed {
            physical,
            from,
            to,
            roles,
        } = renamed;
        differences.push(TargetsDifference::KeyRenamed {
            physical,
            from,
            to,
            roles,
        });
    }
    // Keys that cannot be used have no other difference here; a role that came or went is told of itself.
    let roles: BTreeSet<RoleName> = [before.unusable_missing_in(&after), after.unusable_missing_in(&before)]
        .into_iter()
        .flatten()
        .flat_map(|(_, roles)| roles)
        .collect();
    let names = |side: Side<'_>| -> HashSet<RoleName> { side.1.iter().map(|role| role.name.clone()).collect() };
    let stay: HashSet<RoleName> = names(old).intersection(&names(new)).cloned().collect();
    for role in roles {
        if stay.contains(&role) {
            let name = escaped(role.as_str());
            fields.push(FieldDifference::changed(format!("/delegations/roles/{name}/keyids")));
        } else if [old, new]
            .iter()
            .all(|side| bins(side.0).is_some_and(|(bins, _)| bins == role))
        {
            fields.push(FieldDifference::changed(
                "/delegations/succinct_roles/keyids".to_owned(),
            ));
        }
    }
    unseated_keys("/delegations/keys", (keys(old), &before), (keys(new), &after), fields);
}

fn role_differences(was: &DelegatedRole, is: &DelegatedRole) -> Vec<TargetsDifference> {
    let role = || is.name.clone();
    let mut differences = Vec::new();
    let (from, to) = (was.keys.threshold, is.keys.threshold);
    if from != to {
        differences.push(TargetsDifference::ThresholdChanged { role: role(), from, to });
    }
    if was.paths != is.paths {
        let missing = |all: &[String], other: &[String]| -> Vec<String> {
            let other: std::collections::HashSet<&String> = other.iter().collect();
            all.iter().filter(|text| !other.contains(text)).cloned().collect()
        };
        differences.push(TargetsDifference::PathsChanged {
            role: role(),
            added: missing(is.paths.texts(), was.paths.texts()),
            removed: missing(was.paths.texts(), is.paths.texts()),
        });
    }
    if was.terminating != is.terminating {
        let to = is.terminating;
        differences.push(TargetsDifference::TerminatingChanged { role: role(), to });
    }
    differences
}

/// What stands beside keys and roles, succinct roles included, and what a key or role says besides.
fn fields_of_delegations(old: &Object, new: &Object, dialect: Dialect, differences: &mut Vec<FieldDifference>) {
    static NOTHING: Object = Object::empty();
    let (before, after) = (member(old, "delegations"), member(new, "delegations"));
    let (before, after) = (before.unwrap_or(&NOTHING), after.unwrap_or(&NOTHING));
    let mut inside = Vec::new();
    let succinct = |delegations| member(delegations, "succinct_roles");
    let bins_stay = succinct(before).is_some() && succinct(after).is_some();
    let told = |name: &str| name == "keys" || name == "roles" || name == "succinct_roles" && bins_stay;
    compare("", before, after, &told, &mut inside);
    if let (Some(was), Some(is)) = (succinct(before), succinct(after)) {
        let told = |name: &str| name == "keyids" || name == "threshold";
        compare("/succinct_roles", was, is, &told, &mut inside);
        let keyids = |succinct: &Object| succinct.get("keyids").cloned();
        if reordered(keyids(was).as_ref(), keyids(is).as_ref()) {
            inside.push(FieldDifference::changed("/succinct_roles/keyids".to_owned()));
        }
    }
    inner("keys", before, after, &[], &mut inside);
    let roles = |delegations: &Object| -> Object {
        let listed = delegations.get("roles").and_then(Value::as_array).unwrap_or_default();
        let named = listed
            .iter()
            .filter_map(|role| Some((role.get("name")?.as_str()?.to_owned(), role.clone())));
        let mut all = Object::new();
        all.set("roles", Value::Object(named.collect()));
        all
    };
    let told: &[&str] = match dialect {
        Dialect::Tuf1 => &[
            "name",
            "keyids",
            "threshold",
            "paths",
            "path_hash_prefixes",
            "terminating",
        ],
        Dialect::Notary => &["name", "keyids", "threshold", "paths"],
    };
    let (before, after) = (roles(before), roles(after));
    inner("roles", &before, &after, told, &mut inside);
    if let (Some(before), Some(after)) = (member(&before, "roles"), member(&after, "roles")) {
        let index: HashMap<&str, &Value> = before.iter().collect();
        for (name, is) in after.iter() {
            let was = index.get(name).map(|was| was.get("keyids"));
            if was.is_some_and(|was| reordered(was, is.get("keyids"))) {
                inside.push(FieldDifference::changed(format!("/roles/{}/keyids", escaped(name))));
            }
        }
    }
    differences.extend(inside.into_iter().map(|field| FieldDifference {
        pointer: format!("/delegations{}", field.pointer),
        ..field
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::read;
    use crate::testing::{Officer, signed_by_hand, value};

    fn document(text: &str) -> Envelope<Targets> {
        read(&signed_by_hand(&value(text), &[]), Dialect::Tuf1).unwrap()
    }

    #[test]
    fn every_kind_of_change_to_targets_is_told_once() {
        let (a, b) = (Officer::ed25519(20).key(), Officer::ed25519(21).key());
        let listed = |id: &str, key: &crate::key::Key| format!(r#""{id}":{}"#, crate::json::compact(key.raw()));
        let role = |name: &str, id: &str, rest: &str| format!(r#"{{"keyids":["{id}"],"name":"{name}",{rest}}}"#);
        let target = |byte: char, custom: &str| {
            let digest = byte.to_string().repeat(64);
            format!(r#"{{"hashes":{{"sha256":"{digest}"}},"length":1{custom}}}"#)
        };
        let text = |keys: &str, roles: &str, targets: &str, rest: &str| {
            document(&format!(
                r#"{{"_type":"targets","delegations":{{"keys":{{{keys}}},"roles":[{roles}]}},"expires":"2027-01-01T00:00:00Z","spec_version":"1.0.31","targets":{{{targets}}},{rest}}}"#
            ))
        };
        let old = text(
            &format!("{},{}", listed("a", &a), listed("b", &b)),
            &[
                role("gone", "a", r#""paths":["*"],"terminating":false,"threshold":1"#),
                role("one", "a", r#""paths":["1","x"],"terminating":false,"threshold":1"#),
                role("two", "b", r#""paths":["*"],"terminating":false,"threshold":1"#),
            ]
            .join(","),
            &[
                format!(r#""changed":{}"#, target('1', "")),
                format!(r#""gone":{}"#, target('2', "")),
                format!(r#""same":{}"#, target('3', r#","custom":{"a":1},"extra":1"#)),
                format!(r#""told":{}"#, target('4', r#","custom":{"a":1}"#)),
            ]
            .join(","),
            r#""version":1,"x":1"#,
        );
        let new = text(
            &format!("{},{}", listed("a2", &a), listed("b", &b)),
            &[
                role("two", "a2", r#""paths":["*"],"terminating":true,"threshold":2"#),
                role(
                    "one",
                    "a2",
                    r#""note":1,"paths":["1","y"],"terminating":false,"threshold":1"#,
                ),
                role("new", "b", r#""paths":["*"],"terminating":false,"threshold":1"#),
            ]
            .join(","),
            &[
                format!(r#""changed":{}"#, target('5', r#","custom":{"by":"ci"}"#)),
                format!(r#""new":{}"#, target('6', "")),
                format!(r#""same":{}"#, target('3', r#","custom":{"a":1}"#)),
                format!(r#""told":{}"#, target('4', r#","custom":{"a":2}"#)),
            ]
            .join(","),
            r#""version":2,"y":1"#,
        );
        let told: Vec<String> = diff_targets(&old, &new).iter().map(short).collect();
        let expected = [
            "version 1 2",
            "replaced changed",
            "removed gone",
            "custom changed Added /by",
            "custom told Changed /a",
            "added new",
            "-role gone",
            "+role new",
            "order one two > two one",
            "left a gone",
            "left b two",
            "joined a2 two",
            "joined b new",
            "renamed a a2 one",
            "threshold two 1 2",
            "terminating two true",
            "paths one +y -x",
            "Removed /x",
            "Added /y",
            "Removed /targets/same/extra",
            "Added /delegations/roles/one/note",
        ];
        let sorted = |list: Vec<String>| {
            let mut list = list;
            list.sort();
            list
        };
        assert_eq!(sorted(told), sorted(expected.map(str::to_owned).to_vec()));
        assert_eq!(diff_targets(&old, &old), []);
    }

    #[test]
    fn keys_and_threshold_of_succinct_bins_are_told_by_meaning_and_the_rest_by_member() {
        let (a, b) = (Officer::ed25519(20).key(), Officer::ed25519(21).key());
        let text = |key: &crate::key::Key, threshold: u64, bits: u32| {
            document(&format!(
                r#"{{"_type":"targets","delegations":{{"keys":{{"k":{}}},"succinct_roles":{{"bit_length":{bits},"keyids":["k"],
                "name_prefix":"bin","threshold":{threshold}}}}},"expires":"2027-01-01T00:00:00Z","spec_version":"1.0.31",
                "targets":{{}},"version":1}}"#,
                crate::json::compact(key.raw())
            ))
        };
        let told: Vec<String> = diff_targets(&text(&a, 1, 4), &text(&b, 2, 5))
            .iter()
            .map(short)
            .collect();
        let expected = [
            "left k bin-*",
            "joined k bin-*",
            "threshold bin-* 1 2",
            "Changed /delegations/succinct_roles/bit_length",
            "Changed /delegations/keys/k/keyval",
        ];
        assert_eq!(told, expected);
        assert_eq!(diff_targets(&text(&a, 1, 4), &text(&a, 1, 4)), []);
    }

    fn short(difference: &TargetsDifference) -> String {
        let names = |roles: &[RoleName]| roles.iter().map(RoleName::as_str).collect::<Vec<_>>().join(" ");
        match difference {
            TargetsDifference::Version { from, to } => format!("version {from} {to}"),
            TargetsDifference::ExpiryChanged { from, to } => format!("expiry {from} {to}"),
            TargetsDifference::TargetAdded { path, .. } => format!("added {path}"),
            TargetsDifference::TargetRemoved { path, .. } => format!("removed {path}"),
            TargetsDifference::TargetReplaced { path, .. } => format!("replaced {path}"),
            TargetsDifference::CustomChanged { path, fields } => {
                let fields = fields
                    .iter()
                    .map(|field| format!(" {:?} {}", field.change, field.pointer));
                format!("custom {path}{}", fields.collect::<String>())
            }
            TargetsDifference::DelegationAdded { role } => format!("+role {role}"),
            TargetsDifference::DelegationRemoved { role } => format!("-role {role}"),
            TargetsDifference::OrderChanged { from, to } => format!("order {} > {}", names(from), names(to)),
            TargetsDifference::KeyJoined(key) => format!("joined {} {}", key.keyid, names(&key.roles)),
            TargetsDifference::KeyLeft(key) => format!("left {} {}", key.keyid, names(&key.roles)),
            TargetsDifference::KeyRenamed { from, to, roles, .. } => {
                format!("renamed {} {} {}", from[0], to[0], names(roles))
            }
            TargetsDifference::ThresholdChanged { role, from, to } => format!("threshold {role} {from} {to}"),
            TargetsDifference::PathsChanged { role, added, removed } => {
                format!("paths {role} +{} -{}", added.join(" "), removed.join(" "))
            }
            TargetsDifference::TerminatingChanged { role, to } => format!("terminating {role} {to}"),
            TargetsDifference::Field(field) => format!("{:?} {}", field.change, field.pointer),
        }
    }
}
