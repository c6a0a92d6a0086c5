//! The command line: what may be asked, in which words. A contract with scripts: words may be added, never renamed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Shows and verifies TUF and Notary repositories.
///
/// SOURCE is a folder, https://…/, http://…/, or notary+https://host[:port]/GUN.
/// Exit codes: 0 done or accepted, 1 refused or the answer is no, 2 could not run, 3 interrupted.
#[derive(Debug, Parser)]
#[command(name = "rootwardctl", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub desk: DeskArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// The desk and the clock.
#[derive(Debug, Args)]
pub struct DeskArguments {
    /// The desk's data folder.
    #[arg(long, global = true, env = "ROOTWARD_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Sets the clock.
    #[arg(long, global = true, value_name = "RFC3339")]
    pub at: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows a repository as a tree, however broken it is.
    Tree(TreeArguments),
    /// Walks a repository as a strict client does, from a trusted root.
    Verify(VerifyArguments),
    /// Shows every root version that can be reached and what each one changed.
    History(HistoryArguments),
}

#[derive(Debug, Args)]
pub struct TreeArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// A trusted root file to walk from.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// A trusted root file to walk from; without it, the root this desk already trusts.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Trusts the root that the source shows now, for this walk only.
    #[arg(long, conflicts_with = "root")]
    pub first_use: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct HistoryArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// A source and how to reach it.
#[derive(Debug, Args)]
pub struct SourceArguments {
    /// DIR | https://…/ | http://…/ | notary+https://host[:port]/GUN
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// Trusts the certificates in this PEM file for HTTPS.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The repository's name in a Notary folder; without it, the root certificate's common name.
    #[arg(long, value_name = "GUN")]
    pub gun: Option<String>,
}
