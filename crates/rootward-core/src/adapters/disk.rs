//! The write port: the order of steps that makes a write survive the power cord, over two sets of primitive steps.
//!
//! [`SystemDisk`] takes them on the machine's file system, [`ForgettingDisk`] in a memory that loses whatever was not
//! fsynced. Both run the same [`Stepwise`] code, so a test of one is a test of the order used by the other.

mod forgetting;
mod system;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

pub use forgetting::{ForgettingDisk, Loss};
pub use system::SystemDisk;

use crate::ports::{Disk, Held};

/// The primitive steps. None of them is durable by itself but `sync` and `sync_folder`.
pub trait Steps: Send + Sync {
    type File;

    fn read(&self, folder: Option<&Path>, path: &Path, limit: u64) -> io::Result<Vec<u8>>;
    fn list(&self, folder: Option<&Path>, path: &Path) -> io::Result<Vec<String>>;
    /// Whether a folder is there. A link to one counts.
    fn is_folder(&self, path: &Path) -> io::Result<bool>;
    /// Creates one folder with mode 0700.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Creates an empty file which must not exist, with mode 0600 or 0644.
    fn create(&self, path: &Path, private: bool) -> io::Result<Self::File>;
    /// Opens an existing file to write at its end; follows no link.
    fn open(&self, path: &Path) -> io::Result<Self::File>;
    fn write(&self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;
    fn cut(&self, file: &mut Self::File, length: u64) -> io::Result<()>;
    fn sync(&self, file: &mut Self::File) -> io::Result<()>;
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    fn hold(&self, folder: &Path) -> io::Result<Box<dyn Held>>;
}

/// A disk made of primitive steps in the right order.
pub struct Stepwise<S> {
    steps: S,
    temporaries: AtomicU64,
}

impl<S: Steps> Stepwise<S> {
    fn over(steps: S) -> Self {
        Stepwise {
            steps,
            temporaries: AtomicU64::new(0),
        }
    }

    /// Fills a new temporary file beside `path` and gives its name. Leaves nothing behind when it fails, if it can.
    fn temporary(&self, path: &Path, bytes: &[u8], private: bool) -> io::Result<PathBuf> {
        let (temporary, mut file) = loop {
            let number = self.temporaries.fetch_add(1, Ordering::Relaxed);
            let temporary = path.with_file_name(temporary_name(path, number)?);
            match self.steps.create(&temporary, private) {
                // Left over from a process that was cut off.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 10_000 => continue,
                created => break (temporary, created?),
            }
        };
        let filled = self
            .steps
            .write(&mut file, bytes)
            .and_then(|()| self.steps.sync(&mut file));
        if let Err(error) = filled {
            let _ = self.steps.remove(&temporary);
            return Err(error);
        }
        Ok(temporary)
    }
}

impl<S: Steps> Disk for Stepwise<S> {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.steps.read(None, path, limit)
    }

    fn read_inside(&self, folder: &Path, inside: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.steps.read(Some(folder), inside, limit)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.steps.list(None, folder)
    }

    fn list_inside(&self, folder: &Path, inside: &Path) -> io::Result<Vec<String>> {
        self.steps.list(Some(folder), inside)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if self.steps.is_folder(path)? {
            return Ok(());
        }
        let above = folder_of(path);
        if above != path {
            self.create_folder(above)?;
        }
        match self.steps.make_folder(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.steps.is_folder(path)? => {}
            made => made?,
        }
        self.steps.sync_folder(above)
    }

    fn write(&self, path: &Path, bytes: &[u8], private: bool) -> io::Result<()> {
        let temporary = self.temporary(path, bytes, private)?;
        if let Err(error) = self.steps.rename(&temporary, path) {
            let _ = self.steps.remove(&temporary);
            return Err(error);
        }
        self.steps.sync_folder(folder_of(path))
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (mut file, is_new) = match self.steps.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => (self.steps.create(path, true)?, true),
            opened => (opened?, false),
        };
        self.steps.write(&mut file, bytes)?;
        self.steps.sync(&mut file)?;
        if is_new {
            self.steps.sync_folder(folder_of(path))?;
        }
        Ok(())
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let mut file = self.steps.open(path)?;
        self.steps.cut(&mut file, length)?;
        self.steps.sync(&mut file)
    }

    fn hold(&self, folder: &Path) -> io::Result<Box<dyn Held>> {
        self.steps.hold(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match self.steps.remove(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| self.steps.sync_folder(folder_of(path))),
        }
    }
}

/// The folder a name stands in; `.` for a bare name, `/` for itself.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => path,
    }
}

/// `.NAME.NUMBER.tmp`, which no reader takes for metadata; NAME is shortened so that the whole stays a file name.
fn temporary_name(path: &Path, number: u64) -> io::Result<OsString> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let short: String = name.chars().take(40).collect();
    Ok(format!(".{short}.{}.{number}.tmp", std::process::id()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After a crash at any step, the file holds the old or the new bytes, whatever is lost; after success, the new ones.
    #[test]
    fn a_replaced_file_is_old_or_new_after_a_crash_at_any_step() {
        let path = Path::new("/data/a/file");
        for loss in Loss::ALL {
            for step in 1.. {
                let disk = ForgettingDisk::new();
                disk.create_folder(Path::new("/data/a")).unwrap();
                disk.write(path, b"old", true).unwrap();
                disk.crash_at(step);
                let written = disk.write(path, b"new", true);
                disk.restart(loss);
                let found = disk.read(path, 100).unwrap();
                match written {
                    Ok(()) => {
                        assert_eq!(found, b"new", "{loss:?}, step {step}");
                        assert!(step > 5, "create, write, sync, rename, sync of the folder");
                        break;
                    }
                    Err(_) => assert!(found == b"old" || found == b"new", "{loss:?}, step {step}: {found:?}"),
                }
            }
        }
    }

    #[test]
    fn appended_lines_survive_and_a_torn_one_can_be_cut_off() {
        let path = Path::new("/data/journal");
        for loss in Loss::ALL {
            for step in 1.. {
                let disk = ForgettingDisk::new();
                disk.create_folder(Path::new("/data")).unwrap();
                disk.append(path, b"one\n").unwrap();
                disk.crash_at(step);
                let appended = disk.append(path, b"two\n");
                disk.restart(loss);
                let found = disk.read(path, 100).unwrap();
                assert!(
                    b"one\ntwo\n".starts_with(&found) && found.starts_with(b"one\n"),
                    "{loss:?}: {found:?}"
                );
                disk.truncate(path, 4).unwrap();
                disk.restart(loss);
                assert_eq!(disk.read(path, 100).unwrap(), b"one\n");
                if appended.is_ok() {
                    assert_eq!(found, b"one\ntwo\n");
                    break;
                }
            }
        }
    }

    #[test]
    fn a_folder_that_was_created_is_there_after_a_crash() {
        for loss in Loss::ALL {
            let disk = ForgettingDisk::new();
            disk.create_folder(Path::new("/a/b/c")).unwrap();
            disk.restart(loss);
            disk.append(Path::new("/a/b/c/journal"), b"x").unwrap();
            disk.restart(loss);
            assert_eq!(disk.list(Path::new("/a/b/c")).unwrap(), ["journal"]);
            disk.remove(Path::new("/a/b/c/journal")).unwrap();
            disk.restart(loss);
            assert_eq!(disk.list(Path::new("/a/b/c")).unwrap(), [""; 0]);
        }
    }

    #[test]
    fn a_temporary_name_is_short_and_hidden() {
        let name = temporary_name(Path::new(&format!("/x/{}", "é".repeat(120))), 7).unwrap();
        assert!(name.len() < 200 && name.to_string_lossy().starts_with('.'));
        assert!(temporary_name(Path::new("/"), 0).is_err());
        assert_eq!(folder_of(Path::new("name")), Path::new("."));
    }
}
