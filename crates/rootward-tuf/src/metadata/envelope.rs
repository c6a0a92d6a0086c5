//! A signed document as read: exact bytes, signatures, decoded body. Unproven.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::canonical::canonical_text;
use crate::dialect::{Dialect, notary};
use crate::encoding::{base64, from_base64, from_hex, hex, sha256};
use crate::json::{self, Limits, Long, Name, Object, Value, View};
use crate::key::{Algorithm, Key, KeyId};
use crate::metadata::{Cursor, Document, Layout, ReadError, layout, type_name};
use crate::verify::Message;

/// A parsed document of which nothing is proven. Cheap to clone.
pub struct Envelope<T>(Arc<Inner<T>>);

struct Inner<T> {
    dialect: Dialect,
    /// Made when first asked for, if nobody has signed the document yet.
    file: OnceLock<Bytes>,
    /// Made when first asked for: most documents are never looked at in this way.
    document: OnceLock<Value>,
    /// Canonical JSON: a part of the file, if it is written so there.
    signed: Message,
    /// Where long parts of `signed` are.
    long: Long,
    signatures: Vec<Signature>,
    /// Read from the bytes of `signed`, so that what it says is what signatures cover.
    body: T,
}

/// A value, and where it ends.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) view: View<'a>,
    end: usize,
}

impl<'a> Written<'a> {
    /// The value as written.
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.view.text().get(self.view.start()..self.end).unwrap_or_default()
    }
}

/// One entry of a document's signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key said to have made it; unproven.
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
    read_file(Bytes::copy_from_slice(bytes), dialect, limits)
}

/// Reads as [`read_within`] does, and keeps the file given instead of a copy of it.
pub fn read_file<T: Document>(file: Bytes, dialect: Dialect, limits: Limits) -> Result<Envelope<T>, ReadError> {
    Ok(Envelope(Arc::new(read_inner(file, dialect, limits)?)))
}

fn read_inner<T: Document>(file: Bytes, dialect: Dialect, limits: Limits) -> Result<Inner<T>, ReadError> {
    let (document, [signed, signatures]) = json::check_for(&file, limits, false, ["signed", "signatures"])?;
    Cursor::top(document.view(), "document").must_be_object()?;
    let signed = signed.ok_or_else(|| missing("signed"))?;
    let text = if signed.is_canonical {
        Text {
            long: document.long().within(&signed.place),
            bytes: file.slice(signed.place),
        }
    } else {
        Text {
            long: Long::default(),
            bytes: Bytes::from(canonical_text(signed.view)),
        }
    };
    let body = read_body(&text, dialect)?;
    let signatures = signatures.ok_or_else(|| missing("signatures"))?;
    let signatures = read_signatures(&Cursor::top(signatures.view, "signatures"), dialect)?;
    Ok(Inner {
        dialect,
        file: OnceLock::from(file),
        document: OnceLock::new(),
        long: text.long,
        signed: Message::new(text.bytes),
        signatures,
        body,
    })
}

fn missing(name: &str) -> ReadError {
    ReadError::shape(name, "a member of that name", "nothing")
}

/// Reads the canonical bytes of a `signed` object as a document that nobody has signed yet.
///
/// Fails as [`read`] does, and if the bytes are not the canonical form of what they say.
pub(crate) fn read_canonical_signed<T: Document>(signed: Bytes, dialect: Dialect) -> Result<Envelope<T>, ReadError> {
    // One level less: in its file the object lies inside another.
    let limits = Limits {
        depth: Limits::default().depth - 1,
        ..Limits::default()
    };
    let checked = json::check(&signed, limits, true)?;
    if !checked.is_canonical() {
        return Err(ReadError::shape("signed", "canonical JSON", "another form"));
    }
    let text = Text {
        long: checked.long().clone(),
        bytes: signed.clone(),
    };
    Ok(Envelope(Arc::new(Inner {
        dialect,
        file: OnceLock::new(),
        document: OnceLock::new(),
        body: read_body(&text, dialect)?,
        signatures: Vec::new(),
        signed: Message::new(text.bytes),
        long: text.long,
    })))
}

/// The canonical JSON of a signed object, checked.
pub struct Text {
    pub(crate) bytes: Bytes,
    pub(crate) long: Long,
}

/// Reads a body from what signatures cover.
fn read_body<T: Document>(text: &Text, dialect: Dialect) -> Result<T, ReadError> {
    let signed = Cursor::top(View::new(&text.bytes, 0), "signed");
    let members = signed.find_members(&text.long)?;
    let signed = signed.among(&members);
    check_head::<T>(&signed, dialect)?;
    T::read_signed(&signed, text, dialect)
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

impl<T> Envelope<T> {
    /// The dialect the document is written in.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// The bytes signatures cover: canonical JSON of the `signed` object as read.
    pub fn signed_bytes(&self) -> &[u8] {
        self.0.signed.bytes()
    }

    /// The members of the canonical `signed` object.
    pub(crate) fn signed_members(&self) -> Vec<(Name<'_>, Written<'_>)> {
        let text = self.signed_bytes();
        let members = self.0.long.members(View::new(text, 0)).into_iter();
        members
            .map(|(name, view)| {
                (
                    name,
                    Written {
                        view,
                        end: self.0.long.end(view),
                    },
                )
            })
            .collect()
    }

    pub(crate) fn message(&self) -> &Message {
        &self.0.signed
    }

    /// The file, byte for byte as given. A document that nobody has signed yet has one without signatures.
    pub fn file_bytes(&self) -> &[u8] {
        self.file()
    }

    /// [`Self::file_bytes`], to be kept without copying.
    pub fn file(&self) -> &Bytes {
        self.0.file.get_or_init(|| {
            let mut file = br#"{"signatures":[],"signed":"#.to_vec();
            json::write_canonical(self.signed_bytes(), &mut file);
            file.push(b'}');
            Bytes::from(file)
        })
    }

    /// SHA-256 of the file.
    pub fn digest(&self) -> [u8; 32] {
        sha256(self.file_bytes())
    }

    /// The signatures in the order listed, none of them verified.
    pub fn signatures(&self) -> &[Signature] {
        &self.0.signatures
    }

    /// What the signed bytes say.
    pub fn body(&self) -> &T {
        &self.0.body
    }

    /// The whole decoded document, unknown members included.
    ///
    /// Decoded when first asked for, and kept: takes many times the memory of the file.
    pub fn raw(&self) -> &Value {
        self.0.document.get_or_init(|| {
            // What was read was checked, and what we wrote ourselves is as good: the value is there.
            json::view_of_checked(self.file_bytes()).value()
        })
    }

    /// The `signed` object as read, decoded as [`Self::raw`] is.
    pub fn signed(&self) -> &Object {
        static NOTHING: Object = Object::empty();
        self.raw().get("signed").and_then(Value::as_object).unwrap_or(&NOTHING)
    }
}

impl<T: Document> Envelope<T> {
    /// The version its body carries.
    pub fn version(&self) -> u64 {
        self.body().version()
    }

    /// The same document with these signatures, in a file of its own; what was found out about signatures stays known.
    ///
    /// The file says what is signed here: either the signed bytes themselves are moved into it, or it is read and compared.
    /// Gives the document back if the file would say anything else.
    pub(crate) fn with_signatures(self, signatures: Vec<Signature>, layout: Layout) -> Result<Self, Self> {
        if layout == Layout::OneLine && json::is_text(self.signed_bytes()) {
            return Ok(self.on_one_line(signatures));
        }
        let limits = Limits {
            bytes: usize::MAX,
            ..Limits::default()
        };
        let file = layout::write(self.signed_bytes(), &signatures, self.dialect(), layout);
        let Ok(read) = read_inner::<T>(file.into(), self.dialect(), limits) else {
            return Err(self);
        };
        match self.message().moved_to(read.signed.bytes().clone()) {
            Some(signed) if read.signatures == signatures => Ok(Envelope(Arc::new(Inner { signed, ..read }))),
            Some(_) | None => Err(self),
        }
    }

    fn on_one_line(self, signatures: Vec<Signature>) -> Self {
        let dialect = self.dialect();
        let (before, after) = layout::around(&signatures, dialect);
        let (signed, mut body, long) = match Arc::try_unwrap(self.0) {
            Ok(inner) => (inner.signed, inner.body, inner.long),
            Err(shared) => (shared.signed.clone(), shared.body.clone(), shared.long.clone()),
        };
        // The body lets go of the text before it moves.
        body.move_to(&Bytes::new());
        let (signed, file) = signed.put_between(before.as_bytes(), after.as_bytes());
        body.move_to(signed.bytes());
        Envelope(Arc::new(Inner {
            dialect,
            file: OnceLock::from(file),
            document: OnceLock::new(),
            signed,
            long,
            signatures,
            body,
        }))
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

/// Signatures as a file will say them: what a text says counts, not what bytes beside it are.
pub(crate) fn as_written(signatures: &[Signature], dialect: Dialect) -> Result<Vec<Signature>, ReadError> {
    let text = layout::written(signatures);
    let checked = json::check(text.as_bytes(), Limits::default(), false)?;
    read_signatures(&Cursor::top(checked.view(), "signatures"), dialect)
}

fn read_signatures(at: &Cursor<'_>, dialect: Dialect) -> Result<Vec<Signature>, ReadError> {
    if dialect == Dialect::Notary && at.is_null() {
        return Ok(Vec::new());
    }
    let mut signatures = Vec::new();
    for entry in at.items()? {
        let text = entry.member("sig")?.text()?.into_owned();
        let method = match dialect {
            Dialect::Tuf1 => None,
            Dialect::Notary => entry
                .optional("method")?
                .map(|method| method.text().map(Cow::into_owned))
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
