//! What a device says of a key it made: four extensions under 1.3.6.1.4.1.41482.3, and the slot in the name.

use der::{Decode as _, asn1::ObjectIdentifier, asn1::UintRef};

use super::{AttestationProblem, certificate::Certificate};
use crate::ports::{Slot, TouchPolicy};

const FIRMWARE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.3.3");
const SERIAL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.3.7");
const POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.3.8");
const FORM_FACTOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.3.9");

const NAME: &str = "YubiKey PIV Attestation ";

/// When an attested key asks for its PIN, or for a finger that the device knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatedPin {
    Never,
    Once,
    Always,
    /// A fingerprint instead, on devices that read them.
    FingerOnce,
    FingerAlways,
}

impl StatedPin {
    pub fn as_str(self) -> &'static str {
        match self {
            StatedPin::Never => "never",
            StatedPin::Once => "once",
            StatedPin::Always => "always",
            StatedPin::FingerOnce => "match-once",
            StatedPin::FingerAlways => "match-always",
        }
    }
}

/// What the device looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormFactor {
    pub body: Body,
    pub is_fips: bool,
}

/// Connector and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    Unspecified,
    UsbAKeychain,
    UsbANano,
    UsbCKeychain,
    UsbCNano,
    UsbCLightning,
    UsbABio,
    UsbCBio,
    /// Of a kind that came later.
    Other(u8),
}

impl FormFactor {
    fn of(byte: u8) -> Self {
        FormFactor {
            is_fips: byte & 0x80 != 0,
            body: match byte & 0x0f {
                0 => Body::Unspecified,
                1 => Body::UsbAKeychain,
                2 => Body::UsbANano,
                3 => Body::UsbCKeychain,
                4 => Body::UsbCNano,
                5 => Body::UsbCLightning,
                6 => Body::UsbABio,
                7 => Body::UsbCBio,
                other => Body::Other(other),
            },
        }
    }
}

impl std::fmt::Display for FormFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.body {
            Body::Unspecified => write!(f, "unspecified"),
            Body::UsbAKeychain => write!(f, "USB-A keychain"),
            Body::UsbANano => write!(f, "USB-A nano"),
            Body::UsbCKeychain => write!(f, "USB-C keychain"),
            Body::UsbCNano => write!(f, "USB-C nano"),
            Body::UsbCLightning => write!(f, "USB-C and Lightning"),
            Body::UsbABio => write!(f, "USB-A with fingerprint reader"),
            Body::UsbCBio => write!(f, "USB-C with fingerprint reader"),
            Body::Other(number) => write!(f, "of kind {number}"),
        }?;
        if self.is_fips { write!(f, ", FIPS") } else { Ok(()) }
    }
}

/// What one certificate says of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) firmware: [u8; 3],
    pub(super) serial: Option<u32>,
    pub(super) pin: StatedPin,
    pub(super) touch: TouchPolicy,
    pub(super) form_factor: Option<FormFactor>,
    pub(super) slot: Option<Slot>,
}

impl Statement {
    /// Reads it. Firmware and policies are said by every device that attests; serial and form factor by most.
    ///
    /// Fails with `NoAttestation` and `OtherStatement`.
    pub(super) fn of(certificate: &Certificate) -> Result<Self, AttestationProblem> {
        let missing = |missing| AttestationProblem::NoAttestation {
            what: certificate.what.clone(),
            missing,
        };
        let other = |said| AttestationProblem::OtherStatement {
            what: certificate.what.clone(),
            said,
        };
        let policies = certificate.extension(POLICIES).ok_or_else(|| missing("its policies"))?;
        let firmware = certificate.extension(FIRMWARE).ok_or_else(|| missing("its firmware"))?;
        let (pin, touch) = match *policies {
            [pin, touch] => (stated_pin(pin), stated_touch(touch)),
            _ => (None, None),
        };
        let serial = certificate.extension(SERIAL).map(|serial| {
            let number = UintRef::from_der(serial).map_err(|_| other("its serial"))?;
            let bytes = number.as_bytes();
            let number = bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
            match bytes.len() {
                0..=4 => u32::try_from(number).map_err(|_| other("its serial")),
                _ => Err(other("its serial")),
            }
        });
        let form_factor = certificate
            .extension(FORM_FACTOR)
            .map(|form_factor| match *form_factor {
                [byte] => Ok(FormFactor::of(byte)),
                _ => Err(other("its form factor")),
            });
        Ok(Statement {
            firmware: firmware.try_into().map_err(|_| other("its firmware"))?,
            serial: serial.transpose()?,
            pin: pin.ok_or_else(|| other("its PIN policy"))?,
            touch: touch.ok_or_else(|| other("its touch policy"))?,
            form_factor: form_factor.transpose()?,
            slot: certificate.subject().strip_prefix(NAME).and_then(Slot::parse),
        })
    }
}

/// Whether a certificate is over a key that a device made for its holder. Such a key never vouches for another: whoever
/// holds the device could have it sign whatever they like.
pub(super) fn is_over_a_holders_key(certificate: &Certificate) -> bool {
    certificate.extension(POLICIES).is_some() || certificate.extension(SERIAL).is_some()
}

fn stated_pin(byte: u8) -> Option<StatedPin> {
    match byte {
        1 => Some(StatedPin::Never),
        2 => Some(StatedPin::Once),
        3 => Some(StatedPin::Always),
        4 => Some(StatedPin::FingerOnce),
        5 => Some(StatedPin::FingerAlways),
        _ => None,
    }
}

fn stated_touch(byte: u8) -> Option<TouchPolicy> {
    match byte {
        1 => Some(TouchPolicy::Never),
        2 => Some(TouchPolicy::Always),
        3 => Some(TouchPolicy::Cached),
        _ => None,
    }
}
