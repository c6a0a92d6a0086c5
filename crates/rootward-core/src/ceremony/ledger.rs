//! Who signed what, over every ceremony of the desk, so that no key signs two different documents of one role and version.
//!
//! Abandoned ceremonies count: their signatures exist. So do readable lines of a broken journal.

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use super::digest::Digest;
use super::event::{Event, Fact, Subject};
use crate::repositories::is_same;

/// Every signature on record.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    ceremony: String,
    repository: Subject,
    /// The root file the ceremony built on.
    root: Option<Digest>,
    role: String,
    version: u64,
    physical_key: String,
    sha256: Digest,
}

/// A document that a key might sign.
pub struct Candidate<'a> {
    pub repository: &'a Subject,
    /// The root file it builds on.
    pub root: Digest,
    pub role: &'a RoleName,
    pub version: u64,
    /// None while its bytes are not known: any signature of that version is another one then.
    pub sha256: Option<Digest>,
}

/// A key that has signed other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub physical: PhysicalKey,
    pub label: String,
    /// Whose document.
    pub role: RoleName,
    pub version: u64,
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
                    root: begun.builds_on.first().map(|root| root.sha256),
                    role: signed.role.clone(),
                    version: signed.version,
                    physical_key: signed.physical_key.clone(),
                    sha256: signed.sha256,
                });
            }
        }
    }

    /// The ceremony in which a key signed another document of the same repository, role and version.
    ///
    /// The repository is known again by its id, by its source, and by the root built on.
    pub fn other_signature(&self, key: &PhysicalKey, candidate: &Candidate<'_>) -> Option<&str> {
        let key = key.to_string();
        let conflict = self.entries.iter().find(|entry| {
            let same_repository = entry.repository.id == candidate.repository.id
                || is_same(&entry.repository.source, &candidate.repository.source)
                || is_same(&candidate.repository.source, &entry.repository.source)
                || entry.root == Some(candidate.root);
            same_repository
                && entry.role == candidate.role.as_str()
                && entry.version == candidate.version
                && entry.physical_key == key
                && Some(entry.sha256) != candidate.sha256
        });
        conflict.map(|entry| entry.ceremony.as_str())
    }
}
