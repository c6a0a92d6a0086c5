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
    /// Why none can be looked for, such as `token-service-missing`.
    pub failure: Option<Failure>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// None for a token that does not tell it.
    pub serial: Option<u32>,
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
