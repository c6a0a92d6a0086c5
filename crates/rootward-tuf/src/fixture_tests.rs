//! The walk against real repositories, when they are at hand: `$ROOTWARD_SHARED` or `../shared` beside the workspace.

mod expected;
mod notary;
mod table;

use std::ops::Deref;
use std::path::{Path, PathBuf};

use crate::dialect::{Dialect, detect};
use crate::draft::Frozen;
use crate::encoding::from_hex;
use crate::metadata::{Root, Signature, read};
use crate::role::RoleName;
use crate::testing::{at, told};
use crate::verify::{Tally, Verified};
use crate::walk::{Floors, Outcome, Reply, Request, Select, WalkInput, Walker};

/// The fixtures laid out for one test, by their own script.
pub(crate) struct Fixtures(tempfile::TempDir);

impl Deref for Fixtures {
    type Target = Path;

    fn deref(&self) -> &Path {
        self.0.path()
    }
}

/// Lays the fixtures out anew, so that no test sees what another run has left; `None`, and one line saying so, when they
/// are absent.
pub(crate) fn fixtures() -> Option<Fixtures> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("ROOTWARD_SHARED").map_or_else(beside, PathBuf::from);
    let script = shared.join("fixtures/unpack");
    if !script.exists() {
        println!("skipped: ../shared is absent");
        return None;
    }
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let done = std::process::Command::new("sh").arg(&script).arg(place.path()).status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "the fixtures' own script failed"
    );
    Some(Fixtures(place))
}

/// Answers requests from a folder, whatever layout it has.
pub(crate) fn answer(folder: &Path, request: &Request) -> Reply {
    let stem = request.role.file_stem().unwrap();
    let flat = request.role.as_str().replace('/', "_");
    let names = match request.select {
        Select::Version(version) => vec![
            format!("{version}.{stem}.json"),
            format!("root_history/{version}.{stem}.json"),
        ],
        Select::Consistent { version } => vec![format!("{version}.{stem}.json"), format!("{stem}.json")],
        Select::Current | Select::Sha256(_) => vec![format!("{stem}.json"), format!("{flat}.json")],
    };
    match names.iter().find_map(|name| std::fs::read(folder.join(name)).ok()) {
        Some(bytes) => Reply::Found(bytes),
        None => Reply::Missing,
    }
}

fn input(folder: &Path, root: &str, clock: &str) -> WalkInput {
    let anchor = std::fs::read(folder.join(root)).unwrap();
    let dialect = detect(&anchor).unwrap_or(Dialect::Tuf1);
    WalkInput::new(dialect, anchor, at(clock))
}

fn walk(folder: &Path, root: &str, clock: &str) -> Outcome {
    walk_with(input(folder, root, clock), folder)
}

fn walk_with(input: WalkInput, folder: &Path) -> Outcome {
    Walker::begin(input).unwrap().run(|request| answer(folder, request))
}

/// `accept`, `refuse ROLE CODE` or `root refused CODE`, then versions and delegated roles.
fn verdict(folder: &Path, root: &str, clock: &str) -> String {
    match Walker::begin(input(folder, root, clock)) {
        Err(refusal) => format!("start {}", refusal.finding.code),
        Ok(walker) => told(&walker.run(|request| answer(folder, request))),
    }
}

/// Role names with dots are written with middle dots here, as in the fixtures' own table.
fn dotted(text: &str) -> String {
    text.replace('·', ".")
}

#[test]
fn sigstore_is_walked_from_its_first_root_to_its_fifteenth() {
    let Some(place) = fixtures() else { return };
    let folder = place.join("real/sigstore-root-signing/metadata");
    for first in 1..=15 {
        let outcome = walk(
            &folder,
            &format!("root_history/{first}.root.json"),
            "2026-08-21T00:00:00Z",
        );
        assert_eq!(told(&outcome), dotted("accept 15/762/165/14 registry·npmjs·org 8"));
        assert_eq!(outcome.root_versions, (first..=15).collect::<Vec<u64>>());
        assert_eq!(outcome.root_chain.len() as u64, 15 - first);
        let odd: Vec<_> = outcome.findings.iter().map(|finding| finding.message()).collect();
        let expected = if first <= 11 { 1 } else { 0 };
        assert_eq!(odd.len(), expected, "{odd:?}");
        assert!(odd.iter().all(|told| told.starts_with("the keyid 7247f0db")), "{odd:?}");
    }
}

#[test]
fn every_real_tuf_repository_gets_its_expected_verdict() {
    let Some(place) = fixtures() else { return };
    let real = place.join("real");
    let sigstore = "sigstore-root-signing/metadata";
    let conformance = "tuf-conformance/sigstore-root-signing";
    let on_ci = "tuf-conformance/tuf-on-ci-0.11";
    let reference = "tough-testdata/tuf-reference-impl/metadata";
    let expired = "tough-testdata/expired-repository/metadata";
    let rotated = "tough-testdata/rotated-root";
    let python = "python-tuf/repository_data/repository/metadata";
    let ceremony = "sigstore-ceremony/2021-06-18/repository";
    let multirepo = "go-tuf/examples/multirepo/repository/metadata";
    let rows: &[(&str, &str, &str, &str)] = &[
        (
            sigstore,
            "root_history/15.root.json",
            "2026-08-28T19:25:55Z",
            "accept 15/762/165/14 registry·npmjs·org 8",
        ),
        (
            sigstore,
            "root_history/15.root.json",
            "2026-08-28T19:25:56Z",
            "refuse 15/762/-/- timestamp:expired",
        ),
        (
            sigstore,
            "root_history/1.root.json",
            "2026-10-14T00:00:00Z",
            "refuse 15/762/-/- timestamp:expired",
        ),
        (
            sigstore,
            "root_history/9.root.json",
            "2026-11-20T13:58:18Z",
            "refuse 15/-/-/- root:expired",
        ),
        (
            "jku-tuf-demo/metadata",
            "root_history/1.root.json",
            "2026-08-21T00:00:00Z",
            "accept 5/921/15/7 jku 6 rdimitrov 3 kommendorkapten 4",
        ),
        (
            "jku-tuf-demo/metadata",
            "root_history/5.root.json",
            "2026-08-23T19:35:30Z",
            "refuse 5/921/-/- timestamp:expired",
        ),
        (
            "jku-tuf-demo/metadata",
            "root_history/2.root.json",
            "2026-12-04T19:29:48Z",
            "refuse 5/-/-/- root:expired",
        ),
        (
            conformance,
            "../initial_root.json",
            "2025-02-09T12:02:08Z",
            "accept 12/272/159/11 registry·npmjs·org 5",
        ),
        (
            conformance,
            "1.root.json",
            "2025-02-13T00:00:00Z",
            "accept 12/272/159/11 registry·npmjs·org 5",
        ),
        (
            conformance,
            "../initial_root.json",
            "2025-02-15T19:20:37Z",
            "refuse 12/272/-/- timestamp:expired",
        ),
        (
            on_ci,
            "../initial_root.json",
            "2025-02-09T09:17:23Z",
            "accept 1/2/2/1 delegatedrole 2",
        ),
        (
            on_ci,
            "../initial_root.json",
            "2026-11-22T00:00:00Z",
            "accept 1/2/2/1 delegatedrole 2",
        ),
        (
            on_ci,
            "../initial_root.json",
            "2044-08-11T00:00:00Z",
            "refuse 1/-/-/- root:expired",
        ),
        (
            reference,
            "1.root.json",
            "2026-11-22T00:00:00Z",
            "accept 1/1/1/1 role1 1 role2 1",
        ),
        (
            reference,
            "1.root.json",
            "2030-01-01T00:00:00Z",
            "refuse 1/-/-/- root:expired",
        ),
        (
            "tough-testdata/consistent-snapshots/metadata",
            "1.root.json",
            "2026-11-22T00:00:00Z",
            "accept 1/1/1/1",
        ),
        (
            expired,
            "1.root.json",
            "2026-11-22T00:00:00Z",
            "refuse 1/1589485578/-/- timestamp:expired",
        ),
        (
            expired,
            "1.root.json",
            "1998-12-31T00:00:00Z",
            "accept 1/1589485578/1589485578/1589485578",
        ),
        (rotated, "1.root.json", "2026-11-22T00:00:00Z", "accept 2/1/1/1"),
        (
            rotated,
            "2.root.json",
            "2029-07-27T00:00:00Z",
            "refuse 2/-/-/- root:expired",
        ),
        (
            "tough-testdata/expired-root-json-signature",
            "root.json",
            "2026-11-22T00:00:00Z",
            "refuse 1/-/-/- root:expired",
        ),
        (
            "tough-testdata/invalid-root-json-signature",
            "root.json",
            "2026-11-22T00:00:00Z",
            "start under-threshold",
        ),
        (
            "tough-testdata/no-root-json-signatures",
            "root.json",
            "2026-11-22T00:00:00Z",
            "start under-threshold",
        ),
        (
            "tough-testdata/pem-encoded-ecdsa-sig-keys",
            "root.json",
            "2022-12-01T00:00:00Z",
            "refuse 5/-/-/- timestamp:missing",
        ),
        (
            "tough-testdata/pem-encoded-ecdsa-sig-keys",
            "root.json",
            "2023-04-18T18:13:43Z",
            "refuse 5/-/-/- root:expired",
        ),
        (
            "tough-testdata/simple-rsa",
            "root.json",
            "2026-11-22T00:00:00Z",
            "refuse 1/-/-/- timestamp:missing",
        ),
        (multirepo, "1.root.json", "2026-11-22T00:00:00Z", "accept 1/1/1/1"),
        (multirepo, "1.root.json", "2034-09-30T11:29:58Z", "accept 1/1/1/1"),
        (
            multirepo,
            "1.root.json",
            "2034-09-30T11:29:59Z",
            "refuse 1/-/-/- root:expired",
        ),
        (
            python,
            "1.root.json",
            "2026-11-22T00:00:00Z",
            "accept 1/1/1/1 role1 1 role2 1",
        ),
        (
            python,
            "1.root.json",
            "2030-01-01T00:00:00Z",
            "refuse 1/-/-/- root:expired",
        ),
        (
            "python-tuf/generated_data/ed25519_metadata",
            "root_with_ed25519.json",
            "2026-11-22T00:00:00Z",
            "refuse 1/-/-/- timestamp:missing",
        ),
        (
            "rstuf-cli",
            "root.json",
            "2026-11-22T00:00:00Z",
            "refuse 1/-/-/- timestamp:missing",
        ),
        (
            "rstuf-cli/root",
            "v1.json",
            "2025-06-01T00:00:00Z",
            "start under-threshold",
        ),
        (
            "rstuf-cli/root",
            "v2.json",
            "2025-06-01T00:00:00Z",
            "start under-threshold",
        ),
        (
            "tuf-on-ci/repo/test/test_repo1",
            "root.json",
            "2021-02-03T12:00:00Z",
            "start under-threshold",
        ),
        (
            "tuf-on-ci/repo/test/test_repo2",
            "root.json",
            "2021-02-03T12:00:00Z",
            "start under-threshold",
        ),
        (ceremony, "1.root.json", "2021-07-01T00:00:00Z", "accept 1/1/1/1"),
        (ceremony, "1.root.json", "2021-12-18T16:00:00Z", "accept 1/1/1/1"),
        (
            ceremony,
            "1.root.json",
            "2021-12-18T19:28:13Z",
            "refuse 1/-/-/- root:expired",
        ),
    ];
    let mut wrong = Vec::new();
    for (folder, root, clock, expected) in rows {
        let folder = real.join(folder);
        let folder = if *root == "../initial_root.json" || (!folder.join(root).exists()) {
            folder.join("metadata")
        } else {
            folder
        };
        if !folder.join(root).exists() {
            wrong.push(format!("{}: no {root}", folder.display()));
            continue;
        }
        let found = verdict(&folder, root, clock);
        if found != dotted(expected) {
            wrong.push(format!(
                "{} {root} {clock}\n  expected {expected}\n  found    {found}",
                folder.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Walks with what an earlier walk kept.
fn after(earlier: &Outcome, folder: &Path, clock: &str) -> String {
    let kept = |role: &str| {
        earlier
            .keep
            .iter()
            .find(|(kept, _)| kept.as_str() == role)
            .map(|(_, bytes)| bytes.clone())
    };
    let anchor = kept("root").unwrap_or_else(|| earlier.root.as_ref().unwrap().file().clone());
    let mut input = WalkInput::new(earlier.dialect, anchor, at(clock));
    input.floors = Floors {
        timestamp: kept("timestamp"),
        snapshot: kept("snapshot"),
        targets: kept("targets"),
        delegated: earlier
            .keep
            .iter()
            .filter(|(role, _)| !role.is_top_level())
            .cloned()
            .collect(),
    };
    told(&walk_with(input, folder))
}

#[test]
fn a_client_that_has_seen_a_later_step_refuses_an_earlier_one_unless_its_key_was_rotated_away() {
    let Some(place) = fixtures() else { return };
    let clock = "2026-11-22T00:00:00Z";
    for set in ["fuchsia-go-tuf-5527fe", "fuchsia-go-tuf-transition-M4"] {
        let step = |number: u32| {
            place.join(format!(
                "real/rust-tuf-interop/{set}/consistent-snapshot-false/{number}/repository"
            ))
        };
        let fresh = |number: u32| walk(&step(number), "1.root.json", clock);
        assert_eq!(told(&fresh(0)), "accept 1/1/1/1");
        assert_eq!(told(&fresh(2)), "accept 3/3/3/3");
        assert_eq!(told(&fresh(5)), "accept 5/6/6/6");
        assert_eq!(after(&fresh(0), &step(2), clock), "accept 3/3/3/3");
        assert_eq!(after(&fresh(2), &step(5), clock), "accept 5/6/6/6");
        assert_eq!(
            after(&fresh(2), &step(0), clock),
            "refuse 3/-/-/- timestamp:rolled-back"
        );
        assert_eq!(
            after(&fresh(5), &step(2), clock),
            "refuse 5/-/-/- timestamp:under-threshold"
        );
        assert_eq!(
            after(&fresh(5), &step(0), clock),
            "refuse 5/-/-/- timestamp:under-threshold"
        );
    }
    let pretty = place.join("real/rust-tuf-interop/metadata/consistent-snapshot-false/0/repository");
    assert_eq!(verdict(&pretty, "1.root.json", clock), "start under-threshold");
}

#[test]
fn half_signed_roots_are_completed_by_the_signature_that_was_sent_for_them() {
    let Some(place) = fixtures() else { return };
    let folder = place.join("real/rstuf-cli");
    let payload = |name: &str| {
        let bytes = std::fs::read(folder.join("payload").join(name)).unwrap();
        crate::json::parse(&bytes, crate::json::Limits::default()).unwrap()
    };
    let inner = |name: &str| {
        let root = payload(name).get("metadata").unwrap().get("root").unwrap().clone();
        read::<Root>(crate::json::compact(&root).as_bytes(), Dialect::Tuf1).unwrap()
    };
    let first = Verified::anchor(inner("ceremony.json")).unwrap();
    let second = inner("update.json");
    let by = |signer: &Root| Tally::of(&second, &signer.keys, &signer.root);
    assert_eq!((by(first.body()).ours, by(second.body()).ours), (2, 2));
    // The signature is over version 2 and not over version 1.
    let sent = payload("sign.json");
    let text = |name: &str| {
        let signature = sent.get("signature").unwrap_or(&sent);
        signature
            .get(name)
            .and_then(crate::json::Value::as_str)
            .unwrap()
            .to_owned()
    };
    let key = first
        .body()
        .keys
        .iter()
        .find(|key| *key.keyid().as_str() == text("keyid"))
        .unwrap();
    let signature = Signature::from_parts(
        key.keyid().clone(),
        None,
        from_hex(&text("sig")).unwrap(),
        Dialect::Tuf1,
    );
    for (name, good) in [("root/v1.json", false), ("root/v2.json", true)] {
        let root = read::<Root>(&std::fs::read(folder.join(name)).unwrap(), Dialect::Tuf1).unwrap();
        let frozen = Frozen::<Root>::from_bytes(root.signed_bytes(), Dialect::Tuf1, RoleName::root()).unwrap();
        assert_eq!(frozen.check(key, &signature).is_ok(), good, "{name}");
    }
}

#[test]
fn placeholder_signatures_do_not_hinder_reading() {
    let Some(place) = fixtures() else { return };
    let expected = place.join("real/tuf-on-ci/tests/expected");
    let mut seen = 0;
    for folder in std::fs::read_dir(expected).unwrap() {
        let folder = folder.unwrap().path().join("metadata");
        let Ok(bytes) = std::fs::read(folder.join("1.root.json")) else {
            continue;
        };
        let root = read::<Root>(&bytes, Dialect::Tuf1).unwrap();
        assert!(
            root.signatures()
                .iter()
                .all(|signature| signature.text == "XXX" && signature.bytes.is_none())
        );
        assert_eq!(
            verdict(&folder, "1.root.json", "2021-02-04T00:00:00Z"),
            "start under-threshold"
        );
        seen += 1;
    }
    assert_eq!(seen, 6);
}
