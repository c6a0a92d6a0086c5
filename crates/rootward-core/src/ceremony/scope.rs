//! Which documents a change makes be issued again, and which others speak for those: what a ceremony builds on.

use std::collections::BTreeSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::finding::Code;
use rootward_tuf::metadata::{Envelope, RoleKeys, Root, Targets};
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::Outcome;

use super::change::Change;
use super::edit::{Edit, RoleAt};
use super::grounds::Grounds;
use super::plan::refused;
use crate::border::visible;
use crate::ports::Failure;

/// The documents of a repository that were proven: by a walk just now, or as far as a ceremony builds on them.
pub struct Known<'a> {
    /// None where there is no repository yet.
    pub root: Option<&'a Verified<Root>>,
    pub dialect: Dialect,
    /// Top-level and delegated, delegators first, each once.
    pub targets: Vec<(RoleName, &'a Envelope<Targets>)>,
    /// When snapshot and timestamp end, where they are known.
    pub online: Vec<(RoleName, String)>,
    /// Delegated roles whose document is at the source and was refused.
    pub refused: Vec<RoleName>,
    /// The versions that those are said to have.
    pub claimed: Vec<(RoleName, u64)>,
}

impl<'a> Known<'a> {
    /// What a walk proved; `root` is the newest root the desk trusts.
    pub fn of_walk(root: &'a Verified<Root>, outcome: &'a Outcome) -> Self {
        let top = outcome
            .targets
            .iter()
            .map(|targets| (RoleName::targets(), targets.envelope()));
        let mut targets: Vec<(RoleName, &Envelope<Targets>)> = top.collect();
        for delegated in &outcome.delegated {
            if targets.iter().all(|(role, _)| *role != delegated.role) {
                targets.push((delegated.role.clone(), delegated.document.envelope()));
            }
        }
        let snapshot = outcome
            .snapshot
            .iter()
            .map(|snapshot| (RoleName::snapshot(), &snapshot.body().expires));
        let timestamp = outcome
            .timestamp
            .iter()
            .map(|time| (RoleName::timestamp(), &time.body().expires));
        Known {
            root: Some(root),
            dialect: root.dialect(),
            targets,
            online: snapshot
                .chain(timestamp)
                .map(|(role, ends)| (role, ends.text.clone()))
                .collect(),
            claimed: claimed(outcome),
            refused: outcome
                .refused
                .iter()
                .filter(|(role, finding)| {
                    !role.is_top_level() && !matches!(finding.code, Code::Missing | Code::NotListed)
                })
                .map(|(role, _)| role.clone())
                .collect(),
        }
    }

    /// Where there is no repository yet.
    pub fn nothing(dialect: Dialect) -> Self {
        Known {
            root: None,
            dialect,
            targets: Vec::new(),
            online: Vec::new(),
            refused: Vec::new(),
            claimed: Vec::new(),
        }
    }

    /// The version of the root; 0 where there is none.
    pub fn root_version(&self) -> u64 {
        self.root.map_or(0, |root| root.version())
    }

    /// What a ceremony builds on.
    pub fn of_grounds(grounds: &'a Grounds) -> Self {
        let ends = |role: RoleName| Some((role.clone(), grounds.expires(&role)?.text.clone()));
        Known {
            root: grounds.root(),
            dialect: grounds.dialect(),
            targets: grounds
                .all_targets()
                .map(|(role, targets)| (role.clone(), targets))
                .collect(),
            online: [RoleName::snapshot(), RoleName::timestamp()]
                .into_iter()
                .filter_map(ends)
                .collect(),
            refused: Vec::new(),
            claimed: Vec::new(),
        }
    }

    /// The targets document of a role.
    pub fn targets_of(&self, role: &str) -> Option<&'a Envelope<Targets>> {
        let mut all = self.targets.iter();
        all.find(|(known, _)| known.as_str() == role)
            .map(|(_, targets)| *targets)
    }

    /// Whether a role is delegated to and has published nothing yet, so that its first document can be made.
    pub fn is_unwritten(&self, role: &str) -> bool {
        let top_level = RoleName::new(role).is_ok_and(|role| role.is_top_level());
        let refused = self.refused.iter().any(|refused| refused.as_str() == role);
        !top_level && !refused && self.targets_of(role).is_none() && !self.places(role).is_empty()
    }

    /// Every place where a role is named with keys; root for a top-level one.
    pub fn places(&self, role: &str) -> Vec<RoleAt> {
        if RoleName::new(role).is_ok_and(|role| role.is_top_level()) {
            return vec![RoleAt::top_level(role)];
        }
        let delegates = |targets: &Targets| {
            let role = RoleName::new(role).ok()?;
            targets.delegations.as_ref()?.role(&role)
        };
        let by = self
            .targets
            .iter()
            .filter(|(_, targets)| delegates(targets.body()).is_some());
        by.map(|(by, _)| RoleAt {
            role: role.into(),
            by: by.as_str().into(),
        })
        .collect()
    }

    /// Every role that is named anywhere, with where.
    pub fn all_places(&self) -> Vec<(RoleAt, RoleKeys)> {
        let listed = self.root.into_iter().flat_map(|root| root.body().roles());
        let top = listed.map(|(role, keys)| (RoleAt::top_level(role.as_str()), keys.clone()));
        let mut places: Vec<(RoleAt, RoleKeys)> = top.collect();
        for (by, targets) in &self.targets {
            let Some(delegations) = &targets.body().delegations else {
                continue;
            };
            places.extend(delegations.roles.iter().map(|role| {
                let at = RoleAt {
                    role: role.name.as_str().into(),
                    by: by.as_str().into(),
                };
                (at, role.keys)
            }));
        }
        places
    }
}

/// The versions under which the snapshot lists documents that were refused; Notary's lists none.
fn claimed(outcome: &Outcome) -> Vec<(RoleName, u64)> {
    let Some(snapshot) = &outcome.snapshot else {
        return Vec::new();
    };
    let refused = outcome.refused.iter().filter(|(role, _)| !role.is_top_level());
    let listed = refused.filter_map(|(role, _)| Some((role.clone(), snapshot.body().meta.get(role)?.version?)));
    listed.collect()
}

/// What a repository that is begun is made of: the first document of every role that is not the server's.
///
/// Refuses with `draft-refused` a role that is delegated to twice.
pub fn beginning(change: &Change, dialect: Dialect) -> Result<Grounds, Failure> {
    let mut grounds = Grounds::nothing(dialect);
    let mut first = vec![RoleName::targets()];
    for edit in &change.edits {
        if let Edit::Bins { bins, .. } = edit {
            first.extend(bins.roles().filter_map(|role| RoleName::new(role).ok()));
            continue;
        }
        let role = match edit {
            // TUF's clients give up a search that comes to a role without a document; Notary's go on.
            Edit::Delegates { delegation, .. } if dialect == Dialect::Tuf1 => &delegation.role,
            Edit::Vouches { role, .. } => role,
            _ => continue,
        };
        let role = RoleName::new(&**role).map_err(|error| refused(error.to_string()))?;
        if !first.contains(&role) {
            first.push(role);
        }
    }
    first.extend([RoleName::snapshot(), RoleName::timestamp()]);
    for role in first.iter().filter(|role| !change.is_by_server(role)) {
        grounds.take_first(role, 0).map_err(refused)?;
    }
    Ok(grounds)
}

/// What is issued.
struct Scope {
    again: BTreeSet<RoleName>,
    /// Delegated roles that get their first document.
    first: Vec<RoleName>,
}

/// The documents that a change makes be issued again, as a walk has just proven them, and those that speak for them.
///
/// Refuses with `draft-refused` when one of them is needed and was not proven.
pub fn grounds(change: &Change, root: Verified<Root>, outcome: &Outcome) -> Result<Grounds, Failure> {
    let known = Known::of_walk(&root, outcome);
    let scope = scope(change, &known);
    let mut needed: BTreeSet<RoleName> = scope.again.iter().chain(&scope.first).cloned().collect();
    // Root lists the keys of the top-level roles; a delegated one's are in its delegators' documents.
    needed.extend(
        change
            .of_keys()
            .iter()
            .filter_map(RoleAt::name)
            .filter(|role| !role.is_top_level()),
    );
    let undelegated = change.edits.iter().filter_map(|edit| match edit {
        Edit::Undelegates { role, .. } | Edit::Redelegates { role, .. } => RoleName::new(&**role).ok(),
        _ => None,
    });
    needed.extend(undelegated);
    loop {
        let above = needed
            .iter()
            .filter(|role| !role.is_top_level())
            .flat_map(|role| known.places(role.as_str()));
        let above: Vec<RoleName> = above.filter_map(|at| RoleName::new(at.by).ok()).collect();
        let before = needed.len();
        needed.extend(above);
        if needed.len() == before {
            break;
        }
    }
    let mut files: Vec<(RoleName, Vec<u8>)> = Vec::new();
    let targets = known.targets.iter().filter(|(role, _)| needed.contains(role));
    files.extend(targets.map(|(role, targets)| (role.clone(), targets.file_bytes().to_vec())));
    let snapshot = outcome
        .snapshot
        .as_ref()
        .map(|document| (RoleName::snapshot(), document.file_bytes()));
    let timestamp = outcome
        .timestamp
        .as_ref()
        .map(|document| (RoleName::timestamp(), document.file_bytes()));
    let online = snapshot.into_iter().chain(timestamp);
    let online = online.filter(|(role, _)| change.online_elsewhere || scope.again.contains(role));
    files.extend(online.map(|(role, file)| (role, file.to_vec())));
    let mut grounds = Grounds::new(root.clone(), scope.again.contains(&RoleName::root()));
    for (role, file) in &files {
        grounds.take(role, file, scope.again.contains(role)).map_err(refused)?;
    }
    for role in &scope.first {
        grounds
            .take_first(role, change.rebuilt_after(role.as_str()))
            .map_err(refused)?;
    }
    let is_missing = |role: &&RoleName| **role != RoleName::root() && grounds.version(role).is_none();
    if let Some(role) = scope.again.iter().find(is_missing) {
        let refusal = outcome.refused.iter().find(|(refused, _)| refused == role);
        let refusal = refusal.map(|(_, finding)| finding).or_else(|| outcome.first_refusal());
        let why = refusal.map_or_else(String::new, |finding| format!(": {}", finding.message()));
        return Err(refused(format!(
            "{role} must be issued again, and today's cannot be built on{}",
            visible(&why)
        )));
    }
    Ok(grounds)
}

/// A document is issued when it is edited, when its keys change, and when it names such a one. On a Notary server, the server
/// itself issues what it holds the keys of: here only what is signed with keys at hand is told.
fn scope(change: &Change, known: &Known<'_>) -> Scope {
    let (snapshot, timestamp) = (RoleName::snapshot(), RoleName::timestamp());
    let dialect = known.dialect;
    let mut again: BTreeSet<RoleName> = BTreeSet::new();
    let mut first = Vec::new();
    for edit in &change.edits {
        again.extend(RoleName::new(edit.document()).ok());
        if let Edit::Bins { bins, .. } = edit {
            // Their keys may be others from now on: all that are there are signed again.
            for role in bins.roles() {
                let Ok(name) = RoleName::new(&*role) else { continue };
                match known.targets_of(&role) {
                    Some(_) => drop(again.insert(name)),
                    None => first.push(name),
                }
            }
        }
        if let Some(of) = edit.of_keys().filter(|of| of.by == "root") {
            again.extend(of.name());
        }
        if let Edit::Rebuilds { role, .. } = edit {
            first.extend(RoleName::new(&**role).ok());
        }
        let is_new = |role: &str, first: &[RoleName]| {
            known.is_unwritten(role) && !first.iter().any(|known| known.as_str() == role)
        };
        if let Edit::Vouches { role, .. } | Edit::Again { role } = edit
            && is_new(role, &first)
        {
            first.extend(RoleName::new(&**role).ok());
        }
        // TUF's clients give up a search that comes to a role without a document; Notary's go on.
        if let (Edit::Delegates { delegation, .. }, Dialect::Tuf1) = (edit, dialect)
            && known.targets_of(&delegation.role).is_none()
            && !first.iter().any(|role: &RoleName| role.as_str() == delegation.role)
        {
            first.extend(RoleName::new(&*delegation.role).ok());
        }
    }
    let is_first = |role: &RoleName| first.contains(role);
    again.retain(|role| !is_first(role));
    match dialect {
        Dialect::Tuf1 => {
            let is_targets = |role: &RoleName| !role.is_top_level() || *role == RoleName::targets();
            if !first.is_empty() || again.iter().any(is_targets) {
                again.insert(snapshot.clone());
            }
            if again.contains(&snapshot) {
                again.insert(timestamp.clone());
            }
            if change.online_elsewhere {
                again.remove(&snapshot);
                again.remove(&timestamp);
            }
        }
        Dialect::Notary => {
            again.remove(&timestamp);
            if change.is_by_server(&snapshot) {
                again.remove(&snapshot);
            } else if again.contains(&snapshot) || known.root.is_some_and(|root| snapshot_is_ours(change, root.body()))
            {
                again.insert(snapshot);
            }
        }
    }
    Scope { again, first }
}

/// Whether the keys at hand sign a Notary snapshot.
fn snapshot_is_ours(change: &Change, root: &Root) -> bool {
    let keys = root.keys.physical(&root.snapshot.keyids);
    let at_hand = keys.iter().filter(|key| change.at_hand(key).is_some()).count() as u64;
    root.snapshot.threshold > 0 && at_hand >= root.snapshot.threshold
}
