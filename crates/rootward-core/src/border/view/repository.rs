//! One repository: where it comes from, how it was anchored, its roles, keys and chain of trust.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CeremonyId, Custody, FindingView, NodeId, NodeKind, RepositoryId, Sentence, Standing};

/// One repository in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryView {
    pub id: RepositoryId,
    pub node: NodeId,
    pub name: String,
    /// `TUF repository`, `Notary repository`.
    pub dialect: DialectView,
    pub source: SourceView,
    pub practice: bool,
    /// The worst standing of all its roles.
    pub standing: Standing,
    /// Each distinct bad standing with the role that causes it, worst first.
    pub causes: Vec<CauseView>,
    pub anchor: Option<AnchorView>,
    /// The last walk that succeeded.
    pub walked: Option<WalkedView>,
    /// The last attempt when it did not succeed: what happened.
    pub last_failure: Option<FailedAttemptView>,
    pub chain: ChainView,
    /// Root, targets, snapshot, timestamp, then delegated roles in walk order.
    pub roles: Vec<RoleView>,
    pub delegations: Vec<DelegationRow>,
    pub findings: Vec<FindingView>,
    pub root_versions: u32,
    /// There is no repository here: a ceremony begins it, or was to.
    pub unbegun: Option<UnbegunView>,
    /// What may be done now.
    pub allowed: Vec<RepositoryAction>,
}

/// A place at which a repository was to be begun, and none is yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnbegunView {
    /// The newest ceremony that is for it.
    pub ceremony: CeremonyId,
    /// Something can still happen in it.
    pub open: bool,
}

/// Which dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum DialectView {
    Tuf1,
    Notary,
}

/// Where the metadata comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    pub kind: NodeKind,
    /// Path or URL.
    pub location: String,
    pub gun: Option<String>,
}

/// A bad standing and its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CauseView {
    pub standing: Standing,
    pub role: String,
    pub days_left: Option<i32>,
}

/// How the repository was anchored on this desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnchorView {
    pub how: AnchorHow,
    #[ts(type = "number")]
    pub root_version: u64,
    /// SHA-256 of the root file, 64 hex digits.
    pub digest: String,
    /// When, RFC 3339.
    pub at: String,
}

/// `given` a root file or digest, `pinned` by configuration, `stored` from earlier, `first-use`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorHow {
    Given,
    Pinned,
    Stored,
    FirstUse,
}

/// A walk that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WalkedView {
    #[ts(type = "number")]
    pub from: u64,
    #[ts(type = "number")]
    pub to: u64,
    pub at: String,
}

/// A walk that did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FailedAttemptView {
    pub at: String,
    pub code: String,
    pub message: String,
}

/// What may be done with a repository now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RepositoryAction {
    Refresh,
    ConfirmTrust,
    RotateRoot,
    /// A double of it can be made; practice needs none of its own.
    PractiseOn,
    Forget,
}

/// The picture: boxes on a grid of columns and rows, edges between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChainView {
    pub columns: u32,
    pub rows: u32,
    pub boxes: Vec<ChainBox>,
    pub edges: Vec<ChainEdge>,
    /// Delegated roles left out of the picture because it would be too full.
    pub more: u32,
}

/// A role box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChainBox {
    pub node: NodeId,
    pub role: String,
    pub kind: NodeKind,
    pub version: Option<String>,
    pub standing: Standing,
    pub days_left: Option<i32>,
    /// One per key of the role: has it signed this version?
    pub pips: Vec<bool>,
    pub valid: u32,
    pub threshold: u32,
    /// 0-based column; root is 0.
    pub column: u32,
    /// Row in half steps, so that a parent can stand between two children.
    pub half_row: u32,
}

/// What the parent asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChainEdge {
    pub from: NodeId,
    pub to: NodeId,
    /// Such as `3 of 5` (a delegation), or `names targets v14` (a dashed listing).
    pub label: String,
    /// Dashed: a listing by version, not a grant of keys.
    pub listing: bool,
    pub terminating: bool,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RoleView {
    pub node: NodeId,
    pub role: String,
    pub parent: Option<String>,
    pub kind: NodeKind,
    pub version: Option<String>,
    /// As signed.
    pub expires: Option<String>,
    pub days_left: Option<i32>,
    pub standing: Standing,
    pub threshold: u32,
    /// Our count: a physical key once.
    pub valid: u32,
    /// The client's own count.
    pub valid_for_clients: u32,
    pub keys: Vec<RoleKeyView>,
    /// Of all its keys; none where they differ.
    pub custody: Option<Custody>,
    pub paths: Vec<String>,
    pub hash_prefixes: Vec<String>,
    pub terminating: bool,
    /// Bytes of the file.
    pub bytes: Option<u32>,
    /// SHA-256 of the file, 64 hex digits.
    pub digest: Option<String>,
    /// Targets listed.
    pub targets: Option<u32>,
    pub findings: Vec<FindingView>,
}

/// A key in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RoleKeyView {
    pub node: NodeId,
    pub keyid: String,
    /// Notary's canonical id, when it differs.
    pub canonical_keyid: Option<String>,
    /// `sha256:…`; none when the key cannot be read.
    pub physical_key: Option<String>,
    pub scheme: String,
    /// A person's or system's name out of the metadata.
    pub name: Option<String>,
    pub custody: Custody,
    pub signed: bool,
    /// Why a signature of it does not count.
    pub problem: Option<String>,
    /// `held in YubiKey 15 938 765, firmware 5.2.7, touch always`, where an attestation on this desk proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub attested: Option<String>,
}

/// A line of the delegation table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DelegationRow {
    pub node: NodeId,
    pub role: String,
    pub parent: String,
    pub depth: u32,
    pub paths: Vec<String>,
    pub hash_prefixes: Vec<String>,
    pub terminating: bool,
    pub valid: u32,
    pub threshold: u32,
    pub version: Option<String>,
    pub days_left: Option<i32>,
    pub standing: Standing,
}

/// What the inspector says of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    pub id: NodeId,
    pub node: NodeKind,
    pub name: String,
    pub version: Option<String>,
    /// One or two sentences on what this thing is and does.
    pub explanation: String,
    pub standing: Option<Standing>,
    pub practice: bool,
    pub repository: Option<RepositoryId>,
    /// Name and value pairs, in order.
    pub facts: Vec<FactView>,
    /// SHA-256 of the document, or of the key, 64 hex digits.
    pub digest: Option<String>,
    pub digest_label: Option<String>,
    pub keys: Vec<RoleKeyView>,
    pub findings: Vec<FindingView>,
    pub allowed: Vec<RepositoryAction>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FactView {
    pub name: String,
    pub value: String,
    /// Set in mono.
    pub evidence: bool,
}

/// The first-trust step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FirstTrustView {
    pub repository: RepositoryId,
    pub name: String,
    pub source: SourceView,
    pub dialect: DialectView,
    #[ts(type = "number")]
    pub root_version: u64,
    pub expires: String,
    /// SHA-256 of the root file.
    pub digest: String,
    pub threshold: u32,
    pub keys: Vec<RoleKeyView>,
    /// Thresholds of the other top-level roles.
    pub thresholds: Vec<FactView>,
    /// What this root says and does not prove.
    pub notes: Vec<Sentence>,
    /// Already anchored: how.
    pub anchor: Option<AnchorView>,
}
