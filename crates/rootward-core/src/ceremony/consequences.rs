//! What a change means for people, said before anything is signed.

use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::Root;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::delta::{Delta, NamedKey};
use super::ledger::Conflict;
use super::plan::{Plan, Reach};
use crate::border::{Mark, Sentence, Voice, counted, short};

/// Every consequence of a plan, in the order a person needs them.
pub fn consequences(plan: &Plan, old: &Verified<Root>, now: Instant, conflicts: &[Conflict]) -> Vec<Sentence> {
    let delta = &plan.delta;
    let mut said = vec![reissued(delta)];
    said.extend(delta.left.iter().map(leaves));
    said.extend(
        delta
            .left
            .iter()
            .filter_map(|key| still_counts(old.body(), plan.draft.envelope().body(), key)),
    );
    said.extend(delta.joined.iter().map(|key| {
        Sentence::new(Mark::Added)
            .subject(&key.label)
            .plain(" joins root, keyid ")
            .evidence(short(key.keyid.as_str()))
            .plain(".")
    }));
    said.push(threshold(delta));
    said.push(must_sign(delta));
    said.push(at_hand(&plan.reachable));
    said.extend(conflicts.iter().map(conflict));
    said.push(spare(delta));
    said.extend(until_then(delta));
    said.push(clients(delta));
    said.push(those_left_behind(old, delta, now));
    said.push(ends(delta));
    said.push(stays(delta));
    said
}

fn reissued(delta: &Delta) -> Sentence {
    Sentence::new(Mark::Changed)
        .subject("root")
        .plain(" is issued again: ")
        .removed(format!("v{}", delta.version.0))
        .plain(" to ")
        .added(format!("v{}", delta.version.1))
        .plain(". No other document is.")
}

fn leaves(key: &NamedKey) -> Sentence {
    Sentence::new(Mark::Removed)
        .subject(&key.label)
        .plain(" leaves root, keyid ")
        .evidence(short(key.keyid.as_str()))
        .plain(".")
}

/// Leaving root says nothing about other roles, which officers tend to forget.
fn still_counts(old: &Root, new: &Root, key: &NamedKey) -> Option<Sentence> {
    let roles = other_roles(old, new, &key.physical);
    if roles.is_empty() {
        return None;
    }
    let text = Sentence::new(Mark::Warning)
        .subject(&key.label)
        .plain(" still counts for ");
    Some(
        text.list(Voice::Subject, &roles)
            .plain(": this ceremony changes root only. If the key is lost or stolen, it must leave there too."),
    )
}

/// Top-level roles but root that list a key before and after.
pub fn other_roles(old: &Root, new: &Root, key: &PhysicalKey) -> Vec<String> {
    let lists = |root: &Root, name: &str| {
        let mut roles = root.roles().into_iter();
        roles.any(|(role, keys)| role.as_str() == name && root.keys.physical(&keys.keyids).contains(key))
    };
    let names = ["targets", "snapshot", "timestamp"].into_iter();
    names
        .filter(|name| lists(old, name) && lists(new, name))
        .map(str::to_owned)
        .collect()
}

fn threshold(delta: &Delta) -> Sentence {
    let (from, to) = delta.threshold;
    let (before, after) = (delta.old_keys().count(), delta.new_keys().count());
    if from == to && before == after {
        return Sentence::new(Mark::Same)
            .plain("The threshold of root stays ")
            .evidence(format!("{to} of {after}"))
            .plain(".");
    }
    Sentence::new(Mark::Changed)
        .plain("The threshold of root goes from ")
        .removed(format!("{from} of {before}"))
        .plain(" to ")
        .added(format!("{to} of {after}"))
        .plain(".")
}

fn must_sign(delta: &Delta) -> Sentence {
    let (old, new) = delta.version;
    Sentence::note(format!(
        "v{new} needs {} of keys that count in v{old} and {} of keys that count in v{new}; one signature of a key that \
         stays counts in both.",
        counted(delta.threshold.0, "signature"),
        counted(delta.threshold.1, "signature"),
    ))
}

fn at_hand(reach: &Reach) -> Sentence {
    let text = format!(
        "Keys at hand on this desk: {} of {} for the old threshold, {} of {} for the new one",
        reach.old, reach.old_threshold, reach.new, reach.new_threshold
    );
    if reach.is_enough() {
        Sentence::note(format!("{text}. Both can be met here."))
    } else {
        Sentence::warning(format!("{text}. The ceremony will wait for the others."))
    }
}

fn conflict(conflict: &Conflict) -> Sentence {
    Sentence::new(Mark::Warning)
        .subject(&conflict.label)
        .plain(" cannot sign: it has signed another root of this version in ceremony ")
        .evidence(&conflict.ceremony)
        .plain(".")
}

fn spare(delta: &Delta) -> Sentence {
    let keys = delta.new_keys().count() as u64;
    match keys.saturating_sub(delta.threshold.1) {
        0 => Sentence::warning(
            "No key is spare afterwards: if one key of root is lost, root can never be changed again.",
        ),
        spare => Sentence::note(format!(
            "{} spare afterwards: root can still be changed if {} lost.",
            if spare == 1 {
                "1 key is".into()
            } else {
                format!("{spare} keys are")
            },
            if spare == 1 {
                "one is".into()
            } else {
                format!("{spare} are")
            },
        )),
    }
}

fn until_then(delta: &Delta) -> Option<Sentence> {
    if delta.left.is_empty() {
        return None;
    }
    let labels: Vec<&str> = delta.left.iter().map(|key| key.label.as_str()).collect();
    let others = delta.threshold.0.saturating_sub(delta.left.len() as u64);
    let text = Sentence::note(format!("Until v{} is published, ", delta.version.1)).list(Voice::Subject, &labels);
    Some(match others {
        0 => text.plain(" can still sign any root alone."),
        others => text.plain(format!(
            " can still sign any root together with {}.",
            counted(others, "other key")
        )),
    })
}

fn clients(delta: &Delta) -> Sentence {
    let (old, new) = delta.version;
    let before = if old > 1 {
        format!(
            " Clients on older versions walk every version up to v{new}; each step must meet its old and its new threshold."
        )
    } else {
        String::new()
    };
    Sentence::note(format!(
        "Clients on root v{old} accept v{new} at their next update, nothing is to be done on them.{before}"
    ))
}

fn those_left_behind(old: &Verified<Root>, delta: &Delta, now: Instant) -> Sentence {
    let version = delta.version.0;
    if old.body().expires.is_expired(now) {
        return Sentence::new(Mark::Warning)
            .plain(format!("Root v{version} ended on "))
            .evidence(&delta.expires.0)
            .plain(": clients refuse this repository until the new root is published.");
    }
    Sentence::new(Mark::Note)
        .plain(format!(
            "Clients behind a stale mirror stay on root v{version}, which ends on "
        ))
        .evidence(&delta.expires.0)
        .plain(".")
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

fn stays(delta: &Delta) -> Sentence {
    let text = Sentence::new(Mark::Same)
        .subject("targets, snapshot and timestamp")
        .plain(" stay as they are, with their keys, thresholds and signatures; every target keeps resolving.");
    match delta.stayed.len() as u64 {
        0 => text.plain(" No key of root stays."),
        stayed => text.plain(format!(
            " {} of root stay{}.",
            counted(stayed, "key"),
            if stayed == 1 { "s" } else { "" }
        )),
    }
}
