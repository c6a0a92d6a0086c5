//! A ceremony in full, and the list of all.

use rootward_tuf::encoding::{hex, sha256};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::signers::signers;
use super::stage::{blockers, is_open, meter, rail, waits_for};
use super::whom::{lasted, outstanding};
use crate::border::{
    BulkView, CeremoniesView, CeremonyRow, CeremonyState, CeremonyView, DocumentState, DocumentView, EventRow,
    MeterView, PlannedView, RehearsalRow, ReviewView, Sentence, capitalised, counted, document_differences,
    document_lines, planned_differences, short, visible,
};
use crate::ceremony::{
    Attempt, Ceremony, Fact, Insight, Record, Shown, Sound, Stage, State, deltas, is_publishable, other_roles,
};

impl CeremoniesView {
    /// The list of all ceremonies: those that are open first, else in the order given.
    pub fn of(records: &[Record], bulks: Vec<BulkView>, now: Instant) -> Self {
        let mut items: Vec<CeremonyRow> = records.iter().map(|record| CeremonyRow::of(record, now)).collect();
        items.sort_by_key(|row| !row.open);
        CeremoniesView { items, bulks }
    }
}

impl CeremonyRow {
    fn of(record: &Record, now: Instant) -> Self {
        let begun = record.begun();
        let open = is_open(record);
        let (first, last) = (record.events.first(), record.events.last());
        let until = last.map(|event| event.at).filter(|_| !open).unwrap_or(now);
        CeremonyRow {
            id: record.id.clone(),
            title: title_of(record),
            repository: begun.map(|begun| begun.repository.id.clone()).unwrap_or_default(),
            repository_name: begun.map(|begun| visible(&begun.repository.name)).unwrap_or_default(),
            practice: begun.is_some_and(|begun| begun.repository.practice),
            state: CeremonyState::of(record),
            waits_for: visible(&waits_for(record)),
            open,
            age: first.map(|event| lasted(event.at, until)).unwrap_or_default(),
            begun_at: first.map(|event| event.at.to_string()).unwrap_or_default(),
            at: last.map(|event| event.at.to_string()).unwrap_or_default(),
        }
    }
}

impl CeremonyView {
    /// Everything there is to show of a ceremony.
    pub fn of(insight: &Insight) -> Self {
        let record = &insight.record;
        match (&record.state, &insight.sound) {
            (State::Sound(ceremony), Some(sound)) => of_sound(record, ceremony, sound),
            (State::Sound(_), None) | (State::Broken { .. }, _) => of_broken(record),
        }
    }
}

fn of_sound(record: &Record, ceremony: &Ceremony, sound: &Sound) -> CeremonyView {
    let state = CeremonyState::of(record);
    let mut blocking = blockers(record, ceremony);
    if let (Stage::Drafting, Err(failure)) = (&ceremony.stage, &sound.documents) {
        blocking.push(failure.message.clone());
    }
    let mut allowed = state.allows();
    if matches!(ceremony.stage, Stage::Drafting) && !blocking.is_empty() {
        allowed.retain(|action| *action != crate::border::CeremonyAction::Freeze);
    }
    if is_publishable(ceremony) {
        allowed.insert(0, crate::border::CeremonyAction::Reopen);
    }
    let documents = documents(ceremony, sound);
    let blank = bare(record);
    let root = documents.first();
    let meters = root.map(|root| root.meters.clone()).unwrap_or_default();
    // A first root has no old threshold.
    let without = blank.begins.then(|| blank.old_meter.clone());
    let mut meters = without.into_iter().chain(meters);
    let label = |physical: &str| label_of(physical, sound);
    CeremonyView {
        title: visible(&sound.title),
        reason: visible(&ceremony.change().reason),
        steps: rail(ceremony, sound),
        consequences: sound.consequences.clone(),
        planned: PlannedView::of_begun(sound),
        review: root.map_or_else(|| refused_review(ceremony, sound), |root| root.review.clone()),
        old_meter: meters.next().unwrap_or(blank.old_meter),
        new_meter: meters.next().unwrap_or(blank.new_meter),
        documents,
        signers: signers(ceremony, sound),
        outstanding: outstanding(&sound.outstanding, ceremony),
        rehearsal: rehearsal(record),
        assumptions: assumptions(record),
        publication: publication(record, ceremony),
        blockers: blocking.iter().map(|text| visible(text)).collect(),
        allowed,
        events: record.events.iter().map(|event| EventRow::of(event, &label)).collect(),
        ..bare(record)
    }
}

fn of_broken(record: &Record) -> CeremonyView {
    let why = match &record.state {
        State::Broken { event, why, .. } => {
            format!("The journal does not hold from event {event} on: {}", visible(why))
        }
        State::Sound(_) => "The journal could not be looked at".into(),
    };
    let label = |physical: &str| short(physical);
    CeremonyView {
        blockers: vec![why.clone()],
        consequences: vec![Sentence::warning(format!(
            "{why}. It is shown as far as it holds and can no longer be changed."
        ))],
        events: record.events.iter().map(|event| EventRow::of(event, &label)).collect(),
        ..bare(record)
    }
}

/// What any ceremony has.
fn bare(record: &Record) -> CeremonyView {
    let begun = record.begun();
    let meter = || MeterView {
        label: "Threshold".into(),
        have: 0,
        need: 0,
        keys: 0,
        met: false,
    };
    CeremonyView {
        id: record.id.clone(),
        title: title_of(record),
        reason: String::new(),
        repository: begun.map(|begun| begun.repository.id.clone()).unwrap_or_default(),
        repository_name: begun.map(|begun| visible(&begun.repository.name)).unwrap_or_default(),
        practice: begun.is_some_and(|begun| begun.repository.practice),
        begins: begun.is_some_and(|begun| begun.change.begins()),
        state: CeremonyState::of(record),
        steps: Vec::new(),
        consequences: Vec::new(),
        planned: Vec::new(),
        review: ReviewView {
            role: "root".into(),
            version: begun.map_or(0, |begun| begun.root_version().saturating_add(1)),
            sentences: Vec::new(),
            digest: String::new(),
            bytes: 0,
            builds_on_version: begun.map(|begun| begun.root_version().to_string()).unwrap_or_default(),
            builds_on_digest: begun
                .and_then(|begun| begun.builds_on.first())
                .map(|root| root.sha256.to_string())
                .unwrap_or_default(),
            encoding: "canonical JSON (OLPC)".into(),
            drafted_at: record
                .events
                .first()
                .map(|event| event.at.to_string())
                .unwrap_or_default(),
            frozen: false,
            lines: Vec::new(),
        },
        old_meter: meter(),
        new_meter: meter(),
        documents: Vec::new(),
        signers: Vec::new(),
        outstanding: Vec::new(),
        rehearsal: Vec::new(),
        assumptions: Vec::new(),
        publication: Vec::new(),
        blockers: Vec::new(),
        allowed: CeremonyState::of(record).allows(),
        journal_saved_at: record
            .events
            .last()
            .map(|event| event.at.to_string())
            .unwrap_or_default(),
        journal_head: record.head.to_string(),
        events: Vec::new(),
    }
}

fn title_of(record: &Record) -> String {
    match &record.state {
        State::Sound(ceremony) => visible(&ceremony.title()),
        State::Broken { .. } => format!("Ceremony {} with a broken journal", record.id),
    }
}

fn label_of(physical: &str, sound: &Sound) -> String {
    let rosters = [&sound.new, &sound.old].into_iter();
    let mut keys = rosters
        .flat_map(|roster| &roster.roles)
        .flat_map(|role| &role.keys)
        .chain(&sound.legacy);
    let named = keys.find(|key| key.physical.to_string() == physical);
    named.map_or_else(|| short(physical), |key| visible(&key.label))
}

fn documents(ceremony: &Ceremony, sound: &Sound) -> Vec<DocumentView> {
    let Ok(documents) = &sound.documents else {
        return Vec::new();
    };
    let each = documents.iter().map(|document| {
        let sheet = ceremony
            .stage
            .collected()
            .and_then(|collected| collected.sheet(&document.role));
        DocumentView {
            role: document.role.as_str().into(),
            version: document.version.1,
            wave: document.wave.into(),
            state: match sheet {
                None => DocumentState::Waiting,
                Some(sheet) if sheet.complete.is_some() => DocumentState::Complete,
                Some(_) => DocumentState::Collecting,
            },
            review: review(ceremony, sound, document),
            meters: document
                .quorums
                .iter()
                .map(|quorum| meter(ceremony, &document.role, quorum))
                .collect(),
        }
    });
    each.collect()
}

fn review(ceremony: &Ceremony, sound: &Sound, document: &Shown) -> ReviewView {
    let grounds = &ceremony.grounds;
    let waits = || {
        if document.role == RoleName::root() {
            return planned_differences(&sound.deltas);
        }
        vec![Sentence::note(format!(
            "{} says what it says now. It is drafted when what it names is complete, and its digest is known then.",
            document.role
        ))]
    };
    let bytes = document.bytes.as_ref();
    ReviewView {
        role: document.role.as_str().into(),
        version: document.version.1,
        sentences: bytes.map_or_else(waits, |bytes| document_differences(grounds, bytes, &sound.names)),
        digest: bytes.map(|bytes| hex(&bytes.digest())).unwrap_or_default(),
        bytes: bytes.map_or(0, |bytes| bytes.bytes().len() as u32),
        builds_on_version: document.version.0.to_string(),
        builds_on_digest: grounds
            .file(&document.role)
            .map(|file| hex(&sha256(file)))
            .unwrap_or_default(),
        encoding: "canonical JSON (OLPC)".into(),
        drafted_at: ceremony.begun_at.to_string(),
        frozen: ceremony
            .stage
            .collected()
            .is_some_and(|collected| collected.sheet(&document.role).is_some()),
        lines: bytes.map(|bytes| document_lines(grounds, bytes)).unwrap_or_default(),
    }
}

/// What stands in the review's place when the rules no longer allow the change.
fn refused_review(ceremony: &Ceremony, sound: &Sound) -> ReviewView {
    let why = sound
        .documents
        .as_ref()
        .err()
        .map(|failure| Sentence::warning(&failure.message));
    ReviewView {
        role: "root".into(),
        version: ceremony.root_version(),
        sentences: why.into_iter().collect(),
        digest: String::new(),
        bytes: 0,
        builds_on_version: ceremony.grounds.root_version().to_string(),
        builds_on_digest: ceremony
            .grounds
            .root()
            .map(|root| hex(&root.digest()))
            .unwrap_or_default(),
        encoding: "canonical JSON (OLPC)".into(),
        drafted_at: ceremony.begun_at.to_string(),
        frozen: false,
        lines: Vec::new(),
    }
}

fn rehearsal(record: &Record) -> Vec<RehearsalRow> {
    let clients = last_rehearsal(record)
        .map(|rehearsed| rehearsed.clients.as_slice())
        .unwrap_or_default();
    let row = |client: &crate::ceremony::Client| RehearsalRow {
        client: visible(&client.name),
        accepted: client.accepted,
        account: visible(&client.account),
    };
    clients.iter().map(row).collect()
}

fn assumptions(record: &Record) -> Vec<Sentence> {
    let assumed = last_rehearsal(record)
        .map(|rehearsed| rehearsed.assumptions.as_slice())
        .unwrap_or_default();
    assumed.iter().map(Sentence::note).collect()
}

/// The last rehearsal, unless a signature came after it and made another file.
fn last_rehearsal(record: &Record) -> Option<&crate::ceremony::Rehearsed> {
    let facts = record.events.iter().rev().map(|event| &event.fact);
    for fact in facts {
        match fact {
            Fact::Rehearsed(rehearsed) => return Some(rehearsed),
            Fact::Signed(_) => return None,
            _ => {}
        }
    }
    None
}

fn publication(record: &Record, ceremony: &Ceremony) -> Vec<Sentence> {
    let documents = ceremony.documents();
    match &ceremony.stage {
        Stage::Drafting | Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..) => Vec::new(),
        Stage::Publishing(_, _, attempt) => vec![match attempt {
            Attempt::Begun => Sentence::warning("The intent to publish is on record; how it ended is not."),
            Attempt::Written => Sentence::note("The source took the documents. No walk has met them yet."),
            Attempt::Failed(problem) => {
                Sentence::warning(format!("The source did not take the documents: {}.", problem.message))
            }
            Attempt::NotSeen(problem) => {
                Sentence::warning(format!("A fresh walk does not confirm it: {}.", problem.message))
            }
        }],
        Stage::Published(assembled, _, seen) => {
            let at = record
                .events
                .last()
                .map(|event| event.at.to_string())
                .unwrap_or_default();
            let mut said = vec![
                Sentence::note(format!(
                    "A fresh walk through the source met {documents} with the digests you signed, at "
                ))
                .evidence(at)
                .plain("."),
            ];
            said.extend(assembled.documents.iter().map(|document| {
                Sentence::note(format!(
                    "The file of {} v{} has SHA-256 ",
                    document.role(),
                    document.version()
                ))
                .evidence(hex(&sha256(document.file_bytes())))
                .plain(".")
            }));
            said.extend(
                seen.clients
                    .iter()
                    .map(|client| Sentence::note(format!("{} {}.", capitalised(&client.name), client.account))),
            );
            if !seen.accepted {
                said.push(Sentence::warning(
                    "The walk met them and refused something behind them, as below.",
                ));
            }
            said.extend(
                seen.findings
                    .iter()
                    .map(|finding| Sentence::warning(format!("{}.", finding.message))),
            );
            said.extend(left_to_do(ceremony));
            said
        }
        Stage::Superseded(_, by) => {
            let first = format!(
                "{} was published by somebody else. What this ceremony made will never be.",
                by.what()
            );
            let mut said = vec![Sentence::warning(capitalised(&first))];
            said.extend(by.differences.iter().map(Sentence::note));
            said
        }
        Stage::Abandoned(_, abandoned) => {
            let mut said = vec![Sentence::note(format!("Abandoned: {}", abandoned.reason))];
            if abandoned.loose > 0 {
                let loose = counted(u64::from(abandoned.loose), "signature");
                said.push(Sentence::warning(format!(
                    "{loose} over {documents} exist and stay on record: those keys sign no other documents of these \
                     versions."
                )));
            }
            said
        }
    }
}

fn left_to_do(ceremony: &Ceremony) -> Vec<Sentence> {
    let (old, new) = ceremony.rosters();
    let mut said = Vec::new();
    for delta in deltas(ceremony.change(), &old, &new) {
        let role = &delta.role;
        said.extend(delta.left.iter().map(|key| {
            let text = Sentence::note("Left to do: ").subject(&key.label);
            if other_roles(&old, &new, role, &key.physical).is_empty() {
                text.plain(" counts for nothing any more: destroy it or lock it away.")
            } else {
                text.plain(format!(
                    " left {role} and still counts for other roles: keep it, or rotate it there too."
                ))
            }
        }));
    }
    said
}
