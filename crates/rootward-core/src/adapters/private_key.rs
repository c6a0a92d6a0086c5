//! Private keys in memory. AWS-LC holds them and wipes its copy when they are dropped.

use aws_lc_rs::{
    encoding::AsBigEndian as _,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RSA_PSS_SHA256,
    },
};
use der::{AnyRef, asn1::ObjectIdentifier};
use p384::ecdsa::signature::hazmat::PrehashSigner as _;
use pkcs8::PrivateKeyInfoRef;
use rootward_tuf::{Algorithm, Dialect, KeyProblem, PublicKey, encoding::sha256};
use zeroize::Zeroizing;

use crate::ports::NewKey;

pub(in crate::adapters) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
pub(in crate::adapters) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
pub(in crate::adapters) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A private key and its public half.
pub(in crate::adapters) struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    Ecdsa(EcdsaKeyPair),
    Rsa(rsa::KeyPair),
}

impl PrivateKey {
    /// Reads a PrivateKeyInfo (PKCS#8); fails saying what was expected.
    pub(in crate::adapters) fn read(der: &[u8]) -> Result<Self, String> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|error| format!("expected PKCS#8 ({error})"))?;
        let curve = info
            .algorithm
            .parameters
            .and_then(|parameters: AnyRef<'_>| parameters.decode_as().ok());
        let broken = |_| "the private key is broken or too weak".to_owned();
        let problem = |problem: KeyProblem| problem.to_string();
        let (pair, public) = match (info.algorithm.oid, curve) {
            (ED25519, _) => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(broken)?;
                let public = PublicKey::from_ed25519_bytes(pair.public_key().as_ref()).map_err(problem)?;
                (Pair::Ed25519(pair), public)
            }
            (EC, Some(P256)) => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).map_err(broken)?;
                let point = pair.public_key().as_ref();
                let public = PublicKey::from_ec_point(Algorithm::EcdsaP256, point).map_err(problem)?;
                (Pair::Ecdsa(pair), public)
            }
            (EC, Some(P384)) => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, der).map_err(broken)?;
                let point = pair.public_key().as_ref();
                let public = PublicKey::from_ec_point(Algorithm::EcdsaP384, point).map_err(problem)?;
                (Pair::Ecdsa(pair), public)
            }
            (RSA, _) => {
                let pair = rsa::KeyPair::from_pkcs8(der).map_err(broken)?;
                let public = PublicKey::from_rsa_pkcs1(pair.public_key().as_ref()).map_err(problem)?;
                (Pair::Rsa(pair), public)
            }
            (other, _) => {
                return Err(format!(
                    "expected an Ed25519, P-256, P-384 or RSA key, found kind {other}"
                ));
            }
        };
        Ok(PrivateKey { pair, public })
    }

    pub(in crate::adapters) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs: 64 bytes for Ed25519, DER for ECDSA, a PSS block with a salt of 32 bytes for RSA.
    ///
    /// ECDSA is over the curve's own SHA-2, except in Notary, which takes SHA-256 for every curve.
    pub(in crate::adapters) fn sign(&self, message: &[u8], dialect: Dialect) -> Result<Vec<u8>, &'static str> {
        let failed = |_| "its cryptography failed";
        match &self.pair {
            Pair::Ed25519(pair) => Ok(pair.try_sign(message).map_err(failed)?.as_ref().to_vec()),
            Pair::Ecdsa(pair) if dialect == Dialect::Notary && self.public.algorithm() == Algorithm::EcdsaP384 => {
                sign_p384_over_sha256(pair, message).ok_or("its cryptography failed")
            }
            Pair::Ecdsa(pair) => Ok(pair
                .sign(&SystemRandom::new(), message)
                .map_err(failed)?
                .as_ref()
                .to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

/// AWS-LC's interface has no P-384 over SHA-256.
fn sign_p384_over_sha256(pair: &EcdsaKeyPair, message: &[u8]) -> Option<Vec<u8>> {
    let private = pair.private_key().as_be_bytes().ok()?;
    let key = p384::ecdsa::SigningKey::from_slice(private.as_ref()).ok()?;
    let signature: p384::ecdsa::Signature = key.sign_prehash(&sha256(message)).ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}

/// Makes a new key and its PrivateKeyInfo.
pub(in crate::adapters) fn generate(kind: NewKey) -> Result<(PrivateKey, Zeroizing<Vec<u8>>), String> {
    let random = SystemRandom::new();
    let document = match kind {
        // Version 1 of PKCS#8: older OpenSSL does not read a public half inside.
        NewKey::Ed25519 => Ed25519KeyPair::generate_pkcs8v1(&random),
        NewKey::EcdsaP256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random),
    };
    let document = document.map_err(|_| "no key could be generated")?;
    let der = Zeroizing::new(document.as_ref().to_vec());
    Ok((PrivateKey::read(&der)?, der))
}
