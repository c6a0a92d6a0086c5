//! What two shell patterns have in common, as far as it can be told without trying paths.

use crate::metadata::{Piece, pieces};

/// A comparison of patterns of more letters than this (their product) is not made.
const MOST_LETTERS: usize = 1 << 20;

/// Whether some path fits both patterns; also true when that would take too long to find out.
pub(super) fn may_meet(one: &str, other: &str) -> bool {
    if one.len().saturating_mul(other.len()) > MOST_LETTERS {
        return true;
    }
    let (mut ones, mut others) = (one.split('/'), other.split('/'));
    loop {
        match (ones.next(), others.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if parts_meet(one, other) => {}
            _ => return false,
        }
    }
}

/// Whether every path that fits `inner` surely fits `outer`.
pub(super) fn surely_holds(outer: &str, inner: &str) -> bool {
    if outer.len().saturating_mul(inner.len()) > MOST_LETTERS {
        return outer == inner;
    }
    let (mut outers, mut inners) = (outer.split('/'), inner.split('/'));
    loop {
        match (outers.next(), inners.next()) {
            (None, None) => return true,
            (Some(outer), Some(inner)) if part_holds(outer, inner) => {}
            _ => return false,
        }
    }
}

/// Whether some text fits both parts, by their suffixes.
fn parts_meet(one: &str, other: &str) -> bool {
    let one: Vec<Piece<'_>> = pieces(one).collect();
    let other: Vec<Piece<'_>> = pieces(other).collect();
    // `below[place]`: whether `one` from the next piece on meets `other` from `place` on.
    let mut below: Vec<bool> = (0..=other.len())
        .map(|place| other[place..].iter().all(|piece| *piece == Piece::Many))
        .collect();
    for piece in one.iter().rev() {
        let mut here = vec![false; other.len() + 1];
        for place in (0..=other.len()).rev() {
            here[place] = match (piece, other.get(place)) {
                (Piece::Many, Some(_)) => below[place] || here[place + 1],
                (Piece::Many, None) => below[place],
                (_, Some(Piece::Many)) => below[place] || here[place + 1],
                (piece, Some(other)) => letters_meet(piece, other) && below[place + 1],
                (_, None) => false,
            };
        }
        below = here;
    }
    below[0]
}

/// Whether some letter fits both; two classes may always have one in common.
fn letters_meet(one: &Piece<'_>, other: &Piece<'_>) -> bool {
    match (one, other) {
        (Piece::Letter(letter), piece) | (piece, Piece::Letter(letter)) => piece.is_for(*letter),
        _ => true,
    }
}

/// Matches `inner` as if its wildcards were letters that only `*` of `outer`, or the same wildcard, matches.
fn part_holds(outer: &str, inner: &str) -> bool {
    let outer: Vec<Piece<'_>> = pieces(outer).collect();
    let inner: Vec<Piece<'_>> = pieces(inner).collect();
    let mut below: Vec<bool> = (0..=inner.len()).map(|place| place == inner.len()).collect();
    for piece in outer.iter().rev() {
        let mut here = vec![false; inner.len() + 1];
        for place in (0..=inner.len()).rev() {
            here[place] = match (piece, inner.get(place)) {
                (Piece::Many, Some(_)) => below[place] || here[place + 1],
                (Piece::Many, None) => below[place],
                (Piece::One, Some(inner)) => *inner != Piece::Many && below[place + 1],
                (class, Some(Piece::Letter(letter))) => class.is_for(*letter) && below[place + 1],
                (piece, Some(inner)) => piece == inner && below[place + 1],
                (_, None) => false,
            };
        }
        below = here;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::PathSet;

    /// Every text of up to `longest` letters out of these.
    fn texts(letters: &[char], longest: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last
                .iter()
                .flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    #[test]
    fn patterns_meet_exactly_when_a_path_fits_both_and_holding_is_never_claimed_in_vain() {
        let patterns = texts(&['a', 'b', '*', '?', '/'], 3);
        let paths = texts(&['a', 'b', 'c', '/'], 5);
        let fits: Vec<Vec<bool>> = patterns
            .iter()
            .map(|pattern| {
                let set = PathSet::Patterns(vec![pattern.clone()]);
                paths.iter().map(|path| set.covers(path)).collect()
            })
            .collect();
        for (one, of_one) in patterns.iter().zip(&fits) {
            for (other, of_other) in patterns.iter().zip(&fits) {
                let meet = of_one.iter().zip(of_other).any(|(one, other)| *one && *other);
                assert_eq!(may_meet(one, other), meet, "{one} {other}");
                if surely_holds(one, other) {
                    let held = of_one.iter().zip(of_other).all(|(one, other)| *one || !*other);
                    assert!(held, "{one} {other}");
                }
            }
        }
        for (outer, inner) in [
            ("*", "a"),
            ("a/*", "a/b-*"),
            ("*.tgz", "x?.tgz"),
            ("a?", "ab"),
            ("*/*", "a/*"),
            ("a[b-d]", "ac"),
            ("a[b-d]*", "a[b-d]x"),
            ("a?", "a[b-d]"),
        ] {
            assert!(surely_holds(outer, inner), "{outer} {inner}");
        }
        for (one, other, meet) in [
            ("a[b-d]", "ac", true),
            ("a[b-d]", "ae", false),
            ("a[!b]*", "?c", true),
            ("[ab]", "[cd]", true),
        ] {
            assert_eq!(may_meet(one, other), meet, "{one} {other}");
        }
        assert!(!surely_holds("a[b-d]", "a?") && !surely_holds("[ab]", "[a-b]"));
        let long = "*a".repeat(2000);
        assert!(may_meet(&long, &long) && surely_holds(&long, &long) && !surely_holds(&long, "a"));
    }
}
