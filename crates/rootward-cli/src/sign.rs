//! `sign`: another desk's request, judged, compared and signed on this machine.

use std::{io::Read, sync::Arc};

use rootward_core::{
    Rotations,
    border::{Failure, RequestTrust, RequestView, visible},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, SignArguments},
    place,
    rotate::{groups, say_json, say_sentences},
    terminal::Terminal,
};

/// Signs a request; nothing is signed unless the digest read aloud is the request's.
pub fn sign(
    desk: &DeskArguments,
    arguments: &SignArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let trust = match (&arguments.root, &arguments.first_use) {
        (Some(file), _) => RequestTrust::RootFile {
            path: place::path_text(file, "--root")?,
        },
        (None, Some(sha256)) => RequestTrust::Digest { sha256: sha256.clone() },
        (None, None) => RequestTrust::Known,
    };
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    let received = rotations.receive(&arguments.request, &trust)?;
    show(&rotations.request_view(&received)?, terminal)?;
    let heard = match &arguments.expect {
        Some(heard) => heard.clone(),
        None => ask(terminal)?,
    };
    let written = rotations.answer(
        received,
        &heard,
        &arguments.key,
        arguments.again_because.as_deref(),
        &arguments.out,
    )?;
    if arguments.json {
        return say_json(&written, terminal);
    }
    terminal.note(&format!(
        "signed {}; the response is {}",
        written.signed.join(" and "),
        visible(&written.path)
    ))?;
    Ok(Answer::Yes)
}

fn show(view: &RequestView, terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.note(&format!(
        "a request of ceremony {} for {}",
        view.ceremony, view.repository
    ))?;
    if view.practice {
        terminal.note("practice: nothing here protects anything")?;
    }
    if !view.reason.is_empty() {
        terminal.note(&format!("reason given: {}", view.reason))?;
    }
    say_sentences("Trust", &view.trust, terminal)?;
    for document in &view.documents {
        let review = &document.review;
        let what = if document.open {
            "What is signed"
        } else {
            "Complete already"
        };
        say_sentences(
            &format!("{what}: {} v{}", review.role, review.version),
            &review.sentences,
            terminal,
        )?;
        terminal.note(&format!("  SHA-256 {}", groups(&review.digest)))?;
    }
    terminal.note("the digest that must be read to you:")?;
    terminal.note(&format!("  {}", groups(&view.digest)))?;
    terminal.note(&format!("  {}", view.words))
}

/// Asks for what was heard.
fn ask(terminal: &mut Terminal) -> Result<String, Failure> {
    terminal.note("type the first 8 digits of the digest as they are read to you:")?;
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < LONGEST_ANSWER {
        let read = terminal.input.read(&mut byte);
        let read = read.map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        if read == 0 && line.is_empty() {
            let message = "nobody answered; --expect DIGEST answers for scripts";
            return Err(Failure::interruption("prompt-closed", message));
        }
        if read == 0 || byte[0] == b'\n' {
            break;
        }
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}

const LONGEST_ANSWER: usize = 200;
