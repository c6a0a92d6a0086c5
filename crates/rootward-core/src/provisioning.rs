//! A token as it was delivered becomes one for a root key: what is done with the token, what is proven of its key, and the
//! card that is kept with it.

use crate::{
    border::{AttestationView, Failure, LossPlan, ReadyView, SlotView, TokenKeyWish, visible},
    keyring::{self, attestation},
    ports::{
        Attestation, Instant, KeyReference, ModuleKey, ModuleKeyFacts, ModuleToken, ModuleTokenFacts, Modules, Origin,
        PinState, Prompt, PromptRequest, ReadyStep, StepOutcome, TokenSlot, Tokens, Vault, device_label,
    },
    token_rack::{new_key, new_module_key},
};

/// Makes the token of `key` ready (`yubikey:SERIAL/SLOT`, `pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL`), and proves where its key
/// was born, if anything can. With a vault, what was proven is kept. Blocks while a person is asked.
///
/// Fails with `bad-usage` when `key` names no place for a key, and as [`crate::ports::FreshTokens::make_ready`] and making
/// keys in modules' tokens do. An attestation that proves nothing is told, and fails nothing: the token is as it should be
/// all the same.
#[expect(
    clippy::too_many_arguments,
    reason = "a ceremony of one call: who, with what, where to, and the clock"
)]
pub(crate) fn provision(
    tokens: &dyn Tokens,
    modules: &dyn Modules,
    prompt: &dyn Prompt,
    vault: Option<&dyn Vault>,
    now: Instant,
    key: &str,
    wish: TokenKeyWish,
    loss: LossPlan,
    taken: &dyn Fn(ReadyStep, StepOutcome),
) -> Result<ReadyView, Failure> {
    let at = match keyring::parse(key)? {
        KeyReference::Pkcs11(at) => return of_module(modules, prompt, &at, wish, loss, taken),
        _ => slot_of(key)?,
    };
    let wish = (loss != LossPlan::ImportedTwice).then(|| new_key(wish)).transpose()?;
    let device = device_label(at.serial);
    let request = PromptRequest {
        change: format!("{device} is made ready for an officer. Nothing that anybody has set is replaced."),
        ..PromptRequest::default()
    };
    let ready = tokens.make_ready(at, wish.as_ref(), prompt, &request, taken)?;
    let Some((public, attestation)) = ready.key else {
        return Ok(ReadyView::of(at.serial, &ready.steps, None, None, loss));
    };
    let attested = attested(&attestation, vault, now, Some(&public.physical()))?;
    let facts = tokens.facts(at.serial)?;
    let slot = facts
        .slot(at.slot)
        .map(|slot| SlotView::of(at.serial, slot, &Default::default()));
    Ok(ReadyView::of(at.serial, &ready.steps, slot, Some(attested), loss))
}

/// The same for a token of a module. A label that no token has is given to the one that waits to be initialised.
///
/// Each step looks at the token first. Before anybody is asked, refuses with `slot-occupied` when a key has that label
/// already, unless it is one as wished.
fn of_module(
    modules: &dyn Modules,
    prompt: &dyn Prompt,
    at: &ModuleKey,
    wish: TokenKeyWish,
    loss: LossPlan,
    taken: &dyn Fn(ReadyStep, StepOutcome),
) -> Result<ReadyView, Failure> {
    if at.label.is_empty() || at.token.label.is_empty() {
        let message = "expected a label for the token and one for the key, such as pkcs11:softhsm:rootward/root-1";
        return Err(Failure::fault("bad-usage", message));
    }
    let wish = (loss != LossPlan::ImportedTwice).then(|| new_module_key(wish));
    let request = PromptRequest {
        change: format!(
            "{} is made ready for an officer. Nothing that anybody has set is replaced.",
            at.token.label()
        ),
        key: at.token.label(),
        ..PromptRequest::default()
    };
    let mut steps = Vec::new();
    let mut note = |step, outcome| {
        taken(step, outcome);
        steps.push((step, outcome));
    };
    modules.look_again();
    let (there, born) = match modules.facts(&at.token) {
        Ok(facts) => {
            let born = match wish {
                Some((kind, always_asks)) => born_there(modules, at, kind.as_str(), always_asks)?,
                None => None,
            };
            (Some(facts), born)
        }
        Err(failure) if failure.code == "token-absent" => (None, None),
        Err(failure) => return Err(failure),
    };
    let token = match there {
        None => {
            let made = modules.initialise(&at.token, prompt, &request)?;
            note(ReadyStep::SoPin, StepOutcome::Done);
            note(ReadyStep::Pin, StepOutcome::Done);
            made.token
        }
        Some(facts) => {
            note(ReadyStep::SoPin, StepOutcome::WasSo);
            let outcome = match facts.pin {
                PinState::NotSet if facts.asks_for_pin => {
                    modules.set_first_pin(&facts.token, prompt, &request)?;
                    StepOutcome::Done
                }
                _ => StepOutcome::WasSo,
            };
            note(ReadyStep::Pin, outcome);
            facts.token
        }
    };
    let Some((kind, always_asks)) = wish else {
        return Ok(ReadyView::of_module(&modules.facts(&token)?, &steps, None, loss));
    };
    let at = ModuleKey {
        token: token.clone(),
        ..at.clone()
    };
    let outcome = match born {
        Some(_) => StepOutcome::WasSo,
        None => {
            modules.generate(&at, kind, always_asks, prompt, &request)?;
            StepOutcome::Done
        }
    };
    note(ReadyStep::Key, outcome);
    note(ReadyStep::Attestation, StepOutcome::LeftAlone);
    let (facts, key) = (modules.facts(&token)?, modules.inspect(&at)?);
    Ok(ReadyView::of_module(&facts, &steps, Some(&key), loss))
}

/// The key of that label, when it is one as wished as far as the token tells without its PIN.
fn born_there(
    modules: &dyn Modules,
    at: &ModuleKey,
    algorithm: &str,
    always_asks: bool,
) -> Result<Option<ModuleKeyFacts>, Failure> {
    let held = match modules.inspect(at) {
        Ok(held) => held,
        Err(failure) if failure.code == "key-not-found" => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let is_as_wished = held.algorithm == algorithm
        && held.origin != Some(Origin::Imported)
        && held.always_asks.is_none_or(|asks| asks || !always_asks);
    match is_as_wished {
        true => Ok(Some(held)),
        false => {
            let message = format!(
                "{} is there already, and is not such a key: choose another label",
                at.label()
            );
            Err(Failure::refusal("slot-occupied", message).with("key", at.to_string()))
        }
    }
}

/// The token that making `asked` ready would be about: the one that is called so, else one that waits to be initialised.
///
/// Fails with `token-absent` and as the module does.
pub(crate) fn fresh_or_named(modules: &dyn Modules, asked: &ModuleToken) -> Result<ModuleTokenFacts, Failure> {
    if !asked.label.is_empty() {
        match modules.facts(asked) {
            Err(failure) if failure.code == "token-absent" => {}
            told => return told,
        }
    }
    let told = modules.attached().into_iter().find(|told| told.module == asked.module);
    let tokens = match told {
        Some(told) => told.tokens?,
        // Says why there is none.
        None => return modules.facts(asked),
    };
    let is_meant = |facts: &ModuleTokenFacts| asked.serial.as_ref().is_none_or(|serial| facts.serial == *serial);
    let mut empty = tokens
        .into_iter()
        .filter(|facts| !facts.is_initialised)
        .filter(is_meant);
    empty.next().ok_or_else(|| {
        let message = format!("no token of {} waits to be initialised", asked.module.label());
        Failure::interruption("token-absent", message).with("token", asked.to_string())
    })
}

/// Proves what a token says of a key, and keeps it where there is a vault.
///
/// Fails with `disk-failed`.
pub(crate) fn attested(
    attestation: &Attestation,
    vault: Option<&dyn Vault>,
    now: Instant,
    expected: Option<&rootward_tuf::PhysicalKey>,
) -> Result<AttestationView, Failure> {
    let roots = match vault {
        Some(vault) => attestation::roots(vault)?,
        None => attestation::Roots::of_makers(),
    };
    let outcome = attestation::verify(attestation, &roots, expected);
    let kept = match (vault, &outcome) {
        (Some(vault), Ok(_)) => attestation::keep(vault, attestation, None, now).map(|_| true)?,
        _ => false,
    };
    Ok(AttestationView::of(&outcome, kept, now))
}

/// The slot that KEY names; `bad-usage` for anything else.
pub(crate) fn slot_of(key: &str) -> Result<TokenSlot, Failure> {
    match keyring::parse(key)? {
        KeyReference::YubiKey(at) => Ok(at),
        _ => {
            let message = "expected a slot, such as yubikey:19402271/9c";
            Err(Failure::fault("bad-usage", message))
        }
    }
}

/// The serial of a token, as `yubikey:SERIAL`; `bad-usage` for anything else.
pub(crate) fn serial_of(token: &str) -> Result<u32, Failure> {
    let digits = token.strip_prefix("yubikey:").filter(|digits| !digits.starts_with('+'));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        let message = format!("expected a token such as yubikey:19402271, got {}", visible(token));
        Failure::fault("bad-usage", message)
    })
}

/// Erases a token, when its serial was typed: every key in its PIV slots is lost.
///
/// Refuses with `erase-not-confirmed`.
pub(crate) fn erase(tokens: &dyn Tokens, serial: u32, typed: &str) -> Result<(), Failure> {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    if typed != serial.to_string() {
        let device = device_label(serial);
        let message = format!("{device} was not erased: expected its serial to be typed, {serial}");
        return Err(Failure::refusal("erase-not-confirmed", message).with("serial", serial.to_string()));
    }
    tokens.erase(serial)
}
