//! Findings as screens show them, each with what to do about it.

use rootward_tuf::finding::{Code, Finding};

use crate::{
    border::{FindingView, visible},
    repositories::Standing,
};

impl FindingView {
    /// A finding in words.
    pub fn of(finding: &Finding) -> Self {
        FindingView {
            code: finding.code.as_str().to_owned(),
            role: visible(finding.role.as_str()),
            standing: Standing::forced_by(finding.code, finding.severity),
            message: sentence(&visible(&finding.message())),
            next: next_step(finding.code).to_owned(),
        }
    }
}

fn sentence(text: &str) -> String {
    format!("{text}.")
}

/// What to do about a finding, one sentence.
fn next_step(code: Code) -> &'static str {
    match code {
        Code::Expired => "Sign a new version of this role.",
        Code::UnderThreshold => "Collect the signatures that are missing, or find out why they are.",
        Code::OneKeyTwice => "List each key once, so that the threshold asks for different people.",
        Code::KeyidNotHash => "Nothing has to be done; clients that insist on the hash refuse it.",
        Code::UnusableKey | Code::CertificateRefused => "Replace this key by one that clients can use.",
        Code::NoAnchor => "Compare the root's digest with one you got another way, and confirm it.",
        Code::NotPublished => "Nothing has to be done until somebody signs for this role.",
        Code::Missing | Code::Unreachable | Code::RootGap => {
            "Look whether the source is complete and answers, then refresh."
        }
        Code::Unreadable | Code::TooLarge | Code::RoleNameUnusable => {
            "Look at the document at its source; clients cannot read it either."
        }
        Code::RolledBack
        | Code::RoleVanished
        | Code::WrongHash
        | Code::WrongLength
        | Code::WrongVersion
        | Code::RootNotSignedByPredecessor
        | Code::SameVersionDiffers
        | Code::NotPinned => "Treat the source as suspect until you know who changed it; nothing proven was given up.",
        _ => "The page on findings says more.",
    }
}
