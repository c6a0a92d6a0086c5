//! Signing in the module's process: the private half is found by the public one, and what it signed must verify with it
//! before it is handed over.

use aws_lc_rs::{
    digest::{self, SHA256, SHA384},
    signature::{self, UnparsedPublicKey, VerificationAlgorithm},
};
use cryptoki::{
    error::{Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::{ObjectClass, ObjectHandle},
    session::UserType,
};
use der::{Encode as _, asn1::UintRef};
use rootward_tuf::PublicKey;

use super::{
    library::{Open, Outcome, log_in, refused},
    objects::{self, Seen},
    wire::{Can, How, Trouble},
};

/// Private keys tried for one signature, at most: each may ask for a touch.
const MOST_TRIED: usize = 8;

/// Signs `message` with the private half of a public key.
pub(super) fn sign(open: &Open<'_>, spki: &[u8], how: How, pin: &[u8], message: &[u8]) -> Outcome<Vec<u8>> {
    let public = PublicKey::from_spki_der(spki).map_err(|why| Trouble::Nonsense(why.to_string()))?;
    let seen = objects::seen(&open.session, open.library)?;
    let private = objects::all(&open.session, ObjectClass::PRIVATE_KEY)?;
    let candidates = candidates(&seen, &private, &public);
    if candidates.is_empty() {
        return Err(Trouble::NoPrivateHalf);
    }
    for key in candidates.into_iter().take(MOST_TRIED) {
        let signed = signed_by(open, key, how, pin, message)?;
        if let Some(signature) = signed.filter(|signature| holds(&public, how, message, signature)) {
            return Ok(signature);
        }
    }
    Err(Trouble::OtherKey)
}

/// The private key that says it is this public key's; else those of the same id, then those of the same label.
fn candidates(seen: &[Seen], private: &[ObjectHandle], public: &PublicKey) -> Vec<ObjectHandle> {
    let is_private = |object: &&Seen| private.contains(&object.handle);
    let is_it = |object: &Seen| object.public.as_ref().map(PublicKey::physical) == Some(public.physical());
    let said: Vec<_> = seen.iter().filter(is_private).filter(|object| is_it(object)).collect();
    if !said.is_empty() {
        return said.iter().map(|object| object.handle).collect();
    }
    let halves: Vec<&Seen> = seen.iter().filter(|object| is_it(object)).collect();
    let silent: Vec<&Seen> = seen
        .iter()
        .filter(is_private)
        .filter(|object| object.public.is_none())
        .collect();
    let same_id = |object: &&&Seen| !object.id.is_empty() && halves.iter().any(|half| half.id == object.id);
    let same_label = |object: &&&Seen| !object.label.is_empty() && halves.iter().any(|half| half.label == object.label);
    let mut found: Vec<ObjectHandle> = silent.iter().filter(same_id).map(|object| object.handle).collect();
    for object in silent.iter().filter(same_label) {
        if !found.contains(&object.handle) {
            found.push(object.handle);
        }
    }
    found
}

/// What a private key makes of the message, in the form we use; `None` when it is of no such form.
fn signed_by(open: &Open<'_>, key: ObjectHandle, how: How, pin: &[u8], message: &[u8]) -> Outcome<Option<Vec<u8>>> {
    let (mechanism, hashes) = mechanism(&open.can, how)?;
    let digest = match how {
        How::EcdsaSha384 => digest::digest(&SHA384, message),
        How::Ed25519 | How::EcdsaSha256 | How::PssSha256 => digest::digest(&SHA256, message),
    };
    let data = if hashes { message } else { digest.as_ref() };
    let session = &open.session;
    let raw = if objects::always_asks(session, key) {
        session.sign_init(&mechanism, key).map_err(refused)?;
        let pin = (!open.has_pin_pad).then_some(pin);
        log_in(session, UserType::ContextSpecific, pin).map_err(refused)?;
        let signed = session.sign_update(data).and_then(|()| session.sign_final());
        match signed {
            // A module that cannot do it in parts does it at once; the PIN counts for one signature, so it is given anew.
            Err(Error::Pkcs11(RvError::FunctionNotSupported | RvError::FunctionNotParallel, _)) => {
                return Err(Trouble::Lacks(
                    "signing in parts, which a key that always asks for its PIN needs".into(),
                ));
            }
            signed => signed.map_err(refused)?,
        }
    } else {
        session.sign(&mechanism, key, data).map_err(refused)?
    };
    Ok(match how {
        How::Ed25519 => (raw.len() == 64).then_some(raw),
        How::EcdsaSha256 | How::EcdsaSha384 => der_of(&raw),
        How::PssSha256 => Some(raw),
    })
}

/// The mechanism for a kind of signature, and whether it hashes the message itself.
fn mechanism(can: &[Can], how: How) -> Outcome<(Mechanism<'static>, bool)> {
    let pss = || PkcsPssParams {
        hash_alg: MechanismType::SHA256,
        mgf: PkcsMgfType::MGF1_SHA256,
        s_len: 32.into(),
    };
    let found = match how {
        How::Ed25519 if can.contains(&Can::Eddsa) => {
            (Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)), true)
        }
        How::EcdsaSha256 | How::EcdsaSha384 if can.contains(&Can::Ecdsa) => (Mechanism::Ecdsa, false),
        How::EcdsaSha256 if can.contains(&Can::EcdsaSha256) => (Mechanism::EcdsaSha256, true),
        How::EcdsaSha384 if can.contains(&Can::EcdsaSha384) => (Mechanism::EcdsaSha384, true),
        How::PssSha256 if can.contains(&Can::Pss) => (Mechanism::RsaPkcsPss(pss()), false),
        How::PssSha256 if can.contains(&Can::PssSha256) => (Mechanism::Sha256RsaPkcsPss(pss()), true),
        _ => return Err(Trouble::Lacks(how.mechanism().into())),
    };
    Ok(found)
}

impl How {
    /// The name that PKCS#11 gives the mechanism.
    pub(super) fn mechanism(self) -> &'static str {
        match self {
            How::Ed25519 => "CKM_EDDSA",
            How::EcdsaSha256 | How::EcdsaSha384 => "CKM_ECDSA",
            How::PssSha256 => "CKM_RSA_PKCS_PSS",
        }
    }

    /// Whether a token of these abilities can sign so.
    pub(super) fn is_among(self, can: &[Can]) -> bool {
        mechanism(can, self).is_ok()
    }
}

/// ECDSA in DER of `r || s`, which PKCS#11 gives.
fn der_of(raw: &[u8]) -> Option<Vec<u8>> {
    if !matches!(raw.len(), 64 | 96) {
        return None;
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    let numbers = [UintRef::new(r).ok()?, UintRef::new(s).ok()?];
    let body = numbers
        .iter()
        .map(|number| number.to_der().ok())
        .collect::<Option<Vec<_>>>()?
        .concat();
    let header = der::Header::new(der::Tag::Sequence, der::Length::try_from(body.len()).ok()?);
    Some([header.to_der().ok()?, body].concat())
}

/// Whether a signature is this key's. Whoever gets it checks again.
fn holds(public: &PublicKey, how: How, message: &[u8], signature: &[u8]) -> bool {
    use rootward_tuf::Algorithm;
    let algorithm: &dyn VerificationAlgorithm = match (how, public.algorithm()) {
        (How::Ed25519, Algorithm::Ed25519) => &signature::ED25519,
        (How::EcdsaSha256, Algorithm::EcdsaP256) => &signature::ECDSA_P256_SHA256_ASN1,
        (How::EcdsaSha256, Algorithm::EcdsaP384) => &signature::ECDSA_P384_SHA256_ASN1,
        (How::EcdsaSha384, Algorithm::EcdsaP384) => &signature::ECDSA_P384_SHA384_ASN1,
        (How::PssSha256, Algorithm::Rsa) => &signature::RSA_PSS_2048_8192_SHA256,
        _ => return false,
    };
    UnparsedPublicKey::new(algorithm, public.spki_der())
        .verify(message, signature)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_numbers_become_der_without_leading_zeros_and_stay_positive() {
        let mut raw = [0; 64];
        (raw[31], raw[32], raw[63]) = (1, 0x80, 2);
        let der = der_of(&raw).expect("a signature");
        assert_eq!(der[..5], [0x30, 38, 2, 1, 1]);
        assert_eq!(der[5..9], [2, 33, 0, 0x80]);
        for length in [0, 1, 63, 65, 128] {
            assert_eq!(der_of(&vec![1; length]), None, "{length}");
        }
    }

    #[test]
    fn a_fresh_signature_is_verified_with_the_key_it_is_meant_to_be_of() {
        use ed25519_dalek::Signer as _;
        let pairs = [7, 8].map(|seed| ed25519_dalek::SigningKey::from_bytes(&[seed; 32]));
        let [own, other] = pairs
            .each_ref()
            .map(|pair| PublicKey::from_ed25519_bytes(pair.verifying_key().as_bytes()).expect("a key"));
        let signature = pairs[0].sign(b"a message").to_bytes();
        assert!(holds(&own, How::Ed25519, b"a message", &signature));
        assert!(!holds(&other, How::Ed25519, b"a message", &signature));
        assert!(!holds(&own, How::Ed25519, b"another", &signature));
        assert!(!holds(&own, How::EcdsaSha256, b"a message", &signature));
    }

    #[test]
    fn each_kind_of_signature_needs_its_mechanism() {
        for (can, how, is_enough) in [
            (&[Can::Ecdsa][..], How::EcdsaSha384, true),
            (&[Can::EcdsaSha256], How::EcdsaSha256, true),
            (&[Can::EcdsaSha256], How::EcdsaSha384, false),
            (&[Can::Eddsa], How::Ed25519, true),
            (&[Can::Ecdsa, Can::Pss], How::Ed25519, false),
            (&[Can::PssSha256], How::PssSha256, true),
            (&[], How::PssSha256, false),
        ] {
            assert_eq!(how.is_among(can), is_enough, "{can:?} {how:?}");
        }
    }
}
