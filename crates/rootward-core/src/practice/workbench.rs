//! The means to make a repository on a Notary server and to have things happen to it: hands with keys, documents, uploads.

use std::path::{Path, PathBuf};

use rootward_tuf::{
    AnyComplete, AnyFrozen, Authority, Dialect, Hashes, Key, RoleName, Root, Target, Verified, encoding::sha256,
};

use super::{broken_plan, holders, in_days};
use crate::ports::{
    CertificateTerms, Document, Failure, KdfCost, KeyReference, LimitsView, Message, NewKey, Ports, Publication,
    Signer, SourceSpec,
};

/// How long documents are good for, as Notary's command line makes them.
pub const ROOT_DAYS: i64 = 3_650;
pub const TARGETS_DAYS: i64 = 1_095;

/// Somebody with a key in a file.
pub struct Hand {
    pub path: PathBuf,
    pub signer: Box<dyn Signer>,
}

impl Hand {
    /// Makes a key file in a folder.
    pub fn make(ports: &Ports, folder: &Path, name: &str) -> Result<Self, Failure> {
        Hand::of_kind(ports, folder, name, NewKey::EcdsaP256)
    }

    /// The same with another kind of key.
    pub fn of_kind(ports: &Ports, folder: &Path, name: &str, kind: NewKey) -> Result<Self, Failure> {
        ports
            .disk
            .create_folder(folder)
            .map_err(|why| Failure::fault("disk-failed", format!("{} cannot be made: {why}", folder.display())))?;
        let path = folder.join(format!("{name}.pem"));
        let secret = holders::passphrase();
        ports.keys.create(&path, kind, &secret, KdfCost::Practice)?;
        let reference = KeyReference::File(path.clone());
        let signer = ports
            .keys
            .open(&reference, &holders::KnowsThePassphrase, &holders::nothing_to_show())?;
        Ok(Hand { path, signer })
    }

    /// As documents below root list it.
    pub fn bare(&self) -> Key {
        Key::new_notary_bare(self.signer.public())
    }

    /// As root lists it: in a certificate that names the repository.
    pub fn certificate(&mut self, ports: &Ports, gun: &str) -> Result<Key, Failure> {
        let mut serial = [0; 16];
        ports.random.fill(&mut serial);
        let now = ports.clock.now();
        let terms = CertificateTerms {
            gun: gun.to_owned(),
            not_before: now,
            not_after: in_days(now, ROOT_DAYS),
            serial,
        };
        let certificate = self.signer.certify(&terms)?;
        Key::new_notary_certificate(certificate.der()).map_err(|why| broken_plan("its certificate", &why))
    }

    /// `sha256:…`
    pub fn physical(&self) -> String {
        self.signer.public().physical().to_string()
    }

    /// Where the key is, as commands want it.
    pub fn place(&self) -> String {
        format!("file:{}", self.path.display())
    }
}

/// Signs a frozen document with hands, each under the key that the document's role lists.
pub fn signed(
    frozen: impl Into<AnyFrozen>,
    before: Option<&Verified<Root>>,
    authority: Option<Authority<'_>>,
    hands: &mut [(&mut Hand, &Key)],
) -> Result<AnyComplete, Failure> {
    let frozen = frozen.into();
    let mut signatures = Vec::new();
    for (hand, key) in hands {
        let message = match &frozen {
            AnyFrozen::Root(frozen) => Message::metadata(frozen),
            AnyFrozen::Targets(frozen) => Message::metadata(frozen),
            AnyFrozen::Snapshot(frozen) => Message::metadata(frozen),
            AnyFrozen::Timestamp(frozen) => Message::metadata(frozen),
        };
        signatures.push(hand.signer.sign(message, key)?);
    }
    let role = frozen.role().clone();
    let authorities: Vec<Authority<'_>> = authority.into_iter().collect();
    let complete = frozen.complete(before, &authorities, signatures);
    complete.map_err(|_| broken_plan(role.as_str(), &"too few keys signed"))
}

/// A document to publish.
pub fn document(complete: &AnyComplete) -> Document {
    Document {
        role: complete.role().clone(),
        version: complete.version(),
        bytes: complete.file_bytes().to_vec(),
    }
}

/// Uploads documents on top of a root, or as the first ones.
pub async fn upload(
    ports: &Ports,
    spec: &SourceSpec,
    documents: &[&AnyComplete],
    on: Option<&AnyComplete>,
) -> Result<(), Failure> {
    let publication = Publication {
        dialect: Dialect::Notary,
        consistent_snapshot: false,
        documents: documents.iter().map(|complete| document(complete)).collect(),
        root_last: false,
        builds_on: on.map_or((0, [0; 32]), |root| (root.version(), sha256(root.file_bytes()))),
    };
    ports
        .connect
        .publisher(spec, &LimitsView::default())?
        .publish(&publication)
        .await
}

/// The key that the server signs a role with.
pub async fn server_key(ports: &Ports, spec: &SourceSpec, role: RoleName) -> Result<Key, Failure> {
    let keys = ports.connect.server_keys(spec, &LimitsView::default())?;
    keys.current(&role).await
}

/// An image by its digest and size; there is no registry behind it.
pub fn image(what: &str) -> Target {
    let manifest = format!("practice image: {what}");
    Target {
        length: 500 + manifest.len() as u64,
        hashes: Hashes::from_sha256(sha256(manifest.as_bytes())),
        custom: None,
    }
}
