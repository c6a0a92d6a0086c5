//! What lies in a folder of keys that other programs made (`~/.notary`, `~/.docker/trust`, any other), before any of it is used.
//!
//! Asks for no secret and writes nothing. Everything read is a claim until the key is opened.

mod listed;
mod settings;

use std::{
    io,
    path::{Path, PathBuf},
};

use rootward_tuf::{
    key::{Algorithm, Key, KeyId, PublicKey},
    role::RoleName,
};

use self::listed::Listed;
pub use self::settings::{Pins, Server, Settings};
use crate::ports::{Disk, Failure, KeyReference, Keys, Protection};

/// A folder of keys, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    pub folder: PathBuf,
    /// What the client that owns the folder is told by `config.json`; `None` when there is no such file.
    pub settings: Option<Settings>,
    /// Repositories whose metadata the client keeps here, by GUN; nothing of it is proven.
    pub repositories: Vec<CachedRepository>,
    /// Private keys, by path.
    pub keys: Vec<FoundKey>,
    /// What could not be read, and why.
    pub unreadable: Vec<Unreadable>,
    /// There was more than anybody keeps in such a folder, and the rest was not looked at.
    pub is_cut_off: bool,
}

/// A repository in the client's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedRepository {
    pub gun: String,
    pub root_version: u64,
}

/// A private key in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundKey {
    pub path: PathBuf,
    /// As the file's headers say, else its name, else metadata.
    pub role: Option<String>,
    pub gun: Option<String>,
    /// The id of the bare key: computed where the key can be read, else claimed by the file's name.
    pub canonical: Option<KeyId>,
    /// Whether `canonical` was computed from the key itself.
    pub is_checked: bool,
    /// From the file, else from metadata that lists a key of this id.
    pub public: Option<PublicKey>,
    pub algorithm: Option<Algorithm>,
    pub protection: Protection,
    /// Where metadata in this folder lists the key.
    pub uses: Vec<Use>,
    pub remarks: Vec<Remark>,
}

/// One place in metadata that lists a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub gun: String,
    /// The role the key speaks for; `None` when it is listed and speaks for none any more.
    pub role: Option<RoleName>,
    /// Of the document that lists it.
    pub version: u64,
    /// The id that metadata uses: of the certificate, where there is one.
    pub keyid: KeyId,
}

/// Something to know before a key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// No passphrase protects it.
    NoPassphrase,
    /// Guessing its passphrase costs next to nothing.
    WeakPassphraseStretching,
    /// Encrypted by PEM's own headers: Notary before 0.6.
    OlderForm,
    /// Under `root_keys` or `tuf_keys`: Notary before 0.5.
    OlderPlace,
    /// The file is named after another key.
    NamedAfterOtherKey,
    /// No metadata in this folder lists it.
    Unlisted,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub path: PathBuf,
    pub why: String,
}

/// Names looked at in one folder of keys and one cache.
const MOST_NAMES: usize = 20_000;
/// Folders inside folders: a GUN has a folder for each of its parts.
const DEEPEST: usize = 24;
const LONGEST_KEY: u64 = 64 << 10;

impl Inventory {
    /// Lists a folder.
    ///
    /// Fails with `source-unreadable` when it is not there or no folder.
    pub fn of(folder: &Path, disk: &dyn Disk, keys: &dyn Keys) -> Result<Self, Failure> {
        let names = disk.list(folder).map_err(|why| {
            let message = format!("the folder {} cannot be listed: {why}", folder.display());
            Failure::fault("source-unreadable", message).with("folder", folder.display().to_string())
        })?;
        let mut unreadable = Vec::new();
        let mut is_cut_off = false;
        let settings = Settings::read(disk, folder, &mut unreadable);
        let listed = Listed::read(disk, folder, &mut unreadable, &mut is_cut_off);
        let mut search = Search {
            disk,
            keys,
            folder,
            listed: &listed,
            names_left: MOST_NAMES,
            found: Vec::new(),
            unreadable,
        };
        if names.iter().any(|name| name == "private") {
            search.below(Path::new("private"), true, &mut Vec::new());
        } else {
            // Perhaps the folder `private` itself, or one where somebody keeps keys.
            let is_private = names.iter().any(|name| name == ROOT_KEYS || name == OTHER_KEYS);
            search.below(Path::new(""), is_private, &mut Vec::new());
        }
        is_cut_off |= search.names_left == 0;
        let Search { found, unreadable, .. } = search;
        Ok(Inventory {
            folder: folder.to_owned(),
            settings,
            repositories: listed.repositories,
            keys: found,
            unreadable,
            is_cut_off,
        })
    }
}

impl Inventory {
    /// Lists a folder, or looks at the one key file that `place` is.
    ///
    /// Fails as [`Inventory::of`] does for a folder and as [`FoundKey::of`] for a file.
    pub fn at(place: &Path, disk: &dyn Disk, keys: &dyn Keys) -> Result<Self, Failure> {
        if disk.list(place).is_ok() {
            return Inventory::of(place, disk, keys);
        }
        let found = FoundKey::of(place, disk, keys)?;
        let mut inventory = Inventory::nothing_in(place.parent().unwrap_or(place));
        inventory.keys.push(found);
        Ok(inventory)
    }

    /// A folder in which there is nothing.
    pub fn nothing_in(folder: &Path) -> Self {
        Inventory {
            folder: folder.to_owned(),
            settings: None,
            repositories: Vec::new(),
            keys: Vec::new(),
            unreadable: Vec::new(),
            is_cut_off: false,
        }
    }
}

impl FoundKey {
    /// Looks at one key file alone, as if its folder held nothing else.
    ///
    /// Fails with `key-not-found` and `key-file-unreadable`, the latter also for a file without a private key.
    pub fn of(path: &Path, disk: &dyn Disk, keys: &dyn Keys) -> Result<Self, Failure> {
        let reference = KeyReference::File(path.to_owned());
        // Says by name what is wrong with it.
        keys.inspect(&reference)?;
        let unreadable = |why: &str| {
            let message = format!("{} cannot be used as a key: {why}", path.display());
            Failure::fault("key-file-unreadable", message).with("file", path.display().to_string())
        };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(unreadable("expected a file"));
        };
        let mut search = Search {
            disk,
            keys,
            folder: if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            },
            listed: &Listed::default(),
            names_left: 1,
            found: Vec::new(),
            unreadable: Vec::new(),
        };
        search.look_at(Path::new(name));
        match (search.found.pop(), search.unreadable.pop()) {
            (Some(found), _) => Ok(found),
            (None, Some(file)) => Err(unreadable(&file.why)),
            (None, None) => Err(unreadable("expected a private key")),
        }
    }
}

const ROOT_KEYS: &str = "root_keys";
const OTHER_KEYS: &str = "tuf_keys";

/// Looks for key files in a folder, without following a link out of it.
struct Search<'a> {
    disk: &'a dyn Disk,
    keys: &'a dyn Keys,
    folder: &'a Path,
    listed: &'a Listed,
    names_left: usize,
    found: Vec<FoundKey>,
    unreadable: Vec<Unreadable>,
}

impl Search<'_> {
    /// Looks into a folder; `above` has the names in each folder on the way to it.
    fn below(&mut self, inside: &Path, is_deep: bool, above: &mut Vec<Vec<String>>) {
        let names = match self.disk.list_inside(self.folder, inside) {
            Ok(names) => names,
            Err(why) => return self.skip(inside, why.to_string()),
        };
        if above.contains(&names) && names.iter().any(|name| is_key_file(name)) {
            return self.skip(
                inside,
                "expected a folder of its own, found one that holds this one".into(),
            );
        }
        above.push(names.clone());
        for name in names.clone() {
            if self.names_left == 0 {
                break;
            }
            self.names_left -= 1;
            if name.starts_with('.') {
                continue;
            }
            let path = inside.join(&name);
            let is_folder = || self.disk.list_inside(self.folder, &path).is_ok();
            if is_deep && path.components().count() < DEEPEST && is_folder() {
                self.below(&path, true, above);
            } else if is_key_file(&name) || names.contains(&format!("{name}.pub")) {
                self.look_at(&path);
            } else if name.ends_with(".json") {
                // Perhaps one of go-tuf's; whatever else is written in JSON is nobody's key.
                let before = self.unreadable.len();
                self.look_at(&path);
                self.unreadable.truncate(before);
            }
        }
        above.pop();
    }

    fn look_at(&mut self, inside: &Path) {
        // Refuses what a link leads to outside, and whatever is no file.
        if let Err(why) = self.disk.read_inside(self.folder, inside, LONGEST_KEY) {
            let why = match why.kind() {
                io::ErrorKind::FileTooLarge => format!("expected at most {LONGEST_KEY} bytes"),
                _ => why.to_string(),
            };
            return self.skip(inside, why);
        }
        let path = self.folder.join(inside);
        let facts = match self.keys.inspect(&KeyReference::File(path.clone())) {
            Ok(facts) => facts,
            Err(failure) => return self.skip(inside, failure.message),
        };
        let Some(protection) = facts.protection else {
            // A public key or a certificate.
            return;
        };
        let name = Name::of(inside);
        let header = |name: &str| {
            let named = facts.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        let computed = facts
            .public
            .as_ref()
            .map(|public| Key::new_notary_bare(public).keyid().clone());
        let claimed = name.keyid.or_else(|| header("path").and_then(|path| keyid(&path)));
        let mut remarks = Vec::new();
        if protection == Protection::Open {
            remarks.push(Remark::NoPassphrase);
        } else if protection.is_weak() {
            remarks.push(Remark::WeakPassphraseStretching);
        }
        if matches!(protection, Protection::OneRoundOfMd5 { .. }) {
            remarks.push(Remark::OlderForm);
        }
        if name.is_older_place {
            remarks.push(Remark::OlderPlace);
        }
        if computed.is_some() && claimed.is_some() && computed != claimed {
            remarks.push(Remark::NamedAfterOtherKey);
        }
        // Beside an encrypted key, a public half is only a claim.
        let is_checked = computed.is_some() && protection == Protection::Open;
        let canonical = computed.or(claimed);
        let known = canonical.as_ref().and_then(|keyid| self.listed.keys.get(keyid));
        let uses = known.map(|known| known.uses.clone()).unwrap_or_default();
        if uses.is_empty() && canonical.is_some() && !self.listed.repositories.is_empty() {
            remarks.push(Remark::Unlisted);
        }
        let public = facts.public.or_else(|| known.map(|known| known.public.clone()));
        let used_for = uses.iter().find(|place| place.role.is_some());
        self.found.push(FoundKey {
            path,
            role: header("role")
                .or(name.role)
                .or_else(|| used_for.and_then(|place| place.role.as_ref()).map(ToString::to_string)),
            gun: header("gun").or(name.gun),
            canonical,
            is_checked,
            algorithm: public.as_ref().map(PublicKey::algorithm),
            public,
            protection,
            uses,
            remarks,
        });
    }

    fn skip(&mut self, inside: &Path, why: String) {
        self.unreadable.push(Unreadable {
            path: self.folder.join(inside),
            why,
        });
    }
}

/// What the path of a key file says.
struct Name {
    keyid: Option<KeyId>,
    role: Option<String>,
    gun: Option<String>,
    is_older_place: bool,
}

impl Name {
    /// `ID.key`; before 0.5 `root_keys/ID_root.key` or `tuf_keys/GUN/ID_targets.key`, also without the role.
    fn of(inside: &Path) -> Self {
        let stem = inside
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let (id, role) = match stem.split_once('_') {
            Some((id, role)) if keyid(id).is_some() && !role.is_empty() => (id, Some(role.to_owned())),
            _ => (stem.as_str(), None),
        };
        let above: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let above = &above[..above.len().saturating_sub(1)];
        let place = above.iter().position(|part| part == ROOT_KEYS || part == OTHER_KEYS);
        let is_root = place.is_some_and(|place| above[place] == ROOT_KEYS);
        let gun = place.filter(|_| !is_root).map(|place| above[place + 1..].join("/"));
        Name {
            keyid: keyid(id),
            role: role.or_else(|| is_root.then(|| "root".to_owned())),
            gun: gun.filter(|gun| !gun.is_empty()),
            is_older_place: place.is_some(),
        }
    }
}

fn is_key_file(name: &str) -> bool {
    name.ends_with(".key") || name.ends_with(".pem")
}

/// A name that can be a keyid: 64 hexadecimal digits.
fn keyid(text: &str) -> Option<KeyId> {
    let is_id = text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    is_id.then(|| KeyId::new(text))
}

#[cfg(test)]
mod tests;
