//! Every change of every role, signed by enough, too few, the wrong, only the old and only the new keys: what must be enough
//! is counted here, on its own.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::{DelegatedRole, PathSet, RoleKeys, Target};
use rootward_tuf::role::RoleName;

use super::{keys, wish};
use crate::border::{CeremonyView, WishedEdit};
use crate::ceremony::{Ceremonies, Stage};
use crate::rotation_support::{World, at, physical, public, signature};

/// Officers of each role and how many must sign.
const ROLES: [(&str, &[u8], usize); 5] = [
    ("root", &[1, 2, 10], 2),
    ("targets", &[3, 6], 2),
    ("snapshot", &[8, 16], 2),
    ("timestamp", &[9, 17], 2),
    ("files", &[4, 7], 2),
];
/// Joins where a key does.
const JOINS: u8 = 20;
/// Speaks for nothing.
const STRANGER: u8 = 30;

fn officers(role: &str) -> (&'static [u8], usize) {
    let found = ROLES.iter().find(|(name, ..)| *name == role).expect("a role");
    (found.1, found.2)
}

fn listed(numbers: &[u8]) -> Vec<Key> {
    numbers.iter().map(|&number| Key::new_tuf1(&public(number))).collect()
}

/// A repository in which every role has several keys of its own.
fn world() -> World {
    let end = || at("2027-06-01T00:00:00Z");
    let name = |role: &str| RoleName::new(role).expect("a role");
    let mut draft = RootDraft::first(Dialect::Tuf1, true, end());
    for (role, numbers, threshold) in &ROLES[..4] {
        for key in listed(numbers) {
            draft.add_key(&name(role), key);
        }
        draft.set_threshold(&name(role), *threshold as u64);
    }
    let frozen = draft.freeze().expect("a root");
    let signed = officers("root")
        .0
        .iter()
        .map(|&number| signature(number, &frozen))
        .collect();
    let root = frozen.complete(None, signed).ok().expect("complete");
    let body = root.verified().body().clone();

    let file_keys = listed(officers("files").0);
    let delegated = DelegatedRole {
        name: name("files"),
        keys: RoleKeys {
            keyids: file_keys.iter().map(|key| key.keyid().clone()).collect(),
            threshold: 2,
        },
        paths: PathSet::Patterns(vec!["files/*".into()]),
        terminating: false,
    };
    let mut targets = TargetsDraft::first(Dialect::Tuf1, name("targets"), end());
    targets
        .add_target("app", &Target::of(b"app"))
        .add_delegation(&delegated, &file_keys);
    let frozen = targets.freeze().expect("targets");
    let signed = officers("targets")
        .0
        .iter()
        .map(|&number| signature(number, &frozen))
        .collect();
    let targets = frozen
        .complete(&body.keys, &body.targets, signed)
        .ok()
        .expect("complete");
    let mut files = TargetsDraft::first(Dialect::Tuf1, name("files"), end());
    let frozen = files
        .add_target("files/a", &Target::of(b"a"))
        .freeze()
        .expect("targets");
    let signed = officers("files")
        .0
        .iter()
        .map(|&number| signature(number, &frozen))
        .collect();
    let delegations = targets.verified().body().delegations.as_ref().expect("some");
    let files = frozen
        .complete(&delegations.keys, &delegated.keys, signed)
        .ok()
        .expect("complete");

    let mut snapshot = SnapshotDraft::first(Dialect::Tuf1, end());
    snapshot.set_meta(&name("targets"), &targets.meta_entry());
    snapshot.set_meta(&name("files"), &files.meta_entry());
    let frozen = snapshot.freeze().expect("a snapshot");
    let signed = officers("snapshot")
        .0
        .iter()
        .map(|&number| signature(number, &frozen))
        .collect();
    let snapshot = frozen
        .complete(&body.keys, &body.snapshot, signed)
        .ok()
        .expect("complete");
    let frozen = TimestampDraft::first(Dialect::Tuf1, &snapshot.meta_entry(), end())
        .freeze()
        .expect("a timestamp");
    let signed = officers("timestamp")
        .0
        .iter()
        .map(|&number| signature(number, &frozen))
        .collect();
    let timestamp = frozen
        .complete(&body.keys, &body.timestamp, signed)
        .ok()
        .expect("complete");
    let file = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    World::made_of(
        root.verified(),
        &[
            file("1.root.json", root.file_bytes()),
            file("1.targets.json", targets.file_bytes()),
            file("1.files.json", files.file_bytes()),
            file("1.snapshot.json", snapshot.file_bytes()),
            file("timestamp.json", timestamp.file_bytes()),
        ],
    )
}

/// What is asked for, and who counts for the role afterwards.
struct Case {
    name: &'static str,
    edits: Vec<WishedEdit>,
    after: (Vec<u8>, usize),
}

fn cases(role: &str) -> Vec<Case> {
    let (old, threshold) = officers(role);
    let last = *old.last().expect("officers");
    let mut replaced: Vec<u8> = old.iter().copied().filter(|&number| number != last).collect();
    let removed = replaced.clone();
    replaced.push(JOINS);
    let mut widened = old.to_vec();
    widened.push(JOINS);
    // A delegate's document is signed again only when that is asked for.
    let with_document = |edit: WishedEdit| {
        let again = WishedEdit::SignAgain { role: role.into() };
        if role == "files" { vec![edit, again] } else { vec![edit] }
    };
    let more = threshold as u64 + 1;
    vec![
        Case {
            name: "replace a key",
            edits: with_document(keys(role, &[last], &[JOINS], None)),
            after: (replaced, threshold),
        },
        Case {
            name: "raise the threshold",
            edits: with_document(keys(role, &[], &[JOINS], Some(more))),
            after: (widened, threshold + 1),
        },
        Case {
            name: "remove a key and need one",
            edits: with_document(keys(role, &[last], &[], Some(1))),
            after: (removed, 1),
        },
        Case {
            name: "another end",
            edits: vec![WishedEdit::Ends {
                role: role.into(),
                at: Some("2028-01-01T00:00:00Z".into()),
            }],
            after: (old.to_vec(), threshold),
        },
        Case {
            name: "sign again",
            edits: vec![WishedEdit::SignAgain { role: role.into() }],
            after: (old.to_vec(), threshold),
        },
    ]
}

/// Has these officers sign whatever they can, in the order given, until none can.
fn sign(ceremonies: &Ceremonies, id: &str, officers: &[u8]) {
    loop {
        let view = CeremonyView::of(&ceremonies.insight(id).expect("a ceremony"));
        let can = |number: &&u8| {
            let key = physical(**number).to_string();
            view.signers.iter().any(|row| row.physical_key == key && row.can_sign)
        };
        let Some(&number) = officers.iter().find(can) else {
            return;
        };
        ceremonies.sign(id, &physical(number)).expect("signed");
    }
}

async fn every_change_of(role: &str) {
    let (old, old_threshold) = officers(role);
    for case in cases(role) {
        let (new, new_threshold) = (&case.after.0, case.after.1);
        let joined: Vec<u8> = new.iter().copied().filter(|number| !old.contains(number)).collect();
        let union: Vec<u8> = new.iter().chain(old).copied().collect();
        let sets: [(&str, Vec<u8>); 5] = [
            ("enough", union),
            ("one short", new[..new_threshold - 1].to_vec()),
            ("strangers", vec![STRANGER]),
            ("old only", old.to_vec()),
            ("new only", joined),
        ];
        for (who, set) in sets {
            let what = format!("{role}, {}, {who}", case.name);
            let world = world();
            let ceremonies = world.ceremonies();
            let all: Vec<u8> = ROLES.iter().flat_map(|(_, numbers, _)| numbers.to_vec()).collect();
            let mut asked = wish(case.edits.clone(), &all);
            asked.new_keys_only = true;
            let id = ceremonies
                .begin("demo", asked)
                .await
                .unwrap_or_else(|failure| panic!("{what}: {failure}"));
            ceremonies
                .freeze(&id)
                .await
                .unwrap_or_else(|failure| panic!("{what}: {failure}"));
            if set == [STRANGER] {
                let refused = super::refused(ceremonies.sign(&id, &physical(STRANGER)));
                assert_eq!(refused.code, "key-not-found", "{what}");
            }
            let others: Vec<u8> = all.iter().copied().filter(|number| !old.contains(number)).collect();
            let signers: Vec<u8> = set.iter().chain(&others).copied().collect();
            sign(&ceremonies, &id, &signers);
            let count = |of: &[u8]| of.iter().filter(|number| set.contains(number)).count();
            let by_old = role != "root" || count(old) >= old_threshold;
            let enough = by_old && count(new) >= new_threshold;
            let record = ceremonies.one(&id).expect("one");
            let is_ready = matches!(record.sound().expect("sound").stage, Stage::Ready(_));
            assert_eq!(is_ready, enough, "{what}");
            let rehearsed = ceremonies.rehearse(&id).await;
            assert_eq!(rehearsed.is_ok(), enough, "{what}: {:?}", rehearsed.err());
            if who == "enough" {
                let record = ceremonies
                    .publish(&id)
                    .await
                    .unwrap_or_else(|failure| panic!("{what}: {failure}"));
                assert!(
                    matches!(record.sound().expect("sound").stage, Stage::Published(..)),
                    "{what}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_change_of_root_needs_its_old_and_its_new_threshold() {
    every_change_of("root").await;
}

#[tokio::test]
async fn every_change_of_targets_needs_its_new_threshold() {
    every_change_of("targets").await;
}

#[tokio::test]
async fn every_change_of_snapshot_needs_its_new_threshold() {
    every_change_of("snapshot").await;
}

#[tokio::test]
async fn every_change_of_timestamp_needs_its_new_threshold() {
    every_change_of("timestamp").await;
}

#[tokio::test]
async fn every_change_of_a_delegated_role_needs_its_new_threshold() {
    every_change_of("files").await;
}

#[tokio::test]
async fn whatever_the_order_of_signing_the_same_files_come_of_it_and_a_changed_byte_is_refused() {
    let mut files: Vec<Vec<u8>> = Vec::new();
    for order in [
        [1, 2, 20, 3, 6, 4, 7, 8, 16, 9, 17],
        [7, 6, 4, 20, 3, 2, 1, 16, 8, 17, 9],
    ] {
        let world = world();
        let ceremonies = world.ceremonies();
        let all: Vec<u8> = ROLES.iter().flat_map(|(_, numbers, _)| numbers.to_vec()).collect();
        let edits = vec![keys("root", &[10], &[JOINS], None), keys("files", &[], &[JOINS], None)];
        let id = ceremonies.begin("demo", wish(edits, &all)).await.expect("begun");
        ceremonies.freeze(&id).await.expect("frozen");
        sign(&ceremonies, &id, &order);
        let record = ceremonies.one(&id).expect("one");
        let ceremony = record.sound().expect("sound");
        let assembled = ceremony.stage.assembled().expect("ready");
        files.push(
            assembled
                .documents
                .iter()
                .flat_map(|document| document.file_bytes().to_vec())
                .collect(),
        );
        // Any signature in the journal that is another's, or over other bytes, breaks it where it stands.
        let sheet = &ceremony.stage.collected().expect("collected").sheets[0];
        let given = &sheet.signatures[0];
        let (key, frozen) = (&given.physical, &sheet.frozen);
        let mut bytes = given.signature.bytes.clone().expect("bytes");
        for place in [0, bytes.len() / 2, bytes.len() - 1] {
            bytes[place] ^= 1;
            let altered = rootward_tuf::metadata::Signature {
                bytes: Some(bytes.clone()),
                ..given.signature.clone()
            };
            let listed =
                ceremony
                    .stage
                    .collected()
                    .expect("collected")
                    .signing_key(sheet.role(), key, &ceremony.grounds);
            assert!(frozen.check(&listed.expect("listed"), &altered).is_err());
            bytes[place] ^= 1;
        }
        let _: &PhysicalKey = key;
    }
    assert_eq!(files[0], files[1]);
}
