//! Our own verdict, by the walk and the search that everything else of Rootward uses.

use rootward_tuf::{Dialect, Extent, Floors, Instant, Next, Reply, Request, Select, Sought, Target, WalkInput, Walker};

use super::plan::MOMENT;
use super::{Case, Verdict};

/// As a client does it: top-level roles, then a delegated role when a search comes to it.
pub fn as_client(case: &Case) -> Verdict {
    verdict(case, Extent::TopLevel)
}

/// As a client does it that loads every delegated role first, and refuses the repository for any of them.
pub fn whole(case: &Case) -> Verdict {
    verdict(case, Extent::Everything)
}

fn verdict(case: &Case, extent: Extent) -> Verdict {
    let cached = |role: &str| case.written.cached.get(role).cloned().map(Into::into);
    let floors = Floors {
        timestamp: cached("timestamp"),
        snapshot: cached("snapshot"),
        targets: None,
        delegated: Vec::new(),
    };
    let now = Instant::parse(MOMENT).expect("a moment");
    let input = WalkInput {
        extent,
        floors,
        ..WalkInput::new(Dialect::Tuf1, case.written.anchor.clone(), now)
    };
    let mut walker = match Walker::begin(input) {
        Ok(walker) => walker,
        Err(refusal) => return Verdict::refused(refusal),
    };
    let outcome = loop {
        match walker.next() {
            Next::Fetch(request) => walker.supply(answer(case, &request)),
            Next::Finished(outcome) => break outcome,
        }
    };
    if let Some(finding) = outcome.first_refusal() {
        return Verdict::refused(finding);
    }
    let mut seeker = walker.into_seeker().ok().expect("the walk was accepted");
    let lookups = case.written.lookups.iter();
    let lookups = lookups.map(|path| told(seeker.run(path, |request| answer(case, request))));
    Verdict {
        accepted: true,
        lookups: lookups.collect(),
        refusal: None,
    }
}

fn told(sought: Sought) -> String {
    match sought {
        Sought::Found { target, .. } => format!("found {} {}", target.length, digest(&target)),
        Sought::Refused(_) => "refused".to_owned(),
        Sought::Nowhere => "nowhere".to_owned(),
    }
}

fn digest(target: &Target) -> String {
    target.hashes.get("sha256").map(super::keys::hex).unwrap_or_default()
}

fn answer(case: &Case, request: &Request) -> Reply {
    let stem = request.role.file_stem().unwrap_or_default();
    let name = match request.select {
        Select::Version(version) | Select::Consistent { version } => format!("{version}.{stem}.json"),
        Select::Current | Select::Sha256(_) => format!("{stem}.json"),
    };
    case.written
        .files
        .get(&name)
        .cloned()
        .map_or(Reply::Missing, Reply::Found)
}
