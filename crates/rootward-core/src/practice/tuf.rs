//! Makes a practice repository in TUF 1.0's dialect: a first publication, then whatever happened to it since.

use std::collections::BTreeMap;

use rootward_tuf::{
    Complete, DelegatedRole, Dialect, Hashes, Instant, PathSet, RoleKeys, RoleName, Root, RootDraft, Snapshot,
    SnapshotDraft, Target, Targets, TargetsDraft, Timestamp, TimestampDraft, Verified,
};

use super::{
    Made, broken_plan,
    holders::Holders,
    in_days,
    plan::{Delegation, Repository},
    publish, source,
};
use crate::ports::{Document, Failure, Ports, Publication, SourceSpec};

/// Makes one repository and publishes it step by step.
pub(super) async fn make(
    ports: &Ports,
    holders: &mut Holders,
    plan: &Repository,
    now: Instant,
) -> Result<Made, Failure> {
    let mut maker = Maker {
        ports,
        holders,
        plan,
        now,
        source: source(ports, plan.name, None),
    };
    let first = maker.first_root()?;
    let mut state = maker.first_publication(&first).await?;
    for holders in plan.root.windows(2) {
        state.root = maker.next_root(&state.root, holders[0], holders[1]).await?;
    }
    if plan.unsigned_change.is_some() {
        maker.change_without_signing(&state).await?;
    }
    Ok(Made {
        name: plan.name.to_owned(),
        source: maker.source,
        first_root: first.verified().envelope().clone(),
    })
}

struct Maker<'a> {
    ports: &'a Ports,
    holders: &'a mut Holders,
    plan: &'a Repository,
    now: Instant,
    source: SourceSpec,
}

/// What is published now.
struct State {
    root: Verified<Root>,
    targets: Verified<Targets>,
    snapshot: Verified<Snapshot>,
    timestamp: Verified<Timestamp>,
}

impl Maker<'_> {
    fn first_root(&mut self) -> Result<Complete<Root>, Failure> {
        let plan = self.plan;
        let people = plan.root.first().copied().unwrap_or_default();
        let mut draft = RootDraft::first(Dialect::Tuf1, true, in_days(self.now, plan.root_days));
        let roles = [
            (RoleName::root(), people, plan.root_threshold),
            (RoleName::targets(), plan.targets, plan.targets_threshold),
            (RoleName::snapshot(), &[plan.online], 1),
            (RoleName::timestamp(), &[plan.online], 1),
        ];
        for (role, people, threshold) in roles {
            for key in self.holders.keys(people)? {
                draft.add_key(&role, key);
            }
            draft.set_threshold(&role, threshold);
        }
        let frozen = draft.freeze().map_err(|why| self.broken("root", &why))?;
        let signatures = self.holders.sign(&frozen, people)?;
        let complete = frozen.complete(None, signatures);
        complete.map_err(|_| self.broken("root", &"too few of its own keys signed"))
    }

    /// The root after `before`: some keys leave, some join, both thresholds sign.
    async fn next_root(
        &mut self,
        before: &Verified<Root>,
        old: &[&str],
        new: &[&str],
    ) -> Result<Verified<Root>, Failure> {
        let mut draft = RootDraft::next(before.envelope());
        let root = RoleName::root();
        for key in self.holders.keys(&only_in(old, new))? {
            draft.remove_key(&root, key.keyid());
        }
        for key in self.holders.keys(&only_in(new, old))? {
            draft.add_key(&root, key);
        }
        let frozen = draft.freeze().map_err(|why| self.broken("root", &why))?;
        let everybody = [old.to_vec(), only_in(new, old)].concat();
        let signatures = self.holders.sign(&frozen, &everybody)?;
        let complete = frozen
            .complete(Some(before), signatures)
            .map_err(|_| self.broken("root", &"too few keys signed"))?;
        self.publish(vec![document(&complete)], Some(before)).await?;
        Ok(complete.verified().clone())
    }

    async fn first_publication(&mut self, root: &Complete<Root>) -> Result<State, Failure> {
        let plan = self.plan;
        let mut documents = vec![document(root)];
        let mut meta = Vec::new();
        let body = root.verified().body();

        let role = RoleName::targets();
        let draft = self.targets_draft(&role, plan.targets_days, plan.files)?;
        let frozen = draft.freeze().map_err(|why| self.broken("targets", &why))?;
        let signatures = self.holders.sign(&frozen, plan.targets)?;
        let targets = frozen
            .complete(&body.keys, &body.targets, signatures)
            .map_err(|_| self.broken("targets", &"too few keys signed"))?;
        meta.push((role, targets.meta_entry()));
        documents.push(document(&targets));

        let mut made: BTreeMap<&str, Verified<Targets>> = BTreeMap::from([("targets", targets.verified().clone())]);
        for delegation in plan.delegations {
            let complete = self.delegated(&made, delegation)?;
            meta.push((complete.role().clone(), complete.meta_entry()));
            documents.push(document(&complete));
            made.insert(delegation.role, complete.verified().clone());
        }

        let mut draft = SnapshotDraft::first(Dialect::Tuf1, in_days(self.now, plan.snapshot_days));
        for (role, entry) in &meta {
            draft.set_meta(role, entry);
        }
        let snapshot = self.snapshot(draft, root.verified())?;
        let expires = in_days(self.now, plan.timestamp_days);
        let draft = TimestampDraft::first(Dialect::Tuf1, &snapshot.meta_entry(), expires);
        let timestamp = self.timestamp(draft, root.verified())?;
        documents.extend([document(&snapshot), document(&timestamp)]);
        self.publish(documents, None).await?;
        Ok(State {
            root: root.verified().clone(),
            targets: targets.verified().clone(),
            snapshot: snapshot.verified().clone(),
            timestamp: timestamp.verified().clone(),
        })
    }

    /// The document of a delegated role, with the delegations it makes itself.
    fn delegated(
        &mut self,
        made: &BTreeMap<&str, Verified<Targets>>,
        delegation: &Delegation,
    ) -> Result<Complete<Targets>, Failure> {
        let role = role_name(delegation.role)?;
        let draft = self.targets_draft(&role, delegation.days, delegation.files)?;
        let frozen = draft.freeze().map_err(|why| self.broken(delegation.role, &why))?;
        let signatures = self.holders.sign(&frozen, delegation.keys)?;
        let parent = made
            .get(delegation.parent)
            .and_then(|parent| parent.body().delegations.as_ref());
        let listed = parent.and_then(|parent| Some((&parent.keys, parent.role(&role)?.keys)));
        let Some((keys, role_keys)) = listed else {
            return Err(self.broken(delegation.role, &"its parent comes after it"));
        };
        let complete = frozen.complete(keys, &role_keys, signatures);
        complete.map_err(|_| self.broken(delegation.role, &"too few keys signed"))
    }

    fn targets_draft(&mut self, role: &RoleName, days: i64, files: &[&str]) -> Result<TargetsDraft, Failure> {
        let mut draft = TargetsDraft::first(Dialect::Tuf1, role.clone(), in_days(self.now, days));
        for path in files {
            draft.add_target(path, &practice_file(path));
        }
        for delegation in self
            .plan
            .delegations
            .iter()
            .filter(|below| below.parent == role.as_str())
        {
            let keys = self.holders.keys(delegation.keys)?;
            let delegated = delegated_role(delegation, &keys, delegation.threshold)?;
            draft.add_delegation(&delegated, &keys);
        }
        Ok(draft)
    }

    /// Targets names other keys for a delegation, and the delegate does not sign again.
    async fn change_without_signing(&mut self, state: &State) -> Result<(), Failure> {
        let plan = self.plan;
        let Some(change) = &plan.unsigned_change else {
            return Ok(());
        };
        let Some(delegation) = plan
            .delegations
            .iter()
            .find(|delegation| delegation.role == change.role)
        else {
            return Err(self.broken(change.role, &"it is no delegation"));
        };
        let keys = self.holders.keys(change.keys)?;
        let mut draft = TargetsDraft::next(state.targets.envelope(), RoleName::targets());
        draft.add_delegation(&delegated_role(delegation, &keys, change.threshold)?, &keys);
        let frozen = draft.freeze().map_err(|why| self.broken("targets", &why))?;
        let signatures = self.holders.sign(&frozen, plan.targets)?;
        let root = state.root.body();
        let targets = frozen
            .complete(&root.keys, &root.targets, signatures)
            .map_err(|_| self.broken("targets", &"too few keys signed"))?;

        let mut draft = SnapshotDraft::next(state.snapshot.envelope());
        draft.set_meta(&RoleName::targets(), &targets.meta_entry());
        let snapshot = self.snapshot(draft, &state.root)?;
        let mut draft = TimestampDraft::next(state.timestamp.envelope());
        draft.set_snapshot(&snapshot.meta_entry());
        let timestamp = self.timestamp(draft, &state.root)?;
        let documents = vec![document(&targets), document(&snapshot), document(&timestamp)];
        self.publish(documents, Some(&state.root)).await
    }

    fn snapshot(&mut self, draft: SnapshotDraft, root: &Verified<Root>) -> Result<Complete<Snapshot>, Failure> {
        let frozen = draft.freeze().map_err(|why| self.broken("snapshot", &why))?;
        let signatures = self.holders.sign(&frozen, &[self.plan.online])?;
        let complete = frozen.complete(&root.body().keys, &root.body().snapshot, signatures);
        complete.map_err(|_| self.broken("snapshot", &"its key did not sign"))
    }

    fn timestamp(&mut self, draft: TimestampDraft, root: &Verified<Root>) -> Result<Complete<Timestamp>, Failure> {
        let frozen = draft.freeze().map_err(|why| self.broken("timestamp", &why))?;
        let signatures = self.holders.sign(&frozen, &[self.plan.online])?;
        let complete = frozen.complete(&root.body().keys, &root.body().timestamp, signatures);
        complete.map_err(|_| self.broken("timestamp", &"its key did not sign"))
    }

    async fn publish(&mut self, documents: Vec<Document>, before: Option<&Verified<Root>>) -> Result<(), Failure> {
        let publication = Publication {
            dialect: Dialect::Tuf1,
            consistent_snapshot: true,
            documents,
            root_last: false,
            builds_on: before.map_or((0, [0; 32]), |root| (root.version(), root.digest())),
        };
        publish(self.ports, &self.source, publication).await
    }

    fn broken(&self, role: &str, why: &dyn std::fmt::Display) -> Failure {
        broken_plan(&format!("{role} of {}", self.plan.name), why)
    }
}

fn delegated_role(
    delegation: &Delegation,
    keys: &[rootward_tuf::Key],
    threshold: u64,
) -> Result<DelegatedRole, Failure> {
    Ok(DelegatedRole {
        name: role_name(delegation.role)?,
        keys: RoleKeys {
            keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
            threshold,
        },
        paths: PathSet::Patterns(delegation.patterns.iter().map(|&pattern| pattern.to_owned()).collect()),
        terminating: delegation.terminating,
    })
}

/// A file that could lie behind a target: its own name.
pub(super) fn practice_file(path: &str) -> Target {
    Target {
        length: path.len() as u64,
        hashes: Hashes::of(path.as_bytes()),
        custom: None,
    }
}

pub(super) fn document<T: rootward_tuf::Document>(complete: &Complete<T>) -> Document {
    Document {
        role: complete.role().clone(),
        version: complete.version(),
        bytes: complete.file_bytes().to_vec(),
    }
}

pub(super) fn role_name(name: &str) -> Result<RoleName, Failure> {
    RoleName::new(name).map_err(|why| broken_plan(name, &why))
}

/// Those of `these` that are not among `others`.
fn only_in<'a>(these: &[&'a str], others: &[&str]) -> Vec<&'a str> {
    these.iter().copied().filter(|name| !others.contains(name)).collect()
}
