//! A repository is begun by rootwardctl where there is none: python-tuf and tough judge what is in the folder, the stock `notary`
//! goes on with what is on its server, and Python and openssl check the evidence.

use crate::notary_rotation::gun::Gun;
use crate::{PASSPHRASE, World, ctl, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::evidence::Unpacked;
use rootward_tests::rigs::notary::NotaryRig;
use rootward_tests::rigs::python_tuf::PythonTuf;
use rootward_tests::rigs::tough::Tough;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const NOW: &str = "2029-01-01T00:00:00Z";

/// Begins a repository by 2 of 3 root keys, with a delegation and a target. `second` is the key of the second root officer.
fn begun_with(desk: &Ctl, world: &World, source: &str, second: &str, more: &[&str]) -> Told {
    let edits = Path::new(&world.root).with_file_name("edits.json");
    let target = |role: &str, path: &str| {
        let sha256 = "ab".repeat(32);
        json!({"kind": "addTarget", "role": role, "path": path, "length": 1, "sha256": sha256})
    };
    let delegation = json!({
        "kind": "delegate", "by": "targets", "role": "tools", "keys": [world.key("officer_4")], "threshold": 1, "paths": ["tools/*"],
    });
    let list = json!([delegation, target("targets", "app"), target("tools", "tools/a")]);
    fs::write(&edits, list.to_string()).unwrap();
    let key = |role: &str, officer: &str| format!("{role}={}", world.key(officer));
    let keys = [
        key("root", "officer_1"),
        format!("root={second}"),
        key("root", "officer_3"),
        key("targets", "officer_5"),
        key("snapshot", "online"),
        key("timestamp", "online"),
    ];
    let mut words = vec!["init", source, "--at", NOW, "--yes"];
    if !more.contains(&"root=3") {
        words.extend(["--threshold", "root=2"]);
    }
    words.extend(["--edits", edits.to_str().unwrap()]);
    words.extend(keys.iter().flat_map(|key| ["--add", key]));
    words.extend(more);
    desk.run(words)
}

fn begun(desk: &Ctl, world: &World, source: &str, more: &[&str]) -> Told {
    begun_with(desk, world, source, &world.key("officer_2"), more)
}

fn has_no_ceremony(desk: &Ctl) -> bool {
    let told = desk.run(["ceremony", "list", "--json"]);
    told.json()["items"].as_array().unwrap().is_empty()
}

/// The public half of an officer's key, as they would send it.
fn public_half(world: &World, officer: &str) -> String {
    let key = world.key(officer);
    let private = key.strip_prefix("file:").unwrap();
    let public = format!("{private}.spki");
    let told = Command::new("openssl")
        .args([
            "pkey",
            "-in",
            private,
            "-passin",
            &format!("pass:{PASSPHRASE}"),
            "-pubout",
            "-out",
            &public,
        ])
        .output()
        .expect("openssl runs");
    assert!(told.status.success(), "{told:?}");
    format!("file:{public}")
}

#[test]
fn a_repository_that_is_begun_in_a_folder_is_accepted_by_python_tuf_and_tough_and_rotated_from_then_on() {
    let world = world();
    let desk = world.desk();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (source, transcript, pack) = (path("new"), path("c.transcript"), path("evidence.zip"));

    let plan = begun(&desk, &world, &source, &["--plan", "--json"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    let plan = plan.json();
    let issued: Vec<&str> = plan["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["role"].as_str().unwrap())
        .collect();
    assert_eq!(issued, ["root", "targets", "tools", "snapshot", "timestamp"]);
    assert!(!Path::new(&source).exists() && has_no_ceremony(&desk));

    let told = begun(&desk, &world, &source, &["--json", "--transcript", &transcript]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(
        (&report["state"], &report["root_version"]),
        (&"published".into(), &1.into())
    );
    let root = path("new/1.root.json");
    let verdict = PythonTuf::ready().judge(Path::new(&source), Path::new(&root), NOW);
    assert!(verdict.accepted, "{verdict:?}");
    for role in ["root", "targets", "tools", "snapshot", "timestamp"] {
        assert_eq!(verdict.versions.get(role), Some(&1), "{role}: {verdict:?}");
    }
    if let Some(tough) = Tough::built() {
        assert!(tough.judge(Path::new(&source), Path::new(&root)).accepted);
    }
    // This desk trusts what it made: a change names no root.
    let again = [
        "change",
        &source,
        "--at",
        NOW,
        "--yes",
        "--sign-again",
        "tools",
        "--sign",
        &world.key("officer_4"),
        "--sign",
        &world.key("online"),
    ];
    let said = desk.run(again);
    assert_eq!(said.code, 0, "{said:?}");

    // Its record holds on another machine, from the root that it made, and for Python and openssl alone.
    let told = ctl().run(["transcript", "verify", &transcript, "--root", &root, "--json"]);
    assert_eq!((told.code, &told.json()["trusted_from"]), (0, &1.into()), "{told:?}");
    let told = ctl().run(["transcript", "verify", &transcript, "--root", &world.root]);
    assert_eq!(told.code, 1, "{told:?}");
    let (testimony, ceremony) = (path("witness.json"), report["ceremony"].as_str().unwrap().to_owned());
    let told = ctl().run([
        "witness",
        &source,
        &transcript,
        "--root",
        &root,
        "--out",
        &testimony,
        "--at",
        NOW,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = desk.run([
        "ceremony", "evidence", &ceremony, "--with", &testimony, "--out", &pack, "--at", NOW,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let (holds, told) =
        Unpacked::of(Path::new(&pack), &ceremony).check(&["--head", report["journal_head"].as_str().unwrap()]);
    assert!(holds && told.contains("begins      a repository"), "{told}");

    // Begun once, and changed from then on.
    let again = begun(&desk, &world, &source, &[]);
    assert!(again.code == 1 && again.err.contains("repository-exists"), "{again:?}");
    let third = world.key("officer_3");
    let rotated = [
        "rotate",
        "root",
        &source,
        "--remove",
        &third,
        "--add",
        &world.key("officer_4"),
        "--sign",
        &world.key("officer_1"),
        "--sign",
        &world.key("officer_2"),
        "--yes",
        "--at",
        NOW,
    ];
    let told = desk.run(rotated);
    assert_eq!(told.code, 0, "{told:?}");
    let verdict = PythonTuf::ready().judge(Path::new(&source), Path::new(&root), NOW);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
}

#[test]
fn what_is_refused_or_declined_leaves_nothing_behind() {
    let world = world();
    let desk = world.desk();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("new").to_str().unwrap().to_owned();
    let refused = begun(&desk, &world, &source, &["--threshold", "targets=2"]);
    assert!(
        refused.code == 1 && refused.err.contains("draft-refused"),
        "{refused:?}"
    );
    let existing = begun(&desk, &world, &world.source, &[]);
    assert!(
        existing.code == 1 && existing.err.contains("repository-exists"),
        "{existing:?}"
    );
    let one = format!("root={}", world.key("officer_1"));
    let bare = desk.run(["init", &source, "--at", NOW, "--yes", "--add", &one]);
    assert!(bare.code == 1 && bare.err.contains("targets has no key"), "{bare:?}");
    assert!(!Path::new(&source).exists() && has_no_ceremony(&desk));
}

#[test]
fn an_officer_elsewhere_signs_the_first_root_and_the_repository_is_begun_by_both() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (source, request, response) = (path("new"), path("a.request"), path("a.response"));
    // The starter has the public half of officer 2's key and no more.
    let at_hand = ["officer_1", "officer_3", "officer_4", "officer_5", "online"];
    let starter = at_hand
        .iter()
        .fold(ctl(), |desk, name| desk.with_secret(world.key(name), PASSPHRASE));
    let two = public_half(&world, "officer_2");
    let told = begun_with(
        &starter,
        &world,
        &source,
        &two,
        &["--threshold", "root=3", "--request", &request, "--json"],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(report["state"], "collecting", "{told:?}");
    let ceremony = report["ceremony"].as_str().unwrap().to_owned();
    let view = starter.run(["ceremony", "show", &ceremony, "--json"]).json();
    let digest = first_root(&view);
    let asked: Value = serde_json::from_slice(&fs::read(&request).unwrap()).unwrap();
    assert!(asked["roots"].as_array().unwrap().is_empty());
    let elsewhere = ctl().with_secret(world.key("officer_2"), PASSPHRASE);
    let sign = |more: &[&str]| {
        let key = world.key("officer_2");
        let mut words = vec!["sign", &request, "--key", &key, "--out", &response, "--at", NOW];
        words.extend(more);
        elsewhere.run(words)
    };
    let blind = sign(&["--expect", &digest]);
    assert!(blind.code != 0 && blind.err.contains("no-anchor"), "{blind:?}");
    let other = sign(&["--first-use", &"0".repeat(64), "--expect", &digest]);
    assert!(other.code != 0 && other.err.contains("no-anchor"), "{other:?}");
    let spoken = spoken(&asked);
    let told = sign(&["--first-use", &digest, "--expect", &spoken]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = starter.run(["ceremony", "take", &response, "--at", NOW]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = starter.run(["ceremony", "resume", &ceremony, "--yes", "--at", NOW]);
    assert_eq!(told.code, 0, "{told:?}");
    let verdict = PythonTuf::ready().judge(Path::new(&source), &folder.path().join("new/1.root.json"), NOW);
    assert!(verdict.accepted, "{verdict:?}");
}

/// SHA-256 of root v1, as the starter's desk shows it.
fn first_root(view: &Value) -> String {
    let documents = view["documents"].as_array().unwrap();
    let root = documents.iter().find(|document| document["role"] == "root").unwrap();
    root["review"]["digest"].as_str().unwrap().replace(' ', "")
}

/// What is read aloud: the digest of the documents' digests.
fn spoken(request: &Value) -> String {
    let digests = request["documents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|document| document["open"] == true);
    let digests: Vec<u8> = digests
        .flat_map(|document| rootward_tuf::encoding::from_hex(document["sha256"].as_str().unwrap()).unwrap())
        .collect();
    match digests.len() {
        32 => rootward_tuf::encoding::hex(&digests),
        _ => rootward_tuf::encoding::hex(&rootward_tuf::encoding::sha256(&digests)),
    }
}

#[test]
fn a_repository_that_is_begun_on_a_notary_server_is_read_and_gone_on_with_by_the_stock_command_line() {
    let rig = NotaryRig::start();
    let mut gun = Gun::begun_by_us(&rig, "reg.test/lab/begun", &[]);
    gun.tag();
    gun.judge("tagged by the command line");
    gun.replace("root");
    gun.rotated_by_the_command_line("targets", &[]);
    gun.tag();
    gun.judge("changed by both");
    let told = gun.begin_again();
    assert!(told.code == 1 && told.err.contains("repository-exists"), "{told:?}");

    // With a snapshot key of our own, as `notary init` has it.
    let mut gun = Gun::begun_by_us(&rig, "reg.test/lab/begun-with-snapshot", &["snapshot"]);
    gun.tag();
    gun.judge("tagged by the command line");
}
