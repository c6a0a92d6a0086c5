//! Who vouches for a card: a throw-away root, the card's attestation key in F9, and a certificate per generated key.
//! Roots and keys come from seeds that everybody can read here: never trust them outside a test.
//!
//! The rig's newer root is built as Yubico's is for firmware from 5.7.4 on: two authorities stand between it and a card.

use crate::keys::{P256, PrivateKey, RSA_2048};
use crate::tlv::{integer, sequence, tlv};
use der::{Decode, Encode};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use x509_cert::Certificate;

const F9_NAME: &str = "Yubico PIV Attestation";
/// 1.3.6.1.4.1.41482.3
const YUBICO_PIV: [u8; 9] = [0x2b, 6, 1, 4, 1, 0x82, 0xc4, 0x0a, 3];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const OID_ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const OID_RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b];
const OID_SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];

/// A root that attestation keys are certified by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationRoot {
    /// The rig's own.
    Rig,
    /// The rig's own of the newer generation, with two authorities between it and the cards, all with RSA keys.
    Newer,
    /// Built as the newer one, but it vouches for another application of the devices than PIV.
    OtherApplication,
    /// Somebody else's, for cards that must be left alone.
    Stranger,
}

/// The kind of key in F9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum F9Key {
    P256,
    Rsa2048,
}

impl AttestationRoot {
    /// Its certificate in DER, signed by itself; always the same bytes.
    pub fn certificate(self) -> Vec<u8> {
        self.authorities()[0].certificate.clone()
    }

    /// The certificates that stand between it and its cards, the highest first.
    pub fn between(self) -> Vec<Vec<u8>> {
        let below = self.authorities()[1..].iter();
        below.map(|authority| authority.certificate.clone()).collect()
    }

    /// From the root down to who certifies cards.
    fn authorities(self) -> &'static [Authority] {
        static MADE: [OnceLock<Vec<Authority>>; 4] = [const { OnceLock::new() }; 4];
        let (place, names): (usize, &[&str]) = match self {
            Self::Rig => (0, &["Rootward test rig: virtual YubiKey root"]),
            Self::Newer => (
                1,
                &[
                    "Rootward test rig: Attestation Root 1",
                    "Rootward test rig: Attestation Intermediate B 1",
                    "Yubico PIV Attestation B 1: Rootward test rig",
                ],
            ),
            Self::OtherApplication => (
                2,
                &[
                    "Rootward test rig: another Attestation Root 1",
                    "Rootward test rig: another Attestation Intermediate B 1",
                    "Yubico FIDO Attestation B 1: Rootward test rig",
                ],
            ),
            Self::Stranger => (3, &["Not the rig's root"]),
        };
        let algorithm = if self == Self::Newer { RSA_2048 } else { P256 };
        MADE[place].get_or_init(|| {
            let mut made: Vec<Authority> = Vec::new();
            for (depth, name) in names.iter().enumerate() {
                // A seed each, the same in every run.
                let mut rng = StdRng::seed_from_u64((place * 8 + depth) as u64 + 1);
                let key = PrivateKey::generate(algorithm, &mut rng).expect("every card has P-256 and RSA-2048");
                let below = u8::try_from(names.len() - depth).expect("few");
                let issuer = made.last().map_or((*name, &key), |above| (above.name, &above.key));
                let certificate = certificate(&mut rng, issuer, name, &key.spki(), &[authority(below)]);
                made.push(Authority { name, key, certificate });
            }
            made
        })
    }

    /// Who certifies its cards.
    fn issuer(self) -> &'static Authority {
        self.authorities().last().expect("a root at least")
    }
}

/// Somebody who issues certificates.
struct Authority {
    name: &'static str,
    key: PrivateKey,
    certificate: Vec<u8>,
}

/// Tells whether a certificate from slot F9 carries this root's signature.
pub fn vouches_for(root: AttestationRoot, f9: &[u8]) -> bool {
    let signed = || -> Option<bool> {
        let certificate = Certificate::from_der(f9).ok()?;
        let body = certificate.tbs_certificate().to_der().ok()?;
        let signature = certificate.signature().as_bytes()?;
        match &root.issuer().key {
            PrivateKey::Rsa(key) => {
                let scheme = rsa::Pkcs1v15Sign::new::<Sha256>();
                let verified = key.as_public_key().verify(scheme, &Sha256::digest(&body), signature);
                Some(verified.is_ok())
            }
            key => {
                let key = VerifyingKey::from_public_key_der(&key.spki()).ok()?;
                let signature = DerSignature::from_bytes(signature).ok()?;
                Some(key.verify(&body, &signature).is_ok())
            }
        }
    };
    signed().unwrap_or(false)
}

/// What an attestation says of a key.
pub struct Statement<'a> {
    pub slot: u8,
    pub key: &'a PrivateKey,
    pub firmware: [u8; 3],
    pub serial: u32,
    pub pin_policy: u8,
    pub touch_policy: u8,
}

/// Makes the attestation key of a card and its certificate.
pub fn attestation_key(root: AttestationRoot, kind: F9Key, rng: &mut StdRng) -> (PrivateKey, Vec<u8>) {
    let algorithm = match kind {
        F9Key::P256 => P256,
        F9Key::Rsa2048 => RSA_2048,
    };
    let key = PrivateKey::generate(algorithm, rng).expect("every card has P-256 and RSA-2048");
    let issuer = root.issuer();
    let issued = certificate(rng, (issuer.name, &issuer.key), F9_NAME, &key.spki(), &[authority(0)]);
    (key, issued)
}

/// A hand-in as officers give it: the certificates of a key born in a card of the rig's, without the card.
pub struct HandIn {
    pub key: Vec<u8>,
    pub device: Vec<u8>,
    /// What the key's holder could have it sign: a certificate over another key, as if the card had made that one.
    pub forged: Vec<u8>,
}

/// Makes a hand-in. `statement` says what the card says; its key is made here.
pub fn hand_in(root: AttestationRoot, kind: F9Key, said: &Said) -> HandIn {
    let mut rng = StdRng::seed_from_u64(u64::from(said.serial));
    let (f9, device) = attestation_key(root, kind, &mut rng);
    let key = PrivateKey::generate(P256, &mut rng).expect("every card has P-256");
    let other = PrivateKey::generate(P256, &mut rng).expect("every card has P-256");
    let statement = |key| Statement {
        slot: 0x9c,
        key,
        firmware: said.firmware,
        serial: said.serial,
        pin_policy: said.policies[0],
        touch_policy: said.policies[1],
    };
    let name = "YubiKey PIV Attestation 9c";
    HandIn {
        forged: statement_certificate(&mut rng, (name, &key), &statement(&other)),
        key: attest(&mut rng, &f9, &statement(&key)),
        device,
    }
}

/// What a card says of itself and a key.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    pub serial: u32,
    pub firmware: [u8; 3],
    /// PIN and touch policy, in the card's numbers.
    pub policies: [u8; 2],
}

/// The certificate that ATTEST answers with.
pub fn attest(rng: &mut StdRng, f9: &PrivateKey, statement: &Statement) -> Vec<u8> {
    statement_certificate(rng, (F9_NAME, f9), statement)
}

fn statement_certificate(rng: &mut StdRng, issuer: (&str, &PrivateKey), statement: &Statement) -> Vec<u8> {
    let extension = |arc: u8, value: &[u8]| extension(&[&YUBICO_PIV[..], &[arc]].concat(), false, value);
    let extensions = [
        extension(3, &statement.firmware),
        extension(7, &integer(&statement.serial.to_be_bytes())),
        extension(8, &[statement.pin_policy, statement.touch_policy]),
        extension(9, &[1]), // form factor: USB-A keychain
    ];
    let subject = format!("YubiKey PIV Attestation {:x}", statement.slot);
    certificate(rng, issuer, &subject, &statement.key.spki(), &extensions)
}

/// With so many authorities below at most.
fn authority(below: u8) -> Vec<u8> {
    extension(BASIC_CONSTRAINTS, true, &sequence(&[tlv(1, &[0xff]), tlv(2, &[below])]))
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { tlv(1, &[0xff]) } else { Vec::new() };
    sequence(&[tlv(6, oid), critical, tlv(4, value)])
}

/// X.509 v3, valid as long as hardware's are: 2016 to 2052.
fn certificate(
    rng: &mut StdRng,
    (issuer, key): (&str, &PrivateKey),
    subject: &str,
    spki: &[u8],
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let name = |common: &str| {
        sequence(&[tlv(
            0x31,
            &sequence(&[tlv(6, &[0x55, 4, 3]), tlv(0x0c, common.as_bytes())]),
        )])
    };
    let mut serial = [0; 16];
    rng.fill_bytes(&mut serial);
    let algorithm = match key {
        PrivateKey::Rsa(_) => sequence(&[tlv(6, OID_RSA_SHA256), tlv(5, &[])]),
        _ => sequence(&[tlv(6, OID_ECDSA_SHA256)]),
    };
    let body = sequence(&[
        tlv(0xa0, &tlv(2, &[2])),
        integer(&[&[0x40], &serial[1..]].concat()),
        algorithm.clone(),
        name(issuer),
        sequence(&[tlv(0x17, b"160314000000Z"), tlv(0x18, b"20520417000000Z")]),
        name(subject),
        spki.to_vec(),
        tlv(0xa3, &sequence(extensions)),
    ]);
    let signature = sign(key, &body);
    sequence(&[body, algorithm, tlv(3, &[&[0], &signature[..]].concat())])
}

fn sign(key: &PrivateKey, body: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(body);
    let block = match key {
        PrivateKey::Rsa(_) => {
            // PKCS #1 v1.5 for 2048 bits.
            let info = sequence(&[sequence(&[tlv(6, OID_SHA256), tlv(5, &[])]), tlv(4, &digest)]);
            [&[0, 1][..], &vec![0xff; 256 - 3 - info.len()], &[0], &info].concat()
        }
        _ => digest.to_vec(),
    };
    key.sign(&block).expect("the block has the key's length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_root_vouches_for_a_card() {
        for (root, kind) in [
            (AttestationRoot::Rig, F9Key::P256),
            (AttestationRoot::Rig, F9Key::Rsa2048),
            (AttestationRoot::Newer, F9Key::P256),
        ] {
            let (_, f9) = attestation_key(root, kind, &mut StdRng::seed_from_u64(9));
            assert!(vouches_for(root, &f9));
            assert!(!vouches_for(AttestationRoot::Stranger, &f9));
            let mut changed = f9.clone();
            changed[60] ^= 1;
            assert!(!vouches_for(root, &changed));
        }
        assert!(!vouches_for(AttestationRoot::Rig, b""));
    }

    #[test]
    fn a_root_is_always_the_same_and_no_other() {
        assert_eq!(AttestationRoot::Rig.certificate(), AttestationRoot::Rig.certificate());
        assert_ne!(
            AttestationRoot::Rig.certificate(),
            AttestationRoot::Stranger.certificate()
        );
    }
}
