//! X.509 certificates as Notary wraps root keys in: what the root rules ask of one, and making one.
//!
//! No chains, which are for `authority`, and no revocation: a root certificate is trusted for being listed and pinned.

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::BasicConstraints;

use crate::key::{KeyProblem, PublicKey};
use crate::time::Instant;

/// One certificate, and what of it matters here.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    public_key: PublicKey,
    common_name: Option<String>,
    not_before: Instant,
    not_after: Instant,
    signed_with_sha1: bool,
    is_ca: bool,
}

/// Why a certificate may not hold a root key of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Neither the repository's name (GUN) nor a prefix of it ending in `*`.
    #[error("the certificate's common name is not the repository's name")]
    OtherName,
    /// The signature on it is RSA or ECDSA over a SHA-1 digest.
    #[error("the certificate is signed with SHA-1")]
    Sha1,
    /// It begins more than a day after the time of the check.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// Its last moment is before the time of the check.
    #[error("the certificate has expired")]
    Expired,
    /// Its last moment is before its first.
    #[error("the certificate ends before it begins")]
    NeverValid,
    /// Its basic constraints say that it may issue others.
    #[error("the certificate is a certificate authority's")]
    Authority,
}

/// A certificate may begin this long after `now`: Notary's allowance for slow clocks.
const BEGIN_LEEWAY_SECONDS: i64 = 24 * 60 * 60;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SHA1_SIGNATURES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
    ObjectIdentifier::new_unwrap("1.3.14.3.2.29"),
];

impl Certificate {
    /// Reads a certificate in DER; fails if it or the key in it cannot be read.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let malformed = KeyProblem::Malformed {
            expected: "an X.509 certificate",
        };
        let read = x509_cert::Certificate::from_der(der).map_err(|_| malformed.clone())?;
        let tbs = read.tbs_certificate();
        let spki = tbs.subject_public_key_info().to_der().map_err(|_| malformed.clone())?;
        let moment = |time: &x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs())
                .ok()
                .and_then(Instant::from_unix_seconds)
        };
        let constraints = tbs.get_extension::<BasicConstraints>().map_err(|_| malformed.clone())?;
        Ok(Certificate {
            der: der.to_vec(),
            public_key: PublicKey::from_spki_der(&spki)?,
            common_name: common_name(tbs.subject()),
            not_before: moment(&tbs.validity().not_before).ok_or(malformed.clone())?,
            not_after: moment(&tbs.validity().not_after).ok_or(malformed)?,
            signed_with_sha1: SHA1_SIGNATURES.contains(&read.signature_algorithm().oid),
            is_ca: constraints.is_some_and(|(_, constraints)| constraints.ca),
        })
    }

    /// Reads the first certificate of a PEM file; intermediates may follow.
    pub(crate) fn first_in_pem(pem: &[u8]) -> Result<Self, KeyProblem> {
        match Certificate::all_in_pem(pem, 1)?.pop() {
            Some(certificate) => Ok(certificate),
            None => Err(KeyProblem::Malformed {
                expected: "a certificate in PEM",
            }),
        }
    }

    /// Reads the certificates of a PEM file, at most so many.
    pub(crate) fn all_in_pem(pem: &[u8], most: usize) -> Result<Vec<Self>, KeyProblem> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let malformed = || KeyProblem::Malformed {
            expected: "a certificate in PEM",
        };
        let mut rest = std::str::from_utf8(pem).map_err(|_| malformed())?;
        let mut certificates = Vec::new();
        while let Some(start) = rest.find(BEGIN).filter(|_| certificates.len() < most) {
            let body = &rest[start + BEGIN.len()..];
            let end = body.find(END).ok_or_else(malformed)?;
            let base64: String = body[..end].split_ascii_whitespace().collect();
            let der = crate::encoding::from_base64(&base64).ok_or_else(malformed)?;
            certificates.push(Certificate::from_der(&der)?);
            rest = &body[end..];
        }
        Ok(certificates)
    }

    /// The subject's key, read from its SPKI.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The subject's last common name; `None` without one, or if it is in an encoding that is not read.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The first moment at which it is valid.
    pub fn not_before(&self) -> Instant {
        self.not_before
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> Instant {
        self.not_after
    }

    pub(super) fn is_authority(&self) -> bool {
        self.is_ca
    }

    /// The bytes it was read from.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM with line ends `\n`, as Notary lists it.
    pub fn to_pem(&self) -> String {
        crate::encoding::pem("CERTIFICATE", &self.der)
    }

    /// Whether the common name is `gun`, or a prefix of it ending in `*`, of which Notary takes several for one.
    pub fn names(&self, gun: &str) -> bool {
        self.common_name
            .as_deref()
            .is_some_and(|name| match name.trim_end_matches('*') {
                whole if whole == name => name == gun,
                prefix => gun.starts_with(prefix),
            })
    }

    /// Checks what Notary's root rules ask of a root certificate at `now`; `gun` is left out when it is not known.
    pub fn check_for_root(&self, gun: Option<&str>, now: Instant) -> Result<(), CertificateProblem> {
        self.check_name_and_kind(gun)?;
        if self.not_before > now.plus_seconds(BEGIN_LEEWAY_SECONDS) {
            return Err(CertificateProblem::NotYetValid);
        }
        if self.not_after < now {
            return Err(CertificateProblem::Expired);
        }
        Ok(())
    }

    /// Checks what does not depend on the time: all that Notary asks of a root it trusts already.
    pub fn check_name_and_kind(&self, gun: Option<&str>) -> Result<(), CertificateProblem> {
        if gun.is_some_and(|gun| !self.names(gun)) {
            return Err(CertificateProblem::OtherName);
        }
        if self.is_ca {
            return Err(CertificateProblem::Authority);
        }
        if self.signed_with_sha1 {
            return Err(CertificateProblem::Sha1);
        }
        if self.not_after < self.not_before {
            return Err(CertificateProblem::NeverValid);
        }
        Ok(())
    }
}

/// The last common name, as the text types name it; other encodings are not read.
fn common_name(subject: &x509_cert::name::Name) -> Option<String> {
    use der::Tag;
    let attribute = subject.iter().filter(|attribute| attribute.oid == COMMON_NAME).last()?;
    match der::Tagged::tag(&attribute.value) {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(attribute.value.value()).ok().map(str::to_owned)
        }
        _ => None,
    }
}

/// Makes a self-signed root certificate with Notary's profile: common name `gun`, code signing, no authority.
///
/// `sign` gets the bytes to be signed and answers with an ECDSA signature over their SHA-256 in DER, whatever the curve.
/// Fails if `public` is no ECDSA key, the name or dates do not fit X.509, or the signature is not `public`'s.
pub fn new_certificate(
    gun: &str,
    public: &PublicKey,
    not_before: Instant,
    not_after: Instant,
    serial: [u8; 16],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Certificate, KeyProblem> {
    use crate::key::{Algorithm, Method};
    if !matches!(public.algorithm(), Algorithm::EcdsaP256 | Algorithm::EcdsaP384) {
        return Err(KeyProblem::Malformed {
            expected: "an ECDSA key",
        });
    }
    let tbs = profile::to_be_signed(gun, public, not_before, not_after, serial).ok_or(KeyProblem::Malformed {
        expected: "a name and dates that fit a certificate",
    })?;
    let signature = sign(&tbs);
    if !public.verifies(Method::EcdsaSha256, &tbs, &signature) {
        return Err(KeyProblem::Malformed {
            expected: "a signature by the certificate's own key",
        });
    }
    let der = profile::signed(&tbs, &signature).ok_or(KeyProblem::Malformed {
        expected: "a certificate",
    })?;
    Certificate::from_der(&der)
}

/// The DER of the one certificate profile we make.
pub(super) mod profile {
    use der::Encode as _;
    use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, ObjectIdentifier, OctetStringRef, UintRef, Utf8StringRef};
    use der::{Tag, TagNumber};

    use crate::key::{PublicKey, sequence};
    use crate::time::Instant;

    const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
    const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
    const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
    const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
    const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
    /// digitalSignature and keyEncipherment, as a BIT STRING.
    const USAGES: &[u8] = &[3, 2, 5, 0xa0];
    const EMPTY_SEQUENCE: &[u8] = &[0x30, 0];
    const VERSION_3: &[u8] = &[2, 1, 2];

    pub(super) fn to_be_signed(
        gun: &str,
        public: &PublicKey,
        not_before: Instant,
        not_after: Instant,
        serial: [u8; 16],
    ) -> Option<Vec<u8>> {
        let extensions = [
            extension(KEY_USAGE, true, USAGES)?,
            extension(EXTENDED_KEY_USAGE, false, &sequence(&CODE_SIGNING.to_der().ok()?)?)?,
            extension(BASIC_CONSTRAINTS, true, EMPTY_SEQUENCE)?,
        ];
        issued(
            [gun, gun],
            public,
            [not_before, not_after],
            serial,
            &extensions.concat(),
        )
    }

    /// The part to be signed of a certificate between two common names, the issuer's and the subject's.
    pub(in crate::dialect::notary) fn issued(
        [issuer, subject]: [&str; 2],
        public: &PublicKey,
        [not_before, not_after]: [Instant; 2],
        serial: [u8; 16],
        extensions: &[u8],
    ) -> Option<Vec<u8>> {
        let parts = [
            explicit(0, VERSION_3)?,
            UintRef::new(&serial).ok()?.to_der().ok()?,
            sequence(&ECDSA_SHA256.to_der().ok()?)?,
            name(issuer)?,
            sequence(&[time(not_before)?, time(not_after)?].concat())?,
            name(subject)?,
            public.spki_der().to_vec(),
            explicit(3, &sequence(extensions)?)?,
        ];
        sequence(&parts.concat())
    }

    pub(in crate::dialect::notary) fn signed(tbs: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
        let algorithm = sequence(&ECDSA_SHA256.to_der().ok()?)?;
        let bits = BitStringRef::from_bytes(signature).ok()?.to_der().ok()?;
        sequence(&[tbs, &algorithm, &bits].concat())
    }

    fn name(common_name: &str) -> Option<Vec<u8>> {
        let text = Utf8StringRef::new(common_name).ok()?.to_der().ok()?;
        let attribute = sequence(&[super::COMMON_NAME.to_der().ok()?, text].concat())?;
        let set = AnyRef::new(Tag::Set, &attribute).ok()?.to_der().ok()?;
        sequence(&set)
    }

    pub(in crate::dialect::notary) fn extension(
        oid: ObjectIdentifier,
        critical: bool,
        content: &[u8],
    ) -> Option<Vec<u8>> {
        let mut parts = oid.to_der().ok()?;
        if critical {
            parts.extend(true.to_der().ok()?);
        }
        parts.extend(OctetStringRef::new(content).ok()?.to_der().ok()?);
        sequence(&parts)
    }

    fn explicit(number: u32, content: &[u8]) -> Option<Vec<u8>> {
        let tag = Tag::ContextSpecific {
            constructed: true,
            number: TagNumber(number),
        };
        AnyRef::new(tag, content).ok()?.to_der().ok()
    }

    /// UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 4.1.2.5).
    fn time(moment: Instant) -> Option<Vec<u8>> {
        let seconds = std::time::Duration::from_secs(u64::try_from(moment.unix_seconds()).ok()?);
        let time = GeneralizedTime::from_unix_duration(seconds).ok()?;
        match der::asn1::UtcTime::from_unix_duration(seconds) {
            Ok(time) => time.to_der().ok(),
            Err(_) => time.to_der().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Officer, at};

    #[test]
    fn a_certificate_of_ours_says_what_notary_asks_for() {
        let officer = Officer::p256(7);
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2055-01-01T00:00:00Z"));
        let sign = |tbs: &[u8]| officer.sign(tbs);
        let certificate = new_certificate("registry.test/app", &officer.public, from, to, [0xff; 16], sign).unwrap();
        assert_eq!(certificate.common_name(), Some("registry.test/app"));
        assert_eq!((certificate.not_before(), certificate.not_after()), (from, to));
        assert_eq!(certificate.public_key(), &officer.public);
        assert_eq!(certificate.check_for_root(Some("registry.test/app"), from), Ok(()));
        assert_eq!(certificate.check_for_root(None, to), Ok(()));
        assert_eq!(
            certificate.check_for_root(Some("registry.test"), from),
            Err(CertificateProblem::OtherName)
        );
        let pem = Certificate::first_in_pem(certificate.to_pem().as_bytes()).unwrap();
        assert_eq!(pem.der(), certificate.der());
        let other = Officer::p256(8);
        let stranger = |tbs: &[u8]| other.sign(tbs);
        assert!(new_certificate("registry.test/app", &officer.public, from, to, [1; 16], stranger).is_err());
        assert!(
            new_certificate(
                "registry.test/app",
                &Officer::ed25519(1).public,
                from,
                to,
                [1; 16],
                sign
            )
            .is_err()
        );
    }

    #[test]
    fn stars_are_one_wildcard_and_an_end_before_the_beginning_holds_at_no_time() {
        let officer = Officer::p256(7);
        let certificate = |name: &str, [from, to]: [&str; 2]| {
            let sign = |tbs: &[u8]| officer.sign(tbs);
            new_certificate(name, &officer.public, at(from), at(to), [1; 16], sign).unwrap()
        };
        let years = ["2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"];
        for (name, expected) in [
            ("registry.test/*", true),
            ("registry.test/**", true),
            ("**", true),
            ("registry.test/app", true),
            ("registry.test/*p", false),
            ("registry.test/", false),
        ] {
            assert_eq!(certificate(name, years).names("registry.test/app"), expected, "{name}");
        }
        // Begun by the day that clocks may be slow, and not ended.
        let never = certificate("app", ["2026-06-01T12:00:00Z", "2026-06-01T06:00:00Z"]);
        let problem = Err(CertificateProblem::NeverValid);
        assert_eq!(never.check_for_root(Some("app"), at("2026-06-01T00:00:00Z")), problem);
        assert_eq!(never.check_name_and_kind(Some("app")), problem);
        let moment = certificate("app", ["2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z"]);
        assert_eq!(moment.check_name_and_kind(Some("app")), Ok(()), "it holds for a moment");
    }

    #[test]
    fn a_certificate_holds_the_longest_names_and_both_curves() {
        use p384::ecdsa::signature::hazmat::PrehashSigner as _;
        use p384::ecdsa::{DerSignature, SigningKey};
        let gun = format!("registry.example.test:5005/{}/app", "a/".repeat(44) + "lab");
        assert!(gun.len() >= 120);
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z"));
        let secret = SigningKey::from_slice(&[7; 48]).unwrap();
        let point = secret.verifying_key().to_sec1_point(false);
        let public = PublicKey::from_ec_point(crate::key::Algorithm::EcdsaP384, point.as_bytes()).unwrap();
        let sign = |tbs: &[u8]| {
            let signature: DerSignature = secret.sign_prehash(&crate::encoding::sha256(tbs)).unwrap();
            signature.as_bytes().to_vec()
        };
        let certificate = new_certificate(&gun, &public, from, to, [1; 16], sign).unwrap();
        assert_eq!(certificate.check_for_root(Some(&gun), from), Ok(()));
        let key = crate::key::Key::read_certificate(certificate.to_pem().as_bytes()).unwrap();
        assert_eq!((key.keytype(), key.physical()), ("ecdsa-x509", Some(public.physical())));
        assert_eq!(
            key.canonical_keyid(),
            *crate::key::Key::new_notary_bare(&public).keyid()
        );
        assert!(key.id_is_hash() && key.canonical_keyid() != *key.keyid());
        assert!(crate::key::Key::read_certificate(b"-----BEGIN CERTIFICATE-----").is_err());
    }

    #[test]
    fn no_damaged_certificate_or_key_panics() {
        let officer = Officer::p256(7);
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z"));
        let certificate = new_certificate("registry.test/app", &officer.public, from, to, [1; 16], |tbs| {
            officer.sign(tbs)
        })
        .unwrap();
        for place in 0..certificate.der().len() {
            for change in [1, 0x80, 0xff] {
                let mut damaged = certificate.der().to_vec();
                damaged[place] ^= change;
                let _ = Certificate::from_der(&damaged);
            }
            let _ = Certificate::from_der(&certificate.der()[..place]);
        }
        for place in 0..officer.public.spki_der().len() {
            let mut damaged = officer.public.spki_der().to_vec();
            damaged[place] ^= 1;
            assert!(PublicKey::from_spki_der(&damaged).is_err(), "{place}");
        }
    }
}
