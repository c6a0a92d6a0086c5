//! A signer whose key stays in a module's token. It holds the PIN, wiped when it is dropped, and gives it for each signature,
//! which is verified where it was made and again here before anybody sees it.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{self, SHA256};
use rootward_tuf::{
    Algorithm, Dialect, Key, PublicKey, Signature,
    dialect::notary::{Certificate, notary_certificate},
};

use super::{
    Ring,
    cage::Waiting,
    trouble,
    wire::{Answer, How, Request, Wanted},
};
use crate::ports::{
    CertificateTerms, Failure, Message, ModuleKey, PromptRequest, Secret, Signer, TouchRequest, Touching,
};

/// A device that has not signed by then waits for a touch, most probably.
const TOUCH_AFTER: Duration = Duration::from_secs(2);

/// What the token did about a certificate.
enum Asked {
    Not,
    Signed,
    Failed(Failure),
}

pub(super) struct ModuleSigner {
    pub(super) ring: Arc<Ring>,
    pub(super) key: ModuleKey,
    pub(super) public: PublicKey,
    /// `None` when the token asks for none.
    pub(super) pin: Option<Arc<Secret>>,
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
        let refuse = |code, why: &str| {
            Failure::refusal(code, format!("the key {} does not sign: {why}", key.keyid()))
                .with("keyid", key.keyid().as_str())
        };
        if key.physical() != Some(self.public.physical()) {
            return Err(refuse("expected-other-key", "it is not the key in this token"));
        }
        if key.dialect() != message.dialect() {
            return Err(refuse("key-cannot-sign", "it is listed for another kind of repository"));
        }
        let how = how(&self.public, message.dialect());
        let signed = self.signed(message.bytes(), how, &message.title(), &message.digest())?;
        let signature =
            Signature::by(key, &signed).ok_or_else(|| refuse("key-cannot-sign", "its scheme is unknown"))?;
        message
            .check(key, &signature)
            .map_err(|why| self.worthless(&why.to_string()))?;
        Ok(signature)
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let public = self.public.clone();
        let mut asked = Asked::Not;
        let title = format!("the certificate for {}", terms.gun);
        let sign = |bytes: &[u8]| {
            let shown: [u8; 32] = digest::digest(&SHA256, bytes).as_ref().try_into().unwrap_or_default();
            let signed = self.signed(bytes, how(&public, Dialect::Notary), &title, &shown);
            // A signature that could not be made is empty, and the certificate is refused for it.
            asked = signed.as_ref().err().cloned().map_or(Asked::Signed, Asked::Failed);
            signed.unwrap_or_default()
        };
        let made = notary_certificate(
            &terms.gun,
            &public,
            terms.not_before,
            terms.not_after,
            terms.serial,
            sign,
        );
        made.map_err(|why| match asked {
            Asked::Failed(failure) => failure,
            Asked::Signed => self.worthless(&why.to_string()),
            Asked::Not => {
                let message = format!("the key signs no certificate for {}: {why}", terms.gun);
                Failure::refusal("key-cannot-sign", message)
            }
        })
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
        let mut awaited: Option<Box<dyn Touching>> = None;
        let mut say = || {
            awaited = Some(self.ring.prompt.touch(&TouchRequest {
                repository: self.request.repository.clone(),
                change: self.request.change.clone(),
                device: self.key.label(),
                signs: title.to_owned(),
                digest: first_groups(shown),
                seconds: u32::try_from((patience - TOUCH_AFTER.min(patience)).as_secs()).unwrap_or(u32::MAX),
                practice: self.request.practice,
            })?);
            Ok(())
        };
        let waiting = self.is_device.then_some(Waiting {
            after: TOUCH_AFTER,
            say: &mut say,
        });
        let pin = self.pin.as_deref().map(Secret::expose).unwrap_or_default();
        let (answer, signature) = cage.ask(&request, pin, bytes, patience, waiting)?;
        match answer {
            Answer::Signed => Ok(signature),
            Answer::Failed(why) => Err(trouble::of_token(token, why)),
            _ => Err(trouble::of_token(token, super::beside_the_point())),
        }
    }

    fn worthless(&self, why: &str) -> Failure {
        let message = format!("what {} signed does not hold: {why}", self.key.label());
        Failure::fault("token-failed", message).with("key", self.key.to_string())
    }
}

/// The first groups of a digest, as officers read them aloud.
fn first_groups(digest: &[u8; 32]) -> String {
    format!("{:02x}{:02x} {:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}
