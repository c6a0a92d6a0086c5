//! Building sentences for people, part by part, and making hostile text harmless to read.
//!
//! A part passes through [`visible`] on its way in, so nobody can forget it.

use super::{Mark, Part, Sentence, Voice};

impl Sentence {
    /// Starts an empty sentence.
    pub fn new(mark: Mark) -> Self {
        Sentence {
            mark,
            parts: Vec::new(),
        }
    }

    /// A plain statement.
    pub fn note(text: impl AsRef<str>) -> Self {
        Sentence::new(Mark::Note).plain(text)
    }

    /// A statement at which a person should stop and think.
    pub fn warning(text: impl AsRef<str>) -> Self {
        Sentence::new(Mark::Warning).plain(text)
    }

    /// Adds words of ours.
    pub fn plain(self, text: impl AsRef<str>) -> Self {
        self.part(Voice::Plain, text.as_ref())
    }

    /// Adds what the sentence is about.
    pub fn subject(self, text: impl AsRef<str>) -> Self {
        self.part(Voice::Subject, text.as_ref())
    }

    /// Adds a keyid, digest, name or number to be compared letter by letter.
    pub fn evidence(self, text: impl AsRef<str>) -> Self {
        self.part(Voice::Evidence, text.as_ref())
    }

    /// Adds what is no longer so.
    pub fn removed(self, text: impl AsRef<str>) -> Self {
        self.part(Voice::Removed, text.as_ref())
    }

    /// Adds what is so from now on.
    pub fn added(self, text: impl AsRef<str>) -> Self {
        self.part(Voice::Added, text.as_ref())
    }

    /// Adds every name in `voice`, with commas and a last `and`.
    pub fn list<T: AsRef<str>>(mut self, voice: Voice, names: &[T]) -> Self {
        for (place, name) in names.iter().enumerate() {
            if place > 0 {
                self = self.plain(if place + 1 == names.len() { " and " } else { ", " });
            }
            self = self.part(voice, name.as_ref());
        }
        self
    }

    fn part(mut self, voice: Voice, text: &str) -> Self {
        self.parts.push(Part {
            voice,
            text: visible(text),
        });
        self
    }
}

/// Writes control, escape, bidi and other invisible characters as `\u{…}`, so that text cannot disguise itself or steer
/// a terminal. Line breaks are made visible as well.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

pub(super) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The first and last digits of a long id: `77c0…e1d4`.
pub fn short(id: &str) -> String {
    let shown = visible(id);
    let count = shown.chars().count();
    if count <= 16 {
        return shown;
    }
    let head: String = shown.chars().take(4).collect();
    let tail: String = shown.chars().skip(count - 4).collect();
    format!("{head}…{tail}")
}

/// The same text as the beginning of a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1 key`, `2 keys`.
pub fn counted(count: u64, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_become_visible_and_the_rest_stays() {
        let cases = [
            ("officer_1", "officer_1"),
            ("Österreich 日本", "Österreich 日本"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("two\nlines", "two\\u{a}lines"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn a_list_reads_like_one() {
        let names = ["a", "b", "c"];
        let text = |count: usize| Sentence::new(Mark::Note).list(Voice::Subject, &names[..count]).text();
        assert_eq!([text(1), text(2), text(3)], ["a", "a and b", "a, b and c"]);
    }
}
