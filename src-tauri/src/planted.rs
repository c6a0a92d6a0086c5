//! Faults planted on purpose, so that the probes in `tests/e2e` are seen to find them. In no bundle.

use tauri::{AppHandle, Manager as _, Runtime};

/// Keeps what the policy stopped from the page's first moment on, for a test to read.
pub const COLLECT_BREACHES: &str = "window.breachesOfPolicy = [];
    addEventListener('securitypolicyviolation', (breach) => window.breachesOfPolicy.push(
        { directive: breach.effectiveDirective, blocked: breach.blockedURI, sample: breach.sample }));";

/// A wall taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// No content security policy on the main window.
    NoPolicy,
    /// The main window may answer prompts and set window titles.
    WideCapability,
}

/// Takes the policy away before any page is served.
pub fn in_context<R: Runtime>(faults: &[Fault], mut context: tauri::Context<R>) -> tauri::Context<R> {
    if faults.contains(&Fault::NoPolicy) {
        context.config_mut().app.security.csp = None;
        context.config_mut().app.security.dev_csp = None;
    }
    context
}

/// Grants what tauri.conf.json does not.
pub fn in_app(faults: &[Fault], app: &AppHandle) -> tauri::Result<()> {
    if faults.contains(&Fault::WideCapability) {
        app.add_capability(
            r#"{
                "identifier": "planted",
                "windows": ["main"],
                "permissions": ["allow-answer", "core:window:allow-set-title"]
            }"#,
        )?;
    }
    Ok(())
}
