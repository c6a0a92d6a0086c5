//! Plain data for screens and for `--json`. Computed in Rust; a screen only shows it.

mod blast;
mod bulk;
mod ceremony;
mod change;
mod estate;
mod handoff;
mod history;
mod key_folders;
mod keyring;
mod map;
mod practice;
mod provisioning;
mod repository;
mod revocation;
mod tokens;
mod tree;

pub use blast::*;
pub use bulk::*;
pub use ceremony::*;
pub use change::*;
pub use estate::*;
pub use handoff::*;
pub use history::*;
pub use key_folders::*;
pub use keyring::*;
pub use map::*;
pub use practice::*;
pub use provisioning::*;
pub use repository::*;
pub use revocation::*;
pub use tokens::*;
pub use tree::*;

pub use crate::repositories::Standing;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names a node of the tree for as long as the desk knows it.
pub type NodeId = String;
/// Names a repository on this desk.
pub type RepositoryId = String;
/// Names a ceremony, such as `2026-014`.
pub type CeremonyId = String;

/// The answer to a `Query`, under the query's own name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum View {
    Estate(EstateView),
    TreeRows(TreeWindow),
    TreeTypeahead(TreePlace),
    TreeReveal(TreePlace),
    TreeBelow(TreeNodes),
    Attention(AttentionView),
    Repository(Box<RepositoryView>),
    Node(Box<NodeView>),
    History(HistoryView),
    Compare(CompareView),
    Blast(Box<BlastView>),
    FirstTrust(FirstTrustView),
    ChangeForm(Box<ChangeFormView>),
    Plan(Box<PlanView>),
    BeginningForm(Box<BeginningFormView>),
    FirstPlan(Box<PlanView>),
    Targets(TargetsView),
    Revocation(Box<RevocationView>),
    Ceremonies(CeremoniesView),
    Ceremony(Box<CeremonyView>),
    Request(Box<RequestView>),
    Tokens(TokensView),
    Provisioning(Box<ProvisioningView>),
    Settings(SettingsView),
    Keys(KeysWindow),
    Key(Box<KeyView>),
    RollCall(RollCallView),
    KeyFolders(KeyFoldersView),
    AttestationRoots(AttestationRootsView),
    Map(MapView),
    Drills(DrillsView),
}

/// Where the private half of a key lives, as far as this desk knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Custody {
    Token,
    File,
    /// The session's keychain: whoever unlocks the session unlocks it.
    Keychain,
    Server,
    Unknown,
}

/// A sentence in parts, so that evidence can be set in its own voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Sentence {
    /// What kind of change it tells of.
    pub mark: Mark,
    /// The parts, to be joined without blanks.
    pub parts: Vec<Part>,
}

impl Sentence {
    /// The whole sentence as plain text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// `–` `+` `~` `=` of a difference; `Note` for a plain statement, `Warning` where a person should stop and think.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Mark {
    Removed,
    Added,
    Changed,
    Same,
    Note,
    Warning,
}

/// A part of a sentence and its voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    pub voice: Voice,
    /// Control, escape and bidi characters are already made visible.
    pub text: String,
}

/// How a part is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Voice {
    Plain,
    Subject,
    Evidence,
    Removed,
    Added,
}

/// A fact about a repository, with its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// Kebab-case code; `docs/findings.md` explains each.
    pub code: String,
    /// The role it hangs on.
    pub role: String,
    /// The standing it forces, if any.
    pub standing: Option<Standing>,
    /// One sentence: what was found and what was expected.
    pub message: String,
    /// What to do about it, one sentence.
    pub next: String,
}
