//! One thread per token owns it: every word with the card is spoken there, one piece of work after another.
//!
//! The driver is taken for code that may panic or hang on what a card answers; neither gets out of here.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    thread,
    time::Duration,
};

use super::card::Card;
use crate::ports::{Failure, TokenFacts};

/// Longer than a token waits for a touch, and than a slow one takes to tell of all its slots.
const PATIENCE: Duration = Duration::from_secs(60);

type Work = Box<dyn FnOnce() + Send>;

/// The thread that owns the token in one reader, from outside.
pub(super) struct Owner {
    reader: String,
    works: Sender<Work>,
    waiting: AtomicUsize,
    known: Mutex<Known>,
}

/// What the token in the reader was found to be.
#[derive(Default)]
struct Known {
    /// The reader's count of pluggings when it was.
    events: Option<u32>,
    serial: Option<u32>,
    facts: Option<TokenFacts>,
}

impl Owner {
    /// Fails with `token-failed` when the system gives no thread.
    pub(super) fn start(reader: &str) -> Result<Self, Failure> {
        let (works, coming) = mpsc::channel::<Work>();
        let started = thread::Builder::new().name("token".into()).spawn(move || {
            for work in coming {
                work();
            }
        });
        match started {
            Ok(_) => Ok(Owner {
                reader: reader.to_owned(),
                works,
                waiting: AtomicUsize::new(0),
                known: Mutex::default(),
            }),
            Err(error) => Err(failed(reader, &format!("has no thread of its own ({error})"))),
        }
    }

    /// Opens the card, does a piece of work with it and lets go of it, on its own thread.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Card) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let reader = self.reader.clone();
        self.contained(move || Card::open(&reader).and_then(|mut card| work(&mut card)))
    }

    /// The token's serial; asked for only when something was plugged since.
    pub(super) fn serial(&self, events: u32) -> Result<u32, Failure> {
        if let Known {
            serial: Some(serial),
            events: Some(then),
            ..
        } = *self.known()
            && then == events
        {
            return Ok(serial);
        }
        let serial = self.run(|card| Ok(card.serial()))?;
        *self.known() = Known {
            events: Some(events),
            serial: Some(serial),
            facts: None,
        };
        Ok(serial)
    }

    /// What the token tells; while it is at work, what it told before.
    pub(super) fn facts(&self, events: u32) -> Result<TokenFacts, Failure> {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            let known = self.known();
            if let Some(facts) = known.facts.as_ref().filter(|_| known.events == Some(events)) {
                return Ok(facts.clone());
            }
        }
        let facts = self.run(Card::facts)?;
        *self.known() = Known {
            events: Some(events),
            serial: Some(facts.serial),
            facts: Some(facts.clone()),
        };
        Ok(facts)
    }

    /// The serial found last, while nothing was plugged since.
    pub(super) fn known_serial(&self, events: u32) -> Option<u32> {
        let known = self.known();
        known.serial.filter(|_| known.events == Some(events))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contained<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, heard) = mpsc::sync_channel(1);
        let work = move || {
            let outcome = catch_unwind(AssertUnwindSafe(work));
            // Nobody may wait for it any more.
            let _ = answer.send(outcome.ok());
        };
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let outcome = match self.works.send(Box::new(work)) {
            Ok(()) => heard.recv_timeout(PATIENCE),
            Err(_) => Err(mpsc::RecvTimeoutError::Disconnected),
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        match outcome {
            Ok(Some(outcome)) => outcome,
            Ok(None) => Err(failed(&self.reader, "answered what its driver could not bear")),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let why = format!("has not answered for {} s", PATIENCE.as_secs());
                Err(failed(&self.reader, &why))
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(failed(&self.reader, "has lost its thread")),
        }
    }
}

fn failed(reader: &str, why: &str) -> Failure {
    Failure::fault("token-failed", format!("the token in {reader} {why}")).with("reader", reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_panics_is_a_fault_and_the_next_piece_of_work_is_done() {
        let owner = Owner::start("Yubico YubiKey 00 00").expect("a thread");
        let failure = owner
            .contained(|| -> Result<(), Failure> { panic!("index 3 out of range") })
            .expect_err("it panicked");
        assert_eq!(failure.code, "token-failed");
        assert!(!failure.message.contains("index 3"), "{}", failure.message);
        assert_eq!(owner.contained(|| Ok(7)).expect("done"), 7);
        assert_eq!(owner.waiting.load(Ordering::SeqCst), 0);
    }
}
