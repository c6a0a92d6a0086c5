//! That a key works: its holder had it sign a number nobody knew before. It gives nobody any trust.

use std::fmt;

use super::{Statement, StatementRefusal, opened};
use crate::canonical::canonical;
use crate::draft::SignatureRefusal;
use crate::encoding::{from_hex, hex};
use crate::json::{self, Object, Value};
use crate::key::{Key, PhysicalKey, PublicKey};
use crate::metadata::Signature;
use crate::time::Instant;

/// A proof that a key works, signed or about to be.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    physical: PhysicalKey,
    at: Instant,
    place: String,
    challenge: [u8; 16],
    statement: Statement,
}

const PAYLOAD_TYPE: &str = "application/vnd.rootward.proof+json";
const KIND: &str = "this key works; nothing is trusted because of it";

impl Proof {
    /// About a key, at a place such as `yubikey:19402271/9c`; the challenge is drawn anew for each proof.
    pub fn new(physical: PhysicalKey, place: &str, at: Instant, challenge: [u8; 16]) -> Self {
        let mut says = Object::new();
        says.set("at", Value::text(at.to_string()));
        says.set("challenge", Value::text(hex(&challenge)));
        says.set("physical_key", Value::text(physical.to_string()));
        says.set("place", Value::text(place));
        says.set("says", Value::text(KIND));
        Proof {
            physical,
            at,
            place: place.to_owned(),
            challenge,
            statement: Statement::new(PAYLOAD_TYPE, canonical(&Value::Object(says))),
        }
    }

    /// Reads a signed proof back.
    ///
    /// Refuses an envelope of another type, one that `public` did not sign, and one that is about another key than `public`.
    pub fn read(envelope: &[u8], public: &PublicKey) -> Result<Self, StatementRefusal> {
        let payload = opened(envelope, PAYLOAD_TYPE, public)?;
        let proof = Proof::of_payload(&payload).ok_or(StatementRefusal::OtherPayload)?;
        if proof.statement.payload != payload {
            return Err(StatementRefusal::OtherPayload);
        }
        if proof.physical != public.physical() {
            return Err(StatementRefusal::OtherKey);
        }
        Ok(proof)
    }

    /// Who proved itself.
    pub fn physical(&self) -> PhysicalKey {
        self.physical
    }

    /// When, by the clock of the desk that asked.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Where the key was: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is signed.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Checks that `signature` is `key`'s over this proof, and that the proof is about this key.
    pub fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        if key.physical() != Some(self.physical) {
            return Err(SignatureRefusal::Bad);
        }
        self.statement.check(key, signature)
    }

    /// The signed proof as it is kept and handed on.
    ///
    /// Refuses a signature that is not the key's own over it.
    pub fn signed(&self, key: &Key, signature: &Signature) -> Result<Vec<u8>, SignatureRefusal> {
        self.check(key, signature)?;
        self.statement.envelope(signature).ok_or(SignatureRefusal::Empty)
    }

    fn of_payload(payload: &[u8]) -> Option<Self> {
        let value = json::parse(payload, super::LIMITS).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let challenge = from_hex(text("challenge")?)?.try_into().ok()?;
        let physical = PhysicalKey::parse(text("physical_key")?)?;
        Some(Proof::new(
            physical,
            text("place")?,
            Instant::parse(text("at")?).ok()?,
            challenge,
        ))
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proof of {:?} at {}", self.physical, self.at)
    }
}
