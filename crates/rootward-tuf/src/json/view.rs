//! A value inside text that was checked before, read where it lies.
//!
//! Never fails on checked text; on any other it says less, and never panics.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::json::text::{compare, compare_to, decoded, end_of_string};
use crate::json::{Integer, Object, Value};

/// One value of a checked text.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    text: &'a [u8],
    at: usize,
}

/// The name of a member, as written between its quotes.
#[derive(Clone, Copy)]
pub struct Name<'a>(&'a [u8]);

/// Steps through an object or array. Whoever read a value says where it ended, so that nobody looks for that twice.
pub(crate) struct Steps<'a> {
    text: &'a [u8],
    /// Where the next item or member name is, or the closing bracket.
    at: usize,
}

pub(crate) struct Members<'a>(Steps<'a>);

pub(crate) struct Items<'a>(Steps<'a>);

impl<'a> View<'a> {
    /// Takes the value that begins at byte `at` of a checked text.
    pub(crate) fn new(text: &'a [u8], at: usize) -> Self {
        View { text, at }
    }

    /// Takes the value behind the colon that is at or after byte `at`.
    pub(crate) fn after_colon(text: &'a [u8], at: usize) -> Self {
        let mut steps = Steps { text, at };
        steps.blanks();
        steps.at += 1;
        steps.blanks();
        steps.view()
    }

    /// The first byte tells what kind of value it is.
    fn first(self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(b'n')
    }

    /// The whole text the value is in.
    pub(crate) fn text(self) -> &'a [u8] {
        self.text
    }

    /// Where the value begins.
    pub(crate) fn start(self) -> usize {
        self.at
    }

    /// Where the value ends.
    pub(crate) fn end(self) -> usize {
        let mut at = self.at;
        match self.first() {
            b'"' => end_of_string(self.text, at + 1) + 1,
            b'{' | b'[' => {
                let mut depth = 0_usize;
                while let Some(byte) = self.text.get(at) {
                    at += 1;
                    match byte {
                        b'"' => at = end_of_string(self.text, at) + 1,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if depth <= 1 => return at,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                }
                at
            }
            _ => {
                let rest = self.text.get(at..).unwrap_or_default();
                let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
                at + rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len())
            }
        }
        .min(self.text.len())
    }

    /// The value as written.
    pub(crate) fn written(self) -> &'a [u8] {
        self.text.get(self.at..self.end()).unwrap_or_default()
    }

    /// The content of a string, as written between its quotes.
    pub(crate) fn string(self) -> Option<Name<'a>> {
        (self.first() == b'"').then(|| Name::at(self.text, self.at + 1))
    }

    /// The decimal text of an integer.
    pub(crate) fn integer(self) -> Option<&'a str> {
        let is_number = matches!(self.first(), b'-' | b'0'..=b'9');
        is_number.then(|| std::str::from_utf8(self.written()).unwrap_or_default())
    }

    pub(crate) fn flag(self) -> Option<bool> {
        match self.first() {
            b't' => Some(true),
            b'f' => Some(false),
            _ => None,
        }
    }

    pub(crate) fn is_null(self) -> bool {
        self.first() == b'n'
    }

    pub(crate) fn is_object(self) -> bool {
        self.first() == b'{'
    }

    pub(crate) fn is_array(self) -> bool {
        self.first() == b'['
    }

    pub(crate) fn members(self) -> Option<Members<'a>> {
        self.is_object().then(|| Members(self.steps()))
    }

    pub(crate) fn items(self) -> Option<Items<'a>> {
        self.is_array().then(|| Items(self.steps()))
    }

    /// The member `name` of an object; `None` for any other value.
    pub(crate) fn member(self, name: &str) -> Option<View<'a>> {
        let (_, view) = self.members()?.find(|(found, _)| found.is(name))?;
        Some(view)
    }

    /// Steps into an object or array.
    pub(crate) fn steps(self) -> Steps<'a> {
        let mut steps = Steps {
            text: self.text,
            at: self.at + 1,
        };
        steps.blanks();
        steps
    }

    /// Decodes the value with everything in it.
    pub(crate) fn value(self) -> Value {
        if let Some(text) = self.string() {
            Value::String(text.decoded().into_owned())
        } else if let Some(members) = self.members() {
            Value::Object(Object(
                members
                    .map(|(name, view)| (name.decoded().into_owned(), view.value()))
                    .collect(),
            ))
        } else if let Some(items) = self.items() {
            Value::Array(items.map(View::value).collect())
        } else if let Some(integer) = self.integer() {
            Value::Integer(Integer(integer.to_owned()))
        } else {
            self.flag().map_or(Value::Null, Value::Bool)
        }
    }

    /// Names the kind of value for messages: "a string".
    pub(crate) fn kind(self) -> &'static str {
        match self.first() {
            b'"' => "a string",
            b'{' => "an object",
            b'[' => "an array",
            b't' | b'f' => "true or false",
            b'n' => "null",
            _ => "an integer",
        }
    }
}

impl<'a> Name<'a> {
    /// The string whose content begins at byte `from` of a checked text.
    pub(crate) fn at(text: &'a [u8], from: usize) -> Self {
        Name(text.get(from..end_of_string(text, from)).unwrap_or_default())
    }

    /// As much of the name whose content begins at `from` as tells how it compares with a text of `bytes` bytes: it may be
    /// as long as the document, and be compared with very many.
    pub(crate) fn beginning(text: &'a [u8], from: usize, bytes: usize) -> Self {
        // No byte takes more than six, as `\u0061` does; what is cut in half comes behind all that is compared.
        let end = from.saturating_add(6 * (bytes + 2)).min(text.len());
        Name::at(&text[..end], from)
    }

    /// A name that needs no escaping.
    pub(crate) const fn plain(name: &'a str) -> Self {
        Name(name.as_bytes())
    }

    pub(crate) fn decoded(self) -> Cow<'a, str> {
        decoded(self.0)
    }

    /// The content as written between the quotes.
    pub(crate) fn written(self) -> &'a [u8] {
        self.0
    }

    /// Compares what both say, byte by byte.
    pub(crate) fn compare(self, other: Name<'_>) -> Ordering {
        compare(self.0, other.0)
    }

    /// Compares what it says with `text`, byte by byte.
    pub(crate) fn compare_to(self, text: &str) -> Ordering {
        compare_to(self.0, text)
    }

    /// The name without `suffix`, which needs no escaping; the same if it does not end so.
    pub(crate) fn without(self, suffix: &str) -> Self {
        // An empty text lies nowhere, and processors take long to compare even no bytes of what lies nowhere.
        if suffix.is_empty() {
            return self;
        }
        Name(self.0.strip_suffix(suffix.as_bytes()).unwrap_or(self.0))
    }

    /// Whether it says `name`, which needs no escaping.
    pub(crate) fn is(self, name: &str) -> bool {
        let written = self.0;
        let begins_so = written.first() == name.as_bytes().first();
        // Escapes only make a string longer.
        if written.len() <= name.len() {
            return begins_so && written == name.as_bytes();
        }
        let may_begin_so = begins_so || written[0] == b'\\';
        may_begin_so && memchr::memchr(b'\\', written).is_some() && self.decoded() == name
    }
}

impl<'a> Steps<'a> {
    /// Where the content of the next member's name begins.
    pub(crate) fn next_place(&self) -> Option<usize> {
        (!self.is_at_end()).then_some(self.at + 1)
    }

    /// The name of the next member; what comes is its value.
    pub(crate) fn name(&mut self) -> Option<Name<'a>> {
        if self.is_at_end() {
            return None;
        }
        let name = Name::at(self.text, self.at + 1);
        self.go_on(self.at + name.0.len() + 2);
        Some(name)
    }

    /// The value that comes.
    pub(crate) fn view(&self) -> View<'a> {
        View::new(self.text, self.at)
    }

    /// Goes on behind what ends at `end`.
    pub(crate) fn go_on(&mut self, end: usize) {
        // At least one byte, so that nothing goes on for ever whatever the text is.
        self.at = end.max(self.at + 1);
        self.blanks();
        if matches!(self.peek(), Some(b',' | b':')) {
            self.at += 1;
            self.blanks();
        }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'}' | b']'))
    }

    /// Where the object or array ends, once all of it was passed.
    pub(crate) fn end(&self) -> usize {
        (self.at + 1).min(self.text.len())
    }

    fn pass(&mut self) -> View<'a> {
        let view = self.view();
        self.go_on(view.end());
        view
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Name<'a>, View<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.name()?;
        Some((name, self.0.pass()))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = View<'a>;

    fn next(&mut self) -> Option<View<'a>> {
        (!self.0.is_at_end()).then(|| self.0.pass())
    }
}
