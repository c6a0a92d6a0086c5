//! What no repository of a dialect can have, and what would leave a role that nobody can sign: refused before anybody is asked
//! for anything.

use std::collections::HashSet;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::change::Change;
use super::drafts::{listed_as, read, speaks_now};
use super::edit::{Delegation, Edit, Paths, RoleAt};
use super::grounds::Grounds;
use super::plan::{Planned, refused};
use super::roster::{Quorum, Side};
use crate::border::{counted, visible};
use crate::ports::Failure;

/// Notary's names of delegated roles are no longer.
const LONGEST_NOTARY_NAME: usize = 255;

/// An end that is still to come; refuses with `draft-refused` any other.
pub fn end(role: &RoleName, text: &str, now: Instant) -> Result<Instant, Failure> {
    let expected = "expected an end such as 2030-01-31T00:00:00Z";
    let end = Instant::parse(text).map_err(|_| refused(format!("{expected}, got {}", visible(text))))?;
    if end <= now {
        return Err(refused(format!("{role} would end on {text}, which has passed")));
    }
    Ok(end)
}

/// Refuses with `draft-refused` an end that has passed, of any document: those of later waves are drafted long after.
pub fn of_ends(change: &Change, now: Instant) -> Result<(), Failure> {
    for edit in &change.edits {
        if let Edit::Ends { role, at, .. } = edit {
            let role = RoleName::new(&**role).map_err(|error| refused(error.to_string()))?;
            end(&role, at, now)?;
        }
    }
    Ok(())
}

/// Refuses what the dialect's clients and servers never take; needs no document.
pub fn of_dialect(change: &Change, dialect: Dialect) -> Result<(), Failure> {
    if change.edits.is_empty() {
        return Err(refused(
            "nothing would change: no key leaves or joins, and the threshold stays",
        ));
    }
    if change.begins() {
        beginning(change, dialect)?;
    }
    if dialect == Dialect::Tuf1 && !change.legacy.is_empty() {
        return Err(refused(
            "clients of this repository walk every root: signatures of older roots' keys are Notary's alone",
        ));
    }
    for role in change.by_server() {
        match (dialect, role) {
            (Dialect::Tuf1, _) => return Err(refused("only a Notary server makes keys of its own")),
            (Dialect::Notary, "snapshot" | "timestamp") => {}
            (Dialect::Notary, role) => {
                return Err(refused(format!(
                    "a Notary server never holds the key of {role}: it is a person's"
                )));
            }
        }
        let at = RoleAt::top_level(role);
        let gives =
            change.joining(&at).next().is_some() || !change.leaving(&at).is_empty() || change.threshold(&at).is_some();
        if gives {
            return Err(refused(format!(
                "the server's key becomes the only key of {role}: no other can join, leave or stay, and the threshold is 1",
            )));
        }
    }
    for edit in &change.edits {
        if dialect == Dialect::Notary
            && edit.of_keys().is_some_and(|of| of.role == "timestamp")
            && !change.is_by_server(&RoleName::timestamp())
        {
            return Err(refused(
                "a Notary server always holds the timestamp key itself: a new one can only be asked of the server",
            ));
        }
        match edit {
            Edit::Ends { role, .. } if dialect == Dialect::Notary && role == "timestamp" => {
                return Err(refused(
                    "a Notary server issues the timestamp by itself and decides when it ends",
                ));
            }
            Edit::Delegates { by, delegation } => {
                name(by, &delegation.role, dialect)?;
                paths(&delegation.paths, dialect)?;
                new_delegation(delegation, dialect)?;
            }
            Edit::Redelegates {
                paths: listed,
                terminating,
                role,
                ..
            } => {
                if let Some(listed) = listed {
                    paths(listed, dialect)?;
                }
                if dialect == Dialect::Notary && *terminating == Some(true) {
                    return Err(refused(format!("{}: {NO_END}", visible(role))));
                }
            }
            Edit::Bins { bins, .. } => {
                if dialect == Dialect::Notary {
                    return Err(refused(
                        "Notary knows no bins: its delegations are for beginnings of names",
                    ));
                }
                if bins.prefix.is_empty() {
                    return Err(refused("bins need a name to begin theirs with"));
                }
            }
            Edit::Vouches { path, .. } if path.is_empty() => {
                return Err(refused("a target needs a path"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a repository can be begun with: keys of every top-level role, ends, delegations and files.
fn beginning(change: &Change, dialect: Dialect) -> Result<(), Failure> {
    let begins = change.edits.iter().filter(|edit| matches!(edit, Edit::Begins { .. }));
    if begins.count() > 1 {
        return Err(refused("a repository is begun once"));
    }
    for edit in &change.edits {
        match edit {
            Edit::Begins {
                consistent_snapshot: true,
            } if dialect == Dialect::Notary => {
                return Err(refused("files of a Notary repository carry no versions in their names"));
            }
            Edit::Begins { .. }
            | Edit::Joins { .. }
            | Edit::ServerKey { .. }
            | Edit::Threshold { .. }
            | Edit::Ends { .. }
            | Edit::Delegates { .. }
            | Edit::Bins { .. }
            | Edit::Vouches { .. } => {}
            Edit::Leaves { .. }
            | Edit::Redelegates { .. }
            | Edit::Undelegates { .. }
            | Edit::Unvouches { .. }
            | Edit::Rebuilds { .. }
            | Edit::Again { .. } => {
                return Err(refused(
                    "a repository that is begun has nothing yet that could be changed or taken away",
                ));
            }
        }
    }
    if change.online_elsewhere {
        return Err(refused(
            "no client accepts a new repository without snapshot and timestamp: their keys must be at hand, or sign by file",
        ));
    }
    for role in ["root", "targets", "snapshot", "timestamp"] {
        let is_keyed = change.is_by_server(&RoleName::new(role).expect("a name"))
            || change.joining(&RoleAt::top_level(role)).next().is_some();
        if !is_keyed {
            let server = match (dialect, role) {
                (Dialect::Notary, "snapshot" | "timestamp") => ", or have the server make one",
                _ => "",
            };
            return Err(refused(format!("{role} has no key: say which keys sign it{server}")));
        }
    }
    Ok(())
}

const NO_END: &str = "Notary's clients ask every delegation: a search ends with none";

fn new_delegation(delegation: &Delegation, dialect: Dialect) -> Result<(), Failure> {
    if delegation.terminating && dialect == Dialect::Notary {
        return Err(refused(format!("{}: {NO_END}", visible(&delegation.role))));
    }
    let mut keys = HashSet::new();
    for joining in &delegation.keys {
        if !keys.insert(read(joining)?.physical()) {
            return Err(refused(format!("{} is given twice", visible(&joining.key))));
        }
    }
    Ok(())
}

/// Notary: a name below its delegator's, of the letters its server takes (`data.IsDelegation`).
fn name(by: &str, role: &str, dialect: Dialect) -> Result<(), Failure> {
    if matches!(role, "" | "root" | "targets" | "snapshot" | "timestamp") {
        return Err(refused(format!(
            "expected a name for the delegated role that no top-level role has, got {}",
            visible(role)
        )));
    }
    if dialect == Dialect::Tuf1 {
        return Ok(());
    }
    let below = role.strip_prefix(by).and_then(|rest| rest.strip_prefix('/'));
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    if role.len() > LONGEST_NOTARY_NAME || !below.is_some_and(is_name) {
        return Err(refused(format!(
            "expected a name such as {by}/releases, of lower-case letters, digits, - and _ behind the last slash, got {}",
            visible(role)
        )));
    }
    Ok(())
}

fn paths(paths: &Paths, dialect: Dialect) -> Result<(), Failure> {
    let is_prefix = |text: &String| {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        !text.is_empty() && text.len() <= 64 && text.bytes().all(is_hex)
    };
    match paths {
        Paths::HashPrefixes(_) if dialect == Dialect::Notary => Err(refused(
            "Notary's delegations are for beginnings of names: they know no digests of paths",
        )),
        Paths::HashPrefixes(list) => match list.iter().find(|text| !is_prefix(text)) {
            Some(text) => Err(refused(format!(
                "expected the first digits of a SHA-256, in lower-case hexadecimal, got {}",
                visible(text)
            ))),
            None => Ok(()),
        },
        Paths::Names(_) => Ok(()),
    }
}

/// Refuses keys that are not there, are there twice, or would be too few for their threshold, unless the change says why they
/// may; root is always refused, since nobody could ever change it again.
pub fn of_keys(change: &Change, grounds: &Grounds) -> Result<(), Failure> {
    for at in change.of_keys() {
        let speaks = speaks_now(&at, grounds)?;
        let mut present: HashSet<PhysicalKey> = speaks.keys.physical(&speaks.role.keyids);
        let leaving = change.leaving(&at);
        let asked = change
            .edits
            .iter()
            .filter(|edit| matches!(edit, Edit::Leaves { of, .. } if *of == at));
        if leaving.len() != asked.count() {
            return Err(refused(
                "a key that leaves is not told as sha256: and 64 hexadecimal digits",
            ));
        }
        for key in &leaving {
            listed_as(&speaks, &at, key)?;
        }
        for joining in change.joining(&at) {
            let (physical, key) = (read(joining)?.physical(), &joining.key);
            if leaving.contains(&physical) {
                return Err(refused(format!("{key} would leave and join at once")));
            }
            if !present.insert(physical) {
                return Err(refused(format!("{key} speaks for {at} already")));
            }
        }
        present.retain(|key| !leaving.contains(key));
        let is_by_server = at.by == "root" && change.by_server().contains(&at.role.as_str());
        let (threshold, count) = match is_by_server {
            true => (1, 1),
            false => (
                change.threshold(&at).unwrap_or(speaks.role.threshold),
                present.len() as u64,
            ),
        };
        enough(change, &at, threshold, count)?;
    }
    for edit in &change.edits {
        if let Edit::Delegates { by, delegation } = edit {
            let at = RoleAt {
                role: delegation.role.clone(),
                by: by.clone(),
            };
            enough(change, &at, delegation.threshold, delegation.keys.len() as u64)?;
        }
        if let Edit::Bins { by, bins } = edit {
            let at = RoleAt {
                role: bins.prefix.clone(),
                by: by.clone(),
            };
            let different: HashSet<_> = bins.keys.iter().filter_map(|joining| joining.physical()).collect();
            enough(change, &at, bins.threshold, different.len() as u64)?;
        }
    }
    Ok(())
}

/// Refuses a change whose thresholds cannot be met without a key that was lost or stolen: nobody could finish it.
pub fn of_gone(change: &Change, documents: &[Planned]) -> Result<(), Failure> {
    for document in documents {
        let short = |quorum: &&Quorum| !quorum.gone.is_empty() && (quorum.keys.len() as u64) < quorum.threshold;
        let Some(quorum) = document.quorums.iter().find(short) else {
            continue;
        };
        let is_root = document.role == RoleName::root();
        if change.despite.is_some() && !is_root {
            continue;
        }
        let then = match (is_root, quorum.side) {
            (true, Side::Old) => {
                "no client would follow the next root. A stolen key whose copy is in hand can still sign: recover root instead. \
                 Where keys are lost, begin the repository anew and give every client its root"
            }
            (true, _) => "nobody could ever change it again",
            (false, _) => "nobody could sign it; say why that is meant, and it goes on record",
        };
        let refusal = refused(format!(
            "{} v{} needs {} of the keys that {} v{} lists, and {} of them not lost or stolen: {then}",
            document.role,
            document.version.1,
            counted(quorum.threshold, "signature"),
            quorum.by.0,
            quorum.by.1,
            match quorum.keys.len() {
                0 => "none is".to_owned(),
                1 => "1 is".to_owned(),
                several => format!("{several} are"),
            },
        ));
        return Err(match is_root {
            true => refusal,
            false => refusal.with("unless", "despite"),
        });
    }
    Ok(())
}

fn enough(change: &Change, at: &RoleAt, threshold: u64, count: u64) -> Result<(), Failure> {
    if threshold > 0 && threshold <= count {
        return Ok(());
    }
    let is_root = at.role == "root";
    if threshold > 0 && change.despite.is_some() && !is_root {
        return Ok(());
    }
    let never = match is_root {
        true => "nobody could ever change it again",
        false => "nobody could sign it",
    };
    let despite = match is_root || threshold == 0 {
        true => "",
        false => "; say why that is meant, and it goes on record",
    };
    let refusal = refused(format!(
        "{at} would need {} and have {}: {never}{despite}",
        counted(threshold, "signature"),
        counted(count, "key"),
    ));
    Err(match despite {
        "" => refusal,
        _ => refusal.with("unless", "despite"),
    })
}
