//! The documents of later waves: snapshot and timestamp, which name the complete ones before them.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{AnyComplete, AnyFrozen, SnapshotDraft, TimestampDraft};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::change::Change;
use super::grounds::Grounds;
use super::plan::refused;
use super::rules;
use crate::ports::Failure;

/// How long documents last when nobody says: days. Notary's own tool gives as long.
pub fn usual_days(role: &RoleName, dialect: Dialect) -> i64 {
    match (dialect, role.as_str()) {
        (Dialect::Tuf1, "timestamp") => 7,
        (Dialect::Tuf1, _) => 365,
        (Dialect::Notary, "timestamp") => 14,
        (Dialect::Notary, "root") => 3650,
        (Dialect::Notary, _) => 1095,
    }
}

impl Grounds {
    /// The next snapshot or timestamp: the same content, naming `done` where it names documents.
    ///
    /// Ends as asked for, else as before unless that has passed. Refuses with `draft-refused` what the rules forbid.
    pub(super) fn next(
        &self,
        role: &RoleName,
        change: &Change,
        done: &[AnyComplete],
        now: Instant,
    ) -> Result<AnyFrozen, Failure> {
        let asked = change
            .end(role)
            .map(|(text, _)| rules::end(role, text, now))
            .transpose()?;
        let has_ended = self.expires(role).is_some_and(|ends| ends.is_expired(now));
        let usual = || now.plus_seconds(usual_days(role, self.dialect()) * 86_400);
        let end = asked.or_else(|| has_ended.then(usual));
        let missing = || refused(format!("{role} is not issued in this ceremony"));
        let first_end = || asked.unwrap_or_else(usual);
        let frozen = match role.as_str() {
            "snapshot" => {
                let mut draft = match self.snapshot() {
                    Some(before) => SnapshotDraft::next(before),
                    None if self.issues(role) => SnapshotDraft::first(self.dialect(), first_end()),
                    None => return Err(missing()),
                };
                for document in done {
                    draft.list(document);
                }
                if let Some(end) = end {
                    draft.set_expires(end);
                }
                draft.freeze().map(AnyFrozen::from)
            }
            "timestamp" => {
                let mut snapshots = done.iter().filter_map(|document| match document {
                    AnyComplete::Snapshot(snapshot) => Some(snapshot.meta_entry()),
                    _ => None,
                });
                let snapshot = snapshots.next();
                let mut draft = match (self.timestamp(), &snapshot) {
                    (Some(before), _) => TimestampDraft::next(before),
                    (None, Some(snapshot)) => TimestampDraft::first(self.dialect(), snapshot, first_end()),
                    (None, None) => return Err(missing()),
                };
                if let Some(snapshot) = &snapshot {
                    draft.set_snapshot(snapshot);
                }
                if let Some(end) = end {
                    draft.set_expires(end);
                }
                draft.freeze().map(AnyFrozen::from)
            }
            _ => return Err(missing()),
        };
        frozen.map_err(|refusal| refused(refusal.to_string()))
    }
}
