//! What one core of this machine can do: reading, parsing into borrowed fields, hashing, verifying. The floor of a row is
//! added up from these, measured in the same minutes as the row.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use aws_lc_rs::digest::{self, SHA256, SHA512};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::stopwatch::cpu_ns;

/// Nanoseconds of processor time, each the median of a few tries.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Limits {
    /// For a byte of a large file from the page cache.
    pub read: f64,
    /// For a byte of JSON parsed into typed fields that borrow from it.
    pub parse: f64,
    /// For a byte of JSON written from such fields.
    pub write: f64,
    pub sha256: f64,
    pub sha512: f64,
    /// For one signature over a short message, the key ready for use.
    pub ed25519: f64,
    pub p256: f64,
    pub rsa2048: f64,
    pub ed25519_signing: f64,
    /// For a small file opened, read and closed.
    pub file: f64,
}

const TRIES: usize = 5;
const SIGNATURES: usize = 200;
const MESSAGE: [u8; 200] = [3; 200];

impl Limits {
    /// Measures with the large targets document `large` and the small files in `small`.
    pub fn measured(large: &Path, small: &Path) -> Limits {
        let bytes = fs::read(large).expect("the large document is there");
        let read = |bytes| serde_json::from_slice::<Large>(bytes).expect("a targets document");
        let parsed = read(&bytes);
        let per_byte = bytes.len() as f64;
        let small: Vec<_> = fs::read_dir(small)
            .expect("the folder of small files is there")
            .map(|entry| entry.expect("a folder can be read to its end").path())
            .collect();
        let each_small = || small.iter().map(fs::read).filter(Result::is_ok).count();
        Limits {
            read: median(per_byte, || fs::read(large).is_ok()),
            parse: median(per_byte, || read(&bytes).signed.targets.0.len()),
            write: median(per_byte, || serde_json::to_vec(&parsed).map(|text| text.len()).ok()),
            sha256: median(per_byte, || digest::digest(&SHA256, &bytes)),
            sha512: median(per_byte, || digest::digest(&SHA512, &bytes)),
            file: median((small.len() * 10) as f64, || {
                (0..10).map(|_| each_small()).sum::<usize>()
            }),
            ..Limits::of_signatures()
        }
    }

    fn of_signatures() -> Limits {
        let random = SystemRandom::new();
        let signing = SigningKey::from_bytes(&[9; 32]);
        let (verifying, signature) = (signing.verifying_key(), signing.sign(&MESSAGE));
        let p256 = EcdsaKeyPair::generate(&lc::ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key can be made");
        let p256_signature = p256.sign(&random, &MESSAGE).expect("a key signs");
        let p256 = UnparsedPublicKey::new(&lc::ECDSA_P256_SHA256_ASN1, p256.public_key().as_ref().to_vec());
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        let mut rsa_signature = vec![0; rsa.public_modulus_len()];
        rsa.sign(&lc::RSA_PSS_SHA256, &random, &MESSAGE, &mut rsa_signature)
            .expect("a key signs");
        let rsa = rsa.public_key().as_der().expect("a public key has a DER form");
        let rsa = UnparsedPublicKey::new(&lc::RSA_PSS_2048_8192_SHA256, rsa.as_ref().to_vec());
        let each = |work: &dyn Fn() -> bool| {
            median(SIGNATURES as f64, || {
                assert!((0..SIGNATURES).all(|_| work()));
            })
        };
        Limits {
            ed25519: each(&|| verifying.verify(black_box(&MESSAGE), &signature).is_ok()),
            p256: each(&|| p256.verify(black_box(&MESSAGE), p256_signature.as_ref()).is_ok()),
            rsa2048: each(&|| rsa.verify(black_box(&MESSAGE), &rsa_signature).is_ok()),
            ed25519_signing: each(&|| signing.sign(black_box(&MESSAGE)) == signature),
            ..Limits::default()
        }
    }
}

fn median<T>(units: f64, mut work: impl FnMut() -> T) -> f64 {
    let mut tries: Vec<u64> = (0..TRIES)
        .map(|_| {
            let begun = cpu_ns();
            black_box(work());
            cpu_ns() - begun
        })
        .collect();
    tries.sort_unstable();
    tries[TRIES / 2] as f64 / units
}

#[derive(Serialize, Deserialize)]
struct Large<'a> {
    #[serde(borrow)]
    signed: Signed<'a>,
}

#[derive(Serialize, Deserialize)]
struct Signed<'a> {
    #[serde(borrow)]
    targets: Entries<'a>,
}

/// A map as the pairs it is written as.
struct Entries<'a>(Vec<(&'a str, Entry<'a>)>);

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    hashes: Digests<'a>,
    length: u64,
}

#[derive(Serialize, Deserialize)]
struct Digests<'a> {
    sha256: &'a str,
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Entries<'de>;
            fn expecting(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
                to.write_str("targets")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Entries(pairs))
            }
        }
        from.deserialize_map(Pairs)
    }
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(path, entry)| (path, entry)))
    }
}
