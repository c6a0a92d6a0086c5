//! Notary's pinning by authority: whose word makes a certificate count as a root key's (`trust_pinning.ca`).
//!
//! Chains are checked as Go's client checks them: dates, names, signatures, who may issue, what for. No revocation.

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _, Header, Reader as _, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use crate::dialect::notary::certificate::Certificate;
use crate::key::{KeyProblem, Method};
use crate::time::Instant;

/// Certificates from which a root key's must descend.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Vec<Certificate>);

/// Longer chains are not followed.
const LONGEST_CHAIN: usize = 8;

/// More certificates than this are not read, neither of a bundle nor of a key.
const MOST: usize = 64;

const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const ALTERNATIVE_NAMES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const SERVER_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

impl Authorities {
    /// Reads a bundle of certificates in PEM.
    ///
    /// Fails if there is none, or one that cannot be read.
    pub fn from_pem(bundle: &[u8]) -> Result<Self, KeyProblem> {
        let certificates = Certificate::all_in_pem(bundle, MOST)?;
        if certificates.is_empty() {
            return Err(KeyProblem::Malformed {
                expected: "a certificate in PEM",
            });
        }
        Ok(Authorities(certificates))
    }

    /// Whether no authority is pinned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a chain leads from the first certificate of `chain` to one of these at `now`; the others may be steps on the
    /// way, in any order.
    pub(crate) fn vouch_for(&self, chain: &[Certificate], now: Instant) -> bool {
        let [leaf, between @ ..] = chain else { return false };
        let Some(leaf) = Link::read(leaf).filter(|leaf| leaf.holds(now)) else {
            return false;
        };
        let read = |certificates: &[Certificate]| -> Vec<Link> { certificates.iter().filter_map(Link::read).collect() };
        let (authorities, between) = (read(&self.0), read(between));
        let mut reached = vec![leaf];
        for below in 0..LONGEST_CHAIN {
            let issued = |issuer: &Link| {
                let may = issuer.holds(now) && issuer.may_issue(below);
                may && reached.iter().any(|link| link.is_issued_by(issuer))
            };
            if authorities.iter().any(issued) {
                return true;
            }
            let next: Vec<Link> = between.iter().filter(|issuer| issued(issuer)).cloned().collect();
            if next.is_empty() {
                return false;
            }
            reached = next;
        }
        false
    }
}

/// What a chain asks of a certificate.
#[derive(Clone)]
struct Link {
    certificate: Certificate,
    /// Byte for byte.
    signed: Vec<u8>,
    signature: Vec<u8>,
    method: Option<Method>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    authority: bool,
    /// How many certificates may lie between it and a leaf.
    path_length: Option<u8>,
    may_sign_certificates: bool,
    /// Go's client asks for server authentication where a certificate names its purposes at all.
    fits_purpose: bool,
    knows_all_that_is_critical: bool,
}

impl Link {
    fn read(certificate: &Certificate) -> Option<Link> {
        let read = x509_cert::Certificate::from_der(certificate.der()).ok()?;
        let tbs = read.tbs_certificate();
        let constraints = tbs
            .get_extension::<BasicConstraints>()
            .ok()?
            .map(|(_, constraints)| constraints);
        let usage = tbs.get_extension::<KeyUsage>().ok()?.map(|(_, usage)| usage);
        let purposes = tbs
            .get_extension::<ExtendedKeyUsage>()
            .ok()?
            .map(|(_, purposes)| purposes.0);
        let known = [KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, ALTERNATIVE_NAMES];
        let mut critical = tbs
            .extensions()
            .into_iter()
            .flatten()
            .filter(|extension| extension.critical);
        Some(Link {
            signed: signed_part(certificate.der())?.to_vec(),
            signature: read.signature().as_bytes()?.to_vec(),
            method: method(&read.signature_algorithm().oid),
            subject: tbs.subject().to_der().ok()?,
            issuer: tbs.issuer().to_der().ok()?,
            authority: constraints.as_ref().is_some_and(|constraints| constraints.ca),
            path_length: constraints.and_then(|constraints| constraints.path_len_constraint),
            may_sign_certificates: usage.is_none_or(|usage| usage.key_cert_sign()),
            fits_purpose: purposes.is_none_or(|purposes| {
                purposes
                    .iter()
                    .any(|purpose| [ANY_USAGE, SERVER_AUTHENTICATION].contains(purpose))
            }),
            knows_all_that_is_critical: critical.all(|extension| known.contains(&extension.extn_id)),
            certificate: certificate.clone(),
        })
    }

    fn holds(&self, now: Instant) -> bool {
        let dates = self.certificate.not_before() <= now && now <= self.certificate.not_after();
        dates && self.fits_purpose && self.knows_all_that_is_critical
    }

    /// Whether it may issue a certificate above so many others between it and the leaf.
    fn may_issue(&self, between: usize) -> bool {
        let room = self.path_length.is_none_or(|most| between <= usize::from(most));
        self.authority && self.may_sign_certificates && room
    }

    fn is_issued_by(&self, issuer: &Link) -> bool {
        let public = issuer.certificate.public_key();
        let signed = |method: Method| public.verifies(method, &self.signed, &self.signature);
        self.issuer == issuer.subject && self.method.is_some_and(signed)
    }
}

/// The first part of a certificate as it stands there.
fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?;
    reader.tlv_bytes().ok()
}

/// How certificates are signed; other ways than these vouch for nothing here.
fn method(algorithm: &ObjectIdentifier) -> Option<Method> {
    match algorithm.to_string().as_str() {
        "1.2.840.10045.4.3.2" => Some(Method::EcdsaSha256),
        "1.2.840.10045.4.3.3" => Some(Method::EcdsaSha384),
        "1.2.840.113549.1.1.11" => Some(Method::RsaPkcs1),
        "1.3.101.112" => Some(Method::Ed25519),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dialect::notary::certificate::profile;
    use crate::key::sequence;
    use crate::testing::{Officer, at};

    const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
    const CA: &[u8] = &[0x30, 3, 1, 1, 0xff];
    /// May have no authority below it.
    const LAST_CA: &[u8] = &[0x30, 6, 1, 1, 0xff, 2, 1, 0];

    /// What a test certificate says.
    #[derive(Clone)]
    pub(crate) struct Paper<'a> {
        pub(crate) issuer: (&'a str, &'a Officer),
        pub(crate) subject: (&'a str, &'a Officer),
        pub(crate) constraints: Option<&'static [u8]>,
        pub(crate) usage: Option<&'static [u8]>,
        pub(crate) purpose: Option<&'static str>,
        pub(crate) dates: [&'static str; 2],
        pub(crate) critical: Option<&'static str>,
    }

    impl<'a> Paper<'a> {
        pub(crate) fn new(issuer: (&'a str, &'a Officer), subject: (&'a str, &'a Officer)) -> Self {
            Paper {
                issuer,
                subject,
                constraints: None,
                usage: None,
                purpose: None,
                dates: ["2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"],
                critical: None,
            }
        }

        pub(crate) fn authority(self) -> Self {
            Paper {
                constraints: Some(CA),
                ..self
            }
        }

        pub(crate) fn certificate(&self) -> Certificate {
            let mut extensions = Vec::new();
            let mut add = |oid: ObjectIdentifier, critical: bool, content: &[u8]| {
                extensions.extend(profile::extension(oid, critical, content).unwrap());
            };
            if let Some(constraints) = self.constraints {
                add(BASIC_CONSTRAINTS, true, constraints);
            }
            if let Some(usage) = self.usage {
                add(KEY_USAGE, true, usage);
            }
            if let Some(purpose) = self.purpose {
                let purpose = ObjectIdentifier::new_unwrap(purpose).to_der().unwrap();
                add(EXTENDED_KEY_USAGE, false, &sequence(&purpose).unwrap());
            }
            if let Some(critical) = self.critical {
                add(ObjectIdentifier::new_unwrap(critical), true, &[5, 0]);
            }
            let names = [self.issuer.0, self.subject.0];
            let tbs = profile::issued(names, &self.subject.1.public, self.dates.map(at), [7; 16], &extensions).unwrap();
            let der = profile::signed(&tbs, &self.issuer.1.sign(&tbs)).unwrap();
            Certificate::from_der(&der).unwrap()
        }
    }

    #[test]
    fn a_chain_leads_to_an_authority_or_vouches_for_nothing() {
        let [root, middle, last, leaf, other] = [1, 2, 3, 4, 5].map(Officer::p256);
        let top = Paper::new(("root", &root), ("root", &root)).authority();
        let step = Paper::new(("root", &root), ("middle", &middle)).authority();
        let second = Paper::new(("middle", &middle), ("last", &last)).authority();
        let direct = Paper::new(("root", &root), ("app", &leaf));
        let below = Paper::new(("middle", &middle), ("app", &leaf));
        let third = Paper::new(("last", &last), ("app", &leaf));
        let authorities = Authorities(vec![top.certificate()]);
        let now = at("2026-06-01T00:00:00Z");
        let vouched = |papers: &[&Paper<'_>]| {
            let chain: Vec<Certificate> = papers.iter().map(|paper| paper.certificate()).collect();
            authorities.vouch_for(&chain, now)
        };
        assert!(vouched(&[&direct]) && vouched(&[&below, &step]) && vouched(&[&third, &step, &second]));
        // A step is missing, or another key signed in the authority's name.
        assert!(!vouched(&[&below]) && !vouched(&[&third, &second]) && !vouched(&[]));
        assert!(!vouched(&[&Paper::new(("root", &other), ("app", &leaf))]));
        assert!(!vouched(&[&Paper::new(("other", &root), ("app", &leaf))]));
        let bad_steps = [
            Paper {
                constraints: None,
                ..step.clone()
            },
            // keyEncipherment alone.
            Paper {
                usage: Some(&[3, 2, 5, 0x20]),
                ..step.clone()
            },
            Paper {
                dates: ["2025-01-01T00:00:00Z", "2026-05-01T00:00:00Z"],
                ..step.clone()
            },
            Paper {
                critical: Some("1.2.3.4"),
                ..step.clone()
            },
        ];
        for bad in &bad_steps {
            assert!(!vouched(&[&below, bad]));
        }
        let narrow = Paper {
            constraints: Some(LAST_CA),
            ..step.clone()
        };
        assert!(vouched(&[&below, &narrow]) && !vouched(&[&third, &narrow, &second]));
        let bad_leaves = [
            Paper {
                purpose: Some(CODE_SIGNING),
                ..direct.clone()
            },
            Paper {
                dates: ["2026-07-01T00:00:00Z", "2036-01-01T00:00:00Z"],
                ..direct.clone()
            },
        ];
        for bad in &bad_leaves {
            assert!(!vouched(&[bad]));
        }
        let served = Paper {
            purpose: Some("1.3.6.1.5.5.7.3.1"),
            ..direct.clone()
        };
        assert!(vouched(&[&served]));
    }

    #[test]
    fn certificates_are_signed_in_four_ways_that_count() {
        // RFC 5758 3.2, RFC 8017 A.2.4, RFC 8410 3; the last two are ECDSA and RSA with SHA-1.
        for (name, expected) in [
            ("1.2.840.10045.4.3.2", Some(Method::EcdsaSha256)),
            ("1.2.840.10045.4.3.3", Some(Method::EcdsaSha384)),
            ("1.2.840.113549.1.1.11", Some(Method::RsaPkcs1)),
            ("1.3.101.112", Some(Method::Ed25519)),
            ("1.2.840.10045.4.1", None),
            ("1.2.840.113549.1.1.5", None),
        ] {
            assert_eq!(method(&ObjectIdentifier::new_unwrap(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_bundle_holds_certificates_or_is_refused() {
        let root = Officer::p256(1);
        let paper = Paper::new(("root", &root), ("root", &root)).authority();
        let pem = paper.certificate().to_pem();
        let bundle = Authorities::from_pem(format!("comment\n{pem}{pem}").as_bytes()).unwrap();
        assert_eq!(bundle.0.len(), 2);
        for text in [
            "",
            "nothing",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert!(Authorities::from_pem(text.as_bytes()).is_err(), "{text}");
        }
    }
}
