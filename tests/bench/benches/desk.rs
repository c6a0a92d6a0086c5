//! The desk's first start, and its tree's first screen.

use criterion::{Criterion, criterion_group, criterion_main};
use rootward_core::border::{Query, TreeRequest, View};
use rootward_tests::desk::{ask, practised};

criterion_group!(desk, first_start, tree);
criterion_main!(desk);

fn first_start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("desk");
    group.sample_size(10);
    group.bench_function("practice estate, made and walked", |bench| {
        bench.iter_with_large_drop(|| {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            (practised(folder.path()), folder)
        });
    });
    group.finish();
}

fn tree(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let desk = practised(folder.path());
    criterion.bench_function("forty rows of its tree", |bench| {
        bench.iter(|| {
            let rows = Query::TreeRows {
                tree: TreeRequest::default(),
                from: 0,
                count: 40,
            };
            assert!(matches!(ask(&desk, rows), View::TreeRows(_)));
        });
    });
}
