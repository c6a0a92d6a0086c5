//! Signers that stay open for one screen or one command, so that one PIN entry is enough for the signatures it announced.
//!
//! Only keys that ask for a touch each time stay open: whatever else an open one could sign, a person would notice.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rootward_tuf::key::PhysicalKey;

use crate::ports::{Failure, KeyReference, Ports, PromptRequest, Signer};

/// Open signers by screen and key. A screen is whatever the caller calls it, such as a ceremony's id.
#[derive(Default)]
pub struct Sessions(Mutex<Open>);

#[derive(Default)]
struct Open {
    signers: HashMap<(String, KeyReference), Box<dyn Signer>>,
    /// How often each screen was closed, so that a signer in use then is not put back.
    closed: HashMap<String, u64>,
}

impl Sessions {
    /// Works with the signer of a key: the one this screen opened before, else a new one, for which a person may be asked.
    ///
    /// `expected` is looked for before anybody is asked. No lock is held meanwhile. After a failure the signer is not
    /// kept, except when only a touch was missed.
    ///
    /// Fails as opening and as `work` do, and with `expected-other-key`.
    pub fn with<T>(
        &self,
        screen: &str,
        ports: &Ports,
        reference: &KeyReference,
        expected: Option<&PhysicalKey>,
        request: &PromptRequest,
        work: impl FnOnce(&mut dyn Signer) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let place = (screen.to_owned(), reference.clone());
        let (kept, closed) = {
            let mut open = self.open();
            let closed = open.closed.get(screen).copied().unwrap_or_default();
            (open.signers.remove(&place), closed)
        };
        let mut signer = match kept {
            Some(signer) => signer,
            None => opened(ports, reference, expected, request)?,
        };
        let found = signer.public().physical();
        if let Some(expected) = expected.filter(|expected| **expected != found) {
            let message = format!(
                "{} holds another key: expected {expected}, found {found}",
                super::label(reference)
            );
            return Err(Failure::refusal("expected-other-key", message).with("found", found.to_string()));
        }
        let outcome = work(&mut *signer);
        let is_usable = match &outcome {
            Ok(_) => true,
            Err(failure) => failure.code == "touch-missed",
        };
        if signer.touches() && is_usable {
            let mut open = self.open();
            if open.closed.get(screen).copied().unwrap_or_default() == closed {
                open.signers.insert(place, signer);
            }
        }
        outcome
    }

    /// Whether a screen has a key open, so that nobody need be asked for its PIN.
    pub fn is_open(&self, screen: &str, reference: &KeyReference) -> bool {
        self.open()
            .signers
            .contains_key(&(screen.to_owned(), reference.clone()))
    }

    /// Forgets every signer of a screen, and with them their PINs.
    pub fn close(&self, screen: &str) {
        let mut open = self.open();
        *open.closed.entry(screen.to_owned()).or_default() += 1;
        open.signers.retain(|(of, _), _| of != screen);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn opened(
    ports: &Ports,
    reference: &KeyReference,
    expected: Option<&PhysicalKey>,
    request: &PromptRequest,
) -> Result<Box<dyn Signer>, Failure> {
    match reference {
        KeyReference::File(_) | KeyReference::Keychain(_) => ports.keys.open(reference, &*ports.prompt, request),
        KeyReference::YubiKey(at) => ports.tokens.open(*at, expected, &*ports.prompt, request),
        KeyReference::Pkcs11(at) => ports.modules.open(at, expected, &*ports.prompt, request),
    }
}

#[cfg(test)]
mod tests {
    use rootward_tuf::dialect::notary::Certificate;
    use rootward_tuf::key::{Key, PublicKey};
    use rootward_tuf::metadata::Signature;

    use super::*;
    use crate::ports::{CertificateTerms, Message};
    use crate::rotation_support::{NOW, World, file, physical, public};

    struct Touched(PublicKey);

    impl Signer for Touched {
        fn public(&self) -> &PublicKey {
            &self.0
        }

        fn touches(&self) -> bool {
            true
        }

        fn sign(&mut self, _: Message<'_>, _: &Key) -> Result<Signature, Failure> {
            Err(Failure::interruption("touch-missed", "not touched"))
        }

        fn certify(&mut self, _: &CertificateTerms) -> Result<Certificate, Failure> {
            Err(Failure::fault("token-failed", "it was pulled out"))
        }
    }

    fn keep(sessions: &Sessions, screen: &str) -> KeyReference {
        let reference = super::super::parse("yubikey:7/9c").expect("a key");
        let mut open = sessions.open();
        let place = (screen.to_owned(), reference.clone());
        open.signers.insert(place, Box::new(Touched(public(1))));
        reference
    }

    fn work(sessions: &Sessions, screen: &str, reference: &KeyReference, code: Option<&'static str>) {
        let ports = World::new().ports(NOW);
        let done = sessions.with(
            screen,
            &ports,
            reference,
            None,
            &PromptRequest::default(),
            |_| match code {
                Some(code) => Err(Failure::interruption(code, "stopped")),
                None => Ok(()),
            },
        );
        assert_eq!(done.err().map(|failure| failure.code), code.map(str::to_owned));
    }

    #[test]
    fn a_key_that_asks_for_touches_stays_open_until_its_screen_closes_or_it_fails() {
        for (code, stays) in [
            (None, true),
            (Some("touch-missed"), true),
            (Some("token-absent"), false),
            (Some("wrong-pin"), false),
        ] {
            let sessions = Sessions::default();
            let key = keep(&sessions, "one");
            work(&sessions, "one", &key, code);
            assert_eq!(sessions.is_open("one", &key), stays, "{code:?}");
            assert!(!sessions.is_open("two", &key), "another screen has not asked for it");
            sessions.close("two");
            assert_eq!(sessions.is_open("one", &key), stays);
            sessions.close("one");
            assert!(!sessions.is_open("one", &key));
        }
    }

    #[test]
    fn a_screen_that_closes_while_its_key_signs_keeps_nothing() {
        let sessions = Sessions::default();
        let key = keep(&sessions, "one");
        let ports = World::new().ports(NOW);
        let done = sessions.with("one", &ports, &key, None, &PromptRequest::default(), |_| {
            sessions.close("one");
            Ok(())
        });
        assert!(done.is_ok() && !sessions.is_open("one", &key));
    }

    #[test]
    fn a_key_file_is_opened_anew_each_time_and_a_key_that_is_not_expected_signs_nothing() {
        let sessions = Sessions::default();
        let world = World::new();
        let ports = world.ports(NOW);
        let reference = super::super::parse(&file(1)).expect("a key");
        let request = PromptRequest {
            key: "officer-1.pem".into(),
            ..PromptRequest::default()
        };
        for _ in 0..2 {
            let signed = sessions.with("one", &ports, &reference, Some(&physical(1)), &request, |signer| {
                Ok(signer.public().physical())
            });
            assert_eq!(signed.expect("opened"), physical(1));
        }
        assert_eq!(world.prompt.shown.lock().expect("a lock").len(), 2);
        let other = sessions.with(
            "one",
            &ports,
            &reference,
            Some(&physical(2)),
            &request,
            |_| -> Result<(), _> { panic!("it signs nothing") },
        );
        assert_eq!(other.expect_err("refused").code, "expected-other-key");
    }
}
