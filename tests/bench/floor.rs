//! How little a row could cost: every byte read once, parsed once and hashed once, the cheapest signatures that meet each
//! threshold verified once, all on one core at the speeds of [`Limits`].

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::limits::Limits;
use crate::rows::Row;
use crate::work::repositories;

/// What a row cannot do without, counted from its files.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needed {
    /// Bytes of the files read and parsed.
    pub bytes: u64,
    /// Bytes of what is written.
    pub written: u64,
    sha256: u64,
    sha512: u64,
    ed25519: u64,
    p256: u64,
    rsa2048: u64,
    signings: u64,
    files: u64,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    signed: &'a RawValue,
    signatures: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    keyid: String,
}

#[derive(Deserialize)]
struct Root {
    keys: HashMap<String, Key>,
    roles: HashMap<String, Seats>,
}

#[derive(Deserialize)]
struct Key {
    keytype: String,
}

#[derive(Clone, Deserialize)]
struct Seats {
    keyids: Vec<String>,
    threshold: usize,
}

#[derive(Deserialize)]
struct Targets {
    delegations: Option<Delegations>,
}

#[derive(Deserialize)]
struct Delegations {
    keys: HashMap<String, Key>,
    roles: Vec<Delegated>,
}

#[derive(Deserialize)]
struct Delegated {
    name: String,
    #[serde(flatten)]
    seats: Seats,
}

impl Needed {
    /// Counts what `row` needs of the repositories in `data`.
    pub fn by(row: &Row, data: &Path) -> Needed {
        let place = data.join(row.repository);
        match row.work {
            "many" => repositories(&place).iter().fold(Needed::default(), |mut sum, one| {
                sum.add_repository(one, usize::MAX);
                sum
            }),
            "sign" => Needed::of_signing(&place.join("metadata/1.targets.json")),
            work => {
                let mut needed = Needed::default();
                needed.add_repository(&place, if work == "lazy" { 1 } else { usize::MAX });
                needed
            }
        }
    }

    /// Nanoseconds of processor time at these limits.
    pub fn floor_ns(&self, limits: &Limits) -> f64 {
        let costs = [
            (self.bytes, limits.read + limits.parse),
            (self.written, limits.write),
            (self.sha256, limits.sha256),
            (self.sha512, limits.sha512),
            (self.ed25519, limits.ed25519),
            (self.p256, limits.p256),
            (self.rsa2048, limits.rsa2048),
            (self.signings, limits.ed25519_signing),
            (self.files, limits.file),
        ];
        costs.iter().map(|(times, cost)| *times as f64 * cost).sum()
    }

    /// Adds one repository, with at most `delegated` of the roles below targets.
    fn add_repository(&mut self, repository: &Path, delegated: usize) {
        let folder = repository.join("metadata");
        let named = |name: &str| folder.join(format!("{name}.json"));
        let chain: Vec<PathBuf> = (1..)
            .map(|version| named(&format!("{version}.root")))
            .take_while(|path| path.exists())
            .collect();
        let mut last = None;
        for path in &chain {
            let root: Root = signed(path);
            self.add(path, &root.keys, &root.roles["root"], false);
            last = Some(root);
        }
        let root = last.expect("a repository has a root");
        self.add(&named("timestamp"), &root.keys, &root.roles["timestamp"], false);
        self.add(&named("1.snapshot"), &root.keys, &root.roles["snapshot"], true);
        let targets = named("1.targets");
        self.add(&targets, &root.keys, &root.roles["targets"], true);
        if let Some(below) = signed::<Targets>(&targets).delegations {
            for role in below.roles.iter().take(delegated) {
                self.add(&named(&format!("1.{}", role.name)), &below.keys, &role.seats, true);
            }
        }
    }

    /// Adds one document of a role; `listed` when its parent names its digest.
    fn add(&mut self, path: &Path, keys: &HashMap<String, Key>, seats: &Seats, listed: bool) {
        let text = fs::read(path).expect("what was made is there");
        let file: File = serde_json::from_slice(&text).expect("what was made is a signed document");
        let (length, message) = (text.len() as u64, canonical_length(file.signed.get()));
        self.bytes += length;
        self.files += 1;
        self.sha256 += if listed { length } else { 0 };
        let signed = file.signatures.iter().map(|signature| &signature.keyid);
        let mut kinds: Vec<Kind> = signed
            .filter(|keyid| seats.keyids.contains(keyid))
            .map(|keyid| Kind::of(&keys[keyid].keytype))
            .collect();
        kinds.sort_unstable();
        for kind in kinds.into_iter().take(seats.threshold) {
            match kind {
                Kind::Rsa => self.rsa2048 += 1,
                Kind::Ed25519 => self.ed25519 += 1,
                Kind::P256 => self.p256 += 1,
            }
            match kind {
                Kind::Ed25519 => self.sha512 += message,
                Kind::Rsa | Kind::P256 => self.sha256 += message,
            }
        }
    }

    /// Written once, hashed once for its digest and twice for its Ed25519 signature. What is re-issued is in memory.
    fn of_signing(path: &Path) -> Needed {
        let length = fs::metadata(path).expect("what was made is there").len();
        Needed {
            written: length,
            sha256: length,
            sha512: 2 * length,
            signings: 1,
            ..Needed::default()
        }
    }
}

/// Cheapest to verify first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Rsa,
    Ed25519,
    P256,
}

impl Kind {
    fn of(keytype: &str) -> Kind {
        match keytype {
            "rsa" => Kind::Rsa,
            "ed25519" => Kind::Ed25519,
            _ => Kind::P256,
        }
    }
}

fn signed<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = fs::read(path).expect("what was made is there");
    let file: File = serde_json::from_slice(&text).expect("what was made is a signed document");
    serde_json::from_str(file.signed.get()).expect("what was made has its members")
}

/// The text without blanks between its tokens.
fn canonical_length(text: &str) -> u64 {
    let (mut length, mut in_string, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        length += u64::from(in_string || !byte.is_ascii_whitespace());
        let ends = byte == b'"' && !escaped;
        escaped = in_string && byte == b'\\' && !escaped;
        in_string ^= ends;
    }
    length
}
