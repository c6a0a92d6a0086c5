//! Walks through spoilt repositories, past servers that answer as they like.
//!
//! Promises: a walk ends; what it calls verified was signed, by as many different keys as its delegator asks for; an accepted
//! walk passed nothing expired; nothing is kept that was not proven; a search ends where the whole walk says it ends.

use rootward_tuf::json::Limits;
use rootward_tuf::metadata::read_within;
use rootward_tuf::{
    Dialect, Document, Envelope, Extent, Floors, KeyId, KeyTable, Next, Outcome, Reply, Request, RoleKeys, RoleName,
    Root, Search, Seek, Seeker, Select, Sought, WalkInput, Walker, read,
};

use crate::reference::{self, Json, plain};
use crate::spoil::spoil;
use crate::tape::Tape;
use crate::workshop::{GUN, Ledger, NOW, Papers, Sealed, moment, with_officers};

/// What a walk came to, so that a corpus can be asked whether it holds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    /// The anchor was no root.
    Nowhere,
    Refused,
    Accepted,
    /// Accepted, and a target was found.
    Found,
}

/// More requests than any walk within the limits below can need.
const MOST_REQUESTS: usize = 64;

pub fn tuf(data: &[u8]) -> Came {
    walk(Dialect::Tuf1, data)
}

pub fn notary(data: &[u8]) -> Came {
    walk(Dialect::Notary, data)
}

fn walk(dialect: Dialect, data: &[u8]) -> Came {
    let mut tape = Tape::new(data);
    let (papers, sound) = Papers::sound(dialect);
    let (settings, mut server) = (tape.bytes(), tape);
    let input = input(dialect, &sound, &mut Tape::new(settings));
    let mut server = Server::new(papers, sound, &mut server);
    let Some(input) = input(&server.spoilt) else {
        return Came::Nowhere;
    };
    let extent = input.extent;
    let Ok(mut walker) = Walker::begin(input.clone()) else {
        return Came::Nowhere;
    };
    let outcome = loop {
        match walker.next() {
            Next::Fetch(request) => {
                assert!(
                    matches!(walker.next(), Next::Fetch(again) if again == request),
                    "asks the same until supplied"
                );
                let reply = server.answer(&request);
                walker.supply(reply);
            }
            Next::Finished(outcome) => break *outcome,
        }
    };
    walker.supply(Reply::Found(b"late".to_vec()));
    assert!(
        matches!(walker.next(), Next::Finished(after) if after.refused == outcome.refused && after.keep == outcome.keep),
        "the end is the end"
    );
    check(&outcome, &input, &server.ledger);
    if !outcome.accepted {
        assert!(outcome.first_refusal().is_some(), "a refusal says why");
        assert!(walker.into_seeker().is_err(), "no search without an accepted walk");
        return Came::Refused;
    }
    assert!(
        outcome.refused.iter().all(|(role, _)| !role.is_top_level()),
        "accepted and refused"
    );
    let Ok(mut seeker) = walker.into_seeker() else {
        panic!("an accepted walk can be searched")
    };
    let mut came = Came::Accepted;
    for _ in 0..2 {
        let path = server.tape.pick(&PATHS);
        if let Sought::Found { .. } = seek(&mut seeker, path, &mut server, &outcome, extent) {
            came = Came::Found;
        }
    }
    check(seeker.outcome(), &input, &server.ledger);
    came
}

const PATHS: [&str; 12] = [
    "file", "a/x", "a/c", "b/1/z", "hashed", "hashed-0", "x.txt", "latest", "v2", "v1.0", "team/1", "nowhere",
];

/// Searches as a client; an honest server and a walk that saw everything must come to the same.
fn seek(seeker: &mut Seeker, path: &str, server: &mut Server<'_>, whole: &Outcome, extent: Extent) -> Sought {
    seeker.look_for(path);
    let sought = loop {
        match seeker.next() {
            Seek::Fetch(request) => seeker.supply(server.answer(&request)),
            Seek::Finished(sought) => break sought,
        }
    };
    if server.is_honest && extent == Extent::Everything {
        match (whole.find_target(path), &sought) {
            (
                Search::Found { role, target },
                Sought::Found {
                    role: found,
                    target: have,
                },
            ) => {
                assert_eq!((&role, &target), (found, have), "{path}");
            }
            (Search::Blocked { .. }, Sought::Refused(_)) | (Search::Nowhere, Sought::Nowhere) => {}
            (expected, found) => panic!("{path}: the walk says {expected:?}, the search {found:?}"),
        }
    }
    sought
}

/// Reads the settings; the anchor is taken from the spoilt repository, which is made later.
fn input<'s>(
    dialect: Dialect,
    sound: &Sealed,
    tape: &mut Tape<'s>,
) -> impl FnOnce(&Sealed) -> Option<WalkInput> + use<'s> {
    let anchor = tape.below(5);
    let clocks = [
        NOW,
        "2025-06-01T00:00:00Z",
        "2027-06-01T00:00:00Z",
        "2036-06-01T00:00:00Z",
    ];
    let now = moment(tape.pick(&clocks));
    let floors = floors(sound, tape);
    let choices = tape.byte();
    let depth = tape.pick(&[64, 8, 512, 4096]);
    let pinned = tape.below(8);
    let raw = tape.rest();
    move |spoilt| {
        let anchor = match anchor {
            3 => spoilt.file("root")?,
            4 => raw.to_vec(),
            version => spoilt.file(&format!("{}.root", version + 1))?,
        };
        let mut input = WalkInput::new(dialect, anchor, now);
        input.floors = floors;
        input.limits.root_versions = 6;
        input.limits.delegated_roles = 8;
        input.limits.document_bytes = 64 << 10;
        input.limits.timestamp_bytes = 64 << 10;
        input.limits.json_depth = depth;
        input.look_past_expiry = choices & 1 == 1;
        input.reuse_floors = choices & 2 == 2;
        input.extent = if choices & 4 == 4 {
            Extent::TopLevel
        } else {
            Extent::Everything
        };
        if dialect == Dialect::Notary {
            input.gun = (choices & 8 == 0).then(|| GUN.to_owned());
            input.pins = match pinned {
                0..=3 => Vec::new(),
                place => vec![with_officers(dialect, |all| KeyId::new(all[place - 4].keyid.clone()))],
            };
        }
        Some(input)
    }
}

fn floors(sound: &Sealed, tape: &mut Tape<'_>) -> Floors {
    let which = tape.byte();
    let kept = |bit: u8, name: &str| (which >> bit & 1 == 1).then(|| sound.file(name)).flatten();
    let delegated = ["a", "bins", "targets/releases"];
    Floors {
        timestamp: kept(0, "timestamp").map(Into::into),
        snapshot: kept(1, "snapshot").map(Into::into),
        targets: kept(2, "targets").map(Into::into),
        delegated: delegated
            .into_iter()
            .filter_map(|role| Some((RoleName::new(role).ok()?, kept(3, role)?.into())))
            .collect(),
    }
}

impl Sealed {
    /// The file last written under a name.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        let found = self.files.iter().rev().find(|(have, _)| have == name);
        found.map(|(_, file)| file.clone())
    }
}

/// Answers with what it has, or with anything else.
struct Server<'t> {
    tape: Tape<'t>,
    sound: Sealed,
    spoilt: Sealed,
    ledger: Ledger,
    asked: usize,
    /// Whether every answer so far was what it has.
    is_honest: bool,
}

impl<'t> Server<'t> {
    fn new(mut papers: Papers, sound: Sealed, tape: &mut Tape<'t>) -> Self {
        let mut edits = Tape::new(tape.bytes());
        spoil(&mut papers, &mut edits);
        let spoilt = papers.seal();
        let mut ledger = sound.ledger.clone();
        ledger.join(spoilt.ledger.clone());
        Server {
            tape: tape.clone(),
            sound,
            spoilt,
            ledger,
            asked: 0,
            is_honest: true,
        }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        self.asked += 1;
        assert!(self.asked < 3 * MOST_REQUESTS, "a walk ends");
        let role = &request.role;
        let name = match request.select {
            Select::Version(version) | Select::Consistent { version } => format!("{version}.{role}"),
            Select::Current | Select::Sha256(_) => role.to_string(),
        };
        let honest = self.spoilt.file(&name);
        let choice = self.tape.byte() % 16;
        self.is_honest &= choice < 8;
        let tape = &mut self.tape;
        let other = |tape: &mut Tape<'_>| {
            let place = tape.below(self.spoilt.files.len());
            self.spoilt.files[place].1.clone()
        };
        let file = match choice {
            0..=7 => honest,
            8 => honest.map(|mut file| {
                for _ in 0..=tape.below(4) {
                    let place = tape.below(file.len());
                    file[place] = tape.byte();
                }
                file
            }),
            9 => Some(other(tape)),
            10 => Some(tape.bytes().to_vec()),
            11 => None,
            12 => return Reply::TooLarge,
            13 => return Reply::Failed(tape.text()),
            14 => self.sound.file(&name),
            _ => {
                let other = other(tape);
                honest.and_then(|file| grafted(&file, &other))
            }
        };
        file.map_or(Reply::Missing, Reply::Found)
    }
}

/// The `signed` part of one file under the signatures of another.
fn grafted(file: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let (file, other) = (reference::read(file, 64, false)?, reference::read(other, 64, false)?);
    let parts = [
        ("signatures", other.get("signatures")?.clone()),
        ("signed", file.get("signed")?.clone()),
    ];
    Some(plain(&Json::object(parts)).into_bytes())
}

/// Holds an outcome against the ledger, which knows nothing of how signatures are counted.
fn check(outcome: &Outcome, input: &WalkInput, ledger: &Ledger) {
    let roots = roots(outcome, input, ledger);
    let newest = roots.last().expect("the anchor is a root");
    let root = newest.body();
    let mut proven: Vec<&[u8]> = roots.iter().map(|root| root.file_bytes()).collect();
    if let Some(root) = &outcome.root {
        assert_eq!(
            root.file_bytes(),
            newest.file_bytes(),
            "the newest root is the last of the chain"
        );
    }
    if let Some(timestamp) = &outcome.timestamp {
        is_signed(timestamp, &root.keys, &root.timestamp, ledger);
        proven.push(timestamp.file_bytes());
    }
    if let Some(snapshot) = &outcome.snapshot {
        is_signed(snapshot, &root.keys, &root.snapshot, ledger);
        proven.push(snapshot.file_bytes());
    }
    if let Some(targets) = &outcome.targets {
        is_signed(targets, &root.keys, &root.targets, ledger);
        proven.push(targets.file_bytes());
    }
    for edge in &outcome.delegated {
        let parents = outcome.targets.iter().filter(|_| edge.parent == RoleName::targets());
        let parents = parents.chain(
            outcome
                .delegated
                .iter()
                .filter(|above| above.role == edge.parent)
                .map(|above| &above.document),
        );
        let delegations = parents.filter_map(|parent| parent.body().delegations.as_ref()).next();
        let delegations = delegations.expect("a delegation has a proven parent");
        let role = delegations.role(&edge.role).expect("the parent delegates to it");
        is_signed(&edge.document, &delegations.keys, &role.keys, ledger);
        proven.push(edge.document.file_bytes());
    }
    for (role, file) in &outcome.keep {
        assert!(proven.contains(&&**file), "{role} is kept and was not proven");
    }
    if outcome.accepted {
        let (Some(timestamp), Some(snapshot), Some(targets)) =
            (&outcome.timestamp, &outcome.snapshot, &outcome.targets)
        else {
            panic!("accepted without its documents")
        };
        let expiries = [
            &root.expires,
            &timestamp.body().expires,
            &snapshot.body().expires,
            &targets.body().expires,
        ];
        assert!(
            expiries.iter().all(|expiry| expiry.at > input.now),
            "accepted and expired"
        );
        let listed = &timestamp.body().snapshot;
        assert!(listed.version.is_none_or(|version| version == snapshot.version()));
        let listed = snapshot
            .body()
            .meta
            .get(RoleName::targets())
            .expect("targets are listed");
        assert!(listed.version.is_none_or(|version| version == targets.version()));
        not_older(input.floors.timestamp.as_deref(), timestamp, outcome);
        not_older(input.floors.snapshot.as_deref(), snapshot, outcome);
    }
}

/// The anchor and every later root, each signed by itself and by the one before.
fn roots(outcome: &Outcome, input: &WalkInput, ledger: &Ledger) -> Vec<Envelope<Root>> {
    let files = outcome.root_chain.iter().map(|(_, file)| file);
    let mut roots: Vec<Envelope<Root>> = Vec::new();
    for file in std::iter::once(&input.anchor).chain(files) {
        let limits = Limits {
            depth: input.limits.json_depth.min(512),
            ..Limits::default()
        };
        let root: Envelope<Root> = read_within(file, input.dialect, limits).expect("a proven root can be read");
        is_signed(&root, &root.body().keys, &root.body().root, ledger);
        if let Some(before) = roots.last() {
            is_signed(&root, &before.body().keys, &before.body().root, ledger);
            match input.dialect {
                Dialect::Tuf1 => assert_eq!(root.version(), before.version() + 1),
                Dialect::Notary => assert!(root.version() >= before.version()),
            }
        }
        roots.push(root);
    }
    roots
}

/// Counts the keys of a role that the ledger says signed: never fewer than the threshold.
fn is_signed<T: Document>(document: &Envelope<T>, keys: &KeyTable, role: &RoleKeys, ledger: &Ledger) {
    let signed = keys
        .physical(&role.keyids)
        .into_iter()
        .filter(|key| ledger.has(document.signed_bytes(), *key))
        .count();
    assert!(
        role.threshold > 0 && signed as u64 >= role.threshold,
        "{document:?} is called verified: {signed} of {} signed",
        role.threshold
    );
}

/// TUF 5.4.3, 5.5.5: nothing accepted is older than what was trusted, unless its keys were taken back.
fn not_older<T: Document>(floor: Option<&[u8]>, now: &Envelope<T>, outcome: &Outcome) {
    let before = floor.as_ref().and_then(|file| read::<T>(file, now.dialect()).ok());
    if let Some(before) = before.filter(|_| !outcome.forget.contains(&T::top_level_role())) {
        assert!(now.version() >= before.version(), "{now:?} is older than {before:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_repositories_are_accepted_and_searched() {
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            let told: Vec<Came> = (0..12)
                .map(|path| walk(dialect, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, path, path]))
                .collect();
            assert!(
                told.contains(&Came::Accepted) || told.contains(&Came::Found),
                "{dialect} {told:?}"
            );
            assert_eq!(
                walk(dialect, &[]),
                if dialect == Dialect::Tuf1 {
                    Came::Found
                } else {
                    Came::Accepted
                }
            );
        }
    }

    #[test]
    #[should_panic(expected = "is called verified")]
    fn a_document_nobody_signed_is_found_among_the_verified() {
        let (_, sealed) = Papers::sound(Dialect::Tuf1);
        let input = WalkInput::new(Dialect::Tuf1, sealed.file("1.root").unwrap(), moment(NOW));
        let outcome = Walker::begin(input.clone()).unwrap().run(|_| Reply::Missing);
        check(&outcome, &input, &sealed.ledger);
        check(&outcome, &input, &Ledger::default());
    }
}
