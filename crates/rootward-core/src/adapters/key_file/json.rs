//! Keys in JSON, as go-tuf and securesystemslib (python-tuf) write them: an object as in metadata, with a private half.

use der::{Encode as _, asn1::OctetStringRef};
use pkcs8::{PrivateKeyInfoRef, spki::AlgorithmIdentifierRef};
use rootward_tuf::{Algorithm, PublicKey, encoding::from_hex};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, Visitor},
};
use zeroize::Zeroizing;

use super::{
    older,
    pem::{self, Block, Kind},
};
use crate::adapters::private_key::{ED25519, PrivateKey};

/// A key object; what else metadata says of a key is not looked at.
#[derive(Deserialize)]
struct JsonKey {
    keytype: String,
    keyval: Halves,
}

#[derive(Deserialize)]
struct Halves {
    #[serde(default)]
    public: String,
    #[serde(default)]
    private: Wiped,
}

/// go-tuf's file without a passphrase.
#[derive(Deserialize)]
struct OpenFile {
    data: Vec<JsonKey>,
}

/// What tells the kinds of objects apart. Keeps nothing of a key.
#[derive(Deserialize)]
struct Shape {
    encrypted: Option<bool>,
    keytype: Option<IgnoredAny>,
    keyval: Option<ShapeOfHalves>,
}

#[derive(Deserialize)]
struct ShapeOfHalves {
    private: Option<IgnoredAny>,
}

/// A text that is wiped when dropped.
#[derive(Default)]
struct Wiped(Zeroizing<String>);

/// Reads a file whose first byte says JSON; fails saying what was expected.
pub(super) fn read(text: &[u8]) -> Result<Vec<Block>, String> {
    let kind = match shape(text)? {
        None => Kind::Json,
        Some(Shape {
            encrypted: Some(true), ..
        }) => Kind::GoTuf,
        Some(Shape {
            encrypted: Some(false), ..
        }) => Kind::Json,
        Some(Shape {
            keyval: Some(ShapeOfHalves { private: Some(_) }),
            ..
        }) => Kind::Json,
        Some(Shape {
            keytype: Some(_),
            keyval: Some(_),
            ..
        }) => Kind::PublicJson,
        Some(_) => return Err("expected a key of go-tuf or securesystemslib in JSON".into()),
    };
    Ok(vec![Block::bare(kind, text)])
}

/// Writes the only private key of a JSON text as a PrivateKeyInfo; fails saying what was expected.
pub(super) fn pkcs8_of(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut keys = match shape(text)? {
        None => parse(text)?,
        Some(Shape { encrypted: Some(_), .. }) => parse::<OpenFile>(text)?.data,
        Some(_) => vec![parse(text)?],
    };
    let (Some(key), 0) = (keys.pop(), keys.len()) else {
        let found = match keys.len() {
            0 => 0,
            more => more + 1,
        };
        return Err(format!("expected one private key, found {found}"));
    };
    let der = private_half(&key)?;
    let derived = PrivateKey::read(&der)?;
    if !key.keyval.public.is_empty() && public_half(&key)?.physical() != derived.public().physical() {
        return Err("the public half in the file is not that of the private half".into());
    }
    Ok(der)
}

/// The public key of a JSON text; fails saying what was expected.
pub(super) fn public_of(text: &[u8]) -> Result<PublicKey, String> {
    public_half(&parse(text)?)
}

/// The shape of an object; `None` for a list.
fn shape(text: &[u8]) -> Result<Option<Shape>, String> {
    match text.trim_ascii_start().first() {
        Some(b'[') => Ok(None),
        _ => parse(text).map(Some),
    }
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    // What serde says may quote the text: a key.
    serde_json::from_slice(text).map_err(|why| {
        let (line, column) = (why.line(), why.column());
        format!("expected a key of go-tuf or securesystemslib in JSON, line {line}, column {column} is none")
    })
}

fn private_half(key: &JsonKey) -> Result<Zeroizing<Vec<u8>>, String> {
    let private = &*key.keyval.private.0;
    if private.is_empty() {
        return Err("expected a private half".into());
    }
    if key.keytype == "ed25519" {
        let bytes = Zeroizing::new(from_hex(private).unwrap_or_default());
        // go-tuf writes the public half behind the seed.
        let seed = match bytes.len() {
            32 | 64 => &bytes[..32],
            _ => return Err("expected 32 or 64 bytes of an Ed25519 key in hexadecimal".into()),
        };
        return of_seed(seed);
    }
    let blocks = pem::read(private.as_bytes())?;
    let [block] = &blocks[..] else {
        return Err(format!("expected one private key in PEM, found {}", blocks.len()));
    };
    if block.header("DEK-Info").is_some() {
        return Err("expected a private half without a passphrase of its own".into());
    }
    older::pkcs8_of(block.kind, &block.body)
}

/// A PrivateKeyInfo around the 32 bytes that an Ed25519 key is made of (RFC 8410).
fn of_seed(seed: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let failed = |why: der::Error| why.to_string();
    let inner = Zeroizing::new(
        OctetStringRef::new(seed)
            .and_then(|seed| seed.to_der())
            .map_err(failed)?,
    );
    let info = PrivateKeyInfoRef::new(
        AlgorithmIdentifierRef {
            oid: ED25519,
            parameters: None,
        },
        OctetStringRef::new(&inner).map_err(failed)?,
    );
    info.to_der().map(Zeroizing::new).map_err(failed)
}

fn public_half(key: &JsonKey) -> Result<PublicKey, String> {
    let public = key.keyval.public.trim();
    let read = match (public.starts_with("-----BEGIN"), from_hex(public)) {
        (true, _) => PublicKey::from_spki_pem(&key.keyval.public),
        (false, Some(bytes)) if key.keytype == "ed25519" => PublicKey::from_ed25519_bytes(&bytes),
        (false, Some(point)) if point.len() == 97 => PublicKey::from_ec_point(Algorithm::EcdsaP384, &point),
        (false, Some(point)) => PublicKey::from_ec_point(Algorithm::EcdsaP256, &point),
        (false, None) => return Err("expected a public half in PEM or hexadecimal".into()),
    };
    read.map_err(|problem| problem.to_string())
}

impl<'de> Deserialize<'de> for Wiped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Wiped;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Wiped, E> {
                Ok(Wiped(Zeroizing::new(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Wiped, E> {
                Ok(Wiped::default())
            }
        }
        deserializer.deserialize_any(Text)
    }
}
