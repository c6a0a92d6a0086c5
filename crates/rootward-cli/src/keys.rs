//! `keys`: what lies in folders of keys, and copies of keys onto this desk and from it.

use std::{path::Path, sync::Arc};

use rootward_core::{
    KeyBox, Which,
    border::{ClientSettingsReport, Failure, FoundKeyReport, ImportReport, KeyFolderReport, counted, json_line},
    list_key_folders,
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{
        DeskArguments, ExportArguments, ImportArguments, KeyListArguments, KeysArguments, KeysCommand, RingArguments,
    },
    door, ring,
    terminal::Terminal,
    text::shown,
};

/// Lists, imports and exports.
pub fn keys(desk: &DeskArguments, arguments: &KeysArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    match &arguments.command {
        None => list(desk, &arguments.list, arguments, terminal),
        Some(KeysCommand::List(wish)) => list(desk, wish, arguments, terminal),
        Some(KeysCommand::Ring(wish)) => ring::ring(desk, wish, door::open(&arguments.secrets)?, terminal),
        Some(KeysCommand::Name { key, name }) => ring::name(desk, key, name, door::open(&arguments.secrets)?, terminal),
        Some(KeysCommand::Import(wish)) => import(desk, wish, door::open(&arguments.secrets)?, terminal),
        Some(KeysCommand::Export(wish)) => export(desk, wish, door::open(&arguments.secrets)?, terminal),
    }
}

/// Lists folders of keys, for which no secret is asked and nothing is written; with a filter, the keys of the desk.
fn list(
    desk: &DeskArguments,
    arguments: &KeyListArguments,
    all: &KeysArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    if !arguments.filter.is_empty() {
        let wish = RingArguments {
            search: String::new(),
            filter: arguments.filter.clone(),
            json: arguments.json,
        };
        return ring::ring(desk, &wish, door::open(&all.secrets)?, terminal);
    }
    let report = list_key_folders(arguments.folders.clone(), desk.data.clone())?;
    if report.folders.is_empty() {
        terminal.note("neither ~/.notary nor ~/.docker/trust is there; name a folder to list another one")?;
    }
    if arguments.json {
        say_json(&report, terminal)?;
        return Ok(Answer::Yes);
    }
    for (place, folder) in report.folders.iter().enumerate() {
        if place > 0 {
            terminal.say("")?;
        }
        for line in lines(folder) {
            terminal.say(&line)?;
        }
    }
    Ok(Answer::Yes)
}

/// Copies keys onto the desk, one after the other; each that was copied stays, whatever becomes of the next.
fn import(
    desk: &DeskArguments,
    arguments: &ImportArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let which = match (arguments.all, &arguments.only[..]) {
        (false, []) if arguments.place.is_dir() => {
            let report = list_key_folders(vec![arguments.place.clone()], None)?;
            for line in report.folders.iter().flat_map(lines) {
                terminal.note(&line)?;
            }
            let message = "nothing was copied: say which keys with --only KEY, or --all";
            return Err(Failure::refusal("bad-usage", message));
        }
        (_, []) => Which::All,
        (_, only) => Which::Named(only.to_vec()),
    };
    let keys = KeyBox::open(desk.data.clone(), door)?;
    let mut report = ImportReport { imported: Vec::new() };
    for key in keys.find(&arguments.place, &which)? {
        let imported = keys.import(&key)?;
        if arguments.json {
            report.imported.push(imported);
            continue;
        }
        let role = imported
            .role
            .as_deref()
            .map_or_else(|| "key".into(), |role| format!("{} key", shown(role)));
        terminal.say(&format!("{role} {}", imported.canonical_keyid))?;
        terminal.say(&format!("  KEY   {}", shown(&imported.key)))?;
        terminal.say(&format!("  from  {}", shown(&imported.from)))?;
    }
    if arguments.json {
        say_json(&report, terminal)?;
    }
    Ok(Answer::Yes)
}

fn export(
    desk: &DeskArguments,
    arguments: &ExportArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let keys = KeyBox::open(desk.data.clone(), door)?;
    let to = std::path::absolute(&arguments.out).unwrap_or_else(|_| arguments.out.clone());
    let gun = arguments.gun.as_deref();
    let report = keys.export(&arguments.key, &arguments.role, gun, Path::new(&to))?;
    if arguments.json {
        say_json(&report, terminal)?;
        return Ok(Answer::Yes);
    }
    terminal.say(&format!("{} key {}", shown(&report.role), report.canonical_keyid))?;
    terminal.say(&format!("  file  {}", shown(&report.file)))?;
    terminal.say(&format!("  next  notary key import {}", shown(&report.file)))?;
    Ok(Answer::Yes)
}

fn say_json<T: serde::Serialize>(report: &T, terminal: &mut Terminal) -> Result<(), Failure> {
    let line = json_line(report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
    terminal.say(&line)
}

fn lines(folder: &KeyFolderReport) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {}",
        shown(&folder.folder),
        counted(folder.keys.len() as u64, "private key")
    )];
    lines.extend(folder.settings.iter().flat_map(settings));
    for repository in &folder.repositories {
        lines.push(format!(
            "  cached      {} root v{}, unproven",
            shown(&repository.gun),
            repository.root_version
        ));
    }
    for key in &folder.keys {
        lines.push(String::new());
        lines.extend(found(key));
    }
    if !folder.unreadable.is_empty() {
        lines.push(String::new());
    }
    for file in &folder.unreadable {
        lines.push(format!("  ! {}: {}", shown(&file.file), shown(&file.why)));
    }
    if folder.cut_off {
        lines.push("  ! there is more than anybody keeps in such a folder; the rest was not looked at".into());
    }
    lines
}

fn settings(settings: &ClientSettingsReport) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            lines.push(format!("  {name:11} {}", shown(value)));
        }
    };
    say("trust_dir", &settings.trust_dir);
    say("server", &settings.server);
    say("server CA", &settings.server_ca);
    say("client cert", &settings.client_certificate);
    for pin in &settings.pinned_certificates {
        lines.push(format!(
            "  pinned      {}: {}",
            shown(&pin.gun),
            shown(&pin.keyids.join(", "))
        ));
    }
    for authority in &settings.pinned_authorities {
        lines.push(format!(
            "  pinned CA   {}: {}",
            shown(&authority.gun),
            shown(&authority.file)
        ));
    }
    if settings.refuses_first_use {
        lines.push("  first use   refused".into());
    }
    lines
}

fn found(key: &FoundKeyReport) -> Vec<String> {
    let unknown = || "unknown".to_owned();
    let gun = key
        .gun
        .as_deref()
        .map_or_else(String::new, |gun| format!(" of {}", shown(gun)));
    let role = key
        .role
        .as_deref()
        .map_or_else(|| "key of unknown role".into(), |role| format!("{} key", shown(role)));
    let checked = if key.keyid_checked {
        ""
    } else {
        ", as its file is named"
    };
    let mut lines = vec![
        format!("  {role}{gun}"),
        format!("    KEY         {}", shown(&key.key)),
        match &key.canonical_keyid {
            Some(keyid) => format!("    canonical   {keyid}{checked}"),
            None => "    canonical   not known before it is opened".into(),
        },
        format!(
            "    physical    {}",
            key.physical_key
                .clone()
                .unwrap_or_else(|| "not known before it is opened".into())
        ),
        format!(
            "    kind        {}, {}",
            key.algorithm.map_or_else(unknown, str::to_owned),
            key.protection
        ),
    ];
    for place in &key.uses {
        let speaks = match &place.role {
            Some(role) => format!("speaks for {}", shown(role)),
            None => "listed, speaks for no role any more".into(),
        };
        lines.push(format!(
            "    in          {}: {speaks}, v{}",
            shown(&place.gun),
            place.version
        ));
    }
    for keyid in &key.keyids {
        lines.push(format!("    TUF id      {keyid}"));
    }
    for finding in &key.findings {
        lines.push(format!("    ! {} ({})", finding.message, finding.code));
    }
    lines
}
