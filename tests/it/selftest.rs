//! `rootwardctl selftest`: whether a machine can be worked on.

use crate::ctl;
use serde_json::Value;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rootwardctl-under-test");

fn state<'a>(report: &'a Value, name: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["check"] == name)
        .unwrap_or_else(|| panic!("no check {name}: {report:#}"));
    check["state"].as_str().unwrap()
}

#[test]
fn a_program_knows_its_own_digest_and_refuses_another() {
    let digest = Command::new("sha256sum").arg(PROGRAM).output().unwrap();
    let digest = String::from_utf8(digest.stdout)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    let skip = ["--skip", "tokens", "--skip", "keychain"];
    let desk = ctl();
    let told = desk.run([&["selftest", "--json", "--digest", &digest][..], &skip].concat());
    let report = told.json();
    assert_eq!(
        (told.code, state(&report, "program"), state(&report, "tokens")),
        (0, "ok", "not-checked"),
        "{report:#}"
    );
    let told = desk.run(
        [
            &["selftest", "--json", "--digest", &digest.replace(&digest[..1], "x")][..],
            &skip,
        ]
        .concat(),
    );
    assert_eq!((told.code, state(&told.json(), "program")), (1, "failed"));
    let text = desk.run([&["selftest"][..], &skip].concat());
    assert!(text.code == 0 && text.out.contains(&digest), "{text:?}");
    assert!(!desk.data().exists(), "a self-test makes no desk");
}

#[test]
fn a_machine_without_a_smart_card_service_is_told_so() {
    let desk = ctl().with_variable("PCSCLITE_CSOCK_NAME", "/nonexistent");
    let told = desk.run(["selftest", "--json", "--skip", "keychain"]);
    let report = told.json();
    assert_eq!((told.code, state(&report, "tokens")), (1, "failed"), "{report:#}");
}
