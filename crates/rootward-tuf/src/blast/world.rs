//! Small repositories whose keys have letters, and what becomes of them in one line.

use std::collections::BTreeSet;

use crate::blast::{Blast, Exception, Ground, How, Step, Territory, Writers, blast};
use crate::dialect::Dialect;
use crate::draft::{Complete, RootDraft, TargetsDraft, TimestampDraft};
use crate::key::{Key, KeyTable, PhysicalKey};
use crate::metadata::{DelegatedRole, Envelope, MetaEntry, PathSet, RoleKeys, Root, Target, Targets, Timestamp};
use crate::role::RoleName;
use crate::testing::{GUN, LATER, Officer, at};
use crate::verify::Verified;

/// Documents whose keys have letters.
pub(super) struct World {
    pub(super) dialect: Dialect,
    pub(super) root: Verified<Root>,
    pub(super) timestamp: Envelope<Timestamp>,
    pub(super) documents: Vec<(RoleName, Envelope<Targets>)>,
}

/// A delegation: name, keys, threshold, paths, and whether it is terminating.
pub(super) type Below<'a> = (&'a str, &'a str, u64, &'a [&'a str], bool);

pub(super) fn person(letter: char) -> Officer {
    Officer::p256(u8::try_from(letter).unwrap())
}

pub(super) fn key(letter: char, dialect: Dialect) -> Key {
    match dialect {
        Dialect::Tuf1 => person(letter).key(),
        Dialect::Notary => Key::new_notary_bare(&person(letter).public),
    }
}

pub(super) fn role(name: &str) -> RoleName {
    RoleName::new(name).unwrap()
}

pub(super) fn keys_of(letters: &str) -> BTreeSet<PhysicalKey> {
    letters.chars().map(|letter| person(letter).public.physical()).collect()
}

impl World {
    /// `keys` are those of root, targets, snapshot and timestamp, with the threshold of the first two.
    pub(super) fn new(
        dialect: Dialect,
        keys: [&str; 4],
        thresholds: [u64; 2],
        documents: &[(&str, &[&str], &[Below<'_>])],
    ) -> World {
        let mut draft = RootDraft::first(dialect, dialect == Dialect::Tuf1, at(LATER));
        let names = [
            RoleName::root(),
            RoleName::targets(),
            RoleName::snapshot(),
            RoleName::timestamp(),
        ];
        for (name, letters) in names.iter().zip(keys) {
            for letter in letters.chars() {
                let key = match (dialect, name.as_str()) {
                    (Dialect::Notary, "root") => person(letter).certificate(GUN, 1),
                    _ => key(letter, dialect),
                };
                draft.add_key(name, key);
            }
        }
        draft
            .set_threshold(&names[0], thresholds[0])
            .set_threshold(&names[1], thresholds[1]);
        let frozen = draft.freeze().unwrap();
        let sign = |letter: char, key: &Key| person(letter).signs(key, &frozen);
        let signatures = keys[0]
            .chars()
            .map(|letter| match dialect {
                Dialect::Tuf1 => sign(letter, &key(letter, dialect)),
                Dialect::Notary => sign(letter, &person(letter).certificate(GUN, 1)),
            })
            .collect();
        let root = frozen.complete(None, signatures).ok().unwrap();
        let documents: Vec<(RoleName, Complete<Targets>)> = documents
            .iter()
            .map(|(name, targets, below)| (role(name), document(dialect, name, targets, below)))
            .collect();
        let entry = MetaEntry {
            version: (dialect == Dialect::Tuf1).then_some(1),
            ..MetaEntry::of(b"snapshot", 1, dialect)
        };
        let timestamp = TimestampDraft::first(dialect, &entry, at(LATER)).freeze().unwrap();
        World {
            dialect,
            root: root.verified().clone(),
            timestamp: timestamp.envelope().clone(),
            documents: documents
                .into_iter()
                .map(|(name, document)| (name, document.verified().envelope().clone()))
                .collect(),
        }
    }

    pub(super) fn stolen(&self, letters: &str) -> Blast<'_> {
        let mut ground = Ground::at(&self.root);
        ground.gun = (self.dialect == Dialect::Notary).then_some(GUN);
        ground.timestamp = Some(&self.timestamp);
        for (name, document) in &self.documents {
            ground.documents.insert(name, document);
        }
        blast(ground, &keys_of(letters))
    }

    /// Reached roles, territories and repairs in one line each.
    pub(super) fn told(&self, letters: &str) -> [String; 3] {
        let blast = self.stolen(letters);
        [reached(&blast), territories(&blast.territories), repairs(&blast)]
    }
}

/// A document that everybody it could concern has signed.
pub(super) fn document(dialect: Dialect, name: &str, targets: &[&str], below: &[Below<'_>]) -> Complete<Targets> {
    let mut draft = TargetsDraft::first(dialect, role(name), at(LATER));
    for path in targets {
        draft.add_target(path, &Target::of(path.as_bytes()));
    }
    for (name, letters, threshold, paths, terminating) in below {
        let keys: Vec<Key> = letters.chars().map(|letter| key(letter, dialect)).collect();
        let texts: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let delegation = DelegatedRole {
            name: role(name),
            keys: RoleKeys {
                keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
                threshold: *threshold,
            },
            paths: match dialect {
                Dialect::Notary => PathSet::Prefixes(texts),
                Dialect::Tuf1 if texts.iter().all(|text| text.starts_with('#')) => {
                    PathSet::HashPrefixes(texts.iter().map(|text| text[1..].to_owned()).collect())
                }
                Dialect::Tuf1 => PathSet::Patterns(texts),
            },
            terminating: *terminating,
        };
        draft.add_delegation(&delegation, &keys);
    }
    let frozen = draft.freeze().unwrap();
    let keys: Vec<Key> = ('A'..='H').map(|letter| key(letter, dialect)).collect();
    let signatures = ('A'..='H')
        .zip(&keys)
        .map(|(letter, key)| person(letter).signs(key, &frozen))
        .collect();
    let everybody = RoleKeys {
        keyids: keys.iter().map(|key| key.keyid().clone()).collect(),
        threshold: 1,
    };
    frozen
        .complete(&KeyTable::new(keys), &everybody, signatures)
        .ok()
        .unwrap()
}

pub(super) fn reached(blast: &Blast<'_>) -> String {
    let told = blast
        .reaches
        .iter()
        .filter(|reach| !reach.stolen.is_empty() || reach.is_reached());
    let told = told.map(|reach| match &reach.how {
        How::Alone => reach.role.to_string(),
        How::Through(above) => format!("{}<{above}", reach.role),
        How::With { lacking } => format!("{}-{lacking} of {}", reach.role, reach.others.len()),
        How::Never => format!("{} never", reach.role),
    });
    told.collect::<Vec<_>>().join(", ")
}

pub(super) fn territories(territories: &[Territory]) -> String {
    let told = territories.iter().map(|territory| {
        let who = match &territory.writers {
            Writers::Roles(roles) => roles.iter().map(RoleName::as_str).collect::<Vec<_>>().join("+"),
            Writers::Bins { name_prefix, count, .. } => format!("{count}*{name_prefix}"),
        };
        let mut what: Vec<String> = territory.extent.patterns.iter().map(|list| list.join("|")).collect();
        let digests = territory.extent.digests.iter();
        what.extend(digests.map(|digests| format!("#{}", digests.prefixes().collect::<Vec<_>>().join("|#"))));
        what.extend(
            territory
                .extent
                .prefixes
                .iter()
                .map(|prefixes| format!("{}…", prefixes.join("…|"))),
        );
        let except: Vec<String> = territory
            .except
            .iter()
            .map(|exception| match exception {
                Exception::Listed { role, .. } => format!(" but {role}'s"),
                Exception::Ended { role, .. } => format!(" but at {role}"),
                Exception::AskedFor { by, .. } => format!(" but as {by} says"),
            })
            .collect();
        let sure = if territory.is_exact { "" } else { "?" };
        format!("{who}: {}{}{sure}", what.join("&"), except.concat())
    });
    told.collect::<Vec<_>>().join("; ")
}

pub(super) fn repairs(blast: &Blast<'_>) -> String {
    let names = |roles: &[RoleName]| roles.iter().map(RoleName::as_str).collect::<Vec<_>>().join("+");
    let told = blast.repairs.iter().map(|repair| {
        let step = match &repair.step {
            Step::Root { rekeyed } => format!("root({})", names(rekeyed)),
            Step::OutOfBand {
                rekeyed,
                copies_would_do,
            } => format!("outside({}){}", names(rekeyed), if *copies_would_do { "!" } else { "" }),
            Step::Documents {
                roles,
                compare,
                rekeyed,
            } => format!(
                "{}{}({})",
                if *compare { "~" } else { "" },
                names(roles),
                names(rekeyed)
            ),
            Step::Check { roles } => format!("check {}", names(roles)),
            Step::Online { .. } => "online".to_owned(),
        };
        match &repair.hands {
            Some(hands) if hands.fresh => format!("{step} by new keys"),
            Some(hands) if hands.are_enough() => format!("{step} by {} of {}", hands.threshold, hands.left.len()),
            Some(hands) => format!("{step} NOT by {} of {}", hands.threshold, hands.left.len()),
            None => step,
        }
    });
    told.collect::<Vec<_>>().join("; ")
}
