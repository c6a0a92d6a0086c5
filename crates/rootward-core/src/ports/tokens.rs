//! The port to hardware tokens: which are plugged in, what their slots hold, and signers made of them.
//!
//! A token slot is a place; whose key lies in it is told by its public half, before anybody types a PIN.

use std::fmt;

use rootward_tuf::{PhysicalKey, PublicKey, dialect::notary::Certificate};

use super::{Failure, FreshTokens, Prompt, PromptRequest, Signer};

/// A place for one key in a PIV token: 9a, 9c, 9d, 9e, or one of 82 to 95.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(u8);

impl Slot {
    /// The slot whose keys ask for the PIN before each signature, unless another policy was chosen.
    pub const SIGNATURE: Slot = Slot(0x9c);

    /// Takes the number PIV gives the slot.
    pub fn new(number: u8) -> Option<Self> {
        matches!(number, 0x9a | 0x9c..=0x9e | 0x82..=0x95).then_some(Slot(number))
    }

    /// Reads what `Display` writes: two hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Slot::new(u8::from_str_radix(text, 16).ok().filter(|_| plain)?)
    }

    /// Every slot a signing key can lie in, in the order in which people fill them.
    pub fn all() -> impl Iterator<Item = Slot> {
        [0x9a, 0x9c, 0x9d, 0x9e].into_iter().chain(0x82..=0x95).map(Slot)
    }

    /// The number PIV gives the slot.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

/// A slot of one token. Written `SERIAL/SLOT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenSlot {
    pub serial: u32,
    pub slot: Slot,
}

impl TokenSlot {
    /// Reads what `Display` writes, such as `19402271/9c`.
    pub fn parse(text: &str) -> Option<Self> {
        let (serial, slot) = text.split_once('/')?;
        let plain = !serial.is_empty() && serial.bytes().all(|byte| byte.is_ascii_digit());
        Some(TokenSlot {
            serial: serial.parse().ok().filter(|_| plain)?,
            slot: Slot::parse(slot)?,
        })
    }

    /// What a person calls it: `YubiKey 19 402 271, slot 9c`.
    pub fn label(&self) -> String {
        format!("{}, slot {}", device_label(self.serial), self.slot)
    }
}

impl fmt::Display for TokenSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.serial, self.slot)
    }
}

/// Serials that no maker has given: a token to practise with has one of these, and nothing else has.
const PRACTICE_SERIALS: std::ops::RangeInclusive<u32> = 4_290_000_001..=4_290_999_999;

/// Whether a token is one to practise with, inside this program. No device that calls itself so is worked with.
pub fn is_practice_token(serial: u32) -> bool {
    PRACTICE_SERIALS.contains(&serial)
}

/// The first practice token whose serial `is_taken` does not know; the first of all when every serial is taken.
pub fn new_practice_token(is_taken: impl Fn(u32) -> bool) -> u32 {
    PRACTICE_SERIALS
        .into_iter()
        .find(|serial| !is_taken(*serial))
        .unwrap_or(*PRACTICE_SERIALS.start())
}

/// What a person calls a token: `YubiKey 19 402 271`, as its back reads but in groups; `Practice token 1`.
pub fn device_label(serial: u32) -> String {
    if is_practice_token(serial) {
        return format!("Practice token {}", serial - (PRACTICE_SERIALS.start() - 1));
    }
    let digits = serial.to_string();
    let mut grouped = String::from("YubiKey ");
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A token that is plugged in, or why others are not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attached {
    Ready(TokenFacts),
    /// It is there and cannot be read: `token-busy`, `token-ambiguous`, `token-unsupported` or `token-failed`.
    Troubled {
        reader: String,
        /// As far as it is known.
        serial: Option<u32>,
        failure: Failure,
    },
    /// No token: why there may be others that nobody sees, such as `token-service-missing`.
    Unseen(Failure),
}

/// What a token tells without any secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    pub serial: u32,
    pub model: String,
    pub firmware: [u8; 3],
    /// The reader it is plugged into, as the smart card service names it.
    pub reader: String,
    /// Wrong PINs until it is blocked; 0 when it is. `None` when the token does not say.
    pub pin_tries: Option<u8>,
    /// Whether anybody can change its slots: its management key is the one it was made with.
    pub default_management_key: bool,
    /// Slots that hold a key or a certificate.
    pub slots: Vec<SlotFacts>,
}

impl TokenFacts {
    /// Whether keys can be copied out of it by somebody who has it in hand (YSA-2024-03: firmware below 5.7).
    pub fn is_cloneable(&self) -> bool {
        self.firmware < [5, 7, 0]
    }

    pub fn slot(&self, slot: Slot) -> Option<&SlotFacts> {
        self.slots.iter().find(|facts| facts.slot == slot)
    }
}

/// What a slot tells without any secret. What the token does not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotFacts {
    pub slot: Slot,
    /// `None` for a key of a kind we cannot verify with, or when firmware below 5.3 shows neither attestation nor certificate.
    pub public: Option<PublicKey>,
    /// Such as `ecdsa-p256`, `rsa-2048`; empty when there is only a certificate.
    pub algorithm: String,
    pub pin_policy: Option<PinPolicy>,
    pub touch_policy: Option<TouchPolicy>,
    pub origin: Option<Origin>,
    /// The slot's certificate in DER, unpacked; empty when it could not be.
    pub certificate: Option<Vec<u8>>,
    /// Whom the certificate says it is for: `CN=…`. A claim.
    pub subject: Option<String>,
}

impl SlotFacts {
    /// Whether there is a key, not a certificate alone.
    pub fn holds_key(&self) -> bool {
        !self.algorithm.is_empty()
    }

    /// Whether a PIN is ever asked for; so it is taken to be when the token does not say.
    pub fn asks_for_pin(&self) -> bool {
        self.pin_policy != Some(PinPolicy::Never)
    }

    /// Whether each signature may wait for a touch; so it is taken to be when the token does not say.
    pub fn touches(&self) -> bool {
        self.touch_policy != Some(TouchPolicy::Never)
    }
}

/// When a key asks for the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinPolicy {
    Never,
    /// Once until the token is unplugged or another application of it is used.
    Once,
    /// Before each signature.
    Always,
}

/// When a key asks for a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TouchPolicy {
    Never,
    Always,
    /// A touch holds for 15 seconds.
    Cached,
}

/// Where a key came into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the token; it was never anywhere else.
    Generated,
    Imported,
}

impl PinPolicy {
    pub fn as_str(self) -> &'static str {
        match self {
            PinPolicy::Never => "never",
            PinPolicy::Once => "once",
            PinPolicy::Always => "always",
        }
    }
}

impl TouchPolicy {
    pub fn as_str(self) -> &'static str {
        match self {
            TouchPolicy::Never => "never",
            TouchPolicy::Always => "always",
            TouchPolicy::Cached => "cached",
        }
    }
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Generated => "generated",
            Origin::Imported => "imported",
        }
    }
}

/// Kinds of keys a token makes for us. Ed25519 is not among them: what PIV signs with it is no signature of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAlgorithm {
    P256,
    P384,
}

impl TokenAlgorithm {
    /// As slots tell it.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenAlgorithm::P256 => "ecdsa-p256",
            TokenAlgorithm::P384 => "ecdsa-p384",
        }
    }
}

/// A key to be born in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTokenKey {
    pub algorithm: TokenAlgorithm,
    pub pin: PinPolicy,
    pub touch: TouchPolicy,
}

impl Default for NewTokenKey {
    /// What both repositories take everywhere, with a PIN and a touch for each signature.
    fn default() -> Self {
        NewTokenKey {
            algorithm: TokenAlgorithm::P256,
            pin: PinPolicy::Always,
            touch: TouchPolicy::Always,
        }
    }
}

/// What a token says about a key born in it, as certificates in DER. Nothing of it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Over the slot's key, signed by the token's own.
    pub slot: Vec<u8>,
    /// Over the token's own key (slot f9), signed by its maker.
    pub device: Vec<u8>,
    /// Others handed in with it, which may stand between the device's and a root. A token tells none.
    pub between: Vec<Vec<u8>>,
}

/// Hardware tokens of this machine.
///
/// Every method blocks and may wait for a person, so it is called while no lock is held. Wherever a token is named, its
/// absence is the interruption `token-absent`, or `token-other` when another one is plugged in instead; another program
/// that holds it is `token-busy`; two with one serial are refused with `token-ambiguous`; one that answers nonsense or is
/// pulled out half-way is the fault `token-failed`; without a smart card service the fault is `token-service-missing`.
pub trait Tokens: FreshTokens {
    /// Every token that is plugged in, by serial. One that somebody is being asked for is told as it was before.
    fn attached(&self) -> Result<Vec<Attached>, Failure>;

    /// What one token tells.
    fn facts(&self, serial: u32) -> Result<TokenFacts, Failure>;

    /// Finds a key in any token that can be read.
    fn find(&self, key: &PhysicalKey) -> Result<Option<TokenSlot>, Failure>;

    /// Makes a signer of the key in a slot. Asks for the PIN if the key ever does, and proves it at once.
    ///
    /// Before anybody is asked, refuses with `slot-empty`, with `expected-other-key` when the slot holds another key than
    /// `expected`, with `key-cannot-sign` for kinds of keys a token is not trusted to sign with, and with `pin-blocked`.
    /// A wrong PIN is asked for again until one try is left, which a person must want: the interruptions are `wrong-pin`
    /// and `last-try-declined`.
    fn open(
        &self,
        at: TokenSlot,
        expected: Option<&PhysicalKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure>;

    /// Makes a new key in an empty slot.
    ///
    /// Proves the right to with the management key: the PIN-protected one, else the one the token was made with, else one
    /// that is asked for; wrong ones end with `wrong-management-key`. Refuses with `slot-occupied`; there is no way to
    /// replace a key.
    fn generate(
        &self,
        at: TokenSlot,
        wish: &NewTokenKey,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure>;

    /// What the token says about a key that was born in it; refuses with `slot-empty` or `key-cannot-attest`.
    fn attestation(&self, at: TokenSlot) -> Result<Attestation, Failure>;

    /// Stores a certificate over the slot's key beside it, proving the right to as [`Tokens::generate`] does.
    ///
    /// Refuses with `slot-occupied` when there is one already, and with `expected-other-key` when it is another key's.
    fn write_certificate(
        &self,
        at: TokenSlot,
        certificate: &Certificate,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<(), Failure>;

    /// Calls `changed` whenever a token was plugged in or out, or the smart card service came or went, within 2 seconds.
    /// The last one given is called; it must not block.
    fn watch(&self, changed: Box<dyn Fn() + Send>);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_slot_is_read_as_it_is_written_and_in_no_other_way() {
        for (text, serial, slot) in [("19402271/9c", 19_402_271, 0x9c), ("1/82", 1, 0x82)] {
            let at = TokenSlot::parse(text).expect("a token slot");
            assert_eq!(
                (at.serial, at.slot.number(), at.to_string().as_str()),
                (serial, slot, text)
            );
        }
        for text in [
            "",
            "/",
            "1",
            "1/",
            "/9c",
            "1/9b",
            "1/f9",
            "1/96",
            "1/81",
            "1/+9",
            "+1/9c",
            "1/9c/",
            "1/09c",
            "4294967296/9c",
        ] {
            assert_eq!(TokenSlot::parse(text), None, "{text}");
        }
        assert_eq!(
            Slot::all()
                .filter(|slot| Slot::parse(&slot.to_string()) == Some(*slot))
                .count(),
            24
        );
    }

    #[test]
    fn a_serial_is_shown_in_groups() {
        let at = TokenSlot::parse("19402271/9c").expect("a token slot");
        assert_eq!(at.label(), "YubiKey 19 402 271, slot 9c");
        assert_eq!(device_label(7), "YubiKey 7");
        assert_eq!(device_label(123_456), "YubiKey 123 456");
    }

    #[test]
    fn a_practice_token_is_told_from_every_other_by_its_serial_and_called_so() {
        assert_eq!(device_label(4_290_000_001), "Practice token 1");
        assert!(device_label(4_290_000_000).starts_with("YubiKey"));
        assert!(device_label(u32::MAX).starts_with("YubiKey"));
        let taken = [4_290_000_001, 4_290_000_002];
        assert_eq!(new_practice_token(|serial| taken.contains(&serial)), 4_290_000_003);
    }
}
