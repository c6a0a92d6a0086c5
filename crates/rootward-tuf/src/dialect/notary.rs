//! Docker Notary v1: key objects, keyids, signature methods, and the certificates around root keys.

pub(crate) mod authority;
mod certificate;

pub use authority::Authorities;
pub use certificate::{Certificate, CertificateProblem, new_certificate as notary_certificate};

use der::Encode as _;
use der::asn1::UintRef;

use crate::canonical::canonical;
use crate::dialect::Dialect;
use crate::encoding::{base64, from_base64, hex, sha256};
use crate::json::{Object, Value, View};
use crate::key::{Algorithm, Insight, Key, KeyId, KeyProblem, Method, PublicKey, sequence};

/// Finds how a signature is verified from the method it names, in any case; `None` for methods nobody can verify.
pub(crate) fn method(name: &str) -> Option<Method> {
    match name.to_ascii_lowercase().as_str() {
        // Over SHA-256 whatever the curve.
        "ecdsa" => Some(Method::EcdsaSha256),
        "eddsa" => Some(Method::Ed25519),
        "rsapss" => Some(Method::RsaPss),
        "rsapkcs1v15" => Some(Method::RsaPkcs1),
        _ => None,
    }
}

/// The method a key's signatures are made with.
pub(crate) fn signing_method(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => "eddsa",
        Algorithm::EcdsaP256 | Algorithm::EcdsaP384 => "ecdsa",
        Algorithm::Rsa => "rsapss",
    }
}

/// The id of a key object of these two parts; `private: null` is part of it.
fn keyid(keytype: &str, public: &str) -> KeyId {
    KeyId::new(hex(&sha256(&canonical(&object(keytype, public)))))
}

/// The id of the bare key, which Notary's command line calls canonical.
pub(crate) fn bare_keyid(public: &PublicKey) -> KeyId {
    let (keytype, text) = bare_parts(public);
    keyid(keytype, &text)
}

pub(crate) fn new_bare_key(public: &PublicKey) -> Key {
    let (keytype, text) = bare_parts(public);
    Key::read(keyid(keytype, &text), &object(keytype, &text), Dialect::Notary)
}

pub(crate) fn new_certificate_key(der: &[u8]) -> Result<Key, KeyProblem> {
    let certificate = Certificate::from_der(der)?;
    let keytype = match certificate.public_key().algorithm() {
        Algorithm::EcdsaP256 | Algorithm::EcdsaP384 => "ecdsa-x509",
        Algorithm::Rsa => "rsa-x509",
        Algorithm::Ed25519 => {
            return Err(KeyProblem::Malformed {
                expected: "a certificate over an ECDSA or RSA key",
            });
        }
    };
    let text = base64(certificate.to_pem().as_bytes());
    Ok(Key::read(
        keyid(keytype, &text),
        &object(keytype, &text),
        Dialect::Notary,
    ))
}

/// Names a key object that stands alone, as a server gives it.
pub(crate) fn self_named_key(raw: &Value) -> Result<Key, KeyProblem> {
    let keytype = raw.get("keytype").and_then(Value::as_str);
    let public = raw
        .get("keyval")
        .and_then(|keyval| keyval.get("public"))
        .and_then(Value::as_str);
    let (Some(keytype), Some(public)) = (keytype, public) else {
        return Err(KeyProblem::Malformed {
            expected: "a key type and a public key in keyval",
        });
    };
    let key = Key::read(keyid(keytype, public), &object(keytype, public), Dialect::Notary);
    key.public().cloned().map_err(Clone::clone)?;
    Ok(key)
}

/// The certificates of a key object, the key's own first; none for a bare key or one that cannot be read.
pub(crate) fn chain(raw: &Value) -> Vec<Certificate> {
    let public = raw.get("keyval").and_then(|keyval| keyval.get("public"));
    let pem = public.and_then(Value::as_str).and_then(from_base64);
    pem.and_then(|pem| Certificate::all_in_pem(&pem, LONGEST_KEY).ok())
        .unwrap_or_default()
}

/// Whether no certificate of a key object but the first is anything else than an authority's: Notary's clients count no root
/// key with two certificates of its own.
pub(crate) fn has_one_leaf(raw: &Value) -> bool {
    chain(raw).iter().skip(1).all(Certificate::is_authority)
}

/// More certificates of one key are not read.
const LONGEST_KEY: usize = 16;

/// Whether a key object has Notary's members: Uptane, which also says `Root`, has no `private`.
pub(crate) fn is_key_object(key: View<'_>) -> bool {
    let private = key.member("keyval").and_then(|keyval| keyval.member("private"));
    key.member("keytype").is_some() && private.is_some()
}

pub(crate) fn examine(id: &KeyId, raw: &Value) -> Insight {
    let keytype = raw.get("keytype").and_then(Value::as_str).unwrap_or_default();
    let public = raw
        .get("keyval")
        .and_then(|keyval| keyval.get("public"))
        .and_then(Value::as_str);
    let id_is_hash = public.is_some_and(|public| keyid(keytype, public) == *id);
    let read = match public {
        Some(public) => read_public(keytype, public),
        None => Err(KeyProblem::Malformed {
            expected: "a public key in keyval",
        }),
    };
    let (public, certificate) = match read {
        Ok((_, certificate)) if !id_is_hash => (Err(KeyProblem::ForeignKeyid), certificate),
        Ok((public, certificate)) => (Ok(public), certificate),
        Err(problem) => (Err(problem), None),
    };
    Insight {
        public,
        certificate,
        id_is_hash,
        method: None,
    }
}

fn read_public(keytype: &str, public: &str) -> Result<(PublicKey, Option<Box<Certificate>>), KeyProblem> {
    let unknown = || KeyProblem::UnknownKind {
        keytype: keytype.to_owned(),
        scheme: String::new(),
    };
    let bytes = from_base64(public).ok_or(KeyProblem::Malformed {
        expected: "a public key in base64",
    });
    let (key, certificate) = match keytype {
        "ed25519" => (PublicKey::from_ed25519_bytes(&bytes?)?, None),
        "ecdsa" | "rsa" => (PublicKey::from_spki_der(&bytes?)?, None),
        "ecdsa-x509" | "rsa-x509" => {
            let certificate = Certificate::first_in_pem(&bytes?)?;
            (certificate.public_key().clone(), Some(Box::new(certificate)))
        }
        _ => return Err(unknown()),
    };
    let fits = match keytype {
        "ed25519" => key.algorithm() == Algorithm::Ed25519,
        "ecdsa" | "ecdsa-x509" => matches!(key.algorithm(), Algorithm::EcdsaP256 | Algorithm::EcdsaP384),
        _ => key.algorithm() == Algorithm::Rsa,
    };
    if fits {
        Ok((key, certificate))
    } else {
        Err(KeyProblem::Malformed {
            expected: "a public key of the kind its key type names",
        })
    }
}

fn bare_parts(public: &PublicKey) -> (&'static str, String) {
    match public.algorithm() {
        Algorithm::Ed25519 => ("ed25519", base64(public.ed25519_bytes().map_or(&[][..], |bytes| bytes))),
        Algorithm::EcdsaP256 | Algorithm::EcdsaP384 => ("ecdsa", base64(public.spki_der())),
        Algorithm::Rsa => ("rsa", base64(public.spki_der())),
    }
}

fn object(keytype: &str, public: &str) -> Value {
    let mut keyval = Object::new();
    keyval.set("private", Value::Null);
    keyval.set("public", Value::text(public));
    let mut raw = Object::new();
    raw.set("keytype", Value::text(keytype));
    raw.set("keyval", keyval.into());
    raw.into()
}

fn coordinate_bytes(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::EcdsaP256 => Some(32),
        Algorithm::EcdsaP384 => Some(48),
        Algorithm::Ed25519 | Algorithm::Rsa => None,
    }
}

/// Turns `r||s`, each padded to the curve's size, into the DER our verifier reads; `None` if the length is another.
pub(crate) fn der_from_raw(algorithm: Algorithm, raw: &[u8]) -> Option<Vec<u8>> {
    let size = coordinate_bytes(algorithm)?;
    if raw.len() != 2 * size {
        return None;
    }
    let (r, s) = raw.split_at(size);
    let r = UintRef::new(r).ok()?.to_der().ok()?;
    let s = UintRef::new(s).ok()?.to_der().ok()?;
    sequence(&[r, s].concat())
}

/// Turns a DER signature into `r||s`; `None` if it is malformed or does not fit the curve.
pub(crate) fn raw_from_der(algorithm: Algorithm, der: &[u8]) -> Option<Vec<u8>> {
    #[derive(der::Sequence)]
    struct EcdsaSignature<'a> {
        r: UintRef<'a>,
        s: UintRef<'a>,
    }
    let size = coordinate_bytes(algorithm)?;
    let signature: EcdsaSignature = der::Decode::from_der(der).ok()?;
    let mut raw = Vec::with_capacity(2 * size);
    for part in [signature.r.as_bytes(), signature.s.as_bytes()] {
        raw.extend(std::iter::repeat_n(0, size.checked_sub(part.len())?));
        raw.extend_from_slice(part);
    }
    Some(raw)
}
