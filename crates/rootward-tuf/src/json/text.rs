//! Strings of JSON text: where they end, what they say, and how two of them compare, without copying what needs no decoding.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Finds the first quote, backslash or control character at or after `from`; the end of the text if there is none.
///
/// Looks at eight bytes at a time: most of a document lies between quotes.
pub(super) fn next_special(text: &[u8], from: usize) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = from;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let (quote, backslash) = (word ^ (LOW * 0x22), word ^ (LOW * 0x5c));
        // The lowest bit set is exact: a borrow can only add bits above a byte that is one of those looked for.
        let found = (quote.wrapping_sub(LOW) & !quote
            | backslash.wrapping_sub(LOW) & !backslash
            | word.wrapping_sub(LOW * 0x20) & !word)
            & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    rest.iter().position(special).map_or(text.len(), |place| at + place)
}

/// Where the string ends whose content begins at `from`: the place of its closing quote. Meant for checked text.
pub(super) fn end_of_string(text: &[u8], from: usize) -> usize {
    let mut at = next_special(text, from);
    while at < text.len() && text[at] != b'"' {
        // An escape, whose second byte may be a quote; or a bare control character of canonical JSON.
        at = next_special(text, at + if text[at] == b'\\' { 2 } else { 1 });
    }
    at.min(text.len())
}

/// Decodes the content of a checked string.
pub(super) fn decoded(content: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', content).is_none() {
        return String::from_utf8_lossy(content);
    }
    let mut out = Vec::with_capacity(content.len());
    unescaped(content, |run, character| {
        out.extend_from_slice(run);
        if let Some(character) = character {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    });
    // Whole runs of UTF-8 text cut at ASCII bytes, and characters encoded by us.
    Cow::Owned(String::from_utf8(out).unwrap_or_default())
}

/// Takes the content of a checked string apart: runs of plain bytes, each with the escaped character behind it.
pub(crate) fn unescaped(content: &[u8], mut each: impl FnMut(&[u8], Option<char>)) {
    let mut rest = content;
    while let Some(place) = memchr::memchr(b'\\', rest) {
        let (run, escape) = rest.split_at(place);
        let (character, taken) = escaped(escape).unwrap_or((char::REPLACEMENT_CHARACTER, escape.len()));
        each(run, Some(character));
        rest = &escape[taken..];
    }
    each(rest, None);
}

/// Compares the contents of two checked strings by the bytes of what they say.
///
/// Looks no further than the shorter one goes: a long one may be compared with very many.
pub(super) fn compare(one: &[u8], other: &[u8]) -> Ordering {
    let shorter = one.len().min(other.len());
    if has_escapes(&one[..shorter]) || has_escapes(&other[..shorter]) {
        said(one).cmp(said(other))
    } else {
        // Where both say the same that far, whatever the longer one has behind it says something more.
        one.cmp(other)
    }
}

/// Compares what the content of a checked string says with `text`, byte by byte, and looks no further than [`compare`] does.
pub(super) fn compare_to(content: &[u8], text: &str) -> Ordering {
    if has_escapes(&content[..content.len().min(text.len())]) {
        said(content).cmp(text.bytes())
    } else {
        content.cmp(text.as_bytes())
    }
}

fn has_escapes(content: &[u8]) -> bool {
    memchr::memchr(b'\\', content).is_some()
}

/// The bytes of what a checked string says, each decoded when it is asked for.
fn said(content: &[u8]) -> impl Iterator<Item = u8> {
    let (mut rest, mut character, mut waiting) = (content, [0; 4], 0..0);
    std::iter::from_fn(move || {
        if let Some(place) = waiting.next() {
            return Some(character[place]);
        }
        let (&first, after) = rest.split_first()?;
        if first != b'\\' {
            rest = after;
            return Some(first);
        }
        let (escape, taken) = escaped(rest).unwrap_or((char::REPLACEMENT_CHARACTER, rest.len()));
        rest = &rest[taken..];
        waiting = 0..escape.encode_utf8(&mut character).len();
        waiting.next().map(|place| character[place])
    })
}

/// Why the text after a backslash is no escape, and how many bytes behind the backslash that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadEscape {
    Unknown,
    NoDigit { after: usize },
    HalfASurrogatePair,
}

/// Reads the escape that `text` begins with: the character, and how many bytes it takes.
pub(super) fn escaped(text: &[u8]) -> Result<(char, usize), BadEscape> {
    let plain = match text.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        _ => return Err(BadEscape::Unknown),
    };
    Ok((plain, 2))
}

fn unicode(text: &[u8]) -> Result<(char, usize), BadEscape> {
    let first = four_digits(text, 2)?;
    let (code, taken) = match first {
        0xd800..=0xdbff if text.get(6..).is_some_and(|rest| rest.starts_with(b"\\u")) => match four_digits(text, 8)? {
            second @ 0xdc00..=0xdfff => (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12),
            _ => (first, 6),
        },
        other => (other, 6),
    };
    let character = char::from_u32(code).ok_or(BadEscape::HalfASurrogatePair)?;
    Ok((character, taken))
}

fn four_digits(text: &[u8], from: usize) -> Result<u32, BadEscape> {
    let mut code = 0;
    for after in from..from + 4 {
        let digit = text.get(after).and_then(|&byte| char::from(byte).to_digit(16));
        code = code << 4 | digit.ok_or(BadEscape::NoDigit { after })?;
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_compared_by_what_they_say_and_no_further_than_they_are_alike() {
        let texts = [
            "",
            "a",
            "\\u0061",
            "ab",
            "a\\u0062",
            "a\\n",
            "\\u000a",
            "\\/",
            "/",
            "\\\\",
            "\\u005c",
            "\\\"",
            "é",
            "\\u00e9",
            "\\ud83d\\ude00",
            "😀",
            "\\uffee",
            "\u{ffee}",
            "\\u0061b",
            "a\\u00e9",
            "aé",
            "~",
            "\\u007f",
        ];
        for one in texts {
            for other in texts {
                let (one, other) = (one.as_bytes(), other.as_bytes());
                let expected = decoded(one).cmp(&decoded(other));
                assert_eq!(compare(one, other), expected, "{one:?} {other:?}");
                assert_eq!(compare_to(one, &decoded(other)), expected, "{one:?} {other:?}");
            }
        }
    }
}
