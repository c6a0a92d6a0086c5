//! `history`: every root version that can be reached.

use rootward_core::border::{Failure, json_line};

use crate::{
    Answer,
    arguments::{DeskArguments, HistoryArguments},
    place,
    terminal::Terminal,
    text,
    tree::lookout,
};

/// Shows the root versions of a source and what each one changed.
pub async fn history(
    desk: &DeskArguments,
    arguments: &HistoryArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let spec = place::source(&arguments.source)?;
    let report = lookout(desk)?.history(&spec).await?;
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
    } else {
        terminal.say(&text::history(&report))?;
    }
    Ok(Answer::Yes)
}
