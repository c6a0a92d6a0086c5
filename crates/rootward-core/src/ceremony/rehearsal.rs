//! Simulated clients: on the oldest root that reaches today's, two versions behind, on today's, and with no root at all.
//!
//! They meet what is published now plus the complete documents, and stand-ins for what only a server can sign. What a client
//! refuses today as well, and only somebody else can mend, is listed as an assumption; whatever the change itself would
//! break is a refusal.

use rootward_tuf::finding::{Code, Finding};
use rootward_tuf::metadata::{self, Root};
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::{Outcome, Rehearsed as Walked};

use super::ceremonies::{Ceremonies, Record};
use super::collected::Assembled;
use super::confirming::{other_document, signs_the_same};
use super::event::{Client, Fact, Rehearsed};
use super::stand_ins::{LeftToServer, left_to_server, stand_in};
use super::state::{Ceremony, Stage};
use super::walks::{Memory, Overlay, Terms};
use crate::border::visible;
use crate::ports::Failure;

/// How far back an old client is looked for among roots that do not hang together.
const MOST_ROOTS: usize = 64;

impl Ceremonies {
    /// Runs the simulated clients on the complete documents and puts their verdicts on record.
    ///
    /// Refuses with `threshold-not-met` before every document is complete, with `superseded` when another document of one of
    /// their versions is at the source, and with `rehearsal-refused` when a client would refuse them.
    pub async fn rehearse(&self, id: &str) -> Result<Record, Failure> {
        self.rehearse_from(id, None).await
    }

    /// The same, where clients on root `oldest` must be taken along; without it, on the oldest from which today's clients still
    /// come to today's root.
    ///
    /// Refuses besides with `bad-usage` an `oldest` that is newer than the root built on.
    pub async fn rehearse_from(&self, id: &str, oldest: Option<u64>) -> Result<Record, Failure> {
        let (record, limits, source) = self.ready_source(id).await?;
        let ceremony = record.sound()?;
        let assembled = to_rehearse(ceremony)?;
        let Some(predecessor) = ceremony.grounds.root() else {
            return match oldest {
                None => self.rehearse_first(id, ceremony, assembled, &*source, limits).await,
                Some(_) => Err(Failure::refusal(
                    "bad-usage",
                    "a repository that is begun has no clients on older roots",
                )),
            };
        };
        let looked_at = record.clone();
        let known = self
            .blocking(move |ceremonies| {
                let ceremony = looked_at.sound()?;
                ceremonies.roots_up_to(&ceremony.begun.repository.id, ceremony)
            })
            .await?;
        let current = predecessor.version();
        if let Some(oldest) = oldest.filter(|oldest| !(1..=current).contains(oldest)) {
            let message = format!("clients are taken along from a root between v1 and v{current}, not from v{oldest}");
            return Err(Failure::refusal("bad-usage", message));
        }
        let terms = Terms {
            dialect: predecessor.dialect(),
            gun: ceremony.begun.gun.clone(),
            now: self.ports.clock.now(),
        };
        let mut memory = Memory::new(&*source, limits, terms.clone());
        if let Some(found) = memory.root(predecessor.version().saturating_add(1)).await?
            && !assembled.documents.iter().any(|ours| signs_the_same(ours, &found))
        {
            return self.stop_for_other_root(id, ceremony, &mut memory, &found).await;
        }
        let today = predecessor.file_bytes().to_vec();
        let current = memory.walk_past_expiry(today.clone()).await?;
        if let Some(other) = other_document(ceremony, assembled, &current) {
            return self.conclude(id, other.met(current)).await;
        }
        let left = left_by(ceremony, assembled);
        let mut overlay = Overlay::of(&assembled.documents);
        let random = &*self.ports.random;
        stand_in(
            &mut overlay,
            &left,
            Some(&current),
            &assembled.documents,
            &terms,
            random,
        )?;
        let mut rehearsal = Rehearsal {
            ceremony,
            predecessor,
            assembled,
            baseline: memory.walk(today).await?,
            before_root: before_root(ceremony, assembled),
            overlay,
            assumptions: left.iter().map(|left| left.sentence(terms.dialect)).collect(),
            oldest,
            known,
        };
        let clients = rehearsal
            .run(&mut memory, &source.listed_root_versions().await?)
            .await?;
        let rehearsed = Rehearsed {
            document: assembled.digest,
            clients,
            assumptions: rehearsal.assumptions,
            oldest,
        };
        let id = id.to_owned();
        let record = self
            .blocking(move |ceremonies| ceremonies.step(&id, |_| Ok(Fact::Rehearsed(rehearsed))))
            .await?;
        recorded(record)
    }
}

/// The record of a rehearsal; refuses with `rehearsal-refused` when a client did.
pub(super) fn recorded(record: Record) -> Result<Record, Failure> {
    match record.sound()?.stage {
        Stage::Rehearsed(..) => Ok(record),
        _ => Err(Failure::refusal("rehearsal-refused", refusal_of(&record))),
    }
}

fn to_rehearse(ceremony: &Ceremony) -> Result<&Assembled, Failure> {
    match &ceremony.stage {
        Stage::Ready(assembled) | Stage::Rehearsed(assembled, _) => Ok(assembled),
        Stage::Drafting | Stage::Collecting(_) => Err(Failure::refusal(
            "threshold-not-met",
            "signatures are missing: only complete documents can be rehearsed",
        )),
        Stage::Publishing(..) => Err(Failure::refusal(
            "not-ready",
            "the documents were rehearsed and are being published",
        )),
        Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => {
            Err(Failure::refusal("ceremony-ended", "the ceremony has ended"))
        }
    }
}

/// What a server must sign once these documents are published; empty when the ceremony signs everything itself.
pub(super) fn left_by(ceremony: &Ceremony, assembled: &Assembled) -> Vec<LeftToServer> {
    let before = ceremony.grounds.root().map(|root| root.body());
    let new = assembled.root().map(|root| root.verified().body());
    match new.or(before) {
        Some(after) => left_to_server(before, after, &assembled.documents, ceremony.grounds.dialect()),
        None => Vec::new(),
    }
}

/// What clients meet while the files are written one by one and root is still to come, where keys hand over.
fn before_root(ceremony: &Ceremony, assembled: &Assembled) -> Option<Overlay> {
    let has_chain = assembled.document(&RoleName::timestamp()).is_some();
    if !ceremony.change().hands_over || assembled.root().is_none() || !has_chain {
        return None;
    }
    let mut overlay = Overlay::default();
    for document in assembled
        .documents
        .iter()
        .filter(|document| document.as_root().is_none())
    {
        overlay.lay(document);
    }
    Some(overlay)
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
    ceremony: &'a Ceremony,
    predecessor: &'a Verified<Root>,
    assembled: &'a Assembled,
    /// What a client on today's root comes to without the change.
    baseline: Outcome,
    overlay: Overlay,
    /// Everything but root, where a client may come while only that is there.
    before_root: Option<Overlay>,
    assumptions: Vec<String>,
    oldest: Option<u64>,
    /// Root files that this desk has proven, for clients on one that the source no longer has.
    known: Vec<Vec<u8>>,
}

impl Rehearsal<'_> {
    async fn run(&mut self, memory: &mut Memory<'_>, listed: &[u64]) -> Result<Vec<Client>, Failure> {
        let predecessor = self.predecessor;
        let mut clients = Vec::new();
        let mut anchors = match self.oldest {
            None => self.older(memory, listed).await?,
            Some(oldest) if oldest == predecessor.version() => Vec::new(),
            Some(oldest) => match self.supported(memory, oldest).await? {
                Ok(anchors) => anchors,
                Err(left_behind) => {
                    clients.push(left_behind);
                    Vec::new()
                }
            },
        };
        anchors.push((
            format!("a client on root v{}", predecessor.version()),
            predecessor.file_bytes().to_vec(),
        ));
        if let Some(root) = self.assembled.root() {
            anchors.push(("a new client with no root but this".into(), root.file_bytes().to_vec()));
        }
        for (name, anchor) in anchors {
            let walked = memory.rehearse(anchor, &self.overlay).await?;
            clients.push(self.judge(name, &walked, self.ceremony.root_version()));
        }
        if let Some(before_root) = self.before_root.take() {
            let walked = memory.rehearse(predecessor.file_bytes().to_vec(), &before_root).await?;
            let name = "a client that comes before the new root is written".to_owned();
            clients.push(self.judge(name, &walked, predecessor.version()));
        }
        Ok(clients)
    }

    /// Clients on the oldest root that the officer wants to support and on each after it, or the one who is left behind.
    async fn supported(
        &self,
        memory: &mut Memory<'_>,
        oldest: u64,
    ) -> Result<Result<Vec<(String, Vec<u8>)>, Client>, Failure> {
        let current = self.predecessor.version();
        let mut anchors = Vec::new();
        // The oldest first; those between are on its way, and the last before today's shows a client that missed one version.
        for version in [oldest, current.saturating_sub(1).max(oldest)] {
            let name = match version {
                version if version == oldest => format!("a client on root v{version}, the oldest to be supported"),
                version => format!("a client two versions behind, on root v{version}"),
            };
            let left_behind = |why: String| Client {
                name: name.clone(),
                accepted: false,
                account: why,
            };
            let known = |version: u64| {
                let dialect = self.predecessor.dialect();
                let mut known = self.known.iter();
                let is_it =
                    |file: &&Vec<u8>| metadata::read::<Root>(file, dialect).is_ok_and(|root| root.version() == version);
                known.find(is_it).cloned()
            };
            let found = match known(version) {
                Some(file) => Some(file),
                None => memory.root(version).await?,
            };
            let Some(anchor) = found else {
                let why = format!(
                    "root v{version} is neither at the source nor on this desk, so that nothing can be said of them"
                );
                return Ok(Err(left_behind(why)));
            };
            if !self.reaches_today(memory, &anchor).await? {
                let why = format!("cannot reach root v{current} today, and would stay where they are");
                return Ok(Err(left_behind(why)));
            }
            if !anchors.iter().any(|(_, known): &(String, Vec<u8>)| *known == anchor) {
                anchors.push((name, anchor));
            }
        }
        Ok(Ok(anchors))
    }

    /// Clients before today's root: on the oldest one from which today's clients reach it, and two versions behind the new one.
    ///
    /// Still older ones cannot walk already; that is no fault of this change, and is said.
    async fn older(&mut self, memory: &mut Memory<'_>, listed: &[u64]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let current = self.predecessor.version();
        let mut versions: Vec<u64> = match listed {
            [] => (1..current).take(MOST_ROOTS).collect(),
            listed => listed.iter().copied().filter(|&version| version < current).collect(),
        };
        versions.truncate(MOST_ROOTS);
        let mut stranded = Vec::new();
        let mut oldest = None;
        for version in versions {
            let Some(anchor) = memory.root(version).await? else {
                continue;
            };
            if self.reaches_today(memory, &anchor).await? {
                oldest = Some((version, anchor));
                break;
            }
            stranded.push(version);
        }
        if let (Some(first), Some(last)) = (stranded.first(), stranded.last()) {
            self.assumptions.push(format!(
                "clients on root v{first} to v{last} cannot reach v{current} today, and stay where they are"
            ));
        }
        let mut clients = Vec::new();
        let behind = current.saturating_sub(1);
        let is_behind = oldest.as_ref().is_some_and(|(version, _)| *version == behind);
        if let Some((version, anchor)) = oldest {
            clients.push((format!("a client on root v{version}"), anchor));
        }
        if behind > 0
            && !is_behind
            && let Some(anchor) = memory.root(behind).await?
            && self.reaches_today(memory, &anchor).await?
        {
            clients.push((format!("a client two versions behind, on root v{behind}"), anchor));
        }
        Ok(clients)
    }

    async fn reaches_today(&self, memory: &mut Memory<'_>, anchor: &[u8]) -> Result<bool, Failure> {
        match memory.walk(anchor.to_vec()).await {
            Ok(outcome) => Ok(outcome.root_versions.last() == Some(&self.predecessor.version())),
            Err(failure) if failure.code == "root-refused" => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    fn judge(&mut self, name: String, client: &Walked, version: u64) -> Client {
        let first = client.root_versions.first().copied().unwrap_or(version);
        let walked = if first == version {
            format!("starts at root v{version}")
        } else {
            format!("walks root v{first} to v{version}")
        };
        let refuses = |account: String| Client {
            name: name.clone(),
            accepted: false,
            account,
        };
        if client.root_versions.last() != Some(&version) {
            return refuses(format!("does not reach root v{version}: {}", why_not_reached(client)));
        }
        let mut open = Vec::new();
        for (role, finding) in &client.refused {
            if !role.is_top_level() {
                // A delegation that is refused today as well is its delegate's to mend.
                let is_ours = self.assembled.document(role).is_some();
                if is_ours || self.baseline.accepted && !self.is_refused_today(finding) && !self.is_meant(role) {
                    return refuses(format!("{walked}, then refuses: {}", visible(&finding.message())));
                }
            } else if self.is_for_others(finding) {
                let assumption = format!(
                    "{}, as today; whoever signs it will issue it again",
                    visible(&finding.message())
                );
                if !self.assumptions.contains(&assumption) {
                    self.assumptions.push(assumption);
                }
                open.push(finding.role.as_str().to_owned());
            } else {
                return refuses(format!("{walked}, then refuses: {}", visible(&finding.message())));
            }
        }
        let account = match (client.accepted, open.is_empty()) {
            (true, _) => came_to(&walked, client),
            (false, true) => format!("{walked}; nothing behind root could be looked at"),
            (false, false) => format!("{walked}; {} is assumed to be issued again", open.join(" and ")),
        };
        Client {
            name,
            accepted: true,
            account,
        }
    }

    /// Whether the change takes a delegated role the keys it was signed with and does not sign it again: said before anything
    /// was signed, and its delegate's to mend.
    fn is_meant(&self, role: &RoleName) -> bool {
        let of_keys = self.ceremony.change().of_keys();
        of_keys.iter().any(|at| at.role == role.as_str())
    }

    /// Whether a refusal is there without this change too, and neither root's nor of a document of this ceremony.
    fn is_for_others(&self, finding: &Finding) -> bool {
        if self.assembled.document(&finding.role).is_some() {
            return false;
        }
        // Today's walk ends at an expired root, so that nothing behind it is known from there.
        let mut today = self.baseline.refused.iter();
        let hidden = today.any(|(role, before)| *role == RoleName::root() && before.code == Code::Expired);
        let mendable = matches!(finding.code, Code::Expired | Code::Missing);
        self.is_refused_today(finding) || (hidden && mendable)
    }

    fn is_refused_today(&self, finding: &Finding) -> bool {
        let mut today = self.baseline.refused.iter();
        today.any(|(role, before)| *role == finding.role && before.code == finding.code)
    }
}

/// What a client did that accepted everything.
pub(super) fn came_to(walked: &str, client: &Walked) -> String {
    let stood_in: Vec<&str> = client.stood_in.iter().map(RoleName::as_str).collect();
    let accepts = format!("{walked} and accepts timestamp, snapshot and targets");
    match stood_in.is_empty() {
        true => accepts,
        false => format!("{accepts}; {} by stand-in keys", stood_in.join(" and ")),
    }
}

/// What kept a client from the new root, with the certificates it did not count.
fn why_not_reached(client: &Walked) -> String {
    let Some(first) = client.first_refusal() else {
        return "root was not reached".into();
    };
    let mut why = visible(&first.message());
    let certificates = client
        .findings
        .iter()
        .filter(|finding| finding.code == Code::CertificateRefused);
    for finding in certificates {
        why.push_str("; ");
        why.push_str(&visible(&finding.message()));
    }
    why
}
