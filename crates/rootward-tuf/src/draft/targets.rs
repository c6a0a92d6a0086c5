//! A draft of targets, top-level or delegated: files and delegations come and go; all else stays as it was.

use std::collections::HashSet;

use crate::canonical::canonical;
use crate::dialect::Dialect;
use crate::draft::signed::{Changes, Signed};
use crate::draft::{DraftRefusal, Frozen, check_role, keyids_value, object_member};
use crate::json::{Object, Value};
use crate::key::Key;
use crate::metadata::{DelegatedRole, Envelope, PathSet, SuccinctRoles, Target, Targets};
use crate::role::RoleName;
use crate::time::Instant;

/// The next targets document of a role in the making.
#[derive(Clone, Debug)]
pub struct TargetsDraft {
    role: RoleName,
    signed: Signed<Targets>,
    /// What becomes of each target that changes. All others are copied, since there may be very many.
    changed: Changes,
    unusable: Vec<RoleName>,
    problem: Option<DraftRefusal>,
}

impl TargetsDraft {
    /// Starts `role` at version 1, vouching for nothing.
    pub fn first(dialect: Dialect, role: RoleName, expires: Instant) -> Self {
        let mut signed = Signed::first(dialect, expires);
        if dialect == Dialect::Notary {
            let mut delegations = Object::new();
            delegations.set("keys", Object::new().into());
            delegations.set("roles", Value::Array(Vec::new()));
            signed.set("delegations", delegations.into());
        }
        TargetsDraft {
            role,
            signed,
            changed: Changes::new(),
            unusable: Vec::new(),
            problem: None,
        }
    }

    /// Starts `role` anew, vouching for nothing, behind a version that cannot be built on.
    pub fn anew(dialect: Dialect, role: RoleName, after: u64, expires: Instant) -> Self {
        let mut draft = TargetsDraft::first(dialect, role, expires);
        match after.checked_add(1) {
            Some(version) => draft.signed.set("version", Value::number(version)),
            None => draft.problem = Some(DraftRefusal::LastVersion),
        }
        draft
    }

    /// Starts the version after `targets`, a document of `role`.
    pub fn next(targets: &Envelope<Targets>, role: RoleName) -> Self {
        let (signed, problem) = Signed::next(targets);
        TargetsDraft {
            role,
            signed,
            changed: Changes::new(),
            unusable: Vec::new(),
            problem,
        }
    }

    /// Vouches for a file under `path`, replacing what stood there.
    pub fn add_target(&mut self, path: &str, target: &Target) -> &mut Self {
        let mut entry = Object::new();
        if let Some(custom) = &target.custom {
            entry.set("custom", custom.clone());
        }
        entry.set("hashes", target.hashes.to_value(self.signed.dialect()));
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
        self.list_keys(keys);
        let dialect = self.signed.dialect();
        let roles = roles(self.delegations());
        match roles.iter_mut().find(|have| names(have, &role.name)) {
            Some(Value::Object(entry)) => write_role(role, entry, dialect),
            Some(_) | None => {
                let mut entry = Object::new();
                write_role(role, &mut entry, dialect);
                roles.push(entry.into());
            }
        }
        self.leave_out_unused_keys();
        self
    }

    /// Ends the delegation to `role`; keys no other delegation uses go with it.
    pub fn remove_delegation(&mut self, role: &RoleName) -> &mut Self {
        let roles = roles(self.delegations());
        let before = roles.len();
        roles.retain(|have| !names(have, role));
        if roles.len() == before {
            self.problem
                .get_or_insert(DraftRefusal::NoSuchRole { role: role.clone() });
        }
        self.leave_out_unused_keys();
        self
    }

    /// Puts a delegation in the given place among the others, which is the order clients ask them in.
    pub fn place_delegation(&mut self, role: &RoleName, place: usize) -> &mut Self {
        let roles = roles(self.delegations());
        match roles.iter().position(|have| names(have, role)) {
            Some(from) => {
                let entry = roles.remove(from);
                roles.insert(place.min(roles.len()), entry);
            }
            None => {
                self.problem
                    .get_or_insert(DraftRefusal::NoSuchRole { role: role.clone() });
            }
        }
        self
    }

    /// Delegates to many roles with one set of keys (TAP 15), replacing the ones there were.
    pub fn set_succinct(&mut self, succinct: &SuccinctRoles, keys: &[Key]) -> &mut Self {
        self.list_keys(keys);
        let delegations = self.delegations();
        delegations.remove("roles");
        let entry = object_member(delegations, "succinct_roles");
        entry.set("keyids", keyids_value(&succinct.keys.keyids));
        entry.set("threshold", Value::number(succinct.keys.threshold));
        entry.set("bit_length", Value::number(u64::from(succinct.bits)));
        entry.set("name_prefix", Value::text(&succinct.name_prefix));
        self.leave_out_unused_keys();
        self
    }

    /// Lets a delegated role be left with fewer keys than its threshold: nobody can sign it then.
    pub fn leave_unusable(&mut self, role: &RoleName) -> &mut Self {
        self.unusable.push(role.clone());
        self
    }

    /// Sets the moment the document stops being valid; TUF 1.0 drops a fraction of a second.
    pub fn set_expires(&mut self, expires: Instant) -> &mut Self {
        self.signed.set_expires(expires);
        self
    }

    /// Fixes the bytes. Fails with the first thing that was wrong, or when a delegation could never be signed.
    pub fn freeze(&self) -> Result<Frozen<Targets>, DraftRefusal> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let frozen = self.signed.freeze(self.role.clone(), "targets", &self.changed)?;
        if let Some(delegations) = &frozen.body().delegations {
            for role in delegations.roles.iter() {
                // A purged Notary delegation is a state its own tools leave behind.
                if frozen.dialect() == Dialect::Tuf1 || !role.keys.keyids.is_empty() {
                    check_role(&role.name, &delegations.keys, &role.keys, &self.unusable)?;
                }
            }
        }
        Ok(frozen)
    }

    fn list_keys(&mut self, keys: &[Key]) {
        for key in keys {
            let keyid = key.keyid().clone();
            let is_taken = |have: &Value| canonical(have) != canonical(key.raw());
            if key.dialect() != self.signed.dialect() {
                self.problem.get_or_insert(DraftRefusal::OtherDialect { keyid });
            } else if object_member(self.delegations(), "keys")
                .get(keyid.as_str())
                .is_some_and(is_taken)
            {
                self.problem.get_or_insert(DraftRefusal::KeyidTaken { keyid });
            } else {
                object_member(self.delegations(), "keys").set(keyid.as_str(), key.raw().clone());
            }
        }
    }

    /// The delegations as they stand now.
    fn delegations(&mut self) -> &mut Object {
        let is_object = |value: &mut Value| matches!(value, Value::Object(_));
        if !self.signed.member("delegations").is_some_and(is_object) {
            self.signed.set("delegations", Object::new().into());
        }
        match self.signed.member("delegations") {
            Some(Value::Object(delegations)) => delegations,
            _ => unreachable!("the member was just made an object"),
        }
    }

    /// Of the keys listed, those stay that one of the roles uses.
    fn leave_out_unused_keys(&mut self) {
        let delegations = self.delegations();
        let listed = std::mem::take(object_member(delegations, "keys"));
        let keyids = |role: &Value| role.get("keyids").and_then(Value::as_array).map(<[Value]>::to_vec);
        let listed_roles = delegations.get("roles").and_then(Value::as_array).unwrap_or_default();
        let succinct = delegations.get("succinct_roles");
        let used: Vec<Value> = listed_roles
            .iter()
            .chain(succinct)
            .filter_map(keyids)
            .flatten()
            .collect();
        let used: HashSet<&str> = used.iter().filter_map(Value::as_str).collect();
        let kept = listed
            .into_iter()
            .filter(|(keyid, _)| used.contains(keyid.as_str()))
            .collect();
        *object_member(delegations, "keys") = kept;
    }
}

/// The list of roles, made if it is missing.
fn roles(delegations: &mut Object) -> &mut Vec<Value> {
    if delegations.get("roles").and_then(Value::as_array).is_none() {
        delegations.set("roles", Value::Array(Vec::new()));
    }
    match delegations.get_mut("roles") {
        Some(Value::Array(roles)) => roles,
        _ => unreachable!("the member was just made an array"),
    }
}

fn write_role(role: &DelegatedRole, entry: &mut Object, dialect: Dialect) {
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
    if dialect == Dialect::Tuf1 {
        entry.set("terminating", Value::Bool(role.terminating));
    }
}

fn names(entry: &Value, role: &RoleName) -> bool {
    entry.get("name").and_then(Value::as_str) == Some(role.as_str())
}
