//! A token as it was delivered becomes one for a root key; whatever cuts that off, nobody is left with a token whose
//! secrets nobody has.

use crate::ctl;
use rootward_core::keyring::attestation::{AddedRoot, Roots, StatedPin, verify};
use rootward_core::ports::{Attestation, TouchPolicy};
use rootward_tests::{
    rigs::yubikey::{FIRMWARE_5_4_3, FIRMWARE_5_7_1, Fault, RIG_SERIALS, When, YubiKeys},
    tokens::{Account, Desk, order},
};
use rootward_tuf::encoding::from_hex;
use serde_json::{Value, json};
use virtual_yubikey::AttestationRoot;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tokens-under-test");
const SERIAL: u32 = *RIG_SERIALS.start();
const DELIVERED: &str = "123456";
const PIN: &str = "604812";
/// The PUK that was shown is typed back, then the PIN is chosen.
const TYPED: &[&str] = &["=", PIN, PIN];

fn rig(firmware: [u8; 3]) -> Option<(YubiKeys, Desk)> {
    let rig = YubiKeys::one(firmware)?;
    let desk = Desk::of(&rig, PROGRAM);
    Some((rig, desk))
}

fn at(slot: &str) -> String {
    format!("{SERIAL}/{slot}")
}

fn ready(desk: &mut Desk, secrets: &[&str]) -> Account {
    desk.does(order("ready", &at("9c"), secrets))
}

fn steps(account: &Account) -> Vec<String> {
    let steps = account.ok()["steps"].as_array().expect("steps");
    steps
        .iter()
        .map(|step| step.as_str().expect("a step").to_owned())
        .collect()
}

#[test]
fn a_delivered_token_becomes_one_whose_secrets_only_its_officer_has_and_its_key_is_proven() {
    for firmware in [FIRMWARE_5_4_3, FIRMWARE_5_7_1] {
        let Some((rig, mut desk)) = rig(firmware) else { return };
        let told = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
        assert_eq!(told, json!(["AsDelivered", "AsDelivered", "AsDelivered"]));
        let made = ready(&mut desk, TYPED);
        assert_eq!(
            steps(&made),
            [
                "Puk Done",
                "Pin Done",
                "ManagementKey Done",
                "Key Done",
                "Attestation Done"
            ]
        );
        let asked: Vec<_> = made.asked().iter().map(|asked| asked["wants"].clone()).collect();
        assert_eq!(asked, ["NewPuk", "NewTokenPin", "NewTokenPin"]);
        let told = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
        assert_eq!(told, json!(["Changed", "Changed", "BehindPin"]));
        assert_eq!(desk.does(order("open", &at("9c"), &[DELIVERED])).code(), "wrong-pin");
        desk.does(order("open", &at("9c"), &[PIN])).ok();
        // The PIN is all it takes to change a slot from now on.
        desk.does(order("generate", &at("82"), &[PIN])).ok();
        assert_eq!(rig.card(0).retries_left(), 3);

        let der = |place: usize| from_hex(made.ok()["attestation"][place].as_str().expect("hex")).expect("hex");
        let attestation = Attestation {
            slot: der(0),
            device: der(1),
            between: Vec::new(),
        };
        let root = AddedRoot::read(&AttestationRoot::Rig.certificate()).expect("the rig's root");
        let proven = verify(&attestation, &Roots::of_makers().and(&root), None).expect("proven");
        assert_eq!(json!(proven.physical().to_string()), made.ok()["key"]);
        assert_eq!((proven.serial, proven.firmware), (Some(SERIAL), firmware));
        assert_eq!((proven.pin, proven.touch), (StatedPin::Always, TouchPolicy::Always));
    }
}

#[test]
fn a_token_that_is_ready_is_left_as_it_is() {
    let Some((rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    let first = ready(&mut desk, TYPED).ok()["key"].clone();
    let before = rig.card(0).state_digest();
    let again = ready(&mut desk, &[PIN]);
    assert_eq!(again.ok()["key"], first);
    assert_eq!(
        steps(&again),
        [
            "Puk WasSo",
            "Pin WasSo",
            "ManagementKey WasSo",
            "Key WasSo",
            "Attestation Done"
        ]
    );
    assert_eq!(rig.card(0).state_digest(), before);
    // Somebody's key in the slot is never taken for one that was to be made.
    let other = desk.does(json!({ "do": "ready", "at": at("9c"), "touch": "cached", "secrets": [PIN] }));
    assert_eq!((other.code(), other.asked().len()), ("slot-occupied", 0));
}

#[test]
fn nothing_changes_before_two_pins_are_the_same_and_a_pin_that_was_set_is_asked_for() {
    let Some((rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    let before = rig.card(0).state_digest();
    let cancelled = ready(&mut desk, &[]);
    assert_eq!(cancelled.code(), "prompt-closed");
    assert_eq!(
        rig.card(0).state_digest(),
        before,
        "the PUK was shown and not typed back"
    );
    assert_eq!(ready(&mut desk, &["12345678"]).code(), "new-secret-refused");
    assert_eq!(rig.card(0).state_digest(), before);
    let slips = ready(&mut desk, &["=", DELIVERED, "12345", "604812", "604813"]);
    assert_eq!(slips.code(), "prompt-closed");
    let notices: Vec<_> = slips
        .asked()
        .iter()
        .filter_map(|asked| asked["notice"].as_str())
        .collect();
    assert!(
        notices[0].contains("delivered with") && notices[1].contains("6 to 8"),
        "{notices:?}"
    );
    assert!(notices[2].contains("not the same"), "{notices:?}");
    let told = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
    assert_eq!(
        told,
        json!(["AsDelivered", "Changed", "AsDelivered"]),
        "the PUK alone was taken"
    );
    // From here on the PIN is chosen; then it is asked for, and a wrong one counts.
    let half = ready(&mut desk, &[PIN, PIN]);
    assert_eq!(half.code(), "");
    let wrong = ready(&mut desk, &["000000"]);
    assert_eq!((wrong.code(), wrong.detail("tries_left")), ("wrong-pin", "2"));
    assert_eq!(ready(&mut desk, &["000000"]).code(), "last-try-declined");
    desk.does(order("open", &at("9c"), &[PIN])).ok();
}

#[test]
fn a_management_key_that_somebody_chose_must_be_shown() {
    let Some((rig, mut desk)) = rig(FIRMWARE_5_4_3) else {
        return;
    };
    let chosen = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718";
    let other = "010203040506070801020304050607080102030405060709";
    let mut tool = rig.reading("yubico-piv-tool");
    let done = tool
        .args(["-a", "set-mgm-key", "-n", chosen])
        .output()
        .expect("the tool runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
    assert_eq!(told[2], "Other");
    let wrong = ready(&mut desk, &["=", PIN, PIN, other, other, other]);
    assert_eq!(wrong.code(), "wrong-management-key");
    assert_eq!(desk.does(order("facts", &at("9c"), &[])).ok()["slots"], json!([]));
    let right = ready(&mut desk, &[PIN, chosen]);
    assert_eq!(steps(&right)[2..4], ["ManagementKey Done", "Key Done"]);
    let told = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
    assert_eq!(told[2], "BehindPin");
}

#[test]
fn an_erased_token_is_as_it_was_delivered() {
    let Some((_rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    let made = ready(&mut desk, TYPED);
    made.ok();
    desk.does(order("erase", &at("9c"), &[])).ok();
    let told = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
    assert_eq!(told, json!(["AsDelivered", "AsDelivered", "AsDelivered"]));
    assert_eq!(desk.does(order("open", &at("9c"), &[])).code(), "slot-empty");
    assert_ne!(ready(&mut desk, TYPED).ok()["key"], made.ok()["key"]);
}

/// What may cut a run off, at the commands that change something: instruction and how often it comes.
const CUTS: [(u8, usize); 6] = [(0x24, 2), (0xdb, 3), (0xff, 1), (0x47, 1), (0xf9, 1), (0x20, 3)];

#[test]
fn a_run_that_is_cut_off_is_taken_up_by_the_next_and_no_secret_is_lost() {
    let Some((rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    let card = rig.card(0);
    for (ins, times) in CUTS {
        for nth in 1..=times {
            for fault in [Fault::Unplugged, Fault::AnswerLost, Fault::Status(0x6f00)] {
                let told = format!("command {nth} of {ins:02x}, {fault:?}");
                card.fault_at(nth, When::Ins(ins), fault);
                let cut = ready(&mut desk, TYPED);
                assert!(!card.fault_is_pending(), "{told} came up");
                let named = [
                    "token-absent",
                    "token-busy",
                    "token-failed",
                    "new-secret-refused",
                    "wrong-pin",
                    "",
                ];
                assert!(named.contains(&cut.code()), "{told}: {cut:?}");
                card.no_faults();
                card.replug();
                await_card(&mut desk);
                // Whoever goes on has the PUK on paper and the PIN in mind, or is asked to choose.
                let pin = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
                let secrets: Vec<&str> = [(&pin[1], "="), (&pin[0], PIN), (&pin[0], PIN)]
                    .into_iter()
                    .filter(|(told, _)| *told == "AsDelivered")
                    .map(|(_, typed)| typed)
                    .chain((pin[0] == "Changed").then_some(PIN))
                    .collect();
                let again = ready(&mut desk, &secrets);
                assert_eq!(again.code(), "", "{told}, then {secrets:?}: {again:?}");
                let told_then = desk.does(order("readiness", &at("9c"), &[])).ok().clone();
                assert_eq!(told_then, json!(["Changed", "Changed", "BehindPin"]), "{told}");
                desk.does(order("generate", &at("82"), &[PIN])).ok();
                desk.does(order("erase", &at("9c"), &[])).ok();
            }
        }
    }
}

/// A card that was away is seen again by its reader within seconds.
fn await_card(desk: &mut Desk) {
    for _ in 0..100 {
        if desk.does(order("facts", &at("9c"), &[])).code().is_empty() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the card does not come back");
}

#[test]
fn a_script_makes_a_token_ready_and_its_desk_knows_where_the_key_was_born() {
    let Some((rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = |name: &str| folder.path().join(name).to_str().expect("a path of ours").to_owned();
    std::fs::write(file("root.der"), AttestationRoot::Rig.certificate()).expect("a folder of ours");
    let ctl = rig
        .env()
        .into_iter()
        .fold(ctl(), |ctl, (name, value)| ctl.with_variable(name, value));
    let mut ctl = ctl.with_secret(format!("new:yubikey:{SERIAL}"), PIN);
    let key = format!("yubikey:{SERIAL}/9c");
    let (root, label) = (file("root.der"), file("label.html"));
    let provision = |ctl: &rootward_tests::ctl::Ctl, more: &[&str]| {
        let told = ctl.run([&["provision", &key, "--loss", "second-token", "--json"], more].concat());
        (
            told.code,
            serde_json::from_str::<Value>(&told.out).unwrap_or(Value::Null),
            told.err,
        )
    };
    let (code, _, err) = provision(&ctl, &[]);
    assert_eq!(code, 3, "no PUK was given: {err}");
    assert!(err.contains("new PUK"), "{err}");
    ctl.learn(format!("new:yubikey:{SERIAL}/puk"), "90210734");
    let (code, ready, err) = provision(&ctl, &["--root", &root, "--label", &label]);
    assert_eq!(code, 0, "{err}");
    let steps: Vec<_> = ready["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["done"] == true)
        .collect();
    assert_eq!(steps, [true; 5]);
    assert_eq!(ready["attestation"]["kept"], true);
    let held = "held in YubiKey 990 000 000, firmware 5.7.1, touch always";
    assert_eq!(ready["attestation"]["held"], held);
    let card = std::fs::read_to_string(&label).expect("the label");
    assert!(
        card.contains("990 000 000") && card.contains("9c") && card.contains("second token"),
        "{card}"
    );
    assert!(
        !card.contains(PIN) && !card.contains("90210734") && !card.contains("<script"),
        "{card}"
    );

    // Again: the PIN is all it takes, and nothing is replaced.
    ctl.learn(format!("yubikey:{SERIAL}"), PIN);
    let (code, again, err) = provision(&ctl, &[]);
    assert_eq!(
        (code, &again["slot"]["physicalKey"]),
        (0, &ready["slot"]["physicalKey"]),
        "{err}"
    );
    let (code, _, err) = provision(&ctl, &["--erase", "990000001"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("erase-not-confirmed"), "{err}");
    assert_eq!(desk.does(order("open", &at("9c"), &[PIN])).code(), "");
    let (code, erased, err) = provision(&ctl, &["--erase", "990000000"]);
    assert_eq!(code, 0, "{err}");
    assert_ne!(erased["slot"]["physicalKey"], ready["slot"]["physicalKey"]);

    // A key that is only generated is attested and kept as well.
    let told = ctl.run(["tokens", "generate", &format!("yubikey:{SERIAL}/9a"), "--json"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.err.contains(held), "{}", told.err);
    let listed = ctl.run([
        "provision",
        &format!("yubikey:{SERIAL}/9d"),
        "--loss",
        "imported-twice",
        "--json",
    ]);
    let ready: Value = serde_json::from_str(&listed.out).expect("JSON");
    assert_eq!(
        (listed.code, &ready["slot"], &ready["attestation"]),
        (0, &Value::Null, &Value::Null)
    );
}
