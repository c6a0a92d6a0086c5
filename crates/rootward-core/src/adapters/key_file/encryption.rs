//! Passphrases: PKCS#8 with PBES2, where scrypt or PBKDF2 makes the key and AES-CBC encrypts; an older form, or another
//! program's.
//!
//! The file says how much work opening it is, so a hostile file could ask for hours or all memory: more than
//! [`MOST_MEMORY`] and [`MOST_ROUNDS`] is refused before anybody is asked for a passphrase.

use der::Encode;
use pkcs8::{
    EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
    pkcs5::{
        EncryptionScheme,
        pbes2::{self, Kdf, Pbkdf2Params, Pbkdf2Prf, ScryptParams},
    },
};
use zeroize::Zeroizing;

use super::{
    older::OldLock,
    pem::{Block, Kind},
    python::PythonLock,
    secretbox::Secretbox,
};
use crate::ports::{KdfCost, Protection, Random, Secret};

/// Bytes scrypt may take.
const MOST_MEMORY: u64 = 1 << 30;
/// Blocks scrypt may mix in all (`N · r · p`).
const MOST_BLOCKS: u64 = 1 << 24;
/// Rounds of PBKDF2 in what is written for Notary: two hundred times Notary's own, and still no wait.
const ROUNDS_FOR_NOTARY: u32 = 600_000;
/// Rounds PBKDF2 may take.
const MOST_ROUNDS: u32 = 10_000_000;

/// What stands between a block and its key.
#[derive(Debug)]
pub(super) enum Lock<'a> {
    Pbes2(Locked<'a>),
    Older(OldLock<'a>),
    Secretbox(Secretbox),
    Python(PythonLock),
}

impl<'a> Lock<'a> {
    /// The lock of a private block; `None` when it is not encrypted. Fails saying what was expected.
    pub(super) fn of(block: &'a Block) -> Result<Option<Self>, String> {
        match (block.kind, block.header("DEK-Info")) {
            (Kind::Encrypted, _) => Locked::read(&block.body).map(Lock::Pbes2).map(Some),
            (kind @ (Kind::Sigstore | Kind::GoTuf), _) => {
                Secretbox::read(&block.body, kind).map(Lock::Secretbox).map(Some)
            }
            (Kind::Python, _) => PythonLock::read(&block.body).map(Lock::Python).map(Some),
            (kind, Some(info)) => OldLock::read(kind, info, &block.body).map(Lock::Older).map(Some),
            (_, None) => Ok(None),
        }
    }

    /// Decrypts to a PrivateKeyInfo; `None` when the secret is wrong. Fails when the secret is right and something else
    /// than a key we know is inside; only forms that prove the secret can tell.
    pub(super) fn open(&self, secret: &Secret) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        match self {
            Lock::Pbes2(lock) => Ok(lock.open(secret)),
            Lock::Older(lock) => Ok(lock.open(secret)),
            Lock::Secretbox(lock) => lock.open(secret),
            Lock::Python(lock) => lock.open(secret),
        }
    }

    pub(super) fn protection(&self) -> Protection {
        match self {
            Lock::Pbes2(lock) => lock.protection(),
            Lock::Older(lock) => Protection::OneRoundOfMd5 {
                cipher: lock.cipher_name(),
            },
            Lock::Secretbox(lock) => lock.protection(),
            Lock::Python(lock) => lock.protection(),
        }
    }
}

/// An encrypted key whose parameters are bearable.
#[derive(Debug)]
pub(super) struct Locked<'a> {
    parameters: pbes2::Parameters,
    encrypted: &'a [u8],
}

impl<'a> Locked<'a> {
    /// Reads an EncryptedPrivateKeyInfo; fails saying what was expected.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, String> {
        let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|error| {
            format!("expected PKCS#8 encrypted with PBES2, scrypt or PBKDF2, and AES-CBC ({error})")
        })?;
        let EncryptionScheme::Pbes2(parameters) = info.encryption_algorithm else {
            return Err("expected encryption with PBES2, found PBES1, which is no protection any more".into());
        };
        match &parameters.kdf {
            Kdf::Scrypt(scrypt) => is_bearable(
                scrypt.cost_parameter,
                u64::from(scrypt.block_size),
                u64::from(scrypt.parallelization),
            )?,
            Kdf::Pbkdf2(pbkdf2) => {
                are_bearable(pbkdf2.iteration_count)?;
                is_known(pbkdf2.prf)?;
            }
            _ => return Err("expected scrypt or PBKDF2".into()),
        }
        if !matches!(
            parameters.encryption,
            pbes2::EncryptionScheme::Aes128Cbc { .. } | pbes2::EncryptionScheme::Aes256Cbc { .. }
        ) {
            return Err("expected AES-128-CBC or AES-256-CBC".into());
        }
        Ok(Locked {
            parameters,
            encrypted: info.encrypted_data.as_bytes(),
        })
    }

    fn protection(&self) -> Protection {
        match &self.parameters.kdf {
            Kdf::Scrypt(scrypt) => Protection::Scrypt {
                n: scrypt.cost_parameter,
                r: scrypt.block_size,
                p: scrypt.parallelization,
            },
            Kdf::Pbkdf2(pbkdf2) => Protection::Pbkdf2 {
                hash: match pbkdf2.prf {
                    Pbkdf2Prf::HmacWithSha1 => "SHA-1",
                    Pbkdf2Prf::HmacWithSha384 => "SHA-384",
                    Pbkdf2Prf::HmacWithSha512 => "SHA-512",
                    _ => "SHA-256",
                },
                rounds: pbkdf2.iteration_count,
            },
            // Refused by `read`.
            _ => Protection::Open,
        }
    }

    /// Decrypts a PrivateKeyInfo; `None` when the secret is wrong.
    pub(super) fn open(&self, secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(self.encrypted.to_vec());
        let length = self
            .parameters
            .decrypt_in_place(secret.expose(), &mut buffer)
            .ok()?
            .len();
        buffer.truncate(length);
        // One wrong secret in 256 leaves valid padding, but no key.
        if PrivateKeyInfoRef::try_from(buffer.as_slice()).is_err() {
            say_first_version(&mut buffer)?;
            PrivateKeyInfoRef::try_from(buffer.as_slice()).ok()?;
        }
        Some(buffer)
    }
}

/// Notary says version 2 in its keys and leaves out the public key that makes it one (RFC 5958, 2): they are of version 1.
///
/// `None` when the bytes say no version 2 where a PrivateKeyInfo says it.
fn say_first_version(der: &mut [u8]) -> Option<()> {
    let behind_length = match der.get(1)? {
        0..=0x7f => 2,
        0x81 => 3,
        0x82 => 4,
        _ => return None,
    };
    let version = der.get_mut(behind_length..behind_length + 3)?;
    if version != [2, 1, 1] {
        return None;
    }
    version[2] = 0;
    Some(())
}

/// Encrypts a PrivateKeyInfo with scrypt and AES-256-CBC.
pub(super) fn encrypt(
    der: &[u8],
    secret: &Secret,
    cost: KdfCost,
    random: &dyn Random,
) -> Result<Vec<u8>, pkcs8::Error> {
    let (cost_parameter, parallelization) = match cost {
        KdfCost::Standard => (1 << 14, 5),
        KdfCost::Practice => (1 << 12, 1),
    };
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random.fill(&mut salt);
    random.fill(&mut iv);
    let kdf = ScryptParams {
        salt: pbes2::Salt::new(salt)?,
        cost_parameter,
        block_size: 8,
        parallelization,
        key_length: None,
    };
    encrypt_with(der, secret, kdf.into(), iv)
}

/// Encrypts a PrivateKeyInfo as Notary reads it, whose only PBKDF2 is over HMAC-SHA-1: its passphrase is stretched all the
/// longer.
pub(super) fn encrypt_for_notary(der: &[u8], secret: &Secret, random: &dyn Random) -> Result<Vec<u8>, pkcs8::Error> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random.fill(&mut salt);
    random.fill(&mut iv);
    let kdf = Pbkdf2Params {
        salt: pbes2::Salt::new(salt)?,
        iteration_count: ROUNDS_FOR_NOTARY,
        key_length: None,
        prf: Pbkdf2Prf::HmacWithSha1,
    };
    encrypt_with(der, secret, kdf.into(), iv)
}

fn encrypt_with(der: &[u8], secret: &Secret, kdf: Kdf, iv: [u8; 16]) -> Result<Vec<u8>, pkcs8::Error> {
    let parameters = pbes2::Parameters {
        kdf,
        encryption: pbes2::EncryptionScheme::Aes256Cbc { iv },
    };
    let encrypted = parameters.encrypt(secret.expose(), der)?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: der::asn1::OctetStringRef::new(&encrypted)?,
    };
    Ok(info.to_der()?)
}

/// Refuses scrypt parameters that make no sense, or cost more than a person would wait for.
pub(super) fn is_bearable(n: u64, r: u64, p: u64) -> Result<(), String> {
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
        return Err(format!(
            "expected scrypt parameters that make sense, found N = {n}, r = {r}, p = {p}"
        ));
    }
    let blocks = n.saturating_mul(r);
    if blocks.saturating_mul(128) > MOST_MEMORY || blocks.saturating_mul(p) > MOST_BLOCKS {
        return Err(format!(
            "opening it takes more than a GiB of memory or minutes (scrypt N = {n}, r = {r}, p = {p})"
        ));
    }
    Ok(())
}

/// Refuses a number of PBKDF2's rounds that makes no sense, or that takes more than a person would wait for.
pub(super) fn are_bearable(rounds: u32) -> Result<(), String> {
    if rounds == 0 || rounds > MOST_ROUNDS {
        return Err(format!("expected 1 to {MOST_ROUNDS} rounds of PBKDF2, found {rounds}"));
    }
    Ok(())
}

fn is_known(prf: Pbkdf2Prf) -> Result<(), String> {
    match prf {
        Pbkdf2Prf::HmacWithSha1 | Pbkdf2Prf::HmacWithSha256 | Pbkdf2Prf::HmacWithSha384 | Pbkdf2Prf::HmacWithSha512 => {
            Ok(())
        }
        _ => Err("expected PBKDF2 with SHA-1, SHA-256, SHA-384 or SHA-512".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrypt(cost_parameter: u64, block_size: u16, parallelization: u16) -> Kdf {
        Kdf::Scrypt(ScryptParams {
            salt: pbes2::Salt::new([0; 8]).unwrap(),
            cost_parameter,
            block_size,
            parallelization,
            key_length: None,
        })
    }

    fn pbkdf2(iteration_count: u32) -> Kdf {
        Kdf::Pbkdf2(Pbkdf2Params {
            salt: pbes2::Salt::new([0; 8]).unwrap(),
            iteration_count,
            key_length: None,
            prf: Pbkdf2Prf::HmacWithSha1,
        })
    }

    #[test]
    fn a_file_cannot_ask_for_hours_or_all_memory() {
        let cases = [
            (scrypt(1 << 17, 8, 1), true),
            (scrypt(1 << 20, 8, 1), true),
            (scrypt(1 << 21, 8, 1), false),
            (scrypt(1 << 20, 8, 200), false),
            (scrypt(1 << 63, 65535, 65535), false),
            (scrypt(0, 8, 1), false),
            (scrypt(3, 8, 1), false),
            (scrypt(16, 0, 1), false),
            (scrypt(16, 1, 0), false),
            (pbkdf2(2048), true),
            (pbkdf2(MOST_ROUNDS), true),
            (pbkdf2(MOST_ROUNDS + 1), false),
            (pbkdf2(0), false),
        ];
        for (kdf, is_bearable) in cases {
            let parameters = pbes2::Parameters {
                kdf: kdf.clone(),
                encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] },
            };
            let info = EncryptedPrivateKeyInfoRef {
                encryption_algorithm: parameters.into(),
                encrypted_data: der::asn1::OctetStringRef::new(&[0; 16]).unwrap(),
            };
            let der = info.to_der().unwrap();
            assert_eq!(
                Locked::read(&der).is_ok(),
                is_bearable,
                "{kdf:?}: {:?}",
                Locked::read(&der).err()
            );
        }
        assert!(Locked::read(b"").is_err() && Locked::read(&[0x30; 64]).is_err());
    }
}
