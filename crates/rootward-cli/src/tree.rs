//! `tree` and `verify`: one source, shown and walked.

use std::{fs::File, io::Read as _, path::Path};

use rootward_core::{
    LookedAt, Lookout,
    border::{AnchorHow, Failure, TreeReport, json_line},
};

use crate::{
    Answer,
    arguments::{DeskArguments, TreeArguments, VerifyArguments},
    place,
    terminal::Terminal,
    text,
};

/// No root file is longer.
const LONGEST_ROOT: u64 = 100 << 20;

/// Shows a source; the answer is yes when anything could be shown.
pub async fn tree(desk: &DeskArguments, arguments: &TreeArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let spec = place::source(&arguments.source)?;
    let lookout = lookout(desk)?;
    let looked = match &arguments.root {
        Some(file) => lookout.from_root(&spec, read_root(file)?).await?,
        None => lookout.from_stored_or_nothing(&spec).await?,
    };
    say_notes(&looked, terminal)?;
    show(&looked, looked.tree_report(), arguments.json, terminal)?;
    Ok(Answer::Yes)
}

/// Walks a source; the answer is yes when a strict client would accept it.
pub async fn verify(
    desk: &DeskArguments,
    arguments: &VerifyArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let spec = place::source(&arguments.source)?;
    let lookout = lookout(desk)?;
    let looked = match &arguments.root {
        Some(file) => lookout.from_root(&spec, read_root(file)?).await?,
        None if arguments.first_use => lookout.from_first_use(&spec).await?,
        None => lookout.from_stored(&spec).await?,
    };
    say_notes(&looked, terminal)?;
    let report = looked.verify_report();
    let accepted = report.accepted == Some(true);
    show(&looked, report, arguments.json, terminal)?;
    Ok(if accepted { Answer::Yes } else { Answer::No })
}

/// A lookout with the clock asked for.
pub fn lookout(desk: &DeskArguments) -> Result<Lookout, Failure> {
    Lookout::new(desk.data.clone(), desk.at.as_deref())
}

fn show(looked: &LookedAt, report: TreeReport, json: bool, terminal: &mut Terminal) -> Result<(), Failure> {
    if json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)
    } else {
        terminal.say(&text::tree(&report, |expires| looked.days_left(expires)))
    }
}

/// What a person should know although the answer on stdout is complete without it.
pub fn say_notes(looked: &LookedAt, terminal: &mut Terminal) -> Result<(), Failure> {
    if let Some(gun) = looked.gun_from_certificate() {
        terminal.note(&format!(
            "the repository's name was taken from its root certificate: {}",
            text::shown(gun)
        ))?;
    }
    if looked.anchor() == Some(AnchorHow::FirstUse) {
        terminal.note("trust on first use: nobody vouched for the root this walk started from")?;
    }
    for note in looked.notes() {
        terminal.note(&text::shown(note))?;
    }
    Ok(())
}

/// Reads a root file somebody names.
///
/// Fails with `source-unreadable`.
pub fn read_root(path: &Path) -> Result<Vec<u8>, Failure> {
    read_file(path, "root file", LONGEST_ROOT)
}

/// Reads a file of at most so many bytes that somebody names; `what` says what it is to be.
///
/// Fails with `source-unreadable`.
pub fn read_file(path: &Path, what: &str, longest: u64) -> Result<Vec<u8>, Failure> {
    let shown = path.display().to_string();
    let failed = |why: String| {
        Failure::fault("source-unreadable", format!("the {what} {shown} cannot be read: {why}")).with("file", &shown)
    };
    let file = File::open(path).map_err(|why| failed(why.to_string()))?;
    if !file.metadata().is_ok_and(|facts| facts.is_file()) {
        return Err(failed("expected a file".into()));
    }
    let mut bytes = Vec::new();
    file.take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(|why| failed(why.to_string()))?;
    if bytes.len() as u64 > longest {
        return Err(failed(format!("expected at most {longest} bytes")));
    }
    Ok(bytes)
}
