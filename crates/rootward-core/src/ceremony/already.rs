//! Whether a repository is already as a wish asks: what is repeated over many repositories finds some of them done.

use std::collections::BTreeSet;

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::DelegatedRole;
use rootward_tuf::role::RoleName;

use super::ceremonies::Ceremonies;
use super::edit::Paths;
use super::finding::Asks;
use super::resolving::{Resolving, chosen_end, instant, listed, speaks};
use super::scope::Known;
use crate::border::{ChangeWish, WishedEdit};
use crate::ports::Failure;

impl Ceremonies {
    /// Whether everything that a wish asks for is so already in the newest documents that a walk proves now.
    ///
    /// What is to be made anew, such as a signature or a server's key, is never so. Fails as `begin` does when nothing can be
    /// built on, and with `bad-usage` for a word that means nothing.
    pub async fn is_so(&self, repository: &str, wish: &ChangeWish) -> Result<bool, Failure> {
        if wish.begins() || wish.edits.is_empty() {
            return Ok(false);
        }
        let (id, wish) = (repository.to_owned(), wish.clone());
        let (repository, limits) = self
            .blocking(move |ceremonies| Ok((ceremonies.repository(&id)?, ceremonies.limits()?)))
            .await?;
        let today = self.catch_up(&repository, &wish, limits).await?;
        self.blocking(move |ceremonies| {
            let root = ceremonies.proven_root(&repository.id)?;
            let known = Known::of_walk(&root, &today.outcome);
            let now = ceremonies.ports.clock.now();
            let mut resolving = Resolving {
                finder: ceremonies.finder(&repository, known.root_version().saturating_add(1), Asks::APerson),
                known: &known,
                wish: &wish,
                now,
                edits: Vec::new(),
                lost: BTreeSet::new(),
                stolen: BTreeSet::new(),
            };
            for edit in &wish.edits {
                if !resolving.is_so(edit)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
        .await
    }
}

impl Resolving<'_> {
    fn is_so(&mut self, edit: &WishedEdit) -> Result<bool, Failure> {
        Ok(match edit {
            WishedEdit::Begin { .. }
            | WishedEdit::ServerKey { .. }
            | WishedEdit::RecoverRoot { .. }
            | WishedEdit::Rebuild { .. }
            | WishedEdit::SignAgain { .. } => false,
            WishedEdit::Keys {
                role,
                by,
                remove,
                add,
                threshold,
            } => self.keys_are_so(role, by.as_deref(), remove, add, *threshold)?,
            WishedEdit::Revoke { key, .. } => self.is_gone_everywhere(key)?,
            WishedEdit::Ends { role, at } => {
                let wanted = at.as_deref().map(chosen_end).transpose()?;
                let ends = self.end_of(role)?.map(|text| instant(&text)).transpose()?;
                let wanted = wanted.map(|text| instant(&text)).transpose()?;
                wanted.is_some() && wanted == ends
            }
            WishedEdit::EndsBefore { before, .. } => self.roles_ending_before(before)?.is_empty(),
            WishedEdit::Delegate {
                by,
                role,
                keys,
                threshold,
                paths,
                hash_prefixes,
                terminating,
                ..
            } => {
                let paths = listed(Some(paths), Some(hash_prefixes))?.unwrap_or(Paths::Names(Vec::new()));
                let is_notary = self.dialect() == rootward_tuf::Dialect::Notary;
                let Some(found) = self.delegated(by, role) else {
                    return Ok(false);
                };
                let is_as_asked = found.paths == paths.to_set(is_notary)
                    && found.terminating == *terminating
                    && found.keys.threshold == *threshold;
                is_as_asked && self.keys_are_exactly(by, role, keys)?
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
                let is_listed_so = |found: DelegatedRole| found.keys.threshold == *threshold;
                for role in bins.roles() {
                    let is_there = self.delegated(by, &role).is_some_and(is_listed_so);
                    if !is_there || !self.keys_are_exactly(by, &role, keys)? {
                        return Ok(false);
                    }
                }
                self.is_succinct(by, *bits) == *succinct
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
                let wanted = listed(paths.as_ref(), hash_prefixes.as_ref())?;
                let is_notary = self.dialect() == rootward_tuf::Dialect::Notary;
                let found = self.delegated(&at.by, &at.role);
                place.is_none()
                    && found.is_some_and(|found| {
                        wanted.is_none_or(|wanted| wanted.to_set(is_notary) == found.paths)
                            && terminating.is_none_or(|terminating| terminating == found.terminating)
                    })
            }
            WishedEdit::Undelegate { role, by } => {
                let mut places = self.known.places(role);
                places.retain(|at| by.as_ref().is_none_or(|by| at.by == *by));
                places.is_empty() && !RoleName::new(&**role).is_ok_and(|role| role.is_top_level())
            }
            WishedEdit::AddTarget {
                role,
                path,
                length,
                sha256,
                sha512,
                custom,
            } => {
                let Some(targets) = self.known.targets_of(role) else {
                    return Ok(false);
                };
                let Some(before) = targets.body().targets.get(path) else {
                    return Ok(false);
                };
                let wanted = super::edit::TargetText {
                    length: *length,
                    sha256: sha256.clone(),
                    sha512: sha512.clone(),
                    custom: custom.clone(),
                };
                let read = wanted.read(Some(&before));
                read.map_err(super::plan::refused)? == before
            }
            WishedEdit::RemoveTarget { role, path } => {
                let targets = self.known.targets_of(role);
                targets.is_some_and(|targets| !targets.body().lists(path))
            }
        })
    }

    fn keys_are_so(
        &mut self,
        role: &str,
        by: Option<&str>,
        remove: &[String],
        add: &[String],
        threshold: Option<u64>,
    ) -> Result<bool, Failure> {
        let at = self.place(role, by)?;
        let Some(now) = speaks(self.known, &at) else {
            return Ok(false);
        };
        for text in remove {
            match self.finder.leaving(text, &now, role) {
                Ok(key) if now.listed(&key).is_some() => return Ok(false),
                Ok(_) => {}
                Err(failure) if failure.code == "key-not-found" => {}
                Err(failure) => return Err(failure),
            }
        }
        for text in add {
            let joins = self.finder.joining(text, role)?.physical();
            if joins.is_none_or(|key| now.listed(&key).is_none()) {
                return Ok(false);
            }
        }
        Ok(threshold.is_none_or(|threshold| threshold == now.role.threshold))
    }

    fn is_gone_everywhere(&mut self, text: &str) -> Result<bool, Failure> {
        for (at, _) in self.known.all_places() {
            let Some(now) = speaks(self.known, &at) else { continue };
            match self.finder.leaving(text, &now, &at.role) {
                Ok(key) if now.listed(&key).is_some() => return Ok(false),
                Ok(_) => {}
                Err(failure) if failure.code == "key-not-found" => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(true)
    }

    fn delegated(&self, by: &str, role: &str) -> Option<DelegatedRole> {
        let targets = self.known.targets_of(by)?;
        targets.body().delegations.as_ref()?.role(&RoleName::new(role).ok()?)
    }

    fn is_succinct(&self, by: &str, bits: u32) -> bool {
        let targets = self.known.targets_of(by);
        let delegations = targets.and_then(|targets| targets.body().delegations.as_ref());
        let succinct = delegations.and_then(|delegations| delegations.succinct.as_ref());
        succinct.is_some_and(|succinct| succinct.bits == bits)
    }

    fn keys_are_exactly(&mut self, by: &str, role: &str, texts: &[String]) -> Result<bool, Failure> {
        let mut wanted: Vec<PhysicalKey> = Vec::new();
        for text in texts {
            wanted.extend(self.finder.joining(text, "")?.physical());
        }
        let targets = self.known.targets_of(by);
        let found = self.delegated(by, role);
        let delegations = targets.and_then(|targets| targets.body().delegations.as_ref());
        Ok(delegations.zip(found).is_some_and(|(delegations, found)| {
            delegations.keys.physical(&found.keys.keyids) == wanted.into_iter().collect()
        }))
    }
}
