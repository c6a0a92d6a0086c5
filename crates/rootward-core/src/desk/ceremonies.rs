//! Actions on ceremonies: each is one step of the state machine, and the repository is judged anew where one changed it.

use std::path::PathBuf;

use rootward_tuf::key::PhysicalKey;

use super::{Rootward, refresh::blocking};
use crate::{
    border::{Action, Notice, Outcome},
    ports::Failure,
};

impl Rootward {
    pub(super) async fn perform_ceremony(&self, action: Action) -> Result<Outcome, Failure> {
        let ceremonies = self.desk.ceremonies.clone();
        match action {
            Action::BeginRotation { repository, change } => {
                let ceremony = ceremonies.begin(&repository, change).await?;
                self.settled(&repository).await?;
                self.notify(Notice::EstateChanged);
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
                again_because,
            } => {
                let key = PhysicalKey::parse(&physical_key).ok_or_else(|| {
                    let message = "expected a physical key such as sha256:…";
                    Failure::fault("bad-usage", message).with("key", &physical_key)
                })?;
                let signed = blocking(move || match again_because {
                    Some(because) => ceremonies.sign_again(&ceremony, &key, &because),
                    None => ceremonies.sign(&ceremony, &key),
                })
                .await;
                self.tokens_were_asked();
                signed?;
            }
            Action::Rehearse { ceremony } => drop(ceremonies.rehearse(&ceremony).await?),
            Action::Publish { ceremony } => {
                let ended = ceremonies.publish(&ceremony).await;
                if let Some(begun) = ceremonies.one(&ceremony)?.begun() {
                    self.settled(&begun.repository.id).await?;
                }
                ended?;
            }
            Action::Abandon { ceremony, reason } => drop(ceremonies.abandon(&ceremony, &reason).await?),
            Action::SaveTranscript { ceremony, path } => {
                let path = transcript_file(path)?;
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

    /// Visits a repository that a ceremony touched, and shows what is there now.
    async fn settled(&self, repository: &str) -> Result<(), Failure> {
        match self.refresh(vec![repository.to_owned()]).await {
            Err(failure) if failure.code == "panicked" => Err(failure),
            // What kept the visit from its end is on the node; the ceremony's own outcome is what was asked for.
            _ => Ok(()),
        }
    }
}

/// Where a page may have a transcript written. Words in it are an officer's or a repository's, so it must not become a file
/// that a shell or a session runs.
fn transcript_file(path: String) -> Result<PathBuf, Failure> {
    let file = PathBuf::from(path);
    if file.extension().is_some_and(|ending| ending == "html") {
        return Ok(file);
    }
    let message = "a transcript is saved as a file whose name ends in .html";
    Err(Failure::fault("bad-usage", message).with("file", file.display().to_string()))
}
