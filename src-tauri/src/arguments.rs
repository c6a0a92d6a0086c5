//! What the program is started with.

use std::path::PathBuf;

use rootward_core::{border::Failure, ports::Instant};

/// Rootward: opens TUF and Notary repositories as a verified tree and takes officers through key ceremonies.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "rootward", version)]
pub struct Arguments {
    /// The data folder, instead of the one in your home.
    #[arg(long, env = "ROOTWARD_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Makes the practice estate anew; nothing else is touched.
    #[arg(long)]
    pub practice_reset: bool,
    /// Sets the clock (RFC 3339).
    #[cfg(feature = "e2e")]
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,
    /// What a file dialog answers instead of opening, so that a test needs no hand on it.
    #[cfg(feature = "e2e")]
    #[arg(long, value_name = "PATH")]
    pub choose: Option<PathBuf>,
    /// Faults planted on purpose, to show that a probe would find them.
    #[cfg(feature = "e2e")]
    #[arg(long, value_enum, value_name = "FAULT")]
    pub plant: Vec<crate::planted::Fault>,
}

impl Arguments {
    /// The moment at which the clock stands still, if it does. Fails with `bad-usage`.
    pub fn clock(&self) -> Result<Option<Instant>, Failure> {
        #[cfg(feature = "e2e")]
        if let Some(at) = &self.at {
            let bad = |error| Failure::fault("bad-usage", format!("--at {at}: {error}"));
            return Instant::parse(at).map(Some).map_err(bad);
        }
        Ok(None)
    }
}
