//! Two documents whose signed bytes are not the same never pass for the same, whatever it is that differs.

use super::*;
use crate::dialect::Dialect;
use crate::json::compact;
use crate::key::Key;
use crate::metadata::{Document, Snapshot, Targets, Timestamp, read};
use crate::testing::{Officer, signed_by_hand, value};

fn document<T: Document>(text: &str, dialect: Dialect) -> Envelope<T> {
    read(&signed_by_hand(&value(text), &[]), dialect).unwrap()
}

/// What a difference tells, shortly.
fn shortly(told: impl std::fmt::Debug) -> String {
    let told = format!("{told:?}");
    let of = |mark: &str| Some(told.split_once(mark)?.1.split_once('"')?.0.to_owned());
    let kind = ["Added", "Removed", "Changed", "Joined", "Left"];
    let kind = kind.into_iter().find(|kind| told.contains(kind)).unwrap_or("other");
    let what = of("pointer: \"").or_else(|| of("KeyId(\""));
    format!("{kind} {}", what.unwrap_or_default())
}

/// A root with two keys, of which `roles` seat some, and a third that nobody could use.
fn root(keys: &[&str], root_keys: &str, more: &str) -> Envelope<Root> {
    let table = [
        ("a", Officer::ed25519(1).key()),
        ("b", Officer::ed25519(2).key()),
        ("spare", Officer::ed25519(3).key()),
    ];
    let mut listed: Vec<String> = table
        .iter()
        .filter(|(id, _)| keys.contains(id))
        .map(|(id, key)| format!(r#""{id}":{}"#, compact(key.raw())))
        .collect();
    listed.push(r#""odd":{"keytype":"odd","keyval":{"public":""},"scheme":"odd"}"#.to_owned());
    let role = |ids: &str| format!(r#"{{"keyids":[{ids}],"threshold":1}}"#);
    let other = role(r#""a""#);
    let text = format!(
        r#"{{"_type":"root","expires":"2030-01-01T00:00:00Z","keys":{{{}}},"roles":{{"root":{},"snapshot":{other},"targets":{other},
        "timestamp":{other}{more}}},"spec_version":"1.0","version":1}}"#,
        listed.join(","),
        role(root_keys),
    );
    document(&text, Dialect::Tuf1)
}

#[test]
fn no_root_passes_for_another_one() {
    let same = root(&["a", "b"], r#""a","b""#, "");
    let others = [
        (root(&["a", "b", "spare"], r#""a","b""#, ""), "Added /keys/spare"),
        (root(&["a", "b"], r#""b","a""#, ""), "Changed /roles/root/keyids"),
        (root(&["a", "b"], r#""a","b","a""#, ""), "Changed /roles/root/keyids"),
        (root(&["a", "b"], r#""a","b","odd""#, ""), "Joined odd"),
        (
            root(&["a", "b"], r#""a","b""#, r#","mirrors":{"keyids":[]}"#),
            "Added /roles/mirrors",
        ),
    ];
    for (other, expected) in &others {
        let told: Vec<String> = diff_roots(&same, other).iter().map(shortly).collect();
        assert_eq!(told, [*expected]);
        assert_eq!(diff_roots(other, &same).len(), 1, "{expected}");
        assert_eq!(diff_roots(other, other), []);
    }
    let mirrors = |content: &str| root(&["a", "b"], r#""a","b""#, &format!(r#","mirrors":{content}"#));
    for (one, other, expected) in [
        (
            r#"{"keyids":["a"]}"#,
            r#"{"keyids":["b"]}"#,
            "Changed /roles/mirrors/keyids",
        ),
        ("1", "2", "Changed /roles/mirrors"),
        ("1", "{}", "Changed /roles/mirrors"),
    ] {
        let told: Vec<String> = diff_roots(&mirrors(one), &mirrors(other)).iter().map(shortly).collect();
        assert_eq!(told, [expected]);
    }
    // An unusable key that joins one role more.
    let one = root(&["a", "b"], r#""a","odd""#, "");
    let both = compact(one.raw()).replace(r#""targets":{"keyids":["a"]"#, r#""targets":{"keyids":["a","odd"]"#);
    let both = read::<Root>(both.as_bytes(), Dialect::Tuf1).unwrap();
    assert_eq!(
        diff_roots(&one, &both).iter().map(shortly).collect::<Vec<_>>(),
        ["Joined odd"]
    );
    // The same said otherwise: no consistent snapshots, and a member in another order.
    let silent = compact(same.raw()).replace(r#""_type""#, r#""consistent_snapshot":false,"_type""#);
    let silent = read::<Root>(silent.as_bytes(), Dialect::Tuf1).unwrap();
    let told: Vec<String> = diff_roots(&same, &silent).iter().map(shortly).collect();
    assert_eq!(told, ["Added /consistent_snapshot"]);
    let with = |order: &str| {
        let text = compact(same.raw()).replace(r#""_type""#, &format!(r#""x":{order},"_type""#));
        read::<Root>(text.as_bytes(), Dialect::Tuf1).unwrap()
    };
    assert_eq!(diff_roots(&with(r#"{"a":1,"b":2}"#), &with(r#"{"b":2,"a":1}"#)), []);
}

#[test]
fn no_targets_document_passes_for_another_one() {
    let text = |dialect: Dialect, keys: &str, role: &str| {
        let (kind, spec) = match dialect {
            Dialect::Tuf1 => ("targets", r#""spec_version":"1.0","#),
            Dialect::Notary => ("Targets", ""),
        };
        let text = format!(
            r#"{{"_type":"{kind}","delegations":{{"keys":{{{keys}}},"roles":[{role}]}},"expires":"2030-01-01T00:00:00Z",{spec}
            "targets":{{}},"version":1}}"#
        );
        document::<Targets>(&text, dialect)
    };
    let listed = |id: &str, key: &Key| format!(r#""{id}":{}"#, compact(key.raw()));
    let a = listed("a", &Officer::ed25519(1).key());
    let b = listed("b", &Officer::ed25519(2).key());
    let role = |ids: &str, rest: &str| {
        format!(r#"{{"keyids":[{ids}],"name":"targets/one","paths":["*"],"threshold":1{rest}}}"#)
    };
    let both = format!("{a},{b}");
    for (dialect, one, other, expected) in [
        (
            Dialect::Tuf1,
            (&a, role(r#""a""#, "")),
            (&both, role(r#""a""#, "")),
            "Added /delegations/keys/b",
        ),
        (
            Dialect::Tuf1,
            (&a, role(r#""a""#, "")),
            (&a, role(r#""a","nobody's""#, "")),
            "Changed /delegations/roles/targets~1one/keyids",
        ),
        (
            Dialect::Tuf1,
            (&both, role(r#""a","b""#, "")),
            (&both, role(r#""b","a""#, "")),
            "Changed /delegations/roles/targets~1one/keyids",
        ),
        (
            Dialect::Tuf1,
            (&a, role(r#""a""#, "")),
            (&a, role(r#""a""#, r#","terminating":false"#)),
            "Changed /delegations",
        ),
        (
            Dialect::Notary,
            (&a, role(r#""a""#, "")),
            (&a, role(r#""a""#, r#","terminating":true"#)),
            "Added /delegations/roles/targets~1one/terminating",
        ),
    ] {
        let (one, other) = (text(dialect, one.0, &one.1), text(dialect, other.0, &other.1));
        let told: Vec<String> = diff_targets(&one, &other).iter().map(shortly).collect();
        assert_eq!(told, [expected]);
        assert_eq!(diff_targets(&other, &one).len(), 1, "{expected}");
        assert_eq!(diff_targets(&other, &other), []);
    }
}

#[test]
fn no_snapshot_or_timestamp_passes_for_another_one() {
    let digest = |letter: &str| letter.repeat(64);
    let snapshot = |hash: &str| {
        let text = format!(
            r#"{{"_type":"snapshot","expires":"2030-01-01T00:00:00Z","meta":{{"targets.json":{{"hashes":{{"sha256":"{hash}"}},
            "version":1}}}},"spec_version":"1.0","version":1}}"#
        );
        document::<Snapshot>(&text, Dialect::Tuf1)
    };
    let (small, large) = (snapshot(&digest("a")), snapshot(&digest("A")));
    let told: Vec<String> = diff_snapshots(&small, &large).iter().map(shortly).collect();
    assert_eq!(told, ["Changed /meta"]);
    // Notary's timestamps may name more than the snapshot.
    let timestamp = |root: &str| {
        let hashes = format!(
            r#"{{"hashes":{{"sha256":"{}"}},"length":1}}"#,
            crate::encoding::base64(&[7; 32])
        );
        let text = format!(
            r#"{{"_type":"Timestamp","expires":"2030-01-01T00:00:00Z","meta":{{"root":{root},"snapshot":{hashes}}},"version":1}}"#
        );
        document::<Timestamp>(&text, Dialect::Notary)
    };
    let (one, other) = (timestamp(r#"{"length":1}"#), timestamp(r#"{"length":2}"#));
    let told: Vec<String> = diff_timestamps(&one, &other).iter().map(shortly).collect();
    assert_eq!(told, ["Changed /meta/root"]);
    assert_eq!(diff_timestamps(&one, &one), []);
}
