//! Rotations of targets, snapshot and timestamp in a TUF repository: every document that names a new one is signed in its turn.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root, Snapshot, Targets, Timestamp};

use super::{signed, to_the_end};
use crate::border::{CeremonyState, RotationChange};
use crate::ceremony::Stage;
use crate::rotation_support::{World, physical, wish};

fn of(role: &str, wish: RotationChange) -> RotationChange {
    RotationChange {
        role: role.into(),
        ..wish
    }
}

#[tokio::test]
async fn whatever_names_a_new_document_is_signed_after_it_and_all_are_published() {
    // Targets is officer 3's, snapshot 8's, timestamp 9's; who signs in turn, the leaving key too, and the files that are new.
    type Case = (
        &'static str,
        &'static [u8],
        &'static [u8],
        &'static [u8],
        &'static [&'static str],
    );
    let cases: &[Case] = &[
        (
            "targets",
            &[3],
            &[4],
            &[1, 2, 3, 4, 8, 9],
            &["2.root.json", "2.targets.json", "2.snapshot.json"],
        ),
        (
            "snapshot",
            &[8],
            &[5],
            &[1, 2, 8, 5, 9],
            &["2.root.json", "2.snapshot.json"],
        ),
        ("timestamp", &[9], &[5], &[2, 1, 9, 5], &["2.root.json"]),
    ];
    for (role, remove, add, signers, files) in cases {
        let world = World::new();
        let ceremonies = world.ceremonies();
        let wish = of(role, wish(remove, add, &[1, 2, 3, 8, 9]));
        let id = signed(&ceremonies, wish, signers)
            .await
            .unwrap_or_else(|failure| panic!("{role}: {failure}"));
        let record = to_the_end(&ceremonies, &id)
            .await
            .unwrap_or_else(|failure| panic!("{role}: {failure}"));
        let Stage::Published(_, _, seen) = &record.sound().expect("sound").stage else {
            panic!("{role}: not published")
        };
        assert!(seen.accepted, "{role}: a client accepts everything");
        for name in ["2.root.json", "2.targets.json", "2.snapshot.json"] {
            assert_eq!(world.published(name).is_some(), files.contains(&name), "{role}: {name}");
        }
        let read = |name: &str| world.published(name).expect("there");
        let root = metadata::read::<Root>(&read("2.root.json"), Dialect::Tuf1).expect("a root");
        let timestamp = metadata::read::<Timestamp>(&read("timestamp.json"), Dialect::Tuf1).expect("a timestamp");
        assert_eq!((root.version(), timestamp.version()), (2, 2), "{role}");
        if *role != "timestamp" {
            let snapshot = metadata::read::<Snapshot>(&read("2.snapshot.json"), Dialect::Tuf1).expect("a snapshot");
            assert_eq!(snapshot.version(), 2, "{role}");
        }
        if *role == "targets" {
            let before = metadata::read::<Targets>(&read("1.targets.json"), Dialect::Tuf1).expect("targets");
            let after = metadata::read::<Targets>(&read("2.targets.json"), Dialect::Tuf1).expect("targets");
            assert_eq!(
                after.body().targets,
                before.body().targets,
                "a new key changes no content"
            );
        }
    }
}

#[tokio::test]
async fn a_plan_that_waits_for_keys_nobody_here_has_says_who_must_act() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let change = of("targets", wish(&[3], &[4], &[1, 2, 8]));
    let refused = ceremonies.begin("demo", change).await.unwrap_err();
    assert_eq!(refused.code, "draft-refused");
    assert!(refused.message.contains("timestamp"), "{refused}");
    let by_server = RotationChange {
        server: true,
        ..of("timestamp", wish(&[], &[], &[1, 2]))
    };
    assert_eq!(
        ceremonies.begin("demo", by_server).await.unwrap_err().code,
        "draft-refused"
    );
    assert!(ceremonies.all().expect("a list").is_empty());
}

#[tokio::test]
async fn a_journal_of_several_documents_says_the_same_again() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let change = of("targets", wish(&[3], &[4], &[1, 2, 8, 9]));
    let id = signed(&ceremonies, change.clone(), &[1, 2, 4, 8])
        .await
        .expect("signed");
    let again = world.ceremonies();
    let (before, after) = (ceremonies.one(&id).expect("one"), again.one(&id).expect("one"));
    assert_eq!((before.head, before.events.len()), (after.head, after.events.len()));
    assert_eq!(again.begin("demo", change).await.expect("the same"), id);
    again.sign(&id, &physical(9)).expect("signed");
    let record = to_the_end(&again, &id).await.expect("published");
    assert_eq!(CeremonyState::of(&record), CeremonyState::Published);
}
