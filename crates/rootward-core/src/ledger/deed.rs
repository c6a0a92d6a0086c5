//! What a key does, one fact a line. Facts are stored; everything shown is computed from them.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ports::{Failure, SourceSpec};

/// One fact about a key of this desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "kebab-case")]
pub enum Deed {
    /// Intent: a key is about to sign a document.
    Signs(Box<Signs>),
    /// Intent: a key is about to sign a certificate over itself.
    Certifies(Box<Certifies>),
    /// Outcome of an intent.
    Ended(Ended),
    /// A key signed a proof that it works, which was verified.
    Proved(Box<Proved>),
    /// A key signed a testimony on a transcript, which was verified.
    Testified(Box<Testified>),
    /// The ledger ended in half a line, which was cut off: what it told of had not begun.
    LineCut(LineCut),
}

/// A document that a key is about to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    pub repository: Subject,
    /// Of the root that the ceremony builds on; none where a repository is begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Digest>,
    pub role: String,
    pub version: u64,
    /// Of the canonical bytes.
    pub sha256: Digest,
    pub physical_key: String,
    /// Where the key is: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    pub ceremony: String,
    /// Why it signs although it has signed another document of this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_because: Option<String>,
}

/// A Notary root certificate that a key is about to sign over itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certifies {
    pub repository: Subject,
    pub gun: String,
    pub physical_key: String,
    pub key: String,
    pub ceremony: String,
}

/// How an intent ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The number of its line.
    pub intent: u32,
    /// None when there is a signature.
    pub problem: Option<Trouble>,
}

/// A failure on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub code: String,
    pub message: String,
}

impl From<&Failure> for Trouble {
    fn from(failure: &Failure) -> Self {
        Trouble {
            code: failure.code.clone(),
            message: failure.message.clone(),
        }
    }
}

/// A proof that a key works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// SubjectPublicKeyInfo in base64, so that the proof can be verified again without any metadata.
    pub public_key: String,
    /// What a person calls the place: `YubiKey 19 402 271, slot 9c`.
    pub device: String,
    /// The DSSE envelope.
    pub envelope: String,
}

/// A testimony on the transcript of a ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Testified {
    /// What a person calls the place of the key: `YubiKey 19 402 271, slot 9c`.
    pub device: String,
    /// The DSSE envelope, which names its public key.
    pub envelope: String,
}

/// The repository a signature is for, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub id: String,
    pub name: String,
    pub source: SourceSpec,
    pub practice: bool,
}

/// What was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCut {
    pub bytes: u64,
}
