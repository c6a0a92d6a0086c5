//! What a change comes to: the next root as it would be frozen, who must sign it, and whether the rules allow it.
//!
//! Computed from the proven root and the change alone, before anything is signed. What it means for people is said in
//! `consequences`.

use std::collections::HashSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{Frozen, RootDraft};
use rootward_tuf::key::{Key, KeyId, PhysicalKey};
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::change::Rotate;
use super::delta::Delta;
use crate::border::{counted, short};
use crate::ports::Failure;

/// A change that the rules allow, worked out.
pub struct Plan {
    pub draft: Frozen<Root>,
    pub delta: Delta,
    /// Physical keys at hand for each threshold.
    pub reachable: Reach,
}

/// How far the keys at hand go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    pub old: u64,
    pub old_threshold: u64,
    pub new: u64,
    pub new_threshold: u64,
}

impl Reach {
    /// Whether the keys at hand meet both thresholds.
    pub fn is_enough(&self) -> bool {
        self.old >= self.old_threshold && self.new >= self.new_threshold
    }
}

impl Plan {
    /// Works a change out on the proven root `old`.
    ///
    /// Refuses with `draft-refused` what the rules forbid, and with `key-not-found` a leaving key that is none of root's.
    pub fn of(change: &Rotate, old: &Verified<Root>, now: Instant) -> Result<Plan, Failure> {
        offered(old.dialect())?;
        if change.role != "root" || change.server {
            return Err(refused("only the keys of root can be rotated"));
        }
        let draft = draft(change, old, now)?;
        let delta = Delta::between(old.body(), draft.envelope().body(), &change.names());
        let at_hand = |keys: &mut dyn Iterator<Item = PhysicalKey>| {
            keys.filter(|key| change.at_hand(key).is_some()).count() as u64
        };
        let reachable = Reach {
            old: at_hand(&mut delta.old_keys().map(|key| key.physical)),
            old_threshold: delta.threshold.0,
            new: at_hand(&mut delta.new_keys().map(|key| key.physical)),
            new_threshold: delta.threshold.1,
        };
        Ok(Plan {
            draft,
            delta,
            reachable,
        })
    }
}

fn draft(change: &Rotate, old: &Verified<Root>, now: Instant) -> Result<Frozen<Root>, Failure> {
    let root = old.body();
    let role = RoleName::root();
    let leaving = change.leaving();
    if leaving.len() != change.remove.len() {
        return Err(refused(
            "a key that leaves is not told as sha256: and 64 hexadecimal digits",
        ));
    }
    let joining = change
        .joining()
        .map_err(|why| refused(format!("a key that joins cannot be used: {why}")))?;
    let expires = Instant::parse(&change.expires).map_err(|_| {
        refused(format!(
            "expected an end such as 2030-01-31T00:00:00Z, got {}",
            change.expires
        ))
    })?;
    if expires <= now {
        return Err(refused(format!(
            "root would end on {}, which has passed",
            change.expires
        )));
    }
    let same_threshold = change
        .threshold
        .is_none_or(|threshold| threshold == root.root.threshold);
    if leaving.is_empty() && joining.is_empty() && same_threshold && !change.expires_chosen {
        return Err(refused(
            "nothing would change: no key leaves or joins, and the threshold stays",
        ));
    }
    let mut draft = RootDraft::next(old);
    for physical in &leaving {
        for keyid in listed_as(root, physical)? {
            draft.remove_key(&role, &keyid);
        }
    }
    let mut present: HashSet<PhysicalKey> = root.keys.physical(&root.root.keyids);
    for (public, at) in &joining {
        if leaving.contains(&public.physical()) {
            return Err(refused(format!("{at} would leave and join at once")));
        }
        if !present.insert(public.physical()) {
            return Err(refused(format!("{at} speaks for root already")));
        }
        draft.add_key(&role, Key::new_tuf1(public));
    }
    present.retain(|key| !leaving.contains(key));
    let threshold = change.threshold.unwrap_or(root.root.threshold);
    let keys = present.len() as u64;
    if threshold == 0 || threshold > keys {
        return Err(refused(format!(
            "root would need {} and have {}: nobody could ever change it again",
            counted(threshold, "signature"),
            counted(keys, "key"),
        )));
    }
    draft.set_threshold(&role, threshold).set_expires(expires);
    draft.freeze().map_err(|refusal| refused(refusal.to_string()))
}

/// Refuses what this program does not do yet, before anybody is asked for anything.
pub fn offered(dialect: Dialect) -> Result<(), Failure> {
    match dialect {
        Dialect::Tuf1 => Ok(()),
        Dialect::Notary => Err(refused(
            "the root of a Notary repository cannot be rotated yet: its snapshot names root by digest, so that whoever holds \
             the snapshot and timestamp keys would have to sign them again in the same moment",
        )),
    }
}

/// The ids under which root lists a key.
fn listed_as(root: &Root, physical: &PhysicalKey) -> Result<Vec<KeyId>, Failure> {
    let has = |keyid: &&KeyId| root.keys.get(keyid).and_then(Key::physical) == Some(*physical);
    let keyids: Vec<KeyId> = root.root.keyids.iter().filter(has).cloned().collect();
    if keyids.is_empty() {
        let shown = short(&physical.to_string());
        return Err(Failure::refusal(
            "key-not-found",
            format!("the key {shown} does not speak for root"),
        ));
    }
    Ok(keyids)
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::refusal("draft-refused", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notary_root_is_refused_and_a_tuf_root_is_not() {
        assert_eq!(
            offered(Dialect::Notary).map_err(|failure| failure.code),
            Err("draft-refused".into())
        );
        assert_eq!(offered(Dialect::Tuf1), Ok(()));
    }
}
