//! Which keys are for practice alone: those of the practice estate, of drills and clones, and those in practice tokens.

use std::path::{Path, PathBuf};

use crate::ports::{KeyReference, Ports, is_practice_token};

/// Where everything of practice lies in a desk's data folder.
const FOLDER: &str = "practice";

/// Whether a key is thrown away after practice: it signs nothing real.
pub fn is_practice(data: &Path, reference: &KeyReference) -> bool {
    match reference {
        KeyReference::File(path) => path.starts_with(data.join(FOLDER)),
        KeyReference::YubiKey(at) => is_practice_token(at.serial),
        KeyReference::Pkcs11(_) | KeyReference::Keychain(_) => false,
    }
}

/// The folders of practice keys: the estate's, and one for each drill and clone.
pub fn practice_folders(ports: &Ports) -> Vec<PathBuf> {
    let practice = ports.data.join(FOLDER);
    let mut folders = vec![practice.join("keys")];
    for kind in ["drills", "clones"] {
        let names = ports.disk.list(&practice.join(kind)).unwrap_or_default();
        folders.extend(names.iter().map(|name| practice.join(kind).join(name).join("keys")));
    }
    folders
}
