//! Role trees as reports.

use rootward_tuf::{dialect::Dialect, finding::Finding, metadata::PathSet, time::Instant};

use super::{FindingReport, KeyReport, NodeReport, TreeReport};
use crate::{
    border::{DialectView, visible},
    repositories::{
        look::Looked,
        roles::{RoleKey, RoleNode, RoleTree},
    },
};

impl TreeReport {
    /// What a look at `source` showed, by the clock `at`.
    pub fn of(looked: &Looked, source: impl Into<String>, at: Instant) -> Self {
        let tree = &looked.tree;
        TreeReport {
            source: source.into(),
            dialect: tree.dialect.into(),
            gun: looked.gun.as_ref().map(|gun| gun.as_str().to_owned()),
            standing: tree.standing(),
            anchor: looked.anchor,
            at: at.to_string(),
            nodes: (0..tree.top_level().count()).map(|place| node(tree, place)).collect(),
            accepted: None,
            root_versions: None,
        }
    }

    /// The same with the walk's verdict.
    pub fn with_verdict(mut self, looked: &Looked) -> Self {
        let outcome = looked.outcome.as_ref();
        self.accepted = Some(looked.is_accepted());
        self.root_versions = Some(outcome.map(|outcome| outcome.root_versions.clone()).unwrap_or_default());
        self
    }
}

impl From<Dialect> for DialectView {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Tuf1 => DialectView::Tuf1,
            Dialect::Notary => DialectView::Notary,
        }
    }
}

impl From<&RoleKey> for KeyReport {
    fn from(key: &RoleKey) -> Self {
        KeyReport {
            keyid: key.keyid.clone(),
            physical_key: key.physical.map(|physical| physical.to_string()),
            scheme: key.scheme.clone(),
            name: key.name.clone(),
            signed: key.signed,
        }
    }
}

impl From<&Finding> for FindingReport {
    fn from(finding: &Finding) -> Self {
        FindingReport {
            code: finding.code.as_str().to_owned(),
            severity: finding.severity.as_str(),
            message: visible(&finding.message()),
        }
    }
}

fn node(tree: &RoleTree, place: usize) -> NodeReport {
    let role = &tree.nodes[place];
    NodeReport {
        children: role.children.iter().map(|&child| node(tree, child)).collect(),
        ..without_children(role)
    }
}

fn without_children(role: &RoleNode) -> NodeReport {
    let (paths, path_hash_prefixes) = match &role.paths {
        None => (Vec::new(), Vec::new()),
        Some(PathSet::Patterns(paths) | PathSet::Prefixes(paths)) => (paths.clone(), Vec::new()),
        Some(PathSet::HashPrefixes(prefixes)) => (Vec::new(), prefixes.clone()),
    };
    NodeReport {
        role: role.role.as_str().to_owned(),
        version: role.document.as_ref().map(|document| document.version),
        expires: role.document.as_ref().map(|document| document.expires.text.clone()),
        standing: role.standing,
        own_standing: role.own,
        threshold: role.threshold,
        valid_signatures: role.tally.as_ref().map_or(0, |tally| tally.ours),
        valid_for_clients: role.tally.as_ref().map_or(0, |tally| tally.clients),
        keys: role.keys.iter().map(KeyReport::from).collect(),
        paths,
        path_hash_prefixes,
        terminating: role.terminating,
        findings: role.findings.iter().map(FindingReport::from).collect(),
        children: Vec::new(),
    }
}
