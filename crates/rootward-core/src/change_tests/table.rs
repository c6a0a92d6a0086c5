//! Every change of every role in both dialects, signed by enough, too few, the wrong, only the old and only the new keys.
//!
//! What is issued and what must be enough is written down in `kinds`, by the rules of the dialects; here it is counted, and
//! held against what a ceremony does.

mod kinds;
mod properties;
mod worlds;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::Root;
use rootward_tuf::role::RoleName;
use rootward_tuf::verify::Verified;

use self::kinds::{cases, never};
use super::{issued, wish};
use crate::border::WishedEdit;
use crate::ceremony::{Ceremonies, Stage};
use crate::rotation_support::notary::Server;
use crate::rotation_support::{NOW, World, at, physical};

/// Officers of each role and how many must sign. Their keys are Ed25519 in TUF and, by other numbers, ECDSA on Notary.
const ROLES: [(&str, &[u8], usize); 5] = [
    ("root", &[SHARED, 1, 2, 10], 3),
    ("targets", &[SHARED, 3, 6], 3),
    ("snapshot", &[SHARED, 8, 16], 3),
    ("timestamp", &[9, 17], 2),
    ("files", &[SHARED, 4, 7], 3),
];
/// Speaks for every role but timestamp.
const SHARED: u8 = 5;
/// Joins where a key does.
const JOINS: u8 = 20;
const JOINS_TOO: u8 = 21;
/// Speaks for nothing.
const STRANGER: u8 = 30;

/// So many of these officers must sign.
#[derive(Clone)]
struct Need {
    of: Vec<u8>,
    count: usize,
}

/// One change, and what it takes.
struct Case {
    name: &'static str,
    edits: Vec<WishedEdit>,
    /// What is issued, in the order it is signed, and all that each document needs.
    documents: Vec<(String, Vec<Need>)>,
    /// Who counts for the role that is changed: before, and afterwards.
    before: Vec<u8>,
    after: Need,
    /// Whether keys that leave sign as well.
    hands_over: bool,
    now: &'static str,
}

/// A repository to begin from, as often as a test wants.
enum Repository {
    Tuf {
        root: Verified<Root>,
        files: Vec<(String, Vec<u8>)>,
    },
    Notary(Server),
}

impl Repository {
    async fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Tuf1 => worlds::tuf(),
            Dialect::Notary => worlds::notary().await,
        }
    }

    fn world(&self) -> World {
        match self {
            Repository::Tuf { root, files } => World::made_of(root, files),
            Repository::Notary(server) => World::on_notary(server.copied()),
        }
    }
}

impl Case {
    /// Sets of officers of the role, by what they are.
    fn sets(&self) -> Vec<(&'static str, Vec<u8>)> {
        let joined = self
            .after
            .of
            .iter()
            .copied()
            .filter(|number| !self.before.contains(number));
        let mut sets = vec![
            ("enough", [&self.after.of[..], &self.before].concat()),
            ("one short", self.after.of[..self.after.count - 1].to_vec()),
            ("strangers", Vec::new()),
            ("old only", self.before.clone()),
            ("new only", joined.collect()),
        ];
        let mut known: Vec<Vec<u8>> = Vec::new();
        for (_, set) in &mut sets {
            set.sort_unstable();
            set.dedup();
        }
        // Where no key leaves or joins, the last two are others once more.
        sets.retain(|(_, set)| {
            let is_new = !known.contains(set);
            known.push(set.clone());
            is_new
        });
        sets
    }

    fn is_enough(&self, signers: &[u8]) -> bool {
        let is_met = |need: &Need| need.of.iter().filter(|number| signers.contains(number)).count() >= need.count;
        self.documents.iter().all(|(_, needs)| needs.iter().all(is_met))
    }

    /// Everybody who may have to sign and is not of the role.
    fn others(&self, dialect: Dialect) -> Vec<u8> {
        let of_role = |number: &u8| self.before.contains(number) || self.after.of.contains(number);
        let joining = [JOINS, JOINS_TOO].map(|number| numbered(dialect, number));
        let all = everybody(dialect).into_iter().chain(joining);
        all.filter(|number| !of_role(number)).collect()
    }
}

/// The number of an officer in a dialect: Notary's root keys are none of Ed25519.
fn numbered(dialect: Dialect, number: u8) -> u8 {
    match dialect {
        Dialect::Tuf1 => number,
        Dialect::Notary => 100 + number,
    }
}

/// What a role of the table is called in a dialect.
fn named(dialect: Dialect, role: &str) -> String {
    match (dialect, role) {
        (Dialect::Notary, "files") => "targets/files".into(),
        _ => role.into(),
    }
}

fn officers(dialect: Dialect, role: &str) -> (Vec<u8>, usize) {
    let found = ROLES.iter().find(|(name, ..)| *name == role).expect("a role");
    let numbers = found.1.iter().map(|&number| numbered(dialect, number)).collect();
    (numbers, found.2)
}

fn everybody(dialect: Dialect) -> Vec<u8> {
    // A Notary server holds the timestamp key itself.
    let is_signed_here = |role: &str| dialect == Dialect::Tuf1 || role != "timestamp";
    let roles = ROLES.iter().map(|(role, ..)| *role).filter(|role| is_signed_here(role));
    let mut all: Vec<u8> = roles.flat_map(|role| officers(dialect, role).0).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Has these officers sign whatever they can, in the order given, until none can.
fn sign(ceremonies: &Ceremonies, id: &str, officers: &[u8]) {
    loop {
        let record = ceremonies.one(id).expect("a ceremony");
        let ceremony = record.sound().expect("sound");
        let Some(collected) = ceremony.stage.collected() else {
            return;
        };
        let can = |number: &&u8| {
            let key = physical(**number);
            let counts = |role: &RoleName| collected.signing_key(role, &key, &ceremony.grounds).is_some();
            let mut open = collected.sheets.iter().filter(|sheet| collected.is_open(sheet.role()));
            // Whoever signs the next wave fixes it.
            open.any(|sheet| counts(sheet.role()) && sheet.signature_of(&key).is_none())
                || collected.can_be_frozen().iter().any(counts)
        };
        let Some(&number) = officers.iter().find(can) else {
            return;
        };
        ceremonies.sign(id, &physical(number)).expect("signed");
    }
}

/// Begins a case and fixes what can be fixed.
async fn begun(ceremonies: &Ceremonies, dialect: Dialect, case: &Case) -> String {
    let mut asked = wish(case.edits.clone(), &everybody(dialect));
    asked.new_keys_only = !case.hands_over;
    let begun = ceremonies.begin("demo", asked).await;
    let id = begun.unwrap_or_else(|failure| panic!("{}: {failure}", case.name));
    let frozen = ceremonies.freeze(&id).await;
    frozen.unwrap_or_else(|failure| panic!("{}: {failure}", case.name));
    id
}

async fn every_change_of(dialect: Dialect, role: &str) {
    let repository = Repository::of(dialect).await;
    for case in cases(dialect, role) {
        for (who, set) in case.sets() {
            let what = format!("{}, {role}, {}, {who}", dialect.as_str(), case.name);
            let world = repository.world();
            let ceremonies = world.ceremonies_at(case.now);
            let id = begun(&ceremonies, dialect, &case).await;
            let record = ceremonies.one(&id).expect("one");
            let documents: Vec<&str> = case.documents.iter().map(|(role, _)| role.as_str()).collect();
            assert_eq!(issued(&record), documents, "{what}");
            assert_eq!(
                record.sound().expect("sound").change().hands_over,
                case.hands_over,
                "{what}"
            );
            if who == "strangers" {
                let stranger = physical(numbered(dialect, STRANGER));
                let refused = super::refused(ceremonies.sign(&id, &stranger));
                assert_eq!(refused.code, "key-not-found", "{what}");
            }
            let signers = [set, case.others(dialect)].concat();
            sign(&ceremonies, &id, &signers);
            let enough = case.is_enough(&signers);
            assert!(enough || who != "enough", "{what}: the table is wrong");
            assert!(
                !enough || !matches!(who, "one short" | "strangers"),
                "{what}: the table is wrong"
            );
            let record = ceremonies.one(&id).expect("one");
            let is_ready = matches!(record.sound().expect("sound").stage, Stage::Ready(_));
            assert_eq!(is_ready, enough, "{what}");
            let rehearsed = ceremonies.rehearse(&id).await;
            assert_eq!(rehearsed.is_ok(), enough, "{what}: {:?}", rehearsed.err());
            if !enough {
                let refused = super::refused(ceremonies.publish(&id).await);
                assert_eq!(refused.code, "threshold-not-met", "{what}");
                continue;
            }
            let published = ceremonies.publish(&id).await;
            let record = published.unwrap_or_else(|failure| panic!("{what}: {failure}"));
            let Stage::Published(_, _, seen) = &record.sound().expect("sound").stage else {
                panic!("{what}")
            };
            assert!(seen.accepted, "{what}: {:?}", seen.findings);
            if let Repository::Notary(_) = &repository {
                assert!(world.notary().is_followed_from(1, at(case.now)), "{what}");
            }
        }
    }
    for (what, edits) in never(dialect, role) {
        let world = repository.world();
        let ceremonies = world.ceremonies_at(NOW);
        let begun = ceremonies.begin("demo", wish(edits, &everybody(dialect))).await;
        assert_eq!(super::refused(begun).code, "draft-refused", "{role}: {what}");
        assert!(ceremonies.all().expect("a list").is_empty(), "{role}: {what}");
    }
}

#[tokio::test]
async fn every_change_of_root_needs_its_old_and_its_new_threshold() {
    every_change_of(Dialect::Tuf1, "root").await;
}

#[tokio::test]
async fn every_change_of_targets_needs_its_new_threshold() {
    every_change_of(Dialect::Tuf1, "targets").await;
}

#[tokio::test]
async fn every_change_of_snapshot_needs_its_new_threshold() {
    every_change_of(Dialect::Tuf1, "snapshot").await;
}

#[tokio::test]
async fn every_change_of_timestamp_needs_its_new_threshold() {
    every_change_of(Dialect::Tuf1, "timestamp").await;
}

#[tokio::test]
async fn every_change_of_a_delegated_role_needs_its_new_threshold() {
    every_change_of(Dialect::Tuf1, "files").await;
}

#[tokio::test]
async fn every_change_of_a_notary_root_needs_its_old_and_its_new_threshold() {
    every_change_of(Dialect::Notary, "root").await;
}

#[tokio::test]
async fn every_change_of_notary_targets_needs_their_new_threshold() {
    every_change_of(Dialect::Notary, "targets").await;
}

#[tokio::test]
async fn every_change_of_a_notary_snapshot_needs_its_new_threshold() {
    every_change_of(Dialect::Notary, "snapshot").await;
}

#[tokio::test]
async fn every_change_of_a_notary_delegation_needs_its_new_threshold() {
    every_change_of(Dialect::Notary, "files").await;
}

#[tokio::test]
async fn nothing_but_the_server_changes_a_notary_timestamp() {
    let repository = Repository::of(Dialect::Notary).await;
    let world = repository.world();
    let ceremonies = world.ceremonies();
    let joins = numbered(Dialect::Notary, JOINS);
    for edit in [
        super::keys("timestamp", &[], &[joins], None),
        super::keys("timestamp", &[], &[], Some(2)),
        WishedEdit::Ends {
            role: "timestamp".into(),
            at: Some("2028-01-01T00:00:00Z".into()),
        },
    ] {
        let begun = ceremonies
            .begin("demo", wish(vec![edit], &everybody(Dialect::Notary)))
            .await;
        assert_eq!(super::refused(begun).code, "draft-refused");
    }
}
