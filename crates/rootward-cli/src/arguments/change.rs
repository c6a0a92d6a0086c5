//! The words of `change`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rootward_core::border::RevocationCause;

use super::{EndArguments, SecretArguments, SourceArguments};

/// Changes made in several repositories at once, and what became of them in each.
#[derive(Debug, Args)]
pub struct BulkArguments {
    /// One of them; without it, all.
    #[arg(value_name = "BULK")]
    pub id: Option<String>,
    /// Prints one JSON object a bulk.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArguments,
}

/// Why a key is taken out everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Cause {
    /// Somebody else has it.
    Stolen,
    /// Nobody has it.
    Lost,
    /// Its officer leaves, and gives it back.
    Leaves,
}

impl From<Cause> for RevocationCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Stolen => RevocationCause::Stolen,
            Cause::Lost => RevocationCause::Lost,
            Cause::Leaves => RevocationCause::Leaves,
        }
    }
}

/// KEY is file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL. Everything asked for happens in one
/// ceremony, or nothing of it.
#[derive(Debug, Args)]
pub struct EditArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// More repositories that get the same change, one after the other; each has a ceremony of its own.
    #[arg(long, value_name = "SOURCE", conflicts_with = "request")]
    pub also: Vec<String>,
    /// A key leaves a role: KEY, its name, a keyid, a canonical id, or sha256:…
    #[arg(long, value_name = "ROLE=KEY|ID")]
    pub remove: Vec<String>,
    /// A key joins a role, and signs where it counts.
    #[arg(long, value_name = "ROLE=KEY")]
    pub add: Vec<String>,
    /// So many keys of a role must sign from now on.
    #[arg(long, value_name = "ROLE=N")]
    pub threshold: Vec<String>,
    /// Notary: the server makes the role's key and holds it (snapshot, timestamp).
    #[arg(long, value_name = "ROLE")]
    pub server_key: Vec<String>,
    /// A key leaves every role it counts for.
    #[arg(long, value_name = "KEY|ID")]
    pub revoke: Option<String>,
    /// The key that takes its place everywhere.
    #[arg(long, value_name = "KEY", requires = "revoke")]
    pub replace: Option<String>,
    /// What became of it: one that was stolen or lost is asked for no signature, and counts as none that could be given.
    #[arg(long, value_name = "CAUSE", requires = "revoke")]
    pub because: Option<Cause>,
    /// Signs delegated documents again that would count no more.
    #[arg(long, requires = "revoke")]
    pub and_sign_again: bool,
    /// A document ends at another moment; as long again as is usual without one.
    #[arg(long, value_name = "ROLE[=RFC3339]")]
    pub ends: Vec<String>,
    /// Gives every document that ends before a moment a new end: the usual one, or the one behind the comma.
    #[arg(long, value_name = "RFC3339[,RFC3339]")]
    pub ends_before: Option<String>,
    /// A delegated role whose document counts no more gets a new one, with nothing in it but the targets given here.
    #[arg(long, value_name = "ROLE")]
    pub rebuild: Vec<String>,
    /// Signs a document again as it is, with a new end.
    #[arg(long, value_name = "ROLE")]
    pub sign_again: Vec<String>,
    /// Delegates to a new role, by the role --by.
    #[arg(long, value_name = "ROLE", conflicts_with_all = ["redelegate", "bins"])]
    pub delegate: Option<String>,
    /// Changes what a delegation is for, whether a search ends there, or its place.
    #[arg(long, value_name = "ROLE", conflicts_with = "bins")]
    pub redelegate: Option<String>,
    /// Ends a delegation.
    #[arg(long, value_name = "ROLE")]
    pub undelegate: Vec<String>,
    /// TUF: delegates to 2^BITS roles, which share all paths by their digests.
    #[arg(long, value_name = "PREFIX", requires = "bits")]
    pub bins: Option<String>,
    #[arg(long, value_name = "BITS")]
    pub bits: Option<u32>,
    /// Names them all at once (TAP 15), in the place of those there are; clients must know that.
    #[arg(long, requires = "bins")]
    pub succinct: bool,
    /// The role that delegates.
    #[arg(long, value_name = "ROLE")]
    pub by: Option<String>,
    /// A key of the new role.
    #[arg(long, value_name = "KEY")]
    pub with: Vec<String>,
    /// How many of them must sign.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub need: u64,
    /// What the delegation is for. TUF: a pattern. Notary: a beginning, "" for everything.
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// TUF: beginnings of the SHA-256 of paths, instead of paths.
    #[arg(long, value_name = "HEX", conflicts_with = "path")]
    pub hash_prefix: Vec<String>,
    /// TUF: whether a search for a target that comes to the role ends there.
    #[arg(long, value_name = "true|false")]
    pub terminating: Option<bool>,
    /// The place among the other delegations, from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub place: Option<u32>,
    /// A role vouches for a file: --file, or --length with --sha256 or --sha512.
    #[arg(long, value_name = "ROLE=PATH")]
    pub target: Option<String>,
    /// The file, whose length and digests are taken.
    #[arg(long, value_name = "FILE", requires = "target", conflicts_with_all = ["length", "sha256", "sha512"])]
    pub file: Option<PathBuf>,
    #[arg(long, value_name = "BYTES", requires = "target")]
    pub length: Option<u64>,
    #[arg(long, value_name = "HEX", requires = "target")]
    pub sha256: Option<String>,
    #[arg(long, value_name = "HEX", requires = "target")]
    pub sha512: Option<String>,
    /// What else is said of the target, in JSON; what is said now stays without it.
    #[arg(long, value_name = "FILE", requires = "target")]
    pub custom: Option<PathBuf>,
    /// A role vouches for a path no longer.
    #[arg(long, value_name = "ROLE=PATH")]
    pub remove_target: Vec<String>,
    /// TUF: somebody else, or a service, signs snapshot and timestamp afterwards.
    #[arg(long)]
    pub online_elsewhere: bool,
    /// Keys that leave sign nothing more, though clients may meet a gap for it.
    #[arg(long)]
    pub new_keys_only: bool,
    /// Why a role may be left that nobody can sign; goes into journal and transcript.
    #[arg(long, value_name = "TEXT")]
    pub despite: Option<String>,
    /// Why another document is made beside a version that was given up, that anybody could publish, and that clients refuse.
    #[arg(long, value_name = "TEXT")]
    pub although_loose: Option<String>,
    #[command(flatten)]
    pub asked: AskedArguments,
    #[command(flatten)]
    pub ceremony: BeginArguments,
}

/// What else is asked for, and whether it is asked for at all.
#[derive(Debug, Args)]
pub struct AskedArguments {
    /// A JSON list of edits besides, in the words of the window's forms: delegations and targets, many at once.
    #[arg(long, value_name = "FILE")]
    pub edits: Option<PathBuf>,
    /// Says what it comes to, and begins nothing.
    #[arg(long)]
    pub plan: bool,
}

/// How a change of what is there begins: who signs besides, what it builds on.
#[derive(Debug, Args)]
pub struct BeginArguments {
    /// A key that signs and stays.
    #[arg(long, value_name = "KEY")]
    pub sign: Vec<String>,
    /// Notary: keys of the last N roots before today's sign root as well, those at hand, for very old clients.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub legacy: u32,
    /// A trusted root file; without it, the root this desk already trusts.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Trusts the root that the source shows now, from now on.
    #[arg(long, conflicts_with = "root")]
    pub first_use: bool,
    #[command(flatten)]
    pub terms: TermArguments,
}

/// What any ceremony begins with: why, who signs elsewhere, how secrets are asked for, how it ends.
#[derive(Debug, Args)]
pub struct TermArguments {
    /// Why; goes into journal and transcript.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Begins even if the keys named here are too few, signs with those at hand, and writes a request for officers elsewhere.
    #[arg(long, value_name = "REQUEST")]
    pub request: Option<PathBuf>,
    #[command(flatten)]
    pub secrets: SecretArguments,
    #[command(flatten)]
    pub end: EndArguments,
}
