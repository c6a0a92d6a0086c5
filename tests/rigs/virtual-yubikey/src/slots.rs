//! The slots of a card: keys with their policies, made, imported, moved, described and attested.
//! Who may do that, and when a key may be used, is the applet's business.

use crate::CardSpec;
use crate::apdu::{Answered, status};
use crate::attestation::{self, Statement};
use crate::keys::{self, PrivateKey};
use crate::tlv::{Elements, tlv};
use rand::rngs::StdRng;
use std::collections::BTreeMap;

pub const PIN_NEVER: u8 = 1;
pub const PIN_ONCE: u8 = 2;
pub const PIN_ALWAYS: u8 = 3;
pub const TOUCH_NEVER: u8 = 1;
pub const TOUCH_CACHED: u8 = 3;

/// Where the attestation key lies. It attests, and signs nothing else.
const F9: u8 = 0xf9;
/// In MOVE KEY, where a deleted key goes.
const NOWHERE: u8 = 0xff;

/// A key in a slot.
pub struct Key {
    algorithm: u8,
    /// As asked for; 0 is the slot's default.
    pin_policy: u8,
    touch_policy: u8,
    generated: bool,
    pub private: PrivateKey,
}

impl Key {
    /// PIN and touch policy as they act in this slot.
    pub fn policies(&self, slot: u8) -> (u8, u8) {
        let pin = match (self.pin_policy, slot) {
            (0, 0x9c) => PIN_ALWAYS,
            (0, 0x9e) => PIN_NEVER,
            (0, _) => PIN_ONCE,
            (asked, _) => asked,
        };
        (pin, self.touch_policy.max(TOUCH_NEVER))
    }
}

/// All slots of a card.
pub struct Slots {
    keys: BTreeMap<u8, Key>,
    serial: u32,
    firmware: [u8; 3],
}

impl Slots {
    /// Those of a new card, with nothing but its attestation key; and the certificate of that key.
    pub fn factory(spec: &CardSpec, rng: &mut StdRng) -> (Self, Vec<u8>) {
        let (private, certificate) = attestation::attestation_key(spec.root, spec.f9, rng);
        let algorithm = match private {
            PrivateKey::Rsa(_) => keys::RSA_2048,
            _ => keys::P256,
        };
        let f9 = Key {
            algorithm,
            pin_policy: PIN_NEVER,
            touch_policy: TOUCH_NEVER,
            generated: true,
            private,
        };
        let slots = Self {
            keys: BTreeMap::from([(F9, f9)]),
            serial: spec.serial,
            firmware: spec.firmware,
        };
        (slots, certificate)
    }

    /// What RESET leaves.
    pub fn reset(&mut self) {
        self.keys.retain(|slot, _| *slot == F9);
    }

    /// The key that may sign in a slot with this algorithm.
    pub fn usable(&self, slot: u8, algorithm: u8) -> Result<&Key, u16> {
        match self.keys.get(&slot) {
            None => Err(status::NO_REFERENCE),
            Some(key) if key.algorithm != algorithm || slot == F9 => Err(status::WRONG_DATA),
            Some(key) => Ok(key),
        }
    }

    /// GENERATE ASYMMETRIC KEY PAIR. A key that lay there before is gone.
    pub fn generate(&mut self, slot: u8, data: &[u8], rng: &mut StdRng) -> Answered {
        let wish = Elements::read(data).and_then(|outer| Elements::read(outer.find(0xac)?));
        let wish = wish.ok_or(status::WRONG_DATA)?;
        let algorithm = wish.byte(0x80).ok_or(status::WRONG_DATA)?;
        self.put(slot, algorithm, &wish, true, || PrivateKey::generate(algorithm, rng))
            .map(|public| tlv(0x7f49, &public))
    }

    /// IMPORT ASYMMETRIC KEY.
    pub fn import(&mut self, slot: u8, algorithm: u8, data: &[u8]) -> Answered {
        let parts = Elements::read(data).ok_or(status::WRONG_DATA)?;
        self.put(slot, algorithm, &parts, false, || PrivateKey::import(algorithm, &parts))
            .map(|_| Vec::new())
    }

    /// Puts a key into a slot, and gives its public key.
    fn put(
        &mut self,
        slot: u8,
        algorithm: u8,
        wish: &Elements,
        generated: bool,
        key: impl FnOnce() -> Option<PrivateKey>,
    ) -> Answered {
        can_hold_a_key(slot)?;
        let (pin_policy, touch_policy) = (wish.byte(0xaa).unwrap_or(0), wish.byte(0xab).unwrap_or(0));
        let is_known = keys::is_known(algorithm, self.firmware);
        if !is_known || pin_policy > PIN_ALWAYS || touch_policy > TOUCH_CACHED {
            return Err(status::WRONG_DATA);
        }
        let key = Key {
            algorithm,
            pin_policy,
            touch_policy,
            generated,
            private: key().ok_or(status::WRONG_DATA)?,
        };
        let public = key.private.public();
        self.keys.insert(slot, key);
        Ok(public)
    }

    /// MOVE KEY, which also deletes.
    pub fn move_key(&mut self, from: u8, to: u8) -> Answered {
        if to != NOWHERE {
            can_hold_a_key(to)?;
        }
        let key = self.keys.remove(&from).ok_or(status::NO_REFERENCE)?;
        if to != NOWHERE {
            self.keys.insert(to, key);
        }
        Ok(Vec::new())
    }

    /// GET METADATA of a key.
    pub fn metadata(&self, slot: u8) -> Answered {
        let key = self.keys.get(&slot).ok_or(status::NO_REFERENCE)?;
        let (pin, touch) = key.policies(slot);
        let origin = if key.generated { 1 } else { 2 };
        Ok([
            tlv(1, &[key.algorithm]),
            tlv(2, &[pin, touch]),
            tlv(3, &[origin]),
            tlv(4, &key.private.public()),
        ]
        .concat())
    }

    /// ATTEST: only what was made on the card.
    pub fn attest(&self, slot: u8, rng: &mut StdRng) -> Answered {
        let key_in = |slot| self.keys.get(&slot).ok_or(status::NO_REFERENCE);
        let (key, f9) = (key_in(slot)?, key_in(F9)?);
        if !key.generated || slot == F9 {
            return Err(status::WRONG_DATA);
        }
        let (pin_policy, touch_policy) = key.policies(slot);
        let statement = Statement {
            slot,
            key: &key.private,
            firmware: self.firmware,
            serial: self.serial,
            pin_policy,
            touch_policy,
        };
        Ok(attestation::attest(rng, &f9.private, &statement))
    }

    /// What the card's digest of itself is made over.
    pub fn state(&self) -> Vec<u8> {
        let facts = |(slot, key): (&u8, &Key)| {
            let policies = [key.pin_policy, key.touch_policy];
            let facts = [*slot, key.algorithm, u8::from(key.generated)];
            [&facts[..], &policies, &key.private.spki()].concat()
        };
        self.keys.iter().flat_map(facts).collect()
    }
}

fn can_hold_a_key(slot: u8) -> Result<(), u16> {
    match slot {
        0x9a | 0x9c..=0x9e | 0x82..=0x95 | F9 => Ok(()),
        _ => Err(status::WRONG_PLACE),
    }
}
