//! Keys in files without a window: what `rootwardctl keys` asks.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    adapters::{
        DeskConfig, KeyFiles, Keychain, KeychainKey, SystemDisk, SystemRandom, data_folder, desk_ports, folders_of_keys,
    },
    backup,
    border::{ExportReport, ImportedKeyReport, KeychainKeyReport, KeychainReport, KeysReport},
    keyring::{self, FoundKey, Inventory},
    ports::{Disk, Failure, Ports, Prompt, PromptRequest},
};

/// Lists the folders given, else `~/.notary`, `~/.docker/trust` and the desk's own keys, as far as they are there. Asks for
/// no secret and writes nothing.
///
/// Fails with `source-unreadable` when a folder that was given cannot be listed.
pub fn list_key_folders(given: Vec<PathBuf>, data: Option<PathBuf>) -> Result<KeysReport, Failure> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::new());
    let keys = KeyFiles::new(disk.clone(), Arc::new(SystemRandom));
    let folders = if given.is_empty() {
        let own = data_folder(data).map(|data| keyring::own_folder(&data)).ok();
        let usual = folders_of_keys().into_iter().chain(own);
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

/// The keys of one desk, to be copied onto it and from it.
pub struct KeyBox {
    ports: Ports,
    keychain: Keychain,
}

/// Which of the keys that were found somewhere.
pub enum Which {
    All,
    /// By file, by the file's name, or by canonical id.
    Named(Vec<String>),
}

impl KeyBox {
    /// Opens the desk. Fails as `desk_ports` does.
    pub fn open(data: Option<PathBuf>, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        let ports = desk_ports(DeskConfig {
            key_folders: folders_of_keys(),
            data: data_folder(data)?,
            prompt,
            at: None,
            holder: "rootwardctl".into(),
        })?;
        backup::finish(&ports)?;
        let keychain = Keychain::of_system(ports.disk.clone(), ports.random.clone(), &ports.data);
        Ok(KeyBox { ports, keychain })
    }

    /// Finds private keys in a folder, or the one in a file.
    ///
    /// Fails with `source-unreadable`, `key-not-found` and `key-file-unreadable`.
    pub fn find(&self, place: &Path, which: &Which) -> Result<Vec<FoundKey>, Failure> {
        let (disk, keys) = (&*self.ports.disk, &*self.ports.keys);
        let found = Inventory::at(place, disk, keys)?.keys;
        let Which::Named(names) = which else { return Ok(found) };
        let mut chosen = Vec::new();
        for name in names {
            let named = found.iter().filter(|key| is_named(key, name));
            let [key] = named.collect::<Vec<_>>()[..] else {
                let message = format!("expected one key called {name} in {}", place.display());
                return Err(Failure::fault("key-not-found", message).with("key", name));
            };
            chosen.push(key.clone());
        }
        Ok(chosen)
    }

    /// Copies a key onto this desk. Fails as [`keyring::import`] does.
    pub fn import(&self, key: &FoundKey) -> Result<ImportedKeyReport, Failure> {
        keyring::import(&self.ports, key).map(|imported| ImportedKeyReport::of(&imported))
    }

    /// Writes a key for Notary's command line. Fails with `bad-usage` when `key` names none, and as [`keyring::export`] does.
    pub fn export(&self, key: &str, role: &str, gun: Option<&str>, to: &Path) -> Result<ExportReport, Failure> {
        let key = keyring::parse(key)?;
        keyring::export(&self.ports, &key, role, gun, to).map(|exported| ExportReport::of(&exported))
    }
}

impl KeyBox {
    /// Keys of this desk in the keychain. Does not ask the keychain. Fails as the disk does.
    pub fn in_keychain(&self) -> Result<KeychainReport, Failure> {
        let keys = self.keychain.list()?;
        Ok(KeychainReport {
            keys: keys.iter().map(keychain_key).collect(),
        })
    }

    /// Copies the key of a file into the keychain, under a name; asks for the file's passphrase. Root metadata it signs only
    /// when `may_sign_root` says so.
    ///
    /// Fails as [`Keychain::store`] does.
    pub fn put_into_keychain(
        &self,
        name: &str,
        from: &Path,
        may_sign_root: bool,
    ) -> Result<KeychainKeyReport, Failure> {
        let request = PromptRequest {
            change: format!(
                "The key is copied into this session's keychain as {name}. The file it comes from stays as it is."
            ),
            key: from.display().to_string(),
            ..PromptRequest::default()
        };
        let stored = self
            .keychain
            .store(name, from, may_sign_root, &*self.ports.prompt, &request)?;
        Ok(keychain_key(&stored))
    }

    /// Takes a key out of the keychain. Fails as [`Keychain::remove`] does.
    pub fn take_out_of_keychain(&self, name: &str) -> Result<(), Failure> {
        self.keychain.remove(name)
    }
}

fn keychain_key(key: &KeychainKey) -> KeychainKeyReport {
    KeychainKeyReport {
        key: format!("keychain:{}", key.name),
        name: key.name.clone(),
        physical_key: key.public.physical().to_string(),
        algorithm: key.public.algorithm().as_str(),
        may_sign_root: key.may_sign_root,
    }
}

fn is_named(key: &FoundKey, name: &str) -> bool {
    let path = Path::new(name.strip_prefix("file:").unwrap_or(name));
    key.path == path
        || key.path.file_name() == Some(path.as_os_str())
        || key.canonical.as_ref().is_some_and(|id| id.as_str() == name)
}
