//! The envelope that go-tuf and cosign encrypt keys in: JSON, where scrypt stretches the passphrase and NaCl's secretbox
//! (XSalsa20 and Poly1305) encrypts.

use pkcs8::PrivateKeyInfoRef;
use poly1305::{Poly1305, universal_hash::KeyInit as _};
use rootward_tuf::encoding::from_base64;
use salsa20::{
    XSalsa20,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{encryption::is_bearable, json, pem::Kind};
use crate::ports::{Protection, Secret};

/// An envelope whose parameters are bearable.
#[derive(Debug)]
pub(super) struct Secretbox {
    kind: Kind,
    parameters: Parameters,
    salt: Vec<u8>,
    nonce: [u8; 24],
    /// The authenticator, and then what is encrypted.
    sealed: Vec<u8>,
}

/// go-tuf's file around the envelope.
#[derive(Deserialize)]
struct SealedFile {
    data: Envelope,
}

#[derive(Deserialize)]
struct Envelope {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Kdf {
    name: String,
    params: Parameters,
    salt: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Parameters {
    #[serde(rename = "N")]
    n: u64,
    r: u64,
    p: u64,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

const AUTHENTICATOR: usize = 16;

impl Secretbox {
    /// Reads the envelope's JSON; fails saying what was expected.
    pub(super) fn read(text: &[u8], kind: Kind) -> Result<Self, String> {
        let envelope = match kind {
            Kind::GoTuf => serde_json::from_slice(text).map(|SealedFile { data }| data),
            _ => serde_json::from_slice(text),
        };
        let Envelope {
            kdf,
            cipher,
            ciphertext,
        } = envelope.map_err(|why| format!("expected how the key is encrypted, in JSON ({why})"))?;
        let short = |name: &str| name.chars().take(40).collect::<String>();
        if kdf.name != "scrypt" {
            return Err(format!(
                "expected a passphrase stretched by scrypt, found {}",
                short(&kdf.name)
            ));
        }
        if cipher.name != "nacl/secretbox" {
            return Err(format!(
                "expected encryption by nacl/secretbox, found {}",
                short(&cipher.name)
            ));
        }
        is_bearable(kdf.params.n, kdf.params.r, kdf.params.p)?;
        let bytes = |text: &str, what: &str| from_base64(text).ok_or_else(|| format!("expected {what} in base64"));
        let nonce = bytes(&cipher.nonce, "a nonce")?;
        let nonce = nonce.try_into().map_err(|_| "expected a nonce of 24 bytes")?;
        let sealed = bytes(&ciphertext, "what is encrypted")?;
        if sealed.len() <= AUTHENTICATOR {
            return Err("expected an encrypted key, it is cut off".into());
        }
        Ok(Secretbox {
            kind,
            parameters: kdf.params,
            salt: bytes(&kdf.salt, "a salt")?,
            nonce,
            sealed,
        })
    }

    pub(super) fn protection(&self) -> Protection {
        let Parameters { n, r, p } = self.parameters;
        // What is bearable fits.
        let small = |number: u64| u16::try_from(number).unwrap_or(u16::MAX);
        Protection::Scrypt {
            n,
            r: small(r),
            p: small(p),
        }
    }

    /// Decrypts to a PrivateKeyInfo; `None` when the secret is wrong or the file damaged. Fails when what is inside is no
    /// key we know.
    pub(super) fn open(&self, secret: &Secret) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let Some(opened) = self.unsealed(secret)? else {
            return Ok(None);
        };
        if self.kind == Kind::GoTuf {
            return json::pkcs8_of(&opened).map(Some);
        }
        PrivateKeyInfoRef::try_from(opened.as_slice())
            .map_err(|why| format!("the passphrase is right, but inside is no key in PKCS#8 ({why})"))?;
        Ok(Some(opened))
    }

    fn unsealed(&self, secret: &Secret) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let Parameters { n, r, p } = self.parameters;
        let wrong = |_| format!("expected scrypt parameters that make sense, found N = {n}, r = {r}, p = {p}");
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let cost = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
        let parameters = scrypt::Params::new(cost, small(r), small(p)).map_err(wrong)?;
        let mut key = Zeroizing::new([0; 32]);
        scrypt::scrypt(secret.expose(), &self.salt, &parameters, &mut *key)
            .map_err(|_| "expected a key of 32 bytes from scrypt")?;
        let (expected, encrypted) = self.sealed.split_at(AUTHENTICATOR);
        let mut stream = XSalsa20::new((&*key).into(), (&self.nonce).into());
        // The first half of the first block of the key stream authenticates, all after it encrypts.
        let mut once = Zeroizing::new([0; 32]);
        stream.apply_keystream(&mut *once);
        let found = Poly1305::new((&*once).into()).compute_unpadded(encrypted);
        if aws_lc_rs::constant_time::verify_slices_are_equal(&found, expected).is_err() {
            return Ok(None);
        }
        let mut opened = Zeroizing::new(encrypted.to_vec());
        stream.apply_keystream(&mut opened);
        Ok(Some(opened))
    }
}
