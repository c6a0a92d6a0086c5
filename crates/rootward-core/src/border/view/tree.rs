//! Rows of the flattened tree. The UI asks for a window of them and never holds the estate.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Custody, NodeId, RepositoryId, Standing};

/// A window of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeWindow {
    /// Rows there are in all with this request.
    pub total: u32,
    /// Index of the first row here.
    pub from: u32,
    pub rows: Vec<TreeRow>,
    /// Nodes that match search and filters (without their ancestors); equals all nodes when there is none.
    pub matched: u32,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeRow {
    pub id: NodeId,
    pub index: u32,
    /// Row of the parent, for Left.
    pub parent_index: Option<u32>,
    /// 1 is the outermost.
    pub level: u32,
    pub set_size: u32,
    pub pos_in_set: u32,
    pub expandable: bool,
    pub expanded: bool,
    pub node: NodeKind,
    /// Visible name, escapes already made visible.
    pub name: String,
    pub version: Option<String>,
    /// Of a key, or of all keys of a role; none where they differ.
    pub custody: Option<Custody>,
    /// Good signatures by our count.
    pub valid: Option<u32>,
    pub threshold: Option<u32>,
    /// Whole days to the soonest end below; negative when it has passed.
    pub days_left: Option<i32>,
    /// The worst of this node and all below it; none for a key that counts nowhere.
    pub standing: Option<Standing>,
    /// Belongs to the practice estate.
    pub practice: bool,
    /// Anchored by first use only.
    pub first_use: bool,
    /// A refresh of it is running.
    pub busy: bool,
    /// The row matches the search itself (not only a descendant).
    pub matched: bool,
    /// The repository it belongs to.
    pub repository: Option<RepositoryId>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NodeKind {
    Estate,
    PracticeEstate,
    NotaryServer,
    WebSource,
    FolderSource,
    Repository,
    Root,
    Targets,
    Snapshot,
    Timestamp,
    Delegation,
    Key,
}

/// A row found by type-ahead or revealed, and what must be open for it to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreePlace {
    /// None when nothing fits.
    pub index: Option<u32>,
    pub id: Option<NodeId>,
    /// Ancestors that are closed now and must be toggled for the row to be there.
    pub open: Vec<NodeId>,
}

/// A list of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeNodes {
    pub nodes: Vec<NodeId>,
}
