//! What `rotate --json` prints of a ceremony.

use rootward_tuf::encoding::{hex, sha256};
use serde::Serialize;

use crate::border::{CeremonyState, Failure};
use crate::ceremony::{Fact, Record, RecordedFinding, Sheet, Stage, State};

/// A ceremony at its end, or as far as it came.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RotationReport {
    pub ceremony: String,
    pub state: CeremonyState,
    pub practice: bool,
    /// The first role whose keys change.
    pub role: Option<String>,
    /// The version of root made or being made.
    pub root_version: Option<u64>,
    /// Version and SHA-256 of the root file it builds on.
    pub builds_on: Option<BuildsOnReport>,
    /// SHA-256 of root's canonical bytes that are signed.
    pub digest: Option<String>,
    /// SHA-256 of root's complete file.
    pub file_digest: Option<String>,
    /// Every document that is issued again, as far as its bytes are fixed; root first.
    pub documents: Vec<DocumentReport>,
    /// Hash of the journal's last event.
    pub journal_head: String,
    pub signatures: Vec<SignatureReport>,
    /// What the simulated clients said.
    pub rehearsal: Vec<ClientReport>,
    pub assumptions: Vec<String>,
    /// Root versions that the fresh walk passed; empty before it.
    pub root_versions: Vec<u64>,
    /// What else the fresh walk found.
    pub findings: Vec<RecordedFinding>,
    /// Where the transcript was written.
    pub transcript: Option<String>,
    /// Why it went no further.
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildsOnReport {
    pub version: u64,
    pub sha256: String,
}

/// One document of the ceremony.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentReport {
    pub role: String,
    pub version: u64,
    /// SHA-256 of the canonical bytes that are signed.
    pub digest: String,
    /// SHA-256 of the complete file.
    pub file_digest: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignatureReport {
    pub role: String,
    pub version: u64,
    pub keyid: String,
    pub physical_key: String,
    /// Where the key was: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    pub at: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientReport {
    pub client: String,
    pub accepted: bool,
    pub account: String,
}

impl DocumentReport {
    fn of(sheet: &Sheet) -> Self {
        let complete = sheet.complete.as_ref();
        DocumentReport {
            role: sheet.role().as_str().into(),
            version: sheet.frozen.version(),
            digest: hex(&sheet.frozen.digest()),
            file_digest: complete.map(|complete| hex(&sha256(complete.file_bytes()))),
        }
    }
}

impl RotationReport {
    /// What a ceremony came to.
    pub fn of(record: &Record, transcript: Option<String>, failure: Option<Failure>) -> Self {
        let begun = record.begun();
        let mut report = RotationReport {
            ceremony: record.id.clone(),
            state: CeremonyState::of(record),
            practice: begun.is_some_and(|begun| begun.repository.practice),
            role: begun.and_then(|begun| begun.change.of_keys().first().map(|at| at.role.clone())),
            root_version: begun.map(|begun| begun.new_root_version()),
            builds_on: begun
                .and_then(|begun| begun.builds_on.first())
                .map(|root| BuildsOnReport {
                    version: root.version,
                    sha256: root.sha256.to_string(),
                }),
            digest: None,
            file_digest: None,
            documents: Vec::new(),
            journal_head: record.head.to_string(),
            signatures: Vec::new(),
            rehearsal: Vec::new(),
            assumptions: Vec::new(),
            root_versions: Vec::new(),
            findings: Vec::new(),
            transcript,
            failure,
        };
        if let State::Sound(ceremony) = &record.state {
            report.tell(record, &ceremony.stage);
        }
        report
    }

    fn tell(&mut self, record: &Record, stage: &Stage) {
        if let Some(collected) = stage.collected() {
            self.documents = collected.sheets.iter().map(DocumentReport::of).collect();
            let signatures = collected
                .sheets
                .iter()
                .flat_map(|sheet| sheet.signatures.iter().map(move |given| (sheet, given)));
            self.signatures = signatures
                .map(|(sheet, given)| SignatureReport {
                    role: sheet.role().as_str().into(),
                    version: sheet.frozen.version(),
                    keyid: given.signature.keyid.as_str().into(),
                    physical_key: given.physical.to_string(),
                    key: given.key.clone(),
                    at: given.at.to_string(),
                })
                .collect();
        }
        let root = self.documents.iter().find(|document| document.role == "root");
        self.digest = root.map(|root| root.digest.clone());
        self.file_digest = root.and_then(|root| root.file_digest.clone());
        let rehearsed = record.events.iter().rev().find_map(|event| match &event.fact {
            Fact::Rehearsed(rehearsed) => Some(rehearsed),
            _ => None,
        });
        for client in rehearsed.into_iter().flat_map(|rehearsed| &rehearsed.clients) {
            let (client, accepted, account) = (client.name.clone(), client.accepted, client.account.clone());
            self.rehearsal.push(ClientReport {
                client,
                accepted,
                account,
            });
        }
        self.assumptions = rehearsed
            .map(|rehearsed| rehearsed.assumptions.clone())
            .unwrap_or_default();
        if let Stage::Published(_, _, seen) = stage {
            self.root_versions = seen.root_versions.clone();
            self.findings = seen.findings.clone();
        }
    }
}
