//! The answer of `rootwardctl attest`: where a key was born, step by step, or which step failed.

use rootward_tuf::{Instant, encoding::hex};
use serde::Serialize;

use crate::keyring::attestation::{AttestationProblem, Remark, VerifiedAttestation, Vouching};

/// What an attestation proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttestReport {
    pub verified: bool,
    /// What is proven in one sentence, or what is not.
    pub verdict: String,
    /// Null when nothing is proven, or the device keeps it to itself; so are all facts below.
    pub serial: Option<u32>,
    pub firmware: Option<String>,
    pub pin_policy: Option<&'static str>,
    pub touch_policy: Option<&'static str>,
    pub form_factor: Option<String>,
    pub physical_key: Option<String>,
    pub slot: Option<String>,
    /// `maker`, or `added` for a root that somebody added on this machine.
    pub vouched_by: Option<&'static str>,
    /// From the key's certificate to the root's.
    pub chain: Vec<LinkReport>,
    /// What should be known besides, or the step that failed.
    pub findings: Vec<AttestFinding>,
    /// Where a repository lists the key; null when none was named.
    pub roles: Option<Vec<ListedReport>>,
    /// Whether the desk keeps it from now on.
    pub kept: bool,
}

/// A certificate of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkReport {
    pub subject: String,
    pub sha256: String,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttestFinding {
    pub code: &'static str,
    pub message: String,
}

/// A role that lists the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedReport {
    pub role: String,
    pub keyid: String,
    /// Whether this key's signature is good on the document shown.
    pub signed: bool,
}

/// What an attestation never says, in one sentence.
pub const NOT_WHO_HOLDS_IT: &str = "It proves where the key was born, not who holds the device.";

impl AttestReport {
    /// Reports what was proven, or what was not.
    pub fn of(outcome: &Result<VerifiedAttestation, AttestationProblem>, now: Instant) -> Self {
        let nothing = AttestReport {
            verified: false,
            verdict: String::new(),
            serial: None,
            firmware: None,
            pin_policy: None,
            touch_policy: None,
            form_factor: None,
            physical_key: None,
            slot: None,
            vouched_by: None,
            chain: Vec::new(),
            findings: Vec::new(),
            roles: None,
            kept: false,
        };
        match outcome {
            Err(problem) => AttestReport {
                verdict: "nothing is proven".into(),
                findings: vec![AttestFinding {
                    code: problem.code(),
                    message: problem.to_string(),
                }],
                ..nothing
            },
            Ok(proven) => AttestReport {
                verified: true,
                verdict: verdict(proven),
                serial: proven.serial,
                firmware: Some(firmware(proven.firmware)),
                pin_policy: Some(proven.pin.as_str()),
                touch_policy: Some(proven.touch.as_str()),
                form_factor: proven.form_factor.map(|form_factor| form_factor.to_string()),
                physical_key: Some(proven.physical().to_string()),
                slot: proven.slot.map(|slot| slot.to_string()),
                vouched_by: Some(match proven.vouching {
                    Vouching::Maker => "maker",
                    Vouching::AddedHere => "added",
                }),
                chain: proven
                    .chain
                    .iter()
                    .map(|link| LinkReport {
                        subject: link.subject.clone(),
                        sha256: hex(&link.sha256),
                    })
                    .collect(),
                findings: proven.remarks(now).into_iter().map(finding).collect(),
                ..nothing
            },
        }
    }
}

/// `5.2.7`
pub fn firmware(firmware: [u8; 3]) -> String {
    firmware.map(|part| part.to_string()).join(".")
}

/// Who vouches for it: `chains to Yubico PIV Root CA Serial 263751`.
pub fn verdict(proven: &VerifiedAttestation) -> String {
    let root = proven.chain.last().map_or("", |root| root.subject.as_str());
    match proven.vouching {
        Vouching::Maker => format!("chains to {root}"),
        Vouching::AddedHere => format!("chains to a root added on this machine: {root}"),
    }
}

/// What should be known of a proven key, in words.
pub fn finding(remark: Remark) -> AttestFinding {
    let (code, message) = match remark {
        Remark::Cloneable => (
            "cloneable-firmware",
            "firmware below 5.7: whoever has the device in hand for long, with its PIN, can copy this key out of it (YSA-2024-03); plan to replace it",
        ),
        Remark::Guessable => (
            "guessable-key",
            "RSA keys born in this firmware can be computed from their public half (YSA-2017-01); replace it",
        ),
        Remark::NeverTouched => (
            "never-touched",
            "no touch is asked for: malicious software can sign unseen while the device is plugged in",
        ),
        Remark::NeverAsksForPin => (
            "never-asks-for-pin",
            "no PIN is asked for: whoever finds the device can sign",
        ),
        Remark::Expired => (
            "certificate-expired",
            "a certificate of the chain has ended; the device has not changed by that",
        ),
        Remark::NotYetValid => (
            "certificate-not-yet-valid",
            "a certificate of the chain begins later; check this machine's clock",
        ),
        Remark::RootAddedHere => (
            "root-added-here",
            "somebody added the root on this machine: it vouches as far as you trust that",
        ),
    };
    AttestFinding {
        code,
        message: message.into(),
    }
}
