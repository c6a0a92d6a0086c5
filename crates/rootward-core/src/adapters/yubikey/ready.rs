//! Making a token ready for its officer, and making it as it was delivered.
//!
//! Each step reads what the token has before it does anything, so a run that was cut off is taken up by the next. What
//! the driver does in an order that could leave a token with a key nobody has is done in another order here.

use std::sync::Arc;

use aws_lc_rs::rand;
use yubikey::{
    Error, MgmAlgorithmId, MgmKey,
    piv::{self, ManagementSlotId, SlotId},
};
use zeroize::Zeroizing;

use super::{
    Ring, YubiKeys,
    card::{Card, PinAnswer},
    management::{self, Attempt, Right},
    objects,
    owner::Owner,
    trouble,
};
use crate::{
    adapters::piv::{
        DELIVERED_PIN,
        asking::{self, Tried},
    },
    ports::{
        Attestation, Delivered, Failure, FreshTokens, ManagementKey, NewTokenKey, Origin, Prompt, PromptRequest,
        Readiness, Ready, ReadyStep, Secret, SlotFacts, StepOutcome, TokenSlot, device_label,
    },
};

/// What every token is delivered with.
const DELIVERED_PUK: &[u8] = b"12345678";

/// Wrong PINs and PUKs until a token blocks itself: 255 at most (SET PIN RETRIES).
const MOST_TRIES: usize = 256;

impl FreshTokens for YubiKeys {
    fn readiness(&self, serial: u32) -> Result<Readiness, Failure> {
        self.ring.owner(serial)?.run(move |card| {
            card.must_be(serial)?;
            readiness(card)
        })
    }

    fn make_ready(
        &self,
        at: TokenSlot,
        wish: Option<&NewTokenKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
        taken: &dyn Fn(ReadyStep, StepOutcome),
    ) -> Result<Ready, Failure> {
        let owner = self.ring.owner(at.serial)?;
        let request = PromptRequest {
            key: device_label(at.serial),
            token: Some(at),
            ..request.clone()
        };
        let run = Run {
            ring: &self.ring,
            owner: &owner,
            at,
            prompt,
            request: &request,
        };
        let wish = wish.copied();
        let mut steps = Vec::new();
        let mut note = |step, outcome| {
            taken(step, outcome);
            steps.push((step, outcome));
        };
        let begun = run.card(move |card| {
            let born = wish.map_or(Ok(false), |wish| born_before(card, at, &wish))?;
            Ok((readiness(card)?, card.pin_tries()?, born))
        });
        let (ready, tries, born) = begun?;
        let pin = run.known_pin(ready.pin, tries)?;
        let puk = run.puk(ready.puk, pin.is_none())?;
        note(ReadyStep::Puk, puk);
        let (pin, outcome) = run.pin(pin)?;
        note(ReadyStep::Pin, outcome);
        note(ReadyStep::ManagementKey, run.management_key(&pin)?);
        let Some(wish) = wish else {
            return Ok(Ready { key: None, steps });
        };
        let outcome = match born {
            true => StepOutcome::WasSo,
            false => run.born(&pin, wish)?,
        };
        note(ReadyStep::Key, outcome);
        let key = run.attestation()?;
        note(ReadyStep::Attestation, StepOutcome::Done);
        Ok(Ready { key: Some(key), steps })
    }

    fn erase(&self, serial: u32) -> Result<(), Failure> {
        self.ring.owner(serial)?.run(move |card| {
            card.must_be(serial)?;
            erase(card)
        })
    }
}

/// One run over one token. The PIN is known to it until it ends.
#[derive(Clone, Copy)]
struct Run<'a> {
    ring: &'a Ring,
    owner: &'a Owner,
    at: TokenSlot,
    prompt: &'a dyn Prompt,
    request: &'a PromptRequest,
}

impl Run<'_> {
    fn card<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Card) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let serial = self.at.serial;
        self.owner.run(move |card| {
            card.must_be(serial)?;
            work(card)
        })
    }

    /// The PIN somebody has set; `None` while it is the delivered one.
    fn known_pin(&self, told: Delivered, tries: u8) -> Result<Option<Arc<Secret>>, Failure> {
        if told == Delivered::AsDelivered {
            return Ok(None);
        }
        let (pin, ()) = asking::pin(self.at, tries, self.prompt, self.request, |pin| {
            self.card(move |card| {
                Ok(match card.verify(pin.expose())? {
                    PinAnswer::Right => Tried::Done(()),
                    PinAnswer::Wrong(left) => Tried::Wrong(left),
                })
            })
        })?;
        Ok(Some(pin).filter(|pin| pin.expose() != DELIVERED_PIN))
    }

    /// Sets a PUK that was made up, shown and typed back. A token that does not tell is asked only while its PIN is the
    /// delivered one, since a wrong PUK costs a try.
    fn puk(&self, told: Delivered, has_delivered_pin: bool) -> Result<StepOutcome, Failure> {
        match told {
            Delivered::Changed => return Ok(StepOutcome::WasSo),
            Delivered::NotTold if !has_delivered_pin => return Ok(StepOutcome::LeftAlone),
            Delivered::NotTold | Delivered::AsDelivered => {}
        }
        let puk = asking::new_puk(self.prompt, self.request, &Secret::new(made_up_puk()))?;
        self.card(move |card| change(card, Reference::Puk, DELIVERED_PUK, puk.expose()))
    }

    /// Sets a PIN, unless somebody has.
    fn pin(&self, known: Option<Arc<Secret>>) -> Result<(Arc<Secret>, StepOutcome), Failure> {
        if let Some(known) = known {
            return Ok((known, StepOutcome::WasSo));
        }
        let pin = Arc::new(asking::new_pin(self.prompt, self.request, DELIVERED_PIN)?);
        let new = pin.clone();
        match self.card(move |card| change(card, Reference::Pin, DELIVERED_PIN, new.expose()))? {
            // It was the delivered one a moment ago.
            StepOutcome::WasSo => Err(trouble::secret_refused(self.at.serial, "PIN")),
            outcome => Ok((pin, outcome)),
        }
    }

    fn management_key(&self, pin: &Arc<Secret>) -> Result<StepOutcome, Failure> {
        let given = pin.clone();
        match self.card(move |card| protect(card, &given, None))? {
            Some(outcome) => Ok(outcome),
            // Somebody has chosen one, and must show it.
            None => asking::management_key(self.at, self.prompt, self.request, |key| {
                let (given, key) = (pin.clone(), Arc::new(key));
                self.card(move |card| {
                    Ok(match protect(card, &given, Some(key))? {
                        Some(outcome) => Tried::Done(outcome),
                        None => Tried::Wrong(0),
                    })
                })
            }),
        }
    }

    fn born(&self, pin: &Arc<Secret>, wish: NewTokenKey) -> Result<StepOutcome, Failure> {
        let (at, pin) = (self.at, pin.clone());
        self.card(move |card| {
            card.must_be_empty(at)?;
            let management = management::of(card)?;
            match management::unlock(card, management, &Right::Pin(pin))? {
                Attempt::Done(()) => card.generate(at, &wish).map(|_| StepOutcome::Done),
                Attempt::WrongPin(left) => Err(trouble::wrong_pin(at.serial, left)),
                Attempt::WrongKey => Err(management::wrong_in_the_token(
                    at,
                    "keeps a management key behind its PIN",
                )),
            }
        })
    }

    fn attestation(&self) -> Result<(rootward_tuf::PublicKey, Attestation), Failure> {
        let at = self.at;
        // Through the ring: what is in the reader is looked for again.
        self.ring.owner(at.serial)?.run(move |card| {
            card.must_be(at.serial)?;
            let (public, _) = card.signing_key(at, None)?;
            Ok((public, card.attestation(at)?))
        })
    }
}

/// What is still as it was delivered.
fn readiness(card: &mut Card) -> Result<Readiness, Failure> {
    let management = management::of(card)?;
    let delivered = |default: Option<Option<bool>>| match default {
        None => Delivered::NotTold,
        Some(Some(true)) => Delivered::AsDelivered,
        Some(_) => Delivered::Changed,
    };
    let mut told = |slot| {
        card.asked("to tell of its PIN", |yubikey| {
            match piv::metadata(yubikey, SlotId::Management(slot)) {
                Ok(metadata) => Ok(Some(metadata.default)),
                Err(Error::NotSupported) => Ok(None),
                Err(error) => Err(error),
            }
        })
    };
    let (pin, puk) = (told(ManagementSlotId::Pin)?, told(ManagementSlotId::Puk)?);
    let is_default = match management.is_default {
        Some(is_default) => is_default,
        None => matches!(
            management::unlock(card, management, &Right::Default)?,
            Attempt::Done(())
        ),
    };
    Ok(Readiness {
        pin: delivered(pin),
        puk: delivered(puk),
        management_key: match (is_default, management.is_protected) {
            (true, _) => ManagementKey::AsDelivered,
            (false, true) => ManagementKey::BehindPin,
            (false, false) => ManagementKey::Other,
        },
    })
}

/// Whether the slot holds a key as wished that was born there; refuses anything else in it.
fn born_before(card: &mut Card, at: TokenSlot, wish: &NewTokenKey) -> Result<bool, Failure> {
    let Some(held) = card.slot(at)?.filter(SlotFacts::holds_key) else {
        return card.must_be_empty(at).map(|()| false);
    };
    let is_as_wished = held.certificate.is_none()
        && held.origin == Some(Origin::Generated)
        && held.algorithm == wish.algorithm.as_str()
        && held.pin_policy == Some(wish.pin)
        && held.touch_policy == Some(wish.touch);
    match is_as_wished {
        true => Ok(true),
        false => card.must_be_empty(at).map(|()| false),
    }
}

#[derive(Clone, Copy)]
enum Reference {
    Pin,
    Puk,
}

/// Changes a secret that is the delivered one. One that was not is left alone: `WasSo`.
fn change(card: &mut Card, reference: Reference, old: &[u8], new: &[u8]) -> Result<StepOutcome, Failure> {
    let serial = card.serial();
    let changed = card.unlocking(|yubikey| match reference {
        Reference::Pin => yubikey.change_pin(old, new),
        Reference::Puk => yubikey.change_puk(old, new),
    })?;
    match changed {
        Ok(()) => Ok(StepOutcome::Done),
        Err(Error::WrongPin { .. } | Error::PinLocked) => Ok(StepOutcome::WasSo),
        // So the driver calls a secret that the token finds too simple, and whatever else it answers.
        Err(Error::GenericError) => {
            card.name().is_still_there()?;
            let what = match reference {
                Reference::Pin => "PIN",
                Reference::Puk => "PUK",
            };
            Err(trouble::secret_refused(serial, what))
        }
        Err(error) => Err(card.name().failure(error, "to take a new PIN or PUK")),
    }
}

/// Puts a random management key behind the PIN; `None` when somebody has chosen another, which `typed` is not.
///
/// The new key lies in the token before it becomes the token's. Whoever is cut off in between finds it there.
fn protect(
    card: &mut Card,
    pin: &Arc<Secret>,
    typed: Option<Arc<Zeroizing<Vec<u8>>>>,
) -> Result<Option<StepOutcome>, Failure> {
    let management = management::of(card)?;
    let behind_pin = Right::Pin(pin.clone());
    let in_the_token = |card: &mut Card| match management::unlock(card, management, &behind_pin) {
        Ok(Attempt::Done(())) => Ok(true),
        Ok(Attempt::WrongPin(left)) => Err(trouble::wrong_pin(card.serial(), left)),
        Ok(Attempt::WrongKey) => Ok(false),
        // There is none, or none that can be read, as far as the token is still there.
        Err(failure) if failure.code == "token-failed" => Ok(false),
        Err(failure) => Err(failure),
    };
    let is_default = match management.is_default {
        Some(is_default) => is_default,
        None => matches!(
            management::unlock(card, management, &Right::Default)?,
            Attempt::Done(())
        ),
    };
    if !is_default && in_the_token(card)? {
        if management.is_protected {
            return Ok(Some(StepOutcome::WasSo));
        }
        // Cut off before the token was told that it has one.
        let key = card.asked("to tell its management key", MgmKey::get_protected)?;
        return settle(card, pin, &key).map(Some);
    }
    let right = match (is_default, typed) {
        (true, _) => Right::Default,
        (false, Some(key)) => Right::Typed(key),
        (false, None) => return Ok(None),
    };
    match management::unlock(card, management, &right)? {
        Attempt::Done(()) => {}
        Attempt::WrongPin(_) | Attempt::WrongKey => return Ok(None),
    }
    if let PinAnswer::Wrong(left) = card.verify(pin.expose())? {
        return Err(trouble::wrong_pin(card.serial(), left));
    }
    let key = made_up_management_key(management.algorithm);
    card.asked("to keep its new management key", |yubikey| {
        objects::keep_management_key(yubikey, key.as_ref())
    })?;
    settle(card, pin, &key).map(Some)
}

/// Makes a key that lies in the token the token's own, and proves that it is so afterwards. The card is unlocked.
fn settle(card: &mut Card, pin: &Arc<Secret>, key: &MgmKey) -> Result<StepOutcome, Failure> {
    let doing = "to take its new management key";
    card.asked(doing, |yubikey| key.set_protected(yubikey))?;
    // The driver keeps to itself what it could not write.
    let management = management::of(card)?;
    let unlocked = management::unlock(card, management, &Right::Pin(pin.clone()))?;
    match (management.is_protected, unlocked) {
        (true, Attempt::Done(())) => Ok(StepOutcome::Done),
        _ => Err(card.name().failed(doing, "it does not have it afterwards")),
    }
}

fn erase(card: &mut Card) -> Result<(), Failure> {
    let doing = "to be erased";
    // Nobody can have chosen these: they are no PINs that people type.
    let mut nonsense = Zeroizing::new([0; 8]);
    let blocked = |outcome: Result<(), Error>| match outcome {
        Ok(()) | Err(Error::WrongPin { tries: 1.. }) => Ok(false),
        Err(Error::WrongPin { tries: 0 } | Error::PinLocked) => Ok(true),
        Err(error) => Err(error),
    };
    for reference in [Reference::Pin, Reference::Puk] {
        let mut is_blocked = false;
        for _ in 0..MOST_TRIES {
            rand::fill(&mut *nonsense).expect("the operating system gives randomness");
            let tried = card.unlocking(|yubikey| match reference {
                Reference::Pin => yubikey.verify_pin(&*nonsense),
                Reference::Puk => yubikey.change_puk(&*nonsense, &*nonsense),
            })?;
            is_blocked = blocked(tried).map_err(|error| card.name().failure(error, doing))?;
            if is_blocked {
                break;
            }
        }
        if !is_blocked {
            return Err(card.name().failed(doing, "it takes any number of wrong PINs"));
        }
    }
    card.asked(doing, yubikey::YubiKey::reset_device)
}

/// Eight digits, each as likely as any other.
fn made_up_puk() -> Zeroizing<Vec<u8>> {
    let mut puk = Zeroizing::new(Vec::with_capacity(8));
    while puk.len() < 8 {
        let mut byte = [0];
        rand::fill(&mut byte).expect("the operating system gives randomness");
        // 250 is the last multiple of ten that a byte reaches.
        if byte[0] < 250 {
            puk.push(b'0' + byte[0] % 10);
        }
    }
    if puk.as_slice() == DELIVERED_PUK {
        made_up_puk()
    } else {
        puk
    }
}

/// A key for the algorithm that the token has.
fn made_up_management_key(algorithm: MgmAlgorithmId) -> MgmKey {
    let length = match algorithm {
        MgmAlgorithmId::Aes128 => 16,
        MgmAlgorithmId::ThreeDes | MgmAlgorithmId::Aes192 => 24,
        MgmAlgorithmId::Aes256 => 32,
    };
    loop {
        let mut bytes = Zeroizing::new(vec![0; length]);
        rand::fill(&mut bytes).expect("the operating system gives randomness");
        // A few keys of 3DES are weak, and none of ours.
        if let Ok(key) = MgmKey::from_bytes(&*bytes, Some(algorithm)) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_up_is_as_long_as_a_token_wants_it_and_never_the_same() {
        let puks: std::collections::HashSet<_> = (0..50).map(|_| made_up_puk().to_vec()).collect();
        assert_eq!(puks.len(), 50);
        assert!(
            puks.iter()
                .all(|puk| puk.len() == 8 && puk.iter().all(u8::is_ascii_digit))
        );
        for algorithm in [MgmAlgorithmId::ThreeDes, MgmAlgorithmId::Aes192, MgmAlgorithmId::Aes256] {
            let keys = [(); 2].map(|()| made_up_management_key(algorithm));
            assert_ne!(keys[0].as_ref(), keys[1].as_ref());
        }
    }
}
