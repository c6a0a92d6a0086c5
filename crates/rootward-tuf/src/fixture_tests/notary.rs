//! Every state of the captured Notary repositories, and the two formats nearest to it.

use std::path::{Path, PathBuf};

use super::{after, fixtures, input, verdict, walk, walk_with};
use crate::dialect::{Dialect, detect};
use crate::testing::{at, told};
use crate::walk::{WalkInput, Walker};

#[test]
pub(super) fn every_state_of_the_notary_captures_gets_its_expected_verdict() {
    let Some(place) = fixtures() else { return };
    let repos = place.join("notary/repos");
    let (hello, rotated, targets_key) = ("reg.test/lab/hello", "reg.test/lab/rot", "reg.test/lab/rootc");
    let docker = "127.0.0.1:35005/lab/docker";
    let (releases, alice) = (" targets/releases:under-threshold", " targets/alice:under-threshold");
    let rows = [
        ("a-fresh", hello, "accept 1/1/2/2".to_owned(), 0),
        ("a-fresh-2targets", hello, "accept 1/2/3/3".to_owned(), 0),
        ("a-server-snapshot", hello, "accept 2/3/4/3".to_owned(), 0),
        ("a-timestamp-rotated", hello, "accept 5/6/7/3".to_owned(), 0),
        ("a-targets-rotated", hello, "accept 6/7/8/4".to_owned(), 0),
        ("b-delegations-added", hello, "accept 6/8/9/5".to_owned(), 3),
        (
            "b-delegations-signed",
            hello,
            "accept 6/9/10/5 targets/releases 1 targets/alice 1".to_owned(),
            1,
        ),
        (
            "b-witness",
            hello,
            "accept 6/10/11/6 targets/releases 2 targets/alice 1".to_owned(),
            1,
        ),
        ("b-purged", hello, format!("accept 6/16/17/11{releases}{alice}"), 0),
        ("c-rotation-0-before", rotated, "accept 2/3/4/3".to_owned(), 0),
        ("c-rotation-1-root", rotated, "accept 3/4/5/3".to_owned(), 0),
        ("c-rotation-3-root", rotated, "accept 5/6/7/3".to_owned(), 0),
        ("c-rotation-4-targets", rotated, "accept 6/7/8/4".to_owned(), 0),
        ("d-delegkey-0-delegated", hello, "accept 2/4/5/4".to_owned(), 1),
        (
            "d-delegkey-1-alice-signs",
            hello,
            "accept 2/5/6/4 targets/releases 1".to_owned(),
            0,
        ),
        (
            "d-delegkey-2-thief",
            hello,
            "accept 2/7/8/4 targets/releases 3".to_owned(),
            0,
        ),
        (
            "d-delegkey-3-thief-subdelegates",
            hello,
            "accept 2/8/9/4 targets/releases 4".to_owned(),
            1,
        ),
        ("d-delegkey-4-revoked", hello, format!("accept 2/10/11/6{releases}"), 0),
        ("e-targetskey-0-before", targets_key, "accept 2/3/4/3".to_owned(), 0),
        ("e-targetskey-1-thief", targets_key, "accept 2/5/6/4".to_owned(), 0),
        ("e-targetskey-2-rotated", targets_key, "accept 3/6/7/5".to_owned(), 0),
        ("e-targetskey-3-restored", targets_key, "accept 3/7/8/6".to_owned(), 0),
        ("g-docker-1-signer-add", docker, "accept 1/1/1/2".to_owned(), 2),
        (
            "g-docker-2-signed",
            docker,
            "accept 1/2/2/2 targets/dave 1 targets/releases 1".to_owned(),
            0,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, gun, expected, unpublished) in rows {
        let folder = repos.join(name);
        let outcome = |clock: &str, gun: &str| {
            let mut input = input(&folder, "root.json", clock);
            input.gun = Some(gun.to_owned());
            walk_with(input, &folder)
        };
        let found = outcome("2026-11-23T00:00:00Z", gun);
        let not_published = found
            .findings
            .iter()
            .filter(|finding| finding.code.as_str() == "not-published")
            .count();
        if told(&found) != expected || not_published != unpublished {
            wrong.push(format!(
                "{name}\n  expected {expected}\n  found    {} ({not_published})",
                told(&found)
            ));
        }
        for (clock, gun, refusal) in [
            ("2026-12-07T00:00:00Z", gun, "timestamp:expired"),
            ("2026-11-21T09:00:00Z", gun, "root:under-threshold"),
            ("2026-11-23T00:00:00Z", "reg.test/lab/other", "root:under-threshold"),
        ] {
            let told = told(&outcome(clock, gun));
            if !told.ends_with(refusal) {
                wrong.push(format!("{name} at {clock} as {gun}: {told}"));
            }
        }
        // Every later state of one history, served an earlier one, is a rollback or breaks the chain.
        let steps: Vec<_> = history(&name[..2], &repos);
        for earlier in steps.iter().take_while(|step| **step != folder) {
            let told = after(&found, earlier, "2026-11-23T00:00:00Z");
            if told.starts_with("accept") {
                wrong.push(format!("{name} then {}: {told}", earlier.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn notary_roots_between_are_fetched_only_when_the_trusted_root_did_not_sign_the_newest() {
    let Some(place) = fixtures() else { return };
    let repos = place.join("notary/repos");
    let clock = "2026-11-23T00:00:00Z";
    let rotation = repos.join("c-rotation-4-targets");
    for first in 1..=6u64 {
        let outcome = walk(&rotation, &format!("{first}.root.json"), clock);
        assert_eq!(told(&outcome), "accept 6/7/8/4", "from {first}");
    }
    assert_eq!(walk(&rotation, "2.root.json", clock).root_versions, [2, 3, 4, 5, 6]);
    for first in 1..=6u64 {
        let told = verdict(&repos.join("b-purged"), &format!("{first}.root.json"), clock);
        assert!(told.starts_with("accept 6/16/17/11"), "{told}");
    }
    let purged = walk(&repos.join("b-purged"), "1.root.json", clock);
    assert_eq!(purged.root_versions, [1, 6]);
    // Cached v3 and only the folder of v5: the steps between are missing.
    let mut cached = input(&rotation, "3.root.json", clock);
    cached.gun = Some("reg.test/lab/rot".to_owned());
    assert_eq!(
        told(&walk_with(cached.clone(), &repos.join("c-rotation-3-root"))),
        "refuse 3/-/-/- root:root-gap"
    );
    // Cached v6, served v5, which the same key signed.
    cached.anchor = std::fs::read(rotation.join("6.root.json")).unwrap().into();
    assert_eq!(
        told(&walk_with(cached.clone(), &repos.join("c-rotation-3-root"))),
        "refuse 6/-/-/- root:rolled-back"
    );
    // Cached root of another history of the same name.
    cached.anchor = std::fs::read(repos.join("a-fresh/root.json")).unwrap().into();
    cached.gun = None;
    let told = told(&walk_with(cached, &repos.join("d-delegkey-0-delegated")));
    assert_eq!(told, "refuse 1/-/-/- root:root-not-signed-by-predecessor");
}

#[test]
pub(super) fn the_oldest_notary_repository_is_read_and_uptane_is_neither_dialect() {
    let Some(place) = fixtures() else { return };
    let old = place.join("real/notary/notary0.1/tuf/docker.com/notary0.1/samplerepo/metadata");
    let mut input = input(&old, "root.json", "2026-11-22T00:00:00Z");
    input.gun = Some("docker.com/notary0.1/samplerepo".to_owned());
    assert_eq!(told(&walk_with(input, &old)), "accept 1/1/2/2");
    let uptane = place.join("real/uptane/tests/test_data");
    for folder in ["director_metadata", "image_repo_metadata"] {
        let root = std::fs::read(uptane.join(folder).join("root.json")).unwrap();
        assert!(detect(&root).is_err());
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            assert!(Walker::begin(WalkInput::new(dialect, root.clone(), at("2026-11-22T00:00:00Z"))).is_err());
        }
    }
}

/// The states of one history, oldest first; a and b are one history.
fn history(prefix: &str, repos: &Path) -> Vec<PathBuf> {
    let order = [
        "a-fresh",
        "a-fresh-2targets",
        "a-server-snapshot",
        "a-timestamp-rotated",
        "a-targets-rotated",
        "b-delegations-added",
        "b-delegations-signed",
        "b-witness",
        "b-purged",
        "c-rotation-0-before",
        "c-rotation-1-root",
        "c-rotation-3-root",
        "c-rotation-4-targets",
        "d-delegkey-0-delegated",
        "d-delegkey-1-alice-signs",
        "d-delegkey-2-thief",
        "d-delegkey-3-thief-subdelegates",
        "d-delegkey-4-revoked",
        "e-targetskey-0-before",
        "e-targetskey-1-thief",
        "e-targetskey-2-rotated",
        "e-targetskey-3-restored",
        "g-docker-1-signer-add",
        "g-docker-2-signed",
    ];
    let same = |name: &str| name.starts_with(prefix) || (prefix == "b-" && name.starts_with("a-"));
    order
        .into_iter()
        .filter(|name| same(name))
        .map(|name| repos.join(name))
        .collect()
}
