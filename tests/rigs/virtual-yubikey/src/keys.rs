//! Private keys as PIV sees them: algorithm numbers, imports, public keys in the card's encoding, raw signatures.

use crate::tlv::{Elements, integer, sequence, tlv};
use ed25519_dalek::Signer as _;
use p256::elliptic_curve::sec1::ToSec1Point;
use rand::CryptoRng;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, RsaPrivateKey};
use signature::hazmat::PrehashSigner;

pub const RSA_2048: u8 = 0x07;
pub const P256: u8 = 0x11;
const P384: u8 = 0x14;
const ED25519: u8 = 0xe0;

const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const OID_P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

/// A private key of a slot.
pub enum PrivateKey {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
    Rsa(Box<RsaPrivateKey>),
}

/// Tells whether a firmware knows an algorithm.
pub fn is_known(algorithm: u8, firmware: [u8; 3]) -> bool {
    match algorithm {
        0x06 | RSA_2048 | P256 | P384 => true,
        0x05 | 0x16 | ED25519 => firmware >= [5, 7, 0],
        _ => false,
    }
}

fn rsa_bits(algorithm: u8) -> Option<usize> {
    match algorithm {
        0x06 => Some(1024),
        RSA_2048 => Some(2048),
        0x05 => Some(3072),
        0x16 => Some(4096),
        _ => None,
    }
}

impl PrivateKey {
    /// Makes a key; `None` for an algorithm that no card has.
    pub fn generate(algorithm: u8, rng: &mut impl CryptoRng) -> Option<Self> {
        fn random<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
            let mut bytes = [0; N];
            rng.fill_bytes(&mut bytes);
            bytes
        }
        Some(match algorithm {
            // About one number in 2^32 is no key of the curve.
            P256 => Self::P256(
                std::iter::repeat_with(|| p256::SecretKey::from_slice(&random::<32>(rng))).find_map(Result::ok)?,
            ),
            P384 => Self::P384(
                std::iter::repeat_with(|| p384::SecretKey::from_slice(&random::<48>(rng))).find_map(Result::ok)?,
            ),
            ED25519 => Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&random(rng))),
            other => Self::Rsa(Box::new(RsaPrivateKey::new(rng, rsa_bits(other)?).ok()?)),
        })
    }

    /// Reads IMPORT ASYMMETRIC KEY: a scalar or a seed, or the two primes (the rest of an RSA key follows from them).
    pub fn import(algorithm: u8, parts: &Elements) -> Option<Self> {
        Some(match algorithm {
            P256 => Self::P256(p256::SecretKey::from_slice(parts.find(6)?).ok()?),
            P384 => Self::P384(p384::SecretKey::from_slice(parts.find(6)?).ok()?),
            ED25519 => Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(parts.find(7)?.try_into().ok()?)),
            other => {
                let bits = rsa_bits(other)?;
                let prime = |tag| parts.find(tag).map(BoxedUint::from_be_slice_vartime);
                let key = RsaPrivateKey::from_p_q(prime(1)?, prime(2)?, BoxedUint::from(65537u64)).ok()?;
                (key.size() * 8 == bits).then(|| Self::Rsa(Box::new(key)))?
            }
        })
    }

    /// The public key in the card's own encoding: what 7F49 and metadata's tag 04 hold.
    pub fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => [
                tlv(0x81, &key.n().to_be_bytes_trimmed_vartime()),
                tlv(0x82, &key.e().to_be_bytes_trimmed_vartime()),
            ]
            .concat(),
            other => tlv(0x86, &other.point()),
        }
    }

    /// SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> Vec<u8> {
        let bits = |bytes: &[u8]| tlv(3, &[&[0], bytes].concat());
        let curve = |oid: &[u8]| sequence(&[tlv(6, OID_EC), tlv(6, oid)]);
        match self {
            Self::P256(_) => sequence(&[curve(OID_P256), bits(&self.point())]),
            Self::P384(_) => sequence(&[curve(OID_P384), bits(&self.point())]),
            Self::Ed25519(_) => sequence(&[sequence(&[tlv(6, OID_ED25519)]), bits(&self.point())]),
            Self::Rsa(key) => {
                let (n, e) = (
                    key.n().to_be_bytes_trimmed_vartime(),
                    key.e().to_be_bytes_trimmed_vartime(),
                );
                let public = sequence(&[integer(&n), integer(&e)]);
                sequence(&[sequence(&[tlv(6, OID_RSA), tlv(5, &[])]), bits(&public)])
            }
        }
    }

    /// What GENERAL AUTHENTICATE does with tag 81: ECDSA over a digest, Ed25519 over the message, RSA of a padded block.
    pub fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        // As the hardware does it: a shorter digest is a smaller number, a longer one loses its end.
        let fitted = |length: usize| {
            let kept = &data[..data.len().min(length)];
            [vec![0; length - kept.len()], kept.to_vec()].concat()
        };
        Some(match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature =
                    p256::ecdsa::SigningKey::from(key).sign_prehash(&fitted(32)).ok()?;
                signature.to_der().as_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature =
                    p384::ecdsa::SigningKey::from(key).sign_prehash(&fitted(48)).ok()?;
                signature.to_der().as_bytes().to_vec()
            }
            Self::Ed25519(key) => key.sign(data).to_bytes().to_vec(),
            Self::Rsa(key) if data.len() == key.size() => {
                let block = BoxedUint::from_be_slice(data, key.n_bits_precision()).ok()?;
                let no_blinding = None::<&mut rand::rngs::StdRng>;
                let result = rsa::hazmat::rsa_decrypt_and_check(key.as_ref(), no_blinding, &block).ok()?;
                let bytes = result.to_be_bytes_trimmed_vartime();
                [vec![0; key.size() - bytes.len()], bytes.to_vec()].concat()
            }
            Self::Rsa(_) => return None,
        })
    }

    /// What GENERAL AUTHENTICATE does with tag 85: a shared secret.
    pub fn agree(&self, point: &[u8]) -> Option<Vec<u8>> {
        Some(match self {
            Self::P256(key) => {
                let theirs = p256::PublicKey::from_sec1_bytes(point).ok()?;
                key.diffie_hellman(&theirs).raw_secret_bytes().to_vec()
            }
            Self::P384(key) => {
                let theirs = p384::PublicKey::from_sec1_bytes(point).ok()?;
                key.diffie_hellman(&theirs).raw_secret_bytes().to_vec()
            }
            Self::Ed25519(_) | Self::Rsa(_) => return None,
        })
    }

    fn point(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Ed25519(key) => key.verifying_key().as_bytes().to_vec(),
            Self::Rsa(_) => Vec::new(),
        }
    }
}
