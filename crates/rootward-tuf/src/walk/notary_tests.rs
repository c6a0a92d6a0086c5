//! Notary's root walk where caches lag behind, where certificates bear other names, and in rehearsals.

use crate::dialect::Dialect;
use crate::dialect::notary::authority::tests::Paper;
use crate::dialect::notary::{Authorities, Certificate};
use crate::draft::{Complete, RootDraft, SnapshotDraft, TimestampDraft};
use crate::encoding::{base64, sha256};
use crate::finding::{Code, Finding};
use crate::key::{Key, KeyId};
use crate::metadata::{Document, Envelope, Root, Snapshot, Timestamp, read};
use crate::role::RoleName;
use crate::testing::{GUN, Made, NOW, Officer, at, signed_document, told, value};
use crate::walk::{Outcome, RehearsalWalker, Rehearsed, Reply, Request, Select, StandIns, WalkInput, Walker};

#[test]
fn pinned_certificates_alone_count_and_must_meet_the_threshold_by_themselves() {
    let made = Made::new(Dialect::Notary);
    // Officers 1 and 2 of three signed; two must.
    let verdict = |pins: &[usize]| {
        let mut input = made.input("1.root", NOW);
        input.pins = pins
            .iter()
            .map(|place| made.officers[*place].1.keyid().clone())
            .collect();
        input.pins.push(KeyId::new("another"));
        told(&made.shelf.walk(input))
    };
    assert_eq!(verdict(&[]), "refuse 1/-/-/- root:not-pinned");
    assert_eq!(verdict(&[0]), "refuse 1/-/-/- root:under-threshold");
    assert_eq!(verdict(&[0, 2]), "refuse 1/-/-/- root:under-threshold");
    assert_eq!(verdict(&[0, 1]), "accept 1/1/1/1");
}

#[test]
fn a_pinned_authority_vouches_for_root_keys_by_the_chains_that_their_entries_carry() {
    let [authority, middle, stranger] = [Officer::p256(90), Officer::p256(91), Officer::p256(92)];
    let top = Paper::new(("authority", &authority), ("authority", &authority)).authority();
    let step = Paper::new(("authority", &authority), ("middle", &middle)).authority();
    let mut made = Made::new(Dialect::Notary);
    // Two new officers with certificates by the authority: one directly, one through a step that its entry carries.
    let joining: Vec<(Officer, Key)> = [(60, ("authority", &authority)), (61, ("middle", &middle))]
        .into_iter()
        .map(|(seed, issuer)| {
            let officer = Officer::p256(seed);
            let leaf = Paper::new(issuer, (GUN, &officer)).certificate();
            let more = if seed == 61 {
                step.certificate().to_pem()
            } else {
                String::new()
            };
            let key = chained_key(&format!("{}{more}", leaf.to_pem()));
            (officer, key)
        })
        .collect();
    let mut draft = RootDraft::next(made.root.verified());
    let keys = joining.iter().map(|(_, key)| key.clone()).collect();
    let frozen = draft.replace_keys(&RoleName::root(), keys).freeze().unwrap();
    let signers = made.officers[..2].iter().chain(&joining);
    let signatures = signers.map(|(officer, key)| officer.signs(key, &frozen)).collect();
    let before = made.root.verified().clone();
    made.root = frozen.complete(Some(&before), signatures).ok().unwrap();
    made.put_root();
    made.publish(&[], 2);
    let verdict = |anchor: &str, bundle: &[Certificate], pins: &[&Key], clock: &str| {
        let mut input = made.input(anchor, clock);
        let pem: String = bundle.iter().map(Certificate::to_pem).collect();
        input.authorities = Authorities::from_pem(pem.as_bytes()).unwrap();
        input.pins = pins.iter().map(|key| key.keyid().clone()).collect();
        told(&made.shelf.walk(input))
    };
    let other = Paper::new(("stranger", &stranger), ("stranger", &stranger)).authority();
    let (top, other, step) = (top.certificate(), other.certificate(), step.certificate());
    assert_eq!(
        verdict("2.root", &[other.clone(), top.clone()], &[], NOW),
        "accept 2/2/2/1"
    );
    // From an older root, too; the authority did not vouch for that one's keys, and need not.
    assert_eq!(
        verdict("1.root", std::slice::from_ref(&top), &[], NOW),
        "accept 2/2/2/1"
    );
    assert_eq!(verdict("2.root", &[other], &[], NOW), "refuse 2/-/-/- root:not-pinned");
    // The step alone vouches for one of the two, and two must sign.
    assert_eq!(
        verdict("2.root", &[step], &[], NOW),
        "refuse 2/-/-/- root:under-threshold"
    );
    // With certificates pinned as well, the authority is not asked.
    let pins = [&joining[0].1, &joining[1].1];
    let unrelated = [Paper::new(("x", &stranger), ("x", &stranger)).authority().certificate()];
    assert_eq!(verdict("2.root", &unrelated, &pins, NOW), "accept 2/2/2/1");
    assert_eq!(
        verdict("2.root", &[top], &pins[..1], NOW),
        "refuse 2/-/-/- root:under-threshold"
    );
}

#[test]
fn a_root_key_with_a_second_certificate_that_is_no_authoritys_does_not_count() {
    let authority = Officer::p256(90);
    let top = Paper::new(("authority", &authority), ("authority", &authority));
    let verdict = |more: &str| {
        let mut made = Made::new(Dialect::Notary);
        let joining: Vec<(Officer, Key)> = (60..63)
            .map(|seed| {
                let officer = Officer::p256(seed);
                let own = officer.certificate(GUN, seed).certificate().unwrap().to_pem();
                (officer, chained_key(&format!("{own}{more}")))
            })
            .collect();
        let mut draft = RootDraft::next(made.root.verified());
        let keys = joining.iter().map(|(_, key)| key.clone()).collect();
        let frozen = draft.replace_keys(&RoleName::root(), keys).freeze().unwrap();
        let signers = made.officers[..2].iter().chain(&joining);
        let signatures = signers.map(|(officer, key)| officer.signs(key, &frozen)).collect();
        let before = made.root.verified().clone();
        made.root = frozen.complete(Some(&before), signatures).ok().unwrap();
        made.put_root();
        made.publish(&[], 2);
        made.verdict("1.root", NOW)
    };
    assert_eq!(verdict(""), "accept 2/2/2/1");
    assert_eq!(
        verdict(&top.clone().authority().certificate().to_pem()),
        "accept 2/2/2/1"
    );
    assert_eq!(
        verdict(&top.certificate().to_pem()),
        "refuse 1/-/-/- root:under-threshold"
    );
}

/// A root key whose entry carries these certificates, its own first.
fn chained_key(pem: &str) -> Key {
    let public = base64(pem.as_bytes());
    let raw = value(&format!(
        r#"{{"keytype":"ecdsa-x509","keyval":{{"private":null,"public":"{public}"}}}}"#
    ));
    Key::read_notary(&raw).unwrap()
}

/// Replaces the root's officers by three new ones; the old and the new sign.
fn rotate(made: &mut Made, gun: &str, seed: u8) {
    let joining: Vec<(Officer, Key)> = (seed..seed + 3)
        .map(|seed| {
            let officer = Officer::p256(seed);
            let key = match made.dialect {
                Dialect::Tuf1 => officer.key(),
                Dialect::Notary => officer.certificate(gun, seed),
            };
            (officer, key)
        })
        .collect();
    let keys = joining.iter().map(|(_, key)| key.clone()).collect();
    let mut draft = RootDraft::next(made.root.verified());
    let frozen = draft.replace_keys(&RoleName::root(), keys).freeze().unwrap();
    let signers = made.officers[..2].iter().chain(&joining[..2]);
    let signatures = signers.map(|(officer, key)| officer.signs(key, &frozen)).collect();
    let before = made.root.verified().clone();
    made.root = frozen.complete(Some(&before), signatures).ok().unwrap();
    made.officers = joining;
    made.put_root();
}

/// Walks with a cache that shows `late` as the current root; every root can be had by version and digest.
fn walk_behind_a_cache(made: &Made, anchor: &str, late: &str) -> (Outcome, Vec<Select>) {
    let mut asked = Vec::new();
    let by_digest = |wanted: [u8; 32]| made.shelf.0.values().find(|file| sha256(file) == wanted).cloned();
    let walker = Walker::begin(made.input(anchor, NOW)).unwrap();
    let outcome = walker.run(|request| {
        if request.role != RoleName::root() {
            return made.shelf.answer(request);
        }
        asked.push(request.select);
        match request.select {
            Select::Current => Reply::Found(made.shelf.0[late].clone()),
            Select::Sha256(wanted) => by_digest(wanted).map_or(Reply::Missing, Reply::Found),
            _ => made.shelf.answer(request),
        }
    });
    (outcome, asked)
}

#[test]
fn a_root_that_a_cache_shows_late_is_fetched_by_the_digest_the_snapshot_names() {
    let mut made = Made::new(Dialect::Notary);
    for (seed, version) in [(60, 2), (70, 3), (80, 4)] {
        rotate(&mut made, GUN, seed);
        made.publish(&[], version);
    }
    let named = Select::Sha256(sha256(made.root.file_bytes()));
    // A stale client; and one two versions behind, which needs the one between.
    let (outcome, asked) = walk_behind_a_cache(&made, "3.root", "3.root");
    assert_eq!(told(&outcome), "accept 4/4/4/1");
    assert_eq!(asked, [Select::Current, named]);
    assert_eq!(outcome.root_versions, [3, 4]);
    let (outcome, asked) = walk_behind_a_cache(&made, "2.root", "2.root");
    assert_eq!(told(&outcome), "accept 4/4/4/1");
    assert_eq!(asked, [Select::Current, named, Select::Version(3)]);
    let kept: Vec<&str> = outcome.keep.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(kept, ["root", "timestamp", "snapshot", "targets"]);
    // A fresh one needs nothing but the current root.
    let (outcome, asked) = walk_behind_a_cache(&made, "4.root", "4.root");
    assert_eq!(
        (told(&outcome), asked),
        ("accept 4/4/4/1".to_owned(), vec![Select::Current])
    );
}

#[test]
fn a_late_root_as_long_as_the_one_named_is_told_from_it_by_its_digest() {
    let mut made = Made::new(Dialect::Notary);
    let mut draft = RootDraft::next(made.root.verified());
    let frozen = draft.set_expires(at("2027-07-01T00:00:00Z")).freeze().unwrap();
    let signers = made.officers[..2].iter();
    let signatures = signers.map(|(officer, key)| officer.signs(key, &frozen)).collect();
    let before = made.root.verified().clone();
    made.root = frozen.complete(Some(&before), signatures).ok().unwrap();
    made.put_root();
    made.publish(&[], 2);
    assert_eq!(before.file_bytes().len(), made.root.file_bytes().len());
    let (outcome, asked) = walk_behind_a_cache(&made, "1.root", "1.root");
    assert_eq!(told(&outcome), "accept 2/2/2/1");
    assert_eq!(asked, [Select::Current, Select::Sha256(sha256(made.root.file_bytes()))]);
}

#[test]
fn a_root_that_no_digest_fits_is_refused_and_not_looked_for_again() {
    let mut made = Made::new(Dialect::Notary);
    rotate(&mut made, GUN, 60);
    made.publish(&[], 2);
    let walker = Walker::begin(made.input("1.root", NOW)).unwrap();
    let mut asked = 0;
    let late = made.shelf.0["1.root"].clone();
    let outcome = walker.run(|request| match request.role.as_str() {
        "root" => {
            asked += 1;
            Reply::Found(late.clone())
        }
        _ => made.shelf.answer(request),
    });
    assert_eq!(
        (told(&outcome).as_str(), asked),
        ("refuse 1/2/-/- root:wrong-length", 2)
    );
}

#[test]
fn another_root_of_the_trusted_version_is_told_and_the_trusted_one_signed_by_others_is_not() {
    let made = Made::new(Dialect::Notary);
    let signed = String::from_utf8(made.root.verified().signed_bytes().to_vec()).unwrap();
    let told_of = |signed: &str, signers: [usize; 2]| {
        let signers = signers.map(|place| (&made.officers[place].0, &made.officers[place].1));
        let served = signed_document(&value(signed), &signers);
        let walker = Walker::begin(made.input("1.root", NOW)).unwrap();
        let outcome = walker.run(|request| match request.role.as_str() {
            "root" => Reply::Found(served.clone()),
            _ => made.shelf.answer(request),
        });
        let differs = |finding: &&Finding| finding.code == Code::SameVersionDiffers;
        outcome.findings.iter().filter(differs).count()
    };
    assert_eq!(told_of(&signed, [1, 2]), 0);
    assert_eq!(told_of(&signed.replace("2027-06-01", "2027-07-01"), [0, 1]), 1);
    // The next version differs as it should.
    let mut later = Made::new(Dialect::Notary);
    rotate(&mut later, GUN, 60);
    later.publish(&[], 2);
    assert!(later.shelf.walk(later.input("1.root", NOW)).findings.is_empty());
}

#[test]
fn as_many_roots_as_are_allowed_are_walked_and_not_one_more() {
    for dialect in [Dialect::Tuf1, Dialect::Notary] {
        let mut made = Made::new(dialect);
        for (seed, version) in [(60, 2), (70, 3), (80, 4)] {
            rotate(&mut made, GUN, seed);
            made.publish(&[], version);
        }
        let verdict = |root_versions: u64| {
            let mut input = made.input("1.root", NOW);
            input.limits.root_versions = root_versions;
            told(&made.shelf.walk(input))
        };
        // A TUF client passes three roots; Notary's needs the two between the one it has and the one that is served.
        let (enough, refused) = match dialect {
            Dialect::Tuf1 => (3, ["1", "2", "3"].as_slice()),
            Dialect::Notary => (2, ["1", "1"].as_slice()),
        };
        assert_eq!(verdict(enough), "accept 4/4/4/1");
        for (limit, version) in refused.iter().enumerate() {
            let expected = format!("refuse {version}/-/-/- root:too-many-roots");
            assert_eq!(verdict(limit as u64), expected, "{dialect} {limit}");
        }
    }
}

#[test]
fn a_certificate_of_another_repository_counts_neither_before_nor_after() {
    let mut made = Made::new(Dialect::Notary);
    rotate(&mut made, "registry.test/lab/other", 60);
    made.publish(&[], 2);
    assert_eq!(made.verdict("1.root", NOW), "refuse 1/-/-/- root:under-threshold");
    // Between two good ones it does not count either.
    rotate(&mut made, GUN, 70);
    made.publish(&[], 3);
    assert_eq!(made.verdict("1.root", NOW), "refuse 1/-/-/- root:under-threshold");
    // Nor does it vouch for the next root where somebody trusts it.
    assert_eq!(
        made.verdict("2.root", NOW),
        "refuse 2/-/-/- root:root-not-signed-by-predecessor"
    );
    assert_eq!(made.verdict("3.root", NOW), "accept 3/3/3/1");
}

/// What a server would sign after a new root, signed by a stand-in instead.
fn signed_by_a_stand_in(made: &Made, stand_in: &Officer, key: &Key) -> (Complete<Snapshot>, Complete<Timestamp>) {
    fn current<T: Document>(made: &Made, name: &str) -> Envelope<T> {
        read::<T>(&made.shelf.0[name], made.dialect).unwrap()
    }
    let keys = crate::key::KeyTable::new(vec![key.clone()]);
    let role = crate::metadata::RoleKeys {
        keyids: vec![key.keyid().clone()],
        threshold: 1,
    };
    let mut snapshot = SnapshotDraft::next(&current(made, "snapshot"));
    let snapshot = snapshot.list(&made.root.clone().into()).freeze().unwrap();
    let signature = stand_in.signs(key, &snapshot);
    let snapshot = snapshot.complete(&keys, &role, vec![signature]).ok().unwrap();
    let mut timestamp = TimestampDraft::next(&current(made, "timestamp"));
    let timestamp = timestamp.set_snapshot(&snapshot.meta_entry()).freeze().unwrap();
    let signature = stand_in.signs(key, &timestamp);
    let timestamp = timestamp.complete(&keys, &role, vec![signature]).ok().unwrap();
    (snapshot, timestamp)
}

#[test]
fn a_rehearsal_accepts_what_a_stand_in_signed_and_hands_out_no_proof_of_it() {
    for dialect in [Dialect::Tuf1, Dialect::Notary] {
        let mut made = Made::new(dialect);
        rotate(&mut made, GUN, 60);
        let stand_in = Officer::ed25519(99);
        let key = match dialect {
            Dialect::Tuf1 => stand_in.key(),
            Dialect::Notary => Key::new_notary_bare(&stand_in.public),
        };
        let (snapshot, timestamp) = signed_by_a_stand_in(&made, &stand_in, &key);
        made.shelf.put("2.snapshot", snapshot.file_bytes());
        made.shelf.put("snapshot", snapshot.file_bytes());
        made.shelf.put("timestamp", timestamp.file_bytes());
        let rehearsed = |stand_ins: StandIns, anchor: &str| {
            let walker = RehearsalWalker::begin(made.input(anchor, NOW), stand_ins).unwrap();
            walker.run(|request| made.shelf.answer(request))
        };
        let both = StandIns::default()
            .with_timestamp(key.clone())
            .with_snapshot(key.clone());
        for anchor in ["1.root", "2.root"] {
            let rehearsed: Rehearsed = rehearsed(both.clone(), anchor);
            assert!(rehearsed.accepted, "{:?}", rehearsed.first_refusal());
            assert_eq!(rehearsed.stood_in, [RoleName::timestamp(), RoleName::snapshot()]);
            assert_eq!(rehearsed.root_versions.last(), Some(&2));
        }
        let only = StandIns::default().with_timestamp(key.clone());
        let snapshots = StandIns::default().with_snapshot(key.clone());
        assert!(StandIns::default().is_empty());
        assert!([&both, &only, &snapshots].iter().all(|stand_ins| !stand_ins.is_empty()));
        let refused = rehearsed(only, "1.root");
        assert_eq!(refused.first_refusal().unwrap().role, RoleName::snapshot());
        assert_eq!((refused.accepted, refused.stood_in.len()), (false, 1));
        // A walk that counts believes none of it.
        assert_eq!(made.verdict("1.root", NOW), "refuse 2/-/-/- timestamp:under-threshold");
    }
}

#[test]
fn a_rehearsal_without_stand_ins_comes_to_what_a_walk_comes_to() {
    let mut made = Made::new(Dialect::Notary);
    rotate(&mut made, GUN, 60);
    made.publish(&[], 2);
    let input: WalkInput = made.input("1.root", NOW);
    let walker = RehearsalWalker::begin(input.clone(), StandIns::default()).unwrap();
    let rehearsed = walker.run(|request: &Request| made.shelf.answer(request));
    let walked = made.shelf.walk(input);
    assert!(rehearsed.accepted && walked.accepted && rehearsed.stood_in.is_empty());
    assert_eq!(rehearsed.root_versions, walked.root_versions);
    let root: &Envelope<Root> = walked.root.as_ref().unwrap();
    assert_eq!(rehearsed.versions[0], (RoleName::root(), root.version()));
}

#[test]
fn from_whatever_root_a_client_starts_it_asks_for_the_roots_between_only_when_it_must() {
    // Officers of each version, by seed; histories differ in when they change.
    for history in [[1, 1, 1, 1], [0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]] {
        let mut made = Made::new(Dialect::Notary);
        let mut officers = vec![0u8];
        for (step, rotates) in history.into_iter().enumerate() {
            let step = step as u8;
            if rotates == 1 {
                rotate(&mut made, GUN, 60 + 10 * step);
                officers.push(step + 1);
            } else {
                let mut draft = RootDraft::next(made.root.verified());
                let frozen = draft.set_expires(at("2028-01-01T00:00:00Z")).freeze().unwrap();
                let signers = made.officers[..2].iter();
                let signatures = signers.map(|(officer, key)| officer.signs(key, &frozen)).collect();
                let before = made.root.verified().clone();
                made.root = frozen.complete(Some(&before), signatures).ok().unwrap();
                made.put_root();
                officers.push(*officers.last().unwrap());
            }
            made.publish(&[], u64::from(step) + 2);
        }
        let newest = made.root.version();
        for anchor in 1..=newest {
            let mut between = Vec::new();
            let walker = Walker::begin(made.input(&format!("{anchor}.root"), NOW)).unwrap();
            let outcome = walker.run(|request| {
                if let Select::Version(version) = request.select {
                    between.push(version);
                }
                made.shelf.answer(request)
            });
            let told = format!("{history:?} from {anchor}: {}", told(&outcome));
            assert!(
                outcome.accepted && outcome.root_versions.last() == Some(&newest),
                "{told}"
            );
            // The newest root carries signatures of the keys before it and of its own.
            let keys = |version: u64| officers[version as usize - 1];
            let signed_newest = keys(anchor) == keys(newest) || keys(anchor) == keys(newest - 1);
            let expected: Vec<u64> = if signed_newest {
                Vec::new()
            } else {
                (anchor + 1..newest).collect()
            };
            assert_eq!(between, expected, "{told}");
        }
    }
}
