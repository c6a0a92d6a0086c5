//! Files that go to an officer elsewhere and come back: what is to be signed, and signatures over it.
//!
//! Reads and writes bytes. Nothing a file says of itself is believed here: a request is proven in [`received`] against a root
//! that the reader trusts, a response where its ceremony is.

mod detached;
mod received;
#[cfg(test)]
mod tests;
mod words;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::encoding::{base64, from_base64, from_hex, hex};
use rootward_tuf::key::KeyId;
use rootward_tuf::metadata::Signature;
use serde::{Deserialize, Serialize};

use super::change::role_name;
use super::digest::Digest;
use super::own_files::{Kind, written};
use crate::border::visible;
use crate::ports::Failure;

pub use detached::detached;
pub use received::{Received, Trusted};
pub use words::digest_words;

/// No request or response is longer.
pub const LARGEST: u64 = 256 << 20;

/// What an officer elsewhere is asked to sign, with everything it takes to judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRequest {
    pub ceremony: String,
    /// The head of the ceremony's journal when the request was written; a response gives it back.
    pub head: Digest,
    /// What the desk that wrote it calls the repository. A claim.
    pub repository: String,
    /// Notary: the repository's name.
    pub gun: Option<String>,
    pub dialect: Dialect,
    pub practice: bool,
    /// Why, in the words of the officer who began. A claim.
    pub reason: String,
    pub written_at: String,
    /// Root files, ascending; the last is the one built on. Context, until they lead there from a root the reader trusts.
    pub roots: Vec<Vec<u8>>,
    /// The other documents that are issued again, and those that name the keys of delegated roles, as they are now; delegators
    /// first.
    pub others: Vec<(String, Vec<u8>)>,
    /// Every document whose bytes are fixed; root first.
    pub documents: Vec<Wanted>,
}

/// One document of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub role: String,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
    /// Whether it takes signatures; else it is there since others are judged by it.
    pub open: bool,
}

/// Signatures, and what they belong to; nothing else comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningResponse {
    pub ceremony: String,
    /// The head that the request gave.
    pub head: Digest,
    pub signatures: Vec<Answered>,
}

/// A signature over one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub role: String,
    /// Of the canonical bytes.
    pub sha256: Digest,
    pub signature: Signature,
}

impl SigningRequest {
    /// Writes the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let document = |wanted: &Wanted| DocumentText {
            role: wanted.role.clone(),
            sha256: Digest::of(&wanted.bytes),
            bytes: base64(&wanted.bytes),
            open: wanted.open,
        };
        let other = |(role, file): &(String, Vec<u8>)| OtherText {
            role: role.clone(),
            file: base64(file),
        };
        written(&RequestText {
            kind: REQUEST.name.into(),
            format: REQUEST.format,
            ceremony: self.ceremony.clone(),
            head: self.head,
            repository: self.repository.clone(),
            gun: self.gun.clone(),
            dialect: self.dialect.as_str().into(),
            practice: self.practice,
            reason: self.reason.clone(),
            written_at: self.written_at.clone(),
            roots: self.roots.iter().map(|file| base64(file)).collect(),
            others: self.others.iter().map(other).collect(),
            documents: self.documents.iter().map(document).collect(),
        })
    }

    /// Reads what [`Self::to_bytes`] writes.
    ///
    /// Refuses with `handoff-unreadable` what is no request, with `handoff-newer` one of a later format, and with
    /// `handoff-altered` one whose bytes are not those it gives the digest of.
    pub fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let text: RequestText = REQUEST.read(bytes)?;
        let dialect = match text.dialect.as_str() {
            "tuf1" => Dialect::Tuf1,
            "notary" => Dialect::Notary,
            other => {
                return Err(unreadable(format!(
                    "expected the dialect tuf1 or notary, found {}",
                    visible(other)
                )));
            }
        };
        let decoded = |text: &str| from_base64(text).ok_or_else(|| unreadable("expected bytes in base64"));
        let mut documents = Vec::new();
        for document in &text.documents {
            let bytes = decoded(&document.bytes)?;
            let found = Digest::of(&bytes);
            if found != document.sha256 {
                let what = visible(&document.role);
                return Err(Failure::refusal(
                    "handoff-altered",
                    format!(
                        "{what} in the request has the SHA-256 {found}, and the request says {}",
                        document.sha256
                    ),
                ));
            }
            documents.push(Wanted {
                role: document.role.clone(),
                bytes,
                open: document.open,
            });
        }
        let roots = text.roots.iter().map(|file| decoded(file)).collect::<Result<_, _>>()?;
        let other = |other: &OtherText| Ok((other.role.clone(), decoded(&other.file)?));
        let others = text.others.iter().map(other).collect::<Result<_, Failure>>()?;
        Ok(SigningRequest {
            ceremony: text.ceremony,
            head: text.head,
            repository: text.repository,
            gun: text.gun,
            dialect,
            practice: text.practice,
            reason: text.reason,
            written_at: text.written_at,
            roots,
            others,
            documents,
        })
    }

    /// Whether it asks for the first documents of a repository: there is no root that they follow from.
    pub fn begins(&self) -> bool {
        self.roots.is_empty()
    }

    /// What is read aloud: the digest of the only document that takes signatures; of several, of their digests in order.
    pub fn digest(&self) -> Digest {
        spoken(
            self.documents
                .iter()
                .filter(|wanted| wanted.open)
                .map(|wanted| Digest::of(&wanted.bytes)),
        )
    }

    /// Reads the documents. Fails as [`AnyFrozen::from_bytes`] does, with `handoff-unreadable`.
    pub(super) fn frozen(&self) -> Result<Vec<(AnyFrozen, bool)>, Failure> {
        let read = |wanted: &Wanted| {
            let role = role_name(&wanted.role).map_err(|failure| unreadable(failure.message))?;
            let frozen = AnyFrozen::from_bytes(&wanted.bytes, self.dialect, role)
                .map_err(|error| unreadable(format!("{}: {error}", visible(&wanted.role))))?;
            Ok((frozen, wanted.open))
        };
        self.documents.iter().map(read).collect()
    }
}

impl SigningResponse {
    /// Writes the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signature = |answered: &Answered| SignatureText {
            role: answered.role.clone(),
            sha256: answered.sha256,
            keyid: answered.signature.keyid.as_str().into(),
            method: answered.signature.method.clone(),
            signature: hex(answered.signature.bytes.as_deref().unwrap_or_default()),
        };
        written(&ResponseText {
            kind: RESPONSE.name.into(),
            format: RESPONSE.format,
            ceremony: self.ceremony.clone(),
            head: self.head,
            signatures: self.signatures.iter().map(signature).collect(),
        })
    }

    /// Reads what [`Self::to_bytes`] writes, for documents of `dialect`.
    ///
    /// Refuses with `handoff-unreadable` and `handoff-newer`.
    pub fn read(bytes: &[u8], dialect: Dialect) -> Result<Self, Failure> {
        let text: ResponseText = RESPONSE.read(bytes)?;
        let answered = |signature: SignatureText| {
            let bytes =
                from_hex(&signature.signature).ok_or_else(|| unreadable("expected a signature in hexadecimal"))?;
            Ok(Answered {
                role: signature.role,
                sha256: signature.sha256,
                signature: Signature::from_parts(KeyId::new(signature.keyid), signature.method, bytes, dialect),
            })
        };
        let signatures = text
            .signatures
            .into_iter()
            .map(answered)
            .collect::<Result<_, Failure>>()?;
        Ok(SigningResponse {
            ceremony: text.ceremony,
            head: text.head,
            signatures,
        })
    }

    /// The ceremony a response says it is for; none for bytes that are no response.
    pub fn ceremony_of(bytes: &[u8]) -> Option<String> {
        RESPONSE.read::<ResponseText>(bytes).ok().map(|text| text.ceremony)
    }
}

/// The digest of several documents at once: of the only one, or of all their digests in order.
pub fn spoken(digests: impl Iterator<Item = Digest>) -> Digest {
    let digests: Vec<Digest> = digests.collect();
    match digests.as_slice() {
        [only] => *only,
        several => Digest::of(&several.iter().flat_map(|digest| digest.0).collect::<Vec<u8>>()),
    }
}

/// Whether bytes say that they are a request or a response of ours, of whatever format.
pub fn says_it_is_ours(bytes: &[u8]) -> bool {
    REQUEST.says_so(bytes) || RESPONSE.says_so(bytes)
}

fn unreadable(why: impl Into<String>) -> Failure {
    Failure::refusal("handoff-unreadable", why)
}

const REQUEST: Kind = Kind {
    name: "rootward-signing-request",
    format: 1,
    unreadable: "handoff-unreadable",
    newer: "handoff-newer",
};
const RESPONSE: Kind = Kind {
    name: "rootward-signing-response",
    ..REQUEST
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestText {
    #[serde(rename = "type")]
    kind: String,
    format: u32,
    ceremony: String,
    head: Digest,
    repository: String,
    gun: Option<String>,
    dialect: String,
    practice: bool,
    reason: String,
    written_at: String,
    roots: Vec<String>,
    others: Vec<OtherText>,
    documents: Vec<DocumentText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherText {
    role: String,
    file: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentText {
    role: String,
    sha256: Digest,
    bytes: String,
    open: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseText {
    #[serde(rename = "type")]
    kind: String,
    format: u32,
    ceremony: String,
    head: Digest,
    signatures: Vec<SignatureText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureText {
    role: String,
    sha256: Digest,
    keyid: String,
    method: Option<String>,
    signature: String,
}
