//! `backup` and `restore`: a desk in one file.

use rootward_core::{
    back_up,
    border::{Failure, counted, json_line},
    restore as take_in,
};

use crate::{
    Answer,
    arguments::{BackupArguments, DeskArguments, RestoreArguments},
    terminal::Terminal,
    text::shown,
};

/// Writes the desk into a file.
pub fn backup(desk: &DeskArguments, arguments: &BackupArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let to = std::path::absolute(&arguments.file).unwrap_or_else(|_| arguments.file.clone());
    let report = back_up(desk.data.clone(), desk.at.as_deref(), &to, arguments.with_keys)?;
    if arguments.json {
        return say_json(&report, terminal);
    }
    terminal.say(&format!("file     {}", shown(&report.file)))?;
    terminal.say(&format!("size     {}", counted(report.bytes, "byte")))?;
    terminal.say(&format!("sha256   {}", report.sha256))?;
    terminal.say(&match report.private_keys {
        0 => "keys     none of the private key files is in it".to_owned(),
        keys => format!(
            "keys     {}, encrypted as they are",
            counted(keys as u64, "private key file")
        ),
    })?;
    Ok(Answer::Yes)
}

/// Takes a backup into the desk.
pub fn restore(desk: &DeskArguments, arguments: &RestoreArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let report = take_in(desk.data.clone(), desk.at.as_deref(), &arguments.file)?;
    if arguments.json {
        return say_json(&report, terminal);
    }
    terminal.say(&format!("made     {}", shown(&report.made_at)))?;
    for name in &report.added {
        terminal.say(&format!("added    {}", shown(name)))?;
    }
    for name in &report.merged {
        terminal.say(&format!("merged   {}", shown(name)))?;
    }
    terminal.say(&format!(
        "written  {}, {} among them",
        counted(report.files as u64, "file"),
        counted(report.private_keys as u64, "private key file")
    ))?;
    if report.left_out > 0 {
        terminal.say(&format!(
            "left out {}: older than this desk's, or proven by no root that is trusted",
            counted(report.left_out as u64, "document")
        ))?;
    }
    Ok(Answer::Yes)
}

fn say_json<T: serde::Serialize>(report: &T, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let line = json_line(report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
    terminal.say(&line)?;
    Ok(Answer::Yes)
}
