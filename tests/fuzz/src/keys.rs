//! Public keys in every form that is read: one key has one identity, whatever it came from.

use rootward_tuf::json::{Limits, parse};
use rootward_tuf::{Algorithm, Dialect, Key, KeyId, PhysicalKey, PublicKey, Signature};

use crate::tape::Tape;

/// The first byte chooses the form. `true` if the rest is a usable key.
pub fn keys(data: &[u8]) -> bool {
    let mut tape = Tape::new(data);
    let form = tape.byte() % 9;
    let key = match form {
        0 => PublicKey::from_spki_der(tape.rest()),
        1 => PublicKey::from_spki_pem(&String::from_utf8_lossy(tape.rest())),
        2 => PublicKey::from_ed25519_bytes(tape.rest()),
        3 => PublicKey::from_ec_point(Algorithm::EcdsaP256, tape.rest()),
        4 => PublicKey::from_ec_point(Algorithm::EcdsaP384, tape.rest()),
        5 => PublicKey::from_rsa_pkcs1(tape.rest()),
        6 => return listed(Dialect::Tuf1, &mut tape),
        7 => return listed(Dialect::Notary, &mut tape),
        _ => return identity(&String::from_utf8_lossy(tape.rest())),
    };
    match key {
        Ok(key) => {
            usable(&key);
            true
        }
        Err(problem) => {
            assert!(!problem.to_string().is_empty());
            false
        }
    }
}

/// A key as documents list it: an id, and an object.
fn listed(dialect: Dialect, tape: &mut Tape<'_>) -> bool {
    let keyid = KeyId::new(tape.text());
    let Ok(raw) = parse(tape.rest(), Limits::default()) else {
        return false;
    };
    let key = Key::read(keyid.clone(), &raw, dialect);
    assert_eq!((key.keyid(), key.raw(), key.dialect()), (&keyid, &raw, dialect));
    let _ = (key.keytype(), key.scheme(), key.owner_name(), key.id_is_hash());
    assert_eq!(key.physical(), key.public().ok().map(PublicKey::physical));
    if let Ok(alone) = Key::read_notary(&raw) {
        assert!(alone.public().is_ok() && alone.id_is_hash());
        let again = Key::read(alone.keyid().clone(), alone.raw(), Dialect::Notary);
        assert_eq!(again.physical(), alone.physical());
    }
    let Ok(public) = key.public() else { return false };
    usable(public);
    if let Some(signature) = Signature::by(&key, &[0; 64]) {
        assert_eq!(signature.keyid, keyid);
    }
    if dialect == Dialect::Notary {
        assert!(key.id_is_hash(), "Notary's names are hashes");
        let bare = Key::new_notary_bare(public);
        assert_eq!(*bare.keyid(), key.canonical_keyid());
    }
    true
}

/// What holds of every key, however it was read.
pub fn usable(key: &PublicKey) {
    let again = PublicKey::from_spki_der(key.spki_der()).expect("what we encode we read");
    assert_eq!((again.physical(), again.algorithm()), (key.physical(), key.algorithm()));
    assert_eq!(again.spki_der(), key.spki_der());
    let pem = PublicKey::from_spki_pem(&key.spki_pem()).expect("what we encode we read");
    assert_eq!(pem.physical(), key.physical());
    for listed in [Key::new_tuf1(key), Key::new_notary_bare(key)] {
        assert_eq!(listed.physical(), Some(key.physical()), "a key we list is the key");
        assert!(listed.id_is_hash());
    }
    assert_eq!(PhysicalKey::parse(&key.physical().to_string()), Some(key.physical()));
}

fn identity(text: &str) -> bool {
    match PhysicalKey::parse(text) {
        Some(key) => {
            assert!(key.to_string().eq_ignore_ascii_case(text));
            true
        }
        None => false,
    }
}
