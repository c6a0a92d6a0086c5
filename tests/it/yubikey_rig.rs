//! The card rig: real clients find its cards, only the rig's own are ever changed, and two rigs do not meet.

use rootward_tests::rigs::yubikey::{CardSpec, FIRMWARE_5_4_3, FIRMWARE_5_7_1, RIG_SERIALS, YubiKeys};

const SERIAL: u32 = *RIG_SERIALS.start();

#[test]
fn two_cards_of_one_rig_are_seen_and_known_as_the_rigs() {
    let specs = [
        CardSpec::new(SERIAL, FIRMWARE_5_4_3),
        CardSpec::new(SERIAL + 1, FIRMWARE_5_7_1),
    ];
    let Some(rig) = YubiKeys::start(&specs) else { return };
    let seen = rig.seen().unwrap();
    let facts: Vec<_> = seen.iter().map(|seen| (seen.serial, seen.is_ours)).collect();
    assert_eq!(facts, [(SERIAL, true), (SERIAL + 1, true)]);
}

#[test]
fn a_foreign_card_is_left_alone() {
    let ours = CardSpec::new(SERIAL, FIRMWARE_5_7_1);
    let strangers = [
        CardSpec::new(SERIAL + 1, FIRMWARE_5_7_1).attested_by_a_stranger(),
        CardSpec::new(19_402_271, FIRMWARE_5_4_3),
        CardSpec::new(19_402_271, FIRMWARE_5_4_3).attested_by_a_stranger(),
    ];
    for stranger in strangers {
        let Some(rig) = YubiKeys::start(&[ours.clone(), stranger.clone()]) else {
            return;
        };
        let before = rig.card(1).state_digest();
        let refused = rig.changing("ykman").unwrap_err();
        assert!(refused.contains(&stranger.serial.to_string()), "{refused}");
        let read_only = [0xa4, 0xf8, 0xcb, 0xc0];
        for header in rig.card(1).trace() {
            assert!(read_only.contains(&header.ins), "{header:02x?}");
        }
        assert_eq!(rig.card(1).state_digest(), before);
        rig.card(1).unplug();
        rig.until_seen(1);
        assert!(rig.changing("ykman").is_ok(), "ours alone may be changed");
    }
}

#[test]
fn two_rigs_side_by_side_do_not_meet_and_end_when_dropped() {
    let Some(one) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return;
    };
    let Some(other) = YubiKeys::start(&[CardSpec::new(SERIAL + 5, FIRMWARE_5_7_1)]) else {
        return;
    };
    let serials = |rig: &YubiKeys| rig.seen().unwrap().iter().map(|seen| seen.serial).collect::<Vec<_>>();
    assert_eq!((serials(&one), serials(&other)), (vec![SERIAL], vec![SERIAL + 5]));
    let [(_, socket)] = one.env();
    drop(one);
    assert!(!socket.exists());
    assert_eq!(serials(&other), [SERIAL + 5]);
}

#[test]
fn a_card_that_was_unplugged_is_gone_until_it_is_back() {
    let Some(rig) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return;
    };
    rig.card(0).unplug();
    rig.until_seen(0);
    assert!(rig.seen().unwrap().is_empty());
    rig.card(0).replug();
    rig.until_seen(1);
    assert_eq!(rig.seen().unwrap().len(), 1);
}
