//! `change`: any change of trust, alone or several in one ceremony; the same one in many repositories.

use std::sync::Arc;

use rootward_core::{
    Outcome, Rotations,
    border::{BulkReport, ChangeWish, Failure, FailureKind, WishedEdit, visible},
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{BulkArguments, Cause, DeskArguments, EditArguments, SourceArguments},
    place,
    rotate::{Making, make, make_in, repository_of, say_json},
    terminal::Terminal,
};

/// Makes a change in one repository, or in each of several; the answer is no when the person says so, or when one was refused.
pub async fn change(
    desk: &DeskArguments,
    arguments: &EditArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    let wish = wish(&rotations, arguments)?;
    if arguments.also.is_empty() {
        return make(&rotations, making(arguments, &arguments.source), &wish, terminal).await;
    }
    in_many(&rotations, arguments, &wish, terminal).await
}

/// Makes a change in one repository after the other. One that fails keeps no other back; asked again, those that are done or as
/// asked are passed over, and those begun are taken up.
async fn in_many(
    rotations: &Rotations,
    arguments: &EditArguments,
    wish: &ChangeWish,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let first = std::iter::once(&arguments.source.source);
    let sources: Vec<SourceArguments> = first
        .chain(&arguments.also)
        .map(|source| SourceArguments {
            source: source.clone(),
            ca: arguments.source.ca.clone(),
            gun: None,
            user: arguments.source.user.clone(),
        })
        .collect();
    if arguments.asked.plan {
        for source in &sources {
            terminal.note(&format!("{}:", visible(&source.source)))?;
            make(rotations, making(arguments, source), wish, terminal).await?;
        }
        return Ok(Answer::Yes);
    }
    let places = sources.iter().map(place::source).collect::<Result<_, _>>()?;
    let mut bulk = rotations.begin_bulk(wish, places)?;
    terminal.note(&format!("bulk {}; the same command takes it up again", bulk.id))?;
    for (place, source) in sources.iter().enumerate() {
        let name = visible(&source.source);
        if !bulk.is_pending(place) {
            terminal.note(&format!("{name}: done before"))?;
            continue;
        }
        terminal.note(&format!("{name}:"))?;
        let mut ceremony = None;
        let went = in_one_of_many(rotations, arguments, source, wish, &mut ceremony, terminal).await;
        if let Err(failure) = &went {
            terminal.note(&format!("{name}: {}", visible(&failure.message)))?;
        }
        bulk = rotations.went_in_bulk(&bulk, place, ceremony, went.as_ref().copied())?;
        if matches!(&went, Err(failure) if failure.kind == FailureKind::Interruption) {
            break;
        }
    }
    let report = BulkReport::of(&bulk);
    let done = report.repositories.iter().filter(|row| row.done).count();
    terminal.note(&format!("done in {done} of {} repositories", sources.len()))?;
    if arguments.ceremony.terms.end.json {
        say_json(&report, terminal)?;
    }
    Ok(if bulk.is_settled() { Answer::Yes } else { Answer::No })
}

async fn in_one_of_many(
    rotations: &Rotations,
    arguments: &EditArguments,
    source: &SourceArguments,
    wish: &ChangeWish,
    ceremony: &mut Option<String>,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let making = making(arguments, source);
    let repository = repository_of(rotations, &making).await?;
    if rotations.is_so(&repository, wish).await? {
        terminal.note("it is so already")?;
        return Ok(Outcome::AlreadySo);
    }
    Ok(
        match make_in(rotations, &repository, making, wish, ceremony, terminal).await? {
            Answer::Yes => Outcome::Done,
            Answer::No => Outcome::Declined,
        },
    )
}

/// Lists the bulks of this desk, or tells what became of one in each repository.
pub fn bulk(
    desk: &DeskArguments,
    arguments: &BulkArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?;
    let mut bulks = rotations.bulks()?;
    if let Some(id) = &arguments.id {
        bulks.retain(|bulk| bulk.id == *id);
        if bulks.is_empty() {
            return Err(Failure::fault(
                "bad-usage",
                format!("there is no bulk {} on this desk", visible(id)),
            ));
        }
    }
    for bulk in bulks {
        let report = BulkReport::of(&bulk);
        if arguments.json {
            say_json(&report, terminal)?;
            continue;
        }
        terminal.say(&format!("bulk {}", report.bulk))?;
        for row in &report.repositories {
            let why = row
                .failure
                .as_ref()
                .map_or_else(String::new, |why| format!("  {}", visible(&why.message)));
            let ceremony = row
                .ceremony
                .as_ref()
                .map_or_else(String::new, |id| format!("  ceremony {id}"));
            terminal.say(&format!(
                "  {:<11}  {}{ceremony}{why}",
                row.outcome,
                visible(&row.source)
            ))?;
        }
    }
    Ok(Answer::Yes)
}

fn making<'a>(arguments: &'a EditArguments, source: &'a SourceArguments) -> Making<'a> {
    Making {
        source,
        root: arguments.ceremony.root.as_deref(),
        first_use: arguments.ceremony.first_use,
        request: arguments.ceremony.terms.request.as_deref(),
        plan: arguments.asked.plan,
        end: &arguments.ceremony.terms.end,
    }
}

fn wish(rotations: &Rotations, arguments: &EditArguments) -> Result<ChangeWish, Failure> {
    let mut edits = Vec::new();
    let mut sign = arguments.ceremony.sign.clone();
    for (role, key) in pairs(&arguments.remove, "--remove", "ROLE=KEY")? {
        sign.extend(place::is_of_a_key(&key).then(|| key.clone()));
        edits.push(keys(role, vec![key], Vec::new(), None));
    }
    for (role, key) in pairs(&arguments.add, "--add", "ROLE=KEY")? {
        edits.push(keys(role, Vec::new(), vec![key], None));
    }
    for (role, count) in pairs(&arguments.threshold, "--threshold", "ROLE=N")? {
        let count = count
            .parse()
            .map_err(|_| bad("expected a number in --threshold ROLE=N"))?;
        edits.push(keys(role, Vec::new(), Vec::new(), Some(count)));
    }
    let edits = &mut edits;
    edits.extend(
        arguments
            .server_key
            .iter()
            .map(|role| WishedEdit::ServerKey { role: role.clone() }),
    );
    if let Some(key) = &arguments.revoke {
        let may_sign = matches!(arguments.because, None | Some(Cause::Leaves));
        sign.extend((may_sign && place::is_of_a_key(key)).then(|| key.clone()));
        edits.push(WishedEdit::Revoke {
            key: key.clone(),
            replace: arguments.replace.clone(),
            sign_again: arguments.and_sign_again,
            cause: arguments.because.map(Into::into),
        });
    }
    for text in &arguments.ends {
        let (role, at) = match text.split_once('=') {
            Some((role, at)) => (role.to_owned(), Some(at.to_owned())),
            None => (text.clone(), None),
        };
        edits.push(WishedEdit::Ends { role, at });
    }
    if let Some(text) = &arguments.ends_before {
        let (before, at) = match text.split_once(',') {
            Some((before, at)) => (before.to_owned(), Some(at.to_owned())),
            None => (text.clone(), None),
        };
        edits.push(WishedEdit::EndsBefore { before, at });
    }
    edits.extend(
        arguments
            .sign_again
            .iter()
            .map(|role| WishedEdit::SignAgain { role: role.clone() }),
    );
    edits.extend(
        arguments
            .rebuild
            .iter()
            .map(|role| WishedEdit::Rebuild { role: role.clone() }),
    );
    delegations(arguments, edits)?;
    targets(rotations, arguments, edits)?;
    if let Some(file) = &arguments.asked.edits {
        edits.extend(rotations.edits(file)?);
    }
    Ok(ChangeWish {
        edits: std::mem::take(edits),
        sign,
        legacy: arguments.ceremony.legacy,
        online_elsewhere: arguments.online_elsewhere,
        new_keys_only: arguments.new_keys_only,
        reason: arguments.ceremony.terms.reason.clone().unwrap_or_default(),
        despite: arguments.despite.clone(),
        although_loose: arguments.although_loose.clone(),
    })
}

fn delegations(arguments: &EditArguments, edits: &mut Vec<WishedEdit>) -> Result<(), Failure> {
    let by = || {
        arguments
            .by
            .clone()
            .ok_or_else(|| bad("expected the role that delegates in --by ROLE"))
    };
    let place = arguments.place.map(|place| place - 1);
    let given = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    if let Some(role) = &arguments.delegate {
        edits.push(WishedEdit::Delegate {
            by: by()?,
            role: role.clone(),
            keys: arguments.with.clone(),
            threshold: arguments.need,
            paths: arguments.path.clone(),
            hash_prefixes: arguments.hash_prefix.clone(),
            terminating: arguments.terminating.unwrap_or_default(),
            place,
        });
    }
    if let Some(role) = &arguments.redelegate {
        edits.push(WishedEdit::Redelegate {
            role: role.clone(),
            by: arguments.by.clone(),
            paths: given(&arguments.path),
            hash_prefixes: given(&arguments.hash_prefix),
            terminating: arguments.terminating,
            place,
        });
    }
    if let (Some(prefix), Some(bits)) = (&arguments.bins, arguments.bits) {
        edits.push(WishedEdit::Bins {
            by: by()?,
            prefix: prefix.clone(),
            bits,
            keys: arguments.with.clone(),
            threshold: arguments.need,
            succinct: arguments.succinct,
        });
    }
    edits.extend(arguments.undelegate.iter().map(|role| WishedEdit::Undelegate {
        role: role.clone(),
        by: arguments.by.clone(),
    }));
    Ok(())
}

fn targets(rotations: &Rotations, arguments: &EditArguments, edits: &mut Vec<WishedEdit>) -> Result<(), Failure> {
    if let Some(text) = &arguments.target {
        let (role, path) = pair(text, "--target", "ROLE=PATH")?;
        let custom = arguments
            .custom
            .as_deref()
            .map(|file| rotations.text_of(file))
            .transpose()?;
        edits.push(match (&arguments.file, arguments.length) {
            (Some(file), _) => rotations.target_of(&role, &path, file, custom)?,
            (None, Some(length)) => WishedEdit::AddTarget {
                role,
                path,
                length,
                sha256: arguments.sha256.clone(),
                sha512: arguments.sha512.clone(),
                custom,
            },
            (None, None) => {
                return Err(bad(
                    "expected --file FILE, or --length with --sha256 or --sha512, for --target",
                ));
            }
        });
    }
    for (role, path) in pairs(&arguments.remove_target, "--remove-target", "ROLE=PATH")? {
        edits.push(WishedEdit::RemoveTarget { role, path });
    }
    Ok(())
}

pub(crate) fn keys(role: String, remove: Vec<String>, add: Vec<String>, threshold: Option<u64>) -> WishedEdit {
    WishedEdit::Keys {
        role,
        by: None,
        remove,
        add,
        threshold,
    }
}

pub(crate) fn pairs(texts: &[String], option: &str, form: &str) -> Result<Vec<(String, String)>, Failure> {
    texts.iter().map(|text| pair(text, option, form)).collect()
}

fn pair(text: &str, option: &str, form: &str) -> Result<(String, String), Failure> {
    let (first, second) = text
        .split_once('=')
        .filter(|(first, _)| !first.is_empty())
        .ok_or_else(|| bad(&format!("expected {option} {form}, got {}", visible(text))))?;
    Ok((first.to_owned(), second.to_owned()))
}

pub(crate) fn bad(why: &str) -> Failure {
    Failure::fault("bad-usage", why)
}
