//! One token, opened for one piece of work and let go of afterwards. Lives on the token's own thread.
//!
//! What the driver gets wrong is put right here: signatures are asked for by digest of P-256 and P-384 keys alone, the
//! PIN is given right before each, and no state that was unlocked is left behind in the token.

use std::time::{Duration, Instant};

use pcsc::Disposition;
use rootward_tuf::{Algorithm, PhysicalKey, PublicKey, dialect::notary::Certificate};
use yubikey::{Context, Error, YubiKey, certificate::CertInfo, piv};

use super::{
    facts, objects,
    trouble::{self, Name},
};
use crate::ports::{Attestation, Failure, NewTokenKey, SlotFacts, TokenFacts, TokenSlot};

/// A token that refuses a signature sooner has not waited for a touch.
const SOONER_THAN_ANY_TOUCH: Duration = Duration::from_millis(500);

/// An opened token.
pub(super) struct Card {
    /// `None` only while it is let go of.
    yubikey: Option<YubiKey>,
    name: Name,
    /// Whether the PIN or management key was given.
    unlocked: bool,
}

/// What became of a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PinAnswer {
    Right,
    /// And so many tries are left.
    Wrong(u8),
}

/// What became of a signature.
pub(super) enum Signed {
    /// In DER.
    Signature(Vec<u8>),
    WrongPin(u8),
    /// The token refused although the PIN was right, after this time.
    Refused(Duration),
}

impl Card {
    /// Opens the token in a reader: its PIV application is chosen, which takes away what others had unlocked in it.
    pub(super) fn open(reader: &str) -> Result<Self, Failure> {
        let mut name = Name {
            reader: reader.to_owned(),
            serial: None,
        };
        let opened = Context::open().and_then(|mut context| {
            let mut readers = context.iter()?;
            let reader = readers.find(|found| found.name() == reader);
            reader
                .ok_or(Error::PcscError {
                    inner: Some(pcsc::Error::UnknownReader),
                })?
                .open()
        });
        let yubikey = opened.map_err(|error| match error {
            Error::NotSupported => name.unsupported("its firmware is neither of version 4 nor of version 5"),
            Error::AppletNotFound { .. } => name.unsupported("it has no PIV application, or it is switched off"),
            error => name.failure(error, "to be opened"),
        })?;
        name.serial = Some(yubikey.serial().into());
        Ok(Card {
            yubikey: Some(yubikey),
            name,
            unlocked: false,
        })
    }

    pub(super) fn serial(&self) -> u32 {
        self.name.serial.unwrap_or_default()
    }

    /// Fails with `token-other` when another token is in the reader by now.
    pub(super) fn must_be(&self, serial: u32) -> Result<(), Failure> {
        match self.serial() {
            found if found == serial => Ok(()),
            found => Err(trouble::other(serial, &[found])),
        }
    }

    pub(super) fn facts(&mut self) -> Result<TokenFacts, Failure> {
        let reader = self.name.reader.clone();
        self.asked("to tell what it holds", |yubikey| facts::of_token(yubikey, reader))
    }

    /// What a slot holds; `None` when it is empty.
    pub(super) fn slot(&mut self, at: TokenSlot) -> Result<Option<SlotFacts>, Failure> {
        self.asked("to tell what the slot holds", |yubikey| {
            facts::of_slot(yubikey, at.slot)
        })
    }

    /// The key in a slot, if a signer is made of it.
    ///
    /// Refuses with `slot-empty`, `expected-other-key` and `key-cannot-sign`.
    pub(super) fn signing_key(
        &mut self,
        at: TokenSlot,
        expected: Option<&PhysicalKey>,
    ) -> Result<(PublicKey, SlotFacts), Failure> {
        let held = self.slot(at)?.filter(SlotFacts::holds_key);
        let held = held.ok_or_else(|| trouble::slot_empty(at))?;
        let refuse =
            |code, why: String| Failure::refusal(code, format!("{} {why}", at.label())).with("slot", at.to_string());
        let Some(public) = held.public.clone() else {
            let why = format!("holds a key of a kind that cannot be verified ({})", held.algorithm);
            return Err(refuse("key-cannot-sign", why));
        };
        if let Some(expected) = expected.filter(|expected| **expected != public.physical()) {
            let why = format!("holds another key: expected {expected}, found {}", public.physical());
            return Err(refuse("expected-other-key", why).with("found", public.physical().to_string()));
        }
        match public.algorithm() {
            Algorithm::EcdsaP256 | Algorithm::EcdsaP384 => Ok((public, held)),
            // What the driver makes of Ed25519 is a signature of something else, and RSA is nobody's wish.
            other => {
                let why = format!("holds a key of the kind {other}; expected ECDSA P-256 or P-384");
                Err(refuse("key-cannot-sign", why))
            }
        }
    }

    /// Wrong PINs until the token blocks itself.
    pub(super) fn pin_tries(&mut self) -> Result<u8, Failure> {
        // Chooses the application anew, so whatever was unlocked is locked.
        self.asked("to count PIN tries", YubiKey::get_pin_retries)
    }

    pub(super) fn verify(&mut self, pin: &[u8]) -> Result<PinAnswer, Failure> {
        match self.yubikey()?.verify_pin(pin) {
            Ok(()) => {
                self.unlocked = true;
                Ok(PinAnswer::Right)
            }
            Err(Error::WrongPin { tries }) => Ok(PinAnswer::Wrong(tries)),
            Err(error) => Err(self.name.failure(error, "to take a PIN")),
        }
    }

    /// Signs a digest with the key that is expected in a slot; the PIN, if there is one, is given right before.
    pub(super) fn sign(
        &mut self,
        at: TokenSlot,
        expected: &PublicKey,
        pin: Option<&[u8]>,
        digest: &[u8],
    ) -> Result<Signed, Failure> {
        let (public, _) = self.signing_key(at, Some(&expected.physical()))?;
        let mut signed = self.sign_once(at, &public, pin, digest)?;
        // Nobody misses a touch so soon: another program came between PIN and signature, or the PIN was never taken.
        if matches!(signed, Signed::Refused(after) if after < SOONER_THAN_ANY_TOUCH) {
            signed = self.sign_once(at, &public, pin, digest)?;
        }
        Ok(signed)
    }

    fn sign_once(
        &mut self,
        at: TokenSlot,
        public: &PublicKey,
        pin: Option<&[u8]>,
        digest: &[u8],
    ) -> Result<Signed, Failure> {
        if let Some(pin) = pin
            && let PinAnswer::Wrong(tries) = self.verify(pin)?
        {
            return Ok(Signed::WrongPin(tries));
        }
        let algorithm = match public.algorithm() {
            Algorithm::EcdsaP384 => piv::AlgorithmId::EccP384,
            _ => piv::AlgorithmId::EccP256,
        };
        let slot = facts::slot_id(at.slot);
        let begun = Instant::now();
        match piv::sign_data(self.yubikey()?, digest, algorithm, slot) {
            Ok(signature) => Ok(Signed::Signature(signature.to_vec())),
            Err(Error::AuthenticationError) => Ok(Signed::Refused(begun.elapsed())),
            Err(error) => Err(self.name.failure(error, "to sign")),
        }
    }

    /// Refuses with `slot-occupied` when there is a key or a certificate.
    pub(super) fn must_be_empty(&mut self, at: TokenSlot) -> Result<(), Failure> {
        match self.slot(at)? {
            None => Ok(()),
            Some(held) if held.holds_key() => Err(trouble::slot_occupied(at, &format!("a key ({})", held.algorithm))),
            Some(_) => Err(trouble::slot_occupied(at, "a certificate")),
        }
    }

    /// Makes a key in an empty slot and reads back what came of it.
    pub(super) fn generate(&mut self, at: TokenSlot, wish: &NewTokenKey) -> Result<PublicKey, Failure> {
        let doing = "to make a key";
        let made = piv::generate(
            self.yubikey()?,
            facts::slot_id(at.slot),
            facts::algorithm_id(wish.algorithm),
            facts::pin_policy_id(wish.pin),
            facts::touch_policy_id(wish.touch),
        );
        let made = made.map_err(|error| match error {
            Error::AlgorithmError => self
                .name
                .unsupported("it makes no key of this kind with these policies"),
            error => self.name.failure(error, doing),
        })?;
        let public = facts::public_key(&made).ok_or_else(|| self.name.failed(doing, "its public half is none"))?;
        let held = self.slot(at)?.unwrap_or_else(facts::nothing);
        let as_wished = held.public.as_ref() == Some(&public)
            && held.pin_policy.is_none_or(|policy| policy == wish.pin)
            && held.touch_policy.is_none_or(|policy| policy == wish.touch);
        if !as_wished {
            return Err(self.name.failed(doing, "the slot holds another key than was made"));
        }
        Ok(public)
    }

    /// Fails with `slot-occupied` or `expected-other-key` when the certificate does not belong into the slot.
    pub(super) fn must_take(&mut self, at: TokenSlot, certificate: &Certificate) -> Result<(), Failure> {
        let held = self.slot(at)?.filter(SlotFacts::holds_key);
        let held = held.ok_or_else(|| trouble::slot_empty(at))?;
        if held.certificate.is_some() {
            return Err(trouble::slot_occupied(at, "a certificate"));
        }
        if held.public.as_ref() != Some(certificate.public_key()) {
            let message = format!("the certificate is not over the key in {}", at.label());
            return Err(Failure::refusal("expected-other-key", message).with("slot", at.to_string()));
        }
        Ok(())
    }

    /// Writes a certificate and reads it back.
    pub(super) fn write_certificate(&mut self, at: TokenSlot, certificate: &Certificate) -> Result<(), Failure> {
        let der = certificate.der();
        self.asked("to store a certificate", |yubikey| {
            let certificate = yubikey::Certificate::from_bytes(der.to_vec())?;
            certificate.write(yubikey, facts::slot_id(at.slot), CertInfo::Uncompressed)
        })?;
        let stored = self.asked("to tell its certificate", |yubikey| {
            objects::certificate(yubikey, at.slot)
        })?;
        if stored.as_deref() != Some(der) {
            return Err(self.name.failed("to store a certificate", "it tells another one"));
        }
        Ok(())
    }

    /// Refuses with `slot-empty` and `key-cannot-attest`.
    pub(super) fn attestation(&mut self, at: TokenSlot) -> Result<Attestation, Failure> {
        let held = self.slot(at)?.filter(SlotFacts::holds_key);
        let held = held.ok_or_else(|| trouble::slot_empty(at))?;
        if held.origin == Some(crate::ports::Origin::Imported) {
            let message = format!(
                "the key in {} was imported, so the token says nothing about it",
                at.label()
            );
            return Err(Failure::refusal("key-cannot-attest", message).with("slot", at.to_string()));
        }
        let doing = "to attest a key";
        let slot = self.asked(doing, |yubikey| piv::attest(yubikey, facts::slot_id(at.slot)))?;
        let device = self.asked(doing, objects::attestation_certificate)?;
        let device = device.ok_or_else(|| self.name.failed(doing, "it has no certificate of its own"))?;
        Ok(Attestation {
            slot: slot.to_vec(),
            device,
            between: Vec::new(),
        })
    }

    /// Asks the driver, and says what an error of its means.
    pub(super) fn asked<T>(
        &mut self,
        doing: &str,
        ask: impl FnOnce(&mut YubiKey) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let answer = ask(self.yubikey()?);
        answer.map_err(|error| self.name.failure(error, doing))
    }

    /// Asks the driver for what unlocks the token; everything is locked again when the card is let go of.
    pub(super) fn unlocking<T>(
        &mut self,
        ask: impl FnOnce(&mut YubiKey) -> Result<T, Error>,
    ) -> Result<Result<T, Error>, Failure> {
        self.unlocked = true;
        Ok(ask(self.yubikey()?))
    }

    pub(super) fn name(&self) -> &Name {
        &self.name
    }

    fn yubikey(&mut self) -> Result<&mut YubiKey, Failure> {
        let open = self.yubikey.as_mut();
        open.ok_or_else(|| self.name.failed("to be used", "it was let go of"))
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        let Some(mut yubikey) = self.yubikey.take() else {
            return;
        };
        // Another application is chosen, so the PIN must be given again by whoever comes next. A driver that has just
        // panicked is not asked for more.
        let locked = !self.unlocked || (!std::thread::panicking() && yubikey.deauthenticate().is_ok());
        let disposition = if locked {
            Disposition::LeaveCard
        } else {
            Disposition::ResetCard
        };
        if let Err((_, error)) = yubikey.disconnect(disposition) {
            tracing::debug!(reader = self.name.reader, %error, "a token was gone before it was let go of");
        }
    }
}
