//! docs/findings.md tells an officer what every code means and what to do: none is missing, none invented.

use rootward_tests::sources;
use std::collections::BTreeSet;

#[test]
fn every_finding_is_explained_and_no_other() {
    let codes: BTreeSet<&str> = rootward_tuf::finding::Code::ALL
        .iter()
        .map(|code| code.as_str())
        .collect();
    let page = page();
    let explained: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(explained, codes);
}

#[test]
fn every_explanation_ends_with_something_to_do() {
    for section in page().split("\n### ").skip(1) {
        let code = section.lines().next().unwrap_or_default();
        assert!(section.contains("\n**Do:** "), "{code} leaves the officer alone");
    }
}

#[test]
fn every_finding_about_a_key_is_explained_and_no_other() {
    let page = text("docs/key-findings.md");
    let explained: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(explained, BTreeSet::from(rootward_core::keyring::KEY_FINDINGS));
    for section in page.split("\n### ").skip(1) {
        let code = section.lines().next().unwrap_or_default();
        assert!(section.contains("\n**Do:** "), "{code} leaves the officer alone");
    }
}

fn page() -> String {
    text("docs/findings.md")
}

fn text(path: &str) -> String {
    let found = sources::below("docs", &[".md"])
        .into_iter()
        .find(|page| page.path == path);
    found.unwrap_or_else(|| panic!("{path} is not there")).text
}
