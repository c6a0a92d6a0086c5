//! Drafts of snapshot and timestamp, which usually an online key signs.

use crate::dialect::Dialect;
use crate::draft::signed::{Changes, Signed};
use crate::draft::{AnyComplete, DraftRefusal, Frozen};
use crate::metadata::{Envelope, MetaEntry, Snapshot, Timestamp};
use crate::role::RoleName;
use crate::time::Instant;

/// The next snapshot in the making.
#[derive(Clone, Debug)]
pub struct SnapshotDraft {
    signed: Signed<Snapshot>,
    /// What becomes of each entry that changes. All others are copied.
    changed: Changes,
    problem: Option<DraftRefusal>,
}

/// The next timestamp in the making.
#[derive(Clone, Debug)]
pub struct TimestampDraft {
    signed: Signed<Timestamp>,
    changed: Changes,
    problem: Option<DraftRefusal>,
}

impl SnapshotDraft {
    /// Starts at version 1, listing nothing.
    pub fn first(dialect: Dialect, expires: Instant) -> Self {
        SnapshotDraft {
            signed: Signed::first(dialect, expires),
            changed: Changes::new(),
            problem: None,
        }
    }

    /// Starts the version after `snapshot`.
    pub fn next(snapshot: &Envelope<Snapshot>) -> Self {
        let (signed, problem) = Signed::next(snapshot);
        SnapshotDraft {
            signed,
            changed: Changes::new(),
            problem,
        }
    }

    /// Lists the current document of `role`.
    pub fn set_meta(&mut self, role: &RoleName, meta: &MetaEntry) -> &mut Self {
        let dialect = self.signed.dialect();
        self.changed
            .insert(file_name(role, dialect), Some(meta.to_value(dialect)));
        self
    }

    /// Lists a complete document where a snapshot of this dialect lists such: targets, and in Notary root.
    pub fn list(&mut self, document: &AnyComplete) -> &mut Self {
        let is_listed = match document {
            AnyComplete::Root(_) => self.signed.dialect() == Dialect::Notary,
            AnyComplete::Targets(_) => true,
            AnyComplete::Snapshot(_) | AnyComplete::Timestamp(_) => false,
        };
        if is_listed {
            self.set_meta(document.role(), &document.meta_entry());
        }
        self
    }

    /// Lists `role` no longer.
    pub fn remove_meta(&mut self, role: &RoleName) -> &mut Self {
        self.changed.insert(file_name(role, self.signed.dialect()), None);
        self
    }

    /// Sets the moment the document stops being valid; TUF 1.0 drops a fraction of a second.
    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        self.signed.set_expires(expires);
        self
    }

    /// Fixes the bytes; fails if they would be no readable snapshot.
    pub fn freeze(&self) -> Result<Frozen<Snapshot>, DraftRefusal> {
        match &self.problem {
            Some(problem) => Err(problem.clone()),
            None => self.signed.freeze(RoleName::snapshot(), "meta", &self.changed),
        }
    }
}

impl TimestampDraft {
    /// Starts at version 1 with a snapshot.
    pub fn first(dialect: Dialect, snapshot: &MetaEntry, expires: Instant) -> Self {
        let mut draft = TimestampDraft {
            signed: Signed::first(dialect, expires),
            changed: Changes::new(),
            problem: None,
        };
        draft.set_snapshot(snapshot);
        draft
    }

    /// Starts the version after `timestamp`.
    pub fn next(timestamp: &Envelope<Timestamp>) -> Self {
        let (signed, problem) = Signed::next(timestamp);
        TimestampDraft {
            signed,
            changed: Changes::new(),
            problem,
        }
    }

    /// Names the current snapshot.
    pub fn set_snapshot(&mut self, meta: &MetaEntry) -> &mut Self {
        let dialect = self.signed.dialect();
        let name = file_name(&RoleName::snapshot(), dialect);
        self.changed.insert(name, Some(meta.to_value(dialect)));
        self
    }

    /// Sets the moment the document stops being valid; TUF 1.0 drops a fraction of a second.
    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        self.signed.set_expires(expires);
        self
    }

    /// Fixes the bytes; fails if they would be no readable timestamp.
    pub fn freeze(&self) -> Result<Frozen<Timestamp>, DraftRefusal> {
        match &self.problem {
            Some(problem) => Err(problem.clone()),
            None => self.signed.freeze(RoleName::timestamp(), "meta", &self.changed),
        }
    }
}

/// The name `meta` lists a role under.
fn file_name(role: &RoleName, dialect: Dialect) -> String {
    match dialect {
        Dialect::Tuf1 => format!("{role}.json"),
        Dialect::Notary => role.to_string(),
    }
}
