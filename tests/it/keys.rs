//! `rootwardctl keys`: what other programs keep is listed before any of it is used, and copied both ways.

use crate::ctl;
use rootward_core::Rootward;
use rootward_core::border::{Action, FoundKeyView, Outcome, Query, View};
use rootward_tests::desk::{self, ask};
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE};
use rootward_tests::rigs::{docker_trust, key_files};
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

#[test]
fn a_key_that_docker_generated_is_listed_under_its_name_and_copied_onto_a_desk() {
    let (home, working) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let trust = home.path().join(".docker/trust");
    let id = docker_trust::generate("officer_1", working.path(), &trust, PASSPHRASE);
    let judged = Command::new("notary")
        .arg("-d")
        .arg(&trust)
        .args(["key", "list"])
        .output();
    let judged = String::from_utf8_lossy(&judged.unwrap().stdout).into_owned();
    assert!(
        judged.contains(&id) && judged.contains("officer_1"),
        "Notary takes the folder for its own: {judged}"
    );

    let mut desk = ctl().with_variable("HOME", home.path());
    let listed = desk.run(["keys", "list", "--json"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    let listed = listed.json();
    let [key] = &listed["folders"][0]["keys"].as_array().unwrap()[..] else {
        panic!("expected one key: {listed:#}")
    };
    assert_eq!(
        (&key["role"], &key["canonical_keyid"], &key["encrypted"]),
        (&"officer_1".into(), &id.clone().into(), &true.into())
    );
    assert_eq!(key["findings"][0]["code"], "weak-passphrase-stretching");
    let public = desk.run(["keys", "list", working.path().to_str().unwrap(), "--json"]);
    let there = &public.json()["folders"][0];
    assert_eq!(
        (
            public.code,
            there["keys"].as_array().map(Vec::len),
            there["unreadable"].as_array().map(Vec::len)
        ),
        (0, Some(0), Some(0)),
        "the public half beside it is no private key: {public:?}"
    );

    let place = key["key"].as_str().unwrap();
    desk.learn(place, PASSPHRASE);
    desk.learn(format!("new:{place}"), OWN);
    let told = desk.run(["keys", "import", trust.to_str().unwrap(), "--only", &id, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let imported = told.json()["imported"][0].clone();
    assert_eq!(
        (&imported["canonical_keyid"], &imported["role"]),
        (&id.into(), &"officer_1".into())
    );
}

fn folder_view(desk: &Rootward, folder: &Path) -> Vec<FoundKeyView> {
    let folder = Some(folder.to_str().unwrap().to_owned());
    match ask(desk, Query::KeyFolders { folder }) {
        View::KeyFolders(mut view) => view.folders.remove(0).keys,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_window_lists_keys_before_it_copies_any_and_says_which_are_on_the_desk() {
    // The person at these desks answers every question so.
    let passphrase = "practice";
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let id = docker_trust::generate("officer_1", place.path(), place.path(), passphrase);
    let before = everything(place.path());
    let desk = Rootward::open(desk::ports(data.path(), desk::NOW)).unwrap();
    let [found] = &folder_view(&desk, place.path())[..] else {
        panic!("expected one key")
    };
    assert_eq!(
        (found.canonical_keyid.as_ref(), found.weak, found.here.as_ref()),
        (Some(&id), true, None)
    );
    assert!(!data.path().join("keys").exists(), "looking copies nothing");

    let import = |file: &str| {
        let folder = place.path().to_str().unwrap().to_owned();
        desk::run(desk.act(Action::ImportKey {
            folder,
            file: file.into(),
        }))
    };
    let Ok(Outcome::ImportedKey { key }) = import(&found.file) else {
        panic!("expected a copy")
    };
    assert_eq!(key.canonical_keyid, id);
    assert_eq!(everything(place.path()), before, "the source stays as it is");
    let [found] = &folder_view(&desk, place.path())[..] else {
        panic!("expected one key")
    };
    assert!(found.here.is_some(), "{found:?}");
    let refusals = [
        (import(&found.file), "already-imported"),
        (import("/nowhere/x.key"), "key-not-found"),
    ];
    for (went, code) in refusals {
        assert_eq!(went.unwrap_err().code, code);
    }

    let export = |role: &str, path: &Path| {
        desk::run(desk.act(Action::ExportKey {
            key: key.key.clone(),
            role: role.into(),
            gun: None,
            path: path.to_str().unwrap().into(),
        }))
    };
    let out = place.path().join("for-notary.key");
    assert_eq!(
        export("root", &place.path().join("x.sh")).unwrap_err().code,
        "bad-usage"
    );
    assert_eq!(
        export("targets", &out).unwrap_err().code,
        "bad-usage",
        "no GUN was given"
    );
    let Ok(Outcome::ExportedKey { key: written }) = export("root", &out) else {
        panic!("expected a copy")
    };
    assert_eq!(written.canonical_keyid, id);
    let text = fs::read_to_string(&out).unwrap();
    assert!(
        text.contains("role: root") && text.contains(&format!("path: {id}")),
        "{text}"
    );
}
