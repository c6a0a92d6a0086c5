//! The people and build systems of the practice estate, each with a key file whose passphrase everybody knows.

use std::collections::BTreeMap;

use rootward_tuf::{
    Dialect, Document, Frozen, Key, KeyId, PublicKey, Signature, canonical,
    encoding::{hex, sha256},
    json::Value,
};
use zeroize::Zeroizing;

use super::{PASSPHRASE, key_folder};
use crate::ports::{
    Failure, KdfCost, KeyReference, Message, NewKey, Ports, Prompt, PromptRequest, Secret, Signer, TouchRequest,
    Touching,
};

/// Everybody, by the name of the key file without its ending.
pub(super) struct Holders(BTreeMap<&'static str, Holder>);

/// One holder and the opened key.
pub(super) struct Holder {
    pub key: Key,
    pub signer: Box<dyn Signer>,
}

impl Holders {
    /// Makes a key file for everybody and opens it.
    pub(super) fn make(ports: &Ports, plan: &[(&'static str, NewKey)]) -> Result<Self, Failure> {
        let mut holders = BTreeMap::new();
        for &(name, kind) in plan {
            let (reference, public) = create(ports, name, kind)?;
            let signer = ports.keys.open(&reference, &KnowsThePassphrase, &nothing_to_show())?;
            let key = named_key(&public, &spoken(name));
            holders.insert(name, Holder { key, signer });
        }
        Ok(Holders(holders))
    }

    /// Fails only if the plan names somebody it does not introduce.
    pub(super) fn of(&mut self, name: &str) -> Result<&mut Holder, Failure> {
        self.0
            .get_mut(name)
            .ok_or_else(|| super::broken_plan("its holders", &format!("nobody is called {name}")))
    }

    /// The keys of these holders as TUF 1.0 lists them.
    pub(super) fn keys(&mut self, names: &[&str]) -> Result<Vec<Key>, Failure> {
        names.iter().map(|name| Ok(self.of(name)?.key.clone())).collect()
    }

    /// Signs with the keys of these holders as TUF 1.0 lists them.
    pub(super) fn sign<T: Document>(&mut self, frozen: &Frozen<T>, names: &[&str]) -> Result<Vec<Signature>, Failure> {
        names
            .iter()
            .map(|name| {
                let holder = self.of(name)?;
                holder.signer.sign(Message::metadata(frozen), &holder.key)
            })
            .collect()
    }
}

/// Makes one key file.
pub(super) fn create(ports: &Ports, name: &str, kind: NewKey) -> Result<(KeyReference, PublicKey), Failure> {
    let folder = key_folder(&ports.data);
    ports
        .disk
        .create_folder(&folder)
        .map_err(|error| Failure::fault("disk-failed", format!("{} cannot be made: {error}", folder.display())))?;
    let path = folder.join(format!("{name}.pem"));
    let public = ports.keys.create(&path, kind, &passphrase(), KdfCost::Practice)?;
    Ok((KeyReference::File(path), public))
}

/// Lists a key with its holder's name, as tuf-on-ci does; the id is the hash of the whole key object.
pub(super) fn named_key(public: &PublicKey, name: &str) -> Key {
    let plain = Key::new_tuf1(public);
    let mut raw = plain.raw().clone();
    if let Value::Object(members) = &mut raw {
        members.set("x-tuf-on-ci-keyowner", Value::text(name));
    }
    Key::read(KeyId::new(hex(&sha256(&canonical(&raw)))), &raw, Dialect::Tuf1)
}

/// `officer-1` → `Officer 1`; build systems are called as their machines are.
fn spoken(name: &str) -> String {
    match name.strip_prefix("officer-") {
        Some(number) => format!("Officer {number}"),
        None => name.to_owned(),
    }
}

pub(super) fn passphrase() -> Secret {
    Secret::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec()))
}

/// Answers for the estate's own making; nobody is asked.
pub(super) struct KnowsThePassphrase;

impl Prompt for KnowsThePassphrase {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        Ok(passphrase())
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

pub(super) fn nothing_to_show() -> PromptRequest {
    PromptRequest {
        practice: true,
        ..PromptRequest::default()
    }
}
