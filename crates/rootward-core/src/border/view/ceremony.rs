//! A ceremony as its screens show it: where it stands, what was computed, who signs, what is allowed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{BulkView, CeremonyId, Custody, DiffLine, PlannedView, RepositoryId, Sentence};

/// The list of ceremonies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CeremoniesView {
    /// Newest first.
    pub items: Vec<CeremonyRow>,
    /// Changes begun in several repositories that are not settled in all of them, newest first.
    pub bulks: Vec<BulkView>,
}

/// One line of that list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CeremonyRow {
    pub id: CeremonyId,
    pub title: String,
    pub repository: RepositoryId,
    pub repository_name: String,
    pub practice: bool,
    pub state: CeremonyState,
    /// What it waits for, and for whom, one sentence.
    pub waits_for: String,
    /// Something can still happen in it.
    pub open: bool,
    /// How long ago it began, or how long it took, in words: `3 days`.
    pub age: String,
    /// When it began, RFC 3339.
    pub begun_at: String,
    /// Last event, RFC 3339.
    pub at: String,
}

/// Where a ceremony stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CeremonyState {
    Drafting,
    Collecting,
    Ready,
    Rehearsed,
    /// An intent to publish is on record without its outcome: it must be resumed.
    Publishing,
    Published,
    Superseded,
    Abandoned,
    /// The journal's chain is broken: shown, never changed.
    Broken,
}

/// A key of a role that may stay or leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RotationKey {
    pub physical_key: String,
    pub keyid: String,
    /// Notary's canonical id, where it differs.
    pub canonical_keyid: Option<String>,
    pub name: Option<String>,
    pub scheme: String,
    pub custody: Custody,
    /// Where the key is, if this desk knows: `file:PATH` or `yubikey:SERIAL/SLOT`.
    pub key: Option<String>,
    /// That place for people: a file's name, or a device and slot.
    pub place: Option<String>,
}

/// The public half of a key file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyFileView {
    /// `file:PATH`, `keychain:NAME`.
    pub key: String,
    pub custody: Custody,
    pub path: String,
    /// Known without a secret when a public key lies beside it or inside; else none.
    pub physical_key: Option<String>,
    pub algorithm: Option<String>,
    pub encrypted: bool,
    pub name: Option<String>,
    /// The role that another program keeps it for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub kept_for: Option<String>,
}

/// One ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CeremonyView {
    pub id: CeremonyId,
    pub title: String,
    pub reason: String,
    pub repository: RepositoryId,
    pub repository_name: String,
    pub practice: bool,
    /// It begins a repository where there is none: there is no root before, and no threshold of one.
    pub begins: bool,
    pub state: CeremonyState,
    /// The rail: six steps.
    pub steps: Vec<StepView>,
    /// What was computed before anything is signed.
    pub consequences: Vec<Sentence>,
    /// The documents that are issued again and who must sign each, as the plan showed them.
    pub planned: Vec<PlannedView>,
    /// Root's, computed from the bytes that will be, or were, signed.
    pub review: ReviewView,
    /// Root's two thresholds.
    pub old_meter: MeterView,
    pub new_meter: MeterView,
    /// Every document that is issued again, in the order they are signed; root first.
    pub documents: Vec<DocumentView>,
    /// Every key that counts for one of them, each once.
    pub signers: Vec<SignerRow>,
    /// How many signatures are missing for which threshold, and whose they could be.
    pub outstanding: Vec<Sentence>,
    pub rehearsal: Vec<RehearsalRow>,
    /// What the rehearsal took for granted and the fresh walk checks.
    pub assumptions: Vec<Sentence>,
    /// What publishing did so far.
    pub publication: Vec<Sentence>,
    /// Why the next step is not allowed yet.
    pub blockers: Vec<String>,
    pub allowed: Vec<CeremonyAction>,
    /// When the journal was last written, RFC 3339.
    pub journal_saved_at: String,
    /// Hash of the journal's last event, 64 hex digits.
    pub journal_head: String,
    /// The journal as lines for people.
    pub events: Vec<EventRow>,
}

/// A step of the rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    pub step: Step,
    pub state: StepState,
    /// A line under it.
    pub summary: String,
}

/// The six steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    Intent,
    Consequences,
    Review,
    Signatures,
    Rehearsal,
    Publish,
}

/// Past, now, to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    Past,
    Now,
    ToCome,
}

/// What a ceremony allows now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CeremonyAction {
    Freeze,
    Sign,
    HandOut,
    TakeBack,
    Rehearse,
    Publish,
    Abandon,
    /// Take up again what was given up and could be published by anybody.
    Reopen,
    SaveTranscript,
}

/// One document that a ceremony issues again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DocumentView {
    pub role: String,
    #[ts(type = "number")]
    pub version: u64,
    /// Those of a later wave name the earlier ones by digest: they are frozen when these are complete.
    pub wave: u32,
    pub state: DocumentState,
    pub review: ReviewView,
    /// Its thresholds: two for root, one for any other.
    pub meters: Vec<MeterView>,
}

/// How far a document came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DocumentState {
    /// Its bytes are not fixed.
    Waiting,
    /// It takes signatures, and needs more.
    Collecting,
    /// Every threshold is met.
    Complete,
}

/// What will be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReviewView {
    pub role: String,
    #[ts(type = "number")]
    pub version: u64,
    pub sentences: Vec<Sentence>,
    /// SHA-256 of the canonical bytes, 64 hex digits.
    pub digest: String,
    pub bytes: u32,
    pub builds_on_version: String,
    /// SHA-256 of the file it builds on.
    pub builds_on_digest: String,
    /// Encoding in words.
    pub encoding: String,
    pub drafted_at: String,
    /// Bytes are fixed.
    pub frozen: bool,
    /// The new document beside the old one, pretty-printed.
    pub lines: Vec<DiffLine>,
}

/// A threshold and how far it is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MeterView {
    /// Such as `Old threshold, root v9`.
    pub label: String,
    pub have: u32,
    pub need: u32,
    /// Keys that could sign.
    pub keys: u32,
    pub met: bool,
}

/// One key that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignerRow {
    pub physical_key: String,
    pub keyid: String,
    /// Notary's canonical id, where it is another.
    pub canonical_keyid: Option<String>,
    /// A name out of the metadata, or the first digits of the keyid.
    pub label: String,
    pub custody: Custody,
    /// Where the key is, for people, if that is known to the ceremony: a file's name, a device and slot.
    pub file: Option<String>,
    /// Counts for the old threshold of root.
    pub counts_old: bool,
    /// Counts for the new threshold of root.
    pub counts_new: bool,
    /// The documents it signs.
    pub documents: Vec<SignerDocument>,
    /// When it signed last, RFC 3339.
    pub signed_at: Option<String>,
    /// When a request was written for it that it has not answered, RFC 3339.
    pub asked_at: Option<String>,
    /// How it may be asked by file.
    pub ask: Option<AskBy>,
    /// Who could sign instead, or instead of whom it could.
    pub instead: Option<String>,
    /// When it was last seen where it is said to be, RFC 3339; none where it is now or where that is not known.
    pub last_seen: Option<String>,
    /// The prompt window is asking for it now.
    pub asking: bool,
    /// Signing is possible here and now.
    pub can_sign: bool,
    /// It has signed another document of a version it would sign now: only a reason on record lets it.
    pub needs_reason: bool,
    /// One sentence on its state.
    pub state: String,
}

/// Why a key is asked by file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AskBy {
    /// Its signature is wanted.
    File,
    /// Others were asked whose place it could take.
    Instead,
    /// It was asked already.
    Again,
}

/// A document that a key signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignerDocument {
    pub role: String,
    #[ts(type = "number")]
    pub version: u64,
    pub wave: u32,
    /// When, RFC 3339.
    pub signed_at: Option<String>,
    /// It can be signed now, or will be fixed first.
    pub waits: bool,
}

/// One simulated client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RehearsalRow {
    /// Such as `a client on root v1`.
    pub client: String,
    pub accepted: bool,
    /// What it walked, or why it refused.
    pub account: String,
}

/// An event of the journal for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EventRow {
    pub number: u32,
    pub at: String,
    pub text: String,
    pub hash: String,
}
