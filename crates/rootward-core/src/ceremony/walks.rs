//! Client walks over a source: those that count, and simulated ones over documents that are not there yet.

use std::collections::HashMap;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::AnyComplete;
use rootward_tuf::encoding::sha256;
use rootward_tuf::key::Key;
use rootward_tuf::metadata::{Envelope, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::walk::{
    Next, Outcome, RehearsalWalker, Rehearsed, Reply, Request, Select, StandIns, WalkInput, WalkLimits, Walker,
};

use crate::ports::{Failure, LimitsView, Source, SourceSpec};
use crate::repositories::gun_of_root;

/// What all walks over one repository at one time have in common.
#[derive(Debug, Clone)]
pub struct Terms {
    pub dialect: Dialect,
    /// Notary: the name that root certificates must carry.
    pub gun: Option<String>,
    pub now: Instant,
}

/// A source whose documents are read once and then remembered, so that every simulated client meets the same repository.
pub struct Memory<'a> {
    source: &'a dyn Source,
    limits: LimitsView,
    terms: Terms,
    replies: HashMap<(RoleName, Place), Reply>,
}

/// Complete documents that simulated clients meet as if they were published, by version, by digest and as current.
#[derive(Default)]
pub struct Overlay {
    documents: Vec<Laid>,
    stand_ins: StandIns,
}

struct Laid {
    role: RoleName,
    version: u64,
    sha256: [u8; 32],
    file: Vec<u8>,
}

#[derive(PartialEq, Eq, Hash)]
enum Place {
    Version(u64),
    Current,
    Consistent(u64),
    Sha256([u8; 32]),
}

impl Terms {
    /// The terms of a repository whose trusted root is `root`.
    pub fn of(source: &SourceSpec, root: &Envelope<Root>, now: Instant) -> Self {
        Terms {
            dialect: root.dialect(),
            gun: gun_of_root(source, root),
            now,
        }
    }
}

impl<'a> Memory<'a> {
    pub fn new(source: &'a dyn Source, limits: LimitsView, terms: Terms) -> Self {
        Memory {
            source,
            limits,
            terms,
            replies: HashMap::new(),
        }
    }

    /// Walks as a client that trusts the root file `anchor`.
    ///
    /// Fails with `root-refused` if the anchor is no root, and as the source does when it cannot be read now.
    pub async fn walk(&mut self, anchor: Vec<u8>) -> Result<Outcome, Failure> {
        self.drive(self.input(anchor)).await
    }

    /// Walks on behind expired documents, to see what there is. Such a walk accepts nothing; fails as [`Self::walk`] does.
    pub async fn walk_past_expiry(&mut self, anchor: Vec<u8>) -> Result<Outcome, Failure> {
        let input = WalkInput {
            look_past_expiry: true,
            ..self.input(anchor)
        };
        self.drive(input).await
    }

    /// Walks as a simulated client that meets `overlay` where the source has other documents or none.
    ///
    /// Fails as [`Self::walk`] does.
    pub async fn rehearse(&mut self, anchor: Vec<u8>, overlay: &Overlay) -> Result<Rehearsed, Failure> {
        let begun = RehearsalWalker::begin(self.input(anchor), overlay.stand_ins.clone());
        let mut walker = begun.map_err(|refusal| Failure::refusal("root-refused", refusal.to_string()))?;
        loop {
            match walker.next() {
                Next::Finished(rehearsed) => return Ok(*rehearsed),
                Next::Fetch(request) => {
                    let reply = match overlay.answer(&request) {
                        Some(reply) => reply,
                        None => self.fetch(&request).await?,
                    };
                    walker.supply(reply);
                }
            }
        }
    }

    /// A root as the source has it now.
    pub async fn root(&mut self, version: u64) -> Result<Option<Vec<u8>>, Failure> {
        self.document(RoleName::root(), Select::Version(version)).await
    }

    /// A document as the source has it now; nothing about it is proven.
    pub async fn document(&mut self, role: RoleName, select: Select) -> Result<Option<Vec<u8>>, Failure> {
        let limit_bytes = self.limits.document_bytes;
        let request = Request {
            role,
            select,
            limit_bytes,
        };
        match self.fetch(&request).await? {
            Reply::Found(bytes) => Ok(Some(bytes)),
            Reply::Missing | Reply::TooLarge | Reply::Failed(_) => Ok(None),
        }
    }

    fn input(&self, anchor: Vec<u8>) -> WalkInput {
        let mut input = WalkInput::new(self.terms.dialect, anchor, self.terms.now);
        input.gun.clone_from(&self.terms.gun);
        input.limits = WalkLimits {
            timestamp_bytes: self.limits.timestamp_bytes,
            document_bytes: self.limits.document_bytes,
            ..WalkLimits::default()
        };
        input
    }

    async fn drive(&mut self, input: WalkInput) -> Result<Outcome, Failure> {
        let mut walker =
            Walker::begin(input).map_err(|refusal| Failure::refusal("root-refused", refusal.to_string()))?;
        loop {
            match walker.next() {
                Next::Finished(outcome) => return Ok(*outcome),
                Next::Fetch(request) => walker.supply(self.fetch(&request).await?),
            }
        }
    }

    async fn fetch(&mut self, request: &Request) -> Result<Reply, Failure> {
        let place = match request.select {
            Select::Version(version) => Place::Version(version),
            Select::Current => Place::Current,
            Select::Consistent { version } => Place::Consistent(version),
            Select::Sha256(digest) => Place::Sha256(digest),
        };
        let place = (request.role.clone(), place);
        if let Some(reply) = self.replies.get(&place) {
            return Ok(reply.clone());
        }
        let reply = match self.source.fetch(request).await {
            Ok(Some(fetched)) => Reply::Found(fetched.bytes),
            Ok(None) => Reply::Missing,
            Err(failure) if failure.code == "too-large" => Reply::TooLarge,
            Err(failure) => return Err(failure.with("role", request.role.as_str())),
        };
        self.replies.insert(place, reply.clone());
        Ok(reply)
    }
}

impl Overlay {
    /// The documents of a ceremony.
    pub fn of(documents: &[AnyComplete]) -> Self {
        let mut overlay = Overlay::default();
        for document in documents {
            overlay.lay(document);
        }
        overlay
    }

    /// Lays a document over; of two of one role and version the later one is met.
    pub fn lay(&mut self, document: &AnyComplete) {
        self.documents.push(Laid {
            role: document.role().clone(),
            version: document.version(),
            sha256: sha256(document.file_bytes()),
            file: document.file_bytes().to_vec(),
        });
    }

    /// Lays a document over that `key` signed in the place of the role's own keys.
    ///
    /// Only timestamp and snapshot can be stood in for; any other document is laid over as it is.
    pub fn lay_stood_in(&mut self, document: &AnyComplete, key: Key) {
        let stand_ins = std::mem::take(&mut self.stand_ins);
        self.stand_ins = match document {
            AnyComplete::Snapshot(_) => stand_ins.with_snapshot(key),
            AnyComplete::Timestamp(_) => stand_ins.with_timestamp(key),
            AnyComplete::Root(_) | AnyComplete::Targets(_) => stand_ins,
        };
        self.lay(document);
    }

    fn answer(&self, request: &Request) -> Option<Reply> {
        let of_role = self.documents.iter().rev().filter(|laid| laid.role == request.role);
        let laid = match request.select {
            Select::Version(version) | Select::Consistent { version } => {
                of_role.into_iter().find(|laid| laid.version == version)
            }
            Select::Sha256(digest) => of_role.into_iter().find(|laid| laid.sha256 == digest),
            Select::Current => of_role.max_by_key(|laid| laid.version),
        };
        laid.map(|laid| Reply::Found(laid.file.clone()))
    }
}
