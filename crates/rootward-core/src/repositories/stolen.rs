//! What an inquiry into stolen keys is made over: the documents of a repository that can be shown, and the keys meant.

use std::collections::BTreeSet;

use rootward_tuf::{
    blast::Ground,
    key::PhysicalKey,
    metadata::{Envelope, Root, Snapshot, Targets, Timestamp},
    role::RoleName,
};

use super::{
    dialect::Gun,
    place_of,
    roles::{Facts, RoleTree},
};
use crate::{
    border::{short, visible},
    ports::{Failure, SourceSpec},
};

/// The documents that the tree of a repository shows.
#[derive(Debug, Clone)]
pub struct Shown {
    root: Envelope<Root>,
    gun: Option<String>,
    timestamp: Option<Envelope<Timestamp>>,
    documents: Vec<(RoleName, Envelope<Targets>)>,
}

impl Shown {
    /// Reads the documents there are, from targets down to every delegated role.
    ///
    /// Fails with `metadata-not-found` when there is no root: nobody's keys are known without one.
    pub fn of(facts: &Facts<'_>, gun: Option<&Gun>, source: &SourceSpec) -> Result<Shown, Failure> {
        let Ok((root, _)) = facts.document::<Root>(&RoleName::root()) else {
            let place = place_of(source);
            let message = format!("expected a root at {place}, found none that can be read");
            return Err(Failure::fault("metadata-not-found", message).with("source", place));
        };
        let snapshot = facts.document::<Snapshot>(&RoleName::snapshot()).ok();
        let snapshot = snapshot.map(|(snapshot, _)| snapshot);
        let mut documents = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![RoleName::targets()];
        while let Some(role) = open.pop() {
            if !seen.insert(role.clone()) {
                continue;
            }
            let Ok((document, _)) = facts.document::<Targets>(&role) else {
                continue;
            };
            if let Some(delegations) = &document.body().delegations {
                open.extend(delegations.roles.iter().map(|below| below.name.clone()));
                let listed = snapshot.iter().flat_map(|snapshot| snapshot.body().meta.keys());
                let bins = listed.filter_map(|name| Some(delegations.succinct.as_ref()?.role(&name)?.name));
                open.extend(bins);
            }
            documents.push((role, document));
        }
        Ok(Shown {
            root,
            gun: gun.map(|gun| gun.as_str().to_owned()),
            timestamp: facts
                .document(&RoleName::timestamp())
                .ok()
                .map(|(document, _)| document),
            documents,
        })
    }

    /// The same for the rules.
    pub fn ground(&self) -> Ground<'_> {
        let mut ground = Ground::at(&self.root);
        ground.gun = self.gun.as_deref();
        ground.timestamp = self.timestamp.as_ref();
        ground
            .documents
            .extend(self.documents.iter().map(|(role, document)| (role, document)));
        ground
    }
}

/// The physical keys that words mean: `sha256:…`, a keyid, Notary's id of the bare key, or the name the metadata gives one.
///
/// Fails with `key-not-found` for a word that means no key of the repository: a slip of the pen must not look harmless.
pub fn find_keys(tree: &RoleTree, words: &[String]) -> Result<BTreeSet<PhysicalKey>, Failure> {
    let mut found = BTreeSet::new();
    for word in words {
        let wanted = PhysicalKey::parse(word);
        let listed = tree.nodes.iter().flat_map(|node| &node.keys);
        let meant: BTreeSet<PhysicalKey> = listed
            .filter(|key| {
                key.physical == wanted && wanted.is_some()
                    || key.keyid == *word
                    || key.canonical_keyid.as_ref() == Some(word)
                    || key.name.as_ref() == Some(word)
            })
            .filter_map(|key| key.physical)
            .collect();
        if meant.is_empty() {
            let message = format!("no key of this repository is {}", short(&visible(word)));
            return Err(Failure::refusal("key-not-found", message).with("key", word));
        }
        found.extend(meant);
    }
    Ok(found)
}
