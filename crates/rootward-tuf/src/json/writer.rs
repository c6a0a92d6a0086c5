//! Writes JSON text, on one line or indented.

use crate::json::{Name, Value, View};

pub(super) fn write(value: &Value, indent: Option<usize>, level: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Integer(integer) => out.push_str(integer.as_str()),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_list(items.iter(), "[]", indent, level, out, |item, level, out| {
            write(item, indent, level, out);
        }),
        Value::Object(object) => write_list(object.iter(), "{}", indent, level, out, |(name, value), level, out| {
            write_string(name, out);
            out.push_str(if indent.is_some() { ": " } else { ":" });
            write(value, indent, level, out);
        }),
    }
}

fn write_list<T>(
    items: impl ExactSizeIterator<Item = T>,
    brackets: &str,
    indent: Option<usize>,
    level: usize,
    out: &mut String,
    each: impl Fn(T, usize, &mut String),
) {
    let line = |level: usize, out: &mut String| {
        if let Some(width) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * level));
        }
    };
    let empty = items.len() == 0;
    out.push_str(&brackets[..1]);
    for (place, item) in items.enumerate() {
        if place > 0 {
            out.push(',');
        }
        line(level + 1, out);
        each(item, level + 1, out);
    }
    if !empty {
        line(level, out);
    }
    out.push_str(&brackets[1..]);
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        write_character(character, out);
    }
    out.push('"');
}

fn write_character(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
        other => out.push(other),
    }
}

/// Whether canonical JSON is JSON text as it is: there are no control characters in it, which only strings hold.
pub(crate) fn is_text(canonical: &[u8]) -> bool {
    // Without a way out in the middle, so that the machine looks at many bytes at once.
    !canonical.iter().fold(false, |any, byte| any | (*byte < b' '))
}

/// Writes canonical JSON as JSON text on one line: the same, but for control characters.
pub(crate) fn write_canonical(canonical: &[u8], out: &mut Vec<u8>) {
    let mut rest = canonical;
    while let Some(place) = rest.iter().position(|byte| *byte < b' ') {
        out.extend_from_slice(&rest[..place]);
        let mut escaped = String::new();
        write_character(char::from(rest[place]), &mut escaped);
        out.extend_from_slice(escaped.as_bytes());
        rest = &rest[place + 1..];
    }
    out.extend_from_slice(rest);
}

/// Writes an object with these members as [`super::pretty`] does, without decoding them.
pub(crate) fn pretty_members(members: &[(&str, View<'_>)]) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for (place, (name, view)) in members.iter().enumerate() {
        out.extend_from_slice(if place > 0 { b",\n \"" } else { b"\n \"" });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\": ");
        write_lines(*view, 1, &mut out);
    }
    out.extend_from_slice(b"\n}");
    out
}

/// Writes a value of a checked text, one member a line; says where it ended in its text.
fn write_lines(view: View<'_>, level: usize, out: &mut Vec<u8>) -> usize {
    if let Some(text) = view.string() {
        write_text(text, out);
        return view.start() + text.written().len() + 2;
    }
    if !view.is_object() && !view.is_array() {
        let written = view.written();
        out.extend_from_slice(written);
        return view.start() + written.len();
    }
    let line = |level: usize, out: &mut Vec<u8>| {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', level));
    };
    let mut steps = view.steps();
    let is_empty = steps.is_at_end();
    out.push(if view.is_object() { b'{' } else { b'[' });
    let mut is_first = true;
    while !steps.is_at_end() {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        line(level + 1, out);
        if view.is_object()
            && let Some(name) = steps.name()
        {
            write_text(name, out);
            out.extend_from_slice(b": ");
        }
        let end = write_lines(steps.view(), level + 1, out);
        steps.go_on(end);
    }
    if !is_empty {
        line(level, out);
    }
    out.push(if view.is_object() { b'}' } else { b']' });
    steps.end()
}

fn write_text(text: Name<'_>, out: &mut Vec<u8>) {
    let mut written = String::new();
    write_string(&text.decoded(), &mut written);
    out.extend_from_slice(written.as_bytes());
}
