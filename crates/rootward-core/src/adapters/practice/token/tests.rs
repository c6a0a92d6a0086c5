//! The practice token keeps to what a YubiKey does through the same port.

use std::sync::Mutex;

use rootward_tuf::{Dialect, Key, RoleName, TargetsDraft};

use super::*;
use crate::{
    adapters::{EveryToken, ForgettingDisk, NoTokens},
    ports::{CertificateTerms, Instant, Message, Secret, TouchRequest, Touching, Wanted},
};

const SERIAL: u32 = 4_290_000_001;

/// Types these PINs, and remembers what was shown.
#[derive(Default)]
struct Person {
    typed: Mutex<Vec<&'static str>>,
    tries: Mutex<Vec<Option<u8>>>,
    touches: Mutex<Vec<TouchRequest>>,
    is_away: bool,
}

impl Person {
    fn who_types(typed: &[&'static str]) -> Self {
        Person {
            typed: Mutex::new(typed.iter().rev().copied().collect()),
            ..Person::default()
        }
    }
}

impl Prompt for Person {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        if let Wanted::Pin { tries_left, .. } = request.wants {
            self.tries.lock().unwrap().push(tries_left);
        }
        match self.typed.lock().unwrap().pop() {
            Some(typed) => Ok(Secret::new(typed.as_bytes().to_vec().into())),
            None => Err(Failure::interruption("prompt-closed", "nobody is there")),
        }
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        if self.is_away {
            return Err(Failure::interruption("prompt-closed", "nobody could be told"));
        }
        self.touches.lock().unwrap().push(request.clone());
        Ok(Box::new(()))
    }
}

fn at(slot: &str) -> TokenSlot {
    TokenSlot::parse(&format!("{SERIAL}/{slot}")).unwrap()
}

fn tokens(person: &Arc<Person>) -> PracticeTokens {
    let disk = Arc::new(ForgettingDisk::new());
    PracticeTokens::new(disk, person.clone(), "/data/practice/tokens".into(), Duration::ZERO)
}

fn practice() -> PromptRequest {
    PromptRequest {
        practice: true,
        ..PromptRequest::default()
    }
}

fn born(tokens: &PracticeTokens, slot: &str, wish: NewTokenKey) -> PublicKey {
    let nobody = Person::default();
    tokens.generate(at(slot), &wish, &nobody, &practice()).unwrap()
}

fn code<T>(result: Result<T, Failure>) -> String {
    result.map_or_else(|failure| failure.code, |_| "ok".into())
}

#[test]
fn a_signature_takes_the_pin_and_an_announced_touch_and_holds() {
    let person = Arc::new(Person::who_types(&["111111", "123456"]));
    let tokens = tokens(&person);
    for (slot, algorithm) in [("9c", TokenAlgorithm::P256), ("9a", TokenAlgorithm::P384)] {
        let wish = NewTokenKey {
            algorithm,
            ..NewTokenKey::default()
        };
        let public = born(&tokens, slot, wish);
        assert_eq!(tokens.find(&public.physical()).unwrap(), Some(at(slot)));
        person.typed.lock().unwrap().push("123456");
        let mut signer = tokens
            .open(at(slot), Some(&public.physical()), &*person, &practice())
            .unwrap();
        assert!(signer.touches());
        for (dialect, key) in [
            (Dialect::Tuf1, Key::new_tuf1(&public)),
            (Dialect::Notary, Key::new_notary_bare(&public)),
        ] {
            let ends = Instant::parse("2030-01-01T00:00:00Z").unwrap();
            let frozen = TargetsDraft::first(dialect, RoleName::targets(), ends)
                .freeze()
                .unwrap();
            let signature = signer.sign(Message::metadata(&frozen), &key).unwrap();
            frozen.check(&key, &signature).expect("the signature holds");
        }
    }
    let touches = person.touches.lock().unwrap();
    assert_eq!(touches.len(), 4, "one for each signature");
    assert_eq!(touches[0].device, "Practice token 1, slot 9c");
    assert!(touches.iter().all(|touch| touch.practice));
}

#[test]
fn wrong_pins_are_counted_and_the_third_blocks_until_the_token_is_erased() {
    let person = Arc::new(Person::who_types(&["111111", "222222", "333333"]));
    let tokens = tokens(&person);
    born(&tokens, "9c", NewTokenKey::default());
    assert_eq!(code(tokens.open(at("9c"), None, &*person, &practice())), "pin-blocked");
    assert_eq!(*person.tries.lock().unwrap(), [Some(3), Some(2), Some(1)]);
    assert_eq!(tokens.facts(SERIAL).unwrap().pin_tries, Some(0));
    let right = Person::who_types(&["123456"]);
    assert_eq!(code(tokens.open(at("9c"), None, &right, &practice())), "pin-blocked");
    assert_eq!(right.tries.lock().unwrap().len(), 0, "nobody is asked");
    tokens.erase(SERIAL).unwrap();
    let facts = tokens.facts(SERIAL).unwrap();
    assert_eq!((facts.pin_tries, facts.slots.len()), (Some(3), 0));
    // A right one in between gives all tries back.
    born(&tokens, "9c", NewTokenKey::default());
    let person = Person::who_types(&["111111", "123456"]);
    tokens.open(at("9c"), None, &person, &practice()).unwrap();
    assert_eq!(tokens.facts(SERIAL).unwrap().pin_tries, Some(3));
    let person = Person::who_types(&["1", "111111"]);
    assert_eq!(code(tokens.open(at("9c"), None, &person, &practice())), "wrong-pin");
    assert_eq!(
        tokens.facts(SERIAL).unwrap().pin_tries,
        Some(2),
        "what cannot be a PIN is no try"
    );
}

#[test]
fn it_signs_nothing_real_and_nothing_that_nobody_was_told_of() {
    let person = Arc::new(Person {
        is_away: true,
        ..Person::who_types(&["123456"])
    });
    let tokens = tokens(&person);
    let public = born(&tokens, "9c", NewTokenKey::default());
    let real = PromptRequest::default();
    assert_eq!(code(tokens.open(at("9c"), None, &*person, &real)), "practice-only");
    assert_eq!(person.tries.lock().unwrap().len(), 0, "nobody was asked for a PIN");
    let mut signer = tokens.open(at("9c"), None, &*person, &practice()).unwrap();
    let ends = Instant::parse("2030-01-01T00:00:00Z").unwrap();
    let frozen = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), ends)
        .freeze()
        .unwrap();
    let signed = signer.sign(Message::metadata(&frozen), &Key::new_tuf1(&public));
    assert_eq!(code(signed), "prompt-closed");
}

#[test]
fn what_another_key_would_sign_in_its_place_does_not_come_out() {
    let person = Arc::new(Person::who_types(&["123456"]));
    let tokens = tokens(&person);
    let public = born(&tokens, "9c", NewTokenKey::default());
    let mut signer = tokens.open(at("9c"), None, &*person, &practice()).unwrap();
    let ends = Instant::parse("2030-01-01T00:00:00Z").unwrap();
    let frozen = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), ends)
        .freeze()
        .unwrap();
    let mut sign = |key: &Key| code(signer.sign(Message::metadata(&frozen), key));
    let listed = Key::new_tuf1(&public);
    assert_eq!(sign(&listed), "ok");
    tokens.erase(SERIAL).unwrap();
    let other = born(&tokens, "9c", NewTokenKey::default());
    assert_eq!(sign(&listed), "expected-other-key");
    assert_eq!(sign(&Key::new_tuf1(&other)), "expected-other-key", "it was not opened");
    let touches = person.touches.lock().unwrap().len();
    assert_eq!(touches, 1, "nobody is asked for a touch that is worth nothing");
}

#[test]
fn slots_are_never_overwritten_and_hold_one_certificate_over_their_own_key() {
    let person = Arc::new(Person::who_types(&["123456", "123456"]));
    let tokens = tokens(&person);
    born(&tokens, "9c", NewTokenKey::default());
    born(&tokens, "9a", NewTokenKey::default());
    let again = tokens.generate(at("9c"), &NewTokenKey::default(), &*person, &practice());
    assert_eq!(code(again), "slot-occupied");
    let terms = CertificateTerms {
        gun: "registry.test/app".into(),
        not_before: Instant::parse("2026-01-01T00:00:00Z").unwrap(),
        not_after: Instant::parse("2036-01-01T00:00:00Z").unwrap(),
        serial: [7; 16],
    };
    let mut signer = tokens.open(at("9c"), None, &*person, &practice()).unwrap();
    let certificate = signer.certify(&terms).unwrap();
    let write = |slot| tokens.write_certificate(at(slot), &certificate, &*person, &practice());
    assert_eq!(code(write("9a")), "expected-other-key");
    assert_eq!(code(write("9c")), "ok");
    assert_eq!(code(write("9c")), "slot-occupied");
    assert_eq!(code(write("9d")), "slot-empty");
    let told = tokens.facts(SERIAL).unwrap();
    assert_eq!(
        told.slot(at("9c").slot).unwrap().certificate.as_deref(),
        Some(certificate.der())
    );
    assert_eq!(code(tokens.attestation(at("9c"))), "key-cannot-attest");
    let other = born(&tokens, "9e", NewTokenKey::default()).physical();
    let opened = tokens.open(at("9c"), Some(&other), &*person, &practice());
    assert_eq!(code(opened), "expected-other-key");
}

#[test]
fn it_stands_beside_devices_and_never_in_for_one() {
    let person = Arc::new(Person::default());
    let practice = tokens(&person);
    let every = EveryToken::new(Arc::new(NoTokens), Arc::new(practice.clone()));
    assert_eq!(code(every.attached()), "token-service-missing");
    assert_eq!(code(every.facts(SERIAL)), "token-absent");
    born(&practice, "9c", NewTokenKey::default());
    let attached = every.attached().unwrap();
    assert!(
        matches!(&attached[..], [Attached::Unseen(why), Attached::Ready(_)] if why.code == "token-service-missing"),
        "that no device can be seen is said, and is no token: {attached:?}"
    );
    assert_eq!(code(every.facts(19_402_271)), "token-service-missing");
    assert_eq!(code(practice.facts(SERIAL + 1)), "token-other");
    let device = EveryToken::new(Arc::new(practice), Arc::new(tokens(&person)));
    let attached = device.attached().unwrap();
    assert!(
        matches!(&attached[0], Attached::Troubled { failure, .. } if failure.code == "token-unsupported"),
        "a device that calls itself a practice token is not worked with: {attached:?}"
    );
}
