//! The encrypted form of securesystemslib (python-tuf, in-toto): five fields in hexadecimal, `@@@@` between them.
//!
//! PBKDF2 stretches the passphrase to one key, which encrypts by AES-256-CTR and authenticates by HMAC-SHA-256.

use std::num::NonZeroU32;

use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    hmac,
    iv::FixedLength,
    pbkdf2,
};
use rootward_tuf::encoding::from_hex;
use zeroize::Zeroizing;

use super::{encryption::are_bearable, json};
use crate::ports::{Protection, Secret};

const BETWEEN: &str = "@@@@";

/// A key encrypted so, whose parameters are bearable.
#[derive(Debug)]
pub(super) struct PythonLock {
    salt: Vec<u8>,
    rounds: NonZeroU32,
    authenticator: Vec<u8>,
    iv: [u8; 16],
    encrypted: Vec<u8>,
}

/// Whether a file is of this form.
pub(super) fn is_sealed(text: &[u8]) -> bool {
    text.windows(BETWEEN.len()).any(|window| window == BETWEEN.as_bytes())
}

impl PythonLock {
    /// Reads the five fields; fails saying what was expected.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|_| "expected text")?.trim();
        let fields: Vec<&str> = text.split(BETWEEN).take(6).collect();
        let [salt, rounds, authenticator, iv, encrypted] = fields[..] else {
            return Err(format!(
                "expected five fields with {BETWEEN} between them, found {}",
                fields.len()
            ));
        };
        let bytes = |field: &str, what: &str| {
            from_hex(field)
                .filter(|bytes| !bytes.is_empty())
                .ok_or_else(|| format!("expected {what} in hexadecimal"))
        };
        let rounds: u32 = rounds.parse().map_err(|_| "expected a number of rounds of PBKDF2")?;
        are_bearable(rounds)?;
        Ok(PythonLock {
            salt: bytes(salt, "a salt")?,
            rounds: NonZeroU32::new(rounds).ok_or("expected a round of PBKDF2")?,
            authenticator: bytes(authenticator, "an HMAC")?,
            iv: bytes(iv, "an IV")?
                .try_into()
                .map_err(|_| "expected an IV of 16 bytes")?,
            encrypted: bytes(encrypted, "an encrypted key")?,
        })
    }

    pub(super) fn protection(&self) -> Protection {
        Protection::Pbkdf2 {
            hash: "SHA-256",
            rounds: self.rounds.get(),
        }
    }

    /// Decrypts to a PrivateKeyInfo; `None` when the secret is wrong or the file damaged. Fails when what is inside is no
    /// key we know.
    pub(super) fn open(&self, secret: &Secret) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let mut key = Zeroizing::new([0; 32]);
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            self.rounds,
            &self.salt,
            secret.expose(),
            &mut *key,
        );
        let authenticates = hmac::Key::new(hmac::HMAC_SHA256, &*key);
        if hmac::verify(&authenticates, &self.encrypted, &self.authenticator).is_err() {
            return Ok(None);
        }
        let mut opened = Zeroizing::new(self.encrypted.clone());
        let failed = |_| "its cryptography failed";
        let key = UnboundCipherKey::new(&AES_256, &*key).map_err(failed)?;
        DecryptingKey::ctr(key)
            .and_then(|key| {
                key.decrypt(&mut opened, DecryptionContext::Iv128(FixedLength::from(self.iv)))
                    .map(drop)
            })
            .map_err(failed)?;
        json::pkcs8_of(&opened).map(Some)
    }
}
