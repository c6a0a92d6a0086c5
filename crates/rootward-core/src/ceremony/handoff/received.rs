//! A request, judged by the reader: everything shown and signed is computed from its bytes and a root trusted here.

use std::collections::HashMap;

use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::encoding::sha256;
use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::super::authority;
use super::super::descent::{Astray, Descent};
use super::super::digest::Digest;
use super::super::grounds::Grounds;
use super::{SigningRequest, unreadable};
use crate::border::{Sentence, document_differences};
use crate::ports::Failure;

/// Why the reader trusts the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// The file of a root that somebody vouches for.
    RootFile(Vec<u8>),
    /// The SHA-256 of one of the request's roots, compared with what somebody vouches for.
    Digest([u8; 32]),
    /// Root files that this desk trusts, of whatever repositories.
    Known(Vec<Vec<u8>>),
}

/// A request whose documents follow from a root that is trusted here.
pub struct Received {
    pub request: SigningRequest,
    /// What the documents are issued after, each signed as it must be.
    pub grounds: Grounds,
    /// The version of the root that trust began from.
    pub trusted_version: u64,
    documents: Vec<(AnyFrozen, bool)>,
}

impl Received {
    /// Judges a request.
    ///
    /// Refuses with `no-anchor` when none of its roots is trusted here, with `handoff-unproven` when they do not lead from
    /// the trusted root to the one built on, or the documents do not follow from that, and with `handoff-unreadable`.
    pub fn judge(request: SigningRequest, trusted: &Trusted, now: Instant) -> Result<Self, Failure> {
        let documents = request.frozen()?;
        let is_issued = |role: &RoleName| documents.iter().any(|(frozen, _)| frozen.role() == role);
        let (mut grounds, trusted_version) = if request.begins() {
            (beginning(&request, &documents, trusted)?, 0)
        } else {
            let anchor = anchor(&request, trusted)?;
            let (root, trusted_version) = built_on(&request, anchor, now)?;
            (Grounds::new(root, is_issued(&RoleName::root())), trusted_version)
        };
        for (role, file) in &request.others {
            let role = super::role_name(role).map_err(|failure| unreadable(failure.message))?;
            grounds.take(&role, file, is_issued(&role)).map_err(unproven)?;
        }
        for (frozen, _) in &documents {
            let role = frozen.role();
            let is_first = frozen.version() == 1 && *role != RoleName::root();
            // A delegated one that is built anew follows what cannot be built on: it is shown as new from end to end.
            if (is_first || !role.is_top_level()) && grounds.version(role).is_none() {
                let after = frozen.version().saturating_sub(1);
                grounds.take_first(role, after).map_err(unproven)?;
            }
        }
        follow(&documents, &grounds)?;
        Ok(Received {
            request,
            grounds,
            trusted_version,
            documents,
        })
    }

    /// SHA-256 of the first root, where a repository is begun.
    pub fn first_root(&self) -> Option<Digest> {
        let mut roots = self.documents.iter().filter(|(frozen, _)| frozen.as_root().is_some());
        let first = self.grounds.begins().then(|| roots.next()).flatten();
        first.map(|(frozen, _)| Digest(frozen.digest()))
    }

    /// Every document, and whether it takes signatures.
    pub fn documents(&self) -> impl Iterator<Item = (&AnyFrozen, bool)> {
        self.documents.iter().map(|(frozen, open)| (frozen, *open))
    }

    /// What a document changes, one sentence each; computed from its bytes.
    pub fn differences(&self, frozen: &AnyFrozen, names: &HashMap<PhysicalKey, String>) -> Vec<Sentence> {
        document_differences(&self.grounds, frozen, names)
    }

    /// The documents that a key speaks for and that take signatures, with the key as each lists it.
    pub fn for_key(&self, physical: &PhysicalKey) -> Vec<(&AnyFrozen, Key)> {
        let open = self.documents.iter().filter(|(_, open)| *open);
        let fixed = |role: &RoleName| {
            let mut documents = self.documents.iter().map(|(frozen, _)| frozen);
            documents.find(|frozen| frozen.role() == role)
        };
        let speaks = |(frozen, _): &'_ (AnyFrozen, bool)| {
            authority::signing_key(frozen.role(), physical, &self.grounds, &fixed, true)
        };
        open.filter_map(|document| Some((&document.0, speaks(document)?)))
            .collect()
    }
}

/// Nothing is there that a request to begin a repository could be judged by: its reader says which first root was agreed on.
///
/// Refuses with `no-anchor` when they do not, or say another one.
fn beginning(request: &SigningRequest, documents: &[(AnyFrozen, bool)], trusted: &Trusted) -> Result<Grounds, Failure> {
    let mut roots = documents.iter().filter(|(frozen, _)| frozen.as_root().is_some());
    let Some((root, _)) = roots.next().filter(|(root, _)| root.version() == 1) else {
        return Err(unreadable(
            "the request holds no root that it builds on, and does not begin with root v1",
        ));
    };
    let digest = root.digest();
    match trusted {
        Trusted::Digest(said) if *said == digest => Ok(Grounds::nothing(request.dialect)),
        _ => Err(Failure::refusal(
            "no-anchor",
            format!(
                "the request begins a repository, and no root leads to it: compare the SHA-256 of root v1, {}, with what was \
                 agreed on, and say it",
                Digest(digest)
            ),
        )
        .with("sha256", Digest(digest).to_string())),
    }
}

/// The root in the request, or given beside it, that trust begins from.
fn anchor(request: &SigningRequest, trusted: &Trusted) -> Result<Vec<u8>, Failure> {
    let no_anchor = |why: String| Failure::refusal("no-anchor", why);
    match trusted {
        Trusted::RootFile(file) => Ok(file.clone()),
        Trusted::Digest(digest) => {
            let found = request.roots.iter().find(|file| sha256(file) == *digest);
            found.cloned().ok_or_else(|| {
                let have: Vec<String> = request.roots.iter().map(|file| Digest::of(file).to_string()).collect();
                no_anchor(format!(
                    "no root in the request has that SHA-256; they have {}",
                    have.join(", ")
                ))
            })
        }
        Trusted::Known(files) => {
            let mut newest_first = request.roots.iter().rev();
            let found = newest_first.find(|file| files.contains(file));
            found.cloned().ok_or_else(|| {
                let have: Vec<String> = request.roots.iter().map(|file| Digest::of(file).to_string()).collect();
                no_anchor(format!(
                    "this machine trusts none of the request's roots, whose SHA-256 are {}",
                    have.join(", ")
                ))
            })
        }
    }
}

/// Walks the request's roots from the anchor by the client's rules; the last one must be proven.
fn built_on(request: &SigningRequest, anchor: Vec<u8>, now: Instant) -> Result<(Verified<Root>, u64), Failure> {
    let descent = Descent {
        of: "the request",
        dialect: request.dialect,
        gun: request.gun.as_deref(),
        roots: &request.roots,
    };
    descent.from(anchor, now).map_err(|astray| match astray {
        Astray::Unreadable(why) => unreadable(why),
        Astray::NoRoot(why) => Failure::refusal("root-refused", why),
        Astray::Unproven(why) => unproven(why),
    })
}

/// Each document must be the next version of one that was proven, and there only once.
fn follow(documents: &[(AnyFrozen, bool)], grounds: &Grounds) -> Result<(), Failure> {
    for (place, (frozen, _)) in documents.iter().enumerate() {
        let role = frozen.role();
        if documents[..place].iter().any(|(other, _)| other.role() == role) {
            return Err(unreadable(format!("{role} is in the request twice")));
        }
        let Some(before) = grounds.version(role) else {
            return Err(unproven(format!(
                "the request does not hold the {role} that it builds on"
            )));
        };
        if Some(frozen.version()) != before.checked_add(1) {
            return Err(unproven(format!(
                "{role} would be v{}, and the one it builds on is v{before}",
                frozen.version()
            )));
        }
    }
    if !documents.iter().any(|(_, open)| *open) {
        return Err(unreadable("the request asks for no signature"));
    }
    Ok(())
}

fn unproven(why: impl Into<String>) -> Failure {
    Failure::refusal("handoff-unproven", why)
}
