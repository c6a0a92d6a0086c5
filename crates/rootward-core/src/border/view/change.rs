//! The forms of a change of trust, and what a change would come to while its form is filled in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DialectView, KeyFileView, NodeKind, RepositoryId, RotationKey, Sentence, SlotView, TokenKeyKind};
use crate::border::WishedEdit;

/// What the forms of a change start from: the roles as they were proven, and the keys at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChangeFormView {
    pub repository: RepositoryId,
    pub repository_name: String,
    pub practice: bool,
    pub dialect: DialectView,
    #[ts(type = "number")]
    pub root_version: u64,
    /// When it was read last, RFC 3339.
    pub read_at: Option<String>,
    /// An open ceremony: another change cannot begin beside it.
    pub open_ceremony: Option<String>,
    /// Root first, delegators before those they delegate to. A long list is cut; what was asked for is in it.
    pub roles: Vec<FormRole>,
    /// So many more roles.
    pub more: u32,
    /// Key files at hand.
    pub key_files: Vec<KeyFileView>,
    /// Slots of the tokens plugged in with a key in them, then empty ones in which a key can be born.
    pub slots: Vec<SlotView>,
    /// Kinds of keys that can be born, the usual one first.
    pub kinds: Vec<TokenKeyKind>,
    /// Notary: older versions of root whose keys may sign beside the new ones, for clients that are still there.
    pub legacy: u32,
    /// Ways back from what went wrong.
    pub recoveries: Vec<RecoveryView>,
}

/// What the form starts from by which a repository is begun: nothing but what is usual, and the keys at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeginningFormView {
    pub dialect: DialectView,
    /// The top-level roles. None has a key or a document yet; `expires` is when its first document would usually end.
    pub roles: Vec<FormRole>,
    /// Key files at hand.
    pub key_files: Vec<KeyFileView>,
    /// Slots of the tokens plugged in with a key in them, then empty ones in which a key can be born.
    pub slots: Vec<SlotView>,
    /// Kinds of keys that can be born, the usual one first.
    pub kinds: Vec<TokenKeyKind>,
}

/// A role as the document names it that lists its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FormRole {
    pub role: String,
    /// `root` for a top-level role, else the role that delegates.
    pub by: String,
    pub kind: NodeKind,
    /// None where it has published nothing that was proven.
    #[ts(type = "number | null")]
    pub version: Option<u64>,
    /// When its document ends, as signed.
    pub expires: Option<String>,
    pub days_left: Option<i32>,
    pub threshold: u32,
    pub keys: Vec<RotationKey>,
    /// Who signs it now, as far as this desk knows.
    pub holder: KeyHolder,
    /// What may be done about who signs it.
    pub server: ServerRole,
    /// It vouches for files, and may delegate.
    pub vouches: bool,
    /// Files it vouches for.
    pub targets: Option<u32>,
    pub paths: Vec<String>,
    pub hash_prefixes: Vec<String>,
    pub terminating: bool,
    /// Its place among the delegations of its delegator, from 1.
    pub place: Option<u32>,
    /// How many those are.
    pub siblings: u32,
    /// One of many roles with one set of keys (TAP 15): it cannot be changed alone.
    pub succinct: bool,
}

/// Who signs a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum KeyHolder {
    /// Officers or systems of the publisher.
    People,
    /// The Notary server, which made the key and keeps it.
    Server,
    Unknown,
}

/// Whether a role's key can be the server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ServerRole {
    /// No server signs this role.
    Never,
    /// The server's, or a client's: Notary's snapshot.
    Either,
    /// Always the server's: Notary's timestamp.
    Always,
}

/// A way back from something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryView {
    pub recovery: Recovery,
    /// What happened, and what is done about it.
    pub says: Sentence,
    /// It is so now: the desk sees it in the documents.
    pub is_so: bool,
    /// What is to change; what a person must add, such as new keys, its form asks for.
    pub edits: Vec<WishedEdit>,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Recovery {
    /// Documents have ended, and clients refuse the repository.
    Ended,
    /// The snapshot's key is lost.
    SnapshotKeyLost,
    /// Root's key is stolen, and the old one still in hand.
    RootKeyStolen,
}

/// What a change would come to, by what this desk has proven. Nothing has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The change in one sentence.
    pub title: String,
    /// In the order they are signed.
    pub documents: Vec<PlannedView>,
    pub consequences: Vec<Sentence>,
    /// So many key files that were named tell whose key they hold only with their secret: they are not counted as at hand.
    pub untold: u32,
    /// Key files that join or leave and tell whose key they hold only with their secret: what is asked of them is not in this plan.
    pub left_out: Vec<String>,
    /// Physical keys that leave because they were lost or stolen: they are asked for no signature.
    pub gone: Vec<String>,
}

/// A document that is issued again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlannedView {
    pub role: String,
    pub kind: NodeKind,
    /// From 1; a later wave is signed when the earlier ones are complete.
    pub wave: u32,
    /// None for a role's first document.
    #[ts(type = "number | null")]
    pub from: Option<u64>,
    #[ts(type = "number")]
    pub version: u64,
    pub quorums: Vec<QuorumView>,
}

/// Keys of which enough must sign a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuorumView {
    pub side: QuorumSide,
    /// The role whose document says so.
    pub by: String,
    pub need: u32,
    pub keys: u32,
    /// How many of them are at hand on this desk.
    pub at_hand: u32,
}

/// Which keys a quorum asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum QuorumSide {
    /// Root, by the keys of the root before.
    Old,
    /// Root, by its own keys.
    New,
    /// Any other document, or a repository's first root, by the keys of its role.
    Own,
    /// Any other document, by the keys its role had before.
    Before,
}

/// A window of the files that a role vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TargetsView {
    pub role: String,
    pub total: u32,
    /// Those that the search finds.
    pub matched: u32,
    /// The first of them, by path.
    pub rows: Vec<TargetRow>,
}

/// A file that a role vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TargetRow {
    pub path: String,
    #[ts(type = "number")]
    pub length: u64,
    /// The strongest digest there is, with its name: `sha256:…`.
    pub digest: Option<String>,
}

/// The length and digests of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TargetFileView {
    pub file: String,
    #[ts(type = "number")]
    pub length: u64,
    pub sha256: String,
    pub sha512: String,
}
