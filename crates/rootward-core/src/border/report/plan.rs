//! What `change --plan --json` prints, and `change` of several repositories.

use serde::Serialize;

use crate::Proposal;
use crate::border::{Failure, SourceSpec};
use crate::ceremony::{Bulk, Outcome, Preview, Went};
use crate::repositories::place_of;

/// A change worked out and not begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReport {
    pub title: String,
    /// Documents in the order they are signed.
    pub documents: Vec<PlannedReport>,
    /// Every consequence as a sentence; those that begin with `!` are warnings.
    pub consequences: Vec<String>,
    /// What the bytes say that would be signed.
    pub review: Vec<String>,
}

/// A document that is issued.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedReport {
    pub role: String,
    /// 0 for a first document.
    pub from_version: u64,
    pub version: u64,
    /// Those of a later wave are signed when the earlier ones are complete.
    pub wave: u8,
    pub quorums: Vec<QuorumReport>,
}

/// Keys of which enough must sign a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuorumReport {
    /// The role whose document says so.
    pub by: String,
    /// Whether these are keys that the role had, and not those it will have.
    pub before: bool,
    pub threshold: u64,
    /// How many are at hand on this desk.
    pub at_hand: u64,
    pub keys: Vec<PlannedKeyReport>,
}

/// A key that may sign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedKeyReport {
    pub physical_key: String,
    pub keyid: String,
    pub label: String,
    /// Where it is, if that is known: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: Option<String>,
}

/// One change in several repositories.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BulkReport {
    /// `2026-001`: the same command takes it up again, `bulk ID` tells of it.
    pub bulk: String,
    pub repositories: Vec<BulkRow>,
}

/// What became of it in one of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BulkRow {
    pub source: String,
    /// Whether the repository is as asked: by this bulk, or since it was before.
    pub done: bool,
    /// `pending`, `begun`, `done`, `already-so`, `refused`, `failed`, `interrupted` or `declined`.
    pub outcome: &'static str,
    /// The ceremony that it was begun in there, where the record names one.
    pub ceremony: Option<String>,
    pub failure: Option<Failure>,
}

impl BulkReport {
    /// A bulk in data.
    pub fn of(bulk: &Bulk) -> Self {
        let row = |(source, went): &(SourceSpec, Option<Went>)| BulkRow {
            source: place_of(source),
            done: went.as_ref().is_some_and(|went| went.outcome.is_settled()),
            outcome: went.as_ref().map_or("pending", |went| went.outcome.as_str()),
            ceremony: went.as_ref().and_then(|went| went.ceremony.clone()),
            failure: went.as_ref().and_then(failure_of),
        };
        BulkReport {
            bulk: bulk.id.clone(),
            repositories: bulk.places.iter().map(row).collect(),
        }
    }
}

fn failure_of(went: &Went) -> Option<Failure> {
    let problem = went.problem.as_ref()?;
    let message = problem.message.clone();
    let failure = match went.outcome {
        Outcome::Interrupted => Failure::interruption("prompt-closed", message),
        Outcome::Failed => Failure::fault("disk-failed", message),
        Outcome::Begun | Outcome::Done | Outcome::AlreadySo | Outcome::Refused | Outcome::Declined => {
            Failure::refusal("rules-refused", message)
        }
    };
    Some(Failure {
        code: problem.code.clone(),
        ..failure
    })
}

impl PlanReport {
    /// A proposal in data.
    pub fn of(proposal: &Proposal, preview: &Preview) -> Self {
        use crate::ceremony::Side;
        let quorum = |quorum: &crate::ceremony::Quorum| QuorumReport {
            by: quorum.by.0.as_str().into(),
            before: matches!(quorum.side, Side::Old | Side::Before),
            threshold: quorum.threshold,
            at_hand: quorum
                .keys
                .iter()
                .filter(|key| preview.at_hand(&key.physical).is_some())
                .count() as u64,
            keys: quorum
                .keys
                .iter()
                .map(|key| PlannedKeyReport {
                    physical_key: key.physical.to_string(),
                    keyid: key.shown_id().as_str().into(),
                    label: key.label.clone(),
                    key: preview.at_hand(&key.physical).map(str::to_owned),
                })
                .collect(),
        };
        let documents = preview.plan.documents.iter().map(|document| PlannedReport {
            role: document.role.as_str().into(),
            from_version: document.version.0,
            version: document.version.1,
            wave: document.wave,
            quorums: document.quorums.iter().map(quorum).collect(),
        });
        let warned = |sentence: &crate::border::Sentence| match sentence.mark {
            crate::border::Mark::Warning => format!("! {}", sentence.text()),
            _ => sentence.text(),
        };
        PlanReport {
            title: proposal.title.clone(),
            documents: documents.collect(),
            consequences: proposal.consequences.iter().map(warned).collect(),
            review: proposal.review.iter().map(crate::border::Sentence::text).collect(),
        }
    }
}
