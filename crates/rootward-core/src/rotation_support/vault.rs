//! The vault of tests: the desk's memory without a file.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::ports::{
    AddedRootRecord, AnchorRecord, AttestationRecord, Failure, LastRead, Proven, RepositoryRecord, Vault,
};

/// The desk's memory without a file.
#[derive(Default)]
pub struct MemoryVault(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    repositories: BTreeMap<String, RepositoryRecord>,
    anchors: BTreeMap<String, AnchorRecord>,
    proven: BTreeMap<String, Proven>,
    reads: BTreeMap<String, LastRead>,
    settings: BTreeMap<String, String>,
    attestations: BTreeMap<String, AttestationRecord>,
    added_roots: Vec<AddedRootRecord>,
}

impl Vault for MemoryVault {
    fn repositories(&self) -> Result<Vec<RepositoryRecord>, Failure> {
        Ok(self.0.lock().expect("a lock").repositories.values().cloned().collect())
    }

    fn save_repository(&self, record: &RepositoryRecord) -> Result<(), Failure> {
        self.0
            .lock()
            .expect("a lock")
            .repositories
            .insert(record.id.clone(), record.clone());
        Ok(())
    }

    fn forget(&self, id: &str) -> Result<(), Failure> {
        self.0.lock().expect("a lock").repositories.remove(id);
        Ok(())
    }

    fn anchor(&self, id: &str) -> Result<Option<AnchorRecord>, Failure> {
        Ok(self.0.lock().expect("a lock").anchors.get(id).cloned())
    }

    fn set_anchor(&self, id: &str, anchor: &AnchorRecord) -> Result<(), Failure> {
        self.0.lock().expect("a lock").anchors.insert(id.into(), anchor.clone());
        Ok(())
    }

    fn proven(&self, id: &str) -> Result<Proven, Failure> {
        Ok(self
            .0
            .lock()
            .expect("a lock")
            .proven
            .get(id)
            .cloned()
            .unwrap_or_default())
    }

    fn keep(&self, id: &str, proven: &Proven) -> Result<(), Failure> {
        let mut memory = self.0.lock().expect("a lock");
        let kept = memory.proven.entry(id.into()).or_default();
        for (version, bytes) in &proven.roots {
            kept.roots.retain(|(known, _)| known != version);
            kept.roots.push((*version, bytes.clone()));
        }
        kept.documents.retain(|(role, _)| !proven.forget.contains(role));
        for (role, bytes) in &proven.documents {
            kept.documents.retain(|(known, _)| known != role);
            kept.documents.push((role.clone(), bytes.clone()));
        }
        Ok(())
    }

    fn last_read(&self, id: &str) -> Result<LastRead, Failure> {
        Ok(self
            .0
            .lock()
            .expect("a lock")
            .reads
            .get(id)
            .cloned()
            .unwrap_or_default())
    }

    fn save_last_read(&self, id: &str, read: &LastRead) -> Result<(), Failure> {
        self.0.lock().expect("a lock").reads.insert(id.into(), read.clone());
        Ok(())
    }

    fn attestations(&self) -> Result<Vec<AttestationRecord>, Failure> {
        Ok(self.0.lock().expect("a lock").attestations.values().cloned().collect())
    }

    fn save_attestation(&self, record: &AttestationRecord) -> Result<(), Failure> {
        let mut memory = self.0.lock().expect("a lock");
        memory.attestations.insert(record.physical.clone(), record.clone());
        Ok(())
    }

    fn added_roots(&self) -> Result<Vec<AddedRootRecord>, Failure> {
        Ok(self.0.lock().expect("a lock").added_roots.clone())
    }

    fn add_root(&self, root: &AddedRootRecord) -> Result<(), Failure> {
        let mut memory = self.0.lock().expect("a lock");
        memory.added_roots.retain(|added| added.sha256 != root.sha256);
        memory.added_roots.push(root.clone());
        Ok(())
    }

    fn forget_root(&self, sha256: &[u8; 32]) -> Result<(), Failure> {
        let mut memory = self.0.lock().expect("a lock");
        memory.added_roots.retain(|added| added.sha256 != *sha256);
        Ok(())
    }

    fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.0.lock().expect("a lock").settings.get(name).cloned())
    }

    fn set_setting(&self, name: &str, value: &str) -> Result<(), Failure> {
        self.0
            .lock()
            .expect("a lock")
            .settings
            .insert(name.into(), value.into());
        Ok(())
    }
}
