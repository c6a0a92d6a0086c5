//! The rules on large documents and on a long real chain.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rootward_tests::fixtures;
use rootward_tuf::{Dialect, Instant, Outcome, Reply, Select, Targets, WalkInput, Walker, canonical, json, read};

const TARGETS: usize = 50_000;

criterion_group!(engine, documents, sigstore);
criterion_main!(engine);

/// A targets document of 50,000 targets, as large registries have them.
fn documents(criterion: &mut Criterion) {
    let entry = |number: usize| {
        let digest = format!("{number:064x}");
        format!("\"images/{number:06}\":{{\"hashes\":{{\"sha256\":\"{digest}\"}},\"length\":{number}}}")
    };
    let targets: Vec<String> = (0..TARGETS).map(entry).collect();
    let head =
        r#"{"signatures":[],"signed":{"_type":"targets","expires":"2040-01-01T00:00:00Z","spec_version":"1.0.34","#;
    let text = format!("{head}\"targets\":{{{}}},\"version\":1}}}}", targets.join(","));
    let value = json::parse(text.as_bytes(), json::Limits::default()).expect("what was just written is JSON");
    let mut group = criterion.benchmark_group("50,000 targets");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("JSON", |bench| {
        bench.iter(|| json::parse(black_box(text.as_bytes()), json::Limits::default()).is_ok());
    });
    group.bench_function("document", |bench| {
        bench.iter(|| read::<Targets>(black_box(text.as_bytes()), Dialect::Tuf1).is_ok());
    });
    group.bench_function("canonical form", |bench| {
        bench.iter(|| canonical(black_box(&value)).len())
    });
    group.finish();
}

/// Sigstore's fifteen roots and the roles under the last, with every signature. Left out when nobody captured them.
fn sigstore(criterion: &mut Criterion) {
    let Some(captured) = fixtures::captured() else { return };
    let folder = captured.path().join("real/sigstore-root-signing/metadata");
    criterion.bench_function("Sigstore from root v1 to v15, files read each time", |bench| {
        bench.iter(|| assert!(walk(&folder).accepted));
    });
}

fn walk(folder: &Path) -> Outcome {
    let read = |name: String| fs::read(folder.join(name));
    let now = Instant::parse("2026-08-21T00:00:00Z").expect("a moment");
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
