//! Making a key in a token, in the module's process: it cannot be read out, and nothing that is there is replaced.

use cryptoki::{mechanism::Mechanism, object::Attribute};

use super::{
    library::{Open, Outcome, ability, refused},
    objects::{self, ED25519, ED25519_BY_NAME, P256, P384},
    wire::{Kind, Trouble},
};

/// Makes a key and gives the SubjectPublicKeyInfo of it.
pub(super) fn make(open: &Open<'_>, label: &str, id: &[u8], kind: Kind, always_asks: bool) -> Outcome<Vec<u8>> {
    if !open.can.contains(&ability(kind)) {
        return Err(Trouble::Lacks(kind.mechanism().into()));
    }
    let there = objects::seen(&open.session, open.library)?;
    if there.iter().any(|object| object.label == label || object.id == id) {
        return Err(Trouble::Occupied);
    }
    let pair = |mechanism: &Mechanism<'_>, terms: &[Attribute]| pair(open, label, id, mechanism, terms, always_asks);
    let public = match kind {
        Kind::P256 => pair(&Mechanism::EccKeyPairGen, &[Attribute::EcParams(P256.to_vec())])?,
        Kind::P384 => pair(&Mechanism::EccKeyPairGen, &[Attribute::EcParams(P384.to_vec())])?,
        Kind::Rsa3072 => {
            let terms = [
                Attribute::ModulusBits(3072.into()),
                Attribute::PublicExponent(vec![1, 0, 1]),
            ];
            pair(&Mechanism::RsaPkcsKeyPairGen, &terms)?
        }
        // PKCS#11 3.0 names the curve by its identifier, older modules by its name.
        Kind::Ed25519 => {
            let by = |curve: &[u8]| {
                let terms = [Attribute::EcParams(curve.to_vec())];
                pair(&Mechanism::EccEdwardsKeyPairGen, &terms)
            };
            by(ED25519).or_else(|_| by(ED25519_BY_NAME))?
        }
    };
    let seen = objects::seen(&open.session, open.library)?;
    let made = seen.iter().find(|object| object.handle == public);
    let made = made.and_then(|object| object.public.as_ref());
    let made = made.ok_or_else(|| Trouble::Nonsense("the key it made has no public half".into()))?;
    Ok(made.spki_der().to_vec())
}

fn pair(
    open: &Open<'_>,
    label: &str,
    id: &[u8],
    mechanism: &Mechanism<'_>,
    terms: &[Attribute],
    always_asks: bool,
) -> Outcome<cryptoki::object::ObjectHandle> {
    let named = [
        Attribute::Token(true),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    let public = [&named[..], &[Attribute::Private(false), Attribute::Verify(true)], terms].concat();
    let kept = [
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ];
    let mut private = [&named[..], &kept].concat();
    // Not said unless it is wished: some modules take no key for which it is said at all.
    private.extend(always_asks.then_some(Attribute::AlwaysAuthenticate(true)));
    let made = open.session.generate_key_pair(mechanism, &public, &private);
    Ok(made.map_err(refused)?.0)
}

impl Kind {
    /// The name that PKCS#11 gives the mechanism.
    pub(super) fn mechanism(self) -> &'static str {
        match self {
            Kind::Ed25519 => "CKM_EC_EDWARDS_KEY_PAIR_GEN",
            Kind::P256 | Kind::P384 => "CKM_EC_KEY_PAIR_GEN",
            Kind::Rsa3072 => "CKM_RSA_PKCS_KEY_PAIR_GEN",
        }
    }
}
