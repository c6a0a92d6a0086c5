//! Who signed what, over every ceremony of the desk, so that no key signs two different roots of one version.
//!
//! Abandoned ceremonies count: their signatures exist. So do readable lines of a broken journal.

use rootward_tuf::key::PhysicalKey;

use super::digest::Digest;
use super::event::{BuildsOn, Event, Fact, Subject};

/// Every signature on record.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    ceremony: String,
    repository: Subject,
    builds_on: BuildsOn,
    physical_key: String,
    sha256: Digest,
}

/// A key that has signed other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub physical: PhysicalKey,
    pub label: String,
    /// Where it did.
    pub ceremony: String,
}

impl Ledger {
    /// Takes the events of one ceremony in.
    pub fn take(&mut self, ceremony: &str, events: &[Event], beyond_the_break: &[Fact]) {
        let mut facts = events.iter().map(|event| &event.fact).chain(beyond_the_break);
        let Some(Fact::Begun(begun)) = facts.next() else {
            return;
        };
        for fact in facts {
            if let Fact::Signed(signed) = fact {
                self.entries.push(Entry {
                    ceremony: ceremony.into(),
                    repository: begun.repository.clone(),
                    builds_on: begun.builds_on,
                    physical_key: signed.physical_key.clone(),
                    sha256: signed.sha256,
                });
            }
        }
    }

    /// The ceremony in which a key signed another root of the same repository and version.
    ///
    /// The repository is known again by its id, by its source, and by the root built on.
    pub fn other_signature(
        &self,
        key: &PhysicalKey,
        repository: &Subject,
        builds_on: &BuildsOn,
        sha256: Digest,
    ) -> Option<&str> {
        let key = key.to_string();
        let conflict = self.entries.iter().find(|entry| {
            let same_repository = entry.repository.id == repository.id
                || entry.repository.source == repository.source
                || entry.builds_on.sha256 == builds_on.sha256;
            same_repository
                && entry.builds_on.version == builds_on.version
                && entry.physical_key == key
                && entry.sha256 != sha256
        });
        conflict.map(|entry| entry.ceremony.as_str())
    }
}
