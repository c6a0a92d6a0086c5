//! Folders with metadata, read and written. Which of the known layouts a folder has is found by looking.
//!
//! Reads and writes through the [`Disk`] port alone, so that a test's disk can stand in for the machine's.

mod layout;
mod publish;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use rootward_tuf::{
    RoleName,
    encoding::sha256,
    walk::{Request, Select},
};

use self::layout::Layout;
use crate::ports::{Disk, Failure, Fetched, Publication, Publisher, Source, TargetFiles, claimed_version};

/// Unreadable roots that are passed over in the search for the newest readable one.
const UNREADABLE_ROOTS: usize = 64;

/// A folder of metadata. Cheap to clone; keeps the layout it found.
#[derive(Clone)]
pub struct Folder(Arc<Place>);

struct Place {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    found: OnceLock<Layout>,
}

impl Folder {
    /// Names a folder; looks into it when first asked for something.
    pub fn new(disk: Arc<dyn Disk>, folder: PathBuf) -> Self {
        let found = OnceLock::new();
        Folder(Arc::new(Place { disk, folder, found }))
    }

    /// Runs blocking work; cancelling the caller does not interrupt it half-way.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = self.0.clone();
        let done = tokio::task::spawn_blocking(move || work(&place)).await;
        done.unwrap_or_else(|error| Err(Failure::fault("panicked", error.to_string())))
    }
}

#[async_trait]
impl Source for Folder {
    async fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure> {
        let request = request.clone();
        self.blocking(move |place| place.fetch(&request)).await
    }

    async fn newest_root(&self, limit_bytes: u64) -> Result<Option<Fetched>, Failure> {
        self.blocking(move |place| place.newest_root(&place.look()?, limit_bytes))
            .await
    }

    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure> {
        self.blocking(|place| {
            let layout = place.look()?;
            let mut versions: Vec<u64> = layout.roots().map(|(version, _)| version).collect();
            let unversioned = place.read(&layout.unversioned(&RoleName::root()), u64::MAX)?;
            versions.extend(unversioned.and_then(|found| claimed_version(&found.bytes)));
            versions.sort_unstable();
            versions.dedup();
            Ok(versions)
        })
        .await
    }
}

#[async_trait]
impl TargetFiles for Folder {
    async fn target(&self, parts: &[String], limit_bytes: u64) -> Result<Option<Fetched>, Failure> {
        let name: PathBuf = parts.iter().collect();
        self.blocking(move |place| place.read(&[name], limit_bytes)).await
    }
}

#[async_trait]
impl Publisher for Folder {
    async fn publish(&self, publication: &Publication) -> Result<(), Failure> {
        let publication = publication.clone();
        self.blocking(move |place| publish::publish(place, &publication)).await
    }
}

impl Place {
    /// Looks into the folder. Fails with `metadata-not-found` when there is no metadata in it.
    fn look(&self) -> Result<Layout, Failure> {
        self.try_look()?.ok_or_else(|| {
            Failure::fault(
                "metadata-not-found",
                "expected metadata such as root.json or 1.root.json in the folder",
            )
            .with("folder", self.folder.display().to_string())
        })
    }

    /// Looks into the folder; `None` when there is no metadata in it.
    fn try_look(&self) -> Result<Option<Layout>, Failure> {
        Layout::look(&*self.disk, &self.folder).map_err(|error| self.unreadable(Path::new(""), &error))
    }

    fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure> {
        let layout = match self.found.get() {
            Some(layout) => layout,
            None => {
                let found = self.look()?;
                self.found.get_or_init(|| found)
            }
        };
        if request.role == RoleName::root() {
            return self.fetch_root(layout, request);
        }
        let named = match request.select {
            Select::Version(version) | Select::Consistent { version } => layout.versioned(&request.role, version),
            Select::Sha256(digest) => layout.by_digest(&request.role, &digest),
            Select::Current => Vec::new(),
        };
        let found = self.read(&named, request.limit_bytes)?;
        if found.is_some() || layout.is_versioned() && !matches!(request.select, Select::Current) {
            return Ok(found);
        }
        self.read(&layout.unversioned(&request.role), request.limit_bytes)
    }

    fn fetch_root(&self, layout: &Layout, request: &Request) -> Result<Option<Fetched>, Failure> {
        let unversioned = || self.read(&layout.unversioned(&request.role), request.limit_bytes);
        match request.select {
            Select::Current => self.newest_root(&self.look()?, request.limit_bytes),
            Select::Version(version) | Select::Consistent { version } => {
                let found = self.read(&layout.versioned(&request.role, version), request.limit_bytes)?;
                if found.is_some() {
                    return Ok(found);
                }
                Ok(unversioned()?.filter(|found| claimed_version(&found.bytes) == Some(version)))
            }
            Select::Sha256(digest) => {
                let newest = unversioned()?;
                if newest.as_ref().is_some_and(|found| sha256(&found.bytes) == digest) {
                    return Ok(newest);
                }
                for (_, name) in self.look()?.roots() {
                    let found = self.read(&[name.to_owned()], request.limit_bytes)?;
                    if found.as_ref().is_some_and(|found| sha256(&found.bytes) == digest) {
                        return Ok(found);
                    }
                }
                Ok(newest)
            }
        }
    }

    /// The root with the highest version that can be read; if none can, the one whose name says most.
    fn newest_root(&self, layout: &Layout, limit: u64) -> Result<Option<Fetched>, Failure> {
        let unversioned = self.read(&layout.unversioned(&RoleName::root()), limit)?;
        let mut newest = None;
        for (_, name) in layout.roots().rev().take(UNREADABLE_ROOTS) {
            let Some(found) = self.read(&[name.to_owned()], limit)? else {
                continue;
            };
            let version = claimed_version(&found.bytes);
            let is_readable = version.is_some();
            if newest.is_none() || is_readable {
                newest = Some((version, found));
            }
            if is_readable {
                break;
            }
        }
        let unversioned = unversioned.map(|found| (claimed_version(&found.bytes), found));
        // Of two files with one version, the versioned name is the one clients ask for.
        let newest = match (newest, unversioned) {
            (Some(named), Some(other)) => Some(if other.0 > named.0 { other } else { named }),
            (named, other) => named.or(other),
        };
        Ok(newest.map(|(_, found)| found))
    }

    /// Reads the first of these files that is there.
    fn read(&self, names: &[PathBuf], limit: u64) -> Result<Option<Fetched>, Failure> {
        for name in names {
            match self.disk.read_inside(&self.folder, name, limit) {
                Ok(bytes) => {
                    let origin = self.folder.join(name).display().to_string();
                    return Ok(Some(Fetched { bytes, origin }));
                }
                Err(error) if is_absent(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    let file = self.folder.join(name).display().to_string();
                    let message = format!("{file} is larger than {limit} bytes");
                    return Err(Failure::fault("too-large", message).with("file", file));
                }
                Err(error) => return Err(self.unreadable(name, &error)),
            }
        }
        Ok(None)
    }

    fn unreadable(&self, name: &Path, error: &io::Error) -> Failure {
        let file = self.folder.join(name).display().to_string();
        Failure::fault("source-unreadable", format!("{file} cannot be read: {error}")).with("file", file)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

#[cfg(test)]
mod tests;
