//! What the desk says unasked: which views went stale, and how far running work is.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CeremonyId, ReadyStepView, RepositoryId};

/// Pushed to every window. The core says what is stale; the UI never guesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Notice {
    /// The tree, the counts and the attention list are stale.
    EstateChanged,
    /// Every view of one repository is stale.
    RepositoryChanged { repository: RepositoryId },
    /// One ceremony is stale.
    CeremonyChanged { ceremony: CeremonyId },
    /// The keyring is stale: a key was named, proved itself or signed.
    KeysChanged,
    /// A token was plugged in or taken out, or holds something else now.
    TokensChanged,
    /// A token waits for a touch, for so many seconds from now on; or for its PIN, where that is typed at the device.
    TouchAwaited {
        device: String,
        signs: String,
        seconds: u32,
        types_pin: bool,
    },
    /// It waits no more: it was touched, or it gave up.
    TouchOver,
    /// A step of making a token ready was taken; `key` is what `Provision` was asked with.
    ReadyStepTaken { key: String, step: ReadyStepView },
    /// A refresh goes on.
    Progress { done: u32, of: u32, current: String },
    /// No refresh runs any more.
    Idle,
}
