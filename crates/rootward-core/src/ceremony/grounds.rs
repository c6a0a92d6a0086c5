//! What a ceremony builds on: the proven root, and the documents that will be issued again besides.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{AnyComplete, AnyFrozen, SnapshotDraft, TargetsDraft, TimestampDraft};
use rootward_tuf::metadata::{self, Document, Envelope, Root, Snapshot, Targets, Timestamp};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::{Expiry, Instant};
use rootward_tuf::verify::{Tally, Verified};

use super::digest::Digest;
use super::event::BuildsOn;
use super::plan::refused;
use crate::ports::Failure;

/// The newest documents, each signed as it must be.
#[derive(Clone)]
pub struct Grounds {
    pub root: Verified<Root>,
    /// Only those that will be issued again.
    pub targets: Option<Envelope<Targets>>,
    pub snapshot: Option<Envelope<Snapshot>>,
    pub timestamp: Option<Envelope<Timestamp>>,
}

/// How long documents last when they are issued again after their end: days.
const NOTARY_DAYS: [(&str, i64); 3] = [("targets", 1095), ("snapshot", 1095), ("timestamp", 14)];
const TUF_DAYS: [(&str, i64); 3] = [("targets", 365), ("snapshot", 365), ("timestamp", 7)];

impl Grounds {
    /// Root alone.
    pub fn new(root: Verified<Root>) -> Self {
        Grounds {
            root,
            targets: None,
            snapshot: None,
            timestamp: None,
        }
    }

    /// Reads a document besides root back; fails when root's keys did not sign it.
    pub(super) fn take(&mut self, role: &RoleName, file: &[u8]) -> Result<(), String> {
        match role.as_str() {
            "targets" => self.targets = Some(self.signed(role, file)?),
            "snapshot" => self.snapshot = Some(self.signed(role, file)?),
            "timestamp" => self.timestamp = Some(self.signed(role, file)?),
            other => return Err(format!("expected targets, snapshot or timestamp, found {other}")),
        }
        Ok(())
    }

    fn signed<T: Document>(&self, role: &RoleName, file: &[u8]) -> Result<Envelope<T>, String> {
        let root = self.root.body();
        let document = metadata::read::<T>(file, self.dialect()).map_err(|error| error.to_string())?;
        let keys = root.role(role).ok_or_else(|| format!("root has no role {role}"))?;
        let tally = Tally::of(&document, &root.keys, keys);
        if tally.is_met() {
            Ok(document)
        } else {
            Err(format!(
                "the {role} it builds on has {} of {} signatures",
                tally.ours, tally.threshold
            ))
        }
    }

    pub fn dialect(&self) -> Dialect {
        self.root.dialect()
    }

    /// What will be issued again, in the order it is signed.
    pub fn roles(&self) -> Vec<RoleName> {
        let all = [
            (RoleName::root(), true),
            (RoleName::targets(), self.targets.is_some()),
            (RoleName::snapshot(), self.snapshot.is_some()),
            (RoleName::timestamp(), self.timestamp.is_some()),
        ];
        all.into_iter()
            .filter(|(_, is_there)| *is_there)
            .map(|(role, _)| role)
            .collect()
    }

    /// The version of the document of a role that is built on.
    pub fn version(&self, role: &RoleName) -> Option<u64> {
        match role.as_str() {
            "root" => Some(self.root.version()),
            "targets" => self.targets.as_ref().map(Envelope::version),
            "snapshot" => self.snapshot.as_ref().map(Envelope::version),
            "timestamp" => self.timestamp.as_ref().map(Envelope::version),
            _ => None,
        }
    }

    /// The file of the document of a role that is built on.
    pub fn file(&self, role: &RoleName) -> Option<&[u8]> {
        match role.as_str() {
            "root" => Some(self.root.file_bytes()),
            "targets" => self.targets.as_ref().map(Envelope::file_bytes),
            "snapshot" => self.snapshot.as_ref().map(Envelope::file_bytes),
            "timestamp" => self.timestamp.as_ref().map(Envelope::file_bytes),
            _ => None,
        }
    }

    /// For the journal: root first.
    pub(super) fn on_record(&self) -> Vec<BuildsOn> {
        let told = |role: RoleName| {
            Some(BuildsOn {
                version: self.version(&role)?,
                sha256: Digest::of(self.file(&role)?),
                role: role.as_str().into(),
            })
        };
        self.roles().into_iter().filter_map(told).collect()
    }

    /// The next document of a role besides root: the same content, naming `done` where it names documents.
    ///
    /// Ends as before, unless that has passed. Refuses with `draft-refused` what the rules forbid.
    pub(super) fn next(&self, role: &RoleName, done: &[AnyComplete], now: Instant) -> Result<AnyFrozen, Failure> {
        let end = |expires: &Expiry| {
            expires
                .is_expired(now)
                .then(|| now.plus_seconds(self.days(role) * 86_400))
        };
        let missing = || refused(format!("{role} is not issued in this ceremony"));
        let frozen = match role.as_str() {
            "targets" => {
                let old = self.targets.as_ref().ok_or_else(missing)?;
                let mut draft = TargetsDraft::next(old, role.clone());
                if let Some(end) = end(&old.body().expires) {
                    draft.set_expires(end);
                }
                draft.freeze().map(AnyFrozen::from)
            }
            "snapshot" => {
                let old = self.snapshot.as_ref().ok_or_else(missing)?;
                let mut draft = SnapshotDraft::next(old);
                for document in done {
                    draft.list(document);
                }
                if let Some(end) = end(&old.body().expires) {
                    draft.set_expires(end);
                }
                draft.freeze().map(AnyFrozen::from)
            }
            "timestamp" => {
                let old = self.timestamp.as_ref().ok_or_else(missing)?;
                let mut draft = TimestampDraft::next(old);
                for document in done {
                    if let AnyComplete::Snapshot(snapshot) = document {
                        draft.set_snapshot(&snapshot.meta_entry());
                    }
                }
                if let Some(end) = end(&old.body().expires) {
                    draft.set_expires(end);
                }
                draft.freeze().map(AnyFrozen::from)
            }
            _ => return Err(missing()),
        };
        frozen.map_err(|refusal| refused(refusal.to_string()))
    }

    fn days(&self, role: &RoleName) -> i64 {
        let table = match self.dialect() {
            Dialect::Notary => NOTARY_DAYS,
            Dialect::Tuf1 => TUF_DAYS,
        };
        table
            .iter()
            .find(|(name, _)| *name == role.as_str())
            .map_or(365, |(_, days)| *days)
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
