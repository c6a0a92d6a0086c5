//! The keyring as screens show it: a window of rows, one key in full, and the roll call of a repository's root.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Custody, FactView, RepositoryId, Standing};

/// A window of the keyring's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeysWindow {
    /// Rows there are in all with this request.
    pub total: u32,
    /// Index of the first row here.
    pub from: u32,
    pub rows: Vec<KeyRow>,
    /// Physical keys on this desk, and the keyids they go by.
    pub keys: u32,
    pub keyids: u32,
    /// Keys with a finding that a person should do something about.
    pub warned: u32,
    /// From which line on the signing ledger does not hold, and why.
    pub ledger_broken: Option<String>,
}

/// One physical key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyRow {
    pub index: u32,
    /// `sha256:…`.
    pub physical_key: String,
    pub custody: Custody,
    /// What holds it: `YubiKey 19 402 271`, a file's name; the ends of its id when that is unknown.
    pub place: String,
    /// That place is a device or file, not an id.
    pub place_known: bool,
    /// Who answers for it: the name given here, else what metadata claims.
    pub officer: Option<String>,
    /// Roles it speaks for now; those it spoke for, when it speaks for none.
    pub roles: Vec<String>,
    pub counts: bool,
    /// Repositories that list it now.
    pub repositories: u32,
    pub keyids: u32,
    pub firmware: Option<String>,
    /// A word or two: `attested`, `proven, with a flaw`, `not proven`.
    pub attestation: Option<String>,
    /// The worst of the roles it speaks for now.
    pub standing: Option<Standing>,
    /// Findings that a person should do something about.
    pub warnings: u32,
    /// When it was last seen to work on this desk, RFC 3339.
    pub worked_at: Option<String>,
    /// Longer ago than this desk lets pass, or never.
    pub stale: bool,
    /// It can be asked to sign here and now.
    pub here: bool,
    pub practice: bool,
}

/// One key in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// `sha256:…`.
    pub physical_key: String,
    pub custody: Custody,
    pub place: String,
    pub place_known: bool,
    pub officer: Option<String>,
    /// The name an officer gave it on this desk.
    pub given_name: Option<String>,
    /// What metadata, certificates and tokens claim, when that is not the name given.
    pub claimed_names: Vec<String>,
    /// One sentence: whose, since when, under how many keyids.
    pub summary: String,
    /// Algorithm, PIN, touch, when it worked last.
    pub facts: Vec<FactView>,
    pub standing: Option<Standing>,
    pub practice: bool,
    pub places: Vec<KeyPlaceView>,
    /// Roles it speaks for now first, then those it spoke for.
    pub uses: Vec<RingUseView>,
    pub attestation: Option<KeyAttestationView>,
    pub findings: Vec<KeyFindingView>,
    /// What it did on this desk, newest first.
    pub deeds: Vec<DeedView>,
    /// It can be asked for a proof: it is here, or its device can be plugged in.
    pub can_prove: bool,
}

/// A place of the private half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyPlaceView {
    /// `file:PATH`, `yubikey:SERIAL/SLOT`, `pkcs11:…`.
    pub key: String,
    /// For people: `YubiKey 19 402 271, slot 9c`.
    pub label: String,
    pub custody: Custody,
    pub here: bool,
    /// RFC 3339.
    pub seen_at: String,
}

/// A role of a repository that lists the key, or listed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RingUseView {
    pub repository: RepositoryId,
    pub repository_name: String,
    pub practice: bool,
    pub role: String,
    pub now: bool,
    pub standing: Option<Standing>,
    pub spells: Vec<KeySpellView>,
    /// The version of the role's document that it signed, of those at hand now.
    #[ts(type = "number | null")]
    pub signed: Option<u64>,
}

/// A keyid and the versions that list the key under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeySpellView {
    pub keyid: String,
    /// `root v2 to v4`, `targets v14, today`.
    pub versions: String,
}

/// Where the key was born, as its device said and its maker vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyAttestationView {
    pub verdict: String,
    pub proven: bool,
    /// Proven, and something should be known of it all the same.
    pub flaw: bool,
    /// From the vendor's root down to the key.
    pub chain: Vec<FactView>,
    /// What should be known, or why nothing is proven.
    pub remarks: Vec<String>,
}

/// A fact about a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyFindingView {
    /// Kebab-case code; `docs/key-findings.md` explains each.
    pub code: String,
    pub warning: bool,
    pub message: String,
    pub next: String,
}

/// Something the key did on this desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeedView {
    /// RFC 3339; none for what a broken ledger claims.
    pub at: Option<String>,
    /// One sentence.
    pub says: String,
    pub ceremony: Option<String>,
}

/// Whether root could be rotated today, as far as this desk has seen its keys work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReadinessView {
    pub repository: RepositoryId,
    pub repository_name: String,
    pub practice: bool,
    #[ts(type = "number")]
    pub version: u64,
    pub keys: u32,
    pub proven: u32,
    #[ts(type = "number")]
    pub threshold: u64,
    pub could: bool,
    /// Until when so many stay proven, RFC 3339.
    pub until: Option<String>,
    /// One sentence.
    pub says: String,
}

/// The roll call of a repository's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RollCallView {
    pub readiness: ReadinessView,
    /// Days a proof counts.
    pub days: u32,
    pub keys: Vec<RollCallRow>,
    /// What is known to this desk only.
    pub ledger_broken: Option<String>,
}

/// A root key at the roll call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RollCallRow {
    pub physical_key: String,
    pub keyid: String,
    pub officer: Option<String>,
    pub custody: Custody,
    pub place: String,
    pub place_known: bool,
    pub state: Proven,
    /// RFC 3339.
    pub worked_at: Option<String>,
    /// One sentence on when and how it was last seen to work.
    pub says: String,
    pub here: bool,
    pub can_prove: bool,
}

/// Whether a key was seen to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Proven {
    Fresh,
    /// Longer ago than the desk lets pass.
    Stale,
    Never,
}
