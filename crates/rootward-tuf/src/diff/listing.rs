//! What a snapshot or timestamp names otherwise than before.

use crate::diff::fields::{FieldDifference, compare};
use crate::metadata::{Document, Envelope, MetaEntry, Snapshot, Timestamp};
use crate::role::RoleName;

/// One difference between two snapshots or two timestamps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingDifference {
    /// The later document has another version number.
    Version {
        /// The number in the earlier document.
        from: u64,
        /// The number in the later document.
        to: u64,
    },
    /// Texts as signed.
    ExpiryChanged {
        /// When the earlier document expires.
        from: String,
        /// When the later document expires.
        to: String,
    },
    /// The later snapshot names a role that the earlier one does not.
    Listed {
        /// The role newly named.
        role: RoleName,
        /// What the later snapshot says of its document.
        entry: MetaEntry,
    },
    /// Clients refuse a snapshot that a role has gone from, unless snapshot's key was replaced (TUF 5.5.5).
    Unlisted {
        /// The role no longer named.
        role: RoleName,
        /// What the earlier snapshot said of its document.
        entry: MetaEntry,
    },
    /// Another version, length or digest.
    Relisted {
        /// The role whose document is told of otherwise; in timestamps always snapshot.
        role: RoleName,
        /// What the earlier document says of it.
        from: MetaEntry,
        /// What the later document says of it.
        to: MetaEntry,
    },
    /// Any other member.
    Field(FieldDifference),
}

/// Compares two snapshots, `old` being the earlier. Roles come in the order of their names.
pub fn diff_snapshots(old: &Envelope<Snapshot>, new: &Envelope<Snapshot>) -> Vec<ListingDifference> {
    let mut differences = head(old, new);
    let (before, after) = (&old.body().meta, &new.body().meta);
    for (role, from) in before.iter() {
        differences.extend(match after.get(&role) {
            Some(to) => relisted(&role, &from, &to),
            None => Some(ListingDifference::Unlisted { role, entry: from }),
        });
    }
    let listed = after.iter().filter(|(role, _)| !before.contains_key(role));
    differences.extend(listed.map(|(role, entry)| ListingDifference::Listed { role, entry }));
    differences.extend(fields(old, new, &|_| true));
    whole(old, new, differences)
}

/// Compares two timestamps, `old` being the earlier.
pub fn diff_timestamps(old: &Envelope<Timestamp>, new: &Envelope<Timestamp>) -> Vec<ListingDifference> {
    let mut differences = head(old, new);
    let (from, to) = (&old.body().snapshot, &new.body().snapshot);
    differences.extend(relisted(&RoleName::snapshot(), from, to));
    differences.extend(fields(old, new, &|name| name == "snapshot" || name == "snapshot.json"));
    whole(old, new, differences)
}

fn whole<T>(old: &Envelope<T>, new: &Envelope<T>, mut differences: Vec<ListingDifference>) -> Vec<ListingDifference> {
    if differences.is_empty() {
        let mut fields = Vec::new();
        super::written_otherwise(old, new, &mut fields);
        differences.extend(fields.into_iter().map(ListingDifference::Field));
    }
    differences
}

fn head<T: Document>(old: &Envelope<T>, new: &Envelope<T>) -> Vec<ListingDifference> {
    let mut differences = Vec::new();
    let (from, to) = (old.version(), new.version());
    if from != to {
        differences.push(ListingDifference::Version { from, to });
    }
    let (from, to) = (&old.body().expires().text, &new.body().expires().text);
    if from != to {
        let (from, to) = (from.clone(), to.clone());
        differences.push(ListingDifference::ExpiryChanged { from, to });
    }
    differences
}

fn relisted(role: &RoleName, from: &MetaEntry, to: &MetaEntry) -> Option<ListingDifference> {
    (from != to).then(|| ListingDifference::Relisted {
        role: role.clone(),
        from: from.clone(),
        to: to.clone(),
    })
}

/// Members beside the known ones, entries that are not `told` of otherwise, and what the others say beside version, length
/// and digests.
fn fields<T: Document>(
    old: &Envelope<T>,
    new: &Envelope<T>,
    told_entry: &dyn Fn(&str) -> bool,
) -> Vec<ListingDifference> {
    let mut differences = Vec::new();
    let told = |name: &str| ["version", "expires", "meta"].contains(&name);
    compare("", old.signed(), new.signed(), &told, &mut differences);
    if let (Some(before), Some(after)) = (super::member(old.signed(), "meta"), super::member(new.signed(), "meta")) {
        compare("/meta", before, after, told_entry, &mut differences);
    }
    super::inner(
        "meta",
        old.signed(),
        new.signed(),
        &["version", "length", "hashes"],
        &mut differences,
    );
    differences.into_iter().map(ListingDifference::Field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::draft::{SnapshotDraft, TimestampDraft};
    use crate::testing::{LATER, Made, at};

    #[test]
    fn what_a_snapshot_lists_otherwise_is_told_role_by_role() {
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            let made = Made::new(dialect);
            let role = |name: &str| RoleName::new(name).unwrap();
            let entry = |file: &[u8], version| MetaEntry::of(file, version, dialect);
            let mut first = SnapshotDraft::first(dialect, at(LATER));
            first
                .set_meta(&role("a"), &entry(b"a", 1))
                .set_meta(&role("b"), &entry(b"b", 1));
            let first = made.complete(first.freeze().unwrap());
            let mut second = SnapshotDraft::next(first.verified());
            second
                .set_meta(&role("b"), &entry(b"bb", 2))
                .set_meta(&role("c"), &entry(b"c", 1));
            second.set_expires(at("2029-01-01T00:00:00Z"));
            let second = made.complete(second.freeze().unwrap());
            let differences = diff_snapshots(first.verified(), second.verified());
            let expected = [
                ListingDifference::Version { from: 1, to: 2 },
                ListingDifference::ExpiryChanged {
                    from: first.verified().body().expires.text.clone(),
                    to: second.verified().body().expires.text.clone(),
                },
                ListingDifference::Relisted {
                    role: role("b"),
                    from: entry(b"b", 1),
                    to: entry(b"bb", 2),
                },
                ListingDifference::Listed {
                    role: role("c"),
                    entry: entry(b"c", 1),
                },
            ];
            assert_eq!(differences, expected);
            let back = diff_snapshots(second.verified(), first.verified());
            assert!(back.contains(&ListingDifference::Unlisted {
                role: role("c"),
                entry: entry(b"c", 1),
            }));
            assert_eq!(diff_snapshots(first.verified(), first.verified()), []);
            let (from, to) = (first.meta_entry(), second.meta_entry());
            let before = made.complete(TimestampDraft::first(dialect, &from, at(LATER)).freeze().unwrap());
            let after = made.complete(TimestampDraft::first(dialect, &to, at(LATER)).freeze().unwrap());
            let role = RoleName::snapshot();
            assert_eq!(
                diff_timestamps(before.verified(), after.verified()),
                [ListingDifference::Relisted { role, from, to }]
            );
        }
    }
}
