//! The one state machine of all ceremonies. A ceremony is the fold of its journal.
//!
//! The fold trusts no event: documents must have the digest on record, signatures are verified again, and an event that is
//! not allowed where it stands breaks the ceremony. Nothing here reads or writes a file.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{Complete, Frozen};
use rootward_tuf::encoding::{from_hex, hex};
use rootward_tuf::key::{Key, KeyId, PhysicalKey};
use rootward_tuf::metadata::{self, Root, Signature};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::archive;
use super::digest::Digest;
use super::event::{self, Abandoned, Begun, Event, Fact, Problem, Rehearsed, Seen, Superseded};

/// A ceremony whose journal held in every respect.
#[derive(Clone)]
pub struct Ceremony {
    pub begun: Begun,
    pub begun_at: Instant,
    /// The proven root it builds on.
    pub predecessor: Verified<Root>,
    pub stage: Stage,
}

/// Where it stands.
#[derive(Clone)]
pub enum Stage {
    /// Nothing is fixed, nothing is signed.
    Drafting,
    /// The bytes are fixed; signatures are missing.
    Collecting(Collected),
    /// Both thresholds are met.
    Ready(Assembled),
    /// Simulated clients accepted exactly this document.
    Rehearsed(Assembled, Rehearsed),
    /// An intent to publish is on record, and no walk has met the document yet.
    Publishing(Assembled, Rehearsed, Attempt),
    /// A fresh walk met the document.
    Published(Assembled, Rehearsed, Seen),
    /// Somebody else's root came first.
    Superseded(Option<Collected>, Superseded),
    /// Given up, with a reason; its signatures are loose.
    Abandoned(Option<Collected>, Abandoned),
}

/// Fixed bytes and the signatures over them.
#[derive(Clone)]
pub struct Collected {
    pub frozen: Frozen<Root>,
    pub frozen_at: Instant,
    pub signatures: Vec<Given>,
}

/// A signature that was verified over the frozen bytes.
#[derive(Clone)]
pub struct Given {
    pub physical: PhysicalKey,
    pub signature: Signature,
    /// Where the key was: `file:PATH`.
    pub key: String,
    pub at: Instant,
}

/// A document with every signature it needs.
#[derive(Clone)]
pub struct Assembled {
    pub collected: Collected,
    pub file: Vec<u8>,
    /// Of the file.
    pub digest: Digest,
}

/// How far publishing came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Nobody knows whether the source took it.
    Begun,
    /// The source took it; it has not been seen yet.
    Written,
    Failed(Problem),
    /// A walk did not meet it.
    NotSeen(Problem),
}

/// A transition that is not allowed: what it was asked of, unchanged, and why.
pub struct Refused<T> {
    pub back: Box<T>,
    pub why: String,
}

impl<T> Refused<T> {
    fn giving_back(state: T, why: impl Into<String>) -> Self {
        Refused {
            back: Box::new(state),
            why: why.into(),
        }
    }
}

/// Reads the documents beside a journal by name and digest; fails saying how one was altered.
pub trait Files {
    fn read(&self, name: &str, expected: Digest) -> Result<Vec<u8>, String>;
}

impl Ceremony {
    /// Folds a journal. Fails with the number of the event that does not hold, and why.
    pub fn fold(id: &str, events: &[Event], files: &dyn Files) -> Result<Ceremony, (u32, String)> {
        let Some((first, rest)) = events.split_first() else {
            return Err((1, "expected how the ceremony began, found nothing".into()));
        };
        let mut ceremony = Ceremony::begin(id, first, files).map_err(|why| (first.number, why))?;
        for event in rest {
            ceremony = ceremony
                .after(event.at, &event.fact, files)
                .map_err(|refused| (event.number, refused.why))?;
        }
        Ok(ceremony)
    }

    /// Takes the next fact. One that is not allowed now gives the ceremony back as it was, and why.
    pub fn after(self, at: Instant, fact: &Fact, files: &dyn Files) -> Result<Ceremony, Refused<Ceremony>> {
        let Ceremony {
            begun,
            begun_at,
            predecessor,
            stage,
        } = self;
        let (stage, refused) = match stage.after(at, fact, &predecessor, files) {
            Ok(stage) => (stage, None),
            Err(refused) => (*refused.back, Some(refused.why)),
        };
        let ceremony = Ceremony {
            begun,
            begun_at,
            predecessor,
            stage,
        };
        match refused {
            None => Ok(ceremony),
            Some(why) => Err(Refused::giving_back(ceremony, why)),
        }
    }

    fn begin(id: &str, event: &Event, files: &dyn Files) -> Result<Ceremony, String> {
        let Fact::Begun(begun) = &event.fact else {
            return Err("expected how the ceremony began".into());
        };
        if begun.ceremony != id {
            return Err(format!(
                "expected the journal of {id}, found that of {}",
                begun.ceremony
            ));
        }
        let dialect = match begun.dialect.as_str() {
            "tuf1" => Dialect::Tuf1,
            "notary" => Dialect::Notary,
            other => return Err(format!("expected the dialect tuf1 or notary, found {other}")),
        };
        let bytes = files.read(archive::PREDECESSOR, begun.builds_on.sha256)?;
        let predecessor = metadata::read::<Root>(&bytes, dialect).map_err(|error| error.to_string())?;
        if predecessor.version() != begun.builds_on.version {
            return Err(format!(
                "expected to build on root v{}, found v{}",
                begun.builds_on.version,
                predecessor.version()
            ));
        }
        let predecessor = Verified::anchor(predecessor).map_err(|tally| {
            format!(
                "the root it builds on has {} of {} signatures",
                tally.ours, tally.threshold
            )
        })?;
        Ok(Ceremony {
            begun: (**begun).clone(),
            begun_at: event.at,
            predecessor,
            stage: Stage::Drafting,
        })
    }

    /// The version that is being made.
    pub fn version(&self) -> u64 {
        self.predecessor.version().saturating_add(1)
    }

    /// Whether nothing more can happen in it.
    pub fn has_ended(&self) -> bool {
        matches!(
            self.stage,
            Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..)
        )
    }

    /// Finds the key that `physical` signs as: as the new root lists it, else as the old one did.
    pub fn signing_key<'a>(&'a self, frozen: &'a Frozen<Root>, physical: &PhysicalKey) -> Option<&'a Key> {
        root_key(frozen.envelope().body(), physical).or_else(|| root_key(self.predecessor.body(), physical))
    }
}

impl Stage {
    /// Fixed bytes and signatures, once there are any.
    pub fn collected(&self) -> Option<&Collected> {
        match self {
            Stage::Drafting => None,
            Stage::Collecting(collected) => Some(collected),
            Stage::Ready(assembled)
            | Stage::Rehearsed(assembled, _)
            | Stage::Publishing(assembled, _, _)
            | Stage::Published(assembled, _, _) => Some(&assembled.collected),
            Stage::Superseded(collected, _) | Stage::Abandoned(collected, _) => collected.as_ref(),
        }
    }

    /// The complete document, once there is one.
    pub fn assembled(&self) -> Option<&Assembled> {
        match self {
            Stage::Ready(assembled)
            | Stage::Rehearsed(assembled, _)
            | Stage::Publishing(assembled, _, _)
            | Stage::Published(assembled, _, _) => Some(assembled),
            Stage::Drafting | Stage::Collecting(_) | Stage::Superseded(..) | Stage::Abandoned(..) => None,
        }
    }

    fn after(
        self,
        at: Instant,
        fact: &Fact,
        predecessor: &Verified<Root>,
        files: &dyn Files,
    ) -> Result<Stage, Refused<Stage>> {
        match fact {
            Fact::Begun(_) => self.refuse("a ceremony begins once"),
            Fact::Frozen(fixed) => self.frozen(at, fixed, predecessor, files),
            Fact::Signed(signed) => self.signed(at, signed, predecessor),
            Fact::Rehearsed(rehearsed) => self.rehearsed(rehearsed),
            Fact::PublishingBegun(publishing) => self.publishing(publishing.document),
            Fact::Written => self.attempted(Attempt::Written),
            Fact::PublishingFailed(problem) => self.attempted(Attempt::Failed(problem.clone())),
            Fact::NotSeen(problem) => self.attempted(Attempt::NotSeen(problem.clone())),
            Fact::Seen(seen) => self.seen(seen),
            Fact::Superseded(by) => match self {
                Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => {
                    self.refuse("the ceremony has ended")
                }
                open => Ok(Stage::Superseded(open.into_collected(), by.clone())),
            },
            Fact::Abandoned(abandoned) => self.abandoned(abandoned),
            // These tell of tries; they change nothing, and can stand wherever a ceremony is open.
            Fact::SigningBegun(_) | Fact::SigningFailed(_) => match self {
                Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..) => Ok(self),
                other => other.refuse("nobody is asked to sign now"),
            },
            Fact::Resumed | Fact::LineCut(_) => Ok(self),
        }
    }

    fn frozen(
        self,
        at: Instant,
        fixed: &event::Frozen,
        predecessor: &Verified<Root>,
        files: &dyn Files,
    ) -> Result<Stage, Refused<Stage>> {
        let Stage::Drafting = self else {
            return self.refuse("the bytes are fixed already; another edit is another ceremony");
        };
        match read_frozen(fixed, predecessor, files) {
            Ok(frozen) => Ok(Stage::Collecting(Collected {
                frozen,
                frozen_at: at,
                signatures: Vec::new(),
            })),
            Err(why) => self.refuse(why),
        }
    }

    fn signed(
        self,
        at: Instant,
        signed: &event::Signed,
        predecessor: &Verified<Root>,
    ) -> Result<Stage, Refused<Stage>> {
        let mut collected = match &self {
            Stage::Collecting(collected) => collected.clone(),
            Stage::Ready(assembled) | Stage::Rehearsed(assembled, _) => assembled.collected.clone(),
            Stage::Drafting
            | Stage::Publishing(..)
            | Stage::Published(..)
            | Stage::Superseded(..)
            | Stage::Abandoned(..) => return self.refuse("signatures are not collected now"),
        };
        match check_signature(&collected, signed, predecessor) {
            Ok((physical, signature)) => {
                collected.signatures.push(Given {
                    physical,
                    signature,
                    key: signed.key.clone(),
                    at,
                });
                Ok(collected.counted(predecessor))
            }
            Err(why) => self.refuse(why),
        }
    }

    fn rehearsed(self, rehearsed: &Rehearsed) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Ready(assembled) | Stage::Rehearsed(assembled, _) if rehearsed.document == assembled.digest => {
                Ok(if rehearsed.accepted() {
                    Stage::Rehearsed(assembled, rehearsed.clone())
                } else {
                    Stage::Ready(assembled)
                })
            }
            other => other.refuse("only the complete document can be rehearsed"),
        }
    }

    fn publishing(self, document: Digest) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Rehearsed(assembled, rehearsed) | Stage::Publishing(assembled, rehearsed, _)
                if document == assembled.digest && document == rehearsed.document =>
            {
                Ok(Stage::Publishing(assembled, rehearsed, Attempt::Begun))
            }
            other => other.refuse("only a document that was rehearsed can be published"),
        }
    }

    fn attempted(self, attempt: Attempt) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Publishing(assembled, rehearsed, _) => Ok(Stage::Publishing(assembled, rehearsed, attempt)),
            other => other.refuse("nothing is being published"),
        }
    }

    fn seen(self, seen: &Seen) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Publishing(assembled, rehearsed, _)
                if seen.sha256.0 == assembled.collected.frozen.digest()
                    && seen.root_versions.contains(&assembled.collected.frozen.version()) =>
            {
                Ok(Stage::Published(assembled, rehearsed, seen.clone()))
            }
            other => other.refuse("what was seen is not what is being published"),
        }
    }

    fn abandoned(self, abandoned: &Abandoned) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Publishing(_, _, Attempt::Begun | Attempt::Written) => {
                self.refuse("nobody has looked yet whether it was published")
            }
            Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => {
                self.refuse("the ceremony has ended")
            }
            open => {
                let collected = open.into_collected();
                Ok(Stage::Abandoned(collected, abandoned.clone()))
            }
        }
    }

    fn into_collected(self) -> Option<Collected> {
        self.collected().cloned()
    }

    fn refuse<T>(self, why: impl Into<String>) -> Result<T, Refused<Stage>> {
        Err(Refused::giving_back(self, why))
    }
}

impl Collected {
    /// Whether a key has signed.
    pub fn signature_of(&self, physical: &PhysicalKey) -> Option<&Given> {
        self.signatures.iter().find(|given| given.physical == *physical)
    }

    /// Ready when the rules call the document complete, else still collecting.
    fn counted(self, predecessor: &Verified<Root>) -> Stage {
        match self.complete(predecessor) {
            Some(complete) => {
                let file = complete.file_bytes().to_vec();
                let digest = Digest::of(&file);
                Stage::Ready(Assembled {
                    collected: self,
                    file,
                    digest,
                })
            }
            None => Stage::Collecting(self),
        }
    }

    /// Signatures go in by keyid, so that any order of signing gives the same file.
    fn complete(&self, predecessor: &Verified<Root>) -> Option<Complete<Root>> {
        let mut signatures: Vec<Signature> = self.signatures.iter().map(|given| given.signature.clone()).collect();
        signatures.sort_by(|a, b| a.keyid.cmp(&b.keyid));
        self.frozen.clone().complete(Some(predecessor), signatures).ok()
    }
}

/// Finds a key among those that speak for root.
pub fn root_key<'a>(root: &'a Root, physical: &PhysicalKey) -> Option<&'a Key> {
    let listed = root.root.keyids.iter().filter_map(|keyid| root.keys.get(keyid));
    listed.into_iter().find(|key| key.physical() == Some(*physical))
}

fn read_frozen(fixed: &event::Frozen, predecessor: &Verified<Root>, files: &dyn Files) -> Result<Frozen<Root>, String> {
    let bytes = files.read(archive::FROZEN, fixed.sha256)?;
    let frozen = Frozen::<Root>::from_bytes(&bytes, predecessor.dialect(), RoleName::root())
        .map_err(|error| error.to_string())?;
    let expected = predecessor.version().saturating_add(1);
    if fixed.role != "root" || fixed.version != expected || frozen.version() != expected {
        return Err(format!(
            "expected root v{expected}, found {} v{}",
            fixed.role,
            frozen.version()
        ));
    }
    if fixed.length != bytes.len() as u64 {
        return Err(format!("expected {} bytes, found {}", fixed.length, bytes.len()));
    }
    Ok(frozen)
}

fn check_signature(
    collected: &Collected,
    signed: &event::Signed,
    predecessor: &Verified<Root>,
) -> Result<(PhysicalKey, Signature), String> {
    let frozen = &collected.frozen;
    if signed.sha256.0 != frozen.digest() {
        return Err("the signature is over other bytes".into());
    }
    let physical = PhysicalKey::parse(&signed.physical_key).ok_or("expected a physical key")?;
    if collected.signature_of(&physical).is_some() {
        return Err("the key has signed already".into());
    }
    let key = root_key(frozen.envelope().body(), &physical)
        .or_else(|| root_key(predecessor.body(), &physical))
        .ok_or("the key speaks neither for the old root nor for the new one")?;
    if key.keyid().as_str() != signed.keyid {
        return Err(format!("expected the keyid {}, found {}", key.keyid(), signed.keyid));
    }
    let bytes = from_hex(&signed.signature).ok_or("expected a signature in hexadecimal")?;
    let keyid = KeyId::new(&*signed.keyid);
    let signature = Signature::from_parts(keyid, signed.method.clone(), bytes, predecessor.dialect());
    frozen.check(key, &signature).map_err(|refusal| refusal.to_string())?;
    Ok((physical, signature))
}

/// The fact that a key signed.
pub fn signed_fact(physical: &PhysicalKey, key: &str, signature: &Signature, frozen: &Frozen<Root>) -> Fact {
    Fact::Signed(event::Signed {
        physical_key: physical.to_string(),
        key: key.into(),
        keyid: signature.keyid.as_str().into(),
        method: signature.method.clone(),
        signature: hex(signature.bytes.as_deref().unwrap_or_default()),
        sha256: Digest(frozen.digest()),
    })
}
