//! Every command to a token fails once, in every way a card can: what was going on ends with a failure that has a name,
//! nobody panics, and the card is as good as before.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use rootward_tests::{
    rigs::yubikey::{Card, FIRMWARE_5_7_1, Fault, RIG_SERIALS, When, YubiKeys},
    tokens::{Account, Desk, order},
};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tokens-under-test");
const SERIAL: u32 = *RIG_SERIALS.start();
const PIN: &str = "123456";
/// Rigs side by side.
const WORKERS: usize = 4;

/// A piece of work, from looking for the card to letting go of it.
#[derive(Clone, Copy, PartialEq)]
enum Deed {
    /// In a slot that is empty.
    Generate(u8),
    Certify,
    Sign,
    /// Of a certificate, beside a key that has none.
    Store(u8),
}

/// How a command fails, and what a person may be told then. Empty: it was done all the same.
const FAULTS: [(Fault, &[&str]); 5] = [
    (Fault::Status(0x6f00), &["token-failed", ""]),
    // The answer to a missing PIN and a missing touch.
    (Fault::Status(0x6982), &["token-failed", "touch-missed", ""]),
    (
        Fault::Garbage,
        &["token-failed", "token-unsupported", "token-other", ""],
    ),
    (Fault::AnswerLost, &["token-absent", "token-busy", "token-failed", ""]),
    (Fault::Unplugged, &["token-absent", ""]),
];

#[test]
fn every_command_of_making_a_key_may_fail() {
    each_command_fails(Deed::Generate(0x82));
}

#[test]
fn every_command_of_certifying_may_fail() {
    each_command_fails(Deed::Certify);
}

#[test]
fn every_command_of_signing_may_fail() {
    each_command_fails(Deed::Sign);
}

#[test]
fn every_command_of_storing_a_certificate_may_fail() {
    each_command_fails(Deed::Store(0x82));
}

/// Runs the deed once for every command it sends and every fault, a few cards at a time.
fn each_command_fails(deed: Deed) {
    let Some(commands) = commands_of(deed) else { return };
    assert!(commands > 5, "{commands} commands");
    let left: Mutex<Vec<usize>> = Mutex::new((1..=commands).rev().collect());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let Some(mut bench) = Bench::start() else { return };
                loop {
                    let next = left.lock().expect("nobody panics with it").pop();
                    let Some(nth) = next else { return };
                    for (fault, told) in FAULTS {
                        bench.survives(deed, nth, fault, told);
                    }
                }
            });
        }
    });
}

/// How many commands a deed sends when nothing fails; `None` without a rig.
fn commands_of(deed: Deed) -> Option<usize> {
    let mut bench = Bench::start()?;
    let deed = bench.made_ready(deed);
    bench.card().reset_counters();
    assert_eq!(bench.does(deed).code(), "");
    Some(bench.card().apdu_count())
}

struct Bench {
    desk: Desk,
    rig: YubiKeys,
    /// The next slot that was never used.
    fresh: u8,
}

impl Bench {
    /// A card with a key in 9c; `None` where there is no rig.
    fn start() -> Option<Self> {
        let rig = YubiKeys::one(FIRMWARE_5_7_1)?;
        let mut desk = Desk::of(&rig, PROGRAM);
        desk.does(order("generate", &at(0x9c), &[])).ok();
        Some(Self { rig, desk, fresh: 0x82 })
    }

    fn card(&self) -> &Card {
        self.rig.card(0)
    }

    fn does(&mut self, deed: Deed) -> Account {
        match deed {
            Deed::Generate(slot) => self.desk.does(order("generate", &at(slot), &[])),
            Deed::Store(slot) => self.desk.does(order("store", &at(slot), &[])),
            Deed::Certify | Deed::Sign => {
                let opened = self.desk.does(order("open", &at(0x9c), &[PIN]));
                if !opened.code().is_empty() {
                    return opened;
                }
                self.desk.does(match deed {
                    Deed::Certify => json!({ "do": "certify", "gun": "registry.example/app" }),
                    _ => json!({ "do": "sign", "dialect": "tuf" }),
                })
            }
        }
    }

    fn survives(&mut self, deed: Deed, nth: usize, fault: Fault, told: &[&str]) {
        let deed = self.made_ready(deed);
        self.card().fault_at(nth, When::Any, fault);
        let account = self.does(deed);
        let case = format!("{fault:?} at command {nth}: {account:?}");
        assert!(told.contains(&account.code()), "{case}");
        assert!(!account.message().contains(PIN), "{case}");
        assert!(
            account.code().is_empty() || account.message().contains("YubiKey"),
            "{case}"
        );
        assert!(!self.card().fault_is_pending(), "{case}");
        if matches!(fault, Fault::Unplugged) {
            // pcscd looks every 400 ms, and loses a card that was gone for less.
            std::thread::sleep(Duration::from_millis(1000));
            self.card().replug();
        }
        self.back();
        // Where a key was made although nobody heard of it, the next one is made elsewhere.
        let again = self.made_ready(deed);
        let account = self.does(again);
        assert_eq!(
            account.code(),
            "",
            "afterwards, {fault:?} at command {nth}: {account:?}"
        );
        assert_eq!(self.card().retries_left(), 3, "{case}");
    }

    /// An empty slot for a new key; a key without a certificate where one is stored.
    fn made_ready(&mut self, deed: Deed) -> Deed {
        match deed {
            Deed::Generate(_) => Deed::Generate(self.fresh_slot()),
            Deed::Store(_) => {
                let slot = self.fresh_slot();
                self.desk.does(order("generate", &at(slot), &[])).ok();
                self.desk.does(order("open", &at(slot), &[PIN])).ok();
                self.desk
                    .does(json!({ "do": "certify", "gun": "registry.example/app" }))
                    .ok();
                Deed::Store(slot)
            }
            Deed::Certify | Deed::Sign => deed,
        }
    }

    /// A slot that was never used; on another card when this one has none left.
    fn fresh_slot(&mut self) -> u8 {
        if self.fresh > 0x95 {
            *self = Self::start().expect("there was a rig before");
        }
        self.fresh += 1;
        self.fresh - 1
    }

    /// Waits until the desk sees the card again.
    fn back(&mut self) {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let account = self.desk.does(order("facts", &at(0x9c), &[]));
            if account.code().is_empty() {
                return;
            }
            assert!(
                Instant::now() < end,
                "the card is not back: {account:?} {}",
                self.rig.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn at(slot: u8) -> String {
    format!("{SERIAL}/{slot:02x}")
}
