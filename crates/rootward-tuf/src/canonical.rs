//! Canonical JSON: the exact bytes a signature covers.
//!
//! Members sorted by the bytes of their names, no blanks, only `"` and `\` escaped, every other character as it is
//! (control characters too). TUF 1.0 (OLPC) and Notary agree on this form for everything our reader accepts.

use crate::json::{Name, Value, View, unescaped};

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

/// Writes a string, as [`canonical`] writes one.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    write_escaped(text.as_bytes(), out);
    out.push(b'"');
}

fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if byte == b'"' || byte == b'\\' {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

/// Encodes a value of a checked text without decoding it.
///
/// Writes members in the order they come, and moves what an object wrote only if that was another one: time grows with the
/// text, and with the depth of what is out of order.
pub(crate) fn canonical_text(view: View<'_>) -> Vec<u8> {
    let mut writer = Writer {
        out: Vec::new(),
        members: Vec::new(),
    };
    writer.value(view);
    writer.out
}

struct Writer<'a> {
    out: Vec<u8>,
    /// Of every open object: where each member begins in the output, and what it is called.
    members: Vec<(usize, Name<'a>)>,
}

impl<'a> Writer<'a> {
    /// Writes a value; says where it ended in its text.
    fn value(&mut self, view: View<'a>) -> usize {
        if let Some(text) = view.string() {
            self.string(text);
            return view.start() + text.written().len() + 2;
        }
        if view.is_object() {
            return self.object(view);
        }
        if view.is_array() {
            return self.array(view);
        }
        let written = view.written();
        self.out.extend_from_slice(written);
        view.start() + written.len()
    }

    fn array(&mut self, view: View<'a>) -> usize {
        let mut steps = view.steps();
        self.out.push(b'[');
        while !steps.is_at_end() {
            if self.out.last() != Some(&b'[') {
                self.out.push(b',');
            }
            let end = self.value(steps.view());
            steps.go_on(end);
        }
        self.out.push(b']');
        steps.end()
    }

    fn object(&mut self, view: View<'a>) -> usize {
        let mut steps = view.steps();
        let first = self.members.len();
        let mut ascending = true;
        self.out.push(b'{');
        while let Some(name) = steps.name() {
            if let Some((_, before)) = self.members[first..].last() {
                ascending = ascending && before.compare(name).is_lt();
                self.out.push(b',');
            }
            self.members.push((self.out.len(), name));
            self.string(name);
            self.out.push(b':');
            let end = self.value(steps.view());
            steps.go_on(end);
        }
        if !ascending {
            self.sort(first);
        }
        self.members.truncate(first);
        self.out.push(b'}');
        steps.end()
    }

    /// Puts the members of the object just written into order; `first` is its first.
    fn sort(&mut self, first: usize) {
        let members = &mut self.members[first..];
        let Some(&(start, _)) = members.first() else { return };
        let ends: Vec<usize> = members[1..].iter().map(|(next, _)| next - 1).collect();
        let ends = ends.into_iter().chain([self.out.len()]);
        let mut parts: Vec<_> = members
            .iter()
            .zip(ends)
            .map(|(&(from, name), to)| (name, from..to))
            .collect();
        parts.sort_by(|(one, _), (other, _)| one.compare(*other));
        let mut sorted = Vec::with_capacity(self.out.len() - start);
        for (place, (_, part)) in parts.into_iter().enumerate() {
            if place > 0 {
                sorted.push(b',');
            }
            sorted.extend_from_slice(&self.out[part]);
        }
        self.out.truncate(start);
        self.out.append(&mut sorted);
    }

    fn string(&mut self, text: Name<'_>) {
        self.out.push(b'"');
        unescaped(text.written(), |run, character| {
            self.out.extend_from_slice(run);
            if let Some(character) = character {
                write_escaped(character.encode_utf8(&mut [0; 4]).as_bytes(), &mut self.out);
            }
        });
        self.out.push(b'"');
    }
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
