//! Private keys in the system's keychain (Secret Service, macOS Keychain, Windows Credential Manager), where whoever unlocks
//! the session unlocks them: for online roles, and for root only where somebody said so.
//!
//! Which keys there are, this desk keeps in an index of its own, public halves only: the keychain is asked for nothing but a
//! key that signs. It may never answer, so it is asked on a thread of its own and waited for so long and no longer.

mod index;
mod system;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use rootward_tuf::{Key, PublicKey, Signature, dialect::notary::Certificate, encoding::hex};
use zeroize::Zeroizing;

use self::index::{Entry, Index};
pub(crate) use self::system::Refusal;
use super::{FileSigner, KeyFiles, pem};
use crate::{
    adapters::private_key::PrivateKey,
    ports::{
        CertificateTerms, Disk, Failure, KdfCost, KeyFacts, KeyReference, Keys, Message, NewKey, Prompt, PromptRequest,
        Random, Secret, Signer,
    },
};

/// What a system's keychain does, by the name of an entry of ours. Each may wait for a person, or for ever.
pub(crate) trait Vaulted: Send + Sync {
    /// `None` when there is no such entry.
    fn read(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal>;
    fn write(&self, entry: &str, label: &str, secret: &[u8]) -> Result<(), Refusal>;
    /// An absent entry is fine.
    fn remove(&self, entry: &str) -> Result<(), Refusal>;
}

/// Keys of one desk in the keychain.
pub struct Keychain {
    files: KeyFiles,
    disk: Arc<dyn Disk>,
    random: Arc<dyn Random>,
    index: Index,
    store: Option<Arc<dyn Vaulted>>,
    patience: Duration,
    /// A question was not answered in time, and its thread still waits.
    waits: Arc<AtomicBool>,
}

/// A key in the keychain, as the desk remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeychainKey {
    pub name: String,
    pub public: PublicKey,
    /// Somebody said that it may sign root.
    pub may_sign_root: bool,
}

/// Long enough for a person who is asked to unlock the keychain.
const PATIENCE: Duration = Duration::from_secs(30);
/// Turns the keychain off when it is `none`; a number is the seconds it is waited for.
const VARIABLE: &str = "ROOTWARD_KEYCHAIN";

impl Keychain {
    /// The system's keychain for the desk in `data`. Asks it for nothing yet.
    pub fn of_system(disk: Arc<dyn Disk>, random: Arc<dyn Random>, data: &Path) -> Self {
        let wish = std::env::var(VARIABLE).unwrap_or_default();
        let store = (wish != "none").then(system::store).flatten();
        let seconds = wish.parse().ok().filter(|seconds| (1..=300).contains(seconds));
        Keychain::over(store, seconds.map_or(PATIENCE, Duration::from_secs), disk, random, data)
    }

    pub(crate) fn over(
        store: Option<Arc<dyn Vaulted>>,
        patience: Duration,
        disk: Arc<dyn Disk>,
        random: Arc<dyn Random>,
        data: &Path,
    ) -> Self {
        Keychain {
            files: KeyFiles::new(disk.clone(), random.clone()),
            index: Index::new(data),
            disk,
            random,
            store,
            patience,
            waits: Arc::default(),
        }
    }

    /// Keys that this desk put there, by name. Does not ask the keychain.
    ///
    /// Fails with `disk-failed`.
    pub fn list(&self) -> Result<Vec<KeychainKey>, Failure> {
        let entries = self.index.read(&*self.disk)?;
        Ok(entries.iter().filter_map(Entry::key).collect())
    }

    /// Copies the key of a file into the keychain. The file stays as it is.
    ///
    /// Asks for the file's passphrase. Refuses with `bad-usage` when the name is taken or cannot be one, and with
    /// `keychain-not-for-root` when the file says that it holds a root key and `may_sign_root` does not; fails as opening the
    /// file does, and with `keychain-missing`, `keychain-silent` and `keychain-failed`.
    pub fn store(
        &self,
        name: &str,
        from: &Path,
        may_sign_root: bool,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<KeychainKey, Failure> {
        if !is_name(name) {
            let message = "expected a name of at most 64 letters, digits, dots, dashes and underscores";
            return Err(Failure::refusal("bad-usage", message).with("name", name));
        }
        let mut entries = self.index.read(&*self.disk)?;
        if entries.iter().any(|entry| entry.name == name) {
            let message = format!("this desk has a key called {name} in the keychain; keys are never overwritten");
            return Err(Failure::refusal("bad-usage", message).with("name", name));
        }
        self.reachable()?;
        let facts = self.files.inspect(&KeyReference::File(from.to_owned()))?;
        let is_root = facts
            .headers
            .iter()
            .any(|(header, role)| header.eq_ignore_ascii_case("role") && role == "root");
        if is_root && !may_sign_root {
            return Err(not_for_root(name));
        }
        let (key, der) = self.files.opened(from, prompt, request)?;
        let mut id = [0; 8];
        self.random.fill(&mut id);
        let entry = Entry {
            name: name.to_owned(),
            entry: hex(&id),
            public: key.public().spki_pem(),
            may_sign_root,
        };
        // On record first: a key in the keychain that no desk knows would stay there for ever.
        entries.push(entry.clone());
        self.index.write(&*self.disk, &entries)?;
        let text = Zeroizing::new(pem::write("PRIVATE KEY", &der));
        let label = format!("Rootward: {name}");
        let (asked, at) = (self.reachable()?, entry.entry.clone());
        let written = self.in_time(move || asked.write(&at, &label, text.as_bytes()));
        if let Err(failure) = written {
            entries.pop();
            // An entry that was written all the same, after we stopped waiting, is nobody's; better than one that is half there.
            self.index.write(&*self.disk, &entries)?;
            return Err(failure);
        }
        entry
            .key()
            .ok_or_else(|| index::broken("a public key cannot be read back"))
    }

    /// Takes a key out of the keychain and off the desk's list. There is no copy of it here.
    ///
    /// Fails with `key-not-found`, and as [`Keychain::store`] does.
    pub fn remove(&self, name: &str) -> Result<(), Failure> {
        let mut entries = self.index.read(&*self.disk)?;
        let entry = find(&entries, name)?.entry.clone();
        let asked = self.reachable()?;
        self.in_time(move || asked.remove(&entry))?;
        entries.retain(|entry| entry.name != name);
        self.index.write(&*self.disk, &entries)
    }

    /// Asks the keychain whether it is there and answers, by an entry that nobody ever made.
    ///
    /// Fails with `keychain-missing`, `keychain-silent` and `keychain-failed`.
    pub fn answers(&self) -> Result<(), Failure> {
        let asked = self.reachable()?;
        self.in_time(move || asked.read("selftest")).map(drop)
    }

    fn reachable(&self) -> Result<Arc<dyn Vaulted>, Failure> {
        self.store.clone().ok_or_else(|| {
            let message = format!("no keychain is used: it was turned off ({VARIABLE}=none), or this system has none");
            Failure::fault("keychain-missing", message)
        })
    }

    /// Asks on a thread of its own, and stops waiting when it takes too long.
    fn in_time<T: Send + 'static>(
        &self,
        ask: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        let silent = || {
            let seconds = self.patience.as_secs();
            let message =
                format!("the keychain did not answer within {seconds} s; it may be locked, with nobody to unlock it");
            Failure::fault("keychain-silent", message).with("seconds", seconds.to_string())
        };
        // One question that hangs is enough: more threads would not make it answer.
        if self.waits.swap(true, Ordering::SeqCst) {
            return Err(silent());
        }
        let (answer, answered) = mpsc::channel();
        let waits = self.waits.clone();
        let asking = thread::Builder::new().name("keychain".into()).spawn(move || {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask));
            waits.store(false, Ordering::SeqCst);
            // Nobody waits any more once it took too long.
            let _ = answer.send(outcome);
        });
        if let Err(why) = asking {
            self.waits.store(false, Ordering::SeqCst);
            return Err(Failure::fault(
                "keychain-failed",
                format!("the system gave no thread: {why}"),
            ));
        }
        match answered.recv_timeout(self.patience) {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(Refusal::Missing(why)))) => {
                let message = format!("this session has no keychain: {why}");
                Err(Failure::fault("keychain-missing", message))
            }
            Ok(Ok(Err(Refusal::Failed(why)))) => {
                let message = format!("the keychain failed: {why}");
                Err(Failure::fault("keychain-failed", message))
            }
            Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Failure::fault(
                "keychain-failed",
                "the keychain's driver ended by a fault of its own",
            )),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(silent()),
        }
    }

    fn entry(&self, reference: &KeyReference) -> Result<Entry, Failure> {
        let KeyReference::Keychain(name) = reference else {
            return Err(Failure::fault("bad-usage", "expected a key in the keychain"));
        };
        let entries = self.index.read(&*self.disk)?;
        find(&entries, name).cloned()
    }
}

impl Keys for Keychain {
    fn inspect(&self, reference: &KeyReference) -> Result<KeyFacts, Failure> {
        let entry = self.entry(reference)?;
        let key = entry
            .key()
            .ok_or_else(|| index::broken("a public key cannot be read"))?;
        Ok(KeyFacts {
            reference: reference.clone(),
            public: Some(key.public),
            // Whatever asks is the system's own.
            encrypted: false,
            touches: false,
            protection: None,
            name: Some(format!("{} (keychain)", entry.name)),
            headers: Vec::new(),
            may_sign_root: entry.may_sign_root,
        })
    }

    fn open(&self, reference: &KeyReference, _: &dyn Prompt, _: &PromptRequest) -> Result<Box<dyn Signer>, Failure> {
        let entry = self.entry(reference)?;
        let expected = entry
            .key()
            .ok_or_else(|| index::broken("a public key cannot be read"))?;
        let (asked, at) = (self.reachable()?, entry.entry.clone());
        let Some(text) = self.in_time(move || asked.read(&at))? else {
            let message = format!("the keychain has no key called {} any more", entry.name);
            return Err(Failure::fault("key-not-found", message).with("key", entry.name));
        };
        let unusable = |why: String| {
            let message = format!("what the keychain holds as {} is no key: {why}", entry.name);
            Failure::fault("key-file-unreadable", message).with("key", &entry.name)
        };
        let blocks = pem::read(&text).map_err(unusable)?;
        let [block] = &blocks[..] else {
            return Err(unusable("expected one".into()));
        };
        let der = super::older::pkcs8_of(block.kind, &block.body).map_err(unusable)?;
        let key = PrivateKey::read(&der).map_err(unusable)?;
        if key.public().physical() != expected.public.physical() {
            let message = format!(
                "the keychain holds another key as {} than the one that was put there",
                entry.name
            );
            return Err(Failure::refusal("expected-other-key", message)
                .with("key", &entry.name)
                .with("found", key.public().physical().to_string()));
        }
        Ok(Box::new(KeychainSigner {
            signer: FileSigner { key },
            name: entry.name,
            may_sign_root: entry.may_sign_root,
        }))
    }

    fn create(&self, path: &Path, kind: NewKey, secret: &Secret, cost: KdfCost) -> Result<PublicKey, Failure> {
        self.files.create(path, kind, secret, cost)
    }

    fn kept(&self) -> Vec<KeyReference> {
        let keys = self.list().unwrap_or_default();
        keys.into_iter().map(|key| KeyReference::Keychain(key.name)).collect()
    }
}

/// A key out of the keychain. It signs no root unless somebody said that it may.
struct KeychainSigner {
    signer: FileSigner,
    name: String,
    may_sign_root: bool,
}

impl Signer for KeychainSigner {
    fn public(&self) -> &PublicKey {
        self.signer.public()
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        if message.is_root() && !self.may_sign_root {
            return Err(not_for_root(&self.name));
        }
        self.signer.sign(message, key)
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        if !self.may_sign_root {
            return Err(not_for_root(&self.name));
        }
        self.signer.certify(terms)
    }
}

fn not_for_root(name: &str) -> Failure {
    let message = format!(
        "{name} would be a root key in the keychain, which everything that runs in this session can use; \
         --may-sign-root says that it shall be one all the same"
    );
    Failure::refusal("keychain-not-for-root", message).with("key", name)
}

fn find<'a>(entries: &'a [Entry], name: &str) -> Result<&'a Entry, Failure> {
    entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let message = format!("this desk has put no key called {name} into the keychain");
        Failure::fault("key-not-found", message).with("key", name)
    })
}

/// A name that can be typed and stands alone.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
