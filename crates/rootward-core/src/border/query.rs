//! What the window may ask. A query reads; it never changes trust, nor the desk.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    BeginningWish, CeremonyId, ChangeWish, Custody, DialectView, NodeId, RepositoryId, RevocationCause,
    RevocationExtent,
};

/// A question to the desk. Each is answered by the `View` of the same name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Query {
    /// Counts for the navigator and the status line.
    Estate,
    /// A window of rows of the flattened tree.
    TreeRows { tree: TreeRequest, from: u32, count: u32 },
    /// Where to go when somebody types a few letters in the tree: the next row whose name starts so.
    TreeTypeahead {
        tree: TreeRequest,
        from: u32,
        prefix: String,
    },
    /// The nodes to open so that `node` is visible, and its row index once they are.
    TreeReveal { tree: TreeRequest, node: NodeId },
    /// Every expandable node at and below `node` that is closed now and would have to be toggled (for `*`).
    TreeBelow { tree: TreeRequest, node: NodeId },
    /// Findings over the whole estate, worst first.
    Attention,
    /// One repository in full.
    Repository { repository: RepositoryId },
    /// What the inspector says of any node of the tree.
    Node { node: NodeId },
    /// Every root version reachable, with key lifelines.
    History { repository: RepositoryId },
    /// Two root versions side by side.
    Compare {
        repository: RepositoryId,
        from: u64,
        to: u64,
    },
    /// What whoever holds these keys (`sha256:…`) could do, and what could be done about it.
    Blast {
        repository: RepositoryId,
        keys: Vec<String>,
    },
    /// Everywhere on the desk a key counts, or all in its token, or all of its officer: what is open, and the change that takes
    /// them out. `replacement` is where the key is that takes their place.
    Revocation {
        physical_key: String,
        extent: RevocationExtent,
        cause: RevocationCause,
        replacement: Option<String>,
    },
    /// The first-trust step of a source that was registered but not anchored.
    FirstTrust { repository: RepositoryId },
    /// What the forms of a change need: roles with their keys and ends, keys that could join. `role` is in it however many
    /// roles there are.
    ChangeForm {
        repository: RepositoryId,
        role: Option<String>,
    },
    /// What a change would come to, by what this desk has proven; nothing is begun, and nobody is asked for a secret.
    Plan { repository: RepositoryId, wish: ChangeWish },
    /// What the form needs by which a repository is begun: its roles, ends that are usual, keys that could hold them.
    BeginningForm { dialect: DialectView },
    /// What beginning a repository would come to; nothing is begun, no server is asked, and nobody for a secret.
    FirstPlan { wish: BeginningWish },
    /// The files that a role vouches for whose path has `search` in it.
    Targets {
        repository: RepositoryId,
        role: String,
        search: String,
    },
    /// Open and ended ceremonies.
    Ceremonies,
    /// One ceremony.
    Ceremony { ceremony: CeremonyId },
    /// A signing request in a file, judged by a root that this desk trusts.
    Request { path: String, trust: RequestTrust },
    /// What is plugged in, and what it holds.
    Tokens,
    /// What making a token ready for an officer would do; the token as `TokenView` names it: `yubikey:19402271`.
    Provisioning { token: String },
    /// Every drill, with its last run.
    Drills,
    /// Limits in force, the data folder, versions.
    Settings,
    /// A window of the keyring's rows, worst first.
    Keys { keys: KeysRequest, from: u32, count: u32 },
    /// One physical key in full.
    Key { physical_key: String },
    /// Who of a repository's root was seen to work, and whether root could be rotated today.
    RollCall { repository: RepositoryId },
    /// Keys of other programs in a folder or file, before anything is imported; those of Notary and Docker without one.
    KeyFolders { folder: Option<String> },
    /// Who may vouch for devices: the makers' roots, and those that were added on this machine.
    AttestationRoots,
    /// A client's map file (TAP 4), and who is asked for a target.
    Map { path: String, target: Option<String> },
}

/// What a signing request is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RequestTrust {
    /// Any root this desk trusts already.
    Known,
    /// A root file got by another way.
    RootFile { path: String },
    /// The SHA-256 of one of the request's root files, compared with a printed one; 64 hex digits, blanks allowed.
    Digest { sha256: String },
}

/// Which tree: what is open, and what is filtered away. The desk holds no state per window.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeRequest {
    /// Nodes that differ from the default (sources and estates open, all else closed).
    pub toggled: Vec<NodeId>,
    /// Fuzzy search over names, keyids, physical keys and people; empty shows all.
    pub search: String,
    /// Only nodes that pass every filter, with their ancestors.
    pub filters: Vec<TreeFilter>,
}

/// A filter of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TreeFilter {
    /// Roles that end within so many days, or have ended.
    ExpiresWithin { days: u32 },
    /// Roles that ask for one signature only.
    ThresholdOne,
    /// Anything that is not sound.
    NeedsPerson,
}

/// What is shown of the keyring.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeysRequest {
    /// Fuzzy search over devices, names, keyids, roles and repositories; empty shows all.
    pub search: String,
    /// A key must pass every filter.
    pub filters: Vec<KeyFilter>,
}

/// A filter of the keyring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum KeyFilter {
    /// It has a finding that a person should do something about.
    NeedsPerson,
    /// It has a finding of this code.
    Finding {
        code: String,
    },
    Held {
        custody: Custody,
    },
    /// It can be asked to sign here and now.
    Here,
    /// It speaks for a role now.
    Counts,
    /// It speaks, or spoke, for a role of this repository.
    Repository {
        repository: RepositoryId,
    },
}
