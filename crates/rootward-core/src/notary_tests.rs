//! Rotations on a Notary server in memory: what simulated clients make of them, and what may be called published.

use crate::Rootward;
use crate::border::{Action, Custody, Query, RotationChange, View};
use crate::ceremony::{Ceremonies, Fact, Record, Rehearsed, Seen, Stage};
use crate::notary_support::{Mood, NOW, NotaryWorld, bare, physical, wish};
use crate::ports::Failure;

/// Begins, freezes and signs, in whatever order the keys are needed.
async fn signed(ceremonies: &Ceremonies, wish: RotationChange, signers: &[u8]) -> Result<String, Failure> {
    let id = ceremonies.begin("app", wish).await?;
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

fn published(record: &Record) -> (&Rehearsed, &Seen) {
    match &record.sound().expect("sound").stage {
        Stage::Published(_, rehearsed, seen) => (rehearsed, seen),
        _ => panic!("expected a published ceremony"),
    }
}

fn names(rehearsed: &Rehearsed) -> Vec<&str> {
    rehearsed.clients.iter().map(|client| client.name.as_str()).collect()
}

/// What is taken for granted, as `ROLE KEY`.
fn assumed(role: &str, number: u8) -> String {
    let keyid = bare(number).keyid().to_string();
    format!(
        "the server must sign {role} with the key {}",
        crate::border::short(&keyid)
    )
}

#[tokio::test]
async fn a_root_key_is_replaced_and_clients_of_every_age_follow() {
    let world = NotaryWorld::new(false);
    let ceremonies = world.ceremonies();
    let mut last = None;
    for (leaves, joins) in [(1, 2), (2, 3), (3, 4)] {
        let id = signed(
            &ceremonies,
            wish("root", &[leaves], &[joins], &[leaves]),
            &[leaves, joins],
        )
        .await
        .expect("signed");
        last = Some(to_the_end(&ceremonies, &id).await.expect("published"));
    }
    let record = last.expect("three rotations");
    let (rehearsed, seen) = published(&record);
    assert_eq!(
        names(rehearsed),
        [
            "a client on root v1",
            "a client two versions behind, on root v2",
            "a client on root v3",
            "a new client with no root but this"
        ]
    );
    assert!(rehearsed.accepted(), "{:?}", rehearsed.clients);
    assert_eq!(
        rehearsed.assumptions,
        [assumed("snapshot", 102), assumed("timestamp", 101)]
    );
    assert!(seen.accepted && seen.documents.len() == 1);
    assert_eq!(world.believed(), [2, 3, 4]);
    // The old key can publish nothing any more.
    let refused = ceremonies
        .begin("app", wish("root", &[4], &[5], &[3]))
        .await
        .expect_err("refused");
    assert_eq!(refused.code, "key-not-found");
}

#[tokio::test]
async fn a_snapshot_that_a_client_holds_is_signed_in_the_ceremony_and_not_assumed() {
    let world = NotaryWorld::new(true);
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish("root", &[1], &[2], &[1, 6]), &[1, 2, 6])
        .await
        .expect("signed");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    let (rehearsed, seen) = published(&record);
    assert_eq!(rehearsed.assumptions, [assumed("timestamp", 101)]);
    assert!(rehearsed.clients[0].account.ends_with("timestamp by stand-in keys"));
    let roles: Vec<&str> = seen.documents.iter().map(|met| met.role.as_str()).collect();
    assert_eq!(roles, ["snapshot", "root"]);
}

/// Where the desk says that the keys of targets, snapshot and timestamp are, once it has looked.
async fn custodies(world: &NotaryWorld) -> Vec<Custody> {
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    let repository = "app".to_owned();
    desk.act(Action::Refresh {
        repository: repository.clone(),
    })
    .await
    .expect("refreshed");
    let View::Repository(view) = desk
        .query(Query::Repository { repository })
        .await
        .expect("a repository")
    else {
        panic!("another view")
    };
    let of = |name| {
        view.roles
            .iter()
            .find(|role| role.role == name)
            .expect("a role")
            .custody
            .expect("the keys of a role live alike")
    };
    ["targets", "snapshot", "timestamp"].map(of).to_vec()
}

#[tokio::test]
async fn keys_that_only_the_server_has_are_shown_as_the_servers_once_that_is_known() {
    use Custody::{File, Server, Unknown};
    let theirs = NotaryWorld::new(false);
    assert_eq!(
        custodies(&theirs).await,
        [Unknown, Unknown, Server],
        "metadata does not say whose the snapshot key is, and looking asks no server"
    );
    let change = wish("root", &[1], &[2], &[1]);
    theirs
        .ceremonies()
        .preview("app", change.clone())
        .await
        .expect("a plan");
    assert_eq!(
        custodies(&theirs).await,
        [Unknown, Server, Server],
        "the server was asked"
    );

    let ours = NotaryWorld::new(true);
    let change = RotationChange {
        sign: wish("root", &[], &[], &[1, 6]).sign,
        ..change
    };
    ours.ceremonies().preview("app", change).await.expect("a plan");
    assert_eq!(
        custodies(&ours).await,
        [Unknown, File, Server],
        "a client holds it, and its file was named"
    );
}

#[tokio::test]
async fn the_keys_of_every_other_role_are_replaced_and_confirmed() {
    let server = |role: &str| RotationChange {
        server: true,
        ..wish(role, &[], &[], &[1])
    };
    let cases = [
        (
            wish("targets", &[5], &[7], &[1]),
            &[1, 7][..],
            ["snapshot", "timestamp"],
            [102, 101],
        ),
        (server("snapshot"), &[1][..], ["snapshot", "timestamp"], [112, 101]),
        (server("timestamp"), &[1][..], ["snapshot", "timestamp"], [102, 111]),
    ];
    for (wish, signers, roles, keys) in cases {
        let world = NotaryWorld::new(false);
        let ceremonies = world.ceremonies();
        let role = wish.role.clone();
        let id = signed(&ceremonies, wish, signers).await.expect("signed");
        let record = to_the_end(&ceremonies, &id).await.expect(&role);
        let (rehearsed, seen) = published(&record);
        let expected: Vec<String> = roles.iter().zip(keys).map(|(role, key)| assumed(role, key)).collect();
        assert_eq!(rehearsed.assumptions, expected, "{role}");
        assert!(seen.accepted, "{role}");
    }
}

#[tokio::test]
async fn a_snapshot_passes_from_client_to_server_and_back() {
    let world = NotaryWorld::new(true);
    let ceremonies = world.ceremonies();
    let to_server = RotationChange {
        server: true,
        ..wish("snapshot", &[], &[], &[1])
    };
    let id = signed(&ceremonies, to_server, &[1]).await.expect("signed");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    assert_eq!(published(&record).0.assumptions[0], assumed("snapshot", 112));
    let id = signed(&ceremonies, wish("snapshot", &[], &[6], &[1]), &[1, 6])
        .await
        .expect("signed");
    let record = to_the_end(&ceremonies, &id).await.expect("published");
    assert_eq!(published(&record).0.assumptions, [assumed("timestamp", 101)]);
}

#[tokio::test]
async fn a_rehearsal_makes_nobody_believe_anything() {
    let world = NotaryWorld::new(false);
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish("root", &[1], &[2], &[1]), &[1, 2])
        .await
        .expect("signed");
    ceremonies.rehearse(&id).await.expect("rehearsed");
    assert!(world.believed().is_empty());
    assert_eq!(world.published(), 0);
}

#[tokio::test]
async fn a_document_that_ended_before_it_was_published_is_refused_in_rehearsal() {
    let world = NotaryWorld::new(false);
    let ends_soon = RotationChange {
        expires: Some("2026-11-22T11:00:00Z".into()),
        ..wish("root", &[1], &[2], &[1])
    };
    let id = signed(&world.ceremonies(), ends_soon, &[1, 2]).await.expect("signed");
    let later = world.ceremonies_at("2026-11-22T12:00:00Z");
    let refused = later.rehearse(&id).await.map(drop).expect_err("refused");
    assert_eq!(refused.code, "rehearsal-refused");
    assert!(refused.message.contains("root expired"), "{}", refused.message);
    assert!(matches!(
        later.one(&id).expect("there").sound().expect("sound").stage,
        Stage::Ready(_)
    ));
    assert_eq!(
        later.publish(&id).await.map(drop).expect_err("refused").code,
        "not-ready"
    );
}

/// A root rotation that was signed and rehearsed.
async fn rehearsed(world: &NotaryWorld) -> (Ceremonies, String) {
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish("root", &[1], &[2], &[1]), &[1, 2])
        .await
        .expect("signed");
    ceremonies.rehearse(&id).await.expect("rehearsed");
    (ceremonies, id)
}

fn is_publishing(ceremonies: &Ceremonies, id: &str) -> bool {
    let record = ceremonies.one(id).expect("there");
    matches!(record.sound().expect("sound").stage, Stage::Publishing(..))
}

#[tokio::test]
async fn a_yes_that_changed_nothing_is_not_called_published() {
    let world = NotaryWorld::new(false);
    let (ceremonies, id) = rehearsed(&world).await;
    world.is_in_the_mood_that(Mood::Forgets);
    let failed = ceremonies.publish(&id).await.map(drop).expect_err("failed");
    assert_eq!(failed.code, "publish-failed");
    assert!(failed.message.contains("still shows root v1"), "{}", failed.message);
    assert!(is_publishing(&ceremonies, &id) && world.believed().is_empty());
    world.is_in_the_mood_that(Mood::Obeys);
    let record = ceremonies.publish(&id).await.expect("published");
    assert!(published(&record).1.accepted);
    assert_eq!(world.published(), 2);
}

#[tokio::test]
async fn an_assumption_that_does_not_come_true_keeps_the_ceremony_open() {
    let world = NotaryWorld::new(false);
    let (ceremonies, id) = rehearsed(&world).await;
    world.is_in_the_mood_that(Mood::UsesAnotherKey);
    let failed = ceremonies.publish(&id).await.map(drop).expect_err("failed");
    assert_eq!(failed.code, "publish-failed");
    assert!(
        failed.message.contains(&assumed("timestamp", 101)),
        "{}",
        failed.message
    );
    assert!(is_publishing(&ceremonies, &id));
    // Once the server has mended it, looking is enough.
    world.is_in_the_mood_that(Mood::Obeys);
    world.signs_again();
    let record = ceremonies.resume(&id).await.expect("published");
    assert!(published(&record).1.accepted);
    assert_eq!(world.published(), 1);
}

#[tokio::test]
async fn a_cache_that_is_behind_is_asked_once_more_and_then_it_is_said() {
    let world = NotaryWorld::new(false);
    let (ceremonies, id) = rehearsed(&world).await;
    world.is_in_the_mood_that(Mood::HidesBehindACache(1));
    let record = ceremonies.publish(&id).await.expect("published");
    assert!(published(&record).1.accepted);

    let world = NotaryWorld::new(false);
    let (ceremonies, id) = rehearsed(&world).await;
    world.is_in_the_mood_that(Mood::HidesBehindACache(2));
    let failed = ceremonies.publish(&id).await.map(drop).expect_err("failed");
    assert_eq!(failed.code, "publish-failed");
    assert!(failed.message.contains("still shows root v1"), "{}", failed.message);
    assert!(is_publishing(&ceremonies, &id));
    let record = ceremonies.resume(&id).await.expect("published");
    assert!(published(&record).1.accepted);
    assert_eq!(world.published(), 1);

    // A root that alone is late is found by the digest that the snapshot names.
    let world = NotaryWorld::new(false);
    let (ceremonies, id) = rehearsed(&world).await;
    world.is_in_the_mood_that(Mood::ShowsRootLate);
    let record = ceremonies.publish(&id).await.expect("published");
    assert_eq!(published(&record).1.root_versions, [1, 2]);
}

#[tokio::test]
async fn somebody_elses_documents_supersede_and_the_difference_is_on_record() {
    type Meanwhile = fn(&NotaryWorld);
    let cases: [(Meanwhile, &str, &str); 2] = [
        (NotaryWorld::publish_other_root, "root", "root v2"),
        (NotaryWorld::publish_other_targets, "targets", "targets v2"),
    ];
    for (meanwhile, role, told) in cases {
        for after_rehearsal in [false, true] {
            let world = NotaryWorld::new(false);
            let ceremonies = world.ceremonies();
            let id = signed(&ceremonies, wish("targets", &[5], &[7], &[1]), &[1, 7])
                .await
                .expect("signed");
            let refused = if after_rehearsal {
                ceremonies.rehearse(&id).await.expect("rehearsed");
                meanwhile(&world);
                ceremonies.publish(&id).await
            } else {
                meanwhile(&world);
                ceremonies.rehearse(&id).await
            };
            let refused = refused.map(drop).expect_err("superseded");
            assert_eq!(refused.code, "superseded", "{role}: {}", refused.message);
            assert!(refused.message.contains(told), "{}", refused.message);
            let record = ceremonies.one(&id).expect("there");
            let Some(Fact::Superseded(by)) = record.events.last().map(|event| &event.fact) else {
                panic!("expected a superseded ceremony");
            };
            assert_eq!(by.what(), told);
            if role == "targets" {
                assert_eq!(by.differences, ["v2 is new"]);
            } else {
                assert!(!by.differences.is_empty());
            }
            assert!(record.sound().expect("sound").has_ended());
            assert_eq!(world.published(), 0);
        }
    }
}

#[tokio::test]
async fn a_source_that_refuses_says_so_in_its_own_words_and_publishing_can_be_repeated() {
    let world = NotaryWorld::new(true);
    let ceremonies = world.ceremonies();
    // The snapshot's key is a client's and not at hand: nobody signs what could never be published.
    let refused = ceremonies
        .begin("app", wish("root", &[1], &[2], &[1]))
        .await
        .expect_err("refused");
    assert_eq!(refused.code, "draft-refused");
}
