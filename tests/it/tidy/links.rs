//! A link in a page leads somewhere, and every page of docs can be come to.

use rootward_tests::sources::{self, Source};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_link_leads_to_a_file() {
    let pages = pages();
    assert!(pages.len() > 10);
    let lost: Vec<String> = pages
        .iter()
        .flat_map(|page| lost(page, |path| sources::root().join(path).exists()))
        .collect();
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn every_page_of_docs_is_linked_from_another() {
    let pages = pages();
    let linked: BTreeSet<String> = pages.iter().flat_map(links).collect();
    let islands: Vec<&str> = pages
        .iter()
        .map(|page| page.path.as_str())
        .filter(|path| {
            path.starts_with("docs/")
                && !linked.contains(*path)
                && !linked.contains(path.trim_end_matches("/README.md"))
        })
        .collect();
    assert_eq!(islands, Vec::<&str>::new(), "no page leads there");
}

#[test]
fn a_link_to_nowhere_is_found() {
    let text = "see [a](b.md), [c](../d/e.md#f), [away](https://example.org/x), ![p](p.png)";
    let page = Source {
        path: "docs/guide/x.md".into(),
        text: text.into(),
    };
    let exists = |path: &Path| path != Path::new("docs/guide/p.png");
    assert_eq!(lost(&page, exists), ["docs/guide/x.md: docs/guide/p.png"]);
}

fn pages() -> Vec<Source> {
    sources::below("", &[".md"])
}

fn lost(page: &Source, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    links(page)
        .into_iter()
        .filter(|path| !exists(Path::new(path)))
        .map(|path| format!("{}: {path}", page.path))
        .collect()
}

/// The project's own files that a page links to, from the root.
fn links(page: &Source) -> Vec<String> {
    let behind = page
        .text
        .match_indices("](")
        .map(|(at, mark)| &page.text[at + mark.len()..]);
    let targets = behind.filter_map(|rest| rest.split([')', '#', ' ']).next());
    targets
        .filter(|target| !target.is_empty() && !target.contains(':'))
        .map(|target| sources::beside(&page.path, target))
        .collect()
}
