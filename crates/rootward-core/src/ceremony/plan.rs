//! What a change comes to: the documents that are issued again, who must sign each, and whether the rules allow it.
//!
//! Computed from the proven documents and the change alone, before anything is signed. What it means for people is said in
//! `consequences`.

use std::collections::HashSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{Frozen, RootDraft};
use rootward_tuf::key::{Key, KeyId, PhysicalKey, PublicKey};
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::change::Rotate;
use super::delta::Delta;
use super::grounds::{Grounds, wave};
use super::roster::{NamedKey, Quorum, Roster, Side, quorums};
use crate::border::{counted, short};
use crate::ports::Failure;

/// A change that the rules allow, worked out.
pub struct Plan {
    pub old: Roster,
    pub new: Roster,
    /// Of the role whose keys change.
    pub delta: Delta,
    /// The next root; none while a certificate or a server's key in it is still to be made.
    pub root: Option<Frozen<Root>>,
    /// In the order they are signed.
    pub documents: Vec<Planned>,
    /// How far the keys at hand go, for every threshold.
    pub reachable: Vec<Reach>,
}

/// A document that is issued again.
pub struct Planned {
    pub role: RoleName,
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
    /// Notary: the key that the server made.
    pub server: Option<Key>,
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
        }
    }
}

impl Prepared {
    /// The certificate made for a key.
    pub fn certificate(&self, physical: &PhysicalKey) -> Option<&Key> {
        self.certificates.iter().find(|key| key.physical() == Some(*physical))
    }
}

impl Plan {
    /// Works a change out.
    ///
    /// Refuses with `draft-refused` what the rules forbid, and with `key-not-found` a leaving key that is none of the role's.
    pub fn of(change: &Rotate, grounds: &Grounds, prepared: &Prepared, now: Instant) -> Result<Plan, Failure> {
        allowed(change, grounds.dialect())?;
        let names = change.names();
        let old = Roster::of(grounds.root.body(), &names);
        let asked = Asked::of(change, grounds, prepared, now)?;
        let root = asked.draft(grounds)?;
        let new = match &root {
            Some(root) => Roster::of(root.body(), &names),
            None => asked.planned(&old, change),
        };
        let delta = Delta::between(&old, &new, &asked.role);
        let planned = |role: RoleName| {
            let from = grounds.version(&role)?;
            Some(Planned {
                version: (from, from.saturating_add(1)),
                wave: wave(&role),
                quorums: quorums(&role, &old, &new),
                role,
            })
        };
        let documents: Vec<Planned> = grounds.roles().into_iter().filter_map(planned).collect();
        let reachable = reach(&documents, |key| change.at_hand(key).is_some());
        Ok(Plan {
            old,
            new,
            delta,
            root,
            documents,
            reachable,
        })
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

/// Refuses what no repository of the dialect can have, before anybody is asked for anything.
pub(super) fn allowed(change: &Rotate, dialect: Dialect) -> Result<(), Failure> {
    let role = change.role_name()?;
    let gives = !change.add.is_empty() || !change.remove.is_empty() || change.threshold.is_some();
    match (dialect, role.as_str(), change.server) {
        (Dialect::Tuf1, _, true) => Err(refused("only a Notary server makes keys of its own")),
        (Dialect::Tuf1, _, false) if !change.legacy.is_empty() => Err(refused(
            "clients of this repository walk every root: signatures of older roots' keys are Notary's alone",
        )),
        (Dialect::Notary, "root" | "targets", true) => Err(refused(format!(
            "a Notary server never holds the key of {role}: it is a person's",
        ))),
        (Dialect::Notary, "timestamp", false) => Err(refused(
            "a Notary server always holds the timestamp key itself: a new one can only be asked of the server",
        )),
        (Dialect::Notary, _, true) if gives => Err(refused(format!(
            "the server's key becomes the only key of {role}: no other can join, leave or stay, and the threshold is 1",
        ))),
        (Dialect::Notary | Dialect::Tuf1, _, _) => Ok(()),
    }
}

/// A change with everything in it read.
struct Asked<'a> {
    role: RoleName,
    leaving: Vec<PhysicalKey>,
    joining: Vec<PublicKey>,
    threshold: u64,
    expires: Instant,
    server: bool,
    prepared: &'a Prepared,
}

impl<'a> Asked<'a> {
    fn of(change: &Rotate, grounds: &Grounds, prepared: &'a Prepared, now: Instant) -> Result<Self, Failure> {
        let root = grounds.root.body();
        let role = change.role_name()?;
        let keys = root
            .role(&role)
            .ok_or_else(|| refused(format!("root has no role {role}")))?;
        let mut leaving = change.leaving();
        if leaving.len() != change.remove.len() {
            return Err(refused(
                "a key that leaves is not told as sha256: and 64 hexadecimal digits",
            ));
        }
        let joining = change
            .joining()
            .map_err(|why| refused(format!("a key that joins cannot be used: {why}")))?;
        let expires = Instant::parse(&change.expires).map_err(|_| {
            let expected = "expected an end such as 2030-01-31T00:00:00Z";
            refused(format!("{expected}, got {}", change.expires))
        })?;
        if expires <= now {
            let message = format!("root would end on {}, which has passed", change.expires);
            return Err(refused(message));
        }
        let mut present: HashSet<PhysicalKey> = root.keys.physical(&keys.keyids);
        if change.server {
            leaving = present.iter().copied().collect();
        }
        let same_threshold = change.threshold.is_none_or(|threshold| threshold == keys.threshold);
        let nothing = leaving.is_empty() && joining.is_empty() && same_threshold && !change.server;
        if nothing && !change.expires_chosen {
            return Err(refused(
                "nothing would change: no key leaves or joins, and the threshold stays",
            ));
        }
        for key in &leaving {
            listed_as(root, &role, key)?;
        }
        for (public, at) in &joining {
            if leaving.contains(&public.physical()) {
                return Err(refused(format!("{at} would leave and join at once")));
            }
            if !present.insert(public.physical()) {
                return Err(refused(format!("{at} speaks for {role} already")));
            }
        }
        present.retain(|key| !leaving.contains(key));
        let (threshold, count) = if change.server {
            (1, 1)
        } else {
            (change.threshold.unwrap_or(keys.threshold), present.len() as u64)
        };
        if threshold == 0 || threshold > count {
            let never = if role == RoleName::root() {
                "nobody could ever change it again"
            } else {
                "nobody could sign it"
            };
            return Err(refused(format!(
                "{role} would need {} and have {}: {never}",
                counted(threshold, "signature"),
                counted(count, "key"),
            )));
        }
        Ok(Asked {
            role,
            leaving,
            joining: joining.into_iter().map(|(public, _)| public).collect(),
            threshold,
            expires,
            server: change.server,
            prepared,
        })
    }

    /// The next root; none while something in it is still to be made.
    fn draft(&self, grounds: &Grounds) -> Result<Option<Frozen<Root>>, Failure> {
        let mut joining = Vec::new();
        for public in &self.joining {
            match self.listed(public, grounds.dialect()) {
                Some(key) => joining.push(key),
                None => return Ok(None),
            }
        }
        if self.server {
            match &self.prepared.server {
                Some(key) => joining.push(key.clone()),
                None => return Ok(None),
            }
        }
        let mut draft = RootDraft::next(&grounds.root);
        for physical in &self.leaving {
            for keyid in listed_as(grounds.root.body(), &self.role, physical)? {
                draft.remove_key(&self.role, &keyid);
            }
        }
        for key in joining {
            draft.add_key(&self.role, key);
        }
        draft
            .set_threshold(&self.role, self.threshold)
            .set_expires(self.expires);
        let frozen = draft.freeze().map_err(|refusal| refused(refusal.to_string()))?;
        Ok(Some(frozen))
    }

    /// A joining key as the next root lists it; none for a certificate that is not made yet.
    fn listed(&self, public: &PublicKey, dialect: Dialect) -> Option<Key> {
        match dialect {
            Dialect::Tuf1 => Some(Key::new_tuf1(public)),
            Dialect::Notary if self.role == RoleName::root() => self.prepared.certificate(&public.physical()).cloned(),
            Dialect::Notary => Some(Key::new_notary_bare(public)),
        }
    }

    /// The next root's roles while a key in it is still to be made.
    fn planned(&self, old: &Roster, change: &Rotate) -> Roster {
        let names = change.names();
        let mut new = old.clone();
        new.version = new.version.saturating_add(1);
        new.expires.clone_from(&change.expires);
        if let Some(role) = new.role_mut(&self.role) {
            role.keys.retain(|key| !self.leaving.contains(&key.physical));
            // Only Notary's keys wait for something.
            for public in &self.joining {
                let bare = Key::new_notary_bare(public);
                role.keys
                    .extend(NamedKey::of(&bare, &names).map(|key| NamedKey { keyid: None, ..key }));
            }
            role.threshold = self.threshold;
            role.server_makes = self.server;
        }
        new
    }
}

/// The ids under which a role lists a key.
fn listed_as(root: &Root, role: &RoleName, physical: &PhysicalKey) -> Result<Vec<KeyId>, Failure> {
    let has = |keyid: &&KeyId| root.keys.get(keyid).and_then(Key::physical) == Some(*physical);
    let listed = root.role(role).map(|keys| keys.keyids.as_slice()).unwrap_or_default();
    let keyids: Vec<KeyId> = listed.iter().filter(has).cloned().collect();
    if keyids.is_empty() {
        let shown = short(&physical.to_string());
        let message = format!("the key {shown} does not speak for {role}");
        return Err(Failure::refusal("key-not-found", message));
    }
    Ok(keyids)
}

pub(super) fn refused(why: impl Into<String>) -> Failure {
    Failure::refusal("draft-refused", why)
}
