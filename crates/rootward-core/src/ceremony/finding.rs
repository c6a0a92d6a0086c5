//! From words to keys: whose key an officer means, and where the keys that may sign are.

use std::collections::HashSet;

use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::metadata::{Envelope, Root};

use super::authority::Speaks;
use super::ceremonies::Ceremonies;
use super::change::KeyAtHand;
use super::edit::Joining;
use super::scope::Known;
use crate::border::{short, visible};
use crate::keyring;
use crate::ports::{Failure, KeyReference, PromptRequest, RepositoryRecord};

impl Ceremonies {
    /// Looks for keys of a repository.
    pub(super) fn finder<'a>(&'a self, repository: &'a RepositoryRecord, version: u64, asking: Asks) -> Finder<'a> {
        Finder {
            ceremonies: self,
            repository,
            version,
            asking,
            at_hand: Vec::new(),
        }
    }

    /// Keys at hand, in files and tokens; those of the practice estate only for a practice repository, and no others for it.
    pub(super) fn keys_at_hand(&self, practice: bool) -> Result<Vec<keyring::KeyAtHand>, Failure> {
        let mut at_hand = self.files_at_hand(practice)?;
        let in_tokens = keyring::in_tokens(&self.ports).into_iter();
        at_hand.extend(in_tokens.filter(|key| self.is_practice_key(&key.reference) == practice));
        Ok(at_hand)
    }

    /// Key files at hand; those of the practice estate only for a practice repository, and no others for it.
    pub fn files_at_hand(&self, practice: bool) -> Result<Vec<keyring::KeyAtHand>, Failure> {
        let folders = keyring::practice_folders(&self.ports);
        let known = keyring::known(&self.ports, &folders)?;
        let fits = |key: &keyring::KeyAtHand| self.is_practice_key(&key.reference) == practice;
        Ok(known.into_iter().filter(fits).collect())
    }

    /// Whether a key is one of practice, thrown away afterwards.
    pub(super) fn is_practice_key(&self, reference: &KeyReference) -> bool {
        keyring::is_practice(&self.ports.data, reference)
    }
}

/// Whether a person may be asked for the secret of a key file that does not tell its public half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    APerson,
    Nobody,
}

/// Looks at each key at most once, so that nobody is asked twice for the same secret.
pub(super) struct Finder<'a> {
    ceremonies: &'a Ceremonies,
    repository: &'a RepositoryRecord,
    version: u64,
    asking: Asks,
    /// The keys looked at.
    pub(super) at_hand: Vec<KeyAtHand>,
}

impl Finder<'_> {
    /// The key that `text` names among those of a role: where it is, a physical key, a keyid, a canonical id, or what only one of
    /// them is called, in its document or on this desk.
    pub(super) fn leaving(&mut self, text: &str, speaks: &Speaks, role: &str) -> Result<PhysicalKey, Failure> {
        if text.contains(':')
            && let Ok(reference) = keyring::parse(text)
        {
            return Ok(self.at(text, reference)?.public.physical());
        }
        if let Some(physical) = PhysicalKey::parse(text) {
            return Ok(physical);
        }
        let named = KeyId::new(text);
        let mut keys = speaks.role.keyids.iter().filter_map(|keyid| speaks.keys.get(keyid));
        let found = keys.find(|key| *key.keyid() == named || key.canonical_keyid() == named);
        match found.map(|key| key.physical()) {
            Some(Some(physical)) => Ok(physical),
            Some(None) => Err(Failure::refusal(
                "key-not-found",
                format!("the key {} of {role} cannot be read", short(text)),
            )),
            None => self.called(text, speaks, role),
        }
    }

    /// The one key of a role with a name.
    fn called(&self, name: &str, speaks: &Speaks, role: &str) -> Result<PhysicalKey, Failure> {
        let given = keyring::key_names(&*self.ceremonies.ports.vault)?;
        let keys = speaks.role.keyids.iter().filter_map(|keyid| speaks.keys.get(keyid));
        let mut found: Vec<PhysicalKey> = Vec::new();
        for (key, physical) in keys.filter_map(|key| Some((key, key.physical()?))) {
            let is_called =
                key.owner_name().as_deref() == Some(name) || given.get(&physical).is_some_and(|it| it == name);
            if is_called && !found.contains(&physical) {
                found.push(physical);
            }
        }
        match found.as_slice() {
            [only] => Ok(*only),
            [] => Err(Failure::refusal(
                "key-not-found",
                format!("{role} has no key {}", visible(name)),
            )),
            several => Err(Failure::refusal(
                "key-not-found",
                format!(
                    "{} keys of {role} are called {}: say which by where it is, or by its keyid",
                    several.len(),
                    visible(name)
                ),
            )),
        }
    }

    /// The key at a place as one that joins a role.
    pub(super) fn joining(&mut self, text: &str, role: &str) -> Result<Joining, Failure> {
        let key = self.key(text)?;
        if role == "root" {
            must_be_for_root(&key)?;
        }
        Ok(Joining {
            public: key.public.spki_pem(),
            key: keyring::written(&key.reference),
        })
    }

    /// Adds the keys that the desk knows and that `counts` wants; none that may sign no root where it counts for one.
    pub(super) fn signers(
        mut self,
        counts: impl Fn(&PhysicalKey) -> bool,
        counts_for_root: impl Fn(&PhysicalKey) -> bool,
    ) -> Result<Vec<KeyAtHand>, Failure> {
        for key in self.ceremonies.keys_at_hand(self.repository.practice)? {
            let physical = key.public.physical();
            if !key.may_sign_root && counts_for_root(&physical) {
                continue;
            }
            let physical_key = physical.to_string();
            if !self.at_hand.iter().any(|signer| signer.physical_key == physical_key) {
                self.at_hand.push(KeyAtHand {
                    physical_key,
                    key: keyring::written(&key.reference),
                });
            }
        }
        self.at_hand
            .retain(|signer| PhysicalKey::parse(&signer.physical_key).is_some_and(|key| counts(&key)));
        Ok(self.at_hand)
    }

    /// What the key at a place says it is, without asking anybody for a secret.
    pub(super) fn told(&self, text: &str) -> Option<PhysicalKey> {
        let reference = absolute(keyring::parse(text).ok()?);
        let facts = self.ceremonies.ports.keys.inspect(&reference).ok()?;
        Some(facts.public?.physical())
    }

    pub(super) fn key(&mut self, text: &str) -> Result<keyring::KeyAtHand, Failure> {
        self.at(text, keyring::parse(text)?)
    }

    fn at(&mut self, text: &str, reference: KeyReference) -> Result<keyring::KeyAtHand, Failure> {
        let reference = absolute(reference);
        if !self.repository.practice && self.ceremonies.is_practice_key(&reference) {
            let message = format!("{} is a practice key: it signs nothing real", visible(text));
            return Err(Failure::refusal("practice-only", message));
        }
        let request = PromptRequest {
            repository: self.repository.name.clone(),
            role: "root".into(),
            version: self.version,
            change: "Nothing is signed yet: the file tells its public half only with its secret".into(),
            key: keyring::label(&reference),
            practice: self.repository.practice,
            ..PromptRequest::default()
        };
        let ports = &self.ceremonies.ports;
        let key = match self.asking {
            Asks::APerson => keyring::locate(ports, &reference, &request)?,
            Asks::Nobody => keyring::look_at(ports, &reference)?,
        };
        // The public half of an officer's key elsewhere: it joins and signs nothing here.
        let facts = self.ceremonies.ports.keys.inspect(&reference)?;
        let is_whole = facts.encrypted || facts.protection.is_some();
        if matches!(reference, KeyReference::File(_)) && !is_whole {
            return Ok(key);
        }
        let physical_key = key.public.physical().to_string();
        if !self.at_hand.iter().any(|known| known.physical_key == physical_key) {
            self.at_hand.push(KeyAtHand {
                physical_key,
                key: keyring::written(&reference),
            });
        }
        Ok(key)
    }
}

/// A ceremony is resumed from wherever the program is started next.
fn absolute(reference: KeyReference) -> KeyReference {
    match reference {
        KeyReference::File(path) => KeyReference::File(std::path::absolute(&path).unwrap_or(path)),
        KeyReference::YubiKey(_) | KeyReference::Pkcs11(_) | KeyReference::Keychain(_) => reference,
    }
}

/// Refuses a key in the keychain that nobody said may be a root key: what runs in the session could sign any root with it.
pub(super) fn must_be_for_root(key: &keyring::KeyAtHand) -> Result<(), Failure> {
    if key.may_sign_root {
        return Ok(());
    }
    let message = format!(
        "{} is no root key: it was stored in the keychain without --may-sign-root; expected one in a token or an encrypted file",
        visible(&keyring::label(&key.reference))
    );
    Err(Failure::refusal("keychain-not-for-root", message).with("key", keyring::written(&key.reference)))
}

/// Whether a key counts for root, or once did.
pub(super) fn speaks_for_root(root: &Root, legacy: &[KeyId], physical: &PhysicalKey) -> bool {
    let mut keyids = root.root.keyids.iter().chain(legacy);
    keyids.any(|keyid| root.keys.get(keyid).and_then(|key| key.physical()) == Some(*physical))
}

/// Every key that counts for some role, and those of older roots.
pub(super) fn speaking(known: &Known<'_>, legacy: &[KeyId]) -> HashSet<PhysicalKey> {
    let mut speaking = HashSet::new();
    if let Some(root) = known.root.map(|root| root.body()) {
        let top = root.roles().into_iter().flat_map(|(_, keys)| keys.keyids.clone());
        let top: Vec<KeyId> = top.chain(legacy.iter().cloned()).collect();
        speaking.extend(root.keys.physical(&top));
    }
    for (_, targets) in &known.targets {
        if let Some(delegations) = &targets.body().delegations {
            let mut used: Vec<KeyId> = delegations.roles.iter().flat_map(|role| role.keys.keyids).collect();
            used.extend(delegations.succinct.iter().flat_map(|bins| bins.keys.keyids.clone()));
            used.sort();
            used.dedup();
            speaking.extend(delegations.keys.physical(&used));
        }
    }
    speaking
}

/// The certificates of older roots' keys that this root lists on and no longer uses.
pub(super) fn legacy_keys(root: &Root, older: &[Envelope<Root>]) -> Vec<KeyId> {
    let mut keyids: Vec<KeyId> = Vec::new();
    for keyid in older.iter().flat_map(|old| &old.body().root.keyids) {
        let is_listed = root.keys.get(keyid).is_some_and(|key| key.certificate().is_some());
        if is_listed && !root.root.keyids.contains(keyid) && !keyids.contains(keyid) {
            keyids.push(keyid.clone());
        }
    }
    keyids
}
