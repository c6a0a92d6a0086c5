//! Thousands of documents with something changed at random (the same ones every time): the walk never panics, and what it
//! proves is exactly what was signed.

use rootward_tests::rigs::python_tuf::PythonTuf;
use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root, read};
use rootward_tuf::time::Instant;
use rootward_tuf::verify::Verified;
use rootward_tuf::walk::{Outcome, Reply, Request, Select, WalkInput, Walker};
use std::collections::BTreeMap;
use std::fs;

const NOW: &str = "2026-11-22T00:00:00Z";
const PER_DOCUMENT: u64 = 150;

type Files = BTreeMap<String, Vec<u8>>;

#[test]
fn a_changed_document_is_refused_or_says_exactly_what_was_signed() {
    let files = quirks();
    let mut honest = proven(&walk(&files));
    assert_eq!(
        honest.len(),
        5 + 5,
        "five roots after the first, the last of them again, and four roles under it"
    );
    honest.push(("root".into(), 1, signed_root(&files["1.root.json"])));
    let mut still_good = 0;
    for (number, name) in files.keys().enumerate().filter(|(_, name)| *name != "1.root.json") {
        for round in 0..PER_DOCUMENT {
            let mut dice = Dice(0x9e37_79b9 ^ ((number as u64) << 32) ^ round);
            let mut changed = files.clone();
            mutate(changed.get_mut(name).unwrap(), &mut dice);
            let outcome = walk(&changed);
            for document in proven(&outcome) {
                assert!(
                    honest.contains(&document),
                    "{name}, round {round}: {} v{} was never signed",
                    document.0,
                    document.1
                );
            }
            still_good += u64::from(outcome.accepted);
        }
    }
    assert!(
        still_good > 0,
        "some changes are harmless, such as white space, so the check above was not vacuous"
    );
}

/// Role, version and signed bytes of a document.
type Document = (String, u64, Vec<u8>);

/// Everything that a walk proved.
fn proven(outcome: &Outcome) -> Vec<Document> {
    let chain = outcome
        .root_chain
        .iter()
        .map(|(version, file)| ("root".to_owned(), *version, signed_root(file)));
    let mut found: Vec<Document> = chain.collect();
    found.extend(outcome.root.iter().map(|root| document("root", root)));
    found.extend(
        outcome
            .timestamp
            .iter()
            .map(|timestamp| document("timestamp", timestamp)),
    );
    found.extend(outcome.snapshot.iter().map(|snapshot| document("snapshot", snapshot)));
    found.extend(outcome.targets.iter().map(|targets| document("targets", targets)));
    found.extend(
        outcome
            .delegated
            .iter()
            .map(|delegated| document(delegated.role.as_str(), &delegated.document)),
    );
    found
}

fn document<T: metadata::Document>(role: &str, proven: &Verified<T>) -> Document {
    (role.to_owned(), proven.version(), proven.signed_bytes().to_vec())
}

fn signed_root(file: &[u8]) -> Vec<u8> {
    read::<Root>(file, Dialect::Tuf1).unwrap().signed_bytes().to_vec()
}

fn walk(files: &Files) -> Outcome {
    let input = WalkInput::new(
        Dialect::Tuf1,
        files["1.root.json"].clone(),
        Instant::parse(NOW).unwrap(),
    );
    Walker::begin(input).unwrap().run(|request| answer(files, request))
}

fn answer(files: &Files, request: &Request) -> Reply {
    let name = match request.select {
        Select::Version(version) => format!("{version}.root.json"),
        _ => format!("{}.json", request.role.as_str()),
    };
    files
        .get(&name)
        .map_or(Reply::Missing, |bytes| Reply::Found(bytes.clone()))
}

/// The chain of six roots with all the habits of real metadata, and the roles under the last.
fn quirks() -> Files {
    let folder = tempfile::tempdir().unwrap();
    PythonTuf::ready().publish_quirks(folder.path());
    let mut files = Files::new();
    for place in [folder.path().to_owned(), folder.path().join("root_history")] {
        for entry in fs::read_dir(place)
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().is_file())
        {
            files.insert(
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            );
        }
    }
    files.remove("root.json");
    files
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    match dice.below(8) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = dice.below(256) as u8,
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, *b" \n\"{}[],:0\\"[dice.below(11)..].first().unwrap_or(&b' ')),
        4 => bytes.truncate(at),
        5 => {
            let end = (at + 1 + dice.below(64)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            let to = dice.below(bytes.len());
            bytes.splice(to..to, piece);
        }
        6 => {
            let digits: Vec<usize> = (0..bytes.len())
                .filter(|place| bytes[*place].is_ascii_digit())
                .collect();
            bytes[digits[dice.below(digits.len())]] = b'0' + dice.below(10) as u8;
        }
        _ => bytes.extend_from_within(at..),
    }
}

/// A small generator of numbers that look random and are the same every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}
