//! Throw-away keys: the same Ed25519 and P-256 keys every time, and two RSA keys that lie beside this file.

use std::rc::Rc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};

use super::json::Json;
use crate::map;

/// A key as one document lists it.
#[derive(Clone)]
pub struct Key {
    pub id: String,
    pub object: Json,
    secret: Rc<Secret>,
}

enum Secret {
    Ed25519(Box<SigningKey>),
    P256(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

/// Every key there is, in an order that mixes the kinds.
pub struct Keys {
    pub all: Vec<Key>,
    /// Keys that no repository lists.
    pub strangers: Vec<Key>,
}

const RSA: [&str; 2] = [
    include_str!("keys/throw-away-rsa-1.pem"),
    include_str!("keys/throw-away-rsa-2.pem"),
];

impl Keys {
    pub fn new() -> Self {
        let rsa = RSA.iter().map(|pem| rsa(pem));
        let mixed = (1..=8).flat_map(|seed| [ed25519(seed), ed25519(seed + 100), p256(seed)]);
        Keys {
            all: rsa.chain(mixed).collect(),
            strangers: vec![ed25519(201), p256(202)],
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Keys::new()
    }
}

impl Key {
    fn new(secret: Secret, keytype: &str, scheme: &str, public: String) -> Key {
        let object = map! {"keytype" => keytype, "scheme" => scheme, "keyval" => map! {"public" => public}};
        Key {
            id: keyid(&object),
            object,
            secret: Rc::new(secret),
        }
    }

    /// The same key with its object changed, under the id that the new object hashes to.
    pub fn listed_as(&self, change: impl FnOnce(&mut Json)) -> Key {
        let mut key = self.clone();
        change(&mut key.object);
        key.id = keyid(&key.object);
        key
    }

    pub fn named(&self, id: &str) -> Key {
        Key {
            id: id.to_owned(),
            ..self.clone()
        }
    }

    /// A signature in hexadecimal.
    pub fn sign(&self, message: &[u8]) -> String {
        let random = SystemRandom::new();
        match &*self.secret {
            Secret::Ed25519(key) => hex(&key.sign(message).to_bytes()),
            Secret::P256(key) => hex(key.sign(&random, message).expect("a key signs").as_ref()),
            Secret::Rsa(key) => {
                let pkcs1 = self
                    .object
                    .get("scheme")
                    .is_some_and(|scheme| scheme.text().contains("pkcs1"));
                let padding: &'static dyn lc::RsaEncoding = if pkcs1 {
                    &lc::RSA_PKCS1_SHA256
                } else {
                    &lc::RSA_PSS_SHA256
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(padding, &random, message, &mut signature)
                    .expect("a key signs");
                hex(&signature)
            }
        }
    }

    /// A P-256 key's point in hexadecimal; `None` for another kind.
    pub fn hex_point(&self) -> Option<String> {
        match &*self.secret {
            Secret::P256(key) => Some(hex(key.public_key().as_ref())),
            Secret::Ed25519(_) | Secret::Rsa(_) => None,
        }
    }

    pub fn keytype(&self) -> &str {
        self.object.get("keytype").map_or("", Json::text)
    }
}

/// SHA-256 of a key's canonical form.
pub fn keyid(object: &Json) -> String {
    sha256(&object.canonical())
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ed25519(seed: u8) -> Key {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let public = hex(secret.verifying_key().as_bytes());
    Key::new(Secret::Ed25519(Box::new(secret)), "ed25519", "ed25519", public)
}

fn p256(seed: u8) -> Key {
    // ECPrivateKey of RFC 5915 without the public key, which is computed.
    let mut der = vec![0x30, 0x31, 2, 1, 1, 4, 0x20];
    der.extend([seed; 32]);
    der.extend([0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    let pair = EcdsaKeyPair::from_private_key_der(&lc::ECDSA_P256_SHA256_ASN1_SIGNING, &der);
    let pair = pair.expect("a number below the order is a key");
    // SubjectPublicKeyInfo of RFC 5480 up to the point.
    let mut spki =
        b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
            .to_vec();
    spki.extend(pair.public_key().as_ref());
    let public = pem(&spki);
    Key::new(Secret::P256(Box::new(pair)), "ecdsa", "ecdsa-sha2-nistp256", public)
}

fn rsa(text: &str) -> Key {
    let body: String = text.lines().skip(2).take_while(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).expect("the file beside this one holds a key");
    let pair = RsaKeyPair::from_pkcs8(&der).expect("the file beside this one holds a key");
    // SubjectPublicKeyInfo of RFC 3279 for a 2048-bit key, up to the RSAPublicKey.
    let mut spki =
        b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00".to_vec();
    spki.extend(pair.public_key().as_ref());
    Key::new(Secret::Rsa(Box::new(pair)), "rsa", "rsassa-pss-sha256", pem(&spki))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}
