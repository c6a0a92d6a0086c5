//! From a wish in words to a change: which keys, roles and documents an officer means.

mod keys;

use std::collections::BTreeSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::{Envelope, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::authority::Speaks;
use super::ceremonies::Ceremonies;
use super::change::Change;
use super::edit::{Bins, Delegation, Edit, Paths, RoleAt, TargetText};
use super::finding::{Asks, Finder, legacy_keys, must_be_for_root, speaking, speaks_for_root};
use super::next::usual_days;
use super::plan::refused;
use super::scope::Known;
use crate::border::{ChangeWish, RevocationCause, WishedEdit, visible};
use crate::keyring;
use crate::ports::{Failure, RepositoryRecord};

/// Bins are told apart by so many bits at most.
const MOST_BITS: u32 = 14;

impl Ceremonies {
    /// Finds out what is meant; `older` are roots before the one built on, newest first.
    ///
    /// Gives the change and the keys the wish names by where they are. Fails with `bad-usage` and `key-not-found` when a
    /// word means no role or key, and as looking at a key does.
    pub(super) fn resolve(
        &self,
        repository: &RepositoryRecord,
        wish: &ChangeWish,
        known: &Known<'_>,
        older: &[Envelope<Root>],
        asking: Asks,
        now: Instant,
    ) -> Result<(Change, Vec<PhysicalKey>), Failure> {
        let mut resolving = Resolving {
            finder: self.finder(repository, known.root_version().saturating_add(1), asking),
            known,
            wish,
            now,
            edits: Vec::new(),
            lost: BTreeSet::new(),
            stolen: BTreeSet::new(),
        };
        for edit in &wish.edits {
            resolving.take(edit)?;
        }
        resolving.end_of_root();
        let Resolving {
            mut finder,
            edits,
            lost,
            stolen,
            ..
        } = resolving;
        let legacy = known
            .root
            .map(|root| legacy_keys(root.body(), older))
            .unwrap_or_default();
        let speaks_for_root = |key: &PhysicalKey| {
            let root = known.root;
            root.is_some_and(|root| speaks_for_root(root.body(), &legacy, key))
        };
        let mut counting = speaking(known, &legacy);
        counting.extend(
            edits
                .iter()
                .flat_map(Edit::joining)
                .filter_map(|joining| joining.physical()),
        );
        // What was lost or stolen is asked for nothing, whoever named a place for it.
        let is_gone = |key: &PhysicalKey| [&lost, &stolen].iter().any(|gone| gone.contains(&key.to_string()));
        for text in &wish.sign {
            if finder.told(text).is_some_and(|key| is_gone(&key)) {
                continue;
            }
            let key = finder.key(text)?;
            let physical = key.public.physical();
            if !counting.contains(&physical) {
                let message = format!(
                    "{} holds {physical}, which speaks for no role, neither before nor after the change",
                    visible(text)
                );
                return Err(Failure::refusal("key-not-found", message));
            }
            if speaks_for_root(&physical) {
                must_be_for_root(&key)?;
            }
        }
        let named = finder
            .at_hand
            .iter()
            .filter_map(|signer| PhysicalKey::parse(&signer.physical_key))
            .filter(|key| !is_gone(key));
        let named = named.collect();
        let called = keyring::key_names(&*self.ports.vault)?.into_iter();
        let called = called.filter(|(key, _)| counting.contains(key));
        let mut change = Change {
            called: called.map(|(key, name)| (key.to_string(), name)).collect(),
            edits,
            hands_over: false,
            online_elsewhere: wish.online_elsewhere,
            legacy_roots: wish.legacy,
            legacy: legacy.iter().map(|keyid| keyid.as_str().to_owned()).collect(),
            signers: finder.signers(|key| counting.contains(key), speaks_for_root)?,
            reason: wish.reason.clone(),
            lost,
            stolen,
            despite: said(wish.despite.as_ref()),
            although_loose: said(wish.although_loose.as_ref()),
        };
        // What a thief may have taken over signs nothing more.
        let recovers = |edit: &WishedEdit| matches!(edit, WishedEdit::RecoverRoot { .. });
        let only_new = wish.new_keys_only || wish.edits.iter().any(recovers);
        change.hands_over = !only_new && can_hand_over(&change, known);
        Ok((change, named))
    }
}

/// A reason that says something.
fn said(reason: Option<&String>) -> Option<String> {
    reason.filter(|reason| !reason.trim().is_empty()).cloned()
}

/// Whether the keys that a role has now are at hand, for every role but root that gets others. Only where files appear one by
/// one a client can meet the new beside the old.
fn can_hand_over(change: &Change, known: &Known<'_>) -> bool {
    let mut changed = change.of_keys();
    changed.retain(|at| at.role != "root");
    let at_hand = |at: &RoleAt| {
        let Some(speaks) = speaks(known, at) else { return false };
        let keys = speaks.keys.physical(&speaks.role.keyids);
        let have = keys.iter().filter(|key| change.at_hand(key).is_some()).count() as u64;
        have >= speaks.role.threshold
    };
    known.root.is_some() && known.dialect == Dialect::Tuf1 && !changed.is_empty() && changed.iter().all(at_hand)
}

pub(super) fn speaks(known: &Known<'_>, at: &RoleAt) -> Option<Speaks> {
    let role = at.name()?;
    if known.root.is_none() && at.by == "root" && role.is_top_level() {
        return Some(Speaks::nobody());
    }
    let (keys, role) = match known.targets_of(&at.by) {
        Some(targets) if at.by != "root" => {
            let delegations = targets.body().delegations.as_ref()?;
            (delegations.keys.clone(), delegations.role(&role)?.keys)
        }
        _ => (known.root?.body().keys.clone(), known.root?.body().role(&role)?.clone()),
    };
    Some(Speaks {
        by: RoleName::new(&*at.by).ok()?,
        keys,
        role,
    })
}

pub(super) struct Resolving<'a> {
    pub(super) finder: Finder<'a>,
    pub(super) known: &'a Known<'a>,
    pub(super) wish: &'a ChangeWish,
    pub(super) now: Instant,
    pub(super) edits: Vec<Edit>,
    /// Keys that sign nothing, by the physical key, since nobody has them any more.
    pub(super) lost: BTreeSet<String>,
    /// Keys that sign nothing since somebody else has them.
    pub(super) stolen: BTreeSet<String>,
}

impl Resolving<'_> {
    fn take(&mut self, edit: &WishedEdit) -> Result<(), Failure> {
        match edit {
            WishedEdit::Keys {
                role,
                by,
                remove,
                add,
                threshold,
            } => self.keys(role, by.as_deref(), remove, add, *threshold)?,
            WishedEdit::Begin { consistent_snapshot } => {
                if self.known.root.is_some() {
                    return Err(refused("there is a repository already: it is changed, not begun"));
                }
                self.edits.push(Edit::Begins {
                    consistent_snapshot: *consistent_snapshot,
                });
            }
            WishedEdit::ServerKey { role } => {
                super::change::top_level(role)?;
                self.edits.push(Edit::ServerKey { role: role.clone() });
            }
            WishedEdit::Revoke {
                key,
                replace,
                sign_again,
                cause,
            } => {
                let physical = self.revoke(key, replace.as_deref(), *sign_again)?.to_string();
                match cause {
                    Some(RevocationCause::Lost) => drop(self.lost.insert(physical)),
                    Some(RevocationCause::Stolen) => drop(self.stolen.insert(physical)),
                    Some(RevocationCause::Leaves) | None => {}
                }
            }
            WishedEdit::RecoverRoot {
                stolen,
                root,
                targets,
                online,
            } => self.recover_root(stolen, root, targets, online.as_deref())?,
            WishedEdit::Ends { role, at } => self.ends(role, at.as_deref())?,
            WishedEdit::EndsBefore { before, at } => self.ends_before(before, at.as_deref())?,
            WishedEdit::Delegate {
                by,
                role,
                keys,
                threshold,
                paths,
                hash_prefixes,
                terminating,
                place,
            } => {
                self.must_be_known(by)?;
                if self.known.places(role).iter().any(|at| at.by == *by) {
                    return Err(refused(format!(
                        "{} delegates to {} already",
                        visible(by),
                        visible(role)
                    )));
                }
                let keys = keys
                    .iter()
                    .map(|text| self.finder.joining(text, ""))
                    .collect::<Result<_, _>>()?;
                let delegation = Delegation {
                    role: role.clone(),
                    keys,
                    threshold: *threshold,
                    paths: listed(Some(paths), Some(hash_prefixes))?.unwrap_or(Paths::Names(Vec::new())),
                    terminating: *terminating,
                    place: *place,
                };
                self.edits.push(Edit::Delegates {
                    by: by.clone(),
                    delegation,
                });
            }
            WishedEdit::Bins {
                by,
                prefix,
                bits,
                keys,
                threshold,
                succinct,
            } => {
                let bins = self.bins(by, prefix, *bits, keys, *threshold)?;
                match succinct {
                    true => self.edits.push(Edit::Bins { by: by.clone(), bins }),
                    false => self.one_by_one(by, &bins),
                }
            }
            WishedEdit::Redelegate {
                role,
                by,
                paths,
                hash_prefixes,
                terminating,
                place,
            } => {
                let at = self.place(role, by.as_deref())?;
                self.edits.push(Edit::Redelegates {
                    by: at.by,
                    role: at.role,
                    paths: listed(paths.as_ref(), hash_prefixes.as_ref())?,
                    terminating: *terminating,
                    place: *place,
                });
            }
            WishedEdit::Undelegate { role, by } => {
                let at = self.place(role, by.as_deref())?;
                self.edits.push(Edit::Undelegates {
                    by: at.by,
                    role: at.role,
                });
            }
            WishedEdit::AddTarget {
                role,
                path,
                length,
                sha256,
                sha512,
                custom,
            } => {
                self.must_be_known(role)?;
                self.must_cover(role, path)?;
                self.edits.push(Edit::Vouches {
                    role: role.clone(),
                    path: path.clone(),
                    target: TargetText {
                        length: *length,
                        sha256: sha256.clone(),
                        sha512: sha512.clone(),
                        custom: custom.clone(),
                    },
                });
            }
            WishedEdit::RemoveTarget { role, path } => {
                self.must_be_known(role)?;
                self.edits.push(Edit::Unvouches {
                    role: role.clone(),
                    path: path.clone(),
                });
            }
            WishedEdit::Rebuild { role } => {
                let is_delegated =
                    !super::change::role_name(role)?.is_top_level() && !self.known.places(role).is_empty();
                let claimed = self.known.claimed.iter().filter(|(of, _)| of.as_str() == role);
                let after = claimed.map(|(_, version)| *version).max();
                let (Some(after), true, None) = (after, is_delegated, self.known.targets_of(role)) else {
                    return Err(refused(format!(
                        "{} has no document that counts no more: what counts is changed, and what is not there is vouched into",
                        visible(role)
                    )));
                };
                self.edits.push(Edit::Rebuilds {
                    role: role.clone(),
                    after,
                });
            }
            WishedEdit::SignAgain { role } => {
                self.edits.push(Edit::Again { role: role.clone() });
                if !self.known.is_unwritten(role) {
                    self.ends(role, None)?;
                }
            }
        }
        Ok(())
    }

    fn ends(&mut self, role: &str, at: Option<&str>) -> Result<(), Failure> {
        let before = self.end_of(role)?;
        let (at, chosen) = match at {
            Some(text) => (chosen_end(text)?, true),
            None => (self.usual_end(role, before.as_deref())?, false),
        };
        let is_known = |edit: &Edit| matches!(edit, Edit::Ends { role: of, .. } if of == role);
        if !self.edits.iter().any(is_known) {
            self.edits.push(Edit::Ends {
                role: role.into(),
                at,
                chosen,
            });
        }
        Ok(())
    }

    fn ends_before(&mut self, before: &str, at: Option<&str>) -> Result<(), Failure> {
        let roles = self.roles_ending_before(before)?;
        if roles.is_empty() {
            return Err(refused(format!(
                "nothing would change: no document ends before {before}"
            )));
        }
        roles.iter().try_for_each(|role| self.ends(role, at))
    }

    pub(super) fn roles_ending_before(&self, before: &str) -> Result<Vec<String>, Failure> {
        let limit = instant(before)?;
        let mut roles = vec!["root".to_owned()];
        roles.extend(self.known.targets.iter().map(|(role, _)| role.as_str().to_owned()));
        // A Notary server issues these by itself; who signs them elsewhere decides when they end.
        if self.dialect() == Dialect::Tuf1 && !self.wish.online_elsewhere {
            roles.extend(self.known.online.iter().map(|(role, _)| role.as_str().to_owned()));
        }
        let mut found = Vec::new();
        for role in roles {
            let ends = self.end_of(&role)?.map(|text| instant(&text)).transpose()?;
            if ends.is_some_and(|ends| ends < limit) {
                found.push(role);
            }
        }
        Ok(found)
    }

    pub(super) fn bins(
        &mut self,
        by: &str,
        prefix: &str,
        bits: u32,
        keys: &[String],
        threshold: u64,
    ) -> Result<Bins, Failure> {
        self.must_be_known(by)?;
        if !(1..=MOST_BITS).contains(&bits) {
            return Err(refused(format!("expected from 1 to {MOST_BITS} bits, got {bits}")));
        }
        let keys: Vec<_> = keys
            .iter()
            .map(|text| self.finder.joining(text, ""))
            .collect::<Result<_, _>>()?;
        Ok(Bins {
            prefix: prefix.into(),
            bits,
            keys,
            threshold,
        })
    }

    /// Bins as delegations that are listed one by one, each for the beginnings of digests that are its.
    fn one_by_one(&mut self, by: &str, bins: &Bins) {
        let digits = bins.bits.div_ceil(4) as usize;
        let each = 1_u64 << (4 * digits as u32 - bins.bits);
        for (role, bin) in bins.roles().zip(0_u64..) {
            let first = bin * each;
            let prefixes = (first..first + each).map(|number| format!("{number:0digits$x}"));
            let delegation = Delegation {
                role,
                keys: bins.keys.clone(),
                threshold: bins.threshold,
                paths: Paths::HashPrefixes(prefixes.collect()),
                terminating: false,
                place: None,
            };
            self.edits.push(Edit::Delegates {
                by: by.into(),
                delegation,
            });
        }
    }

    /// Whenever root is issued again, it lasts as long again as is usual.
    fn end_of_root(&mut self) {
        if self.edits.iter().any(|edit| edit.document() == "root") {
            let root = self.known.root.map(|root| root.body().expires.text.clone());
            if let Ok(at) = self.usual_end("root", root.as_deref()) {
                let is_known = |edit: &Edit| matches!(edit, Edit::Ends { role, .. } if role == "root");
                if !self.edits.iter().any(is_known) {
                    self.edits.push(Edit::Ends {
                        role: "root".into(),
                        at,
                        chosen: false,
                    });
                }
            }
        }
    }

    /// The document that names a role's keys.
    pub(super) fn place(&self, role: &str, by: Option<&str>) -> Result<RoleAt, Failure> {
        let mut places = self.known.places(role);
        if let Some(by) = by {
            places.retain(|at| at.by == by);
        }
        match places.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(Failure::fault(
                "bad-usage",
                format!(
                    "expected root, targets, snapshot, timestamp or a role that is delegated to, got {}",
                    visible(role)
                ),
            )),
            several => {
                let by: Vec<String> = several.iter().map(|at| visible(&at.by)).collect();
                Err(refused(format!(
                    "{} is delegated to by {}: say by whom",
                    visible(role),
                    by.join(" and ")
                )))
            }
        }
    }

    fn must_be_known(&self, role: &str) -> Result<(), Failure> {
        let is_new = self
            .edits
            .iter()
            .any(|edit| matches!(edit, Edit::Delegates { delegation, .. } if delegation.role == role));
        let is_rebuilt = |edit: &Edit| matches!(edit, Edit::Rebuilds { role: of, .. } if of == role);
        let begins = self.known.root.is_none() && role == "targets" || self.edits.iter().any(is_rebuilt);
        if is_new || begins || self.known.targets_of(role).is_some() || self.known.is_unwritten(role) {
            return Ok(());
        }
        Err(refused(format!(
            "{} has no document that vouches for files: none was proven at the source",
            visible(role)
        )))
    }

    /// Clients look for a path only where every delegation on the way is for it.
    fn must_cover(&self, role: &str, path: &str) -> Result<(), Failure> {
        let covers = |at: &RoleAt| {
            let targets = self.known.targets_of(&at.by)?;
            let delegated = targets.body().delegations.as_ref()?.role(&at.name()?)?;
            Some(delegated.paths.covers(path))
        };
        let places = self.known.places(role);
        if role == "targets" || places.is_empty() || places.iter().any(|at| covers(at) != Some(false)) {
            return Ok(());
        }
        Err(refused(format!(
            "{} may not vouch for {}: nothing that is delegated to it is for that path, and no client would look there",
            visible(role),
            visible(path)
        )))
    }

    /// When the document of a role ends, as it is now; none of a repository that is begun.
    pub(super) fn end_of(&self, role: &str) -> Result<Option<String>, Failure> {
        let Some(root) = self.known.root else { return Ok(None) };
        if role == "root" {
            return Ok(Some(root.body().expires.text.clone()));
        }
        let online = self.known.online.iter().find(|(known, _)| known.as_str() == role);
        let targets = || {
            self.known
                .targets_of(role)
                .map(|targets| targets.body().expires.text.clone())
        };
        online
            .map(|(_, ends)| ends.clone())
            .or_else(targets)
            .map(Some)
            .ok_or_else(|| {
                refused(format!(
                    "{} has no document: none was proven at the source",
                    visible(role)
                ))
            })
    }

    /// As long as the document itself asks for (`x-tuf-on-ci-expiry-period`, days), else as long as is usual; never earlier
    /// than before.
    fn usual_end(&self, role: &str, before: Option<&str>) -> Result<String, Failure> {
        let name = super::change::role_name(role)?;
        let days = |object: &rootward_tuf::json::Object| {
            object.get("x-tuf-on-ci-expiry-period").and_then(|days| days.as_u64())
        };
        let asked = match role {
            "root" => self.known.root.and_then(|root| days(root.signed())),
            _ => self.known.targets_of(role).and_then(|targets| days(targets.signed())),
        };
        let usual = usual_days(&name, self.dialect());
        let days = asked
            .filter(|days| (1..=36_500).contains(days))
            .map_or(usual, |days| days as i64);
        let end = self.now.plus_seconds(days * 86_400);
        let before = before.map(instant).transpose()?;
        Ok(before.map_or(end, |before| end.max(before)).to_seconds_text())
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.known.dialect
    }
}

pub(super) fn listed(paths: Option<&Vec<String>>, prefixes: Option<&Vec<String>>) -> Result<Option<Paths>, Failure> {
    let paths = paths.filter(|list| !list.is_empty());
    match (paths, prefixes.filter(|list| !list.is_empty())) {
        (Some(_), Some(_)) => Err(refused(
            "a delegation is for paths or for digests of paths, not for both",
        )),
        (Some(paths), None) => Ok(Some(Paths::Names(paths.clone()))),
        (None, Some(prefixes)) => Ok(Some(Paths::HashPrefixes(prefixes.clone()))),
        (None, None) => Ok(None),
    }
}

pub(super) fn chosen_end(text: &str) -> Result<String, Failure> {
    instant(text).map(Instant::to_seconds_text)
}

pub(super) fn instant(text: &str) -> Result<Instant, Failure> {
    let message = || format!("expected an end such as 2030-01-31T00:00:00Z, got {}", visible(text));
    Instant::parse(text).map_err(|_| Failure::fault("bad-usage", message()))
}
