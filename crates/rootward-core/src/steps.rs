//! One step of a ceremony at a time, without a window: what `rootwardctl ceremony sign`, `rehearse` and `publish` ask of the desk.

use rootward_tuf::key::PhysicalKey;

use crate::border::{Action, RotationReport, SignerRow, visible};
use crate::ports::Failure;
use crate::rotations::Rotations;

impl Rotations {
    /// Has a key sign what waits for it. `key` is where it is, or what the ceremony calls a key of which the desk knows where it
    /// is: its name, its keyid or `sha256:…`.
    ///
    /// Refuses with `key-not-found` what names none or several; fails as signing does.
    pub async fn sign_by(&self, id: &str, key: &str, again_because: Option<&str>) -> Result<(), Failure> {
        if !is_place(key) {
            let physical = self.meant(id, key)?;
            return self.sign(id, &physical, again_because).await;
        }
        let (key, because) = (key.to_owned(), again_because.map(str::to_owned));
        self.blocking(id, move |ceremonies, id| {
            ceremonies.sign_at(id, &key, None, because.as_deref()).map(drop)
        })
        .await
    }

    /// Runs the simulated clients; those on root `oldest` and later must be taken along, where it is given.
    pub async fn rehearse(&self, id: &str, oldest: Option<u64>) -> Result<(), Failure> {
        self.ceremonies.rehearse_from(id, oldest).await.map(drop)
    }

    /// Publishes what was rehearsed, or what publishing was begun for, and walks again through the public door.
    pub async fn publish(&self, id: &str) -> Result<(), Failure> {
        let record = self.ceremonies.publish(id).await?;
        if let Some(begun) = record.begun() {
            let repository = begun.repository.id.clone();
            // What the desk shows; the ceremony's own walk has decided already.
            let _ = self.desk.act(Action::Refresh { repository }).await;
        }
        Ok(())
    }

    /// How far a ceremony came, as `--json` prints it after a step.
    pub fn came_to(&self, id: &str) -> Result<RotationReport, Failure> {
        self.report(id, None, None)
    }

    /// The keys of a ceremony that words mean.
    pub(crate) fn meant_all(&self, id: &str, words: &[String]) -> Result<Vec<PhysicalKey>, Failure> {
        let meant = words.iter().map(|word| self.meant(id, word));
        Ok(meant
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .filter_map(|key| PhysicalKey::parse(key))
            .collect())
    }

    /// The key of a ceremony that a word means.
    fn meant(&self, id: &str, word: &str) -> Result<String, Failure> {
        let signers = self.view(id)?.signers;
        let is_meant = |row: &&SignerRow| {
            let ids = [Some(&row.physical_key), Some(&row.keyid), row.canonical_keyid.as_ref()];
            row.label == word || ids.into_iter().flatten().any(|id| id == word)
        };
        let found: Vec<&SignerRow> = signers.iter().filter(is_meant).collect();
        match found.as_slice() {
            [only] => Ok(only.physical_key.clone()),
            [] => Err(Failure::refusal(
                "key-not-found",
                format!("no key that counts for ceremony {id} is {}", visible(word)),
            )),
            several => Err(Failure::refusal(
                "key-not-found",
                format!(
                    "{} keys of ceremony {id} are called {}: say which by where it is, or by its keyid",
                    several.len(),
                    visible(word)
                ),
            )),
        }
    }
}

fn is_place(text: &str) -> bool {
    ["file:", "yubikey:", "pkcs11:", "keychain:"]
        .iter()
        .any(|kind| text.starts_with(kind))
}
