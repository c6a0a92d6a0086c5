//! Beginning a repository: the same ceremony with nothing to build on. What is there instead of a root that is trusted: a place
//! where nothing may be yet, clients that use it for the first time, and a desk that trusts the root it has seen published.

use std::io;
use std::path::Path;

use async_trait::async_trait;
use rootward_tuf::dialect::Dialect;
use rootward_tuf::role::RoleName;
use rootward_tuf::walk::{Request, Select};

use super::begin::{Preview, already_open};
use super::ceremonies::{Ceremonies, Record};
use super::collected::Assembled;
use super::confirming::{Met, Other, signs_the_same};
use super::event::{Client, Fact, Rehearsed};
use super::finding::Asks;
use super::foreseeing::Foreseen;
use super::plan::refused;
use super::rehearsal::{came_to, left_by, recorded};
use super::rules;
use super::scope::{self, Known};
use super::stand_ins::stand_in;
use super::state::Ceremony;
use super::walks::{Memory, Overlay, Terms};
use crate::border::{ChangeWish, visible};
use crate::ports::{AnchorHow, AnchorRecord, Failure, Fetched, LimitsView, RepositoryRecord, Source, SourceSpec};

impl Ceremonies {
    /// Refuses with `repository-exists` a place at which there is a repository, or one that this desk trusts a root of.
    pub(super) async fn must_be_empty(&self, repository: &RepositoryRecord, limits: LimitsView) -> Result<(), Failure> {
        let (id, name) = (repository.id.clone(), repository.name.clone());
        self.blocking(move |ceremonies| ceremonies.must_not_be_trusted(&id, &name))
            .await?;
        let source = self.ports.connect.source(&repository.source, &limits)?;
        match source.newest_root(limits.document_bytes).await {
            Ok(None) => Ok(()),
            Ok(Some(found)) => Err(exists(format!("there is a root at {}", visible(&found.origin)))),
            Err(failure) if self.is_empty_folder(&repository.source, &failure) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    fn must_not_be_trusted(&self, id: &str, name: &str) -> Result<(), Failure> {
        match self.ports.vault.anchor(id)? {
            Some(anchor) => Err(exists(format!(
                "this desk trusts root v{} of {}",
                anchor.version,
                visible(name)
            ))),
            None => Ok(()),
        }
    }

    /// Works out what a form asks for while it is filled in; `repository` may be one that is not on the desk.
    ///
    /// Fails as a preview does, but looks no further than into a folder and asks nobody: it refuses with `key-not-told` a key of
    /// a file that does not tell its public half, and with `ceremony-open` a place at which another ceremony is under way.
    pub async fn foresee_first(&self, repository: RepositoryRecord, wish: &ChangeWish) -> Result<Foreseen, Failure> {
        let limits = self.limits()?;
        self.ports.connect.publisher(&repository.source, &limits)?;
        match repository.source {
            SourceSpec::Folder { .. } => self.must_be_empty(&repository, limits).await?,
            SourceSpec::Http { .. } | SourceSpec::Notary { .. } => {
                self.must_not_be_trusted(&repository.id, &repository.name)?;
            }
        }
        if let Some(open) = self.open_in(&repository.id)? {
            return Err(already_open(&open));
        }
        let preview = self.work_out_first(repository, wish, Asks::Nobody)?;
        Ok(Foreseen {
            preview,
            untold: 0,
            left_out: Vec::new(),
        })
    }

    /// As `work_out`, with nothing to build on.
    pub(super) fn work_out_first(
        &self,
        repository: RepositoryRecord,
        wish: &ChangeWish,
        asking: Asks,
    ) -> Result<Preview, Failure> {
        let (dialect, gun) = kind_of(&repository.source)?;
        let known = Known::nothing(dialect);
        let now = self.ports.clock.now();
        let (change, named) = self.resolve(&repository, wish, &known, &[], asking, now)?;
        rules::of_dialect(&change, dialect)?;
        let grounds = scope::beginning(&change, dialect)?;
        self.planned(repository, change, named, grounds, gun)
    }

    /// Runs the only client that a new repository can have: one that meets it for the first time.
    pub(super) async fn rehearse_first(
        &self,
        id: &str,
        ceremony: &Ceremony,
        assembled: &Assembled,
        source: &dyn Source,
        limits: LimitsView,
    ) -> Result<Record, Failure> {
        let terms = Terms {
            dialect: ceremony.grounds.dialect(),
            gun: ceremony.begun.gun.clone(),
            now: self.ports.clock.now(),
        };
        let not_ready = || Failure::refusal("not-ready", "root is not complete");
        let root = assembled.root().ok_or_else(not_ready)?;
        let mut memory = Memory::new(source, limits, terms.clone());
        let found = match memory.root(1).await {
            Ok(Some(found)) => Some(found),
            Ok(None) => memory.document(RoleName::root(), Select::Current).await?,
            Err(failure) if self.is_empty_folder(&ceremony.begun.repository.source, &failure) => None,
            Err(failure) => return Err(failure),
        };
        let is_ours = |file: &Vec<u8>| {
            let mut documents = assembled.documents.iter();
            documents.any(|ours| ours.as_root().is_some() && signs_the_same(ours, file))
        };
        if let Some(stranger) = found.filter(|file| !is_ours(file)) {
            let other = Other::first(&stranger, terms.dialect);
            return self.conclude(id, Met::Stranger(Box::new(other))).await;
        }
        let left = left_by(ceremony, assembled);
        let mut overlay = Overlay::of(&assembled.documents);
        stand_in(
            &mut overlay,
            &left,
            None,
            &assembled.documents,
            &terms,
            &*self.ports.random,
        )?;
        // The place is empty: whatever the overlay lacks is missing.
        let mut memory = Memory::new(&Nowhere, limits, terms.clone());
        let walked = memory.rehearse(root.file_bytes().to_vec(), &overlay).await?;
        let refusal = walked.refused.first().map(|(_, finding)| finding.message());
        let name = "a client that uses the repository for the first time".to_owned();
        let client = match (walked.accepted, refusal) {
            (true, None) => Client {
                name,
                accepted: true,
                account: came_to("starts at root v1", &walked),
            },
            (_, refusal) => Client {
                name,
                accepted: false,
                account: format!(
                    "starts at root v1, then refuses: {}",
                    visible(&refusal.unwrap_or_else(|| "it comes to no targets".into()))
                ),
            },
        };
        let rehearsed = Rehearsed {
            document: assembled.digest,
            clients: vec![client],
            assumptions: left.iter().map(|left| left.sentence(terms.dialect)).collect(),
            oldest: None,
        };
        let id = id.to_owned();
        let record = self
            .blocking(move |ceremonies| ceremonies.step(&id, |_| Ok(Fact::Rehearsed(rehearsed))))
            .await?;
        recorded(record)
    }

    /// Whether reading failed since nothing is there yet: an empty folder, or one that is made when something is published.
    pub(super) fn is_empty_folder(&self, source: &SourceSpec, failure: &Failure) -> bool {
        let SourceSpec::Folder { path, .. } = source else {
            return false;
        };
        let listed = self.ports.disk.list(Path::new(path));
        let is_absent = listed.is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        failure.code == "metadata-not-found" || is_absent
    }

    /// Trusts the root that was made here and that a fresh walk has just met.
    pub(super) fn trust_first(&self, ceremony: &Ceremony) -> Result<(), Failure> {
        let id = &ceremony.begun.repository.id;
        let first = ceremony.stage.assembled().and_then(Assembled::root);
        let Some(first) = first.filter(|_| self.ports.vault.anchor(id).is_ok_and(|anchor| anchor.is_none())) else {
            return Ok(());
        };
        let anchor = AnchorRecord {
            how: AnchorHow::Given,
            version: first.version(),
            sha256: first.verified().digest(),
            bytes: first.file_bytes().to_vec(),
            at: self.ports.clock.now(),
        };
        self.ports.vault.set_anchor(id, &anchor)
    }
}

/// The dialect that a place is for, and Notary's name of the repository.
///
/// Refuses a folder of Notary's: nobody there holds the timestamp's key.
fn kind_of(source: &SourceSpec) -> Result<(Dialect, Option<String>), Failure> {
    match source {
        SourceSpec::Notary { gun, .. } => Ok((Dialect::Notary, Some(gun.clone()))),
        SourceSpec::Folder { gun: Some(_), .. } => Err(refused(
            "a Notary repository is begun on its server, which makes the timestamp's key and holds it: expected a server, or a \
             folder without a GUN",
        )),
        SourceSpec::Folder { gun: None, .. } | SourceSpec::Http { .. } => Ok((Dialect::Tuf1, None)),
    }
}

/// A place where nothing is.
struct Nowhere;

#[async_trait]
impl Source for Nowhere {
    async fn fetch(&self, _: &Request) -> Result<Option<Fetched>, Failure> {
        Ok(None)
    }

    async fn newest_root(&self, _: u64) -> Result<Option<Fetched>, Failure> {
        Ok(None)
    }

    async fn listed_root_versions(&self) -> Result<Vec<u64>, Failure> {
        Ok(Vec::new())
    }
}

fn exists(why: String) -> Failure {
    let message = format!("{why}: a repository that is there is changed, and not begun");
    Failure::refusal("repository-exists", message)
}
