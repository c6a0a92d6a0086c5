//! A double of a repository to practise on: the same roles, thresholds, delegations, target names and ends, with new keys that
//! are thrown away. Nothing of the original is touched, and nothing of it is signed again: every document is made here.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::{Path, PathBuf},
};

use rootward_tuf::{
    Algorithm, AnyComplete, Authority, DelegatedRole, Dialect, Envelope, Instant, Key, KeyId, KeyTable, PhysicalKey,
    RoleKeys, RoleName, Root, RootDraft, SnapshotDraft, Targets, TargetsDraft, TimestampDraft,
};

use super::{
    broken_plan, folder, holders, in_days,
    workbench::{Hand, server_key, signed, upload},
};
use crate::ports::{Failure, NewKey, Ports, Publication, RepositoryRecord, SourceSpec};

/// More roles than anybody walks through by hand; a double of more is refused.
const MOST_ROLES: usize = 2_000;

/// The documents of a repository, as they can be read.
pub struct Original {
    pub root: Envelope<Root>,
    pub targets: BTreeMap<RoleName, Envelope<Targets>>,
    /// When snapshot and timestamp end, as far as they can be read.
    pub snapshot_ends: Option<Instant>,
    pub timestamp_ends: Option<Instant>,
    /// Notary: its name.
    pub gun: Option<String>,
    /// Notary: whether a person holds the snapshot key.
    pub client_snapshot: bool,
}

/// A double that was made.
pub struct Doubled {
    pub source: SourceSpec,
    pub first_root: Vec<u8>,
}

/// Makes a double and publishes it below the practice folder: a TUF repository in a folder, a Notary one on a practice server.
///
/// `name` is of letters and digits and not used yet. Refuses with `draft-refused` what nobody could sign; fails as disk and keys do.
pub async fn make(ports: &Ports, original: &Original, name: &str) -> Result<Doubled, Failure> {
    if original.targets.len() > MOST_ROLES {
        let message = format!(
            "the repository has {} roles: expected at most {MOST_ROLES}",
            original.targets.len()
        );
        return Err(Failure::refusal("draft-refused", message));
    }
    let place = folder(&ports.data).join("clones").join(name);
    match original.root.dialect() {
        Dialect::Tuf1 => in_a_folder(ports, original, &place).await,
        Dialect::Notary => on_a_server(ports, original, &place, name).await,
    }
}

/// Removes the files of a double that a record is of; any other record is left alone. Fails as the disk does.
pub fn remove(ports: &Ports, record: &RepositoryRecord) -> Result<(), Failure> {
    let clones = folder(&ports.data).join("clones");
    let name = match &record.source {
        SourceSpec::Folder { path, .. } => Path::new(path)
            .strip_prefix(&clones)
            .ok()
            .and_then(|inside| inside.components().next())
            .map(|name| name.as_os_str().to_string_lossy().into_owned()),
        SourceSpec::Notary { url, .. } => url.strip_prefix("practice://").map(str::to_owned),
        SourceSpec::Http { .. } => None,
    };
    let is_double = |name: &String| record.practice && ports.disk.list(&clones.join(name)).is_ok();
    match name.filter(is_double) {
        Some(name) => {
            super::remove_folder(ports, "servers", &format!("{name}.json"))?;
            super::remove_folder(ports, "clones", &name)
        }
        None => Ok(()),
    }
}

/// New keys for those of the original, each made when a role first lists it.
struct Cast<'a> {
    ports: &'a Ports,
    folder: PathBuf,
    dialect: Dialect,
    hands: Vec<Hand>,
    /// By the physical key, or by its id where it cannot be read.
    by_key: BTreeMap<String, usize>,
    taken: BTreeSet<String>,
    /// Notary: certificates of root keys, by hand.
    certificates: BTreeMap<usize, Key>,
    gun: String,
}

impl Cast<'_> {
    /// The keys of a role in the double, in the order in which the original lists them, each with whose it is.
    fn of(&mut self, role: &RoleName, keys: &KeyTable, keyids: &[KeyId]) -> Result<Vec<(usize, Key)>, Failure> {
        let mut cast = Vec::new();
        for keyid in keyids {
            let listed = keys.get(keyid);
            let hand = self.hand(role, keyid, listed)?;
            let key = self.listed(hand, role, listed)?;
            if !cast.iter().any(|(have, _)| *have == hand) {
                cast.push((hand, key));
            }
        }
        Ok(cast)
    }

    fn hand(&mut self, role: &RoleName, keyid: &KeyId, listed: Option<&Key>) -> Result<usize, Failure> {
        let physical = listed.and_then(Key::physical).as_ref().map(PhysicalKey::to_string);
        let name = physical.unwrap_or_else(|| keyid.to_string());
        if let Some(hand) = self.by_key.get(&name) {
            return Ok(*hand);
        }
        let is_ed25519 = |key: &Key| {
            key.public()
                .is_ok_and(|public| public.algorithm() == Algorithm::Ed25519)
        };
        let kind = match listed {
            Some(key) if is_ed25519(key) => NewKey::Ed25519,
            _ => NewKey::EcdsaP256,
        };
        let plain: String = role
            .as_str()
            .chars()
            .take(40)
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
            .collect();
        let file = (1..)
            .map(|number| format!("{plain}-{number}"))
            .find(|file| !self.taken.contains(file))
            .unwrap_or_default();
        self.hands.push(Hand::of_kind(self.ports, &self.folder, &file, kind)?);
        self.taken.insert(file);
        self.by_key.insert(name, self.hands.len() - 1);
        Ok(self.hands.len() - 1)
    }

    /// As a document lists it: with its holder's name where the original has one, as a certificate where Notary wants one.
    fn listed(&mut self, hand: usize, role: &RoleName, original: Option<&Key>) -> Result<Key, Failure> {
        match self.dialect {
            Dialect::Tuf1 => {
                let public = self.hands[hand].signer.public();
                Ok(match original.and_then(Key::owner_name) {
                    Some(name) => holders::named_key(public, &name),
                    None => Key::new_tuf1(public),
                })
            }
            Dialect::Notary if *role == RoleName::root() => {
                if let Some(key) = self.certificates.get(&hand) {
                    return Ok(key.clone());
                }
                let key = self.hands[hand].certificate(self.ports, &self.gun)?;
                self.certificates.insert(hand, key.clone());
                Ok(key)
            }
            Dialect::Notary => Ok(self.hands[hand].bare()),
        }
    }

    /// Signs with everybody of a role; `None` when they are too few.
    fn sign(
        &mut self,
        frozen: impl Into<rootward_tuf::AnyFrozen>,
        authority: Option<Authority<'_>>,
        cast: &[(usize, Key)],
    ) -> Result<Option<AnyComplete>, Failure> {
        let frozen = frozen.into();
        let needs = authority.map_or(0, |authority| authority.role.threshold);
        if (cast.len() as u64) < needs {
            return Ok(None);
        }
        let mut signers: Vec<(&mut Hand, &Key)> = Vec::new();
        for (place, hand) in self.hands.iter_mut().enumerate() {
            if let Some((_, key)) = cast.iter().find(|(of, _)| *of == place) {
                signers.push((hand, key));
            }
        }
        signed(frozen, None, authority, &mut signers).map(Some)
    }
}

/// Root and everything below it that can be signed, with who signs what.
struct Made {
    root: AnyComplete,
    body: Root,
    /// Targets first, delegators before those they delegate to.
    targets: Vec<AnyComplete>,
    snapshot: Vec<(usize, Key)>,
    timestamp: Vec<(usize, Key)>,
}

impl Made {
    fn cast(cast: &mut Cast<'_>, original: &Original, server: &[(RoleName, Key)]) -> Result<Self, Failure> {
        let broken = |what: &str, why: &dyn std::fmt::Display| broken_plan(what, why);
        let before = original.root.body();
        let dialect = original.root.dialect();
        let now = cast.ports.clock.now();
        let ends = ends(dialect, before.expires.at, now);
        let mut draft = RootDraft::first(dialect, before.consistent_snapshot, ends);
        let mut of_role = BTreeMap::new();
        for (role, keys) in before.roles() {
            if let Some((_, key)) = server.iter().find(|(of, _)| *of == role) {
                draft.add_key(&role, key.clone());
                continue;
            }
            let listed = cast.of(&role, &before.keys, &keys.keyids)?;
            for (_, key) in &listed {
                draft.add_key(&role, key.clone());
            }
            draft.set_threshold(&role, keys.threshold).leave_unusable(&role);
            of_role.insert(role, listed);
        }
        let frozen = draft.freeze().map_err(|why| broken("root", &why))?;
        let of_root = of_role.remove(&RoleName::root()).unwrap_or_default();
        let root = cast
            .sign(frozen, None, &of_root)?
            .ok_or_else(|| broken("root", &"nobody can sign it"))?;
        let body = match root.as_root() {
            Some(root) => root.verified().body().clone(),
            None => return Err(broken("root", &"it is none")),
        };
        let of_targets = of_role.remove(&RoleName::targets()).unwrap_or_default();
        let targets = below(cast, original, &body, of_targets, now)?;
        Ok(Made {
            root,
            body,
            targets,
            snapshot: of_role.remove(&RoleName::snapshot()).unwrap_or_default(),
            timestamp: of_role.remove(&RoleName::timestamp()).unwrap_or_default(),
        })
    }

    fn named(&self) -> impl Iterator<Item = &AnyComplete> {
        self.targets.iter()
    }
}

/// A delegated role that waits for its turn: who speaks for it, by which keys.
struct Waiting {
    role: RoleName,
    keys: KeyTable,
    role_keys: RoleKeys,
    cast: Vec<(usize, Key)>,
}

/// Targets and every delegated role that has a document and enough keys, from the top.
fn below(
    cast: &mut Cast<'_>,
    original: &Original,
    root: &Root,
    of_targets: Vec<(usize, Key)>,
    now: Instant,
) -> Result<Vec<AnyComplete>, Failure> {
    let mut made: Vec<AnyComplete> = Vec::new();
    let mut waiting = VecDeque::from([Waiting {
        role: RoleName::targets(),
        keys: root.keys.clone(),
        role_keys: root.targets.clone(),
        cast: of_targets,
    }]);
    while let Some(next) = waiting.pop_front() {
        // One that two delegate to is signed for the first.
        if made.iter().any(|have| *have.role() == next.role) {
            continue;
        }
        let Some(before) = original.targets.get(&next.role) else {
            continue;
        };
        let (frozen, delegated) = recast(cast, before, &next.role, now)?;
        let authority = Authority {
            keys: &next.keys,
            role: &next.role_keys,
        };
        let Some(complete) = cast.sign(frozen, Some(authority), &next.cast)? else {
            continue;
        };
        let AnyComplete::Targets(document) = &complete else {
            return Err(broken_plan(next.role.as_str(), &"it is none of targets"));
        };
        if let Some(delegations) = &document.verified().body().delegations {
            for (role, cast) in delegated {
                if let Some(found) = delegations.role(&role) {
                    waiting.push_back(Waiting {
                        role,
                        keys: delegations.keys.clone(),
                        role_keys: found.keys,
                        cast,
                    });
                }
            }
        }
        made.push(complete);
    }
    match made.iter().any(|have| *have.role() == RoleName::targets()) {
        true => Ok(made),
        false => Err(Failure::refusal(
            "draft-refused",
            "nobody could sign targets of this repository: there is nothing to practise on",
        )),
    }
}

type Delegates = Vec<(RoleName, Vec<(usize, Key)>)>;

/// The next version of a document with every delegated key changed for a new one; what else it says stays, whatever it is.
fn recast(
    cast: &mut Cast<'_>,
    before: &Envelope<Targets>,
    role: &RoleName,
    now: Instant,
) -> Result<(rootward_tuf::Frozen<Targets>, Delegates), Failure> {
    let mut draft = TargetsDraft::next(before, role.clone());
    let mut delegated = Delegates::new();
    if let Some(delegations) = &before.body().delegations {
        for old in delegations.roles.iter() {
            let listed = cast.of(&old.name, &delegations.keys, &old.keys.keyids)?;
            let (new, keys) = keyed(&old.keys, &listed);
            let new = DelegatedRole { keys: new, ..old };
            draft.add_delegation(&new, &keys).leave_unusable(&new.name);
            delegated.push((new.name, listed));
        }
        if let Some(bins) = &delegations.succinct {
            let listed = cast.of(role, &delegations.keys, &bins.keys.keyids)?;
            let (new, keys) = keyed(&bins.keys, &listed);
            let mut bins = bins.clone();
            bins.keys = new;
            draft.set_succinct(&bins, &keys);
            for number in 0..(1_u64 << bins.bits.min(11)) {
                let width = (bins.bits as usize).div_ceil(4);
                let name = format!("{}-{number:0width$x}", bins.name_prefix);
                delegated.extend(RoleName::new(name).ok().map(|name| (name, listed.clone())));
            }
        }
    }
    let ends_at = before.body().expires.at;
    let ends = ends(before.dialect(), ends_at, now);
    if ends != ends_at {
        draft.set_expires(ends);
    }
    let frozen = draft.freeze().map_err(|why| broken_plan(role.as_str(), &why))?;
    Ok((frozen, delegated))
}

fn keyed(old: &RoleKeys, listed: &[(usize, Key)]) -> (RoleKeys, Vec<Key>) {
    let keys: Vec<Key> = listed.iter().map(|(_, key)| key.clone()).collect();
    let new = RoleKeys {
        keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
        threshold: old.threshold,
    };
    (new, keys)
}

/// A Notary server takes nothing that has ended: there it ends tomorrow, and the officer sees it expire.
fn ends(dialect: Dialect, at: Instant, now: Instant) -> Instant {
    match dialect {
        Dialect::Notary if at <= now => in_days(now, 1),
        Dialect::Notary | Dialect::Tuf1 => at,
    }
}

async fn in_a_folder(ports: &Ports, original: &Original, place: &Path) -> Result<Doubled, Failure> {
    let mut cast = Cast {
        ports,
        folder: place.join("keys"),
        dialect: Dialect::Tuf1,
        hands: Vec::new(),
        by_key: BTreeMap::new(),
        taken: BTreeSet::new(),
        certificates: BTreeMap::new(),
        gun: String::new(),
    };
    let made = Made::cast(&mut cast, original, &[])?;
    let now = ports.clock.now();
    let unsigned = |role: &str| {
        let message = format!("nobody could sign {role} of this repository: there is nothing to practise on");
        Failure::refusal("draft-refused", message)
    };
    let mut draft = SnapshotDraft::first(Dialect::Tuf1, original.snapshot_ends.unwrap_or(in_days(now, 7)));
    for document in made.named() {
        draft.list(document);
    }
    let frozen = draft.freeze().map_err(|why| broken_plan("snapshot", &why))?;
    let authority = Authority {
        keys: &made.body.keys,
        role: &made.body.snapshot,
    };
    let snapshot = cast
        .sign(frozen, Some(authority), &made.snapshot)?
        .ok_or_else(|| unsigned("snapshot"))?;
    let ends = original.timestamp_ends.unwrap_or(in_days(now, 1));
    let draft = TimestampDraft::first(Dialect::Tuf1, &snapshot.meta_entry(), ends);
    let frozen = draft.freeze().map_err(|why| broken_plan("timestamp", &why))?;
    let authority = Authority {
        keys: &made.body.keys,
        role: &made.body.timestamp,
    };
    let timestamp = cast
        .sign(frozen, Some(authority), &made.timestamp)?
        .ok_or_else(|| unsigned("timestamp"))?;
    let source = SourceSpec::Folder {
        path: place.join("metadata").display().to_string(),
        gun: None,
    };
    let documents = [&made.root]
        .into_iter()
        .chain(&made.targets)
        .chain([&snapshot, &timestamp]);
    let publication = Publication {
        dialect: Dialect::Tuf1,
        consistent_snapshot: made.body.consistent_snapshot,
        documents: documents.map(super::workbench::document).collect(),
        root_last: false,
        builds_on: (0, [0; 32]),
    };
    super::publish(ports, &source, publication).await?;
    Ok(Doubled {
        source,
        first_root: made.root.file_bytes().to_vec(),
    })
}

async fn on_a_server(ports: &Ports, original: &Original, place: &Path, name: &str) -> Result<Doubled, Failure> {
    let gun = original
        .gun
        .clone()
        .unwrap_or_else(|| format!("registry.practice/clones/{name}"));
    let spec = SourceSpec::Notary {
        url: format!("practice://{name}"),
        gun: gun.clone(),
        ca_file: None,
        user: None,
    };
    let mut cast = Cast {
        ports,
        folder: place.join("keys"),
        dialect: Dialect::Notary,
        hands: Vec::new(),
        by_key: BTreeMap::new(),
        taken: BTreeSet::new(),
        certificates: BTreeMap::new(),
        gun,
    };
    let mut held = vec![RoleName::timestamp()];
    if !original.client_snapshot {
        held.push(RoleName::snapshot());
    }
    let mut server = Vec::new();
    for role in held {
        let key = server_key(ports, &spec, role.clone()).await?;
        server.push((role, key));
    }
    let made = Made::cast(&mut cast, original, &server)?;
    let mut documents: Vec<&AnyComplete> = vec![&made.root];
    documents.extend(&made.targets);
    let snapshot = match original.client_snapshot {
        true => Some(clients_snapshot(&mut cast, original, &made)?),
        false => None,
    };
    documents.extend(&snapshot);
    upload(ports, &spec, &documents, None).await?;
    Ok(Doubled {
        source: spec,
        first_root: made.root.file_bytes().to_vec(),
    })
}

fn clients_snapshot(cast: &mut Cast<'_>, original: &Original, made: &Made) -> Result<AnyComplete, Failure> {
    let now = cast.ports.clock.now();
    let ends = ends(Dialect::Notary, original.snapshot_ends.unwrap_or(now), now);
    let mut draft = SnapshotDraft::first(Dialect::Notary, ends);
    for document in [&made.root].into_iter().chain(made.named()) {
        draft.list(document);
    }
    let frozen = draft.freeze().map_err(|why| broken_plan("snapshot", &why))?;
    let authority = Authority {
        keys: &made.body.keys,
        role: &made.body.snapshot,
    };
    cast.sign(frozen, Some(authority), &made.snapshot)?
        .ok_or_else(|| broken_plan("snapshot", &"nobody can sign it"))
}
