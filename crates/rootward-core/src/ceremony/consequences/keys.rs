//! What becomes of the keys of one role.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::role::RoleName;

use super::{Told, other_roles};
use crate::border::{Mark, Sentence, Voice, counted, short};
use crate::ceremony::delta::Delta;
use crate::ceremony::edit::RoleAt;
use crate::ceremony::roster::NamedKey;
use crate::keyring;
use crate::ports::KeyReference;

/// One role whose keys change.
pub(super) struct OfKeys<'a> {
    pub(super) told: &'a Told<'a>,
    pub(super) delta: &'a Delta,
}

impl OfKeys<'_> {
    /// Which keys leave and join, and the threshold.
    pub(super) fn changes(&self) -> Vec<Sentence> {
        let delta = self.delta;
        let mut said: Vec<Sentence> = delta.left.iter().map(|key| self.leaves(key)).collect();
        said.extend(delta.left.iter().filter_map(|key| self.still_counts(key)));
        said.extend(delta.joined.iter().map(|key| self.joins(key)));
        said.extend(self.in_keychain());
        said.extend(self.server_makes());
        said.push(self.threshold());
        said
    }

    /// What is left when keys are lost, and what the leaving ones can do until then.
    pub(super) fn prospects(&self) -> Vec<Sentence> {
        self.spare().into_iter().chain(self.until_then()).collect()
    }

    fn is_root(&self) -> bool {
        self.delta.role == RoleName::root()
    }

    fn leaves(&self, key: &NamedKey) -> Sentence {
        let text = with_ids(
            Sentence::new(Mark::Removed)
                .subject(&key.label)
                .plain(format!(" leaves {}, keyid ", self.delta.role)),
            key,
        );
        if self.told.dialect == Dialect::Notary && self.is_root() {
            text.plain(
                ". Its certificate stays listed in root for good, as Notary's clients need it, and counts for nothing there.",
            )
        } else {
            text.plain(".")
        }
    }

    /// Leaving one role says nothing about others, which officers tend to forget.
    fn still_counts(&self, key: &NamedKey) -> Option<Sentence> {
        let roles = other_roles(
            &self.told.plan.old,
            &self.told.plan.new,
            &self.delta.role,
            &key.physical,
        );
        if roles.is_empty() {
            return None;
        }
        let text = Sentence::new(Mark::Warning)
            .subject(&key.label)
            .plain(" still counts for ");
        Some(
            text.list(Voice::Subject, &roles)
                .plain(": this ceremony does not change that. If the key is lost or stolen, it must leave there too."),
        )
    }

    fn joins(&self, key: &NamedKey) -> Sentence {
        let text = Sentence::new(Mark::Added).subject(&key.label);
        match &key.keyid {
            Some(_) => with_ids(text.plain(format!(" joins {}, keyid ", self.delta.role)), key).plain("."),
            None => text
                .plain(" joins root, canonical id ")
                .evidence(short(key.canonical.as_str()))
                .plain(
                    ". Before the bytes are fixed it signs a certificate with the repository's name, good for ten years, \
                     which gives it its keyid.",
                ),
        }
    }

    /// Somebody said that it may be so; here it goes on record what that means.
    fn in_keychain(&self) -> Option<Sentence> {
        let root = RoleAt::top_level("root");
        let joins = self.told.change.joining(&root).map(|joining| joining.key.as_str());
        let lies_there = |key: &&str| matches!(keyring::parse(key), Ok(KeyReference::Keychain(_)));
        let keys: Vec<String> = joins
            .filter(lies_there)
            .filter_map(|key| Some(keyring::label(&keyring::parse(key).ok()?)))
            .collect();
        if keys.is_empty() || !self.is_root() {
            return None;
        }
        let text = Sentence::new(Mark::Warning).list(Voice::Subject, &keys);
        Some(text.plain(": every program that runs in this session can sign a root with it, unseen."))
    }

    fn server_makes(&self) -> Option<Sentence> {
        let role = &self.delta.role;
        if self.delta.server_makes && self.told.grounds.begins() {
            return Some(Sentence::new(Mark::Added).plain(format!(
                "The server makes the key of {role} and is the only one who signs it; it is asked for the key when the bytes are fixed."
            )));
        }
        self.delta.server_makes.then(|| {
            Sentence::new(Mark::Added).plain(format!(
                "The server makes a new key and becomes the only one who signs {role}; it is asked for the key when the bytes \
                 are fixed. The keys {role} has now count for nothing there once root v{} is published.",
                self.delta.version.1
            ))
        })
    }

    fn threshold(&self) -> Sentence {
        let (from, to) = self.delta.threshold;
        let role = &self.delta.role;
        let before = self.delta.old_keys().count();
        let after = self.delta.new_keys().count() + usize::from(self.delta.server_makes);
        if self.told.grounds.begins() {
            return Sentence::new(Mark::Added)
                .plain(format!("The threshold of {role} is "))
                .added(format!("{to} of {after}"))
                .plain(".");
        }
        if from == to && before == after {
            return Sentence::new(Mark::Same)
                .plain(format!("The threshold of {role} stays "))
                .evidence(format!("{to} of {after}"))
                .plain(".");
        }
        Sentence::new(Mark::Changed)
            .plain(format!("The threshold of {role} goes from "))
            .removed(format!("{from} of {before}"))
            .plain(" to ")
            .added(format!("{to} of {after}"))
            .plain(".")
    }

    /// What is left when keys are lost.
    pub(super) fn spare(&self) -> Option<Sentence> {
        if self.delta.server_makes {
            return None;
        }
        let (role, by) = (&self.delta.role, &self.delta.by);
        let keys = self.delta.new_keys().count() as u64;
        let spare = keys.saturating_sub(self.delta.threshold.1);
        let loss = match (self.is_root(), spare) {
            (true, 0) => "if one key of root is lost, root can never be changed again.".to_owned(),
            (false, 0) => {
                format!("if one key of {role} is lost, nothing can be signed there until {by} gives it another.")
            }
            (true, 1) => "root can still be changed if one is lost.".to_owned(),
            (true, spare) => format!("root can still be changed if {spare} are lost."),
            (false, _) => format!("{role} can still be signed if as many are lost."),
        };
        Some(match spare {
            0 => Sentence::warning(format!("No key is spare afterwards: {loss}")),
            1 => Sentence::note(format!("1 key is spare afterwards: {loss}")),
            spare => Sentence::note(format!("{spare} keys are spare afterwards: {loss}")),
        })
    }

    fn until_then(&self) -> Option<Sentence> {
        let delta = self.delta;
        if delta.left.is_empty() {
            return None;
        }
        let labels: Vec<&str> = delta.left.iter().map(|key| key.label.as_str()).collect();
        let others = delta.threshold.0.saturating_sub(delta.left.len() as u64);
        let what = if self.is_root() {
            "any root".to_owned()
        } else {
            format!("any {}", delta.role)
        };
        let text = Sentence::note(format!("Until {} v{} is published, ", delta.by, delta.version.1))
            .list(Voice::Subject, &labels);
        Some(match others {
            0 => text.plain(format!(" can still sign {what} alone.")),
            others => text.plain(format!(
                " can still sign {what} together with {}.",
                counted(others, "other key")
            )),
        })
    }
}

/// The keyid, and Notary's canonical id where it is another.
fn with_ids(text: Sentence, key: &NamedKey) -> Sentence {
    let text = text.evidence(short(key.shown_id().as_str()));
    if *key.shown_id() == key.canonical {
        text
    } else {
        text.plain(", canonical id ").evidence(short(key.canonical.as_str()))
    }
}
