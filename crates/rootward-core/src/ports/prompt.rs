//! The one door through which a secret comes in.

use zeroize::Zeroizing;

use super::Failure;

/// A PIN or passphrase on its way from the one door to a key. No `Debug`, no `Clone`, no `Serialize`.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over; they are wiped when the secret is dropped.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Secret(bytes)
    }

    /// Shows the bytes to the adapter that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// What a person must see before typing a secret. Filled in by Rust alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptRequest {
    pub repository: String,
    pub role: String,
    pub version: u64,
    /// The change in one sentence.
    pub change: String,
    /// The key or device asked for, such as `officer-2.pem`.
    pub key: String,
    /// First groups of the digest of the bytes to be signed: `4f1c 9a20`.
    pub digest: String,
    /// After a wrong secret: what happened.
    pub notice: Option<String>,
    pub practice: bool,
}

/// Asks a person.
pub trait Prompt: Send + Sync {
    /// Blocks until answered; a closed window is the interruption `prompt-closed`.
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure>;
}
