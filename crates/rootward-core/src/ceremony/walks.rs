//! Client walks over a source: simulated ones before publishing, the fresh one after it.

use std::collections::HashMap;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::walk::{Next, Outcome, Reply, Request, Select, WalkInput, WalkLimits, Walker};

use crate::ports::{Failure, LimitsView, Source};

/// A source whose documents are read once and then remembered, so that every simulated client meets the same repository.
pub struct Memory<'a> {
    source: &'a dyn Source,
    limits: LimitsView,
    replies: HashMap<(RoleName, Place), Reply>,
}

#[derive(PartialEq, Eq, Hash)]
enum Place {
    Version(u64),
    Current,
    Consistent(u64),
    Sha256([u8; 32]),
}

impl<'a> Memory<'a> {
    pub fn new(source: &'a dyn Source, limits: LimitsView) -> Self {
        Memory {
            source,
            limits,
            replies: HashMap::new(),
        }
    }

    /// Walks from the root file `anchor`; a client meets `next`, a complete root of that version, as if it were published.
    ///
    /// Fails with `root-refused` if the anchor is no root, and as the source does when it cannot be read now.
    pub async fn walk(
        &mut self,
        anchor: Vec<u8>,
        dialect: Dialect,
        now: Instant,
        next: Option<(u64, &[u8])>,
    ) -> Result<Outcome, Failure> {
        let mut input = WalkInput::new(dialect, anchor, now);
        input.limits = WalkLimits {
            timestamp_bytes: self.limits.timestamp_bytes,
            document_bytes: self.limits.document_bytes,
            ..WalkLimits::default()
        };
        self.walk_from(input, next).await
    }

    /// Walks as `input` says; otherwise as [`Memory::walk`].
    pub async fn walk_from(&mut self, input: WalkInput, next: Option<(u64, &[u8])>) -> Result<Outcome, Failure> {
        let mut walker =
            Walker::begin(input).map_err(|refusal| Failure::refusal("root-refused", refusal.to_string()))?;
        loop {
            match walker.next() {
                Next::Finished(outcome) => return Ok(*outcome),
                Next::Fetch(request) => {
                    let reply = match next {
                        Some((version, file)) if is_root(&request, version) => Reply::Found(file.to_vec()),
                        _ => self.fetch(&request).await?,
                    };
                    walker.supply(reply);
                }
            }
        }
    }

    /// A root as the source has it now.
    pub async fn root(&mut self, version: u64) -> Result<Option<Vec<u8>>, Failure> {
        let limit_bytes = self.limits.document_bytes;
        let request = Request {
            role: RoleName::root(),
            select: Select::Version(version),
            limit_bytes,
        };
        match self.fetch(&request).await? {
            Reply::Found(bytes) => Ok(Some(bytes)),
            Reply::Missing | Reply::TooLarge | Reply::Failed(_) => Ok(None),
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

fn is_root(request: &Request, version: u64) -> bool {
    request.role == RoleName::root() && request.select == Select::Version(version)
}
