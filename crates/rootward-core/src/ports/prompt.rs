//! The one door through which a secret comes in, and the place that says when a token waits for a touch.

use zeroize::Zeroizing;

use super::{Failure, ModuleToken, TokenSlot};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromptRequest {
    pub repository: String,
    pub role: String,
    pub version: u64,
    /// The change in one sentence.
    pub change: String,
    /// The key or device asked for, such as `officer-2.pem` or `YubiKey 19 402 271, slot 9c`.
    pub key: String,
    /// First groups of the digest of the bytes to be signed: `4f1c 9a20`.
    pub digest: String,
    /// After a wrong secret: what happened.
    pub notice: Option<String>,
    pub practice: bool,
    /// The kind of secret.
    pub wants: Wanted,
    /// The token it is for, if it is for one; filled in by the token's adapter.
    pub token: Option<TokenSlot>,
    /// The same for a token of a PKCS#11 module.
    pub module_token: Option<ModuleToken>,
    /// What is signed is a proof that the key works: no document, and nobody's trust changes.
    pub proves: bool,
    /// What the device will ask for after the secret: `a touch for the certificate`, `a touch for root v2`.
    pub announces: Vec<String>,
}

/// Kinds of secrets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Of a key file.
    #[default]
    Passphrase,
    Pin {
        /// Wrong ones until the token blocks itself, this one included; `None` when the token does not say.
        tries_left: Option<u8>,
        /// A wrong one blocks the token, so the door takes it only from a person who says that they mean it.
        last_try: bool,
    },
    /// A token's management key, in hexadecimal digits.
    ManagementKey,
    /// Of a token's security officer, which sets a PIN.
    SoPin,
    /// A PUK that a token is to have from now on: it is shown, and typed back.
    NewPuk,
    /// Of an account on a server.
    Password,
    /// For a key file that is being written; `again` when it was typed once and must be typed a second time.
    NewPassphrase { again: bool },
    /// For a token that is being initialised; `again` when it was typed once and must be typed a second time.
    NewTokenPin { of: PinOf, again: bool },
}

/// Whose PIN of a token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinOf {
    /// Who signs with it.
    Officer,
    /// Who can set the officer's PIN anew, and nothing else.
    SecurityOfficer,
}

impl PinOf {
    /// What it is called: `PIN`, `SO PIN`.
    pub fn as_str(self) -> &'static str {
        match self {
            PinOf::Officer => "PIN",
            PinOf::SecurityOfficer => "SO PIN",
        }
    }
}

/// What a person must see while a token waits for their touch. Filled in by Rust alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TouchRequest {
    pub repository: String,
    /// The change in one sentence.
    pub change: String,
    /// `YubiKey 19 402 271, slot 9c`.
    pub device: String,
    /// What the touch signs: `root v2`, `the certificate for registry.example/app`.
    pub signs: String,
    /// First groups of the digest of the bytes to be signed.
    pub digest: String,
    /// How long the device waits.
    pub seconds: u32,
    /// The device asks for its PIN at its own keys; a touch may be part of that.
    pub types_pin: bool,
    pub practice: bool,
}

/// Something on a screen that says a touch is awaited. It goes away when this is dropped.
pub trait Touching: Send {}

/// Nothing is shown.
impl Touching for () {}

/// Asks a person.
pub trait Prompt: Send + Sync {
    /// Blocks until answered; a closed window is the interruption `prompt-closed`.
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure>;

    /// Shows a secret that was made up, once, and gives back what it is to be: the same, typed back by a person who has
    /// written it down, or another that a script has chosen.
    ///
    /// Blocks until answered; whoever cannot show anything fails with `prompt-closed`.
    fn agree(&self, request: &PromptRequest, _proposed: &Secret) -> Result<Secret, Failure> {
        let message = format!("nobody can be shown a new secret of {} here", request.key);
        Err(Failure::interruption("prompt-closed", message))
    }

    /// Says that a token waits for a touch, until the answer is dropped; does not block.
    ///
    /// Fails when a person could not be told: nobody touches a device without having read what for.
    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure>;
}
