//! Measures what people wait for: documents read, a real chain walked, the practice estate made, rows of the tree handed out.
//!
//! Prints the median of several runs. Compares with nothing and fails on nothing: numbers and machine go to docs/performance.md.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rootward_core::border::{Query, TreeRequest, View};
use rootward_tests::desk::{ask, practised};
use rootward_tests::fixtures;
use rootward_tuf::canonical::canonical;
use rootward_tuf::dialect::Dialect;
use rootward_tuf::json;
use rootward_tuf::walk::{Outcome, Reply, Select, WalkInput, Walker};

const TARGETS: usize = 50_000;

fn main() {
    println!("{:<58} {:>12}", "median of", "time");
    documents();
    sigstore();
    practice();
}

/// A targets document of 50,000 targets, as large registries have them.
fn documents() {
    let entry = |number: usize| {
        let digest = format!("{number:064x}");
        format!("\"images/{number}\":{{\"hashes\":{{\"sha256\":\"{digest}\"}},\"length\":{number}}}")
    };
    let targets: Vec<String> = (0..TARGETS).map(entry).collect();
    let text = format!("{{\"signed\":{{\"targets\":{{{}}}}}}}", targets.join(","));
    let size = text.len() / 1_000_000;
    let value = json::parse(text.as_bytes(), json::Limits::default()).expect("what was just written is JSON");
    told(&format!("read {TARGETS} targets ({size} MB)"), 9, || {
        json::parse(text.as_bytes(), json::Limits::default()).is_ok()
    });
    told(&format!("their canonical form ({size} MB)"), 9, || {
        canonical(&value).len() > 1
    });
}

/// Sigstore's fifteen roots and the roles under the last, with every signature.
fn sigstore() {
    let Some(captured) = fixtures::captured() else { return };
    let folder = captured.path().join("real/sigstore-root-signing/metadata");
    told("Sigstore, walked from root v1 to v15, files read each time", 21, || {
        walk(&folder).accepted
    });
}

fn walk(folder: &Path) -> Outcome {
    let read = |name: String| fs::read(folder.join(name));
    let now = rootward_tuf::time::Instant::parse("2026-08-21T00:00:00Z").expect("a moment");
    let first = read("root_history/1.root.json".into()).expect("the first root is there");
    let walker = Walker::begin(WalkInput::new(Dialect::Tuf1, first, now)).expect("the first root is signed");
    walker.run(|request| {
        let name = match request.select {
            Select::Version(version) => format!("root_history/{version}.root.json"),
            _ => format!("{}.json", request.role.as_str()),
        };
        read(name).map_or(Reply::Missing, Reply::Found)
    })
}

/// The desk's first start, and the tree's first screen.
fn practice() {
    told("the practice estate, made and walked", 3, || {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        drop(practised(folder.path()));
        true
    });
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let desk = practised(folder.path());
    told("forty rows of its tree", 101, || {
        let rows = Query::TreeRows {
            tree: TreeRequest::default(),
            from: 0,
            count: 40,
        };
        matches!(ask(&desk, rows), View::TreeRows(_))
    });
}

/// Runs `work` and prints the median. Panics when it does not do what is measured.
fn told(what: &str, runs: usize, mut work: impl FnMut() -> bool) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            assert!(work(), "{what} failed");
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!("{what:<58} {:>9.2} ms", times[runs / 2].as_secs_f64() * 1000.0);
}
