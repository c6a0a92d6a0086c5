//! One writer at a time in a data folder.
//!
//! The lock is the kernel's (`flock`), so it ends with its holder however that ends; the file only tells who it is.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use rootward_tuf::time::Instant;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::ports::Failure;

/// The right to write in a data folder; given back when dropped.
#[derive(Debug)]
pub struct DataLock(#[expect(dead_code, reason = "an open file is a held lock")] File);

#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    program: String,
    since: String,
}

impl DataLock {
    /// Takes the lock of the data folder for `program`.
    ///
    /// Fails with `data-folder-locked`, naming the holder, when another program has it, and with
    /// `data-folder-unusable` when there can be no lock.
    pub fn take(data: &Path, program: &str, now: Instant) -> Result<Self, Failure> {
        let unusable = |error: io::Error| {
            Failure::fault(
                "data-folder-unusable",
                format!("the data folder cannot be locked: {error}"),
            )
            .with("folder", data.display().to_string())
        };
        let mut file = open(&data.join("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(data, &mut file)),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let holder = Holder {
            pid: std::process::id(),
            program: program.to_owned(),
            since: now.to_seconds_text(),
        };
        write(&mut file, &holder).map_err(unusable)?;
        Ok(DataLock(file))
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.custom_flags(flags.bits() as i32).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.nlink() != 1 {
        return Err(io::Error::other("its lock is no regular file"));
    }
    Ok(file)
}

fn write(file: &mut File, holder: &Holder) -> io::Result<()> {
    let text = serde_json::to_string(holder)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

fn held(data: &Path, file: &mut File) -> Failure {
    let mut text = String::new();
    let holder = match file.take(4096).read_to_string(&mut text) {
        Ok(_) => serde_json::from_str::<Holder>(&text).ok(),
        Err(_) => None,
    };
    let failure = |who: &str| {
        Failure::fault("data-folder-locked", format!("{who} is working in the data folder"))
            .with("folder", data.display().to_string())
    };
    let Some(Holder { pid, program, since }) = holder else {
        return failure("another program");
    };
    failure(&format!("{program} (process {pid}, since {since})"))
        .with("pid", pid.to_string())
        .with("program", program)
        .with("since", since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_told_who_the_first_is() {
        let place = tempfile::tempdir().unwrap();
        let now = Instant::parse("2026-11-22T10:00:00Z").unwrap();
        let first = DataLock::take(place.path(), "rootward", now).unwrap();
        let refused = DataLock::take(place.path(), "rootwardctl", now).unwrap_err();
        assert_eq!(refused.code, "data-folder-locked");
        assert_eq!(refused.details["program"], "rootward");
        assert_eq!(refused.details["pid"], std::process::id().to_string());
        assert_eq!(refused.details["since"], "2026-11-22T10:00:00Z");
        drop(first);
        DataLock::take(place.path(), "rootwardctl", now).unwrap();
    }

    #[test]
    fn what_a_dead_holder_left_locks_nobody_out() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("lock"), "{\"pid\":1,\"program\":\"x\"").unwrap();
        let now = Instant::parse("2026-11-22T10:00:00Z").unwrap();
        let held = DataLock::take(place.path(), "rootward", now).unwrap();
        std::fs::write(place.path().join("lock"), "no JSON").unwrap();
        let refused = DataLock::take(place.path(), "rootward", now).unwrap_err();
        assert_eq!(refused.message, "another program is working in the data folder");
        drop(held);
        std::fs::remove_file(place.path().join("lock")).unwrap();
        std::os::unix::fs::symlink("elsewhere", place.path().join("lock")).unwrap();
        let refused = DataLock::take(place.path(), "rootward", now).unwrap_err();
        assert_eq!(refused.code, "data-folder-unusable");
    }
}
