//! Asking keys to sign frozen documents.

use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::key::{Key, PhysicalKey};
use rootward_tuf::metadata::Signature;
use rootward_tuf::role::RoleName;

use super::ceremonies::{Ceremonies, Record, not_now};
use super::change::Gone;
use super::collected::Collected;
use super::digest::Digest;
use super::event::{Asked, Fact, NotSigned, Problem};
use super::finding::Asks;
use super::finding::must_be_for_root;
use super::once::Candidate;
use super::state::{Ceremony, Stage, signed_fact};
use crate::border::Notice;
use crate::keyring;
use crate::ledger::{Deed, Intent, Signs};
use crate::ports::{Failure, FailureKind, KeyReference, Message, PromptRequest, Signer};

/// One document that a key signs now.
struct Task {
    frozen: AnyFrozen,
    /// As the document's role lists it.
    key: Key,
    /// Why it signs although it has signed another document of this version.
    again_because: Option<String>,
}

/// Everything that signing needs, decided before any secret is asked for.
struct Tasks {
    /// At least one.
    tasks: Vec<Task>,
    reference: KeyReference,
    request: PromptRequest,
}

impl Ceremonies {
    /// Asks one key to sign every document that waits for it now. Blocks while a person types its secret.
    ///
    /// When all documents so far are complete, those of the next wave that the key speaks for are fixed first.
    /// Refuses with `key-gone` a key that was lost or stolen; with `already-signed` when the key signed these bytes; with `signed-otherwise` when it signed, in whatever
    /// ceremony, other bytes of this version; with `key-not-found` when it is not known where the key is; with
    /// `expected-other-key` when another key is there. A closed prompt or a wrong secret is an interruption that goes on record.
    pub fn sign(&self, id: &str, physical: &PhysicalKey) -> Result<Record, Failure> {
        self.sign_with(id, physical, None, None)
    }

    /// Asks the key at a place, wherever the ceremony thought that it is; `because` as for [`Ceremonies::sign_again`].
    ///
    /// A file that tells its public half only with its secret makes a person be asked for it first. Fails as [`Ceremonies::sign`]
    /// does, with `expected-other-key` where another than `expected` is there, with `keychain-not-for-root`, and with `bad-usage`
    /// where `key` names no place.
    pub fn sign_at(
        &self,
        id: &str,
        key: &str,
        expected: Option<&PhysicalKey>,
        because: Option<&str>,
    ) -> Result<Record, Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let repository = self.repository(&ceremony.begun.repository.id)?;
        let key = self
            .finder(&repository, ceremony.root_version(), Asks::APerson)
            .key(key)?;
        let physical = key.public.physical();
        if let Some(expected) = expected.filter(|expected| **expected != physical) {
            let place = keyring::label(&key.reference);
            let message = format!("{place} holds another key: expected {expected}, found {physical}");
            return Err(Failure::refusal("expected-other-key", message));
        }
        let speaks_for_root = |collected: &Collected| {
            let root = RoleName::root();
            collected.signing_key(&root, &physical, &ceremony.grounds).is_some()
        };
        if ceremony.stage.collected().is_some_and(speaks_for_root) {
            must_be_for_root(&key)?;
        }
        self.sign_with(id, &physical, because, Some(&key.reference))
    }

    /// Asks as [`Ceremonies::sign`] does, and lets the key sign a second document of a version for the reason given, which goes
    /// on record before it signs.
    ///
    /// Refuses with `signed-otherwise` a reason that says nothing.
    pub fn sign_again(&self, id: &str, physical: &PhysicalKey, because: &str) -> Result<Record, Failure> {
        self.sign_with(id, physical, Some(because), None)
    }

    /// `at` is where the key is asked, when somebody said so.
    fn sign_with(
        &self,
        id: &str,
        physical: &PhysicalKey,
        because: Option<&str>,
        at: Option<&KeyReference>,
    ) -> Result<Record, Failure> {
        self.refuse_superseded(id)?;
        let _asking = self.ask_alone(id, physical)?;
        self.fix_for(id, physical)?;
        let tasks = self.prepare(
            id,
            physical,
            because.map(str::trim).filter(|because| !because.is_empty()),
            at,
        )?;
        let Tasks {
            tasks,
            reference,
            request,
        } = &tasks;
        let mut tried = tasks.first();
        if let Some(first) = tried {
            self.begin_asking(id, first, physical, reference)?;
        }
        let went = self.with_key(id, reference, physical, request, |signer| {
            for (place, task) in tasks.iter().enumerate() {
                tried = Some(task);
                let went = if place > 0 {
                    self.begin_asking(id, task, physical, reference)
                } else {
                    Ok(())
                };
                if went.is_err() {
                    return Ok(went);
                }
                let fact = self.signature(id, signer, task, physical, reference)?;
                match self.step(id, |_| Ok(fact)) {
                    Ok(record) if matches!(record.sound()?.stage, Stage::Abandoned(..)) => {
                        let message = "the ceremony was given up meanwhile: the signature is on record as loose";
                        return Ok(Err(Failure::refusal("ceremony-ended", message)));
                    }
                    Ok(_) => {}
                    Err(failure) => return Ok(Err(failure)),
                }
            }
            Ok(Ok(()))
        });
        match went {
            Ok(recorded) => recorded.and_then(|()| self.one(id)),
            Err(failure) => {
                let problem = Problem::from(&failure);
                let role = tried.map(|task| task.frozen.role().to_string()).unwrap_or_default();
                self.step(id, |_| {
                    Ok(Fact::SigningFailed(NotSigned {
                        role,
                        physical_key: physical.to_string(),
                        problem,
                    }))
                })?;
                Err(failure)
            }
        }
    }

    fn begin_asking(
        &self,
        id: &str,
        task: &Task,
        physical: &PhysicalKey,
        reference: &KeyReference,
    ) -> Result<(), Failure> {
        let asked = Asked {
            role: task.frozen.role().as_str().into(),
            physical_key: physical.to_string(),
            key: keyring::written(reference),
            again_because: task.again_because.clone(),
        };
        self.step(id, |_| Ok(Fact::SigningBegun(asked))).map(drop)
    }

    /// Signs one document, and verifies the signature over the frozen bytes before anybody sees it.
    ///
    /// The ledger has the deed before the key is asked and its end before the journal does: what exists is on record.
    fn signature(
        &self,
        id: &str,
        signer: &mut dyn Signer,
        task: &Task,
        physical: &PhysicalKey,
        reference: &KeyReference,
    ) -> Result<Fact, Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let frozen = &task.frozen;
        let signs = Signs {
            repository: ceremony.begun.repository.clone(),
            root: ceremony.grounds.root().map(|root| Digest(root.digest())),
            role: frozen.role().as_str().into(),
            version: frozen.version(),
            sha256: Digest(frozen.digest()),
            physical_key: physical.to_string(),
            key: keyring::written(reference),
            ceremony: id.into(),
            again_because: task.again_because.clone(),
        };
        let signature = self.sign_on_record(signs, signer, frozen, &task.key)?;
        Ok(signed_fact(physical, &keyring::written(reference), &signature, frozen))
    }

    /// Has a key sign frozen bytes between the two lines of the ledger that tell of it.
    pub(super) fn sign_on_record(
        &self,
        signs: Signs,
        signer: &mut dyn Signer,
        frozen: &AnyFrozen,
        key: &Key,
    ) -> Result<Signature, Failure> {
        let intent = self.ledger().begin(Deed::Signs(Box::new(signs)))?;
        let signed = signer.sign(message(frozen), key).and_then(|signature| {
            let held = frozen.check(key, &signature);
            held.map_err(|refusal| {
                Failure::fault("key-cannot-sign", format!("the signature does not hold: {refusal}"))
            })?;
            Ok(signature)
        });
        self.ended(intent, signed.as_ref().err())?;
        signed
    }

    /// Puts the end of a deed on record. After a fault nobody knows whether the key signed, and so it stays on record.
    pub(super) fn ended(&self, intent: Intent, failure: Option<&Failure>) -> Result<(), Failure> {
        match failure {
            Some(failure) if failure.kind == FailureKind::Fault => Ok(()),
            known => self.ledger().end(intent, known),
        }
    }

    /// Marks a key as being asked for. Refuses while any ceremony asks for it: what it signs there is not on record yet.
    pub(super) fn ask_alone<'a>(&'a self, id: &'a str, physical: &'a PhysicalKey) -> Result<Asking<'a>, Failure> {
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

    /// Marks a key as being asked for a proof, which belongs to no ceremony.
    pub fn asked_for_a_proof<'a>(&'a self, physical: &'a PhysicalKey) -> Result<impl Drop + use<'a>, Failure> {
        self.ask_alone("", physical)
    }

    /// Fixes the documents of the next wave, if it is their turn and this key has nothing else to sign.
    fn fix_for(&self, id: &str, physical: &PhysicalKey) -> Result<(), Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let Stage::Collecting(collected) = &ceremony.stage else {
            return Ok(());
        };
        let speaks = |role: &RoleName| collected.signing_key(role, physical, &ceremony.grounds).is_some();
        if waiting(ceremony, collected, physical).is_empty() && collected.can_be_frozen().iter().any(speaks) {
            self.fix(id)?;
        }
        Ok(())
    }

    fn prepare(
        &self,
        id: &str,
        physical: &PhysicalKey,
        because: Option<&str>,
        at: Option<&KeyReference>,
    ) -> Result<Tasks, Failure> {
        let record = self.one(id)?;
        let ceremony = record.sound()?;
        let (Stage::Collecting(_) | Stage::Ready(_) | Stage::Rehearsed(..)) = &ceremony.stage else {
            return Err(not_now(ceremony, "signatures are not collected now"));
        };
        let Some(collected) = ceremony.stage.collected() else {
            return Err(not_now(ceremony, "nothing is fixed yet"));
        };
        must_not_be_gone(ceremony, physical)?;
        let mut tasks = waiting(ceremony, collected, physical);
        if tasks.is_empty() {
            return Err(nothing_to_sign(ceremony, collected, physical));
        }
        let begun = &ceremony.begun;
        let signatures = self.signatures()?;
        for task in &mut tasks {
            let candidate = Candidate {
                repository: &begun.repository,
                root: ceremony.grounds.root().map(|root| Digest(root.digest())),
                role: task.frozen.role(),
                version: task.frozen.version(),
                sha256: Some(Digest(task.frozen.digest())),
            };
            if let Some(other) = signatures.other(physical, &candidate) {
                let because = because.ok_or_else(|| other.refusal(&candidate))?;
                task.again_because = Some(because.to_owned());
            }
        }
        let reference = match at {
            Some(at) => at.clone(),
            None => self.where_is(ceremony, physical)?,
        };
        let request = prompt_request(ceremony, &tasks, &reference);
        Ok(Tasks {
            tasks,
            reference,
            request,
        })
    }

    /// Refuses a key that has nothing to sign now, as signing with it would.
    pub(super) fn must_have_to_sign(&self, ceremony: &Ceremony, physical: &PhysicalKey) -> Result<(), Failure> {
        let Some(collected) = ceremony.stage.collected() else {
            return Err(not_now(ceremony, "nothing is fixed yet"));
        };
        must_not_be_gone(ceremony, physical)?;
        if waiting(ceremony, collected, physical).is_empty() {
            return Err(nothing_to_sign(ceremony, collected, physical));
        }
        Ok(())
    }

    /// Where a key is: as the ceremony says, else as the desk knows.
    pub(super) fn where_is(&self, ceremony: &Ceremony, physical: &PhysicalKey) -> Result<KeyReference, Failure> {
        if let Some(at) = ceremony.change().at_hand(physical) {
            return keyring::parse(at);
        }
        let known = self.keys_at_hand(ceremony.begun.repository.practice)?;
        let found = known.into_iter().find(|key| key.public.physical() == *physical);
        found.map(|key| key.reference).ok_or_else(|| {
            Failure::refusal(
                "key-not-found",
                "no key file or token here is known to hold this key: plug the token in, or open the file first",
            )
            .with("physical_key", physical.to_string())
        })
    }

    /// Works with a key, which stays open for the ceremony's screen where it asks for touches.
    ///
    /// Makes sure that it is the one expected, before any secret is asked for where that can be told.
    pub(super) fn with_key<T>(
        &self,
        id: &str,
        reference: &KeyReference,
        physical: &PhysicalKey,
        request: &PromptRequest,
        work: impl FnOnce(&mut dyn Signer) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let KeyReference::File(_) = reference {
            let found = self
                .ports
                .keys
                .inspect(reference)?
                .public
                .map(|public| public.physical());
            if let Some(found) = found.filter(|found| found != physical) {
                let place = keyring::label(reference);
                let message = format!("{place} holds another key: expected {physical}, found {found}");
                return Err(Failure::refusal("expected-other-key", message));
            }
        }
        self.sessions
            .with(id, &self.ports, reference, Some(physical), request, work)
    }
}

/// What a key may sign.
pub(super) fn message(frozen: &AnyFrozen) -> Message<'_> {
    match frozen {
        AnyFrozen::Root(frozen) => Message::metadata(frozen),
        AnyFrozen::Targets(frozen) => Message::metadata(frozen),
        AnyFrozen::Snapshot(frozen) => Message::metadata(frozen),
        AnyFrozen::Timestamp(frozen) => Message::metadata(frozen),
    }
}

/// The documents that take a signature of a key and have none.
fn waiting(ceremony: &Ceremony, collected: &Collected, physical: &PhysicalKey) -> Vec<Task> {
    let open = collected.sheets.iter().filter(|sheet| collected.is_open(sheet.role()));
    let unsigned = open.filter(|sheet| sheet.signature_of(physical).is_none());
    let tasks = unsigned.filter_map(|sheet| {
        let key = collected.signing_key(sheet.role(), physical, &ceremony.grounds)?;
        Some(Task {
            frozen: sheet.frozen.clone(),
            key,
            again_because: None,
        })
    });
    tasks.collect()
}

fn nothing_to_sign(ceremony: &Ceremony, collected: &Collected, physical: &PhysicalKey) -> Failure {
    if collected.signatures().any(|given| given.physical == *physical) {
        return Failure::refusal("already-signed", "this key has signed these bytes already");
    }
    let speaks = |role: &RoleName| collected.signing_key(role, physical, &ceremony.grounds).is_some();
    match collected.planned.iter().find(|role| speaks(role)) {
        Some(role) if collected.sheet(role).is_some() => not_now(
            ceremony,
            &format!("{role} is named by digest already and takes no more signatures"),
        ),
        Some(role) => not_now(
            ceremony,
            &format!("{role} is signed when the documents it names are complete"),
        ),
        None => Failure::refusal(
            "key-not-found",
            format!("{physical} speaks for no document of this ceremony, neither before nor after it"),
        ),
    }
}

/// What a person sees before typing a secret: all of it from the bytes that will be signed.
fn prompt_request(ceremony: &Ceremony, tasks: &[Task], reference: &KeyReference) -> PromptRequest {
    let first = tasks.first().map(|task| &task.frozen);
    let repository = &ceremony.begun.repository;
    PromptRequest {
        repository: repository.name.clone(),
        role: first.map(|frozen| frozen.role().to_string()).unwrap_or_default(),
        version: first.map_or(0, AnyFrozen::version),
        change: ceremony.title(),
        key: key_label(ceremony, reference),
        digest: first
            .map(|frozen| Digest(frozen.digest()).first_group())
            .unwrap_or_default(),
        practice: repository.practice,
        announces: announced(&tasks.iter().map(|task| &task.frozen).collect::<Vec<_>>(), reference),
        ..PromptRequest::default()
    }
}

/// What is signed after the secret, each for itself: a YubiKey asks for a touch, others sign at once.
pub(super) fn announced(documents: &[&AnyFrozen], reference: &KeyReference) -> Vec<String> {
    let name = |frozen: &AnyFrozen| format!("{} v{}", frozen.role(), frozen.version());
    let each = documents.iter();
    match reference {
        KeyReference::YubiKey(_) => each.map(|frozen| format!("a touch for {}", name(frozen))).collect(),
        KeyReference::File(_) | KeyReference::Pkcs11(_) | KeyReference::Keychain(_) if documents.len() > 1 => {
            let digest = |frozen: &AnyFrozen| Digest(frozen.digest()).first_group();
            each.map(|frozen| format!("a signature over {}, SHA-256 {}", name(frozen), digest(frozen)))
                .collect()
        }
        KeyReference::File(_) | KeyReference::Pkcs11(_) | KeyReference::Keychain(_) => Vec::new(),
    }
}

/// Refuses with `key-gone` a key that leaves because it was lost or stolen.
fn must_not_be_gone(ceremony: &Ceremony, physical: &PhysicalKey) -> Result<(), Failure> {
    let why = match ceremony.change().gone(physical) {
        None => return Ok(()),
        Some(Gone::Lost) => "lost: it cannot sign",
        Some(Gone::Stolen) => "stolen: it is asked for no signature",
    };
    let message = format!("when this change began, the key was said to be {why}");
    Err(Failure::refusal("key-gone", message).with("physical_key", physical.to_string()))
}

/// The key's place for people, in full where two of the ceremony would be called the same.
pub(super) fn key_label(ceremony: &Ceremony, reference: &KeyReference) -> String {
    let label = keyring::label(reference);
    let signers = ceremony.change().signers.iter();
    let others = signers.filter_map(|signer| keyring::parse(&signer.key).ok());
    let ambiguous = others
        .filter(|other| other != reference)
        .any(|other| keyring::label(&other) == label);
    if ambiguous { keyring::written(reference) } else { label }
}

/// Marks a key as being asked for, until dropped.
pub(super) struct Asking<'a> {
    ceremonies: &'a Ceremonies,
    /// Empty for what belongs to no ceremony.
    id: &'a str,
    physical: &'a PhysicalKey,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.ceremonies.asked().remove(&(self.id.to_owned(), *self.physical));
        if !self.id.is_empty() {
            self.ceremonies.tell(Notice::CeremonyChanged {
                ceremony: self.id.into(),
            });
        }
    }
}
