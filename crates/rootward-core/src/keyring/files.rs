//! Which key file or slot holds which key, as far as this desk has seen. Remembers places, never keys.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use rootward_tuf::key::PublicKey;
use serde::{Deserialize, Serialize};

use super::{
    exchange::own_folder,
    inventory::{FoundKey, Inventory},
    reference::{label, written},
};
use crate::border::visible;
use crate::ports::{Attached, Failure, KeyFacts, KeyReference, Ports, PromptRequest, Protection, TokenSlot};

/// A key file, whose key it holds and what it is called.
#[derive(Debug, Clone)]
pub struct KeyAtHand {
    pub reference: KeyReference,
    pub public: PublicKey,
    pub encrypted: bool,
    pub name: Option<String>,
    /// The role that another program keeps it for, when it lies in that program's folder.
    pub role: Option<String>,
    /// Whether it may be a root key; one in the keychain only when somebody said so.
    pub may_sign_root: bool,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    files: Vec<String>,
}

const SETTING: &str = "key-files";
const MOST: usize = 500;

/// Tells what a key file says of itself without a secret, and remembers the file.
///
/// Fails with `key-file-unreadable`.
pub fn inspect(ports: &Ports, reference: &KeyReference) -> Result<KeyFacts, Failure> {
    let facts = ports.keys.inspect(reference)?;
    remember(ports, reference)?;
    Ok(facts)
}

/// Remembers that there is a key file, so that forms can offer it.
pub fn remember(ports: &Ports, reference: &KeyReference) -> Result<(), Failure> {
    let mut files = remembered(ports)?;
    let written = written(reference);
    if files.contains(&written) {
        return Ok(());
    }
    files.push(written);
    if files.len() > MOST {
        files.remove(0);
    }
    let text = serde_json::to_string(&Remembered { files })
        .map_err(|error| Failure::fault("disk-failed", format!("could not remember a key file: {error}")))?;
    ports.vault.set_setting(SETTING, &text)
}

/// Every key file remembered, or lying in one of `folders` or in another program's folder of keys, that is still there and
/// whose public half can be told without its secret.
///
/// Of other programs' encrypted keys the public half is what metadata beside them lists under the id in the file's name: a
/// claim, as from a `.pub` file, which opening the key checks.
pub fn known(ports: &Ports, folders: &[PathBuf]) -> Result<Vec<KeyAtHand>, Failure> {
    let mut references = Vec::new();
    for written in remembered(ports)? {
        references.extend(super::parse(&written));
    }
    let own = own_folder(&ports.data);
    for folder in folders.iter().chain([&own]) {
        let names = ports.disk.list(folder).unwrap_or_default();
        let keys = names
            .iter()
            .filter(|name| name.ends_with(".pem") || name.ends_with(".key"));
        references.extend(keys.map(|name| KeyReference::File(folder.join(name))));
    }
    references.extend(ports.keys.kept());
    // A module's keys are at hand while its token is there; see `in_tokens`.
    references.retain(|reference| !matches!(reference, KeyReference::Pkcs11(_)));
    references.sort();
    references.dedup();
    let mut at_hand = of_other_programs(ports, &references);
    for reference in references {
        if at_hand.iter().any(|key| key.reference == reference) {
            continue;
        }
        // A file that is gone or no key any more is simply not at hand.
        let Ok(KeyFacts {
            public: Some(public),
            encrypted,
            name,
            may_sign_root,
            ..
        }) = ports.keys.inspect(&reference)
        else {
            continue;
        };
        let name = name.or_else(|| Some(label(&reference)));
        at_hand.push(KeyAtHand {
            reference,
            public,
            encrypted,
            name,
            role: None,
            may_sign_root,
        });
    }
    at_hand.sort_by(|one, other| one.reference.cmp(&other.reference));
    Ok(at_hand)
}

/// Keys in folders of Notary and Docker: the usual ones, and those that `references` lie in.
fn of_other_programs(ports: &Ports, references: &[KeyReference]) -> Vec<KeyAtHand> {
    let mut folders = ports.key_folders.clone();
    for reference in references {
        let KeyReference::File(path) = reference else { continue };
        let private = path
            .ancestors()
            .find(|above| above.file_name() == Some(OsStr::new("private")));
        folders.extend(private.and_then(Path::parent).map(Path::to_owned));
    }
    folders.sort();
    folders.dedup();
    let listed = folders
        .iter()
        .filter_map(|folder| Inventory::of(folder, &*ports.disk, &*ports.keys).ok());
    listed
        .flat_map(|inventory| inventory.keys)
        .filter_map(at_hand_there)
        .collect()
}

fn at_hand_there(found: FoundKey) -> Option<KeyAtHand> {
    let role = found.role.as_deref().unwrap_or("unknown");
    let name = match &found.gun {
        Some(gun) => format!("{role} key of {gun}"),
        None => format!("{role} key"),
    };
    Some(KeyAtHand {
        public: found.public?,
        encrypted: found.protection != Protection::Open,
        reference: KeyReference::File(found.path),
        name: Some(name),
        role: found.role,
        may_sign_root: true,
    })
}

/// Every key in a token that is plugged in and can be read, by the smart card service or an allowed PKCS#11 module.
pub fn in_tokens(ports: &Ports) -> Vec<KeyAtHand> {
    let mut at_hand = Vec::new();
    for attached in ports.tokens.attached().unwrap_or_default() {
        let Attached::Ready(facts) = attached else { continue };
        for slot in facts.slots {
            let Some(public) = slot.public.clone() else { continue };
            let reference = KeyReference::YubiKey(TokenSlot {
                serial: facts.serial,
                slot: slot.slot,
            });
            at_hand.push(KeyAtHand {
                name: Some(label(&reference)),
                encrypted: slot.asks_for_pin(),
                role: None,
                may_sign_root: true,
                public,
                reference,
            });
        }
    }
    for module in ports.modules.attached() {
        let usable = module.tokens.unwrap_or_default().into_iter();
        for token in usable.filter(|token| token.trouble.is_none()) {
            let asks_for_pin = token.asks_for_pin;
            at_hand.extend(token.keys.into_iter().filter_map(|facts| {
                let reference = KeyReference::Pkcs11(facts.key);
                Some(KeyAtHand {
                    name: Some(label(&reference)),
                    encrypted: asks_for_pin,
                    role: None,
                    may_sign_root: true,
                    public: facts.public?,
                    reference,
                })
            }));
        }
    }
    at_hand
}

/// Finds whose key a file holds. Only a file that does not tell without its secret makes `request` be asked.
///
/// Fails with `key-file-unreadable`, or as opening the key does.
pub fn locate(ports: &Ports, reference: &KeyReference, request: &PromptRequest) -> Result<KeyAtHand, Failure> {
    let facts = inspect(ports, reference)?;
    let public = match &facts.public {
        Some(public) => public.clone(),
        None => ports.keys.open(reference, &*ports.prompt, request)?.public().clone(),
    };
    Ok(at_hand(facts, public))
}

/// The same as far as it is told without a secret: nobody is asked, and nothing remembered.
///
/// Refuses with `key-not-told`; fails with `key-file-unreadable`.
pub fn look_at(ports: &Ports, reference: &KeyReference) -> Result<KeyAtHand, Failure> {
    let facts = ports.keys.inspect(reference)?;
    let Some(public) = facts.public.clone() else {
        let name = visible(&label(reference));
        let message = format!("{name} tells whose key it is only with its secret, which nobody was asked for");
        return Err(Failure::refusal("key-not-told", message).with("keys", name));
    };
    Ok(at_hand(facts, public))
}

fn at_hand(facts: KeyFacts, public: PublicKey) -> KeyAtHand {
    KeyAtHand {
        name: facts.name.or_else(|| Some(label(&facts.reference))),
        reference: facts.reference,
        public,
        encrypted: facts.encrypted,
        role: None,
        may_sign_root: facts.may_sign_root,
    }
}

fn remembered(ports: &Ports) -> Result<Vec<String>, Failure> {
    let text = ports.vault.setting(SETTING)?;
    // What cannot be read is forgotten: it only saves typing.
    let read = text.and_then(|text| serde_json::from_str::<Remembered>(&text).ok());
    Ok(read.map_or_else(Vec::new, |remembered| remembered.files))
}
