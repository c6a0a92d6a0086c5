//! A token inside this program: keys that are never copied out of it by this desk, a PIN with tries, a touch that is asked for.
//!
//! It answers as a YubiKey does through the same port, and is told from one by its serial alone. Nobody has to touch it: the
//! touch is announced, shown for a moment, and given.

mod signer;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair},
};
use rootward_tuf::{
    PhysicalKey, PublicKey,
    dialect::notary::Certificate,
    encoding::{base64, from_base64},
};
use serde::{Deserialize, Serialize};

use self::signer::PracticeSigner;
use super::{LABEL, file, kept, read, write};
use crate::{
    adapters::{
        piv::{
            DELIVERED_PIN,
            asking::{self, Tried},
            trouble,
        },
        private_key::{self, PrivateKey},
    },
    ports::{
        Attached, Attestation, Delivered, Disk, Failure, FreshTokens, ManagementKey, NewKey, NewTokenKey, Origin,
        PinPolicy, Prompt, PromptRequest, Readiness, Ready, ReadyStep, Signer, Slot, SlotFacts, StepOutcome,
        TokenAlgorithm, TokenFacts, TokenSlot, Tokens, TouchPolicy, device_label, is_practice_token,
    },
};

/// How long a touch is seen that nobody has to give.
const TOUCH_SHOWN: Duration = Duration::from_secs(1);

/// As many wrong PINs as a YubiKey bears.
const TRIES: u8 = 3;

/// The tokens to practise with on a desk. Cheap to clone.
#[derive(Clone)]
pub struct PracticeTokens(Arc<Drawer>);

struct Drawer {
    disk: Arc<dyn Disk>,
    prompt: Arc<dyn Prompt>,
    folder: PathBuf,
    /// How long a touch is shown before it counts as given.
    touch: Duration,
    /// Held while a token's file is changed.
    busy: Mutex<()>,
}

/// A token as its file keeps it.
#[derive(Clone, Serialize, Deserialize)]
struct Token {
    practice: String,
    serial: u32,
    tries: u8,
    /// By the slot's number in hexadecimal digits.
    slots: BTreeMap<String, Held>,
}

/// A key in a slot. It lies open: it is thrown away.
#[derive(Clone, Serialize, Deserialize)]
struct Held {
    pkcs8: String,
    algorithm: String,
    pin: String,
    touch: String,
    certificate: Option<String>,
}

impl PracticeTokens {
    /// Tokens whose files lie in `folder`. `prompt` is told of touches, each of which is shown for `touch`.
    pub fn new(disk: Arc<dyn Disk>, prompt: Arc<dyn Prompt>, folder: PathBuf, touch: Duration) -> Self {
        PracticeTokens(Arc::new(Drawer {
            disk,
            prompt,
            folder,
            touch,
            busy: Mutex::default(),
        }))
    }
}

impl PracticeTokens {
    /// The tokens in a desk's data folder, whose touches are seen for a second.
    pub fn of(disk: Arc<dyn Disk>, prompt: Arc<dyn Prompt>, data: &Path) -> Self {
        PracticeTokens::new(disk, prompt, data.join("practice").join("tokens"), TOUCH_SHOWN)
    }
}

impl Tokens for PracticeTokens {
    fn attached(&self) -> Result<Vec<Attached>, Failure> {
        let tokens = self.0.tokens()?;
        Ok(tokens.iter().map(|token| Attached::Ready(token.facts())).collect())
    }

    fn facts(&self, serial: u32) -> Result<TokenFacts, Failure> {
        Ok(self.0.token(serial)?.facts())
    }

    fn find(&self, key: &PhysicalKey) -> Result<Option<TokenSlot>, Failure> {
        let tokens = self.0.tokens()?;
        Ok(tokens.iter().find_map(|token| {
            let facts = token.facts();
            let mut held = facts.slots.iter();
            let slot = held.find(|slot| slot.public.as_ref().is_some_and(|public| public.physical() == *key))?;
            Some(TokenSlot {
                serial: token.serial,
                slot: slot.slot,
            })
        }))
    }

    fn open(
        &self,
        at: TokenSlot,
        expected: Option<&PhysicalKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        let token = self.0.token(at.serial)?;
        if !request.practice {
            let message = format!("{} is for practice: it signs nothing real", at.label());
            return Err(Failure::refusal("practice-only", message).with("slot", at.to_string()));
        }
        let (held, key) = token.held(at)?;
        if let Some(expected) = expected.filter(|expected| **expected != key.public().physical()) {
            let found = key.public().physical();
            let message = format!("{} holds another key: expected {expected}, found {found}", at.label());
            return Err(Failure::refusal("expected-other-key", message).with("slot", at.to_string()));
        }
        let asks = pin_policy(&held.pin) != PinPolicy::Never;
        let pin = match asks {
            true => {
                let (pin, ()) = asking::pin(at, token.tries, prompt, request, |pin| {
                    Ok(match self.0.verify(at.serial, pin.expose())? {
                        TRIES => Tried::Done(()),
                        left => Tried::Wrong(left),
                    })
                })?;
                Some(pin)
            }
            false => None,
        };
        Ok(Box::new(PracticeSigner {
            drawer: self.0.clone(),
            at,
            public: key.public().clone(),
            pin,
            touches: touch_policy(&held.touch) != TouchPolicy::Never,
            request: request.clone(),
        }))
    }

    fn generate(
        &self,
        at: TokenSlot,
        wish: &NewTokenKey,
        _: &dyn Prompt,
        _: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        let made = |why: &str| token_failed(at, "to make a key", why);
        let (key, pkcs8) = match wish.algorithm {
            TokenAlgorithm::P256 => private_key::generate(NewKey::EcdsaP256).map_err(|why| made(&why))?,
            TokenAlgorithm::P384 => {
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &SystemRandom::new());
                let pkcs8 = pkcs8.map_err(|_| made("no key could be generated"))?;
                let pkcs8 = zeroize::Zeroizing::new(pkcs8.as_ref().to_vec());
                (PrivateKey::read(&pkcs8).map_err(|why| made(&why))?, pkcs8)
            }
        };
        self.0.change(at.serial, true, |token| {
            if let Some(held) = token.slots.get(&at.slot.to_string()) {
                return Err(trouble::slot_occupied(at, &format!("a key ({})", held.algorithm)));
            }
            let held = Held {
                pkcs8: kept(&pkcs8),
                algorithm: wish.algorithm.as_str().into(),
                pin: wish.pin.as_str().into(),
                touch: wish.touch.as_str().into(),
                certificate: None,
            };
            token.slots.insert(at.slot.to_string(), held);
            Ok(())
        })?;
        Ok(key.public().clone())
    }

    /// Always refused: no maker vouches for a token that is none.
    fn attestation(&self, at: TokenSlot) -> Result<Attestation, Failure> {
        self.0.token(at.serial)?.held(at)?;
        Err(attests_nothing(at))
    }

    fn write_certificate(
        &self,
        at: TokenSlot,
        certificate: &Certificate,
        _: &dyn Prompt,
        _: &PromptRequest,
    ) -> Result<(), Failure> {
        self.0.change(at.serial, false, |token| {
            let (held, key) = token.held(at)?;
            if held.certificate.is_some() {
                return Err(trouble::slot_occupied(at, "a certificate"));
            }
            if certificate.public_key().physical() != key.public().physical() {
                let message = format!("the certificate is not over the key in {}", at.label());
                return Err(Failure::refusal("expected-other-key", message));
            }
            if let Some(held) = token.slots.get_mut(&at.slot.to_string()) {
                held.certificate = Some(base64(certificate.der()));
            }
            Ok(())
        })
    }

    /// It comes and goes with its file, which the desk itself makes.
    fn watch(&self, _: Box<dyn Fn() + Send>) {}
}

impl FreshTokens for PracticeTokens {
    fn readiness(&self, serial: u32) -> Result<Readiness, Failure> {
        self.0.token(serial)?;
        Ok(Readiness {
            pin: Delivered::Changed,
            puk: Delivered::Changed,
            management_key: ManagementKey::BehindPin,
        })
    }

    fn make_ready(
        &self,
        at: TokenSlot,
        wish: Option<&NewTokenKey>,
        _: &dyn Prompt,
        _: &PromptRequest,
        taken: &dyn Fn(ReadyStep, StepOutcome),
    ) -> Result<Ready, Failure> {
        self.0.token(at.serial)?;
        if wish.is_some() {
            return Err(attests_nothing(at));
        }
        let steps = [ReadyStep::Puk, ReadyStep::Pin, ReadyStep::ManagementKey].map(|step| (step, StepOutcome::WasSo));
        for (step, outcome) in steps {
            taken(step, outcome);
        }
        Ok(Ready {
            key: None,
            steps: steps.to_vec(),
        })
    }

    fn erase(&self, serial: u32) -> Result<(), Failure> {
        self.0.change(serial, false, |token| {
            token.slots.clear();
            token.tries = TRIES;
            Ok(())
        })
    }
}

impl Drawer {
    fn tokens(&self) -> Result<Vec<Token>, Failure> {
        // A desk on which nobody has practised has no such folder.
        let names = self.disk.list(&self.folder).unwrap_or_default();
        let files = names.iter().filter(|name| name.ends_with(".json"));
        let mut tokens = Vec::new();
        for name in files {
            tokens.extend(read::<Token>(&*self.disk, &self.folder.join(name))?);
        }
        tokens.retain(|token| is_practice_token(token.serial));
        tokens.sort_by_key(|token| token.serial);
        Ok(tokens)
    }

    fn token(&self, serial: u32) -> Result<Token, Failure> {
        let tokens = self.tokens()?;
        let others: Vec<u32> = tokens.iter().map(|token| token.serial).collect();
        let mut found = tokens.into_iter().filter(|token| token.serial == serial);
        found.next().ok_or_else(|| match others.is_empty() {
            true => trouble::absent(serial),
            false => trouble::other(serial, &others),
        })
    }

    /// Changes a token's file as a whole, or not at all; makes the token where that is wanted and it is not there.
    fn change<T>(
        &self,
        serial: u32,
        makes: bool,
        change: impl FnOnce(&mut Token) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let _busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let mut token = match self.token(serial) {
            Ok(token) => token,
            Err(_) if makes && is_practice_token(serial) => Token {
                practice: LABEL.into(),
                serial,
                tries: TRIES,
                slots: BTreeMap::new(),
            },
            Err(absent) => return Err(absent),
        };
        let changed = change(&mut token)?;
        let path = file(&self.folder, &serial.to_string()).ok_or_else(|| trouble::absent(serial))?;
        write(&*self.disk, &self.folder, &path, &token)?;
        Ok(changed)
    }

    /// Takes a PIN, and tells how many tries are left: all of them when it was right. A wrong one is counted before anything is
    /// told; a blocked token takes none.
    fn verify(&self, serial: u32, pin: &[u8]) -> Result<u8, Failure> {
        self.change(serial, false, |token| {
            token.tries = match (token.tries, pin == DELIVERED_PIN) {
                (0, _) => 0,
                (_, true) => TRIES,
                (tries, false) => tries - 1,
            };
            Ok(token.tries)
        })
    }
}

impl Token {
    fn facts(&self) -> TokenFacts {
        let slots = self.slots.iter().filter_map(|(name, held)| {
            Some(SlotFacts {
                slot: Slot::parse(name)?,
                public: super::key(&held.pkcs8).map(|key| key.public().clone()),
                algorithm: held.algorithm.clone(),
                pin_policy: Some(pin_policy(&held.pin)),
                touch_policy: Some(touch_policy(&held.touch)),
                origin: Some(Origin::Generated),
                certificate: held.certificate.as_deref().and_then(from_base64),
                subject: None,
            })
        });
        TokenFacts {
            serial: self.serial,
            model: "practice token".into(),
            // The newest that is known; a practice key can be copied all the same.
            firmware: [5, 7, 1],
            reader: device_label(self.serial),
            pin_tries: Some(self.tries),
            default_management_key: false,
            slots: slots.collect(),
        }
    }

    fn held(&self, at: TokenSlot) -> Result<(Held, PrivateKey), Failure> {
        let held = self
            .slots
            .get(&at.slot.to_string())
            .ok_or_else(|| trouble::slot_empty(at))?;
        let key = super::key(&held.pkcs8).ok_or_else(|| token_failed(at, "to open its key", "its file holds none"))?;
        Ok((held.clone(), key))
    }
}

/// What is no policy asks for most.
fn pin_policy(name: &str) -> PinPolicy {
    let known = [PinPolicy::Never, PinPolicy::Once];
    known
        .into_iter()
        .find(|policy| policy.as_str() == name)
        .unwrap_or(PinPolicy::Always)
}

fn touch_policy(name: &str) -> TouchPolicy {
    let known = [TouchPolicy::Never, TouchPolicy::Cached];
    known
        .into_iter()
        .find(|policy| policy.as_str() == name)
        .unwrap_or(TouchPolicy::Always)
}

fn token_failed(at: TokenSlot, doing: &str, why: &str) -> Failure {
    let message = format!("{} failed {doing}: {why}", at.label());
    Failure::fault("token-failed", message).with("serial", at.serial.to_string())
}

fn attests_nothing(at: TokenSlot) -> Failure {
    let message = format!("{} attests nothing: no maker vouches for a practice token", at.label());
    Failure::refusal("key-cannot-attest", message).with("slot", at.to_string())
}

#[cfg(test)]
mod tests;
