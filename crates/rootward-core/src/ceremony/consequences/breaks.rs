//! What stops working for whom: documents that no longer count, targets that stop resolving, and what Docker makes of it.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{Envelope, PathSet, Targets};
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::Tally;

use super::Told;
use crate::border::{Sentence, counted};
use crate::ceremony::authority;
use crate::ceremony::edit::{Edit, Paths};

/// What Docker pulls by, before `targets`.
const RELEASES: &str = "targets/releases";

impl Told<'_> {
    /// Whether nothing that resolves now stops doing so.
    pub(super) fn resolves_all(&self) -> bool {
        let takes_away = |edit: &Edit| matches!(edit, Edit::Undelegates { .. } | Edit::Unvouches { .. });
        !self.change.edits.iter().any(takes_away) && self.losses().is_empty()
    }

    pub(super) fn breaks(&self) -> Vec<Sentence> {
        let mut said = self.losses();
        said.extend(self.unusable());
        said.extend(self.docker());
        said
    }

    fn losses(&self) -> Vec<Sentence> {
        let mut said = Vec::new();
        for delta in self.plan.deltas.iter().filter(|delta| !delta.role.is_top_level()) {
            if let Some(document) = self.grounds.targets_of(&delta.role)
                && !self.is_issued(delta.role.as_str())
            {
                said.extend(self.counts_no_more(&delta.role, document));
            }
        }
        for edit in &self.change.edits {
            match edit {
                Edit::Undelegates { role, .. } => {
                    let role = RoleName::new(&**role).ok();
                    let document = role.as_ref().and_then(|role| self.grounds.targets_of(role));
                    if let Some((role, document)) = role.as_ref().zip(document)
                        && self.speakers(role) == 0
                    {
                        said.push(Sentence::warning(format!(
                            "{} and {} of {role} stop resolving, unless another role lists them.",
                            self.files(document.body().targets.len() as u64),
                            counted(delegated(document), "delegation"),
                        )));
                    }
                }
                Edit::Redelegates {
                    role,
                    paths: Some(paths),
                    ..
                } => said.extend(self.outside(role, paths)),
                _ => {}
            }
        }
        said
    }

    /// A document that was signed by keys of which too few are left.
    fn counts_no_more(&self, role: &RoleName, document: &Envelope<Targets>) -> Option<Sentence> {
        let fixed = |role: &RoleName| self.plan.drafts.iter().find(|draft| draft.role() == role);
        let after = authority::after(role, self.grounds, &fixed);
        let tally = |speaks: &authority::Speaks| Tally::of(document, &speaks.keys, &speaks.role);
        let short = after.iter().map(tally).find(|tally| !tally.is_met())?;
        let whole = match self.dialect {
            Dialect::Tuf1 => ". Clients that look for a target there stop with an error",
            Dialect::Notary => "",
        };
        Some(Sentence::warning(format!(
            "{role} v{} counts no more: {} of {} signatures are left. Its {} and whatever it delegates to stop resolving until \
             it is signed again, here or by its delegates{whole}.",
            document.version(),
            short.ours,
            short.threshold,
            self.files(document.body().targets.len() as u64),
        )))
    }

    /// Targets of a role that its delegation is no longer for.
    fn outside(&self, role: &str, paths: &Paths) -> Option<Sentence> {
        let document = self.grounds.targets_of(&RoleName::new(role).ok()?)?;
        let set: PathSet = paths.to_set(self.dialect == Dialect::Notary);
        let outside = document.body().paths().filter(|path| !set.covers(path)).count() as u64;
        (outside > 0).then(|| {
            Sentence::warning(format!(
                "{} of {role} stop resolving: the delegation is not for them any more.",
                self.files(outside)
            ))
        })
    }

    /// Roles that are left without enough keys, as the change says is meant.
    fn unusable(&self) -> Vec<Sentence> {
        let roles = self.plan.new.roles.iter();
        let unusable = roles.filter(|role| !role.server_makes && (role.keys.len() as u64) < role.threshold);
        unusable
            .map(|role| {
                Sentence::warning(format!(
                    "{} needs {} and has {}: nobody can sign it until {} gives it more.",
                    role.role,
                    counted(role.threshold, "signature"),
                    counted(role.keys.len() as u64, "key"),
                    role.by.0,
                ))
            })
            .collect()
    }

    /// Docker's own conventions, which Notary's server does not know.
    fn docker(&self) -> Vec<Sentence> {
        if self.dialect == Dialect::Tuf1 {
            return Vec::new();
        }
        let mut said = Vec::new();
        let releases = RoleName::new(RELEASES)
            .ok()
            .and_then(|role| self.grounds.targets_of(&role));
        for edit in &self.change.edits {
            match edit {
                Edit::Vouches { role, path, .. } if role == "targets" => {
                    let shadowed = releases.is_some_and(|releases| releases.body().lists(path));
                    if shadowed {
                        said.push(Sentence::warning(format!(
                            "Docker asks {RELEASES} first, which lists {path} as well: its users pull that one. The notary \
                             command asks targets first.",
                        )));
                    }
                }
                Edit::Vouches { role, path, .. } if role != RELEASES => said.push(Sentence::warning(format!(
                    "Docker pulls by {RELEASES} and targets alone: it does not see {path} in {role}.",
                ))),
                Edit::Undelegates { role, .. } if role == RELEASES => said.push(Sentence::warning(format!(
                    "Docker pulls by {RELEASES} first: from now on it knows only what targets itself lists.",
                ))),
                _ => {}
            }
        }
        if self
            .plan
            .deltas
            .iter()
            .any(|delta| delta.role.as_str() == RELEASES && !self.is_issued(RELEASES))
        {
            said.push(Sentence::note(format!(
                "Docker pulls by {RELEASES} first; tags that stop resolving there fail to pull until it is signed again.",
            )));
        }
        said
    }

    fn speakers(&self, role: &RoleName) -> usize {
        let fixed = |role: &RoleName| self.plan.drafts.iter().find(|draft| draft.role() == role);
        authority::after(role, self.grounds, &fixed).len()
    }

    fn files(&self, count: u64) -> String {
        match self.dialect {
            Dialect::Notary => counted(count, "tag"),
            Dialect::Tuf1 => counted(count, "target"),
        }
    }
}

fn delegated(document: &Envelope<Targets>) -> u64 {
    document
        .body()
        .delegations
        .as_ref()
        .map_or(0, |below| below.roles.len()) as u64
}
