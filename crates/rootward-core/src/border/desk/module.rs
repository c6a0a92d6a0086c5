//! PKCS#11 modules and their tokens as the screens show them, beside the tokens that the smart card service shows.

use rootward_tuf::key::Key;

use super::token::{NOT_TOLD, Uses, algorithm_words, origin_words};
use crate::{
    border::{ModuleView, Sentence, SlotView, TokenView, TokensView, visible},
    keyring,
    ports::{KeyReference, ModuleFacts, ModuleKey, ModuleKeyFacts, ModuleTokenFacts, ModuleTokens, PinState},
};

impl TokensView {
    /// The same with what PKCS#11 modules show.
    pub fn with_modules(mut self, modules: &[ModuleFacts], attached: &[ModuleTokens], uses: &Uses) -> Self {
        for facts in modules {
            let told = attached.iter().find(|told| told.module == facts.name);
            let tokens = told.and_then(|told| told.tokens.as_ref().ok());
            let views: Vec<TokenView> = tokens
                .into_iter()
                .flatten()
                .map(|token| TokenView::of_module(token, uses))
                .collect();
            self.modules.push(ModuleView {
                module: visible(facts.name.as_str()),
                path: facts.path.as_ref().map(|path| visible(&path.display().to_string())),
                allowed: facts.is_allowed,
                tokens: u32::try_from(views.len()).unwrap_or(u32::MAX),
                failure: told.and_then(|told| told.tokens.as_ref().err().cloned()),
            });
            self.tokens.extend(views);
        }
        self
    }
}

impl TokenView {
    fn of_module(facts: &ModuleTokenFacts, uses: &Uses) -> Self {
        let label = match facts.is_initialised {
            true => visible(&facts.token.label()),
            false => format!("New token ({})", visible(facts.token.module.label())),
        };
        let slots = match facts.is_initialised && facts.trouble.is_none() {
            true => slots(facts, uses),
            false => Vec::new(),
        };
        TokenView {
            serial: None,
            module: Some(visible(facts.token.module.as_str())),
            token: facts.is_initialised.then(|| format!("pkcs11:{}", facts.token)),
            serial_text: Some(visible(&facts.serial)),
            label,
            model: visible(&facts.model),
            firmware: visible(&facts.firmware),
            reader: visible(&facts.reader),
            pin_tries: match facts.pin {
                PinState::Locked => Some(0),
                PinState::LastTry => Some(1),
                PinState::Fine | PinState::WasWrong | PinState::NotSet => None,
            },
            warnings: warnings(facts),
            slots,
            trouble: facts.trouble.clone(),
        }
    }
}

impl SlotView {
    /// A key in a token of a module.
    pub fn of_module(token: &ModuleTokenFacts, facts: &ModuleKeyFacts, uses: &Uses) -> Self {
        let public = facts.public.as_ref();
        let physical = public.map(|public| public.physical().to_string());
        let used_by = physical.as_ref().and_then(|physical| uses.get(physical).cloned());
        SlotView {
            occupied: true,
            keyid: public.map(|public| visible(Key::new_tuf1(public).keyid().as_str())),
            canonical_keyid: public.map(|public| visible(Key::new_notary_bare(public).canonical_keyid().as_str())),
            physical_key: physical,
            algorithm: algorithm_words(&facts.algorithm),
            pin_policy: match (token.asks_for_pin, facts.always_asks) {
                (_, Some(true)) => "every signature".into(),
                (true, _) => "before it signs".into(),
                (false, _) => "never".into(),
            },
            touch_policy: if token.is_device {
                NOT_TOLD.into()
            } else {
                "never".into()
            },
            origin: origin_words(facts.origin).into(),
            certificate: facts.subject.as_deref().map(visible),
            used_by: used_by.unwrap_or_default(),
            ..empty(&facts.key)
        }
    }
}

fn slots(facts: &ModuleTokenFacts, uses: &Uses) -> Vec<SlotView> {
    let held = facts.keys.iter().map(|key| SlotView::of_module(facts, key, uses));
    held.chain([empty(&free(facts))]).collect()
}

/// A place for a new key, under a label that no key of the token has.
fn free(facts: &ModuleTokenFacts) -> ModuleKey {
    let taken = |label: &String| facts.keys.iter().any(|key| key.key.label == *label);
    let mut labels = (1..).map(|number| format!("rootward-{number}"));
    ModuleKey {
        token: facts.token.clone(),
        label: labels.find(|label| !taken(label)).unwrap_or_default(),
        id: None,
    }
}

fn empty(key: &ModuleKey) -> SlotView {
    let at = KeyReference::Pkcs11(key.clone());
    SlotView {
        slot: visible(&key.label),
        slot_name: "Key".into(),
        key: keyring::written(&at),
        label: visible(&keyring::label(&at)),
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

fn warnings(facts: &ModuleTokenFacts) -> Vec<Sentence> {
    let mut said = Vec::new();
    if !facts.is_initialised {
        said.push(Sentence::warning(
            "It is not initialised yet: rootwardctl tokens initialise gives it a label, an SO PIN and a PIN.",
        ));
        return said;
    }
    match facts.pin {
        PinState::Locked => said.push(Sentence::warning(
            "The PIN is blocked: nothing can be signed until its security officer sets a new one.",
        )),
        PinState::LastTry => said.push(Sentence::warning("One PIN try is left. A wrong PIN blocks it.")),
        PinState::WasWrong => said.push(Sentence::warning(
            "A wrong PIN was given since the last right one: few tries may be left.",
        )),
        PinState::NotSet => said.push(Sentence::warning(
            "It has no PIN yet: its security officer sets one first.",
        )),
        PinState::Fine => {}
    }
    if !facts.is_device {
        said.push(Sentence::warning(
            "The module does not say that this is a device: whoever copies its files and knows the PIN may have the keys.",
        ));
    }
    said
}
