//! Walks of simulated clients over documents that are not published yet.
//!
//! Stand-ins take the place of keys that only a server can use. What such a walk proved is told and never handed out: a
//! [`Rehearsed`] holds no document, so nothing in it can be kept or trusted.

use crate::finding::Finding;
use crate::key::{Key, KeyTable};
use crate::metadata::{RoleKeys, Root};
use crate::role::RoleName;
use crate::walk::{Next, Outcome, Reply, Request, WalkInput, WalkRefusal, Walker};

/// Keys in the place of those a root lists for timestamp and snapshot, the roles that servers sign by themselves.
///
/// Root and targets have none: people sign them, so a rehearsal has the real signatures.
#[derive(Clone, Debug, Default)]
pub struct StandIns {
    timestamp: Option<StandIn>,
    snapshot: Option<StandIn>,
}

#[derive(Clone, Debug)]
struct StandIn {
    keys: KeyTable,
    role: RoleKeys,
}

/// Walks as [`Walker`] does, with stand-ins.
pub struct RehearsalWalker {
    walker: Walker,
    stand_ins: StandIns,
}

/// What a simulated client came to.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// Whether it accepted root, timestamp, snapshot and targets, given the stand-ins.
    pub accepted: bool,
    /// The versions of root passed, the anchor's first.
    pub root_versions: Vec<u64>,
    /// Version of each document it came to, by role.
    pub versions: Vec<(RoleName, u64)>,
    /// The roles it refused, first refused first, and why.
    pub refused: Vec<(RoleName, Finding)>,
    /// What the walk noted besides, as in [`Outcome::findings`].
    pub findings: Vec<Finding>,
    /// Roles whose document a stand-in vouched for.
    pub stood_in: Vec<RoleName>,
}

impl StandIns {
    /// Stands in for whatever keys a root lists for timestamp.
    pub fn with_timestamp(mut self, key: Key) -> Self {
        self.timestamp = Some(StandIn::of(key));
        self
    }

    /// Stands in for whatever keys a root lists for snapshot.
    pub fn with_snapshot(mut self, key: Key) -> Self {
        self.snapshot = Some(StandIn::of(key));
        self
    }

    /// Whether both roles keep the keys that the root lists.
    pub fn is_empty(&self) -> bool {
        self.timestamp.is_none() && self.snapshot.is_none()
    }

    /// Keys and threshold of a stood-in role; what `root` says of any other top-level role.
    pub(super) fn or_of<'a>(&'a self, role: &RoleName, root: &'a Root) -> Option<(&'a KeyTable, &'a RoleKeys)> {
        match self.of(role) {
            Some(stand_in) => Some((&stand_in.keys, &stand_in.role)),
            None => Some((&root.keys, root.role(role)?)),
        }
    }

    fn of(&self, role: &RoleName) -> Option<&StandIn> {
        match role.as_str() {
            "timestamp" => self.timestamp.as_ref(),
            "snapshot" => self.snapshot.as_ref(),
            _ => None,
        }
    }
}

impl StandIn {
    fn of(key: Key) -> Self {
        StandIn {
            role: RoleKeys {
                keyids: vec![key.keyid().clone()],
                threshold: 1,
            },
            keys: KeyTable::new(vec![key]),
        }
    }
}

impl RehearsalWalker {
    /// Checks the anchor as [`Walker::begin`] does.
    pub fn begin(input: WalkInput, stand_ins: StandIns) -> Result<RehearsalWalker, WalkRefusal> {
        Ok(RehearsalWalker {
            walker: Walker::begin_with(input, stand_ins.clone())?,
            stand_ins,
        })
    }

    /// What the walk needs now; the same again until it is supplied.
    pub fn next(&self) -> Next<Rehearsed> {
        match self.walker.next() {
            Next::Fetch(request) => Next::Fetch(request),
            Next::Finished(outcome) => Next::Finished(Box::new(Rehearsed::told(&outcome, &self.stand_ins))),
        }
    }

    /// Answers the request that [`Self::next`] gave.
    pub fn supply(&mut self, reply: Reply) {
        self.walker.supply(reply);
    }

    /// Walks to the end with `fetch` answering every request at once.
    pub fn run(mut self, mut fetch: impl FnMut(&Request) -> Reply) -> Rehearsed {
        loop {
            match self.next() {
                Next::Fetch(request) => self.supply(fetch(&request)),
                Next::Finished(rehearsed) => return *rehearsed,
            }
        }
    }
}

impl Rehearsed {
    /// Tells what a walk without stand-ins came to.
    pub fn of(outcome: &Outcome) -> Self {
        Rehearsed::told(outcome, &StandIns::default())
    }

    fn told(outcome: &Outcome, stand_ins: &StandIns) -> Self {
        let top_level = [
            (RoleName::root(), outcome.root.as_ref().map(|root| root.version())),
            (
                RoleName::timestamp(),
                outcome.timestamp.as_ref().map(|timestamp| timestamp.version()),
            ),
            (
                RoleName::snapshot(),
                outcome.snapshot.as_ref().map(|snapshot| snapshot.version()),
            ),
            (
                RoleName::targets(),
                outcome.targets.as_ref().map(|targets| targets.version()),
            ),
        ];
        let versions: Vec<(RoleName, u64)> = top_level
            .into_iter()
            .filter_map(|(role, version)| Some((role, version?)))
            .collect();
        let stood_in = versions.iter().map(|(role, _)| role);
        Rehearsed {
            accepted: outcome.accepted,
            root_versions: outcome.root_versions.clone(),
            stood_in: stood_in.filter(|role| stand_ins.of(role).is_some()).cloned().collect(),
            versions,
            refused: outcome.refused.clone(),
            findings: outcome.findings.clone(),
        }
    }

    /// The first refusal: what a client would report.
    pub fn first_refusal(&self) -> Option<&Finding> {
        self.refused.first().map(|(_, finding)| finding)
    }
}
