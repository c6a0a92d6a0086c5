//! `rootwardctl keys`: what other programs keep is listed before any of it is used.

use crate::ctl;
use rootward_tests::rigs::notary::NotaryRig;
use serde_json::Value;
use std::fs;

const GUN: &str = "reg.example/team/app";

#[test]
fn keys_of_the_notary_command_line_are_listed_with_both_ids_and_nothing_is_asked() {
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    let (folder, listed) = (rig.trust_folder(), rig.notary(&["key", "list"]));
    let told = ctl().run(["keys".as_ref(), folder.as_os_str(), "--json".as_ref()]);
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    let found = &report["folders"][0];
    assert_eq!(found["repositories"][0]["gun"], GUN);
    let keys = found["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 3, "{report:#}");
    let root: Value =
        serde_json::from_slice(&fs::read(folder.join(format!("tuf/{GUN}/metadata/root.json"))).unwrap()).unwrap();
    for key in keys {
        let (role, canonical) = (key["role"].as_str().unwrap(), key["canonical_keyid"].as_str().unwrap());
        assert!(
            listed.contains(canonical),
            "{role}: {canonical} is what the command line calls it: {listed}"
        );
        assert_eq!(key["keyids"], root["signed"]["roles"][role]["keyids"], "{role}");
        assert_eq!(key["uses"][0]["role"], role);
        assert!(key["physical_key"].as_str().unwrap().starts_with("sha256:"));
        assert_eq!(key["findings"][0]["code"], "weak-passphrase-stretching");
        assert_eq!(
            (&key["encrypted"], &key["keyid_checked"]),
            (&true.into(), &false.into())
        );
    }
    let text = ctl().run(["keys".as_ref(), folder.as_os_str()]);
    assert!(
        text.code == 0 && text.out.contains(&format!("targets key of {GUN}")),
        "{text:?}"
    );
}

#[test]
fn a_folder_that_is_not_there_could_not_be_listed() {
    let place = tempfile::tempdir().unwrap();
    let missing = place.path().join("missing");
    let told = ctl().run(["keys".as_ref(), missing.as_os_str()]);
    assert_eq!(told.code, 2, "{told:?}");
}

#[test]
fn without_a_folder_those_of_notary_and_docker_in_the_home_are_listed() {
    let home = tempfile::tempdir().unwrap();
    for folder in [".notary/private", ".docker/trust/private"] {
        fs::create_dir_all(home.path().join(folder)).unwrap();
    }
    let told = ctl().with_variable("HOME", home.path()).run(["keys", "--json"]);
    let folders = told.json()["folders"].as_array().unwrap().len();
    assert_eq!((told.code, folders), (0, 2), "{told:?}");
}
