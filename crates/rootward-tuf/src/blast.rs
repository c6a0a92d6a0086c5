//! What somebody who holds some keys could do to a repository, and what its owners could do about it with the others.
//!
//! Pure: counts keys by the clients' own rule and searches paths in the clients' own order. Takes documents as they are,
//! proven or not; keys that only older roots list are not looked at.

mod digests;
mod extent;
mod globs;
mod ground;
mod reach;
mod repair;
mod territory;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial_tests;
#[cfg(test)]
mod world;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use digests::Digests;
pub use extent::Extent;
pub use ground::Ground;
pub use reach::{How, Reach, Seat};
pub use repair::{Hands, Repair, Step};
pub use territory::{Exception, Territory, Writers};

use crate::dialect::Dialect;
use crate::key::PhysicalKey;
use crate::metadata::{Delegations, Envelope, SuccinctRoles, Targets};
use crate::role::RoleName;
use ground::{Directory, Means, search};

/// What stolen keys come to.
pub struct Blast<'a> {
    ground: Ground<'a>,
    directories: BTreeMap<&'a RoleName, Directory<'a>>,
    /// The stolen keys that no role lists.
    pub strangers: BTreeSet<PhysicalKey>,
    /// Every role as each other role delegates to it: root's four, then the rest, parents before children. All bins of one
    /// succinct delegation (TAP 15) are one entry, under their common prefix.
    pub reaches: Vec<Reach>,
    /// Whose keys could be exchanged, and in whose documents that is done.
    pub rekeyed: Vec<Rekeyed>,
    /// The target paths that could be signed, as clients of the dialect search: in Notary those of its own tool.
    pub territories: Vec<Territory>,
    /// Notary: the same as Docker searches, which asks `targets/releases` before targets and nobody else. Empty in TUF.
    pub docker: Vec<Territory>,
    /// Targets that clients find today and that could be replaced.
    pub replaceable: Vec<Replaceable>,
    /// Notary: the same for Docker.
    pub replaceable_for_docker: Vec<Replaceable>,
    /// What can be done to clients without signing a target.
    pub effects: Vec<Effect>,
    /// Roles that must vouch for a new targets document before any client sees it, and that stay out of reach.
    pub vouching: Vec<RoleName>,
    /// Roles whose document is not here; they were taken to list nothing.
    pub unseen: Vec<RoleName>,
    /// What the keys that are left can repair, in order.
    pub repairs: Vec<Repair>,
}

/// Roles whose keys could be exchanged in the document of one that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rekeyed {
    /// The role that is reached.
    pub by: RoleName,
    /// Those whose keys its document names.
    pub roles: Vec<RoleName>,
}

/// A target that somebody else would answer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaceable {
    /// As listed.
    pub path: String,
    /// The role that clients take it from today.
    pub answers: RoleName,
    /// The role that would bring another file.
    pub seized: RoleName,
}

/// What a stolen online role allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Timestamp: clients are kept at what is published now, until the snapshot or another document expires (TUF 1.5.2).
    Freeze,
    /// Timestamp: clients that remember nothing are shown an older snapshot that has not expired.
    OlderForNewClients,
    /// Snapshot and timestamp: new clients are shown any versions of targets documents that were ever signed and have not
    /// expired, in any combination.
    AnyVersions,
    /// Versions so high that every honest one looks old. In TUF a next root that takes the key away undoes it (5.3.11).
    FastForward {
        /// Those whose version can be driven up.
        roles: Vec<RoleName>,
        /// False in Notary, whose clients never forget a version.
        undone_by_root: bool,
    },
    /// Notary, snapshot and timestamp: delegated roles that are no longer listed are overlooked, as if they were never
    /// published.
    HideRoles,
    /// Snapshot without timestamp, which gives no digest of it: whoever also controls the way to clients can exchange it
    /// for another of the same version.
    SwapSnapshot,
}

/// Computes what `stolen` keys come to on this ground.
pub fn blast<'a>(ground: Ground<'a>, stolen: &BTreeSet<PhysicalKey>) -> Blast<'a> {
    let mut reaches = ground.top_level(stolen);
    let mut directories = BTreeMap::new();
    for role in in_pre_order(&ground) {
        let Some((role, envelope)) = ground.documents.get_key_value(&role) else {
            continue;
        };
        let (found, directory) = look_below(role, envelope, ground.dialect(), stolen);
        reaches.extend(found);
        directories.insert(*role, directory);
    }
    let bins = Bins::of(&directories);
    through_above(&mut reaches, &bins);
    let known: BTreeSet<PhysicalKey> = reaches
        .iter()
        .flat_map(|reach| reach.stolen.iter().map(|seat| seat.physical))
        .collect();
    let mut blast = Blast {
        strangers: stolen.difference(&known).copied().collect(),
        rekeyed: rekeyed(&reaches, &bins),
        reaches,
        ground,
        directories,
        territories: Vec::new(),
        docker: Vec::new(),
        replaceable: Vec::new(),
        replaceable_for_docker: Vec::new(),
        effects: Vec::new(),
        vouching: Vec::new(),
        unseen: Vec::new(),
        repairs: Vec::new(),
    };
    blast.survey();
    blast.effects = blast.find_effects();
    blast.repairs = repair::Plan {
        ground: &blast.ground,
        reaches: &blast.reaches,
        bins: &bins,
    }
    .repairs();
    blast
}

impl Blast<'_> {
    /// The role through which a target at `path` could be signed; `None` if clients would not take it from any.
    pub fn seizes(&self, path: &str) -> Option<RoleName> {
        let targets = self.is_reached(&RoleName::targets());
        search(&self.directories, self.means(), targets, path).seized
    }

    /// Notary: the same for Docker, which asks `targets/releases`, then targets.
    pub fn seizes_for_docker(&self, path: &str) -> Option<RoleName> {
        let territory = self.docker.iter().find(|territory| self.covers(territory, path))?;
        match &territory.writers {
            Writers::Roles(roles) => roles.first().cloned(),
            Writers::Bins { .. } => None,
        }
    }

    /// Whether `path` is one of a territory's.
    pub fn covers(&self, territory: &Territory, path: &str) -> bool {
        let taken = |exception: &Exception| exception.holds(path, &self.directories);
        territory.extent.covers(path) && !territory.except.iter().any(taken)
    }

    /// Whether a role can be signed, as some role delegates to it.
    pub fn is_reached(&self, role: &RoleName) -> bool {
        self.reaches
            .iter()
            .any(|reach| reach.role == *role && reach.is_reached())
    }

    /// Whether the stolen keys do nothing at all alone.
    pub fn is_harmless(&self) -> bool {
        !self.reaches.iter().any(Reach::is_reached)
    }

    /// By whose clients' rules it was computed.
    pub fn dialect(&self) -> Dialect {
        self.ground.dialect()
    }

    fn means(&self) -> Means {
        let dialect = self.dialect();
        let can_hide_roles = dialect == Dialect::Notary
            && self.is_reached(&RoleName::snapshot())
            && self.is_reached(&RoleName::timestamp());
        Means {
            dialect,
            can_hide_roles,
        }
    }

    fn survey(&mut self) {
        let dialect = self.ground.dialect();
        if self.is_reached(&RoleName::targets()) {
            self.territories = vec![Territory::of_targets()];
            if dialect == Dialect::Notary {
                self.docker = self.territories.clone();
            }
        } else {
            (self.territories, self.unseen) = territory::survey(&self.directories, self.means());
            self.docker.extend(self.docker_territory());
        }
        self.replaceable = self.find_replaceable();
        self.replaceable_for_docker = self.find_replaceable_for_docker();
        let something = !self.territories.is_empty() || !self.docker.is_empty();
        let online = [RoleName::snapshot(), RoleName::timestamp()];
        if something {
            self.vouching = online.into_iter().filter(|role| !self.is_reached(role)).collect();
        }
    }

    /// What Docker takes from `targets/releases`, whatever targets says.
    fn docker_territory(&self) -> Option<Territory> {
        let targets = self.directories.get(&RoleName::targets())?;
        let releases = targets.roles().iter().position(|role| role.name.as_str() == RELEASES)?;
        let role = &targets.roles()[releases];
        let extent = Extent::everything().below(&role.paths);
        (self.dialect() == Dialect::Notary && targets.reached[releases] && !extent.is_empty()).then(|| Territory {
            writers: Writers::Roles(vec![role.name.clone()]),
            extent,
            except: Vec::new(),
            is_exact: true,
        })
    }

    fn find_replaceable(&self) -> Vec<Replaceable> {
        if self.territories.is_empty() {
            return Vec::new();
        }
        let mut paths: BTreeSet<Cow<'_, str>> = BTreeSet::new();
        for directory in self.directories.values() {
            paths.extend(directory.envelope.body().paths());
        }
        let targets = self.is_reached(&RoleName::targets());
        let replaceable = paths.into_iter().filter_map(|path| {
            let found = search(&self.directories, self.means(), targets, &path);
            Some(Replaceable {
                path: path.into_owned(),
                answers: found.answer?.clone(),
                seized: found.seized?,
            })
        });
        replaceable.collect()
    }

    fn find_replaceable_for_docker(&self) -> Vec<Replaceable> {
        let Some(territory) = self.docker.first() else {
            return Vec::new();
        };
        let Writers::Roles(writers) = &territory.writers else {
            return Vec::new();
        };
        let releases = self.directories.iter().find(|(role, _)| role.as_str() == RELEASES);
        let targets = self.directories.get_key_value(&RoleName::targets());
        let mut found: BTreeMap<Cow<'_, str>, &RoleName> = BTreeMap::new();
        // The first in Docker's order answers.
        for (role, directory) in targets.into_iter().chain(releases) {
            found.extend(directory.envelope.body().paths().map(|path| (path, *role)));
        }
        let within = found.into_iter().filter(|(path, _)| self.covers(territory, path));
        let replaceable = within.filter_map(|(path, answers)| {
            Some(Replaceable {
                path: path.into_owned(),
                answers: answers.clone(),
                seized: writers.first()?.clone(),
            })
        });
        replaceable.collect()
    }

    fn find_effects(&self) -> Vec<Effect> {
        let is_reached = |role: RoleName| self.is_reached(&role);
        let (snapshot, timestamp) = (is_reached(RoleName::snapshot()), is_reached(RoleName::timestamp()));
        let mut effects = Vec::new();
        if timestamp {
            effects.extend([Effect::Freeze, Effect::OlderForNewClients]);
        }
        if timestamp && snapshot {
            effects.push(Effect::AnyVersions);
            effects.extend((self.dialect() == Dialect::Notary).then_some(Effect::HideRoles));
        }
        let named = self.ground.timestamp.map(|timestamp| &timestamp.body().snapshot);
        if snapshot && !timestamp && named.is_some_and(|named| named.hashes.is_none()) {
            effects.push(Effect::SwapSnapshot);
        }
        let forward: Vec<RoleName> = [(RoleName::snapshot(), snapshot), (RoleName::timestamp(), timestamp)]
            .into_iter()
            .filter_map(|(role, reached)| reached.then_some(role))
            .collect();
        if timestamp {
            effects.push(Effect::FastForward {
                roles: forward,
                undone_by_root: self.dialect() == Dialect::Tuf1,
            });
        }
        effects
    }
}

/// What Docker pulls from.
const RELEASES: &str = "targets/releases";

/// Targets and what it delegates to as far as there are documents, each once, parents before children.
fn in_pre_order(ground: &Ground<'_>) -> Vec<RoleName> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    let mut stack = vec![RoleName::targets()];
    while let Some(role) = stack.pop() {
        let Some(document) = ground.documents.get(&role) else {
            continue;
        };
        if !seen.insert(role.clone()) {
            continue;
        }
        let Some(delegations) = &document.body().delegations else {
            order.push(role);
            continue;
        };
        let listed = delegations.roles.iter().map(|below| below.name.clone());
        let bins = delegations.succinct.iter().flat_map(|succinct| {
            let names = ground.documents.keys();
            names
                .filter_map(|name| Some(succinct.role(name)?.name))
                .collect::<Vec<_>>()
        });
        let mut below: Vec<RoleName> = listed.chain(bins).collect();
        below.reverse();
        stack.extend(below);
        order.push(role);
    }
    order
}

/// What the stolen keys reach among the delegations of one document.
fn look_below<'a>(
    role: &RoleName,
    envelope: &'a Envelope<Targets>,
    dialect: Dialect,
    stolen: &BTreeSet<PhysicalKey>,
) -> (Vec<Reach>, Directory<'a>) {
    let mut reaches = Vec::new();
    let (mut reached, mut bins_reached) = (Vec::new(), false);
    if let Some(delegations) = &envelope.body().delegations {
        for below in delegations.roles.iter() {
            let reach = Reach::of(&below.name, Some(role), &delegations.keys, &below.keys, stolen);
            let misplaced = dialect == Dialect::Notary && !crate::walk::is_directly_below(&below.name, role);
            reached.push(reach.is_reached());
            // Clients never look for a misplaced delegation.
            if !misplaced {
                reaches.push(reach);
            }
        }
        if let Some(reach) = bins(delegations, role, stolen) {
            bins_reached = reach.is_reached();
            reaches.push(reach);
        }
    }
    (reaches, Directory::of(envelope, reached, bins_reached))
}

/// TAP 15: which documents are those of bins that are told of as one, by the name they are told of under.
#[derive(Default)]
struct Bins(BTreeMap<RoleName, Vec<RoleName>>);

impl Bins {
    fn of(directories: &BTreeMap<&RoleName, Directory<'_>>) -> Self {
        let mut bins = Bins::default();
        for directory in directories.values() {
            let delegations = directory.envelope.body().delegations.as_ref();
            let Some(succinct) = delegations.and_then(|delegations| delegations.succinct.as_ref()) else {
                continue;
            };
            let Some(name) = name_of_bins(succinct) else { continue };
            let documents = directories.keys().filter(|role| succinct.paths_of(role).is_some());
            bins.0
                .entry(name)
                .or_default()
                .extend(documents.map(|role| (*role).clone()));
        }
        bins
    }

    /// The bins told of under this name whose documents are here.
    fn under(&self, name: &RoleName) -> &[RoleName] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

fn name_of_bins(succinct: &SuccinctRoles) -> Option<RoleName> {
    RoleName::new(format!("{}-*", succinct.name_prefix)).ok()
}

fn bins(delegations: &Delegations, role: &RoleName, stolen: &BTreeSet<PhysicalKey>) -> Option<Reach> {
    let succinct = delegations.succinct.as_ref()?;
    let name = name_of_bins(succinct)?;
    Some(Reach::of(&name, Some(role), &delegations.keys, &succinct.keys, stolen))
}

/// Marks what is not reached by its own keys but through a role above, however many steps above.
fn through_above(reaches: &mut [Reach], bins: &Bins) {
    let mut below: BTreeMap<RoleName, Vec<usize>> = BTreeMap::new();
    let mut reached: Vec<RoleName> = Vec::new();
    for (place, reach) in reaches.iter().enumerate() {
        let above = reach.parent.clone().unwrap_or_else(RoleName::root);
        if reach.role != above {
            below.entry(above).or_default().push(place);
        }
        if reach.is_reached() {
            reached.push(reach.role.clone());
        }
    }
    while let Some(above) = reached.pop() {
        reached.extend_from_slice(bins.under(&above));
        for place in below.remove(&above).unwrap_or_default() {
            let reach = &mut reaches[place];
            if !reach.is_reached() {
                reach.how = How::Through(above.clone());
                reached.push(reach.role.clone());
            }
        }
    }
}

fn rekeyed(reaches: &[Reach], bins: &Bins) -> Vec<Rekeyed> {
    let root = RoleName::root();
    let reached: BTreeSet<&RoleName> = reaches
        .iter()
        .filter(|reach| reach.is_reached())
        .flat_map(|reach| std::iter::once(&reach.role).chain(bins.under(&reach.role)))
        .collect();
    let mut rekeyed: Vec<Rekeyed> = Vec::new();
    let mut places: BTreeMap<&RoleName, usize> = BTreeMap::new();
    for reach in reaches {
        let by = reach.parent.as_ref().unwrap_or(&root);
        if !reached.contains(by) {
            continue;
        }
        let place = *places.entry(by).or_insert_with(|| {
            rekeyed.push(Rekeyed {
                by: by.clone(),
                roles: Vec::new(),
            });
            rekeyed.len() - 1
        });
        rekeyed[place].roles.push(reach.role.clone());
    }
    rekeyed
}
