//! A Notary server for the rotation's tests: the practice server, watched. What it takes and refuses is decided there; here are
//! the repository it begins with, what was uploaded, and uploads whose answer is lost.

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use p256::pkcs8::EncodePrivateKey as _;
use rootward_tuf::dialect::Dialect;
use rootward_tuf::dialect::notary::notary_certificate;
use rootward_tuf::draft::{RootDraft, SnapshotDraft, TargetsDraft};
use rootward_tuf::key::Key;
use rootward_tuf::metadata::{self, Envelope, MetaEntry, Root, Target};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::{Reply, Request, Select, WalkInput, Walker};

use super::{NOW, Officer, at, officer, public, signature_as};
use crate::adapters::practice::{Gun, PracticeServers};
use crate::adapters::web::{Answer, Ask, Carrier, Unanswered, Wish};
use crate::adapters::{FixedClock, ForgettingDisk, Notary, NotaryRepository};
use crate::ports::{Connect, Failure, LimitsView, NotaryServer, Publisher, ServerKeys, Source, SourceSpec};

/// 120 characters, with a port and slashes.
pub const GUN: &str = "registry.internal.example.com:5443/platform-engineering/infrastructure/controllers/very-long-component-name/edge-agent-01";
const LATER: &str = "2036-01-01T00:00:00Z";
/// Keys of the server have these numbers and the following.
const SERVER_KEYS: u8 = 200;
/// Where the server is, and what its file is called.
const URL: &str = "https://notary.example:4443";
const NAME: &str = "notary.example";

/// Where the server is.
pub fn source() -> SourceSpec {
    SourceSpec::Notary {
        url: URL.into(),
        gun: GUN.into(),
        ca_file: None,
        user: None,
    }
}

/// The server, for every source.
pub struct Servers(pub Arc<Server>);

/// One repository, on a server whose disk is its own.
pub struct Server {
    servers: PracticeServers,
    seen: Arc<Mutex<Seen>>,
}

/// What came by on the way to the server.
#[derive(Default)]
struct Seen {
    /// What was published, in order.
    publications: Vec<Vec<String>>,
    /// The answer to the next upload is lost, after it was taken or before.
    loses: Option<bool>,
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

/// The next key of the server's: the same in every run, so that the same is signed in every run.
fn next_key(gun: &mut Gun, role: &RoleName) -> Key {
    let number = SERVER_KEYS + u8::try_from(gun.count_keys()).expect("few");
    let Officer::P256(key) = officer(number) else {
        unreachable!("from 100 on")
    };
    gun.take_key(role, key.to_pkcs8_der().expect("a key").as_bytes())
}

impl Server {
    /// A repository as the command line makes it: every document at its first version, one tag.
    pub fn new(made: &Made<'_>) -> Self {
        let mut gun = Gun::default();
        let mut draft = RootDraft::first(Dialect::Notary, false, at(LATER));
        let keys: Vec<Key> = made.root.iter().map(|&number| certificate(number)).collect();
        for key in &keys {
            draft.add_key(&RoleName::root(), key.clone());
        }
        let snapshot_key = match made.snapshot {
            Some(number) => bare(number),
            None => next_key(&mut gun, &RoleName::snapshot()),
        };
        draft.add_key(&RoleName::targets(), bare(made.targets));
        draft.add_key(&RoleName::snapshot(), snapshot_key.clone());
        draft.add_key(&RoleName::timestamp(), next_key(&mut gun, &RoleName::timestamp()));
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
        let mut files = vec![
            ("root".to_owned(), root.file_bytes().to_vec()),
            ("targets".to_owned(), targets.file_bytes().to_vec()),
        ];
        if let Some(number) = made.snapshot {
            let mut draft = SnapshotDraft::first(Dialect::Notary, at(LATER));
            for (name, file) in &files {
                let role = RoleName::new(name.as_str()).expect("a role");
                draft.set_meta(&role, &MetaEntry::of(file, 1, Dialect::Notary));
            }
            let frozen = draft.freeze().expect("a snapshot");
            let signed = vec![signature_as(number, &snapshot_key, &frozen)];
            let complete = frozen.complete(&body.keys, &body.snapshot, signed).ok();
            files.push(("snapshot".into(), complete.expect("complete").file_bytes().to_vec()));
        }
        Server::holding(gun.updated(GUN, &files, at(NOW)).expect("taken"))
    }

    /// A server on which nobody has begun the repository.
    pub fn empty() -> Self {
        Server::holding(Gun::default())
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
        let copied = Server::holding(self.gun());
        copied.seen().publications = self.publications();
        copied
    }

    fn holding(gun: Gun) -> Self {
        let disk = Arc::new(ForgettingDisk::new());
        let servers = PracticeServers::new(disk, Arc::new(FixedClock(at(NOW))), "/server".into());
        servers.hold(NAME, GUN, gun);
        Server {
            servers,
            seen: Arc::default(),
        }
    }

    fn gun(&self) -> Gun {
        self.servers.held(NAME, GUN)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().expect("a lock")
    }

    pub fn first_root(&self) -> Verified<Root> {
        Verified::anchor(read(&self.gun().document("root", 1).expect("there"))).expect("signed")
    }

    /// The root in force.
    pub fn root(&self) -> Envelope<Root> {
        read(&self.file(&RoleName::root()))
    }

    /// The newest version of a role.
    pub fn version(&self, role: &RoleName) -> u64 {
        self.gun().newest(role.as_str()).expect("there").0
    }

    /// The file of a role.
    pub fn file(&self, role: &RoleName) -> Vec<u8> {
        self.gun().newest(role.as_str()).expect("there").1
    }

    /// What was published, in order: the roles of each upload.
    pub fn publications(&self) -> Vec<Vec<String>> {
        self.seen().publications.clone()
    }

    /// The answer to the next upload is lost, after it was taken or before.
    pub fn loses_an_answer(&self, taken: bool) {
        self.seen().loses = Some(taken);
    }

    /// Somebody else's next root, signed by root's own keys, with another end.
    pub fn publish_other_root(&self, signers: &[u8]) {
        let old = Verified::anchor(self.root()).expect("signed");
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
        let files = [("root".to_owned(), root.file_bytes().to_vec())];
        let updated = self.gun().updated(GUN, &files, at(NOW)).expect("taken");
        self.servers.hold(NAME, GUN, updated);
        self.seen().publications.push(vec!["root".into()]);
    }

    /// Whether a client on the root of this version follows to the newest documents.
    pub fn is_followed_from(&self, version: u64, now: Instant) -> bool {
        let gun = self.gun();
        let anchor = gun.document("root", version).expect("there");
        let input = WalkInput {
            gun: Some(GUN.into()),
            ..WalkInput::new(Dialect::Notary, anchor, now)
        };
        let walker = Walker::begin(input).expect("a root");
        let outcome = walker.run(|request| found(&gun, request).map_or(Reply::Missing, Reply::Found));
        outcome.accepted
            && outcome
                .root
                .is_some_and(|root| root.version() == self.version(&RoleName::root()))
    }
}

/// A document as the server would give it.
fn found(gun: &Gun, request: &Request) -> Option<Vec<u8>> {
    let role = request.role.as_str();
    match request.select {
        Select::Version(version) | Select::Consistent { version } => gun.document(role, version),
        Select::Sha256(digest) => gun.by_digest(role, &rootward_tuf::encoding::hex(&digest)),
        Select::Current => gun.newest(role).map(|(_, file)| file),
    }
}

fn read<T: metadata::Document>(file: &[u8]) -> Envelope<T> {
    metadata::read(file, Dialect::Notary).expect("a document")
}

/// The way to the server.
struct Way {
    servers: PracticeServers,
    seen: Arc<Mutex<Seen>>,
}

#[async_trait]
impl Carrier for Way {
    async fn carry(&self, ask: &Ask<'_>) -> Result<Answer, Unanswered> {
        let files = match ask.wish {
            Wish::Take(files) => files,
            Wish::Do => return Ok(self.makes_a_key(ask)),
            Wish::Read | Wish::ReadFresh => return self.servers.carry(ask).await,
        };
        let loses = self.seen.lock().expect("a lock").loses.take();
        let lost = || Unanswered {
            failure: Failure::fault("network-failed", "as the test wants"),
            may_have_arrived: true,
        };
        if loses == Some(false) {
            return Err(lost());
        }
        let answer = self.servers.carry(ask).await?;
        if answer.status == 200 {
            let roles = files.iter().map(|(role, _)| role.clone()).collect();
            self.seen.lock().expect("a lock").publications.push(roles);
        }
        match loses {
            Some(_) => Err(lost()),
            None => Ok(answer),
        }
    }
}

impl Way {
    /// What the server does when it is asked for a new key, with a key that a test knows.
    fn makes_a_key(&self, ask: &Ask<'_>) -> Answer {
        let role = match ask.url.path().ends_with("/snapshot.key") {
            true => RoleName::snapshot(),
            false => RoleName::timestamp(),
        };
        let mut gun = self.servers.held(NAME, GUN);
        let key = next_key(&mut gun, &role);
        self.servers.hold(NAME, GUN, gun);
        Answer {
            status: 200,
            url: ask.url.clone(),
            body: rootward_tuf::canonical(key.raw()),
            challenge: None,
        }
    }
}

impl Servers {
    fn repository(&self, limits: &LimitsView) -> Result<Arc<NotaryRepository>, Failure> {
        let way = Way {
            servers: self.0.servers.clone(),
            seen: self.0.seen.clone(),
        };
        Ok(Arc::new(
            Notary::in_process(Arc::new(way), URL, limits)?.repository(GUN)?,
        ))
    }
}

impl Connect for Servers {
    fn source(&self, _: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn Source>, Failure> {
        Ok(self.repository(limits)?)
    }

    fn publisher(&self, _: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn Publisher>, Failure> {
        Ok(self.repository(limits)?)
    }

    fn server_keys(&self, _: &SourceSpec, limits: &LimitsView) -> Result<Arc<dyn ServerKeys>, Failure> {
        Ok(self.repository(limits)?)
    }

    fn notary_server(&self, _: &str, _: Option<&Path>, _: &LimitsView) -> Result<Arc<dyn NotaryServer>, Failure> {
        Err(Failure::fault("bad-source", "one repository is all there is"))
    }
}
