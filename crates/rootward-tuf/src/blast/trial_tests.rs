//! Everything that is said to be possible is tried: documents are written and signed with the stolen keys, and real clients
//! search for real paths.

use std::collections::BTreeSet;

use crate::blast::{Blast, Ground, How, blast};
use crate::dialect::Dialect;
use crate::draft::{Complete, RootDraft, SnapshotDraft, TargetsDraft, TimestampDraft};
use crate::json;
use crate::key::{Key, KeyTable, PhysicalKey};
use crate::metadata::{DelegatedRole, MetaEntry, PathSet, RoleKeys, Root, Target, Targets, read};
use crate::role::RoleName;
use crate::testing::{Dice, GUN, LATER, Made, NOW, Officer, Shelf, at, signed_document};
use crate::verify::Tally;
use crate::walk::{Extent, Outcome, Sought, WalkInput, Walker};

/// Paths that every search is made for: some for each kind of pattern, prefix and digest.
const PATHS: [&str; 10] = ["a", "b", "ab", "a/x", "a/y", "b/x", "v1", "v2", "a/x/y", "c"];

/// Repositories tried.
const ROUNDS: usize = 12;

/// A repository with few keys in many places.
struct Trial {
    made: Made,
    people: Vec<Officer>,
    /// Every role below root by name, with the keys of those who may sign it.
    documents: Vec<(RoleName, Complete<Targets>)>,
}

impl Trial {
    fn new(dialect: Dialect, dice: &mut Dice) -> Trial {
        let people: Vec<Officer> = (60..65).map(Officer::ed25519).collect();
        let key = |person: &Officer| listed(person, dialect);
        let names: Vec<&str> = match dialect {
            Dialect::Tuf1 => vec!["red", "green", "blue", "grey"],
            Dialect::Notary => vec![
                "targets/releases",
                "targets/red",
                "targets/releases/sub",
                "targets/red/sub",
            ],
        };
        let kind = dice.roll(3);
        let delegation = |name: &str, dice: &mut Dice| {
            let mut keyids: Vec<_> = people[..4].iter().map(|person| key(person).keyid().clone()).collect();
            while keyids.len() > 1 && dice.roll(3) > 0 {
                keyids.remove(dice.roll(keyids.len()));
            }
            DelegatedRole {
                name: RoleName::new(name).unwrap(),
                keys: RoleKeys {
                    threshold: 1 + dice.roll(keyids.len().min(2)) as u64,
                    keyids,
                },
                paths: path_set(dialect, kind, dice),
                terminating: dialect == Dialect::Tuf1 && dice.roll(3) == 0,
            }
        };
        // Whom each document delegates to: anybody in TUF, circles and two parents included.
        let below = |parent: &str, dice: &mut Dice| -> Vec<DelegatedRole> {
            let mut roles = Vec::new();
            for name in &names {
                let fits = match dialect {
                    Dialect::Tuf1 => *name != parent && dice.roll(if parent == "targets" { 2 } else { 3 }) == 0,
                    Dialect::Notary => {
                        name.rsplit_once('/').is_some_and(|(above, _)| above == parent) && dice.roll(4) > 0
                    }
                };
                if fits {
                    roles.push(delegation(name, dice));
                }
            }
            if dice.roll(2) == 0 {
                roles.reverse();
            }
            roles
        };
        let keys: Vec<Key> = people.iter().map(key).collect();
        let table = KeyTable::new(keys.clone());
        let mut documents = Vec::new();
        for name in std::iter::once(&"targets").chain(&names) {
            let role = RoleName::new(*name).unwrap();
            let mut draft = TargetsDraft::first(dialect, role.clone(), at(LATER));
            for path in PATHS.iter().filter(|_| dice.roll(5) == 0) {
                draft.add_target(path, &Target::of(name.as_bytes()));
            }
            for role in below(name, dice) {
                draft.add_delegation(&role, &keys);
            }
            let frozen = draft.freeze().unwrap();
            let everybody = RoleKeys {
                keyids: table.iter().map(|key| key.keyid().clone()).collect(),
                threshold: 1,
            };
            // All of them sign: enough for whoever delegates here.
            let signatures = people
                .iter()
                .map(|person| person.signs(&key(person), &frozen))
                .collect();
            documents.push((role, frozen.complete(&table, &everybody, signatures).ok().unwrap()));
        }
        let mut made = Made::new(dialect);
        let mut root = RootDraft::next(made.root.verified());
        root.replace_keys(&RoleName::targets(), keys[3..].to_vec());
        root.set_threshold(&RoleName::targets(), 2);
        let frozen = root.freeze().unwrap();
        let signatures = made.officers[..2]
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let before = made.root.verified().clone();
        made.root = frozen.complete(Some(&before), signatures).ok().unwrap();
        made.put_root();
        let mut trial = Trial {
            made,
            people,
            documents,
        };
        let files: Vec<(RoleName, u64, Vec<u8>)> = trial
            .documents
            .iter()
            .map(|(role, document)| (role.clone(), document.version(), document.file_bytes().to_vec()))
            .collect();
        trial.made.shelf = trial.published(&files);
        trial
    }

    /// A shelf on which whoever runs the online keys vouches for these files.
    fn published(&self, files: &[(RoleName, u64, Vec<u8>)]) -> Shelf {
        let dialect = self.made.dialect;
        let mut shelf = self.made.shelf.clone();
        let mut snapshot = SnapshotDraft::first(dialect, at(LATER));
        for (role, version, file) in files {
            snapshot.set_meta(role, &MetaEntry::of(file, *version, dialect));
            shelf.put(&format!("{version}.{role}"), file);
            shelf.put(role.as_str(), file);
        }
        if dialect == Dialect::Notary {
            snapshot.set_meta(&RoleName::root(), &self.made.root.meta_entry());
        }
        let snapshot = self.made.complete(snapshot.freeze().unwrap());
        let timestamp = TimestampDraft::first(dialect, &snapshot.meta_entry(), at(LATER));
        let timestamp = self.made.complete(timestamp.freeze().unwrap());
        shelf.put("1.snapshot", snapshot.file_bytes());
        shelf.put("snapshot", snapshot.file_bytes());
        shelf.put("timestamp", timestamp.file_bytes());
        shelf
    }

    fn input(&self) -> WalkInput {
        self.made.input("1.root", NOW)
    }

    fn outcome(&self) -> Outcome {
        let outcome = self.made.shelf.walk(self.input());
        assert!(outcome.accepted && outcome.refused.is_empty(), "{:?}", outcome.refused);
        outcome
    }

    /// The next version of a role that lists every path as the thief wants it, signed by the stolen keys alone.
    fn forged(&self, place: usize, stolen: &[usize]) -> (RoleName, u64, Vec<u8>) {
        let (role, document) = &self.documents[place];
        let mut draft = TargetsDraft::next(document.verified(), role.clone());
        for path in PATHS {
            draft.add_target(path, &Target::of(b"evil"));
        }
        let frozen = draft.freeze().unwrap();
        let keys: Vec<Key> = self
            .people
            .iter()
            .map(|person| listed(person, self.made.dialect))
            .collect();
        let signers: Vec<(&Officer, &Key)> = stolen
            .iter()
            .map(|&place| (&self.people[place], &keys[place]))
            .collect();
        let signed = frozen.envelope().raw().get("signed").unwrap();
        let file = signed_document(signed, &signers);
        (role.clone(), frozen.version(), file)
    }

    /// Everything the thief can write: the next version of each role with his signatures.
    fn forgeries(&self, stolen: &[usize]) -> Vec<(RoleName, u64, Vec<u8>)> {
        (0..self.documents.len())
            .map(|place| self.forged(place, stolen))
            .collect()
    }

    /// The paths that some client takes from the thief once these roles are forged and those are not listed.
    fn taken(
        &self,
        forgeries: &[(RoleName, u64, Vec<u8>)],
        forged: &[usize],
        hidden: &[usize],
    ) -> BTreeSet<&'static str> {
        let files: Vec<(RoleName, u64, Vec<u8>)> = (0..self.documents.len())
            .filter(|place| !hidden.contains(place))
            .map(|place| {
                if forged.contains(&place) {
                    return forgeries[place].clone();
                }
                let (role, document) = &self.documents[place];
                (role.clone(), document.version(), document.file_bytes().to_vec())
            })
            .collect();
        let shelf = self.published(&files);
        let mut walker = Walker::begin(WalkInput {
            extent: Extent::TopLevel,
            ..self.input()
        })
        .unwrap();
        while let crate::walk::Next::Fetch(request) = walker.next() {
            walker.supply(shelf.answer(&request));
        }
        let Ok(mut seeker) = walker.into_seeker() else {
            return BTreeSet::new();
        };
        let evil = Target::of(b"evil");
        let taken = PATHS.into_iter().filter(|path| {
            let sought = seeker.run(path, |request| shelf.answer(request));
            matches!(sought, Sought::Found { target, .. } if target == evil)
        });
        taken.collect()
    }

    /// The roles whose forgery is signed well enough for some role that delegates to them: a Notary server takes no other.
    fn good(&self, forgeries: &[(RoleName, u64, Vec<u8>)]) -> Vec<usize> {
        let root = self.made.root.verified().body();
        let is_good = |place: &usize| {
            let (role, _, file) = &forgeries[*place];
            let document = read::<Targets>(file, self.made.dialect).unwrap();
            let above = self
                .documents
                .iter()
                .filter_map(|(_, above)| above.verified().body().delegations.as_ref());
            let delegated = above.filter_map(|below| Some((&below.keys, below.role(role)?.keys)));
            let from_root = root.role(role).map(|keys| (&root.keys, keys.clone()));
            delegated
                .chain(from_root)
                .any(|(keys, role_keys)| Tally::of(&document, keys, &role_keys).is_met())
        };
        (0..self.documents.len()).filter(is_good).collect()
    }
}

fn listed(officer: &Officer, dialect: Dialect) -> Key {
    match dialect {
        Dialect::Tuf1 => officer.key(),
        Dialect::Notary => Key::new_notary_bare(&officer.public),
    }
}

/// Patterns, digests, or both kinds in one repository.
fn path_set(dialect: Dialect, kind: usize, dice: &mut Dice) -> PathSet {
    let mut some = |of: &[&str]| -> Vec<String> {
        let count = 1 + dice.roll(2);
        (0..count).map(|_| of[dice.roll(of.len())].to_owned()).collect()
    };
    match (dialect, kind) {
        (Dialect::Notary, _) => PathSet::Prefixes(some(&["", "", "a", "a/", "v", "b"])),
        (Dialect::Tuf1, 0) => PathSet::Patterns(some(&["*", "a*", "*/*", "a/*", "*/x", "?", "v1", "a/x/*"])),
        (Dialect::Tuf1, 1) => PathSet::HashPrefixes(some(&[
            "", "0", "1", "2", "3", "6", "8", "c", "ca", "e", "f", "b", "a", "5",
        ])),
        (Dialect::Tuf1, _) => match dice.roll(2) {
            0 => path_set(dialect, 0, dice),
            _ => path_set(dialect, 1, dice),
        },
    }
}

fn physical(people: &[Officer], places: &[usize]) -> BTreeSet<PhysicalKey> {
    places.iter().map(|&place| people[place].public.physical()).collect()
}

/// Every selection of `count` things.
fn selections(count: usize) -> Vec<Vec<usize>> {
    (0..1usize << count)
        .map(|bits| (0..count).filter(|place| bits >> place & 1 == 1).collect())
        .collect()
}

fn seized(blast: &Blast<'_>) -> BTreeSet<&'static str> {
    PATHS.into_iter().filter(|path| blast.seizes(path).is_some()).collect()
}

/// Which roles to forge, and which not to list: none, each, each two, and all of `roles`.
fn some(roles: &[usize]) -> Vec<Vec<usize>> {
    let mut some: Vec<Vec<usize>> = vec![Vec::new(), roles.to_vec()];
    for (place, one) in roles.iter().enumerate() {
        some.push(vec![*one]);
        some.extend(roles[place + 1..].iter().map(|other| vec![*one, *other]));
    }
    some
}

fn within_territories(blast: &Blast<'_>) -> BTreeSet<&'static str> {
    let covered = |path: &&str| blast.territories.iter().any(|territory| blast.covers(territory, path));
    PATHS.into_iter().filter(covered).collect()
}

#[test]
fn clients_take_from_a_thief_exactly_the_paths_that_are_said_to_be_open_to_him() {
    let mut dice = Dice::new(4);
    let (mut open, mut closed, mut partly) = (0, 0, 0);
    for round in 0..ROUNDS {
        let dialect = if round % 4 == 0 { Dialect::Notary } else { Dialect::Tuf1 };
        let trial = Trial::new(dialect, &mut dice);
        let outcome = trial.outcome();
        for stolen in selections(trial.people.len()) {
            if dice.roll(6) > 0 {
                continue;
            }
            let ground = Ground::of(&outcome).unwrap();
            let blast = blast(ground, &physical(&trial.people, &stolen));
            let forgeries = trial.forgeries(&stolen);
            let roles: Vec<usize> = match dialect {
                Dialect::Tuf1 => (0..forgeries.len()).collect(),
                Dialect::Notary => trial.good(&forgeries),
            };
            let mut taken: BTreeSet<&str> = BTreeSet::new();
            for forged in some(&roles) {
                taken.extend(trial.taken(&forgeries, &forged, &[]));
            }
            assert_eq!(seized(&blast), taken, "round {round}, stolen {stolen:?}");
            // What is told of whole territories says the same of each path.
            let within = within_territories(&blast);
            assert_eq!(
                within, taken,
                "round {round}, stolen {stolen:?}: {:?}",
                blast.territories
            );
            open += taken.len();
            closed += PATHS.len() - taken.len();
            partly += usize::from(!taken.is_empty() && taken.len() < PATHS.len());
        }
    }
    assert!(
        open > 5 * ROUNDS && closed > 5 * ROUNDS && partly > ROUNDS,
        "{open} {closed} {partly}"
    );
}

#[test]
fn whoever_also_has_notarys_online_keys_can_have_delegates_overlooked() {
    let mut dice = Dice::new(6);
    let mut more = 0;
    for round in 0..ROUNDS / 2 {
        let trial = Trial::new(Dialect::Notary, &mut dice);
        let outcome = trial.outcome();
        for stolen in selections(trial.people.len())
            .into_iter()
            .filter(|stolen| stolen.len() < 3)
        {
            if dice.roll(5) > 0 {
                continue;
            }
            let ground = || Ground::of(&outcome).unwrap();
            let mut keys = physical(&trial.people, &stolen);
            let without = seized(&blast(ground(), &keys)).len();
            keys.insert(trial.made.online.0.public.physical());
            let blast = blast(ground(), &keys);
            let forgeries = trial.forgeries(&stolen);
            let mut taken: BTreeSet<&str> = BTreeSet::new();
            for forged in some(&trial.good(&forgeries)) {
                for hidden in selections(trial.documents.len() - 1) {
                    let hidden: Vec<usize> = hidden.into_iter().map(|place| place + 1).collect();
                    taken.extend(trial.taken(&forgeries, &forged, &hidden));
                }
            }
            assert_eq!(seized(&blast), taken, "round {round}, stolen {stolen:?}");
            assert_eq!(within_territories(&blast), taken, "round {round}, stolen {stolen:?}");
            assert!(blast.vouching.is_empty());
            more += taken.len() - without;
        }
    }
    assert!(more > 0);
}

#[test]
fn more_stolen_keys_never_open_less_and_none_open_nothing() {
    let mut dice = Dice::new(5);
    for round in 0..2 * ROUNDS {
        let dialect = if round % 3 == 0 { Dialect::Notary } else { Dialect::Tuf1 };
        let trial = Trial::new(dialect, &mut dice);
        let outcome = trial.outcome();
        let of = |stolen: &[usize]| blast(Ground::of(&outcome).unwrap(), &physical(&trial.people, stolen));
        let all = selections(4);
        let nothing = of(&[]);
        assert!(nothing.is_harmless() && nothing.territories.is_empty() && nothing.effects.is_empty());
        assert!(nothing.repairs.is_empty() && nothing.rekeyed.is_empty() && nothing.replaceable.is_empty());
        for fewer in &all {
            let less = of(fewer);
            for more in all.iter().filter(|more| fewer.iter().all(|place| more.contains(place))) {
                let bigger = of(more);
                assert!(seized(&less).is_subset(&seized(&bigger)));
                for (before, after) in less.reaches.iter().zip(&bigger.reaches) {
                    assert_eq!(before.role, after.role);
                    assert!(!before.is_reached() || after.is_reached());
                    // Those said to be lacking are the ones that close the gap.
                    let further: BTreeSet<PhysicalKey> = physical(&trial.people, more);
                    if before.is_reached_with(&further) {
                        assert!(after.is_reached(), "{before:?}");
                    } else {
                        assert!(!matches!(after.how, How::Alone), "{before:?}");
                    }
                }
            }
            // Whoever answers today for a path that can be replaced is a role that lists it.
            for replaceable in &less.replaceable {
                assert!(less.seizes(&replaceable.path).as_ref() == Some(&replaceable.seized));
                let answers = trial
                    .documents
                    .iter()
                    .find(|(role, _)| *role == replaceable.answers)
                    .unwrap();
                assert!(answers.1.verified().body().lists(&replaceable.path));
            }
        }
    }
}

#[test]
fn root_is_reached_exactly_when_clients_follow_a_root_that_the_stolen_keys_sign() {
    for dialect in [Dialect::Tuf1, Dialect::Notary] {
        let made = Made::new(dialect);
        let outcome = made.shelf.walk(made.input("1.root", NOW));
        let thief = Made::officer(dialect, 50);
        for stolen in selections(3) {
            let keys: BTreeSet<PhysicalKey> = stolen
                .iter()
                .map(|&place| made.officers[place].0.public.physical())
                .collect();
            let mut ground = Ground::of(&outcome).unwrap();
            ground.gun = (dialect == Dialect::Notary).then_some(GUN);
            let blast = blast(ground, &keys);
            let mut draft = RootDraft::next(made.root.verified());
            for role in [
                RoleName::root(),
                RoleName::targets(),
                RoleName::snapshot(),
                RoleName::timestamp(),
            ] {
                draft.replace_keys(&role, vec![thief.1.clone()]).set_threshold(&role, 1);
            }
            let frozen = draft.freeze().unwrap();
            let mut signers: Vec<(&Officer, &Key)> = stolen
                .iter()
                .map(|&place| (&made.officers[place].0, &made.officers[place].1))
                .collect();
            signers.push((&thief.0, &thief.1));
            let signed = frozen.envelope().raw().get("signed").unwrap();
            let file = signed_document(signed, &signers);
            let mut shelf = made.shelf.clone();
            shelf.put("2.root", &file);
            shelf.put("root", &file);
            let outcome = shelf.walk(made.input("1.root", NOW));
            let followed = outcome.root_versions == [1, 2];
            assert_eq!(blast.is_reached(&RoleName::root()), followed, "{dialect} {stolen:?}");
            // Who has root has everything.
            for reach in &blast.reaches {
                assert_eq!(reach.is_reached(), followed, "{dialect} {stolen:?} {reach:?}");
            }
            assert_eq!(seized(&blast).len(), if followed { PATHS.len() } else { 0 });
        }
    }
}

#[test]
fn keys_that_clients_count_under_two_ids_reach_a_threshold_of_two_for_them() {
    let person = Officer::p256(70);
    let made = Made::new(Dialect::Tuf1);
    let mut draft = RootDraft::next(made.root.verified());
    draft.set_threshold(&RoleName::targets(), 1);
    let frozen = draft.freeze().unwrap();
    let text = json::compact(frozen.envelope().raw().get("signed").unwrap());
    // The same key once more, under a name of its own.
    let online = made.online.1.keyid().as_str();
    let twice = text.replace(
        &format!("\"keyids\":[\"{online}\"]"),
        &format!("\"keyids\":[\"{online}\",\"other\"]"),
    );
    let key = json::compact(made.online.1.raw());
    let twice = twice.replace("\"keys\":{", &format!("\"keys\":{{\"other\":{key},"));
    let twice = twice.replace("\"threshold\":1", "\"threshold\":2");
    let root = crate::testing::value(&twice);
    let file = crate::testing::signed_by_hand(&root, &[]);
    let root = read::<Root>(&file, Dialect::Tuf1).unwrap();
    let blast = blast(Ground::at(&root), &BTreeSet::from([made.online.0.public.physical()]));
    let targets = blast
        .reaches
        .iter()
        .find(|reach| reach.role.as_str() == "targets")
        .unwrap();
    assert_eq!((targets.clients, targets.ours, targets.threshold), (2, 1, 2));
    assert_eq!(targets.how, How::Alone);
    let stranger = self::blast(Ground::at(&root), &BTreeSet::from([person.public.physical()]));
    assert!(stranger.is_harmless() && stranger.strangers.len() == 1);
}

#[test]
fn without_documents_only_the_keys_that_root_names_are_told_of() {
    let made = Made::new(Dialect::Tuf1);
    let root = made.root.verified();
    let stolen = BTreeSet::from([made.online.0.public.physical()]);
    let blast = blast(Ground::at(root), &stolen);
    assert_eq!(blast.seizes("anything").unwrap().as_str(), "targets");
    let officers = BTreeSet::from([made.officers[0].0.public.physical()]);
    let blast = self::blast(Ground::at(root), &officers);
    assert_eq!((blast.seizes("anything"), blast.territories.len()), (None, 0));
    assert_eq!(blast.unseen, [RoleName::targets()]);
}
