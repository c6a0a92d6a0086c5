//! Handing documents to officers elsewhere, and taking their signatures back.
//!
//! What comes back is a stranger's file: every signature in it is verified over the frozen bytes before one is taken.

use std::path::Path;

use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::{self, Root, Signature};
use rootward_tuf::verify::Tally;

use super::archive::disk_failed;
use super::ceremonies::{Ceremonies, Record, not_now};
use super::collected::{Collected, Sheet};
use super::digest::Digest;
use super::event::{Fact, HandedOut};
use super::grounds::Grounds;
use super::handoff::{self, SigningRequest, SigningResponse, Wanted};
use super::once::Candidate;
use super::state::{Ceremony, Stage, signed_fact};
use super::walks::{Memory, Terms};
use crate::border::visible;
use crate::ports::{Failure, must_end_in};

/// A request that was written.
pub struct Written {
    pub request: SigningRequest,
    /// Of the file.
    pub sha256: Digest,
}

/// Signatures that were taken.
pub struct Taken {
    pub record: Record,
    /// By role and physical key.
    pub signatures: Vec<(String, PhysicalKey)>,
}

/// Whether a request may be written to a file of this name; fails with `bad-usage`.
pub fn must_be_a_request(path: &Path) -> Result<(), Failure> {
    must_end_in(path, "request", "a request")
}

impl Ceremonies {
    /// Writes what is fixed and takes signatures into a file for an officer elsewhere, with every older root that the source
    /// still has: an officer may trust one that this desk never knew.
    ///
    /// `to` are the keys that are asked by it, for the record; without any, whoever can sign is.
    ///
    /// Refuses with `not-ready` when nothing takes signatures now, with `already-signed` and `key-not-found` a key that has
    /// nothing to sign, with `key-gone` one that was lost or stolen; fails with `bad-usage` for a file that does not end in `.request`, and with `disk-failed`.
    pub async fn hand_out(&self, id: &str, path: &Path, to: Vec<PhysicalKey>) -> Result<Written, Failure> {
        must_be_a_request(path)?;
        let older = self.older_roots(id).await;
        let (id, path) = (id.to_owned(), path.to_owned());
        self.blocking(move |ceremonies| ceremonies.hand_out_with(&id, &path, older, &to))
            .await
    }

    /// Roots before the oldest that this desk has proven, ascending, as far back as the source has them and each follows from the
    /// one before. None when the source cannot be asked: a request is made without it as well.
    pub(super) async fn older_roots(&self, id: &str) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let Ok((record, limits, source)) = self.ready_source(id).await else {
            return found;
        };
        let Ok(ceremony) = record.sound() else { return found };
        let looked_at = record.clone();
        let known = self
            .blocking(move |ceremonies| {
                let ceremony = looked_at.sound()?;
                ceremonies.roots_up_to(&ceremony.begun.repository.id, ceremony)
            })
            .await;
        let Ok(known) = known else { return found };
        let dialect = ceremony.grounds.dialect();
        let read = |file: &[u8]| metadata::read::<Root>(file, dialect).ok();
        let Some(mut newer) = known.first().and_then(|file| read(file)) else {
            return found;
        };
        let terms = Terms {
            dialect,
            gun: ceremony.begun.gun.clone(),
            now: self.ports.clock.now(),
        };
        let mut memory = Memory::new(&*source, limits, terms);
        while let Some(version) = newer
            .version()
            .checked_sub(1)
            .filter(|version| *version > 0 && found.len() < MOST_OLDER)
        {
            let Ok(Some(file)) = memory.root(version).await else {
                break;
            };
            let Some(older) = read(&file).filter(|older| older.version() == version) else {
                break;
            };
            // What does not lead on helps nobody; who trusts it finds out by walking.
            if !Tally::of(&newer, &older.body().keys, &older.body().root).is_met() {
                break;
            }
            found.push(file);
            newer = older;
        }
        found.reverse();
        found
    }

    pub(super) fn hand_out_with(
        &self,
        id: &str,
        path: &Path,
        older: Vec<Vec<u8>>,
        to: &[PhysicalKey],
    ) -> Result<Written, Failure> {
        self.refuse_superseded(id)?;
        let record = self.one(id)?;
        let mut request = self.request(&record)?;
        for key in to {
            self.must_have_to_sign(record.sound()?, key)?;
        }
        request.roots.splice(..0, older);
        let bytes = request.to_bytes();
        let sha256 = Digest::of(&bytes);
        let wanted = request.documents.iter().filter(|wanted| wanted.open);
        let roles = wanted.map(|wanted| wanted.role.clone()).collect();
        // On record first: no file is about that the journal does not know.
        let to = to.iter().map(ToString::to_string).collect();
        self.step(id, |_| Ok(Fact::HandedOut(HandedOut { roles, sha256, to })))?;
        self.ports
            .disk
            .write(path, &bytes, false)
            .map_err(|error| disk_failed("write", path, &error))?;
        Ok(Written { request, sha256 })
    }

    /// Takes the signatures of a response, or detached ones, each after it was verified; none when one of them is refused.
    ///
    /// `id` is needed for detached signatures, which name no ceremony. Refuses with `handoff-unreadable`, `handoff-newer`,
    /// with `handoff-foreign` what belongs to another ceremony, another history or other bytes, with `signature-refused` a
    /// signature that does not hold, with `already-signed` a response that brings nothing new, or a key that signed another
    /// document of the version, and with `ceremony-ended` or `not-ready` one that comes too late or early. What comes after a
    /// ceremony was given up is taken as loose: it exists, and whoever has it can use it.
    pub fn take_back(&self, id: Option<&str>, bytes: &[u8]) -> Result<Taken, Failure> {
        let named = SigningResponse::ceremony_of(bytes);
        let id = match (id, &named) {
            (Some(id), _) => id.to_owned(),
            (None, Some(named)) => named.clone(),
            (None, None) if handoff::says_it_is_ours(bytes) => {
                // Reading says what is wrong with it.
                SigningResponse::read(bytes, rootward_tuf::Dialect::Tuf1)?.ceremony
            }
            (None, None) => {
                let message = "the file names no ceremony: say which one it is for";
                return Err(Failure::refusal("handoff-unreadable", message));
            }
        };
        let record = self.one(&id).map_err(|failure| match (&named, failure.code.as_str()) {
            (Some(named), "ceremony-not-found") => foreign(format!(
                "the response is for ceremony {}, which is none of this desk",
                visible(named)
            )),
            _ => failure,
        })?;
        let ceremony = record.sound()?;
        let (Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..) | Stage::Abandoned(Some(_), _)) =
            &ceremony.stage
        else {
            return Err(not_now(ceremony, "signatures are not collected now"));
        };
        let Some(collected) = ceremony.stage.collected() else {
            return Err(not_now(ceremony, "nothing is fixed yet"));
        };
        let given = self.verified(&id, &record, ceremony, collected, bytes)?;
        let source = Digest::of(bytes);
        let mut signatures = Vec::new();
        let mut last = record.clone();
        for (fact, role, physical) in given {
            last = self.step(&id, |_| Ok(fact.brought_by(source)))?;
            signatures.push((role, physical));
        }
        Ok(Taken {
            record: last,
            signatures,
        })
    }

    /// Takes what a file holds, as [`Self::take_back`]; fails with `metadata-not-found` when it cannot be read.
    pub fn take_back_file(&self, id: Option<&str>, path: &Path) -> Result<Taken, Failure> {
        self.take_back(id, &self.handoff_file(path)?)
    }

    /// Every new signature in a file as a fact.
    fn verified(
        &self,
        id: &str,
        record: &Record,
        ceremony: &Ceremony,
        collected: &Collected,
        bytes: &[u8],
    ) -> Result<Vec<(Fact, String, PhysicalKey)>, Failure> {
        let parties = Parties {
            grounds: &ceremony.grounds,
            collected,
        };
        let found = if handoff::says_it_is_ours(bytes) {
            answered(id, record, ceremony, collected, parties, bytes)?
        } else {
            let signatures = handoff::detached(bytes, ceremony.grounds.dialect())?;
            let places = signatures.iter().map(|signature| parties.place(collected, signature));
            places.collect::<Result<Vec<_>, _>>()?
        };
        let signatures = self.signatures()?;
        let mut given: Vec<(Fact, String, PhysicalKey)> = Vec::new();
        for Found { sheet, key, signature } in found {
            let frozen = &sheet.frozen;
            let (role, version) = (frozen.role(), frozen.version());
            let Some(physical) = key.physical() else { continue };
            let known = given.iter().any(|(_, of, by)| of == role.as_str() && *by == physical);
            if known || sheet.signature_of(&physical).is_some() {
                continue;
            }
            if !collected.is_open(role) {
                let why = format!("{role} is named by digest already and takes no more signatures");
                return Err(not_now(ceremony, &why));
            }
            let candidate = Candidate {
                repository: &ceremony.begun.repository,
                root: ceremony.grounds.root().map(|root| Digest(root.digest())),
                role,
                version,
                sha256: Some(Digest(frozen.digest())),
            };
            if let Some(other) = signatures.other(&physical, &candidate) {
                return Err(other.refusal(&candidate));
            }
            given.push((
                signed_fact(&physical, ELSEWHERE, &signature, frozen),
                role.as_str().into(),
                physical,
            ));
        }
        if given.is_empty() {
            let message = "every signature in the file is on record already: nothing was taken";
            return Err(Failure::refusal("already-signed", message));
        }
        Ok(given)
    }

    fn request(&self, record: &Record) -> Result<SigningRequest, Failure> {
        let ceremony = record.sound()?;
        let collected = match &ceremony.stage {
            Stage::Collecting(collected) => collected,
            Stage::Ready(assembled) | Stage::Rehearsed(assembled, _) => &assembled.collected,
            Stage::Drafting
            | Stage::Publishing(..)
            | Stage::Published(..)
            | Stage::Superseded(..)
            | Stage::Abandoned(..) => return Err(not_now(ceremony, "no document takes signatures now")),
        };
        let wanted = |sheet: &Sheet| Wanted {
            role: sheet.role().as_str().into(),
            bytes: sheet.frozen.bytes().to_vec(),
            open: collected.is_open(sheet.role()),
        };
        let begun = &ceremony.begun;
        // Those that will be issued later would only be in the way; those that speak for others are needed.
        let needed = |role: &rootward_tuf::RoleName, issued: bool| !issued || collected.sheet(role).is_some();
        let others = ceremony
            .grounds
            .others()
            .filter(|(role, _, issued)| needed(role, *issued));
        let others = others
            .map(|(role, file, _)| (role.as_str().to_owned(), file.to_vec()))
            .collect();
        Ok(SigningRequest {
            ceremony: record.id.clone(),
            head: record.head,
            repository: begun.repository.name.clone(),
            gun: begun.gun.clone(),
            dialect: ceremony.grounds.dialect(),
            practice: begun.repository.practice,
            reason: ceremony.change().reason.clone(),
            written_at: self.ports.clock.now().to_string(),
            roots: self.roots_up_to(&begun.repository.id, ceremony)?,
            others,
            documents: collected.sheets.iter().map(wanted).collect(),
        })
    }

    /// Every root this desk has proven, up to the one built on: an officer may trust any of them.
    pub(super) fn roots_up_to(&self, repository: &str, ceremony: &Ceremony) -> Result<Vec<Vec<u8>>, Failure> {
        // Whoever is asked to begin a repository has no root to begin from either.
        let Some(built_on) = ceremony.grounds.root() else {
            return Ok(Vec::new());
        };
        let mut roots = self.ports.vault.proven(repository)?.roots;
        roots.extend(
            self.ports
                .vault
                .anchor(repository)?
                .map(|anchor| (anchor.version, anchor.bytes)),
        );
        roots.retain(|(version, _)| *version < built_on.version());
        roots.push((built_on.version(), built_on.file_bytes().to_vec()));
        roots.sort_by_key(|(version, _)| *version);
        roots.dedup_by_key(|(version, _)| *version);
        Ok(roots.into_iter().map(|(_, file)| file).collect())
    }
}

/// So many roots are looked for that the desk does not know.
const MOST_OLDER: usize = 256;

/// Where a key was that signed by file.
pub const ELSEWHERE: &str = "elsewhere";

impl Fact {
    fn brought_by(self, sha256: Digest) -> Self {
        match self {
            Fact::Signed(signed) => Fact::Signed(super::event::Signed {
                response: Some(sha256),
                ..signed
            }),
            other => other,
        }
    }
}

/// A signature with the document and the key it verified with.
struct Found<'a> {
    sheet: &'a Sheet,
    key: Key,
    signature: Signature,
}

/// Those whose keys may speak: the documents built on, and the new ones.
#[derive(Clone, Copy)]
struct Parties<'a> {
    grounds: &'a Grounds,
    collected: &'a Collected,
}

impl<'a> Parties<'a> {
    /// The key under which a signature over a document holds, whatever id it came with: ids are only names.
    fn signer(&self, sheet: &'a Sheet, signature: &Signature) -> Option<Found<'a>> {
        self.keys().into_iter().find_map(|physical| {
            let key = self.collected.signing_key(sheet.role(), &physical, self.grounds)?;
            let signature = Signature {
                keyid: key.keyid().clone(),
                ..signature.clone()
            };
            sheet.frozen.check(&key, &signature).ok()?;
            Some(Found { sheet, key, signature })
        })
    }

    /// Every key that some document lists, before or after.
    fn keys(&self) -> Vec<PhysicalKey> {
        let new = self.collected.root().map(|root| &root.body().keys);
        let old = self.grounds.root().map(|root| &root.body().keys);
        let roots = old.into_iter().chain(new);
        let old_targets = self.grounds.all_targets().map(|(_, targets)| targets.body());
        let sheets = self.collected.sheets.iter();
        let new_targets = sheets.filter_map(|sheet| sheet.frozen.as_targets().map(|targets| targets.body()));
        let delegations = old_targets
            .chain(new_targets)
            .filter_map(|targets| targets.delegations.as_ref());
        let tables = roots.chain(delegations.map(|delegations| &delegations.keys));
        let mut keys: Vec<PhysicalKey> = tables
            .flat_map(|table| table.iter().filter_map(Key::physical))
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The document a detached signature is over.
    fn place(&self, collected: &'a Collected, signature: &Signature) -> Result<Found<'a>, Failure> {
        let found = collected.sheets.iter().find_map(|sheet| self.signer(sheet, signature));
        found.ok_or_else(|| bad(signature, &collected.sheets))
    }
}

/// The signatures of a response of ours.
fn answered<'a>(
    id: &str,
    record: &Record,
    ceremony: &Ceremony,
    collected: &'a Collected,
    parties: Parties<'a>,
    bytes: &[u8],
) -> Result<Vec<Found<'a>>, Failure> {
    let response = SigningResponse::read(bytes, ceremony.grounds.dialect())?;
    if response.ceremony != id {
        let named = visible(&response.ceremony);
        return Err(foreign(format!("the response is for ceremony {named}, not for {id}")));
    }
    if !record.events.iter().any(|event| event.hash == response.head) {
        return Err(foreign(
            "the response answers a request of another history: its journal head is none of this ceremony's",
        ));
    }
    let find = |answered: &handoff::Answered| {
        let mut sheets = collected.sheets.iter();
        let sheet =
            sheets.find(|sheet| sheet.role().as_str() == answered.role && sheet.frozen.digest() == answered.sha256.0);
        let sheet = sheet.ok_or_else(|| {
            foreign(format!(
                "the response signs a {} with the SHA-256 {}, which is none that is signed here",
                visible(&answered.role),
                answered.sha256
            ))
        })?;
        let found = parties.signer(sheet, &answered.signature);
        found.ok_or_else(|| bad(&answered.signature, std::slice::from_ref(sheet)))
    };
    response.signatures.iter().map(find).collect()
}

fn foreign(why: impl Into<String>) -> Failure {
    Failure::refusal("handoff-foreign", why)
}

fn bad(signature: &Signature, sheets: &[Sheet]) -> Failure {
    let names: Vec<String> = sheets
        .iter()
        .map(|sheet| format!("{} v{}", sheet.role(), sheet.frozen.version()))
        .collect();
    let message = format!(
        "the signature under the keyid {} is no expected key's over {}: nothing was taken",
        visible(signature.keyid.as_str()),
        names.join(" or ")
    );
    Failure::refusal("signature-refused", message)
}
