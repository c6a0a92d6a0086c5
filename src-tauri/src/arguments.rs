//! What the program is started with.

use std::path::PathBuf;

/// Rootward: opens TUF and Notary repositories as a verified tree and takes officers through key ceremonies.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "rootward", version)]
pub struct Arguments {
    /// The data folder, instead of $ROOTWARD_DATA or the one in your home.
    #[arg(long, value_name = "DIR")]
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
