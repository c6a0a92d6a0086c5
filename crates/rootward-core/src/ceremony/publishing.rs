//! Publishing, and the fresh walk that alone may call it published.
//!
//! The intent is on record before the source is touched. After a crash nobody guesses: the source is walked, and publishing
//! is repeated when the walk did not meet the document.

use std::sync::Arc;

use rootward_tuf::draft::AnyComplete;
use rootward_tuf::encoding::sha256;
use rootward_tuf::metadata::{self, Envelope, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::Outcome;

use super::archive;
use super::ceremonies::{Ceremonies, Record, superseded};
use super::collected::Assembled;
use super::digest::Digest;
use super::event::{self, Fact, Problem, Publishing, Seen, Superseded};
use super::rehearsal::{has_signed_bytes, newest, root_digest};
use super::review;
use super::state::{Attempt, Ceremony, Stage};
use super::walks::Memory;
use crate::ports::{Document, Failure, LimitsView, Proven, Publication, Source};

/// What a fresh walk met.
enum Met {
    Ours(Box<Outcome>),
    /// A proven root that is not ours, and all that was proven.
    Other(Box<Verified<Root>>, Box<Outcome>),
    Nothing(Problem),
}

impl Ceremonies {
    /// Publishes the rehearsed document, walks afresh, and ends the ceremony when the walk met it.
    ///
    /// Refuses with `not-ready` before a rehearsal was accepted and with `superseded` when another root came first. The
    /// fault `publish-failed` leaves the ceremony publishing: repeating it is safe.
    pub async fn publish(&self, id: &str) -> Result<Record, Failure> {
        let (record, limits, source) = self.ready_source(id).await?;
        let ceremony = record.sound()?;
        let assembled = to_publish(ceremony)?;
        if let Stage::Publishing(_, _, attempt) = &ceremony.stage {
            // Somebody, perhaps this program before it was killed, may have written it already.
            let met = self.look(ceremony, assembled, &*source, limits).await?;
            let is_done = match met {
                // A walk meets the first of the files; until the source took the last, all are written again.
                Met::Ours(_) => *attempt == Attempt::Written,
                Met::Other(..) => true,
                Met::Nothing(_) => false,
            };
            if is_done {
                return self.conclude(id, met).await;
            }
        }
        let repository = ceremony.begun.repository.source.clone();
        let publisher = self.ports.connect.publisher(&repository, &limits)?;
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
        match publisher.publish(&publication).await {
            Ok(()) => self.record(id, Fact::Written).await?,
            Err(failure) => {
                self.record(id, Fact::PublishingFailed(Problem::from(&failure))).await?;
                if failure.code != "superseded" {
                    let message = format!(
                        "the source did not take root v{}: {}",
                        ceremony.version(),
                        failure.message
                    );
                    return Err(Failure {
                        code: "publish-failed".into(),
                        message,
                        ..failure
                    });
                }
            }
        }
        let met = self.look(ceremony, assembled, &*source, limits).await?;
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
        let name = id.to_owned();
        let (record, limits) = self
            .blocking(move |ceremonies| {
                let record = ceremonies.one(&name)?;
                record.sound()?;
                Ok((record, ceremonies.limits()?))
            })
            .await?;
        let source = self
            .ports
            .connect
            .source(&record.sound()?.begun.repository.source, &limits)?;
        Ok((record, limits, source))
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
            Met::Ours(_) | Met::Other(..) => {
                self.publish(id).await?;
                Err(Failure::refusal(
                    "ceremony-ended",
                    "the root is published already, as a fresh walk has just seen",
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
        let predecessor = &ceremony.predecessor;
        let anchor = predecessor.file_bytes().to_vec();
        let outcome = memory
            .walk(anchor, predecessor.dialect(), self.ports.clock.now(), None)
            .await?;
        match newest(&outcome).cloned() {
            Some(root) if root.version() > predecessor.version() => {
                self.conclude(id, Met::Other(Box::new(root), Box::new(outcome))).await
            }
            _ => Err(Failure::refusal(
                "root-refused",
                format!(
                    "a root v{} is at the source that does not follow from v{}: it must be taken away first",
                    ceremony.version(),
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

    /// Walks from the old trusted root through the public door.
    async fn look(
        &self,
        ceremony: &Ceremony,
        assembled: &Assembled,
        source: &dyn Source,
        limits: LimitsView,
    ) -> Result<Met, Failure> {
        let predecessor = &ceremony.predecessor;
        let (version, dialect) = (ceremony.version(), predecessor.dialect());
        let mut memory = Memory::new(source, limits);
        let anchor = predecessor.file_bytes().to_vec();
        let outcome = memory.walk(anchor, dialect, self.ports.clock.now(), None).await?;
        let Some((_, file)) = outcome.root_chain.iter().find(|(proven, _)| *proven == version) else {
            let why = outcome.first_refusal().map(|finding| finding.message());
            let message = why.unwrap_or_else(|| format!("the walk ended at root v{}", predecessor.version()));
            return Ok(Met::Nothing(Problem {
                code: "publish-failed".into(),
                message,
            }));
        };
        if has_signed_bytes(file, dialect, &root_digest(assembled)) {
            return Ok(Met::Ours(Box::new(outcome)));
        }
        let other = metadata::read::<Root>(file, dialect)
            .ok()
            .and_then(|root| Verified::anchor(root).ok());
        match other.or_else(|| newest(&outcome).cloned()) {
            Some(root) => Ok(Met::Other(Box::new(root), Box::new(outcome))),
            None => Err(Failure::refusal(
                "root-refused",
                format!("root v{version} at the source cannot be read again"),
            )),
        }
    }

    /// Puts on record what the walk met, and trusts what it proved.
    async fn conclude(&self, id: &str, met: Met) -> Result<Record, Failure> {
        let id = id.to_owned();
        self.blocking(move |ceremonies| match met {
            Met::Ours(outcome) => {
                let record = ceremonies.one(&id)?;
                ceremonies.keep(&record.sound()?.begun.repository.id, &outcome)?;
                ceremonies.step(&id, |ceremony| Ok(Fact::Seen(seen(ceremony, &outcome)?)))
            }
            Met::Other(root, outcome) => {
                let record = ceremonies.one(&id)?;
                ceremonies.keep(&record.sound()?.begun.repository.id, &outcome)?;
                let version = root.version();
                ceremonies.step(&id, |ceremony| {
                    Ok(Fact::Superseded(Superseded {
                        version: Some(version),
                        sha256: Some(Digest(root.digest())),
                        differences: review::differences(&ceremony.predecessor, &root),
                    }))
                })?;
                Err(superseded(version))
            }
            Met::Nothing(problem) => {
                let message = format!(
                    "the source took the root, but a fresh walk did not meet it: {}",
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
        let roots = outcome.root_chain.clone();
        let documents = Vec::new();
        self.ports.vault.keep(repository, &Proven { roots, documents })
    }
}

fn to_publish(ceremony: &Ceremony) -> Result<&Assembled, Failure> {
    match &ceremony.stage {
        Stage::Rehearsed(assembled, _) | Stage::Publishing(assembled, _, _) => Ok(assembled),
        Stage::Drafting | Stage::Collecting(_) => Err(Failure::refusal(
            "threshold-not-met",
            "signatures are missing: only a complete root can be published",
        )),
        Stage::Ready(_) => Err(Failure::refusal(
            "not-ready",
            "only a root that was rehearsed can be published",
        )),
        Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => {
            Err(Failure::refusal("ceremony-ended", "the ceremony has ended"))
        }
    }
}

fn publication(ceremony: &Ceremony, assembled: &Assembled) -> Publication {
    let predecessor = &ceremony.predecessor;
    Publication {
        dialect: predecessor.dialect(),
        consistent_snapshot: predecessor.body().consistent_snapshot,
        documents: assembled.documents.iter().map(document).collect(),
        builds_on: (predecessor.version(), predecessor.digest()),
    }
}

fn document(complete: &AnyComplete) -> Document {
    Document {
        role: complete.role().clone(),
        version: complete.version(),
        bytes: complete.file_bytes().to_vec(),
    }
}

fn seen(ceremony: &Ceremony, outcome: &Outcome) -> Result<Seen, Failure> {
    let version = ceremony.version();
    let file = outcome
        .root_chain
        .iter()
        .find(|(proven, _)| *proven == version)
        .map(|(_, file)| file);
    let root = file.and_then(|file| metadata::read::<Root>(file, ceremony.predecessor.dialect()).ok());
    let root = root.ok_or_else(|| Failure::fault("publish-failed", format!("root v{version} cannot be read again")))?;
    let mut documents = vec![met(&RoleName::root(), &root)];
    documents.extend(
        outcome
            .targets
            .as_ref()
            .map(|document| met(&RoleName::targets(), document)),
    );
    documents.extend(
        outcome
            .snapshot
            .as_ref()
            .map(|document| met(&RoleName::snapshot(), document)),
    );
    documents.extend(
        outcome
            .timestamp
            .as_ref()
            .map(|document| met(&RoleName::timestamp(), document)),
    );
    documents.retain(|met| ceremony.grounds.roles().iter().any(|role| role.as_str() == met.role));
    Ok(Seen {
        root_versions: outcome.root_versions.clone(),
        documents,
        accepted: outcome.accepted,
        findings: outcome
            .refused
            .iter()
            .map(|(_, finding)| finding)
            .chain(&outcome.findings)
            .map(event::Finding::from)
            .collect(),
    })
}

fn met<T: metadata::Document>(role: &RoleName, document: &Envelope<T>) -> event::Met {
    event::Met {
        role: role.as_str().into(),
        version: document.version(),
        sha256: Digest(sha256(document.signed_bytes())),
    }
}
