//! Where private keys are, or were when this desk last saw them: files, slots, tokens of modules. Remembers places, never keys.
//!
//! What a device tells of itself is told, not proven; that is attestation's.

use std::collections::BTreeMap;

use rootward_tuf::encoding::{base64, from_base64};
use rootward_tuf::key::{PhysicalKey, PublicKey};
use rootward_tuf::time::Instant;
use serde::{Deserialize, Serialize};

use super::files::known;
use super::practice::{is_practice, practice_folders};
use super::reference::{label, parse, written};
use crate::ports::{
    Attached, Failure, KeyReference, ModuleKeyFacts, Origin, PinPolicy, Ports, Protection, SlotFacts, TokenFacts,
    TokenSlot, TouchPolicy, Vault, device_label, is_practice_token,
};

/// A place that holds a private key, or held it when it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub reference: KeyReference,
    pub public: PublicKey,
    /// It is there now.
    pub is_here: bool,
    /// By this desk's clock, to the hour at least.
    pub seen_at: Instant,
    /// Of a file; `None` for what cannot be copied.
    pub protection: Option<Protection>,
    /// Of a token.
    pub device: Option<Device>,
    /// It is for practice alone.
    pub practice: bool,
}

/// What a token tells of itself and of the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Such as `YubiKey 19 402 271`.
    pub label: String,
    /// Such as `5.4.3`; empty when it is not told.
    pub firmware: String,
    /// Whoever has it in hand can copy keys out of it (YSA-2024-03).
    pub is_cloneable: bool,
    /// `never`, `once`, `always`.
    pub pin: Option<String>,
    /// `never`, `always`, `cached`.
    pub touch: Option<String>,
    /// `generated`, `imported`.
    pub origin: Option<String>,
    /// Whom the certificate beside it says it is for: `CN=…`. A claim.
    pub subject: Option<String>,
}

/// What is stored of a place that was seen.
#[derive(Serialize, Deserialize)]
struct Seen {
    /// SubjectPublicKeyInfo in base64.
    public: String,
    key: String,
    at: String,
    device: Option<Device>,
}

const PLACES: &str = "key-places";
const NAMES: &str = "key-names";
/// More places than any estate has tokens; the longest unseen go first.
const MOST: usize = 5_000;
/// A place that is seen again is written down again after so many seconds.
const FRESH: i64 = 3_600;

/// Every place of a private key that is here now, and every token that was seen here and is not.
///
/// `in_modules` is what modules told when they were last asked. Writes nothing: whoever looks at tokens remembers
/// them. Fails as the vault does.
pub fn places(ports: &Ports, attached: &[Attached], in_modules: &[Place]) -> Result<Vec<Place>, Failure> {
    let now = ports.clock.now();
    let mut places = Vec::new();
    for key in known(ports, &practice_folders(ports))? {
        let is_practice = is_practice(&ports.data, &key.reference);
        let facts = ports.keys.inspect(&key.reference).ok();
        places.push(Place {
            protection: facts.and_then(|facts| facts.protection),
            reference: key.reference,
            public: key.public,
            is_here: true,
            seen_at: now,
            device: None,
            practice: is_practice,
        });
    }
    let mut in_tokens = of_yubikeys(attached, now);
    in_tokens.extend(in_modules.iter().cloned());
    for seen in remembered(&*ports.vault)? {
        let is_known = |place: &Place| place.reference == seen.reference && place.public == seen.public;
        // A token that is plugged in and holds the key no more is no place of it.
        let is_gone = |token: &Attached| match (token, &seen.reference) {
            (Attached::Ready(facts), KeyReference::YubiKey(at)) => facts.serial == at.serial,
            _ => false,
        };
        if !in_tokens.iter().any(is_known) && !attached.iter().any(is_gone) {
            in_tokens.push(seen);
        }
    }
    places.extend(in_tokens);
    Ok(places)
}

/// Remembers the keys in tokens that are plugged in, so that they are known when they are not. Fails as the vault does.
pub fn remember_attached(ports: &Ports, attached: &[Attached]) -> Result<(), Failure> {
    let now = ports.clock.now();
    remember(&*ports.vault, &of_yubikeys(attached, now), now)
}

/// Remembers the keys in tokens of modules, as [`remember_attached`] does.
pub fn remember_in_modules(ports: &Ports, in_modules: &[Place]) -> Result<(), Failure> {
    remember(&*ports.vault, in_modules, ports.clock.now())
}

/// Names that officers gave to keys on this desk. Fails as the vault does.
pub fn names(vault: &dyn Vault) -> Result<BTreeMap<PhysicalKey, String>, Failure> {
    let stored: BTreeMap<String, String> = stored(vault, NAMES)?;
    let named = stored.into_iter();
    Ok(named
        .filter_map(|(key, name)| Some((PhysicalKey::parse(&key)?, name)))
        .collect())
}

/// Gives a key a name on this desk, in place of the one it had; an empty one takes it away.
pub fn name(vault: &dyn Vault, key: &PhysicalKey, name: &str) -> Result<(), Failure> {
    let mut stored: BTreeMap<String, String> = stored(vault, NAMES)?;
    match name.trim() {
        "" => drop(stored.remove(&key.to_string())),
        name => drop(stored.insert(key.to_string(), name.to_owned())),
    }
    store(vault, NAMES, &stored)
}

fn of_yubikeys(attached: &[Attached], now: Instant) -> Vec<Place> {
    let mut places = Vec::new();
    for token in attached {
        let Attached::Ready(facts) = token else { continue };
        for slot in &facts.slots {
            let Some(public) = slot.public.clone() else { continue };
            let reference = KeyReference::YubiKey(TokenSlot {
                serial: facts.serial,
                slot: slot.slot,
            });
            places.push(here(reference, public, of_slot(facts, slot), now));
        }
    }
    places
}

fn of_slot(facts: &TokenFacts, slot: &SlotFacts) -> Device {
    Device {
        label: device_label(facts.serial),
        firmware: facts.firmware.map(|part| part.to_string()).join("."),
        is_cloneable: facts.is_cloneable(),
        pin: slot.pin_policy.map(PinPolicy::as_str).map(str::to_owned),
        touch: slot.touch_policy.map(TouchPolicy::as_str).map(str::to_owned),
        origin: slot.origin.map(Origin::as_str).map(str::to_owned),
        subject: slot.subject.clone(),
    }
}

/// Keys in tokens of allowed modules. Blocks for as long as a module takes to answer, or to be given up on.
pub fn module_places(ports: &Ports) -> Vec<Place> {
    let now = ports.clock.now();
    let mut places = Vec::new();
    for module in ports.modules.attached() {
        let usable = module.tokens.unwrap_or_default().into_iter();
        for token in usable.filter(|token| token.trouble.is_none()) {
            let device = |facts: &ModuleKeyFacts| Device {
                label: token.token.label(),
                firmware: token.firmware.clone(),
                origin: facts.origin.map(Origin::as_str).map(str::to_owned),
                subject: facts.subject.clone(),
                ..Device::default()
            };
            for facts in &token.keys {
                let Some(public) = facts.public.clone() else { continue };
                places.push(here(
                    KeyReference::Pkcs11(facts.key.clone()),
                    public,
                    device(facts),
                    now,
                ));
            }
        }
    }
    places
}

fn here(reference: KeyReference, public: PublicKey, device: Device, now: Instant) -> Place {
    Place {
        practice: is_in_practice_token(&reference),
        reference,
        public,
        is_here: true,
        seen_at: now,
        protection: None,
        device: Some(device),
    }
}

fn is_in_practice_token(reference: &KeyReference) -> bool {
    matches!(reference, KeyReference::YubiKey(at) if is_practice_token(at.serial))
}

/// Writes down what is plugged in, where something is new or was last written down an hour ago.
fn remember(vault: &dyn Vault, here: &[Place], now: Instant) -> Result<(), Failure> {
    let mut stored: Vec<Seen> = stored(vault, PLACES)?;
    let mut changed = false;
    for place in here {
        let seen = Seen {
            public: base64(place.public.spki_der()),
            key: written(&place.reference),
            at: now.to_seconds_text(),
            device: place.device.clone(),
        };
        match stored.iter_mut().find(|old| old.key == seen.key) {
            Some(old) => {
                let at = Instant::parse(&old.at).map_or(i64::MIN, Instant::unix_seconds);
                let is_fresh = (now.unix_seconds().saturating_sub(at)).abs() < FRESH;
                if !is_fresh || old.public != seen.public || old.device != seen.device {
                    *old = seen;
                    changed = true;
                }
            }
            None => {
                stored.push(seen);
                changed = true;
            }
        }
    }
    if !changed {
        return Ok(());
    }
    stored.sort_by(|one, other| other.at.cmp(&one.at).then_with(|| one.key.cmp(&other.key)));
    stored.truncate(MOST);
    store(vault, PLACES, &stored)
}

/// Keys in tokens as they were last seen, whether they are plugged in now or not. Fails as the vault does.
pub fn remembered(vault: &dyn Vault) -> Result<Vec<Place>, Failure> {
    let stored: Vec<Seen> = stored(vault, PLACES)?;
    let places = stored.into_iter().filter_map(|seen| {
        let reference = parse(&seen.key).ok()?;
        Some(Place {
            practice: is_in_practice_token(&reference),
            reference,
            public: PublicKey::from_spki_der(&from_base64(&seen.public)?).ok()?,
            is_here: false,
            seen_at: Instant::parse(&seen.at).ok()?,
            protection: None,
            device: seen.device,
        })
    });
    Ok(places.collect())
}

/// What cannot be read is forgotten: it is only remembered.
fn stored<T: Default + for<'de> Deserialize<'de>>(vault: &dyn Vault, setting: &str) -> Result<T, Failure> {
    let text = vault.setting(setting)?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

fn store(vault: &dyn Vault, setting: &str, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::fault("disk-failed", format!("could not remember {setting}: {error}")))?;
    vault.set_setting(setting, &text)
}

impl Place {
    /// What a person calls it: a device, or a file by its name.
    pub fn label(&self) -> String {
        match &self.device {
            Some(device) => device.label.clone(),
            None => label(&self.reference),
        }
    }
}
