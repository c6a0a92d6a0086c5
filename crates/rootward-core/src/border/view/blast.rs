//! What stolen keys come to, and what can be done about it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Custody, DialectView, RepositoryAction, RepositoryId, Sentence};

/// What whoever holds some keys could do to a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlastView {
    pub repository: RepositoryId,
    pub name: String,
    pub practice: bool,
    pub dialect: DialectView,
    /// Every key of the repository that can be used, root's first: to choose among.
    pub keys: Vec<BlastKeyView>,
    /// The worst of it in one sentence.
    pub verdict: Sentence,
    pub grade: BlastGrade,
    /// The roles concerned, root's first.
    pub roles: Vec<BlastRoleView>,
    /// The target paths that could be signed, as the dialect's own clients search.
    pub paths: Vec<BlastPathsView>,
    /// Notary: the same for Docker.
    pub docker_paths: Vec<BlastPathsView>,
    /// Targets that clients find today and that could be replaced.
    pub replaceable: ReplaceableView,
    /// Notary: the same for Docker.
    pub docker_replaceable: ReplaceableView,
    /// What else follows: clients held back, keys exchanged, who would have to help.
    pub effects: Vec<Sentence>,
    /// What stays out of reach.
    pub safe: Vec<Sentence>,
    /// What to do, in order.
    pub repairs: Vec<BlastRepairView>,
    /// What may be done with the repository now.
    pub allowed: Vec<RepositoryAction>,
}

/// How far stolen keys reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BlastGrade {
    /// No key was chosen.
    Unasked,
    /// Alone they sign nothing.
    Nothing,
    /// Clients can be held back; no target can be signed.
    Online,
    /// Some targets.
    Delegated,
    /// Every target.
    Targets,
    /// Everything.
    Root,
}

/// A key to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlastKeyView {
    pub physical_key: String,
    pub label: String,
    /// As the first role lists it.
    pub keyid: String,
    pub custody: Custody,
    /// The roles it is in.
    pub roles: Vec<String>,
    pub stolen: bool,
}

/// One role, or several alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlastRoleView {
    /// One, or the first of those with the same keys.
    pub roles: Vec<String>,
    /// So many more of them.
    pub more: u32,
    /// Who names its keys.
    pub parent: String,
    pub reach: BlastReach,
    /// Signatures a client counts of the stolen keys.
    pub counts: u32,
    pub threshold: u32,
    pub sentence: Sentence,
}

/// Whether a role is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BlastReach {
    Alone,
    Through,
    With,
    Never,
}

/// Target paths that could be signed through one role, or several alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlastPathsView {
    /// One, or the first of those that share the paths.
    pub roles: Vec<String>,
    /// So many more of them.
    pub more: u32,
    pub paths: Vec<String>,
    /// Of digests: what the SHA-256 of a path begins with.
    pub hash_prefixes: Vec<String>,
    /// What clients take from somebody they ask earlier.
    pub except: Vec<Sentence>,
    /// Whether these are the paths exactly; else they are at most these.
    pub exact: bool,
}

/// Targets that could be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplaceableView {
    pub count: u32,
    /// The first of them.
    pub examples: Vec<ReplaceableTarget>,
}

/// One target and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReplaceableTarget {
    pub path: String,
    /// Who answers today.
    pub answers: String,
    /// Through whom it would be replaced.
    pub seized: String,
}

/// One step of a repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlastRepairView {
    pub step: BlastStep,
    pub what: Sentence,
    /// Why, and what to look out for.
    pub why: Vec<Sentence>,
    /// Who signs it.
    pub by: Option<Sentence>,
    /// Whether the keys that are left are enough.
    pub possible: bool,
}

/// What is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BlastStep {
    Root,
    OutOfBand,
    Documents,
    Check,
    Online,
}
