//! A loaded module: what it is asked for, in the calls of PKCS#11. Lives in the module's own process.
//!
//! Every question begins anew: the token is found by its label, a session is opened, the PIN is given, and all of it is
//! taken back before the answer is sent.

use std::{path::Path, str};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11},
    error::{Error, RvError},
    mechanism::MechanismType,
    session::{Session, UserType},
    slot::{Slot, TokenInfo},
    types::{AuthPin, RawAuthPin},
};

use super::{
    making, objects, signing,
    wire::{Answer, Can, Kind, Pin, Place, Request, Told, Trouble},
};

/// A module that is loaded and started.
pub(super) struct Library {
    /// `None` only while it is being ended.
    module: Option<Pkcs11>,
    manufacturer: String,
}

pub(super) type Outcome<T> = Result<T, Trouble>;

impl Library {
    /// Says why when the file is no module, or one that does not start.
    pub(super) fn load(library: &Path) -> Result<Self, String> {
        let module = Pkcs11::new(library).map_err(|why| why.to_string())?;
        module
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
            .map_err(|why| format!("it does not start: {why}"))?;
        let about = module
            .get_library_info()
            .map_err(|why| format!("it does not say what it is: {why}"))?;
        Ok(Library {
            manufacturer: format!("{} {}", about.manufacturer_id(), about.library_description()),
            module: Some(module),
        })
    }

    /// Does what was asked for; the bytes are a signature or a public key.
    pub(super) fn answer(&self, request: &Request, secret: &[u8], bytes: &[u8]) -> Outcome<(Answer, Vec<u8>)> {
        let nothing = Vec::new();
        Ok(match request {
            Request::List => (Answer::Tokens(self.tokens()?), nothing),
            Request::Present => (Answer::Present(self.present()?), nothing),
            Request::Unlock { token } => {
                self.unlocked(token, secret, Use::Reading)?;
                (Answer::Unlocked, nothing)
            }
            Request::Sign { token, key, how } => {
                let open = self.unlocked(token, secret, Use::Reading)?;
                (Answer::Signed, signing::sign(&open, &key.spki, *how, secret, bytes)?)
            }
            Request::Generate {
                token,
                label,
                id,
                kind,
                always_asks,
            } => {
                let open = self.unlocked(token, secret, Use::Writing)?;
                (Answer::Made, making::make(&open, label, id, *kind, *always_asks)?)
            }
            Request::SetPin { token, so_pin } => {
                let (so_pin, pin) = secret.split_at_checked(*so_pin).ok_or(Trouble::PinRefused)?;
                let (slot, facts) = self.slot(token)?;
                if facts.user_pin_initialized() {
                    return Err(Trouble::NoneEmpty);
                }
                self.set_pin(slot, &text(so_pin)?, &text(pin)?)?;
                (Answer::Unlocked, nothing)
            }
            Request::Initialise { serial, label, so_pin } => {
                let (so_pin, pin) = secret.split_at_checked(*so_pin).ok_or(Trouble::PinRefused)?;
                let told = self.initialise(serial.as_deref(), label, so_pin, pin)?;
                (Answer::Initialised(Box::new(told)), nothing)
            }
        })
    }

    fn module(&self) -> Outcome<&Pkcs11> {
        self.module
            .as_ref()
            .ok_or_else(|| Trouble::Nonsense("it was ended".into()))
    }

    fn tokens(&self) -> Outcome<Vec<Told>> {
        let slots = self.module()?.get_slots_with_token().map_err(refused)?;
        let told = slots.into_iter().filter_map(|slot| self.token(slot).transpose());
        told.collect()
    }

    fn present(&self) -> Outcome<Vec<Place>> {
        let module = self.module()?;
        let mut present = Vec::new();
        for slot in module.get_slots_with_token().map_err(refused)? {
            match module.get_token_info(slot) {
                Ok(facts) => present.push(Place {
                    label: facts.label().into(),
                    serial: Some(facts.serial_number().trim().into()),
                }),
                Err(why) if is_absent(&why) => {}
                Err(why) => return Err(refused(why)),
            }
        }
        Ok(present)
    }

    /// What one token tells; `None` when it was pulled out meanwhile.
    fn token(&self, slot: Slot) -> Outcome<Option<Told>> {
        let module = self.module()?;
        let facts = match module.get_token_info(slot) {
            Ok(facts) => facts,
            Err(why) if is_absent(&why) => return Ok(None),
            Err(why) => return Err(refused(why)),
        };
        let place = module.get_slot_info(slot).map_err(refused)?;
        let version = facts.firmware_version();
        let mut told = Told {
            label: facts.label().into(),
            serial: facts.serial_number().trim().into(),
            manufacturer: facts.manufacturer_id().trim().into(),
            model: facts.model().trim().into(),
            firmware: format!("{}.{}", version.major(), version.minor()),
            reader: place.slot_description().trim().into(),
            is_device: place.hardware_slot(),
            asks_for_pin: facts.login_required(),
            has_pin_pad: facts.protected_authentication_path(),
            is_initialised: facts.token_initialized(),
            is_pin_set: facts.user_pin_initialized(),
            pin: state(&facts),
            shortest_pin: facts.min_pin_length(),
            longest_pin: facts.max_pin_length(),
            can: self.abilities(slot)?,
            keys: Vec::new(),
            trouble: None,
        };
        if told.is_initialised {
            let session = module.open_ro_session(slot);
            let keys = session
                .map_err(refused)
                .and_then(|session| objects::keys(&session, self));
            match keys {
                Ok(keys) => told.keys = keys,
                Err(Trouble::Nonsense(why)) => return Err(Trouble::Nonsense(why)),
                Err(trouble) => told.trouble = Some(format!("{trouble:?}")),
            }
        }
        Ok(Some(told))
    }

    /// Whether this is Yubico's module, which shows the key that attests others as if it were one of its owner's.
    pub(super) fn shows_attestation_key(&self) -> bool {
        self.manufacturer.to_ascii_lowercase().contains("yubico")
    }

    fn abilities(&self, slot: Slot) -> Outcome<Vec<Can>> {
        let known = self.module()?.get_mechanism_list(slot).map_err(refused)?;
        let can = [
            (MechanismType::ECDSA, Can::Ecdsa),
            (MechanismType::ECDSA_SHA256, Can::EcdsaSha256),
            (MechanismType::ECDSA_SHA384, Can::EcdsaSha384),
            (MechanismType::EDDSA, Can::Eddsa),
            (MechanismType::RSA_PKCS_PSS, Can::Pss),
            (MechanismType::SHA256_RSA_PKCS_PSS, Can::PssSha256),
            (MechanismType::ECC_KEY_PAIR_GEN, Can::MakeEc),
            (MechanismType::ECC_EDWARDS_KEY_PAIR_GEN, Can::MakeEdwards),
            (MechanismType::RSA_PKCS_KEY_PAIR_GEN, Can::MakeRsa),
        ];
        let able = can.into_iter().filter(|(mechanism, _)| known.contains(mechanism));
        Ok(able.map(|(_, can)| can).collect())
    }

    /// The slot with the one token that fits.
    fn slot(&self, token: &Place) -> Outcome<(Slot, TokenInfo)> {
        let module = self.module()?;
        let mut found = None;
        for slot in module.get_slots_with_token().map_err(refused)? {
            let facts = match module.get_token_info(slot) {
                Ok(facts) => facts,
                Err(why) if is_absent(&why) => continue,
                Err(why) => return Err(refused(why)),
            };
            // As it was told, so that what was made plain is found again.
            let is_it = super::wire::plain(facts.label()) == token.label
                && token
                    .serial
                    .as_deref()
                    .is_none_or(|serial| super::wire::plain(facts.serial_number().trim()) == serial)
                && facts.token_initialized();
            if is_it && found.replace((slot, facts)).is_some() {
                return Err(Trouble::Ambiguous);
            }
        }
        found.ok_or(Trouble::Absent)
    }

    /// Opens a token and gives it the PIN.
    fn unlocked(&self, token: &Place, pin: &[u8], how: Use) -> Outcome<Open<'_>> {
        let (slot, facts) = self.slot(token)?;
        let module = self.module()?;
        let session = match how {
            Use::Reading => module.open_ro_session(slot),
            Use::Writing => module.open_rw_session(slot),
        };
        let session = session.map_err(refused)?;
        let has_pin_pad = facts.protected_authentication_path();
        if facts.login_required() {
            log_in(&session, UserType::User, (!has_pin_pad).then_some(pin)).map_err(|why| self.of_login(slot, why))?;
        }
        Ok(Open {
            session,
            has_pin_pad,
            can: self.abilities(slot)?,
            library: self,
        })
    }

    /// What a failed login means.
    fn of_login(&self, slot: Slot, why: Error) -> Trouble {
        match why {
            Error::Pkcs11(RvError::PinIncorrect, _) => {
                let facts = self.module.as_ref().and_then(|module| module.get_token_info(slot).ok());
                match facts.map(|facts| state(&facts)) {
                    Some(Pin::Locked) => Trouble::PinLocked,
                    Some(Pin::LastTry) => Trouble::WrongPin(Pin::LastTry),
                    Some(Pin::Fine | Pin::WasWrong) | None => Trouble::WrongPin(Pin::WasWrong),
                }
            }
            other => refused(other),
        }
    }

    fn initialise(&self, serial: Option<&str>, label: &str, so_pin: &[u8], pin: &[u8]) -> Outcome<Told> {
        let module = self.module()?;
        let mut empty = Vec::new();
        for slot in module.get_slots_with_token().map_err(refused)? {
            let facts = module.get_token_info(slot).map_err(refused)?;
            if facts.token_initialized() {
                if super::wire::plain(facts.label()) == label {
                    return Err(Trouble::Occupied);
                }
                continue;
            }
            if serial.is_none_or(|serial| super::wire::plain(facts.serial_number().trim()) == serial) {
                empty.push((slot, facts));
            }
        }
        let (slot, facts) = empty.pop().ok_or(Trouble::NoneEmpty)?;
        if !empty.is_empty() {
            return Err(Trouble::SeveralEmpty);
        }
        let lengths = facts.min_pin_length()..=facts.max_pin_length();
        if ![so_pin, pin].iter().all(|pin| lengths.contains(&pin.len())) {
            return Err(Trouble::PinRefused);
        }
        let (so_pin, pin) = (text(so_pin)?, text(pin)?);
        module.init_token(slot, &so_pin, label).map_err(refused)?;
        // It may be in another slot by now.
        let place = Place {
            label: label.into(),
            serial: None,
        };
        let (slot, _) = self.slot(&place)?;
        self.set_pin(slot, &so_pin, &pin)?;
        self.token(slot)?.ok_or(Trouble::Absent)
    }

    fn set_pin(&self, slot: Slot, so_pin: &AuthPin, pin: &AuthPin) -> Outcome<()> {
        let session = self.module()?.open_rw_session(slot).map_err(refused)?;
        session.login(UserType::So, Some(so_pin)).map_err(refused)?;
        let set = session.init_pin(pin).map_err(refused);
        let _ = session.logout();
        set
    }
}

/// It lets go of its tokens in order.
impl Drop for Library {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // Nobody is there any more to be told why it does not end.
            let _ = module.finalize();
        }
    }
}

/// What a session is for.
#[derive(Clone, Copy)]
enum Use {
    Reading,
    Writing,
}

/// A session with a token that took the PIN. It is taken back when this is dropped.
pub(super) struct Open<'a> {
    pub(super) session: Session,
    /// The device asks for its PIN by itself, and is given none.
    pub(super) has_pin_pad: bool,
    pub(super) can: Vec<Can>,
    pub(super) library: &'a Library,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // One that asks for no PIN says that nobody was logged in.
        let _ = self.session.logout();
    }
}

/// Gives a PIN, or has the device ask for it without one. A token that has been given it already is content.
pub(super) fn log_in(session: &Session, whose: UserType, pin: Option<&[u8]>) -> Result<(), Error> {
    let done = match pin {
        Some(pin) => session.login_with_raw(whose, &RawAuthPin::new(Box::new(pin.to_vec()))),
        None => session.login(whose, None),
    };
    match done {
        Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        done => done,
    }
}

/// What an error of the module's means.
pub(super) fn refused(why: Error) -> Trouble {
    match &why {
        Error::Pkcs11(code, function) => match code {
            RvError::PinLocked => Trouble::PinLocked,
            RvError::PinIncorrect => Trouble::WrongPin(Pin::WasWrong),
            RvError::PinInvalid | RvError::PinLenRange => Trouble::PinRefused,
            RvError::UserPinNotInitialized => Trouble::PinNotSet,
            RvError::FunctionCanceled => Trouble::NotEntered,
            RvError::MechanismInvalid | RvError::MechanismParamInvalid => {
                Trouble::Lacks(format!("{function} says {code}"))
            }
            _ if is_absent(&why) => Trouble::Absent,
            _ => Trouble::Refused(named(*function, code)),
        },
        Error::LibraryLoading(_) | Error::MissingSymbol(_) | Error::NullFunctionPointer => {
            Trouble::Unusable(why.to_string())
        }
        _ => Trouble::Nonsense(why.to_string()),
    }
}

/// `C_Sign: CKR_…`, without the long text that explains it.
fn named(function: Function, code: &RvError) -> String {
    format!("{function:?} returned {code:?}")
}

fn is_absent(why: &Error) -> bool {
    matches!(
        why,
        Error::Pkcs11(
            RvError::TokenNotPresent | RvError::DeviceRemoved | RvError::SlotIdInvalid | RvError::SessionHandleInvalid,
            _
        )
    )
}

fn state(facts: &TokenInfo) -> Pin {
    if facts.user_pin_locked() {
        Pin::Locked
    } else if facts.user_pin_final_try() {
        Pin::LastTry
    } else if facts.user_pin_count_low() {
        Pin::WasWrong
    } else {
        Pin::Fine
    }
}

/// PIN as the module takes it for a new token: text.
fn text(pin: &[u8]) -> Outcome<AuthPin> {
    let text = str::from_utf8(pin).map_err(|_| Trouble::PinRefused)?;
    Ok(AuthPin::new(text.into()))
}

/// What a kind of key is asked of a token, to be made.
pub(super) fn ability(kind: Kind) -> Can {
    match kind {
        Kind::Ed25519 => Can::MakeEdwards,
        Kind::P256 | Kind::P384 => Can::MakeEc,
        Kind::Rsa3072 => Can::MakeRsa,
    }
}
