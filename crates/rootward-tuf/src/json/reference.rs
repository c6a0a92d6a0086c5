//! The simple reader that the scanner and the canonical writer are held against: byte by byte, one value inside the other.

use std::collections::HashSet;

use crate::json::{Integer, JsonError, Limits, Object, Value, shown};

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    limits: Limits,
    raw_controls: bool,
}

/// Above this many members a set finds repeated names; below, comparing each is quicker.
const FEW_MEMBERS: usize = 16;

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], limits: Limits, raw_controls: bool) -> Self {
        Reader {
            bytes,
            at: 0,
            depth_left: limits.depth,
            limits,
            raw_controls,
        }
    }

    pub(super) fn document(mut self) -> Result<Value, JsonError> {
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
