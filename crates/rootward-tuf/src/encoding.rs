//! Digests and the two text forms bytes take in metadata: hexadecimal (TUF 1.0) and base64 (Notary).
//!
//! Reading is strict about alphabet and length; hexadecimal is read in either case and written in lower case.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Computes the SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Computes the SHA-512 of `bytes`.
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    out.copy_from_slice(digest::digest(&digest::SHA512, bytes).as_ref());
    out
}

/// Writes `bytes` as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads hexadecimal in either case; `None` if the length is odd or a character is no digit.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // Room for all at once: what may end early does not say how much it comes to.
    let mut bytes = Vec::with_capacity(pairs.len());
    for &[high, low] in pairs {
        bytes.push(digit(high)? << 4 | digit(low)?);
    }
    Some(bytes)
}

/// How many bytes a text is in hexadecimal; `None` for what [`from_hex`] does not read.
pub(crate) fn hex_length(text: &[u8]) -> Option<usize> {
    // Without a way out in the middle, so that the machine looks at many bytes at once.
    let others = text.iter().fold(false, |others, byte| {
        let is_digit = byte.wrapping_sub(b'0') < 10;
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 6;
        others | !(is_digit | is_letter)
    });
    (!others && text.len().is_multiple_of(2)).then_some(text.len() / 2)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Writes `bytes` as standard base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads standard base64 with padding; `None` if it is anything else.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Writes a text as one harmless component of a path or URL: all but letters, digits, `_`, `-`, `~` and `.` is
/// percent-encoded, byte by byte. The caller looks after `.` and `..`.
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'~' | b'.' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Writes a block of PEM with line ends `\n`, the last included.
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = base64(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for start in (0..body.len()).step_by(64) {
        text.push_str(&body[start..body.len().min(start + 64)]);
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_in_either_case_and_refused_when_malformed() {
        assert_eq!(from_hex("00fFa1"), Some(vec![0, 255, 0xa1]));
        assert_eq!(from_hex(""), Some(vec![]));
        for bad in ["0", "0g", "é0", "XXX", " 00"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
        for text in (0..=255_u8)
            .map(|byte| vec![b'0', byte])
            .chain([vec![], vec![b'a'; 63], vec![b'F'; 64]])
        {
            let read = std::str::from_utf8(&text).ok().and_then(from_hex);
            assert_eq!(hex_length(&text), read.map(|bytes| bytes.len()), "{text:?}");
        }
        assert_eq!(hex(&[0, 255, 0xa1]), "00ffa1");
    }
}
