//! The client that the official TUF conformance suite drives (`./dev conformance`): our walk, our search and our download
//! behind the suite's command line, on the machine's clock.
//!
//! Decides nothing itself. Trusted files lie in the metadata folder under their role's name, byte for byte as served.

mod client;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use client::{Client, Trouble};

/// Options come before the command, as the suite's contract says.
#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    metadata_dir: PathBuf,
    #[arg(long)]
    metadata_url: Option<String>,
    /// May be given several times; the first that fails ends the command.
    #[arg(long)]
    target_name: Vec<String>,
    #[arg(long)]
    target_base_url: Option<String>,
    #[arg(long)]
    target_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trusts a root file, without asking anybody.
    Init { trusted_root: PathBuf },
    /// Brings the top-level roles up to date.
    Refresh,
    /// Refreshes, then downloads each target.
    Download,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Trouble> {
    let client = Client::new(arguments.metadata_dir);
    let metadata_url = || needed("--metadata-url", arguments.metadata_url.as_deref());
    match &arguments.command {
        Command::Init { trusted_root } => client.init(trusted_root),
        Command::Refresh => client.refresh(metadata_url()?).await.map(drop),
        Command::Download => {
            let base = needed("--target-base-url", arguments.target_base_url.as_deref())?;
            let folder = needed("--target-dir", arguments.target_dir.as_deref())?;
            client
                .download(metadata_url()?, base, folder, &arguments.target_name)
                .await
        }
    }
}

fn needed<T>(option: &str, given: Option<T>) -> Result<T, Trouble> {
    given.ok_or_else(|| Trouble(format!("{option} is needed here")))
}
