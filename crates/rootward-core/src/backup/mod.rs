//! One file that holds a desk, and a desk that takes such a file in. Restoring adds and never takes away: of two versions of
//! anything, the higher one stays.
//!
//! What was read last, practice and logs are not kept. Private key files are kept only when asked for, encrypted as they are.

mod archive;
mod merge;
mod records;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
};

use rootward_tuf::encoding::percent;

use self::{
    archive::{Archive, Files, damaged},
    merge::Addition,
};
use crate::{
    keyring::own_folder,
    ports::{AddedRootRecord, AttestationRecord, Failure, Ports},
};

/// What was written into a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub path: PathBuf,
    pub bytes: u64,
    pub sha256: [u8; 32],
    pub files: usize,
    /// Private key files in it.
    pub keys: usize,
}

/// What a restored backup brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    pub made_at: String,
    /// Repositories that were not on this desk, by name.
    pub added: Vec<String>,
    /// Repositories that both sides knew, by name.
    pub merged: Vec<String>,
    /// Documents that are older than this desk's, or that no trusted root proves.
    pub left_out: usize,
    /// Files of ceremonies, ledger and keys that were written.
    pub files: usize,
    /// Private key files among them.
    pub keys: usize,
}

/// Everything a restore writes, worked out before any of it is written.
struct Plan {
    files: Vec<(PathBuf, Vec<u8>, bool)>,
    additions: Vec<Addition>,
    attestations: Vec<AttestationRecord>,
    added_roots: Vec<AddedRootRecord>,
    settings: Vec<(&'static str, String)>,
    restored: Restored,
}

const LARGEST: u64 = 2 << 30;
const LARGEST_FILE: u64 = 256 << 20;
const LEDGER: &str = "ledger.jsonl";
const CEREMONIES: &str = "ceremonies";
const JOURNAL: &str = "journal.jsonl";
const KEYS: &str = "keys";
/// A backup that is being restored: from the moment it is there, the restore will be brought to its end.
const PENDING: &str = "restoring.tar";

/// Writes a backup of the desk.
///
/// Refuses with `bad-usage` when the file is there already.
pub fn make(ports: &Ports, path: &Path, with_keys: bool) -> Result<Made, Failure> {
    match ports.disk.read(path, 0) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => {}
        _ => {
            let message = format!("{} is there already; a backup is never written over", path.display());
            return Err(Failure::refusal("bad-usage", message).with("file", path.display().to_string()));
        }
    }
    let mut files = records::written(ports)?;
    take_in(ports, LEDGER.into(), &mut files)?;
    for ceremony in names(ports, &ports.data.join(CEREMONIES))? {
        let folder = format!("{CEREMONIES}/{ceremony}");
        for name in names(ports, &ports.data.join(&folder))? {
            take_in(ports, format!("{folder}/{name}"), &mut files)?;
        }
    }
    let mut keys = 0;
    for name in names(ports, &own_folder(&ports.data))? {
        let is_public = name.ends_with(".pub");
        if is_public || with_keys {
            take_in(ports, format!("{KEYS}/{name}"), &mut files)?;
            keys += usize::from(!is_public);
        }
    }
    let archive = Archive {
        made_at: ports.clock.now().to_seconds_text(),
        program: env!("CARGO_PKG_VERSION").into(),
        files,
    };
    let bytes = archive.write()?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("the backup would be longer than {LARGEST} bytes, which no restore reads");
        return Err(Failure::fault("disk-failed", message));
    }
    ports
        .disk
        .write(path, &bytes, true)
        .map_err(|why| disk_failed("written", path, &why))?;
    Ok(Made {
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        sha256: rootward_tuf::encoding::sha256(&bytes),
        files: archive.files.len(),
        keys,
    })
}

/// Takes a backup in, as a whole or not at all: once this returns well, or a crash came after its first write, all of it is or
/// will be here.
///
/// Refuses with `backup-unusable`, `backup-newer` and `backup-conflicts`, and then nothing has changed.
pub fn restore(ports: &Ports, path: &Path) -> Result<Restored, Failure> {
    let bytes = ports.disk.read(path, LARGEST).map_err(|why| match why.kind() {
        io::ErrorKind::FileTooLarge => Failure::refusal("backup-unusable", "the file is too long for a backup"),
        _ => {
            let message = format!("the backup {} cannot be read: {why}", path.display());
            Failure::fault("source-unreadable", message).with("file", path.display().to_string())
        }
    })?;
    let plan = plan(ports, &bytes)?;
    let pending = ports.data.join(PENDING);
    ports
        .disk
        .write(&pending, &bytes, true)
        .map_err(|why| disk_failed("written", &pending, &why))?;
    carry_out(ports, plan)
}

/// Brings a restore to its end that was interrupted. Called before a desk does anything else.
///
/// Fails as the disk and the vault do; the next start tries again.
pub fn finish(ports: &Ports) -> Result<Option<Restored>, Failure> {
    match ports.disk.read(&ports.data.join(PENDING), LARGEST) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(disk_failed("read", &ports.data.join(PENDING), &why)),
        Ok(bytes) => carry_out(ports, plan(ports, &bytes)?).map(Some),
    }
}

/// Every step may be done twice, and none takes back what another did.
fn carry_out(ports: &Ports, plan: Plan) -> Result<Restored, Failure> {
    for (path, bytes, private) in &plan.files {
        let folder = path.parent().unwrap_or(&ports.data);
        ports
            .disk
            .create_folder(folder)
            .map_err(|why| disk_failed("made", folder, &why))?;
        ports
            .disk
            .write(path, bytes, *private)
            .map_err(|why| disk_failed("written", path, &why))?;
    }
    for Addition { kept, is_new, .. } in &plan.additions {
        let id = &kept.record.id;
        if *is_new {
            ports.vault.save_repository(&kept.record)?;
        }
        if let Some(anchor) = &kept.anchor {
            ports.vault.set_anchor(id, anchor)?;
        }
        ports.vault.keep(id, &kept.proven)?;
    }
    for record in &plan.attestations {
        ports.vault.save_attestation(record)?;
    }
    for root in &plan.added_roots {
        ports.vault.add_root(root)?;
    }
    for (name, value) in &plan.settings {
        ports.vault.set_setting(name, value)?;
    }
    let pending = ports.data.join(PENDING);
    ports
        .disk
        .remove(&pending)
        .map_err(|why| disk_failed("removed", &pending, &why))?;
    Ok(plan.restored)
}

/// Reads a backup and works out what it adds to this desk. Writes nothing.
fn plan(ports: &Ports, bytes: &[u8]) -> Result<Plan, Failure> {
    let Archive { made_at, mut files, .. } = Archive::read(bytes)?;
    let mut restored = Restored {
        made_at,
        ..Restored::default()
    };
    let mut additions = Vec::new();
    for kept in records::repositories(&mut files)? {
        let name = kept.record.name.clone();
        let addition = merge::addition(ports, kept)?;
        match addition.is_new {
            true => restored.added.push(name),
            false => restored.merged.push(name),
        }
        restored.left_out += addition.left_out;
        additions.push(addition);
    }
    let here: Vec<String> = ports
        .vault
        .attestations()?
        .into_iter()
        .map(|record| record.physical)
        .collect();
    let mut attestations = records::attestations(&mut files)?;
    attestations.retain(|record| !here.contains(&record.physical));
    let added_roots = records::added_roots(&mut files)?;
    let mut settings = Vec::new();
    for (name, value) in records::settings(&mut files)? {
        if ports.vault.setting(name)?.is_none() {
            settings.push((name, value));
        }
    }
    let files = files_to_write(ports, files)?;
    restored.files = files.len();
    restored.keys = files
        .iter()
        .filter(|(path, _, private)| *private && path.starts_with(own_folder(&ports.data)))
        .count();
    Ok(Plan {
        files,
        additions,
        attestations,
        added_roots,
        settings,
        restored,
    })
}

/// The files of ledger, ceremonies and keys that this desk lacks or has a shorter one of.
fn files_to_write(ports: &Ports, files: Files) -> Result<Vec<(PathBuf, Vec<u8>, bool)>, Failure> {
    let mut documents = Vec::new();
    let mut records = Vec::new();
    for (path, bytes) in files {
        let parts: Vec<&str> = path.split('/').collect();
        let (is_record, is_private) = match parts[..] {
            [LEDGER] => (true, true),
            [CEREMONIES, ceremony, JOURNAL] if is_plain(ceremony) => (true, true),
            [CEREMONIES, ceremony, name] if is_plain(ceremony) && is_plain(name) => (false, true),
            [KEYS, name] if is_plain(name) => (false, !name.ends_with(".pub")),
            _ => return Err(damaged(&format!("{} belongs nowhere", crate::border::visible(&path)))),
        };
        let place = ports.data.join(&path);
        let here = match ports.disk.read(&place, LARGEST_FILE) {
            Ok(here) => Some(here),
            Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
            Err(why) => return Err(disk_failed("read", &place, &why)),
        };
        match here {
            None => {}
            Some(here) if here == bytes => continue,
            // Whoever has written on has the longer record, and its beginning in common.
            Some(here) if is_record && here.starts_with(&bytes) => continue,
            Some(here) if is_record && bytes.starts_with(&here) => {}
            Some(_) => {
                let message = format!(
                    "{} of the backup is not a beginning or a continuation of what this desk has on record",
                    crate::border::visible(&path)
                );
                return Err(Failure::refusal("backup-conflicts", message).with("file", &path));
            }
        }
        let shelf = if is_record { &mut records } else { &mut documents };
        shelf.push((place, bytes, is_private));
    }
    // A journal names documents by digest, so they come first.
    documents.extend(records);
    Ok(documents)
}

/// A name that is one component of a path, and hides nothing.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && name.len() < 200 && percent(name) == name
}

fn names(ports: &Ports, folder: &Path) -> Result<Vec<String>, Failure> {
    match ports.disk.list(folder) {
        Ok(mut names) => {
            names.retain(|name| is_plain(name));
            Ok(names)
        }
        Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(why) => Err(disk_failed("listed", folder, &why)),
    }
}

/// Puts a file of the data folder into a backup; one that is not there is fine.
fn take_in(ports: &Ports, path: String, files: &mut Files) -> Result<(), Failure> {
    let place = ports.data.join(&path);
    match ports.disk.read(&place, LARGEST_FILE) {
        Ok(bytes) => {
            files.insert(path, bytes);
            Ok(())
        }
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(why) => Err(disk_failed("read", &place, &why)),
    }
}

fn disk_failed(what: &str, path: &Path, why: &io::Error) -> Failure {
    Failure::fault("disk-failed", format!("{} cannot be {what}: {why}", path.display()))
        .with("file", path.display().to_string())
}
