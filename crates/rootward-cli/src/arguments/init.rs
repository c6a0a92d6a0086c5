//! The words of `init`.

use clap::Args;

use super::{AskedArguments, SourceArguments, TermArguments};

/// KEY is file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL. Every top-level role needs one; on a Notary
/// server, the server makes those of timestamp and, unless one is given, of snapshot.
#[derive(Debug, Args)]
pub struct InitArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// A key of a role, which signs its first document.
    #[arg(long, value_name = "ROLE=KEY", required = true)]
    pub add: Vec<String>,
    /// So many keys of a role must sign; 1 without it.
    #[arg(long, value_name = "ROLE=N")]
    pub threshold: Vec<String>,
    /// When the first document of a role ends; as long as is usual without it.
    #[arg(long, value_name = "ROLE=RFC3339")]
    pub ends: Vec<String>,
    /// TUF: names of files carry no versions, so that clients may meet a mixture while others appear.
    #[arg(long)]
    pub unversioned: bool,
    #[command(flatten)]
    pub asked: AskedArguments,
    #[command(flatten)]
    pub terms: TermArguments,
}
