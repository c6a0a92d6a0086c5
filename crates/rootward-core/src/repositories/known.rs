//! One repository as this desk knows it: who it is, how it was anchored, and its role tree by the desk's clock.
//!
//! Computed from what the vault remembers alone: the walk is repeated over the last reading, so that standing follows the
//! clock and nothing that was shown once depends on the network.

use std::collections::BTreeSet;

use rootward_tuf::{
    dialect::Dialect,
    finding::Finding,
    key::PhysicalKey,
    metadata,
    role::RoleName,
    time::Instant,
    walk::{Outcome, Walker},
};

use super::{
    dialect::{Gun, dialect_of},
    listed::{Listed, listed},
    look::{begin, given_gun},
    reading::Reading,
    roles::{Facts, RoleTree},
    server_held::server_held,
    standing::Standing,
    stolen::Shown,
};
use crate::ports::{AnchorHow, AnchorRecord, Failure, LastRead, LimitsView, Proven, RepositoryRecord, Vault};

/// A repository of this desk.
#[derive(Debug, Clone)]
pub struct Known {
    pub record: RepositoryRecord,
    pub anchor: Option<Anchored>,
    pub tree: RoleTree,
    pub gun: Option<Gun>,
    /// The last walk that was accepted, with its first and last root version.
    pub walked: Option<(Instant, u64, u64)>,
    /// When the source was last visited.
    pub visited: Option<Instant>,
    /// What kept the last visit from its end.
    pub failure: Option<Failure>,
    /// Root versions that can be shown.
    pub root_versions: Vec<u64>,
    /// The keys those list.
    pub listed: Vec<Listed>,
}

/// How and where trust began, without the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    pub how: AnchorHow,
    pub version: u64,
    pub digest: [u8; 32],
    pub at: Instant,
}

/// What the vault remembers of a repository.
#[derive(Debug, Clone)]
pub struct Memory {
    pub record: RepositoryRecord,
    pub anchor: Option<AnchorRecord>,
    pub proven: Proven,
    pub last_read: LastRead,
    /// Keys that servers said they hold.
    pub server_held: BTreeSet<PhysicalKey>,
}

impl Memory {
    /// Reads everything the vault has of a repository.
    ///
    /// Fails as the vault does.
    pub fn of(record: RepositoryRecord, vault: &dyn Vault) -> Result<Memory, Failure> {
        Ok(Memory {
            anchor: vault.anchor(&record.id)?,
            proven: vault.proven(&record.id)?,
            last_read: vault.last_read(&record.id)?,
            server_held: server_held(vault)?,
            record,
        })
    }

    /// The file of the root that is trusted now: the newest proven one, else the anchor.
    pub fn trusted_root(&self) -> Option<&[u8]> {
        let anchor = self.anchor.as_ref()?;
        let newest = self.proven.roots.iter().max_by_key(|(version, _)| *version);
        Some(match newest {
            Some((version, bytes)) if *version >= anchor.version => bytes,
            _ => &anchor.bytes,
        })
    }

    /// Whether trust may begin at a root: anywhere at first, later only where it has come already.
    pub fn may_be_anchored_at(&self, root: &[u8]) -> bool {
        let is_proven = || self.proven.roots.iter().any(|(_, bytes)| bytes == root);
        self.anchor.as_ref().is_none_or(|anchor| anchor.bytes == root) || is_proven()
    }

    /// Every root that can be shown: read, proven or the anchor.
    pub fn roots(&self, reading: &Reading) -> Vec<Vec<u8>> {
        let anchor = self.anchor.iter().map(|anchor| anchor.bytes.clone());
        let proven = self.proven.roots.iter().map(|(_, bytes)| bytes.clone());
        let read = reading
            .documents(&RoleName::root())
            .map(|fetched| fetched.bytes.clone());
        anchor.chain(proven).chain(read).collect()
    }

    /// The dialect, as far as it can be told.
    pub fn dialect(&self, reading: &Reading) -> Dialect {
        let anchor = self
            .anchor
            .as_ref()
            .and_then(|anchor| rootward_tuf::detect(&anchor.bytes).ok());
        anchor.or_else(|| dialect_of(reading)).unwrap_or(Dialect::Tuf1)
    }

    /// The documents that can be shown, for an inquiry into stolen keys.
    ///
    /// Fails with `metadata-not-found` when there is no root.
    pub fn shown(&self, reading: &Reading, gun: Option<&Gun>, now: Instant) -> Result<Shown, Failure> {
        let facts = Facts {
            dialect: self.dialect(reading),
            reading,
            proven: &self.proven,
            anchored: self.anchor.is_some(),
            outcome: None,
            server_held: &self.server_held,
            way: Vec::new(),
            now,
        };
        Shown::of(&facts, gun, &self.record.source)
    }

    /// Judges what is remembered by the clock `now`. `way` are findings about the way to the source.
    pub fn judge(&self, limits: &LimitsView, way: Vec<Finding>, now: Instant) -> Known {
        let reading = Reading::from_last_read(&self.last_read);
        let outcome = self.replay(&reading, limits, now);
        let dialect = self.dialect(&reading);
        let tree = RoleTree::build(&Facts {
            dialect,
            reading: &reading,
            proven: &self.proven,
            anchored: self.anchor.is_some(),
            outcome: outcome.as_ref(),
            server_held: &self.server_held,
            way,
            now,
        });
        let roots = self.roots(&reading);
        let read = |bytes: &Vec<u8>| metadata::read::<metadata::Root>(bytes, dialect).ok();
        let roots: Vec<_> = roots.iter().filter_map(read).collect();
        let mut root_versions: Vec<u64> = Vec::new();
        let mut gun = given_gun(&self.record.source)
            .map(Gun::Given)
            .filter(|_| dialect == Dialect::Notary);
        for root in &roots {
            if gun.is_none() && dialect == Dialect::Notary {
                gun = Gun::of_certificate(root.body());
            }
            root_versions.push(root.version());
        }
        root_versions.sort_unstable();
        root_versions.dedup();
        Known {
            record: self.record.clone(),
            anchor: self.anchor.as_ref().map(|anchor| Anchored {
                how: anchor.how,
                version: anchor.version,
                digest: anchor.sha256,
                at: anchor.at,
            }),
            tree,
            gun,
            walked: self.last_read.walked,
            visited: self.last_read.at,
            failure: self.last_read.failure.clone(),
            root_versions,
            listed: listed(&roots),
        }
    }

    /// Walks again over what was read last; none where no root is trusted.
    pub fn replay(&self, reading: &Reading, limits: &LimitsView, now: Instant) -> Option<Outcome> {
        let (input, _) = begin(self.trusted_root()?, &self.proven, &self.record.source, limits, now).ok()?;
        Some(Walker::begin(input).ok()?.run(|request| reading.reply(request)))
    }
}

impl Known {
    /// Whether nothing of a repository was ever read or trusted here: its place is on the desk so that one can be begun.
    pub fn is_bare(&self) -> bool {
        self.anchor.is_none() && !self.tree.shows_anything()
    }

    /// The worst of all its roles; never seen before the first visit brought anything.
    pub fn standing(&self) -> Standing {
        if self.tree.shows_anything() {
            self.tree.standing()
        } else if self.failure.is_some() {
            Standing::Unreachable
        } else {
            Standing::NeverSeen
        }
    }

    /// Whether its timestamp has run out.
    pub fn timestamp_expired(&self, now: Instant) -> bool {
        let mut timestamps = self.tree.top_level().filter(|node| node.role == RoleName::timestamp());
        timestamps.any(|node| {
            node.document
                .as_ref()
                .is_some_and(|document| document.expires.is_expired(now))
        })
    }

    /// Whether trust began by first use.
    pub fn is_first_use(&self) -> bool {
        self.anchor
            .as_ref()
            .is_some_and(|anchor| anchor.how == AnchorHow::FirstUse)
    }
}
