//! Looking for targets: in which order roles are asked for, and what is taken instead of being asked for.

use crate::dialect::Dialect;
use crate::draft::{Complete, RootDraft, TargetsDraft};
use crate::finding::Code;
use crate::key::{Key, KeyTable};
use crate::metadata::{DelegatedRole, PathSet, RoleKeys, Target, Targets};
use crate::role::RoleName;
use crate::testing::{LATER, Made, NOW, Officer, at, signed_by_hand, told, value};
use crate::walk::{Extent, Floors, Outcome, Request, Search, Seek, Seeker, Select, Sought, WalkInput, Walker};

/// A delegation to `name` for `paths` by one key.
fn delegation(name: &str, key: &Key, paths: &[&str], terminating: bool) -> DelegatedRole {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    DelegatedRole {
        name: RoleName::new(name).unwrap(),
        keys: RoleKeys {
            keyids: vec![key.keyid().clone()],
            threshold: 1,
        },
        paths: match key.dialect() {
            Dialect::Tuf1 => PathSet::Patterns(paths),
            Dialect::Notary => PathSet::Prefixes(paths),
        },
        terminating,
    }
}

fn listed(officer: &Officer, dialect: Dialect) -> Key {
    match dialect {
        Dialect::Tuf1 => officer.key(),
        Dialect::Notary => Key::new_notary_bare(&officer.public),
    }
}

/// A document of `name`, signed by `officer`, with these delegations and targets.
fn document(
    name: &str,
    officer: &Officer,
    below: &[DelegatedRole],
    keys: &[Key],
    targets: &[&str],
) -> Complete<Targets> {
    let dialect = keys[0].dialect();
    let mut draft = TargetsDraft::first(dialect, RoleName::new(name).unwrap(), at(LATER));
    for target in targets {
        draft.add_target(target, &Target::of(target.as_bytes()));
    }
    for role in below {
        draft.add_delegation(role, keys);
    }
    let key = listed(officer, dialect);
    let frozen = draft.freeze().unwrap();
    let signature = officer.signs(&key, &frozen);
    let role = delegation(name, &key, &[], false).keys;
    frozen
        .complete(&KeyTable::new(vec![key]), &role, vec![signature])
        .ok()
        .unwrap()
}

fn publish(made: &mut Made, below: &[DelegatedRole], keys: &[Key], documents: &[&Complete<Targets>], version: u64) {
    let mut draft = TargetsDraft::first(made.dialect, RoleName::targets(), at(LATER));
    for role in below {
        draft.add_delegation(role, keys);
    }
    let targets = made.complete(draft.freeze().unwrap());
    made.publish_with(targets, documents, version);
}

fn name_of(request: &Request) -> String {
    match request.select {
        Select::Version(version) | Select::Consistent { version } => format!("{version}.{}", request.role),
        Select::Current | Select::Sha256(_) => request.role.to_string(),
    }
}

/// Walks the top level; gives the walker and what it asked for.
fn refresh(made: &Made, input: WalkInput) -> (Walker, Vec<String>) {
    let mut asked = Vec::new();
    let mut walker = Walker::begin(WalkInput {
        extent: Extent::TopLevel,
        ..input
    })
    .unwrap();
    while let crate::walk::Next::Fetch(request) = walker.next() {
        asked.push(name_of(&request));
        walker.supply(made.shelf.answer(&request));
    }
    (walker, asked)
}

fn seeker(made: &Made) -> Seeker {
    let (walker, _) = refresh(made, made.input("1.root", NOW));
    walker.into_seeker().ok().unwrap()
}

/// Where `path` was found, and which roles were asked for.
fn sought(made: &Made, seeker: &mut Seeker, path: &str) -> String {
    let mut asked = Vec::new();
    let found = seeker.run(path, |request| {
        asked.push(request.role.to_string());
        made.shelf.answer(request)
    });
    let found = match found {
        Sought::Found { role, .. } => format!("in {role}"),
        Sought::Refused(finding) => format!("refused {} {}", finding.role, finding.code),
        Sought::Nowhere => "nowhere".to_owned(),
    };
    format!("{found} [{}]", asked.join(" "))
}

#[test]
fn a_search_asks_as_many_roles_as_are_allowed_and_not_one_more() {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let mut made = Made::new(Dialect::Tuf1);
    let below = ["a", "b"].map(|name| delegation(name, &key, &["*"], false));
    let documents = ["a", "b"].map(|name| document(name, &officer, &[], std::slice::from_ref(&key), &[name]));
    publish(&mut made, &below, &[key], &documents.each_ref(), 1);
    for (delegated_roles, expected) in [
        (3, "in b [a b]"),
        (2, "in b [a b]"),
        (1, "refused targets too-many-roles [a]"),
        (0, "refused targets too-many-roles []"),
    ] {
        let mut input = made.input("1.root", NOW);
        input.limits.delegated_roles = delegated_roles;
        let mut seeker = refresh(&made, input).0.into_seeker().ok().unwrap();
        assert_eq!(sought(&made, &mut seeker, "b"), expected);
    }
}

#[test]
fn roles_are_asked_for_in_pre_order_and_only_as_far_as_a_target_needs() {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let keys = [key.clone()];
    let below = |name: &str| delegation(name, &key, &["*"], false);
    let make = |name: &str, roles: &[DelegatedRole], targets: &[&str]| document(name, &officer, roles, &keys, targets);
    // targets > a > (c > a, d), b > c: a circle, and two ways to c.
    let a = make("a", &[below("c"), below("d")], &["one"]);
    let c = make("c", &[below("a")], &["two"]);
    let (d, b) = (make("d", &[], &["three"]), make("b", &[below("c")], &["four"]));
    let mut made = Made::new(Dialect::Tuf1);
    publish(&mut made, &[below("a"), below("b")], &keys, &[&a, &b, &c, &d], 1);
    let cases = [
        ("one", "in a [a]"),
        ("two", "in c [a c]"),
        ("three", "in d [a c d]"),
        ("four", "in b [a c d b]"),
        ("none", "nowhere [a c d b]"),
        ("in/a/folder", "nowhere []"),
    ];
    for (path, expected) in cases {
        assert_eq!(sought(&made, &mut seeker(&made), path), expected, "{path}");
    }
    // What one search has read, the next one has at hand.
    let mut seeker = seeker(&made);
    assert_eq!(sought(&made, &mut seeker, "two"), "in c [a c]");
    assert_eq!(sought(&made, &mut seeker, "four"), "in b [d b]");
    assert_eq!(sought(&made, &mut seeker, "one"), "in a []");
    assert_eq!(seeker.outcome().keep.len(), 3 + 4);
    // The whole tree, walked, says the same of each.
    let outcome = made.shelf.walk(made.input("1.root", NOW));
    for path in ["one", "two", "three", "four"] {
        let crate::walk::Search::Found { role, .. } = outcome.find_target(path) else {
            panic!("{path}")
        };
        assert_eq!(sought(&made, &mut seeker, path), format!("in {role} []"));
    }
}

#[test]
fn a_terminating_delegation_ends_the_search_with_its_own_roles() {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let keys = [key.clone()];
    let below = |name: &str, terminating| delegation(name, &key, &["*"], terminating);
    let make = |name: &str, roles: &[DelegatedRole]| document(name, &officer, roles, &keys, &[name]);
    let (a, b) = (make("a", &[below("c", true), below("d", false)]), make("b", &[]));
    let (c, d, e) = (make("c", &[below("e", false)]), make("d", &[]), make("e", &[]));
    let mut made = Made::new(Dialect::Tuf1);
    publish(
        &mut made,
        &[below("a", false), below("b", false)],
        &keys,
        &[&a, &b, &c, &d, &e],
        1,
    );
    for (path, expected) in [
        ("e", "in e [a c e]"),
        ("b", "nowhere [a c e]"),
        ("d", "nowhere [a c e]"),
    ] {
        assert_eq!(sought(&made, &mut seeker(&made), path), expected);
    }
}

#[test]
fn a_role_that_was_read_for_one_delegator_is_proven_anew_for_the_next() {
    let (officer, other) = (Officer::ed25519(20), Officer::ed25519(21));
    let (key, other_key) = (officer.key(), other.key());
    let keys = [key.clone(), other_key.clone()];
    let a = document("a", &officer, &[delegation("c", &key, &["a-*"], false)], &keys, &[]);
    let b = document(
        "b",
        &officer,
        &[delegation("c", &other_key, &["b-*"], false)],
        &keys,
        &[],
    );
    let c = document("c", &officer, &[], &keys, &["a-1", "b-1"]);
    let mut made = Made::new(Dialect::Tuf1);
    let top = [
        delegation("a", &key, &["a-*"], false),
        delegation("b", &key, &["b-*"], false),
    ];
    publish(&mut made, &top, &keys, &[&a, &b, &c], 1);
    let mut seeker = seeker(&made);
    assert_eq!(sought(&made, &mut seeker, "a-1"), "in c [a c]");
    assert_eq!(sought(&made, &mut seeker, "b-1"), "refused c under-threshold [b]");
}

#[test]
fn a_role_that_is_not_listed_is_not_asked_for_and_refuses_the_search_in_tuf_alone() {
    for (dialect, expected) in [
        (Dialect::Tuf1, "refused targets/new not-listed []"),
        (Dialect::Notary, "in targets/old [targets/old]"),
    ] {
        let officer = Officer::ed25519(20);
        let key = listed(&officer, dialect);
        let all = match dialect {
            Dialect::Tuf1 => "*",
            Dialect::Notary => "",
        };
        let old = document("targets/old", &officer, &[], std::slice::from_ref(&key), &["x"]);
        let top = ["targets/new", "targets/old"].map(|name| delegation(name, &key, &[all], false));
        let mut made = Made::new(dialect);
        publish(&mut made, &top, std::slice::from_ref(&key), &[&old], 1);
        assert_eq!(sought(&made, &mut seeker(&made), "x"), expected);
    }
}

#[test]
fn a_succinct_bin_is_asked_for_by_the_digest_of_the_path() {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let mut made = Made::new(Dialect::Tuf1);
    let online = made.online.1.keyid().as_str().to_owned();
    let keyval = crate::json::compact(key.raw());
    let text = format!(
        r#"{{"_type":"targets","delegations":{{"keys":{{"{0}":{keyval}}},"succinct_roles":{{"bit_length":2,"keyids":["{0}"],"name_prefix":"bin","threshold":1}}}},"expires":"{LATER}","spec_version":"1.0.31","targets":{{}},"version":1}}"#,
        key.keyid(),
    );
    // SHA-256 of "x" begins with 2d, of "a" with ca: bins 0 and 3 of 4.
    let bins = ["bin-0", "bin-1", "bin-2", "bin-3"].map(|name| {
        let target = if name == "bin-3" { "a" } else { "x" };
        document(name, &officer, &[], std::slice::from_ref(&key), &[target])
    });
    let file = signed_by_hand(&value(&text), &[(&online, Some(&made.online.0))]);
    let targets = crate::metadata::read::<Targets>(&file, Dialect::Tuf1).unwrap();
    let bins: Vec<&Complete<Targets>> = bins.iter().collect();
    // The next version keeps what no draft can make.
    let targets = made.complete(TargetsDraft::next(&targets, RoleName::targets()).freeze().unwrap());
    made.publish_with(targets, &bins, 1);
    assert_eq!(sought(&made, &mut seeker(&made), "x"), "in bin-0 [bin-0]");
    assert_eq!(sought(&made, &mut seeker(&made), "a"), "in bin-3 [bin-3]");
    assert_eq!(sought(&made, &mut seeker(&made), "b"), "nowhere [bin-0]");
    // A walk of everything enters each bin that the snapshot lists.
    assert_eq!(
        made.verdict("1.root", NOW),
        "accept 1/1/1/2 bin-0 1 bin-1 1 bin-2 1 bin-3 1"
    );
}

#[test]
fn only_an_accepted_walk_that_has_ended_can_go_on_to_look_for_targets() {
    let made = Made::new(Dialect::Tuf1);
    let begun = Walker::begin(made.input("1.root", NOW)).unwrap();
    assert!(begun.into_seeker().is_err());
    let (refused, _) = refresh(&made, made.input("1.root", LATER));
    assert!(refused.into_seeker().is_err());
    let mut fresh = seeker(&made);
    assert!(matches!(fresh.next(), Seek::Finished(Sought::Nowhere)));
    fresh.look_for("x");
    assert!(matches!(fresh.next(), Seek::Finished(Sought::Nowhere)));
}

/// What an earlier walk kept, as floors.
fn floors(earlier: &Outcome) -> Floors {
    let kept = |name: &str| {
        let mut kept = earlier.keep.iter();
        kept.find(|(role, _)| role.as_str() == name)
            .map(|(_, file)| file.clone())
    };
    Floors {
        timestamp: kept("timestamp"),
        snapshot: kept("snapshot"),
        targets: kept("targets"),
        delegated: earlier
            .keep
            .iter()
            .filter(|(role, _)| !role.is_top_level())
            .cloned()
            .collect(),
    }
}

fn outcome_of(walker: &Walker) -> Outcome {
    let crate::walk::Next::Finished(outcome) = walker.next() else {
        panic!("the walk has ended")
    };
    *outcome
}

#[test]
fn what_is_still_the_same_is_asked_for_again_only_by_who_wants_it() {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let a = document("a", &officer, &[], std::slice::from_ref(&key), &["x"]);
    let mut made = Made::new(Dialect::Tuf1);
    publish(
        &mut made,
        &[delegation("a", &key, &["*"], false)],
        std::slice::from_ref(&key),
        &[&a],
        1,
    );
    let mut first = seeker(&made);
    assert_eq!(sought(&made, &mut first, "x"), "in a [a]");
    let again = |made: &Made, reuse_floors: bool| {
        let input = WalkInput {
            floors: floors(first.outcome()),
            reuse_floors,
            ..made.input("1.root", NOW)
        };
        refresh(made, input)
    };
    let everything = ["2.root", "timestamp", "1.snapshot", "1.targets"];
    assert_eq!(again(&made, false).1, everything);
    let (walker, asked) = again(&made, true);
    assert_eq!(asked, ["2.root", "timestamp"]);
    assert_eq!(told(&outcome_of(&walker)), "accept 1/1/1/1");
    assert_eq!(sought(&made, &mut walker.into_seeker().ok().unwrap(), "x"), "in a []");
    // A new snapshot is fetched, the targets it lists as before are not; without an own file nothing can be taken.
    publish(
        &mut made,
        &[delegation("a", &key, &["*"], false)],
        std::slice::from_ref(&key),
        &[&a],
        2,
    );
    let (walker, asked) = again(&made, true);
    assert_eq!(
        (told(&outcome_of(&walker)).as_str(), asked.len()),
        ("accept 1/2/2/1", 3)
    );
    assert_eq!(asked[2], "2.snapshot");
    // A role that the snapshot lists otherwise is asked for again.
    let changed = document("a", &officer, &[], std::slice::from_ref(&key), &["x", "y"]);
    let below = [delegation("a", &key, &["*"], false)];
    publish(&mut made, &below, std::slice::from_ref(&key), &[&changed], 3);
    let mut later = again(&made, true).0.into_seeker().ok().unwrap();
    assert_eq!(sought(&made, &mut later, "y"), "in a [a]");
}

#[test]
fn a_notary_role_is_looked_for_in_the_one_above_it_and_inside_its_paths_alone() {
    let officer = Officer::ed25519(20);
    let key = listed(&officer, Dialect::Notary);
    let keys = std::slice::from_ref(&key);
    for (inner, misplaced, expected) in [
        ("a/", "targets/y/z", "in targets/a/b [targets/a targets/a/b]"),
        // Prefixes of a role below that are wider than its parent's fall away.
        ("", "targets/z", "in targets/z [targets/a targets/z]"),
        ("", "targets/y/z", "nowhere [targets/a]"),
    ] {
        let below = [delegation("targets/a/b", &key, &[inner], false)];
        let documents = [
            document("targets/a", &officer, &below, keys, &[]),
            document("targets/a/b", &officer, &[], keys, &["a/x"]),
            document(misplaced, &officer, &[], keys, &["a/x"]),
        ];
        let top = [
            delegation("targets/a", &key, &["a/"], false),
            delegation(misplaced, &key, &[""], false),
        ];
        let mut made = Made::new(Dialect::Notary);
        publish(&mut made, &top, keys, &documents.each_ref(), 1);
        assert_eq!(sought(&made, &mut seeker(&made), "a/x"), expected);
    }
}

#[test]
fn a_root_that_takes_a_key_away_has_the_floors_of_its_role_forgotten_for_good() {
    let mut made = Made::new(Dialect::Tuf1);
    made.publish(&[], 9);
    let (before, _) = refresh(&made, made.input("1.root", NOW));
    let before = outcome_of(&before);
    assert!(before.forget.is_empty());
    let online = (Officer::ed25519(30), Officer::ed25519(30).key());
    let mut draft = RootDraft::next(made.root.verified());
    for role in [RoleName::timestamp(), RoleName::snapshot(), RoleName::targets()] {
        draft.replace_keys(&role, vec![online.1.clone()]);
    }
    let frozen = draft.freeze().unwrap();
    let signatures = made.officers[..2]
        .iter()
        .map(|(officer, key)| officer.signs(key, &frozen))
        .collect();
    let old = made.root.verified().clone();
    made.root = frozen.complete(Some(&old), signatures).ok().unwrap();
    made.online = online;
    made.put_root();
    // The root is stored, but nothing else came: the old timestamp and snapshot must go all the same.
    let timestamp = made.shelf.0.remove("timestamp");
    assert!(timestamp.is_some());
    let (halfway, _) = refresh(&made, made.input("1.root", NOW));
    let halfway = outcome_of(&halfway);
    assert_eq!(told(&halfway), "refuse 2/-/-/- timestamp:missing");
    assert_eq!(halfway.forget, [RoleName::timestamp(), RoleName::snapshot()]);
    // Who kept them nevertheless begins at the new root, and is told again.
    made.publish(&[], 2);
    let input = WalkInput {
        floors: floors(&before),
        anchor: made.root.file_bytes().to_vec().into(),
        ..made.input("1.root", NOW)
    };
    let (late, _) = refresh(&made, input);
    let late = outcome_of(&late);
    assert_eq!(told(&late), "accept 2/2/2/1");
    assert_eq!(late.forget, [RoleName::timestamp(), RoleName::snapshot()]);
}

#[test]
fn a_finished_walk_says_of_roles_refused_or_expired_what_a_search_says() {
    let (officer, other) = (Officer::ed25519(20), Officer::ed25519(21));
    let (key, other_key) = (officer.key(), other.key());
    let keys = [key.clone(), other_key.clone()];
    let below = |name: &str, key: &Key| delegation(name, key, &["*"], false);
    // c is proven for a, not for b; a client that has been there does not ask again and comes to d.
    let a = document("a", &officer, &[below("c", &key)], &keys, &["a"]);
    let b = document(
        "b",
        &officer,
        &[below("c", &other_key), below("d", &key)],
        &keys,
        &["b"],
    );
    let (c, d) = (
        document("c", &officer, &[], &keys, &["c"]),
        document("d", &officer, &[], &keys, &["d"]),
    );
    let mut made = Made::new(Dialect::Tuf1);
    let top = [below("a", &key), below("b", &key)];
    publish(&mut made, &top, &keys, &[&a, &b, &c, &d], 1);
    let said = |made: &Made, path: &str| match made.shelf.walk(made.input("1.root", NOW)).find_target(path) {
        crate::walk::Search::Found { role, .. } => format!("in {role}"),
        crate::walk::Search::Blocked { role } => format!("refused {role}"),
        crate::walk::Search::Nowhere => "nowhere".to_owned(),
    };
    for (path, expected, asked) in [("c", "in c", " [a c]"), ("d", "in d", " [a c b d]")] {
        assert_eq!(sought(&made, &mut seeker(&made), path), format!("{expected}{asked}"));
        assert_eq!(said(&made, path), expected);
    }
    let mut draft = TargetsDraft::first(Dialect::Tuf1, RoleName::new("a").unwrap(), at("2026-01-01T00:00:00Z"));
    draft.add_target("a", &Target::of(b"a"));
    let frozen = draft.freeze().unwrap();
    let signature = officer.signs(&key, &frozen);
    let expired = frozen
        .complete(
            &KeyTable::new(vec![key.clone()]),
            &below("a", &key).keys,
            vec![signature],
        )
        .ok()
        .unwrap();
    publish(&mut made, &top, &keys, &[&expired, &b, &c, &d], 1);
    for path in ["a", "d"] {
        assert_eq!(sought(&made, &mut seeker(&made), path), "refused a expired [a]");
        assert_eq!(said(&made, path), "refused a");
    }
}

#[test]
fn two_signatures_under_one_keyid_are_refused_and_can_still_be_read() {
    let made = Made::new(Dialect::Tuf1);
    for name in ["timestamp", "1.root"] {
        let file = &made.shelf.0[name];
        let mut document = value(std::str::from_utf8(file).unwrap());
        let crate::json::Value::Object(object) = &mut document else {
            panic!("a document is an object")
        };
        let Some(crate::json::Value::Array(mut signatures)) = object.get("signatures").cloned() else {
            panic!("a document has signatures")
        };
        signatures.push(signatures[0].clone());
        object.set("signatures", crate::json::Value::Array(signatures));
        let twice = crate::json::compact(&document).into_bytes();
        assert!(crate::dialect::detect(&twice).is_ok() == (name == "1.root"));
        let mut shelf = made.shelf.clone();
        shelf.put(name, &twice);
        let input = WalkInput {
            anchor: shelf.0["1.root"].clone().into(),
            ..made.input("1.root", NOW)
        };
        match Walker::begin(input) {
            Ok(walker) => {
                let outcome = walker.run(|request| shelf.answer(request));
                assert_eq!(told(&outcome), "refuse 1/-/-/- timestamp:unreadable");
            }
            Err(refusal) => {
                assert_eq!((name, refusal.finding.code), ("1.root", Code::Unreadable));
                let expected = "one signature under each keyid";
                assert_eq!(refusal.finding.evidence("expected"), Some(expected));
            }
        }
    }
}

#[test]
fn notarys_search_asks_all_roles_of_one_depth_before_any_below_them() {
    let officer = Officer::ed25519(20);
    let key = listed(&officer, Dialect::Notary);
    let keys = [key.clone()];
    let below = |name: &str| delegation(name, &key, &[""], false);
    let documents = [
        document("targets/one", &officer, &[below("targets/one/sub")], &keys, &[]),
        document("targets/two", &officer, &[], &keys, &["v1"]),
        document("targets/one/sub", &officer, &[], &keys, &["v1", "v2"]),
    ];
    let mut made = Made::new(Dialect::Notary);
    let from_targets = ["targets/one", "targets/two"].map(below);
    publish(&mut made, &from_targets, &keys, &documents.each_ref(), 1);
    let mut seeker = seeker(&made);
    assert_eq!(
        sought(&made, &mut seeker, "v1"),
        "in targets/two [targets/one targets/two]"
    );
    assert_eq!(sought(&made, &mut seeker, "v2"), "in targets/one/sub [targets/one/sub]");
    let outcome = made.shelf.walk(made.input("1.root", NOW));
    for (path, role) in [("v1", "targets/two"), ("v2", "targets/one/sub")] {
        let found = outcome.find_target(path);
        assert!(
            matches!(found, Search::Found { role: found, .. } if found.as_str() == role),
            "{path}"
        );
    }
}
