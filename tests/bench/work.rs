//! The pieces of work that are measured, done as a client or a signer does them: files read, clock looked at, everything
//! verified that the rules verify.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer as _, SigningKey};
use rootward_tuf::{
    Dialect, Extent, Instant, Next, Outcome, Reply, Request, RoleName, Select, Signature, Sought, Targets,
    TargetsDraft, Verified, WalkInput, WalkLimits, Walker,
};

use crate::stopwatch::{Measured, peak_kib};

/// A target that the repositories of hash bins list.
const IN_A_BIN: &str = "bin/package-0000000.tar.gz";

/// Walks everything below `repository`; items are targets.
pub fn load(repository: &Path, repetitions: usize) -> Measured {
    repeated(repetitions, |measured| {
        let outcome = measured.time(|| walked(repository, Extent::Everything));
        targets(&outcome)
    })
}

/// Walks every repository in `folder`, and keeps them all; items are targets.
pub fn many(folder: &Path, repetitions: usize) -> Measured {
    repeated(repetitions, |measured| {
        let outcomes: Vec<Outcome> = measured.time(|| {
            let repositories = repositories(folder);
            repositories
                .iter()
                .map(|repository| walked(repository, Extent::Everything))
                .collect()
        });
        outcomes.iter().map(targets).sum()
    })
}

/// Walks a chain of roots and the roles below the last; items is its version.
pub fn chain(repository: &Path, repetitions: usize) -> Measured {
    repeated(repetitions, |measured| {
        let outcome = measured.time(|| walked(repository, Extent::TopLevel));
        outcome.root.expect("an accepted walk has a root").version() as usize
    })
}

/// Walks the top-level roles and looks for one target, which takes one of many bins; items is 1.
pub fn lazy(repository: &Path, repetitions: usize) -> Measured {
    repeated(repetitions, |measured| {
        let sought = measured.time(|| {
            let mut walker = walker(repository, Extent::TopLevel);
            while let Next::Fetch(request) = walker.next() {
                walker.supply(answer(repository, &request));
            }
            let mut seeker = walker.into_seeker().ok().expect("the top-level roles are accepted");
            seeker.run(IN_A_BIN, |request| answer(repository, request))
        });
        usize::from(matches!(sought, Sought::Found { .. }))
    })
}

/// Re-issues targets with the next version: draft, canonical bytes, signature, file. Items are targets.
pub fn sign(repository: &Path, repetitions: usize) -> Measured {
    let outcome = walked(repository, Extent::TopLevel);
    let (Some(root), Some(targets)) = (&outcome.root, &outcome.targets) else {
        panic!("an accepted walk has root and targets")
    };
    let root = root.body();
    let key = root.keys.get(&root.targets.keyids[0]).expect("root lists the key");
    let seed = fs::read_to_string(repository.join("keys/targets.seed")).expect("the key lies beside the metadata");
    let signing = SigningKey::from_bytes(&seed_bytes(&seed));
    repeated(repetitions, |measured| {
        let complete = measured.time(|| {
            let draft = TargetsDraft::next(targets, RoleName::targets());
            let frozen = draft.freeze().expect("the next version can be frozen");
            let signature = signing.sign(frozen.signing_message()).to_bytes();
            let signature = Signature::by(key, &signature).expect("an Ed25519 signature fits an Ed25519 key");
            let complete = frozen.complete(&root.keys, &root.targets, vec![signature]);
            complete.ok().expect("one signature is enough")
        });
        assert!(complete.file_bytes().len() > 1000);
        listed(targets)
    })
}

fn repeated(repetitions: usize, mut once: impl FnMut(&mut Measured) -> usize) -> Measured {
    let mut measured = Measured::default();
    for _ in 0..repetitions {
        measured.items = once(&mut measured);
    }
    measured.rss_kib = peak_kib();
    measured
}

/// Walks with what a client has: a trusted root and the machine's clock. Panics if anything is refused.
fn walked(repository: &Path, extent: Extent) -> Outcome {
    let outcome = walker(repository, extent).run(|request| answer(repository, request));
    assert!(outcome.accepted && outcome.refused.is_empty(), "{:?}", outcome.refused);
    outcome
}

fn walker(repository: &Path, extent: Extent) -> Walker {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970");
    let now = Instant::from_unix_seconds(since_1970.as_secs() as i64).expect("it is earlier than 10000");
    let anchor = fs::read(repository.join("root.json")).expect("the trusted root lies beside the metadata");
    let limits = WalkLimits {
        document_bytes: 1 << 32,
        ..WalkLimits::default()
    };
    let input = WalkInput {
        extent,
        limits,
        ..WalkInput::new(Dialect::Tuf1, anchor, now)
    };
    Walker::begin(input).expect("the trusted root is signed")
}

fn answer(repository: &Path, request: &Request) -> Reply {
    let stem = request.role.file_stem().expect("the roles measured have short names");
    let name = match request.select {
        Select::Version(version) | Select::Consistent { version } => format!("metadata/{version}.{stem}.json"),
        Select::Current | Select::Sha256(_) => format!("metadata/{stem}.json"),
    };
    fs::read(repository.join(name)).map_or(Reply::Missing, Reply::Found)
}

/// The repositories of a folder of many, by name.
pub fn repositories(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be read to its end").path())
        .filter(|path| path.join("root.json").exists())
        .collect();
    folders.sort();
    folders
}

fn targets(outcome: &Outcome) -> usize {
    let delegated = outcome.delegated.iter().map(|delegated| listed(&delegated.document));
    outcome.targets.as_ref().map_or(0, listed) + delegated.sum::<usize>()
}

fn listed(targets: &Verified<Targets>) -> usize {
    targets.body().targets.len()
}

fn seed_bytes(hex: &str) -> [u8; 32] {
    let byte = |place: usize| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).expect("a seed is hexadecimal");
    std::array::from_fn(byte)
}
