//! From what an officer asks for to a ceremony: keys are found, the change is worked out, the first event is written.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::key::{KeyId, PhysicalKey};
use rootward_tuf::metadata::Root;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;

use super::ceremonies::{Ceremonies, Record};
use super::change::{Change, Joining, KeyAtHand, Rotate};
use super::consequences::consequences;
use super::delta::NamedKey;
use super::digest::Digest;
use super::event::{Abandoned, Begun, BuildsOn, Fact, Subject};
use super::ledger::{Conflict, Ledger};
use super::plan::{Plan, Reach, offered};
use super::walks::Memory;
use crate::border::{Notice, RotationChange, Sentence, root_differences, short, visible};
use crate::keyring;
use crate::ports::{Failure, FailureKind, KeyReference, LimitsView, PromptRequest, RepositoryRecord};

/// How long a root lasts when neither the officer nor the document says: days.
const USUAL_DAYS: i64 = 365;

/// A change worked out and not begun: nothing is on record yet.
pub struct Preview {
    pub plan: Plan,
    pub consequences: Vec<Sentence>,
    pub builds_on: Verified<Root>,
    /// The keys whose files the wish names, each once.
    pub named: Vec<PhysicalKey>,
    pub(super) change: Rotate,
    pub(super) repository: RepositoryRecord,
}

/// An open ceremony that makes a wish come true.
pub struct UnderWay {
    pub id: String,
    /// The keys whose files the wish names, each once.
    pub named: Vec<PhysicalKey>,
}

impl Preview {
    /// How far the keys named in the wish go.
    pub fn named_reach(&self) -> Reach {
        let among = |keys: &mut dyn Iterator<Item = &NamedKey>| {
            keys.filter(|key| self.named.contains(&key.physical)).count() as u64
        };
        Reach {
            old: among(&mut self.plan.delta.old_keys()),
            new: among(&mut self.plan.delta.new_keys()),
            ..self.plan.reachable
        }
    }

    /// What the bytes that would be frozen change, one sentence each.
    pub fn review(&self) -> Vec<Sentence> {
        root_differences(&self.builds_on, self.plan.draft.envelope(), &self.change.names())
    }

    /// The change in one sentence.
    pub fn title(&self) -> String {
        self.plan.delta.sentence(&self.repository.name)
    }
}

impl Ceremonies {
    /// Works out what a rotation would come to, on the newest root a walk proves now. Nothing is begun.
    ///
    /// Only a key file that does not tell its public half makes a secret be asked for. Fails as `begin` does, and refuses with
    /// `not-publishable-there` a source that can only be read.
    pub async fn preview(&self, repository: &str, wish: RotationChange) -> Result<Preview, Failure> {
        let id = repository.to_owned();
        let (repository, limits) = self
            .blocking(move |ceremonies| Ok((ceremonies.repository(&id)?, ceremonies.limits()?)))
            .await?;
        // Nobody signs what could not be published.
        self.ports.connect.publisher(&repository.source, &limits)?;
        self.catch_up(&repository, limits).await?;
        self.blocking(move |ceremonies| ceremonies.work_out(repository, &wish))
            .await
    }

    /// Begins a rotation. The same wish for a repository whose ceremony is still open is that ceremony again.
    ///
    /// Refuses with `no-anchor`, `root-refused`, `draft-refused`, `key-not-found`, or with `ceremony-open` when another
    /// change of the repository is under way.
    pub async fn begin(&self, repository: &str, wish: RotationChange) -> Result<String, Failure> {
        match self.under_way(repository, wish.clone()).await? {
            Some(under_way) => Ok(under_way.id),
            None => self.begin_previewed(self.preview(repository, wish).await?).await,
        }
    }

    /// The open ceremony of a repository, if there is one and it makes the same wish come true.
    ///
    /// Refuses with `ceremony-open` when it makes another one.
    pub async fn under_way(&self, repository: &str, wish: RotationChange) -> Result<Option<UnderWay>, Failure> {
        let id = repository.to_owned();
        self.blocking(move |ceremonies| {
            let open = {
                let _gate = ceremonies.gate();
                ceremonies.open_for(&id)?
            };
            let Some(record) = open else { return Ok(None) };
            let ceremony = record.sound()?;
            let repository = ceremonies.repository(&id)?;
            let Change::Rotate(change) = &ceremony.begun.change;
            match ceremonies.resolve(&repository, &wish, &ceremony.predecessor, ceremonies.ports.clock.now()) {
                Ok((wish, named)) if change.asks_the_same(&wish) => Ok(Some(UnderWay { id: record.id, named })),
                Err(failure) if failure.kind != FailureKind::Refusal => Err(failure),
                Ok(_) | Err(_) => Err(already_open(&record.id)),
            }
        })
        .await
    }

    /// Begins what was previewed; refuses with `ceremony-open` when another ceremony was quicker.
    pub async fn begin_previewed(&self, preview: Preview) -> Result<String, Failure> {
        self.blocking(move |ceremonies| ceremonies.open(&preview)).await
    }

    /// Ends a ceremony without publishing. Its signatures stay on record as loose.
    ///
    /// One in the middle of publishing is looked for at the source first, and refused when it is there.
    pub async fn abandon(&self, id: &str, reason: &str) -> Result<Record, Failure> {
        self.look_before_abandoning(id).await?;
        let (id, reason) = (id.to_owned(), reason.to_owned());
        self.blocking(move |ceremonies| {
            ceremonies.step(&id, |ceremony| {
                let loose = ceremony
                    .stage
                    .collected()
                    .map_or(0, |collected| collected.signatures.len() as u32);
                Ok(Fact::Abandoned(Abandoned { reason, loose }))
            })
        })
        .await
    }

    /// Keys that would have to sign and must not, because they signed other bytes of this version.
    pub(super) fn conflicts(
        &self,
        plan: &Plan,
        repository: &Subject,
        builds_on: &BuildsOn,
    ) -> Result<Vec<Conflict>, Failure> {
        let ledger = self.ledger()?;
        Ok(conflicts(&ledger, plan, repository, builds_on))
    }

    /// Limits of network reading in force.
    pub(super) fn limits(&self) -> Result<LimitsView, Failure> {
        let text = self.ports.vault.setting("limits")?;
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    }

    /// Key files at hand; those of the practice estate only for a practice repository.
    pub(super) fn keys_at_hand(&self, practice: bool) -> Result<Vec<keyring::KeyAtHand>, Failure> {
        let folder = self.practice_keys();
        let known = keyring::known(&self.ports, &[&folder])?;
        let fits = |key: &keyring::KeyAtHand| self.is_practice_key(&key.reference) == practice;
        Ok(known.into_iter().filter(fits).collect())
    }

    fn practice_keys(&self) -> PathBuf {
        self.ports.data.join("practice").join("keys")
    }

    /// Whether a key is one of the throw-away keys of the practice estate.
    fn is_practice_key(&self, reference: &KeyReference) -> bool {
        matches!(reference, KeyReference::File(path) if path.starts_with(self.practice_keys()))
    }

    /// Walks the source from the newest trusted root and trusts what that proves, so that a plan builds on today's root.
    async fn catch_up(&self, repository: &RepositoryRecord, limits: LimitsView) -> Result<(), Failure> {
        let id = repository.id.clone();
        let trusted = self.blocking(move |ceremonies| ceremonies.proven_root(&id)).await?;
        if trusted.dialect() == Dialect::Notary {
            // No plan is made for it; these walks do not know whose certificates its roots must carry.
            return Ok(());
        }
        let source = self.ports.connect.source(&repository.source, &limits)?;
        let mut memory = Memory::new(&*source, limits);
        let anchor = trusted.file_bytes().to_vec();
        let outcome = memory
            .walk(anchor, trusted.dialect(), self.ports.clock.now(), None)
            .await?;
        let refused = outcome
            .refused
            .iter()
            .find(|(role, finding)| role.as_str() == "root" && finding.code != rootward_tuf::finding::Code::Expired);
        if let Some((_, finding)) = refused {
            let message = format!(
                "the root at the source cannot be built on: {}",
                visible(&finding.message())
            );
            return Err(Failure::refusal("root-refused", message).with("finding", finding.code.as_str()));
        }
        let id = repository.id.clone();
        self.blocking(move |ceremonies| ceremonies.keep(&id, &outcome)).await
    }

    fn work_out(&self, repository: RepositoryRecord, wish: &RotationChange) -> Result<Preview, Failure> {
        let now = self.ports.clock.now();
        let builds_on = self.proven_root(&repository.id)?;
        offered(builds_on.dialect())?;
        let (change, named) = self.resolve(&repository, wish, &builds_on, now)?;
        let plan = Plan::of(&change, &builds_on, now)?;
        let conflicts = self.conflicts(&plan, &subject(&repository), &foundation(&builds_on))?;
        let consequences = consequences(&plan, &builds_on, now, &conflicts);
        Ok(Preview {
            plan,
            consequences,
            builds_on,
            named,
            change,
            repository,
        })
    }

    fn open(&self, preview: &Preview) -> Result<String, Failure> {
        let Preview {
            change,
            builds_on,
            repository,
            ..
        } = preview;
        let id = {
            let _gate = self.gate();
            if let Some(record) = self.open_for(&repository.id)? {
                return Err(already_open(&record.id));
            }
            let id = self.archive().new_id(self.ports.clock.now())?;
            let begun = Begun {
                ceremony: id.clone(),
                repository: subject(repository),
                dialect: builds_on.dialect().as_str().into(),
                builds_on: foundation(builds_on),
                change: Change::Rotate(change.clone()),
            };
            self.found(&id, begun, builds_on.file_bytes())?;
            id
        };
        tracing::info!(ceremony = id, repository = repository.id, "ceremony begun");
        self.tell(Notice::CeremonyChanged { ceremony: id.clone() });
        Ok(id)
    }

    /// Finds out which keys are meant.
    fn resolve(
        &self,
        repository: &RepositoryRecord,
        wish: &RotationChange,
        root: &Verified<Root>,
        now: Instant,
    ) -> Result<(Rotate, Vec<PhysicalKey>), Failure> {
        let mut finder = Finder {
            ceremonies: self,
            repository,
            version: root.version().saturating_add(1),
            at_hand: Vec::new(),
        };
        let mut remove = BTreeSet::new();
        for text in &wish.remove {
            remove.insert(finder.leaving(text, root.body())?.to_string());
        }
        let mut add: Vec<Joining> = Vec::new();
        for text in &wish.add {
            let key = finder.file(text)?;
            let public = key.public.spki_pem();
            if add.iter().any(|joining| joining.public == public) {
                let message = format!("{} is given twice to join root", visible(text));
                return Err(Failure::fault("bad-usage", message));
            }
            add.push(Joining {
                public,
                key: keyring::written(&key.reference),
            });
        }
        for text in &wish.sign {
            let key = finder.file(text)?;
            let physical = key.public.physical();
            let speaks = super::state::root_key(root.body(), &physical).is_some();
            let joins = add.iter().any(|joining| joining.public == key.public.spki_pem());
            if !speaks && !joins {
                let message = format!(
                    "{} holds {physical}, which speaks neither for the old root nor for the new one",
                    visible(text)
                );
                return Err(Failure::refusal("key-not-found", message));
            }
        }
        let mut signers = finder.at_hand;
        let named = signers
            .iter()
            .filter_map(|signer| PhysicalKey::parse(&signer.physical_key))
            .collect();
        for key in self.keys_at_hand(repository.practice)? {
            let physical_key = key.public.physical().to_string();
            if !signers.iter().any(|signer| signer.physical_key == physical_key) {
                signers.push(KeyAtHand {
                    physical_key,
                    key: keyring::written(&key.reference),
                });
            }
        }
        let counts = |signer: &KeyAtHand| {
            let Some(physical) = PhysicalKey::parse(&signer.physical_key) else {
                return false;
            };
            super::state::root_key(root.body(), &physical).is_some()
                || add.iter().any(|joining| joining.key == signer.key)
        };
        signers.retain(counts);
        let (expires, expires_chosen) = match &wish.expires {
            Some(text) => (chosen_end(text)?, true),
            None => (usual_end(root, now), false),
        };
        let change = Rotate {
            role: wish.role.clone(),
            server: wish.server,
            legacy: Vec::new(),
            remove: remove.into_iter().collect(),
            add,
            threshold: wish.threshold,
            expires,
            expires_chosen,
            signers,
            reason: wish.reason.clone(),
        };
        Ok((change, named))
    }
}

/// Opens each key file at most once, so that nobody is asked twice for the same secret.
struct Finder<'a> {
    ceremonies: &'a Ceremonies,
    repository: &'a RepositoryRecord,
    version: u64,
    at_hand: Vec<KeyAtHand>,
}

impl Finder<'_> {
    /// The key that `text` names among those of root: `file:PATH`, a physical key, or a keyid.
    fn leaving(&mut self, text: &str, root: &Root) -> Result<PhysicalKey, Failure> {
        if text.starts_with("file:") {
            return Ok(self.file(text)?.public.physical());
        }
        if let Some(physical) = PhysicalKey::parse(text) {
            return Ok(physical);
        }
        let named = KeyId::new(text);
        let listed = root
            .root
            .keyids
            .iter()
            .find(|keyid| **keyid == named)
            .and_then(|keyid| root.keys.get(keyid));
        match listed.map(|key| key.physical()) {
            Some(Some(physical)) => Ok(physical),
            Some(None) => Err(Failure::refusal(
                "key-not-found",
                format!("the key {} of root cannot be read", short(text)),
            )),
            None => Err(Failure::refusal(
                "key-not-found",
                format!("root has no key {}", visible(text)),
            )),
        }
    }

    fn file(&mut self, text: &str) -> Result<keyring::KeyAtHand, Failure> {
        let reference = absolute(keyring::parse(text)?);
        if !self.repository.practice && self.ceremonies.is_practice_key(&reference) {
            let message = format!("{} is a practice key: it signs nothing real", visible(text));
            return Err(Failure::refusal("key-cannot-sign", message));
        }
        let request = PromptRequest {
            repository: self.repository.name.clone(),
            role: "root".into(),
            version: self.version,
            change: "Nothing is signed yet: the file tells its public half only with its secret".into(),
            key: keyring::label(&reference),
            digest: String::new(),
            notice: None,
            practice: self.repository.practice,
            ..PromptRequest::default()
        };
        let key = keyring::locate(&self.ceremonies.ports, &reference, &request)?;
        let physical_key = key.public.physical().to_string();
        if !self.at_hand.iter().any(|known| known.physical_key == physical_key) {
            self.at_hand.push(KeyAtHand {
                physical_key,
                key: keyring::written(&reference),
            });
        }
        Ok(key)
    }
}

/// A ceremony is resumed from wherever the program is started next.
fn absolute(reference: KeyReference) -> KeyReference {
    match reference {
        KeyReference::File(path) => KeyReference::File(std::path::absolute(&path).unwrap_or(path)),
        KeyReference::YubiKey(_) => reference,
    }
}

fn already_open(id: &str) -> Failure {
    let message = format!(
        "ceremony {id} changes root of this repository already: finish or abandon it before another change begins"
    );
    Failure::refusal("ceremony-open", message).with("ceremony", id)
}

pub(super) fn conflicts(ledger: &Ledger, plan: &Plan, repository: &Subject, builds_on: &BuildsOn) -> Vec<Conflict> {
    let digest = Digest(plan.draft.digest());
    let keys = plan.delta.keys();
    let found = keys.filter_map(|key| {
        let ceremony = ledger.other_signature(&key.physical, repository, builds_on, digest)?;
        Some(Conflict {
            physical: key.physical,
            label: key.label.clone(),
            ceremony: ceremony.into(),
        })
    });
    found.collect()
}

fn subject(repository: &RepositoryRecord) -> Subject {
    Subject {
        id: repository.id.clone(),
        name: repository.name.clone(),
        source: repository.source.clone(),
        practice: repository.practice,
    }
}

fn foundation(root: &Verified<Root>) -> BuildsOn {
    BuildsOn {
        version: root.version(),
        sha256: Digest(root.digest()),
    }
}

fn chosen_end(text: &str) -> Result<String, Failure> {
    let message = || format!("expected an end such as 2030-01-31T00:00:00Z, got {}", visible(text));
    Instant::parse(text)
        .map(Instant::to_seconds_text)
        .map_err(|_| Failure::fault("bad-usage", message()))
}

/// As long as the document itself asks for (`x-tuf-on-ci-expiry-period`, days), else a year; never earlier than before.
fn usual_end(root: &Verified<Root>, now: Instant) -> String {
    let asked = root
        .signed()
        .get("x-tuf-on-ci-expiry-period")
        .and_then(|days| days.as_u64());
    let days = asked
        .filter(|days| (1..=36_500).contains(days))
        .map_or(USUAL_DAYS, |days| days as i64);
    let end = now.plus_seconds(days * 86_400);
    end.max(root.body().expires.at).to_seconds_text()
}
