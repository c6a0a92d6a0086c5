//! Doubles to practise on: as the original in everything but its keys, and nothing done to them touches the original.

use crate::notary_rotation::gun::Gun;
use crate::world;
use rootward_tests::ctl::{Ctl, nodes};
use rootward_tests::rigs::notary::NotaryRig;
use rootward_tests::rigs::python_tuf::PythonTuf;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const NOW: &str = "2029-01-01T00:00:00Z";

/// What a double shares with its original: roles in their order, ends, thresholds, numbers of keys, paths.
fn shape(tree: &Value) -> Vec<Value> {
    let each = nodes(tree).into_iter().map(|node| {
        json!({ "role": node["role"], "expires": node["expires"], "threshold": node["threshold"], "paths": node["paths"],
                "terminating": node["terminating"], "keys": node["keys"].as_array().map(Vec::len) })
    });
    each.collect()
}

/// Every physical key that a tree lists.
fn keys(tree: &Value) -> BTreeSet<String> {
    let listed = nodes(tree)
        .into_iter()
        .flat_map(|node| node["keys"].as_array().into_iter().flatten());
    listed
        .filter_map(|key| key["physical_key"].as_str())
        .map(str::to_owned)
        .collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"));
    let read = |entry: fs::DirEntry| {
        (
            entry.file_name().to_string_lossy().into_owned(),
            fs::read(entry.path()).expect("a file"),
        )
    };
    entries.map(read).collect()
}

/// The double's key files, by what they are called; the desk learns the passphrase of each.
fn learn(desk: &mut Ctl, place: &Path) -> Vec<String> {
    let names = files(&place.join("keys"))
        .into_keys()
        .filter(|name| name.ends_with(".pem"));
    let keys: Vec<String> = names
        .map(|name| format!("file:{}", place.join("keys").join(name).display()))
        .collect();
    for key in &keys {
        desk.learn(key, "practice");
    }
    keys
}

#[test]
fn a_double_of_a_tuf_repository_has_its_shape_and_other_keys_and_python_tuf_follows_it() {
    let world = world();
    let before = files(Path::new(&world.source));
    let mut desk = world.desk();
    let made = desk.run(["practise", &world.source, "--root", &world.root, "--at", NOW, "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let double = made.json()["source"].as_str().expect("a source").to_owned();
    let tree = |source: &str| crate::ctl().run(["tree", source, "--at", NOW, "--json"]).json();
    let (original, doubled) = (tree(&world.source), tree(&double));
    assert_eq!(shape(&doubled), shape(&original));
    assert!(keys(&original).is_disjoint(&keys(&doubled)), "no key is shared");
    assert_eq!(keys(&original).len(), keys(&doubled).len());
    let root = Path::new(&double).join("1.root.json");
    let kept = tempfile::tempdir().expect("a temporary folder can be made");
    let first = kept.path().join("root.json");
    fs::copy(&root, &first).expect("the first root is there");
    let verdict = PythonTuf::ready().judge(Path::new(&double), &first, NOW);
    assert!(verdict.accepted, "{verdict:?}");

    // It is worked on like any other; the original stays as it was.
    let place = Path::new(&double).parent().expect("a folder").to_owned();
    let keys = learn(&mut desk, &place);
    let leaves = keys
        .iter()
        .find(|key| key.ends_with("/root-1.pem"))
        .expect("a root key");
    let ends = [
        "change",
        &double,
        "--ends",
        "root=2031-01-01T00:00:00Z",
        "--at",
        NOW,
        "--yes",
        "--json",
    ];
    let signers = keys.iter().filter(|key| key.contains("/root-"));
    let words = signers.flat_map(|key| ["--sign", key]);
    let told = desk.run(ends.into_iter().chain(words));
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.json()["practice"], true, "{told:?}");
    let verdict = PythonTuf::ready().judge(Path::new(&double), &first, NOW);
    assert_eq!(
        (verdict.accepted, verdict.versions.get("root")),
        (true, Some(&2)),
        "{verdict:?}"
    );
    assert_eq!(
        files(Path::new(&world.source)),
        before,
        "nothing of the original was touched"
    );
    let refused = desk.run([
        "change",
        &world.source,
        "--at",
        NOW,
        "--yes",
        "--add",
        &format!("root={leaves}"),
    ]);
    assert_eq!(
        (refused.code, refused.err.contains("practice-only")),
        (1, true),
        "{refused:?}"
    );
}

#[test]
fn a_double_of_a_notary_repository_lives_on_a_practice_server_under_its_own_name() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/double");
    let (source, root) = (gun.source(), gun.first_root());
    let made = gun
        .desk
        .run(["practise", &source, "--ca", gun.ca(), "--root", &root, "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let made = made.json();
    let double = made["source"].as_str().expect("a source").to_owned();
    assert!(double.starts_with("notary+practice://"), "{double}");
    assert_eq!(made["gun"], gun.name.as_str());
    let original = gun.desk.run(["tree", &source, "--ca", gun.ca(), "--json"]).json();
    let doubled = gun.desk.run(["tree", &double, "--json"]).json();
    // Snapshot and timestamp are made by another server, at another time.
    let lasting = |tree: &Value| {
        let shape = shape(tree).into_iter();
        shape
            .filter(|node| node["role"] != "snapshot" && node["role"] != "timestamp")
            .collect::<Vec<_>>()
    };
    assert_eq!(lasting(&doubled), lasting(&original));
    assert!(keys(&original).is_disjoint(&keys(&doubled)));
    let name = double
        .trim_start_matches("notary+practice://")
        .split('/')
        .next()
        .expect("a name");
    let place = gun.desk.data().join("practice/clones").join(name);
    let theirs = learn(&mut gun.desk, &place);
    let targets = theirs
        .iter()
        .find(|key| key.ends_with("/targets-1.pem"))
        .expect("a key of targets");
    let words = [
        "change",
        &double,
        "--target",
        "targets=v1",
        "--length",
        "9",
        "--sha256",
        &"ab".repeat(32),
        "--yes",
        "--sign",
    ];
    let told = gun.desk.run(words.into_iter().chain([targets.as_str()]));
    assert_eq!(told.code, 0, "{told:?}");
    gun.tag();
    gun.judge("the original goes on as if nothing had been");
}

#[test]
fn what_was_never_read_has_no_double() {
    let desk = crate::ctl();
    let empty = tempfile::tempdir().expect("a temporary folder can be made");
    let told = desk.run(["practise", empty.path().to_str().expect("a path"), "--first-use"]);
    assert_eq!(told.code, 2, "{told:?}");
    let world = world();
    let told = desk.run(["practise", &world.source]);
    assert_eq!((told.code, told.err.contains("no-anchor")), (2, true), "{told:?}");
}
