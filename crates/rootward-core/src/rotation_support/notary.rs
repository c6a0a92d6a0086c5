//! A Notary server in memory. It enforces the rules of the real one: who must sign what, which versions follow, and what only
//! it can sign; it takes a whole publication or nothing.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rootward_tuf::dialect::Dialect;
use rootward_tuf::dialect::notary::notary_certificate;
use rootward_tuf::draft::{Frozen, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use rootward_tuf::encoding::sha256;
use rootward_tuf::key::{Key, KeyId};
use rootward_tuf::metadata::{self, Envelope, MetaEntry, Root, Snapshot, Target, Targets};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::{Tally, Verified};
use rootward_tuf::walk::{Request, Select};

use super::{at, officer, public, signature_as};
use crate::ports::{
    Connect, Failure, Fetched, LimitsView, NotaryServer, Publication, Publisher, ServerKeys, Source, SourceSpec,
};

/// 120 characters, with a port and slashes.
pub const GUN: &str = "registry.internal.example.com:5443/platform-engineering/infrastructure/controllers/very-long-component-name/edge-agent-01";
const LATER: &str = "2036-01-01T00:00:00Z";
/// Keys of the server have these numbers and the following.
const SERVER_KEYS: u8 = 200;

/// Where the server is.
pub fn source() -> SourceSpec {
    SourceSpec::Notary {
        url: "https://notary.example:4443".into(),
        gun: GUN.into(),
        ca_file: None,
        user: None,
    }
}

/// The server, for every source.
pub struct Servers(pub Arc<Server>);

/// One repository and the keys the server holds.
pub struct Server {
    state: Mutex<State>,
}

#[derive(Clone)]
struct State {
    roots: BTreeMap<u64, Vec<u8>>,
    /// The newest document of each role.
    newest: HashMap<RoleName, Vec<u8>>,
    by_digest: HashMap<(RoleName, [u8; 32]), Vec<u8>>,
    /// Officers' numbers of the server's keys, used or only asked for.
    keys: Vec<u8>,
    /// What was published, in order.
    publications: Vec<Vec<String>>,
    /// The next publication fails with this code after it was taken, or before.
    trouble: Option<(&'static str, bool)>,
}

/// What a repository is made of.
pub struct Made<'a> {
    pub root: &'a [u8],
    pub threshold: u64,
    pub targets: u8,
    /// None when the server holds the snapshot key.
    pub snapshot: Option<u8>,
}

/// The certificate of an officer for the repository.
pub fn certificate(number: u8) -> Key {
    let (from, to) = (at("2026-01-01T00:00:00Z"), at(LATER));
    let serial = [number; 16];
    let certificate = notary_certificate(GUN, &public(number), from, to, serial, |tbs| officer(number).sign(tbs));
    Key::new_notary_certificate(certificate.expect("a certificate").der()).expect("a key")
}

fn bare(number: u8) -> Key {
    Key::new_notary_bare(&public(number))
}

impl Server {
    /// A repository as the command line makes it: every document at its first version, one tag, one delegation.
    pub fn new(made: &Made<'_>) -> Self {
        let snapshot_key = made.snapshot.unwrap_or(SERVER_KEYS);
        let timestamp_key = SERVER_KEYS + 1;
        let mut draft = RootDraft::first(Dialect::Notary, false, at(LATER));
        let keys: Vec<Key> = made.root.iter().map(|&number| certificate(number)).collect();
        for key in &keys {
            draft.add_key(&RoleName::root(), key.clone());
        }
        draft.add_key(&RoleName::targets(), bare(made.targets));
        draft.add_key(&RoleName::snapshot(), bare(snapshot_key));
        draft.add_key(&RoleName::timestamp(), bare(timestamp_key));
        draft.set_threshold(&RoleName::root(), made.threshold);
        let frozen = draft.freeze().expect("a root");
        let signed = made.root.iter().zip(&keys);
        let signatures = signed
            .map(|(&number, key)| signature_as(number, key, &frozen))
            .collect();
        let root = frozen.complete(None, signatures).ok().expect("complete");
        let body = root.verified().body();
        let mut targets = TargetsDraft::first(Dialect::Notary, RoleName::targets(), at(LATER));
        let tag = Target {
            length: 523,
            hashes: rootward_tuf::Hashes::from_sha256([7; 32]),
            custom: None,
        };
        targets.add_target("v1", &tag);
        let frozen = targets.freeze().expect("targets");
        let signed = vec![signature_as(made.targets, &bare(made.targets), &frozen)];
        let targets = frozen
            .complete(&body.keys, &body.targets, signed)
            .ok()
            .expect("complete");
        let mut state = State {
            roots: BTreeMap::new(),
            newest: HashMap::new(),
            by_digest: HashMap::new(),
            keys: vec![timestamp_key],
            publications: Vec::new(),
            trouble: None,
        };
        if made.snapshot.is_none() {
            state.keys.push(snapshot_key);
        }
        state.put(&RoleName::root(), root.file_bytes());
        state.put(&RoleName::targets(), targets.file_bytes());
        let snapshot = state.snapshot_by(snapshot_key, &bare(snapshot_key));
        state.put(&RoleName::snapshot(), &snapshot);
        state.sign_timestamp().expect("the server holds the key");
        Server {
            state: Mutex::new(state),
        }
    }

    /// A server on which nobody has begun the repository.
    pub fn empty() -> Self {
        let state = State {
            roots: BTreeMap::new(),
            newest: HashMap::new(),
            by_digest: HashMap::new(),
            keys: Vec::new(),
            publications: Vec::new(),
            trouble: None,
        };
        Server {
            state: Mutex::new(state),
        }
    }

    /// One root key, the snapshot with a client or the server.
    pub fn usual(snapshot: Option<u8>) -> Self {
        Server::new(&Made {
            root: &[101],
            threshold: 1,
            targets: 103,
            snapshot,
        })
    }

    /// The same repository once more, on a server of its own.
    pub fn copied(&self) -> Self {
        Server {
            state: Mutex::new(self.state().clone()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("a lock")
    }

    pub fn first_root(&self) -> Verified<Root> {
        Verified::anchor(read(&self.state().roots[&1])).expect("signed")
    }

    /// The root in force.
    pub fn root(&self) -> Envelope<Root> {
        self.state().root()
    }

    /// The newest version of a role.
    pub fn version(&self, role: &RoleName) -> u64 {
        crate::ports::claimed_version(&self.state().newest[role]).expect("a version")
    }

    /// The file of a role.
    pub fn file(&self, role: &RoleName) -> Vec<u8> {
        self.state().newest[role].clone()
    }

    /// What was published, in order: the roles of each upload.
    pub fn publications(&self) -> Vec<Vec<String>> {
        self.state().publications.clone()
    }

    /// Makes the next publication fail with a code, after it was taken or before.
    pub fn fails_once(&self, code: &'static str, taken: bool) {
        self.state().trouble = Some((code, taken));
    }

    /// Somebody else's next root, signed by root's own keys, with another end.
    pub fn publish_other_root(&self, signers: &[u8]) {
        let mut state = self.state();
        let old = Verified::anchor(state.root()).expect("signed");
        let mut draft = RootDraft::next(&old);
        draft.set_expires(at("2037-01-01T00:00:00Z"));
        let frozen = draft.freeze().expect("a root");
        let by = |number: &u8| {
            let listed = old
                .body()
                .root
                .keyids
                .iter()
                .filter_map(|keyid| old.body().keys.get(keyid));
            let mut listed = listed.filter(|key| key.physical() == Some(public(*number).physical()));
            signature_as(*number, listed.next().expect("a root key"), &frozen)
        };
        let signatures = signers.iter().map(by).collect();
        let root = frozen.clone().complete(Some(&old), signatures).ok().expect("complete");
        let documents = vec![(RoleName::root(), root.file_bytes().to_vec())];
        *state = state.updated(&documents).expect("taken");
    }

    /// Whether a client on the root of this version follows to the newest documents.
    pub fn is_followed_from(&self, version: u64, now: Instant) -> bool {
        let anchor = self.state().roots[&version].clone();
        let input = rootward_tuf::WalkInput {
            gun: Some(GUN.into()),
            ..rootward_tuf::WalkInput::new(Dialect::Notary, anchor, now)
        };
        let walker = rootward_tuf::Walker::begin(input).expect("a root");
        let outcome = walker.run(|request| match self.state().find(request) {
            Some(bytes) => rootward_tuf::Reply::Found(bytes),
            None => rootward_tuf::Reply::Missing,
        });
        outcome.accepted
            && outcome
                .root
                .is_some_and(|root| root.version() == self.version(&RoleName::root()))
    }
}

impl State {
    fn root(&self) -> Envelope<Root> {
        read(&self.newest[&RoleName::root()])
    }

    fn put(&mut self, role: &RoleName, file: &[u8]) {
        if *role == RoleName::root() {
            let version = read::<Root>(file).version();
            self.roots.insert(version, file.to_vec());
        }
        self.newest.insert(role.clone(), file.to_vec());
        self.by_digest.insert((role.clone(), sha256(file)), file.to_vec());
    }

    fn find(&self, request: &Request) -> Option<Vec<u8>> {
        match request.select {
            Select::Version(version) => self
                .roots
                .get(&version)
                .cloned()
                .filter(|_| request.role == RoleName::root()),
            Select::Sha256(digest) => self.by_digest.get(&(request.role.clone(), digest)).cloned(),
            Select::Current | Select::Consistent { .. } => self.newest.get(&request.role).cloned(),
        }
    }

    /// The server's key that root lists for a role, if it holds one.
    fn key_of(&self, role: &RoleName) -> Option<(u8, Key)> {
        let root = self.root();
        let keyids: &[KeyId] = root
            .body()
            .role(role)
            .map(|keys| keys.keyids.as_slice())
            .unwrap_or_default();
        let mut held = self.keys.iter().map(|&number| (number, bare(number)));
        held.find(|(_, key)| keyids.contains(key.keyid()))
    }

    fn snapshot_by(&self, number: u8, key: &Key) -> Vec<u8> {
        let mut draft = match self.newest.get(&RoleName::snapshot()) {
            Some(old) => SnapshotDraft::next(&read(old)),
            None => SnapshotDraft::first(Dialect::Notary, at(LATER)),
        };
        let online = [RoleName::snapshot(), RoleName::timestamp()];
        for (role, file) in self.newest.iter().filter(|(role, _)| !online.contains(role)) {
            draft.set_meta(role, &entry(file));
        }
        let root = self.root();
        let frozen: Frozen<Snapshot> = draft.freeze().expect("a snapshot");
        let signed = vec![signature_as(number, key, &frozen)];
        let complete = frozen.complete(&root.body().keys, &root.body().snapshot, signed).ok();
        complete.expect("complete").file_bytes().to_vec()
    }

    fn sign_timestamp(&mut self) -> Result<(), Failure> {
        let (number, key) = self
            .key_of(&RoleName::timestamp())
            .ok_or_else(|| lacks(&RoleName::timestamp()))?;
        let snapshot = entry(&self.newest[&RoleName::snapshot()]);
        let mut draft = match self.newest.get(&RoleName::timestamp()) {
            Some(old) => TimestampDraft::next(&read(old)),
            None => TimestampDraft::first(Dialect::Notary, &snapshot, at("2026-12-06T00:00:00Z")),
        };
        draft.set_snapshot(&snapshot);
        let root = self.root();
        let frozen = draft.freeze().expect("a timestamp");
        let signed = vec![signature_as(number, &key, &frozen)];
        let complete = frozen
            .complete(&root.body().keys, &root.body().timestamp, signed)
            .ok()
            .expect("complete");
        self.put(&RoleName::timestamp(), complete.file_bytes());
        Ok(())
    }

    /// The state after an upload, or why it is refused; reference/notary.md's sections 2 and 3.1 in short.
    fn updated(&self, documents: &[(RoleName, Vec<u8>)]) -> Result<State, Failure> {
        let mut next = self.clone();
        let uploaded = |role: &RoleName| {
            documents
                .iter()
                .find(|(of, _)| of == role)
                .map(|(_, file)| file.as_slice())
        };
        if let Some(file) = uploaded(&RoleName::root()) {
            let new = read::<Root>(file);
            let old = self.newest.get(&RoleName::root()).map(|old| read::<Root>(old));
            if old.as_ref().is_some_and(|old| new.version() <= old.version()) {
                return Err(Failure::refusal("superseded", "VERSION"));
            }
            let by_old = old
                .as_ref()
                .map(|old| Tally::of(&new, &old.body().keys, &old.body().root));
            let by_new = Tally::of(&new, &new.body().keys, &new.body().root);
            let named = |keyid: &KeyId| {
                let certificate = new.body().keys.get(keyid).and_then(|key| key.certificate());
                certificate.is_some_and(|certificate| certificate.names(GUN))
            };
            let is_next = new.version() == old.as_ref().map_or(1, |old| old.version() + 1);
            let by_old = by_old.is_none_or(|tally| tally.is_met());
            if !is_next || !by_old || !by_new.is_met() || !new.body().root.keyids.iter().all(named) {
                return Err(Failure::refusal("server-refused-root", "its rules refuse the new root"));
            }
            next.put(&RoleName::root(), file);
        }
        let root = next.root();
        let body = root.body();
        if let Some(file) = uploaded(&RoleName::targets()) {
            next.must_follow(&RoleName::targets(), file)?;
            next.put(&RoleName::targets(), file);
        }
        let targets: Envelope<Targets> = read(&next.newest[&RoleName::targets()]);
        if !Tally::of(&targets, &body.keys, &body.targets).is_met() {
            return Err(Failure::refusal(
                "server-refused-targets",
                "its rules refuse the new targets",
            ));
        }
        let mut delegated: Vec<_> = documents.iter().filter(|(role, _)| !role.is_top_level()).collect();
        delegated.sort();
        for (role, file) in delegated {
            next.must_follow(role, file)?;
            let (parent, _) = role.as_str().rsplit_once('/').expect("a delegated role");
            let parent: Envelope<Targets> = read(&next.newest[&RoleName::new(parent).expect("a role")]);
            let delegations = parent.body().delegations.clone().expect("delegations");
            let is_signed = delegations.role(role).is_some_and(|delegated| {
                let document: Envelope<Targets> = read(file);
                Tally::of(&document, &delegations.keys, &delegated.keys).is_met()
            });
            if !is_signed {
                let message = format!("valid signatures did not meet threshold for {role}");
                return Err(Failure::refusal("server-refused-targets", message));
            }
            next.put(role, file);
        }
        match uploaded(&RoleName::snapshot()) {
            Some(file) => {
                next.must_follow(&RoleName::snapshot(), file)?;
                let snapshot: Envelope<Snapshot> = read(file);
                let names = |role: &RoleName| snapshot.body().meta.get(role) == Some(entry(&next.newest[role]));
                let is_signed = Tally::of(&snapshot, &body.keys, &body.snapshot).is_met();
                if !is_signed || !names(&RoleName::root()) || !names(&RoleName::targets()) {
                    return Err(Failure::refusal(
                        "server-refused-snapshot",
                        "its rules refuse the new snapshot",
                    ));
                }
                next.put(&RoleName::snapshot(), file);
            }
            None => {
                let (number, key) = next
                    .key_of(&RoleName::snapshot())
                    .ok_or_else(|| lacks(&RoleName::snapshot()))?;
                let file = next.snapshot_by(number, &key);
                next.put(&RoleName::snapshot(), &file);
            }
        }
        next.sign_timestamp()?;
        let roles = documents.iter().map(|(role, _)| role.to_string());
        next.publications.push(roles.collect());
        Ok(next)
    }

    fn must_follow(&self, role: &RoleName, file: &[u8]) -> Result<(), Failure> {
        let version = |file: &[u8]| crate::ports::claimed_version(file).unwrap_or(0);
        if self
            .newest
            .get(role)
            .is_none_or(|newest| version(file) > version(newest))
        {
            Ok(())
        } else {
            Err(Failure::refusal("superseded", "VERSION"))
        }
    }
}

fn read<T: metadata::Document>(file: &[u8]) -> Envelope<T> {
    metadata::read(file, Dialect::Notary).expect("a document")
}

fn entry(file: &[u8]) -> MetaEntry {
    MetaEntry::of(file, 1, Dialect::Notary)
}

fn lacks(role: &RoleName) -> Failure {
    Failure::refusal("server-lacks-key", format!("key of {role} not found"))
}

impl Connect for Servers {
    fn source(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn Source>, Failure> {
        Ok(Arc::new(Servers(self.0.clone())))
    }

    fn publisher(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn Publisher>, Failure> {
        Ok(Arc::new(Servers(self.0.clone())))
    }

    fn server_keys(&self, _: &SourceSpec, _: &LimitsView) -> Result<Arc<dyn ServerKeys>, Failure> {
        Ok(Arc::new(Servers(self.0.clone())))
    }

    fn notary_server(&self, _: &str, _: Option<&Path>, _: &LimitsView) -> Result<Arc<dyn NotaryServer>, Failure> {
        Err(Failure::fault("bad-source", "one repository is all there is"))
    }
}

#[async_trait]
impl Source for Servers {
    async fn fetch(&self, request: &Request) -> Result<Option<Fetched>, Failure> {
        let found = self.0.state().find(request);
        Ok(found.map(|bytes| Fetched {
            bytes,
            origin: "the server".into(),
        }))
    }

    async fn newest_root(&self, _: u64) -> Result<Option<Fetched>, Failure> {
        let newest = self.0.state().newest.get(&RoleName::root()).cloned();
        Ok(newest.map(|bytes| Fetched {
            bytes,
            origin: "the server".into(),
        }))
    }

    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Publisher for Servers {
    async fn publish(&self, publication: &Publication) -> Result<(), Failure> {
        let mut state = self.0.state();
        let documents = publication.documents.iter();
        let documents: Vec<_> = documents
            .map(|document| (document.role.clone(), document.bytes.clone()))
            .collect();
        let is_there = |(role, file): &(RoleName, Vec<u8>)| state.newest.get(role) == Some(file);
        if documents.iter().all(is_there) {
            return Ok(());
        }
        let trouble = state.trouble.take();
        if let Some((code, false)) = trouble {
            return Err(Failure::fault(code, "as the test wants"));
        }
        *state = state.updated(&documents)?;
        match trouble {
            Some((code, _)) => Err(Failure::fault(code, "as the test wants")),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl ServerKeys for Servers {
    async fn current(&self, role: &RoleName) -> Result<Key, Failure> {
        let is_begun = !self.0.state().roots.is_empty();
        let listed = is_begun.then(|| self.0.state().key_of(role)).flatten();
        match listed {
            Some((_, key)) => Ok(key),
            None => self.rotate(role).await,
        }
    }

    async fn rotate(&self, _: &RoleName) -> Result<Key, Failure> {
        let mut state = self.0.state();
        let number = state.keys.iter().max().map_or(SERVER_KEYS, |last| last + 1);
        state.keys.push(number);
        Ok(bare(number))
    }
}
