//! Data objects: GET DATA and PUT DATA, what a PIN guards, and the discovery object.

use crate::apdu::{Answered, LONGEST_OBJECT, status};
use crate::tlv::{Elements, tlv};
use std::collections::BTreeMap;

/// Where the certificate of slot F9 lies.
const F9_CERTIFICATE: u32 = 0x5fff01;
const DISCOVERY: u32 = 0x7e;
/// Printed information (a protected management key lies there), fingerprints, facial image, iris images.
const GUARDED: [u32; 4] = [0x5fc109, 0x5fc103, 0x5fc108, 0x5fc121];

/// The objects of one card.
pub struct Objects(BTreeMap<u32, Vec<u8>>);

impl Objects {
    /// Those of a new card: the certificate of its attestation key.
    pub fn factory(f9: &[u8]) -> Self {
        let object = [tlv(0x70, f9), tlv(0x71, &[0]), tlv(0xfe, &[])].concat();
        Self(BTreeMap::from([(F9_CERTIFICATE, object)]))
    }

    /// What RESET leaves.
    pub fn reset(&mut self) {
        self.0.retain(|id, _| *id == F9_CERTIFICATE);
    }

    /// GET DATA.
    pub fn read(&self, data: &[u8], pin_verified: bool) -> Answered {
        let template = Elements::read(data).ok_or(status::WRONG_DATA)?;
        let id = id(&template)?;
        if id == DISCOVERY {
            let application = tlv(0x4f, &[0xa0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0]);
            return Ok(tlv(0x7e, &[application, tlv(0x5f2f, &[0x40, 0])].concat()));
        }
        if GUARDED.contains(&id) && !pin_verified {
            return Err(status::SECURITY);
        }
        self.0.get(&id).map(|value| tlv(0x53, value)).ok_or(status::NOT_FOUND)
    }

    /// PUT DATA. An empty value removes the object.
    pub fn write(&mut self, data: &[u8]) -> Answered {
        let template = Elements::read(data).ok_or(status::WRONG_DATA)?;
        let (id, value) = (id(&template)?, template.find(0x53).ok_or(status::WRONG_DATA)?);
        match value.len() {
            0 => drop(self.0.remove(&id)),
            1..=LONGEST_OBJECT => drop(self.0.insert(id, value.to_vec())),
            _ => return Err(status::NO_SPACE),
        }
        Ok(Vec::new())
    }

    /// What the card's digest of itself is made over.
    pub fn state(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|(id, value)| [&id.to_be_bytes()[..], value].concat())
            .collect()
    }
}

/// Finds the certificate in what GET DATA answers for a certificate's object.
pub fn certificate_in(answer: &[u8]) -> Option<&[u8]> {
    Elements::read(Elements::read(answer)?.find(0x53)?)?.find(0x70)
}

fn id(template: &Elements) -> Result<u32, u16> {
    match template.find(0x5c) {
        Some(id @ ([_] | [_, _] | [_, _, _])) => Ok(id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte))),
        _ => Err(status::WRONG_DATA),
    }
}
