//! TUF 5.6: targets, then every delegated role below it, pre-order.
//!
//! A client searching for one target would stop early; this walk is for showing the whole tree, so terminating
//! delegations do not end it. A refused delegation ends only its own branch.

use std::collections::HashMap;

use crate::dialect::Dialect;
use crate::finding::{Code, Finding};
use crate::key::KeyTable;
use crate::metadata::{DelegatedRole, Envelope, MetaEntry, PathSet, RoleKeys, Root, Snapshot, Targets};
use crate::role::RoleName;
use crate::verify::Verified;
use crate::walk::phase::request_for;
use crate::walk::progress::Progress;
use crate::walk::{Delegated, Reply, Request, Rules};

pub(super) struct TargetsPhase {
    root: Verified<Root>,
    snapshot: Verified<Snapshot>,
    floors: Vec<(RoleName, u64)>,
    /// What is being fetched.
    current: Pending,
    meta: MetaEntry,
    /// What comes after, last first.
    stack: Vec<Pending>,
    /// Documents of roles already entered; `None` where there is none to be had.
    entered: HashMap<RoleName, Option<Envelope<Targets>>>,
}

/// One delegation to be followed.
struct Pending {
    delegation: Delegation,
    parent: Option<RoleName>,
    /// Notary: the path prefixes that all delegations down to here leave.
    prefixes: Option<Vec<String>>,
}

/// Who may sign a targets role.
struct Delegation {
    role: RoleName,
    keys: KeySource,
    role_keys: RoleKeys,
    paths: Option<PathSet>,
}

/// The table that lists a role's keys: root's, or a delegating document's.
enum KeySource {
    Root,
    Parent(Verified<Targets>),
}

impl TargetsPhase {
    pub(super) fn new(
        root: Verified<Root>,
        snapshot: Verified<Snapshot>,
        floors: Vec<(RoleName, u64)>,
        progress: &mut Progress,
    ) -> Option<TargetsPhase> {
        let role = RoleName::targets();
        let Some(meta) = snapshot.body().meta.get(&role).cloned() else {
            let parent = RoleName::snapshot().to_string();
            progress.refuse_because(Code::NotListed, &role, vec![("parent", parent)]);
            return None;
        };
        let role_keys = root.body().targets.clone();
        let delegation = Delegation {
            role,
            keys: KeySource::Root,
            role_keys,
            paths: None,
        };
        let current = Pending {
            delegation,
            parent: None,
            prefixes: None,
        };
        Some(TargetsPhase {
            root,
            snapshot,
            floors,
            current,
            meta,
            stack: Vec::new(),
            entered: HashMap::new(),
        })
    }

    pub(super) fn request(&self, rules: &Rules) -> Request {
        request_for(self.current.delegation.role.clone(), &self.meta, &self.root, rules)
    }

    pub(super) fn take(
        mut self,
        reply: Reply,
        request: &Request,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<TargetsPhase> {
        let document = self.document(reply, request, rules, progress);
        self.entered
            .insert(self.current.delegation.role.clone(), document.clone());
        let is_targets = self.current.parent.is_none();
        let proven = document.and_then(|document| self.prove(&self.current, document, rules, progress));
        if let Some(proven) = proven {
            let children = self.children(&self.current, &proven, rules, progress);
            self.stack.extend(children);
        } else if is_targets {
            return None;
        }
        self.advance(rules, progress)
    }

    /// Reads what came and checks it against the snapshot.
    fn document(
        &self,
        reply: Reply,
        request: &Request,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<Envelope<Targets>> {
        let role = &request.role;
        if rules.dialect == Dialect::Notary && self.current.parent.is_some() && matches!(reply, Reply::Missing) {
            progress.note(Finding::new(Code::NotPublished, role, Vec::new()));
            return None;
        }
        let bytes = progress.received(reply, request)?;
        if !progress.fits(&bytes, &self.meta, role, &RoleName::snapshot()) {
            return None;
        }
        progress.read::<Targets>(&bytes, role, rules)
    }

    /// Proves a document for one delegation and takes it into the outcome; says what may be entered below.
    fn prove(
        &self,
        pending: &Pending,
        document: Envelope<Targets>,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<Verified<Targets>> {
        let delegation = &pending.delegation;
        let role = &delegation.role;
        let keys = match &delegation.keys {
            KeySource::Root => &self.root.body().keys,
            KeySource::Parent(parent) => parent
                .body()
                .delegations
                .as_ref()
                .map_or(no_keys(), |below| &below.keys),
        };
        let proven = progress.prove(document, role, keys, &delegation.role_keys)?;
        let body = proven.body();
        let expected = self.snapshot.body().meta.get(role).and_then(|meta| meta.version);
        let floor = self
            .floors
            .iter()
            .find(|(floor, _)| floor == role)
            .map(|&(_, version)| version);
        if !progress.is_version(body.version, expected, role) || !progress.is_no_rollback(body.version, floor, role) {
            return None;
        }
        let may_pass = progress.may_pass_expiry(body, role, rules);
        if !body.expires.is_expired(rules.now) {
            progress.keep(role, &proven);
        }
        match &pending.parent {
            None => progress.outcome.targets = Some(proven.clone()),
            Some(parent) => {
                let (role, parent) = (role.clone(), parent.clone());
                look_at_paths(&role, pending, body, progress);
                progress.delegation_proven(Delegated {
                    role,
                    parent,
                    document: proven.clone(),
                });
            }
        }
        may_pass.then_some(proven)
    }

    /// The delegations of a proven document, last first.
    fn children(
        &self,
        from: &Pending,
        document: &Verified<Targets>,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Vec<Pending> {
        let parent = &from.delegation.role;
        let Some(delegations) = &document.body().delegations else {
            return Vec::new();
        };
        progress.look_at_ids(parent, &delegations.keys);
        let succinct = delegations.succinct.iter().flat_map(|succinct| {
            let names = self.snapshot.body().meta.keys();
            names
                .filter(|name| name.as_str().starts_with(&succinct.name_prefix))
                .filter_map(|name| succinct.role(name))
        });
        let mut children = Vec::new();
        for role in delegations.roles.iter().cloned().chain(succinct) {
            if rules.dialect == Dialect::Notary && !is_directly_below(&role.name, parent) {
                let evidence = vec![("name", role.name.to_string())];
                progress.note(Finding::new(Code::MisplacedDelegation, parent, evidence));
                continue;
            }
            progress.look_at_keys(&role.name, &delegations.keys, &role.keys);
            children.push(Pending::below(from, role, KeySource::Parent(document.clone()), rules));
        }
        children.reverse();
        children
    }

    /// Finds the next delegation whose document must be fetched.
    fn advance(mut self, rules: &Rules, progress: &mut Progress) -> Option<TargetsPhase> {
        loop {
            let pending = self.stack.pop()?;
            let role = &pending.delegation.role;
            // Entered before, from another parent or in a circle: proven for this parent too, but not entered again.
            if let Some(entered) = self.entered.get(role) {
                if let Some(document) = entered.clone() {
                    self.prove(&pending, document, rules, progress);
                }
                continue;
            }
            let parent = pending.parent.clone().unwrap_or_else(RoleName::targets);
            if self.entered.len() > rules.limits.delegated_roles {
                let limit = rules.limits.delegated_roles.to_string();
                progress.refuse_because(Code::TooManyRoles, &parent, vec![("limit", limit)]);
                return None;
            }
            if let Err(error) = role.file_stem() {
                progress.refuse_because(Code::RoleNameUnusable, role, vec![("why", error.to_string())]);
                self.entered.insert(role.clone(), None);
                continue;
            }
            match self.snapshot.body().meta.get(role).cloned() {
                Some(meta) => {
                    self.meta = meta;
                    self.current = pending;
                    return Some(self);
                }
                None => {
                    match rules.dialect {
                        Dialect::Tuf1 => {
                            let evidence = vec![("parent", parent.to_string())];
                            progress.refuse_because(Code::NotListed, role, evidence);
                        }
                        Dialect::Notary => progress.note(Finding::new(Code::NotPublished, role, Vec::new())),
                    }
                    self.entered.insert(role.clone(), None);
                }
            }
        }
    }
}

impl Pending {
    fn below(parent: &Pending, role: DelegatedRole, keys: KeySource, rules: &Rules) -> Pending {
        let prefixes = (rules.dialect == Dialect::Notary).then(|| role.paths.left_below(parent.prefixes.as_deref()));
        Pending {
            parent: Some(parent.delegation.role.clone()),
            prefixes,
            delegation: Delegation {
                role: role.name,
                keys,
                role_keys: role.keys,
                paths: Some(role.paths),
            },
        }
    }
}

/// Notary finds a role by its path: `targets/a/b` is looked for in `targets/a` and nowhere else.
fn is_directly_below(name: &RoleName, parent: &RoleName) -> bool {
    name.as_str()
        .rsplit_once('/')
        .is_some_and(|(above, last)| above == parent.as_str() && !last.is_empty())
}

/// Tells of the first target a role lists outside the paths delegated to it; clients never find such targets.
fn look_at_paths(role: &RoleName, pending: &Pending, body: &Targets, progress: &mut Progress) {
    let covered = |path: &str| match (&pending.prefixes, &pending.delegation.paths) {
        (Some(prefixes), _) => prefixes.iter().any(|prefix| path.starts_with(prefix.as_str())),
        // Hashing every path of every bin would cost more than the rest of the walk.
        (None, None | Some(PathSet::HashPrefixes(_))) => true,
        (None, Some(paths)) => paths.covers(path),
    };
    if let Some(path) = body.targets.keys().find(|path| !covered(path)) {
        progress.note(Finding::new(Code::PathOutside, role, vec![("path", path.clone())]));
    }
}

fn no_keys() -> &'static KeyTable {
    static NO_KEYS: KeyTable = KeyTable::empty();
    &NO_KEYS
}
