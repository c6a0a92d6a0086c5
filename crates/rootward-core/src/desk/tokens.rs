//! The tokens that are plugged in: read when they changed, and kept for whoever asks in between.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicU64, Ordering},
};

use super::{Desk, Rootward, refresh::blocking};
use crate::{
    border::{Notice, Outcome, PinAsked, SlotView, TokenKeyKind, TokenKeyWish, TokensView, TouchAsked, token_uses},
    keyring,
    ports::{
        Attached, Failure, KeyReference, NewTokenKey, PinPolicy, PromptRequest, TokenAlgorithm, TouchPolicy, Wanted,
    },
};

/// What was plugged in when somebody last looked.
#[derive(Default)]
pub struct Shelf {
    /// Counts what happened to tokens since the desk was opened.
    round: AtomicU64,
    seen: Mutex<Option<(u64, Vec<Attached>)>>,
}

impl Shelf {
    /// What was seen counts no more.
    pub fn forget(&self) {
        self.round.fetch_add(1, Ordering::SeqCst);
    }

    fn kept(&self) -> Option<Vec<Attached>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let round = self.round.load(Ordering::SeqCst);
        seen.as_ref()
            .filter(|(at, _)| *at == round)
            .map(|(_, tokens)| tokens.clone())
    }
}

impl Rootward {
    /// Tells every window within two seconds when a token is plugged in or taken out.
    pub fn watch_tokens(&self) {
        let desk: Weak<Desk> = Arc::downgrade(&self.desk);
        self.desk.ports.tokens.watch(Box::new(move || {
            if let Some(desk) = desk.upgrade() {
                Rootward { desk }.tokens_changed();
            }
        }));
    }

    /// What is plugged in now, with what its keys speak for.
    pub(super) fn tokens(&self) -> TokensView {
        let index = self.state().index();
        TokensView::of(&self.attached(), &token_uses(&index))
    }

    fn attached(&self) -> Result<Vec<Attached>, Failure> {
        if let Some(kept) = self.desk.shelf.kept() {
            return Ok(kept);
        }
        let round = self.desk.shelf.round.load(Ordering::SeqCst);
        let attached = self.desk.ports.tokens.attached()?;
        // Trouble may pass without anything being plugged in: whoever asks next has it looked at again.
        if attached.iter().all(|token| matches!(token, Attached::Ready(_))) {
            *self.desk.shelf.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((round, attached.clone()));
        }
        Ok(attached)
    }

    /// Whatever was known of tokens is stale.
    pub(super) fn tokens_changed(&self) {
        self.desk.shelf.forget();
        self.notify(Notice::TokensChanged);
    }

    /// Makes a key in an empty slot.
    ///
    /// Fails as the token does, such as with `slot-occupied` or `token-absent`.
    pub(super) async fn generate_token_key(&self, key: String, wish: TokenKeyWish) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let made = blocking(move || {
            let KeyReference::YubiKey(at) = keyring::parse(&key)? else {
                let message = "a new key is born in a slot, such as yubikey:19402271/9c";
                return Err(Failure::fault("bad-usage", message));
            };
            let ports = &desk.desk.ports;
            let device = at.label();
            let request = PromptRequest {
                change: format!("A new {} key is made in {device}.", kind_words(wish.algorithm)),
                key: device.clone(),
                wants: Wanted::ManagementKey,
                ..PromptRequest::default()
            };
            ports.tokens.generate(at, &new_key(wish), &*ports.prompt, &request)?;
            desk.desk.shelf.forget();
            let facts = ports.tokens.facts(at.serial)?;
            let slot = facts.slot(at.slot);
            let slot =
                slot.ok_or_else(|| Failure::fault("token-failed", format!("{device} does not show its new key")))?;
            Ok(SlotView::of(at.serial, slot, &Default::default()))
        })
        .await;
        self.tokens_changed();
        Ok(Outcome::TokenKey { slot: made? })
    }
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
