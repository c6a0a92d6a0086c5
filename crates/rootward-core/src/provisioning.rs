//! A token as it was delivered becomes one for a root key: what is done with the token, what is proven of its key, and the
//! card that is kept with it.

use crate::{
    border::{AttestationView, Failure, LossPlan, ReadyView, SlotView, TokenKeyWish, visible},
    keyring::{self, attestation},
    ports::{
        Attestation, Instant, KeyReference, Prompt, PromptRequest, ReadyStep, StepOutcome, TokenSlot, Tokens, Vault,
        device_label,
    },
    token_rack::new_key,
};

/// Makes the token of `key` (`yubikey:SERIAL/SLOT`) ready, and proves where its key was born. With a vault, what was
/// proven is kept. Blocks while a person is asked.
///
/// Fails with `bad-usage` when `key` names no slot, and as [`crate::ports::FreshTokens::make_ready`] does. An attestation
/// that proves nothing is told, and fails nothing: the token is as it should be all the same.
#[expect(
    clippy::too_many_arguments,
    reason = "a ceremony of one call: who, with what, where to, and the clock"
)]
pub(crate) fn provision(
    tokens: &dyn Tokens,
    prompt: &dyn Prompt,
    vault: Option<&dyn Vault>,
    now: Instant,
    key: &str,
    wish: TokenKeyWish,
    loss: LossPlan,
    taken: &dyn Fn(ReadyStep, StepOutcome),
) -> Result<ReadyView, Failure> {
    let at = slot_of(key)?;
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
            let message = "a token is made ready for a slot, such as yubikey:19402271/9c";
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
