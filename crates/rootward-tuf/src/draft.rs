//! The next version of a document: edited as a draft, then frozen to exact bytes, then complete with enough signatures.
//!
//! A draft starts from the document as read, so members we do not know survive. Nothing is signed here: signatures come
//! from outside and are checked.

mod online;
mod root;
mod targets;

pub use online::{SnapshotDraft, TimestampDraft};
pub use root::RootDraft;
pub use targets::TargetsDraft;

use std::collections::HashSet;

use crate::canonical::canonical;
use crate::dialect::{Dialect, verifies};
use crate::encoding::sha256;
use crate::json::{self, Object, Value};
use crate::key::{Key, KeyId, KeyProblem, KeyTable, PhysicalKey};
use crate::metadata::{
    Document, Envelope, MetaEntry, ReadError, RoleKeys, Root, Signature, Snapshot, Targets, Timestamp,
    read_canonical_signed, type_name,
};
use crate::role::RoleName;
use crate::time::Instant;
use crate::verify::{Tally, Verified};

/// Bytes that will be signed and never change again.
pub struct Frozen<T> {
    envelope: Envelope<T>,
    role: RoleName,
}

/// A document that enough keys have signed: the only thing that may be published.
pub struct Complete<T> {
    proven: Verified<T>,
    role: RoleName,
}

/// Why a draft cannot be frozen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftRefusal {
    #[error("{role} would have {keys} usable keys and needs {threshold}")]
    TooFewKeys {
        role: RoleName,
        keys: usize,
        threshold: u64,
    },
    #[error("the threshold of {role} would be 0")]
    ThresholdZero { role: RoleName },
    #[error("{role} has no key {keyid}")]
    NoSuchKey { role: RoleName, keyid: KeyId },
    #[error("there is no role {role} to change")]
    NoSuchRole { role: RoleName },
    #[error("there is already another key with the keyid {keyid}")]
    KeyidTaken { keyid: KeyId },
    #[error("the key {keyid} cannot be used: {problem}")]
    UnusableKey { keyid: KeyId, problem: KeyProblem },
    #[error("the key {keyid} is listed for another kind of repository")]
    OtherDialect { keyid: KeyId },
    #[error("the key {keyid} needs a certificate to be a root key")]
    NoCertificate { keyid: KeyId },
    #[error("the version cannot be raised any more")]
    LastVersion,
    #[error("the draft is no readable document: {0}")]
    Unreadable(#[from] ReadError),
}

/// Why a signature is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    #[error("the signature names the key {found}, expected {expected}")]
    OtherKey { expected: KeyId, found: KeyId },
    #[error("the signature is empty")]
    Empty,
    #[error("the key cannot be used: {0}")]
    UnusableKey(KeyProblem),
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
        Ok(Frozen {
            envelope: read_canonical_signed(bytes, dialect)?,
            role,
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

    pub fn role(&self) -> &RoleName {
        &self.role
    }

    pub fn version(&self) -> u64 {
        self.envelope.version()
    }

    pub fn dialect(&self) -> Dialect {
        self.envelope.dialect()
    }

    /// The document these bytes say, without signatures.
    pub fn envelope(&self) -> &Envelope<T> {
        &self.envelope
    }

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
        let bytes = signature.bytes.as_deref().ok_or(SignatureRefusal::Bad)?;
        if verifies(key, signature.method.as_deref(), self.bytes(), bytes) {
            Ok(())
        } else {
            Err(SignatureRefusal::Bad)
        }
    }

    /// Counts `signatures` over these bytes for a role.
    pub fn tally(&self, keys: &KeyTable, role: &RoleKeys, signatures: &[Signature]) -> Tally {
        Tally::count(self.bytes(), signatures, self.dialect(), keys, role)
    }

    fn freeze(signed: Object, dialect: Dialect, role: RoleName) -> Result<Self, DraftRefusal> {
        Ok(Frozen::from_bytes(&canonical(&Value::Object(signed)), dialect, role)?)
    }

    /// The file with these signatures, and its proof; `None` if `keys` do not meet the threshold of `role_keys`.
    fn with(&self, signatures: &[Signature], keys: &KeyTable, role_keys: &RoleKeys) -> Option<Complete<T>> {
        let file = file(self.envelope.raw(), signatures, self.dialect());
        let document = json::parse(
            &file,
            json::Limits {
                bytes: usize::MAX,
                ..json::Limits::default()
            },
        )
        .ok()?;
        let envelope = Envelope::from_document(file, document, self.dialect()).ok()?;
        // What was signed must be what the file says.
        if envelope.signed_bytes() != self.bytes() {
            return None;
        }
        let (proven, _) = Verified::prove(envelope, keys, role_keys).ok()?;
        Some(Complete {
            proven,
            role: self.role.clone(),
        })
    }
}

impl Frozen<Root> {
    /// Completes a root: the threshold of the version before and its own must both be met (TUF 5.3.4).
    ///
    /// A good signature also counts where a root lists the same key under another id. Signatures by keys of neither are
    /// left out. Gives itself back with both counts when signatures are missing.
    pub fn complete(
        self,
        old: Option<&Verified<Root>>,
        signatures: Vec<Signature>,
    ) -> Result<Complete<Root>, (Self, Box<Missing>)> {
        let new = self.body().clone();
        let old = old.map(|old| old.body());
        let roles = [old.map(|old| (&old.keys, &old.root)), Some((&new.keys, &new.root))];
        let signatures = self.useful(&signatures, roles.into_iter().flatten());
        let missing = Missing {
            old: old.map(|old| self.tally(&old.keys, &old.root, &signatures)),
            new: self.tally(&new.keys, &new.root, &signatures),
        };
        if missing.old.as_ref().is_none_or(Tally::is_met)
            && missing.new.is_met()
            && let Some(complete) = self.with(&signatures, &new.keys, &new.root)
        {
            return Ok(complete);
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
        let signatures = self.useful(&signatures, [(keys, role)].into_iter());
        let tally = self.tally(keys, role, &signatures);
        match self.with(&signatures, keys, role) {
            Some(complete) => Ok(complete),
            None => Err((self, tally)),
        }
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

    pub fn role(&self) -> &RoleName {
        &self.role
    }

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

/// Writes a document: TUF 1.0 a member a line, as its tools keep it in Git; Notary on one line, `signed` first.
fn file(document: &Value, signatures: &[Signature], dialect: Dialect) -> Vec<u8> {
    let entries = signatures.iter().map(|signature| {
        let mut entry = Object::new();
        entry.set("keyid", Value::text(signature.keyid.as_str()));
        if let Some(method) = &signature.method {
            entry.set("method", Value::text(method));
        }
        entry.set("sig", Value::text(&signature.text));
        Value::Object(entry)
    });
    let signatures = Value::Array(entries.collect());
    let signed = document.get("signed").cloned().unwrap_or(Value::Null);
    let mut file = Object::new();
    match dialect {
        Dialect::Tuf1 => {
            file.set("signatures", signatures);
            file.set("signed", signed);
            json::pretty(&file.into()).into_bytes()
        }
        Dialect::Notary => {
            file.set("signed", signed);
            file.set("signatures", signatures);
            json::compact(&file.into()).into_bytes()
        }
    }
}

/// The `signed` object every first version starts with.
fn first_signed<T: Document>(dialect: Dialect, expires: Instant) -> Object {
    let mut signed = Object::new();
    signed.set("_type", Value::text(type_name(T::KIND, dialect)));
    if dialect == Dialect::Tuf1 {
        signed.set("spec_version", Value::text(SPEC_VERSION));
    }
    signed.set("version", Value::number(1));
    set_expires(&mut signed, dialect, expires);
    signed
}

/// The version of the TUF specification that first documents name; later versions keep what they have.
const SPEC_VERSION: &str = "1.0.34";

/// The `signed` object of the version after `document`, all else kept.
fn next_signed<T: Document>(document: &Envelope<T>) -> Result<Object, DraftRefusal> {
    let version = document.version().checked_add(1).ok_or(DraftRefusal::LastVersion)?;
    let mut signed = document.signed().clone();
    signed.set("version", Value::number(version));
    Ok(signed)
}

/// TUF 1.0 writes seconds, Notary fractions too.
fn set_expires(signed: &mut Object, dialect: Dialect, expires: Instant) {
    let text = match dialect {
        Dialect::Tuf1 => expires.to_seconds_text(),
        Dialect::Notary => expires.to_string(),
    };
    signed.set("expires", Value::text(text));
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

/// Checks that a role can be signed at all.
fn check_role(role: &RoleName, keys: &KeyTable, role_keys: &RoleKeys) -> Result<(), DraftRefusal> {
    let (role, threshold) = (role.clone(), role_keys.threshold);
    if threshold == 0 {
        return Err(DraftRefusal::ThresholdZero { role });
    }
    let usable = keys.physical(&role_keys.keyids).len();
    if (usable as u64) < threshold {
        return Err(DraftRefusal::TooFewKeys {
            role,
            keys: usable,
            threshold,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{LATER, Made, NOW, Officer, at};

    const BOTH: [Dialect; 2] = [Dialect::Tuf1, Dialect::Notary];

    #[test]
    fn a_repository_made_by_drafts_is_accepted_in_both_dialects() {
        for dialect in BOTH {
            let made = Made::new(dialect);
            assert_eq!(made.verdict("1.root", NOW), "accept 1/1/1/1");
            assert_eq!(made.verdict("1.root", LATER), "refuse 1/-/-/- root:expired");
        }
    }

    /// One officer leaves, one joins.
    fn rotated(made: &Made) -> (Frozen<Root>, Officer, Key) {
        let (joining, key) = Made::officer(made.dialect, 4);
        let mut draft = RootDraft::next(made.root.verified());
        draft
            .remove_key(&RoleName::root(), made.officers[0].1.keyid())
            .add_key(&RoleName::root(), key.clone());
        (draft.freeze().unwrap(), joining, key)
    }

    #[test]
    fn a_rotated_root_needs_the_thresholds_of_the_old_keys_and_of_the_new() {
        for dialect in BOTH {
            let mut made = Made::new(dialect);
            let (frozen, joining, key) = rotated(&made);
            let old = made.root.verified().clone();
            let by = |place: usize| made.officers[place].0.signs(&made.officers[place].1, &frozen);
            let (leaving, staying, joined) = (by(0), by(1), joining.signs(&key, &frozen));
            // Old: leaving and staying. New: staying and joining.
            let (frozen, missing) = frozen
                .complete(Some(&old), vec![staying.clone(), joined.clone()])
                .err()
                .unwrap();
            let counts = |missing: &Missing| (missing.old.as_ref().unwrap().ours, missing.new.ours);
            assert_eq!(counts(&missing), (1, 2));
            let (frozen, missing) = frozen
                .complete(Some(&old), vec![leaving.clone(), staying.clone()])
                .err()
                .unwrap();
            assert_eq!(counts(&missing), (2, 1));
            let complete = frozen
                .complete(Some(&old), vec![leaving, staying, joined])
                .ok()
                .unwrap();
            assert_eq!(complete.verified().signatures().len(), 3);
            made.root = complete;
            made.put_root();
            made.publish(&[], 2);
            for anchor in ["1.root", "2.root"] {
                assert_eq!(made.verdict(anchor, NOW), "accept 2/2/2/1");
            }
        }
    }

    #[test]
    fn any_tampered_signature_or_byte_is_refused() {
        for dialect in BOTH {
            let made = Made::new(dialect);
            let (frozen, joining, key) = rotated(&made);
            let good = joining.signs(&key, &frozen);
            assert_eq!(frozen.check(&key, &good), Ok(()));
            let flipped = |place: usize| {
                let mut bytes = good.bytes.clone().unwrap();
                bytes[place] ^= 1;
                Signature::from_parts(good.keyid.clone(), good.method.clone(), bytes, dialect)
            };
            for place in [10, 40, 60] {
                assert_eq!(frozen.check(&key, &flipped(place)), Err(SignatureRefusal::Bad));
            }
            let other = made.officers[0].0.signs(&key, &frozen);
            assert_eq!(frozen.check(&key, &other), Err(SignatureRefusal::Bad));
            assert!(matches!(
                frozen.check(&made.officers[0].1, &good),
                Err(SignatureRefusal::OtherKey { .. })
            ));
            let empty = Signature {
                text: String::new(),
                ..good
            };
            assert_eq!(frozen.check(&key, &empty), Err(SignatureRefusal::Empty));
        }
    }

    #[test]
    fn unknown_members_survive_and_only_keys_that_left_are_dropped() {
        let made = Made::new(Dialect::Tuf1);
        let mut signed = made.root.verified().signed().clone();
        signed.set(
            "x-unknown",
            json::parse(br#"{"b":[1,"\u00e9",null]}"#, json::Limits::default()).unwrap(),
        );
        object_member(object_member(&mut signed, "roles"), "root").set("x-note", Value::text("kept"));
        object_member(&mut signed, "roles").set("mirrors", Object::new().into());
        let idle = Officer::ed25519(77).key();
        object_member(&mut signed, "keys").set(idle.keyid().as_str(), idle.raw().clone());
        let before = Frozen::<Root>::freeze(signed, Dialect::Tuf1, RoleName::root()).unwrap();
        let leaving = made.officers[0].1.keyid().clone();
        let mut draft = RootDraft::next(before.envelope());
        draft
            .remove_key(&RoleName::root(), &leaving)
            .set_expires(at("2028-01-01T00:00:00.5Z"));
        let after = draft.freeze().unwrap();
        let signed = after.envelope().signed();
        assert_eq!(signed.get("x-unknown"), before.envelope().signed().get("x-unknown"));
        assert_eq!(
            signed.get("roles").unwrap().get("root").unwrap().get("x-note"),
            Some(&Value::text("kept"))
        );
        assert!(signed.get("roles").unwrap().get("mirrors").is_some());
        assert_eq!(signed.get("expires"), Some(&Value::text("2028-01-01T00:00:00Z")));
        assert!(after.body().keys.get(idle.keyid()).is_some());
        assert!(after.body().keys.get(&leaving).is_none());
        assert_eq!((before.version(), after.version()), (1, 2));
        // Frozen bytes read back as the same, and nothing else does.
        let again = Frozen::<Root>::from_bytes(after.bytes(), Dialect::Tuf1, RoleName::root()).unwrap();
        assert_eq!(again.digest(), after.digest());
        assert!(Frozen::<Root>::from_bytes(b"{ }", Dialect::Tuf1, RoleName::root()).is_err());
        let spaced = [after.bytes(), b" "].concat();
        assert!(Frozen::<Root>::from_bytes(&spaced, Dialect::Tuf1, RoleName::root()).is_err());
    }

    #[test]
    fn notarys_old_root_certificates_stay_listed_and_other_old_keys_go() {
        let made = Made::new(Dialect::Notary);
        let leaving = made.officers[0].1.keyid().clone();
        let new_online = Key::new_notary_bare(&Officer::ed25519(10).public);
        let mut draft = RootDraft::next(made.root.verified());
        draft
            .remove_key(&RoleName::root(), &leaving)
            .add_key(&RoleName::root(), Made::officer(Dialect::Notary, 4).1);
        draft
            .remove_key(&RoleName::targets(), made.online.1.keyid())
            .add_key(&RoleName::targets(), new_online);
        for role in [RoleName::timestamp(), RoleName::snapshot()] {
            draft.remove_key(&role, made.online.1.keyid());
            draft.add_key(&role, Key::new_notary_bare(&Officer::ed25519(11).public));
        }
        let frozen = draft.freeze().unwrap();
        assert!(frozen.body().keys.get(&leaving).is_some());
        assert!(!frozen.body().root.keyids.contains(&leaving));
        assert!(frozen.body().keys.get(made.online.1.keyid()).is_none());
    }

    #[test]
    fn a_root_that_could_never_be_signed_is_not_frozen() {
        let made = Made::new(Dialect::Tuf1);
        let root = RoleName::root();
        let ids: Vec<KeyId> = made.officers.iter().map(|(_, key)| key.keyid().clone()).collect();
        let refusal = |edit: &dyn Fn(&mut RootDraft)| {
            let mut draft = RootDraft::next(made.root.verified());
            edit(&mut draft);
            draft.freeze().err().unwrap()
        };
        let too_few = |keys, threshold| DraftRefusal::TooFewKeys {
            role: RoleName::root(),
            keys,
            threshold,
        };
        assert_eq!(
            refusal(&|draft| {
                draft.remove_key(&root, &ids[0]).remove_key(&root, &ids[1]);
            }),
            too_few(1, 2)
        );
        assert_eq!(
            refusal(&|draft| {
                draft.set_threshold(&root, 4);
            }),
            too_few(3, 4)
        );
        // The same key under another id does not help.
        assert_eq!(
            refusal(&|draft| {
                draft
                    .set_threshold(&root, 4)
                    .add_key(&root, made.officers[0].1.clone().named(KeyId::new("again")));
            }),
            too_few(3, 4)
        );
        assert!(matches!(
            refusal(&|draft| {
                draft.set_threshold(&root, 0);
            }),
            DraftRefusal::Unreadable(_)
        ));
        assert!(matches!(
            refusal(&|draft| {
                draft.remove_key(&root, &KeyId::new("none"));
            }),
            DraftRefusal::NoSuchKey { .. }
        ));
        assert!(matches!(
            refusal(&|draft| {
                draft.add_key(&root, Made::officer(Dialect::Notary, 5).1);
            }),
            DraftRefusal::OtherDialect { .. }
        ));
        assert!(matches!(
            refusal(&|draft| {
                draft.add_key(&root, Officer::ed25519(5).key().named(ids[0].clone()));
            }),
            DraftRefusal::KeyidTaken { .. }
        ));
    }

    #[test]
    fn one_signature_serves_a_key_under_the_ids_of_both_versions() {
        let made = Made::new(Dialect::Tuf1);
        let root = RoleName::root();
        // The next version names the first two officers' keys by other ids.
        let mut signed = made.root.verified().signed().clone();
        signed.set("version", Value::number(2));
        let mut keyids = vec![made.officers[2].1.keyid().clone()];
        for (number, (_, key)) in made.officers[..2].iter().enumerate() {
            let name = format!("renamed-{number}");
            object_member(&mut signed, "keys").set(&name, key.raw().clone());
            keyids.push(KeyId::new(name));
        }
        object_member(object_member(&mut signed, "roles"), "root").set("keyids", keyids_value(&keyids));
        let frozen = Frozen::<Root>::freeze(signed, Dialect::Tuf1, root).unwrap();
        let signatures = made.officers[..2]
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let complete = frozen.complete(Some(made.root.verified()), signatures).ok().unwrap();
        assert_eq!(complete.verified().signatures().len(), 4);
    }
}
