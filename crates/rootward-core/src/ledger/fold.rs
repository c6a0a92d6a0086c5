//! What the lines of a ledger come to. Believes no line: proofs are verified again.

use rootward_tuf::encoding::from_base64;
use rootward_tuf::key::{PhysicalKey, PublicKey};
use rootward_tuf::statement::{Proof, Transcript};
use rootward_tuf::time::Instant;

use super::deed::{Certifies, Deed, Ended, Proved, Signs, Testified, Trouble};
use crate::chain::{Chain, Ending};

/// Everything on record, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deeds {
    pub signings: Vec<Signing>,
    pub certifications: Vec<Certification>,
    pub proofs: Vec<Proven>,
    pub testimonies: Vec<Testimony>,
    /// From which line on the chain does not hold, and why.
    pub broken: Option<(u32, String)>,
}

/// A document that a key was asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// None for what a line beyond the chain's break claims.
    pub at: Option<Instant>,
    pub what: Signs,
    pub went: Went,
}

/// A certificate that a key was asked to sign over itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    pub at: Instant,
    pub what: Certifies,
    pub went: Went,
}

/// A proof whose signature was verified just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub physical: PhysicalKey,
    pub at: Instant,
    /// Where the key was: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub place: String,
    pub device: String,
    /// The DSSE envelope.
    pub envelope: String,
}

/// A testimony on a transcript whose signature was verified just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    pub physical: PhysicalKey,
    pub at: Instant,
    pub ceremony: String,
    pub device: String,
}

/// How an intent ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Went {
    Signed,
    NotSigned(Trouble),
    /// The program ended, or the device was lost, in the middle: there may be a signature.
    Unknown,
}

impl Signing {
    /// Whether there is a signature, or may be one.
    pub fn may_exist(&self) -> bool {
        !matches!(self.went, Went::NotSigned(_))
    }
}

impl Deeds {
    pub(super) fn of(chain: &Chain<Deed>, ending: &Ending<Deed>) -> Self {
        let mut deeds = Deeds::default();
        // The place of each intent among its kind, by the number of its line.
        let (mut signings, mut certifications) = (Vec::new(), Vec::new());
        for event in chain.events() {
            match &event.fact {
                Deed::Signs(signs) => {
                    signings.push(event.number);
                    deeds.signings.push(Signing {
                        at: Some(event.at),
                        what: (**signs).clone(),
                        went: Went::Unknown,
                    });
                }
                Deed::Certifies(certifies) => {
                    certifications.push(event.number);
                    deeds.certifications.push(Certification {
                        at: event.at,
                        what: (**certifies).clone(),
                        went: Went::Unknown,
                    });
                }
                Deed::Ended(ended) => {
                    if let Ok(place) = signings.binary_search(&ended.intent) {
                        deeds.signings[place].went.end(ended);
                    } else if let Ok(place) = certifications.binary_search(&ended.intent) {
                        deeds.certifications[place].went.end(ended);
                    }
                }
                Deed::Proved(proved) => deeds.proofs.extend(verified(proved)),
                Deed::Testified(testified) => deeds.testimonies.extend(testimony(testified)),
                Deed::LineCut(_) => {}
            }
        }
        if let Ending::Broken { line, why, beyond } = ending {
            deeds.broken = Some((*line, why.clone()));
            // A claim that it failed is not believed; a claim that it signed may be.
            for deed in beyond {
                if let Deed::Signs(signs) = deed {
                    deeds.signings.push(Signing {
                        at: None,
                        what: (**signs).clone(),
                        went: Went::Unknown,
                    });
                }
            }
        }
        deeds
    }

    /// When a key was last seen to work on this desk: by a proof, or by a signature.
    pub fn last_worked(&self, key: &PhysicalKey) -> Option<Instant> {
        let proven = self.proofs.iter().filter(|proven| proven.physical == *key);
        let written = key.to_string();
        let signed = self
            .signings
            .iter()
            .filter(|signing| signing.went == Went::Signed && signing.what.physical_key == written);
        let testified = self.testimonies.iter().filter(|testified| testified.physical == *key);
        proven
            .map(|proven| proven.at)
            .chain(testified.map(|testified| testified.at))
            .chain(signed.filter_map(|signing| signing.at))
            .max()
    }
}

impl Went {
    /// Only the first outcome counts.
    fn end(&mut self, ended: &Ended) {
        if *self == Went::Unknown {
            *self = match &ended.problem {
                None => Went::Signed,
                Some(trouble) => Went::NotSigned(trouble.clone()),
            };
        }
    }
}

fn verified(proved: &Proved) -> Option<Proven> {
    let public = PublicKey::from_spki_der(&from_base64(&proved.public_key)?).ok()?;
    let proof = Proof::read(proved.envelope.as_bytes(), &public).ok()?;
    Some(Proven {
        physical: proof.physical(),
        at: proof.at(),
        place: proof.place().to_owned(),
        device: proved.device.clone(),
        envelope: proved.envelope.clone(),
    })
}

fn testimony(testified: &Testified) -> Option<Testimony> {
    let read = Transcript::read(testified.envelope.as_bytes()).ok()?;
    Some(Testimony {
        physical: read.physical(),
        at: read.testimony().at,
        ceremony: read.testimony().recorded.ceremony.clone(),
        device: testified.device.clone(),
    })
}
