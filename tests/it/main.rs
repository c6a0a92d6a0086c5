//! Rootward's promises: one binary, a module per promise. `tidy::forgotten` fails when a file here is not declared.

mod attestation;
mod backup;
mod beginning;
mod blast;
mod card_judges;
mod changes;
mod conformance;
mod contract;
mod dev;
mod drills;
mod elsewhere;
mod estate;
mod findings;
mod golden;
mod hostile;
mod key_files;
mod keychain;
mod keys;
mod map;
mod module_provisioning;
mod mutations;
mod notary;
mod notary_changes;
mod notary_publisher;
mod notary_rig;
mod notary_rotation;
mod notary_tokens;
mod pkcs11;
mod pkcs11_judges;
mod pkcs11_moods;
mod practice_server;
mod practise;
mod provisioning;
mod quirks;
mod rigs;
mod roll_call;
mod rotation;
mod second_opinions;
mod secrets;
mod selftest;
mod sigstore;
mod sources;
mod three_officers;
mod tidy;
mod token_faults;
mod tokens;
mod transcripts;
mod types;
mod yubikey_rig;

use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::rigs::python_tuf::PythonTuf;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Guards every key file made here.
const PASSPHRASE: &str = "throw-away passphrase";

/// rootwardctl on a desk of its own. Cargo builds the program with these tests, so it is never an old one.
fn ctl() -> Ctl {
    Ctl::new(env!("CARGO_BIN_EXE_rootwardctl-under-test"))
}

/// A sound repository made by python-tuf, not by us, that expires on 2030-01-01, and its officers' key files.
struct World {
    folder: tempfile::TempDir,
    /// The repository's folder.
    source: String,
    /// A copy of its first root, as an officer would have been handed it.
    root: String,
}

fn world() -> World {
    world_guarded_by(PASSPHRASE)
}

fn world_guarded_by(passphrase: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("metadata")).unwrap();
    fs::create_dir(path("keys")).unwrap();
    PythonTuf::ready().publish_with_keys(&path("metadata"), "2030-01-01T00:00:00Z", &path("keys"), passphrase);
    fs::copy(path("metadata/1.root.json"), path("root.json")).unwrap();
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    World {
        source: text(path("metadata")),
        root: text(path("root.json")),
        folder,
    }
}

impl World {
    /// The key file of `officer_1` to `officer_5`, as rootwardctl takes it. The first three are the root's.
    fn key(&self, officer: &str) -> String {
        format!(
            "file:{}",
            self.folder.path().join(format!("keys/{officer}.pem")).display()
        )
    }

    /// Has a desk replace a root key, by the keys of those who leave, join and stay.
    fn rotate(&self, desk: &Ctl, leaves: &str, joins: &str, stays: &str) -> Told {
        let known = [
            "rotate",
            "root",
            &self.source,
            "--root",
            &self.root,
            "--at",
            "2029-01-01T00:00:00Z",
            "--yes",
        ];
        desk.run([&known[..], &["--remove", leaves, "--add", joins, "--sign", stays]].concat())
    }

    fn file(&self, name: &str) -> PathBuf {
        PathBuf::from(&self.source).join(name)
    }

    /// Changes one document without signing it again.
    fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut file: Value = serde_json::from_slice(&fs::read(self.file(name)).unwrap()).unwrap();
        change(&mut file);
        fs::write(self.file(name), file.to_string()).unwrap();
    }

    /// A desk that knows every officer's passphrase.
    fn desk(&self) -> Ctl {
        let officers = (1..=5).map(|number| format!("officer_{number}"));
        let others = ["online", "build-07"].map(str::to_owned);
        officers
            .chain(others)
            .fold(ctl(), |desk, name| desk.with_secret(self.key(&name), PASSPHRASE))
    }
}

/// An encrypted key file that another program made, in a folder of its own.
fn foreign_key() -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    rootward_tests::rigs::key_files::make(place.path(), PASSPHRASE);
    let key = place.path().join("python-ed25519").display().to_string();
    (place, key)
}

/// How many physical keys of the role root one version changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RootChange {
    joined: usize,
    left: usize,
    renamed: usize,
}

/// Reads the answer of `history`: what each version but the first changed in the role root.
fn root_changes(answer: &Value) -> Vec<(u64, RootChange)> {
    let versions = answer["versions"]
        .as_array()
        .unwrap_or_else(|| panic!("no versions in {answer:#}"));
    let read = |version: &Value| {
        let mut change = RootChange::default();
        for difference in version["differences"].as_array().into_iter().flatten() {
            let of_root = difference["roles"]
                .as_array()
                .is_some_and(|roles| roles.iter().any(|role| role == "root"));
            match difference["kind"].as_str() {
                Some("key-joined") if of_root => change.joined += 1,
                Some("key-left") if of_root => change.left += 1,
                Some("key-renamed") if of_root => change.renamed += 1,
                _ => {}
            }
        }
        (version["version"].as_u64().unwrap(), change)
    };
    versions.iter().skip(1).map(read).collect()
}
