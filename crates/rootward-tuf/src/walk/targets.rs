//! TUF 5.6: targets, then every delegated role below it, pre-order.
//!
//! A client searching for one target would stop early; this walk is for showing the whole tree, so terminating
//! delegations do not end it. A refused delegation ends only its own branch.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::finding::{Code, Finding};
use crate::key::KeyTable;
use crate::metadata::{
    Beginnings, DelegatedRole, Envelope, MetaEntry, PathSet, RoleKeys, Root, Snapshot, SuccinctRoles, Targets,
    read_file,
};
use crate::role::RoleName;
use crate::verify::{Tally, Verified};
use crate::walk::phase::request_for;
use crate::walk::progress::Progress;
use crate::walk::{Delegated, Extent, Reply, Request, Rules};

pub(super) struct TargetsPhase {
    ground: Ground,
    /// What is being fetched.
    current: Pending,
    meta: MetaEntry,
    /// What comes after, last first.
    stack: Vec<Pending>,
    /// Documents of roles already entered; `None` where there is none to be had.
    entered: HashMap<RoleName, Option<Envelope<Targets>>>,
}

/// What every targets document is held against.
pub(super) struct Ground {
    pub(super) root: Verified<Root>,
    pub(super) snapshot: Verified<Snapshot>,
}

/// One delegation to be followed.
pub(super) struct Pending {
    pub(super) delegation: Delegation,
    pub(super) parent: Option<RoleName>,
    /// Notary: the path prefixes that all delegations down to here leave.
    pub(super) prefixes: Option<Vec<String>>,
}

/// Who may sign a targets role.
pub(super) struct Delegation {
    pub(super) role: RoleName,
    keys: KeySource,
    role_keys: Arc<RoleKeys>,
    paths: Option<PathSet>,
}

/// The table that lists a role's keys: root's, or a delegating document's.
pub(super) enum KeySource {
    Root,
    Parent(Verified<Targets>),
}

impl TargetsPhase {
    pub(super) fn new(ground: Ground, progress: &mut Progress) -> Option<TargetsPhase> {
        let role = RoleName::targets();
        let Some(meta) = ground.meta(&role) else {
            let parent = RoleName::snapshot().to_string();
            progress.refuse_because(Code::NotListed, &role, vec![("parent", parent)]);
            return None;
        };
        Some(TargetsPhase {
            current: Pending::top(&ground.root),
            ground,
            meta,
            stack: Vec::new(),
            entered: HashMap::new(),
        })
    }

    pub(super) fn request(&self, rules: &Rules) -> Request {
        request_for(
            self.current.delegation.role.clone(),
            &self.meta,
            &self.ground.root,
            rules,
        )
    }

    pub(super) fn at_hand(&self, rules: &Rules) -> Option<Bytes> {
        self.ground.at_hand(&self.current, &self.meta, rules)
    }

    pub(super) fn take(
        mut self,
        reply: Reply,
        request: &Request,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<TargetsPhase> {
        let document = self.ground.document(&self.meta, reply, request, rules, progress);
        self.entered
            .insert(self.current.delegation.role.clone(), document.clone());
        let is_targets = self.current.parent.is_none();
        let proven = document.and_then(|document| self.ground.prove(&self.current, document, rules, progress));
        if is_targets && rules.extent == Extent::TopLevel {
            return None;
        }
        if let Some(proven) = proven {
            let children = self.children(&self.current, &proven, rules, progress);
            self.stack.extend(children);
        } else if is_targets {
            return None;
        }
        self.advance(rules, progress)
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
        let mut children = Vec::new();
        for role in delegations.roles.iter() {
            if rules.dialect == Dialect::Notary && !is_directly_below(&role.name, parent) {
                let evidence = vec![("name", role.name.to_string())];
                progress.note(Finding::new(Code::MisplacedDelegation, parent, evidence));
                continue;
            }
            progress.look_at_keys(&role.name, &delegations.keys, &role.keys);
            children.push(Pending::below(from, role, KeySource::Parent(document.clone()), rules));
        }
        if let Some(succinct) = &delegations.succinct {
            let bins = self.bins(from, document, succinct);
            // Their keys are the same: what is wrong with one is told of the first.
            if let Some(bin) = bins.first() {
                progress.look_at_keys(&bin.delegation.role, &delegations.keys, &succinct.keys);
            }
            children.extend(bins);
        }
        children.reverse();
        children
    }

    /// The bins of a succinct delegation that the snapshot lists. There may be many, and of many keys: they share them.
    fn bins(&self, from: &Pending, document: &Verified<Targets>, succinct: &SuccinctRoles) -> Vec<Pending> {
        let role_keys = Arc::new(succinct.keys.clone());
        let bin = |name: RoleName| {
            let paths = succinct.paths_of(&name)?;
            Some(Pending {
                parent: Some(from.delegation.role.clone()),
                prefixes: None,
                delegation: Delegation {
                    role: name,
                    keys: KeySource::Parent(document.clone()),
                    role_keys: Arc::clone(&role_keys),
                    paths: Some(paths),
                },
            })
        };
        let listed = self.ground.snapshot.body().meta.keys();
        listed.filter_map(bin).collect()
    }

    /// Finds the next delegation whose document must be fetched.
    fn advance(mut self, rules: &Rules, progress: &mut Progress) -> Option<TargetsPhase> {
        loop {
            let pending = self.stack.pop()?;
            let role = &pending.delegation.role;
            // Entered before, from another parent or in a circle: proven for this parent too, but not entered again.
            if let Some(entered) = self.entered.get(role) {
                if let Some(document) = entered.clone() {
                    self.ground.prove(&pending, document, rules, progress);
                }
                continue;
            }
            let parent = pending.parent.clone().unwrap_or_else(RoleName::targets);
            if self.entered.len() > rules.limits.delegated_roles {
                let limit = rules.limits.delegated_roles.to_string();
                progress.refuse_because(Code::TooManyRoles, &parent, vec![("limit", limit)]);
                return None;
            }
            match self.ground.listed(&pending, rules, progress) {
                Some(meta) => {
                    self.meta = meta;
                    self.current = pending;
                    return Some(self);
                }
                None => {
                    self.entered.insert(role.clone(), None);
                }
            }
        }
    }
}

impl Ground {
    /// What the snapshot says of a role's document.
    pub(super) fn meta(&self, role: &RoleName) -> Option<MetaEntry> {
        self.snapshot.body().meta.get(role)
    }

    /// What the snapshot says of a delegated role that may be fetched; anything else is refused or noted.
    pub(super) fn listed(&self, pending: &Pending, rules: &Rules, progress: &mut Progress) -> Option<MetaEntry> {
        let role = &pending.delegation.role;
        if let Err(error) = role.file_stem() {
            progress.refuse_because(Code::RoleNameUnusable, role, vec![("why", error.to_string())]);
            return None;
        }
        let meta = self.meta(role);
        match rules.dialect {
            Dialect::Tuf1 if meta.is_none() => {
                let parent = pending.parent.clone().unwrap_or_else(RoleName::targets);
                progress.refuse_because(Code::NotListed, role, vec![("parent", parent.to_string())]);
            }
            Dialect::Notary if meta.is_none() => {
                progress.note(Finding::new(Code::NotPublished, role, Vec::new()));
            }
            Dialect::Tuf1 | Dialect::Notary => {}
        }
        meta
    }

    /// The file kept earlier, if it is the one `meta` describes and this delegation's keys vouch for it.
    pub(super) fn at_hand(&self, pending: &Pending, meta: &MetaEntry, rules: &Rules) -> Option<Bytes> {
        let delegation = &pending.delegation;
        let file = rules.at_hand.get(&delegation.role)?;
        let document = read_file::<Targets>(file.clone(), rules.dialect, rules.json_limits()).ok()?;
        let is_it = meta.is_of(&document) && !document.body().expires.is_expired(rules.now);
        let keys = delegation.keys.table(&self.root);
        (is_it && Tally::shortfall(&document, keys, &delegation.role_keys).is_none()).then(|| file.clone())
    }

    /// Reads what came and checks it against the snapshot.
    pub(super) fn document(
        &self,
        meta: &MetaEntry,
        reply: Reply,
        request: &Request,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<Envelope<Targets>> {
        let role = &request.role;
        if rules.dialect == Dialect::Notary && !role.is_top_level() && matches!(reply, Reply::Missing) {
            progress.note(Finding::new(Code::NotPublished, role, Vec::new()));
            return None;
        }
        let bytes = progress.received(reply, request)?;
        if !progress.fits(&bytes, meta, role, &RoleName::snapshot()) {
            return None;
        }
        progress.read::<Targets>(&bytes, role, rules)
    }

    /// Proves a document for one delegation and takes it into the outcome; says what may be entered below.
    pub(super) fn prove(
        &self,
        pending: &Pending,
        document: Envelope<Targets>,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<Verified<Targets>> {
        let delegation = &pending.delegation;
        let role = &delegation.role;
        let keys = delegation.keys.table(&self.root);
        let proven = progress.prove(document, role, keys, &delegation.role_keys)?;
        let body = proven.body();
        let expected = self.meta(role).and_then(|meta| meta.version);
        let floor = rules.floors.get(role).copied();
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
}

impl KeySource {
    fn table<'a>(&'a self, root: &'a Verified<Root>) -> &'a KeyTable {
        static NO_KEYS: KeyTable = KeyTable::empty();
        match self {
            KeySource::Root => &root.body().keys,
            KeySource::Parent(parent) => parent.body().delegations.as_ref().map_or(&NO_KEYS, |below| &below.keys),
        }
    }
}

impl Pending {
    /// Targets itself.
    pub(super) fn top(root: &Verified<Root>) -> Pending {
        Pending {
            delegation: Delegation {
                role: RoleName::targets(),
                keys: KeySource::Root,
                role_keys: Arc::new(root.body().targets.clone()),
                paths: None,
            },
            parent: None,
            prefixes: None,
        }
    }

    pub(super) fn below(parent: &Pending, role: DelegatedRole, keys: KeySource, rules: &Rules) -> Pending {
        let prefixes = (rules.dialect == Dialect::Notary).then(|| role.paths.left_below(parent.prefixes.as_deref()));
        Pending {
            parent: Some(parent.delegation.role.clone()),
            prefixes,
            delegation: Delegation {
                role: role.name,
                keys,
                role_keys: Arc::new(role.keys),
                paths: Some(role.paths),
            },
        }
    }

    /// Whether a client that looks for `path` comes here, given that the delegation itself is for it.
    pub(super) fn leads_to(&self, path: &str, dialect: Dialect) -> bool {
        let inside = |left: &Vec<String>| left.iter().any(|prefix| path.starts_with(prefix.as_str()));
        let misplaced = |parent: &RoleName| !is_directly_below(&self.delegation.role, parent);
        self.prefixes.as_ref().is_none_or(inside)
            && !(dialect == Dialect::Notary && self.parent.as_ref().is_some_and(misplaced))
    }
}

/// Notary finds a role by its path: `targets/a/b` is looked for in `targets/a` and nowhere else.
pub(crate) fn is_directly_below(name: &RoleName, parent: &RoleName) -> bool {
    name.as_str()
        .rsplit_once('/')
        .is_some_and(|(above, last)| above == parent.as_str() && !last.is_empty())
}

/// Tells of a target that a role lists outside the paths delegated to it; clients never find such targets.
fn look_at_paths(role: &RoleName, pending: &Pending, body: &Targets, progress: &mut Progress) {
    let outside = match (&pending.prefixes, &pending.delegation.paths) {
        (Some(prefixes), _) => {
            let beginnings = Beginnings::of(prefixes.iter().map(String::as_str));
            body.targets.keys().find(|path| !beginnings.fit(path))
        }
        // Hashing every path of every bin would cost more than the rest of the walk.
        (None, None | Some(PathSet::HashPrefixes(_))) => None,
        // Many patterns over many paths would too, and many delegators of one role: only as many paths are looked at, for
        // all delegators of a role, as a few patterns over all of them would take.
        (None, Some(paths)) => {
            let patterns = paths.texts().len().max(1);
            let spent = progress.looked.entry(role.clone()).or_default();
            let left = (PATTERNS_FOR_ALL * (body.targets.len() + patterns)).saturating_sub(*spent);
            let most = (left / patterns).min(body.targets.len());
            *spent += most * patterns;
            let looked_at = body
                .targets
                .keys()
                .take(most)
                .filter(|path| path.len() <= LONGEST_LOOKED_AT);
            let mut outside = looked_at.filter(|path| !paths.covers(path));
            outside.next()
        }
    };
    if let Some(path) = outside {
        progress.note(Finding::new(Code::PathOutside, role, vec![("path", path.into_owned())]));
    }
}

/// Up to so many patterns are held against every target of a role.
const PATTERNS_FOR_ALL: usize = 16;

/// A path of more bytes is not looked at: to hold a pattern against it may take the square of its length.
const LONGEST_LOOKED_AT: usize = 1_024;
