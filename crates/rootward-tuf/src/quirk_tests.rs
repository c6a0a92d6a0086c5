//! What real metadata does and strict readers trip on, in documents of our own making, one after the other in one chain.

mod notary;

use crate::dialect::Dialect;
use crate::encoding::{hex, sha256};
use crate::finding::Code;
use crate::json::{Object, Value};
use crate::key::{Key, KeyId};
use crate::metadata::{Root, read};
use crate::role::RoleName;
use crate::testing::{Officer, Shelf, at, keyid, signed_by_hand, told, value};
use crate::verify::{SignatureOutcome, Tally};
use crate::walk::WalkInput;

const NOW: &str = "2026-06-01T00:00:00Z";

/// A key object with the id that the whole of it hashes to.
fn hashed(object: &str) -> (String, Value) {
    let object = value(object);
    (hex(&sha256(&crate::canonical(&object))), object)
}

fn hex_key(officer: &Officer) -> (String, Value) {
    hashed(&format!(
        r#"{{"keyid_hash_algorithms":["sha256","sha512"],"keytype":"ecdsa-sha2-nistp256",
        "keyval":{{"public":"{}"}},"scheme":"ecdsa-sha2-nistp256"}}"#,
        officer.hex_point()
    ))
}

fn pem_key(officer: &Officer, keytype: &str, more: &str) -> (String, Value) {
    let pem = officer.public.spki_pem().replace('\n', "\\n");
    hashed(&format!(
        r#"{{"keytype":"{keytype}","keyval":{{"public":"{pem}"}},"scheme":"ecdsa-sha2-nistp256"{more}}}"#
    ))
}

/// A root whose four roles share `keys`, with a threshold of 2.
fn root(version: u64, expires: &str, consistent: bool, keys: &[(String, Value)]) -> Value {
    let ids: Vec<String> = keys.iter().map(|(id, _)| format!("{id:?}")).collect();
    let role = format!(r#"{{"keyids":[{}],"threshold":2}}"#, ids.join(","));
    let mut signed = value(&format!(
        r#"{{"_type":"root","spec_version":"1.0","version":{version},"expires":"{expires}","consistent_snapshot":{consistent},
        "keys":{{}},"roles":{{"root":{role},"targets":{role},"snapshot":{role},"timestamp":{role}}}}}"#
    ));
    if let Value::Object(signed) = &mut signed {
        signed.set("keys", Value::Object(keys.iter().cloned().collect::<Object>()));
    }
    signed
}

fn ids(keys: &[(String, Value)]) -> Vec<&str> {
    keys.iter().map(|(id, _)| id.as_str()).collect()
}

/// Six roots, each with the oddities of a stretch of Sigstore's history, and the documents below the last.
fn chain() -> (Shelf, Vec<Officer>) {
    let officers: Vec<Officer> = (1..=3).map(Officer::p256).collect();
    let [one, two, three] = &officers[..] else {
        unreachable!("three officers")
    };
    let mut shelf = Shelf::default();
    let mut put = |version: u64, signed: &Value, signers: &[(&str, Option<&Officer>)]| {
        shelf.put(&format!("{version}.root"), &signed_by_hand(signed, signers));
    };
    // 1: keys as bare points in hexadecimal, expiry with an offset and a fraction.
    let points: Vec<(String, Value)> = officers.iter().map(hex_key).collect();
    let p = ids(&points);
    put(
        1,
        &root(1, "2021-12-18T13:28:12.99008-06:00", false, &points),
        &[(p[0], Some(one)), (p[1], Some(two))],
    );
    // 2: expiry with nanoseconds.
    put(
        2,
        &root(2, "2022-05-11T19:09:02.663975009Z", false, &points),
        &[(p[1], Some(two)), (p[2], Some(three))],
    );
    // 3: the same keys in PEM under new ids; the old ids' signatures are in the file too.
    let pems: Vec<(String, Value)> = officers
        .iter()
        .map(|officer| pem_key(officer, "ecdsa-sha2-nistp256", ""))
        .collect();
    let q = ids(&pems);
    let both = [
        (q[0], Some(one)),
        (q[1], Some(two)),
        (p[0], Some(one)),
        (p[1], Some(two)),
    ];
    put(3, &root(3, "2023-01-01T00:00:00Z", true, &pems), &both);
    // 4: key type `ecdsa`; one id is no hash of its key; some keys with `keyid_hash_algorithms`, some without.
    let mut mixed: Vec<(String, Value)> = vec![
        pem_key(one, "ecdsa", r#","keyid_hash_algorithms":["sha256","sha512"]"#),
        pem_key(two, "ecdsa", r#","x-tuf-on-ci-keyowner":"@officer_2""#),
        pem_key(three, "ecdsa", ""),
    ];
    mixed[2].0 = "0123456789abcdef".repeat(4);
    let m = ids(&mixed);
    let renamed = [
        (q[0], Some(one)),
        (q[2], Some(three)),
        (m[0], Some(one)),
        (m[2], Some(three)),
    ];
    put(4, &root(4, "2024-01-01T00:00:00Z", true, &mixed), &renamed);
    // 5: a signer who has not signed.
    let empty = [(m[0], Some(one)), (m[1], None), (m[2], Some(three))];
    put(5, &root(5, "2036-01-01T00:00:00Z", true, &mixed), &empty);
    let good = [(m[0], Some(one)), (m[1], Some(two))];
    let entry = |version: u64| format!(r#"{{"version":{version}}}"#);
    let timestamp = format!(
        r#"{{"_type":"timestamp","spec_version":"1.0","version":9,"expires":"2027-01-01T00:00:00Z",
        "meta":{{"snapshot.json":{}}}}}"#,
        entry(7)
    );
    shelf.put("timestamp", &signed_by_hand(&value(&timestamp), &good));
    let snapshot = format!(
        r#"{{"_type":"snapshot","spec_version":"1.0","version":7,"expires":"2036-01-01T00:00:00Z",
        "meta":{{"targets.json":{},"names.with.dots.json":{}}}}}"#,
        entry(4),
        entry(2)
    );
    shelf.put("7.snapshot", &signed_by_hand(&value(&snapshot), &good));
    let (delegate, delegate_key) = (Officer::ed25519(8), Officer::ed25519(8).key());
    let mut keys = Object::new();
    keys.set(delegate_key.keyid().as_str(), delegate_key.raw().clone());
    let mut targets = value(&format!(
        r#"{{"_type":"targets","spec_version":"1.0","version":4,"expires":"2036-01-01T00:00:00Z","targets":{{}},
        "delegations":{{"keys":{{}},"roles":[{{"keyids":["{}"],"name":"names.with.dots","paths":["names.with.dots/*"],
        "terminating":true,"threshold":1}}]}}}}"#,
        delegate_key.keyid()
    ));
    if let Value::Object(targets) = &mut targets
        && let Some(Value::Object(delegations)) = targets.get_mut("delegations")
    {
        delegations.set("keys", keys.into());
    }
    shelf.put("4.targets", &signed_by_hand(&targets, &good));
    let dotted =
        r#"{"_type":"targets","spec_version":"1.0.31","version":2,"expires":"2036-01-01T00:00:00Z","targets":{}}"#;
    let signer = [(delegate_key.keyid().as_str(), Some(&delegate))];
    shelf.put("2.names.with.dots", &signed_by_hand(&value(dotted), &signer));
    (shelf, officers)
}

#[test]
fn a_chain_of_odd_roots_is_walked_from_each_of_them() {
    let (shelf, _) = chain();
    for first in 1..=5u64 {
        let outcome = shelf.walk(shelf.input(Dialect::Tuf1, &format!("{first}.root"), NOW));
        assert_eq!(told(&outcome), "accept 5/9/7/4 names.with.dots 2");
        assert_eq!(outcome.root_versions, (first..=5).collect::<Vec<u64>>());
        let codes: Vec<Code> = outcome.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::KeyidNotHash], "{:?}", outcome.findings);
    }
}

#[test]
fn a_fraction_and_an_offset_count_in_the_moment_a_root_expires() {
    let (mut shelf, _) = chain();
    shelf.0.retain(|name, _| name == "1.root");
    let verdict = |clock: &str| told(&shelf.walk(shelf.input(Dialect::Tuf1, "1.root", clock)));
    assert_eq!(
        verdict("2021-12-18T19:28:12.99007Z"),
        "refuse 1/-/-/- timestamp:missing"
    );
    assert_eq!(verdict("2021-12-18T19:28:12.99008Z"), "refuse 1/-/-/- root:expired");
}

#[test]
fn signatures_that_are_empty_or_by_unknown_ids_are_no_more_than_absent() {
    let (shelf, _) = chain();
    let tally = |name: &str| {
        let root = read::<Root>(&shelf.0[name], Dialect::Tuf1).unwrap();
        Tally::of(&root, &root.body().keys, &root.body().root)
    };
    let outcomes = |name: &str| {
        tally(name)
            .entries
            .into_iter()
            .map(|entry| entry.outcome)
            .collect::<Vec<_>>()
    };
    use SignatureOutcome::{Counted, Empty, UnknownKey};
    assert_eq!(outcomes("3.root"), [Counted, Counted, UnknownKey, UnknownKey]);
    assert_eq!(outcomes("5.root"), [Counted, Empty, Counted]);
    assert_eq!(
        (tally("5.root").ours, tally("5.root").clients, tally("5.root").keys),
        (2, 2, 3)
    );
}

#[test]
fn a_point_and_pem_are_the_same_key_and_other_spellings_are_refused() {
    let officer = Officer::p256(1);
    let physical = |(id, object): (String, Value)| Key::read(KeyId::new(id), &object, Dialect::Tuf1).physical();
    let same = [
        hex_key(&officer),
        pem_key(&officer, "ecdsa", ""),
        pem_key(
            &officer,
            "ecdsa-sha2-nistp256",
            r#","keyid_hash_algorithms":["sha256"]"#,
        ),
    ];
    for key in same {
        assert_eq!(physical(key), Some(officer.public.physical()));
    }
    // The compressed point is the same key; one that is on no curve is none.
    let point = officer.hex_point();
    let odd = u8::from_str_radix(&point[128..], 16).unwrap() & 1;
    let spelled = |public: &str| {
        hashed(&format!(
            r#"{{"keytype":"ecdsa","keyval":{{"public":"{public}"}},"scheme":"ecdsa-sha2-nistp256"}}"#
        ))
    };
    assert_eq!(
        physical(spelled(&format!("0{}{}", 2 + odd, &point[2..66]))),
        Some(officer.public.physical())
    );
    let off_curve = format!("{}00", &point[..128]);
    for public in ["", "04", &point[2..], &off_curve, "-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(physical(spelled(public)), None, "{public}");
    }
}

#[test]
fn the_four_ways_to_hash_a_key_are_known_and_a_fifth_is_told() {
    let officer = Officer::ed25519(1);
    let public = hex(officer.public.ed25519_bytes().unwrap());
    let keyval = format!(r#""keytype":"ed25519","keyval":{{"public":"{public}"}}"#);
    let whole = format!(
        r#"{{{keyval},"scheme":"ed25519","keyid_hash_algorithms":["sha256","sha512"],"x-tuf-on-ci-keyowner":"@officer_1"}}"#
    );
    let forms = [
        whole.clone(),
        format!(r#"{{{keyval},"scheme":"ed25519"}}"#),
        format!(r#"{{{keyval},"scheme":"ed25519","keyid_hash_algorithms":["sha256","sha512"]}}"#),
        format!("{{{keyval}}}"),
    ];
    let key = |form: &str| Key::read(KeyId::new(hashed(form).0), &value(&whole), Dialect::Tuf1);
    for form in &forms {
        assert!(key(form).id_is_hash(), "{form}");
        assert_eq!(key(form).owner_name().as_deref(), Some("@officer_1"));
    }
    assert!(!key(&format!(r#"{{{keyval},"scheme":"other"}}"#)).id_is_hash());
    assert!(key(&format!(r#"{{{keyval},"scheme":"other"}}"#)).physical().is_some());
}

#[test]
fn a_key_under_two_ids_counts_once_for_us_and_twice_for_clients() {
    let officer = Officer::p256(1);
    let keys = [hex_key(&officer), pem_key(&officer, "ecdsa", "")];
    let id = ids(&keys);
    let signed = root(1, "2036-01-01T00:00:00Z", false, &keys);
    let file = signed_by_hand(
        &signed,
        &[
            (id[0], Some(&officer)),
            (id[1], Some(&officer)),
            (id[0], Some(&officer)),
        ],
    );
    let root = read::<Root>(&file, Dialect::Tuf1).unwrap();
    let tally = Tally::of(&root, &root.body().keys, &root.body().root);
    assert_eq!((tally.ours, tally.clients, tally.keys), (1, 2, 1));
    assert!(tally.is_met_for_clients() && !tally.is_met_by_ours());
    assert_eq!(tally.one_key_twice(&RoleName::root()).unwrap().code, Code::OneKeyTwice);
    assert_eq!(tally.entries[2].outcome, SignatureOutcome::Repeated);
    let refusal = |file: Vec<u8>| {
        let walker = crate::walk::Walker::begin(WalkInput::new(Dialect::Tuf1, file, at(NOW)));
        walker.err().unwrap().finding.code
    };
    let once = signed_by_hand(&signed, &[(id[0], Some(&officer)), (id[1], Some(&officer))]);
    assert_eq!(refusal(once), Code::UnderThreshold);
    // TUF 4.2.1: whatever they count to, a keyid stands once among the signatures.
    assert_eq!(refusal(file), Code::Unreadable);
}

#[test]
fn two_keys_under_one_id_and_other_specifications_are_refused() {
    let (shelf, _) = chain();
    let text = String::from_utf8(shelf.0["1.root"].clone()).unwrap();
    let refused = |edited: String, expected: &str| {
        assert_ne!(edited, text);
        let error = read::<Root>(edited.as_bytes(), Dialect::Tuf1).err().unwrap();
        assert!(error.expected().contains(expected), "{error}");
    };
    let ids: Vec<&str> = text.split('"').filter(|word| word.len() == 64).collect();
    let first = ids[0];
    let other = ids.iter().find(|id| **id != first).unwrap();
    let keys = text.find("\"keys\"").unwrap();
    refused(
        format!("{}{}", &text[..keys], text[keys..].replacen(other, first, 1)),
        "each member once",
    );
    refused(
        text.replace(r#""spec_version": "1.0""#, r#""spec_version": "2.0""#),
        "1.x",
    );
    refused(text.replace(r#""spec_version": "1.0","#, ""), "a member of that name");
    refused(text.replace(r#""_type": "root""#, r#""_type": "Root""#), "\"root\"");
    refused(text.replace(r#""threshold": 2"#, r#""threshold": 0"#), "at least 1");
    refused(text.replace("2021-12-18T", "2021-13-18T"), "a date and time");
}

#[test]
fn later_minor_specifications_are_read_and_other_major_ones_are_not() {
    let (shelf, _) = chain();
    let text = String::from_utf8(shelf.0["1.root"].clone()).unwrap();
    let of = |version: &str| {
        let edited = text.replace(r#""spec_version": "1.0""#, &format!(r#""spec_version": "{version}""#));
        read::<Root>(edited.as_bytes(), Dialect::Tuf1).is_ok()
    };
    for version in ["1", "1.0", "1.0.34", "1.7.99", "1.100.0"] {
        assert!(of(version), "{version}");
    }
    for version in ["", "0.9", "2.0", "2", "10.0", "11", " 1.0", "one"] {
        assert!(!of(version), "{version}");
    }
}

#[test]
fn ten_keys_on_p384_of_which_two_must_sign_are_counted_as_others_are() {
    let officers: Vec<Officer> = (1..=10).map(Officer::p384).collect();
    let keys: Vec<Key> = officers.iter().map(Officer::key).collect();
    assert!(keys.iter().all(|key| key.scheme() == "ecdsa-sha2-nistp384"));
    let listed: Vec<(String, Value)> = keys
        .iter()
        .map(|key| (key.keyid().to_string(), key.raw().clone()))
        .collect();
    let signed = root(1, "2036-01-01T00:00:00Z", true, &listed);
    let id = ids(&listed);
    let tally = |signers: &[usize]| {
        let signers: Vec<_> = signers
            .iter()
            .map(|place| (id[*place], Some(&officers[*place])))
            .collect();
        let root = read::<Root>(&signed_by_hand(&signed, &signers), Dialect::Tuf1).unwrap();
        Tally::of(&root, &root.body().keys, &root.body().root)
    };
    assert!(tally(&[3, 8]).is_met() && !tally(&[3]).is_met() && !tally(&[3, 3]).is_met());
    assert_eq!(tally(&[0]).keys, 10);
    // A signature under another's name is no signature.
    let root = read::<Root>(&signed_by_hand(&signed, &[(id[0], Some(&officers[1]))]), Dialect::Tuf1).unwrap();
    let tally = Tally::of(&root, &root.body().keys, &root.body().root);
    assert_eq!(tally.entries[0].outcome, SignatureOutcome::BadSignature);
}

#[test]
fn unknown_key_types_stay_listed_and_cannot_sign() {
    let officers: Vec<Officer> = (1..=2).map(Officer::p256).collect();
    let mut keys: Vec<(String, Value)> = officers.iter().map(hex_key).collect();
    keys.push(hashed(
        r#"{"keytype":"sigstore-oidc","keyval":{"identity":"x","issuer":"y"},"scheme":"Fulcio"}"#,
    ));
    let id = ids(&keys);
    let signed = root(1, "2036-01-01T00:00:00Z", false, &keys);
    let signers = [
        (id[0], Some(&officers[0])),
        (id[2], Some(&officers[0])),
        (id[1], Some(&officers[1])),
    ];
    let root = read::<Root>(&signed_by_hand(&signed, &signers), Dialect::Tuf1).unwrap();
    let tally = Tally::of(&root, &root.body().keys, &root.body().root);
    assert_eq!((tally.ours, tally.keys), (2, 2));
    assert!(matches!(tally.entries[1].outcome, SignatureOutcome::UnusableKey(_)));
    assert!(root.body().keys.get(&keyid(id[2])).is_some());
}
