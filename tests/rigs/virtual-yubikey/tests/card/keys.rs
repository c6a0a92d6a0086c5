//! Keys in slots: made, imported, moved, attested, and used only as their policies allow.

use crate::host::{Host, PIN, element, value};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use signature::Verifier;
use std::time::Duration;
use virtual_yubikey::{CardSpec, FIRMWARE_5_4_3, FIRMWARE_5_7_1, RIG_SERIALS, Touch};

const RSA_2048: u8 = 0x07;
const P256: u8 = 0x11;
const P384: u8 = 0x14;
const ED25519: u8 = 0xe0;
const DIGEST: [u8; 32] = [0x5a; 32];

#[test]
fn a_signature_of_each_algorithm_verifies_in_software() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    let make = |slot, algorithm| host.generate(slot, algorithm, 2, 1).unwrap();
    let (p256, p384, ed25519, rsa) = (
        make(0x9a, P256),
        make(0x9d, P384),
        make(0x82, ED25519),
        make(0x83, RSA_2048),
    );
    host.verify(PIN).unwrap();

    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&p256[5..]).unwrap();
    let signature = p256::ecdsa::Signature::from_der(&host.sign(0x9a, P256, &DIGEST).unwrap()).unwrap();
    key.verify_prehash(&DIGEST, &signature).unwrap();

    let digest = [0x77; 48];
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&p384[5..]).unwrap();
    let signature = p384::ecdsa::Signature::from_der(&host.sign(0x9d, P384, &digest).unwrap()).unwrap();
    key.verify_prehash(&digest, &signature).unwrap();

    let message = vec![3; 2000];
    let key = ed25519_dalek::VerifyingKey::from_bytes(&ed25519[5..].try_into().unwrap()).unwrap();
    let signature = host.sign(0x82, ED25519, &message).unwrap();
    key.verify(&message, &signature.as_slice().try_into().unwrap()).unwrap();

    let modulus = rsa::BoxedUint::from_be_slice_vartime(value(&rsa[5..], 0x81));
    let key = rsa::RsaPublicKey::new(modulus, rsa::BoxedUint::from(65537u64)).unwrap();
    let block = [&[0, 1][..], &[0xff; 221], &[0], &DIGEST].concat();
    let signature = host.sign(0x83, RSA_2048, &block).unwrap();
    key.verify(rsa::Pkcs1v15Sign::new_unprefixed(), &DIGEST, &signature)
        .unwrap();
    assert_eq!(
        host.sign(0x83, RSA_2048, &DIGEST),
        Err(0x6a80),
        "RSA takes a whole block"
    );
}

#[test]
fn older_firmware_has_neither_ed25519_nor_moving() {
    let host = Host::new(FIRMWARE_5_4_3);
    host.administrate();
    assert_eq!(host.generate(0x9a, ED25519, 0, 0), Err(0x6a80));
    assert!(host.generate(0x9a, P256, 0, 0).is_ok());
    assert_eq!(host.send(0xf6, 0xff, 0x9a, &[]), Err(0x6d00));
}

#[test]
fn a_key_is_moved_and_deleted() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    host.generate(0x9a, P256, 2, 1).unwrap();
    let facts = host.good(0xf7, 0, 0x9a, &[]);
    host.good(0xf6, 0x82, 0x9a, &[]);
    assert_eq!(host.send(0xf7, 0, 0x9a, &[]), Err(0x6a88));
    assert_eq!(host.good(0xf7, 0, 0x82, &[]), facts);
    assert_eq!(host.send(0xf6, 0x9b, 0x82, &[]), Err(0x6b00), "no key can lie there");
    host.good(0xf6, 0xff, 0x82, &[]);
    assert_eq!(host.send(0xf7, 0, 0x82, &[]), Err(0x6a88));
}

#[test]
fn pin_policies_act_as_asked_or_as_the_slot_has_them() {
    // asked, slot, what metadata says
    for (asked, slot, acts) in [(0, 0x9a, 2), (0, 0x9c, 3), (0, 0x9e, 1), (1, 0x9c, 1), (3, 0x9a, 3)] {
        let host = Host::new(FIRMWARE_5_7_1);
        host.administrate();
        host.generate(slot, P256, asked, 1).unwrap();
        assert_eq!(host.good(0xf7, 0, slot, &[])[3..7], [2, 2, acts, 1], "{slot:02x}");
        let sign = || host.sign(slot, P256, &DIGEST).map(drop);
        assert_eq!(sign(), if acts == 1 { Ok(()) } else { Err(0x6982) }, "without a PIN");
        host.verify(PIN).unwrap();
        assert_eq!(sign(), Ok(()), "with a PIN");
        assert_eq!(sign(), if acts == 3 { Err(0x6982) } else { Ok(()) }, "again");
        host.verify(PIN).unwrap();
        host.good(0xfd, 0, 0, &[]);
        assert_eq!(
            sign(),
            if acts == 3 { Err(0x6982) } else { Ok(()) },
            "with a command between"
        );
    }
}

#[test]
fn touch_policies_ask_always_never_or_once_in_a_while() {
    for (policy, touches) in [(1, 0), (2, 2), (3, 1)] {
        let host = Host::new(FIRMWARE_5_7_1);
        host.administrate();
        host.generate(0x9e, P256, 1, policy).unwrap();
        host.card.reset_counters();
        host.sign(0x9e, P256, &DIGEST).unwrap();
        host.sign(0x9e, P256, &DIGEST).unwrap();
        assert_eq!(host.card.touches(), touches, "policy {policy}");
        host.card.power_cycle();
        host.select();
        host.card.touch(Touch::Denied { after: Duration::ZERO });
        assert_eq!(
            host.sign(0x9e, P256, &DIGEST).is_ok(),
            policy == 1,
            "policy {policy}, denied"
        );
    }
}

#[test]
fn an_imported_key_signs_but_is_never_attested() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    let secret = p256::SecretKey::from_slice(&[7; 32]).unwrap();
    let data = [element(6, &[7; 32]), element(0xaa, &[1]), element(0xab, &[1])].concat();
    host.good(0xfe, P256, 0x9a, &data);
    assert_eq!(host.good(0xf7, 0, 0x9a, &[])[..10], [1, 1, P256, 2, 2, 1, 1, 3, 1, 2]);
    let signature = p256::ecdsa::Signature::from_der(&host.sign(0x9a, P256, &DIGEST).unwrap()).unwrap();
    p256::ecdsa::VerifyingKey::from(p256::ecdsa::SigningKey::from(&secret))
        .verify_prehash(&DIGEST, &signature)
        .unwrap();
    assert_eq!(host.send(0xf9, 0x9a, 0, &[]), Err(0x6a80));
    assert_eq!(
        host.send(0xfe, P256, 0x9a, &element(6, &[0; 32])),
        Err(0x6a80),
        "zero is no key"
    );
}

#[test]
fn a_generated_key_is_attested_with_its_policies() {
    let host = Host::new(FIRMWARE_5_4_3);
    host.administrate();
    let public = host.generate(0x9c, P256, 3, 2).unwrap();
    let attestation = host.good(0xf9, 0x9c, 0, &[]);
    let holds = |bytes: &[u8]| attestation.windows(bytes.len()).any(|found| found == bytes);
    assert!(holds(&public[5..]), "the key");
    assert!(holds(&[4, 3, 5, 4, 3]), "the firmware");
    assert!(holds(&[4, 2, 3, 2]), "the policies");
    assert!(
        holds(&[&[2, 4][..], &host.card.serial().to_be_bytes()].concat()),
        "the serial number"
    );
    assert_eq!(host.send(0xf9, 0x9a, 0, &[]), Err(0x6a88), "no key there");
}

#[test]
fn wrong_wishes_are_refused() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    assert_eq!(host.generate(0x9b, P256, 0, 0), Err(0x6b00));
    assert_eq!(host.generate(0x9a, 0x12, 0, 0), Err(0x6a80));
    assert_eq!(host.generate(0x9a, P256, 9, 0), Err(0x6a80));
    assert_eq!(host.sign(0x9a, P256, &DIGEST), Err(0x6a88));
    host.generate(0x9a, P256, 1, 1).unwrap();
    assert_eq!(host.sign(0x9a, P384, &DIGEST), Err(0x6a80));
    for broken in [&[][..], &[0x7c], &[0x7c, 5, 0x81], &[0x7c, 2, 0x82, 0]] {
        assert_eq!(host.send(0x87, P256, 0x9a, broken), Err(0x6a80), "{broken:02x?}");
    }
}

#[test]
fn a_seed_repeats_a_card() {
    let key = |seed| {
        let host = Host::with(CardSpec::new(*RIG_SERIALS.start(), FIRMWARE_5_7_1).seeded(seed));
        host.administrate();
        host.generate(0x9a, P256, 0, 0).unwrap()
    };
    assert_eq!(key(4), key(4));
    assert_ne!(key(4), key(5));
}
