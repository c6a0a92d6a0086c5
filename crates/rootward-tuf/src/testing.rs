//! Keys and repositories for this crate's own tests: keys from fixed seeds, documents written by hand or by drafts.

use std::collections::HashMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::canonical::canonical;
use crate::dialect::{Dialect, notary::notary_certificate};
use crate::draft::{AnyFrozen, Complete, Frozen, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use crate::encoding::hex;
use crate::json::{self, Limits, Object, Value};
use crate::key::{Algorithm, Key, KeyId, PublicKey};
use crate::metadata::{Document, MetaEntry, Root, Signature, Targets};
use crate::role::RoleName;
use crate::time::Instant;
use crate::walk::{Outcome, Reply, Request, Select, WalkInput, Walker};

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// A key that can sign.
pub(crate) struct Officer {
    secret: Secret,
    pub(crate) public: PublicKey,
}

enum Secret {
    Ed25519(Box<SigningKey>),
    Ecdsa(Box<EcdsaKeyPair>),
}

impl Officer {
    pub(crate) fn ed25519(seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        let public = PublicKey::from_ed25519_bytes(secret.verifying_key().as_bytes()).unwrap();
        Officer {
            secret: Secret::Ed25519(Box::new(secret)),
            public,
        }
    }

    pub(crate) fn p256(seed: u8) -> Self {
        // ECPrivateKey of RFC 5915 without the public key, which is computed.
        let mut der = vec![0x30, 0x31, 2, 1, 1, 4, 0x20];
        der.extend([seed; 32]);
        der.extend([0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        let secret = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).unwrap();
        let public = PublicKey::from_ec_point(Algorithm::EcdsaP256, secret.public_key().as_ref()).unwrap();
        Officer {
            secret: Secret::Ecdsa(Box::new(secret)),
            public,
        }
    }

    /// A key on the curve P-384, whose TUF signatures are over SHA-384.
    pub(crate) fn p384(seed: u8) -> Self {
        let mut der = vec![0x30, 0x3e, 2, 1, 1, 4, 0x30];
        der.extend([seed; 48]);
        der.extend([0xa0, 7, 6, 5, 0x2b, 0x81, 4, 0, 0x22]);
        let secret = EcdsaKeyPair::from_private_key_der(&ECDSA_P384_SHA384_ASN1_SIGNING, &der).unwrap();
        let public = PublicKey::from_ec_point(Algorithm::EcdsaP384, secret.public_key().as_ref()).unwrap();
        Officer {
            secret: Secret::Ecdsa(Box::new(secret)),
            public,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Ed25519(secret) => secret.sign(message).to_bytes().to_vec(),
            Secret::Ecdsa(secret) => secret.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
        }
    }

    pub(crate) fn key(&self) -> Key {
        Key::new_tuf1(&self.public)
    }

    pub(crate) fn certificate(&self, gun: &str, serial: u8) -> Key {
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z"));
        let certificate = notary_certificate(gun, &self.public, from, to, [serial; 16], |tbs| self.sign(tbs)).unwrap();
        Key::new_notary_certificate(certificate.der()).unwrap()
    }

    pub(crate) fn signs<T: Document>(&self, key: &Key, frozen: &Frozen<T>) -> Signature {
        Signature::by(key, &self.sign(frozen.signing_message())).unwrap()
    }

    pub(crate) fn signs_any(&self, key: &Key, frozen: &AnyFrozen) -> Signature {
        Signature::by(key, &self.sign(frozen.bytes())).unwrap()
    }

    /// The 65 bytes of a P-256 key in hexadecimal, as early Sigstore roots list it.
    pub(crate) fn hex_point(&self) -> String {
        hex(&self.public.spki_der()[26..])
    }
}

pub(crate) fn value(text: &str) -> Value {
    json::parse(text.as_bytes(), Limits::default()).unwrap()
}

/// Signs a hand-written `signed` object for TUF 1.0; a signer given as `None` leaves its signature empty.
pub(crate) fn signed_by_hand(signed: &Value, signers: &[(&str, Option<&Officer>)]) -> Vec<u8> {
    let message = canonical(signed);
    let entries = signers.iter().map(|(keyid, officer)| {
        let mut entry = Object::new();
        entry.set("keyid", Value::text(*keyid));
        entry.set(
            "sig",
            Value::text(officer.map_or(String::new(), |officer| hex(&officer.sign(&message)))),
        );
        Value::Object(entry)
    });
    let mut document = Object::new();
    document.set("signatures", Value::Array(entries.collect()));
    document.set("signed", signed.clone());
    json::pretty(&document.into()).into_bytes()
}

/// The file of a document by whatever keys sign it, whether or not they are enough.
pub(crate) fn signed_document(signed: &Value, signers: &[(&Officer, &Key)]) -> Vec<u8> {
    let message = canonical(signed);
    let entries = signers.iter().map(|(officer, key)| {
        let signature = Signature::by(key, &officer.sign(&message)).unwrap();
        let mut entry = Object::new();
        entry.set("keyid", Value::text(signature.keyid.as_str()));
        if let Some(method) = &signature.method {
            entry.set("method", Value::text(method));
        }
        entry.set("sig", Value::text(&signature.text));
        Value::Object(entry)
    });
    let mut document = Object::new();
    document.set("signatures", Value::Array(entries.collect()));
    document.set("signed", signed.clone());
    json::compact(&document.into()).into_bytes()
}

/// Files by name, answered as a server would.
#[derive(Clone, Default)]
pub(crate) struct Shelf(pub(crate) HashMap<String, Vec<u8>>);

impl Shelf {
    pub(crate) fn put(&mut self, name: &str, file: &[u8]) {
        self.0.insert(name.to_owned(), file.to_vec());
    }

    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let role = &request.role;
        let name = match request.select {
            Select::Version(version) | Select::Consistent { version } => format!("{version}.{role}"),
            Select::Current | Select::Sha256(_) => role.to_string(),
        };
        self.0
            .get(&name)
            .map_or(Reply::Missing, |file| Reply::Found(file.clone()))
    }

    pub(crate) fn input(&self, dialect: Dialect, anchor: &str, clock: &str) -> WalkInput {
        WalkInput::new(dialect, self.0[anchor].clone(), at(clock))
    }

    pub(crate) fn walk(&self, input: WalkInput) -> Outcome {
        Walker::begin(input).unwrap().run(|request| self.answer(request))
    }
}

/// `accept`, `refuse`, versions, delegated roles and refusals in one line.
pub(crate) fn told(outcome: &Outcome) -> String {
    let version = |version: Option<u64>| version.map_or("-".to_owned(), |version| version.to_string());
    let versions = [
        version(outcome.root.as_ref().map(|root| root.version())),
        version(outcome.timestamp.as_ref().map(|timestamp| timestamp.version())),
        version(outcome.snapshot.as_ref().map(|snapshot| snapshot.version())),
        version(outcome.targets.as_ref().map(|targets| targets.version())),
    ];
    let delegated: Vec<String> = outcome
        .delegated
        .iter()
        .map(|entry| format!(" {} {}", entry.role, entry.document.version()))
        .collect();
    let refused: Vec<String> = outcome
        .refused
        .iter()
        .map(|(role, finding)| format!(" {role}:{}", finding.code))
        .collect();
    let word = if outcome.accepted { "accept" } else { "refuse" };
    format!(
        "{word} {}{}{}",
        versions.join("/"),
        delegated.concat(),
        refused.concat()
    )
}

/// A repository made by drafts: a 2-of-3 root by `officers`, one online key for the rest.
pub(crate) struct Made {
    pub(crate) dialect: Dialect,
    pub(crate) officers: Vec<(Officer, Key)>,
    pub(crate) online: (Officer, Key),
    pub(crate) root: Complete<Root>,
    pub(crate) shelf: Shelf,
}

pub(crate) const GUN: &str = "registry.test/lab/app";
pub(crate) const NOW: &str = "2026-06-01T00:00:00Z";
pub(crate) const LATER: &str = "2027-06-01T00:00:00Z";

impl Made {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let officers: Vec<(Officer, Key)> = (1..=3).map(|seed| Made::officer(dialect, seed)).collect();
        let online = Officer::ed25519(9);
        let online_key = match dialect {
            Dialect::Tuf1 => online.key(),
            Dialect::Notary => Key::new_notary_bare(&online.public),
        };
        let mut draft = RootDraft::first(dialect, dialect == Dialect::Tuf1, at(LATER));
        for (_, key) in &officers {
            draft.add_key(&RoleName::root(), key.clone());
        }
        draft.set_threshold(&RoleName::root(), 2);
        for role in [RoleName::timestamp(), RoleName::snapshot(), RoleName::targets()] {
            draft.add_key(&role, online_key.clone());
        }
        let frozen = draft.freeze().unwrap();
        let signatures = officers[..2]
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let Ok(root) = frozen.complete(None, signatures) else {
            panic!("two of three signed")
        };
        let mut made = Made {
            dialect,
            officers,
            online: (online, online_key),
            root,
            shelf: Shelf::default(),
        };
        made.put_root();
        made.publish(&[], 1);
        made
    }

    pub(crate) fn officer(dialect: Dialect, seed: u8) -> (Officer, Key) {
        let officer = Officer::p256(seed);
        let key = match dialect {
            Dialect::Tuf1 => officer.key(),
            Dialect::Notary => officer.certificate(GUN, seed),
        };
        (officer, key)
    }

    pub(crate) fn put_root(&mut self) {
        let file = self.root.file_bytes().to_vec();
        self.shelf.put(&format!("{}.root", self.root.version()), &file);
        self.shelf.put("root", &file);
    }

    /// Signs with the online key.
    pub(crate) fn complete<T: crate::draft::BelowRoot>(&self, frozen: Frozen<T>) -> Complete<T> {
        let signature = self.online.0.signs(&self.online.1, &frozen);
        let root = self.root.verified().body();
        let role = root.role(frozen.role()).unwrap_or(&root.targets).clone();
        let Ok(complete) = frozen.complete(&root.keys, &role, vec![signature]) else {
            panic!("the online key signed")
        };
        complete
    }

    /// Publishes targets, these delegated documents, snapshot and timestamp; the first version of each.
    pub(crate) fn publish(&mut self, delegated: &[&Complete<Targets>], version: u64) {
        let targets = self.complete(
            TargetsDraft::first(self.dialect, RoleName::targets(), at(LATER))
                .freeze()
                .unwrap(),
        );
        self.publish_with(targets, delegated, version);
    }

    pub(crate) fn publish_with(&mut self, targets: Complete<Targets>, delegated: &[&Complete<Targets>], version: u64) {
        let mut snapshot = SnapshotDraft::first(self.dialect, at(LATER));
        for document in delegated.iter().copied().chain([&targets]) {
            snapshot.set_meta(document.role(), &document.meta_entry());
            self.shelf.put(
                &format!("{}.{}", document.version(), document.role()),
                document.file_bytes(),
            );
            self.shelf.put(document.role().as_str(), document.file_bytes());
        }
        if self.dialect == Dialect::Notary {
            snapshot.set_meta(&RoleName::root(), &self.root.meta_entry());
        }
        let mut snapshot = self.complete(snapshot.freeze().unwrap());
        for _ in 1..version {
            snapshot = self.complete(SnapshotDraft::next(snapshot.verified()).freeze().unwrap());
        }
        let entry: MetaEntry = snapshot.meta_entry();
        let mut timestamp = self.complete(TimestampDraft::first(self.dialect, &entry, at(LATER)).freeze().unwrap());
        for _ in 1..version {
            timestamp = self.complete(TimestampDraft::next(timestamp.verified()).freeze().unwrap());
        }
        self.shelf.put(&format!("{version}.snapshot"), snapshot.file_bytes());
        self.shelf.put("snapshot", snapshot.file_bytes());
        self.shelf.put("timestamp", timestamp.file_bytes());
    }

    pub(crate) fn input(&self, anchor: &str, clock: &str) -> WalkInput {
        let mut input = self.shelf.input(self.dialect, anchor, clock);
        if self.dialect == Dialect::Notary {
            input.gun = Some(GUN.to_owned());
        }
        input
    }

    pub(crate) fn verdict(&self, anchor: &str, clock: &str) -> String {
        told(&self.shelf.walk(self.input(anchor, clock)))
    }
}

pub(crate) fn keyid(text: &str) -> KeyId {
    KeyId::new(text)
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % below
    }
}
