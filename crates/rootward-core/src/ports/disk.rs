//! The one port through which files are read and durably written.

use std::{io, path::Path};

use super::Failure;

/// Refuses to write a file whose name ends in anything but `.ending`; `what` says to people what it is.
///
/// Words in such a file are an officer's, a repository's or a stranger's, so it must not become one that a shell or a session
/// runs. Fails with `bad-usage`.
pub fn must_end_in(path: &Path, ending: &str, what: &str) -> Result<(), Failure> {
    if path.extension().is_some_and(|found| found == ending) {
        return Ok(());
    }
    let message = format!("{what} is saved as a file whose name ends in .{ending}");
    Err(Failure::fault("bad-usage", message).with("file", path.display().to_string()))
}

/// A folder that is held; let go of when dropped, and when the process ends.
pub trait Held: Send {}

/// Reads files and writes them durably. Every durable write goes through here, so that a test can forget what was not
/// fsynced.
///
/// Paths are used as given. `inside` is a relative path below `folder` which may not leave it: neither by `..`, nor as an
/// absolute path, nor through a symbolic link. Such a path fails with [`io::ErrorKind::PermissionDenied`].
pub trait Disk: Send + Sync {
    /// Reads a file of at most `limit` bytes.
    ///
    /// Fails with [`io::ErrorKind::FileTooLarge`] for a longer one and with [`io::ErrorKind::InvalidInput`] for anything
    /// that is no regular file, so that a pipe or device never makes us wait.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Reads a file below `folder` as [`Disk::read`] does.
    fn read_inside(&self, folder: &Path, inside: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Names in a folder, sorted; names that are no UTF-8 are left out.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Names in a folder below `folder` as [`Disk::list`] gives them.
    fn list_inside(&self, folder: &Path, inside: &Path) -> io::Result<Vec<String>>;

    /// Creates a folder and its parents with 0700 and makes their names durable; an existing one is left as it is.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Replaces a file as a whole: temporary file, fsync, rename, fsync of the folder.
    ///
    /// `private` files get mode 0600, others 0644. A symbolic link in the file's place is replaced, never followed.
    fn write(&self, path: &Path, bytes: &[u8], private: bool) -> io::Result<()>;

    /// Appends to a private file and fsyncs it; the first append makes its name durable as well. Follows no link.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file to `length` bytes and fsyncs it: a torn last line of a journal. Follows no link.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Holds a folder against other desks until the answer is dropped; advisory, and no file is left behind.
    ///
    /// Fails with [`io::ErrorKind::WouldBlock`] while another desk holds it. Where the file system knows no locks, nobody
    /// holds anything.
    fn hold(&self, folder: &Path) -> io::Result<Box<dyn Held>>;

    /// Removes a file durably; an absent one is fine.
    fn remove(&self, path: &Path) -> io::Result<()>;
}
