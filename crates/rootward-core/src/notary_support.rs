//! A Notary server in memory for the rotation's tests, with moods: it obeys, forgets, signs with another key, or hides
//! behind a cache. Signs timestamps always, and snapshots when the root says so, as the real one does.

mod keys;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer as _};
use rootward_tuf::dialect::{Dialect, notary::notary_certificate};
use rootward_tuf::draft::{AnyComplete, AnyFrozen, Authority, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use rootward_tuf::encoding::sha256;
use rootward_tuf::key::{Algorithm, Key, PhysicalKey, PublicKey};
use rootward_tuf::metadata::{self, Hashes, MetaEntry, Root, Signature, Target};
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::{Request, Select};

use self::keys::P256Keys;
use crate::adapters::{FixedClock, ForgettingDisk, NoModules, NoTokens};
use crate::border::RotationChange;
use crate::ceremony::Ceremonies;
use crate::ports::{
    AnchorHow, AnchorRecord, Connect, Failure, Fetched, LimitsView, NotaryServer, Ports, Publication, Publisher,
    Random, RepositoryRecord, ServerKeys, Source, SourceSpec, Vault,
};
use crate::rotation_support::{MemoryVault, ScriptedPrompt, at};

pub const NOW: &str = "2026-11-22T10:00:00Z";
pub const GUN: &str = "registry.test:5000/lab/app";

/// Seeds of the server's first keys.
const TIMESTAMP: u8 = 101;
const SNAPSHOT: u8 = 102;

/// What the server does with a publication.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Obeys,
    /// Says yes and changes nothing.
    Forgets,
    /// Signs timestamps with a key that root does not list.
    UsesAnotherKey,
    /// Shows everything as it was before, for this many looks; a look begins with the current root.
    HidesBehindACache(u8),
    /// Shows the current root as it was before, and nothing else.
    ShowsRootLate,
}

/// The desk's outside world around one repository.
pub struct NotaryWorld {
    pub server: Arc<Server>,
    vault: Arc<MemoryVault>,
    prompt: Arc<ScriptedPrompt>,
    disk: Arc<ForgettingDisk>,
}

/// The server, with the documents of one GUN.
pub struct Server(Mutex<State>);

struct State {
    /// By role and version; the newest is the current one.
    documents: BTreeMap<(String, u64), Vec<u8>>,
    before: BTreeMap<(String, u64), Vec<u8>>,
    shows_before: bool,
    mood: Mood,
    /// Keys by seed; the last one is pending until a root lists it.
    timestamp_keys: Vec<u8>,
    snapshot_keys: Vec<u8>,
    published: u32,
}

fn officer(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).expect("a key")
}

pub fn public(number: u8) -> PublicKey {
    let point = officer(number).verifying_key().to_sec1_point(false);
    PublicKey::from_ec_point(Algorithm::EcdsaP256, point.as_bytes()).expect("a public key")
}

pub fn physical(number: u8) -> PhysicalKey {
    public(number).physical()
}

pub fn bare(number: u8) -> Key {
    Key::new_notary_bare(&public(number))
}

/// Where the key of an officer lies.
pub fn file(number: u8) -> String {
    format!("file:/keys/officer-{number}.pem")
}

fn sign(number: u8, message: &[u8]) -> Vec<u8> {
    let signature: DerSignature = officer(number).sign(message);
    signature.as_bytes().to_vec()
}

/// The certificate of an officer's root key for `gun`.
pub fn certificate(number: u8, gun: &str) -> Key {
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z"));
    let made = notary_certificate(gun, &public(number), from, to, [number; 16], |tbs| sign(number, tbs));
    Key::new_notary_certificate(made.expect("a certificate").der()).expect("a key")
}

/// A wish for a role: keys that leave, join and sign.
pub fn wish(role: &str, remove: &[u8], add: &[u8], signers: &[u8]) -> RotationChange {
    RotationChange {
        role: role.into(),
        server: false,
        legacy: 0,
        remove: remove.iter().map(|&number| physical(number).to_string()).collect(),
        add: add.iter().map(|&number| file(number)).collect(),
        sign: signers.iter().map(|&number| file(number)).collect(),
        threshold: None,
        expires: None,
        reason: "device worn out".into(),
    }
}

/// The root before, whose keys sign the next one too, and the one that says who else signs.
#[derive(Clone, Copy)]
struct Roots<'a> {
    before: Option<&'a Verified<Root>>,
    after: &'a Root,
}

/// Completes a document with keys in whatever form `roots` list them.
fn complete(frozen: AnyFrozen, roots: Roots<'_>, signers: &[Key], numbers: &[u8]) -> AnyComplete {
    let signatures = signers
        .iter()
        .zip(numbers)
        .map(|(key, &number)| Signature::by(key, &sign(number, frozen.bytes())).expect("a signature"))
        .collect();
    let role = roots.after.role(frozen.role()).into_iter();
    let keys = &roots.after.keys;
    let authorities: Vec<Authority<'_>> = role.map(|role| Authority { keys, role }).collect();
    let complete = frozen.complete(roots.before, &authorities, signatures);
    complete.ok().expect("complete")
}

impl NotaryWorld {
    /// Root key 1, targets key 5 with a tag `v1`; the snapshot key is the server's, or officer 6's.
    pub fn new(client_snapshot: bool) -> Self {
        let snapshot = if client_snapshot { 6 } else { SNAPSHOT };
        let mut draft = RootDraft::first(Dialect::Notary, false, at("2036-01-01T00:00:00Z"));
        draft
            .add_key(&RoleName::root(), certificate(1, GUN))
            .add_key(&RoleName::targets(), bare(5))
            .add_key(&RoleName::snapshot(), bare(snapshot))
            .add_key(&RoleName::timestamp(), bare(TIMESTAMP));
        let frozen: AnyFrozen = draft.freeze().expect("a root").into();
        let body = frozen.as_root().expect("a root").body().clone();
        let roots = Roots {
            before: None,
            after: &body,
        };
        let root = complete(frozen, roots, &[certificate(1, GUN)], &[1]);
        let mut targets = TargetsDraft::first(Dialect::Notary, RoleName::targets(), at("2029-01-01T00:00:00Z"));
        let target = Target {
            length: 523,
            hashes: Hashes::of(b"v1"),
            custom: None,
        };
        let frozen = targets.add_target("v1", &target).freeze().expect("targets").into();
        let targets = complete(frozen, roots, &[bare(5)], &[5]);
        let mut draft = SnapshotDraft::first(Dialect::Notary, at("2029-01-01T00:00:00Z"));
        draft.list(&root).list(&targets);
        let frozen = draft.freeze().expect("a snapshot").into();
        let first_snapshot = complete(frozen, roots, &[bare(snapshot)], &[snapshot]);
        let state = State {
            documents: BTreeMap::new(),
            before: BTreeMap::new(),
            shows_before: false,
            mood: Mood::Obeys,
            timestamp_keys: vec![TIMESTAMP],
            snapshot_keys: vec![SNAPSHOT],
            published: 0,
        };
        let server = Arc::new(Server(Mutex::new(state)));
        server.store(&[&root, &targets, &first_snapshot]);
        server.state().sign_timestamp(&body);
        let world = NotaryWorld {
            server,
            vault: Arc::default(),
            prompt: Arc::default(),
            disk: Arc::new(ForgettingDisk::new()),
        };
        let record = RepositoryRecord {
            id: "app".into(),
            name: "app".into(),
            source: spec(),
            practice: false,
            registered_at: at(NOW),
        };
        world.vault.save_repository(&record).expect("saved");
        let anchor = AnchorRecord {
            how: AnchorHow::Given,
            version: 1,
            sha256: sha256(root.file_bytes()),
            bytes: root.file_bytes().to_vec(),
            at: at(NOW),
        };
        world.vault.set_anchor("app", &anchor).expect("anchored");
        world
    }

    pub fn ceremonies(&self) -> Ceremonies {
        self.ceremonies_at(NOW)
    }

    pub fn ceremonies_at(&self, now: &str) -> Ceremonies {
        Ceremonies::new(self.ports(now), "officer_1", Arc::new(|_| {}))
    }

    /// A next root that replaces key 1 by officer `joins`, whose certificate names `gun`.
    pub fn next_root(&self, joins: u8, gun: &str) -> AnyComplete {
        let old = self.server.state().root();
        let mut draft = RootDraft::next(&old);
        let key = certificate(joins, gun);
        let frozen: AnyFrozen = draft
            .replace_keys(&RoleName::root(), vec![key.clone()])
            .freeze()
            .expect("a root")
            .into();
        let body = frozen.as_root().expect("a root").body().clone();
        let roots = Roots {
            before: Some(&old),
            after: &body,
        };
        complete(frozen, roots, &[certificate(1, GUN), key], &[1, joins])
    }

    pub fn source(&self) -> impl Source {
        Opened(self.server.clone())
    }

    /// The roots besides the anchor that this desk believes in.
    pub fn believed(&self) -> Vec<u64> {
        let mut roots: Vec<u64> = self
            .vault
            .proven("app")
            .expect("a vault")
            .roots
            .iter()
            .map(|(v, _)| *v)
            .collect();
        roots.sort_unstable();
        roots
    }

    pub fn ports(&self, now: &str) -> Ports {
        Ports {
            key_folders: Vec::new(),
            disk: self.disk.clone(),
            vault: self.vault.clone(),
            clock: Arc::new(FixedClock(at(now))),
            random: Arc::new(Counting::default()),
            prompt: self.prompt.clone(),
            connect: Arc::new(Connected(self.server.clone())),
            keys: Arc::new(P256Keys),
            tokens: Arc::new(NoTokens),
            modules: Arc::new(NoModules),
            data: PathBuf::from("/data"),
        }
    }

    pub fn is_in_the_mood_that(&self, mood: Mood) {
        self.server.state().mood = mood;
    }

    /// How many publications the server took.
    pub fn published(&self) -> u32 {
        self.server.state().published
    }

    /// The server makes its timestamp anew.
    pub fn signs_again(&self) {
        let mut state = self.server.state();
        let root = state.root();
        state.sign_timestamp(root.body());
    }

    /// Somebody else publishes targets with another tag.
    pub fn publish_other_targets(&self) {
        let mut state = self.server.state();
        let root = state.root();
        let current = metadata::read(&state.current("targets").expect("there"), Dialect::Notary).expect("targets");
        let mut draft = TargetsDraft::next(&current, RoleName::targets());
        let target = Target {
            length: 7,
            hashes: Hashes::of(b"other"),
            custom: None,
        };
        let frozen = draft.add_target("v2", &target).freeze().expect("targets").into();
        let roots = Roots {
            before: None,
            after: root.body(),
        };
        let targets = complete(frozen, roots, &[bare(5)], &[5]);
        state.keep(&targets);
        state.sign_snapshot(root.body(), &[targets]);
        state.sign_timestamp(root.body());
    }

    /// Somebody else publishes a root by the old key.
    pub fn publish_other_root(&self) {
        let mut state = self.server.state();
        let old = state.root();
        let mut draft = RootDraft::next(&old);
        let frozen: AnyFrozen = draft
            .set_expires(at("2031-01-01T00:00:00Z"))
            .freeze()
            .expect("a root")
            .into();
        let body = frozen.as_root().expect("a root").body().clone();
        let roots = Roots {
            before: Some(&old),
            after: &body,
        };
        let root = complete(frozen, roots, &[certificate(1, GUN)], &[1]);
        state.keep(&root);
        state.sign_snapshot(&body, &[root]);
        state.sign_timestamp(&body);
    }
}

fn spec() -> SourceSpec {
    SourceSpec::Notary {
        url: "https://notary.test".into(),
        gun: GUN.into(),
        ca_file: None,
        user: None,
    }
}

impl Server {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("a lock")
    }

    fn store(&self, documents: &[&AnyComplete]) {
        let mut state = self.state();
        for document in documents {
            state.keep(document);
        }
    }

    /// A document of a role, by version or the current one.
    pub fn document(&self, role: &str, version: Option<u64>) -> Option<Vec<u8>> {
        let state = self.state();
        match version {
            Some(version) => state.documents.get(&(role.into(), version)).cloned(),
            None => state.current(role),
        }
    }
}

impl State {
    fn keep(&mut self, document: &AnyComplete) {
        let place = (document.role().as_str().to_owned(), document.version());
        self.documents.insert(place, document.file_bytes().to_vec());
    }

    fn current(&self, role: &str) -> Option<Vec<u8>> {
        newest(&self.documents, role).map(|(_, file)| file.clone())
    }

    fn root(&self) -> Verified<Root> {
        let file = self.current("root").expect("a root");
        Verified::anchor(metadata::read::<Root>(&file, Dialect::Notary).expect("a root")).expect("signed")
    }

    /// Makes the next snapshot, naming what is new, if the server has the key.
    fn sign_snapshot(&mut self, root: &Root, new: &[AnyComplete]) {
        let Some(number) = held(&self.snapshot_keys, root, &RoleName::snapshot()) else {
            return;
        };
        let current = metadata::read(&self.current("snapshot").expect("there"), Dialect::Notary).expect("a snapshot");
        let mut draft = SnapshotDraft::next(&current);
        for document in new {
            draft.list(document);
        }
        let roots = Roots {
            before: None,
            after: root,
        };
        let frozen = draft.freeze().expect("a snapshot").into();
        let snapshot = complete(frozen, roots, &[bare(number)], &[number]);
        self.keep(&snapshot);
    }

    fn sign_timestamp(&mut self, root: &Root) {
        let snapshot = self.current("snapshot").expect("a snapshot");
        let entry = MetaEntry::of(&snapshot, 0, Dialect::Notary);
        let mut draft = match self.current("timestamp") {
            Some(current) => TimestampDraft::next(&metadata::read(&current, Dialect::Notary).expect("a timestamp")),
            None => TimestampDraft::first(Dialect::Notary, &entry, at("2026-12-06T00:00:00Z")),
        };
        let frozen = draft.set_snapshot(&entry).freeze().expect("a timestamp");
        let number = match self.mood {
            Mood::UsesAnotherKey => 120,
            _ => held(&self.timestamp_keys, root, &RoleName::timestamp()).expect("the server's key"),
        };
        let signature = Signature::by(&bare(number), &sign(number, frozen.bytes())).expect("a signature");
        let keys = rootward_tuf::KeyTable::new(vec![bare(number)]);
        let role = rootward_tuf::RoleKeys {
            keyids: vec![bare(number).keyid().clone()],
            threshold: 1,
        };
        let timestamp = frozen.complete(&keys, &role, vec![signature]).ok().expect("complete");
        self.keep(&timestamp.into());
    }

    fn publish(&mut self, publication: &Publication) -> Result<(), Failure> {
        let is_there = |document: &crate::ports::Document| {
            let place = (document.role.as_str().to_owned(), document.version);
            self.documents.get(&place) == Some(&document.bytes)
        };
        if publication.documents.iter().all(is_there) {
            return Ok(());
        }
        for document in &publication.documents {
            let current = newest(&self.documents, document.role.as_str()).map_or(0, |(version, _)| version);
            if document.version <= current {
                let message = format!("{} v{current} is there already", document.role);
                return Err(Failure::refusal("superseded", message));
            }
        }
        self.published += 1;
        if self.mood == Mood::Forgets {
            return Ok(());
        }
        self.before = self.documents.clone();
        for document in &publication.documents {
            let place = (document.role.as_str().to_owned(), document.version);
            self.documents.insert(place, document.bytes.clone());
        }
        let root = self.root();
        if !publication
            .documents
            .iter()
            .any(|document| document.role == RoleName::snapshot())
        {
            // The server reads what it was given; here it is proven again to be listed.
            let mut draft = SnapshotDraft::next(
                &metadata::read(&self.current("snapshot").expect("there"), Dialect::Notary).expect("a snapshot"),
            );
            for document in &publication.documents {
                draft.set_meta(&document.role, &MetaEntry::of(&document.bytes, 0, Dialect::Notary));
            }
            let Some(number) = held(&self.snapshot_keys, root.body(), &RoleName::snapshot()) else {
                self.documents = self.before.clone();
                return Err(Failure::refusal("server-lacks-key", "the server has no snapshot key"));
            };
            let roots = Roots {
                before: None,
                after: root.body(),
            };
            let frozen = draft.freeze().expect("a snapshot").into();
            let snapshot = complete(frozen, roots, &[bare(number)], &[number]);
            self.keep(&snapshot);
        }
        self.sign_timestamp(root.body());
        Ok(())
    }
}

fn newest<'a>(documents: &'a BTreeMap<(String, u64), Vec<u8>>, role: &str) -> Option<(u64, &'a Vec<u8>)> {
    let of_role = documents.iter().rev().find(|((name, _), _)| name == role);
    of_role.map(|((_, version), file)| (*version, file))
}

/// The key of the server's that root lists for a role.
fn held(keys: &[u8], root: &Root, role: &RoleName) -> Option<u8> {
    let listed = &root.role(role)?.keyids;
    keys.iter()
        .copied()
        .find(|&number| listed.contains(bare(number).keyid()))
}

struct Opened(Arc<Server>);

#[async_trait]
impl Source for Opened {
    async fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure> {
        let mut state = self.0.state();
        let role = request.role.as_str();
        let is_current_root = role == "root" && request.select == Select::Current;
        if is_current_root {
            let (mood, shows_before) = match state.mood {
                Mood::HidesBehindACache(looks) if looks > 0 && !state.before.is_empty() => {
                    (Mood::HidesBehindACache(looks - 1), true)
                }
                mood => (mood, false),
            };
            state.mood = mood;
            state.shows_before = shows_before;
        }
        let is_late = state.mood == Mood::ShowsRootLate && is_current_root && !state.before.is_empty();
        let shown = if state.shows_before || is_late {
            &state.before
        } else {
            &state.documents
        };
        let bytes = match request.select {
            Select::Version(version) | Select::Consistent { version } => {
                shown.get(&(role.to_owned(), version)).cloned()
            }
            Select::Current => newest(shown, role).map(|(_, file)| file.clone()),
            Select::Sha256(digest) => {
                let of_role = shown.iter().filter(|((name, _), _)| name == role);
                of_role
                    .map(|(_, file)| file)
                    .find(|file| sha256(file) == digest)
                    .cloned()
            }
        };
        let origin = format!("{role}.json");
        Ok(bytes.map(|bytes| Fetched { bytes, origin }))
    }

    async fn newest_root(&self, _: u64) -> Result<Option<Fetched>, Failure> {
        let bytes = self.0.document("root", None);
        let origin = "root.json".into();
        Ok(bytes.map(|bytes| Fetched { bytes, origin }))
    }

    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Publisher for Opened {
    async fn publish(&self, publication: &Publication) -> Result<(), Failure> {
        self.0.state().publish(publication)
    }
}

#[async_trait]
impl ServerKeys for Opened {
    async fn current(&self, role: &RoleName) -> Result<Key, Failure> {
        let state = self.0.state();
        let keys = if *role == RoleName::snapshot() {
            &state.snapshot_keys
        } else {
            &state.timestamp_keys
        };
        Ok(bare(keys[0]))
    }

    async fn rotate(&self, role: &RoleName) -> Result<Key, Failure> {
        let mut state = self.0.state();
        let keys = if *role == RoleName::snapshot() {
            &mut state.snapshot_keys
        } else {
            &mut state.timestamp_keys
        };
        let next = keys.last().copied().unwrap_or_default() + 10;
        keys.push(next);
        Ok(bare(next))
    }
}

struct Connected(Arc<Server>);

impl Connect for Connected {
    fn source(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn Source>, Failure> {
        Ok(Arc::new(Opened(self.0.clone())))
    }

    fn publisher(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn Publisher>, Failure> {
        Ok(Arc::new(Opened(self.0.clone())))
    }

    fn server_keys(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn ServerKeys>, Failure> {
        Ok(Arc::new(Opened(self.0.clone())))
    }

    fn notary_server(&self, _: &str, _: Option<&Path>, _: &LimitsView) -> Result<Arc<dyn NotaryServer>, Failure> {
        Err(Failure::fault("bad-source", "not in these tests"))
    }
}

/// Never the same twice.
#[derive(Default)]
pub struct Counting(Mutex<u8>);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let mut count = self.0.lock().expect("a lock");
        *count = count.wrapping_add(1);
        bytes.fill(*count);
    }
}
