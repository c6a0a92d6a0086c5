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
    pub(super) fn of_module(facts: &ModuleTokenFacts, uses: &Uses) -> Self {
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
            provision: (facts.trouble.is_none() && facts.pin != PinState::Locked)
                .then(|| format!("pkcs11:{}", facts.token)),
            as_delivered: !facts.is_initialised || facts.pin == PinState::NotSet,
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
                (true, _) if token.has_pin_pad => "every signature, at the device".into(),
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
pub(super) fn free(facts: &ModuleTokenFacts) -> ModuleKey {
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
            "It is not initialised yet: making it ready gives it a label, an SO PIN and a PIN.",
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
            "It has no PIN yet: making it ready sets one, and asks for the SO PIN.",
        )),
        PinState::Fine => {}
    }
    if facts.has_pin_pad {
        said.push(Sentence::note(
            "Its PIN is entered on the device, and never comes through this computer.",
        ));
    }
    if !facts.is_device {
        said.push(Sentence::warning(
            "The module does not say that this is a device: whoever copies its files and knows the PIN may have the keys.",
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Failure, ModuleName, ModuleToken};

    fn token(label: &str, keys: &[&str]) -> ModuleTokenFacts {
        let token = ModuleToken::parse(&format!("softhsm:{label}")).expect("a token");
        let key = |label: &&str| ModuleKeyFacts {
            key: ModuleKey {
                token: token.clone(),
                label: (*label).into(),
                id: None,
            },
            public: None,
            algorithm: "ecdsa-p256".into(),
            always_asks: None,
            origin: None,
            subject: None,
        };
        ModuleTokenFacts {
            serial: "1f".into(),
            model: "SoftHSM v2".into(),
            firmware: "2.6".into(),
            reader: "a slot".into(),
            is_device: false,
            has_pin_pad: false,
            asks_for_pin: true,
            pin: PinState::Fine,
            makes: Vec::new(),
            keys: keys.iter().map(key).collect(),
            is_initialised: true,
            trouble: None,
            token,
        }
    }

    fn shown(token: ModuleTokenFacts) -> TokenView {
        let module = ModuleName::new("softhsm").expect("a name");
        let known = ModuleFacts {
            name: module.clone(),
            path: None,
            is_allowed: true,
        };
        let told = ModuleTokens {
            module,
            tokens: Ok(vec![token]),
        };
        let view = TokensView::of(&Ok(Vec::new()), &Uses::new()).with_modules(&[known], &[told], &Uses::new());
        assert_eq!((view.modules.len(), view.modules[0].tokens), (1, 1));
        view.tokens.into_iter().next().expect("the token")
    }

    #[test]
    fn a_token_shows_its_keys_and_a_place_for_a_new_one_under_a_label_of_its_own() {
        let view = shown(token("rootward", &["root", "rootward-1"]));
        let slots: Vec<_> = view
            .slots
            .iter()
            .map(|slot| (slot.key.as_str(), slot.occupied))
            .collect();
        assert_eq!(
            slots,
            [
                ("pkcs11:softhsm:rootward/root", true),
                ("pkcs11:softhsm:rootward/rootward-1", true),
                ("pkcs11:softhsm:rootward/rootward-2", false),
            ]
        );
        assert_eq!(
            (view.label.as_str(), view.token.as_deref()),
            ("rootward (softhsm)", Some("pkcs11:softhsm:rootward"))
        );
        assert_eq!(view.slots[0].label, "rootward (softhsm), key root");
        assert_eq!(
            (view.slots[0].pin_policy.as_str(), view.slots[0].touch_policy.as_str()),
            ("before it signs", "never")
        );
    }

    #[test]
    fn a_token_that_cannot_be_used_offers_nothing_and_says_why() {
        for (pin, tries, said) in [
            (PinState::Locked, Some(0), "blocked"),
            (PinState::LastTry, Some(1), "One PIN try"),
            (PinState::WasWrong, None, "few tries"),
            (PinState::NotSet, None, "no PIN yet"),
        ] {
            let view = shown(ModuleTokenFacts {
                pin,
                ..token("rootward", &["root"])
            });
            assert_eq!(view.pin_tries, tries);
            assert!(
                view.warnings.iter().any(|warning| warning.text().contains(said)),
                "{said}"
            );
        }
        let fresh = shown(ModuleTokenFacts {
            is_initialised: false,
            ..token("", &[])
        });
        assert!(fresh.slots.is_empty() && fresh.token.is_none() && fresh.label.contains("New token"));
        let twins = shown(ModuleTokenFacts {
            trouble: Some(Failure::refusal("token-ambiguous", "two call themselves so")),
            ..token("rootward", &["root"])
        });
        assert!(twins.slots.is_empty() && twins.trouble.is_some());
    }
}
