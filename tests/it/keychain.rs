//! Keys in the keychain of a desktop: stored, used and removed; and a desk that lives on where no keychain answers.

use crate::{PASSPHRASE, ctl, foreign_key, world};
use rootward_tests::ctl::Ctl;
use rootward_tests::rigs::keychain::Keychain;
use rootward_tests::traces::Traces;
use std::time::Duration;

const NOW: &str = "2029-01-01T00:00:00Z";

fn in_session(desk: Ctl, session: &Keychain) -> Ctl {
    session
        .env()
        .into_iter()
        .fold(desk, |desk, (name, value)| desk.with_variable(name, value))
}

#[test]
fn a_key_in_the_keychain_of_a_desktop_signs_root_only_where_somebody_said_so() {
    let (session, world, (_place, file)) = (Keychain::unlocked(), world(), foreign_key());
    let (leaves, stays) = (world.key("officer_3"), world.key("officer_1"));
    for (more, code, word) in [(vec![], 1, "keychain-not-for-root"), (vec!["--may-sign-root"], 0, "")] {
        let desk = in_session(world.desk().with_secret(&file, PASSPHRASE), &session);
        let stored = desk.run([&["keychain", "store", "nightly", "--from", &file, "--json"][..], &more].concat());
        assert_eq!(stored.code, 0, "{stored:?}");
        let listed = desk.run(["keychain", "--json"]).json();
        assert_eq!(listed["keys"][0]["physical_key"], stored.json()["physical_key"]);
        let again = desk.run(["keychain", "store", "nightly", "--from", &file]);
        assert!(again.code == 1 && again.err.contains("never overwritten"), "{again:?}");
        let told = world.rotate(&desk, &leaves, "keychain:nightly", &stays);
        assert!(told.code == code && told.err.contains(word), "{word}: {told:?}");
        let begun = desk.run(["ceremony", "list", "--json"]).json();
        let begun = begun["items"].as_array().unwrap().len();
        assert_eq!(begun, usize::from(code == 0), "what is refused was never begun");
        let held = desk.run(["keys", "ring", "--filter", "held=keychain", "--json"]).json();
        assert_eq!(held["keys"].as_array().map(Vec::len), Some(1), "{held:#}");
        // Neither the key nor its passphrase is anywhere but in the keychain.
        let desk_files = Traces::of(PASSPHRASE).below(&desk.data());
        assert_eq!(desk_files, [""; 0]);
        let removed = desk.run(["keychain", "remove", "nightly"]);
        assert_eq!(removed.code, 0, "{removed:?}");
        let gone = desk.run(["keychain", "remove", "nightly"]);
        assert!(gone.code == 2 && gone.err.contains("key-not-found"), "{gone:?}");
    }
    let verified = ctl().run(["verify", &world.source, "--root", &world.root, "--at", NOW, "--json"]);
    assert_eq!(
        (verified.code, &verified.json()["root_versions"]),
        (0, &serde_json::json!([1, 2])),
        "{verified:?}"
    );
}

#[test]
fn a_keychain_that_never_answers_is_a_fault_in_bounded_time_and_the_desk_lives_on() {
    let (_place, file) = foreign_key();
    // What a locked one does with nobody there is its own affair: it gives up, or waits for a person for ever.
    for (session, word) in [
        (Keychain::silent(), "keychain-silent"),
        (Keychain::locked(), "keychain-"),
    ] {
        let desk = in_session(ctl().with_secret(&file, PASSPHRASE), &session).with_variable("ROOTWARD_KEYCHAIN", "2");
        let told = desk.run(["keychain", "store", "nightly", "--from", &file]);
        assert!(told.code == 2 && told.err.contains(word), "{told:?}");
        assert!(told.took < Duration::from_secs(30), "{told:?}");
        let listed = desk.run(["keychain", "--json"]);
        assert_eq!(
            (listed.code, listed.json()["keys"].as_array().unwrap().len()),
            (0, 0),
            "{listed:?}"
        );
    }
    let session = Keychain::silent();
    let desk = in_session(ctl(), &session).with_variable("ROOTWARD_KEYCHAIN", "2");
    let checked = desk.run(["selftest", "--skip", "tokens", "--json"]);
    let report = checked.json();
    assert_eq!((checked.code, &report["passed"]), (1, &false.into()), "{report:#}");
    let keychain = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == "keychain")
        .unwrap();
    assert_eq!(keychain["state"], "failed");
}

#[test]
fn where_there_is_no_keychain_or_none_is_wanted_that_is_said_at_once() {
    let (place, file) = foreign_key();
    let nowhere = place.path().join("no-bus");
    let nobody = ctl()
        .with_secret(&file, PASSPHRASE)
        .with_variable("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", nowhere.display()));
    let session = Keychain::silent();
    let unwanted =
        in_session(ctl().with_secret(&file, PASSPHRASE), &session).with_variable("ROOTWARD_KEYCHAIN", "none");
    for desk in [nobody, unwanted] {
        let told = desk.run(["keychain", "store", "nightly", "--from", &file]);
        assert!(told.code == 2 && told.err.contains("keychain-missing"), "{told:?}");
        let told = desk.without_secrets().run(["selftest", "--skip", "tokens", "--json"]);
        assert_eq!(told.code, 0, "a machine without a keychain is a good machine: {told:?}");
    }
}
