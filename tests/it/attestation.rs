//! Where keys were born, proven from what officers really handed in.

use std::fs;
use std::path::Path;

use crate::ctl;
use rootward_core::Rootward;
use rootward_core::adapters::SqliteVault;
use rootward_core::border::{Action, Custody, Failure, Outcome, Query, View};
use rootward_core::keyring::attestation::{
    self, AddedRoot, Attestations, Remark, Roots, StatedPin, VerifiedAttestation, Vouching, certificates, verify,
};
use rootward_core::ports::{Attestation, TouchPolicy, Vault as _};
use rootward_tests::desk;
use rootward_tests::fixtures;
use rootward_tuf::{Instant, PublicKey, dialect::Dialect, metadata, metadata::Root};
use serde_json::{Value, json};
use virtual_yubikey::{AttestationRoot, F9Key, Said, hand_in};

/// Five officers' keys of a public root ceremony, by serial: device firmware.
const HAND_INS: [(u32, [u8; 3]); 5] = [
    (13_078_778, [5, 2, 6]),
    (14_454_335, [5, 2, 7]),
    (14_470_876, [5, 2, 7]),
    (15_938_765, [5, 2, 7]),
    (15_938_791, [5, 2, 7]),
];

fn handed_in(folder: &Path, serial: u32) -> Attestation {
    let certificate = |kind: &str| {
        let file = folder.join(format!("keys/{serial}/{serial}_{kind}_cert.pem"));
        let bytes = fs::read(file).expect("the fixtures are laid out");
        certificates("a hand-in", &bytes).expect("PEM").remove(0)
    };
    Attestation {
        slot: certificate("key"),
        device: certificate("device"),
        between: Vec::new(),
    }
}

#[test]
fn five_real_hand_ins_are_proven_and_are_the_keys_of_the_root_that_their_ceremony_made() {
    let Some(captured) = fixtures::captured() else { return };
    let folder = captured.path().join("real/sigstore-ceremony/2021-06-18");
    let root = fs::read(folder.join("repository/root.json")).expect("the fixtures are laid out");
    let root = metadata::read::<Root>(&root, Dialect::Tuf1).expect("a root");
    let now = Instant::parse("2026-11-23T00:00:00Z").expect("a moment");
    let roots = Roots::of_makers();
    let mut proven: Vec<VerifiedAttestation> = Vec::new();
    for (serial, firmware) in HAND_INS {
        let attestation = handed_in(&folder, serial);
        let given = fs::read_to_string(folder.join(format!("keys/{serial}/{serial}_pubkey.pem"))).expect("a file");
        let key = PublicKey::from_spki_pem(&given).expect("a key");
        let of_key = verify(&attestation, &roots, Some(&key.physical())).expect("a real hand-in");
        assert_eq!((of_key.serial, of_key.firmware), (Some(serial), firmware));
        assert_eq!((of_key.pin, of_key.touch), (StatedPin::Always, TouchPolicy::Always));
        assert_eq!(
            of_key.form_factor.map(|form| form.to_string()).as_deref(),
            Some("USB-C keychain")
        );
        assert_eq!(of_key.slot.map(|slot| slot.to_string()).as_deref(), Some("9c"));
        assert_eq!(of_key.vouching, Vouching::Maker);
        assert_eq!(of_key.chain[2].subject, "Yubico PIV Root CA Serial 263751");
        assert_eq!(of_key.remarks(now), [Remark::Cloneable]);
        proven.push(of_key);
    }
    let keys = root.body().keys.iter();
    let of_root: Vec<_> = keys.filter_map(rootward_tuf::Key::physical).collect();
    assert_eq!(of_root.len(), 5);
    assert!(proven.iter().all(|key| of_root.contains(&key.physical())));

    // One officer's certificate with another's device is none.
    let mut mixed = handed_in(&folder, HAND_INS[0].0);
    mixed.device = handed_in(&folder, HAND_INS[1].0).device;
    let problem = verify(&mixed, &roots, None).expect_err("two devices");
    assert_eq!(problem.code(), "attestation-wrong-signature");
}

#[test]
fn each_altered_byte_of_a_real_hand_in_is_refused() {
    let Some(captured) = fixtures::captured() else { return };
    let folder = captured.path().join("real/sigstore-ceremony/2021-06-18");
    let roots = Roots::of_makers();
    let real = handed_in(&folder, HAND_INS[0].0);
    for place in 0..real.slot.len() {
        let mut altered = real.clone();
        altered.slot[place] ^= 0x08;
        assert!(verify(&altered, &roots, None).is_err(), "byte {place} of the key's");
    }
    for place in 0..real.device.len() {
        let mut altered = real.clone();
        altered.device[place] ^= 0x08;
        assert!(verify(&altered, &roots, None).is_err(), "byte {place} of the device's");
    }
}

/// A folder with a hand-in of a key born in a card of the rig's, and the rig's root.
fn laid_out(root: AttestationRoot) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let said = Said {
        serial: 990_000_271,
        firmware: [5, 7, 4],
        policies: [2, 3],
    };
    let handed_in = hand_in(root, F9Key::P256, &said);
    let pem = |certificates: &[Vec<u8>]| {
        let blocks = certificates.iter();
        let blocks = blocks.map(|der| rootward_tuf::encoding::pem("CERTIFICATE", der));
        blocks.collect::<String>()
    };
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("a folder of ours");
    write("key.der", &handed_in.key);
    write("key.pem", pem(&[handed_in.key]).as_bytes());
    write("device.pem", pem(std::slice::from_ref(&handed_in.device)).as_bytes());
    write(
        "device-and-between.pem",
        pem(&[vec![handed_in.device], root.between()].concat()).as_bytes(),
    );
    write("root.pem", pem(&[root.certificate()]).as_bytes());
    folder
}

#[test]
fn a_script_learns_each_fact_and_each_step_that_failed() {
    let folder = laid_out(AttestationRoot::Newer);
    let attest = |args: &[&str]| -> (i32, Value) {
        let inside = |arg: &&str| match arg.starts_with("--") {
            true => (*arg).to_owned(),
            false => folder.path().join(arg).to_str().expect("a path of ours").to_owned(),
        };
        let args = ["attest".to_owned(), "--json".to_owned()]
            .into_iter()
            .chain(args.iter().map(inside));
        let told = ctl().run(args);
        (told.code, serde_json::from_str(&told.out).unwrap_or(Value::Null))
    };
    for key in ["key.pem", "key.der"] {
        let (code, report) = attest(&[key, "device-and-between.pem", "--root", "root.pem"]);
        assert_eq!(code, 0, "{report:#}");
        assert_eq!(report["chain"].as_array().map(Vec::len), Some(5));
        assert_eq!(report["findings"][0]["code"], "root-added-here");
        for (name, value) in [
            ("verified", json!(true)),
            ("serial", json!(990_000_271)),
            ("firmware", json!("5.7.4")),
            ("pin_policy", json!("once")),
            ("touch_policy", json!("cached")),
            ("form_factor", json!("USB-A keychain")),
            ("slot", json!("9c")),
            ("vouched_by", json!("added")),
            ("roles", json!(null)),
            ("kept", json!(false)),
        ] {
            assert_eq!(report[name], value, "{name}");
        }
    }
    for (args, expected) in [
        (&["key.pem", "device-and-between.pem"][..], "attestation-wrong-issuer"),
        (
            &["key.pem", "device.pem", "--root", "root.pem"],
            "attestation-wrong-issuer",
        ),
        (&["device.pem", "key.pem"], "attestation-missing"),
        (&["key.pem", "root.pem"], "attestation-wrong-issuer"),
        (
            &["key.pem", "device.pem", "--root", "key.pem"],
            "attestation-no-authority",
        ),
    ] {
        let (code, report) = attest(args);
        assert_eq!((code, &report["verified"]), (1, &json!(false)), "{args:?}");
        assert_eq!(report["findings"][0]["code"], expected, "{args:?}");
        assert_eq!(report["serial"], Value::Null, "nothing unproven is told: {args:?}");
    }
    assert_eq!(attest(&["nothing.pem", "device.pem"]).0, 2);
}

#[test]
fn what_a_desk_keeps_is_proven_again_and_ends_with_its_root() {
    let folder = laid_out(AttestationRoot::Rig);
    let file = |name: &str| folder.path().join(name).to_str().expect("a path of ours").to_owned();
    let ctl = ctl();
    let refused = ctl.run(["attest", &file("key.pem"), &file("device.pem"), "--keep"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("attestation-wrong-issuer"), "{}", refused.err);
    let (key, device, root) = (file("key.pem"), file("device.pem"), file("root.pem"));
    let kept = ctl.run(["attest", &key, &device, "--root", &root, "--keep"]);
    assert_eq!(kept.code, 0, "{}", kept.err);
    assert!(
        kept.out.contains("chains to a root added on this machine"),
        "{}",
        kept.out
    );
    assert!(kept.out.contains("not who holds the device"), "{}", kept.out);
    let vault = SqliteVault::open(&ctl.data().join("desk.sqlite")).expect("the desk's vault");
    let kept = Attestations::on(&vault).expect("attestations");
    let proven: Vec<_> = kept.by_key.values().collect();
    assert!(proven[0].as_ref().is_ok_and(|key| key.serial == Some(990_000_271)));
    let root = vault.added_roots().expect("roots").remove(0);
    vault.forget_root(&root.sha256).expect("forgotten");
    let kept = Attestations::on(&vault).expect("attestations");
    let problem = kept
        .by_key
        .values()
        .next()
        .expect("kept")
        .clone()
        .expect_err("its root is gone");
    assert_eq!(problem.code(), "attestation-wrong-issuer");
}

#[test]
fn a_real_hand_in_names_the_roles_that_its_key_signed() {
    let Some(captured) = fixtures::captured() else { return };
    let folder = captured.path().join("real/sigstore-ceremony/2021-06-18");
    let file = |name: &str| folder.join(name).to_str().expect("a path of ours").to_owned();
    let ctl = ctl();
    for (serial, _) in HAND_INS {
        let certificate = |kind: &str| file(&format!("keys/{serial}/{serial}_{kind}_cert.pem"));
        let (key, device, repository) = (certificate("key"), certificate("device"), file("repository"));
        let told = ctl.run([
            "attest",
            &key,
            &device,
            "--for",
            &repository,
            "--json",
            "--at",
            "2026-11-23T00:00:00Z",
        ]);
        assert_eq!(told.code, 0, "{}", told.err);
        let report: Value = serde_json::from_str(&told.out).expect("JSON");
        let roles: Vec<_> = report["roles"].as_array().expect("roles").iter().collect();
        let named: Vec<_> = roles
            .iter()
            .map(|role| role["role"].as_str().expect("a role"))
            .collect();
        assert_eq!(named, ["root", "timestamp", "snapshot", "targets"]);
        assert_eq!(roles[0]["signed"], true, "{report:#}");
        assert_eq!(report["vouched_by"], "maker");
        assert_eq!(report["findings"][0]["code"], "cloneable-firmware");
    }
    let (key, device) = (
        file("keys/13078778/13078778_key_cert.pem"),
        file("keys/13078778/13078778_device_cert.pem"),
    );
    let other = crate::world();
    let told = ctl.run(["attest", &key, &device, "--for", &other.source]);
    assert_eq!(told.code, 1, "a repository that does not list the key");
    assert!(
        told.out.contains("no role of this repository lists the key"),
        "{}",
        told.out
    );
}

#[test]
fn what_is_handed_in_at_a_window_is_kept_with_its_key_and_a_root_of_ones_own_stays_apart() {
    let (data, folder) = (tempfile::tempdir().expect("a folder"), laid_out(AttestationRoot::Rig));
    let file = |name: &str| folder.path().join(name).to_str().expect("a path of ours").to_owned();
    let bytes = |name: &str| fs::read(file(name)).expect("a file of ours");
    let given = attestation::handed_in(&bytes("key.pem"), &bytes("device.pem"), &[]).expect("PEM");
    let root = AddedRoot::read(&bytes("root.pem")).expect("a root");
    let proven = verify(&given, &Roots::of_makers().and(&root), None).expect("proven by its root");
    let physical = proven.physical().to_string();
    let desk = Rootward::open(desk::ports(data.path(), desk::NOW)).expect("a desk");
    let act = |action: Action| desk::run(desk.act(action));
    let hand_in = |physical: &str| {
        act(Action::HandInAttestation {
            physical_key: physical.to_owned(),
            key: file("key.pem"),
            device: file("device.pem"),
            between: Vec::new(),
        })
    };
    let code = |went: Result<Outcome, Failure>| went.expect_err("refused").code;
    let one_key = || match desk::ask(
        &desk,
        Query::Key {
            physical_key: physical.clone(),
        },
    ) {
        View::Key(view) => (view.custody, view.attestation.expect("an attestation").verdict),
        other => panic!("{other:?}"),
    };
    let roots = || match desk::ask(&desk, Query::AttestationRoots) {
        View::AttestationRoots(view) => view,
        other => panic!("{other:?}"),
    };

    assert_eq!(
        code(hand_in(&physical)),
        "attestation-wrong-issuer",
        "nobody known vouches"
    );
    let makers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rootward-core/data/yubico/yubico-piv-ca-1.pem");
    let add = |path: String| act(Action::AddAttestationRoot { path });
    assert_eq!(code(add(makers.display().to_string())), "attestation-root-known");
    assert_eq!(code(add(file("key.pem"))), "attestation-no-authority");
    assert_eq!((roots().makers.len(), roots().added.len()), (2, 0));
    add(file("root.pem")).expect("added");
    let other = format!("sha256:{}", "0".repeat(64));
    assert_eq!(code(hand_in(&other)), "attestation-other-key");
    let Ok(Outcome::Attested { attestation }) = hand_in(&physical) else {
        panic!("expected a proof")
    };
    let verdict = attestation.verdict;
    assert!(
        verdict.starts_with("chains to a root added on this machine"),
        "{verdict}"
    );
    assert_eq!(
        one_key(),
        (Custody::Token, "Chains to a root added on this machine".to_owned())
    );
    let [added] = &roots().added[..] else {
        panic!("expected one root")
    };
    assert_eq!(added.keys, 1);

    let remove = || {
        act(Action::RemoveAttestationRoot {
            sha256: added.sha256.clone(),
        })
    };
    remove().expect("taken off");
    assert_eq!(one_key().1, "Not proven");
    assert_eq!(code(remove()), "attestation-root-unknown");
}
