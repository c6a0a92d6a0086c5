//! `blast`: what stolen keys come to.

use rootward_core::border::{BlastPathsReport, BlastReport, Failure, ReplaceableReport, counted, json_line};

use crate::{
    Answer,
    arguments::{BlastArguments, DeskArguments},
    place,
    terminal::Terminal,
    text::shown,
    tree::{lookout, read_root, say_notes},
};

/// Says what whoever holds these keys could do. The answer is yes whatever it is: nothing is refused.
pub async fn blast(
    desk: &DeskArguments,
    arguments: &BlastArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let spec = place::source(&arguments.source)?;
    let lookout = lookout(desk)?;
    let looked = match &arguments.root {
        Some(file) => lookout.from_root(&spec, read_root(file)?).await?,
        None => lookout.from_stored_or_nothing(&spec).await?,
    };
    say_notes(&looked, terminal)?;
    let report = looked.blast(&arguments.keys)?;
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
    } else {
        terminal.say(&told(&report))?;
    }
    Ok(Answer::Yes)
}

fn told(report: &BlastReport) -> String {
    let mut lines = vec![format!("{} in wrong hands", shown(&report.source))];
    for key in &report.keys {
        lines.push(format!("  {} in {}", key.label, key.roles.join(", ")));
        lines.push(format!("  {}", key.physical_key));
    }
    lines.extend([String::new(), report.verdict.clone()]);
    section("Roles", &mut lines);
    for role in &report.roles {
        let names = names(&role.roles, role.more);
        let (counts, threshold) = (role.counts, role.threshold);
        lines.push(format!(
            "  {names}: counts {counts}, needs {threshold}. {}",
            role.sentence
        ));
    }
    let docker = !report.docker_paths.is_empty();
    if !report.paths.is_empty() {
        section(if docker { "Targets, for notary" } else { "Targets" }, &mut lines);
        paths(&report.paths, &report.replaceable, &mut lines);
    }
    if docker {
        section("Targets, for docker", &mut lines);
        paths(&report.docker_paths, &report.docker_replaceable, &mut lines);
    }
    sentences("What else follows", &report.effects, &mut lines);
    sentences("What stays safe", &report.safe, &mut lines);
    if !report.repairs.is_empty() {
        section("What to do", &mut lines);
    }
    for (place, repair) in report.repairs.iter().enumerate() {
        lines.push(format!("  {}. {}", place + 1, repair.what));
        let by = repair.by.iter();
        lines.extend(by.chain(&repair.why).map(|sentence| format!("     {sentence}")));
    }
    lines.join("\n")
}

fn paths(paths: &[BlastPathsReport], replaceable: &[ReplaceableReport], lines: &mut Vec<String>) {
    for territory in paths {
        let digests = territory
            .hash_prefixes
            .iter()
            .map(|prefix| format!("SHA-256 {prefix}…"));
        let mut what: Vec<String> = territory.paths.iter().cloned().chain(digests).collect();
        if what.is_empty() {
            what.push("every path".to_owned());
        }
        let bound = if territory.exact { "" } else { "at most " };
        lines.push(format!(
            "  {}: {bound}{}",
            names(&territory.roles, territory.more),
            what.join(", ")
        ));
        lines.extend(territory.except.iter().map(|except| format!("    {except}")));
    }
    if !replaceable.is_empty() {
        let count = counted(replaceable.len() as u64, "target");
        lines.push(format!("  {count} that clients find today could be replaced:"));
    }
    for target in replaceable.iter().take(MOST_TARGETS) {
        let target = [&target.path, &target.answers, &target.seized].map(|text| shown(text));
        lines.push(format!("    {}  of {}, by {}", target[0], target[1], target[2]));
    }
    if replaceable.len() > MOST_TARGETS {
        lines.push(format!("    and {} more", replaceable.len() - MOST_TARGETS));
    }
}

/// So many targets are named.
const MOST_TARGETS: usize = 20;

fn section(name: &str, lines: &mut Vec<String>) {
    lines.extend([String::new(), name.to_owned()]);
}

fn sentences(name: &str, sentences: &[String], lines: &mut Vec<String>) {
    if !sentences.is_empty() {
        section(name, lines);
    }
    lines.extend(sentences.iter().map(|sentence| format!("  {sentence}")));
}

fn names(roles: &[String], more: u32) -> String {
    let names = roles.join(", ");
    if more == 0 {
        names
    } else {
        format!("{names} and {more} more alike")
    }
}
