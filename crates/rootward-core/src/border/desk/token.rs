//! Tokens as the screens show them: labels, warnings, slots, and what their keys speak for on this desk.

use std::collections::HashMap;

use rootward_tuf::key::{Key, KeyId};

use crate::{
    border::{KeyUse, Sentence, SlotView, TokenView, TokensView, visible},
    keyring,
    ports::{
        Attached, Failure, KeyReference, Origin, PinPolicy, Slot, SlotFacts, TokenFacts, TokenSlot, TouchPolicy,
        device_label, is_practice_token,
    },
    repositories::index::Index,
};

/// What every key speaks for on a desk, by `sha256:…`.
pub type Uses = HashMap<String, Vec<KeyUse>>;

/// Gathers what every key of the desk's repositories speaks for.
pub fn uses(index: &Index) -> Uses {
    let mut uses = Uses::new();
    for segment in &index.segments {
        let known = &segment.known;
        for role in &known.tree.nodes {
            for key in role.keys.iter().filter_map(|key| key.physical) {
                let told = KeyUse {
                    repository: known.record.id.clone(),
                    repository_name: visible(&known.record.name),
                    role: visible(role.role.as_str()),
                    practice: known.record.practice,
                };
                let of_key = uses.entry(key.to_string()).or_default();
                if !of_key.contains(&told) {
                    of_key.push(told);
                }
            }
        }
    }
    uses
}

impl TokensView {
    /// What is plugged in, or why it cannot be told.
    pub fn of(attached: &Result<Vec<Attached>, Failure>, uses: &Uses) -> Self {
        let (mut tokens, mut failure) = (Vec::new(), attached.as_ref().err().cloned());
        for token in attached.iter().flatten() {
            match token {
                Attached::Ready(facts) => tokens.push(TokenView::ready(facts, uses)),
                Attached::Troubled {
                    reader,
                    serial,
                    failure,
                } => tokens.push(TokenView::troubled(reader, *serial, failure)),
                // Others are still shown, and this is no token.
                Attached::Unseen(why) => failure = Some(why.clone()),
            }
        }
        tokens.sort_by_key(|token| (token.serial.is_none(), token.serial, token.reader.clone()));
        TokensView {
            tokens,
            failure,
            modules: Vec::new(),
        }
    }
}

impl TokensView {
    /// What a form may offer: a practice token signs nothing real, so it is offered for practice alone.
    pub fn offered_to(mut self, practice: bool) -> Self {
        let is_practice = |token: &TokenView| token.serial.is_some_and(is_practice_token);
        self.tokens.retain(|token| practice || !is_practice(token));
        self
    }
}

impl TokenView {
    /// A token that can be read.
    pub(super) fn ready(facts: &TokenFacts, uses: &Uses) -> Self {
        TokenView {
            serial: Some(facts.serial),
            module: None,
            token: None,
            serial_text: Some(facts.serial.to_string()),
            provision: Some(format!("yubikey:{}", facts.serial)),
            as_delivered: facts.default_management_key,
            label: device_label(facts.serial),
            model: visible(&facts.model),
            firmware: facts.firmware.map(|part| part.to_string()).join("."),
            reader: visible(&facts.reader),
            pin_tries: facts.pin_tries,
            warnings: warnings(facts),
            slots: slots(facts, uses),
            trouble: None,
        }
    }

    fn troubled(reader: &str, serial: Option<u32>, failure: &Failure) -> Self {
        TokenView {
            serial,
            module: None,
            token: None,
            serial_text: serial.map(|serial| serial.to_string()),
            provision: None,
            as_delivered: false,
            label: serial.map_or_else(|| visible(reader), device_label),
            model: String::new(),
            firmware: String::new(),
            reader: visible(reader),
            pin_tries: None,
            warnings: Vec::new(),
            slots: Vec::new(),
            trouble: Some(failure.clone()),
        }
    }
}

impl SlotView {
    /// One slot and its key.
    pub fn of(serial: u32, facts: &SlotFacts, uses: &Uses) -> Self {
        let key = facts.public.as_ref().map(|public| {
            let bare = Key::new_notary_bare(public);
            (
                public.physical().to_string(),
                Key::new_tuf1(public).keyid().clone(),
                bare.canonical_keyid(),
            )
        });
        let shown = |id: &KeyId| visible(id.as_str());
        SlotView {
            occupied: true,
            physical_key: key.as_ref().map(|(physical, ..)| physical.clone()),
            keyid: key.as_ref().map(|(_, keyid, _)| shown(keyid)),
            canonical_keyid: key.as_ref().map(|(.., canonical)| shown(canonical)),
            algorithm: algorithm_words(&facts.algorithm),
            pin_policy: pin_words(facts.pin_policy).into(),
            touch_policy: touch_words(facts.touch_policy).into(),
            origin: origin_words(facts.origin).into(),
            certificate: certificate_words(facts),
            used_by: key
                .and_then(|(physical, ..)| uses.get(&physical).cloned())
                .unwrap_or_default(),
            ..SlotView::empty(serial, facts.slot)
        }
    }

    fn empty(serial: u32, slot: Slot) -> Self {
        let at = KeyReference::YubiKey(TokenSlot { serial, slot });
        SlotView {
            slot: slot.to_string(),
            slot_name: slot_name(slot),
            key: keyring::written(&at),
            label: keyring::label(&at),
            occupied: false,
            physical_key: None,
            keyid: None,
            canonical_keyid: None,
            algorithm: String::new(),
            pin_policy: String::new(),
            touch_policy: String::new(),
            origin: String::new(),
            certificate: None,
            used_by: Vec::new(),
        }
    }
}

fn slots(facts: &TokenFacts, uses: &Uses) -> Vec<SlotView> {
    let mut held: Vec<&SlotFacts> = facts.slots.iter().collect();
    held.sort_by_key(|slot| place(slot.slot));
    let mut empty: Vec<Slot> = Slot::all().filter(|slot| facts.slot(*slot).is_none()).collect();
    empty.sort_by_key(|slot| place(*slot));
    let held = held.into_iter().map(|slot| SlotView::of(facts.serial, slot, uses));
    held.chain(empty.into_iter().map(|slot| SlotView::empty(facts.serial, slot)))
        .collect()
}

/// The slot for signatures first, then the other three, then the retired ones.
fn place(slot: Slot) -> (u8, u8) {
    let number = slot.number();
    let rank = match number {
        0x9c => 0,
        0x9a..=0x9e => 1,
        _ => 2,
    };
    (rank, number)
}

fn slot_name(slot: Slot) -> String {
    match slot.number() {
        0x9a => "Authentication".into(),
        0x9c => "Digital signature".into(),
        0x9d => "Key management".into(),
        0x9e => "Card authentication".into(),
        retired => format!("Retired key {}", retired.saturating_sub(0x81)),
    }
}

/// `ecdsa-p256` as people write it: `ECDSA P-256`.
pub(super) fn algorithm_words(algorithm: &str) -> String {
    let Some((family, size)) = algorithm.split_once('-') else {
        return match algorithm {
            "ed25519" => "Ed25519".into(),
            other => visible(other),
        };
    };
    let size = size
        .strip_prefix('p')
        .map_or_else(|| size.to_owned(), |bits| format!("P-{bits}"));
    visible(&format!("{} {size}", family.to_uppercase()))
}

fn warnings(facts: &TokenFacts) -> Vec<Sentence> {
    let mut said = Vec::new();
    match facts.pin_tries {
        Some(0) => said.push(Sentence::warning(
            "The PIN is blocked: nothing can be signed until its PUK unblocks it.",
        )),
        Some(1) => said.push(Sentence::warning("One PIN try is left. A wrong PIN blocks it.")),
        _ => {}
    }
    if facts.is_cloneable() {
        let version = facts.firmware.map(|part| part.to_string()).join(".");
        said.push(Sentence::warning("Firmware ").evidence(version).plain(
            ": whoever holds the device and its PIN can have its EC keys copied in a laboratory. 5.7 cannot be.",
        ));
    }
    if facts.default_management_key {
        said.push(Sentence::warning(
            "The management key is the default one: anybody who holds the device can overwrite its keys.",
        ));
    }
    said
}

fn pin_words(policy: Option<PinPolicy>) -> &'static str {
    match policy {
        Some(PinPolicy::Never) => "never",
        Some(PinPolicy::Once) => "once after plugging in",
        Some(PinPolicy::Always) => "every signature",
        None => NOT_TOLD,
    }
}

fn touch_words(policy: Option<TouchPolicy>) -> &'static str {
    match policy {
        Some(TouchPolicy::Never) => "never",
        Some(TouchPolicy::Always) => "every signature",
        Some(TouchPolicy::Cached) => "every signature, kept for 15 seconds",
        None => NOT_TOLD,
    }
}

pub(super) fn origin_words(origin: Option<Origin>) -> &'static str {
    match origin {
        Some(Origin::Generated) => "made on the device",
        Some(Origin::Imported) => "imported: copies may exist",
        None => NOT_TOLD,
    }
}

fn certificate_words(facts: &SlotFacts) -> Option<String> {
    facts.certificate.as_ref()?;
    let subject = facts.subject.as_deref();
    Some(subject.map_or_else(|| "cannot be read".to_owned(), visible))
}

pub(super) const NOT_TOLD: &str = "not told";
