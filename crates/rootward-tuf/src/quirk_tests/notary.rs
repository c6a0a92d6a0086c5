//! What Notary's own tools have left behind over the years, in documents of our own making.

use crate::dialect::{Dialect, detect};
use crate::finding::Code;
use crate::json::{Value, compact};
use crate::key::{Key, KeyId};
use crate::metadata::{MetaEntry, PathSet, Root, Targets, read};
use crate::role::RoleName;
use crate::testing::{GUN, Officer, Shelf, at, signed_document, told, value};
use crate::walk::Outcome;

const NOW: &str = "2026-06-01T00:00:00Z";

/// A repository of one root key, two keys of targets, and one online key, written member by member.
struct Written {
    root: (Officer, Key),
    owners: [(Officer, Key); 2],
    online: (Officer, Key),
    shelf: Shelf,
}

/// What differs from a plain repository.
#[derive(Default)]
struct Habit {
    /// More members of root's `roles`.
    more_roles: &'static str,
    root_expires: Option<&'static str>,
    delegations: Option<String>,
    /// The method that signatures name, in place of the usual spelling.
    method: Option<&'static str>,
    common_name: Option<&'static str>,
    one_owner_signs: bool,
}

impl Written {
    fn new(habit: Habit) -> Written {
        let bare = |seed: u8| {
            let officer = Officer::p256(seed);
            let key = Key::new_notary_bare(&officer.public);
            (officer, key)
        };
        let root_officer = Officer::p256(1);
        let root_key = root_officer.certificate(habit.common_name.unwrap_or(GUN), 1);
        let mut written = Written {
            root: (root_officer, root_key),
            owners: [bare(2), bare(3)],
            online: bare(4),
            shelf: Shelf::default(),
        };
        let (one, two, online) = (&written.owners[0].1, &written.owners[1].1, &written.online.1);
        let listed: Vec<String> = [&written.root.1, one, two, online]
            .iter()
            .map(|key| format!(r#""{}":{}"#, key.keyid(), compact(key.raw())))
            .collect();
        let role = |keys: &[&Key], threshold: u64| {
            let ids: Vec<String> = keys.iter().map(|key| format!("{:?}", key.keyid().as_str())).collect();
            format!(r#"{{"keyids":[{}],"threshold":{threshold}}}"#, ids.join(","))
        };
        let root = format!(
            r#"{{"_type":"Root","consistent_snapshot":false,"expires":"{}","keys":{{{}}},"roles":{{"root":{},"snapshot":{},
            "targets":{},"timestamp":{}{}}},"version":3}}"#,
            habit.root_expires.unwrap_or("2036-01-01T00:00:00Z"),
            listed.join(","),
            role(&[&written.root.1], 1),
            role(&[online], 1),
            role(&[one, two], 2),
            role(&[online], 1),
            habit.more_roles,
        );
        let delegations = habit
            .delegations
            .unwrap_or_else(|| r#"{"keys":{},"roles":[]}"#.to_owned());
        let targets = format!(
            r#"{{"_type":"Targets","delegations":{delegations},"expires":"2029-01-01T00:00:00.123456789Z","targets":{{
            "v1":{{"hashes":{{"sha256":"{}"}},"length":7}}}},"version":2,"x-unknown":{{"kept":[1,null,"é"]}}}}"#,
            crate::encoding::base64(&[7; 32]),
        );
        let root = written.sign("root", &root, &[0], habit.method);
        let targets = written.sign(
            "targets",
            &targets,
            if habit.one_owner_signs { &[1] } else { &[1, 2] },
            habit.method,
        );
        let meta = |file: &[u8]| compact(&MetaEntry::of(file, 1, Dialect::Notary).to_value(Dialect::Notary));
        let snapshot = format!(
            r#"{{"_type":"Snapshot","expires":"2029-01-01T00:00:00Z","meta":{{"root":{},"targets":{}}},"version":4}}"#,
            meta(&root),
            meta(&targets),
        );
        let snapshot = written.sign("snapshot", &snapshot, &[3], habit.method);
        let timestamp = format!(
            r#"{{"_type":"Timestamp","expires":"2026-12-01T00:00:00Z","meta":{{"snapshot":{}}},"version":5}}"#,
            meta(&snapshot),
        );
        written.sign("timestamp", &timestamp, &[3], habit.method);
        written
    }

    /// Signs by the keys of these numbers: root's, the owners', the online one.
    fn sign(&mut self, name: &str, signed: &str, signers: &[usize], method: Option<&str>) -> Vec<u8> {
        let all = [&self.root, &self.owners[0], &self.owners[1], &self.online];
        let signers: Vec<(&Officer, &Key)> = signers.iter().map(|place| (&all[*place].0, &all[*place].1)).collect();
        let mut file = signed_document(&value(signed), &signers);
        if let Some(method) = method {
            file = String::from_utf8(file)
                .unwrap()
                .replace("\"ecdsa\",\"sig\"", &format!("{method:?},\"sig\""))
                .into_bytes();
        }
        self.shelf.put(name, &file);
        file
    }

    fn walk(&self) -> Outcome {
        let mut input = self.shelf.input(Dialect::Notary, "root", NOW);
        input.gun = Some(GUN.to_owned());
        self.shelf.walk(input)
    }
}

#[test]
fn two_of_two_targets_keys_must_sign_and_one_does_not_do() {
    let written = Written::new(Habit::default());
    assert_eq!(detect(&written.shelf.0["root"]).unwrap(), Dialect::Notary);
    assert_eq!(told(&written.walk()), "accept 3/5/4/2");
    let one = Written::new(Habit {
        one_owner_signs: true,
        ..Habit::default()
    });
    assert_eq!(told(&one.walk()), "refuse 3/5/4/- targets:under-threshold");
}

#[test]
fn roots_of_the_first_years_list_more_roles_and_ends_with_offsets() {
    let old = Written::new(Habit {
        more_roles: r#","root.1":{"keyids":["gone"],"threshold":1},"root.2":{"keyids":null,"threshold":1}"#,
        root_expires: Some("2027-07-16T16:39:21.648008668-07:00"),
        ..Habit::default()
    });
    assert_eq!(told(&old.walk()), "accept 3/5/4/2");
    // Such a root's next version lists them still: they are signed, and nobody may drop them unseen.
    let root = read::<Root>(&old.shelf.0["root"], Dialect::Notary).unwrap();
    let next = crate::draft::RootDraft::next(&root).freeze().unwrap();
    let roles = next.envelope().signed().get("roles").unwrap();
    assert!(roles.get("root.1").is_some() && roles.get("root.2").is_some());
    let end = at("2027-07-16T23:39:21Z");
    assert_eq!(root.body().expires.at.unix_seconds(), end.unix_seconds());
}

#[test]
fn a_purged_delegation_and_one_without_paths_are_read_and_let_the_rest_live() {
    let key = Key::new_notary_bare(&Officer::p256(9).public);
    let written = Written::new(Habit {
        delegations: Some(format!(
            r#"{{"keys":{{"{0}":{1}}},"roles":[{{"keyids":null,"name":"targets/releases","paths":[""],"threshold":1}},
            {{"keyids":["{0}"],"name":"targets/pathless","threshold":1}},{{"keyids":["{0}"],"name":"targets/null","paths":null,"threshold":1}}]}}"#,
            key.keyid(),
            compact(key.raw()),
        )),
        ..Habit::default()
    });
    let outcome = written.walk();
    assert_eq!(told(&outcome), "accept 3/5/4/2");
    let unpublished = outcome
        .findings
        .iter()
        .filter(|finding| finding.code == Code::NotPublished);
    assert_eq!(unpublished.count(), 3);
    let targets = outcome.targets.unwrap();
    let roles: Vec<_> = targets.body().delegations.as_ref().unwrap().roles.iter().collect();
    assert!(roles[0].keys.keyids.is_empty());
    assert!(
        roles[1..]
            .iter()
            .all(|role| role.paths == PathSet::Prefixes(Vec::new()))
    );
    // No delegations at all, in every spelling seen.
    for nothing in [r#"{"keys":{},"roles":null}"#, "null"] {
        let written = Written::new(Habit {
            delegations: Some(nothing.to_owned()),
            ..Habit::default()
        });
        assert_eq!(told(&written.walk()), "accept 3/5/4/2", "{nothing}");
    }
}

#[test]
fn a_wildcard_certificate_holds_the_roots_of_all_repositories_that_it_names() {
    let of = |common_name: &'static str| {
        let written = Written::new(Habit {
            common_name: Some(common_name),
            ..Habit::default()
        });
        told(&written.walk())
    };
    for name in ["registry.test/*", "registry.test/lab/app*", "*", GUN] {
        assert_eq!(of(name), "accept 3/5/4/2", "{name}");
    }
    for name in ["registry.test/other/*", "*/lab/app", "registry.test", "root", ""] {
        assert!(of(name).starts_with("refuse 3/-/-/- root:under-threshold"), "{name}");
    }
}

#[test]
fn methods_are_read_in_any_case_and_unknown_members_survive_the_next_version() {
    let written = Written::new(Habit {
        method: Some("ECDSA"),
        ..Habit::default()
    });
    assert_eq!(told(&written.walk()), "accept 3/5/4/2");
    let unknown = Written::new(Habit {
        method: Some("pycrypto-pkcs#1 pss"),
        ..Habit::default()
    });
    assert!(crate::walk::Walker::begin(unknown.shelf.input(Dialect::Notary, "root", NOW)).is_err());
    let targets = read::<Targets>(&written.shelf.0["targets"], Dialect::Notary).unwrap();
    let next = crate::draft::TargetsDraft::next(&targets, RoleName::targets())
        .freeze()
        .unwrap();
    let kept = next.envelope().signed().get("x-unknown").map(compact);
    assert_eq!(kept.as_deref(), Some(r#"{"kept":[1,null,"é"]}"#));
    let odd = Key::read(
        KeyId::new("odd"),
        &value(r#"{"keytype":"dsa","keyval":{"private":null,"public":"AA=="}}"#),
        Dialect::Notary,
    );
    assert!(odd.physical().is_none() && odd.raw().get("keytype") == Some(&Value::text("dsa")));
}
