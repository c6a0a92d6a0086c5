//! The `yubikey` crate's own hardware suite, run on the virtual card: what it expects of hardware, the card must do. It compiles the
//! crate and its tests once more, so only `./dev card-suite` does it.

use rootward_tests::rigs::must;
use rootward_tests::rigs::yubikey::{FIRMWARE_5_7_1, YubiKeys};
use rootward_tests::sources;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its certificate is wrong on hardware too: the crate signs SHA-512 of what Ed25519 should sign (yubikey.rs issue 670).
const WRONG_UPSTREAM: &str = "generate_self_signed_cv_cert";

#[test]
fn the_hardware_suite_of_the_yubikey_crate_passes() {
    let Some(rig) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return;
    };
    let suite = rig.folder().join("suite");
    must(Command::new("cp").arg("-r").arg(yubikey_crate()).arg(&suite));
    // The versions that Rootward is built with.
    must(Command::new("cp").arg(sources::root().join("Cargo.lock")).arg(&suite));
    let mut cargo = rig.changing(env!("CARGO")).expect("the card is ours");
    for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        cargo.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("card-suite");
    cargo.current_dir(suite).env("CARGO_TARGET_DIR", target);
    cargo.args([
        "test",
        "--test",
        "integration",
        "--",
        "--ignored",
        "--test-threads=1",
        "--skip",
        WRONG_UPSTREAM,
    ]);
    let said = String::from_utf8_lossy(&must(&mut cargo).stdout).into_owned();
    assert!(said.contains("13 passed; 0 failed"), "{said}");
}

/// Where cargo keeps the source of the crate that we are built with.
fn yubikey_crate() -> PathBuf {
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]);
    let said = must(metadata.arg(sources::root().join("Cargo.toml")));
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    let mut packages = said["packages"].as_array().unwrap().iter();
    let package = packages
        .find(|package| package["name"] == "yubikey")
        .expect("the workspace has the crate");
    Path::new(package["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap()
        .to_owned()
}
