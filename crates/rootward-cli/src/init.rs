//! `init`: begins a repository where there is none.

use std::sync::Arc;

use rootward_core::{
    Rotations,
    border::{ChangeWish, Failure, SourceSpec, WishedEdit},
    must_be_a_request,
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, InitArguments},
    change::{bad, keys, pairs},
    place,
    rotate::{Making, make_in},
    terminal::Terminal,
};

/// Begins a repository; the answer is no when the person says so. A place at which nothing was begun is forgotten again.
pub async fn init(
    desk: &DeskArguments,
    arguments: &InitArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    if let Some(request) = &arguments.request {
        must_be_a_request(request)?;
    }
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    let spec = place::source(&arguments.source)?;
    let wish = wish(&rotations, arguments, &spec)?;
    let repository = rotations.place(spec).await?;
    let making = Making {
        source: &arguments.source,
        root: None,
        first_use: false,
        request: arguments.request.as_deref(),
        plan: arguments.plan,
        end: &arguments.end,
    };
    let went = make_in(&rotations, &repository, making, &wish, &mut None, terminal).await;
    rotations.leave_unbegun(&repository).await?;
    went
}

fn wish(rotations: &Rotations, arguments: &InitArguments, spec: &SourceSpec) -> Result<ChangeWish, Failure> {
    let is_notary = matches!(spec, SourceSpec::Notary { .. });
    let mut edits = vec![WishedEdit::Begin {
        consistent_snapshot: !is_notary && !arguments.unversioned,
    }];
    let added = pairs(&arguments.add, "--add", "ROLE=KEY")?;
    if is_notary {
        let has = |role: &str| added.iter().any(|(of, _)| of == role);
        let roles = ["snapshot", "timestamp"].into_iter();
        let by_server = roles.filter(|role| !has(role)).map(str::to_owned);
        edits.extend(by_server.map(|role| WishedEdit::ServerKey { role }));
    }
    for (role, key) in added {
        edits.push(keys(role, Vec::new(), vec![key], None));
    }
    for (role, count) in pairs(&arguments.threshold, "--threshold", "ROLE=N")? {
        let count = count
            .parse()
            .map_err(|_| bad("expected a number in --threshold ROLE=N"))?;
        edits.push(keys(role, Vec::new(), Vec::new(), Some(count)));
    }
    for (role, at) in pairs(&arguments.ends, "--ends", "ROLE=RFC3339")? {
        edits.push(WishedEdit::Ends { role, at: Some(at) });
    }
    if let Some(file) = &arguments.edits {
        edits.extend(rotations.edits(file)?);
    }
    Ok(ChangeWish {
        edits,
        reason: arguments.reason.clone().unwrap_or_default(),
        ..ChangeWish::default()
    })
}
