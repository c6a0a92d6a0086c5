//! The words of `attest` and `provision`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{GenerateArguments, SecretArguments};

#[derive(Debug, Args)]
pub struct AttestArguments {
    /// What the device says of the key: the attestation of its slot, in PEM or DER.
    #[arg(value_name = "KEY_CERT")]
    pub key: PathBuf,
    /// The device's own certificate (slot f9); others may follow it in the file.
    #[arg(value_name = "DEVICE_CERT")]
    pub device: PathBuf,
    /// Further certificates between the device and a root.
    #[arg(value_name = "CERT")]
    pub between: Vec<PathBuf>,
    /// Also takes a root of your own, told apart from the maker's.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Says which roles of this repository list the key: DIR | https://…/ | http://…/ | notary+https://host[:port]/GUN
    #[arg(long = "for", value_name = "SOURCE")]
    pub repository: Option<String>,
    /// Keeps it on the desk, where the key is shown; with --root, the root too.
    #[arg(long)]
    pub keep: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ProvisionArguments {
    #[command(flatten)]
    pub new_key: GenerateArguments,
    /// How the loss of this token is survived.
    #[arg(long, value_enum)]
    pub loss: Loss,
    /// First makes the token as it was delivered. Type its serial: every key in it is lost for ever.
    #[arg(long, value_name = "SERIAL")]
    pub erase: Option<String>,
    /// Writes the label that is kept with the token as an HTML file; it holds no secret.
    #[arg(long, value_name = "FILE")]
    pub label: Option<PathBuf>,
    /// Adds a root of your own to the desk, which may vouch for the token.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    #[command(flatten)]
    pub secrets: SecretArguments,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Loss {
    /// A second token with a key of its own in the role.
    SecondToken,
    /// One key, imported into two tokens on an offline machine: none is born here, and no device can attest it.
    ImportedTwice,
    /// Nothing: the key is gone with the token.
    Nothing,
}
