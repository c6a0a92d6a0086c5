//! Rotation as promises: thresholds, one key one document, a journal that is believed only as far as it holds, and a power
//! cord pulled at every step.

mod cord;
mod desks;
mod keyring;
mod kit;
mod ledger;
mod loose;
mod notary;
mod quorum;
mod record;
mod roles;
mod steps;
mod transcript;

use std::path::Path;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root};

use crate::border::{CeremonyState, CeremonyView, RotationChange};
use crate::ceremony::{Ceremonies, Fact, Record, Stage};
use crate::ports::{Disk, Failure, Vault};
use crate::rotation_support::{World, file, physical, wish};

/// Begins, freezes and signs.
async fn signed(ceremonies: &Ceremonies, wish: RotationChange, signers: &[u8]) -> Result<String, Failure> {
    let id = ceremonies.begin("demo", wish).await?;
    ceremonies.freeze(&id).await?;
    for &number in signers {
        ceremonies.sign(&id, &physical(number))?;
    }
    Ok(id)
}

async fn to_the_end(ceremonies: &Ceremonies, id: &str) -> Result<Record, Failure> {
    ceremonies.rehearse(id).await?;
    ceremonies.publish(id).await
}

fn state(ceremonies: &Ceremonies, id: &str) -> CeremonyState {
    CeremonyState::of(&ceremonies.one(id).expect("a ceremony"))
}

#[tokio::test]
async fn a_key_leaves_another_joins_and_a_fresh_walk_sees_it() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 4, 2])
        .await
        .expect("signed");
    assert_eq!(id, "2026-001");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    let Stage::Published(_, rehearsed, seen) = &record.sound().expect("sound").stage else {
        panic!("not published")
    };
    assert!(rehearsed.accepted() && seen.accepted);
    assert_eq!(seen.root_versions, [1, 2]);
    let root = metadata::read::<Root>(&world.published("2.root.json").expect("there"), Dialect::Tuf1).expect("a root");
    let keys = root.body().keys.physical(&root.body().root.keyids);
    assert_eq!(keys, [physical(1), physical(2), physical(4)].into());
    assert_eq!(
        world.vault.proven("demo").expect("a vault").roots.len(),
        1,
        "the vault trusts v2"
    );
    let view = CeremonyView::of(&ceremonies.insight(&id).expect("an insight"));
    assert_eq!(view.state, CeremonyState::Published);
    assert!(
        view.consequences
            .iter()
            .any(|said| said.text().contains("still counts for targets")),
        "officer 3 signs targets"
    );
    assert!(view.events.len() >= 10 && view.steps.len() == 6);
}

#[tokio::test]
async fn the_prompt_shows_what_the_frozen_bytes_say() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1]), &[1]).await.expect("signed");
    let shown = world.prompt.shown.lock().expect("a lock")[0].clone();
    let record = ceremonies.one(&id).expect("a ceremony");
    let frozen = record
        .sound()
        .expect("sound")
        .stage
        .collected()
        .expect("frozen")
        .root()
        .expect("a root");
    assert_eq!(
        (shown.repository.as_str(), shown.role.as_str(), shown.version),
        ("demo", "root", 2)
    );
    assert_eq!(shown.key, "officer-1.pem");
    assert_eq!(
        shown.digest.replace(' ', ""),
        rootward_tuf::encoding::hex(&frozen.digest()[..4])
    );
    assert!(
        shown.change.starts_with("Replace ") && shown.change.ends_with(" by officer-4 in root of demo"),
        "{}",
        shown.change
    );
}

#[tokio::test]
async fn old_and_new_thresholds_must_both_be_met() {
    // Root keys 1, 2, 3, threshold 2; who leaves, who joins, new threshold, who signs, and whether that is enough.
    type Case = (&'static [u8], &'static [u8], Option<u64>, &'static [u8], bool);
    let cases: &[Case] = &[
        (&[3], &[4], None, &[1, 2], true),
        (&[3], &[4], None, &[1, 4], false),
        (&[3], &[4], None, &[1, 3], false),
        (&[3], &[4], None, &[1, 3, 4], true),
        (&[1, 2, 3], &[4, 5], None, &[4, 5], false),
        (&[1, 2, 3], &[4, 5], None, &[1, 2], false),
        (&[1, 2, 3], &[4, 5], None, &[1, 2, 4, 5], true),
        (&[], &[4], Some(4), &[1, 2, 3], false),
        (&[], &[4], Some(4), &[1, 2, 3, 4], true),
        (&[3], &[], Some(1), &[1], false),
        (&[3], &[], Some(1), &[3, 1], true),
    ];
    for (remove, add, threshold, signers, enough) in cases {
        let world = World::new();
        let ceremonies = world.ceremonies();
        let wish = RotationChange {
            threshold: *threshold,
            ..wish(remove, add, &[1, 2, 3])
        };
        let id = signed(&ceremonies, wish, signers).await.expect("signed");
        let expected = if *enough {
            CeremonyState::Ready
        } else {
            CeremonyState::Collecting
        };
        assert_eq!(
            state(&ceremonies, &id),
            expected,
            "{remove:?} {add:?} {threshold:?} {signers:?}"
        );
        let view = CeremonyView::of(&ceremonies.insight(&id).expect("an insight"));
        assert_eq!(view.old_meter.met && view.new_meter.met, *enough);
        if !enough {
            assert_eq!(
                ceremonies.rehearse(&id).await.map(drop).unwrap_err().code,
                "threshold-not-met"
            );
            assert_eq!(
                ceremonies.publish(&id).await.map(drop).unwrap_err().code,
                "threshold-not-met"
            );
        }
    }
}

#[tokio::test]
async fn any_order_of_signatures_ends_in_the_same_file() {
    let mut files = Vec::new();
    for order in [[1, 2, 4], [4, 2, 1], [2, 1, 4], [4, 1, 2]] {
        let world = World::new();
        let ceremonies = world.ceremonies();
        let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &order)
            .await
            .expect("signed");
        to_the_end(&ceremonies, &id).await.expect("published");
        files.push(world.published("2.root.json").expect("there"));
    }
    assert!(files.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn changes_that_no_rule_allows_are_refused_and_nothing_begins() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let cases = [
        (wish(&[], &[], &[1]), "draft-refused"),
        (wish(&[2, 3], &[], &[1]), "draft-refused"),
        (wish(&[1, 2, 3], &[], &[1]), "draft-refused"),
        (wish(&[], &[3], &[1]), "draft-refused"),
        (wish(&[5], &[4], &[1]), "key-not-found"),
        (wish(&[3], &[4], &[5]), "key-not-found"),
        (
            RotationChange {
                add: vec!["file:/data/practice/keys/officer-4.pem".into()],
                ..wish(&[3], &[], &[1])
            },
            "practice-only",
        ),
        (
            RotationChange {
                threshold: Some(9),
                ..wish(&[3], &[4], &[1])
            },
            "draft-refused",
        ),
        (
            RotationChange {
                threshold: Some(0),
                ..wish(&[3], &[4], &[1])
            },
            "draft-refused",
        ),
        (
            RotationChange {
                expires: Some("2020-01-01T00:00:00Z".into()),
                ..wish(&[3], &[4], &[1])
            },
            "draft-refused",
        ),
        (
            RotationChange {
                expires: Some("soon".into()),
                ..wish(&[3], &[4], &[1])
            },
            "bad-usage",
        ),
        (
            RotationChange {
                remove: vec!["no such id".into()],
                ..wish(&[], &[4], &[1])
            },
            "key-not-found",
        ),
        (
            RotationChange {
                add: vec!["officer-4.pem".into()],
                ..wish(&[], &[], &[1])
            },
            "bad-usage",
        ),
    ];
    for (wish, code) in cases {
        let shown = format!("{wish:?}");
        assert_eq!(ceremonies.begin("demo", wish).await.unwrap_err().code, code, "{shown}");
    }
    assert!(ceremonies.all().expect("a list").is_empty());
    assert_eq!(
        ceremonies
            .begin("other", wish(&[3], &[4], &[1]))
            .await
            .unwrap_err()
            .code,
        "repository-not-found"
    );
}

#[tokio::test]
async fn steps_out_of_order_are_refused_and_leave_the_journal_as_it_was() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = ceremonies
        .begin("demo", wish(&[3], &[4], &[1, 2]))
        .await
        .expect("begun");
    assert_eq!(
        ceremonies.sign(&id, &physical(1)).map(drop).unwrap_err().code,
        "not-ready"
    );
    ceremonies.freeze(&id).await.expect("frozen");
    let before = ceremonies.one(&id).expect("a ceremony").head;
    assert_eq!(ceremonies.freeze(&id).await.map(drop).unwrap_err().code, "not-ready");
    assert_eq!(
        ceremonies.sign(&id, &physical(9)).map(drop).unwrap_err().code,
        "key-not-found"
    );
    assert_eq!(ceremonies.one(&id).expect("a ceremony").head, before);
    ceremonies.sign(&id, &physical(1)).expect("signed");
    assert_eq!(
        ceremonies.sign(&id, &physical(1)).map(drop).unwrap_err().code,
        "already-signed"
    );
    ceremonies.sign(&id, &physical(2)).expect("signed");
    assert_eq!(
        ceremonies.publish(&id).await.map(drop).unwrap_err().code,
        "not-ready",
        "unrehearsed"
    );
    ceremonies.rehearse(&id).await.expect("rehearsed");
    ceremonies.sign(&id, &physical(4)).expect("signed");
    assert_eq!(
        ceremonies.publish(&id).await.map(drop).unwrap_err().code,
        "not-ready",
        "another file than rehearsed"
    );
    ceremonies.abandon(&id, "enough").await.expect("abandoned");
    assert_eq!(
        ceremonies.abandon(&id, "again").await.map(drop).unwrap_err().code,
        "ceremony-ended"
    );
    assert!(world.published("2.root.json").is_none());
}

#[tokio::test]
async fn one_repository_has_one_open_ceremony_and_the_same_wish_finds_it() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = ceremonies.begin("demo", wish(&[3], &[4], &[1])).await.expect("begun");
    assert_eq!(
        ceremonies
            .begin("demo", wish(&[3], &[4], &[1, 2]))
            .await
            .expect("the same"),
        id
    );
    assert_eq!(
        ceremonies.begin("demo", wish(&[2], &[4], &[1])).await.unwrap_err().code,
        "ceremony-open"
    );
    ceremonies.abandon(&id, "wrong key").await.expect("abandoned");
    assert_eq!(
        ceremonies.begin("demo", wish(&[2], &[4], &[1])).await.expect("begun"),
        "2026-002"
    );
}

#[tokio::test]
async fn a_key_that_is_being_asked_is_not_asked_for_another_root_as_well() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let first = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[])
        .await
        .expect("frozen");
    let (elsewhere, id) = (ceremonies.clone(), first.clone());
    let other = async move {
        elsewhere.abandon(&id, "wrong key").await?;
        signed(&elsewhere, wish(&[3], &[5], &[1, 2]), &[1]).await
    };
    let (told, heard) = std::sync::mpsc::channel();
    *world.prompt.meanwhile.lock().expect("a lock") = Some(Box::new(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let worked = std::thread::spawn(move || runtime.block_on(other));
        told.send(worked.join().expect("no panic")).expect("heard");
    }));
    let late = ceremonies.sign(&first, &physical(1)).map(drop).unwrap_err();
    assert_eq!(late.code, "ceremony-ended");
    let record = ceremonies.one(&first).expect("a ceremony");
    assert!(
        matches!(record.events.last().map(|event| &event.fact), Some(Fact::Signed(_))),
        "what was signed meanwhile exists, and is loose"
    );
    let refused = heard.recv().expect("told").unwrap_err();
    assert_eq!(refused.code, "not-ready", "{refused}");
    assert_eq!(world.prompt.shown.lock().expect("a lock").len(), 1, "asked once");
}

#[tokio::test]
async fn a_file_that_holds_another_key_is_refused_and_a_closed_prompt_goes_on_record() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = ceremonies
        .begin("demo", wish(&[3], &[4], &[1, 2]))
        .await
        .expect("begun");
    ceremonies.freeze(&id).await.expect("frozen");
    let path = Path::new(file(1).trim_start_matches("file:")).to_path_buf();
    world.keys.swapped.lock().expect("a lock").insert(path, 7);
    assert_eq!(
        ceremonies.sign(&id, &physical(1)).map(drop).unwrap_err().code,
        "expected-other-key"
    );
    *world.prompt.closed.lock().expect("a lock") = true;
    assert_eq!(
        ceremonies.sign(&id, &physical(2)).map(drop).unwrap_err().code,
        "prompt-closed"
    );
    let record = ceremonies.one(&id).expect("a ceremony");
    let failures = record
        .events
        .iter()
        .filter(|event| matches!(event.fact, Fact::SigningFailed(_)));
    assert_eq!(failures.count(), 2);
    *world.prompt.closed.lock().expect("a lock") = false;
    ceremonies.sign(&id, &physical(2)).expect("signed");
}

#[tokio::test]
async fn one_unreadable_journal_hides_no_other_ceremony() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
        .await
        .expect("signed");
    // Not a file: nothing of it can be read.
    let unreadable = Path::new("/data/ceremonies/2025-001/journal.jsonl");
    world.disk.create_folder(unreadable).expect("made");
    let all = ceremonies.all().expect("a list");
    let told: Vec<_> = all
        .iter()
        .map(|record| (record.id.as_str(), record.sound().is_ok()))
        .collect();
    assert_eq!(told, [(id.as_str(), true), ("2025-001", false)]);
}
