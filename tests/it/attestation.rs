//! Where keys were born, proven from what officers really handed in.

use std::fs;
use std::path::Path;

use rootward_core::keyring::attestation::{
    Remark, Roots, StatedPin, VerifiedAttestation, Vouching, certificates, verify,
};
use rootward_core::ports::{Attestation, TouchPolicy};
use rootward_tests::fixtures;
use rootward_tuf::{Instant, PublicKey, dialect::Dialect, metadata, metadata::Root};

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
