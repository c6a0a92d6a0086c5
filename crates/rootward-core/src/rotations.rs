//! Root rotations without a window: what `rootwardctl rotate-root` and `rootwardctl ceremony` ask of the desk.
//!
//! Finds the repository of a source on this desk, or registers it; the rest is the ceremony's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rootward_tuf::encoding::hex;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use crate::adapters::{DeskConfig, data_folder, desk_ports};
use crate::border::{CeremoniesView, CeremonyState, CeremonyView, RotationChange, RotationReport, Sentence};
use crate::ceremony::{Ceremonies, Digest, Preview, Reach, Stage};
use crate::ports::{AnchorHow, AnchorRecord, Failure, Ports, Prompt, RepositoryRecord, SourceSpec};

/// Rotations on one desk. Cheap to clone.
#[derive(Clone)]
pub struct Rotations {
    ports: Ports,
    ceremonies: Ceremonies,
}

/// Which root a rotation starts to trust from.
pub enum Trust {
    /// A root file that somebody vouches for.
    RootFile(Vec<u8>),
    /// Whatever root the source shows now.
    FirstUse,
    /// The root this desk trusts already.
    Stored,
}

/// A change worked out and not begun.
pub struct Proposal {
    pub title: String,
    pub version: u64,
    pub consequences: Vec<Sentence>,
    /// Computed from the bytes that would be signed.
    pub review: Vec<Sentence>,
    /// SHA-256 of those bytes, in groups of four digits.
    pub digest: String,
    preview: Preview,
}

impl Rotations {
    /// Opens the desk, by the system's clock or by the one given as RFC 3339.
    ///
    /// Fails with `bad-usage` when the clock cannot be read, and as `desk_ports` does.
    pub fn open(data: Option<PathBuf>, at: Option<&str>, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        let at = at
            .map(Instant::parse)
            .transpose()
            .map_err(|_| Failure::fault("bad-usage", "expected a moment such as 2030-01-31T00:00:00Z after --at"))?;
        let holder = "rootwardctl".to_owned();
        let ports = desk_ports(DeskConfig {
            data: data_folder(data)?,
            prompt,
            at,
            holder: holder.clone(),
        })?;
        let ceremonies = Ceremonies::new(ports.clone(), &holder, Arc::new(|_| {}));
        Ok(Rotations { ports, ceremonies })
    }

    /// The repository of a source: the one this desk knows, else newly registered and trusted as said.
    ///
    /// Fails with `no-anchor` when nothing is trusted and nothing given, and refuses with `root-refused` a given root that is
    /// none, or that is not the one this desk trusts.
    pub async fn repository(&self, spec: SourceSpec, trust: Trust) -> Result<String, Failure> {
        let spec = absolute(spec);
        let source = self.ports.connect.source(&spec, &Default::default())?;
        let known = self
            .ports
            .vault
            .repositories()?
            .into_iter()
            .find(|record| record.source == spec);
        let anchored = match &known {
            Some(record) => self.ports.vault.anchor(&record.id)?,
            None => None,
        };
        let (how, bytes) = match (trust, &anchored, &known) {
            (Trust::RootFile(bytes), Some(anchor), Some(record)) => {
                self.must_be_trusted(&record.id, anchor, &bytes)?;
                return Ok(record.id.clone());
            }
            (Trust::FirstUse | Trust::Stored, Some(_), Some(record)) => return Ok(record.id.clone()),
            (Trust::RootFile(bytes), _, _) => (AnchorHow::Given, bytes),
            (Trust::FirstUse, _, _) => {
                let found = source.newest_root(100 << 20).await?;
                let nothing = || Failure::fault("metadata-not-found", "expected a root at the source, found none");
                (AnchorHow::FirstUse, found.ok_or_else(nothing)?.bytes)
            }
            (Trust::Stored, _, _) => {
                let message =
                    "this desk trusts no root of it: give one with --root, or take it on faith with --first-use";
                return Err(Failure::fault("no-anchor", message));
            }
        };
        let root = trustworthy(&bytes)?;
        let record = known.unwrap_or_else(|| self.new_record(spec));
        self.ports.vault.save_repository(&record)?;
        let anchor = AnchorRecord {
            how,
            version: root.version(),
            sha256: root.digest(),
            bytes,
            at: self.ports.clock.now(),
        };
        self.ports.vault.set_anchor(&record.id, &anchor)?;
        Ok(record.id)
    }

    /// The open ceremony that makes a wish come true, and the keys the wish names.
    pub async fn under_way(
        &self,
        repository: &str,
        wish: &RotationChange,
    ) -> Result<Option<(String, Vec<String>)>, Failure> {
        let found = self.ceremonies.under_way(repository, wish.clone()).await?;
        Ok(found.map(|under_way| (under_way.id, told(&under_way.named))))
    }

    /// Works a wish out.
    ///
    /// Refuses with `threshold-not-met` when the keys it names could not sign enough, before anything is signed.
    pub async fn propose(&self, repository: &str, wish: &RotationChange) -> Result<Proposal, Failure> {
        let preview = self.ceremonies.preview(repository, wish.clone()).await?;
        let reach = preview.named_reach();
        if !reach.is_enough() {
            return Err(short_of_keys(&reach));
        }
        Ok(Proposal {
            title: preview.title(),
            version: preview.plan.draft.version(),
            consequences: preview.consequences.clone(),
            review: preview.review(),
            digest: Digest(preview.plan.draft.digest()).groups(),
            preview,
        })
    }

    /// Begins what was proposed; gives the ceremony and the keys the wish names.
    pub async fn begin(&self, proposal: Proposal) -> Result<(String, Vec<String>), Failure> {
        let named = told(&proposal.preview.named);
        Ok((self.ceremonies.begin_previewed(proposal.preview).await?, named))
    }

    /// Fixes the bytes, unless they are.
    pub async fn freeze(&self, id: &str) -> Result<(), Failure> {
        self.blocking(id, |ceremonies, id| match ceremonies.one(id)?.sound()?.stage {
            Stage::Drafting => ceremonies.freeze(id).map(drop),
            _ => Ok(()),
        })
        .await
    }

    /// Asks a key to sign, unless it has or nothing is collected any more.
    pub async fn sign(&self, id: &str, physical: &str) -> Result<(), Failure> {
        let physical = PhysicalKey::parse(physical)
            .ok_or_else(|| Failure::fault("bad-usage", "expected a key as sha256: and 64 hexadecimal digits"))?;
        self.blocking(id, move |ceremonies, id| {
            let record = ceremonies.one(id)?;
            match &record.sound()?.stage {
                Stage::Publishing(..) | Stage::Published(..) => Ok(()),
                stage
                    if stage
                        .collected()
                        .is_some_and(|given| given.signature_of(&physical).is_some()) =>
                {
                    Ok(())
                }
                _ => ceremonies.sign(id, &physical).map(drop),
            }
        })
        .await
    }

    /// Rehearses and publishes, from wherever the ceremony stands.
    pub async fn bring_to_its_end(&self, id: &str) -> Result<(), Failure> {
        if let CeremonyState::Collecting | CeremonyState::Ready | CeremonyState::Rehearsed = self.state(id)? {
            self.ceremonies.rehearse(id).await?;
        }
        if self.state(id)? == CeremonyState::Published {
            return Ok(());
        }
        self.ceremonies.publish(id).await.map(drop)
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
        Ok(CeremoniesView::of(&self.ceremonies.all()?))
    }

    /// The keys of an open ceremony that are at hand and have not signed.
    pub fn missing_signers(&self, id: &str) -> Result<Vec<String>, Failure> {
        let view = self.view(id)?;
        let missing = view.signers.into_iter().filter(|row| row.can_sign);
        Ok(missing.map(|row| row.physical_key).collect())
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

    async fn blocking(
        &self,
        id: &str,
        work: impl FnOnce(&Ceremonies, &str) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        let (ceremonies, id) = (self.ceremonies.clone(), id.to_owned());
        let ended = tokio::task::spawn_blocking(move || work(&ceremonies, &id)).await;
        ended.unwrap_or_else(|error| Err(Failure::fault("panicked", error.to_string())))
    }

    /// A root given beside the stored trust must be one that this desk has proven.
    fn must_be_trusted(&self, repository: &str, anchor: &AnchorRecord, given: &[u8]) -> Result<(), Failure> {
        let root = trustworthy(given)?;
        let proven = self.ports.vault.proven(repository)?.roots;
        let known = proven.iter().any(|(_, bytes)| bytes == given) || anchor.sha256 == root.digest();
        if known {
            return Ok(());
        }
        let message = format!(
            "the root given (v{}) is none that this desk has proven for the repository",
            root.version()
        );
        Err(Failure::refusal("root-refused", message).with("sha256", hex(&root.digest())))
    }

    fn new_record(&self, source: SourceSpec) -> RepositoryRecord {
        let mut random = [0; 8];
        self.ports.random.fill(&mut random);
        RepositoryRecord {
            id: hex(&random),
            name: name_of(&source),
            source,
            practice: false,
            registered_at: self.ports.clock.now(),
        }
    }
}

fn told(keys: &[PhysicalKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn short_of_keys(reach: &Reach) -> Failure {
    Failure::refusal(
        "threshold-not-met",
        format!(
            "the keys given reach {} of {} for the old threshold and {} of {} for the new one: nothing was begun",
            reach.old, reach.old_threshold, reach.new, reach.new_threshold
        ),
    )
}

fn trustworthy(bytes: &[u8]) -> Result<Verified<Root>, Failure> {
    let refused = |why: String| Failure::refusal("root-refused", format!("the root cannot be trusted: {why}"));
    let dialect = rootward_tuf::detect(bytes).map_err(|error| refused(error.to_string()))?;
    let root = metadata::read::<Root>(bytes, dialect).map_err(|error| refused(error.to_string()))?;
    Verified::anchor(root).map_err(|tally| {
        refused(format!(
            "{} of {} of its own keys signed it",
            tally.ours, tally.threshold
        ))
    })
}

/// The same folder is the same source from wherever the program is started.
fn absolute(spec: SourceSpec) -> SourceSpec {
    match spec {
        SourceSpec::Folder { path, gun } => {
            let whole = std::fs::canonicalize(&path).or_else(|_| std::path::absolute(&path));
            SourceSpec::Folder {
                path: whole.map_or(path, |whole| whole.display().to_string()),
                gun,
            }
        }
        other => other,
    }
}

fn name_of(spec: &SourceSpec) -> String {
    match spec {
        SourceSpec::Folder { gun: Some(gun), .. } | SourceSpec::Notary { gun, .. } => gun.clone(),
        SourceSpec::Folder { path, .. } => {
            // `…/trust-root/metadata` is called after the folder above.
            let mut parts = Path::new(path)
                .iter()
                .rev()
                .map(|part| part.to_string_lossy().into_owned());
            let general = |name: &String| matches!(name.as_str(), "metadata" | "repository" | "tuf");
            let name = parts.find(|name| !general(name)).filter(|name| name != "/");
            name.unwrap_or_else(|| path.clone())
        }
        SourceSpec::Http { url, .. } => url
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .into(),
    }
}
