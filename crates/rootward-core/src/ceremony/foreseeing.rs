//! What a change would come to by what this desk has proven: nobody is asked, nothing is read from the source, nothing begins.
//! Forms show it while they are filled in; a ceremony works it out anew on what the source has then.

use std::collections::BTreeMap;

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::{self, Envelope, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::Outcome;

use super::begin::{Preview, Today, must_reach_online};
use super::ceremonies::Ceremonies;
use super::finding::Asks;
use super::plan::refused;
use super::scope::Known;
use crate::border::{ChangeWish, WishedEdit, visible};
use crate::keyring;
use crate::ports::{Failure, RepositoryRecord};
use crate::repositories::known::Memory;
use crate::repositories::reading::Reading;

/// What the forms of a change start from.
pub struct ChangeStart {
    pub repository: RepositoryRecord,
    pub root: Verified<Root>,
    /// What was proven when the repository was read last, ended or not.
    pub outcome: Outcome,
    /// Key files; tokens tell of themselves.
    pub at_hand: Vec<keyring::KeyAtHand>,
    /// What officers call keys on this desk.
    pub given: BTreeMap<PhysicalKey, String>,
    /// When it was read.
    pub read_at: Option<Instant>,
    /// An open ceremony of the repository: another cannot begin beside it.
    pub open: Option<String>,
    pub now: Instant,
}

/// A change worked out on what the desk has proven.
pub struct Foreseen {
    pub preview: Preview,
    /// So many keys that were named as signers tell who they are only with their secret: they are not counted.
    pub untold: usize,
    /// The places of keys that join or leave and tell who they are only with their secret: what is asked of them is no part of the
    /// plan.
    pub left_out: Vec<String>,
}

impl ChangeStart {
    /// The documents that were proven.
    pub fn known(&self) -> Known<'_> {
        Known::of_walk(&self.root, &self.outcome)
    }
}

impl Ceremonies {
    /// What there is to change and the keys at hand.
    ///
    /// Refuses with `no-anchor`, and with `draft-refused` where what was read last does not begin with the root trusted now.
    pub fn change_start(&self, memory: &Memory, reading: &Reading) -> Result<ChangeStart, Failure> {
        let now = self.ports.clock.now();
        let root = self.proven_root(&memory.record.id)?;
        Ok(ChangeStart {
            outcome: self.read_last(memory, reading, now)?,
            at_hand: self.files_at_hand(memory.record.practice)?,
            given: keyring::key_names(&*self.ports.vault)?,
            read_at: memory.last_read.at,
            repository: memory.record.clone(),
            open: self.open_in(&memory.record.id)?,
            root,
            now,
        })
    }

    /// Works a wish out on what was read last.
    ///
    /// Fails as a preview does, but reads nothing and asks nobody. A key that only signs and does not tell its public half is left
    /// out, and counted. One that joins or leaves is not made up: the plan is of everything else that is asked for, and where
    /// there is nothing else, or nothing else makes sense alone, it refuses with `key-not-told`.
    pub fn foresee(&self, memory: &Memory, reading: &Reading, wish: &ChangeWish) -> Result<Foreseen, Failure> {
        let limits = self.limits()?;
        self.ports.connect.publisher(&memory.record.source, &limits)?;
        let outcome = self.read_last(memory, reading, self.ports.clock.now())?;
        let older = older_roots(memory, reading, &outcome, wish.legacy);
        let today = Today {
            outcome,
            older,
            claimed: Vec::new(),
        };
        let mut told = wish.clone();
        told.sign.retain(|text| !self.is_untold(text));
        let untold = wish.sign.len() - told.sign.len();
        let hides = |edit: &WishedEdit| edit.keys().into_iter().any(|text| self.is_untold(text));
        told.edits.retain(|edit| !hides(edit));
        if told.edits.len() == wish.edits.len() {
            let preview = self.work_out(memory.record.clone(), &told, &today, Asks::Nobody)?;
            // The keys that are missing may be those that do not tell.
            if untold == 0 {
                must_reach_online(&preview)?;
            }
            return Ok(Foreseen {
                preview,
                untold,
                left_out: Vec::new(),
            });
        }
        let mut left_out: Vec<String> = Vec::new();
        for text in wish.edits.iter().flat_map(WishedEdit::keys) {
            let label = keyring::parse(text).map_or_else(|_| text.clone(), |reference| keyring::label(&reference));
            if self.is_untold(text) && !left_out.contains(&label) {
                left_out.push(label);
            }
        }
        if told.edits.is_empty() {
            return Err(not_told(&left_out));
        }
        // What is left may make sense only with what was left out.
        match self.work_out(memory.record.clone(), &told, &today, Asks::Nobody) {
            Ok(preview) => Ok(Foreseen {
                preview,
                untold,
                left_out,
            }),
            Err(_) => Err(not_told(&left_out)),
        }
    }

    fn is_untold(&self, text: &str) -> bool {
        let looked = keyring::parse(text).and_then(|reference| keyring::look_at(&self.ports, &reference));
        matches!(looked, Err(failure) if failure.code == "key-not-told")
    }

    fn read_last(&self, memory: &Memory, reading: &Reading, now: Instant) -> Result<Outcome, Failure> {
        let outcome = memory.replay(reading, &self.limits()?, now);
        outcome.ok_or_else(|| refused("this desk has read no root of the repository that it trusts: refresh it first"))
    }
}

fn not_told(keys: &[String]) -> Failure {
    let names: Vec<String> = keys.iter().map(|key| visible(key)).collect();
    let names = names.join(", ");
    let message = format!("{names}: whose key that is shows only with its secret, which nobody was asked for");
    Failure::refusal("key-not-told", message).with("keys", names)
}

/// As many roots before the newest as are asked for and were read, newest first.
fn older_roots(memory: &Memory, reading: &Reading, outcome: &Outcome, count: u32) -> Vec<Envelope<Root>> {
    let Some(newest) = outcome.root.as_ref().filter(|_| count > 0) else {
        return Vec::new();
    };
    let read = memory.roots(reading);
    let read = read
        .iter()
        .filter_map(|file| metadata::read::<Root>(file, newest.dialect()).ok());
    let mut older: Vec<Envelope<Root>> = read
        .filter(|root| root.version() < newest.version() && newest.version() - root.version() <= u64::from(count))
        .collect();
    older.sort_by_key(|root| std::cmp::Reverse(root.version()));
    older.dedup_by_key(|root| root.version());
    older
}

/// Whether a role vouches for files and may delegate: targets, and what is delegated to.
pub fn vouches(role: &str) -> bool {
    role == "targets" || RoleName::new(role).is_ok_and(|role| !role.is_top_level())
}
