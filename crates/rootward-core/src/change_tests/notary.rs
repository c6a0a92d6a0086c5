//! Changes on a Notary server: delegations by its rules, one publication whatever changes, and recovery after thefts.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Targets};
use rootward_tuf::role::RoleName;

use super::{delegate, keys, made, refused, vouch, wish};
use crate::border::{ChangeWish, Sentence, WishedEdit};
use crate::ceremony::{Ceremonies, Record, Stage};
use crate::rotation_support::notary::{Made, Server};
use crate::rotation_support::{NOW, World, at, file, physical, public};

fn role(name: &str) -> RoleName {
    RoleName::new(name).expect("a role")
}

fn targets(world: &World, name: &str) -> Targets {
    let file = world.notary().file(&role(name));
    metadata::read::<Targets>(&file, Dialect::Notary)
        .expect("targets")
        .body()
        .clone()
}

async fn published(ceremonies: &Ceremonies, wish: ChangeWish) -> Record {
    let record = made(ceremonies, wish)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(matches!(record.sound().expect("sound").stage, Stage::Published(..)));
    record
}

/// Root 101, targets 103, the snapshot the server's, and `targets/releases` for officer 104 with a tag.
async fn with_releases() -> World {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(vec![delegate("targets", "targets/releases", &[104], &[""])], &[103]),
    )
    .await;
    published(&ceremonies, wish(vec![vouch("targets/releases", "v2", b"two")], &[104])).await;
    world
}

#[tokio::test]
async fn a_delegation_is_added_and_its_delegate_publishes_the_first_document() {
    let world = with_releases().await;
    let uploads = world.notary().publications();
    assert_eq!(
        uploads,
        [vec!["targets".to_owned()], vec!["targets/releases".to_owned()]]
    );
    assert!(targets(&world, "targets/releases").lists("v2"));
    assert!(world.notary().is_followed_from(1, at(NOW)));
    // A delegation below it is its own to make.
    let ceremonies = world.ceremonies();
    let nested = delegate("targets/releases", "targets/releases/nightly", &[105], &["n"]);
    published(&ceremonies, wish(vec![nested], &[104])).await;
    published(
        &ceremonies,
        wish(vec![vouch("targets/releases/nightly", "n1", b"n")], &[105]),
    )
    .await;
    assert!(world.notary().is_followed_from(1, at(NOW)));
}

#[tokio::test]
async fn a_delegation_that_no_notary_server_takes_is_refused() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    for name in ["releases", "targets/Releases", "targets/a/b", "targets/", "targets/a b"] {
        let failed = made(
            &ceremonies,
            wish(vec![delegate("targets", name, &[104], &[""])], &[103]),
        )
        .await;
        assert_eq!(refused(failed).code, "draft-refused", "{name}");
    }
    let ending = WishedEdit::Delegate {
        by: "targets".into(),
        role: "targets/a".into(),
        keys: vec![file(104)],
        threshold: 1,
        paths: vec![String::new()],
        hash_prefixes: Vec::new(),
        terminating: true,
        place: None,
    };
    assert_eq!(
        refused(made(&ceremonies, wish(vec![ending], &[103])).await).code,
        "draft-refused"
    );
    assert!(world.notary().publications().is_empty());
}

#[tokio::test]
async fn a_stolen_delegation_key_is_revoked_and_the_tags_are_signed_again_in_one_publication() {
    let world = with_releases().await;
    let ceremonies = world.ceremonies();
    let swap = || keys("targets/releases", &[104], &[105], None);
    let preview = ceremonies
        .preview("demo", wish(vec![swap()], &[103]))
        .await
        .expect("a plan");
    let said: Vec<String> = preview.consequences.iter().map(Sentence::text).collect();
    assert!(
        said.iter()
            .any(|text| text.contains("targets/releases v1 counts no more")),
        "{said:#?}"
    );
    assert!(
        said.iter()
            .any(|text| text.contains("Docker pulls by targets/releases first")),
        "{said:#?}"
    );

    let again = WishedEdit::SignAgain {
        role: "targets/releases".into(),
    };
    published(&ceremonies, wish(vec![swap(), again], &[103])).await;
    let uploads = world.notary().publications();
    assert_eq!(uploads.last().expect("one"), &["targets", "targets/releases"]);
    assert!(targets(&world, "targets/releases").lists("v2"));
    let delegations = targets(&world, "targets").delegations.expect("some");
    assert!(delegations.keys.iter().all(|key| key.physical() != Some(physical(104))));
}

#[tokio::test]
async fn docker_and_the_command_line_answer_differently_and_that_is_said() {
    let world = with_releases().await;
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(vec![delegate("targets", "targets/ci", &[105], &[""])], &[103]),
    )
    .await;
    let said = |preview: crate::ceremony::Preview| preview.consequences.iter().map(Sentence::text).collect::<Vec<_>>();
    let unseen = ceremonies
        .preview("demo", wish(vec![vouch("targets/ci", "v9", b"x")], &[105]))
        .await;
    let unseen = said(unseen.expect("a plan"));
    assert!(
        unseen
            .iter()
            .any(|text| text.contains("it does not see v9 in targets/ci")),
        "{unseen:#?}"
    );
}

#[tokio::test]
async fn a_stolen_root_with_the_old_key_in_hand_is_one_publication() {
    // The thief took the snapshot key to their own side, so that nobody else can publish; targets too are theirs.
    let world = World::on_notary(Server::new(&Made {
        root: &[101],
        threshold: 1,
        targets: 150,
        snapshot: Some(151),
    }));
    let ceremonies = world.ceremonies();
    let recovery = ChangeWish {
        edits: vec![
            keys("root", &[101], &[102], None),
            keys("targets", &[150], &[104], None),
            WishedEdit::ServerKey {
                role: "snapshot".into(),
            },
            WishedEdit::ServerKey {
                role: "timestamp".into(),
            },
            WishedEdit::RemoveTarget {
                role: "targets".into(),
                path: "v1".into(),
            },
            vouch("targets", "v1", b"the good one"),
        ],
        ..wish(Vec::new(), &[101])
    };
    let removes_and_adds = made(&ceremonies, recovery.clone()).await;
    // Removing and adding the same path is adding it.
    let record = removes_and_adds.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(matches!(record.sound().expect("sound").stage, Stage::Published(..)));
    let uploads = world.notary().publications();
    assert_eq!(uploads, [vec!["targets".to_owned(), "root".to_owned()]]);
    let entry = targets(&world, "targets").targets.get("v1").expect("listed");
    assert_eq!(entry.length, 12);
    let root = world.notary().root();
    let speaks = |keyids: &[rootward_tuf::key::KeyId]| root.body().keys.physical(keyids);
    for stolen in [101, 150, 151] {
        for (role, listed) in root.body().roles() {
            assert!(!speaks(&listed.keyids).contains(&public(stolen).physical()), "{role}");
        }
    }
    assert!(world.notary().is_followed_from(1, at(NOW)), "stale clients follow");
    assert!(world.notary().is_followed_from(2, at(NOW)));
}

#[tokio::test]
async fn a_delegation_whose_document_counts_no_more_is_built_anew_behind_it_in_both_dialects() {
    let rebuild = |role: &str| WishedEdit::Rebuild { role: role.into() };
    for is_notary in [true, false] {
        let (world, name, owner, alice, bob): (World, &str, &[u8], u8, u8) = match is_notary {
            true => (with_releases().await, "targets/releases", &[103], 104, 105),
            false => (World::new(), "files", &[3, 8, 9], 4, 5),
        };
        let ceremonies = world.ceremonies();
        let with_online = |number: u8| if is_notary { vec![number] } else { vec![number, 8, 9] };
        if !is_notary {
            published(&ceremonies, wish(vec![delegate("targets", name, &[4], &["*"])], owner)).await;
            published(&ceremonies, wish(vec![vouch(name, "v2", b"two")], &with_online(4))).await;
        }
        // While it counts there is nothing to build anew.
        let early = made(&ceremonies, wish(vec![rebuild(name)], &with_online(alice))).await;
        assert_eq!(refused(early).code, "draft-refused");
        // The delegate's key is revoked, and nobody signs what the thief may have put into it.
        published(&ceremonies, wish(vec![keys(name, &[alice], &[bob], None)], owner)).await;
        let again = WishedEdit::SignAgain { role: name.into() };
        assert_eq!(
            refused(made(&ceremonies, wish(vec![again], &with_online(bob))).await).code,
            "draft-refused",
            "what counts no more is not signed again"
        );
        let anew = wish(vec![rebuild(name), vouch(name, "v3", b"three")], &with_online(bob));
        let preview = ceremonies.preview("demo", anew.clone()).await.expect("a plan");
        let said: Vec<String> = preview.consequences.iter().map(Sentence::text).collect();
        assert!(
            said.iter().any(|text| text.contains("is built anew behind v")),
            "{said:#?}"
        );
        let record = published(&ceremonies, anew).await;
        let transcript = ceremonies.transcript(&record.id).expect("a transcript");
        crate::ceremony::Checked::of(&transcript, Some(record.head))
            .map(drop)
            .expect("it holds");
        let content = match is_notary {
            true => targets(&world, name),
            false => super::targets(&world, "3.files.json"),
        };
        assert!(
            content.lists("v3") && !content.lists("v2"),
            "nothing of the thief's is left"
        );
        if is_notary {
            assert!(world.notary().is_followed_from(1, at(NOW)));
        }
    }
}
