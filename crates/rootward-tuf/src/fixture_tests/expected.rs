//! Rows of the table of expected verdicts beside the fixtures that are more than one walk and its verdict.

use std::path::{Path, PathBuf};

use der::{Decode as _, Encode as _};

use super::{answer, dotted, fixtures, verdict, walk, walk_with};
use crate::dialect::notary::Certificate;
use crate::dialect::{Dialect, detect};
use crate::key::{Method, PublicKey};
use crate::metadata::{Root, TargetPath, read};
use crate::testing::{at, told};
use crate::walk::{Extent, Next, Outcome, Reply, Search, Select, Sought, WalkInput, Walker};

const CLOCK: &str = "2026-11-22T00:00:00Z";

/// Files below a folder, with their paths inside it.
fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in std::fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let inside = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push((inside, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn role_of_target(outcome: &Outcome, path: &str, file: &[u8]) -> String {
    match outcome.find_target(path) {
        Search::Found { role, target } if target.check(file).is_ok() => role.to_string(),
        other => format!("{other:?}"),
    }
}

/// Folder, metadata in it, root, clock, files, and which of them another role than targets vouches for.
type Repository<'a> = (&'a str, &'a str, &'a str, &'a str, usize, &'a [(&'a str, &'a str)]);

/// State, tags with who signs them and how their digest begins, and tags that are not there.
type Tags<'a> = (&'a str, &'a [(&'a str, &'a str, &'a str)], &'a [&'a str]);

#[test]
pub(super) fn every_captured_file_is_the_target_its_metadata_lists() {
    let Some(place) = fixtures() else { return };
    let real = place.join("real");
    let npm = dotted("registry·npmjs·org");
    let sigstore = "sigstore-root-signing";
    let ceremony = "sigstore-ceremony/2021-06-18/repository";
    let multirepo = "go-tuf/examples/multirepo/repository";
    let reference = "tough-testdata/tuf-reference-impl";
    let on_ci = "tuf-conformance/tuf-on-ci-0.11";
    let rows: [Repository<'_>; 7] = [
        (
            sigstore,
            "metadata",
            "root_history/15.root.json",
            "2026-08-21T00:00:00Z",
            12,
            &[("keys.json", &npm)],
        ),
        (ceremony, "", "1.root.json", "2021-07-01T00:00:00Z", 4, &[]),
        (multirepo, "metadata", "1.root.json", CLOCK, 6, &[]),
        (
            reference,
            "metadata",
            "1.root.json",
            CLOCK,
            3,
            &[("file3.txt", "role1")],
        ),
        (
            "tough-testdata/consistent-snapshots",
            "metadata",
            "1.root.json",
            CLOCK,
            2,
            &[],
        ),
        (
            "tuf-conformance/sigstore-root-signing",
            "metadata",
            "12.root.json",
            "2025-02-09T12:02:08Z",
            1,
            &[],
        ),
        (
            on_ci,
            "metadata",
            "1.root.json",
            CLOCK,
            1,
            &[("artifact", "delegatedrole")],
        ),
    ];
    for (folder, metadata, root, clock, expected, elsewhere) in rows {
        let folder = real.join(folder);
        let outcome = walk(&folder.join(metadata), root, clock);
        let files = files_below(&folder.join("targets"));
        assert_eq!(files.len(), expected, "{}", folder.display());
        for (name, file) in &files {
            // A name that begins with the file's own digest is the one of consistent snapshots.
            let (above, last) = name
                .rsplit_once('/')
                .map_or(("", name.as_str()), |(above, last)| (above, last));
            let digest = format!("{}.", crate::encoding::hex(&crate::encoding::sha256(file)));
            let path = match (last.strip_prefix(&digest), above) {
                (Some(plain), "") => plain.to_owned(),
                (Some(plain), above) => format!("{above}/{plain}"),
                (None, _) => name.clone(),
            };
            let role = elsewhere
                .iter()
                .find(|(end, _)| path.ends_with(end))
                .map_or("targets", |(_, role)| role);
            assert_eq!(
                role_of_target(&outcome, &path, file),
                role,
                "{} {name}",
                folder.display()
            );
            let Search::Found { target, .. } = outcome.find_target(&path) else {
                panic!("{path}")
            };
            let served = TargetPath::new(&path)
                .unwrap()
                .served(&target, last.starts_with(&digest))
                .unwrap();
            assert_eq!(&served.join("/"), name);
            assert!(target.check(&file[1..]).is_err());
            // A client that asks for roles as it needs them finds the same.
            let metadata = folder.join(metadata);
            let mut walker = Walker::begin(WalkInput {
                extent: Extent::TopLevel,
                ..super::input(&metadata, root, clock)
            })
            .unwrap();
            while let Next::Fetch(request) = walker.next() {
                walker.supply(answer(&metadata, &request));
            }
            let mut seeker = walker.into_seeker().ok().unwrap();
            let sought = seeker.run(&path, |request| answer(&metadata, request));
            assert!(matches!(sought, Sought::Found { role: found, .. } if found.as_str() == role));
        }
    }
    // Three files lie beside the repositories, and none of these lists them.
    let strays = files_below(&real.join("tough-testdata/targets"));
    assert_eq!(strays.len(), 3);
    for folder in [reference, "tough-testdata/consistent-snapshots"] {
        let outcome = walk(&real.join(folder).join("metadata"), "1.root.json", CLOCK);
        for (name, file) in &strays {
            assert_eq!(outcome.find_target(name), Search::Nowhere);
            assert!(detect(file).is_err());
        }
    }
}

#[test]
pub(super) fn every_root_that_can_be_trusted_leads_to_the_same_end() {
    let Some(place) = fixtures() else { return };
    let real = place.join("real");
    let check = |folder: &str, root: &str, clock: &str, expected: &str| {
        let found = verdict(&real.join(folder), root, clock);
        assert_eq!(found, dotted(expected), "{folder} {root} {clock}");
    };
    for first in 1..=15 {
        let root = format!("root_history/{first}.root.json");
        let folder = "sigstore-root-signing/metadata";
        check(
            folder,
            &root,
            "2026-10-14T00:00:00Z",
            "refuse 15/762/-/- timestamp:expired",
        );
        for clock in ["2026-11-20T13:58:18Z", "2030-01-01T00:00:00Z"] {
            check(folder, &root, clock, "refuse 15/-/-/- root:expired");
        }
    }
    for first in 1..=5 {
        let root = format!("root_history/{first}.root.json");
        let folder = "jku-tuf-demo/metadata";
        let end = "accept 5/921/15/7 jku 6 rdimitrov 3 kommendorkapten 4";
        check(folder, &root, "2026-08-21T00:00:00Z", end);
        for clock in ["2026-08-23T19:35:30Z", "2026-12-04T19:29:47Z"] {
            check(folder, &root, clock, "refuse 5/921/-/- timestamp:expired");
        }
        check(folder, &root, "2026-12-04T19:29:48Z", "refuse 5/-/-/- root:expired");
    }
    for first in 1..=11 {
        let root = format!("{first}.root.json");
        let folder = "tuf-conformance/sigstore-root-signing/metadata";
        check(
            folder,
            &root,
            "2025-02-13T00:00:00Z",
            "accept 12/272/159/11 registry·npmjs·org 5",
        );
    }
    for root in ["1.root.json", "2.root.json"] {
        let rotated = "tough-testdata/rotated-root";
        check(rotated, root, "2029-07-27T00:00:00Z", "refuse 2/-/-/- root:expired");
    }
    // As a root to start from an expired one is as good as any (TUF 5.3.6); as the newest it is refused.
    let expired = "tough-testdata/expired-root-json-signature";
    check(
        expired,
        "root.json",
        "1970-03-30T03:30:29Z",
        "refuse 1/-/-/- timestamp:missing",
    );
    for clock in ["1970-03-30T03:30:30Z", CLOCK] {
        check(expired, "root.json", clock, "refuse 1/-/-/- root:expired");
    }
    for folder in [
        "tough-testdata/invalid-root-json-signature",
        "tough-testdata/no-root-json-signatures",
    ] {
        for clock in ["1970-01-01T00:00:00Z", CLOCK] {
            check(folder, "root.json", clock, "start under-threshold");
            let file = std::fs::read(real.join(folder).join("root.json")).unwrap();
            assert!(read::<Root>(&file, Dialect::Tuf1).is_ok());
        }
    }
    for folder in ["staging", "sigstore-tuf-root"] {
        let folder = format!("go-tuf/examples/multirepo/repository/targets/{folder}");
        check(
            &folder,
            "root.json",
            "2022-12-01T00:00:00Z",
            "refuse 5/-/-/- timestamp:missing",
        );
        check(
            &folder,
            "root.json",
            "2023-04-18T18:13:43Z",
            "refuse 5/-/-/- root:expired",
        );
    }
    for step in [0, 2, 5] {
        let folder = format!("rust-tuf-interop/metadata/consistent-snapshot-false/{step}/repository");
        check(&folder, "1.root.json", CLOCK, "start under-threshold");
    }
    let multirepo = real.join("go-tuf/examples/multirepo");
    let file = |name: &str| std::fs::read(multirepo.join(name)).unwrap();
    assert_eq!(file("client/root.json"), file("repository/metadata/1.root.json"));
}

#[test]
pub(super) fn a_set_of_files_with_odd_names_is_sound_when_fed_file_by_file() {
    let Some(place) = fixtures() else { return };
    let folder = place.join("real/python-tuf/generated_data/ed25519_metadata");
    let file = |role: &str| std::fs::read(folder.join(format!("{role}_with_ed25519.json"))).unwrap();
    let walker = Walker::begin(WalkInput::new(Dialect::Tuf1, file("root"), at(CLOCK))).unwrap();
    let outcome = walker.run(|request| match request.select {
        Select::Version(_) => Reply::Missing,
        _ => Reply::Found(file(request.role.as_str())),
    });
    assert_eq!(told(&outcome), "accept 1/1/1/1");
}

#[test]
pub(super) fn what_is_of_neither_dialect_is_refused_by_both() {
    let Some(place) = fixtures() else { return };
    let real = place.join("real");
    let uptane = real.join("uptane");
    let archive = uptane.join("samples/metadata_samples_long_expiry/initial_w_no_update");
    let mut neither: Vec<PathBuf> = vec![
        real.join("rust-tuf-interop/metadata/keys.json"),
        real.join("go-tuf/examples/multirepo/repository/targets/map.json"),
        archive.join("director_targets.json"),
    ];
    for (name, _) in files_below(&uptane) {
        neither.push(uptane.join(name));
    }
    assert!(neither.len() > 15);
    for path in neither {
        let file = std::fs::read(&path).unwrap();
        assert!(detect(&file).is_err(), "{}", path.display());
        // All of it can be parsed, to be shown.
        assert!(
            crate::json::parse(&file, Default::default()).is_ok(),
            "{}",
            path.display()
        );
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            let input = WalkInput::new(dialect, file.clone(), at(CLOCK));
            assert!(Walker::begin(input).is_err(), "{}", path.display());
        }
    }
    let same = |a: &Path, b: &Path| assert_eq!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
    let full = archive.join("full_metadata_archive");
    same(
        &archive.join("director_targets.json"),
        &full.join("director/metadata/targets.json"),
    );
    let data = uptane.join("tests/test_data");
    same(
        &data.join("director_metadata/root.json"),
        &full.join("director/metadata/root.json"),
    );
    same(
        &data.join("image_repo_metadata/root.json"),
        &full.join("imagerepo/metadata/root.json"),
    );
}

#[test]
fn captured_tags_are_where_notary_looks_for_them() {
    let Some(place) = fixtures() else { return };
    let (good, bad) = ("rADVeR2z", "/K7AnsRu");
    let rows: [Tags<'_>; 10] = [
        ("a-fresh", &[], &["v1"]),
        (
            "a-fresh-2targets",
            &[("v1", "targets", good), ("file", "targets", "VsksQd3O")],
            &["v2"],
        ),
        (
            "b-witness",
            &[("v1", "targets", good), ("v2", "targets/releases", bad)],
            &[],
        ),
        ("b-purged", &[("v1", "targets", good)], &["v2"]),
        (
            "d-delegkey-1-alice-signs",
            &[("v1", "targets", good), ("v2", "targets/releases", bad)],
            &["evil"],
        ),
        (
            "d-delegkey-2-thief",
            &[("v1", "targets", good), ("evil", "targets/releases", bad)],
            &[],
        ),
        (
            "d-delegkey-3-thief-subdelegates",
            &[("v1", "targets", good), ("evil", "targets/releases", bad)],
            &[],
        ),
        ("d-delegkey-4-revoked", &[("v1", "targets", good)], &["v2", "evil"]),
        ("g-docker-1-signer-add", &[], &["v1"]),
        ("g-docker-2-signed", &[("v1", "targets/dave", good)], &["v2"]),
    ];
    let digest = |outcome: &Outcome, tag: &str| match outcome.find_target(tag) {
        Search::Found { role, target } => {
            let digest = crate::encoding::base64(&target.hashes.sha256().unwrap());
            format!("{role} {}", &digest[..8])
        }
        other => format!("{other:?}"),
    };
    for (name, found, absent) in rows {
        let folder = place.join("notary/repos").join(name);
        let outcome = walk(&folder, "root.json", "2026-11-23T00:00:00Z");
        for (tag, role, expected) in found {
            assert_eq!(digest(&outcome, tag), format!("{role} {expected}"), "{name} {tag}");
        }
        for tag in absent {
            assert_eq!(outcome.find_target(tag), Search::Nowhere, "{name} {tag}");
        }
    }
    // A stolen targets key: all four states are valid, and only what they say of v1 tells them apart.
    let steps = ["0-before", "1-thief", "2-rotated", "3-restored"].map(|step| {
        let folder = place.join(format!("notary/repos/e-targetskey-{step}"));
        digest(&walk(&folder, "root.json", "2026-11-23T00:00:00Z"), "v1")
    });
    let expected = [good, bad, bad, good].map(|digest| format!("targets {digest}"));
    assert_eq!(steps, expected);
    // The thief's delegated v1 is shadowed by the one targets lists, in Notary's own order.
    let folder = place.join("notary/repos/d-delegkey-2-thief");
    let outcome = walk(&folder, "root.json", "2026-11-23T00:00:00Z");
    let releases = outcome.delegated[0].document.body();
    let shadowed = releases.targets.get("v1").unwrap().hashes.sha256().unwrap();
    assert!(crate::encoding::base64(&shadowed).starts_with(bad));
}

#[test]
fn a_cached_root_can_be_helped_over_a_gap_by_the_roots_between() {
    let Some(place) = fixtures() else { return };
    let repos = place.join("notary/repos");
    let (newer, older) = (repos.join("c-rotation-4-targets"), repos.join("c-rotation-3-root"));
    for (cached, alone) in [(2, "refuse 2/-/-/- root:root-gap"), (3, "refuse 3/-/-/- root:root-gap")] {
        let mut input = super::input(&newer, &format!("{cached}.root.json"), "2026-11-23T00:00:00Z");
        input.gun = Some("reg.test/lab/rot".to_owned());
        assert_eq!(told(&walk_with(input.clone(), &older)), alone);
        let outcome = Walker::begin(input).unwrap().run(|request| match request.select {
            Select::Version(version) if version < 5 => answer(&newer, request),
            _ => answer(&older, request),
        });
        assert_eq!(told(&outcome), "accept 5/6/7/3", "from {cached}");
    }
}

#[test]
pub(super) fn attested_keys_are_the_root_keys_and_chain_to_the_makers_authority() {
    let Some(place) = fixtures() else { return };
    let place = place.join("real/sigstore-ceremony");
    let text = |path: &str| std::fs::read_to_string(place.join(path)).unwrap();
    let certificate = |path: &str| {
        let first = Certificate::first_in_pem(text(path).as_bytes()).unwrap();
        x509_cert::Certificate::from_der(first.der()).unwrap()
    };
    let key_in = |certificate: &x509_cert::Certificate| {
        let spki = certificate
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .unwrap();
        PublicKey::from_spki_der(&spki).unwrap()
    };
    let is_signed_by = |certificate: &x509_cert::Certificate, issuer: &PublicKey| {
        let message = certificate.tbs_certificate().to_der().unwrap();
        issuer.verifies(Method::RsaPkcs1, &message, certificate.signature().as_bytes().unwrap())
    };
    let extension = |certificate: &x509_cert::Certificate, last: u32| -> Vec<u8> {
        let oid = der::asn1::ObjectIdentifier::new(&format!("1.3.6.1.4.1.41482.3.{last}")).unwrap();
        let extensions = certificate.tbs_certificate().extensions().unwrap();
        let found = extensions.iter().find(|extension| extension.extn_id == oid);
        found.map_or_else(Vec::new, |extension| extension.extn_value.as_bytes().to_vec())
    };
    let authority = key_in(&certificate("yubico-piv-root-ca.pem"));
    let root = std::fs::read(place.join("2021-06-18/repository/1.root.json")).unwrap();
    let root = read::<Root>(&root, Dialect::Tuf1).unwrap();
    let rows = [
        (13078778, "2f64fb5e", [5, 2, 6]),
        (14454335, "bdde902f", [5, 2, 7]),
        (14470876, "eaf22372", [5, 2, 7]),
        (15938765, "f40f3204", [5, 2, 7]),
        (15938791, "f5055951", [5, 2, 7]),
    ];
    for (serial, keyid, firmware) in rows {
        let path = |name: &str| format!("2021-06-18/keys/{serial}/{serial}_{name}.pem");
        let (attestation, device) = (certificate(&path("key_cert")), certificate(&path("device_cert")));
        assert!(
            is_signed_by(&attestation, &key_in(&device)) && is_signed_by(&device, &authority),
            "{serial}"
        );
        assert!(!is_signed_by(&attestation, &authority));
        let attested = key_in(&attestation);
        assert_eq!(
            attested.physical(),
            PublicKey::from_spki_pem(&text(&path("pubkey"))).unwrap().physical()
        );
        let listed = root
            .body()
            .keys
            .iter()
            .find(|key| key.keyid().as_str().starts_with(keyid))
            .unwrap();
        assert_eq!(listed.physical(), Some(attested.physical()), "{serial}");
        for (role, keys) in root.body().roles() {
            assert!(keys.keyids.contains(listed.keyid()), "{serial} {role}");
        }
        let attested_serial = der::asn1::Int::from_der(&extension(&attestation, 7)).unwrap();
        let digits = attested_serial
            .as_bytes()
            .iter()
            .fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
        assert_eq!(digits, serial);
        assert_eq!(extension(&attestation, 3), firmware);
        // PIN: always, touch: always; a USB-C keychain.
        assert_eq!(extension(&attestation, 8), [3, 2]);
        assert_eq!(extension(&attestation, 9), [3]);
    }
}
