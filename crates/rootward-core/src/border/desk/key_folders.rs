//! Folders of keys in words: what was found, what the client is told, and what is on this desk already.

use std::path::Path;

use crate::border::{
    ExportedKeyView, FactView, FoundKeyView, ImportedKeyView, KeyFolderView, KeyRemarkView, remark_words, short,
    visible,
};
use crate::keyring::{Exported, FoundKey, Imported, Inventory, Remark, Settings, Use, canonical};
use crate::ports::Protection;

impl KeyFolderView {
    /// A folder as it was found; `own` is what lies in the desk's own.
    pub fn of(inventory: &Inventory, own: &Inventory) -> Self {
        let cached = inventory.repositories.iter();
        KeyFolderView {
            folder: visible(&inventory.folder.display().to_string()),
            settings: inventory.settings.as_ref().map(settings).unwrap_or_default(),
            repositories: cached
                .map(|cached| fact(&cached.gun, format!("root v{}, unproven", cached.root_version)))
                .collect(),
            keys: inventory
                .keys
                .iter()
                .map(|key| FoundKeyView::of(key, &inventory.folder, own))
                .collect(),
            unreadable: inventory
                .unreadable
                .iter()
                .map(|file| fact(&inside(&file.path, &inventory.folder), file.why.clone()))
                .collect(),
            cut_off: inventory.is_cut_off,
        }
    }
}

impl FoundKeyView {
    fn of(key: &FoundKey, folder: &Path, own: &Inventory) -> Self {
        let mut keyids: Vec<String> = key.uses.iter().map(|place| place.keyid.to_string()).collect();
        keyids.sort();
        keyids.dedup();
        let same = own.keys.iter().find(|here| is_same(here, key));
        FoundKeyView {
            file: key.path.display().to_string(),
            name: visible(&inside(&key.path, folder)),
            role: key.role.as_deref().map(visible),
            gun: key.gun.as_deref().map(visible),
            canonical_keyid: key.canonical.as_ref().map(|keyid| visible(keyid.as_str())),
            keyid_checked: key.is_checked,
            keyids: keyids.iter().map(|keyid| visible(keyid)).collect(),
            physical_key: key.public.as_ref().map(|public| public.physical().to_string()),
            algorithm: key.algorithm.map(|algorithm| algorithm.as_str().to_owned()),
            encrypted: key.protection != Protection::Open,
            protection: key.protection.to_string(),
            weak: key.protection.is_weak(),
            uses: key.uses.iter().map(use_words).collect(),
            remarks: key.remarks.iter().copied().map(KeyRemarkView::of).collect(),
            here: same.map(|here| visible(&inside(&here.path, &own.folder))),
        }
    }
}

impl KeyRemarkView {
    fn of(remark: Remark) -> Self {
        let (code, message) = remark_words(remark);
        KeyRemarkView {
            code: code.into(),
            message: message.into(),
        }
    }
}

impl ImportedKeyView {
    /// A key that was copied.
    pub fn of(imported: &Imported) -> Self {
        ImportedKeyView {
            key: format!("file:{}", imported.to.display()),
            from: visible(&imported.from.display().to_string()),
            canonical_keyid: canonical(&imported.public),
            physical_key: imported.public.physical().to_string(),
        }
    }
}

impl ExportedKeyView {
    /// A copy that was written.
    pub fn of(exported: &Exported) -> Self {
        ExportedKeyView {
            file: visible(&exported.to.display().to_string()),
            role: visible(&exported.role),
            gun: exported.gun.as_deref().map(visible),
            canonical_keyid: canonical(&exported.public),
        }
    }
}

/// The same key, as far as both tell.
fn is_same(here: &FoundKey, found: &FoundKey) -> bool {
    match (&here.public, &found.public) {
        (Some(here), Some(found)) => here.physical() == found.physical(),
        _ => here.canonical.is_some() && here.canonical == found.canonical,
    }
}

fn use_words(place: &Use) -> String {
    let speaks = match &place.role {
        Some(role) => format!("speaks for {role}"),
        None => "is listed and speaks for no role any more".into(),
    };
    let (gun, keyid) = (&place.gun, short(place.keyid.as_str()));
    visible(&format!("{speaks} in {gun}, v{}, as {keyid}", place.version))
}

fn settings(settings: &Settings) -> Vec<FactView> {
    let server = settings.server.clone().unwrap_or_default();
    let pins = settings.pins.clone().unwrap_or_default();
    let told = [
        ("Keys and cache in", settings.trust_dir.clone()),
        ("Server", server.url),
        ("CA of the server", server.root_ca),
        ("Client certificate", server.client_certificate),
    ];
    let told = told.into_iter().filter_map(|(name, value)| Some(fact(name, value?)));
    let certificates = pins
        .certificates
        .iter()
        .map(|(gun, keyids)| fact(&format!("Pinned for {gun}"), keyids.join(", ")));
    let authorities = pins
        .authorities
        .iter()
        .map(|(gun, file)| fact(&format!("Pinned CA for {gun}"), file.clone()));
    let refused = pins
        .refuses_first_use
        .then(|| fact("Trust on first use", "refused".into()));
    told.chain(certificates).chain(authorities).chain(refused).collect()
}

fn fact(name: &str, value: String) -> FactView {
    FactView {
        name: visible(name),
        value: visible(&value),
        evidence: true,
    }
}

/// A file as it is called in its folder.
fn inside(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
