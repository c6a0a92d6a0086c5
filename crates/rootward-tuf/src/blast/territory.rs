//! Which target paths whoever holds a role's keys could sign, in the order in which clients ask.
//!
//! Goes through every way down from targets as a search would, and keeps what stops a search on its way: targets that an
//! earlier role lists, and terminating delegations before.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

use crate::blast::digests::Digests;
use crate::blast::extent::Extent;
use crate::blast::ground::{Directory, Means};
use crate::dialect::Dialect;
use crate::metadata::{PathSet, SuccinctRoles};
use crate::role::RoleName;
use crate::walk::{Order, is_directly_below};

/// Target paths that can be signed through one delegation, or through several alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    /// The roles that are signed for it.
    pub writers: Writers,
    /// The paths, but for the exceptions.
    pub extent: Extent,
    /// What clients take from somebody they ask earlier.
    pub except: Vec<Exception>,
    /// Whether these are the paths, all of them and no others. Otherwise no path outside can be signed, and inside, patterns
    /// were not compared further: only trying a path tells.
    pub is_exact: bool,
}

/// Whose documents bring the paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writers {
    /// Each for its share of the paths.
    Roles(Vec<RoleName>),
    /// TAP 15: all bins that a role delegates to.
    Bins {
        /// The role that delegates.
        of: RoleName,
        /// What their names begin with.
        name_prefix: String,
        /// A power of two.
        count: u64,
    },
}

/// Paths that are not signed although they lie within.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// Targets that this role, asked before, lists itself.
    Listed {
        /// Whose document lists them.
        role: RoleName,
        /// The paths this role is asked for; of them, only those it lists are meant.
        extent: Extent,
    },
    /// A search that comes to this terminating delegation ends there.
    Ended {
        /// The role delegated to; for the bins of TAP 15, the one that delegates.
        role: RoleName,
        /// The paths the search ends for.
        extent: Extent,
    },
    /// The role was asked before, as this other role delegates to it, and is not asked twice.
    AskedFor {
        /// The role that delegates, not the one asked.
        by: RoleName,
        /// The paths it was asked for then.
        extent: Extent,
    },
}

/// More steps down than this are not followed, nor more comparisons with what was asked before.
const MOST_VISITS: usize = 100_000;
const MOST_COMPARISONS: usize = 2_000_000;
/// Nor are more pairs of patterns compared on the way down.
const MOST_PAIRS: usize = 1_000_000;

struct Survey<'g, 'a> {
    directories: &'g BTreeMap<&'a RoleName, Directory<'a>>,
    means: Means,
    territories: Vec<Territory>,
    /// What stops a search, in the order met. What was met below a terminating delegation gives way to the delegation.
    stops: Vec<Exception>,
    /// Where the stops below each terminating delegation that is open begin.
    marks: Vec<usize>,
    /// How each role was asked so far.
    asked: HashMap<RoleName, Vec<Exception>>,
    /// Terminating delegations for digests alone: there may be thousands.
    ended: Digests,
    comparisons: usize,
    pairs: usize,
    missing: BTreeSet<RoleName>,
}

/// The roles passed on the way down.
#[derive(Clone)]
struct Way(Option<Rc<(RoleName, Way)>>);

enum Work {
    Visit(Visit),
    /// The search enters a terminating delegation, to leave it for good.
    Mark,
    End {
        role: RoleName,
        extent: Extent,
    },
    /// The search leaves a role that could be hidden: what it lists stops nobody any more.
    Leave,
}

struct Visit {
    role: RoleName,
    by: RoleName,
    extent: Extent,
    reached: bool,
    terminating: bool,
    way: Way,
}

/// The territories below targets, and the roles whose document was missing.
pub(super) fn survey(
    directories: &BTreeMap<&RoleName, Directory<'_>>,
    means: Means,
) -> (Vec<Territory>, Vec<RoleName>) {
    let mut survey = Survey {
        directories,
        means,
        territories: Vec::new(),
        stops: Vec::new(),
        marks: Vec::new(),
        asked: HashMap::new(),
        ended: Digests::default(),
        comparisons: 0,
        pairs: 0,
        missing: BTreeSet::new(),
    };
    survey.run();
    for territory in &mut survey.territories {
        if let Some(digests) = &mut territory.extent.digests {
            *digests = Digests::of(digests.prefixes());
        }
    }
    (survey.territories, survey.missing.into_iter().collect())
}

impl Survey<'_, '_> {
    fn run(&mut self) {
        let mut visits = 0;
        let mut work = VecDeque::from([Work::Visit(Visit {
            role: RoleName::targets(),
            by: RoleName::root(),
            extent: Extent::everything(),
            reached: false,
            terminating: false,
            way: Way(None),
        })]);
        while let Some(next) = work.pop_back() {
            match next {
                Work::Mark => self.marks.push(self.stops.len()),
                Work::End { role, extent } => self.end(role, extent),
                Work::Leave => self.stops.truncate(self.marks.pop().unwrap_or(0)),
                Work::Visit(_) if visits == MOST_VISITS || self.pairs > MOST_PAIRS => return self.cut_off(),
                Work::Visit(visit) => {
                    visits += 1;
                    self.visit(visit, &mut work);
                }
            }
        }
    }

    fn visit(&mut self, visit: Visit, work: &mut VecDeque<Work>) {
        let Visit {
            role,
            by,
            extent,
            reached,
            terminating,
            way,
        } = visit;
        if reached {
            if terminating {
                self.end_where_asked(&role, &extent);
            }
            self.take(Writers::Roles(vec![role.clone()]), extent, Some(&role));
            return;
        }
        if way.0.is_some() {
            let extent = extent.clone();
            let asked = self.asked.entry(role.clone()).or_default();
            asked.push(Exception::AskedFor { by, extent });
        }
        let Some(directory) = self.directories.get(&role) else {
            self.missing.insert(role);
            return;
        };
        if directory.envelope.body().paths().next().is_some() {
            self.stops.push(Exception::Listed {
                role: role.clone(),
                extent: extent.clone(),
            });
        }
        let way = Way(Some(Rc::new((role.clone(), way))));
        self.descend(&role, directory, &extent, &way, work);
    }

    /// Notes the delegations of a document, the first to be asked on top.
    fn descend(
        &mut self,
        from: &RoleName,
        directory: &Directory<'_>,
        extent: &Extent,
        way: &Way,
        work: &mut VecDeque<Work>,
    ) {
        let mut below = Vec::new();
        for (delegation, &reached) in directory.roles().iter().zip(&directory.reached) {
            if self.means.dialect == Dialect::Notary && !is_directly_below(&delegation.name, from) {
                continue;
            }
            if let PathSet::Patterns(patterns) = &delegation.paths {
                self.pairs += extent.length() * patterns.len();
            }
            let extent = extent.below(&delegation.paths);
            if extent.is_empty() {
                continue;
            }
            let ends = delegation.terminating && (!reached || way.holds(&delegation.name));
            if ends || self.means.can_hide_roles {
                below.push(Work::Mark);
            }
            if !way.holds(&delegation.name) {
                below.push(Work::Visit(Visit {
                    role: delegation.name.clone(),
                    by: from.clone(),
                    extent: extent.clone(),
                    reached,
                    terminating: delegation.terminating,
                    way: way.clone(),
                }));
            }
            if ends {
                let role = delegation.name.clone();
                below.push(Work::End { role, extent });
            } else if self.means.can_hide_roles {
                below.push(Work::Leave);
            }
        }
        let delegations = directory.envelope.body().delegations.as_ref();
        match delegations.and_then(|delegations| delegations.succinct.as_ref()) {
            Some(succinct) if directory.bins_reached => {
                let writers = Writers::Bins {
                    of: from.clone(),
                    name_prefix: succinct.name_prefix.clone(),
                    count: 1 << succinct.bits,
                };
                self.take(writers, extent.clone(), None);
            }
            Some(succinct) => {
                below.push(Work::Mark);
                below.extend(self.bins(succinct, from, extent, way));
                below.push(Work::End {
                    role: from.clone(),
                    extent: extent.clone(),
                });
            }
            None => {}
        }
        // Where roles can be hidden, whoever is asked before stops nobody, unless it is above: any order does.
        let order = match self.means.can_hide_roles {
            true => Order::Deep,
            false => Order::of(self.means.dialect),
        };
        order.line_up(work, below);
    }

    /// The bins whose documents are here; all the others list nothing that is known.
    fn bins(&self, succinct: &SuccinctRoles, from: &RoleName, extent: &Extent, way: &Way) -> Vec<Work> {
        let named = self.directories.keys();
        let bins = named
            .filter_map(|name| succinct.role(name))
            .filter(|bin| !way.holds(&bin.name));
        bins.map(|bin| {
            Work::Visit(Visit {
                extent: extent.below(&bin.paths),
                role: bin.name,
                by: from.clone(),
                reached: false,
                terminating: true,
                way: way.clone(),
            })
        })
        .collect()
    }

    /// A search ends at a terminating delegation to a role that was asked before, without asking it again.
    fn end_where_asked(&mut self, role: &RoleName, extent: &Extent) {
        let asked = self.asked.get(role).map_or(&[][..], Vec::as_slice);
        for before in asked.iter().filter(|before| !before.extent().is_apart_from(extent)) {
            self.stops.push(Exception::Ended {
                role: role.clone(),
                extent: extent.and(before.extent()),
            });
        }
    }

    fn end(&mut self, role: RoleName, extent: Extent) {
        self.stops.truncate(self.marks.pop().unwrap_or(0));
        match &extent.digests {
            Some(digests) if extent.patterns.is_empty() => self.ended.add_unmerged(digests),
            _ => self.stops.push(Exception::Ended { role, extent }),
        }
    }

    /// Takes what is left of a delegation's paths after all that was asked before.
    fn take(&mut self, writers: Writers, mut extent: Extent, role: Option<&RoleName>) {
        let mut is_exact = extent.is_exact();
        let asked = role.and_then(|role| self.asked.get(role)).cloned().unwrap_or_default();
        let digests_alone = asked.iter().filter_map(|exception| exception.extent().digests_alone());
        for ended in std::iter::once(&self.ended).chain(digests_alone) {
            let have = extent.digests.clone().unwrap_or_else(Digests::all);
            match have.without(ended) {
                Some(left) => extent.digests = (!left.is_all()).then_some(left),
                None => is_exact = false,
            }
        }
        is_exact &= extent.is_exact();
        let mut except: Vec<Exception> = Vec::new();
        let by_paths = asked
            .iter()
            .filter(|exception| exception.extent().digests_alone().is_none());
        let stops = std::mem::take(&mut self.stops);
        let mut is_gone = false;
        for stop in stops.iter().chain(by_paths) {
            self.comparisons += 1;
            if self.comparisons > MOST_COMPARISONS {
                is_exact = false;
                break;
            }
            let stopped = stop.extent();
            self.comparisons += stopped.length() * extent.length();
            if stopped.is_apart_from(&extent) {
                continue;
            }
            if let Exception::Listed { role, .. } = stop {
                if !self.lists_some(role, stopped, &extent) {
                    continue;
                }
            } else {
                if extent.is_inside(stopped) {
                    is_gone = true;
                    break;
                }
                is_exact = false;
            }
            if !except.contains(stop) {
                except.push(stop.clone());
            }
        }
        self.stops = stops;
        if self.leave_out_single_paths(&mut extent, &except) {
            except.retain(|exception| match exception {
                Exception::Listed { role, extent: listed } => self.lists_some(role, listed, &extent),
                Exception::Ended { .. } | Exception::AskedFor { .. } => true,
            });
        }
        if !is_gone && !extent.is_empty() {
            self.put(Territory {
                writers,
                extent,
                except,
                is_exact,
            });
        }
    }

    /// Whether a role lists a path that is in both; also true once too many were tried.
    fn lists_some(&mut self, role: &RoleName, one: &Extent, other: &Extent) -> bool {
        let Some(directory) = self.directories.get(role) else {
            return false;
        };
        for path in directory.envelope.body().paths() {
            self.comparisons += 1;
            if self.comparisons > MOST_COMPARISONS || (one.covers(&path) && other.covers(&path)) {
                return true;
            }
        }
        false
    }

    /// Takes patterns out that are for one path which somebody else answers for; says whether there were any.
    fn leave_out_single_paths(&self, extent: &mut Extent, except: &[Exception]) -> bool {
        let [patterns] = &mut extent.patterns[..] else {
            return false;
        };
        let before = patterns.len();
        patterns.retain(|pattern| {
            let is_one_path = !pattern.contains(['*', '?']);
            !(is_one_path
                && except
                    .iter()
                    .any(|exception| exception.holds(pattern, self.directories)))
        });
        patterns.len() < before
    }

    /// Adds a territory; what differs from the last one in role and digests alone becomes one with it.
    fn put(&mut self, territory: Territory) {
        if let (Some(last), Writers::Roles(roles)) = (self.territories.last_mut(), &territory.writers)
            && let (Writers::Roles(have), Some(digests), Some(more)) =
                (&mut last.writers, &mut last.extent.digests, &territory.extent.digests)
            && last.extent.patterns == territory.extent.patterns
            && last.is_exact == territory.is_exact
        {
            // What only one of them says stops nothing in the other.
            let news = territory.except.into_iter();
            let news: Vec<Exception> = news.filter(|exception| !last.except.contains(exception)).collect();
            last.except.extend(news);
            have.extend(roles.iter().cloned());
            digests.add_unmerged(more);
            return;
        }
        self.territories.push(territory);
    }

    /// Gives up the ways down: every delegation that is reached counts for all its own paths.
    fn cut_off(&mut self) {
        self.territories.clear();
        for (role, directory) in self.directories {
            let listed = directory.roles().iter().zip(&directory.reached);
            for (delegation, _) in listed.filter(|(_, reached)| **reached) {
                self.territories.push(Territory {
                    writers: Writers::Roles(vec![delegation.name.clone()]),
                    extent: whole(&delegation.paths),
                    except: Vec::new(),
                    is_exact: false,
                });
            }
            let delegations = directory.envelope.body().delegations.as_ref();
            let succinct = delegations.and_then(|delegations| delegations.succinct.as_ref());
            if let Some(succinct) = succinct.filter(|_| directory.bins_reached) {
                self.territories.push(Territory {
                    writers: Writers::Bins {
                        of: (*role).clone(),
                        name_prefix: succinct.name_prefix.clone(),
                        count: 1 << succinct.bits,
                    },
                    extent: Extent::everything(),
                    except: Vec::new(),
                    is_exact: false,
                });
            }
        }
    }
}

/// The paths a delegation is for, whatever stands above it.
fn whole(paths: &PathSet) -> Extent {
    Extent::everything().below(paths)
}

impl Exception {
    /// The paths it can concern.
    pub fn extent(&self) -> &Extent {
        match self {
            Exception::Listed { extent, .. } | Exception::Ended { extent, .. } | Exception::AskedFor { extent, .. } => {
                extent
            }
        }
    }

    pub(super) fn holds(&self, path: &str, directories: &BTreeMap<&RoleName, Directory<'_>>) -> bool {
        let lists = |role: &RoleName| {
            let directory = directories.get(role);
            directory.is_some_and(|directory| directory.envelope.body().lists(path))
        };
        match self {
            Exception::Listed { role, extent } => lists(role) && extent.covers(path),
            Exception::Ended { extent, .. } | Exception::AskedFor { extent, .. } => extent.covers(path),
        }
    }
}

impl Territory {
    /// Every path, by the role that clients ask first.
    pub(super) fn of_targets() -> Self {
        Territory {
            writers: Writers::Roles(vec![RoleName::targets()]),
            extent: Extent::everything(),
            except: Vec::new(),
            is_exact: true,
        }
    }
}

impl Way {
    fn holds(&self, role: &RoleName) -> bool {
        let mut way = self;
        while let Some(step) = &way.0 {
            if step.0 == *role {
                return true;
            }
            way = &step.1;
        }
        false
    }
}
