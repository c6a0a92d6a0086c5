//! Two desks that publish at once: one wins, the other is told, and nothing is half there. And clocks that were set back.

use std::sync::Arc;

use super::{signed, to_the_end};
use crate::border::{CeremonyState, ChangeWish, RotationChange};
use crate::ceremony::{Ceremonies, Checked, Record, Stage};
use crate::change_tests::{all_sign, vouch, wish as asked};
use crate::ports::{Failure, Ports, Vault};
use crate::rotation_support::notary::Server;
use crate::rotation_support::{MemoryVault, NOW, World, at, wish};

/// A second desk for the repository of a world, with a data folder of its own.
fn second_desk(world: &World) -> Ceremonies {
    let vault = Arc::new(MemoryVault::default());
    for record in world.vault.repositories().expect("a list") {
        let anchor = world.vault.anchor(&record.id).expect("a vault").expect("an anchor");
        vault.save_repository(&record).expect("saved");
        vault.set_anchor(&record.id, &anchor).expect("anchored");
    }
    let ports = Ports {
        data: "/second".into(),
        vault,
        ..world.ports(NOW)
    };
    Ceremonies::new(ports, "officer_2", Arc::new(|_| {}))
}

async fn rehearsed(desk: &Ceremonies, wish: ChangeWish) -> String {
    let id = desk.begin("demo", wish).await.expect("begun");
    desk.freeze(&id).await.expect("frozen");
    all_sign(desk, &id).expect("signed");
    desk.rehearse(&id).await.expect("rehearsed");
    id
}

/// Lets both publish at the same time; gives who won, and what the other was told.
async fn race(desks: [&Ceremonies; 2], ids: [String; 2]) -> (usize, Record, Failure) {
    let publishing = |desk: &Ceremonies, id: String| {
        let desk = desk.clone();
        tokio::spawn(async move { desk.publish(&id).await })
    };
    let ([one, two], [of_one, of_two]) = (desks, ids);
    let (first, second) = (publishing(one, of_one), publishing(two, of_two));
    match (first.await.expect("ended"), second.await.expect("ended")) {
        (Ok(record), Err(told)) => (0, record, told),
        (Err(told), Ok(record)) => (1, record, told),
        (Ok(_), Ok(_)) => panic!("both are published"),
        (Err(one), Err(other)) => panic!("nobody is published: {one}; {other}"),
    }
}

fn has_lost(desk: &Ceremonies) -> bool {
    let records = desk.all().expect("a list");
    records
        .iter()
        .any(|record| CeremonyState::of(record) == CeremonyState::Superseded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_desks_that_publish_into_one_folder_at_once_one_wins_and_the_other_is_superseded() {
    for round in 0..8 {
        let world = World::new().with_unversioned_root();
        let (one, two) = (world.ceremonies(), second_desk(&world));
        let ids = [
            rehearsed(&one, wish(&[3], &[4], &[1, 2]).into()).await,
            rehearsed(&two, wish(&[3], &[5], &[1, 2]).into()).await,
        ];
        let (winner, record, told) = race([&one, &two], ids).await;
        assert_eq!(told.code, "superseded", "round {round}: {told}");
        assert!(has_lost([&two, &one][winner]), "round {round}");
        let Stage::Published(assembled, ..) = &record.sound().expect("sound").stage else {
            panic!("round {round}")
        };
        let ours = assembled.root().expect("a root").file_bytes();
        for name in ["2.root.json", "root.json"] {
            assert_eq!(world.published(name).as_deref(), Some(ours), "round {round}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_desks_that_publish_to_one_server_at_once_one_wins_and_the_other_is_superseded() {
    for round in 0..8 {
        let world = World::on_notary(Server::usual(None));
        let (one, two) = (world.ceremonies(), second_desk(&world));
        let ids = [
            rehearsed(&one, asked(vec![vouch("targets", "v2", b"one")], &[103])).await,
            rehearsed(&two, asked(vec![vouch("targets", "v2", b"another")], &[103])).await,
        ];
        let (winner, _, told) = race([&one, &two], ids).await;
        assert_eq!(told.code, "superseded", "round {round}: {told}");
        assert!(has_lost([&two, &one][winner]), "round {round}");
        assert_eq!(world.notary().publications().len(), 1, "round {round}");
        assert!(world.notary().is_followed_from(1, at(NOW)));
    }
}

#[tokio::test]
async fn a_clock_set_back_between_any_two_steps_loses_nothing_in_either_dialect() {
    let targets = || RotationChange {
        role: "targets".into(),
        ..wish(&[103], &[104], &[101, 108])
    };
    for is_notary in [false, true] {
        let world = match is_notary {
            true => World::on_notary(Server::usual(Some(108))),
            false => World::new(),
        };
        let (asked, signers): (RotationChange, &[u8]) = match is_notary {
            true => (targets(), &[101, 104, 108]),
            false => (wish(&[3], &[4], &[1, 2]), &[1, 2]),
        };
        let id = signed(&world.ceremonies(), asked, &signers[..1]).await.expect("signed");
        let earlier = world.ceremonies_at("2026-11-20T00:00:00Z");
        for number in &signers[1..] {
            let key = crate::rotation_support::physical(*number);
            earlier.sign(&id, &key).expect("signed");
        }
        let record = to_the_end(&earlier, &id).await.expect("published");
        assert!(
            !record.events.iter().map(|event| event.at).is_sorted(),
            "the clock went back"
        );
        let transcript = earlier.transcript(&id).expect("a transcript");
        let checked = Checked::of(&transcript, Some(record.head)).expect("it holds");
        assert_eq!(checked.record.events, record.events);
    }
}
