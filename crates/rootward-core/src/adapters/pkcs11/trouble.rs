//! What goes wrong with a module or a token of it, told apart by what a person can do about it.

use std::{path::Path, time::Duration};

use super::wire::{Pin, Trouble};
use crate::ports::{Failure, ModuleKey, ModuleName, ModuleToken};

/// What became of a module's process.
pub(super) enum Fate {
    /// It ended, and how.
    Crashed(String),
    Hung(Duration),
    Lied(String),
}

pub(super) fn of_module(library: &Path, fate: Fate) -> Failure {
    let name = library.display();
    let failure = match fate {
        Fate::Crashed(how) => Failure::fault(
            "module-crashed",
            format!("the PKCS#11 module {name} crashed: it ended {how}"),
        )
        .with("ended", how),
        Fate::Hung(patience) => {
            let message = format!(
                "the PKCS#11 module {name} has not answered for {} s and was ended",
                patience.as_secs()
            );
            Failure::fault("module-hung", message)
        }
        Fate::Lied(why) => Failure::fault(
            "module-lied",
            format!("the PKCS#11 module {name} answered what cannot be: {why}"),
        ),
    };
    failure.with("module", name.to_string())
}

pub(super) fn not_allowed(module: &ModuleName) -> Failure {
    let message = format!("the PKCS#11 module {module} is not among those that may be loaded");
    Failure::refusal("module-not-allowed", message).with("module", module.as_str())
}

/// What a module's own trouble means for a token.
pub(super) fn of_token(token: &ModuleToken, trouble: Trouble) -> Failure {
    let label = token.label();
    let fault = |code, why: String| Failure::fault(code, why);
    let failure = match trouble {
        Trouble::Unusable(why) => fault(
            "module-unusable",
            format!("{} is no PKCS#11 module that can be loaded: {why}", token.module),
        ),
        Trouble::Absent => return absent(token),
        Trouble::Ambiguous => return ambiguous(token, &[]),
        Trouble::NoPrivateHalf => Failure::refusal(
            "key-cannot-sign",
            format!("{label} holds only the public half of this key, or does not say which private key is its own"),
        ),
        Trouble::OtherKey => fault(
            "token-failed",
            format!("what {label} signed does not hold: it is another key's"),
        ),
        Trouble::WrongPin(pin) => return wrong_pin(token, pin),
        Trouble::PinLocked => return pin_blocked(token),
        Trouble::PinNotSet => Failure::refusal(
            "token-unsupported",
            format!("{label} has no PIN yet: its security officer sets one first"),
        ),
        Trouble::NotEntered => Failure::interruption("prompt-closed", format!("no PIN was entered on {label}")),
        Trouble::PinRefused => Failure::refusal("token-unsupported", format!("{label} takes no such PIN")),
        Trouble::Lacks(what) => return lacks(token, &what),
        Trouble::Occupied => Failure::refusal(
            "slot-occupied",
            format!("{label} holds a key of this label or id already, and nothing in a token is ever replaced"),
        ),
        Trouble::NoneEmpty => Failure::refusal(
            "token-initialised",
            format!("no token of {} waits to be initialised", token.module),
        ),
        Trouble::SeveralEmpty => Failure::refusal(
            "token-ambiguous",
            format!(
                "several tokens of {} wait to be initialised: name one with ;serial=",
                token.module
            ),
        ),
        Trouble::Refused(why) => fault("token-failed", format!("{label} did not do it: {why}")),
        Trouble::Nonsense(why) => fault(
            "module-lied",
            format!("{} answered what cannot be: {why}", token.module),
        ),
    };
    placed(failure, token)
}

pub(super) fn absent(token: &ModuleToken) -> Failure {
    placed(
        Failure::interruption("token-absent", format!("{} is not there", token.label())),
        token,
    )
}

/// `serials` are those of the tokens that fit.
pub(super) fn ambiguous(token: &ModuleToken, serials: &[String]) -> Failure {
    let message = format!("more than one token calls itself {}", token.label());
    placed(Failure::refusal("token-ambiguous", message), token).with("serials", serials.join(", "))
}

pub(super) fn pin_blocked(token: &ModuleToken) -> Failure {
    placed(
        Failure::refusal("pin-blocked", format!("the PIN of {} is blocked", token.label())),
        token,
    )
}

pub(super) fn wrong_pin(token: &ModuleToken, pin: Pin) -> Failure {
    let message = format!("that is not the PIN of {}; {}", token.label(), left(pin));
    let failure = placed(Failure::interruption("wrong-pin", message), token);
    match pin {
        Pin::LastTry => failure.with("tries_left", "1"),
        Pin::Fine | Pin::WasWrong | Pin::Locked => failure,
    }
}

pub(super) fn left(pin: Pin) -> &'static str {
    match pin {
        Pin::LastTry => "one try is left",
        Pin::Locked => "no try is left",
        Pin::Fine | Pin::WasWrong => "the token does not say how many tries are left",
    }
}

pub(super) fn lacks(token: &ModuleToken, what: &str) -> Failure {
    let message = format!("{} lacks what this needs: {what}", token.label());
    placed(Failure::refusal("mechanism-missing", message), token).with("mechanism", what)
}

/// A new PIN would be chosen at the device.
pub(super) fn pin_pad(token: &ModuleToken) -> Failure {
    let message = format!(
        "{} asks for its PIN at the device: choose its first PIN there, with its maker's own program",
        token.label()
    );
    placed(Failure::refusal("token-unsupported", message), token)
}

pub(super) fn key_absent(key: &ModuleKey) -> Failure {
    let message = format!("{} holds no {}", key.token.label(), key.key_label());
    placed(Failure::refusal("key-not-found", message), &key.token).with("key", key.to_string())
}

pub(super) fn key_ambiguous(key: &ModuleKey, ids: &[String]) -> Failure {
    let message = format!("{} holds more than one {}", key.token.label(), key.key_label());
    placed(Failure::refusal("key-ambiguous", message), &key.token)
        .with("key", key.to_string())
        .with("ids", ids.join(", "))
}

fn placed(failure: Failure, token: &ModuleToken) -> Failure {
    failure.with("token", token.to_string())
}
