//! `keys`: what lies in folders of keys that other programs made.

use rootward_core::{
    border::{ClientSettingsReport, Failure, FoundKeyReport, KeyFolderReport, counted, json_line},
    list_key_folders,
};

use crate::{Answer, arguments::KeysArguments, terminal::Terminal, text::shown};

/// Lists folders of keys. No secret is asked for and nothing is written.
pub fn keys(arguments: &KeysArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let report = list_key_folders(arguments.folders.clone())?;
    if report.folders.is_empty() {
        terminal.note("neither ~/.notary nor ~/.docker/trust is there; name a folder to list another one")?;
    }
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
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
