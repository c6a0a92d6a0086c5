//! What `rootwardctl blast --json` prints.

use rootward_tuf::blast::Replaceable;
use serde::Serialize;

use crate::border::{
    BlastGrade, BlastKeyView, BlastPathsView, BlastReach, BlastRepairView, BlastRoleView, BlastStep, DialectView,
    Sentence,
};

/// What whoever holds some keys could do to a repository, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastReport {
    /// The source as it was read.
    pub source: String,
    pub dialect: DialectView,
    /// The repository's name in Notary's dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gun: Option<String>,
    /// The stolen keys.
    pub keys: Vec<BlastKeyReport>,
    pub grade: BlastGrade,
    pub verdict: String,
    /// The roles that are reached or have a stolen key.
    pub roles: Vec<BlastRoleReport>,
    /// Target paths that could be signed, as the dialect's own clients search.
    pub paths: Vec<BlastPathsReport>,
    /// Notary: the same for Docker.
    pub docker_paths: Vec<BlastPathsReport>,
    /// Targets that clients find today and that could be replaced.
    pub replaceable: Vec<ReplaceableReport>,
    /// Notary: the same for Docker.
    pub docker_replaceable: Vec<ReplaceableReport>,
    pub effects: Vec<String>,
    pub safe: Vec<String>,
    /// What to do, in order.
    pub repairs: Vec<BlastRepairReport>,
}

/// A stolen key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastKeyReport {
    /// `sha256:…`.
    pub physical_key: String,
    pub label: String,
    pub roles: Vec<String>,
}

/// One role, or several alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastRoleReport {
    /// One, or the first of those with the same keys.
    pub roles: Vec<String>,
    /// So many more of them.
    pub more: u32,
    pub parent: String,
    pub reach: BlastReach,
    /// Signatures a client counts of the stolen keys.
    pub counts: u32,
    pub threshold: u32,
    pub sentence: String,
}

/// Target paths that could be signed through one role, or several alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastPathsReport {
    /// One, or the first of those that share the paths.
    pub roles: Vec<String>,
    /// So many more of them.
    pub more: u32,
    /// Empty, together with `hash_prefixes`, for every path.
    pub paths: Vec<String>,
    pub hash_prefixes: Vec<String>,
    pub except: Vec<String>,
    /// Whether these are the paths exactly; else they are at most these.
    pub exact: bool,
}

/// One target and who answers for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplaceableReport {
    pub path: String,
    pub answers: String,
    pub seized: String,
}

/// One step of a repair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastRepairReport {
    pub step: BlastStep,
    pub what: String,
    pub why: Vec<String>,
    pub by: Option<String>,
    pub possible: bool,
}

impl From<BlastKeyView> for BlastKeyReport {
    fn from(key: BlastKeyView) -> Self {
        BlastKeyReport {
            physical_key: key.physical_key,
            label: key.label,
            roles: key.roles,
        }
    }
}

impl From<BlastRoleView> for BlastRoleReport {
    fn from(role: BlastRoleView) -> Self {
        BlastRoleReport {
            roles: role.roles,
            more: role.more,
            parent: role.parent,
            reach: role.reach,
            counts: role.counts,
            threshold: role.threshold,
            sentence: role.sentence.text(),
        }
    }
}

impl From<BlastPathsView> for BlastPathsReport {
    fn from(paths: BlastPathsView) -> Self {
        BlastPathsReport {
            roles: paths.roles,
            more: paths.more,
            paths: paths.paths,
            hash_prefixes: paths.hash_prefixes,
            except: texts(&paths.except),
            exact: paths.exact,
        }
    }
}

impl From<&Replaceable> for ReplaceableReport {
    fn from(target: &Replaceable) -> Self {
        ReplaceableReport {
            path: target.path.clone(),
            answers: target.answers.to_string(),
            seized: target.seized.to_string(),
        }
    }
}

impl From<BlastRepairView> for BlastRepairReport {
    fn from(repair: BlastRepairView) -> Self {
        BlastRepairReport {
            step: repair.step,
            what: repair.what.text(),
            why: texts(&repair.why),
            by: repair.by.map(|by| by.text()),
            possible: repair.possible,
        }
    }
}

fn texts(sentences: &[Sentence]) -> Vec<String> {
    sentences.iter().map(Sentence::text).collect()
}
