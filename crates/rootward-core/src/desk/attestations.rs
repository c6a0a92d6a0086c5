//! Where keys were born: what officers hand in is proven before it is kept, and roots of an officer's own stand apart.

use std::path::Path;

use rootward_tuf::encoding::{from_hex, hex};
use rootward_tuf::key::PhysicalKey;

use super::{Rootward, refresh::blocking};
use crate::{
    border::{AttestationRootView, AttestationRootsView, AttestationView, Notice, Outcome, visible},
    keyring::attestation::{self, AddedRoot, Attestations, Roots, VerifiedAttestation, Vouching},
    ports::{Disk, Failure},
};

/// No file of certificates is longer.
const LONGEST: u64 = 1 << 20;

impl Rootward {
    /// Proves what an officer handed in for a key, and keeps it with the key.
    ///
    /// Refuses as [`attestation::keep`] does, and what is over another key; fails with `source-unreadable`.
    pub(super) async fn hand_in(
        &self,
        physical: String,
        key: String,
        device: String,
        between: Vec<String>,
    ) -> Result<Outcome, Failure> {
        let ports = self.desk.ports.clone();
        let view = blocking(move || {
            let expected = PhysicalKey::parse(&physical).ok_or_else(|| {
                let message = "expected a physical key such as sha256:…";
                Failure::fault("bad-usage", message).with("key", &physical)
            })?;
            let disk = &*ports.disk;
            let others = between.iter().map(|other| read(disk, other));
            let others = others.collect::<Result<Vec<_>, _>>()?;
            let handed_in = attestation::handed_in(&read(disk, &key)?, &read(disk, &device)?, &others)?;
            let now = ports.clock.now();
            let proven = attestation::keep(&*ports.vault, &handed_in, Some(&expected), now)?;
            Ok(AttestationView::of(&Ok(proven), true, now))
        })
        .await?;
        self.attestations_changed();
        Ok(Outcome::Attested { attestation: view })
    }

    /// Adds a root that may vouch for devices. Refuses as [`attestation::add_root`] does.
    pub(super) async fn add_attestation_root(&self, path: String) -> Result<Outcome, Failure> {
        let ports = self.desk.ports.clone();
        blocking(move || {
            let bytes = read(&*ports.disk, &path)?;
            attestation::add_root(&*ports.vault, &bytes, ports.clock.now()).map(drop)
        })
        .await?;
        self.attestations_changed();
        Ok(Outcome::Done)
    }

    /// Takes an added root off. Refuses with `attestation-root-unknown`.
    pub(super) async fn remove_attestation_root(&self, sha256: String) -> Result<Outcome, Failure> {
        let vault = self.desk.ports.vault.clone();
        blocking(move || {
            let digest: Option<[u8; 32]> = from_hex(&sha256).and_then(|bytes| bytes.try_into().ok());
            let digest = digest.ok_or_else(|| {
                let message = "expected the SHA-256 of a root as 64 hexadecimal digits";
                Failure::fault("bad-usage", message).with("sha256", &sha256)
            })?;
            attestation::remove_root(&*vault, &digest)
        })
        .await?;
        self.attestations_changed();
        Ok(Outcome::Done)
    }

    /// Who may vouch for devices, and for how many keys of this desk each added root does.
    pub(super) fn attestation_roots(&self) -> Result<AttestationRootsView, Failure> {
        let vault = &*self.desk.ports.vault;
        let kept = Attestations::on(vault)?;
        let proven: Vec<&VerifiedAttestation> = kept.by_key.values().filter_map(|kept| kept.as_ref().ok()).collect();
        let vouched = |digest: &[u8; 32]| {
            let ends_there = |proven: &&&VerifiedAttestation| {
                proven.vouching == Vouching::AddedHere && proven.chain.last().is_some_and(|link| link.sha256 == *digest)
            };
            proven.iter().filter(ends_there).count() as u32
        };
        let makers = Roots::of_makers();
        let added = vault.added_roots()?.into_iter().map(|record| {
            // One that can no longer be read vouches for nobody, and can be taken off.
            let subject = AddedRoot::read(&record.bytes).map(|root| root.subject().to_owned());
            AttestationRootView {
                subject: visible(&subject.unwrap_or_else(|problem| problem.to_string())),
                sha256: hex(&record.sha256),
                added_at: Some(record.at.to_string()),
                keys: vouched(&record.sha256),
            }
        });
        Ok(AttestationRootsView {
            makers: makers
                .links()
                .map(|link| AttestationRootView {
                    subject: visible(&link.subject),
                    sha256: hex(&link.sha256),
                    added_at: None,
                    keys: 0,
                })
                .collect(),
            added: added.collect(),
        })
    }

    /// What is proven of keys is shown with repositories, with tokens and in the keyring.
    fn attestations_changed(&self) {
        self.keys_changed();
        self.notify(Notice::EstateChanged);
    }
}

fn read(disk: &dyn Disk, path: &str) -> Result<Vec<u8>, Failure> {
    disk.read(Path::new(path), LONGEST).map_err(|why| {
        let message = format!("the certificate {} cannot be read: {why}", visible(path));
        Failure::fault("source-unreadable", message).with("file", path)
    })
}
