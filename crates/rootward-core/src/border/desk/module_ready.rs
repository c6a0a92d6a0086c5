//! Making a token of a PKCS#11 module ready, in words.

use super::{
    module::free,
    provisioning::{NO_ATTESTATION, loss, losses},
    token::Uses,
};
use crate::{
    border::{
        LossPlan, NamingView, ProvisioningView, ReadyStepName, ReadyStepView, ReadyView, Sentence, SlotView,
        TokenKeyKind, TokenView, visible,
    },
    ports::{ModuleKeyFacts, ModuleToken, ModuleTokenFacts, NewModuleKey, PinState, ReadyStep, StepOutcome},
};

impl ProvisioningView {
    /// What making a module's token ready would do. One that waits to be initialised is to be called as `asked` says.
    pub fn of_module(facts: &ModuleTokenFacts, asked: &ModuleToken, uses: &Uses) -> Self {
        let view = TokenView::of_module(facts, uses);
        let key = free(facts);
        let proposed = match asked.label.is_empty() {
            true => "rootward",
            false => &asked.label,
        };
        let serial = facts.token.serial.as_deref().filter(|serial| !serial.is_empty());
        let naming = NamingView {
            module: format!("pkcs11:{}:", facts.token.module),
            token_label: match facts.is_initialised {
                true => facts.token.label.clone(),
                false => proposed.to_owned(),
            },
            is_new: !facts.is_initialised,
            serial: serial.map(|serial| marked(&facts.token, serial)).unwrap_or_default(),
            key_label: key.label,
        };
        ProvisioningView {
            token: format!("pkcs11:{asked}"),
            serial: None,
            label: view.label,
            firmware: view.firmware,
            steps: steps_to_take(facts),
            naming: Some(naming),
            slots: Vec::new(),
            born: Vec::new(),
            kinds: facts.makes.iter().map(|kind| kind_of(*kind)).collect(),
            warnings: view.warnings,
            losses: losses(),
            erased: Vec::new(),
        }
    }
}

impl ReadyView {
    /// A module's token that is ready, and the key that was born in it, if one was.
    pub fn of_module(
        token: &ModuleTokenFacts,
        taken: &[(ReadyStep, StepOutcome)],
        key: Option<&ModuleKeyFacts>,
        plan: LossPlan,
    ) -> Self {
        let steps = taken.iter();
        ReadyView {
            label: visible(&token.token.label()),
            serial: None,
            steps: steps
                .map(|(step, outcome)| ReadyStepView::taken(*step, *outcome))
                .collect(),
            slot: key.map(|key| SlotView::of_module(token, key, &Default::default())),
            attestation: None,
            loss: loss(plan),
        }
    }
}

/// `;serial=1f`, as it is written behind the label.
fn marked(token: &ModuleToken, serial: &str) -> String {
    let named = |serial: Option<&str>| {
        let token = ModuleToken {
            serial: serial.map(str::to_owned),
            ..token.clone()
        };
        token.to_string()
    };
    named(Some(serial))
        .strip_prefix(&named(None))
        .unwrap_or_default()
        .to_owned()
}

fn kind_of(kind: NewModuleKey) -> TokenKeyKind {
    match kind {
        NewModuleKey::P256 => TokenKeyKind::P256,
        NewModuleKey::P384 => TokenKeyKind::P384,
        NewModuleKey::Ed25519 => TokenKeyKind::Ed25519,
        NewModuleKey::Rsa3072 => TokenKeyKind::Rsa3072,
    }
}

fn steps_to_take(facts: &ModuleTokenFacts) -> Vec<ReadyStepView> {
    let step = |step, name: &str, said: Sentence, done| ReadyStepView {
        step,
        name: name.into(),
        said,
        done,
    };
    let note = |said: &str| Sentence::note(said);
    let (so_pin, has_label) = match facts.is_initialised {
        true => ("It is initialised. Its label and its SO PIN stay.", true),
        false => ("Empty: it has no label and no PIN. It is initialised.", false),
    };
    let (pin, has_pin) = match (facts.is_initialised, facts.pin) {
        (true, PinState::NotSet) => ("It has none yet. Its security officer sets the first.", false),
        (true, _) => ("Somebody has set it. It stays.", true),
        (false, _) => ("It has none yet.", false),
    };
    vec![
        step(ReadyStepName::SoPin, "Label and SO PIN", note(so_pin), has_label),
        step(ReadyStepName::Pin, "PIN", note(pin), has_pin),
        step(
            ReadyStepName::Key,
            "Key",
            note("It is made in the token, and marked so that it cannot be read out."),
            false,
        ),
        step(
            ReadyStepName::Attestation,
            "Attestation",
            Sentence::warning(NO_ATTESTATION),
            false,
        ),
    ]
}
