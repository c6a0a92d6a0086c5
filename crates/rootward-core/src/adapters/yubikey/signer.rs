//! A signer whose key stays in its token. It holds the PIN, wiped when it is dropped, and gives it right before each
//! signature, which it verifies before anybody sees it.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{self, SHA256, SHA384};
use rootward_tuf::{Dialect, Key, PublicKey, Signature, dialect::notary::Certificate};

use super::{Ring, card::Signed, trouble};
use crate::{
    adapters::{
        certifying::{certify, first_groups},
        signing,
    },
    ports::{CertificateTerms, Failure, Message, PromptRequest, Secret, Signer, TokenSlot, TouchPolicy, TouchRequest},
};

/// How long a token waits for a touch.
const TOUCH_SECONDS: u32 = 15;

pub(super) struct TokenSigner {
    pub(super) ring: Arc<Ring>,
    pub(super) at: TokenSlot,
    pub(super) public: PublicKey,
    /// `None` when the key asks for none.
    pub(super) pin: Option<Arc<Secret>>,
    /// `None` when the token does not say.
    pub(super) touch: Option<TouchPolicy>,
    /// What the person who typed the PIN was shown.
    pub(super) request: PromptRequest,
}

impl Signer for TokenSigner {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn touches(&self) -> bool {
        matches!(self.touch, Some(TouchPolicy::Always | TouchPolicy::Cached))
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        // Notary signs with SHA-256 on every curve, TUF as the scheme's name says.
        let algorithm = match (message.dialect(), key.scheme()) {
            (Dialect::Tuf1, "ecdsa-sha2-nistp384") => &SHA384,
            (Dialect::Tuf1 | Dialect::Notary, _) => &SHA256,
        };
        let digest = digest::digest(algorithm, message.bytes());
        let (held, at) = (self.public.physical(), self.at);
        let signed = || self.signed(digest.as_ref(), &message.title(), &message.digest());
        signing::sign(held, "this slot", &message, key, signed, |why| worthless(at, why))
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let (public, at) = (self.public.clone(), self.at);
        // A YubiKey is given the digest, which is what is shown.
        let signed = |_: &[u8], title: &str, shown: &[u8; 32]| self.signed(shown, title, shown);
        certify(&public, terms, signed, |why| worthless(at, why))
    }
}

impl TokenSigner {
    /// Has a digest signed, and says on the screen what the touch is for while it is awaited.
    fn signed(&mut self, digest: &[u8], title: &str, shown: &[u8; 32]) -> Result<Vec<u8>, Failure> {
        let owner = self.ring.owner(self.at.serial)?;
        let awaited = match self.touch {
            Some(TouchPolicy::Never) => None,
            _ => Some(self.ring.prompt.touch(&TouchRequest {
                repository: self.request.repository.clone(),
                change: self.request.change.clone(),
                device: self.at.label(),
                signs: title.to_owned(),
                digest: first_groups(shown),
                seconds: TOUCH_SECONDS,
                types_pin: false,
                practice: self.request.practice,
            })?),
        };
        let (at, public, pin, bytes) = (self.at, self.public.clone(), self.pin.clone(), digest.to_vec());
        let signed = owner.run(move |card| {
            card.must_be(at.serial)?;
            card.sign(at, &public, pin.as_deref().map(Secret::expose), &bytes)
        });
        drop(awaited);
        match signed? {
            Signed::Signature(signature) => Ok(signature),
            Signed::WrongPin(0) => Err(trouble::pin_blocked(at.serial)),
            Signed::WrongPin(left) => Err(trouble::wrong_pin(at.serial, left)),
            Signed::Refused(after) => Err(self.refused(after)),
        }
    }

    /// The PIN was right, so what was missing is a touch; a key that asks for none was kept from signing by others.
    fn refused(&self, after: Duration) -> Failure {
        let failure = if self.touch == Some(TouchPolicy::Never) {
            let message = format!(
                "{} took the PIN and does not sign: another program is using it",
                self.at.label()
            );
            Failure::interruption("token-busy", message)
        } else {
            let message = format!(
                "{} was not touched within {} s",
                self.at.label(),
                after.as_secs().max(1)
            );
            Failure::interruption("touch-missed", message)
        };
        failure
            .with("serial", self.at.serial.to_string())
            .with("after_ms", after.as_millis().to_string())
    }
}

fn worthless(at: TokenSlot, why: &str) -> Failure {
    let message = format!("what {} signed does not hold: {why}", at.label());
    Failure::fault("token-failed", message).with("serial", at.serial.to_string())
}
