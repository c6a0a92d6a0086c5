//! The folder of ceremonies: one folder each, with its journal and the documents the journal names by digest.
//!
//! Everything durable goes through the `Disk` port. What the files say is judged in `state`, not here.

use std::io;
use std::path::{Path, PathBuf};

use rootward_tuf::encoding::{hex, sha256};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::digest::Digest;
use super::event::{Event, Fact, LineCut};
use super::journal::{Ending, Journal};
use crate::ports::{Disk, Failure};

/// The ceremonies of one desk.
pub(super) struct Archive<'a> {
    disk: &'a dyn Disk,
    folder: PathBuf,
}

/// The file of a role that a ceremony builds on.
pub(super) fn predecessor_name(role: &str) -> String {
    format!("{}.builds-on.json", stem(role))
}

/// The canonical bytes of a role that are signed.
pub(super) fn frozen_name(role: &str) -> String {
    format!("{}.frozen.json", stem(role))
}

/// The complete document of a role, as it is published.
pub(super) fn complete_name(role: &str) -> String {
    format!("{}.complete.json", stem(role))
}

/// A delegated role's name may hold anything.
fn stem(role: &str) -> String {
    let stem = RoleName::new(role).ok().and_then(|role| role.file_stem().ok());
    stem.unwrap_or_else(|| hex(&sha256(role.as_bytes())))
}

const JOURNAL: &str = "journal.jsonl";
const LARGEST_JOURNAL: u64 = 64 << 20;
const LARGEST_DOCUMENT: u64 = 100 << 20;

impl<'a> Archive<'a> {
    pub fn new(disk: &'a dyn Disk, data: &Path) -> Self {
        Archive {
            disk,
            folder: data.join("ceremonies"),
        }
    }

    /// Ids of all ceremonies that began, oldest first.
    ///
    /// A folder without a journal is left over from one that ended before its first event: it is none. A journal that cannot
    /// be read is one all the same.
    pub fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids: Vec<String> = Vec::new();
        for name in self.folders()? {
            let journal = self.folder.join(&name).join(JOURNAL);
            match self.disk.read(&journal, LARGEST_JOURNAL) {
                Ok(bytes) if !bytes.contains(&b'\n') => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Ok(_) | Err(_) => ids.push(name),
            }
        }
        Ok(ids)
    }

    /// An id that no ceremony of this desk ever had: `2026-014`.
    pub fn new_id(&self, now: Instant) -> Result<String, Failure> {
        let year = now.to_string().chars().take(4).collect::<String>();
        let taken = self.folders()?;
        let numbers = taken
            .iter()
            .filter_map(|id| id.strip_prefix(&year)?.strip_prefix('-')?.parse::<u32>().ok());
        let number = numbers.max().unwrap_or(0).saturating_add(1);
        let id = format!("{year}-{number:03}");
        self.disk
            .create_folder(&self.folder.join(&id))
            .map_err(|error| disk_failed("create", &self.folder, &error))?;
        Ok(id)
    }

    /// Reads a journal; half a line at its end is cut off, which goes on record.
    ///
    /// Fails with `ceremony-not-found` for an id that names none.
    pub fn journal(&self, id: &str, now: Instant, actor: &str) -> Result<(Journal, Ending), Failure> {
        if !is_id(id) {
            return Err(not_found(id));
        }
        let path = self.folder.join(id).join(JOURNAL);
        let bytes = match self.disk.read(&path, LARGEST_JOURNAL) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(not_found(id)),
            Err(error) => return Err(disk_failed("read", &path, &error)),
        };
        let (mut journal, ending) = Journal::read(&bytes);
        let Ending::Torn { bytes } = ending else {
            return Ok((journal, ending));
        };
        if journal.events().is_empty() {
            return Err(not_found(id));
        }
        self.disk
            .truncate(&path, journal.length())
            .map_err(|error| disk_failed("cut", &path, &error))?;
        if let Err(failure) = self.append(id, &mut journal, now, actor, Fact::LineCut(LineCut { bytes })) {
            // A full disk hides no ceremony: what is whole is shown, and whatever is done next fails as this did.
            let (whole, ending) = Journal::read(&self.disk.read(&path, LARGEST_JOURNAL).unwrap_or_default());
            return match ending {
                Ending::Whole if !whole.events().is_empty() => Ok((whole, ending)),
                _ => Err(failure),
            };
        }
        Ok((journal, Ending::Whole))
    }

    /// The lines of a journal that was read before, as they were written.
    pub fn lines(&self, id: &str) -> Result<Vec<String>, Failure> {
        let path = self.folder.join(id).join(JOURNAL);
        let bytes = self
            .disk
            .read(&path, LARGEST_JOURNAL)
            .map_err(|error| disk_failed("read", &path, &error))?;
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }

    /// Appends an event; once this returns it is durable.
    pub fn append(
        &self,
        id: &str,
        journal: &mut Journal,
        now: Instant,
        actor: &str,
        fact: Fact,
    ) -> Result<Event, Failure> {
        let path = self.folder.join(id).join(JOURNAL);
        let (event, line) = journal.next(now, actor, fact);
        if let Err(error) = self.disk.append(&path, &line) {
            // Half a line is taken back, where that can be done; else the next reader cuts it off.
            let _ = self.disk.truncate(&path, journal.length());
            return Err(disk_failed("write", &path, &error));
        }
        journal.take(event.clone(), &line);
        Ok(event)
    }

    /// Writes a document beside the journal. The event that names its digest comes after.
    pub fn write(&self, id: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(id).join(name);
        self.disk
            .write(&path, bytes, true)
            .map_err(|error| disk_failed("write", &path, &error))
    }

    /// Reads a document beside the journal, which must have the digest an event gave it.
    pub fn read(&self, id: &str, name: &str, expected: Digest) -> Result<Vec<u8>, String> {
        let path = self.folder.join(id).join(name);
        let bytes = self
            .disk
            .read(&path, LARGEST_DOCUMENT)
            .map_err(|error| format!("{name} cannot be read: {error}"))?;
        let found = Digest::of(&bytes);
        if found != expected {
            return Err(format!(
                "{name} was altered: expected SHA-256 {expected}, found {found}"
            ));
        }
        Ok(bytes)
    }

    fn folders(&self) -> Result<Vec<String>, Failure> {
        match self.disk.list(&self.folder) {
            Ok(mut names) => {
                names.retain(|name| is_id(name));
                names.sort_by_key(|name| order(name));
                Ok(names)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(disk_failed("read", &self.folder, &error)),
        }
    }
}

/// Year, then number: `2026-1000` comes after `2026-999`.
fn order(id: &str) -> (u32, u32) {
    let (year, number) = id.split_once('-').unwrap_or((id, ""));
    (year.parse().unwrap_or(0), number.parse().unwrap_or(0))
}

/// Whether `id` has the form of an id; nothing else ever becomes part of a path.
fn is_id(id: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    id.split_once('-').is_some_and(|(year, number)| {
        year.len() == 4 && (3..=9).contains(&number.len()) && digits(year) && digits(number)
    })
}

fn not_found(id: &str) -> Failure {
    Failure::fault(
        "ceremony-not-found",
        format!("there is no ceremony {} on this desk", crate::border::visible(id)),
    )
}

pub(super) fn disk_failed(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::fault("disk-failed", format!("could not {what} {}: {error}", path.display()))
        .with("path", path.display().to_string())
}
