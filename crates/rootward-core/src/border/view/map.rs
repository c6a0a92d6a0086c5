//! A client's map file (TAP 4), as a screen shows it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A map file: who is asked for a target, how many must agree, and where a search ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MapView {
    /// In the order of the file.
    pub repositories: Vec<MappedRepositoryView>,
    /// In the order in which clients go through them.
    pub mappings: Vec<MappingView>,
    /// Only for a target that was asked about.
    pub target: Option<String>,
}

/// A repository of a map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MappedRepositoryView {
    pub name: String,
    pub urls: Vec<String>,
    /// Some mapping names it; else clients ask it for nothing.
    pub used: bool,
}

/// Who is asked for some paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MappingView {
    /// From 1, in the order of the file.
    pub number: u32,
    pub paths: Vec<String>,
    pub repositories: Vec<String>,
    /// How many of them must agree.
    pub threshold: u32,
    /// The search ends here when they do not.
    pub terminating: bool,
    /// Whether clients come here for the target asked about.
    pub asked: MappingAsked,
}

/// Whether a mapping is gone through for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum MappingAsked {
    /// No target was asked about, or none comes here.
    No,
    Yes,
    /// By clients whose `*` crosses slashes, and by no others.
    OnlyAcrossSlashes,
}
