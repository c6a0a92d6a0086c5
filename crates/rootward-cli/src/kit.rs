//! `kit`: everything an officer without a desk needs on one stick, and back.

use std::sync::Arc;

use rootward_core::{
    Rotations,
    border::{Failure, FileTaken, KitView, visible},
};

use crate::{
    Answer,
    arguments::{DeskArguments, KitArguments, KitCommand, SecretArguments},
    door,
    rotate::{groups, say_json},
    terminal::Terminal,
};

/// Makes a kit or takes one back; the answer is no when a file in it was refused.
pub async fn kit(desk: &DeskArguments, arguments: &KitArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    // Nobody is asked for anything.
    let door = door::open(&SecretArguments {
        secrets: None,
        secrets_from_env: false,
    })?;
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), Arc::clone(&door))?;
    match &arguments.command {
        KitCommand::Make { ceremony, folder, ask } => {
            let kit = rotations.make_kit(ceremony, folder, ask).await?;
            if arguments.json {
                return say_json(&kit, terminal);
            }
            made(&kit, terminal)?;
            Ok(Answer::Yes)
        }
        KitCommand::Take { folder } => {
            let files = rotations.take_kit(folder)?;
            let all = files.iter().all(|file| !is_refused(file));
            if arguments.json {
                say_json(&files, terminal)?;
            } else {
                files.iter().try_for_each(|file| judged(file, terminal))?;
            }
            Ok(if all { Answer::Yes } else { Answer::No })
        }
    }
}

/// What is on record already may lie in the folder for as long as it likes.
fn is_refused(file: &FileTaken) -> bool {
    file.failure
        .as_ref()
        .is_some_and(|failure| failure.code != "already-signed")
}

fn made(kit: &KitView, terminal: &mut Terminal) -> Result<(), Failure> {
    for file in &kit.files {
        terminal.say(&format!("{}  {}", file.sha256, visible(&file.file)))?;
    }
    terminal.note(&format!(
        "the kit is {}; print its checklist.html",
        visible(&kit.folder)
    ))?;
    terminal.note("the stick vouches for nothing on it. Read aloud to whoever signs, over a line you trust:")?;
    let program = kit.files.iter().find(|file| file.file.starts_with("rootwardctl"));
    if let Some(program) = program {
        terminal.note(&format!("  the program's SHA-256: {}", groups(&program.sha256)))?;
    }
    terminal.note(&format!("  the digest to be signed: {}", groups(&kit.request.digest)))?;
    terminal.note(&format!("  the same in words: {}", kit.request.words))?;
    terminal.note("what comes back: rootwardctl kit take FOLDER")
}

fn judged(file: &FileTaken, terminal: &mut Terminal) -> Result<(), Failure> {
    match (&file.response, &file.failure) {
        (Some(response), _) => {
            let took = response.signatures.iter();
            let took: Vec<String> = took
                .map(|one| format!("{} by {}", one.role, one.physical_key))
                .collect();
            terminal.say(&format!(
                "taken    {}: {} for ceremony {}",
                file.file,
                took.join(", "),
                response.ceremony
            ))
        }
        (None, Some(failure)) => terminal.say(&format!(
            "refused  {}: {} ({})",
            file.file,
            visible(&failure.message),
            failure.code
        )),
        (None, None) => Ok(()),
    }
}
