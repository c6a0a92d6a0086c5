//! Which keys the root versions of a repository list, under which keyids, for which roles, from which version to which.
//!
//! Read from every root that can be shown. It says who was listed, not who signed: that is in `history`.

use std::collections::{BTreeMap, HashMap};

use rootward_tuf::{
    json::Value,
    key::{Algorithm, Key, PhysicalKey},
    metadata::{Envelope, Root},
    role::RoleName,
    time::Instant,
};

/// A key that root lists, or listed, for a top-level role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub physical: PhysicalKey,
    pub algorithm: Algorithm,
    pub role: RoleName,
    /// Oldest first.
    pub spells: Vec<Spell>,
    /// What the newest root that lists it calls its holder; a claim.
    pub name: Option<String>,
    /// From when on its certificate holds, in Notary.
    pub since: Option<Instant>,
}

/// A keyid, and the root versions that list the key under it one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    pub keyid: String,
    pub first: u64,
    pub last: u64,
}

/// Gathers the keys of roots; of two roots of one version the first counts.
pub fn listed<'a>(roots: impl IntoIterator<Item = &'a Envelope<Root>>) -> Vec<Listed> {
    let mut by_version: BTreeMap<u64, &Envelope<Root>> = BTreeMap::new();
    for root in roots {
        by_version.entry(root.version()).or_insert(root);
    }
    let mut known = Looked::default();
    let mut all: Vec<Listed> = Vec::new();
    let mut places: HashMap<(PhysicalKey, String), usize> = HashMap::new();
    let mut before: Option<u64> = None;
    for (version, root) in by_version {
        for (role, keys) in root.body().roles() {
            for keyid in &keys.keyids {
                let Some(key) = root.body().keys.get(keyid) else {
                    continue;
                };
                let Some(look) = known.look(key) else { continue };
                let place = *places
                    .entry((look.physical, role.as_str().to_owned()))
                    .or_insert_with(|| {
                        all.push(Listed {
                            physical: look.physical,
                            algorithm: look.algorithm,
                            role: role.clone(),
                            spells: Vec::new(),
                            name: None,
                            since: None,
                        });
                        all.len() - 1
                    });
                let listed = &mut all[place];
                listed.name = look.name.clone().or(listed.name.take());
                listed.since = match (listed.since, look.since) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
                match listed
                    .spells
                    .iter_mut()
                    .rev()
                    .find(|spell| spell.keyid == keyid.as_str())
                {
                    Some(spell) if Some(spell.last) == before || spell.last == version => spell.last = version,
                    _ => listed.spells.push(Spell {
                        keyid: keyid.as_str().to_owned(),
                        first: version,
                        last: version,
                    }),
                }
            }
        }
        before = Some(version);
    }
    all
}

/// What was made of key objects: a root repeats those of the one before, and looking at a key costs.
#[derive(Default)]
struct Looked(HashMap<String, Vec<(Value, Option<Look>)>>);

#[derive(Clone)]
struct Look {
    physical: PhysicalKey,
    algorithm: Algorithm,
    name: Option<String>,
    since: Option<Instant>,
}

impl Looked {
    fn look(&mut self, key: &Key) -> Option<Look> {
        let under_that_id = self.0.entry(key.keyid().as_str().to_owned()).or_default();
        if let Some((_, look)) = under_that_id.iter().find(|(raw, _)| raw == key.raw()) {
            return look.clone();
        }
        let look = key.public().ok().map(|public| Look {
            physical: public.physical(),
            algorithm: public.algorithm(),
            name: key.owner_name(),
            since: key.certificate().map(|certificate| certificate.not_before()),
        });
        under_that_id.push((key.raw().clone(), look.clone()));
        look
    }
}
