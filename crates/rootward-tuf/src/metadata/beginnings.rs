//! Beginnings of paths, arranged so that one look tells whether any of them fits: there may be as many as there are paths.

/// Sorted, and without those that begin with another.
pub(crate) struct Beginnings<'a>(Vec<&'a str>);

impl<'a> Beginnings<'a> {
    pub(crate) fn of(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut texts: Vec<&str> = texts.into_iter().collect();
        texts.sort_unstable();
        texts.dedup_by(|text, shorter| text.starts_with(*shorter));
        Beginnings(texts)
    }

    /// Whether `path` begins with one of them: none but the last that is not above it can be the one.
    pub(crate) fn fit(&self, path: &str) -> bool {
        let above = self.0.partition_point(|text| *text <= path);
        above > 0 && path.starts_with(self.0[above - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_fits_is_found_as_by_trying_each() {
        let texts = ["", "a", "ab", "abc", "abd", "b", "ba", "é", "a/", "a/b"];
        for choice in 0_u32..1 << texts.len() {
            let chosen = || {
                (0..texts.len())
                    .filter(|place| choice >> place & 1 == 1)
                    .map(|place| texts[place])
            };
            let beginnings = Beginnings::of(chosen());
            for path in ["", "a", "ab", "abcd", "abe", "a/bc", "b", "bb", "éa", "c"] {
                let expected = chosen().any(|text| path.starts_with(text));
                assert_eq!(beginnings.fit(path), expected, "{path:?} in {choice:b}");
            }
        }
    }
}
