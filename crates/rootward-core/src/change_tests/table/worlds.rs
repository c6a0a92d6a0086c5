//! The repositories that the table is played in: every role has keys of its own, and one that they share.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{AnyComplete, AnyFrozen, Authority, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use rootward_tuf::key::Key;
use rootward_tuf::metadata::{DelegatedRole, MetaEntry, PathSet, RoleKeys, Signature, Target};
use rootward_tuf::role::RoleName;

use super::{Repository, everybody, named, officers};
use crate::border::WishedEdit;
use crate::change_tests::{delegate, keys, published, vouch, wish};
use crate::rotation_support::notary::{Made, Server};
use crate::rotation_support::{World, at, officer, public};

/// When everything of the TUF repository ends.
pub const ENDS: &str = "2027-06-01T00:00:00Z";
/// When the targets of the Notary repository end.
pub const TARGETS_END: &str = "2026-11-25T00:00:00Z";

fn listed(numbers: &[u8]) -> Vec<Key> {
    numbers.iter().map(|&number| Key::new_tuf1(&public(number))).collect()
}

/// A document with a signature of every officer of its role.
fn complete(frozen: AnyFrozen, role: &str, authority: Option<Authority<'_>>) -> AnyComplete {
    let by = |number: &u8| {
        let signed = officer(*number).sign(frozen.bytes());
        Signature::by(&Key::new_tuf1(&public(*number)), &signed).expect("a signature")
    };
    let signatures = officers(Dialect::Tuf1, role).0.iter().map(by).collect();
    let authorities: Vec<Authority<'_>> = authority.into_iter().collect();
    frozen.complete(None, &authorities, signatures).ok().expect("complete")
}

/// TUF: a folder with root, targets, a delegated role, snapshot and timestamp.
pub fn tuf() -> Repository {
    let dialect = Dialect::Tuf1;
    let name = |role: &str| RoleName::new(role).expect("a role");
    let mut draft = RootDraft::first(dialect, true, at(ENDS));
    for role in ["root", "targets", "snapshot", "timestamp"] {
        let (numbers, threshold) = officers(dialect, role);
        for key in listed(&numbers) {
            draft.add_key(&name(role), key);
        }
        draft.set_threshold(&name(role), threshold as u64);
    }
    let root = complete(draft.freeze().expect("a root").into(), "root", None);
    let trusted = root.as_root().expect("a root").verified();
    let body = trusted.body();
    let top = |role: &str| {
        let role = body.role(&name(role))?;
        Some(Authority { keys: &body.keys, role })
    };

    let (numbers, threshold) = officers(dialect, "files");
    let file_keys = listed(&numbers);
    let delegated = DelegatedRole {
        name: name("files"),
        keys: RoleKeys {
            keyids: file_keys.iter().map(|key| key.keyid().clone()).collect(),
            threshold: threshold as u64,
        },
        paths: PathSet::Patterns(vec!["files/*".into()]),
        terminating: false,
    };
    let mut draft = TargetsDraft::first(dialect, name("targets"), at(ENDS));
    draft
        .add_target("app", &Target::of(b"app"))
        .add_delegation(&delegated, &file_keys);
    let targets = complete(draft.freeze().expect("targets").into(), "targets", top("targets"));
    let AnyComplete::Targets(of_targets) = &targets else {
        panic!("targets")
    };
    let delegations = of_targets.verified().body().delegations.as_ref().expect("some");
    let by_targets = Authority {
        keys: &delegations.keys,
        role: &delegated.keys,
    };
    let mut draft = TargetsDraft::first(dialect, name("files"), at(ENDS));
    draft.add_target("files/a", &Target::of(b"a"));
    let files = complete(draft.freeze().expect("targets").into(), "files", Some(by_targets));

    let mut draft = SnapshotDraft::first(dialect, at(ENDS));
    draft.list(&targets).list(&files);
    let snapshot = complete(draft.freeze().expect("a snapshot").into(), "snapshot", top("snapshot"));
    let entry: MetaEntry = snapshot.meta_entry();
    let draft = TimestampDraft::first(dialect, &entry, at(ENDS)).freeze();
    let timestamp = complete(draft.expect("a timestamp").into(), "timestamp", top("timestamp"));
    let file = |name: &str, document: &AnyComplete| (name.to_owned(), document.file_bytes().to_vec());
    Repository::Tuf {
        root: trusted.clone(),
        files: vec![
            file("1.root.json", &root),
            file("1.targets.json", &targets),
            file("1.files.json", &files),
            file("1.snapshot.json", &snapshot),
            file("timestamp.json", &timestamp),
        ],
    }
}

/// Notary: the same on a server, which holds the timestamp key; made by two changes of what its command line makes.
pub async fn notary() -> Repository {
    let dialect = Dialect::Notary;
    let of = |role: &str| officers(dialect, role).0;
    let (targets, snapshot) = (of("targets"), of("snapshot"));
    let world = World::on_notary(Server::new(&Made {
        root: &of("root"),
        threshold: officers(dialect, "root").1 as u64,
        targets: targets[0],
        snapshot: Some(snapshot[0]),
    }));
    let ceremonies = world.ceremonies();
    let files = match delegate("targets", &named(dialect, "files"), &of("files"), &["files/"]) {
        WishedEdit::Delegate {
            by,
            role,
            keys,
            paths,
            hash_prefixes,
            terminating,
            place,
            ..
        } => WishedEdit::Delegate {
            by,
            role,
            keys,
            threshold: officers(dialect, "files").1 as u64,
            paths,
            hash_prefixes,
            terminating,
            place,
        },
        other => other,
    };
    let edits = vec![
        keys("targets", &[], &targets[1..], Some(3)),
        keys("snapshot", &[], &snapshot[1..], Some(3)),
        vouch("targets", "app", b"app"),
        WishedEdit::Ends {
            role: "targets".into(),
            at: Some(TARGETS_END.into()),
        },
        files,
    ];
    let made = [of("root"), vec![targets[0], snapshot[0]]].concat();
    published(&ceremonies, wish(edits, &made)).await;
    let first = vouch(&named(dialect, "files"), "files/a", b"a");
    published(&ceremonies, wish(vec![first], &everybody(dialect))).await;
    Repository::Notary(world.notary().copied())
}
