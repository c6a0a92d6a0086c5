//! From what an officer asks for to a ceremony: the change is worked out, the first event is written.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::finding::Code;
use rootward_tuf::key::PhysicalKey;
use rootward_tuf::metadata::{self, Envelope, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::walk::{Outcome, Select};

use super::ceremonies::{Ceremonies, Record};
use super::change::Change;
use super::collected::Collected;
use super::consequences::consequences;
use super::digest::Digest;
use super::event::{Abandoned, Begun, Fact, Subject};
use super::finding::Asks;
use super::grounds::Grounds;
use super::once::{Candidate, Conflict};
use super::plan::{Plan, Prepared, Reach, reach, refused};
use super::roster::{NamedKey, Side};
use super::rules;
use super::scope::{self, Known};
use super::title::title;
use super::walks::{Memory, Terms};
use crate::border::{ChangeWish, Notice, Sentence, WishedEdit, document_differences, planned_differences, visible};
use crate::ports::{Failure, FailureKind, LimitsView, RepositoryRecord, claimed_version};
use crate::repositories::{gun_of_root, remember_server_held};

/// A change worked out and not begun: nothing is on record yet.
pub struct Preview {
    pub plan: Plan,
    pub consequences: Vec<Sentence>,
    pub grounds: Grounds,
    /// The keys the wish names by where they are, and those at hand that other documents need; each once.
    pub named: Vec<PhysicalKey>,
    pub(super) change: Change,
    pub(super) repository: RepositoryRecord,
    gun: Option<String>,
}

/// An open ceremony that makes a wish come true.
pub struct UnderWay {
    pub id: String,
    /// The keys the wish names by where they are, and those at hand that other documents need; each once.
    pub named: Vec<PhysicalKey>,
}

/// What is read of a source before a plan is made.
pub(super) struct Today {
    pub(super) outcome: Outcome,
    /// Roots before the trusted one, newest first, as far as they were asked for and are there.
    pub(super) older: Vec<Envelope<Root>>,
    /// The versions that documents which cannot be built on give themselves, where they were looked at.
    pub(super) claimed: Vec<(RoleName, u64)>,
}

impl Preview {
    /// How far the keys named in the wish go.
    pub fn named_reach(&self) -> Vec<Reach> {
        reach(&self.plan.documents, |key| self.named.contains(key))
    }

    /// What the bytes that would be frozen change, one sentence each.
    pub fn review(&self) -> Vec<Sentence> {
        let names = self.change.names();
        let mut said = Vec::new();
        if self.plan.waits {
            said.extend(planned_differences(&self.plan.deltas));
        }
        for draft in &self.plan.drafts {
            said.extend(document_differences(&self.grounds, draft, &names));
        }
        said
    }

    /// The keys that are asked for no signature, since they were lost or stolen.
    pub fn gone(&self) -> impl Iterator<Item = &String> {
        self.change.lost.iter().chain(&self.change.stolen)
    }

    /// Where a key is, if that is known and it may be asked.
    pub fn at_hand(&self, key: &PhysicalKey) -> Option<&str> {
        self.change.at_hand(key)
    }

    /// What is issued, with versions: `root v3 and targets v5`.
    pub fn documents(&self) -> String {
        let names: Vec<String> = self
            .plan
            .documents
            .iter()
            .map(|document| format!("{} v{}", document.role, document.version.1))
            .collect();
        match names.as_slice() {
            [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
            names => names.join(""),
        }
    }

    /// The role whose document comes first.
    pub fn first(&self) -> String {
        let first = self.plan.documents.first();
        first.map(|document| document.role.to_string()).unwrap_or_default()
    }

    /// SHA-256 of the first document's bytes in groups of four digits; none while something in it is still to be made.
    pub fn digest(&self) -> Option<String> {
        let first = self.plan.drafts.first().filter(|_| !self.plan.waits)?;
        Some(Digest(first.digest()).groups())
    }

    /// The change in one sentence.
    pub fn title(&self) -> String {
        title(&self.change, &self.plan.deltas, &self.repository.name)
    }
}

impl Ceremonies {
    /// Works out what a change would come to, on the newest documents a walk proves now. Nothing is begun.
    ///
    /// Only a key file that does not tell its public half makes a secret be asked for. Fails as `begin` does, and refuses with
    /// `not-publishable-there` a source that can only be read.
    pub async fn preview(&self, repository: &str, wish: impl Into<ChangeWish>) -> Result<Preview, Failure> {
        let (id, wish) = (repository.to_owned(), wish.into());
        let (repository, limits) = self
            .blocking(move |ceremonies| Ok((ceremonies.repository(&id)?, ceremonies.limits()?)))
            .await?;
        // Nobody signs what could not be published.
        self.ports.connect.publisher(&repository.source, &limits)?;
        if wish.begins() {
            self.must_be_empty(&repository, limits).await?;
            return self
                .blocking(move |ceremonies| ceremonies.work_out_first(repository, &wish, Asks::APerson))
                .await;
        }
        let today = self.catch_up(&repository, &wish, limits).await?;
        let preview = self
            .blocking(move |ceremonies| ceremonies.work_out(repository, &wish, &today, Asks::APerson))
            .await?;
        self.must_be_signable(&preview, limits).await?;
        Ok(preview)
    }

    /// Begins a change. The same wish for a repository whose ceremony is still open is that ceremony again.
    ///
    /// Refuses with `no-anchor`, `root-refused`, `draft-refused`, `key-not-found`, or with `ceremony-open` when another
    /// change of the repository is under way.
    pub async fn begin(&self, repository: &str, wish: impl Into<ChangeWish>) -> Result<String, Failure> {
        let wish = wish.into();
        match self.under_way(repository, wish.clone()).await? {
            Some(under_way) => Ok(under_way.id),
            None => self.begin_previewed(self.preview(repository, wish).await?).await,
        }
    }

    /// The open ceremony of a repository, if there is one and it makes the same wish come true.
    ///
    /// Refuses with `ceremony-open` when it makes another one.
    pub async fn under_way(&self, repository: &str, wish: impl Into<ChangeWish>) -> Result<Option<UnderWay>, Failure> {
        let (id, wish) = (repository.to_owned(), wish.into());
        self.blocking(move |ceremonies| {
            let open = {
                let _gate = ceremonies.gate();
                ceremonies.open_for(&id)?
            };
            let Some(record) = open else { return Ok(None) };
            let ceremony = record.sound()?;
            let repository = ceremonies.repository(&id)?;
            let now = ceremonies.ports.clock.now();
            let known = Known::of_grounds(&ceremony.grounds);
            match ceremonies.resolve(&repository, &wish, &known, &[], Asks::APerson, now) {
                Ok((wish, mut named)) if ceremony.change().asks_the_same(&wish) => {
                    let plan = Plan::of(
                        ceremony.change(),
                        &ceremony.grounds,
                        &ceremony.prepared,
                        ceremony.begun_at,
                    )?;
                    name_others(ceremony.change(), &plan, &mut named);
                    Ok(Some(UnderWay { id: record.id, named }))
                }
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
                let collected = ceremony.stage.collected();
                let loose = collected.map_or(0, |collected| collected.signatures().count() as u32);
                Ok(Fact::Abandoned(Abandoned { reason, loose }))
            })
        })
        .await
    }

    /// Keys that would have to sign and have signed another document of the same version.
    pub(super) fn conflicts(
        &self,
        plan: &Plan,
        grounds: &Grounds,
        repository: &Subject,
        collected: Option<&Collected>,
    ) -> Result<Vec<Conflict>, Failure> {
        let signatures = self.signatures()?;
        let mut conflicts = Vec::new();
        // What names others by digest is known once it is fixed: its bytes are told apart when it is signed at the latest.
        let fixed = collected.into_iter().flat_map(|collected| &collected.sheets);
        let mut known: Vec<(&RoleName, u64, [u8; 32])> = fixed
            .map(|sheet| (sheet.role(), sheet.frozen.version(), sheet.frozen.digest()))
            .collect();
        if known.is_empty() {
            let drafts = plan.drafts.iter();
            known.extend(drafts.map(|draft| (draft.role(), draft.version(), draft.digest())));
        }
        for (role, version, digest) in known {
            let candidate = Candidate {
                repository,
                root: grounds.root().map(|root| Digest(root.digest())),
                role,
                version,
                sha256: Some(Digest(digest)),
            };
            let planned = plan.documents.iter().filter(|document| document.role == *role);
            let quorums = planned.flat_map(|document| &document.quorums);
            let counting = |key: &&NamedKey| quorums.clone().any(|quorum| quorum.has(&key.physical));
            for key in plan.keys().into_iter().filter(counting) {
                if let Some(other) = signatures.other(&key.physical, &candidate) {
                    conflicts.push(Conflict {
                        physical: key.physical,
                        label: key.label.clone(),
                        role: role.clone(),
                        version,
                        other,
                    });
                }
            }
        }
        Ok(conflicts)
    }

    /// Limits of network reading in force.
    pub(super) fn limits(&self) -> Result<LimitsView, Failure> {
        let text = self.ports.vault.setting("limits")?;
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    }

    /// Walks the source from the newest trusted root and trusts the roots that proves, so that a plan builds on today's.
    pub(super) async fn catch_up(
        &self,
        repository: &RepositoryRecord,
        wish: &ChangeWish,
        limits: LimitsView,
    ) -> Result<Today, Failure> {
        let id = repository.id.clone();
        let trusted = self.blocking(move |ceremonies| ceremonies.proven_root(&id)).await?;
        let source = self.ports.connect.source(&repository.source, &limits)?;
        let terms = Terms::of(&repository.source, &trusted, self.ports.clock.now());
        let mut memory = Memory::new(&*source, limits, terms);
        // What has ended can still be issued again.
        let outcome = memory.walk_past_expiry(trusted.file_bytes().to_vec()).await?;
        let mut refused = outcome.refused.iter();
        let refused = refused.find(|(role, finding)| *role == RoleName::root() && finding.code != Code::Expired);
        if let Some((_, finding)) = refused {
            let message = format!(
                "the root at the source cannot be built on: {}",
                visible(&finding.message())
            );
            return Err(Failure::refusal("root-refused", message).with("finding", finding.code.as_str()));
        }
        let newest = outcome.root.as_ref().map_or(trusted.version(), |root| root.version());
        let mut older = Vec::new();
        let dialect = trusted.dialect();
        for version in (1..newest).rev().take(wish.legacy as usize) {
            let root = memory.root(version).await?;
            older.extend(root.and_then(|file| metadata::read::<Root>(&file, dialect).ok()));
        }
        let mut claimed = Vec::new();
        for edit in &wish.edits {
            let WishedEdit::Rebuild { role } = edit else { continue };
            let role = super::change::role_name(role)?;
            let found = memory.document(role.clone(), Select::Current).await?;
            claimed.extend(found.and_then(|file| Some((role, claimed_version(&file)?))));
        }
        let (id, kept) = (repository.id.clone(), outcome.clone());
        self.blocking(move |ceremonies| ceremonies.keep(&id, &kept)).await?;
        Ok(Today {
            outcome,
            older,
            claimed,
        })
    }

    pub(super) fn work_out(
        &self,
        repository: RepositoryRecord,
        wish: &ChangeWish,
        today: &Today,
        asking: Asks,
    ) -> Result<Preview, Failure> {
        let now = self.ports.clock.now();
        let root = self.proven_root(&repository.id)?;
        let mut known = Known::of_walk(&root, &today.outcome);
        known.claimed.extend(today.claimed.iter().cloned());
        let (change, named) = self.resolve(&repository, wish, &known, &today.older, asking, now)?;
        rules::of_dialect(&change, root.dialect())?;
        let gun = gun_of_root(&repository.source, &root);
        let grounds = scope::grounds(&change, root, &today.outcome)?;
        self.planned(repository, change, named, grounds, gun)
    }

    /// A change that the rules of its dialect allow, on what it builds on.
    pub(super) fn planned(
        &self,
        repository: RepositoryRecord,
        change: Change,
        mut named: Vec<PhysicalKey>,
        grounds: Grounds,
        gun: Option<String>,
    ) -> Result<Preview, Failure> {
        let now = self.ports.clock.now();
        rules::of_ends(&change, now)?;
        let plan = Plan::of(&change, &grounds, &Prepared::default(), now)?;
        name_others(&change, &plan, &mut named);
        let planned: Vec<_> = plan
            .documents
            .iter()
            .map(|document| (document.role.clone(), document.version.1))
            .collect();
        self.refuse_beside_loose(&subject(&repository), &planned, change.although_loose.as_deref())?;
        let conflicts = self.conflicts(&plan, &grounds, &subject(&repository), None)?;
        let consequences = consequences(&plan, &change, &grounds, now, &conflicts);
        Ok(Preview {
            plan,
            consequences,
            grounds,
            named,
            change,
            repository,
            gun,
        })
    }

    /// Refuses a plan in which a document would wait for keys that nobody here has, before anybody signs.
    async fn must_be_signable(&self, preview: &Preview, limits: LimitsView) -> Result<(), Failure> {
        must_reach_online(preview)?;
        let Some(root) = preview.grounds.root().map(|root| root.body()) else {
            return Ok(());
        };
        let snapshot_is_ours =
            preview.change.is_by_server(&RoleName::snapshot()) || preview.grounds.issues(&RoleName::snapshot());
        if preview.grounds.dialect() == Dialect::Tuf1 || snapshot_is_ours {
            return Ok(());
        }
        // The server signs the snapshot again only when it holds the key: it is asked, where there is one to ask.
        let Ok(server) = self.ports.connect.server_keys(&preview.repository.source, &limits) else {
            return Ok(());
        };
        match server.current(&RoleName::snapshot()).await {
            Ok(key) if root.snapshot.keyids.contains(key.keyid()) => {
                self.blocking(move |ceremonies| remember_server_held(&*ceremonies.ports.vault, &key))
                    .await
            }
            Ok(_) => Err(refused(
                "the snapshot names root by digest and must be signed again in the same moment; its key is neither the \
                 server's nor at hand: whoever holds it must take part, or the server must be given the snapshot first",
            )),
            // Who may not ask is told by the rehearsal, which lists it as an assumption, and at the latest by the server.
            Err(_) => Ok(()),
        }
    }

    fn open(&self, preview: &Preview) -> Result<String, Failure> {
        let Preview {
            change,
            grounds,
            repository,
            gun,
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
                dialect: grounds.dialect().as_str().into(),
                gun: gun.clone(),
                builds_on: grounds.on_record(),
                first: grounds.first_on_record(),
                change: change.clone(),
            };
            self.found(&id, begun, grounds)?;
            id
        };
        tracing::info!(ceremony = id, repository = repository.id, "ceremony begun");
        self.tell(Notice::CeremonyChanged { ceremony: id.clone() });
        Ok(id)
    }
}

/// Refuses a plan whose snapshot or timestamp would wait for keys that nobody here has.
pub(super) fn must_reach_online(preview: &Preview) -> Result<(), Failure> {
    let (change, plan) = (&preview.change, &preview.plan);
    let edited = |role: &RoleName| {
        let of_keys = change.of_keys();
        of_keys.iter().any(|at| at.role == role.as_str()) || change.of_document(role).next().is_some()
    };
    let missing = plan.reachable.iter().find(|reach| {
        let is_named = matches!(reach.role.as_str(), "snapshot" | "timestamp");
        !reach.is_enough() && is_named && reach.side == Side::Own && !edited(&reach.role)
    });
    if let Some(reach) = missing {
        return Err(refused(format!(
            "{} must be issued again as well, and {} of {} keys for it are at hand: whoever holds its keys must take part, \
             or make this change; where a service signs it by itself, say so",
            reach.role, reach.have, reach.need
        ))
        .with("unless", "online-elsewhere"));
    }
    Ok(())
}

/// Documents that are issued again for another's sake, and keys that hand over, are signed with what is at hand, named or not.
fn name_others(change: &Change, plan: &Plan, named: &mut Vec<PhysicalKey>) {
    let of_keys = change.of_keys();
    for document in &plan.documents {
        let is_own = document.role == RoleName::root() || of_keys.iter().any(|at| at.role == document.role.as_str());
        let quorums = document.quorums.iter();
        for quorum in quorums.filter(|quorum| !is_own || quorum.side == Side::Before) {
            let have = quorum.keys.iter().filter(|key| named.contains(&key.physical)).count() as u64;
            let more = quorum.threshold.saturating_sub(have) as usize;
            let at_hand = quorum.keys.iter().map(|key| key.physical);
            let spare: Vec<PhysicalKey> = at_hand
                .filter(|key| change.at_hand(key).is_some() && !named.contains(key))
                .take(more)
                .collect();
            named.extend(spare);
        }
    }
}

pub(super) fn already_open(id: &str) -> Failure {
    let message =
        format!("ceremony {id} changes this repository already: finish or abandon it before another change begins");
    Failure::refusal("ceremony-open", message).with("ceremony", id)
}

fn subject(repository: &RepositoryRecord) -> Subject {
    Subject {
        id: repository.id.clone(),
        name: repository.name.clone(),
        source: repository.source.clone(),
        practice: repository.practice,
    }
}
