//! `init`: begins a repository where there is none.

use std::sync::Arc;

use rootward_core::{
    Rotations,
    border::{BeginningWish, Failure, FirstRole, SourceSpec},
    must_be_a_request,
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{DeskArguments, InitArguments},
    change::{bad, pairs},
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
    let request = arguments.terms.request.as_deref();
    if let Some(request) = request {
        must_be_a_request(request)?;
    }
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    let spec = place::source(&arguments.source)?;
    let wish = wish(&rotations, arguments, spec)?;
    let at = rotations.place(wish.source.clone()).await?;
    let making = Making {
        source: &arguments.source,
        root: None,
        first_use: false,
        request,
        plan: arguments.asked.plan,
        end: &arguments.terms.end,
    };
    let went = make_in(
        &rotations,
        &at.repository,
        making,
        &wish.in_edits(),
        &mut None,
        terminal,
    )
    .await;
    rotations.leave_unbegun(&at).await?;
    went
}

fn wish(rotations: &Rotations, arguments: &InitArguments, source: SourceSpec) -> Result<BeginningWish, Failure> {
    let mut roles: Vec<FirstRole> = Vec::new();
    for (role, key) in pairs(&arguments.add, "--add", "ROLE=KEY")? {
        role_of(&mut roles, role).keys.push(key);
    }
    for (role, count) in pairs(&arguments.threshold, "--threshold", "ROLE=N")? {
        let count = count
            .parse()
            .map_err(|_| bad("expected a number in --threshold ROLE=N"))?;
        once(&mut role_of(&mut roles, role).threshold, count, "--threshold ROLE=N")?;
    }
    for (role, at) in pairs(&arguments.ends, "--ends", "ROLE=RFC3339")? {
        once(&mut role_of(&mut roles, role).ends, at, "--ends ROLE=RFC3339")?;
    }
    let edits = arguments.asked.edits.as_deref();
    Ok(BeginningWish {
        source,
        roles,
        unversioned: arguments.unversioned,
        edits: edits.map(|file| rotations.edits(file)).transpose()?.unwrap_or_default(),
        reason: arguments.terms.reason.clone().unwrap_or_default(),
    })
}

fn role_of(roles: &mut Vec<FirstRole>, role: String) -> &mut FirstRole {
    let place = roles.iter().position(|known| known.role == role).unwrap_or_else(|| {
        roles.push(FirstRole {
            role,
            ..FirstRole::default()
        });
        roles.len() - 1
    });
    &mut roles[place]
}

fn once<T>(said: &mut Option<T>, value: T, option: &str) -> Result<(), Failure> {
    match said.replace(value) {
        None => Ok(()),
        Some(_) => Err(bad(&format!("expected {option} once for a role"))),
    }
}
