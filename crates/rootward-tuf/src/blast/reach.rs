//! What stolen keys count in each role, by the client's rule and by ours.

use std::collections::BTreeSet;

use crate::blast::ground::Ground;
use crate::dialect::{Dialect, notary};
use crate::key::{KeyId, KeyTable, PhysicalKey};
use crate::metadata::RoleKeys;
use crate::role::RoleName;

/// What stolen keys come to in one role, as one other role delegates to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The role that would be signed.
    pub role: RoleName,
    /// The role whose document names its keys; `None` is root.
    pub parent: Option<RoleName>,
    /// Signatures a client asks for.
    pub threshold: u64,
    /// Signatures a client counts if the stolen keys sign: one for each keyid.
    pub clients: u64,
    /// Different stolen keys: what we count.
    pub ours: u64,
    /// The stolen keys among the role's.
    pub stolen: Vec<Seat>,
    /// The role's other keys that can be used.
    pub others: Vec<Seat>,
    /// Whether that is enough, and what else would be.
    pub how: How,
}

/// A physical key in a role, under every id the role lists it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Who it is.
    pub physical: PhysicalKey,
    /// As listed. A client counts one signature for each.
    pub keyids: Vec<KeyId>,
}

/// Whether a role can be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The stolen keys are enough.
    Alone,
    /// They are enough for this role above, whose holder can give this one other keys.
    Through(RoleName),
    /// Any of the others that together bring this many more signatures would do.
    With {
        /// By the clients' count.
        lacking: u64,
    },
    /// Not even all usable keys of the role are enough.
    Never,
}

impl Reach {
    /// Whether the role can be signed, by these keys or by others that they can put in their place.
    pub fn is_reached(&self) -> bool {
        matches!(self.how, How::Alone | How::Through(_))
    }

    /// Whether the stolen keys and these would be enough for a client.
    pub fn is_reached_with(&self, further: &BTreeSet<PhysicalKey>) -> bool {
        let more = self.others.iter().filter(|seat| further.contains(&seat.physical));
        let counted = self.clients + more.map(Seat::counts).sum::<u64>();
        self.is_reached() || self.threshold > 0 && counted >= self.threshold
    }

    /// Whether the keys that were not stolen can still sign for the role, counted strictly.
    pub fn is_held_by_others(&self) -> bool {
        self.threshold > 0 && self.others.len() as u64 >= self.threshold
    }

    /// Whether all usable keys could sign for the role, counted strictly.
    pub(super) fn could_be_met(&self) -> bool {
        self.threshold > 0 && (self.others.len() + self.stolen.len()) as u64 >= self.threshold
    }

    pub(super) fn of(
        role: &RoleName,
        parent: Option<&RoleName>,
        keys: &KeyTable,
        role_keys: &RoleKeys,
        stolen: &BTreeSet<PhysicalKey>,
    ) -> Self {
        let mut seats: Vec<Seat> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for keyid in &role_keys.keyids {
            // A key nobody can verify with counts for nobody; in Notary that is one whose id is not its hash, too.
            let Some(physical) = keys.get(keyid).and_then(|key| key.physical()) else {
                continue;
            };
            let place = *places.entry(physical).or_insert_with(|| {
                seats.push(Seat {
                    physical,
                    keyids: Vec::new(),
                });
                seats.len() - 1
            });
            seats[place].keyids.push(keyid.clone());
        }
        let (stolen, others): (Vec<Seat>, Vec<Seat>) =
            seats.into_iter().partition(|seat| stolen.contains(&seat.physical));
        let threshold = role_keys.threshold;
        let clients: u64 = stolen.iter().map(Seat::counts).sum();
        let all = clients + others.iter().map(Seat::counts).sum::<u64>();
        let how = if threshold > 0 && clients >= threshold {
            How::Alone
        } else if threshold > 0 && all >= threshold {
            How::With {
                lacking: threshold - clients,
            }
        } else {
            How::Never
        };
        Reach {
            role: role.clone(),
            parent: parent.cloned(),
            threshold,
            clients,
            ours: stolen.len() as u64,
            stolen,
            others,
            how,
        }
    }
}

impl Seat {
    /// Signatures a client counts for this key.
    pub fn counts(&self) -> u64 {
        self.keyids.len() as u64
    }
}

impl Ground<'_> {
    /// What the stolen keys reach in root's four roles, in root's order.
    pub(super) fn top_level(&self, stolen: &BTreeSet<PhysicalKey>) -> Vec<Reach> {
        let root = self.root.body();
        let reach = |(role, keys): (RoleName, &RoleKeys)| {
            let countable = self.countable(&role, keys);
            Reach::of(&role, None, &root.keys, &countable, stolen)
        };
        root.roles().into_iter().map(reach).collect()
    }

    /// Notary: clients count root's keys only when their certificate may hold a root key of this repository.
    fn countable(&self, role: &RoleName, keys: &RoleKeys) -> RoleKeys {
        let mut countable = keys.clone();
        if self.dialect() == Dialect::Notary && role.as_str() == "root" {
            countable.keyids.retain(|keyid| {
                let key = self.root.body().keys.get(keyid);
                let key = key.filter(|key| notary::has_one_leaf(key.raw()));
                key.and_then(|key| key.certificate())
                    .is_some_and(|certificate| certificate.check_name_and_kind(self.gun).is_ok())
            });
        }
        countable
    }
}
