//! The ports through which metadata comes and goes.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use rootward_tuf::{Dialect, Finding, Key, RoleName, walk::Request};

use super::{Failure, LimitsView, SourceSpec};

/// Whether a URL is that of a Notary server to practise with, inside this program: `practice://NAME`.
pub fn is_practice_server(url: &str) -> bool {
    url.starts_with("practice://")
}

/// Opens sources and publishers. Opening reads nothing yet; it fails with `bad-source` when the words make no sense.
pub trait Connect: Send + Sync {
    /// Opens what can be read.
    fn source(&self, spec: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn Source>, Failure>;

    /// Opens what can be written; fails with `not-publishable-there` for a source one can only read.
    fn publisher(&self, spec: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn Publisher>, Failure>;

    /// Opens the keys that a Notary server holds for one GUN; fails with `no-server-keys` for any other source.
    fn server_keys(&self, spec: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn ServerKeys>, Failure>;

    /// Opens a Notary server as such.
    fn notary_server(
        &self,
        url: &str,
        ca_file: Option<&Path>,
        limits: &LimitsView,
    ) -> Result<Arc<dyn NotaryServer>, Failure>;
}

/// A document as it was read; nothing about it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: Vec<u8>,
    /// File name or URL, for people.
    pub origin: String,
}

/// A place metadata is read from. `Ok(None)` when the source is there and the document is not.
#[async_trait]
pub trait Source: Send + Sync {
    /// Fetches one document.
    ///
    /// Fails with the faults `network-failed`, `source-unreadable`, `server-answered` and `too-large`.
    async fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure>;

    /// The newest root, whatever its version: for first trust, the lenient tree and finding the dialect.
    async fn newest_root(&self, limit_bytes: u64) -> Result<Option<Fetched>, Failure>;

    /// Root versions that can be fetched, ascending, as far as the source can list them without trying. Folders can; the
    /// others give an empty list.
    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure>;

    /// Findings about the way itself (`plain-http`).
    fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}

/// A place target files are read from.
#[async_trait]
pub trait TargetFiles: Send + Sync {
    /// Reads the file whose path below the place has these parts; none of them is empty, `.` or `..`, or holds a `/`.
    /// `Ok(None)` when the place is there and the file is not.
    ///
    /// Fails as [`Source::fetch`] does.
    async fn target(&self, parts: &[String], limit_bytes: u64) -> Result<Option<Fetched>, Failure>;
}

/// A Notary server as such.
#[async_trait]
pub trait NotaryServer: Send + Sync {
    /// GUNs named by the changefeed and not deleted since, sorted.
    async fn guns(&self) -> Result<Vec<String>, Failure>;
}

/// Keys that a Notary server holds, and signs snapshot and timestamp with by itself.
#[async_trait]
pub trait ServerKeys: Send + Sync {
    /// The key the server signs `role` with for this GUN; it makes one when there is none yet.
    ///
    /// Fails with `rules-refused` for a role no server holds the key of, with `unauthorized`, and as [`Publisher::publish`]
    /// does when the server cannot.
    async fn current(&self, role: &RoleName) -> Result<Key, Failure>;

    /// A new key for `role`, which the server signs with as soon as a root that lists it is published; until then
    /// nothing has changed, and asking again gives another one. Fails as [`ServerKeys::current`] does.
    async fn rotate(&self, role: &RoleName) -> Result<Key, Failure>;
}

/// One document to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub role: RoleName,
    pub version: u64,
    pub bytes: Vec<u8>,
}

/// What is published together, and on what it was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub dialect: Dialect,
    pub consistent_snapshot: bool,
    /// In the order in which they are written; versioned names come before unversioned ones.
    pub documents: Vec<Document>,
    /// Whether root comes after everything else, since it drops keys that also signed what comes before.
    pub root_last: bool,
    /// Version and SHA-256 of the newest root file this was built on; version 0 when there was no root at all.
    pub builds_on: (u64, [u8; 32]),
}

/// A place metadata is written to.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Writes the documents of one publication.
    ///
    /// Writing what is already there is no error, so that a publication cut off half-way is finished by repeating it.
    /// Refuses with `superseded` when the newest root is not `builds_on` any more, and with `publish-failed` when another
    /// document already has a name that would be written for the same version.
    ///
    /// A Notary server takes all documents of a publication or none. What it refuses is a failure of its own
    /// (`server-refused-…`, `server-lacks-key`, `unauthorized`, …); `publish-failed` is left for an answer that never came
    /// and for a server that says yes and shows something else.
    async fn publish(&self, publication: &Publication) -> Result<(), Failure>;
}
