//! A draft of targets, top-level or delegated: files and delegations come and go; all else stays as it was.

use std::collections::BTreeMap;

use crate::dialect::Dialect;
use crate::draft::{
    DraftRefusal, Frozen, check_role, first_signed, keyids_value, next_signed, object_member, set_expires,
};
use crate::json::{Object, Value};
use crate::key::Key;
use crate::metadata::{DelegatedRole, Envelope, PathSet, Target, Targets};
use crate::role::RoleName;
use crate::time::Instant;

/// The next targets document of a role in the making.
#[derive(Clone, Debug)]
pub struct TargetsDraft {
    dialect: Dialect,
    role: RoleName,
    signed: Object,
    /// What becomes of each target that changes; `None` is removed. Applied at once, since there may be very many.
    changed: BTreeMap<String, Option<Value>>,
    problem: Option<DraftRefusal>,
}

impl TargetsDraft {
    /// Starts `role` at version 1, vouching for nothing.
    pub fn first(dialect: Dialect, role: RoleName, expires: Instant) -> Self {
        let mut signed = first_signed::<Targets>(dialect, expires);
        signed.set("targets", Object::new().into());
        if dialect == Dialect::Notary {
            set_delegations(&mut signed, Vec::new(), Object::new());
        }
        TargetsDraft {
            dialect,
            role,
            signed,
            changed: BTreeMap::new(),
            problem: None,
        }
    }

    /// Starts the version after `targets`, a document of `role`.
    pub fn next(targets: &Envelope<Targets>, role: RoleName) -> Self {
        let (signed, problem) = match next_signed(targets) {
            Ok(signed) => (signed, None),
            Err(problem) => (targets.signed().clone(), Some(problem)),
        };
        TargetsDraft {
            dialect: targets.dialect(),
            role,
            signed,
            changed: BTreeMap::new(),
            problem,
        }
    }

    /// Vouches for a file under `path`, replacing what stood there.
    pub fn add_target(&mut self, path: &str, target: &Target) -> &mut Self {
        let mut entry = Object::new();
        if let Some(custom) = &target.custom {
            entry.set("custom", custom.clone());
        }
        entry.set("hashes", target.hashes.to_value(self.dialect));
        entry.set("length", Value::number(target.length));
        self.changed.insert(path.to_owned(), Some(entry.into()));
        self
    }

    /// Vouches for `path` no longer.
    pub fn remove_target(&mut self, path: &str) -> &mut Self {
        self.changed.insert(path.to_owned(), None);
        self
    }

    /// Delegates to `role`, whose keys are `keys`; a delegation of that name is replaced in its place.
    pub fn add_delegation(&mut self, role: &DelegatedRole, keys: &[Key]) -> &mut Self {
        for key in keys {
            let keyid = key.keyid().clone();
            let taken = self.keys().get(keyid.as_str()).is_some_and(|have| have != key.raw());
            if key.dialect() != self.dialect {
                self.problem.get_or_insert(DraftRefusal::OtherDialect { keyid });
            } else if taken {
                self.problem.get_or_insert(DraftRefusal::KeyidTaken { keyid });
            } else {
                object_member(object_member(&mut self.signed, "delegations"), "keys")
                    .set(keyid.as_str(), key.raw().clone());
            }
        }
        let mut roles = self.roles();
        let place = roles.iter().position(|have| names(have, &role.name));
        let mut entry = place
            .and_then(|place| roles[place].as_object().cloned())
            .unwrap_or_default();
        self.write_role(role, &mut entry);
        match place {
            Some(place) => roles[place] = entry.into(),
            None => roles.push(entry.into()),
        }
        self.set_roles(roles);
        self
    }

    /// Ends the delegation to `role`; keys no other delegation uses go with it.
    pub fn remove_delegation(&mut self, role: &RoleName) -> &mut Self {
        let mut roles = self.roles();
        let before = roles.len();
        roles.retain(|have| !names(have, role));
        if roles.len() == before {
            self.problem
                .get_or_insert(DraftRefusal::NoSuchRole { role: role.clone() });
        }
        self.set_roles(roles);
        self
    }

    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        set_expires(&mut self.signed, self.dialect, expires);
        self
    }

    /// Fixes the bytes. Fails with the first thing that was wrong, or when a delegation could never be signed.
    pub fn freeze(&self) -> Result<Frozen<Targets>, DraftRefusal> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let frozen = Frozen::<Targets>::freeze(self.with_changes(), self.dialect, self.role.clone())?;
        if let Some(delegations) = &frozen.body().delegations {
            for role in delegations.roles.iter() {
                // A purged Notary delegation is a state its own tools leave behind.
                if self.dialect == Dialect::Tuf1 || !role.keys.keyids.is_empty() {
                    check_role(&role.name, &delegations.keys, &role.keys)?;
                }
            }
        }
        Ok(frozen)
    }

    fn with_changes(&self) -> Object {
        let mut signed = self.signed.clone();
        let targets = object_member(&mut signed, "targets");
        let untouched = std::mem::take(targets)
            .into_iter()
            .filter(|(path, _)| !self.changed.contains_key(path));
        let changed = self
            .changed
            .iter()
            .filter_map(|(path, target)| Some((path.clone(), target.clone()?)));
        *targets = untouched.chain(changed).collect();
        signed
    }

    fn write_role(&self, role: &DelegatedRole, entry: &mut Object) {
        entry.set("name", Value::text(role.name.as_str()));
        entry.set("keyids", keyids_value(&role.keys.keyids));
        entry.set("threshold", Value::number(role.keys.threshold));
        entry.remove("paths");
        entry.remove("path_hash_prefixes");
        let texts = Value::Array(role.paths.texts().iter().map(Value::text).collect());
        match &role.paths {
            PathSet::Patterns(_) | PathSet::Prefixes(_) => entry.set("paths", texts),
            PathSet::HashPrefixes(_) => entry.set("path_hash_prefixes", texts),
        }
        if self.dialect == Dialect::Tuf1 {
            entry.set("terminating", Value::Bool(role.terminating));
        }
    }

    fn delegations(&self) -> Option<&Object> {
        self.signed.get("delegations")?.as_object()
    }

    fn keys(&self) -> Object {
        self.delegations()
            .and_then(|delegations| delegations.get("keys")?.as_object())
            .cloned()
            .unwrap_or_default()
    }

    fn roles(&self) -> Vec<Value> {
        self.delegations()
            .and_then(|below| below.get("roles")?.as_array())
            .map(<[Value]>::to_vec)
            .unwrap_or_default()
    }

    /// Writes the roles, and of the keys those that one of them uses.
    fn set_roles(&mut self, roles: Vec<Value>) {
        let used: std::collections::HashSet<&str> = roles
            .iter()
            .filter_map(|role| role.get("keyids")?.as_array())
            .flat_map(|keyids| keyids.iter().filter_map(Value::as_str))
            .collect();
        let kept = self
            .keys()
            .iter()
            .filter(|(keyid, _)| used.contains(keyid))
            .map(|(keyid, key)| (keyid.to_owned(), key.clone()))
            .collect();
        set_delegations(&mut self.signed, roles, kept);
    }
}

fn set_delegations(signed: &mut Object, roles: Vec<Value>, keys: Object) {
    let delegations = object_member(signed, "delegations");
    delegations.set("keys", keys.into());
    delegations.set("roles", Value::Array(roles));
}

fn names(entry: &Value, role: &RoleName) -> bool {
    entry.get("name").and_then(Value::as_str) == Some(role.as_str())
}
