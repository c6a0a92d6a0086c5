//! What goes wrong with a PIV token, real or practice, whoever talks to it.

use crate::ports::{Failure, TokenSlot, device_label};

pub(in crate::adapters) fn absent(serial: u32) -> Failure {
    let message = format!("{} is not plugged in", device_label(serial));
    Failure::interruption("token-absent", message).with("serial", serial.to_string())
}

pub(in crate::adapters) fn other(serial: u32, found: &[u32]) -> Failure {
    let found: Vec<String> = found.iter().map(|found| device_label(*found)).collect();
    let message = format!("expected {}, found {}", device_label(serial), found.join(" and "));
    Failure::interruption("token-other", message)
        .with("serial", serial.to_string())
        .with("found", found.join(", "))
}

pub(in crate::adapters) fn ambiguous(serial: u32, readers: &[String]) -> Failure {
    let message = format!(
        "{} is plugged in more than once, in {}",
        device_label(serial),
        readers.join(" and in ")
    );
    Failure::refusal("token-ambiguous", message)
        .with("serial", serial.to_string())
        .with("readers", readers.join(", "))
}

pub(in crate::adapters) fn slot_empty(at: TokenSlot) -> Failure {
    let message = format!("{} holds no key", at.label());
    Failure::refusal("slot-empty", message).with("slot", at.to_string())
}

pub(in crate::adapters) fn slot_occupied(at: TokenSlot, what: &str) -> Failure {
    let message = format!(
        "{} holds {what} already, and nothing in a token is ever replaced",
        at.label()
    );
    Failure::refusal("slot-occupied", message).with("slot", at.to_string())
}

pub(in crate::adapters) fn pin_blocked(serial: u32) -> Failure {
    let message = format!("the PIN of {} is blocked", device_label(serial));
    Failure::refusal("pin-blocked", message).with("serial", serial.to_string())
}

pub(in crate::adapters) fn wrong_pin(serial: u32, tries_left: u8) -> Failure {
    let message = format!("that is not the PIN of {}; {}", device_label(serial), left(tries_left));
    Failure::interruption("wrong-pin", message)
        .with("serial", serial.to_string())
        .with("tries_left", tries_left.to_string())
}

/// Tokens from firmware 5.7 on find some PINs too simple.
pub(in crate::adapters) fn secret_refused(serial: u32, what: &str) -> Failure {
    let message = format!(
        "{} did not take the new {what}; the one it had before stands",
        device_label(serial)
    );
    Failure::refusal("new-secret-refused", message).with("serial", serial.to_string())
}

/// `3 tries are left`
pub(in crate::adapters) fn left(tries: u8) -> String {
    match tries {
        1 => "one try is left".into(),
        tries => format!("{tries} tries are left"),
    }
}
