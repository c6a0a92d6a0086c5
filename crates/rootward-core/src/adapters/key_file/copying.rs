//! A private key goes from one file into another: another form, another passphrase, the same key.

use std::{io, path::Path};

use rootward_tuf::{Algorithm, Key, PublicKey};

use super::{KeyFiles, TRIES, encryption, not_made, pem, public_half};
use crate::{
    adapters::private_key::PrivateKey,
    ports::{Failure, KdfCost, KeyCopy, KeyForm, Prompt, PromptRequest, Secret, Wanted},
};

/// Notary takes none that is shorter, and neither do we.
const SHORTEST: usize = 8;

impl KeyFiles {
    /// Copies the key in `from`; see [`crate::ports::Keys::copy`].
    pub(super) fn copied(
        &self,
        from: &Path,
        to: &dyn Fn(&PublicKey) -> Result<KeyCopy, Failure>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        let (key, der) = self.opened(from, prompt, request)?;
        let KeyCopy { path, form } = to(key.public())?;
        // Everything that can be refused is, before a person thinks of a passphrase.
        match &form {
            KeyForm::Ours => self.is_free(&[&path, &public_half(&path)])?,
            KeyForm::Notary { .. } => {
                self.is_free(&[&path])?;
                fits_notary(&key)?;
            }
        }
        let secret = agreed(prompt, request)?;
        let made = |why: pkcs8::Error| not_made(&path, &why);
        match form {
            KeyForm::Ours => {
                let encrypted = encryption::encrypt(&der, &secret, KdfCost::Standard, &*self.random).map_err(made)?;
                self.write_ours(&path, key.public(), &encrypted)?;
            }
            KeyForm::Notary { role, gun } => {
                let encrypted = encryption::encrypt_for_notary(&der, &secret, &*self.random).map_err(made)?;
                let id = Key::new_notary_bare(key.public()).keyid().to_string();
                let mut headers = vec![("role", role.as_str()), ("path", id.as_str())];
                headers.extend(gun.as_deref().map(|gun| ("gun", gun)));
                headers.sort_unstable();
                let text = pem::write_headed("ENCRYPTED PRIVATE KEY", &headers, &encrypted);
                self.disk
                    .write(&path, text.as_bytes(), true)
                    .map_err(|why| not_made(&path, &why))?;
            }
        }
        Ok(key.public().clone())
    }

    /// Refuses to write over anything.
    pub(super) fn is_free(&self, files: &[&Path]) -> Result<(), Failure> {
        for file in files {
            match self.disk.read(file, 0) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                _ => {
                    let message = format!("{} is there already; keys are never overwritten", file.display());
                    return Err(Failure::refusal("bad-usage", message).with("file", file.display().to_string()));
                }
            }
        }
        Ok(())
    }

    /// Writes a key of our own form. The public half first: a key without it can be used, half a key cannot.
    pub(super) fn write_ours(&self, path: &Path, public: &PublicKey, encrypted: &[u8]) -> Result<(), Failure> {
        let beside = public_half(path);
        let text = pem::write("ENCRYPTED PRIVATE KEY", encrypted);
        self.disk
            .write(&beside, public.spki_pem().as_bytes(), false)
            .and_then(|()| self.disk.write(path, text.as_bytes(), true))
            .map_err(|why| not_made(path, &why))
    }
}

/// Refuses kinds of keys that Notary's command line does not read in PKCS#8 as everybody writes it.
fn fits_notary(key: &PrivateKey) -> Result<(), Failure> {
    match key.public().algorithm() {
        Algorithm::EcdsaP256 | Algorithm::EcdsaP384 | Algorithm::Rsa => Ok(()),
        other => {
            let message = format!(
                "Notary's command line reads ECDSA and RSA keys in this form, and this is {}",
                other.as_str()
            );
            Err(Failure::refusal("key-cannot-leave", message))
        }
    }
}

/// Asks for a new passphrase and then once more, until both are the same and long enough; three times at most.
fn agreed(prompt: &dyn Prompt, request: &PromptRequest) -> Result<Secret, Failure> {
    let mut request = PromptRequest {
        notice: None,
        ..request.clone()
    };
    for _ in 0..TRIES {
        request.wants = Wanted::NewPassphrase { again: false };
        let secret = prompt.ask(&request)?;
        let length = String::from_utf8_lossy(secret.expose()).chars().count();
        if length < SHORTEST {
            request.notice = Some(format!(
                "A passphrase has at least {SHORTEST} characters, that one had {length}."
            ));
            continue;
        }
        request.notice = None;
        request.wants = Wanted::NewPassphrase { again: true };
        let again = prompt.ask(&request)?;
        if secret.expose() == again.expose() {
            return Ok(secret);
        }
        request.notice = Some("The two were not the same.".into());
    }
    let message = format!("no new passphrase was agreed on in {TRIES} tries, and nothing was written");
    Err(Failure::interruption("passphrase-not-set", message))
}
