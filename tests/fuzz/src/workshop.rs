//! Repositories of both dialects that sign whatever they are told to, and a ledger of what was signed by whom.
//!
//! Documents are written with the reference, not with the project's drafts: they may be as wrong as a fuzzer wants them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use ed25519_dalek::Signer as _;
use rootward_tuf::dialect::notary::notary_certificate;
use rootward_tuf::encoding::{base64, hex, sha256, sha512};
use rootward_tuf::{Algorithm, Dialect, Instant, PhysicalKey, PublicKey};

use crate::reference::{Json, canonical, plain};

/// The name of the Notary repository.
pub const GUN: &str = "registry.test/lab/app";
pub const NOW: &str = "2026-06-01T00:00:00Z";
pub const LATER: &str = "2027-06-01T00:00:00Z";

/// How many hold keys: the first three of root, the fourth online, the others of delegated roles.
pub const OFFICERS: usize = 6;

/// A key that signs, and how a document of the dialect lists it.
pub struct Officer {
    secret: Secret,
    pub public: PublicKey,
    pub keyid: String,
    pub listed: Json,
}

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    P256(Box<p256::ecdsa::SigningKey>),
}

/// One document and who is to sign it.
#[derive(Clone)]
pub struct Paper {
    pub role: String,
    pub signed: Json,
    /// Officers by number; one who stands here twice signs twice.
    pub signers: Vec<usize>,
    /// Whether snapshot and timestamp say what this document is, or what it was.
    pub is_described: bool,
}

/// A repository that can be spoilt before it is sealed.
#[derive(Clone)]
pub struct Papers {
    pub dialect: Dialect,
    /// Roots by version from 1, then targets and delegated roles, snapshot and timestamp.
    pub papers: Vec<Paper>,
}

/// Files as a server has them, by `VERSION.ROLE` and `ROLE`, and what was signed on the way.
#[derive(Clone, Default)]
pub struct Sealed {
    pub files: Vec<(String, Vec<u8>)>,
    pub ledger: Ledger,
}

/// Which keys signed which bytes.
#[derive(Clone, Default)]
pub struct Ledger(HashSet<([u8; 32], PhysicalKey)>);

impl Ledger {
    pub fn has(&self, message: &[u8], key: PhysicalKey) -> bool {
        self.0.contains(&(sha256(message), key))
    }

    pub fn join(&mut self, other: Ledger) {
        self.0.extend(other.0);
    }
}

impl Officer {
    fn ed25519(seed: u8) -> (Secret, PublicKey) {
        let secret = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let public = PublicKey::from_ed25519_bytes(secret.verifying_key().as_bytes()).expect("a key from a seed");
        (Secret::Ed25519(Box::new(secret)), public)
    }

    fn p256(seed: u8) -> (Secret, PublicKey) {
        let secret = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).expect("a number below the order");
        let point = secret.verifying_key().to_sec1_point(false);
        let public = PublicKey::from_ec_point(Algorithm::EcdsaP256, point.as_bytes()).expect("a key from a seed");
        (Secret::P256(Box::new(secret)), public)
    }

    /// As TUF 1.0 lists keys: Ed25519 for most, P-256 for one.
    fn tuf(seed: u8) -> Officer {
        let ((secret, public), keytype, scheme) = match seed {
            2 => (Officer::p256(seed), "ecdsa", "ecdsa-sha2-nistp256"),
            _ => (Officer::ed25519(seed), "ed25519", "ed25519"),
        };
        let text = public
            .ed25519_bytes()
            .map_or_else(|| public.spki_pem(), |bytes| hex(bytes));
        let listed = Json::object([
            ("keytype", Json::text(keytype)),
            ("scheme", Json::text(scheme)),
            ("keyval", Json::object([("public", Json::text(text))])),
        ]);
        Officer::listed(secret, public, listed)
    }

    /// As Notary lists keys: certificates of P-256 for root, bare Ed25519 for the rest.
    fn notary(seed: u8) -> Officer {
        let (secret, public) = if seed <= 3 {
            Officer::p256(seed)
        } else {
            Officer::ed25519(seed)
        };
        let (keytype, bytes) = match &secret {
            Secret::Ed25519(_) => ("ed25519", public.ed25519_bytes().expect("an Ed25519 key").to_vec()),
            Secret::P256(_) => {
                let (from, to) = (moment("2026-01-01T00:00:00Z"), moment("2036-01-01T00:00:00Z"));
                let certificate = notary_certificate(GUN, &public, from, to, [seed; 16], |tbs| secret.sign(tbs));
                let certificate = certificate.expect("a certificate of a key for itself");
                ("ecdsa-x509", certificate.to_pem().into_bytes())
            }
        };
        let public_text = Json::text(base64(&bytes));
        let listed = Json::object([
            ("keytype", Json::text(keytype)),
            (
                "keyval",
                Json::object([("private", Json::Null), ("public", public_text)]),
            ),
        ]);
        Officer::listed(secret, public, listed)
    }

    fn listed(secret: Secret, public: PublicKey, listed: Json) -> Officer {
        let keyid = hex(&sha256(&canonical(&listed)));
        Officer {
            secret,
            public,
            keyid,
            listed,
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.secret.sign(message)
    }
}

impl Secret {
    /// Deterministic in both algorithms; ECDSA in DER.
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Secret::Ed25519(secret) => secret.sign(message).to_bytes().to_vec(),
            Secret::P256(secret) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(&**secret, message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }
}

/// The officers of a dialect, made once a thread.
pub fn with_officers<R>(dialect: Dialect, use_them: impl FnOnce(&[Officer]) -> R) -> R {
    thread_local! {
        static TUF: Vec<Officer> = (1..=OFFICERS as u8).map(Officer::tuf).collect();
        static NOTARY: Vec<Officer> = (1..=OFFICERS as u8).map(Officer::notary).collect();
    }
    match dialect {
        Dialect::Tuf1 => TUF.with(|officers| use_them(officers)),
        Dialect::Notary => NOTARY.with(|officers| use_them(officers)),
    }
}

/// Signs, or remembers that it has: most documents of most inputs are the same.
fn signature(dialect: Dialect, officer: usize, message: &[u8]) -> Vec<u8> {
    type Made = HashMap<(Dialect, usize, [u8; 32]), Vec<u8>>;
    thread_local! {
        static MADE: RefCell<Made> = RefCell::default();
    }
    let name = (dialect, officer, sha256(message));
    if let Some(made) = MADE.with_borrow(|made| made.get(&name).cloned()) {
        return made;
    }
    let signature = with_officers(dialect, |officers| officers[officer].sign(message));
    MADE.with_borrow_mut(|made| {
        if made.len() > 10_000 {
            made.clear();
        }
        made.insert(name, signature.clone());
    });
    signature
}

pub fn moment(text: &str) -> Instant {
    Instant::parse(text).expect("a moment written in this crate")
}

impl Papers {
    /// A sound repository: three roots, nested, terminating, cyclic, hashed and succinct delegations; in Notary the nested
    /// ones it has. And as it is sealed.
    pub fn sound(dialect: Dialect) -> (Papers, Sealed) {
        thread_local! {
            static TUF: (Papers, Sealed) = sound(Dialect::Tuf1);
            static NOTARY: (Papers, Sealed) = sound(Dialect::Notary);
        }
        match dialect {
            Dialect::Tuf1 => TUF.with(Clone::clone),
            Dialect::Notary => NOTARY.with(Clone::clone),
        }
    }

    /// Describes, signs and writes every document, those that describe others last.
    pub fn seal(&self) -> Sealed {
        let mut sealed = Sealed::default();
        let mut listed = Vec::new();
        for paper in &self.papers {
            let mut signed = paper.signed.clone();
            let describes = matches!(paper.role.as_str(), "snapshot" | "timestamp");
            if let (true, Some(Json::Object(members))) = (describes, signed.get("meta")) {
                let members = members.iter().map(|(name, was)| {
                    let now = listed.iter().rev().find(|(have, _)| have == name);
                    (name.clone(), now.map_or(was, |(_, now)| now).clone())
                });
                let meta = Json::Object(members.collect());
                signed.set("meta", meta);
            }
            let file = self.sign(&signed, &paper.signers, &mut sealed.ledger);
            if paper.is_described {
                listed.push(self.described(&paper.role, &signed, &file));
            }
            let version = match signed.get("version") {
                Some(Json::Integer(version)) => version.clone(),
                _ => "1".to_owned(),
            };
            sealed.files.push((format!("{version}.{}", paper.role), file.clone()));
            sealed.files.push((paper.role.clone(), file));
        }
        sealed
    }

    fn sign(&self, signed: &Json, signers: &[usize], ledger: &mut Ledger) -> Vec<u8> {
        let message = canonical(signed);
        let entries = signers.iter().map(|&place| {
            let bytes = signature(self.dialect, place, &message);
            with_officers(self.dialect, |officers| {
                let officer = &officers[place];
                ledger.0.insert((sha256(&message), officer.public.physical()));
                let keyid = ("keyid", Json::text(&officer.keyid));
                match self.dialect {
                    Dialect::Tuf1 => Json::object([keyid, ("sig", Json::text(hex(&bytes)))]),
                    Dialect::Notary => {
                        let (method, bytes) = match officer.public.algorithm() {
                            Algorithm::Ed25519 => ("eddsa", bytes),
                            _ => ("ecdsa", raw_of(&bytes)),
                        };
                        let (method, sig) = (Json::text(method), Json::text(base64(&bytes)));
                        Json::object([keyid, ("method", method), ("sig", sig)])
                    }
                }
            })
        });
        let signatures = Json::List(entries.collect());
        plain(&Json::object([("signed", signed.clone()), ("signatures", signatures)])).into_bytes()
    }

    /// What snapshot and timestamp say of a document.
    fn described(&self, role: &str, signed: &Json, file: &[u8]) -> (String, Json) {
        match self.dialect {
            Dialect::Tuf1 => {
                let version = signed.get("version").cloned().unwrap_or(Json::number(1));
                let mut entry = Json::object([("version", version)]);
                if role != "targets" {
                    entry.set("length", Json::number(file.len()));
                    entry.set("hashes", Json::object([("sha256", Json::text(hex(&sha256(file))))]));
                }
                (format!("{role}.json"), entry)
            }
            Dialect::Notary => {
                let hashes = Json::object([
                    ("sha256", Json::text(base64(&sha256(file)))),
                    ("sha512", Json::text(base64(&sha512(file)))),
                ]);
                let entry = Json::object([("hashes", hashes), ("length", Json::number(file.len()))]);
                (role.to_owned(), entry)
            }
        }
    }
}

fn sound(dialect: Dialect) -> (Papers, Sealed) {
    let papers = with_officers(dialect, |officers| match dialect {
        Dialect::Tuf1 => tuf(officers),
        Dialect::Notary => notary(officers),
    });
    let sealed = papers.seal();
    (papers, sealed)
}

/// `r||s` of an ECDSA signature in DER.
fn raw_of(der: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_der(der).expect("a signature just made");
    signature.to_bytes().to_vec()
}

fn keys(officers: &[Officer], places: &[usize]) -> Json {
    let listed = places
        .iter()
        .map(|&place| (officers[place].keyid.clone(), officers[place].listed.clone()));
    Json::Object(listed.collect())
}

fn role_keys(officers: &[Officer], places: &[usize], threshold: u64) -> [(&'static str, Json); 2] {
    let keyids = places.iter().map(|&place| Json::text(&officers[place].keyid)).collect();
    [("keyids", Json::List(keyids)), ("threshold", Json::number(threshold))]
}

fn roles(officers: &[Officer], root: &[usize]) -> Json {
    let role = |places: &[usize], threshold| Json::object(role_keys(officers, places, threshold));
    Json::object([
        ("root", role(root, 2)),
        ("targets", role(&[3], 1)),
        ("snapshot", role(&[3], 1)),
        ("timestamp", role(&[3], 1)),
    ])
}

fn head(kind: &str, version: u64, dialect: Dialect) -> Json {
    let mut head = Json::object([
        ("_type", Json::text(kind)),
        ("version", Json::number(version)),
        ("expires", Json::text(LATER)),
    ]);
    if dialect == Dialect::Tuf1 {
        head.set("spec_version", Json::text("1.0.34"));
    }
    head
}

fn with(mut signed: Json, name: &str, json: Json) -> Json {
    signed.set(name, json);
    signed
}

fn paper(role: &str, signed: Json, signers: &[usize]) -> Paper {
    Paper {
        role: role.to_owned(),
        signed,
        signers: signers.to_vec(),
        is_described: true,
    }
}

fn tuf(officers: &[Officer]) -> Papers {
    let root = |version, places: &[usize], signers: &[usize]| {
        let listed: Vec<usize> = places.iter().copied().chain([3]).collect();
        let signed = with(
            head("root", version, Dialect::Tuf1),
            "consistent_snapshot",
            Json::Bool(version > 1),
        );
        let signed = with(signed, "keys", keys(officers, &listed));
        paper("root", with(signed, "roles", roles(officers, places)), signers)
    };
    let delegation = |name: &str, place: usize, terminating: bool, (member, paths): (&str, &[&str])| {
        let [keyids, threshold] = role_keys(officers, &[place], 1);
        let paths = Json::List(paths.iter().copied().map(Json::text).collect());
        Json::object([
            ("name", Json::text(name)),
            keyids,
            threshold,
            ("terminating", Json::Bool(terminating)),
            (member, paths),
        ])
    };
    let targets = |role: &str, files: &[&str], below: Option<Json>, signer: usize| {
        let listed = files.iter().map(|path| {
            let hashes = Json::object([("sha256", Json::text(hex(&sha256(path.as_bytes()))))]);
            let target = Json::object([("length", Json::number(path.len())), ("hashes", hashes)]);
            ((*path).to_owned(), target)
        });
        let mut signed = with(
            head("targets", 1, Dialect::Tuf1),
            "targets",
            Json::Object(listed.collect()),
        );
        if let Some(below) = below {
            signed.set("delegations", below);
        }
        paper(role, signed, &[signer])
    };
    let top = Json::object([
        ("keys", keys(officers, &[3, 4, 5])),
        (
            "roles",
            Json::List(vec![
                delegation("a", 4, false, ("paths", &["a/*", "*.txt"])),
                delegation("b", 5, true, ("paths", &["b/?/*"])),
                delegation("bins", 3, false, ("path_hash_prefixes", &["0", "1", "8", "f"])),
            ]),
        ),
    ]);
    let below_a = Json::object([
        ("keys", keys(officers, &[5])),
        (
            "roles",
            Json::List(vec![
                delegation("b", 5, false, ("paths", &["a/*"])),
                delegation("c", 5, false, ("paths", &["a/c"])),
            ]),
        ),
    ]);
    let below_c = Json::object([
        ("keys", keys(officers, &[4])),
        ("roles", Json::List(vec![delegation("a", 4, false, ("paths", &["*"]))])),
    ]);
    let [keyids, threshold] = role_keys(officers, &[4], 1);
    let succinct = Json::object([
        keyids,
        threshold,
        ("bit_length", Json::number(1)),
        ("name_prefix", Json::text("bin")),
    ]);
    let below_bins = Json::object([("keys", keys(officers, &[4])), ("succinct_roles", succinct)]);
    let mut papers = vec![
        root(1, &[0, 1, 2], &[0, 1]),
        root(2, &[0, 1, 4], &[0, 1]),
        root(3, &[1, 4, 5], &[1, 4, 0]),
        targets("targets", &["file", "x.txt"], Some(top), 3),
        targets("a", &["a/x", "a/y"], Some(below_a), 4),
        targets("b", &["b/1/z"], None, 5),
        targets("c", &["a/c"], Some(below_c), 5),
        targets("bins", &["hashed"], Some(below_bins), 3),
        targets("bin-0", &["hashed-0"], None, 4),
        targets("bin-1", &["hashed-1"], None, 4),
    ];
    let listed = ["targets", "a", "b", "c", "bins", "bin-0", "bin-1"];
    papers.extend(describing(
        &listed.map(|role| format!("{role}.json")),
        "snapshot.json",
        Dialect::Tuf1,
    ));
    Papers {
        dialect: Dialect::Tuf1,
        papers,
    }
}

fn notary(officers: &[Officer]) -> Papers {
    let root = |version, places: &[usize], listed: &[usize], signers: &[usize]| {
        let signed = with(
            head("Root", version, Dialect::Notary),
            "consistent_snapshot",
            Json::Bool(false),
        );
        let signed = with(signed, "keys", keys(officers, listed));
        let one = Json::object(role_keys(officers, places, 1));
        let roles = with(roles(officers, places), "root", one);
        paper("root", with(signed, "roles", roles), signers)
    };
    let delegation = |name: &str, place: usize, paths: &[&str]| {
        let [keyids, threshold] = role_keys(officers, &[place], 1);
        let paths = Json::List(paths.iter().copied().map(Json::text).collect());
        Json::object([("name", Json::text(name)), keyids, threshold, ("paths", paths)])
    };
    let targets = |role: &str, files: &[&str], roles: Vec<Json>, listed: &[usize], signer: usize| {
        let files = files.iter().map(|tag| {
            let hashes = Json::object([("sha256", Json::text(base64(&sha256(tag.as_bytes()))))]);
            let target = Json::object([("length", Json::number(tag.len())), ("hashes", hashes)]);
            ((*tag).to_owned(), target)
        });
        let signed = with(
            head("Targets", 1, Dialect::Notary),
            "targets",
            Json::Object(files.collect()),
        );
        let below = Json::object([("keys", keys(officers, listed)), ("roles", Json::List(roles))]);
        paper(role, with(signed, "delegations", below), &[signer])
    };
    let top = vec![
        delegation("targets/releases", 4, &["", "v"]),
        delegation("targets/team", 5, &["team/"]),
        delegation("targets/none", 5, &[""]),
    ];
    let below = vec![delegation("targets/releases/x", 5, &["v1"])];
    let mut papers = vec![
        root(1, &[0], &[0, 3], &[0]),
        root(2, &[1], &[0, 1, 3], &[0, 1]),
        root(3, &[2], &[0, 1, 2, 3], &[1, 2]),
        targets("targets", &["latest"], top, &[4, 5], 3),
        targets("targets/releases", &["v2"], below, &[5], 4),
        targets("targets/team", &["team/1"], Vec::new(), &[], 5),
        targets("targets/releases/x", &["v1.0"], Vec::new(), &[], 5),
    ];
    let listed = [
        "root",
        "targets",
        "targets/releases",
        "targets/team",
        "targets/releases/x",
    ];
    papers.extend(describing(&listed.map(str::to_owned), "snapshot", Dialect::Notary));
    Papers {
        dialect: Dialect::Notary,
        papers,
    }
}

/// Snapshot and timestamp, to be filled in when they are sealed.
fn describing(listed: &[String], snapshot: &str, dialect: Dialect) -> [Paper; 2] {
    let capital = |kind: &'static str| match (dialect, kind) {
        (Dialect::Notary, "snapshot") => "Snapshot",
        (Dialect::Notary, _) => "Timestamp",
        (Dialect::Tuf1, kind) => kind,
    };
    let empty = |names: &[String]| Json::Object(names.iter().map(|name| (name.clone(), Json::Null)).collect());
    let document =
        |kind, names: &[String]| paper(kind, with(head(capital(kind), 1, dialect), "meta", empty(names)), &[3]);
    [
        document("snapshot", listed),
        document("timestamp", &[snapshot.to_owned()]),
    ]
}
