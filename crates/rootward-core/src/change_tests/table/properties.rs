//! What holds of every change in the table, by places and orders that a seed chooses: the order of signatures ends nowhere else,
//! what is altered is found or alters nothing, and a journal that is read again is the same ceremony.

use std::path::Path;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::Signature;

use super::{Case, Repository, begun, cases};
use crate::border::CeremonyState;
use crate::ceremony::{
    Answered, Ceremonies, Checked, Digest, Fact, Received, Record, SigningRequest, SigningResponse, Trusted,
};
use crate::ports::{Disk, FailureKind, Vault};
use crate::rotation_support::{World, at, officer, physical};

const REQUEST: &str = "/stick/a.request";
/// Bits that are flipped in one file.
const FLIPS: usize = 12;

/// A row of numbers that a seed begins (Knuth's MMIX).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn shuffled(&mut self, mut numbers: Vec<u8>) -> Vec<u8> {
        for last in (1..numbers.len()).rev() {
            numbers.swap(last, self.below(last + 1));
        }
        numbers
    }

    /// The bytes with one bit of them flipped, so often.
    fn flipped(&mut self, bytes: &[u8], often: usize) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for _ in 0..often {
            let (place, bit) = (self.below(bytes.len()), self.below(8));
            let mut altered = bytes.to_vec();
            altered[place] ^= 1 << bit;
            all.push(altered);
        }
        all
    }
}

/// Everybody who may sign, of the role or not.
fn signers(dialect: Dialect, case: &Case) -> Vec<u8> {
    [case.after.of.clone(), case.before.clone(), case.others(dialect)].concat()
}

fn files(record: &Record) -> Vec<Vec<u8>> {
    let ceremony = record.sound().expect("sound");
    let assembled = ceremony.stage.assembled().expect("ready");
    let files = assembled
        .documents
        .iter()
        .map(|document| document.file_bytes().to_vec());
    files.collect()
}

/// Takes every signature that these officers can give, in this order, wave by wave.
async fn collect(ceremonies: &Ceremonies, id: &str, order: &[u8]) -> Record {
    loop {
        for &number in order {
            if let Some(response) = response(ceremonies, id, number) {
                let taken = ceremonies.take_back(Some(id), &response);
                taken.map(drop).unwrap_or_else(|failure| panic!("{id}: {failure}"));
            }
        }
        let record = ceremonies.one(id).expect("one");
        if record.sound().expect("sound").stage.assembled().is_some() {
            return record;
        }
        let fixed = ceremonies.freeze(id).await;
        fixed.map(drop).unwrap_or_else(|failure| panic!("{id}: {failure}"));
    }
}

/// What an officer's key says to every open document that it speaks for and has not signed.
fn response(ceremonies: &Ceremonies, id: &str, number: u8) -> Option<Vec<u8>> {
    let record = ceremonies.one(id).expect("one");
    let ceremony = record.sound().expect("sound");
    let collected = ceremony.stage.collected()?;
    let sheets = collected.sheets.iter().filter(|sheet| collected.is_open(sheet.role()));
    let answered = sheets.filter_map(|sheet| {
        if sheet.signature_of(&physical(number)).is_some() {
            return None;
        }
        let key = collected.signing_key(sheet.role(), &physical(number), &ceremony.grounds)?;
        Some(Answered {
            role: sheet.role().as_str().into(),
            sha256: Digest(sheet.frozen.digest()),
            signature: Signature::by(&key, &officer(number).sign(sheet.frozen.bytes()))?,
        })
    });
    let response = SigningResponse {
        ceremony: id.into(),
        head: record.head,
        signatures: answered.collect(),
    };
    (!response.signatures.is_empty()).then(|| response.to_bytes())
}

/// A request of which a bit is another one is refused, or asks for the very same signatures.
async fn a_request_asks_for_the_same_or_nothing(world: &World, ceremonies: &Ceremonies, id: &str, seed: &mut Seeded) {
    world.disk.create_folder(Path::new("/stick")).expect("a folder");
    ceremonies
        .hand_out(id, Path::new(REQUEST), Vec::new())
        .await
        .expect("handed out");
    let bytes = world.disk.read(Path::new(REQUEST), 1 << 24).expect("there");
    let anchor = world.vault.anchor("demo").expect("a vault").expect("an anchor").bytes;
    let now = at("2026-11-22T10:00:00Z");
    let judged = |bytes: &[u8]| Received::judge(SigningRequest::read(bytes)?, &Trusted::RootFile(anchor.clone()), now);
    let good = judged(&bytes).unwrap_or_else(|failure| panic!("{id}: {failure}"));
    for altered in seed.flipped(&bytes, FLIPS * 4) {
        match judged(&altered) {
            Ok(received) => assert_eq!(received.request.digest(), good.request.digest(), "{id}"),
            Err(failure) => assert_eq!(failure.kind, FailureKind::Refusal, "{id}: {failure}"),
        }
    }
}

/// A response of which a bit is another one is refused and leaves everything as it is, or gives the very same signatures.
fn a_response_gives_the_same_or_nothing(ceremonies: &Ceremonies, id: &str, number: u8, seed: &mut Seeded) {
    let bytes = response(ceremonies, id, number).expect("something to sign");
    let before = ceremonies.one(id).expect("one").head;
    for altered in seed.flipped(&bytes, FLIPS) {
        match ceremonies.take_back(Some(id), &altered) {
            Ok(_) => return,
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::Refusal, "{id}: {failure}");
                assert_eq!(ceremonies.one(id).expect("one").head, before, "{id}");
            }
        }
    }
    ceremonies.take_back(Some(id), &bytes).map(drop).expect("taken");
}

/// A journal, or a document beside it, of which a bit is another one is found; what was torn is cut off, and that is told.
fn an_altered_record_is_found(world: &World, ceremonies: &Ceremonies, id: &str, seed: &mut Seeded) {
    let folder = Path::new("/data/ceremonies").join(id);
    for name in world.disk.list(&folder).expect("a folder") {
        let path = folder.join(&name);
        let bytes = world.disk.read(&path, 1 << 24).expect("there");
        // What ends in the middle of its last line was torn when the power went, and is cut off.
        for altered in seed.flipped(&bytes, if name == "journal.jsonl" { FLIPS } else { 2 }) {
            world.disk.write(&path, &altered, true).expect("written");
            let record = ceremonies.one(id).expect("it opens");
            let told = matches!(record.events.last().map(|event| &event.fact), Some(Fact::LineCut(_)));
            let is_named = name.contains(".frozen.") || name.contains(".builds-on.") || name == "journal.jsonl";
            let is_found = CeremonyState::of(&record) == CeremonyState::Broken || told;
            let place = bytes.iter().zip(&altered).position(|(one, other)| one != other);
            assert!(is_found || !is_named, "{id}: {name}, byte {place:?} of {}", bytes.len());
            world.disk.write(&path, &bytes, true).expect("written");
        }
    }
}

/// A fresh desk and whoever has the transcript come to the same ceremony.
fn it_reads_the_same_again(world: &World, before: &Record, now: &str) {
    let again = world.ceremonies_at(now).one(&before.id).expect("one");
    assert_eq!((again.head, &again.events), (before.head, &before.events));
    assert_eq!(files(&again), files(before));
    let transcript = world.ceremonies_at(now).transcript(&before.id).expect("a transcript");
    let checked = Checked::of(&transcript, Some(before.head)).expect("it holds");
    assert_eq!(checked.record.events, before.events);
    assert_eq!(files(&checked.record), files(before));
}

async fn what_holds_of_every_change_of(dialect: Dialect, role: &str) {
    let repository = Repository::of(dialect).await;
    for (place, case) in cases(dialect, role).iter().enumerate() {
        let mut seed = Seeded(place as u64 + 1);
        let mut ends: Vec<Vec<Vec<u8>>> = Vec::new();
        for round in 0..2 {
            let world = repository.world();
            let ceremonies = world.ceremonies_at(case.now);
            let id = begun(&ceremonies, dialect, case).await;
            let order = seed.shuffled(signers(dialect, case));
            if round == 0 {
                if case.now == crate::rotation_support::NOW {
                    a_request_asks_for_the_same_or_nothing(&world, &ceremonies, &id, &mut seed).await;
                }
                let counts = |number: &&u8| response(&ceremonies, &id, **number).is_some();
                let first = *order.iter().find(counts).expect("somebody");
                a_response_gives_the_same_or_nothing(&ceremonies, &id, first, &mut seed);
            }
            let record = collect(&ceremonies, &id, &order).await;
            ends.push(files(&record));
            if round == 0 {
                it_reads_the_same_again(&world, &record, case.now);
                an_altered_record_is_found(&world, &ceremonies, &id, &mut seed);
            }
        }
        assert_eq!(
            ends[0], ends[1],
            "{role}, {}: the order of signing decides nothing",
            case.name
        );
    }
}

#[tokio::test]
async fn what_holds_of_every_change_of_root() {
    what_holds_of_every_change_of(Dialect::Tuf1, "root").await;
}

#[tokio::test]
async fn what_holds_of_every_change_of_targets() {
    what_holds_of_every_change_of(Dialect::Tuf1, "targets").await;
}

#[tokio::test]
async fn what_holds_of_every_change_of_snapshot_and_timestamp() {
    what_holds_of_every_change_of(Dialect::Tuf1, "snapshot").await;
    what_holds_of_every_change_of(Dialect::Tuf1, "timestamp").await;
}

#[tokio::test]
async fn what_holds_of_every_change_of_a_delegated_role() {
    what_holds_of_every_change_of(Dialect::Tuf1, "files").await;
}

#[tokio::test]
async fn what_holds_of_every_change_of_a_notary_root() {
    what_holds_of_every_change_of(Dialect::Notary, "root").await;
}

#[tokio::test]
async fn what_holds_of_every_change_of_notary_targets_and_delegations() {
    what_holds_of_every_change_of(Dialect::Notary, "targets").await;
    what_holds_of_every_change_of(Dialect::Notary, "files").await;
}

#[tokio::test]
async fn what_holds_of_every_change_of_a_notary_snapshot() {
    what_holds_of_every_change_of(Dialect::Notary, "snapshot").await;
}
