//! `drill` and `practise`: trouble and doubles to practise on, with throw-away keys, worked on with every other command.

use std::sync::Arc;

use rootward_core::{
    DrillPlace, Drilling, Trust,
    border::{DrillRunView, DrillState, DrillView, DrillsView, Failure, counted},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, DrillArguments, PractiseArguments},
    place::{self, path_text},
    rotate::say_json,
    terminal::Terminal,
};

/// Lists drills, begins one, or judges the one under way; the answer is no when not all is as it must be yet.
pub async fn drill(
    desk: &DeskArguments,
    arguments: &DrillArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let drilling = Drilling::open(desk.data.clone(), desk.at.as_deref(), door)?;
    let Some(name) = &arguments.name else {
        let list = drilling.list()?;
        if arguments.json {
            return say_json(&list, terminal);
        }
        terminal.say(&listed(&list))?;
        return Ok(Answer::Yes);
    };
    let (view, judged) = match arguments.give_up {
        true => (drilling.give_up(name).await?, false),
        false => drilling.go_on(name, stage(arguments)?).await?,
    };
    if arguments.json {
        say_json(&view, terminal)?;
    } else {
        terminal.say(&told(&view, judged || arguments.give_up))?;
        if arguments.hints {
            terminal.say(&section("What helps", view.hints.iter().cloned()))?;
        }
    }
    match judged && !Drilling::is_passed(&view) {
        true => Ok(Answer::No),
        false => Ok(Answer::Yes),
    }
}

/// Makes a double of a repository.
pub async fn practise(
    desk: &DeskArguments,
    arguments: &PractiseArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let drilling = Drilling::open(desk.data.clone(), desk.at.as_deref(), door)?;
    let trust = match &arguments.root {
        Some(file) => Trust::RootFile(path_text(file, "--root")?),
        None if arguments.first_use => Trust::FirstUse,
        None => Trust::Stored,
    };
    let made = drilling.practise_on(place::source(&arguments.source)?, trust).await?;
    if arguments.json {
        return say_json(&made, terminal);
    }
    terminal.say(&format!("Practice: {}", made.source))?;
    terminal.note(&format!(
        "its keys are thrown away after practice; the passphrase of every key file is `{}`",
        made.passphrase
    ))?;
    Ok(Answer::Yes)
}

fn stage(arguments: &DrillArguments) -> Result<Option<DrillPlace>, Failure> {
    let (Some(url), Some(key)) = (&arguments.server, &arguments.key) else {
        return Ok(None);
    };
    Ok(Some(DrillPlace {
        url: url.clone(),
        ca_file: arguments
            .ca
            .as_deref()
            .map(|path| path_text(path, "--ca"))
            .transpose()?,
        key: key.clone(),
    }))
}

fn listed(list: &DrillsView) -> String {
    let rows = list.drills.iter().map(|drill| {
        let state = match drill.state {
            DrillState::NeverTried => "never tried",
            DrillState::UnderWay => "under way",
            DrillState::Passed => "passed",
            DrillState::GivenUp => "given up",
        };
        format!("{:<20}  {:<11}  {}", drill.name, state, drill.title)
    });
    let rows: Vec<String> = rows.collect();
    format!("{}\n\nBegin one with: rootwardctl drill NAME", rows.join("\n"))
}

/// The task of a drill that was begun, or what was found of one that was judged.
fn told(view: &DrillView, judged: bool) -> String {
    let mut parts = vec![format!("Practice: {}", view.title)];
    let Some(run) = &view.run else { return parts.remove(0) };
    if judged {
        parts.push(section(
            "What must be so",
            run.checked
                .iter()
                .map(|check| format!("{} {}", if check.holds { "yes" } else { "NO " }, check.sentence)),
        ));
        parts.push(turns(run));
        parts.push(match view.state {
            DrillState::Passed => "Passed.".to_owned(),
            DrillState::GivenUp => "Given up.".to_owned(),
            DrillState::UnderWay | DrillState::NeverTried => {
                format!(
                    "Not yet. Go on, ask for --hints, or end it: rootwardctl drill {} --give-up",
                    view.name
                )
            }
        });
        return parts.join("\n\n");
    }
    parts.extend(view.task.iter().cloned());
    parts.push(format!("The repository: {}", run.source));
    parts.push(section(
        "What you know",
        run.facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value)),
    ));
    parts.push(section(
        "What you have",
        run.in_hand.iter().map(|held| format!("{}: {}", held.what, held.key)),
    ));
    parts.push(format!(
        "The passphrase of every key file is `{}`, the PIN of a practice token {}.\nUse any command or the window. When you are done: \
         rootwardctl drill {}",
        run.passphrase, run.pin, view.name
    ));
    parts.join("\n\n")
}

fn turns(run: &DrillRunView) -> String {
    let turns = &run.wrong_turns;
    let time = match run.seconds {
        Some(seconds) if seconds >= 60 => format!("{} min {} s", seconds / 60, seconds % 60),
        Some(seconds) => format!("{seconds} s"),
        None => "unknown: the clock was set back".to_owned(),
    };
    format!(
        "Time: {time}. Wrong turns: {}, {}, {}, {}.",
        counted(turns.refusals.into(), "refusal"),
        counted(turns.wrong_secrets.into(), "wrong secret"),
        counted(turns.abandoned.into(), "abandoned attempt"),
        counted(turns.needless.into(), "needless publication"),
    )
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.map(|line| format!("  {line}")).collect();
    format!("{title}:\n{}", lines.join("\n"))
}
