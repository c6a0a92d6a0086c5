//! What the form of a rotation offers, and key files as it shows them.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::Key;
use rootward_tuf::metadata::{RoleKeys, Root};

use crate::border::{
    Custody, KeyFileView, KeyHolder, RotationFormView, RotationKey, ServerRole, SlotView, TokenKeyKind, TokensView,
    visible,
};
use crate::ceremony::RotationStart;
use crate::keyring::{self, KeyAtHand};
use crate::ports::KeyFacts;

/// Older roots that a form offers legacy signatures for, at most.
const MOST_LEGACY: u64 = 20;

impl RotationFormView {
    /// The keys of the role, and what could join: key files and slots whose key is in no top-level role yet, and slots in
    /// which a key can be born.
    pub fn of(start: &RotationStart, tokens: &TokensView) -> Self {
        let root = start.root.body();
        let of_role = root.role(&start.role).unwrap_or(&root.root);
        let dialect = start.root.dialect();
        let role = start.role.as_str();
        let is_root = role == "root";
        let form = Form { start, root, tokens };
        let keys = form.keys(of_role);
        let server = match (dialect, role) {
            (Dialect::Notary, "snapshot") => ServerRole::Either,
            (Dialect::Notary, "timestamp") => ServerRole::Always,
            _ => ServerRole::Never,
        };
        RotationFormView {
            repository: start.repository.id.clone(),
            repository_name: visible(&start.repository.name),
            practice: start.repository.practice,
            dialect: dialect.into(),
            role: role.to_owned(),
            root_version: root.version,
            expires: visible(&root.expires.text),
            threshold: u32::try_from(of_role.threshold).unwrap_or(u32::MAX),
            holder: match server {
                ServerRole::Never => KeyHolder::People,
                ServerRole::Always => KeyHolder::Server,
                ServerRole::Either if keys.iter().any(|key| key.key.is_some()) => KeyHolder::People,
                ServerRole::Either => KeyHolder::Unknown,
            },
            server,
            legacy: match dialect {
                Dialect::Notary if is_root => root.version.saturating_sub(1).min(MOST_LEGACY) as u32,
                Dialect::Notary | Dialect::Tuf1 => 0,
            },
            keys,
            root_keys: if is_root { Vec::new() } else { form.keys(&root.root) },
            spare_keys: form.spare_keys(),
            slots: form.slots(),
            kinds: vec![TokenKeyKind::P256, TokenKeyKind::P384],
        }
    }
}

struct Form<'a> {
    start: &'a RotationStart,
    root: &'a Root,
    tokens: &'a TokensView,
}

impl Form<'_> {
    fn keys(&self, role: &RoleKeys) -> Vec<RotationKey> {
        let listed = role.keyids.iter().filter_map(|keyid| self.root.keys.get(keyid));
        listed.filter_map(|key| self.key(key)).collect()
    }

    fn key(&self, key: &Key) -> Option<RotationKey> {
        let physical = key.physical()?;
        let file = self
            .start
            .at_hand
            .iter()
            .find(|file| file.public.physical() == physical);
        let written = physical.to_string();
        let slot = self
            .all_slots()
            .find(|slot| slot.physical_key.as_deref() == Some(written.as_str()));
        let canonical = key.canonical_keyid();
        let (custody, at, place) = match (slot, file) {
            (Some(slot), _) => (Custody::Token, Some(slot.key.clone()), Some(slot.label.clone())),
            (None, Some(file)) => (
                Custody::at(&file.reference),
                Some(keyring::written(&file.reference)),
                Some(visible(&keyring::label(&file.reference))),
            ),
            (None, None) => (Custody::Unknown, None, None),
        };
        Some(RotationKey {
            physical_key: written,
            keyid: visible(key.keyid().as_str()),
            canonical_keyid: (canonical != *key.keyid()).then(|| visible(canonical.as_str())),
            name: key
                .owner_name()
                .or_else(|| file.and_then(|file| file.name.clone()))
                .map(|name| visible(&name)),
            scheme: visible(key.scheme()),
            custody,
            key: at,
            place,
        })
    }

    /// Whether a key is in any top-level role already.
    fn speaks(&self, physical: &str) -> bool {
        let listed = self.root.keys.iter().filter_map(Key::physical);
        listed.into_iter().any(|key| key.to_string() == physical)
    }

    fn spare_keys(&self) -> Vec<KeyFileView> {
        let files = self.start.at_hand.iter();
        let role = self.start.role.as_str();
        // A key that another program keeps for another role is no candidate for this one.
        let fits = |file: &&KeyAtHand| file.role.as_deref().is_none_or(|kept_for| kept_for == role);
        let spare = files.filter(|file| fits(file) && !self.speaks(&file.public.physical().to_string()));
        spare.map(KeyFileView::of).collect()
    }

    fn slots(&self) -> Vec<SlotView> {
        let free = |slot: &&SlotView| match &slot.physical_key {
            Some(physical) => !self.speaks(physical),
            None => !slot.occupied,
        };
        let mut slots: Vec<SlotView> = self.all_slots().filter(free).cloned().collect();
        slots.sort_by_key(|slot| !slot.occupied);
        slots
    }

    fn all_slots(&self) -> impl Iterator<Item = &SlotView> {
        let usable = self.tokens.tokens.iter().filter(|token| token.trouble.is_none());
        usable.flat_map(|token| &token.slots)
    }
}

impl KeyFileView {
    /// A key file the desk knows.
    pub fn of(file: &KeyAtHand) -> Self {
        KeyFileView {
            custody: Custody::at(&file.reference),
            key: keyring::written(&file.reference),
            path: visible(keyring::written(&file.reference).trim_start_matches("file:")),
            physical_key: Some(file.public.physical().to_string()),
            algorithm: Some(file.public.algorithm().as_str().into()),
            encrypted: file.encrypted,
            name: file.name.as_deref().map(visible),
        }
    }

    /// A key file just looked at.
    pub fn of_facts(facts: &KeyFacts) -> Self {
        let written = keyring::written(&facts.reference);
        KeyFileView {
            path: visible(written.trim_start_matches("file:")),
            custody: Custody::at(&facts.reference),
            key: written,
            physical_key: facts.public.as_ref().map(|public| public.physical().to_string()),
            algorithm: facts.public.as_ref().map(|public| public.algorithm().as_str().into()),
            encrypted: facts.encrypted,
            name: facts.name.as_deref().map(visible),
        }
    }
}
