//! TUF 1.x: key objects, keyids and schemes.
//!
//! A keyid is an opaque name here (TAP 12); whether it is a hash of its key is only told, never required.

use crate::canonical::canonical;
use crate::dialect::Dialect;
use crate::encoding::{from_hex, hex, sha256};
use crate::json::{Object, Value};
use crate::key::{Algorithm, Insight, Key, KeyId, KeyProblem, Method, PublicKey};

/// Finds how signatures of a key are verified; `None` for kinds we do not know.
pub(crate) fn method(keytype: &str, scheme: &str) -> Option<Method> {
    match (keytype, scheme) {
        ("ed25519", "ed25519") => Some(Method::Ed25519),
        ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => Some(Method::EcdsaSha256),
        ("ecdsa" | "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384") => Some(Method::EcdsaSha384),
        ("rsa", "rsassa-pss-sha256") => Some(Method::RsaPssLongSalt),
        _ => None,
    }
}

pub(crate) fn new_key(public: &PublicKey) -> Key {
    let (keytype, scheme) = match public.algorithm() {
        Algorithm::Ed25519 => ("ed25519", "ed25519"),
        Algorithm::EcdsaP256 => ("ecdsa", "ecdsa-sha2-nistp256"),
        Algorithm::EcdsaP384 => ("ecdsa", "ecdsa-sha2-nistp384"),
        Algorithm::Rsa => ("rsa", "rsassa-pss-sha256"),
    };
    let text = public
        .ed25519_bytes()
        .map_or_else(|| public.spki_pem(), |bytes| hex(bytes));
    let mut keyval = Object::new();
    keyval.set("public", Value::text(text));
    let mut raw = Object::new();
    raw.set("keytype", Value::text(keytype));
    raw.set("keyval", keyval.into());
    raw.set("scheme", Value::text(scheme));
    let raw = Value::Object(raw);
    Key::read(KeyId::new(hex(&sha256(&canonical(&raw)))), &raw, Dialect::Tuf1)
}

/// Looks at a key object, given decoded and as `written` in canonical JSON.
pub(crate) fn examine(keyid: &KeyId, raw: &Value, written: &[u8]) -> Insight {
    let text = |name: &str| raw.get(name).and_then(Value::as_str).unwrap_or_default();
    Insight {
        public: public_key(raw, text("keytype"), text("scheme")),
        certificate: None,
        method: method(text("keytype"), text("scheme")),
        id_is_hash: is_hash_of(keyid, raw, written),
    }
}

fn public_key(raw: &Value, keytype: &str, scheme: &str) -> Result<PublicKey, KeyProblem> {
    let public = raw
        .get("keyval")
        .and_then(|keyval| keyval.get("public"))
        .and_then(Value::as_str);
    let public = public.ok_or(KeyProblem::Malformed {
        expected: "a public key in keyval",
    })?;
    let key = match method(keytype, scheme) {
        Some(Method::Ed25519) => {
            let bytes = from_hex(public);
            return PublicKey::from_ed25519_bytes(&bytes.unwrap_or_default());
        }
        Some(Method::EcdsaSha256) => ec_key(Algorithm::EcdsaP256, public)?,
        Some(Method::EcdsaSha384) => ec_key(Algorithm::EcdsaP384, public)?,
        Some(Method::RsaPssLongSalt) => PublicKey::from_spki_pem(public)?,
        Some(Method::RsaPss | Method::RsaPkcs1) | None => {
            return Err(KeyProblem::UnknownKind {
                keytype: keytype.to_owned(),
                scheme: scheme.to_owned(),
            });
        }
    };
    let fits = match scheme {
        "ecdsa-sha2-nistp256" => key.algorithm() == Algorithm::EcdsaP256,
        "ecdsa-sha2-nistp384" => key.algorithm() == Algorithm::EcdsaP384,
        _ => key.algorithm() == Algorithm::Rsa,
    };
    if fits {
        Ok(key)
    } else {
        Err(KeyProblem::Malformed {
            expected: "a public key of the kind its scheme names",
        })
    }
}

/// Reads PEM as TUF asks (4.2.2), or the bare point in hexadecimal as early Sigstore roots have it.
fn ec_key(algorithm: Algorithm, public: &str) -> Result<PublicKey, KeyProblem> {
    match from_hex(public) {
        Some(point) => PublicKey::from_ec_point(algorithm, &point),
        None => PublicKey::from_spki_pem(public),
    }
}

/// Whether the id is the SHA-256 of one of: the whole object; keytype, scheme, keyval; those and
/// `keyid_hash_algorithms`; keytype and keyval.
fn is_hash_of(keyid: &KeyId, raw: &Value, written: &[u8]) -> bool {
    let only = |names: &[&str]| -> Value {
        let member = |name: &&str| Some(((*name).to_owned(), raw.get(name)?.clone()));
        Value::Object(names.iter().filter_map(member).collect())
    };
    let is_digest = |digest: [u8; 32]| hex(&digest) == keyid.as_str();
    let is_id_of = |form: &Value| is_digest(sha256(&canonical(form)));
    is_digest(sha256(written))
        || is_id_of(&only(&["keytype", "scheme", "keyval"]))
        || is_id_of(&only(&["keytype", "scheme", "keyval", "keyid_hash_algorithms"]))
        || is_id_of(&only(&["keytype", "keyval"]))
}
