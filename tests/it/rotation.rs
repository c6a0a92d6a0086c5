//! A root key is replaced by rootwardctl; python-tuf, which knows nothing of us, accepts what came of it from the old root.

use crate::{World, ctl, world};
use rootward_tests::ctl::{Ctl, Told, node};
use rootward_tests::rigs::python_tuf::{PythonTuf, Verdict};
use rootward_tests::rigs::tough::Tough;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

const NOW: &str = "2029-01-01T00:00:00Z";

#[test]
fn a_rotated_2_of_3_root_is_accepted_by_python_tuf_from_the_old_root() {
    let world = world();
    let told = replace(&world, "officer_3", "officer_4", "officer_1");
    assert_eq!(told.code, 0, "{told:?}");
    let verdict = judge(&world);
    assert!(verdict.accepted, "{verdict:?}");
    assert_eq!(verdict.versions["root"], 2);
    let answer = ctl()
        .run(["verify", &world.source, "--root", &world.root, "--at", NOW, "--json"])
        .json();
    assert_eq!(answer["root_versions"], serde_json::json!([1, 2]));
    assert_eq!(node(&answer, "root")["threshold"], 2);
}

#[test]
fn tampering_with_any_signature_of_the_new_root_makes_python_tuf_refuse() {
    let world = world();
    assert_eq!(replace(&world, "officer_3", "officer_4", "officer_1").code, 0);
    let whole = fs::read(world.file("2.root.json")).unwrap();
    let signatures: serde_json::Value = serde_json::from_slice(&whole).unwrap();
    let count = signatures["signatures"].as_array().unwrap().len();
    assert!(count >= 3, "the leaving, the joining and a staying officer signed");
    for number in 0..count {
        world.edit("2.root.json", |file| {
            let signature = &mut file["signatures"][number]["sig"];
            let text = signature.as_str().unwrap().to_owned();
            *signature = format!("{}{}", if text.starts_with('0') { "1" } else { "0" }, &text[1..]).into();
        });
        let verdict = judge(&world);
        assert!(
            !verdict.accepted && verdict.versions["root"] == 1,
            "signature {number} changed: {verdict:?}"
        );
        let told = ctl().run(["verify", &world.source, "--root", &world.root, "--at", NOW]);
        assert_eq!(told.code, 1, "we refuse it too: {told:?}");
        fs::write(world.file("2.root.json"), &whole).unwrap();
    }
    assert!(judge(&world).accepted);
}

#[test]
fn several_keys_leave_and_join_and_the_threshold_moves_in_one_rotation() {
    let world = world();
    let (two, three) = (world.key("officer_2"), world.key("officer_3"));
    let (four, five, one) = (world.key("officer_4"), world.key("officer_5"), world.key("officer_1"));
    let told = rotate(
        &world,
        &[
            "--remove",
            &two,
            "--remove",
            &three,
            "--add",
            &four,
            "--add",
            &five,
            "--sign",
            &one,
            "--threshold",
            "3",
        ],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let verdict = judge(&world);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
    let answer = ctl()
        .run(["tree", &world.source, "--root", &world.root, "--at", NOW, "--json"])
        .json();
    let root = node(&answer, "root");
    assert_eq!((&root["threshold"], &root["valid_signatures"]), (&3.into(), &3.into()));
    assert_eq!(root["keys"].as_array().unwrap().len(), 3);
}

#[test]
fn a_rotation_may_follow_a_rotation() {
    let world = world();
    let desk = world.desk();
    for (leaves, joins) in [("officer_3", "officer_4"), ("officer_2", "officer_5")] {
        let (leaves, joins, stays) = (world.key(leaves), world.key(joins), world.key("officer_1"));
        let told = rotate_on(&desk, &world, &["--remove", &leaves, "--add", &joins, "--sign", &stays]);
        assert_eq!(told.code, 0, "{told:?}");
    }
    let verdict = judge(&world);
    assert!(verdict.accepted && verdict.versions["root"] == 3, "{verdict:?}");
}

#[test]
fn a_key_is_removed_by_its_name_alone() {
    let world = world();
    let three = keyid(&world, 3);
    let (one, two, four) = (world.key("officer_1"), world.key("officer_2"), world.key("officer_4"));
    let told = rotate(
        &world,
        &["--remove", &three, "--add", &four, "--sign", &one, "--sign", &two],
    );
    assert_eq!(told.code, 0, "{told:?}");
    assert!(judge(&world).accepted);
    let left = fs::read_to_string(world.file("2.root.json")).unwrap();
    assert!(
        !left.contains(&format!("\"{three}\":")),
        "the key is gone from the new root"
    );
}

#[test]
fn too_few_signatures_publish_nothing() {
    let world = world();
    let before = files(Path::new(&world.source));
    // The leaving key is named, not given, so only officer_4 signs: no old threshold, no new one.
    let told = rotate(
        &world,
        &["--remove", &world.key("officer_3"), "--add", &world.key("officer_4")],
    );
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(files(Path::new(&world.source)), before);
}

#[test]
fn a_person_may_interrupt_while_being_asked_and_nothing_is_begun() {
    let world = world();
    let before = files(Path::new(&world.source));
    let (desk, three, four) = (world.desk(), world.key("officer_3"), world.key("officer_4"));
    let one = world.key("officer_1");
    let mut asked = arguments(&world, &["--remove", &three, "--add", &four, "--sign", &one]);
    asked.retain(|argument| *argument != "--yes");
    assert_eq!(desk.run_and_interrupt(&asked, "[y/N]"), Some(3));
    assert_eq!(states(&desk), Vec::<String>::new());
    assert!(files(Path::new(&world.source)) == before);
}

#[test]
fn a_wrong_passphrase_is_an_interruption_and_publishes_nothing() {
    let world = world();
    let before = files(Path::new(&world.source));
    let desk = ["officer_1", "officer_3", "officer_4"]
        .iter()
        .fold(ctl(), |desk, officer| {
            desk.with_secret(world.key(officer), "not the passphrase")
        });
    let (leaves, joins, stays) = (world.key("officer_3"), world.key("officer_4"), world.key("officer_1"));
    let told = rotate_on(&desk, &world, &["--remove", &leaves, "--add", &joins, "--sign", &stays]);
    assert_eq!(told.code, 3, "{told:?}");
    assert_eq!(files(Path::new(&world.source)), before);
}

#[test]
fn no_passphrase_is_left_in_the_data_folder() {
    let world = world();
    let desk = world.desk();
    let (leaves, joins, stays) = (world.key("officer_3"), world.key("officer_4"), world.key("officer_1"));
    assert_eq!(
        rotate_on(&desk, &world, &["--remove", &leaves, "--add", &joins, "--sign", &stays]).code,
        0
    );
    let kept = files(&desk.data());
    assert!(!kept.is_empty(), "a rotation is on record");
    for (name, bytes) in kept {
        let holds = bytes
            .windows(crate::PASSPHRASE.len())
            .any(|window| window == crate::PASSPHRASE.as_bytes());
        assert!(!holds, "{name} holds a passphrase");
    }
}

#[test]
fn killed_at_any_moment_the_same_command_brings_it_to_its_end() {
    let mut delay = Duration::from_millis(4);
    loop {
        let world = world();
        let desk = world.desk();
        let (leaves, joins, stays) = (world.key("officer_3"), world.key("officer_4"), world.key("officer_1"));
        let args = arguments(&world, &["--remove", &leaves, "--add", &joins, "--sign", &stays]);
        let was_killed = desk.run_and_kill(&args, delay);
        let published = states(&desk).iter().any(|state| state == "published");
        let there = world.file("2.root.json").exists();
        assert!(there || !published, "called published after {delay:?} and is not there");
        if !published {
            let told = desk.run(&args);
            assert_eq!(told.code, 0, "after a kill at {delay:?}: {told:?}");
        }
        let verdict = judge(&world);
        assert!(
            verdict.accepted && verdict.versions["root"] == 2,
            "{delay:?}: {verdict:?}"
        );
        assert_eq!(
            states(&desk),
            ["published"],
            "one ceremony, at its end, after {delay:?}"
        );
        if !was_killed {
            break;
        }
        delay = delay * 3 / 2;
    }
}

/// The states of all ceremonies of a desk, newest first.
fn states(desk: &Ctl) -> Vec<String> {
    let list = desk.run(["ceremony", "list", "--json"]).json();
    let items = list["items"].as_array().expect("a list of ceremonies");
    items
        .iter()
        .map(|item| item["state"].as_str().unwrap().to_owned())
        .collect()
}

fn replace(world: &World, leaves: &str, joins: &str, stays: &str) -> Told {
    let (leaves, joins, stays) = (world.key(leaves), world.key(joins), world.key(stays));
    rotate(world, &["--remove", &leaves, "--add", &joins, "--sign", &stays])
}

fn rotate(world: &World, keys: &[&str]) -> Told {
    rotate_on(&world.desk(), world, keys)
}

/// Trusts the world's first root on this desk, then rotates.
fn rotate_on(desk: &Ctl, world: &World, keys: &[&str]) -> Told {
    desk.run(arguments(world, keys))
}

fn arguments<'a>(world: &'a World, keys: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![
        "rotate-root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
    ];
    args.extend(keys);
    args
}

/// What python-tuf says; tough says the same, where it is built.
fn judge(world: &World) -> Verdict {
    let (source, root) = (Path::new(&world.source), Path::new(&world.root));
    let verdict = PythonTuf::ready().judge(source, root, NOW);
    if let Some(tough) = Tough::built() {
        let other = tough.judge(source, root);
        assert_eq!(other.accepted, verdict.accepted, "{other:?}, {verdict:?}");
    }
    verdict
}

/// The name that python-tuf gave the key of one of the first three officers.
fn keyid(world: &World, officer: usize) -> String {
    let root: serde_json::Value = serde_json::from_slice(&fs::read(&world.root).unwrap()).unwrap();
    root["signed"]["roles"]["root"]["keyids"][officer - 1]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            if entry.path().is_dir() {
                waiting.push(entry.path());
            } else {
                found.insert(entry.path().display().to_string(), fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}
