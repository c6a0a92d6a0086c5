//! What a backup adds to what this desk knows of a repository: only what follows from a root that is trusted, and never
//! anything older.

use rootward_tuf::{
    encoding::sha256,
    role::RoleName,
    time::Instant,
    walk::{Reply, Request, Select, Walker},
};

use super::{
    archive::damaged,
    records::{KeptRepository, roots_of},
};
use crate::{
    ports::{AnchorRecord, Failure, LimitsView, Ports, Proven, claimed_version},
    repositories::{is_same, known::Memory, look::begin, place_of},
};

/// What is done to one repository of the vault.
#[derive(Debug, Clone)]
pub(super) struct Addition {
    /// What is remembered under the id that this desk has for the repository, or gets.
    pub kept: KeptRepository,
    pub is_new: bool,
    /// Documents of the backup that nothing trusted proves, or that are older than this desk's.
    pub left_out: usize,
}

/// Works out what a backup's repository adds. Writes nothing.
///
/// Refuses with `backup-conflicts` when both sides trust roots that do not follow from each other, or call two repositories
/// by one id.
pub(super) fn addition(ports: &Ports, backup: KeptRepository) -> Result<Addition, Failure> {
    let vault = &*ports.vault;
    let place = place_of(&backup.record.source);
    let conflict = |why: String| {
        let message = format!("this desk and the backup disagree about {place}: {why}");
        Failure::refusal("backup-conflicts", message).with("repository", &backup.record.id)
    };
    let here = vault.repositories()?;
    let same = here
        .iter()
        .find(|record| !record.practice && is_same(&record.source, &backup.record.source));
    if same.is_none() && here.iter().any(|record| record.id == backup.record.id) {
        return Err(conflict("its id is another repository's here".into()));
    }
    let memory = match same {
        Some(record) => Some(Memory::of(record.clone(), vault)?),
        None => None,
    };
    let (anchor, known) = match &memory {
        Some(memory) => (memory.anchor.clone(), memory.proven.clone()),
        None => (None, Proven::default()),
    };
    for (version, bytes) in roots_of(&backup.proven, backup.anchor.as_ref()) {
        let here = roots_of(&known, anchor.as_ref()).find(|(other, _)| *other == version);
        if here.is_some_and(|(_, other)| other != bytes) {
            return Err(conflict(format!("root version {version} is another one here")));
        }
    }
    let footing = memory
        .as_ref()
        .and_then(Memory::trusted_root)
        .or(backup.anchor.as_ref().map(|anchor| &anchor.bytes[..]));
    let mut proven = match footing {
        None => Proven::default(),
        Some(root) => follows(root, &known, &backup)?,
    };
    let newest_of =
        |proven: &Proven, anchor: Option<&AnchorRecord>| roots_of(proven, anchor).map(|(version, _)| version).max();
    let newest_backed_up = newest_of(&backup.proven, backup.anchor.as_ref());
    let anchor_then = anchor.as_ref().or(backup.anchor.as_ref());
    let newest = newest_of(&proven, anchor_then).max(newest_of(&known, None));
    if newest_backed_up > newest {
        return Err(conflict(format!(
            "root version {} of the backup does not follow from version {} that is trusted here",
            newest_backed_up.unwrap_or_default(),
            newest.unwrap_or_default()
        )));
    }
    if let (None, Some(anchor)) = (&anchor, &backup.anchor) {
        proven.roots.push((anchor.version, anchor.bytes.clone()));
    }
    let left_out = backup.proven.documents.len().saturating_sub(proven.documents.len());
    let record = match &memory {
        Some(memory) => memory.record.clone(),
        None => backup.record,
    };
    Ok(Addition {
        is_new: memory.is_none(),
        left_out,
        kept: KeptRepository {
            record,
            anchor: if anchor.is_some() { None } else { backup.anchor },
            proven,
        },
    })
}

/// What of a backup's documents a client accepts that trusts `root` and has seen `known`. Nothing is refused for its age: a
/// backup is old, and so are the floors in it.
fn follows(root: &[u8], known: &Proven, backup: &KeptRepository) -> Result<Proven, Failure> {
    let long_ago =
        Instant::parse("1970-01-02T00:00:00Z").map_err(|why| Failure::fault("backup-unusable", why.to_string()))?;
    let (input, _) = begin(root, known, &backup.record.source, &LimitsView::default(), long_ago)?;
    let walker =
        Walker::begin(input).map_err(|why| damaged(&format!("a trusted root cannot be used ({})", why.finding)))?;
    let outcome = walker.run(|request| reply(backup, request));
    let newer = |role: &RoleName, bytes: &[u8]| {
        let here = known.documents.iter().find(|(known, _)| known == role);
        here.is_none_or(|(_, here)| claimed_version(here) < claimed_version(bytes))
    };
    Ok(Proven {
        roots: outcome
            .root_chain
            .into_iter()
            .map(|(version, file)| (version, file.into()))
            .collect(),
        documents: outcome
            .keep
            .into_iter()
            .filter(|(role, bytes)| *role != RoleName::root() && newer(role, bytes))
            .map(|(role, file)| (role, file.into()))
            .collect(),
        forget: outcome.forget,
    })
}

fn reply(backup: &KeptRepository, request: &Request) -> Reply {
    let root = || {
        let mut roots = roots_of(&backup.proven, backup.anchor.as_ref());
        match request.select {
            Select::Version(version) | Select::Consistent { version } => roots.find(|(found, _)| *found == version),
            Select::Sha256(digest) => roots.find(|(_, bytes)| sha256(bytes) == digest),
            Select::Current => roots.max_by_key(|(version, _)| *version),
        }
        .map(|(_, bytes)| bytes)
    };
    let document = || {
        let (_, bytes) = backup.proven.documents.iter().find(|(role, _)| *role == request.role)?;
        let fits = match request.select {
            Select::Version(version) | Select::Consistent { version } => claimed_version(bytes) == Some(version),
            Select::Sha256(digest) => sha256(bytes) == digest,
            Select::Current => true,
        };
        fits.then_some(bytes.as_slice())
    };
    let found = if request.role == RoleName::root() {
        root()
    } else {
        document()
    };
    match found {
        None => Reply::Missing,
        Some(bytes) if bytes.len() as u64 > request.limit_bytes => Reply::TooLarge,
        Some(bytes) => Reply::Found(bytes.to_vec()),
    }
}
