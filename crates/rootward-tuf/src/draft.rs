//! The next version of a document: edited as a draft, then frozen to exact bytes, then complete with enough signatures.
//!
//! A draft starts from the document as read, so members we do not know survive. Nothing is signed here: signatures come
//! from outside and are checked.

mod any;
mod online;
mod root;
mod signed;
#[cfg(test)]
mod splice_tests;
mod targets;
#[cfg(test)]
mod tests;

pub use any::{AnyComplete, AnyFrozen, Authority};
pub use online::{SnapshotDraft, TimestampDraft};
pub use root::RootDraft;
pub use targets::TargetsDraft;

use std::collections::HashSet;

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::encoding::sha256;
use crate::json::{Object, Value};
use crate::key::{Key, KeyId, KeyProblem, KeyTable, PhysicalKey};
use crate::metadata::{
    Document, Envelope, Layout, MetaEntry, ReadError, RoleKeys, Root, Signature, Snapshot, Targets, Timestamp,
    as_written, read_canonical_signed,
};
use crate::role::RoleName;
use crate::time::Instant;
use crate::verify::{Tally, Verified};

/// Bytes that will be signed and never change again.
#[derive(Clone)]
pub struct Frozen<T> {
    envelope: Envelope<T>,
    role: RoleName,
    /// How its file will be laid out.
    layout: Layout,
}

/// A document that enough keys have signed: the only thing that may be published.
#[derive(Clone)]
pub struct Complete<T> {
    proven: Verified<T>,
    role: RoleName,
}

/// Why a draft cannot be frozen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftRefusal {
    /// Too few different keys that can be used are listed for the role to be signed.
    #[error("{role} would have {keys} usable keys and needs {threshold}")]
    TooFewKeys {
        /// The role that could not be signed.
        role: RoleName,
        /// Different physical keys of the role that can be used.
        keys: usize,
        /// How many keys must sign.
        threshold: u64,
    },
    /// A role would need no signature at all.
    #[error("the threshold of {role} would be 0")]
    ThresholdZero {
        /// The role with that threshold.
        role: RoleName,
    },
    /// A key was to leave a role that does not have it.
    #[error("{role} has no key {keyid}")]
    NoSuchKey {
        /// The role the key was to leave.
        role: RoleName,
        /// The key that was to leave.
        keyid: KeyId,
    },
    /// The document names no such role.
    #[error("there is no role {role} to change")]
    NoSuchRole {
        /// The role asked for.
        role: RoleName,
    },
    /// The document lists something else under the id of a key that was to be added.
    #[error("there is already another key with the keyid {keyid}")]
    KeyidTaken {
        /// The id both have.
        keyid: KeyId,
    },
    /// A key that was to be added could verify no signature.
    #[error("the key {keyid} cannot be used: {problem}")]
    UnusableKey {
        /// The key that was to be added.
        keyid: KeyId,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// A key is written as the other dialect lists keys.
    #[error("the key {keyid} is listed for another kind of repository")]
    OtherDialect {
        /// The key that was to be added.
        keyid: KeyId,
    },
    /// Notary lists root keys as certificates, and this key has none.
    #[error("the key {keyid} needs a certificate to be a root key")]
    NoCertificate {
        /// The key that was to be added to root.
        keyid: KeyId,
    },
    /// The version before is the largest that fits 64 bits.
    #[error("the version cannot be raised any more")]
    LastVersion,
    /// What was drafted does not read back as a document of its kind.
    #[error("the draft is no readable document: {0}")]
    Unreadable(#[from] ReadError),
}

/// Why a signature is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// The signature was made under another keyid.
    #[error("the signature names the key {found}, expected {expected}")]
    OtherKey {
        /// The id of the key it was checked with.
        expected: KeyId,
        /// The id the signature names.
        found: KeyId,
    },
    /// The signature has a keyid and no bytes.
    #[error("the signature is empty")]
    Empty,
    /// The key can verify no signature, for this reason.
    #[error("the key cannot be used: {0}")]
    UnusableKey(KeyProblem),
    /// The signature does not verify.
    #[error("the signature is not this key's over these bytes")]
    Bad,
}

/// What a root still lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// By the keys of the version before; `None` for a first root.
    pub old: Option<Tally>,
    /// By its own keys.
    pub new: Tally,
}

/// Documents signed by keys that another document lists.
pub trait BelowRoot: Document {}

impl BelowRoot for Targets {}
impl BelowRoot for Snapshot {}
impl BelowRoot for Timestamp {}

impl<T: Document> Frozen<T> {
    /// Reads frozen bytes back; fails if they are not the canonical form of a document of this kind.
    pub fn from_bytes(bytes: &[u8], dialect: Dialect, role: RoleName) -> Result<Self, ReadError> {
        Frozen::read(Bytes::copy_from_slice(bytes), dialect, role, Layout::first(dialect))
    }

    /// Goes over to the layout that the file of its predecessor has: on one line, or a member a line.
    pub fn laid_out_like(self, predecessor: &[u8]) -> Self {
        Frozen {
            layout: Layout::of(predecessor),
            ..self
        }
    }

    fn read(bytes: Bytes, dialect: Dialect, role: RoleName, layout: Layout) -> Result<Self, ReadError> {
        Ok(Frozen {
            envelope: read_canonical_signed(bytes, dialect)?,
            role,
            layout,
        })
    }

    /// The canonical bytes that signatures cover.
    pub fn bytes(&self) -> &[u8] {
        self.envelope.signed_bytes()
    }

    /// What a signer signs: [`Self::bytes`].
    pub fn signing_message(&self) -> &[u8] {
        self.bytes()
    }

    /// SHA-256 of [`Self::bytes`].
    pub fn digest(&self) -> [u8; 32] {
        sha256(self.bytes())
    }

    /// The role the document is for.
    pub fn role(&self) -> &RoleName {
        &self.role
    }

    /// The version the document gives itself.
    pub fn version(&self) -> u64 {
        self.envelope.version()
    }

    /// The dialect the bytes are written in.
    pub fn dialect(&self) -> Dialect {
        self.envelope.dialect()
    }

    /// The document these bytes say, without signatures.
    pub fn envelope(&self) -> &Envelope<T> {
        &self.envelope
    }

    /// What the document says in the members of its own kind.
    pub fn body(&self) -> &T {
        self.envelope.body()
    }

    /// Checks that `signature` is `key`'s over these bytes, whatever roles the key has.
    pub fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        if signature.keyid != *key.keyid() {
            let (expected, found) = (key.keyid().clone(), signature.keyid.clone());
            return Err(SignatureRefusal::OtherKey { expected, found });
        }
        if signature.is_empty() {
            return Err(SignatureRefusal::Empty);
        }
        key.public()
            .map_err(|problem| SignatureRefusal::UnusableKey(problem.clone()))?;
        if self.envelope.message().is_signed(key, signature) {
            Ok(())
        } else {
            Err(SignatureRefusal::Bad)
        }
    }

    /// Counts `signatures` over these bytes for a role.
    pub fn tally(&self, keys: &KeyTable, role: &RoleKeys, signatures: &[Signature]) -> Tally {
        Tally::count(self.envelope.message(), signatures, self.dialect(), keys, role)
    }

    /// The file with these signatures, and its proof; gives itself back if `keys` do not meet the threshold of `role_keys`.
    fn with(self, signatures: &[Signature], keys: &KeyTable, role_keys: &RoleKeys) -> Result<Complete<T>, Self> {
        let Ok(signatures) = as_written(signatures, self.dialect()) else {
            return Err(self);
        };
        if !self.tally(keys, role_keys, &signatures).is_met() {
            return Err(self);
        }
        let Frozen { envelope, role, layout } = self;
        let envelope = match envelope.with_signatures(signatures, layout) {
            Ok(envelope) => envelope,
            Err(envelope) => return Err(Frozen { envelope, role, layout }),
        };
        match Verified::prove(envelope, keys, role_keys) {
            Ok((proven, _)) => Ok(Complete { proven, role }),
            Err((envelope, _)) => Err(Frozen { envelope, role, layout }),
        }
    }
}

impl Frozen<Root> {
    /// Completes a root: the threshold of the version before and its own must both be met (TUF 5.3.4).
    ///
    /// A good signature also counts where a root lists the same key under another id. Signatures by keys of neither are
    /// left out, but for Notary's legacy signatures: by certificates of older root keys, which every later root lists on.
    /// They count for nobody here and let clients of those roots follow. Gives itself back with both counts when
    /// signatures are missing.
    pub fn complete(
        mut self,
        old: Option<&Verified<Root>>,
        signatures: Vec<Signature>,
    ) -> Result<Complete<Root>, (Self, Box<Missing>)> {
        let new = self.body().clone();
        let old = old.map(|old| old.body());
        let legacy = legacy_role(&new, self.dialect());
        let roles = [
            old.map(|old| (&old.keys, &old.root)),
            Some((&new.keys, &new.root)),
            legacy.as_ref().map(|legacy| (&new.keys, legacy)),
        ];
        let signatures = self.useful(&signatures, roles.into_iter().flatten());
        let missing = Missing {
            old: old.map(|old| self.tally(&old.keys, &old.root, &signatures)),
            new: self.tally(&new.keys, &new.root, &signatures),
        };
        if missing.old.as_ref().is_none_or(Tally::is_met) && missing.new.is_met() {
            match self.with(&signatures, &new.keys, &new.root) {
                Ok(complete) => return Ok(complete),
                Err(frozen) => self = frozen,
            }
        }
        Err((self, Box::new(missing)))
    }
}

impl<T: BelowRoot> Frozen<T> {
    /// Completes a document with signatures by the keys of its role in the delegator's table.
    ///
    /// Gives itself back with the count when signatures are missing.
    pub fn complete(
        self,
        keys: &KeyTable,
        role: &RoleKeys,
        signatures: Vec<Signature>,
    ) -> Result<Complete<T>, (Self, Tally)> {
        self.complete_under(&[Authority { keys, role }], signatures)
    }

    /// Completes a document for which several speak: each must be met, and the first is the one that proves it.
    ///
    /// Gives itself back with the first count that falls short; without anybody who speaks for it, with that of nobody.
    pub fn complete_under(
        self,
        authorities: &[Authority<'_>],
        signatures: Vec<Signature>,
    ) -> Result<Complete<T>, (Self, Tally)> {
        let (nobody, no_role) = (KeyTable::default(), RoleKeys::nobody());
        let first = authorities.first().copied().unwrap_or(Authority {
            keys: &nobody,
            role: &no_role,
        });
        let each = authorities.iter().map(|authority| (authority.keys, authority.role));
        let signatures = self.useful(&signatures, each);
        let tally = |authority: &Authority<'_>| self.tally(authority.keys, authority.role, &signatures);
        if let Some(short) = authorities.iter().map(tally).find(|tally| !tally.is_met()) {
            return Err((self, short));
        }
        let tally = tally(&first);
        self.with(&signatures, first.keys, first.role)
            .map_err(|frozen| (frozen, tally))
    }
}

impl<T: Document> Frozen<T> {
    /// The good signatures by keys of these roles, each id once; a key signs under the id each role gives it.
    fn useful<'a>(
        &self,
        signatures: &[Signature],
        roles: impl Iterator<Item = (&'a KeyTable, &'a RoleKeys)>,
    ) -> Vec<Signature> {
        let mut useful: Vec<Signature> = Vec::new();
        for (keys, role) in roles {
            let listed: Vec<&Key> = role.keyids.iter().filter_map(|keyid| keys.get(keyid)).collect();
            let mut signed: HashSet<PhysicalKey> = HashSet::new();
            for signature in signatures {
                for key in listed.iter().filter(|key| *key.keyid() == signature.keyid) {
                    if self.check(key, signature).is_ok() {
                        signed.extend(key.physical());
                        add(&mut useful, signature.clone());
                    }
                }
            }
            for signature in signatures {
                for key in &listed {
                    let renamed = Signature {
                        keyid: key.keyid().clone(),
                        ..signature.clone()
                    };
                    if key.physical().is_some_and(|physical| !signed.contains(&physical))
                        && self.check(key, &renamed).is_ok()
                    {
                        signed.extend(key.physical());
                        add(&mut useful, renamed);
                    }
                }
            }
        }
        useful
    }
}

/// Notary: the certificates that a root lists and its root role does not use.
fn legacy_role(root: &Root, dialect: Dialect) -> Option<RoleKeys> {
    let listed = root.keys.iter().filter(|key| key.certificate().is_some());
    let keyids = listed
        .map(|key| key.keyid().clone())
        .filter(|keyid| !root.root.keyids.contains(keyid));
    (dialect == Dialect::Notary).then(|| RoleKeys {
        keyids: keyids.collect(),
        threshold: 0,
    })
}

fn add(signatures: &mut Vec<Signature>, signature: Signature) {
    if signatures.iter().all(|have| have.keyid != signature.keyid) {
        signatures.push(signature);
    }
}

impl<T: Document> Complete<T> {
    /// The file to publish.
    pub fn file_bytes(&self) -> &[u8] {
        self.proven.file_bytes()
    }

    /// The role the document is for.
    pub fn role(&self) -> &RoleName {
        &self.role
    }

    /// The version the document gives itself.
    pub fn version(&self) -> u64 {
        self.proven.version()
    }

    /// The document as proven by the keys it was completed with.
    pub fn verified(&self) -> &Verified<T> {
        &self.proven
    }

    /// How snapshot or timestamp describe this file.
    pub fn meta_entry(&self) -> MetaEntry {
        MetaEntry::of(self.file_bytes(), self.version(), self.proven.dialect())
    }
}

/// The version of the TUF specification that first documents name; later versions keep what they have.
const SPEC_VERSION: &str = "1.0.34";

/// TUF 1.0 writes seconds, Notary fractions too.
fn expires_value(dialect: Dialect, expires: Instant) -> Value {
    Value::text(match dialect {
        Dialect::Tuf1 => expires.to_seconds_text(),
        Dialect::Notary => expires.to_string(),
    })
}

/// A member that is an object, made if it is missing.
fn object_member<'a>(object: &'a mut Object, name: &str) -> &'a mut Object {
    if object.get(name).and_then(Value::as_object).is_none() {
        object.set(name, Object::new().into());
    }
    match object.get_mut(name) {
        Some(Value::Object(member)) => member,
        _ => unreachable!("the member was just made an object"),
    }
}

fn keyids_value(keyids: &[KeyId]) -> Value {
    Value::Array(keyids.iter().map(|keyid| Value::text(keyid.as_str())).collect())
}

/// Checks that a role can be signed at all; one of those that may be left `unusable` only needs a threshold.
fn check_role(
    role: &RoleName,
    keys: &KeyTable,
    role_keys: &RoleKeys,
    unusable: &[RoleName],
) -> Result<(), DraftRefusal> {
    let may_be_unusable = unusable.contains(role);
    let (role, threshold) = (role.clone(), role_keys.threshold);
    if threshold == 0 {
        return Err(DraftRefusal::ThresholdZero { role });
    }
    let usable = keys.physical(&role_keys.keyids).len();
    if (usable as u64) < threshold && !may_be_unusable {
        return Err(DraftRefusal::TooFewKeys {
            role,
            keys: usable,
            threshold,
        });
    }
    Ok(())
}
