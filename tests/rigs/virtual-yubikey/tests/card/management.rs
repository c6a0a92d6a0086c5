//! The management key, and what it opens.

use crate::host::{Host, MANAGEMENT_KEY, encrypt};
use virtual_yubikey::{FIRMWARE_5_4_3, FIRMWARE_5_7_1, Touch};

const P256: u8 = 0x11;

#[test]
fn both_sides_prove_the_management_key() {
    for (firmware, algorithm) in [(FIRMWARE_5_4_3, 3), (FIRMWARE_5_7_1, 0x0a)] {
        let host = Host::new(firmware);
        assert_eq!(host.authenticate(&[9; 24]), Err(0x6982));
        assert_eq!(host.generate(0x9a, P256, 0, 0), Err(0x6982));
        host.administrate();
        assert!(host.generate(0x9a, P256, 0, 0).is_ok());
        assert_eq!(host.good(0xf7, 0, 0x9b, &[]), [1, 1, algorithm, 2, 2, 0, 1, 5, 1, 1]);
    }
}

#[test]
fn one_side_alone_may_prove_it() {
    let host = Host::new(FIRMWARE_5_7_1);
    for (key, expected) in [([9; 24], Err(0x6982)), (MANAGEMENT_KEY, Ok(vec![]))] {
        let challenge = host.good(0x87, 0x0a, 0x9b, &[0x7c, 2, 0x81, 0]);
        let response = encrypt(0x0a, &key, &challenge[4..]);
        let answer = [&[0x7c, 18, 0x82, 16][..], &response].concat();
        assert_eq!(host.send(0x87, 0x0a, 0x9b, &answer), expected);
        assert_eq!(
            host.send(0x87, 0x0a, 0x9b, &answer),
            Err(0x6985),
            "a challenge is answered once"
        );
    }
}

#[test]
fn selecting_an_applet_or_losing_power_ends_the_session() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    host.select();
    assert_eq!(host.generate(0x9a, P256, 0, 0), Err(0x6982));
    host.administrate();
    host.card.power_cycle();
    assert_eq!(host.generate(0x9a, P256, 0, 0), Err(0x6d00), "no applet is selected");
}

#[test]
fn a_changed_management_key_counts_and_may_want_a_touch() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    let new = [5; 24];
    host.good(0xff, 0xff, 0xfe, &[&[0x0a, 0x9b, 24][..], &new].concat());
    assert_eq!(host.authenticate(&MANAGEMENT_KEY), Err(0x6982));
    host.card.touch(Touch::Denied {
        after: std::time::Duration::ZERO,
    });
    assert_eq!(host.authenticate(&new), Err(0x6982));
    host.card.touch_delay(std::time::Duration::ZERO);
    assert_eq!(host.authenticate(&new), Ok(()));
    for wrong in [&[0x0a, 0x9b, 16][..], &[0x0a, 0x9a, 24], &[0x55, 0x9b, 24]] {
        assert_eq!(host.send(0xff, 0xff, 0xff, &[wrong, &new].concat()), Err(0x6a80));
    }
}

#[test]
fn the_device_tells_its_serial_number_through_every_applet() {
    let host = Host::new(FIRMWARE_5_4_3);
    let serial = host.card.serial().to_be_bytes();
    assert_eq!(host.good(0xf8, 0, 0, &[]), serial);
    assert_eq!(host.good(0xfd, 0, 0, &[]), FIRMWARE_5_4_3);
    host.good(0xa4, 4, 0, &[0xa0, 0, 0, 5, 0x27, 0x20, 1, 1]);
    assert_eq!(host.good(1, 0x10, 0, &[]), serial);
    let text = host.good(0xa4, 4, 0, &[0xa0, 0, 0, 5, 0x27, 0x47, 0x11, 0x17]);
    assert_eq!(text, b"Virtual mgr - FW version 5.4.3");
    let info = host.good(0x1d, 0, 0, &[]);
    assert_eq!(usize::from(info[0]), info.len() - 1);
    assert!(info.windows(6).any(|found| found == [&[2, 4][..], &serial].concat()));
    assert_eq!(
        host.send(0xa4, 4, 0, &[0xa0, 0, 0, 6, 0x47]),
        Err(0x6a82),
        "no FIDO here"
    );
}
