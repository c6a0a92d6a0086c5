//! The path patterns of delegations (TUF 4.5): `*`, `?` and classes as shells know them, none of which crosses a slash.
//!
//! Classes are read as the reference client reads them: `[a-c]`, `[!a-c]`, and a `[` that nothing closes is a letter.

/// One thing a part of a pattern asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// `*`: any letters, or none.
    Many,
    /// `?`: one letter.
    One,
    /// `[…]`: one letter in these ranges, or outside of them.
    Class {
        denied: bool,
        ranges: Vec<(char, char)>,
    },
    Letter(char),
}

impl Piece {
    /// Whether this is for `letter`; a star is for none, since it is for many.
    pub(crate) fn is_for(&self, letter: char) -> bool {
        match self {
            Piece::Many => false,
            Piece::One => true,
            Piece::Class { denied, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter)) != *denied
            }
            Piece::Letter(wanted) => *wanted == letter,
        }
    }
}

/// Compares part by part between slashes, so that no wildcard ever crosses one.
pub(crate) fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if matches_part(&pieces(pattern), part) => {}
            _ => return false,
        }
    }
}

/// Compares as some clients of map files do (TAP 4): wildcards cross slashes.
pub(crate) fn matches_across(pattern: &str, path: &str) -> bool {
    matches_part(&pieces(pattern), path)
}

/// Reads a part of a pattern, in which there is no slash.
pub(crate) fn pieces(part: &str) -> Vec<Piece> {
    let letters: Vec<char> = part.chars().collect();
    let mut pieces = Vec::with_capacity(letters.len());
    // Looked for once: behind the last bracket none is closed any more.
    let last_close = letters.iter().rposition(|letter| *letter == ']');
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        at += 1;
        pieces.push(match letter {
            '*' => Piece::Many,
            '?' => Piece::One,
            '[' if last_close.is_some_and(|last| last >= at) => match class(&letters[at..]) {
                Some((class, length)) => {
                    at += length;
                    class
                }
                None => Piece::Letter('['),
            },
            letter => Piece::Letter(letter),
        });
    }
    pieces
}

/// Reads a class behind its `[`, and says how many letters it takes with its `]`; `None` if nothing closes it.
fn class(letters: &[char]) -> Option<(Piece, usize)> {
    let denied = letters.first() == Some(&'!');
    let start = usize::from(denied);
    // A bracket that comes first is one of the class.
    let close = start + 1 + letters.get(start + 1..)?.iter().position(|letter| *letter == ']')?;
    let (mut ranges, mut inside) = (Vec::new(), &letters[start..close]);
    while let [first, rest @ ..] = inside {
        (ranges, inside) = match rest {
            ['-', last, rest @ ..] => (with(ranges, (*first, *last)), rest),
            _ => (with(ranges, (*first, *first)), rest),
        };
    }
    Some((Piece::Class { denied, ranges }, close + 1))
}

fn with(mut ranges: Vec<(char, char)>, range: (char, char)) -> Vec<(char, char)> {
    ranges.push(range);
    ranges
}

/// Goes back to the last `*` only: never slower than the product of both lengths.
fn matches_part(pattern: &[Piece], part: &str) -> bool {
    let part: Vec<char> = part.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while t < part.len() {
        match pattern.get(p) {
            Some(Piece::Many) => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(piece) if piece.is_for(part[t]) => {
                p += 1;
                t += 1;
            }
            _ => match last_star {
                Some((star, taken)) => {
                    last_star = Some((star, taken + 1));
                    p = star + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == Piece::Many)
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
