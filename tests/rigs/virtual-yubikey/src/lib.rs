//! A YubiKey in software: the PIV and management applets, attested by a root of the rig's own, plugged into a vpcd reader.
//! It holds throw-away keys for tests only. Its random numbers come from a seed, so a run can be repeated; nothing here
//! is secret. It persists nothing: its memory ends with the process.

mod apdu;
mod attestation;
mod card;
mod controls;
mod keys;
mod management_key;
mod objects;
mod orders;
mod pins;
mod piv;
mod plug;
mod slots;
mod tlv;
mod yubikey;

pub use attestation::{AttestationRoot, F9Key, HandIn, Said, hand_in, vouches_for};
pub use controls::{Fault, Header, Touch, When};
pub use objects::certificate_in;
pub use orders::Order;
pub use plug::Plug;
pub use yubikey::VirtualYubiKey;

use std::ops::RangeInclusive;

/// The serial numbers that the rig gives to its cards. Yubico's own are far below.
pub const RIG_SERIALS: RangeInclusive<u32> = 990_000_000..=990_999_999;

/// The last firmware line with a 3DES management key; PIV as in NIST SP 800-73-4 with Yubico's extensions.
pub const FIRMWARE_5_4_3: [u8; 3] = [5, 4, 3];
/// AES-192 management key, Ed25519, RSA-3072 and RSA-4096, and keys that can be moved and deleted.
pub const FIRMWARE_5_7_1: [u8; 3] = [5, 7, 1];

/// What a card is made as.
#[derive(Clone, Debug)]
pub struct CardSpec {
    /// Two cards may have the same.
    pub serial: u32,
    pub firmware: [u8; 3],
    /// Who signs the card's attestation key.
    pub root: AttestationRoot,
    /// What kind of key attests on this card.
    pub f9: F9Key,
    /// Where the card's random numbers begin, together with its serial number.
    pub seed: u64,
}

impl CardSpec {
    /// A card of the rig's: attested by its root.
    pub fn new(serial: u32, firmware: [u8; 3]) -> Self {
        Self {
            serial,
            firmware,
            root: AttestationRoot::Rig,
            f9: F9Key::P256,
            seed: 0,
        }
    }

    /// A card that somebody else's root attests: a stand-in for a real one, which no test may change.
    pub fn attested_by_a_stranger(mut self) -> Self {
        self.root = AttestationRoot::Stranger;
        self
    }

    /// A card of the newer generation, vouched for by way of two authorities.
    pub fn attested_by_the_newer_root(mut self) -> Self {
        self.root = AttestationRoot::Newer;
        self
    }

    /// A card that attests with RSA-2048, as hardware before 5.7 does. Making the key takes a moment.
    pub fn attesting_with_rsa(mut self) -> Self {
        self.f9 = F9Key::Rsa2048;
        self
    }

    /// A card with other random numbers.
    pub fn seeded(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}
