//! A JSON reader for signed documents, and a writer for what we publish.
//!
//! Stricter than JSON where a signature would otherwise cover two readings: a member named twice, a number that is no
//! integer, text that is no Unicode are refused. Integers keep the text they were read with.

#[cfg(test)]
mod differential_tests;
#[cfg(test)]
mod reference;
mod scan;
mod text;
mod view;
mod writer;

use std::fmt;

pub(crate) use scan::{Long, check, check_for};
pub(crate) use text::unescaped;
pub(crate) use view::{Name, View};
use writer::write;
pub(crate) use writer::{is_text, pretty_members, write_canonical};

/// A decoded JSON value, members in the order they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The only kind of number that is read: fractions and exponents are refused.
    Integer(Integer),
    /// Text with its escapes decoded.
    String(String),
    /// Values in the order they were read.
    Array(Vec<Value>),
    /// Members, each name once.
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
    /// What could have stood at the place.
    pub expected: &'static str,
    /// What stands there, in words for a message.
    pub found: String,
}

/// Reads one JSON document and nothing after it.
///
/// Fails with the position and what was expected there.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, JsonError> {
    Ok(check(bytes, limits, false)?.view().value())
}

/// Reads canonical JSON, in which control characters stand unescaped inside strings.
///
/// Fails as [`parse`] does. Does not check that the bytes are the canonical form of what they say.
pub fn parse_canonical(bytes: &[u8], limits: Limits) -> Result<Value, JsonError> {
    Ok(check(bytes, limits, true)?.view().value())
}

/// The value of a text that was checked before, or that we wrote.
pub(crate) fn view_of_checked(text: &[u8]) -> View<'_> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    View::new(text, text.iter().take_while(|byte| blank(byte)).count())
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

    /// The text of a string; `None` for any other value.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The members of an object; `None` for any other value.
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self {
            Some(object)
        } else {
            None
        }
    }

    /// The items of an array; `None` for any other value.
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

    /// The number, if it fits 64 bits without a sign; `None` if it does not.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl Object {
    /// Starts an object without members.
    pub fn new() -> Self {
        Object::default()
    }

    pub(crate) const fn empty() -> Self {
        Object(Vec::new())
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds a member by looking at each: meant for objects of known, small shape.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| value)
    }

    /// Finds a member to change, by looking at each; `None` if there is none of that name.
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

    /// Takes a member out, the others keeping their order; `None` if there is none of that name.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(have, _)| have == name)?;
        Some(self.0.remove(place).1)
    }

    /// Goes through the members in the order read or inserted.
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

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
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

/// Quotes text from outside for a message: escaped, and cut after 64 characters.
pub(crate) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(64).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
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
