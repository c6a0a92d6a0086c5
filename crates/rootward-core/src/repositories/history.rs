//! Root versions over time: which keys counted, which signed, and what each version changed.
//!
//! Shows every root that can be read; whether one follows from its predecessor is said, never assumed.

use std::collections::BTreeMap;

use rootward_tuf::{
    dialect::Dialect,
    diff::{RootDifference, diff_roots},
    key::PhysicalKey,
    metadata::{self, Envelope, Root},
    verify::Tally,
};

/// Every readable root version, oldest first.
#[derive(Debug, Clone)]
pub struct History {
    pub dialect: Dialect,
    pub versions: Vec<RootVersion>,
}

/// One root version.
#[derive(Debug, Clone)]
pub struct RootVersion {
    pub root: Envelope<Root>,
    /// By its own keys.
    pub own: Tally,
    /// By the keys of the version right before it, when that one is here.
    pub by_predecessor: Option<Tally>,
    /// Against the version before it in this history.
    pub differences: Vec<RootDifference>,
}

/// One physical key over all versions.
#[derive(Debug, Clone)]
pub struct Lifeline {
    pub physical: PhysicalKey,
    pub name: Option<String>,
    /// The keyid it had last.
    pub keyid: String,
    pub points: Vec<Point>,
}

/// A key at a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its keyid in root's role here; `None` when it does not count for root.
    pub keyid: Option<String>,
    pub signed: bool,
    /// It counted in the version before under another keyid.
    pub renamed: bool,
}

impl History {
    /// Reads roots given in any order; of two for one version the first stays, and what cannot be read is left out.
    pub fn of<'a>(roots: impl IntoIterator<Item = &'a [u8]>, dialect: Dialect) -> History {
        let mut by_version: BTreeMap<u64, Envelope<Root>> = BTreeMap::new();
        for bytes in roots {
            if let Ok(root) = metadata::read::<Root>(bytes, dialect) {
                by_version.entry(root.version()).or_insert(root);
            }
        }
        let mut versions: Vec<RootVersion> = Vec::new();
        for (version, root) in by_version {
            let before = versions.last().map(|before| &before.root);
            let predecessor = before.filter(|before| before.version().checked_add(1) == Some(version));
            let by_predecessor = predecessor.map(|before| Tally::of(&root, &before.body().keys, &before.body().root));
            let differences = before.map(|before| diff_roots(before, &root)).unwrap_or_default();
            versions.push(RootVersion {
                own: Tally::of(&root, &root.body().keys, &root.body().root),
                root,
                by_predecessor,
                differences,
            });
        }
        History { dialect, versions }
    }

    /// The version asked for.
    pub fn version(&self, version: u64) -> Option<&RootVersion> {
        self.versions
            .iter()
            .find(|candidate| candidate.root.version() == version)
    }

    /// The lines of all keys that ever counted for root, in the order in which they joined.
    pub fn lifelines(&self) -> Vec<Lifeline> {
        let mut lines: Vec<Lifeline> = Vec::new();
        for (place, version) in self.versions.iter().enumerate() {
            let body = version.root.body();
            for keyid in &body.root.keyids {
                let Some(key) = body.keys.get(keyid) else { continue };
                let Some(physical) = key.physical() else { continue };
                let known = lines.iter().position(|line| line.physical == physical);
                let known = known.unwrap_or_else(|| {
                    lines.push(Lifeline {
                        physical,
                        name: None,
                        keyid: String::new(),
                        points: vec![Point::absent(); self.versions.len()],
                    });
                    lines.len() - 1
                });
                let line = &mut lines[known];
                line.name = key.owner_name().or(line.name.take());
                line.keyid = keyid.as_str().to_owned();
                line.points[place].keyid = Some(keyid.as_str().to_owned());
            }
        }
        for line in &mut lines {
            for (place, version) in self.versions.iter().enumerate() {
                line.points[place].signed = version.is_signed_by(line.physical);
                let before = place
                    .checked_sub(1)
                    .and_then(|before| line.points[before].keyid.clone());
                let point = &mut line.points[place];
                point.renamed = matches!((&before, &point.keyid), (Some(old), Some(new)) if old != new);
            }
        }
        lines
    }
}

impl Point {
    fn absent() -> Self {
        Point {
            keyid: None,
            signed: false,
            renamed: false,
        }
    }
}

impl RootVersion {
    /// Whether enough of its own keys and of its predecessor's signed it; `None` when the predecessor is not here.
    pub fn follows(&self) -> Option<bool> {
        let by_predecessor = self.by_predecessor.as_ref()?;
        Some(self.own.is_met() && by_predecessor.is_met())
    }

    /// Whether a good signature of `physical` is on it, by its own keys or by its predecessor's.
    fn is_signed_by(&self, physical: PhysicalKey) -> bool {
        use rootward_tuf::verify::SignatureOutcome::{Counted, Repeated, SameKeyCountedAlready};
        let tallies = [Some(&self.own), self.by_predecessor.as_ref()];
        let mut entries = tallies.into_iter().flatten().flat_map(|tally| &tally.entries);
        entries.any(|entry| {
            entry.physical == Some(physical) && matches!(entry.outcome, Counted | Repeated | SameKeyCountedAlready)
        })
    }
}
