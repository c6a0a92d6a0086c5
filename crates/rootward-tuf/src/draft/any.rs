//! A document of any of the four kinds: what a change that re-issues several of them holds in one list.
//!
//! Adds no rule of its own: whose signatures count is decided by [`Frozen::complete`] of each kind.

use crate::dialect::Dialect;
use crate::draft::{Complete, Frozen, Missing, SignatureRefusal};
use crate::key::{Key, KeyTable};
use crate::metadata::{Document, MetaEntry, ReadError, RoleKeys, Root, Signature, Snapshot, Targets, Timestamp};
use crate::role::RoleName;
use crate::time::Expiry;
use crate::verify::{Tally, Verified};

/// Frozen bytes of some kind of document.
#[derive(Clone)]
pub enum AnyFrozen {
    /// The document that lists the keys of the top-level roles.
    Root(Frozen<Root>),
    /// Top-level or delegated.
    Targets(Frozen<Targets>),
    /// The document that lists the current targets documents, and in Notary root.
    Snapshot(Frozen<Snapshot>),
    /// The document that names the current snapshot.
    Timestamp(Frozen<Timestamp>),
}

/// A complete document of some kind.
#[derive(Clone)]
pub enum AnyComplete {
    /// The document that lists the keys of the top-level roles.
    Root(Complete<Root>),
    /// Top-level or delegated.
    Targets(Complete<Targets>),
    /// The document that lists the current targets documents, and in Notary root.
    Snapshot(Complete<Snapshot>),
    /// The document that names the current snapshot.
    Timestamp(Complete<Timestamp>),
}

/// The keys of a role in the table that lists them: what one delegator says of whose signatures a document needs.
#[derive(Clone, Copy)]
pub struct Authority<'a> {
    /// The table of the delegator, where the keyids of the role are looked up.
    pub keys: &'a KeyTable,
    /// The keyids that may sign and how many must.
    pub role: &'a RoleKeys,
}

macro_rules! each {
    ($any:expr, $kind:ident, $document:ident => $answer:expr) => {
        match $any {
            $kind::Root($document) => $answer,
            $kind::Targets($document) => $answer,
            $kind::Snapshot($document) => $answer,
            $kind::Timestamp($document) => $answer,
        }
    };
}

impl AnyFrozen {
    /// Reads frozen bytes back as a document of `role`; a role that is not a top-level one is a delegated targets role.
    ///
    /// Fails if they are not the canonical form of a document of that kind.
    pub fn from_bytes(bytes: &[u8], dialect: Dialect, role: RoleName) -> Result<Self, ReadError> {
        Ok(match role.as_str() {
            "root" => AnyFrozen::Root(Frozen::from_bytes(bytes, dialect, role)?),
            "snapshot" => AnyFrozen::Snapshot(Frozen::from_bytes(bytes, dialect, role)?),
            "timestamp" => AnyFrozen::Timestamp(Frozen::from_bytes(bytes, dialect, role)?),
            _ => AnyFrozen::Targets(Frozen::from_bytes(bytes, dialect, role)?),
        })
    }

    /// Goes over to the layout that the file of its predecessor has: on one line, or a member a line.
    pub fn laid_out_like(self, predecessor: &[u8]) -> Self {
        each!(self, AnyFrozen, frozen => frozen.laid_out_like(predecessor).into())
    }

    /// The canonical bytes that signatures cover.
    pub fn bytes(&self) -> &[u8] {
        each!(self, AnyFrozen, frozen => frozen.bytes())
    }

    /// SHA-256 of [`Self::bytes`].
    pub fn digest(&self) -> [u8; 32] {
        each!(self, AnyFrozen, frozen => frozen.digest())
    }

    /// The role the document is for.
    pub fn role(&self) -> &RoleName {
        each!(self, AnyFrozen, frozen => frozen.role())
    }

    /// The version the document gives itself.
    pub fn version(&self) -> u64 {
        each!(self, AnyFrozen, frozen => frozen.version())
    }

    /// The dialect the bytes are written in.
    pub fn dialect(&self) -> Dialect {
        each!(self, AnyFrozen, frozen => frozen.dialect())
    }

    /// The moment the document stops being valid, with its text as signed.
    pub fn expires(&self) -> &Expiry {
        each!(self, AnyFrozen, frozen => frozen.body().expires())
    }

    /// Checks that `signature` is `key`'s over these bytes, whatever roles the key has.
    pub fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        each!(self, AnyFrozen, frozen => frozen.check(key, signature))
    }

    /// Counts `signatures` over these bytes for a role.
    pub fn tally(&self, keys: &KeyTable, role: &RoleKeys, signatures: &[Signature]) -> Tally {
        each!(self, AnyFrozen, frozen => frozen.tally(keys, role, signatures))
    }

    /// The new root, if this is one.
    pub fn as_root(&self) -> Option<&Frozen<Root>> {
        match self {
            AnyFrozen::Root(frozen) => Some(frozen),
            AnyFrozen::Targets(_) | AnyFrozen::Snapshot(_) | AnyFrozen::Timestamp(_) => None,
        }
    }

    /// Completes the document: a root by the version before, if there is one, and by itself; every other by all of
    /// `authorities`.
    ///
    /// Gives itself back with the counts when signatures are missing; a document for which nobody speaks never has enough.
    pub fn complete(
        self,
        before: Option<&Verified<Root>>,
        authorities: &[Authority<'_>],
        signatures: Vec<Signature>,
    ) -> Result<AnyComplete, (AnyFrozen, Box<Missing>)> {
        let below = |new: Tally| Box::new(Missing { old: None, new });
        match self {
            AnyFrozen::Root(frozen) => match frozen.complete(before, signatures) {
                Ok(complete) => Ok(AnyComplete::Root(complete)),
                Err((frozen, missing)) => Err((AnyFrozen::Root(frozen), missing)),
            },
            AnyFrozen::Targets(frozen) => match frozen.complete_under(authorities, signatures) {
                Ok(complete) => Ok(AnyComplete::Targets(complete)),
                Err((frozen, tally)) => Err((AnyFrozen::Targets(frozen), below(tally))),
            },
            AnyFrozen::Snapshot(frozen) => match frozen.complete_under(authorities, signatures) {
                Ok(complete) => Ok(AnyComplete::Snapshot(complete)),
                Err((frozen, tally)) => Err((AnyFrozen::Snapshot(frozen), below(tally))),
            },
            AnyFrozen::Timestamp(frozen) => match frozen.complete_under(authorities, signatures) {
                Ok(complete) => Ok(AnyComplete::Timestamp(complete)),
                Err((frozen, tally)) => Err((AnyFrozen::Timestamp(frozen), below(tally))),
            },
        }
    }

    /// The new targets document, top-level or delegated, if this is one.
    pub fn as_targets(&self) -> Option<&Frozen<Targets>> {
        match self {
            AnyFrozen::Targets(frozen) => Some(frozen),
            AnyFrozen::Root(_) | AnyFrozen::Snapshot(_) | AnyFrozen::Timestamp(_) => None,
        }
    }
}

impl AnyComplete {
    /// The file to publish.
    pub fn file_bytes(&self) -> &[u8] {
        each!(self, AnyComplete, complete => complete.file_bytes())
    }

    /// The canonical bytes that its signatures cover.
    pub fn signed_bytes(&self) -> &[u8] {
        each!(self, AnyComplete, complete => complete.verified().signed_bytes())
    }

    /// The role the document is for.
    pub fn role(&self) -> &RoleName {
        each!(self, AnyComplete, complete => complete.role())
    }

    /// The version the document gives itself.
    pub fn version(&self) -> u64 {
        each!(self, AnyComplete, complete => complete.version())
    }

    /// The dialect the file is written in.
    pub fn dialect(&self) -> Dialect {
        each!(self, AnyComplete, complete => complete.verified().dialect())
    }

    /// How snapshot or timestamp describe this file.
    pub fn meta_entry(&self) -> MetaEntry {
        each!(self, AnyComplete, complete => complete.meta_entry())
    }

    /// The new root, if this is one.
    pub fn as_root(&self) -> Option<&Complete<Root>> {
        match self {
            AnyComplete::Root(complete) => Some(complete),
            AnyComplete::Targets(_) | AnyComplete::Snapshot(_) | AnyComplete::Timestamp(_) => None,
        }
    }
}

macro_rules! from_kinds {
    ($($kind:ident)*) => { $(
        impl From<Frozen<$kind>> for AnyFrozen {
            fn from(frozen: Frozen<$kind>) -> Self {
                AnyFrozen::$kind(frozen)
            }
        }

        impl From<Complete<$kind>> for AnyComplete {
            fn from(complete: Complete<$kind>) -> Self {
                AnyComplete::$kind(complete)
            }
        }
    )* };
}

from_kinds! { Root Targets Snapshot Timestamp }
