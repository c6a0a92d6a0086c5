//! Every kind of key there is, each opened by who knows its kind.

use std::{path::Path, sync::Arc};

use rootward_tuf::PublicKey;

use crate::ports::{
    Failure, KdfCost, KeyCopy, KeyFacts, KeyReference, Keys, ModuleKey, Modules, NewKey, Prompt, PromptRequest, Secret,
    Signer, TokenSlot, Tokens,
};

/// Keys in files and keys in tokens. One never stands in for another.
pub struct EveryKey {
    files: Arc<dyn Keys>,
    tokens: Arc<dyn Tokens>,
    modules: Arc<dyn Modules>,
    keychain: Arc<dyn Keys>,
}

impl EveryKey {
    pub fn new(
        files: Arc<dyn Keys>,
        tokens: Arc<dyn Tokens>,
        modules: Arc<dyn Modules>,
        keychain: Arc<dyn Keys>,
    ) -> Self {
        EveryKey {
            files,
            tokens,
            modules,
            keychain,
        }
    }
}

impl Keys for EveryKey {
    fn inspect(&self, reference: &KeyReference) -> Result<KeyFacts, Failure> {
        match reference {
            KeyReference::File(_) => self.files.inspect(reference),
            KeyReference::YubiKey(at) => self.in_slot(reference, *at),
            KeyReference::Pkcs11(at) => self.behind_module(reference, at),
            KeyReference::Keychain(_) => self.keychain.inspect(reference),
        }
    }

    fn open(
        &self,
        reference: &KeyReference,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        match reference {
            KeyReference::File(_) => self.files.open(reference, prompt, request),
            KeyReference::YubiKey(at) => self.tokens.open(*at, None, prompt, request),
            KeyReference::Pkcs11(at) => self.modules.open(at, None, prompt, request),
            KeyReference::Keychain(_) => self.keychain.open(reference, prompt, request),
        }
    }

    fn kept(&self) -> Vec<KeyReference> {
        self.keychain.kept()
    }

    fn create(&self, path: &Path, kind: NewKey, secret: &Secret, cost: KdfCost) -> Result<PublicKey, Failure> {
        self.files.create(path, kind, secret, cost)
    }

    fn copy(
        &self,
        from: &KeyReference,
        to: &dyn Fn(&PublicKey) -> Result<KeyCopy, Failure>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        match from {
            KeyReference::File(_) => self.files.copy(from, to, prompt, request),
            KeyReference::YubiKey(at) => Err(stays_where_it_is(&at.label())),
            KeyReference::Pkcs11(at) => Err(stays_where_it_is(&at.label())),
            KeyReference::Keychain(_) => Err(stays_where_it_is("the keychain")),
        }
    }
}

fn stays_where_it_is(place: &str) -> Failure {
    let message = format!("the key in {place} never leaves it: only a key in a file can be copied");
    Failure::refusal("key-cannot-leave", message).with("key", place)
}

impl EveryKey {
    fn in_slot(&self, reference: &KeyReference, at: TokenSlot) -> Result<KeyFacts, Failure> {
        let token = self.tokens.facts(at.serial)?;
        let facts = token.slot(at.slot).filter(|facts| facts.holds_key());
        let Some(facts) = facts else {
            let message = format!("{} holds no key", at.label());
            return Err(Failure::refusal("slot-empty", message).with("slot", at.to_string()));
        };
        Ok(KeyFacts {
            reference: reference.clone(),
            public: facts.public.clone(),
            encrypted: facts.asks_for_pin(),
            touches: facts.touches(),
            protection: None,
            name: Some(at.label()),
            headers: Vec::new(),
            may_sign_root: true,
        })
    }

    fn behind_module(&self, reference: &KeyReference, at: &ModuleKey) -> Result<KeyFacts, Failure> {
        let token = self.modules.facts(&at.token)?;
        let facts = self.modules.inspect(at)?;
        Ok(KeyFacts {
            reference: reference.clone(),
            public: facts.public,
            encrypted: token.asks_for_pin,
            // It does not tell; whoever signs is told when it does not answer at once.
            touches: false,
            protection: None,
            name: Some(at.label()),
            headers: Vec::new(),
            may_sign_root: true,
        })
    }
}
