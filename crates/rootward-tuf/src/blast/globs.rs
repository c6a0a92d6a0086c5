//! What two shell patterns have in common, as far as it can be told without trying paths.

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
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // `below[place]`: whether `one` from the next letter on meets `other` from `place` on.
    let mut below: Vec<bool> = (0..=other.len())
        .map(|place| other[place..].iter().all(|&letter| letter == '*'))
        .collect();
    for letter in one.iter().rev() {
        let mut here = vec![false; other.len() + 1];
        for place in (0..=other.len()).rev() {
            here[place] = match (letter, other.get(place)) {
                ('*', Some(_)) => below[place] || here[place + 1],
                ('*', None) => below[place],
                (_, Some('*')) => below[place] || here[place + 1],
                (letter, Some(other)) => (*letter == '?' || *other == '?' || letter == other) && below[place + 1],
                (_, None) => false,
            };
        }
        below = here;
    }
    below[0]
}

/// Matches `inner` as if its wildcards were letters that only `*` of `outer`, or the same wildcard, matches.
fn part_holds(outer: &str, inner: &str) -> bool {
    let (outer, inner): (Vec<char>, Vec<char>) = (outer.chars().collect(), inner.chars().collect());
    let mut below: Vec<bool> = (0..=inner.len()).map(|place| place == inner.len()).collect();
    for letter in outer.iter().rev() {
        let mut here = vec![false; inner.len() + 1];
        for place in (0..=inner.len()).rev() {
            here[place] = match (letter, inner.get(place)) {
                ('*', Some(_)) => below[place] || here[place + 1],
                ('*', None) => below[place],
                ('?', Some(inner)) => *inner != '*' && below[place + 1],
                (letter, Some(inner)) => letter == inner && below[place + 1],
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
        ] {
            assert!(surely_holds(outer, inner), "{outer} {inner}");
        }
        let long = "*a".repeat(2000);
        assert!(may_meet(&long, &long) && surely_holds(&long, &long) && !surely_holds(&long, "a"));
    }
}
