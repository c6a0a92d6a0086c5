//! `keys ring`: every key the desk knows, one by one.

use std::sync::Arc;

use rootward_core::{
    Rolls,
    border::{Failure, KeyView, counted, json_line},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, RingArguments},
    terminal::Terminal,
    text::shown,
};

/// Lists the keyring. Asks for no secret.
pub fn ring(
    desk: &DeskArguments,
    arguments: &RingArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rolls = Rolls::open(desk.data.clone(), desk.at.as_deref(), door)?;
    let report = rolls.keys(&arguments.search, &arguments.filter)?;
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
        return Ok(Answer::Yes);
    }
    terminal.say(&format!(
        "{} of {} under {}",
        report.keys.len(),
        counted(report.known.into(), "physical key"),
        counted(report.keyids.into(), "keyid")
    ))?;
    if let Some(why) = &report.ledger_broken {
        terminal.say(&format!("! the signing ledger does not hold: {}", shown(why)))?;
    }
    for key in &report.keys {
        terminal.say("")?;
        for line in lines(key) {
            terminal.say(&line)?;
        }
    }
    Ok(Answer::Yes)
}

/// Gives a key a name on this desk.
pub fn name(
    desk: &DeskArguments,
    key: &str,
    name: &str,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rolls = Rolls::open(desk.data.clone(), desk.at.as_deref(), door)?;
    rolls.name(key, name)?;
    terminal.note(&match name.trim() {
        "" => format!("{} has no name on this desk any more", shown(key)),
        name => format!("{} is called {} on this desk", shown(key), shown(name)),
    })?;
    Ok(Answer::Yes)
}

fn lines(key: &KeyView) -> Vec<String> {
    let mut lines = vec![
        format!("{}  {}", shown(&key.place), shown(&key.summary)),
        format!("  physical    {}", key.physical_key),
    ];
    let mut say = |name: &str, value: &str| lines.push(format!("  {name:11} {}", shown(value)));
    for place in &key.places {
        let there = if place.here { "" } else { ", not here now" };
        say("KEY", &format!("{}{there}", place.key));
    }
    for each in &key.uses {
        let now = if each.now { "speaks for" } else { "spoke for" };
        say(now, &format!("{} of {}", each.role, each.repository_name));
        for spell in &each.spells {
            say("  as", &format!("{}  {}", spell.keyid, spell.versions));
        }
    }
    for fact in &key.facts {
        say(&fact.name.to_lowercase(), &fact.value);
    }
    if let Some(attestation) = &key.attestation {
        say("attestation", &attestation.verdict.to_lowercase());
    }
    for finding in &key.findings {
        let mark = if finding.warning { '!' } else { '·' };
        lines.push(format!("  {mark} {} ({})", shown(&finding.message), finding.code));
    }
    lines
}
