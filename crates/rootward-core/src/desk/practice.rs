//! The practice estate on the desk: made on first start, registered like anything else, and made anew when asked for.

use super::{Rootward, refresh::blocking};
use crate::{
    border::Notice,
    ports::{AnchorHow, Failure, RepositoryRecord},
    practice,
};

/// The vault's note that the estate was made to its end; a half-made one has none and is made again.
const MADE: &str = "practice-estate";

impl Rootward {
    /// Makes the practice estate unless it is there.
    ///
    /// An estate that nobody has practised on is made again once its short-lived documents have run out, so that what it
    /// promises to show stays true. One that somebody did practise on is left alone. Fails as disk and keys do.
    #[tracing::instrument(skip(self))]
    pub async fn ensure_practice(&self) -> Result<(), Failure> {
        let vault = self.desk.ports.vault.clone();
        let made = blocking(move || vault.setting(MADE))
            .await?
            .is_some_and(|note| note == "made");
        if !made {
            return self.make_practice().await;
        }
        if self.practice_ran_out() && !self.was_practised()? {
            return self.make_practice().await;
        }
        Ok(())
    }

    /// Makes the practice estate anew; what was practised on the old one is gone from its repositories.
    ///
    /// Fails as disk and keys do.
    #[tracing::instrument(skip(self))]
    pub async fn reset_practice(&self) -> Result<(), Failure> {
        self.make_practice().await
    }

    async fn make_practice(&self) -> Result<(), Failure> {
        let vault = self.desk.ports.vault.clone();
        blocking(move || vault.set_setting(MADE, "being made")).await?;
        for id in self.practice_ids() {
            self.forget(id).await?;
        }
        let made = practice::make(&self.desk.ports).await?;
        let mut ids = Vec::new();
        for repository in made {
            let id = self.remember(repository.source, Some(repository.name), true).await?;
            let (desk, anchored) = (self.clone(), id.clone());
            let root = repository.first_root.file_bytes().to_vec();
            blocking(move || desk.anchor(&anchored, AnchorHow::Given, root)).await?;
            ids.push(id);
        }
        self.refresh(ids).await?;
        let vault = self.desk.ports.vault.clone();
        blocking(move || vault.set_setting(MADE, "made")).await?;
        self.notify(Notice::EstateChanged);
        Ok(())
    }

    fn practice_ids(&self) -> Vec<String> {
        let state = self.state();
        let practice = state
            .repositories()
            .filter(|known| self.is_of_the_estate(&known.record));
        practice.map(|known| known.record.id.clone()).collect()
    }

    fn is_of_the_estate(&self, record: &RepositoryRecord) -> bool {
        record.practice && practice::is_of_the_estate(&self.desk.ports.data, &record.source)
    }

    /// Whether most of the estate's timestamps have expired: only few are meant to.
    fn practice_ran_out(&self) -> bool {
        let now = self.desk.ports.clock.now();
        let state = self.state();
        let repositories = state.repositories();
        let practice: Vec<_> = repositories
            .filter(|known| self.is_of_the_estate(&known.record))
            .collect();
        let expired = practice.iter().filter(|known| known.timestamp_expired(now)).count();
        expired * 2 > practice.len()
    }

    /// Whether a ceremony was ever held for a practice repository.
    fn was_practised(&self) -> Result<bool, Failure> {
        let ids = self.practice_ids();
        let ceremonies = self.desk.ceremonies.all()?;
        let mut begun = ceremonies.iter().filter_map(|record| record.begun());
        Ok(begun.any(|begun| ids.contains(&begun.repository.id)))
    }
}
