//! What the rotation form offers, and key files as it shows them.

use rootward_tuf::key::Key;

use crate::border::{Custody, KeyFileView, RotationFormView, RotationKey, visible};
use crate::ceremony::RotationStart;
use crate::keyring::{self, KeyAtHand};
use crate::ports::KeyFacts;

impl RotationFormView {
    /// The keys of root, and the key files that are in no root role yet.
    pub fn of(start: &RotationStart) -> Self {
        let root = start.root.body();
        let listed = || root.root.keyids.iter().filter_map(|keyid| root.keys.get(keyid));
        let file_of = |key: &Key| {
            start
                .at_hand
                .iter()
                .find(|file| Some(file.public.physical()) == key.physical())
        };
        let keys = listed().filter_map(|key| {
            let physical = key.physical()?;
            let file = file_of(key);
            Some(RotationKey {
                physical_key: physical.to_string(),
                keyid: visible(key.keyid().as_str()),
                name: key
                    .owner_name()
                    .or_else(|| file.and_then(|file| file.name.clone()))
                    .map(|name| visible(&name)),
                scheme: visible(key.scheme()),
                custody: if file.is_some() {
                    Custody::File
                } else {
                    Custody::Unknown
                },
                file: file.map(|file| keyring::written(&file.reference)),
            })
        });
        let speaks = |file: &&KeyAtHand| listed().any(|key| key.physical() == Some(file.public.physical()));
        let speaks_elsewhere = |file: &&KeyAtHand| {
            root.keys
                .iter()
                .any(|key| key.physical() == Some(file.public.physical()))
        };
        let spare = start
            .at_hand
            .iter()
            .filter(|file| !speaks(file) && !speaks_elsewhere(file));
        RotationFormView {
            repository: start.repository.id.clone(),
            repository_name: visible(&start.repository.name),
            practice: start.repository.practice,
            root_version: root.version,
            expires: visible(&root.expires.text),
            threshold: u32::try_from(root.root.threshold).unwrap_or(u32::MAX),
            keys: keys.collect(),
            spare_keys: spare.map(KeyFileView::of).collect(),
        }
    }
}

impl KeyFileView {
    /// A key file the desk knows.
    pub fn of(file: &KeyAtHand) -> Self {
        KeyFileView {
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
            key: written,
            physical_key: facts.public.as_ref().map(|public| public.physical().to_string()),
            algorithm: facts.public.as_ref().map(|public| public.algorithm().as_str().into()),
            encrypted: facts.encrypted,
            name: facts.name.as_deref().map(visible),
        }
    }
}
