//! The ports to private keys.

use std::path::{Path, PathBuf};

use rootward_tuf::{
    Dialect, Document, Frozen, Instant, Key, Proof, PublicKey, RoleName, Signature, SignatureRefusal, Transcript,
    dialect::notary::Certificate,
};

use super::{Failure, ModuleKey, Prompt, PromptRequest, Secret, TokenSlot};

/// A reference to a key as officers write it: `file:PATH`, `yubikey:SERIAL/SLOT` `pkcs11:MODULE:TOKEN-LABEL/KEY-LABEL`
/// or `keychain:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyReference {
    File(PathBuf),
    YubiKey(TokenSlot),
    Pkcs11(ModuleKey),
    /// By the name that this desk gave it.
    Keychain(String),
}

/// What is known of a key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    pub reference: KeyReference,
    /// `None` when the public half cannot be told without the secret. From the `.pub` file beside an encrypted key it is
    /// a claim, which [`Keys::open`] checks.
    pub public: Option<PublicKey>,
    /// Whether it asks for a passphrase or a PIN.
    pub encrypted: bool,
    /// Whether each signature may wait for a touch on a device.
    pub touches: bool,
    /// What keeps the private half from whoever copies it; `None` when there is none, or when no copy can be made.
    pub protection: Option<Protection>,
    /// File name or device, for people.
    pub name: Option<String>,
    /// Headers of Notary's PEM: `path`, `role`, `gun`.
    pub headers: Vec<(String, String)>,
    /// Whether it may be a root key; one in the keychain only when somebody said so as it was stored.
    pub may_sign_root: bool,
}

/// What keeps the private key in a file from whoever copies the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nothing: the file is the key.
    Open,
    /// A passphrase stretched by scrypt.
    Scrypt { n: u64, r: u16, p: u16 },
    /// A passphrase stretched by PBKDF2 with HMAC over `hash`.
    Pbkdf2 { hash: &'static str, rounds: u32 },
    /// A passphrase stretched by next to nothing: PEM's own encryption.
    OneRoundOfMd5 { cipher: &'static str },
}

impl Protection {
    /// Whether trying passphrases costs so little that only a very long one protects the key.
    ///
    /// The lines are ours: 100,000 rounds of PBKDF2, or as much work as scrypt with N = 2^14 and r = 8.
    pub fn is_weak(&self) -> bool {
        match *self {
            Protection::Open | Protection::OneRoundOfMd5 { .. } => true,
            Protection::Scrypt { n, r, p } => {
                n.saturating_mul(u64::from(r)).saturating_mul(u64::from(p)) < (1 << 14) * 8
            }
            Protection::Pbkdf2 { rounds, .. } => rounds < 100_000,
        }
    }
}

impl std::fmt::Display for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Protection::Open => write!(f, "no passphrase"),
            Protection::Scrypt { n, r, p } => write!(f, "scrypt, N = {n}, r = {r}, p = {p}"),
            Protection::Pbkdf2 { hash, rounds } => write!(f, "PBKDF2 with HMAC-{hash}, {rounds} rounds"),
            Protection::OneRoundOfMd5 { cipher } => write!(f, "one round of MD5 before {cipher}"),
        }
    }
}

/// Finds keys and makes signers of them; keys in tokens as [`super::Tokens`] and [`super::Modules`] do.
pub trait Keys: Send + Sync {
    /// Tells what can be told without a secret; fails with `key-not-found` and `key-file-unreadable`.
    fn inspect(&self, reference: &KeyReference) -> Result<KeyFacts, Failure>;

    /// Opens the key; asks `prompt` when it is encrypted, so it is called while no lock is held.
    ///
    /// A wrong secret is asked for again, three times in all, then the interruption is `wrong-passphrase`. Refuses with
    /// `expected-other-key` when the `.pub` file beside the key is another key's, and with `key-cannot-sign` when there
    /// is only a public half.
    fn open(
        &self,
        reference: &KeyReference,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<Box<dyn Signer>, Failure>;

    /// Keys that lie where nobody else lists them.
    fn kept(&self) -> Vec<KeyReference> {
        Vec::new()
    }

    /// Makes a new key file (PKCS#8 PBES2, scrypt, AES-256) and its public half beside it (`.pub`).
    ///
    /// Refuses with `bad-usage` when a file is already there.
    fn create(&self, path: &Path, kind: NewKey, secret: &Secret, cost: KdfCost) -> Result<PublicKey, Failure>;

    /// Copies a private key into a new file, in another form and under a new passphrase. The source stays as it is.
    ///
    /// Asks for the source's secret as [`Keys::open`] does, then `to` where the copy goes, then for the new passphrase, twice.
    /// Refuses with `key-cannot-leave` when the key is no key in a file or the form cannot hold it, with `bad-usage` when a
    /// file is there already; the interruption is `passphrase-not-set` when no new passphrase is agreed on.
    fn copy(
        &self,
        from: &KeyReference,
        to: &dyn Fn(&PublicKey) -> Result<KeyCopy, Failure>,
        prompt: &dyn Prompt,
        request: &PromptRequest,
    ) -> Result<PublicKey, Failure> {
        let _ = (to, prompt, request);
        let message = format!("{from:?} is no key in a file: its private half cannot be copied");
        Err(Failure::refusal("key-cannot-leave", message))
    }
}

/// Where a copy of a key goes, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCopy {
    pub path: PathBuf,
    pub form: KeyForm,
}

/// Forms in which key files are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyForm {
    /// PKCS#8 PBES2 with scrypt and AES-256, and the public half beside it (`.pub`).
    Ours,
    /// As Notary's command line takes it: PKCS#8 PBES2 with PBKDF2-HMAC-SHA-1 and AES-256, behind the headers `role`, `gun` and
    /// `path`. Its passphrase is stretched by as many rounds as a person waits for; Notary reads any number.
    Notary { role: String, gun: Option<String> },
}

/// Kinds of keys the desk makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKey {
    Ed25519,
    EcdsaP256,
}

/// What guessing a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KdfCost {
    /// scrypt with N = 2^14, r = 8, p = 5: as much work as N = 2^17 with p = 1, but in 16 MiB of memory, because OpenSSL
    /// refuses to open key files that need more than 32 MiB.
    Standard,
    /// N = 2^12, p = 1: for throw-away practice keys only.
    Practice,
}

/// An opened private key. Signs typed messages only, and verifies each signature before it returns it.
pub trait Signer: Send + Sync {
    fn public(&self) -> &PublicKey;

    /// Whether each signature may wait for a touch. Only such a signer may be kept for another signature: what an open one
    /// could sign unseen, nobody notices.
    fn touches(&self) -> bool {
        false
    }

    /// Signs as `key`, which lists this very key in metadata.
    ///
    /// Refuses with `expected-other-key` when it lists another, and with `key-cannot-sign` when the key's scheme cannot
    /// be made by it.
    fn sign(&mut self, message: Message<'_>, key: &Key) -> Result<Signature, Failure>;

    /// Signs a Notary root certificate over this very key.
    ///
    /// Refuses with `key-cannot-sign` when the key is no ECDSA P-256 key or the terms fit no certificate.
    fn certify(&mut self, terms: &CertificateTerms) -> Result<Certificate, Failure>;
}

/// What a Notary root certificate says besides the key; the profile is `notary_certificate`'s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateTerms {
    /// The common name: the GUN the key is for.
    pub gun: String,
    pub not_before: Instant,
    pub not_after: Instant,
    pub serial: [u8; 16],
}

/// What may be signed. Made from frozen documents and from statements, never from loose bytes.
#[derive(Clone, Copy)]
pub struct Message<'a>(&'a dyn Signable);

impl<'a> Message<'a> {
    /// The message of a frozen document.
    pub fn metadata<T: Document>(frozen: &'a Frozen<T>) -> Self {
        Message(frozen)
    }

    /// The message of a proof that the key works. It can be taken for no document.
    pub fn proof(proof: &'a Proof) -> Self {
        Message(proof)
    }

    /// The message of a testimony on a transcript. It can be taken for no document.
    pub fn transcript(transcript: &'a Transcript) -> Self {
        Message(transcript)
    }

    /// The dialect decides which keys may sign and how a signature is written; statements go by TUF 1.0's way.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    /// Whether it is root's metadata, which everything hangs on.
    pub fn is_root(&self) -> bool {
        self.0.is_root()
    }

    /// What a person calls it: `root v2`.
    pub fn title(&self) -> String {
        self.0.title()
    }

    /// SHA-256 of the bytes: what a person compares.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest()
    }

    /// The bytes, for the adapter that signs them.
    pub fn bytes(&self) -> &'a [u8] {
        self.0.bytes()
    }

    /// Checks a signature that was just made.
    pub fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        self.0.check(key, signature)
    }
}

trait Signable {
    fn dialect(&self) -> Dialect;
    fn is_root(&self) -> bool {
        false
    }
    fn title(&self) -> String;
    fn digest(&self) -> [u8; 32];
    fn bytes(&self) -> &[u8];
    fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal>;
}

impl<T: Document> Signable for Frozen<T> {
    fn is_root(&self) -> bool {
        *self.role() == RoleName::root()
    }

    fn dialect(&self) -> Dialect {
        self.dialect()
    }

    fn title(&self) -> String {
        format!("{} v{}", self.role(), self.version())
    }

    fn digest(&self) -> [u8; 32] {
        self.digest()
    }

    fn bytes(&self) -> &[u8] {
        self.signing_message()
    }

    fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        self.check(key, signature)
    }
}

impl Signable for Proof {
    fn dialect(&self) -> Dialect {
        Dialect::Tuf1
    }

    fn title(&self) -> String {
        "a proof that this key works".into()
    }

    fn digest(&self) -> [u8; 32] {
        self.statement().digest()
    }

    fn bytes(&self) -> &[u8] {
        self.statement().message()
    }

    fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        self.check(key, signature)
    }
}

impl Signable for Transcript {
    fn dialect(&self) -> Dialect {
        Dialect::Tuf1
    }

    fn title(&self) -> String {
        format!("the transcript of ceremony {}", self.testimony().recorded.ceremony)
    }

    fn digest(&self) -> [u8; 32] {
        self.statement().digest()
    }

    fn bytes(&self) -> &[u8] {
        self.statement().message()
    }

    fn check(&self, key: &Key, signature: &Signature) -> Result<(), SignatureRefusal> {
        self.check(key, signature)
    }
}
