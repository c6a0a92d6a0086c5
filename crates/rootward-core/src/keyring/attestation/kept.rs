//! Attestations on a desk: kept as they were handed in, and proven again whenever somebody asks.

use std::collections::BTreeMap;

use rootward_tuf::{PhysicalKey, encoding::hex};

use super::{AddedRoot, AttestationProblem, Roots, VerifiedAttestation, verify};
use crate::ports::{AddedRootRecord, Attestation, AttestationRecord, Failure, Instant, Vault};

/// What a desk knows of where keys were born.
#[derive(Debug, Clone, Default)]
pub struct Attestations {
    /// By key. One that cannot be proven any more, such as by a root that was taken off, says why.
    pub by_key: BTreeMap<PhysicalKey, Result<VerifiedAttestation, AttestationProblem>>,
}

impl Attestations {
    /// Proves every attestation on the desk anew.
    ///
    /// Fails with `disk-failed`.
    pub fn on(vault: &dyn Vault) -> Result<Self, Failure> {
        let roots = roots(vault)?;
        let records = vault.attestations()?.into_iter();
        let by_key = records.filter_map(|record| {
            let physical = PhysicalKey::parse(&record.physical)?;
            Some((physical, verify(&record.attestation, &roots, Some(&physical))))
        });
        Ok(Attestations {
            by_key: by_key.collect(),
        })
    }

    /// What is proven of a key.
    pub fn proven(&self, key: &PhysicalKey) -> Option<&VerifiedAttestation> {
        self.by_key.get(key)?.as_ref().ok()
    }
}

/// Whoever may vouch for devices on a desk: the makers, and roots added here.
///
/// Fails with `disk-failed`.
pub fn roots(vault: &dyn Vault) -> Result<Roots, Failure> {
    let added = vault.added_roots()?.into_iter();
    // One that can no longer be read vouches for nobody.
    let added = added.filter_map(|record| AddedRoot::read(&record.bytes).ok());
    Ok(added.fold(Roots::of_makers(), |roots, added| roots.and(&added)))
}

/// Proves an attestation and keeps it with its key, which must be `expected` where somebody said whose it is.
///
/// Refuses what [`verify`] refuses, and keeps nothing then.
pub fn keep(
    vault: &dyn Vault,
    attestation: &Attestation,
    expected: Option<&PhysicalKey>,
    now: Instant,
) -> Result<VerifiedAttestation, Failure> {
    let proven = verify(attestation, &roots(vault)?, expected)?;
    vault.save_attestation(&AttestationRecord {
        physical: proven.physical().to_string(),
        attestation: attestation.clone(),
        at: now,
    })?;
    Ok(proven)
}

/// Takes a root off the desk. What it vouched for is proven no more, and says so.
///
/// Refuses with `attestation-root-unknown` when no such root was added; a maker's cannot be taken off.
pub fn remove_root(vault: &dyn Vault, sha256: &[u8; 32]) -> Result<(), Failure> {
    if vault.added_roots()?.iter().all(|added| added.sha256 != *sha256) {
        let message = "no root of this digest was added on this machine";
        return Err(Failure::refusal("attestation-root-unknown", message).with("sha256", hex(sha256)));
    }
    vault.forget_root(sha256)
}

/// Adds a root to the desk: devices it vouches for are told apart from those that their maker vouches for.
///
/// Refuses what [`AddedRoot::read`] refuses, and with `attestation-root-known` a root of the makers, which needs no adding.
pub fn add_root(vault: &dyn Vault, bytes: &[u8], now: Instant) -> Result<AddedRoot, Failure> {
    let added = AddedRoot::read(bytes)?;
    if Roots::of_makers().has(&added) {
        let message = format!("{} is a maker's root, which this program carries", added.subject());
        return Err(Failure::refusal("attestation-root-known", message).with("sha256", hex(&added.sha256())));
    }
    vault.add_root(&AddedRootRecord {
        bytes: bytes.to_vec(),
        sha256: added.sha256(),
        at: now,
    })?;
    Ok(added)
}
