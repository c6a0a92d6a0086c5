//! Public keys by themselves: read from every form they come in, told apart by who they are, and verified with.
//!
//! Whatever form a key was read from, we encode it in one way; its identity is the digest of that.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{self as lc, ParsedPublicKey};
use der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use der::{Decode as _, Encode as _, Sequence};
use ed25519_dalek::VerifyingKey;

use crate::dialect::notary;
use crate::encoding::{from_hex, hex, pem, sha256};

/// One public key wherever and under whatever name it is listed: SHA-256 of its SubjectPublicKeyInfo as we encode it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhysicalKey([u8; 32]);

/// The kinds of public key we can verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// EdDSA on the curve edwards25519 (RFC 8032).
    Ed25519,
    /// ECDSA on the NIST curve P-256.
    EcdsaP256,
    /// ECDSA on the NIST curve P-384.
    EcdsaP384,
    /// RSA with a modulus of 2048 to 8192 bits.
    Rsa,
}

/// A usable public key.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    spki: Vec<u8>,
    physical: PhysicalKey,
    material: Material,
}

/// The public key in the form its verifier wants.
#[derive(Clone)]
enum Material {
    Ed25519(VerifyingKey),
    /// The uncompressed point.
    Ecdsa(Vec<u8>),
    /// PKCS #1 RSAPublicKey.
    Rsa(Vec<u8>),
}

/// How an ECDSA or RSA signature is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Method {
    Ed25519,
    /// ECDSA over SHA-256, signature in DER.
    EcdsaSha256,
    /// ECDSA over SHA-384, signature in DER.
    EcdsaSha384,
    /// RSASSA-PSS over SHA-256 with a salt of 32 bytes.
    RsaPss,
    /// RSASSA-PSS over SHA-256 with a salt of 32 bytes or as long as fits: TUF's clients take any.
    RsaPssLongSalt,
    /// RSASSA-PKCS1-v1_5 over SHA-256.
    RsaPkcs1,
}

/// Why a listed key cannot count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// We know no way to verify with a key of this type and scheme.
    #[error("key type {keytype:?} with scheme {scheme:?} is not known")]
    UnknownKind {
        /// As the key object writes it.
        keytype: String,
        /// As the key object writes it; empty in Notary, which names none.
        scheme: String,
    },
    /// The key or its certificate is not in the form that was expected.
    #[error("expected {expected}")]
    Malformed {
        /// What should have been there, in words.
        expected: &'static str,
    },
    /// Well formed, but it would not be safe to trust; says what is wrong with it.
    #[error("the key is too weak: {0}")]
    Weak(&'static str),
    /// Notary: the id must be the hash of the key.
    #[error("the keyid does not belong to this key")]
    ForeignKeyid,
}

impl PhysicalKey {
    /// The SHA-256 digest itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what `Display` writes: `sha256:` and 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = from_hex(text.strip_prefix("sha256:")?)?;
        bytes.try_into().ok().map(PhysicalKey)
    }
}

impl Algorithm {
    /// The name shown to people and used in files of ours.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::EcdsaP256 => "ecdsa-p256",
            Algorithm::EcdsaP384 => "ecdsa-p384",
            Algorithm::Rsa => "rsa",
        }
    }
}

impl PublicKey {
    /// Takes 32 bytes; refuses points of small order, under which one signature fits many messages.
    pub fn from_ed25519_bytes(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let malformed = KeyProblem::Malformed {
            expected: "an Ed25519 public key of 32 bytes",
        };
        let Ok(bytes) = <&[u8; 32]>::try_from(bytes) else {
            return Err(malformed);
        };
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| malformed.clone())?;
        if key.is_weak() {
            return Err(KeyProblem::Weak("an Ed25519 point of small order"));
        }
        // One point must have one identity: 2^255 - 19 and above are second spellings of small numbers.
        if bytes[0] >= 0xed && bytes[1..31].iter().all(|&byte| byte == 0xff) && bytes[31] & 0x7f == 0x7f {
            return Err(malformed);
        }
        let spki = [ED25519_SPKI, bytes].concat();
        Ok(PublicKey::new(Algorithm::Ed25519, spki, Material::Ed25519(key)))
    }

    /// Takes a P-256 or P-384 point as in SEC 1, 2.3.3; a compressed one is decompressed.
    pub fn from_ec_point(algorithm: Algorithm, point: &[u8]) -> Result<Self, KeyProblem> {
        let (prefix, verifier, length) = match algorithm {
            Algorithm::EcdsaP256 => (P256_SPKI, &lc::ECDSA_P256_SHA256_ASN1, 65),
            Algorithm::EcdsaP384 => (P384_SPKI, &lc::ECDSA_P384_SHA384_ASN1, 97),
            Algorithm::Ed25519 | Algorithm::Rsa => {
                return Err(KeyProblem::Malformed {
                    expected: "an elliptic curve",
                });
            }
        };
        let malformed = KeyProblem::Malformed {
            expected: "a point on the key's curve",
        };
        if !matches!(point.first(), Some(2..=4)) {
            return Err(malformed);
        }
        let parsed = ParsedPublicKey::new(verifier, point).map_err(|_| malformed.clone())?;
        let point = if point.len() == length {
            point.to_vec()
        } else {
            let encoded = parsed.as_der().map_err(|_| malformed.clone())?;
            match encoded.as_ref().strip_prefix(prefix) {
                Some(point) if point.len() == length => point.to_vec(),
                _ => {
                    return Err(KeyProblem::Malformed {
                        expected: "an uncompressed point",
                    });
                }
            }
        };
        let spki = [prefix, &point].concat();
        Ok(PublicKey::new(algorithm, spki, Material::Ecdsa(point)))
    }

    /// Takes a PKCS #1 RSAPublicKey of 2048 to 8192 bits.
    pub fn from_rsa_pkcs1(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let malformed = KeyProblem::Malformed {
            expected: "an RSA public key in DER",
        };
        let key = RsaPublicKey::from_der(bytes).map_err(|_| malformed.clone())?;
        let bits = key.modulus.as_bytes().first().map_or(0, |first| {
            key.modulus.as_bytes().len() * 8 - first.leading_zeros() as usize
        });
        if !(2048..=8192).contains(&bits) {
            return Err(KeyProblem::Weak("an RSA key that has not 2048 to 8192 bits"));
        }
        let pkcs1 = key.to_der().map_err(|_| malformed.clone())?;
        ParsedPublicKey::new(&lc::RSA_PSS_2048_8192_SHA256, &pkcs1).map_err(|_| malformed.clone())?;
        let bits = BitStringRef::from_bytes(&pkcs1)
            .and_then(|bits| bits.to_der())
            .map_err(|_| malformed.clone())?;
        let spki = sequence(&[RSA_ALGORITHM, &bits].concat()).ok_or(malformed)?;
        Ok(PublicKey::new(Algorithm::Rsa, spki, Material::Rsa(pkcs1)))
    }

    /// Takes a SubjectPublicKeyInfo in DER.
    pub fn from_spki_der(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let malformed = KeyProblem::Malformed {
            expected: "a public key in DER (SubjectPublicKeyInfo)",
        };
        let info = spki::SubjectPublicKeyInfoRef::from_der(bytes).map_err(|_| malformed.clone())?;
        let key = info.subject_public_key.as_bytes().ok_or(malformed)?;
        match info.algorithm.oid {
            ED25519 => PublicKey::from_ed25519_bytes(key),
            RSA_ENCRYPTION => PublicKey::from_rsa_pkcs1(key),
            EC_PUBLIC_KEY => match info.algorithm.parameters_oid() {
                Ok(P256) => PublicKey::from_ec_point(Algorithm::EcdsaP256, key),
                Ok(P384) => PublicKey::from_ec_point(Algorithm::EcdsaP384, key),
                _ => Err(KeyProblem::Malformed {
                    expected: "a key on the curve P-256 or P-384",
                }),
            },
            _ => Err(KeyProblem::Malformed {
                expected: "an Ed25519, ECDSA or RSA key",
            }),
        }
    }

    /// Takes a `PUBLIC KEY` or `RSA PUBLIC KEY` block of PEM, its lines as long as the first (RFC 7468 writes 64 letters, and
    /// lets readers take other lengths).
    pub fn from_spki_pem(text: &str) -> Result<Self, KeyProblem> {
        let decoded = || {
            let mut block = der::pem::Decoder::new_detect_wrap(text.trim().as_bytes()).ok()?;
            let mut bytes = Vec::new();
            block.decode_to_end(&mut bytes).ok()?;
            Some((block.type_label(), bytes))
        };
        match decoded() {
            Some(("PUBLIC KEY", bytes)) => PublicKey::from_spki_der(&bytes),
            Some(("RSA PUBLIC KEY", bytes)) => PublicKey::from_rsa_pkcs1(&bytes),
            _ => Err(KeyProblem::Malformed {
                expected: "a public key in PEM",
            }),
        }
    }

    /// Takes the key out of an X.509 certificate in DER; nothing else in it is checked.
    pub fn from_certificate(der: &[u8]) -> Result<Self, KeyProblem> {
        Ok(notary::Certificate::from_der(der)?.public_key().clone())
    }

    /// Which kind of key this is.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Who this key is.
    pub fn physical(&self) -> PhysicalKey {
        self.physical
    }

    /// The key as we encode it: uncompressed point, one form of algorithm identifier.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// [`Self::spki_der`] as PEM with line ends `\n`.
    pub fn spki_pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki)
    }

    /// The 32 bytes of an Ed25519 key.
    pub fn ed25519_bytes(&self) -> Option<&[u8; 32]> {
        if let Material::Ed25519(key) = &self.material {
            Some(key.as_bytes())
        } else {
            None
        }
    }

    /// Whether `signature` over `message` is this key's under `method`; a method for other keys never is.
    pub(crate) fn verifies(&self, method: Method, message: &[u8], signature: &[u8]) -> bool {
        let lc_verifies = |algorithm: &'static dyn lc::VerificationAlgorithm, key: &[u8]| {
            lc::UnparsedPublicKey::new(algorithm, key)
                .verify(message, signature)
                .is_ok()
        };
        match (method, self.algorithm, &self.material) {
            // Cofactorless and with s reduced, as Go and OpenSSL verify; keys of small order never get here.
            (Method::Ed25519, _, Material::Ed25519(key)) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| ed25519_dalek::Verifier::verify(key, message, &signature).is_ok()),
            (Method::EcdsaSha256, Algorithm::EcdsaP256, Material::Ecdsa(point)) => {
                lc_verifies(&lc::ECDSA_P256_SHA256_ASN1, point)
            }
            (Method::EcdsaSha256, Algorithm::EcdsaP384, Material::Ecdsa(point)) => {
                lc_verifies(&lc::ECDSA_P384_SHA256_ASN1, point)
            }
            (Method::EcdsaSha384, Algorithm::EcdsaP384, Material::Ecdsa(point)) => {
                lc_verifies(&lc::ECDSA_P384_SHA384_ASN1, point)
            }
            (Method::RsaPss, _, Material::Rsa(key)) => lc_verifies(&lc::RSA_PSS_2048_8192_SHA256, key),
            (Method::RsaPssLongSalt, _, Material::Rsa(key)) => {
                lc_verifies(&lc::RSA_PSS_2048_8192_SHA256, key) || lc_verifies(&RSA_PSS_LONGEST_SALT, key)
            }
            (Method::RsaPkcs1, _, Material::Rsa(key)) => lc_verifies(&lc::RSA_PKCS1_2048_8192_SHA256, key),
            _ => false,
        }
    }

    fn new(algorithm: Algorithm, spki: Vec<u8>, material: Material) -> Self {
        let physical = PhysicalKey(sha256(&spki));
        PublicKey {
            algorithm,
            spki,
            physical,
            material,
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.physical == other.physical
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm.as_str(), self.physical)
    }
}

impl fmt::Display for PhysicalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex(&self.0))
    }
}

impl fmt::Debug for PhysicalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What stands before the bare key in a SubjectPublicKeyInfo of each algorithm with keys of one length.
const ED25519_SPKI: &[u8] = &[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
const P256_SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3,
    0x42, 0,
];
const P384_SPKI: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x22, 3, 0x62, 0,
];
const RSA_ALGORITHM: &[u8] = &[0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

static RSA_PSS_LONGEST_SALT: lc::RsaParameters =
    lc::RSA_PSS_2048_8192_SHA256.with_pss_salt_length(lc::RsaPssSaltLength::Max);

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// Wraps DER in a SEQUENCE; `None` if it is too long for one.
pub(crate) fn sequence(content: &[u8]) -> Option<Vec<u8>> {
    der::asn1::AnyRef::new(der::Tag::Sequence, content).ok()?.to_der().ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
        RsaPssSaltLength, RsaSignatureEncoding,
    };

    use super::*;
    use crate::dialect::verifies;
    use crate::key::Key;

    static LONGEST_SALT: RsaSignatureEncoding = RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max);

    #[test]
    fn rsa_is_verified_as_the_clients_of_each_dialect_do() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = PublicKey::from_rsa_pkcs1(pair.public_key().as_ref()).unwrap();
        let again = PublicKey::from_spki_pem(&public.spki_pem()).unwrap();
        assert_eq!(
            (again.physical(), again.algorithm()),
            (public.physical(), Algorithm::Rsa)
        );
        let spki = pair.public_key().as_der().unwrap();
        assert_eq!(public.spki_der(), spki.as_ref());
        let sign = |encoding: &'static RsaSignatureEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), b"message", &mut signature)
                .unwrap();
            signature
        };
        let (tuf, notary) = (Key::new_tuf1(&public), Key::new_notary_bare(&public));
        let cases = [
            (&RSA_PSS_SHA256, true, [true, false]),
            (&LONGEST_SALT, true, [false, false]),
            (&RSA_PKCS1_SHA256, false, [false, true]),
        ];
        for (encoding, in_tuf, in_notary) in cases {
            let signature = sign(encoding);
            assert_eq!(verifies(&tuf, None, b"message", &signature), in_tuf);
            for (method, expected) in ["RSApss", "rsapkcs1v15"].into_iter().zip(in_notary) {
                assert_eq!(verifies(&notary, Some(method), b"message", &signature), expected);
            }
            assert!(!verifies(&tuf, None, b"another", &signature));
        }
    }

    #[test]
    fn p384_is_verified_over_sha384_and_only_by_its_own_kind_of_key() {
        let document = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
        let public = PublicKey::from_ec_point(Algorithm::EcdsaP384, document.public_key().as_ref()).unwrap();
        assert_eq!(PublicKey::from_spki_der(public.spki_der()).unwrap(), public);
        let signature = document.sign(&SystemRandom::new(), b"message").unwrap();
        let key = Key::new_tuf1(&public);
        assert!(verifies(&key, None, b"message", signature.as_ref()));
        assert!(!verifies(&key, None, b"another", signature.as_ref()));
        assert!(PublicKey::from_ec_point(Algorithm::EcdsaP256, document.public_key().as_ref()).is_err());
    }

    #[test]
    fn pem_is_read_whatever_the_length_of_its_lines() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = PublicKey::from_rsa_pkcs1(pair.public_key().as_ref()).unwrap();
        let body = crate::encoding::base64(public.spki_der());
        for (width, end) in [
            (64, "\n"),
            (64, "\r\n"),
            (76, "\n"),
            (76, "\r\n"),
            (48, "\n"),
            (1_000, "\n"),
        ] {
            let lines: Vec<&str> = (0..body.len())
                .step_by(width)
                .map(|start| &body[start..body.len().min(start + width)])
                .collect();
            let text = format!(
                "-----BEGIN PUBLIC KEY-----{end}{}{end}-----END PUBLIC KEY-----",
                lines.join(end)
            );
            for text in [&text, &format!("{text}{end}")] {
                assert_eq!(PublicKey::from_spki_pem(text).as_ref(), Ok(&public), "{width} {end:?}");
            }
        }
        let own = public.spki_pem();
        for other in [
            own.replace("PUBLIC", "PRIVATE"),
            own.replace("END PUBLIC", "END RSA PUBLIC"),
            own.replacen('A', "!", 1),
            own.replacen("-----END", "-----END PUBLIC KEY-----", 1),
            body,
        ] {
            assert!(PublicKey::from_spki_pem(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn weak_keys_and_second_spellings_are_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        assert!(matches!(PublicKey::from_ed25519_bytes(&one), Err(KeyProblem::Weak(_))));
        // y = 2^255 - 19 + 3 spells y = 3.
        let mut spelled = [0xff; 32];
        (spelled[0], spelled[31]) = (0xed + 3, 0x7f);
        assert!(PublicKey::from_ed25519_bytes(&spelled).is_err());
        assert!(PublicKey::from_ed25519_bytes(&[7; 31]).is_err());
        let small = RsaPublicKey {
            modulus: UintRef::new(&[0xff; 128]).unwrap(),
            exponent: UintRef::new(&[3]).unwrap(),
        };
        assert!(matches!(
            PublicKey::from_rsa_pkcs1(&small.to_der().unwrap()),
            Err(KeyProblem::Weak(_))
        ));
    }
}
