//! A power cord pulled at every step: nothing is lost, and nothing half published is called published.

use std::path::Path;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root};

use super::{signed, state, to_the_end};
use crate::adapters::Loss;
use crate::border::{CeremonyState, RotationChange};
use crate::ceremony::{Ceremonies, Record, Stage};
use crate::ports::{Disk, Failure};
use crate::rotation_support::notary::Server;
use crate::rotation_support::{REPOSITORY, World, physical, wish};

/// Rotates to the end, or as far as the disk lets it.
pub(super) async fn rotation(ceremonies: &Ceremonies) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", wish(&[3], &[4], &[1, 2])).await?;
    ceremonies.freeze(&id).await?;
    ceremonies.sign(&id, &physical(1))?;
    ceremonies.sign(&id, &physical(4))?;
    ceremonies.sign(&id, &physical(2))?;
    to_the_end(ceremonies, &id).await
}

/// Takes up whatever a crash left and brings it to its end.
pub(super) async fn finish(ceremonies: &Ceremonies) -> Result<Record, Failure> {
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

/// Rotates the targets key of a Notary repository whose snapshot a client holds: two waves.
async fn notary_rotation(ceremonies: &Ceremonies) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", on_notary()).await?;
    ceremonies.freeze(&id).await?;
    for number in [101, 104, 108] {
        ceremonies.sign(&id, &physical(number))?;
    }
    to_the_end(ceremonies, &id).await
}

fn on_notary() -> RotationChange {
    RotationChange {
        role: "targets".into(),
        ..wish(&[103], &[104], &[101, 108])
    }
}

async fn finish_on_notary(ceremonies: &Ceremonies) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", on_notary()).await?;
    let mut record = ceremonies.resume(&id).await?;
    for _ in 0..12 {
        record = match &record.sound()?.stage {
            Stage::Drafting => ceremonies.freeze(&id).await?,
            Stage::Collecting(collected) if collected.sheets.len() < 2 => ceremonies.freeze(&id).await?,
            Stage::Collecting(collected) => {
                let missing = [101, 104, 108].into_iter();
                let mut missing =
                    missing.filter(|&number| collected.signatures().all(|given| given.physical != physical(number)));
                ceremonies.sign(&id, &physical(missing.next().expect("somebody has not signed")))?
            }
            Stage::Ready(_) => ceremonies.rehearse(&id).await?,
            Stage::Rehearsed(..) | Stage::Publishing(..) => ceremonies.publish(&id).await?,
            Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => break,
        };
    }
    Ok(record)
}

#[tokio::test]
async fn a_crash_at_any_step_of_two_waves_on_notary_is_resumed_and_published_once() {
    for step in 1..400 {
        let world = World::on_notary(Server::usual(Some(108)));
        world.disk.crash_at(step);
        if notary_rotation(&world.ceremonies()).await.is_ok() {
            assert!(step > 20, "the cord was pulled {step} times");
            return;
        }
        world.disk.restart(Loss::ALL[step as usize % Loss::ALL.len()]);
        let ceremonies = world.ceremonies();
        let records = ceremonies.all().expect("a list");
        let is_done = |record: &Record| CeremonyState::of(record) == CeremonyState::Published;
        if !records.iter().any(is_done) {
            let record = finish_on_notary(&ceremonies).await;
            let record = record.unwrap_or_else(|failure| panic!("step {step}: {failure}"));
            assert!(is_done(&record), "step {step}");
        }
        assert_eq!(world.notary().publications().len(), 1, "step {step}");
    }
}
