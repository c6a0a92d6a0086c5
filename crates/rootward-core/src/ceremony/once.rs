//! No key signs two different documents of one repository, role and version, unless a person says why.
//!
//! Looks into the signing ledger and into every journal: abandoned ceremonies count, their signatures exist. So do readable
//! lines of a broken journal, and signatures that may exist because nobody knows how signing ended.

use std::sync::Arc;

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use super::digest::Digest;
use super::event::{Event, Fact, Subject};
use crate::ledger::{Deeds, Signing, Went};
use crate::ports::Failure;
use crate::repositories::is_same;

/// Every signature on record.
#[derive(Debug)]
pub struct Signatures {
    deeds: Arc<Deeds>,
    /// Of journals, some of which are older than the ledger.
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
    /// The root it builds on; none where a repository is begun.
    pub root: Option<Digest>,
    pub role: &'a RoleName,
    pub version: u64,
    /// None while its bytes are not known: any signature of that version is another one then.
    pub sha256: Option<Digest>,
}

/// A signature over other bytes of the same version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub ceremony: String,
    /// Nobody knows whether there is one: signing was interrupted.
    pub is_uncertain: bool,
}

/// A key that has signed other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub physical: PhysicalKey,
    pub label: String,
    /// Whose document.
    pub role: RoleName,
    pub version: u64,
    pub other: Other,
}

impl Signatures {
    /// What the ledger knows; journals are taken in one by one.
    pub fn of(deeds: Arc<Deeds>) -> Self {
        Signatures {
            deeds,
            entries: Vec::new(),
        }
    }

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

    /// Another document of the same repository, role and version that a key has signed; one that it surely signed first.
    ///
    /// The repository is known again by its id, by its source, and by the root built on.
    pub fn other(&self, key: &PhysicalKey, candidate: &Candidate<'_>) -> Option<Other> {
        let key = key.to_string();
        let on_record = |signing: &&Signing| {
            let what = &signing.what;
            let mine = (&what.repository, what.root, &*what.role, what.version);
            signing.may_exist() && what.physical_key == key && candidate.is_answered_by(mine, what.sha256)
        };
        let in_journal = |entry: &&Entry| {
            let mine = (&entry.repository, entry.root, &*entry.role, entry.version);
            entry.physical_key == key && candidate.is_answered_by(mine, entry.sha256)
        };
        let told = |ceremony: &str, is_uncertain| Other {
            ceremony: ceremony.to_owned(),
            is_uncertain,
        };
        let mut deeds = self.deeds.signings.iter().filter(on_record);
        let surely = deeds.clone().find(|signing| signing.went == Went::Signed);
        let journal = self.entries.iter().find(in_journal);
        surely
            .map(|signing| told(&signing.what.ceremony, false))
            .or_else(|| journal.map(|entry| told(&entry.ceremony, false)))
            .or_else(|| deeds.next().map(|signing| told(&signing.what.ceremony, true)))
    }
}

impl Candidate<'_> {
    fn is_answered_by(&self, other: (&Subject, Option<Digest>, &str, u64), sha256: Digest) -> bool {
        let (repository, root, role, version) = other;
        let same_repository = repository.id == self.repository.id
            || is_same(&repository.source, &self.repository.source)
            || is_same(&self.repository.source, &repository.source)
            || root.is_some() && root == self.root;
        same_repository && role == self.role.as_str() && version == self.version && Some(sha256) != self.sha256
    }
}

impl Other {
    /// The refusal of a key that would sign a second document of a version.
    pub fn refusal(&self, candidate: &Candidate<'_>) -> Failure {
        let (role, version, ceremony) = (candidate.role, candidate.version, &self.ceremony);
        let happened = if self.is_uncertain {
            format!(
                "this key was asked to sign another {role} v{version} in ceremony {ceremony}, and nobody knows whether it did"
            )
        } else {
            format!("this key has signed another {role} v{version} in ceremony {ceremony}")
        };
        let message = format!("{happened}; it signs a second one only for a reason that goes on record");
        Failure::refusal("signed-otherwise", message)
            .with("ceremony", ceremony)
            .with("role", role.as_str())
            .with("version", version.to_string())
    }

    /// In which words it is told of a key.
    pub fn account(&self, role: &RoleName, version: u64) -> String {
        if self.is_uncertain {
            format!("was asked to sign another {role} v{version}, and nobody knows whether it did, in ceremony ")
        } else {
            format!("has signed another {role} v{version} in ceremony ")
        }
    }
}
