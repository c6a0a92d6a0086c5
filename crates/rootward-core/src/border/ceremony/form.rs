//! What the forms of a change offer: roles with their keys, keys that could join, ways back from what went wrong.

use std::path::Path;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::encoding::hex;
use rootward_tuf::key::{Key, KeyTable};
use rootward_tuf::metadata::{PathSet, RoleKeys, Target, Targets};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Expiry;

use crate::border::{
    ChangeFormView, Custody, FormRole, KeyFileView, KeyHolder, Recovery, RecoveryView, RotationKey, Sentence,
    ServerRole, SlotView, TargetFileView, TargetRow, TargetsView, TokenKeyKind, TokensView, Voice, WishedEdit, visible,
};
use crate::ceremony::{ChangeStart, vouches};
use crate::keyring;
use crate::ports::{Disk, Failure, KeyFacts};
use crate::repositories::days_left;

/// Older roots that a form offers legacy signatures for, at most.
const MOST_LEGACY: u64 = 20;

/// Roles that a form lists, at most.
const MOST_ROLES: usize = 400;

/// Files that are vouched for are read whole, up to here.
const LARGEST_FILE: u64 = 4 << 30;

/// Files that are listed at once, at most.
const MOST_TARGETS: usize = 50;

impl ChangeFormView {
    /// The roles that were proven, `wanted` among them, and what could join: key files and slots.
    pub fn of(start: &ChangeStart, tokens: &TokensView, wanted: Option<&str>) -> Self {
        let root = start.root.body();
        let dialect = start.root.dialect();
        let form = Form { start, tokens };
        let all = form.roles();
        let (first, rest) = all.split_at(all.len().min(MOST_ROLES));
        let asked = rest.iter().filter(|role| Some(role.role.as_str()) == wanted);
        let roles: Vec<FormRole> = first.iter().chain(asked).cloned().collect();
        ChangeFormView {
            repository: start.repository.id.clone(),
            repository_name: visible(&start.repository.name),
            practice: start.repository.practice,
            dialect: dialect.into(),
            root_version: root.version,
            read_at: start.read_at.map(|at| at.to_string()),
            open_ceremony: start.open.clone(),
            more: (all.len() - roles.len()) as u32,
            legacy: match dialect {
                Dialect::Notary => root.version.saturating_sub(1).min(MOST_LEGACY) as u32,
                Dialect::Tuf1 => 0,
            },
            recoveries: form.recoveries(&all),
            roles,
            key_files: start.at_hand.iter().map(KeyFileView::of).collect(),
            slots: SlotView::offered(tokens),
            kinds: vec![TokenKeyKind::P256, TokenKeyKind::P384],
        }
    }
}

impl TargetsView {
    /// The first files whose path has `search` in it.
    ///
    /// Refuses with `metadata-not-found` a role of which no document was proven.
    pub fn of(start: &ChangeStart, role: &str, search: &str) -> Result<Self, Failure> {
        let known = start.known();
        let listed = known.targets_of(role).ok_or_else(|| {
            let message = format!("no document of {} was proven here", visible(role));
            Failure::refusal("metadata-not-found", message).with("role", role)
        })?;
        let targets = &listed.body().targets;
        let (mut matched, mut rows) = (0, Vec::new());
        for (path, target) in targets.iter().filter(|(path, _)| path.contains(search)) {
            matched += 1;
            // What cannot be shown as it is cannot be chosen here either.
            if rows.len() < MOST_TARGETS && visible(&path) == *path {
                let digest = |name: &str| {
                    let digest = target.hashes.get(name)?;
                    Some(format!("{name}:{}", hex(digest)))
                };
                rows.push(TargetRow {
                    path: path.to_string(),
                    length: target.length,
                    digest: digest("sha256").or_else(|| digest("sha512")),
                });
            }
        }
        Ok(TargetsView {
            role: role.to_owned(),
            total: targets.len() as u32,
            matched,
            rows,
        })
    }
}

impl TargetFileView {
    /// What a role would say of a file. Fails with `metadata-not-found` when it cannot be read.
    pub fn of(disk: &dyn Disk, path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let bytes = disk.read(path, LARGEST_FILE).map_err(|why| {
            let message = format!("{} cannot be read: {why}", visible(&shown));
            Failure::fault("metadata-not-found", message).with("path", &shown)
        })?;
        let target = Target::of(&bytes);
        let digest = |name: &str| target.hashes.get(name).map(hex).unwrap_or_default();
        Ok(TargetFileView {
            file: visible(&shown),
            length: target.length,
            sha256: digest("sha256"),
            sha512: digest("sha512"),
        })
    }
}

struct Form<'a> {
    start: &'a ChangeStart,
    tokens: &'a TokensView,
}

impl Form<'_> {
    /// Those of root in root's order, then every delegation. A name that cannot be shown as it is, no form can ask for.
    fn roles(&self) -> Vec<FormRole> {
        let root = self.start.root.body();
        let known = self.start.known();
        let mut roles: Vec<FormRole> = Vec::new();
        for name in ["root", "targets", "snapshot", "timestamp"] {
            let role = RoleName::new(name).ok().and_then(|name| root.role(&name).cloned());
            roles.extend(role.map(|keys| self.role(name, "root", &root.keys, &keys)));
        }
        for (by, targets) in &known.targets {
            let Some(delegations) = &targets.body().delegations else {
                continue;
            };
            let siblings = delegations.roles.len() as u32;
            for (place, delegated) in delegations.roles.iter().enumerate() {
                let (paths, hash_prefixes) = match &delegated.paths {
                    PathSet::HashPrefixes(list) => (Vec::new(), shown(list)),
                    PathSet::Patterns(list) | PathSet::Prefixes(list) => (shown(list), Vec::new()),
                };
                roles.push(FormRole {
                    paths,
                    hash_prefixes,
                    terminating: delegated.terminating,
                    place: Some(place as u32 + 1),
                    siblings,
                    ..self.role(delegated.name.as_str(), by.as_str(), &delegations.keys, &delegated.keys)
                });
            }
            let bins = delegations.succinct.as_ref().map(|succinct| {
                let bins = known.targets.iter().filter(|(role, _)| succinct.role(role).is_some());
                bins.map(|(role, _)| FormRole {
                    succinct: true,
                    ..self.role(role.as_str(), by.as_str(), &delegations.keys, &succinct.keys)
                })
                .collect::<Vec<_>>()
            });
            roles.extend(bins.unwrap_or_default());
        }
        roles.retain(|role| visible(&role.role) == role.role && visible(&role.by) == role.by);
        roles
    }

    fn role(&self, role: &str, by: &str, table: &KeyTable, keys: &RoleKeys) -> FormRole {
        let known = self.start.known();
        let dialect = self.start.root.dialect();
        let targets: Option<&Targets> = known.targets_of(role).map(|targets| targets.body());
        let ends: Option<(u64, &Expiry)> = match role {
            "root" => Some((self.start.root.version(), &self.start.root.body().expires)),
            "snapshot" => self
                .start
                .outcome
                .snapshot
                .as_ref()
                .map(|it| (it.version(), &it.body().expires)),
            "timestamp" => self
                .start
                .outcome
                .timestamp
                .as_ref()
                .map(|it| (it.version(), &it.body().expires)),
            _ => targets.map(|targets| (targets.version, &targets.expires)),
        };
        let shown = self.keys(table, keys);
        let server = server_role(role, dialect);
        FormRole {
            kind: super::plan::kind(role),
            version: ends.map(|(version, _)| version),
            expires: ends.map(|(_, ends)| visible(&ends.text)),
            days_left: ends.map(|(_, ends)| days_left(ends, self.start.now)),
            threshold: u32::try_from(keys.threshold).unwrap_or(u32::MAX),
            holder: match server {
                ServerRole::Never => KeyHolder::People,
                ServerRole::Always => KeyHolder::Server,
                ServerRole::Either if shown.iter().any(|key| key.key.is_some()) => KeyHolder::People,
                ServerRole::Either => KeyHolder::Unknown,
            },
            keys: shown,
            server,
            vouches: vouches(role),
            targets: targets.map(|targets| targets.targets.len() as u32),
            paths: Vec::new(),
            hash_prefixes: Vec::new(),
            terminating: false,
            place: None,
            siblings: 0,
            succinct: false,
            role: role.to_owned(),
            by: by.to_owned(),
        }
    }

    fn keys(&self, table: &KeyTable, role: &RoleKeys) -> Vec<RotationKey> {
        let listed = role.keyids.iter().filter_map(|keyid| table.get(keyid));
        listed.filter_map(|key| self.key(key)).collect()
    }

    fn key(&self, key: &Key) -> Option<RotationKey> {
        let physical = key.physical()?;
        let file = self
            .start
            .at_hand
            .iter()
            .find(|file| file.public.physical() == physical);
        let written = physical.to_string();
        let slot = all_slots(self.tokens).find(|slot| slot.physical_key.as_deref() == Some(written.as_str()));
        let canonical = key.canonical_keyid();
        let (custody, at, place) = match (slot, file) {
            (Some(slot), _) => (Custody::Token, Some(slot.key.clone()), Some(slot.label.clone())),
            (None, Some(file)) => (
                Custody::at(&file.reference),
                Some(keyring::written(&file.reference)),
                Some(visible(&keyring::label(&file.reference))),
            ),
            (None, None) => (Custody::Unknown, None, None),
        };
        Some(RotationKey {
            physical_key: written,
            keyid: visible(key.keyid().as_str()),
            canonical_keyid: (canonical != *key.keyid()).then(|| visible(canonical.as_str())),
            name: key
                .owner_name()
                .or_else(|| self.start.given.get(&physical).cloned())
                .or_else(|| file.and_then(|file| file.name.clone()))
                .map(|name| visible(&name)),
            scheme: visible(key.scheme()),
            custody,
            key: at,
            place,
        })
    }

    /// What may have gone wrong and has a way back, what is seen to be so first.
    fn recoveries(&self, roles: &[FormRole]) -> Vec<RecoveryView> {
        let notary = self.start.root.dialect() == Dialect::Notary;
        let issued_by_server = |role: &FormRole| notary && role.by == "root" && role.server != ServerRole::Never;
        let ended = roles
            .iter()
            .filter(|role| role.days_left.is_some_and(|days| days < 0) && !issued_by_server(role));
        let mut ended: Vec<&str> = ended.map(|role| role.role.as_str()).collect();
        ended.dedup();
        let mut recoveries = Vec::new();
        if !ended.is_empty() {
            let has = if ended.len() == 1 { " has" } else { " have" };
            recoveries.push(RecoveryView {
                recovery: Recovery::Ended,
                says: Sentence::warning("").list(Voice::Subject, &ended).plain(format!(
                    "{has} ended: clients refuse what depends on it. Each is signed again with a new end."
                )),
                is_so: true,
                edits: vec![WishedEdit::EndsBefore {
                    before: self.start.now.to_seconds_text(),
                    at: None,
                }],
            });
        }
        let snapshot = roles.iter().find(|role| role.role == "snapshot");
        let lost = snapshot.map(|snapshot| match notary {
            true => (
                "The snapshot key is lost. The server makes a new one and signs the snapshot from then on; root's keys sign that \
                 it counts.",
                WishedEdit::ServerKey {
                    role: "snapshot".into(),
                },
            ),
            false => (
                "The snapshot key is lost. Root names another one, and snapshot and timestamp are signed again.",
                WishedEdit::Keys {
                    role: "snapshot".into(),
                    by: None,
                    remove: snapshot.keys.iter().map(|key| key.physical_key.clone()).collect(),
                    add: Vec::new(),
                    threshold: None,
                },
            ),
        });
        recoveries.extend(lost.map(|(says, edit)| RecoveryView {
            recovery: Recovery::SnapshotKeyLost,
            says: Sentence::note(says),
            is_so: false,
            edits: vec![edit],
        }));
        recoveries.push(RecoveryView {
            recovery: Recovery::RootKeyStolen,
            says: Sentence::note(
                "A root key is stolen, and its old copy still in hand: root and every role that the thief could have taken over get \
                 other keys, in one publication, so that the thief is locked out at once.",
            ),
            is_so: false,
            edits: Vec::new(),
        });
        recoveries
    }
}

impl SlotView {
    /// Slots with a key, then empty ones in which one can be born.
    pub fn offered(tokens: &TokensView) -> Vec<SlotView> {
        let usable = |slot: &&SlotView| slot.physical_key.is_some() || !slot.occupied;
        let mut slots: Vec<SlotView> = all_slots(tokens).filter(usable).cloned().collect();
        slots.sort_by_key(|slot| !slot.occupied);
        slots
    }
}

fn all_slots(tokens: &TokensView) -> impl Iterator<Item = &SlotView> {
    let usable = tokens.tokens.iter().filter(|token| token.trouble.is_none());
    usable.flat_map(|token| &token.slots)
}

/// Whether a server can hold the key of a role.
pub(super) fn server_role(role: &str, dialect: Dialect) -> ServerRole {
    match (dialect, role) {
        (Dialect::Notary, "snapshot") => ServerRole::Either,
        (Dialect::Notary, "timestamp") => ServerRole::Always,
        _ => ServerRole::Never,
    }
}

fn shown(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| visible(text)).collect()
}

impl KeyFileView {
    /// A key file the desk knows.
    pub fn of(file: &keyring::KeyAtHand) -> Self {
        KeyFileView {
            custody: Custody::at(&file.reference),
            key: keyring::written(&file.reference),
            path: visible(keyring::written(&file.reference).trim_start_matches("file:")),
            physical_key: Some(file.public.physical().to_string()),
            algorithm: Some(file.public.algorithm().as_str().into()),
            encrypted: file.encrypted,
            name: file.name.as_deref().map(visible),
            kept_for: file.role.as_deref().map(visible),
        }
    }

    /// A key file just looked at.
    pub fn of_facts(facts: &KeyFacts) -> Self {
        let written = keyring::written(&facts.reference);
        KeyFileView {
            path: visible(written.trim_start_matches("file:")),
            custody: Custody::at(&facts.reference),
            key: written,
            physical_key: facts.public.as_ref().map(|public| public.physical().to_string()),
            algorithm: facts.public.as_ref().map(|public| public.algorithm().as_str().into()),
            encrypted: facts.encrypted,
            name: facts.name.as_deref().map(visible),
            kept_for: None,
        }
    }
}
