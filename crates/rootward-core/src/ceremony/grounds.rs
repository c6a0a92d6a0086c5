//! What a ceremony builds on: the proven root, the documents that will be issued again, and those that speak for them. One
//! that begins a repository builds on nothing.

use std::collections::HashSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Document, Envelope, Root, Snapshot, Targets, Timestamp};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Expiry;
use rootward_tuf::verify::{Tally, Verified};

use super::authority::{self, Speaks};
use super::digest::Digest;
use super::event::BuildsOn;

/// The newest documents, each signed as it must be.
#[derive(Clone)]
pub struct Grounds {
    /// None where a repository is begun.
    root: Option<Verified<Root>>,
    dialect: Dialect,
    issues_root: bool,
    /// A delegator stands before those it delegates to.
    documents: Vec<Ground>,
}

/// A document besides root.
#[derive(Clone)]
struct Ground {
    role: RoleName,
    /// None for a role that has none yet.
    document: Option<Kind>,
    /// Whether it will be issued again; else it is there for the keys it names.
    issued: bool,
    /// Where there is no document: the version of one that cannot be built on, else 0.
    after: u64,
}

#[derive(Clone)]
enum Kind {
    /// Top-level or delegated.
    Targets(Envelope<Targets>),
    Snapshot(Envelope<Snapshot>),
    Timestamp(Envelope<Timestamp>),
}

macro_rules! each {
    ($kind:expr, $document:ident => $answer:expr) => {
        match $kind {
            Kind::Targets($document) => $answer,
            Kind::Snapshot($document) => $answer,
            Kind::Timestamp($document) => $answer,
        }
    };
}

impl Grounds {
    /// Root alone, which is issued again or not.
    pub fn new(root: Verified<Root>, issues_root: bool) -> Self {
        Grounds {
            dialect: root.dialect(),
            root: Some(root),
            issues_root,
            documents: Vec::new(),
        }
    }

    /// No document at all: the first root is to be made, and whatever it lists the keys of.
    pub fn nothing(dialect: Dialect) -> Self {
        Grounds {
            root: None,
            dialect,
            issues_root: true,
            documents: Vec::new(),
        }
    }

    /// The proven root; none where a repository is begun.
    pub fn root(&self) -> Option<&Verified<Root>> {
        self.root.as_ref()
    }

    /// The version of that root; 0 where there is none.
    pub fn root_version(&self) -> u64 {
        self.root().map_or(0, |root| root.version())
    }

    /// Whether a repository is begun.
    pub fn begins(&self) -> bool {
        self.root.is_none()
    }

    /// Reads a document besides root back; fails when the keys that count for it, of root or of delegators taken before, did
    /// not sign it.
    pub(super) fn take(&mut self, role: &RoleName, file: &[u8], issued: bool) -> Result<(), String> {
        let speakers = authority::before(role, self);
        let document = match role.as_str() {
            "root" => return Err("expected a document besides root".into()),
            "snapshot" => Kind::Snapshot(self.signed(role, file, &speakers)?),
            "timestamp" => Kind::Timestamp(self.signed(role, file, &speakers)?),
            _ => Kind::Targets(self.signed(role, file, &speakers)?),
        };
        self.add(role, Some(document), issued)
    }

    /// A role that has no document yet and gets its first; a top-level one has none only where a repository is begun.
    ///
    /// One that follows a version which cannot be built on follows `after`.
    pub(super) fn take_first(&mut self, role: &RoleName, after: u64) -> Result<(), String> {
        if *role == RoleName::root() || role.is_top_level() && !self.begins() {
            return Err(format!("{role} has a document already"));
        }
        self.add(role, None, true)?;
        if let Some(ground) = self.documents.last_mut() {
            ground.after = after;
        }
        Ok(())
    }

    fn add(&mut self, role: &RoleName, document: Option<Kind>, issued: bool) -> Result<(), String> {
        if self.documents.iter().any(|ground| ground.role == *role) {
            return Err(format!("{role} is there twice"));
        }
        self.documents.push(Ground {
            role: role.clone(),
            document,
            issued,
            after: 0,
        });
        Ok(())
    }

    fn signed<T: Document>(&self, role: &RoleName, file: &[u8], speakers: &[Speaks]) -> Result<Envelope<T>, String> {
        let document = metadata::read::<T>(file, self.dialect()).map_err(|error| error.to_string())?;
        if speakers.is_empty() {
            return Err(format!("nothing it builds on has a role {role}"));
        }
        // A client comes to it through one of its delegators.
        let tallies = speakers
            .iter()
            .map(|speaks| Tally::of(&document, &speaks.keys, &speaks.role));
        let mut tallies: Vec<Tally> = tallies.collect();
        if tallies.iter().any(Tally::is_met) {
            return Ok(document);
        }
        let tally = tallies.remove(0);
        Err(format!(
            "the {role} it builds on has {} of {} signatures",
            tally.ours, tally.threshold
        ))
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What will be issued again, in the order it is signed.
    pub fn roles(&self) -> Vec<RoleName> {
        let issued = self.documents.iter().filter(|ground| ground.issued);
        let mut roles: Vec<RoleName> = issued.map(|ground| ground.role.clone()).collect();
        if self.issues_root {
            roles.insert(0, RoleName::root());
        }
        roles.sort_by_key(wave);
        roles
    }

    /// Whether a role's document will be issued again.
    pub fn issues(&self, role: &RoleName) -> bool {
        self.roles().contains(role)
    }

    /// The version of the document of a role that is built on, or built anew behind; 0 where there is none yet.
    pub fn version(&self, role: &RoleName) -> Option<u64> {
        if *role == RoleName::root() {
            return Some(self.root_version());
        }
        let ground = self.ground(role)?;
        Some(match &ground.document {
            Some(kind) => each!(kind, document => document.version()),
            None => ground.after,
        })
    }

    /// The file of the document of a role that is built on.
    pub fn file(&self, role: &RoleName) -> Option<&[u8]> {
        if *role == RoleName::root() {
            return self.root().map(|root| root.file_bytes());
        }
        let kind = self.ground(role)?.document.as_ref()?;
        Some(each!(kind, document => document.file_bytes()))
    }

    /// When the document of a role ends that is built on.
    pub fn expires(&self, role: &RoleName) -> Option<&Expiry> {
        if *role == RoleName::root() {
            return self.root().map(|root| &root.body().expires);
        }
        let kind = self.ground(role)?.document.as_ref()?;
        Some(each!(kind, document => document.body().expires()))
    }

    /// The targets document of a role, top-level or delegated.
    pub fn targets_of(&self, role: &RoleName) -> Option<&Envelope<Targets>> {
        match self.ground(role)?.document.as_ref()? {
            Kind::Targets(targets) => Some(targets),
            Kind::Snapshot(_) | Kind::Timestamp(_) => None,
        }
    }

    pub fn snapshot(&self) -> Option<&Envelope<Snapshot>> {
        match self.ground(&RoleName::snapshot())?.document.as_ref()? {
            Kind::Snapshot(snapshot) => Some(snapshot),
            Kind::Targets(_) | Kind::Timestamp(_) => None,
        }
    }

    pub fn timestamp(&self) -> Option<&Envelope<Timestamp>> {
        match self.ground(&RoleName::timestamp())?.document.as_ref()? {
            Kind::Timestamp(timestamp) => Some(timestamp),
            Kind::Targets(_) | Kind::Snapshot(_) => None,
        }
    }

    /// Every targets document, delegators first.
    pub fn all_targets(&self) -> impl Iterator<Item = (&RoleName, &Envelope<Targets>)> {
        self.documents.iter().filter_map(|ground| match &ground.document {
            Some(Kind::Targets(targets)) => Some((&ground.role, targets)),
            Some(Kind::Snapshot(_) | Kind::Timestamp(_)) | None => None,
        })
    }

    /// For the journal: root first.
    pub(super) fn on_record(&self) -> Vec<BuildsOn> {
        let root = self.root().map(|root| BuildsOn {
            role: "root".into(),
            version: root.version(),
            sha256: Digest::of(root.file_bytes()),
            issued: self.issues_root,
        });
        let told = |ground: &Ground| {
            let kind = ground.document.as_ref()?;
            Some(BuildsOn {
                role: ground.role.as_str().into(),
                version: each!(kind, document => document.version()),
                sha256: Digest::of(each!(kind, document => document.file_bytes())),
                issued: ground.issued,
            })
        };
        root.into_iter().chain(self.documents.iter().filter_map(told)).collect()
    }

    /// Roles besides root that get their first document, for the journal.
    pub(super) fn first_on_record(&self) -> Vec<String> {
        let first = self.documents.iter().filter(|ground| ground.document.is_none());
        first.map(|ground| ground.role.as_str().into()).collect()
    }

    /// Every document besides root that is there, with whether it is issued again.
    pub(super) fn others(&self) -> impl Iterator<Item = (&RoleName, &[u8], bool)> {
        self.documents.iter().filter_map(|ground| {
            let kind = ground.document.as_ref()?;
            Some((
                &ground.role,
                each!(kind, document => document.file_bytes()),
                ground.issued,
            ))
        })
    }

    /// Delegated roles that are issued, or whose keys change.
    pub(super) fn delegated<'a>(&self, changed: impl Iterator<Item = &'a str>) -> HashSet<RoleName> {
        let issued = self.roles().into_iter();
        let changed = changed.filter_map(|role| RoleName::new(role).ok());
        issued.chain(changed).filter(|role| !role.is_top_level()).collect()
    }

    fn ground(&self, role: &RoleName) -> Option<&Ground> {
        self.documents.iter().find(|ground| ground.role == *role)
    }
}

/// The wave in which a document is signed: one that names others by digest comes after them.
pub fn wave(role: &RoleName) -> u8 {
    match role.as_str() {
        "snapshot" => 1,
        "timestamp" => 2,
        _ => 0,
    }
}
