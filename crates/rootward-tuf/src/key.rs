//! Keys as metadata lists them: a name, an object, and what its dialect makes of it.
//!
//! A keyid is a name; the [`PhysicalKey`] behind it is who it is. Only public keys live in this crate.

mod public;

pub use public::{Algorithm, KeyProblem, PhysicalKey, PublicKey};
pub(crate) use public::{Method, sequence};

use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::canonical::canonical;
use crate::dialect::{Dialect, notary, tuf1};
use crate::json::{Value, View};

/// The name a document gives a key; opaque (TAP 12).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

/// A key as a document lists it: its id, its object as read, and the public key if we can use it.
#[derive(Clone)]
pub struct Key {
    keyid: KeyId,
    dialect: Dialect,
    /// The key object in canonical JSON.
    written: Arc<[u8]>,
    raw: OnceLock<Value>,
    /// Made when first asked for: a document may list more keys than anybody uses, before anything in it is proven.
    insight: OnceLock<Arc<Insight>>,
}

/// What a dialect makes of a key object.
pub(crate) struct Insight {
    pub(crate) public: Result<PublicKey, KeyProblem>,
    pub(crate) certificate: Option<Box<notary::Certificate>>,
    pub(crate) id_is_hash: bool,
    /// TUF 1.0: how its signatures are verified.
    pub(crate) method: Option<Method>,
}

/// The keys of one document, sorted by id; ids are unique.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTable(Vec<Key>);

impl KeyId {
    /// Takes any text, even an empty one; nothing is checked.
    pub fn new(text: impl Into<String>) -> Self {
        KeyId(text.into())
    }

    /// The id as the document writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Key {
    /// Lists `public` as TUF 1.0 does; the id is the hash of keytype, scheme and keyval.
    pub fn new_tuf1(public: &PublicKey) -> Self {
        tuf1::new_key(public)
    }

    /// Lists a certificate as Notary does, with the id over the certificate.
    ///
    /// Fails if `der` is no certificate over a key we know.
    pub fn new_notary_certificate(der: &[u8]) -> Result<Self, KeyProblem> {
        notary::new_certificate_key(der)
    }

    /// Lists the first certificate of a PEM text as [`Key::new_notary_certificate`] does.
    pub fn read_certificate(pem: &[u8]) -> Result<Self, KeyProblem> {
        notary::new_certificate_key(notary::Certificate::first_in_pem(pem)?.der())
    }

    /// Lists a bare key as Notary does.
    pub fn new_notary_bare(public: &PublicKey) -> Self {
        notary::new_bare_key(public)
    }

    /// Reads a Notary key object that stands alone, and names it as metadata would; members besides key type and public
    /// key are left out.
    ///
    /// Fails if it is no key we can use.
    pub fn read_notary(raw: &Value) -> Result<Self, KeyProblem> {
        notary::self_named_key(raw)
    }

    /// Reads a key object as a document of `dialect` lists it. Never fails: an unusable key stays visible.
    pub fn read(keyid: KeyId, raw: &Value, dialect: Dialect) -> Self {
        Key {
            raw: OnceLock::from(raw.clone()),
            ..Key::listed(keyid, &canonical(raw), dialect)
        }
    }

    /// Takes a key object as [`Key::read`] does, in canonical JSON that was checked.
    pub(crate) fn listed(keyid: KeyId, written: &[u8], dialect: Dialect) -> Self {
        Key {
            keyid,
            dialect,
            written: written.into(),
            raw: OnceLock::new(),
            insight: OnceLock::new(),
        }
    }

    /// The same key object under the name `keyid`; in Notary a name that does not fit makes the key unusable.
    pub fn named(self, keyid: KeyId) -> Self {
        Key {
            keyid,
            insight: OnceLock::new(),
            ..self
        }
    }

    /// The name the document lists this key under.
    pub fn keyid(&self) -> &KeyId {
        &self.keyid
    }

    /// The dialect by whose rules the key object is read.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The kind of key as the object names it; empty if it names none.
    pub fn keytype(&self) -> &str {
        self.text("keytype")
    }

    /// The signature scheme; in Notary, which names none, the method a signature of this key carries.
    pub fn scheme(&self) -> &str {
        match (self.dialect, self.public()) {
            (Dialect::Tuf1, _) => self.text("scheme"),
            (Dialect::Notary, Ok(public)) => notary::signing_method(public.algorithm()),
            (Dialect::Notary, Err(_)) => "",
        }
    }

    /// The key to verify with, decoded when first asked for; fails if it cannot be used, saying why.
    pub fn public(&self) -> Result<&PublicKey, &KeyProblem> {
        self.insight().public.as_ref()
    }

    /// TUF 1.0: how its signatures are verified, which its type and scheme say; `None` for kinds we do not know.
    pub(crate) fn method(&self) -> Option<Method> {
        self.insight().method
    }

    /// Who this key is, if it can be used at all.
    pub fn physical(&self) -> Option<PhysicalKey> {
        self.public().ok().map(PublicKey::physical)
    }

    /// Notary: the id of the bare key inside a certificate, which its command line shows; elsewhere the keyid.
    pub fn canonical_keyid(&self) -> KeyId {
        match (self.dialect, self.public()) {
            (Dialect::Notary, Ok(public)) => notary::bare_keyid(public),
            _ => self.keyid.clone(),
        }
    }

    /// Whether the id is a hash of the key in one of the four forms seen in the wild.
    pub fn id_is_hash(&self) -> bool {
        self.insight().id_is_hash
    }

    /// The certificate around a Notary key.
    pub fn certificate(&self) -> Option<&notary::Certificate> {
        self.insight().certificate.as_deref()
    }

    /// Who the document says holds the key; unproven text from outside.
    pub fn owner_name(&self) -> Option<String> {
        let named = ["x-tuf-on-ci-keyowner", "x-rstuf-key-name"]
            .iter()
            .find_map(|name| self.raw().get(name)?.as_str());
        let common_name = || self.certificate()?.common_name();
        named.or_else(common_name).map(str::to_owned)
    }

    /// The key object.
    pub fn raw(&self) -> &Value {
        self.raw.get_or_init(|| View::new(&self.written, 0).value())
    }

    fn insight(&self) -> &Insight {
        self.insight.get_or_init(|| {
            Arc::new(match self.dialect {
                Dialect::Tuf1 => tuf1::examine(&self.keyid, self.raw(), &self.written),
                Dialect::Notary => notary::examine(&self.keyid, self.raw()),
            })
        })
    }

    fn text(&self, name: &str) -> &str {
        self.raw().get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

impl KeyTable {
    /// Sorts the keys by id; of two under one id the first stays.
    pub fn new(mut keys: Vec<Key>) -> Self {
        keys.sort_by(|a, b| a.keyid.cmp(&b.keyid));
        keys.dedup_by(|b, a| a.keyid == b.keyid);
        KeyTable(keys)
    }

    pub(crate) const fn empty() -> Self {
        KeyTable(Vec::new())
    }

    /// Finds a key by its id.
    pub fn get(&self, keyid: &KeyId) -> Option<&Key> {
        self.0
            .binary_search_by(|key| key.keyid.cmp(keyid))
            .ok()
            .map(|place| &self.0[place])
    }

    /// Takes over what is known of keys that `before` lists just so, which spares decoding them again.
    pub(crate) fn learn_from(&self, before: &KeyTable) {
        for key in self.iter() {
            if let Some(same) = before.get(&key.keyid).filter(|same| *same == key)
                && let Some(insight) = same.insight.get()
            {
                // It was known already at most, and then it is the same.
                let _ = key.insight.set(Arc::clone(insight));
            }
        }
    }

    /// The physical keys listed under `keyids`.
    pub fn physical(&self, keyids: &[KeyId]) -> HashSet<PhysicalKey> {
        keyids.iter().filter_map(|keyid| self.get(keyid)?.physical()).collect()
    }
}

impl Deref for KeyTable {
    type Target = [Key];
    fn deref(&self) -> &[Key] {
        &self.0
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (&self.keyid, self.dialect, &self.written) == (&other.keyid, other.dialect, &other.written)
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}", self.keyid, self.public())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
