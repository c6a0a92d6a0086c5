//! What lies in a token, read into keys: a public half, a certificate and a private half belong together when they are of
//! one public key. An id is a hint, for private halves that do not tell whose they are.

use cryptoki::{
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};
use der::{Decode as _, Encode as _};
use rootward_tuf::{Algorithm, PublicKey};

use super::{
    library::{Library, Outcome, refused},
    wire::{Key, MOST, Trouble},
};

/// The id under which Yubico's module shows the key that attests others.
const ATTESTATION_KEY: &[u8] = &[0x19];

/// One object, as far as it tells of a key.
pub(super) struct Seen {
    pub(super) handle: ObjectHandle,
    class: ObjectClass,
    pub(super) id: Vec<u8>,
    pub(super) label: String,
    /// Whose key it is, if it tells.
    pub(super) public: Option<PublicKey>,
    algorithm: String,
    always_asks: Option<bool>,
    is_local: Option<bool>,
    subject: Option<String>,
}

/// Every key of a token that shows without the PIN, or with it when it was given.
pub(super) fn keys(session: &Session, library: &Library) -> Outcome<Vec<Key>> {
    let seen = seen(session, library)?;
    let mut keys: Vec<(Option<PublicKey>, Key)> = Vec::new();
    for object in seen.iter().filter(|object| object.class != ObjectClass::PRIVATE_KEY) {
        let known = object.public.as_ref().and_then(|public| {
            let same = |known: &&mut (Option<PublicKey>, Key)| {
                known
                    .0
                    .as_ref()
                    .is_some_and(|known| known.physical() == public.physical())
            };
            keys.iter_mut().find(same)
        });
        match known {
            Some((_, key)) => object.add_to(key),
            None => keys.push((object.public.clone(), object.alone())),
        }
    }
    for object in seen.iter().filter(|object| object.class == ObjectClass::PRIVATE_KEY) {
        let fits: Vec<usize> = match &object.public {
            Some(public) => places(&keys, |known, _| {
                known.is_some_and(|known| known.physical() == public.physical())
            }),
            None => places(&keys, |_, key| key.ids.contains(&object.id)),
        };
        match (&fits[..], &object.public) {
            ([one], _) => object.add_to(&mut keys[*one].1),
            // Which of them it is shows when one signs.
            ([_, _, ..], _) => {}
            ([], public) => keys.push((public.clone(), object.alone())),
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn places(keys: &[(Option<PublicKey>, Key)], fits: impl Fn(Option<&PublicKey>, &Key) -> bool) -> Vec<usize> {
    let found = keys
        .iter()
        .enumerate()
        .filter(|(_, (public, key))| fits(public.as_ref(), key));
    found.map(|(place, _)| place).collect()
}

/// Every object that tells of a key.
pub(super) fn seen(session: &Session, library: &Library) -> Outcome<Vec<Seen>> {
    let mut seen = Vec::new();
    for class in [
        ObjectClass::PUBLIC_KEY,
        ObjectClass::CERTIFICATE,
        ObjectClass::PRIVATE_KEY,
    ] {
        let found = all(session, class)?;
        seen.extend(found.into_iter().map(|handle| Seen::of(session, class, handle)));
    }
    if library.shows_attestation_key() {
        seen.retain(|object| object.id != ATTESTATION_KEY);
    }
    Ok(seen)
}

impl Seen {
    fn of(session: &Session, class: ObjectClass, handle: ObjectHandle) -> Self {
        let ask = |wanted| one(session, handle, wanted);
        let id = match ask(AttributeType::Id) {
            Some(Attribute::Id(id)) => id,
            _ => Vec::new(),
        };
        let label = match ask(AttributeType::Label) {
            Some(Attribute::Label(label)) => String::from_utf8_lossy(&label).trim().to_owned(),
            _ => String::new(),
        };
        let mut object = Seen {
            handle,
            class,
            id,
            label,
            public: None,
            algorithm: String::new(),
            always_asks: None,
            is_local: None,
            subject: None,
        };
        if class == ObjectClass::CERTIFICATE {
            if let Some(Attribute::Value(der)) = ask(AttributeType::Value)
                && let Ok(certificate) = x509_cert::Certificate::from_der(&der)
            {
                let tbs = certificate.tbs_certificate();
                object.subject = Some(tbs.subject().to_string());
                let spki = tbs.subject_public_key_info().to_der();
                object.public = spki.ok().and_then(|spki| PublicKey::from_spki_der(&spki).ok());
            }
        } else {
            let kind = match ask(AttributeType::KeyType) {
                Some(Attribute::KeyType(kind)) => Some(kind),
                _ => None,
            };
            (object.public, object.algorithm) = public_half(session, handle, kind);
            object.is_local = match ask(AttributeType::Local) {
                Some(Attribute::Local(is_local)) => Some(is_local),
                _ => None,
            };
        }
        if class == ObjectClass::PRIVATE_KEY {
            object.always_asks = Some(always_asks(session, handle));
        }
        if let Some(public) = &object.public
            && public.algorithm() != Algorithm::Rsa
        {
            object.algorithm = public.algorithm().as_str().into();
        }
        object
    }

    fn alone(&self) -> Key {
        let mut key = Key {
            spki: self.public.as_ref().map(|public| public.spki_der().to_vec()),
            ..Key::default()
        };
        self.add_to(&mut key);
        key
    }

    fn add_to(&self, key: &mut Key) {
        if !self.label.is_empty() && !key.labels.contains(&self.label) {
            key.labels.push(self.label.clone());
        }
        if !key.ids.contains(&self.id) {
            key.ids.push(self.id.clone());
        }
        if key.algorithm.is_empty() {
            key.algorithm.clone_from(&self.algorithm);
        }
        key.always_asks = self.always_asks.or(key.always_asks);
        // What the private half says of its birth is what counts.
        key.is_local = match self.class {
            ObjectClass::PRIVATE_KEY => self.is_local.or(key.is_local),
            _ => key.is_local.or(self.is_local),
        };
        key.subject = key.subject.take().or_else(|| self.subject.clone());
    }
}

/// Everything of a class; a module that never comes to an end is not believed.
pub(super) fn all(session: &Session, class: ObjectClass) -> Outcome<Vec<ObjectHandle>> {
    let wanted = [Attribute::Class(class)];
    let found = session.iter_objects(&wanted).map_err(refused)?;
    let found: Vec<ObjectHandle> = found.take(MOST + 1).collect::<Result<_, _>>().map_err(refused)?;
    if found.len() > MOST {
        return Err(Trouble::Nonsense(format!("it shows more than {MOST} objects")));
    }
    Ok(found)
}

/// Whether a private key wants the PIN before each signature.
pub(super) fn always_asks(session: &Session, private: ObjectHandle) -> bool {
    let told = one(session, private, AttributeType::AlwaysAuthenticate);
    matches!(told, Some(Attribute::AlwaysAuthenticate(true)))
}

/// The public half that an object tells, and the kind of key it says it is.
fn public_half(session: &Session, handle: ObjectHandle, kind: Option<KeyType>) -> (Option<PublicKey>, String) {
    let ask = |wanted| one(session, handle, wanted);
    let told = match ask(AttributeType::PublicKeyInfo) {
        Some(Attribute::PublicKeyInfo(info)) => PublicKey::from_spki_der(&info).ok(),
        _ => None,
    };
    match kind {
        Some(KeyType::RSA) => {
            let modulus = match ask(AttributeType::Modulus) {
                Some(Attribute::Modulus(modulus)) => modulus,
                _ => Vec::new(),
            };
            let exponent = match ask(AttributeType::PublicExponent) {
                Some(Attribute::PublicExponent(exponent)) => exponent,
                _ => Vec::new(),
            };
            let bits = modulus.iter().position(|&byte| byte != 0).map_or(0, |first| {
                (modulus.len() - first) * 8 - modulus[first].leading_zeros() as usize
            });
            (told.or_else(|| rsa(&modulus, &exponent)), format!("rsa-{bits}"))
        }
        Some(KeyType::EC | KeyType::EC_EDWARDS) => {
            let point = match ask(AttributeType::EcPoint) {
                Some(Attribute::EcPoint(point)) => point,
                _ => Vec::new(),
            };
            let curve = match ask(AttributeType::EcParams) {
                Some(Attribute::EcParams(curve)) => curve,
                _ => Vec::new(),
            };
            (told.or_else(|| elliptic(&curve, &point)), "ec".into())
        }
        Some(_) | None => (told, "unknown".into()),
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<PublicKey> {
    let number = |bytes| der::asn1::UintRef::new(bytes).ok();
    let parts = [number(modulus)?, number(exponent)?];
    let body = parts
        .iter()
        .map(|part| part.to_der().ok())
        .collect::<Option<Vec<_>>>()?
        .concat();
    let header = der::Header::new(der::Tag::Sequence, der::Length::try_from(body.len()).ok()?);
    let pkcs1 = [header.to_der().ok()?, body].concat();
    PublicKey::from_rsa_pkcs1(&pkcs1).ok()
}

/// `CKA_EC_PARAMS` of the curves we verify with; Edwards curves have had three spellings.
pub(super) const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub(super) const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
pub(super) const ED25519: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
pub(super) const ED25519_BY_NAME: &[u8] = b"\x13\x0cedwards25519";
const ED25519_OF_GNUPG: &[u8] = &[6, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1];

fn elliptic(curve: &[u8], point: &[u8]) -> Option<PublicKey> {
    match curve {
        P256 => PublicKey::from_ec_point(Algorithm::EcdsaP256, bare(point, 65)).ok(),
        P384 => PublicKey::from_ec_point(Algorithm::EcdsaP384, bare(point, 97)).ok(),
        ED25519 | ED25519_BY_NAME | ED25519_OF_GNUPG => PublicKey::from_ed25519_bytes(bare(point, 32)).ok(),
        _ => None,
    }
}

/// The point itself: modules wrap it in an OCTET STRING, a BIT STRING, or not at all.
fn bare(point: &[u8], length: usize) -> &[u8] {
    match point {
        [4, told, inside @ ..] if usize::from(*told) == inside.len() && inside.len() == length => inside,
        [3, told, 0, inside @ ..] if usize::from(*told) == inside.len() + 1 && inside.len() == length => inside,
        plain => plain,
    }
}

/// Asked one by one: some modules fail over all when there is one they do not know.
fn one(session: &Session, handle: ObjectHandle, wanted: AttributeType) -> Option<Attribute> {
    session.get_attributes(handle, &[wanted]).ok()?.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    #[test]
    fn a_point_is_read_however_a_module_wraps_it() {
        let point: Vec<u8> = (0..POINT.len() / 2)
            .map(|at| u8::from_str_radix(&POINT[at * 2..at * 2 + 2], 16).expect("hexadecimal"))
            .collect();
        let expected = elliptic(P256, &point).expect("a key").physical();
        for wrapped in [[&[4, 65][..], &point].concat(), [&[3, 66, 0][..], &point].concat()] {
            assert_eq!(elliptic(P256, &wrapped).expect("a key").physical(), expected);
        }
        let mut other = point.clone();
        other[64] ^= 1;
        for wrong in [&other[..], &point[..64], &[4, 64], &[], &[4; 65]] {
            assert!(elliptic(P256, wrong).is_none());
        }
        assert!(elliptic(P384, &point).is_none() && elliptic(&[], &point).is_none());
    }

    #[test]
    fn an_ed25519_key_is_read_under_each_name_of_its_curve() {
        let point: [u8; 32] = ed25519_dalek::SigningKey::from_bytes(&[7; 32])
            .verifying_key()
            .to_bytes();
        let wrapped = [&[4, 32][..], &point].concat();
        let keys = [ED25519, ED25519_BY_NAME, ED25519_OF_GNUPG].map(|curve| {
            [elliptic(curve, &point), elliptic(curve, &wrapped)].map(|key| key.expect("a key").physical())
        });
        assert!(keys.iter().flatten().all(|key| *key == keys[0][0]));
    }

    #[test]
    fn an_rsa_key_of_nonsense_is_none() {
        assert!(rsa(&[], &[]).is_none() && rsa(&[0xff; 128], &[1, 0, 1]).is_none());
        let mut modulus = vec![0xc5; 256];
        modulus[255] = 1;
        assert!(rsa(&modulus, &[1, 0, 1]).is_some());
    }
}
