//! `keychain`: keys of this desk in the session's keychain.

use rootward_core::{
    KeyBox,
    border::{Failure, KeychainKeyReport, json_line},
};

use crate::{
    Answer,
    arguments::{DeskArguments, KeychainArguments, KeychainCommand},
    door,
    terminal::Terminal,
    text::shown,
};

/// Lists, stores and removes.
pub fn keychain(
    desk: &DeskArguments,
    arguments: &KeychainArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let keys = KeyBox::open(desk.data.clone(), door::open(&arguments.secrets)?)?;
    match &arguments.command {
        None | Some(KeychainCommand::List) => {
            let report = keys.in_keychain()?;
            if arguments.json {
                return say_json(&report, terminal);
            }
            if report.keys.is_empty() {
                terminal.note("this desk has put no key into the keychain")?;
            }
            for key in &report.keys {
                say(key, terminal)?;
            }
        }
        Some(KeychainCommand::Store {
            name,
            from,
            may_sign_root,
        }) => {
            let stored = keys.put_into_keychain(name, from, *may_sign_root)?;
            if arguments.json {
                return say_json(&stored, terminal);
            }
            say(&stored, terminal)?;
        }
        Some(KeychainCommand::Remove { name }) => {
            keys.take_out_of_keychain(name)?;
            if arguments.json {
                return say_json(&keys.in_keychain()?, terminal);
            }
            terminal.note(&format!("{} is in the keychain no more", shown(name)))?;
        }
    }
    Ok(Answer::Yes)
}

fn say(key: &KeychainKeyReport, terminal: &mut Terminal) -> Result<(), Failure> {
    let root = if key.may_sign_root { ", may sign root" } else { "" };
    terminal.say(&format!("{}  {}{root}", shown(&key.key), key.algorithm))?;
    terminal.say(&format!("  physical  {}", key.physical_key))
}

fn say_json<T: serde::Serialize>(report: &T, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let line = json_line(report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
    terminal.say(&line)?;
    Ok(Answer::Yes)
}
