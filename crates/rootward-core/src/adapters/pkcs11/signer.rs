//! A signer whose key stays in a module's token. It holds the PIN, wiped when it is dropped, and gives it for each signature,
//! which is verified where it was made and again here before anybody sees it.

use std::{sync::Arc, time::Duration};

use rootward_tuf::{Algorithm, Dialect, Key, PublicKey, Signature, dialect::notary::Certificate};

use super::{
    Ring,
    cage::Waiting,
    trouble,
    wire::{Answer, How, Request, Wanted},
};
use crate::{
    adapters::{
        certifying::{certify, first_groups},
        signing,
    },
    ports::{CertificateTerms, Failure, Message, ModuleKey, PromptRequest, Secret, Signer, TouchRequest, Touching},
};

/// A device that has not signed by then waits for a touch, most probably.
const TOUCH_AFTER: Duration = Duration::from_secs(2);

pub(super) struct ModuleSigner {
    pub(super) ring: Arc<Ring>,
    pub(super) key: ModuleKey,
    pub(super) public: PublicKey,
    /// `None` when the token asks for none, or asks for it by itself.
    pub(super) pin: Option<Arc<Secret>>,
    /// The device has keys of its own for the PIN, and asks for it there.
    pub(super) types_pin: bool,
    /// Whether it may wait for a touch.
    pub(super) is_device: bool,
    /// What the person who typed the PIN was shown.
    pub(super) request: PromptRequest,
}

impl Signer for ModuleSigner {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        let how = how(&self.public, message.dialect());
        let (held, label) = (self.public.physical(), self.key.clone());
        let signed = || self.signed(message.bytes(), how, &message.title(), &message.digest());
        signing::sign(held, "this token", &message, key, signed, |why| worthless(&label, why))
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let public = self.public.clone();
        let how = how(&public, Dialect::Notary);
        let label = self.key.clone();
        let signed = |bytes: &[u8], title: &str, shown: &[u8; 32]| self.signed(bytes, how, title, shown);
        certify(&public, terms, signed, |why| worthless(&label, why))
    }
}

/// Notary signs with SHA-256 on every curve, TUF as the curve does.
pub(super) fn how(public: &PublicKey, dialect: Dialect) -> How {
    match (public.algorithm(), dialect) {
        (Algorithm::Ed25519, _) => How::Ed25519,
        (Algorithm::EcdsaP256, _) | (Algorithm::EcdsaP384, Dialect::Notary) => How::EcdsaSha256,
        (Algorithm::EcdsaP384, Dialect::Tuf1) => How::EcdsaSha384,
        (Algorithm::Rsa, _) => How::PssSha256,
    }
}

impl ModuleSigner {
    /// Has bytes signed; when a device takes its time, says on the screen what a touch is for.
    fn signed(&mut self, bytes: &[u8], how: How, title: &str, shown: &[u8; 32]) -> Result<Vec<u8>, Failure> {
        let token = &self.key.token;
        let cage = self.ring.cage(&token.module)?;
        let request = Request::Sign {
            token: Ring::place(token),
            key: Wanted {
                spki: self.public.spki_der().to_vec(),
            },
            how,
        };
        let patience = self.ring.patience.signing;
        let say = |after: Duration| {
            self.ring.prompt.touch(&TouchRequest {
                repository: self.request.repository.clone(),
                change: self.request.change.clone(),
                device: self.key.label(),
                signs: title.to_owned(),
                digest: first_groups(shown),
                seconds: u32::try_from((patience - after.min(patience)).as_secs()).unwrap_or(u32::MAX),
                types_pin: self.types_pin,
                practice: self.request.practice,
            })
        };
        let mut awaited: Option<Box<dyn Touching>> = None;
        // Nobody types a PIN into a device without having read what for: it is on the screen before the device asks.
        if self.types_pin {
            awaited = Some(say(Duration::ZERO)?);
        }
        let mut say_late = || {
            awaited = Some(say(TOUCH_AFTER)?);
            Ok(())
        };
        let waiting = (self.is_device && !self.types_pin).then_some(Waiting {
            after: TOUCH_AFTER,
            say: &mut say_late,
        });
        let pin = self.pin.as_deref().map(Secret::expose).unwrap_or_default();
        let (answer, signature) = cage.ask(&request, pin, bytes, patience, waiting)?;
        match answer {
            Answer::Signed => Ok(signature),
            Answer::Failed(why) => Err(trouble::of_token(token, why)),
            _ => Err(trouble::of_token(token, super::beside_the_point())),
        }
    }
}

fn worthless(key: &ModuleKey, why: &str) -> Failure {
    let message = format!("what {} signed does not hold: {why}", key.label());
    Failure::fault("token-failed", message).with("key", key.to_string())
}
