//! The table: what is asked for, which documents that makes be issued again, and whose signatures each needs.
//!
//! The needs are written down by the rules of the dialects and by nothing that the program computes. TUF 1.0 (5.3.4, 5.4 to
//! 5.6): root by its old and by its new keys; every other document by the keys that are listed for it afterwards; a snapshot
//! names each targets document, and a timestamp the snapshot. Notary (`ValidateRoot`, server/handlers/validation.go): the same
//! of root; the snapshot names root too, and the timestamp is the server's alone.

use rootward_tuf::dialect::Dialect;

use super::worlds::TARGETS_END;
use super::{Case, JOINS, JOINS_TOO, Need, SHARED, named, numbered, officers};
use crate::border::WishedEdit;
use crate::change_tests::{delegate, keys, vouch};
use crate::rotation_support::{NOW, file, physical};

/// A moment at which everything of the TUF repository has ended.
const PAST_THE_END: &str = "2027-07-01T00:00:00Z";
/// A moment at which the targets of the Notary repository have ended, and nothing else has.
const PAST_TARGETS: &str = "2026-11-26T00:00:00Z";

/// Documents with what they need.
type Documents = Vec<(String, Vec<Need>)>;

fn need(of: &[u8], count: usize) -> Need {
    Need { of: of.to_vec(), count }
}

fn own(dialect: Dialect, role: &str) -> Need {
    let (of, count) = officers(dialect, role);
    Need { of, count }
}

/// The documents that name others by digest or version, behind those they name.
fn chained(dialect: Dialect, mut documents: Documents) -> Documents {
    let has = |documents: &Documents, role: &str| documents.iter().any(|(of, _)| of == role);
    let names_new = |documents: &Documents| documents.iter().any(|(of, _)| of != "root" && of != "timestamp");
    match dialect {
        Dialect::Tuf1 => {
            if names_new(&documents) && !has(&documents, "snapshot") {
                documents.push(("snapshot".into(), vec![own(dialect, "snapshot")]));
            }
            if has(&documents, "snapshot") && !has(&documents, "timestamp") {
                documents.push(("timestamp".into(), vec![own(dialect, "timestamp")]));
            }
        }
        Dialect::Notary => {
            if !has(&documents, "snapshot") {
                documents.push(("snapshot".into(), vec![own(dialect, "snapshot")]));
            }
        }
    }
    documents
}

/// One document of a role, with its keys as they are.
fn alone(dialect: Dialect, role: &str) -> Documents {
    chained(dialect, vec![(named(dialect, role), vec![own(dialect, role)])])
}

/// A change of a role's keys, and what it makes be issued.
fn of_keys(
    dialect: Dialect,
    role: &str,
    name: &'static str,
    remove: &[u8],
    add: &[u8],
    threshold: Option<usize>,
) -> Case {
    let (old, old_threshold) = officers(dialect, role);
    let mut new: Vec<u8> = old.iter().copied().filter(|number| !remove.contains(number)).collect();
    new.extend(add);
    let new_threshold = threshold.unwrap_or(old_threshold);
    let document = (named(dialect, role), vec![need(&new, new_threshold)]);
    let (documents, again) = match role {
        "root" => {
            let needs = vec![need(&old, old_threshold), need(&new, new_threshold)];
            (vec![("root".to_owned(), needs)], false)
        }
        "files" => (
            vec![("targets".to_owned(), vec![own(dialect, "targets")]), document],
            true,
        ),
        _ => (vec![("root".to_owned(), vec![own(dialect, "root")]), document], false),
    };
    let role = named(dialect, role);
    let mut edits = vec![keys(&role, remove, add, threshold.map(|threshold| threshold as u64))];
    // A delegate's document is signed again only when that is asked for.
    edits.extend(again.then_some(WishedEdit::SignAgain { role }));
    Case {
        name,
        edits,
        documents: chained(dialect, documents),
        before: old,
        after: need(&new, new_threshold),
        hands_over: false,
        now: NOW,
    }
}

/// A change that leaves every role its keys.
fn of_content(dialect: Dialect, role: &str, name: &'static str, edit: WishedEdit) -> Case {
    let own = own(dialect, role);
    Case {
        name,
        edits: vec![edit],
        documents: alone(dialect, role),
        before: own.of.clone(),
        after: own,
        hands_over: false,
        now: NOW,
    }
}

/// What can be asked of one role.
pub fn cases(dialect: Dialect, role: &str) -> Vec<Case> {
    let (old, threshold) = officers(dialect, role);
    let last = *old.last().expect("officers");
    let joins = numbered(dialect, JOINS);
    let mut cases = vec![
        of_keys(dialect, role, "replace a key", &[last], &[joins], None),
        of_keys(dialect, role, "replace every key", &old, &[joins], Some(1)),
        of_keys(dialect, role, "add a key", &[], &[joins], None),
        of_keys(dialect, role, "remove a key and need one", &[last], &[], Some(1)),
        of_keys(dialect, role, "raise the threshold", &[], &[joins], Some(threshold + 1)),
        of_keys(dialect, role, "lower the threshold", &[], &[], Some(threshold - 1)),
        of_content(
            dialect,
            role,
            "another end",
            WishedEdit::Ends {
                role: named(dialect, role),
                at: Some("2028-01-01T00:00:00Z".into()),
            },
        ),
        of_content(
            dialect,
            role,
            "sign again",
            WishedEdit::SignAgain {
                role: named(dialect, role),
            },
        ),
    ];
    if old.len() > threshold {
        cases.push(of_keys(dialect, role, "remove a key", &[last], &[], None));
    }
    if dialect == Dialect::Tuf1 && role != "root" {
        // Files appear one by one: a client that still has the root before must be able to check the new document too.
        let mut handed = of_keys(dialect, role, "replace a key that hands over", &[last], &[joins], None);
        let its = named(dialect, role);
        let document = handed.documents.iter_mut().find(|(of, _)| *of == its).expect("there");
        document.1.push(own(dialect, role));
        handed.hands_over = true;
        cases.push(handed);
    }
    if matches!(role, "targets" | "files") {
        cases.extend(of_targets(dialect, role));
    }
    if role == "root" {
        cases.extend(of_several(dialect));
    }
    cases
}

/// What a document that vouches for files can have changed.
fn of_targets(dialect: Dialect, role: &str) -> Vec<Case> {
    let name = named(dialect, role);
    let joins = numbered(dialect, JOINS);
    let (path, listed) = if role == "targets" {
        ("new", "app")
    } else {
        ("files/new", "files/a")
    };
    let paths = match dialect {
        Dialect::Tuf1 => "files/more/*",
        Dialect::Notary => "files/more/",
    };
    let below = match dialect {
        Dialect::Tuf1 => "more".to_owned(),
        Dialect::Notary => format!("{name}/more"),
    };
    let mut delegates = of_content(dialect, role, "delegate", delegate(&name, &below, &[joins], &[paths]));
    if dialect == Dialect::Tuf1 {
        // A search that comes to a role without a document is given up: it gets one in the same ceremony.
        let place = delegates
            .documents
            .iter()
            .position(|(of, _)| *of == name)
            .expect("there");
        delegates.documents.insert(place + 1, (below, vec![need(&[joins], 1)]));
        delegates.after = need(
            &[delegates.before.clone(), vec![joins]].concat(),
            delegates.before.len() + 1,
        );
    }
    let mut cases = vec![
        of_content(dialect, role, "vouch for a file", vouch(&name, path, b"new")),
        of_content(
            dialect,
            role,
            "vouch for another file",
            vouch(&name, listed, b"another"),
        ),
        of_content(
            dialect,
            role,
            "vouch for a file no longer",
            WishedEdit::RemoveTarget {
                role: name.clone(),
                path: listed.into(),
            },
        ),
        delegates,
    ];
    if role == "targets" {
        let wider = match dialect {
            Dialect::Tuf1 => vec!["files/*".to_owned(), "docs/*".to_owned()],
            Dialect::Notary => vec!["files/".to_owned(), "docs/".to_owned()],
        };
        let files = named(dialect, "files");
        cases.push(of_content(
            dialect,
            role,
            "other paths of a delegation",
            WishedEdit::Redelegate {
                role: files.clone(),
                by: None,
                paths: Some(wider),
                hash_prefixes: None,
                terminating: (dialect == Dialect::Tuf1).then_some(true),
                place: Some(0),
            },
        ));
        let gone = WishedEdit::Undelegate { role: files, by: None };
        cases.push(of_content(dialect, role, "delegate no longer", gone));
        if dialect == Dialect::Notary {
            let mut ended = of_content(
                dialect,
                role,
                "bring back targets that have ended",
                WishedEdit::EndsBefore {
                    before: TARGETS_END.replace("25T00", "26T00"),
                    at: Some("2028-06-01T00:00:00Z".into()),
                },
            );
            ended.now = PAST_TARGETS;
            cases.push(ended);
        }
    }
    cases
}

/// Changes of several roles at once.
fn of_several(dialect: Dialect) -> Vec<Case> {
    let of = |role: &str| officers(dialect, role);
    let (shared, joins, too) = (
        numbered(dialect, SHARED),
        numbered(dialect, JOINS),
        numbered(dialect, JOINS_TOO),
    );
    let files = named(dialect, "files");
    let swapped = |role: &str| {
        let (old, count) = of(role);
        let new: Vec<u8> = old
            .into_iter()
            .filter(|number| *number != shared)
            .chain([joins])
            .collect();
        need(&new, count)
    };
    let root = of("root");
    let revoked = Case {
        name: "revoke a key everywhere",
        edits: vec![WishedEdit::Revoke {
            key: physical(shared).to_string(),
            replace: Some(file(joins)),
            sign_again: true,
            cause: None,
        }],
        documents: chained(
            dialect,
            vec![
                ("root".into(), vec![need(&root.0, root.1), swapped("root")]),
                ("targets".into(), vec![swapped("targets")]),
                (files.clone(), vec![swapped("files")]),
                ("snapshot".into(), vec![swapped("snapshot")]),
            ],
        ),
        before: vec![shared],
        after: need(&[joins], 1),
        hands_over: false,
        now: NOW,
    };
    let last = *root.0.last().expect("officers");
    let mut new_root: Vec<u8> = root.0.iter().copied().filter(|number| *number != last).collect();
    new_root.push(joins);
    let together = Case {
        name: "a root key, a file and a delegation's paths at once",
        edits: vec![
            keys("root", &[last], &[joins], None),
            vouch("targets", "new", b"new"),
            vouch(&files, "files/new", b"new"),
        ],
        documents: chained(
            dialect,
            vec![
                ("root".into(), vec![need(&root.0, root.1), need(&new_root, root.1)]),
                ("targets".into(), vec![own(dialect, "targets")]),
                (files, vec![own(dialect, "files")]),
            ],
        ),
        before: root.0.clone(),
        after: need(&new_root, root.1),
        hands_over: false,
        now: NOW,
    };
    let by_root = |name, edits, documents| Case {
        name,
        edits,
        documents,
        before: root.0.clone(),
        after: need(&root.0, root.1),
        hands_over: false,
        now: NOW,
    };
    let server = |role: &str| WishedEdit::ServerKey { role: role.into() };
    let root_alone = || ("root".to_owned(), vec![own(dialect, "root")]);
    match dialect {
        Dialect::Tuf1 => {
            let documents = ["root", "targets", "files", "snapshot", "timestamp"];
            let all = documents
                .iter()
                .map(|role| ((*role).to_owned(), vec![own(dialect, role)]));
            let mut ended = by_root(
                "bring back what has ended",
                vec![WishedEdit::EndsBefore {
                    before: "2028-01-01T00:00:00Z".into(),
                    at: Some("2028-06-01T00:00:00Z".into()),
                }],
                all.collect(),
            );
            ended.now = PAST_THE_END;
            vec![revoked, together, ended]
        }
        Dialect::Notary => {
            let stolen = of("targets").0;
            vec![
                revoked,
                together,
                // The server signs what it holds the key of: nobody here does.
                by_root(
                    "give the snapshot to the server",
                    vec![server("snapshot")],
                    vec![root_alone()],
                ),
                by_root(
                    "another timestamp key of the server",
                    vec![server("timestamp")],
                    chained(dialect, vec![root_alone()]),
                ),
                Case {
                    after: need(&new_root, root.1),
                    ..by_root(
                        "recover from a stolen root",
                        vec![
                            keys("root", &[last], &[joins], None),
                            keys("targets", &stolen, &[too], Some(1)),
                            server("snapshot"),
                            server("timestamp"),
                            vouch("targets", "app", b"the good one"),
                        ],
                        vec![
                            ("root".into(), vec![need(&root.0, root.1), need(&new_root, root.1)]),
                            ("targets".into(), vec![need(&[too], 1)]),
                        ],
                    )
                },
            ]
        }
    }
}

/// What the dialect's rules take of nobody, whoever would sign.
pub fn never(dialect: Dialect, role: &str) -> Vec<(&'static str, Vec<WishedEdit>)> {
    let (old, threshold) = officers(dialect, role);
    let name = named(dialect, role);
    let (last, joins) = (*old.last().expect("officers"), numbered(dialect, JOINS));
    let of = |remove: &[u8], add: &[u8], threshold: Option<u64>| vec![keys(&name, remove, add, threshold)];
    let mut never = vec![
        ("a threshold of none", of(&[], &[], Some(0))),
        ("a threshold nobody reaches", of(&[], &[], Some(old.len() as u64 + 1))),
        ("no keys at all", of(&old, &[], None)),
        ("a key that is there already", of(&[], &[last], None)),
        ("a key that leaves and joins", of(&[last], &[last], None)),
    ];
    if old.len() == threshold {
        never.push(("a key too few", of(&[last], &[], None)));
    }
    if dialect == Dialect::Tuf1 {
        if role != "files" {
            never.push(("a server's key", vec![WishedEdit::ServerKey { role: name.clone() }]));
        }
    } else if matches!(role, "root" | "targets") {
        never.push((
            "a server's key of a person's role",
            vec![WishedEdit::ServerKey { role: name }],
        ));
    } else if role == "snapshot" {
        let server = WishedEdit::ServerKey { role: name.clone() };
        never.push((
            "a key beside the server's",
            vec![server, keys(&name, &[], &[joins], None)],
        ));
    }
    never
}
