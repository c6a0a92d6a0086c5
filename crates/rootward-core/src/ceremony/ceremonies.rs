//! The ceremonies of a desk: finding, opening and extending them. What each step does is in the file of its name.
//!
//! Every step loads the ceremony from its journal and appends one fact that the state machine accepts. No lock is held while
//! a person is asked or a network answers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::verify::Verified;

use super::archive::{Archive, predecessor_name};
use super::digest::Digest;
use super::event::{Begun, Event, Fact, Superseded};
use super::grounds::Grounds;
use super::journal::{Ending, Journal};
use super::once::Signatures;
use super::state::{Ceremony, Files, Stage};
use crate::border::{Notice, visible};
use crate::keyring::Sessions;
use crate::ledger::Ledger;
use crate::ports::{Failure, Ports, RepositoryRecord, SourceSpec};
use crate::repositories::is_same;

/// Every ceremony of one desk. Cheap to clone.
#[derive(Clone)]
pub struct Ceremonies {
    pub(super) ports: Ports,
    /// Who holds the desk: the actor of every event.
    holder: Arc<str>,
    /// Held while a journal is read and extended, never longer.
    gate: Arc<Mutex<()>>,
    /// Keys that stay open for a ceremony's screen.
    pub(super) sessions: Arc<Sessions>,
    /// Keys that a person is being asked for, with their ceremony.
    asking: Arc<Mutex<BTreeSet<(String, PhysicalKey)>>>,
    ledger: Ledger,
    notify: Arc<dyn Fn(Notice) + Send + Sync>,
}

/// A ceremony as found on disk.
#[derive(Clone)]
pub struct Record {
    pub id: String,
    pub events: Vec<Event>,
    pub head: Digest,
    pub state: State,
}

/// Whether its journal holds.
#[derive(Clone)]
pub enum State {
    Sound(Box<Ceremony>),
    /// Shown, never changed.
    Broken {
        event: u32,
        why: String,
        begun: Option<Box<Begun>>,
    },
}

impl Record {
    /// One whose journal cannot be read at all: it hides none of the others.
    fn unreadable(id: &str, why: Failure) -> Self {
        Record {
            id: id.into(),
            events: Vec::new(),
            head: Digest([0; 32]),
            state: State::Broken {
                event: 0,
                why: why.message,
                begun: None,
            },
        }
    }

    /// How it began, if that can still be read.
    pub fn begun(&self) -> Option<&Begun> {
        match &self.state {
            State::Sound(ceremony) => Some(&ceremony.begun),
            State::Broken { begun, .. } => begun.as_deref(),
        }
    }

    /// The ceremony; refuses with `journal-broken` when its journal does not hold.
    pub fn sound(&self) -> Result<&Ceremony, Failure> {
        match &self.state {
            State::Sound(ceremony) => Ok(ceremony),
            State::Broken { event, why, .. } => Err(Failure::refusal(
                "journal-broken",
                format!(
                    "the journal of ceremony {} does not hold from event {event} on: {}",
                    self.id,
                    visible(why)
                ),
            )),
        }
    }

    /// Whether something can still happen in it.
    pub fn is_open(&self) -> bool {
        matches!(&self.state, State::Sound(ceremony) if !ceremony.has_ended())
    }
}

impl Ceremonies {
    /// Takes up the ceremonies in the data folder. `holder` is the actor of what happens; `notify` hears what went stale.
    pub fn new(ports: Ports, holder: &str, notify: Arc<dyn Fn(Notice) + Send + Sync>) -> Self {
        Ceremonies {
            ledger: Ledger::new(&ports, holder),
            ports,
            holder: holder.into(),
            gate: Arc::default(),
            sessions: Arc::default(),
            asking: Arc::default(),
            notify,
        }
    }

    /// All of them, newest first.
    pub fn all(&self) -> Result<Vec<Record>, Failure> {
        let _gate = self.gate();
        self.read_all()
    }

    /// Forgets every key that stayed open for a ceremony, and with them their PINs.
    pub fn close_signing(&self) -> Result<(), Failure> {
        for id in self.archive().ids()? {
            self.sessions.close(&id);
        }
        Ok(())
    }

    /// The open ceremony of a repository. The caller holds the gate.
    pub(super) fn open_for(&self, repository: &str) -> Result<Option<Record>, Failure> {
        let of_it = |record: &Record| record.begun().is_some_and(|begun| begun.repository.id == repository);
        Ok(self
            .read_all()?
            .into_iter()
            .find(|record| record.is_open() && of_it(record)))
    }

    /// The open ceremony of a repository, if there is one.
    pub fn open_in(&self, repository: &str) -> Result<Option<String>, Failure> {
        let _gate = self.gate();
        Ok(self.open_for(repository)?.map(|record| record.id))
    }

    /// One of them; fails with `ceremony-not-found`.
    pub fn one(&self, id: &str) -> Result<Record, Failure> {
        let _gate = self.gate();
        self.read(id)
    }

    /// Takes one step: `choose` decides the fact on the ceremony as it is now, and the state machine must accept it.
    ///
    /// A refusal leaves the journal as it was.
    pub(super) fn step(
        &self,
        id: &str,
        choose: impl FnOnce(&Ceremony) -> Result<Fact, Failure>,
    ) -> Result<Record, Failure> {
        let record = {
            let _gate = self.gate();
            let (mut journal, record) = self.load(id)?;
            let ceremony = record.sound()?;
            let fact = choose(ceremony)?;
            self.extend(id, &mut journal, record, fact)?
        };
        if !takes_signatures(&record) {
            self.sessions.close(id);
        }
        (self.notify)(Notice::CeremonyChanged { ceremony: id.into() });
        Ok(record)
    }

    /// Runs blocking work where it may block.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Ceremonies) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let ceremonies = self.clone();
        let span = tracing::Span::current();
        let ended = tokio::task::spawn_blocking(move || span.in_scope(|| work(&ceremonies))).await;
        ended.unwrap_or_else(|error| {
            Err(Failure::fault(
                "panicked",
                format!("a step of the ceremony ended early: {error}"),
            ))
        })
    }

    /// Refuses when the desk has proven a root that is newer than the one built on, and puts that on record.
    pub(super) fn refuse_superseded(&self, id: &str) -> Result<(), Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        if ceremony.has_ended() || matches!(ceremony.stage, Stage::Publishing(..)) {
            return Ok(());
        }
        let newest = match self.proven_root(&ceremony.begun.repository.id) {
            // Nobody trusts a root of a repository that is being begun.
            Err(failure) if ceremony.grounds.begins() && failure.code == "no-anchor" => return Ok(()),
            newest => newest?,
        };
        if newest.version() <= ceremony.grounds.root_version() {
            return Ok(());
        }
        self.supersede(id, &newest)
    }

    /// Puts on record that `newer` came first; always the refusal `superseded`.
    pub(super) fn supersede(&self, id: &str, newer: &Verified<Root>) -> Result<(), Failure> {
        self.step(id, |ceremony| {
            Ok(Fact::Superseded(Superseded {
                role: "root".into(),
                version: Some(newer.version()),
                sha256: Some(Digest(newer.digest())),
                differences: match ceremony.grounds.root() {
                    Some(built_on) => super::review::differences(built_on, newer),
                    None => Vec::new(),
                },
            }))
        })?;
        Err(superseded(newer.version()))
    }

    /// A repository of the desk.
    pub(super) fn repository(&self, id: &str) -> Result<RepositoryRecord, Failure> {
        let found = self
            .ports
            .vault
            .repositories()?
            .into_iter()
            .find(|repository| repository.id == id);
        found.ok_or_else(|| {
            Failure::fault(
                "repository-not-found",
                format!("there is no repository {} on this desk", visible(id)),
            )
        })
    }

    /// Where a ceremony's repository is, and the way there that is known now: somebody may have said since who signs in.
    pub(super) fn way_to(&self, ceremony: &Ceremony) -> Result<SourceSpec, Failure> {
        let begun = &ceremony.begun.repository;
        let known = self.ports.vault.repositories()?.into_iter();
        let mut newer = known.filter(|record| record.id == begun.id && is_same(&begun.source, &record.source));
        Ok(newer
            .next()
            .map_or_else(|| begun.source.clone(), |record| record.source))
    }

    /// The newest root that this desk has proven; refuses with `no-anchor` when it trusts none.
    pub(super) fn proven_root(&self, repository: &str) -> Result<Verified<Root>, Failure> {
        let no_anchor = || Failure::refusal("no-anchor", "this desk trusts no root of the repository yet");
        let anchor = self.ports.vault.anchor(repository)?.ok_or_else(no_anchor)?;
        let mut roots = self.ports.vault.proven(repository)?.roots;
        roots.push((anchor.version, anchor.bytes));
        let (_, bytes) = roots
            .into_iter()
            .max_by_key(|(version, _)| *version)
            .ok_or_else(no_anchor)?;
        let refused = |why: String| Failure::refusal("root-refused", format!("the trusted root cannot be used: {why}"));
        let dialect = rootward_tuf::dialect::detect(&bytes).map_err(|error| refused(error.to_string()))?;
        let root = metadata::read::<Root>(&bytes, dialect).map_err(|error| refused(error.to_string()))?;
        Verified::anchor(root)
            .map_err(|tally| refused(format!("{} of {} signatures are good", tally.ours, tally.threshold)))
    }

    /// Who holds the desk.
    pub(super) fn holder(&self) -> &str {
        &self.holder
    }

    /// What keys of this desk signed and proved.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Every signature on record: of the ledger, and of all journals.
    pub(super) fn signatures(&self) -> Result<Signatures, Failure> {
        let _gate = self.gate();
        let mut signatures = Signatures::of(self.ledger.deeds()?);
        for id in self.archive().ids()? {
            let (journal, ending) = self.archive().journal(&id, self.ports.clock.now(), &self.holder)?;
            let beyond = if let Ending::Broken { beyond, .. } = ending {
                beyond
            } else {
                Vec::new()
            };
            signatures.take(&id, journal.events(), &beyond);
        }
        Ok(signatures)
    }

    pub(super) fn archive(&self) -> Archive<'_> {
        Archive::new(&*self.ports.disk, &self.ports.data)
    }

    /// Only one thread reads or extends journals at a time. A panic inside left the disk as it is, which the next load judges.
    pub(super) fn gate(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn asked(&self) -> MutexGuard<'_, BTreeSet<(String, PhysicalKey)>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a journal. The caller holds the gate.
    pub(super) fn found(&self, id: &str, begun: Begun, grounds: &Grounds) -> Result<(), Failure> {
        let archive = self.archive();
        if let Some(root) = grounds.root() {
            archive.write(id, &predecessor_name("root"), root.file_bytes())?;
        }
        for (role, file, _) in grounds.others() {
            archive.write(id, &predecessor_name(role.as_str()), file)?;
        }
        let mut journal = Journal::default();
        let fact = Fact::Begun(Box::new(begun));
        archive
            .append(id, &mut journal, self.ports.clock.now(), &self.holder, fact)
            .map(drop)
    }

    pub(super) fn tell(&self, notice: Notice) {
        (self.notify)(notice);
    }

    fn read_all(&self) -> Result<Vec<Record>, Failure> {
        let ids = self.archive().ids()?;
        Ok(ids
            .iter()
            .rev()
            .map(|id| self.read(id).unwrap_or_else(|why| Record::unreadable(id, why)))
            .collect())
    }

    fn read(&self, id: &str) -> Result<Record, Failure> {
        self.load(id).map(|(_, record)| record)
    }

    /// A ceremony and the lines of its journal as they were written.
    pub(super) fn with_lines(&self, id: &str) -> Result<(Record, Vec<String>), Failure> {
        let _gate = self.gate();
        let (_, record) = self.load(id)?;
        Ok((record, self.archive().lines(id)?))
    }

    fn load(&self, id: &str) -> Result<(Journal, Record), Failure> {
        let archive = self.archive();
        let (journal, ending) = archive.journal(id, self.ports.clock.now(), &self.holder)?;
        let folded = match ending {
            Ending::Broken { line, why, .. } => Err((line, why)),
            Ending::Whole | Ending::Torn { .. } => {
                Ceremony::fold(id, journal.events(), &FilesOf { archive: &archive, id })
            }
        };
        let state = match folded {
            Ok(ceremony) => State::Sound(Box::new(ceremony)),
            Err((event, why)) => {
                let begun = match journal.events().first().map(|event| &event.fact) {
                    Some(Fact::Begun(begun)) => Some(begun.clone()),
                    _ => None,
                };
                State::Broken { event, why, begun }
            }
        };
        let record = Record {
            id: id.into(),
            events: journal.events().to_vec(),
            head: journal.head(),
            state,
        };
        Ok((journal, record))
    }

    /// Appends a fact that the ceremony accepts. The caller holds the gate.
    fn extend(&self, id: &str, journal: &mut Journal, record: Record, fact: Fact) -> Result<Record, Failure> {
        let ceremony = record.sound()?.clone();
        let archive = self.archive();
        let now = self.ports.clock.now();
        let after = ceremony.after(now, &fact, &FilesOf { archive: &archive, id });
        let ceremony = after.map_err(|refused| not_now(&refused.back, &refused.why))?;
        archive.append(id, journal, now, &self.holder, fact)?;
        tracing::info!(ceremony = id, event = journal.events().len(), "journal extended");
        Ok(Record {
            events: journal.events().to_vec(),
            head: journal.head(),
            state: State::Sound(Box::new(ceremony)),
            ..record
        })
    }
}

struct FilesOf<'a> {
    archive: &'a Archive<'a>,
    id: &'a str,
}

impl Files for FilesOf<'_> {
    fn read(&self, name: &str, expected: Digest) -> Result<Vec<u8>, String> {
        self.archive.read(self.id, name, expected)
    }
}

/// Whether a key may still be asked for in it, so that it may stay open.
fn takes_signatures(record: &Record) -> bool {
    let State::Sound(ceremony) = &record.state else {
        return false;
    };
    matches!(ceremony.stage, Stage::Drafting | Stage::Collecting(_) | Stage::Ready(_))
}

/// The refusal of a step that is not allowed where the ceremony stands.
pub(super) fn not_now(ceremony: &Ceremony, why: &str) -> Failure {
    let code = if ceremony.has_ended() {
        "ceremony-ended"
    } else {
        "not-ready"
    };
    Failure::refusal(code, why)
}

/// The refusal when somebody else's root came first.
pub(super) fn superseded(version: u64) -> Failure {
    Failure::refusal(
        "superseded",
        format!("root v{version} was published meanwhile by somebody else"),
    )
    .with("version", version.to_string())
}
