//! Tokens without a desk: what `rootwardctl tokens` asks.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    adapters::{EveryToken, Pkcs11Tokens, PracticeTokens, SystemDisk, SystemRandom, YubiKeys, data_folder},
    border::{
        AttestationView, LossPlan, PinAsked, ReadyView, SlotView, TokenKeyKind, TokenKeyWish, TokenView, TokensView,
        TouchAsked, visible,
    },
    keyring::{self, attestation},
    lookout::Lookout,
    ports::{
        Disk, Failure, KeyReference, ModuleKey, ModuleName, ModuleToken, ModuleTokens, Modules, NewModuleKey,
        NewTokenKey, PinPolicy, Prompt, PromptRequest, TokenAlgorithm, TokenSlot, Tokens, TouchPolicy, Vault,
    },
    provisioning::{attested, erase, provision, slot_of},
};

/// The tokens of this machine, and who is asked for their secrets.
pub struct TokenRack {
    tokens: Arc<dyn Tokens>,
    modules: Pkcs11Tokens,
    prompt: Arc<dyn Prompt>,
    disk: Arc<dyn Disk>,
    /// Where it is said which PKCS#11 modules may be loaded; `None` when the user has no such place.
    data: Option<PathBuf>,
}

impl TokenRack {
    /// Speaks to no token yet. PKCS#11 modules are those that the data folder allows, and `more`.
    ///
    /// Fails with `bad-usage` when one of `more` is no module's name, and with `disk-failed`.
    pub fn new(data: Option<PathBuf>, more: &[String], prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk::new());
        let data = data_folder(data).ok();
        let mut allowed = match &data {
            Some(data) => keyring::allowed_modules(&*disk, data)?,
            None => Vec::new(),
        };
        for text in more {
            let module = keyring::parse_module(text)?;
            if !allowed.contains(&module) {
                allowed.push(module);
            }
        }
        let modules = Pkcs11Tokens::new(prompt.clone(), Arc::new(SystemRandom));
        modules.allow(&allowed);
        Ok(TokenRack {
            tokens: every_token(&disk, data.as_deref(), &prompt),
            modules,
            prompt,
            disk,
            data,
        })
    }

    /// What is plugged in. What its keys speak for, only a desk knows.
    ///
    /// Fails with `token-service-missing` when nothing else could show a token.
    pub fn list(&self) -> Result<TokensView, Failure> {
        let attached = self.tokens.attached();
        let modules = self.modules.modules();
        if let (Err(failure), false) = (&attached, modules.iter().any(|module| module.is_allowed)) {
            return Err(failure.clone());
        }
        let told = self.modules.attached();
        Ok(TokensView::of(&attached, &Default::default()).with_modules(&modules, &told, &Default::default()))
    }

    /// Makes a key in an empty slot, `yubikey:SERIAL/SLOT`, or under a new label, `pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL`.
    ///
    /// Fails with `bad-usage` for another kind of key, and as [`Tokens::generate`] and [`Modules::generate`] do.
    pub fn generate(&self, key: &str, wish: TokenKeyWish) -> Result<SlotView, Failure> {
        born(&*self.tokens, &self.modules, &*self.prompt, key, wish)
    }

    /// Initialises an empty token of a module, `pkcs11:MODULE:LABEL`.
    ///
    /// Fails with `bad-usage` for anything else, and as [`Modules::initialise`] does.
    pub fn initialise(&self, token: &str) -> Result<TokenView, Failure> {
        let token = token
            .strip_prefix("pkcs11:")
            .and_then(ModuleToken::parse)
            .ok_or_else(|| {
                let message = format!("expected a token as pkcs11:MODULE:LABEL, got {}", visible(token));
                Failure::fault("bad-usage", message)
            })?;
        let request = PromptRequest {
            change: format!(
                "A new token of {} is initialised and called {}.",
                token.module.label(),
                token.label
            ),
            key: token.label(),
            ..PromptRequest::default()
        };
        let made = self.modules.initialise(&token, &*self.prompt, &request)?;
        let told = ModuleTokens {
            module: token.module.clone(),
            tokens: Ok(vec![made]),
        };
        let modules = self.modules.modules();
        let view = TokensView::of(&Ok(Vec::new()), &Default::default());
        let mut view = view.with_modules(&modules, &[told], &Default::default());
        view.tokens
            .pop()
            .ok_or_else(|| Failure::fault("token-failed", format!("{} does not show itself", token.label())))
    }

    /// Lets a module be loaded by every program on this data folder from now on, or no more.
    ///
    /// Fails with `bad-usage` when it is no module's name, with `data-folder-unusable`, and with `disk-failed`.
    pub fn set_module(&self, module: &str, may: bool) -> Result<ModuleName, Failure> {
        let module = keyring::parse_module(module)?;
        let data: &Path = match &self.data {
            Some(data) => data,
            None => &data_folder(None)?,
        };
        let failed = |why: std::io::Error| {
            let message = format!("the data folder {} cannot be used: {why}", data.display());
            Failure::fault("data-folder-unusable", message)
        };
        self.disk.create_folder(data).map_err(failed)?;
        let allowed = keyring::set_module(&*self.disk, data, &module, may)?;
        self.modules.allow(&allowed);
        Ok(module)
    }

    /// Makes a token ready for an officer, and keeps what is proven of its key on the lookout's desk, with a root that is
    /// added to it if one is given.
    ///
    /// Fails before anything is done when the desk cannot be opened, and as provisioning does.
    pub fn make_ready(
        &self,
        lookout: &Lookout,
        key: &str,
        wish: TokenKeyWish,
        loss: LossPlan,
        root: Option<&[u8]>,
    ) -> Result<ReadyView, Failure> {
        let ports = lookout.desk()?;
        if let Some(root) = root {
            attestation::add_root(&*ports.vault, root, lookout.now())?;
        }
        let vault: &dyn Vault = &*ports.vault;
        let now = lookout.now();
        provision(
            &*self.tokens,
            &self.modules,
            &*self.prompt,
            Some(vault),
            now,
            key,
            wish,
            loss,
            &|_, _| {},
        )
    }

    /// Proves what the token says of the key in a slot, and keeps it on the lookout's desk.
    ///
    /// Fails when the desk cannot be opened, and as [`Tokens::attestation`] does.
    pub fn attest(&self, lookout: &Lookout, key: &str) -> Result<AttestationView, Failure> {
        let ports = lookout.desk()?;
        let attestation = self.tokens.attestation(slot_of(key)?)?;
        attested(&attestation, Some(&*ports.vault), lookout.now(), None)
    }

    /// Erases the token of `key`, when its serial was typed.
    ///
    /// Refuses with `erase-not-confirmed`.
    pub fn erase(&self, key: &str, typed: &str) -> Result<(), Failure> {
        erase(&*self.tokens, slot_of(key)?.serial, typed)
    }
}

/// Devices, and the practice tokens of a data folder.
fn every_token(disk: &Arc<dyn Disk>, data: Option<&Path>, prompt: &Arc<dyn Prompt>) -> Arc<dyn Tokens> {
    let devices: Arc<dyn Tokens> = Arc::new(YubiKeys::new(prompt.clone()));
    match data {
        Some(data) => Arc::new(EveryToken::new(
            devices,
            Arc::new(PracticeTokens::of(disk.clone(), prompt.clone(), data)),
        )),
        None => devices,
    }
}

/// Makes a key and tells what became of it. Blocks while a person is asked.
///
/// Fails with `bad-usage` when `key` names no place in a token, and as [`Tokens::generate`] and [`Modules::generate`] do.
pub(crate) fn born(
    tokens: &dyn Tokens,
    modules: &dyn Modules,
    prompt: &dyn Prompt,
    key: &str,
    wish: TokenKeyWish,
) -> Result<SlotView, Failure> {
    match keyring::parse(key)? {
        KeyReference::YubiKey(at) => in_slot(tokens, prompt, at, wish),
        KeyReference::Pkcs11(at) => behind_module(modules, prompt, &at, wish),
        _ => {
            let message = "a new key is born in a slot, such as yubikey:19402271/9c, or under a label, such as \
                           pkcs11:softhsm:rootward/root-1";
            Err(Failure::fault("bad-usage", message))
        }
    }
}

fn in_slot(tokens: &dyn Tokens, prompt: &dyn Prompt, at: TokenSlot, wish: TokenKeyWish) -> Result<SlotView, Failure> {
    let device = at.label();
    let new = new_key(wish)?;
    tokens.generate(at, &new, prompt, &request(&device, wish))?;
    let facts = tokens.facts(at.serial)?;
    let slot = facts.slot(at.slot);
    let slot = slot.ok_or_else(|| Failure::fault("token-failed", format!("{device} does not show its new key")))?;
    Ok(SlotView::of(at.serial, slot, &Default::default()))
}

fn behind_module(
    modules: &dyn Modules,
    prompt: &dyn Prompt,
    at: &ModuleKey,
    wish: TokenKeyWish,
) -> Result<SlotView, Failure> {
    let (kind, _) = new_module_key(wish);
    if at.label.is_empty() {
        return Err(Failure::fault("bad-usage", "a new key needs a label to be found by"));
    }
    // When it asks for the PIN is left to the token here; making a token ready says it.
    modules.generate(at, kind, false, prompt, &request(&at.label(), wish))?;
    let token = modules.facts(&at.token)?;
    let facts = modules.inspect(at)?;
    Ok(SlotView::of_module(&token, &facts, &Default::default()))
}

fn request(device: &str, wish: TokenKeyWish) -> PromptRequest {
    PromptRequest {
        change: format!("A new {} key is made in {device}.", kind_words(wish.algorithm)),
        key: device.to_owned(),
        ..PromptRequest::default()
    }
}

/// The kind of key that is wished of a module's token, and whether it asks for the PIN before each signature.
pub(crate) fn new_module_key(wish: TokenKeyWish) -> (NewModuleKey, bool) {
    let kind = match wish.algorithm {
        TokenKeyKind::P256 => NewModuleKey::P256,
        TokenKeyKind::P384 => NewModuleKey::P384,
        TokenKeyKind::Ed25519 => NewModuleKey::Ed25519,
        TokenKeyKind::Rsa3072 => NewModuleKey::Rsa3072,
    };
    (kind, wish.pin == PinAsked::Always)
}

pub(crate) fn new_key(wish: TokenKeyWish) -> Result<NewTokenKey, Failure> {
    Ok(NewTokenKey {
        algorithm: match wish.algorithm {
            TokenKeyKind::P256 => TokenAlgorithm::P256,
            TokenKeyKind::P384 => TokenAlgorithm::P384,
            TokenKeyKind::Ed25519 | TokenKeyKind::Rsa3072 => {
                let kind = kind_words(wish.algorithm);
                let message = format!("expected ECDSA P-256 or P-384 for a slot of a YubiKey, got {kind}");
                return Err(Failure::fault("bad-usage", message));
            }
        },
        pin: match wish.pin {
            PinAsked::Once => PinPolicy::Once,
            PinAsked::Always => PinPolicy::Always,
        },
        touch: match wish.touch {
            TouchAsked::Never => TouchPolicy::Never,
            TouchAsked::Cached => TouchPolicy::Cached,
            TouchAsked::Always => TouchPolicy::Always,
        },
    })
}

fn kind_words(kind: TokenKeyKind) -> &'static str {
    match kind {
        TokenKeyKind::P256 => "ECDSA P-256",
        TokenKeyKind::P384 => "ECDSA P-384",
        TokenKeyKind::Ed25519 => "Ed25519",
        TokenKeyKind::Rsa3072 => "RSA 3072",
    }
}
