//! Root versions over time: lifelines of physical keys, and two versions side by side.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Custody, Mark, RepositoryId, Sentence};

/// Every root version reachable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    pub repository: RepositoryId,
    /// Oldest first.
    pub versions: Vec<RootVersionView>,
    pub lifelines: Vec<LifelineView>,
    /// Each version compared with its predecessor.
    pub steps: Vec<HistoryStep>,
}

/// One root version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RootVersionView {
    #[ts(type = "number")]
    pub version: u64,
    /// As signed.
    pub expires: String,
    pub threshold: u32,
    pub keys: u32,
    /// SHA-256 of the file.
    pub digest: String,
    /// Signed by enough of its own keys, and of its predecessor's (unknown for the first).
    pub follows: Option<bool>,
}

/// One physical key over root versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LifelineView {
    pub physical_key: String,
    /// A name out of the metadata, or the first digits of the keyid.
    pub label: String,
    pub custody: Custody,
    /// One per version in `versions`, in the same order.
    pub points: Vec<LifelinePoint>,
}

/// A key at a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LifelinePoint {
    /// Counts for root in this version.
    pub counts: bool,
    pub signed: bool,
    /// Its keyid here, when it counts.
    pub keyid: Option<String>,
    /// The same key had another keyid in the version before.
    pub renamed: bool,
}

/// A version compared with the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryStep {
    #[ts(type = "number")]
    pub from: u64,
    #[ts(type = "number")]
    pub to: u64,
    pub sentences: Vec<Sentence>,
}

/// Two versions side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CompareView {
    #[ts(type = "number")]
    pub from: u64,
    #[ts(type = "number")]
    pub to: u64,
    pub sentences: Vec<Sentence>,
    /// A line diff of the pretty-printed signed parts.
    pub lines: Vec<DiffLine>,
}

/// A line of a side-by-side diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DiffLine {
    /// `Same`, `Removed`, `Added` or `Changed`.
    pub mark: Mark,
    pub left: Option<NumberedLine>,
    pub right: Option<NumberedLine>,
}

/// A numbered line of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NumberedLine {
    pub number: u32,
    pub text: String,
}
