//! Which keys of the ring a window asks for: search and filters.

use std::sync::Arc;

use super::ring::{Holding, Keyring, RingKey};
use super::trouble;
use crate::ports::Failure;
use crate::repositories::search::Search;

/// What a window shows of the keyring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Over devices, names, ids, roles and repositories; empty finds everything.
    pub search: String,
    /// A key must pass every one.
    pub filters: Vec<Filter>,
}

/// A filter of the keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// It has a finding that a person should do something about.
    NeedsPerson,
    /// It has a finding of this code.
    Finding(String),
    Held(Holding),
    /// It can be asked to sign here and now.
    Here,
    /// It speaks for a role now.
    Counts,
    /// It speaks, or spoke, for a role of this repository, by id or name.
    Repository(String),
}

impl Filter {
    /// Reads `needs-person`, `here`, `counts`, `held=token` (`file`, `keychain`, `server`, `unknown`), `repository=NAME` or a
    /// finding's code. Fails with `bad-usage`.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let filter = match text.split_once('=') {
            Some(("repository", name)) if !name.is_empty() => Some(Filter::Repository(name.to_owned())),
            Some(("held", "token")) => Some(Filter::Held(Holding::Token)),
            Some(("held", "file")) => Some(Filter::Held(Holding::File)),
            Some(("held", "keychain")) => Some(Filter::Held(Holding::Keychain)),
            Some(("held", "server")) => Some(Filter::Held(Holding::Server)),
            Some(("held", "unknown")) => Some(Filter::Held(Holding::Unknown)),
            Some(_) => None,
            None => match text {
                "needs-person" => Some(Filter::NeedsPerson),
                "here" => Some(Filter::Here),
                "counts" => Some(Filter::Counts),
                code if trouble::CODES.contains(&code) => Some(Filter::Finding(code.to_owned())),
                _ => None,
            },
        };
        filter.ok_or_else(|| {
            let codes = trouble::CODES.join(", ");
            let message = format!(
                "expected a filter: needs-person, here, counts, held=token|file|keychain|server|unknown, repository=NAME, {codes}; got {}",
                crate::border::visible(text)
            );
            Failure::fault("bad-usage", message)
        })
    }

    fn passes(&self, key: &RingKey) -> bool {
        match self {
            Filter::NeedsPerson => key.findings.iter().any(|finding| finding.is_warning),
            Filter::Finding(code) => key.findings.iter().any(|finding| finding.code == code),
            Filter::Held(holding) => key.holding == *holding,
            Filter::Here => key.is_here(),
            Filter::Counts => key.now().next().is_some(),
            Filter::Repository(wanted) => key
                .uses
                .iter()
                .any(|each| each.repository == *wanted || each.repository_name == *wanted),
        }
    }
}

/// The places in the ring of the keys that a request shows, in the ring's order.
pub fn matching(ring: &Arc<Keyring>, wanted: &Wanted) -> Vec<usize> {
    let mut search = Search::of(&wanted.search);
    let keys = ring.keys.iter().enumerate();
    keys.filter(|(_, key)| wanted.filters.iter().all(|filter| filter.passes(key)))
        .filter(|(_, key)| is_found(key, &mut search))
        .map(|(place, _)| place)
        .collect()
}

fn is_found(key: &RingKey, search: &mut Search) -> bool {
    let physical = key.physical.to_string();
    let names = key.given.iter().chain(&key.claimed).cloned();
    let devices = key
        .places
        .iter()
        .flat_map(|place| [place.label(), super::written(&place.reference)]);
    let uses = key
        .uses
        .iter()
        .map(|each| format!("{} {}", each.repository_name, each.role));
    let names: Vec<String> = names.chain(devices).chain(key.device()).chain(uses).collect();
    let ids: Vec<&str> = key.keyids().chain([physical.as_str()]).collect();
    if names.is_empty() {
        return search.finds("", ids);
    }
    names
        .iter()
        .any(|name| search.finds(name, ids.iter().copied().chain([name.replace(' ', "").as_str()])))
}
