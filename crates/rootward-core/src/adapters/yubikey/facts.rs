//! What a token tells of itself and its slots without any secret.
//!
//! Firmware from 5.3 tells each slot's metadata. Older ones attest keys that were born in them, and else show what a
//! certificate says beside them.

use der::{Decode as _, Encode as _, asn1::ObjectIdentifier};
use rootward_tuf::PublicKey;
use x509_cert::Certificate;
use yubikey::{
    Error, MgmKey, Version, YubiKey,
    piv::{self, AlgorithmId, ManagementSlotId, SlotAlgorithmId, SlotId, SlotMetadata},
};

use super::objects;
use crate::ports::{Origin, PinPolicy, Slot, SlotFacts, TokenAlgorithm, TokenFacts, TouchPolicy};

/// In an attestation: two bytes, the PIN and the touch policy.
const POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.3.8");

pub(super) fn of_token(yubikey: &mut YubiKey, reader: String) -> Result<TokenFacts, Error> {
    let Version { major, minor, patch } = yubikey.version();
    // Before anything is unlocked: this chooses the application anew.
    let pin_tries = Some(yubikey.get_pin_retries()?);
    let default_management_key = has_default_management_key(yubikey)?;
    let mut slots = Vec::new();
    for slot in Slot::all() {
        slots.extend(of_slot(yubikey, slot)?);
    }
    Ok(TokenFacts {
        serial: yubikey.serial().into(),
        model: format!("YubiKey {major}"),
        firmware: [major, minor, patch],
        reader,
        pin_tries,
        default_management_key,
        slots,
    })
}

/// What a slot holds; `None` when it is empty.
pub(super) fn of_slot(yubikey: &mut YubiKey, slot: Slot) -> Result<Option<SlotFacts>, Error> {
    let certificate = objects::certificate(yubikey, slot)?;
    let key = if tells_metadata(yubikey) {
        match piv::metadata(yubikey, slot_id(slot)) {
            Ok(metadata) => Some(by_metadata(&metadata)),
            Err(Error::NotFound) => None,
            // A key of a kind that the driver does not know.
            Err(Error::AlgorithmError | Error::ParseError | Error::InvalidObject) => Some(SlotFacts {
                algorithm: "unknown".into(),
                ..nothing()
            }),
            Err(error) => return Err(error),
        }
    } else {
        match piv::attest(yubikey, slot_id(slot)) {
            Ok(attestation) => by_attestation(&attestation),
            Err(error @ Error::PcscError { .. }) => return Err(error),
            // Older tokens say in several ways that they attest nothing here.
            Err(_) => certificate.as_deref().and_then(by_certificate),
        }
    };
    let Some(key) = key.or_else(|| certificate.is_some().then(nothing)) else {
        return Ok(None);
    };
    let subject = certificate.as_deref().and_then(subject);
    Ok(Some(SlotFacts {
        slot,
        certificate,
        subject,
        ..key
    }))
}

/// A slot that says nothing.
pub(super) fn nothing() -> SlotFacts {
    SlotFacts {
        slot: Slot::SIGNATURE,
        public: None,
        algorithm: String::new(),
        pin_policy: None,
        touch_policy: None,
        origin: None,
        certificate: None,
        subject: None,
    }
}

fn tells_metadata(yubikey: &YubiKey) -> bool {
    let Version { major, minor, .. } = yubikey.version();
    (major, minor) >= (5, 3)
}

fn by_metadata(metadata: &SlotMetadata) -> SlotFacts {
    let (pin_policy, touch_policy) = match metadata.policy {
        Some((pin, touch)) => (pin_policy(pin), touch_policy(touch)),
        None => (None, None),
    };
    SlotFacts {
        public: metadata.public.as_ref().and_then(public_key),
        algorithm: match metadata.algorithm {
            SlotAlgorithmId::Asymmetric(algorithm) => algorithm_name(algorithm).into(),
            SlotAlgorithmId::PinPuk | SlotAlgorithmId::Management(_) => "unknown".into(),
        },
        pin_policy,
        touch_policy,
        origin: metadata.origin.map(|origin| match origin {
            piv::Origin::Generated => Origin::Generated,
            piv::Origin::Imported => Origin::Imported,
        }),
        ..nothing()
    }
}

fn by_attestation(attestation: &[u8]) -> Option<SlotFacts> {
    let read = Certificate::from_der(attestation).ok()?;
    let tbs = read.tbs_certificate();
    let policies = tbs.extensions().into_iter().flatten();
    let policies = policies
        .filter(|extension| extension.extn_id == POLICIES)
        .find_map(|extension| <[u8; 2]>::try_from(extension.extn_value.as_bytes()).ok());
    let policy = |place: usize| policies.map(|policies| policies[place]);
    Some(SlotFacts {
        pin_policy: policy(0).and_then(|pin| pin_policy(pin.try_into().ok()?)),
        touch_policy: policy(1).and_then(|touch| touch_policy(touch.try_into().ok()?)),
        origin: Some(Origin::Generated),
        ..of_public(public_key(tbs.subject_public_key_info()))
    })
}

fn by_certificate(certificate: &[u8]) -> Option<SlotFacts> {
    let read = Certificate::from_der(certificate).ok()?;
    Some(of_public(public_key(read.tbs_certificate().subject_public_key_info())))
}

fn of_public(public: Option<PublicKey>) -> SlotFacts {
    SlotFacts {
        algorithm: public
            .as_ref()
            .map_or_else(|| "unknown".into(), |public| public.algorithm().to_string()),
        public,
        ..nothing()
    }
}

pub(super) fn public_key(info: &x509_cert::spki::SubjectPublicKeyInfoOwned) -> Option<PublicKey> {
    PublicKey::from_spki_der(&info.to_der().ok()?).ok()
}

fn subject(certificate: &[u8]) -> Option<String> {
    let read = Certificate::from_der(certificate).ok()?;
    Some(read.tbs_certificate().subject().to_string())
}

fn has_default_management_key(yubikey: &mut YubiKey) -> Result<bool, Error> {
    match piv::metadata(yubikey, SlotId::Management(ManagementSlotId::Management)) {
        Ok(metadata) => Ok(metadata.default == Some(true)),
        // It does not say, but it takes it; nothing counts how often one tries.
        Err(Error::NotSupported) => {
            let default = MgmKey::get_default(yubikey)?;
            match yubikey.authenticate(&default) {
                Ok(()) => yubikey.get_pin_retries().map(|_| true),
                Err(error @ Error::PcscError { .. }) => Err(error),
                Err(_) => Ok(false),
            }
        }
        Err(error) => Err(error),
    }
}

fn algorithm_name(algorithm: AlgorithmId) -> &'static str {
    match algorithm {
        AlgorithmId::Rsa1024 => "rsa-1024",
        AlgorithmId::Rsa2048 => "rsa-2048",
        AlgorithmId::Rsa3072 => "rsa-3072",
        AlgorithmId::Rsa4096 => "rsa-4096",
        AlgorithmId::EccP256 => "ecdsa-p256",
        AlgorithmId::EccP384 => "ecdsa-p384",
        AlgorithmId::Ed25519 => "ed25519",
        AlgorithmId::X25519 => "x25519",
    }
}

pub(super) fn algorithm_id(algorithm: TokenAlgorithm) -> AlgorithmId {
    match algorithm {
        TokenAlgorithm::P256 => AlgorithmId::EccP256,
        TokenAlgorithm::P384 => AlgorithmId::EccP384,
    }
}

pub(super) fn slot_id(slot: Slot) -> SlotId {
    SlotId::try_from(slot.number()).expect("every slot of ours is one of PIV's")
}

fn pin_policy(policy: yubikey::PinPolicy) -> Option<PinPolicy> {
    match policy {
        yubikey::PinPolicy::Default => None,
        yubikey::PinPolicy::Never => Some(PinPolicy::Never),
        yubikey::PinPolicy::Once => Some(PinPolicy::Once),
        yubikey::PinPolicy::Always => Some(PinPolicy::Always),
    }
}

fn touch_policy(policy: yubikey::TouchPolicy) -> Option<TouchPolicy> {
    match policy {
        yubikey::TouchPolicy::Default => None,
        yubikey::TouchPolicy::Never => Some(TouchPolicy::Never),
        yubikey::TouchPolicy::Always => Some(TouchPolicy::Always),
        yubikey::TouchPolicy::Cached => Some(TouchPolicy::Cached),
    }
}

pub(super) fn pin_policy_id(policy: PinPolicy) -> yubikey::PinPolicy {
    match policy {
        PinPolicy::Never => yubikey::PinPolicy::Never,
        PinPolicy::Once => yubikey::PinPolicy::Once,
        PinPolicy::Always => yubikey::PinPolicy::Always,
    }
}

pub(super) fn touch_policy_id(policy: TouchPolicy) -> yubikey::TouchPolicy {
    match policy {
        TouchPolicy::Never => yubikey::TouchPolicy::Never,
        TouchPolicy::Always => yubikey::TouchPolicy::Always,
        TouchPolicy::Cached => yubikey::TouchPolicy::Cached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_one_of_the_drivers() {
        for slot in Slot::all() {
            assert_eq!(u8::from(slot_id(slot)), slot.number());
        }
    }
}
