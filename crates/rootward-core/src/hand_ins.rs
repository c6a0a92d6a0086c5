//! Attestations that officers hand in, without a window: what `rootwardctl attest` asks.

use std::path::{Path, PathBuf};

use rootward_tuf::PhysicalKey;

use crate::{
    adapters::SystemDisk,
    border::{AttestReport, ListedReport, visible},
    keyring::attestation::{self, AddedRoot, AttestationProblem, Roots, VerifiedAttestation},
    lookout::{LookedAt, Lookout},
    ports::{Attestation, Disk, Failure},
};

/// No file of certificates is longer.
const LONGEST: u64 = 1 << 20;

/// An attestation as it was handed in, and what it proves.
pub struct HandIn {
    attestation: Attestation,
    root: Option<Vec<u8>>,
    outcome: Result<VerifiedAttestation, AttestationProblem>,
}

impl HandIn {
    /// Reads the certificates of a key and of its device, in PEM or DER; what else is in the device's file, or in further
    /// ones, may stand between the device and a root. `root` is one that is added for this time.
    ///
    /// Fails with `source-unreadable` when a file cannot be read.
    pub fn read(key: &Path, device: &Path, others: &[PathBuf], root: Option<&Path>) -> Result<Self, Failure> {
        let root = root.map(read).transpose()?;
        let files = (read(key)?, read(device)?);
        let others = others.iter().map(|other| read(other)).collect::<Result<Vec<_>, _>>()?;
        let (attestation, outcome) = match attestation::handed_in(&files.0, &files.1, &others) {
            Ok(attestation) => {
                let added = root.as_deref().map(AddedRoot::read).transpose();
                let roots = added.map(|added| added.iter().fold(Roots::of_makers(), |roots, root| roots.and(root)));
                let outcome = roots.and_then(|roots| attestation::verify(&attestation, &roots, None));
                (attestation, outcome)
            }
            Err(problem) => (
                Attestation {
                    slot: Vec::new(),
                    device: Vec::new(),
                    between: Vec::new(),
                },
                Err(problem),
            ),
        };
        Ok(HandIn {
            attestation,
            root,
            outcome,
        })
    }

    /// The proven key.
    pub fn key(&self) -> Option<PhysicalKey> {
        self.outcome.as_ref().ok().map(VerifiedAttestation::physical)
    }

    /// Why nothing is proven.
    pub fn problem(&self) -> Option<Failure> {
        self.outcome.as_ref().err().cloned().map(Failure::from)
    }

    /// What it proves, by the lookout's clock; with the roles of a repository that list the key.
    pub fn report(&self, lookout: &Lookout, repository: Option<&LookedAt>) -> AttestReport {
        let mut report = AttestReport::of(&self.outcome, lookout.now());
        report.roles = repository.map(|looked| {
            let listed = looked
                .roles_of_keys()
                .filter(|(_, key)| key.physical.is_some() && key.physical == self.key());
            let listed = listed.map(|(role, key)| ListedReport {
                role: visible(role),
                keyid: visible(&key.keyid),
                signed: key.signed,
            });
            listed.collect()
        });
        report
    }

    /// Keeps it on the lookout's desk, with the root it was given.
    ///
    /// Refuses as [`attestation::keep`] does; fails when the desk cannot be opened.
    pub fn keep(&self, lookout: &Lookout) -> Result<(), Failure> {
        let ports = lookout.desk()?;
        if let Some(root) = &self.root {
            attestation::add_root(&*ports.vault, root, lookout.now())?;
        }
        attestation::keep(&*ports.vault, &self.attestation, None, lookout.now()).map(drop)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = SystemDisk::new().read(path, LONGEST);
    read.map_err(|why| {
        let message = format!("the certificate {} cannot be read: {why}", path.display());
        Failure::fault("source-unreadable", message).with("file", path.display().to_string())
    })
}
