//! Why something was not done, told apart by what one can do about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The three ways in which a request ends without its wish (a finding is not one of them: it is a fact).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The rules forbid this now; the state is unchanged. Exit code 1.
    Refusal,
    /// A person or device stepped away; try again. Exit code 3.
    Interruption,
    /// Disk, network, usage. Exit code 2.
    Fault,
}

/// A failure at the border. `code` has a *what* and a *what to do* text in `ui/src/words/failures.ts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code}: {message}")]
pub struct Failure {
    /// Refusal, interruption or fault.
    pub kind: FailureKind,
    /// A stable kebab-case code out of `CODES`.
    pub code: String,
    /// One sentence for people: what happened and what was expected.
    pub message: String,
    /// Facts to copy into a report; never a secret.
    pub details: BTreeMap<String, String>,
}

impl Failure {
    /// A refusal: the rules forbid it.
    pub fn refusal(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refusal, code, message)
    }

    /// An interruption: a person or device stepped away.
    pub fn interruption(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Interruption, code, message)
    }

    /// A fault: disk, network, usage.
    pub fn fault(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Fault, code, message)
    }

    /// Adds one fact.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    fn new(kind: FailureKind, code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(CODES.contains(&code), "failure code {code} is not listed in CODES");
        Failure {
            kind,
            code: code.into(),
            message: message.into(),
            details: BTreeMap::new(),
        }
    }
}

/// Every code a person can meet, sorted. `ui/src/words/failures.ts` has a text pair for each (tested).
pub const CODES: &[&str] = &[
    "already-imported",
    "already-registered",
    "already-signed",
    "attestation-altered",
    "attestation-missing",
    "attestation-no-authority",
    "attestation-other-key",
    "attestation-root-known",
    "attestation-root-unknown",
    "attestation-unfit-key",
    "attestation-unreadable",
    "attestation-wrong-issuer",
    "attestation-wrong-signature",
    "backup-conflicts",
    "backup-newer",
    "backup-unusable",
    "bad-source",
    "bad-usage",
    "cancelled",
    "ceremony-ended",
    "ceremony-not-found",
    "ceremony-open",
    "data-folder-locked",
    "data-folder-newer",
    "data-folder-unusable",
    "dialect-unknown",
    "digest-mismatch",
    "disk-failed",
    "draft-refused",
    "drill-not-begun",
    "drill-place-taken",
    "drill-under-way",
    "erase-not-confirmed",
    "expected-other-key",
    "handoff-altered",
    "handoff-foreign",
    "handoff-newer",
    "handoff-not-compared",
    "handoff-unproven",
    "handoff-unreadable",
    "journal-broken",
    "key-ambiguous",
    "key-cannot-attest",
    "key-cannot-leave",
    "key-cannot-sign",
    "key-file-unreadable",
    "key-gone",
    "key-not-found",
    "key-not-told",
    "key-without-public-half",
    "keychain-failed",
    "keychain-missing",
    "keychain-not-for-root",
    "keychain-silent",
    "last-try-declined",
    "ledger-broken",
    "loose-publishable",
    "map-unreadable",
    "mechanism-missing",
    "metadata-not-found",
    "module-crashed",
    "module-hung",
    "module-lied",
    "module-not-allowed",
    "module-unusable",
    "network-failed",
    "new-secret-refused",
    "no-anchor",
    "no-server-keys",
    "no-such-node",
    "not-publishable-there",
    "not-ready",
    "panicked",
    "passphrase-not-set",
    "pin-blocked",
    "practice-only",
    "prompt-closed",
    "publish-failed",
    "rehearsal-refused",
    "repository-exists",
    "repository-not-found",
    "root-refused",
    "rules-refused",
    "server-answered",
    "server-failed",
    "server-lacks-key",
    "server-misread",
    "server-refused-gun",
    "server-refused-hierarchy",
    "server-refused-role",
    "server-refused-root",
    "server-refused-snapshot",
    "server-refused-targets",
    "server-refused-update",
    "server-signer-failed",
    "server-storage-failed",
    "signature-refused",
    "signed-otherwise",
    "slot-empty",
    "slot-occupied",
    "source-unreadable",
    "stale-answer",
    "superseded",
    "target-missing",
    "target-path-unsafe",
    "target-refused",
    "testimony-refused",
    "threshold-not-met",
    "token-absent",
    "token-ambiguous",
    "token-busy",
    "token-failed",
    "token-initialised",
    "token-other",
    "token-service-missing",
    "token-unsupported",
    "too-large",
    "touch-missed",
    "transcript-broken",
    "transcript-cut-off",
    "transcript-newer",
    "transcript-unproven",
    "transcript-unreadable",
    "unauthorized",
    "witness-refused",
    "wrong-management-key",
    "wrong-passphrase",
    "wrong-password",
    "wrong-pin",
];
