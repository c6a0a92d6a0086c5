//! An empty token of a PKCS#11 module becomes one for a root key, in the same form as a YubiKey; what was cut off is gone on with.

use crate::ctl;
use rootward_core::ports::{Modules, NewModuleKey, PromptRequest};
use rootward_tests::{
    ctl::{Ctl, Told},
    module_bench::Bench,
    rigs::softhsm::{PIN, SO_PIN, SoftHsm},
};
use serde_json::Value;

const KEY: &str = "pkcs11:softhsm:rootward/root-1";
const TOKEN: &str = "pkcs11:softhsm:rootward";

/// A desk of its own before these tokens, with every secret of theirs.
fn desk(hsm: &SoftHsm) -> Ctl {
    let desk = hsm.env().into_iter().fold(ctl(), |ctl, (name, value)| {
        ctl.with_variable(name.to_str().expect("a name of ours"), value)
    });
    desk.with_secret(TOKEN, PIN).with_secret(format!("{TOKEN};so"), SO_PIN)
}

fn provision(desk: &Ctl, more: &[&str]) -> Told {
    let order = [
        "provision",
        KEY,
        "--module",
        "softhsm",
        "--loss",
        "second-token",
        "--json",
    ];
    desk.run([&order[..], more].concat())
}

fn steps(told: &Told) -> Vec<(String, bool)> {
    let ready = told.json();
    let steps = ready["steps"].as_array().unwrap_or_else(|| panic!("{told:?}"));
    let step = |step: &Value| (step["step"].as_str().expect("a name").to_owned(), step["done"] == true);
    steps.iter().map(step).collect()
}

#[test]
fn an_empty_token_is_initialised_and_has_a_key_that_asks_each_time_and_nothing_is_called_proven() {
    let hsm = SoftHsm::start();
    let desk = desk(&hsm);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let label = folder.path().join("label.html");
    let label_path = label.to_str().expect("paths of tests are UTF-8");
    let made = provision(&desk, &["--label", label_path]);
    assert_eq!(made.code, 0, "{made:?}");
    let named = |name: &str, done| (name.to_owned(), done);
    let all = [
        named("so-pin", true),
        named("pin", true),
        named("key", true),
        named("attestation", false),
    ];
    assert_eq!(steps(&made), all);
    let ready = made.json();
    assert_eq!(
        (&ready["label"], &ready["serial"], &ready["attestation"]),
        (&"rootward (softhsm)".into(), &Value::Null, &Value::Null)
    );
    let said = ready["steps"][3]["said"].to_string();
    assert!(said.contains("no PKCS#11 module proves"), "{said}");
    let card = std::fs::read_to_string(&label).expect("the label");
    assert!(card.contains("rootward") && card.contains("no module proves"), "{card}");
    assert!(!card.contains(PIN) && !card.contains(SO_PIN), "{card}");

    // OpenSC's program, which knows nothing of us, sees what was asked for.
    let listed = hsm
        .pkcs11_tool("rootward")
        .args(["--list-objects", "--type", "privkey"])
        .output()
        .expect("the tool runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        listed.contains("always authenticate") && listed.contains("never extractable"),
        "{listed}"
    );

    // Again: nothing is replaced, and no key is added.
    let again = provision(&desk, &[]);
    assert_eq!(
        (again.code, &again.json()["slot"]["physicalKey"]),
        (0, &ready["slot"]["physicalKey"]),
        "{again:?}"
    );
    // Another kind under the same label is somebody's key.
    let other = provision(&desk, &["--algorithm", "ed25519"]);
    assert!(other.code == 1 && other.err.contains("slot-occupied"), "{other:?}");
}

#[test]
fn a_token_that_was_left_without_a_pin_is_gone_on_with_by_its_so_pin() {
    let hsm = SoftHsm::start();
    hsm.initialise_without_pin("rootward");
    let wrong = hsm.env().into_iter().fold(ctl(), |ctl, (name, value)| {
        ctl.with_variable(name.to_str().expect("a name of ours"), value)
    });
    let wrong = wrong
        .with_secret(TOKEN, PIN)
        .with_secret(format!("{TOKEN};so"), "00000000");
    let refused = provision(&wrong, &[]);
    assert!(refused.code != 0 && refused.err.contains("wrong-pin"), "{refused:?}");
    let made = provision(&desk(&hsm), &[]);
    assert_eq!(made.code, 0, "{made:?}");
    let said = made.json()["steps"][0]["said"].to_string();
    assert!(said.contains("initialised before"), "{said}");
    // Its PIN signs.
    let signs = desk(&hsm).run([
        "tokens",
        "generate",
        "pkcs11:softhsm:rootward/more",
        "--module",
        "softhsm",
    ]);
    assert_eq!(signs.code, 0, "{signs:?}");
}

#[test]
fn a_token_that_has_a_pin_is_given_no_first_one() {
    let hsm = SoftHsm::with_token("rootward");
    let bench = Bench::new(env!("CARGO_BIN_EXE_rootwardctl-under-test"), &hsm.module(), hsm.env());
    let token = bench.token("rootward");
    let refused = bench
        .tokens
        .set_first_pin(&token, bench.person(), &PromptRequest::default());
    assert_eq!(refused.expect_err("it has one").code, "token-initialised");
    assert!(bench.asked().is_empty(), "nobody is asked");
    let told = bench.told().expect("a list");
    let made = &told.iter().find(|token| token.is_initialised).expect("the token").makes;
    assert!(
        made.contains(&NewModuleKey::P256) && made.contains(&NewModuleKey::Ed25519),
        "{made:?}"
    );
}
