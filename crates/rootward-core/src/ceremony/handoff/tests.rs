//! An officer elsewhere: what goes out, what comes back, and everything that must not be believed on the way.

use std::path::Path;

use rootward_tuf::encoding::{base64, hex};
use rootward_tuf::key::Key;

use super::super::answering::Compared;
use super::super::{Ceremonies, Fact};
use super::*;
use crate::border::CeremonyState;
use crate::keyring;
use crate::ports::Disk;
use crate::rotation_support::{NOW, World, at, file, physical, public, signature, wish};

const REQUEST_FILE: &str = "/stick/root-v2.request";
const RESPONSE_FILE: &str = "/stick/officer-2.response";

/// A desk on which officer 1 has begun to replace officer 3 by officer 4 in a root of three keys, two of which must sign.
async fn begun() -> (World, Ceremonies, String) {
    replacing(3, 4).await
}

async fn replacing(leaves: u8, joins: u8) -> (World, Ceremonies, String) {
    let world = with_a_stick();
    let ceremonies = world.ceremonies();
    let wish = wish(&[leaves], &[joins], &[1]);
    let id = ceremonies.begin("demo", wish).await.expect("begun");
    ceremonies.freeze(&id).await.expect("frozen");
    ceremonies.sign(&id, &physical(1)).expect("signed");
    (world, ceremonies, id)
}

fn with_a_stick() -> World {
    let world = World::new();
    for folder in ["/stick", "/data"] {
        world.disk.create_folder(Path::new(folder)).expect("a folder");
    }
    world
}

fn read(world: &World, path: &str) -> Vec<u8> {
    world.disk.read(Path::new(path), LARGEST).expect("there")
}

fn put(world: &World, path: &str, bytes: &[u8]) {
    world.disk.write(Path::new(path), bytes, false).expect("written");
}

/// What officer `number` answers on a desk of their own that trusts the same root.
fn answer(request: &[u8], number: u8) -> Result<Vec<u8>, Failure> {
    let elsewhere = with_a_stick();
    let ceremonies = elsewhere.ceremonies();
    put(&elsewhere, REQUEST_FILE, request);
    let received = ceremonies.receive(Path::new(REQUEST_FILE), None)?;
    let heard = hex(&received.request.digest().0[..4]);
    let compared = Compared::with(received, &heard).map_err(|(_, failure)| failure)?;
    let reference = keyring::parse(&file(number)).expect("a key");
    ceremonies.answer(&compared, &reference, None, Path::new(RESPONSE_FILE))?;
    Ok(read(&elsewhere, RESPONSE_FILE))
}

fn state(ceremonies: &Ceremonies, id: &str) -> CeremonyState {
    CeremonyState::of(&ceremonies.one(id).expect("a ceremony"))
}

fn events(ceremonies: &Ceremonies, id: &str) -> usize {
    ceremonies.one(id).expect("a ceremony").events.len()
}

#[tokio::test]
async fn an_officer_elsewhere_signs_what_the_request_says_and_the_root_is_published() {
    let (world, ceremonies, id) = begun().await;
    let written = ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let request = read(&world, REQUEST_FILE);
    assert_eq!(Digest::of(&request), written.sha256);
    let response = answer(&request, 2).expect("answered");
    let taken = ceremonies.take_back(None, &response).expect("taken");
    assert_eq!(taken.signatures, [("root".to_owned(), physical(2))]);
    assert_eq!(state(&ceremonies, &id), CeremonyState::Ready);
    ceremonies.rehearse(&id).await.expect("rehearsed");
    ceremonies.publish(&id).await.expect("published");
    assert_eq!(state(&ceremonies, &id), CeremonyState::Published);
    let record = ceremonies.one(&id).expect("a ceremony");
    let brought = record.events.iter().find_map(|event| match &event.fact {
        Fact::Signed(signed) => signed.response,
        _ => None,
    });
    assert_eq!(
        brought,
        Some(Digest::of(&response)),
        "the file that brought it is on record"
    );
}

#[tokio::test]
async fn what_a_reader_sees_is_computed_from_the_bytes_and_a_root_of_their_own() {
    let (world, ceremonies, id) = begun().await;
    ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let request = SigningRequest::read(&read(&world, REQUEST_FILE)).expect("a request");
    let root = world.trusted();
    let digest = *Digest(root.digest()).0.first_chunk::<32>().expect("a digest");
    let ways = [
        Trusted::RootFile(root.file_bytes().to_vec()),
        Trusted::Digest(digest),
        Trusted::Known(vec![b"another".to_vec(), root.file_bytes().to_vec()]),
    ];
    for trusted in ways {
        let received = Received::judge(request.clone(), &trusted, at(NOW)).expect("judged");
        let (frozen, open) = received.documents().next().expect("a root");
        assert!(open && frozen.version() == 2 && received.trusted_version == 1);
        let said: Vec<String> = received
            .differences(frozen, &Default::default())
            .iter()
            .map(|sentence| sentence.text())
            .collect();
        assert!(said.iter().any(|sentence| sentence.contains("root")), "{said:?}");
        assert_eq!(received.for_key(&physical(2)).len(), 1);
        assert!(
            received.for_key(&physical(9)).is_empty(),
            "the timestamp's key signs no root"
        );
    }
    for strangers in [
        Trusted::Digest([7; 32]),
        Trusted::Known(Vec::new()),
        Trusted::Known(vec![b"another".to_vec()]),
    ] {
        let refused = Received::judge(request.clone(), &strangers, at(NOW))
            .map(drop)
            .expect_err("refused");
        assert_eq!(refused.code, "no-anchor");
    }
    let other = World::with_root(&[5, 6, 7], 2).trusted();
    let refused = Received::judge(
        request.clone(),
        &Trusted::RootFile(other.file_bytes().to_vec()),
        at(NOW),
    );
    assert_eq!(refused.map(drop).expect_err("refused").code, "handoff-unproven");
}

#[tokio::test]
async fn a_request_that_was_altered_on_its_way_is_refused_by_name() {
    let (world, ceremonies, id) = begun().await;
    ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let good = read(&world, REQUEST_FILE);
    let text = String::from_utf8(good.clone()).expect("text");
    let request = SigningRequest::read(&good).expect("a request");
    let evil = |change: &dyn Fn(&mut SigningRequest)| {
        let mut request = request.clone();
        change(&mut request);
        request.to_bytes()
    };
    let altered_root = |request: &mut SigningRequest| {
        let bytes = String::from_utf8(request.documents[0].bytes.clone()).expect("text");
        request.documents[0].bytes = bytes.replace("\"version\":2", "\"version\":3").into_bytes();
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut short", good[..good.len() / 2].to_vec(), "handoff-unreadable"),
        ("empty", Vec::new(), "handoff-unreadable"),
        ("a response", response_of(&request, 2), "handoff-unreadable"),
        (
            "of the future",
            text.replace("\"format\": 1", "\"format\": 2").into_bytes(),
            "handoff-newer",
        ),
        (
            "with something added",
            text.replacen("\"ceremony\"", "\"trust_me\": true,\n  \"ceremony\"", 1)
                .into_bytes(),
            "handoff-unreadable",
        ),
        (
            "other bytes under the same digest",
            text.replace(&base64(&request.documents[0].bytes), &base64(b"{}"))
                .into_bytes(),
            "handoff-altered",
        ),
        ("a version left out", evil(&altered_root), "handoff-unproven"),
        (
            "no document",
            evil(&|request| request.documents.clear()),
            "handoff-unreadable",
        ),
        (
            "nothing open",
            evil(&|request| request.documents[0].open = false),
            "handoff-unreadable",
        ),
        (
            "the same document twice",
            evil(&|request| request.documents.push(request.documents[0].clone())),
            "handoff-unreadable",
        ),
        ("no root", evil(&|request| request.roots.clear()), "handoff-unreadable"),
        (
            "a document without the one before it",
            evil(&|request| request.documents[0].role = "snapshot".into()),
            "handoff-unreadable",
        ),
        (
            "another repository's name of a role",
            evil(&|request| request.documents[0].role = "../root".into()),
            "handoff-unreadable",
        ),
    ];
    for (name, bytes, code) in cases {
        let refused = answer(&bytes, 2).expect_err(name);
        assert_eq!(refused.code, code, "{name}: {}", refused.message);
    }
    assert!(answer(&good, 2).is_ok());
}

#[tokio::test]
async fn nobody_signs_a_request_whose_digest_was_not_read_to_them() {
    let (world, ceremonies, id) = begun().await;
    ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let bytes = read(&world, REQUEST_FILE);
    let elsewhere = with_a_stick();
    let desk = elsewhere.ceremonies();
    put(&elsewhere, REQUEST_FILE, &bytes);
    let mut received = desk.receive(Path::new(REQUEST_FILE), None).expect("received");
    let digest = hex(&received.request.digest().0);
    for heard in [
        "",
        &digest[..7],
        "0000 0000",
        &format!("{}0", &digest[..63]),
        "résumé résumé",
    ] {
        if digest.starts_with(&heard.replace(' ', "")) && heard.len() >= 8 {
            continue;
        }
        let Err((back, failure)) = Compared::with(received, heard) else {
            panic!("{heard} was taken")
        };
        assert_eq!(failure.code, "handoff-not-compared", "{heard}");
        received = *back;
    }
    for heard in [
        digest[..8].to_owned(),
        digest.to_uppercase(),
        format!("{} {}", &digest[..4], &digest[4..8]),
    ] {
        received = match Compared::with(received, &heard) {
            Ok(_) => desk.receive(Path::new(REQUEST_FILE), None).expect("received"),
            Err((_, failure)) => panic!("{heard}: {failure}"),
        };
    }
}

#[tokio::test]
async fn a_key_that_speaks_for_nothing_is_told_so_before_its_secret_is_asked_for() {
    let (world, ceremonies, id) = begun().await;
    ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let elsewhere = with_a_stick();
    let desk = elsewhere.ceremonies();
    put(&elsewhere, REQUEST_FILE, &read(&world, REQUEST_FILE));
    let received = desk.receive(Path::new(REQUEST_FILE), None).expect("received");
    let heard = hex(&received.request.digest().0);
    let compared = Compared::with(received, &heard)
        .map_err(|(_, failure)| failure)
        .expect("compared");
    let reference = keyring::parse(&file(9)).expect("a key");
    let refused = desk
        .answer(&compared, &reference, None, Path::new(RESPONSE_FILE))
        .map(drop)
        .expect_err("refused");
    assert_eq!(refused.code, "key-not-found");
    assert!(elsewhere.prompt.shown.lock().expect("a lock").is_empty());
    assert!(
        elsewhere.disk.read(Path::new(RESPONSE_FILE), 10).is_err(),
        "nothing was written"
    );
}

#[tokio::test]
async fn a_key_signs_two_roots_of_one_version_elsewhere_only_for_a_reason_that_stays_on_record() {
    let elsewhere = with_a_stick();
    let desk = elsewhere.ceremonies();
    let reference = keyring::parse(&file(2)).expect("a key");
    let mut requests = Vec::new();
    for joins in [4, 5] {
        let (world, ceremonies, id) = replacing(3, joins).await;
        ceremonies
            .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
            .await
            .expect("written");
        requests.push(read(&world, REQUEST_FILE));
    }
    let answer = |request: &[u8], because| {
        put(&elsewhere, REQUEST_FILE, request);
        let received = desk.receive(Path::new(REQUEST_FILE), None)?;
        let heard = hex(&received.request.digest().0);
        let compared = Compared::with(received, &heard).map_err(|(_, failure)| failure)?;
        desk.answer(&compared, &reference, because, Path::new(RESPONSE_FILE))
            .map(drop)
    };
    answer(&requests[0], None).expect("the first");
    answer(&requests[0], None).expect("the same bytes again are no second document");
    let asked = elsewhere.prompt.shown.lock().expect("a lock").len();
    for because in [None, Some("  ")] {
        assert_eq!(
            answer(&requests[1], because).expect_err("refused").code,
            "signed-otherwise"
        );
    }
    assert_eq!(
        elsewhere.prompt.shown.lock().expect("a lock").len(),
        asked,
        "nobody was asked for a secret"
    );
    answer(&requests[1], Some("the first one was withdrawn by telephone")).expect("for a reason");
    let deeds = desk.ledger().deeds().expect("a ledger");
    let reasons = deeds
        .signings
        .iter()
        .filter_map(|signing| signing.what.again_because.as_deref());
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        ["the first one was withdrawn by telephone"]
    );
}

#[tokio::test]
async fn a_response_is_taken_only_where_it_belongs_and_only_once() {
    let (world, ceremonies, id) = begun().await;
    ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let request = SigningRequest::read(&read(&world, REQUEST_FILE)).expect("a request");
    let good = response_of(&request, 2);
    let response = SigningResponse::read(&good, Dialect::Tuf1).expect("a response");
    let evil = |change: &dyn Fn(&mut SigningResponse)| {
        let mut response = response.clone();
        change(&mut response);
        response.to_bytes()
    };
    let text = String::from_utf8(good.clone()).expect("text");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut short", good[..good.len() - 20].to_vec(), "handoff-unreadable"),
        ("a request", request.to_bytes(), "handoff-unreadable"),
        (
            "of the future",
            text.replace("\"format\": 1", "\"format\": 9").into_bytes(),
            "handoff-newer",
        ),
        (
            "for another ceremony",
            evil(&|response| response.ceremony = "2026-077".into()),
            "handoff-foreign",
        ),
        (
            "for a ceremony that is a path",
            evil(&|response| response.ceremony = "../2026-001".into()),
            "handoff-foreign",
        ),
        (
            "of another history",
            evil(&|response| response.head = Digest::of(b"another")),
            "handoff-foreign",
        ),
        (
            "over other bytes",
            evil(&|response| response.signatures[0].sha256 = Digest::of(b"another")),
            "handoff-foreign",
        ),
        (
            "with a flipped bit",
            evil(&|response| {
                let signature = &mut response.signatures[0].signature;
                let bytes = signature.bytes.as_mut().expect("bytes");
                bytes[10] ^= 1;
            }),
            "signature-refused",
        ),
        (
            "by a key that does not speak",
            response_of(&request, 9),
            "signature-refused",
        ),
        (
            "with one good and one bad signature",
            evil(&|response| {
                let mut bad = response.signatures[0].clone();
                bad.signature.bytes.as_mut().expect("bytes")[0] ^= 0x80;
                response.signatures.push(bad);
            }),
            "signature-refused",
        ),
        ("empty", evil(&|response| response.signatures.clear()), "already-signed"),
    ];
    let before = events(&ceremonies, &id);
    for (name, bytes, code) in cases {
        let refused = ceremonies.take_back(None, &bytes).map(drop).expect_err(name);
        assert_eq!(refused.code, code, "{name}: {}", refused.message);
        assert_eq!(events(&ceremonies, &id), before, "{name}: nothing is on record");
    }
    ceremonies.take_back(None, &good).expect("taken");
    let replayed = ceremonies.take_back(None, &good).map(drop).expect_err("refused");
    assert_eq!(replayed.code, "already-signed");
    ceremonies.abandon(&id, "enough").await.expect("abandoned");
    // What comes late exists all the same: it is verified as ever, and loose.
    let mut forged = SigningResponse::read(&response_of(&request, 4), Dialect::Tuf1).expect("a response");
    forged.signatures[0].signature.bytes = Some(vec![7; 64]);
    let refused = ceremonies
        .take_back(None, &forged.to_bytes())
        .map(drop)
        .expect_err("refused");
    assert_eq!(refused.code, "signature-refused");
    let late = ceremonies.take_back(None, &response_of(&request, 4)).expect("taken");
    assert_eq!(state(&ceremonies, &id), CeremonyState::Abandoned);
    let subject = late.record.begun().expect("begun").repository.clone();
    let loose = ceremonies.loose(&subject).expect("a list");
    assert_eq!(loose[0].signatures.len(), 3);
    assert!(loose[0].is_publishable, "and now anybody could publish it");
    let again = ceremonies
        .take_back(None, &response_of(&request, 4))
        .map(drop)
        .expect_err("refused");
    assert_eq!(again.code, "already-signed");
    ceremonies
        .sign(&id, &physical(3))
        .map(drop)
        .expect_err("nobody is asked to sign it any more");
}

#[tokio::test]
async fn signatures_of_other_tools_are_taken_whatever_they_call_the_key() {
    let (_world, ceremonies, id) = begun().await;
    ceremonies
        .hand_out(&id, Path::new(REQUEST_FILE), Vec::new())
        .await
        .expect("written");
    let record = ceremonies.one(&id).expect("a ceremony");
    let collected = record.sound().expect("sound").stage.collected().expect("fixed");
    let made = |number| {
        hex(signature(number, collected.root().expect("a root"))
            .bytes
            .as_deref()
            .expect("bytes"))
    };
    let keyid = Key::new_tuf1(&public(2)).keyid().to_string();
    let alone = format!("{{\"keyid\": \"{keyid}\", \"sig\": \"{}\"}}", made(2));
    let renamed = format!("[{{\"keyid\": \"another-name\", \"sig\": \"{}\"}}]", made(4));
    let whole = format!("{{\"signatures\": [{alone}, {{\"keyid\": \"x\", \"sig\": \"\"}}], \"signed\": {{}}}}");
    let unnamed = ceremonies
        .take_back(None, alone.as_bytes())
        .map(drop)
        .expect_err("refused");
    assert_eq!(unnamed.code, "handoff-unreadable");
    for (text, code) in [
        ("{}", "handoff-unreadable"),
        ("[]", "handoff-unreadable"),
        ("{\"keyid\": \"x\"}", "handoff-unreadable"),
        ("[1]", "handoff-unreadable"),
        ("{\"keyid\": \"x\", \"sig\": \"zz\"}", "handoff-unreadable"),
        ("{\"keyid\": \"x\", \"sig\": \"00\"}", "signature-refused"),
    ] {
        let refused = ceremonies
            .take_back(Some(&id), text.as_bytes())
            .map(drop)
            .expect_err(text);
        assert_eq!(refused.code, code, "{text}");
    }
    let taken = ceremonies.take_back(Some(&id), renamed.as_bytes()).expect("taken");
    assert_eq!(taken.signatures, [("root".to_owned(), physical(4))]);
    let taken = ceremonies.take_back(Some(&id), whole.as_bytes()).expect("taken");
    assert_eq!(taken.signatures, [("root".to_owned(), physical(2))]);
    assert_eq!(state(&ceremonies, &id), CeremonyState::Ready);
    let again = ceremonies
        .take_back(Some(&id), alone.as_bytes())
        .map(drop)
        .expect_err("refused");
    assert_eq!(again.code, "already-signed");
}

/// What officer `number` would answer, made by hand: by whoever holds the key, whatever a desk would refuse.
fn response_of(request: &SigningRequest, number: u8) -> Vec<u8> {
    let (frozen, _) = request.frozen().expect("documents").remove(0);
    let frozen = frozen.as_root().expect("a root").clone();
    let response = SigningResponse {
        ceremony: request.ceremony.clone(),
        head: request.head,
        signatures: vec![Answered {
            role: "root".into(),
            sha256: Digest(frozen.digest()),
            signature: signature(number, &frozen),
        }],
    };
    response.to_bytes()
}
