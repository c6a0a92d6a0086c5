//! Certificates around Notary's root keys, in DER and in PEM.

use rootward_tuf::dialect::notary::Certificate;
use rootward_tuf::{Instant, Key, PublicKey};

use crate::keys::usable;
use crate::workshop::{GUN, NOW, moment};

/// The first byte chooses DER or PEM. `true` if the rest is a certificate over a key we know.
pub fn certificates(data: &[u8]) -> bool {
    let Some((&form, bytes)) = data.split_first() else {
        return false;
    };
    if form & 1 == 1 {
        let Ok(key) = Key::read_certificate(bytes) else {
            return false;
        };
        let certificate = key.certificate().expect("a key read from a certificate has it");
        look_at(certificate);
        assert!(key.id_is_hash() && key.public().is_ok());
        return true;
    }
    let Ok(certificate) = Certificate::from_der(bytes) else {
        assert!(PublicKey::from_certificate(bytes).is_err());
        return false;
    };
    assert_eq!(certificate.der(), bytes);
    look_at(&certificate);
    true
}

fn look_at(certificate: &Certificate) {
    usable(certificate.public_key());
    let moments = [
        moment(NOW),
        certificate.not_before(),
        certificate.not_after(),
        Instant::from_unix_seconds(0).expect("1970"),
    ];
    for now in moments {
        for gun in [None, Some(GUN), certificate.common_name()] {
            if certificate.check_for_root(gun, now).is_ok() {
                assert_eq!(
                    certificate.check_name_and_kind(gun),
                    Ok(()),
                    "the stricter check includes the other"
                );
                assert!(now <= certificate.not_after());
            }
        }
    }
    // Ed25519 certificates are no Notary keys; all others are listed and read back.
    if let Ok(key) = Key::new_notary_certificate(certificate.der()) {
        let again = key.certificate().expect("a certificate listed by us is read back");
        assert_eq!(again.der(), certificate.der());
        assert_eq!(key.physical(), Some(certificate.public_key().physical()));
        let pem = Key::read_certificate(certificate.to_pem().as_bytes());
        assert_eq!(pem.map(|key| key.keyid().clone()), Ok(key.keyid().clone()));
    }
}
