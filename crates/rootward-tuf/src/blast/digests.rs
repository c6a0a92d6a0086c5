//! Sets of SHA-256 digests, given by their first hexadecimal digits.

use std::collections::{BTreeMap, BTreeSet};

/// Digests that begin with one of some texts. One set has one form: no text begins another, and sixteen that differ in
/// their last digit alone are written as the one they share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests(BTreeSet<String>);

/// A difference of more texts than this is not computed.
const MOST: usize = 1 << 16;

impl Digests {
    /// The digests that begin with one of these, as written; a text that is no beginning of a digest in lower case adds
    /// nothing.
    pub fn of<T: AsRef<str>>(prefixes: impl IntoIterator<Item = T>) -> Self {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let begins = |text: &String| text.len() <= 64 && text.bytes().all(is_digit);
        let texts = prefixes.into_iter().map(|prefix| prefix.as_ref().to_owned());
        let mut set = Digests(texts.filter(begins).collect());
        set.take_out_nested();
        set.merge();
        set
    }

    /// Every digest.
    pub fn all() -> Self {
        Digests(BTreeSet::from([String::new()]))
    }

    /// Whether no digest is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every digest is in it.
    pub fn is_all(&self) -> bool {
        self.0.contains("")
    }

    /// The texts, sorted.
    pub fn prefixes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a digest in lower-case hexadecimal is in the set.
    pub fn holds(&self, digest: &str) -> bool {
        self.begins(digest)
    }

    /// What is in both.
    pub(super) fn both(&self, other: &Digests) -> Digests {
        let mut both = BTreeSet::new();
        for prefix in &self.0 {
            if other.begins(prefix) {
                both.insert(prefix.clone());
            } else {
                both.extend(other.below(prefix).cloned());
            }
        }
        Digests(both)
    }

    /// Takes in what lies beside these; the texts may have a shorter form afterwards.
    pub(super) fn add_unmerged(&mut self, other: &Digests) {
        self.0.extend(other.0.iter().cloned());
    }

    /// What is here and not in `other`; `None` if it takes too many texts to write it down.
    pub(super) fn without(&self, other: &Digests) -> Option<Digests> {
        let mut left = BTreeSet::new();
        let mut open: Vec<String> = self.0.iter().cloned().collect();
        while let Some(prefix) = open.pop() {
            if other.begins(&prefix) {
                continue;
            }
            if other.below(&prefix).next().is_none() {
                left.insert(prefix);
            } else {
                open.extend("0123456789abcdef".chars().map(|digit| format!("{prefix}{digit}")));
            }
            if left.len() + open.len() > MOST.max(2 * self.0.len()) {
                return None;
            }
        }
        Some(Digests(left))
    }

    /// Whether some text of the set begins `text`.
    fn begins(&self, text: &str) -> bool {
        (0..=text.len()).any(|end| text.get(..end).is_some_and(|beginning| self.0.contains(beginning)))
    }

    /// The texts of the set that begin with `prefix`.
    fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a String> {
        self.0
            .range(prefix.to_owned()..)
            .take_while(move |text| text.starts_with(prefix))
    }

    fn take_out_nested(&mut self) {
        let mut last: Option<String> = None;
        self.0.retain(|text| {
            let nested = last.as_ref().is_some_and(|last| text.starts_with(last.as_str()));
            if !nested {
                last = Some(text.clone());
            }
            !nested
        });
    }

    fn merge(&mut self) {
        let longest = self.0.iter().map(String::len).max().unwrap_or(0);
        for length in (1..=longest).rev() {
            let mut siblings: BTreeMap<&str, u32> = BTreeMap::new();
            for text in self.0.iter().filter(|text| text.len() == length) {
                *siblings.entry(&text[..length - 1]).or_default() += 1;
            }
            let whole: Vec<String> = siblings
                .into_iter()
                .filter(|(_, count)| *count == 16)
                .map(|(shared, _)| shared.to_owned())
                .collect();
            if whole.is_empty() {
                continue;
            }
            self.0
                .retain(|text| text.len() != length || !whole.iter().any(|shared| text.starts_with(shared.as_str())));
            self.0.extend(whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(set: &Digests) -> Vec<&str> {
        set.prefixes().collect()
    }

    #[test]
    fn one_set_has_one_form() {
        let cases: [(&[&str], &[&str]); 6] = [
            (&["a", "a0", "b"], &["a", "b"]),
            (&["x", "A", "a/", &"0".repeat(65)], &[]),
            (&["", "0"], &[""]),
            (
                &[
                    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f",
                ],
                &[""],
            ),
            (
                &[
                    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "0a", "0b", "0c", "0d", "0e", "0f",
                    "10",
                ],
                &["0", "10"],
            ),
            (&[], &[]),
        ];
        for (given, expected) in cases {
            assert_eq!(texts(&Digests::of(given)), expected, "{given:?}");
        }
    }

    #[test]
    fn what_two_sets_share_and_what_one_lacks_is_exact() {
        let digests: Vec<String> = (0..4096).step_by(5).map(|number| format!("{number:03x}")).collect();
        let sets = [
            Digests::all(),
            Digests::default(),
            Digests::of(["a", "b0", "c12"]),
            Digests::of(["a1", "b", "c1", "c2"]),
            Digests::of((0..100).map(|number| format!("{:03x}", number * 37))),
        ];
        for one in &sets {
            for other in &sets {
                let (both, without) = (one.both(other), one.without(other).unwrap());
                for digest in &digests {
                    let (in_one, in_other) = (one.holds(digest), other.holds(digest));
                    assert_eq!(both.holds(digest), in_one && in_other);
                    assert_eq!(without.holds(digest), in_one && !in_other);
                }
                assert_eq!(Digests::of(without.prefixes().chain(both.prefixes())), one.clone());
            }
        }
        let many = Digests::of((0..3000).map(|number| format!("{number:04x}{}", "5".repeat(60))));
        assert_eq!(Digests::all().without(&many), None, "too many texts");
    }
}
