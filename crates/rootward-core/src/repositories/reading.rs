//! What one visit to a source brought: every document asked for, found or not, and in which order.
//!
//! A reading can be kept and replayed: the walk over a kept reading asks the same questions and gets the same answers,
//! so that standing follows the clock without another visit. Nothing in a reading is proven.

use std::collections::BTreeMap;

use rootward_tuf::{
    encoding::{from_hex, hex},
    role::RoleName,
    time::Instant,
    walk::{Reply, Request, Select},
};
use serde::{Deserialize, Serialize};

use crate::ports::{Failure, Fetched, LastRead};

/// Where a root comes from that the source did not give.
pub const THE_TRUSTED_ROOT: &str = "the trusted root";

/// One visit to a source.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// When it ended.
    pub at: Option<Instant>,
    /// The first thing that kept us from reading on, if anything did.
    pub failure: Option<Failure>,
    /// What the walk asked for, per role, in the order of asking.
    asked: BTreeMap<RoleName, Vec<Answer>>,
    /// What was read besides, for the eye only.
    seen: BTreeMap<RoleName, Vec<Answer>>,
}

/// A question and what came of it. A document that is not there leaves no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which document of the role.
    pub select: Select,
    /// What came.
    pub came: Came,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// A document.
    Found(Fetched),
    /// More bytes than allowed.
    TooLarge,
    /// The way there failed.
    Failed(String),
}

impl Reading {
    /// Notes what the walk asked for and what it got.
    pub fn note_asked(&mut self, request: &Request, came: Came) {
        let answers = self.asked.entry(request.role.clone()).or_default();
        answers.push(Answer {
            select: request.select,
            came,
        });
    }

    /// Notes a document that was read besides the walk.
    pub fn note_seen(&mut self, role: RoleName, select: Select, fetched: Fetched) {
        self.seen.entry(role).or_default().push(Answer {
            select,
            came: Came::Found(fetched),
        });
    }

    /// Notes a failure; the first one stays.
    pub fn note_failure(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Answers a walk as the source did.
    pub fn reply(&self, request: &Request) -> Reply {
        let asked = self.asked.get(&request.role);
        let answer = asked.and_then(|answers| answers.iter().find(|answer| answer.select == request.select));
        match answer.map(|answer| &answer.came) {
            Some(Came::Found(fetched)) => Reply::Found(fetched.bytes.clone()),
            Some(Came::TooLarge) => Reply::TooLarge,
            Some(Came::Failed(why)) => Reply::Failed(why.clone()),
            None => Reply::Missing,
        }
    }

    /// Documents of a role as read, the likeliest current one last.
    pub fn documents<'a>(&'a self, role: &RoleName) -> impl Iterator<Item = &'a Fetched> + use<'a> {
        let seen = self.seen.get(role).into_iter().flatten();
        let asked = self.asked.get(role).into_iter().flatten();
        seen.chain(asked).filter_map(|answer| match &answer.came {
            Came::Found(fetched) => Some(fetched),
            Came::TooLarge | Came::Failed(_) => None,
        })
    }

    /// Every role of which something was asked for or read.
    pub fn roles(&self) -> impl Iterator<Item = RoleName> {
        let roles: std::collections::BTreeSet<&RoleName> = self.asked.keys().chain(self.seen.keys()).collect();
        roles.into_iter().cloned().collect::<Vec<_>>().into_iter()
    }

    /// Whether a document of this role came.
    pub fn holds(&self, role: &RoleName) -> bool {
        self.documents(role).next().is_some()
    }

    /// Whether the walk of this visit was given a document of this role.
    pub fn walk_holds(&self, role: &RoleName) -> bool {
        let asked = self.asked.get(role).into_iter().flatten();
        asked.into_iter().any(|answer| matches!(answer.came, Came::Found(_)))
    }

    /// Whether the source gave not a single document.
    pub fn brought_nothing(&self) -> bool {
        let mut answers = self.asked.values().chain(self.seen.values()).flatten();
        !answers.any(|answer| matches!(&answer.came, Came::Found(found) if found.origin != THE_TRUSTED_ROOT))
    }

    /// Whether this very question was put for the walk or besides it.
    pub fn was_asked(&self, role: &RoleName, select: &Select) -> bool {
        let answers = self.asked.get(role).into_iter().chain(self.seen.get(role)).flatten();
        answers.into_iter().any(|answer| answer.select == *select)
    }

    /// Roots as read, by the version they were asked for under.
    pub fn roots(&self) -> impl Iterator<Item = (u64, &Fetched)> {
        let answers = self
            .seen
            .get(&RoleName::root())
            .into_iter()
            .chain(self.asked.get(&RoleName::root()));
        answers
            .flatten()
            .filter_map(|answer| match (&answer.select, &answer.came) {
                (Select::Version(version), Came::Found(fetched)) => Some((*version, fetched)),
                _ => None,
            })
    }

    /// Takes roots over from an earlier visit, so that they need not be fetched again: a root of a version never changes.
    pub fn inherit_roots(&mut self, earlier: &Reading) {
        for (version, fetched) in earlier.roots() {
            let select = Select::Version(version);
            if !self.was_asked(&RoleName::root(), &select) {
                self.note_seen(RoleName::root(), select, fetched.clone());
            }
        }
    }

    /// Takes the place of `earlier` where this visit brought nothing: a failed visit hides no document.
    pub fn fill_from(&mut self, earlier: &Reading) {
        for role in earlier.asked.keys().chain(earlier.seen.keys()) {
            if self.holds(role) {
                continue;
            }
            for fetched in earlier.documents(role) {
                let select = Select::Current;
                self.note_seen(role.clone(), select, fetched.clone());
            }
        }
        self.inherit_roots(earlier);
    }

    /// The form in which the vault keeps a reading.
    pub fn to_last_read(&self, walked: Option<(Instant, u64, u64)>) -> LastRead {
        let kept = |walk: bool, answers: &BTreeMap<RoleName, Vec<Answer>>| -> Vec<(String, Vec<u8>)> {
            let all = answers
                .iter()
                .flat_map(|(role, answers)| answers.iter().enumerate().map(move |of| (role, of)));
            all.map(|(role, (place, answer))| answer.to_kept(walk, role, place))
                .collect()
        };
        LastRead {
            at: self.at,
            failure: self.failure.clone(),
            documents: [kept(true, &self.asked), kept(false, &self.seen)].concat(),
            walked,
        }
    }

    /// Reads what the vault kept; what it cannot read is left out and will be fetched again.
    pub fn from_last_read(kept: &LastRead) -> Self {
        let mut reading = Reading {
            at: kept.at,
            failure: kept.failure.clone(),
            ..Reading::default()
        };
        let mut answers: Vec<(KeptName, Answer)> = kept
            .documents
            .iter()
            .filter_map(|(name, bytes)| Answer::from_kept(name, bytes))
            .collect();
        answers.sort_by_key(|(name, _)| name.place);
        for (name, answer) in answers {
            let Ok(role) = RoleName::new(name.role) else { continue };
            let shelf = if name.walk {
                &mut reading.asked
            } else {
                &mut reading.seen
            };
            shelf.entry(role).or_default().push(answer);
        }
        reading
    }
}

/// How an answer is named in the vault: JSON, since a role's name may hold anything.
#[derive(Serialize, Deserialize)]
struct KeptName {
    walk: bool,
    role: String,
    place: usize,
    select: KeptSelect,
    came: KeptCame,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeptSelect {
    Version(u64),
    Current,
    Consistent(u64),
    Sha256(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeptCame {
    Found { origin: String },
    TooLarge,
    Failed { why: String },
}

impl Answer {
    fn to_kept(&self, walk: bool, role: &RoleName, place: usize) -> (String, Vec<u8>) {
        let (came, bytes) = match &self.came {
            Came::Found(fetched) => (
                KeptCame::Found {
                    origin: fetched.origin.clone(),
                },
                fetched.bytes.clone(),
            ),
            Came::TooLarge => (KeptCame::TooLarge, Vec::new()),
            Came::Failed(why) => (KeptCame::Failed { why: why.clone() }, Vec::new()),
        };
        let name = KeptName {
            walk,
            role: role.as_str().to_owned(),
            place,
            select: match &self.select {
                Select::Version(version) => KeptSelect::Version(*version),
                Select::Current => KeptSelect::Current,
                Select::Consistent { version } => KeptSelect::Consistent(*version),
                Select::Sha256(digest) => KeptSelect::Sha256(hex(digest)),
            },
            came,
        };
        let name = serde_json::to_string(&name).expect("names and numbers always become JSON");
        (name, bytes)
    }

    fn from_kept(name: &str, bytes: &[u8]) -> Option<(KeptName, Answer)> {
        let name: KeptName = serde_json::from_str(name).ok()?;
        let select = match &name.select {
            KeptSelect::Version(version) => Select::Version(*version),
            KeptSelect::Current => Select::Current,
            KeptSelect::Consistent(version) => Select::Consistent { version: *version },
            KeptSelect::Sha256(digest) => Select::Sha256(from_hex(digest)?.try_into().ok()?),
        };
        let came = match &name.came {
            KeptCame::Found { origin } => Came::Found(Fetched {
                bytes: bytes.to_vec(),
                origin: origin.clone(),
            }),
            KeptCame::TooLarge => Came::TooLarge,
            KeptCame::Failed { why } => Came::Failed(why.clone()),
        };
        Some((name, Answer { select, came }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_reading_answers_as_the_source_did() {
        let hostile = RoleName::new("a/\u{202e}\"\n").unwrap();
        let request = |role: &RoleName, select| Request {
            role: role.clone(),
            select,
            limit_bytes: 9,
        };
        let found = |text: &str| {
            Came::Found(Fetched {
                bytes: text.into(),
                origin: format!("{text}.json"),
            })
        };
        let mut reading = Reading::default();
        reading.note_asked(&request(&RoleName::root(), Select::Version(2)), found("two"));
        reading.note_asked(&request(&RoleName::timestamp(), Select::Current), Came::TooLarge);
        reading.note_asked(&request(&hostile, Select::Sha256([7; 32])), found("hostile"));
        reading.note_asked(
            &request(&RoleName::targets(), Select::Consistent { version: 3 }),
            Came::Failed("cut off".into()),
        );
        let again = Reading::from_last_read(&reading.to_last_read(None));
        assert_eq!((&again.asked, &again.seen), (&reading.asked, &reading.seen));
        let reply = again.reply(&request(&RoleName::root(), Select::Version(2)));
        assert!(matches!(reply, Reply::Found(bytes) if bytes == b"two"));
        let reply = again.reply(&request(&RoleName::root(), Select::Version(3)));
        assert!(matches!(reply, Reply::Missing));
        let reply = again.reply(&request(&RoleName::timestamp(), Select::Current));
        assert!(matches!(reply, Reply::TooLarge));
    }

    #[test]
    fn a_failed_visit_hides_no_document() {
        let mut earlier = Reading::default();
        let fetched = Fetched {
            bytes: b"old".to_vec(),
            origin: "targets.json".into(),
        };
        earlier.note_seen(RoleName::targets(), Select::Current, fetched.clone());
        let mut now = Reading::default();
        now.fill_from(&earlier);
        assert_eq!(now.documents(&RoleName::targets()).collect::<Vec<_>>(), [&fetched]);
    }
}
