//! Key files of other programs open, sign as themselves, and say by name what is wrong with them.

use rootward_core::adapters::{KeyFiles, SystemDisk, SystemRandom};
use rootward_core::ports::{
    Failure, KeyReference, Keys, Message, Prompt, PromptRequest, Protection, Secret, Signer, TouchRequest, Touching,
};
use rootward_tests::rigs::key_files;
use rootward_tuf::{Dialect, Instant, Key, RoleName, TargetsDraft};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PASSPHRASE: &str = "throw-away passphrase";

/// A person who types one passphrase again and again, and is counted.
struct Typist(&'static str, AtomicUsize);

impl Prompt for Typist {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok(Secret::new(self.0.as_bytes().to_vec().into()))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

fn keys() -> KeyFiles {
    KeyFiles::new(Arc::new(SystemDisk::new()), Arc::new(SystemRandom))
}

/// Opens a file, and tells how often somebody was asked.
fn open(path: &Path, passphrase: &'static str) -> (Result<Box<dyn Signer>, Failure>, usize) {
    let typist = Typist(passphrase, AtomicUsize::new(0));
    let opened = keys().open(&KeyReference::File(path.into()), &typist, &PromptRequest::default());
    (opened, typist.1.into_inner())
}

/// Signs a document and checks it as a client would.
fn signs(signer: &mut dyn Signer) {
    let mut draft = TargetsDraft::first(
        Dialect::Tuf1,
        RoleName::targets(),
        Instant::parse("2030-01-01T00:00:00Z").unwrap(),
    );
    draft.set_expires(Instant::parse("2031-01-01T00:00:00Z").unwrap());
    let (frozen, key) = (draft.freeze().unwrap(), Key::new_tuf1(signer.public()));
    let signature = signer.sign(Message::metadata(&frozen), &key).unwrap();
    frozen.check(&key, &signature).unwrap();
}

#[test]
fn keys_of_securesystemslib_go_tuf_and_cosign_open_and_sign() {
    let place = tempfile::tempdir().unwrap();
    key_files::make(place.path(), PASSPHRASE);
    let python = Protection::Pbkdf2 {
        hash: "SHA-256",
        rounds: 100_000,
    };
    let go = |n| Protection::Scrypt { n, r: 8, p: 1 };
    let older = Protection::OneRoundOfMd5 { cipher: "AES-256-CBC" };
    let cases = [
        ("python-ed25519", python, true),
        ("python-ed25519-open", Protection::Open, true),
        ("python-ecdsa", python, true),
        ("python-ecdsa-open", Protection::Open, true),
        ("python-rsa", older, true),
        ("python-rsa-open", Protection::Open, true),
        ("go-tuf-ed25519.json", go(1 << 15), false),
        ("go-tuf-ed25519-open.json", Protection::Open, true),
        ("go-tuf-ecdsa.json", go(1 << 15), false),
        ("go-tuf-ecdsa-open.json", Protection::Open, true),
        ("go-tuf-rsa.json", go(1 << 15), false),
        ("go-tuf-rsa-open.json", Protection::Open, true),
        ("cosign.key", go(1 << 15), true),
        ("sigstore.key", go(1 << 16), true),
    ];
    for (name, protection, is_known_beforehand) in cases {
        let path = place.path().join(name);
        let facts = keys()
            .inspect(&KeyReference::File(path.clone()))
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(facts.protection, Some(protection), "{name}");
        assert_eq!(facts.encrypted, protection != Protection::Open, "{name}");
        assert_eq!(facts.public.is_some(), is_known_beforehand, "{name}");
        let (opened, asked) = open(&path, PASSPHRASE);
        let mut signer = opened.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(asked, usize::from(facts.encrypted), "{name}");
        if let Some(public) = facts.public {
            assert_eq!(public.physical(), signer.public().physical(), "{name}");
        }
        signs(&mut *signer);
        if facts.encrypted {
            let (refused, asked) = open(&path, "another passphrase");
            assert_eq!(
                (refused.err().unwrap().code.as_str(), asked),
                ("wrong-passphrase", 3),
                "{name}"
            );
        }
    }
    // What is right in form and wrong in itself.
    for (name, why) in [
        ("go-tuf-two.json", "expected one private key, found 2"),
        ("go-tuf-two-open.json", "expected one private key, found 2"),
        (
            "go-tuf-lying.json",
            "the public half in the file is not that of the private half",
        ),
        (
            "go-tuf-lying-open.json",
            "the public half in the file is not that of the private half",
        ),
    ] {
        let failure = open(&place.path().join(name), PASSPHRASE).0.err().unwrap();
        assert_eq!(failure.code, "key-file-unreadable", "{name}");
        assert!(failure.message.ends_with(why), "{name}: {failure}");
    }
    // A public half of another key is found out, in every form it has.
    for (one, other) in [
        ("python-ed25519", "python-ecdsa"),
        ("python-ecdsa", "python-rsa"),
        ("cosign", "sigstore"),
    ] {
        let (beside, key) = match one {
            "cosign" => ("cosign.pub".to_owned(), "cosign.key"),
            _ => (format!("{one}.pub"), one),
        };
        fs::copy(place.path().join(format!("{other}.pub")), place.path().join(beside)).unwrap();
        let refused = open(&place.path().join(key), PASSPHRASE).0.err().unwrap();
        assert_eq!(refused.code, "expected-other-key", "{one}");
    }
}

#[test]
fn a_key_file_that_asks_for_too_much_or_is_damaged_says_so_before_anybody_is_asked() {
    let place = tempfile::tempdir().unwrap();
    key_files::make(place.path(), PASSPHRASE);
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap();
    let refused = |text: &str, expected: &str| {
        let path: PathBuf = place.path().join("changed");
        fs::write(&path, text).unwrap();
        let (opened, asked) = open(&path, PASSPHRASE);
        let failure = opened.err().unwrap_or_else(|| panic!("{expected}: it opened"));
        assert_eq!(
            (failure.code.as_str(), asked),
            ("key-file-unreadable", 0),
            "{expected}: {failure}"
        );
        assert!(failure.message.contains(expected), "expected {expected}: {failure}");
        assert!(
            !failure.message.contains("private\":"),
            "a key is never quoted: {failure}"
        );
        assert!(keys().inspect(&KeyReference::File(path)).is_err(), "{expected}");
    };
    let whole: Value = serde_json::from_str(&read("go-tuf-ed25519.json")).unwrap();
    let changes: [(&str, Value, &str); 12] = [
        ("/data/kdf/params/N", json!(1_u64 << 40), "more than a GiB of memory"),
        (
            "/data/kdf/params/N",
            json!(u64::MAX),
            "scrypt parameters that make sense",
        ),
        ("/data/kdf/params/N", json!(32769), "scrypt parameters that make sense"),
        ("/data/kdf/params/r", json!(0), "scrypt parameters that make sense"),
        (
            "/data/kdf/params/p",
            json!(1_u64 << 33),
            "more than a GiB of memory or minutes",
        ),
        ("/data/kdf/params/p", json!(-1), "how the key is encrypted"),
        (
            "/data/kdf/name",
            json!("argon2id"),
            "stretched by scrypt, found argon2id",
        ),
        ("/data/kdf/salt", json!("!"), "a salt in base64"),
        ("/data/cipher/name", json!("aes"), "nacl/secretbox, found aes"),
        ("/data/cipher/nonce", json!("AAAA"), "a nonce of 24 bytes"),
        ("/data/ciphertext", json!("AAAA"), "it is cut off"),
        ("/data", json!(null), "how the key is encrypted"),
    ];
    for (at, value, expected) in changes {
        let mut changed = whole.clone();
        *changed.pointer_mut(at).unwrap() = value;
        refused(&changed.to_string(), expected);
    }
    let python = read("python-ed25519");
    refused(
        &python.replace("@@@@100000@@@@", "@@@@4000000000@@@@"),
        "rounds of PBKDF2",
    );
    refused(&python.replace("@@@@100000@@@@", "@@@@0@@@@"), "rounds of PBKDF2");
    refused(&python.replace("@@@@100000@@@@", "@@@@-1@@@@"), "a number of rounds");
    refused(&python.replacen("@@@@", "@@@@aa@@@@", 1), "expected five fields");
    refused(&python[..python.rfind("@@@@").unwrap()], "expected five fields");
    refused(&python.replacen(&python[..2], "zz", 1), "expected a key");
    let open = read("python-ed25519-open");
    refused(&open[..open.len() - 3], "in JSON, line 1");
    refused(&open.replace("\"private\": \"", "\"private\": \"00"), "32 or 64 bytes");
    refused("{\"kind\": \"no key\"}", "expected a key of go-tuf or securesystemslib");
    refused("[]", "expected one private key, found 0");
    let sigstore = read("sigstore.key");
    refused(&sigstore.replace("\ney", "\nZZ"), "how the key is encrypted");
    // Damage to what is encrypted cannot be told from a wrong passphrase.
    let mut damaged = whole.clone();
    let sealed = damaged["data"]["ciphertext"].as_str().unwrap().to_owned();
    let first = if sealed.starts_with('A') { "B" } else { "A" };
    damaged["data"]["ciphertext"] = json!(format!("{first}{}", &sealed[1..]));
    let path = place.path().join("damaged");
    fs::write(&path, damaged.to_string()).unwrap();
    assert_eq!(open_code(&path), "wrong-passphrase");
}

fn open_code(path: &Path) -> String {
    open(path, PASSPHRASE).0.err().expect("it is damaged").code
}
