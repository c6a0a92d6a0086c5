//! `roll-call`: whether root could be rotated today, and proofs that keys of root work.

use std::sync::Arc;

use rootward_core::{
    Rolls,
    border::{Failure, Proven, RollCallRow, json_line},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, RollCallArguments, SourceArguments},
    place,
    terminal::Terminal,
    text::shown,
};

/// Has keys prove that they work, then tells who did. The answer is no while too few are proven.
pub async fn roll_call(
    desk: &DeskArguments,
    arguments: &RollCallArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rolls = Rolls::open(desk.data.clone(), desk.at.as_deref(), door)?;
    let source = SourceArguments {
        source: arguments.repository.clone(),
        ca: None,
        gun: None,
        user: None,
    };
    let repository = rolls.repository(&arguments.repository, place::source(&source).ok())?;
    for key in &arguments.key {
        rolls.prove(&repository, key).await?;
        terminal.note(&format!("{} has proven that it works", shown(key)))?;
    }
    let view = rolls.roll_call(&repository).await?;
    let answer = if view.readiness.could { Answer::Yes } else { Answer::No };
    if arguments.json {
        let line = json_line(&view).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
        return Ok(answer);
    }
    let readiness = &view.readiness;
    terminal.say(&format!(
        "{}  root v{}: could it be rotated today?",
        shown(&readiness.repository_name),
        readiness.version
    ))?;
    terminal.say(&readiness.says)?;
    for row in &view.keys {
        for line in lines(row) {
            terminal.say(&line)?;
        }
    }
    terminal.say(&format!(
        "A proof counts for {} days. This desk knows what keys proved and signed here, and nowhere else.",
        view.days
    ))?;
    Ok(answer)
}

fn lines(row: &RollCallRow) -> [String; 2] {
    let state = match row.state {
        Proven::Fresh => "proven",
        Proven::Stale => "too long ago",
        Proven::Never => "not proven",
    };
    let officer = row.officer.as_deref().unwrap_or("nobody is named");
    [
        format!("  {state:12}  {}, {}", shown(officer), shown(&row.place)),
        format!("                {} keyid {}", shown(&row.says), shown(&row.keyid)),
    ]
}
