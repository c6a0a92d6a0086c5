//! The command line: what may be asked, in which words. A contract with scripts: words may be added, never renamed.

mod ceremony;
mod change;
mod init;
mod practice;
mod ready;
mod record;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use ceremony::{CeremonyArguments, CeremonyCommand};
pub use change::{AskedArguments, BeginArguments, BulkArguments, Cause, EditArguments, TermArguments};
pub use init::InitArguments;
pub use practice::{DrillArguments, PractiseArguments};
pub use ready::{AttestArguments, Loss, ProvisionArguments};
pub use record::{KitArguments, KitCommand, TranscriptArguments, TranscriptCommand, WitnessArguments};

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
#[derive(Debug, Clone, Args)]
pub struct DeskArguments {
    /// The desk's data folder.
    #[arg(long, global = true, env = "ROOTWARD_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Sets the clock.
    #[arg(long, global = true, value_name = "RFC3339")]
    pub at: Option<String>,
    /// Lets this PKCS#11 module be loaded, for this run: softhsm, ykcs11, opensc, yubihsm, nethsm, or a path.
    #[arg(long, global = true, value_name = "MODULE")]
    pub module: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows a repository as a tree, however broken it is.
    Tree(TreeArguments),
    /// Walks a repository as a strict client does, from a trusted root.
    Verify(VerifyArguments),
    /// Shows every root version that can be reached and what each one changed.
    History(HistoryArguments),
    /// Says what whoever holds some keys could do, and what can be done about it with the others.
    Blast(BlastArguments),
    /// Shows a client's map file: which repositories are asked for which targets, and how many of them must agree.
    Map(MapArguments),
    /// Lists keys in folders, before any of them is used; copies them onto this desk, and from it for Notary.
    Keys(KeysArguments),
    /// Tells whether root could be rotated today, and has keys of root prove that they work. No trust changes.
    RollCall(RollCallArguments),
    /// Proves from a device's certificates where a key was born; not who holds the device.
    Attest(AttestArguments),
    /// Makes a token ready for an officer: PUK, PIN, management key, a key born in a slot, its attestation, a label.
    Provision(ProvisionArguments),
    /// Lists hardware tokens and what their slots hold, or makes a key in one.
    Tokens(TokensArguments),
    /// Replaces, removes or adds keys of a role: shows what that means, signs, rehearses, publishes and walks again.
    Rotate(RotateArguments),
    /// Any change of trust, or several in one ceremony: keys, thresholds, ends, delegations, targets, in one repository or many.
    Change(Box<EditArguments>),
    /// Tells of changes that were made in several repositories: done, already so, refused and why, or pending.
    Bulk(BulkArguments),
    /// Begins a repository where there is none, in a folder or on a Notary server: keys, thresholds, ends, first delegations.
    Init(InitArguments),
    /// `rotate root`.
    #[command(hide = true)]
    RotateRoot(ChangeArguments),
    /// Lists and shows ceremonies and takes their steps: freeze, sign, rehearse, publish, abandon; hands requests out to officers
    /// elsewhere and takes signatures back.
    Ceremony(CeremonyArguments),
    /// Signs another desk's request: judges it by a root trusted here, compares the digest read aloud, writes a response.
    Sign(SignArguments),
    /// Checks the transcript of a ceremony on any machine, or has a key stand by it.
    Transcript(TranscriptArguments),
    /// Computes a transcript again on another machine, looks at its source through the public door, writes a testimony.
    Witness(WitnessArguments),
    /// Makes a folder for an officer without this desk: request, this program and its sums, a checklist. Takes it back.
    Kit(KitArguments),
    /// Lists, stores and removes keys in this session's keychain: for online roles, root only when said so.
    Keychain(KeychainArguments),
    /// Makes a double of a repository to practise on: the same roles and names, new keys; nothing real is touched.
    Practise(PractiseArguments),
    /// Lists drills, begins one with throw-away keys, or judges the one under way: time, wrong turns, verdict.
    Drill(DrillArguments),
    /// Checks clock, randomness, this program, smart card service, keychain and desk.
    Selftest(SelftestArguments),
    /// Writes the desk into one file: repositories and what is trusted, ceremonies, ledger.
    Backup(BackupArguments),
    /// Takes a backup into the desk, whole or not at all. The higher of two versions stays.
    Restore(RestoreArguments),
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

#[derive(Debug, Args)]
pub struct MapArguments {
    /// A map.json (TAP 4).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Says who is asked for this target; exit 1 when nobody is.
    #[arg(long, value_name = "PATH")]
    pub target: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct BlastArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// A key in the wrong hands: sha256:…, a keyid, a canonical id, or its name in the metadata. May be given several times.
    #[arg(long = "key", value_name = "ID", required = true)]
    pub keys: Vec<String>,
    /// A trusted root file to walk from.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct KeysArguments {
    #[command(flatten)]
    pub secrets: SecretArguments,
    #[command(flatten)]
    pub list: KeyListArguments,
    #[command(subcommand)]
    pub command: Option<KeysCommand>,
}

#[derive(Debug, Args)]
pub struct KeyListArguments {
    /// Folders of keys; without any, ~/.notary, ~/.docker/trust and this desk's own.
    #[arg(value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,
    /// Lists the keys this desk knows instead, as `keys ring` does, that pass the filter.
    #[arg(long, value_name = "FILTER", conflicts_with = "folders")]
    pub filter: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Lists folders of keys. Asks for no secret and writes nothing.
    List(KeyListArguments),
    /// Lists every key this desk knows, worst first: keyids, roles, custody, attestation, when it was last seen to work.
    Ring(RingArguments),
    /// Gives a key a name on this desk, by which ceremonies call it; an empty one takes it away.
    Name {
        /// Where it is: file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL; or sha256:…, or a keyid.
        #[arg(value_name = "KEY")]
        key: String,
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Copies keys onto this desk, each under a new passphrase. The files they come from stay as they are.
    Import(ImportArguments),
    /// Writes a copy of a key that `notary key import` takes, under a new passphrase.
    Export(ExportArguments),
}

#[derive(Debug, Args)]
pub struct RingArguments {
    /// Only keys that are found by this text: a device, a name, a keyid, a role, a repository.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub search: String,
    /// Only keys that pass: needs-person, here, counts, held=token|file|keychain|server|unknown, repository=NAME, or a finding's code.
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// KEY is file:PATH, yubikey:SERIAL/SLOT, pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL, sha256:…, a keyid or a canonical id.
#[derive(Debug, Args)]
pub struct RollCallArguments {
    /// A repository of this desk: its id, its name, or SOURCE.
    #[arg(value_name = "REPOSITORY")]
    pub repository: String,
    /// A root key that proves that it works: one PIN and one touch, and no trust changes.
    #[arg(long, value_name = "KEY")]
    pub key: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub secrets: SecretArguments,
}

#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A folder of keys, or one key file.
    #[arg(value_name = "FOLDER|FILE")]
    pub place: PathBuf,
    /// A key of the folder: its file, the file's name, or its canonical id.
    #[arg(long, value_name = "KEY")]
    pub only: Vec<String>,
    /// Every key of the folder.
    #[arg(long, conflicts_with = "only")]
    pub all: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The key, file:PATH.
    #[arg(value_name = "KEY")]
    pub key: String,
    /// The role Notary is to keep it for: root, targets, snapshot, or that of a delegation.
    #[arg(long, value_name = "ROLE")]
    pub role: String,
    /// The repository, for a key of targets or snapshot.
    #[arg(long, value_name = "GUN")]
    pub gun: Option<String>,
    /// The file to write; there must be none yet.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct TokensArguments {
    #[command(flatten)]
    pub secrets: SecretArguments,
    /// Prints one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<TokensCommand>,
}

#[derive(Debug, Subcommand)]
pub enum TokensCommand {
    /// Makes a new key in an empty slot or under a new label. Nothing in a token is ever replaced.
    Generate(GenerateArguments),
    /// Gives an empty token of a PKCS#11 module a label, an SO PIN and a PIN. Nothing in a token is ever erased.
    Initialise {
        /// Which and how it is called: pkcs11:MODULE:LABEL; with ;serial=… behind it where several are empty.
        #[arg(value_name = "TOKEN")]
        token: String,
    },
    /// Lets a PKCS#11 module be loaded from now on, by every program on this data folder: it is a program of its vendor's.
    Allow {
        /// softhsm, ykcs11, opensc, yubihsm, nethsm, or the absolute path of a library.
        #[arg(value_name = "MODULE")]
        module: String,
    },
    /// Lets a PKCS#11 module be loaded no more.
    Forbid {
        /// As it was allowed.
        #[arg(value_name = "MODULE")]
        module: String,
    },
}

#[derive(Debug, Args)]
pub struct GenerateArguments {
    /// Where: yubikey:SERIAL/SLOT, with SLOT 9a, 9c, 9d, 9e or 82 to 95, or pkcs11:MODULE:TOKEN-LABEL/NEW-LABEL.
    #[arg(value_name = "KEY")]
    pub key: String,
    /// The kind of key.
    #[arg(long, value_enum, default_value_t = Born::P256)]
    pub algorithm: Born,
    /// When the key asks for the PIN (YubiKey; of a module's token, provision alone tells it).
    #[arg(long, value_enum, default_value_t = PinWish::Always)]
    pub pin_policy: PinWish,
    /// When the key asks for a touch (YubiKey).
    #[arg(long, value_enum, default_value_t = TouchWish::Always)]
    pub touch_policy: TouchWish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Born {
    P256,
    P384,
    /// Not in a YubiKey.
    Ed25519,
    /// Not in a YubiKey.
    #[value(name = "rsa-3072")]
    Rsa3072,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PinWish {
    Once,
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TouchWish {
    Never,
    Cached,
    Always,
}

#[derive(Debug, Args)]
pub struct RotateArguments {
    /// The role whose keys change.
    #[arg(value_name = "ROLE", value_parser = ["root", "targets", "snapshot", "timestamp"])]
    pub role: String,
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// KEY is file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL.
#[derive(Debug, Args)]
pub struct ChangeArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    /// A key that leaves: KEY (it also signs), its name, a keyid, a canonical id, or sha256:…
    #[arg(long, value_name = "KEY|ID")]
    pub remove: Vec<String>,
    /// A key that joins, and signs.
    #[arg(long, value_name = "KEY")]
    pub add: Vec<String>,
    /// The new threshold of the role.
    #[arg(long, value_name = "N")]
    pub threshold: Option<u64>,
    /// Notary: the server makes the role's key and holds it (snapshot, timestamp).
    #[arg(long, conflicts_with_all = ["add", "remove", "threshold"])]
    pub server: bool,
    /// The new end of root; without it a year (Notary: ten), and never earlier than before.
    #[arg(long, value_name = "RFC3339")]
    pub expires: Option<String>,
    #[command(flatten)]
    pub ceremony: BeginArguments,
}

/// Where passphrases come from, unless they are typed.
#[derive(Debug, Args)]
pub struct SecretArguments {
    /// Reads lines KEY<TAB>secret from this file descriptor; KEY of a PIN is yubikey:SERIAL, of a management key
    /// yubikey:SERIAL/9b, of a module's token pkcs11:MODULE:TOKEN-LABEL (with ;so behind it for the SO PIN), of a copy's new
    /// passphrase new:KEY.
    #[arg(long, global = true, value_name = "FD")]
    pub secrets: Option<u32>,
    /// Reads the same lines from the variable ROOTWARD_SECRETS, and removes it.
    #[arg(long, global = true, conflicts_with = "secrets")]
    pub secrets_from_env: bool,
}

/// How a ceremony is brought to its end.
#[derive(Debug, Args)]
pub struct EndArguments {
    /// Answers every question with yes.
    #[arg(long)]
    pub yes: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Writes the transcript: as a page (.html), or as the file that machines check (.transcript).
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
    /// Lets a key sign although it has signed another document of the same version, and puts on record why.
    #[arg(long, value_name = "TEXT")]
    pub again_because: Option<String>,
    /// Takes clients along from this version of root on; without it, those that still come to today's root.
    #[arg(long, value_name = "VERSION")]
    pub oldest_root: Option<u64>,
}

#[derive(Debug, Args)]
pub struct SignArguments {
    /// The request file.
    #[arg(value_name = "REQUEST")]
    pub request: PathBuf,
    /// The key that signs: file:PATH, yubikey:SERIAL/SLOT or pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL.
    #[arg(long, value_name = "KEY")]
    pub key: String,
    /// Where the response is written; its name ends in .response.
    #[arg(long, value_name = "RESPONSE")]
    pub out: PathBuf,
    /// A trusted root file; without it, any root this desk trusts already.
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
    /// Trusts the root in the request that has this SHA-256, which you compared with a printed one.
    #[arg(long, value_name = "DIGEST", conflicts_with = "root")]
    pub first_use: Option<String>,
    /// The digest as it was read aloud, at least its first 8 digits; without it, you are asked.
    #[arg(long, value_name = "DIGEST")]
    pub expect: Option<String>,
    /// Why the key signs although it has signed another document of this role and version; goes on record.
    #[arg(long, value_name = "TEXT")]
    pub again_because: Option<String>,
    #[command(flatten)]
    pub secrets: SecretArguments,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct KeychainArguments {
    #[command(flatten)]
    pub secrets: SecretArguments,
    /// Prints one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<KeychainCommand>,
}

#[derive(Debug, Subcommand)]
pub enum KeychainCommand {
    /// Lists the keys that this desk put there. Does not wake the keychain.
    List,
    /// Copies the key of a file there, to be used as keychain:NAME. The file stays as it is.
    Store {
        #[arg(value_name = "NAME")]
        name: String,
        /// The key file.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Lets it sign root, although everything that runs in this session can use it.
        #[arg(long)]
        may_sign_root: bool,
    },
    /// Takes a key out of the keychain. No copy of it stays there or here.
    Remove {
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct SelftestArguments {
    /// What SHA-256 of this program should be.
    #[arg(long, value_name = "SHA256")]
    pub digest: Option<String>,
    /// Leaves a check out: clock, randomness, cryptography, program, tokens, keychain or desk.
    #[arg(long, value_name = "CHECK")]
    pub skip: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct BackupArguments {
    /// The file to write; there must be none yet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Also the private key files of the desk's own folder, encrypted as they are.
    #[arg(long)]
    pub with_keys: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// A backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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
    /// Signs in to a Notary server under this name when it wants somebody.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
}
