//! One change in many repositories, with a record of its own: in which, and what became of each. Each has a ceremony of its own;
//! whoever asks for the same again goes on where it stopped.

use std::io;
use std::path::PathBuf;

use rootward_tuf::time::Instant;
use serde::{Deserialize, Serialize};

use super::archive::disk_failed;
use super::ceremonies::Ceremonies;
use super::event::{LineCut, Problem};
use crate::border::{ChangeWish, visible};
use crate::chain::{self, Chain, Ending};
use crate::ports::{Failure, FailureKind, SourceSpec};

/// What happened in a bulk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "kebab-case")]
pub enum BulkFact {
    Begun(BulkBegun),
    Went(Went),
    /// The record ended in half a line, which was cut off.
    LineCut(LineCut),
}

/// What is asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkBegun {
    /// Its own id, so that a record cannot pose as another's.
    pub bulk: String,
    pub wish: ChangeWish,
    pub places: Vec<SourceSpec>,
    /// What is asked for in each place, where that is not the same everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wishes: Vec<ChangeWish>,
}

/// What became of it in one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Went {
    /// Among the places, from 0.
    pub place: u32,
    pub outcome: Outcome,
    pub problem: Option<Problem>,
    /// The ceremony of that repository. Records made before ceremonies were named in them have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<String>,
}

/// How it went there. What is neither done nor already so is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A ceremony was begun there; how it stands, its own journal says.
    Begun,
    Done,
    /// The repository was as asked before.
    AlreadySo,
    /// The rules forbid it there.
    Refused,
    /// Disk, network or a missing file stood in the way.
    Failed,
    /// A person stepped away.
    Interrupted,
    /// A person said no.
    Declined,
}

/// A bulk as its record tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    pub id: String,
    pub begun_at: Instant,
    pub wish: ChangeWish,
    pub places: Vec<(SourceSpec, Option<Went>)>,
    /// As in [`BulkBegun`].
    wishes: Vec<ChangeWish>,
}

impl Outcome {
    /// How a failure ended it.
    pub fn of(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Refusal => Outcome::Refused,
            FailureKind::Fault => Outcome::Failed,
            FailureKind::Interruption => Outcome::Interrupted,
        }
    }

    /// Whether nothing is left to do.
    pub fn is_settled(self) -> bool {
        matches!(self, Outcome::Done | Outcome::AlreadySo)
    }

    /// As reports name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Begun => "begun",
            Outcome::Done => "done",
            Outcome::AlreadySo => "already-so",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
            Outcome::Interrupted => "interrupted",
            Outcome::Declined => "declined",
        }
    }
}

impl Went {
    /// How it went in a place: what was begun or found there, or why nothing was.
    pub fn of(place: usize, ceremony: Option<String>, went: Result<Outcome, &Failure>) -> Self {
        let (outcome, problem) = match went {
            Ok(outcome) => (outcome, None),
            Err(failure) => (Outcome::of(failure), Some(failure.into())),
        };
        Went {
            place: u32::try_from(place).unwrap_or(u32::MAX),
            outcome,
            problem,
            ceremony,
        }
    }
}

impl Bulk {
    /// What is asked for in a place.
    pub fn wish_of(&self, place: usize) -> &ChangeWish {
        self.wishes.get(place).unwrap_or(&self.wish)
    }

    /// Every place, with what is asked for there.
    pub fn asked(&self) -> impl Iterator<Item = (&SourceSpec, &ChangeWish)> {
        let places = self.places.iter().enumerate();
        places.map(|(place, (source, _))| (source, self.wish_of(place)))
    }

    /// Whether a place still waits for its turn, or is to be tried again.
    pub fn is_pending(&self, place: usize) -> bool {
        let went = self.places.get(place).and_then(|(_, went)| went.as_ref());
        !went.is_some_and(|went| went.outcome.is_settled())
    }

    /// Whether it is done, or already so, everywhere.
    pub fn is_settled(&self) -> bool {
        (0..self.places.len()).all(|place| !self.is_pending(place))
    }

    fn of(id: &str, chain: &Chain<BulkFact>) -> Result<Self, Failure> {
        let broken = |why: &str| broken(id, 1, why);
        let (first, rest) = chain.events().split_first().ok_or_else(|| broken("it says nothing"))?;
        let BulkFact::Begun(begun) = &first.fact else {
            return Err(broken("expected what was asked for"));
        };
        if begun.bulk != id {
            return Err(broken("it is another bulk's"));
        }
        let mut bulk = Bulk {
            id: id.to_owned(),
            begun_at: first.at,
            wish: begun.wish.clone(),
            places: begun.places.iter().map(|source| (source.clone(), None)).collect(),
            wishes: begun.wishes.clone(),
        };
        for event in rest {
            match &event.fact {
                BulkFact::Begun(_) => return Err(broken("a bulk begins once")),
                BulkFact::LineCut(_) => {}
                BulkFact::Went(went) => match bulk.places.get_mut(went.place as usize) {
                    Some((_, last)) => {
                        let mut went = went.clone();
                        let before = last.take().and_then(|last| last.ceremony);
                        went.ceremony = went.ceremony.or(before);
                        *last = Some(went);
                    }
                    None => return Err(broken("it tells of a place that is none of its")),
                },
            }
        }
        Ok(bulk)
    }
}

impl Ceremonies {
    /// Begins a change in several places, or takes up the one that asks for the same in the same and is not settled.
    pub fn begin_bulk(&self, wish: &ChangeWish, places: &[SourceSpec]) -> Result<Bulk, Failure> {
        let each: Vec<(SourceSpec, ChangeWish)> = places.iter().map(|source| (source.clone(), wish.clone())).collect();
        let is_it = |bulk: &Bulk| {
            let asked = each.iter().map(|(source, wish)| (source, wish));
            bulk.asked().eq(asked) && !bulk.is_settled()
        };
        self.take_up_or_begin(&each, is_it)
    }

    /// Takes up the newest bulk that is the one meant, or begins another. Fails with `bad-usage` where nothing is asked for.
    pub(super) fn take_up_or_begin(
        &self,
        each: &[(SourceSpec, ChangeWish)],
        is_it: impl Fn(&Bulk) -> bool,
    ) -> Result<Bulk, Failure> {
        let Some((_, wish)) = each.first() else {
            return Err(Failure::fault(
                "bad-usage",
                "expected a change in one repository at least",
            ));
        };
        let open = self.bulks()?.into_iter().filter_map(Result::ok);
        if let Some(bulk) = open.rev().find(|bulk| is_it(bulk)) {
            return Ok(bulk);
        }
        let is_same = each.iter().all(|(_, other)| other == wish);
        let _gate = self.gate();
        let now = self.ports.clock.now();
        let year = now.to_string().chars().take(4).collect::<String>();
        let taken = self.bulk_ids()?;
        let numbers = taken
            .iter()
            .filter_map(|id| id.strip_prefix(&year)?.strip_prefix('-')?.parse::<u32>().ok());
        let id = format!("{year}-{:03}", numbers.max().unwrap_or(0).saturating_add(1));
        let folder = self.bulk_folder();
        let created = self.ports.disk.create_folder(&folder);
        created.map_err(|error| disk_failed("create", &folder, &error))?;
        let begun = BulkBegun {
            bulk: id.clone(),
            wish: wish.clone(),
            places: each.iter().map(|(source, _)| source.clone()).collect(),
            wishes: match is_same {
                true => Vec::new(),
                false => each.iter().map(|(_, wish)| wish.clone()).collect(),
            },
        };
        let mut chain = Chain::default();
        self.extend_bulk(&id, &mut chain, BulkFact::Begun(begun))?;
        Bulk::of(&id, &chain)
    }

    /// Puts on record what became of it in one place.
    pub fn went_in_bulk(&self, id: &str, went: Went) -> Result<Bulk, Failure> {
        let _gate = self.gate();
        let mut chain = self.bulk_chain(id)?;
        self.extend_bulk(id, &mut chain, BulkFact::Went(went))?;
        Bulk::of(id, &chain)
    }

    /// One bulk. Fails with `bad-usage` for an id that none has, and with `journal-broken`.
    pub fn bulk(&self, id: &str) -> Result<Bulk, Failure> {
        let _gate = self.gate();
        if !self.bulk_ids()?.iter().any(|known| known == id) {
            let message = format!("there is no bulk {} on this desk", visible(id));
            return Err(Failure::fault("bad-usage", message));
        }
        Bulk::of(id, &self.bulk_chain(id)?)
    }

    /// Every bulk of the desk, oldest first; one whose record does not hold hides none of the others.
    pub fn bulks(&self) -> Result<Vec<Result<Bulk, Failure>>, Failure> {
        let _gate = self.gate();
        let mut ids = self.bulk_ids()?;
        // Where the power went in the first line, nothing was begun.
        ids.retain(|id| {
            let bytes = self.ports.disk.read(&self.bulk_file(id), LARGEST);
            bytes.is_ok_and(|bytes| bytes.contains(&b'\n'))
        });
        let read = |id: &String| Bulk::of(id, &self.bulk_chain(id)?);
        Ok(ids.iter().map(read).collect())
    }

    fn bulk_folder(&self) -> PathBuf {
        self.ports.data.join("bulk")
    }

    fn bulk_file(&self, id: &str) -> PathBuf {
        self.bulk_folder().join(format!("{id}.jsonl"))
    }

    /// Every id that was ever taken.
    fn bulk_ids(&self) -> Result<Vec<String>, Failure> {
        let folder = self.bulk_folder();
        let names = match self.ports.disk.list(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(disk_failed("read", &folder, &error)),
        };
        let is_id = |id: &&str| id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let ids = names.iter().filter_map(|name| name.strip_suffix(".jsonl"));
        Ok(ids.filter(is_id).map(str::to_owned).collect())
    }

    fn bulk_chain(&self, id: &str) -> Result<Chain<BulkFact>, Failure> {
        let path = self.bulk_file(id);
        let bytes = self.ports.disk.read(&path, LARGEST);
        let bytes = bytes.map_err(|error| disk_failed("read", &path, &error))?;
        let (mut chain, ending) = Chain::<BulkFact>::read(&bytes);
        match ending {
            Ending::Whole => Ok(chain),
            Ending::Torn { bytes } => {
                let cut = self.ports.disk.truncate(&path, chain.length());
                cut.map_err(|error| disk_failed("cut", &path, &error))?;
                if !chain.events().is_empty() {
                    self.extend_bulk(id, &mut chain, BulkFact::LineCut(LineCut { bytes }))?;
                }
                Ok(chain)
            }
            Ending::Broken { line, why, .. } => Err(broken(id, line, &why)),
        }
    }

    fn extend_bulk(&self, id: &str, chain: &mut Chain<BulkFact>, fact: BulkFact) -> Result<(), Failure> {
        let path = self.bulk_file(id);
        let (event, line): (chain::Event<BulkFact>, Vec<u8>) = chain.next(self.ports.clock.now(), self.holder(), fact);
        if let Err(error) = self.ports.disk.append(&path, &line) {
            // Half a line is taken back, where that can be done; else the next reader cuts it off.
            let _ = self.ports.disk.truncate(&path, chain.length());
            return Err(disk_failed("write", &path, &error));
        }
        chain.take(event, &line);
        Ok(())
    }
}

/// No record of a bulk is longer.
const LARGEST: u64 = 256 << 20;

fn broken(id: &str, line: u32, why: &str) -> Failure {
    let message = format!(
        "the record of bulk {id} does not hold from line {line} on: {}",
        visible(why)
    );
    Failure::refusal("journal-broken", message)
}
