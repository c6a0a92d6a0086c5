//! Tokens behind PKCS#11 modules. A module is a program of its vendor's: only those that a person allowed are loaded, each
//! in a process of its own that may crash, hang or print without harm.

mod asking;
mod cage;
mod keeper;
mod known;
mod library;
mod making;
mod objects;
mod signer;
mod signing;
mod told;
mod trouble;
mod watching;
mod wire;

use std::{
    collections::HashMap,
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rootward_tuf::{Dialect, PhysicalKey, PublicKey};

pub use self::cage::Patience;
pub(super) use self::keeper::keep;
use self::{
    cage::{Cage, Program},
    signer::ModuleSigner,
    told::{can_be_verified, facts, facts_of_all, hex, key_facts, public_of},
    wire::{Answer, Kind, Pin, Place, Request, Told, Trouble},
};
use crate::ports::{
    Failure, ModuleFacts, ModuleKey, ModuleKeyFacts, ModuleName, ModuleToken, ModuleTokenFacts, ModuleTokens, Modules,
    NewModuleKey, PinOf, Prompt, PromptRequest, Random, Secret, Signer,
};

/// The word that starts this program as the keeper of one module: `rootwardctl pkcs11-module LIBRARY`. Only ever said by us.
const WORD: &str = "pkcs11-module";

/// What a module told is told again for so long; after a crash or a hang, for longer, so that a screen stays alive.
const FRESH: Duration = Duration::from_secs(2);
const SORE: Duration = Duration::from_secs(15);

/// The library whose module this process was started to keep, if it was started for that.
pub(super) fn library_to_keep(arguments: impl IntoIterator<Item = OsString>) -> Option<PathBuf> {
    let arguments: Vec<OsString> = arguments.into_iter().skip(1).collect();
    match &arguments[..] {
        [word, library] if word == WORD => Some(library.into()),
        _ => None,
    }
}

/// The tokens of allowed modules.
pub struct Pkcs11Tokens {
    ring: Arc<Ring>,
    random: Arc<dyn Random>,
}

/// Every module's process.
struct Ring {
    /// Says when a touch is awaited.
    prompt: Arc<dyn Prompt>,
    program: Program,
    patience: Patience,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    allowed: Vec<ModuleName>,
    cages: HashMap<PathBuf, Arc<Cage>>,
    told: HashMap<ModuleName, (Instant, Result<Vec<Told>, Failure>)>,
    /// Whether somebody ends processes without work.
    is_tidied: bool,
}

impl Pkcs11Tokens {
    /// Allows no module yet. `prompt` says when a signature waits for a touch.
    pub fn new(prompt: Arc<dyn Prompt>, random: Arc<dyn Random>) -> Self {
        // The program that runs, even when another one lies at its path by now: both ends speak the same.
        Pkcs11Tokens::kept_by("/proc/self/exe", Vec::new(), Patience::default(), prompt, random)
    }

    /// The same with another program to keep modules, with variables of its own: how tests look at one process.
    pub fn kept_by(
        program: impl Into<PathBuf>,
        variables: Vec<(OsString, OsString)>,
        patience: Patience,
        prompt: Arc<dyn Prompt>,
        random: Arc<dyn Random>,
    ) -> Self {
        Pkcs11Tokens {
            ring: Arc::new(Ring {
                prompt,
                program: Program {
                    path: program.into(),
                    variables,
                },
                patience,
                state: Mutex::default(),
            }),
            random,
        }
    }

    /// The one token that is meant, as its module tells of it now.
    fn token(&self, token: &ModuleToken) -> Result<Told, Failure> {
        let told = self.ring.tokens(&token.module)?;
        let is_it = |told: &Told| {
            told.is_initialised
                && told.label == token.label
                && token.serial.as_ref().is_none_or(|serial| told.serial == *serial)
        };
        let mut fitting: Vec<Told> = told.into_iter().filter(is_it).collect();
        match (fitting.pop(), fitting.is_empty()) {
            (Some(told), true) => match &told.trouble {
                Some(why) => Err(trouble::of_token(token, Trouble::Refused(why.clone()))),
                None => Ok(told),
            },
            (Some(last), false) => {
                let serials: Vec<String> = fitting.into_iter().chain([last]).map(|told| told.serial).collect();
                Err(trouble::ambiguous(token, &serials))
            }
            (None, _) => Err(trouble::absent(token)),
        }
    }

    /// The one key that is meant. Where a label is several keys', `expected` tells which.
    fn key(&self, told: &Told, key: &ModuleKey, expected: Option<&PhysicalKey>) -> Result<wire::Key, Failure> {
        let is_it = |held: &&wire::Key| {
            let labelled = held.labels.contains(&key.label) || key.label.is_empty() && held.labels.is_empty();
            labelled && key.id.as_ref().is_none_or(|id| held.ids.contains(id))
        };
        let fitting: Vec<&wire::Key> = told.keys.iter().filter(is_it).collect();
        match &fitting[..] {
            [] => Err(trouble::key_absent(key)),
            [one] => Ok((*one).clone()),
            several => {
                let is_expected = |held: &&&wire::Key| {
                    expected.is_some() && public_of(held).map(|key| key.physical()).as_ref() == expected
                };
                if let Some(meant) = several.iter().find(is_expected) {
                    return Ok((**meant).clone());
                }
                let ids: Vec<String> = several.iter().flat_map(|held| &held.ids).map(|id| hex(id)).collect();
                Err(trouble::key_ambiguous(key, &ids))
            }
        }
    }
}

impl Modules for Pkcs11Tokens {
    fn modules(&self) -> Vec<ModuleFacts> {
        let allowed = self.ring.state().allowed.clone();
        let here = known::here();
        let unasked = here.iter().filter(|(name, _)| !allowed.contains(name));
        let unasked: Vec<ModuleFacts> = unasked
            .map(|(name, path)| ModuleFacts {
                name: name.clone(),
                path: Some(path.clone()),
                is_allowed: false,
            })
            .collect();
        let asked = allowed.into_iter().map(|name| ModuleFacts {
            path: known::library(&name).ok(),
            name,
            is_allowed: true,
        });
        asked.chain(unasked).collect()
    }

    fn allow(&self, modules: &[ModuleName]) {
        let mut state = self.ring.state();
        state.allowed = modules.to_vec();
        let wanted: Vec<PathBuf> = modules.iter().filter_map(|name| known::library(name).ok()).collect();
        state.cages.retain(|library, _| wanted.contains(library));
        state.told.clear();
    }

    fn look_again(&self) {
        self.ring.state().told.clear();
    }

    fn watch(&self, changed: Box<dyn Fn() + Send>) {
        watching::watch(Arc::downgrade(&self.ring), self.ring.patience.looking, changed);
    }

    fn attached(&self) -> Vec<ModuleTokens> {
        let allowed = self.ring.state().allowed.clone();
        // Each in its own process, so a slow one holds no other up.
        thread::scope(|scope| {
            let asked: Vec<_> = allowed
                .iter()
                .map(|module| scope.spawn(|| self.ring.tokens(module)))
                .collect();
            let told = asked.into_iter().zip(&allowed).map(|(asked, module)| {
                let tokens = asked.join().unwrap_or_else(|_| Err(trouble::not_allowed(module)));
                ModuleTokens {
                    module: module.clone(),
                    tokens: tokens.map(|tokens| facts_of_all(module, &tokens)),
                }
            });
            told.collect()
        })
    }

    fn facts(&self, token: &ModuleToken) -> Result<ModuleTokenFacts, Failure> {
        let told = self.token(token)?;
        Ok(facts(token.clone(), &told))
    }

    fn inspect(&self, key: &ModuleKey) -> Result<ModuleKeyFacts, Failure> {
        let told = self.token(&key.token)?;
        let held = self.key(&told, key, None)?;
        Ok(key_facts(key.clone(), &held))
    }

    fn open(
        &self,
        key: &ModuleKey,
        expected: Option<&PhysicalKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        let token = &key.token;
        // What will sign is looked at now.
        self.ring.forget(&token.module);
        let told = self.token(token)?;
        let held = self.key(&told, key, expected)?;
        let refuse =
            |code, why: String| Failure::refusal(code, format!("{} {why}", key.label())).with("key", key.to_string());
        let Some(public) = public_of(&held) else {
            return Err(match &held.spki {
                None if held.algorithm.is_empty() || can_be_verified(&held.algorithm) => {
                    refuse("key-without-public-half", "shows its private half only".into())
                }
                _ => refuse(
                    "key-cannot-sign",
                    format!("is of a kind that cannot be verified ({})", held.algorithm),
                ),
            });
        };
        if let Some(expected) = expected.filter(|expected| **expected != public.physical()) {
            let why = format!("is another key: expected {expected}, found {}", public.physical());
            return Err(refuse("expected-other-key", why).with("found", public.physical().to_string()));
        }
        let ways = [Dialect::Tuf1, Dialect::Notary].map(|dialect| signer::how(&public, dialect));
        if !ways.iter().any(|way| way.is_among(&told.can)) {
            return Err(trouble::lacks(token, ways[0].mechanism()));
        }
        let pin = self.pin(token, &told, prompt, request)?;
        Ok(Box::new(ModuleSigner {
            ring: self.ring.clone(),
            key: key.clone(),
            public,
            pin,
            types_pin: told.types_pin(),
            is_device: told.is_device,
            request: request.clone(),
        }))
    }

    fn generate(
        &self,
        key: &ModuleKey,
        kind: NewModuleKey,
        always_asks: bool,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        let token = &key.token;
        self.ring.forget(&token.module);
        let told = self.token(token)?;
        let kind = match kind {
            NewModuleKey::Ed25519 => Kind::Ed25519,
            NewModuleKey::P256 => Kind::P256,
            NewModuleKey::P384 => Kind::P384,
            NewModuleKey::Rsa3072 => Kind::Rsa3072,
        };
        if !told.can.contains(&library::ability(kind)) {
            return Err(trouble::lacks(token, kind.mechanism()));
        }
        let is_taken = |held: &wire::Key| {
            held.labels.contains(&key.label) || key.id.as_ref().is_some_and(|id| held.ids.contains(id))
        };
        if told.keys.iter().any(is_taken) {
            return Err(trouble::of_token(token, Trouble::Occupied));
        }
        let pin = self.pin(token, &told, prompt, request)?;
        let id = key.id.clone().unwrap_or_else(|| {
            let mut id = vec![0; 16];
            self.random.fill(&mut id);
            id
        });
        let seconds = u32::try_from(self.ring.patience.making.as_secs()).unwrap_or(u32::MAX);
        let _typed = told
            .types_pin()
            .then(|| prompt.touch(&asking::at_device(token, request, "that a new key is made", seconds)))
            .transpose()?;
        let request = Request::Generate {
            token: Ring::place(token),
            label: key.label.clone(),
            id,
            kind,
            always_asks,
        };
        let pin = pin.as_deref().map(Secret::expose).unwrap_or_default();
        let (answer, spki) = self.ring.ask(token, &request, pin, self.ring.patience.making)?;
        let Answer::Made = answer else {
            return Err(trouble::of_token(token, beside_the_point()));
        };
        let made = PublicKey::from_spki_der(&spki)
            .map_err(|why| trouble::of_token(token, Trouble::Nonsense(format!("its new key is none: {why}"))))?;
        self.ring.forget(&token.module);
        // What came of it is read back as everybody will find it.
        let shown = self
            .token(token)
            .and_then(|told| self.key(&told, key, Some(&made.physical())))?;
        if public_of(&shown).map(|key| key.physical()) != Some(made.physical()) {
            return Err(trouble::of_token(
                token,
                Trouble::Nonsense("it shows another key than it made".into()),
            ));
        }
        Ok(made)
    }

    fn initialise(
        &self,
        token: &ModuleToken,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<ModuleTokenFacts, Failure> {
        self.ring.forget(&token.module);
        let tokens = self.ring.tokens(&token.module)?;
        if token.label.is_empty() || token.label.len() > 32 || token.label.trim() != token.label {
            let message = "expected a label of 1 to 32 bytes that does not begin or end with a blank";
            return Err(Failure::fault("bad-usage", message).with("label", token.label.as_str()));
        }
        if tokens
            .iter()
            .any(|told| told.is_initialised && told.label == token.label)
        {
            let message = format!("a token of {} is called {} already", token.module, token.label);
            return Err(Failure::refusal("token-initialised", message).with("token", token.to_string()));
        }
        let is_meant = |told: &&Told| token.serial.as_ref().is_none_or(|serial| told.serial == *serial);
        let mut empty: Vec<&Told> = tokens
            .iter()
            .filter(|told| !told.is_initialised)
            .filter(is_meant)
            .collect();
        let fresh = match (empty.pop(), empty.is_empty()) {
            (Some(fresh), true) => fresh,
            (Some(_), false) => return Err(trouble::of_token(token, Trouble::SeveralEmpty)),
            (None, _) => return Err(trouble::of_token(token, Trouble::NoneEmpty)),
        };
        if fresh.has_pin_pad {
            return Err(trouble::pin_pad(token));
        }
        let so_pin = asking::new_pin(token, fresh, PinOf::SecurityOfficer, prompt, request)?;
        let pin = asking::new_pin(token, fresh, PinOf::Officer, prompt, request)?;
        let secret = zeroize::Zeroizing::new([so_pin.expose(), pin.expose()].concat());
        let order = Request::Initialise {
            serial: token.serial.clone(),
            label: token.label.clone(),
            so_pin: so_pin.expose().len(),
        };
        let (answer, _) = self.ring.ask(token, &order, &secret, self.ring.patience.making)?;
        self.ring.forget(&token.module);
        let Answer::Initialised(told) = answer else {
            return Err(trouble::of_token(token, beside_the_point()));
        };
        // Some tokens choose a new serial then.
        let token = ModuleToken {
            serial: None,
            ..token.clone()
        };
        Ok(facts(token, &told))
    }

    fn set_first_pin(&self, token: &ModuleToken, prompt: &dyn Prompt, request: &PromptRequest) -> Result<(), Failure> {
        self.ring.forget(&token.module);
        let told = self.token(token)?;
        if told.is_pin_set {
            return Err(trouble::of_token(token, Trouble::NoneEmpty));
        }
        if told.has_pin_pad {
            return Err(trouble::pin_pad(token));
        }
        let so_pin = asking::so_pin(token, prompt, request)?;
        let pin = asking::new_pin(token, &told, PinOf::Officer, prompt, request)?;
        let secret = zeroize::Zeroizing::new([so_pin.expose(), pin.expose()].concat());
        let order = Request::SetPin {
            token: Ring::place(token),
            so_pin: so_pin.expose().len(),
        };
        let set = self.ring.ask(token, &order, &secret, self.ring.patience.making);
        self.ring.forget(&token.module);
        set.map(drop)
    }
}

impl Pkcs11Tokens {
    /// The PIN, proven; `None` when the token asks for none, or asks for it at the device whenever it needs it.
    fn pin(
        &self,
        token: &ModuleToken,
        told: &Told,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Option<Arc<Secret>>, Failure> {
        if !told.asks_for_pin {
            return Ok(None);
        }
        if !told.is_pin_set {
            return Err(trouble::of_token(token, Trouble::PinNotSet));
        }
        if told.pin == Pin::Locked {
            return Err(trouble::pin_blocked(token));
        }
        if told.has_pin_pad {
            return Ok(None);
        }
        let unlock = Request::Unlock {
            token: Ring::place(token),
        };
        let (pin, ()) = asking::pin(token, told, prompt, request, |pin| {
            let tried =
                self.ring
                    .cage(&token.module)?
                    .ask(&unlock, pin.expose(), &[], self.ring.patience.signing, None)?;
            // Tries may be gone.
            self.ring.forget(&token.module);
            match tried.0 {
                Answer::Unlocked => Ok(Ok(())),
                Answer::Failed(why) => Ok(Err(why)),
                _ => Ok(Err(beside_the_point())),
            }
        })?;
        Ok(Some(pin))
    }
}

impl Ring {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(token: &ModuleToken) -> Place {
        Place {
            label: token.label.clone(),
            serial: token.serial.clone(),
        }
    }

    /// The place of an allowed module's process.
    fn cage(self: &Arc<Self>, module: &ModuleName) -> Result<Arc<Cage>, Failure> {
        if !self.state().allowed.contains(module) {
            return Err(trouble::not_allowed(module));
        }
        let library = known::library(module)?;
        let mut state = self.state();
        if !state.is_tidied {
            state.is_tidied = watching::tidy(Arc::downgrade(self));
        }
        let new = || Arc::new(Cage::new(library.clone(), self.program.clone()));
        Ok(state.cages.entry(library.clone()).or_insert_with(new).clone())
    }

    fn ask(
        self: &Arc<Self>,
        token: &ModuleToken,
        request: &Request,
        secret: &[u8],
        patience: Duration,
    ) -> Result<(Answer, Vec<u8>), Failure> {
        match self.cage(&token.module)?.ask(request, secret, &[], patience, None)? {
            (Answer::Failed(why), _) => Err(trouble::of_token(token, why)),
            answered => Ok(answered),
        }
    }

    /// What a module tells of its tokens; what it told before while it is at work, or sore from a crash or a hang.
    fn tokens(self: &Arc<Self>, module: &ModuleName) -> Result<Vec<Told>, Failure> {
        let cage = self.cage(module)?;
        if let Some((then, told)) = self.state().told.get(module) {
            let is_sore = told.as_ref().is_err_and(|failure| failure.code != "module-unusable");
            let lasts = if is_sore { SORE } else { FRESH };
            if then.elapsed() < lasts || told.is_ok() && cage.is_busy() {
                return told.clone();
            }
        }
        let asked = cage.ask(&Request::List, &[], &[], self.patience.listing, None);
        let told = asked.and_then(|(answer, _)| match answer {
            Answer::Tokens(tokens) => Ok(tokens),
            Answer::Failed(why) => Err(trouble::of_token(&nameless(module), why)),
            _ => Err(trouble::of_token(&nameless(module), beside_the_point())),
        });
        self.state().told.insert(module.clone(), (Instant::now(), told.clone()));
        told
    }

    /// What a module told counts no more.
    fn forget(&self, module: &ModuleName) {
        self.state().told.remove(module);
    }
}

/// A module itself, where a token would be named.
fn nameless(module: &ModuleName) -> ModuleToken {
    ModuleToken {
        module: module.clone(),
        label: String::new(),
        serial: None,
    }
}

fn beside_the_point() -> Trouble {
    Trouble::Nonsense("it answered another question than was asked".into())
}
