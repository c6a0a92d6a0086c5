//! A signer whose key stays in its practice token. Each signature takes the PIN anew and announces a touch, as on a YubiKey.

use std::{sync::Arc, thread};

use rootward_tuf::{Dialect, Key, PublicKey, Signature, dialect::notary::Certificate};

use super::{Drawer, TRIES, token_failed};
use crate::{
    adapters::{
        certifying::{certify, first_groups},
        piv::trouble,
        signing,
    },
    ports::{CertificateTerms, Failure, Message, PromptRequest, Secret, Signer, TokenSlot, TouchRequest},
};

/// As a YubiKey; a touch is given long before.
const TOUCH_SECONDS: u32 = 15;

pub(super) struct PracticeSigner {
    pub(super) drawer: Arc<Drawer>,
    pub(super) at: TokenSlot,
    pub(super) public: PublicKey,
    /// `None` when the key asks for none.
    pub(super) pin: Option<Arc<Secret>>,
    pub(super) touches: bool,
    /// What the person who typed the PIN was shown.
    pub(super) request: PromptRequest,
}

impl Signer for PracticeSigner {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn touches(&self) -> bool {
        self.touches
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        let dialect = message.dialect();
        let (held, at) = (self.public.physical(), self.at);
        let signed = || self.signed(message.bytes(), dialect, &message.title(), &message.digest());
        signing::sign(held, "this slot", &message, key, signed, |why| worthless(at, why))
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let (public, at) = (self.public.clone(), self.at);
        let signed = |bytes: &[u8], title: &str, shown: &[u8; 32]| self.signed(bytes, Dialect::Notary, title, shown);
        certify(&public, terms, signed, |why| worthless(at, why))
    }
}

impl PracticeSigner {
    fn signed(&self, bytes: &[u8], dialect: Dialect, title: &str, shown: &[u8; 32]) -> Result<Vec<u8>, Failure> {
        let at = self.at;
        if let Some(pin) = &self.pin {
            match self.drawer.verify(at.serial, pin.expose())? {
                TRIES => {}
                0 => return Err(trouble::pin_blocked(at.serial)),
                left => return Err(trouble::wrong_pin(at.serial, left)),
            }
        }
        // It may have been erased since it was opened.
        let (_, key) = self.drawer.token(at.serial)?.held(at)?;
        if key.public().physical() != self.public.physical() {
            let message = format!("{} holds another key than a moment ago", at.label());
            return Err(Failure::refusal("expected-other-key", message));
        }
        if self.touches {
            let _shown = self.drawer.prompt.touch(&TouchRequest {
                repository: self.request.repository.clone(),
                change: self.request.change.clone(),
                device: at.label(),
                signs: title.to_owned(),
                digest: first_groups(shown),
                seconds: TOUCH_SECONDS,
                types_pin: false,
                practice: true,
            })?;
            thread::sleep(self.drawer.touch);
        }
        key.sign(bytes, dialect).map_err(|why| token_failed(at, "to sign", why))
    }
}

fn worthless(at: TokenSlot, why: &str) -> Failure {
    token_failed(at, "to sign", &format!("what it signed does not hold: {why}"))
}
