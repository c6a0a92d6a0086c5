//! SHA-256 values as journals store them and as people compare them.

use std::fmt;

use rootward_tuf::encoding::{from_hex, hex, sha256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(sha256(bytes))
    }

    /// The first group that officers read aloud: `4f1c 9a20`.
    pub fn first_group(&self) -> String {
        let digits = hex(&self.0[..4]);
        format!("{} {}", &digits[..4], &digits[4..])
    }

    /// All sixteen groups of four digits, with blanks between.
    pub fn groups(&self) -> String {
        let digits = hex(&self.0);
        let groups: Vec<&str> = (0..digits.len()).step_by(4).map(|at| &digits[at..at + 4]).collect();
        groups.join(" ")
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digest = from_hex(&text).and_then(|bytes| bytes.try_into().ok()).map(Digest);
        // One digest has one spelling: a line of a journal in which a letter is another one was altered.
        digest
            .filter(|digest| digest.to_string() == text)
            .ok_or_else(|| de::Error::custom("expected a SHA-256 as 64 lower-case hexadecimal digits"))
    }
}
