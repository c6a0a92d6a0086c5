//! What screens and transcripts need of a ceremony besides its journal: the document, the difference, who can sign here.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rootward_tuf::draft::Frozen;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;

use super::archive::disk_failed;
use super::ceremonies::{Ceremonies, Record, State};
use super::change::Change;
use super::consequences::consequences;
use super::delta::Delta;
use super::ledger::Conflict;
use super::plan::Plan;
use super::state::Ceremony;
use crate::border::{Sentence, transcript};
use crate::keyring;
use crate::ports::{Failure, RepositoryRecord};

/// A ceremony looked at from this desk.
pub struct Insight {
    pub record: Record,
    /// None for a journal that does not hold.
    pub sound: Option<Sound>,
}

/// What can be computed of a ceremony that holds.
pub struct Sound {
    /// The draft as it would be frozen, or the frozen bytes; or why there can be none.
    pub document: Result<Frozen<Root>, Failure>,
    pub delta: Option<Delta>,
    pub names: HashMap<PhysicalKey, String>,
    pub consequences: Vec<Sentence>,
    pub conflicts: Vec<Conflict>,
    /// Key files on this desk: `file:PATH` by the key in them.
    pub files: HashMap<PhysicalKey, String>,
    pub asking: BTreeSet<PhysicalKey>,
}

/// What a rotation form starts from.
pub struct RotationStart {
    pub repository: RepositoryRecord,
    /// The top-level role whose keys are to change.
    pub role: RoleName,
    pub root: rootward_tuf::verify::Verified<Root>,
    pub at_hand: Vec<keyring::KeyAtHand>,
}

impl Ceremonies {
    /// Everything there is to show of one ceremony.
    pub fn insight(&self, id: &str) -> Result<Insight, Failure> {
        let record = self.one(id)?;
        let sound = match &record.state {
            State::Sound(ceremony) => Some(self.look_at(id, ceremony)?),
            State::Broken { .. } => None,
        };
        Ok(Insight { record, sound })
    }

    /// Writes the transcript of a ceremony to a file.
    pub fn save_transcript(&self, id: &str, path: &Path) -> Result<(), Failure> {
        let program = concat!("Rootward ", env!("CARGO_PKG_VERSION"));
        let page = transcript(&self.insight(id)?, program, &self.ports.clock.now().to_string());
        let written = self.ports.disk.write(path, page.as_bytes(), false);
        written.map_err(|error| disk_failed("write", path, &error))
    }

    /// The root in force and the keys at hand; refuses with `no-anchor`, and with `bad-usage` what is no top-level role.
    pub fn rotation_start(&self, repository: &str, role: &str) -> Result<RotationStart, Failure> {
        let role = [
            RoleName::root(),
            RoleName::targets(),
            RoleName::snapshot(),
            RoleName::timestamp(),
        ]
        .into_iter()
        .find(|top| top.as_str() == role)
        .ok_or_else(|| Failure::fault("bad-usage", "expected root, targets, snapshot or timestamp"))?;
        let repository = self.repository(repository)?;
        let root = self.proven_root(&repository.id)?;
        let at_hand = self.keys_at_hand(repository.practice)?;
        Ok(RotationStart {
            repository,
            role,
            root,
            at_hand,
        })
    }

    fn look_at(&self, id: &str, ceremony: &Ceremony) -> Result<Sound, Failure> {
        let Change::Rotate(change) = &ceremony.begun.change;
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
        let asking = self
            .asked()
            .iter()
            .filter(|(ceremony, _)| ceremony == id)
            .map(|(_, key)| *key)
            .collect();
        let names = change.names();
        // Consequences are worked out again from the change: they say what was known before anything was signed.
        let plan = Plan::of(change, &ceremony.predecessor, ceremony.begun_at);
        let (mut conflicts, mut said) = (Vec::new(), Vec::new());
        if let Ok(plan) = &plan {
            let begun = &ceremony.begun;
            if !ceremony.has_ended() {
                conflicts = self.conflicts(plan, &begun.repository, &begun.builds_on)?;
            }
            said = consequences(plan, &ceremony.predecessor, now, &conflicts);
        }
        let document = match ceremony.stage.collected() {
            Some(collected) => Ok(collected.frozen.clone()),
            None => plan.map(|plan| plan.draft),
        };
        let body = document.as_ref().ok().map(|document| document.body());
        let delta = body.map(|new| Delta::between(ceremony.predecessor.body(), new, &names));
        Ok(Sound {
            document,
            delta,
            names,
            consequences: said,
            conflicts,
            files,
            asking,
        })
    }
}
