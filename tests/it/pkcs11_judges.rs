//! Root keys behind PKCS#11 modules: python-tuf and the notary command line, which know nothing of us, accept what they sign.

use crate::ctl;
use crate::notary_rotation::gun::{Gun, Rotation};
use crate::pkcs11::PROGRAM;
use crate::{World, world};
use rootward_core::ports::{Modules, PinState};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::module_bench::{Bench, certify, sign};
use rootward_tests::rigs::notary::NotaryRig;
use rootward_tests::rigs::python_tuf::PythonTuf;
use rootward_tests::rigs::softhsm::{PIN, SO_PIN, SoftHsm};
use rootward_tests::rigs::yubikey::{FIRMWARE_5_4_3, FIRMWARE_5_7_1, YubiKeys};
use rootward_tuf::Dialect;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const NOW: &str = "2029-01-01T00:00:00Z";
/// Of a card fresh from its maker.
const CARD_PIN: &str = "123456";

/// A module in the folder of this machine's kind.
fn library(name: &str) -> PathBuf {
    let kinds = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    let places = kinds.iter().map(|kind| Path::new("/usr/lib").join(kind).join(name));
    let found = places.into_iter().find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is absent (Debian packages: ykcs11 opensc-pkcs11)"))
}

fn variables(cards: &YubiKeys) -> Vec<(OsString, OsString)> {
    let [(name, value)] = cards.env();
    vec![(name.into(), value.into())]
}

fn with_all(desk: Ctl, variables: Vec<(OsString, OsString)>) -> Ctl {
    variables.into_iter().fold(desk, |desk, (name, value)| {
        desk.with_variable(name.to_str().expect("a name"), value)
    })
}

/// Replaces the third officer's key by one behind a module.
fn into_module(desk: &Ctl, world: &World, module: &str, key: &str) -> Told {
    let (leaves, stays) = (world.key("officer_3"), world.key("officer_1"));
    desk.run([
        "rotate-root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
        "--json",
        "--module",
        module,
        "--remove",
        &leaves,
        "--add",
        key,
        "--sign",
        &stays,
    ])
}

fn is_accepted(world: &World) {
    let verdict = PythonTuf::ready().judge(world.source.as_ref(), world.root.as_ref(), NOW);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
}

#[test]
fn a_root_signed_by_an_ed25519_key_in_softhsm_is_accepted_by_python_tuf() {
    let (hsm, world) = (SoftHsm::start(), world());
    let token = "pkcs11:softhsm:build%20signers";
    let key = format!("{token}/root-2029");
    let desk = with_all(world.desk(), hsm.env())
        .with_secret(token, PIN)
        .with_secret(format!("{token};so"), SO_PIN);
    let told = desk.run(["tokens", "initialise", token, "--json"]);
    assert_eq!(
        (told.code, told.err.contains("module-not-allowed")),
        (1, true),
        "{told:?}"
    );
    let told = desk.run(["tokens", "initialise", token, "--module", "softhsm", "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.json()["token"], token);
    let told = desk.run([
        "tokens",
        "generate",
        &key,
        "--algorithm",
        "ed25519",
        "--module",
        "softhsm",
        "--json",
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    let born = told.json();
    assert_eq!(
        (&born["key"], &born["algorithm"]),
        (&key.as_str().into(), &"Ed25519".into())
    );
    let told = into_module(&desk, &world, "softhsm", &key);
    assert_eq!(told.code, 0, "{told:?}");
    is_accepted(&world);
    // A module that is not allowed is not loaded, whatever a key is called.
    let told = desk.run([
        "rotate-root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
        "--remove",
        &key,
    ]);
    assert!(told.code == 1 && told.err.contains("module-not-allowed"), "{told:?}");
}

#[test]
fn modules_are_loaded_when_a_person_allowed_them_and_tokens_are_listed_with_their_trouble() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    let desk = with_all(ctl(), hsm.env());
    let list = |more: &[&str]| desk.run([&["tokens", "--json"], more].concat());
    let shown = |told: &Told| told.json()["tokens"].as_array().map_or(0, Vec::len);
    let allowed = desk.run(["tokens", "allow", "softhsm", "--json"]);
    assert!(allowed.code == 0 && shown(&allowed) >= 1, "{allowed:?}");
    let view = list(&[]).json();
    let token = view["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["token"] == "pkcs11:softhsm:rootward");
    let token = token.unwrap_or_else(|| panic!("{view:#}"));
    assert_eq!(
        (&token["module"], &token["slots"][0]["key"]),
        (&"softhsm".into(), &"pkcs11:softhsm:rootward/root".into())
    );
    let people = desk.run(["tokens"]);
    assert!(
        people.out.contains("pkcs11:softhsm:rootward/root") && people.out.contains("rootward (softhsm)"),
        "{people:?}"
    );
    let other = list(&["--module", "/nowhere/module.so"]);
    assert_eq!(other.code, 1, "{other:?}");
    let modules = other.json()["modules"].clone();
    let failed = modules
        .as_array()
        .unwrap()
        .iter()
        .find(|module| module["module"] == "/nowhere/module.so");
    assert_eq!(
        failed.map(|module| &module["failure"]["code"]),
        Some(&Value::from("module-unusable"))
    );
    assert!(shown(&other) >= 1, "a module that fails hides no token");
    let forbidden = desk.run(["tokens", "forbid", "softhsm"]);
    assert_eq!(forbidden.code, 0, "{forbidden:?}");
    let told = list(&[]);
    assert!(!told.out.contains("rootward (softhsm)"), "{told:?}");
    assert_eq!(desk.run(["tokens", "allow", "softhsm.so"]).code, 2);
}

#[test]
fn ykcs11_finds_keys_by_their_labels_asks_each_time_and_shows_no_attestation_key() {
    let Some(cards) = YubiKeys::one(FIRMWARE_5_4_3) else {
        return;
    };
    let serial = cards.card(0).serial();
    let desk = with_all(ctl(), variables(&cards));
    for slot in ["9a", "9c"] {
        cards.changing("true").expect("only cards of the rig");
        let policy = ["--touch-policy", "never"];
        let key = format!("yubikey:{serial}/{slot}");
        let told = desk.run([&["tokens", "generate", &key, "--json"][..], &policy].concat());
        assert_eq!(told.code, 0, "{told:?}");
    }
    let bench = Bench::new(PROGRAM, &library("libykcs11.so.2"), variables(&cards));
    let told = bench.told().expect("a list");
    let [token] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        (token.token.label.as_str(), token.pin),
        (format!("YubiKey PIV #{serial}").as_str(), PinState::Fine)
    );
    assert_eq!(token.keys.len(), 2, "{token:#?}");
    for key in &token.keys {
        let public = key.public.as_ref().expect("told").physical();
        let mut signer = bench.open_as(&key.key, Some(&public), &[CARD_PIN]).expect("opened");
        assert_eq!(bench.asked().len(), 1);
        for _ in 0..2 {
            sign(&mut *signer, Dialect::Tuf1, None).expect("signed");
        }
        let certificate = certify(&mut *signer).expect("a certificate");
        sign(&mut *signer, Dialect::Notary, Some(&certificate)).expect("signed");
    }
    let stopped = bench
        .open_as(&token.keys[0].key, None, &["000000"])
        .err()
        .expect("a wrong PIN");
    assert_eq!(stopped.code, "wrong-pin");
    assert_eq!(cards.card(0).retries_left(), 2, "one try for one wrong PIN");
    bench
        .open_as(&token.keys[0].key, None, &[CARD_PIN])
        .expect("the right one");
    assert_eq!(cards.card(0).retries_left(), 3);
    cards.card(0).unplug();
    cards.until_seen(0);
    let gone = bench
        .open_as(&token.keys[0].key, None, &[CARD_PIN])
        .err()
        .expect("unplugged");
    assert_eq!(gone.code, "token-absent");
}

#[test]
fn opensc_shows_keys_with_certificates_and_signs_with_them() {
    let Some(cards) = YubiKeys::one(FIRMWARE_5_4_3) else {
        return;
    };
    let tool = |args: &[&str]| {
        let mut command = cards.changing("yubico-piv-tool").expect("only cards of the rig");
        rootward_tests::rigs::must(command.args(args));
    };
    for slot in ["9a", "9c"] {
        tool(&["-a", "generate", "-s", slot, "-A", "ECCP256", "-o", "public.pem"]);
        tool(&["-a", "attest", "-s", slot, "-o", "certificate.pem"]);
        tool(&["-a", "import-certificate", "-s", slot, "-i", "certificate.pem"]);
    }
    let bench = Bench::new(PROGRAM, &library("opensc-pkcs11.so"), variables(&cards));
    let told = bench.told().expect("a list");
    let keys: Vec<_> = told.iter().flat_map(|token| &token.keys).collect();
    let signing: Vec<_> = keys.iter().filter(|key| key.public.is_some()).collect();
    assert!(signing.len() >= 2, "{told:#?}");
    let mut signed = 0;
    for key in signing {
        let public = key.public.as_ref().expect("told").physical();
        let Ok(mut signer) = bench.open_as(&key.key, Some(&public), &[CARD_PIN]) else {
            continue;
        };
        if sign(&mut *signer, Dialect::Tuf1, None).is_ok() {
            signed += 1;
        }
    }
    assert_eq!(signed, 2, "the keys of 9a and 9c: {told:#?}");
}

#[test]
fn a_root_signed_through_ykcs11_is_accepted_by_python_tuf_and_by_the_notary_command_line() {
    let Some(cards) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return;
    };
    let serial = cards.card(0).serial();
    let slot = format!("yubikey:{serial}/9c");
    let born =
        with_all(ctl(), variables(&cards)).run(["tokens", "generate", &slot, "--touch-policy", "never", "--json"]);
    assert_eq!(born.code, 0, "{born:?}");
    let bench = Bench::new(PROGRAM, &library("libykcs11.so.2"), variables(&cards));
    bench
        .tokens
        .allow(&[rootward_core::ports::ModuleName::new("ykcs11").expect("a name")]);
    let told = bench.told().expect("a list");
    let key = format!("pkcs11:{}", told[0].keys[0].key);
    let token = format!("pkcs11:{}", told[0].token);

    let world = world();
    let desk = with_all(world.desk(), variables(&cards)).with_secret(&token, CARD_PIN);
    let told = into_module(&desk, &world, "ykcs11", &key);
    assert_eq!(told.code, 0, "{told:?}");
    is_accepted(&world);

    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "registry.example:5005/lab/module");
    let desk = std::mem::replace(&mut gun.desk, ctl());
    gun.desk = with_all(desk, variables(&cards)).with_secret(&token, CARD_PIN);
    let rotation = Rotation {
        remove: vec![gun.key("root")],
        add: vec![key],
        sign: vec![gun.key("snapshot")],
        more: vec!["--module", "ykcs11"],
    };
    gun.rotate("root", &rotation);
    gun.judge("root is behind a module");
}
