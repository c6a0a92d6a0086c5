//! The words of `ceremony`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{EndArguments, SecretArguments};

#[derive(Debug, Args)]
pub struct CeremonyArguments {
    #[command(flatten)]
    pub secrets: SecretArguments,
    #[command(subcommand)]
    pub command: CeremonyCommand,
}

#[derive(Debug, Subcommand)]
pub enum CeremonyCommand {
    /// Lists ceremonies, newest first.
    List {
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Shows one ceremony.
    Show {
        ceremony: String,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Fixes the bytes; in Notary, what they name is made first. Any later edit is a new ceremony.
    Freeze {
        ceremony: String,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Has keys sign what waits for them, one after the other; nobody else is asked.
    Sign {
        ceremony: String,
        /// Where it is: file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL. Or, of a key that is known to this
        /// desk: its name in the ceremony, its keyid, sha256:… May be given several times.
        #[arg(long, value_name = "KEY", required = true)]
        key: Vec<String>,
        /// Lets a key sign although it has signed another document of the same version, and puts on record why.
        #[arg(long, value_name = "TEXT")]
        again_because: Option<String>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Tries what was signed on simulated clients. What one of them refuses is not published.
    Rehearse {
        ceremony: String,
        /// Takes clients along from this version of root on; without it, those that still come to today's root.
        #[arg(long, value_name = "VERSION")]
        oldest_root: Option<u64>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Publishes what was rehearsed and walks again through the public door; brings to its end what was cut off.
    Publish {
        ceremony: String,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Takes a ceremony up again and brings it to its end.
    Resume {
        ceremony: String,
        #[command(flatten)]
        end: EndArguments,
    },
    /// Ends a ceremony without publishing.
    Abandon {
        ceremony: String,
        /// Why; goes into journal and transcript.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Takes a ceremony up again that was given up and that anybody could publish; `resume` brings it to its end.
    Reopen {
        ceremony: String,
        /// Why; goes into journal and transcript.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Writes what takes signatures into a file for an officer elsewhere.
    Request {
        ceremony: String,
        /// The file to write; its name ends in .request.
        #[arg(long, value_name = "REQUEST")]
        out: PathBuf,
        /// Who is asked by it, for the record: a key's name in the ceremony, its keyid, sha256:… May be given several times.
        #[arg(long, value_name = "KEY")]
        ask: Vec<String>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Takes signatures from a response, or detached ones of securesystemslib and python-tuf.
    Take {
        /// The file that came back.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Which ceremony it is for; responses say so themselves.
        #[arg(long, value_name = "CEREMONY")]
        ceremony: Option<String>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Writes a ceremony's transcript: as a page to be read and signed (.html), or as the file machines check (.transcript).
    Transcript {
        ceremony: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Writes transcript, report and testimonies into one zip file, with a short script that checks them without this program.
    Evidence {
        ceremony: String,
        /// The file to write; its name ends in .zip.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A testimony of an officer or a witness on the transcript. May be given several times.
        #[arg(long = "with", value_name = "FILE")]
        testimony: Vec<PathBuf>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
}
