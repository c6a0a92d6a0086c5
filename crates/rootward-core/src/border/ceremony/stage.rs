//! Where a ceremony stands: rail, blockers, allowed actions, and what it waits for.

use super::whom;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;

use crate::border::{CeremonyAction, CeremonyState, MeterView, Step, StepState, StepView, capitalised, counted};
use crate::ceremony::{
    Attempt, Ceremony, Collected, Delta, Fact, Outstanding, Quorum, Record, Roster, Side, Sound, Stage, State,
    is_publishable, quorums,
};

impl CeremonyState {
    /// The state of a ceremony.
    pub fn of(record: &Record) -> Self {
        let State::Sound(ceremony) = &record.state else {
            return CeremonyState::Broken;
        };
        match &ceremony.stage {
            Stage::Drafting => CeremonyState::Drafting,
            Stage::Collecting(_) => CeremonyState::Collecting,
            Stage::Ready(_) => CeremonyState::Ready,
            Stage::Rehearsed(..) => CeremonyState::Rehearsed,
            Stage::Publishing(..) => CeremonyState::Publishing,
            Stage::Published(..) => CeremonyState::Published,
            Stage::Superseded(..) => CeremonyState::Superseded,
            Stage::Abandoned(..) => CeremonyState::Abandoned,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            CeremonyState::Drafting => "drafting",
            CeremonyState::Collecting => "collecting",
            CeremonyState::Ready => "ready",
            CeremonyState::Rehearsed => "rehearsed",
            CeremonyState::Publishing => "publishing",
            CeremonyState::Published => "published",
            CeremonyState::Superseded => "superseded",
            CeremonyState::Abandoned => "abandoned",
            CeremonyState::Broken => "broken",
        }
    }

    /// The actions a ceremony in this state allows.
    pub(super) fn allows(self) -> Vec<CeremonyAction> {
        use CeremonyAction::{Abandon, Freeze, HandOut, Publish, Rehearse, SaveTranscript, Sign, TakeBack};
        match self {
            CeremonyState::Drafting => vec![Freeze, Abandon, SaveTranscript],
            CeremonyState::Collecting => vec![Sign, HandOut, TakeBack, Abandon, SaveTranscript],
            CeremonyState::Ready => vec![Rehearse, Sign, HandOut, TakeBack, Abandon, SaveTranscript],
            CeremonyState::Rehearsed => vec![Publish, Rehearse, Sign, HandOut, TakeBack, Abandon, SaveTranscript],
            CeremonyState::Publishing => vec![Publish, Abandon, SaveTranscript],
            CeremonyState::Published | CeremonyState::Superseded | CeremonyState::Abandoned => vec![SaveTranscript],
            CeremonyState::Broken => Vec::new(),
        }
    }
}

/// The six steps. A ceremony that ended early keeps the steps it came to.
pub(super) fn rail(ceremony: &Ceremony, sound: &Sound) -> Vec<StepView> {
    let reached = match &ceremony.stage {
        Stage::Drafting => Step::Consequences,
        Stage::Collecting(_) => Step::Signatures,
        Stage::Ready(_) => Step::Rehearsal,
        Stage::Rehearsed(..) | Stage::Publishing(..) | Stage::Published(..) => Step::Publish,
        Stage::Superseded(collected, _) | Stage::Abandoned(collected, _) => {
            if collected.is_some() {
                Step::Signatures
            } else {
                Step::Consequences
            }
        }
    };
    let published = matches!(ceremony.stage, Stage::Published(..));
    let steps = [
        Step::Intent,
        Step::Consequences,
        Step::Review,
        Step::Signatures,
        Step::Rehearsal,
        Step::Publish,
    ];
    let place = |step: Step| steps.iter().position(|other| *other == step).unwrap_or(0);
    let state = |step: Step| match place(step).cmp(&place(reached)) {
        std::cmp::Ordering::Less => StepState::Past,
        std::cmp::Ordering::Equal if published => StepState::Past,
        std::cmp::Ordering::Equal => StepState::Now,
        std::cmp::Ordering::Greater => StepState::ToCome,
    };
    let view = |step| StepView {
        step,
        state: state(step),
        summary: summary(step, ceremony, sound),
    };
    steps.into_iter().map(view).collect()
}

fn summary(step: Step, ceremony: &Ceremony, sound: &Sound) -> String {
    let (from, to) = versions(ceremony);
    let first = first_document(ceremony);
    let signatures = ceremony
        .stage
        .collected()
        .map_or(0, |collected| collected.signatures().count() as u64);
    let documents = ceremony.grounds.roles().len() as u64;
    let begins = ceremony.grounds.begins();
    match step {
        Step::Intent => intent(ceremony, &sound.deltas),
        Step::Consequences if begins => format!("{documents} documents, each the first"),
        Step::Consequences => match documents {
            1 => "1 document is issued again".into(),
            several => format!("{several} documents are issued again"),
        },
        Step::Review if begins => format!("{first} v{to}, and {} more", documents - 1),
        Step::Review => match documents {
            0 | 1 => format!("{first} v{from} to v{to}"),
            several => format!("{first} v{from} to v{to}, and {} more", several - 1),
        },
        Step::Signatures => match signatures {
            0 if begins => format!("{} needed for root", threshold(&sound.new)),
            0 if ceremony.issues_root() => {
                format!("{} old, {} new needed", threshold(&sound.old), threshold(&sound.new))
            }
            0 => format!("for {}", counted(documents, "document")),
            count => format!("{} collected", counted(count, "signature")),
        },
        Step::Rehearsal => match &ceremony.stage {
            Stage::Rehearsed(_, rehearsed) | Stage::Publishing(_, rehearsed, _) | Stage::Published(_, rehearsed, _) => {
                let all = rehearsed.clients.len();
                format!("{all} of {all} accept")
            }
            Stage::Drafting | Stage::Collecting(_) | Stage::Ready(_) | Stage::Superseded(..) | Stage::Abandoned(..) => {
                "simulated clients".into()
            }
        },
        Step::Publish => match &ceremony.stage {
            Stage::Published(..) => format!("v{to} seen from outside"),
            Stage::Publishing(..) => "begun, not seen yet".into(),
            Stage::Superseded(..) => "somebody else was first".into(),
            Stage::Abandoned(..) => "abandoned".into(),
            Stage::Drafting | Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..) => "and walk again".into(),
        },
    }
}

fn threshold(roster: &Roster) -> u64 {
    roster.role(&RoleName::root()).map_or(0, |root| root.threshold)
}

/// Versions of the first document that is issued.
fn versions(ceremony: &Ceremony) -> (u64, u64) {
    let role = ceremony.grounds.roles().into_iter().next();
    let from = role
        .and_then(|role| ceremony.grounds.version(&role))
        .unwrap_or_default();
    (from, from.saturating_add(1))
}

fn first_document(ceremony: &Ceremony) -> String {
    let role = ceremony.grounds.roles().into_iter().next();
    role.map(|role| role.to_string()).unwrap_or_default()
}

fn intent(ceremony: &Ceremony, deltas: &[Delta]) -> String {
    if let Some(delta) = deltas.iter().find(|delta| delta.server_makes) {
        return format!("{} to the server", delta.role);
    }
    let left: u64 = deltas.iter().map(|delta| delta.left.len() as u64).sum();
    let joined: u64 = deltas.iter().map(|delta| delta.joined.len() as u64).sum();
    match (left, joined) {
        (0, 0) if deltas.is_empty() => counted(ceremony.change().edits.len() as u64, "change"),
        (0, 0) => "No key changes".into(),
        (left, 0) => format!("{} leaves", counted(left, "key")).replace("keys leaves", "keys leave"),
        (0, joined) => format!("{} joins", counted(joined, "key")).replace("keys joins", "keys join"),
        (left, joined) => format!("{left} out, {joined} in"),
    }
}

/// A threshold of one document, and how far its signatures go.
pub(super) fn meter(ceremony: &Ceremony, role: &RoleName, quorum: &Quorum) -> MeterView {
    let sheet = ceremony.stage.collected().and_then(|collected| collected.sheet(role));
    let signed = |key: &PhysicalKey| sheet.is_some_and(|sheet| sheet.signature_of(key).is_some());
    let have = quorum.every_key().filter(|key| signed(&key.physical)).count() as u32;
    let need = u32::try_from(quorum.threshold).unwrap_or(u32::MAX);
    MeterView {
        label: match quorum.side {
            Side::Old => format!("Old threshold, root v{}", quorum.by.1),
            Side::New if is_first(quorum.side, quorum.by.1) => "Threshold of root".into(),
            Side::New => format!("New threshold, root v{}", quorum.by.1),
            Side::Own => format!("Threshold of {role}"),
            Side::Before => format!("Keys that {role} had"),
        },
        have,
        need,
        keys: quorum.keys.len() as u32,
        met: have >= need,
    }
}

/// Whether a threshold is that of a repository's first root: there is none before it to be told apart from.
pub(super) fn is_first(side: Side, root_version: u64) -> bool {
    side == Side::New && root_version == 1
}

/// Signatures that are missing for the documents whose bytes are fixed.
fn missing(ceremony: &Ceremony) -> Vec<String> {
    let Some(collected) = ceremony.stage.collected() else {
        return Vec::new();
    };
    let (old, new) = ceremony.rosters();
    let mut said = Vec::new();
    for sheet in &collected.sheets {
        for quorum in quorums(sheet.role(), &old, &new, ceremony.change()) {
            let meter = meter(ceremony, sheet.role(), &quorum);
            let count = u64::from(meter.need.saturating_sub(meter.have));
            let which = match quorum.side {
                Side::Old => "the old threshold".to_owned(),
                Side::New if is_first(quorum.side, quorum.by.1) => "root".to_owned(),
                Side::New => "the new threshold".to_owned(),
                Side::Own => sheet.role().to_string(),
                Side::Before => format!("{} by the keys it had", sheet.role()),
            };
            if count > 0 {
                said.push(format!("{} missing for {which}", counted(count, "signature")));
            }
        }
    }
    let waiting = collected.planned.iter().filter(|role| collected.sheet(role).is_none());
    let waiting: Vec<String> = waiting.map(|role| role.to_string()).collect();
    if !waiting.is_empty() {
        let then = if said.is_empty() {
            "is signed now"
        } else {
            "is signed after that"
        };
        said.push(format!("{} {then}", waiting.join(", then ")));
    }
    said
}

/// Why the next step is not allowed yet.
pub(super) fn blockers(record: &Record, ceremony: &Ceremony) -> Vec<String> {
    match &ceremony.stage {
        Stage::Drafting | Stage::Rehearsed(..) | Stage::Published(..) => Vec::new(),
        Stage::Collecting(_) => missing(ceremony),
        Stage::Ready(assembled) => {
            let last = record.events.iter().rev().find_map(|event| match &event.fact {
                Fact::Rehearsed(rehearsed) if rehearsed.document == assembled.digest => Some(rehearsed),
                _ => None,
            });
            let refused = last.and_then(|rehearsed| rehearsed.clients.iter().find(|client| !client.accepted));
            vec![match refused {
                Some(client) => format!("{} refused: {}", client.name, client.account),
                None => "Simulated clients have not accepted these documents yet".into(),
            }]
        }
        Stage::Publishing(_, _, attempt) => vec![match attempt {
            Attempt::Begun => "Publishing was begun and nobody knows how it ended: publish again to find out".into(),
            Attempt::Written => {
                "The source took the documents, and no walk has met them yet: publish again to look".into()
            }
            Attempt::Failed(problem) => format!("The source did not take the documents: {}", problem.message),
            Attempt::NotSeen(problem) => format!("A fresh walk does not confirm it: {}", problem.message),
        }],
        Stage::Superseded(_, by) => vec![capitalised(&format!("{} was published by somebody else", by.what()))],
        Stage::Abandoned(collected, abandoned) => {
            let mut said = vec![format!("Abandoned: {}", abandoned.reason)];
            said.extend(loose(ceremony, collected.as_ref()));
            said
        }
    }
}

/// What the signatures of a ceremony that was given up can still do.
fn loose(ceremony: &Ceremony, collected: Option<&Collected>) -> Option<String> {
    let sheets = collected
        .map(|collected| collected.sheets.as_slice())
        .unwrap_or_default();
    let complete = sheets.iter().filter(|sheet| sheet.complete.is_some());
    let complete: Vec<String> = complete
        .map(|sheet| format!("{} v{}", sheet.role(), sheet.frozen.version()))
        .collect();
    let signatures = sheets.iter().map(|sheet| sheet.signatures.len() as u64).sum();
    if !is_publishable(ceremony) {
        let loose = |count| {
            format!(
                "{} loose: they exist, and are too few to publish anything",
                counted(count, "signature")
            )
        };
        return (signatures > 0).then(|| loose(signatures));
    }
    let what = complete.join(" and ");
    Some(format!(
        "Whoever has a copy of its signatures can publish {what}. Take the ceremony up again and publish it, then make the next \
         change on top of it"
    ))
}

/// Whether something can still happen in a ceremony, or should.
pub(super) fn is_open(record: &Record) -> bool {
    match &record.state {
        State::Sound(ceremony) => !ceremony.has_ended() || is_publishable(ceremony),
        State::Broken { .. } => false,
    }
}

/// What a ceremony waits for, one sentence.
pub(super) fn waits_for(record: &Record) -> String {
    let State::Sound(ceremony) = &record.state else {
        return "Nothing: its journal does not hold".into();
    };
    match &ceremony.stage {
        Stage::Drafting => "Its bytes to be reviewed and frozen".into(),
        Stage::Collecting(_) => {
            let short = whom::waits_for(&Outstanding::of(ceremony, &record.events));
            match blockers(record, ceremony) {
                _ if !short.is_empty() => short,
                blockers if blockers.is_empty() => "Signatures".into(),
                blockers => blockers.join(", "),
            }
        }
        Stage::Ready(_) => "Its rehearsal".into(),
        Stage::Rehearsed(..) => "Being published".into(),
        Stage::Publishing(..) => "Being resumed: publishing was not brought to its end".into(),
        Stage::Abandoned(..) if is_publishable(ceremony) => {
            "Being taken up again: anybody could publish what was signed".into()
        }
        Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => "Nothing: it has ended".into(),
    }
}
