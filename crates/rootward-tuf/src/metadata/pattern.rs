//! The path patterns of delegations (TUF 4.5): `*`, `?` and classes as shells know them, none of which crosses a slash.
//!
//! Classes are read as the reference client reads them: `[a-c]`, `[!a-c]`, and a `[` that nothing closes is a letter.
//! Patterns are read where they lie, as they are compared: a walk holds them against every target.

/// One thing a part of a pattern asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// `*`: any letters, or none.
    Many,
    /// `?`: one letter.
    One,
    /// `[…]`: one of the letters and ranges listed, or any other.
    Class {
        denied: bool,
        listed: &'a str,
    },
    Letter(char),
}

/// The pieces of a part of a pattern, one after the other.
#[derive(Clone)]
pub(crate) struct Pieces<'a> {
    rest: &'a str,
    /// How many bytes come after the last bracket that could close a class. Looked for once: a pattern may be full of
    /// brackets that nothing closes.
    unclosed: usize,
}

impl Piece<'_> {
    /// Whether this is for `letter`; a star is for none, since it is for many.
    pub(crate) fn is_for(self, letter: char) -> bool {
        match self {
            Piece::Many => false,
            Piece::One => true,
            Piece::Class { denied, listed } => lists(listed, letter) != denied,
            Piece::Letter(wanted) => wanted == letter,
        }
    }
}

/// Compares part by part between slashes, so that no wildcard ever crosses one.
pub(crate) fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if matches_part(pattern, part) => {}
            _ => return false,
        }
    }
}

/// Compares as some clients of map files do (TAP 4): wildcards cross slashes.
pub(crate) fn matches_across(pattern: &str, path: &str) -> bool {
    matches_part(pattern, path)
}

/// Reads a part of a pattern, in which there is no slash.
pub(crate) fn pieces(part: &str) -> Pieces<'_> {
    let closed = part.rfind(']').map_or(0, |last| last + 1);
    Pieces {
        rest: part,
        unclosed: part.len() - closed,
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let mut letters = self.rest.chars();
        let letter = letters.next()?;
        self.rest = letters.as_str();
        Some(match letter {
            '*' => Piece::Many,
            '?' => Piece::One,
            '[' => self.class().unwrap_or(Piece::Letter('[')),
            letter => Piece::Letter(letter),
        })
    }
}

impl<'a> Pieces<'a> {
    /// Reads a class behind its `[`; `None`, and nothing is read, if nothing closes it.
    fn class(&mut self) -> Option<Piece<'a>> {
        let closable = &self.rest[..self.rest.len().checked_sub(self.unclosed)?];
        let inside = closable.strip_prefix('!').unwrap_or(closable);
        // A bracket that comes first is one of the class.
        let first = inside.chars().next()?.len_utf8();
        let (listed, _) = inside.split_at(first + inside[first..].find(']')?);
        let denied = inside.len() < closable.len();
        self.rest = &self.rest[usize::from(denied) + listed.len() + 1..];
        Some(Piece::Class { denied, listed })
    }
}

/// Whether a class that lists these letters and ranges lists `letter`.
fn lists(listed: &str, letter: char) -> bool {
    let mut letters = listed.chars();
    while let Some(first) = letters.next() {
        let mut behind = letters.clone();
        let last = match (behind.next(), behind.next()) {
            (Some('-'), Some(last)) => {
                letters = behind;
                last
            }
            _ => first,
        };
        if (first..=last).contains(&letter) {
            return true;
        }
    }
    false
}

/// Goes back to the last `*` only: never slower than the product of both lengths.
fn matches_part(pattern: &str, part: &str) -> bool {
    let (mut pieces, mut letters) = (pieces(pattern), part.chars());
    // What comes behind the last star, and the letters for which that was tried last.
    let mut last_star: Option<(Pieces<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut behind = letters.clone();
        let Some(letter) = behind.next() else {
            return pieces.all(|piece| piece == Piece::Many);
        };
        match pieces.next() {
            Some(Piece::Many) => last_star = Some((pieces.clone(), letters.clone())),
            Some(piece) if piece.is_for(letter) => letters = behind,
            _ => {
                let Some((after_star, tried)) = &mut last_star else {
                    return false;
                };
                tried.next();
                (pieces, letters) = (after_star.clone(), tried.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_within_parts_of_a_path_and_never_across() {
        let cases = [
            ("*", "a", true),
            ("*", "a/b", false),
            ("*/*", "a/b", true),
            ("a/*.tgz", "a/x.tgz", true),
            ("a/*.tgz", "b/x.tgz", false),
            ("a/?", "a/x", true),
            ("a/?", "a/", false),
            ("a/?", "a/é", true),
            ("*a*b*c", "xaxbxxc", true),
            ("*a*b*c", "xaxbxx", false),
            ("", "", true),
            ("", "a", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matches_pattern(pattern, path), expected, "{pattern} {path}");
        }
        let stars = "*a".repeat(200);
        assert!(!matches_pattern(&stars, &"a".repeat(5_000).replace("aaaaaaaaaaa", "b")));
        let open = "[".repeat(100_000);
        assert!(matches_pattern(&open, &open));
        assert!(matches_pattern(&format!("*{open}"), &format!("a{open}")));
    }

    #[test]
    fn classes_are_read_as_the_reference_client_reads_them() {
        let cases = [
            ("k-[a-c].bin", "k-b.bin", true),
            ("k-[a-c].bin", "k-d.bin", false),
            ("k-[a-c].bin", "k-[a-c].bin", false),
            ("k-[!a-c].bin", "k-d.bin", true),
            ("k-[!a-c].bin", "k-b.bin", false),
            ("k-[abé]", "k-é", true),
            ("[]x]", "]", true),
            ("[]x]", "x", true),
            ("[!]x]", "]", false),
            ("[!]x]", "a", true),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            ("[c-a]", "b", false),
            ("[^a]", "^", true),
            ("[^a]", "b", false),
            ("[*?]", "*", true),
            ("[*?]", "x", false),
            ("k-[a", "k-[a", true),
            ("k-[a", "k-a", false),
            ("[]", "[]", true),
            ("[!]", "[!]", true),
            ("a[/]b", "a/b", false),
            ("a[/]b", "a[/]b", true),
            ("*[0-9]*", "version-7-x", true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matches_pattern(pattern, path), expected, "{pattern} {path}");
        }
    }
}
