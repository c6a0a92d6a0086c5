//! Visits a source: drives the strict walk over it, then reads for the eye what the walk did not come to.
//!
//! The walk alone decides trust. What is read besides is shown, never believed.

use std::collections::{BTreeSet, VecDeque};

use rootward_tuf::{
    dialect::Dialect,
    finding::Code,
    metadata::{self, Root, Snapshot, Targets, Timestamp},
    role::RoleName,
    walk::{Next, Outcome, Reply, Request, Select, WalkInput, Walker},
};

use super::{
    dialect::dialect_of,
    reading::{Came, Reading, THE_TRUSTED_ROOT},
};
use crate::ports::{Failure, Fetched, LimitsView, Source};

/// How many roles are read for the eye beyond what the walk read, and how many old roots.
const MOST_ROLES: usize = 100_000;
const MOST_ROOTS: u64 = 4_096;

/// Where a visit begins and what it may cost.
pub struct Visit<'a> {
    pub source: &'a dyn Source,
    pub limits: LimitsView,
    /// What was read on earlier visits: old roots are not fetched again.
    pub earlier: Option<&'a Reading>,
    /// Whether every older root is wanted as well.
    pub with_history: bool,
}

impl Visit<'_> {
    /// Walks from an anchor, then reads the rest. The outcome is `None` when there was nothing to walk from.
    ///
    /// Never fails: what kept it from reading on is in the reading.
    pub async fn make(&self, walk: Option<WalkInput>) -> (Reading, Option<Outcome>) {
        let mut reading = Reading::default();
        if let Some(earlier) = self.earlier {
            reading.inherit_roots(earlier);
        }
        if let Some(walk) = &walk {
            note_anchor(&walk.anchor, &mut reading);
        }
        let outcome = match walk.map(Walker::begin) {
            Some(Ok(walker)) => Some(self.walk(walker, &mut reading).await),
            Some(Err(_)) | None => None,
        };
        let saw_all = |outcome: &Outcome| {
            let cut_short = outcome.refused.iter().any(|(_, why)| why.code == Code::TooManyRoles);
            outcome.accepted && !cut_short
        };
        if !outcome.as_ref().is_some_and(saw_all) {
            self.read_besides(&mut reading).await;
        }
        if self.with_history && reading.failure.is_none() {
            self.read_old_roots(&mut reading).await;
        }
        (reading, outcome)
    }

    async fn walk(&self, mut walker: Walker, reading: &mut Reading) -> Outcome {
        loop {
            let request = match walker.next() {
                Next::Finished(outcome) => return *outcome,
                Next::Fetch(request) => request,
            };
            let reply = match self.source.fetch(&request).await {
                Ok(Some(fetched)) => {
                    let reply = Reply::Found(fetched.bytes.clone());
                    reading.note_asked(&request, Came::Found(fetched));
                    reply
                }
                Ok(None) => Reply::Missing,
                Err(failure) if failure.code == "too-large" => {
                    reading.note_asked(&request, Came::TooLarge);
                    Reply::TooLarge
                }
                Err(failure) => {
                    reading.note_asked(&request, Came::Failed(failure.message.clone()));
                    let reply = Reply::Failed(failure.message.clone());
                    reading.note_failure(failure.with("role", request.role.as_str()));
                    reply
                }
            };
            walker.supply(reply);
        }
    }

    /// Reads every document the walk did not bring, as far as documents name each other and the source still answers.
    async fn read_besides(&self, reading: &mut Reading) {
        match self.source.newest_root(self.limits.document_bytes).await {
            Ok(Some(fetched)) => {
                let version = crate::ports::claimed_version(&fetched.bytes);
                let select = version.map_or(Select::Current, Select::Version);
                reading.note_seen(RoleName::root(), select, fetched);
            }
            Ok(None) => {}
            Err(failure) => return reading.note_failure(failure.with("role", "root")),
        }
        let dialect = dialect_of(reading).unwrap_or(Dialect::Tuf1);
        let consistent =
            newest::<Root>(reading, &RoleName::root(), dialect).is_some_and(|root| root.body().consistent_snapshot);
        let place = |version: Option<u64>| match version {
            Some(version) if consistent => Select::Consistent { version },
            _ => Select::Current,
        };
        if !self.read_one(reading, &RoleName::timestamp(), Select::Current).await {
            return;
        }
        let timestamp = newest::<Timestamp>(reading, &RoleName::timestamp(), dialect);
        let version = timestamp.and_then(|timestamp| timestamp.body().snapshot.version);
        if !self.read_one(reading, &RoleName::snapshot(), place(version)).await {
            return;
        }
        let snapshot = newest::<Snapshot>(reading, &RoleName::snapshot(), dialect);
        let version_of = |role: &RoleName| {
            snapshot
                .as_ref()
                .and_then(|snapshot| snapshot.body().meta.get(role)?.version)
        };
        let mut known = BTreeSet::from([RoleName::targets()]);
        let mut waiting = VecDeque::from([RoleName::targets()]);
        while let Some(role) = waiting.pop_front() {
            if !self.read_one(reading, &role, place(version_of(&role))).await {
                return;
            }
            let Some(targets) = newest::<Targets>(reading, &role, dialect) else {
                continue;
            };
            let Some(delegations) = &targets.body().delegations else {
                continue;
            };
            let named = delegations.roles.iter().map(|delegated| delegated.name);
            let bins = snapshot.iter().flat_map(|snapshot| snapshot.body().meta.keys());
            let bins = bins.filter(|name| delegations.succinct.is_some() && delegations.role(name).is_some());
            for name in named.chain(bins) {
                if known.len() < MOST_ROLES && known.insert(name.clone()) {
                    waiting.push_back(name);
                }
            }
        }
    }

    /// Reads one document unless it is there already; false when the way failed and there is no point in going on.
    async fn read_one(&self, reading: &mut Reading, role: &RoleName, select: Select) -> bool {
        if reading.holds(role) {
            return true;
        }
        let limit_bytes = if *role == RoleName::timestamp() {
            self.limits.timestamp_bytes
        } else {
            self.limits.document_bytes
        };
        let mut places = vec![select];
        if places[0] != Select::Current {
            places.push(Select::Current);
        }
        for select in places {
            // What hung or was too large a moment ago is not asked for again.
            if reading.was_asked(role, &select) {
                continue;
            }
            let request = Request {
                role: role.clone(),
                select,
                limit_bytes,
            };
            match self.source.fetch(&request).await {
                Ok(Some(fetched)) => {
                    reading.note_seen(role.clone(), select, fetched);
                    break;
                }
                Ok(None) => {}
                Err(failure) if failure.code == "network-failed" => {
                    reading.note_failure(failure.with("role", role.as_str()));
                    return false;
                }
                Err(_) => break,
            }
        }
        true
    }

    /// Reads every root that is still to be had: those the source lists, else downwards and upwards one by one.
    async fn read_old_roots(&self, reading: &mut Reading) {
        let listed = match self.source.listed_root_versions().await {
            Ok(listed) => listed,
            Err(failure) => return reading.note_failure(failure.with("role", "root")),
        };
        if !listed.is_empty() {
            for version in listed {
                self.has_root(reading, version).await;
            }
            return;
        }
        let known = |reading: &Reading| -> BTreeSet<u64> { reading.roots().map(|(version, _)| version).collect() };
        let (Some(&lowest), Some(&highest)) = (known(reading).first(), known(reading).last()) else {
            return;
        };
        for version in (highest.saturating_sub(MOST_ROOTS).max(1)..lowest).rev() {
            if !self.has_root(reading, version).await {
                break;
            }
        }
        for version in (highest..highest.saturating_add(MOST_ROOTS)).map(|before| before + 1) {
            if !self.has_root(reading, version).await {
                break;
            }
        }
    }

    /// Whether a root of that version is there; reads it when it was not read before.
    async fn has_root(&self, reading: &mut Reading, version: u64) -> bool {
        let select = Select::Version(version);
        if reading.roots().any(|(known, _)| known == version) {
            return true;
        }
        let request = Request {
            role: RoleName::root(),
            select,
            limit_bytes: self.limits.document_bytes,
        };
        match self.source.fetch(&request).await {
            Ok(Some(fetched)) => {
                reading.note_seen(RoleName::root(), select, fetched);
                true
            }
            Ok(None) | Err(Failure { .. }) => false,
        }
    }
}

/// The root a walk starts from is one of the roots there are, whether or not the source still has it.
fn note_anchor(anchor: &[u8], reading: &mut Reading) {
    let Some(version) = crate::ports::claimed_version(anchor) else {
        return;
    };
    let fetched = Fetched {
        bytes: anchor.to_vec(),
        origin: THE_TRUSTED_ROOT.to_owned(),
    };
    reading.note_seen(RoleName::root(), Select::Version(version), fetched);
}

/// The likeliest current document of a role that can be read.
fn newest<T: metadata::Document>(
    reading: &Reading,
    role: &RoleName,
    dialect: Dialect,
) -> Option<metadata::Envelope<T>> {
    let readable = reading
        .documents(role)
        .filter_map(|fetched| metadata::read::<T>(&fetched.bytes, dialect).ok());
    readable.max_by_key(|document| document.version())
}
