//! The desk's memory between two runs.

use rootward_tuf::{role::RoleName, time::Instant};

use super::{AnchorHow, Attestation, Failure, SourceSpec};

/// What is remembered of a repository besides its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryRecord {
    pub id: String,
    pub name: String,
    pub source: SourceSpec,
    pub practice: bool,
    pub registered_at: Instant,
}

/// How a repository was anchored, and in which root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorRecord {
    pub how: AnchorHow,
    pub version: u64,
    /// Of the root file.
    pub sha256: [u8; 32],
    /// The root file.
    pub bytes: Vec<u8>,
    pub at: Instant,
}

/// What was proven of a repository: every proven root, and the newest proven document of each other role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proven {
    pub roots: Vec<(u64, Vec<u8>)>,
    pub documents: Vec<(RoleName, Vec<u8>)>,
    /// When kept: roles whose document kept earlier goes first, since a proven root took their key away (TUF 5.3.11).
    /// Always empty when read.
    pub forget: Vec<RoleName>,
}

/// What the last refresh read, proven or not, and how it ended: what the lenient tree shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastRead {
    pub at: Option<Instant>,
    pub failure: Option<Failure>,
    /// Documents as read, named by role; roots besides as `N.root`.
    pub documents: Vec<(String, Vec<u8>)>,
    /// When the last accepted walk ended, and its first and last root version.
    pub walked: Option<(Instant, u64, u64)>,
}

/// What a device said of a key, as it was handed in: proven again whenever it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationRecord {
    /// `sha256:…` of the key.
    pub physical: String,
    pub attestation: Attestation,
    /// When it came onto this desk.
    pub at: Instant,
}

/// A root that somebody added on this desk, which may vouch for devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedRootRecord {
    /// The root's certificate and others that stand below it, in PEM or DER as it was given.
    pub bytes: Vec<u8>,
    /// Of the root's DER: by which it is called.
    pub sha256: [u8; 32],
    pub at: Instant,
}

/// The desk's memory. Every method is one transaction; each fails with the fault `disk-failed`.
pub trait Vault: Send + Sync {
    /// Every repository on the desk, by name.
    fn repositories(&self) -> Result<Vec<RepositoryRecord>, Failure>;

    /// Adds a repository, or replaces what is remembered under its id.
    fn save_repository(&self, record: &RepositoryRecord) -> Result<(), Failure>;

    /// Forgets a repository with all that belongs to it; an unknown one is fine.
    fn forget(&self, id: &str) -> Result<(), Failure>;

    fn anchor(&self, id: &str) -> Result<Option<AnchorRecord>, Failure>;

    fn set_anchor(&self, id: &str, anchor: &AnchorRecord) -> Result<(), Failure>;

    fn proven(&self, id: &str) -> Result<Proven, Failure>;

    /// Adds to what is proven, after forgetting what is to be forgotten. Replaces only the roles given, and never lowers a
    /// version unless a newer root or something forgotten comes with it: only a root can take back a version that
    /// somebody pushed too far (TUF 5.3.11).
    fn keep(&self, id: &str, proven: &Proven) -> Result<(), Failure>;

    fn last_read(&self, id: &str) -> Result<LastRead, Failure>;

    fn save_last_read(&self, id: &str, read: &LastRead) -> Result<(), Failure>;

    /// What devices said of keys, by key.
    fn attestations(&self) -> Result<Vec<AttestationRecord>, Failure>;

    /// Keeps what a device said of a key, in place of what was kept of that key before.
    fn save_attestation(&self, record: &AttestationRecord) -> Result<(), Failure>;

    /// Roots that were added on this desk, the oldest first.
    fn added_roots(&self) -> Result<Vec<AddedRootRecord>, Failure>;

    /// Adds a root; one that was added before is fine.
    fn add_root(&self, root: &AddedRootRecord) -> Result<(), Failure>;

    /// Forgets an added root; an unknown one is fine.
    fn forget_root(&self, sha256: &[u8; 32]) -> Result<(), Failure>;

    fn setting(&self, name: &str) -> Result<Option<String>, Failure>;

    fn set_setting(&self, name: &str, value: &str) -> Result<(), Failure>;
}
