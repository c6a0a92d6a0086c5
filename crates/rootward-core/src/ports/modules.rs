//! The port to tokens behind PKCS#11 modules: libraries of vendors, of which only those are loaded that a person named.
//!
//! Like a slot, a label is a place; whose key lies there is told by its public half, before anybody types a PIN.

use rootward_tuf::{PhysicalKey, PublicKey};

use super::{Failure, ModuleKey, ModuleName, ModuleToken, Origin, Prompt, PromptRequest, Signer};

/// A module of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleFacts {
    pub name: ModuleName,
    /// Where its library lies; `None` for a short name whose library is not there.
    pub path: Option<std::path::PathBuf>,
    /// Whether it may be loaded.
    pub is_allowed: bool,
}

/// What one module tells of its tokens.
#[derive(Debug, Clone)]
pub struct ModuleTokens {
    pub module: ModuleName,
    pub tokens: Result<Vec<ModuleTokenFacts>, Failure>,
}

/// What a token tells without any secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleTokenFacts {
    /// With its serial where another token of the module has the same label.
    pub token: ModuleToken,
    pub serial: String,
    pub model: String,
    pub firmware: String,
    /// The reader or place it is in, as the module describes it.
    pub reader: String,
    /// Whether it says that it is a device and no program.
    pub is_device: bool,
    /// Whether its PIN is typed at the device and never comes through here.
    pub has_pin_pad: bool,
    /// Whether its PIN is asked for before its keys sign.
    pub asks_for_pin: bool,
    pub pin: PinState,
    /// Kinds of keys that can be born in it.
    pub makes: Vec<NewModuleKey>,
    /// Those that show without its PIN.
    pub keys: Vec<ModuleKeyFacts>,
    pub is_initialised: bool,
    /// What keeps it from being used: `token-ambiguous`, `token-unsupported`, `token-failed`.
    pub trouble: Option<Failure>,
}

/// What a token says of its PIN; how many tries are left, none tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinState {
    Fine,
    /// A wrong one was given since the last right one.
    WasWrong,
    /// The next wrong one locks it.
    LastTry,
    Locked,
    /// It has none yet.
    NotSet,
}

/// What a token tells of a key in it. Whatever it does not tell before the PIN is given is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleKeyFacts {
    /// As it is to be written: with its id where another key of the token has the same label.
    pub key: ModuleKey,
    /// `None` for a kind of key that we cannot verify with, or when only the private half is there.
    pub public: Option<PublicKey>,
    /// Such as `ecdsa-p256`, `rsa-2048`.
    pub algorithm: String,
    /// Whether the PIN is asked for before each signature.
    pub always_asks: Option<bool>,
    pub origin: Option<Origin>,
    /// Whom the certificate beside it says it is for: `CN=…`. A claim.
    pub subject: Option<String>,
}

/// Kinds of keys made in a module's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewModuleKey {
    Ed25519,
    P256,
    P384,
    Rsa3072,
}

impl NewModuleKey {
    /// As keys tell it.
    pub fn as_str(self) -> &'static str {
        match self {
            NewModuleKey::Ed25519 => "ed25519",
            NewModuleKey::P256 => "ecdsa-p256",
            NewModuleKey::P384 => "ecdsa-p384",
            NewModuleKey::Rsa3072 => "rsa-3072",
        }
    }
}

/// Tokens behind PKCS#11 modules. A module that is not allowed is never loaded: everything about it is refused with
/// `module-not-allowed`.
///
/// Every method blocks and may wait for a person, so it is called while no lock is held. A library that is none is the
/// fault `module-unusable`; one that crashes, does not answer, or answers nonsense is `module-crashed`, `module-hung` or
/// `module-lied`, and is started anew for the next request. Where a token is named, its absence is `token-absent`, two that
/// fit are refused with `token-ambiguous`; where a key is, `key-not-found` and `key-ambiguous`.
pub trait Modules: Send + Sync {
    /// Modules that are allowed, and well-known ones whose library lies on this machine. Loads none.
    fn modules(&self) -> Vec<ModuleFacts>;

    /// Allows these modules and no others from now on. Remembering it is the caller's.
    fn allow(&self, modules: &[ModuleName]);

    /// Forgets what modules told, so that whoever asks next has them asked anew.
    fn look_again(&self);

    /// Calls `changed` when tokens of a module that was asked before came or went, within seconds; it must not block. Modules
    /// behind the smart card service are left alone: of their tokens that service tells.
    fn watch(&self, changed: Box<dyn Fn() + Send>) {
        // Whoever has no modules has nothing to tell.
        drop(changed);
    }

    /// Every token of every allowed module.
    fn attached(&self) -> Vec<ModuleTokens>;

    /// What the token with a key tells.
    fn facts(&self, token: &ModuleToken) -> Result<ModuleTokenFacts, Failure>;

    /// Tells what can be told of a key without its PIN.
    fn inspect(&self, key: &ModuleKey) -> Result<ModuleKeyFacts, Failure>;

    /// Makes a signer of a key. Asks for the PIN if the token wants one, and proves it at once.
    ///
    /// Before anybody is asked, refuses with `expected-other-key`, with `key-without-public-half`, with `key-cannot-sign`
    /// for a kind of key that we cannot verify with, with `mechanism-missing`, and with `pin-blocked`. A wrong PIN is asked
    /// for again, three times in all and the last one before a lock only when it is meant: the interruptions are
    /// `wrong-pin` and `last-try-declined`.
    fn open(
        &self,
        key: &ModuleKey,
        expected: Option<&PhysicalKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure>;

    /// Makes a new key that cannot leave its token. With `always_asks`, the token is to ask for the PIN before each
    /// signature; otherwise that is left to it.
    ///
    /// Refuses with `slot-occupied` when a key has that label already, and with `mechanism-missing`.
    fn generate(
        &self,
        key: &ModuleKey,
        kind: NewModuleKey,
        always_asks: bool,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure>;

    /// Initialises the one token of a module that is not yet, or the one with this serial: a new SO PIN, a label, a new PIN.
    ///
    /// Refuses with `token-initialised`: nothing in a token is ever erased. Refuses with `token-ambiguous` when a token
    /// has the label already.
    fn initialise(
        &self,
        token: &ModuleToken,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<ModuleTokenFacts, Failure>;

    /// Gives a token that is initialised its first PIN; the SO PIN is asked for, once: tokens count wrong ones.
    ///
    /// Refuses with `token-initialised` when it has a PIN.
    fn set_first_pin(&self, token: &ModuleToken, prompt: &dyn Prompt, request: &PromptRequest) -> Result<(), Failure>;
}
