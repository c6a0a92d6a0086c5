//! What an officer asks for who begins a repository: where, who holds which role, until when. In edits it is a change like any
//! other.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ChangeWish, SourceSpec, WishedEdit};

/// A repository that is to be begun where there is none, as a form or a command asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeginningWish {
    /// A folder, for TUF, or a GUN on a Notary server.
    pub source: SourceSpec,
    /// Each top-level role once. A Notary server makes and holds the keys of snapshot and timestamp unless one is given here.
    pub roles: Vec<FirstRole>,
    /// TUF: names of files carry no versions, so that clients may meet a mixture while others appear.
    #[serde(default)]
    pub unversioned: bool,
    /// First delegations and targets.
    #[serde(default)]
    pub edits: Vec<WishedEdit>,
    /// Why, in the officer's words; goes into journal and transcript.
    #[serde(default)]
    pub reason: String,
}

/// A role of a repository that is begun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FirstRole {
    pub role: String,
    /// Its keys by where they are: `file:PATH`, `yubikey:SERIAL/SLOT`.
    #[serde(default)]
    pub keys: Vec<String>,
    /// How many of them must sign; 1 when absent.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub threshold: Option<u64>,
    /// When its first document ends, RFC 3339; as long as is usual when absent.
    #[serde(default)]
    pub ends: Option<String>,
}

/// The roles whose keys a Notary server makes and holds when nobody gives one.
const BY_SERVER: [&str; 2] = ["snapshot", "timestamp"];

impl BeginningWish {
    /// The same as a change of nothing.
    pub fn in_edits(&self) -> ChangeWish {
        let is_notary = matches!(self.source, SourceSpec::Notary { .. });
        let mut edits = vec![WishedEdit::Begin {
            consistent_snapshot: !is_notary && !self.unversioned,
        }];
        let has_keys = |role: &str| self.roles.iter().any(|of| of.role == role && !of.keys.is_empty());
        if is_notary {
            let by_server = BY_SERVER.into_iter().filter(|role| !has_keys(role));
            edits.extend(by_server.map(|role| WishedEdit::ServerKey { role: role.into() }));
        }
        edits.extend(self.roles.iter().flat_map(FirstRole::in_edits));
        edits.extend(self.edits.iter().cloned());
        ChangeWish {
            edits,
            reason: self.reason.clone(),
            ..ChangeWish::default()
        }
    }
}

impl FirstRole {
    fn in_edits(&self) -> Vec<WishedEdit> {
        let role = || self.role.clone();
        let keys = (!self.keys.is_empty() || self.threshold.is_some()).then(|| WishedEdit::Keys {
            role: role(),
            by: None,
            remove: Vec::new(),
            add: self.keys.clone(),
            threshold: self.threshold,
        });
        let ends = self.ends.clone().map(|at| WishedEdit::Ends {
            role: role(),
            at: Some(at),
        });
        keys.into_iter().chain(ends).collect()
    }
}
