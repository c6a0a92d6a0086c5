//! The documents an inquiry is made over, and how a client searches them for one path.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use crate::dialect::Dialect;
use crate::encoding::{hex, sha256};
use crate::metadata::{DelegatedRole, Envelope, PathSet, Root, Targets, Timestamp};
use crate::role::RoleName;
use crate::walk::{Order, Outcome, is_directly_below};

/// The documents of one repository, proven by a walk or merely shown. Nothing is verified here.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// Whose keys speak for the four top-level roles.
    pub root: &'a Envelope<Root>,
    /// Notary: the repository's name, which root certificates must carry; unchecked when `None`.
    pub gun: Option<&'a str>,
    /// Only for whether it gives a digest of the snapshot.
    pub timestamp: Option<&'a Envelope<Timestamp>>,
    /// Targets and every delegated role. A role whose document is missing is taken for one that lists nothing.
    pub documents: BTreeMap<&'a RoleName, &'a Envelope<Targets>>,
}

impl<'a> Ground<'a> {
    /// What a walk proved; `None` if it did not come to targets.
    pub fn of(outcome: &'a Outcome) -> Option<Self> {
        let mut ground = Ground::at(outcome.root.as_ref()?);
        ground.timestamp = outcome.timestamp.as_deref();
        ground.documents.insert(the_targets_role(), outcome.targets.as_deref()?);
        for delegated in &outcome.delegated {
            ground.documents.insert(&delegated.role, &delegated.document);
        }
        Some(ground)
    }

    /// A root without anything below it.
    pub fn at(root: &'a Envelope<Root>) -> Self {
        Ground {
            root,
            gun: None,
            timestamp: None,
            documents: BTreeMap::new(),
        }
    }

    /// Adds the document of targets.
    pub fn with_targets(mut self, targets: &'a Envelope<Targets>) -> Self {
        self.documents.insert(the_targets_role(), targets);
        self
    }

    /// Root's, and so everybody's.
    pub fn dialect(&self) -> Dialect {
        self.root.dialect()
    }
}

fn the_targets_role() -> &'static RoleName {
    static TARGETS: std::sync::LazyLock<RoleName> = std::sync::LazyLock::new(RoleName::targets);
    &TARGETS
}

/// One document's delegations, ready to be asked for many paths.
pub(super) struct Directory<'a> {
    pub(super) envelope: &'a Envelope<Targets>,
    roles: Vec<DelegatedRole>,
    /// Delegations by the beginning of a digest.
    by_digest: HashMap<String, Vec<usize>>,
    /// The longest of these beginnings.
    longest: usize,
    /// All other delegations.
    plain: Vec<usize>,
    /// For each delegation, whether the stolen keys are enough for it.
    pub(super) reached: Vec<bool>,
    pub(super) bins_reached: bool,
}

impl<'a> Directory<'a> {
    pub(super) fn of(envelope: &'a Envelope<Targets>, reached: Vec<bool>, bins_reached: bool) -> Self {
        let delegations = envelope.body().delegations.as_ref();
        let mut directory = Directory {
            envelope,
            roles: delegations
                .map(|below| below.roles.iter().collect())
                .unwrap_or_default(),
            by_digest: HashMap::new(),
            longest: 0,
            plain: Vec::new(),
            reached,
            bins_reached,
        };
        for (place, role) in directory.roles.iter().enumerate() {
            match &role.paths {
                PathSet::HashPrefixes(prefixes) => {
                    let prefixes: BTreeSet<&String> = prefixes.iter().collect();
                    for prefix in prefixes {
                        directory.longest = directory.longest.max(prefix.len());
                        directory.by_digest.entry(prefix.clone()).or_default().push(place);
                    }
                }
                PathSet::Patterns(_) | PathSet::Prefixes(_) => directory.plain.push(place),
            }
        }
        directory
    }

    pub(super) fn roles(&self) -> &[DelegatedRole] {
        &self.roles
    }

    /// The places of the listed delegations for a path, in their order.
    fn matching(&self, path: &str, digest: &str) -> Vec<usize> {
        let begun = (0..=self.longest.min(digest.len())).filter_map(|end| self.by_digest.get(&digest[..end]));
        let covered = self
            .plain
            .iter()
            .filter(|place| self.roles()[**place].paths.covers(path));
        let places: BTreeSet<usize> = begun.flatten().chain(covered).copied().collect();
        places.into_iter().collect()
    }
}

/// What a search goes by.
#[derive(Clone, Copy)]
pub(super) struct Means {
    pub(super) dialect: Dialect,
    /// Notary passes a role that its snapshot does not list. Who has snapshot and timestamp can thus have delegated roles
    /// overlooked; in TUF such a search is refused.
    pub(super) can_hide_roles: bool,
}

/// How far a client comes in a search for one path.
pub(super) struct Found<'a> {
    /// The role whose document, as it is, answers.
    pub(super) answer: Option<&'a RoleName>,
    /// The first role on the way that the stolen keys are enough for.
    pub(super) seized: Option<RoleName>,
}

struct Asked<'a> {
    role: std::borrow::Cow<'a, RoleName>,
    reached: bool,
    prefixes: Option<Vec<String>>,
}

/// Searches as clients do (TUF 5.6.7; in Notary breadth first).
///
/// A document that is not there is passed as one that lists nothing.
pub(super) fn search<'a>(
    directories: &'a BTreeMap<&'a RoleName, Directory<'a>>,
    means: Means,
    targets_reached: bool,
    path: &str,
) -> Found<'a> {
    let dialect = means.dialect;
    let digest = hex(&sha256(path.as_bytes()));
    let mut found = Found {
        answer: None,
        seized: None,
    };
    let mut waiting = VecDeque::from([Asked {
        role: std::borrow::Cow::Borrowed(the_targets_role()),
        reached: targets_reached,
        prefixes: None,
    }]);
    let mut asked = HashSet::new();
    while let Some(current) = waiting.pop_back() {
        if !asked.insert(current.role.clone()) {
            continue;
        }
        if current.reached && found.seized.is_none() {
            found.seized = Some(current.role.clone().into_owned());
        }
        let Some((role, directory)) = directories.get_key_value(current.role.as_ref()) else {
            continue;
        };
        let body = directory.envelope.body();
        if body.lists(path) {
            found.answer = found.answer.or(Some(role));
            // A role that is hidden takes along those below it, and no others.
            if means.can_hide_roles && found.seized.is_none() && role.as_str() != "targets" {
                continue;
            }
            return found;
        }
        let mut below = Vec::new();
        for place in directory.matching(path, &digest) {
            let role = &directory.roles()[place];
            let mut child = Asked {
                role: std::borrow::Cow::Borrowed(&role.name),
                reached: directory.reached[place],
                prefixes: None,
            };
            if dialect == Dialect::Notary {
                let left = role.paths.left_below(current.prefixes.as_deref());
                let is_for_path = left.iter().any(|prefix| path.starts_with(prefix.as_str()));
                if !is_for_path || !is_directly_below(&role.name, &current.role) {
                    continue;
                }
                child.prefixes = Some(left);
            }
            below.push(child);
            if role.terminating {
                waiting.clear();
                break;
            }
        }
        let succinct = body
            .delegations
            .as_ref()
            .and_then(|delegations| delegations.succinct.as_ref());
        if let Some(succinct) = succinct {
            waiting.clear();
            below.push(Asked {
                role: std::borrow::Cow::Owned(succinct.bin_of(path)),
                reached: directory.bins_reached,
                prefixes: None,
            });
        }
        Order::of(dialect).line_up(&mut waiting, below);
    }
    found
}
