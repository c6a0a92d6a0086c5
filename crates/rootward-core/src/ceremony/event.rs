//! What happened in a ceremony: one fact an event. Facts are stored; everything shown is computed from them.
//!
//! An effect outside the journal has two facts: that it was about to begin, and how it ended.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::digest::Digest;
use crate::chain;
pub use crate::ledger::Subject;
use crate::ports::Failure;

/// One line of a journal.
pub type Event = chain::Event<Fact>;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "kebab-case")]
pub enum Fact {
    Begun(Box<Begun>),
    /// Intent: a root key that joins is about to be asked to sign its certificate.
    CertifyingBegun(Asked),
    /// Outcome: it did.
    Certified(Certified),
    /// Outcome: it did not.
    CertifyingFailed(NotSigned),
    /// The certificate was written into the token's slot, or could not be.
    CertificateStored(CertificateStored),
    /// Intent: the server is about to be asked for a new key of a role.
    ServerKeyAsked(ServerKeyAsked),
    /// Outcome: it made one.
    ServerKeyGiven(ServerKeyGiven),
    /// Outcome: it did not.
    ServerKeyRefused(Problem),
    /// The bytes of a document were fixed.
    Frozen(Frozen),
    /// Intent: a key is about to be asked to sign.
    SigningBegun(Asked),
    /// Outcome: it signed, and the signature was verified in software.
    Signed(Signed),
    /// Outcome: it did not sign.
    SigningFailed(NotSigned),
    /// A file with what is to be signed was made for an officer elsewhere.
    HandedOut(HandedOut),
    /// Simulated clients were run on the complete document.
    Rehearsed(Rehearsed),
    /// Intent: the complete document is about to be written to the source.
    PublishingBegun(Publishing),
    /// Outcome: the source took it.
    Written,
    /// Outcome: the source did not take it, or nobody knows.
    PublishingFailed(Problem),
    /// A fresh walk through the public door did not meet the document.
    NotSeen(Problem),
    /// A fresh walk through the public door met the document.
    Seen(Seen),
    /// Another root of this version, or a later one, is at the source.
    Superseded(Superseded),
    /// A person ended the ceremony.
    Abandoned(Abandoned),
    /// One that was given up is taken up again: its signatures could be used by anybody.
    Reopened(Reopened),
    /// A ceremony was taken up again after the program had ended.
    Resumed,
    /// The journal ended in half a line, which was cut off.
    LineCut(LineCut),
}

/// How it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The ceremony's own id, so that a journal cannot pose as another's.
    pub ceremony: String,
    pub repository: Subject,
    pub dialect: String,
    /// Notary: the repository's name, which root certificates carry.
    pub gun: Option<String>,
    /// Root first; delegators before those they delegate to.
    pub builds_on: Vec<BuildsOn>,
    /// Delegated roles that get their first document.
    pub first: Vec<String>,
    pub change: Change,
}

impl Begun {
    /// The version of root it builds on.
    pub fn root_version(&self) -> u64 {
        self.builds_on.first().map_or(0, |root| root.version)
    }

    /// The version of root once the change is there: the next, or the one it builds on where root is not issued.
    pub fn new_root_version(&self) -> u64 {
        let issues = self.builds_on.first().map_or(self.change.begins(), |root| root.issued);
        self.root_version().saturating_add(u64::from(issues))
    }
}

/// A proven document that the change was planned on; its file lies beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildsOn {
    pub role: String,
    pub version: u64,
    /// Of the file.
    pub sha256: Digest,
    /// Whether it is issued again; else it is there for the keys it names.
    pub issued: bool,
}

/// The bytes to be signed; they lie beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    pub role: String,
    pub version: u64,
    pub length: u64,
    /// Of the canonical bytes.
    pub sha256: Digest,
}

/// A key that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whose document it signs.
    pub role: String,
    pub physical_key: String,
    /// Where it was asked: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    /// Why it may sign although it has signed another document of this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_because: Option<String>,
}

/// A certificate that a joining root key signed over itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certified {
    pub physical_key: String,
    pub key: String,
    /// DER in base64.
    pub certificate: String,
    /// Of the certificate in DER.
    pub sha256: Digest,
}

/// Whether a slot that had no certificate has the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateStored {
    pub key: String,
    /// None when it has.
    pub problem: Option<Problem>,
}

/// A role whose key the server is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKeyAsked {
    pub role: String,
}

/// A key that the server made and holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKeyGiven {
    pub role: String,
    pub keyid: String,
    /// The key object as metadata lists it, in JSON.
    pub object: String,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub role: String,
    pub version: u64,
    pub physical_key: String,
    pub key: String,
    pub keyid: String,
    pub method: Option<String>,
    /// Lower-case hexadecimal.
    pub signature: String,
    /// What was signed.
    pub sha256: Digest,
    /// The file that brought the signature, when it was made elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Digest>,
}

/// A request for signatures that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOut {
    /// Whose documents it asks signatures for.
    pub roles: Vec<String>,
    /// Of the file.
    pub sha256: Digest,
    /// The keys it was written for; empty when whoever can sign may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
}

/// Why a key did not sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSigned {
    /// Whose document it should have signed.
    pub role: String,
    pub physical_key: String,
    pub problem: Problem,
}

/// A failure on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: String,
    pub message: String,
}

impl From<&Failure> for Problem {
    fn from(failure: &Failure) -> Self {
        Problem {
            code: failure.code.clone(),
            message: failure.message.clone(),
        }
    }
}

/// What simulated clients did with the complete document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// Of the complete documents.
    pub document: Digest,
    pub clients: Vec<Client>,
    /// What only somebody else can make true, taken for granted here and looked at by the fresh walk.
    pub assumptions: Vec<String>,
    /// The oldest root whose clients the officer wants to take along; none when whatever reaches today's was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<u64>,
}

impl Rehearsed {
    /// Whether every client accepted.
    pub fn accepted(&self) -> bool {
        !self.clients.is_empty() && self.clients.iter().all(|client| client.accepted)
    }
}

/// A simulated client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub name: String,
    pub accepted: bool,
    pub account: String,
}

/// What is about to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publishing {
    /// Of the complete documents.
    pub document: Digest,
}

/// What the fresh walk met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Root versions walked, from the old trusted one.
    pub root_versions: Vec<u64>,
    /// The documents of the ceremony that were met, by their canonical bytes.
    pub documents: Vec<Met>,
    /// Whether the whole walk was accepted, beyond root.
    pub accepted: bool,
    /// Each client that came to them, on root before, two versions behind and new.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// What else the walk found.
    pub findings: Vec<Finding>,
}

/// A document that a walk met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    pub role: String,
    pub version: u64,
    /// Of the canonical bytes.
    pub sha256: Digest,
}

/// A finding on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub role: String,
    pub message: String,
}

impl From<&rootward_tuf::finding::Finding> for Finding {
    fn from(finding: &rootward_tuf::finding::Finding) -> Self {
        Finding {
            code: finding.code.as_str().into(),
            role: finding.role.as_str().into(),
            message: finding.message(),
        }
    }
}

/// The document that was there instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    pub role: String,
    /// None when it could not be read any more.
    pub version: Option<u64>,
    /// Of its file.
    pub sha256: Option<Digest>,
    /// What differs between the document planned on and it, one sentence each.
    pub differences: Vec<String>,
}

impl Superseded {
    /// What it was: `root v3`.
    pub fn what(&self) -> String {
        match self.version {
            Some(version) => format!("{} v{version}", self.role),
            None => format!("another {}", self.role),
        }
    }
}

/// Why it was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abandoned {
    pub reason: String,
    /// Signatures that exist over the frozen bytes and stay on record.
    pub loose: u32,
}

/// Why it was taken up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    pub reason: String,
}

/// What was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCut {
    pub bytes: u64,
}
