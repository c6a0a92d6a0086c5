//! Every change of trust as promises, in a TUF repository: what is issued, who must sign, what clients make of it, and what is
//! refused before anybody signs.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root, Snapshot, Targets};

use crate::border::{CeremonyView, ChangeWish, WishedEdit};
use crate::ceremony::{Ceremonies, Record, Stage};
use crate::ports::Failure;
use crate::rotation_support::{World, file, physical};

mod beginning;
mod begun_here;
mod bulk;
mod foreseen;
mod gone;
mod notary;
mod table;

/// A wish of some edits, signed by these officers where their keys count.
pub fn wish(edits: Vec<WishedEdit>, sign: &[u8]) -> ChangeWish {
    ChangeWish {
        edits,
        sign: sign.iter().map(|&number| file(number)).collect(),
        reason: "as agreed".into(),
        ..ChangeWish::default()
    }
}

pub fn keys(role: &str, remove: &[u8], add: &[u8], threshold: Option<u64>) -> WishedEdit {
    WishedEdit::Keys {
        role: role.into(),
        by: None,
        remove: remove.iter().map(|&number| physical(number).to_string()).collect(),
        add: add.iter().map(|&number| file(number)).collect(),
        threshold,
    }
}

pub fn delegate(by: &str, role: &str, officers: &[u8], paths: &[&str]) -> WishedEdit {
    WishedEdit::Delegate {
        by: by.into(),
        role: role.into(),
        keys: officers.iter().map(|&number| file(number)).collect(),
        threshold: 1,
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        hash_prefixes: Vec::new(),
        terminating: false,
        place: None,
    }
}

pub fn vouch(role: &str, path: &str, content: &[u8]) -> WishedEdit {
    let target = rootward_tuf::metadata::Target::of(content);
    WishedEdit::AddTarget {
        role: role.into(),
        path: path.into(),
        length: target.length,
        sha256: target.hashes.get("sha256").map(rootward_tuf::encoding::hex),
        sha512: None,
        custom: None,
    }
}

/// Has every key sign that can, until nothing waits for one.
pub fn all_sign(ceremonies: &Ceremonies, id: &str) -> Result<(), Failure> {
    loop {
        let view = CeremonyView::of(&ceremonies.insight(id)?);
        let mut rows: Vec<_> = view.signers.iter().filter(|row| row.can_sign).collect();
        let wave = |row: &crate::border::SignerRow| {
            let waiting = row.documents.iter().filter(|document| document.waits);
            waiting.map(|document| document.wave).min()
        };
        rows.sort_by_key(|row| wave(row));
        let Some(row) = rows.first() else { return Ok(()) };
        let key = rootward_tuf::key::PhysicalKey::parse(&row.physical_key).expect("a key");
        ceremonies.sign(id, &key)?;
    }
}

/// Begins a change and brings it to its end.
pub async fn made(ceremonies: &Ceremonies, wish: ChangeWish) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", wish).await?;
    ceremonies.freeze(&id).await?;
    all_sign(ceremonies, &id)?;
    ceremonies.rehearse(&id).await?;
    ceremonies.publish(&id).await
}

/// Why something was refused.
pub fn refused<T>(result: Result<T, Failure>) -> Failure {
    match result {
        Ok(_) => panic!("expected a refusal"),
        Err(failure) => failure,
    }
}

/// The same, which must be published and accepted by a client from the first root.
pub async fn published(ceremonies: &Ceremonies, wish: ChangeWish) -> Record {
    let record = made(ceremonies, wish)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    let Stage::Published(_, _, seen) = &record.sound().expect("sound").stage else {
        panic!("not published")
    };
    assert!(seen.accepted, "{:?}", seen.findings);
    record
}

pub fn targets(world: &World, name: &str) -> Targets {
    let bytes = world.published(name).unwrap_or_else(|| panic!("{name} is not there"));
    metadata::read::<Targets>(&bytes, Dialect::Tuf1)
        .expect("targets")
        .body()
        .clone()
}

fn root(world: &World, name: &str) -> Root {
    let bytes = world.published(name).unwrap_or_else(|| panic!("{name} is not there"));
    metadata::read::<Root>(&bytes, Dialect::Tuf1)
        .expect("a root")
        .body()
        .clone()
}

fn issued(record: &Record) -> Vec<String> {
    let ceremony = record.sound().expect("sound");
    ceremony.grounds.roles().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_target_comes_and_goes_without_a_new_root() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let record = published(&ceremonies, wish(vec![vouch("targets", "app/1.0", b"one")], &[3, 8, 9])).await;
    assert_eq!(issued(&record), ["targets", "snapshot", "timestamp"]);
    assert!(world.published("2.root.json").is_none());
    let entry = targets(&world, "2.targets.json")
        .targets
        .get("app/1.0")
        .expect("listed");
    assert_eq!(entry.length, 3);

    let custom = WishedEdit::AddTarget {
        role: "targets".into(),
        path: "app/1.0".into(),
        length: 3,
        sha256: Some("00".repeat(32)),
        sha512: None,
        custom: Some(r#"{"build":7}"#.into()),
    };
    published(&ceremonies, wish(vec![custom], &[3, 8, 9])).await;
    // What is said of a target stays when only the file is another.
    published(
        &ceremonies,
        wish(vec![vouch("targets", "app/1.0", b"four")], &[3, 8, 9]),
    )
    .await;
    let entry = targets(&world, "4.targets.json")
        .targets
        .get("app/1.0")
        .expect("listed");
    assert_eq!((entry.length, entry.custom.is_some()), (4, true));

    let gone = WishedEdit::RemoveTarget {
        role: "targets".into(),
        path: "app/1.0".into(),
    };
    published(&ceremonies, wish(vec![gone.clone()], &[3, 8, 9])).await;
    assert!(!targets(&world, "5.targets.json").lists("app/1.0"));
    let nothing = refused(made(&ceremonies, wish(vec![gone], &[3, 8, 9])).await);
    assert_eq!(nothing.code, "draft-refused");
}

#[tokio::test]
async fn delegations_are_made_nested_changed_and_ended() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let both = wish(
        vec![
            delegate("targets", "files", &[4], &["files/*"]),
            delegate("targets", "docs", &[5], &["docs/*"]),
        ],
        &[3, 8, 9],
    );
    let record = published(&ceremonies, both).await;
    assert_eq!(issued(&record), ["targets", "files", "docs", "snapshot", "timestamp"]);
    assert!(
        world.published("1.files.json").is_some(),
        "a search that comes to it finds a document"
    );

    // A delegate signs its own document; nobody else is needed but the online keys.
    let record = published(&ceremonies, wish(vec![vouch("files", "files/a", b"a")], &[4, 8, 9])).await;
    assert_eq!(issued(&record), ["files", "snapshot", "timestamp"]);
    let outside = made(&ceremonies, wish(vec![vouch("files", "other/a", b"a")], &[4, 8, 9])).await;
    assert!(refused(outside).message.contains("no client would look there"));

    published(
        &ceremonies,
        wish(vec![delegate("files", "deep", &[6], &["files/deep/*"])], &[4, 8, 9]),
    )
    .await;
    assert!(world.published("1.deep.json").is_some());

    let order = WishedEdit::Redelegate {
        role: "docs".into(),
        by: None,
        paths: Some(vec!["docs/*".into(), "manual/*".into()]),
        hash_prefixes: None,
        terminating: Some(true),
        place: Some(0),
    };
    published(&ceremonies, wish(vec![order], &[3, 8, 9])).await;
    let delegations = targets(&world, "3.targets.json").delegations.expect("some");
    let names: Vec<String> = delegations.roles.iter().map(|role| role.name.to_string()).collect();
    assert_eq!(names, ["docs", "files"]);
    let docs = delegations.roles.iter().next().expect("one");
    assert!(docs.terminating && docs.paths.texts().len() == 2);

    let end = WishedEdit::Undelegate {
        role: "files".into(),
        by: None,
    };
    let preview = ceremonies
        .preview("demo", wish(vec![end.clone()], &[3, 8, 9]))
        .await
        .expect("a plan");
    let said: Vec<String> = preview.consequences.iter().map(crate::border::Sentence::text).collect();
    assert!(
        said.iter()
            .any(|text| text.contains("1 target and 1 delegation of files stop resolving")),
        "{said:#?}"
    );
    published(&ceremonies, wish(vec![end], &[3, 8, 9])).await;
    assert_eq!(
        targets(&world, "4.targets.json").delegations.expect("some").roles.len(),
        1
    );
    // Clients take no snapshot that lists less than the one before.
    let snapshot = world.published("6.snapshot.json").expect("there");
    let snapshot = metadata::read::<Snapshot>(&snapshot, Dialect::Tuf1).expect("a snapshot");
    assert!(snapshot.body().meta.keys().any(|role| role.as_str() == "files"));
}

#[tokio::test]
async fn a_delegates_key_is_revoked_and_what_stops_counting_is_said_before() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(vec![delegate("targets", "files", &[4], &["files/*"])], &[3, 8, 9]),
    )
    .await;
    published(&ceremonies, wish(vec![vouch("files", "files/a", b"a")], &[4, 8, 9])).await;

    // Without its document being signed again, the role counts no more: that is said, and a client would say it too.
    let swap = || keys("files", &[4], &[5], None);
    let preview = ceremonies
        .preview("demo", wish(vec![swap()], &[3, 8, 9]))
        .await
        .expect("a plan");
    let said: Vec<String> = preview.consequences.iter().map(crate::border::Sentence::text).collect();
    assert!(
        said.iter().any(|text| text.contains("files v2 counts no more: 0 of 1")),
        "{said:#?}"
    );

    let again = WishedEdit::SignAgain { role: "files".into() };
    let record = published(&ceremonies, wish(vec![swap(), again], &[3, 8, 9])).await;
    assert_eq!(issued(&record), ["targets", "files", "snapshot", "timestamp"]);
    assert!(targets(&world, "3.files.json").lists("files/a"));
    let signed = String::from_utf8(world.published("3.files.json").expect("there")).expect("text");
    let five = rootward_tuf::key::Key::new_tuf1(&crate::rotation_support::public(5));
    assert!(signed.contains(five.keyid().as_str()));
}

#[tokio::test]
async fn a_role_that_nobody_could_sign_is_refused_unless_the_officer_says_why() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let alone = || wish(vec![keys("targets", &[3], &[], None)], &[1, 2, 3, 8, 9]);
    let refused = ceremonies.begin("demo", alone()).await.unwrap_err();
    assert_eq!(refused.code, "draft-refused");
    assert!(refused.message.contains("say why"), "{refused}");
    let said = ChangeWish {
        despite: Some("  ".into()),
        ..alone()
    };
    assert_eq!(
        ceremonies.begin("demo", said).await.unwrap_err().code,
        "draft-refused",
        "blank says nothing"
    );
    // Root is never left so.
    let root = ChangeWish {
        despite: Some("to end it".into()),
        ..wish(vec![keys("root", &[1, 2], &[], None)], &[1, 2, 3, 8, 9])
    };
    assert_eq!(ceremonies.begin("demo", root).await.unwrap_err().code, "draft-refused");
    assert!(ceremonies.all().expect("a list").is_empty());

    published(
        &ceremonies,
        wish(vec![delegate("targets", "files", &[4], &["files/*"])], &[3, 8, 9]),
    )
    .await;
    let closed = ChangeWish {
        despite: Some("the delegate is gone".into()),
        ..wish(vec![keys("files", &[4], &[], None)], &[3, 8, 9])
    };
    let record = made(&ceremonies, closed).await.expect("published");
    let told = format!("{:?}", record.events.first().expect("one").fact);
    assert!(told.contains("the delegate is gone"), "the reason is on record");
}

#[tokio::test]
async fn a_stolen_key_leaves_every_role_in_one_ceremony_and_no_client_walks_into_a_gap() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(vec![delegate("targets", "files", &[3, 4], &["files/*"])], &[3, 8, 9]),
    )
    .await;
    // Officer 3 is in root, in targets and in the delegation.
    let revoke = WishedEdit::Revoke {
        key: physical(3).to_string(),
        replace: Some(file(5)),
        sign_again: true,
        cause: None,
    };
    let record = published(&ceremonies, wish(vec![revoke], &[1, 2, 3, 4, 8, 9])).await;
    assert!(record.sound().expect("sound").change().hands_over);
    let rehearsed = record.events.iter().rev().find_map(|event| match &event.fact {
        crate::ceremony::Fact::Rehearsed(rehearsed) => Some(rehearsed.clone()),
        _ => None,
    });
    let clients = rehearsed.expect("rehearsed").clients;
    assert!(
        clients
            .iter()
            .any(|client| client.name.contains("before the new root is written")),
        "{clients:?}"
    );
    let three = rootward_tuf::key::Key::new_tuf1(&crate::rotation_support::public(3));
    let new = root(&world, "2.root.json");
    assert!(new.keys.get(three.keyid()).is_none());
    let delegations = targets(&world, "3.targets.json").delegations.expect("some");
    assert!(delegations.keys.get(three.keyid()).is_none());
}

#[tokio::test]
async fn everything_that_ends_too_soon_is_issued_again_in_one_ceremony() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let soon = WishedEdit::EndsBefore {
        before: "2027-01-01T00:00:00Z".into(),
        at: Some("2027-05-01T00:00:00Z".into()),
    };
    // Root ends on 2026-12-15 and the timestamp on 2026-12-01; targets and snapshot later.
    let record = published(&ceremonies, wish(vec![soon.clone()], &[1, 2, 9])).await;
    assert_eq!(issued(&record), ["root", "timestamp"]);
    assert_eq!(root(&world, "2.root.json").expires.text, "2027-05-01T00:00:00Z");
    let nothing = refused(made(&ceremonies, wish(vec![soon], &[1, 2, 9])).await);
    assert_eq!(nothing.code, "draft-refused");
    let past = WishedEdit::Ends {
        role: "targets".into(),
        at: Some("2020-01-01T00:00:00Z".into()),
    };
    assert_eq!(
        refused(made(&ceremonies, wish(vec![past], &[3, 8, 9])).await).code,
        "draft-refused"
    );
}

#[tokio::test]
async fn a_repository_in_which_everything_has_ended_is_brought_back_in_one_ceremony() {
    let world = World::new();
    let ceremonies = world.ceremonies_at("2027-07-01T00:00:00Z");
    let all = WishedEdit::EndsBefore {
        before: "2028-01-01T00:00:00Z".into(),
        at: Some("2028-06-01T00:00:00Z".into()),
    };
    let record = published(&ceremonies, wish(vec![all], &[1, 2, 3, 8, 9])).await;
    assert_eq!(issued(&record), ["root", "targets", "snapshot", "timestamp"]);
    assert_eq!(targets(&world, "2.targets.json").expires.text, "2028-06-01T00:00:00Z");
}

#[tokio::test]
async fn a_lost_snapshot_key_is_replaced_and_the_gap_that_clients_may_meet_is_named() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let replaced = || wish(vec![keys("snapshot", &[8], &[5], None)], &[1, 2, 9]);
    let preview = ceremonies.preview("demo", replaced()).await.expect("a plan");
    let said: Vec<String> = preview.consequences.iter().map(crate::border::Sentence::text).collect();
    let gap = said.iter().find(|text| text.contains("moments apart"));
    assert!(
        gap.is_some_and(|text| text.contains("the keys that snapshot had")),
        "{said:#?}"
    );
    let record = published(&ceremonies, replaced()).await;
    assert!(!record.sound().expect("sound").change().hands_over);
    // With the old key at hand there is none to name.
    let world = World::new();
    let ceremonies = world.ceremonies();
    let handed = wish(vec![keys("snapshot", &[8], &[5], None)], &[1, 2, 8, 9]);
    let preview = ceremonies.preview("demo", handed).await.expect("a plan");
    let said: Vec<String> = preview.consequences.iter().map(crate::border::Sentence::text).collect();
    assert!(said.iter().any(|text| text.contains("is written last")), "{said:#?}");
}

#[tokio::test]
async fn bins_share_all_paths_by_their_digests() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let bins = WishedEdit::Bins {
        by: "targets".into(),
        prefix: "bin".into(),
        bits: 3,
        keys: vec![file(4)],
        threshold: 1,
        succinct: false,
    };
    let record = published(&ceremonies, wish(vec![bins], &[3, 8, 9])).await;
    assert_eq!(issued(&record).len(), 11);
    let delegations = targets(&world, "2.targets.json").delegations.expect("some");
    let prefixes: Vec<String> = delegations
        .roles
        .iter()
        .flat_map(|role| role.paths.texts().to_vec())
        .collect();
    let all: Vec<String> = (0..16).map(|digit| format!("{digit:x}")).collect();
    assert_eq!(prefixes, all);
    let covering = delegations.covering("whatever/path");
    assert_eq!(covering.len(), 1);
    let role = covering[0].name.to_string();
    published(&ceremonies, wish(vec![vouch(&role, "whatever/path", b"x")], &[4, 8, 9])).await;
}

#[tokio::test]
async fn bins_that_are_named_all_at_once_come_and_get_other_keys_with_all_their_documents() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let bins = |officers: &[u8], bits| WishedEdit::Bins {
        by: "targets".into(),
        prefix: "bin".into(),
        bits,
        keys: officers.iter().map(|&number| file(number)).collect(),
        threshold: officers.len() as u64,
        succinct: true,
    };
    let record = published(&ceremonies, wish(vec![bins(&[4], 2)], &[3, 8, 9])).await;
    let roles = ["targets", "bin-0", "bin-1", "bin-2", "bin-3", "snapshot", "timestamp"];
    assert_eq!(issued(&record), roles);
    let delegations = targets(&world, "2.targets.json").delegations.expect("some");
    assert!(delegations.roles.iter().next().is_none() && delegations.succinct.is_some());
    let role = delegations.covering("whatever/path")[0].name.to_string();
    published(&ceremonies, wish(vec![vouch(&role, "whatever/path", b"x")], &[4, 8, 9])).await;

    // Other keys: every document is signed again by them, and what is vouched for stays.
    let record = published(&ceremonies, wish(vec![bins(&[5, 6], 2)], &[3, 8, 9])).await;
    assert_eq!(issued(&record), roles);
    let four = rootward_tuf::key::Key::new_tuf1(&crate::rotation_support::public(4));
    let delegations = targets(&world, "3.targets.json").delegations.expect("some");
    assert!(delegations.keys.get(four.keyid()).is_none());
    assert!(targets(&world, &format!("3.{role}.json")).lists("whatever/path"));

    for edits in [vec![bins(&[5], 0)], vec![bins(&[5], 15)], vec![bins(&[5, 5], 2)]] {
        let refused = refused(made(&ceremonies, wish(edits, &[3, 8, 9])).await);
        assert_eq!(refused.code, "draft-refused", "{refused}");
    }
    // Beside delegations that are listed one by one there can be none.
    let world = World::new();
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(vec![delegate("targets", "files", &[4], &["files/*"])], &[3, 8, 9]),
    )
    .await;
    let ends = WishedEdit::Undelegate {
        role: "files".into(),
        by: None,
    };
    let comes = delegate("targets", "more", &[4], &["more/*"]);
    for edits in [vec![bins(&[5], 2)], vec![ends.clone(), comes, bins(&[5], 2)]] {
        let refused = refused(made(&ceremonies, wish(edits, &[3, 8, 9])).await);
        assert!(refused.message.contains("one by one"), "{refused}");
    }
    // What there is may end in the same ceremony.
    let record = published(&ceremonies, wish(vec![ends, bins(&[5], 2)], &[3, 8, 9])).await;
    assert_eq!(issued(&record), roles);
}

#[tokio::test]
async fn where_somebody_else_signs_the_online_documents_the_plan_says_who_and_the_ceremony_waits_for_it() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let alone = || ChangeWish {
        online_elsewhere: true,
        ..wish(vec![vouch("targets", "app", b"x")], &[3])
    };
    let unsaid = ceremonies
        .begin("demo", wish(vec![vouch("targets", "app", b"x")], &[3]))
        .await;
    assert!(
        unsaid
            .unwrap_err()
            .message
            .contains("whoever holds its keys must take part")
    );
    let preview = ceremonies.preview("demo", alone()).await.expect("a plan");
    let said: Vec<String> = preview.consequences.iter().map(crate::border::Sentence::text).collect();
    assert!(
        said.iter()
            .any(|text| text.contains("signed again elsewhere") && text.contains("2026-12-01")),
        "{said:#?}"
    );

    let waiting = refused(made(&ceremonies, alone()).await);
    assert_eq!(waiting.code, "publish-failed");
    assert!(
        waiting
            .message
            .contains("whoever holds its online key must sign snapshot"),
        "{waiting}"
    );
    assert!(world.published("2.targets.json").is_some());
    let id = ceremonies.all().expect("a list")[0].id.clone();
    world.sign_online();
    let record = ceremonies.resume(&id).await.expect("published");
    assert!(matches!(record.sound().expect("sound").stage, Stage::Published(..)));
}

#[tokio::test]
async fn a_journal_of_any_change_is_replayed_to_the_same_ceremony() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let change = || {
        wish(
            vec![
                delegate("targets", "a/b..c", &[4], &["*"]),
                vouch("targets", "app", b"x"),
                keys("root", &[2], &[5], None),
            ],
            &[1, 2, 3, 8, 9],
        )
    };
    let id = ceremonies.begin("demo", change()).await.expect("begun");
    ceremonies.freeze(&id).await.expect("frozen");
    all_sign(&ceremonies, &id).expect("signed");
    let again = world.ceremonies();
    let (before, after) = (ceremonies.one(&id).expect("one"), again.one(&id).expect("one"));
    assert_eq!((before.head, before.events), (after.head, after.events));
    let digest = |record: &Record| record.sound().expect("sound").stage.assembled().map(|all| all.digest);
    assert!(digest(&again.one(&id).expect("one")).is_some());
    assert_eq!(
        again.begin("demo", change()).await.expect("the same"),
        id,
        "the same wish is the same ceremony"
    );
    again.rehearse(&id).await.expect("rehearsed");
    again.publish(&id).await.expect("published");
    assert!(world.published("1.a%2Fb..c.json").is_some());
}
