//! Asking a person for the PIN of a module's token until it is right, and no further than they mean to go. A module does
//! not count tries for us, so we stop at three, and before the last one that it warns of.

use std::sync::Arc;

use super::{
    trouble,
    wire::{Pin, Told, Trouble},
};
use crate::ports::{Failure, FailureKind, ModuleToken, PinOf, Prompt, PromptRequest, Secret, TouchRequest, Wanted};

/// Most tokens lock themselves after as many.
const TRIES: u8 = 3;

/// Asks for the PIN and uses it, until it is right. `used` says what the token thinks of it.
///
/// Fails with `pin-blocked`, `wrong-pin`, `last-try-declined`, and as asking and using do.
pub(super) fn pin<T>(
    token: &ModuleToken,
    told: &Told,
    prompt: &dyn Prompt,
    request: &PromptRequest,
    mut used: impl FnMut(&Secret) -> Result<Result<T, Trouble>, Failure>,
) -> Result<(Arc<Secret>, T), Failure> {
    let mut request = about(token, request);
    let mut state = told.pin;
    let mut left = TRIES;
    loop {
        if state == Pin::Locked {
            return Err(trouble::pin_blocked(token));
        }
        let last_try = state == Pin::LastTry;
        if left == 0 && !last_try {
            return Err(trouble::wrong_pin(token, state));
        }
        request.wants = Wanted::Pin {
            tries_left: last_try.then_some(1),
            last_try,
        };
        let pin = prompt
            .ask(&request)
            .map_err(|failure| declined(failure, token, state, &request))?;
        let length = pin.expose().len();
        if length == 0 || !(told.shortest_pin..=told.longest_pin.max(told.shortest_pin)).contains(&length) {
            request.notice = Some(format!(
                "A PIN of this token has {} to {} characters; this was not given to it.",
                told.shortest_pin.max(1),
                told.longest_pin
            ));
            continue;
        }
        match used(&pin)? {
            Ok(done) => return Ok((Arc::new(pin), done)),
            Err(Trouble::WrongPin(now)) => {
                state = now;
                left = left.saturating_sub(1);
                request.notice = Some(format!("That is not the PIN of this token; {}.", trouble::left(state)));
            }
            Err(Trouble::PinRefused) => {
                request.notice = Some("The token takes no such PIN; it cost no try.".into());
            }
            Err(other) => return Err(trouble::of_token(token, other)),
        }
    }
}

/// Asks twice for a PIN that a token is to have, until both are the same and of a length it takes.
pub(super) fn new_pin(
    token: &ModuleToken,
    told: &Told,
    of: PinOf,
    prompt: &dyn Prompt,
    request: &PromptRequest,
) -> Result<Secret, Failure> {
    let mut request = about(token, request);
    let what = of.as_str();
    let lengths = told.shortest_pin.max(1)..=told.longest_pin.max(1);
    loop {
        request.wants = Wanted::NewTokenPin { of, again: false };
        let first = prompt.ask(&request)?;
        if !lengths.contains(&first.expose().len()) || std::str::from_utf8(first.expose()).is_err() {
            let (shortest, longest) = (lengths.start(), lengths.end());
            request.notice = Some(format!(
                "The {what} of this token has {shortest} to {longest} characters."
            ));
            continue;
        }
        request.notice = None;
        request.wants = Wanted::NewTokenPin { of, again: true };
        let second = prompt.ask(&request)?;
        if first.expose() == second.expose() {
            return Ok(first);
        }
        request.notice = Some(format!("The two were not the same. Choose the {what} again."));
    }
}

/// What a person reads while a device with keys of its own asks for its PIN.
pub(super) fn at_device(token: &ModuleToken, request: &PromptRequest, allows: &str, seconds: u32) -> TouchRequest {
    TouchRequest {
        repository: request.repository.clone(),
        change: request.change.clone(),
        device: token.label(),
        signs: allows.into(),
        digest: String::new(),
        seconds,
        types_pin: true,
        practice: request.practice,
    }
}

/// Asks for the PIN of the security officer, once: a token counts wrong ones. Fails as asking does.
pub(super) fn so_pin(token: &ModuleToken, prompt: &dyn Prompt, request: &PromptRequest) -> Result<Secret, Failure> {
    prompt.ask(&PromptRequest {
        wants: Wanted::SoPin,
        ..about(token, request)
    })
}

fn about(token: &ModuleToken, request: &PromptRequest) -> PromptRequest {
    PromptRequest {
        key: if request.key.is_empty() {
            token.label()
        } else {
            request.key.clone()
        },
        module_token: Some(token.clone()),
        ..request.clone()
    }
}

/// Who closes the prompt after a wrong PIN has stopped for that reason, and before the last try has declined it.
fn declined(failure: Failure, token: &ModuleToken, state: Pin, request: &PromptRequest) -> Failure {
    let stepped_away = failure.kind == FailureKind::Interruption && failure.code == "prompt-closed";
    if stepped_away && state == Pin::LastTry {
        let message = format!("the last PIN try for {} was not used", token.label());
        return Failure::interruption("last-try-declined", message).with("token", token.to_string());
    }
    let was_wrong = request.notice.is_some() && (stepped_away || failure.code == "wrong-pin");
    if was_wrong {
        return trouble::wrong_pin(token, state);
    }
    failure
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use zeroize::Zeroizing;

    use super::*;
    use crate::ports::Touching;

    /// Types one secret after the other, then closes the window; keeps what was wanted.
    struct Typing(Mutex<Vec<&'static str>>, Mutex<Vec<Wanted>>);

    impl Typing {
        fn of(typed: &[&'static str]) -> Self {
            Typing(Mutex::new(typed.iter().rev().copied().collect()), Mutex::default())
        }

        fn last_tries(&self) -> Vec<bool> {
            let wanted = self.1.lock().expect("a lock");
            let is_last = |wanted: &Wanted| matches!(wanted, Wanted::Pin { last_try: true, .. });
            wanted.iter().map(is_last).collect()
        }
    }

    impl Prompt for Typing {
        fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
            assert!(request.module_token.is_some(), "whose PIN it is can be looked up");
            self.1.lock().expect("a lock").push(request.wants);
            let typed = self.0.lock().expect("a lock").pop();
            typed
                .map(|typed| Secret::new(Zeroizing::new(typed.into())))
                .ok_or_else(|| Failure::interruption("prompt-closed", "closed"))
        }

        fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
            Ok(Box::new(()))
        }
    }

    fn token() -> ModuleToken {
        ModuleToken::parse("softhsm:rootward").expect("a token")
    }

    fn told(pin: Pin) -> Told {
        Told {
            pin,
            shortest_pin: 4,
            longest_pin: 8,
            ..Told::default()
        }
    }

    /// A token whose PIN is 246810, and which says what it thinks after each wrong one.
    fn says(states: &'static [Pin]) -> impl FnMut(&Secret) -> Result<Result<(), Trouble>, Failure> {
        let mut states = states.iter();
        move |pin| {
            if pin.expose() == b"246810" {
                return Ok(Ok(()));
            }
            Ok(Err(Trouble::WrongPin(
                *states.next().expect("no more tries than planned"),
            )))
        }
    }

    #[test]
    fn a_wrong_pin_is_asked_for_again_and_never_past_what_a_person_means() {
        const WAS_WRONG: &[Pin] = &[Pin::WasWrong, Pin::WasWrong, Pin::WasWrong];
        for (typed, first, states, code, last_tries) in [
            (&["246810"][..], Pin::Fine, WAS_WRONG, "", &[false][..]),
            (&["1111", "246810"], Pin::Fine, WAS_WRONG, "", &[false, false]),
            (&["1", "123456789", "246810"], Pin::Fine, WAS_WRONG, "", &[false; 3]),
            (
                &["1111", "1111", "1111", "246810"],
                Pin::Fine,
                WAS_WRONG,
                "wrong-pin",
                &[false; 3],
            ),
            (&["1111"], Pin::Fine, WAS_WRONG, "wrong-pin", &[false, false]),
            (&[], Pin::Fine, WAS_WRONG, "prompt-closed", &[false]),
            (
                &["1111"],
                Pin::WasWrong,
                &[Pin::LastTry],
                "last-try-declined",
                &[false, true],
            ),
            (&["246810"], Pin::LastTry, &[], "", &[true]),
            (&["1111"], Pin::LastTry, &[Pin::Locked], "pin-blocked", &[true]),
            (&["246810"], Pin::Locked, &[], "pin-blocked", &[]),
        ] {
            let typing = Typing::of(typed);
            let got = pin(&token(), &told(first), &typing, &PromptRequest::default(), says(states));
            assert_eq!(
                got.err().map(|failure| failure.code).unwrap_or_default(),
                code,
                "{typed:?}"
            );
            assert_eq!(typing.last_tries(), last_tries, "{typed:?}");
        }
    }

    #[test]
    fn a_new_pin_is_typed_twice_and_has_a_length_the_token_takes() {
        let typing = Typing::of(&["123", "1234", "4321", "246810", "246810"]);
        let chosen = new_pin(
            &token(),
            &told(Pin::Fine),
            PinOf::Officer,
            &typing,
            &PromptRequest::default(),
        );
        assert_eq!(chosen.expect("chosen").expose(), b"246810");
        let closed = new_pin(
            &token(),
            &told(Pin::Fine),
            PinOf::Officer,
            &Typing::of(&["1234"]),
            &PromptRequest::default(),
        );
        assert_eq!(closed.err().expect("closed").code, "prompt-closed");
    }
}
