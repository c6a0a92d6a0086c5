//! A desk in memory for the rotation's tests: a TUF folder or a Notary server, officers' keys, and a disk whose cord can be
//! pulled.

pub mod notary;
mod prompt;
mod vault;

pub use prompt::ScriptedPrompt;
pub use vault::MemoryVault;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ed25519_dalek::{Signer as _, SigningKey};
use rootward_tuf::dialect::Dialect;
use rootward_tuf::dialect::notary::{Certificate, notary_certificate};
use rootward_tuf::draft::{Complete, Frozen, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use rootward_tuf::key::{Key, PhysicalKey, PublicKey};
use rootward_tuf::metadata::{Document, MetaEntry, Root, Signature, Snapshot, Targets, Timestamp};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use crate::adapters::{FixedClock, Folder, ForgettingDisk, NoModules, NoTokens};
use crate::border::RotationChange;
use crate::ceremony::Ceremonies;
use crate::ports::{
    AnchorHow, AnchorRecord, CertificateTerms, Connect, Disk, Failure, KdfCost, KeyFacts, KeyReference, Keys,
    LimitsView, Message, NewKey, NotaryServer, Ports, Prompt, PromptRequest, Publisher, Random, RepositoryRecord,
    Secret, ServerKeys, Signer, Source, SourceSpec, Vault,
};

pub const NOW: &str = "2026-11-22T10:00:00Z";
pub const REPOSITORY: &str = "/estate/demo";

/// A key in memory, of a fixed seed: Ed25519 below 100, ECDSA P-256 from there on.
#[derive(Clone)]
pub enum Officer {
    Ed25519(SigningKey),
    P256(p256::ecdsa::SigningKey),
}

pub fn officer(number: u8) -> Officer {
    let seed = [number; 32];
    if number < 100 {
        Officer::Ed25519(SigningKey::from_bytes(&seed))
    } else {
        Officer::P256(p256::ecdsa::SigningKey::from_slice(&seed).expect("a key"))
    }
}

impl Officer {
    /// What signers give: 64 bytes for Ed25519, DER for ECDSA.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Officer::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Officer::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }

    pub fn public(&self) -> PublicKey {
        match self {
            Officer::Ed25519(key) => PublicKey::from_ed25519_bytes(key.verifying_key().as_bytes()),
            Officer::P256(key) => {
                use p256::pkcs8::EncodePublicKey as _;
                PublicKey::from_spki_der(key.verifying_key().to_public_key_der().expect("a key").as_bytes())
            }
        }
        .expect("a public key")
    }
}

pub fn public(number: u8) -> PublicKey {
    officer(number).public()
}

pub fn physical(number: u8) -> PhysicalKey {
    public(number).physical()
}

/// Where the key of an officer lies.
pub fn file(number: u8) -> String {
    format!("file:/keys/officer-{number}.pem")
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a moment")
}

/// A wish: officers that leave, join and sign.
pub fn wish(remove: &[u8], add: &[u8], sign: &[u8]) -> RotationChange {
    RotationChange {
        role: "root".into(),
        server: false,
        legacy: 0,
        remove: remove.iter().map(|&number| physical(number).to_string()).collect(),
        add: add.iter().map(|&number| file(number)).collect(),
        sign: sign.iter().map(|&number| file(number)).collect(),
        threshold: None,
        expires: None,
        reason: "device worn out".into(),
    }
}

/// The desk's outside world.
pub struct World {
    pub disk: Arc<ForgettingDisk>,
    pub vault: Arc<MemoryVault>,
    pub prompt: Arc<ScriptedPrompt>,
    pub keys: Arc<MemoryKeys>,
    /// The Notary server in place of the folder.
    pub server: Option<Arc<notary::Server>>,
}

impl World {
    /// A repository with root keys 1, 2, 3 and threshold 2, anchored; online keys 8 and 9.
    pub fn new() -> Self {
        World::with_root(&[1, 2, 3], 2)
    }

    pub fn with_root(keys: &[u8], threshold: u64) -> Self {
        let world = World {
            disk: Arc::new(ForgettingDisk::new()),
            vault: Arc::default(),
            prompt: Arc::default(),
            keys: Arc::default(),
            server: None,
        };
        let folder = Path::new(REPOSITORY);
        world.disk.create_folder(folder).expect("a folder");
        let root = first_root(keys, threshold);
        for (name, bytes) in documents(&root) {
            world.disk.write(&folder.join(name), &bytes, false).expect("a document");
        }
        let folder = SourceSpec::Folder {
            path: REPOSITORY.into(),
            gun: None,
        };
        world.anchor(folder, root.verified());
        world
    }

    /// A repository of these files, anchored in this root.
    pub fn made_of(root: &Verified<Root>, files: &[(String, Vec<u8>)]) -> Self {
        let world = World {
            disk: Arc::new(ForgettingDisk::new()),
            vault: Arc::default(),
            prompt: Arc::default(),
            keys: Arc::default(),
            server: None,
        };
        let folder = Path::new(REPOSITORY);
        world.disk.create_folder(folder).expect("a folder");
        for (name, bytes) in files {
            world.disk.write(&folder.join(name), bytes, false).expect("a document");
        }
        let folder = SourceSpec::Folder {
            path: REPOSITORY.into(),
            gun: None,
        };
        world.anchor(folder, root);
        world
    }

    /// A repository on a Notary server, anchored in its first root.
    pub fn on_notary(server: notary::Server) -> Self {
        let world = World {
            disk: Arc::new(ForgettingDisk::new()),
            vault: Arc::default(),
            prompt: Arc::default(),
            keys: Arc::default(),
            server: Some(Arc::new(server)),
        };
        let root = world.notary().first_root();
        world.anchor(notary::source(), &root);
        world
    }

    /// A place where no repository is yet, registered and trusted by nobody; on a Notary server or in a folder.
    pub fn empty(server: Option<notary::Server>) -> Self {
        let source = match &server {
            Some(_) => notary::source(),
            None => SourceSpec::Folder {
                path: REPOSITORY.into(),
                gun: None,
            },
        };
        let world = World {
            disk: Arc::new(ForgettingDisk::new()),
            vault: Arc::default(),
            prompt: Arc::default(),
            keys: Arc::default(),
            server: server.map(Arc::new),
        };
        world.register(source);
        world
    }

    pub fn notary(&self) -> &notary::Server {
        self.server.as_deref().expect("a Notary server")
    }

    /// The root lies in `root.json` as well, as some servers have it.
    pub fn with_unversioned_root(self) -> Self {
        let root = self.published("1.root.json").expect("there");
        let path = Path::new(REPOSITORY).join("root.json");
        self.disk.write(&path, &root, false).expect("written");
        self
    }

    fn register(&self, source: SourceSpec) {
        let record = RepositoryRecord {
            id: "demo".into(),
            name: "demo".into(),
            source,
            practice: false,
            registered_at: at(NOW),
        };
        self.vault.save_repository(&record).expect("saved");
    }

    /// Registers and trusts the root.
    fn anchor(&self, source: SourceSpec, root: &Verified<Root>) {
        self.register(source);
        let anchor = AnchorRecord {
            how: AnchorHow::Given,
            version: root.version(),
            sha256: root.digest(),
            bytes: root.file_bytes().to_vec(),
            at: at(NOW),
        };
        self.vault.set_anchor("demo", &anchor).expect("anchored");
    }

    pub fn ceremonies(&self) -> Ceremonies {
        self.ceremonies_at(NOW)
    }

    pub fn ceremonies_at(&self, now: &str) -> Ceremonies {
        Ceremonies::new(self.ports(now), "officer_1", Arc::new(|_| {}))
    }

    pub fn ports(&self, now: &str) -> Ports {
        Ports {
            key_folders: Vec::new(),
            disk: self.disk.clone(),
            vault: self.vault.clone(),
            clock: Arc::new(FixedClock(at(now))),
            random: Arc::new(Zeroes),
            prompt: self.prompt.clone(),
            connect: match &self.server {
                Some(server) => Arc::new(notary::Servers(server.clone())),
                None => Arc::new(Folders(self.disk.clone())),
            },
            keys: self.keys.clone(),
            tokens: Arc::new(NoTokens),
            modules: Arc::new(NoModules),
            data: PathBuf::from("/data"),
        }
    }

    /// A file of the repository.
    pub fn published(&self, name: &str) -> Option<Vec<u8>> {
        self.disk.read(&Path::new(REPOSITORY).join(name), 1 << 20).ok()
    }

    /// Puts somebody else's next root there, signed as it must be.
    pub fn publish_other_root(&self) -> Complete<Root> {
        let old = self.trusted();
        let mut draft = RootDraft::next(&old);
        draft.set_expires(at("2031-01-01T00:00:00Z"));
        let frozen = draft.freeze().expect("a root");
        let signatures = vec![signature(1, &frozen), signature(2, &frozen)];
        let complete = frozen.complete(Some(&old), signatures).ok().expect("complete");
        let name = format!("{}.root.json", complete.version());
        self.disk
            .write(&Path::new(REPOSITORY).join(name), complete.file_bytes(), false)
            .expect("written");
        complete
    }

    /// Has the online keys 8 and 9 name the newest targets document, as a service would.
    pub fn sign_online(&self) {
        let newest = |stem: &str| {
            let versions = (1..100).rev().map(|version| format!("{version}.{stem}.json"));
            versions
                .into_iter()
                .find_map(|name| self.published(&name))
                .expect("a document")
        };
        let root = rootward_tuf::metadata::read::<Root>(&newest("root"), Dialect::Tuf1).expect("a root");
        let body = root.body();
        let targets = newest("targets");
        let read = rootward_tuf::metadata::read::<Targets>(&targets, Dialect::Tuf1).expect("targets");
        let snapshot =
            rootward_tuf::metadata::read::<Snapshot>(&newest("snapshot"), Dialect::Tuf1).expect("a snapshot");
        let mut draft = SnapshotDraft::next(&snapshot);
        draft.set_meta(
            &RoleName::targets(),
            &MetaEntry::of(&targets, read.version(), Dialect::Tuf1),
        );
        let frozen = draft.freeze().expect("a snapshot");
        let signed = vec![signature(8, &frozen)];
        let snapshot = frozen
            .complete(&body.keys, &body.snapshot, signed)
            .ok()
            .expect("complete");
        let timestamp = self.published("timestamp.json").expect("there");
        let timestamp = rootward_tuf::metadata::read::<Timestamp>(&timestamp, Dialect::Tuf1).expect("a timestamp");
        let mut draft = TimestampDraft::next(&timestamp);
        draft.set_snapshot(&snapshot.meta_entry());
        let frozen = draft.freeze().expect("a timestamp");
        let signed = vec![signature(9, &frozen)];
        let timestamp = frozen
            .complete(&body.keys, &body.timestamp, signed)
            .ok()
            .expect("complete");
        for (name, bytes) in [
            (format!("{}.snapshot.json", snapshot.version()), snapshot.file_bytes()),
            ("timestamp.json".into(), timestamp.file_bytes()),
        ] {
            let path = Path::new(REPOSITORY).join(name);
            self.disk.write(&path, bytes, false).expect("written");
        }
    }

    /// The first root, as this desk trusts it.
    pub fn trusted(&self) -> Verified<Root> {
        let anchor = self.vault.anchor("demo").expect("a vault").expect("an anchor");
        let root = rootward_tuf::metadata::read::<Root>(&anchor.bytes, Dialect::Tuf1).expect("a root");
        Verified::anchor(root).expect("signed")
    }
}

/// What an officer's key signs.
pub fn signature<T: Document>(number: u8, frozen: &Frozen<T>) -> Signature {
    signature_as(number, &Key::new_tuf1(&public(number)), frozen)
}

/// What an officer's key signs under the name a document gives it.
pub fn signature_as<T: Document>(number: u8, key: &Key, frozen: &Frozen<T>) -> Signature {
    Signature::by(key, &officer(number).sign(frozen.signing_message())).expect("a signature")
}

fn first_root(keys: &[u8], threshold: u64) -> Complete<Root> {
    let mut draft = RootDraft::first(Dialect::Tuf1, true, at("2026-12-15T12:00:00Z"));
    for &number in keys {
        draft.add_key(&RoleName::root(), Key::new_tuf1(&public(number)));
    }
    draft.add_key(&RoleName::targets(), Key::new_tuf1(&public(3)));
    draft.add_key(&RoleName::snapshot(), Key::new_tuf1(&public(8)));
    draft.add_key(&RoleName::timestamp(), Key::new_tuf1(&public(9)));
    draft.set_threshold(&RoleName::root(), threshold);
    let frozen = draft.freeze().expect("a root");
    let signatures = keys.iter().map(|&number| signature(number, &frozen)).collect();
    frozen.complete(None, signatures).ok().expect("complete")
}

/// A whole repository around a root, with consistent snapshots; the timestamp ends on 2026-12-01.
fn documents(root: &Complete<Root>) -> Vec<(String, Vec<u8>)> {
    let body = root.verified().body();
    let targets = TargetsDraft::first(Dialect::Tuf1, RoleName::targets(), at("2027-06-01T00:00:00Z"));
    let targets = targets.freeze().expect("targets");
    let signed = vec![signature(3, &targets)];
    let targets = targets
        .complete(&body.keys, &body.targets, signed)
        .ok()
        .expect("complete");
    let mut snapshot = SnapshotDraft::first(Dialect::Tuf1, at("2027-06-01T00:00:00Z"));
    snapshot.set_meta(&RoleName::targets(), &targets.meta_entry());
    let snapshot = snapshot.freeze().expect("a snapshot");
    let signed = vec![signature(8, &snapshot)];
    let snapshot = snapshot
        .complete(&body.keys, &body.snapshot, signed)
        .ok()
        .expect("complete");
    let timestamp = TimestampDraft::first(Dialect::Tuf1, &snapshot.meta_entry(), at("2026-12-01T00:00:00Z"));
    let timestamp = timestamp.freeze().expect("a timestamp");
    let signed = vec![signature(9, &timestamp)];
    let timestamp = timestamp
        .complete(&body.keys, &body.timestamp, signed)
        .ok()
        .expect("complete");
    vec![
        ("1.root.json".into(), root.file_bytes().to_vec()),
        ("1.targets.json".into(), targets.file_bytes().to_vec()),
        ("1.snapshot.json".into(), snapshot.file_bytes().to_vec()),
        ("timestamp.json".into(), timestamp.file_bytes().to_vec()),
    ]
}

/// The key of a signature and SHA-256 of what it is over.
type Made = Arc<Mutex<Vec<(PhysicalKey, [u8; 32])>>>;

/// Every officer's key file, encrypted; its public half lies beside it unless hidden.
#[derive(Default)]
pub struct MemoryKeys {
    /// Files that hold another officer's key than they say.
    pub swapped: Mutex<HashMap<PathBuf, u8>>,
    /// Every signature that any key ever made, whatever became of it.
    pub made: Made,
    /// Keys that are pulled out while they sign.
    pub pulled: Arc<Mutex<Vec<u8>>>,
}

fn number_in(path: &Path) -> Option<u8> {
    path.file_stem()?.to_str()?.strip_prefix("officer-")?.parse().ok()
}

impl Keys for MemoryKeys {
    fn inspect(&self, reference: &KeyReference) -> Result<KeyFacts, Failure> {
        let KeyReference::File(path) = reference else {
            return Err(no_token());
        };
        let missing = || {
            Failure::fault(
                "key-file-unreadable",
                format!("there is no key file {}", path.display()),
            )
        };
        let number = number_in(path).ok_or_else(missing)?;
        Ok(KeyFacts {
            reference: reference.clone(),
            // Some files tell their public half only with their secret.
            public: (!path.to_string_lossy().contains("hidden")).then(|| public(number)),
            encrypted: true,
            touches: false,
            protection: None,
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
            headers: Vec::new(),
            may_sign_root: true,
        })
    }

    fn open(
        &self,
        reference: &KeyReference,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        let KeyReference::File(path) = reference else {
            return Err(no_token());
        };
        let secret = prompt.ask(request)?;
        let missing = || Failure::fault("key-file-unreadable", "there is no such key file");
        let number = number_in(path).ok_or_else(missing)?;
        if secret.expose() != format!("secret {number}").as_bytes() {
            return Err(Failure::interruption("wrong-passphrase", "three wrong passphrases"));
        }
        let held = self
            .swapped
            .lock()
            .expect("a lock")
            .get(path)
            .copied()
            .unwrap_or(number);
        Ok(Box::new(MemorySigner {
            secret: officer(held),
            public: public(held),
            made: self.made.clone(),
            is_pulled: self.pulled.lock().expect("a lock").contains(&held),
        }))
    }

    fn create(&self, _: &Path, _: NewKey, _: &Secret, _: KdfCost) -> Result<PublicKey, Failure> {
        Err(Failure::fault("bad-usage", "not in these tests"))
    }
}

fn no_token() -> Failure {
    Failure::interruption("token-absent", "no token is plugged in")
}

struct MemorySigner {
    secret: Officer,
    public: PublicKey,
    made: Made,
    is_pulled: bool,
}

impl Signer for MemorySigner {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        if self.is_pulled {
            return Err(Failure::fault("token-failed", "it was pulled out"));
        }
        let signed = self.secret.sign(message.bytes());
        let made = (self.public.physical(), message.digest());
        self.made.lock().expect("a lock").push(made);
        Signature::by(key, &signed).ok_or_else(|| Failure::fault("key-cannot-sign", "the key is of another kind"))
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let CertificateTerms {
            gun,
            not_before,
            not_after,
            serial,
        } = terms;
        notary_certificate(gun, &self.public, *not_before, *not_after, *serial, |tbs| {
            self.secret.sign(tbs)
        })
        .map_err(|problem| Failure::refusal("key-cannot-sign", problem.to_string()))
    }
}

struct Zeroes;

impl Random for Zeroes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

struct Folders(Arc<ForgettingDisk>);

impl Connect for Folders {
    fn source(&self, spec: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn Source>, Failure> {
        Ok(Arc::new(folder(self.0.clone(), spec)?))
    }

    fn publisher(&self, spec: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn Publisher>, Failure> {
        Ok(Arc::new(folder(self.0.clone(), spec)?))
    }

    fn server_keys(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn ServerKeys>, Failure> {
        Err(Failure::refusal("no-server-keys", "a folder holds no keys"))
    }

    fn notary_server(&self, _: &str, _: Option<&Path>, _: &LimitsView) -> Result<Arc<dyn NotaryServer>, Failure> {
        Err(Failure::fault("bad-source", "expected a folder"))
    }
}

fn folder(disk: Arc<ForgettingDisk>, spec: &SourceSpec) -> Result<Folder, Failure> {
    match spec {
        SourceSpec::Folder { path, .. } => Ok(Folder::new(disk, PathBuf::from(path))),
        _ => Err(Failure::fault("bad-source", "expected a folder")),
    }
}
