//! rootwardctl's contract: exit codes and the shape of every answer. Fields may be added, never renamed.

use crate::{ctl, world};
use rootward_tests::ctl::{Told, codes, node, nodes};
use serde_json::Value;

const NOW: &str = "2029-01-01T00:00:00Z";
const AFTER: &str = "2030-01-01T00:00:00Z";

#[test]
fn a_tree_shows_every_role_with_every_field() {
    let world = world();
    let told = ctl().run(["tree", &world.source, "--at", NOW, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let answer = told.json();
    assert_eq!(answer["source"].as_str(), Some(world.source.as_str()));
    assert_eq!(answer["dialect"], "tuf1");
    let top: Vec<&str> = answer["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["role"].as_str())
        .collect();
    assert_eq!(
        top,
        ["root", "timestamp", "snapshot", "targets"],
        "side by side, in the order of trust"
    );
    for node in nodes(&answer) {
        assert!(
            node["version"] == 1 && node["threshold"].is_u64() && node["valid_signatures"].is_u64(),
            "{node:#}"
        );
        assert_eq!(node["expires"], AFTER, "the text as signed");
        assert!(node["paths"].is_array() && node["children"].is_array(), "{node:#}");
        for key in node["keys"].as_array().unwrap() {
            assert!(key["keyid"].is_string() && key["scheme"].is_string(), "{key:#}");
            assert!(
                key["physical_key"]
                    .as_str()
                    .is_some_and(|key| key.len() == 71 && key.starts_with("sha256:"))
            );
        }
    }
    assert_eq!(
        (
            &node(&answer, "root")["threshold"],
            &node(&answer, "root")["valid_signatures"]
        ),
        (&2.into(), &2.into())
    );
    let children = node(&answer, "targets")["children"].as_array().unwrap();
    assert_eq!(children.len(), 1);
    assert_eq!(
        (&children[0]["role"], &children[0]["paths"][0]),
        (&"build-07".into(), &"images/*".into())
    );
    assert_eq!(children[0]["terminating"], false);
}

#[test]
fn without_an_anchor_everything_is_unanchored_and_nothing_sound() {
    let world = world();
    let answer = ctl().run(["tree", &world.source, "--at", NOW, "--json"]).json();
    assert_eq!(
        (&answer["anchor"], &answer["standing"]),
        (&Value::Null, &"unanchored".into())
    );
    assert!(
        nodes(&answer).iter().all(|node| node["standing"] == "unanchored"),
        "{answer:#}"
    );
}

#[test]
fn with_a_given_root_a_sound_repository_is_sound() {
    let world = world();
    let answer = ctl()
        .run(["tree", &world.source, "--root", &world.root, "--at", NOW, "--json"])
        .json();
    assert_eq!(
        (&answer["anchor"], &answer["standing"]),
        (&"given".into(), &"sound".into()),
        "{answer:#}"
    );
}

#[test]
fn verify_exits_0_when_the_walk_accepts() {
    let world = world();
    let told = ctl().run(["verify", &world.source, "--root", &world.root, "--at", NOW, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let answer = told.json();
    assert_eq!(
        (&answer["accepted"], &answer["anchor"]),
        (&true.into(), &"given".into())
    );
    assert_eq!(answer["root_versions"], serde_json::json!([1]));
}

#[test]
fn verify_exits_1_when_the_walk_refuses() {
    let world = world();
    let told = ctl().run(["verify", &world.source, "--root", &world.root, "--at", AFTER, "--json"]);
    assert_eq!(told.code, 1, "{told:?}");
    let answer = told.json();
    assert_eq!(answer["accepted"], false);
    assert!(codes(node(&answer, "root")).contains(&"expired"), "{answer:#}");
}

#[test]
fn verify_exits_2_without_an_anchor() {
    let world = world();
    let told = ctl().run(["verify", &world.source, "--at", NOW, "--json"]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(format!("{}{}", told.out, told.err).contains("no-anchor"), "{told:?}");
}

#[test]
fn first_use_is_confirmed_once_and_stays_visible() {
    let (world, desk) = (world(), ctl());
    let first = desk.run(["verify", &world.source, "--first-use", "--at", NOW, "--json"]);
    assert_eq!(
        (first.code, &first.json()["anchor"]),
        (0, &"first-use".into()),
        "{first:?}"
    );
    let answer = desk
        .run(["tree", &world.source, "--root", &world.root, "--at", NOW, "--json"])
        .json();
    assert_eq!(answer["anchor"], "given");
}

#[test]
fn a_signature_that_does_not_verify_is_refused() {
    let world = world();
    world.edit("1.targets.json", |file| {
        let signature = file["signatures"][0]["sig"].as_str().unwrap().to_owned();
        let last = if signature.ends_with('0') { "1" } else { "0" };
        file["signatures"][0]["sig"] = format!("{}{last}", &signature[..signature.len() - 1]).into();
    });
    let told = ctl().run(["verify", &world.source, "--root", &world.root, "--at", NOW, "--json"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(
        codes(node(&told.json(), "targets")).contains(&"under-threshold"),
        "{}",
        told.out
    );
}

#[test]
fn history_lists_every_root_version() {
    let world = world();
    let told = ctl().run(["history", &world.source, "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(ctl().run(["history", &world.source]).out.contains('1'));
}

#[test]
fn what_cannot_run_exits_2_and_says_why() {
    let (world, empty) = (world(), tempfile::tempdir().unwrap());
    let missing = empty.path().join("missing");
    let (missing, empty) = (missing.to_str().unwrap(), empty.path().to_str().unwrap());
    let key = world.key("officer_1");
    let cases: &[&[&str]] = &[
        &[],
        &["certify"],
        &["tree"],
        &["tree", &world.source, "--colour"],
        &["tree", &world.source, "--at", "yesterday"],
        &["tree", missing],
        &["verify", missing, "--root", &world.root],
        &["verify", &world.source, "--root", missing],
        &["verify", &world.source, "--root", &world.root, "--first-use"],
        &["tree", empty],
        &["history", empty],
        &["tree", "gopher://example.org/"],
        &["tree", "http://127.0.0.1:1/"],
        &["verify", "http://127.0.0.1:1/", "--root", &world.root],
        &["rotate-root", &world.source],
        &[
            "rotate-root",
            &world.source,
            "--remove",
            &key,
            "--add",
            "file:/nonexistent",
            "--yes",
        ],
    ];
    for case in cases {
        let Told { code, err, out, .. } = ctl().run(*case);
        assert_eq!(code, 2, "{case:?}: {out}{err}");
        assert!(
            !err.trim().is_empty() && out.is_empty(),
            "{case:?} says why, on stderr: {out}{err}"
        );
    }
}

#[test]
fn help_and_version_exit_0() {
    for case in ["--help", "--version"] {
        let told = ctl().run([case]);
        assert!(told.code == 0 && !told.out.is_empty(), "{told:?}");
    }
}
