//! Certificates as people hand them in: files in PEM or DER, in any order.

use super::{
    AttestationProblem,
    certificate::Certificate,
    statement::{Statement, is_over_a_holders_key},
};
use crate::ports::Attestation;

/// Longer than any chain in PEM.
const LONGEST: usize = 1 << 20;
const MOST: usize = 16;

const BEGIN: &[u8] = b"-----BEGIN ";
const LABEL: &str = "CERTIFICATE";

/// The certificates in a file, in DER: every block of PEM, else the file itself. `what` names the file to people.
///
/// Fails with `Unreadable`.
pub fn certificates(what: &str, bytes: &[u8]) -> Result<Vec<Vec<u8>>, AttestationProblem> {
    let unreadable = |why| AttestationProblem::Unreadable {
        what: what.to_owned(),
        why,
    };
    if bytes.len() > LONGEST {
        return Err(unreadable("expected at most 1 MiB"));
    }
    if !bytes.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Ok(vec![bytes.to_vec()]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("expected PEM as text"))?;
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        let block = &rest[start..];
        let end = block
            .find("-----END ")
            .ok_or_else(|| unreadable("its PEM has no end"))?;
        let line = block[end..].find('\n').map_or(block.len(), |line| end + line + 1);
        let block_text = block[..line].replace("\r\n", "\n");
        let (label, der) =
            der::pem::decode_vec(block_text.trim_end().as_bytes()).map_err(|_| unreadable("its PEM is damaged"))?;
        if label != LABEL {
            return Err(unreadable("its PEM holds something else than certificates"));
        }
        found.push(der);
        if found.len() > MOST {
            return Err(unreadable("expected at most 16 certificates"));
        }
        rest = &block[line..];
    }
    Ok(found)
}

/// Puts together what an officer hands in for one key: the key's certificate, the device's, and further ones; what else is in
/// a file may stand between the device and a root.
///
/// Fails with `Unreadable`.
pub fn handed_in(key: &[u8], device: &[u8], others: &[Vec<u8>]) -> Result<Attestation, AttestationProblem> {
    let mut slot = certificates("the key's certificate", key)?.into_iter();
    let mut device = certificates("the device's certificate", device)?.into_iter();
    let attestation = Attestation {
        slot: slot.next().unwrap_or_default(),
        device: device.next().unwrap_or_default(),
        between: slot.chain(device).collect(),
    };
    others.iter().try_fold(attestation, |mut attestation, other| {
        attestation
            .between
            .extend(certificates("a further certificate", other)?);
        Ok(attestation)
    })
}

/// Puts certificates of keys together with those of the devices that signed them; the rest may stand in between.
///
/// Fails with `NoAttestation` when none is over a key, and with `WrongSignature` when no device among them signed one.
pub fn paired(certificates: &[Vec<u8>]) -> Result<Vec<Attestation>, AttestationProblem> {
    let read = certificates.iter().map(|der| Certificate::read("a certificate", der));
    let read = read.collect::<Result<Vec<_>, _>>()?;
    let (keys, others): (Vec<_>, Vec<_>) = read.into_iter().partition(is_over_a_holders_key);
    if keys.is_empty() {
        return Err(AttestationProblem::NoAttestation {
            what: "the hand-in".into(),
            missing: "its policies",
        });
    }
    let paired = keys.into_iter().map(|key| {
        Statement::of(&key)?;
        let named = others.iter().filter(|device| key.names_as_issuer(device));
        let named: Vec<&Certificate> = named.collect();
        let Some(device) = named.iter().find(|device| key.is_signed_by(device).is_ok()) else {
            let (what, issuer) = (format!("the certificate of {}", key.subject()), key.issuer());
            return Err(match named.is_empty() {
                true => AttestationProblem::UnknownIssuer { what, issuer },
                false => AttestationProblem::WrongSignature { what, issuer },
            });
        };
        let between = others.iter().filter(|other| other.der() != device.der());
        Ok(Attestation {
            slot: key.der().to_vec(),
            device: device.der().to_vec(),
            between: between.map(|other| other.der().to_vec()).collect(),
        })
    });
    paired.collect()
}
