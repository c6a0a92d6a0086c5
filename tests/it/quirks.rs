//! Every habit of real metadata that strict clients trip on, in a chain of our own making: needs nothing beside the project.

use crate::{RootChange, ctl, root_changes};
use rootward_tests::ctl::{codes, node};
use rootward_tests::rigs::python_tuf::PythonTuf;
use rootward_tests::server::Answer;
use serde_json::json;

const NOW: &str = "2026-11-22T00:00:00Z";

#[test]
fn a_chain_of_real_habits_is_walked_from_its_first_root() {
    let folder = tempfile::tempdir().unwrap();
    PythonTuf::ready().publish_quirks(folder.path());
    let source = folder.path().to_str().unwrap();
    for start in 1..=6 {
        let root = format!("{source}/root_history/{start}.root.json");
        let told = ctl().run(["verify", source, "--root", &root, "--at", NOW, "--json"]);
        assert_eq!(told.code, 0, "from v{start}: {told:?}");
        let answer = told.json();
        assert_eq!(answer["root_versions"], json!((start..=6).collect::<Vec<_>>()));
        assert_eq!(node(&answer, "registry.example.org")["version"], 1);
    }
}

#[test]
fn a_name_that_is_no_hash_of_its_key_is_accepted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    PythonTuf::ready().publish_quirks(folder.path());
    let source = folder.path().to_str().unwrap();
    let root = format!("{source}/root_history/6.root.json");
    let answer = ctl()
        .run(["verify", source, "--root", &root, "--at", NOW, "--json"])
        .json();
    assert_eq!(answer["accepted"], true);
    assert!(codes(node(&answer, "root")).contains(&"keyid-not-hash"), "{answer:#}");
}

#[test]
fn history_tells_new_names_from_new_keys() {
    let folder = tempfile::tempdir().unwrap();
    PythonTuf::ready().publish_quirks(folder.path());
    let told = ctl().run(["history", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let replaced = RootChange {
        joined: 1,
        left: 1,
        ..RootChange::default()
    };
    let renamed = RootChange {
        renamed: 5,
        ..RootChange::default()
    };
    let expected = [
        (2, replaced),
        (3, renamed),
        (4, renamed),
        (5, RootChange::default()),
        (6, replaced),
    ];
    assert_eq!(root_changes(&told.json()), expected);
}

#[test]
fn the_chain_itself_is_sound_from_where_python_tuf_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let judge = PythonTuf::ready();
    judge.publish_quirks(folder.path());
    let root = |version: u32| folder.path().join(format!("root_history/{version}.root.json"));
    let serve = |at: std::path::PathBuf| {
        move |path: &str| {
            let name = path.trim_start_matches('/');
            let history = Answer::file_below(&at, &format!("/root_history/{name}"));
            match history {
                Answer::Bytes(_) => history,
                _ => Answer::file_below(&at, name.strip_prefix("1.").unwrap_or(name)),
            }
        }
    };
    let judged = |from: u32| judge.judge_behind(serve(folder.path().to_owned()), &root(from), NOW);
    assert!(judged(3).accepted, "{:?}", judged(3));
    assert!(
        !judged(1).accepted,
        "it reads no expiry with an offset: when it does, this chain is less special"
    );
}
