//! Keys that are stolen or lost, or whose officer leaves, over every repository of the desk that lists them.

use std::collections::BTreeSet;

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::time::Instant;

use super::Rootward;
use crate::{
    border::{
        ChangeWish, Custody, KeyFileView, Mark, PlanView, RevocationCause, RevocationExtent, RevocationExtentView,
        RevocationKeyView, RevocationRow, RevocationView, SlotView, TokenKeyKind, visible,
    },
    ceremony::{concerned, repair},
    keyring::{KeyAtHand, Keyring, RingKey},
    ports::Failure,
};

/// What happened to which keys, and what takes their place.
pub(super) struct Revocation<'a> {
    pub physical_key: &'a str,
    pub extent: RevocationExtent,
    pub cause: RevocationCause,
    pub replacement: Option<&'a str>,
}

impl Rootward {
    /// What is open and what would close it; fails with `key-not-found`.
    pub(super) fn revocation(&self, revoked: &Revocation<'_>, now: Instant) -> Result<RevocationView, Failure> {
        let (ring, _) = self.keyring(now)?;
        let physical = PhysicalKey::parse(revoked.physical_key);
        let key = physical.and_then(|physical| ring.key(&physical)).ok_or_else(|| {
            Failure::fault("key-not-found", "this desk knows no such key").with("physical_key", revoked.physical_key)
        })?;
        let keys = concerned(&ring, key, revoked.extent);
        let repositories: BTreeSet<&str> = keys
            .iter()
            .flat_map(|key| key.now())
            .map(|each| each.repository.as_str())
            .collect();
        let rows: Result<Vec<RevocationRow>, Failure> = repositories
            .into_iter()
            .map(|repository| self.revocation_in(repository, &keys, revoked, now))
            .collect();
        let mut rows = rows?;
        rows.sort_by(|one, other| (other.grade as u8, &one.name).cmp(&(one.grade as u8, &other.name)));
        Ok(RevocationView {
            practice: key.practice,
            extents: extents(&ring, key),
            keys: keys.iter().map(|key| shown(key)).collect(),
            repositories: rows,
            key_files: self.replacements(key.practice, &keys)?,
            slots: self.free_slots(key.practice, &keys),
            kinds: vec![TokenKeyKind::P256, TokenKeyKind::P384],
        })
    }

    /// Key files that could take the place of the keys that are revoked.
    fn replacements(&self, practice: bool, revoked: &[&RingKey]) -> Result<Vec<KeyFileView>, Failure> {
        let files = self.desk.ceremonies.files_at_hand(practice)?;
        let is_other = |file: &&KeyAtHand| revoked.iter().all(|key| key.physical != file.public.physical());
        Ok(files.iter().filter(is_other).map(KeyFileView::of).collect())
    }

    /// Slots whose key could take their place, or in which one can be born.
    fn free_slots(&self, practice: bool, revoked: &[&RingKey]) -> Vec<SlotView> {
        let is_revoked = |slot: &SlotView| {
            let ids = revoked.iter().map(|key| key.physical.to_string());
            ids.into_iter().any(|id| slot.physical_key.as_ref() == Some(&id))
        };
        let offered = self.tokens().offered_to(practice).tokens.into_iter();
        let usable = offered.filter(|token| token.trouble.is_none());
        let slots = usable.flat_map(|token| token.slots);
        let mut slots: Vec<SlotView> = slots
            .filter(|slot| (slot.physical_key.is_some() || !slot.occupied) && !is_revoked(slot))
            .collect();
        slots.sort_by_key(|slot| !slot.occupied);
        slots
    }

    fn revocation_in(
        &self,
        repository: &str,
        keys: &[&RingKey],
        revoked: &Revocation<'_>,
        now: Instant,
    ) -> Result<RevocationRow, Failure> {
        let counts = |key: &&&RingKey| key.now().any(|each| each.repository == repository);
        let here: Vec<&RingKey> = keys.iter().filter(counts).copied().collect();
        let ids: Vec<String> = here.iter().map(|key| key.physical.to_string()).collect();
        let blast = self.blast(repository, &ids, now)?;
        let mut roles: Vec<String> = Vec::new();
        for each in here
            .iter()
            .flat_map(|key| key.now())
            .filter(|each| each.repository == repository)
        {
            let role = visible(each.role.as_str());
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        let mut wish = repair(&here, revoked.cause, revoked.replacement);
        let planned = self.planned(repository, &mut wish);
        let open = self.desk.ceremonies.open_in(repository)?;
        let (documents, warnings, refusal) = match planned {
            Ok(plan) => {
                let warnings = plan.consequences.into_iter().filter(|said| said.mark == Mark::Warning);
                (plan.documents, warnings.collect(), None)
            }
            Err(failure) => (Vec::new(), Vec::new(), Some(failure)),
        };
        Ok(RevocationRow {
            repository: repository.to_owned(),
            name: blast.name,
            grade: blast.grade,
            verdict: blast.verdict,
            roles,
            repairs: blast.repairs,
            wish,
            documents,
            warnings,
            refusal,
            open_ceremony: open,
        })
    }

    /// Works a wish out; where only others can sign snapshot and timestamp, as one after which they do, which the plan says.
    fn planned(&self, repository: &str, wish: &mut ChangeWish) -> Result<PlanView, Failure> {
        let (memory, reading) = self.memory(repository)?;
        let foresee = |wish: &ChangeWish| -> Result<PlanView, Failure> {
            let foreseen = self.desk.ceremonies.foresee(&memory, &reading, wish)?;
            Ok(PlanView::of(&foreseen))
        };
        match foresee(wish) {
            Err(failure)
                if failure
                    .details
                    .get("unless")
                    .is_some_and(|unless| unless == "online-elsewhere") =>
            {
                wish.online_elsewhere = true;
                foresee(wish)
            }
            planned => planned,
        }
    }
}

fn extents(ring: &Keyring, key: &RingKey) -> Vec<RevocationExtentView> {
    let view = |extent: RevocationExtent, name: String| RevocationExtentView {
        extent,
        name: visible(&name),
        keys: concerned(ring, key, extent).len() as u32,
    };
    let token = key.device().map(|device| view(RevocationExtent::Token, device));
    let officer = key
        .holder()
        .map(|holder| view(RevocationExtent::Officer, holder.to_owned()));
    let mut extents = vec![view(RevocationExtent::Key, place(key))];
    extents.extend(token);
    extents.extend(officer);
    extents
}

fn shown(key: &RingKey) -> RevocationKeyView {
    RevocationKeyView {
        physical_key: key.physical.to_string(),
        place: visible(&place(key)),
        officer: key.holder().map(visible),
        custody: Custody::of(key.holding),
    }
}

fn place(key: &RingKey) -> String {
    let known = key
        .device()
        .or_else(|| key.places.first().map(crate::keyring::Place::label));
    known.unwrap_or_else(|| format!("key {}", crate::border::short(&key.physical.to_string())))
}
