//! The documents of a ceremony: fixed bytes, the signatures over them, and what they come to when there are enough.
//!
//! Signatures are verified before they are taken, and counted by `rootward-tuf` alone.

use rootward_tuf::draft::{AnyComplete, AnyFrozen, Authority, Complete, Frozen};
use rootward_tuf::encoding::from_hex;
use rootward_tuf::key::{Key, KeyId, PhysicalKey};
use rootward_tuf::metadata::{Root, Signature};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;

use super::authority;
use super::digest::Digest;
use super::event;
use super::grounds::{Grounds, wave};

/// Documents whose bytes are fixed, and those still to come.
#[derive(Clone)]
pub struct Collected {
    /// In the order they were fixed; root among the first.
    pub sheets: Vec<Sheet>,
    /// Every role that is issued again, in the order they are signed.
    pub planned: Vec<RoleName>,
    /// Whether keys that leave sign the new documents as well.
    pub hands_over: bool,
}

/// One document: its fixed bytes and the signatures over them.
#[derive(Clone)]
pub struct Sheet {
    pub frozen: AnyFrozen,
    pub frozen_at: Instant,
    pub signatures: Vec<Given>,
    /// Once there are enough.
    pub complete: Option<AnyComplete>,
}

/// A signature that was verified over the frozen bytes.
#[derive(Clone)]
pub struct Given {
    pub physical: PhysicalKey,
    pub signature: Signature,
    /// Where the key was: `file:PATH`, `yubikey:SERIAL/SLOT`.
    pub key: String,
    pub at: Instant,
}

/// Every document with every signature it needs.
#[derive(Clone)]
pub struct Assembled {
    pub collected: Collected,
    /// In the order they are published.
    pub documents: Vec<AnyComplete>,
    /// Of the file of the only document; of several, of their files' digests in that order.
    pub digest: Digest,
}

impl Collected {
    pub(super) fn new(planned: Vec<RoleName>, hands_over: bool) -> Self {
        Collected {
            sheets: Vec::new(),
            planned,
            hands_over,
        }
    }

    /// The document of a role, once its bytes are fixed.
    pub fn sheet(&self, role: &RoleName) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.frozen.role() == role)
    }

    /// The next document of a role, once its bytes are fixed.
    pub fn fixed(&self, role: &RoleName) -> Option<&AnyFrozen> {
        self.sheet(role).map(|sheet| &sheet.frozen)
    }

    /// The key as which a physical key signs the document of a role, if it does.
    pub fn signing_key(&self, role: &RoleName, physical: &PhysicalKey, grounds: &Grounds) -> Option<Key> {
        let fixed = |role: &RoleName| self.fixed(role);
        authority::signing_key(role, physical, grounds, &fixed, self.hands_over)
    }

    /// The new root, once its bytes are fixed.
    pub fn root(&self) -> Option<&Frozen<Root>> {
        self.sheets.iter().find_map(|sheet| sheet.frozen.as_root())
    }

    /// All signatures, over whatever document.
    pub fn signatures(&self) -> impl Iterator<Item = &Given> {
        self.sheets.iter().flat_map(|sheet| &sheet.signatures)
    }

    /// Documents that are complete already.
    pub fn completed(&self) -> Vec<AnyComplete> {
        self.sheets.iter().filter_map(|sheet| sheet.complete.clone()).collect()
    }

    /// Roles whose bytes can be fixed now: those of the next wave, once everything before it is complete.
    pub fn can_be_frozen(&self) -> Vec<RoleName> {
        let fixed = |role: &&RoleName| self.sheet(role).is_some();
        let waiting: Vec<&RoleName> = self.planned.iter().filter(|role| !fixed(role)).collect();
        let Some(next) = waiting.iter().map(|role| wave(role)).min() else {
            return Vec::new();
        };
        let earlier = self.sheets.iter().filter(|sheet| wave(sheet.frozen.role()) < next);
        if earlier.into_iter().any(|sheet| sheet.complete.is_none()) {
            return Vec::new();
        }
        waiting.into_iter().filter(|role| wave(role) == next).cloned().collect()
    }

    /// Whether a document still takes signatures: none that names it by digest is fixed.
    pub fn is_open(&self, role: &RoleName) -> bool {
        self.sheets.iter().all(|sheet| wave(sheet.frozen.role()) <= wave(role))
    }

    /// Takes a fixed document; fails when it is not its turn, or when it names another's earlier document.
    pub(super) fn fix(&mut self, frozen: AnyFrozen, at: Instant) -> Result<(), String> {
        let role = frozen.role().clone();
        if !self.can_be_frozen().contains(&role) {
            return Err(format!("it is not the turn of {role}"));
        }
        for earlier in self.completed() {
            if !names(&frozen, &earlier) {
                return Err(format!(
                    "{role} v{} does not name {} v{} as it was signed",
                    frozen.version(),
                    earlier.role(),
                    earlier.version()
                ));
            }
        }
        self.sheets.push(Sheet {
            frozen,
            frozen_at: at,
            signatures: Vec::new(),
            complete: None,
        });
        Ok(())
    }

    /// Takes a signature; fails when it does not hold or its document takes none any more.
    pub(super) fn sign(&mut self, signed: &event::Signed, grounds: &Grounds, at: Instant) -> Result<(), String> {
        let place = self
            .sheets
            .iter()
            .position(|sheet| sheet.frozen.role().as_str() == signed.role);
        let place = place.ok_or_else(|| format!("the bytes of {} are not fixed", signed.role))?;
        if !self.is_open(self.sheets[place].frozen.role()) {
            return Err(format!(
                "{} is named by digest already and takes no more signatures",
                signed.role
            ));
        }
        if grounds.issues(&RoleName::root()) && self.root().is_none() {
            return Err("the bytes of root are not fixed".into());
        }
        let given = self.check(&self.sheets[place], signed, grounds, at)?;
        self.sheets[place].signatures.push(given);
        self.sheets[place].complete = self.completed_sheet(&self.sheets[place], grounds);
        Ok(())
    }

    /// Signatures go in by keyid, so that any order of signing gives the same file.
    pub(super) fn completed_sheet(&self, sheet: &Sheet, grounds: &Grounds) -> Option<AnyComplete> {
        let mut signatures: Vec<Signature> = sheet.signatures.iter().map(|given| given.signature.clone()).collect();
        signatures.sort_by(|a, b| a.keyid.cmp(&b.keyid));
        let fixed = |role: &RoleName| self.fixed(role);
        let speakers = authority::required(sheet.role(), grounds, &fixed, self.hands_over);
        let authorities: Vec<Authority<'_>> = speakers.iter().map(authority::Speaks::authority).collect();
        let complete = sheet.frozen.clone().complete(grounds.root(), &authorities, signatures);
        complete.ok()
    }

    fn check(&self, sheet: &Sheet, signed: &event::Signed, grounds: &Grounds, at: Instant) -> Result<Given, String> {
        let frozen = &sheet.frozen;
        if signed.sha256.0 != frozen.digest() || signed.version != frozen.version() {
            return Err("the signature is over other bytes".into());
        }
        let physical = PhysicalKey::parse(&signed.physical_key).ok_or("expected a physical key")?;
        if sheet.signature_of(&physical).is_some() {
            return Err("the key has signed already".into());
        }
        let key = self
            .signing_key(sheet.role(), &physical, grounds)
            .ok_or_else(|| format!("the key does not speak for {}", signed.role))?;
        if key.keyid().as_str() != signed.keyid {
            return Err(format!("expected the keyid {}, found {}", key.keyid(), signed.keyid));
        }
        let bytes = from_hex(&signed.signature).ok_or("expected a signature in hexadecimal")?;
        let keyid = KeyId::new(&*signed.keyid);
        let signature = Signature::from_parts(keyid, signed.method.clone(), bytes, frozen.dialect());
        frozen.check(&key, &signature).map_err(|refusal| refusal.to_string())?;
        Ok(Given {
            physical,
            signature,
            key: signed.key.clone(),
            at,
        })
    }

    /// All documents together, once every one is complete.
    pub(super) fn assembled(self) -> Result<Assembled, Collected> {
        let whole = |role: &RoleName| self.sheet(role).and_then(|sheet| sheet.complete.clone());
        let mut documents: Vec<AnyComplete> = self.planned.iter().filter_map(whole).collect();
        if documents.len() != self.planned.len() || documents.is_empty() {
            return Err(self);
        }
        documents.sort_by_key(|document| publishing_order(document.role(), self.hands_over));
        let digest = match documents.as_slice() {
            [only] => Digest::of(only.file_bytes()),
            several => {
                let digests = several.iter().flat_map(|document| Digest::of(document.file_bytes()).0);
                Digest::of(&digests.collect::<Vec<u8>>())
            }
        };
        Ok(Assembled {
            collected: self,
            documents,
            digest,
        })
    }
}

impl Sheet {
    pub fn role(&self) -> &RoleName {
        self.frozen.role()
    }

    /// The signature a key gave.
    pub fn signature_of(&self, physical: &PhysicalKey) -> Option<&Given> {
        self.signatures.iter().find(|given| given.physical == *physical)
    }
}

impl Assembled {
    /// The complete document of a role.
    pub fn document(&self, role: &RoleName) -> Option<&AnyComplete> {
        self.documents.iter().find(|document| document.role() == role)
    }

    /// Whether files are fetched by versions in their names: as the root built on says, or, where there is none, the first.
    pub fn consistent_snapshot(&self, grounds: &Grounds) -> bool {
        let first = || self.root().map(|root| root.verified().body());
        let root = grounds.root().map(|root| root.body()).or_else(first);
        root.is_some_and(|root| root.consistent_snapshot)
    }

    /// The new root, complete.
    pub fn root(&self) -> Option<&Complete<Root>> {
        self.documents.iter().find_map(AnyComplete::as_root)
    }
}

/// Whether a document that lists another's digest or version lists that of `earlier`; true for one that lists none.
fn names(frozen: &AnyFrozen, earlier: &AnyComplete) -> bool {
    let listed = match frozen {
        AnyFrozen::Snapshot(snapshot) => snapshot.body().meta.get(earlier.role()),
        AnyFrozen::Timestamp(timestamp) => {
            matches!(earlier, AnyComplete::Snapshot(_)).then(|| timestamp.body().snapshot.clone())
        }
        AnyFrozen::Root(_) | AnyFrozen::Targets(_) => None,
    };
    listed.is_none_or(|entry| entry == earlier.meta_entry())
}

/// Files whose names carry a version or digest come first, the one that makes clients look for them last; where keys hand over,
/// the root that drops the old ones comes after everything that both have signed.
fn publishing_order(role: &RoleName, hands_over: bool) -> u8 {
    match role.as_str() {
        "root" if hands_over => 4,
        "root" => 2,
        "timestamp" => 3,
        "snapshot" => 1,
        _ => 0,
    }
}
