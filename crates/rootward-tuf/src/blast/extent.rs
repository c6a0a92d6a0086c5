//! A set of target paths, described by what every path in it fits.

use std::collections::HashSet;

use crate::blast::digests::Digests;
use crate::blast::globs::{may_meet, surely_holds};
use crate::encoding::{hex, sha256};
use crate::metadata::{PathSet, matches_pattern};

/// Target paths that fit every condition at once; without any condition all paths.
///
/// Digests and Notary's prefixes are computed exactly. Patterns of several delegations, one below the other, are kept side
/// by side unless one list surely lies within the other: only trying a path tells whether it fits them all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// TUF: one list for each delegation with patterns; a path fits one pattern of every list.
    pub patterns: Vec<Vec<String>>,
    /// TUF: what the SHA-256 of a path begins with.
    pub digests: Option<Digests>,
    /// Notary: what a path begins with.
    pub prefixes: Option<Vec<String>>,
}

/// More comparisons of patterns than this, for one pair of lists, are not made.
const MOST_PAIRS: usize = 10_000;

impl Extent {
    /// Every path.
    pub fn everything() -> Self {
        Extent::default()
    }

    /// Whether nothing is asked of a path.
    pub fn is_everything(&self) -> bool {
        let whole = |digests: &Digests| digests.is_all();
        let all = |prefixes: &Vec<String>| prefixes.iter().any(String::is_empty);
        self.patterns.is_empty() && self.digests.as_ref().is_none_or(whole) && self.prefixes.as_ref().is_none_or(all)
    }

    /// Whether it is known which paths these are, so that a set that is not empty has one.
    pub fn is_exact(&self) -> bool {
        self.patterns.len() <= 1 && (self.patterns.is_empty() || self.digests.is_none())
    }

    /// Whether there is surely no such path.
    pub fn is_empty(&self) -> bool {
        self.patterns.iter().any(Vec::is_empty)
            || self.digests.as_ref().is_some_and(Digests::is_empty)
            || self.prefixes.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether `path` fits every condition.
    pub fn covers(&self, path: &str) -> bool {
        let digest = self.digests.as_ref().map(|_| hex(&sha256(path.as_bytes())));
        self.patterns
            .iter()
            .all(|patterns| patterns.iter().any(|pattern| matches_pattern(pattern, path)))
            && self
                .digests
                .as_ref()
                .zip(digest)
                .is_none_or(|(digests, digest)| digests.holds(&digest))
            && self
                .prefixes
                .as_ref()
                .is_none_or(|prefixes| prefixes.iter().any(|prefix| path.starts_with(prefix.as_str())))
    }

    /// How many patterns there are in all lists.
    pub(super) fn length(&self) -> usize {
        self.patterns.iter().map(Vec::len).sum()
    }

    /// The digests, if nothing else is asked of a path.
    pub(super) fn digests_alone(&self) -> Option<&Digests> {
        self.digests
            .as_ref()
            .filter(|_| self.patterns.is_empty() && self.prefixes.is_none())
    }

    /// What a delegation for `paths` leaves of these.
    pub(super) fn below(&self, paths: &PathSet) -> Extent {
        let mut below = self.clone();
        match paths {
            PathSet::Patterns(patterns) => below.add_patterns(patterns),
            PathSet::HashPrefixes(prefixes) => {
                let these = Digests::of(prefixes);
                below.digests = Some(
                    self.digests
                        .as_ref()
                        .map_or_else(|| these.clone(), |have| have.both(&these)),
                );
            }
            PathSet::Prefixes(_) => below.prefixes = Some(paths.left_below(self.prefixes.as_deref())),
        }
        below
    }

    /// What is in both; TUF only.
    pub(super) fn and(&self, other: &Extent) -> Extent {
        let mut both = self.clone();
        for list in &other.patterns {
            both.add_patterns(list);
        }
        if let Some(digests) = &other.digests {
            both.digests = Some(
                self.digests
                    .as_ref()
                    .map_or_else(|| digests.clone(), |have| have.both(digests)),
            );
        }
        both
    }

    /// Whether both surely have no path in common.
    pub(super) fn is_apart_from(&self, other: &Extent) -> bool {
        let apart = |one: &Vec<String>, other: &Vec<String>| {
            one.len() * other.len() <= MOST_PAIRS
                && !one.iter().any(|one| other.iter().any(|other| may_meet(one, other)))
        };
        let digests = self.digests.as_ref().zip(other.digests.as_ref());
        self.is_empty()
            || other.is_empty()
            || self
                .patterns
                .iter()
                .any(|one| other.patterns.iter().any(|other| apart(one, other)))
            || digests.is_some_and(|(one, other)| one.both(other).is_empty())
    }

    /// Whether every path here is surely in `other` too.
    pub(super) fn is_inside(&self, other: &Extent) -> bool {
        let patterns = other
            .patterns
            .iter()
            .all(|outer| self.patterns.iter().any(|inner| lies_within(inner, outer)));
        let digests = other.digests.as_ref().is_none_or(|outer| {
            outer.is_all() || self.digests.as_ref().is_some_and(|inner| inner.both(outer) == *inner)
        });
        let prefixes = other.prefixes.as_ref().is_none_or(|outer| {
            let begun = |inner: &String| outer.iter().any(|outer| inner.starts_with(outer.as_str()));
            self.prefixes.as_ref().is_some_and(|inner| inner.iter().all(begun))
        });
        patterns && digests && prefixes
    }

    /// Takes patterns that no earlier list can meet out, and lists that hold all of the new one.
    fn add_patterns(&mut self, patterns: &[String]) {
        let meets = |pattern: &&String| {
            self.patterns.iter().all(|list| {
                list.len() * patterns.len() > MOST_PAIRS || list.iter().any(|earlier| may_meet(earlier, pattern))
            })
        };
        let mut seen = HashSet::new();
        let left: Vec<String> = patterns
            .iter()
            .filter(|pattern| seen.insert(*pattern))
            .filter(meets)
            .cloned()
            .collect();
        self.patterns.retain(|list| !lies_within(&left, list));
        if !self.patterns.iter().any(|list| lies_within(list, &left)) || left.is_empty() {
            self.patterns.push(left);
        }
    }
}

/// Whether every path that fits one of `inner` surely fits one of `outer`.
fn lies_within(inner: &[String], outer: &[String]) -> bool {
    let held = |inner: &String| outer.iter().any(|outer| surely_holds(outer, inner));
    inner == outer || (inner.len() * outer.len() <= MOST_PAIRS && inner.iter().all(held))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> PathSet {
        PathSet::Patterns(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_delegations_leave_is_told_in_the_fewest_conditions_that_are_sure() {
        type Lists<'a> = &'a [&'a [&'a str]];
        let cases: [(Lists<'_>, Lists<'_>); 6] = [
            (&[&["release/*"], &["release/arm64-*"]], &[&["release/arm64-*"]]),
            (&[&["release/arm64-*"], &["release/*"]], &[&["release/arm64-*"]]),
            (&[&["a/*", "b/*"], &["a/x", "c/x"]], &[&["a/x"]]),
            (&[&["a/*"], &["b/*"]], &[&[]]),
            (&[&["*-x"], &["y-*"]], &[&["*-x"], &["y-*"]]),
            (&[&["*"], &["*"]], &[&["*"]]),
        ];
        for (chain, expected) in cases {
            let extent = chain
                .iter()
                .fold(Extent::everything(), |extent, list| extent.below(&patterns(list)));
            assert_eq!(extent.patterns, expected, "{chain:?}");
            assert_eq!(extent.is_exact(), expected.len() == 1);
            assert_eq!(extent.is_empty(), expected[0].is_empty());
        }
    }

    #[test]
    fn being_apart_and_being_inside_are_claimed_only_when_they_are_so() {
        let of = |paths: &[PathSet]| paths.iter().fold(Extent::everything(), |extent, set| extent.below(set));
        let bin = |prefix: &str| PathSet::HashPrefixes(vec![prefix.to_owned()]);
        let extents = [
            Extent::everything(),
            of(&[patterns(&["a/*"])]),
            of(&[patterns(&["a/x", "b"])]),
            of(&[patterns(&["*"]), bin("2")]),
            of(&[bin("2")]),
            of(&[bin("c"), patterns(&["a*"])]),
            of(&[PathSet::HashPrefixes(["0", "2", "c"].map(str::to_owned).to_vec())]),
        ];
        let paths: Vec<String> = (0..400)
            .flat_map(|number| [format!("a/{number}"), format!("{number}"), format!("a{number}")])
            .chain(["a/x", "b"].map(str::to_owned))
            .collect();
        for one in &extents {
            for other in &extents {
                for path in &paths {
                    let (in_one, in_other) = (one.covers(path), other.covers(path));
                    assert!(
                        !(one.is_apart_from(other) && in_one && in_other),
                        "{one:?} {other:?} {path}"
                    );
                    assert!(
                        !(one.is_inside(other) && in_one && !in_other),
                        "{one:?} {other:?} {path}"
                    );
                }
            }
            assert!(one.is_inside(one) && one.is_inside(&Extent::everything()));
        }
        assert!(extents[3].is_apart_from(&extents[5]) && extents[3].is_inside(&extents[6]));
        let notary = |prefix: &str| of(&[PathSet::Prefixes(vec![prefix.to_owned()])]);
        assert!(notary("v1").is_inside(&notary("v")) && !notary("v").is_inside(&notary("v1")));
        // Notary drops a prefix that reaches further than its parent's; it does not narrow it.
        assert!(notary("v1").below(&PathSet::Prefixes(vec!["v".to_owned()])).is_empty());
        assert!(notary("").is_everything());
    }
}
