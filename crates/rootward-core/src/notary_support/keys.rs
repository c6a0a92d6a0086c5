//! Officers' keys in memory, open to everybody.

use std::path::Path;

use rootward_tuf::dialect::notary::{Certificate, notary_certificate};
use rootward_tuf::key::{Key, PublicKey};
use rootward_tuf::metadata::Signature;

use super::{public, sign};
use crate::ports::{
    CertificateTerms, Failure, KdfCost, KeyFacts, KeyReference, Keys, Message, NewKey, Prompt, PromptRequest, Secret,
    Signer,
};

/// Every officer's key, open to everybody.
pub struct P256Keys;

fn number_in(reference: &KeyReference) -> Result<u8, Failure> {
    let missing = || Failure::fault("key-file-unreadable", "there is no such key file");
    let KeyReference::File(path) = reference else {
        return Err(missing());
    };
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.and_then(|stem| stem.strip_prefix("officer-")?.parse().ok())
        .ok_or_else(missing)
}

impl Keys for P256Keys {
    fn inspect(&self, reference: &KeyReference) -> Result<KeyFacts, Failure> {
        Ok(KeyFacts {
            reference: reference.clone(),
            public: Some(public(number_in(reference)?)),
            encrypted: false,
            touches: false,
            protection: None,
            name: None,
            headers: Vec::new(),
            may_sign_root: true,
        })
    }

    fn open(&self, reference: &KeyReference, _: &dyn Prompt, _: &PromptRequest) -> Result<Box<dyn Signer>, Failure> {
        let number = number_in(reference)?;
        Ok(Box::new(P256Signer {
            number,
            public: public(number),
        }))
    }

    fn create(&self, _: &Path, _: NewKey, _: &Secret, _: KdfCost) -> Result<PublicKey, Failure> {
        Err(Failure::fault("bad-usage", "not in these tests"))
    }
}

struct P256Signer {
    number: u8,
    public: PublicKey,
}

impl Signer for P256Signer {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure> {
        Signature::by(key, &sign(self.number, message.bytes()))
            .ok_or_else(|| Failure::fault("key-cannot-sign", "the key is of another kind"))
    }

    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure> {
        let (number, gun) = (self.number, terms.gun.as_str());
        let made = notary_certificate(
            gun,
            &self.public,
            terms.not_before,
            terms.not_after,
            terms.serial,
            |tbs| sign(number, tbs),
        );
        made.map_err(|problem| Failure::refusal("key-cannot-sign", problem.to_string()))
    }
}
