//! What the server takes and what it refuses, in the order and the words of the real one; and what it signs by itself.

use rootward_tuf::{
    Dialect, Document, Envelope, Instant, MetaEntry, ReadError, RoleKeys, RoleName, Root, Snapshot, SnapshotDraft,
    Tally, Targets, Timestamp, TimestampDraft, encoding::hex, metadata,
};
use serde_json::Value;

use super::{Said, shelf::Gun};
use crate::ports::claimed_version;

/// As the real server: three years for a snapshot, two weeks for a timestamp.
const SNAPSHOT_DAYS: i64 = 3 * 365;
const TIMESTAMP_DAYS: i64 = 14;

/// An uploaded document.
struct Upload<'a> {
    role: RoleName,
    version: u64,
    file: &'a [u8],
}

/// The repository after an upload, or what the server says instead.
///
/// Every document of the upload is held against the roles of the root that counts afterwards; then the server signs snapshot,
/// unless one came along, and timestamp. Versions already there are refused at last, as by its storage.
pub(super) fn updated(held: &Gun, gun: &str, files: &[(String, Vec<u8>)], now: Instant) -> Result<Gun, Said> {
    let uploads = files.iter().map(|(name, file)| upload(name, file));
    let uploads = uploads.collect::<Result<Vec<_>, Said>>()?;
    let find = |role: &RoleName| uploads.iter().find(|upload| upload.role == *role);
    let mut next = held.clone();
    match find(&RoleName::root()) {
        Some(upload) => {
            must_follow(held, gun, upload, now)?;
            next.put("root", upload.version, upload.file);
        }
        None if held.newest("root").is_none() => {
            let why = "no pre-existing root and no root provided in update.";
            return Err(Said::invalid_update("ErrValidation", why));
        }
        None => {}
    }
    let root = next
        .read::<Root>("root")
        .ok_or_else(|| bad_root("root cannot be read"))?;
    let mut targets: Vec<&Upload<'_>> = uploads.iter().filter(|upload| is_of_targets(&upload.role)).collect();
    targets.sort_by_key(|upload| (upload.role.as_str().matches('/').count(), upload.role.clone()));
    for upload in targets {
        must_be_signed(&next, &root, upload, now)?;
        next.put(upload.role.as_str(), upload.version, upload.file);
    }
    match find(&RoleName::snapshot()) {
        Some(upload) => {
            must_fit(&next, &root, upload, now)?;
            next.put("snapshot", upload.version, upload.file);
        }
        None => sign_snapshot(&mut next, &root, &uploads, now)?,
    }
    sign_timestamp(&mut next, &root, now)?;
    for upload in uploads.iter().filter(|upload| upload.role != RoleName::timestamp()) {
        if held
            .newest(upload.role.as_str())
            .is_some_and(|(newest, _)| newest >= upload.version)
        {
            let message = "A newer version of metadata is already available.";
            return Err(Said::error(400, "VERSION", message, Value::Null));
        }
    }
    Ok(next)
}

/// Signs anew what the server signs by itself and has ended.
pub(super) fn sign_what_ended(held: &mut Gun, now: Instant) {
    let Some(root) = held.read::<Root>("root") else { return };
    let has_ended = |ends: Option<bool>| ends == Some(true);
    let snapshot = held.read::<Snapshot>("snapshot");
    let timestamp = held.read::<Timestamp>("timestamp");
    let old_snapshot = has_ended(snapshot.map(|read| read.body().expires().is_expired(now)));
    let old_timestamp = has_ended(timestamp.map(|read| read.body().expires().is_expired(now)));
    let mut next = held.clone();
    // One that only a client could sign stays as it is.
    let renewed = old_snapshot && sign_snapshot(&mut next, &root, &[], now).is_ok();
    if (renewed || old_timestamp) && sign_timestamp(&mut next, &root, now).is_ok() {
        *held = next;
    }
}

fn upload<'a>(name: &str, file: &'a [u8]) -> Result<Upload<'a>, Said> {
    let name = name.strip_suffix(".json").unwrap_or(name);
    let invalid = || {
        let message = "The role you are attempting to operate on is invalid.";
        Said::error(400, "INVALID_ROLE", message, Value::Null)
    };
    let role = RoleName::new(name).map_err(|_| invalid())?;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_/".contains(&byte);
    let is_delegation = name.strip_prefix("targets/").is_some_and(|rest| {
        name.len() < 256 && name.bytes().all(is_plain) && rest.split('/').all(|part| !part.is_empty())
    });
    if !role.is_top_level() && !is_delegation {
        return Err(invalid());
    }
    let malformed = || {
        Said::error(
            400,
            "MALFORMED_JSON",
            "JSON sent by the client could not be parsed.",
            Value::Null,
        )
    };
    let version = claimed_version(file).ok_or_else(malformed)?;
    Ok(Upload { role, version, file })
}

fn is_of_targets(role: &RoleName) -> bool {
    *role == RoleName::targets() || !role.is_top_level()
}

/// A root is the current or the next version, is signed by the keys of the one before, and by its own.
fn must_follow(held: &Gun, gun: &str, upload: &Upload<'_>, now: Instant) -> Result<(), Said> {
    let before = held.read::<Root>("root");
    let current = before.as_ref().map_or(0, |root| root.version());
    if upload.version != current && upload.version != current.saturating_add(1) {
        let new = upload.version;
        return Err(bad_root(&format!(
            "Root modifications must increment the version. Current {current}, new {new}"
        )));
    }
    let root = read::<Root>(upload).map_err(|why| bad_root(&why.to_string()))?;
    let body = root.body();
    // Only certificates that name the repository and hold today are keys of root.
    let holds = |keyid: &&rootward_tuf::KeyId| {
        let certificate = body.keys.get(keyid).and_then(|key| key.certificate());
        certificate.is_some_and(|certificate| certificate.check_for_root(Some(gun), now).is_ok())
    };
    let own = RoleKeys {
        keyids: body.root.keyids.iter().filter(holds).cloned().collect(),
        threshold: body.root.threshold,
    };
    if own.keyids.is_empty() {
        return Err(bad_root(
            "could not validate the path to a trusted root: unable to retrieve valid leaf certificates",
        ));
    }
    if !Tally::of(&root, &body.keys, &own).is_met_for_clients() {
        return Err(bad_root(
            "could not validate the path to a trusted root: failed to validate integrity of roots",
        ));
    }
    if let Some(before) = &before {
        let old = before.body();
        if !Tally::of(&root, &old.keys, &old.root).is_met_for_clients() {
            return Err(bad_root(
                "could not rotate trust to a new trusted root: failed to validate data with current trusted certificates",
            ));
        }
    }
    must_not_have_ended(&root, &RoleName::root(), now).map_err(|why| bad_root(&why))
}

/// A document of targets or below is signed by whoever the one above it names.
fn must_be_signed(next: &Gun, root: &Envelope<Root>, upload: &Upload<'_>, now: Instant) -> Result<(), Said> {
    let bad = |why: &str| Said::invalid_update("ErrBadTargets", why);
    let role = &upload.role;
    let document = read::<Targets>(upload).map_err(|why| bad(&why.to_string()))?;
    let short = || bad(&format!("valid signatures did not meet threshold for {role}"));
    let body = root.body();
    if *role == RoleName::targets() {
        if !Tally::of(&document, &body.keys, &body.targets).is_met_for_clients() {
            return Err(short());
        }
    } else {
        let parent = role.as_str().rsplit_once('/').map_or("targets", |(parent, _)| parent);
        let parent = next.read::<Targets>(parent);
        let delegations = parent.as_ref().and_then(|parent| parent.body().delegations.as_ref());
        let Some((keys, delegated)) = delegations.and_then(|found| Some((&found.keys, found.role(role)?))) else {
            return Err(bad(&format!("tuf: invalid role {role}. delegation does not exist")));
        };
        if !Tally::of(&document, keys, &delegated.keys).is_met_for_clients() {
            return Err(short());
        }
    }
    must_not_have_ended(&document, role, now).map_err(|why| bad(&why))
}

/// A client's snapshot is signed by root's key for it and names root and targets as they are.
fn must_fit(next: &Gun, root: &Envelope<Root>, upload: &Upload<'_>, now: Instant) -> Result<(), Said> {
    let bad = |why: &str| Said::invalid_update("ErrBadSnapshot", why);
    let snapshot = read::<Snapshot>(upload).map_err(|why| bad(&why.to_string()))?;
    let body = root.body();
    if !Tally::of(&snapshot, &body.keys, &body.snapshot).is_met_for_clients() {
        return Err(bad("valid signatures did not meet threshold for snapshot"));
    }
    for role in [RoleName::root(), RoleName::targets()] {
        let Some((_, file)) = next.newest(role.as_str()) else {
            return Err(bad(&format!("{role} has not been loaded")));
        };
        let named = snapshot.body().meta.get(&role);
        if named != Some(entry(&file)) {
            let expected = named
                .and_then(|named| named.hashes?.sha256())
                .map(|digest| hex(&digest));
            let expected = expected.unwrap_or_default();
            return Err(bad(&format!(
                "sha256 checksum for {role} did not match: expected {expected}"
            )));
        }
    }
    must_not_have_ended(&snapshot, &RoleName::snapshot(), now).map_err(|why| bad(&why))
}

fn sign_snapshot(next: &mut Gun, root: &Envelope<Root>, uploads: &[Upload<'_>], now: Instant) -> Result<(), Said> {
    let role = RoleName::snapshot();
    let key = next.key_of(&role).ok_or_else(|| lacks_key(root, &role))?;
    let before = next.read::<Snapshot>("snapshot");
    let ends = in_days(now, SNAPSHOT_DAYS);
    let mut draft = match &before {
        Some(before) => SnapshotDraft::next(before),
        None => SnapshotDraft::first(Dialect::Notary, ends),
    };
    draft.set_expires(ends);
    let uploaded = uploads.iter().map(|upload| upload.role.clone());
    let renewed = uploaded
        .filter(is_of_targets)
        .chain([RoleName::root(), RoleName::targets()]);
    for role in renewed {
        if let Some((_, file)) = next.newest(role.as_str()) {
            draft.set_meta(&role, &entry(&file));
        }
    }
    let body = root.body();
    let frozen = draft.freeze().map_err(|why| unsigned(&why))?;
    let signed = key.sign(&frozen);
    let complete = frozen.complete(&body.keys, &body.snapshot, signed);
    let complete = complete.map_err(|_| lacks_key(root, &role))?;
    next.put("snapshot", complete.version(), complete.file_bytes());
    Ok(())
}

fn sign_timestamp(next: &mut Gun, root: &Envelope<Root>, now: Instant) -> Result<(), Said> {
    let role = RoleName::timestamp();
    let key = next.key_of(&role).ok_or_else(|| lacks_key(root, &role))?;
    let Some((_, snapshot)) = next.newest("snapshot") else {
        return Err(unsigned(&"there is no snapshot"));
    };
    let ends = in_days(now, TIMESTAMP_DAYS);
    let mut draft = match next.read::<Timestamp>("timestamp") {
        Some(before) => TimestampDraft::next(&before),
        None => TimestampDraft::first(Dialect::Notary, &entry(&snapshot), ends),
    };
    draft.set_snapshot(&entry(&snapshot)).set_expires(ends);
    let body = root.body();
    let frozen = draft.freeze().map_err(|why| unsigned(&why))?;
    let signed = key.sign(&frozen);
    let complete = frozen.complete(&body.keys, &body.timestamp, signed);
    let complete = complete.map_err(|_| lacks_key(root, &role))?;
    next.put("timestamp", complete.version(), complete.file_bytes());
    Ok(())
}

fn read<T: Document>(upload: &Upload<'_>) -> Result<Envelope<T>, ReadError> {
    metadata::read(upload.file, Dialect::Notary)
}

fn entry(file: &[u8]) -> MetaEntry {
    MetaEntry::of(file, 0, Dialect::Notary)
}

fn must_not_have_ended<T: Document>(document: &Envelope<T>, role: &RoleName, now: Instant) -> Result<(), String> {
    let ends = document.body().expires();
    match ends.is_expired(now) {
        true => Err(format!("{role} expired at {}", ends.text)),
        false => Ok(()),
    }
}

fn in_days(now: Instant, days: i64) -> Instant {
    now.plus_seconds(days * 24 * 60 * 60)
}

fn bad_root(why: &str) -> Said {
    Said::invalid_update("ErrBadRoot", why)
}

/// The signer behind the server has no key that root lists for the role.
fn lacks_key(root: &Envelope<Root>, role: &RoleName) -> Said {
    let listed = root.body().role(role).and_then(|keys| keys.keyids.first());
    let id = listed.map(|keyid| keyid.as_str()).unwrap_or_default();
    let why = format!("rpc error: code = NotFound desc = key {id} not found");
    Said::invalid_update("ErrValidation", &why)
}

fn unsigned(why: &dyn std::fmt::Display) -> Said {
    Said::error(500, "UNKNOWN", "unknown error", Value::String(why.to_string()))
}
