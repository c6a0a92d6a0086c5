//! The power cord at every step of what a desk does besides a rotation: giving up, taking up again, handing out and taking back.
//! And a disk that is full from any step on: what was there stays, and goes on when there is room.

use std::path::Path;

use super::cord::rotation;
use super::{signed, state, to_the_end};
use crate::adapters::Loss;
use crate::border::CeremonyState;
use crate::ceremony::{Answered, Ceremonies, Digest, SigningRequest, SigningResponse, Stage};
use crate::ports::{Disk, Failure, FailureKind};
use crate::rotation_support::{World, physical, signature, wish};

const REQUEST: &str = "/stick/a.request";
const KIT: &str = "/stick/kit";
const PROGRAM: &str = "/stick/rootwardctl";

/// What is done to the only ceremony of a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Freeze,
    Sign,
    Request,
    Kit,
    TakeOne,
    TakeKit,
    Abandon,
    Reopen,
    /// With loose signatures over the same bytes that another ceremony holds.
    ReopenWithOthers,
    Resume,
}

const DEEDS: [Deed; 10] = [
    Deed::Freeze,
    Deed::Sign,
    Deed::Request,
    Deed::Kit,
    Deed::TakeOne,
    Deed::TakeKit,
    Deed::Abandon,
    Deed::Reopen,
    Deed::ReopenWithOthers,
    Deed::Resume,
];

fn response(ceremonies: &Ceremonies, id: &str, number: u8) -> Vec<u8> {
    let record = ceremonies.one(id).expect("one");
    let ceremony = record.sound().expect("sound");
    let frozen = ceremony.stage.collected().expect("fixed").root().expect("a root");
    SigningResponse {
        ceremony: id.into(),
        head: record.head,
        signatures: vec![Answered {
            role: "root".into(),
            sha256: Digest(frozen.digest()),
            signature: signature(number, frozen),
        }],
    }
    .to_bytes()
}

/// A desk on which the deed can be done, and the ceremony.
async fn before(deed: Deed) -> (World, String) {
    let world = World::new();
    world.disk.create_folder(Path::new("/stick")).expect("a folder");
    world
        .disk
        .write(Path::new(PROGRAM), b"\x7fELF", false)
        .expect("written");
    let ceremonies = world.ceremonies();
    let begin = async || {
        ceremonies
            .begin("demo", wish(&[3], &[4], &[1, 2]))
            .await
            .expect("begun")
    };
    if deed == Deed::Freeze {
        return (world, begin().await);
    }
    if deed == Deed::ReopenWithOthers {
        let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[2])
            .await
            .expect("signed");
        ceremonies.abandon(&id, "the wrong officer").await.expect("abandoned");
    }
    let signers: &[u8] = if deed == Deed::Reopen { &[1, 2] } else { &[1] };
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), signers)
        .await
        .expect("signed");
    match deed {
        Deed::Reopen | Deed::ReopenWithOthers => {
            ceremonies.abandon(&id, "the wrong officer").await.expect("abandoned");
        }
        Deed::TakeKit => {
            let (kit, program) = (Path::new(KIT), Path::new(PROGRAM));
            ceremonies.make_kit(&id, kit, program, Vec::new()).await.expect("made");
            for number in [2, 4] {
                let path = Path::new(KIT).join(format!("responses/{number}.response"));
                let response = response(&ceremonies, &id, number);
                world.disk.write(&path, &response, false).expect("written");
            }
        }
        _ => {}
    }
    (world, id)
}

/// Does it once.
async fn done(deed: Deed, ceremonies: &Ceremonies, id: &str) -> Result<(), Failure> {
    match deed {
        Deed::Freeze => ceremonies.freeze(id).await.map(drop),
        Deed::Sign => ceremonies.sign(id, &physical(2)).map(drop),
        Deed::Request => ceremonies.hand_out(id, Path::new(REQUEST), Vec::new()).await.map(drop),
        Deed::Kit => {
            let (kit, program) = (Path::new(KIT), Path::new(PROGRAM));
            ceremonies.make_kit(id, kit, program, Vec::new()).await.map(drop)
        }
        Deed::TakeOne => {
            let bytes = response(ceremonies, id, 2);
            ceremonies.take_back(None, &bytes).map(drop)
        }
        Deed::TakeKit => {
            let judged = ceremonies.take_kit(Path::new(KIT))?;
            judged.into_iter().try_for_each(|file| file.outcome.map(drop))
        }
        Deed::Abandon => ceremonies.abandon(id, "enough").await.map(drop),
        Deed::Reopen | Deed::ReopenWithOthers => ceremonies.reopen(id, "anybody could publish it").map(drop),
        Deed::Resume => ceremonies.resume(id).await.map(drop),
    }
}

/// Does it again after something went wrong: it is done now, or was done already.
async fn once_more(deed: Deed, world: &World, ceremonies: &Ceremonies, id: &str) -> Result<(), Failure> {
    let stands = state(ceremonies, id);
    match (deed, stands) {
        (Deed::Freeze, CeremonyState::Collecting) | (Deed::Abandon, CeremonyState::Abandoned) => return Ok(()),
        (Deed::Reopen, CeremonyState::Ready) => return Ok(()),
        // What is half there is no kit, and another folder is as good.
        (Deed::Kit, _) => {
            let is_whole = world.disk.read(&Path::new(KIT).join("SHA256SUMS"), 1 << 20).is_ok();
            let elsewhere = ceremonies.make_kit(id, Path::new("/stick/again"), Path::new(PROGRAM), Vec::new());
            return if is_whole { Ok(()) } else { elsewhere.await.map(drop) };
        }
        _ => {}
    }
    match done(deed, ceremonies, id).await {
        Err(failure) if failure.code == "already-signed" => Ok(()),
        // Taken up already, and only the signatures of the others were missing: they can be taken as any other.
        Err(failure) if deed == Deed::ReopenWithOthers && failure.code == "not-ready" => {
            assert!(
                matches!(stands, CeremonyState::Collecting | CeremonyState::Ready),
                "{failure}"
            );
            Ok(())
        }
        went => went,
    }
}

/// Whoever has still to sign signs, and it is published; what was given up is taken up again or begun anew.
async fn to_its_end(deed: Deed, ceremonies: &Ceremonies, id: &str) {
    let mut id = id.to_owned();
    if deed == Deed::Abandon {
        id = ceremonies
            .begin("demo", wish(&[3], &[4], &[1, 2]))
            .await
            .expect("begun");
        ceremonies.freeze(&id).await.expect("frozen");
    }
    for number in [1, 2] {
        match ceremonies.sign(&id, &physical(number)) {
            Err(failure) if failure.code == "already-signed" => {}
            went => drop(went.unwrap_or_else(|failure| panic!("{deed:?}: {failure}"))),
        }
    }
    let published = to_the_end(ceremonies, &id).await;
    let record = published.unwrap_or_else(|failure| panic!("{deed:?}: {failure}"));
    assert_eq!(CeremonyState::of(&record), CeremonyState::Published, "{deed:?}");
}

fn nothing_is_broken(ceremonies: &Ceremonies, what: &str) {
    for record in ceremonies.all().expect("a list") {
        record.sound().unwrap_or_else(|failure| panic!("{what}: {failure}"));
    }
}

#[tokio::test]
async fn whatever_a_desk_was_doing_when_the_power_went_is_done_again_or_was_done() {
    for deed in DEEDS {
        for step in 1_u64.. {
            let (world, id) = before(deed).await;
            let loss = Loss::ALL[step as usize % Loss::ALL.len()];
            let what = format!("{deed:?}, step {step}, {loss:?}");
            world.disk.crash_at(step);
            let went = done(deed, &world.ceremonies(), &id).await;
            if !world.disk.is_down() {
                went.unwrap_or_else(|failure| panic!("{what}: {failure}"));
                assert!(step > 2, "{what}: the cord was never pulled");
                break;
            }
            assert_eq!(went.unwrap_err().kind, FailureKind::Fault, "{what}");
            world.disk.restart(loss);
            let ceremonies = world.ceremonies();
            nothing_is_broken(&ceremonies, &what);
            let again = once_more(deed, &world, &ceremonies, &id).await;
            again.unwrap_or_else(|failure| panic!("{what}: {failure}"));
            // A request that is there is whole, and the journal knows it.
            if let Ok(bytes) = world.disk.read(Path::new(REQUEST), 1 << 24) {
                SigningRequest::read(&bytes).unwrap_or_else(|failure| panic!("{what}: {failure}"));
            }
            to_its_end(deed, &ceremonies, &id).await;
        }
    }
}

#[tokio::test]
async fn on_a_full_disk_everything_is_shown_and_what_was_begun_goes_on_when_there_is_room() {
    for deed in DEEDS {
        for step in 1_u64.. {
            let (world, id) = before(deed).await;
            let what = format!("{deed:?}, step {step}");
            world.disk.fill_at(step);
            let ceremonies = world.ceremonies();
            if done(deed, &ceremonies, &id).await.is_ok() {
                assert!(step > 1, "{what}: it needed no room");
                break;
            }
            // Tried again while nothing fits: the same fault, and nothing gets worse.
            let still = done(deed, &ceremonies, &id).await.unwrap_err();
            assert_ne!(still.code, "journal-broken", "{what}: {still}");
            assert_eq!(
                ceremonies.all().expect("a list").len(),
                world.ceremonies().all().expect("a list").len()
            );
            nothing_is_broken(&ceremonies, &what);
            world.disk.make_room();
            nothing_is_broken(&ceremonies, &what);
            let again = once_more(deed, &world, &ceremonies, &id).await;
            again.unwrap_or_else(|failure| panic!("{what}: {failure}"));
            to_its_end(deed, &ceremonies, &id).await;
        }
    }
}

#[tokio::test]
async fn a_rotation_on_a_disk_that_is_full_from_any_step_on_ends_when_there_is_room() {
    for step in 1_u64.. {
        let world = World::new().with_unversioned_root();
        world.disk.fill_at(step);
        let ceremonies = world.ceremonies();
        let what = format!("step {step}");
        match rotation(&ceremonies).await {
            Ok(_) => {
                assert!(step > 40, "{what}");
                break;
            }
            Err(failure) => assert_eq!(failure.kind, FailureKind::Fault, "{what}: {failure}"),
        }
        nothing_is_broken(&ceremonies, &what);
        for record in ceremonies.all().expect("a list") {
            let is_published = CeremonyState::of(&record) == CeremonyState::Published;
            assert!(!is_published || world.published("2.root.json").is_some(), "{what}");
        }
        world.disk.make_room();
        let published =
            |record: &crate::ceremony::Record| matches!(record.sound().expect("sound").stage, Stage::Published(..));
        if !ceremonies.all().expect("a list").iter().any(published) {
            let record = super::cord::finish(&ceremonies).await;
            let record = record.unwrap_or_else(|failure| panic!("{what}: {failure}"));
            assert!(published(&record), "{what}");
        }
        assert_eq!(world.published("root.json"), world.published("2.root.json"), "{what}");
    }
}
