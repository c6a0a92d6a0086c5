//! What an officer asks for, in words: edits of trust, with keys told by where they are or what they are called.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{RevocationCause, RotationChange};

/// A change of trust as a form or a command asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChangeWish {
    pub edits: Vec<WishedEdit>,
    /// Keys that will sign and do not join, by where they are.
    pub sign: Vec<String>,
    /// Notary: the keys of so many roots before the one built on sign root as well, for very old clients.
    #[serde(default)]
    pub legacy: u32,
    /// Somebody else signs snapshot and timestamp, once the other documents are there.
    #[serde(default)]
    pub online_elsewhere: bool,
    /// Keys that leave sign nothing more, though clients may meet a gap for it: for keys that may not be trusted to.
    #[serde(default)]
    pub new_keys_only: bool,
    /// Why, in the officer's words; goes into journal and transcript.
    #[serde(default)]
    pub reason: String,
    /// Why a role may be left that nobody can sign; goes on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub despite: Option<String>,
    /// Why another document is made beside one of its version that was given up, that anybody could publish, and that clients
    /// refuse; goes on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub although_loose: Option<String>,
}

/// One thing that is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum WishedEdit {
    /// A repository is begun where there is none: its keys, ends and delegations are the other edits.
    Begin {
        /// TUF: file names carry versions.
        #[serde(default = "consistently")]
        consistent_snapshot: bool,
    },
    /// Keys leave and join a role, top-level or delegated, and how many must sign.
    Keys {
        role: String,
        /// The delegator, where more than one delegates to the role.
        #[serde(default)]
        by: Option<String>,
        /// Physical keys (`sha256:…`), keyids, canonical ids, or where a key is.
        #[serde(default)]
        remove: Vec<String>,
        /// Keys by where they are: `file:PATH`, `yubikey:SERIAL/SLOT`.
        #[serde(default)]
        add: Vec<String>,
        #[serde(default)]
        #[ts(type = "number | null")]
        threshold: Option<u64>,
    },
    /// Notary: the server makes the role's only key and holds it. Snapshot and timestamp only.
    ServerKey { role: String },
    /// A key leaves every role it counts for, and another takes its place where one is given.
    Revoke {
        key: String,
        #[serde(default)]
        replace: Option<String>,
        /// Sign the documents again for which too few signatures would count.
        #[serde(default)]
        sign_again: bool,
        /// What became of it: one that was lost or stolen is asked for no signature. A key of which nothing is said may sign once more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional = nullable)]
        cause: Option<RevocationCause>,
    },
    /// Root's key was stolen and its old copy is in hand: in one publication root gets another key, and so does every role that
    /// the thief could have taken over.
    RecoverRoot {
        stolen: String,
        /// The key that takes its place.
        root: String,
        /// The keys of targets from now on, all others leave; as they are when empty.
        #[serde(default)]
        targets: Vec<String>,
        /// TUF: the key of snapshot and timestamp from now on, as they are when absent. Notary's server makes its own anew.
        #[serde(default)]
        online: Option<String>,
    },
    /// A document ends at another moment, RFC 3339; as long again as is usual when absent.
    Ends {
        role: String,
        #[serde(default)]
        at: Option<String>,
    },
    /// Every document that ends before a moment is given a new end.
    EndsBefore {
        before: String,
        #[serde(default)]
        at: Option<String>,
    },
    /// A role is delegated to.
    Delegate {
        by: String,
        role: String,
        keys: Vec<String>,
        #[ts(type = "number")]
        threshold: u64,
        /// TUF: patterns. Notary: beginnings.
        #[serde(default)]
        paths: Vec<String>,
        /// TUF: beginnings of the path's SHA-256, instead of paths.
        #[serde(default)]
        hash_prefixes: Vec<String>,
        #[serde(default)]
        terminating: bool,
        #[serde(default)]
        place: Option<u32>,
    },
    /// TUF: as many roles as the number of bits says share all paths by their digests, with one set of keys. Succinct ones (TAP 15)
    /// are named all at once, and take the place of those there are.
    Bins {
        by: String,
        prefix: String,
        bits: u32,
        keys: Vec<String>,
        #[ts(type = "number")]
        threshold: u64,
        #[serde(default)]
        #[ts(as = "Option<bool>", optional)]
        succinct: bool,
    },
    /// A delegation is for other paths, ends searches or not, or is asked in another place.
    Redelegate {
        role: String,
        #[serde(default)]
        by: Option<String>,
        #[serde(default)]
        paths: Option<Vec<String>>,
        #[serde(default)]
        hash_prefixes: Option<Vec<String>>,
        #[serde(default)]
        terminating: Option<bool>,
        #[serde(default)]
        place: Option<u32>,
    },
    /// A role is delegated to no longer.
    Undelegate {
        role: String,
        #[serde(default)]
        by: Option<String>,
    },
    /// A role vouches for a file.
    AddTarget {
        role: String,
        path: String,
        #[ts(type = "number")]
        length: u64,
        #[serde(default)]
        sha256: Option<String>,
        #[serde(default)]
        sha512: Option<String>,
        /// What else is said of it, in JSON; what is said now stays when absent.
        #[serde(default)]
        custom: Option<String>,
    },
    /// A role vouches for a file no longer.
    RemoveTarget { role: String, path: String },
    /// A delegated role whose document counts no more gets a new one, with nothing in it but what this change vouches for.
    Rebuild { role: String },
    /// A document is signed again as it is, with a new end.
    SignAgain { role: String },
}

impl WishedEdit {
    /// The keys that it needs to know before anything can be worked out, as they were typed: those that join, and those that leave.
    pub fn keys(&self) -> Vec<&String> {
        match self {
            WishedEdit::Keys { remove, add, .. } => remove.iter().chain(add).collect(),
            WishedEdit::Revoke { key, replace, .. } => std::iter::once(key).chain(replace).collect(),
            WishedEdit::RecoverRoot {
                stolen,
                root,
                targets,
                online,
            } => [stolen, root].into_iter().chain(targets).chain(online).collect(),
            WishedEdit::Delegate { keys, .. } | WishedEdit::Bins { keys, .. } => keys.iter().collect(),
            WishedEdit::Begin { .. }
            | WishedEdit::ServerKey { .. }
            | WishedEdit::Ends { .. }
            | WishedEdit::EndsBefore { .. }
            | WishedEdit::Redelegate { .. }
            | WishedEdit::Undelegate { .. }
            | WishedEdit::AddTarget { .. }
            | WishedEdit::RemoveTarget { .. }
            | WishedEdit::Rebuild { .. }
            | WishedEdit::SignAgain { .. } => Vec::new(),
        }
    }
}

/// Clients of TUF 1.0 meet no mixture of old and new files then.
fn consistently() -> bool {
    true
}

impl ChangeWish {
    /// Whether a repository is to be begun.
    pub fn begins(&self) -> bool {
        self.edits.iter().any(|edit| matches!(edit, WishedEdit::Begin { .. }))
    }
}

impl From<RotationChange> for ChangeWish {
    fn from(rotation: RotationChange) -> Self {
        let RotationChange {
            role,
            remove,
            add,
            sign,
            server,
            threshold,
            legacy,
            expires,
            reason,
        } = rotation;
        let mut edits = Vec::new();
        if server {
            edits.push(WishedEdit::ServerKey { role: role.clone() });
        }
        if !remove.is_empty() || !add.is_empty() || threshold.is_some() || !server {
            edits.push(WishedEdit::Keys {
                role,
                by: None,
                remove,
                add,
                threshold,
            });
        }
        edits.extend(expires.map(|at| WishedEdit::Ends {
            role: "root".into(),
            at: Some(at),
        }));
        ChangeWish {
            edits,
            sign,
            legacy,
            reason,
            ..ChangeWish::default()
        }
    }
}
