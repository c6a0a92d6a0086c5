//! The walks after publishing, which alone may call a ceremony published: the very documents must be there, whatever was
//! assumed of a server must have come true, and clients of every age must reach them.

use rootward_tuf::canonical;
use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::AnyComplete;
use rootward_tuf::encoding::sha256;
use rootward_tuf::json::{self, Limits};
use rootward_tuf::metadata::{self, Envelope, Root, Targets};
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::{Tally, Verified};
use rootward_tuf::walk::{Outcome, Rehearsed as Walked, Select};

use super::ceremonies::superseded;
use super::collected::Assembled;
use super::digest::Digest;
use super::event::{Client, Problem, Superseded};
use super::rehearsal::left_by;
use super::review;
use super::stand_ins::LeftToServer;
use super::state::Ceremony;
use super::walks::{Memory, Overlay};
use crate::border::visible;
use crate::ports::Failure;

/// What a fresh look met.
pub(super) enum Met {
    /// Every document is there, every assumption holds, and these clients came to them.
    Ours(Box<Outcome>, Vec<Client>),
    /// Somebody else's document stands where one of ours would.
    Other(Box<Other>, Box<Outcome>),
    /// Another repository where one would be begun.
    Stranger(Box<Other>),
    Nothing(Problem),
}

/// Somebody else's document.
pub(super) struct Other {
    pub(super) on_record: Superseded,
    pub(super) refusal: Failure,
}

/// Differences told at most: what somebody else published may be large.
const MOST_DIFFERENCES: usize = 64;

impl Other {
    pub(super) fn met(self, outcome: Outcome) -> Met {
        Met::Other(Box::new(self), Box::new(outcome))
    }

    /// A proven root that is not ours.
    pub(super) fn root(predecessor: Option<&Verified<Root>>, root: &Envelope<Root>) -> Self {
        Other {
            on_record: Superseded {
                role: "root".into(),
                version: Some(root.version()),
                sha256: Some(Digest(root.digest())),
                differences: predecessor.map_or_else(Vec::new, |before| review::differences(before, root)),
            },
            refusal: superseded(root.version()),
        }
    }

    /// The root of another repository where one would be begun.
    pub(super) fn first(file: &[u8], dialect: Dialect) -> Self {
        let version = metadata::read::<Root>(file, dialect).ok().map(|root| root.version());
        let message = "somebody else has begun a repository there meanwhile";
        Other {
            on_record: Superseded {
                role: "root".into(),
                version,
                sha256: Some(Digest::of(file)),
                differences: Vec::new(),
            },
            refusal: Failure::refusal("superseded", message).with("role", "root"),
        }
    }

    fn below_root(role: &RoleName, version: u64, file: &[u8], mut differences: Vec<String>) -> Self {
        let message = format!("{role} v{version} was published meanwhile by somebody else");
        differences.truncate(MOST_DIFFERENCES);
        Other {
            on_record: Superseded {
                role: role.as_str().into(),
                version: Some(version),
                sha256: Some(Digest::of(file)),
                differences,
            },
            refusal: Failure::refusal("superseded", message)
                .with("role", role.as_str())
                .with("version", version.to_string()),
        }
    }
}

/// Somebody else's document below root of a version that this ceremony would publish, if a walk proved one.
pub(super) fn other_document(ceremony: &Ceremony, assembled: &Assembled, outcome: &Outcome) -> Option<Other> {
    let others = assembled.documents.iter().filter(|ours| ours.as_root().is_none());
    for ours in others {
        let Some((version, file)) = proven(outcome, ours.role()) else {
            continue;
        };
        if version < ours.version() || signs_the_same(ours, file) {
            continue;
        }
        let differences = match (ceremony.grounds.targets_of(ours.role()), targets(outcome, ours.role())) {
            (Some(old), Some(new)) => targets_differences(old, new),
            _ => Vec::new(),
        };
        return Some(Other::below_root(ours.role(), version, file, differences));
    }
    None
}

/// Whether a file says what a document says, whoever signed it.
pub(super) fn signs_the_same(ours: &AnyComplete, file: &[u8]) -> bool {
    let limits = Limits {
        bytes: usize::MAX,
        ..Limits::default()
    };
    let signed = json::parse(file, limits)
        .ok()
        .and_then(|file| file.get("signed").map(canonical));
    signed.is_some_and(|signed| signed == ours.signed_bytes())
}

/// One fresh look at a source.
pub(super) struct Confirming<'a, 'b> {
    pub(super) ceremony: &'a Ceremony,
    pub(super) assembled: &'a Assembled,
    pub(super) memory: Memory<'b>,
}

impl Confirming<'_, '_> {
    /// Walks from the root before, and then as the other clients.
    ///
    /// Fails as the source does when it cannot be read now.
    pub(super) async fn look(mut self) -> Result<Met, Failure> {
        let anchor = match self.anchor().await? {
            Ok(anchor) => anchor,
            Err(met) => return Ok(met),
        };
        let built_on = self.ceremony.grounds.root_version();
        let outcome = self.memory.walk(anchor).await?;
        match self.root(&outcome).await? {
            There::Ours => {}
            There::Other(root) => return Ok(Other::root(self.ceremony.grounds.root(), &root).met(outcome)),
            There::Nothing => {
                if let Some(other) = other_document(self.ceremony, self.assembled, &outcome) {
                    return Ok(other.met(outcome));
                }
                let why = outcome.first_refusal().map(|finding| finding.message());
                let still = || format!("the source still shows root v{built_on}");
                return Ok(Met::nothing(why.unwrap_or_else(still)));
            }
        }
        for ours in &self.assembled.documents {
            if ours.as_root().is_none() && !self.is_there(ours, &outcome).await? {
                if let Some(other) = other_document(self.ceremony, self.assembled, &outcome) {
                    return Ok(other.met(outcome));
                }
                let message = format!("root is there, and {} v{} is not", ours.role(), ours.version());
                return Ok(Met::nothing(message));
            }
        }
        let left = left_by(self.ceremony, self.assembled);
        let walked = Walked::of(&outcome);
        if let Some(why) = self.is_refused(&walked, &left) {
            return Ok(Met::nothing(why));
        }
        let name = match built_on {
            0 => "a new client".to_owned(),
            version => format!("a client on root v{version}"),
        };
        let mut clients = vec![came(name, &walked)];
        for (name, anchor) in self.other_clients().await? {
            let walked = self.memory.rehearse(anchor, &Overlay::default()).await?;
            if let Some(why) = self.is_refused(&walked, &left) {
                return Ok(Met::nothing(format!("{name} does not follow: {why}")));
            }
            clients.push(came(name, &walked));
        }
        Ok(Met::Ours(Box::new(outcome), clients))
    }

    /// The root that clients come from: the one built on, or, where a repository is begun, ours as the source shows it.
    async fn anchor(&mut self) -> Result<Result<Vec<u8>, Met>, Failure> {
        if let Some(predecessor) = self.ceremony.grounds.root() {
            return Ok(Ok(predecessor.file_bytes().to_vec()));
        }
        let Some(file) = self.memory.root(1).await? else {
            return Ok(Err(Met::nothing("the source shows no root v1".into())));
        };
        let mut documents = self.assembled.documents.iter();
        if documents.any(|ours| ours.as_root().is_some() && signs_the_same(ours, &file)) {
            return Ok(Ok(file));
        }
        // Another repository stands there; what it says of itself is not ours to judge.
        Ok(Err(Met::Stranger(Box::new(Other::first(
            &file,
            self.ceremony.grounds.dialect(),
        )))))
    }

    /// What stands where our root would.
    async fn root(&mut self, outcome: &Outcome) -> Result<There, Failure> {
        let Some(predecessor) = self.ceremony.grounds.root() else {
            return Ok(There::Ours);
        };
        if !self.ceremony.issues_root() {
            return Ok(match &outcome.root {
                Some(root) if root.digest() == predecessor.digest() => There::Ours,
                Some(root) => There::Other(root.envelope().clone()),
                None => There::Nothing,
            });
        }
        let version = self.ceremony.root_version();
        let walked = outcome.root_chain.iter().find(|(proven, _)| *proven == version);
        let file = match walked {
            Some((_, file)) => Some(file.to_vec()),
            // Notary's clients skip roots that they need not see; a newer one may have come already.
            None if newest(outcome) > version => self.memory.root(version).await?,
            None => None,
        };
        let Some(file) = file else {
            return Ok(There::Nothing);
        };
        let mut documents = self.assembled.documents.iter();
        if documents.any(|ours| ours.as_root().is_some() && signs_the_same(ours, &file)) {
            return Ok(There::Ours);
        }
        let other = metadata::read::<Root>(&file, predecessor.dialect()).ok();
        match other.or_else(|| outcome.root.as_ref().map(|root| root.envelope().clone())) {
            Some(root) => Ok(There::Other(root)),
            None => Err(Failure::refusal(
                "root-refused",
                format!("root v{version} at the source cannot be read again"),
            )),
        }
    }

    /// Whether the very document is at the source, or was followed by a newer one already.
    async fn is_there(&mut self, ours: &AnyComplete, outcome: &Outcome) -> Result<bool, Failure> {
        let role = ours.role();
        if let Some((version, file)) = proven(outcome, role) {
            if signs_the_same(ours, file) {
                return Ok(true);
            }
            // A timestamp is made again and again, and no older one can be had.
            if version > ours.version() && *role == RoleName::timestamp() {
                return Ok(true);
            }
        }
        let select = match ours.dialect() {
            Dialect::Notary => Select::Sha256(sha256(ours.file_bytes())),
            Dialect::Tuf1 if self.assembled.consistent_snapshot(&self.ceremony.grounds) => Select::Consistent {
                version: ours.version(),
            },
            Dialect::Tuf1 => Select::Current,
        };
        let found = self.memory.document(role.clone(), select).await?;
        Ok(found.is_some_and(|file| signs_the_same(ours, &file)))
    }

    /// Why a client did not come to the documents of this ceremony, or to those a server was to sign for it.
    fn is_refused(&self, client: &Walked, left: &[LeftToServer]) -> Option<String> {
        let (version, reached) = (self.ceremony.root_version(), client.root_versions.last());
        let first = || client.first_refusal().map(|finding| visible(&finding.message()));
        if reached.is_none_or(|reached| *reached < version) {
            return Some(first().unwrap_or_else(|| format!("root v{version} was not reached")));
        }
        let has = |role: &RoleName| client.versions.iter().any(|(proven, _)| proven == role);
        let refusal = |role: &RoleName| client.refused.iter().find(|(refused, _)| refused == role);
        for left in left {
            if let Some((_, finding)) = refusal(&left.role) {
                let (wanted, found) = (left.sentence(self.ceremony.grounds.dialect()), finding.message());
                return Some(format!("{wanted}, and has not: {}", visible(&found)));
            }
        }
        if left.iter().any(|left| !has(&left.role)) {
            return first();
        }
        if let Some(why) = self.is_not_shown(client, left) {
            return Some(why);
        }
        let mut ours = self.assembled.documents.iter();
        ours.find_map(|ours| refusal(ours.role()).map(|(_, finding)| visible(&finding.message())))
    }

    /// Why a client does not come to a document that is at the source: whoever signs snapshot and timestamp has not named it.
    fn is_not_shown(&self, client: &Walked, left: &[LeftToServer]) -> Option<String> {
        if left.is_empty() || self.ceremony.grounds.dialect() == Dialect::Notary {
            return None;
        }
        let shown = |ours: &AnyComplete| {
            let mut versions = client.versions.iter();
            versions.any(|(role, version)| role == ours.role() && *version >= ours.version())
        };
        let named = self.assembled.documents.iter().filter(|ours| ours.as_root().is_none());
        let hidden = named.into_iter().find(|ours| !shown(ours))?;
        let wanted: Vec<String> = left.iter().map(|left| left.sentence(Dialect::Tuf1)).collect();
        Some(format!(
            "{} v{} is there, and clients are not shown it yet: {}",
            hidden.role(),
            hidden.version(),
            wanted.join(", then ")
        ))
    }

    /// The clients besides the one on the root before: two versions behind, if it could follow so far, and one without any.
    async fn other_clients(&mut self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let mut clients = Vec::new();
        let Some(predecessor) = self.ceremony.grounds.root() else {
            return Ok(clients);
        };
        let behind = predecessor.version().saturating_sub(1);
        if behind > 0
            && let Some(anchor) = self.memory.root(behind).await?
            && follows(predecessor, &anchor)
        {
            clients.push((format!("a client two versions behind, on root v{behind}"), anchor));
        }
        let shown = match predecessor.dialect() {
            // It believes whatever root it is shown first.
            Dialect::Notary => self.memory.document(RoleName::root(), Select::Current).await?,
            Dialect::Tuf1 => self.assembled.root().map(|root| root.file_bytes().to_vec()),
        };
        clients.extend(shown.map(|root| ("a new client".into(), root)));
        Ok(clients)
    }
}

impl Met {
    pub(super) fn nothing(message: String) -> Self {
        Met::Nothing(Problem {
            code: "publish-failed".into(),
            message,
        })
    }
}

/// What a client did that came to the documents.
fn came(name: String, walked: &Walked) -> Client {
    let (first, last) = (walked.root_versions.first(), walked.root_versions.last());
    let way = match (first, last) {
        (Some(first), Some(last)) if first != last => format!("walked root v{first} to v{last}"),
        (_, last) => format!("began at root v{}", last.copied().unwrap_or_default()),
    };
    let behind = if walked.accepted {
        "and accepted timestamp, snapshot and targets"
    } else {
        "and no further"
    };
    Client {
        name,
        accepted: walked.accepted,
        account: format!("{way} {behind}"),
    }
}

/// What stands where our root would.
enum There {
    Ours,
    Other(Envelope<Root>),
    Nothing,
}

fn newest(outcome: &Outcome) -> u64 {
    outcome.root.as_ref().map_or(0, |root| root.version())
}

/// Version and file of a proven document below root.
fn proven<'a>(outcome: &'a Outcome, role: &RoleName) -> Option<(u64, &'a [u8])> {
    match role.as_str() {
        "targets" => outcome
            .targets
            .as_ref()
            .map(|document| (document.version(), document.file_bytes())),
        "snapshot" => outcome
            .snapshot
            .as_ref()
            .map(|document| (document.version(), document.file_bytes())),
        "timestamp" => outcome
            .timestamp
            .as_ref()
            .map(|document| (document.version(), document.file_bytes())),
        _ => targets(outcome, role).map(|document| (document.version(), document.file_bytes())),
    }
}

/// A proven targets document, top-level or delegated.
fn targets<'a>(outcome: &'a Outcome, role: &RoleName) -> Option<&'a Envelope<Targets>> {
    if *role == RoleName::targets() {
        return outcome.targets.as_ref().map(|targets| targets.envelope());
    }
    let delegated = outcome.delegated.iter().find(|delegated| delegated.role == *role);
    delegated.map(|delegated| delegated.document.envelope())
}

/// Whether the keys of an older root signed a newer one, so that its clients were not stranded before.
fn follows(newer: &Verified<Root>, older: &[u8]) -> bool {
    metadata::read::<Root>(older, newer.dialect())
        .ok()
        .and_then(|older| Verified::anchor(older).ok())
        .is_some_and(|older| Tally::of(newer, &older.body().keys, &older.body().root).is_met())
}

/// What one targets document changes against another, by the names of its targets.
fn targets_differences(old: &Envelope<Targets>, new: &Envelope<Targets>) -> Vec<String> {
    let (before, after) = (&old.body().targets, &new.body().targets);
    let gone = before.keys().filter(|path| !after.contains_key(path));
    let gone = gone.map(|path| format!("{} is gone", visible(&path)));
    let other = after.iter().filter_map(|(path, target)| match before.get(&path) {
        None => Some(format!("{} is new", visible(&path))),
        Some(had) if had != target => Some(format!("{} is another file", visible(&path))),
        Some(_) => None,
    });
    let delegations = (old.body().delegations != new.body().delegations).then(|| "its delegations changed".to_owned());
    other.chain(gone).chain(delegations).take(MOST_DIFFERENCES).collect()
}
