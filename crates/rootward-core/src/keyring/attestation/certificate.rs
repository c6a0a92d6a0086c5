//! One X.509 certificate of a chain: its names, its key, and whether another one's key signed it.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use der::{Decode as _, Encode as _, Header, Reader as _, SliceReader, asn1::ObjectIdentifier};
use rootward_tuf::{Instant, encoding::sha256};
use x509_cert::{
    Certificate as Read,
    ext::{
        Extension,
        pkix::{BasicConstraints, KeyUsage},
    },
};

use super::AttestationProblem;
use crate::border::visible;

/// Longer than any that devices make.
const LONGEST: usize = 32 << 10;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EDWARDS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A certificate of a proven chain, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub subject: String,
    /// Of the DER.
    pub sha256: [u8; 32],
}

/// A certificate as it was read; nothing of it is proven.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    /// What a person calls it: `the key's certificate`.
    pub(super) what: String,
    der: Vec<u8>,
    /// The signed part, byte for byte.
    signed: Vec<u8>,
    read: Read,
    /// From when to when; `None` for one that never ends.
    pub(super) holds: (Instant, Option<Instant>),
}

impl Certificate {
    /// Reads one certificate in DER, and nothing after it.
    pub(super) fn read(what: &str, der: &[u8]) -> Result<Self, AttestationProblem> {
        let unreadable = |why| AttestationProblem::Unreadable {
            what: what.to_owned(),
            why,
        };
        if der.len() > LONGEST {
            return Err(unreadable("expected at most 32 KiB"));
        }
        let malformed = "expected X.509 in DER";
        let read = Read::from_der(der).map_err(|_| unreadable(malformed))?;
        let signed = signed_part(der).ok_or_else(|| unreadable(malformed))?.to_vec();
        let validity = read.tbs_certificate().validity();
        let moment = |time: &x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            Instant::from_unix_seconds(seconds)
        };
        let begins = moment(&validity.not_before).ok_or_else(|| unreadable("expected dates"))?;
        let extensions = read.tbs_certificate().extensions().map_or(&[][..], Vec::as_slice);
        let is_twice = |place: usize| {
            extensions[..place]
                .iter()
                .any(|one| one.extn_id == extensions[place].extn_id)
        };
        if (0..extensions.len()).any(is_twice) {
            return Err(unreadable("expected each extension once"));
        }
        Ok(Certificate {
            what: what.to_owned(),
            der: der.to_vec(),
            signed,
            // The end of the year 9999 stands for none (RFC 5280, 4.1.2.5).
            holds: (begins, moment(&validity.not_after)),
            read,
        })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn link(&self) -> Link {
        Link {
            subject: self.subject(),
            sha256: sha256(&self.der),
        }
    }

    /// Its common name as far as there is one, else all of its name.
    pub(super) fn subject(&self) -> String {
        shown(self.read.tbs_certificate().subject())
    }

    pub(super) fn issuer(&self) -> String {
        shown(self.read.tbs_certificate().issuer())
    }

    /// Whether this one names `other` as its issuer.
    pub(super) fn names_as_issuer(&self, other: &Certificate) -> bool {
        let ours = self.read.tbs_certificate().issuer().to_der();
        let theirs = other.read.tbs_certificate().subject().to_der();
        ours.is_ok() && ours == theirs
    }

    /// The key, as SubjectPublicKeyInfo in DER.
    pub(super) fn key(&self) -> Option<Vec<u8>> {
        self.read.tbs_certificate().subject_public_key_info().to_der().ok()
    }

    /// An extension's value; `None` without it.
    pub(super) fn extension(&self, id: ObjectIdentifier) -> Option<&[u8]> {
        let extensions = self.read.tbs_certificate().extensions()?;
        let found: &Extension = extensions.iter().find(|extension| extension.extn_id == id)?;
        Some(found.extn_value.as_bytes())
    }

    /// Why it may not issue certificates with so many authorities below it; `None` when it may, or says nothing of it.
    pub(super) fn is_no_authority(&self, authorities_below: usize) -> Option<&'static str> {
        let tbs = self.read.tbs_certificate();
        match tbs.get_extension::<BasicConstraints>() {
            Ok(None) => {}
            Ok(Some((_, constraints))) if !constraints.ca => return Some("it says that it is no authority"),
            Ok(Some((_, constraints))) => {
                let most = constraints.path_len_constraint.map(usize::from);
                if most.is_some_and(|most| authorities_below > most) {
                    return Some("it says that fewer certificates may stand below it");
                }
            }
            Err(_) => return Some("what it says of its authority cannot be read"),
        }
        match tbs.get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) if !usage.key_cert_sign() => Some("its key is for other uses"),
            Ok(_) => None,
            Err(_) => Some("what its key is for cannot be read"),
        }
    }

    /// Checks that `issuer`'s key signed this one. Fails with `WrongSignature` and `UnfitSignature`.
    pub(super) fn is_signed_by(&self, issuer: &Certificate) -> Result<(), AttestationProblem> {
        let algorithm = self.read.signature_algorithm();
        let unfit = || AttestationProblem::UnfitSignature {
            what: self.what.clone(),
            algorithm: algorithm.oid.to_string(),
        };
        // What is signed says the same as what stands beside the signature.
        if self.read.tbs_certificate().signature() != algorithm {
            return Err(unfit());
        }
        let info = issuer.read.tbs_certificate().subject_public_key_info();
        let curve = info
            .algorithm
            .parameters
            .as_ref()
            .and_then(|curve| curve.decode_as().ok());
        let method = method(algorithm.oid, info.algorithm.oid, curve).ok_or_else(unfit)?;
        let wrong = || AttestationProblem::WrongSignature {
            what: self.what.clone(),
            issuer: issuer.subject(),
        };
        let key = info.subject_public_key.as_bytes().ok_or_else(wrong)?;
        let signature = self.read.signature().as_bytes().ok_or_else(wrong)?;
        UnparsedPublicKey::new(method, key)
            .verify(&self.signed, signature)
            .map_err(|_| wrong())
    }
}

/// The bytes of the certificate's first part, as they came: they are not written anew.
fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?;
    reader.tlv_bytes().ok()
}

/// How a signature of a kind is checked with a key of a kind; `None` where it proves nothing, as with SHA-1 or short keys.
fn method(
    signature: ObjectIdentifier,
    key: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
) -> Option<&'static dyn VerificationAlgorithm> {
    const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
    const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
    const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
    const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
    const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
    const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
    let method: &'static dyn VerificationAlgorithm = match (signature, key, curve) {
        (RSA_SHA256, RSA, _) => &RSA_PKCS1_2048_8192_SHA256,
        (RSA_SHA384, RSA, _) => &RSA_PKCS1_2048_8192_SHA384,
        (RSA_SHA512, RSA, _) => &RSA_PKCS1_2048_8192_SHA512,
        (ECDSA_SHA256, EC_PUBLIC_KEY, Some(P256)) => &ECDSA_P256_SHA256_ASN1,
        (ECDSA_SHA384, EC_PUBLIC_KEY, Some(P256)) => &ECDSA_P256_SHA384_ASN1,
        (ECDSA_SHA512, EC_PUBLIC_KEY, Some(P256)) => &ECDSA_P256_SHA512_ASN1,
        (ECDSA_SHA256, EC_PUBLIC_KEY, Some(P384)) => &ECDSA_P384_SHA256_ASN1,
        (ECDSA_SHA384, EC_PUBLIC_KEY, Some(P384)) => &ECDSA_P384_SHA384_ASN1,
        (ECDSA_SHA512, EC_PUBLIC_KEY, Some(P384)) => &ECDSA_P384_SHA512_ASN1,
        (EDWARDS, EDWARDS, _) => &ED25519,
        _ => return None,
    };
    Some(method)
}

fn shown(name: &x509_cert::name::Name) -> String {
    let common = name.iter().filter(|attribute| attribute.oid == COMMON_NAME).last();
    let common = common.and_then(|attribute| std::str::from_utf8(attribute.value.value()).ok());
    common.map_or_else(|| visible(&name.to_string()), visible)
}
