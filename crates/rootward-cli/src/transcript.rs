//! `transcript` and `witness`: a ceremony's record, computed again on any machine.

use std::sync::Arc;

use rootward_core::{
    Rotations,
    border::{Failure, FailureKind, TestimonyWritten, TranscriptReport, counted, visible},
    check_transcript,
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, TranscriptArguments, TranscriptCommand, WitnessArguments},
    place,
    rotate::{groups, say_json},
    terminal::Terminal,
};

/// Checks a transcript, or has a key stand by it; the answer is no when it does not hold.
pub fn transcript(
    desk: &DeskArguments,
    arguments: &TranscriptArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    match &arguments.command {
        TranscriptCommand::Verify {
            file,
            head,
            root,
            testimony,
            json,
        } => match check_transcript(file, head.as_deref(), root.as_deref(), testimony) {
            Ok(report) if *json => say_json(&report, terminal),
            Ok(report) => told(&report, terminal),
            Err(failure) if *json && failure.kind == FailureKind::Refusal => {
                say_json(&TranscriptReport::of_failure(failure), terminal)?;
                Ok(Answer::No)
            }
            Err(failure) => Err(failure),
        },
        TranscriptCommand::Sign {
            file,
            key,
            head,
            out,
            json,
        } => {
            let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
            let written = rotations.stand_by(file, head.as_deref(), key, out)?;
            testified(&written, *json, terminal)
        }
    }
}

/// Computes a transcript again, meets its documents at the public door and writes a testimony.
pub async fn witness(
    desk: &DeskArguments,
    arguments: &WitnessArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let spec = place::source(&arguments.source)?;
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    let written = rotations
        .witness(
            spec,
            &arguments.transcript,
            arguments.head.as_deref(),
            arguments.root.as_deref(),
            arguments.key.as_deref(),
            &arguments.out,
        )
        .await?;
    testified(&written, arguments.json, terminal)
}

fn told(report: &TranscriptReport, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let Some(ceremony) = &report.ceremony else {
        return Ok(Answer::No);
    };
    let name = report.repository.as_deref().unwrap_or_default();
    terminal.say(&format!(
        "ceremony  {}  {}",
        visible(&ceremony.ceremony),
        ceremony.state.as_str()
    ))?;
    terminal.say(&format!("of        {name}"))?;
    if ceremony.practice {
        terminal.say("practice: nothing here protects anything")?;
    }
    for document in &ceremony.documents {
        terminal.say(&format!(
            "document  {} v{}  SHA-256 {}",
            document.role, document.version, document.digest
        ))?;
    }
    for signature in &ceremony.signatures {
        terminal.say(&format!(
            "signed    {} v{} by {} at {}",
            signature.role, signature.version, signature.physical_key, signature.at
        ))?;
    }
    for testimony in &report.testimonies {
        let whose = match (&testimony.physical_key, testimony.listed) {
            (Some(key), true) => format!("{key}, a key of this repository"),
            (Some(key), false) => format!("{key}, no key of this repository: whose it is, you must know"),
            (None, _) => "nobody's signature".to_owned(),
        };
        let what = match &testimony.source {
            Some(source) => format!("met at {source}"),
            None => "stood by".to_owned(),
        };
        terminal.say(&format!("testimony {what} at {}, under {whose}", testimony.at))?;
    }
    let events = counted(report.events.unwrap_or_default(), "event");
    let head = report.head.as_deref().unwrap_or_default();
    terminal.say(&format!("head      {}", groups(head)))?;
    match report.trusted_from {
        Some(version) => terminal.say(&format!("trust     it follows from root v{version}, which you gave"))?,
        None => {
            let root = ceremony.builds_on.as_ref();
            let root = root.map_or_else(String::new, |root| {
                format!("v{}, SHA-256 {}", root.version, root.sha256)
            });
            terminal.say(&format!("trust     the root it builds on is taken as it is: {root}"))?;
        }
    }
    terminal.say(&match report.end {
        Some("proven") => format!("consistent, {events}, and it ends with the head given"),
        _ => format!(
            "consistent, {events}, end not proven: compare the head with a printed report, or give it with --head"
        ),
    })?;
    Ok(Answer::Yes)
}

fn testified(written: &TestimonyWritten, json: bool, terminal: &mut Terminal) -> Result<Answer, Failure> {
    if json {
        return say_json(written, terminal);
    }
    for met in &written.met {
        terminal.say(&format!(
            "met       {} v{}  SHA-256 {}",
            met.role, met.version, met.sha256
        ))?;
    }
    terminal.say(&format!("head      {}", groups(&written.head)))?;
    terminal.say(&match &written.physical_key {
        Some(key) => format!("signed    by {key}"),
        None => "signed    by nobody; --key signs it".to_owned(),
    })?;
    terminal.note(&format!("the testimony is {}", visible(&written.path)))?;
    Ok(Answer::Yes)
}
