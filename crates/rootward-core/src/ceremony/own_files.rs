//! Files of ours in JSON: each says what it is and of which format before anything else of it is read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::border::visible;
use crate::ports::Failure;

/// A kind of file.
pub(super) struct Kind {
    /// What it calls itself.
    pub name: &'static str,
    /// The newest format this program reads.
    pub format: u32,
    /// The refusal of what is none.
    pub unreadable: &'static str,
    /// The refusal of a later format.
    pub newer: &'static str,
}

impl Kind {
    /// Reads a file; refuses what is another kind's, of a later format, or has members that nobody knows.
    pub fn read<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, Failure> {
        let expected = self.name;
        let head: Head = serde_json::from_slice(bytes)
            .map_err(|error| self.is_unreadable(format!("expected a file of type {expected}: {error}")))?;
        if head.kind != expected {
            let found = visible(&head.kind);
            return Err(self.is_unreadable(format!("expected a file of type {expected}, found one of type {found}")));
        }
        if head.format > self.format {
            let message = format!(
                "the file has format {}, and this program reads up to {}",
                head.format, self.format
            );
            return Err(Failure::refusal(self.newer, message));
        }
        serde_json::from_slice(bytes).map_err(|error| self.is_unreadable(error.to_string()))
    }

    /// Whether bytes say that they are such a file, of whatever format.
    pub fn says_so(&self, bytes: &[u8]) -> bool {
        serde_json::from_slice::<Head>(bytes).is_ok_and(|head| head.kind == self.name)
    }

    fn is_unreadable(&self, why: String) -> Failure {
        Failure::refusal(self.unreadable, why)
    }
}

/// Writes a file, for people to look at too.
pub(super) fn written<T: Serialize>(text: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(text).expect("strings, numbers and lists are always JSON");
    bytes.push(b'\n');
    bytes
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    format: u32,
}
