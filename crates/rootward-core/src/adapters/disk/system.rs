//! The primitive steps on the machine's file system. Linux; follows no link where it writes.

use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::{Steps, Stepwise};
use crate::ports::Held;

/// The disk of this machine.
pub type SystemDisk = Stepwise<System>;

impl SystemDisk {
    /// Opens nothing yet.
    pub fn new() -> Self {
        Stepwise::over(System)
    }
}

impl Default for SystemDisk {
    fn default() -> Self {
        Self::new()
    }
}

/// The primitive steps on the file system.
pub struct System;

impl Steps for System {
    type File = File;

    fn read(&self, folder: Option<&Path>, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        // A pipe without a writer would keep a blocking open waiting for ever.
        let file = open_to_read(folder, path, OFlags::NONBLOCK)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a regular file"));
        }
        if found.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }

    fn list(&self, folder: Option<&Path>, path: &Path) -> io::Result<Vec<String>> {
        let opened = open_to_read(folder, path, OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&opened)? {
            let entry = entry?;
            match entry.file_name().to_str() {
                Ok("." | "..") | Err(_) => {}
                Ok(name) => names.push(name.to_owned()),
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn is_folder(&self, path: &Path) -> io::Result<bool> {
        match path.metadata() {
            Ok(found) if found.is_dir() => Ok(true),
            Ok(_) => Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)
    }

    fn create(&self, path: &Path, private: bool) -> io::Result<File> {
        let mode = if private { 0o600 } else { 0o644 };
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(mode)
            .custom_flags(OFlags::NOFOLLOW.bits() as i32)
            .open(path)?;
        // The process' umask may have taken more than we meant to.
        file.set_permissions(PermissionsExt::from_mode(mode))?;
        Ok(file)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = OpenOptions::new()
            .append(true)
            .custom_flags(flags.bits() as i32)
            .open(path)?;
        is_ours_alone(&file.metadata()?)?;
        Ok(file)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn cut(&self, file: &mut File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn sync(&self, file: &mut File) -> io::Result<()> {
        file.sync_all()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        open_to_read(None, path, OFlags::DIRECTORY)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn hold(&self, folder: &Path) -> io::Result<Box<dyn Held>> {
        // The folder itself is locked, so that no file is left in what is published.
        let folder = open_to_read(None, folder, OFlags::DIRECTORY)?;
        match folder.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            // Some network file systems lock no folders; what is published is checked all the same.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Box::new(HeldFolder(folder)))
    }
}

struct HeldFolder(#[expect(dead_code, reason = "an open file is a held lock")] File);

impl Held for HeldFolder {}

/// A file with a second name may be someone else's; a pipe or device is no journal.
fn is_ours_alone(found: &Metadata) -> io::Result<()> {
    if found.is_file() && found.nlink() == 1 {
        Ok(())
    } else {
        let what = "expected a regular file with one name";
        Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
    }
}

fn open_to_read(folder: Option<&Path>, path: &Path, more: OFlags) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | more;
    let Some(folder) = folder else {
        return Ok(rustix::fs::open(path, flags, Mode::empty())?.into());
    };
    let inside = plain(path)?;
    let anchor = rustix::fs::open(
        folder,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(&anchor, &inside, flags, Mode::empty(), beneath) {
        Ok(file) => Ok(file.into()),
        // EXDEV says that a link led out of the folder.
        Err(Errno::XDEV | Errno::LOOP) => Err(leaves()),
        // Old kernels, and sandboxes that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => open_resolved(folder, &inside, flags),
        Err(error) => Err(error.into()),
    }
}

/// Resolves links first and opens what they name only if it stands in the folder.
fn open_resolved(folder: &Path, inside: &Path, flags: OFlags) -> io::Result<File> {
    let folder = folder.canonicalize()?;
    let resolved = folder.join(inside).canonicalize()?;
    if !resolved.starts_with(&folder) {
        return Err(leaves());
    }
    Ok(rustix::fs::open(&resolved, flags | OFlags::NOFOLLOW, Mode::empty())?.into())
}

/// The path without `.`; `..` and absolute paths are refused.
fn plain(path: &Path) -> io::Result<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(leaves()),
        }
    }
    Ok(if plain.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        plain
    })
}

fn leaves() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "the name leaves its folder")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::ports::Disk;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_and_folders_get_the_modes_promised_and_no_temporary_file_stays() {
        let place = tempfile::tempdir().unwrap();
        let disk = SystemDisk::new();
        let folder = place.path().join("a/b");
        disk.create_folder(&folder).unwrap();
        disk.create_folder(&folder).unwrap();
        disk.write(&folder.join("secret"), b"1", true).unwrap();
        disk.write(&folder.join("public"), b"2", false).unwrap();
        disk.write(&folder.join("public"), b"3", false).unwrap();
        disk.append(&folder.join("journal"), b"x\n").unwrap();
        disk.append(&folder.join("journal"), b"yz").unwrap();
        disk.truncate(&folder.join("journal"), 2).unwrap();
        assert_eq!(disk.list(&folder).unwrap(), ["journal", "public", "secret"]);
        assert_eq!(disk.read(&folder.join("public"), 1).unwrap(), b"3");
        assert_eq!(disk.read(&folder.join("journal"), 100).unwrap(), b"x\n");
        assert_eq!((mode(&folder), mode(&folder.join("secret"))), (0o700, 0o600));
        assert_eq!(
            (mode(&folder.join("public")), mode(&folder.join("journal"))),
            (0o644, 0o600)
        );
        disk.remove(&folder.join("public")).unwrap();
        disk.remove(&folder.join("public")).unwrap();
    }

    #[test]
    fn a_name_that_leaves_its_folder_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let (disk, folder) = (SystemDisk::new(), place.path().join("in"));
        disk.create_folder(&folder.join("sub")).unwrap();
        disk.write(&place.path().join("outside"), b"out", false).unwrap();
        disk.write(&folder.join("file"), b"in", false).unwrap();
        symlink("../outside", folder.join("leading-out")).unwrap();
        symlink(place.path().join("outside"), folder.join("absolute")).unwrap();
        symlink("..", folder.join("up")).unwrap();
        symlink("file", folder.join("inside")).unwrap();
        for name in [
            "leading-out",
            "absolute",
            "up/outside",
            "../outside",
            "/etc/hostname",
            "sub/../../outside",
        ] {
            let refused = disk.read_inside(&folder, Path::new(name), 100).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{name}");
            let resolved = plain(Path::new(name)).and_then(|name| open_resolved(&folder, &name, OFlags::RDONLY));
            assert_eq!(resolved.unwrap_err().kind(), io::ErrorKind::PermissionDenied, "{name}");
        }
        assert_eq!(disk.read_inside(&folder, Path::new("inside"), 100).unwrap(), b"in");
        assert!(open_resolved(&folder, Path::new("inside"), OFlags::RDONLY).is_ok());
        assert!(disk.list_inside(&folder, Path::new("up")).is_err());
        assert_eq!(disk.list_inside(&folder, Path::new("sub")).unwrap(), [""; 0]);
    }

    #[test]
    fn writing_follows_no_link() {
        let place = tempfile::tempdir().unwrap();
        let (disk, at) = (SystemDisk::new(), |name: &str| place.path().join(name));
        disk.write(&at("victim"), b"victim", true).unwrap();
        symlink("victim", at("link")).unwrap();
        std::fs::hard_link(at("victim"), at("twin")).unwrap();
        for name in ["link", "twin"] {
            assert!(
                disk.append(&at(name), b"!").is_err() && disk.truncate(&at(name), 0).is_err(),
                "{name}"
            );
        }
        disk.write(&at("link"), b"own", true).unwrap();
        assert_eq!(disk.read(&at("victim"), 10).unwrap(), b"victim");
        assert_eq!(disk.read(&at("link"), 10).unwrap(), b"own");
    }

    #[test]
    fn what_is_too_long_or_no_file_is_refused_without_waiting() {
        let place = tempfile::tempdir().unwrap();
        let (disk, at) = (SystemDisk::new(), |name: &str| place.path().join(name));
        disk.write(&at("long"), &[0; 11], false).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), Mode::from_raw_mode(0o600)).unwrap();
        assert_eq!(
            disk.read(&at("long"), 10).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
        assert_eq!(
            disk.read(&at("pipe"), 10).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        assert_eq!(
            disk.read(place.path(), 10).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        assert_eq!(
            disk.read(&at("absent"), 10).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        assert_eq!(disk.list(&at("long")).unwrap_err().kind(), io::ErrorKind::NotADirectory);
    }
}
