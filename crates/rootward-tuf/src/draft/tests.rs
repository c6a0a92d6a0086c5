//! What a draft may become, and what it takes to be complete.

use super::*;
use crate::canonical::canonical;
use crate::json;
use crate::metadata::{DelegatedRole, PathSet, SuccinctRoles};
use crate::testing::{LATER, Made, NOW, Officer, at};

const BOTH: [Dialect; 2] = [Dialect::Tuf1, Dialect::Notary];

#[test]
fn a_repository_made_by_drafts_is_accepted_in_both_dialects() {
    for dialect in BOTH {
        let made = Made::new(dialect);
        assert_eq!(made.verdict("1.root", NOW), "accept 1/1/1/1");
        assert_eq!(made.verdict("1.root", LATER), "refuse 1/-/-/- root:expired");
    }
}

/// One officer leaves, one joins.
fn rotated(made: &Made) -> (Frozen<Root>, Officer, Key) {
    let (joining, key) = Made::officer(made.dialect, 4);
    let mut draft = RootDraft::next(made.root.verified());
    draft
        .remove_key(&RoleName::root(), made.officers[0].1.keyid())
        .add_key(&RoleName::root(), key.clone());
    (draft.freeze().unwrap(), joining, key)
}

#[test]
fn a_rotated_root_needs_the_thresholds_of_the_old_keys_and_of_the_new() {
    for dialect in BOTH {
        let mut made = Made::new(dialect);
        let (frozen, joining, key) = rotated(&made);
        let old = made.root.verified().clone();
        let by = |place: usize| made.officers[place].0.signs(&made.officers[place].1, &frozen);
        let (leaving, staying, joined) = (by(0), by(1), joining.signs(&key, &frozen));
        // Old: leaving and staying. New: staying and joining.
        let (frozen, missing) = frozen
            .complete(Some(&old), vec![staying.clone(), joined.clone()])
            .err()
            .unwrap();
        let counts = |missing: &Missing| (missing.old.as_ref().unwrap().ours, missing.new.ours);
        assert_eq!(counts(&missing), (1, 2));
        let (frozen, missing) = frozen
            .complete(Some(&old), vec![leaving.clone(), staying.clone()])
            .err()
            .unwrap();
        assert_eq!(counts(&missing), (2, 1));
        let complete = frozen
            .complete(Some(&old), vec![leaving, staying, joined])
            .ok()
            .unwrap();
        assert_eq!(complete.verified().signatures().len(), 3);
        made.root = complete;
        made.put_root();
        made.publish(&[], 2);
        for anchor in ["1.root", "2.root"] {
            assert_eq!(made.verdict(anchor, NOW), "accept 2/2/2/1");
        }
    }
}

#[test]
fn any_tampered_signature_or_byte_is_refused() {
    for dialect in BOTH {
        let made = Made::new(dialect);
        let (frozen, joining, key) = rotated(&made);
        let good = joining.signs(&key, &frozen);
        assert_eq!(frozen.check(&key, &good), Ok(()));
        let flipped = |place: usize| {
            let mut bytes = good.bytes.clone().unwrap();
            bytes[place] ^= 1;
            Signature::from_parts(good.keyid.clone(), good.method.clone(), bytes, dialect)
        };
        for place in [10, 40, 60] {
            assert_eq!(frozen.check(&key, &flipped(place)), Err(SignatureRefusal::Bad));
        }
        let other = made.officers[0].0.signs(&key, &frozen);
        assert_eq!(frozen.check(&key, &other), Err(SignatureRefusal::Bad));
        assert!(matches!(
            frozen.check(&made.officers[0].1, &good),
            Err(SignatureRefusal::OtherKey { .. })
        ));
        let empty = Signature {
            text: String::new(),
            ..good
        };
        assert_eq!(frozen.check(&key, &empty), Err(SignatureRefusal::Empty));
    }
}

#[test]
fn unknown_members_survive_and_only_keys_that_left_are_dropped() {
    let made = Made::new(Dialect::Tuf1);
    let mut signed = made.root.verified().signed().clone();
    signed.set(
        "x-unknown",
        json::parse(br#"{"b":[1,"\u00e9",null]}"#, json::Limits::default()).unwrap(),
    );
    object_member(object_member(&mut signed, "roles"), "root").set("x-note", Value::text("kept"));
    object_member(&mut signed, "roles").set("mirrors", Object::new().into());
    let idle = Officer::ed25519(77).key();
    object_member(&mut signed, "keys").set(idle.keyid().as_str(), idle.raw().clone());
    let before = Frozen::<Root>::from_bytes(&canonical(&signed.into()), Dialect::Tuf1, RoleName::root()).unwrap();
    let leaving = made.officers[0].1.keyid().clone();
    let mut draft = RootDraft::next(before.envelope());
    draft
        .remove_key(&RoleName::root(), &leaving)
        .set_expires(at("2028-01-01T00:00:00.5Z"));
    let after = draft.freeze().unwrap();
    let signed = after.envelope().signed();
    assert_eq!(signed.get("x-unknown"), before.envelope().signed().get("x-unknown"));
    assert_eq!(
        signed.get("roles").unwrap().get("root").unwrap().get("x-note"),
        Some(&Value::text("kept"))
    );
    assert!(signed.get("roles").unwrap().get("mirrors").is_some());
    assert_eq!(signed.get("expires"), Some(&Value::text("2028-01-01T00:00:00Z")));
    assert!(after.body().keys.get(idle.keyid()).is_some());
    assert!(after.body().keys.get(&leaving).is_none());
    assert_eq!((before.version(), after.version()), (1, 2));
    // Frozen bytes read back as the same, and nothing else does.
    let again = Frozen::<Root>::from_bytes(after.bytes(), Dialect::Tuf1, RoleName::root()).unwrap();
    assert_eq!(again.digest(), after.digest());
    assert!(Frozen::<Root>::from_bytes(b"{ }", Dialect::Tuf1, RoleName::root()).is_err());
    let spaced = [after.bytes(), b" "].concat();
    assert!(Frozen::<Root>::from_bytes(&spaced, Dialect::Tuf1, RoleName::root()).is_err());
}

#[test]
fn notarys_old_root_certificates_stay_listed_and_other_old_keys_go() {
    let made = Made::new(Dialect::Notary);
    let leaving = made.officers[0].1.keyid().clone();
    let new_online = Key::new_notary_bare(&Officer::ed25519(10).public);
    let mut draft = RootDraft::next(made.root.verified());
    draft
        .remove_key(&RoleName::root(), &leaving)
        .add_key(&RoleName::root(), Made::officer(Dialect::Notary, 4).1);
    draft
        .remove_key(&RoleName::targets(), made.online.1.keyid())
        .add_key(&RoleName::targets(), new_online);
    for role in [RoleName::timestamp(), RoleName::snapshot()] {
        draft.remove_key(&role, made.online.1.keyid());
        draft.add_key(&role, Key::new_notary_bare(&Officer::ed25519(11).public));
    }
    let frozen = draft.freeze().unwrap();
    assert!(frozen.body().keys.get(&leaving).is_some());
    assert!(!frozen.body().root.keyids.contains(&leaving));
    assert!(frozen.body().keys.get(made.online.1.keyid()).is_none());
}

#[test]
fn a_root_that_could_never_be_signed_is_not_frozen() {
    let made = Made::new(Dialect::Tuf1);
    let root = RoleName::root();
    let ids: Vec<KeyId> = made.officers.iter().map(|(_, key)| key.keyid().clone()).collect();
    let refusal = |edit: &dyn Fn(&mut RootDraft)| {
        let mut draft = RootDraft::next(made.root.verified());
        edit(&mut draft);
        draft.freeze().err().unwrap()
    };
    let too_few = |keys, threshold| DraftRefusal::TooFewKeys {
        role: RoleName::root(),
        keys,
        threshold,
    };
    assert_eq!(
        refusal(&|draft| {
            draft.remove_key(&root, &ids[0]).remove_key(&root, &ids[1]);
        }),
        too_few(1, 2)
    );
    assert_eq!(
        refusal(&|draft| {
            draft.set_threshold(&root, 4);
        }),
        too_few(3, 4)
    );
    // The same key under another id does not help.
    assert_eq!(
        refusal(&|draft| {
            draft
                .set_threshold(&root, 4)
                .add_key(&root, made.officers[0].1.clone().named(KeyId::new("again")));
        }),
        too_few(3, 4)
    );
    assert!(matches!(
        refusal(&|draft| {
            draft.set_threshold(&root, 0);
        }),
        DraftRefusal::Unreadable(_)
    ));
    assert!(matches!(
        refusal(&|draft| {
            draft.remove_key(&root, &KeyId::new("none"));
        }),
        DraftRefusal::NoSuchKey { .. }
    ));
    assert!(matches!(
        refusal(&|draft| {
            draft.add_key(&root, Made::officer(Dialect::Notary, 5).1);
        }),
        DraftRefusal::OtherDialect { .. }
    ));
    assert!(matches!(
        refusal(&|draft| {
            draft.add_key(&root, Officer::ed25519(5).key().named(ids[0].clone()));
        }),
        DraftRefusal::KeyidTaken { .. }
    ));
}

#[test]
fn one_signature_serves_a_key_under_the_ids_of_both_versions() {
    let made = Made::new(Dialect::Tuf1);
    let root = RoleName::root();
    // The next version names the first two officers' keys by other ids.
    let mut signed = made.root.verified().signed().clone();
    signed.set("version", Value::number(2));
    let mut keyids = vec![made.officers[2].1.keyid().clone()];
    for (number, (_, key)) in made.officers[..2].iter().enumerate() {
        let name = format!("renamed-{number}");
        object_member(&mut signed, "keys").set(&name, key.raw().clone());
        keyids.push(KeyId::new(name));
    }
    object_member(object_member(&mut signed, "roles"), "root").set("keyids", keyids_value(&keyids));
    let frozen = Frozen::<Root>::from_bytes(&canonical(&signed.into()), Dialect::Tuf1, root).unwrap();
    let signatures = made.officers[..2]
        .iter()
        .map(|(officer, key)| officer.signs(key, &frozen))
        .collect();
    let complete = frozen.complete(Some(made.root.verified()), signatures).ok().unwrap();
    assert_eq!(complete.verified().signatures().len(), 4);
}

/// Root with a new targets key, targets and snapshot re-issued for it: three documents of one change.
fn targets_rotated(made: &Made) -> (Vec<AnyFrozen>, Officer, Key) {
    let officer = Officer::ed25519(40);
    let key = match made.dialect {
        Dialect::Tuf1 => officer.key(),
        Dialect::Notary => Key::new_notary_bare(&officer.public),
    };
    let mut root = RootDraft::next(made.root.verified());
    root.replace_keys(&RoleName::targets(), vec![key.clone()]);
    let current = read_file::<Targets>(made, "targets");
    let mut targets = TargetsDraft::next(&current, RoleName::targets());
    targets.set_expires(at("2028-01-01T00:00:00.123456789Z"));
    let frozen = vec![root.freeze().unwrap().into(), targets.freeze().unwrap().into()];
    (frozen, officer, key)
}

fn read_file<T: Document>(made: &Made, name: &str) -> Envelope<T> {
    crate::metadata::read::<T>(&made.shelf.0[name], made.dialect).unwrap()
}

#[test]
fn several_documents_of_one_change_are_completed_by_the_roots_that_speak_for_them() {
    for dialect in BOTH {
        let mut made = Made::new(dialect);
        let (frozen, officer, key) = targets_rotated(&made);
        let [root, targets] = <[AnyFrozen; 2]>::try_from(frozen).ok().unwrap();
        let after = root.as_root().unwrap().body().clone();
        let before = made.root.verified().clone();
        let speaks = |role: RoleName| Authority {
            keys: &after.keys,
            role: after.role(&role).unwrap(),
        };
        let root_signatures: Vec<Signature> = made.officers[..2]
            .iter()
            .map(|(officer, key)| officer.signs(key, root.as_root().unwrap()))
            .collect();
        let one = vec![root_signatures[0].clone()];
        let (root, missing) = root.complete(Some(&before), &[], one).err().unwrap();
        assert_eq!((missing.old.unwrap().ours, missing.new.ours), (1, 1));
        let root = root.complete(Some(&before), &[], root_signatures).ok().unwrap();
        // The old targets key, which the new root does not list, is nobody any more.
        let by_old = made.online.0.signs_any(&made.online.1, &targets);
        let (targets, missing) = targets
            .complete(None, &[speaks(RoleName::targets())], vec![by_old])
            .err()
            .unwrap();
        assert_eq!((missing.old, missing.new.ours), (None, 0));
        let targets = targets
            .clone()
            .complete(
                None,
                &[speaks(RoleName::targets())],
                vec![officer.signs_any(&key, &targets)],
            )
            .ok()
            .unwrap();
        let mut snapshot = SnapshotDraft::next(&read_file(&made, "snapshot"));
        snapshot.list(&root).list(&targets);
        let frozen: AnyFrozen = snapshot.freeze().unwrap().into();
        let by_online = made.online.0.signs_any(&made.online.1, &frozen);
        let own = [speaks(RoleName::snapshot())];
        let snapshot = frozen.complete(None, &own, vec![by_online]).ok().unwrap();
        let mut timestamp = TimestampDraft::next(&read_file(&made, "timestamp"));
        timestamp.set_snapshot(&snapshot.meta_entry());
        let frozen: AnyFrozen = timestamp.freeze().unwrap().into();
        let by_online = made.online.0.signs_any(&made.online.1, &frozen);
        let own = [speaks(RoleName::timestamp())];
        let timestamp = frozen.complete(None, &own, vec![by_online]).ok().unwrap();
        for document in [&root, &targets, &snapshot, &timestamp] {
            made.shelf.put(document.role().as_str(), document.file_bytes());
            made.shelf.put(
                &format!("{}.{}", document.version(), document.role()),
                document.file_bytes(),
            );
        }
        for anchor in ["1.root", "2.root"] {
            assert_eq!(made.verdict(anchor, NOW), "accept 2/2/2/2", "{dialect}");
        }
    }
}

#[test]
fn any_frozen_document_reads_back_as_its_kind() {
    for dialect in BOTH {
        let made = Made::new(dialect);
        let (mut documents, ..) = targets_rotated(&made);
        documents.push(
            SnapshotDraft::next(&read_file(&made, "snapshot"))
                .freeze()
                .unwrap()
                .into(),
        );
        documents.push(
            TimestampDraft::next(&read_file(&made, "timestamp"))
                .freeze()
                .unwrap()
                .into(),
        );
        for (place, frozen) in documents.iter().enumerate() {
            let again = AnyFrozen::from_bytes(frozen.bytes(), dialect, frozen.role().clone()).unwrap();
            assert_eq!(
                (again.digest(), again.version(), again.role()),
                (frozen.digest(), 2, frozen.role())
            );
            let other = documents[(place + 1) % documents.len()].role().clone();
            assert!(AnyFrozen::from_bytes(frozen.bytes(), dialect, other).is_err());
        }
    }
}

#[test]
fn notarys_documents_are_written_as_its_own_tools_write_them() {
    let made = Made::new(Dialect::Notary);
    let (frozen, ..) = targets_rotated(&made);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text(frozen[0].bytes()).contains(r#""_type":"Root""#));
    let targets = text(frozen[1].bytes());
    assert!(targets.contains(r#""expires":"2028-01-01T00:00:00.123456789Z""#) && !targets.contains("spec_version"));
    let mut snapshot = SnapshotDraft::next(&read_file(&made, "snapshot"));
    snapshot.list(&made.root.clone().into());
    let snapshot = snapshot.freeze().unwrap();
    let meta = snapshot.envelope().signed().get("meta").unwrap();
    let names: Vec<&str> = meta.as_object().unwrap().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["root", "targets"]);
    let root = meta.get("root").unwrap().as_object().unwrap();
    assert_eq!(
        root.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["hashes", "length"]
    );
    let sha256 = crate::encoding::base64(&crate::encoding::sha256(made.root.file_bytes()));
    let hashes = root.get("hashes").unwrap();
    assert_eq!(hashes.get("sha256"), Some(&Value::text(sha256)));
    assert!(hashes.get("sha512").is_some());
    // TUF 1.0's snapshot lists no root.
    let made = Made::new(Dialect::Tuf1);
    let mut snapshot = SnapshotDraft::next(&read_file(&made, "snapshot"));
    snapshot.list(&made.root.clone().into());
    assert!(!text(snapshot.freeze().unwrap().bytes()).contains("root.json"));
}

#[test]
fn replaced_keys_leave_and_one_that_stays_keeps_its_id() {
    for dialect in BOTH {
        let made = Made::new(dialect);
        let stays = made.online.1.clone();
        let renamed = match dialect {
            Dialect::Tuf1 => stays.clone().named(KeyId::new("another name")),
            Dialect::Notary => stays.clone(),
        };
        let joins = match dialect {
            Dialect::Tuf1 => Officer::ed25519(41).key(),
            Dialect::Notary => Key::new_notary_bare(&Officer::ed25519(41).public),
        };
        let mut draft = RootDraft::next(made.root.verified());
        draft.replace_keys(&RoleName::snapshot(), vec![renamed, joins.clone()]);
        let frozen = draft.freeze().unwrap();
        assert_eq!(
            frozen.body().snapshot.keyids,
            [stays.keyid().clone(), joins.keyid().clone()]
        );
        let mut draft = RootDraft::next(made.root.verified());
        draft.replace_keys(&RoleName::snapshot(), vec![joins.clone()]);
        assert_eq!(draft.freeze().unwrap().body().snapshot.keyids, [joins.keyid().clone()]);
        let mut draft = RootDraft::next(made.root.verified());
        draft.replace_keys(&RoleName::snapshot(), Vec::new());
        assert!(matches!(draft.freeze(), Err(DraftRefusal::TooFewKeys { .. })));
    }
}

#[test]
fn a_legacy_signature_by_an_old_root_certificate_lets_its_clients_skip_the_roots_between() {
    let mut made = Made::new(Dialect::Notary);
    let old = made
        .officers
        .iter()
        .map(|(_, key)| key.keyid().clone())
        .collect::<Vec<_>>();
    for step in 0..2u8 {
        let joining: Vec<(Officer, Key)> = (0..3)
            .map(|n| Made::officer(Dialect::Notary, 50 + 10 * step + n))
            .collect();
        let mut draft = RootDraft::next(made.root.verified());
        draft.replace_keys(&RoleName::root(), joining.iter().map(|(_, key)| key.clone()).collect());
        let frozen = draft.freeze().unwrap();
        let before = made.root.verified().clone();
        let mut signers: Vec<&(Officer, Key)> = made.officers[..2].iter().chain(&joining[..2]).collect();
        let first: Vec<(Officer, Key)> = (1..=2).map(|seed| Made::officer(Dialect::Notary, seed)).collect();
        if step == 1 {
            signers.extend(&first);
        }
        let stranger = Made::officer(Dialect::Notary, 99);
        signers.push(&stranger);
        let signatures = signers
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let complete = frozen.complete(Some(&before), signatures).ok().unwrap();
        let signed = |keyid: &KeyId| complete.verified().signatures().iter().any(|by| by.keyid == *keyid);
        assert!(!signed(stranger.1.keyid()));
        assert!(signed(&old[0]) && signed(&old[1]) && !signed(&old[2]));
        made.root = complete;
        made.put_root();
        made.publish(&[], u64::from(step) + 2);
        made.officers = joining;
    }
    let outcome = made.shelf.walk(made.input("1.root", NOW));
    assert!(outcome.accepted);
    assert_eq!(outcome.root_versions, [1, 3]);
}

#[test]
fn a_document_that_two_speak_for_is_complete_when_both_are_met_and_carries_what_each_needs() {
    for dialect in BOTH {
        let made = Made::new(dialect);
        let (frozen, officer, key) = targets_rotated(&made);
        let [root, targets] = <[AnyFrozen; 2]>::try_from(frozen).ok().unwrap();
        let (before, after) = (made.root.verified().body(), root.as_root().unwrap().body());
        let both = [after, before].map(|root| Authority {
            keys: &root.keys,
            role: &root.targets,
        });
        let by_new = officer.signs_any(&key, &targets);
        let by_old = made.online.0.signs_any(&made.online.1, &targets);
        let (targets, missing) = targets.complete(None, &both, vec![by_new.clone()]).err().unwrap();
        assert_eq!((missing.new.ours, missing.new.threshold), (0, 1), "{dialect}");
        let (targets, _) = targets.complete(None, &[], vec![by_new.clone()]).err().unwrap();
        let complete = targets.complete(None, &both, vec![by_old, by_new]).ok().unwrap();
        let AnyComplete::Targets(complete) = complete else {
            panic!("a targets document")
        };
        for root in [before, after] {
            let tally = Tally::of(complete.verified(), &root.keys, &root.targets);
            assert!(tally.is_met(), "{dialect}: clients of either root take it");
        }
    }
}

#[test]
fn delegations_are_put_in_another_order_and_bins_keep_their_keys() {
    let officer = Officer::ed25519(41);
    let key = officer.key();
    let role = |name: &str| DelegatedRole {
        name: RoleName::new(name).unwrap(),
        keys: RoleKeys {
            keyids: vec![key.keyid().clone()],
            threshold: 1,
        },
        paths: PathSet::Patterns(vec![format!("{name}/*")]),
        terminating: false,
    };
    let mut draft = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), at("2028-01-01T00:00:00Z"));
    for name in ["a", "b", "c"] {
        draft.add_delegation(&role(name), std::slice::from_ref(&key));
    }
    draft.place_delegation(&RoleName::new("c").unwrap(), 0);
    let order = |draft: &TargetsDraft| -> Vec<String> {
        let frozen = draft.freeze().unwrap();
        let delegations = frozen.body().delegations.clone().unwrap();
        delegations.roles.iter().map(|role| role.name.to_string()).collect()
    };
    assert_eq!(order(&draft), ["c", "a", "b"]);
    draft.place_delegation(&RoleName::new("nobody").unwrap(), 0);
    assert!(draft.freeze().is_err());

    let mut bins = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), at("2028-01-01T00:00:00Z"));
    let succinct = SuccinctRoles {
        keys: role("bin").keys,
        bits: 8,
        name_prefix: "bin".into(),
    };
    bins.set_succinct(&succinct, std::slice::from_ref(&key));
    let frozen = bins.freeze().unwrap();
    let delegations = frozen.body().delegations.as_ref().unwrap();
    assert_eq!(delegations.succinct.as_ref(), Some(&succinct));
    assert_eq!(delegations.keys.iter().count(), 1);
}

#[test]
fn a_role_is_left_without_enough_keys_only_when_that_is_said() {
    let made = Made::new(Dialect::Tuf1);
    let root = made.root.verified();
    let targets = RoleName::targets();
    let mut draft = RootDraft::next(root);
    draft.set_threshold(&targets, 3);
    assert!(matches!(draft.freeze(), Err(DraftRefusal::TooFewKeys { .. })));
    draft.leave_unusable(&targets);
    assert_eq!(draft.freeze().unwrap().body().targets.threshold, 3);
    let mut draft = RootDraft::next(root);
    draft
        .set_threshold(&RoleName::root(), 9)
        .leave_unusable(&RoleName::root());
    assert!(draft.freeze().is_err(), "root is never left so");
}

#[test]
fn a_key_that_root_lists_twice_joins_no_role_a_second_time() {
    let made = Made::new(Dialect::Tuf1);
    let (root, key) = (RoleName::root(), &made.officers[0].1);
    let mut signed = made.root.verified().signed().clone();
    // "0" comes before any hash.
    object_member(&mut signed, "keys").set("0", key.raw().clone());
    let before = Frozen::<Root>::from_bytes(&canonical(&signed.into()), Dialect::Tuf1, root.clone()).unwrap();
    let keyids = before.body().root.keyids.clone();
    let mut draft = RootDraft::next(before.envelope());
    assert_eq!(
        draft.add_key(&root, key.clone()).freeze().unwrap().body().root.keyids,
        keyids
    );
    let all = made.officers.iter().map(|(_, key)| key.clone()).collect();
    let mut draft = RootDraft::next(before.envelope());
    assert_eq!(
        draft.replace_keys(&root, all).freeze().unwrap().body().root.keyids,
        keyids
    );
    // A role that has it by neither id lists it once.
    let mut draft = RootDraft::next(before.envelope());
    draft
        .add_key(&RoleName::snapshot(), key.clone())
        .add_key(&RoleName::snapshot(), key.clone());
    assert_eq!(draft.freeze().unwrap().body().snapshot.keyids.len(), 2);
}
