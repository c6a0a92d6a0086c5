//! The keyring and the roll call in words.

use rootward_tuf::key::Algorithm;
use rootward_tuf::time::Instant;

use super::{small, texts};
use crate::border::{
    Custody, DeedView, FactView, KeyAttestationView, KeyFilter, KeyFindingView, KeyPlaceView, KeyRow, KeySpellView,
    KeyView, KeysRequest, KeysWindow, Proven, ReadinessView, RingUseView, RollCallRow, RollCallView, counted, short,
    visible,
};
use crate::keyring::attestation::{Remark, VerifiedAttestation, Vouching};
use crate::keyring::{self, Filter, Holding, KeyUse, Keyring, Readiness, RingKey, Wanted};
use crate::ledger::{Deeds, Went};
use crate::repositories::DAY;
use crate::repositories::known::Known;

/// No window asks for more rows at once.
const MOST_ROWS: u32 = 1_000;
/// No screen shows more deeds of one key.
const MOST_DEEDS: usize = 100;

impl From<&KeysRequest> for Wanted {
    fn from(request: &KeysRequest) -> Self {
        Wanted {
            search: request.search.clone(),
            filters: request.filters.iter().map(Filter::from).collect(),
        }
    }
}

impl From<&KeyFilter> for Filter {
    fn from(filter: &KeyFilter) -> Self {
        match filter {
            KeyFilter::NeedsPerson => Filter::NeedsPerson,
            KeyFilter::Finding { code } => Filter::Finding(code.clone()),
            KeyFilter::Held { custody } => Filter::Held(match custody {
                Custody::Token => Holding::Token,
                Custody::File => Holding::File,
                Custody::Keychain => Holding::Keychain,
                Custody::Server => Holding::Server,
                Custody::Unknown => Holding::Unknown,
            }),
            KeyFilter::Here => Filter::Here,
            KeyFilter::Counts => Filter::Counts,
            KeyFilter::Repository { repository } => Filter::Repository(repository.clone()),
        }
    }
}

impl KeysWindow {
    /// Rows `from` and on of those that match.
    pub fn of(ring: &Keyring, matching: &[usize], deeds: &Deeds, window: (u32, u32), now: Instant) -> Self {
        let (from, count) = window;
        let shown = matching.iter().enumerate().skip(from as usize);
        let shown = shown.take(count.min(MOST_ROWS) as usize);
        let warned = |key: &&RingKey| key.findings.iter().any(|finding| finding.is_warning);
        KeysWindow {
            total: matching.len() as u32,
            from,
            rows: shown
                .map(|(index, &place)| KeyRow::of(&ring.keys[place], index as u32, now))
                .collect(),
            keys: ring.keys.len() as u32,
            keyids: ring.keyids as u32,
            warned: ring.keys.iter().filter(warned).count() as u32,
            ledger_broken: broken(deeds),
        }
    }
}

impl KeyRow {
    fn of(key: &RingKey, index: u32, now: Instant) -> Self {
        let counts = key.now().next().is_some();
        let mut roles: Vec<String> = Vec::new();
        for each in key.uses.iter().filter(|each| each.is_now == counts) {
            let role = visible(each.role.as_str());
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        let (place, place_known) = place(key);
        KeyRow {
            index,
            physical_key: key.physical.to_string(),
            custody: Custody::of(key.holding),
            place,
            place_known,
            officer: key.holder().map(visible),
            roles,
            counts,
            repositories: key.repositories() as u32,
            keyids: key.different_keyids().len() as u32,
            firmware: key.firmware().map(|text| visible(&text)),
            attestation: attested_word(key, now),
            standing: key.standing,
            warnings: key.findings.iter().filter(|finding| finding.is_warning).count() as u32,
            worked_at: key.worked.as_ref().map(|worked| worked.at.to_string()),
            stale: key.is_stale,
            here: key.is_here(),
            practice: key.practice,
        }
    }
}

impl KeyView {
    /// One key in full.
    pub fn of(key: &RingKey, deeds: &Deeds, now: Instant) -> Self {
        let (place, place_known) = place(key);
        let claimed: Vec<String> = key
            .claimed
            .iter()
            .filter(|name| Some(*name) != key.given.as_ref())
            .cloned()
            .collect();
        KeyView {
            physical_key: key.physical.to_string(),
            custody: Custody::of(key.holding),
            place,
            place_known,
            officer: key.holder().map(visible),
            given_name: key.given.as_deref().map(visible),
            claimed_names: texts(&claimed),
            summary: summary(key),
            facts: facts(key, now),
            standing: key.standing,
            practice: key.practice,
            places: key.places.iter().map(place_view).collect(),
            uses: key.uses.iter().map(use_view).collect(),
            attestation: attestation(key, now),
            findings: key
                .findings
                .iter()
                .map(|finding| KeyFindingView {
                    code: finding.code.into(),
                    warning: finding.is_warning,
                    message: visible(&finding.message),
                    next: finding.next.clone(),
                })
                .collect(),
            deeds: deeds_of(key, deeds),
            can_prove: can_prove(key),
        }
    }
}

impl ReadinessView {
    /// Whether root could be rotated today.
    pub fn of(known: &Known, readiness: &Readiness) -> Self {
        let (keys, proven) = (readiness.keys.len() as u64, readiness.proven);
        let says = if readiness.could_rotate() {
            let until = readiness
                .until
                .map(|until| format!(" until {}", day(until)))
                .unwrap_or_default();
            format!(
                "Yes{until}: {proven} of {} proven, {} needed.",
                counted(keys, "key"),
                readiness.threshold
            )
        } else {
            let missing = readiness.threshold.saturating_sub(proven);
            format!(
                "Not known: {proven} of {} proven, {} needed. {} more must prove that they work.",
                counted(keys, "key"),
                readiness.threshold,
                missing
            )
        };
        ReadinessView {
            repository: known.record.id.clone(),
            repository_name: visible(&known.record.name),
            practice: known.record.practice,
            version: known
                .tree
                .root()
                .document
                .as_ref()
                .map_or(0, |document| document.version),
            keys: small(keys),
            proven: small(proven),
            threshold: readiness.threshold,
            could: readiness.could_rotate(),
            until: readiness.until.map(|until| until.to_string()),
            says,
        }
    }
}

impl RollCallView {
    /// The roll call of a repository's root.
    pub fn of(
        known: &Known,
        readiness: &Readiness,
        ring: &Keyring,
        deeds: &Deeds,
        (days, now): (u32, Instant),
    ) -> Self {
        let keys = readiness.keys.iter().filter_map(|(physical, worked)| {
            let key = ring.key(physical)?;
            let (place, place_known) = place(key);
            let stale = keyring::is_stale(worked.as_ref().map(|worked| worked.at), days, now);
            Some(RollCallRow {
                physical_key: physical.to_string(),
                keyid: known
                    .tree
                    .root()
                    .keys
                    .iter()
                    .find(|listed| listed.physical == Some(*physical))
                    .map(|listed| visible(&listed.keyid))
                    .unwrap_or_default(),
                officer: key.holder().map(visible),
                custody: Custody::of(key.holding),
                place,
                place_known,
                state: match (worked, stale) {
                    (None, _) => Proven::Never,
                    (Some(_), true) => Proven::Stale,
                    (Some(_), false) => Proven::Fresh,
                },
                worked_at: worked.as_ref().map(|worked| worked.at.to_string()),
                says: match worked {
                    None => "Never seen to work on this desk.".into(),
                    Some(worked) => visible(&format!("{} by {}, {}.", ago(worked.at, now), worked.by, worked.place)),
                },
                here: key.is_here(),
                can_prove: can_prove(key),
            })
        });
        RollCallView {
            readiness: ReadinessView::of(known, readiness),
            days,
            keys: keys.collect(),
            ledger_broken: broken(deeds),
        }
    }
}

fn broken(deeds: &Deeds) -> Option<String> {
    let (line, why) = deeds.broken.as_ref()?;
    Some(visible(&format!("line {line}: {why}")))
}

/// What holds the key, and whether that is known; else the ends of the id it has last.
fn place(key: &RingKey) -> (String, bool) {
    if let Some(device) = key.device() {
        return (visible(&device), true);
    }
    if let Some(place) = key.places.first() {
        return (visible(&keyring::name(&place.reference)), true);
    }
    let ids = key.different_keyids();
    let id = ids
        .last()
        .map_or_else(|| key.physical.to_string(), |id| (*id).to_owned());
    (short(&id), false)
}

/// A key that is here or lies in a device that can be plugged in.
fn can_prove(key: &RingKey) -> bool {
    !key.places.is_empty()
}

fn place_view(place: &keyring::Place) -> KeyPlaceView {
    KeyPlaceView {
        key: visible(&keyring::written(&place.reference)),
        label: visible(&keyring::label(&place.reference)),
        custody: Custody::at(&place.reference),
        here: place.is_here,
        seen_at: place.seen_at.to_string(),
    }
}

fn use_view(each: &KeyUse) -> RingUseView {
    let document = match each.role.as_str() {
        "root" | "targets" | "snapshot" | "timestamp" => "root",
        _ => "the delegation",
    };
    let last = each.spells.len().saturating_sub(1);
    let spells = each.spells.iter().enumerate().map(|(place, spell)| {
        let today = if each.is_now && place == last { ", today" } else { "" };
        let versions = match spell.first == spell.last {
            true => format!("{document} v{}{today}", spell.first),
            false => format!("{document} v{} to v{}{today}", spell.first, spell.last),
        };
        KeySpellView {
            keyid: visible(&spell.keyid),
            versions,
        }
    });
    RingUseView {
        repository: each.repository.clone(),
        repository_name: visible(&each.repository_name),
        practice: each.practice,
        role: visible(each.role.as_str()),
        now: each.is_now,
        standing: each.standing,
        spells: spells.collect(),
        signed: each.signed,
    }
}

fn summary(key: &RingKey) -> String {
    let whose = key.holder().map_or_else(|| "Nobody is named for it".into(), visible);
    let since = key
        .since
        .map_or_else(String::new, |since| format!(", since {}", day(since)));
    let ids = key.different_keyids().len() as u64;
    let under = match ids {
        0 => "no metadata on this desk lists it".to_owned(),
        ids => format!("one key under {}", counted(ids, "keyid")),
    };
    format!("{whose}{since}; {under}.")
}

fn facts(key: &RingKey, now: Instant) -> Vec<FactView> {
    let fact = |name: &str, value: &str, evidence: bool| FactView {
        name: name.into(),
        value: visible(value),
        evidence,
    };
    let mut facts = Vec::new();
    if let Some(algorithm) = key.algorithm {
        facts.push(fact("Algorithm", algorithm_words(algorithm), true));
    }
    let device = key.places.iter().find_map(|place| place.device.as_ref());
    if let Some(pin) = device.and_then(|device| device.pin.as_deref()) {
        facts.push(fact("PIN", policy_words(pin), false));
    }
    if let Some(touch) = device.and_then(|device| device.touch.as_deref()) {
        facts.push(fact("Touch", policy_words(touch), false));
    }
    if let Some(origin) = device.and_then(|device| device.origin.as_deref()) {
        let words = match origin {
            "generated" => "on the device",
            _ => "elsewhere: copies may exist",
        };
        facts.push(fact("Made", words, false));
    }
    if let Some(place) = key.places.iter().find(|place| place.protection.is_some())
        && let Some(protection) = &place.protection
    {
        facts.push(fact("Passphrase", &protection.to_string(), false));
    }
    let worked = match &key.worked {
        None => "never on this desk".to_owned(),
        Some(worked) => format!(
            "{}, {} by {}",
            day(worked.at),
            ago(worked.at, now).to_lowercase(),
            worked.by
        ),
    };
    facts.push(fact("Last seen to work", &worked, false));
    let signed = key.uses.iter().filter(|each| each.signed.is_some());
    for each in signed.take(3) {
        let version = each.signed.unwrap_or_default();
        facts.push(fact(
            "Signed",
            &format!("{} v{version} of {}", each.role, each.repository_name),
            true,
        ));
    }
    facts
}

fn attested_word(key: &RingKey, now: Instant) -> Option<String> {
    match (&key.attestation, &key.unproven) {
        (Some(proven), _) if proven.remarks(now).is_empty() => Some("attested".into()),
        (Some(_), _) => Some("attested, with a flaw".into()),
        (None, Some(_)) => Some("not proven".into()),
        (None, None) => (key.holding == Holding::Token).then(|| "none yet".into()),
    }
}

fn attestation(key: &RingKey, now: Instant) -> Option<KeyAttestationView> {
    if let Some(why) = &key.unproven {
        return Some(KeyAttestationView {
            verdict: "Not proven".into(),
            proven: false,
            flaw: false,
            chain: Vec::new(),
            remarks: vec![visible(why)],
        });
    }
    let proven = key.attestation.as_ref()?;
    let remarks = proven.remarks(now);
    Some(KeyAttestationView {
        verdict: if proven.vouching == Vouching::AddedHere {
            "Chains to a root added on this machine".into()
        } else if remarks.is_empty() {
            "Proven".into()
        } else {
            "Proven, with a flaw".into()
        },
        proven: true,
        flaw: !remarks.is_empty(),
        chain: chain(proven),
        remarks: remarks.into_iter().map(remark_words).map(str::to_owned).collect(),
    })
}

fn chain(proven: &VerifiedAttestation) -> Vec<FactView> {
    let step = |name: &str, value: String| FactView {
        name: name.into(),
        value: visible(&value),
        evidence: false,
    };
    let root = match proven.vouching {
        Vouching::AddedHere => "a root added on this machine",
        _ => "the maker's root",
    };
    let slot = proven.slot.map_or_else(String::new, |slot| format!("slot {slot}, "));
    vec![
        step(
            "Vouched for by",
            format!("{root}, {}", counted(proven.chain.len() as u64, "certificate")),
        ),
        step("Device", proven.device()),
        step("This key", format!("{slot}made on the device")),
        step("Firmware", proven.firmware.map(|part| part.to_string()).join(".")),
    ]
}

fn remark_words(remark: Remark) -> &'static str {
    match remark {
        Remark::Cloneable => "Firmware below 5.7: a laboratory can copy EC keys out of the device.",
        Remark::Guessable => "This firmware made RSA keys that can be computed from their public half.",
        Remark::NeverTouched => "It signs without a touch.",
        Remark::NeverAsksForPin => "It signs without a PIN.",
        Remark::Expired => "A certificate of the chain has ended. The device does not change by that.",
        Remark::NotYetValid => "A certificate of the chain is not valid yet.",
        Remark::RootAddedHere => "It chains to a root added on this machine, not to the maker's.",
    }
}

fn deeds_of(key: &RingKey, deeds: &Deeds) -> Vec<DeedView> {
    let written = key.physical.to_string();
    let mut told: Vec<(Option<Instant>, DeedView)> = Vec::new();
    let view = |at: Option<Instant>, says: String, ceremony: Option<&String>| {
        let view = DeedView {
            at: at.map(|at| at.to_string()),
            says: visible(&says),
            ceremony: ceremony.cloned(),
        };
        (at, view)
    };
    for signing in deeds
        .signings
        .iter()
        .filter(|signing| signing.what.physical_key == written)
    {
        let what = &signing.what;
        let document = format!("{} v{} of {}", what.role, what.version, what.repository.name);
        let mut says = match &signing.went {
            Went::Signed => format!("Signed {document}, SHA-256 {}.", what.sha256.first_group()),
            Went::NotSigned(why) => format!(
                "Was asked to sign {document} and did not: {}.",
                why.message.trim_end_matches('.')
            ),
            Went::Unknown => format!("Was asked to sign {document}; nobody knows whether it did."),
        };
        if let Some(because) = &what.again_because {
            says.push_str(&format!(
                " It had signed another document of this version; the reason given: {because}"
            ));
        }
        told.push(view(signing.at, says, Some(&what.ceremony)));
    }
    for made in deeds
        .certifications
        .iter()
        .filter(|made| made.what.physical_key == written)
    {
        let says = match &made.went {
            Went::Signed => format!("Signed its certificate for {}.", made.what.gun),
            Went::NotSigned(why) => format!(
                "Was asked for its certificate for {} and gave none: {}.",
                made.what.gun, why.message
            ),
            Went::Unknown => format!(
                "Was asked for its certificate for {}; nobody knows whether it gave one.",
                made.what.gun
            ),
        };
        told.push(view(Some(made.at), says, Some(&made.what.ceremony)));
    }
    for proven in deeds.proofs.iter().filter(|proven| proven.physical == key.physical) {
        told.push(view(
            Some(proven.at),
            format!("Proved that it works, in {}.", proven.device),
            None,
        ));
    }
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    told.into_iter().take(MOST_DEEDS).map(|(_, view)| view).collect()
}

fn algorithm_words(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => "Ed25519",
        Algorithm::EcdsaP256 => "ECDSA P-256",
        Algorithm::EcdsaP384 => "ECDSA P-384",
        Algorithm::Rsa => "RSA",
    }
}

fn policy_words(policy: &str) -> &str {
    match policy {
        "always" => "every signature",
        "once" => "once after plugging in",
        "cached" => "every signature, kept for 15 seconds",
        other => other,
    }
}

fn day(at: Instant) -> String {
    at.to_seconds_text().chars().take(10).collect()
}

fn ago(at: Instant, now: Instant) -> String {
    match (now.unix_seconds() - at.unix_seconds()).div_euclid(DAY) {
        ..=0 => "Today".into(),
        1 => "Yesterday".into(),
        days => format!("{days} days ago"),
    }
}
