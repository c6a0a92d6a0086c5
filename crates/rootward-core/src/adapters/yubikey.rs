//! YubiKeys, through the machine's smart card service: their PIV slots hold keys that never leave them.

mod card;
mod facts;
mod management;
mod objects;
mod owner;
mod ready;
mod service;
mod signer;
mod trouble;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rootward_tuf::{PhysicalKey, PublicKey, dialect::notary::Certificate};

use self::{
    card::{Card, PinAnswer},
    owner::Owner,
    service::{Listener, Plugged},
    signer::TokenSigner,
};
use crate::{
    adapters::piv::asking::{self, Tried},
    ports::{
        Attached, Attestation, Failure, NewTokenKey, Prompt, PromptRequest, Signer, TokenFacts, TokenSlot, Tokens,
    },
};

/// The YubiKeys of this machine.
pub struct YubiKeys {
    ring: Arc<Ring>,
    listener: Mutex<Option<Arc<Listener>>>,
}

/// Every token with its owner.
struct Ring {
    /// Says when a touch is awaited.
    prompt: Arc<dyn Prompt>,
    /// By reader.
    owners: Mutex<HashMap<String, Arc<Owner>>>,
}

impl YubiKeys {
    /// Speaks to no token yet. `prompt` says when a signature waits for a touch.
    pub fn new(prompt: Arc<dyn Prompt>) -> Self {
        YubiKeys {
            ring: Arc::new(Ring {
                prompt,
                owners: Mutex::default(),
            }),
            listener: Mutex::default(),
        }
    }
}

impl Tokens for YubiKeys {
    fn attached(&self) -> Result<Vec<Attached>, Failure> {
        self.ring.attached()
    }

    fn facts(&self, serial: u32) -> Result<TokenFacts, Failure> {
        let owner = self.ring.owner(serial)?;
        owner.run(move |card| {
            card.must_be(serial)?;
            card.facts()
        })
    }

    fn find(&self, key: &PhysicalKey) -> Result<Option<TokenSlot>, Failure> {
        let holds = |token: &TokenFacts| {
            let held = token.slots.iter();
            let mut fitting = held.filter(|held| held.public.as_ref().is_some_and(|held| held.physical() == *key));
            fitting.next().map(|held| TokenSlot {
                serial: token.serial,
                slot: held.slot,
            })
        };
        Ok(self.attached()?.iter().find_map(|attached| match attached {
            Attached::Ready(token) => holds(token),
            Attached::Troubled { .. } | Attached::Unseen(_) => None,
        }))
    }

    fn open(
        &self,
        at: TokenSlot,
        expected: Option<&PhysicalKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        let owner = self.ring.owner(at.serial)?;
        let expected = expected.copied();
        let (public, held, tries) = owner.run(move |card| {
            card.must_be(at.serial)?;
            let tries = card.pin_tries()?;
            let (public, held) = card.signing_key(at, expected.as_ref())?;
            Ok((public, held, tries))
        })?;
        let pin = if held.asks_for_pin() {
            let (pin, ()) = asking::pin(at, tries, prompt, request, |pin| {
                owner.run(move |card| {
                    card.must_be(at.serial)?;
                    Ok(match card.verify(pin.expose())? {
                        PinAnswer::Right => Tried::Done(()),
                        PinAnswer::Wrong(left) => Tried::Wrong(left),
                    })
                })
            })?;
            Some(pin)
        } else {
            None
        };
        Ok(Box::new(TokenSigner {
            ring: self.ring.clone(),
            at,
            public,
            pin,
            touch: held.touch_policy,
            request: request.clone(),
        }))
    }

    fn generate(
        &self,
        at: TokenSlot,
        wish: &NewTokenKey,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        let wish = *wish;
        let allowed = Arc::new(move |card: &mut Card| card.must_be_empty(at));
        let deed = Arc::new(move |card: &mut Card| card.generate(at, &wish));
        self.ring.administer(at, prompt, request, allowed, deed)
    }

    fn attestation(&self, at: TokenSlot) -> Result<Attestation, Failure> {
        self.ring.owner(at.serial)?.run(move |card| {
            card.must_be(at.serial)?;
            card.attestation(at)
        })
    }

    fn write_certificate(
        &self,
        at: TokenSlot,
        certificate: &Certificate,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<(), Failure> {
        let (checked, written) = (certificate.clone(), certificate.clone());
        let allowed = Arc::new(move |card: &mut Card| card.must_take(at, &checked));
        let deed = Arc::new(move |card: &mut Card| card.write_certificate(at, &written));
        self.ring.administer(at, prompt, request, allowed, deed)
    }

    fn watch(&self, changed: Box<dyn Fn() + Send>) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        match &*listener {
            Some(listener) => *listener.lock().unwrap_or_else(PoisonError::into_inner) = changed,
            None => {
                let first = Arc::new(Mutex::new(changed));
                service::watch(&first);
                *listener = Some(first);
            }
        }
    }
}

impl Ring {
    /// The owner of the one token with a serial.
    ///
    /// Fails with `token-absent`, `token-other`, `token-busy`, `token-ambiguous`, and as reading a serial does.
    fn owner(&self, serial: u32) -> Result<Arc<Owner>, Failure> {
        let mut fitting = Vec::new();
        let (mut others, mut troubled) = (Vec::new(), None);
        for (plugged, owner) in self.owners()? {
            match owner.serial(plugged.events) {
                Ok(found) if found == serial => fitting.push((plugged.reader, owner)),
                Ok(found) => others.push(found),
                Err(failure) => troubled = Some(failure),
            }
        }
        if fitting.len() > 1 {
            let readers: Vec<String> = fitting.into_iter().map(|(reader, _)| reader).collect();
            return Err(trouble::ambiguous(serial, &readers));
        }
        match (fitting.pop(), troubled) {
            (Some((_, owner)), _) => Ok(owner),
            // It may be the one.
            (None, Some(failure)) => Err(failure),
            (None, None) if others.is_empty() => Err(trouble::absent(serial)),
            (None, None) => Err(trouble::other(serial, &others)),
        }
    }

    fn attached(&self) -> Result<Vec<Attached>, Failure> {
        let mut attached = Vec::new();
        for (plugged, owner) in self.owners()? {
            attached.push(match owner.facts(plugged.events) {
                Ok(facts) => Attached::Ready(facts),
                // Pulled out while we looked.
                Err(failure) if failure.code == "token-absent" => continue,
                Err(failure) => Attached::Troubled {
                    serial: owner.known_serial(plugged.events),
                    reader: plugged.reader,
                    failure,
                },
            });
        }
        let serial = |attached: &Attached| match attached {
            Attached::Ready(facts) => Some(facts.serial),
            Attached::Troubled { serial, .. } => *serial,
            Attached::Unseen(_) => None,
        };
        attached.sort_by_key(serial);
        let serials: Vec<_> = attached.iter().map(serial).collect();
        let twice = |place: usize| {
            let same = |other: &usize| serials[place].is_some() && serials[*other] == serials[place];
            (0..serials.len()).filter(same).count() > 1
        };
        let readers: Vec<String> = attached.iter().map(|attached| reader_of(attached).to_owned()).collect();
        for place in (0..attached.len()).filter(|place| twice(*place)) {
            let Some(serial) = serials[place] else { continue };
            let same = (0..serials.len()).filter(|other| serials[*other] == Some(serial));
            let same: Vec<String> = same.map(|other| readers[other].clone()).collect();
            attached[place] = Attached::Troubled {
                reader: readers[place].clone(),
                serial: Some(serial),
                failure: trouble::ambiguous(serial, &same),
            };
        }
        Ok(attached)
    }

    /// Every reader with a token in it, and who owns it; owners of others end.
    fn owners(&self) -> Result<Vec<(Plugged, Arc<Owner>)>, Failure> {
        let plugged = service::plugged()?;
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.retain(|reader, _| plugged.iter().any(|plugged| plugged.reader == *reader));
        let owned = plugged.into_iter().map(|plugged| {
            let owner = match owners.get(&plugged.reader) {
                Some(owner) => owner.clone(),
                None => {
                    let owner = Arc::new(Owner::start(&plugged.reader)?);
                    owners.insert(plugged.reader.clone(), owner.clone());
                    owner
                }
            };
            Ok((plugged, owner))
        });
        owned.collect()
    }
}

fn reader_of(attached: &Attached) -> &str {
    match attached {
        Attached::Ready(facts) => &facts.reader,
        Attached::Troubled { reader, .. } => reader,
        Attached::Unseen(_) => "",
    }
}
