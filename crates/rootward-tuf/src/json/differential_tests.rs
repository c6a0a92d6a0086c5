//! The scanner, the views and the canonical writer against the simple reader and writer, on texts good and bad.

use crate::canonical::{canonical, canonical_text};
use crate::json::reference::Reader;
use crate::json::{Limits, Object, check, parse, parse_canonical, pretty, pretty_members};

/// A stream of numbers that is the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const LIMITS: Limits = Limits { depth: 6, bytes: 4096 };

/// Writes some JSON, loosely or in the way canonical JSON is written.
fn write(dice: &mut Dice, depth: usize, loose: bool, out: &mut String) {
    let blank = |dice: &mut Dice, out: &mut String| {
        if loose && dice.roll(4) == 0 {
            out.push_str(dice.one_of(&[" ", "\n", "\t\r", "  "]));
        }
    };
    blank(dice, out);
    match dice.roll(if depth == 0 { 4 } else { 8 }) {
        0 => out.push_str(dice.one_of(&["0", "1", "-1", "9007199254740993", "-123456789012345678901234567890"])),
        1 => out.push_str(dice.one_of(&["true", "false", "null"])),
        2 | 3 => text(dice, loose, out),
        4 | 5 => {
            out.push('[');
            for place in 0..dice.roll(4) {
                if place > 0 {
                    out.push(',');
                }
                write(dice, depth - 1, loose, out);
                blank(dice, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            blank(dice, out);
            let many = if dice.roll(20) == 0 { 40 } else { 5 };
            let mut names: Vec<String> = (0..dice.roll(many)).map(|_| name(dice, loose)).collect();
            if !loose || dice.roll(2) == 0 {
                names.sort();
                names.dedup();
            }
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                blank(dice, out);
                out.push_str(&name);
                blank(dice, out);
                out.push(':');
                write(dice, depth - 1, loose, out);
                blank(dice, out);
            }
            out.push('}');
        }
    }
}

fn name(dice: &mut Dice, loose: bool) -> String {
    let mut name = String::new();
    if dice.roll(3) == 0 {
        text(dice, loose, &mut name);
    } else {
        name = format!("\"{}\"", dice.roll(60));
    }
    name
}

fn text(dice: &mut Dice, loose: bool, out: &mut String) {
    const CANONICAL: &[&str] = &[
        "a",
        "b",
        "é",
        "😀",
        "\\\"",
        "\\\\",
        "a long run of plain text",
        "0",
        "{",
        "]",
        ",",
        ":",
    ];
    const LOOSE: &[&str] = &[
        "\\n",
        "\\/",
        "\\u0061",
        "\\ud83d\\ude00",
        "\\u00e9",
        "\\u0022",
        "\\u005c",
        "\\b\\f\\r\\t",
    ];
    out.push('"');
    for _ in 0..dice.roll(5) {
        let pieces = if loose && dice.roll(3) == 0 { LOOSE } else { CANONICAL };
        out.push_str(dice.one_of(pieces));
    }
    out.push('"');
}

/// Spoils a text by a few bytes.
fn spoil(dice: &mut Dice, text: &mut Vec<u8>) {
    for _ in 0..=dice.roll(2) {
        let place = dice.roll(text.len() + 1);
        let byte = *dice
            .one_of(&[
                "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "u", "d", " ", "\n", "\u{1}", "t",
            ])
            .as_bytes()
            .first()
            .unwrap();
        match dice.roll(4) {
            0 => text.insert(place, byte),
            1 if place < text.len() => text[place] = byte,
            2 if place < text.len() => text[place] = 0x80 + dice.roll(0x80) as u8,
            _ if place < text.len() => drop(text.remove(place)),
            _ => text.push(byte),
        }
    }
}

#[test]
fn scanner_and_simple_reader_agree_on_every_text_and_every_error() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad, mut canonical_ones) = (0, 0, 0);
    for round in 0..60_000 {
        let mut text = String::new();
        write(&mut dice, 1 + round % 7, round % 3 != 0, &mut text);
        let mut text = text.into_bytes();
        if dice.roll(3) == 0 {
            spoil(&mut dice, &mut text);
        }
        let shown = String::from_utf8_lossy(&text).into_owned();
        for raw_controls in [false, true] {
            let expected = Reader::new(&text, LIMITS, raw_controls).document();
            let found = if raw_controls {
                parse_canonical(&text, LIMITS)
            } else {
                parse(&text, LIMITS)
            };
            assert_eq!(found, expected, "{shown}");
            let Ok(value) = expected else {
                bad += 1;
                continue;
            };
            good += 1;
            let checked = check(&text, LIMITS, raw_controls).unwrap();
            let bytes = canonical(&value);
            assert_eq!(canonical_text(checked.view()), bytes, "{shown}");
            assert_eq!(checked.is_canonical(), bytes == text, "{shown}");
            let whole = Object(vec![("whole".to_owned(), value)]);
            assert_eq!(
                pretty_members(&[("whole", checked.view())]),
                pretty(&whole.into()).into_bytes(),
                "{shown}"
            );
            canonical_ones += usize::from(checked.is_canonical());
        }
    }
    assert!(
        good > 20_000 && bad > 10_000 && canonical_ones > 5_000,
        "{good} {bad} {canonical_ones}"
    );
}

#[test]
fn a_name_is_what_it_says_however_it_is_spelled() {
    let names = ["", "a", "sig", "\"", "\\", "s", "é", "\u{1f600}x"];
    let spelled = [
        r#""""#,
        r#""a""#,
        r#""\u0061""#,
        r#""sig""#,
        r#""\u0073ig""#,
        r#""s\u0069g""#,
        r#""\"""#,
        r#""\u0022""#,
        r#""\\""#,
        r#""é""#,
        r#""\u00e9""#,
        r#""\ud83d\ude00x""#,
    ];
    for text in spelled {
        let checked = check(text.as_bytes(), LIMITS, false).unwrap();
        let name = checked.view().string().unwrap();
        for other in names {
            assert_eq!(name.is(other), name.decoded() == other, "{text} {other}");
            assert_eq!(
                name.compare_to(other),
                name.decoded().as_ref().cmp(other),
                "{text} {other}"
            );
        }
    }
}
