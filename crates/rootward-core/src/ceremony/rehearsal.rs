//! Simulated clients: on the oldest root that reaches today's, on today's, and with no root at all.
//!
//! They walk what is published now plus the complete new root. What a client refuses today as well, and only somebody else
//! can mend, is listed as an assumption; whatever the change itself would break is a refusal.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::finding::{Code, Finding};
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::Outcome;

use super::ceremonies::{Ceremonies, Record};
use super::collected::Assembled;
use super::event::{Client, Fact, Rehearsed};
use super::state::{Ceremony, Stage};
use super::walks::Memory;
use crate::border::visible;
use crate::ports::Failure;

/// How far back an old client is looked for among roots that do not hang together.
const MOST_ROOTS: usize = 64;

impl Ceremonies {
    /// Runs the simulated clients on the complete document and puts their verdicts on record.
    ///
    /// Refuses with `threshold-not-met` before the document is complete, with `superseded` when another root of its version
    /// is at the source, and with `rehearsal-refused` when a client would refuse it.
    pub async fn rehearse(&self, id: &str) -> Result<Record, Failure> {
        let (record, limits, source) = self.ready_source(id).await?;
        let ceremony = record.sound()?;
        let assembled = to_rehearse(ceremony)?;
        let mut memory = Memory::new(&*source, limits);
        let rehearsal = Rehearsal {
            now: self.ports.clock.now(),
            ceremony,
            assembled,
        };
        if let Some(found) = memory.root(ceremony.version()).await?
            && !rehearsal.is_ours(&found)
        {
            return self.stop_for_other_root(id, ceremony, &mut memory, &found).await;
        }
        let rehearsed = rehearsal
            .run(&mut memory, &source.listed_root_versions().await?)
            .await?;
        let id = id.to_owned();
        let record = self
            .blocking(move |ceremonies| ceremonies.step(&id, |_| Ok(Fact::Rehearsed(rehearsed))))
            .await?;
        match record.sound()?.stage {
            Stage::Rehearsed(..) => Ok(record),
            _ => Err(Failure::refusal("rehearsal-refused", refusal_of(&record))),
        }
    }
}

fn to_rehearse(ceremony: &Ceremony) -> Result<&Assembled, Failure> {
    match &ceremony.stage {
        Stage::Ready(assembled) | Stage::Rehearsed(assembled, _) => Ok(assembled),
        Stage::Drafting | Stage::Collecting(_) => Err(Failure::refusal(
            "threshold-not-met",
            "signatures are missing: only a complete root can be rehearsed",
        )),
        Stage::Publishing(..) => Err(Failure::refusal(
            "not-ready",
            "the root was rehearsed and is being published",
        )),
        Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => {
            Err(Failure::refusal("ceremony-ended", "the ceremony has ended"))
        }
    }
}

fn refusal_of(record: &Record) -> String {
    let last = record.events.iter().rev().find_map(|event| match &event.fact {
        Fact::Rehearsed(rehearsed) => rehearsed.clients.iter().find(|client| !client.accepted),
        _ => None,
    });
    last.map_or_else(
        || "a simulated client refused".into(),
        |client| format!("{}: {}", client.name, client.account),
    )
}

struct Rehearsal<'a> {
    now: Instant,
    ceremony: &'a Ceremony,
    assembled: &'a Assembled,
}

impl Rehearsal<'_> {
    async fn run(&self, memory: &mut Memory<'_>, listed: &[u64]) -> Result<Rehearsed, Failure> {
        let today = self.ceremony.predecessor.file_bytes().to_vec();
        let current = self.ceremony.predecessor.version();
        let baseline = self.walk(memory, today.clone(), false).await?;
        let mut assumptions = Vec::new();
        let mut clients = Vec::new();
        if let Some((version, anchor)) = self.oldest(memory, listed, &mut assumptions).await? {
            let outcome = self.walk(memory, anchor, true).await?;
            clients.push(self.judge(
                format!("a client on root v{version}"),
                &outcome,
                &baseline,
                &mut assumptions,
            ));
        }
        let outcome = self.walk(memory, today, true).await?;
        clients.push(self.judge(
            format!("a client on root v{current}"),
            &outcome,
            &baseline,
            &mut assumptions,
        ));
        let outcome = self.walk(memory, root_file(self.assembled).to_vec(), true).await?;
        clients.push(self.judge(
            "a new client with no root but this".into(),
            &outcome,
            &baseline,
            &mut assumptions,
        ));
        Ok(Rehearsed {
            document: self.assembled.digest,
            clients,
            assumptions,
        })
    }

    /// The oldest root at the source from which today's clients reach the current one.
    ///
    /// Older ones cannot walk already; that is no fault of this change, and is said.
    async fn oldest(
        &self,
        memory: &mut Memory<'_>,
        listed: &[u64],
        assumptions: &mut Vec<String>,
    ) -> Result<Option<(u64, Vec<u8>)>, Failure> {
        let current = self.ceremony.predecessor.version();
        let mut stranded = Vec::new();
        let mut found = None;
        let versions = if listed.is_empty() { vec![1] } else { listed.to_vec() };
        let mut versions: Vec<u64> = versions.into_iter().filter(|&version| version < current).collect();
        versions.truncate(MOST_ROOTS);
        for version in versions {
            let Some(anchor) = memory.root(version).await? else {
                continue;
            };
            let reached = match self.walk(memory, anchor.clone(), false).await {
                Ok(outcome) => outcome.root_versions.last() == Some(&current),
                Err(failure) if failure.code == "root-refused" => false,
                Err(failure) => return Err(failure),
            };
            if reached {
                found = Some((version, anchor));
                break;
            }
            stranded.push(version);
        }
        if let (Some(first), Some(last)) = (stranded.first(), stranded.last()) {
            assumptions.push(format!(
                "clients on root v{first} to v{last} cannot reach v{current} today, and stay where they are"
            ));
        }
        Ok(found)
    }

    async fn walk(&self, memory: &mut Memory<'_>, anchor: Vec<u8>, with_new: bool) -> Result<Outcome, Failure> {
        let next = with_new.then_some((self.ceremony.version(), root_file(self.assembled)));
        memory.walk(anchor, self.dialect(), self.now, next).await
    }

    fn judge(&self, name: String, outcome: &Outcome, baseline: &Outcome, assumptions: &mut Vec<String>) -> Client {
        let version = self.ceremony.version();
        let first = outcome.root_versions.first().copied().unwrap_or(version);
        let reached = outcome.root_versions.last() == Some(&version);
        let walked = if first == version {
            format!("starts at root v{version}")
        } else {
            format!("walks root v{first} to v{version}")
        };
        if !reached {
            let why = outcome
                .first_refusal()
                .map_or_else(|| "root was not reached".into(), Finding::message);
            return Client {
                name,
                accepted: false,
                account: format!("does not reach root v{version}: {}", visible(&why)),
            };
        }
        let mut open = Vec::new();
        for (_, finding) in outcome.refused.iter().filter(|(role, _)| role.is_top_level()) {
            if self.is_for_others(finding, baseline) {
                let assumption = format!(
                    "{}, as today; whoever signs it will issue it again",
                    visible(&finding.message())
                );
                if !assumptions.contains(&assumption) {
                    assumptions.push(assumption);
                }
                open.push(finding.role.as_str().to_owned());
            } else {
                let account = format!("{walked}, then refuses: {}", visible(&finding.message()));
                return Client {
                    name,
                    accepted: false,
                    account,
                };
            }
        }
        let account = match (outcome.accepted, open.is_empty()) {
            (true, _) => format!("{walked} and accepts timestamp, snapshot and targets"),
            (false, true) => format!("{walked}; nothing behind root could be looked at"),
            (false, false) => format!("{walked}; {} is assumed to be issued again", open.join(" and ")),
        };
        Client {
            name,
            accepted: true,
            account,
        }
    }

    /// Whether a refusal is there without this change too, and not root's.
    fn is_for_others(&self, finding: &Finding, baseline: &Outcome) -> bool {
        let is_root = finding.role == RoleName::root();
        let today = baseline
            .refused
            .iter()
            .any(|(role, before)| *role == finding.role && before.code == finding.code);
        // Today's walk ends at an expired root, so that nothing behind it is known from there.
        let hidden = baseline
            .refused
            .iter()
            .any(|(role, before)| *role == RoleName::root() && before.code == Code::Expired);
        let mendable = matches!(finding.code, Code::Expired | Code::Missing);
        !is_root && (today || (hidden && mendable))
    }

    fn is_ours(&self, file: &[u8]) -> bool {
        has_signed_bytes(file, self.dialect(), &root_digest(self.assembled))
    }

    fn dialect(&self) -> Dialect {
        self.ceremony.predecessor.dialect()
    }
}

/// Whether a root file's signed part has that digest, whoever signed it.
pub(super) fn has_signed_bytes(file: &[u8], dialect: Dialect, digest: &[u8; 32]) -> bool {
    rootward_tuf::metadata::read::<Root>(file, dialect)
        .is_ok_and(|root| rootward_tuf::encoding::sha256(root.signed_bytes()) == *digest)
}

/// The newest root that a walk proved.
pub(super) fn newest(outcome: &Outcome) -> Option<&Verified<Root>> {
    outcome.root.as_ref()
}

/// The new root's file.
pub(super) fn root_file(assembled: &Assembled) -> &[u8] {
    assembled.root().map_or(&[][..], |root| root.file_bytes())
}

/// SHA-256 of what was signed as the new root.
pub(super) fn root_digest(assembled: &Assembled) -> [u8; 32] {
    assembled.collected.root().map(|root| root.digest()).unwrap_or_default()
}
