//! The one state machine of all ceremonies. A ceremony is the fold of its journal.
//!
//! The fold trusts no event: documents must have the digest on record, signatures are verified again, and an event that is
//! not allowed where it stands breaks the ceremony. Nothing here reads or writes a file.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::encoding::{from_base64, hex};
use rootward_tuf::json::{self, Limits};
use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::{self, Root, Signature};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::archive::{frozen_name, predecessor_name};
use super::change::{Change, role_name};
use super::collected::{Assembled, Collected};
use super::digest::Digest;
use super::edit::RoleAt;
use super::event::{
    self, Abandoned, Begun, Certified, Event, Fact, Problem, Rehearsed, Seen, ServerKeyGiven, Superseded,
};
use super::grounds::Grounds;
use super::plan::{Prepared, deltas, rosters_after, rosters_before};
use super::roster::Roster;
use super::title::title;

/// A ceremony whose journal held in every respect.
#[derive(Clone)]
pub struct Ceremony {
    pub begun: Begun,
    pub begun_at: Instant,
    /// The proven root it builds on, and the other documents that are issued again.
    pub grounds: Grounds,
    /// What was made for the new root before its bytes were fixed.
    pub prepared: Prepared,
    pub stage: Stage,
}

/// Where it stands.
#[derive(Clone)]
pub enum Stage {
    /// Nothing is fixed, nothing is signed.
    Drafting,
    /// Bytes are fixed; signatures are missing, or a document that names the signed ones by digest is still to come.
    Collecting(Collected),
    /// Every threshold of every document is met.
    Ready(Assembled),
    /// Simulated clients accepted exactly these documents.
    Rehearsed(Assembled, Rehearsed),
    /// An intent to publish is on record, and no walk has met the documents yet.
    Publishing(Assembled, Rehearsed, Attempt),
    /// A fresh walk met the documents.
    Published(Assembled, Rehearsed, Seen),
    /// Somebody else's came first.
    Superseded(Option<Collected>, Superseded),
    /// Given up, with a reason; its signatures are loose.
    Abandoned(Option<Collected>, Abandoned),
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
    pub fn after(mut self, at: Instant, fact: &Fact, files: &dyn Files) -> Result<Ceremony, Refused<Ceremony>> {
        let prepared = match (fact, &self.stage) {
            (Fact::Certified(certified), Stage::Drafting) => self.certified(certified),
            (Fact::ServerKeyGiven(given), Stage::Drafting) => self.given(given),
            _ => Ok(()),
        };
        if let Err(why) = prepared {
            return Err(Refused::giving_back(self, why));
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Drafting);
        match stage.after(at, fact, &self.grounds, self.begun.change.hands_over, files) {
            Ok(stage) => Ok(Ceremony { stage, ..self }),
            Err(refused) => {
                let ceremony = Ceremony {
                    stage: *refused.back,
                    ..self
                };
                Err(Refused::giving_back(ceremony, refused.why))
            }
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
        let mut grounds = match (begun.builds_on.split_first(), begun.change.begins()) {
            (Some((root, others)), false) => built_on(root, others, dialect, files)?,
            (None, true) => Grounds::nothing(dialect),
            (None, false) => return Err("expected the root it builds on, found nothing".into()),
            (Some(_), true) => return Err("a repository that is begun builds on nothing, and it builds on root".into()),
        };
        for first in &begun.first {
            let role = role_name(first).map_err(|failure| failure.message)?;
            grounds.take_first(&role, begun.change.rebuilt_after(first))?;
        }
        if grounds.on_record() != begun.builds_on {
            return Err("the documents it builds on are of other versions than it says".into());
        }
        Ok(Ceremony {
            begun: (**begun).clone(),
            begun_at: event.at,
            grounds,
            prepared: Prepared::default(),
            stage: Stage::Drafting,
        })
    }

    /// Takes a certificate that a joining root key signed over itself.
    fn certified(&mut self, certified: &Certified) -> Result<(), String> {
        let der = from_base64(&certified.certificate).ok_or("expected a certificate in base64")?;
        let key = Key::new_notary_certificate(&der).map_err(|problem| problem.to_string())?;
        if Digest::of(&der) != certified.sha256 {
            return Err("the certificate was altered".into());
        }
        let physical = key.physical();
        let root = RoleAt::top_level("root");
        let is_joining = self
            .begun
            .change
            .joining(&root)
            .any(|joining| joining.physical() == physical);
        if !is_joining || physical.map(|key| key.to_string()) != Some(certified.physical_key.clone()) {
            return Err("the certificate is over a key that does not join".into());
        }
        let names = |gun: &String| key.certificate().is_some_and(|certificate| certificate.names(gun));
        if !self.begun.gun.as_ref().is_some_and(names) {
            return Err("the certificate names another repository".into());
        }
        self.prepared.certificates.retain(|other| other.physical() != physical);
        self.prepared.certificates.push(key);
        Ok(())
    }

    /// Takes the key that the server made.
    fn given(&mut self, given: &ServerKeyGiven) -> Result<(), String> {
        let role = role_name(&given.role).map_err(|failure| failure.message)?;
        if !self.begun.change.is_by_server(&role) {
            return Err(format!("the server's key of {} is not asked for", given.role));
        }
        let object = json::parse(given.object.as_bytes(), Limits::default()).map_err(|error| error.to_string())?;
        let key = Key::read_notary(&object).map_err(|problem| problem.to_string())?;
        if key.keyid().as_str() != given.keyid {
            return Err(format!("expected the keyid {}, found {}", key.keyid(), given.keyid));
        }
        self.prepared.server.retain(|(of, _)| *of != role);
        self.prepared.server.push((role, key));
        Ok(())
    }

    /// What it has of the change.
    pub fn change(&self) -> &Change {
        &self.begun.change
    }

    /// Whether a root is being made.
    pub fn issues_root(&self) -> bool {
        self.grounds.issues(&RoleName::root())
    }

    /// The version of root once it is published: the one that is being made, else the one there is.
    pub fn root_version(&self) -> u64 {
        self.grounds
            .root_version()
            .saturating_add(u64::from(self.issues_root()))
    }

    /// What is issued, with versions: `root v3 and targets v5`.
    pub fn documents(&self) -> String {
        let name = |role: &RoleName| {
            let version = self.grounds.version(role)?.saturating_add(1);
            Some(format!("{role} v{version}"))
        };
        let names: Vec<String> = self.grounds.roles().iter().filter_map(name).collect();
        match names.as_slice() {
            [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
            names => names.join(""),
        }
    }

    /// Who speaks for what before the change and, as far as bytes are fixed, after it.
    pub fn rosters(&self) -> (Roster, Roster) {
        let (change, names) = (self.change(), self.change().names());
        let fixed = |role: &RoleName| self.stage.collected().and_then(|collected| collected.fixed(role));
        (
            rosters_before(change, &self.grounds, &names),
            rosters_after(change, &self.grounds, &fixed, &names),
        )
    }

    /// The change in one sentence, as far as bytes are fixed.
    pub fn title(&self) -> String {
        let (old, new) = self.rosters();
        let deltas = match self.stage.collected() {
            Some(_) => deltas(self.change(), &old, &new),
            None => Vec::new(),
        };
        title(self.change(), &deltas, &self.begun.repository.name)
    }

    /// Whether nothing more can happen in it.
    pub fn has_ended(&self) -> bool {
        matches!(
            self.stage,
            Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..)
        )
    }
}

impl Stage {
    /// Fixed documents and their signatures, once there are any.
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

    /// The complete documents, once all are.
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
        grounds: &Grounds,
        hands_over: bool,
        files: &dyn Files,
    ) -> Result<Stage, Refused<Stage>> {
        match fact {
            Fact::Begun(_) => self.refuse("a ceremony begins once"),
            Fact::Frozen(fixed) => self.frozen(at, fixed, grounds, hands_over, files),
            Fact::Signed(signed) => self.signed(at, signed, grounds),
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
            Fact::Reopened(_) => self.reopened(),
            // What a new root needs is made before its bytes are fixed.
            Fact::CertifyingBegun(_)
            | Fact::Certified(_)
            | Fact::CertifyingFailed(_)
            | Fact::CertificateStored(_)
            | Fact::ServerKeyAsked(_)
            | Fact::ServerKeyGiven(_)
            | Fact::ServerKeyRefused(_) => match self {
                Stage::Drafting => Ok(self),
                other => other.refuse("the bytes of root are fixed already"),
            },
            // These tell of tries; they change nothing, and can stand wherever a ceremony is open.
            Fact::SigningBegun(_) | Fact::SigningFailed(_) | Fact::HandedOut(_) => match self {
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
        grounds: &Grounds,
        hands_over: bool,
        files: &dyn Files,
    ) -> Result<Stage, Refused<Stage>> {
        let mut collected = match &self {
            Stage::Drafting => Collected::new(grounds.roles(), hands_over),
            Stage::Collecting(collected) => collected.clone(),
            Stage::Ready(_)
            | Stage::Rehearsed(..)
            | Stage::Publishing(..)
            | Stage::Published(..)
            | Stage::Superseded(..)
            | Stage::Abandoned(..) => {
                return self.refuse("the bytes are fixed already; another edit is another ceremony");
            }
        };
        match read_frozen(fixed, grounds, files).and_then(|frozen| collected.fix(frozen, at)) {
            Ok(()) => Ok(Stage::Collecting(collected)),
            Err(why) => self.refuse(why),
        }
    }

    fn signed(self, at: Instant, signed: &event::Signed, grounds: &Grounds) -> Result<Stage, Refused<Stage>> {
        let mut collected = match &self {
            Stage::Collecting(collected) | Stage::Abandoned(Some(collected), _) => collected.clone(),
            Stage::Ready(assembled) | Stage::Rehearsed(assembled, _) => assembled.collected.clone(),
            Stage::Drafting
            | Stage::Publishing(..)
            | Stage::Published(..)
            | Stage::Superseded(..)
            | Stage::Abandoned(None, _) => return self.refuse("signatures are not collected now"),
        };
        match (collected.sign(signed, grounds, at), &self) {
            // What comes after it was given up exists all the same: it is loose.
            (Ok(()), Stage::Abandoned(_, abandoned)) => Ok(Stage::Abandoned(Some(collected), abandoned.clone())),
            (Ok(()), _) => Ok(match collected.assembled() {
                Ok(assembled) => Stage::Ready(assembled),
                Err(collected) => Stage::Collecting(collected),
            }),
            (Err(why), _) => self.refuse(why),
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
            other => other.refuse("only complete documents can be rehearsed"),
        }
    }

    fn publishing(self, document: Digest) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Rehearsed(assembled, rehearsed) | Stage::Publishing(assembled, rehearsed, _)
                if document == assembled.digest && document == rehearsed.document =>
            {
                Ok(Stage::Publishing(assembled, rehearsed, Attempt::Begun))
            }
            other => other.refuse("only documents that were rehearsed can be published"),
        }
    }

    fn attempted(self, attempt: Attempt) -> Result<Stage, Refused<Stage>> {
        match self {
            Stage::Publishing(assembled, rehearsed, _) => Ok(Stage::Publishing(assembled, rehearsed, attempt)),
            other => other.refuse("nothing is being published"),
        }
    }

    fn seen(self, seen: &Seen) -> Result<Stage, Refused<Stage>> {
        let met = |frozen: &AnyFrozen| {
            let role = frozen.role().as_str();
            let mut documents = seen.documents.iter();
            documents.any(|met| met.role == role && met.version == frozen.version() && met.sha256.0 == frozen.digest())
        };
        match self {
            Stage::Publishing(assembled, rehearsed, _)
                if assembled.collected.sheets.iter().all(|sheet| met(&sheet.frozen)) =>
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

    /// Whether what is loose reaches a threshold is for who takes it up again: other ceremonies may hold signatures over the same
    /// bytes.
    fn reopened(self) -> Result<Stage, Refused<Stage>> {
        let collected = match &self {
            Stage::Abandoned(Some(collected), _) => collected.clone(),
            Stage::Abandoned(None, _) => return self.refuse("nothing was signed in it: begin a new ceremony"),
            _ => return self.refuse("only a ceremony that was given up is taken up again"),
        };
        if collected.signatures().next().is_none() {
            return self.refuse("nothing was signed in it: begin a new ceremony");
        }
        Ok(match collected.assembled() {
            Ok(assembled) => Stage::Ready(assembled),
            Err(collected) => Stage::Collecting(collected),
        })
    }

    fn into_collected(self) -> Option<Collected> {
        self.collected().cloned()
    }

    fn refuse<T>(self, why: impl Into<String>) -> Result<T, Refused<Stage>> {
        Err(Refused::giving_back(self, why))
    }
}

/// The documents that an event names, each signed as it must be.
fn built_on(
    root: &event::BuildsOn,
    others: &[event::BuildsOn],
    dialect: Dialect,
    files: &dyn Files,
) -> Result<Grounds, String> {
    if root.role != "root" {
        return Err(format!("expected root first, found {}", root.role));
    }
    let bytes = files.read(&predecessor_name("root"), root.sha256)?;
    let predecessor = metadata::read::<Root>(&bytes, dialect).map_err(|error| error.to_string())?;
    let predecessor = Verified::anchor(predecessor).map_err(|tally| {
        format!(
            "the root it builds on has {} of {} signatures",
            tally.ours, tally.threshold
        )
    })?;
    let mut grounds = Grounds::new(predecessor, root.issued);
    for other in others {
        let role = role_name(&other.role).map_err(|failure| failure.message)?;
        let file = files.read(&predecessor_name(role.as_str()), other.sha256)?;
        grounds.take(&role, &file, other.issued)?;
    }
    Ok(grounds)
}

fn read_frozen(fixed: &event::Frozen, grounds: &Grounds, files: &dyn Files) -> Result<AnyFrozen, String> {
    let role = role_name(&fixed.role).map_err(|failure| failure.message)?;
    if !grounds.issues(&role) {
        return Err(format!("{role} is not issued in this ceremony"));
    }
    let expected = grounds.version(&role).map(|version| version.saturating_add(1));
    let expected = expected.ok_or_else(|| format!("{role} is not issued in this ceremony"))?;
    let bytes = files.read(&frozen_name(role.as_str()), fixed.sha256)?;
    let frozen = AnyFrozen::from_bytes(&bytes, grounds.dialect(), role.clone()).map_err(|error| error.to_string())?;
    let frozen = match grounds.file(&role) {
        Some(predecessor) => frozen.laid_out_like(predecessor),
        None => frozen,
    };
    if fixed.version != expected || frozen.version() != expected {
        return Err(format!("expected {role} v{expected}, found v{}", frozen.version()));
    }
    if fixed.length != bytes.len() as u64 {
        return Err(format!("expected {} bytes, found {}", fixed.length, bytes.len()));
    }
    Ok(frozen)
}

/// The fact that a key signed.
pub fn signed_fact(physical: &PhysicalKey, key: &str, signature: &Signature, frozen: &AnyFrozen) -> Fact {
    Fact::Signed(event::Signed {
        role: frozen.role().as_str().into(),
        version: frozen.version(),
        physical_key: physical.to_string(),
        key: key.into(),
        keyid: signature.keyid.as_str().into(),
        method: signature.method.clone(),
        signature: hex(signature.bytes.as_deref().unwrap_or_default()),
        sha256: Digest(frozen.digest()),
        response: None,
    })
}
