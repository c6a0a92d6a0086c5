//! Who is missing, who was asked and who could sign instead, in the officer's words.

use rootward_tuf::time::Instant;

use super::stage::is_first;
use crate::border::{Sentence, counted, visible};
use crate::ceremony::{Ceremony, NamedKey, Outstanding, Short, Side, Stage};

/// More names than these are a number.
const MOST_NAMES: usize = 6;

/// What is missing for each threshold, and whose signatures it could be.
pub(super) fn outstanding(outstanding: &Outstanding, ceremony: &Ceremony) -> Vec<Sentence> {
    let mut said: Vec<Sentence> = outstanding.short.iter().map(said_of).collect();
    said.extend(whose(outstanding));
    if said.is_empty() && matches!(ceremony.stage, Stage::Ready(_) | Stage::Rehearsed(..)) {
        said.push(Sentence::note(
            "Every threshold is met. Whoever counts may still sign; clients need no more.",
        ));
    }
    said
}

/// What counts twice, and who was asked.
fn whose(outstanding: &Outstanding) -> Option<Sentence> {
    let is_short = |side: Side| outstanding.short.iter().any(|short| short.side == side);
    let twice = is_short(Side::Old) && is_short(Side::New);
    let asked = asked(outstanding);
    let sentence = Sentence::note(if twice {
        "A signature of a key that stays counts for both. "
    } else {
        ""
    });
    match asked.as_slice() {
        [] => twice.then_some(sentence),
        [one] => Some(sentence.subject(names(&[*one], "and")).plain(" was asked by file.")),
        several => Some(sentence.subject(names(several, "and")).plain(" were asked by file.")),
    }
}

fn said_of(short: &Short) -> Sentence {
    let more = match short.missing {
        1 => "1 more signature".to_owned(),
        several => format!("{several} more signatures"),
    };
    let meets = match short.missing {
        1 => "meets",
        _ => "meet",
    };
    let sentence = Sentence::note("").subject(more);
    let sentence = match (short.could.as_slice(), short.takes_all()) {
        ([], _) => sentence.plain(format!(" {meets} {}, and nobody is left to give one", threshold(short))),
        (could, true) => sentence
            .plain(format!(" {meets} {}: every one of ", threshold(short)))
            .subject(names(could, "and")),
        (could, false) => sentence
            .plain(format!(" {meets} {}, of ", threshold(short)))
            .subject(names(could, "or")),
    };
    sentence.plain(".")
}

/// What a list of ceremonies says of one that waits for signatures.
pub(super) fn waits_for(outstanding: &Outstanding) -> String {
    let each = outstanding.short.iter().map(|short| {
        let which = match short.side {
            Side::Old => "the old threshold".to_owned(),
            Side::New if is_first(short.side, short.by.1) => short.role.to_string(),
            Side::New => "the new threshold".to_owned(),
            Side::Own => short.role.to_string(),
            Side::Before => format!("{} by the keys it had", short.role),
        };
        let (count, could) = (counted(short.missing, "signature"), names(&short.could, "or"));
        format!("{count} of {could} for {which}")
    });
    let asked = asked(outstanding);
    let asked = (!asked.is_empty()).then(|| format!("{} asked by file", names(&asked, "and")));
    each.chain(asked).collect::<Vec<_>>().join("; ")
}

/// Everybody a request was written for who has not answered, each once.
fn asked(outstanding: &Outstanding) -> Vec<&NamedKey> {
    let mut asked: Vec<&NamedKey> = Vec::new();
    for key in outstanding.short.iter().flat_map(|short| outstanding.asked_for(short)) {
        if asked.iter().all(|known| known.physical != key.physical) {
            asked.push(key);
        }
    }
    asked
}

/// Who could sign instead of a key, or instead of whom it could; one sentence, if there is one worth saying.
pub(super) fn instead(outstanding: &Outstanding, key: &NamedKey, part: crate::ceremony::Part) -> Option<String> {
    use crate::ceremony::Part;
    match part {
        Part::Asked(_) => Some(match outstanding.instead_of(&key.physical).as_slice() {
            [] if outstanding.is_indispensable(&key.physical) => "Nobody could sign instead".into(),
            [] => return None,
            others => format!("{} could sign instead", names(others, "or")),
        }),
        Part::Wanted => outstanding
            .is_indispensable(&key.physical)
            .then(|| "Nobody could sign instead".into()),
        Part::StandIn => match outstanding.could_replace(&key.physical).as_slice() {
            [] => None,
            asked => Some(format!("Could sign instead of {}", names(asked, "or"))),
        },
        Part::Spare => None,
    }
}

fn threshold(short: &Short) -> String {
    match short.side {
        Side::Old => format!("the old threshold, root v{}", short.by.1),
        Side::New if is_first(short.side, short.by.1) => format!("the threshold of {}", short.role),
        Side::New => format!("the new threshold, root v{}", short.by.1),
        Side::Own => format!("the threshold of {}", short.role),
        Side::Before => format!("the threshold of {} by the keys it had", short.role),
    }
}

/// `officer_1, officer_2 or officer_3`.
fn names<K: std::borrow::Borrow<NamedKey>>(keys: &[K], last: &str) -> String {
    let names: Vec<String> = keys.iter().map(|key| visible(&key.borrow().label)).collect();
    match names.as_slice() {
        names if names.len() > MOST_NAMES => counted(names.len() as u64, "key"),
        [most @ .., end] if !most.is_empty() => format!("{} {last} {end}", most.join(", ")),
        names => names.join(""),
    }
}

/// The time between two moments, in its largest unit.
pub(super) fn lasted(from: Instant, until: Instant) -> String {
    let seconds = until.unix_seconds().saturating_sub(from.unix_seconds()).max(0) as u64;
    match seconds {
        0..60 => "under a minute".into(),
        60..3_600 => counted(seconds / 60, "minute"),
        3_600..86_400 => counted(seconds / 3_600, "hour"),
        _ => counted(seconds / 86_400, "day"),
    }
}
