//! Whether the keys of a ceremony that lie in tokens can sign here and now.

use crate::border::{CeremonyView, Custody, SignerRow, SlotView, TokenView, TokensView};

impl CeremonyView {
    /// The same, with every key that lies in a token judged by what is plugged in: one that is elsewhere, busy or blocked
    /// cannot sign now, and its row says what would help.
    pub fn by_tokens(mut self, tokens: &TokensView) -> Self {
        for row in &mut self.signers {
            if row.can_sign && row.custody == Custody::Token {
                judge(row, tokens);
            }
        }
        self
    }
}

fn judge(row: &mut SignerRow, tokens: &TokensView) {
    let place = row.file.clone().unwrap_or_default();
    let device = device_of(&place);
    let module = tokens.modules.iter().find(|module| is_behind(device, &module.module));
    let state = if let Some((token, slot)) = holder(&row.physical_key, tokens) {
        row.file = Some(slot.label.clone());
        match token.pin_tries {
            Some(0) if token.module.is_some() => {
                format!(
                    "The PIN of {} is blocked: its security officer sets a new one",
                    token.label
                )
            }
            Some(0) => format!("The PIN of {} is blocked: its PUK unblocks it", token.label),
            _ => return,
        }
    } else if let Some(module) = module.filter(|module| !module.allowed) {
        format!(
            "The PKCS#11 module {} may not be loaded: allow it under Tokens",
            module.module
        )
    } else if let Some(failure) = module.and_then(|module| module.failure.as_ref()) {
        failure.message.clone()
    } else if let (Some(failure), None, false) = (&tokens.failure, module, is_shown(device, tokens)) {
        failure.message.clone()
    } else {
        match tokens.tokens.iter().find(|token| token.label == device) {
            Some(TokenView {
                trouble: Some(trouble), ..
            }) => trouble.message.clone(),
            Some(_) => format!("{device} is plugged in and does not hold this key: expected it in {place}"),
            None if tokens.tokens.is_empty() => format!("Plug in {device}. It holds this key"),
            None => format!("Plug in {device}: it holds this key, and what is plugged in does not"),
        }
    };
    row.can_sign = false;
    // Whose answer is awaited need not come here.
    if row.asked_at.is_none() {
        row.state = state;
    }
}

fn is_shown(device: &str, tokens: &TokensView) -> bool {
    tokens.tokens.iter().any(|token| token.label == device)
}

/// The token that holds a key, and its slot.
fn holder<'a>(physical: &str, tokens: &'a TokensView) -> Option<(&'a TokenView, &'a SlotView)> {
    let usable = tokens.tokens.iter().filter(|token| token.trouble.is_none());
    usable
        .flat_map(|token| token.slots.iter().map(move |slot| (token, slot)))
        .find(|(_, slot)| slot.physical_key.as_deref() == Some(physical))
}

/// `YubiKey 19 402 271` of `YubiKey 19 402 271, slot 9c`, `rootward (softhsm)` of `rootward (softhsm), key root`.
fn device_of(place: &str) -> &str {
    let behind = place.find(", slot ").or_else(|| place.find("), key ").map(|at| at + 1));
    behind.map_or(place, |at| &place[..at])
}

/// Whether a device is called after a module: `rootward (softhsm)` after `softhsm`, or after a library of this name.
fn is_behind(device: &str, module: &str) -> bool {
    let name = module.rsplit('/').next().unwrap_or(module);
    let of = device.rsplit_once(" (").map_or("", |(_, of)| of);
    of.trim_end_matches(')').split(", ").next() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::border::{Failure, ModuleView};

    const KEY: &str = "sha256:77";

    fn row() -> SignerRow {
        SignerRow {
            physical_key: KEY.into(),
            keyid: "77".into(),
            canonical_keyid: None,
            label: "officer_1".into(),
            custody: Custody::Token,
            file: Some("YubiKey 19 402 271, slot 9c".into()),
            counts_old: false,
            counts_new: true,
            documents: Vec::new(),
            signed_at: None,
            asked_at: None,
            ask: None,
            instead: None,
            last_seen: None,
            asking: false,
            can_sign: true,
            needs_reason: false,
            state: "Ready to sign".into(),
        }
    }

    fn token(serial: u32, held: Option<&str>) -> TokenView {
        let label = crate::ports::device_label(serial);
        let slot = SlotView {
            slot: "9c".into(),
            slot_name: "Digital signature".into(),
            key: format!("yubikey:{serial}/9c"),
            label: format!("{label}, slot 9c"),
            occupied: held.is_some(),
            physical_key: held.map(str::to_owned),
            keyid: None,
            canonical_keyid: None,
            algorithm: String::new(),
            pin_policy: String::new(),
            touch_policy: String::new(),
            origin: String::new(),
            certificate: None,
            used_by: Vec::new(),
        };
        TokenView {
            provision: None,
            as_delivered: false,
            serial: Some(serial),
            module: None,
            token: None,
            serial_text: None,
            label,
            model: "YubiKey 5".into(),
            firmware: "5.7.1".into(),
            reader: "a reader".into(),
            pin_tries: Some(3),
            warnings: Vec::new(),
            slots: vec![slot],
            trouble: None,
        }
    }

    fn judged(tokens: Vec<TokenView>) -> (bool, String) {
        let mut row = row();
        judge(
            &mut row,
            &TokensView {
                tokens,
                failure: None,
                modules: Vec::new(),
            },
        );
        (row.can_sign, row.state)
    }

    #[test]
    fn a_key_signs_where_its_token_is_plugged_in_and_says_else_what_would_help() {
        let holding = token(19_402_271, Some(KEY));
        assert_eq!(
            judged(vec![token(7, None), holding.clone()]),
            (true, "Ready to sign".into())
        );
        let blocked = TokenView {
            pin_tries: Some(0),
            ..holding.clone()
        };
        let busy = TokenView {
            trouble: Some(Failure::interruption(
                "token-busy",
                "another program holds YubiKey 19 402 271",
            )),
            slots: Vec::new(),
            ..holding
        };
        let cases = [
            (vec![blocked], "is blocked"),
            (vec![busy], "another program holds"),
            (vec![], "Plug in YubiKey 19 402 271. It holds this key"),
            (vec![token(7, Some("sha256:88"))], "what is plugged in does not"),
            (vec![token(19_402_271, Some("sha256:88"))], "does not hold this key"),
        ];
        for (tokens, said) in cases {
            let (can_sign, state) = judged(tokens);
            assert!(!can_sign && state.contains(said), "{state}");
        }
    }

    #[test]
    fn a_key_behind_a_module_says_when_the_module_may_not_be_loaded_or_fails() {
        let mut row = SignerRow {
            file: Some("rootward (softhsm), key root".into()),
            ..row()
        };
        let module = |allowed, failure| ModuleView {
            module: "softhsm".into(),
            path: None,
            allowed,
            tokens: 0,
            failure,
        };
        let crashed = Failure::fault("module-crashed", "the PKCS#11 module softhsm crashed");
        for (module, said) in [
            (module(false, None), "allow it under Tokens"),
            (module(true, Some(crashed)), "softhsm crashed"),
            (module(true, None), "Plug in rootward (softhsm)"),
        ] {
            row.can_sign = true;
            judge(
                &mut row,
                &TokensView {
                    tokens: Vec::new(),
                    failure: Some(Failure::fault("token-service-missing", "no smart card service")),
                    modules: vec![module],
                },
            );
            assert!(!row.can_sign && row.state.contains(said), "{}", row.state);
        }
    }

    #[test]
    fn a_key_is_found_in_whatever_token_holds_it() {
        let mut row = row();
        let tokens = TokensView {
            tokens: vec![token(7, Some(KEY))],
            failure: None,
            modules: Vec::new(),
        };
        judge(&mut row, &tokens);
        assert_eq!((row.can_sign, row.file.as_deref()), (true, Some("YubiKey 7, slot 9c")));
    }

    #[test]
    fn a_key_that_was_asked_by_file_need_not_be_plugged_in() {
        let mut row = SignerRow {
            asked_at: Some("2026-11-22T10:38:00Z".into()),
            state: "Asked by file; its answer is awaited".into(),
            ..row()
        };
        let tokens = TokensView {
            tokens: Vec::new(),
            failure: None,
            modules: Vec::new(),
        };
        judge(&mut row, &tokens);
        assert!(!row.can_sign && row.state.starts_with("Asked by file"), "{}", row.state);
    }

    #[test]
    fn without_a_token_service_the_row_says_so() {
        let mut row = row();
        let failure = Failure::fault("token-service-missing", "no smart card service answers");
        judge(
            &mut row,
            &TokensView {
                tokens: Vec::new(),
                failure: Some(failure),
                modules: Vec::new(),
            },
        );
        assert_eq!(
            (row.can_sign, row.state.as_str()),
            (false, "no smart card service answers")
        );
    }
}
