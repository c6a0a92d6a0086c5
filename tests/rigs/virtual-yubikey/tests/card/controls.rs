//! What a test does to a card from outside.

use crate::host::{Host, PIN};
use std::thread;
use std::time::Duration;
use virtual_yubikey::{FIRMWARE_5_7_1, Fault, Touch, When};

const VERSION: [u8; 5] = [0, 0xfd, 0, 0, 0];
const SERIAL: [u8; 5] = [0, 0xf8, 0, 0, 0];

/// A card with a key in 9e that needs no PIN and always a touch.
fn touchy() -> Host {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    host.generate(0x9e, 0x11, 1, 2).unwrap();
    host.card.reset_counters();
    host
}

#[test]
fn a_fault_comes_at_the_command_it_was_planted_for() {
    let host = Host::new(FIRMWARE_5_7_1);
    let card = &host.card;
    card.fault_at(2, When::Any, Fault::Status(0x6f00));
    card.fault_at(2, When::Ins(0xfd), Fault::Garbage);
    let whole = [5, 7, 1, 0x90, 0];
    assert_eq!(card.transmit(&VERSION).unwrap(), whole);
    assert_eq!(card.transmit(&SERIAL).unwrap(), [0x6f, 0]);
    assert!(card.fault_is_pending());
    let noise = card.transmit(&VERSION).unwrap();
    assert!(noise != whole && !noise.ends_with(&[0x90, 0]));
    assert!(!card.fault_is_pending());
    assert_eq!(card.transmit(&VERSION).unwrap(), whole);
    card.fault_at(1, When::Any, Fault::Status(0x6982));
    card.no_faults();
    assert_eq!(card.transmit(&VERSION).unwrap(), whole);
}

#[test]
fn a_lost_answer_was_carried_out_and_a_dropped_command_was_not() {
    let host = Host::new(FIRMWARE_5_7_1);
    let wrong_pin = [&[0, 0x20, 0, 0x80, 8][..], b"000000\xff\xff"].concat();
    host.card.fault_at(1, When::Any, Fault::Dropped);
    assert_eq!(host.card.transmit(&wrong_pin), None);
    assert_eq!(host.card.retries_left(), 3);
    host.card.fault_at(1, When::Any, Fault::AnswerLost);
    assert_eq!(host.card.transmit(&wrong_pin), None);
    assert_eq!(host.card.retries_left(), 2);
    host.card.fault_at(1, When::Any, Fault::Unplugged);
    assert_eq!(host.card.transmit(&wrong_pin), None);
    assert_eq!((host.card.retries_left(), host.card.is_plugged()), (2, false));
}

#[test]
fn a_fault_comes_between_a_pin_and_its_signature() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.administrate();
    host.generate(0x9c, 0x11, 3, 1).unwrap();
    host.verify(PIN).unwrap();
    host.card.fault_at(1, When::Any, Fault::Status(0x6f00));
    host.card.transmit(&VERSION).unwrap();
    assert_eq!(host.sign(0x9c, 0x11, &[1; 32]), Err(0x6982));
}

#[test]
fn commands_are_counted_and_traced_by_their_headers() {
    let host = Host::new(FIRMWARE_5_7_1);
    host.card.reset_counters();
    host.verify(PIN).unwrap();
    host.card.transmit(&VERSION).unwrap();
    assert_eq!((host.card.apdu_count(), host.card.apdu_count_of(0x20)), (2, 1));
    let trace = host.card.trace();
    assert_eq!((trace[0].ins, trace[0].p2, trace[0].length), (0x20, 0x80, 9));
    assert!(!format!("{trace:?}").contains("123456"));
    host.card.reset_counters();
    assert_eq!((host.card.apdu_count(), host.card.trace().len()), (0, 0));
}

#[test]
fn a_finger_is_waited_for() {
    let host = touchy();
    host.card.touch(Touch::WhenPressed);
    host.card.press(); // before the card asks: no touch
    thread::scope(|scope| {
        let signing = scope.spawn(|| host.sign(0x9e, 0x11, &[1; 32]));
        until(|| host.card.waits_for_touch());
        assert!(!signing.is_finished());
        host.card.press();
        assert!(signing.join().unwrap().is_ok());
    });
    assert!(!host.card.waits_for_touch());
    assert_eq!(host.card.touches(), 1);
}

#[test]
fn a_card_that_is_pulled_out_waits_no_longer() {
    for touch in [
        Touch::WhenPressed,
        Touch::Given {
            after: Duration::from_secs(60),
        },
    ] {
        let host = touchy();
        host.card.touch(touch);
        thread::scope(|scope| {
            let signing = scope.spawn(|| host.sign(0x9e, 0x11, &[1; 32]));
            until(|| host.card.waits_for_touch());
            host.card.unplug();
            assert_eq!(signing.join().unwrap(), Err(0x6982));
        });
        assert_eq!(host.card.touches(), 0);
    }
}

#[test]
fn the_program_takes_orders() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};
    let folder = std::env::temp_dir().join(format!("virtual-yubikey-{}.der", std::process::id()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_virtual-yubikey"))
        .args(["--reader", "127.0.0.1:1", "--root"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut orders = program.stdin.take().unwrap();
    let mut answers = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut ask = |line: &str| {
        writeln!(orders, "{line}").unwrap();
        answers.next().unwrap().unwrap()
    };
    assert_eq!(ask("deny 500"), "ok");
    assert_eq!(ask("count"), "0 commands, 0 touches");
    assert!(ask("burn").contains("unplug"), "the known orders are named");
    writeln!(orders, "quit").unwrap();
    assert!(program.wait().unwrap().success());
    assert_eq!(
        std::fs::read(&folder).unwrap(),
        virtual_yubikey::AttestationRoot::Rig.certificate()
    );
    std::fs::remove_file(folder).unwrap();
}

fn until(what: impl Fn() -> bool) {
    while !what() {
        thread::sleep(Duration::from_millis(1));
    }
}
