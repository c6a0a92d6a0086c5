//! What a key signs is on record before any signature exists, and a second document of one version wants a reason.

use std::path::Path;

use super::cord::rotation;
use super::{signed, to_the_end};
use crate::adapters::Loss;
use crate::border::{CeremonyView, event_text};
use crate::ceremony::{Ceremonies, Record};
use crate::ledger::{Signing, Went};
use crate::ports::Disk;
use crate::rotation_support::{World, physical, wish};

const LEDGER: &str = "/data/ledger.jsonl";

/// A root v2 that key 1 signed, abandoned, and another root v2 that waits for its signatures.
async fn two_roots(world: &World) -> (Ceremonies, String, String) {
    let ceremonies = world.ceremonies();
    let first = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1])
        .await
        .expect("signed");
    ceremonies.abandon(&first, "wrong key").await.expect("abandoned");
    let second = signed(&ceremonies, wish(&[3], &[5], &[1, 2]), &[])
        .await
        .expect("frozen");
    (ceremonies, first, second)
}

fn signings(ceremonies: &Ceremonies) -> Vec<Signing> {
    ceremonies.ledger().deeds().expect("a ledger").signings.clone()
}

fn because(reason: &str) -> Option<String> {
    Some(reason.to_owned())
}

#[tokio::test]
async fn a_key_that_signed_signs_no_other_root_of_that_version_without_a_reason() {
    let world = World::new();
    let (ceremonies, first, second) = two_roots(&world).await;
    for refused in [
        ceremonies.sign(&second, &physical(1)),
        ceremonies.sign_again(&second, &physical(1), " \t "),
    ] {
        let refused = refused.map(drop).unwrap_err();
        assert_eq!(refused.code, "signed-otherwise");
        assert!(refused.message.contains(&first), "{}", refused.message);
    }
    let view = CeremonyView::of(&ceremonies.insight(&second).expect("an insight"));
    let row = view.signers.iter().find(|row| row.needs_reason).expect("a row says so");
    assert!(row.can_sign && row.state.contains(&first), "{}", row.state);
    assert_eq!(view.signers.iter().filter(|row| row.needs_reason).count(), 1);
    assert_eq!(signings(&ceremonies).len(), 1, "nothing else was asked for");
    ceremonies.sign(&second, &physical(2)).expect("another key signs");
    ceremonies.sign(&second, &physical(5)).expect("another key signs");
}

#[tokio::test]
async fn a_reason_lets_a_key_sign_again_and_stays_on_record() {
    let world = World::new();
    let (ceremonies, _, second) = two_roots(&world).await;
    let reason = "the first root named a broken token";
    ceremonies
        .sign_again(&second, &physical(1), &format!("  {reason}\n"))
        .expect("signed");
    let on_record = signings(&ceremonies);
    let last = on_record.last().expect("a signing");
    assert_eq!(
        (&last.what.again_because, &last.went),
        (&because(reason), &Went::Signed)
    );
    let record = ceremonies.one(&second).expect("a ceremony");
    let told = |event: &crate::ceremony::Event| event_text(&event.fact, &|key| key.to_owned());
    let mut lines = record.events.iter().map(told);
    assert!(lines.any(|line| line.contains(reason)), "the journal says why");
    // A reason that is not needed is not on record.
    ceremonies.sign_again(&second, &physical(2), reason).expect("signed");
    assert_eq!(
        signings(&ceremonies).last().expect("a signing").what.again_because,
        None
    );
    ceremonies.sign(&second, &physical(5)).expect("signed");
    to_the_end(&ceremonies, &second).await.expect("published");
}

#[tokio::test]
async fn the_ledger_remembers_when_the_ceremony_and_the_repository_are_gone() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let first = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1])
        .await
        .expect("signed");
    // Somebody deletes the ceremony from the data folder.
    let journal = Path::new("/data/ceremonies").join(&first).join("journal.jsonl");
    world.disk.remove(&journal).expect("removed");
    assert!(ceremonies.all().expect("a list").is_empty());
    let second = signed(&ceremonies, wish(&[3], &[5], &[1, 2]), &[])
        .await
        .expect("frozen");
    assert_eq!(
        ceremonies.sign(&second, &physical(1)).map(drop).unwrap_err().code,
        "signed-otherwise"
    );
    // And the other way round: journals that are older than the ledger count as well.
    let world = World::new();
    let (ceremonies, _, second) = two_roots(&world).await;
    world.disk.remove(Path::new(LEDGER)).expect("removed");
    assert!(signings(&ceremonies).is_empty());
    assert_eq!(
        ceremonies.sign(&second, &physical(1)).map(drop).unwrap_err().code,
        "signed-otherwise"
    );
}

#[tokio::test]
async fn a_key_pulled_out_while_it_signs_counts_as_having_signed_and_a_closed_prompt_does_not() {
    for (pulled, blocks) in [(true, true), (false, false)] {
        let world = World::new();
        let ceremonies = world.ceremonies();
        let first = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[])
            .await
            .expect("frozen");
        if pulled {
            world.keys.pulled.lock().expect("a lock").push(1);
        } else {
            *world.prompt.closed.lock().expect("a lock") = true;
        }
        assert!(ceremonies.sign(&first, &physical(1)).is_err());
        world.keys.pulled.lock().expect("a lock").clear();
        *world.prompt.closed.lock().expect("a lock") = false;
        ceremonies.abandon(&first, "wrong key").await.expect("abandoned");
        let second = signed(&ceremonies, wish(&[3], &[5], &[1, 2]), &[])
            .await
            .expect("frozen");
        match ceremonies.sign(&second, &physical(1)) {
            Ok(_) => assert!(!blocks),
            Err(refused) => {
                assert!(blocks && refused.code == "signed-otherwise", "{refused}");
                assert!(refused.message.contains("nobody knows"), "{refused}");
            }
        }
    }
}

#[tokio::test]
async fn the_same_bytes_are_signed_again_after_an_interruption_without_a_reason() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[])
        .await
        .expect("frozen");
    world.keys.pulled.lock().expect("a lock").push(1);
    assert!(ceremonies.sign(&id, &physical(1)).is_err());
    world.keys.pulled.lock().expect("a lock").clear();
    ceremonies.sign(&id, &physical(1)).expect("signed");
}

#[tokio::test]
async fn after_a_crash_at_any_step_no_signature_exists_that_the_ledger_does_not_know() {
    let steps = {
        let world = World::new().with_unversioned_root();
        let before = world.disk.steps_taken();
        rotation(&world.ceremonies()).await.expect("published");
        world.disk.steps_taken() - before
    };
    let mut signatures = 0;
    for loss in Loss::ALL {
        for step in 1..=steps {
            let world = World::new().with_unversioned_root();
            world.disk.crash_at(step);
            assert!(rotation(&world.ceremonies()).await.is_err(), "step {step}");
            world.disk.restart(loss);
            let known = signings(&world.ceremonies());
            for (key, digest) in world.keys.made.lock().expect("a lock").iter() {
                signatures += 1;
                let is_known = known.iter().any(|signing| {
                    signing.may_exist()
                        && signing.what.physical_key == key.to_string()
                        && signing.what.sha256.0 == *digest
                });
                assert!(is_known, "step {step} {loss:?}: a signature of {key} is not on record");
            }
        }
    }
    assert!(signatures > 0, "some of these crashes came after a signature");
}

#[tokio::test]
async fn a_ledger_that_was_altered_stops_every_signature_and_what_it_claims_still_counts() {
    let world = World::new();
    let (ceremonies, _, second) = two_roots(&world).await;
    let mut bytes = world.disk.read(Path::new(LEDGER), 1 << 20).expect("there");
    let good = bytes.clone();
    let place = bytes.iter().position(|&byte| byte == b'2').expect("a digit");
    bytes[place] = b'3';
    world.disk.write(Path::new(LEDGER), &bytes, true).expect("written");
    let refused = ceremonies.sign(&second, &physical(2)).map(drop).unwrap_err();
    assert_eq!(refused.code, "ledger-broken");
    assert!(ceremonies.ledger().deeds().expect("it is shown").broken.is_some());
    let refused = ceremonies.sign(&second, &physical(1)).map(drop).unwrap_err();
    assert_eq!(
        refused.code, "signed-otherwise",
        "what the broken line claims is reason enough"
    );
    world.disk.write(Path::new(LEDGER), &good, true).expect("written");
    ceremonies.sign(&second, &physical(2)).expect("mended");
}

#[tokio::test]
async fn half_a_line_of_the_ledger_is_cut_off_before_the_next_deed() {
    let world = World::new();
    let (ceremonies, _, second) = two_roots(&world).await;
    world.disk.append(Path::new(LEDGER), b"{\"actor\":").expect("appended");
    assert_eq!(signings(&ceremonies).len(), 1);
    ceremonies.sign(&second, &physical(2)).expect("signed");
    assert_eq!(signings(&ceremonies).len(), 2);
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn of(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.of(all.len() as u64) as usize]
    }
}

#[tokio::test]
async fn whatever_happens_in_whatever_order_no_key_signs_two_roots_of_one_version_without_a_reason() {
    let (mut signed_once, mut refused) = (0, 0);
    for seed in 0..24 {
        let (world, mut dice) = (World::new(), Dice(seed));
        for _ in 0..16 {
            let ceremonies = world.ceremonies();
            let open = ceremonies.all().expect("a list").into_iter().find(Record::is_open);
            let Some(open) = open else {
                let joins = dice.one(&[4, 5, 6]);
                if let Ok(id) = ceremonies.begin("demo", wish(&[3], &[joins], &[1, 2])).await {
                    let _ = ceremonies.freeze(&id).await;
                }
                continue;
            };
            let key = physical(dice.one(&[1, 2, 4, 5, 6]));
            match dice.of(5) {
                0 | 1 => {
                    if let Err(failure) = ceremonies.sign(&open.id, &key) {
                        refused += u32::from(failure.code == "signed-otherwise");
                    }
                }
                2 => {
                    // The device is pulled out, or the cord is, somewhere in the middle.
                    world.keys.pulled.lock().expect("a lock").extend([1, 4]);
                    let _ = ceremonies.sign(&open.id, &key);
                    world.keys.pulled.lock().expect("a lock").clear();
                }
                3 => {
                    world.disk.crash_at(1 + dice.of(8));
                    let _ = ceremonies.sign(&open.id, &key);
                    world.disk.restart(dice.one(&Loss::ALL));
                }
                _ => drop(ceremonies.abandon(&open.id, "another way").await),
            }
        }
        let made = world.keys.made.lock().expect("a lock");
        for (key, digest) in made.iter() {
            signed_once += 1;
            let other = made.iter().find(|(other, over)| other == key && over != digest);
            assert_eq!(other, None, "seed {seed}: {key} signed two roots of one version");
        }
    }
    assert!(
        signed_once > 20 && refused > 5,
        "{signed_once} signatures, {refused} refusals"
    );
}
