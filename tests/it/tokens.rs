//! Tokens: keys are born in them, found by their public half, and sign what is shown; every trouble has a name of its own.

use std::time::{Duration, Instant};

use rootward_tests::{
    rigs::yubikey::{CardSpec, FIRMWARE_5_4_3, FIRMWARE_5_7_1, Fault, RIG_SERIALS, Touch, When, YubiKeys},
    tokens::{Desk, order},
};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tokens-under-test");
const SERIAL: u32 = *RIG_SERIALS.start();
const PIN: &str = "123456";

/// A slot of the rig's first card.
fn slot(slot: &str) -> String {
    format!("{SERIAL}/{slot}")
}

fn rig(firmware: [u8; 3]) -> Option<(YubiKeys, Desk)> {
    let rig = YubiKeys::one(firmware)?;
    let desk = Desk::of(&rig, PROGRAM);
    Some((rig, desk))
}

/// A card with a key in 9c that asks for PIN and touch each time.
fn with_key() -> Option<(YubiKeys, Desk)> {
    let (rig, mut desk) = rig(FIRMWARE_5_7_1)?;
    desk.does(order("generate", &slot("9c"), &[])).ok();
    Some((rig, desk))
}

#[test]
fn a_key_is_born_certified_and_signs_with_one_pin_and_one_touch_a_signature() {
    for firmware in [FIRMWARE_5_4_3, FIRMWARE_5_7_1] {
        let Some((rig, mut desk)) = rig(firmware) else { return };
        let born = desk.does(order("generate", &slot("9c"), &[]));
        let key = born.ok().clone();
        assert!(
            born.asked().is_empty(),
            "the management key is the one it was made with"
        );
        let facts = desk.does(order("facts", &slot("9c"), &[])).ok().clone();
        let held = &facts["slots"][0];
        assert_eq!(
            (&held["slot"], &held["key"], &held["algorithm"]),
            (&json!("9c"), &key, &json!("ecdsa-p256"))
        );
        assert_eq!(
            (&held["pin"], &held["touch"], &held["origin"]),
            (&json!("always"), &json!("always"), &json!("generated"))
        );
        assert_eq!(
            (&facts["tries"], &facts["defaultManagementKey"]),
            (&json!(3), &json!(true))
        );
        assert_eq!(*desk.does(json!({ "do": "find", "key": key })).ok(), json!(slot("9c")));
        let opened = desk.does(json!({ "do": "open", "at": slot("9c"), "key": key, "secrets": [PIN] }));
        assert_eq!((opened.ok(), opened.asked().len()), (&json!(true), 1));
        rig.card(0).reset_counters();
        let gun = "registry.example:5000/a/rather/long/name/of/a/repository/with/many/parts/that/goes/on/and/on/until/it/is/so/long/as/this";
        let certified = desk.does(json!({ "do": "certify", "gun": gun }));
        certified.ok();
        assert_eq!(
            certified.touches()[0]["signs"],
            json!(format!("the certificate for {gun}"))
        );
        for dialect in ["notary", "tuf"] {
            let signed = desk.does(json!({ "do": "sign", "dialect": dialect }));
            signed.ok();
            assert!(signed.asked().is_empty(), "the PIN was typed once");
            assert_eq!(signed.touches()[0]["signs"], json!("root v1"));
        }
        assert_eq!(rig.card(0).touches(), 3);
        desk.does(order("store", &slot("9c"), &[])).ok();
        assert_eq!(desk.does(order("store", &slot("9c"), &[])).code(), "slot-occupied");
        let facts = desk.does(order("facts", &slot("9c"), &[])).ok().clone();
        assert!(
            facts["slots"][0]["subject"]
                .as_str()
                .is_some_and(|subject| subject.starts_with("CN=registry"))
        );
        desk.does(order("attest", &slot("9c"), &[])).ok();
        assert_eq!(desk.does(order("generate", &slot("9c"), &[])).code(), "slot-occupied");
        assert_eq!(rig.card(0).retries_left(), 3);
    }
}

#[test]
fn a_p384_key_signs_as_each_kind_of_repository_reads_it() {
    let Some((_rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    let wish = json!({ "do": "generate", "at": slot("82"), "algorithm": "p384", "pin": "once", "touch": "never" });
    desk.does(wish).ok();
    let opened = desk.does(order("open", &slot("82"), &[PIN]));
    assert_eq!(opened.ok(), &json!(false), "a key without touch is not kept open");
    let signed = desk.does(json!({ "do": "sign", "dialect": "tuf" }));
    assert_eq!(
        (signed.ok(), signed.touches().len()),
        (&json!("ecdsa-sha2-nistp384"), 0)
    );
    desk.does(json!({ "do": "certify", "gun": "registry.example/app" }))
        .ok();
    desk.does(json!({ "do": "sign", "dialect": "notary" })).ok();
}

#[test]
fn nothing_is_asked_for_before_the_right_key_is_found() {
    let Some((_rig, mut desk)) = with_key() else { return };
    let other = format!("sha256:{}", "00".repeat(32));
    for (wanted, code) in [
        (
            json!({ "do": "open", "at": slot("9a"), "secrets": [PIN] }),
            "slot-empty",
        ),
        (
            json!({ "do": "open", "at": slot("9c"), "key": other, "secrets": [PIN] }),
            "expected-other-key",
        ),
        (
            json!({ "do": "open", "at": "19402271/9c", "secrets": [PIN] }),
            "token-other",
        ),
        (json!({ "do": "attest", "at": slot("9a") }), "slot-empty"),
    ] {
        let refused = desk.does(wanted);
        assert_eq!((refused.code(), refused.asked().len()), (code, 0), "{refused:?}");
    }
    assert_eq!(*desk.does(json!({ "do": "find", "key": other })).ok(), json!(null));
}

#[test]
fn a_wrong_pin_counts_down_to_a_last_try_that_must_be_meant() {
    let Some((rig, mut desk)) = with_key() else { return };
    let wrong = desk.does(order("open", &slot("9c"), &["000000"]));
    assert_eq!((wrong.code(), wrong.detail("tries_left")), ("wrong-pin", "2"));
    let declined = desk.does(order("open", &slot("9c"), &["000000"]));
    assert_eq!(declined.code(), "last-try-declined");
    let shown = &declined.asked()[1];
    assert_eq!((&shown["lastTry"], &shown["triesLeft"]), (&json!(true), &json!(1)));
    assert_eq!(rig.card(0).retries_left(), 1, "the last try was not used");
    desk.does(order("open", &slot("9c"), &["12345", PIN])).ok();
    assert_eq!(rig.card(0).retries_left(), 3, "the right one gives all tries back");
    rig.card(0).retries(1);
    let blocked = desk.does(order("open", &slot("9c"), &["000000"]));
    assert_eq!(blocked.code(), "pin-blocked");
    let refused = desk.does(order("open", &slot("9c"), &[PIN]));
    assert_eq!(
        (refused.code(), refused.asked().len()),
        ("pin-blocked", 0),
        "nobody types a PIN for nothing"
    );
    let facts = desk.does(order("facts", &slot("9c"), &[])).ok().clone();
    assert_eq!(facts["tries"], json!(0));
}

#[test]
fn a_pin_changed_meanwhile_is_a_wrong_pin_and_is_tried_once() {
    let Some((rig, mut desk)) = with_key() else { return };
    desk.does(order("open", &slot("9c"), &[PIN])).ok();
    let mut ykman = rig.changing("ykman").expect("only cards of the rig");
    let changed = ykman.args([
        "--device",
        &SERIAL.to_string(),
        "piv",
        "access",
        "change-pin",
        "-P",
        PIN,
        "-n",
        "654321",
    ]);
    if !changed.status().is_ok_and(|status| status.success()) {
        println!("skipped: ykman changes no PIN here");
        return;
    }
    let wrong = desk.does(json!({ "do": "sign", "dialect": "tuf" }));
    assert_eq!((wrong.code(), wrong.detail("tries_left")), ("wrong-pin", "2"));
    assert_eq!(rig.card(0).retries_left(), 2);
}

#[test]
fn a_missed_touch_is_told_from_everything_else_and_can_be_made_up_for() {
    let Some((rig, mut desk)) = with_key() else { return };
    desk.does(order("open", &slot("9c"), &[PIN])).ok();
    rig.card(0).touch(Touch::Denied {
        after: Duration::from_millis(600),
    });
    let missed = desk.does(json!({ "do": "sign", "dialect": "tuf" }));
    assert_eq!(missed.code(), "touch-missed");
    assert!(missed.milliseconds() >= 600);
    rig.card(0).touch(Touch::Denied { after: Duration::ZERO });
    assert_eq!(
        desk.does(json!({ "do": "sign", "dialect": "tuf" })).code(),
        "touch-missed"
    );
    rig.card(0).touch(Touch::Given {
        after: Duration::from_millis(300),
    });
    let made_up = desk.does(json!({ "do": "sign", "dialect": "tuf" }));
    made_up.ok();
    assert!(made_up.asked().is_empty());
    assert_eq!(rig.card(0).retries_left(), 3);
}

#[test]
fn no_signature_of_a_token_comes_out_that_does_not_hold() {
    /// GENERAL AUTHENTICATE: the command that signs.
    const SIGNS: u8 = 0x87;
    let Some((rig, mut desk)) = with_key() else { return };
    desk.does(order("open", &slot("9c"), &[PIN])).ok();
    for does in [
        json!({ "do": "sign", "dialect": "tuf" }),
        json!({ "do": "certify", "gun": "registry.example/app" }),
        // With the certificate that was made.
        json!({ "do": "sign", "dialect": "notary" }),
    ] {
        rig.card(0).fault_at(1, When::Ins(SIGNS), Fault::LastBit);
        let lied = desk.does(does.clone());
        assert_eq!(lied.code(), "token-failed", "{does}: {lied:?}");
        assert!(lied.message().contains("does not hold"), "{does}: {lied:?}");
        assert!(!rig.card(0).fault_is_pending(), "{does}");
        desk.does(does).ok();
    }
    assert_eq!(rig.card(0).retries_left(), 3);
}

#[test]
fn a_slow_token_is_waited_for() {
    let Some((rig, mut desk)) = with_key() else { return };
    rig.card(0).slow(Duration::from_millis(120));
    desk.does(order("open", &slot("9c"), &[PIN])).ok();
    let signed = desk.does(json!({ "do": "sign", "dialect": "tuf" }));
    signed.ok();
    assert!(signed.milliseconds() > 500);
}

#[test]
fn the_token_that_is_meant_is_found_among_several_and_two_with_one_serial_are_refused() {
    let specs = [
        CardSpec::new(SERIAL, FIRMWARE_5_7_1),
        CardSpec::new(SERIAL + 1, FIRMWARE_5_4_3),
    ];
    let Some(rig) = YubiKeys::start(&specs) else { return };
    let mut desk = Desk::of(&rig, PROGRAM);
    let second = format!("{}/9c", SERIAL + 1);
    let key = desk.does(order("generate", &second, &[])).ok().clone();
    assert_eq!(*desk.does(json!({ "do": "find", "key": key })).ok(), json!(second));
    desk.does(order("open", &second, &[PIN])).ok();
    rig.card(1).unplug();
    rig.until_seen(1);
    let other = desk.does(json!({ "do": "sign", "dialect": "tuf" }));
    assert_eq!(other.code(), "token-other");
    assert!(other.message().contains("YubiKey 990 000 001"), "{other:?}");
    rig.card(0).unplug();
    rig.until_seen(0);
    assert_eq!(
        desk.does(json!({ "do": "sign", "dialect": "tuf" })).code(),
        "token-absent"
    );
    assert_eq!(*desk.does(json!({ "do": "attached" })).ok(), json!([]));
    rig.card(1).replug();
    rig.until_seen(1);
    desk.does(json!({ "do": "sign", "dialect": "tuf" })).ok();

    let twins = [
        CardSpec::new(SERIAL, FIRMWARE_5_7_1),
        CardSpec::new(SERIAL, FIRMWARE_5_7_1).seeded(9),
    ];
    let Some(rig) = YubiKeys::start(&twins) else { return };
    let mut desk = Desk::of(&rig, PROGRAM);
    let refused = desk.does(order("generate", &slot("9c"), &[]));
    assert_eq!(refused.code(), "token-ambiguous");
    assert!(
        refused.message().contains("00 00") && refused.message().contains("00 01"),
        "{refused:?}"
    );
    let attached = desk.does(json!({ "do": "attached" })).ok().clone();
    assert_eq!(
        (&attached[0]["code"], &attached[1]["code"]),
        (&json!("token-ambiguous"), &json!("token-ambiguous"))
    );
}

#[test]
fn a_token_that_another_program_holds_is_busy_and_not_absent() {
    let Some((rig, mut desk)) = with_key() else { return };
    let reader = rig.seen().expect("a list")[0].reader.clone();
    let mut other = Desk::of(&rig, PROGRAM);
    other.does(json!({ "do": "hold", "reader": reader })).ok();
    for wanted in ["facts", "generate", "open"] {
        assert_eq!(
            desk.does(order(wanted, &slot("9c"), &[PIN])).code(),
            "token-busy",
            "{wanted}"
        );
    }
    let attached = desk.does(json!({ "do": "attached" })).ok().clone();
    assert_eq!(
        (&attached[0]["code"], &attached[0]["serial"]),
        (&json!("token-busy"), &json!(SERIAL))
    );
    drop(other);
    desk.does(order("open", &slot("9c"), &[PIN])).ok();
}

#[test]
fn plugging_is_noticed_within_two_seconds() {
    let Some((rig, mut desk)) = rig(FIRMWARE_5_7_1) else {
        return;
    };
    desk.does(json!({ "do": "watch" })).ok();
    // The watch looks around first.
    std::thread::sleep(Duration::from_millis(300));
    let mut seen = 0;
    for plugged in [false, true] {
        if plugged {
            rig.card(0).replug()
        } else {
            rig.card(0).unplug()
        }
        let end = Instant::now() + Duration::from_secs(2);
        let told = loop {
            let told = desk.does(json!({ "do": "changes" })).ok().as_u64().unwrap_or_default();
            if told > seen || Instant::now() > end {
                break told;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(told > seen, "plugged: {plugged}");
        seen = told;
    }
}

#[test]
fn without_a_smart_card_service_that_is_said_and_a_watch_waits_for_one() {
    let Some(rig) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return;
    };
    let mut desk = Desk::of(&rig, PROGRAM);
    desk.does(json!({ "do": "watch" })).ok();
    desk.does(json!({ "do": "attached" })).ok();
    drop(rig);
    let missing = desk.does(json!({ "do": "attached" }));
    assert_eq!(missing.code(), "token-service-missing");
    assert_eq!(
        desk.does(order("open", &slot("9c"), &[])).code(),
        "token-service-missing"
    );
    let end = Instant::now() + Duration::from_secs(3);
    while desk.does(json!({ "do": "changes" })).ok() == &json!(0) {
        assert!(Instant::now() < end, "the service's end is a change");
        std::thread::sleep(Duration::from_millis(50));
    }
}
