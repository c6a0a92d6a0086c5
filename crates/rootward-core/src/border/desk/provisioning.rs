//! Making a token ready, in words.

use crate::{
    border::{
        AttestationView, BornKeyView, LossPlan, LossView, PinAsked, ProvisioningView, ReadyStepName, ReadyStepView,
        ReadyView, Sentence, SlotView, TokenKeyKind, TokenKeyWish, TokenView, TouchAsked,
    },
    ports::{
        Delivered, ManagementKey, Origin, PinPolicy, Readiness, ReadyStep, SlotFacts, StepOutcome, TokenAlgorithm,
        TokenFacts, TouchPolicy, device_label,
    },
};

use super::token::Uses;

impl ProvisioningView {
    /// What making a token ready would do.
    pub fn of(facts: &TokenFacts, ready: &Readiness, uses: &Uses) -> Self {
        let view = TokenView::ready(facts, uses);
        let erased = view.slots.iter().filter(|slot| slot.occupied).map(|slot| {
            let used: Vec<String> = slot
                .used_by
                .iter()
                .map(|used| format!("{} of {}", used.role, used.repository_name))
                .collect();
            let sentence = Sentence::warning("The key in slot ").evidence(&slot.slot);
            match used.is_empty() {
                true => sentence.plain(" is lost. It speaks for nothing on this desk."),
                false => sentence
                    .plain(" is lost. It speaks for ")
                    .subject(used.join(", "))
                    .plain("."),
            }
        });
        let born = facts.slots.iter().filter_map(|slot| {
            let wish = wish_of(slot)?;
            let slot = SlotView::of(facts.serial, slot, uses);
            slot.used_by.is_empty().then_some(BornKeyView { slot, wish })
        });
        ProvisioningView {
            token: format!("yubikey:{}", facts.serial),
            serial: Some(facts.serial),
            naming: None,
            label: view.label,
            firmware: view.firmware,
            steps: steps_to_take(ready),
            erased: erased.collect(),
            born: born.collect(),
            slots: view.slots.into_iter().filter(|slot| !slot.occupied).collect(),
            kinds: vec![TokenKeyKind::P256, TokenKeyKind::P384],
            warnings: view.warnings,
            losses: losses(),
        }
    }
}

impl ReadyView {
    /// A token that is ready.
    pub fn of(
        serial: u32,
        taken: &[(ReadyStep, StepOutcome)],
        slot: Option<SlotView>,
        attestation: Option<AttestationView>,
        plan: LossPlan,
    ) -> Self {
        ReadyView {
            label: device_label(serial),
            serial: Some(serial),
            steps: taken
                .iter()
                .map(|(step, outcome)| ReadyStepView::taken(*step, *outcome))
                .collect(),
            slot,
            attestation,
            loss: loss(plan),
        }
    }
}

fn steps_to_take(ready: &Readiness) -> Vec<ReadyStepView> {
    let delivered = |step, name: &str, delivered, todo: &str| {
        let (said, done) = match delivered {
            Delivered::AsDelivered => (format!("As delivered: everybody knows it. {todo}"), false),
            Delivered::Changed => ("Somebody has set it. It stays.".into(), true),
            Delivered::NotTold => (
                "This firmware does not say whether it is the one it was delivered with.".into(),
                false,
            ),
        };
        ReadyStepView {
            step,
            name: name.into(),
            said: Sentence::note(said),
            done,
        }
    };
    let (management, done) = match ready.management_key {
        ManagementKey::AsDelivered => (
            "As delivered: everybody knows it. A random one takes its place, behind the PIN.",
            false,
        ),
        ManagementKey::BehindPin => ("A random one lies behind the PIN. It stays.", true),
        ManagementKey::Other => (
            "Somebody has chosen one: it is asked for, and a random one takes its place.",
            false,
        ),
    };
    let to_do = |step, name: &str, said: &str, done| ReadyStepView {
        step,
        name: name.into(),
        said: Sentence::note(said),
        done,
    };
    vec![
        delivered(
            ReadyStepName::Puk,
            "PUK",
            ready.puk,
            "A new one is shown once; you write it down and type it back.",
        ),
        delivered(
            ReadyStepName::Pin,
            "PIN",
            ready.pin,
            "You choose a new one and type it twice.",
        ),
        to_do(ReadyStepName::ManagementKey, "Management key", management, done),
        to_do(
            ReadyStepName::Key,
            "Key",
            "It is born in the slot, and never leaves the token.",
            false,
        ),
        to_do(
            ReadyStepName::Attestation,
            "Attestation",
            "What the token says of the key is read, proven and kept.",
            false,
        ),
    ]
}

/// What a key that was born in a slot would have been wished as; `None` for one that making a token ready never leaves.
fn wish_of(slot: &SlotFacts) -> Option<TokenKeyWish> {
    if slot.origin != Some(Origin::Generated) || slot.certificate.is_some() {
        return None;
    }
    let kinds = [
        (TokenAlgorithm::P256, TokenKeyKind::P256),
        (TokenAlgorithm::P384, TokenKeyKind::P384),
    ];
    let (_, algorithm) = kinds.into_iter().find(|(kind, _)| kind.as_str() == slot.algorithm)?;
    let pin = match slot.pin_policy? {
        PinPolicy::Never => return None,
        PinPolicy::Once => PinAsked::Once,
        PinPolicy::Always => PinAsked::Always,
    };
    let touch = match slot.touch_policy? {
        TouchPolicy::Never => TouchAsked::Never,
        TouchPolicy::Always => TouchAsked::Always,
        TouchPolicy::Cached => TouchAsked::Cached,
    };
    Some(TokenKeyWish { algorithm, pin, touch })
}

impl ReadyStepView {
    /// What became of a step.
    pub fn taken(step: ReadyStep, outcome: StepOutcome) -> Self {
        step_taken(step, outcome)
    }
}

/// What is said in place of a proof where there is none.
pub(super) const NO_ATTESTATION: &str = "None: no PKCS#11 module proves where a key was born. Whoever must know it later was there, or takes your word for it.";

fn step_taken(step: ReadyStep, outcome: StepOutcome) -> ReadyStepView {
    let (name, title, done, before) = match step {
        ReadyStep::Puk => (
            ReadyStepName::Puk,
            "PUK",
            "It is the one you wrote down.",
            "Somebody had set it before. It was left.",
        ),
        ReadyStep::SoPin => (
            ReadyStepName::SoPin,
            "Label and SO PIN",
            "It has the label and the SO PIN that you chose.",
            "It was initialised before. It was left.",
        ),
        ReadyStep::Pin => (
            ReadyStepName::Pin,
            "PIN",
            "It is the one you chose.",
            "Somebody had set it before. It was left.",
        ),
        ReadyStep::ManagementKey => (
            ReadyStepName::ManagementKey,
            "Management key",
            "A random one lies behind the PIN. Nobody needs to know it.",
            "A random one lay behind the PIN before. It was left.",
        ),
        ReadyStep::Key => (
            ReadyStepName::Key,
            "Key",
            "It was born in the token.",
            "A key like this was born in the slot before. It was left, and nothing was replaced.",
        ),
        ReadyStep::Attestation => (
            ReadyStepName::Attestation,
            "Attestation",
            "It was read from the token.",
            "It was read before.",
        ),
    };
    let said = match outcome {
        StepOutcome::Done => Sentence::note(done),
        StepOutcome::WasSo => Sentence::note(before),
        StepOutcome::LeftAlone if step == ReadyStep::Attestation => Sentence::warning(NO_ATTESTATION),
        StepOutcome::LeftAlone => Sentence::warning(
            "This firmware does not say whether it is the delivered one, and asking costs a try: it was left. Change it with the maker's program.",
        ),
    };
    ReadyStepView {
        step: name,
        name: title.into(),
        said,
        done: outcome != StepOutcome::LeftAlone,
    }
}

/// Every way in which a loss may be survived; the first is proposed.
pub(super) fn losses() -> Vec<LossView> {
    let all = [LossPlan::SecondToken, LossPlan::ImportedTwice, LossPlan::Nothing];
    let views = all.map(|plan| LossView {
        plan,
        name: loss_name(plan).into(),
        consequence: loss(plan),
    });
    views.into()
}

fn loss_name(plan: LossPlan) -> &'static str {
    match plan {
        LossPlan::SecondToken => "A second token with a key of its own in the role",
        LossPlan::ImportedTwice => "One key, imported into two tokens on an offline machine",
        LossPlan::Nothing => "Nothing",
    }
}

/// How a loss is survived, and what that costs.
pub fn loss(plan: LossPlan) -> Sentence {
    match plan {
        LossPlan::SecondToken => Sentence::note(
            "Make a second token ready, keep it in another place, and add both keys to the role. Either signs when the other is lost, and each can be proven.",
        ),
        LossPlan::ImportedTwice => Sentence::warning(
            "The key is made on an offline machine and imported into both tokens by their maker's program: no key is born here, and no device can ever attest one that was imported. Whoever copied it on the way has it.",
        ),
        LossPlan::Nothing => Sentence::warning(
            "When this token is lost or breaks, its signature is gone. If the role then has fewer keys than its threshold, nobody can ever change it again.",
        ),
    }
}
