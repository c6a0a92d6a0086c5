//! What goes wrong with a token, told apart by what a person can do about it.

use pcsc::Error as Service;
use yubikey::Error;

use super::service;
use crate::ports::{Failure, TokenSlot, device_label};

/// A token as failures name it.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) reader: String,
    pub(super) serial: Option<u32>,
}

impl Name {
    /// What an error of the driver means, while it did what `doing` says.
    ///
    /// Asks the service whether the token is still there, which for one that is takes a while: what is pulled out may
    /// seem to answer nonsense first.
    pub(super) fn failure(&self, error: Error, doing: &str) -> Failure {
        let Error::PcscError { inner: Some(error) } = error else {
            return match self.is_still_there() {
                Ok(()) => self.failed(doing, &error.to_string()),
                Err(absent) => absent,
            };
        };
        match error {
            Service::SharingViolation => self.busy("is held by another program"),
            Service::ResetCard => self.busy("was reset by another program meanwhile"),
            Service::NoService | Service::ServiceStopped | Service::NoAccess | Service::SecurityViolation => {
                service::missing(error)
            }
            Service::NoSmartcard
            | Service::RemovedCard
            | Service::UnknownReader
            | Service::ReaderUnavailable
            | Service::NoReadersAvailable => self.absent(),
            other => match self.is_still_there() {
                Ok(()) => self.failed(doing, &other.to_string()),
                Err(absent) => absent,
            },
        }
    }

    /// Fails with `token-absent` when the token was pulled out meanwhile. For one that was not, this takes a while.
    pub(super) fn is_still_there(&self) -> Result<(), Failure> {
        if service::stays_plugged(&self.reader) {
            Ok(())
        } else {
            Err(self.absent())
        }
    }

    /// The token answered what makes no sense.
    pub(super) fn failed(&self, doing: &str, why: &str) -> Failure {
        let message = format!("{} failed {doing}: {why}", self.label());
        self.placed(Failure::fault("token-failed", message))
    }

    pub(super) fn unsupported(&self, why: &str) -> Failure {
        let message = format!("{} cannot be worked with: {why}", self.label());
        self.placed(Failure::fault("token-unsupported", message))
    }

    fn absent(&self) -> Failure {
        let message = format!("{} is not plugged in any more", self.label());
        self.placed(Failure::interruption("token-absent", message))
    }

    fn busy(&self, how: &str) -> Failure {
        let message = format!("{} {how}", self.label());
        self.placed(Failure::interruption("token-busy", message))
    }

    fn label(&self) -> String {
        match self.serial {
            Some(serial) => device_label(serial),
            None => format!("the token in {}", self.reader),
        }
    }

    fn placed(&self, failure: Failure) -> Failure {
        let failure = failure.with("reader", self.reader.as_str());
        match self.serial {
            Some(serial) => failure.with("serial", serial.to_string()),
            None => failure,
        }
    }
}

pub(super) fn absent(serial: u32) -> Failure {
    let message = format!("{} is not plugged in", device_label(serial));
    Failure::interruption("token-absent", message).with("serial", serial.to_string())
}

pub(super) fn other(serial: u32, found: &[u32]) -> Failure {
    let found: Vec<String> = found.iter().map(|found| device_label(*found)).collect();
    let message = format!("expected {}, found {}", device_label(serial), found.join(" and "));
    Failure::interruption("token-other", message)
        .with("serial", serial.to_string())
        .with("found", found.join(", "))
}

pub(super) fn ambiguous(serial: u32, readers: &[String]) -> Failure {
    let message = format!(
        "{} is plugged in more than once, in {}",
        device_label(serial),
        readers.join(" and in ")
    );
    Failure::refusal("token-ambiguous", message)
        .with("serial", serial.to_string())
        .with("readers", readers.join(", "))
}

pub(super) fn slot_empty(at: TokenSlot) -> Failure {
    let message = format!("{} holds no key", at.label());
    Failure::refusal("slot-empty", message).with("slot", at.to_string())
}

pub(super) fn slot_occupied(at: TokenSlot, what: &str) -> Failure {
    let message = format!(
        "{} holds {what} already, and nothing in a token is ever replaced",
        at.label()
    );
    Failure::refusal("slot-occupied", message).with("slot", at.to_string())
}

pub(super) fn pin_blocked(serial: u32) -> Failure {
    let message = format!("the PIN of {} is blocked", device_label(serial));
    Failure::refusal("pin-blocked", message).with("serial", serial.to_string())
}

pub(super) fn wrong_pin(serial: u32, tries_left: u8) -> Failure {
    let message = format!("that is not the PIN of {}; {}", device_label(serial), left(tries_left));
    Failure::interruption("wrong-pin", message)
        .with("serial", serial.to_string())
        .with("tries_left", tries_left.to_string())
}

/// Tokens from firmware 5.7 on find some PINs too simple.
pub(super) fn secret_refused(serial: u32, what: &str) -> Failure {
    let message = format!(
        "{} did not take the new {what}; the one it had before stands",
        device_label(serial)
    );
    Failure::refusal("new-secret-refused", message).with("serial", serial.to_string())
}

/// `3 tries are left`
pub(super) fn left(tries: u8) -> String {
    match tries {
        1 => "one try is left".into(),
        tries => format!("{tries} tries are left"),
    }
}
