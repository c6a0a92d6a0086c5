//! Sigstore's real root chain, v1 to v15: walked whole, and told apart by physical keys (fixtures beside the project).

use crate::ctl;
use rootward_tests::ctl::node;
use rootward_tests::fixtures;
use serde_json::{Value, json};
use std::path::Path;

const METADATA: &str = "real/sigstore-root-signing/metadata";
const CLOCK: &str = "2026-08-21T00:00:00Z";

#[test]
fn the_chain_is_walked_from_every_version_to_the_newest() {
    let Some(captured) = fixtures::captured() else { return };
    for start in 1..=15 {
        let (code, answer) = verify(captured.path(), start, CLOCK);
        assert_eq!(
            (code, &answer["accepted"]),
            (0, &true.into()),
            "from v{start}: {answer:#}"
        );
        assert_eq!(answer["root_versions"], json!((start..=15).collect::<Vec<_>>()));
        for (role, version) in [("root", 15), ("timestamp", 762), ("snapshot", 165), ("targets", 14)] {
            assert_eq!(node(&answer, role)["version"], version, "from v{start}");
        }
        let delegated = &node(&answer, "targets")["children"][0];
        assert_eq!(
            (
                &delegated["version"],
                delegated["role"].as_str().unwrap().matches('.').count()
            ),
            (&8.into(), 2)
        );
    }
}

#[test]
fn the_last_second_is_accepted_and_the_next_refused() {
    let Some(captured) = fixtures::captured() else { return };
    for (clock, code, refused) in [
        ("2026-08-28T19:25:55Z", 0, None),
        ("2026-08-28T19:25:56Z", 1, Some("timestamp")),
        ("2026-10-14T00:00:00Z", 1, Some("timestamp")),
        ("2026-11-20T13:58:18Z", 1, Some("root")),
    ] {
        let (told, answer) = verify(captured.path(), 15, clock);
        assert_eq!(told, code, "{clock}: {answer:#}");
        if let Some(role) = refused {
            assert!(
                rootward_tests::ctl::codes(node(&answer, role)).contains(&"expired"),
                "{clock}: {answer:#}"
            );
        }
    }
}

#[test]
fn history_tells_new_names_from_new_keys() {
    let Some(captured) = fixtures::captured() else { return };
    let told = ctl().run(["history", captured.path().join(METADATA).to_str().unwrap(), "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let changes = crate::root_changes(&told.json());
    let versions = |wanted: fn(&crate::RootChange) -> bool| -> Vec<u64> {
        changes
            .iter()
            .filter(|(_, change)| wanted(change))
            .map(|(version, _)| *version)
            .collect()
    };
    assert_eq!(
        versions(|change| change.joined > 0 || change.left > 0),
        [4, 13],
        "a physical key is replaced"
    );
    let renamed = versions(|change| change.renamed > 0 && change.joined == 0 && change.left == 0);
    for version in [5, 9, 10] {
        assert!(
            renamed.contains(&version),
            "v{version} gives keys new names and replaces none: {renamed:?}"
        );
    }
}

fn verify(captured: &Path, start: u64, clock: &str) -> (i32, Value) {
    let metadata = captured.join(METADATA);
    let root = metadata.join(format!("root_history/{start}.root.json"));
    let (metadata, root) = (metadata.to_str().unwrap(), root.to_str().unwrap());
    let told = ctl().run(["verify", metadata, "--root", root, "--at", clock, "--json"]);
    (told.code, told.json())
}
