//! From edits to the next documents of the first wave: root, targets and delegated roles.
//!
//! Snapshot and timestamp, which name the others, are drafted in `next` once those are complete.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{AnyFrozen, Frozen, RootDraft, TargetsDraft};
use rootward_tuf::key::{Key, KeyId, PhysicalKey, PublicKey};
use rootward_tuf::metadata::{DelegatedRole, RoleKeys, Root, SuccinctRoles};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::authority::{self, Speaks};
use super::change::{Change, role_name};
use super::edit::{Bins, Delegation, Edit, Joining, RoleAt};
use super::grounds::{Grounds, wave};
use super::next::usual_days;
use super::plan::{Prepared, refused};
use super::rules;
use crate::border::{short, visible};
use crate::ports::Failure;

/// The documents of the first wave.
pub struct Drafts {
    /// In the order they are frozen.
    pub documents: Vec<AnyFrozen>,
    /// Whether a certificate or a server's key for root is still to be made: root is not among them then.
    pub waits: bool,
}

/// Drafts every document of the first wave. Refuses with `draft-refused` and `key-not-found`.
pub fn drafts(change: &Change, grounds: &Grounds, prepared: &Prepared, now: Instant) -> Result<Drafts, Failure> {
    let drafting = Drafting {
        change,
        grounds,
        prepared,
        now,
    };
    let mut drafts = Drafts {
        documents: Vec::new(),
        waits: false,
    };
    for role in grounds.roles().iter().filter(|role| wave(role) == 0) {
        if *role != RoleName::root() {
            drafts.documents.push(drafting.targets(role)?);
            continue;
        }
        match drafting.root()? {
            Some(root) => drafts.documents.push(root.into()),
            None => drafts.waits = true,
        }
    }
    Ok(drafts)
}

/// Who speaks for a role in the document that names its keys, as it is built on.
pub fn speaks_now(at: &RoleAt, grounds: &Grounds) -> Result<Speaks, Failure> {
    let role = role_name(&at.role)?;
    if grounds.begins() && at.by == "root" && role.is_top_level() {
        return Ok(Speaks::nobody());
    }
    let found = authority::before(&role, grounds).into_iter();
    let mut found = found.filter(|speaks| speaks.by.as_str() == at.by);
    found
        .next()
        .ok_or_else(|| refused(format!("{} has no role {}", visible(&at.by), visible(&at.role))))
}

struct Drafting<'a> {
    change: &'a Change,
    grounds: &'a Grounds,
    prepared: &'a Prepared,
    now: Instant,
}

impl Drafting<'_> {
    /// The next root; none while something in it is still to be made.
    fn root(&self) -> Result<Option<Frozen<Root>>, Failure> {
        let mut draft = match self.grounds.root() {
            Some(root) => RootDraft::next(root),
            None => {
                let (dialect, root) = (self.grounds.dialect(), RoleName::root());
                let end = self.now.plus_seconds(usual_days(&root, dialect) * 86_400);
                RootDraft::first(dialect, self.change.consistent_snapshot(), end)
            }
        };
        for at in self.change.of_keys().iter().filter(|at| at.by == "root") {
            let role = role_name(&at.role)?;
            let speaks = speaks_now(at, self.grounds)?;
            let mut joining = Vec::new();
            for joins in self.change.joining(at) {
                match self.listed_by_root(&read(joins)?, &role) {
                    Some(key) => joining.push(key),
                    None => return Ok(None),
                }
            }
            let by_server = self.change.is_by_server(&role);
            if by_server {
                match self.prepared.server(&role) {
                    Some(key) => joining.push(key.clone()),
                    None => return Ok(None),
                }
            }
            let leaving: Vec<KeyId> = match by_server {
                true => speaks.role.keyids.clone(),
                false => self.leaving(at, &speaks)?,
            };
            for keyid in &leaving {
                draft.remove_key(&role, keyid);
            }
            for key in joining {
                draft.add_key(&role, key);
            }
            let threshold = self.change.threshold(at).or(by_server.then_some(1));
            if let Some(threshold) = threshold {
                draft.set_threshold(&role, threshold);
            }
            if self.change.despite.is_some() {
                draft.leave_unusable(&role);
            }
        }
        if let Some(end) = self.end(&RoleName::root())? {
            draft.set_expires(end);
        }
        draft.freeze().map(Some).map_err(|refusal| refused(refusal.to_string()))
    }

    /// The next document of targets or of a delegated role.
    fn targets(&self, role: &RoleName) -> Result<AnyFrozen, Failure> {
        let (dialect, old) = (self.grounds.dialect(), self.grounds.targets_of(role));
        let mut draft = match old {
            Some(old) => TargetsDraft::next(old, role.clone()),
            None => {
                let end = self.now.plus_seconds(usual_days(role, dialect) * 86_400);
                match self.grounds.version(role) {
                    Some(after) if after > 0 => TargetsDraft::anew(dialect, role.clone(), after, end),
                    _ => TargetsDraft::first(dialect, role.clone(), end),
                }
            }
        };
        self.delegations(role, &mut draft)?;
        for edit in self.change.of_document(role) {
            match edit {
                Edit::Vouches { path, target, .. } => {
                    let before = old.and_then(|old| old.body().targets.get(path));
                    let target = target
                        .read(before.as_ref())
                        .map_err(|why| refused(format!("{}: {why}", visible(path))))?;
                    draft.add_target(path, &target);
                }
                Edit::Unvouches { path, .. } => {
                    if !old.is_some_and(|old| old.body().lists(path)) {
                        return Err(refused(format!("{role} does not vouch for {}", visible(path))));
                    }
                    draft.remove_target(path);
                }
                _ => {}
            }
        }
        if let Some(end) = self.end(role)? {
            draft.set_expires(end);
        }
        let frozen = draft.freeze().map_err(|refusal| refused(refusal.to_string()))?;
        Ok(frozen.into())
    }

    fn delegations(&self, by: &RoleName, draft: &mut TargetsDraft) -> Result<(), Failure> {
        let mut changed: Vec<(DelegatedRole, Vec<Key>)> = Vec::new();
        let mut places = Vec::new();
        for at in self.change.of_keys().iter().filter(|at| at.by == by.as_str()) {
            changed.push(self.with_other_keys(at)?);
        }
        for edit in self.change.of_document(by) {
            match edit {
                Edit::Redelegates {
                    role,
                    paths,
                    terminating,
                    place,
                    ..
                } => {
                    let name = role_name(role)?;
                    let at = match changed.iter().position(|(delegated, _)| delegated.name == name) {
                        Some(at) => at,
                        None => {
                            changed.push((self.delegated(by, &name)?, Vec::new()));
                            changed.len() - 1
                        }
                    };
                    let delegated = &mut changed[at].0;
                    if let Some(paths) = paths {
                        delegated.paths = paths.to_set(self.is_notary());
                    }
                    delegated.terminating = terminating.unwrap_or(delegated.terminating);
                    places.extend(place.map(|place| (name, place)));
                }
                Edit::Delegates { delegation, .. } => {
                    let (delegated, keys) = self.new_delegation(by, delegation)?;
                    places.extend(delegation.place.map(|place| (delegated.name.clone(), place)));
                    changed.push((delegated, keys));
                }
                Edit::Undelegates { role, .. } => {
                    draft.remove_delegation(&role_name(role)?);
                }
                _ => {}
            }
        }
        for (delegated, keys) in &changed {
            if self.change.despite.is_some() {
                draft.leave_unusable(&delegated.name);
            }
            draft.add_delegation(delegated, keys);
        }
        for (role, place) in places {
            draft.place_delegation(&role, place as usize);
        }
        for edit in self.change.of_document(by) {
            if let Edit::Bins { bins, .. } = edit {
                self.bins(by, bins, draft)?;
            }
        }
        Ok(())
    }

    /// A delegation as the document has it.
    fn delegated(&self, by: &RoleName, role: &RoleName) -> Result<DelegatedRole, Failure> {
        let targets = self.grounds.targets_of(by);
        let delegations = targets.and_then(|targets| targets.body().delegations.as_ref());
        if delegations
            .is_some_and(|delegations| delegations.roles.get(role).is_none() && delegations.role(role).is_some())
        {
            return Err(refused(format!(
                "{role} is one of many bins with one set of keys, named all at once: they change together or not at all"
            )));
        }
        let found = delegations.and_then(|delegations| delegations.role(role));
        found.ok_or_else(|| refused(format!("{by} does not delegate to {role}")))
    }

    /// A delegation with the keys and the threshold that the change gives it.
    fn with_other_keys(&self, at: &RoleAt) -> Result<(DelegatedRole, Vec<Key>), Failure> {
        let (by, role) = (role_name(&at.by)?, role_name(&at.role)?);
        let mut delegated = self.delegated(&by, &role)?;
        let speaks = speaks_now(at, self.grounds)?;
        let leaving = self.leaving(at, &speaks)?;
        delegated.keys.keyids.retain(|keyid| !leaving.contains(keyid));
        let mut keys = Vec::new();
        for joins in self.change.joining(at) {
            let key = self.listed_by_delegator(&read(joins)?, &speaks.keys);
            delegated.keys.keyids.push(key.keyid().clone());
            keys.push(key);
        }
        delegated.keys.threshold = self.change.threshold(at).unwrap_or(delegated.keys.threshold);
        Ok((delegated, keys))
    }

    fn new_delegation(&self, by: &RoleName, wanted: &Delegation) -> Result<(DelegatedRole, Vec<Key>), Failure> {
        let listed = self.grounds.targets_of(by).and_then(|targets| {
            let delegations = targets.body().delegations.as_ref()?;
            Some(delegations.keys.to_vec())
        });
        let listed = listed.unwrap_or_default();
        let mut keys = Vec::new();
        for joins in &wanted.keys {
            keys.push(self.listed_by_delegator(&read(joins)?, &listed));
        }
        let delegated = DelegatedRole {
            name: role_name(&wanted.role)?,
            keys: RoleKeys {
                keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
                threshold: wanted.threshold,
            },
            paths: wanted.paths.to_set(self.is_notary()),
            terminating: wanted.terminating,
        };
        Ok((delegated, keys))
    }

    /// Many roles with one set of keys, named all at once; nothing is listed one by one beside them (TAP 15).
    fn bins(&self, by: &RoleName, bins: &Bins, draft: &mut TargetsDraft) -> Result<(), Failure> {
        let before = self
            .grounds
            .targets_of(by)
            .and_then(|targets| targets.body().delegations.as_ref());
        let ends = |role: &RoleName| {
            self.change
                .of_document(by)
                .any(|edit| matches!(edit, Edit::Undelegates { role: ended, .. } if ended == role.as_str()))
        };
        let stays = before.is_some_and(|before| before.roles.iter().any(|listed| !ends(&listed.name)));
        let comes = self
            .change
            .of_document(by)
            .any(|edit| matches!(edit, Edit::Delegates { .. }));
        if stays || comes {
            return Err(refused(format!(
                "{by} delegates to roles one by one: bins that are named all at once can stand beside none of them"
            )));
        }
        let listed = before.map(|before| before.keys.to_vec()).unwrap_or_default();
        let mut keys: Vec<Key> = Vec::new();
        for joins in &bins.keys {
            keys.push(self.listed_by_delegator(&read(joins)?, &listed));
        }
        let succinct = SuccinctRoles {
            keys: RoleKeys {
                keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
                threshold: bins.threshold,
            },
            bits: bins.bits,
            name_prefix: bins.prefix.clone(),
        };
        draft.set_succinct(&succinct, &keys);
        Ok(())
    }

    /// The ids of the keys that leave a role.
    fn leaving(&self, at: &RoleAt, speaks: &Speaks) -> Result<Vec<KeyId>, Failure> {
        let mut keyids = Vec::new();
        for physical in self.change.leaving(at) {
            keyids.extend(listed_as(speaks, at, &physical)?);
        }
        Ok(keyids)
    }

    /// A joining key as the next root lists it; none for a certificate that is not made yet.
    fn listed_by_root(&self, public: &PublicKey, role: &RoleName) -> Option<Key> {
        match self.grounds.dialect() {
            Dialect::Tuf1 => Some(Key::new_tuf1(public)),
            Dialect::Notary if *role == RoleName::root() => self.prepared.certificate(&public.physical()).cloned(),
            Dialect::Notary => Some(Key::new_notary_bare(public)),
        }
    }

    /// A joining key as a delegator lists it: one that is there already keeps its id.
    fn listed_by_delegator(&self, public: &PublicKey, listed: &[Key]) -> Key {
        let there = listed.iter().find(|key| key.physical() == Some(public.physical()));
        there.cloned().unwrap_or_else(|| match self.grounds.dialect() {
            Dialect::Tuf1 => Key::new_tuf1(public),
            Dialect::Notary => Key::new_notary_bare(public),
        })
    }

    /// The moment at which the next document of a role ends, where it is another than now: one asked for, or as long as is
    /// usual in place of one that has passed.
    fn end(&self, role: &RoleName) -> Result<Option<Instant>, Failure> {
        if let Some((text, _)) = self.change.end(role) {
            return rules::end(role, text, self.now).map(Some);
        }
        let ends = self.grounds.expires(role);
        Ok(ends
            .is_some_and(|ends| ends.is_expired(self.now))
            .then(|| self.now.plus_seconds(usual_days(role, self.grounds.dialect()) * 86_400)))
    }

    fn is_notary(&self) -> bool {
        self.grounds.dialect() == Dialect::Notary
    }
}

/// The ids under which a role lists a key.
pub(super) fn listed_as(speaks: &Speaks, at: &RoleAt, physical: &PhysicalKey) -> Result<Vec<KeyId>, Failure> {
    let has = |keyid: &&KeyId| speaks.keys.get(keyid).and_then(Key::physical) == Some(*physical);
    let keyids: Vec<KeyId> = speaks.role.keyids.iter().filter(has).cloned().collect();
    if keyids.is_empty() {
        let shown = short(&physical.to_string());
        let message = format!("the key {shown} does not speak for {at}");
        return Err(Failure::refusal("key-not-found", message));
    }
    Ok(keyids)
}

pub(super) fn read(joining: &Joining) -> Result<PublicKey, Failure> {
    joining
        .read()
        .map_err(|why| refused(format!("a key that joins cannot be used: {why}")))
}
