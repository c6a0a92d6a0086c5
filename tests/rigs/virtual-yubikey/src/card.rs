//! The card behind the reader: which applet is selected, and what the management and OTP applets tell about the device.

use crate::CardSpec;
use crate::apdu::{Answered, Apdu, Line, ended, status};
use crate::controls::Controls;
use crate::piv::{Command, Piv};
use crate::tlv::tlv;

/// What a YubiKey 5 answers to a reset: T=1, historical bytes `YubiKey`. OpenSC and ykman know it by that.
pub const ATR: [u8; 23] = [
    0x3b, 0xfd, 0x13, 0x00, 0x00, 0x81, 0x31, 0xfe, 0x15, 0x80, 0x73, 0xc0, 0x21, 0xc0, 0x57, 0x59, 0x75, 0x62, 0x69,
    0x4b, 0x65, 0x79, 0x40,
];
const PIV: &[u8] = &[0xa0, 0, 0, 3, 8];
const MANAGEMENT: &[u8] = &[0xa0, 0, 0, 5, 0x27, 0x47, 0x11, 0x17];
const OTP: &[u8] = &[0xa0, 0, 0, 5, 0x27, 0x20, 1];

#[derive(Clone, Copy)]
enum Applet {
    Nothing,
    Piv,
    Management,
    Otp,
}

/// A card, one command at a time.
pub struct Card {
    serial: u32,
    firmware: [u8; 3],
    applet: Applet,
    line: Line,
    piv: Piv,
}

impl Card {
    pub fn new(spec: &CardSpec) -> Self {
        Self {
            serial: spec.serial,
            firmware: spec.firmware,
            applet: Applet::Nothing,
            line: Line::default(),
            piv: Piv::new(spec),
        }
    }

    /// Forgets what does not outlive the power.
    pub fn power_cycle(&mut self) {
        self.applet = Applet::Nothing;
        self.line.clear();
        self.piv.log_out();
    }

    /// A command went wrong on its way.
    pub fn disturbed(&mut self) {
        self.line.clear();
        self.piv.disturbed();
    }

    pub fn piv(&mut self) -> &mut Piv {
        &mut self.piv
    }

    /// Answers one command.
    pub fn answer(&mut self, bytes: &[u8], controls: &Controls) -> Vec<u8> {
        let Some(apdu) = Apdu::read(bytes) else {
            return ended(status::WRONG_LENGTH);
        };
        match self.line.receive(&apdu) {
            Err(answer) => answer,
            Ok(data) => {
                let answered = self.run(&apdu, &data, controls);
                self.line.answer(&apdu, answered)
            }
        }
    }

    fn run(&mut self, apdu: &Apdu, data: &[u8], controls: &Controls) -> Answered {
        let command = Command {
            ins: apdu.ins,
            p1: apdu.p1,
            p2: apdu.p2,
            data,
        };
        match (self.applet, apdu.ins, apdu.p1) {
            (_, 0xa4, 4) => self.select(data),
            (Applet::Piv, _, _) => self.piv.run(&command, controls),
            (Applet::Management, 0x1d, 0) | (Applet::Otp, 1, 0x13) => Ok(self.device_info()),
            (Applet::Otp, 1, 0x10) => Ok(self.serial.to_be_bytes().to_vec()),
            _ => Err(status::UNKNOWN_COMMAND),
        }
    }

    fn select(&mut self, name: &[u8]) -> Answered {
        let [major, minor, patch] = self.firmware;
        let (applet, answer) = if name.starts_with(PIV) {
            let version = tlv(0x4f, &[0, 0, 0x10, 0, 1, 0]);
            let authority = tlv(0x79, &tlv(0x4f, PIV));
            (Applet::Piv, tlv(0x61, &[version, authority].concat()))
        } else if name == MANAGEMENT {
            let text = format!("Virtual mgr - FW version {major}.{minor}.{patch}");
            (Applet::Management, text.into_bytes())
        } else if name.starts_with(OTP) {
            (Applet::Otp, vec![major, minor, patch, 0, 0, 0])
        } else {
            // No FIDO2, OATH, OpenPGP or HSM authentication here.
            return Err(status::NOT_FOUND);
        };
        self.piv.log_out();
        self.applet = applet;
        Ok(answer)
    }

    fn device_info(&self) -> Vec<u8> {
        const PIV_ONLY: [u8; 2] = [0x00, 0x10];
        let facts = [
            tlv(1, &PIV_ONLY), // supported over USB
            tlv(3, &PIV_ONLY), // enabled over USB
            tlv(2, &self.serial.to_be_bytes()),
            tlv(4, &[1]), // form factor: USB-A keychain
            tlv(5, &self.firmware),
            tlv(6, &[0, 0]),
            tlv(7, &[15]),
            tlv(8, &[0]),
            tlv(0x0a, &[0]), // configuration is not locked
        ]
        .concat();
        [&[facts.len() as u8], &facts[..]].concat()
    }
}
