//! Rotations without a window: what `rootwardctl rotate` and `rootwardctl ceremony` ask of the desk.
//!
//! Finds the repository of a source on this desk, or registers it; the rest is the ceremony's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::time::Instant;

use crate::adapters::{DeskConfig, data_folder, desk_ports, folders_of_keys};
use crate::border::{
    CeremoniesView, CeremonyState, CeremonyView, ChangeWish, FileTaken, KitView, PlanReport, RequestTrust, RequestView,
    RequestWritten, ResponseTaken, ResponseWritten, RotationReport, Sentence, SignerRow, TargetFileView, TrustEvidence,
    WishedEdit, visible,
};
use crate::ceremony::{Bulk, Ceremonies, Compared, Digest, Outcome, Preview, Reach, Received, Stage, Went};
use crate::desk::{Place, Rootward, known_at, reached_as};
use crate::keyring;
use crate::lookout::no_anchor;
use crate::ports::{AnchorRecord, Failure, Prompt, SourceSpec};
use crate::repositories::absolute;

/// Rotations on one desk. Cheap to clone.
#[derive(Clone)]
pub struct Rotations {
    pub(crate) desk: Rootward,
    pub(crate) ceremonies: Ceremonies,
}

/// Which root a rotation starts to trust from.
pub enum Trust {
    /// The path of a root file that somebody vouches for.
    RootFile(String),
    /// Whatever root the source shows now.
    FirstUse,
    /// The root this desk trusts already.
    Stored,
}

/// Where the keys are that sign a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoSigns {
    /// Every signature is given on this machine.
    HereAlone,
    /// Officers elsewhere give some, by file.
    ElsewhereToo,
}

/// A change worked out and not begun.
pub struct Proposal {
    pub title: String,
    /// What is issued, with versions: `root v3 and targets v5`.
    pub documents: String,
    /// The role whose document comes first.
    pub first: String,
    pub consequences: Vec<Sentence>,
    /// Computed from the bytes that would be signed.
    pub review: Vec<Sentence>,
    /// SHA-256 of root's bytes, else of the first document's, in groups of four digits; none while something in it is still to
    /// be made.
    pub digest: Option<String>,
    preview: Preview,
}

impl Proposal {
    /// What `change --plan --json` prints.
    pub fn report(&self) -> PlanReport {
        PlanReport::of(self, &self.preview)
    }
}

impl Rotations {
    /// Opens the desk, by the system's clock or by the one given as RFC 3339.
    ///
    /// Fails with `bad-usage` when the clock cannot be read, and as `desk_ports` does.
    pub fn open(data: Option<PathBuf>, at: Option<&str>, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        Ok(Rotations::of(desk(data, at, prompt)?))
    }

    /// Those of a desk that is open.
    pub(crate) fn of(desk: Rootward) -> Self {
        let ceremonies = desk.desk.ceremonies.clone();
        Rotations { desk, ceremonies }
    }

    /// The same, where these PKCS#11 modules may be loaded besides those that the desk may load.
    ///
    /// Fails with `bad-usage` when one is no module's name.
    pub fn with_modules(self, modules: &[String]) -> Result<Self, Failure> {
        let modules = modules.iter().map(|text| keyring::parse_module(text));
        let modules = modules.collect::<Result<Vec<_>, _>>()?;
        keyring::plug_in_modules(&self.desk.desk.ports, &modules)?;
        Ok(self)
    }

    /// The repository of a source: the one this desk knows, else newly registered and trusted as said.
    ///
    /// Fails with `no-anchor` when nothing is trusted and nothing given, and refuses with `root-refused` a given root that is
    /// none, or that is not one this desk has proven.
    pub async fn repository(&self, spec: SourceSpec, trust: Trust) -> Result<String, Failure> {
        let spec = absolute(spec)?;
        let ports = &self.desk.desk.ports;
        let known = known_at(&*ports.vault, &spec)?
            .map(|record| reached_as(&*ports.vault, record, &spec))
            .transpose()?;
        let anchor = match &known {
            Some(record) => ports.vault.anchor(&record.id)?,
            None => None,
        };
        let how = match (trust, &anchor, &known) {
            (Trust::RootFile(path), Some(anchor), Some(record)) => {
                self.must_be_proven(&record.id, anchor, &path)?;
                return Ok(record.id.clone());
            }
            (Trust::FirstUse | Trust::Stored, Some(_), Some(record)) => return Ok(record.id.clone()),
            (Trust::RootFile(path), _, _) => TrustEvidence::RootFile { path },
            (Trust::FirstUse, _, _) => TrustEvidence::FirstUse,
            (Trust::Stored, _, _) => return Err(no_anchor(&spec)),
        };
        let id = match known {
            Some(record) => record.id,
            None => self.desk.register(spec).await?,
        };
        self.desk.confirm_trust(&id, how).await?;
        Ok(id)
    }

    /// The place of a repository that is to be begun: the one this desk knows, else newly put on it, trusted by nobody.
    ///
    /// Fails with `bad-source` when the words name no place; refuses a practice server with `practice-only`.
    pub async fn place(&self, spec: SourceSpec) -> Result<Place, Failure> {
        self.desk.place(spec).await
    }

    /// Leaves a place at which nothing was begun as it was: neither is anything of it trusted, nor has it a ceremony.
    pub async fn leave_unbegun(&self, place: &Place) -> Result<(), Failure> {
        self.desk.leave_unbegun(place).await
    }

    /// The open ceremony that makes a wish come true, and the keys the wish names.
    pub async fn under_way(
        &self,
        repository: &str,
        wish: &ChangeWish,
    ) -> Result<Option<(String, Vec<String>)>, Failure> {
        let found = self.ceremonies.under_way(repository, wish.clone()).await?;
        Ok(found.map(|under_way| (under_way.id, told(&under_way.named))))
    }

    /// Works a wish out.
    ///
    /// Refuses with `threshold-not-met` when the keys it names could not sign enough, before anything is signed, unless others
    /// sign elsewhere.
    pub async fn propose(&self, repository: &str, wish: &ChangeWish, who: WhoSigns) -> Result<Proposal, Failure> {
        let preview = self.ceremonies.preview(repository, wish.clone()).await?;
        let reach = preview.named_reach();
        if who == WhoSigns::HereAlone && !reach.iter().all(Reach::is_enough) {
            return Err(short_of_keys(&reach));
        }
        Ok(Proposal {
            title: preview.title(),
            documents: preview.documents(),
            first: preview.first(),
            consequences: preview.consequences.clone(),
            review: preview.review(),
            digest: preview.digest(),
            preview,
        })
    }

    /// A JSON list of edits.
    ///
    /// Fails with `metadata-not-found` when the file cannot be read and with `bad-usage` when it is none.
    pub fn edits(&self, path: &Path) -> Result<Vec<WishedEdit>, Failure> {
        serde_json::from_str(&self.text_of(path)?).map_err(|error| {
            let shown = path.display().to_string();
            Failure::fault("bad-usage", format!("{} is no list of edits: {error}", visible(&shown)))
        })
    }

    /// A file as text. Fails with `metadata-not-found`, and with `bad-usage` when it is none.
    pub fn text_of(&self, path: &Path) -> Result<String, Failure> {
        let shown = path.display().to_string();
        let bytes = self.file(path)?;
        String::from_utf8(bytes)
            .map_err(|_| Failure::fault("bad-usage", format!("{} is no text in UTF-8", visible(&shown))))
    }

    /// The edit by which a role vouches for a file, whose length and digests are taken.
    ///
    /// Fails with `metadata-not-found` when it cannot be read.
    pub fn target_of(
        &self,
        role: &str,
        path: &str,
        file: &Path,
        custom: Option<String>,
    ) -> Result<WishedEdit, Failure> {
        let target = TargetFileView::of(&*self.desk.desk.ports.disk, file)?;
        Ok(WishedEdit::AddTarget {
            role: role.into(),
            path: path.into(),
            length: target.length,
            sha256: Some(target.sha256),
            sha512: Some(target.sha512),
            custom,
        })
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        let shown = path.display().to_string();
        self.desk.desk.ports.disk.read(path, LARGEST_FILE).map_err(|why| {
            Failure::fault(
                "metadata-not-found",
                format!("{} cannot be read: {why}", visible(&shown)),
            )
            .with("path", shown)
        })
    }

    /// Whether a repository is as a wish asks already.
    pub async fn is_so(&self, repository: &str, wish: &ChangeWish) -> Result<bool, Failure> {
        self.ceremonies.is_so(repository, wish).await
    }

    /// Begins one change in several places, or takes up the bulk that asks for the same.
    pub fn begin_bulk(&self, wish: &ChangeWish, places: Vec<SourceSpec>) -> Result<Bulk, Failure> {
        let places: Vec<SourceSpec> = places.into_iter().map(absolute).collect::<Result<_, _>>()?;
        self.ceremonies.begin_bulk(wish, &places)
    }

    /// Puts on record what became of a bulk in one of its places, and by which ceremony.
    pub fn went_in_bulk(
        &self,
        bulk: &Bulk,
        place: usize,
        ceremony: Option<String>,
        went: Result<Outcome, &Failure>,
    ) -> Result<Bulk, Failure> {
        self.ceremonies.went_in_bulk(&bulk.id, Went::of(place, ceremony, went))
    }

    /// Every bulk of the desk whose record holds, oldest first.
    pub fn bulks(&self) -> Result<Vec<Bulk>, Failure> {
        Ok(self.ceremonies.bulks()?.into_iter().filter_map(Result::ok).collect())
    }

    /// Begins what was proposed; gives the ceremony and the keys the wish names.
    pub async fn begin(&self, proposal: Proposal) -> Result<(String, Vec<String>), Failure> {
        let named = told(&proposal.preview.named);
        Ok((self.ceremonies.begin_previewed(proposal.preview).await?, named))
    }

    /// Fixes the bytes, unless they are.
    pub async fn freeze(&self, id: &str) -> Result<(), Failure> {
        match self.ceremonies.one(id)?.sound()?.stage {
            Stage::Drafting => self.ceremonies.freeze(id).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Asks a key to sign what waits for it now; `again_because` is why it may sign a second document of a version.
    pub async fn sign(&self, id: &str, physical: &str, again_because: Option<&str>) -> Result<(), Failure> {
        let physical = PhysicalKey::parse(physical)
            .ok_or_else(|| Failure::fault("bad-usage", "expected a key as sha256: and 64 hexadecimal digits"))?;
        let because = again_because.map(str::to_owned);
        self.blocking(id, move |ceremonies, id| {
            let signed = match because {
                Some(because) => ceremonies.sign_again(id, &physical, &because),
                None => ceremonies.sign(id, &physical),
            };
            signed.map(drop)
        })
        .await
    }

    /// Writes what takes signatures into a file for an officer elsewhere; `to` are the keys it is written for, as
    /// [`Self::sign_by`] takes them where they are known.
    pub async fn hand_out(&self, id: &str, path: &Path, to: &[String]) -> Result<RequestWritten, Failure> {
        let written = self.ceremonies.hand_out(id, path, self.meant_all(id, to)?).await?;
        Ok(RequestWritten::of(&written, &path.display().to_string()))
    }

    /// Takes the signatures of a file that came back.
    pub fn take_back(&self, id: Option<&str>, path: &Path) -> Result<ResponseTaken, Failure> {
        Ok(ResponseTaken::of(&self.ceremonies.take_back_file(id, path)?))
    }

    /// Makes a kit in a new or empty folder, with this very program in it; `to` as for [`Self::hand_out`].
    pub async fn make_kit(&self, id: &str, folder: &Path, to: &[String]) -> Result<KitView, Failure> {
        let unknown = |why| Failure::fault("metadata-not-found", format!("this program cannot be found: {why}"));
        let program = std::env::current_exe().map_err(unknown)?;
        let to = self.meant_all(id, to)?;
        Ok(KitView::of(&self.ceremonies.make_kit(id, folder, &program, to).await?))
    }

    /// Takes back everything that came in a kit, each file judged by itself.
    pub fn take_kit(&self, folder: &Path) -> Result<Vec<FileTaken>, Failure> {
        Ok(self.ceremonies.take_kit(folder)?.iter().map(FileTaken::of).collect())
    }

    /// Takes a ceremony up again that was given up and that anybody could publish.
    pub fn reopen(&self, id: &str, reason: &str) -> Result<(), Failure> {
        self.ceremonies.reopen(id, reason).map(drop)
    }

    /// Reads another desk's request and judges it.
    pub fn receive(&self, path: &Path, trust: &RequestTrust) -> Result<Received, Failure> {
        self.ceremonies.receive(path, self.ceremonies.trusted(trust)?)
    }

    /// A request in full.
    pub fn request_view(&self, received: &Received) -> Result<RequestView, Failure> {
        self.ceremonies.shown(received)
    }

    /// Signs a request whose digest was `heard`, and writes the response.
    pub fn answer(
        &self,
        received: Received,
        heard: &str,
        key: &str,
        because: Option<&str>,
        out: &Path,
    ) -> Result<ResponseWritten, Failure> {
        let compared = Compared::with(received, heard).map_err(|(_, failure)| failure)?;
        let answer = self.ceremonies.answer(&compared, &keyring::parse(key)?, because, out)?;
        Ok(ResponseWritten::of(&answer, &out.display().to_string()))
    }

    /// Rehearses and publishes, from wherever the ceremony stands.
    pub async fn bring_to_its_end(&self, id: &str) -> Result<(), Failure> {
        self.bring_to_its_end_from(id, None).await
    }

    /// The same, where clients on root `oldest` must be taken along.
    pub async fn bring_to_its_end_from(&self, id: &str, oldest: Option<u64>) -> Result<(), Failure> {
        if let CeremonyState::Collecting | CeremonyState::Ready | CeremonyState::Rehearsed = self.state(id)? {
            self.ceremonies.rehearse_from(id, oldest).await?;
        }
        if self.state(id)? == CeremonyState::Published {
            return Ok(());
        }
        self.publish(id).await
    }

    /// Takes a ceremony up after the program had ended.
    pub async fn resume(&self, id: &str) -> Result<(), Failure> {
        self.ceremonies.resume(id).await.map(drop)
    }

    /// Ends a ceremony without publishing.
    pub async fn abandon(&self, id: &str, reason: &str) -> Result<(), Failure> {
        self.ceremonies.abandon(id, reason).await.map(drop)
    }

    /// Where a ceremony stands.
    pub fn state(&self, id: &str) -> Result<CeremonyState, Failure> {
        Ok(CeremonyState::of(&self.ceremonies.one(id)?))
    }

    /// A ceremony in full.
    pub fn view(&self, id: &str) -> Result<CeremonyView, Failure> {
        Ok(CeremonyView::of(&self.ceremonies.insight(id)?))
    }

    /// Every ceremony of the desk.
    pub fn list(&self) -> Result<CeremoniesView, Failure> {
        let now = self.desk.desk.ports.clock.now();
        Ok(CeremoniesView::of(
            &self.ceremonies.all()?,
            self.desk.open_bulks()?,
            now,
        ))
    }

    /// The keys of an open ceremony that are at hand and can sign something now; those of an earlier wave first.
    pub fn missing_signers(&self, id: &str) -> Result<Vec<String>, Failure> {
        let view = self.view(id)?;
        let mut missing: Vec<_> = view.signers.into_iter().filter(|row| row.can_sign).collect();
        let wave = |row: &SignerRow| {
            let waiting = row.documents.iter().filter(|document| document.waits);
            waiting.map(|document| document.wave).min()
        };
        // A key that signs for a reason only is asked when no other will do.
        missing.sort_by_key(|row| (wave(row), row.needs_reason));
        Ok(missing.into_iter().map(|row| row.physical_key).collect())
    }

    /// What `--json` prints.
    pub fn report(
        &self,
        id: &str,
        transcript: Option<String>,
        failure: Option<Failure>,
    ) -> Result<RotationReport, Failure> {
        Ok(RotationReport::of(&self.ceremonies.one(id)?, transcript, failure))
    }

    /// Writes the transcript.
    pub fn save_transcript(&self, id: &str, path: &Path) -> Result<(), Failure> {
        self.ceremonies.save_transcript(id, path)
    }

    pub(crate) async fn blocking(
        &self,
        id: &str,
        work: impl FnOnce(&Ceremonies, &str) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        let (ceremonies, id) = (self.ceremonies.clone(), id.to_owned());
        let ended = tokio::task::spawn_blocking(move || work(&ceremonies, &id)).await;
        ended.unwrap_or_else(|error| Err(Failure::fault("panicked", error.to_string())))
    }

    /// A root given beside the stored trust must be one that this desk has proven.
    fn must_be_proven(&self, repository: &str, anchor: &AnchorRecord, path: &str) -> Result<(), Failure> {
        let ports = &self.desk.desk.ports;
        let given = ports.disk.read(Path::new(path), LONGEST_ROOT).map_err(|why| {
            Failure::fault("metadata-not-found", format!("{path} cannot be read: {why}")).with("path", path)
        })?;
        let proven = ports.vault.proven(repository)?.roots;
        if anchor.bytes == given || proven.iter().any(|(_, bytes)| *bytes == given) {
            return Ok(());
        }
        let message = "the root given is none that this desk has proven for the repository";
        Err(Failure::refusal("root-refused", message).with("sha256", Digest::of(&given).to_string()))
    }
}

/// The desk of a command, by the system's clock or by the one given as RFC 3339.
pub(crate) fn desk(data: Option<PathBuf>, at: Option<&str>, prompt: Arc<dyn Prompt>) -> Result<Rootward, Failure> {
    let at = at
        .map(Instant::parse)
        .transpose()
        .map_err(|_| Failure::fault("bad-usage", "expected a moment such as 2030-01-31T00:00:00Z after --at"))?;
    let holder = "rootwardctl".to_owned();
    let ports = desk_ports(DeskConfig {
        key_folders: folders_of_keys(),
        data: data_folder(data)?,
        prompt,
        at,
        holder: holder.clone(),
    })?;
    Rootward::open_as(ports, &holder)
}

/// Files that are vouched for are read whole, up to here.
const LARGEST_FILE: u64 = 4 << 30;

/// No root file is longer.
pub(crate) const LONGEST_ROOT: u64 = 100 << 20;

fn told(keys: &[PhysicalKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn short_of_keys(reach: &[Reach]) -> Failure {
    let each = reach
        .iter()
        .map(|reach| format!("{} of {} for {}", reach.have, reach.need, reach.name()));
    let each: Vec<String> = each.collect();
    Failure::refusal(
        "threshold-not-met",
        format!("the keys given reach {}: nothing was begun", each.join(", ")),
    )
}
