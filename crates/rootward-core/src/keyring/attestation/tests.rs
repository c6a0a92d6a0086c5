use rootward_tuf::encoding::hex;
use virtual_yubikey::{AttestationRoot, F9Key, Said, hand_in};

use super::*;
use crate::ports::Attestation;

/// Files beside the table that says where they come from.
const FILES: [(&str, &str); 3] = [
    (
        "yubico-piv-ca-1.pem",
        include_str!("../../../data/yubico/yubico-piv-ca-1.pem"),
    ),
    ("yubico-ca-1.pem", include_str!("../../../data/yubico/yubico-ca-1.pem")),
    (
        "yubico-intermediate.pem",
        include_str!("../../../data/yubico/yubico-intermediate.pem"),
    ),
];

#[test]
fn the_makers_certificates_are_those_of_the_table() {
    let table = include_str!("../../../data/yubico/README.md");
    let told = table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let digest = cells.get(3)?.strip_prefix('`')?.strip_suffix('`')?;
        Some((cells[1].to_owned(), cells[2].to_owned(), digest.to_owned()))
    });
    let mut found = Vec::new();
    for (file, pem) in FILES {
        for der in certificates(file, pem.as_bytes()).expect("PEM") {
            let link = certificate::Certificate::read(file, &der)
                .expect("a certificate")
                .link();
            found.push((file.to_owned(), link.subject, hex(&link.sha256)));
        }
    }
    assert_eq!(told.collect::<Vec<_>>(), found);
    assert_eq!(found.len(), 12);
}

#[test]
fn the_makers_roots_vouch_for_the_makers_intermediates() {
    let roots = Roots::of_makers();
    assert_eq!((roots.anchors.len(), roots.between.len()), (2, 10));
    let all = roots.anchors.iter().map(|(root, _)| root).chain(&roots.between);
    for below in &roots.between {
        let issuer = all
            .clone()
            .find(|issuer| below.names_as_issuer(issuer))
            .expect("an issuer");
        assert_eq!(below.is_signed_by(issuer), Ok(()));
        let other = all.clone().find(|other| other.der() != issuer.der()).expect("another");
        assert!(below.is_signed_by(other).is_err());
    }
    for (root, _) in &roots.anchors {
        assert_eq!(root.is_signed_by(root), Ok(()));
    }
}

const SAID: Said = Said {
    serial: 990_000_271,
    firmware: [5, 7, 4],
    policies: [3, 2],
};

fn handed_in(root: AttestationRoot, kind: F9Key) -> Attestation {
    let hand_in = hand_in(root, kind, &SAID);
    Attestation {
        slot: hand_in.key,
        device: hand_in.device,
        between: Vec::new(),
    }
}

/// A root with what stands below it, as a file in PEM.
fn file_of(root: AttestationRoot) -> Vec<u8> {
    let certificates = [vec![root.certificate()], root.between()].concat();
    let pem = certificates
        .iter()
        .map(|der| rootward_tuf::encoding::pem("CERTIFICATE", der));
    pem.collect::<String>().into_bytes()
}

fn added(root: AttestationRoot) -> AddedRoot {
    AddedRoot::read(&file_of(root)).expect("a root")
}

fn code(proven: Result<VerifiedAttestation, AttestationProblem>) -> &'static str {
    proven.expect_err("a problem").code()
}

#[test]
fn a_chain_of_each_generation_and_kind_of_key_is_proven_up_to_an_added_root() {
    for (root, kind, links) in [
        (AttestationRoot::Rig, F9Key::P256, 3),
        (AttestationRoot::Rig, F9Key::Rsa2048, 3),
        (AttestationRoot::Newer, F9Key::P256, 5),
        (AttestationRoot::Newer, F9Key::Rsa2048, 5),
    ] {
        let roots = Roots::of_makers().and(&added(root));
        let proven = verify(&handed_in(root, kind), &roots, None).expect("proven");
        assert_eq!(proven.chain.len(), links);
        assert_eq!(proven.chain[links - 1].sha256, added(root).sha256());
        assert_eq!(proven.chain[0].subject, "YubiKey PIV Attestation 9c");
        assert_eq!(
            (proven.serial, proven.firmware, proven.pin, proven.touch),
            (Some(990_000_271), [5, 7, 4], StatedPin::Always, TouchPolicy::Always)
        );
        assert_eq!(
            proven.form_factor.map(|form| form.to_string()).as_deref(),
            Some("USB-A keychain")
        );
        assert_eq!(proven.slot, Some(Slot::SIGNATURE));
        assert_eq!(proven.vouching, Vouching::AddedHere);
        assert_eq!(proven.device(), "YubiKey 990 000 271");
    }
}

#[test]
fn what_stands_between_device_and_root_may_be_handed_in() {
    let root = AddedRoot::read(&AttestationRoot::Newer.certificate()).expect("a root alone");
    let roots = Roots::of_makers().and(&root);
    let mut handed_in = handed_in(AttestationRoot::Newer, F9Key::P256);
    assert_eq!(code(verify(&handed_in, &roots, None)), "attestation-wrong-issuer");
    handed_in.between = AttestationRoot::Newer.between();
    assert!(verify(&handed_in, &roots, None).is_ok());
    handed_in.between.reverse();
    assert!(verify(&handed_in, &roots, None).is_ok(), "in any order");
    handed_in.between.pop();
    assert_eq!(code(verify(&handed_in, &roots, None)), "attestation-wrong-issuer");
}

#[test]
fn below_a_makers_root_a_device_is_vouched_for_by_one_for_piv() {
    for (root, refused) in [
        (AttestationRoot::Rig, false),
        (AttestationRoot::Newer, false),
        (AttestationRoot::OtherApplication, true),
    ] {
        let roots = Roots::of_makers().standing_in_for_the_maker(&added(root));
        let proven = verify(&handed_in(root, F9Key::P256), &roots, None);
        match refused {
            false => assert_eq!(proven.expect("proven").vouching, Vouching::Maker),
            true => assert_eq!(code(proven), "attestation-no-authority"),
        }
    }
}

#[test]
fn a_root_nobody_added_vouches_for_nothing_and_neither_does_another_ones() {
    let handed_in = handed_in(AttestationRoot::Rig, F9Key::P256);
    let makers = Roots::of_makers();
    assert_eq!(code(verify(&handed_in, &makers, None)), "attestation-wrong-issuer");
    let stranger = makers.clone().and(&added(AttestationRoot::Stranger));
    assert_eq!(code(verify(&handed_in, &stranger, None)), "attestation-wrong-issuer");
    // Of the same name, but with another key.
    let stranger = handed_in_named_alike(AttestationRoot::Rig);
    let roots = makers.and(&added(AttestationRoot::Rig));
    assert_eq!(code(verify(&stranger, &roots, None)), "attestation-wrong-signature");
    assert!(verify(&handed_in, &roots, None).is_ok());
}

/// A hand-in whose device's certificate names a root that did not sign it.
fn handed_in_named_alike(root: AttestationRoot) -> Attestation {
    let mut handed_in = handed_in(root, F9Key::P256);
    let last = handed_in.device.len() - 1;
    handed_in.device[last] ^= 1;
    handed_in
}

#[test]
fn a_key_of_a_devices_holder_vouches_for_no_other_key() {
    let real = hand_in(AttestationRoot::Rig, F9Key::P256, &SAID);
    let roots = Roots::of_makers().and(&added(AttestationRoot::Rig));
    let forged = Attestation {
        slot: real.forged,
        device: real.key,
        between: vec![real.device],
    };
    assert_eq!(code(verify(&forged, &roots, None)), "attestation-no-authority");
}

#[test]
fn another_key_or_another_device_is_told() {
    let roots = Roots::of_makers().and(&added(AttestationRoot::Rig));
    let right = handed_in(AttestationRoot::Rig, F9Key::P256);
    let physical = verify(&right, &roots, None).expect("proven").physical();
    assert!(verify(&right, &roots, Some(&physical)).is_ok());
    let other = hand_in(
        AttestationRoot::Rig,
        F9Key::P256,
        &Said {
            serial: 990_000_272,
            ..SAID
        },
    );
    let swapped = Attestation {
        slot: other.key.clone(),
        ..right.clone()
    };
    assert_eq!(code(verify(&swapped, &roots, None)), "attestation-wrong-signature");
    let others = Attestation {
        slot: other.key,
        device: other.device,
        between: Vec::new(),
    };
    assert!(verify(&others, &roots, None).is_ok());
    assert_eq!(code(verify(&others, &roots, Some(&physical))), "attestation-other-key");
    let mixed_up = Attestation {
        slot: right.device.clone(),
        device: right.slot,
        between: Vec::new(),
    };
    assert_eq!(code(verify(&mixed_up, &roots, None)), "attestation-missing");
}

#[test]
fn each_altered_byte_is_refused_and_each_class_of_them_by_its_name() {
    let roots = Roots::of_makers().and(&added(AttestationRoot::Rig));
    let real = handed_in(AttestationRoot::Rig, F9Key::P256);
    let with = |place: usize| {
        let mut altered = real.clone();
        altered.slot[place] ^= 0x04;
        altered
    };
    for place in 0..real.slot.len() {
        assert!(verify(&with(place), &roots, None).is_err(), "byte {place}");
    }
    for place in 0..real.device.len() {
        let mut altered = real.clone();
        altered.device[place] ^= 0x04;
        assert!(verify(&altered, &roots, None).is_err(), "byte {place} of the device's");
    }
    let after = |pattern: &[u8], offset: usize| {
        let found = real.slot.windows(pattern.len()).position(|window| window == pattern);
        found.expect("it is in the certificate") + pattern.len() + offset
    };
    let extension = |arc: u8| [0x2b, 6, 1, 4, 1, 0x82, 0xc4, 0x0a, 3, arc];
    let end = real.slot.len();
    for (what, place, expected) in [
        ("the length", 3, "attestation-unreadable"),
        ("the issuer", after(b"Yubico PIV", 1), "attestation-wrong-issuer"),
        ("the subject", after(b"YubiKey PIV", 1), "attestation-wrong-signature"),
        ("the key", after(&[3, 0x42, 0, 4], 4), "attestation-unfit-key"),
        ("firmware", after(&extension(3), 2), "attestation-wrong-signature"),
        ("firmware's length", after(&extension(3), 1), "attestation-unreadable"),
        ("serial", after(&extension(7), 5), "attestation-wrong-signature"),
        ("serial's kind", after(&extension(7), 2), "attestation-altered"),
        ("PIN policy", after(&extension(8), 2), "attestation-altered"),
        ("touch policy", after(&extension(8), 3), "attestation-altered"),
        ("form factor", after(&extension(9), 2), "attestation-wrong-signature"),
        ("policies' name", after(&extension(8), 0) - 1, "attestation-missing"),
        ("the signature's last byte", end - 1, "attestation-wrong-signature"),
    ] {
        assert_eq!(code(verify(&with(place), &roots, None)), expected, "{what}");
    }
    let mut policy = real.clone();
    policy.slot[after(&extension(8), 3)] = 1;
    let lied = verify(&policy, &roots, None).expect_err("altered");
    assert_eq!(
        lied.code(),
        "attestation-wrong-signature",
        "a policy that devices do state"
    );
    let mut longer = real.clone();
    longer.slot.push(0);
    assert_eq!(code(verify(&longer, &roots, None)), "attestation-unreadable");
    for cut in 0..real.slot.len() {
        let mut cut_off = real.clone();
        cut_off.slot.truncate(cut);
        assert_eq!(code(verify(&cut_off, &roots, None)), "attestation-unreadable");
    }
}

#[test]
fn what_should_be_known_of_a_key_is_remarked() {
    let roots = Roots::of_makers().and(&added(AttestationRoot::Rig));
    let now = Instant::parse("2026-11-23T10:00:00Z").expect("a moment");
    let remarks = |said: Said, at: &str| {
        let hand_in = hand_in(AttestationRoot::Rig, F9Key::P256, &said);
        let attestation = Attestation {
            slot: hand_in.key,
            device: hand_in.device,
            between: Vec::new(),
        };
        let proven = verify(&attestation, &roots, None).expect("proven: dates refuse nothing");
        proven.remarks(Instant::parse(at).unwrap_or(now))
    };
    let expired = "2060-01-01T00:00:00Z";
    assert_eq!(remarks(SAID, ""), [Remark::RootAddedHere]);
    assert_eq!(remarks(SAID, expired), [Remark::Expired, Remark::RootAddedHere]);
    assert_eq!(
        remarks(SAID, "2010-01-01T00:00:00Z"),
        [Remark::NotYetValid, Remark::RootAddedHere]
    );
    for (firmware, cloneable) in [([5, 6, 9], true), ([5, 7, 0], false), ([4, 3, 5], true)] {
        let remarks = remarks(Said { firmware, ..SAID }, "");
        assert_eq!(remarks.contains(&Remark::Cloneable), cloneable, "{firmware:?}");
    }
    let careless = remarks(
        Said {
            policies: [1, 1],
            ..SAID
        },
        "",
    );
    assert_eq!(careless[..2], [Remark::NeverTouched, Remark::NeverAsksForPin]);
}

#[test]
fn certificates_are_read_as_people_have_them() {
    let der = AttestationRoot::Rig.certificate();
    let pem = rootward_tuf::encoding::pem("CERTIFICATE", &der);
    let one = vec![der.clone()];
    assert_eq!(certificates("a file", &der), Ok(one.clone()));
    for text in [
        pem.clone(),
        pem.replace('\n', "\r\n"),
        format!("subject=/CN=whoever\n\n{pem}\n"),
        pem.trim_end().to_owned(),
    ] {
        assert_eq!(certificates("a file", text.as_bytes()), Ok(one.clone()), "{text}");
    }
    assert_eq!(
        certificates("a file", format!("{pem}{pem}").as_bytes()).map(|all| all.len()),
        Ok(2)
    );
    for text in [
        pem.replace("-----END", "-----"),
        pem.replacen("MII", "M*I", 1),
        pem.replace("CERTIFICATE", "PUBLIC KEY"),
        pem.repeat(17),
    ] {
        let problem = certificates("a file", text.as_bytes()).expect_err("damaged");
        assert_eq!(problem.code(), "attestation-unreadable", "{text}");
        assert!(problem.to_string().starts_with("a file "), "{problem}");
    }
}

#[test]
fn hand_ins_of_several_devices_are_put_together() {
    let [one, other] =
        [990_000_271, 990_000_272].map(|serial| hand_in(AttestationRoot::Newer, F9Key::P256, &Said { serial, ..SAID }));
    let between = AttestationRoot::Newer.between();
    let mut all = vec![other.device, one.key.clone(), one.device.clone(), other.key];
    all.extend(between);
    let root = AddedRoot::read(&AttestationRoot::Newer.certificate()).expect("a root");
    let roots = Roots::of_makers().and(&root);
    let proven = paired(&all).expect("pairs").into_iter();
    let serials: Vec<_> = proven
        .map(|attestation| verify(&attestation, &roots, None).expect("proven").serial)
        .collect();
    assert_eq!(serials, [Some(990_000_271), Some(990_000_272)]);
    let code = |certificates: &[Vec<u8>]| paired(certificates).expect_err("a problem").code();
    assert_eq!(code(std::slice::from_ref(&one.device)), "attestation-missing");
    assert_eq!(code(std::slice::from_ref(&one.key)), "attestation-wrong-issuer");
    assert_eq!(code(&[one.key, all[0].clone()]), "attestation-wrong-signature");
    assert_eq!(code(&[b"nothing".to_vec()]), "attestation-unreadable");
}

#[test]
fn an_added_root_must_be_able_to_vouch() {
    let hand_in = hand_in(AttestationRoot::Rig, F9Key::P256, &SAID);
    assert!(
        AddedRoot::read(&hand_in.device).is_ok(),
        "it may be what stands below one"
    );
    assert_eq!(
        AddedRoot::read(&hand_in.key).expect_err("a holder's key").code(),
        "attestation-no-authority"
    );
    let two = [file_of(AttestationRoot::Rig), file_of(AttestationRoot::Stranger)].concat();
    assert_eq!(
        AddedRoot::read(&two).expect_err("which?").code(),
        "attestation-unreadable"
    );
    let makers = include_bytes!("../../../data/yubico/yubico-ca-1.pem");
    let roots = Roots::of_makers().and(&AddedRoot::read(makers).expect("a root"));
    assert_eq!(roots.anchors.len(), 2, "the maker's stays the maker's");
}
