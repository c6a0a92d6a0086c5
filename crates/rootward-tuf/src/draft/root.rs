//! A draft of root: keys join and leave roles, thresholds and expiry change; all else stays as it was.

use crate::dialect::Dialect;
use crate::draft::signed::{Changes, Signed};
use crate::draft::{DraftRefusal, Frozen, check_role, keyids_value, object_member};
use crate::json::{Object, Value};
use crate::key::{Key, KeyId};
use crate::metadata::{Envelope, RoleKeys, Root};
use crate::role::RoleName;
use crate::time::Instant;

/// The next root in the making. The first thing wrong with it is told by [`RootDraft::freeze`].
#[derive(Clone, Debug)]
pub struct RootDraft {
    dialect: Dialect,
    signed: Signed<Root>,
    keys: Vec<Key>,
    roles: Vec<(RoleName, RoleKeys)>,
    /// Keys that left a role in this draft.
    left: Vec<KeyId>,
    unusable: Vec<RoleName>,
    problem: Option<DraftRefusal>,
}

impl RootDraft {
    /// Starts a repository at version 1 with thresholds of 1 and no keys.
    pub fn first(dialect: Dialect, consistent_snapshot: bool, expires: Instant) -> Self {
        let mut signed = Signed::first(dialect, expires);
        signed.set("consistent_snapshot", Value::Bool(consistent_snapshot));
        let names = [
            RoleName::root(),
            RoleName::timestamp(),
            RoleName::snapshot(),
            RoleName::targets(),
        ];
        let role = |name| {
            (
                name,
                RoleKeys {
                    keyids: Vec::new(),
                    threshold: 1,
                },
            )
        };
        RootDraft {
            dialect,
            signed,
            keys: Vec::new(),
            roles: names.into_iter().map(role).collect(),
            left: Vec::new(),
            unusable: Vec::new(),
            problem: None,
        }
    }

    /// Starts the version after `root`.
    pub fn next(root: &Envelope<Root>) -> Self {
        let (signed, problem) = Signed::next(root);
        RootDraft {
            dialect: root.dialect(),
            signed,
            keys: root.body().keys.to_vec(),
            roles: root
                .body()
                .roles()
                .into_iter()
                .map(|(name, keys)| (name, keys.clone()))
                .collect(),
            left: Vec::new(),
            unusable: Vec::new(),
            problem,
        }
    }

    /// Takes a key out of a role.
    pub fn remove_key(&mut self, role: &RoleName, keyid: &KeyId) -> &mut Self {
        let Some(keys) = self.role(role) else { return self };
        let before = keys.keyids.len();
        keys.keyids.retain(|have| have != keyid);
        if keys.keyids.len() == before {
            return self.refuse(DraftRefusal::NoSuchKey {
                role: role.clone(),
                keyid: keyid.clone(),
            });
        }
        self.left.push(keyid.clone());
        self
    }

    /// Puts a key into a role. In TUF 1.0 a key that is listed already keeps the id it has.
    pub fn add_key(&mut self, role: &RoleName, key: Key) -> &mut Self {
        let keyid = key.keyid().clone();
        if let Err(problem) = key.public() {
            return self.refuse(DraftRefusal::UnusableKey {
                keyid,
                problem: problem.clone(),
            });
        }
        if key.dialect() != self.dialect {
            return self.refuse(DraftRefusal::OtherDialect { keyid });
        }
        if self.dialect == Dialect::Notary && role.as_str() == "root" && key.certificate().is_none() {
            return self.refuse(DraftRefusal::NoCertificate { keyid });
        }
        let same = |have: &&Key| same_key(have, &key, self.dialect);
        let seated = self
            .roles
            .iter()
            .find(|(name, _)| name == role)
            .map(|(_, keys)| &keys.keyids);
        let is_seated = |have: &&Key| seated.is_some_and(|keyids| keyids.contains(have.keyid()));
        // Listed under several ids, it stays under the one by which the role has it.
        let listed = self.keys.iter().filter(same).find(is_seated);
        let listed = listed.or_else(|| self.keys.iter().find(same));
        let keyid = match listed {
            Some(listed) => listed.keyid().clone(),
            None if self.keys.iter().any(|have| *have.keyid() == keyid) => {
                return self.refuse(DraftRefusal::KeyidTaken { keyid });
            }
            None => {
                self.keys.push(key);
                keyid
            }
        };
        if let Some(keys) = self.role(role)
            && !keys.keyids.contains(&keyid)
        {
            keys.keyids.push(keyid);
        }
        self
    }

    /// Gives a role these keys and no others; those it has already stay under the id they have.
    pub fn replace_keys(&mut self, role: &RoleName, keys: Vec<Key>) -> &mut Self {
        let before = self.role(role).map(|keys| keys.keyids.clone()).unwrap_or_default();
        let stays = |keyid: &KeyId| {
            let have = self.keys.iter().find(|have| have.keyid() == keyid);
            have.is_some_and(|have| keys.iter().any(|key| same_key(have, key, self.dialect)))
        };
        let leaving: Vec<KeyId> = before.into_iter().filter(|keyid| !stays(keyid)).collect();
        for key in keys {
            self.add_key(role, key);
        }
        for keyid in &leaving {
            self.remove_key(role, keyid);
        }
        self
    }

    /// Sets how many keys of a role must sign; 0 and a role that root does not name make the freeze fail.
    pub fn set_threshold(&mut self, role: &RoleName, threshold: u64) -> &mut Self {
        if let Some(keys) = self.role(role) {
            keys.threshold = threshold;
        }
        self
    }

    /// Sets the moment the document stops being valid; TUF 1.0 drops a fraction of a second.
    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        self.signed.set_expires(expires);
        self
    }

    /// Lets a role besides root be left with fewer keys than its threshold: nobody can sign it then.
    pub fn leave_unusable(&mut self, role: &RoleName) -> &mut Self {
        if *role != RoleName::root() {
            self.unusable.push(role.clone());
        }
        self
    }

    /// Fixes the bytes. Fails with the first thing that was wrong, or when a role could never be signed.
    pub fn freeze(&self) -> Result<Frozen<Root>, DraftRefusal> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let mut signed = self.signed.clone();
        let listed = |key: &Key| (!self.is_dropped(key)).then(|| key.raw().clone());
        let keys: Changes = self
            .keys
            .iter()
            .map(|key| (key.keyid().as_str().to_owned(), listed(key)))
            .collect();
        let mut roles = match signed.member("roles") {
            Some(Value::Object(roles)) => std::mem::take(roles),
            _ => Object::new(),
        };
        for (name, role_keys) in &self.roles {
            let role = object_member(&mut roles, name.as_str());
            role.set("keyids", keyids_value(&role_keys.keyids));
            role.set("threshold", Value::number(role_keys.threshold));
        }
        signed.set("roles", roles.into());
        let frozen = signed.freeze(RoleName::root(), "keys", &keys)?;
        for (role, role_keys) in frozen.body().roles() {
            check_role(&role, &frozen.body().keys, role_keys, &self.unusable)?;
        }
        Ok(frozen)
    }

    /// A key that left its last role goes; Notary's old root certificates stay, clients of old roots look for them.
    fn is_dropped(&self, key: &Key) -> bool {
        let kept = self.dialect == Dialect::Notary && key.certificate().is_some();
        let used = self.roles.iter().any(|(_, role)| role.keyids.contains(key.keyid()));
        !used && !kept && self.left.contains(key.keyid())
    }

    fn role(&mut self, name: &RoleName) -> Option<&mut RoleKeys> {
        let place = self.roles.iter().position(|(have, _)| have == name);
        match place {
            Some(place) => Some(&mut self.roles[place].1),
            None => {
                self.refuse(DraftRefusal::NoSuchRole { role: name.clone() });
                None
            }
        }
    }

    fn refuse(&mut self, problem: DraftRefusal) -> &mut Self {
        self.problem.get_or_insert(problem);
        self
    }
}

/// Whether a draft takes two entries for one: TUF 1.0 by the key itself, Notary by the id, which covers the certificate.
fn same_key(one: &Key, other: &Key, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Tuf1 => one.physical().is_some() && one.physical() == other.physical(),
        Dialect::Notary => one.keyid() == other.keyid(),
    }
}
