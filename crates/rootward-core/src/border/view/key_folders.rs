//! Folders of keys that other programs made, as a screen shows them before anything is imported.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::FactView;

/// Folders that were listed. No secret was asked for and nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyFoldersView {
    pub folders: Vec<KeyFolderView>,
}

/// One folder, or one file outside any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyFolderView {
    pub folder: String,
    /// What the client that owns the folder is told: where it keeps keys, its server, what it pins.
    pub settings: Vec<FactView>,
    /// Repositories in the client's cache; nothing of it is proven.
    pub repositories: Vec<FactView>,
    pub keys: Vec<FoundKeyView>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<FactView>,
    /// There was more than anybody keeps in such a folder, and the rest was not looked at.
    pub cut_off: bool,
}

/// A private key in a file. Everything said of it is a claim until it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoundKeyView {
    /// Names it for `importKey`.
    pub file: String,
    /// What the file is called in its folder.
    pub name: String,
    pub role: Option<String>,
    pub gun: Option<String>,
    /// The id that Notary's command line shows, of the bare key.
    pub canonical_keyid: Option<String>,
    /// That was computed from the key; else the file's name claims it.
    pub keyid_checked: bool,
    /// The ids that metadata uses for it.
    pub keyids: Vec<String>,
    pub physical_key: Option<String>,
    pub algorithm: Option<String>,
    pub encrypted: bool,
    /// How its passphrase is stretched, or that there is none.
    pub protection: String,
    /// Whoever copies the file has the key, or can soon guess its passphrase.
    pub weak: bool,
    /// One phrase for each place in metadata that lists it.
    pub uses: Vec<String>,
    pub remarks: Vec<KeyRemarkView>,
    /// Where on this desk the same key lies already.
    pub here: Option<String>,
}

/// Something to know before a key is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyRemarkView {
    pub code: String,
    pub message: String,
}

/// A key that was copied onto this desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportedKeyView {
    /// `file:PATH` of the copy.
    pub key: String,
    /// The file it was copied from, which stays as it is.
    pub from: String,
    pub canonical_keyid: String,
    pub physical_key: String,
}

/// A copy of a key for Notary's command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportedKeyView {
    pub file: String,
    pub role: String,
    pub gun: Option<String>,
    pub canonical_keyid: String,
}
