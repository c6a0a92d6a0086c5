//! Fuzzy search over names; ids must hold the text as it is, or hexadecimal digits would match everything.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// What somebody typed, ready to be looked for. Empty text finds everything.
pub struct Search {
    matcher: Matcher,
    pattern: Option<Pattern>,
    needle: String,
    buffer: Vec<char>,
}

impl Search {
    pub fn of(text: &str) -> Search {
        let text = text.trim();
        let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
        Search {
            matcher: Matcher::new(Config::DEFAULT.match_paths()),
            pattern: (!text.is_empty()).then_some(pattern),
            needle: text.to_lowercase(),
            buffer: Vec::new(),
        }
    }

    /// Whether a thing of that name, known as `ids` besides, is what was looked for.
    pub fn finds<'a>(&mut self, name: &str, ids: impl IntoIterator<Item = &'a str>) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        let name = Utf32Str::new(name, &mut self.buffer);
        let by_name = pattern.score(name, &mut self.matcher).is_some();
        by_name || (self.needle.len() > 2 && ids.into_iter().any(|id| id.to_lowercase().contains(&self.needle)))
    }
}
