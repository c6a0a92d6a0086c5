//! What a change comes to: the documents that are issued again, who must sign each, and whether the rules allow it.
//!
//! Computed from the proven documents and the change alone, before anything is signed. What it means for people is said in
//! `consequences`.

use std::collections::HashMap;

use rootward_tuf::draft::{AnyFrozen, Frozen};
use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::change::Change;
use super::delta::Delta;
use super::drafts::{Drafts, drafts};
use super::edit::Edit;
use super::grounds::{Grounds, wave};
use super::roster::{NamedKey, Quorum, Roster, RosterRole, Side, quorums};
use super::rules;
use crate::ports::Failure;

/// A change that the rules allow, worked out.
pub struct Plan {
    pub old: Roster,
    pub new: Roster,
    /// Of the roles whose keys or thresholds change.
    pub deltas: Vec<Delta>,
    /// The documents of the first wave, in the order they are frozen; without root while something in it is to be made.
    pub drafts: Vec<AnyFrozen>,
    /// Whether a certificate or a server's key for the next root is still to be made.
    pub waits: bool,
    /// In the order they are signed.
    pub documents: Vec<Planned>,
    /// How far the keys at hand go, for every threshold.
    pub reachable: Vec<Reach>,
}

/// A document that is issued again.
pub struct Planned {
    pub role: RoleName,
    /// From 0 for a role's first document.
    pub version: (u64, u64),
    /// Documents of a later wave name those of an earlier one by digest, and are frozen when these are complete.
    pub wave: u8,
    pub quorums: Vec<Quorum>,
}

/// How many keys of a threshold can sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub role: RoleName,
    pub side: Side,
    pub have: u64,
    pub need: u64,
}

/// What a root needs that is made for it before its bytes can be fixed.
#[derive(Clone, Default)]
pub struct Prepared {
    /// Notary: root keys that join, with the certificates they signed.
    pub certificates: Vec<Key>,
    /// Notary: the keys that the server made.
    pub server: Vec<(RoleName, Key)>,
}

impl Reach {
    /// Whether the keys meet the threshold.
    pub fn is_enough(&self) -> bool {
        self.have >= self.need
    }

    /// The threshold in words: `the old root`, `targets`.
    pub fn name(&self) -> String {
        match self.side {
            Side::Old => "the old root".into(),
            Side::New => "the new root".into(),
            Side::Own => self.role.to_string(),
            Side::Before => format!("{} by the keys it has now", self.role),
        }
    }
}

impl Prepared {
    /// The certificate made for a key.
    pub fn certificate(&self, physical: &PhysicalKey) -> Option<&Key> {
        self.certificates.iter().find(|key| key.physical() == Some(*physical))
    }

    /// The key that the server made for a role.
    pub fn server(&self, role: &RoleName) -> Option<&Key> {
        let made = self.server.iter().find(|(of, _)| of == role);
        made.map(|(_, key)| key)
    }
}

impl Plan {
    /// Works a change out.
    ///
    /// Refuses with `draft-refused` what the rules forbid, and with `key-not-found` a leaving key that is none of the role's.
    pub fn of(change: &Change, grounds: &Grounds, prepared: &Prepared, now: Instant) -> Result<Plan, Failure> {
        rules::of_dialect(change, grounds.dialect())?;
        rules::of_keys(change, grounds)?;
        let Drafts {
            documents: drafts,
            waits,
        } = drafts(change, grounds, prepared, now)?;
        let names = change.names();
        let fixed = |role: &RoleName| drafts.iter().find(|draft| draft.role() == role);
        let old = rosters_before(change, grounds, &names);
        let mut new = rosters_after(change, grounds, &fixed, &names);
        if waits {
            plan_root(&mut new, change, &names);
        }
        let deltas = deltas(change, &old, &new);
        let planned = |role: RoleName| {
            let from = grounds.version(&role)?;
            Some(Planned {
                version: (from, from.saturating_add(1)),
                wave: wave(&role),
                quorums: quorums(&role, &old, &new, change),
                role,
            })
        };
        let documents: Vec<Planned> = grounds.roles().into_iter().filter_map(planned).collect();
        rules::of_gone(change, &documents)?;
        let reachable = reach(&documents, |key| change.at_hand(key).is_some());
        Ok(Plan {
            old,
            new,
            deltas,
            drafts,
            waits,
            documents,
            reachable,
        })
    }

    /// The next root, if one is issued and everything in it is made.
    pub fn root(&self) -> Option<&Frozen<Root>> {
        self.drafts.iter().find_map(AnyFrozen::as_root)
    }

    /// Whether a document of a role is issued.
    pub fn issues(&self, role: &RoleName) -> bool {
        self.documents.iter().any(|document| document.role == *role)
    }

    /// Every key whose signature counts for some document, each once.
    pub fn keys(&self) -> Vec<&NamedKey> {
        let mut keys: Vec<&NamedKey> = Vec::new();
        for key in self
            .documents
            .iter()
            .flat_map(|document| &document.quorums)
            .flat_map(|quorum| &quorum.keys)
        {
            if keys.iter().all(|known| known.physical != key.physical) {
                keys.push(key);
            }
        }
        keys
    }
}

/// How far the keys that `has` knows go for every threshold of the documents.
pub fn reach(documents: &[Planned], has: impl Fn(&PhysicalKey) -> bool) -> Vec<Reach> {
    let of = |role: &RoleName, quorum: &Quorum| Reach {
        role: role.clone(),
        side: quorum.side,
        have: quorum.keys.iter().filter(|key| has(&key.physical)).count() as u64,
        need: quorum.threshold,
    };
    let each = documents
        .iter()
        .flat_map(|document| document.quorums.iter().map(|quorum| of(&document.role, quorum)));
    each.collect()
}

/// The changes of keys and thresholds, role by role.
pub fn deltas(change: &Change, old: &Roster, new: &Roster) -> Vec<Delta> {
    let each = change.of_keys().into_iter();
    each.filter_map(|at| Delta::between(old, new, &at)).collect()
}

/// Who speaks for what in the documents built on.
pub fn rosters_before(change: &Change, grounds: &Grounds, names: &HashMap<PhysicalKey, String>) -> Roster {
    rosters_after(change, grounds, &|_| None, names)
}

/// Who speaks for what once `fixed` documents are there.
pub fn rosters_after<'a>(
    change: &Change,
    grounds: &Grounds,
    fixed: &impl Fn(&RoleName) -> Option<&'a AnyFrozen>,
    names: &HashMap<PhysicalKey, String>,
) -> Roster {
    let new = fixed(&RoleName::root()).and_then(AnyFrozen::as_root);
    let root = new.map(|root| root.body()).or(grounds.root().map(|root| root.body()));
    let mut roster = root.map_or_else(Roster::empty, |root| Roster::of(root, names));
    let of_keys = change.of_keys();
    let delegated = change.edits.iter().filter_map(|edit| match edit {
        Edit::Delegates { delegation, .. } => Some(delegation.role.as_str()),
        _ => None,
    });
    let wanted = grounds.delegated(of_keys.iter().map(|at| at.role.as_str()).chain(delegated));
    for role in grounds.roles().iter().filter(|role| grounds.targets_of(role).is_none()) {
        if let Some(first) = fixed(role).and_then(AnyFrozen::as_targets) {
            roster.add(role, first.body(), &wanted, names);
        }
    }
    for (by, targets) in grounds.all_targets() {
        let new = fixed(by).and_then(AnyFrozen::as_targets);
        roster.add(by, new.map_or(targets.body(), |new| new.body()), &wanted, names);
    }
    roster
}

/// The next root's roles while a key in it is still to be made: only Notary's keys wait for something.
fn plan_root(roster: &mut Roster, change: &Change, names: &HashMap<PhysicalKey, String>) {
    if change.begins() {
        let top = [
            RoleName::root(),
            RoleName::targets(),
            RoleName::snapshot(),
            RoleName::timestamp(),
        ];
        roster.roles.splice(0..0, top.map(RosterRole::unlisted));
    }
    roster.version = roster.version.saturating_add(1);
    let version = roster.version;
    for listed in roster.roles.iter_mut().filter(|listed| listed.by.0 == RoleName::root()) {
        listed.by.1 = version;
        let at = super::edit::RoleAt::top_level(listed.role.as_str());
        let leaving = change.leaving(&at);
        listed.keys.retain(|key| !leaving.contains(&key.physical));
        for public in change.joining(&at).filter_map(|joining| joining.read().ok()) {
            let bare = Key::new_notary_bare(&public);
            // Root lists the certificate, which is not made yet.
            let keyid = |key: &NamedKey| (at.role != "root").then(|| key.keyid.clone()).flatten();
            let named = NamedKey::of(&bare, names).map(|key| NamedKey {
                keyid: keyid(&key),
                ..key
            });
            listed.keys.extend(named);
        }
        if let Some(threshold) = change.threshold(&at) {
            listed.threshold = threshold;
        }
        if change.is_by_server(&listed.role) {
            listed.keys.clear();
            listed.threshold = 1;
            listed.server_makes = true;
        }
    }
}

pub(super) fn refused(why: impl Into<String>) -> Failure {
    Failure::refusal("draft-refused", why)
}
