//! A ceremony in full, and the list of all.

use rootward_tuf::draft::Frozen;
use rootward_tuf::encoding::hex;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::Root;

use super::stage::{blockers, meters, rail, waits_for};
use crate::border::{
    CeremoniesView, CeremonyRow, CeremonyState, CeremonyView, Custody, EventRow, MeterView, RehearsalRow, ReviewView,
    Sentence, SignerRow, counted, root_differences, root_lines, short, visible,
};
use crate::ceremony::{Attempt, Ceremony, Change, Delta, Fact, Insight, NamedKey, Record, Sound, Stage, State};
use crate::keyring;

impl CeremoniesView {
    /// The list of all ceremonies, in the order given.
    pub fn of(records: &[Record]) -> Self {
        CeremoniesView {
            items: records.iter().map(CeremonyRow::of).collect(),
        }
    }
}

impl CeremonyRow {
    fn of(record: &Record) -> Self {
        let begun = record.begun();
        CeremonyRow {
            id: record.id.clone(),
            title: title_of(record),
            repository: begun.map(|begun| begun.repository.id.clone()).unwrap_or_default(),
            repository_name: begun.map(|begun| visible(&begun.repository.name)).unwrap_or_default(),
            practice: begun.is_some_and(|begun| begun.repository.practice),
            state: CeremonyState::of(record),
            waits_for: visible(&waits_for(record)),
            at: record
                .events
                .last()
                .map(|event| event.at.to_string())
                .unwrap_or_default(),
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
    let delta = sound.delta.as_ref();
    let none = || MeterView {
        label: "Threshold".into(),
        have: 0,
        need: 0,
        keys: 0,
        met: false,
    };
    let (old_meter, new_meter) = delta.map_or_else(|| (none(), none()), |delta| meters(ceremony, delta));
    let mut blocking = blockers(record, ceremony, delta);
    if let (Stage::Drafting, Err(failure)) = (&ceremony.stage, &sound.document) {
        blocking.push(failure.message.clone());
    }
    let mut allowed = state.allows();
    if matches!(ceremony.stage, Stage::Drafting) && !blocking.is_empty() {
        allowed.retain(|action| *action != crate::border::CeremonyAction::Freeze);
    }
    let Change::Rotate(change) = &ceremony.begun.change;
    let label = |physical: &str| label_of(physical, delta);
    CeremonyView {
        title: title(ceremony, delta),
        reason: visible(&change.reason),
        steps: rail(ceremony, delta),
        consequences: sound.consequences.clone(),
        review: review(ceremony, sound),
        old_meter,
        new_meter,
        signers: delta.map(|delta| signers(ceremony, sound, delta)).unwrap_or_default(),
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
        state: CeremonyState::of(record),
        steps: Vec::new(),
        consequences: Vec::new(),
        review: ReviewView {
            role: "root".into(),
            version: begun.map_or(0, |begun| begun.builds_on.version.saturating_add(1)),
            sentences: Vec::new(),
            digest: String::new(),
            bytes: 0,
            builds_on_version: begun
                .map(|begun| begun.builds_on.version.to_string())
                .unwrap_or_default(),
            builds_on_digest: begun
                .map(|begun| begun.builds_on.sha256.to_string())
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
        signers: Vec::new(),
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
        State::Sound(ceremony) => {
            let Change::Rotate(change) = &ceremony.begun.change;
            let delta = ceremony
                .stage
                .collected()
                .map(|collected| Delta::between(ceremony.predecessor.body(), collected.frozen.body(), &change.names()));
            title(ceremony, delta.as_ref())
        }
        State::Broken { .. } => format!("Ceremony {} with a broken journal", record.id),
    }
}

fn title(ceremony: &Ceremony, delta: Option<&Delta>) -> String {
    let name = &ceremony.begun.repository.name;
    visible(&delta.map_or_else(|| format!("Rotate root of {name}"), |delta| delta.sentence(name)))
}

fn label_of(physical: &str, delta: Option<&Delta>) -> String {
    let named = delta
        .into_iter()
        .flat_map(Delta::keys)
        .find(|key| key.physical.to_string() == physical);
    named.map_or_else(|| short(physical), |key| key.label.clone())
}

fn review(ceremony: &Ceremony, sound: &Sound) -> ReviewView {
    let old = &ceremony.predecessor;
    let empty =
        |failure: &crate::border::Failure| (vec![Sentence::warning(&failure.message)], String::new(), 0, Vec::new());
    let of = |document: &Frozen<Root>| {
        let sentences = root_differences(old, document.envelope(), &sound.names);
        (
            sentences,
            hex(&document.digest()),
            document.bytes().len() as u32,
            root_lines(old, document.envelope()),
        )
    };
    let (sentences, digest, bytes, lines) = sound.document.as_ref().map_or_else(empty, of);
    ReviewView {
        role: "root".into(),
        version: ceremony.version(),
        sentences,
        digest,
        bytes,
        builds_on_version: old.version().to_string(),
        builds_on_digest: hex(&old.digest()),
        encoding: "canonical JSON (OLPC)".into(),
        drafted_at: ceremony.begun_at.to_string(),
        frozen: ceremony.stage.collected().is_some(),
        lines,
    }
}

fn signers(ceremony: &Ceremony, sound: &Sound, delta: &Delta) -> Vec<SignerRow> {
    delta.keys().map(|key| signer(ceremony, sound, delta, key)).collect()
}

fn signer(ceremony: &Ceremony, sound: &Sound, delta: &Delta, key: &NamedKey) -> SignerRow {
    let given = ceremony
        .stage
        .collected()
        .and_then(|collected| collected.signature_of(&key.physical));
    let file = given
        .map(|given| given.key.clone())
        .or_else(|| sound.files.get(&key.physical).cloned());
    let conflict = sound
        .conflicts
        .iter()
        .find(|conflict| conflict.physical == key.physical);
    let collecting = matches!(
        ceremony.stage,
        Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..)
    );
    let asking = sound.asking.contains(&key.physical);
    let (old_met, new_met) = {
        let (old, new) = meters(ceremony, delta);
        (old.met, new.met)
    };
    let (counts_old, counts_new) = (delta.counts_old(&key.physical), delta.counts_new(&key.physical));
    let needed = (counts_old && !old_met) || (counts_new && !new_met);
    let state = match (given, conflict) {
        (Some(_), _) => "Signed on this machine, verified in software".into(),
        (None, Some(conflict)) => format!(
            "Must not sign: it signed another root of this version in ceremony {}",
            conflict.ceremony
        ),
        (None, None) if asking => "The prompt window is asking for its secret".into(),
        (None, None) if file.is_none() => "Its key file is not known on this desk".into(),
        (None, None) if !collecting => "Has not signed".into(),
        (None, None) if !needed => "Not needed: spare".into(),
        (None, None) => "Ready to sign".into(),
    };
    SignerRow {
        physical_key: key.physical.to_string(),
        keyid: visible(key.keyid.as_str()),
        label: visible(&key.label),
        custody: if file.is_some() {
            Custody::File
        } else {
            Custody::Unknown
        },
        can_sign: collecting && given.is_none() && conflict.is_none() && !asking && file.is_some(),
        file: file.map(|file| visible(&file_of(&file))),
        counts_old,
        counts_new,
        signed_at: given.map(|given| given.at.to_string()),
        asking,
        state,
    }
}

fn file_of(written: &str) -> String {
    keyring::parse(written).map_or_else(|_| written.to_owned(), |reference| keyring::label(&reference))
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
    let version = ceremony.version();
    match &ceremony.stage {
        Stage::Drafting | Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..) => Vec::new(),
        Stage::Publishing(_, _, attempt) => vec![match attempt {
            Attempt::Begun => Sentence::warning("The intent to publish is on record; how it ended is not."),
            Attempt::Written => Sentence::note("The source took the root. No walk has met it yet."),
            Attempt::Failed(problem) => {
                Sentence::warning(format!("The source did not take the root: {}.", problem.message))
            }
            Attempt::NotSeen(problem) => {
                Sentence::warning(format!("A fresh walk did not meet the root: {}.", problem.message))
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
                    "A fresh walk through the source met root v{version} with the digest you signed, at "
                ))
                .evidence(at)
                .plain("."),
                Sentence::note("The file has SHA-256 ")
                    .evidence(assembled.digest.to_string())
                    .plain("."),
            ];
            if !seen.accepted {
                said.push(Sentence::warning(
                    "The walk accepted root and refused something behind it, as below.",
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
            let mut said = vec![Sentence::warning(match by.version {
                Some(version) => {
                    format!("Root v{version} was published by somebody else. This ceremony's root will never be.")
                }
                None => "Another root was published by somebody else. This ceremony's root will never be.".into(),
            })];
            said.extend(by.differences.iter().map(Sentence::note));
            said
        }
        Stage::Abandoned(_, abandoned) => {
            let mut said = vec![Sentence::note(format!("Abandoned: {}", abandoned.reason))];
            if abandoned.loose > 0 {
                let loose = counted(u64::from(abandoned.loose), "signature");
                said.push(Sentence::warning(format!(
                    "{loose} over root v{version} exist and stay on record: those keys sign no other root v{version}."
                )));
            }
            said
        }
    }
}

fn left_to_do(ceremony: &Ceremony) -> Vec<Sentence> {
    let Change::Rotate(change) = &ceremony.begun.change;
    let Some(collected) = ceremony.stage.collected() else {
        return Vec::new();
    };
    let old = ceremony.predecessor.body();
    let delta = Delta::between(old, collected.frozen.body(), &change.names());
    let still: Vec<PhysicalKey> = delta
        .left
        .iter()
        .filter(|key| !crate::ceremony::other_roles(old, collected.frozen.body(), &key.physical).is_empty())
        .map(|key| key.physical)
        .collect();
    let said = delta.left.iter().map(|key| {
        let text = Sentence::note("Left to do: ").subject(&key.label);
        if still.contains(&key.physical) {
            text.plain(" left root and still counts for other roles: keep it, or rotate it there too.")
        } else {
            text.plain(" counts for nothing any more: destroy it or lock it away.")
        }
    });
    said.collect()
}
