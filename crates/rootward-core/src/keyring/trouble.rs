//! What should be known of a key before somebody relies on it. One rule a function; each looks at what the desk knows.

use std::collections::{BTreeMap, BTreeSet};

use rootward_tuf::time::Instant;

use super::attestation::Remark;
use super::ring::{Holding, RingKey};
use crate::border::counted;
use crate::ports::{KeyReference, Protection};

/// A fact about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFinding {
    pub code: &'static str,
    /// A person should do something about it.
    pub is_warning: bool,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub next: String,
}

/// Every code, for filters and for `docs/key-findings.md`.
pub const CODES: [&str; 10] = [
    "unused-key",
    "two-places",
    "shared-device",
    "two-roles",
    "weak-protection",
    "several-keyids",
    "old-firmware",
    "imported-key",
    "no-touch",
    "not-proven",
];

/// Hangs findings on every key.
pub(super) fn findings(keys: &mut [RingKey], now: Instant) {
    let shared = shared_devices(keys);
    for key in keys {
        let mut found: Vec<KeyFinding> = Vec::new();
        found.extend(unused(key));
        found.extend(in_two_places(key));
        found.extend(
            key.device()
                .and_then(|device| shared.get(&device).map(|names| on_shared_device(&device, names))),
        );
        found.extend(in_two_roles(key));
        found.extend(weakly_protected(key));
        found.extend(several_keyids(key));
        found.extend(in_old_firmware(key, now));
        found.extend(imported(key));
        found.extend(never_touched(key, now));
        found.extend(not_proven(key));
        found.sort_by_key(|finding| !finding.is_warning);
        key.findings = found;
    }
}

fn warning(code: &'static str, message: String, next: impl Into<String>) -> Option<KeyFinding> {
    finding(code, true, message, next)
}

fn note(code: &'static str, message: String, next: impl Into<String>) -> Option<KeyFinding> {
    finding(code, false, message, next)
}

fn finding(code: &'static str, is_warning: bool, message: String, next: impl Into<String>) -> Option<KeyFinding> {
    Some(KeyFinding {
        code,
        is_warning,
        message,
        next: next.into(),
    })
}

fn unused(key: &RingKey) -> Option<KeyFinding> {
    if key.places.is_empty() || key.now().next().is_some() {
        return None;
    }
    let was = key.uses.iter().map(|each| each.role.as_str()).collect::<BTreeSet<_>>();
    if !was.is_empty() {
        let was = was.into_iter().collect::<Vec<_>>().join(", ");
        return note(
            "unused-key",
            format!("Its private half is here and speaks for nothing any more. It was a key of {was}."),
            "Destroy it, or keep it where nobody takes it for a key that counts.",
        );
    }
    note(
        "unused-key",
        "Its private half is here and no repository on this desk lists it.".into(),
        "It may be new, or of a repository that is not on this desk. If it is neither, destroy it.",
    )
}

fn in_two_places(key: &RingKey) -> Option<KeyFinding> {
    let places: BTreeSet<String> = key
        .places
        .iter()
        .map(|place| super::written(&place.reference))
        .collect();
    let count = |wanted: fn(&KeyReference) -> bool| {
        let places = key.places.iter().map(|place| &place.reference);
        places.filter(|reference| wanted(reference)).count()
    };
    let files = count(|reference| matches!(reference, KeyReference::File(_)));
    let slots = count(|reference| matches!(reference, KeyReference::YubiKey(_)));
    let objects = count(|reference| matches!(reference, KeyReference::Pkcs11(_)));
    // One token seen by the smart card service and by a module of its maker is one place.
    if files + slots.max(objects) < 2 {
        return None;
    }
    let files_only = key.places.iter().all(|place| place.device.is_none());
    let message = format!(
        "Its private half is in {}: {}.",
        counted(places.len() as u64, "place"),
        listed(&places)
    );
    let next = if files_only {
        "Each copy can be stolen. Keep one, and destroy the others."
    } else {
        "A copy outside of the token can be stolen without the token. Destroy it, or replace the key by one born in a token."
    };
    warning("two-places", message, next)
}

/// Devices whose keys go by the names of different people.
fn shared_devices(keys: &[RingKey]) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for key in keys.iter().filter(|key| key.holding == Holding::Token) {
        if let (Some(device), Some(holder)) = (key.device(), key.holder()) {
            names.entry(device).or_default().insert(holder.to_owned());
        }
    }
    names.retain(|_, names| names.len() > 1);
    names
}

fn on_shared_device(device: &str, names: &BTreeSet<String>) -> KeyFinding {
    KeyFinding {
        code: "shared-device",
        is_warning: true,
        message: format!("{device} holds keys of {}: {}.", counted(names.len() as u64, "officer"), listed(names)),
        next: "Whoever has the device and its PIN signs for all of them. Give each officer a device, and replace the keys.".into(),
    }
}

fn in_two_roles(key: &RingKey) -> Option<KeyFinding> {
    let mut by_repository: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for each in key.now() {
        by_repository
            .entry(&each.repository_name)
            .or_default()
            .insert(each.role.as_str());
    }
    // Snapshot and timestamp are usually signed by one service.
    by_repository
        .retain(|_, roles| roles.len() > 1 && roles.iter().any(|role| !matches!(*role, "snapshot" | "timestamp")));
    let (repository, roles) = by_repository.iter().next()?;
    let message = format!(
        "It speaks for {} of {repository}: {}.",
        counted(roles.len() as u64, "role"),
        listed(roles)
    );
    let next = "Whoever steals it has all of them. Give each role keys of its own.";
    match roles.contains("root") {
        true => warning("two-roles", message, next),
        false => note("two-roles", message, next),
    }
}

fn weakly_protected(key: &RingKey) -> Option<KeyFinding> {
    let files = key.places.iter().filter(|place| !place.practice);
    let weak = files.filter_map(|place| Some((place.label(), place.protection.filter(Protection::is_weak)?)));
    let (file, protection) = weak.into_iter().next()?;
    let message = match protection {
        Protection::Open => format!("No passphrase protects {file}."),
        other => format!("The passphrase of {file} is stretched by next to nothing: {other}."),
    };
    warning(
        "weak-protection",
        message,
        "Whoever copies the file has the key. Move the key into a token, or write the file anew with a strong passphrase.",
    )
}

fn several_keyids(key: &RingKey) -> Option<KeyFinding> {
    let ids = key.different_keyids();
    if ids.len() < 2 {
        return None;
    }
    note(
        "several-keyids",
        format!("It is one key under {}.", counted(ids.len() as u64, "keyid")),
        "Clients that count keyids take it for several keys. No threshold here counts it twice.",
    )
}

fn in_old_firmware(key: &RingKey, now: Instant) -> Option<KeyFinding> {
    let told = key.places.iter().filter_map(|place| place.device.as_ref());
    let mut told = told.filter(|device| device.is_cloneable);
    let proven = key.attestation.as_ref();
    let attested = proven.is_some_and(|proven| proven.remarks(now).contains(&Remark::Cloneable));
    if !attested && (proven.is_some() || told.next().is_none()) {
        return None;
    }
    warning(
        "old-firmware",
        format!("Its device has firmware {}.", key.firmware().unwrap_or_default()),
        "Somebody with such a device in a laboratory can copy its EC keys (YSA-2024-03). Replace the key by one in a newer device.",
    )
}

fn imported(key: &RingKey) -> Option<KeyFinding> {
    let mut devices = key.places.iter().filter_map(|place| place.device.as_ref());
    devices.find(|device| device.origin.as_deref() == Some("imported"))?;
    note(
        "imported-key",
        "It was made elsewhere and put into its token: copies may exist.".into(),
        "Nobody can prove that there is none. Replace it by a key that is born in a token.",
    )
}

fn never_touched(key: &RingKey, now: Instant) -> Option<KeyFinding> {
    let attested = key.attestation.as_ref();
    let mut told = key.places.iter().filter_map(|place| place.device.as_ref());
    let is_so = match attested {
        Some(proven) => proven.remarks(now).contains(&Remark::NeverTouched),
        None => told.any(|device| device.touch.as_deref() == Some("never")),
    };
    if !is_so || key.now().next().is_none() {
        return None;
    }
    warning(
        "no-touch",
        "It signs without a touch.".into(),
        "A program on the machine can sign with it unseen while it is plugged in. Replace it by a key that asks for a touch.",
    )
}

/// Keys of root in people's hands: whether they work is only seen when they do.
fn not_proven(key: &RingKey) -> Option<KeyFinding> {
    let of_root = key.now().any(|each| each.role.as_str() == "root" && !each.online);
    if !of_root || !key.is_stale {
        return None;
    }
    let message = match &key.worked {
        Some(worked) => format!("It was last seen to work on {}.", &worked.at.to_seconds_text()[..10]),
        None => "This desk has never seen it work.".into(),
    };
    note(
        "not-proven",
        message,
        "Hold a roll call: one PIN and one touch, and no trust changes.",
    )
}

fn listed<T: AsRef<str>>(names: &BTreeSet<T>) -> String {
    names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ")
}
