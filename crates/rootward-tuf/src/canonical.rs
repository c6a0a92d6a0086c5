//! Canonical JSON: the exact bytes a signature covers.
//!
//! Members sorted by the bytes of their names, no blanks, only `"` and `\` escaped, every other character as it is
//! (control characters too). TUF 1.0 (OLPC) and Notary agree on this form for everything our reader accepts.

use crate::json::Value;

/// Encodes a decoded value, unknown members included.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Integer(integer) => out.extend_from_slice(integer.as_str().as_bytes()),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            let mut members: Vec<(&str, &Value)> = object.iter().collect();
            members.sort_unstable_by_key(|&(name, _)| name);
            out.push(b'{');
            for (place, (name, value)) in members.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_string(name, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        if byte == b'"' || byte == b'\\' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse, parse_canonical};

    #[test]
    fn names_are_sorted_blanks_dropped_and_only_quote_and_backslash_escaped() {
        let cases = [
            (
                r#" { "b" : 1 , "a" : [ true , null ] } "#,
                "{\"a\":[true,null],\"b\":1}",
            ),
            (r#""a\n\u0001\"\\\/é""#, "\"a\n\u{1}\\\"\\\\/é\""),
            (
                r#"{"é":1,"z":2,"Z":3,"":4,"😀":5,"\uffee":6}"#,
                "{\"\":4,\"Z\":3,\"z\":2,\"é\":1,\"\u{ffee}\":6,\"😀\":5}",
            ),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ];
        for (text, expected) in cases {
            let value = parse(text.as_bytes(), Limits::default()).unwrap();
            let bytes = canonical(&value);
            assert_eq!(String::from_utf8_lossy(&bytes), expected);
            let again = parse_canonical(&bytes, Limits::default()).unwrap();
            assert_eq!(canonical(&again), bytes);
        }
    }
}
