//! What screens and transcripts need of a ceremony besides its journal: the document, the difference, who can sign here.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::archive::disk_failed;
use super::ceremonies::{Ceremonies, Record, State};
use super::consequences::consequences;
use super::delta::Delta;
use super::event::Event;
use super::grounds::wave;
use super::once::Conflict;
use super::outstanding::Outstanding;
use super::plan::{Plan, deltas};
use super::roster::{NamedKey, Quorum, Roster, quorums};
use super::state::Ceremony;
use super::title::title;
use crate::border::{Sentence, transcript};
use crate::keyring;
use crate::ports::Failure;

/// A ceremony looked at from this desk.
pub struct Insight {
    pub record: Record,
    /// None for a journal that does not hold.
    pub sound: Option<Sound>,
}

/// What can be computed of a ceremony that holds.
pub struct Sound {
    /// In the order they are signed; or why there can be none.
    pub documents: Result<Vec<Shown>, Failure>,
    pub old: Roster,
    pub new: Roster,
    /// Of the roles whose keys or thresholds change.
    pub deltas: Vec<Delta>,
    /// The change in one sentence.
    pub title: String,
    /// Notary: keys of older roots that may sign root besides.
    pub legacy: Vec<NamedKey>,
    pub names: HashMap<PhysicalKey, String>,
    pub consequences: Vec<Sentence>,
    pub conflicts: Vec<Conflict>,
    /// Where keys are, as far as this desk knows: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub files: HashMap<PhysicalKey, String>,
    /// Where keys in tokens were last seen, and when: for those of which it is not known where they are now.
    pub seen: HashMap<PhysicalKey, (String, Instant)>,
    pub asking: BTreeSet<PhysicalKey>,
    pub outstanding: Outstanding,
}

/// A document of a ceremony.
pub struct Shown {
    pub role: RoleName,
    pub version: (u64, u64),
    pub wave: u8,
    /// The frozen bytes, or those that would be frozen now; none while something in them is still to be made.
    pub bytes: Option<AnyFrozen>,
    pub quorums: Vec<Quorum>,
}

/// What writes reports.
pub(super) const PROGRAM: &str = concat!("Rootward ", env!("CARGO_PKG_VERSION"));

impl Ceremonies {
    /// Everything there is to show of one ceremony.
    pub fn insight(&self, id: &str) -> Result<Insight, Failure> {
        let record = self.one(id)?;
        let sound = match &record.state {
            State::Sound(ceremony) => Some(self.look_at(id, ceremony, &record.events)?),
            State::Broken { .. } => None,
        };
        Ok(Insight { record, sound })
    }

    /// Writes the transcript of a ceremony: the file that machines check where the name ends in `.transcript`, the evidence pack
    /// where it ends in `.zip`, else the page that people read and sign.
    pub fn save_transcript(&self, id: &str, path: &Path) -> Result<(), Failure> {
        let bytes = match path.extension().and_then(|ending| ending.to_str()) {
            Some("transcript") => self.transcript(id)?,
            Some("zip") => self.evidence(id, Vec::new())?,
            _ => transcript(&self.insight(id)?, PROGRAM, &self.ports.clock.now().to_string()).into_bytes(),
        };
        let written = self.ports.disk.write(path, &bytes, false);
        written.map_err(|error| disk_failed("write", path, &error))
    }

    fn look_at(&self, id: &str, ceremony: &Ceremony, events: &[Event]) -> Result<Sound, Failure> {
        let change = ceremony.change();
        let grounds = &ceremony.grounds;
        let now = self.ports.clock.now();
        let mut files = HashMap::new();
        for key in self.keys_at_hand(ceremony.begun.repository.practice)? {
            files.insert(key.public.physical(), keyring::written(&key.reference));
        }
        for signer in &change.signers {
            if let Some(physical) = PhysicalKey::parse(&signer.physical_key) {
                files.insert(physical, signer.key.clone());
            }
        }
        files.retain(|key, _| change.gone(key).is_none());
        let seen = match ceremony.begun.repository.practice {
            true => Vec::new(),
            false => keyring::remembered_places(&*self.ports.vault)?,
        };
        let seen = seen
            .into_iter()
            .filter(|place| change.gone(&place.public.physical()).is_none());
        let seen = seen.map(|place| {
            (
                place.public.physical(),
                (keyring::written(&place.reference), place.seen_at),
            )
        });
        let asking = self
            .asked()
            .iter()
            .filter(|(ceremony, _)| ceremony == id)
            .map(|(_, key)| *key)
            .collect();
        let names = change.names();
        // Consequences are worked out again from the change: they say what was known before anything was signed.
        let plan = Plan::of(change, grounds, &ceremony.prepared, ceremony.begun_at);
        let (mut conflicts, mut said) = (Vec::new(), Vec::new());
        if let Ok(plan) = &plan {
            if !ceremony.has_ended() {
                let collected = ceremony.stage.collected();
                conflicts = self.conflicts(plan, grounds, &ceremony.begun.repository, collected)?;
            }
            said = consequences(plan, change, grounds, now, &conflicts);
        }
        let collected = ceremony.stage.collected();
        let (old, fixed) = ceremony.rosters();
        let new = match (collected, &plan) {
            (None, Ok(plan)) => plan.new.clone(),
            (Some(_), _) | (None, Err(_)) => fixed,
        };
        let deltas = deltas(change, &old, &new);
        let legacy = change.legacy.iter().filter_map(|keyid| {
            let key = grounds.root()?.body().keys.get(&KeyId::new(&**keyid))?;
            NamedKey::of(key, &names).filter(|key| change.gone(&key.physical).is_none())
        });
        Ok(Sound {
            title: title(change, &deltas, &ceremony.begun.repository.name),
            deltas,
            legacy: legacy.collect(),
            documents: match (plan, collected) {
                (Err(failure), None) => Err(failure),
                (plan, _) => {
                    let drafts = plan.map(|plan| plan.drafts).unwrap_or_default();
                    Ok(shown(ceremony, &drafts, &old, &new))
                }
            },
            old,
            new,
            names,
            consequences: said,
            conflicts,
            files,
            seen: seen.collect(),
            asking,
            outstanding: Outstanding::of(ceremony, events),
        })
    }
}

fn shown(ceremony: &Ceremony, drafts: &[AnyFrozen], old: &Roster, new: &Roster) -> Vec<Shown> {
    let change = ceremony.change();
    let each = ceremony.grounds.roles().into_iter().filter_map(|role| {
        let from = ceremony.grounds.version(&role)?;
        let sheet = ceremony.stage.collected().and_then(|collected| collected.sheet(&role));
        let drafted = || drafts.iter().find(|draft| *draft.role() == role).cloned();
        Some(Shown {
            version: (from, from.saturating_add(1)),
            wave: wave(&role),
            bytes: sheet.map(|sheet| sheet.frozen.clone()).or_else(drafted),
            quorums: quorums(&role, old, new, change),
            role,
        })
    });
    each.collect()
}
