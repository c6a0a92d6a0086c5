//! A digest as words that survive being read over a telephone.

use super::super::digest::Digest;

/// Six words for the first 96 bits, of a consonant and a vowel in turn: sixteen bits a word (the proquint scheme).
pub fn digest_words(digest: &Digest) -> String {
    let words: Vec<String> = digest.0[..12]
        .chunks(2)
        .map(|pair| word(u16::from_be_bytes([pair[0], pair[1]])))
        .collect();
    words.join(" ")
}

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

fn word(bits: u16) -> String {
    let consonant = |shift: u32| char::from(CONSONANTS[usize::from(bits >> shift & 15)]);
    let vowel = |shift: u32| char::from(VOWELS[usize::from(bits >> shift & 3)]);
    [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)]
        .iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_bytes_has_a_word_of_its_own() {
        let all: std::collections::HashSet<String> = (0..=u16::MAX).map(word).collect();
        assert_eq!(all.len(), 1 << 16);
        assert_eq!(
            (word(0), word(u16::MAX), word(0x7f00)),
            ("babab".into(), "zuzuz".into(), "lusab".into())
        );
        let digest = Digest::of(b"root");
        assert_eq!(digest_words(&digest).split(' ').count(), 6);
        assert_ne!(digest_words(&digest), digest_words(&Digest::of(b"other")));
    }
}
