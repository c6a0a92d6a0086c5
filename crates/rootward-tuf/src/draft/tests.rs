//! What a draft may become, and what it takes to be complete.

use super::*;
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
    let before = Frozen::<Root>::freeze(signed, Dialect::Tuf1, RoleName::root()).unwrap();
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
    let frozen = Frozen::<Root>::freeze(signed, Dialect::Tuf1, root).unwrap();
    let signatures = made.officers[..2]
        .iter()
        .map(|(officer, key)| officer.signs(key, &frozen))
        .collect();
    let complete = frozen.complete(Some(made.root.verified()), signatures).ok().unwrap();
    assert_eq!(complete.verified().signatures().len(), 4);
}
