//! Changes that were begun in several repositories at once, as their screens show them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CeremonyId, RepositoryId};
use crate::border::ChangeWish;

/// A change that is asked for in one of several repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BulkWish {
    pub repository: RepositoryId,
    pub wish: ChangeWish,
}

/// Changes in several repositories that were begun together, each with a ceremony of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BulkView {
    /// `2026-001`, as `rootwardctl bulk` knows it.
    pub id: String,
    /// Why, in the officer's words.
    pub reason: String,
    /// When it was begun, RFC 3339.
    pub begun_at: String,
    pub rows: Vec<BulkPlace>,
    /// In so many repositories a ceremony is still to be begun.
    pub pending: u32,
}

/// How it stands in one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BulkPlace {
    /// None where the desk knows the repository no more.
    pub repository: Option<RepositoryId>,
    pub name: String,
    pub state: BulkState,
    pub ceremony: Option<CeremonyId>,
    /// Why no ceremony was begun.
    pub why: Option<String>,
}

/// How a change among several stands in one repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum BulkState {
    /// Its turn has not come, or what was begun was given up.
    Pending,
    /// Its ceremony is under way.
    Begun,
    Done,
    AlreadySo,
    Refused,
    Failed,
    Interrupted,
    Declined,
}
