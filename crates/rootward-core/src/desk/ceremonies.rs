//! Actions on ceremonies: each is one step of the state machine, and the repository is judged anew where one changed it.

use std::path::{Path, PathBuf};

use rootward_tuf::key::PhysicalKey;

use super::{Rootward, refresh::blocking};
use crate::{
    border::{Action, BulkView, FileTaken, KitView, Notice, Outcome, RequestWritten, ResponseTaken, ResponseWritten},
    ceremony::{Compared, FileJudged, InPlace},
    keyring,
    ports::{Failure, must_end_in},
};

impl Rootward {
    pub(super) async fn perform_ceremony(&self, action: Action) -> Result<Outcome, Failure> {
        let ceremonies = self.desk.ceremonies.clone();
        match action {
            Action::BeginChange { repository, wish } => {
                let ceremony = ceremonies.begin(&repository, wish).await?;
                self.settled(&repository).await?;
                self.notify(Notice::EstateChanged);
                return Ok(Outcome::Begun { ceremony });
            }
            Action::BeginBulk { wishes } => {
                let begun = blocking(move || {
                    let each = wishes.into_iter().map(|asked| (asked.repository, asked.wish));
                    ceremonies.begin_bulk_in(&each.collect::<Vec<_>>())
                });
                return self.begin_everywhere(&begun.await?.id).await;
            }
            Action::ResumeBulk { bulk } => return self.begin_everywhere(&bulk).await,
            Action::BeginRepository { wish } => {
                let ceremony = self.begin_repository(&wish).await?;
                return Ok(Outcome::Begun { ceremony });
            }
            Action::Freeze { ceremony } => {
                let frozen = ceremonies.freeze(&ceremony).await;
                self.tokens_were_asked();
                frozen?;
            }
            Action::Sign {
                ceremony,
                physical_key,
                key: at,
                again_because,
            } => {
                let key = PhysicalKey::parse(&physical_key).ok_or_else(|| {
                    let message = "expected a physical key such as sha256:…";
                    Failure::fault("bad-usage", message).with("key", &physical_key)
                })?;
                let signed = blocking(move || match (at, again_because) {
                    (Some(at), because) => ceremonies.sign_at(&ceremony, &at, Some(&key), because.as_deref()),
                    (None, Some(because)) => ceremonies.sign_again(&ceremony, &key, &because),
                    (None, None) => ceremonies.sign(&ceremony, &key),
                })
                .await;
                self.tokens_were_asked();
                self.keys_changed();
                signed?;
            }
            Action::HandOut { ceremony, path, to } => {
                let file = PathBuf::from(&path);
                let written = ceremonies.hand_out(&ceremony, &file, keys_of(&to)?).await?;
                let request = RequestWritten::of(&written, &path);
                return Ok(Outcome::HandedOut { request });
            }
            Action::TakeBack { path, ceremony } => {
                let taken = blocking(move || ceremonies.take_back_file(ceremony.as_deref(), Path::new(&path))).await?;
                self.notify(Notice::EstateChanged);
                let response = ResponseTaken::of(&taken);
                return Ok(Outcome::TookBack { response });
            }
            Action::TakeFiles { paths, ceremony } => {
                let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
                let judged = blocking(move || Ok(ceremonies.take_files(ceremony.as_deref(), &paths))).await?;
                return Ok(self.took(&judged));
            }
            Action::MakeKit { ceremony, folder, to } => {
                let kit = ceremonies
                    .make_kit(&ceremony, Path::new(&folder), &rootwardctl()?, keys_of(&to)?)
                    .await?;
                let kit = KitView::of(&kit);
                return Ok(Outcome::MadeKit { kit });
            }
            Action::TakeKit { folder } => {
                let judged = blocking(move || ceremonies.take_kit(Path::new(&folder))).await?;
                return Ok(self.took(&judged));
            }
            Action::AnswerRequest {
                path,
                trust,
                key,
                heard,
                again_because,
                out,
            } => {
                let file = PathBuf::from(&out);
                let answered = blocking(move || {
                    let received = ceremonies.receive(Path::new(&path), ceremonies.trusted(&trust)?)?;
                    let compared = Compared::with(received, &heard).map_err(|(_, failure)| failure)?;
                    ceremonies.answer(&compared, &keyring::parse(&key)?, again_because.as_deref(), &file)
                });
                let answered = answered.await;
                self.tokens_were_asked();
                let response = ResponseWritten::of(&answered?, &out);
                return Ok(Outcome::Answered { response });
            }
            Action::Rehearse { ceremony, oldest } => drop(ceremonies.rehearse_from(&ceremony, oldest).await?),
            Action::Publish { ceremony } => {
                let ended = ceremonies.publish(&ceremony).await;
                if let Some(begun) = ceremonies.one(&ceremony)?.begun() {
                    self.settled(&begun.repository.id).await?;
                }
                ended?;
            }
            Action::Abandon { ceremony, reason } => drop(ceremonies.abandon(&ceremony, &reason).await?),
            Action::Reopen { ceremony, reason } => drop(blocking(move || ceremonies.reopen(&ceremony, &reason)).await?),
            Action::SaveTranscript { ceremony, path } => {
                let path = PathBuf::from(path);
                let endings = [
                    ("html", "a report"),
                    ("transcript", "a transcript"),
                    ("zip", "evidence"),
                ];
                if endings
                    .iter()
                    .all(|(ending, what)| must_end_in(&path, ending, what).is_err())
                {
                    let message = "a report is saved as .html, a transcript as .transcript, evidence as .zip";
                    return Err(Failure::fault("bad-usage", message).with("file", path.display().to_string()));
                }
                blocking(move || ceremonies.save_transcript(&ceremony, &path)).await?;
                return Ok(Outcome::Done);
            }
            other => {
                let message = format!("the desk has no step {}", super::act::name_of(&other));
                return Err(Failure::fault("bad-usage", message));
            }
        }
        self.notify(Notice::EstateChanged);
        Ok(Outcome::Done)
    }

    /// Begins what is pending of a bulk, and shows what is there now in every repository that it touched.
    async fn begin_everywhere(&self, id: &str) -> Result<Outcome, Failure> {
        let ceremonies = self.desk.ceremonies.clone();
        let begun = ceremonies.begin_everywhere(id).await;
        self.tokens_were_asked();
        let bulk = begun?;
        let places = blocking(move || Ok((ceremonies.in_places(&bulk)?, bulk))).await;
        let (places, bulk) = places?;
        let touched = places.iter().filter(|place| place.ceremony.is_some());
        for repository in touched.filter_map(|place| place.repository.as_ref()) {
            self.settled(&repository.id).await?;
        }
        self.notify(Notice::EstateChanged);
        let bulk = BulkView::of(&bulk, &places);
        Ok(Outcome::BegunBulk { bulk })
    }

    /// Every bulk in which something is left to do, newest first.
    pub(crate) fn open_bulks(&self) -> Result<Vec<BulkView>, Failure> {
        let ceremonies = &self.desk.ceremonies;
        let mut open = Vec::new();
        for bulk in ceremonies.bulks()?.into_iter().rev().filter_map(Result::ok) {
            let places = ceremonies.in_places(&bulk)?;
            if !places.iter().all(InPlace::is_settled) {
                open.push(BulkView::of(&bulk, &places));
            }
        }
        Ok(open)
    }

    fn took(&self, judged: &[FileJudged]) -> Outcome {
        self.notify(Notice::EstateChanged);
        let files = judged.iter().map(FileTaken::of).collect();
        Outcome::TookFiles { files }
    }

    /// Visits a repository that a ceremony touched, and shows what is there now.
    async fn settled(&self, repository: &str) -> Result<(), Failure> {
        match self.refresh(vec![repository.to_owned()]).await {
            Err(failure) if failure.code == "panicked" => Err(failure),
            // What kept the visit from its end is on the node; the ceremony's own outcome is what was asked for.
            _ => Ok(()),
        }
    }
}

/// Physical keys as the window names them.
fn keys_of(texts: &[String]) -> Result<Vec<PhysicalKey>, Failure> {
    let read = |text: &String| {
        PhysicalKey::parse(text)
            .ok_or_else(|| Failure::fault("bad-usage", "expected a key as sha256: and 64 hexadecimal digits"))
    };
    texts.iter().map(read).collect()
}

/// The rootwardctl that is installed beside this program, for machines without a screen.
fn rootwardctl() -> Result<PathBuf, Failure> {
    let here = std::env::current_exe();
    let beside = here.ok().and_then(|here| Some(here.parent()?.to_owned()));
    let unknown = || Failure::fault("metadata-not-found", "this program does not know where it is installed");
    Ok(beside
        .ok_or_else(unknown)?
        .join(format!("rootwardctl{}", std::env::consts::EXE_SUFFIX)))
}
