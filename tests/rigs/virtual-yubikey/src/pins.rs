//! The PIN and the PUK: compared in whole, counted before anything else is looked at.

use crate::apdu::status;
use crate::tlv::tlv;

/// A PIN or a PUK with its counter. Eight bytes, a PIN shorter than that is filled with FF.
pub struct Secret {
    value: Vec<u8>,
    factory: [u8; 8],
    left: u8,
    most: u8,
}

impl Secret {
    /// `123456`.
    pub fn pin() -> Self {
        Self::factory(*b"123456\xff\xff", 3)
    }

    /// `12345678`.
    pub fn puk() -> Self {
        Self::factory(*b"12345678", 3)
    }

    fn factory(factory: [u8; 8], tries: u8) -> Self {
        Self {
            value: factory.to_vec(),
            factory,
            left: tries,
            most: tries,
        }
    }

    /// Compares, and counts a miss. A blocked one compares nothing.
    pub fn check(&mut self, given: &[u8]) -> Result<(), u16> {
        if self.left == 0 {
            return Err(status::BLOCKED);
        }
        if self.value == given {
            self.left = self.most;
            return Ok(());
        }
        self.left -= 1;
        self.standing()
    }

    /// Gives the status word that says how many tries are left; it is never good.
    pub fn standing(&self) -> Result<(), u16> {
        Err(match self.left {
            0 => status::BLOCKED,
            left => status::tries(left),
        })
    }

    /// Takes a new value. Six characters at least: FF is filling, not a character.
    pub fn change(&mut self, new: &[u8]) -> Result<(), u16> {
        if new.len() != 8 || new[..6].contains(&0xff) {
            return Err(status::WRONG_DATA);
        }
        self.value = new.to_vec();
        Ok(())
    }

    /// Makes all tries available again.
    pub fn unblock(&mut self) {
        self.left = self.most;
    }

    /// The factory's value again, with a new number of tries (SET PIN RETRIES).
    pub fn restart(&mut self, tries: u8) {
        *self = Self::factory(self.factory, tries);
    }

    pub fn is_blocked(&self) -> bool {
        self.left == 0
    }

    pub fn tries_left(&self) -> u8 {
        self.left
    }

    /// Sets how many tries are left, as if the rest had been used up.
    pub fn leave(&mut self, left: u8) {
        self.left = left;
        self.most = self.most.max(left);
    }

    /// The answer to GET METADATA 80 or 81.
    pub fn metadata(&self) -> Vec<u8> {
        let is_default = u8::from(self.value == self.factory);
        [tlv(1, &[0xff]), tlv(5, &[is_default]), tlv(6, &[self.most, self.left])].concat()
    }

    /// What the card's digest of itself is made over.
    pub fn state(&self) -> Vec<u8> {
        [&self.value[..], &[self.left, self.most]].concat()
    }
}
