//! What forms show while they are filled in: plans on what the desk has proven, ways back, and what takes stolen keys out.

use std::path::Path;
use std::sync::Arc;

use super::{delegate, issued, keys, published, root, targets, vouch, wish};
use crate::Rootward;
use crate::adapters::{EveryToken, NoTokens, PracticeTokens};
use crate::border::{
    Action, BlastGrade, CeremonyView, ChangeFormView, ChangeWish, PlanView, Query, Recovery, RevocationCause,
    RevocationExtent, RevocationView, View, WishedEdit,
};
use crate::ceremony::Foreseen;
use crate::ports::{Failure, NewTokenKey, Ports, PromptRequest, TokenSlot, Tokens as _};
use crate::rotation_support::notary::Server;
use crate::rotation_support::{NOW, World, at, file, physical};

pub(super) async fn desk(world: &World) -> Rootward {
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    let refreshed = desk.act(Action::Refresh {
        repository: "demo".into(),
    });
    refreshed.await.expect("a walk");
    desk
}

pub(super) async fn plan(desk: &Rootward, wish: ChangeWish) -> Result<PlanView, Failure> {
    let asked = desk.query(Query::Plan {
        repository: "demo".into(),
        wish,
    });
    match asked.await? {
        View::Plan(plan) => Ok(*plan),
        _ => panic!("another view"),
    }
}

async fn form(desk: &Rootward) -> ChangeFormView {
    let asked = desk.query(Query::ChangeForm {
        repository: "demo".into(),
        role: None,
    });
    match asked.await.expect("a form") {
        View::ChangeForm(form) => *form,
        _ => panic!("another view"),
    }
}

async fn revocation(
    desk: &Rootward,
    officer: u8,
    cause: RevocationCause,
    replacement: Option<u8>,
) -> Result<RevocationView, Failure> {
    let asked = desk.query(Query::Revocation {
        physical_key: physical(officer).to_string(),
        extent: RevocationExtent::Key,
        cause,
        replacement: replacement.map(file),
    });
    match asked.await? {
        View::Revocation(view) => Ok(*view),
        _ => panic!("another view"),
    }
}

#[tokio::test]
async fn a_plan_that_is_foreseen_is_the_one_that_begins() {
    let world = World::new();
    let desk = desk(&world).await;
    let several = || {
        wish(
            vec![
                keys("root", &[1], &[4], None),
                delegate("targets", "files", &[5], &["files/*"]),
            ],
            &[2, 3, 8, 9],
        )
    };
    let foreseen = plan(&desk, several()).await.expect("a plan");
    let preview = world.ceremonies().preview("demo", several()).await.expect("a plan");
    assert_eq!(
        foreseen,
        PlanView::of(&Foreseen {
            preview,
            untold: 0,
            left_out: Vec::new()
        })
    );
    let roles: Vec<&str> = foreseen.documents.iter().map(|document| &*document.role).collect();
    assert_eq!(roles, ["root", "targets", "files", "snapshot", "timestamp"]);
    assert_eq!((foreseen.documents[2].from, foreseen.documents[2].version), (None, 1));
    assert_eq!(foreseen.documents[3].wave, 2);
    assert!(
        world.ceremonies().all().expect("a list").is_empty(),
        "nothing has begun"
    );
    let ceremonies = world.ceremonies();
    let id = ceremonies.begin("demo", several()).await.expect("begun");
    let begun = || CeremonyView::of(&ceremonies.insight(&id).expect("an insight")).planned;
    assert_eq!(begun(), foreseen.documents, "the page of what began shows them as well");
    ceremonies.freeze(&id).await.expect("frozen");
    assert_eq!(begun(), foreseen.documents);
}

#[tokio::test]
async fn a_practice_token_is_offered_for_practice_alone_and_a_missing_service_is_no_token() {
    let world = World::new();
    let practice = PracticeTokens::of(world.disk.clone(), world.prompt.clone(), Path::new("/data"));
    let at = TokenSlot::parse("4290000001/9c").expect("a slot");
    let request = PromptRequest {
        practice: true,
        ..PromptRequest::default()
    };
    practice
        .generate(at, &NewTokenKey::default(), &*world.prompt, &request)
        .expect("a key");
    let tokens = Arc::new(EveryToken::new(Arc::new(NoTokens), Arc::new(practice)));
    let desk = Rootward::open(Ports {
        tokens,
        ..world.ports(NOW)
    })
    .expect("a desk");
    let refreshed = desk.act(Action::Refresh {
        repository: "demo".into(),
    });
    refreshed.await.expect("a walk");
    let View::Tokens(plugged) = desk.query(Query::Tokens).await.expect("an answer") else {
        panic!("another view")
    };
    assert_eq!(plugged.tokens.len(), 1, "{plugged:?}");
    let missing = plugged.failure.as_ref().map(|failure| failure.code.as_str());
    assert_eq!(missing, Some("token-service-missing"), "with what to do about it");
    assert_eq!(plugged.clone().offered_to(true), plugged);
    assert_eq!(plugged.offered_to(false).tokens, []);
    assert_eq!(form(&desk).await.slots, [], "the repository is a real one");
    let lost = revocation(&desk, 3, RevocationCause::Lost, None)
        .await
        .expect("an answer");
    assert_eq!(lost.slots, []);
}

#[tokio::test]
async fn whoever_foresees_is_asked_for_no_secret() {
    let world = World::new();
    let desk = desk(&world).await;
    let hidden = WishedEdit::Keys {
        role: "root".into(),
        by: None,
        remove: vec![physical(1).to_string()],
        add: vec!["file:/keys/hidden/officer-4.pem".into()],
        threshold: None,
    };
    let refused = plan(&desk, wish(vec![hidden.clone()], &[]))
        .await
        .expect_err("not told");
    assert_eq!(refused.code, "key-not-told");
    assert_eq!(refused.details["keys"], "officer-4.pem");
    // What is asked besides has a plan of its own, which says what is not in it.
    let besides = vec![hidden.clone(), vouch("targets", "app", b"x")];
    let told = plan(&desk, wish(besides, &[3, 8, 9])).await.expect("a plan");
    assert_eq!(told.left_out, ["officer-4.pem"]);
    assert!(
        told.documents.iter().all(|document| document.role != "root"),
        "{told:?}"
    );
    // What makes no sense without it has none.
    let without = vec![hidden.clone(), keys("targets", &[], &[], Some(7))];
    let refused = plan(&desk, wish(without, &[3]))
        .await
        .expect_err("nobody could sign it");
    assert_eq!(refused.code, "key-not-told");
    assert!(world.prompt.shown.lock().expect("a lock").is_empty());
    let told = plan(&desk, wish(vec![keys("root", &[1], &[4], None)], &[])).await;
    assert!(told.is_ok(), "{told:?}");
    // One that only signs keeps no plan back: it is not counted.
    let signing = ChangeWish {
        sign: vec![file(1), file(2), "file:/keys/hidden/officer-3.pem".into()],
        ..wish(vec![keys("targets", &[3], &[4], None)], &[])
    };
    let told = plan(&desk, signing).await.expect("a plan");
    assert_eq!((told.untold, told.documents.len()), (1, 4));
    // Once the ceremony begins, a person is there to be asked.
    let begun = world.ceremonies().begin("demo", wish(vec![hidden], &[])).await;
    assert!(begun.is_ok(), "{begun:?}");
    assert_eq!(world.prompt.shown.lock().expect("a lock").len(), 1);
}

#[tokio::test]
async fn a_refusal_says_what_would_lift_it() {
    let world = World::new();
    let desk = desk(&world).await;
    let bricked = || wish(vec![keys("targets", &[], &[], Some(3))], &[1, 2, 3, 8, 9]);
    let refused = plan(&desk, bricked()).await.expect_err("nobody could sign it");
    assert_eq!(refused.details["unless"], "despite");
    let meant = ChangeWish {
        despite: Some("the other officers come tomorrow".into()),
        ..bricked()
    };
    assert!(plan(&desk, meant).await.is_ok());
    // Root can never be left so, whatever is said.
    let root = wish(vec![keys("root", &[], &[], Some(9))], &[1, 2, 3]);
    let refused = plan(&desk, root).await.expect_err("never");
    assert!(!refused.details.contains_key("unless"));

    let alone = || wish(vec![vouch("targets", "a", b"a")], &[3]);
    let refused = plan(&desk, alone()).await.expect_err("the online keys are elsewhere");
    assert_eq!(refused.details["unless"], "online-elsewhere");
    let elsewhere = ChangeWish {
        online_elsewhere: true,
        ..alone()
    };
    assert!(plan(&desk, elsewhere).await.is_ok());
}

#[tokio::test]
async fn the_forms_list_every_role_with_its_keys_and_what_can_be_recovered() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let nested = wish(
        vec![
            delegate("targets", "files", &[4], &["files/*"]),
            delegate("targets", "docs", &[5], &["docs/*"]),
        ],
        &[3, 8, 9],
    );
    published(&ceremonies, nested).await;
    let form = form(&desk(&world).await).await;
    let roles: Vec<(&str, &str)> = form.roles.iter().map(|role| (&*role.role, &*role.by)).collect();
    assert_eq!(
        roles,
        [
            ("root", "root"),
            ("targets", "root"),
            ("snapshot", "root"),
            ("timestamp", "root"),
            ("files", "targets"),
            ("docs", "targets")
        ]
    );
    let docs = &form.roles[5];
    assert_eq!(
        (docs.place, docs.siblings, docs.version, docs.vouches),
        (Some(2), 2, Some(1), true)
    );
    assert_eq!(docs.paths, ["docs/*"]);
    assert_eq!(docs.keys[0].physical_key, physical(5).to_string());
    assert!(!form.roles[2].vouches && form.roles[0].version == Some(1));
    assert!(
        form.recoveries.iter().all(|recovery| !recovery.is_so),
        "nothing has ended"
    );

    let late = Rootward::open(world.ports("2031-01-01T00:00:00Z")).expect("a desk");
    let View::ChangeForm(form) = late
        .query(Query::ChangeForm {
            repository: "demo".into(),
            role: None,
        })
        .await
        .expect("a form")
    else {
        panic!("another view")
    };
    let ended = &form.recoveries[0];
    assert!(ended.recovery == Recovery::Ended && ended.is_so);
    let planned = plan(&late, wish(ended.edits.clone(), &[1, 2, 3, 4, 5, 8, 9]))
        .await
        .expect("a plan");
    assert!(planned.documents.len() == 6, "{planned:?}");
}

#[tokio::test]
async fn a_stolen_root_key_is_answered_by_one_change_that_leaves_the_thief_nothing() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let recover = WishedEdit::RecoverRoot {
        stolen: physical(3).to_string(),
        root: file(4),
        targets: vec![file(5)],
        online: Some(file(6)),
    };
    let record = published(&ceremonies, wish(vec![recover], &[1, 2, 3])).await;
    assert_eq!(issued(&record), ["root", "targets", "snapshot", "timestamp"]);
    let next = root(&world, "2.root.json");
    let listed: Vec<_> = next.keys.iter().filter_map(rootward_tuf::key::Key::physical).collect();
    for stolen in [3, 8, 9] {
        assert!(!listed.contains(&physical(stolen)), "officer {stolen}");
    }
    assert_eq!(next.root.threshold, 2);
    assert_eq!(targets(&world, "2.targets.json").version, 2);
}

#[tokio::test]
async fn on_notary_the_server_makes_its_keys_anew_in_the_same_publication() {
    let world = World::on_notary(Server::usual(None));
    let ceremonies = world.ceremonies();
    let recover = WishedEdit::RecoverRoot {
        stolen: physical(101).to_string(),
        root: file(110),
        targets: vec![file(111)],
        online: None,
    };
    let before = world.notary().publications().len();
    published(
        &ceremonies,
        wish(vec![recover, vouch("targets", "v1", b"good")], &[101, 103]),
    )
    .await;
    assert_eq!(world.notary().publications().len(), before + 1, "one publication");
    assert!(world.notary().is_followed_from(1, at(NOW)));
}

#[tokio::test]
async fn a_stolen_key_is_taken_out_wherever_it_counts_and_nothing_of_it_is_signed_again_unread() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(vec![delegate("targets", "files", &[4], &["files/*"])], &[3, 8, 9]),
    )
    .await;
    let desk = desk(&world).await;

    let stolen = revocation(&desk, 4, RevocationCause::Stolen, Some(7))
        .await
        .expect("an answer");
    let row = &stolen.repositories[0];
    assert_eq!(
        (row.grade, &*row.roles),
        (BlastGrade::Delegated, &["files".to_owned()][..])
    );
    assert!(row.wish.new_keys_only);
    assert!(matches!(
        &row.wish.edits[..],
        [WishedEdit::Revoke { sign_again: false, .. }]
    ));
    assert!(row.refusal.is_none() && !row.documents.is_empty());

    let lost = revocation(&desk, 4, RevocationCause::Lost, Some(7))
        .await
        .expect("an answer");
    let again = &lost.repositories[0].wish.edits;
    assert!(matches!(&again[..], [WishedEdit::Revoke { sign_again: true, .. }]));

    // Without another key nobody could sign for the role, and the row says so.
    let alone = revocation(&desk, 4, RevocationCause::Leaves, None)
        .await
        .expect("an answer");
    let refusal = alone.repositories[0].refusal.as_ref().expect("a refusal");
    assert_eq!(refusal.details["unless"], "despite");
    // The change that is proposed is one that can be begun as it is.
    let begun = ceremonies.begin("demo", row.wish.clone()).await.expect("begun");
    let again = ceremonies.begin("demo", row.wish.clone()).await.expect("the same");
    assert_eq!(begun, again, "asked again, it is the one under way");
    let open = revocation(&desk, 4, RevocationCause::Stolen, Some(7))
        .await
        .expect("an answer");
    assert_eq!(open.repositories[0].open_ceremony, Some(begun));

    let nobody = revocation(&desk, 77, RevocationCause::Stolen, None)
        .await
        .expect_err("no such key");
    assert_eq!(nobody.code, "key-not-found");
}

#[tokio::test]
async fn one_key_comes_for_several_that_are_revoked_at_once() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let revoke = |number| WishedEdit::Revoke {
        key: physical(number).to_string(),
        replace: Some(file(6)),
        sign_again: false,
        cause: None,
    };
    let both = ChangeWish {
        new_keys_only: true,
        ..wish(vec![revoke(8), revoke(9)], &[1, 2, 3])
    };
    let record = published(&ceremonies, both).await;
    assert_eq!(issued(&record), ["root", "snapshot", "timestamp"]);
    let next = root(&world, "2.root.json");
    assert_eq!(next.snapshot.keyids, next.timestamp.keyids);
}
