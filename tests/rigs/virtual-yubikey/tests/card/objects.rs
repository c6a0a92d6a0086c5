//! Data objects, up to the largest a card takes.

use crate::host::{Host, PIN, element, value};
use virtual_yubikey::FIRMWARE_5_7_1;

const ID: [u8; 5] = [0x5c, 3, 0x5f, 0xc1, 0x05];
const PRINTED: [u8; 5] = [0x5c, 3, 0x5f, 0xc1, 0x09];

fn write(host: &Host, id: &[u8], content: &[u8]) -> Result<Vec<u8>, u16> {
    host.send(0xdb, 0x3f, 0xff, &[id, &element(0x53, content)].concat())
}

#[test]
fn the_largest_object_comes_back_and_a_larger_one_is_refused() {
    let host = Host::new(FIRMWARE_5_7_1);
    assert_eq!(write(&host, &ID, b"x"), Err(0x6982));
    host.administrate();
    for length in [1, 127, 128, 255, 256, 3063] {
        let content: Vec<u8> = (0..length).map(|at| at as u8).collect();
        write(&host, &ID, &content).unwrap();
        assert_eq!(value(&host.good(0xcb, 0x3f, 0xff, &ID), 0x53), content);
    }
    assert_eq!(write(&host, &ID, &[1; 3064]), Err(0x6a84));
    assert_eq!(
        value(&host.good(0xcb, 0x3f, 0xff, &ID), 0x53).len(),
        3063,
        "the old one is still there"
    );
    write(&host, &ID, &[]).unwrap();
    assert_eq!(host.send(0xcb, 0x3f, 0xff, &ID), Err(0x6a82));
}

#[test]
fn an_extended_command_is_answered_in_one_piece() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    let content = [4; 2000];
    let data = [&ID[..], &element(0x53, &content)].concat();
    let write = [&[0, 0xdb, 0x3f, 0xff, 0][..], &(data.len() as u16).to_be_bytes(), &data].concat();
    assert_eq!(host.card.transmit(&write).unwrap(), [0x90, 0]);
    let read = [&[0, 0xcb, 0x3f, 0xff, 0, 0, 5][..], &ID, &[0, 0]].concat();
    assert_eq!(host.card.transmit(&read).unwrap().len(), 2000 + 4 + 2);
}

#[test]
fn printed_information_is_read_with_a_pin_only() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    write(&host, &PRINTED, b"guarded").unwrap();
    assert_eq!(host.send(0xcb, 0x3f, 0xff, &PRINTED), Err(0x6982));
    host.verify(PIN).unwrap();
    assert_eq!(value(&host.good(0xcb, 0x3f, 0xff, &PRINTED), 0x53), b"guarded");
}

#[test]
fn the_discovery_object_is_always_there_and_bad_names_are_refused() {
    let host = Host::new(FIRMWARE_5_7_1);
    assert_eq!(host.good(0xcb, 0x3f, 0xff, &[0x5c, 1, 0x7e])[0], 0x7e);
    for wrong in [&[][..], &[0x5c, 0], &[0x5c, 4, 1, 2, 3, 4], &[0x5c, 9, 1]] {
        assert_eq!(host.send(0xcb, 0x3f, 0xff, wrong), Err(0x6a80), "{wrong:02x?}");
    }
}
