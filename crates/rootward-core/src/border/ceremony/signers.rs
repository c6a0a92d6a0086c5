//! The keys that count for a ceremony's documents, and what each can do now.

use rootward_tuf::role::RoleName;

use super::whom::instead;
use crate::border::{AskBy, Custody, SignerDocument, SignerRow, visible};
use crate::ceremony::{Ceremony, ELSEWHERE, Gone, NamedKey, Part, Shown, Side, Sound, Stage};
use crate::keyring;

/// Every key once: those of root first, then those of the other documents, then older roots' keys.
pub(super) fn signers(ceremony: &Ceremony, sound: &Sound) -> Vec<SignerRow> {
    let Ok(documents) = &sound.documents else {
        return Vec::new();
    };
    let listed = documents
        .iter()
        .flat_map(|document| document.quorums.iter().rev())
        .flat_map(|quorum| quorum.every_key());
    let mut keys: Vec<&NamedKey> = Vec::new();
    for key in listed.chain(&sound.legacy) {
        if keys.iter().all(|known| known.physical != key.physical) {
            keys.push(key);
        }
    }
    let row = |key: &NamedKey| {
        Signer {
            ceremony,
            sound,
            documents,
            key,
        }
        .row()
    };
    keys.into_iter().map(row).collect()
}

struct Signer<'a> {
    ceremony: &'a Ceremony,
    sound: &'a Sound,
    documents: &'a [Shown],
    key: &'a NamedKey,
}

impl Signer<'_> {
    fn row(&self) -> SignerRow {
        let key = self.key;
        let signed = self.documents().into_iter().filter_map(|document| document.signed_at);
        let at = self.at();
        let reference = at.as_deref().and_then(|at| keyring::parse(at).ok());
        let asking = self.sound.asking.contains(&key.physical);
        let conflict = self
            .sound
            .conflicts
            .iter()
            .any(|conflict| conflict.physical == key.physical);
        let waits = self.documents().iter().any(|document| document.waits);
        let part = self.sound.outstanding.part(&key.physical);
        let last_seen = match at {
            Some(_) => None,
            None => self.sound.seen.get(&key.physical),
        };
        let shown = reference.or_else(|| keyring::parse(&last_seen?.0).ok());
        SignerRow {
            physical_key: key.physical.to_string(),
            keyid: visible(key.shown_id().as_str()),
            canonical_keyid: (*key.shown_id() != key.canonical).then(|| visible(key.canonical.as_str())),
            label: visible(&key.label),
            custody: shown.as_ref().map_or(Custody::Unknown, Custody::at),
            file: match shown.as_ref() {
                Some(reference) => Some(visible(&keyring::label(reference))),
                None => self.signed_elsewhere().then(|| ELSEWHERE.into()),
            },
            counts_old: self.counts(Side::Old),
            counts_new: self.counts(Side::New),
            documents: self.documents(),
            signed_at: signed.max(),
            asked_at: match part {
                Part::Asked(at) => Some(at.to_string()),
                Part::Wanted | Part::StandIn | Part::Spare => None,
            },
            ask: (self.is_open() && self.gone().is_none()).then(|| ask(part)).flatten(),
            instead: waits.then(|| instead(&self.sound.outstanding, key, part)).flatten(),
            last_seen: last_seen.map(|(_, at)| at.to_string()),
            asking,
            can_sign: waits && !asking && at.is_some() && self.gone().is_none(),
            needs_reason: waits && conflict && self.gone().is_none(),
            state: self.state(at.is_some(), asking, part),
        }
    }

    /// Why it is asked for nothing.
    fn gone(&self) -> Option<Gone> {
        self.ceremony.change().gone(&self.key.physical)
    }

    /// Where the key is, or was when it signed.
    fn at(&self) -> Option<String> {
        let collected = self.ceremony.stage.collected();
        let mut given = collected.into_iter().flat_map(|collected| collected.signatures());
        let given = given.find(|given| given.physical == self.key.physical);
        let known = || self.sound.files.get(&self.key.physical).cloned();
        given.map(|given| given.key.clone()).or_else(known)
    }

    /// Whether what it signed was brought here by file.
    fn signed_elsewhere(&self) -> bool {
        let collected = self.ceremony.stage.collected();
        let mut given = collected.into_iter().flat_map(|collected| collected.signatures());
        given.any(|given| given.physical == self.key.physical && given.key == ELSEWHERE)
    }

    /// Whether it counts for one of root's thresholds.
    fn counts(&self, side: Side) -> bool {
        let quorums = self.documents.iter().flat_map(|document| &document.quorums);
        quorums
            .filter(|quorum| quorum.side == side)
            .any(|quorum| quorum.has(&self.key.physical))
    }

    /// The documents it signs. An older root's key signs root.
    fn documents(&self) -> Vec<SignerDocument> {
        let is_legacy = self.sound.legacy.iter().any(|key| key.physical == self.key.physical);
        let signs = |document: &&Shown| {
            let counts = document.quorums.iter().any(|quorum| quorum.has(&self.key.physical));
            counts || is_legacy && document.role == RoleName::root()
        };
        let told = |document: &Shown| {
            let collected = self.ceremony.stage.collected();
            let sheet = collected.and_then(|collected| collected.sheet(&document.role));
            let given = sheet.and_then(|sheet| sheet.signature_of(&self.key.physical));
            let open = collected.is_some_and(|collected| match sheet {
                Some(_) => collected.is_open(&document.role),
                None => collected.can_be_frozen().contains(&document.role),
            });
            SignerDocument {
                role: document.role.as_str().into(),
                version: document.version.1,
                wave: document.wave.into(),
                signed_at: given.map(|given| given.at.to_string()),
                waits: given.is_none() && open && self.is_collecting(),
            }
        };
        self.documents.iter().filter(signs).map(told).collect()
    }

    fn is_collecting(&self) -> bool {
        matches!(
            self.ceremony.stage,
            Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..)
        )
    }

    /// Whether there is something to hand out that takes its signature now.
    fn is_open(&self) -> bool {
        let Some(collected) = self.ceremony.stage.collected().filter(|_| self.is_collecting()) else {
            return false;
        };
        let counts = |document: &&Shown| document.quorums.iter().any(|quorum| quorum.has(&self.key.physical));
        self.documents.iter().filter(counts).any(|document| {
            let sheet = collected.sheet(&document.role);
            let unsigned = sheet.is_some_and(|sheet| sheet.signature_of(&self.key.physical).is_none());
            unsigned && collected.is_open(&document.role)
        })
    }

    fn state(&self, is_known: bool, asking: bool, part: Part) -> String {
        let documents = self.documents();
        let names = |documents: &[&SignerDocument]| {
            let names: Vec<&str> = documents.iter().map(|document| document.role.as_str()).collect();
            names.join(" and ")
        };
        let (signed, unsigned): (Vec<_>, Vec<_>) = documents.iter().partition(|document| document.signed_at.is_some());
        let conflict = self
            .sound
            .conflicts
            .iter()
            .find(|conflict| conflict.physical == self.key.physical);
        let waits = unsigned.iter().any(|document| document.waits);
        if unsigned.is_empty() {
            return match self.signed_elsewhere() {
                true => "Signed elsewhere, verified in software on this machine".into(),
                false => "Signed on this machine, verified in software".into(),
            };
        }
        if let (Some(gone), true) = (self.gone(), signed.is_empty()) {
            return match gone {
                Gone::Lost => "Lost: it cannot sign".into(),
                Gone::Stolen => "Stolen: it is not asked to sign".into(),
            };
        }
        if let (Some(conflict), true) = (conflict, signed.is_empty()) {
            let other = conflict.other.account(&conflict.role, conflict.version);
            let said = format!("Signs for a reason only: it {other}{}", conflict.other.ceremony);
            return visible(&said);
        }
        if asking {
            return "The prompt window is asking for its secret".into();
        }
        let signed_some = format!("Signed {}, verified in software", names(&signed));
        match (signed.is_empty(), waits) {
            (true, true) if matches!(part, Part::Asked(_)) => "Asked by file; its answer is awaited".into(),
            (true, true) if part == Part::Spare => "Not needed: spare".into(),
            (true, true) if !is_known && part == Part::StandIn => "Not asked: spare if those asked answer".into(),
            _ if !is_known && self.is_collecting() => {
                "Not asked; it is not known on this desk where this key is".into()
            }
            _ if !is_known => "It is not known on this desk where this key is".into(),
            (true, false) if self.is_collecting() => {
                format!("Signs {} when what it names is complete", names(&unsigned))
            }
            (true, false) => "Has not signed".into(),
            (true, true) => "Ready to sign".into(),
            (false, true) => format!("{signed_some}; ready to sign {}", names(&unsigned)),
            (false, false) => format!("{signed_some}; {} comes after", names(&unsigned)),
        }
    }
}

/// Why a key that could sign would be asked by file.
fn ask(part: Part) -> Option<AskBy> {
    match part {
        Part::Asked(_) => Some(AskBy::Again),
        Part::Wanted => Some(AskBy::File),
        Part::StandIn => Some(AskBy::Instead),
        Part::Spare => None,
    }
}
