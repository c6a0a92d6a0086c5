//! The order of the walk: root, timestamp, snapshot, targets. Each phase consumes the one before.

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::finding::{Code, Finding};
use crate::metadata::{Envelope, HashMatch, Hashes, MetaEntry, Root, Snapshot, Timestamp, read_file};
use crate::role::RoleName;
use crate::verify::{Tally, Verified};
use crate::walk::notary_root::NotaryRootPhase;
use crate::walk::progress::Progress;
use crate::walk::targets::{Ground, TargetsPhase};
use crate::walk::tuf_root::TufRootPhase;
use crate::walk::{Floors, Reply, Request, Rules, Select};

pub(super) enum Phase {
    TufRoot(TufRootPhase),
    NotaryRoot(NotaryRootPhase),
    Timestamp(TimestampPhase),
    Snapshot(SnapshotPhase),
    Targets(Box<TargetsPhase>),
}

/// What was trusted before, read back.
#[derive(Default)]
pub(super) struct Trusted {
    pub(super) timestamp: Option<Envelope<Timestamp>>,
    pub(super) snapshot: Option<Envelope<Snapshot>>,
    /// Notary: whether the root in force is the one a snapshot named; a second such step is a circle.
    pub(super) followed_snapshot: bool,
}

/// 5.4: the root is final.
pub(super) struct TimestampPhase {
    root: Verified<Root>,
    trusted: Trusted,
    /// Roles whose floor the root has taken back.
    forget: Vec<RoleName>,
}

/// 5.5: the timestamp is proven.
pub(super) struct SnapshotPhase {
    root: Verified<Root>,
    trusted: Trusted,
    meta: MetaEntry,
}

impl Phase {
    pub(super) fn first(rules: &Rules, anchor: Verified<Root>, floors: Floors) -> Phase {
        let trusted = Trusted::read(floors, rules);
        match rules.dialect {
            Dialect::Tuf1 => Phase::TufRoot(TufRootPhase::new(anchor, trusted)),
            Dialect::Notary => Phase::NotaryRoot(NotaryRootPhase::new(anchor, trusted)),
        }
    }

    pub(super) fn request(&self, rules: &Rules) -> Request {
        match self {
            Phase::TufRoot(phase) => phase.request(rules),
            Phase::NotaryRoot(phase) => phase.request(rules),
            Phase::Timestamp(_) => Request {
                role: RoleName::timestamp(),
                select: Select::Current,
                limit_bytes: rules.limits.timestamp_bytes,
            },
            Phase::Snapshot(phase) => request_for(RoleName::snapshot(), &phase.meta, &phase.root, rules),
            Phase::Targets(phase) => phase.request(rules),
        }
    }

    /// The file to take instead of asking: what was proven before and is what would be asked for.
    pub(super) fn at_hand(&self, rules: &Rules) -> Option<Bytes> {
        match self {
            Phase::Snapshot(phase) => phase.at_hand(rules),
            Phase::Targets(phase) => phase.at_hand(rules),
            Phase::TufRoot(_) | Phase::NotaryRoot(_) | Phase::Timestamp(_) => None,
        }
    }

    /// Uses a reply up; `None` is the end.
    pub(super) fn take(self, reply: Reply, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        let request = self.request(rules);
        match self {
            Phase::TufRoot(phase) => phase.take(reply, &request, rules, progress),
            Phase::NotaryRoot(phase) => phase.take(reply, &request, rules, progress),
            Phase::Timestamp(phase) => phase.take(reply, &request, rules, progress).map(Phase::Snapshot),
            Phase::Snapshot(phase) => phase.take(reply, &request, rules, progress),
            Phase::Targets(phase) => phase
                .take(reply, &request, rules, progress)
                .map(|phase| Phase::Targets(Box::new(phase))),
        }
    }
}

/// Asks for the document that `meta` describes.
pub(super) fn request_for(role: RoleName, meta: &MetaEntry, root: &Verified<Root>, rules: &Rules) -> Request {
    let sha256 = meta.hashes.as_ref().and_then(|hashes| hashes.sha256());
    let select = match (rules.dialect, meta.version, sha256) {
        (Dialect::Tuf1, Some(version), _) if root.body().consistent_snapshot => Select::Consistent { version },
        (Dialect::Notary, _, Some(digest)) => Select::Sha256(digest),
        _ => Select::Current,
    };
    let limit = rules.limits.document_bytes;
    // One byte more than expected is enough to see that there are too many, and tells a wrong length from a missing file.
    let limit_bytes = meta.length.map_or(limit, |length| limit.min(length.saturating_add(1)));
    Request {
        role,
        select,
        limit_bytes,
    }
}

impl TimestampPhase {
    /// Starts from the final root.
    ///
    /// TUF 5.3.11: timestamp and snapshot trusted before are dropped, each when it would not be proven by the final root's
    /// keys any more. Only then can a version that somebody pushed too far be taken back.
    pub(super) fn new(root: Verified<Root>, mut trusted: Trusted, rules: &Rules) -> Self {
        let mut forget = Vec::new();
        if rules.dialect == Dialect::Tuf1 {
            let (keys, body) = (&root.body().keys, root.body());
            let timestamp_stands =
                |document: &Envelope<Timestamp>| Tally::shortfall(document, keys, &body.timestamp).is_none();
            let snapshot_stands =
                |document: &Envelope<Snapshot>| Tally::shortfall(document, keys, &body.snapshot).is_none();
            if trusted
                .timestamp
                .take_if(|document| !timestamp_stands(document))
                .is_some()
            {
                forget.push(RoleName::timestamp());
            }
            if trusted
                .snapshot
                .take_if(|document| !snapshot_stands(document))
                .is_some()
            {
                forget.push(RoleName::snapshot());
            }
        }
        TimestampPhase { root, trusted, forget }
    }

    fn take(self, reply: Reply, request: &Request, rules: &Rules, progress: &mut Progress) -> Option<SnapshotPhase> {
        let role = RoleName::timestamp();
        progress.outcome.forget.extend(self.forget);
        let (keys, role_keys) = rules.stand_ins.or_of(&role, self.root.body())?;
        let bytes = progress.received(reply, request)?;
        let document = progress.read::<Timestamp>(&bytes, &role, rules)?;
        let mut proven = progress.prove(document, &role, keys, role_keys)?;
        if let Some(trusted) = &self.trusted.timestamp {
            let (before, found) = (trusted.body(), proven.body());
            if !progress.is_no_rollback(found.version, Some(before.version), &role) {
                return None;
            }
            if found.version == before.version {
                if trusted.signed_bytes() != proven.signed_bytes() {
                    let evidence = vec![("version", found.version.to_string())];
                    progress.note(Finding::new(Code::SameVersionDiffers, &role, evidence));
                }
                if rules.dialect == Dialect::Tuf1 {
                    // 5.4.3.1: the new one is discarded.
                    proven = progress.prove(trusted.clone(), &role, keys, role_keys)?;
                }
            }
            if let Some(found) = proven.body().snapshot.version
                && !progress.is_no_rollback(found, before.snapshot.version, &RoleName::snapshot())
            {
                return None;
            }
        }
        let may_pass = progress.may_pass_expiry(proven.body(), &role, rules);
        progress.keep(&role, &proven);
        let meta = proven.body().snapshot.clone();
        progress.outcome.timestamp = Some(proven);
        may_pass.then_some(SnapshotPhase {
            root: self.root,
            trusted: self.trusted,
            meta,
        })
    }
}

impl SnapshotPhase {
    fn at_hand(&self, rules: &Rules) -> Option<Bytes> {
        let trusted = self.trusted.snapshot.as_ref().filter(|_| rules.reuse_floors)?;
        let (keys, role_keys) = rules.stand_ins.or_of(&RoleName::snapshot(), self.root.body())?;
        let is_it = self.meta.is_of(trusted) && !trusted.body().expires.is_expired(rules.now);
        (is_it && Tally::shortfall(trusted, keys, role_keys).is_none()).then(|| trusted.file().clone())
    }

    fn take(self, reply: Reply, request: &Request, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        let role = RoleName::snapshot();
        let (keys, role_keys) = rules.stand_ins.or_of(&role, self.root.body())?;
        let bytes = progress.received(reply, request)?;
        if !progress.fits(&bytes, &self.meta, &role, &RoleName::timestamp()) {
            return None;
        }
        let document = progress.read::<Snapshot>(&bytes, &role, rules)?;
        let proven = progress.prove(document, &role, keys, role_keys)?;
        let found = proven.body();
        if !progress.is_version(found.version, self.meta.version, &role) {
            return None;
        }
        if let Some(trusted) = &self.trusted.snapshot {
            let before = trusted.body();
            if !progress.is_no_rollback(found.version, Some(before.version), &role)
                || !lists_nothing_older(found, before, progress)
            {
                return None;
            }
        }
        if rules.dialect == Dialect::Notary {
            match found.meta.get(RoleName::root()) {
                Some(meta) if !self.trusted.followed_snapshot && !self.is_named_by(&meta) => {
                    let trusted = Trusted {
                        followed_snapshot: true,
                        ..self.trusted
                    };
                    let phase = NotaryRootPhase::named_by_snapshot(self.root, meta, trusted);
                    return Some(Phase::NotaryRoot(phase));
                }
                Some(meta) => {
                    let (role, parent) = (RoleName::root(), RoleName::snapshot());
                    if !progress.fits(self.root.file_bytes(), &meta, &role, &parent) {
                        return None;
                    }
                }
                None => {
                    let parent = RoleName::snapshot().to_string();
                    progress.refuse_because(Code::NotListed, &RoleName::root(), vec![("parent", parent)]);
                    return None;
                }
            }
        }
        let may_pass = progress.may_pass_expiry(found, &role, rules);
        progress.keep(&role, &proven);
        progress.outcome.snapshot = Some(proven.clone());
        if !may_pass {
            return None;
        }
        let ground = Ground {
            root: self.root,
            snapshot: proven,
        };
        let phase = TargetsPhase::new(ground, progress)?;
        Some(Phase::Targets(Box::new(phase)))
    }

    /// Notary: whether a snapshot's entry is the root in force.
    fn is_named_by(&self, meta: &MetaEntry) -> bool {
        let file = self.root.file_bytes();
        let is_digest = |hashes: &Hashes| hashes.compare(file) == HashMatch::Matches;
        meta.length.is_none_or(|length| length == file.len() as u64) && meta.hashes.as_ref().is_some_and(is_digest)
    }
}

/// 5.5.5: no role listed before may be gone or older.
fn lists_nothing_older(found: &Snapshot, before: &Snapshot, progress: &mut Progress) -> bool {
    before.meta.iter().all(|(role, meta)| {
        let Some(version) = meta.version else {
            return true;
        };
        match found.meta.get(&role) {
            Some(now) => progress.is_no_rollback(now.version.unwrap_or(0), Some(version), &role),
            None => {
                let evidence = vec![("vanished", role.to_string())];
                progress.refuse_because(Code::RoleVanished, &RoleName::snapshot(), evidence);
                false
            }
        }
    })
}

impl Trusted {
    /// Drops timestamp and snapshot for good: the root has taken them back.
    pub(super) fn forget(&mut self, progress: &mut Progress) {
        (self.timestamp, self.snapshot) = (None, None);
        progress.outcome.forget = vec![RoleName::timestamp(), RoleName::snapshot()];
    }

    /// Reads back what an earlier walk kept; what cannot be read any more is no floor.
    fn read(floors: Floors, rules: &Rules) -> Self {
        let limits = rules.json_limits();
        Trusted {
            timestamp: floors
                .timestamp
                .and_then(|bytes| read_file(bytes, rules.dialect, limits).ok()),
            snapshot: floors
                .snapshot
                .and_then(|bytes| read_file(bytes, rules.dialect, limits).ok()),
            followed_snapshot: false,
        }
    }
}
