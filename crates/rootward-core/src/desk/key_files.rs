//! Keys in files on their way onto the desk and off it: folders are listed before anything is copied, and nothing is deleted.

use std::path::{Path, PathBuf};

use super::{Rootward, refresh::blocking};
use crate::{
    border::{ExportedKeyView, ImportedKeyView, KeyFolderView, KeyFoldersView, Outcome},
    keyring::{self, Inventory},
    ports::{Failure, must_end_in},
};

impl Rootward {
    /// Lists a folder of keys or one key file; without one, those of Notary and Docker that are there.
    ///
    /// Fails with `source-unreadable` when what was named cannot be listed, and with `key-file-unreadable`.
    pub(super) fn key_folders(&self, named: Option<&str>) -> Result<KeyFoldersView, Failure> {
        let ports = &self.desk.ports;
        let (disk, keys) = (&*ports.disk, &*ports.keys);
        let inventories = match named {
            Some(place) => vec![Inventory::at(&absolute(place)?, disk, keys)?],
            None => {
                let usual = ports.key_folders.iter().filter(|folder| disk.list(folder).is_ok());
                let listed: Result<Vec<_>, _> = usual.map(|folder| Inventory::of(folder, disk, keys)).collect();
                listed?
            }
        };
        let own = keyring::own_folder(&ports.data);
        let own = match disk.list(&own) {
            Ok(_) => Inventory::of(&own, disk, keys)?,
            Err(_) => Inventory::nothing_in(&own),
        };
        Ok(KeyFoldersView {
            folders: inventories.iter().map(|found| KeyFolderView::of(found, &own)).collect(),
        })
    }

    /// Copies one key of a folder onto the desk; its passphrase and a new one are asked for in the prompt window.
    ///
    /// Fails with `key-not-found` when the folder has no such file any more, and as [`keyring::import`] does.
    pub(super) async fn import_key(&self, place: String, file: String) -> Result<Outcome, Failure> {
        let ports = self.desk.ports.clone();
        let imported = blocking(move || {
            let inventory = Inventory::at(&absolute(&place)?, &*ports.disk, &*ports.keys)?;
            let found = inventory.keys.iter().find(|key| key.path == Path::new(&file));
            let found = found.ok_or_else(|| {
                let message = format!("{} has no key in {} any more", inventory.folder.display(), file);
                Failure::fault("key-not-found", message).with("file", &file)
            })?;
            keyring::import(&ports, found)
        })
        .await?;
        self.keys_changed();
        Ok(Outcome::ImportedKey {
            key: ImportedKeyView::of(&imported),
        })
    }

    /// Writes a copy of a key for Notary's command line.
    ///
    /// Refuses a file that does not end in `.key`; fails as [`keyring::export`] does.
    pub(super) async fn export_key(
        &self,
        key: String,
        role: String,
        gun: Option<String>,
        path: String,
    ) -> Result<Outcome, Failure> {
        let to = PathBuf::from(&path);
        must_end_in(&to, "key", "a key for Notary")?;
        let ports = self.desk.ports.clone();
        let exported =
            blocking(move || keyring::export(&ports, &keyring::parse(&key)?, &role, gun.as_deref(), &to)).await?;
        Ok(Outcome::ExportedKey {
            key: ExportedKeyView::of(&exported),
        })
    }
}

/// Refuses a path that means another place wherever the program was started.
fn absolute(place: &str) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(place.trim());
    if path.is_absolute() {
        return Ok(path);
    }
    let message = format!(
        "expected the full path of a folder, got {}",
        crate::border::visible(place)
    );
    Err(Failure::fault("bad-usage", message).with("folder", place))
}
