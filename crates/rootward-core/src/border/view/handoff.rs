//! Requests for signatures that go to officers elsewhere, and what comes back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CeremonyId, ReviewView};
use crate::border::{Failure, Sentence};

/// A request of another desk, judged by a root this desk trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Named by the desk that wrote it.
    pub ceremony: CeremonyId,
    /// What that desk calls the repository. A claim.
    pub repository: String,
    pub gun: Option<String>,
    pub practice: bool,
    /// A claim.
    pub reason: String,
    /// A claim; RFC 3339.
    pub written_at: String,
    /// From which trusted root to which one built on.
    pub trust: Vec<Sentence>,
    pub documents: Vec<RequestDocument>,
    /// Of everything that takes signatures: what is read aloud. 64 hex digits.
    pub digest: String,
    /// The same in six words.
    pub words: String,
    /// Keys of this desk that could sign.
    pub keys: Vec<RequestKey>,
}

/// One document of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestDocument {
    /// Computed from its bytes.
    pub review: ReviewView,
    /// Whether it takes signatures; else others are judged by it.
    pub open: bool,
    /// Its digest in six words.
    pub words: String,
}

/// A key at hand that speaks for documents of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestKey {
    pub physical_key: String,
    /// Where it is: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    pub label: String,
    /// `root v10`.
    pub signs: Vec<String>,
}

/// A request that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestWritten {
    pub ceremony: CeremonyId,
    pub path: String,
    /// Of the file.
    pub sha256: String,
    /// What is read aloud to whoever signs: 64 hex digits.
    pub digest: String,
    pub words: String,
    /// `root v10`.
    pub asks_for: Vec<String>,
}

/// A response that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResponseWritten {
    pub ceremony: CeremonyId,
    pub path: String,
    /// Of the file.
    pub sha256: String,
    pub physical_key: String,
    /// `root v10`.
    pub signed: Vec<String>,
}

/// Signatures that were taken from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResponseTaken {
    pub ceremony: CeremonyId,
    pub signatures: Vec<SignatureTaken>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignatureTaken {
    pub role: String,
    pub physical_key: String,
}

/// What became of one of several files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileTaken {
    /// Its name, without the folder.
    pub file: String,
    /// What was taken from it.
    pub response: Option<ResponseTaken>,
    /// Why nothing was.
    pub failure: Option<Failure>,
}

/// A kit that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KitView {
    pub folder: String,
    pub request: RequestWritten,
    pub files: Vec<KitFile>,
}

/// One file of a kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KitFile {
    /// Within the kit.
    pub file: String,
    pub sha256: String,
}
