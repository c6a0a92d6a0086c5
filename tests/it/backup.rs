//! A desk moves to another machine in one file, and remembers there what it trusted here.

use crate::{PASSPHRASE, World, ctl, foreign_key, world};
use rootward_tests::ctl::{Ctl, Told};
use std::fs;
use std::process::Command;

const NOW: &str = "2029-01-01T00:00:00Z";
const OWN: &str = "another throw-away passphrase";

/// A desk that has rotated a root key of `world`.
fn rotated(world: &World) -> Ctl {
    let desk = world.desk();
    let (leaves, joins, stays) = (world.key("officer_3"), world.key("officer_4"), world.key("officer_1"));
    let told = world.rotate(&desk, &leaves, &joins, &stays);
    assert_eq!(told.code, 0, "{told:?}");
    desk
}

fn verified(desk: &Ctl, world: &World) -> Told {
    desk.run(["verify", &world.source, "--at", NOW, "--json"])
}

#[test]
fn a_desk_on_another_machine_trusts_what_the_backed_up_desk_trusted() {
    let world = world();
    let mut desk = rotated(&world);
    // One key of its own, so that there is something to leave out.
    let (place, key) = foreign_key();
    let at = |name: &str| place.path().join(name).display().to_string();
    desk.learn(&key, PASSPHRASE);
    desk.learn(format!("new:{key}"), OWN);
    assert_eq!(desk.run(["keys", "import", &key]).code, 0);

    let (bare, with_keys) = (at("bare.backup"), at("keys.backup"));
    let silent = desk.without_secrets();
    let told = silent.run(["backup", &bare, "--at", NOW, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(report["private_keys"], 0);
    let digest = Command::new("sha256sum").arg(&bare).output().unwrap();
    assert!(String::from_utf8_lossy(&digest.stdout).starts_with(report["sha256"].as_str().unwrap()));
    let listed = Command::new("tar").args(["tf", &bare]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        listed.starts_with("manifest.json\n") && listed.contains("ledger.jsonl"),
        "{listed}"
    );
    assert!(!listed.lines().any(|name| name.ends_with(".pem")), "{listed}");
    let told = silent.run(["backup", &with_keys, "--at", NOW, "--with-keys", "--json"]);
    assert_eq!(told.json()["private_keys"], 1, "{told:?}");
    let over = silent.run(["backup", &bare, "--at", NOW]);
    assert!(over.code == 1 && over.err.contains("never written over"), "{over:?}");

    let other = ctl();
    assert_ne!(verified(&other, &world).code, 0, "nothing is trusted there yet");
    let told = other.run(["restore", &with_keys, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(
        (report["added"].as_array().unwrap().len(), &report["private_keys"]),
        (1, &1.into()),
        "{report:#}"
    );
    let told = verified(&other, &world);
    assert_eq!(
        (told.code, &told.json()["root_versions"]),
        (0, &serde_json::json!([2])),
        "{told:?}"
    );
    assert!(other.run(["ceremony", "list"]).out.contains("2029-001"));
    // Its key opens there by its own passphrase, as anybody can check.
    let keys = other.data().join("keys");
    let key = fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path());
    let key = key
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "pem"))
        .unwrap();
    let opened = Command::new("openssl")
        .args(["pkey", "-noout", "-passin", &format!("pass:{OWN}"), "-in"])
        .arg(&key)
        .status();
    assert!(opened.unwrap().success());

    // An older repository, rolled back, is found out on the new machine too.
    for name in ["2.root.json", "root.json"] {
        let _ = fs::remove_file(world.file(name));
    }
    let rolled_back = verified(&other, &world);
    assert_eq!(rolled_back.json()["root_versions"][0], 2, "{rolled_back:?}");
}

#[test]
fn what_is_no_backup_is_refused_and_the_desk_stays_as_it_was() {
    let (world, place) = (world(), tempfile::tempdir().unwrap());
    let desk = rotated(&world).without_secrets();
    let file = place.path().join("desk.backup");
    let path = file.to_str().unwrap();
    assert_eq!(desk.run(["backup", path, "--at", NOW]).code, 0);
    let whole = fs::read(&file).unwrap();
    let other = ctl();
    for bytes in [&whole[..whole.len() / 3], b"something else", b""] {
        fs::write(&file, bytes).unwrap();
        let refused = other.run(["restore", path]);
        assert!(
            refused.code == 1 && refused.err.contains("backup-unusable"),
            "{refused:?}"
        );
        assert!(!other.data().join("ceremonies").exists());
    }
    let missing = other.run(["restore", "/nowhere/desk.backup"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    fs::write(&file, &whole).unwrap();
    assert_eq!(other.run(["restore", path]).code, 0);
}
