//! Tokens of PKCS#11 modules as the desk works with them, kept by the program under test. It signs drafts it makes up, and
//! answers prompts with the secrets it is given.

use std::{
    ffi::OsString,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use rootward_core::{
    adapters::{Patience, Pkcs11Tokens, SystemRandom},
    ports::{
        CertificateTerms, Failure, Instant, Message, ModuleKey, ModuleName, ModuleToken, ModuleTokenFacts, Modules,
        Prompt, PromptRequest, Secret, Signer, TouchRequest, Touching, Wanted,
    },
};
use rootward_tuf::{Dialect, Key, PhysicalKey, RoleName, RootDraft, dialect::notary::Certificate};

/// A person with a list of secrets, and what they were shown.
#[derive(Default)]
pub struct Typing {
    secrets: Mutex<Vec<String>>,
    asked: Mutex<Vec<PromptRequest>>,
    touches: Mutex<Vec<TouchRequest>>,
}

impl Prompt for Typing {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        self.asked.lock().expect("a lock").push(request.clone());
        let mut secrets = self.secrets.lock().expect("a lock");
        if secrets.is_empty() {
            return Err(Failure::interruption("prompt-closed", "nobody types any more"));
        }
        Ok(Secret::new(secrets.remove(0).into_bytes().into()))
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        self.touches.lock().expect("a lock").push(request.clone());
        Ok(Box::new(()))
    }
}

/// One allowed module.
pub struct Bench {
    pub tokens: Pkcs11Tokens,
    pub module: ModuleName,
    person: Arc<Typing>,
}

/// Long enough for a busy machine, short enough for a test of a module that hangs.
pub const PATIENCE: Patience = Patience {
    listing: Duration::from_secs(30),
    signing: Duration::from_secs(30),
    making: Duration::from_secs(60),
    looking: Duration::from_secs(60),
};

impl Bench {
    pub fn new(program: &str, module: &Path, variables: Vec<(OsString, OsString)>) -> Self {
        Self::patient(program, module, variables, PATIENCE)
    }

    pub fn patient(program: &str, module: &Path, variables: Vec<(OsString, OsString)>, patience: Patience) -> Self {
        let person = Arc::new(Typing::default());
        let tokens = Pkcs11Tokens::kept_by(program, variables, patience, person.clone(), Arc::new(SystemRandom));
        let module = ModuleName::new(module.to_str().expect("a path that is text")).expect("an absolute path");
        tokens.allow(std::slice::from_ref(&module));
        Self { tokens, module, person }
    }

    /// A token of the module: `LABEL` or `LABEL;serial=…`.
    pub fn token(&self, text: &str) -> ModuleToken {
        ModuleToken::parse(&format!("{}:{text}", self.module)).expect("a token")
    }

    /// A key: `TOKEN/LABEL`, `TOKEN/LABEL;id=…`.
    pub fn key(&self, text: &str) -> ModuleKey {
        ModuleKey::parse(&format!("{}:{text}", self.module)).expect("a key")
    }

    /// Everything the module tells.
    pub fn told(&self) -> Result<Vec<ModuleTokenFacts>, Failure> {
        self.tokens.attached().remove(0).tokens
    }

    /// What is typed next, instead of what was to be.
    pub fn types(&self, secrets: &[&str]) {
        *self.person.secrets.lock().expect("a lock") = secrets.iter().map(|&text| text.to_owned()).collect();
    }

    /// What was asked for since this was called last.
    pub fn asked(&self) -> Vec<Wanted> {
        let asked = std::mem::take(&mut *self.person.asked.lock().expect("a lock"));
        asked.into_iter().map(|request| request.wants).collect()
    }

    /// The touches announced since this was called last.
    pub fn touches(&self) -> Vec<TouchRequest> {
        std::mem::take(&mut *self.person.touches.lock().expect("a lock"))
    }

    pub fn person(&self) -> &dyn Prompt {
        &*self.person
    }

    pub fn open(&self, key: &str, pins: &[&str]) -> Result<Box<dyn Signer>, Failure> {
        self.open_as(&self.key(key), None, pins)
    }

    pub fn open_as(
        &self,
        key: &ModuleKey,
        expected: Option<&PhysicalKey>,
        pins: &[&str],
    ) -> Result<Box<dyn Signer>, Failure> {
        self.types(pins);
        self.tokens
            .open(key, expected, &*self.person, &PromptRequest::default())
    }
}

/// Signs a root that lists the key, and verifies the signature with eyes of our own. Gives the scheme.
pub fn sign(signer: &mut dyn Signer, dialect: Dialect, certificate: Option<&Certificate>) -> Result<String, Failure> {
    let key = match (dialect, certificate) {
        (Dialect::Notary, Some(certificate)) => Key::new_notary_certificate(certificate.der()).expect("a key"),
        (Dialect::Notary, None) => Key::new_notary_bare(signer.public()),
        (Dialect::Tuf1, _) => Key::new_tuf1(signer.public()),
    };
    let mut draft = RootDraft::first(dialect, false, moment("2030-01-01T00:00:00Z"));
    for role in [
        RoleName::root(),
        RoleName::targets(),
        RoleName::snapshot(),
        RoleName::timestamp(),
    ] {
        draft.add_key(&role, key.clone());
    }
    let frozen = draft.freeze().expect("a root");
    let signature = signer.sign(Message::metadata(&frozen), &key)?;
    frozen
        .check(&key, &signature)
        .expect("every signature that comes out holds");
    Ok(key.scheme().to_owned())
}

/// Has a certificate made for a repository.
pub fn certify(signer: &mut dyn Signer) -> Result<Certificate, Failure> {
    signer.certify(&CertificateTerms {
        gun: "registry.example/app".into(),
        not_before: moment("2026-11-22T00:00:00Z"),
        not_after: moment("2036-11-22T00:00:00Z"),
        serial: [7; 16],
    })
}

fn moment(text: &str) -> Instant {
    Instant::parse(text).expect("a moment")
}
