//! The keyring: one row per physical key, whatever keyids, roles, repositories, versions and devices it goes by.
//!
//! Gathered from what the desk knows: trees and root versions, places of private keys, attestations, the ledger, names.

use std::collections::{BTreeMap, HashMap};

use rootward_tuf::key::{Algorithm, PhysicalKey};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::attestation::{Attestations, VerifiedAttestation};
use super::places::Place;
use super::trouble::{KeyFinding, findings};
use crate::ledger::{Deeds, Went};
use crate::ports::KeyReference;
use crate::repositories::index::Index;
use crate::repositories::known::Known;
use crate::repositories::listed::Spell;
use crate::repositories::{DAY, Standing};

/// What a keyring is gathered from.
pub struct Facts<'a> {
    pub index: &'a Index,
    pub places: Vec<Place>,
    /// As officers named keys on this desk.
    pub names: BTreeMap<PhysicalKey, String>,
    pub attestations: &'a Attestations,
    pub deeds: &'a Deeds,
    /// A key that was not seen to work for so many days may not work any more.
    pub proof_days: u32,
    pub now: Instant,
}

/// Every key of the desk, worst first.
#[derive(Debug, Default)]
pub struct Keyring {
    pub keys: Vec<RingKey>,
    /// Keyids they go by.
    pub keyids: usize,
    by_physical: HashMap<PhysicalKey, usize>,
}

/// One physical key.
#[derive(Debug)]
pub struct RingKey {
    pub physical: PhysicalKey,
    pub algorithm: Option<Algorithm>,
    /// By repository and role: those it speaks for now come first.
    pub uses: Vec<Use>,
    pub places: Vec<Place>,
    pub holding: Holding,
    /// The name an officer gave it here.
    pub given: Option<String>,
    /// What metadata, certificates and tokens call its holder; claims, without repeats.
    pub claimed: Vec<String>,
    /// From when on the oldest of its certificates holds.
    pub since: Option<Instant>,
    pub attestation: Option<VerifiedAttestation>,
    /// Why an attestation that is here proves nothing.
    pub unproven: Option<String>,
    /// When it was last seen to work on this desk, by a proof or a signature.
    pub worked: Option<Worked>,
    /// Days since then are more than the desk lets pass; never seen to work counts as well.
    pub is_stale: bool,
    pub findings: Vec<KeyFinding>,
    /// The worst of the roles it speaks for now; none where it speaks for nothing.
    pub standing: Option<Standing>,
    /// It is of the practice estate only.
    pub practice: bool,
}

/// A role of a repository that lists a key, or listed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub repository: String,
    pub repository_name: String,
    pub practice: bool,
    pub role: RoleName,
    /// Versions of root for a top-level role; of the delegating document for others.
    pub spells: Vec<Spell>,
    /// It speaks for the role now.
    pub is_now: bool,
    /// Of the role, where it speaks for it now.
    pub standing: Option<Standing>,
    /// The role's document that carries its signature now.
    pub signed: Option<u64>,
    /// The metadata says that a service signs with it.
    pub online: bool,
}

/// What keeps the private half, as far as this desk knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holding {
    Token,
    File,
    /// Whoever unlocks the session unlocks it.
    Keychain,
    Server,
    Unknown,
}

/// How a key was last seen to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worked {
    pub at: Instant,
    /// `a proof`, `root v3 of trust-root`.
    pub by: String,
    /// What a person calls the place.
    pub place: String,
}

impl Keyring {
    /// Gathers every key.
    pub fn of(facts: Facts<'_>) -> Self {
        let mut gathered: HashMap<PhysicalKey, RingKey> = HashMap::new();
        for segment in &facts.index.segments {
            gather(&segment.known, &mut gathered);
        }
        for place in facts.places {
            let key = entry(&mut gathered, place.public.physical());
            key.algorithm = Some(place.public.algorithm());
            key.claimed
                .extend(place.device.as_ref().and_then(|device| device.subject.clone()));
            key.places.push(place);
        }
        for (physical, attested) in &facts.attestations.by_key {
            let key = entry(&mut gathered, *physical);
            match attested {
                Ok(proven) => {
                    key.algorithm = Some(proven.public().algorithm());
                    key.attestation = Some(proven.clone());
                }
                Err(problem) => key.unproven = Some(problem.to_string()),
            }
        }
        let worked = worked(facts.deeds);
        for (physical, key) in &mut gathered {
            key.given = facts.names.get(physical).cloned();
            key.worked = worked.get(physical).cloned();
            key.settle(facts.proof_days, facts.now);
        }
        let mut keys: Vec<RingKey> = gathered.into_values().collect();
        findings(&mut keys, facts.now);
        keys.sort_by_cached_key(RingKey::rank);
        let mut keyids: Vec<&str> = keys.iter().flat_map(RingKey::keyids).collect();
        keyids.sort_unstable();
        keyids.dedup();
        Keyring {
            keyids: keyids.len(),
            by_physical: keys.iter().enumerate().map(|(row, key)| (key.physical, row)).collect(),
            keys,
        }
    }

    /// One key of it.
    pub fn key(&self, physical: &PhysicalKey) -> Option<&RingKey> {
        self.by_physical.get(physical).map(|row| &self.keys[*row])
    }
}

impl RingKey {
    fn new(physical: PhysicalKey) -> Self {
        RingKey {
            physical,
            algorithm: None,
            uses: Vec::new(),
            places: Vec::new(),
            holding: Holding::Unknown,
            given: None,
            claimed: Vec::new(),
            since: None,
            attestation: None,
            unproven: None,
            worked: None,
            is_stale: false,
            findings: Vec::new(),
            standing: None,
            practice: false,
        }
    }

    /// The ids it goes by, one after the other; several uses may share one.
    pub fn keyids(&self) -> impl Iterator<Item = &str> {
        let spells = self.uses.iter().flat_map(|each| &each.spells);
        spells.map(|spell| spell.keyid.as_str())
    }

    /// Different keyids, in the order in which they came.
    pub fn different_keyids(&self) -> Vec<&str> {
        let mut different: Vec<&str> = Vec::new();
        for keyid in self.keyids() {
            if !different.contains(&keyid) {
                different.push(keyid);
            }
        }
        different
    }

    /// Different repositories that list it now.
    pub fn repositories(&self) -> usize {
        let mut ids: Vec<&str> = self.now().map(|each| each.repository.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// Roles it speaks for now.
    pub fn now(&self) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(|each| each.is_now)
    }

    /// What its holder is called: the name given here, else the first that metadata claims.
    pub fn holder(&self) -> Option<&str> {
        self.given
            .as_deref()
            .or_else(|| self.claimed.first().map(String::as_str))
    }

    /// The device that holds it, as far as it is known: proven, else as it was seen.
    pub fn device(&self) -> Option<String> {
        let seen = || self.places.iter().find_map(|place| place.device.as_ref());
        let proven = self.attestation.as_ref().filter(|attested| attested.serial.is_some());
        proven
            .map(VerifiedAttestation::device)
            .or_else(|| seen().map(|device| device.label.clone()))
    }

    /// The firmware of that device.
    pub fn firmware(&self) -> Option<String> {
        let proven = self
            .attestation
            .as_ref()
            .map(|attested| attested.firmware.map(|part| part.to_string()).join("."));
        let mut seen = self.places.iter().filter_map(|place| place.device.as_ref());
        proven.or_else(|| seen.find_map(|device| Some(device.firmware.clone()).filter(|text| !text.is_empty())))
    }

    /// Whether the private half can be asked for here and now.
    pub fn is_here(&self) -> bool {
        self.places.iter().any(|place| place.is_here)
    }

    fn settle(&mut self, proof_days: u32, now: Instant) {
        let held = |place: &Place| place.device.is_some();
        let is_keychains = |place: &Place| matches!(place.reference, KeyReference::Keychain(_));
        self.holding = if self.places.iter().any(held) || self.attestation.is_some() {
            Holding::Token
        } else if !self.places.is_empty() && self.places.iter().all(is_keychains) {
            Holding::Keychain
        } else if !self.places.is_empty() {
            Holding::File
        } else if self.now().any(|each| each.online) {
            Holding::Server
        } else {
            Holding::Unknown
        };
        self.standing = self.now().filter_map(|each| each.standing).min();
        let everywhere = |mut practice: Box<dyn Iterator<Item = bool> + '_>| practice.all(|practice| practice);
        self.practice = everywhere(Box::new(self.uses.iter().map(|each| each.practice)))
            && everywhere(Box::new(self.places.iter().map(|place| place.practice)))
            && !(self.uses.is_empty() && self.places.is_empty());
        self.uses.sort_by(|one, other| {
            let rank = |each: &Use| {
                (
                    !each.is_now,
                    each.practice,
                    each.repository_name.clone(),
                    role_rank(&each.role),
                )
            };
            rank(one).cmp(&rank(other))
        });
        self.claimed.dedup();
        self.is_stale = is_stale(self.worked.as_ref().map(|worked| worked.at), proof_days, now);
    }

    fn rank(&self) -> impl Ord + use<> {
        let warnings = self.findings.iter().filter(|finding| finding.is_warning).count();
        let first = self.uses.first();
        (
            self.practice,
            self.now().next().is_none(),
            self.standing.map_or(u8::MAX, |standing| standing as u8),
            std::cmp::Reverse(warnings),
            self.device().or_else(|| self.places.first().map(Place::label)),
            self.holder().map(str::to_owned),
            first.map(|each| (each.repository_name.clone(), role_rank(&each.role))),
            self.physical,
        )
    }
}

/// Whether a key was not seen to work for longer than the desk lets pass.
pub fn is_stale(worked: Option<Instant>, proof_days: u32, now: Instant) -> bool {
    worked.is_none_or(|at| at.plus_seconds(i64::from(proof_days) * DAY) < now)
}

/// Root first, then the other top-level roles, then delegations by name.
fn role_rank(role: &RoleName) -> (u8, String) {
    let rank = match role.as_str() {
        "root" => 0,
        "targets" => 1,
        "snapshot" => 2,
        "timestamp" => 3,
        _ => 4,
    };
    (rank, role.as_str().to_owned())
}

fn entry(gathered: &mut HashMap<PhysicalKey, RingKey>, physical: PhysicalKey) -> &mut RingKey {
    gathered.entry(physical).or_insert_with(|| RingKey::new(physical))
}

/// Takes a repository in: its roles now, and what earlier root versions listed.
fn gather(known: &Known, gathered: &mut HashMap<PhysicalKey, RingKey>) {
    let gun = known.gun.as_ref().map(|gun| gun.as_str());
    let record = &known.record;
    let use_of = |role: &RoleName| Use {
        repository: record.id.clone(),
        repository_name: record.name.clone(),
        practice: record.practice,
        role: role.clone(),
        spells: Vec::new(),
        is_now: false,
        standing: None,
        signed: None,
        online: false,
    };
    for listed in &known.listed {
        let key = entry(gathered, listed.physical);
        key.algorithm = Some(listed.algorithm);
        // A certificate's name is the repository's, not a person's.
        let name = listed.name.clone().filter(|name| Some(name.as_str()) != gun);
        claim(&mut key.claimed, name);
        key.since = match (key.since, listed.since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let mut used = use_of(&listed.role);
        used.spells = listed.spells.clone();
        key.uses.push(used);
    }
    for node in &known.tree.nodes {
        let delegator = node
            .parent
            .and_then(|parent| known.tree.nodes[parent].document.as_ref());
        for listed in &node.keys {
            let Some(physical) = listed.physical else { continue };
            let key = entry(gathered, physical);
            claim(
                &mut key.claimed,
                listed.name.clone().filter(|name| Some(name.as_str()) != gun),
            );
            let place = key
                .uses
                .iter()
                .position(|each| each.repository == record.id && each.role == node.role);
            let place = place.unwrap_or_else(|| {
                key.uses.push(use_of(&node.role));
                key.uses.len() - 1
            });
            let used = &mut key.uses[place];
            used.is_now = true;
            used.standing = Some(used.standing.map_or(node.own, |worst| worst.min(node.own)));
            used.online |= listed.online;
            if listed.signed {
                used.signed = used.signed.max(node.document.as_ref().map(|document| document.version));
            }
            let version = delegator.map(|document| document.version);
            if let (4.., Some(version)) = (place_of(known, node), version)
                && !used.spells.iter().any(|spell| spell.keyid == listed.keyid)
            {
                used.spells.push(Spell {
                    keyid: listed.keyid.clone(),
                    first: version,
                    last: version,
                });
            }
        }
    }
}

fn place_of(known: &Known, node: &crate::repositories::roles::RoleNode) -> usize {
    let is_top = known.tree.top_level().any(|top| std::ptr::eq(top, node));
    if is_top { 0 } else { 4 }
}

fn claim(claimed: &mut Vec<String>, name: Option<String>) {
    if let Some(name) = name.filter(|name| !claimed.contains(name)) {
        claimed.push(name);
    }
}

/// The last proof or signature of every key in the ledger.
fn worked(deeds: &Deeds) -> HashMap<PhysicalKey, Worked> {
    let mut latest: HashMap<PhysicalKey, Worked> = HashMap::new();
    let mut take = |physical: PhysicalKey, worked: Worked| {
        let is_newer = latest.get(&physical).is_none_or(|known| known.at <= worked.at);
        if is_newer {
            latest.insert(physical, worked);
        }
    };
    for signing in deeds.signings.iter().filter(|signing| signing.went == Went::Signed) {
        let what = &signing.what;
        if let (Some(physical), Some(at)) = (PhysicalKey::parse(&what.physical_key), signing.at) {
            take(
                physical,
                Worked {
                    at,
                    by: format!("{} v{} of {}", what.role, what.version, what.repository.name),
                    place: super::parse(&what.key).map_or_else(|_| what.key.clone(), |key| super::label(&key)),
                },
            );
        }
    }
    for proven in &deeds.proofs {
        take(
            proven.physical,
            Worked {
                at: proven.at,
                by: "a proof".into(),
                place: proven.device.clone(),
            },
        );
    }
    latest
}
