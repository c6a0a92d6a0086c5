//! The client workflow: from a trusted root to every delegated role, one requested document at a time.
//!
//! Does no I/O: the [`Walker`] says what it needs next and is given it. Inside, each phase consumes the one before, so the
//! order of TUF 5.3 to 5.6 cannot be broken. Strict: what it returns as [`Verified`] is proven.

#[cfg(test)]
mod floor_tests;
mod lookup;
mod notary_root;
#[cfg(test)]
mod notary_tests;
mod phase;
mod progress;
mod rehearsal;
mod seek;
#[cfg(test)]
mod seek_tests;
mod targets;
#[cfg(test)]
mod tests;
mod tuf_root;

use std::collections::HashMap;

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::dialect::notary::Authorities;
use crate::finding::{Code, Finding};
use crate::json;
use crate::key::KeyId;
use crate::metadata::{Root, Snapshot, Targets, Timestamp, each_key_once, read_file};
use crate::role::RoleName;
use crate::time::Instant;
use crate::verify::Verified;

pub(crate) use lookup::Order;
pub use lookup::Search;
use phase::Phase;
use progress::Progress;
pub use rehearsal::{RehearsalWalker, Rehearsed, StandIns};
pub use seek::{Seek, Seeker, Sought};
pub(crate) use targets::is_directly_below;

/// Walks one repository once.
pub struct Walker {
    rules: Rules,
    state: State,
}

enum State {
    Walking(Box<(Phase, Progress)>),
    Finished(Box<Outcome>),
}

/// What a walk starts from.
#[derive(Clone, Debug)]
pub struct WalkInput {
    /// The one the anchor is written in; every other document must be, too.
    pub dialect: Dialect,
    /// The file of a root that is trusted.
    pub anchor: Bytes,
    /// Notary: the repository's name, which root certificates must carry; unchecked when `None`.
    pub gun: Option<String>,
    /// The moment by which documents and certificates have ended or not.
    pub now: Instant,
    /// What was proven before, and what is served now may not fall behind.
    pub floors: Floors,
    /// How much the repository may ask.
    pub limits: WalkLimits,
    /// Notary (`trust_pinning.certs`): if not empty, no root keys count but these.
    pub pins: Vec<KeyId>,
    /// Notary (`trust_pinning.ca`): if not empty, no root keys count but those whose certificate descends from one of these.
    /// Pins come first: with both, the pins alone decide.
    pub authorities: Authorities,
    /// Whether to go on behind an expired document, so that everything can be shown. Such a walk is never accepted, and
    /// nothing from behind the expired document is handed out to be kept.
    pub look_past_expiry: bool,
    /// How far down the walk goes.
    pub extent: Extent,
    /// Whether a floor that is still the document its parent names is taken instead of asked for again.
    pub reuse_floors: bool,
}

/// How far down a walk goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Every delegated role, for showing the whole tree.
    #[default]
    Everything,
    /// Root, timestamp, snapshot and targets: what a client refreshes before it looks for a target (5.3 to 5.6.6).
    TopLevel,
}

/// Documents proven by an earlier walk, as files; what is served now may not be older.
#[derive(Clone, Debug, Default)]
pub struct Floors {
    /// No timestamp of a lower version, nor one that names a lower snapshot, is taken (5.4.3).
    pub timestamp: Option<Bytes>,
    /// No role it lists may be gone or older in the next one (5.5.5).
    pub snapshot: Option<Bytes>,
    /// A floor in Notary only, whose snapshots carry no versions.
    pub targets: Option<Bytes>,
    /// Floors in Notary only, as `targets` is.
    pub delegated: Vec<(RoleName, Bytes)>,
}

/// How much a repository may ask of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkLimits {
    /// For the timestamp, whose length nothing tells beforehand (5.4.1).
    pub timestamp_bytes: u64,
    /// For every document but the timestamp.
    pub document_bytes: u64,
    /// Root versions after the anchor.
    pub root_versions: u64,
    /// Delegated roles that are entered (5.6.7.1).
    pub delegated_roles: usize,
    /// Arrays and objects inside each other.
    pub json_depth: usize,
}

/// What a walk asks for next.
#[derive(Clone, Debug)]
pub enum Next<T = Outcome> {
    /// This document; the walk waits for [`Walker::supply`].
    Fetch(Request),
    /// Nothing more: this is what it came to.
    Finished(Box<T>),
}

/// One document to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose document.
    pub role: RoleName,
    /// Which of them.
    pub select: Select,
    /// More bytes than this need not be read.
    pub limit_bytes: u64,
}

/// Which of a role's documents is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// This version of root.
    Version(u64),
    /// The one without a version in its name.
    Current,
    /// A repository with consistent snapshots: the file named with this version.
    Consistent {
        /// As its parent names it.
        version: u64,
    },
    /// Notary: the one with this digest. A source that cannot look by digest gives the current one.
    Sha256([u8; 32]),
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The file, byte for byte.
    Found(Vec<u8>),
    /// The source is sure there is none.
    Missing,
    /// More than the limit.
    TooLarge,
    /// The source could not find out; the text says why.
    Failed(String),
}

/// Where a walk came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether a client would accept root, timestamp, snapshot and targets. Delegated roles may still be refused.
    pub accepted: bool,
    /// As the walk was begun with.
    pub dialect: Dialect,
    /// The versions of root passed, the anchor's first.
    pub root_versions: Vec<u64>,
    /// The newest proven root. This and the next three are documents whose signatures were proven; one that was refused
    /// for its expiry is here too.
    pub root: Option<Verified<Root>>,
    /// By the final root's timestamp keys.
    pub timestamp: Option<Verified<Timestamp>>,
    /// By the final root's snapshot keys, and as the timestamp names it.
    pub snapshot: Option<Verified<Snapshot>>,
    /// By the final root's targets keys, and as the snapshot names it.
    pub targets: Option<Verified<Targets>>,
    /// Every delegation that was proven, pre-order; a role with two parents stands here twice.
    pub delegated: Vec<Delegated>,
    /// The roles a client refuses, first refused first, and why.
    pub refused: Vec<(RoleName, Finding)>,
    /// Everything else worth knowing.
    pub findings: Vec<Finding>,
    /// Newly proven files to be trusted from now on, root being the newest; unchanged ones are here too.
    pub keep: Vec<(RoleName, Bytes)>,
    /// Newly proven root files after the anchor, by version.
    pub root_chain: Vec<(u64, Bytes)>,
    /// TUF 5.3.11: roles whose file kept earlier is to be deleted before `keep` is stored, since the newest root took
    /// their key away. Whoever stores the root and not this would refuse a recovery for ever.
    pub forget: Vec<RoleName>,
}

/// One proven delegation.
#[derive(Clone, Debug)]
pub struct Delegated {
    /// The role delegated to.
    pub role: RoleName,
    /// The role whose document delegates, and names the keys that prove this one.
    pub parent: RoleName,
    /// What was proven; its own delegations come after it in the list.
    pub document: Verified<Targets>,
}

/// Why a walk cannot even begin: the anchor is no root that its own keys signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trusted root cannot be used: {finding}")]
pub struct WalkRefusal {
    /// What is wrong with the anchor.
    pub finding: Finding,
}

/// What stays the same during a walk.
struct Rules {
    dialect: Dialect,
    gun: Option<String>,
    now: Instant,
    limits: WalkLimits,
    pins: Vec<KeyId>,
    authorities: Authorities,
    look_past_expiry: bool,
    extent: Extent,
    /// Files of targets roles that may be taken instead of asked for.
    at_hand: HashMap<RoleName, Bytes>,
    /// Versions of targets roles, Notary only.
    floors: HashMap<RoleName, u64>,
    reuse_floors: bool,
    /// Empty but in a rehearsal.
    stand_ins: StandIns,
}

impl WalkInput {
    /// Starts from `anchor` with nothing else known, and within the usual limits.
    pub fn new(dialect: Dialect, anchor: impl Into<Bytes>, now: Instant) -> Self {
        WalkInput {
            dialect,
            anchor: anchor.into(),
            gun: None,
            now,
            floors: Floors::default(),
            limits: WalkLimits::default(),
            pins: Vec::new(),
            authorities: Authorities::default(),
            look_past_expiry: false,
            extent: Extent::default(),
            reuse_floors: false,
        }
    }
}

impl Walker {
    /// Checks the anchor: it must be a root of the dialect, signed by its own keys. Its expiry does not matter (5.3.6).
    pub fn begin(input: WalkInput) -> Result<Walker, WalkRefusal> {
        Walker::begin_with(input, StandIns::default())
    }

    /// The one way to walk with stand-ins; only a [`RehearsalWalker`], which hands out no proof, takes it.
    fn begin_with(input: WalkInput, stand_ins: StandIns) -> Result<Walker, WalkRefusal> {
        let mut rules = Rules {
            dialect: input.dialect,
            gun: input.gun,
            now: input.now,
            limits: input.limits,
            pins: input.pins,
            authorities: input.authorities,
            look_past_expiry: input.look_past_expiry,
            extent: input.extent,
            at_hand: HashMap::new(),
            floors: HashMap::new(),
            reuse_floors: input.reuse_floors,
            stand_ins,
        };
        let role = RoleName::root();
        let root = read_file::<Root>(input.anchor, rules.dialect, rules.json_limits())
            .and_then(each_key_once)
            .map_err(|error| {
                let evidence = vec![("why", error.to_string()), ("expected", error.expected().to_owned())];
                WalkRefusal {
                    finding: Finding::new(Code::Unreadable, &role, evidence),
                }
            })?;
        let anchor = Verified::anchor(root).map_err(|tally| {
            let fallback = || Finding::new(Code::UnderThreshold, &role, Vec::new());
            WalkRefusal {
                finding: tally.under_threshold(&role).unwrap_or_else(fallback),
            }
        })?;
        rules.take_floors_of_targets(&input.floors);
        let progress = Progress::new(&rules, &anchor);
        let phase = Phase::first(&rules, anchor, input.floors);
        Ok(Walker {
            rules,
            state: State::Walking(Box::new((phase, progress))),
        })
    }

    /// What the walk needs now; the same again until it is supplied.
    pub fn next(&self) -> Next {
        match &self.state {
            State::Walking(walking) => Next::Fetch(walking.0.request(&self.rules)),
            State::Finished(outcome) => Next::Finished(outcome.clone()),
        }
    }

    /// Answers the request that [`Self::next`] gave. After the end it changes nothing.
    pub fn supply(&mut self, reply: Reply) {
        let nothing = State::Finished(Box::new(Outcome::nothing(self.rules.dialect)));
        self.state = match std::mem::replace(&mut self.state, nothing) {
            finished @ State::Finished(_) => finished,
            State::Walking(walking) => {
                let (phase, mut progress) = *walking;
                let mut next = phase.take(reply, &self.rules, &mut progress);
                while let Some(file) = next.as_ref().and_then(|phase| phase.at_hand(&self.rules)) {
                    next = next.and_then(|phase| phase.take(Reply::Found(file.into()), &self.rules, &mut progress));
                }
                match next {
                    Some(phase) => State::Walking(Box::new((phase, progress))),
                    None => State::Finished(Box::new(progress.finish())),
                }
            }
        };
    }

    /// Walks to the end with `fetch` answering every request at once.
    pub fn run(mut self, mut fetch: impl FnMut(&Request) -> Reply) -> Outcome {
        loop {
            match self.next() {
                Next::Fetch(request) => self.supply(fetch(&request)),
                Next::Finished(outcome) => return *outcome,
            }
        }
    }
}

impl Outcome {
    /// The first refusal: what a client would report.
    pub fn first_refusal(&self) -> Option<&Finding> {
        self.refused.first().map(|(_, finding)| finding)
    }

    fn nothing(dialect: Dialect) -> Self {
        Outcome {
            accepted: false,
            dialect,
            root_versions: Vec::new(),
            root: None,
            timestamp: None,
            snapshot: None,
            targets: None,
            delegated: Vec::new(),
            refused: Vec::new(),
            findings: Vec::new(),
            keep: Vec::new(),
            root_chain: Vec::new(),
            forget: Vec::new(),
        }
    }
}

impl Default for WalkLimits {
    fn default() -> Self {
        WalkLimits {
            timestamp_bytes: 1024 * 1024,
            document_bytes: 100 * 1024 * 1024,
            root_versions: 1024,
            delegated_roles: 32 * 1024,
            json_depth: 64,
        }
    }
}

impl Rules {
    /// What cannot be read any more is no floor.
    fn take_floors_of_targets(&mut self, floors: &Floors) {
        let targets = floors.targets.as_ref().map(|file| (RoleName::targets(), file));
        let delegated = floors.delegated.iter().map(|(role, file)| (role.clone(), file));
        for (role, file) in targets.into_iter().chain(delegated) {
            if self.dialect == Dialect::Notary
                && let Ok(document) = read_file::<Targets>(file.clone(), self.dialect, self.json_limits())
            {
                self.floors.insert(role.clone(), document.version());
            }
            if self.reuse_floors {
                self.at_hand.insert(role, file.clone());
            }
        }
    }

    fn json_limits(&self) -> json::Limits {
        json::Limits {
            // Reading is recursive: the stack has an end whatever is asked for.
            depth: self.limits.json_depth.min(512),
            bytes: usize::MAX,
        }
    }
}
