//! Statements that a key signs besides metadata, each under a payload type of its own. Nobody's trust changes by one.
//!
//! What is signed is DSSE's pre-authentication encoding, which begins with `DSSEv1`. Metadata begins with `{` and a
//! certificate with 0x30, so a signature over one is never a signature over another.

mod proof;
mod transcript;

pub use proof::Proof;
pub use transcript::{Recorded, Sight, Testimony, Transcript};

use crate::dialect::{Dialect, verifies};
use crate::draft::SignatureRefusal;
use crate::encoding::{base64, from_base64, sha256};
use crate::json::{self, Limits, Object, Value};
use crate::key::{Key, PublicKey};
use crate::metadata::Signature;

/// A payload under its type, ready to be signed. Made by the kinds of statement alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    payload_type: &'static str,
    payload: Vec<u8>,
    message: Vec<u8>,
}

/// Why an envelope proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementRefusal {
    /// No JSON of that shape with exactly one signature; says what is wrong.
    #[error("expected a DSSE envelope: {0}")]
    NoEnvelope(String),
    /// An envelope around another kind of statement.
    #[error("expected the payload type {expected}, found {found}")]
    OtherType {
        /// The payload type of the kind asked for.
        expected: &'static str,
        /// The payload type in the envelope: text from outside.
        found: String,
    },
    /// Signed, but not byte for byte what we would write.
    #[error("expected the payload as the statement is written, found another")]
    OtherPayload,
    /// Does not verify over the payload under its type.
    #[error("the signature is not this key's over this statement")]
    BadSignature,
    /// The key signed it, but the payload names a different one.
    #[error("the statement is about another key")]
    OtherKey,
}

impl Statement {
    fn new(payload_type: &'static str, payload: Vec<u8>) -> Self {
        Statement {
            message: encoded(payload_type, &payload),
            payload_type,
            payload,
        }
    }

    /// The bytes a signature covers.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// SHA-256 of [`Self::message`].
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.message)
    }

    /// Checks that `signature` is `key`'s over this statement; the key is listed as TUF 1.0 lists it.
    pub fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        if signature.keyid != *key.keyid() {
            let (expected, found) = (key.keyid().clone(), signature.keyid.clone());
            return Err(SignatureRefusal::OtherKey { expected, found });
        }
        if signature.is_empty() {
            return Err(SignatureRefusal::Empty);
        }
        key.public()
            .map_err(|problem| SignatureRefusal::UnusableKey(problem.clone()))?;
        let bytes = signature.bytes.as_deref().ok_or(SignatureRefusal::Bad)?;
        let holds = key.dialect() == Dialect::Tuf1 && verifies(key, None, &self.message, bytes);
        if holds { Ok(()) } else { Err(SignatureRefusal::Bad) }
    }

    /// The DSSE envelope around this statement and its only signature; `None` for a signature without bytes.
    pub fn envelope(&self, signature: &Signature) -> Option<Vec<u8>> {
        let mut entry = Object::new();
        entry.set("keyid", Value::text(signature.keyid.as_str()));
        entry.set("sig", Value::text(base64(signature.bytes.as_deref()?)));
        let mut envelope = Object::new();
        envelope.set("payload", Value::text(base64(&self.payload)));
        envelope.set("payloadType", Value::text(self.payload_type));
        envelope.set("signatures", Value::Array(vec![entry.into()]));
        Some(json::compact(&envelope.into()).into_bytes())
    }
}

/// The payload of an envelope that `public` signed under `payload_type`.
///
/// The keyid in it is only a hint and is not looked at (DSSE 1.0.2).
fn opened(envelope: &[u8], payload_type: &'static str, public: &PublicKey) -> Result<Vec<u8>, StatementRefusal> {
    let no_envelope = |why: &str| StatementRefusal::NoEnvelope(why.to_owned());
    let value = json::parse(envelope, LIMITS).map_err(|error| StatementRefusal::NoEnvelope(error.to_string()))?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let found = text(&value, "payloadType").ok_or_else(|| no_envelope("it has no payloadType"))?;
    if found != payload_type {
        return Err(StatementRefusal::OtherType {
            expected: payload_type,
            found,
        });
    }
    let bytes = |value: &Value, name: &str| text(value, name).and_then(|text| from_base64(&text));
    let payload = bytes(&value, "payload").ok_or_else(|| no_envelope("it has no payload in base64"))?;
    let signatures = value.get("signatures").and_then(Value::as_array).unwrap_or_default();
    let [only] = signatures else {
        return Err(no_envelope("it has not exactly one signature"));
    };
    let signature = bytes(only, "sig").ok_or_else(|| no_envelope("its signature is not in base64"))?;
    let message = encoded(payload_type, &payload);
    if verifies(&Key::new_tuf1(public), None, &message, &signature) {
        Ok(payload)
    } else {
        Err(StatementRefusal::BadSignature)
    }
}

/// DSSE's pre-authentication encoding (protocol.md, PAE).
fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

const LIMITS: Limits = Limits {
    depth: 8,
    bytes: 16 << 20,
};

#[cfg(test)]
mod tests;
