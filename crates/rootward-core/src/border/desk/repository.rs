//! One repository in full, and the first-trust step.

use rootward_tuf::{
    encoding::hex,
    finding::Finding,
    metadata::{Envelope, PathSet, Root},
    time::Instant,
    verify::Tally,
};

use super::{custody::common, days, kind, small, texts, version};
use crate::{
    border::{
        AnchorView, CauseView, ChainView, Custody, DelegationRow, FactView, FailedAttemptView, FindingView,
        FirstTrustView, NodeKind, RepositoryAction, RepositoryView, RoleKeyView, RoleView, Sentence, SourceView,
        UnbegunView, WalkedView, counted, visible,
    },
    ceremony::Record,
    ports::SourceSpec,
    repositories::{
        Standing,
        index::{Kind, key_node, repository_node, role_node},
        known::Known,
        place_of,
        roles::{RoleKey, RoleNode, keys_of_root},
    },
};

impl RepositoryView {
    /// A repository by the clock `now`.
    pub fn of(known: &Known, now: Instant) -> Self {
        let tree = &known.tree;
        let shown = [0, 3, 2, 1].into_iter().chain(4..tree.nodes.len());
        let mut findings: Vec<&Finding> = tree.findings().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        RepositoryView {
            id: known.record.id.clone(),
            node: repository_node(&known.record.id),
            name: visible(&known.record.name),
            dialect: tree.dialect.into(),
            source: SourceView::of(&known.record.source),
            practice: known.record.practice,
            standing: known.standing(),
            causes: causes(known, now),
            anchor: AnchorView::of(known),
            walked: known.walked.map(|(at, from, to)| WalkedView {
                from,
                to,
                at: at.to_string(),
            }),
            last_failure: known.failure.as_ref().map(|failure| FailedAttemptView {
                at: known.visited.map(|at| at.to_string()).unwrap_or_default(),
                code: failure.code.clone(),
                message: visible(&failure.message),
            }),
            chain: ChainView::of(known, now),
            roles: shown.map(|place| role_view(known, place, now)).collect(),
            delegations: (4..tree.nodes.len())
                .map(|place| delegation_row(known, place, now))
                .collect(),
            findings: findings.into_iter().map(FindingView::of).collect(),
            root_versions: known.root_versions.len() as u32,
            unbegun: None,
            allowed: allowed(known),
        }
    }

    /// The same with what becomes of a place where nothing is yet, by the desk's ceremonies, oldest first.
    pub fn with_beginning(mut self, ceremonies: &[Record]) -> Self {
        let for_it = |record: &&Record| {
            let begun = record.begun();
            begun.is_some_and(|begun| begun.repository.id == self.id && begun.change.begins())
        };
        self.unbegun = ceremonies.iter().rev().find(for_it).map(|record| UnbegunView {
            ceremony: record.id.clone(),
            open: record.is_open(),
        });
        if let Some(unbegun) = &self.unbegun {
            let may_be_forgotten = !unbegun.open;
            self.allowed.retain(|action| match action {
                RepositoryAction::ConfirmTrust => false,
                RepositoryAction::Forget => may_be_forgotten,
                _ => true,
            });
        }
        self
    }
}

impl SourceView {
    /// Where metadata comes from.
    pub fn of(spec: &SourceSpec) -> Self {
        let (kind, gun) = match spec {
            SourceSpec::Folder { gun, .. } => (NodeKind::FolderSource, gun.as_deref()),
            SourceSpec::Http { .. } => (NodeKind::WebSource, None),
            SourceSpec::Notary { gun, .. } => (NodeKind::NotaryServer, Some(gun.as_str())),
        };
        SourceView {
            kind,
            location: visible(&place_of(spec)),
            gun: gun.map(visible),
        }
    }
}

impl AnchorView {
    /// How a repository was anchored, if it was.
    pub fn of(known: &Known) -> Option<Self> {
        known.anchor.as_ref().map(|anchor| AnchorView {
            how: anchor.how,
            root_version: anchor.version,
            digest: hex(&anchor.digest),
            at: anchor.at.to_string(),
        })
    }
}

impl FirstTrustView {
    /// The step in which a person decides whether this root is the right one.
    pub fn of(known: &Known, root: &Envelope<Root>) -> Self {
        let body = root.body();
        let tally = Tally::of(root, &body.keys, &body.root);
        let keys = keys_of_root(root, &tally);
        let node = role_node(known, 0);
        let others = body.roles().into_iter().filter(|(role, _)| role.as_str() != "root");
        let mut notes = vec![Sentence::note(
            "Anybody can make a root. Compare this digest with one that reached you another way: on paper, by telephone, \
             from a release you trust.",
        )];
        if !tally.is_met() {
            let words = format!(
                "Only {} of the {} signatures it needs by its own keys are good: it cannot be trusted.",
                tally.ours.min(tally.clients),
                tally.threshold
            );
            notes.push(Sentence::warning(words));
        }
        if body.root.threshold == 1 {
            notes.push(Sentence::warning("One key alone decides over this repository."));
        }
        if let Some(gun) = &known.gun {
            notes.push(
                Sentence::note("Its certificates are for ")
                    .evidence(gun.as_str())
                    .plain("."),
            );
        }
        FirstTrustView {
            repository: known.record.id.clone(),
            name: visible(&known.record.name),
            source: SourceView::of(&known.record.source),
            dialect: root.dialect().into(),
            root_version: body.version,
            expires: visible(&body.expires.text),
            digest: hex(&root.digest()),
            threshold: small(body.root.threshold),
            keys: keys.iter().map(|key| key_view(&node, key)).collect(),
            thresholds: others
                .map(|(role, keys)| FactView {
                    name: role.as_str().to_owned(),
                    value: format!("{} of {}", keys.threshold, counted(keys.keyids.len() as u64, "key")),
                    evidence: true,
                })
                .collect(),
            notes,
            anchor: AnchorView::of(known),
        }
    }
}

/// Each bad standing once, with the role that causes it.
fn causes(known: &Known, now: Instant) -> Vec<CauseView> {
    let mut causes: Vec<CauseView> = Vec::new();
    let bad = known
        .tree
        .nodes
        .iter()
        .filter(|role| role.own != Standing::Sound && !role.is_unpublished());
    for role in bad {
        let days_left = days(role.document.as_ref().map(|document| &document.expires), now);
        match causes.iter_mut().find(|cause| cause.standing == role.own) {
            Some(cause) if days_left < cause.days_left && days_left.is_some() => {
                (cause.role, cause.days_left) = (visible(role.role.as_str()), days_left);
            }
            Some(_) => {}
            None => causes.push(CauseView {
                standing: role.own,
                role: visible(role.role.as_str()),
                days_left,
            }),
        }
    }
    causes.sort_by_key(|cause| cause.standing);
    causes
}

/// What may be done with a repository now.
pub fn allowed(known: &Known) -> Vec<RepositoryAction> {
    let mut allowed = vec![RepositoryAction::Refresh];
    let is_tuf = known.tree.dialect == rootward_tuf::dialect::Dialect::Tuf1;
    let can_be_published = match known.record.source {
        SourceSpec::Folder { .. } => is_tuf,
        SourceSpec::Notary { .. } => true,
        SourceSpec::Http { .. } => false,
    };
    match known.anchor {
        // What was never looked at has no root to be trusted.
        None if known.visited.is_none() => {}
        None => allowed.push(RepositoryAction::ConfirmTrust),
        Some(_) if can_be_published => allowed.push(RepositoryAction::RotateRoot),
        Some(_) => {}
    }
    if !known.record.practice && known.tree.shows_anything() {
        allowed.push(RepositoryAction::PractiseOn);
    }
    allowed.push(RepositoryAction::Forget);
    allowed
}

/// One role.
pub fn role_view(known: &Known, place: usize, now: Instant) -> RoleView {
    let role = &known.tree.nodes[place];
    let node = role_node(known, place);
    let (paths, hash_prefixes) = paths(role);
    let document = role.document.as_ref();
    RoleView {
        role: visible(role.role.as_str()),
        parent: role
            .parent
            .map(|parent| visible(known.tree.nodes[parent].role.as_str())),
        kind: kind(Kind::Role, role.role.as_str(), place < 4),
        version: version(document.map(|document| document.version)),
        expires: document.map(|document| visible(&document.expires.text)),
        days_left: days(document.map(|document| &document.expires), now),
        standing: role.own,
        threshold: small(role.threshold),
        valid: role.tally.as_ref().map_or(0, |tally| tally.ours),
        valid_for_clients: role.tally.as_ref().map_or(0, |tally| tally.clients),
        keys: role.keys.iter().map(|key| key_view(&node, key)).collect(),
        custody: common(role.keys.iter().map(Custody::stated)),
        paths,
        hash_prefixes,
        terminating: role.terminating,
        bytes: document.map(|document| small(document.bytes as u64)),
        digest: document.map(|document| hex(&document.digest)),
        targets: document
            .and_then(|document| document.targets)
            .map(|targets| small(targets as u64)),
        findings: role.findings.iter().map(FindingView::of).collect(),
        node,
    }
}

/// A key of the role whose node is `role`.
pub fn key_view(role: &str, key: &RoleKey) -> RoleKeyView {
    RoleKeyView {
        node: key_node(role, &key.keyid),
        keyid: visible(&key.keyid),
        canonical_keyid: key.canonical_keyid.as_deref().map(visible),
        physical_key: key.physical.map(|physical| physical.to_string()),
        scheme: visible(&key.scheme),
        name: key.name.as_deref().map(visible),
        custody: Custody::stated(key),
        signed: key.signed,
        problem: key.problem.as_deref().map(visible),
        attested: None,
    }
}

fn delegation_row(known: &Known, place: usize, now: Instant) -> DelegationRow {
    let role = &known.tree.nodes[place];
    let (paths, hash_prefixes) = paths(role);
    DelegationRow {
        node: role_node(known, place),
        role: visible(role.role.as_str()),
        parent: role
            .parent
            .map(|parent| visible(known.tree.nodes[parent].role.as_str()))
            .unwrap_or_default(),
        depth: role.depth,
        paths,
        hash_prefixes,
        terminating: role.terminating,
        valid: role.tally.as_ref().map_or(0, |tally| tally.ours),
        threshold: small(role.threshold),
        version: version(role.document.as_ref().map(|document| document.version)),
        days_left: days(role.document.as_ref().map(|document| &document.expires), now),
        standing: role.own,
    }
}

fn paths(role: &RoleNode) -> (Vec<String>, Vec<String>) {
    match &role.paths {
        None => (Vec::new(), Vec::new()),
        Some(PathSet::Patterns(paths) | PathSet::Prefixes(paths)) => (texts(paths), Vec::new()),
        Some(PathSet::HashPrefixes(prefixes)) => (Vec::new(), texts(prefixes)),
    }
}
