//! Drafts of snapshot and timestamp, which usually an online key signs.

use crate::dialect::Dialect;
use crate::draft::{AnyComplete, DraftRefusal, Frozen, first_signed, next_signed, object_member, set_expires};
use crate::json::Object;
use crate::metadata::{Envelope, MetaEntry, Snapshot, Timestamp};
use crate::role::RoleName;
use crate::time::Instant;

/// The next snapshot in the making.
#[derive(Clone, Debug)]
pub struct SnapshotDraft {
    dialect: Dialect,
    signed: Object,
    problem: Option<DraftRefusal>,
}

/// The next timestamp in the making.
#[derive(Clone, Debug)]
pub struct TimestampDraft {
    dialect: Dialect,
    signed: Object,
    problem: Option<DraftRefusal>,
}

impl SnapshotDraft {
    /// Starts at version 1, listing nothing.
    pub fn first(dialect: Dialect, expires: Instant) -> Self {
        let mut signed = first_signed::<Snapshot>(dialect, expires);
        signed.set("meta", Object::new().into());
        SnapshotDraft {
            dialect,
            signed,
            problem: None,
        }
    }

    /// Starts the version after `snapshot`.
    pub fn next(snapshot: &Envelope<Snapshot>) -> Self {
        let (signed, problem) = match next_signed(snapshot) {
            Ok(signed) => (signed, None),
            Err(problem) => (snapshot.signed().clone(), Some(problem)),
        };
        SnapshotDraft {
            dialect: snapshot.dialect(),
            signed,
            problem,
        }
    }

    /// Lists the current document of `role`.
    pub fn set_meta(&mut self, role: &RoleName, meta: &MetaEntry) -> &mut Self {
        let name = file_name(role, self.dialect);
        object_member(&mut self.signed, "meta").set(&name, meta.to_value(self.dialect));
        self
    }

    /// Lists a complete document where a snapshot of this dialect lists such: targets, and in Notary root.
    pub fn list(&mut self, document: &AnyComplete) -> &mut Self {
        let is_listed = match document {
            AnyComplete::Root(_) => self.dialect == Dialect::Notary,
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
        let name = file_name(role, self.dialect);
        object_member(&mut self.signed, "meta").remove(&name);
        self
    }

    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        set_expires(&mut self.signed, self.dialect, expires);
        self
    }

    /// Fixes the bytes; fails if they would be no readable snapshot.
    pub fn freeze(&self) -> Result<Frozen<Snapshot>, DraftRefusal> {
        match &self.problem {
            Some(problem) => Err(problem.clone()),
            None => Frozen::<Snapshot>::freeze(self.signed.clone(), self.dialect, RoleName::snapshot()),
        }
    }
}

impl TimestampDraft {
    /// Starts at version 1 with a snapshot.
    pub fn first(dialect: Dialect, snapshot: &MetaEntry, expires: Instant) -> Self {
        let signed = first_signed::<Timestamp>(dialect, expires);
        let mut draft = TimestampDraft {
            dialect,
            signed,
            problem: None,
        };
        draft.set_snapshot(snapshot);
        draft
    }

    /// Starts the version after `timestamp`.
    pub fn next(timestamp: &Envelope<Timestamp>) -> Self {
        let (signed, problem) = match next_signed(timestamp) {
            Ok(signed) => (signed, None),
            Err(problem) => (timestamp.signed().clone(), Some(problem)),
        };
        TimestampDraft {
            dialect: timestamp.dialect(),
            signed,
            problem,
        }
    }

    /// Names the current snapshot.
    pub fn set_snapshot(&mut self, meta: &MetaEntry) -> &mut Self {
        let name = file_name(&RoleName::snapshot(), self.dialect);
        object_member(&mut self.signed, "meta").set(&name, meta.to_value(self.dialect));
        self
    }

    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        set_expires(&mut self.signed, self.dialect, expires);
        self
    }

    /// Fixes the bytes; fails if they would be no readable timestamp.
    pub fn freeze(&self) -> Result<Frozen<Timestamp>, DraftRefusal> {
        match &self.problem {
            Some(problem) => Err(problem.clone()),
            None => Frozen::<Timestamp>::freeze(self.signed.clone(), self.dialect, RoleName::timestamp()),
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
