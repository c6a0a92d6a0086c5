//! What a module told of its tokens and keys, as everybody else knows them.

use rootward_tuf::PublicKey;

use super::{
    library, trouble,
    wire::{self, Kind, Pin, Told, Trouble},
};
use crate::ports::{
    ModuleKey, ModuleKeyFacts, ModuleName, ModuleToken, ModuleTokenFacts, NewModuleKey, Origin, PinState,
};

pub(super) fn public_of(key: &wire::Key) -> Option<PublicKey> {
    key.spki.as_deref().and_then(|spki| PublicKey::from_spki_der(spki).ok())
}

/// Whether keys of a kind can be verified at all, where the public half is not there to tell.
pub(super) fn can_be_verified(algorithm: &str) -> bool {
    algorithm == "ec" || algorithm.starts_with("rsa-")
}

pub(super) fn facts_of_all(module: &ModuleName, told: &[Told]) -> Vec<ModuleTokenFacts> {
    let tokens = told.iter().map(|one| {
        let same = |other: &&Told| other.is_initialised == one.is_initialised && other.label == one.label;
        let twins: Vec<&Told> = told.iter().filter(same).collect();
        let is_shared = twins.len() > 1;
        let token = ModuleToken {
            module: module.clone(),
            label: one.label.clone(),
            serial: is_shared.then(|| one.serial.clone()),
        };
        let mut facts = facts(token, one);
        if one.is_initialised && twins.iter().filter(|twin| twin.serial == one.serial).count() > 1 {
            let serials: Vec<String> = twins.iter().map(|twin| twin.serial.clone()).collect();
            facts.trouble = Some(trouble::ambiguous(&facts.token, &serials));
            facts.keys.clear();
        }
        facts
    });
    tokens.collect()
}

pub(super) fn facts(token: ModuleToken, told: &Told) -> ModuleTokenFacts {
    let named = told.keys.iter().map(|held| key_facts(name(&token, told, held), held));
    ModuleTokenFacts {
        serial: told.serial.clone(),
        model: told.model.clone(),
        firmware: told.firmware.clone(),
        reader: told.reader.clone(),
        is_device: told.is_device,
        has_pin_pad: told.has_pin_pad,
        asks_for_pin: told.asks_for_pin,
        pin: match told.pin {
            _ if !told.is_pin_set => PinState::NotSet,
            Pin::Fine => PinState::Fine,
            Pin::WasWrong => PinState::WasWrong,
            Pin::LastTry => PinState::LastTry,
            Pin::Locked => PinState::Locked,
        },
        makes: makes(told),
        keys: named.collect(),
        is_initialised: told.is_initialised,
        trouble: told
            .trouble
            .as_ref()
            .map(|why| trouble::of_token(&token, Trouble::Refused(why.clone()))),
        token,
    }
}

/// A key's name: its first label, with an id where another key of the token has that label too.
fn name(token: &ModuleToken, told: &Told, held: &wire::Key) -> ModuleKey {
    let label = held.labels.first().cloned().unwrap_or_default();
    let shares = |other: &&wire::Key| other.labels.contains(&label) || label.is_empty() && other.labels.is_empty();
    let is_alone = !label.is_empty() && told.keys.iter().filter(shares).count() == 1;
    ModuleKey {
        token: token.clone(),
        id: held.ids.iter().find(|id| !id.is_empty()).filter(|_| !is_alone).cloned(),
        label,
    }
}

pub(super) fn key_facts(key: ModuleKey, held: &wire::Key) -> ModuleKeyFacts {
    ModuleKeyFacts {
        key,
        public: public_of(held),
        algorithm: held.algorithm.clone(),
        always_asks: held.always_asks,
        origin: held
            .is_local
            .map(|is_local| if is_local { Origin::Generated } else { Origin::Imported }),
        subject: held.subject.clone(),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Kinds of keys that a token can make.
fn makes(told: &Told) -> Vec<NewModuleKey> {
    let all = [
        (NewModuleKey::P256, Kind::P256),
        (NewModuleKey::P384, Kind::P384),
        (NewModuleKey::Ed25519, Kind::Ed25519),
        (NewModuleKey::Rsa3072, Kind::Rsa3072),
    ];
    let able = all
        .into_iter()
        .filter(|(_, kind)| told.can.contains(&library::ability(*kind)));
    able.map(|(kind, _)| kind).collect()
}
