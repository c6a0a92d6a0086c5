//! Publishing, and the fresh walks that alone may call it published.
//!
//! The intent is on record before the source is touched. After a crash nobody guesses: the source is walked, and publishing
//! is repeated when the walk did not meet the documents. What a fresh walk means is decided in `confirming`.

use std::sync::Arc;
use std::time::Duration;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::AnyComplete;
use rootward_tuf::encoding::sha256;
use rootward_tuf::metadata::{Envelope, Root};
use rootward_tuf::walk::Outcome;

use super::archive;
use super::ceremonies::{Ceremonies, Record};
use super::collected::Assembled;
use super::confirming::{Confirming, Met, Other};
use super::digest::Digest;
use super::event::{self, Client, Fact, Problem, Publishing, Seen};
use super::state::{Attempt, Ceremony, Stage};
use super::walks::{Memory, Terms};
use crate::ports::{Document, Failure, LimitsView, Proven, Publication, Source, SourceSpec};

/// How long a cache between us and the source gets before it is looked at once more.
const PATIENCE: Duration = Duration::from_secs(1);

impl Ceremonies {
    /// Publishes the rehearsed documents, walks afresh, and ends the ceremony when the walks met them.
    ///
    /// Refuses with `not-ready` before a rehearsal was accepted and with `superseded` when another document came first. The
    /// fault `publish-failed`, and whatever a Notary server refuses with, leaves the ceremony publishing: repeating is safe.
    pub async fn publish(&self, id: &str) -> Result<Record, Failure> {
        let (record, limits, way) = self.ready_way(id).await?;
        let source = self.ports.connect.source(&way, &limits)?;
        let ceremony = record.sound()?;
        let assembled = to_publish(ceremony)?;
        if let Stage::Publishing(_, _, attempt) = &ceremony.stage {
            // Somebody, perhaps this program before it was killed, may have written it already.
            let met = self.look(ceremony, assembled, &*source, limits).await?;
            let is_done = match met {
                // A walk meets the first of a folder's files; until it took the last, all are written again. A server took
                // all or none.
                Met::Ours(..) => *attempt == Attempt::Written || ceremony.grounds.dialect() == Dialect::Notary,
                Met::Other(..) | Met::Stranger(_) => true,
                Met::Nothing(_) => false,
            };
            if is_done {
                return self.conclude(id, met).await;
            }
        }
        let publisher = self.ports.connect.publisher(&way, &limits)?;
        let publication = publication(ceremony, assembled);
        let (name, documents, document) = (id.to_owned(), assembled.documents.clone(), assembled.digest);
        self.blocking(move |ceremonies| {
            for complete in &documents {
                let file = archive::complete_name(complete.role().as_str());
                ceremonies.archive().write(&name, &file, complete.file_bytes())?;
            }
            ceremonies.step(&name, |_| Ok(Fact::PublishingBegun(Publishing { document })))
        })
        .await?;
        let mut is_written = false;
        match publisher.publish(&publication).await {
            Ok(()) => {
                is_written = true;
                self.record(id, Fact::Written).await?;
            }
            Err(failure) => {
                self.record(id, Fact::PublishingFailed(Problem::from(&failure))).await?;
                if failure.code != "superseded" {
                    return Err(not_taken(ceremony, failure));
                }
            }
        }
        let mut met = self.look(ceremony, assembled, &*source, limits).await?;
        if is_written && matches!(met, Met::Nothing(_)) {
            // A cache may show what was there before; it is asked once more, and then it is said.
            tokio::time::sleep(PATIENCE).await;
            met = self.look(ceremony, assembled, &*source, limits).await?;
        }
        self.conclude(id, met).await
    }

    /// Takes a ceremony up after the program had ended; one that was publishing is brought to its end.
    pub async fn resume(&self, id: &str) -> Result<Record, Failure> {
        let name = id.to_owned();
        let record = self
            .blocking(move |ceremonies| {
                let record = ceremonies.one(&name)?;
                if record.sound()?.has_ended() {
                    return Ok(record);
                }
                ceremonies.step(&name, |_| Ok(Fact::Resumed))
            })
            .await?;
        match record.sound()?.stage {
            Stage::Publishing(..) => self.publish(id).await,
            _ => Ok(record),
        }
    }

    /// The ceremony, and the source to look at.
    pub(super) async fn ready_source(&self, id: &str) -> Result<(Record, LimitsView, Arc<dyn Source>), Failure> {
        let (record, limits, way) = self.ready_way(id).await?;
        let source = self.ports.connect.source(&way, &limits)?;
        Ok((record, limits, source))
    }

    /// The ceremony, and the way to its repository.
    pub(super) async fn ready_way(&self, id: &str) -> Result<(Record, LimitsView, SourceSpec), Failure> {
        let name = id.to_owned();
        self.blocking(move |ceremonies| {
            let record = ceremonies.one(&name)?;
            let way = ceremonies.way_to(record.sound()?)?;
            Ok((record, ceremonies.limits()?, way))
        })
        .await
    }

    /// Looks at the source before a ceremony in the middle of publishing is given up; one that is published stays so.
    pub(super) async fn look_before_abandoning(&self, id: &str) -> Result<(), Failure> {
        let (record, limits, source) = self.ready_source(id).await?;
        let ceremony = record.sound()?;
        let Stage::Publishing(assembled, ..) = &ceremony.stage else {
            return Ok(());
        };
        match self.look(ceremony, assembled, &*source, limits).await? {
            Met::Nothing(problem) => self.record(id, Fact::NotSeen(problem)).await,
            Met::Ours(..) | Met::Other(..) | Met::Stranger(_) => {
                self.publish(id).await?;
                Err(Failure::refusal(
                    "ceremony-ended",
                    "the documents are published already, as a fresh walk has just seen",
                ))
            }
        }
    }

    /// Ends a ceremony because another root stands where its own would go.
    pub(super) async fn stop_for_other_root(
        &self,
        id: &str,
        ceremony: &Ceremony,
        memory: &mut Memory<'_>,
        found: &[u8],
    ) -> Result<Record, Failure> {
        let Some(predecessor) = ceremony.grounds.root() else {
            let stranger = Other::first(found, ceremony.grounds.dialect());
            return self.conclude(id, Met::Stranger(Box::new(stranger))).await;
        };
        let outcome = memory.walk(predecessor.file_bytes().to_vec()).await?;
        let newest: Option<Envelope<Root>> = outcome.root.as_ref().map(|root| root.envelope().clone());
        match newest {
            Some(root) if root.version() > predecessor.version() => {
                self.conclude(id, Other::root(Some(predecessor), &root).met(outcome))
                    .await
            }
            _ => Err(Failure::refusal(
                "root-refused",
                format!(
                    "a root v{} is at the source that does not follow from v{}: it must be taken away first",
                    predecessor.version().saturating_add(1),
                    predecessor.version()
                ),
            )
            .with("sha256", Digest::of(found).to_string())),
        }
    }

    pub(super) async fn record(&self, id: &str, fact: Fact) -> Result<(), Failure> {
        let id = id.to_owned();
        self.blocking(move |ceremonies| ceremonies.step(&id, |_| Ok(fact)).map(drop))
            .await
    }

    /// Walks from the old trusted root, and as the other clients, through the public door.
    async fn look(
        &self,
        ceremony: &Ceremony,
        assembled: &Assembled,
        source: &dyn Source,
        limits: LimitsView,
    ) -> Result<Met, Failure> {
        let terms = Terms {
            dialect: ceremony.grounds.dialect(),
            gun: ceremony.begun.gun.clone(),
            now: self.ports.clock.now(),
        };
        let confirming = Confirming {
            ceremony,
            assembled,
            memory: Memory::new(source, limits, terms),
        };
        match confirming.look().await {
            Err(failure)
                if ceremony.grounds.begins() && self.is_empty_folder(&ceremony.begun.repository.source, &failure) =>
            {
                Ok(Met::nothing("nothing is there yet".into()))
            }
            met => met,
        }
    }

    /// Puts on record what the walk met, and trusts what it proved.
    pub(super) async fn conclude(&self, id: &str, met: Met) -> Result<Record, Failure> {
        let id = id.to_owned();
        self.blocking(move |ceremonies| match met {
            Met::Ours(outcome, clients) => {
                let record = ceremonies.one(&id)?;
                let ceremony = record.sound()?;
                if ceremony.grounds.begins() {
                    ceremonies.trust_first(ceremony)?;
                }
                ceremonies.keep(&ceremony.begun.repository.id, &outcome)?;
                ceremonies.step(&id, |ceremony| {
                    Ok(Fact::Seen(seen(to_publish(ceremony)?, &outcome, clients)))
                })
            }
            Met::Other(other, outcome) => {
                let record = ceremonies.one(&id)?;
                ceremonies.keep(&record.sound()?.begun.repository.id, &outcome)?;
                let Other { on_record, refusal } = *other;
                ceremonies.step(&id, |_| Ok(Fact::Superseded(on_record)))?;
                Err(refusal)
            }
            Met::Stranger(other) => {
                let Other { on_record, refusal } = *other;
                ceremonies.step(&id, |_| Ok(Fact::Superseded(on_record)))?;
                Err(refusal)
            }
            Met::Nothing(problem) => {
                let message = format!(
                    "the source took the documents, but a fresh walk does not confirm it: {}",
                    problem.message
                );
                ceremonies.step(&id, |_| Ok(Fact::NotSeen(problem)))?;
                Err(Failure::fault("publish-failed", message))
            }
        })
        .await
    }

    /// Keeps the roots that a walk proved. Other documents are a refresh's to keep: it walks above what was proven before,
    /// and these walks do not.
    pub(super) fn keep(&self, repository: &str, outcome: &Outcome) -> Result<(), Failure> {
        let proven = Proven {
            roots: outcome
                .root_chain
                .iter()
                .map(|(version, file)| (*version, file.to_vec()))
                .collect(),
            documents: Vec::new(),
            forget: outcome.forget.clone(),
        };
        self.ports.vault.keep(repository, &proven)
    }
}

fn to_publish(ceremony: &Ceremony) -> Result<&Assembled, Failure> {
    match &ceremony.stage {
        Stage::Rehearsed(assembled, _) | Stage::Publishing(assembled, _, _) => Ok(assembled),
        Stage::Drafting | Stage::Collecting(_) => Err(Failure::refusal(
            "threshold-not-met",
            "signatures are missing: only complete documents can be published",
        )),
        Stage::Ready(_) => Err(Failure::refusal(
            "not-ready",
            "only documents that were rehearsed can be published",
        )),
        Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => {
            Err(Failure::refusal("ceremony-ended", "the ceremony has ended"))
        }
    }
}

/// What a server refused it says itself; of a folder, that it did not take the root.
fn not_taken(ceremony: &Ceremony, failure: Failure) -> Failure {
    match ceremony.grounds.dialect() {
        Dialect::Notary => failure,
        Dialect::Tuf1 => Failure {
            code: "publish-failed".into(),
            message: format!("the source did not take {}: {}", ceremony.documents(), failure.message),
            ..failure
        },
    }
}

fn publication(ceremony: &Ceremony, assembled: &Assembled) -> Publication {
    let grounds = &ceremony.grounds;
    Publication {
        dialect: grounds.dialect(),
        consistent_snapshot: assembled.consistent_snapshot(grounds),
        documents: assembled.documents.iter().map(document).collect(),
        root_last: ceremony.change().hands_over,
        builds_on: grounds
            .root()
            .map_or((0, [0; 32]), |root| (root.version(), root.digest())),
    }
}

fn document(complete: &AnyComplete) -> Document {
    Document {
        role: complete.role().clone(),
        version: complete.version(),
        bytes: complete.file_bytes().to_vec(),
    }
}

/// What the walks met: all documents of the ceremony, as `confirming` made sure.
fn seen(assembled: &Assembled, outcome: &Outcome, clients: Vec<Client>) -> Seen {
    let met = |ours: &AnyComplete| event::Met {
        role: ours.role().as_str().into(),
        version: ours.version(),
        sha256: Digest(sha256(ours.signed_bytes())),
    };
    Seen {
        root_versions: outcome.root_versions.clone(),
        documents: assembled.documents.iter().map(met).collect(),
        accepted: outcome.accepted,
        clients,
        findings: outcome
            .refused
            .iter()
            .map(|(_, finding)| finding)
            .chain(&outcome.findings)
            .map(event::Finding::from)
            .collect(),
    }
}
