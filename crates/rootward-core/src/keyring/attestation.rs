//! Where a key was born: what a token says of it, and who vouches for the token.
//!
//! A proof that a key came into being inside a device and cannot leave it. It says nothing about who holds the device.
//! Old devices' certificates lack what RFC 5280 asks for, so exactly what is listed at [`verify`] is checked.

mod certificate;
mod chain;
mod evidence;
mod kept;
mod roots;
mod statement;

use rootward_tuf::{Instant, PhysicalKey, PublicKey};

pub use certificate::Link;
pub use chain::verify;
pub use evidence::{certificates, handed_in, paired};
pub use kept::{Attestations, add_root, keep, remove_root, roots};
pub use roots::{AddedRoot, Roots, Vouching};
pub use statement::{Body, FormFactor, StatedPin};

use crate::ports::{Failure, Slot, TouchPolicy, device_label};

/// A proven attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAttestation {
    public: PublicKey,
    /// `None` when the device keeps it to itself.
    pub serial: Option<u32>,
    pub firmware: [u8; 3],
    pub pin: StatedPin,
    pub touch: TouchPolicy,
    pub form_factor: Option<FormFactor>,
    /// Where the key lay when the device said so.
    pub slot: Option<Slot>,
    /// From the key's certificate up to the root, both included.
    pub chain: Vec<Link>,
    pub vouching: Vouching,
    /// From when to when every certificate of the chain holds, by their own dates.
    pub holds: (Instant, Option<Instant>),
}

/// Something to know of a key that was proven to live in a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Firmware below 5.7: whoever has the device in hand can copy ECDSA keys out of it (YSA-2024-03).
    Cloneable,
    /// Firmware 4.2.6 to 4.3.4: RSA keys born in it can be computed from their public half (YSA-2017-01).
    Guessable,
    /// Malicious software signs with it unseen while it is plugged in.
    NeverTouched,
    NeverAsksForPin,
    /// A certificate's end has passed. The device does not change by that.
    Expired,
    NotYetValid,
    /// Somebody on this machine added the root.
    RootAddedHere,
}

impl VerifiedAttestation {
    /// The key that was born in the device.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub fn physical(&self) -> PhysicalKey {
        self.public.physical()
    }

    /// `YubiKey 15 938 765`.
    pub fn device(&self) -> String {
        self.serial
            .map_or_else(|| "a YubiKey that keeps its serial to itself".into(), device_label)
    }

    /// What should be known of it besides.
    pub fn remarks(&self, now: Instant) -> Vec<Remark> {
        use rootward_tuf::Algorithm::{EcdsaP256, EcdsaP384, Rsa};
        let algorithm = self.public.algorithm();
        let remarks = [
            (
                self.firmware < [5, 7, 0] && matches!(algorithm, EcdsaP256 | EcdsaP384),
                Remark::Cloneable,
            ),
            (
                algorithm == Rsa && ([4, 2, 6]..[4, 3, 5]).contains(&self.firmware),
                Remark::Guessable,
            ),
            (self.touch == TouchPolicy::Never, Remark::NeverTouched),
            (self.pin == StatedPin::Never, Remark::NeverAsksForPin),
            (self.holds.1.is_some_and(|end| now > end), Remark::Expired),
            (now < self.holds.0, Remark::NotYetValid),
            (self.vouching == Vouching::AddedHere, Remark::RootAddedHere),
        ];
        let holding = remarks.into_iter().filter(|(holds, _)| *holds);
        holding.map(|(_, remark)| remark).collect()
    }
}

/// Why an attestation proves nothing: the step that failed, and at which certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttestationProblem {
    #[error("{what} is no certificate that can be read: {why}")]
    Unreadable { what: String, why: &'static str },
    #[error("{what} attests no key: expected what the device says of the key ({missing}), found none of it")]
    NoAttestation { what: String, missing: &'static str },
    #[error("{what} says {said} in a way that no device does; it was altered, or is of a newer kind")]
    OtherStatement { what: String, said: &'static str },
    #[error(
        "{what} was issued by {issuer}, of which there is no certificate here: it is none of the device, nor of a known root"
    )]
    UnknownIssuer { what: String, issuer: String },
    #[error("{what} is not signed by {issuer}, which it names: it was altered, or belongs to another device")]
    WrongSignature { what: String, issuer: String },
    #[error("{what} is signed in a way that proves nothing today ({algorithm}), or not as it says itself")]
    UnfitSignature { what: String, algorithm: String },
    #[error("{issuer} may not vouch for {what}: {why}")]
    NoAuthority {
        what: String,
        issuer: String,
        why: &'static str,
    },
    #[error("the key in {what} is of a kind that signs no metadata: {why}")]
    UnfitKey { what: String, why: String },
    #[error("{what} is over another key: expected {expected}, found {found}")]
    OtherKey {
        what: String,
        expected: PhysicalKey,
        found: PhysicalKey,
    },
}

impl AttestationProblem {
    /// The step's name, as scripts know it.
    pub fn code(&self) -> &'static str {
        match self {
            AttestationProblem::Unreadable { .. } => "attestation-unreadable",
            AttestationProblem::NoAttestation { .. } => "attestation-missing",
            AttestationProblem::OtherStatement { .. } => "attestation-altered",
            AttestationProblem::UnknownIssuer { .. } => "attestation-wrong-issuer",
            AttestationProblem::WrongSignature { .. } | AttestationProblem::UnfitSignature { .. } => {
                "attestation-wrong-signature"
            }
            AttestationProblem::NoAuthority { .. } => "attestation-no-authority",
            AttestationProblem::UnfitKey { .. } => "attestation-unfit-key",
            AttestationProblem::OtherKey { .. } => "attestation-other-key",
        }
    }
}

impl From<AttestationProblem> for Failure {
    fn from(problem: AttestationProblem) -> Self {
        Failure::refusal(problem.code(), crate::border::capitalised(&problem.to_string()))
    }
}

#[cfg(test)]
mod tests;
