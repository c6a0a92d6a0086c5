//! What is outstanding while signatures are collected: who was asked, who is missing, and who could sign instead.
//!
//! It tells people whom to turn to. Whether a document is complete, `draft` alone decides.

use std::collections::HashMap;

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::collected::Collected;
use super::event::{Event, Fact};
use super::roster::{NamedKey, Quorum, Side, quorums};
use super::state::{Ceremony, Stage};

/// Thresholds that are not met of documents whose bytes are fixed, and whom a request was written for.
#[derive(Debug, Default)]
pub struct Outstanding {
    pub short: Vec<Short>,
    /// Whom a request was written for last, and when; those who have signed since are none.
    asked: HashMap<PhysicalKey, Instant>,
}

/// A threshold that is not met.
#[derive(Debug)]
pub struct Short {
    pub role: RoleName,
    pub side: Side,
    /// The role whose document says so, and its version.
    pub by: (RoleName, u64),
    /// So many signatures more.
    pub missing: u64,
    /// The keys that count for it, have not signed and may be asked.
    pub could: Vec<NamedKey>,
}

/// What a key that has not signed is to a ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A request was written for it at this moment.
    Asked(Instant),
    /// It counts for a threshold that those asked could not meet.
    Wanted,
    /// It counts for a threshold that those asked can meet: it could sign instead of one of them.
    StandIn,
    /// Everything it counts for is met.
    Spare,
}

impl Outstanding {
    /// Works it out from what is fixed, who has signed and what the journal tells of requests.
    pub fn of(ceremony: &Ceremony, events: &[Event]) -> Self {
        let (Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..), Some(collected)) =
            (&ceremony.stage, ceremony.stage.collected())
        else {
            return Outstanding::default();
        };
        let (old, new) = ceremony.rosters();
        let sheets = collected.sheets.iter();
        let each = sheets.flat_map(|sheet| {
            let needed = quorums(sheet.role(), &old, &new, ceremony.change());
            needed
                .into_iter()
                .filter_map(|quorum| Short::of(collected, sheet.role(), quorum))
        });
        Outstanding {
            short: each.collect(),
            asked: asked(collected, events),
        }
    }

    /// What a key that has not signed everything it could is.
    pub fn part(&self, key: &PhysicalKey) -> Part {
        if let Some(at) = self.asked.get(key) {
            return Part::Asked(*at);
        }
        let mut counts = self.of_key(key).peekable();
        if counts.peek().is_none() {
            return Part::Spare;
        }
        if counts.all(|short| self.asked_of(short) >= short.missing) {
            return Part::StandIn;
        }
        Part::Wanted
    }

    /// Whether a threshold can't be met without the key.
    pub fn is_indispensable(&self, key: &PhysicalKey) -> bool {
        self.of_key(key).any(Short::takes_all)
    }

    /// The keys that nobody asked yet and that could sign instead of this one, whatever it counts for.
    pub fn instead_of<'a>(&'a self, key: &PhysicalKey) -> Vec<&'a NamedKey> {
        let Some(first) = self.of_key(key).next() else {
            return Vec::new();
        };
        let others = first.could.iter().filter(|other| other.physical != *key);
        others
            .filter(|other| !self.asked.contains_key(&other.physical))
            .filter(|other| {
                self.of_key(key)
                    .all(|short| short.has(&other.physical) && !short.takes_all())
            })
            .collect()
    }

    /// The keys that were asked and instead of which this one could sign.
    pub fn could_replace<'a>(&'a self, key: &PhysicalKey) -> Vec<&'a NamedKey> {
        let mut found: Vec<&NamedKey> = Vec::new();
        for asked in self.of_key(key).flat_map(|short| &short.could) {
            let is_new = found.iter().all(|known| known.physical != asked.physical);
            let is_asked = asked.physical != *key && self.asked.contains_key(&asked.physical);
            let replaced = || self.instead_of(&asked.physical);
            if is_new && is_asked && replaced().iter().any(|other| other.physical == *key) {
                found.push(asked);
            }
        }
        found
    }

    /// The keys a request was written for that have not answered and that count for a threshold.
    pub fn asked_for<'a>(&'a self, short: &'a Short) -> impl Iterator<Item = &'a NamedKey> {
        let could = short.could.iter();
        could.filter(|key| self.asked.contains_key(&key.physical))
    }

    fn asked_of(&self, short: &Short) -> u64 {
        self.asked_for(short).count() as u64
    }

    fn of_key<'a>(&'a self, key: &PhysicalKey) -> impl Iterator<Item = &'a Short> + use<'a> {
        let key = *key;
        self.short.iter().filter(move |short| short.has(&key))
    }
}

impl Short {
    fn of(collected: &Collected, role: &RoleName, quorum: Quorum) -> Option<Self> {
        let sheet = collected.sheet(role)?;
        let has_signed = |key: &NamedKey| sheet.signature_of(&key.physical).is_some();
        let signed = quorum.every_key().filter(|key| has_signed(key)).count() as u64;
        let missing = quorum.threshold.saturating_sub(signed);
        let could = quorum.keys.into_iter().filter(|key| !has_signed(key)).collect();
        (missing > 0).then(|| Short {
            role: role.clone(),
            side: quorum.side,
            by: quorum.by,
            missing,
            could,
        })
    }

    fn has(&self, key: &PhysicalKey) -> bool {
        self.could.iter().any(|counts| counts.physical == *key)
    }

    /// Whether every key that is left must sign.
    pub fn takes_all(&self) -> bool {
        self.could.len() as u64 <= self.missing
    }
}

/// The last request for each key that has not signed all it was asked for.
fn asked(collected: &Collected, events: &[Event]) -> HashMap<PhysicalKey, Instant> {
    let mut asked = HashMap::new();
    for event in events {
        let Fact::HandedOut(handed) = &event.fact else { continue };
        let waits = |physical: &PhysicalKey| {
            let mut sheets = collected.sheets.iter();
            sheets.any(|sheet| {
                let role = sheet.role();
                handed.roles.iter().any(|asked| asked == role.as_str())
                    && collected.is_open(role)
                    && sheet.signature_of(physical).is_none()
            })
        };
        let to = handed.to.iter().filter_map(|key| PhysicalKey::parse(key));
        for physical in to.filter(waits) {
            asked.insert(physical, event.at);
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use rootward_tuf::key::KeyId;

    use super::*;

    fn key(number: u8) -> NamedKey {
        let digits = format!("{number:02x}").repeat(32);
        NamedKey {
            physical: PhysicalKey::parse(&format!("sha256:{digits}")).expect("64 digits"),
            keyid: None,
            canonical: KeyId::new(&*digits),
            label: format!("officer_{number}"),
        }
    }

    fn short(side: Side, missing: u64, could: &[u8]) -> Short {
        Short {
            role: RoleName::root(),
            side,
            by: (RoleName::root(), 2),
            missing,
            could: could.iter().map(|number| key(*number)).collect(),
        }
    }

    fn outstanding(short: Vec<Short>, asked: &[u8]) -> Outstanding {
        let at = Instant::parse("2026-11-22T10:38:00Z").expect("a moment");
        Outstanding {
            short,
            asked: asked.iter().map(|number| (key(*number).physical, at)).collect(),
        }
    }

    fn part(of: &Outstanding, number: u8) -> &'static str {
        match of.part(&key(number).physical) {
            Part::Asked(_) => "asked",
            Part::Wanted => "wanted",
            Part::StandIn => "stand-in",
            Part::Spare => "spare",
        }
    }

    fn labels(keys: Vec<&NamedKey>) -> Vec<&str> {
        keys.into_iter().map(|key| key.label.as_str()).collect()
    }

    /// Officer 4's key leaves, officer 6's joins.
    #[test]
    fn whoever_counts_is_wanted_until_enough_were_asked() {
        let three_of_five = || {
            vec![
                short(Side::Old, 3, &[1, 2, 3, 4, 5]),
                short(Side::New, 3, &[1, 2, 3, 5, 6]),
            ]
        };
        let nobody = outstanding(three_of_five(), &[]);
        let two = outstanding(three_of_five(), &[1, 2]);
        let three = outstanding(three_of_five(), &[1, 2, 3]);
        for number in 1..=6 {
            assert_eq!(part(&nobody, number), "wanted", "officer_{number}");
            let asked = if number <= 2 { "asked" } else { "wanted" };
            assert_eq!(part(&two, number), asked, "officer_{number}");
            let asked = if number <= 3 { "asked" } else { "stand-in" };
            assert_eq!(part(&three, number), asked, "officer_{number}");
        }
        assert_eq!(part(&nobody, 7), "spare");
    }

    #[test]
    fn only_a_key_that_counts_wherever_another_does_could_sign_instead() {
        let one_more = vec![short(Side::Old, 1, &[3, 4, 5]), short(Side::New, 1, &[3, 5, 6])];
        let asked = outstanding(one_more, &[3]);
        let three = key(3).physical;
        assert_eq!(labels(asked.instead_of(&three)), ["officer_5"]);
        assert_eq!(labels(asked.could_replace(&key(5).physical)), ["officer_3"]);
        for half in [4, 6] {
            assert_eq!(part(&asked, half), "stand-in");
            assert_eq!(labels(asked.could_replace(&key(half).physical)), [""; 0]);
        }
        assert!(!asked.is_indispensable(&three));
    }

    #[test]
    fn nobody_could_sign_instead_where_everybody_must() {
        let all = outstanding(vec![short(Side::Own, 2, &[3, 5])], &[3]);
        for number in [3, 5] {
            assert!(all.is_indispensable(&key(number).physical));
            assert_eq!(labels(all.instead_of(&key(number).physical)), [""; 0]);
        }
        assert_eq!(part(&all, 5), "wanted", "one that was asked is not enough");
    }
}
