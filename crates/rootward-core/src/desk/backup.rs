//! The desk goes into a file, and takes one in while it is open.

use std::path::PathBuf;

use rootward_tuf::encoding::hex;

use super::{Rootward, refresh::blocking};
use crate::{
    backup,
    border::{Notice, Outcome},
    ports::Failure,
};

impl Rootward {
    pub(super) async fn back_up(&self, path: String, with_keys: bool) -> Result<Outcome, Failure> {
        let ports = self.desk.ports.clone();
        let made = blocking(move || backup::make(&ports, &absolute(&path)?, with_keys)).await?;
        Ok(Outcome::BackedUp {
            file: made.path.display().to_string(),
            sha256: hex(&made.sha256),
            private_keys: u32::try_from(made.keys).unwrap_or(u32::MAX),
        })
    }

    /// What is shown is judged anew: anything may be newer now.
    pub(super) async fn restore(&self, path: String) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let restored = blocking(move || {
            let ports = &desk.desk.ports;
            let restored = backup::restore(ports, &absolute(&path)?)?;
            for record in ports.vault.repositories()? {
                desk.rejudge(&record.id)?;
            }
            Ok(restored)
        })
        .await?;
        self.notify(Notice::EstateChanged);
        self.notify(Notice::KeysChanged);
        Ok(Outcome::Restored {
            made_at: restored.made_at,
            added: restored.added,
            merged: restored.merged,
            left_out: u32::try_from(restored.left_out).unwrap_or(u32::MAX),
        })
    }
}

/// A path that was typed into a window begins at the root: nobody there knows where the program was started.
fn absolute(path: &str) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(path);
    match path.is_absolute() {
        true => Ok(path),
        false => Err(Failure::fault("bad-usage", "expected a path that begins with /")),
    }
}
