//! Keys in the forms that older Notary and OpenSSL wrote: SEC 1 or PKCS#1 inside, encrypted by PEM's own headers.
//!
//! Such a passphrase is stretched by a single round of MD5 (OpenSSL's EVP_BytesToKey): it is read, never written.

use aes::{
    Aes128, Aes256,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7},
};
use cbc::Decryptor;
use der::{
    AnyRef, Decode as _, Encode as _, Sequence, Tag, Tagged as _,
    asn1::{BitStringRef, ObjectIdentifier, OctetStringRef},
};
use des::TdesEde3;
use md5::{Digest as _, Md5};
use pkcs8::{PrivateKeyInfoRef, spki::AlgorithmIdentifierRef};
use rootward_tuf::encoding::from_hex;
use zeroize::Zeroizing;

use super::{json, pem::Kind};
use crate::{
    adapters::private_key::{EC, RSA},
    ports::Secret,
};

/// A block with `DEK-Info`, whose cipher is one we know.
#[derive(Debug)]
pub(super) struct OldLock<'a> {
    kind: Kind,
    cipher: Cipher,
    iv: Vec<u8>,
    encrypted: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    Aes128,
    Aes256,
    TripleDes,
}

impl<'a> OldLock<'a> {
    /// Reads `DEK-Info: AES-256-CBC,1F2E…`; fails saying what was expected.
    pub(super) fn read(kind: Kind, info: &str, encrypted: &'a [u8]) -> Result<Self, String> {
        let (name, iv) = info.split_once(',').ok_or("expected a cipher and its IV in DEK-Info")?;
        let cipher = match name.trim().to_ascii_uppercase().as_str() {
            "AES-128-CBC" => Cipher::Aes128,
            "AES-256-CBC" => Cipher::Aes256,
            "DES-EDE3-CBC" => Cipher::TripleDes,
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(format!(
                    "expected AES-128-CBC, AES-256-CBC or DES-EDE3-CBC in DEK-Info, found {other}"
                ));
            }
        };
        let iv = from_hex(&iv.trim().to_ascii_lowercase()).unwrap_or_default();
        let block = cipher.block_bytes();
        if iv.len() != block {
            return Err(format!("expected an IV of {block} bytes in DEK-Info"));
        }
        if encrypted.is_empty() || !encrypted.len().is_multiple_of(block) {
            return Err(format!("expected encrypted blocks of {block} bytes, one is cut off"));
        }
        Ok(OldLock {
            kind,
            cipher,
            iv,
            encrypted,
        })
    }

    pub(super) fn cipher_name(&self) -> &'static str {
        match self.cipher {
            Cipher::Aes128 => "AES-128-CBC",
            Cipher::Aes256 => "AES-256-CBC",
            Cipher::TripleDes => "DES-EDE3-CBC",
        }
    }

    /// Decrypts to a PrivateKeyInfo; `None` when the secret is wrong, or the file is damaged: nobody can tell.
    pub(super) fn open(&self, secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
        let key = stretched(secret, &self.iv, self.cipher.key_bytes());
        let mut buffer = Zeroizing::new(self.encrypted.to_vec());
        match self.cipher {
            Cipher::Aes128 => decrypt::<Decryptor<Aes128>>(&key, &self.iv, &mut buffer)?,
            Cipher::Aes256 => decrypt::<Decryptor<Aes256>>(&key, &self.iv, &mut buffer)?,
            Cipher::TripleDes => decrypt::<Decryptor<TdesEde3>>(&key, &self.iv, &mut buffer)?,
        };
        // One wrong secret in 256 leaves valid padding, but no key.
        pkcs8_of(self.kind, &buffer).ok()
    }
}

impl Cipher {
    fn block_bytes(self) -> usize {
        match self {
            Cipher::Aes128 | Cipher::Aes256 => 16,
            Cipher::TripleDes => 8,
        }
    }

    fn key_bytes(self) -> usize {
        match self {
            Cipher::Aes128 => 16,
            Cipher::TripleDes => 24,
            Cipher::Aes256 => 32,
        }
    }
}

/// EVP_BytesToKey with MD5, one round, and the first 8 bytes of the IV as its salt.
fn stretched(secret: &Secret, iv: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let salt = &iv[..iv.len().min(8)];
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    while key.len() < length {
        let mut digest = Md5::new();
        if let Some(last) = key.len().checked_sub(16) {
            digest.update(&key[last..]);
        }
        digest.update(secret.expose());
        digest.update(salt);
        let block: Zeroizing<[u8; 16]> = Zeroizing::new(digest.finalize().into());
        key.extend_from_slice(&*block);
    }
    key.truncate(length);
    key
}

/// Decrypts in place and cuts the padding off.
fn decrypt<D: BlockModeDecrypt + KeyIvInit>(key: &[u8], iv: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
    let length = D::new_from_slices(key, iv)
        .ok()?
        .decrypt_padded::<Pkcs7>(buffer)
        .ok()?
        .len();
    buffer.truncate(length);
    Some(())
}

#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    curve: Option<ObjectIdentifier>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}

/// Wraps a private key of any form we read into a PrivateKeyInfo (PKCS#8); fails saying what was expected.
pub(super) fn pkcs8_of(kind: Kind, der: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let wrap = |algorithm, parameters| {
        let key = OctetStringRef::new(der).map_err(|error| error.to_string())?;
        let info = PrivateKeyInfoRef::new(
            AlgorithmIdentifierRef {
                oid: algorithm,
                parameters: Some(parameters),
            },
            key,
        );
        let wrapped = info.to_der().map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(wrapped))
    };
    match kind {
        Kind::Private | Kind::Encrypted => {
            PrivateKeyInfoRef::try_from(der).map_err(|error| format!("expected PKCS#8 ({error})"))?;
            Ok(Zeroizing::new(der.to_vec()))
        }
        Kind::Sec1 => {
            let key = EcPrivateKey::from_der(der).map_err(|error| format!("expected a key as in SEC 1 ({error})"))?;
            let curve = key.curve.ok_or("expected a key that names its curve")?;
            wrap(EC, AnyRef::from(&curve))
        }
        Kind::Pkcs1 => match AnyRef::from_der(der) {
            Ok(key) if key.tag() == Tag::Sequence => wrap(RSA, AnyRef::NULL),
            _ => Err("expected a key as in PKCS#1".into()),
        },
        Kind::Json => json::pkcs8_of(der),
        Kind::Sigstore | Kind::GoTuf | Kind::Python => Err("expected a key that was decrypted".into()),
        Kind::Public | Kind::PublicJson | Kind::Certificate => Err("expected a private key".into()),
    }
}
