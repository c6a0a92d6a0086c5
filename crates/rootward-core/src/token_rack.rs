//! Tokens without a desk: what `rootwardctl tokens` asks.

use std::sync::Arc;

use crate::{
    adapters::YubiKeys,
    border::{PinAsked, SlotView, TokenKeyKind, TokenKeyWish, TokensView, TouchAsked},
    keyring,
    ports::{
        Failure, KeyReference, NewTokenKey, PinPolicy, Prompt, PromptRequest, TokenAlgorithm, Tokens, TouchPolicy,
    },
};

/// The tokens of this machine, and who is asked for their secrets.
pub struct TokenRack {
    tokens: YubiKeys,
    prompt: Arc<dyn Prompt>,
}

impl TokenRack {
    /// Speaks to no token yet.
    pub fn new(prompt: Arc<dyn Prompt>) -> Self {
        TokenRack {
            tokens: YubiKeys::new(prompt.clone()),
            prompt,
        }
    }

    /// What is plugged in. What its keys speak for, only a desk knows.
    ///
    /// Fails with `token-service-missing`.
    pub fn list(&self) -> Result<TokensView, Failure> {
        let attached = self.tokens.attached()?;
        Ok(TokensView::of(&Ok(attached), &Default::default()))
    }

    /// Makes a key in an empty slot, `yubikey:SERIAL/SLOT`.
    ///
    /// Fails with `bad-usage` for another kind of key, and as [`Tokens::generate`] does.
    pub fn generate(&self, key: &str, wish: TokenKeyWish) -> Result<SlotView, Failure> {
        born(&self.tokens, &*self.prompt, key, wish)
    }
}

/// Makes a key in an empty slot and tells what became of it. Blocks while a person is asked.
///
/// Fails with `bad-usage` when `key` names no slot, and as [`Tokens::generate`] does.
pub(crate) fn born(
    tokens: &dyn Tokens,
    prompt: &dyn Prompt,
    key: &str,
    wish: TokenKeyWish,
) -> Result<SlotView, Failure> {
    let KeyReference::YubiKey(at) = keyring::parse(key)? else {
        let message = "a new key is born in a slot, such as yubikey:19402271/9c";
        return Err(Failure::fault("bad-usage", message));
    };
    let device = at.label();
    let request = PromptRequest {
        change: format!("A new {} key is made in {device}.", kind_words(wish.algorithm)),
        key: device.clone(),
        ..PromptRequest::default()
    };
    tokens.generate(at, &new_key(wish), prompt, &request)?;
    let facts = tokens.facts(at.serial)?;
    let slot = facts.slot(at.slot);
    let slot = slot.ok_or_else(|| Failure::fault("token-failed", format!("{device} does not show its new key")))?;
    Ok(SlotView::of(at.serial, slot, &Default::default()))
}

fn new_key(wish: TokenKeyWish) -> NewTokenKey {
    NewTokenKey {
        algorithm: match wish.algorithm {
            TokenKeyKind::P256 => TokenAlgorithm::P256,
            TokenKeyKind::P384 => TokenAlgorithm::P384,
        },
        pin: match wish.pin {
            PinAsked::Once => PinPolicy::Once,
            PinAsked::Always => PinPolicy::Always,
        },
        touch: match wish.touch {
            TouchAsked::Never => TouchPolicy::Never,
            TouchAsked::Cached => TouchPolicy::Cached,
            TouchAsked::Always => TouchPolicy::Always,
        },
    }
}

fn kind_words(kind: TokenKeyKind) -> &'static str {
    match kind {
        TokenKeyKind::P256 => "ECDSA P-256",
        TokenKeyKind::P384 => "ECDSA P-384",
    }
}
