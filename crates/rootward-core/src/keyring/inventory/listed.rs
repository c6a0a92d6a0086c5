//! Keys that the metadata in a client's cache lists, found by the id of the bare key. Lenient: nothing here is proven.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use rootward_tuf::{
    Dialect,
    key::{Key, KeyId, PublicKey},
    metadata::{self, Root, Targets},
    role::RoleName,
};

use super::{CachedRepository, DEEPEST, MOST_NAMES, Unreadable, Use};
use crate::ports::Disk;

/// Longer documents are not searched for keys.
const LONGEST: u64 = 16 << 20;
const CACHE: &str = "tuf";

/// What the cache lists.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) repositories: Vec<CachedRepository>,
    pub(super) keys: BTreeMap<KeyId, ListedKey>,
}

/// A key and every place that lists it.
pub(super) struct ListedKey {
    pub(super) public: PublicKey,
    pub(super) uses: Vec<Use>,
}

impl Listed {
    /// Reads `tuf/GUN/metadata` of every GUN there is.
    pub(super) fn read(
        disk: &dyn Disk,
        folder: &Path,
        unreadable: &mut Vec<Unreadable>,
        is_cut_off: &mut bool,
    ) -> Self {
        let mut reader = Reader {
            disk,
            folder,
            unreadable,
            names_left: MOST_NAMES,
            listed: Listed::default(),
        };
        reader.below(Path::new(CACHE));
        *is_cut_off |= reader.names_left == 0;
        let mut listed = reader.listed;
        for key in listed.keys.values_mut() {
            key.uses.sort();
            key.uses.dedup();
        }
        listed
    }

    fn add(&mut self, key: &Key, gun: &str, role: Option<RoleName>, version: u64) {
        let Ok(public) = key.public() else { return };
        let entry = self.keys.entry(key.canonical_keyid()).or_insert_with(|| ListedKey {
            public: public.clone(),
            uses: Vec::new(),
        });
        entry.uses.push(Use {
            gun: gun.to_owned(),
            role,
            version,
            keyid: key.keyid().clone(),
        });
    }
}

struct Reader<'a> {
    disk: &'a dyn Disk,
    folder: &'a Path,
    unreadable: &'a mut Vec<Unreadable>,
    names_left: usize,
    listed: Listed,
}

impl Reader<'_> {
    fn below(&mut self, inside: &Path) {
        let Ok(names) = self.disk.list_inside(self.folder, inside) else {
            return;
        };
        let metadata = inside.join("metadata");
        let gun = inside
            .strip_prefix(CACHE)
            .unwrap_or(inside)
            .to_string_lossy()
            .into_owned();
        let is_repository = names.iter().any(|name| name == "metadata") && self.repository(&gun, &metadata);
        for name in names {
            if self.names_left == 0 || inside.components().count() >= DEEPEST {
                return;
            }
            self.names_left -= 1;
            if !(is_repository && name == "metadata") {
                self.below(&inside.join(name));
            }
        }
    }

    /// Reads the keys of one repository; false when there is none.
    fn repository(&mut self, gun: &str, metadata: &Path) -> bool {
        let Some(bytes) = self.document(&metadata.join("root.json")) else {
            return false;
        };
        match metadata::read::<Root>(&bytes, Dialect::Notary) {
            Err(why) => self.skip(&metadata.join("root.json"), why.to_string()),
            Ok(root) => {
                let root = root.body();
                self.listed.repositories.push(CachedRepository {
                    gun: gun.to_owned(),
                    root_version: root.version,
                });
                for key in root.keys.iter() {
                    let mut speaks_for: Vec<_> = root
                        .roles()
                        .into_iter()
                        .filter(|(_, role)| role.keyids.contains(key.keyid()))
                        .map(|(name, _)| Some(name))
                        .collect();
                    if speaks_for.is_empty() {
                        speaks_for.push(None);
                    }
                    for role in speaks_for {
                        self.listed.add(key, gun, role, root.version);
                    }
                }
            }
        }
        self.delegations(gun, &metadata.join("targets.json"));
        self.delegations_below(gun, &metadata.join("targets"));
        true
    }

    fn delegations_below(&mut self, gun: &str, inside: &Path) {
        for name in self.disk.list_inside(self.folder, inside).unwrap_or_default() {
            if self.names_left == 0 || inside.components().count() >= DEEPEST {
                return;
            }
            self.names_left -= 1;
            let path = inside.join(&name);
            if name.ends_with(".json") {
                self.delegations(gun, &path);
            } else {
                self.delegations_below(gun, &path);
            }
        }
    }

    fn delegations(&mut self, gun: &str, path: &Path) {
        let Some(bytes) = self.document(path) else { return };
        let targets = match metadata::read::<Targets>(&bytes, Dialect::Notary) {
            Ok(targets) => targets,
            Err(why) => return self.skip(path, why.to_string()),
        };
        let Some(delegations) = &targets.body().delegations else {
            return;
        };
        for role in delegations.roles.iter() {
            for key in role.keys.keyids.iter().filter_map(|keyid| delegations.keys.get(keyid)) {
                self.listed
                    .add(key, gun, Some(role.name.clone()), targets.body().version);
            }
        }
    }

    /// A document, if there is one that can be read.
    fn document(&mut self, path: &Path) -> Option<Vec<u8>> {
        match self.disk.read_inside(self.folder, path, LONGEST) {
            Ok(bytes) => Some(bytes),
            Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
            Err(why) => {
                self.skip(path, why.to_string());
                None
            }
        }
    }

    fn skip(&mut self, inside: &Path, why: String) {
        let path: PathBuf = self.folder.join(inside);
        self.unreadable.push(Unreadable { path, why });
    }
}
