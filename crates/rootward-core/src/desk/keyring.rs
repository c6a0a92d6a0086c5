//! The keyring of the desk: gathered when something changed, kept for whoever asks in between; names, proofs, roll calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rootward_tuf::key::{PhysicalKey, PublicKey};
use rootward_tuf::time::Instant;

use super::{Rootward, refresh::blocking};
use crate::{
    border::{KeyView, KeysRequest, KeysWindow, Notice, Outcome, ReadinessView, RollCallView},
    keyring::{self, Facts, Keyring, Place, attestation::Attestations},
    ledger::Deeds,
    ports::{Attached, Failure, KeyReference},
    repositories::index::Index,
};

/// The keyring as it was last gathered, and what PKCS#11 modules told when they were last asked.
#[derive(Default)]
pub struct Ring {
    gathered: Mutex<Option<Gathered>>,
    modules: Mutex<InModules>,
}

#[derive(Default)]
struct InModules {
    places: Vec<Place>,
    asked_at: Option<Instant>,
    is_asking: bool,
}

struct Gathered {
    index: Arc<Index>,
    deeds: Arc<Deeds>,
    attached: Vec<Attached>,
    at: Instant,
    ring: Arc<Keyring>,
}

/// Key files are looked at again after so many seconds; while a refresh changes the index all the time, the ring as a whole.
const HOLDS: i64 = 30;

/// For how many days a key counts as proven, unless somebody says otherwise.
const PROOF_DAYS: u32 = 90;
const PROOF_DAYS_SETTING: &str = "proof-days";
/// Roots that the first screen lists.
const MOST_ROOTS: usize = 12;

impl Ring {
    /// What was gathered counts no more.
    pub fn forget(&self) {
        *self.gathered.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A token came or went: whoever asks next has modules asked as well.
    pub fn ask_modules_again(&self) {
        self.modules().asked_at = None;
    }

    fn modules(&self) -> MutexGuard<'_, InModules> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rootward {
    /// Every key of the desk, and what keys did on it.
    pub(crate) fn keyring(&self, now: Instant) -> Result<(Arc<Keyring>, Arc<Deeds>), Failure> {
        let index = self.state().index();
        let deeds = self.desk.ceremonies.ledger().deeds()?;
        let attached = self.attached().unwrap_or_default();
        let is_busy = self.desk.running.progress().is_some();
        // Held while it is gathered: two windows that ask at once wait for one keyring.
        let in_modules = self.in_modules(now);
        let mut kept = self.desk.ring.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gathered) = &*kept {
            let age = (now.unix_seconds() - gathered.at.unix_seconds()).abs();
            let is_same = is_busy || Arc::ptr_eq(&gathered.index, &index);
            if is_same && age < HOLDS && gathered.attached == attached && Arc::ptr_eq(&gathered.deeds, &deeds) {
                return Ok((gathered.ring.clone(), deeds));
            }
        }
        let ports = &self.desk.ports;
        let ring = Keyring::of(Facts {
            index: &index,
            places: keyring::places(ports, &attached, &in_modules)?,
            names: keyring::key_names(&*ports.vault)?,
            attestations: &Attestations::on(&*ports.vault)?,
            deeds: &deeds,
            proof_days: self.proof_days()?,
            now,
        });
        let ring = Arc::new(ring);
        *kept = Some(Gathered {
            index,
            deeds: deeds.clone(),
            attached,
            at: now,
            ring: ring.clone(),
        });
        Ok((ring, deeds))
    }

    /// What modules told when they were last asked; they are asked again on a thread of their own, since one may hang.
    fn in_modules(&self, now: Instant) -> Vec<Place> {
        let mut modules = self.desk.ring.modules();
        let age = |at: Instant| (now.unix_seconds() - at.unix_seconds()).abs();
        if !modules.is_asking && modules.asked_at.is_none_or(|at| age(at) >= HOLDS) {
            modules.is_asking = true;
            let desk = Arc::downgrade(&self.desk);
            std::thread::spawn(move || {
                if let Some(desk) = desk.upgrade() {
                    Rootward { desk }.ask_modules();
                }
            });
        }
        modules.places.clone()
    }

    /// Asks every allowed module for its keys, and says so where they are others than before. Blocks.
    pub(crate) fn ask_modules(&self) {
        let places = keyring::module_places(&self.desk.ports);
        if let Err(failure) = keyring::remember_in_modules(&self.desk.ports, &places) {
            // A place that is forgotten is found again when its token is there.
            tracing::warn!(code = failure.code, "tokens of modules were not remembered");
        }
        let mut modules = self.desk.ring.modules();
        let told = |places: &[Place]| -> Vec<_> {
            let each = places
                .iter()
                .map(|place| (place.reference.clone(), place.public.physical()));
            each.collect()
        };
        let has_changed = told(&modules.places) != told(&places);
        *modules = InModules {
            places,
            asked_at: Some(self.desk.ports.clock.now()),
            is_asking: false,
        };
        drop(modules);
        if has_changed {
            self.keys_changed();
        }
    }

    /// A window of the keyring's rows.
    pub(super) fn keys(&self, request: &KeysRequest, window: (u32, u32), now: Instant) -> Result<KeysWindow, Failure> {
        let (ring, deeds) = self.keyring(now)?;
        let matching = keyring::matching(&ring, &request.into());
        Ok(KeysWindow::of(&ring, &matching, &deeds, window, now))
    }

    /// One key in full; fails with `key-not-found`.
    pub(super) fn key(&self, physical: &str, now: Instant) -> Result<KeyView, Failure> {
        let (ring, deeds) = self.keyring(now)?;
        let key = ring.key(&parsed(physical)?).ok_or_else(|| no_such_key(physical))?;
        Ok(KeyView::of(key, &deeds, now))
    }

    /// Who of a repository's root was seen to work; refuses with `no-anchor` where root is not known or no person holds it.
    pub(super) fn roll_call(&self, repository: &str, now: Instant) -> Result<RollCallView, Failure> {
        let known = self.state().repository(repository)?;
        let (ring, deeds) = self.keyring(now)?;
        let days = self.proof_days()?;
        let readiness = keyring::readiness(&known, &ring, days, now).ok_or_else(|| {
            let message = "there is no trusted root here whose keys people hold, so nobody can be called";
            Failure::refusal("no-anchor", message).with("repository", repository)
        })?;
        Ok(RollCallView::of(&known, &readiness, &ring, &deeds, (days, now)))
    }

    /// Whether each root could be rotated today; those where that is not known first. And how many there are, and how many could.
    pub(super) fn readiness(&self, now: Instant) -> Result<(Vec<ReadinessView>, u32, u32), Failure> {
        let index = self.state().index();
        let (ring, _) = self.keyring(now)?;
        let days = self.proof_days()?;
        let known = index.segments.iter().map(|segment| &segment.known);
        let mut asked: Vec<ReadinessView> = known
            .filter_map(|known| Some(ReadinessView::of(known, &keyring::readiness(known, &ring, days, now)?)))
            .collect();
        let (all, ready) = (asked.len(), asked.iter().filter(|root| root.could).count());
        asked.sort_by(|one, other| {
            let rank = |root: &ReadinessView| {
                (
                    root.practice,
                    root.could,
                    root.until.clone(),
                    root.repository_name.clone(),
                )
            };
            rank(one).cmp(&rank(other))
        });
        asked.truncate(MOST_ROOTS);
        Ok((asked, all as u32, ready as u32))
    }

    /// For how many days a key counts as proven.
    pub(super) fn proof_days(&self) -> Result<u32, Failure> {
        let stored = self.desk.ports.vault.setting(PROOF_DAYS_SETTING)?;
        Ok(stored.and_then(|days| days.parse().ok()).unwrap_or(PROOF_DAYS))
    }

    pub(super) async fn set_proof_days(&self, days: u32) -> Result<Outcome, Failure> {
        if !(1..=3_650).contains(&days) {
            let message = format!("expected 1 to 3650 days for which a proof counts, got {days}");
            return Err(Failure::refusal("bad-usage", message));
        }
        let vault = self.desk.ports.vault.clone();
        blocking(move || vault.set_setting(PROOF_DAYS_SETTING, &days.to_string())).await?;
        self.keys_changed();
        Ok(Outcome::Done)
    }

    pub(super) async fn name_key(&self, physical: &str, name: String) -> Result<Outcome, Failure> {
        let (desk, physical) = (self.clone(), physical.to_owned());
        blocking(move || desk.call_key(&physical, &name)).await?;
        self.keys_changed();
        Ok(Outcome::Done)
    }

    /// Gives a key a name on this desk, in place of the one it had; an empty one takes it away.
    pub(crate) fn call_key(&self, physical: &str, name: &str) -> Result<(), Failure> {
        let key = parsed(physical)?;
        if name.chars().count() > LONGEST_NAME {
            let message = format!("expected a name of at most {LONGEST_NAME} characters");
            return Err(Failure::refusal("bad-usage", message));
        }
        keyring::name_key(&*self.desk.ports.vault, &key, name)
    }

    /// Has a key prove that it works. Blocks a thread of its own while a person is asked.
    ///
    /// Fails with `key-not-found` when this desk does not know where it is, and as [`keyring::prove`] does.
    pub(super) async fn prove_key(&self, physical: String, repository: Option<String>) -> Result<Outcome, Failure> {
        let desk = self.clone();
        let proven = blocking(move || desk.prove(&physical, repository.as_deref())).await;
        self.tokens_were_asked();
        self.keys_changed();
        proven.map(|()| Outcome::Done)
    }

    /// Has a key prove that it works, for the roll call of a repository or for itself.
    pub(crate) fn prove(&self, physical: &str, repository: Option<&str>) -> Result<(), Failure> {
        let (ring, _) = self.keyring(self.desk.ports.clock.now())?;
        let physical = parsed(physical)?;
        let key = ring.key(&physical).ok_or_else(|| no_such_key(&physical.to_string()))?;
        // What is here before what can be plugged in, and a token before a copy of its key.
        let place = key
            .places
            .iter()
            .min_by_key(|place| (!place.is_here, place.device.is_none()));
        let place = place.ok_or_else(|| {
            let message =
                "no key file or token here is known to hold this key: plug the token in, or open the file first";
            Failure::refusal("key-not-found", message).with("physical_key", physical.to_string())
        })?;
        self.prove_at(&place.reference, &place.public, repository)
    }

    /// Has the key at a place prove that it works.
    pub(crate) fn prove_at(
        &self,
        at: &KeyReference,
        public: &PublicKey,
        repository: Option<&str>,
    ) -> Result<(), Failure> {
        let known = repository.map(|id| self.state().repository(id)).transpose()?;
        let why = known
            .as_ref()
            .map_or(("", false), |known| (&*known.record.name, known.record.practice));
        let (ceremonies, physical) = (&self.desk.ceremonies, public.physical());
        let _asking = ceremonies.asked_for_a_proof(&physical)?;
        keyring::prove(
            &self.desk.ports,
            ceremonies.ledger(),
            &self.desk.proofs,
            at,
            public,
            why,
        )
        .map(drop)
    }

    /// Whatever was known of keys is stale, and the first screen with it.
    pub(super) fn keys_changed(&self) {
        self.desk.ring.forget();
        self.notify(Notice::KeysChanged);
    }
}

/// No person's name is longer.
const LONGEST_NAME: usize = 120;

fn parsed(physical: &str) -> Result<PhysicalKey, Failure> {
    PhysicalKey::parse(physical).ok_or_else(|| {
        let message = "expected a physical key such as sha256:…";
        Failure::fault("bad-usage", message).with("key", physical)
    })
}

fn no_such_key(physical: &str) -> Failure {
    Failure::fault("key-not-found", "this desk knows no such key").with("physical_key", physical)
}
