//! Whatever changes, the next version is what decoding, changing and writing everything anew would give, laid out as before.

use super::*;
use crate::canonical::canonical;
use crate::json;
use crate::metadata::{DelegatedRole, PathSet, Target, read};
use crate::testing::{LATER, Made, Officer, at, signed_by_hand, value};

/// A document with what only others write, indented or on one line.
fn before(lines: bool) -> Envelope<Targets> {
    let text = r#"{"version":7,"x-unknown":{"b":[1,"\u00e9\n",null],"a":123456789012345678901234567890},"_type":"targets",
        "expires":"2027-01-01T00:00:00Z","spec_version":"1.0.31",
        "targets":{"m":{"length":1,"hashes":{"sha256":"HEX","x-hash":"ab"},"x-note":"kept"},
        "b":{"length":2,"hashes":{"sha256":"HEX"},"custom":{"z":1,"a":[]}},"a\"\\\u0041":{"length":3,"hashes":{"sha256":"HEX"}}}}"#;
    let signed = value(&text.replace("HEX", &"0a".repeat(32)));
    let file = signed_by_hand(&signed, &[]);
    let file = if lines {
        file
    } else {
        json::compact(&value(std::str::from_utf8(&file).unwrap())).into_bytes()
    };
    read(&file, Dialect::Tuf1).unwrap()
}

#[test]
fn every_change_of_targets_gives_what_writing_everything_anew_gives() {
    let document = before(true);
    let paths = ["", "a", "a\"\\A", "b", "c", "m", "n", "é\u{1}"];
    // Every path is left alone, removed, or put in place of what was there.
    for choice in 0..3_usize.pow(paths.len() as u32) {
        let mut draft = TargetsDraft::next(&document, RoleName::targets());
        let mut signed = document.signed().clone();
        signed.set("version", Value::number(8));
        let targets = object_member(&mut signed, "targets");
        for (place, path) in paths.iter().enumerate() {
            match choice / 3_usize.pow(place as u32) % 3 {
                0 => continue,
                1 => drop((draft.remove_target(path), targets.remove(path))),
                _ => {
                    let target = Target::of(path.as_bytes());
                    draft.add_target(path, &target);
                    let mut entry = Object::new();
                    entry.set("hashes", target.hashes.to_value(Dialect::Tuf1));
                    entry.set("length", Value::number(target.length));
                    targets.set(path, entry.into());
                }
            };
        }
        let frozen = draft.freeze().unwrap();
        let expected = canonical(&signed.into());
        assert!(
            frozen.bytes() == expected,
            "{}",
            String::from_utf8_lossy(frozen.bytes())
        );
    }
}

#[test]
fn a_file_is_laid_out_as_its_predecessor_and_frozen_bytes_read_back_give_the_same_file() {
    let made = Made::new(Dialect::Tuf1);
    let root = made.root.verified().body();
    for lines in [true, false] {
        let document = before(lines);
        let frozen = TargetsDraft::next(&document, RoleName::targets()).freeze().unwrap();
        let again = Frozen::<Targets>::from_bytes(frozen.bytes(), Dialect::Tuf1, RoleName::targets()).unwrap();
        let again = again.laid_out_like(document.file_bytes());
        let signature = made.online.0.signs(&made.online.1, &frozen);
        let files: Vec<Vec<u8>> = [frozen, again]
            .map(|frozen| {
                let complete = frozen.complete(&root.keys, &root.targets, vec![signature.clone()]);
                let complete = complete.ok().expect("the online key signed");
                let read = read::<Targets>(complete.file_bytes(), Dialect::Tuf1).unwrap();
                assert_eq!(read.signed_bytes(), complete.verified().signed_bytes());
                assert_eq!(read.signatures(), complete.verified().signatures());
                assert_eq!(read.body(), complete.verified().body());
                complete.file_bytes().to_vec()
            })
            .to_vec();
        assert_eq!(files[0], files[1]);
        assert_eq!(files[0].contains(&b'\n'), lines);
    }
}

#[test]
fn what_a_signature_says_of_itself_counts_only_as_the_file_says_it() {
    let made = Made::new(Dialect::Tuf1);
    let root = made.root.verified().body();
    let frozen = TargetsDraft::next(&before(false), RoleName::targets())
        .freeze()
        .unwrap();
    // Good bytes beside a text that says others: the text is what would be published.
    let lying = Signature {
        text: "00".repeat(64),
        ..made.online.0.signs(&made.online.1, &frozen)
    };
    assert!(frozen.check(&made.online.1, &lying).is_ok());
    assert!(frozen.complete(&root.keys, &root.targets, vec![lying]).is_err());
}

#[test]
fn delegations_come_and_go_and_their_keys_with_them() {
    let document = before(false);
    let (one, two) = (Officer::ed25519(30).key(), Officer::ed25519(31).key());
    let role = |name: &str, key: &Key| DelegatedRole {
        name: RoleName::new(name).unwrap(),
        keys: RoleKeys {
            keyids: vec![key.keyid().clone()],
            threshold: 1,
        },
        paths: PathSet::Patterns(vec!["*".to_owned()]),
        terminating: false,
    };
    let mut draft = TargetsDraft::next(&document, RoleName::targets());
    draft.add_delegation(&role("one", &one), std::slice::from_ref(&one));
    draft.add_delegation(&role("two", &two), std::slice::from_ref(&two));
    let frozen = draft.freeze().unwrap();
    let listed = |frozen: &Frozen<Targets>| {
        let delegations = frozen.body().delegations.clone().unwrap();
        let names: Vec<String> = delegations.roles.iter().map(|role| role.name.to_string()).collect();
        (names, delegations.keys.len())
    };
    assert_eq!(listed(&frozen), (vec!["one".to_owned(), "two".to_owned()], 2));
    let mut draft = TargetsDraft::next(frozen.envelope(), RoleName::targets());
    draft.remove_delegation(&RoleName::new("one").unwrap());
    draft.add_delegation(&role("two", &one), &[one]);
    let frozen = draft.set_expires(at(LATER)).freeze().unwrap();
    assert_eq!(listed(&frozen), (vec!["two".to_owned()], 1));
    assert_eq!(frozen.version(), 9);
    draft.remove_delegation(&RoleName::new("one").unwrap());
    assert!(matches!(draft.freeze(), Err(DraftRefusal::NoSuchRole { .. })));
}
