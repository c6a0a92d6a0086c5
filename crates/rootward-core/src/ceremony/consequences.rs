//! What a change means for people, said before anything is signed: computed from the plan and the documents it builds on.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::change::Rotate;
use super::delta::Delta;
use super::grounds::Grounds;
use super::once::Conflict;
use super::plan::{Plan, Planned};
use super::roster::{NamedKey, Quorum, Roster, Side};
use crate::border::{Mark, Sentence, Voice, counted, short};
use crate::keyring;
use crate::ports::KeyReference;

/// Every consequence of a plan, in the order a person needs them.
pub fn consequences(
    plan: &Plan,
    change: &Rotate,
    grounds: &Grounds,
    now: Instant,
    conflicts: &[Conflict],
) -> Vec<Sentence> {
    let told = Told {
        plan,
        delta: &plan.delta,
        change,
        grounds,
        dialect: grounds.dialect(),
    };
    let delta = told.delta;
    let mut said = vec![told.reissued()];
    said.extend(delta.left.iter().map(|key| told.leaves(key)));
    said.extend(delta.left.iter().filter_map(|key| told.still_counts(key)));
    said.extend(delta.joined.iter().map(|key| told.joins(key)));
    said.extend(told.in_keychain());
    said.extend(told.server_makes());
    said.push(told.threshold());
    said.extend(plan.documents.iter().map(must_sign));
    said.push(told.at_hand());
    said.extend(told.legacy());
    said.extend(conflicts.iter().map(conflict));
    said.extend(told.spare());
    said.extend(told.until_then());
    said.extend(told.content_stays());
    said.extend(told.who_publishes());
    said.push(told.clients());
    said.push(told.those_left_behind(now));
    said.push(ends(delta));
    said.push(told.stays());
    said
}

/// Top-level roles but `role` that list a key before and after.
pub fn other_roles(old: &Roster, new: &Roster, role: &RoleName, key: &PhysicalKey) -> Vec<String> {
    let both = |name: &RoleName| old.lists(name, key) && new.lists(name, key);
    let roles = old.roles.iter().map(|listed| &listed.role);
    roles
        .filter(|name| *name != role && both(name))
        .map(ToString::to_string)
        .collect()
}

struct Told<'a> {
    plan: &'a Plan,
    delta: &'a Delta,
    change: &'a Rotate,
    grounds: &'a Grounds,
    dialect: Dialect,
}

impl Told<'_> {
    fn is_root(&self) -> bool {
        self.delta.role == RoleName::root()
    }

    fn is_issued(&self, role: &str) -> bool {
        self.plan
            .documents
            .iter()
            .any(|document| document.role.as_str() == role)
    }

    fn reissued(&self) -> Sentence {
        let mut text = Sentence::new(Mark::Changed);
        for (place, document) in self.plan.documents.iter().enumerate() {
            let (from, to) = document.version;
            text = text
                .plain(if place == 0 { "" } else { ", " })
                .subject(document.role.as_str())
                .plain(if place == 0 { " is issued again: " } else { " " })
                .removed(format!("v{from}"))
                .plain(" to ")
                .added(format!("v{to}"));
        }
        match self.dialect {
            Dialect::Tuf1 => text.plain(". No other document is."),
            Dialect::Notary if self.is_issued("snapshot") => text.plain(
                ". The server issues the timestamp again by itself when it takes them.",
            ),
            Dialect::Notary => text.plain(
                ". The server issues snapshot and timestamp again by itself when it takes them: the snapshot names root by \
                 digest.",
            ),
        }
    }

    fn leaves(&self, key: &NamedKey) -> Sentence {
        let text = with_ids(
            Sentence::new(Mark::Removed)
                .subject(&key.label)
                .plain(format!(" leaves {}, keyid ", self.delta.role)),
            key,
        );
        if self.dialect == Dialect::Notary && self.is_root() {
            text.plain(
                ". Its certificate stays listed in root for good, as Notary's clients need it, and counts for nothing there.",
            )
        } else {
            text.plain(".")
        }
    }

    /// Leaving one role says nothing about others, which officers tend to forget.
    fn still_counts(&self, key: &NamedKey) -> Option<Sentence> {
        let roles = other_roles(&self.plan.old, &self.plan.new, &self.delta.role, &key.physical);
        if roles.is_empty() {
            return None;
        }
        let text = Sentence::new(Mark::Warning)
            .subject(&key.label)
            .plain(" still counts for ");
        Some(text.list(Voice::Subject, &roles).plain(format!(
            ": this ceremony changes {} only. If the key is lost or stolen, it must leave there too.",
            self.delta.role
        )))
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
        let joins = self.change.add.iter().map(|joining| joining.key.as_str());
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
        self.change.server.then(|| {
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

    fn at_hand(&self) -> Sentence {
        let reach = &self.plan.reachable;
        let each: Vec<String> = reach
            .iter()
            .map(|reach| format!("{} of {} for {}", reach.have, reach.need, reach.name()))
            .collect();
        let text = format!("Keys at hand on this desk: {}", each.join(", "));
        if reach.iter().all(super::plan::Reach::is_enough) {
            Sentence::note(format!("{text}. Every threshold can be met here."))
        } else {
            Sentence::warning(format!("{text}. The ceremony will wait for the others."))
        }
    }

    fn legacy(&self) -> Option<Sentence> {
        let asked = self.change.legacy_roots;
        if asked == 0 {
            return None;
        }
        let keys = &self.grounds.root.body().keys;
        let physical = |keyid: &String| keys.get(&KeyId::new(&**keyid)).and_then(|key| key.physical());
        let known: Vec<PhysicalKey> = self.change.legacy.iter().filter_map(physical).collect();
        let here = known.iter().filter(|key| self.change.at_hand(key).is_some()).count();
        let roots = counted(u64::from(asked), "root");
        let of = format!("{here} of {}", counted(known.len() as u64, "key"));
        Some(if known.is_empty() {
            Sentence::note(format!(
                "The {roots} before v{} had no other keys than it: no older key signs besides.",
                self.delta.version.0
            ))
        } else if here == known.len() {
            Sentence::note(format!(
                "For clients still on one of the {roots} before v{}, older keys may sign besides: {of} are at hand.",
                self.delta.version.0
            ))
        } else {
            Sentence::warning(format!(
                "For clients still on one of the {roots} before v{}, older keys may sign besides: {of} are at hand, the \
                 others are left out.",
                self.delta.version.0
            ))
        })
    }

    fn spare(&self) -> Option<Sentence> {
        if self.delta.server_makes {
            return None;
        }
        let role = &self.delta.role;
        let keys = self.delta.new_keys().count() as u64;
        let spare = keys.saturating_sub(self.delta.threshold.1);
        let loss = match (self.is_root(), spare) {
            (true, 0) => "if one key of root is lost, root can never be changed again.".to_owned(),
            (false, 0) => {
                format!("if one key of {role} is lost, nothing can be signed there until root gives it another.")
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
        let text =
            Sentence::note(format!("Until root v{} is published, ", delta.version.1)).list(Voice::Subject, &labels);
        Some(match others {
            0 => text.plain(format!(" can still sign {what} alone.")),
            others => text.plain(format!(
                " can still sign {what} together with {}.",
                counted(others, "other key")
            )),
        })
    }

    /// A new key vouches for everything the old one did, whoever put it there.
    fn content_stays(&self) -> Option<Sentence> {
        let targets = self.grounds.targets.as_ref()?.body();
        let delegations = targets.delegations.as_ref().map_or(0, |below| below.roles.len()) as u64;
        let what = match self.dialect {
            Dialect::Notary => counted(targets.targets.len() as u64, "tag"),
            Dialect::Tuf1 => counted(targets.targets.len() as u64, "target"),
        };
        Some(Sentence::warning(format!(
            "{what} and {} of targets v{} are signed again as they are: a new key cleans nothing. If the old key was stolen, \
             compare them with a version known to be good.",
            counted(delegations, "delegation"),
            targets.version
        )))
    }

    /// Whoever holds Notary's snapshot key decides who else can publish.
    fn who_publishes(&self) -> Option<Sentence> {
        if self.dialect == Dialect::Tuf1 {
            return None;
        }
        if self.change.server && self.delta.role == RoleName::snapshot() {
            return Some(Sentence::note(
                "From then on delegates can publish by themselves: the server signs the snapshot for everybody.",
            ));
        }
        let snapshot = self.grounds.snapshot.as_ref()?.body();
        let delegated = snapshot.meta.keys().filter(|role| !role.is_top_level()).count() as u64;
        let text = "Only whoever holds the snapshot key can publish: the server no longer signs it for others";
        Some(match delegated {
            0 => Sentence::note(format!("{text}.")),
            delegated => Sentence::warning(format!(
                "{text}, so that nobody can publish {} without it.",
                counted(delegated, "delegated role")
            )),
        })
    }

    fn clients(&self) -> Sentence {
        let (old, new) = self.delta.version;
        let walk = match self.dialect {
            Dialect::Tuf1 => format!("walk every version up to v{new}"),
            Dialect::Notary => {
                format!("fetch the roots between and check each against the one before it, up to v{new}")
            }
        };
        let before = match old {
            0 | 1 => String::new(),
            _ => format!(" Clients on older versions {walk}; each step must meet its old and its new threshold."),
        };
        Sentence::note(format!(
            "Clients on root v{old} accept v{new} at their next update, nothing is to be done on them.{before}"
        ))
    }

    fn those_left_behind(&self, now: Instant) -> Sentence {
        let (version, expires) = (self.delta.version.0, &self.delta.expires.0);
        if self.grounds.root.body().expires.is_expired(now) {
            return Sentence::new(Mark::Warning)
                .plain(format!("Root v{version} ended on "))
                .evidence(expires)
                .plain(": clients refuse this repository until the new root is published.");
        }
        Sentence::new(Mark::Note)
            .plain(format!(
                "Clients behind a stale mirror stay on root v{version}, which ends on "
            ))
            .evidence(expires)
            .plain(".")
    }

    fn stays(&self) -> Sentence {
        let stay: Vec<&str> = ["targets", "snapshot", "timestamp"]
            .into_iter()
            .filter(|role| *role != self.delta.role.as_str())
            .collect();
        let text = Sentence::new(Mark::Same).list(Voice::Subject, &stay);
        let text = if self.is_root() {
            text.plain(" stay as they are, with their keys and thresholds; every target keeps resolving.")
        } else {
            text.plain(" keep their keys and thresholds, and root its own; every target keeps resolving.")
        };
        match self.delta.stayed.len() as u64 {
            _ if self.delta.server_makes => text,
            0 => text.plain(format!(" No key of {} stays.", self.delta.role)),
            stayed => text.plain(format!(
                " {} of {} stay{}.",
                counted(stayed, "key"),
                self.delta.role,
                if stayed == 1 { "s" } else { "" }
            )),
        }
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

fn must_sign(document: &Planned) -> Sentence {
    let version = document.version.1;
    let needs = |side: Side| {
        let quorum = document.quorums.iter().find(|quorum| quorum.side == side);
        counted(quorum.map_or(0, |quorum: &Quorum| quorum.threshold), "signature")
    };
    if document.role != RoleName::root() {
        let after = if document.wave > 0 {
            ", once the documents it names are complete"
        } else {
            ""
        };
        return Sentence::note(format!(
            "{} v{version} needs {} of the keys that count for it{after}.",
            document.role,
            needs(Side::Own)
        ));
    }
    let old = document.version.0;
    Sentence::note(format!(
        "Root v{version} needs {} of keys that count in v{old} and {} of keys that count in v{version}; one signature of a key \
         that stays counts in both.",
        needs(Side::Old),
        needs(Side::New),
    ))
}

fn conflict(conflict: &Conflict) -> Sentence {
    Sentence::new(Mark::Warning)
        .subject(&conflict.label)
        .plain(format!(" {}", conflict.other.account(&conflict.role, conflict.version)))
        .evidence(&conflict.other.ceremony)
        .plain("; it signs this one only for a reason that goes on record.")
}

fn ends(delta: &Delta) -> Sentence {
    let (before, after) = &delta.expires;
    if before == after {
        return Sentence::new(Mark::Same)
            .plain("Root ends as before, on ")
            .evidence(after)
            .plain(".");
    }
    Sentence::new(Mark::Changed)
        .plain("Root ends on ")
        .added(after)
        .plain(" instead of ")
        .removed(before)
        .plain(".")
}
