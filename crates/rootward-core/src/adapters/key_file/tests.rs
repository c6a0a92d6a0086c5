//! Keys are made, opened and used; what cannot be opened says why; other programs' files are read and read ours.

use std::{process::Command, sync::Mutex};

use rootward_tuf::{Dialect, Frozen, Instant, RoleName, RootDraft};

use super::*;
use crate::adapters::{SystemDisk, SystemRandom};
use crate::ports::{TouchRequest, Touching};

/// Answers with one secret after the other, and keeps what it was asked.
struct Script {
    secrets: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<PromptRequest>>,
}

impl Script {
    fn of(secrets: &[&'static str]) -> Self {
        Script {
            secrets: Mutex::new(secrets.iter().rev().copied().collect()),
            asked: Mutex::default(),
        }
    }
}

impl Prompt for Script {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        self.asked.lock().unwrap().push(request.clone());
        let next = self.secrets.lock().unwrap().pop();
        next.map(secret)
            .ok_or_else(|| Failure::interruption("prompt-closed", "closed"))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(Zeroizing::new(text.as_bytes().to_vec()))
}

fn request() -> PromptRequest {
    PromptRequest {
        repository: "r".into(),
        role: "root".into(),
        version: 2,
        change: "Officer 2 joins.".into(),
        key: "officer-1.pem".into(),
        digest: "4f1c 9a20".into(),
        notice: None,
        practice: true,
        ..PromptRequest::default()
    }
}

fn keys() -> KeyFiles {
    KeyFiles::new(Arc::new(SystemDisk::new()), Arc::new(SystemRandom))
}

fn file(path: &Path) -> KeyReference {
    KeyReference::File(path.to_owned())
}

fn open(path: &Path, secrets: &[&'static str]) -> Result<Box<dyn Signer>, Failure> {
    keys().open(&file(path), &Script::of(secrets), &request())
}

/// A first root that lists nobody but `key`.
fn frozen(key: &Key) -> Frozen<rootward_tuf::Root> {
    let mut draft = RootDraft::first(key.dialect(), true, Instant::parse("2030-01-01T00:00:00Z").unwrap());
    for role in [
        RoleName::root(),
        RoleName::targets(),
        RoleName::snapshot(),
        RoleName::timestamp(),
    ] {
        draft.add_key(&role, key.clone());
        draft.set_threshold(&role, 1);
    }
    draft.freeze().unwrap()
}

fn openssl(arguments: &[&str]) -> bool {
    let Ok(done) = Command::new("openssl").args(arguments).output() else {
        println!("skipped: openssl is absent");
        return false;
    };
    assert!(
        done.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    true
}

#[test]
fn a_new_key_is_known_without_its_secret_and_signs_with_it() {
    let place = tempfile::tempdir().unwrap();
    for (kind, cost) in [
        (NewKey::Ed25519, KdfCost::Practice),
        (NewKey::EcdsaP256, KdfCost::Standard),
    ] {
        let path = place.path().join(format!("{kind:?}.pem"));
        let public = keys().create(&path, kind, &secret("officer 1's"), cost).unwrap();
        let facts = keys().inspect(&file(&path)).unwrap();
        assert_eq!((facts.public.as_ref(), facts.encrypted), (Some(&public), true));
        assert_eq!(facts.name, Some(format!("{kind:?}.pem")));
        let mut signer = open(&path, &["officer 1's"]).unwrap();
        let key = Key::new_tuf1(&public);
        let frozen = frozen(&key);
        let signature = signer.sign(Message::metadata(&frozen), &key).unwrap();
        frozen.check(&key, &signature).unwrap();
        // A key that is never overwritten.
        let refused = keys().create(&path, kind, &secret("x"), cost).unwrap_err();
        assert_eq!(refused.code, "bad-usage");
        let path = path.to_str().unwrap();
        openssl(&["pkey", "-in", path, "-passin", "pass:officer 1's", "-noout"]);
    }
}

#[test]
fn a_wrong_passphrase_is_asked_for_three_times() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("officer-1.pem");
    keys()
        .create(&path, NewKey::Ed25519, &secret("right"), KdfCost::Practice)
        .unwrap();
    let script = Script::of(&["wrong", "", "right"]);
    keys().open(&file(&path), &script, &request()).unwrap();
    let notices: Vec<_> = script
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|asked| asked.notice.clone())
        .collect();
    assert_eq!(notices[0], None);
    assert_eq!(
        notices[1].as_deref(),
        Some("That is not the passphrase of this key; 2 tries are left.")
    );
    assert_eq!(
        notices[2].as_deref(),
        Some("That is not the passphrase of this key; one try is left.")
    );
    assert_eq!(
        open(&path, &["1", "2", "3", "right"]).err().unwrap().code,
        "wrong-passphrase"
    );
    assert_eq!(open(&path, &["1"]).err().unwrap().code, "prompt-closed");
}

#[test]
fn a_public_half_of_another_key_is_found_out() {
    let place = tempfile::tempdir().unwrap();
    let (mine, other) = (place.path().join("mine"), place.path().join("other"));
    for path in [&mine, &other] {
        keys()
            .create(path, NewKey::Ed25519, &secret("x"), KdfCost::Practice)
            .unwrap();
    }
    std::fs::copy(public_half(&other), public_half(&mine)).unwrap();
    assert_eq!(open(&mine, &["x"]).err().unwrap().code, "expected-other-key");
    std::fs::write(public_half(&mine), "no key").unwrap();
    assert_eq!(open(&mine, &["x"]).err().unwrap().code, "key-file-unreadable");
    std::fs::remove_file(public_half(&mine)).unwrap();
    assert_eq!(keys().inspect(&file(&mine)).unwrap().public, None);
    open(&mine, &["x"]).unwrap();
    // A public half alone can join a role, but does not sign.
    let alone = public_half(&other);
    assert!(keys().inspect(&file(&alone)).unwrap().public.is_some());
    assert_eq!(open(&alone, &["x"]).err().unwrap().code, "key-cannot-sign");
}

#[test]
fn a_key_signs_only_as_itself_and_in_its_own_dialect() {
    let place = tempfile::tempdir().unwrap();
    let (mine, other) = (place.path().join("mine"), place.path().join("other"));
    let public = keys()
        .create(&mine, NewKey::EcdsaP256, &secret("x"), KdfCost::Practice)
        .unwrap();
    let foreign = keys()
        .create(&other, NewKey::EcdsaP256, &secret("x"), KdfCost::Practice)
        .unwrap();
    let mut signer = open(&mine, &["x"]).unwrap();
    let (key, foreign) = (Key::new_tuf1(&public), Key::new_tuf1(&foreign));
    let frozen = frozen(&key);
    let mut code = |key: &Key| {
        signer
            .sign(Message::metadata(&frozen), key)
            .map(drop)
            .map_err(|failure| failure.code)
    };
    assert_eq!(code(&key), Ok(()));
    assert_eq!(code(&foreign), Err("expected-other-key".into()));
    assert_eq!(code(&Key::new_notary_bare(&public)), Err("key-cannot-sign".into()));
}

#[test]
fn keys_made_by_openssl_are_read_and_sign() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let kinds: &[(&str, &[&str])] = &[
        ("ed25519", &["-algorithm", "ed25519"]),
        ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ];
    let wrappings: &[&[&str]] = &[
        &["-nocrypt"],
        &["-passout", "pass:x", "-scrypt"],
        &["-passout", "pass:x", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"],
        &["-passout", "pass:x", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA256"],
    ];
    for (name, arguments) in kinds {
        let made = at(name);
        if !openssl(&[&["genpkey", "-quiet", "-out", &made], *arguments].concat()) {
            return;
        }
        for (number, wrapping) in wrappings.iter().enumerate() {
            let path = at(&format!("{name}-{number}.pem"));
            openssl(&[&["pkcs8", "-topk8", "-in", &made, "-out", &path], *wrapping].concat());
            let mut signer = open(Path::new(&path), &["x"]).unwrap_or_else(|failure| panic!("{path}: {failure}"));
            let key = Key::new_tuf1(signer.public());
            let frozen = frozen(&key);
            signer
                .sign(Message::metadata(&frozen), &key)
                .unwrap_or_else(|failure| panic!("{path}: {failure}"));
        }
    }
    // What nobody else reads, or nobody should use any more.
    openssl(&[
        "genpkey",
        "-quiet",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-521",
        "-out",
        &at("p521"),
    ]);
    openssl(&[
        "genpkey",
        "-quiet",
        "-algorithm",
        "RSA",
        "-pkeyopt",
        "rsa_keygen_bits:1024",
        "-out",
        &at("small"),
    ]);
    for name in ["p521", "small"] {
        assert_eq!(
            open(Path::new(&at(name)), &[]).err().unwrap().code,
            "key-file-unreadable",
            "{name}"
        );
    }
}

/// Keys of the kinds and in the wrappings that older programs wrote, made by openssl: (what it is, path).
fn older_files(place: &Path) -> Vec<(&'static str, PathBuf)> {
    let at = |name: &str| place.join(name).to_str().unwrap().to_owned();
    let kinds: [(&str, &[&str], &[&str]); 3] = [
        (
            "p256",
            &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            &["ec"],
        ),
        (
            "p384",
            &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            &["ec"],
        ),
        (
            "rsa",
            &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            &["rsa", "-traditional"],
        ),
    ];
    let mut files = Vec::new();
    for (kind, arguments, convert) in kinds {
        let made = at(kind);
        if !openssl(&[&["genpkey", "-quiet", "-out", &made], arguments].concat()) {
            return Vec::new();
        }
        for cipher in ["", "-aes256", "-aes128", "-des3"] {
            let path = at(&format!("{kind}{cipher}"));
            let sealing: &[&str] = if cipher.is_empty() {
                &[]
            } else {
                &[cipher, "-passout", "pass:throw-away"]
            };
            openssl(&[convert, &["-in", &made, "-out", &path], sealing].concat());
            files.push((kind, path.into()));
        }
    }
    files
}

#[test]
fn older_key_files_are_read_and_sign_in_both_dialects() {
    let place = tempfile::tempdir().unwrap();
    for (kind, path) in older_files(place.path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("EC PRIVATE KEY") || text.contains("RSA PRIVATE KEY"),
            "{text}"
        );
        let facts = keys().inspect(&file(&path)).unwrap();
        assert_eq!(facts.encrypted, text.contains("DEK-Info"), "{}", path.display());
        assert_eq!(facts.public.is_some(), !facts.encrypted);
        assert!(facts.protection.is_some_and(|protection| protection.is_weak()));
        let mut signer = open(&path, &["throw-away"]).unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
        // A Notary root lists its keys in certificates.
        let certificate = place.path().join("certificate");
        let (made, out) = (place.path().join(kind), certificate.to_str().unwrap());
        openssl(&[
            "req",
            "-x509",
            "-new",
            "-key",
            made.to_str().unwrap(),
            "-subj",
            "/CN=reg.example\\/app",
            "-outform",
            "DER",
            "-out",
            out,
        ]);
        let listed = Key::new_notary_certificate(&std::fs::read(&certificate).unwrap()).unwrap();
        for key in [Key::new_tuf1(signer.public()), listed] {
            let frozen = frozen(&key);
            let signature = signer.sign(Message::metadata(&frozen), &key).unwrap();
            frozen.check(&key, &signature).unwrap();
            if key.dialect() == Dialect::Notary {
                let expected = match kind {
                    "p256" => ("ecdsa", 64),
                    "p384" => ("ecdsa", 96),
                    _ => ("rsapss", 256),
                };
                let length = signature.bytes.as_ref().map(Vec::len);
                assert_eq!(
                    (signature.method.as_deref(), length),
                    (Some(expected.0), Some(expected.1))
                );
            }
        }
    }
}

#[test]
fn an_older_key_file_with_a_wrong_passphrase_or_damage_is_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let files = older_files(place.path());
    let Some((_, path)) = files.iter().find(|(_, path)| path.ends_with("p256-aes256")) else {
        return;
    };
    assert_eq!(open(path, &["a", "", "b"]).err().unwrap().code, "wrong-passphrase");
    let whole = std::fs::read_to_string(path).unwrap();
    let body = whole.split("\n\n").nth(1).unwrap();
    let flipped = if body.starts_with('A') { "B" } else { "A" };
    let flipped = format!("{flipped}{}", &body[1..]);
    // Damage inside cannot be told from a wrong passphrase; everything else is said before anybody is asked.
    let cases = [
        (whole.replace(body, &flipped), "wrong-passphrase"),
        (whole.replace("AES-256-CBC", "AES-128-CBC"), "wrong-passphrase"),
        (whole.replace("AES-256-CBC", "DES-EDE3-CBC"), "key-file-unreadable"),
        (whole.replace("AES-256-CBC", "RC2-40-CBC"), "key-file-unreadable"),
        (whole.replace("AES-256-CBC,", "AES-256-CBC,00"), "key-file-unreadable"),
        (whole.replace("AES-256-CBC,", "AES-256-CBC "), "key-file-unreadable"),
        (whole.replace(&body[..4], ""), "key-file-unreadable"),
        (whole.replace("DEK-Info: AES-256-CBC,", "X: "), "key-file-unreadable"),
    ];
    for (text, code) in cases {
        std::fs::write(path, &text).unwrap();
        let asked = Script::of(&["throw-away", "throw-away", "throw-away"]);
        let failed = keys()
            .open(&file(path), &asked, &request())
            .err()
            .expect("it is damaged");
        assert_eq!(failed.code, code, "{text}");
        let was_asked = !asked.asked.lock().unwrap().is_empty();
        assert_eq!(was_asked, code == "wrong-passphrase", "{text}");
    }
}

#[test]
fn files_that_are_no_key_say_so_before_anybody_is_asked() {
    let place = tempfile::tempdir().unwrap();
    let (path, other) = (place.path().join("key"), place.path().join("other"));
    assert_eq!(open(&path, &[]).err().unwrap().code, "key-not-found");
    for path in [&path, &other] {
        keys()
            .create(path, NewKey::Ed25519, &secret("x"), KdfCost::Practice)
            .unwrap();
    }
    let one = std::fs::read_to_string(&path).unwrap();
    let two = format!("{one}{}", std::fs::read_to_string(&other).unwrap());
    let broken = pem::write("ENCRYPTED PRIVATE KEY", &[0x30, 0x80, 1, 2]);
    for text in [two.as_str(), &broken, "", &"x".repeat(100_000), &one[..one.len() / 2]] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(open(&path, &[]).err().unwrap().code, "key-file-unreadable");
        assert_eq!(keys().inspect(&file(&path)).err().unwrap().code, "key-file-unreadable");
    }
}

#[test]
fn key_files_of_notary_open_with_their_headers() {
    let shared = std::env::var_os("ROOTWARD_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = shared.join("fixtures/notary/keys/a-b-owner");
    let Ok(files) = folder.read_dir() else {
        println!("skipped: ../shared is absent");
        return;
    };
    let mut opened = 0;
    for path in files.map(|entry| entry.unwrap().path()) {
        let facts = keys().inspect(&file(&path)).unwrap();
        let role = &facts
            .headers
            .iter()
            .find(|(name, _)| name == "role")
            .expect("Notary writes the role")
            .1;
        let passphrase = match role.as_str() {
            "root" => "root-pass-1",
            "targets" => "targets-pass-1",
            "snapshot" => "snapshot-pass-1",
            _ => "delegation-pass-1",
        };
        let mut signer = open(&path, &[passphrase]).unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
        let key = Key::new_notary_bare(signer.public());
        // Notary names the file after the key.
        assert_eq!(path.file_stem().unwrap().to_str(), Some(key.keyid().as_str()));
        assert_eq!(key.dialect(), Dialect::Notary);
        let mut draft = rootward_tuf::TargetsDraft::first(
            Dialect::Notary,
            RoleName::targets(),
            Instant::parse("2030-01-01T00:00:00Z").unwrap(),
        );
        draft.set_expires(Instant::parse("2031-01-01T00:00:00Z").unwrap());
        let frozen = draft.freeze().unwrap();
        signer.sign(Message::metadata(&frozen), &key).unwrap();
        opened += 1;
    }
    assert!(opened > 0);
}
