//! What can be done with the keys that are left, in the order in which it has to be done.

use std::collections::{BTreeMap, BTreeSet};

use crate::blast::Bins;
use crate::blast::ground::Ground;
use crate::blast::reach::{How, Reach};
use crate::dialect::Dialect;
use crate::key::PhysicalKey;
use crate::metadata::RoleKeys;
use crate::role::RoleName;
use crate::verify::Tally;

/// One document to be issued again, or a new beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What is issued, or done.
    pub step: Step,
    /// `None` where it is still to be seen who must sign.
    pub hands: Option<Hands>,
}

/// What is issued. All of it belongs into one publication, so that no client meets half of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next root, in which the stolen keys leave these roles.
    Root {
        /// In root's order.
        rekeyed: Vec<RoleName>,
    },
    /// Not enough keys of root are left: a new root has to reach every client by another way than the repository.
    OutOfBand {
        /// The roles whose keys it replaces.
        rekeyed: Vec<RoleName>,
        /// Copies of stolen keys, if their holders still have any, would do for a next root: as they would for the thief.
        copies_would_do: bool,
    },
    /// The next version of targets or of delegated roles with the same keys.
    Documents {
        /// Parents before children.
        roles: Vec<RoleName>,
        /// Whoever had the keys may have changed it: what it lists is compared with a version from before the theft.
        compare: bool,
        /// Delegated roles from which the stolen keys leave.
        rekeyed: Vec<RoleName>,
    },
    /// Roles that somebody could have taken over from above: whatever was changed is issued again.
    Check {
        /// Parents before children.
        roles: Vec<RoleName>,
    },
    /// The snapshot and the timestamp that name the new documents.
    Online {
        /// In the order in which they are signed.
        roles: Vec<RoleName>,
    },
}

/// Whose signatures a step takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hands {
    /// The roles whose keys sign.
    pub roles: Vec<RoleName>,
    /// How many must sign: by the old keys, where new ones come in with this very step.
    pub threshold: u64,
    /// The keys left that count.
    pub left: Vec<PhysicalKey>,
    /// Keys that came in with an earlier step sign, not those left.
    pub fresh: bool,
}

impl Hands {
    /// Whether there are enough of them.
    pub fn are_enough(&self) -> bool {
        self.fresh || self.threshold > 0 && self.left.len() as u64 >= self.threshold
    }
}

pub(super) struct Plan<'r, 'a> {
    pub(super) ground: &'r Ground<'a>,
    /// Root's roles first, then delegations, parents before children.
    pub(super) reaches: &'r [Reach],
    pub(super) bins: &'r Bins,
}

impl Plan<'_, '_> {
    /// The steps, in order; none if no role has a stolen key.
    pub(super) fn repairs(&self) -> Vec<Repair> {
        let tainted: Vec<&Reach> = self.reaches.iter().filter(|reach| !reach.stolen.is_empty()).collect();
        let mut rekeyed: BTreeMap<Option<&RoleName>, Vec<RoleName>> = BTreeMap::new();
        for reach in &tainted {
            add(&mut rekeyed, reach.parent.as_ref(), &reach.role);
        }
        // Who has to delegate anew and could never be signed gets other keys first.
        let mut above: Vec<&RoleName> = rekeyed.keys().flatten().copied().collect();
        while let Some(role) = above.pop() {
            for reach in self
                .reaches
                .iter()
                .filter(|reach| self.is_entry_of(reach, role) && !reach.could_be_met())
            {
                if add(&mut rekeyed, reach.parent.as_ref(), &reach.role) {
                    above.extend(reach.parent.as_ref());
                }
            }
        }
        let fresh: BTreeSet<&RoleName> = rekeyed.values().flatten().collect();
        let mut repairs: Vec<Repair> = Vec::new();
        repairs.extend(rekeyed.get(&None).map(|roles| self.root(roles)));
        let mut edges: BTreeMap<&RoleName, Vec<&Reach>> = BTreeMap::new();
        for reach in self.reaches {
            edges.entry(&reach.role).or_default().push(reach);
        }
        let (mut check, delegates_anew) = (Vec::new(), &rekeyed);
        for reach in self.reaches {
            let role = &reach.role;
            let Some(of_role) = edges.remove(role).filter(|_| !is_of_root_alone(role)) else {
                continue;
            };
            let rekeyed = delegates_anew.get(&Some(role)).cloned().unwrap_or_default();
            let compare = of_role.iter().any(|reach| reach.how == How::Alone);
            if compare || !rekeyed.is_empty() || !of_role.iter().all(|reach| self.stands(reach)) {
                let hands = hands(reach, fresh.contains(role));
                add_document(&mut repairs, role, compare, rekeyed, hands);
            } else if of_role.iter().any(|reach| reach.is_reached()) {
                check.push(role.clone());
            }
            // A bin's own document is another than that of the bins around it once it delegates.
            for bin in self.bins.under(role) {
                if let Some(below) = delegates_anew.get(&Some(bin)).cloned() {
                    let hands = hands(reach, fresh.contains(role));
                    add_document(&mut repairs, bin, compare, below, hands);
                }
            }
        }
        if !check.is_empty() {
            let step = Step::Check { roles: check };
            repairs.push(Repair { step, hands: None });
        }
        // TUF's snapshot does not list root: a next root alone leaves it and the timestamp as they are.
        let root_alone = repairs.len() == 1 && self.ground.dialect() == Dialect::Tuf1 && {
            let online = [RoleName::snapshot(), RoleName::timestamp()];
            matches!(repairs[0].step, Step::Root { .. } | Step::OutOfBand { .. })
                && !online.iter().any(|role| fresh.contains(role))
        };
        if !repairs.is_empty() && !root_alone {
            repairs.push(self.online(&fresh));
        }
        repairs
    }

    fn root(&self, rekeyed: &[RoleName]) -> Repair {
        let rekeyed = rekeyed.to_vec();
        let Some(reach) = self.reaches.iter().find(|reach| reach.role.as_str() == "root") else {
            unreachable!("root's own role comes with root")
        };
        let hands = hands(reach, false);
        let step = if hands.are_enough() {
            Step::Root { rekeyed }
        } else {
            Step::OutOfBand {
                rekeyed,
                copies_would_do: reach.could_be_met(),
            }
        };
        Repair {
            step,
            hands: Some(hands),
        }
    }

    fn online(&self, fresh: &BTreeSet<&RoleName>) -> Repair {
        let roles = [RoleName::snapshot(), RoleName::timestamp()];
        let of = |role: &RoleName| self.reaches.iter().find(|reach| reach.role == *role);
        let reaches: Vec<&Reach> = roles.iter().filter_map(of).collect();
        let all_fresh = roles.iter().all(|role| fresh.contains(role));
        let left: BTreeSet<PhysicalKey> = reaches
            .iter()
            .filter(|reach| !fresh.contains(&reach.role))
            .flat_map(|reach| reach.others.iter().map(|seat| seat.physical))
            .collect();
        Repair {
            step: Step::Online { roles: roles.to_vec() },
            hands: Some(Hands {
                roles: roles.to_vec(),
                threshold: reaches.iter().map(|reach| reach.threshold).max().unwrap_or(1),
                left: left.into_iter().collect(),
                fresh: all_fresh,
            }),
        }
    }

    /// Whether these are the keys of `role`, alone or as one of many bins.
    fn is_entry_of(&self, reach: &Reach, role: &RoleName) -> bool {
        reach.role == *role || self.bins.under(&reach.role).contains(role)
    }

    /// Whether the document a role has would still be proven without the stolen keys.
    fn stands(&self, reach: &Reach) -> bool {
        let documents: Vec<_> = std::iter::once(&reach.role)
            .chain(self.bins.under(&reach.role))
            .filter_map(|role| self.ground.documents.get(role))
            .collect();
        if reach.stolen.is_empty() {
            return true;
        }
        let keys = match &reach.parent {
            None => &self.ground.root.body().keys,
            Some(parent) => match self
                .ground
                .documents
                .get(parent)
                .and_then(|above| above.body().delegations.as_ref())
            {
                Some(delegations) => &delegations.keys,
                None => return true,
            },
        };
        let left = RoleKeys {
            keyids: reach
                .others
                .iter()
                .flat_map(|seat| seat.keyids.iter().cloned())
                .collect(),
            threshold: reach.threshold,
        };
        documents
            .iter()
            .all(|document| Tally::of(document, keys, &left).is_met())
    }
}

/// Root, which is a step of its own, and the two that come last.
fn is_of_root_alone(role: &RoleName) -> bool {
    matches!(role.as_str(), "root" | "snapshot" | "timestamp")
}

/// Adds a document, to the last step if it differs by nothing but its role.
fn add_document(repairs: &mut Vec<Repair>, role: &RoleName, compare: bool, rekeyed: Vec<RoleName>, hands: Hands) {
    if let Some(Repair {
        step: Step::Documents {
            roles,
            compare: same,
            rekeyed: none,
        },
        hands: Some(have),
    }) = repairs.last_mut()
        && (*same, none.is_empty(), rekeyed.is_empty()) == (compare, true, true)
        && (&have.left, have.threshold, have.fresh) == (&hands.left, hands.threshold, hands.fresh)
    {
        roles.push(role.clone());
        have.roles.push(role.clone());
        return;
    }
    let step = Step::Documents {
        roles: vec![role.clone()],
        compare,
        rekeyed,
    };
    repairs.push(Repair {
        step,
        hands: Some(hands),
    });
}

/// Adds a role to those that get other keys; says whether it is new among them.
fn add<'r>(
    rekeyed: &mut BTreeMap<Option<&'r RoleName>, Vec<RoleName>>,
    parent: Option<&'r RoleName>,
    role: &RoleName,
) -> bool {
    let roles = rekeyed.entry(parent).or_default();
    let is_new = !roles.contains(role);
    if is_new {
        roles.push(role.clone());
    }
    is_new
}

fn hands(reach: &Reach, fresh: bool) -> Hands {
    Hands {
        roles: vec![reach.role.clone()],
        threshold: reach.threshold,
        left: reach.others.iter().map(|seat| seat.physical).collect(),
        fresh,
    }
}
