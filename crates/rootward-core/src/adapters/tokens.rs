//! Every token there is: those in readers, and those to practise with. A serial says which; one never stands in for the other.

use std::sync::Arc;

use rootward_tuf::{PhysicalKey, PublicKey, dialect::notary::Certificate};

use crate::ports::{
    Attached, Attestation, Failure, FreshTokens, NewTokenKey, Prompt, PromptRequest, Readiness, Ready, ReadyStep,
    Signer, StepOutcome, TokenFacts, TokenSlot, Tokens, is_practice_token,
};

/// Tokens in readers and practice tokens.
pub struct EveryToken {
    devices: Arc<dyn Tokens>,
    practice: Arc<dyn Tokens>,
}

impl EveryToken {
    pub fn new(devices: Arc<dyn Tokens>, practice: Arc<dyn Tokens>) -> Self {
        EveryToken { devices, practice }
    }

    fn of(&self, serial: u32) -> &dyn Tokens {
        match is_practice_token(serial) {
            true => &*self.practice,
            false => &*self.devices,
        }
    }
}

impl Tokens for EveryToken {
    fn attached(&self) -> Result<Vec<Attached>, Failure> {
        let practice = self.practice.attached()?;
        let mut attached = match self.devices.attached() {
            Ok(attached) => attached,
            Err(failure) if practice.is_empty() => return Err(failure),
            // Said beside the practice tokens, which need no service.
            Err(failure) => vec![Attached::Unseen(failure)],
        };
        for token in &mut attached {
            if let Attached::Ready(facts) = token
                && is_practice_token(facts.serial)
            {
                *token = Attached::Troubled {
                    reader: facts.reader.clone(),
                    serial: None,
                    failure: claims_to_be_practice(facts.serial),
                };
            }
        }
        attached.extend(practice);
        Ok(attached)
    }

    fn facts(&self, serial: u32) -> Result<TokenFacts, Failure> {
        self.of(serial).facts(serial)
    }

    fn find(&self, key: &PhysicalKey) -> Result<Option<TokenSlot>, Failure> {
        match self.practice.find(key)? {
            Some(found) => Ok(Some(found)),
            None => self.devices.find(key),
        }
    }

    fn open(
        &self,
        at: TokenSlot,
        expected: Option<&PhysicalKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure> {
        self.of(at.serial).open(at, expected, prompt, request)
    }

    fn generate(
        &self,
        at: TokenSlot,
        wish: &NewTokenKey,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        self.of(at.serial).generate(at, wish, prompt, request)
    }

    fn attestation(&self, at: TokenSlot) -> Result<Attestation, Failure> {
        self.of(at.serial).attestation(at)
    }

    fn write_certificate(
        &self,
        at: TokenSlot,
        certificate: &Certificate,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<(), Failure> {
        self.of(at.serial).write_certificate(at, certificate, prompt, request)
    }

    fn watch(&self, changed: Box<dyn Fn() + Send>) {
        self.devices.watch(changed);
    }
}

impl FreshTokens for EveryToken {
    fn readiness(&self, serial: u32) -> Result<Readiness, Failure> {
        self.of(serial).readiness(serial)
    }

    fn make_ready(
        &self,
        at: TokenSlot,
        wish: Option<&NewTokenKey>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
        taken: &dyn Fn(ReadyStep, StepOutcome),
    ) -> Result<Ready, Failure> {
        self.of(at.serial).make_ready(at, wish, prompt, request, taken)
    }

    fn erase(&self, serial: u32) -> Result<(), Failure> {
        self.of(serial).erase(serial)
    }
}

fn claims_to_be_practice(serial: u32) -> Failure {
    let message = format!("a device in a reader has the serial {serial}, which belongs to practice tokens");
    Failure::fault("token-unsupported", message).with("serial", serial.to_string())
}
