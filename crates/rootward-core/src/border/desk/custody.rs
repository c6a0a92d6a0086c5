//! Where private halves live: what metadata says of it, and what this desk has seen for itself.

use rootward_tuf::key::PhysicalKey;

use crate::border::{BlastView, Custody, HistoryView, NodeView, RepositoryView};
use crate::keyring::{Holding, Keyring};
use crate::ports::KeyReference;
use crate::repositories::roles::RoleKey;

impl Custody {
    /// What holds the private half of a key that this desk can ask for.
    pub(crate) fn at(reference: &KeyReference) -> Self {
        match reference {
            KeyReference::File(_) => Custody::File,
            KeyReference::Keychain(_) => Custody::Keychain,
            KeyReference::YubiKey(_) | KeyReference::Pkcs11(_) => Custody::Token,
        }
    }

    pub(crate) fn of(holding: Holding) -> Self {
        match holding {
            Holding::Token => Custody::Token,
            Holding::File => Custody::File,
            Holding::Keychain => Custody::Keychain,
            Holding::Server => Custody::Server,
            Holding::Unknown => Custody::Unknown,
        }
    }

    /// As far as metadata tells.
    pub(crate) fn stated(key: &RoleKey) -> Self {
        if key.online { Custody::Server } else { Custody::Unknown }
    }

    /// The same, or what the keyring knows where metadata tells nothing.
    fn or_seen(self, physical: Option<&PhysicalKey>, ring: &Keyring) -> Self {
        match self {
            Custody::Unknown => {
                let seen = physical.and_then(|physical| ring.key(physical));
                seen.map_or(Custody::Unknown, |key| Custody::of(key.holding))
            }
            stated => stated,
        }
    }

    /// Of a key in a role.
    pub(super) fn in_role(key: &RoleKey, ring: &Keyring) -> Self {
        Custody::stated(key).or_seen(key.physical.as_ref(), ring)
    }

    fn see(&mut self, physical: Option<&str>, ring: &Keyring) {
        let physical = physical.and_then(PhysicalKey::parse);
        *self = self.or_seen(physical.as_ref(), ring);
    }
}

/// One custody for all keys of a role; none where they differ.
pub(super) fn common(mut all: impl Iterator<Item = Custody>) -> Option<Custody> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

impl RepositoryView {
    /// The same, with where this desk has seen the private halves.
    pub fn placed(mut self, ring: &Keyring) -> Self {
        for role in &mut self.roles {
            for key in &mut role.keys {
                key.custody.see(key.physical_key.as_deref(), ring);
            }
            role.custody = common(role.keys.iter().map(|key| key.custody));
        }
        self
    }
}

impl NodeView {
    /// The same, with where this desk has seen the private halves.
    pub fn placed(mut self, ring: &Keyring) -> Self {
        for key in &mut self.keys {
            key.custody.see(key.physical_key.as_deref(), ring);
        }
        self
    }
}

impl HistoryView {
    /// The same, with where this desk has seen the private halves.
    pub fn placed(mut self, ring: &Keyring) -> Self {
        for line in &mut self.lifelines {
            line.custody.see(Some(&line.physical_key), ring);
        }
        self
    }
}

impl BlastView {
    /// The same, with where this desk has seen the private halves.
    pub fn placed(mut self, ring: &Keyring) -> Self {
        for key in &mut self.keys {
            key.custody.see(Some(&key.physical_key), ring);
        }
        self
    }
}
