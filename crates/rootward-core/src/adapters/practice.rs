//! What officers practise with in place of hardware and servers, inside this program: a token and a Notary server that answer as
//! the real ones do. Their keys are throw-away and lie open in the practice folder; nothing they sign is worth anything.

mod notary_server;
mod token;

#[cfg(test)]
pub use self::notary_server::Gun;
pub use self::{notary_server::PracticeServers, token::PracticeTokens};

use std::{
    io,
    path::{Path, PathBuf},
};

use rootward_tuf::encoding::{base64, from_base64};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    adapters::private_key::PrivateKey,
    ports::{Disk, Failure},
};

/// Says what the files are to whoever finds them.
const LABEL: &str = "Practice: throw-away keys that lie open. Nothing they sign is worth anything.";

const LONGEST_FILE: u64 = 64 << 20;

/// A file in the practice folder that is read and replaced as a whole.
fn read<T: DeserializeOwned>(disk: &dyn Disk, path: &Path) -> Result<Option<T>, Failure> {
    let bytes = match disk.read(path, LONGEST_FILE) {
        Ok(bytes) => bytes,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(failed("read", path, &why)),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|why| failed("read", path, &why))
}

fn write(disk: &dyn Disk, folder: &Path, path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(value).map_err(|why| failed("written", path, &why))?;
    disk.create_folder(folder)
        .map_err(|why| failed("written", folder, &why))?;
    disk.write(path, &bytes, true)
        .map_err(|why| failed("written", path, &why))
}

fn failed(what: &str, path: &Path, why: &dyn std::fmt::Display) -> Failure {
    let message = format!("{}, which belongs to practice, cannot be {what}: {why}", path.display());
    Failure::fault("disk-failed", message).with("file", path.display().to_string())
}

/// The key in a file of practice; `None` when it is none.
fn key(pkcs8: &str) -> Option<PrivateKey> {
    PrivateKey::read(&from_base64(pkcs8)?).ok()
}

/// A key as files of practice keep it.
fn kept(pkcs8: &[u8]) -> String {
    base64(pkcs8)
}

/// The file of something that is called `name`, which has no other characters than letters, digits, `-`, `.` and `_`.
fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_name = !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain);
    is_name.then(|| folder.join(format!("{name}.json")))
}
