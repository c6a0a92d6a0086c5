//! A keychain that answers, one that does not, one that lies, and none at all.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex},
    time::Instant as Moment,
};

use rootward_tuf::{Dialect, Instant, RoleName, RootDraft, TargetsDraft};

use super::*;
use crate::{
    adapters::{SystemDisk, SystemRandom},
    ports::{TouchRequest, Touching},
};

/// A keychain in memory, that can be made to hang.
#[derive(Default)]
struct Shelf {
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
    hangs: Mutex<bool>,
    let_go: Condvar,
}

impl Shelf {
    fn hang(&self, hangs: bool) {
        *self.hangs.lock().unwrap() = hangs;
        self.let_go.notify_all();
    }

    fn wait(&self) {
        let hangs = self.hangs.lock().unwrap();
        drop(self.let_go.wait_while(hangs, |hangs| *hangs).unwrap());
    }
}

impl Vaulted for Shelf {
    fn read(&self, entry: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        self.wait();
        Ok(self.entries.lock().unwrap().get(entry).cloned().map(Zeroizing::new))
    }

    fn write(&self, entry: &str, _: &str, secret: &[u8]) -> Result<(), Refusal> {
        self.wait();
        self.entries.lock().unwrap().insert(entry.into(), secret.to_vec());
        Ok(())
    }

    fn remove(&self, entry: &str) -> Result<(), Refusal> {
        self.wait();
        self.entries.lock().unwrap().remove(entry);
        Ok(())
    }
}

struct Typing;

impl Prompt for Typing {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        Ok(Secret::new(b"throw-away".to_vec().into()))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

struct World {
    place: tempfile::TempDir,
    shelf: Arc<Shelf>,
    keychain: Keychain,
}

impl World {
    fn new(patience: Duration) -> Self {
        let (place, shelf) = (tempfile::tempdir().unwrap(), Arc::new(Shelf::default()));
        let store: Option<Arc<dyn Vaulted>> = Some(shelf.clone());
        let keychain = Keychain::over(
            store,
            patience,
            Arc::new(SystemDisk::new()),
            Arc::new(SystemRandom),
            place.path(),
        );
        World { place, shelf, keychain }
    }

    fn file(&self) -> std::path::PathBuf {
        let path = self.place.path().join("key.pem");
        let secret = Secret::new(b"throw-away".to_vec().into());
        let _ = self
            .keychain
            .create(&path, NewKey::EcdsaP256, &secret, KdfCost::Practice);
        path
    }

    fn store(&self, name: &str, may_sign_root: bool) -> Result<KeychainKey, Failure> {
        self.keychain
            .store(name, &self.file(), may_sign_root, &Typing, &PromptRequest::default())
    }

    fn open(&self, name: &str) -> Result<Box<dyn Signer>, Failure> {
        self.keychain
            .open(&KeyReference::Keychain(name.into()), &Typing, &PromptRequest::default())
    }
}

fn signs_targets(signer: &mut dyn Signer) -> Result<(), Failure> {
    let mut draft = TargetsDraft::first(
        Dialect::Tuf1,
        RoleName::targets(),
        Instant::parse("2031-01-01T00:00:00Z").unwrap(),
    );
    draft.set_expires(Instant::parse("2031-01-01T00:00:00Z").unwrap());
    let frozen = draft.freeze().unwrap();
    let key = Key::new_tuf1(signer.public());
    signer.sign(Message::metadata(&frozen), &key).map(drop)
}

fn signs_root(signer: &mut dyn Signer) -> Result<(), Failure> {
    let key = Key::new_tuf1(signer.public());
    let mut draft = RootDraft::first(Dialect::Tuf1, true, Instant::parse("2031-01-01T00:00:00Z").unwrap());
    for role in [
        RoleName::root(),
        RoleName::targets(),
        RoleName::snapshot(),
        RoleName::timestamp(),
    ] {
        draft.add_key(&role, key.clone());
        draft.set_threshold(&role, 1);
    }
    signer.sign(Message::metadata(&draft.freeze().unwrap()), &key).map(drop)
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_key_in_the_keychain_signs_until_it_is_removed_and_root_only_when_somebody_said_so() {
    let world = World::new(LONG);
    let stored = world.store("nightly", false).unwrap();
    assert_eq!(world.keychain.list().unwrap(), std::slice::from_ref(&stored));
    assert_eq!(world.keychain.kept(), [KeyReference::Keychain("nightly".into())]);
    let facts = world
        .keychain
        .inspect(&KeyReference::Keychain("nightly".into()))
        .unwrap();
    assert_eq!(facts.public, Some(stored.public));
    let mut signer = world.open("nightly").unwrap();
    signs_targets(&mut *signer).unwrap();
    assert_eq!(signs_root(&mut *signer).unwrap_err().code, "keychain-not-for-root");
    assert_eq!(
        world.store("nightly", false).unwrap_err().code,
        "bad-usage",
        "never overwritten"
    );
    world.store("root-1", true).unwrap();
    signs_root(&mut *world.open("root-1").unwrap()).unwrap();
    world.keychain.remove("nightly").unwrap();
    assert_eq!(world.open("nightly").err().unwrap().code, "key-not-found");
    assert_eq!(world.keychain.remove("nightly").unwrap_err().code, "key-not-found");
    assert_eq!(world.shelf.entries.lock().unwrap().len(), 1);
    for name in ["", "a b", "a/b", "ä", "x\n", &"x".repeat(65)] {
        assert_eq!(world.store(name, false).unwrap_err().code, "bad-usage", "{name:?}");
    }
}

#[test]
fn a_file_that_says_it_holds_a_root_key_stays_out_of_the_keychain() {
    let world = World::new(LONG);
    let path = world.file();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("KEY-----\n", "KEY-----\nrole: root\n\n", 1)).unwrap();
    let stored = |name, may| {
        world
            .keychain
            .store(name, &path, may, &Typing, &PromptRequest::default())
    };
    assert_eq!(stored("root-1", false).unwrap_err().code, "keychain-not-for-root");
    assert!(world.keychain.list().unwrap().is_empty() && world.shelf.entries.lock().unwrap().is_empty());
    stored("root-1", true).unwrap();
}

#[test]
fn a_keychain_that_never_answers_is_a_fault_and_is_asked_again_only_when_it_does() {
    let world = World::new(Duration::from_millis(100));
    world.store("nightly", false).unwrap();
    world.shelf.hang(true);
    let begun = Moment::now();
    for _ in 0..20 {
        assert_eq!(world.open("nightly").err().unwrap().code, "keychain-silent");
    }
    assert_eq!(world.store("other", false).unwrap_err().code, "keychain-silent");
    assert_eq!(world.keychain.remove("nightly").unwrap_err().code, "keychain-silent");
    assert!(begun.elapsed() < LONG, "in all, and not each of them");
    // What it does not answer is known without it, and nothing half-stored is listed.
    assert_eq!(world.keychain.list().unwrap().len(), 1);
    world.shelf.hang(false);
    let answered = std::iter::repeat_with(|| world.open("nightly"))
        .take(1000)
        .find(|opened| {
            std::thread::sleep(Duration::from_millis(5));
            opened.is_ok()
        });
    signs_targets(&mut *answered.unwrap().unwrap()).unwrap();
}

#[test]
fn what_a_keychain_holds_instead_of_the_key_signs_nothing() {
    let world = World::new(LONG);
    world.store("nightly", false).unwrap();
    world.store("other", false).unwrap();
    let mut entries = world.shelf.entries.lock().unwrap();
    let ids: Vec<String> = entries.keys().cloned().collect();
    for (secret, code) in [
        (b"no key".to_vec(), "key-file-unreadable"),
        (
            b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n".to_vec(),
            "key-file-unreadable",
        ),
        (vec![0xff; 100_000], "key-file-unreadable"),
    ] {
        for id in &ids {
            entries.insert(id.clone(), secret.clone());
        }
        drop(entries);
        assert_eq!(world.open("nightly").err().unwrap().code, code);
        entries = world.shelf.entries.lock().unwrap();
    }
    entries.clear();
    drop(entries);
    assert_eq!(world.open("nightly").err().unwrap().code, "key-not-found");
    let other = World::new(LONG);
    other.store("nightly", false).unwrap();
    let foreign = other.shelf.entries.lock().unwrap().values().next().unwrap().clone();
    for id in ids {
        world.shelf.entries.lock().unwrap().insert(id, foreign.clone());
    }
    assert_eq!(world.open("nightly").err().unwrap().code, "expected-other-key");
}

#[test]
fn without_a_keychain_everything_says_so_and_nothing_waits() {
    let place = tempfile::tempdir().unwrap();
    let keychain = Keychain::over(
        None,
        LONG,
        Arc::new(SystemDisk::new()),
        Arc::new(SystemRandom),
        place.path(),
    );
    let path = place.path().join("key.pem");
    let secret = Secret::new(b"throw-away".to_vec().into());
    keychain
        .create(&path, NewKey::Ed25519, &secret, KdfCost::Practice)
        .unwrap();
    let refused = keychain.store("nightly", &path, false, &Typing, &PromptRequest::default());
    assert_eq!(refused.unwrap_err().code, "keychain-missing");
    assert_eq!(keychain.answers().unwrap_err().code, "keychain-missing");
    assert!(keychain.list().unwrap().is_empty());
}
