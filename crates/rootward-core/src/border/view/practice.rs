//! Drills on screens and in `--json`: what happened, what is in hand, what must be true, and how it went.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RepositoryId;

/// Every drill there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillsView {
    pub drills: Vec<DrillView>,
}

/// One drill, and its last run if there was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillView {
    /// As commands want it.
    pub name: String,
    pub title: String,
    /// What happened and what is wanted, a paragraph each.
    pub task: Vec<String>,
    /// The first gives away least.
    pub hints: Vec<String>,
    pub state: DrillState,
    pub run: Option<DrillRunView>,
}

/// Whether a drill runs, and how the last run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DrillState {
    NeverTried,
    UnderWay,
    Passed,
    GivenUp,
}

/// A run of a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillRunView {
    /// On this desk.
    pub repository: RepositoryId,
    /// As rootwardctl wants it.
    pub source: String,
    pub begun_at: String,
    pub ended_at: Option<String>,
    /// From its beginning to its end, or to now; none when the clock was set back.
    #[ts(type = "number | null")]
    pub seconds: Option<u64>,
    pub in_hand: Vec<DrillKeyView>,
    pub facts: Vec<DrillFactView>,
    /// Opens every key file of the drill; no secret.
    pub passphrase: String,
    /// Of the practice token; no secret.
    pub pin: String,
    /// What was found when it was last judged; empty before.
    pub checked: Vec<DrillCheckView>,
    pub wrong_turns: WrongTurnsView,
}

/// A key the officer has for a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillKeyView {
    pub what: String,
    /// `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    pub label: String,
    pub physical_key: String,
}

/// Something that somebody told the officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillFactView {
    pub name: String,
    pub value: String,
}

/// One thing that must be true, and whether it was found so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillCheckView {
    pub sentence: String,
    pub holds: bool,
}

/// What went otherwise than it might have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WrongTurnsView {
    /// Wishes that the desk or the server refused.
    pub refusals: u32,
    /// PINs and passphrases that were not the right ones.
    pub wrong_secrets: u32,
    /// Ceremonies that were given up.
    pub abandoned: u32,
    /// Publications beyond the one it takes.
    pub needless: u32,
}

/// A double that was made to practise on: what `practise --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PracticeMade {
    /// On this desk.
    pub repository: RepositoryId,
    /// As rootwardctl wants it.
    pub source: String,
    /// Notary: the name, which is that of the original.
    pub gun: Option<String>,
    /// Opens every key file of it; no secret.
    pub passphrase: String,
}
