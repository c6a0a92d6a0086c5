//! Actions on repositories and settings. Those on ceremonies are handed on.

use std::path::{Path, PathBuf};

use rootward_tuf::{
    encoding::{from_hex, hex, sha256},
    metadata::{self, Root},
    role::RoleName,
    verify::Verified,
};

use super::{Rootward, refresh::blocking, state::segment};
use crate::{
    border::{Action, DrillView, KeyFileView, LimitsView, Notice, Outcome, TargetFileView, TrustEvidence},
    keyring,
    ports::{AnchorHow, AnchorRecord, Failure, Proven, RepositoryRecord, SourceSpec, is_practice_server},
    repositories::{absolute, known::Memory, place_of, reading::Reading},
};

/// No root file is longer.
const LONGEST_ROOT: u64 = 100 << 20;

/// The name of an action for the log.
pub fn name_of(action: &Action) -> &'static str {
    match action {
        Action::Register { .. } => "register",
        Action::ListNotary { .. } => "list-notary",
        Action::ConfirmTrust { .. } => "confirm-trust",
        Action::Forget { .. } => "forget",
        Action::Refresh { .. } => "refresh",
        Action::RefreshAll => "refresh-all",
        Action::CancelRefresh => "cancel-refresh",
        Action::BeginChange { .. } => "begin-change",
        Action::BeginBulk { .. } => "begin-bulk",
        Action::ResumeBulk { .. } => "resume-bulk",
        Action::BeginRepository { .. } => "begin-repository",
        Action::Freeze { .. } => "freeze",
        Action::Sign { .. } => "sign",
        Action::HandOut { .. } => "hand-out",
        Action::TakeBack { .. } => "take-back",
        Action::TakeFiles { .. } => "take-files",
        Action::MakeKit { .. } => "make-kit",
        Action::TakeKit { .. } => "take-kit",
        Action::AnswerRequest { .. } => "answer-request",
        Action::Rehearse { .. } => "rehearse",
        Action::Publish { .. } => "publish",
        Action::Abandon { .. } => "abandon",
        Action::Reopen { .. } => "reopen",
        Action::SaveTranscript { .. } => "save-transcript",
        Action::BackUp { .. } => "back-up",
        Action::Restore { .. } => "restore",
        Action::InspectKeyFile { .. } => "inspect-key-file",
        Action::InspectTargetFile { .. } => "inspect-target-file",
        Action::GenerateTokenKey { .. } => "generate-token-key",
        Action::SetModule { .. } => "set-module",
        Action::LookAtTokens => "look-at-tokens",
        Action::Provision { .. } => "provision",
        Action::EraseToken { .. } => "erase-token",
        Action::SaveLabel { .. } => "save-label",
        Action::PractiseOn { .. } => "practise-on",
        Action::BeginDrill { .. } => "begin-drill",
        Action::JudgeDrill { .. } => "judge-drill",
        Action::GiveUpDrill { .. } => "give-up-drill",
        Action::CloseSigning => "close-signing",
        Action::Choose { .. } => "choose",
        Action::SetLimits { .. } => "set-limits",
        Action::NameKey { .. } => "name-key",
        Action::ProveKey { .. } => "prove-key",
        Action::SetProofDays { .. } => "set-proof-days",
        Action::HandInAttestation { .. } => "hand-in-attestation",
        Action::AddAttestationRoot { .. } => "add-attestation-root",
        Action::RemoveAttestationRoot { .. } => "remove-attestation-root",
        Action::ImportKey { .. } => "import-key",
        Action::ExportKey { .. } => "export-key",
    }
}

impl Rootward {
    pub(super) async fn perform(&self, action: Action) -> Result<Outcome, Failure> {
        match action {
            Action::Register { source } => {
                let repository = self.register(source).await?;
                Ok(Outcome::Registered { repository })
            }
            Action::ListNotary { url, ca_file } => {
                let limits = self.state().limits;
                let server = self
                    .desk
                    .ports
                    .connect
                    .notary_server(&url, ca_file.as_deref().map(Path::new), &limits)?;
                Ok(Outcome::Guns {
                    guns: server.guns().await?,
                })
            }
            Action::ConfirmTrust { repository, how } => {
                self.confirm_trust(&repository, how).await?;
                // Trust is set; a source that does not answer now is on the node and takes nothing back.
                match self.refresh(vec![repository]).await {
                    Err(failure) if failure.code == "panicked" => Err(failure),
                    _ => Ok(Outcome::Done),
                }
            }
            Action::Forget { repository } => {
                self.forget(repository).await?;
                Ok(Outcome::Done)
            }
            Action::Refresh { repository } => {
                self.refresh(vec![repository]).await?;
                Ok(Outcome::Done)
            }
            Action::RefreshAll => {
                let ids = self
                    .state()
                    .repositories()
                    .map(|known| known.record.id.clone())
                    .collect();
                self.refresh(ids).await?;
                Ok(Outcome::Done)
            }
            Action::CancelRefresh => {
                self.desk.running.cancel();
                Ok(Outcome::Done)
            }
            Action::BackUp { path, with_keys } => self.back_up(path, with_keys).await,
            Action::Restore { path } => self.restore(path).await,
            Action::InspectKeyFile { path } => {
                let ports = self.desk.ports.clone();
                let inspected = move || {
                    let reference = keyring::parse(&format!("file:{path}"))?;
                    let facts = keyring::inspect(&ports, &reference)?;
                    Ok(KeyFileView::of_facts(&facts))
                };
                let key = blocking(inspected).await?;
                self.keys_changed();
                Ok(Outcome::KeyFile { key })
            }
            Action::InspectTargetFile { path } => {
                let disk = self.desk.ports.disk.clone();
                let target = blocking(move || TargetFileView::of(&*disk, Path::new(path.trim()))).await?;
                Ok(Outcome::TargetFile { target })
            }
            Action::GenerateTokenKey { key, wish } => self.generate_token_key(key, wish).await,
            Action::SetModule { module, allowed } => self.set_module(module, allowed).await,
            Action::LookAtTokens => {
                self.desk.ports.modules.look_again();
                self.tokens_changed();
                Ok(Outcome::Done)
            }
            Action::Provision { key, wish, loss } => self.provision(key, wish, loss).await,
            Action::EraseToken { serial, typed } => self.erase_token(serial, typed).await,
            Action::SaveLabel { ready, path } => self.save_label(*ready, path).await,
            Action::PractiseOn { repository } => {
                let repository = self.practise_on(&repository).await?;
                Ok(Outcome::Registered { repository })
            }
            Action::BeginDrill { drill } => Ok(told(self.begin_drill(&drill, None).await?)),
            Action::JudgeDrill { drill } => Ok(told(self.judge_drill(&drill).await?)),
            Action::GiveUpDrill { drill } => Ok(told(self.give_up_drill(&drill).await?)),
            Action::CloseSigning => {
                let ceremonies = self.desk.ceremonies.clone();
                blocking(move || ceremonies.close_signing()).await?;
                Ok(Outcome::Done)
            }
            Action::SetLimits { limits } => {
                self.set_limits(limits).await?;
                Ok(Outcome::Done)
            }
            Action::NameKey { physical_key, name } => self.name_key(&physical_key, name).await,
            Action::ProveKey {
                physical_key,
                repository,
            } => self.prove_key(physical_key, repository).await,
            Action::SetProofDays { days } => self.set_proof_days(days).await,
            Action::HandInAttestation {
                physical_key,
                key,
                device,
                between,
            } => self.hand_in(physical_key, key, device, between).await,
            Action::AddAttestationRoot { path } => self.add_attestation_root(path).await,
            Action::RemoveAttestationRoot { sha256 } => self.remove_attestation_root(sha256).await,
            Action::ImportKey { folder, file } => self.import_key(folder, file).await,
            Action::ExportKey { key, role, gun, path } => self.export_key(key, role, gun, path).await,
            Action::Choose { .. } => {
                let message = "a file dialog is opened by the window, not by the desk";
                Err(Failure::fault("bad-usage", message))
            }
            ceremony => self.perform_ceremony(ceremony).await,
        }
    }

    /// Remembers a source and reads it for the first time, trusting nothing yet.
    ///
    /// Fails when nothing can be read there; refuses with `already-registered`.
    pub async fn register(&self, source: SourceSpec) -> Result<String, Failure> {
        let ports = self.desk.ports.clone();
        let source = absolute(source)?;
        let taken = self
            .state()
            .repositories()
            .find(|known| known.record.source == source)
            .map(|known| known.record.id.clone());
        if let Some(id) = taken {
            let message = format!("{} is on this desk already", place_of(&source));
            return Err(Failure::refusal("already-registered", message).with("repository", id));
        }
        must_not_be_practice(&source)?;
        let limits = self.state().limits;
        let opened = ports.connect.source(&source, &limits)?;
        let found = opened.newest_root(limits.document_bytes).await?;
        if found.is_none() {
            let place = place_of(&source);
            let message = format!("expected a root at {place}, found none");
            return Err(Failure::fault("metadata-not-found", message).with("source", place));
        }
        let id = self.remember(source, None, false).await?;
        if let Err(failure) = self.refresh(vec![id.clone()]).await {
            tracing::info!(code = failure.code, "the first visit ended early");
        }
        self.notify(Notice::EstateChanged);
        Ok(id)
    }

    /// Puts a repository on the desk without visiting it.
    pub(crate) async fn remember(
        &self,
        source: SourceSpec,
        name: Option<String>,
        practice: bool,
    ) -> Result<String, Failure> {
        let ports = self.desk.ports.clone();
        let limits = self.state().limits;
        let desk = self.clone();
        blocking(move || {
            let mut bytes = [0; 6];
            ports.random.fill(&mut bytes);
            let record = RepositoryRecord {
                id: hex(&bytes),
                name: name.unwrap_or_else(|| short_name(&source)),
                source,
                practice,
                registered_at: ports.clock.now(),
            };
            ports.vault.save_repository(&record)?;
            let memory = Memory::of(record, ports.vault.as_ref())?;
            let segment = segment(&memory, &limits, &ports, ports.clock.now());
            let id = memory.record.id.clone();
            desk.state().put(segment);
            Ok(id)
        })
        .await
    }

    /// Anchors a repository: the first-trust step.
    ///
    /// Refuses with `digest-mismatch` when the digest given is not that of the root shown, and with `root-refused` when
    /// the root is not signed by its own keys, or when trust began before with roots that it is none of.
    pub async fn confirm_trust(&self, id: &str, how: TrustEvidence) -> Result<(), Failure> {
        let desk = self.clone();
        let asked = id.to_owned();
        blocking(move || {
            let (memory, reading) = desk.memory(&asked)?;
            let (how, bytes) = match how {
                TrustEvidence::RootFile { path } => (AnchorHow::Given, desk.read_root_file(&path)?),
                TrustEvidence::Digest { sha256: given } => {
                    let root = candidate_root(&memory, &reading)?;
                    let digits: String = given.chars().filter(|digit| !digit.is_whitespace()).collect();
                    if from_hex(&digits).as_deref() != Some(root.digest().as_slice()) {
                        let message = "the digest given is not that of the root the source shows";
                        let shown = hex(&root.digest());
                        return Err(Failure::refusal("digest-mismatch", message)
                            .with("shown", shown)
                            .with("given", digits));
                    }
                    (AnchorHow::Given, root.file_bytes().to_vec())
                }
                TrustEvidence::FirstUse => (
                    AnchorHow::FirstUse,
                    candidate_root(&memory, &reading)?.file_bytes().to_vec(),
                ),
            };
            if !memory.may_be_anchored_at(&bytes) {
                let message = "this desk trusts another root of the repository: forget it before trust begins anew";
                return Err(Failure::refusal("root-refused", message));
            }
            desk.anchor(&asked, how, bytes)
        })
        .await?;
        self.notify(Notice::RepositoryChanged {
            repository: id.to_owned(),
        });
        self.notify(Notice::EstateChanged);
        Ok(())
    }

    /// Sets the root that a repository is trusted from.
    pub(crate) fn anchor(&self, id: &str, how: AnchorHow, bytes: Vec<u8>) -> Result<(), Failure> {
        let ports = &self.desk.ports;
        let refused = |why: String| Failure::refusal("root-refused", format!("this root cannot be trusted: {why}"));
        let dialect = rootward_tuf::detect(&bytes).map_err(|why| refused(why.to_string()))?;
        let root = metadata::read::<Root>(&bytes, dialect).map_err(|why| refused(why.to_string()))?;
        let root = Verified::anchor(root).map_err(|tally| {
            let counted = tally.ours.min(tally.clients);
            refused(format!(
                "{counted} of the {} signatures it needs by its own keys are good",
                tally.threshold
            ))
        })?;
        let anchor = AnchorRecord {
            how,
            version: root.version(),
            sha256: sha256(&bytes),
            at: ports.clock.now(),
            bytes: bytes.clone(),
        };
        ports.vault.set_anchor(id, &anchor)?;
        let proven = Proven {
            roots: vec![(root.version(), bytes)],
            ..Proven::default()
        };
        ports.vault.keep(id, &proven)?;
        self.rejudge(id)
    }

    pub(super) async fn forget(&self, id: String) -> Result<(), Failure> {
        let known = self.state().repository(&id)?;
        let ports = self.desk.ports.clone();
        let forgotten = id.clone();
        blocking(move || {
            ports.vault.forget(&forgotten)?;
            // A double lives as long as it is on the desk.
            crate::practice::double::remove(&ports, &known.record)
        })
        .await?;
        self.state().remove(&id);
        self.notify(Notice::EstateChanged);
        Ok(())
    }

    async fn set_limits(&self, limits: LimitsView) -> Result<(), Failure> {
        let least = [
            limits.requests,
            limits.requests_per_host,
            limits.connect_seconds,
            limits.idle_seconds,
        ];
        if least.contains(&0)
            || limits.document_seconds == 0
            || limits.timestamp_bytes == 0
            || limits.document_bytes == 0
        {
            return Err(Failure::refusal("bad-usage", "every limit must be at least 1"));
        }
        let text = serde_json::to_string(&limits).map_err(|why| Failure::fault("disk-failed", why.to_string()))?;
        let vault = self.desk.ports.vault.clone();
        blocking(move || vault.set_setting("limits", &text)).await?;
        self.state().limits = limits;
        self.notify(Notice::EstateChanged);
        Ok(())
    }

    fn read_root_file(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let read = self.desk.ports.disk.read(&PathBuf::from(path), LONGEST_ROOT);
        read.map_err(|why| {
            let message = format!("the root file {path} cannot be read: {why}");
            Failure::fault("source-unreadable", message).with("file", path)
        })
    }
}

/// The root that a first-trust step is about: the newest that the source shows.
///
/// Fails with `metadata-not-found` when none can be read.
pub fn candidate_root(memory: &Memory, reading: &Reading) -> Result<metadata::Envelope<Root>, Failure> {
    let dialect = memory.dialect(reading);
    let read = reading.documents(&RoleName::root());
    let readable = read.filter_map(|fetched| metadata::read::<Root>(&fetched.bytes, dialect).ok());
    readable.max_by_key(|root| root.version()).ok_or_else(|| {
        let place = place_of(&memory.record.source);
        let message = format!("no root of {place} could be read yet");
        Failure::fault("metadata-not-found", message).with("source", place)
    })
}

fn told(drill: DrillView) -> Outcome {
    Outcome::Drill { drill: Box::new(drill) }
}

/// Refuses a practice server with `practice-only`: what is real is not kept there.
pub fn must_not_be_practice(source: &SourceSpec) -> Result<(), Failure> {
    match source {
        SourceSpec::Notary { url, .. } if is_practice_server(url) => {
            let place = place_of(source);
            let message = format!("{place} is a practice server: only drills and clones are kept there");
            Err(Failure::refusal("practice-only", message).with("url", url))
        }
        _ => Ok(()),
    }
}

/// What a repository is called until somebody says otherwise.
pub fn short_name(source: &SourceSpec) -> String {
    let last = |text: &str| {
        let parts = text.trim_end_matches('/').rsplit('/');
        let telling = parts
            .map(str::trim)
            .find(|part| !part.is_empty() && *part != "metadata");
        telling.unwrap_or(text).to_owned()
    };
    match source {
        SourceSpec::Notary { gun, .. } => gun.clone(),
        SourceSpec::Folder { gun: Some(gun), .. } => gun.clone(),
        SourceSpec::Folder { path, gun: None } => last(path),
        SourceSpec::Http { url, .. } => last(url),
    }
}
