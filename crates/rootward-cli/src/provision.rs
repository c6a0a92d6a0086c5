//! `provision`: a token as it was delivered becomes one for a root key.

use std::{fs, path::Path, sync::Arc};

use rootward_core::{
    TokenRack,
    border::{Failure, LossPlan, ReadyView, json_line, label_card},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, Loss, ProvisionArguments},
    terminal::Terminal,
    text::shown,
    tokens::wish_of,
    tree::lookout,
};

/// Makes a token ready. Taken up again where an earlier run was cut off.
///
/// The answer is no when the token is ready and its attestation proves nothing.
pub fn provision(
    desk: &DeskArguments,
    arguments: &ProvisionArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let lookout = lookout(desk)?;
    let root = arguments.root.as_deref().map(read).transpose()?;
    let rack = TokenRack::new(desk.data.clone(), &desk.module, door)?;
    let key = &arguments.new_key.key;
    if let Some(typed) = &arguments.erase {
        rack.erase(key, typed)?;
        terminal.note("the token was erased: it is as it was delivered")?;
    }
    let loss = match arguments.loss {
        Loss::SecondToken => LossPlan::SecondToken,
        Loss::ImportedTwice => LossPlan::ImportedTwice,
        Loss::Nothing => LossPlan::Nothing,
    };
    let ready = rack.make_ready(&lookout, key, wish_of(&arguments.new_key), loss, root.as_deref())?;
    if let Some(file) = &arguments.label {
        let card = label_card(&ready, &lookout.moment());
        fs::write(file, card).map_err(|why| {
            let message = format!("the label {} cannot be written: {why}", file.display());
            Failure::fault("disk-failed", message)
        })?;
    }
    if arguments.json {
        let line = json_line(&ready).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
    } else {
        for line in lines(&ready) {
            terminal.say(&line)?;
        }
    }
    let unproven = ready.attestation.as_ref().is_some_and(|said| said.problem.is_some());
    Ok(if unproven { Answer::No } else { Answer::Yes })
}

fn lines(ready: &ReadyView) -> Vec<String> {
    let mut lines = vec![format!("{} is ready", shown(&ready.label))];
    let mut say = |name: &str, value: &str| lines.push(format!("  {name:15} {}", shown(value)));
    for step in &ready.steps {
        say(&step.name, &step.said.text());
    }
    if let Some(slot) = &ready.slot {
        say("slot", &slot.key);
        say("physical", slot.physical_key.as_deref().unwrap_or("not told"));
        say("TUF id", slot.keyid.as_deref().unwrap_or("not told"));
    }
    if let Some(said) = &ready.attestation {
        match &said.problem {
            None => say("proven", &format!("{}; {}", said.held, said.verdict)),
            Some(problem) => say("not proven", &format!("{} ({})", problem.message, problem.code)),
        }
        for remark in &said.remarks {
            say("", &remark.text());
        }
    }
    say("if it is lost", &ready.loss.text());
    lines
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|why| {
        let message = format!("the root {} cannot be read: {why}", path.display());
        Failure::fault("source-unreadable", message).with("file", path.display().to_string())
    })
}
