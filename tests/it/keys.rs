//! `rootwardctl keys`: what other programs keep is listed before any of it is used, and copied both ways.

use crate::ctl;
use rootward_tests::rigs::key_files;
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const GUN: &str = "reg.example/team/app";

#[test]
fn keys_of_the_notary_command_line_are_listed_with_both_ids_and_nothing_is_asked() {
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    let (folder, listed) = (rig.trust_folder(), rig.notary(&["key", "list"]));
    let told = ctl().run(["keys".as_ref(), folder.as_os_str(), "--json".as_ref()]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    let found = &report["folders"][0];
    assert_eq!(found["repositories"][0]["gun"], GUN);
    let keys = found["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 3, "{report:#}");
    let root: Value =
        serde_json::from_slice(&fs::read(folder.join(format!("tuf/{GUN}/metadata/root.json"))).unwrap()).unwrap();
    for key in keys {
        let (role, canonical) = (key["role"].as_str().unwrap(), key["canonical_keyid"].as_str().unwrap());
        assert!(
            listed.contains(canonical),
            "{role}: {canonical} is what the command line calls it: {listed}"
        );
        assert_eq!(key["keyids"], root["signed"]["roles"][role]["keyids"], "{role}");
        assert_eq!(key["uses"][0]["role"], role);
        assert!(key["physical_key"].as_str().unwrap().starts_with("sha256:"));
        assert_eq!(key["findings"][0]["code"], "weak-passphrase-stretching");
        assert_eq!(
            (&key["encrypted"], &key["keyid_checked"]),
            (&true.into(), &false.into())
        );
    }
    let text = ctl().run(["keys".as_ref(), folder.as_os_str()]);
    assert!(
        text.code == 0 && text.out.contains(&format!("targets key of {GUN}")),
        "{text:?}"
    );
}

#[test]
fn a_folder_that_is_not_there_could_not_be_listed() {
    let place = tempfile::tempdir().unwrap();
    let missing = place.path().join("missing");
    let told = ctl().run(["keys".as_ref(), missing.as_os_str()]);
    assert_eq!(told.code, 2, "{told:?}");
}

#[test]
fn without_a_folder_those_of_notary_and_docker_in_the_home_are_listed() {
    let home = tempfile::tempdir().unwrap();
    for folder in [".notary/private", ".docker/trust/private"] {
        fs::create_dir_all(home.path().join(folder)).unwrap();
    }
    let told = ctl().with_variable("HOME", home.path()).run(["keys", "--json"]);
    let folders = told.json()["folders"].as_array().unwrap().len();
    assert_eq!((told.code, folders), (0, 2), "{told:?}");
}

/// Guards the copies on this desk.
const OWN: &str = "another throw-away passphrase";

/// Every file below a folder with its bytes.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => waiting.push(path),
                path => {
                    found.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
    }
    found
}

#[test]
fn keys_of_the_notary_command_line_move_onto_a_desk_and_back_and_sign_there() {
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    let folder = rig.trust_folder();
    let before = everything(&folder);
    let mut desk = ctl();
    for key in fs::read_dir(folder.join("private")).unwrap() {
        let path = key.unwrap().path().display().to_string();
        desk.learn(format!("file:{path}"), PASSPHRASE);
        desk.learn(format!("new:file:{path}"), OWN);
    }
    let place = folder.to_str().unwrap();

    // Nothing is copied before somebody has said what.
    let unsaid = desk.run(["keys", "import", place]);
    assert!(
        unsaid.code == 1 && unsaid.err.contains(&format!("targets key of {GUN}")),
        "{unsaid:?}"
    );
    assert!(!desk.data().join("keys").exists());

    let told = desk.run(["keys", "import", place, "--all", "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    let imported = report["imported"].as_array().unwrap();
    assert_eq!(imported.len(), 3, "{report:#}");
    assert_eq!(everything(&folder), before, "the source stays as it is");
    let again = desk.run(["keys", "import", place, "--all"]);
    assert!(again.code == 1 && again.err.contains("already-imported"), "{again:?}");

    let listed = desk
        .run(["keys", "list", desk.data().join("keys").to_str().unwrap(), "--json"])
        .json();
    let stretched = "scrypt, N = 16384, r = 8, p = 5";
    let own = listed["folders"][0]["keys"].as_array().unwrap().clone();
    assert!(
        own.len() == 3 && own.iter().all(|key| key["protection"] == stretched),
        "{listed:#}"
    );

    // Another machine gets them back from this desk, in Notary's own form, and signs with its stock command line.
    let client = rig.client();
    let out = tempfile::tempdir().unwrap();
    for key in imported {
        let (role, at) = (key["role"].as_str().unwrap(), key["key"].as_str().unwrap());
        let path = at.strip_prefix("file:").unwrap();
        let opened = Command::new("openssl")
            .args(["pkey", "-in", path, "-noout", "-passin", &format!("pass:{OWN}")])
            .status();
        assert!(opened.is_ok_and(|status| status.success()), "openssl opens {path}");
        let exported = out.path().join(format!("{role}.key"));
        let gun = if role == "root" { vec![] } else { vec!["--gun", GUN] };
        let command = [
            &[
                "keys",
                "export",
                at,
                "--role",
                role,
                "--out",
                exported.to_str().unwrap(),
                "--json",
            ][..],
            &gun,
        ]
        .concat();
        let knowing = ctl().with_secret(at, OWN).with_secret(format!("new:{at}"), PASSPHRASE);
        let told = knowing.run(&command);
        assert_eq!(told.code, 0, "{told:?}");
        assert_eq!(told.json()["canonical_keyid"], key["canonical_keyid"]);
        let once = knowing.run(&command);
        assert!(once.code == 1 && once.err.contains("never overwritten"), "{once:?}");
        let taken = client.run(&["key", "import", exported.to_str().unwrap()]);
        assert!(taken.status.success(), "{taken:?}");
    }
    let keys = client.run(&["key", "list"]);
    let keys = String::from_utf8_lossy(&keys.stdout).into_owned();
    for key in imported {
        assert!(keys.contains(key["canonical_keyid"].as_str().unwrap()), "{keys}");
    }
    let digest = "3".repeat(64);
    let signed = client.run(&["addhash", GUN, "v9", "523", "--sha256", &digest, "-p"]);
    assert!(signed.status.success(), "{signed:?}");
    assert_eq!(
        rig.client().lookup(GUN, "v9"),
        (digest, 523),
        "everybody sees what was signed"
    );
    let rotated = client.run(&["key", "rotate", GUN, "targets"]);
    assert!(rotated.status.success(), "its root key signs as well: {rotated:?}");
}

#[test]
fn a_key_that_notary_generated_for_a_delegate_is_imported_from_its_file() {
    let rig = NotaryRig::start();
    let place = tempfile::tempdir().unwrap();
    let prefix = place.path().join("officer_1");
    rig.notary(&[
        "key",
        "generate",
        "ecdsa",
        "--role",
        "targets/releases",
        "-o",
        prefix.to_str().unwrap(),
    ]);
    let key = place.path().join("officer_1-key.pem").display().to_string();
    let text = fs::read_to_string(&key).unwrap();
    assert!(
        text.contains("role: targets/releases") && !text.contains("path:"),
        "{text}"
    );
    let desk = ctl()
        .with_secret(&key, PASSPHRASE)
        .with_secret(format!("new:{key}"), OWN);
    let told = desk.run(["keys", "import", &key, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(report["imported"][0]["role"], "targets/releases");
    let listed = desk.run(["keys", "list", "--json"]);
    assert!(
        listed
            .out
            .contains(report["imported"][0]["physical_key"].as_str().unwrap()),
        "{listed:?}"
    );
}

#[test]
fn a_copy_that_cannot_be_made_leaves_the_desk_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    key_files::make(place.path(), PASSPHRASE);
    let at = |name: &str| place.path().join(name).display().to_string();
    let key = at("python-ed25519");
    let cases = [
        (
            ctl()
                .with_secret(&key, "wrong one")
                .with_secret(format!("new:{key}"), OWN),
            3,
            "wrong-passphrase",
        ),
        (ctl().with_secret(&key, PASSPHRASE), 3, "prompt-closed"),
        (
            ctl()
                .with_secret(&key, PASSPHRASE)
                .with_secret(format!("new:{key}"), "short"),
            3,
            "passphrase-not-set",
        ),
    ];
    for (desk, code, word) in &cases {
        let told = desk.run(["keys", "import", &key]);
        assert!(told.code == *code && told.err.contains(word), "{word}: {told:?}");
        assert_eq!(everything(&desk.data().join("keys")), BTreeMap::new(), "{word}");
    }
    let desk = ctl()
        .with_secret(&key, PASSPHRASE)
        .with_secret(format!("new:{key}"), OWN);
    let unknown = desk.run(["keys", "import", place.path().to_str().unwrap(), "--only", "nobody"]);
    assert!(
        unknown.code == 2 && unknown.err.contains("key-not-found"),
        "{unknown:?}"
    );
    let public = desk.run(["keys", "import", &at("python-ed25519.pub")]);
    assert!(
        public.code == 2 && public.err.contains("key-file-unreadable"),
        "{public:?}"
    );

    // The good case, and what Notary does not take of it.
    let told = desk.run([
        "keys",
        "import",
        place.path().to_str().unwrap(),
        "--only",
        "python-ed25519",
        "--json",
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let copy = told.json()["imported"][0]["key"].as_str().unwrap().to_owned();
    let desk = ctl()
        .with_secret(&copy, OWN)
        .with_secret(format!("new:{copy}"), PASSPHRASE);
    let out = at("exported.key");
    for (role, more, word) in [
        ("root", vec![], "key-cannot-leave"),
        ("targets", vec![], "bad-usage"),
        ("root", vec!["--gun", GUN], "bad-usage"),
        ("timestamp", vec!["--gun", GUN], "bad-usage"),
    ] {
        let told = desk.run([&["keys", "export", &copy, "--role", role, "--out", &out][..], &more].concat());
        assert!(told.code == 1 && told.err.contains(word), "{role}: {told:?}");
    }
    let token = desk.run(["keys", "export", "yubikey:19402271/9c", "--role", "root", "--out", &out]);
    assert!(token.code == 1 && token.err.contains("key-cannot-leave"), "{token:?}");
    assert!(!place.path().join("exported.key").exists());
}
