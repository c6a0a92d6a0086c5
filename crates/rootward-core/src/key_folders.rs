//! Folders of keys without a desk: what `rootwardctl keys` asks.

use std::{path::PathBuf, sync::Arc};

use crate::{
    adapters::{KeyFiles, SystemDisk, SystemRandom, folders_of_keys},
    border::KeysReport,
    keyring::Inventory,
    ports::{Disk, Failure},
};

/// Lists the folders given, else `~/.notary` and `~/.docker/trust` as far as they are there. Asks for no secret and writes
/// nothing.
///
/// Fails with `source-unreadable` when a folder that was given cannot be listed.
pub fn list_key_folders(given: Vec<PathBuf>) -> Result<KeysReport, Failure> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::new());
    let keys = KeyFiles::new(disk.clone(), Arc::new(SystemRandom));
    let folders = if given.is_empty() {
        let usual = folders_of_keys().into_iter();
        usual.filter(|folder| disk.list(folder).is_ok()).collect()
    } else {
        given
    };
    let listed: Result<Vec<_>, _> = folders
        .iter()
        .map(|folder| Inventory::of(folder, &*disk, &keys))
        .collect();
    Ok(KeysReport::of(&listed?))
}
