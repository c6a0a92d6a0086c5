//! Root rotation as promises: thresholds, one key one document, a journal that is believed only as far as it holds, and a
//! power cord pulled at every step.

mod notary;

use std::path::Path;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::role::RoleName;

use crate::adapters::Loss;
use crate::border::{Action, CeremonyState, CeremonyView, RotationChange, TrustEvidence};
use crate::ceremony::{Ceremonies, Fact, Record, Stage};
use crate::ports::{Disk, Failure, Vault};
use crate::rotation_support::{NOW, REPOSITORY, World, file, physical, wish};

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
async fn a_transcript_holds_every_event_and_no_script_whatever_the_reason_says() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let reason = "</p><script>alert(1)</script>\u{202e}".to_owned();
    let wish = RotationChange {
        reason,
        ..wish(&[3], &[4], &[1, 2])
    };
    let id = signed(&ceremonies, wish, &[1, 2]).await.expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    let path = Path::new("/data/transcript.html");
    ceremonies.save_transcript(&id, path).expect("written");
    let page = String::from_utf8(world.disk.read(path, 1 << 20).expect("there")).expect("text");
    let record = ceremonies.one(&id).expect("a ceremony");
    for event in &record.events {
        assert!(page.contains(&event.hash.to_string()), "event {}", event.number);
    }
    assert!(page.contains(&record.head.groups()));
    assert!(
        !page.contains("<script") && !page.contains('\u{202e}') && !page.contains("http://"),
        "{page}"
    );
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
            "key-cannot-sign",
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
async fn a_key_that_signed_never_signs_another_root_of_that_version() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let first = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1])
        .await
        .expect("signed");
    ceremonies.abandon(&first, "wrong key").await.expect("abandoned");
    let second = ceremonies
        .begin("demo", wish(&[3], &[5], &[1, 2]))
        .await
        .expect("begun");
    ceremonies.freeze(&second).await.expect("frozen");
    let refused = ceremonies.sign(&second, &physical(1)).map(drop).unwrap_err();
    assert_eq!(refused.code, "already-signed");
    assert!(refused.message.contains(&first), "{}", refused.message);
    let view = CeremonyView::of(&ceremonies.insight(&second).expect("an insight"));
    assert!(
        view.signers
            .iter()
            .any(|row| !row.can_sign && row.state.contains(&first))
    );
    ceremonies.sign(&second, &physical(2)).expect("another key signs");
    ceremonies.sign(&second, &physical(5)).expect("another key signs");
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
async fn somebody_elses_root_supersedes_at_every_stage() {
    for stage in 0..4 {
        let world = World::new();
        let ceremonies = world.ceremonies();
        let id = ceremonies
            .begin("demo", wish(&[3], &[4], &[1, 2]))
            .await
            .expect("begun");
        if stage >= 1 {
            ceremonies.freeze(&id).await.expect("frozen");
            ceremonies.sign(&id, &physical(1)).expect("signed");
            ceremonies.sign(&id, &physical(2)).expect("signed");
        }
        if stage >= 2 {
            ceremonies.rehearse(&id).await.expect("rehearsed");
        }
        let other = world.publish_other_root();
        let refused = match stage {
            0 => {
                // The desk learns of it by walking, as a refresh would.
                let known = crate::ports::Proven {
                    roots: vec![(2, other.file_bytes().to_vec())],
                    ..crate::ports::Proven::default()
                };
                world.vault.keep("demo", &known).expect("kept");
                ceremonies.freeze(&id).await
            }
            1 => ceremonies.rehearse(&id).await,
            _ => ceremonies.publish(&id).await,
        };
        assert_eq!(refused.map(drop).unwrap_err().code, "superseded", "stage {stage}");
        let record = ceremonies.one(&id).expect("a ceremony");
        let Stage::Superseded(_, by) = &record.sound().expect("sound").stage else {
            panic!("stage {stage}")
        };
        assert_eq!(by.version, Some(2));
        assert!(!by.differences.is_empty());
        assert_eq!(
            world.published("2.root.json").expect("there"),
            other.file_bytes(),
            "never overwritten"
        );
    }
}

#[tokio::test]
async fn an_expired_timestamp_is_assumed_and_listed() {
    let world = World::new();
    let ceremonies = world.ceremonies_at("2026-12-02T00:00:00Z");
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
        .await
        .expect("signed");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    let Stage::Published(_, rehearsed, seen) = &record.sound().expect("sound").stage else {
        panic!("not published")
    };
    assert!(
        rehearsed
            .assumptions
            .iter()
            .any(|said| said.contains("timestamp expired")),
        "{:?}",
        rehearsed.assumptions
    );
    assert!(!seen.accepted && seen.findings.iter().any(|finding| finding.code == "expired"));
}

#[tokio::test]
async fn an_expired_root_is_rotated_back_to_life() {
    let world = World::new();
    let ceremonies = world.ceremonies_at("2027-02-01T00:00:00Z");
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
        .await
        .expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
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

#[tokio::test]
async fn altered_documents_and_events_break_a_ceremony_for_good() {
    for name in ["root.frozen.json", "root.builds-on.json", "journal.jsonl"] {
        let world = World::new();
        let ceremonies = world.ceremonies();
        let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
            .await
            .expect("signed");
        let path = Path::new("/data/ceremonies").join(&id).join(name);
        let mut bytes = world.disk.read(&path, 1 << 20).expect("there");
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        world.disk.write(&path, &bytes, true).expect("written");
        assert_eq!(state(&ceremonies, &id), CeremonyState::Broken, "{name}");
        for refused in [
            ceremonies.sign(&id, &physical(4)).map(drop),
            ceremonies.rehearse(&id).await.map(drop),
            ceremonies.publish(&id).await.map(drop),
            ceremonies.abandon(&id, "broken").await.map(drop),
        ] {
            assert_eq!(refused.unwrap_err().code, "journal-broken", "{name}");
        }
        let view = CeremonyView::of(&ceremonies.insight(&id).expect("it still opens"));
        assert!(view.allowed.is_empty() && !view.blockers.is_empty());
    }
}

#[tokio::test]
async fn half_a_line_is_cut_off_and_that_goes_on_record() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1])
        .await
        .expect("signed");
    let path = Path::new("/data/ceremonies").join(&id).join("journal.jsonl");
    world.disk.append(&path, b"{\"number\":5,\"at\"").expect("appended");
    let record = ceremonies.one(&id).expect("a ceremony");
    assert!(matches!(record.events.last().map(|event| &event.fact), Some(Fact::LineCut(cut)) if cut.bytes == 16));
    assert_eq!(state(&ceremonies, &id), CeremonyState::Collecting);
    ceremonies.sign(&id, &physical(2)).expect("it goes on");
}

/// Rotates to the end, or as far as the disk lets it.
async fn rotation(ceremonies: &Ceremonies) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", wish(&[3], &[4], &[1, 2])).await?;
    ceremonies.freeze(&id).await?;
    ceremonies.sign(&id, &physical(1))?;
    ceremonies.sign(&id, &physical(4))?;
    ceremonies.sign(&id, &physical(2))?;
    to_the_end(ceremonies, &id).await
}

/// Takes up whatever a crash left and brings it to its end.
async fn finish(ceremonies: &Ceremonies) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", wish(&[3], &[4], &[1, 2])).await?;
    let mut record = ceremonies.resume(&id).await?;
    for _ in 0..8 {
        record = match &record.sound()?.stage {
            Stage::Drafting => ceremonies.freeze(&id).await?,
            Stage::Collecting(collected) => {
                let missing = [1, 4, 2]
                    .into_iter()
                    .find(|&number| collected.signatures().all(|given| given.physical != physical(number)));
                ceremonies.sign(&id, &physical(missing.expect("somebody has not signed")))?
            }
            Stage::Ready(_) => ceremonies.rehearse(&id).await?,
            Stage::Rehearsed(..) | Stage::Publishing(..) => ceremonies.publish(&id).await?,
            Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => break,
        };
    }
    Ok(record)
}

#[tokio::test]
async fn a_crash_at_any_step_is_resumed_and_nothing_half_published_is_called_published() {
    let steps = {
        let world = World::new().with_unversioned_root();
        let before = world.disk.steps_taken();
        rotation(&world.ceremonies()).await.expect("published");
        world.disk.steps_taken() - before
    };
    for loss in Loss::ALL {
        for step in 1..=steps {
            let world = World::new().with_unversioned_root();
            world.disk.crash_at(step);
            let went = rotation(&world.ceremonies()).await;
            assert!(went.is_err(), "step {step} of {steps} was taken without the disk");
            assert_eq!(
                went.map(drop).unwrap_err().kind,
                crate::ports::FailureKind::Fault,
                "step {step}"
            );
            world.disk.restart(loss);
            let ceremonies = world.ceremonies();
            // Called published only if it is there, whole.
            for record in ceremonies.all().expect("a list") {
                let ceremony = record
                    .sound()
                    .unwrap_or_else(|failure| panic!("step {step} {loss:?}: {failure}"));
                if let Stage::Published(assembled, ..) = &ceremony.stage {
                    for name in ["2.root.json", "root.json"] {
                        let there = world.published(name);
                        let file = assembled.root().expect("a root").file_bytes();
                        assert_eq!(there.as_deref(), Some(file), "{name}, step {step} {loss:?}");
                    }
                }
            }
            if let Some(file) = world.published("2.root.json") {
                metadata::read::<Root>(&file, Dialect::Tuf1)
                    .unwrap_or_else(|error| panic!("step {step} {loss:?}: {error}"));
            }
            assert_eq!(world.trusted().version(), 1, "the anchor stays");
            let already = ceremonies
                .all()
                .expect("a list")
                .into_iter()
                .any(|record| CeremonyState::of(&record) == CeremonyState::Published);
            if !already {
                let record = finish(&ceremonies)
                    .await
                    .unwrap_or_else(|failure| panic!("step {step} {loss:?}: {failure}"));
                assert_eq!(
                    CeremonyState::of(&record),
                    CeremonyState::Published,
                    "step {step} {loss:?}"
                );
            }
            assert_eq!(
                world.published("root.json"),
                world.published("2.root.json"),
                "half published, step {step} {loss:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_crash_at_any_step_can_be_abandoned_unless_it_was_published() {
    for step in 1..200 {
        let world = World::new().with_unversioned_root();
        world.disk.crash_at(step);
        if rotation(&world.ceremonies()).await.is_ok() {
            return;
        }
        world.disk.restart(Loss::Nothing);
        let ceremonies = world.ceremonies();
        for record in ceremonies.all().expect("a list").into_iter().filter(Record::is_open) {
            let there = world.published("2.root.json").is_some();
            match ceremonies.abandon(&record.id, "power cord").await {
                Ok(_) => assert!(!there, "step {step}: abandoned although it is published"),
                Err(failure) => {
                    assert_eq!(
                        (failure.code.as_str(), there),
                        ("ceremony-ended", true),
                        "step {step}: {failure}"
                    );
                    assert_eq!(state(&ceremonies, &record.id), CeremonyState::Published);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_source_that_refuses_to_be_written_leaves_it_publishing_and_repeatable() {
    let world = World::new().with_unversioned_root();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
        .await
        .expect("signed");
    ceremonies.rehearse(&id).await.expect("rehearsed");
    // A folder stands where the file should go.
    world
        .disk
        .create_folder(&Path::new(REPOSITORY).join("2.root.json"))
        .expect("a folder");
    assert!(ceremonies.publish(&id).await.is_err());
    assert_ne!(state(&ceremonies, &id), CeremonyState::Published);
}

#[tokio::test]
async fn trust_that_has_begun_is_not_begun_again_from_another_root() {
    let (world, stranger) = (World::new(), World::with_root(&[5, 6], 2));
    let desk = crate::Rootward::open(world.ports(NOW)).expect("a desk");
    let confirm = |root: &World| {
        let root = root.published("1.root.json").expect("there");
        world
            .disk
            .write(Path::new("/usb/root.json"), &root, false)
            .expect("written");
        let how = TrustEvidence::RootFile {
            path: "/usb/root.json".into(),
        };
        desk.confirm_trust("demo", how)
    };
    world.disk.create_folder(Path::new("/usb")).expect("a folder");
    let before = world.vault.anchor("demo").expect("a vault");
    assert_eq!(confirm(&stranger).await.unwrap_err().code, "root-refused");
    assert_eq!(world.vault.anchor("demo").expect("a vault"), before);
    confirm(&world).await.expect("the same root, from safer hands");
}

#[tokio::test]
async fn a_ceremony_lowers_no_floor_of_the_walk() {
    let world = World::new();
    let floor = crate::ports::Proven {
        documents: vec![(RoleName::timestamp(), b"a timestamp newer than the one served".to_vec())],
        ..crate::ports::Proven::default()
    };
    world.vault.keep("demo", &floor).expect("kept");
    rotation(&world.ceremonies()).await.expect("published");
    let proven = world.vault.proven("demo").expect("a vault");
    assert_eq!(proven.documents, floor.documents);
    assert!(
        proven.roots.iter().any(|(version, _)| *version == 2),
        "the new root is trusted"
    );
}

#[tokio::test]
async fn a_page_has_transcripts_written_and_no_other_kind_of_file() {
    let world = World::new();
    let desk = crate::Rootward::open(world.ports(NOW)).expect("a desk");
    let ceremony = desk.desk.ceremonies.begin("demo", wish(&[3], &[4], &[1, 2])).await;
    let ceremony = ceremony.expect("begun");
    world.disk.create_folder(Path::new("/home")).expect("a folder");
    for (name, is_written) in [(".profile", false), ("html", false), ("t.html", true)] {
        let path = format!("/home/{name}");
        let ceremony = ceremony.clone();
        let saved = desk
            .act(Action::SaveTranscript {
                ceremony,
                path: path.clone(),
            })
            .await;
        assert_eq!(saved.is_ok(), is_written, "{name}");
        assert_eq!(world.disk.read(Path::new(&path), 1 << 20).is_ok(), is_written, "{name}");
    }
}
