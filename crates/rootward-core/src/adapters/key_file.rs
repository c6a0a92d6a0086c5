//! Private keys in files: PKCS#8, SEC 1 and PKCS#1 in PEM, encrypted or not, also with the headers Notary writes; and the
//! files of cosign, go-tuf and securesystemslib (python-tuf).

mod copying;
mod encryption;
mod json;
mod keychain;
mod older;
mod pem;
mod python;
mod secretbox;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rootward_tuf::{
    Dialect, Key, PublicKey, Signature,
    dialect::notary::{Certificate, notary_certificate},
};
use zeroize::Zeroizing;

pub use self::keychain::{Keychain, KeychainKey};
use self::{
    encryption::Lock,
    pem::{Block, Kind},
};
use crate::{
    adapters::{
        private_key::{self, PrivateKey},
        signing::{self, cannot_sign},
    },
    ports::{
        CertificateTerms, Disk, Failure, KdfCost, KeyCopy, KeyFacts, KeyReference, Keys, Message, NewKey, Prompt,
        PromptRequest, Protection, Random, Secret, Signer,
    },
};

const LONGEST: u64 = 64 << 10;
const TRIES: usize = 3;

/// Keys in files.
pub struct KeyFiles {
    disk: Arc<dyn Disk>,
    random: Arc<dyn Random>,
}

impl KeyFiles {
    pub fn new(disk: Arc<dyn Disk>, random: Arc<dyn Random>) -> Self {
        KeyFiles { disk, random }
    }

    fn read(&self, path: &Path) -> Result<Vec<Block>, Failure> {
        let text = self.disk.read(path, LONGEST).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::fault("key-not-found", format!("{} is not there", path.display()))
                .with("file", path.display().to_string()),
            _ => unreadable(path, &error.to_string()),
        })?;
        blocks_of(&Zeroizing::new(text)).map_err(|why| unreadable(path, &why))
    }

    /// Opens the private key of a file, and gives its PrivateKeyInfo as well.
    fn opened(
        &self,
        path: &Path,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<(PrivateKey, Zeroizing<Vec<u8>>), Failure> {
        let blocks = self.read(path)?;
        let Some(block) = private_of(path, &blocks)? else {
            let message = format!("{} holds only a public key, expected a private one", path.display());
            return Err(Failure::refusal("key-cannot-sign", message).with("file", path.display().to_string()));
        };
        let claimed = self.beside(path)?;
        // What cannot be decrypted with any passphrase is said before anybody types one.
        let (key, der) = match Lock::of(block).map_err(|why| unreadable(path, &why))? {
            Some(lock) => unlocked(path, &lock, prompt, request)?,
            None => plain(path, block)?,
        };
        if claimed.is_some_and(|claimed| claimed.physical() != key.public().physical()) {
            let message = format!(
                "{} is not the public half of the key beside it",
                public_half(path).display()
            );
            return Err(Failure::refusal("expected-other-key", message)
                .with("file", path.display().to_string())
                .with("found", key.public().physical().to_string()));
        }
        Ok((key, der))
    }

    /// The public key claimed by the file beside it; `None` when there is none.
    fn beside(&self, path: &Path) -> Result<Option<PublicKey>, Failure> {
        for beside in [Some(public_half(path)), public_half_of_cosign(path)]
            .into_iter()
            .flatten()
        {
            match self.read(&beside) {
                Ok(blocks) => return Ok(Some(public_of(&beside, &blocks)?)),
                Err(failure) if failure.code == "key-not-found" => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(None)
    }
}

impl Keys for KeyFiles {
    fn inspect(&self, reference: &KeyReference) -> Result<KeyFacts, Failure> {
        let path = file(reference)?;
        let blocks = self.read(path)?;
        let private = private_of(path, &blocks)?;
        let lock = match private {
            Some(block) => Lock::of(block).map_err(|why| unreadable(path, &why))?,
            None => None,
        };
        let public = match (private, &lock) {
            (None, _) => Some(public_of(path, &blocks)?),
            (Some(_), Some(_)) => self.beside(path)?,
            (Some(block), None) => Some(plain(path, block)?.0.public().clone()),
        };
        let protection = lock.as_ref().map_or(Protection::Open, Lock::protection);
        Ok(KeyFacts {
            reference: reference.clone(),
            public,
            encrypted: lock.is_some(),
            touches: false,
            protection: private.map(|_| protection),
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
            headers: private.map(|block| block.headers.clone()).unwrap_or_default(),
            may_sign_root: true,
        })
    }

    fn open(
        &self,
        reference: &KeyReference,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        let (key, _) = self.opened(file(reference)?, prompt, request)?;
        Ok(Box::new(FileSigner { key }))
    }

    fn create(&self, path: &Path, kind: NewKey, secret: &Secret, cost: KdfCost) -> Result<PublicKey, Failure> {
        self.is_free(&[path, &public_half(path)])?;
        let (key, der) = private_key::generate(kind).map_err(|why| not_made(path, &why))?;
        let encrypted = encryption::encrypt(&der, secret, cost, &*self.random).map_err(|why| not_made(path, &why))?;
        self.write_ours(path, key.public(), &encrypted)?;
        Ok(key.public().clone())
    }

    fn copy(
        &self,
        from: &KeyReference,
        to: &dyn Fn(&PublicKey) -> Result<KeyCopy, Failure>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        self.copied(file(from)?, to, prompt, request)
    }
}

fn file(reference: &KeyReference) -> Result<&Path, Failure> {
    match reference {
        KeyReference::File(path) => Ok(path),
        KeyReference::YubiKey(at) => Err(no_file(&at.label())),
        KeyReference::Pkcs11(at) => Err(no_file(&at.label())),
        KeyReference::Keychain(name) => Err(no_file(&format!("{name} in the keychain"))),
    }
}

fn no_file(label: &str) -> Failure {
    Failure::fault("bad-usage", format!("expected a key file, got {label}"))
}

/// Asks for the passphrase until it fits, three times at most.
fn unlocked(
    path: &Path,
    lock: &Lock<'_>,
    prompt: &dyn Prompt,
    request: &PromptRequest,
) -> Result<(PrivateKey, Zeroizing<Vec<u8>>), Failure> {
    let mut request = request.clone();
    for left in (0..TRIES).rev() {
        let secret = prompt.ask(&request)?;
        if let Some(der) = lock.open(&secret).map_err(|why| unreadable(path, &why))? {
            let key = PrivateKey::read(&der).map_err(|why| unreadable(path, &why))?;
            return Ok((key, der));
        }
        let times = if left == 1 {
            "one try is left".into()
        } else {
            format!("{left} tries are left")
        };
        request.notice = Some(format!("That is not the passphrase of this key; {times}."));
    }
    let message = format!("none of {TRIES} passphrases opens {}", path.display());
    Err(Failure::interruption("wrong-passphrase", message).with("file", path.display().to_string()))
}

fn plain(path: &Path, block: &Block) -> Result<(PrivateKey, Zeroizing<Vec<u8>>), Failure> {
    older::pkcs8_of(block.kind, &block.body)
        .and_then(|der| Ok((PrivateKey::read(&der)?, der)))
        .map_err(|why| unreadable(path, &why))
}

/// The only private key in a file; `None` when there is none.
fn private_of<'a>(path: &Path, blocks: &'a [Block]) -> Result<Option<&'a Block>, Failure> {
    let mut private = blocks.iter().filter(|block| block.is_private());
    let first = private.next();
    match private.count() {
        0 => Ok(first),
        more => Err(unreadable(
            path,
            &format!("expected one private key, found {}", more + 1),
        )),
    }
}

fn public_of(path: &Path, blocks: &[Block]) -> Result<PublicKey, Failure> {
    let mut public = blocks.iter().filter_map(|block| match block.kind {
        Kind::Public => Some(PublicKey::from_spki_der(&block.body).map_err(|problem| problem.to_string())),
        Kind::Certificate => Some(PublicKey::from_certificate(&block.body).map_err(|problem| problem.to_string())),
        Kind::PublicJson => Some(json::public_of(&block.body)),
        Kind::Encrypted
        | Kind::Private
        | Kind::Sec1
        | Kind::Pkcs1
        | Kind::Sigstore
        | Kind::GoTuf
        | Kind::Python
        | Kind::Json => None,
    });
    let (Some(first), None) = (public.next(), public.next()) else {
        return Err(unreadable(path, "expected one key"));
    };
    first.map_err(|why| unreadable(path, &why))
}

/// Every key in a file, by the form that its first bytes show; fails saying what was expected.
fn blocks_of(text: &[u8]) -> Result<Vec<Block>, String> {
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => json::read(text),
        Some(byte) if byte.is_ascii_hexdigit() && python::is_sealed(text) => Ok(vec![Block::bare(Kind::Python, text)]),
        _ => pem::read(text),
    }
}

/// `officer-1.pem` → `officer-1.pem.pub`.
fn public_half(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    name.into()
}

/// `cosign.key` → `cosign.pub`.
fn public_half_of_cosign(path: &Path) -> Option<PathBuf> {
    let is_key = path.extension().is_some_and(|ending| ending == "key");
    is_key.then(|| path.with_extension("pub"))
}

fn not_made(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::fault("disk-failed", format!("{} cannot be made: {why}", path.display()))
        .with("file", path.display().to_string())
}

fn unreadable(path: &Path, why: &str) -> Failure {
    Failure::fault(
        "key-file-unreadable",
        format!("{} cannot be used as a key: {why}", path.display()),
    )
    .with("file", path.display().to_string())
}

/// An opened key; wiped when dropped.
struct FileSigner {
    key: PrivateKey,
}

impl Signer for FileSigner {
    fn public(&self) -> &PublicKey {
        self.key.public()
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        let signed = || {
            let signed = self.key.sign(message.bytes(), message.dialect());
            signed.map_err(|why| cannot_sign(key, why))
        };
        let held = self.key.public().physical();
        signing::sign(held, "this file", &message, key, signed, |why| cannot_sign(key, why))
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let refuse = |why: &dyn std::fmt::Display| {
            Failure::refusal(
                "key-cannot-sign",
                format!("the key signs no certificate for {}: {why}", terms.gun),
            )
        };
        let key = &self.key;
        // A signature that could not be made is empty, and the certificate is refused for it.
        let sign = |bytes: &[u8]| key.sign(bytes, Dialect::Notary).unwrap_or_default();
        notary_certificate(
            &terms.gun,
            key.public(),
            terms.not_before,
            terms.not_after,
            terms.serial,
            sign,
        )
        .map_err(|why| refuse(&why))
    }
}

#[cfg(test)]
mod tests;
