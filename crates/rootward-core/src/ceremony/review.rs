//! The difference between two roots as plain sentences, for journals and transcripts.

use std::collections::HashMap;

use rootward_tuf::metadata::{Envelope, Root};

use crate::border::{Mark, Sentence, root_differences};

/// What `new` changes, without what stays.
pub fn differences(old: &Envelope<Root>, new: &Envelope<Root>) -> Vec<String> {
    let sentences = root_differences(old, new, &HashMap::new());
    sentences
        .iter()
        .filter(|sentence| sentence.mark != Mark::Same)
        .map(Sentence::text)
        .collect()
}
