//! Tokens on their way from the box to an officer: what is still as it was delivered, and making one ready.

use rootward_tuf::PublicKey;

use super::{Attestation, Failure, NewTokenKey, Prompt, PromptRequest, TokenSlot};

/// What a token still has as it was delivered, told without any secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    pub pin: Delivered,
    pub puk: Delivered,
    pub management_key: ManagementKey,
}

/// Whether a secret is still the one that every such token is delivered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Everybody knows it.
    AsDelivered,
    Changed,
    /// Firmware below 5.3 does not say, and trying it would cost a try.
    NotTold,
}

/// What protects a token's slots from being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagementKey {
    /// Everybody knows it.
    AsDelivered,
    /// A random one, in the token behind its PIN.
    BehindPin,
    /// Somebody chose one and has it.
    Other,
}

/// A step of making a token ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadyStep {
    Puk,
    /// The token has a label, and a PIN of its security officer's; of a module's token.
    SoPin,
    Pin,
    ManagementKey,
    Key,
    Attestation,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    /// Done now.
    Done,
    /// It was so before: an earlier run got this far, or somebody did it by other means.
    WasSo,
    /// It could not be told, and was left as it was.
    LeftAlone,
}

/// A token that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The key that was born in it, and what the token says of it; `None` when none was wished.
    pub key: Option<(PublicKey, Attestation)>,
    /// In the order in which they were taken.
    pub steps: Vec<(ReadyStep, StepOutcome)>,
}

/// Makes tokens ready for their officers.
pub trait FreshTokens: Send + Sync {
    /// What is still as it was delivered. Fails as [`super::Tokens::facts`] does.
    fn readiness(&self, serial: u32) -> Result<Readiness, Failure>;

    /// Makes a token ready: its PUK, PIN and management key are no longer those it was delivered with, and, if one is
    /// wished, a key is born in the slot and the token says so.
    ///
    /// Every step looks at the token first and takes over what is done already, so whoever was interrupted begins again.
    /// `taken` hears of each step. New secrets are chosen through `prompt`: the PUK is made up here, shown once and used
    /// only after it was typed back, so that the token never has one that nobody has. The management key is random, and
    /// lies in the token before it is the token's.
    ///
    /// Before anybody is asked, refuses with `slot-occupied` when the slot holds anything but a key as wished that was
    /// born there. Refuses with `new-secret-refused` what the token does not take as PIN or PUK. Otherwise fails as
    /// [`super::Tokens::generate`] and [`super::Tokens::open`] do.
    fn make_ready(
        &self,
        at: TokenSlot,
        wish: Option<&NewTokenKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
        taken: &dyn Fn(ReadyStep, StepOutcome),
    ) -> Result<Ready, Failure>;

    /// Makes a token as it was delivered: every key in its PIV slots is lost for ever.
    ///
    /// Uses up all tries of PIN and PUK first, since a token asks for that. Interrupted, it leaves a blocked token, which
    /// may be erased again.
    fn erase(&self, serial: u32) -> Result<(), Failure>;
}
