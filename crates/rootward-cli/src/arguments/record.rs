//! The words of `transcript`, `witness` and `kit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{SecretArguments, SourceArguments};

#[derive(Debug, Args)]
pub struct TranscriptArguments {
    #[command(flatten)]
    pub secrets: SecretArguments,
    #[command(subcommand)]
    pub command: TranscriptCommand,
}

#[derive(Debug, Subcommand)]
pub enum TranscriptCommand {
    /// Computes a transcript again: chain, digests, signatures, every step. Exit 1 when anything does not hold.
    Verify {
        /// A transcript: its name ends in .transcript.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The head of the chain, from the printed report or a request; without it, nothing says that no event is missing at the end.
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
        /// A trusted root file that the ceremony must follow from.
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
        /// A testimony of an officer or a witness on this transcript. May be given several times.
        #[arg(long, value_name = "FILE")]
        testimony: Vec<PathBuf>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Has a key stand by a transcript that was computed again here, and writes the signed testimony (DSSE).
    Sign {
        /// A transcript.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The key: file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL.
        #[arg(long, value_name = "KEY")]
        key: String,
        /// The head of the chain, from the printed report or a request.
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
        /// Where the testimony is written.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct WitnessArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// The transcript of the ceremony that was witnessed.
    #[arg(value_name = "TRANSCRIPT")]
    pub transcript: PathBuf,
    /// A trusted root file; without it, the root this desk already trusts.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// The head of the chain, as it was read or written down at the ceremony.
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
    /// A key of the witness's that signs the testimony; without it, nobody does.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Where the testimony is written.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArguments,
}

#[derive(Debug, Args)]
pub struct KitArguments {
    /// Prints one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: KitCommand,
}

#[derive(Debug, Subcommand)]
pub enum KitCommand {
    /// Makes a kit in a new or empty folder, such as one on a stick.
    Make {
        ceremony: String,
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        /// Who is asked by it, for the record: a key's name in the ceremony, its keyid, sha256:… May be given several times.
        #[arg(long, value_name = "KEY")]
        ask: Vec<String>,
    },
    /// Takes back everything that came in a kit, each file judged by itself. Exit 1 when one of them is refused.
    Take {
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}
