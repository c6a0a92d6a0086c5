//! Objects in a token: certificates, packed or not, and what it remembers of its management key.

use std::io::Read;

use flate2::read::GzDecoder;
use yubikey::{Error, YubiKey};
use zeroize::Zeroizing;

use crate::ports::Slot;

/// The token's own certificate, over the key that attests (slot f9).
const ATTESTATION: u32 = 0x005f_ff01;
const ADMIN: u32 = 0x005f_ff00;
/// Readable with the PIN alone: what else is kept in it is overwritten.
const PRINTED: u32 = 0x005f_c109;

const CERTIFICATE: u8 = 0x70;
const PACKED: u8 = 0x71;
const ADMIN_DATA: u8 = 0x80;
const ADMIN_FLAGS: u8 = 0x81;
const PROTECTED: u8 = 0x02;
const GUARDED_DATA: u8 = 0x88;
const GUARDED_MANAGEMENT_KEY: u8 = 0x89;

/// Unpacked, a certificate is this long at most.
const LONGEST: u64 = 32 << 10;

/// The certificate of a slot in DER; `None` when there is none. One that cannot be unpacked is the empty certificate.
pub(super) fn certificate(yubikey: &mut YubiKey, slot: Slot) -> Result<Option<Vec<u8>>, Error> {
    Ok(object(yubikey, certificate_object(slot))?.map(|object| unpacked(&object).unwrap_or_default()))
}

/// The certificate over the token's own key; `None` when it has none.
pub(super) fn attestation_certificate(yubikey: &mut YubiKey) -> Result<Option<Vec<u8>>, Error> {
    Ok(object(yubikey, ATTESTATION)?.and_then(|object| unpacked(&object)))
}

/// Whether the management key lies in the token, behind the PIN.
pub(super) fn has_protected_management_key(yubikey: &mut YubiKey) -> Result<bool, Error> {
    let Some(object) = object(yubikey, ADMIN)? else {
        return Ok(false);
    };
    let flags = element(&object, ADMIN_DATA).and_then(|data| element(data, ADMIN_FLAGS)?.first().copied());
    Ok(flags.is_some_and(|flags| flags & PROTECTED != 0))
}

/// Writes a management key to where it lies behind the PIN. The token does not use it by that.
pub(super) fn keep_management_key(yubikey: &mut YubiKey, key: &[u8]) -> Result<(), Error> {
    let length = u8::try_from(key.len()).map_err(|_| Error::SizeError)?;
    let mut object = Zeroizing::new(vec![GUARDED_DATA, length + 2, GUARDED_MANAGEMENT_KEY, length]);
    object.extend_from_slice(key);
    yubikey.save_object(PRINTED, &mut object)
}

fn object(yubikey: &mut YubiKey, id: u32) -> Result<Option<Vec<u8>>, Error> {
    match yubikey.fetch_object(id) {
        // An object that was emptied is one that is not there.
        Ok(object) => Ok(Some(object.to_vec()).filter(|object| !object.is_empty())),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn certificate_object(slot: Slot) -> u32 {
    match slot.number() {
        0x9a => 0x005f_c105,
        0x9c => 0x005f_c10a,
        0x9d => 0x005f_c10b,
        0x9e => 0x005f_c101,
        retired => 0x005f_c10d + u32::from(retired - 0x82),
    }
}

/// The certificate in its object (SP 800-73, appendix A): plain, or packed with gzip.
fn unpacked(object: &[u8]) -> Option<Vec<u8>> {
    let certificate = element(object, CERTIFICATE)?;
    if element(object, PACKED).is_none_or(|packed| packed == [0]) {
        return Some(certificate.to_vec());
    }
    let mut plain = Vec::new();
    let read = GzDecoder::new(certificate).take(LONGEST + 1).read_to_end(&mut plain);
    (read.is_ok() && plain.len() as u64 <= LONGEST).then_some(plain)
}

/// The value of the first element with a tag; `None` when there is none or the elements are broken before it.
fn element(mut bytes: &[u8], tag: u8) -> Option<&[u8]> {
    while let [found, rest @ ..] = bytes {
        let (length, rest) = match *rest {
            [0x82, high, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high, low])), rest),
            [0x81, length, ref rest @ ..] => (usize::from(length), rest),
            [length @ 0..=0x7f, ref rest @ ..] => (usize::from(length), rest),
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        if *found == tag {
            return Some(value);
        }
        bytes = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(certificate: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(certificate).expect("in memory");
        let packed = encoder.finish().expect("in memory");
        let length = u16::try_from(packed.len()).expect("short").to_be_bytes();
        [&[0x70, 0x82, length[0], length[1]], &packed[..], &[0x71, 1, 1, 0xfe, 0]].concat()
    }

    #[test]
    fn a_certificate_is_read_plain_and_packed() {
        let certificate = [7; 700];
        let plain = [&[0x70, 0x82, 0x02, 0xbc], &certificate[..], &[0x71, 1, 0, 0xfe, 0]].concat();
        assert_eq!(unpacked(&plain).as_deref(), Some(&certificate[..]));
        assert_eq!(unpacked(&packed(&certificate)).as_deref(), Some(&certificate[..]));
        assert_eq!(
            unpacked(&[0x70, 3, 1, 2, 3]),
            Some(vec![1, 2, 3]),
            "some leave the rest out"
        );
    }

    #[test]
    fn what_is_no_certificate_is_none_and_a_bomb_stays_packed() {
        for object in [
            &[][..],
            &[0x70],
            &[0x70, 5, 1],
            &[0x70, 0x83, 0, 0, 1, 9],
            &[0x71, 1, 0],
            &[0x70, 1, 9, 0x71, 1, 1],
        ] {
            assert_eq!(unpacked(object), None, "{object:02x?}");
        }
        assert_eq!(unpacked(&packed(&vec![0; 1 << 20])), None);
        let whole = packed(&[7; 700]);
        for cut in 0..whole.len() {
            let _ = unpacked(&whole[..cut]);
        }
    }

    #[test]
    fn the_retired_slots_have_objects_of_their_own() {
        let objects: Vec<u32> = Slot::all().map(certificate_object).collect();
        assert_eq!(objects[..4], [0x005f_c105, 0x005f_c10a, 0x005f_c10b, 0x005f_c101]);
        assert_eq!((objects[4], objects[23]), (0x005f_c10d, 0x005f_c120));
    }
}
