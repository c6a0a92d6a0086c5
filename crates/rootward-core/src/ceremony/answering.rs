//! Signing a request of another desk: judged by a root trusted here, compared aloud, signed by a key of this desk.

use std::collections::HashMap;
use std::path::Path;

use rootward_tuf::draft::AnyFrozen;
use rootward_tuf::encoding::{from_hex, hex};
use rootward_tuf::key::{Key, PhysicalKey};

use super::archive::disk_failed;
use super::ceremonies::Ceremonies;
use super::digest::Digest;
use super::event::Subject;
use super::handoff::{Answered, LARGEST, Received, SigningRequest, SigningResponse, Trusted};
use super::once::Candidate;
use super::signing::announced;
use crate::border::{Mark, RequestTrust, RequestView, Sentence, visible};
use crate::keyring;
use crate::ledger::Signs;
use crate::ports::{Failure, KeyReference, PromptRequest, SourceSpec, must_end_in};

/// A request whose digest somebody read aloud, and it was the same: only this can be signed.
pub struct Compared(Received);

/// A response that was written.
pub struct Answer {
    pub response: SigningResponse,
    pub physical: PhysicalKey,
    /// Of the file.
    pub sha256: Digest,
}

/// So many digits of a digest must be compared at least.
const FEWEST_DIGITS: usize = 8;

impl Compared {
    /// Compares the digest of a request with what was heard: at least its first eight digits.
    ///
    /// Refuses with `handoff-not-compared` and gives the request back.
    pub fn with(received: Received, heard: &str) -> Result<Self, (Box<Received>, Failure)> {
        let heard: String = heard.chars().filter(|character| !character.is_whitespace()).collect();
        let heard = heard.to_ascii_lowercase();
        let digest = hex(&received.request.digest().0);
        let refused = |why: String| Failure::refusal("handoff-not-compared", why);
        let failure = if heard.len() < FEWEST_DIGITS {
            refused(format!(
                "expected the first {FEWEST_DIGITS} digits at least, got {}",
                heard.len()
            ))
        } else if !digest.starts_with(&heard) {
            refused(format!(
                "the digest of this request begins with {}, and {} was read aloud: it is another request, or an altered one",
                &digest[..FEWEST_DIGITS],
                visible(&heard.chars().take(64).collect::<String>())
            ))
        } else {
            return Ok(Compared(received));
        };
        Err((Box::new(received), failure))
    }

    pub fn received(&self) -> &Received {
        &self.0
    }
}

impl Ceremonies {
    /// Reads a request and judges it by what is trusted: a root given, or, without one, any root this desk trusts.
    ///
    /// Fails with `metadata-not-found` when the file cannot be read, else as [`Received::judge`] does.
    pub fn receive(&self, path: &Path, trusted: Option<Trusted>) -> Result<Received, Failure> {
        let bytes = self.handoff_file(path)?;
        let request = SigningRequest::read(&bytes)?;
        let trusted = match trusted {
            Some(trusted) => trusted,
            None => Trusted::Known(self.trusted_roots()?),
        };
        Received::judge(request, &trusted, self.ports.clock.now())
    }

    /// Has a key of this desk sign every document of a request that it speaks for, and writes the response.
    ///
    /// Asks for the key's secret. Fails with `bad-usage` for a file that does not end in `.response`, refuses with `key-not-found` when the key speaks for none of them, and with
    /// `signed-otherwise` when it signed another document of that version on this desk, unless `because` says why.
    pub fn answer(
        &self,
        compared: &Compared,
        reference: &KeyReference,
        because: Option<&str>,
        out: &Path,
    ) -> Result<Answer, Failure> {
        must_end_in(out, "response", "a response")?;
        let received = compared.received();
        if !received.request.practice && self.is_practice_key(reference) {
            let message = format!("{} is a practice key: it signs nothing real", keyring::label(reference));
            return Err(Failure::refusal("practice-only", message));
        }
        let facts = self.ports.keys.inspect(reference)?;
        let known = facts.public.map(|public| public.physical());
        if let Some(physical) = &known {
            self.may_sign(received, physical, because)?;
        }
        let screen = format!("request {}", received.request.digest());
        let request = prompt_request(received, known.as_ref(), reference);
        let signed = self
            .sessions
            .with(&screen, &self.ports, reference, known.as_ref(), &request, |signer| {
                let physical = signer.public().physical();
                let mut signatures = Vec::new();
                for task in self.may_sign(received, &physical, because)? {
                    let signs = self.signs(received, &task, &physical, reference)?;
                    signatures.push(Answered {
                        role: task.frozen.role().as_str().into(),
                        sha256: Digest(task.frozen.digest()),
                        signature: self.sign_on_record(signs, signer, task.frozen, &task.key)?,
                    });
                }
                Ok((physical, signatures))
            });
        self.sessions.close(&screen);
        let (physical, signatures) = signed?;
        let response = SigningResponse {
            ceremony: received.request.ceremony.clone(),
            head: received.request.head,
            signatures,
        };
        let bytes = response.to_bytes();
        self.ports
            .disk
            .write(out, &bytes, false)
            .map_err(|error| disk_failed("write", out, &error))?;
        Ok(Answer {
            response,
            physical,
            sha256: Digest::of(&bytes),
        })
    }

    /// The documents that a key may sign, each with the reason to sign it although it signed another.
    fn may_sign<'a>(
        &self,
        received: &'a Received,
        physical: &PhysicalKey,
        because: Option<&str>,
    ) -> Result<Vec<Task<'a>>, Failure> {
        let because = because.map(str::trim).filter(|because| !because.is_empty());
        let (signatures, repository) = (self.signatures()?, self.subject_of(received)?);
        let mut tasks = Vec::new();
        for (frozen, key) in received.for_key(physical) {
            let candidate = Candidate {
                repository: &repository,
                root: received.grounds.root().map(|root| Digest(root.digest())),
                role: frozen.role(),
                version: frozen.version(),
                sha256: Some(Digest(frozen.digest())),
            };
            let again_because = match signatures.other(physical, &candidate) {
                Some(other) => Some(because.ok_or_else(|| other.refusal(&candidate))?.to_owned()),
                None => None,
            };
            tasks.push(Task {
                frozen,
                key,
                again_because,
            });
        }
        if tasks.is_empty() {
            let message = format!("{physical} speaks for no document of this request, neither before nor after it");
            return Err(Failure::refusal("key-not-found", message));
        }
        Ok(tasks)
    }

    fn signs(
        &self,
        received: &Received,
        task: &Task<'_>,
        physical: &PhysicalKey,
        reference: &KeyReference,
    ) -> Result<Signs, Failure> {
        Ok(Signs {
            repository: self.subject_of(received)?,
            root: received.grounds.root().map(|root| Digest(root.digest())),
            role: task.frozen.role().as_str().into(),
            version: task.frozen.version(),
            sha256: Digest(task.frozen.digest()),
            physical_key: physical.to_string(),
            key: keyring::written(reference),
            ceremony: received.request.ceremony.clone(),
            again_because: task.again_because.clone(),
        })
    }

    /// The repository of a request as this desk's ledger tells it apart: the one here that trusts the root built on, else one
    /// that is known by the oldest root in the request.
    fn subject_of(&self, received: &Received) -> Result<Subject, Failure> {
        let built_on = received.grounds.root().map(|root| root.file_bytes());
        for record in self.ports.vault.repositories()? {
            if self.roots_of(&record.id)?.iter().any(|file| Some(&**file) == built_on) {
                return Ok(Subject {
                    id: record.id,
                    name: record.name,
                    source: record.source,
                    practice: record.practice,
                });
            }
        }
        let request = &received.request;
        let first = request
            .roots
            .first()
            .map(|file| Digest::of(file))
            .or_else(|| received.first_root())
            .map(|digest| digest.to_string())
            .unwrap_or_default();
        Ok(Subject {
            id: format!("root {first}"),
            name: request.repository.clone(),
            source: SourceSpec::Folder {
                path: format!("root {first}"),
                gun: request.gun.clone(),
            },
            practice: request.practice,
        })
    }

    /// Reads what an officer judges a request by; none is what this desk trusts.
    ///
    /// Fails with `metadata-not-found` when a root file cannot be read, and refuses with `digest-mismatch` what is no digest.
    pub fn trusted(&self, trust: &RequestTrust) -> Result<Option<Trusted>, Failure> {
        Ok(match trust {
            RequestTrust::Known => None,
            RequestTrust::RootFile { path } => Some(Trusted::RootFile(self.handoff_file(Path::new(path))?)),
            RequestTrust::Digest { sha256 } => {
                let digits: String = sha256.split_whitespace().collect();
                let digest = from_hex(&digits.to_ascii_lowercase()).and_then(|bytes| bytes.try_into().ok());
                let wrong = || Failure::refusal("digest-mismatch", "expected a SHA-256 as 64 hexadecimal digits");
                Some(Trusted::Digest(digest.ok_or_else(wrong)?))
            }
        })
    }

    /// A request for a screen, with the keys of this desk that could sign it.
    pub fn shown(&self, received: &Received) -> Result<RequestView, Failure> {
        let at_hand = self.keys_at_hand(received.request.practice)?;
        Ok(RequestView::of(received, &at_hand))
    }

    /// A file that somebody brought.
    pub(super) fn handoff_file(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        self.ports.disk.read(path, LARGEST).map_err(|why| {
            let shown = path.display().to_string();
            Failure::fault(
                "metadata-not-found",
                format!("{} cannot be read: {why}", visible(&shown)),
            )
            .with("path", shown)
        })
    }

    /// Every root file that this desk trusts, of all its repositories.
    fn trusted_roots(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut files = Vec::new();
        for repository in self.ports.vault.repositories()? {
            files.extend(self.roots_of(&repository.id)?);
        }
        Ok(files)
    }

    /// Every root file that this desk trusts of one repository.
    fn roots_of(&self, repository: &str) -> Result<Vec<Vec<u8>>, Failure> {
        let Some(anchor) = self.ports.vault.anchor(repository)? else {
            return Ok(Vec::new());
        };
        let proven = self.ports.vault.proven(repository)?.roots;
        let proven = proven.into_iter().map(|(_, file)| file);
        Ok(std::iter::once(anchor.bytes).chain(proven).collect())
    }
}

/// One document that a key signs.
struct Task<'a> {
    frozen: &'a AnyFrozen,
    key: Key,
    again_because: Option<String>,
}

/// What a person sees before typing a secret, all of it from the bytes.
fn prompt_request(received: &Received, physical: Option<&PhysicalKey>, reference: &KeyReference) -> PromptRequest {
    let open = received.documents().filter(|(_, open)| *open).map(|(frozen, _)| frozen);
    let documents: Vec<&AnyFrozen> = match physical {
        Some(physical) => received
            .for_key(physical)
            .into_iter()
            .map(|(frozen, _)| frozen)
            .collect(),
        None => open.collect(),
    };
    let first = documents.first();
    PromptRequest {
        repository: received.request.repository.clone(),
        role: first.map(|frozen| frozen.role().to_string()).unwrap_or_default(),
        version: first.map_or(0, |frozen| frozen.version()),
        change: first.map(|frozen| change(received, frozen)).unwrap_or_default(),
        key: keyring::label(reference),
        digest: first
            .map(|frozen| Digest(frozen.digest()).first_group())
            .unwrap_or_default(),
        practice: received.request.practice,
        announces: announced(&documents, reference),
        ..PromptRequest::default()
    }
}

/// The first thing that a document changes.
fn change(received: &Received, frozen: &AnyFrozen) -> String {
    let said = received.differences(frozen, &HashMap::new());
    let changes = said
        .iter()
        .find(|sentence| !matches!(sentence.mark, Mark::Same | Mark::Note));
    changes.map_or_else(|| "Issue it again unchanged".into(), Sentence::text)
}
