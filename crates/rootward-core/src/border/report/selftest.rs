//! The answer of `selftest`, and of `keychain`.

use serde::Serialize;

/// What a self-test found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelftestReport {
    /// No check failed.
    pub passed: bool,
    /// Of this program.
    pub version: String,
    /// Operating system and processor.
    pub system: String,
    /// The machine's clock, RFC 3339.
    pub at: String,
    pub checks: Vec<CheckReport>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    pub check: String,
    pub state: CheckState,
    pub message: String,
    /// What to do when it failed.
    pub next: Option<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    Ok,
    Failed,
    /// There was nothing to check, or it was left out.
    NotChecked,
}

/// The answer of `keychain`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeychainReport {
    pub keys: Vec<KeychainKeyReport>,
}

/// A key that this desk put into the keychain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeychainKeyReport {
    /// As KEY is written: `keychain:NAME`.
    pub key: String,
    pub name: String,
    pub physical_key: String,
    pub algorithm: &'static str,
    /// Somebody said that it may sign root.
    pub may_sign_root: bool,
}
