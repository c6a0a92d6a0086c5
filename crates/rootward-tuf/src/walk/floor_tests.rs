//! What was seen once is a floor: nothing older is taken, and nothing other of the same version goes untold.

use super::tests::{BOTH, role};
use crate::dialect::Dialect;
use crate::draft::{RootDraft, TargetsDraft, TimestampDraft};
use crate::finding::{Code, Finding};
use crate::key::Key;
use crate::role::RoleName;
use crate::testing::{Made, NOW, Officer, at, told};
use crate::walk::{Floors, Outcome, Reply, Request, Select, WalkInput, Walker};

/// What an earlier walk kept.
fn floors_of(earlier: &Outcome) -> Floors {
    let kept = |name: &str| {
        earlier
            .keep
            .iter()
            .find(|(role, _)| role.as_str() == name)
            .map(|(_, file)| file.clone())
    };
    Floors {
        timestamp: kept("timestamp"),
        snapshot: kept("snapshot"),
        targets: kept("targets"),
        delegated: Vec::new(),
    }
}

/// Walks with what an earlier walk kept.
fn again(made: &Made, earlier: &Outcome) -> String {
    let anchor = earlier.root.as_ref().unwrap().file().clone();
    let input = WalkInput {
        anchor,
        floors: floors_of(earlier),
        ..made.input("1.root", NOW)
    };
    told(&made.shelf.walk(input))
}

#[test]
fn what_was_seen_once_is_not_taken_back_unless_its_key_was_rotated_away() {
    for dialect in BOTH {
        let mut made = Made::new(dialect);
        let first = made.shelf.walk(made.input("1.root", NOW));
        made.publish(&[], 5);
        let later = made.shelf.walk(made.input("1.root", NOW));
        assert_eq!(told(&later), "accept 1/5/5/1");
        assert_eq!(again(&made, &first), "accept 1/5/5/1");
        made.publish(&[], 2);
        assert_eq!(again(&made, &later), "refuse 1/-/-/- timestamp:rolled-back");
        if dialect == Dialect::Notary {
            continue;
        }
        // 5.3.11: the timestamp and snapshot keys are replaced, and their versions may begin anew.
        let online = (Officer::ed25519(30), Officer::ed25519(30).key());
        let mut draft = RootDraft::next(made.root.verified());
        for name in ["timestamp", "snapshot", "targets"] {
            draft
                .remove_key(&role(name), made.online.1.keyid())
                .add_key(&role(name), online.1.clone());
        }
        let frozen = draft.freeze().unwrap();
        let signatures = made.officers[..2]
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let old = made.root.verified().clone();
        made.root = frozen.complete(Some(&old), signatures).ok().unwrap();
        made.online = online;
        made.put_root();
        made.publish(&[], 2);
        assert_eq!(again(&made, &later), "accept 2/2/2/1");
    }
}

#[test]
fn a_root_that_takes_no_key_away_leaves_every_floor_where_it_is() {
    let mut made = Made::new(Dialect::Tuf1);
    made.publish(&[], 5);
    let later = made.shelf.walk(made.input("1.root", NOW));
    let mut draft = RootDraft::next(made.root.verified());
    for name in ["timestamp", "snapshot"] {
        draft.add_key(&role(name), Officer::ed25519(30).key());
    }
    let frozen = draft.freeze().unwrap();
    let signatures = made.officers[..2]
        .iter()
        .map(|(officer, key)| officer.signs(key, &frozen))
        .collect();
    let old = made.root.verified().clone();
    made.root = frozen.complete(Some(&old), signatures).ok().unwrap();
    made.put_root();
    made.publish(&[], 2);
    assert_eq!(again(&made, &later), "refuse 2/-/-/- timestamp:rolled-back");
    made.publish(&[], 6);
    assert_eq!(again(&made, &later), "accept 2/6/6/1");
}

#[test]
fn floors_are_forgotten_with_the_root_that_takes_a_key_away_though_the_walk_ends_there() {
    let mut made = Made::new(Dialect::Tuf1);
    made.publish(&[], 9);
    let before = made.shelf.walk(made.input("1.root", NOW));
    // Only the timestamp gets another key: the snapshot seen would still be proven.
    let next_root = |made: &mut Made, expires: &str, online: Option<&Key>| {
        let mut draft = RootDraft::next(made.root.verified());
        draft.set_expires(at(expires));
        if let Some(online) = online {
            draft.replace_keys(&RoleName::timestamp(), vec![online.clone()]);
        }
        let frozen = draft.freeze().unwrap();
        let signatures = made.officers[..2]
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let old = made.root.verified().clone();
        made.root = frozen.complete(Some(&old), signatures).ok().unwrap();
        made.put_root();
    };
    let online = Officer::ed25519(30);
    next_root(&mut made, "2026-05-01T00:00:00Z", Some(&online.key()));
    let input = WalkInput {
        floors: floors_of(&before),
        ..made.input("1.root", NOW)
    };
    let walked = |reply: Reply| {
        let answer = |request: &Request| match request.select {
            Select::Version(3) => reply.clone(),
            _ => made.shelf.answer(request),
        };
        Walker::begin(input.clone()).unwrap().run(answer)
    };
    for (reply, expected) in [
        (Reply::Missing, "refuse 2/-/-/- root:expired"),
        (Reply::Failed("late".to_owned()), "refuse 2/-/-/- root:unreachable"),
        (Reply::TooLarge, "refuse 2/-/-/- root:too-large"),
    ] {
        let halfway = walked(reply);
        assert_eq!(told(&halfway), expected);
        assert_eq!(halfway.root_chain.len(), 1);
        assert_eq!(halfway.forget, [RoleName::timestamp(), RoleName::snapshot()]);
    }
}

#[test]
fn another_timestamp_of_the_version_seen_is_told_and_in_tuf_not_taken() {
    for dialect in BOTH {
        let mut made = Made::new(dialect);
        let seen = made.shelf.walk(made.input("1.root", NOW)).timestamp.unwrap();
        let taken = |made: &Made| {
            let mut input = made.input("1.root", NOW);
            input.floors.timestamp = Some(seen.file().clone());
            let outcome = made.shelf.walk(input);
            assert_eq!(told(&outcome), "accept 1/1/1/1");
            let differs = |finding: &&Finding| finding.code == Code::SameVersionDiffers;
            let findings = outcome.findings.iter().filter(differs).count();
            (outcome.timestamp.unwrap().signed_bytes().to_vec(), findings)
        };
        assert_eq!(taken(&made), (seen.signed_bytes().to_vec(), 0));
        let draft = TimestampDraft::first(dialect, &seen.body().snapshot, at("2027-01-01T00:00:00Z"));
        let other = made.complete(draft.freeze().unwrap());
        made.shelf.put("timestamp", other.file_bytes());
        let expected = match dialect {
            Dialect::Tuf1 => &seen,
            Dialect::Notary => other.verified(),
        };
        assert_eq!(taken(&made), (expected.signed_bytes().to_vec(), 1));
    }
}

#[test]
fn an_older_snapshot_than_the_one_seen_is_refused_though_it_lists_nothing_older() {
    for dialect in BOTH {
        let mut made = Made::new(dialect);
        made.publish(&[], 3);
        let seen = made.shelf.walk(made.input("1.root", NOW)).snapshot.unwrap();
        for (version, expected) in [
            (2, "refuse 1/2/-/- snapshot:rolled-back"),
            (3, "accept 1/3/3/1"),
            (4, "accept 1/4/4/1"),
        ] {
            made.publish(&[], version);
            let mut input = made.input("1.root", NOW);
            input.floors.snapshot = Some(seen.file().clone());
            assert_eq!(told(&made.shelf.walk(input)), expected);
        }
    }
}

#[test]
fn older_targets_than_those_seen_are_refused_whoever_names_them() {
    for dialect in BOTH {
        let mut made = Made::new(dialect);
        let first = made.shelf.walk(made.input("1.root", NOW));
        let targets = made.complete(
            TargetsDraft::next(first.targets.as_ref().unwrap(), RoleName::targets())
                .freeze()
                .unwrap(),
        );
        made.publish_with(targets, &[], 2);
        let later = made.shelf.walk(made.input("1.root", NOW));
        assert_eq!(told(&later), "accept 1/2/2/2");
        assert_eq!(again(&made, &later), "accept 1/2/2/2");
        made.publish(&[], 3);
        // Notary's snapshots carry no versions: the document itself tells.
        let expected = match dialect {
            Dialect::Tuf1 => "refuse 1/3/-/- targets:rolled-back",
            Dialect::Notary => "refuse 1/3/3/- targets:rolled-back",
        };
        assert_eq!(again(&made, &later), expected);
    }
}
