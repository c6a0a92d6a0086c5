//! Notary: every captured state opens with the versions it was captured with, and a live GUN shows over the network.

use crate::ctl;
use rootward_tests::ctl::{codes, node, nodes};
use rootward_tests::fixtures;
use rootward_tests::rigs::notary::NotaryRig;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const CLOCK: &str = "2026-11-23T00:00:00Z";
const EXPIRED: &str = "2026-12-07T00:00:00Z";

#[test]
fn every_captured_state_opens_with_the_versions_it_was_captured_with() {
    let Some(captured) = fixtures::captured() else { return };
    let index: Value = serde_json::from_slice(&fs::read(captured.path().join("notary/INDEX.json")).unwrap()).unwrap();
    let states = index.as_object().unwrap();
    assert_eq!(states.len(), 24);
    for (state, facts) in states {
        let answer = tree(&repository(captured.path(), state), "root.json");
        assert_eq!(
            (&answer["dialect"], &answer["anchor"]),
            (&"notary".into(), &"given".into()),
            "{state}"
        );
        for (file, facts) in facts["files"].as_object().unwrap() {
            let role = file.trim_end_matches(".json");
            if !role.starts_with(|first: char| first.is_ascii_digit()) {
                let role =
                    role.replacen("targets_", "targets/", 1)
                        .replacen('_', "/", usize::from(role.contains("targets_")));
                assert_eq!(node(&answer, &role)["version"], facts["version"], "{state}: {file}");
            }
        }
    }
}

#[test]
fn every_captured_state_is_judged_as_the_ground_truth_says() {
    let Some(captured) = fixtures::captured() else { return };
    let partly = [
        ("b-purged", "targets/releases"),
        ("b-purged", "targets/alice"),
        ("d-delegkey-4-revoked", "targets/releases"),
    ];
    for state in fs::read_dir(captured.path().join("notary/repos")).unwrap().flatten() {
        let state = state.file_name().into_string().unwrap();
        let folder = repository(captured.path(), &state);
        let answer = tree(&folder, "root.json");
        for role in ["root", "timestamp", "snapshot", "targets"] {
            let standing = node(&answer, role)["own_standing"].as_str().unwrap().to_owned();
            assert!(
                ["sound", "expiring"].contains(&standing.as_str()),
                "{state}: {role} is {standing}"
            );
        }
        for node in nodes(&answer).into_iter().filter(|node| node["version"].is_u64()) {
            let role = node["role"].as_str().unwrap();
            let refused = partly.contains(&(state.as_str(), role));
            assert_eq!(
                codes(node).contains(&"under-threshold"),
                refused,
                "{state}: {role}: {node:#}"
            );
        }
        let whole = !partly.iter().any(|(broken, _)| *broken == state);
        assert_eq!(verify(&folder, &folder.join("root.json"), CLOCK) == 0, whole, "{state}");
        assert_eq!(
            verify(&folder, &folder.join("root.json"), EXPIRED),
            1,
            "{state}: the timestamp lasts fourteen days"
        );
    }
}

#[test]
fn an_older_root_leads_to_the_newest_or_is_refused() {
    let Some(captured) = fixtures::captured() else { return };
    let file = |state: &str, name: &str| repository(captured.path(), state).join(name);
    let cases = [
        ("c-rotation-4-targets", file("c-rotation-4-targets", "1.root.json"), 0),
        ("c-rotation-4-targets", file("c-rotation-4-targets", "3.root.json"), 0),
        ("a-targets-rotated", file("a-fresh", "root.json"), 0), // the root key never changed: the newest verifies directly
        ("c-rotation-3-root", file("c-rotation-1-root", "root.json"), 1), // steps between are missing
        ("c-rotation-3-root", file("c-rotation-4-targets", "root.json"), 1), // rolled back
        ("d-delegkey-0-delegated", file("a-fresh", "root.json"), 1), // another history of the same name
        ("e-targetskey-1-thief", file("e-targetskey-3-restored", "root.json"), 1), // rolled back
    ];
    for (state, root, expected) in cases {
        assert_eq!(
            verify(&repository(captured.path(), state), &root, CLOCK),
            expected,
            "{state} from {}",
            root.display()
        );
    }
}

#[test]
fn a_gun_of_the_real_notary_shows_in_the_tree_over_the_network() {
    let rig = NotaryRig::start();
    let gun = "reg.test/lab/hello";
    rig.init_and_publish(gun);
    let digest = "a".repeat(64);
    rig.notary(&["addhash", gun, "v1", "523", "--sha256", &digest, "--publish"]);
    let told = ctl().run(["tree", &address(&rig, gun), "--ca", ca(&rig), "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let answer = told.json();
    assert_eq!(answer["dialect"], "notary");
    let versions: Vec<&Value> = ["root", "targets", "snapshot", "timestamp"]
        .map(|role| &node(&answer, role)["version"])
        .into();
    assert_eq!(versions, [1, 3, 3, 2], "as the command line numbers them");
}

#[test]
fn a_delegation_shows_before_and_after_its_first_signing() {
    let rig = NotaryRig::start();
    let gun = "reg.test/lab/delegated";
    rig.init_and_publish(gun);
    rig.notary(&["key", "rotate", gun, "snapshot", "--server-managed"]);
    let (certificate, key) = rig.delegate("officer_2");
    rig.notary(&[
        "delegation",
        "add",
        gun,
        "targets/releases",
        certificate.to_str().unwrap(),
        "--all-paths",
        "--publish",
    ]);
    let show = || {
        ctl()
            .run(["tree", &address(&rig, gun), "--ca", ca(&rig), "--json"])
            .json()
    };
    let answer = show();
    let delegated = &node(&answer, "targets")["children"][0];
    assert_eq!(
        (&delegated["role"], &delegated["version"]),
        (&"targets/releases".into(), &Value::Null),
        "{answer:#}"
    );

    rig.notary(&["key", "import", key.to_str().unwrap(), "--role", "officer_2"]);
    let digest = "b".repeat(64);
    rig.notary(&[
        "addhash",
        gun,
        "v1",
        "523",
        "--sha256",
        &digest,
        "--roles",
        "targets/releases",
        "--publish",
    ]);
    let answer = show();
    assert_eq!(node(&answer, "targets/releases")["version"], 1, "{answer:#}");
    assert_eq!(node(&answer, "targets/releases")["valid_signatures"], 1);
}

#[test]
fn a_root_rotated_by_the_real_command_line_is_walked_from_the_old_root() {
    let rig = NotaryRig::start();
    let gun = "reg.test/lab/rot";
    rig.init_and_publish(gun);
    let kept = tempfile::tempdir().unwrap();
    let old = kept.path().join("root.json");
    fs::copy(
        rig.trust_folder().join("tuf").join(gun).join("metadata/root.json"),
        &old,
    )
    .unwrap();
    let judge = || {
        let told = ctl().run([
            "verify",
            &address(&rig, gun),
            "--ca",
            ca(&rig),
            "--root",
            old.to_str().unwrap(),
            "--json",
        ]);
        assert_eq!(told.code, 0, "{told:?}");
        told.json()["root_versions"].clone()
    };
    assert_eq!(judge(), serde_json::json!([1]));
    rig.notary(&["key", "rotate", gun, "root"]);
    assert_eq!(judge(), serde_json::json!([1, 2]));
    rig.notary(&["key", "rotate", gun, "root"]);
    assert_eq!(judge(), serde_json::json!([1, 2, 3]));
}

#[test]
fn a_server_that_our_authority_does_not_vouch_for_is_not_asked() {
    let rig = NotaryRig::start();
    rig.init_and_publish("reg.test/lab/hello");
    let told = ctl().run(["verify", &address(&rig, "reg.test/lab/hello"), "--first-use"]);
    assert_eq!(told.code, 2, "{told:?}");
    let told = ctl().run(["tree", &address(&rig, "reg.test/lab/never"), "--ca", ca(&rig)]);
    assert_eq!(told.code, 2, "nothing to show of a GUN that is not there: {told:?}");
}

fn address(rig: &NotaryRig, gun: &str) -> String {
    format!("notary+https://{}/{gun}", rig.host())
}

fn ca(rig: &NotaryRig) -> &str {
    rig.ca_file().to_str().unwrap()
}

fn repository(captured: &Path, state: &str) -> PathBuf {
    captured.join("notary/repos").join(state)
}

fn tree(folder: &Path, root: &str) -> Value {
    let root = folder.join(root);
    let told = ctl().run([
        "tree",
        folder.to_str().unwrap(),
        "--root",
        root.to_str().unwrap(),
        "--at",
        CLOCK,
        "--json",
    ]);
    assert_eq!(told.code, 0, "{}: {told:?}", folder.display());
    told.json()
}

fn verify(folder: &Path, root: &Path, clock: &str) -> i32 {
    ctl()
        .run([
            "verify",
            folder.to_str().unwrap(),
            "--root",
            root.to_str().unwrap(),
            "--at",
            clock,
        ])
        .code
}
