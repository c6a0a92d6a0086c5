//! Entries and delegated roles found where they lie, against going through all of them.

use crate::dialect::Dialect;
use crate::json::compact;
use crate::metadata::{Envelope, Snapshot, Targets, read};
use crate::role::RoleName;
use crate::testing::{Officer, signed_by_hand, value};

fn targets(targets: &str, delegations: &str) -> Envelope<Targets> {
    let text = format!(
        r#"{{"_type":"targets","spec_version":"1.0.31","version":1,"expires":"2027-01-01T00:00:00Z","targets":{{{targets}}}{delegations}}}"#
    );
    read(&signed_by_hand(&value(&text), &[]), Dialect::Tuf1).unwrap()
}

#[test]
fn entries_are_found_by_name_whatever_is_in_it_and_come_in_the_order_of_their_names() {
    let names = [
        "", "\"", "\\", "\\\"", "a", "a\"", "a\\b", "a/b", "aa", "b", "é", "😀", "\n", "\u{1}x",
    ];
    let entry = |name: &str| {
        let digest = "00".repeat(32);
        format!(
            r#"{}:{{"length":{},"hashes":{{"sha256":"{digest}"}}}}"#,
            compact(&crate::json::Value::text(name)),
            name.len()
        )
    };
    let document = targets(&names.map(entry).join(","), "");
    let entries = &document.body().targets;
    let mut sorted = names;
    sorted.sort_unstable();
    assert_eq!(entries.keys().collect::<Vec<_>>(), sorted);
    assert_eq!(entries.len(), names.len());
    for name in names {
        assert_eq!(entries.get(name).unwrap().length, name.len() as u64, "{name:?}");
        assert!(entries.contains_key(name));
        for other in [format!("{name}\\"), format!("{name}0"), format!("\u{0}{name}")] {
            let is_there = names.contains(&other.as_str());
            assert_eq!(
                (entries.get(&other).is_some(), entries.contains_key(&other)),
                (is_there, is_there),
                "{other:?}"
            );
        }
    }
    let read: Vec<u64> = entries.iter().map(|(_, target)| target.length).collect();
    assert_eq!(read, sorted.map(|name| name.len() as u64));
}

#[test]
fn roles_of_a_snapshot_come_in_the_order_of_their_names_not_of_their_files() {
    // `-` is before the `.` of `.json`: files sort otherwise than roles.
    let text = r#"{"_type":"snapshot","spec_version":"1.0.31","version":1,"expires":"2027-01-01T00:00:00Z",
        "meta":{"a.json":{"version":1},"a-b.json":{"version":2},"a.json.json":{"version":3},"targets.json":{"version":4}}}"#;
    let document = read::<Snapshot>(&signed_by_hand(&value(text), &[]), Dialect::Tuf1).unwrap();
    let meta = &document.body().meta;
    let names: Vec<String> = meta.keys().map(|role| role.to_string()).collect();
    assert_eq!(names, ["a", "a-b", "a.json", "targets"]);
    let versions: Vec<Option<u64>> = names.iter().map(|name| meta.get(name).unwrap().version).collect();
    assert_eq!(versions, [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(meta.get("json"), None);
}

#[test]
fn a_name_is_found_among_names_of_any_length_however_they_are_written() {
    let plain: Vec<String> = (0..40).map(|longer| format!("é😀{}", "a".repeat(longer * 3))).collect();
    let written = |name: &str, at: usize| {
        let escaped = name
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect::<String>();
        let text = if at.is_multiple_of(2) { name } else { &escaped };
        format!(r#""{text}.json":{{"version":{}}}"#, at + 1)
    };
    let members: Vec<String> = plain.iter().enumerate().map(|(at, name)| written(name, at)).collect();
    let text = format!(
        r#"{{"signatures":[],"signed":{{"_type":"snapshot","spec_version":"1.0.31","version":1,"expires":"2027-01-01T00:00:00Z","meta":{{{}}}}}}}"#,
        members.join(",")
    );
    let document = read::<Snapshot>(text.as_bytes(), Dialect::Tuf1).unwrap();
    let meta = &document.body().meta;
    for (at, name) in plain.iter().enumerate() {
        assert_eq!(
            meta.get(name).and_then(|entry| entry.version),
            Some(at as u64 + 1),
            "{name}"
        );
        assert_eq!(meta.get(format!("{name}.")), None);
    }
}

#[test]
fn bins_found_by_digest_are_those_found_by_trying_each_in_the_same_order() {
    let key = Officer::ed25519(50).key();
    let id = key.keyid().as_str();
    let role = |name: &str, paths: &str| format!(r#"{{"keyids":["{id}"],"threshold":1,"name":"{name}",{paths}}}"#);
    let mut roles = vec![
        role("z-all", r#""path_hash_prefixes":[""]"#),
        role("none", r#""path_hash_prefixes":[]"#),
        role("odd", r#""path_hash_prefixes":["xyz","0 ","é"]"#),
        role(
            "long",
            &format!(
                r#""path_hash_prefixes":["{}"]"#,
                crate::encoding::hex(&crate::encoding::sha256(b"7"))
            ),
        ),
        role("pattern", r#""paths":["1*","*7"]"#),
    ];
    for bin in 0..64 {
        let (low, high) = (format!("{:02x}", bin * 4), format!("{:02X}", bin * 4 + 1));
        let third = format!("{:03x}", bin * 64 + 40);
        roles.insert(
            bin % 7,
            role(
                &format!("bin-{bin:02}"),
                &format!(r#""path_hash_prefixes":["{low}","{high}","{third}"]"#),
            ),
        );
    }
    let delegations = format!(
        r#","delegations":{{"keys":{{"{id}":{}}},"roles":[{}]}}"#,
        compact(key.raw()),
        roles.join(",")
    );
    let document = targets("", &delegations);
    let delegations = document.body().delegations.as_ref().unwrap();
    for path in (0..400).map(|number| number.to_string()) {
        let tried: Vec<_> = delegations
            .roles
            .iter()
            .filter(|role| role.paths.covers(&path))
            .collect();
        assert!(!tried.is_empty());
        assert_eq!(delegations.covering(&path), tried, "{path}");
    }
    for role in delegations.roles.iter() {
        assert_eq!(delegations.role(&role.name), Some(role));
    }
    assert_eq!(delegations.role(&RoleName::new("bin-64").unwrap()), None);
}
