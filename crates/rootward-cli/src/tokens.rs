//! `tokens`: which are plugged in, what their slots hold, and new keys born in them.

use std::sync::Arc;

use rootward_core::{
    TokenRack,
    border::{Failure, PinAsked, SlotView, TokenKeyKind, TokenKeyWish, TokenView, TouchAsked, json_line},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{Born, DeskArguments, GenerateArguments, PinWish, TokensArguments, TokensCommand, TouchWish},
    terminal::Terminal,
    text::shown,
    tree::lookout,
};

/// Lists tokens, or makes a key in one. A desk is needed for neither; what the token says of a new key is kept where it can
/// be opened.
///
/// The answer of a list is no when a token is there that cannot be used now.
pub fn tokens(
    desk: &DeskArguments,
    arguments: &TokensArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rack = TokenRack::new(desk.data.clone(), &desk.module, door)?;
    match &arguments.command {
        None => list(&rack, arguments.json, terminal),
        Some(TokensCommand::Generate(wish)) => generate(desk, &rack, wish, arguments.json, terminal),
        Some(TokensCommand::Initialise { token }) => {
            let made = rack.initialise(token)?;
            if arguments.json {
                say_json(&made, terminal)?;
                return Ok(Answer::Yes);
            }
            for line in lines(&made) {
                terminal.say(&line)?;
            }
            Ok(Answer::Yes)
        }
        Some(TokensCommand::Allow { module }) => {
            let module = rack.set_module(module, true)?;
            terminal.note(&format!("{} may be loaded from now on", shown(module.as_str())))?;
            list(&rack, arguments.json, terminal)
        }
        Some(TokensCommand::Forbid { module }) => {
            let module = rack.set_module(module, false)?;
            terminal.note(&format!("{} is loaded no more", shown(module.as_str())))?;
            Ok(Answer::Yes)
        }
    }
}

fn list(rack: &TokenRack, json: bool, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let view = rack.list()?;
    let is_troubled = view.tokens.iter().any(|token| token.trouble.is_some())
        || view.modules.iter().any(|module| module.failure.is_some());
    let answer = match is_troubled {
        true => Answer::No,
        false => Answer::Yes,
    };
    if json {
        say_json(&view, terminal)?;
        return Ok(answer);
    }
    if view.tokens.is_empty() {
        terminal.note("no token is plugged in")?;
    }
    for (place, token) in view.tokens.iter().enumerate() {
        if place > 0 {
            terminal.say("")?;
        }
        for line in lines(token) {
            terminal.say(&line)?;
        }
    }
    for module in &view.modules {
        let name = shown(&module.module);
        if let Some(failure) = &module.failure {
            terminal.say(&format!("module {name}"))?;
            terminal.say(&format!("  ! {} ({})", shown(&failure.message), failure.code))?;
        } else if module.allowed && module.tokens == 0 {
            terminal.note(&format!("the PKCS#11 module {name} shows no token"))?;
        } else if !module.allowed {
            terminal.note(&format!(
                "the PKCS#11 module {name} is on this machine and may not be loaded; see rootwardctl tokens allow"
            ))?;
        }
    }
    if let Some(failure) = &view.failure {
        terminal.note(&format!("{} ({})", shown(&failure.message), failure.code))?;
    }
    Ok(answer)
}

fn generate(
    desk: &DeskArguments,
    rack: &TokenRack,
    arguments: &GenerateArguments,
    json: bool,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let slot = rack.generate(&arguments.key, wish_of(arguments))?;
    // The key is made, whatever becomes of its attestation.
    match lookout(desk).and_then(|lookout| rack.attest(&lookout, &arguments.key)) {
        Ok(said) => match said.problem {
            None => terminal.note(&format!("proven and kept on the desk: {}; {}", said.held, said.verdict))?,
            Some(problem) => terminal.note(&format!("where the key was born is not proven: {}", problem.message))?,
        },
        Err(failure) => terminal.note(&format!("where the key was born was not kept: {}", failure.message))?,
    }
    if json {
        say_json(&slot, terminal)?;
        return Ok(Answer::Yes);
    }
    for line in held(&slot) {
        terminal.say(&line)?;
    }
    Ok(Answer::Yes)
}

/// What a new key is to be.
pub fn wish_of(arguments: &GenerateArguments) -> TokenKeyWish {
    TokenKeyWish {
        algorithm: match arguments.algorithm {
            Born::P256 => TokenKeyKind::P256,
            Born::P384 => TokenKeyKind::P384,
            Born::Ed25519 => TokenKeyKind::Ed25519,
            Born::Rsa3072 => TokenKeyKind::Rsa3072,
        },
        pin: match arguments.pin_policy {
            PinWish::Once => PinAsked::Once,
            PinWish::Always => PinAsked::Always,
        },
        touch: match arguments.touch_policy {
            TouchWish::Never => TouchAsked::Never,
            TouchWish::Cached => TouchAsked::Cached,
            TouchWish::Always => TouchAsked::Always,
        },
    }
}

fn say_json<T: serde::Serialize>(view: &T, terminal: &mut Terminal) -> Result<(), Failure> {
    let line = json_line(view).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
    terminal.say(&line)
}

fn lines(token: &TokenView) -> Vec<String> {
    if let Some(trouble) = &token.trouble {
        return vec![
            shown(&token.label),
            format!("  ! {} ({})", shown(&trouble.message), trouble.code),
        ];
    }
    let mut lines = vec![
        format!(
            "{}  {}, firmware {}",
            shown(&token.label),
            shown(&token.model),
            token.firmware
        ),
        format!("  reader       {}", shown(&token.reader)),
        match token.pin_tries {
            Some(tries) => format!("  PIN tries    {tries}"),
            None => "  PIN tries    not told".into(),
        },
    ];
    if let Some(name) = &token.token {
        lines.push(format!("  TOKEN        {}", shown(name)));
    }
    if let (Some(_), Some(serial)) = (&token.module, &token.serial_text) {
        lines.push(format!("  serial       {}", shown(serial)));
    }
    lines.extend(
        token
            .warnings
            .iter()
            .map(|warning| format!("  ! {}", shown(&warning.text()))),
    );
    let (occupied, empty): (Vec<&SlotView>, Vec<&SlotView>) = token.slots.iter().partition(|slot| slot.occupied);
    lines.extend(occupied.into_iter().flat_map(held));
    let empty: Vec<&str> = empty.iter().map(|slot| slot.slot.as_str()).collect();
    if !empty.is_empty() && token.module.is_none() {
        lines.push(format!("  empty slots  {}", empty.join(" ")));
    }
    lines
}

fn held(slot: &SlotView) -> Vec<String> {
    let algorithm = match slot.algorithm.as_str() {
        "" => "no key",
        algorithm => algorithm,
    };
    let mut lines = vec![
        format!("  {}  {}, {}", slot.slot, slot.slot_name, algorithm),
        format!("    KEY          {}", shown(&slot.key)),
    ];
    let mut say = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("    {name:12} {}", shown(value)));
        }
    };
    say("physical", slot.physical_key.as_deref());
    say("TUF id", slot.keyid.as_deref());
    say("canonical", slot.canonical_keyid.as_deref());
    if !slot.algorithm.is_empty() {
        say("PIN", Some(&slot.pin_policy));
        say("touch", Some(&slot.touch_policy));
        say("origin", Some(&slot.origin));
    }
    say("certificate", slot.certificate.as_deref());
    lines
}
