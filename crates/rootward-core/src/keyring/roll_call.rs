//! Roll call: a key proves that it still works, and a repository's root keys are counted by that. No trust changes by it.

use std::collections::BTreeSet;

use rootward_tuf::encoding::base64;
use rootward_tuf::key::{Key, PhysicalKey, PublicKey};
use rootward_tuf::statement::Proof;
use rootward_tuf::time::Instant;

use super::reference::{label, written};
use super::ring::{Keyring, Worked, is_stale};
use super::session::Sessions;
use crate::digest::Digest;
use crate::ledger::{Ledger, Proved};
use crate::ports::{Failure, KeyReference, Ports, PromptRequest};
use crate::repositories::DAY;
use crate::repositories::known::Known;

/// Whether a repository's root could be rotated today, as far as this desk has seen its keys work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Different keys of root that people hold, in root's order.
    pub keys: Vec<(PhysicalKey, Option<Worked>)>,
    /// Those that were seen to work within the days the desk lets pass.
    pub proven: u64,
    pub threshold: u64,
    /// Until when so many stay proven; `None` while there are too few.
    pub until: Option<Instant>,
}

impl Readiness {
    /// Whether enough keys were seen to work to sign the next root.
    pub fn could_rotate(&self) -> bool {
        self.threshold > 0 && self.proven >= self.threshold
    }
}

/// Counts the root keys of a repository that were seen to work; `None` where root is not known, or no person holds a key of it.
pub fn readiness(known: &Known, ring: &Keyring, proof_days: u32, now: Instant) -> Option<Readiness> {
    let root = known.tree.root();
    known.anchor.as_ref()?;
    root.document.as_ref()?;
    let mut seen = BTreeSet::new();
    let held = root
        .keys
        .iter()
        .filter(|key| !key.online)
        .filter_map(|key| key.physical);
    let keys: Vec<(PhysicalKey, Option<Worked>)> = held
        .filter(|physical| seen.insert(*physical))
        .map(|physical| (physical, ring.key(&physical).and_then(|key| key.worked.clone())))
        .collect();
    if keys.is_empty() {
        return None;
    }
    let mut fresh: Vec<Instant> = keys
        .iter()
        .filter_map(|(_, worked)| worked.as_ref().map(|worked| worked.at))
        .filter(|at| !is_stale(Some(*at), proof_days, now))
        .collect();
    fresh.sort_unstable();
    fresh.reverse();
    let needed = usize::try_from(root.threshold)
        .ok()
        .and_then(|threshold| threshold.checked_sub(1));
    let last = needed.and_then(|last| fresh.get(last));
    Some(Readiness {
        proven: fresh.len() as u64,
        threshold: root.threshold,
        until: last.map(|at| at.plus_seconds(i64::from(proof_days) * DAY)),
        keys,
    })
}

/// What a key proved, by a signature that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofMade {
    pub at: Instant,
    /// What a person calls the place.
    pub device: String,
    /// The DSSE envelope, which anybody who has the public key can verify.
    pub envelope: String,
}

/// The screen that a roll call's key is opened for. It stays open for nothing else.
const SCREEN: &str = "roll-call";

/// Asks a key to prove that it works, verifies the proof at once and puts it on record. Blocks while a person is asked.
///
/// `why` is the repository it is asked for and whether that is one of practice. Refuses with `expected-other-key` when another
/// key is at the place; fails as opening the key and as the ledger do. Nothing is on record unless the key signed.
pub fn prove(
    ports: &Ports,
    ledger: &Ledger,
    sessions: &Sessions,
    at: &KeyReference,
    public: &PublicKey,
    why: (&str, bool),
) -> Result<ProofMade, Failure> {
    // Before anybody types a PIN: what could not be put on record is not asked for.
    ledger.must_hold()?;
    let (physical, device) = (public.physical(), label(at));
    let mut challenge = [0; 16];
    ports.random.fill(&mut challenge);
    let proof = Proof::new(physical, &written(at), ports.clock.now(), challenge);
    let request = PromptRequest {
        repository: why.0.to_owned(),
        change: format!("{device} proves that it works. Nothing is published, and no trust changes."),
        key: device.clone(),
        digest: Digest(proof.statement().digest()).first_group(),
        practice: why.1,
        proves: true,
        announces: match at {
            KeyReference::YubiKey(_) => vec!["a touch for the proof".into()],
            KeyReference::File(_) | KeyReference::Pkcs11(_) | KeyReference::Keychain(_) => Vec::new(),
        },
        ..PromptRequest::default()
    };
    let key = Key::new_tuf1(public);
    let signed = sessions.with(SCREEN, ports, at, Some(&physical), &request, |signer| {
        signer.sign(crate::ports::Message::proof(&proof), &key)
    });
    sessions.close(SCREEN);
    let worthless = |why: &dyn std::fmt::Display| {
        Failure::fault("key-cannot-sign", format!("the proof of {device} does not hold: {why}"))
    };
    let envelope = proof.signed(&key, &signed?).map_err(|why| worthless(&why))?;
    Proof::read(&envelope, public).map_err(|why| worthless(&why))?;
    let envelope = String::from_utf8(envelope).map_err(|why| worthless(&why))?;
    ledger.keep(Proved {
        public_key: base64(public.spki_der()),
        device: device.clone(),
        envelope: envelope.clone(),
    })?;
    tracing::info!(key = %physical, "a key proved that it works");
    Ok(ProofMade {
        at: proof.at(),
        device,
        envelope,
    })
}
