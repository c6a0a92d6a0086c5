//! Stolen keys in sentences: what they reach, what follows, what stays safe, what to do.
//!
//! Everything is computed by the rules; here it is only said.

mod paths;
mod repairs;
mod roles;

use std::collections::HashMap;

use rootward_tuf::{
    blast::{Blast, Effect, How, Reach, Rekeyed},
    dialect::Dialect,
    key::PhysicalKey,
    role::RoleName,
};

use super::{BlastGrade, BlastKeyView, BlastReport, BlastView, Mark, Sentence, Voice, counted, short, visible};
use crate::repositories::{
    dialect::Gun,
    known::Known,
    roles::{RoleKey, RoleTree},
};

/// Whose keys are asked about.
pub struct Subject<'a> {
    pub tree: &'a RoleTree,
    pub gun: Option<&'a Gun>,
}

/// What the sentences are made from.
struct Telling<'a, 'g> {
    blast: &'a Blast<'g>,
    labels: HashMap<PhysicalKey, String>,
    keys: Vec<BlastKeyView>,
}

/// Longer lists are cut, and say so.
const MOST_NAMES: usize = 8;

impl BlastView {
    /// What the screen shows.
    pub fn of(known: &Known, blast: &Blast<'_>) -> Self {
        let subject = Subject {
            tree: &known.tree,
            gun: known.gun.as_ref(),
        };
        let telling = Telling::new(&subject, blast);
        BlastView {
            repository: known.record.id.clone(),
            name: visible(&known.record.name),
            practice: known.record.practice,
            dialect: blast.dialect().into(),
            verdict: telling.verdict(),
            grade: telling.grade(),
            roles: telling.roles(),
            paths: telling.paths(&blast.territories),
            docker_paths: telling.paths(&blast.docker),
            replaceable: telling.replaceable(&blast.replaceable),
            docker_replaceable: telling.replaceable(&blast.replaceable_for_docker),
            effects: telling.effects(),
            safe: telling.safe(),
            repairs: telling.repairs(),
            allowed: super::desk_allowed(known),
            keys: telling.keys,
        }
    }
}

impl BlastReport {
    /// What `rootwardctl blast` prints of a repository at `source`.
    pub fn of(source: String, subject: &Subject<'_>, blast: &Blast<'_>) -> Self {
        let telling = Telling::new(subject, blast);
        let stolen = telling.keys.iter().filter(|key| key.stolen);
        BlastReport {
            source,
            dialect: blast.dialect().into(),
            gun: subject.gun.map(|gun| gun.as_str().to_owned()),
            keys: stolen.cloned().map(Into::into).collect(),
            grade: telling.grade(),
            verdict: telling.verdict().text(),
            roles: telling.roles().into_iter().map(Into::into).collect(),
            paths: telling.paths(&blast.territories).into_iter().map(Into::into).collect(),
            docker_paths: telling.paths(&blast.docker).into_iter().map(Into::into).collect(),
            replaceable: blast.replaceable.iter().map(Into::into).collect(),
            docker_replaceable: blast.replaceable_for_docker.iter().map(Into::into).collect(),
            effects: telling.effects().iter().map(Sentence::text).collect(),
            safe: telling.safe().iter().map(Sentence::text).collect(),
            repairs: telling.repairs().into_iter().map(Into::into).collect(),
        }
    }
}

impl<'a, 'g> Telling<'a, 'g> {
    fn new(subject: &Subject<'_>, blast: &'a Blast<'g>) -> Self {
        let stolen = |physical: &PhysicalKey| {
            let mut seats = blast.reaches.iter().flat_map(|reach| &reach.stolen);
            seats.any(|seat| seat.physical == *physical)
        };
        let mut keys: Vec<BlastKeyView> = Vec::new();
        let mut places: HashMap<PhysicalKey, usize> = HashMap::new();
        for node in &subject.tree.nodes {
            let role = visible(node.role.as_str());
            for key in &node.keys {
                let Some(physical) = key.physical else { continue };
                let place = *places.entry(physical).or_insert_with(|| {
                    keys.push(BlastKeyView {
                        physical_key: physical.to_string(),
                        label: label(key, subject.gun),
                        keyid: visible(&key.keyid),
                        custody: super::Custody::stated(key),
                        roles: Vec::new(),
                        stolen: stolen(&physical),
                    });
                    keys.len() - 1
                });
                if !keys[place].roles.contains(&role) {
                    keys[place].roles.push(role.clone());
                }
            }
        }
        let labels = places
            .iter()
            .map(|(physical, place)| (*physical, keys[*place].label.clone()))
            .collect();
        Telling { blast, labels, keys }
    }

    fn label(&self, physical: &PhysicalKey) -> String {
        let label = self.labels.get(physical).cloned();
        label.unwrap_or_else(|| format!("key {}", short(&physical.to_string())))
    }

    /// `this key` or `these keys`.
    fn holders(&self) -> &'static str {
        if self.keys.iter().filter(|key| key.stolen).count() == 1 {
            "Whoever holds this key"
        } else {
            "Whoever holds these keys"
        }
    }

    fn grade(&self) -> BlastGrade {
        let reached = |role: RoleName| self.blast.is_reached(&role);
        if !self.keys.iter().any(|key| key.stolen) {
            BlastGrade::Unasked
        } else if reached(RoleName::root()) {
            BlastGrade::Root
        } else if reached(RoleName::targets()) {
            BlastGrade::Targets
        } else if !self.blast.territories.is_empty() || !self.blast.docker.is_empty() {
            BlastGrade::Delegated
        } else if !self.blast.effects.is_empty() {
            BlastGrade::Online
        } else {
            BlastGrade::Nothing
        }
    }

    fn verdict(&self) -> Sentence {
        let who = self.holders();
        let warning = |text: String| Sentence::warning(text);
        match self.grade() {
            BlastGrade::Unasked => Sentence::note("Choose the keys that are in the wrong hands."),
            BlastGrade::Root => warning(format!(
                "{who} can replace root, and with it every key and every target of the repository."
            )),
            BlastGrade::Targets => warning(format!(
                "{who} can sign every target and give every delegation other keys. Root stays out of reach."
            )),
            BlastGrade::Delegated => {
                let roles: Vec<String> = alone(self.blast).map(|reach| visible(reach.role.as_str())).collect();
                let cut = first_names(&roles);
                warning(format!("{who} can sign targets as "))
                    .list(Voice::Subject, &cut)
                    .plain(", and nothing else.")
            }
            BlastGrade::Online => warning(format!("{who} can hold clients back, and sign no target.")),
            BlastGrade::Nothing => match self.nearest() {
                Some(reach) => {
                    let How::With { lacking } = reach.how else {
                        return Sentence::note(format!("{who} can sign nothing."));
                    };
                    let more = counted(lacking, "signature");
                    Sentence::note(format!("{who} can sign nothing alone. {more} more would do for "))
                        .subject(reach.role.as_str())
                        .plain(".")
                }
                None => Sentence::note(format!("{who} can sign nothing.")),
            },
        }
    }

    /// The role that the fewest further signatures would do for, the highest first.
    fn nearest(&self) -> Option<&Reach> {
        let touched = self.blast.reaches.iter().filter(|reach| !reach.stolen.is_empty());
        touched.min_by_key(|reach| match reach.how {
            How::With { lacking } => lacking,
            How::Alone | How::Through(_) | How::Never => u64::MAX,
        })
    }

    fn effects(&self) -> Vec<Sentence> {
        let mut told: Vec<Sentence> = self.blast.rekeyed.iter().map(rekeyed).collect();
        told.extend(self.blast.effects.iter().map(effect));
        if !self.blast.vouching.is_empty() {
            let names: Vec<&str> = self.blast.vouching.iter().map(RoleName::as_str).collect();
            let sentence = Sentence::note("Clients see a signed target only once ")
                .list(Voice::Subject, &names)
                .plain(if names.len() == 1 { " vouches" } else { " vouch" })
                .plain(" for it, whose keys are not among these.");
            told.push(match self.blast.dialect() {
                Dialect::Tuf1 => {
                    sentence.plain(" Stop whatever signs them by itself until what was uploaded has been looked at.")
                }
                Dialect::Notary => {
                    sentence.plain(" A Notary server does so for everybody who may push: block who pushes first.")
                }
            });
        }
        for role in &self.blast.unseen {
            told.push(
                Sentence::note("The document of ")
                    .subject(role.as_str())
                    .plain(" is not here: it was taken to list nothing."),
            );
        }
        told
    }

    fn safe(&self) -> Vec<Sentence> {
        if self.grade() == BlastGrade::Unasked {
            return Vec::new();
        }
        let mut told = Vec::new();
        let (mut others, mut untouched) = (Vec::new(), Vec::new());
        for reach in self.blast.reaches.iter().filter(|reach| !reach.is_reached()) {
            if reach.parent.is_some() {
                others.push(visible(reach.role.as_str()));
                continue;
            }
            if reach.stolen.is_empty() {
                untouched.push(visible(reach.role.as_str()));
                continue;
            }
            let sentence = Sentence::new(Mark::Same).subject(reach.role.as_str());
            told.push({
                let sentence = sentence.plain(format!(
                    " stays out of reach: {} of {} counted.",
                    reach.clients, reach.threshold
                ));
                let left = reach.others.len() as u64;
                sentence.plain(if reach.is_held_by_others() {
                    format!(" The {} left can sign it without the stolen.", counted(left, "key"))
                } else {
                    format!(" The {} left cannot sign it either.", counted(left, "key"))
                })
            });
        }
        if !untouched.is_empty() {
            let are = if untouched.len() == 1 { " is" } else { " are" };
            let sentence = Sentence::new(Mark::Same).list(Voice::Subject, &untouched);
            told.push(sentence.plain(format!("{are} not touched.")));
        }
        others.dedup();
        if !others.is_empty() {
            let count = others.len();
            told.push(
                Sentence::new(Mark::Same)
                    .plain(if count == 1 {
                        "Out of reach: "
                    } else {
                        "Out of reach as well: "
                    })
                    .list(Voice::Subject, &first_names(&others))
                    .plain("."),
            );
        }
        told
    }
}

/// The reaches by stolen keys alone, each role once.
fn alone<'b>(blast: &'b Blast<'_>) -> impl Iterator<Item = &'b Reach> {
    let mut seen = std::collections::HashSet::new();
    let alone = blast.reaches.iter().filter(|reach| reach.how == How::Alone);
    alone.filter(move |reach| reach.parent.is_some() && seen.insert(&reach.role))
}

/// The first names, and how many more there are.
fn first_names(names: &[String]) -> Vec<String> {
    if names.len() <= MOST_NAMES {
        return names.to_vec();
    }
    let mut first = names[..MOST_NAMES - 1].to_vec();
    first.push(format!("{} more", names.len() - first.len()));
    first
}

fn visible_names(roles: &[RoleName]) -> Vec<String> {
    first_names(&roles.iter().map(|role| visible(role.as_str())).collect::<Vec<_>>())
}

fn rekeyed(rekeyed: &Rekeyed) -> Sentence {
    Sentence::warning("Keys of ")
        .list(Voice::Subject, &visible_names(&rekeyed.roles))
        .plain(" can be exchanged, in ")
        .subject(rekeyed.by.as_str())
        .plain(".")
}

fn effect(effect: &Effect) -> Sentence {
    match effect {
        Effect::Freeze => Sentence::warning(
            "Clients can be kept at what is published now, until the snapshot or another document expires.",
        ),
        Effect::OlderForNewClients => {
            Sentence::warning("Clients that remember nothing can be shown an older state that has not expired.")
        }
        Effect::AnyVersions => Sentence::warning(
            "New clients can be shown any versions of documents that were ever signed and have not expired, mixed at will.",
        ),
        Effect::HideRoles => Sentence::warning(
            "Delegated roles can be left out of the snapshot: Notary's clients overlook them without a word.",
        ),
        Effect::FastForward { roles, undone_by_root } => {
            let sentence = Sentence::warning("Version numbers of ")
                .list(Voice::Subject, &visible_names(roles))
                .plain(" can be driven so high that every honest document looks old.");
            sentence.plain(if *undone_by_root {
                " A next root that takes these keys away undoes it."
            } else {
                " Notary's clients have to drop what they remember to get over it."
            })
        }
        Effect::SwapSnapshot => Sentence::warning(
            "The timestamp gives no digest of the snapshot: whoever also controls the way to clients can exchange it for \
             another of the same version.",
        ),
    }
}

/// A name out of the metadata that tells keys apart, else the ends of the keyid: certificates bear the repository's name.
fn label(key: &RoleKey, gun: Option<&Gun>) -> String {
    match (&key.name, gun) {
        (Some(name), Some(gun)) if name == gun.as_str() => format!("key {}", short(&key.keyid)),
        (Some(name), _) => visible(name),
        (None, _) => format!("key {}", short(&key.keyid)),
    }
}
