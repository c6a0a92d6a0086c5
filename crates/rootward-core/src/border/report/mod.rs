//! What `rootwardctl --json` prints. These names are a contract: fields may be added, never renamed.
//!
//! Names and keyids are given as they are signed; sentences have their hidden characters made visible.

mod attest;
mod backup;
mod blast;
mod history;
mod keyring;
mod keys;
mod map;
mod plan;
mod rotation;
mod selftest;
mod transcript;
mod tree;

pub use attest::*;
pub use backup::*;
pub use blast::*;
pub use keyring::*;
pub use keys::*;
pub use map::*;
pub use plan::*;
pub use rotation::{BuildsOnReport, ClientReport, RotationReport, SignatureReport};
pub use selftest::*;
use serde::Serialize;
pub use transcript::*;

use super::{AnchorHow, DialectView, Standing, sentence::is_invisible};

/// The answer of `tree` and `verify`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreeReport {
    /// The source as it was read.
    pub source: String,
    pub dialect: DialectView,
    /// The repository's name in Notary's dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gun: Option<String>,
    /// The worst of all nodes.
    pub standing: Standing,
    pub anchor: Option<AnchorHow>,
    /// The clock that was used, RFC 3339.
    pub at: String,
    /// Root, timestamp, snapshot, targets.
    pub nodes: Vec<NodeReport>,
    /// Only in `verify`: whether the walk accepted everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Only in `verify`: the root versions walked, the first one trusted from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_versions: Option<Vec<u64>>,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeReport {
    pub role: String,
    pub version: Option<u64>,
    /// As signed.
    pub expires: Option<String>,
    /// The worst of this role and all below it.
    pub standing: Standing,
    /// Of this role alone.
    pub own_standing: Standing,
    pub threshold: u64,
    /// Different physical keys with a good signature.
    pub valid_signatures: u32,
    /// What clients of the dialect count.
    pub valid_for_clients: u32,
    pub keys: Vec<KeyReport>,
    pub paths: Vec<String>,
    pub path_hash_prefixes: Vec<String>,
    pub terminating: bool,
    pub findings: Vec<FindingReport>,
    pub children: Vec<NodeReport>,
}

/// A key of a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyReport {
    pub keyid: String,
    /// `sha256:…`; none when the key cannot be read.
    pub physical_key: Option<String>,
    pub scheme: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A good signature of it is on the document.
    pub signed: bool,
}

/// A fact on a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingReport {
    pub code: String,
    pub severity: &'static str,
    pub message: String,
}

/// The answer of `history`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryReport {
    pub source: String,
    pub dialect: DialectView,
    /// Oldest first.
    pub versions: Vec<VersionReport>,
}

/// One root version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionReport {
    pub version: u64,
    pub expires: String,
    /// SHA-256 of the file.
    pub sha256: String,
    pub threshold: u64,
    pub keys: Vec<KeyReport>,
    /// Good signatures by its own keys.
    pub valid_signatures: u32,
    /// Signed by enough of its own keys and of its predecessor's; none when the predecessor is not here.
    pub follows: Option<bool>,
    /// The version that the differences are against.
    pub compared_with: Option<u64>,
    pub differences: Vec<DifferenceReport>,
}

/// One difference, in a sentence and as data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DifferenceReport {
    /// Such as `key-joined`.
    pub kind: &'static str,
    pub sentence: String,
    #[serde(flatten)]
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// Writes a report as JSON on one line in which invisible characters are `\uXXXX`: the same JSON, harmless on a terminal.
pub fn json_line<T: Serialize>(report: &T) -> serde_json::Result<String> {
    let json = serde_json::to_string(report)?;
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        if is_invisible(character) {
            let mut units = [0; 2];
            line.extend(
                character
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}")),
            );
        } else {
            line.push(character);
        }
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_hides_nothing_and_says_the_same() {
        let text = "a\u{202e}\u{e0041}\u{1b}\"é";
        let json = json_line(&text).unwrap();
        assert!(json.is_ascii() || !json.chars().any(is_invisible));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
