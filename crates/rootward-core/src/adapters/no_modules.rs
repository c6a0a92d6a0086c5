//! A machine on which no PKCS#11 module may be loaded.

use rootward_tuf::{PhysicalKey, PublicKey};

use crate::ports::{
    Failure, ModuleFacts, ModuleKey, ModuleKeyFacts, ModuleName, ModuleToken, ModuleTokenFacts, ModuleTokens, Modules,
    NewModuleKey, Prompt, PromptRequest, Signer,
};

/// Refuses every module.
pub struct NoModules;

fn refused(module: &ModuleName) -> Failure {
    let message = format!("the PKCS#11 module {module} is not among those that may be loaded");
    Failure::refusal("module-not-allowed", message).with("module", module.as_str())
}

impl Modules for NoModules {
    fn modules(&self) -> Vec<ModuleFacts> {
        Vec::new()
    }

    fn allow(&self, _: &[ModuleName]) {}

    fn look_again(&self) {}

    fn attached(&self) -> Vec<ModuleTokens> {
        Vec::new()
    }

    fn facts(&self, token: &ModuleToken) -> Result<ModuleTokenFacts, Failure> {
        Err(refused(&token.module))
    }

    fn inspect(&self, key: &ModuleKey) -> Result<ModuleKeyFacts, Failure> {
        Err(refused(&key.token.module))
    }

    fn open(
        &self,
        key: &ModuleKey,
        _: Option<&PhysicalKey>,
        _: &dyn Prompt,
        _: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        Err(refused(&key.token.module))
    }

    fn generate(
        &self,
        key: &ModuleKey,
        _: NewModuleKey,
        _: bool,
        _: &dyn Prompt,
        _: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        Err(refused(&key.token.module))
    }

    fn set_first_pin(&self, token: &ModuleToken, _: &dyn Prompt, _: &PromptRequest) -> Result<(), Failure> {
        Err(refused(&token.module))
    }

    fn initialise(&self, token: &ModuleToken, _: &dyn Prompt, _: &PromptRequest) -> Result<ModuleTokenFacts, Failure> {
        Err(refused(&token.module))
    }
}
