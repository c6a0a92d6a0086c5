//! Hardware tokens as the screens show them: what is plugged in, what each slot holds and what it speaks for.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{RepositoryId, Sentence};
use crate::border::Failure;

/// What is plugged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TokensView {
    /// By serial; those that cannot be read come last.
    pub tokens: Vec<TokenView>,
    /// Why none can be looked for, or none but those shown, such as `token-service-missing`.
    pub failure: Option<Failure>,
    /// PKCS#11 modules that may be loaded, and well-known ones that are on this machine.
    #[serde(default)]
    pub modules: Vec<ModuleView>,
}

/// A PKCS#11 module: a library of a vendor's, loaded only when somebody allowed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModuleView {
    /// As it is named everywhere: a short name or a path.
    pub module: String,
    /// Where its library lies; none when it is not there.
    pub path: Option<String>,
    /// Whether it may be loaded.
    pub allowed: bool,
    /// How many tokens it shows.
    pub tokens: u32,
    /// Why it tells of none, such as `module-crashed`.
    pub failure: Option<Failure>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// None for a token that does not tell it, or that a PKCS#11 module shows: its serial is no number.
    pub serial: Option<u32>,
    /// The PKCS#11 module that shows it; none for a YubiKey that the smart card service shows.
    #[serde(default)]
    pub module: Option<String>,
    /// What a module's token calls itself, as it is written where its PIN or a key of it is named: `pkcs11:softhsm:rootward`.
    #[serde(default)]
    pub token: Option<String>,
    /// The serial as the token writes it.
    #[serde(default)]
    pub serial_text: Option<String>,
    /// As `Provisioning` names it, when it can be made ready for an officer.
    #[serde(default)]
    pub provision: Option<String>,
    /// It was not made ready yet: what protects its slots is what every such token is delivered with.
    #[serde(default)]
    pub as_delivered: bool,
    /// Such as `YubiKey 19 402 271`.
    pub label: String,
    pub model: String,
    /// Such as `5.4.3`; empty when it cannot be read.
    pub firmware: String,
    /// The reader's name.
    pub reader: String,
    /// Tries left for the PIN, when the token tells.
    pub pin_tries: Option<u8>,
    /// What a person should know of it: old firmware, a default management key, few tries left.
    pub warnings: Vec<Sentence>,
    /// Slots with a key first, then those where one can be born, each in order.
    pub slots: Vec<SlotView>,
    /// What keeps the token from being read or used now.
    pub trouble: Option<Failure>,
}

/// One slot of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SlotView {
    /// Such as `9c`.
    pub slot: String,
    /// Such as `Digital signature`.
    pub slot_name: String,
    /// The key as it is named everywhere: `yubikey:19402271/9c`.
    pub key: String,
    /// The device and slot for people: `YubiKey 19 402 271, slot 9c`.
    pub label: String,
    /// A key lies in it.
    pub occupied: bool,
    /// `sha256:…`; none when the slot is empty or does not show its public half.
    pub physical_key: Option<String>,
    /// The id of the bare key in TUF metadata.
    pub keyid: Option<String>,
    /// Notary's canonical id of it.
    pub canonical_keyid: Option<String>,
    /// Such as `ECDSA P-256`; empty when unknown.
    pub algorithm: String,
    /// When the PIN is asked, in words.
    pub pin_policy: String,
    /// When a touch is asked, in words.
    pub touch_policy: String,
    /// Where the key was made, in words.
    pub origin: String,
    /// Whom the slot's certificate says it is for, unproven; none without a certificate.
    pub certificate: Option<String>,
    /// What it speaks for on this desk.
    pub used_by: Vec<KeyUse>,
}

/// A role that lists a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyUse {
    pub repository: RepositoryId,
    pub repository_name: String,
    pub role: String,
    pub practice: bool,
}

/// What a new key in a slot is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TokenKeyWish {
    pub algorithm: TokenKeyKind,
    pub pin: PinAsked,
    pub touch: TouchAsked,
}

/// Kinds of keys a token makes for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TokenKeyKind {
    P256,
    P384,
    /// In tokens of PKCS#11 modules only.
    Ed25519,
    /// In tokens of PKCS#11 modules only.
    Rsa3072,
}

/// When the PIN is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PinAsked {
    /// Once after plugging in.
    Once,
    /// Before every signature.
    Always,
}

/// When a touch is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TouchAsked {
    Never,
    /// Before a signature, unless the last touch was within 15 seconds.
    Cached,
    /// Before every signature.
    Always,
}
