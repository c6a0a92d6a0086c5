//! From words to keys: whose key an officer means, and where the keys that may sign are.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::metadata::{Envelope, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::ceremonies::Ceremonies;
use super::change::{Joining, KeyAtHand, Rotate, top_level};
use super::roster::listed;
use crate::border::{RotationChange, short, visible};
use crate::keyring;
use crate::ports::{Failure, KeyReference, PromptRequest, RepositoryRecord};

/// How long a root lasts when neither the officer nor the document says: days. Notary's own tool gives ten years.
const TUF_DAYS: i64 = 365;
const NOTARY_DAYS: i64 = 3650;

impl Ceremonies {
    /// Finds out which keys are meant; `older` are roots before the one built on, newest first.
    ///
    /// Gives the change and the keys the wish names by where they are. Fails with `bad-usage` and `key-not-found` when a
    /// word means no key, and as looking at a key does.
    pub(super) fn resolve(
        &self,
        repository: &RepositoryRecord,
        wish: &RotationChange,
        root: &Verified<Root>,
        older: &[Envelope<Root>],
        now: Instant,
    ) -> Result<(Rotate, Vec<PhysicalKey>), Failure> {
        let role = top_level(&wish.role)?;
        let mut finder = Finder {
            ceremonies: self,
            repository,
            version: root.version().saturating_add(1),
            at_hand: Vec::new(),
        };
        let mut remove = BTreeSet::new();
        for text in &wish.remove {
            remove.insert(finder.leaving(text, root.body(), &role)?.to_string());
        }
        // A role of Notary's is the server's or a client's, never both: the server's key leaves when another comes.
        let takes_over = root.dialect() == Dialect::Notary && role == RoleName::snapshot() && !wish.server;
        if takes_over && remove.is_empty() && !wish.add.is_empty() {
            let keyids = root
                .body()
                .role(&role)
                .map(|keys| keys.keyids.as_slice())
                .unwrap_or_default();
            remove.extend(root.body().keys.physical(keyids).iter().map(ToString::to_string));
        }
        let mut add: Vec<Joining> = Vec::new();
        for text in &wish.add {
            let key = finder.key(text)?;
            let public = key.public.spki_pem();
            if add.iter().any(|joining| joining.public == public) {
                let message = format!("{} is given twice to join {role}", visible(text));
                return Err(Failure::fault("bad-usage", message));
            }
            if role == RoleName::root() {
                must_be_for_root(&key)?;
            }
            add.push(Joining {
                public,
                key: keyring::written(&key.reference),
            });
        }
        let legacy = legacy_keys(root.body(), older);
        for text in &wish.sign {
            let key = finder.key(text)?;
            let physical = key.public.physical();
            let joins = add.iter().any(|joining| joining.public == key.public.spki_pem());
            if !joins && !speaks(root.body(), &legacy, &physical) {
                let message = format!(
                    "{} holds {physical}, which speaks for no role of root, neither before nor after the change",
                    visible(text)
                );
                return Err(Failure::refusal("key-not-found", message));
            }
            if speaks_for_root(root.body(), &legacy, &physical) {
                must_be_for_root(&key)?;
            }
        }
        let mut signers = finder.at_hand;
        let named = signers
            .iter()
            .filter_map(|signer| PhysicalKey::parse(&signer.physical_key))
            .collect();
        for key in self.keys_at_hand(repository.practice)? {
            let physical = key.public.physical();
            if !key.may_sign_root && speaks_for_root(root.body(), &legacy, &physical) {
                continue;
            }
            let physical_key = physical.to_string();
            if !signers.iter().any(|signer| signer.physical_key == physical_key) {
                signers.push(KeyAtHand {
                    physical_key,
                    key: keyring::written(&key.reference),
                });
            }
        }
        signers.retain(|signer| {
            let physical = PhysicalKey::parse(&signer.physical_key);
            physical.is_some_and(|physical| speaks(root.body(), &legacy, &physical))
                || add.iter().any(|joining| joining.key == signer.key)
        });
        let (expires, expires_chosen) = match &wish.expires {
            Some(text) => (chosen_end(text)?, true),
            None => (usual_end(root, now), false),
        };
        let change = Rotate {
            role: wish.role.clone(),
            remove: remove.into_iter().collect(),
            add,
            server: wish.server,
            threshold: wish.threshold,
            legacy_roots: wish.legacy,
            legacy: legacy.iter().map(|keyid| keyid.as_str().to_owned()).collect(),
            expires,
            expires_chosen,
            signers,
            reason: wish.reason.clone(),
        };
        Ok((change, named))
    }

    /// Keys at hand, in files and tokens; those of the practice estate only for a practice repository, and no others for it.
    pub(super) fn keys_at_hand(&self, practice: bool) -> Result<Vec<keyring::KeyAtHand>, Failure> {
        let mut at_hand = self.files_at_hand(practice)?;
        if !practice {
            at_hand.extend(keyring::in_tokens(&self.ports));
        }
        Ok(at_hand)
    }

    /// Key files at hand, as [`Ceremonies::keys_at_hand`].
    pub(super) fn files_at_hand(&self, practice: bool) -> Result<Vec<keyring::KeyAtHand>, Failure> {
        let folder = self.practice_keys();
        let known = keyring::known(&self.ports, &[&folder])?;
        let fits = |key: &keyring::KeyAtHand| self.is_practice_key(&key.reference) == practice;
        Ok(known.into_iter().filter(fits).collect())
    }

    fn practice_keys(&self) -> PathBuf {
        self.ports.data.join("practice").join("keys")
    }

    /// Whether a key is one of the throw-away keys of the practice estate.
    fn is_practice_key(&self, reference: &KeyReference) -> bool {
        matches!(reference, KeyReference::File(path) if path.starts_with(self.practice_keys()))
    }
}

/// Looks at each key at most once, so that nobody is asked twice for the same secret.
struct Finder<'a> {
    ceremonies: &'a Ceremonies,
    repository: &'a RepositoryRecord,
    version: u64,
    at_hand: Vec<KeyAtHand>,
}

impl Finder<'_> {
    /// The key that `text` names among those of a role: where it is, a physical key, a keyid, or a canonical id.
    fn leaving(&mut self, text: &str, root: &Root, role: &RoleName) -> Result<PhysicalKey, Failure> {
        if text.contains(':')
            && let Ok(reference) = keyring::parse(text)
        {
            return Ok(self.at(text, reference)?.public.physical());
        }
        if let Some(physical) = PhysicalKey::parse(text) {
            return Ok(physical);
        }
        let named = KeyId::new(text);
        let keyids = root.role(role).map(|keys| keys.keyids.as_slice()).unwrap_or_default();
        let mut keys = keyids.iter().filter_map(|keyid| root.keys.get(keyid));
        let found = keys.find(|key| *key.keyid() == named || key.canonical_keyid() == named);
        match found.map(|key| key.physical()) {
            Some(Some(physical)) => Ok(physical),
            Some(None) => Err(Failure::refusal(
                "key-not-found",
                format!("the key {} of {role} cannot be read", short(text)),
            )),
            None => Err(Failure::refusal(
                "key-not-found",
                format!("{role} has no key {}", visible(text)),
            )),
        }
    }

    fn key(&mut self, text: &str) -> Result<keyring::KeyAtHand, Failure> {
        self.at(text, keyring::parse(text)?)
    }

    fn at(&mut self, text: &str, reference: KeyReference) -> Result<keyring::KeyAtHand, Failure> {
        let reference = absolute(reference);
        if !self.repository.practice && self.ceremonies.is_practice_key(&reference) {
            let message = format!("{} is a practice key: it signs nothing real", visible(text));
            return Err(Failure::refusal("key-cannot-sign", message));
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
        let key = keyring::locate(&self.ceremonies.ports, &reference, &request)?;
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
fn must_be_for_root(key: &keyring::KeyAtHand) -> Result<(), Failure> {
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
fn speaks_for_root(root: &Root, legacy: &[KeyId], physical: &PhysicalKey) -> bool {
    let is_it = |keyid: &KeyId| root.keys.get(keyid).and_then(|key| key.physical()) == Some(*physical);
    listed(root, &RoleName::root(), physical).is_some() || legacy.iter().any(is_it)
}

/// Whether a key counts for a top-level role, or once counted for root.
fn speaks(root: &Root, legacy: &[KeyId], physical: &PhysicalKey) -> bool {
    let mut roles = root.roles().into_iter();
    roles.any(|(role, _)| listed(root, &role, physical).is_some()) || speaks_for_root(root, legacy, physical)
}

/// The certificates of older roots' keys that this root lists on and no longer uses.
fn legacy_keys(root: &Root, older: &[Envelope<Root>]) -> Vec<KeyId> {
    let mut keyids: Vec<KeyId> = Vec::new();
    for keyid in older.iter().flat_map(|old| &old.body().root.keyids) {
        let is_listed = root.keys.get(keyid).is_some_and(|key| key.certificate().is_some());
        if is_listed && !root.root.keyids.contains(keyid) && !keyids.contains(keyid) {
            keyids.push(keyid.clone());
        }
    }
    keyids
}

fn chosen_end(text: &str) -> Result<String, Failure> {
    let message = || format!("expected an end such as 2030-01-31T00:00:00Z, got {}", visible(text));
    Instant::parse(text)
        .map(Instant::to_seconds_text)
        .map_err(|_| Failure::fault("bad-usage", message()))
}

/// As long as the document itself asks for (`x-tuf-on-ci-expiry-period`, days), else as long as is usual; never earlier than
/// before.
fn usual_end(root: &Verified<Root>, now: Instant) -> String {
    let asked = root
        .signed()
        .get("x-tuf-on-ci-expiry-period")
        .and_then(|days| days.as_u64());
    let usual = match root.dialect() {
        Dialect::Tuf1 => TUF_DAYS,
        Dialect::Notary => NOTARY_DAYS,
    };
    let days = asked
        .filter(|days| (1..=36_500).contains(days))
        .map_or(usual, |days| days as i64);
    let end = now.plus_seconds(days * 86_400);
    end.max(root.body().expires.at).to_seconds_text()
}
