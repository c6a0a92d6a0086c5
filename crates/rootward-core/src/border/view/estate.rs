//! The whole desk at a glance: counts, what needs a person, settings.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{FindingView, NodeId, ReadinessView, RepositoryId, Standing};
use crate::border::LimitsView;

/// Counts for navigator and status line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EstateView {
    pub repositories: u32,
    /// Repositories whose last walk succeeded.
    pub verified: u32,
    /// When the newest of those walks ended, RFC 3339.
    pub verified_at: Option<String>,
    pub attention: u32,
    /// Physical keys on this desk.
    pub keys: u32,
    pub open_ceremonies: u32,
    /// Only practice repositories are on the desk.
    pub practice_only: bool,
    /// A refresh runs: how far it is.
    pub progress: Option<ProgressView>,
    /// The clock of the desk, RFC 3339.
    pub now: String,
}

/// How far a refresh is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProgressView {
    pub done: u32,
    pub of: u32,
    pub current: String,
}

/// What needs a person, ranked by consequence and date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttentionView {
    pub items: Vec<AttentionItem>,
    /// Whether each root could be rotated today: those where that is not known first, and of many the first ones only.
    pub readiness: Vec<ReadinessView>,
    /// Roots that are asked about in all, and those that could be rotated.
    pub roots: u32,
    pub roots_ready: u32,
}

/// One thing that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttentionItem {
    pub node: NodeId,
    pub repository: RepositoryId,
    pub repository_name: String,
    pub practice: bool,
    pub standing: Standing,
    /// The claim, one sentence.
    pub title: String,
    pub days_left: Option<i32>,
    pub finding: FindingView,
    /// A ceremony that is already under way for it.
    pub ceremony: Option<String>,
    /// A new end would cure it, and a change can begin here.
    pub may_end: bool,
}

/// Limits, places and versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    pub data_folder: String,
    pub program_version: String,
    pub limits: LimitsView,
    /// For how many days a key counts as proven.
    pub proof_days: u32,
}
