//! Signatures of ceremonies that were given up: they exist, and what anybody could publish is brought to its end first.

use super::{signed, state, to_the_end};
use crate::border::{CeremonyAction, CeremonyState, CeremonyView, Query, View};
use crate::ceremony::{Ceremonies, Fact, Stage};
use crate::ports::{Proven, Vault};
use crate::rotation_support::{NOW, World, physical, wish};

/// A ceremony that was given up after these officers had signed.
async fn given_up(ceremonies: &Ceremonies, signers: &[u8]) -> String {
    let id = signed(ceremonies, wish(&[3], &[4], &[1, 2]), signers)
        .await
        .expect("signed");
    ceremonies.abandon(&id, "the wrong officer").await.expect("abandoned");
    id
}

fn view(ceremonies: &Ceremonies, id: &str) -> CeremonyView {
    CeremonyView::of(&ceremonies.insight(id).expect("it opens"))
}

#[tokio::test]
async fn what_anybody_could_publish_is_published_before_the_next_change_is_made() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = given_up(&ceremonies, &[1, 2]).await;
    let said = view(&ceremonies, &id);
    assert!(said.allowed.contains(&CeremonyAction::Reopen));
    assert!(
        said.blockers.iter().any(|text| text.contains("can publish root v2")),
        "{:?}",
        said.blockers
    );
    let next = || wish(&[2], &[5], &[1, 3]);
    let refused = ceremonies.begin("demo", next()).await.expect_err("refused");
    assert_eq!(
        (refused.code.as_str(), refused.details["ceremony"].as_str()),
        ("loose-publishable", id.as_str())
    );
    assert_eq!(ceremonies.all().expect("a list").len(), 1, "nothing was begun");
    ceremonies.reopen(&id, "anybody could publish it").expect("taken up");
    assert_eq!(state(&ceremonies, &id), CeremonyState::Ready);
    to_the_end(&ceremonies, &id).await.expect("published");
    let id = signed(&ceremonies, wish(&[2], &[5], &[1, 4]), &[1, 4])
        .await
        .expect("on top of it");
    assert_eq!(
        ceremonies
            .one(&id)
            .expect("a ceremony")
            .sound()
            .expect("sound")
            .root_version(),
        3
    );
    to_the_end(&ceremonies, &id).await.expect("published");
}

#[tokio::test]
async fn the_first_screen_says_what_anybody_could_publish_until_it_is_there() {
    let world = World::new();
    let desk = crate::Rootward::open(world.ports(NOW)).expect("a desk");
    let ceremonies = desk.desk.ceremonies.clone();
    let id = given_up(&ceremonies, &[1, 2]).await;
    let told = async || {
        let View::Attention(view) = desk.query(Query::Attention).await.expect("the first screen") else {
            panic!("another view")
        };
        let mut items = view.items.into_iter();
        items.any(|item| item.finding.code == "loose-publishable" && item.ceremony.as_deref() == Some(id.as_str()))
    };
    assert!(told().await);
    ceremonies.reopen(&id, "anybody could publish it").expect("taken up");
    assert!(!told().await, "it is under way again");
}

#[tokio::test]
async fn too_few_loose_signatures_hold_nothing_up_and_are_not_taken_up_again() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = given_up(&ceremonies, &[1]).await;
    let said = view(&ceremonies, &id);
    assert!(!said.allowed.contains(&CeremonyAction::Reopen));
    assert!(
        said.blockers.iter().any(|text| text.contains("1 signature")),
        "{:?}",
        said.blockers
    );
    assert_eq!(
        ceremonies.reopen(&id, "why not").map(drop).unwrap_err().code,
        "not-ready"
    );
    assert_eq!(state(&ceremonies, &id), CeremonyState::Abandoned);
    ceremonies
        .begin("demo", wish(&[2], &[5], &[1, 3]))
        .await
        .expect("begun");
}

#[tokio::test]
async fn signatures_over_the_same_bytes_count_together_whatever_ceremony_they_were_given_in() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let first = given_up(&ceremonies, &[1]).await;
    let second = given_up(&ceremonies, &[2]).await;
    let begun = ceremonies
        .one(&second)
        .expect("a ceremony")
        .sound()
        .expect("sound")
        .begun
        .clone();
    let loose = ceremonies.loose(&begun.repository).expect("a list");
    let [only] = loose.as_slice() else { panic!("{loose:?}") };
    assert!(only.is_publishable && only.signatures.len() == 2);
    assert_eq!(
        ceremonies
            .begin("demo", wish(&[2], &[5], &[1, 3]))
            .await
            .unwrap_err()
            .code,
        "loose-publishable"
    );
    let record = ceremonies.reopen(&first, "anybody could publish it").expect("taken up");
    assert!(matches!(record.sound().expect("sound").stage, Stage::Ready(_)));
    to_the_end(&ceremonies, &first).await.expect("published");
}

#[tokio::test]
async fn what_was_given_up_is_superseded_when_another_root_came_meanwhile() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = given_up(&ceremonies, &[1, 2]).await;
    let other = world.publish_other_root();
    let known = Proven {
        roots: vec![(2, other.file_bytes().to_vec())],
        ..Proven::default()
    };
    world.vault.keep("demo", &known).expect("kept");
    assert_eq!(
        ceremonies.reopen(&id, "too late").map(drop).unwrap_err().code,
        "superseded"
    );
    assert_eq!(state(&ceremonies, &id), CeremonyState::Superseded);
    ceremonies
        .begin("demo", wish(&[3], &[5], &[1, 2]))
        .await
        .expect("v3 comes after every loose v2");
}

#[tokio::test]
async fn only_one_change_of_a_repository_is_open_even_when_one_is_taken_up_again() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let first = given_up(&ceremonies, &[1]).await;
    let open = ceremonies
        .begin("demo", wish(&[3], &[4], &[1, 2]))
        .await
        .expect("begun");
    ceremonies.freeze(&open).await.expect("frozen");
    ceremonies.sign(&open, &physical(2)).expect("signed");
    let refused = ceremonies.reopen(&first, "both at once").map(drop).unwrap_err();
    assert!(
        matches!(refused.code.as_str(), "ceremony-open" | "not-ready"),
        "{refused}"
    );
    let published = ceremonies.reopen(&open, "it is open").map(drop).unwrap_err();
    assert_eq!(published.code, "not-ready");
}

#[tokio::test]
async fn a_ceremony_that_was_taken_up_again_reads_back_from_its_journal() {
    let world = World::new();
    let id = {
        let ceremonies = world.ceremonies();
        let id = given_up(&ceremonies, &[1, 2]).await;
        ceremonies.reopen(&id, "anybody could publish it").expect("taken up");
        id
    };
    let ceremonies = world.ceremonies();
    assert_eq!(state(&ceremonies, &id), CeremonyState::Ready);
    let record = ceremonies.one(&id).expect("a ceremony");
    assert!(matches!(
        record.events.last().map(|event| &event.fact),
        Some(Fact::Reopened(_))
    ));
    assert!(ceremonies.transcript(&id).is_ok());
}

#[tokio::test]
async fn beside_a_version_that_clients_refuse_another_is_made_for_a_reason_that_goes_on_record() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let soon = crate::border::RotationChange {
        expires: Some("2026-11-25T00:00:00Z".into()),
        ..wish(&[3], &[4], &[1, 2])
    };
    let id = signed(&ceremonies, soon, &[1, 2]).await.expect("signed");
    ceremonies.abandon(&id, "the wrong officer").await.expect("abandoned");
    let next = |although: Option<&str>| crate::border::ChangeWish {
        although_loose: although.map(str::to_owned),
        ..wish(&[2], &[5], &[1, 3]).into()
    };
    // It may well be accepted: no reason lets another by.
    let refused = ceremonies
        .begin("demo", next(Some("I would rather")))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.details.get("unless")),
        ("loose-publishable", None)
    );
    // It has ended meanwhile, so that no client takes it any more.
    let later = world.ceremonies_at("2026-11-28T00:00:00Z");
    later.reopen(&id, "anybody could publish it").expect("taken up");
    assert_eq!(
        later.rehearse(&id).await.map(drop).unwrap_err().code,
        "rehearsal-refused"
    );
    later.abandon(&id, "clients refuse it").await.expect("abandoned");
    for blank in [None, Some("  ")] {
        let refused = later.begin("demo", next(blank)).await.unwrap_err();
        assert_eq!(
            refused.details.get("unless").map(String::as_str),
            Some("although-loose")
        );
    }
    let id = later.begin("demo", next(Some("v2 has ended"))).await.expect("begun");
    later.freeze(&id).await.expect("frozen");
    let told = CeremonyView::of(&later.insight(&id).expect("an insight"));
    assert!(
        told.events[0].text.contains("since v2 has ended"),
        "{}",
        told.events[0].text
    );
    // Whoever signed the one that is loose signs a second one only for a reason of their own.
    assert_eq!(
        later.sign(&id, &physical(1)).map(drop).unwrap_err().code,
        "signed-otherwise"
    );
    later.sign_again(&id, &physical(1), "v2 has ended").expect("signed");
    later.sign(&id, &physical(3)).expect("signed");
    to_the_end(&later, &id).await.expect("published");
}
