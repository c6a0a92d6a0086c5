//! Asking a person for a token's PIN or management key until it is right, and no further than they mean to go.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::trouble;
use crate::ports::{Failure, FailureKind, PinOf, Prompt, PromptRequest, Secret, TokenSlot, Wanted};

/// A PIN has 6 to 8 bytes; others are no tries.
const PIN_LENGTHS: std::ops::RangeInclusive<usize> = 6..=8;

/// Wrong management keys are not counted by the token, so they are by us.
const MANAGEMENT_TRIES: u8 = 3;

/// What came of using a secret.
pub(in crate::adapters) enum Tried<T> {
    Done(T),
    /// It was wrong; the token allows so many more tries.
    Wrong(u8),
}

/// Asks for the PIN and uses it, until it is right.
///
/// With one try left, a person must want to use it. Fails with `pin-blocked`, `wrong-pin`, `last-try-declined`, and as
/// asking and using do.
pub(in crate::adapters) fn pin<T>(
    at: TokenSlot,
    tries: u8,
    prompt: &dyn Prompt,
    request: &PromptRequest,
    mut used: impl FnMut(Arc<Secret>) -> Result<Tried<T>, Failure>,
) -> Result<(Arc<Secret>, T), Failure> {
    let mut request = about(at, request);
    let mut left = tries;
    loop {
        if left == 0 {
            return Err(trouble::pin_blocked(at.serial));
        }
        let last_try = left == 1;
        request.wants = Wanted::Pin {
            tries_left: Some(left),
            last_try,
        };
        let pin = prompt
            .ask(&request)
            .map_err(|failure| declined(failure, at, left, &request))?;
        if !PIN_LENGTHS.contains(&pin.expose().len()) {
            request.notice = Some("A PIN has 6 to 8 characters; this was not given to the token.".into());
            continue;
        }
        let pin = Arc::new(pin);
        match used(pin.clone())? {
            Tried::Done(done) => return Ok((pin, done)),
            Tried::Wrong(still) => {
                left = still;
                request.notice = Some(format!("That is not the PIN of this token; {}.", trouble::left(left)));
            }
        }
    }
}

/// Asks for the management key and uses it, three times at most. Fails with `wrong-management-key` and as asking does.
pub(in crate::adapters) fn management_key<T>(
    at: TokenSlot,
    prompt: &dyn Prompt,
    request: &PromptRequest,
    mut used: impl FnMut(Zeroizing<Vec<u8>>) -> Result<Tried<T>, Failure>,
) -> Result<T, Failure> {
    let mut request = about(at, request);
    request.wants = Wanted::ManagementKey;
    for left in (0..MANAGEMENT_TRIES).rev() {
        let typed = prompt.ask(&request)?;
        let Some(key) = from_hex(typed.expose()) else {
            request.notice = Some("A management key is 32, 48 or 64 hexadecimal digits.".into());
            continue;
        };
        match used(key)? {
            Tried::Done(done) => return Ok(done),
            Tried::Wrong(_) => {
                request.notice = Some(format!("That is not the management key; {}.", trouble::left(left)));
            }
        }
    }
    let message = format!("none of {MANAGEMENT_TRIES} management keys is that of {}", at.label());
    Err(Failure::interruption("wrong-management-key", message).with("serial", at.serial.to_string()))
}

/// Asks for a new PIN, twice the same. Fails as asking does.
pub(in crate::adapters) fn new_pin(
    prompt: &dyn Prompt,
    request: &PromptRequest,
    delivered: &[u8],
) -> Result<Secret, Failure> {
    let mut request = PromptRequest {
        change: format!("{} Choose a PIN of 6 to 8 characters.", request.change),
        ..request.clone()
    };
    loop {
        request.wants = Wanted::NewTokenPin {
            of: PinOf::Officer,
            again: false,
        };
        let pin = prompt.ask(&request)?;
        request.notice = None;
        if !PIN_LENGTHS.contains(&pin.expose().len()) {
            request.notice = Some("A PIN has 6 to 8 characters.".into());
            continue;
        }
        if pin.expose() == delivered {
            request.notice = Some("Every token is delivered with this PIN; choose another.".into());
            continue;
        }
        request.wants = Wanted::NewTokenPin {
            of: PinOf::Officer,
            again: true,
        };
        let again = prompt.ask(&request)?;
        if again.expose() == pin.expose() {
            return Ok(pin);
        }
        request.notice = Some("The two were not the same. Nothing has changed; choose the PIN once more.".into());
    }
}

/// Shows a made-up PUK and has it typed back. Fails with `new-secret-refused` when a script chose one that is none.
pub(in crate::adapters) fn new_puk(
    prompt: &dyn Prompt,
    request: &PromptRequest,
    made_up: &Secret,
) -> Result<Secret, Failure> {
    let request = PromptRequest {
        wants: Wanted::NewPuk,
        ..request.clone()
    };
    let puk = prompt.agree(&request, made_up)?;
    if !PIN_LENGTHS.contains(&puk.expose().len()) || puk.expose() == b"12345678" {
        let message = format!(
            "the new PUK of {} was not taken: expected 6 to 8 characters, and not those it was delivered with",
            request.key
        );
        return Err(Failure::refusal("new-secret-refused", message));
    }
    Ok(puk)
}

fn about(at: TokenSlot, request: &PromptRequest) -> PromptRequest {
    PromptRequest {
        key: at.label(),
        token: Some(at),
        ..request.clone()
    }
}

/// Who closes the prompt after a wrong PIN has stopped for that reason, and before the last try has declined it.
fn declined(failure: Failure, at: TokenSlot, left: u8, request: &PromptRequest) -> Failure {
    let stepped_away = failure.kind == FailureKind::Interruption && failure.code == "prompt-closed";
    if stepped_away && left == 1 {
        let message = format!("the last PIN try for {} was not used", at.label());
        return Failure::interruption("last-try-declined", message).with("serial", at.serial.to_string());
    }
    let was_wrong = request.notice.is_some() && (stepped_away || failure.code == "wrong-pin");
    if was_wrong {
        return trouble::wrong_pin(at.serial, left);
    }
    failure
}

fn from_hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim_ascii();
    if ![32, 48, 64].contains(&text.len()) {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for pair in text.chunks_exact(2) {
        let byte = digit(pair[0])? << 4 | digit(pair[1])?;
        bytes.push(u8::try_from(byte).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::ports::{TouchRequest, Touching};

    /// Types one secret after the other, then closes the window; keeps what it was shown.
    struct Typing(Mutex<Vec<&'static str>>, Mutex<Vec<PromptRequest>>);

    impl Typing {
        fn of(typed: &[&'static str]) -> Self {
            Typing(Mutex::new(typed.iter().rev().copied().collect()), Mutex::default())
        }

        fn shown(&self) -> Vec<(Wanted, Option<String>)> {
            let shown = self.1.lock().expect("a lock");
            shown
                .iter()
                .map(|request| (request.wants, request.notice.clone()))
                .collect()
        }
    }

    impl Prompt for Typing {
        fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
            self.1.lock().expect("a lock").push(request.clone());
            let typed = self.0.lock().expect("a lock").pop();
            typed
                .map(|typed| Secret::new(Zeroizing::new(typed.into())))
                .ok_or_else(|| Failure::interruption("prompt-closed", "closed"))
        }

        fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
            Ok(Box::new(()))
        }
    }

    fn at() -> TokenSlot {
        TokenSlot::parse("19402271/9c").expect("a slot")
    }

    /// A token whose PIN is 654321.
    fn token(tries: u8) -> impl FnMut(Arc<Secret>) -> Result<Tried<()>, Failure> {
        let mut left = tries;
        move |pin| {
            if pin.expose() == b"654321" {
                return Ok(Tried::Done(()));
            }
            left -= 1;
            Ok(Tried::Wrong(left))
        }
    }

    #[test]
    fn a_wrong_pin_is_asked_for_again_and_the_last_try_must_be_meant() {
        let typing = Typing::of(&["111111", "222222", "654321"]);
        let right = pin(at(), 3, &typing, &PromptRequest::default(), token(3));
        assert_eq!(right.expect("right").0.expose(), b"654321");
        let wanted = |left, last_try| Wanted::Pin {
            tries_left: Some(left),
            last_try,
        };
        let wrong = |left| Some(format!("That is not the PIN of this token; {left}."));
        assert_eq!(
            typing.shown(),
            [
                (wanted(3, false), None),
                (wanted(2, false), wrong("2 tries are left")),
                (wanted(1, true), wrong("one try is left")),
            ]
        );
    }

    #[test]
    fn whoever_stops_after_a_wrong_pin_is_told_what_is_left() {
        for (typed, tries, code, left) in [
            (&[][..], 3, "prompt-closed", None),
            (&["111111"], 3, "wrong-pin", Some("2")),
            (&["111111", "111111"], 3, "last-try-declined", None),
            (&[], 1, "last-try-declined", None),
            (&["111111"], 1, "pin-blocked", None),
            (&["654321"], 0, "pin-blocked", None),
        ] {
            let typing = Typing::of(typed);
            let failure = pin(at(), tries, &typing, &PromptRequest::default(), token(tries))
                .err()
                .expect("no PIN");
            assert_eq!(failure.code, code, "{typed:?}");
            assert_eq!(failure.details.get("tries_left").map(String::as_str), left, "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_pin_is_no_try() {
        let typing = Typing::of(&["", "12345", "123456789", "654321"]);
        assert!(pin(at(), 1, &typing, &PromptRequest::default(), token(1)).is_ok());
    }

    #[test]
    fn a_management_key_is_asked_for_three_times() {
        let key = "010203040506070801020304050607080102030405060708";
        let other = "000000000000000000000000000000000000000000000000";
        let used = |typed: Zeroizing<Vec<u8>>| match typed[0] {
            1 => Ok(Tried::Done(typed.len())),
            _ => Ok(Tried::Wrong(0)),
        };
        let ask = |typed: &[&'static str]| management_key(at(), &Typing::of(typed), &PromptRequest::default(), used);
        assert_eq!(ask(&["nonsense", other, key]).expect("right"), 24);
        assert_eq!(
            ask(&[other, other, other]).expect_err("wrong").code,
            "wrong-management-key"
        );
        assert_eq!(ask(&[other]).expect_err("closed").code, "prompt-closed");
    }
}
