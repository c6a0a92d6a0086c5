//! TUF 5.6.7: which role a client would take a target from, asked of a finished walk.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::dialect::Dialect;
use crate::finding::Code;
use crate::metadata::{DelegatedRole, Target, Targets};
use crate::role::RoleName;
use crate::walk::Outcome;

/// Where a search for a target ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The first role, in the client's order, that vouches for it.
    Found {
        /// The role whose document lists the target.
        role: RoleName,
        /// What that document says of it.
        target: Target,
    },
    /// TUF: the client needs this role to go on, and it was refused.
    Blocked {
        /// The first such role, in the order in which the client asks.
        role: RoleName,
    },
    /// No role that the client would ask lists it.
    Nowhere,
}

/// Which of the roles that wait a search asks next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// TUF: those that the role asked last delegates to (5.6.7).
    Deep,
    /// Notary: those that have waited longest, so that all roles of one depth come before any below them.
    Broad,
}

impl Order {
    pub(crate) fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Tuf1 => Order::Deep,
            Dialect::Notary => Order::Broad,
        }
    }

    /// Lets `below` wait, in its order, among those that wait; the last of them is the next.
    pub(crate) fn line_up<T>(self, waiting: &mut VecDeque<T>, below: Vec<T>) {
        match self {
            Order::Deep => waiting.extend(below.into_iter().rev()),
            Order::Broad => below.into_iter().for_each(|next| waiting.push_front(next)),
        }
    }
}

/// A role to be asked.
struct Asked<'a> {
    role: RoleName,
    /// `None` if it was refused.
    document: Option<&'a Targets>,
    /// Notary: the prefixes that all delegations down to it leave.
    prefixes: Option<Vec<String>>,
}

impl Outcome {
    /// Searches the proven roles for `path`, depth first; a terminating delegation that fits ends the search with it.
    ///
    /// In Notary this is the order of its own tool, breadth first: targets, the roles directly below it, then those below
    /// them.
    pub fn find_target(&self, path: &str) -> Search {
        let proven: HashMap<(&RoleName, &RoleName), &Targets> = self
            .delegated
            .iter()
            .map(|edge| ((&edge.parent, &edge.role), edge.document.body()))
            .collect();
        // They were proven, and are refused all the same.
        let expired: HashSet<&RoleName> = self
            .refused
            .iter()
            .filter(|(_, finding)| finding.code == Code::Expired)
            .map(|(role, _)| role)
            .collect();
        let document = self.targets.as_ref().map(|targets| targets.body());
        let mut waiting = VecDeque::from([Asked {
            role: RoleName::targets(),
            document,
            prefixes: None,
        }]);
        let mut asked = HashSet::new();
        while let Some(current) = waiting.pop_back() {
            if asked.contains(&current.role) {
                continue;
            }
            let Some(document) = current.document.filter(|_| !expired.contains(&current.role)) else {
                match self.dialect {
                    Dialect::Tuf1 => return Search::Blocked { role: current.role },
                    Dialect::Notary => continue,
                }
            };
            asked.insert(current.role.clone());
            if let Some(target) = document.targets.get(path) {
                return Search::Found {
                    role: current.role,
                    target,
                };
            }
            let mut below = Vec::new();
            for delegation in document
                .delegations
                .iter()
                .flat_map(|delegations| delegations.covering(path))
            {
                let child = current.below(&delegation, &proven, self.dialect);
                if child
                    .prefixes
                    .as_ref()
                    .is_none_or(|left| left.iter().any(|prefix| path.starts_with(prefix.as_str())))
                {
                    below.push(child);
                }
                if delegation.terminating {
                    waiting.clear();
                    break;
                }
            }
            Order::of(self.dialect).line_up(&mut waiting, below);
        }
        Search::Nowhere
    }
}

impl<'a> Asked<'a> {
    fn below(
        &self,
        delegation: &DelegatedRole,
        proven: &HashMap<(&RoleName, &RoleName), &'a Targets>,
        dialect: Dialect,
    ) -> Asked<'a> {
        Asked {
            document: proven.get(&(&self.role, &delegation.name)).copied(),
            role: delegation.name.clone(),
            prefixes: (dialect == Dialect::Notary).then(|| delegation.paths.left_below(self.prefixes.as_deref())),
        }
    }
}
