//! PIN and PUK: counted misses, blocking, and the way back.

use crate::host::{Host, PIN, PUK};
use virtual_yubikey::FIRMWARE_5_7_1;

const WRONG: &[u8; 8] = b"000000\xff\xff";

#[test]
fn a_wrong_pin_is_counted_until_it_is_blocked_and_the_puk_unblocks_it() {
    let host = Host::new(FIRMWARE_5_7_1);
    assert_eq!(host.send(0x20, 0, 0x80, &[]), Err(0x63c3));
    let misses: Vec<_> = (0..4).map(|_| host.verify(WRONG).unwrap_err()).collect();
    assert_eq!(misses, [0x63c2, 0x63c1, 0x6983, 0x6983]);
    assert_eq!(
        host.verify(PIN),
        Err(0x6983),
        "blocked, the right one is not compared either"
    );
    let new = b"654321\xff\xff";
    assert_eq!(host.send(0x2c, 0, 0x80, &[&WRONG[..], new].concat()), Err(0x63c2));
    host.good(0x2c, 0, 0x80, &[&PUK[..], new].concat());
    assert_eq!(host.verify(new), Ok(vec![]));
    assert_eq!(host.send(0x20, 0, 0x80, &[]), Ok(vec![]), "verified");
    host.good(0x20, 0xff, 0x80, &[]);
    assert_eq!(
        host.send(0x20, 0, 0x80, &[]),
        Err(0x63c3),
        "the right one gave all tries back"
    );
}

#[test]
fn the_old_value_is_compared_before_the_new_one_is_looked_at() {
    let host = Host::new(FIRMWARE_5_7_1);
    let nonsense = [0xff; 16];
    assert_eq!(host.send(0x24, 0, 0x80, &nonsense), Err(0x63c2));
    assert_eq!(host.send(0x24, 0, 0x80, &[&PIN[..], &[0xff; 8]].concat()), Err(0x6a80));
    assert_eq!(
        host.send(0x24, 0, 0x80, &[&PIN[..], b"12345\xff\xff\xff"].concat()),
        Err(0x6a80),
        "five are too few"
    );
    host.good(0x24, 0, 0x80, &[&PIN[..], PUK].concat());
    assert_eq!(host.verify(PUK), Ok(vec![]));
    assert_eq!(host.send(0x24, 0, 0x80, &[1; 15]), Err(0x6700));
}

#[test]
fn a_test_may_set_how_many_tries_are_left() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.card.retries(1);
    assert_eq!(host.send(0x20, 0, 0x80, &[]), Err(0x63c1));
    assert_eq!(host.verify(WRONG), Err(0x6983));
    assert_eq!(host.card.retries_left(), 0);
    host.card.retries(3);
    assert_eq!(host.verify(PIN), Ok(vec![]));
}

#[test]
fn setting_retries_needs_pin_and_management_key_and_restores_the_factorys_values() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    assert_eq!(host.send(0xfa, 5, 6, &[]), Err(0x6982));
    host.good(0x24, 0, 0x80, &[&PIN[..], b"654321\xff\xff"].concat());
    host.verify(b"654321\xff\xff").unwrap();
    host.good(0xfa, 5, 6, &[]);
    assert_eq!(host.good(0xf7, 0, 0x80, &[]), [1, 1, 0xff, 5, 1, 1, 6, 2, 5, 5]);
    assert_eq!(host.good(0xf7, 0, 0x81, &[]), [1, 1, 0xff, 5, 1, 1, 6, 2, 6, 6]);
    assert_eq!(host.verify(PIN), Ok(vec![]));
}

#[test]
fn a_reset_needs_both_blocked_and_leaves_only_the_attestation_key() {
    let host = Host::new(FIRMWARE_5_7_1);
    let fresh = host.card.state_digest();
    host.administrate();
    host.generate(0x9a, 0x11, 0, 0).unwrap();
    assert_ne!(host.card.state_digest(), fresh);
    assert_eq!(host.send(0xfb, 0, 0, &[]), Err(0x6985));
    host.card.retries(0);
    assert_eq!(host.send(0xfb, 0, 0, &[]), Err(0x6985), "the PUK is not blocked");
    for _ in 0..3 {
        host.send(0x24, 0, 0x81, &[0xff; 16]).unwrap_err();
    }
    host.good(0xfb, 0, 0, &[]);
    assert_eq!(host.card.state_digest(), fresh);
    assert_eq!(host.verify(PIN), Ok(vec![]));
    assert!(host.send(0xf7, 0, 0xf9, &[]).is_ok());
}
