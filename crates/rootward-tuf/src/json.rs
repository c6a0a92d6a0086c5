//! A JSON reader for signed documents, and a writer for what we publish.
//!
//! Stricter than JSON where a signature would otherwise cover two readings: a member named twice, a number that is no
//! integer, text that is no Unicode are refused. Integers keep the text they were read with.

use std::collections::HashSet;
use std::fmt;

/// A decoded JSON value, members in the order they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(Integer),
    String(String),
    Array(Vec<Value>),
    Object(Object),
}

/// An integer of any size, as its shortest decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integer(String);

/// The members of a JSON object; names are unique, the order is the one read or inserted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Vec<(String, Value)>);

/// How much a document may ask of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and objects inside each other.
    pub depth: usize,
    /// Length of the document.
    pub bytes: usize,
}

/// Where reading stopped, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: expected {expected}, found {found}")]
pub struct JsonError {
    /// Bytes before the place.
    pub offset: usize,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    pub expected: &'static str,
    pub found: String,
}

/// Reads one JSON document and nothing after it.
///
/// Fails with the position and what was expected there.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, JsonError> {
    Reader::new(bytes, limits, false).document()
}

/// Reads canonical JSON, in which control characters stand unescaped inside strings.
///
/// Fails as [`parse`] does. Does not check that the bytes are the canonical form of what they say.
pub fn parse_canonical(bytes: &[u8], limits: Limits) -> Result<Value, JsonError> {
    Reader::new(bytes, limits, true).document()
}

/// Writes `value` as JSON text on one line.
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(value, None, 0, &mut out);
    out
}

/// Writes `value` as JSON text, one member a line, indented by one space a level.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, Some(1), 0, &mut out);
    out
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 64,
            bytes: 100 * 1024 * 1024,
        }
    }
}

impl Value {
    /// Builds a string value.
    pub fn text(text: impl Into<String>) -> Self {
        Value::String(text.into())
    }

    /// Builds an integer value.
    pub fn number(number: u64) -> Self {
        Value::Integer(Integer(number.to_string()))
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self {
            Some(object)
        } else {
            None
        }
    }

    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The value as an integer that fits 64 bits without a sign.
    pub fn as_u64(&self) -> Option<u64> {
        if let Value::Integer(integer) = self {
            integer.as_u64()
        } else {
            None
        }
    }

    /// The member `name` of an object; `None` for any other value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    /// Names the kind of value for messages: "a string".
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "an integer",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }
}

impl Integer {
    /// The decimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl Object {
    pub fn new() -> Self {
        Object::default()
    }

    pub(crate) const fn empty() -> Self {
        Object(Vec::new())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds a member by looking at each: meant for objects of known, small shape.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(have, _)| have == name).map(|(_, value)| value)
    }

    /// Replaces the member in place, or adds it at the end.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(have, _)| have == name)?;
        Some(self.0.remove(place).1)
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Builds an object; when a name comes twice the last value stands, in the first place.
impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let mut places = std::collections::HashMap::new();
        let mut object: Vec<(String, Value)> = Vec::new();
        for (name, value) in members {
            match places.get(&name) {
                Some(&place) => object[place] = (name, value),
                None => {
                    places.insert(name.clone(), object.len());
                    object.push((name, value));
                }
            }
        }
        Object(object)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(object)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    limits: Limits,
    raw_controls: bool,
}

/// Above this many members a set finds repeated names; below, comparing each is quicker.
const FEW_MEMBERS: usize = 16;

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], limits: Limits, raw_controls: bool) -> Self {
        Reader {
            bytes,
            at: 0,
            depth_left: limits.depth,
            limits,
            raw_controls,
        }
    }

    fn document(mut self) -> Result<Value, JsonError> {
        if self.bytes.len() > self.limits.bytes {
            self.at = self.limits.bytes;
            return Err(self.error_found("the end of the document", "more bytes than are allowed"));
        }
        if let Err(e) = std::str::from_utf8(self.bytes) {
            self.at = e.valid_up_to();
            return Err(self.error_found("UTF-8 text", "a byte that is none"));
        }
        self.blanks();
        let value = self.value()?;
        self.blanks();
        if self.at < self.bytes.len() {
            return Err(self.error("the end of the document"));
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'{') => self.nested("fewer objects and arrays inside each other", Self::object),
            Some(b'[') => self.nested("fewer objects and arrays inside each other", Self::array),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.error("a value")),
        }
    }

    fn nested(
        &mut self,
        expected: &'static str,
        read: fn(&mut Self) -> Result<Value, JsonError>,
    ) -> Result<Value, JsonError> {
        let Some(left) = self.depth_left.checked_sub(1) else {
            return Err(self.error(expected));
        };
        self.depth_left = left;
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        self.at += 1;
        let mut members: Vec<(String, Value)> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        self.blanks();
        if self.eat(b'}') {
            return Ok(Value::Object(Object(members)));
        }
        loop {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("a member name in quotes"));
            }
            let name = self.string()?;
            if members.len() == FEW_MEMBERS {
                seen.extend(members.iter().map(|(have, _)| have.clone()));
            }
            let repeated = if members.len() < FEW_MEMBERS {
                members.iter().any(|(have, _)| *have == name)
            } else {
                !seen.insert(name.clone())
            };
            if repeated {
                self.at = start;
                return Err(self.error_found("each member once", &format!("{} again", shown(&name))));
            }
            self.blanks();
            if !self.eat(b':') {
                return Err(self.error("':'"));
            }
            self.blanks();
            let value = self.value()?;
            members.push((name, value));
            self.blanks();
            if self.eat(b'}') {
                return Ok(Value::Object(Object(members)));
            }
            if !self.eat(b',') {
                return Err(self.error("',' or '}'"));
            }
        }
    }

    fn array(&mut self) -> Result<Value, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            self.blanks();
            items.push(self.value()?);
            self.blanks();
            if self.eat(b']') {
                return Ok(Value::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.error("',' or ']'"));
            }
        }
    }

    fn integer(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        let negative = self.eat(b'-');
        let digits = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.bytes[digits..self.at];
        if text.is_empty() {
            return Err(self.error("a digit"));
        }
        if text[0] == b'0' && (text.len() > 1 || negative) {
            self.at = start;
            return Err(self.error_found("an integer in its shortest form", "a leading zero or minus zero"));
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(self.error_found("an integer", "a fraction or exponent"));
        }
        // The document was checked to be UTF-8, and digits are ASCII.
        Ok(Value::Integer(Integer(
            String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned(),
        )))
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut text: Vec<u8> = Vec::new();
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest
                .iter()
                .position(|&byte| byte == b'"' || byte == b'\\' || (byte < 0x20 && !self.raw_controls))
                .unwrap_or(rest.len());
            text.extend_from_slice(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => self.escape(&mut text)?,
                Some(_) => return Err(self.error_found("an escaped control character", "a bare one")),
                None => return Err(self.error("'\"'")),
            }
        }
        // Whole runs of a UTF-8 document, cut at ASCII bytes, and characters encoded by us.
        String::from_utf8(text).map_err(|_| self.error("UTF-8 text"))
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), JsonError> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => b'"',
            Some(b'\\') => b'\\',
            Some(b'/') => b'/',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let character = self.unicode_escape(start)?;
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.error("an escape that JSON knows")),
        };
        self.at += 1;
        text.push(plain);
        Ok(())
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, JsonError> {
        let first = self.four_digits()?;
        let code = match first {
            0xd800..=0xdbff => {
                let second = if self.bytes[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    self.four_digits()?
                } else {
                    0
                };
                if (0xdc00..=0xdfff).contains(&second) {
                    0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                }
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            self.error_found("a Unicode character", "half of a surrogate pair")
        })
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.error("four hexadecimal digits"));
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn error(&self, expected: &'static str) -> JsonError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(byte @ 0x21..=0x7e) => format!("'{}'", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        self.error_found(expected, &found)
    }

    fn error_found(&self, expected: &'static str, found: &str) -> JsonError {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |place| place + 1);
        JsonError {
            offset: before.len(),
            line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: before.len() - line_start + 1,
            expected,
            found: found.to_owned(),
        }
    }
}

/// Quotes text from outside for a message: escaped, and cut after 64 characters.
pub(crate) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(64).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}

fn write(value: &Value, indent: Option<usize>, level: usize, out: &mut String) {
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
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, JsonError> {
        parse(text.as_bytes(), Limits::default())
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let text = r#"{"b":[1,-2,123456789012345678901234567890,true,false,null,{}],"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é","":[]}"#;
        let value = read(text).unwrap();
        assert_eq!(read(&compact(&value)).unwrap(), value);
        assert_eq!(read(&pretty(&value)).unwrap(), value);
        assert_eq!(value.get("a").unwrap().as_str().unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀 é");
    }

    #[test]
    fn every_refusal_names_its_place_and_what_was_expected() {
        let cases: &[(&str, usize, &str)] = &[
            ("", 0, "a value"),
            ("{", 1, "a member name in quotes"),
            ("{\"a\"}", 4, "':'"),
            ("{\"a\":1", 6, "',' or '}'"),
            ("{\"a\":1,}", 7, "a member name in quotes"),
            ("[1,]", 3, "a value"),
            ("[1 2]", 3, "',' or ']'"),
            ("{\"a\":1,\"a\":1}", 7, "each member once"),
            ("{\"a\":1,\"\\u0061\":1}", 7, "each member once"),
            ("1.5", 1, "an integer"),
            ("1e3", 1, "an integer"),
            ("01", 0, "an integer in its shortest form"),
            ("-0", 0, "an integer in its shortest form"),
            ("-", 1, "a digit"),
            ("\"\\ud800\"", 1, "a Unicode character"),
            ("\"\\ud800\\u0041\"", 1, "a Unicode character"),
            ("\"\\udc00\"", 1, "a Unicode character"),
            ("\"\\x\"", 2, "an escape that JSON knows"),
            ("\"\\u12\"", 5, "four hexadecimal digits"),
            ("\"a\nb\"", 2, "an escaped control character"),
            ("\"a", 2, "'\"'"),
            ("nul", 0, "a value"),
            ("{} x", 3, "the end of the document"),
            ("\u{feff}{}", 0, "a value"),
        ];
        for (text, offset, expected) in cases {
            let error = read(text).unwrap_err();
            assert_eq!((error.offset, error.expected), (*offset, *expected), "{text}");
        }
        assert_eq!(
            parse(b"\"\xff\"", Limits::default()).unwrap_err().expected,
            "UTF-8 text"
        );
        let error = read("{\n \"a\": x}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 7));
        assert_eq!(error.to_string(), "line 2, column 7: expected a value, found 'x'");
    }

    #[test]
    fn a_name_repeated_among_many_is_refused_and_many_different_names_are_read() {
        let members = |last: &str| {
            let many: Vec<String> = (0..1000).map(|number| format!("\"n{number}\":1")).collect();
            format!("{{{},\"{last}\":1}}", many.join(","))
        };
        assert!(read(&members("n7")).is_err());
        assert!(read(&members("n999")).is_err());
        assert_eq!(read(&members("other")).unwrap().as_object().unwrap().len(), 1001);
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let nest = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nest(64)).is_ok());
        assert!(read(&nest(65)).is_err());
        assert!(read(&"[".repeat(1_000_000)).is_err());
        assert!(parse(b"[1,2]", Limits { depth: 9, bytes: 4 }).is_err());
    }
}
