//! The walk's rules, each refused once and let pass once, over repositories made by drafts.

use crate::dialect::Dialect;
use crate::draft::{Complete, SnapshotDraft, TargetsDraft, TimestampDraft};
use crate::finding::Code;
use crate::json::{self, Value};
use crate::key::Key;
use crate::metadata::{DelegatedRole, MetaEntry, PathSet, RoleKeys, Root, Snapshot, Target, Targets, Timestamp, read};
use crate::role::RoleName;
use crate::testing::{GUN, LATER, Made, NOW, Officer, at, signed_document, told};
use crate::walk::{Next, Reply, Search, Select, WalkInput, Walker};

pub(super) const BOTH: [Dialect; 2] = [Dialect::Tuf1, Dialect::Notary];

pub(super) fn role(name: &str) -> RoleName {
    RoleName::new(name).unwrap()
}

fn listed(officer: &Officer, dialect: Dialect) -> Key {
    match dialect {
        Dialect::Tuf1 => officer.key(),
        Dialect::Notary => Key::new_notary_bare(&officer.public),
    }
}

/// A delegation to `name` for everything, by one key.
fn delegation(name: &str, key: &Key) -> DelegatedRole {
    let paths = match key.dialect() {
        Dialect::Tuf1 => PathSet::Patterns(vec!["*".to_owned()]),
        Dialect::Notary => PathSet::Prefixes(vec![String::new()]),
    };
    let keys = RoleKeys {
        keyids: vec![key.keyid().clone()],
        threshold: 1,
    };
    DelegatedRole {
        name: role(name),
        keys,
        paths,
        terminating: false,
    }
}

/// A targets document of `name` delegating to `below`, signed by `officer`.
fn document(dialect: Dialect, name: &str, officer: &Officer, below: &[&str], target: &str) -> Complete<Targets> {
    let key = listed(officer, dialect);
    let mut draft = TargetsDraft::first(dialect, role(name), at(LATER));
    draft.add_target(target, &Target::of(b"content"));
    for name in below {
        draft.add_delegation(&delegation(name, &key), std::slice::from_ref(&key));
    }
    let frozen = draft.freeze().unwrap();
    let signature = officer.signs(&key, &frozen);
    let keys = crate::key::KeyTable::new(vec![key.clone()]);
    frozen
        .complete(&keys, &delegation(name, &key).keys, vec![signature])
        .ok()
        .unwrap()
}

/// A repository whose targets delegate to `top`, and whose delegated documents are `documents`.
fn tree(dialect: Dialect, officer: &Officer, top: &[&str], documents: &[&Complete<Targets>]) -> Made {
    let mut made = Made::new(dialect);
    let key = listed(officer, dialect);
    let mut draft = TargetsDraft::first(dialect, RoleName::targets(), at(LATER));
    for name in top {
        draft.add_delegation(&delegation(name, &key), std::slice::from_ref(&key));
    }
    let targets = made.complete(draft.freeze().unwrap());
    made.publish_with(targets, documents, 1);
    made
}

#[test]
fn delegations_are_walked_in_pre_order_and_circles_end() {
    let officer = Officer::ed25519(20);
    let make = |name: &str, below: &[&str]| document(Dialect::Tuf1, name, &officer, below, "x");
    let (a, b, c, d) = (
        make("a", &["b", "c"]),
        make("b", &["a", "d"]),
        make("c", &["d"]),
        make("d", &[]),
    );
    let made = tree(Dialect::Tuf1, &officer, &["a", "d"], &[&a, &b, &c, &d]);
    let outcome = made.shelf.walk(made.input("1.root", NOW));
    let edges: Vec<String> = outcome
        .delegated
        .iter()
        .map(|edge| format!("{}>{}", edge.parent, edge.role))
        .collect();
    assert_eq!(edges, ["targets>a", "a>b", "b>a", "b>d", "a>c", "c>d", "targets>d"]);
    assert!(outcome.accepted && outcome.refused.is_empty());
}

#[test]
fn a_refused_delegation_ends_its_own_branch_only() {
    for dialect in BOTH {
        let (officer, thief) = (Officer::ed25519(20), Officer::ed25519(21));
        let good = document(dialect, "targets/good", &officer, &[], "x");
        let stolen = document(dialect, "targets/stolen", &thief, &["targets/stolen/below"], "x");
        let below = document(dialect, "targets/stolen/below", &thief, &[], "x");
        let made = tree(
            dialect,
            &officer,
            &["targets/stolen", "targets/good"],
            &[&good, &stolen, &below],
        );
        let expected = "accept 1/1/1/1 targets/good 1 targets/stolen:under-threshold";
        assert_eq!(made.verdict("1.root", NOW), expected);
    }
}

#[test]
fn a_delegation_that_snapshot_does_not_list_is_refused_in_tuf_and_unpublished_in_notary() {
    for (dialect, refused) in [(Dialect::Tuf1, " targets/new:not-listed"), (Dialect::Notary, "")] {
        let made = tree(dialect, &Officer::ed25519(20), &["targets/new"], &[]);
        assert_eq!(made.verdict("1.root", NOW), format!("accept 1/1/1/1{refused}"));
        let outcome = made.shelf.walk(made.input("1.root", NOW));
        let unpublished = outcome
            .findings
            .iter()
            .any(|finding| finding.code == Code::NotPublished);
        assert_eq!(unpublished, dialect == Dialect::Notary);
    }
}

#[test]
fn targets_outside_the_delegated_paths_are_told() {
    let officer = Officer::ed25519(20);
    for (dialect, inside, outside) in [(Dialect::Tuf1, "x", "x/y"), (Dialect::Notary, "any/thing", "")] {
        for (target, told) in [(inside, false), (outside, dialect == Dialect::Tuf1)] {
            let below = document(dialect, "targets/a", &officer, &[], target);
            let made = tree(dialect, &officer, &["targets/a"], &[&below]);
            let outcome = made.shelf.walk(made.input("1.root", NOW));
            let found = outcome.findings.iter().any(|finding| finding.code == Code::PathOutside);
            assert_eq!(found, told, "{dialect} {target}");
        }
    }
}

/// Of a role `a` with 100 targets, one of them after so many others: how often it is told that this one is outside its
/// paths. Targets delegates it with these patterns, and then a role `p` with those, each filled up to so many.
fn told_outside(before: usize, patterns: usize, by_targets: &[&str], by_p: &[&str]) -> usize {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let keys = std::slice::from_ref(&key);
    let to_a = |fitting: &[&str]| {
        let others = (0..).map(|number| format!("never-{number}"));
        let fitting = fitting.iter().map(|pattern| (*pattern).to_owned());
        DelegatedRole {
            paths: PathSet::Patterns(fitting.chain(others).take(patterns).collect()),
            ..delegation("a", &key)
        }
    };
    let signed = |draft: &mut TargetsDraft| {
        let frozen = draft.freeze().unwrap();
        let signature = officer.signs(&key, &frozen);
        let table = crate::key::KeyTable::new(vec![key.clone()]);
        let role = delegation("a", &key).keys;
        frozen.complete(&table, &role, vec![signature]).ok().unwrap()
    };
    let mut a = TargetsDraft::first(Dialect::Tuf1, role("a"), at(LATER));
    let names = (0..99).map(|number| format!("{}{number:02}", if number < before { 'b' } else { 'z' }));
    for name in names.chain(["outside".to_owned()]) {
        a.add_target(&name, &Target::of(b"content"));
    }
    let mut p = TargetsDraft::first(Dialect::Tuf1, role("p"), at(LATER));
    p.add_delegation(&to_a(by_p), keys);
    let mut made = Made::new(Dialect::Tuf1);
    let mut targets = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), at(LATER));
    targets.add_delegation(&to_a(by_targets), keys);
    if !by_p.is_empty() {
        targets.add_delegation(&delegation("p", &key), keys);
    }
    let targets = made.complete(targets.freeze().unwrap());
    made.publish_with(targets, &[&signed(&mut a), &signed(&mut p)], 1);
    let findings = made.shelf.walk(made.input("1.root", NOW)).findings;
    let outside = findings.iter().filter(|finding| finding.code == Code::PathOutside);
    outside.count()
}

#[test]
fn targets_outside_their_paths_are_looked_for_as_far_as_a_few_patterns_for_each_would_take() {
    // 100 targets and 40 patterns: 16 patterns for each of 140 are 56 targets held against all 40.
    for (before, expected) in [(0, 1), (55, 1), (56, 0), (99, 0)] {
        assert_eq!(told_outside(before, 40, &["b*", "z*"], &[]), expected, "{before}");
    }
    // With 10 patterns, 16 for each of 110 are 176 targets: 100 for the first delegator, the other 76 for the second.
    for (before, expected) in [(0, 1), (75, 1), (76, 0), (99, 0)] {
        let told = told_outside(before, 10, &["b*", "z*", "outside"], &["b*", "z*"]);
        assert_eq!(told, expected, "{before}");
    }
}

#[test]
fn names_that_are_no_file_names_and_too_many_roles_are_refused() {
    let officer = Officer::ed25519(20);
    let long = "n".repeat(4000);
    let hostile = document(Dialect::Tuf1, "../../etc", &officer, &[], "x");
    let too_long = document(Dialect::Tuf1, &long, &officer, &[], "x");
    let made = tree(Dialect::Tuf1, &officer, &["../../etc", &long], &[&hostile, &too_long]);
    let verdict = made.verdict("1.root", NOW);
    assert_eq!(verdict, format!("accept 1/1/1/1 ../../etc 1 {long}:role-name-unusable"));
    let many: Vec<String> = (0..20).map(|number| format!("r{number}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    let made = tree(Dialect::Tuf1, &officer, &names, &[]);
    let mut input = made.input("1.root", NOW);
    input.limits.delegated_roles = 10;
    let outcome = made.shelf.walk(input);
    assert_eq!(outcome.refused.last().unwrap().1.code, Code::TooManyRoles);
    assert_eq!(outcome.refused.len(), 11);
    // A client that refreshes does not come to any of them.
    assert!(outcome.accepted);
}

#[test]
fn a_search_takes_the_first_role_in_order_and_ends_with_a_terminating_one() {
    let officer = Officer::ed25519(20);
    let key = officer.key();
    let make = |name: &str, target: &str| document(Dialect::Tuf1, name, &officer, &[], target);
    let (a, b, c) = (make("a", "one"), make("b", "two"), make("c", "three"));
    let searched = |terminating: bool, paths: [PathSet; 3], wanted: &str, documents: &[&Complete<Targets>]| {
        let mut made = Made::new(Dialect::Tuf1);
        let mut draft = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), at(LATER));
        for (name, paths) in ["a", "b", "c"].into_iter().zip(paths) {
            let role = DelegatedRole {
                paths,
                terminating: terminating && name == "b",
                ..delegation(name, &key)
            };
            draft.add_delegation(&role, std::slice::from_ref(&key));
        }
        let targets = made.complete(draft.freeze().unwrap());
        made.publish_with(targets, documents, 1);
        match made.shelf.walk(made.input("1.root", NOW)).find_target(wanted) {
            Search::Found { role, .. } => format!("in {role}"),
            Search::Blocked { role } => format!("blocked by {role}"),
            Search::Nowhere => "nowhere".to_owned(),
        }
    };
    let all = || [(); 3].map(|()| PathSet::Patterns(vec!["*".to_owned()]));
    let hashed = |wanted: &str| {
        let digest = crate::encoding::hex(&crate::encoding::sha256(wanted.as_bytes()));
        let prefix = |text: &str| PathSet::HashPrefixes(vec![text.to_owned()]);
        [prefix("zz"), prefix("zz"), prefix(&digest[..3])]
    };
    let every = [&a, &b, &c];
    assert_eq!(searched(false, all(), "two", &every), "in b");
    assert_eq!(searched(false, all(), "three", &every), "in c");
    assert_eq!(searched(true, all(), "three", &every), "nowhere");
    assert_eq!(searched(true, all(), "one", &every), "in a");
    assert_eq!(searched(false, all(), "three", &[&a, &c]), "blocked by b");
    assert_eq!(searched(false, all(), "one", &[&a, &c]), "in a");
    assert_eq!(searched(false, hashed("three"), "three", &every), "in c");
    assert_eq!(searched(false, hashed("other"), "three", &every), "nowhere");
    assert_eq!(searched(false, all(), "four/deep", &every), "nowhere");
}

#[test]
fn a_notary_delegate_cannot_name_roles_that_are_not_below_it() {
    let (owner, thief) = (Officer::ed25519(20), Officer::ed25519(21));
    let releases = document(Dialect::Notary, "targets/releases", &owner, &["targets/alice"], "x");
    let alice = document(Dialect::Notary, "targets/alice", &thief, &[], "x");
    let made = tree(Dialect::Notary, &owner, &["targets/releases"], &[&releases, &alice]);
    let outcome = made.shelf.walk(made.input("1.root", NOW));
    assert_eq!(told(&outcome), "accept 1/1/1/1 targets/releases 1");
    assert_eq!(outcome.findings.last().unwrap().code, Code::MisplacedDelegation);
}

/// The root of a repository with one member of it set, signed by two of its officers.
fn root_with(made: &Made, member: &str, content: Value) -> Vec<u8> {
    let file = json::parse(made.root.file_bytes(), json::Limits::default()).unwrap();
    let mut signed = file.get("signed").and_then(Value::as_object).unwrap().clone();
    signed.set(member, content);
    let signers = [0, 1].map(|place| (&made.officers[place].0, &made.officers[place].1));
    signed_document(&signed.into(), &signers)
}

#[test]
fn versions_are_part_of_names_only_where_root_says_so() {
    let made = Made::new(Dialect::Tuf1);
    for consistent in [true, false] {
        let anchor = root_with(&made, "consistent_snapshot", Value::Bool(consistent));
        let mut asked = Vec::new();
        let walker = Walker::begin(WalkInput::new(Dialect::Tuf1, anchor, at(NOW))).unwrap();
        let outcome = walker.run(|request| {
            asked.push(request.select);
            made.shelf.answer(request)
        });
        assert_eq!(told(&outcome), "accept 1/1/1/1");
        let named = match consistent {
            true => Select::Consistent { version: 1 },
            false => Select::Current,
        };
        assert_eq!(asked, [Select::Version(2), Select::Current, named, named]);
    }
}

#[test]
fn a_document_of_another_version_than_its_parent_names_is_refused() {
    let entry = |version: u64| MetaEntry {
        version: Some(version),
        length: None,
        hashes: None,
    };
    for (snapshot, targets, expected) in [
        (1, 1, "accept 1/1/1/1"),
        (2, 1, "refuse 1/1/-/- snapshot:wrong-version"),
        (1, 2, "refuse 1/1/1/- targets:wrong-version"),
    ] {
        let mut made = Made::new(Dialect::Tuf1);
        let mut draft = SnapshotDraft::first(Dialect::Tuf1, at(LATER));
        draft.set_meta(&RoleName::targets(), &entry(targets));
        let first = made.complete(draft.freeze().unwrap());
        let timestamp = TimestampDraft::first(Dialect::Tuf1, &entry(snapshot), at(LATER));
        let timestamp = made.complete(timestamp.freeze().unwrap());
        // Whatever is asked for, the first version is served.
        let only = made.shelf.0["1.targets"].clone();
        for version in 1..=2 {
            made.shelf.put(&format!("{version}.snapshot"), first.file_bytes());
            made.shelf.put(&format!("{version}.targets"), &only);
        }
        made.shelf.put("timestamp", timestamp.file_bytes());
        assert_eq!(made.verdict("1.root", NOW), expected);
    }
    let mut made = Made::new(Dialect::Tuf1);
    let only = made.shelf.0["1.root"].clone();
    made.shelf.put("2.root", &only);
    assert_eq!(made.verdict("1.root", NOW), "refuse 1/-/-/- root:wrong-version");
}

#[test]
fn a_delegated_document_that_is_not_there_is_refused_in_tuf_and_unpublished_in_notary() {
    let officer = Officer::ed25519(20);
    for dialect in BOTH {
        let below = document(dialect, "targets/a", &officer, &[], "x");
        let mut made = tree(dialect, &officer, &["targets/a"], &[&below]);
        let without = |made: &mut Made, name: &str| {
            made.shelf.0.retain(|file, _| !file.ends_with(name));
            let outcome = made.shelf.walk(made.input("1.root", NOW));
            let findings: Vec<Code> = outcome.findings.iter().map(|finding| finding.code).collect();
            (told(&outcome), findings)
        };
        let expected = match dialect {
            Dialect::Tuf1 => ("accept 1/1/1/1 targets/a:missing", vec![]),
            Dialect::Notary => ("accept 1/1/1/1", vec![Code::NotPublished]),
        };
        assert_eq!(without(&mut made, "targets/a"), (expected.0.to_owned(), expected.1));
        // Nobody publishes a repository without targets.
        let refused = "refuse 1/1/1/- targets:missing".to_owned();
        assert_eq!(without(&mut made, "targets"), (refused, vec![]));
    }
}

#[test]
fn listed_keys_that_can_never_sign_are_told_by_their_id() {
    for dialect in BOTH {
        let officer = Officer::ed25519(20);
        let key = listed(&officer, dialect);
        let mut made = Made::new(dialect);
        let mut role = delegation("targets/a", &key);
        role.keys.keyids.push(crate::testing::keyid("nobody"));
        let mut draft = TargetsDraft::first(dialect, RoleName::targets(), at(LATER));
        draft.add_delegation(&role, std::slice::from_ref(&key));
        let targets = made.complete(draft.freeze().unwrap());
        let below = document(dialect, "targets/a", &officer, &[], "x");
        made.publish_with(targets, &[&below], 1);
        let findings = made.shelf.walk(made.input("1.root", NOW)).findings;
        let told: Vec<_> = findings
            .iter()
            .map(|finding| (finding.role.as_str(), finding.code, finding.evidence("keyid")))
            .collect();
        assert_eq!(told, [("targets/a", Code::UnusableKey, Some("nobody"))]);
    }
}

#[test]
fn documents_nested_deeper_than_the_limit_are_not_read_and_no_limit_goes_past_what_the_stack_bears() {
    let made = Made::new(Dialect::Tuf1);
    let begins = |nested: usize, limit: usize| {
        let deep = (1..nested).fold(Value::Array(Vec::new()), |inner, _| Value::Array(vec![inner]));
        let mut input = WalkInput::new(Dialect::Tuf1, root_with(&made, "x-deep", deep), at(NOW));
        input.limits.json_depth = limit;
        Walker::begin(input).is_ok()
    };
    // The member is two levels deep itself.
    for (nested, limit, expected) in [
        (62, 64, true),
        (63, 64, false),
        (98, 100, true),
        (99, 100, false),
        (510, 9_999, true),
        (511, 9_999, false),
    ] {
        assert_eq!(begins(nested, limit), expected, "{nested} with {limit}");
    }
}

#[test]
fn an_expired_document_stops_a_client_and_not_somebody_who_looks_past_it() {
    for dialect in BOTH {
        let made = Made::new(dialect);
        let mut input = made.input("1.root", LATER);
        assert_eq!(told(&made.shelf.walk(input.clone())), "refuse 1/-/-/- root:expired");
        input.look_past_expiry = true;
        let outcome = made.shelf.walk(input);
        let expired = " root:expired timestamp:expired snapshot:expired targets:expired";
        assert_eq!(told(&outcome), format!("refuse 1/1/1/1{expired}"));
        assert!(outcome.keep.is_empty());
        assert_eq!(outcome.first_refusal().unwrap().role, RoleName::root());
        assert!(made.shelf.walk(made.input("1.root", NOW)).first_refusal().is_none());
    }
}

#[test]
fn replies_that_bring_nothing_or_too_much_refuse_the_role() {
    let made = Made::new(Dialect::Tuf1);
    let reply_to = |name: &'static str, reply: Reply| {
        let walker = Walker::begin(made.input("1.root", NOW)).unwrap();
        told(&walker.run(|request| {
            if request.role.as_str() == name && request.select != Select::Version(2) {
                reply.clone()
            } else {
                made.shelf.answer(request)
            }
        }))
    };
    let cases = [
        ("timestamp", Reply::Missing, "refuse 1/-/-/- timestamp:missing"),
        ("timestamp", Reply::TooLarge, "refuse 1/-/-/- timestamp:too-large"),
        (
            "timestamp",
            Reply::Found(vec![b' '; 2 << 20]),
            "refuse 1/-/-/- timestamp:too-large",
        ),
        (
            "timestamp",
            Reply::Failed("hung".to_owned()),
            "refuse 1/-/-/- timestamp:unreachable",
        ),
        (
            "timestamp",
            Reply::Found(b"<html>".to_vec()),
            "refuse 1/-/-/- timestamp:unreadable",
        ),
        (
            "snapshot",
            Reply::Found(b"{}".to_vec()),
            "refuse 1/1/-/- snapshot:wrong-length",
        ),
        ("targets", Reply::Missing, "refuse 1/1/1/- targets:missing"),
    ];
    for (name, reply, expected) in cases {
        assert_eq!(reply_to(name, reply), expected);
    }
    // A source that cannot say whether there is a next root does not end the chain.
    let walker = Walker::begin(made.input("1.root", NOW)).unwrap();
    let outcome = walker.run(|request| match request.select {
        Select::Version(2) => Reply::Failed("hung".to_owned()),
        _ => made.shelf.answer(request),
    });
    assert_eq!(told(&outcome), "refuse 1/-/-/- root:unreachable");
}

#[test]
fn a_notary_root_needs_a_certificate_for_this_repository_at_this_time() {
    let made = Made::new(Dialect::Notary);
    let verdict = |gun: &str, clock: &str| {
        let mut input = made.input("1.root", clock);
        input.gun = Some(gun.to_owned());
        told(&made.shelf.walk(input))
    };
    assert_eq!(verdict(GUN, NOW), "accept 1/1/1/1");
    assert_eq!(
        verdict("registry.test/lab/other", NOW),
        "refuse 1/-/-/- root:under-threshold"
    );
    assert_eq!(verdict(GUN, "2025-12-31T00:00:00Z"), "accept 1/1/1/1");
    assert_eq!(
        verdict(GUN, "2025-12-30T23:59:59Z"),
        "refuse 1/-/-/- root:under-threshold"
    );
    assert_eq!(
        verdict(GUN, "2036-01-01T00:00:01Z"),
        "refuse 1/-/-/- root:under-threshold"
    );
    let wildcard = Officer::p256(1).certificate("registry.test/*", 1);
    assert!(wildcard.certificate().unwrap().names(GUN));
    assert!(!wildcard.certificate().unwrap().names("other.test/lab/app"));
}

#[test]
fn a_walk_can_be_driven_from_any_thread_and_asks_again_until_it_is_answered() {
    fn can_be_sent<T: Send + 'static>(_: &T) {}
    let made = Made::new(Dialect::Tuf1);
    let walker = Walker::begin(made.input("1.root", NOW)).unwrap();
    can_be_sent(&walker);
    let asked = |walker: &Walker| match walker.next() {
        Next::Fetch(request) => request,
        Next::Finished(_) => panic!("the walk has just begun"),
    };
    assert_eq!(asked(&walker), asked(&walker));
}

/// A small generator with a fixed seed (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

#[test]
fn no_damaged_document_makes_anything_panic_or_is_accepted_as_another() {
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    for dialect in BOTH {
        let officer = Officer::ed25519(20);
        let below = document(dialect, "targets/a", &officer, &[], "x");
        let made = tree(dialect, &officer, &["targets/a"], &[&below]);
        let mut names: Vec<&String> = made.shelf.0.keys().collect();
        names.sort();
        for round in 0..600 {
            let name = names[dice.roll(names.len())];
            let good = &made.shelf.0[name];
            let mut bad = good.clone();
            match round % 4 {
                0 => bad.truncate(dice.roll(good.len())),
                1 => bad[dice.roll(good.len())] = dice.roll(256) as u8,
                2 => {
                    let (from, to) = (dice.roll(good.len()), dice.roll(good.len()));
                    bad.splice(from.min(to)..from.max(to), []);
                }
                _ => {
                    let (from, to) = (dice.roll(good.len()), dice.roll(good.len()));
                    let piece = good[from.min(to)..from.max(to)].to_vec();
                    let place = dice.roll(good.len());
                    bad.splice(place..place, piece);
                }
            }
            let _ = crate::dialect::detect(&bad);
            for dialect in BOTH {
                let _ = read::<Root>(&bad, dialect);
                let _ = read::<Targets>(&bad, dialect);
                let _ = read::<Snapshot>(&bad, dialect);
                let _ = read::<Timestamp>(&bad, dialect);
            }
            let mut shelf = made.shelf.clone();
            shelf.put(name, &bad);
            let mut input = made.input("1.root", NOW);
            input.anchor = shelf.0["1.root"].clone().into();
            let Ok(walker) = Walker::begin(input) else { continue };
            let outcome = walker.run(|request| shelf.answer(request));
            if outcome.accepted {
                for (role, kept) in &outcome.keep {
                    // Blanks and the like may differ; what was signed may not.
                    let signed = |file: &[u8]| {
                        crate::json::parse(file, Default::default())
                            .unwrap()
                            .get("signed")
                            .cloned()
                    };
                    let original = made.shelf.0.get(role.as_str()).unwrap();
                    assert_eq!(signed(kept), signed(original));
                }
            }
        }
    }
}
