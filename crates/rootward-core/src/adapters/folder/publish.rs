//! Writing a publication into a folder, in the layout the folder has.
//!
//! Everything is checked before anything is written. Versioned names come first, then the unversioned ones that make
//! clients see the new documents; each is written through the [`Disk`](crate::ports::Disk) port, so it is durable when
//! the next one begins.

use std::{
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rootward_tuf::{Dialect, RoleName, encoding::sha256};

use super::{Layout, Place};
use crate::ports::{Document, Failure, Held, Publication, claimed_version};

/// Files this program writes are never longer, so a longer one is another's.
const LONGEST: u64 = 100 << 20;

/// How often and how long the folder is waited for: ten seconds in all.
const PATIENCE_TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// One file to write.
struct Write<'a> {
    path: PathBuf,
    version: u64,
    bytes: &'a [u8],
    is_root: bool,
}

/// Publishes as [`Publisher::publish`](crate::ports::Publisher::publish) promises.
pub(super) fn publish(place: &Place, publication: &Publication) -> Result<(), Failure> {
    if publication.builds_on.0 == 0 {
        let made = place.disk.create_folder(&place.folder);
        made.map_err(|error| failed(&place.folder, &error))?;
    }
    // From the look at the newest root to the last write, so that of two desks the second sees what the first wrote.
    let _held = hold(place)?;
    let layout = place.try_look()?;
    let newest = match &layout {
        Some(layout) => place.newest_root(layout, LONGEST)?.map(|found| found.bytes),
        None => None,
    };
    is_built_on(publication, newest.as_deref())?;
    let layout = layout.unwrap_or_else(|| Layout::fresh(publication.consistent_snapshot));
    let (mut versioned, mut unversioned) = plan(&layout, publication, newest.as_deref())?;
    for write in &versioned {
        name_is_free(place, write)?;
    }
    for write in &unversioned {
        is_no_step_back(place, write)?;
    }
    let comes_last = |write: &Write<'_>| publication.root_last && write.is_root;
    let roots = versioned.extract_if(.., |write| comes_last(write)).collect::<Vec<_>>();
    let roots = roots
        .into_iter()
        .chain(unversioned.extract_if(.., |write| comes_last(write)));
    let roots: Vec<Write<'_>> = roots.collect();
    versioned
        .iter()
        .chain(&unversioned)
        .chain(&roots)
        .try_for_each(|write| put(place, write))
}

/// Waits a little for another desk that publishes here: that takes it moments.
fn hold(place: &Place) -> Result<Box<dyn Held>, Failure> {
    for _ in 0..PATIENCE_TRIES {
        match place.disk.hold(&place.folder) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(PAUSE),
            held => return held.map_err(|error| failed(&place.folder, &error)),
        }
    }
    Err(failed(
        &place.folder,
        &io::Error::other("another desk is publishing into this folder"),
    ))
}

/// Refuses with `superseded` unless the newest root is the one this was built on, or the one it brings.
fn is_built_on(publication: &Publication, newest: Option<&[u8]>) -> Result<(), Failure> {
    let (expected, digest) = publication.builds_on;
    let Some(newest) = newest else {
        return if expected == 0 {
            Ok(())
        } else {
            Err(superseded(expected, "none"))
        };
    };
    let found = claimed_version(newest);
    let brings = publication
        .documents
        .iter()
        .any(|new| new.role == RoleName::root() && new.bytes == newest);
    if brings || found == Some(expected) && sha256(newest) == digest {
        return Ok(());
    }
    Err(match found {
        Some(found) if found == expected => superseded(expected, "another root of that version"),
        Some(found) => superseded(expected, &found.to_string()),
        None => superseded(expected, "a root that cannot be read"),
    })
}

fn superseded(expected: u64, found: &str) -> Failure {
    Failure::refusal(
        "superseded",
        format!("expected root version {expected} as the newest in the folder, got {found}"),
    )
    .with("expected", expected.to_string())
    .with("found", found)
}

/// Which files are written: those with versions in their names, and those without.
fn plan<'a>(
    layout: &Layout,
    publication: &'a Publication,
    newest: Option<&'a [u8]>,
) -> Result<(Vec<Write<'a>>, Vec<Write<'a>>), Failure> {
    let dialect = publication.dialect;
    let versions_roots = dialect == Dialect::Tuf1 || layout.has_versioned_roots();
    let versions_others = match layout.is_working_copy() {
        true => false,
        false if layout.has_other_roles() => layout.is_versioned(),
        false => publication.consistent_snapshot,
    };
    let (mut versioned, mut unversioned) = (Vec::new(), Vec::new());
    for document in &publication.documents {
        let is_root = document.role == RoleName::root();
        let is_timestamp = document.role == RoleName::timestamp();
        let is_versioned = if is_root {
            versions_roots
        } else {
            versions_others && !is_timestamp
        };
        let plain = layout
            .unversioned_to_write(&document.role, dialect)
            .ok_or_else(|| unnamed(document))?;
        let is_plain = layout.has_file(&plain) || !is_versioned || is_root && !versions_others;
        if is_root && is_versioned && !layout.has_versioned_roots() {
            versioned.extend(newest.and_then(|root| predecessor(layout, root)));
        }
        if is_versioned {
            let named = layout
                .versioned_to_write(&document.role, document.version)
                .ok_or_else(|| unnamed(document))?;
            versioned.push(write(named, document));
        }
        if is_plain {
            unversioned.push(write(plain, document));
        }
    }
    Ok((versioned, unversioned))
}

/// A root that stood only in `root.json` keeps a name of its own when its successor takes that place (TUF 5.3.3 asks for
/// roots by version).
fn predecessor<'a>(layout: &Layout, root: &'a [u8]) -> Option<Write<'a>> {
    let version = claimed_version(root)?;
    Some(Write {
        path: layout.versioned_to_write(&RoleName::root(), version)?,
        version,
        bytes: root,
        is_root: false,
    })
}

fn write(path: PathBuf, document: &Document) -> Write<'_> {
    Write {
        path,
        version: document.version,
        bytes: &document.bytes,
        is_root: document.role == RoleName::root(),
    }
}

/// A version has one document for ever: another one under its name is a refusal.
fn name_is_free(place: &Place, write: &Write<'_>) -> Result<(), Failure> {
    match place.read(std::slice::from_ref(&write.path), LONGEST)? {
        Some(found) if found.bytes != write.bytes => Err(taken(place, write)),
        _ => Ok(()),
    }
}

/// A file without a version in its name may be replaced by a newer version, not by an older or another one.
fn is_no_step_back(place: &Place, write: &Write<'_>) -> Result<(), Failure> {
    let Some(found) = place.read(std::slice::from_ref(&write.path), LONGEST)? else {
        return Ok(());
    };
    match claimed_version(&found.bytes) {
        Some(version) if version > write.version => Err(Failure::refusal(
            "superseded",
            format!(
                "{} is version {version} already, expected one before {}",
                found.origin, write.version
            ),
        )
        .with("file", found.origin)),
        Some(version) if version == write.version && found.bytes != write.bytes => Err(taken(place, write)),
        _ => Ok(()),
    }
}

fn taken(place: &Place, write: &Write<'_>) -> Failure {
    let file = place.folder.join(&write.path).display().to_string();
    let message = format!(
        "{file} holds another document of version {}, which stays as it is",
        write.version
    );
    Failure::refusal("publish-failed", message).with("file", file)
}

/// Writes also what is there already: a cut-off run may have left it in memory only.
fn put(place: &Place, write: &Write<'_>) -> Result<(), Failure> {
    let path = place.folder.join(&write.path);
    let above = path.parent().unwrap_or(&place.folder);
    let made = if above == place.folder {
        Ok(())
    } else {
        place.disk.create_folder(above)
    };
    made.and_then(|()| place.disk.write(&path, write.bytes, false))
        .map_err(|error| failed(&path, &error))
}

fn unnamed(document: &Document) -> Failure {
    let message = format!("the role {} cannot be a file name", document.role);
    Failure::refusal("publish-failed", message).with("role", document.role.as_str())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let file = path.display().to_string();
    Failure::fault("publish-failed", format!("{file} cannot be written: {error}")).with("file", file)
}
