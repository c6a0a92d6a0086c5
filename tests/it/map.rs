//! Map files (TAP 4), as rootwardctl shows them.

use crate::ctl;

#[test]
fn a_map_file_is_shown_and_what_is_wrong_with_one_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("map.json");
    let map = |threshold: u32| {
        let text = format!(
            r#"{{"repositories": {{"one": ["https://one.example.org/"], "two": [], "idle": []}}, "mapping": [
            {{"paths": ["a/*"], "repositories": ["one", "two"], "threshold": {threshold}, "terminating": true}},
            {{"paths": ["b"], "repositories": ["one"], "threshold": 1, "terminating": false}}]}}"#
        );
        std::fs::write(&file, text).unwrap();
    };
    let place = file.to_str().unwrap();
    map(2);
    let told = ctl().run(["map", place, "--target", "a/x", "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(report["target"]["asked"][0]["mapping"], 0);
    assert_eq!(report["mappings"][0]["threshold"], 2);
    assert_eq!(report["repositories"][2]["used"], false);
    let text = ctl().run(["map", place, "--target", "c"]);
    assert_eq!(text.code, 1, "{text:?}");
    for expected in [
        "3 repositories",
        "2 of 2 must agree, and nobody after",
        "asked for nothing",
        "nobody is asked",
    ] {
        assert!(text.out.contains(expected), "{expected}: {}", text.out);
    }
    map(3);
    let told = ctl().run(["map", place]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(
        told.err.contains("map-unreadable") && told.err.contains("mapping[0].threshold"),
        "{}",
        told.err
    );
    assert_eq!(ctl().run(["map", folder.path().join("none").to_str().unwrap()]).code, 2);
}
