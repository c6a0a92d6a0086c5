//! A second reader and writer of JSON, plain enough to be seen right: what the project's own are held against.
//!
//! Shares no line with them. Slow, and recursive without a thought for the stack: depth is given to it.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    Integer(String),
    Text(String),
    List(Vec<Json>),
    /// In the order read.
    Object(Vec<(String, Json)>),
}

/// Reads JSON with whole numbers in their shortest form, each member once, and at most `depth` lists and objects inside
/// each other; `controls` lets control characters stand unescaped. `None` for everything else.
pub fn read(bytes: &[u8], depth: usize, controls: bool) -> Option<Json> {
    let text: Vec<char> = std::str::from_utf8(bytes).ok()?.chars().collect();
    let (json, rest) = value(blank(&text), depth, controls)?;
    blank(rest).is_empty().then_some(json)
}

/// Writes canonical JSON: members sorted by the bytes of their names, nothing blank, two characters escaped.
pub fn canonical(json: &Json) -> Vec<u8> {
    match json {
        Json::Null => b"null".to_vec(),
        Json::Bool(flag) => flag.to_string().into_bytes(),
        Json::Integer(digits) => digits.clone().into_bytes(),
        Json::Text(text) => quoted(text),
        Json::List(items) => {
            let items: Vec<Vec<u8>> = items.iter().map(canonical).collect();
            [b"[", items.join(&b","[..]).as_slice(), b"]"].concat()
        }
        Json::Object(members) => {
            let sorted: BTreeMap<&[u8], Vec<u8>> = members
                .iter()
                .map(|(name, json)| {
                    let member = [quoted(name), canonical(json)].join(&b":"[..]);
                    (name.as_bytes(), member)
                })
                .collect();
            let members: Vec<Vec<u8>> = sorted.into_values().collect();
            [b"{", members.join(&b","[..]).as_slice(), b"}"].concat()
        }
    }
}

/// Writes a file as anybody's tool might: members in their order, everything that is no ASCII letter escaped.
pub fn plain(json: &Json) -> String {
    match json {
        Json::Text(text) => {
            let harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
            if text.bytes().all(harmless) {
                return format!("\"{text}\"");
            }
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            format!("\"{escaped}\"")
        }
        Json::List(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, json)| format!("{}: {}", plain(&Json::Text(name.clone())), plain(json)))
                .collect();
            format!("{{{}}}", members.join(",\n"))
        }
        Json::Null | Json::Bool(_) | Json::Integer(_) => String::from_utf8_lossy(&canonical(json)).into_owned(),
    }
}

fn quoted(text: &str) -> Vec<u8> {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into_bytes()
}

type Rest<'a, T> = Option<(T, &'a [char])>;

fn blank(text: &[char]) -> &[char] {
    let length = text
        .iter()
        .take_while(|character| [' ', '\t', '\n', '\r'].contains(character))
        .count();
    &text[length..]
}

fn value(text: &[char], depth: usize, controls: bool) -> Rest<'_, Json> {
    for (word, json) in [
        ("null", Json::Null),
        ("true", Json::Bool(true)),
        ("false", Json::Bool(false)),
    ] {
        let word: Vec<char> = word.chars().collect();
        if let Some(rest) = text.strip_prefix(word.as_slice()) {
            return Some((json, rest));
        }
    }
    match text.first()? {
        '"' => string(&text[1..], controls).map(|(text, rest)| (Json::Text(text), rest)),
        '[' => {
            let mut items = Vec::new();
            let depth = depth.checked_sub(1)?;
            let mut rest = blank(&text[1..]);
            if let ([']', after @ ..], true) = (rest, items.is_empty()) {
                return Some((Json::List(items), after));
            }
            loop {
                let (item, after) = value(blank(rest), depth, controls)?;
                items.push(item);
                match blank(after) {
                    [',', after @ ..] => rest = after,
                    [']', after @ ..] => return Some((Json::List(items), after)),
                    _ => return None,
                }
            }
        }
        '{' => {
            let mut members: Vec<(String, Json)> = Vec::new();
            let depth = depth.checked_sub(1)?;
            let mut rest = blank(&text[1..]);
            if let ['}', after @ ..] = rest {
                return Some((Json::Object(members), after));
            }
            loop {
                let ['"', after @ ..] = blank(rest) else { return None };
                let (name, after) = string(after, controls)?;
                let [':', after @ ..] = blank(after) else { return None };
                let (json, after) = value(blank(after), depth, controls)?;
                if members.iter().any(|(have, _)| *have == name) {
                    return None;
                }
                members.push((name, json));
                match blank(after) {
                    [',', after @ ..] => rest = after,
                    ['}', after @ ..] => return Some((Json::Object(members), after)),
                    _ => return None,
                }
            }
        }
        _ => {
            let length = text
                .iter()
                .take_while(|character| "+-.eE0123456789".contains(**character))
                .count();
            let number: String = text[..length].iter().collect();
            let digits = number.strip_prefix('-').unwrap_or(&number);
            let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let is_shortest = number == "0" || !digits.starts_with('0');
            (is_whole && is_shortest).then_some((Json::Integer(number), &text[length..]))
        }
    }
}

fn string(mut text: &[char], controls: bool) -> Rest<'_, String> {
    let mut units: Vec<u16> = Vec::new();
    loop {
        match text {
            ['"', rest @ ..] => return Some((String::from_utf16(&units).ok()?, rest)),
            ['\\', 'u', a, b, c, d, rest @ ..] => {
                let digits: String = [a, b, c, d].into_iter().collect();
                let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                units.push(u16::from_str_radix(&digits, 16).ok().filter(|_| is_number)?);
                text = rest;
            }
            ['\\', escape, rest @ ..] => {
                let place = ['"', '\\', '/', 'b', 'f', 'n', 'r', 't']
                    .iter()
                    .position(|known| known == escape)?;
                units.push(u16::from(b"\"\\/\x08\x0c\n\r\t"[place]));
                text = rest;
            }
            [control, ..] if *control < ' ' && !controls => return None,
            [character, rest @ ..] => {
                units.extend(character.encode_utf16(&mut [0; 2]).iter());
                text = rest;
            }
            [] => return None,
        }
    }
}

impl Json {
    pub fn text(text: impl Into<String>) -> Self {
        Json::Text(text.into())
    }

    pub fn number(number: impl ToString) -> Self {
        Json::Integer(number.to_string())
    }

    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Json::Object(members.map(|(name, json)| (name.to_owned(), json)).into())
    }

    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(have, _)| have == name).map(|(_, json)| json),
            _ => None,
        }
    }

    /// Puts a member in its place or at the end; nothing for what is no object.
    pub fn set(&mut self, name: &str, json: Json) {
        if let Json::Object(members) = self {
            match members.iter_mut().find(|(have, _)| have == name) {
                Some((_, place)) => *place = json,
                None => members.push((name.to_owned(), json)),
            }
        }
    }

    pub fn remove(&mut self, name: &str) -> Option<Json> {
        match self {
            Json::Object(members) => {
                let place = members.iter().position(|(have, _)| have == name)?;
                Some(members.remove(place).1)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_is_and_is_not() {
        let good = [
            ("{\"b\" : [ 1 , -2 ] , \"a\" : null}", "{\"a\":null,\"b\":[1,-2]}"),
            ("\"\\ud83d\\ude00\\n\\/\\\"\"", "\"😀\n/\\\"\""),
            ("{}", "{}"),
            (" [ ] ", "[]"),
        ];
        for (text, expected) in good {
            let json = read(text.as_bytes(), 9, false).unwrap();
            assert_eq!(String::from_utf8(canonical(&json)).unwrap(), expected);
            assert_eq!(read(plain(&json).as_bytes(), 9, false), Some(json));
        }
        let bad = [
            "",
            "01",
            "-0",
            "1.0",
            "1e1",
            "+1",
            "-",
            "[1,]",
            "{\"a\":1,\"\\u0061\":2}",
            "\"\\ud800\"",
            "\"\n\"",
            "\"\\x\"",
            "nul",
            "1 2",
            "\"\\u+123\"",
            "[",
            "{\"a\"",
            "\u{feff}1",
        ];
        for text in bad {
            assert_eq!(read(text.as_bytes(), 9, false), None, "{text}");
        }
        assert_eq!(
            (read(b"[[]]", 1, false), read(b"\"\n\"", 1, true).is_some()),
            (None, true)
        );
    }
}
