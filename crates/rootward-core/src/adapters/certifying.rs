//! A Notary root certificate over a key that stays in its device, whoever holds it: the device is asked once, and what it says of
//! it comes out.

use aws_lc_rs::digest::{self, SHA256};
use rootward_tuf::{
    PublicKey,
    dialect::notary::{Certificate, notary_certificate},
};

use crate::ports::{CertificateTerms, Failure};

/// What the device did about a certificate.
enum Asked {
    Not,
    Signed,
    Failed(Failure),
}

/// Has `signed` sign a certificate's bytes: it is given them, what they are called, and their SHA-256, which is shown.
///
/// Fails as `signed` does, as `worthless` says when the signature does not hold, and refuses with `key-cannot-sign` terms that fit
/// no certificate, before the device is asked.
pub(super) fn certify(
    public: &PublicKey,
    terms: &CertificateTerms,
    mut signed: impl FnMut(&[u8], &str, &[u8; 32]) -> Result<Vec<u8>, Failure>,
    worthless: impl FnOnce(&str) -> Failure,
) -> Result<Certificate, Failure> {
    let mut asked = Asked::Not;
    let title = format!("the certificate for {}", terms.gun);
    let sign = |bytes: &[u8]| {
        let shown: [u8; 32] = digest::digest(&SHA256, bytes).as_ref().try_into().unwrap_or_default();
        let signature = signed(bytes, &title, &shown);
        // A signature that could not be made is empty, and the certificate is refused for it.
        asked = signature.as_ref().err().cloned().map_or(Asked::Signed, Asked::Failed);
        signature.unwrap_or_default()
    };
    let made = notary_certificate(
        &terms.gun,
        public,
        terms.not_before,
        terms.not_after,
        terms.serial,
        sign,
    );
    made.map_err(|why| match asked {
        Asked::Failed(failure) => failure,
        Asked::Signed => worthless(&why.to_string()),
        Asked::Not => {
            let message = format!("the key signs no certificate for {}: {why}", terms.gun);
            Failure::refusal("key-cannot-sign", message)
        }
    })
}

/// The first groups of a digest, as officers read them aloud.
pub(super) fn first_groups(digest: &[u8; 32]) -> String {
    format!("{:02x}{:02x} {:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

#[cfg(test)]
mod tests {
    use rootward_tuf::Algorithm;

    use super::*;
    use crate::ports::Instant;

    fn terms() -> CertificateTerms {
        CertificateTerms {
            gun: "registry.example.org/app".into(),
            not_before: Instant::parse("2026-01-01T00:00:00Z").expect("a moment"),
            not_after: Instant::parse("2036-01-01T00:00:00Z").expect("a moment"),
            serial: [7; 16],
        }
    }

    fn code(public: &PublicKey, signed: Result<Vec<u8>, Failure>) -> String {
        let worthless = |_: &str| Failure::fault("token-failed", "it does not hold");
        let made = certify(public, &terms(), |_, _, _| signed.clone(), worthless);
        made.map_or_else(|failure| failure.code, |_| "made".into())
    }

    #[test]
    fn what_the_device_said_comes_out_and_what_does_not_hold_is_worthless() {
        use p256::ecdsa::{DerSignature, SigningKey, signature::Signer as _};
        let key = SigningKey::from_slice(&[7; 32]).expect("a key");
        let point = key.verifying_key().to_sec1_point(false);
        let public = PublicKey::from_ec_point(Algorithm::EcdsaP256, point.as_bytes()).expect("a public key");
        let good = |bytes: &[u8], title: &str, shown: &[u8; 32]| {
            assert_eq!(title, "the certificate for registry.example.org/app");
            assert_eq!(shown, digest::digest(&SHA256, bytes).as_ref());
            let signature: DerSignature = key.sign(bytes);
            Ok(signature.as_bytes().to_vec())
        };
        assert!(certify(&public, &terms(), good, |_| panic!("it holds")).is_ok());
        let missed = Failure::interruption("touch-missed", "nobody touched it");
        assert_eq!(code(&public, Err(missed)), "touch-missed");
        assert_eq!(code(&public, Ok(vec![0x5a; 70])), "token-failed");
    }

    #[test]
    fn a_digest_is_shown_as_officers_read_it() {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&[0x4f, 0x1c, 0x9a, 0x20]);
        assert_eq!(first_groups(&digest), "4f1c 9a20");
    }
}
