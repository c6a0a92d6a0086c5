//! `map`: a client's map file, shown.

use rootward_core::border::{Failure, MapReport, json_line};

use crate::{Answer, arguments::MapArguments, terminal::Terminal, text::shown, tree::read_file};

/// No map is longer.
const LONGEST: u64 = 16 << 20;

/// Shows a map file. Asked about a target, the answer is yes when some repository is asked for it.
pub fn map(arguments: &MapArguments, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let bytes = read_file(&arguments.file, "map file", LONGEST)?;
    let report = MapReport::read(&bytes, arguments.target.as_deref())?;
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
    } else {
        terminal.say(&told(&report))?;
    }
    let nobody = report.target.is_some_and(|target| target.asked.is_empty());
    Ok(if nobody { Answer::No } else { Answer::Yes })
}

fn told(report: &MapReport) -> String {
    let mut lines = vec![match report.repositories.len() {
        1 => "1 repository".to_owned(),
        count => format!("{count} repositories"),
    }];
    for repository in &report.repositories {
        let urls: Vec<String> = repository.urls.iter().map(|url| shown(url)).collect();
        let unused = if repository.used { "" } else { ", asked for nothing" };
        lines.push(format!("  {}  {}{unused}", shown(&repository.name), urls.join(", ")));
    }
    lines.extend([String::new(), "In this order:".to_owned()]);
    for (place, mapping) in report.mappings.iter().enumerate() {
        let texts = |texts: &[String]| texts.iter().map(|text| shown(text)).collect::<Vec<_>>().join(", ");
        let agree = match (mapping.threshold, mapping.repositories.len()) {
            (_, 1) => String::new(),
            (threshold, count) => format!(", {threshold} of {count} must agree"),
        };
        let end = if mapping.terminating { ", and nobody after" } else { "" };
        let (paths, repositories) = (texts(&mapping.paths), texts(&mapping.repositories));
        lines.push(format!("  {}. {paths}: {repositories}{agree}{end}", place + 1));
    }
    if let Some(target) = &report.target {
        lines.extend([String::new(), format!("For {}:", shown(&target.path))]);
        if target.asked.is_empty() {
            lines.push("  nobody is asked".to_owned());
        }
        for asked in &target.asked {
            let which = if asked.only_across_slashes {
                ", by clients whose * crosses slashes"
            } else {
                ""
            };
            let mapping = &report.mappings[asked.mapping];
            let repositories: Vec<String> = mapping.repositories.iter().map(|name| shown(name)).collect();
            lines.push(format!("  {}. {}{which}", asked.mapping + 1, repositories.join(", ")));
        }
    }
    lines.join("\n")
}
