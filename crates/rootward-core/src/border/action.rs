//! What the window may have done. An action changes the desk or the world; secrets never travel here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{BeginningWish, CeremonyId, ChangeWish, LossPlan, ReadyView, RepositoryId, RequestTrust, TokenKeyWish};

/// A wish. Answered by an `Outcome`, or by a `Failure` that left the state as it was.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Remembers a source and reads its root, trusting nothing yet.
    Register { source: SourceSpec },
    /// Lists the GUNs of a Notary server by its changefeed.
    ListNotary { url: String, ca_file: Option<String> },
    /// Anchors a registered repository: the first-trust step.
    ConfirmTrust {
        repository: RepositoryId,
        how: TrustEvidence,
    },
    /// Takes a repository off the desk. Metadata at the source is not touched.
    Forget { repository: RepositoryId },
    /// Walks one repository.
    Refresh { repository: RepositoryId },
    /// Walks every repository.
    RefreshAll,
    /// Ends running refreshes within a second.
    CancelRefresh,
    /// Starts any change of trust, or several in one: draft and plan are made, nothing is signed.
    BeginChange { repository: RepositoryId, wish: ChangeWish },
    /// Begins changes in several repositories, each with a ceremony of its own, on one record; asked for again, it is taken up.
    BeginBulk { wishes: Vec<super::BulkWish> },
    /// Goes on where the ceremonies of a bulk were begun last.
    ResumeBulk { bulk: String },
    /// Starts the ceremony that begins a repository where there is none. Refused, it leaves the desk as it was.
    BeginRepository { wish: BeginningWish },
    /// Fixes the bytes. Any later edit is a new ceremony.
    Freeze { ceremony: CeremonyId },
    /// Asks for one key's secret in the prompt window and signs.
    Sign {
        ceremony: CeremonyId,
        physical_key: String,
        /// Where the key is, when an officer says so: `file:PATH`. Else it is looked for where the desk knows it to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional = nullable)]
        key: Option<String>,
        /// Why it signs although it has signed another document of this version; goes on record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional = nullable)]
        again_because: Option<String>,
    },
    /// Writes what takes signatures into a file (`.request`) for an officer elsewhere; `to` are the physical keys it is written
    /// for, none when whoever can sign may.
    HandOut {
        ceremony: CeremonyId,
        path: String,
        #[serde(default)]
        to: Vec<String>,
    },
    /// Takes signatures that come back in a file; `ceremony` is needed for those of other tools, which name none.
    TakeBack { path: String, ceremony: Option<CeremonyId> },
    /// Takes back several files at once, each judged by itself; `ceremony` is that of files which name none.
    TakeFiles {
        paths: Vec<String>,
        ceremony: Option<CeremonyId>,
    },
    /// Makes a kit in a new or empty folder: request, rootwardctl and its sums, checklist, a place for responses.
    MakeKit {
        ceremony: CeremonyId,
        folder: String,
        #[serde(default)]
        to: Vec<String>,
    },
    /// Takes back everything that came in a kit, each file judged by itself.
    TakeKit { folder: String },
    /// Has a key of this desk sign another desk's request, and writes the response (`.response`). `heard` is the digest as it
    /// was read aloud: at least its first eight digits.
    AnswerRequest {
        path: String,
        trust: RequestTrust,
        key: String,
        heard: String,
        /// Why the key signs although it has signed another document of this version; goes on record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional = nullable)]
        again_because: Option<String>,
        out: String,
    },
    /// Runs the simulated clients; those on root `oldest` and later must be taken along, where it is given.
    Rehearse {
        ceremony: CeremonyId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional = nullable, type = "number")]
        oldest: Option<u64>,
    },
    /// Publishes and walks again through the public door.
    Publish { ceremony: CeremonyId },
    /// Ends a ceremony without publishing, with a reason on record.
    Abandon { ceremony: CeremonyId, reason: String },
    /// Takes a ceremony up again that was given up and that anybody could publish.
    Reopen { ceremony: CeremonyId, reason: String },
    /// Writes the record of a ceremony: the report that people read (`.html`), the transcript that machines check
    /// (`.transcript`), or both with a script that checks them (`.zip`).
    SaveTranscript { ceremony: CeremonyId, path: String },
    /// Writes the desk into one file; private key files of its own folder only when asked for, encrypted as they are.
    BackUp { path: String, with_keys: bool },
    /// Takes a backup into the desk, whole or not at all; of two versions of anything the higher stays.
    Restore { path: String },
    /// Reads the public half of a key file (no secret is asked) so that a form can offer it.
    InspectKeyFile { path: String },
    /// Takes the length and digests of a file that a role is to vouch for.
    InspectTargetFile { path: String },
    /// Makes a new key in an empty slot (`yubikey:SERIAL/SLOT`). The management key is asked for in the prompt window, unless
    /// the token still has the default one.
    GenerateTokenKey { key: String, wish: TokenKeyWish },
    /// Lets a PKCS#11 module be loaded from now on, or no more: a short name such as `softhsm`, or an absolute path.
    SetModule { module: String, allowed: bool },
    /// Looks again at what is plugged in: a PKCS#11 module does not tell of changes.
    LookAtTokens,
    /// Makes a token ready for an officer: PUK, PIN, management key, and a key born in the slot that `key` names.
    Provision {
        key: String,
        wish: TokenKeyWish,
        loss: LossPlan,
    },
    /// Makes a token as it was delivered, when its serial was typed: every key in it is lost.
    EraseToken { serial: u32, typed: String },
    /// Writes the card that is kept with a token which was just made ready. It holds no secret.
    SaveLabel { ready: Box<ReadyView>, path: String },
    /// Makes a double of a repository to practise on, with new keys that are thrown away; nothing of the original is touched.
    PractiseOn { repository: RepositoryId },
    /// Sets a drill up in the practice estate, by its name.
    BeginDrill { drill: String },
    /// Looks at what the drill's repository is now; the drill ends when everything is as it must be.
    JudgeDrill { drill: String },
    /// Ends a drill, however far it came.
    GiveUpDrill { drill: String },
    /// Forgets every key that stayed open for a ceremony's screen, and with it its PIN: the screen was left.
    CloseSigning,
    /// Opens the system's file dialog in the shell; answered with a path or nothing.
    Choose { what: Chosen },
    /// Changes the limits of network reading.
    SetLimits { limits: LimitsView },
    /// Gives a key a name on this desk; an empty one takes it away.
    NameKey { physical_key: String, name: String },
    /// Has a key prove that it works. Its secret is asked for in the prompt window; no trust changes.
    ProveKey {
        physical_key: String,
        /// For whose roll call, if for one.
        repository: Option<RepositoryId>,
    },
    /// Changes for how many days a key counts as proven.
    SetProofDays { days: u32 },
    /// Copies one key that a folder was found to hold onto this desk. Its passphrase and a new one are asked for in the prompt
    /// window; the file stays as it is.
    ImportKey { folder: String, file: String },
    /// Writes a copy of a key (`file:PATH`) that Notary's command line takes, under a passphrase of its own.
    ExportKey {
        key: String,
        role: String,
        gun: Option<String>,
        path: String,
    },
    /// Takes what an officer handed in for a key, in PEM or DER: the key's certificate, the device's, and others that may stand
    /// between the device and a root. Kept only when it proves where this very key was born.
    HandInAttestation {
        physical_key: String,
        key: String,
        device: String,
        between: Vec<String>,
    },
    /// Adds a root of the officer's own that may vouch for devices; it is told apart from the makers'.
    AddAttestationRoot { path: String },
    /// Takes such a root off again; `sha256` as it is listed.
    RemoveAttestationRoot { sha256: String },
}

/// What a file dialog is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Chosen {
    RepositoryFolder,
    /// A folder in which a repository is to be begun.
    NewRepositoryFolder,
    RootFile,
    KeyFile,
    /// A file to be vouched for.
    TargetFile,
    /// A client's map file.
    MapFile,
    /// A certificate of a key, of a device, or a root that vouches for devices.
    CertificateFile,
    /// A folder of keys of another program.
    KeyFolder,
    /// Where to write a key for Notary.
    NewNotaryKeyFile,
    CaFile,
    TranscriptFile,
    BackupFile,
    NewBackupFile,
    LabelFile,
    /// A signing request to read.
    RequestFile,
    /// Where to write a signing request.
    NewRequestFile,
    /// A response, or signatures of another tool.
    ResponseFile,
    /// Where to write a response.
    NewResponseFile,
    /// A folder for a kit, or one that came back.
    KitFolder,
}

/// A source as an officer gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SourceSpec {
    /// A folder with TUF or Notary metadata. `gun` only for Notary.
    Folder { path: String, gun: Option<String> },
    /// A TUF repository over HTTP(S); the URL of its metadata folder.
    Http { url: String, ca_file: Option<String> },
    /// One GUN on a Notary server.
    Notary {
        url: String,
        gun: String,
        ca_file: Option<String>,
        /// Who signs in when the server wants somebody; the password is asked for once while the program runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional = nullable)]
        user: Option<String>,
    },
}

/// How an officer anchors a repository.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TrustEvidence {
    /// A root file got by another way.
    RootFile { path: String },
    /// The SHA-256 of the root file shown, as 64 hex digits (blanks allowed).
    Digest { sha256: String },
    /// Trust on first use; stays visible on the node.
    FirstUse,
}

/// Which keys of a role leave and join. Keys not named stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RotationChange {
    /// `root`, `targets`, `snapshot` or `timestamp`.
    pub role: String,
    /// Keys that leave the role: physical keys (`sha256:…`), keyids, canonical ids, or where a key is.
    pub remove: Vec<String>,
    /// Keys that join the role, by where they are: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub add: Vec<String>,
    /// Keys that will sign and do not join, by where they are.
    pub sign: Vec<String>,
    /// Notary: the server makes the role's only key from now on, and holds it. Snapshot and timestamp only.
    pub server: bool,
    /// The new threshold of the role; unchanged when absent.
    pub threshold: Option<u64>,
    /// Notary: the keys of so many roots before the one built on sign root as well, for very old clients.
    pub legacy: u32,
    /// The new end of root, RFC 3339; when absent, as long again as the old root was given.
    pub expires: Option<String>,
    /// Why, in the officer's words; goes into journal and transcript.
    pub reason: String,
}

/// Limits of network reading, all settable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LimitsView {
    /// Requests at once, in all.
    pub requests: u32,
    /// Requests at once to one host.
    pub requests_per_host: u32,
    /// Seconds to connect.
    pub connect_seconds: u32,
    /// Seconds without a byte.
    pub idle_seconds: u32,
    /// Seconds for a whole document.
    pub document_seconds: u32,
    /// Bytes of a timestamp at most.
    #[ts(type = "number")]
    pub timestamp_bytes: u64,
    /// Bytes of any other document at most.
    #[ts(type = "number")]
    pub document_bytes: u64,
}

impl Default for LimitsView {
    fn default() -> Self {
        LimitsView {
            requests: 32,
            requests_per_host: 4,
            connect_seconds: 10,
            idle_seconds: 15,
            document_seconds: 120,
            timestamp_bytes: 1 << 20,
            document_bytes: 100 << 20,
        }
    }
}

/// The answer to an `Action`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Done; notices say what went stale.
    Done,
    /// A repository was registered and waits for its first-trust step.
    Registered { repository: RepositoryId },
    /// A ceremony was begun.
    Begun { ceremony: CeremonyId },
    /// Ceremonies were begun in several repositories, or not.
    BegunBulk { bulk: super::BulkView },
    /// A request for signatures was written.
    HandedOut { request: super::RequestWritten },
    /// Signatures were taken from a file.
    TookBack { response: super::ResponseTaken },
    /// Files were judged, each by itself.
    TookFiles { files: Vec<super::FileTaken> },
    /// A kit was made.
    MadeKit { kit: super::KitView },
    /// A request was signed and the response written.
    Answered { response: super::ResponseWritten },
    /// A file or folder was chosen, or the dialog was closed.
    Chose { path: Option<String> },
    /// A backup was written.
    BackedUp {
        file: String,
        /// Of the file: compare it with the copy's.
        sha256: String,
        private_keys: u32,
    },
    /// A backup was taken in.
    Restored {
        /// When it was made, RFC 3339.
        made_at: String,
        /// Repositories that were not on this desk.
        added: Vec<String>,
        /// Repositories that both sides knew.
        merged: Vec<String>,
        /// Documents older than this desk's, or proven by no root that is trusted.
        left_out: u32,
    },
    /// A key was copied onto this desk.
    ImportedKey { key: super::ImportedKeyView },
    /// An attestation was proven and is kept with its key.
    Attested { attestation: super::AttestationView },
    /// A key was written for Notary.
    ExportedKey { key: super::ExportedKeyView },
    /// The public half of a key file.
    KeyFile { key: super::KeyFileView },
    /// The length and digests of a file.
    TargetFile { target: super::TargetFileView },
    /// A key was made in a slot.
    TokenKey { slot: super::SlotView },
    /// A token was made ready.
    Ready { ready: Box<ReadyView> },
    /// A drill as it stands now.
    Drill { drill: Box<super::DrillView> },
    /// The GUNs a Notary server told of.
    Guns { guns: Vec<String> },
}
