//! `attest`: where a key was born, from what a device says of it.

use rootward_core::{
    HandIn,
    border::{AttestReport, Failure, NOT_WHO_HOLDS_IT, json_line},
};

use crate::{
    Answer,
    arguments::{AttestArguments, DeskArguments, SourceArguments},
    place,
    terminal::Terminal,
    text::shown,
    tree::lookout,
};

/// Proves an attestation; the answer is no when a step fails, or when the repository named lists the key nowhere.
pub async fn attest(
    desk: &DeskArguments,
    arguments: &AttestArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let lookout = lookout(desk)?;
    let hand_in = HandIn::read(
        &arguments.key,
        &arguments.device,
        &arguments.between,
        arguments.root.as_deref(),
    )?;
    if let (Some(problem), false) = (hand_in.problem(), arguments.json) {
        return Err(problem);
    }
    let looked = match &arguments.repository {
        None => None,
        Some(source) => {
            let source = SourceArguments {
                source: source.clone(),
                ca: None,
                gun: None,
                user: None,
            };
            Some(lookout.from_stored_or_nothing(&place::source(&source)?).await?)
        }
    };
    let mut report = hand_in.report(&lookout, looked.as_ref());
    if arguments.keep && report.verified {
        hand_in.keep(&lookout)?;
        report.kept = true;
    }
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
    } else {
        for line in lines(&report) {
            terminal.say(&line)?;
        }
    }
    let is_listed = report.roles.as_ref().is_none_or(|roles| !roles.is_empty());
    Ok(match report.verified && is_listed {
        true => Answer::Yes,
        false => Answer::No,
    })
}

fn lines(report: &AttestReport) -> Vec<String> {
    let mut lines = vec![format!("born in the device: {}", report.verdict)];
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(format!("  {name:12} {}", shown(&value)));
        }
    };
    let hidden = || Some("not told".to_owned());
    say("serial", report.serial.map(|serial| serial.to_string()).or_else(hidden));
    say("firmware", report.firmware.clone());
    say("form factor", report.form_factor.clone());
    say("slot", report.slot.clone());
    say("PIN", report.pin_policy.map(str::to_owned));
    say("touch", report.touch_policy.map(str::to_owned));
    say("physical", report.physical_key.clone());
    for link in &report.chain {
        say("certificate", Some(format!("{}  {}", link.subject, link.sha256)));
    }
    for role in report.roles.iter().flatten() {
        let signed = if role.signed { ", signed it" } else { "" };
        say("listed in", Some(format!("{} as {}{signed}", role.role, role.keyid)));
    }
    if report.roles.as_ref().is_some_and(Vec::is_empty) {
        lines.push("  ! no role of this repository lists the key".into());
    }
    let found = report.findings.iter();
    lines.extend(found.map(|finding| format!("  ! {} ({})", shown(&finding.message), finding.code)));
    lines.push(format!("  {NOT_WHO_HOLDS_IT}"));
    if report.kept {
        lines.push("  kept on this desk".into());
    }
    lines
}
