//! The words of `drill` and `practise`.

use std::path::PathBuf;

use clap::Args;

use super::{SecretArguments, SourceArguments};

#[derive(Debug, Args)]
pub struct DrillArguments {
    /// Begins this drill, or judges it when it is under way; without a name, all are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Ends the drill, however far it came.
    #[arg(long, requires = "name")]
    pub give_up: bool,
    /// Shows what helps as well.
    #[arg(long, requires = "name")]
    pub hints: bool,
    /// Begins it on a Notary server of your own that nobody relies on, instead of the practice server.
    #[arg(long, value_name = "URL", requires_all = ["name", "key"])]
    pub server: Option<String>,
    /// The authority of that server's certificate.
    #[arg(long, value_name = "FILE", requires = "server")]
    pub ca: Option<PathBuf>,
    /// The empty slot of your token in which the drill's key is born: yubikey:SERIAL/SLOT.
    #[arg(long, value_name = "KEY", requires = "server")]
    pub key: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArguments,
}

#[derive(Debug, Args)]
pub struct PractiseArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// A trusted root file; without it, the root this desk already trusts.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Trusts the root that the source shows now, from now on.
    #[arg(long, conflicts_with = "root")]
    pub first_use: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArguments,
}
