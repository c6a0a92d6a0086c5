//! The answer of `rootwardctl keys ring`: the keys of the desk.

use serde::Serialize;

use crate::border::KeyView;

/// Keys that were found, worst first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyringReport {
    pub keys: Vec<KeyView>,
    /// Physical keys on this desk in all, and the keyids they go by.
    pub known: u32,
    pub keyids: u32,
    /// From which line on the signing ledger does not hold, and why.
    pub ledger_broken: Option<String>,
}
