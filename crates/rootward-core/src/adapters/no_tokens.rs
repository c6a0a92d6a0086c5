//! A machine that sees no token.

use rootward_tuf::{PhysicalKey, PublicKey, dialect::notary::Certificate};

use crate::ports::{
    Attached, Attestation, Failure, FreshTokens, NewTokenKey, Prompt, PromptRequest, Readiness, Ready, ReadyStep,
    Signer, StepOutcome, TokenFacts, TokenSlot, Tokens,
};

/// No smart card service is asked for anything.
pub struct NoTokens;

fn missing() -> Failure {
    Failure::fault(
        "token-service-missing",
        "no smart card service is asked on this machine",
    )
}

impl Tokens for NoTokens {
    fn attached(&self) -> Result<Vec<Attached>, Failure> {
        Err(missing())
    }

    fn facts(&self, _: u32) -> Result<TokenFacts, Failure> {
        Err(missing())
    }

    fn find(&self, _: &PhysicalKey) -> Result<Option<TokenSlot>, Failure> {
        Err(missing())
    }

    fn open(
        &self,
        _: TokenSlot,
        _: Option<&PhysicalKey>,
        _: &dyn Prompt,
        _: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        Err(missing())
    }

    fn generate(&self, _: TokenSlot, _: &NewTokenKey, _: &dyn Prompt, _: &PromptRequest) -> Result<PublicKey, Failure> {
        Err(missing())
    }

    fn attestation(&self, _: TokenSlot) -> Result<Attestation, Failure> {
        Err(missing())
    }

    fn write_certificate(
        &self,
        _: TokenSlot,
        _: &Certificate,
        _: &dyn Prompt,
        _: &PromptRequest,
    ) -> Result<(), Failure> {
        Err(missing())
    }

    fn watch(&self, _: Box<dyn Fn() + Send>) {}
}

impl FreshTokens for NoTokens {
    fn readiness(&self, _: u32) -> Result<Readiness, Failure> {
        Err(missing())
    }

    fn make_ready(
        &self,
        _: TokenSlot,
        _: Option<&NewTokenKey>,
        _: &dyn Prompt,
        _: &PromptRequest,
        _: &dyn Fn(ReadyStep, StepOutcome),
    ) -> Result<Ready, Failure> {
        Err(missing())
    }

    fn erase(&self, _: u32) -> Result<(), Failure> {
        Err(missing())
    }
}
