//! Notary's dialect: a small repository signed here, changed in named ways, and judged by the real `notary` command line.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rootward_tuf::dialect::notary::notary_certificate;
use rootward_tuf::{Algorithm, Dialect, Instant, Next, PublicKey, Reply, Sought, WalkInput, Walker};

use super::json::Json;
use super::keys::{Key, Keys, keyid};
use super::plan::{Doc, MOMENT};
use crate::map;
use crate::server::{Answer, Server};

pub const GUN: &str = "reg.test/lab/judged";
const LATER: &str = "2046-01-31T12:00:00.123456789Z";

/// Root, timestamp, snapshot, targets and targets/releases.
pub struct Repository {
    pub root: Doc,
    pub timestamp: Doc,
    pub snapshot: Doc,
    pub targets: Doc,
    pub releases: Doc,
    /// Keys that may become somebody's.
    pub spare: Vec<Key>,
}

/// What a client of Notary came to: which tags it finds, and in which role; `None` if it accepts nothing.
pub type Found = Option<BTreeMap<String, String>>;

/// The files by role.
pub type Files = BTreeMap<String, Vec<u8>>;

impl Repository {
    /// A sound one: tag v1 in targets, r1 in the delegation.
    pub fn new() -> Self {
        let keys: Vec<Key> = Keys::new()
            .all
            .into_iter()
            .filter(|key| key.hex_point().is_some())
            .collect();
        let bare: Vec<Key> = keys.iter().map(as_bare).collect();
        let officer = as_root_key(&keys[0], GUN, "2046-01-01T00:00:00Z");
        let [timestamp, snapshot, targets, delegate] = [&bare[1], &bare[2], &bare[3], &bare[4]];
        let mut root = signed("Root");
        root.set("consistent_snapshot", false);
        for (role, key) in [
            ("root", &officer),
            ("timestamp", timestamp),
            ("snapshot", snapshot),
            ("targets", targets),
        ] {
            root.at(&["keys"]).set(&key.id, key.object.clone());
            root.at(&["roles"])
                .set(role, map! {"keyids" => vec![key.id.clone()], "threshold" => 1_usize});
        }
        let mut top = signed("Targets");
        top.set("targets", tags(&["v1"]));
        let role = map! {"name" => "targets/releases", "keyids" => vec![delegate.id.clone()], "threshold" => 1_usize, "paths" => vec![String::new()]};
        let mut table = Json::Map(Vec::new());
        table.set(&delegate.id, delegate.object.clone());
        top.set("delegations", map! {"keys" => table, "roles" => vec![role]});
        let mut below = signed("Targets");
        below.set("targets", tags(&["r1"]));
        below.set(
            "delegations",
            map! {"keys" => Json::Map(Vec::new()), "roles" => Vec::<Json>::new()},
        );
        let empty = |kind: &str| {
            let mut signed = signed(kind);
            signed.set("meta", Json::Map(Vec::new()));
            signed
        };
        Repository {
            root: doc("root", root, &officer),
            timestamp: doc("timestamp", empty("Timestamp"), timestamp),
            snapshot: doc("snapshot", empty("Snapshot"), snapshot),
            targets: doc("targets", top, targets),
            releases: doc("targets/releases", below, delegate),
            spare: keys[5..].to_vec(),
        }
    }

    /// The delegation to targets/releases.
    pub fn delegation(&mut self) -> &mut Json {
        &mut self.targets.signed.at(&["delegations", "roles"]).entries()[0]
    }

    pub fn write(mut self) -> Files {
        let mut files = Files::new();
        for doc in [&mut self.root, &mut self.releases, &mut self.targets] {
            let entry = put(doc, &mut files);
            self.snapshot.signed.at(&["meta"]).set(&doc.role, entry);
        }
        let entry = put(&mut self.snapshot, &mut files);
        self.timestamp.signed.at(&["meta"]).set("snapshot", entry);
        put(&mut self.timestamp, &mut files);
        files
    }
}

impl Default for Repository {
    fn default() -> Self {
        Repository::new()
    }
}

/// A root key: a certificate for `gun` around it, valid until `until`.
pub fn as_root_key(key: &Key, gun: &str, until: &str) -> Key {
    let moment = |text: &str| Instant::parse(text).expect("a moment");
    let sign = |message: &[u8]| bytes_of(&key.sign(message));
    let certificate = notary_certificate(
        gun,
        &public(key),
        moment("2020-01-01T00:00:00Z"),
        moment(until),
        [7; 16],
        sign,
    );
    let pem = certificate.expect("a certificate can be made").to_pem();
    listed(key, "ecdsa-x509", STANDARD.encode(pem))
}

pub fn as_bare(key: &Key) -> Key {
    listed(key, "ecdsa", STANDARD.encode(public(key).spki_der()))
}

fn listed(key: &Key, keytype: &str, public: String) -> Key {
    let mut key = key.clone();
    key.object = map! {"keytype" => keytype, "keyval" => map! {"private" => Json::bare("null"), "public" => public}};
    key.id = keyid(&key.object);
    key
}

fn public(key: &Key) -> PublicKey {
    let point = bytes_of(&key.hex_point().expect("Notary's keys here are P-256"));
    PublicKey::from_ec_point(Algorithm::EcdsaP256, &point).expect("a point is a key")
}

fn signed(kind: &str) -> Json {
    map! {"_type" => kind, "expires" => LATER, "version" => 1_usize}
}

pub fn tags(names: &[&str]) -> Json {
    let entry = |name: &&str| map! {"hashes" => hashes(name.as_bytes()), "length" => name.len()};
    Json::Map(names.iter().map(|name| (name.to_string(), entry(name))).collect())
}

fn hashes(bytes: &[u8]) -> Json {
    let coded = |algorithm| STANDARD.encode(digest(algorithm, bytes));
    map! {"sha256" => coded(&SHA256), "sha512" => coded(&SHA512)}
}

/// A document whose signatures become Notary's before anything else happens to it.
fn doc(role: &str, signed: Json, key: &Key) -> Doc {
    let mut doc = Doc::new(role, signed, vec![key.clone()]);
    doc.on_signatures(|signatures| {
        for signature in signatures {
            let der = bytes_of(signature.get("sig").expect("it was just signed").text());
            signature.set("sig", STANDARD.encode(raw(&der)));
            signature.set("method", "ecdsa");
        }
    });
    doc
}

fn put(doc: &mut Doc, files: &mut Files) -> Json {
    let mut file = doc.write();
    let mut entry = map! {"hashes" => hashes(&file), "length" => file.len()};
    doc.meta.drain(..).for_each(|change| change(&mut entry));
    doc.served.drain(..).for_each(|change| change(&mut file));
    files.insert(doc.role.clone(), file);
    entry
}

/// Both integers of a P-256 signature in DER, each as 32 bytes.
fn raw(der: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), &der[2..]);
    while let [2, length, after @ ..] = rest {
        let (number, after) = after.split_at(usize::from(*length));
        let number = &number[number.len().saturating_sub(32)..];
        out.extend(std::iter::repeat_n(0, 32 - number.len()));
        out.extend(number);
        rest = after;
    }
    out
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Serves the files as a Notary does and lets a client that has seen nothing list the tags.
pub fn judged_by_the_command_line(files: &Files) -> Found {
    let served = files.clone();
    let base = format!("/v2/{GUN}/_trust/tuf/");
    let server = Server::start(move |path| {
        if path == "/v2/" {
            return Answer::Bytes(b"{}".to_vec());
        }
        let name = path
            .strip_prefix(&base)
            .and_then(|name| name.strip_suffix(".json"))
            .unwrap_or_default();
        let role = match name.rsplit_once('.') {
            Some((role, digest)) if digest.len() == 64 => role,
            _ if name == "1.root" => "root",
            _ => name,
        };
        served
            .get(role)
            .map_or(Answer::Status(404), |file| Answer::Bytes(file.clone()))
    });
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let output = list(folder.path(), &server.url());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = text.lines().skip_while(|line| !line.starts_with("---")).skip(1);
    let tags = rows.filter_map(|row| {
        let words: Vec<&str> = row.split_whitespace().collect();
        Some((words.first()?.to_string(), words.last()?.to_string()))
    });
    output.status.success().then(|| tags.collect())
}

fn list(folder: &Path, url: &str) -> std::process::Output {
    let mut command = Command::new("notary");
    command
        .args(["-s", url.trim_end_matches('/'), "-d"])
        .arg(folder)
        .args(["list", GUN]);
    // No card of this machine may be asked for keys.
    command.env("PCSCLITE_CSOCK_NAME", "/nonexistent").stdin(Stdio::null());
    command.output().expect("`./dev test` installs notary")
}

/// Our own verdict on the same, where a client would look for these tags.
pub fn ours(files: &Files, looked_for: &[&str]) -> Found {
    let input = WalkInput {
        gun: Some(GUN.to_owned()),
        ..WalkInput::new(
            Dialect::Notary,
            files.get("root")?.clone(),
            Instant::parse(MOMENT).expect("a moment"),
        )
    };
    let answer = |role: &str| files.get(role).cloned().map_or(Reply::Missing, Reply::Found);
    let mut walker = Walker::begin(input).ok()?;
    while let Next::Fetch(request) = walker.next() {
        walker.supply(answer(request.role.as_str()));
    }
    let mut seeker = walker.into_seeker().ok()?;
    let find = |tag: &&str| match seeker.run(tag, |request| answer(request.role.as_str())) {
        Sought::Found { role, .. } => Some((tag.to_string(), role.to_string())),
        Sought::Refused(_) | Sought::Nowhere => None,
    };
    Some(looked_for.iter().filter_map(find).collect())
}
