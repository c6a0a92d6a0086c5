//! Signatures as other tools hand them back: `{"keyid", "sig"}` of securesystemslib, alone, in a list, or in a whole document.
//!
//! They name no ceremony and no bytes: each counts for whatever document it verifies over.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::encoding::{from_base64, from_hex};
use rootward_tuf::json::{self, Limits, Value};
use rootward_tuf::key::KeyId;
use rootward_tuf::metadata::Signature;

use super::{LARGEST, unreadable};
use crate::ports::Failure;

/// Reads detached signatures, or those of a document in its own form; empty ones are left out.
///
/// Refuses with `handoff-unreadable` what holds none.
pub fn detached(bytes: &[u8], dialect: Dialect) -> Result<Vec<Signature>, Failure> {
    let limits = Limits {
        bytes: LARGEST as usize,
        ..Limits::default()
    };
    let value = json::parse(bytes, limits).map_err(|error| unreadable(error.to_string()))?;
    let list = match &value {
        Value::Array(items) => items.as_slice(),
        Value::Object(_) => match value.get("signatures").and_then(Value::as_array) {
            Some(items) => items,
            None => std::slice::from_ref(&value),
        },
        _ => return Err(unreadable("expected signatures, found something else")),
    };
    let mut signatures = Vec::new();
    for entry in list {
        let part = |name: &str| {
            let text = entry.get(name).and_then(Value::as_str);
            text.ok_or_else(|| {
                unreadable(format!(
                    "expected a signature with \"keyid\" and \"sig\", and found no \"{name}\""
                ))
            })
        };
        let (keyid, text) = (KeyId::new(part("keyid")?), part("sig")?);
        if text.is_empty() {
            continue;
        }
        let bytes = match dialect {
            Dialect::Tuf1 => from_hex(text),
            Dialect::Notary => from_base64(text),
        };
        let bytes = bytes.ok_or_else(|| unreadable("a signature is not in its dialect's form"))?;
        let method = entry.get("method").and_then(Value::as_str).map(str::to_owned);
        signatures.push(Signature::from_parts(keyid, method, bytes, dialect));
    }
    if signatures.is_empty() {
        return Err(unreadable("expected at least one signature, found none"));
    }
    Ok(signatures)
}
