//! The known layouts of a metadata folder, and the names a document may have in each.
//!
//! | layout | root | others |
//! |---|---|---|
//! | as served, consistent snapshots | `N.root.json` | `N.role.json`, `timestamp.json` |
//! | as served, without them | `root.json`, `N.root.json` | `role.json` |
//! | working copy of a signing repository | `root.json`, `root_history/N.root.json` | `role.json` |
//! | Notary's cache | `root.json` | `targets/releases.json` for `targets/releases` |
//! | flat capture of Notary | `root.json`, `N.root.json` | `targets_releases.json` for it |
//!
//! Any of them may stand in a `metadata` or `repository` folder below the one given.

use std::{
    io,
    path::{Path, PathBuf},
};

use rootward_tuf::{Dialect, RoleName, encoding::hex};

use crate::ports::Disk;

const HISTORY: &str = "root_history";

/// Where metadata may stand below the folder given, the likeliest first.
const BASES: [&str; 4] = ["", "metadata", "repository", "repository/metadata"];

/// What was found by looking into a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Where metadata stands, relative to the folder given.
    base: PathBuf,
    /// Names in it.
    names: Vec<String>,
    /// Versioned roots, ascending, relative to the folder given.
    roots: Vec<(u64, PathBuf)>,
    has_history: bool,
    is_versioned: bool,
}

impl Layout {
    /// Looks; `None` when no metadata is found. Fails when the folder cannot be read.
    pub(super) fn look(disk: &dyn Disk, folder: &Path) -> io::Result<Option<Self>> {
        let mut without_root = None;
        for base in BASES {
            let names = match disk.list_inside(folder, Path::new(base)) {
                Ok(names) => names,
                // A folder below, or a link that leads elsewhere, is simply not the place.
                Err(_) if !base.is_empty() => continue,
                Err(error) => return Err(error),
            };
            let layout = Layout::of(disk, folder, Path::new(base), names);
            if layout.has_root() {
                return Ok(Some(layout));
            }
            if without_root.is_none() && layout.has_metadata() {
                without_root = Some(layout);
            }
        }
        Ok(without_root)
    }

    /// The layout of a folder that is written for the first time.
    pub(super) fn fresh(consistent_snapshot: bool) -> Self {
        Layout {
            is_versioned: consistent_snapshot,
            ..Layout::default()
        }
    }

    fn of(disk: &dyn Disk, folder: &Path, base: &Path, names: Vec<String>) -> Self {
        let history = base.join(HISTORY);
        let old = if names.iter().any(|name| name == HISTORY) {
            disk.list_inside(folder, &history).ok()
        } else {
            None
        };
        let mut roots = roots_in(base, &names);
        for (version, path) in old.iter().flat_map(|names| roots_in(&history, names)) {
            if roots.iter().all(|(known, _)| *known != version) {
                roots.push((version, path));
            }
        }
        roots.sort_unstable();
        Layout {
            base: base.to_owned(),
            roots,
            has_history: old.is_some(),
            is_versioned: names
                .iter()
                .any(|name| matches!(parts(name), Some((Some(_), stem)) if stem != "root")),
            names,
        }
    }

    fn has_root(&self) -> bool {
        !self.roots.is_empty() || self.has_name("root.json")
    }

    fn has_metadata(&self) -> bool {
        let is_top_level = |stem| matches!(stem, "root" | "targets" | "snapshot" | "timestamp");
        self.names
            .iter()
            .any(|name| parts(name).is_some_and(|(_, stem)| is_top_level(stem)))
    }

    fn has_name(&self, name: &str) -> bool {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Whether files other than roots carry versions in their names.
    pub(super) fn is_versioned(&self) -> bool {
        self.is_versioned
    }

    /// Whether old roots are kept in a folder of their own: then nothing else carries a version in its name.
    pub(super) fn is_working_copy(&self) -> bool {
        self.has_history
    }

    /// Whether a file stands right beside the root.
    pub(super) fn has_file(&self, path: &Path) -> bool {
        let name = path.strip_prefix(&self.base).ok().and_then(Path::to_str);
        name.is_some_and(|name| self.has_name(name))
    }

    /// Whether there is any root with a version in its name.
    pub(super) fn has_versioned_roots(&self) -> bool {
        self.has_history || !self.roots.is_empty()
    }

    /// Whether there is a file of a role other than root and timestamp.
    pub(super) fn has_other_roles(&self) -> bool {
        let is_other = |stem| stem != "root" && stem != "timestamp";
        self.names
            .iter()
            .any(|name| parts(name).is_some_and(|(_, stem)| is_other(stem)))
    }

    /// Versioned roots, ascending.
    pub(super) fn roots(&self) -> impl DoubleEndedIterator<Item = (u64, &Path)> {
        self.roots.iter().map(|(version, path)| (*version, path.as_path()))
    }

    /// The names a version of a role may have, the likeliest first; none when the role cannot be a file name.
    pub(super) fn versioned(&self, role: &RoleName, version: u64) -> Vec<PathBuf> {
        let Ok(stem) = role.file_stem() else { return Vec::new() };
        let name = format!("{version}.{stem}.json");
        let mut names = vec![self.base.join(&name)];
        if self.has_history && *role == RoleName::root() {
            names.push(self.base.join(HISTORY).join(name));
        }
        names
    }

    /// The names of a role's document by Notary's suffix of the digest.
    pub(super) fn by_digest(&self, role: &RoleName, sha256: &[u8; 32]) -> Vec<PathBuf> {
        let digest = hex(sha256);
        let stems = [role.file_stem().ok(), nested(role, "/")];
        let names = stems
            .into_iter()
            .flatten()
            .map(|stem| self.base.join(format!("{stem}.{digest}.json")));
        names.collect()
    }

    /// The names of a role's only document, the likeliest first; none when the role cannot be a file name.
    pub(super) fn unversioned(&self, role: &RoleName) -> Vec<PathBuf> {
        let stems = [role.file_stem().ok(), nested(role, "/"), nested(role, "_")];
        stems
            .into_iter()
            .flatten()
            .map(|stem| self.base.join(format!("{stem}.json")))
            .collect()
    }

    /// Where a new versioned file is written.
    pub(super) fn versioned_to_write(&self, role: &RoleName, version: u64) -> Option<PathBuf> {
        self.versioned(role, version).pop()
    }

    /// Where a new file without a version is written: a delegated role of Notary as the folder has it, else as a path.
    pub(super) fn unversioned_to_write(&self, role: &RoleName, dialect: Dialect) -> Option<PathBuf> {
        let is_flat = self.names.iter().any(|name| name.starts_with("targets_"));
        let stem = match (dialect, nested(role, if is_flat { "_" } else { "/" })) {
            (Dialect::Notary, Some(stem)) => stem,
            _ => role.file_stem().ok()?,
        };
        Some(self.base.join(format!("{stem}.json")))
    }
}

/// A name such as `targets/releases`, each part made harmless by itself; `None` when it has no parts.
fn nested(role: &RoleName, between: &str) -> Option<String> {
    let (_, _) = role.as_str().split_once('/')?;
    let parts = role
        .as_str()
        .split('/')
        .map(|part| RoleName::new(part).ok()?.file_stem().ok());
    Some(parts.collect::<Option<Vec<_>>>()?.join(between))
}

/// Reads `N.stem.json` and `stem.json`.
fn parts(name: &str) -> Option<(Option<u64>, &str)> {
    let stem = name.strip_suffix(".json")?;
    match stem.split_once('.') {
        Some((number, rest)) if is_number(number) => Some((Some(number.parse().ok()?), rest)),
        _ => Some((None, stem)),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn roots_in(folder: &Path, names: &[String]) -> Vec<(u64, PathBuf)> {
    let versioned = names.iter().filter_map(|name| match parts(name)? {
        (Some(version), "root") => Some((version, folder.join(name))),
        _ => None,
    });
    versioned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_strictly() {
        assert_eq!(parts("12.root.json"), Some((Some(12), "root")));
        assert_eq!(
            parts("3.registry.example.org.json"),
            Some((Some(3), "registry.example.org"))
        );
        assert_eq!(parts("registry.example.org.json"), Some((None, "registry.example.org")));
        assert_eq!(parts("root.json"), Some((None, "root")));
        assert_eq!(parts("01.root.json"), Some((None, "01.root")));
        assert_eq!(parts("+1.root.json"), Some((None, "+1.root")));
        assert_eq!(parts("root.json.bak"), None);
        assert_eq!(parts("99999999999999999999.root.json"), None);
    }

    #[test]
    fn a_hostile_role_stays_inside() {
        let layout = Layout::fresh(true);
        for name in [
            "..",
            "../..",
            "a/../../b",
            "/etc/passwd",
            "a//b",
            "a\0b",
            "./.",
            "targets/..",
        ] {
            let role = RoleName::new(name).unwrap();
            let mut names = layout.unversioned(&role);
            names.extend(layout.versioned(&role, 1));
            names.extend(layout.by_digest(&role, &[0; 32]));
            names.extend(layout.unversioned_to_write(&role, Dialect::Notary));
            assert!(!names.is_empty(), "{name}");
            for path in names {
                assert!(path.is_relative(), "{name}: {path:?}");
                let is_normal = |part| matches!(part, std::path::Component::Normal(_));
                assert!(path.components().all(is_normal), "{name}: {path:?}");
            }
        }
        let long = RoleName::new("x".repeat(4000)).unwrap();
        assert!(layout.unversioned(&long).is_empty() && layout.versioned(&long, 1).is_empty());
    }
}
