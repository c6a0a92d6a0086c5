//! Verdicts on signatures over one message. Each is found once, however often and for whatever role it is asked for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::dialect::{method_of, verifies_by};
use crate::key::{Algorithm, Key, Method, PhysicalKey};
use crate::metadata::Signature;

/// What signatures cover, and what was found out about signatures over it.
pub(crate) struct Message {
    bytes: Bytes,
    verdicts: Mutex<HashMap<Claim, bool>>,
}

/// That a key signed the message. All that a verdict depends on besides the message.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Claim {
    key: PhysicalKey,
    method: Method,
    signature: Box<[u8]>,
}

/// How many verdicts are remembered, so that a flood of signatures takes no more memory than it brings.
const MOST_REMEMBERED: usize = 4096;

impl Message {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Message {
            bytes,
            verdicts: Mutex::default(),
        }
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The same message in other memory, with what was found out about it; `None` if it is another.
    pub(crate) fn moved_to(&self, bytes: Bytes) -> Option<Self> {
        if bytes != self.bytes {
            return None;
        }
        let verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Message {
            bytes,
            verdicts: Mutex::new(verdicts.clone()),
        })
    }

    /// Puts something before and something after the message, and gives the whole besides. Takes no second copy of a message
    /// that nobody else holds.
    pub(crate) fn put_between(self, before: &[u8], after: &[u8]) -> (Self, Bytes) {
        let mut whole = Vec::from(self.bytes);
        let length = whole.len();
        let place = before.len()..before.len() + length;
        whole.reserve_exact(before.len().saturating_add(after.len()));
        whole.resize(place.end, 0);
        whole.copy_within(..length, place.start);
        whole[..place.start].copy_from_slice(before);
        whole.extend_from_slice(after);
        let whole = Bytes::from(whole);
        let message = Message {
            bytes: whole.slice(place),
            verdicts: self.verdicts,
        };
        (message, whole)
    }

    /// Whether `signature` is `key`'s over this message.
    pub(crate) fn is_signed(&self, key: &Key, signature: &Signature) -> bool {
        let Some(claim) = Claim::of(key, signature) else {
            return false;
        };
        if let Some(verdict) = self.known(&claim) {
            return verdict;
        }
        let verdict = verifies_by(key, claim.method, &self.bytes, &claim.signature);
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        if verdicts.len() < MOST_REMEMBERED {
            verdicts.insert(claim, verdict);
        }
        verdict
    }

    /// About how many nanoseconds it takes to find out; signatures known to be good take none.
    pub(super) fn cost(&self, key: &Key, signature: &Signature) -> u64 {
        if Claim::of(key, signature).is_some_and(|claim| self.known(&claim) == Some(true)) {
            return 0;
        }
        let (fixed, per_kib) = match key.public().map(|public| public.algorithm()) {
            Ok(Algorithm::Rsa) => (25_000, 700),
            Ok(Algorithm::Ed25519) => (47_000, 2_400),
            Ok(Algorithm::EcdsaP256) => (66_000, 700),
            Ok(Algorithm::EcdsaP384) => (400_000, 2_400),
            Err(_) => return u64::MAX,
        };
        fixed + per_kib * (self.bytes.len() as u64 / 1024)
    }

    /// How many signatures were verified.
    #[cfg(test)]
    pub(crate) fn verified(&self) -> usize {
        self.verdicts.lock().unwrap().len()
    }

    fn known(&self, claim: &Claim) -> Option<bool> {
        let verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.get(claim).copied()
    }
}

impl Clone for Message {
    fn clone(&self) -> Self {
        let verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        Message {
            bytes: self.bytes.clone(),
            verdicts: Mutex::new(verdicts.clone()),
        }
    }
}

impl Claim {
    /// `None` if nothing can be claimed: no usable key, no known method, or no signature in its dialect's form.
    fn of(key: &Key, signature: &Signature) -> Option<Self> {
        Some(Claim {
            key: key.physical()?,
            method: method_of(key, signature.method.as_deref())?,
            signature: signature.bytes.as_deref()?.into(),
        })
    }
}
