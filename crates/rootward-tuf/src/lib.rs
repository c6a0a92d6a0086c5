//! The rules of TUF 1.0 and of Docker Notary: documents, verification, drafts.
//!
//! Takes bytes, keys and a given `now`; returns values. Does no I/O, reads no clock, knows no threads.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod blast;
pub mod canonical;
pub mod dialect;
pub mod diff;
pub mod draft;
pub mod encoding;
pub mod finding;
pub mod json;
pub mod key;
pub mod map;
pub mod metadata;
pub mod role;
pub mod statement;
pub mod time;
pub mod verify;
pub mod walk;

pub use blast::{Blast, Ground, blast};
pub use canonical::canonical;
pub use dialect::{Dialect, detect};
pub use diff::{
    FieldChange, FieldDifference, KeyChange, ListingDifference, RootDifference, TargetsDifference, diff_roots,
    diff_snapshots, diff_targets, diff_timestamps,
};
pub use draft::{
    AnyComplete, AnyFrozen, Authority, Complete, DraftRefusal, Frozen, Missing, RootDraft, SignatureRefusal,
    SnapshotDraft, TargetsDraft, TimestampDraft,
};
pub use finding::{Code, Finding, Severity};
pub use key::{Algorithm, Key, KeyId, KeyProblem, KeyTable, PhysicalKey, PublicKey};
pub use metadata::{
    DelegatedRole, Delegations, Document, Envelope, Hashes, MetaEntry, PathSet, ReadError, RoleKeys, Root, Signature,
    Snapshot, Target, TargetMismatch, TargetPath, TargetPathError, Targets, Timestamp, read,
};
pub use role::RoleName;
pub use statement::{Proof, Statement, StatementRefusal, Transcript};
pub use time::{Expiry, Instant};
pub use verify::{SignatureOutcome, Tally, TallyEntry, Verified};
pub use walk::{
    Extent, Floors, Next, Outcome, RehearsalWalker, Rehearsed, Reply, Request, Search, Seek, Seeker, Select, Sought,
    StandIns, WalkInput, WalkLimits, WalkRefusal, Walker,
};

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod quirk_tests;
#[cfg(test)]
mod testing;
