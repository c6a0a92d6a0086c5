//! From a key's certificate by way of the device's to a root.

use rootward_tuf::{Instant, PhysicalKey, PublicKey};

use super::{
    AttestationProblem, VerifiedAttestation,
    certificate::Certificate,
    roots::{Roots, Vouching},
    statement::{Statement, is_over_a_holders_key},
};
use crate::ports::Attestation;

/// Certificates below a root: key, device, and up to two between them and the root.
const LONGEST: usize = 4;

/// What stands in the name of those that vouch for PIV devices; the maker's other ones vouch for other applications.
const FOR_PIV: &str = "Yubico PIV Attestation";

/// Proves where a key was born.
///
/// Checked are: what the device says of the key; that each certificate names the next as its issuer and is signed by its
/// key, up to a root; that each issuer is an authority where it says so, with no more below it than it says; that none of
/// them is a key that a device's holder uses; that below a maker's root a device is vouched for by one for PIV; and
/// that the key is the expected one. Dates refuse nothing: a device does not change by them.
///
/// The problem of the way that led furthest is told.
pub fn verify(
    attestation: &Attestation,
    roots: &Roots,
    expected: Option<&PhysicalKey>,
) -> Result<VerifiedAttestation, AttestationProblem> {
    let key = Certificate::read("the key's certificate", &attestation.slot)?;
    let device = Certificate::read("the device's certificate", &attestation.device)?;
    let between = attestation.between.iter();
    let mut between = between
        .map(|der| Certificate::read("a certificate between device and root", der))
        .collect::<Result<Vec<_>, _>>()?;
    between.extend(roots.between.iter().cloned());
    let statement = Statement::of(&key)?;
    let public = public_key(&key)?;
    if let Some(expected) = expected.filter(|expected| **expected != public.physical()) {
        return Err(AttestationProblem::OtherKey {
            what: key.what,
            expected: *expected,
            found: public.physical(),
        });
    }
    issued(&key, &device, 0)?;
    let mut search = Search {
        roots,
        between: &between,
        furthest: None,
    };
    let mut chain = vec![&key, &device];
    let Some((root, vouching)) = search.climb(&mut chain) else {
        return Err(search.furthest.map_or_else(
            || AttestationProblem::UnknownIssuer {
                what: device.what.clone(),
                issuer: device.issuer(),
            },
            |(_, problem)| problem,
        ));
    };
    chain.push(root);
    let begins = chain.iter().map(|certificate| certificate.holds.0);
    let holds = (
        begins.fold(key.holds.0, Instant::max),
        chain.iter().filter_map(|certificate| certificate.holds.1).min(),
    );
    Ok(VerifiedAttestation {
        public,
        serial: statement.serial,
        firmware: statement.firmware,
        pin: statement.pin,
        touch: statement.touch,
        form_factor: statement.form_factor,
        slot: statement.slot,
        chain: chain.iter().map(|certificate| certificate.link()).collect(),
        vouching,
        holds,
    })
}

struct Search<'a> {
    roots: &'a Roots,
    between: &'a [Certificate],
    /// How many certificates were proven when it failed, and how.
    furthest: Option<(usize, AttestationProblem)>,
}

impl<'a> Search<'a> {
    /// Extends the chain up to, and without, a root.
    fn climb(&mut self, chain: &mut Vec<&'a Certificate>) -> Option<(&'a Certificate, Vouching)> {
        let last = *chain.last()?;
        for (root, vouching) in &self.roots.anchors {
            if !last.names_as_issuer(root) {
                continue;
            }
            match self.allowed(chain, root, Some(*vouching)) {
                Ok(()) => return Some((root, *vouching)),
                Err(problem) => self.failed(chain.len(), problem),
            }
        }
        if chain.len() == LONGEST {
            return None;
        }
        for issuer in self.between {
            let seen = chain.iter().any(|seen| seen.der() == issuer.der());
            if seen || !last.names_as_issuer(issuer) {
                continue;
            }
            match self.allowed(chain, issuer, None) {
                Ok(()) => {
                    chain.push(issuer);
                    if let Some(found) = self.climb(chain) {
                        return Some(found);
                    }
                    chain.pop();
                }
                Err(problem) => self.failed(chain.len(), problem),
            }
        }
        let unknown = AttestationProblem::UnknownIssuer {
            what: last.what.clone(),
            issuer: last.issuer(),
        };
        self.failed(chain.len(), unknown);
        None
    }

    /// `vouching` is of a root; `None` for one in between.
    fn allowed(
        &self,
        chain: &[&Certificate],
        issuer: &Certificate,
        vouching: Option<Vouching>,
    ) -> Result<(), AttestationProblem> {
        let last = chain[chain.len() - 1];
        // Those below that may issue themselves: all but the key's.
        issued(last, issuer, chain.len() - 1)?;
        let through_others = chain.len() > 2 && !chain[2].subject().starts_with(FOR_PIV);
        if vouching == Some(Vouching::Maker) && through_others {
            return Err(AttestationProblem::NoAuthority {
                what: chain[1].what.clone(),
                issuer: chain[2].subject(),
                why: "it vouches for another application than PIV",
            });
        }
        Ok(())
    }

    /// Keeps what failed furthest up, and of those the first: a wrong signature tells more than an unknown issuer.
    fn failed(&mut self, proven: usize, problem: AttestationProblem) {
        if self.furthest.as_ref().is_none_or(|(most, _)| proven > *most) {
            self.furthest = Some((proven, problem));
        }
    }
}

/// Checks that `issuer` issued `certificate`, with so many authorities below it.
fn issued(certificate: &Certificate, issuer: &Certificate, below: usize) -> Result<(), AttestationProblem> {
    if !certificate.names_as_issuer(issuer) {
        return Err(AttestationProblem::UnknownIssuer {
            what: certificate.what.clone(),
            issuer: certificate.issuer(),
        });
    }
    certificate.is_signed_by(issuer)?;
    let why = match is_over_a_holders_key(issuer) {
        true => Some("it is over a key that a device's holder uses"),
        false => issuer.is_no_authority(below),
    };
    match why {
        None => Ok(()),
        Some(why) => Err(AttestationProblem::NoAuthority {
            what: certificate.what.clone(),
            issuer: issuer.subject(),
            why,
        }),
    }
}

fn public_key(certificate: &Certificate) -> Result<PublicKey, AttestationProblem> {
    let unfit = |why: String| AttestationProblem::UnfitKey {
        what: certificate.what.clone(),
        why,
    };
    let spki = certificate.key().ok_or_else(|| unfit("it cannot be read".into()))?;
    PublicKey::from_spki_der(&spki).map_err(|problem| unfit(problem.to_string()))
}
