//! A proof is one thing and metadata another: no signature over one is ever taken for one over the other.

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{self as lc, KeyPair as _};
use p384::ecdsa::signature::hazmat::PrehashSigner as _;

use super::*;
use crate::draft::{AnyFrozen, Frozen, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use crate::encoding::hex;
use crate::key::Algorithm;
use crate::metadata::{self, Document, MetaEntry, RoleKeys, Root, Snapshot, Targets, Timestamp};
use crate::role::RoleName;
use crate::testing::{Officer, at};
use crate::verify::Tally;

const NOW: &str = "2026-11-22T10:00:00Z";

/// Signs a message as signers of a dialect do: 64 bytes for Ed25519, DER for ECDSA, the block for RSA-PSS.
type Sign = Box<dyn Fn(&[u8], Dialect) -> Vec<u8>>;

/// A key of every kind that signs anything on a desk.
fn keys() -> Vec<(&'static str, PublicKey, Sign)> {
    let (ed25519, p256) = (Officer::ed25519(1), Officer::p256(2));
    let p384 = p384::ecdsa::SigningKey::from_slice(&[9; 48]).unwrap();
    let point = p384.verifying_key().to_sec1_point(false);
    let p384_public = PublicKey::from_ec_point(Algorithm::EcdsaP384, point.as_bytes()).unwrap();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa_public = PublicKey::from_spki_der(rsa.public_key().as_der().unwrap().as_ref()).unwrap();
    vec![
        (
            "ed25519",
            ed25519.public.clone(),
            Box::new(move |message, _| ed25519.sign(message)),
        ),
        (
            "p256",
            p256.public.clone(),
            Box::new(move |message, _| p256.sign(message)),
        ),
        (
            "p384",
            p384_public,
            Box::new(move |message, dialect| {
                // Notary signs with SHA-256 on every curve.
                let algorithm = match dialect {
                    Dialect::Tuf1 => &digest::SHA384,
                    Dialect::Notary => &digest::SHA256,
                };
                let hashed = digest::digest(algorithm, message);
                let signature: p384::ecdsa::DerSignature = p384.sign_prehash(hashed.as_ref()).unwrap();
                signature.as_bytes().to_vec()
            }),
        ),
        (
            "rsa",
            rsa_public,
            Box::new(move |message, _| {
                let mut block = vec![0; rsa.public_modulus_len()];
                rsa.sign(&lc::RSA_PSS_SHA256, &SystemRandom::new(), message, &mut block)
                    .unwrap();
                block
            }),
        ),
    ]
}

fn proof_of(public: &PublicKey) -> Proof {
    Proof::new(public.physical(), "yubikey:19402271/9c", at(NOW), [7; 16])
}

fn signed(public: &PublicKey, sign: &Sign) -> Vec<u8> {
    let (proof, key) = (proof_of(public), Key::new_tuf1(public));
    let signature = Signature::by(&key, &sign(proof.statement().message(), Dialect::Tuf1)).unwrap();
    proof.signed(&key, &signature).unwrap()
}

/// A document of every kind in a dialect, with what it was frozen to.
fn documents(dialect: Dialect) -> Vec<AnyFrozen> {
    let until = at("2030-01-01T00:00:00Z");
    let entry = MetaEntry::of(b"{}", 1, dialect);
    let root = RootDraft::first(dialect, false, until).freeze();
    vec![
        // A first root without keys cannot be frozen everywhere; targets, snapshot and timestamp always can.
        root.map(AnyFrozen::from).ok(),
        TargetsDraft::first(dialect, RoleName::targets(), until)
            .freeze()
            .map(AnyFrozen::from)
            .ok(),
        SnapshotDraft::first(dialect, until).freeze().map(AnyFrozen::from).ok(),
        TimestampDraft::first(dialect, &entry, until)
            .freeze()
            .map(AnyFrozen::from)
            .ok(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The key as a dialect lists it.
fn listed(public: &PublicKey, dialect: Dialect) -> Key {
    match dialect {
        Dialect::Tuf1 => Key::new_tuf1(public),
        Dialect::Notary => Key::new_notary_bare(public),
    }
}

#[test]
fn a_proof_by_every_kind_of_key_is_read_back_and_by_no_other_key() {
    let keys = keys();
    for (name, public, sign) in &keys {
        let envelope = signed(public, sign);
        let read = Proof::read(&envelope, public).unwrap();
        assert_eq!(read, proof_of(public), "{name}");
        assert_eq!((read.at(), read.place()), (at(NOW), "yubikey:19402271/9c"));
        for (other, stranger, _) in keys.iter().filter(|(other, ..)| other != name) {
            let refused = Proof::read(&envelope, stranger).unwrap_err();
            assert_eq!(refused, StatementRefusal::BadSignature, "{name} read as {other}");
        }
    }
}

#[test]
fn a_signature_over_a_proof_counts_for_no_document_of_either_dialect() {
    for dialect in [Dialect::Tuf1, Dialect::Notary] {
        let documents = documents(dialect);
        assert!(documents.len() >= 3, "{dialect}");
        for (name, public, sign) in &keys() {
            let key = listed(public, dialect);
            let over_the_proof = Signature::by(&key, &sign(proof_of(public).statement().message(), dialect)).unwrap();
            for frozen in &documents {
                let good = Signature::by(&key, &sign(frozen.bytes(), dialect)).unwrap();
                assert_eq!(frozen.check(&key, &good), Ok(()), "{name} signs {}", frozen.role());
                assert_eq!(
                    frozen.check(&key, &over_the_proof),
                    Err(SignatureRefusal::Bad),
                    "{name} {dialect}"
                );
            }
            let AnyFrozen::Targets(targets) = &documents[documents.len() - 3] else {
                panic!("targets come before snapshot and timestamp");
            };
            counted_not(targets, &key, &over_the_proof);
        }
    }
}

fn counted_not(frozen: &Frozen<Targets>, key: &Key, signature: &Signature) {
    let role = RoleKeys {
        keyids: vec![key.keyid().clone()],
        threshold: 1,
    };
    let table = crate::key::KeyTable::new(vec![key.clone()]);
    let tally: Tally = frozen.tally(&table, &role, std::slice::from_ref(signature));
    assert_eq!((tally.ours, tally.clients), (0, 0));
}

#[test]
fn a_signature_over_a_document_of_either_dialect_makes_no_proof() {
    for dialect in [Dialect::Tuf1, Dialect::Notary] {
        for (name, public, sign) in &keys() {
            let (proof, key) = (proof_of(public), Key::new_tuf1(public));
            for frozen in documents(dialect) {
                let signature = Signature::by(&key, &sign(frozen.bytes(), dialect)).unwrap();
                assert_eq!(proof.check(&key, &signature), Err(SignatureRefusal::Bad), "{name}");
                assert!(proof.signed(&key, &signature).is_err());
                // Nor when the document itself is put into an envelope, under whatever type it may claim.
                for payload_type in ["application/vnd.rootward.proof+json", "application/json", ""] {
                    let envelope = envelope(payload_type, frozen.bytes(), signature.bytes.as_deref().unwrap());
                    assert!(
                        Proof::read(&envelope, public).is_err(),
                        "{name} {dialect} {payload_type}"
                    );
                }
            }
        }
    }
}

fn envelope(payload_type: &str, payload: &[u8], signature: &[u8]) -> Vec<u8> {
    format!(
        r#"{{"payload":"{}","payloadType":"{payload_type}","signatures":[{{"keyid":"","sig":"{}"}}]}}"#,
        base64(payload),
        base64(signature)
    )
    .into_bytes()
}

#[test]
fn what_a_proof_has_signed_is_no_document_that_any_reader_takes() {
    fn is_read<T: Document>(bytes: &[u8], dialect: Dialect, role: RoleName) -> bool {
        metadata::read::<T>(bytes, dialect).is_ok() || Frozen::<T>::from_bytes(bytes, dialect, role).is_ok()
    }
    let proof = proof_of(&Officer::ed25519(1).public);
    let message = proof.statement().message();
    assert!(message.starts_with(b"DSSEv1 35 application/vnd.rootward.proof+json "));
    for bytes in [message, &proof.statement().payload] {
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            assert!(!is_read::<Root>(bytes, dialect, RoleName::root()));
            assert!(!is_read::<Targets>(bytes, dialect, RoleName::targets()));
            assert!(!is_read::<Snapshot>(bytes, dialect, RoleName::snapshot()));
            assert!(!is_read::<Timestamp>(bytes, dialect, RoleName::timestamp()));
        }
    }
    // Canonical metadata is an object and a certificate a DER sequence: neither begins as a statement does.
    for frozen in documents(Dialect::Tuf1).iter().chain(&documents(Dialect::Notary)) {
        assert_eq!(frozen.bytes()[0], b'{');
    }
    assert_ne!(message[0], 0x30);
}

#[test]
fn a_key_signs_a_proof_of_itself_only() {
    let (mine, other) = (Officer::ed25519(1), Officer::ed25519(2));
    let of_other = Proof::new(other.public.physical(), "file:/k", at(NOW), [1; 16]);
    let signature = Signature::by(&mine.key(), &mine.sign(of_other.statement().message())).unwrap();
    assert_eq!(of_other.check(&mine.key(), &signature), Err(SignatureRefusal::Bad));
    let forged = of_other.statement().envelope(&signature).unwrap();
    assert_eq!(Proof::read(&forged, &mine.public), Err(StatementRefusal::OtherKey));
    assert_eq!(Proof::read(&forged, &other.public), Err(StatementRefusal::BadSignature));
}

#[test]
fn an_envelope_that_was_altered_anywhere_proves_nothing_new() {
    let officer = Officer::p256(3);
    let sign: Sign = Box::new(|message, _| Officer::p256(3).sign(message));
    let good = signed(&officer.public, &sign);
    let proof = Proof::read(&good, &officer.public).unwrap();
    for place in 0..good.len() {
        for bit in [1, 32] {
            let mut altered = good.clone();
            altered[place] ^= bit;
            // A keyid is a hint and may be anything; whatever else still reads must say the same.
            if let Ok(read) = Proof::read(&altered, &officer.public) {
                assert_eq!(read, proof, "byte {place}");
            }
        }
        assert!(Proof::read(&good[..place], &officer.public).is_err());
    }
    let twice = String::from_utf8(good)
        .unwrap()
        .replace("\"signatures\":[", "\"signatures\":[{\"sig\":\"\"},");
    assert!(Proof::read(twice.as_bytes(), &officer.public).is_err());
    assert!(!hex(&proof.statement().digest()).is_empty());
}

#[test]
fn an_encoding_is_the_one_dsse_gives_as_its_example() {
    // protocol.md of DSSE: PAE("http://example.com/HelloWorld", "hello world").
    assert_eq!(
        encoded("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
}
