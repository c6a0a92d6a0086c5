//! Tokens behind PKCS#11 modules: found by their labels, paired by public keys, and signing what is shown. SoftHSM is the
//! device; what it holds was made by OpenSC's program or by us.

use rootward_core::ports::{ModuleKey, Modules, NewModuleKey, Origin, PinState, PromptRequest, Wanted};
use rootward_tests::module_bench::{Bench, certify, sign};
use rootward_tests::rigs::must;
use rootward_tests::rigs::softhsm::{PIN, SO_PIN, SoftHsm};
use rootward_tuf::Dialect;

/// It keeps the modules.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_rootwardctl-under-test");

fn bench(hsm: &SoftHsm) -> Bench {
    Bench::new(PROGRAM, &hsm.module(), hsm.env())
}

#[test]
fn keys_of_every_kind_are_found_without_a_pin_and_sign() {
    let hsm = SoftHsm::with_token("rootward");
    for (kind, label, id) in [
        ("EC:edwards25519", "edwards", "01"),
        ("EC:prime256v1", "p256", "02"),
        ("EC:secp384r1", "p384", "03"),
        ("rsa:2048", "rsa", "04"),
    ] {
        hsm.generate("rootward", kind, label, id);
    }
    let bench = bench(&hsm);
    let told = bench.told().expect("a list");
    let token = told.iter().find(|token| token.is_initialised).expect("the token");
    assert_eq!(
        (token.token.label.as_str(), token.pin, token.asks_for_pin),
        ("rootward", PinState::Fine, true)
    );
    let mut seen: Vec<_> = token
        .keys
        .iter()
        .map(|key| (key.key.label.as_str(), key.algorithm.as_str()))
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            ("edwards", "ed25519"),
            ("p256", "ecdsa-p256"),
            ("p384", "ecdsa-p384"),
            ("rsa", "rsa-2048")
        ]
    );
    assert!(
        token
            .keys
            .iter()
            .all(|key| key.public.is_some() && key.origin == Some(Origin::Generated))
    );
    assert!(bench.asked().is_empty(), "nobody types a PIN for a list");

    for (label, tuf) in [
        ("edwards", "ed25519"),
        ("p256", "ecdsa-sha2-nistp256"),
        ("p384", "ecdsa-sha2-nistp384"),
        ("rsa", "rsassa-pss-sha256"),
    ] {
        let mut signer = bench.open(&format!("rootward/{label}"), &[PIN]).expect(label);
        assert_eq!(bench.asked().len(), 1, "{label}");
        assert_eq!(sign(&mut *signer, Dialect::Tuf1, None).expect(label), tuf);
        assert!(bench.asked().is_empty(), "one PIN is enough for what one screen signs");
        assert!(!signer.touches(), "a key that asks for no touch is not kept open");
        match label {
            "p256" | "p384" => {
                let certificate = certify(&mut *signer).expect("a certificate");
                sign(&mut *signer, Dialect::Notary, Some(&certificate)).expect("signed as Notary's root key");
            }
            _ => assert_eq!(certify(&mut *signer).expect_err(label).code, "key-cannot-sign"),
        }
    }
}

#[test]
fn a_token_is_initialised_and_keys_are_born_in_it_that_cannot_leave() {
    let hsm = SoftHsm::start();
    let bench = bench(&hsm);
    let request = PromptRequest::default();
    let token = bench.token("made by us");
    bench.types(&[SO_PIN, SO_PIN, PIN, PIN]);
    let made = bench
        .tokens
        .initialise(&token, bench.person(), &request)
        .expect("a token");
    assert_eq!((made.token.label.as_str(), made.pin), ("made by us", PinState::Fine));
    let again = bench
        .tokens
        .initialise(&token, bench.person(), &request)
        .expect_err("it is there");
    assert_eq!(again.code, "token-initialised");

    for (kind, label) in [
        (NewModuleKey::Ed25519, "edwards"),
        (NewModuleKey::P256, "p256"),
        (NewModuleKey::P384, "p384"),
        (NewModuleKey::Rsa3072, "rsa"),
    ] {
        let key = bench.key(&format!("made by us/{label}"));
        bench.types(&[PIN]);
        let public = bench
            .tokens
            .generate(&key, kind, false, bench.person(), &request)
            .expect(label);
        let facts = bench.tokens.inspect(&key).expect(label);
        assert_eq!(facts.public.map(|key| key.physical()), Some(public.physical()));
        bench.types(&[PIN]);
        let replaced = bench.tokens.generate(&key, kind, false, bench.person(), &request);
        assert_eq!(replaced.expect_err(label).code, "slot-occupied");
        let mut signer = bench.open_as(&key, Some(&public.physical()), &[PIN]).expect(label);
        sign(&mut *signer, Dialect::Tuf1, None).expect(label);
    }
    let listed = must(
        hsm.pkcs11_tool("made by us")
            .args(["--list-objects", "--type", "privkey"]),
    );
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert_eq!(listed.matches("never extractable").count(), 4, "{listed}");
}

#[test]
fn nothing_is_asked_for_before_the_right_key_is_found() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    hsm.generate("rootward", "EC:prime256v1", "other", "02");
    let bench = bench(&hsm);
    let other = bench
        .tokens
        .inspect(&bench.key("rootward/other"))
        .expect("a key")
        .public
        .expect("told");
    for (key, expected, code) in [
        ("rootward/root", Some(other.physical()), "expected-other-key"),
        ("rootward/nonesuch", None, "key-not-found"),
        ("rootward/root;id=02", None, "key-not-found"),
        ("nonesuch/root", None, "token-absent"),
        ("rootward;serial=1/root", None, "token-absent"),
    ] {
        let refused = bench
            .open_as(&bench.key(key), expected.as_ref(), &[PIN])
            .err()
            .expect(key);
        assert_eq!((refused.code.as_str(), bench.asked().len()), (code, 0), "{key}");
    }
    let stranger = ModuleKey::parse("/usr/lib/some/other.so:rootward/root").expect("a key");
    let refused = bench
        .open_as(&stranger, None, &[PIN])
        .err()
        .expect("it may not be loaded");
    assert_eq!((refused.code.as_str(), bench.asked().len()), ("module-not-allowed", 0));
    bench.open("rootward/root;id=01", &[PIN]).expect("the good case");
    bench.tokens.allow(&[]);
    assert_eq!(
        bench.open("rootward/root", &[PIN]).err().expect("no more").code,
        "module-not-allowed"
    );
}

#[test]
fn a_wrong_pin_is_told_and_asked_for_again() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    let bench = bench(&hsm);
    let mut signer = bench
        .open("rootward/root", &["00000000", PIN])
        .expect("the second is right");
    assert_eq!(bench.asked().len(), 2);
    sign(&mut *signer, Dialect::Tuf1, None).expect("signed");
    let stopped = bench
        .open("rootward/root", &["00000000"])
        .err()
        .expect("nobody typed another");
    assert_eq!(stopped.code, "wrong-pin");
    let token = bench.tokens.facts(&bench.token("rootward")).expect("facts");
    assert_eq!(token.pin, PinState::WasWrong, "whoever comes next is warned");
    let thrice = bench
        .open("rootward/root", &["00000000", "00000001", "00000002", PIN])
        .err()
        .expect("three are enough");
    assert_eq!((thrice.code.as_str(), bench.asked().len()), ("wrong-pin", 5));
    bench
        .open("rootward/root", &["1", PIN])
        .expect("what cannot be a PIN is no try");
}

#[test]
fn keys_are_paired_by_their_public_half_and_not_by_their_id() {
    let hsm = SoftHsm::with_token("rootward");
    for (kind, label) in [
        ("EC:prime256v1", "first"),
        ("EC:prime256v1", "second"),
        ("rsa:2048", "third"),
    ] {
        hsm.generate("rootward", kind, label, "05");
    }
    let bench = bench(&hsm);
    for label in ["first", "second", "third"] {
        let key = bench.key(&format!("rootward/{label}"));
        let public = bench.tokens.inspect(&key).expect(label).public.expect("told");
        let mut signer = bench.open_as(&key, Some(&public.physical()), &[PIN]).expect(label);
        sign(&mut *signer, Dialect::Tuf1, None).expect("the right one of three with this id");
    }
}

#[test]
fn two_keys_with_one_label_are_told_apart_by_id_or_by_the_key_that_is_meant() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    hsm.generate("rootward", "EC:prime256v1", "root", "02");
    let bench = bench(&hsm);
    let ambiguous = bench.open("rootward/root", &[PIN]).err().expect("which one?");
    assert_eq!((ambiguous.code.as_str(), bench.asked().len()), ("key-ambiguous", 0));
    let told = bench.told().expect("a list");
    let keys = &told.iter().find(|token| token.is_initialised).expect("the token").keys;
    let written: Vec<String> = keys.iter().map(|key| key.key.to_string()).collect();
    assert!(written.iter().all(|key| key.contains(";id=0")), "{written:?}");
    for key in keys {
        let public = key.public.as_ref().expect("told").physical();
        let mut by_id = bench.open_as(&key.key, Some(&public), &[PIN]).expect("by its id");
        sign(&mut *by_id, Dialect::Tuf1, None).expect("signed");
        let mut by_key = bench
            .open_as(&bench.key("rootward/root"), Some(&public), &[PIN])
            .expect("by itself");
        assert_eq!(by_key.public().physical(), public);
        sign(&mut *by_key, Dialect::Tuf1, None).expect("signed");
    }
}

#[test]
fn two_tokens_with_one_label_are_refused_until_the_serial_is_named() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    hsm.initialise("rootward", PIN);
    let bench = bench(&hsm);
    let ambiguous = bench.open("rootward/root", &[PIN]).err().expect("which one?");
    assert_eq!((ambiguous.code.as_str(), bench.asked().len()), ("token-ambiguous", 0));
    let told = bench.told().expect("a list");
    let twins: Vec<_> = told.iter().filter(|token| token.is_initialised).collect();
    assert_eq!(twins.len(), 2);
    for twin in twins {
        assert!(twin.token.serial.is_some() && twin.trouble.is_none());
        for key in &twin.keys {
            let mut signer = bench.open_as(&key.key, None, &[PIN]).expect("by its serial");
            sign(&mut *signer, Dialect::Tuf1, None).expect("signed");
        }
    }
}

#[test]
fn a_key_without_its_public_half_signs_nothing_until_it_has_one() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    let delete = |kind: &str| {
        must(
            hsm.pkcs11_tool("rootward")
                .args(["--delete-object", "--type", kind, "--id", "01"]),
        )
    };
    let bench = bench(&hsm);
    let public = bench
        .tokens
        .inspect(&bench.key("rootward/root"))
        .expect("a key")
        .public
        .expect("told");
    let der = hsm.folder().join("public.der");
    must(
        hsm.pkcs11_tool("rootward")
            .args(["--read-object", "--type", "pubkey", "--id", "01", "-o"])
            .arg(&der),
    );
    delete("pubkey");
    // Without the PIN a private half is not even seen.
    assert_eq!(
        bench.open("rootward/root", &[PIN]).err().expect("nobody's").code,
        "key-not-found"
    );
    must(
        hsm.pkcs11_tool("rootward")
            .args(["--write-object"])
            .arg(&der)
            .args(["--type", "pubkey", "--id", "01", "--label", "root"]),
    );
    let mut signer = bench
        .open_as(&bench.key("rootward/root"), Some(&public.physical()), &[PIN])
        .expect("it is back");
    sign(&mut *signer, Dialect::Tuf1, None).expect("signed");
    delete("privkey");
    let mut half = bench
        .open("rootward/root", &[PIN])
        .expect("what is missing shows when it signs");
    assert_eq!(
        sign(&mut *half, Dialect::Tuf1, None).expect_err("no private half").code,
        "key-cannot-sign"
    );
    assert_eq!(
        bench.asked().last(),
        Some(&Wanted::Pin {
            tries_left: None,
            last_try: false
        })
    );
}
