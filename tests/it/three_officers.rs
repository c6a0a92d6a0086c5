//! One root key is replaced by officers who hold theirs in different ways: one in a YubiKey, one in an HSM behind PKCS#11, one in a
//! file on a machine that is offline. Nobody types a keyid. python-tuf, tough and the stock notary judge what came of it.

use crate::notary_rotation::gun::{Gun, Rotation};
use crate::{PASSPHRASE, World, ctl, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::officers::{Files, IN_THE_HSM, Officers, no_keyid};
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE as NOTARY_PASSPHRASE};
use rootward_tests::rigs::python_tuf::PythonTuf;
use rootward_tests::rigs::tough::Tough;
use rootward_tests::tls;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const NOW: &str = "2029-01-01T00:00:00Z";

#[test]
fn one_of_five_root_keys_is_replaced_by_three_officers_each_with_a_key_of_another_kind() {
    let Some(mut desk) = Desk::with_tokens() else { return };
    let world = world();
    let away = tempfile::tempdir().unwrap();
    let files = Files {
        source: &world.source,
        root: &world.root,
        keys: &world.folder.path().join("keys"),
        passphrase: PASSPHRASE,
    };
    let old_root = desk
        .officers
        .three_of_five(&mut desk.ctl, &files, away.path(), &["--at", NOW]);
    accepted(&world, &old_root, 2);
    let path = |name: &str| away.path().join(name).to_str().unwrap().to_owned();
    let offline_key = format!("file:{}", path("officer_3.pem"));

    // Officer 1 begins, and signs with the YubiKey and with the key that takes the place of officer 4's.
    let new_key = path("officer_4_new.pem");
    tls::self_signed("nobody", &away.path().join("unused.crt"), Path::new(&new_key));
    let (new_key, in_the_yubikey) = (format!("file:{new_key}"), desk.officers.in_the_yubikey());
    let (request, response) = (path("root.request"), path("officer_3.response"));
    let begun = desk.does(&[
        "rotate",
        "root",
        &world.source,
        "--remove",
        "officer_4",
        "--add",
        &new_key,
        "--sign",
        &in_the_yubikey,
        "--request",
        &request,
        "--reason",
        "officer 4 lost the key",
        "--yes",
        "--json",
    ]);
    let report = begun.json();
    assert_eq!(report["state"], "collecting", "{report:#}");
    let ceremony = report["ceremony"].as_str().unwrap();
    let digest = report["digest"].as_str().unwrap();

    // Officer 2 comes to the same desk with the HSM.
    desk.does(&["ceremony", "sign", ceremony, "--key", IN_THE_HSM]);
    let asked = path("officer_3.request");
    desk.does(&["ceremony", "request", ceremony, "--out", &asked, "--ask", "officer_3"]);
    outstanding(&desk, ceremony);
    let early = desk.run(&["ceremony", "rehearse", ceremony]);
    assert_eq!(early.code, 1, "the old root wants a third: {early:?}");
    assert!(early.err.contains("(threshold-not-met)"), "{early:?}");

    // Officer 3 is elsewhere, with a machine that knows nothing but the root that officers were handed.
    let offline = ctl().with_secret(&offline_key, PASSPHRASE);
    let signed = run(
        &offline,
        &[
            "sign",
            &request,
            "--key",
            &offline_key,
            "--out",
            &response,
            "--root",
            &world.root,
            "--expect",
            &digest[..8],
            "--json",
        ],
    );
    assert_eq!(signed.code, 0, "{signed:?}");
    assert_eq!(signed.json()["signed"], json!(["root"]));

    desk.does(&["ceremony", "take", &response]);
    desk.does(&["ceremony", "rehearse", ceremony]);
    let published = desk.does(&["ceremony", "publish", ceremony, "--json"]).json();
    assert_eq!(published["state"], "published", "{published:#}");
    let kinds: Vec<&str> = signatures(&published)
        .map(|(_, at)| at.split(':').next().unwrap())
        .collect();
    assert_eq!(sorted(kinds), ["elsewhere", "file", "pkcs11", "yubikey"]);

    for anchor in [Path::new(&world.root), &old_root] {
        accepted(&world, anchor, 3);
    }
    altered(&world, &old_root, &published);
}

/// Who signed, who was asked, and who could sign instead, is there for everybody to read.
fn outstanding(desk: &Desk, ceremony: &str) {
    let view = desk.does(&["ceremony", "show", ceremony, "--json"]).json();
    let told = |label: &str| {
        let row = view["signers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["label"] == label);
        let row = row.unwrap_or_else(|| panic!("{label}: {view:#}"));
        (row["signedAt"].is_null(), row["ask"].clone(), row["instead"].clone())
    };
    for officer in ["officer_1", "officer_2"] {
        assert_eq!(told(officer), (false, Value::Null, Value::Null), "{officer}");
    }
    let instead = json!("officer_4 or officer_5 could sign instead");
    assert_eq!(told("officer_3"), (true, "again".into(), instead));
    let replaces = json!("Could sign instead of officer_3");
    assert_eq!(told("officer_5"), (true, "instead".into(), replaces));
    let said = view["outstanding"].as_array().unwrap().iter();
    let parts: Vec<Value> = said
        .flat_map(|said| said["parts"].as_array().unwrap().clone())
        .collect();
    let text: Vec<&str> = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert_eq!(
        text.concat(),
        "1 more signature meets the old threshold, root v2, of officer_3, officer_4 or officer_5.officer_3 was asked by file."
    );
    let list = desk.does(&["ceremony", "list", "--json"]).json();
    assert_eq!(
        list["items"][0]["waitsFor"],
        "1 signature of officer_3, officer_4 or officer_5 for the old threshold; officer_3 asked by file"
    );
    for nobody in ["officer_1", "officer_9"] {
        let told = desk.run(&[
            "ceremony",
            "request",
            ceremony,
            "--out",
            "never.request",
            "--ask",
            nobody,
        ]);
        assert_eq!(told.code, 1, "{nobody} has nothing to sign: {told:?}");
    }
}

/// Each signature that the old root needs, and the bytes themselves: whatever is altered, nobody follows. A signature that is one
/// too many anyway may be altered as anyone likes.
fn altered(world: &World, old_root: &Path, published: &Value) {
    let whole = fs::read(world.file("3.root.json")).unwrap();
    let root: Value = serde_json::from_slice(&whole).unwrap();
    let listed = root["signatures"].as_array().unwrap().len();
    assert_eq!(listed, 4);
    for number in 0..listed {
        let keyid = root["signatures"][number]["keyid"].as_str().unwrap();
        let (_, at) = signatures(published).find(|(of, _)| *of == keyid).unwrap();
        world.edit("3.root.json", |file| {
            let signature = &mut file["signatures"][number]["sig"];
            let text = signature.as_str().unwrap().to_owned();
            let (all, last) = text.split_at(text.len() - 1);
            *signature = format!("{all}{}", if last == "0" { "1" } else { "0" }).into();
        });
        match at.starts_with("file:") {
            true => accepted(world, old_root, 3),
            false => refused(world, old_root, &format!("the signature of {at} is altered")),
        }
        fs::write(world.file("3.root.json"), &whole).unwrap();
    }
    world.edit("3.root.json", |file| {
        file["signed"]["expires"] = "2040-01-01T00:00:00Z".into()
    });
    refused(world, old_root, "its end is altered");
    fs::write(world.file("3.root.json"), &whole).unwrap();
    accepted(world, old_root, 3);
}

#[test]
fn a_name_that_two_keys_have_or_none_removes_no_key() {
    let world = world();
    let desk = world.desk();
    for officer in ["officer_1", "officer_2"] {
        let told = run(&desk, &["keys", "name", &world.key(officer), "the same"]);
        assert_eq!(told.code, 0, "{told:?}");
    }
    let rotate = |name: &str| {
        let (add, one, two) = (world.key("officer_4"), world.key("officer_1"), world.key("officer_2"));
        let words = [
            "rotate",
            "root",
            &world.source,
            "--root",
            &world.root,
            "--remove",
            name,
            "--add",
            &add,
        ];
        run(
            &desk,
            &[&words[..], &["--sign", &one, "--sign", &two, "--yes"]].concat(),
        )
    };
    for name in ["the same", "somebody else"] {
        let told = rotate(name);
        assert_eq!((told.code, told.err.contains("(key-not-found)")), (1, true), "{told:?}");
    }
    let told = run(&desk, &["keys", "name", &world.key("officer_2"), "another"]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = rotate("another");
    assert_eq!(told.code, 0, "{told:?}");
    accepted(&world, Path::new(&world.root), 2);
}

#[test]
fn on_notary_two_of_three_officers_replace_the_key_of_the_third_and_the_command_line_reads_on() {
    let Some(mut desk) = Desk::with_tokens() else { return };
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/three-officers");
    let (in_the_yubikey, snapshot) = (desk.officers.in_the_yubikey(), gun.key("snapshot"));
    let file = gun.key("root");
    std::mem::swap(&mut gun.desk, &mut desk.ctl);
    let widened = Rotation {
        add: vec![in_the_yubikey.clone(), IN_THE_HSM.into()],
        sign: vec![file.clone(), snapshot.clone()],
        more: vec!["--threshold", "2"],
        ..Rotation::default()
    };
    gun.rotate("root", &widened);
    gun.judge("two of three");

    // The key in the file goes to a machine that is offline.
    let away = tempfile::tempdir().unwrap();
    let path = |name: &str| away.path().join(name).to_str().unwrap().to_owned();
    let offline_key = format!("file:{}", path("root.key"));
    fs::rename(file.strip_prefix("file:").unwrap(), path("root.key")).unwrap();
    gun.desk.forget_secrets_of(&file);
    let told = gun.desk.run(["tokens", "generate", "pkcs11:softhsm:rootward/root-2"]);
    assert_eq!(told.code, 0, "{told:?}");

    let (request, response) = (path("root.request"), path("officer_3.response"));
    let order = gun.order(
        "root",
        &Rotation {
            remove: vec!["officer_2".into()],
            add: vec!["pkcs11:softhsm:rootward/root-2".into()],
            sign: vec![in_the_yubikey],
            more: vec!["--request", &request],
        },
    );
    order.iter().for_each(|word| no_keyid(word));
    let begun = gun.desk.run(&order);
    assert_eq!(begun.code, 0, "{begun:?}");
    let report = begun.json();
    assert_eq!(report["state"], "collecting", "{report:#}");
    let (ceremony, digest) = (report["ceremony"].as_str().unwrap(), report["digest"].as_str().unwrap());
    let version = gun.root().version;

    let offline = ctl().with_secret(&offline_key, NOTARY_PASSPHRASE);
    let root = gun.first_root();
    let words = [
        "sign",
        &request,
        "--key",
        &offline_key,
        "--out",
        &response,
        "--root",
        &root,
        "--expect",
        &digest[..8],
    ];
    words.iter().for_each(|word| no_keyid(word));
    let signed = offline.run(words);
    assert_eq!(signed.code, 0, "{signed:?}");
    for words in [
        &["ceremony", "take", &response][..],
        // Snapshot names root by digest, so it comes after.
        &["ceremony", "sign", ceremony, "--key", &snapshot],
        &["ceremony", "rehearse", ceremony],
        &["ceremony", "publish", ceremony],
    ] {
        assert_eq!(gun.root().version, version, "nothing is out before it is published");
        let told = gun.desk.run(words);
        assert_eq!(told.code, 0, "{words:?}: {told:?}");
    }
    assert_eq!(gun.root().version, version + 1);
    assert_eq!(gun.ids("root").len(), 3);
    gun.judge("the third has another key");
    gun.tag();
    gun.judge("the targets key goes on as it did");

    // What the command line still has of root, put back, is one of two that are needed.
    fs::rename(path("root.key"), file.strip_prefix("file:").unwrap()).unwrap();
    let attempted = rig.attempt(&["key", "rotate", &gun.name, "targets"]);
    assert!(!attempted.status.success(), "{attempted:?}");
    assert_eq!(gun.root().version, version + 1);
}

/// A desk where officer 1 has a YubiKey and officer 2 an HSM, each with a key that was born there.
struct Desk {
    ctl: Ctl,
    officers: Officers,
}

impl Desk {
    /// None where this machine cannot run the cards' rig, which it has said then.
    fn with_tokens() -> Option<Self> {
        let officers = Officers::with_devices()?;
        let ctl = officers.at(env!("CARGO_BIN_EXE_rootwardctl-under-test"));
        officers.have_keys(&ctl, &["--at", NOW]);
        Some(Desk { ctl, officers })
    }

    fn run(&self, words: &[&str]) -> Told {
        run(&self.ctl, words)
    }

    fn does(&self, words: &[&str]) -> Told {
        let told = self.run(words);
        assert_eq!(told.code, 0, "{words:?}: {told:?}");
        told
    }
}

/// Runs a command at the fixed moment; no word of it is a keyid.
fn run(desk: &Ctl, words: &[&str]) -> Told {
    words.iter().for_each(|word| no_keyid(word));
    let at = ["--at", NOW];
    desk.run(words.iter().chain(&at))
}

/// Of a report: keyid, and where the key was.
fn signatures(report: &Value) -> impl Iterator<Item = (&str, &str)> {
    let all = report["signatures"].as_array().unwrap().iter();
    all.map(|signature| (signature["keyid"].as_str().unwrap(), signature["key"].as_str().unwrap()))
}

fn sorted(mut texts: Vec<&str>) -> Vec<&str> {
    texts.sort_unstable();
    texts
}

/// Both judges come from `anchor` to this version of root.
fn accepted(world: &World, anchor: &Path, version: u64) {
    let source = Path::new(&world.source);
    let verdict = PythonTuf::ready().judge(source, anchor, NOW);
    assert!(verdict.accepted && verdict.versions["root"] == version, "{verdict:?}");
    if let Some(tough) = Tough::built() {
        let verdict = tough.judge(source, anchor);
        assert!(verdict.accepted, "{verdict:?}");
    }
}

/// Both judges refuse, and python-tuf stays where it was.
fn refused(world: &World, anchor: &Path, why: &str) {
    let source = Path::new(&world.source);
    let verdict = PythonTuf::ready().judge(source, anchor, NOW);
    assert!(!verdict.accepted && verdict.versions["root"] == 2, "{why}: {verdict:?}");
    if let Some(tough) = Tough::built() {
        let verdict = tough.judge(source, anchor);
        assert!(!verdict.accepted, "{why}: {verdict:?}");
    }
}
