//! The answer of `rootwardctl keys`: folders of keys that other programs made, as they were found.

use std::path::Path;

use serde::Serialize;

use crate::{
    border::visible,
    keyring::{Exported, FoundKey, Imported, Inventory, Remark, canonical},
};

/// Every folder listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeysReport {
    pub folders: Vec<KeyFolderReport>,
}

/// One folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyFolderReport {
    pub folder: String,
    /// `config.json` of the client that owns the folder; null when it sets none of these.
    pub settings: Option<ClientSettingsReport>,
    /// Repositories in the client's cache; nothing of it is proven.
    pub repositories: Vec<CachedRepositoryReport>,
    pub keys: Vec<FoundKeyReport>,
    pub unreadable: Vec<UnreadableReport>,
    /// There was more than anybody keeps in such a folder, and the rest was not looked at.
    pub cut_off: bool,
}

/// What the client is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientSettingsReport {
    pub trust_dir: Option<String>,
    pub server: Option<String>,
    pub server_ca: Option<String>,
    pub client_certificate: Option<String>,
    /// Certificates pinned by their TUF keyids.
    pub pinned_certificates: Vec<PinReport>,
    /// CA files pinned by a prefix of GUNs.
    pub pinned_authorities: Vec<AuthorityReport>,
    pub refuses_first_use: bool,
}

/// A GUN and the keyids pinned for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PinReport {
    pub gun: String,
    pub keyids: Vec<String>,
}

/// A prefix of GUNs and the CA file pinned for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuthorityReport {
    pub gun: String,
    pub file: String,
}

/// A repository in the cache.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CachedRepositoryReport {
    pub gun: String,
    pub root_version: u64,
}

/// A private key in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundKeyReport {
    /// As KEY is written: `file:PATH`.
    pub key: String,
    pub role: Option<String>,
    pub gun: Option<String>,
    /// The id that Notary's command line shows, of the bare key.
    pub canonical_keyid: Option<String>,
    /// Whether that was computed from the key; else the file's name claims it.
    pub keyid_checked: bool,
    /// The ids that metadata uses for it, of its certificates.
    pub keyids: Vec<String>,
    /// `sha256:…`; null when nothing here tells the public half.
    pub physical_key: Option<String>,
    pub algorithm: Option<&'static str>,
    pub encrypted: bool,
    /// How its passphrase is stretched, or that there is none.
    pub protection: String,
    pub uses: Vec<UseReport>,
    pub findings: Vec<KeyFindingReport>,
}

/// A place in metadata that lists a key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UseReport {
    pub gun: String,
    /// Null when the key is listed and speaks for no role any more.
    pub role: Option<String>,
    pub version: u64,
    pub keyid: String,
}

/// Something to know before the key is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyFindingReport {
    pub code: &'static str,
    pub message: &'static str,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnreadableReport {
    pub file: String,
    pub why: String,
}

/// The answer of `keys import`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    pub imported: Vec<ImportedKeyReport>,
}

/// A key that was copied onto the desk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportedKeyReport {
    /// The copy, as KEY is written.
    pub key: String,
    /// The file it was copied from, which stays as it is.
    pub from: String,
    pub role: Option<String>,
    pub gun: Option<String>,
    pub canonical_keyid: String,
    pub physical_key: String,
    pub algorithm: &'static str,
}

/// The answer of `keys export`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportReport {
    pub file: String,
    pub role: String,
    pub gun: Option<String>,
    pub canonical_keyid: String,
    pub physical_key: String,
}

impl ImportedKeyReport {
    /// Reports a key that was copied.
    pub fn of(imported: &Imported) -> Self {
        ImportedKeyReport {
            key: format!("file:{}", shown(&imported.to)),
            from: shown(&imported.from),
            role: imported.role.clone(),
            gun: imported.gun.clone(),
            canonical_keyid: canonical(&imported.public),
            physical_key: imported.public.physical().to_string(),
            algorithm: imported.public.algorithm().as_str(),
        }
    }
}

impl ExportReport {
    /// Reports a key that was written.
    pub fn of(exported: &Exported) -> Self {
        ExportReport {
            file: shown(&exported.to),
            role: exported.role.clone(),
            gun: exported.gun.clone(),
            canonical_keyid: canonical(&exported.public),
            physical_key: exported.public.physical().to_string(),
        }
    }
}

impl KeysReport {
    /// Reports folders as they were found.
    pub fn of(inventories: &[Inventory]) -> Self {
        KeysReport {
            folders: inventories.iter().map(KeyFolderReport::of).collect(),
        }
    }
}

impl KeyFolderReport {
    fn of(inventory: &Inventory) -> Self {
        let settings = inventory.settings.as_ref().map(|settings| {
            let server = settings.server.clone().unwrap_or_default();
            let pins = settings.pins.clone().unwrap_or_default();
            ClientSettingsReport {
                trust_dir: settings.trust_dir.clone(),
                server: server.url,
                server_ca: server.root_ca,
                client_certificate: server.client_certificate,
                pinned_certificates: pins
                    .certificates
                    .into_iter()
                    .map(|(gun, keyids)| PinReport { gun, keyids })
                    .collect(),
                pinned_authorities: pins
                    .authorities
                    .into_iter()
                    .map(|(gun, file)| AuthorityReport { gun, file })
                    .collect(),
                refuses_first_use: pins.refuses_first_use,
            }
        });
        let repositories = inventory.repositories.iter().map(|repository| CachedRepositoryReport {
            gun: repository.gun.clone(),
            root_version: repository.root_version,
        });
        let unreadable = inventory.unreadable.iter().map(|file| UnreadableReport {
            file: shown(&file.path),
            why: visible(&file.why),
        });
        KeyFolderReport {
            folder: shown(&inventory.folder),
            settings,
            repositories: repositories.collect(),
            keys: inventory.keys.iter().map(FoundKeyReport::of).collect(),
            unreadable: unreadable.collect(),
            cut_off: inventory.is_cut_off,
        }
    }
}

impl FoundKeyReport {
    fn of(key: &FoundKey) -> Self {
        let mut keyids: Vec<String> = key.uses.iter().map(|place| place.keyid.to_string()).collect();
        keyids.sort();
        keyids.dedup();
        let uses = key.uses.iter().map(|place| UseReport {
            gun: place.gun.clone(),
            role: place.role.as_ref().map(ToString::to_string),
            version: place.version,
            keyid: place.keyid.to_string(),
        });
        FoundKeyReport {
            key: format!("file:{}", shown(&key.path)),
            role: key.role.clone(),
            gun: key.gun.clone(),
            canonical_keyid: key.canonical.as_ref().map(ToString::to_string),
            keyid_checked: key.is_checked,
            keyids,
            physical_key: key.public.as_ref().map(|public| public.physical().to_string()),
            algorithm: key.public.as_ref().map(|public| public.algorithm().as_str()),
            encrypted: key.protection != crate::ports::Protection::Open,
            protection: key.protection.to_string(),
            uses: uses.collect(),
            findings: key.remarks.iter().copied().map(finding).collect(),
        }
    }
}

fn finding(remark: Remark) -> KeyFindingReport {
    let (code, message) = remark_words(remark);
    KeyFindingReport { code, message }
}

/// A remark's name for scripts, and what it means.
pub(crate) fn remark_words(remark: Remark) -> (&'static str, &'static str) {
    match remark {
        Remark::NoPassphrase => (
            "no-passphrase",
            "no passphrase protects this key: whoever copies the file has it",
        ),
        Remark::WeakPassphraseStretching => (
            "weak-passphrase-stretching",
            "guessing the passphrase costs next to nothing: whoever copies the file can try millions a second",
        ),
        Remark::OlderForm => ("older-form", "the key is in the form that Notary wrote before 0.6"),
        Remark::OlderPlace => ("older-place", "the key lies where Notary kept keys before 0.5"),
        Remark::NamedAfterOtherKey => (
            "named-after-other-key",
            "the file is named after another key than the one that is in it",
        ),
        Remark::Unlisted => (
            "unlisted",
            "no metadata in this folder lists this key: it may be retired, new, or for a repository never used here",
        ),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
