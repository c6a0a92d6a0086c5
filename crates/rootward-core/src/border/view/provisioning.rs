//! A token on its way to an officer: what is still as it was delivered, what making it ready did, and the proof of its key.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Sentence, SlotView, TokenKeyKind, TokenKeyWish};
use crate::border::Failure;

/// What making a token ready would do. The answer to `Provisioning`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningView {
    /// As it was asked for: `yubikey:19402271`.
    pub token: String,
    /// Of a YubiKey, which can be erased here.
    pub serial: Option<u32>,
    /// `YubiKey 19 402 271`.
    pub label: String,
    /// `5.7.1`.
    pub firmware: String,
    /// In the order in which they are taken.
    pub steps: Vec<ReadyStepView>,
    /// What it and its new key are called, for a token of a PKCS#11 module: it has labels in place of slots.
    pub naming: Option<NamingView>,
    /// Slots in which a key can be born.
    pub slots: Vec<SlotView>,
    /// Keys that were born in it and are in no role on this desk: an earlier run may have got so far.
    pub born: Vec<BornKeyView>,
    /// Kinds of keys that can be born in it; the first is proposed.
    pub kinds: Vec<TokenKeyKind>,
    /// What a person should know of it.
    pub warnings: Vec<Sentence>,
    /// How its loss may be survived; the first is proposed.
    pub losses: Vec<LossView>,
    /// What is lost when the token is erased, key by key; empty when it holds none.
    pub erased: Vec<Sentence>,
}

/// How a token of a PKCS#11 module and a key in it are named: `MODULE`, the token's label, `SERIAL`, `/`, the key's label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NamingView {
    /// `pkcs11:softhsm:`.
    pub module: String,
    /// What the token calls itself, or is proposed to.
    pub token_label: String,
    /// It has no label yet: it is initialised, and gets this one.
    pub is_new: bool,
    /// `;serial=…` where the label is not enough; else empty.
    pub serial: String,
    /// A label that no key of it has.
    pub key_label: String,
}

/// A key that can be taken over instead of making one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BornKeyView {
    pub slot: SlotView,
    /// What it is, as it would be wished.
    pub wish: TokenKeyWish,
}

/// A step of making a token ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReadyStepView {
    pub step: ReadyStepName,
    /// `PIN`.
    pub name: String,
    /// What is so now, or what was done.
    pub said: Sentence,
    pub done: bool,
}

/// The steps by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyStepName {
    Puk,
    SoPin,
    Pin,
    ManagementKey,
    Key,
    Attestation,
}

/// How the loss of a token is survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum LossPlan {
    /// A second token, with a key of its own in the same role.
    SecondToken,
    /// One key, imported into two tokens on an offline machine.
    ImportedTwice,
    Nothing,
}

/// One way, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LossView {
    pub plan: LossPlan,
    pub name: String,
    pub consequence: Sentence,
}

/// A token that is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReadyView {
    pub label: String,
    /// Of a YubiKey.
    pub serial: Option<u32>,
    pub steps: Vec<ReadyStepView>,
    /// The slot and the key in it; none when one is to be imported.
    pub slot: Option<SlotView>,
    pub attestation: Option<AttestationView>,
    /// How its loss is survived, in a sentence.
    pub loss: Sentence,
}

/// What an attestation proves, or why it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttestationView {
    /// `held in YubiKey 15 938 765, firmware 5.2.7, touch always`; empty when nothing is proven.
    pub held: String,
    /// `chains to …`; empty when nothing is proven.
    pub verdict: String,
    /// What should be known besides, and what it never says.
    pub remarks: Vec<Sentence>,
    /// The step that failed.
    pub problem: Option<Failure>,
    /// Whether this desk keeps it with the key.
    pub kept: bool,
}

/// Who may vouch for devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttestationRootsView {
    /// The makers', which change with a release of this program alone.
    pub makers: Vec<AttestationRootView>,
    /// Those that were added on this machine: whatever chains to one says so.
    pub added: Vec<AttestationRootView>,
}

/// A certificate that ends a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttestationRootView {
    pub subject: String,
    /// Of the DER, 64 hex digits: what people compare.
    pub sha256: String,
    /// When somebody added it here.
    pub added_at: Option<String>,
    /// Keys of this desk that are proven by it and by nobody else.
    pub keys: u32,
}
