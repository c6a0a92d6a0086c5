//! What a vault remembers, as files of a backup.

use rootward_tuf::{
    encoding::{base64, from_base64, percent, sha256},
    metadata,
    role::RoleName,
    time::Instant,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::archive::{Files, damaged};
use crate::ports::{
    AddedRootRecord, AnchorHow, AnchorRecord, Attestation, AttestationRecord, Failure, Ports, Proven, RepositoryRecord,
    SourceSpec,
};

/// Settings that are no machine's own.
pub(super) const SETTINGS: [&str; 2] = ["limits", "key-files"];

/// A repository as a backup has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptRepository {
    pub record: RepositoryRecord,
    pub anchor: Option<AnchorRecord>,
    pub proven: Proven,
}

#[derive(Serialize, Deserialize)]
struct RecordFile {
    id: String,
    name: String,
    source: SourceSpec,
    registered_at: String,
    anchor: Option<AnchorFile>,
    /// Roles with a proven document, each in `documents/`.
    roles: Vec<String>,
    /// Versions of proven roots, each in `roots/`.
    roots: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
struct AnchorFile {
    how: AnchorHow,
    version: u64,
    at: String,
}

#[derive(Serialize, Deserialize)]
struct AttestationFile {
    physical: String,
    slot: String,
    device: String,
    between: Vec<String>,
    at: String,
}

#[derive(Serialize, Deserialize)]
struct AddedRootFile {
    bytes: String,
    sha256: String,
    at: String,
}

/// Writes everything the vault has that is worth keeping. What was read last can be read again; practice can be made anew.
pub(super) fn written(ports: &Ports) -> Result<Files, Failure> {
    let vault = &*ports.vault;
    let mut files = Files::new();
    for record in vault.repositories()?.into_iter().filter(|record| !record.practice) {
        let (anchor, proven) = (vault.anchor(&record.id)?, vault.proven(&record.id)?);
        let folder = format!("repositories/{}", record.id);
        for (version, bytes) in &proven.roots {
            files.insert(format!("{folder}/roots/{version}.json"), bytes.clone());
        }
        for (role, bytes) in &proven.documents {
            files.insert(document_name(&folder, role.as_str()), bytes.clone());
        }
        if let Some(anchor) = &anchor {
            files.insert(format!("{folder}/anchor.json"), anchor.bytes.clone());
        }
        let file = RecordFile {
            registered_at: record.registered_at.to_string(),
            anchor: anchor.map(|anchor| AnchorFile {
                how: anchor.how,
                version: anchor.version,
                at: anchor.at.to_string(),
            }),
            roles: proven.documents.iter().map(|(role, _)| role.to_string()).collect(),
            roots: proven.roots.iter().map(|(version, _)| *version).collect(),
            id: record.id,
            name: record.name,
            source: record.source,
        };
        files.insert(format!("{folder}/repository.json"), json(&file)?);
    }
    for kept in vault.attestations()? {
        let file = AttestationFile {
            slot: base64(&kept.attestation.slot),
            device: base64(&kept.attestation.device),
            between: kept.attestation.between.iter().map(|bytes| base64(bytes)).collect(),
            at: kept.at.to_string(),
            physical: kept.physical,
        };
        let name = percent(&file.physical);
        files.insert(format!("attestations/{name}.json"), json(&file)?);
    }
    for root in vault.added_roots()? {
        let file = AddedRootFile {
            bytes: base64(&root.bytes),
            sha256: base64(&root.sha256),
            at: root.at.to_string(),
        };
        let name = rootward_tuf::encoding::hex(&root.sha256);
        files.insert(format!("added-roots/{name}.json"), json(&file)?);
    }
    for name in SETTINGS {
        if let Some(value) = vault.setting(name)? {
            files.insert(format!("settings/{name}"), value.into_bytes());
        }
    }
    Ok(files)
}

/// Takes the repositories out of a backup's files.
pub(super) fn repositories(files: &mut Files) -> Result<Vec<KeptRepository>, Failure> {
    let mut repositories = Vec::new();
    for folder in folders(files, "repositories/") {
        let file: RecordFile = parsed(&taken(files, &format!("{folder}/repository.json"))?)?;
        let is_id = !file.id.is_empty() && file.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_id || folder != format!("repositories/{}", file.id) {
            return Err(damaged("a repository lies under another name than its own"));
        }
        let mut proven = Proven::default();
        for version in file.roots {
            let bytes = taken(files, &format!("{folder}/roots/{version}.json"))?;
            proven.roots.push((version, bytes));
        }
        for role in file.roles {
            let bytes = taken(files, &document_name(&folder, &role))?;
            let role = RoleName::new(role).map_err(|_| damaged("a role has no name"))?;
            proven.documents.push((role, bytes));
        }
        let anchor = match file.anchor {
            None => None,
            Some(anchor) => {
                let bytes = taken(files, &format!("{folder}/anchor.json"))?;
                Some(AnchorRecord {
                    how: anchor.how,
                    version: anchor.version,
                    sha256: sha256(&bytes),
                    at: moment(&anchor.at)?,
                    bytes,
                })
            }
        };
        for (version, bytes) in roots_of(&proven, anchor.as_ref()) {
            if version_of(bytes) != Some(version) {
                return Err(damaged("a root is of another version than its name says"));
            }
        }
        repositories.push(KeptRepository {
            record: RepositoryRecord {
                id: file.id,
                name: file.name,
                source: file.source,
                practice: false,
                registered_at: moment(&file.registered_at)?,
            },
            anchor,
            proven,
        });
    }
    Ok(repositories)
}

/// Takes attestations out of a backup's files.
pub(super) fn attestations(files: &mut Files) -> Result<Vec<AttestationRecord>, Failure> {
    let names = below(files, "attestations/");
    let read = names.iter().map(|name| {
        let file: AttestationFile = parsed(&taken(files, name)?)?;
        let between: Result<_, _> = file.between.iter().map(|text| bytes(text)).collect();
        Ok(AttestationRecord {
            attestation: Attestation {
                slot: bytes(&file.slot)?,
                device: bytes(&file.device)?,
                between: between?,
            },
            at: moment(&file.at)?,
            physical: file.physical,
        })
    });
    read.collect()
}

/// Takes roots that somebody added out of a backup's files.
pub(super) fn added_roots(files: &mut Files) -> Result<Vec<AddedRootRecord>, Failure> {
    let names = below(files, "added-roots/");
    let read = names.iter().map(|name| {
        let file: AddedRootFile = parsed(&taken(files, name)?)?;
        let sha256 = bytes(&file.sha256)?
            .try_into()
            .map_err(|_| damaged("a digest is cut off"))?;
        Ok(AddedRootRecord {
            bytes: bytes(&file.bytes)?,
            sha256,
            at: moment(&file.at)?,
        })
    });
    read.collect()
}

/// Takes settings out of a backup's files.
pub(super) fn settings(files: &mut Files) -> Result<Vec<(&'static str, String)>, Failure> {
    let taken = SETTINGS
        .iter()
        .filter_map(|name| Some((*name, files.remove(&format!("settings/{name}"))?)));
    let read = taken.map(|(name, bytes)| {
        let text = String::from_utf8(bytes).map_err(|_| damaged("a setting is no text"))?;
        Ok((name, text))
    });
    read.collect()
}

/// Every root of a repository with the version it is kept under, the anchor too.
pub(super) fn roots_of<'a>(
    proven: &'a Proven,
    anchor: Option<&'a AnchorRecord>,
) -> impl Iterator<Item = (u64, &'a [u8])> {
    let anchor = anchor.map(|anchor| (anchor.version, anchor.bytes.as_slice()));
    proven
        .roots
        .iter()
        .map(|(version, bytes)| (*version, bytes.as_slice()))
        .chain(anchor)
}

fn version_of(root: &[u8]) -> Option<u64> {
    let dialect = rootward_tuf::detect(root).ok()?;
    metadata::read::<metadata::Root>(root, dialect)
        .ok()
        .map(|root| root.version())
}

fn document_name(folder: &str, role: &str) -> String {
    // Named by digest: a role may be called anything, and as long as it likes.
    let name = rootward_tuf::encoding::hex(&sha256(role.as_bytes())[..16]);
    format!("{folder}/documents/{name}.json")
}

/// `PREFIX/NAME` of every folder directly below a prefix.
fn folders(files: &Files, prefix: &str) -> Vec<String> {
    let mut folders: Vec<String> = files
        .keys()
        .filter_map(|path| Some(format!("{prefix}{}", path.strip_prefix(prefix)?.split_once('/')?.0)))
        .collect();
    folders.dedup();
    folders
}

/// Every path below a prefix.
pub(super) fn below(files: &Files, prefix: &str) -> Vec<String> {
    files.keys().filter(|path| path.starts_with(prefix)).cloned().collect()
}

pub(super) fn taken(files: &mut Files, path: &str) -> Result<Vec<u8>, Failure> {
    files
        .remove(path)
        .ok_or_else(|| damaged(&format!("{} is missing", crate::border::visible(path))))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|why| damaged(&why.to_string()))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(value).map_err(|why| Failure::fault("disk-failed", why.to_string()))
}

fn moment(text: &str) -> Result<Instant, Failure> {
    Instant::parse(text).map_err(|_| damaged("a moment is none"))
}

fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    from_base64(text).ok_or_else(|| damaged("a certificate is no base64"))
}
