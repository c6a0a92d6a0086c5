//! What a targets document changes, in sentences: every file and every delegation, as far as anybody reads.

use std::collections::HashMap;

use rootward_tuf::{
    diff::{FieldChange, RootDifference, TargetsDifference, diff_targets},
    encoding::hex,
    key::{KeyTable, PhysicalKey},
    metadata::{DelegatedRole, Envelope, PathSet, RoleKeys, Target, Targets},
    role::RoleName,
};

use super::{end_of, role_names, told};
use crate::border::{Mark, Sentence, Voice, counted, short};

/// More are counted and not said; the documents line by line are beside them.
const MOST_SAID: usize = 100;

/// What `new` changes against `old`, one sentence each; that nothing changes is one, too.
pub(super) fn targets_differences(
    role: &RoleName,
    old: &Envelope<Targets>,
    new: &Envelope<Targets>,
    names: &HashMap<PhysicalKey, String>,
) -> Vec<Sentence> {
    let body = new.body();
    let delegations = body.delegations.as_ref().map_or(0, |below| below.roles.len()) as u64;
    let content = format!(
        "{} and {}",
        counted(body.targets.len() as u64, "target"),
        counted(delegations, "delegation")
    );
    let differences = diff_targets(old, new);
    let changes: Vec<Sentence> = differences
        .iter()
        .filter_map(|difference| said(difference, names))
        .collect();
    let mut sentences = if changes.is_empty() {
        vec![Sentence::new(Mark::Same).subject(role.as_str()).plain(format!(
            " says the same: {content}, none of them looked at by this change."
        ))]
    } else {
        vec![
            Sentence::new(Mark::Changed)
                .subject(role.as_str())
                .plain(format!(" changes, to {content}.")),
        ]
    };
    let more = changes.len().saturating_sub(MOST_SAID) as u64;
    sentences.extend(changes.into_iter().take(MOST_SAID));
    if more > 0 {
        sentences.push(Sentence::warning(format!(
            "{} not said here: read the documents line by line.",
            counted(more, "more change")
        )));
    }
    sentences.push(end_of(role.as_str(), &old.body().expires.text, &body.expires.text));
    sentences
}

/// A role's first document: what it says, every file and every delegation, as far as anybody reads.
pub(super) fn first(role: &RoleName, new: &Envelope<Targets>, names: &HashMap<PhysicalKey, String>) -> Vec<Sentence> {
    let body = new.body();
    let what = match body.version {
        1 => "gets its first document".to_owned(),
        version => format!(
            "is built anew behind v{}, which is not looked at",
            version.saturating_sub(1)
        ),
    };
    let head = Sentence::new(if body.version == 1 { Mark::Added } else { Mark::Warning })
        .subject(role.as_str())
        .plain(format!(
            " {what}: {}, until ",
            counted(body.targets.len() as u64, "target")
        ))
        .evidence(&body.expires.text)
        .plain(".");
    let vouched = body
        .targets
        .iter()
        .map(|(path, target)| TargetsDifference::TargetAdded {
            path: path.to_string(),
            target: target.clone(),
        });
    let vouched = vouched.filter_map(|difference| said(&difference, names));
    let below = body.delegations.iter();
    let delegated = below.flat_map(|below| below.roles.iter().map(|to| delegates(&to, &below.keys, names)));
    let succinct = body
        .delegations
        .iter()
        .filter_map(|below| Some((below.succinct.as_ref()?, &below.keys)));
    let bins = succinct.map(|(bins, keys)| {
        let text = Sentence::new(Mark::Added)
            .plain(format!(
                "It shares all paths out over {} named ",
                counted(1 << bins.bits.min(32), "role")
            ))
            .added(format!("{}-…", bins.name_prefix));
        needs(text, &bins.keys, keys, names).plain(".")
    });
    let mut all = vouched.chain(delegated).chain(bins);
    let mut sentences = vec![head];
    sentences.extend(all.by_ref().take(MOST_SAID));
    let more = all.count() as u64;
    if more > 0 {
        sentences.push(Sentence::warning(format!(
            "{} not said here: read the document line by line.",
            counted(more, "more entry").replace("entrys", "entries")
        )));
    }
    sentences
}

/// A delegation of a first document: for what, and whose keys count.
fn delegates(to: &DelegatedRole, keys: &KeyTable, names: &HashMap<PhysicalKey, String>) -> Sentence {
    let text = Sentence::new(Mark::Added)
        .plain("It delegates to ")
        .added(to.name.as_str());
    let text = match &to.paths {
        PathSet::Patterns(paths) | PathSet::Prefixes(paths) if paths.is_empty() => text.plain(" for no path"),
        PathSet::Prefixes(paths) if paths.iter().any(String::is_empty) => text.plain(" for every path"),
        PathSet::Patterns(paths) | PathSet::Prefixes(paths) => text.plain(" for ").list(Voice::Evidence, paths),
        PathSet::HashPrefixes(digits) => text
            .plain(" for paths whose SHA-256 begins with ")
            .list(Voice::Evidence, digits),
    };
    let text = needs(text, &to.keys, keys, names);
    text.plain(if to.terminating { "; a search ends there." } else { "." })
}

/// How many signatures of whom a role needs.
fn needs(text: Sentence, role: &RoleKeys, keys: &KeyTable, names: &HashMap<PhysicalKey, String>) -> Sentence {
    let listed = keys.physical(&role.keyids);
    let mut counting: Vec<String> = listed.iter().map(|key| named(key, names)).collect();
    counting.sort();
    text.plain(format!(": {} of ", counted(role.threshold, "signature")))
        .list(Voice::Subject, &counting)
}

/// What a key is called, else the beginning of what it is.
fn named(key: &PhysicalKey, names: &HashMap<PhysicalKey, String>) -> String {
    names.get(key).cloned().unwrap_or_else(|| short(&key.to_string()))
}

/// One difference as a sentence; `None` for version and expiry, which are said elsewhere.
fn said(difference: &TargetsDifference, names: &HashMap<PhysicalKey, String>) -> Option<Sentence> {
    let digest = |target: &Target| {
        target
            .hashes
            .sha256()
            .map_or_else(|| "no SHA-256".to_owned(), |digest| short(&hex(&digest)))
    };
    let as_of_a_root = |difference: RootDifference| told(&difference, names);
    let sentence = match difference {
        TargetsDifference::Version { .. } | TargetsDifference::ExpiryChanged { .. } => return None,
        TargetsDifference::TargetAdded { path, target } => Sentence::new(Mark::Added)
            .plain("The target ")
            .added(path)
            .plain(" is new: ")
            .evidence(digest(target))
            .plain("."),
        TargetsDifference::TargetRemoved { path, .. } => Sentence::new(Mark::Removed)
            .plain("The target ")
            .removed(path)
            .plain(" is vouched for no longer."),
        TargetsDifference::TargetReplaced { path, from, to } => Sentence::new(Mark::Changed)
            .plain("The target ")
            .subject(path)
            .plain(" is another file: ")
            .added(digest(to))
            .plain(" instead of ")
            .removed(digest(from))
            .plain("."),
        TargetsDifference::CustomChanged { path, fields } => {
            let of = |change: FieldChange| -> Vec<&str> {
                let of = fields.iter().filter(|field| field.change == change);
                of.map(|field| field.pointer.as_str()).collect()
            };
            let mut sentence = Sentence::new(Mark::Changed)
                .plain("What is said of the target ")
                .subject(path)
                .plain(" changes");
            let lists = [
                (" without ", Voice::Removed, FieldChange::Removed),
                (" with ", Voice::Added, FieldChange::Added),
                (" another ", Voice::Evidence, FieldChange::Changed),
            ];
            for (word, voice, change) in lists {
                let names = of(change);
                if !names.is_empty() {
                    sentence = sentence.plain(",").plain(word).list(voice, &names);
                }
            }
            sentence.plain(".")
        }
        TargetsDifference::DelegationAdded { role } => Sentence::new(Mark::Added)
            .plain("It delegates to ")
            .added(role.as_str())
            .plain(" from now on."),
        TargetsDifference::DelegationRemoved { role } => Sentence::new(Mark::Removed)
            .plain("It delegates to ")
            .removed(role.as_str())
            .plain(" no longer."),
        TargetsDifference::OrderChanged { to, .. } => Sentence::new(Mark::Changed)
            .plain("Its delegations are asked in another order: ")
            .list(Voice::Added, &role_names(to))
            .plain("."),
        TargetsDifference::KeyJoined(change) => return as_of_a_root(RootDifference::KeyJoined(change.clone())),
        TargetsDifference::KeyLeft(change) => return as_of_a_root(RootDifference::KeyLeft(change.clone())),
        TargetsDifference::KeyRenamed {
            physical,
            from,
            to,
            roles,
        } => {
            return as_of_a_root(RootDifference::KeyRenamed {
                physical: *physical,
                from: from.clone(),
                to: to.clone(),
                roles: roles.clone(),
            });
        }
        TargetsDifference::ThresholdChanged { role, from, to } => {
            return as_of_a_root(RootDifference::ThresholdChanged {
                role: role.clone(),
                from: *from,
                to: *to,
            });
        }
        TargetsDifference::PathsChanged { role, added, removed } => {
            let mut sentence = Sentence::new(Mark::Changed)
                .plain("What ")
                .subject(role.as_str())
                .plain(" may vouch for changes");
            if !added.is_empty() {
                sentence = sentence.plain(", with ").list(Voice::Added, added);
            }
            if !removed.is_empty() {
                sentence = sentence.plain(", without ").list(Voice::Removed, removed);
            }
            sentence.plain(".")
        }
        TargetsDifference::TerminatingChanged { role, to } => Sentence::new(Mark::Changed)
            .plain(if *to {
                "A search ends with "
            } else {
                "A search goes on behind "
            })
            .subject(role.as_str())
            .plain(" from now on."),
        TargetsDifference::Field(field) => {
            let pointer = field.pointer.clone();
            return as_of_a_root(match field.change {
                FieldChange::Added => RootDifference::FieldAdded { pointer },
                FieldChange::Removed => RootDifference::FieldRemoved { pointer },
                FieldChange::Changed => RootDifference::FieldChanged { pointer },
            });
        }
    };
    Some(sentence)
}
