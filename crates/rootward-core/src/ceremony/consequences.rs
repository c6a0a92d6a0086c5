//! What a change means for people, said before anything is signed: computed from the plan and the documents it builds on.

mod breaks;
mod edits;
mod keys;
mod order;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use self::keys::OfKeys;
use super::change::Change;
use super::grounds::Grounds;
use super::next::usual_days;
use super::once::Conflict;
use super::plan::{Plan, Planned};
use super::roster::{Quorum, Roster, Side};
use crate::border::{Mark, Sentence, Voice, counted};
use crate::repositories::DAY;

/// Every consequence of a plan, in the order a person needs them.
pub fn consequences(
    plan: &Plan,
    change: &Change,
    grounds: &Grounds,
    now: Instant,
    conflicts: &[Conflict],
) -> Vec<Sentence> {
    let told = Told {
        plan,
        change,
        grounds,
        dialect: grounds.dialect(),
    };
    let of_keys: Vec<OfKeys<'_>> = plan.deltas.iter().map(|delta| OfKeys { told: &told, delta }).collect();
    let mut said = vec![told.reissued()];
    said.extend(of_keys.iter().flat_map(OfKeys::changes));
    said.extend(told.edits());
    said.extend(plan.documents.iter().map(must_sign));
    said.push(told.at_hand());
    said.extend(told.legacy());
    said.extend(conflicts.iter().map(conflict));
    if grounds.begins() {
        said.extend(of_keys.iter().filter_map(OfKeys::spare));
        said.extend(told.beginning(now));
        return said;
    }
    said.extend(of_keys.iter().flat_map(OfKeys::prospects));
    said.extend(told.breaks());
    said.extend(told.content_stays());
    said.extend(told.order());
    said.extend(told.who_publishes());
    if told.is_issued("root") {
        said.push(told.clients());
        said.extend(told.those_left_behind(now));
    }
    said.extend(told.ends());
    said.push(told.stays());
    said
}

/// Roles but `role` that list a key before and after.
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
    change: &'a Change,
    grounds: &'a Grounds,
    dialect: Dialect,
}

impl Told<'_> {
    fn is_issued(&self, role: &str) -> bool {
        self.plan
            .documents
            .iter()
            .any(|document| document.role.as_str() == role)
    }

    fn reissued(&self) -> Sentence {
        if self.grounds.begins() {
            return self.first_made();
        }
        let mut text = Sentence::new(Mark::Changed);
        for (place, document) in self.plan.documents.iter().enumerate() {
            let (from, to) = document.version;
            text = text
                .plain(if place == 0 { "" } else { ", " })
                .subject(document.role.as_str());
            text = match (from, place) {
                (0, 0) => text.plain(" is issued for the first time: "),
                (0, _) => text.plain(" for the first time "),
                (_, 0) => text
                    .plain(" is issued again: ")
                    .removed(format!("v{from}"))
                    .plain(" to "),
                (_, _) => text.plain(" ").removed(format!("v{from}")).plain(" to "),
            };
            text = text.added(format!("v{to}"));
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

    fn first_made(&self) -> Sentence {
        let documents = self.plan.documents.iter();
        let made: Vec<String> = documents
            .map(|document| format!("{} v{}", document.role, document.version.1))
            .collect();
        let text = Sentence::new(Mark::Added)
            .plain("The first documents of the repository are made: ")
            .list(Voice::Added, &made);
        match self.dialect {
            Dialect::Tuf1 => text.plain("."),
            Dialect::Notary if self.is_issued("snapshot") => {
                text.plain(". The server makes the timestamp when it takes them.")
            }
            Dialect::Notary => text.plain(". The server makes snapshot and timestamp when it takes them."),
        }
    }

    /// Keys that decide over the whole repository and are used for something else as well.
    fn shared_with_root(&self) -> Vec<Sentence> {
        let new = &self.plan.new;
        let root = new.role(&RoleName::root()).map(|root| root.keys.as_slice());
        let each = root.unwrap_or_default().iter().filter_map(|key| {
            let others = new.roles.iter().map(|listed| &listed.role);
            let others = others.filter(|role| **role != RoleName::root() && new.lists(role, &key.physical));
            let others: Vec<String> = others.map(ToString::to_string).collect();
            (!others.is_empty()).then(|| {
                Sentence::new(Mark::Warning)
                    .subject(&key.label)
                    .plain(" counts for root and for ")
                    .list(Voice::Subject, &others)
                    .plain(": whoever takes it where it is used more often has a key of root.")
            })
        });
        each.collect()
    }

    fn at_hand(&self) -> Sentence {
        let reach = &self.plan.reachable;
        let each: Vec<String> = reach
            .iter()
            .map(|reach| {
                // A first root is no newer one.
                let first = self.grounds.begins().then(|| reach.role.to_string());
                let name = first.unwrap_or_else(|| reach.name());
                format!("{} of {} for {name}", reach.have, reach.need)
            })
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
        let root = self.grounds.root()?;
        let keys = &root.body().keys;
        let physical = |keyid: &String| keys.get(&KeyId::new(&**keyid)).and_then(|key| key.physical());
        let known: Vec<PhysicalKey> = self.change.legacy.iter().filter_map(physical).collect();
        let here = known.iter().filter(|key| self.change.at_hand(key).is_some()).count();
        let roots = counted(u64::from(asked), "root");
        let of = format!("{here} of {}", counted(known.len() as u64, "key"));
        Some(if known.is_empty() {
            Sentence::note(format!(
                "The {roots} before v{} had no other keys than it: no older key signs besides.",
                root.version()
            ))
        } else if here == known.len() {
            Sentence::note(format!(
                "For clients still on one of the {roots} before v{}, older keys may sign besides: {of} are at hand.",
                root.version()
            ))
        } else {
            Sentence::warning(format!(
                "For clients still on one of the {roots} before v{}, older keys may sign besides: {of} are at hand, the \
                 others are left out.",
                root.version()
            ))
        })
    }

    /// A new key vouches for everything the old one did, whoever put it there.
    fn content_stays(&self) -> Option<Sentence> {
        let changes_keys = self.plan.deltas.iter().any(|delta| delta.role == RoleName::targets());
        if !changes_keys || !self.is_issued("targets") {
            return None;
        }
        let targets = self.grounds.targets_of(&RoleName::targets())?.body();
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
        if self.change.is_by_server(&RoleName::snapshot()) {
            return Some(Sentence::note(
                "From then on delegates can publish by themselves: the server signs the snapshot for everybody.",
            ));
        }
        if !self.is_issued("snapshot") {
            return None;
        }
        let snapshot = self.grounds.snapshot()?.body();
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
        let old = self.grounds.root_version();
        let new = old.saturating_add(1);
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

    fn those_left_behind(&self, now: Instant) -> Option<Sentence> {
        let root = self.grounds.root()?;
        let (version, expires) = (root.version(), &root.body().expires);
        Some(if expires.is_expired(now) {
            Sentence::new(Mark::Warning)
                .plain(format!("Root v{version} ended on "))
                .evidence(&expires.text)
                .plain(": clients refuse this repository until the new root is published.")
        } else {
            Sentence::new(Mark::Note)
                .plain(format!(
                    "Clients behind a stale mirror stay on root v{version}, which ends on "
                ))
                .evidence(&expires.text)
                .plain(".")
        })
    }

    /// What follows from there being a repository where there was none.
    fn beginning(&self, now: Instant) -> Vec<Sentence> {
        let mut said = self.shared_with_root();
        for document in &self.plan.documents {
            let role = &document.role;
            let draft = self.plan.drafts.iter().find(|draft| draft.role() == role);
            let asked = self.change.end(role).map(|(at, _)| at.to_owned());
            let usual = || now.plus_seconds(usual_days(role, self.dialect) * DAY).to_seconds_text();
            let end = draft.map(|draft| draft.expires().text.clone()).or(asked);
            said.push(
                Sentence::new(Mark::Added)
                    .subject(role.as_str())
                    .plain(" ends on ")
                    .added(end.unwrap_or_else(usual))
                    .plain("."),
            );
        }
        said.push(Sentence::note(
            "No client trusts it yet: root v1 must reach them by a way they trust already, with their program or by hand. \
             Whoever takes it from where it is published trusts whoever answers there.",
        ));
        said
    }

    /// When each document ends, root in any case.
    fn ends(&self) -> Vec<Sentence> {
        let mut said = Vec::new();
        for document in &self.plan.documents {
            let role = &document.role;
            let before = self.grounds.expires(role).map(|ends| ends.text.clone());
            let draft = self.plan.drafts.iter().find(|draft| draft.role() == role);
            let asked = self.change.end(role).map(|(at, _)| at.to_owned());
            let after = draft.map(|draft| draft.expires().text.clone()).or(asked);
            let (Some(before), Some(after)) = (before, after) else {
                continue;
            };
            if before != after {
                said.push(
                    Sentence::new(Mark::Changed)
                        .subject(role.as_str())
                        .plain(" ends on ")
                        .added(after)
                        .plain(" instead of ")
                        .removed(before)
                        .plain("."),
                );
            } else if *role == RoleName::root() {
                said.push(
                    Sentence::new(Mark::Same)
                        .subject(role.as_str())
                        .plain(" ends as before, on ")
                        .evidence(after)
                        .plain("."),
                );
            }
        }
        said
    }

    fn stays(&self) -> Sentence {
        let changed = |role: &&str| self.plan.deltas.iter().any(|delta| delta.role.as_str() == *role);
        let stay: Vec<&str> = ["root", "targets", "snapshot", "timestamp"]
            .into_iter()
            .filter(|role| !changed(role))
            .collect();
        let keys = match stay.len() {
            0 => Sentence::new(Mark::Same).plain("No top-level role keeps its keys as they are."),
            _ => Sentence::new(Mark::Same)
                .list(Voice::Subject, &stay)
                .plain(if stay.len() == 1 {
                    " keeps its keys and threshold."
                } else {
                    " keep their keys and thresholds."
                }),
        };
        let keys = if self.resolves_all() {
            keys.plain(" Every target keeps resolving.")
        } else {
            keys
        };
        let mut text = keys;
        for delta in self.plan.deltas.iter().filter(|delta| !delta.server_makes) {
            text = match delta.stayed.len() as u64 {
                0 => text.plain(format!(" No key of {} stays.", delta.role)),
                stayed => text.plain(format!(
                    " {} of {} stay{}.",
                    counted(stayed, "key"),
                    delta.role,
                    if stayed == 1 { "s" } else { "" }
                )),
            };
        }
        text
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
        let own = document.quorums.iter().filter(|quorum| quorum.side == Side::Own);
        let own: Vec<String> = own.map(|quorum| counted(quorum.threshold, "signature")).collect();
        let before = document.quorums.iter().find(|quorum| quorum.side == Side::Before);
        let before = before.map_or_else(String::new, |quorum| {
            format!(
                ", and {} of those that count for it now, so that clients can check it whichever root they have",
                counted(quorum.threshold, "signature")
            )
        });
        let own = match own.as_slice() {
            [] => "no signature".to_owned(),
            [one] => one.clone(),
            several => format!("{}, once for each role that delegates to it,", several.join(" and ")),
        };
        return Sentence::note(format!(
            "{} v{version} needs {own} of the keys that count for it{after}{before}.",
            document.role,
        ));
    }
    let old = document.version.0;
    if old == 0 {
        return Sentence::note(format!("Root v{version} needs {} of its own keys.", needs(Side::New)));
    }
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
