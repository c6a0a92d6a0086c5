//! A signed document as read: exact bytes, signatures, decoded body. Unproven.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::canonical::canonical;
use crate::dialect::{Dialect, notary};
use crate::encoding::{base64, from_base64, from_hex, hex, sha256};
use crate::json::{self, Limits, Object, Value};
use crate::key::{Algorithm, Key, KeyId};
use crate::metadata::{Cursor, Document, ReadError, type_name};

/// A parsed document of which nothing is proven. Cheap to clone.
pub struct Envelope<T>(Arc<Inner<T>>);

struct Inner<T> {
    dialect: Dialect,
    file: Vec<u8>,
    document: Value,
    signed_bytes: Vec<u8>,
    signatures: Vec<Signature>,
    body: T,
}

/// One entry of a document's signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub keyid: KeyId,
    /// Notary only: the method, as written.
    pub method: Option<String>,
    /// As written.
    pub text: String,
    /// The text decoded; `None` if it is not in the form its dialect asks for.
    pub bytes: Option<Vec<u8>>,
}

/// Reads a document of kind `T`.
///
/// Strict about the structure `T` needs; everything else is kept unread. Fails naming the place and what was expected.
pub fn read<T: Document>(bytes: &[u8], dialect: Dialect) -> Result<Envelope<T>, ReadError> {
    read_within(bytes, dialect, Limits::default())
}

/// Reads as [`read`] does, within other limits.
pub fn read_within<T: Document>(bytes: &[u8], dialect: Dialect, limits: Limits) -> Result<Envelope<T>, ReadError> {
    Envelope::from_document(bytes.to_vec(), json::parse(bytes, limits)?, dialect)
}

/// Reads the canonical bytes of a `signed` object as a document that nobody has signed yet.
///
/// Fails as [`read`] does, and if the bytes are not the canonical form of what they say.
pub(crate) fn read_canonical_signed<T: Document>(signed: &[u8], dialect: Dialect) -> Result<Envelope<T>, ReadError> {
    // One level less: in its file the object lies inside another.
    let limits = Limits {
        depth: Limits::default().depth - 1,
        ..Limits::default()
    };
    let value = json::parse_canonical(signed, limits)?;
    if canonical(&value) != signed {
        return Err(ReadError::shape("signed", "canonical JSON", "another form"));
    }
    let mut document = Object::new();
    document.set("signatures", Value::Array(Vec::new()));
    document.set("signed", value);
    let document = Value::Object(document);
    Envelope::from_document(json::compact(&document).into_bytes(), document, dialect)
}

/// Refuses a document of TUF 1.x that lists two signatures under one keyid, as its clients do (TUF 4.2.1).
///
/// No part of reading, so that such a document can be shown. Notary's clients do not mind.
pub(crate) fn each_key_once<T>(document: Envelope<T>) -> Result<Envelope<T>, ReadError> {
    let mut seen = HashSet::new();
    let mut keyids = document.signatures().iter().map(|signature| &signature.keyid);
    match keyids.position(|keyid| !seen.insert(keyid)) {
        Some(place) if document.dialect() == Dialect::Tuf1 => {
            let found = json::shown(document.signatures()[place].keyid.as_str());
            let at = format!("signatures[{place}].keyid");
            Err(ReadError::shape(at, "one signature under each keyid", found))
        }
        Some(_) | None => Ok(document),
    }
}

impl<T: Document> Envelope<T> {
    /// Takes a decoded document and the file it was read from.
    pub(crate) fn from_document(file: Vec<u8>, document: Value, dialect: Dialect) -> Result<Self, ReadError> {
        let top = Cursor::top(&document, "document");
        top.object()?;
        let part = |name: &'static str| match document.get(name) {
            Some(value) => Ok(Cursor::top(value, name)),
            None => Err(ReadError::shape(name, "a member of that name", "nothing")),
        };
        let signed = part("signed")?;
        check_head::<T>(&signed, dialect)?;
        let body = T::read_signed(&signed, dialect)?;
        let signatures = read_signatures(&part("signatures")?, dialect)?;
        let signed_bytes = canonical(signed.value());
        Ok(Envelope(Arc::new(Inner {
            dialect,
            file,
            document,
            signed_bytes,
            signatures,
            body,
        })))
    }
}

impl<T> Envelope<T> {
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// The bytes signatures cover: canonical JSON of the `signed` object as read.
    pub fn signed_bytes(&self) -> &[u8] {
        &self.0.signed_bytes
    }

    /// The file, byte for byte as given.
    pub fn file_bytes(&self) -> &[u8] {
        &self.0.file
    }

    /// SHA-256 of the file.
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.0.file)
    }

    pub fn signatures(&self) -> &[Signature] {
        &self.0.signatures
    }

    pub fn body(&self) -> &T {
        &self.0.body
    }

    /// The whole decoded document, unknown members included.
    pub fn raw(&self) -> &Value {
        &self.0.document
    }

    /// The `signed` object as read.
    pub fn signed(&self) -> &Object {
        static NOTHING: Object = Object::empty();
        self.0
            .document
            .get("signed")
            .and_then(Value::as_object)
            .unwrap_or(&NOTHING)
    }
}

impl<T: Document> Envelope<T> {
    pub fn version(&self) -> u64 {
        self.body().version()
    }
}

impl<T> Clone for Envelope<T> {
    fn clone(&self) -> Self {
        Envelope(Arc::clone(&self.0))
    }
}

impl<T: Document> fmt::Debug for Envelope<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{} ({})", T::KIND, self.version(), self.0.dialect)
    }
}

impl Signature {
    /// Lists what `key` signed, in its dialect's form.
    ///
    /// Takes what signers give: 64 bytes for Ed25519, DER for ECDSA, the plain block for RSA-PSS. `None` if that does not
    /// fit the key. Does not verify.
    pub fn by(key: &Key, signed: &[u8]) -> Option<Self> {
        let public = key.public().ok()?;
        let (method, bytes) = match key.dialect() {
            Dialect::Tuf1 => (None, signed.to_vec()),
            Dialect::Notary => {
                let raw = match public.algorithm() {
                    Algorithm::EcdsaP256 | Algorithm::EcdsaP384 => notary::raw_from_der(public.algorithm(), signed)?,
                    Algorithm::Ed25519 | Algorithm::Rsa => signed.to_vec(),
                };
                (Some(notary::signing_method(public.algorithm()).to_owned()), raw)
            }
        };
        Some(Signature::from_parts(key.keyid().clone(), method, bytes, key.dialect()))
    }

    /// Puts together an entry whose bytes are in the dialect's form already: Notary's ECDSA as `r||s`.
    pub fn from_parts(keyid: KeyId, method: Option<String>, bytes: Vec<u8>, dialect: Dialect) -> Self {
        let text = match dialect {
            Dialect::Tuf1 => hex(&bytes),
            Dialect::Notary => base64(&bytes),
        };
        Signature {
            keyid,
            method,
            text,
            bytes: Some(bytes),
        }
    }

    /// Whether the entry holds no signature at all: a place kept for a signer who has not signed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Checks type and specification version.
fn check_head<T: Document>(signed: &Cursor<'_>, dialect: Dialect) -> Result<(), ReadError> {
    let kind = signed.member("_type")?;
    let expected = type_name(T::KIND, dialect);
    if kind.text()? != expected {
        return Err(kind.error(&format!("{expected:?}")));
    }
    if dialect == Dialect::Tuf1 {
        let version = signed.member("spec_version")?;
        if version.text()?.split('.').next() != Some("1") {
            return Err(version.error("a TUF specification version 1.x"));
        }
    }
    Ok(())
}

fn read_signatures(at: &Cursor<'_>, dialect: Dialect) -> Result<Vec<Signature>, ReadError> {
    if dialect == Dialect::Notary && at.is_null() {
        return Ok(Vec::new());
    }
    let mut signatures = Vec::new();
    for entry in at.items()? {
        let text = entry.member("sig")?.text()?.to_owned();
        let method = match dialect {
            Dialect::Tuf1 => None,
            Dialect::Notary => entry
                .optional("method")?
                .map(|method| method.text().map(str::to_owned))
                .transpose()?,
        };
        signatures.push(Signature {
            keyid: KeyId::new(entry.member("keyid")?.text()?),
            method,
            bytes: match dialect {
                Dialect::Tuf1 => from_hex(&text),
                Dialect::Notary => from_base64(&text),
            },
            text,
        });
    }
    Ok(signatures)
}
