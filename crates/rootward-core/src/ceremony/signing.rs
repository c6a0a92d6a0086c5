//! Fixing the bytes and asking keys to sign them.

use rootward_tuf::draft::Frozen;
use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::Root;

use super::archive;
use super::ceremonies::{Ceremonies, Record, not_now};
use super::delta::Delta;
use super::digest::Digest;
use super::event::{self, Asked, Fact, NotSigned, Problem};
use super::plan::Plan;
use super::state::{Ceremony, Stage, signed_fact};
use crate::border::Notice;
use crate::keyring;
use crate::ports::{Failure, KeyReference, Message, PromptRequest};

/// Everything one signature needs, decided before any secret is asked for.
struct Task {
    frozen: Frozen<Root>,
    key: Key,
    reference: KeyReference,
    request: PromptRequest,
}

impl Ceremonies {
    /// Fixes the bytes. Any later edit is a new ceremony.
    ///
    /// Refuses with `draft-refused` what the rules forbid, with `superseded` when a newer root is trusted meanwhile.
    pub fn freeze(&self, id: &str) -> Result<Record, Failure> {
        self.refuse_superseded(id)?;
        self.step(id, |ceremony| {
            let Stage::Drafting = ceremony.stage else {
                return Err(not_now(
                    ceremony,
                    "the bytes are fixed already; another edit is another ceremony",
                ));
            };
            let super::Change::Rotate(change) = &ceremony.begun.change;
            let plan = Plan::of(change, &ceremony.predecessor, self.ports.clock.now())?;
            let bytes = plan.draft.bytes();
            self.archive().write(id, archive::FROZEN, bytes)?;
            Ok(Fact::Frozen(event::Frozen {
                role: "root".into(),
                version: plan.draft.version(),
                length: bytes.len() as u64,
                sha256: Digest(plan.draft.digest()),
            }))
        })
    }

    /// Asks one key to sign. Blocks while a person types its secret.
    ///
    /// Refuses with `already-signed` when the key signed these bytes or, in any ceremony, other bytes of this version; with
    /// `key-not-found` when no key file for it is known; with `expected-other-key` when a file holds another key. A closed
    /// prompt or a wrong secret is an interruption that goes on record.
    pub fn sign(&self, id: &str, physical: &PhysicalKey) -> Result<Record, Failure> {
        self.refuse_superseded(id)?;
        let _asking = self.ask_alone(id, physical)?;
        let task = self.prepare(id, physical)?;
        let asked = Asked {
            physical_key: physical.to_string(),
            key: keyring::written(&task.reference),
        };
        self.step(id, |_| Ok(Fact::SigningBegun(asked)))?;
        match self.signature(&task, physical) {
            Ok(fact) => self.step(id, |_| Ok(fact)),
            Err(failure) => {
                let problem = Problem::from(&failure);
                self.step(id, |_| {
                    Ok(Fact::SigningFailed(NotSigned {
                        physical_key: physical.to_string(),
                        problem,
                    }))
                })?;
                Err(failure)
            }
        }
    }

    /// Marks a key as being asked for. Refuses while any ceremony asks for it: what it signs there is not on record yet.
    fn ask_alone<'a>(&'a self, id: &'a str, physical: &'a PhysicalKey) -> Result<Asking<'a>, Failure> {
        let mut asked = self.asked();
        if asked.iter().any(|(_, key)| key == physical) {
            return Err(Failure::refusal("not-ready", "this key is being asked already"));
        }
        asked.insert((id.to_owned(), *physical));
        Ok(Asking {
            ceremonies: self,
            id,
            physical,
        })
    }

    fn prepare(&self, id: &str, physical: &PhysicalKey) -> Result<Task, Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let (Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..)) = &ceremony.stage else {
            return Err(not_now(ceremony, "signatures are not collected now"));
        };
        let Some(collected) = ceremony.stage.collected() else {
            return Err(not_now(ceremony, "nothing is fixed yet"));
        };
        let frozen = collected.frozen.clone();
        let Some(key) = ceremony.signing_key(&frozen, physical).cloned() else {
            let message = format!("{physical} speaks neither for the old root nor for the new one");
            return Err(Failure::refusal("key-not-found", message));
        };
        if collected.signature_of(physical).is_some() {
            return Err(Failure::refusal(
                "already-signed",
                "this key has signed these bytes already",
            ));
        }
        let begun = &ceremony.begun;
        let ledger = self.ledger()?;
        let digest = Digest(frozen.digest());
        if let Some(other) = ledger.other_signature(physical, &begun.repository, &begun.builds_on, digest) {
            return Err(Failure::refusal(
                "already-signed",
                format!(
                    "this key has signed another root v{} in ceremony {other}; no key signs two documents of one version",
                    ceremony.version()
                ),
            )
            .with("ceremony", other));
        }
        let reference = self.where_is(ceremony, physical)?;
        let request = prompt_request(ceremony, &frozen, &reference);
        Ok(Task {
            frozen,
            key,
            reference,
            request,
        })
    }

    /// The key file for a key: the one the ceremony names, else one the desk knows.
    fn where_is(&self, ceremony: &Ceremony, physical: &PhysicalKey) -> Result<KeyReference, Failure> {
        let super::Change::Rotate(change) = &ceremony.begun.change;
        if let Some(at) = change.at_hand(physical) {
            return keyring::parse(at);
        }
        let known = self.keys_at_hand(ceremony.begun.repository.practice)?;
        let found = known.into_iter().find(|key| key.public.physical() == *physical);
        found.map(|key| key.reference).ok_or_else(|| {
            Failure::refusal(
                "key-not-found",
                "no key file on this desk is known to hold this key; open its file first",
            )
            .with("physical_key", physical.to_string())
        })
    }

    /// Opens the key, signs, and verifies the signature over the frozen bytes before anybody sees it.
    fn signature(&self, task: &Task, physical: &PhysicalKey) -> Result<Fact, Failure> {
        let other = |found: &PhysicalKey| {
            let file = keyring::label(&task.reference);
            Failure::refusal(
                "expected-other-key",
                format!("{file} holds another key: expected {physical}, found {found}"),
            )
        };
        let facts = self.ports.keys.inspect(&task.reference)?;
        if let Some(found) = facts
            .public
            .map(|public| public.physical())
            .filter(|found| found != physical)
        {
            return Err(other(&found));
        }
        let mut signer = self
            .ports
            .keys
            .open(&task.reference, &*self.ports.prompt, &task.request)?;
        let found = signer.public().physical();
        if found != *physical {
            return Err(other(&found));
        }
        let signature = signer.sign(Message::metadata(&task.frozen), &task.key)?;
        task.frozen
            .check(&task.key, &signature)
            .map_err(|refusal| Failure::fault("key-cannot-sign", format!("the signature does not hold: {refusal}")))?;
        Ok(signed_fact(
            physical,
            &keyring::written(&task.reference),
            &signature,
            &task.frozen,
        ))
    }
}

/// What a person sees before typing a secret: all of it from the bytes that will be signed.
fn prompt_request(ceremony: &Ceremony, frozen: &Frozen<Root>, reference: &KeyReference) -> PromptRequest {
    let super::Change::Rotate(change) = &ceremony.begun.change;
    let repository = &ceremony.begun.repository;
    let delta = Delta::between(ceremony.predecessor.body(), frozen.envelope().body(), &change.names());
    PromptRequest {
        repository: repository.name.clone(),
        role: "root".into(),
        version: frozen.version(),
        change: delta.sentence(&repository.name),
        key: key_label(change, reference),
        digest: Digest(frozen.digest()).first_group(),
        notice: None,
        practice: repository.practice,
        ..PromptRequest::default()
    }
}

/// The file's name, or its whole path where two files of the ceremony share a name.
fn key_label(change: &super::Rotate, reference: &KeyReference) -> String {
    let label = keyring::label(reference);
    let others = change
        .signers
        .iter()
        .filter_map(|signer| keyring::parse(&signer.key).ok());
    let ambiguous = others
        .filter(|other| other != reference)
        .any(|other| keyring::label(&other) == label);
    if ambiguous { keyring::written(reference) } else { label }
}

/// Marks a key as being asked for, until dropped.
struct Asking<'a> {
    ceremonies: &'a Ceremonies,
    id: &'a str,
    physical: &'a PhysicalKey,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.ceremonies.asked().remove(&(self.id.to_owned(), *self.physical));
        self.ceremonies.tell(Notice::CeremonyChanged {
            ceremony: self.id.into(),
        });
    }
}
