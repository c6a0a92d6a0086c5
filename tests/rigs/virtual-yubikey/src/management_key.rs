//! The management key: 3DES or AES, and the two ways to prove that one has it (SP 800-73-4, part 2, 3.2.4).

use crate::apdu::{Answered, status};
use crate::tlv::{Elements, tlv};
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use rand::Rng;

const TDES: u8 = 0x03;
const AES_192: u8 = 0x0a;
const DEFAULT: [u8; 24] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

/// The key, and what is half proven.
pub struct ManagementKey {
    algorithm: u8,
    bytes: Vec<u8>,
    touch: bool,
    witness: Option<Vec<u8>>,
    challenge: Option<Vec<u8>>,
}

/// What one step of the proof came to.
pub enum Step {
    /// The host still has to answer.
    Open(Vec<u8>),
    /// The host has the key.
    Proven(Vec<u8>),
}

impl ManagementKey {
    /// The key a new card has: AES-192 since firmware 5.7.
    pub fn factory(firmware: [u8; 3]) -> Self {
        Self::of(
            if firmware >= [5, 7, 0] { AES_192 } else { TDES },
            DEFAULT.to_vec(),
            false,
        )
    }

    fn of(algorithm: u8, bytes: Vec<u8>, touch: bool) -> Self {
        Self {
            algorithm,
            bytes,
            touch,
            witness: None,
            challenge: None,
        }
    }

    /// Reads SET MANAGEMENT KEY: algorithm, 9B, length, key.
    pub fn read(data: &[u8], touch: bool, firmware: [u8; 3]) -> Result<Self, u16> {
        let [algorithm, 0x9b, length, key @ ..] = data else {
            return Err(status::WRONG_DATA);
        };
        let new = Self::of(*algorithm, key.to_vec(), touch);
        let known = *algorithm == TDES || firmware >= [5, 4, 2];
        if !known || key.len() != usize::from(*length) || new.encrypt(&vec![0; new.block()]).is_none() {
            return Err(status::WRONG_DATA);
        }
        Ok(new)
    }

    /// The answer to GET METADATA 9B.
    pub fn metadata(&self) -> Vec<u8> {
        let touch = if self.touch { 2 } else { 1 };
        [
            tlv(1, &[self.algorithm]),
            tlv(2, &[0, touch]),
            tlv(5, &[u8::from(self.bytes == DEFAULT)]),
        ]
        .concat()
    }

    /// Whether each proof needs a touch.
    pub fn wants_touch(&self) -> bool {
        self.touch
    }

    /// Forgets what is half proven.
    pub fn forget(&mut self) {
        (self.witness, self.challenge) = (None, None);
    }

    /// One step of GENERAL AUTHENTICATE 9B.
    pub fn step(&mut self, algorithm: u8, template: &Elements, rng: &mut impl Rng) -> Result<Step, u16> {
        // Algorithm 00 has always meant 3DES.
        if algorithm != self.algorithm && (algorithm, self.algorithm) != (0, TDES) {
            return Err(status::WRONG_DATA);
        }
        let mut random = vec![0; self.block()];
        rng.fill_bytes(&mut random);
        let encrypt = |block: &[u8]| self.encrypt(block).ok_or(status::WRONG_DATA);
        match (template.find(0x80), template.find(0x81), template.find(0x82)) {
            (Some([]), _, _) => {
                let hidden = encrypt(&random)?;
                self.witness = Some(random);
                Ok(Step::Open(tlv(0x7c, &tlv(0x80, &hidden))))
            }
            (Some(found), Some(theirs), _) => {
                let proof = encrypt(theirs)?;
                if self.witness.take().as_deref() != Some(found) {
                    return Err(status::SECURITY);
                }
                Ok(Step::Proven(tlv(0x7c, &tlv(0x82, &proof))))
            }
            (None, Some([]), _) => {
                self.challenge = Some(random.clone());
                Ok(Step::Open(tlv(0x7c, &tlv(0x81, &random))))
            }
            (None, None, Some(response)) => {
                let challenge = self.challenge.take().ok_or(status::CONDITIONS)?;
                if self.encrypt(&challenge).as_deref() != Some(response) {
                    return Err(status::SECURITY);
                }
                Ok(Step::Proven(Vec::new()))
            }
            _ => Err(status::WRONG_DATA),
        }
    }

    /// What the card's digest of itself is made over.
    pub fn state(&self) -> Vec<u8> {
        [&[self.algorithm, u8::from(self.touch)], &self.bytes[..]].concat()
    }

    fn block(&self) -> usize {
        if self.algorithm == TDES { 8 } else { 16 }
    }

    fn encrypt(&self, block: &[u8]) -> Option<Vec<u8>> {
        match self.algorithm {
            TDES => encrypt_with::<des::TdesEde3>(&self.bytes, block),
            0x08 => encrypt_with::<aes::Aes128>(&self.bytes, block),
            AES_192 => encrypt_with::<aes::Aes192>(&self.bytes, block),
            0x0c => encrypt_with::<aes::Aes256>(&self.bytes, block),
            _ => None,
        }
    }
}

fn encrypt_with<C: KeyInit + BlockCipherEncrypt>(key: &[u8], block: &[u8]) -> Option<Vec<u8>> {
    let mut block = Block::<C>::try_from(block).ok()?;
    C::new_from_slice(key).ok()?.encrypt_block(&mut block);
    Some(block.to_vec())
}

/// Turns a step into the answer's bytes.
impl Step {
    pub fn answer(self) -> Answered {
        match self {
            Self::Open(bytes) | Self::Proven(bytes) => Ok(bytes),
        }
    }
}
