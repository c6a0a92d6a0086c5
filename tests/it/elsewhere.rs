//! Officers who are elsewhere sign by file: a request goes out, a response comes back, and nobody believes a file.

use crate::{PASSPHRASE, World, ctl, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::rigs::python_tuf::PythonTuf;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const NOW: &str = "2029-01-01T00:00:00Z";

#[test]
fn an_officer_on_a_machine_of_their_own_signs_and_python_tuf_accepts_the_root() {
    let world = world();
    let stick = Stick::new();
    let starter = starter(&world);
    let (ceremony, digest) = hand_out(&starter, &world, &stick);
    let offline = offline(&world);
    let told = sign(
        &offline,
        &world,
        &stick,
        &["--root", &world.root, "--expect", &digest[..8]],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let answer = told.json();
    assert_eq!(answer["signed"], serde_json::json!(["root"]));
    let taken = starter.run([
        "ceremony",
        "take",
        &stick.path("answer.response"),
        "--json",
        "--at",
        NOW,
    ]);
    assert_eq!(taken.code, 0, "{taken:?}");
    assert_eq!(taken.json()["signatures"][0]["physicalKey"], answer["physicalKey"]);
    finish(&starter, &ceremony);
    accepted(&world);
}

#[test]
fn a_detached_signature_of_securesystemslib_is_taken_for_a_response() {
    let world = world();
    let stick = Stick::new();
    let starter = starter(&world);
    let (ceremony, _) = hand_out(&starter, &world, &stick);
    let request: Value = serde_json::from_slice(&fs::read(stick.file("root.request")).unwrap()).unwrap();
    let bytes = rootward_tuf::encoding::from_base64(request["documents"][0]["bytes"].as_str().unwrap()).unwrap();
    fs::write(stick.file("root.bytes"), bytes).unwrap();
    let key = world.key("officer_2");
    let key = Path::new(key.strip_prefix("file:").unwrap());
    let signature = PythonTuf::ready().sign(key, PASSPHRASE, &stick.file("root.bytes"));
    fs::write(stick.file("signature.json"), signature).unwrap();
    let nameless = starter.run(["ceremony", "take", &stick.path("signature.json"), "--at", NOW]);
    assert_eq!(nameless.code, 1, "it names no ceremony: {nameless:?}");
    let taken = starter.run([
        "ceremony",
        "take",
        &stick.path("signature.json"),
        "--ceremony",
        &ceremony,
        "--at",
        NOW,
    ]);
    assert_eq!(taken.code, 0, "{taken:?}");
    finish(&starter, &ceremony);
    accepted(&world);
}

#[test]
fn a_machine_without_a_trusted_root_signs_nothing_until_one_is_compared() {
    let world = world();
    let stick = Stick::new();
    let (_, digest) = hand_out(&starter(&world), &world, &stick);
    let offline = offline(&world);
    let told = sign(&offline, &world, &stick, &["--expect", &digest]);
    refuses(&told, 1, "no-anchor");
    let root = sha256(&fs::read(&world.root).unwrap());
    let wrong = format!("{}{}", if root.starts_with('0') { "1" } else { "0" }, &root[1..]);
    let told = sign(&offline, &world, &stick, &["--first-use", &wrong, "--expect", &digest]);
    refuses(&told, 1, "no-anchor");
    assert!(!stick.file("answer.response").exists());
    let told = sign(&offline, &world, &stick, &["--first-use", &root, "--expect", &digest]);
    assert_eq!(told.code, 0, "{told:?}");
}

#[test]
fn a_request_whose_digest_is_not_the_one_read_aloud_is_not_signed() {
    let world = world();
    let stick = Stick::new();
    let (_, digest) = hand_out(&starter(&world), &world, &stick);
    let offline = offline(&world);
    let other = format!("{}{}", if digest.starts_with('a') { "b" } else { "a" }, &digest[1..8]);
    for heard in [other.as_str(), &digest[..7], ""] {
        let told = sign(&offline, &world, &stick, &["--root", &world.root, "--expect", heard]);
        refuses(&told, 1, "handoff-not-compared");
    }
    let unanswered = sign(&offline, &world, &stick, &["--root", &world.root]);
    refuses(&unanswered, 3, "prompt-closed");
    assert!(!stick.file("answer.response").exists());
}

#[test]
fn a_kit_on_a_stick_signs_on_a_machine_without_anything_and_comes_back_in_one_gesture() {
    let world = world();
    let stick = Stick::new();
    let starter = starter(&world);
    let (ceremony, digest) = hand_out(&starter, &world, &stick);
    // A kit asks for no secret, nor does what is complete.
    let starter = starter.without_secrets();
    let kit = stick.path("kit");
    let made = starter.run(["kit", "make", &ceremony, &kit, "--json", "--at", NOW]);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(made.json()["request"]["digest"].as_str(), Some(digest.as_str()));
    let sums = std::process::Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(&kit)
        .output()
        .unwrap();
    assert!(sums.status.success(), "{sums:?}");
    let page = fs::read_to_string(stick.file("kit/checklist.html")).unwrap();
    assert!(
        !page.contains(&digest[..8]) && !page.contains("<script"),
        "the digest is heard, not read from the stick"
    );
    // The stick may take no programs, so the officer copies it, as the checklist says.
    let program = stick.file("rootwardctl");
    fs::copy(stick.file("kit/rootwardctl"), &program).unwrap();
    let mut mode = fs::metadata(&program).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&program, mode).unwrap();
    let offline = Ctl::new(&program).with_secret(world.key("officer_2"), PASSPHRASE);
    let (request, response) = (
        stick.path(&format!("kit/requests/{ceremony}.request")),
        stick.path("kit/responses/officer.response"),
    );
    let told = offline.run([
        "sign",
        &request,
        "--key",
        &world.key("officer_2"),
        "--out",
        &response,
        "--root",
        &world.root,
        "--expect",
        &digest[..8],
        "--at",
        NOW,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    fs::write(stick.file("kit/responses/zz-notes.txt"), "signed at noon").unwrap();
    let taken = starter.run(["kit", "take", &kit, "--json", "--at", NOW]);
    assert_eq!(taken.code, 1, "one file is none: {taken:?}");
    let files = taken.json();
    assert_eq!(files[0]["response"]["ceremony"].as_str(), Some(ceremony.as_str()));
    assert_eq!(files[1]["failure"]["code"], "handoff-unreadable");
    fs::remove_file(stick.file("kit/responses/zz-notes.txt")).unwrap();
    let again = starter.run(["kit", "take", &kit, "--at", NOW]);
    assert_eq!(again.code, 0, "what is on record may lie there: {again:?}");
    finish(&starter, &ceremony);
    accepted(&world);
}

#[test]
fn what_was_given_up_with_enough_signatures_is_taken_up_and_published_before_the_next_change() {
    let world = world();
    let stick = Stick::new();
    let starter = starter(&world);
    let (ceremony, digest) = hand_out(&starter, &world, &stick);
    let told = sign(
        &offline(&world),
        &world,
        &stick,
        &["--root", &world.root, "--expect", &digest[..8]],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let told = starter.run(["ceremony", "take", &stick.path("answer.response"), "--at", NOW]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = starter.run([
        "ceremony",
        "abandon",
        &ceremony,
        "--reason",
        "second thoughts",
        "--at",
        NOW,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let next = starter.run([
        "rotate",
        "root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--sign",
        &world.key("officer_1"),
        "--expires",
        "2031-01-01T00:00:00Z",
        "--request",
        &stick.path("next.request"),
        "--yes",
    ]);
    refuses(&next, 1, "loose-publishable");
    let list = starter.run(["ceremony", "list", "--json"]).json();
    assert_eq!(
        list["items"].as_array().map(Vec::len),
        Some(1),
        "nothing was begun: {list:#}"
    );
    let told = starter.run([
        "ceremony",
        "reopen",
        &ceremony,
        "--reason",
        "anybody could publish it",
        "--at",
        NOW,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    finish(&starter, &ceremony);
    accepted(&world);
}

/// The folder that goes from one machine to the other.
struct Stick(tempfile::TempDir);

impl Stick {
    fn new() -> Self {
        Stick(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.file(name).to_str().unwrap().to_owned()
    }
}

/// A desk that has the secrets of officers 1 and 4, and trusts the root.
fn starter(world: &World) -> Ctl {
    ["officer_1", "officer_4"]
        .into_iter()
        .fold(ctl(), |desk, officer| desk.with_secret(world.key(officer), PASSPHRASE))
}

/// Another machine, with officer 2's key and nothing else.
fn offline(world: &World) -> Ctl {
    ctl().with_secret(world.key("officer_2"), PASSPHRASE)
}

/// Begins to replace officer 3 by officer 4 with one signature too few, and hands the rest out; gives ceremony and digest.
fn hand_out(starter: &Ctl, world: &World, stick: &Stick) -> (String, String) {
    let root: Value = serde_json::from_slice(&fs::read(&world.root).unwrap()).unwrap();
    let third = root["signed"]["roles"]["root"]["keyids"][2]
        .as_str()
        .unwrap()
        .to_owned();
    let (one, four) = (world.key("officer_1"), world.key("officer_4"));
    let (source, trusted, request) = (&world.source, &world.root, &stick.path("root.request"));
    let told = starter.run([
        "rotate",
        "root",
        source,
        "--root",
        trusted,
        "--at",
        NOW,
        "--remove",
        &third,
        "--add",
        &four,
        "--sign",
        &one,
        "--request",
        request,
        "--yes",
        "--json",
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(report["state"], "collecting", "{report:#}");
    let text = |name: &str| report[name].as_str().unwrap().to_owned();
    (text("ceremony"), text("digest"))
}

fn sign(offline: &Ctl, world: &World, stick: &Stick, more: &[&str]) -> Told {
    let (request, response, key) = (
        stick.path("root.request"),
        stick.path("answer.response"),
        world.key("officer_2"),
    );
    let mut words = vec![
        "sign", &request, "--key", &key, "--out", &response, "--json", "--at", NOW,
    ];
    words.extend(more);
    offline.run(words)
}

fn refuses(told: &Told, exit: i32, code: &str) {
    assert_eq!(told.code, exit, "{told:?}");
    assert!(told.err.contains(&format!("({code})")), "{told:?}");
}

fn finish(starter: &Ctl, ceremony: &str) {
    let told = starter.run(["ceremony", "resume", ceremony, "--yes", "--json", "--at", NOW]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.json()["state"], "published");
}

fn accepted(world: &World) {
    let verdict = PythonTuf::ready().judge(Path::new(&world.source), Path::new(&world.root), NOW);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
}

fn sha256(bytes: &[u8]) -> String {
    rootward_tuf::encoding::hex(&rootward_tuf::encoding::sha256(bytes))
}
