//! Who may vouch for devices: the maker's roots, which change with a release alone, and roots added on this machine.

use rootward_tuf::encoding::sha256;

use super::{
    AttestationProblem,
    certificate::{Certificate, Link},
    evidence,
};

/// Yubico's, of both generations; `README.md` beside them says where they come from.
const MAKERS: [&str; 2] = [
    include_str!("../../../data/yubico/yubico-piv-ca-1.pem"),
    include_str!("../../../data/yubico/yubico-ca-1.pem"),
];
const INTERMEDIATES: &str = include_str!("../../../data/yubico/yubico-intermediate.pem");

/// Who vouches for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouching {
    /// A root of its maker, which this program carries.
    Maker,
    /// A root that somebody added on this machine.
    AddedHere,
}

/// A root that somebody added on this machine, with others that stand below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedRoot {
    der: Vec<u8>,
    between: Vec<Vec<u8>>,
    subject: String,
}

impl AddedRoot {
    /// Takes a root in PEM or DER. Of several certificates the root is the one that names itself as its issuer.
    ///
    /// Refuses what is no certificate, or says that it vouches for nobody.
    pub fn read(bytes: &[u8]) -> Result<Self, AttestationProblem> {
        let what = "the root";
        let read = evidence::certificates(what, bytes)?.into_iter();
        let read = read
            .map(|der| Certificate::read(what, &der))
            .collect::<Result<Vec<_>, _>>()?;
        let names_itself = |certificate: &Certificate| certificate.names_as_issuer(certificate);
        let (mut roots, mut others): (Vec<_>, Vec<_>) = read.into_iter().partition(names_itself);
        if roots.is_empty() && others.len() == 1 {
            roots.append(&mut others);
        }
        let [certificate] = roots.as_slice() else {
            return Err(AttestationProblem::Unreadable {
                what: what.into(),
                why: "expected one certificate that names itself as its issuer",
            });
        };
        if super::statement::is_over_a_holders_key(certificate) {
            return Err(AttestationProblem::NoAuthority {
                what: "any device".into(),
                issuer: certificate.subject(),
                why: "it is over a key that a device's holder uses",
            });
        }
        if let Some(why) = certificate.is_no_authority(0) {
            return Err(AttestationProblem::NoAuthority {
                what: "any device".into(),
                issuer: certificate.subject(),
                why,
            });
        }
        Ok(AddedRoot {
            der: certificate.der().to_vec(),
            between: others.iter().map(|other| other.der().to_vec()).collect(),
            subject: certificate.subject(),
        })
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its common name.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What people compare.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }
}

/// Everybody who may vouch for a device.
#[derive(Debug, Clone)]
pub struct Roots {
    pub(super) anchors: Vec<(Certificate, Vouching)>,
    /// Between roots and devices; trusted for nothing but their signatures.
    pub(super) between: Vec<Certificate>,
}

impl Roots {
    /// The makers' roots alone.
    pub fn of_makers() -> Self {
        let read = |pem: &str| {
            let certificates = evidence::certificates("a maker's certificate", pem.as_bytes());
            let certificates = certificates
                .expect("the program carries certificates (tested)")
                .into_iter();
            let read = certificates.map(|der| Certificate::read("the maker's certificate", &der));
            read.collect::<Result<Vec<_>, _>>()
                .expect("the program carries certificates (tested)")
        };
        let anchors = MAKERS.iter().flat_map(|pem| read(pem));
        Roots {
            anchors: anchors.map(|anchor| (anchor, Vouching::Maker)).collect(),
            between: read(INTERMEDIATES),
        }
    }

    /// Whether a certificate is one of them.
    pub fn has(&self, root: &AddedRoot) -> bool {
        self.anchors.iter().any(|(anchor, _)| anchor.der() == root.der())
    }

    /// The certificates that end a chain, as people compare them.
    pub fn links(&self) -> impl Iterator<Item = Link> {
        self.anchors.iter().map(|(anchor, _)| anchor.link())
    }

    /// And one added on this machine besides. One of the maker's stays the maker's.
    pub fn and(mut self, added: &AddedRoot) -> Self {
        if let (false, Ok(anchor)) = (self.has(added), Certificate::read("the root", &added.der)) {
            self.anchors.push((anchor, Vouching::AddedHere));
        }
        let between = added.between.iter();
        let what = "a certificate given with the root";
        self.between
            .extend(between.filter_map(|der| Certificate::read(what, der).ok()));
        self
    }

    /// As if the maker's root were this one.
    #[cfg(test)]
    pub(super) fn standing_in_for_the_maker(self, root: &AddedRoot) -> Self {
        let mut roots = self.and(root);
        for (_, vouching) in &mut roots.anchors {
            *vouching = Vouching::Maker;
        }
        roots
    }
}
