//! `selftest`: whether this machine can be worked on.

use rootward_core::{
    Selftest,
    border::{CheckState, Failure, json_line},
    selftest as check,
};

use crate::{
    Answer,
    arguments::{DeskArguments, SelftestArguments},
    terminal::Terminal,
    text::shown,
};

/// Makes every check; the answer is no when one failed.
pub fn selftest(
    desk: &DeskArguments,
    arguments: &SelftestArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let report = check(&Selftest {
        data: desk.data.clone(),
        digest: arguments.digest.clone(),
        skip: arguments.skip.clone(),
    })?;
    let answer = if report.passed { Answer::Yes } else { Answer::No };
    if arguments.json {
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
        return Ok(answer);
    }
    terminal.say(&format!("rootwardctl {} on {}", report.version, report.system))?;
    for check in &report.checks {
        let mark = match check.state {
            CheckState::Ok => "ok",
            CheckState::Failed => "FAILED",
            CheckState::NotChecked => "–",
        };
        terminal.say(&format!("  {mark:7} {:12}  {}", check.check, shown(&check.message)))?;
        if let Some(next) = &check.next {
            terminal.say(&format!("  {:7} {:12}  {}", "", "", shown(next)))?;
        }
    }
    Ok(answer)
}
