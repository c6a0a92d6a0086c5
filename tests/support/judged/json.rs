//! JSON as it is written, so that a document may be odd or broken: numbers are text, members may repeat, order is kept.
//!
//! Its canonical form is written here a second time on purpose: nothing of Rootward makes what Rootward is judged by.

use std::fmt::Write as _;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Text(String),
    /// A number, `true`, `false`, `null`, or anything else that is written as it is.
    Bare(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

/// How a document is written, which must make no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Compact,
    /// One member a line.
    Indented,
    /// Members last to first, blanks around everything.
    Reversed,
    /// All but ASCII as `\u` escapes, and `/` escaped too.
    Escaped,
}

/// Makes a map of pairs.
#[macro_export]
macro_rules! map {
    ($($name:expr => $value:expr),* $(,)?) => {
        $crate::judged::json::Json::Map(vec![$(($name.to_string(), $crate::judged::json::Json::from($value))),*])
    };
}

impl Json {
    pub fn bare(text: impl Into<String>) -> Json {
        Json::Bare(text.into())
    }

    /// A member; `None` if this is no map or has no such member.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(members) => members.iter().find(|(have, _)| have == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value below these members, each made a map if it is not there.
    pub fn at(&mut self, path: &[&str]) -> &mut Json {
        let mut here = self;
        for name in path {
            if !matches!(here, Json::Map(_)) {
                *here = Json::Map(Vec::new());
            }
            let Json::Map(members) = here else {
                unreachable!("it was just made a map")
            };
            let place = members.iter().position(|(have, _)| have == name);
            let place = place.unwrap_or_else(|| {
                members.push((name.to_string(), Json::Map(Vec::new())));
                members.len() - 1
            });
            here = &mut members[place].1;
        }
        here
    }

    pub fn set(&mut self, name: &str, value: impl Into<Json>) {
        *self.at(&[name]) = value.into();
    }

    /// Takes every member of that name out.
    pub fn remove(&mut self, name: &str) {
        self.members().retain(|(have, _)| have != name);
    }

    /// The members of a map; panics on anything else.
    pub fn members(&mut self) -> &mut Vec<(String, Json)> {
        match self {
            Json::Map(members) => members,
            other => panic!("no map: {other:?}"),
        }
    }

    /// The entries of a list; panics on anything else.
    pub fn entries(&mut self) -> &mut Vec<Json> {
        match self {
            Json::List(entries) => entries,
            other => panic!("no list: {other:?}"),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Json::Text(text) | Json::Bare(text) => text,
            _ => "",
        }
    }

    /// OLPC canonical JSON: members by code point, no blanks, `\` and `"` escaped and nothing else.
    pub fn canonical(&self) -> Vec<u8> {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text.into_bytes()
    }

    fn write_canonical(&self, to: &mut String) {
        let string = |text: &str, to: &mut String| {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(to, "\"{escaped}\"");
        };
        match self {
            Json::Text(text) => string(text, to),
            Json::Bare(text) => to.push_str(text),
            Json::List(entries) => {
                to.push('[');
                for (place, entry) in entries.iter().enumerate() {
                    to.push_str(if place == 0 { "" } else { "," });
                    entry.write_canonical(to);
                }
                to.push(']');
            }
            Json::Map(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                to.push('{');
                for (place, (name, value)) in sorted.into_iter().enumerate() {
                    to.push_str(if place == 0 { "" } else { "," });
                    string(name, to);
                    to.push(':');
                    value.write_canonical(to);
                }
                to.push('}');
            }
        }
    }

    /// The document as a file.
    pub fn written(&self, style: Style) -> Vec<u8> {
        let mut text = String::new();
        self.write(style, 0, &mut text);
        text.into_bytes()
    }

    fn write(&self, style: Style, depth: usize, to: &mut String) {
        let line = |depth: usize, to: &mut String| {
            if style == Style::Indented {
                to.push('\n');
                to.extend(std::iter::repeat_n(' ', depth));
            }
        };
        let (open, close, count) = match self {
            Json::Text(text) => return write_string(text, style, to),
            Json::Bare(text) => return to.push_str(text),
            Json::List(entries) => ('[', ']', entries.len()),
            Json::Map(members) => ('{', '}', members.len()),
        };
        to.push(open);
        for place in 0..count {
            to.push_str(if place == 0 { "" } else { "," });
            line(depth + 1, to);
            match self {
                Json::List(entries) => entries[place].write(style, depth + 1, to),
                Json::Map(members) => {
                    let place = if style == Style::Reversed {
                        count - 1 - place
                    } else {
                        place
                    };
                    let (name, value) = &members[place];
                    write_string(name, style, to);
                    to.push_str(if style == Style::Reversed { "\t:\r\n " } else { ":" });
                    value.write(style, depth + 1, to);
                }
                Json::Text(_) | Json::Bare(_) => {}
            }
        }
        if count > 0 {
            line(depth, to);
        }
        to.push(close);
    }
}

fn write_string(text: &str, style: Style, to: &mut String) {
    to.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                to.push('\\');
                to.push(character);
            }
            '\n' => to.push_str("\\n"),
            '/' if style == Style::Escaped => to.push_str("\\/"),
            _ if character < ' ' || (style == Style::Escaped && !character.is_ascii()) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(to, "\\u{unit:04x}");
                }
            }
            _ => to.push(character),
        }
    }
    to.push('"');
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Json {
        Json::Bare(number.to_string())
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Json {
        Json::Bare(number.to_string())
    }
}

impl From<bool> for Json {
    fn from(claim: bool) -> Json {
        Json::Bare(claim.to_string())
    }
}

impl From<Vec<String>> for Json {
    fn from(texts: Vec<String>) -> Json {
        Json::List(texts.into_iter().map(Json::Text).collect())
    }
}

impl From<Vec<Json>> for Json {
    fn from(entries: Vec<Json>) -> Json {
        Json::List(entries)
    }
}
