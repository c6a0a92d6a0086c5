//! Changes of trust by rootwardctl in a TUF repository that python-tuf made; python-tuf's updater judges what came of each.

use crate::{World, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::rigs::python_tuf::{PythonTuf, Verdict};
use rootward_tests::rigs::tough::Tough;
use rootward_tuf::encoding::sha256;
use serde_json::Value;
use std::fs;
use std::path::Path;

const NOW: &str = "2029-01-01T00:00:00Z";

fn change(desk: &Ctl, world: &World, words: &[&str]) -> Told {
    let mut args = vec!["change", &world.source, "--root", &world.root, "--at", NOW, "--yes"];
    args.extend(words);
    desk.run(args)
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

/// What python-tuf comes to trust must be exactly this.
fn accepted(world: &World, versions: &[(&str, u64)]) {
    let verdict = judge(world);
    assert!(verdict.accepted, "{verdict:?}");
    for (role, version) in versions {
        assert_eq!(verdict.versions.get(*role), Some(version), "{role}: {verdict:?}");
    }
}

#[test]
fn delegations_and_targets_come_change_and_go_and_python_tuf_follows_each_step() {
    let world = world();
    let desk = world.desk();
    let (online, build, four) = (world.key("online"), world.key("build-07"), world.key("officer_4"));
    let file = Path::new(&world.source).parent().unwrap().join("tool.tar");
    fs::write(&file, b"a tool").unwrap();
    let delegated = [
        "--delegate",
        "tools",
        "--by",
        "targets",
        "--with",
        &four,
        "--path",
        "tools/*",
        "--place",
        "1",
        "--sign",
        &online,
    ];
    let told = change(&desk, &world, &delegated);
    assert_eq!(told.code, 0, "{told:?}");
    accepted(&world, &[("root", 1), ("targets", 2), ("tools", 1), ("build-07", 1)]);

    let vouched = [
        "--target",
        "tools=tools/tool.tar",
        "--file",
        file.to_str().unwrap(),
        "--sign",
        &four,
        "--sign",
        &online,
    ];
    let told = change(&desk, &world, &vouched);
    assert_eq!(told.code, 0, "{told:?}");
    accepted(&world, &[("targets", 2), ("tools", 2)]);
    let tools: Value = serde_json::from_slice(&fs::read(world.file("2.tools.json")).unwrap()).unwrap();
    assert_eq!(tools["signed"]["targets"]["tools/tool.tar"]["length"], 6);

    // Several at once: another key for the old delegation, whose document is signed again; the new one ends.
    let several = [
        "--remove",
        &format!("build-07={build}"),
        "--add",
        &format!("build-07={four}"),
        "--sign-again",
        "build-07",
        "--undelegate",
        "tools",
        "--sign",
        &online,
    ];
    let told = change(&desk, &world, &several);
    assert_eq!(told.code, 0, "{told:?}");
    let verdict = judge(&world);
    assert!(verdict.accepted && verdict.versions["build-07"] == 2, "{verdict:?}");
    assert!(!verdict.versions.contains_key("tools"), "{verdict:?}");
}

#[test]
fn python_tuf_finds_a_target_in_the_succinct_bin_its_digest_leads_to_and_no_other_bin_may_hold_it() {
    let world = world();
    let desk = world.desk();
    let (online, four) = (world.key("online"), world.key("officer_4"));
    // Bins that are named all at once stand beside no other delegation: what there is ends in the same ceremony.
    let bins = [
        "--undelegate",
        "build-07",
        "--bins",
        "bin",
        "--bits",
        "2",
        "--succinct",
        "--by",
        "targets",
        "--with",
        &four,
        "--sign",
        &online,
        "--sign",
        &four,
    ];
    let told = change(&desk, &world, &bins);
    assert_eq!(told.code, 0, "{told:?}");
    let bin = |path: &str| usize::from(sha256(path.as_bytes())[0] >> 6);
    let file = Path::new(&world.source).parent().unwrap().join("tool.tar");
    fs::write(&file, b"a tool").unwrap();
    let file = file.to_str().unwrap();
    let path = "tools/tool.tar";
    let vouch = |bin: usize| {
        let target = format!("bin-{bin}={path}");
        change(
            &desk,
            &world,
            &["--target", &target, "--file", file, "--sign", &four, "--sign", &online],
        )
    };
    // No client would look into another bin than its digest's.
    let beside = vouch((bin(path) + 1) % 4);
    assert!(beside.code == 1 && beside.err.contains("draft-refused"), "{beside:?}");
    let told = vouch(bin(path));
    assert_eq!(told.code, 0, "{told:?}");
    let verdict = PythonTuf::ready().judge(Path::new(&world.source), Path::new(&world.root), NOW);
    assert!(verdict.accepted, "{verdict:?}");
    for place in 0..4 {
        let version = 1 + u64::from(place == bin(path));
        assert_eq!(
            verdict.versions.get(&format!("bin-{place}")),
            Some(&version),
            "{verdict:?}"
        );
    }
    assert_eq!(verdict.found.get(path), Some(&6), "{verdict:?}");
}

#[test]
fn while_files_appear_one_by_one_no_client_meets_what_it_cannot_check() {
    let world = world();
    let (online, five) = (world.key("online"), world.key("officer_5"));
    let (one, two) = (world.key("officer_1"), world.key("officer_2"));
    // The online key leaves targets, snapshot and timestamp at once.
    let told = change(
        &world.desk(),
        &world,
        &["--revoke", &online, "--replace", &five, "--sign", &one, "--sign", &two],
    );
    assert_eq!(told.code, 0, "{told:?}");
    accepted(
        &world,
        &[("root", 2), ("targets", 2), ("snapshot", 2), ("timestamp", 2)],
    );
    // A client that comes before the last file, which is root, accepts too; and so would one whose root is the old one.
    let root = fs::read(world.file("2.root.json")).unwrap();
    fs::remove_file(world.file("2.root.json")).unwrap();
    accepted(
        &world,
        &[("root", 1), ("targets", 2), ("snapshot", 2), ("timestamp", 2)],
    );
    fs::write(world.file("2.root.json"), root).unwrap();
    let text = fs::read_to_string(world.file("2.root.json")).unwrap();
    let root: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        root["signed"]["keys"].as_object().unwrap().len(),
        4,
        "the stolen key is gone everywhere"
    );
}

#[test]
fn a_lost_key_is_not_counted_on_and_the_root_without_it_is_followed() {
    let world = world();
    let desk = world.desk();
    let [one, two, three, five] = ["officer_1", "officer_2", "officer_3", "officer_5"].map(|name| world.key(name));
    let lost = [
        "--revoke",
        &three,
        "--because",
        "lost",
        "--replace",
        &five,
        "--sign",
        &one,
        "--sign",
        &two,
    ];
    let plan = change(&desk, &world, &[&lost[..], &["--plan", "--json"]].concat());
    assert_eq!(plan.code, 0, "{plan:?}");
    let plan = plan.json();
    let before = plan["documents"][0]["quorums"].as_array().unwrap();
    let before = before.iter().find(|quorum| quorum["before"] == true).unwrap();
    let mut keys: Vec<&str> = before["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|key| key["key"].as_str())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, [&*one, &*two], "{plan:#}");
    assert_eq!((&before["threshold"], &before["at_hand"]), (&2.into(), &2.into()));
    let told = change(&desk, &world, &lost);
    assert_eq!(told.code, 0, "{told:?}");
    accepted(&world, &[("root", 2)]);
    let alone = change(&desk, &world, &["--because", "lost", "--sign-again", "targets"]);
    assert_eq!(alone.code, 2, "a cause is one of a key that is taken out: {alone:?}");
}

#[test]
fn a_plan_says_what_it_comes_to_and_begins_nothing() {
    let world = world();
    let desk = world.desk();
    let before = fs::read_dir(&world.source).unwrap().count();
    let online = world.key("online");
    let told = change(
        &desk,
        &world,
        &[
            "--ends-before",
            "2031-01-01T00:00:00Z",
            "--sign",
            &online,
            "--plan",
            "--json",
        ],
    );
    assert_eq!(told.code, 0, "{told:?}");
    let plan = told.json();
    let roles: Vec<&str> = plan["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["root", "targets", "build-07", "snapshot", "timestamp"]);
    let quorums = plan["documents"][1]["quorums"].as_array().unwrap();
    assert_eq!(
        (&quorums[0]["threshold"], &quorums[0]["at_hand"]),
        (&1.into(), &1.into())
    );
    assert_eq!(fs::read_dir(&world.source).unwrap().count(), before);
    let list = desk.run(["ceremony", "list", "--json"]).json();
    assert!(list["items"].as_array().unwrap().is_empty());

    let bricked = change(&desk, &world, &["--threshold", "targets=3", "--sign", &online]);
    assert_eq!(bricked.code, 1, "{bricked:?}");
    assert!(bricked.err.contains("nobody could sign it"), "{bricked:?}");
}

#[test]
fn one_change_goes_over_several_repositories_and_says_what_became_of_each() {
    let (first, second) = (world(), world());
    let desk = first.desk();
    let desk = ["online", "officer_4"]
        .iter()
        .fold(desk, |desk, name| desk.with_secret(second.key(name), crate::PASSPHRASE));
    let (online, other, four) = (first.key("online"), second.key("online"), first.key("officer_4"));
    let words = [
        "change",
        &first.source,
        "--also",
        &second.source,
        "--also",
        "/nowhere/at-all",
        "--first-use",
        "--at",
        NOW,
        "--yes",
        "--json",
        "--delegate",
        "tools",
        "--by",
        "targets",
        "--with",
        &four,
        "--path",
        "tools/*",
        "--sign",
        &online,
    ];
    let told = desk.run(words);
    assert_eq!(told.code, 1, "{told:?}");
    let last = told.out.lines().last().unwrap();
    let report: Value = serde_json::from_str(last).unwrap();
    let done: Vec<bool> = report["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["done"] == true)
        .collect();
    // The second repository's online key is another: its row says so, and the third is none.
    assert_eq!(done, [true, false, false], "{report:#}");
    assert_eq!(outcomes(&report), ["done", "refused", "failed"], "{report:#}");
    let kept = desk.run(["bulk", report["bulk"].as_str().unwrap(), "--json"]).json();
    assert_eq!(kept, report, "it has a record of its own");
    // The same command takes it up: what is done is passed over, whatever else is tried again.
    let ceremonies = || {
        desk.run(["ceremony", "list", "--json"]).json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = ceremonies();
    let told = desk.run(words);
    let resumed: Value = serde_json::from_str(told.out.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&resumed["bulk"], outcomes(&resumed)),
        (&report["bulk"], outcomes(&report)),
        "{told:?}"
    );
    assert_eq!(ceremonies(), before, "nothing is begun twice");
    assert!(judge(&first).accepted);
    assert_eq!(judge(&first).versions["tools"], 1);
    let mut again: Vec<&str> = words.to_vec();
    again[1] = &second.source;
    again.drain(2..6);
    *again.last_mut().unwrap() = &other;
    let told = desk.run(again);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(judge(&second).versions["tools"], 1);
    // Both are as asked now, whoever asks, and nobody signs anything for it.
    let mut settled: Vec<&str> = words.to_vec();
    settled.drain(4..6);
    let versions = judge(&first).versions;
    let told = desk.run(settled);
    assert_eq!(told.code, 0, "{told:?}");
    let report: Value = serde_json::from_str(told.out.lines().last().unwrap()).unwrap();
    assert_eq!(outcomes(&report), ["already-so", "already-so"], "{report:#}");
    assert_eq!(judge(&first).versions, versions);
}

/// What became of it in each repository.
fn outcomes(report: &Value) -> Vec<String> {
    let rows = report["repositories"].as_array().unwrap().iter();
    rows.map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
}
