//! What is on record, and what is believed of it: journals, transcripts, floors, and roots that others published.

use std::path::Path;

use rootward_tuf::role::RoleName;

use super::cord::rotation;
use super::{signed, state, to_the_end};
use crate::border::{Action, CeremonyState, CeremonyView, RotationChange, TrustEvidence};
use crate::ceremony::{Fact, Stage};
use crate::ports::{Disk, Vault};
use crate::rotation_support::{NOW, World, physical, wish};

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
