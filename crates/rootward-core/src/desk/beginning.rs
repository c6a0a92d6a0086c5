//! Beginning a repository on this desk: the place it is put at, its form, what it would come to, and its ceremony.
//!
//! A place at which nothing was begun is on the desk only while that is tried.

use super::{
    Rootward,
    act::{must_not_be_practice, short_name},
    refresh::blocking,
};
use crate::{
    border::{BeginningFormView, BeginningWish, DialectView, Notice, PlanView, SlotView},
    ports::{Failure, RepositoryRecord, SourceSpec, Vault},
    repositories::{absolute, is_same},
};

/// A place on the desk where a repository is to be begun.
#[derive(Debug, Clone)]
pub struct Place {
    pub repository: String,
    /// What the desk knew of it before; none where it was put on the desk for that.
    before: Option<RepositoryRecord>,
}

impl Rootward {
    /// The place of a source: the one this desk knows, else newly put on it, trusted by nobody.
    ///
    /// Fails with `bad-source` when the words name no place; refuses a practice server with `practice-only`.
    pub(crate) async fn place(&self, source: SourceSpec) -> Result<Place, Failure> {
        let source = said(source)?;
        must_not_be_practice(&source)?;
        let (vault, asked) = (self.desk.ports.vault.clone(), source.clone());
        let before = blocking(move || {
            let found = known_at(&*vault, &asked)?;
            // What is trusted already is reached as it was: it is not begun.
            if let Some(record) = found
                .clone()
                .filter(|record| matches!(vault.anchor(&record.id), Ok(None)))
            {
                reached_as(&*vault, record, &asked)?;
            }
            Ok(found)
        })
        .await?;
        let repository = match &before {
            Some(record) => record.id.clone(),
            None => self.remember(source, None, false).await?,
        };
        Ok(Place { repository, before })
    }

    /// Leaves a place as it was before, where nothing has begun: one that was put on the desk for it is forgotten.
    pub(crate) async fn leave_unbegun(&self, place: &Place) -> Result<(), Failure> {
        if self.has_begun(&place.repository).await? {
            return Ok(());
        }
        match place.before.clone() {
            Some(record) => {
                let vault = self.desk.ports.vault.clone();
                blocking(move || vault.save_repository(&record)).await
            }
            None => self.forget(place.repository.clone()).await,
        }
    }

    /// Starts the ceremony that begins a repository. The place is forgotten again when it is refused.
    pub(super) async fn begin_repository(&self, wish: &BeginningWish) -> Result<String, Failure> {
        let place = self.place(wish.source.clone()).await?;
        match self.desk.ceremonies.begin(&place.repository, wish.in_edits()).await {
            // Nothing is there yet that could be visited.
            Ok(ceremony) => {
                self.notify(Notice::EstateChanged);
                Ok(ceremony)
            }
            Err(failure) => {
                self.leave_unbegun(&place).await?;
                Err(failure)
            }
        }
    }

    /// What the form starts from; no key of practice is in it.
    pub(super) fn beginning_form(&self, dialect: DialectView) -> Result<BeginningFormView, Failure> {
        let files = self.desk.ceremonies.files_at_hand(false)?;
        let slots = SlotView::offered(&self.tokens().offered_to(false));
        Ok(BeginningFormView::of(
            dialect.into(),
            &files,
            slots,
            self.desk.ports.clock.now(),
        ))
    }

    /// What beginning a repository would come to, as far as this machine can tell: a folder is looked into, a server is not asked.
    ///
    /// Must run where a thread may block. Fails as beginning it does.
    pub(super) fn first_plan(&self, wish: &BeginningWish) -> Result<PlanView, Failure> {
        let source = said(wish.source.clone())?;
        must_not_be_practice(&source)?;
        let ports = &self.desk.ports;
        let record = known_at(&*ports.vault, &source)?;
        let record = record.unwrap_or_else(|| RepositoryRecord {
            id: String::new(),
            name: short_name(&source),
            source,
            practice: false,
            registered_at: ports.clock.now(),
        });
        let wish = wish.in_edits();
        let looked = self.desk.ceremonies.foresee_first(record, &wish);
        let foreseen = tokio::runtime::Handle::current().block_on(looked)?;
        Ok(PlanView::of(&foreseen))
    }

    /// Whether something of a repository is trusted, or has a ceremony.
    async fn has_begun(&self, repository: &str) -> Result<bool, Failure> {
        let (desk, repository) = (self.clone(), repository.to_owned());
        blocking(move || {
            let all = desk.desk.ceremonies.all()?;
            let mut begun = all.iter().filter_map(|record| record.begun());
            let has_ceremony = begun.any(|begun| begun.repository.id == repository);
            Ok(has_ceremony || desk.desk.ports.vault.anchor(&repository)?.is_some())
        })
        .await
    }
}

/// Remembers the way a known repository is reached by from now on, as far as one is given.
pub(crate) fn reached_as(
    vault: &dyn Vault,
    mut record: RepositoryRecord,
    given: &SourceSpec,
) -> Result<RepositoryRecord, Failure> {
    let changed = match (&mut record.source, given.clone()) {
        (
            SourceSpec::Notary {
                ca_file: file,
                user: name,
                ..
            },
            SourceSpec::Notary { ca_file, user, .. },
        ) => adopt(file, ca_file) | adopt(name, user),
        (SourceSpec::Http { ca_file: file, .. }, SourceSpec::Http { ca_file, .. }) => adopt(file, ca_file),
        _ => false,
    };
    if changed {
        vault.save_repository(&record)?;
    }
    Ok(record)
}

/// The repository of this desk that reads the same metadata.
pub(crate) fn known_at(vault: &dyn Vault, source: &SourceSpec) -> Result<Option<RepositoryRecord>, Failure> {
    let mut known = vault.repositories()?.into_iter();
    Ok(known.find(|record| is_same(&record.source, source)))
}

/// A source whose words say where it is, as the desk remembers it.
fn said(source: SourceSpec) -> Result<SourceSpec, Failure> {
    let (missing, expected) = match &source {
        SourceSpec::Folder { path, .. } => (path.trim().is_empty(), "the folder in which it is published"),
        SourceSpec::Http { url, .. } => (url.trim().is_empty(), "the address of its metadata"),
        SourceSpec::Notary { url, gun, .. } => (
            url.trim().is_empty() || gun.trim().is_empty(),
            "the address of the Notary server, and the GUN",
        ),
    };
    if missing {
        let message = format!("no place is given for the repository: expected {expected}");
        return Err(Failure::fault("bad-source", message));
    }
    absolute(source)
}

/// Puts what is given in the place of what is known; gives whether that changed anything.
fn adopt(known: &mut Option<String>, given: Option<String>) -> bool {
    let changes = given.is_some() && *known != given;
    if changes {
        *known = given;
    }
    changes
}
