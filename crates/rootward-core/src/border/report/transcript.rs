//! What `rootwardctl transcript` and `witness` print.

use std::path::Path;

use rootward_tuf::encoding::hex;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::statement::Testimony;
use serde::Serialize;

use super::RotationReport;
use crate::border::{Failure, visible};
use crate::ceremony::{Checked, Digest, End};

/// A transcript that was computed again, or why it does not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TranscriptReport {
    /// Whether chain, digests, signatures and steps all hold.
    pub consistent: bool,
    /// `proven` when it ends with the head given, else `not-proven`.
    pub end: Option<&'static str>,
    /// SHA-256 of the file.
    pub sha256: Option<String>,
    pub events: Option<u64>,
    /// Of the chain: covers every event.
    pub head: Option<String>,
    /// The version of the root given from which it follows; none when no root was given, and then the root it builds on is
    /// taken as it is.
    pub trusted_from: Option<u64>,
    pub repository: Option<String>,
    /// What the ceremony came to.
    pub ceremony: Option<RotationReport>,
    pub testimonies: Vec<TestimonyReport>,
    /// Why it does not hold.
    pub failure: Option<Failure>,
}

/// What somebody says of the transcript.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestimonyReport {
    /// The key that signed it; none for one that nobody signed.
    pub physical_key: Option<String>,
    /// Whether the root before or after the ceremony lists that key.
    pub listed: bool,
    pub at: String,
    /// Where a witness met the documents; none of somebody who only stands by it.
    pub source: Option<String>,
    /// The version of root that the witness trusted.
    pub trusted_version: Option<u64>,
}

/// A testimony that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestimonyWritten {
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: String,
    pub ceremony: String,
    pub events: u64,
    pub head: String,
    /// The key that signed it; none when nobody did.
    pub physical_key: Option<String>,
    pub trusted_version: Option<u64>,
    pub met: Vec<MetReport>,
}

/// A document that a witness met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetReport {
    pub role: String,
    pub version: u64,
    /// SHA-256 of the canonical bytes.
    pub sha256: String,
}

impl TranscriptReport {
    pub fn of(checked: &Checked, trusted_from: Option<u64>, testimonies: Vec<TestimonyReport>) -> Self {
        TranscriptReport {
            consistent: true,
            end: Some(match checked.end {
                End::Proven => "proven",
                End::NotProven => "not-proven",
            }),
            sha256: Some(checked.sha256.to_string()),
            events: Some(checked.record.events.len() as u64),
            head: Some(checked.record.head.to_string()),
            trusted_from,
            repository: checked.record.begun().map(|begun| visible(&begun.repository.name)),
            ceremony: Some(RotationReport::of(&checked.record, None, None)),
            testimonies,
            failure: None,
        }
    }

    /// Of a transcript that does not hold, or is not the one it should be.
    pub fn of_failure(failure: Failure) -> Self {
        TranscriptReport {
            consistent: false,
            end: None,
            sha256: None,
            events: None,
            head: None,
            trusted_from: None,
            repository: None,
            ceremony: None,
            testimonies: Vec::new(),
            failure: Some(failure),
        }
    }
}

impl TestimonyReport {
    pub fn of(checked: &Checked, testimony: &Testimony, physical: Option<&PhysicalKey>) -> Self {
        let listed = physical.is_some_and(|physical| {
            let Ok(ceremony) = checked.ceremony() else { return false };
            let before = ceremony.grounds.root().map(|root| root.body());
            let after = ceremony.stage.collected().and_then(|collected| collected.root());
            let mut roots = [before, after.map(|root| root.body())].into_iter().flatten();
            roots.any(|root| root.keys.iter().any(|key| key.physical() == Some(*physical)))
        });
        TestimonyReport {
            physical_key: physical.map(ToString::to_string),
            listed,
            at: testimony.at.to_string(),
            source: testimony.saw.as_ref().map(|saw| visible(&saw.source)),
            trusted_version: testimony.saw.as_ref().map(|saw| saw.trusted.0),
        }
    }
}

impl TestimonyWritten {
    pub fn of(testimony: &Testimony, physical: Option<&PhysicalKey>, sha256: &Digest, path: &Path) -> Self {
        let recorded = &testimony.recorded;
        let met = testimony.saw.iter().flat_map(|saw| &saw.met);
        TestimonyWritten {
            path: path.display().to_string(),
            sha256: sha256.to_string(),
            ceremony: recorded.ceremony.clone(),
            events: recorded.events,
            head: hex(&recorded.head),
            physical_key: physical.map(ToString::to_string),
            trusted_version: testimony.saw.as_ref().map(|saw| saw.trusted.0),
            met: met
                .map(|(role, version, sha256)| MetReport {
                    role: visible(role),
                    version: *version,
                    sha256: hex(sha256),
                })
                .collect(),
        }
    }
}
