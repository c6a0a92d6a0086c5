//! The record of a ceremony on another machine: a transcript that is computed again, a witness who looks for themselves, and
//! evidence that is checked by nothing but Python and openssl.

use crate::{PASSPHRASE, World, ctl, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::evidence::Unpacked;
use serde_json::Value;
use std::fs;
use std::path::Path;

const NOW: &str = "2029-01-01T00:00:00Z";

#[test]
fn a_transcript_is_computed_again_without_a_desk_and_a_cut_off_end_is_found_by_the_head() {
    let held = Held::new();
    let told = held.verify(&[]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(
        told.out.contains("consistent") && told.out.contains("end not proven"),
        "{told:?}"
    );
    let told = held.verify(&["--head", &held.head, "--root", &held.world.root, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!((&report["end"], &report["trusted_from"]), (&"proven".into(), &1.into()));
    assert_eq!(report["ceremony"]["state"], "published");
    held.edit(|transcript| {
        let lines = transcript["journal"].as_array_mut().unwrap();
        lines.pop();
        let last: Value = serde_json::from_str(lines.last().unwrap().as_str().unwrap()).unwrap();
        transcript["head"] = last["hash"].clone();
    });
    assert_eq!(held.verify(&[]).code, 0, "consistent in itself");
    let told = held.verify(&["--head", &held.head, "--json"]);
    assert_eq!(told.code, 1, "{told:?}");
    let report = told.json();
    assert_eq!(
        (&report["consistent"], &report["failure"]["code"]),
        (&false.into(), &"transcript-cut-off".into())
    );
}

#[test]
fn an_altered_transcript_another_root_and_a_missing_file_are_told_apart() {
    let held = Held::new();
    let other = world();
    refuses(&held.verify(&["--root", &other.root]), 1, "transcript-unproven");
    refuses(&held.verify(&["--head", "12"]), 2, "bad-usage");
    let missing = ctl().run(["transcript", "verify", "no-such.transcript"]);
    refuses(&missing, 2, "metadata-not-found");
    held.edit(|transcript| {
        let line = transcript["journal"][2]
            .as_str()
            .unwrap()
            .replace("rootwardctl", "somebody else");
        transcript["journal"][2] = line.into();
    });
    refuses(&held.verify(&[]), 1, "transcript-broken");
}

#[test]
fn a_witness_on_another_machine_meets_the_root_and_signs_what_they_saw() {
    let held = Held::new();
    let witness = ctl().with_secret(held.world.key("officer_5"), PASSPHRASE);
    let key = held.world.key("officer_5");
    let (plain, signed) = (held.path("plain.json"), held.path("witness.json"));
    let unanchored = held.witness(&witness, &["--out", &plain]);
    refuses(&unanchored, 2, "no-anchor");
    let told = held.witness(
        &witness,
        &["--root", &held.world.root, "--head", &held.head, "--out", &plain],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let told = held.witness(
        &witness,
        &["--root", &held.world.root, "--key", &key, "--out", &signed, "--json"],
    );
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.json()["met"][0]["role"], "root");
    let told = held.verify(&["--testimony", &plain, "--testimony", &signed, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let heard = &told.json()["testimonies"];
    assert_eq!(
        (&heard[0]["physical_key"], &heard[1]["listed"]),
        (&Value::Null, &false.into())
    );
    assert!(heard[1]["source"].as_str().is_some());
    let other = Held::new();
    refuses(&other.verify(&["--testimony", &signed]), 1, "testimony-refused");
    let mut envelope = fs::read(&signed).unwrap();
    let middle = envelope.len() / 2;
    envelope[middle] ^= 1;
    fs::write(&signed, envelope).unwrap();
    refuses(&held.verify(&["--testimony", &signed]), 1, "testimony-refused");
}

#[test]
fn a_witness_who_is_shown_something_else_testifies_to_nothing() {
    let held = Held::new();
    let out = held.path("witness.json");
    fs::remove_file(held.world.file("2.root.json")).unwrap();
    let told = held.witness(&ctl(), &["--root", &held.world.root, "--out", &out]);
    refuses(&told, 1, "witness-refused");
    let stranger = world();
    let told = held.witness(&ctl(), &["--root", &stranger.root, "--out", &out]);
    refuses(&told, 1, "transcript-unproven");
    assert!(!Path::new(&out).exists());
}

#[test]
fn an_officer_stands_by_a_transcript_and_the_ledger_knows() {
    let held = Held::new();
    let out = held.path("officer.json");
    let told = held.starter.run([
        "transcript",
        "sign",
        &held.path("c.transcript"),
        "--key",
        &held.world.key("officer_1"),
        "--head",
        &held.head,
        "--out",
        &out,
        "--json",
        "--at",
        NOW,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = held.verify(&["--testimony", &out, "--json"]);
    assert_eq!(told.json()["testimonies"][0]["listed"], true, "{told:?}");
    let ledger = fs::read_to_string(held.starter.data().join("ledger.jsonl")).unwrap();
    assert!(ledger.lines().last().unwrap().contains("\"testified\""), "{ledger}");
}

#[test]
fn evidence_is_checked_by_python_and_openssl_alone_and_any_altered_file_is_refused() {
    let held = Held::new();
    let key = held.world.key("officer_5");
    let witness = ctl().with_secret(key.clone(), PASSPHRASE);
    let testimony = held.path("witness.json");
    let told = held.witness(
        &witness,
        &["--root", &held.world.root, "--key", &key, "--out", &testimony],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let pack = held.path("evidence.zip");
    for _ in 0..2 {
        let told = held.starter.run([
            "ceremony",
            "evidence",
            &held.ceremony,
            "--with",
            &testimony,
            "--out",
            &pack,
            "--at",
            NOW,
        ]);
        assert_eq!(told.code, 0, "{told:?}");
    }
    let unpacked = Unpacked::of(Path::new(&pack), &held.ceremony);
    let good = unpacked.check(&["--head", &held.head]);
    assert!(good.0, "{}", good.1);
    assert!(good.1.contains("holds") && good.1.contains("testimony"), "{}", good.1);
    assert!(!unpacked.check(&["--head", &"0".repeat(64)]).0);
    // Whoever alters a file mends the sums as well.
    for (name, from, to) in [
        ("ceremony.transcript", "rootwardctl", "rootwardct1"),
        ("testimonies/01-witness.json", "\"sig\":\"", "\"sig\":\"AAAA"),
    ] {
        let altered = Unpacked::of(Path::new(&pack), &held.ceremony);
        let path = altered.folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{name}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        assert!(!altered.check(&[]).0, "{name}: the sums");
        altered.mend_sums();
        let told = altered.check(&[]);
        assert!(!told.0 && told.1.contains("REFUSED"), "{name}: {}", told.1);
    }
}

#[test]
fn the_script_finds_what_a_knowing_hand_alters_and_chains_anew() {
    let held = Held::new();
    let pack = held.path("evidence.zip");
    let told = held
        .starter
        .run(["ceremony", "evidence", &held.ceremony, "--out", &pack, "--at", NOW]);
    assert_eq!(told.code, 0, "{told:?}");
    for (what, edit) in KNOWING {
        let altered = Unpacked::of(Path::new(&pack), &held.ceremony);
        altered.chain_anew(edit);
        altered.mend_sums();
        let (held, told) = altered.check(&[]);
        assert_eq!(held, what.is_empty(), "{what}: {told}");
    }
}

#[test]
fn the_script_counts_delegated_signatures_and_first_documents_as_well() {
    let world = world();
    let desk = world.desk();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (online, four, transcript, pack) = (
        world.key("online"),
        world.key("officer_4"),
        path("c.transcript"),
        path("evidence.zip"),
    );
    let told = desk.run([
        "change",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
        "--delegate",
        "tools",
        "--by",
        "targets",
        "--with",
        &four,
        "--path",
        "tools/*",
        "--sign",
        &online,
        "--transcript",
        &transcript,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let list = desk.run(["ceremony", "list", "--json"]).json();
    let ceremony = list["items"][0]["id"].as_str().unwrap();
    let told = ctl().run(["transcript", "verify", &transcript, "--root", &world.root, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = desk.run(["ceremony", "evidence", ceremony, "--out", &pack, "--at", NOW]);
    assert_eq!(told.code, 0, "{told:?}");
    let (holds, told) = Unpacked::of(Path::new(&pack), ceremony).check(&[]);
    assert!(holds && told.contains("tools: 1 keys, 1 wanted by targets"), "{told}");
}

/// What somebody does to the events who can compute the chain: a line of Python each. The first is nothing at all.
const KNOWING: [(&str, &str); 13] = [
    ("", "pass"),
    (
        "another signature",
        "next(e for e in events if e['kind'] == 'signed')['payload'].update(signature='00' * 64)",
    ),
    (
        "signatures too few",
        "[events.remove(e) for e in [e for e in events if e['kind'] == 'signed'][:3]]",
    ),
    (
        "a signature of another key",
        "s = [e for e in events if e['kind'] == 'signed']; s[0]['payload']['keyid'] = s[1]['payload']['keyid']",
    ),
    (
        "other bytes",
        "next(e for e in events if e['kind'] == 'frozen')['payload'].update(sha256='00' * 32)",
    ),
    (
        "published before it was rehearsed",
        "r = next(e for e in events if e['kind'] == 'rehearsed'); events.remove(r); events.append(r)",
    ),
    (
        "signed before the bytes were fixed",
        "f = next(e for e in events if e['kind'] == 'frozen'); events.remove(f); events.append(f)",
    ),
    (
        "rehearsed before enough had signed",
        "r = next(e for e in events if e['kind'] == 'rehearsed'); events.remove(r); \
         events.insert(next(i for i, e in enumerate(events) if e['kind'] == 'signed') + 1, r)",
    ),
    (
        "seen and never written",
        "[events.remove(e) for e in list(events) if e['kind'] in ('publishing-begun', 'written')]",
    ),
    (
        "rehearsed once more after it was published",
        "events.append(dict(next(e for e in events if e['kind'] == 'rehearsed')))",
    ),
    (
        "a step that nobody knows",
        "events.append(dict(events[-1], kind='blessed'))",
    ),
    (
        "published although a client refused",
        "[c.update(accepted=False) for e in events if e['kind'] == 'rehearsed' for c in e['payload']['clients'][:1]]",
    ),
    (
        "one key's signature twice",
        "s = next(e for e in events if e['kind'] == 'signed'); events.insert(events.index(s) + 1, dict(s))",
    ),
];

/// A ceremony that replaced officer 3 by officer 4, was published, and has its transcript written.
struct Held {
    world: World,
    folder: tempfile::TempDir,
    starter: Ctl,
    ceremony: String,
    head: String,
}

impl Held {
    fn new() -> Self {
        let world = world();
        let starter = world.desk();
        let folder = tempfile::tempdir().unwrap();
        let transcript = folder.path().join("c.transcript");
        let (one, two, four) = (world.key("officer_1"), world.key("officer_2"), world.key("officer_4"));
        let third = world.key("officer_3");
        let told = starter.run([
            "rotate",
            "root",
            &world.source,
            "--root",
            &world.root,
            "--at",
            NOW,
            "--remove",
            &third,
            "--add",
            &four,
            "--sign",
            &one,
            "--sign",
            &two,
            "--reason",
            "=cmd|' /C calc'!A0 <script>alert(1)</script>",
            "--transcript",
            transcript.to_str().unwrap(),
            "--yes",
            "--json",
        ]);
        assert_eq!(told.code, 0, "{told:?}");
        let report = told.json();
        let text = |name: &str| report[name].as_str().unwrap().to_owned();
        Held {
            ceremony: text("ceremony"),
            head: text("journal_head"),
            world,
            folder,
            starter,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn verify(&self, more: &[&str]) -> Told {
        let file = self.path("c.transcript");
        let mut words = vec!["transcript", "verify", &file];
        words.extend(more);
        ctl().run(words)
    }

    fn witness(&self, witness: &Ctl, more: &[&str]) -> Told {
        let file = self.path("c.transcript");
        let mut words = vec!["witness", &self.world.source, &file, "--at", NOW];
        words.extend(more);
        witness.run(words)
    }

    fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let path = self.path("c.transcript");
        let mut transcript: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut transcript);
        fs::write(&path, transcript.to_string()).unwrap();
    }
}

fn refuses(told: &Told, exit: i32, code: &str) {
    assert_eq!(told.code, exit, "{told:?}");
    assert!(told.err.contains(&format!("({code})")), "{told:?}");
}
