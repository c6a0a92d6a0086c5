//! Keys that are stolen or lost, or whose officer leaves: what is open in every repository that lists them, and the change
//! that takes them out there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    BlastGrade, BlastRepairView, Custody, KeyFileView, PlannedView, RepositoryId, Sentence, SlotView, TokenKeyKind,
};
use crate::border::{ChangeWish, Failure};

/// What happened to the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RevocationCause {
    /// Somebody else has them.
    Stolen,
    /// Nobody has them.
    Lost,
    /// Their officer leaves, and gives them back.
    Leaves,
}

/// Which keys are meant with one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RevocationExtent {
    Key,
    /// Every key in the same token.
    Token,
    /// Every key of the same officer.
    Officer,
}

/// What is open, and what would close it, repository by repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevocationView {
    pub practice: bool,
    /// What can be meant with the key that was chosen.
    pub extents: Vec<RevocationExtentView>,
    pub keys: Vec<RevocationKeyView>,
    /// Where they count, the worst first.
    pub repositories: Vec<RevocationRow>,
    /// Key files that could take their place.
    pub key_files: Vec<KeyFileView>,
    /// Slots of the tokens plugged in with another key in them, then empty ones in which a key can be born.
    pub slots: Vec<SlotView>,
    /// Kinds of keys that can be born, the usual one first.
    pub kinds: Vec<TokenKeyKind>,
}

/// Keys that can be meant together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevocationExtentView {
    pub extent: RevocationExtent,
    /// The key's place, its token, its officer.
    pub name: String,
    pub keys: u32,
}

/// A key that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevocationKeyView {
    pub physical_key: String,
    /// Where it is or was: `YubiKey 19 402 271`, a file's name, else the ends of its id.
    pub place: String,
    pub officer: Option<String>,
    pub custody: Custody,
}

/// One repository that lists such a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevocationRow {
    pub repository: RepositoryId,
    pub name: String,
    pub grade: BlastGrade,
    /// What whoever holds them can do, in one sentence.
    pub verdict: Sentence,
    /// Roles in which one of them counts.
    pub roles: Vec<String>,
    /// What to do, in order.
    pub repairs: Vec<BlastRepairView>,
    /// The change that takes them out; it can be begun as it is where there is a plan, for a reason.
    pub wish: ChangeWish,
    /// The documents that it issues again.
    pub documents: Vec<PlannedView>,
    /// What a person should stop and think at.
    pub warnings: Vec<Sentence>,
    /// Why it cannot be begun as it is.
    pub refusal: Option<Failure>,
    /// A ceremony of the repository that is open already.
    pub open_ceremony: Option<String>,
}
