//! `ceremony`: lists and shows ceremonies, takes one of their steps, or brings one to its end.

use std::{path::Path, sync::Arc};

use rootward_core::{
    Rotations,
    border::{CeremonyState, Failure, visible},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{CeremonyArguments, CeremonyCommand, DeskArguments},
    rotate::{carry_on, confirmed, say_json, say_sentences, show, told_of_request},
    terminal::Terminal,
};

/// Does what is asked of one ceremony, or lists them all.
pub async fn ceremony(
    desk: &DeskArguments,
    arguments: &CeremonyArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    match &arguments.command {
        CeremonyCommand::List { json } => list(&rotations, *json, terminal),
        CeremonyCommand::Show { ceremony, json } => {
            let view = rotations.view(ceremony)?;
            if *json {
                return say_json(&view, terminal);
            }
            show(&view, terminal)?;
            Ok(Answer::Yes)
        }
        CeremonyCommand::Freeze { ceremony, json } => {
            rotations.freeze(ceremony).await?;
            came_to(&rotations, ceremony, *json, terminal)
        }
        CeremonyCommand::Sign {
            ceremony,
            key,
            again_because,
            json,
        } => {
            for key in key {
                rotations.sign_by(ceremony, key, again_because.as_deref()).await?;
            }
            came_to(&rotations, ceremony, *json, terminal)
        }
        CeremonyCommand::Rehearse {
            ceremony,
            oldest_root,
            json,
        } => {
            rotations.rehearse(ceremony, *oldest_root).await?;
            came_to(&rotations, ceremony, *json, terminal)
        }
        CeremonyCommand::Publish { ceremony, json } => {
            rotations.publish(ceremony).await?;
            came_to(&rotations, ceremony, *json, terminal)
        }
        CeremonyCommand::Resume { ceremony, end } => {
            rotations.resume(ceremony).await?;
            let view = rotations.view(ceremony)?;
            if view.state == CeremonyState::Drafting {
                say_sentences("What is signed", &view.review.sentences, terminal)?;
                terminal.note(&format!("SHA-256 {}", view.review.digest))?;
                if !end.yes && !confirmed("Freeze these bytes and sign them?", terminal).await? {
                    return Ok(Answer::No);
                }
                rotations.freeze(ceremony).await?;
            }
            carry_on(&rotations, ceremony, None, None, end, terminal).await
        }
        CeremonyCommand::Abandon { ceremony, reason, json } => {
            rotations.abandon(ceremony, reason).await?;
            terminal.note(&format!("ceremony {ceremony} is abandoned"))?;
            report(&rotations, ceremony, None, *json, terminal)
        }
        CeremonyCommand::Reopen { ceremony, reason, json } => {
            rotations.reopen(ceremony, reason)?;
            terminal.note(&format!(
                "ceremony {ceremony} is taken up again; now: rootwardctl ceremony resume {ceremony}"
            ))?;
            report(&rotations, ceremony, None, *json, terminal)
        }
        CeremonyCommand::Request {
            ceremony,
            out,
            ask,
            json,
        } => {
            let written = rotations.hand_out(ceremony, out, ask).await?;
            if *json {
                return say_json(&written, terminal);
            }
            told_of_request(&written, terminal)?;
            Ok(Answer::Yes)
        }
        CeremonyCommand::Take { file, ceremony, json } => {
            let taken = rotations.take_back(ceremony.as_deref(), file)?;
            if *json {
                return say_json(&taken, terminal);
            }
            for signature in &taken.signatures {
                terminal.say(&format!(
                    "took a signature of {} over {}",
                    signature.physical_key, signature.role
                ))?;
            }
            show(&rotations.view(&taken.ceremony)?, terminal)?;
            Ok(Answer::Yes)
        }
        CeremonyCommand::Transcript { ceremony, out, json } => {
            rotations.save_transcript(ceremony, out)?;
            terminal.note(&format!("the transcript is {}", visible(&out.display().to_string())))?;
            report(&rotations, ceremony, Some(out), *json, terminal)
        }
        CeremonyCommand::Evidence {
            ceremony,
            out,
            testimony,
            json,
        } => {
            rotations.save_evidence(ceremony, testimony, out)?;
            terminal.note(&format!("the evidence is {}", visible(&out.display().to_string())))?;
            report(&rotations, ceremony, Some(out), *json, terminal)
        }
    }
}

fn list(rotations: &Rotations, json: bool, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let list = rotations.list()?;
    if json {
        return say_json(&list, terminal);
    }
    for row in &list.items {
        terminal.say(&format!(
            "{}  {}, {}  {}  waits for: {}",
            row.id,
            row.state.as_str(),
            row.age,
            row.title,
            row.waits_for
        ))?;
    }
    Ok(Answer::Yes)
}

/// Shows where the ceremony stands after a step.
fn came_to(rotations: &Rotations, id: &str, json: bool, terminal: &mut Terminal) -> Result<Answer, Failure> {
    if json {
        return report(rotations, id, None, true, terminal);
    }
    show(&rotations.view(id)?, terminal)?;
    Ok(Answer::Yes)
}

/// Says in one object how far a ceremony came, when that is asked for.
fn report(
    rotations: &Rotations,
    id: &str,
    written: Option<&Path>,
    json: bool,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    if json {
        let written = written.map(|path| path.display().to_string());
        return say_json(&rotations.report(id, written, None)?, terminal);
    }
    Ok(Answer::Yes)
}
