//! What goes wrong with a token, told apart by what a person can do about it.

use pcsc::Error as Service;
use yubikey::Error;

use super::service;
pub(super) use crate::adapters::piv::trouble::{
    absent, ambiguous, other, pin_blocked, secret_refused, slot_empty, slot_occupied, wrong_pin,
};
use crate::ports::{Failure, device_label};

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
