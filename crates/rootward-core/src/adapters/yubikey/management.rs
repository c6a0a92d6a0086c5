//! The right to change a token's slots: its management key.
//!
//! One that lies in the token behind the PIN is used; else the one tokens are made with, where the token says or shows
//! that it has it; else a person must type it. The next way is never tried because one of them failed.

use std::sync::Arc;

use yubikey::{
    Error, MgmAlgorithmId, MgmKey,
    piv::{self, ManagementSlotId, SlotAlgorithmId, SlotId},
};
use zeroize::Zeroizing;

use super::{
    Ring,
    card::{Card, PinAnswer},
    objects,
};
use crate::{
    adapters::piv::asking::{self, Tried},
    ports::{Failure, Prompt, PromptRequest, Secret, TokenSlot, device_label},
};

/// The key tokens are made with, for 3DES and AES-192 alike.
const MADE_WITH: [u8; 24] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

/// A change of a token's slots. It may be tried more than once, so it first checks that it may be done.
pub(super) type Deed<T> = Arc<dyn Fn(&mut Card) -> Result<T, Failure> + Send + Sync>;

/// What a token says of its management key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Management {
    pub(super) is_protected: bool,
    /// `None` when the token does not say.
    pub(super) is_default: Option<bool>,
    pub(super) algorithm: MgmAlgorithmId,
}

/// How the right is shown.
#[derive(Clone)]
pub(super) enum Right {
    Pin(Arc<Secret>),
    Default,
    Typed(Arc<Zeroizing<Vec<u8>>>),
}

pub(super) enum Attempt<T> {
    Done(T),
    WrongPin(u8),
    WrongKey,
}

impl Ring {
    /// Does a deed with the right to do it. `allowed` is asked before any person is.
    pub(super) fn administer<T: Send + 'static>(
        &self,
        at: TokenSlot,
        prompt: &dyn Prompt,
        request: &PromptRequest,
        allowed: Deed<()>,
        deed: Deed<T>,
    ) -> Result<T, Failure> {
        let owner = self.owner(at.serial)?;
        let may = allowed.clone();
        let (management, tries) = owner.run(move |card| {
            card.must_be(at.serial)?;
            may(card)?;
            Ok((of(card)?, card.pin_tries()?))
        })?;
        let attempt = |right: Right| {
            let (allowed, deed) = (allowed.clone(), deed.clone());
            owner.run(move |card| {
                card.must_be(at.serial)?;
                allowed(card)?;
                Ok(match unlock(card, management, &right)? {
                    Attempt::Done(()) => Attempt::Done(deed(card)?),
                    Attempt::WrongPin(tries) => Attempt::WrongPin(tries),
                    Attempt::WrongKey => Attempt::WrongKey,
                })
            })
        };
        let ask = || {
            asking::management_key(at, prompt, request, |key| match attempt(Right::Typed(Arc::new(key)))? {
                Attempt::Done(done) => Ok(Tried::Done(done)),
                Attempt::WrongPin(_) | Attempt::WrongKey => Ok(Tried::Wrong(0)),
            })
        };
        if management.is_protected {
            let (_, done) = asking::pin(at, tries, prompt, request, |pin| match attempt(Right::Pin(pin))? {
                Attempt::Done(done) => Ok(Tried::Done(done)),
                Attempt::WrongPin(left) => Ok(Tried::Wrong(left)),
                Attempt::WrongKey => Err(wrong_in_the_token(at, "keeps a management key behind its PIN")),
            })?;
            return Ok(done);
        }
        match management.is_default {
            Some(false) => ask(),
            Some(true) => match attempt(Right::Default)? {
                Attempt::Done(done) => Ok(done),
                Attempt::WrongPin(_) | Attempt::WrongKey => Err(wrong_in_the_token(
                    at,
                    "says that it has the management key it was made with,",
                )),
            },
            None => match attempt(Right::Default)? {
                Attempt::Done(done) => Ok(done),
                Attempt::WrongPin(_) | Attempt::WrongKey => ask(),
            },
        }
    }
}

pub(super) fn wrong_in_the_token(at: TokenSlot, how: &str) -> Failure {
    let message = format!("{} {how} which it does not take", device_label(at.serial));
    Failure::fault("token-failed", message).with("serial", at.serial.to_string())
}

pub(super) fn of(card: &mut Card) -> Result<Management, Failure> {
    card.asked("to tell of its management key", |yubikey| {
        let is_protected = objects::has_protected_management_key(yubikey)?;
        match piv::metadata(yubikey, SlotId::Management(ManagementSlotId::Management)) {
            Ok(metadata) => match metadata.algorithm {
                SlotAlgorithmId::Management(algorithm) => Ok(Management {
                    is_protected,
                    is_default: Some(metadata.default == Some(true)),
                    algorithm,
                }),
                SlotAlgorithmId::PinPuk | SlotAlgorithmId::Asymmetric(_) => Err(Error::InvalidObject),
            },
            // Those that do not say know no other.
            Err(Error::NotSupported) => Ok(Management {
                is_protected,
                is_default: None,
                algorithm: MgmAlgorithmId::ThreeDes,
            }),
            Err(error) => Err(error),
        }
    })
}

pub(super) fn unlock(card: &mut Card, management: Management, right: &Right) -> Result<Attempt<()>, Failure> {
    let doing = "to take its management key";
    let typed = |key: &[u8]| MgmKey::from_bytes(key, Some(management.algorithm));
    let key = match right {
        Right::Pin(pin) => {
            if let PinAnswer::Wrong(tries) = card.verify(pin.expose())? {
                return Ok(Attempt::WrongPin(tries));
            }
            card.asked(doing, MgmKey::get_protected)?
        }
        Right::Default => match typed(&MADE_WITH) {
            Ok(key) => key,
            Err(_) => return Ok(Attempt::WrongKey),
        },
        // One of another length is another one.
        Right::Typed(key) => match typed(key) {
            Ok(key) => key,
            Err(_) => return Ok(Attempt::WrongKey),
        },
    };
    match card.unlocking(|yubikey| yubikey.authenticate(&key))? {
        Ok(()) => Ok(Attempt::Done(())),
        // So the driver calls whatever comes back.
        Err(Error::AuthenticationError) => card.name().is_still_there().map(|()| Attempt::WrongKey),
        Err(error) => Err(card.name().failure(error, doing)),
    }
}
