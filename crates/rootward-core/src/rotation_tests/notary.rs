//! Rotations on a Notary server: certificates, waves, what only the server signs, and keys of older roots.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Snapshot};
use rootward_tuf::role::RoleName;

use super::{state, to_the_end};
use crate::border::{CeremonyState, CeremonyView, DocumentState, RotationChange};
use crate::ceremony::{Ceremonies, Fact, Stage};
use crate::ports::Failure;
use crate::rotation_support::notary::{GUN, Made, Server};
use crate::rotation_support::{NOW, World, at, file, physical, public, wish};

fn of(role: &str, wish: RotationChange) -> RotationChange {
    RotationChange {
        role: role.into(),
        ..wish
    }
}

fn by_server(role: &str, sign: &[u8]) -> RotationChange {
    RotationChange {
        server: true,
        ..of(role, wish(&[], &[], sign))
    }
}

/// Begins, freezes, and has each of `signers` sign in turn.
async fn signed(ceremonies: &Ceremonies, wish: RotationChange, signers: &[u8]) -> Result<String, Failure> {
    let id = ceremonies.begin("demo", wish).await?;
    ceremonies.freeze(&id).await?;
    for &number in signers {
        ceremonies.sign(&id, &physical(number))?;
    }
    Ok(id)
}

fn roles(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn every_role_is_rotated_in_one_publish_and_old_clients_follow() {
    let (root, targets, snapshot, timestamp) = (
        RoleName::root(),
        RoleName::targets(),
        RoleName::snapshot(),
        RoleName::timestamp(),
    );
    // Who holds the snapshot key, what is asked for, who signs in turn, and what is uploaded.
    type Case = (Option<u8>, RotationChange, &'static [u8], &'static [&'static str]);
    let cases: Vec<Case> = vec![
        (None, wish(&[101], &[102], &[101]), &[101, 102], &["root"]),
        (
            Some(108),
            wish(&[101], &[102], &[101, 108]),
            &[101, 102, 108],
            &["snapshot", "root"],
        ),
        (
            None,
            of("targets", wish(&[103], &[104], &[101])),
            &[101, 104],
            &["targets", "root"],
        ),
        (
            None,
            of("targets", wish(&[103], &[4], &[101])),
            &[101, 4],
            &["targets", "root"],
        ),
        (
            Some(108),
            of("targets", wish(&[103], &[104], &[101, 108])),
            &[104, 101, 108],
            &["targets", "snapshot", "root"],
        ),
        (
            None,
            of("snapshot", wish(&[], &[109], &[101])),
            &[101, 109],
            &["snapshot", "root"],
        ),
        (
            Some(108),
            of("snapshot", wish(&[108], &[109], &[101])),
            &[101, 109],
            &["snapshot", "root"],
        ),
        (Some(108), by_server("snapshot", &[101]), &[101], &["root"]),
        (None, by_server("snapshot", &[101]), &[101], &["root"]),
        (None, by_server("timestamp", &[101]), &[101], &["root"]),
        (
            Some(108),
            by_server("timestamp", &[101, 108]),
            &[101, 108],
            &["snapshot", "root"],
        ),
    ];
    for (holder, wish, signers, uploaded) in cases {
        let told = format!("{holder:?} {wish:?}");
        let world = World::on_notary(Server::usual(holder));
        let before: Vec<u64> = [&root, &targets, &snapshot, &timestamp]
            .map(|role| world.notary().version(role))
            .to_vec();
        let ceremonies = world.ceremonies();
        let id = signed(&ceremonies, wish.clone(), signers)
            .await
            .unwrap_or_else(|failure| panic!("{told}: {failure}"));
        assert_eq!(state(&ceremonies, &id), CeremonyState::Ready, "{told}");
        let record = to_the_end(&ceremonies, &id)
            .await
            .unwrap_or_else(|failure| panic!("{told}: {failure}"));
        assert_eq!(CeremonyState::of(&record), CeremonyState::Published, "{told}");
        assert_eq!(world.notary().publications(), [roles(uploaded)], "{told}");
        let after: Vec<u64> = [&root, &targets, &snapshot, &timestamp]
            .map(|role| world.notary().version(role))
            .to_vec();
        let reissued = u64::from(wish.role == "targets");
        let expected = [before[0] + 1, before[1] + reissued, before[2] + 1, before[3] + 1];
        assert_eq!(after, expected, "{told}");
        assert!(world.notary().is_followed_from(1, at(NOW)), "{told}");
        // The journal alone says the same again.
        let again = world.ceremonies().one(&id).expect("a ceremony");
        assert_eq!(
            (again.head, CeremonyState::of(&again)),
            (record.head, CeremonyState::Published)
        );
    }
}

#[tokio::test]
async fn a_key_that_joins_root_signs_its_certificate_first_and_root_lists_it_for_good() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    let id = ceremonies
        .begin("demo", wish(&[101], &[102], &[101]))
        .await
        .expect("begun");
    let before = CeremonyView::of(&ceremonies.insight(&id).expect("an insight"));
    assert!(before.review.digest.is_empty(), "the bytes are not known yet");
    assert!(
        before
            .review
            .sentences
            .iter()
            .any(|said| said.text().contains("certificate"))
    );
    ceremonies.freeze(&id).await.expect("frozen");
    let record = ceremonies.one(&id).expect("a ceremony");
    let kinds: Vec<bool> = record
        .events
        .iter()
        .map(|event| matches!(event.fact, Fact::Certified(_)))
        .collect();
    assert_eq!(kinds, [false, false, true, false], "intent, certificate, bytes");
    let ceremony = record.sound().expect("sound");
    let root = ceremony
        .stage
        .collected()
        .and_then(|collected| collected.root().cloned())
        .expect("frozen");
    let listed = &root.body().root.keyids;
    let key = root.body().keys.get(&listed[0]).expect("listed");
    let certificate = key.certificate().expect("a certificate");
    assert_eq!((listed.len(), certificate.common_name()), (1, Some(GUN)));
    assert_eq!(key.physical(), Some(physical(102)));
    assert_eq!(certificate.not_before(), at(NOW));
    assert_eq!(certificate.not_after(), at(NOW).plus_seconds(3650 * 86_400));
    assert_eq!(root.body().keys.len(), 5, "the old certificate stays listed");
    let view = CeremonyView::of(&ceremonies.insight(&id).expect("an insight"));
    let row = view
        .signers
        .iter()
        .find(|row| row.physical_key == physical(102).to_string())
        .expect("a row");
    let canonical = rootward_tuf::Key::new_notary_bare(&public(102));
    assert_eq!(row.canonical_keyid.as_deref(), Some(canonical.keyid().as_str()));
    assert_eq!(row.keyid, key.keyid().as_str());
    // The next rotation names the key by its canonical id, as the command line shows it.
    ceremonies.sign(&id, &physical(101)).expect("signed");
    ceremonies.sign(&id, &physical(102)).expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    let next = RotationChange {
        remove: vec![canonical.keyid().as_str().to_owned()],
        ..wish(&[], &[104], &[102])
    };
    let id = signed(&ceremonies, next, &[102, 104]).await.expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    assert!(world.notary().is_followed_from(1, at(NOW)), "two versions behind");
    assert!(world.notary().is_followed_from(2, at(NOW)), "one version behind");
}

#[tokio::test]
async fn the_snapshot_is_signed_when_root_is_complete_and_closes_it() {
    let world = World::on_notary(Server::new(&Made {
        root: &[101, 102, 105],
        threshold: 2,
        targets: 103,
        snapshot: Some(108),
    }));
    let ceremonies = world.ceremonies();
    let wish = of("targets", wish(&[103], &[104], &[101, 102, 105, 108]));
    let id = signed(&ceremonies, wish, &[101]).await.expect("signed");
    let view = || CeremonyView::of(&ceremonies.insight(&id).expect("an insight"));
    let states = || {
        view()
            .documents
            .iter()
            .map(|document| document.state)
            .collect::<Vec<_>>()
    };
    use DocumentState::{Collecting, Complete, Waiting};
    assert_eq!(states(), [Collecting, Collecting, Waiting]);
    let early = ceremonies.sign(&id, &physical(108)).map(drop).unwrap_err();
    assert_eq!(early.code, "not-ready", "root and targets are not complete");
    ceremonies.sign(&id, &physical(104)).expect("signed");
    assert_eq!(states(), [Collecting, Complete, Waiting]);
    ceremonies.sign(&id, &physical(102)).expect("signed");
    assert_eq!(states(), [Complete, Complete, Waiting]);
    assert_eq!(state(&ceremonies, &id), CeremonyState::Collecting);
    let refused = ceremonies.rehearse(&id).await.map(drop).unwrap_err();
    assert_eq!(refused.code, "threshold-not-met");
    ceremonies.sign(&id, &physical(108)).expect("signed");
    assert_eq!(states(), [Complete, Complete, Complete]);
    let late = ceremonies.sign(&id, &physical(105)).map(drop).unwrap_err();
    assert_eq!(late.code, "not-ready");
    assert!(late.message.contains("takes no more signatures"), "{late}");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    let Stage::Published(assembled, ..) = &record.sound().expect("sound").stage else {
        panic!("not published")
    };
    let snapshot = world.notary().file(&RoleName::snapshot());
    let snapshot = metadata::read::<Snapshot>(&snapshot, Dialect::Notary).expect("a snapshot");
    for role in [RoleName::root(), RoleName::targets()] {
        let document = assembled.document(&role).expect("published");
        assert_eq!(snapshot.body().meta.get(&role), Some(document.meta_entry()), "{role}");
    }
}

#[tokio::test]
async fn two_of_three_sign_a_root_and_one_alone_publishes_nothing() {
    let made = Made {
        root: &[101, 102, 105],
        threshold: 2,
        targets: 103,
        snapshot: None,
    };
    for (signers, enough) in [
        (&[101][..], false),
        (&[106, 101], false),
        (&[101, 102], true),
        (&[101, 102, 106], true),
        (&[106, 102, 101], true),
    ] {
        let world = World::on_notary(Server::new(&made));
        let ceremonies = world.ceremonies();
        let wish = wish(&[105], &[106], &[101, 102]);
        let id = signed(&ceremonies, wish, signers).await.expect("signed");
        let ended = to_the_end(&ceremonies, &id).await.map(drop);
        match enough {
            true => ended.unwrap_or_else(|failure| panic!("{signers:?}: {failure}")),
            false => assert_eq!(ended.unwrap_err().code, "threshold-not-met", "{signers:?}"),
        }
        let published = usize::from(enough);
        assert_eq!(
            world.notary().publications().len(),
            published,
            "we refuse before the server has to"
        );
        assert_eq!(world.notary().root().version(), 1 + published as u64);
    }
}

#[tokio::test]
async fn thresholds_of_notary_roles_go_up_and_down() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    let up = RotationChange {
        threshold: Some(2),
        ..wish(&[], &[102, 105], &[101])
    };
    let id = signed(&ceremonies, up, &[101, 102]).await.expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    let targets = RotationChange {
        threshold: Some(2),
        ..of("targets", wish(&[], &[104], &[103, 101, 102]))
    };
    let id = signed(&ceremonies, targets, &[101, 102, 103]).await.expect("signed");
    assert_eq!(state(&ceremonies, &id), CeremonyState::Collecting, "targets needs two");
    ceremonies.sign(&id, &physical(104)).expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    assert!(world.notary().is_followed_from(1, at(NOW)));
}

#[tokio::test]
async fn keys_of_older_roots_sign_besides_when_asked() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    for (leaves, joins) in [(101, 102), (102, 104)] {
        let id = signed(&ceremonies, wish(&[leaves], &[joins], &[leaves]), &[leaves, joins])
            .await
            .expect("signed");
        to_the_end(&ceremonies, &id).await.expect("published");
    }
    let legacy = |count| RotationChange {
        legacy: count,
        ..wish(&[104], &[105], &[104, 102])
    };
    for (count, keys) in [(1, 1), (2, 2), (9, 2)] {
        let preview = ceremonies.preview("demo", legacy(count)).await.expect("a plan");
        let told = preview
            .consequences
            .iter()
            .find(|said| said.text().contains("older keys"))
            .expect("told");
        assert!(told.text().contains(&format!("of {keys} key")), "{}", told.text());
    }
    let id = signed(&ceremonies, legacy(2), &[104, 105, 102]).await.expect("signed");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    let Stage::Published(assembled, ..) = &record.sound().expect("sound").stage else {
        panic!("not published")
    };
    let root = assembled.root().expect("a root").verified();
    assert_eq!(root.signatures().len(), 3, "old, new, and one older");
    assert_eq!(root.body().root.keyids.len(), 1, "older keys count for nothing");
}

#[tokio::test]
async fn what_no_notary_repository_can_have_is_refused_and_nothing_begins() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    let cases = [
        (by_server("root", &[101]), "draft-refused"),
        (by_server("targets", &[101]), "draft-refused"),
        (of("timestamp", wish(&[], &[104], &[101])), "draft-refused"),
        (
            RotationChange {
                add: vec![file(104)],
                ..by_server("snapshot", &[101])
            },
            "draft-refused",
        ),
        (of("snapshot", wish(&[103], &[104], &[101])), "key-not-found"),
        (of("releases", wish(&[], &[104], &[101])), "bad-usage"),
        (of("targets", wish(&[103], &[], &[101])), "draft-refused"),
        (wish(&[103], &[104], &[101]), "key-not-found"),
        (wish(&[101], &[102], &[107]), "key-not-found"),
    ];
    for (wish, code) in cases {
        let told = format!("{wish:?}");
        assert_eq!(ceremonies.begin("demo", wish).await.unwrap_err().code, code, "{told}");
    }
    assert!(ceremonies.all().expect("a list").is_empty());
}

#[tokio::test]
async fn a_snapshot_key_that_is_neither_the_servers_nor_here_stops_the_plan() {
    let world = World::on_notary(Server::usual(Some(108)));
    let ceremonies = world.ceremonies();
    let refused = ceremonies
        .begin("demo", wish(&[101], &[102], &[101]))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "draft-refused", "{refused}");
    assert!(refused.message.contains("snapshot"), "{refused}");
    let to_server = signed(&ceremonies, by_server("snapshot", &[101]), &[101])
        .await
        .expect("signed");
    to_the_end(&ceremonies, &to_server).await.expect("published");
    ceremonies
        .begin("demo", wish(&[101], &[102], &[101]))
        .await
        .expect("the server signs it now");
}

#[tokio::test]
async fn a_key_that_cannot_certify_holds_the_ceremony_and_not_the_repository() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    // Officer 4's key is Ed25519: no certificate of Notary's holds it.
    let id = ceremonies
        .begin("demo", wish(&[101], &[4], &[101]))
        .await
        .expect("begun");
    let refused = ceremonies.freeze(&id).await.map(drop).unwrap_err();
    assert_eq!(refused.code, "key-cannot-sign");
    assert_eq!(state(&ceremonies, &id), CeremonyState::Drafting);
    let record = ceremonies.one(&id).expect("a ceremony");
    assert!(matches!(
        record.events.last().map(|event| &event.fact),
        Some(Fact::CertifyingFailed(_))
    ));
    ceremonies
        .abandon(&id, "a key of the wrong kind")
        .await
        .expect("abandoned");
    assert_eq!(world.notary().publications().len(), 0);
}

#[tokio::test]
async fn another_root_on_the_server_supersedes_and_its_difference_is_told() {
    for stage in 0..3 {
        let world = World::on_notary(Server::usual(None));
        let ceremonies = world.ceremonies();
        let id = signed(&ceremonies, wish(&[101], &[102], &[101]), &[101, 102])
            .await
            .expect("signed");
        if stage >= 1 {
            ceremonies.rehearse(&id).await.expect("rehearsed");
        }
        if stage >= 2 {
            world.notary().loses_an_answer(false);
            assert_eq!(
                ceremonies.publish(&id).await.map(drop).unwrap_err().code,
                "publish-failed"
            );
        }
        world.notary().publish_other_root(&[101]);
        let refused = match stage {
            0 => ceremonies.rehearse(&id).await,
            _ => ceremonies.publish(&id).await,
        };
        assert_eq!(refused.map(drop).unwrap_err().code, "superseded", "stage {stage}");
        let record = ceremonies.one(&id).expect("a ceremony");
        let Stage::Superseded(_, by) = &record.sound().expect("sound").stage else {
            panic!("stage {stage}")
        };
        assert!(by.version == Some(2) && !by.differences.is_empty(), "stage {stage}");
        assert_eq!(world.notary().publications().len(), 1, "ours never was");
    }
}

#[tokio::test]
async fn a_server_that_took_it_and_did_not_say_so_is_looked_at_again() {
    for taken in [false, true] {
        let world = World::on_notary(Server::usual(None));
        let ceremonies = world.ceremonies();
        let id = signed(&ceremonies, wish(&[101], &[102], &[101]), &[101, 102])
            .await
            .expect("signed");
        ceremonies.rehearse(&id).await.expect("rehearsed");
        world.notary().loses_an_answer(taken);
        assert!(ceremonies.publish(&id).await.is_err());
        let record = ceremonies
            .publish(&id)
            .await
            .unwrap_or_else(|failure| panic!("{taken}: {failure}"));
        assert_eq!(CeremonyState::of(&record), CeremonyState::Published);
        assert_eq!(world.notary().publications().len(), 1, "{taken}");
    }
}
