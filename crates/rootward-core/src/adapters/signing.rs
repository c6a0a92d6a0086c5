//! What surrounds a signature over a message, whoever holds the key: the right key is asked, of the right kind of repository, and
//! what comes back is verified before anybody sees it.

use rootward_tuf::{Key, PhysicalKey, Signature};

use crate::ports::{Failure, Message};

/// Has `signed` sign for a key as a document lists it. `holder` is where the key lies, as a refusal calls it: `this slot`.
///
/// Before anything is asked it refuses with `expected-other-key` a key that is not the one `held`, and with `key-cannot-sign` one
/// that is listed for another kind of repository. Then it fails as `signed` does, and as `worthless` says when the signature does
/// not hold.
pub(super) fn sign(
    held: PhysicalKey,
    holder: &str,
    message: &Message<'_>,
    key: &Key,
    signed: impl FnOnce() -> Result<Vec<u8>, Failure>,
    worthless: impl FnOnce(&str) -> Failure,
) -> Result<Signature, Failure> {
    if key.physical() != Some(held) {
        return Err(does_not_sign(
            "expected-other-key",
            key,
            &format!("it is not the key in {holder}"),
        ));
    }
    if key.dialect() != message.dialect() {
        return Err(cannot_sign(key, "it is listed for another kind of repository"));
    }
    let signed = signed()?;
    let Some(signature) = Signature::by(key, &signed) else {
        return Err(worthless("it is not in the form of the key's kind"));
    };
    message
        .check(key, &signature)
        .map_err(|why| worthless(&why.to_string()))?;
    Ok(signature)
}

/// Refuses with `key-cannot-sign`.
pub(super) fn cannot_sign(key: &Key, why: &str) -> Failure {
    does_not_sign("key-cannot-sign", key, why)
}

fn does_not_sign(code: &'static str, key: &Key, why: &str) -> Failure {
    let message = format!("the key {} does not sign: {why}", key.keyid());
    Failure::refusal(code, message).with("keyid", key.keyid().as_str())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use rootward_tuf::{Dialect, Frozen, RoleName, Targets, TargetsDraft};

    use super::*;
    use crate::{
        adapters::private_key::{PrivateKey, generate},
        ports::{Instant, NewKey},
    };

    fn key() -> PrivateKey {
        generate(NewKey::EcdsaP256).expect("a key").0
    }

    fn document(dialect: Dialect) -> Frozen<Targets> {
        let ends = Instant::parse("2030-01-01T00:00:00Z").expect("a moment");
        let draft = TargetsDraft::first(dialect, RoleName::targets(), ends);
        draft.freeze().expect("a document")
    }

    /// What comes of asking a device for a signature, and whether it was asked.
    fn asked(held: &PrivateKey, message: &Message<'_>, key: &Key, signed: Result<Vec<u8>, Failure>) -> (String, bool) {
        let was_asked = Cell::new(false);
        let device = || {
            was_asked.set(true);
            signed
        };
        let worthless = |_: &str| Failure::fault("token-failed", "it does not hold");
        let made = sign(held.public().physical(), "this slot", message, key, device, worthless);
        (
            made.map_or_else(|failure| failure.code, |_| "signed".into()),
            was_asked.get(),
        )
    }

    #[test]
    fn only_a_signature_that_holds_comes_out() {
        let device = key();
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            let (this, other) = (document(dialect), {
                let ends = Instant::parse("2031-01-01T00:00:00Z").expect("a moment");
                let draft = TargetsDraft::first(dialect, RoleName::targets(), ends);
                draft.freeze().expect("a document")
            });
            let message = Message::metadata(&this);
            let listed = match dialect {
                Dialect::Tuf1 => Key::new_tuf1(device.public()),
                Dialect::Notary => Key::new_notary_bare(device.public()),
            };
            let by = |key: &PrivateKey, bytes: &[u8]| key.sign(bytes, dialect).map_err(|why| cannot_sign(&listed, why));
            let came = |signed| asked(&device, &message, &listed, signed).0;
            assert_eq!(came(by(&device, this.bytes())), "signed", "{dialect:?}");
            assert_eq!(
                came(by(&device, other.bytes())),
                "token-failed",
                "{dialect:?}: of another document"
            );
            assert_eq!(
                came(by(&key(), this.bytes())),
                "token-failed",
                "{dialect:?}: by another key"
            );
            assert_eq!(came(Ok(vec![0x5a; 70])), "token-failed", "{dialect:?}: noise");
            assert_eq!(came(Ok(Vec::new())), "token-failed", "{dialect:?}: nothing");
            let missed = Failure::interruption("touch-missed", "nobody touched it");
            assert_eq!(came(Err(missed)), "touch-missed", "{dialect:?}");
        }
    }

    #[test]
    fn a_device_is_not_asked_for_another_key_or_another_kind_of_repository() {
        let device = key();
        let document = document(Dialect::Tuf1);
        let message = Message::metadata(&document);
        let of = |listed: &Key| asked(&device, &message, listed, Ok(Vec::new()));
        let not_asked = |code: &str| (code.to_owned(), false);
        assert_eq!(of(&Key::new_tuf1(key().public())), not_asked("expected-other-key"));
        assert_eq!(of(&Key::new_notary_bare(device.public())), not_asked("key-cannot-sign"));
    }
}
