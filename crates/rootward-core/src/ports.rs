//! The whole outside world, as traits. Use cases know these and no implementation.
//!
//! Network ports are async and cancelled by dropping their future. Everything that touches disk, keys or people blocks
//! and is called from a blocking thread.

mod disk;
mod fresh_tokens;
mod keys;
mod module_names;
mod modules;
mod prompt;
mod sources;
mod tokens;
mod vault;

pub use disk::{Disk, Held, must_end_in};
pub use fresh_tokens::{Delivered, FreshTokens, ManagementKey, Readiness, Ready, ReadyStep, StepOutcome};
pub use keys::{
    CertificateTerms, KdfCost, KeyCopy, KeyFacts, KeyForm, KeyReference, Keys, Message, NewKey, Protection, Signer,
};
pub use module_names::{ModuleKey, ModuleName, ModuleToken};
pub use modules::{ModuleFacts, ModuleKeyFacts, ModuleTokenFacts, ModuleTokens, Modules, NewModuleKey, PinState};
pub use prompt::{PinOf, Prompt, PromptRequest, Secret, TouchRequest, Touching, Wanted};
pub use sources::{
    Connect, Document, Fetched, NotaryServer, Publication, Publisher, ServerKeys, Source, TargetFiles,
    is_practice_server,
};
pub use tokens::{
    Attached, Attestation, NewTokenKey, Origin, PinPolicy, Slot, SlotFacts, TokenAlgorithm, TokenFacts, TokenSlot,
    Tokens, TouchPolicy, device_label, is_practice_token, new_practice_token,
};
pub use vault::{AddedRootRecord, AnchorRecord, AttestationRecord, LastRead, Proven, RepositoryRecord, Vault};

use std::{path::PathBuf, sync::Arc};

use rootward_tuf::json;

pub use rootward_tuf::Instant;

// The plain words in which ports are asked and answer.
pub use crate::border::{AnchorHow, Failure, FailureKind, LimitsView, SourceSpec};

/// Everything a desk is plugged into.
#[derive(Clone)]
pub struct Ports {
    pub disk: Arc<dyn Disk>,
    pub vault: Arc<dyn Vault>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub prompt: Arc<dyn Prompt>,
    pub connect: Arc<dyn Connect>,
    pub keys: Arc<dyn Keys>,
    pub tokens: Arc<dyn Tokens>,
    pub modules: Arc<dyn Modules>,
    /// The desk's data folder.
    pub data: PathBuf,
    /// Where other programs keep keys that forms may offer (`~/.notary`, `~/.docker/trust`), there or not. Only ever read.
    pub key_folders: Vec<PathBuf>,
}

/// Tells the time. A test gives it.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}

/// Gives randomness for ids. A test seeds it.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// The version a document claims in `signed.version`; unproven, `None` when it cannot be read.
pub fn claimed_version(bytes: &[u8]) -> Option<u64> {
    let document = json::parse(bytes, json::Limits::default()).ok()?;
    document.get("signed")?.get("version")?.as_u64()
}
