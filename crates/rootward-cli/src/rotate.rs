//! `rotate`: a change from consequences to transcript, in one command.

use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use rootward_core::{
    Proposal, Rotations, Trust, WhoSigns,
    border::{
        CeremonyState, CeremonyView, ChangeWish, Failure, Mark, RequestWritten, RotationChange, Sentence, json_line,
        visible,
    },
    must_be_a_request,
    ports::Prompt,
};

use crate::{
    Answer,
    arguments::{ChangeArguments, DeskArguments, EndArguments, SourceArguments},
    place,
    terminal::Terminal,
};

/// Rotates the keys of a role; the answer is no when the person says so.
pub async fn rotate(
    desk: &DeskArguments,
    role: &str,
    arguments: &ChangeArguments,
    door: Arc<dyn Prompt>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let rotations = Rotations::open(desk.data.clone(), desk.at.as_deref(), door)?.with_modules(&desk.module)?;
    let making = Making {
        source: &arguments.source,
        root: arguments.ceremony.root.as_deref(),
        first_use: arguments.ceremony.first_use,
        request: arguments.ceremony.terms.request.as_deref(),
        plan: false,
        end: &arguments.ceremony.terms.end,
    };
    make(&rotations, making, &wish(role, arguments).into(), terminal).await
}

/// Where and how a change is made.
pub(crate) struct Making<'a> {
    pub source: &'a SourceArguments,
    pub root: Option<&'a Path>,
    pub first_use: bool,
    pub request: Option<&'a Path>,
    /// Whether it is only told what the change comes to.
    pub plan: bool,
    pub end: &'a EndArguments,
}

/// Makes a change in one repository; the answer is no when the person says so.
pub(crate) async fn make(
    rotations: &Rotations,
    making: Making<'_>,
    wish: &ChangeWish,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    if let Some(request) = making.request {
        // A ceremony that cannot hand its request out need not begin.
        must_be_a_request(request)?;
    }
    let repository = repository_of(rotations, &making).await?;
    make_in(rotations, &repository, making, wish, &mut None, terminal).await
}

/// The repository of a source on this desk, trusted as said.
pub(crate) async fn repository_of(rotations: &Rotations, making: &Making<'_>) -> Result<String, Failure> {
    let spec = place::source(making.source)?;
    let trust = match making.root {
        Some(file) => Trust::RootFile(place::path_text(file, "--root")?),
        None if making.first_use => Trust::FirstUse,
        None => Trust::Stored,
    };
    rotations.repository(spec, trust).await
}

/// The same, in a repository of this desk; `ceremony` is told which it is, however it ends.
pub(crate) async fn make_in(
    rotations: &Rotations,
    repository: &str,
    making: Making<'_>,
    wish: &ChangeWish,
    ceremony: &mut Option<String>,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let Making { request, end, .. } = making;
    let under_way = match making.plan {
        true => None,
        false => rotations.under_way(repository, wish).await?,
    };
    let (id, named) = match under_way {
        Some((id, named)) => {
            terminal.note(&format!("ceremony {id} makes the same change and is taken up again"))?;
            rotations.resume(&id).await?;
            (id, named)
        }
        None => {
            let who = match request {
                Some(_) => WhoSigns::ElsewhereToo,
                None if making.plan => WhoSigns::ElsewhereToo,
                None => WhoSigns::HereAlone,
            };
            let proposal = rotations.propose(repository, wish, who).await?;
            if making.plan {
                if end.json {
                    return say_json(&proposal.report(), terminal);
                }
                tell(&proposal, terminal)?;
                return Ok(Answer::Yes);
            }
            tell(&proposal, terminal)?;
            let question = match proposal.digest {
                Some(_) => "Freeze these bytes and sign them?",
                None => "Have what is missing made, freeze the bytes and sign them?",
            };
            if !end.yes && !confirmed(question, terminal).await? {
                terminal.note("nothing was signed, and no ceremony was begun")?;
                return Ok(Answer::No);
            }
            rotations.begin(proposal).await?
        }
    };
    *ceremony = Some(id.clone());
    terminal.note(&format!(
        "ceremony {id}; if it is interrupted: rootwardctl ceremony resume {id}"
    ))?;
    carry_on(rotations, &id, Some(named), request, end, terminal).await
}

/// From a begun ceremony to a published root. What is reported is the same however it ends.
///
/// `named` keys all sign, also beyond the thresholds; without them, whichever are at hand, until there are enough.
pub(crate) async fn carry_on(
    rotations: &Rotations,
    id: &str,
    named: Option<Vec<String>>,
    request: Option<&Path>,
    end: &EndArguments,
    terminal: &mut Terminal,
) -> Result<Answer, Failure> {
    let because = end.again_because.as_deref();
    let oldest = end.oldest_root;
    let went = steps(rotations, id, named.as_deref(), because, request, oldest, terminal).await;
    let transcript = match &end.transcript {
        Some(path) => {
            rotations.save_transcript(id, path)?;
            Some(path.display().to_string())
        }
        None => None,
    };
    if end.json {
        let report = rotations.report(id, transcript, went.clone().err())?;
        let line = json_line(&report).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        terminal.say(&line)?;
    }
    went?;
    if !end.json {
        show(&rotations.view(id)?, terminal)?;
    }
    Ok(Answer::Yes)
}

async fn steps(
    rotations: &Rotations,
    id: &str,
    named: Option<&[String]>,
    again_because: Option<&str>,
    request: Option<&Path>,
    oldest: Option<u64>,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let was_drafting = rotations.state(id)? == CeremonyState::Drafting;
    rotations.freeze(id).await?;
    if was_drafting {
        for document in rotations.view(id)?.documents {
            if document.review.frozen {
                let name = format!("{} v{}", document.role, document.version);
                terminal.note(&format!("frozen: {name}, SHA-256 {}", document.review.digest))?;
            }
        }
    }
    loop {
        let state = rotations.state(id)?;
        if named.is_none() && state == CeremonyState::Ready {
            break;
        }
        // Documents that name others by digest take their turn when those are complete.
        let signers = rotations.missing_signers(id)?;
        let next = signers
            .into_iter()
            .find(|key| named.is_none_or(|named| named.contains(key)));
        match next {
            Some(key) => rotations.sign(id, &key, again_because).await?,
            None => break,
        }
    }
    if let Some(request) = request.filter(|_| {
        rotations
            .state(id)
            .is_ok_and(|state| state == CeremonyState::Collecting)
    }) {
        return told_of_request(&rotations.hand_out(id, request, &[]).await?, terminal);
    }
    let went = rotations.bring_to_its_end_from(id, oldest).await;
    let view = rotations.view(id)?;
    for row in &view.rehearsal {
        let verdict = if row.accepted { "accepts" } else { "refuses" };
        terminal.note(&format!("rehearsal: {} {verdict}: {}", row.client, row.account))?;
    }
    for assumption in &view.assumptions {
        terminal.note(&format!("assumed: {}", assumption.text()))?;
    }
    went
}

/// Says what a request asks for, and what is read aloud.
pub(crate) fn told_of_request(written: &RequestWritten, terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.note(&format!(
        "the request for signatures over {} is {}",
        written.asks_for.join(" and "),
        visible(&written.path)
    ))?;
    terminal.note("read this digest aloud to whoever signs, or at least its first 8 digits:")?;
    terminal.note(&format!("  {}", groups(&written.digest)))?;
    terminal.note(&format!("  {}", written.words))?;
    terminal.note(&format!(
        "what comes back: rootwardctl ceremony take FILE; then: rootwardctl ceremony resume {}",
        written.ceremony
    ))
}

/// 64 digits in groups of four.
pub(crate) fn groups(digest: &str) -> String {
    let digits: Vec<&str> = (0..digest.len())
        .step_by(4)
        .filter_map(|at| digest.get(at..at + 4))
        .collect();
    digits.join(" ")
}

fn wish(role: &str, arguments: &ChangeArguments) -> RotationChange {
    let at_hand = arguments.remove.iter().filter(|key| place::is_of_a_key(key));
    RotationChange {
        role: role.into(),
        server: arguments.server,
        legacy: arguments.ceremony.legacy,
        remove: arguments.remove.clone(),
        add: arguments.add.clone(),
        sign: arguments.ceremony.sign.iter().chain(at_hand).cloned().collect(),
        threshold: arguments.threshold,
        expires: arguments.expires.clone(),
        reason: arguments.ceremony.terms.reason.clone().unwrap_or_default(),
    }
}

/// Consequences, then what the bytes say, then their digest.
fn tell(proposal: &Proposal, terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.note(&format!(
        "{}, as {}",
        visible(&proposal.title),
        visible(&proposal.documents)
    ))?;
    say_sentences("Consequences", &proposal.consequences, terminal)?;
    say_sentences("What is signed", &proposal.review, terminal)?;
    let Some(digest) = &proposal.digest else {
        return Ok(());
    };
    terminal.note(&format!(
        "SHA-256 of the bytes of {}; read the first and the last group aloud:",
        visible(&proposal.first)
    ))?;
    let digits: Vec<&str> = digest.split(' ').collect();
    let groups: Vec<String> = digits.chunks(2).map(|pair| pair.join(" ")).collect();
    for (place, pair) in groups.chunks(2).enumerate() {
        let numbered = pair
            .iter()
            .enumerate()
            .map(|(column, group)| format!("{}  {group}", place * 2 + column + 1));
        terminal.note(&format!("  {}", numbered.collect::<Vec<_>>().join("   ")))?;
    }
    Ok(())
}

pub(crate) fn say_sentences(title: &str, sentences: &[Sentence], terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.note(&format!("{title}:"))?;
    for sentence in sentences {
        let mark = match sentence.mark {
            Mark::Removed => '-',
            Mark::Added => '+',
            Mark::Changed => '~',
            Mark::Same => '=',
            Mark::Note => '·',
            Mark::Warning => '!',
        };
        terminal.note(&format!("  {mark} {}", sentence.text()))?;
    }
    Ok(())
}

pub(crate) fn show(view: &CeremonyView, terminal: &mut Terminal) -> Result<(), Failure> {
    terminal.say(&format!("ceremony {}  {}", view.id, view.state.as_str()))?;
    terminal.say(&view.title)?;
    for document in &view.documents {
        terminal.say(&format!(
            "{} v{}  SHA-256 {}",
            document.role,
            document.version,
            if document.review.digest.is_empty() {
                "not known yet"
            } else {
                &document.review.digest
            }
        ))?;
        for meter in &document.meters {
            terminal.say(&format!("  {}: {} of {}", meter.label, meter.have, meter.need))?;
        }
    }
    for row in &view.signers {
        let canonical = row
            .canonical_keyid
            .as_ref()
            .map_or_else(String::new, |id| format!("  canonical id {id}"));
        let instead = row
            .instead
            .as_ref()
            .map_or_else(String::new, |said| format!(". {said}"));
        terminal.say(&format!(
            "  {}  {}{instead}\n    keyid {}{canonical}",
            row.label, row.state, row.keyid
        ))?;
    }
    for sentence in &view.outstanding {
        terminal.say(&sentence.text())?;
    }
    for sentence in &view.publication {
        terminal.say(&sentence.text())?;
    }
    for blocker in &view.blockers {
        terminal.say(blocker)?;
    }
    terminal.say(&format!("journal head {}", view.journal_head))
}

pub(crate) fn say_json<T: serde::Serialize>(value: &T, terminal: &mut Terminal) -> Result<Answer, Failure> {
    let line = json_line(value).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
    terminal.say(&line)?;
    Ok(Answer::Yes)
}

/// Asks for `y`; anything else is no, and no answer at all is an interruption.
pub(crate) async fn confirmed(question: &str, terminal: &mut Terminal) -> Result<bool, Failure> {
    terminal.note(&format!("{question} [y/N]"))?;
    let mut input = std::mem::replace(&mut terminal.input, Box::new(io::empty()));
    // On a thread of its own, so that an interruption from the keyboard is heard meanwhile.
    let answering = tokio::task::spawn_blocking(move || {
        let answer = read_answer(&mut *input);
        (input, answer)
    });
    let (input, answer) = answering
        .await
        .map_err(|why| Failure::fault("panicked", why.to_string()))?;
    terminal.input = input;
    answer
}

fn read_answer(input: &mut dyn Read) -> Result<bool, Failure> {
    let mut answer = Vec::new();
    let mut byte = [0];
    loop {
        let read = input
            .read(&mut byte)
            .map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        if read == 0 && answer.is_empty() {
            let message = "nobody answered; --yes answers for scripts";
            return Err(Failure::interruption("prompt-closed", message));
        }
        if read == 0 || byte[0] == b'\n' || answer.len() > 16 {
            break;
        }
        answer.push(byte[0]);
    }
    Ok(matches!(answer.trim_ascii(), b"y" | b"Y" | b"yes"))
}
