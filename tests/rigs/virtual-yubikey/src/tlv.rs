//! Just enough BER-TLV for PIV and for certificates written by hand: tags of one or two bytes, lengths below 65536.

/// One element.
pub fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 6);
    if tag > 0xff {
        out.push((tag >> 8) as u8);
    }
    out.push(tag as u8);
    match value.len() {
        n if n < 0x80 => out.push(n as u8),
        n if n < 0x100 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend_from_slice(value);
    out
}

/// A DER SEQUENCE of elements.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// A DER INTEGER that is not negative.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros.min(bytes.len().saturating_sub(1))..];
    let sign = bytes.first().is_none_or(|byte| byte & 0x80 != 0);
    tlv(2, &[&[0][..usize::from(sign)], bytes].concat())
}

/// A list of elements, as read.
pub struct Elements<'a>(Vec<(u32, &'a [u8])>);

impl<'a> Elements<'a> {
    /// Reads a list to its end; nothing when it is cut short or has a longer length than PIV ever uses.
    pub fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut elements = Vec::new();
        while let Some((&first, rest)) = bytes.split_first() {
            let (tag, rest) = match first & 0x1f {
                0x1f => (u32::from(first) << 8 | u32::from(*rest.first()?), &rest[1..]),
                _ => (u32::from(first), rest),
            };
            let (length, skip) = match *rest.first()? {
                // Yubico's tools write 0x80 as a short length in places.
                n if n <= 0x80 => (usize::from(n), 1),
                0x81 => (usize::from(*rest.get(1)?), 2),
                0x82 => (usize::from(*rest.get(1)?) << 8 | usize::from(*rest.get(2)?), 3),
                _ => return None,
            };
            elements.push((tag, rest.get(skip..skip + length)?));
            bytes = &rest[skip + length..];
        }
        Some(Self(elements))
    }

    /// The value of the first element with this tag.
    pub fn find(&self, tag: u32) -> Option<&'a [u8]> {
        self.0.iter().find(|(found, _)| *found == tag).map(|(_, value)| *value)
    }

    /// The first byte of that value.
    pub fn byte(&self, tag: u32) -> Option<u8> {
        self.find(tag)?.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let long = vec![7; 3000];
        let bytes = [tlv(0x7c, &[1, 2]), tlv(0x5f2f, &[]), tlv(0x53, &long)].concat();
        let read = Elements::read(&bytes).unwrap();
        assert_eq!(read.find(0x7c), Some(&[1, 2][..]));
        assert_eq!(read.find(0x5f2f), Some(&[][..]));
        assert_eq!(read.find(0x53), Some(&long[..]));
        assert_eq!((read.find(0x54), read.byte(0x7c)), (None, Some(1)));
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let whole = [tlv(0x5f2f, &[1]), tlv(0x53, &[9; 300])].concat();
        for length in 1..whole.len() {
            let cut_between = length == 4;
            assert_eq!(Elements::read(&whole[..length]).is_some(), cut_between, "{length}");
        }
        assert!(Elements::read(&[0x53, 0x83, 0, 0, 0]).is_none());
    }

    #[test]
    fn integers_are_not_negative_and_not_padded() {
        assert_eq!(integer(&[0, 0, 5]), [2, 1, 5]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
    }
}
