//! A kit on a stick, and many files taken back at once: each judged by itself, and none believed.

use std::path::{Path, PathBuf};

use super::{signed, state, to_the_end};
use crate::border::CeremonyState;
use crate::ceremony::{Answered, Ceremonies, Digest, SigningRequest, SigningResponse};
use crate::ports::{AnchorHow, AnchorRecord, Disk, Vault};
use crate::rotation_support::{NOW, World, at, signature, wish};

const KIT: &str = "/stick/kit";
const PROGRAM: &str = "/bin/rootwardctl";

/// A ceremony with one signature too few, and a stick.
async fn begun() -> (World, Ceremonies, String) {
    let world = World::new();
    for folder in ["/stick", "/bin", "/data"] {
        world.disk.create_folder(Path::new(folder)).expect("a folder");
    }
    world
        .disk
        .write(Path::new(PROGRAM), b"\x7fELF", false)
        .expect("written");
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1])
        .await
        .expect("signed");
    (world, ceremonies, id)
}

fn read(world: &World, path: &str) -> Vec<u8> {
    world.disk.read(Path::new(path), 1 << 24).expect("there")
}

fn put(world: &World, name: &str, bytes: &[u8]) {
    let path = Path::new(KIT).join("responses").join(name);
    world.disk.write(&path, bytes, false).expect("written");
}

fn response(request: &SigningRequest, number: u8) -> Vec<u8> {
    let frozen = rootward_tuf::draft::AnyFrozen::from_bytes(
        &request.documents[0].bytes,
        request.dialect,
        rootward_tuf::role::RoleName::root(),
    )
    .expect("a root");
    SigningResponse {
        ceremony: request.ceremony.clone(),
        head: request.head,
        signatures: vec![Answered {
            role: "root".into(),
            sha256: Digest(frozen.digest()),
            signature: signature(number, frozen.as_root().expect("a root")),
        }],
    }
    .to_bytes()
}

#[tokio::test]
async fn a_kit_holds_all_that_an_officer_needs_and_no_digest_that_is_to_be_heard() {
    let (world, ceremonies, id) = begun().await;
    let before = ceremonies.one(&id).expect("a ceremony").events.len();
    let kit = ceremonies
        .make_kit(&id, Path::new(KIT), Path::new(PROGRAM), Vec::new())
        .await
        .expect("made");
    let request = format!("requests/{id}.request");
    let names: Vec<&str> = kit.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [request.as_str(), "rootwardctl", "checklist.html"]);
    let sums = String::from_utf8(read(&world, "/stick/kit/SHA256SUMS")).expect("text");
    for (name, sum) in &kit.files {
        assert_eq!(Digest::of(&read(&world, &format!("{KIT}/{name}"))), *sum);
        assert!(sums.contains(&format!("{sum}  {name}\n")), "{sums}");
    }
    assert!(
        world
            .disk
            .list(&Path::new(KIT).join("responses"))
            .expect("a folder")
            .is_empty()
    );
    let page = String::from_utf8(read(&world, "/stick/kit/checklist.html")).expect("text");
    let digest = kit.written.request.digest();
    assert!(
        !page.contains(&digest.to_string()[..8]) && !page.contains("<script"),
        "{page}"
    );
    assert_eq!(
        ceremonies.one(&id).expect("a ceremony").events.len(),
        before + 1,
        "on record"
    );
}

#[tokio::test]
async fn a_kit_is_made_in_an_empty_folder_with_a_program_and_for_what_takes_signatures() {
    let (world, ceremonies, id) = begun().await;
    let before = ceremonies.one(&id).expect("a ceremony").events.len();
    world.disk.create_folder(Path::new(KIT)).expect("a folder");
    world
        .disk
        .write(&Path::new(KIT).join("mine.txt"), b"", false)
        .expect("written");
    let kit = |folder: &'static str, program: &'static str| {
        let (ceremonies, id) = (ceremonies.clone(), id.clone());
        async move {
            let made = ceremonies
                .make_kit(&id, Path::new(folder), Path::new(program), Vec::new())
                .await;
            made.map(drop).unwrap_err().code
        }
    };
    assert_eq!(kit(KIT, PROGRAM).await, "bad-usage");
    assert_eq!(kit("/stick/other", "/bin/none").await, "metadata-not-found");
    assert_eq!(
        ceremonies.one(&id).expect("a ceremony").events.len(),
        before,
        "nothing was handed out"
    );
    ceremonies.abandon(&id, "enough").await.expect("abandoned");
    let ended = ceremonies
        .make_kit(&id, Path::new("/stick/late"), Path::new(PROGRAM), Vec::new())
        .await;
    assert_eq!(ended.map(drop).unwrap_err().code, "ceremony-ended");
}

#[tokio::test]
async fn everything_in_a_kit_is_taken_back_at_once_and_each_file_is_judged_by_itself() {
    let (world, ceremonies, id) = begun().await;
    let empty = ceremonies.take_kit(Path::new(KIT)).map(drop).unwrap_err();
    assert_eq!(empty.code, "metadata-not-found");
    ceremonies
        .make_kit(&id, Path::new(KIT), Path::new(PROGRAM), Vec::new())
        .await
        .expect("made");
    let nothing = ceremonies.take_kit(Path::new(KIT)).map(drop).unwrap_err();
    assert_eq!(nothing.code, "metadata-not-found");
    let request = SigningRequest::read(&read(&world, &format!("{KIT}/requests/{id}.request"))).expect("a request");
    let good = response(&request, 2);
    let mut foreign = SigningResponse::read(&good, request.dialect).expect("a response");
    foreign.ceremony = "2026-077".into();
    let frozen = &request.documents[0].bytes;
    let signature = rootward_tuf::encoding::hex(&crate::rotation_support::officer(4).sign(frozen));
    let detached = format!("{{\"keyid\": \"4\", \"sig\": \"{signature}\"}}");
    for (name, bytes) in [
        ("a-good.response", good.clone()),
        ("b-again.response", good.clone()),
        ("c-foreign.response", foreign.to_bytes()),
        ("d-cut.response", good[..good.len() / 2].to_vec()),
        ("e-detached.json", detached.into_bytes()),
        ("f-notes.txt", b"I signed at noon".to_vec()),
    ] {
        put(&world, name, &bytes);
    }
    world
        .disk
        .create_folder(&Path::new(KIT).join("responses/g-folder"))
        .expect("a folder");
    let judged = ceremonies.take_kit(Path::new(KIT)).expect("judged");
    let told: Vec<(String, String)> = judged
        .iter()
        .map(|file| {
            let name = file.path.file_name().expect("a name").to_string_lossy().into_owned();
            let outcome = file
                .outcome
                .as_ref()
                .map(|taken| format!("took {}", taken.signatures.len()));
            (name, outcome.unwrap_or_else(|failure| failure.code.clone()))
        })
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(name, what)| (name.as_str(), what.as_str())).collect();
    assert_eq!(
        told,
        [
            ("a-good.response", "took 1"),
            ("b-again.response", "already-signed"),
            ("c-foreign.response", "handoff-foreign"),
            ("d-cut.response", "handoff-unreadable"),
            ("e-detached.json", "took 1"),
            ("f-notes.txt", "handoff-unreadable"),
            ("g-folder", "metadata-not-found"),
        ]
    );
    assert_eq!(state(&ceremonies, &id), CeremonyState::Ready);
    to_the_end(&ceremonies, &id).await.expect("published");
}

#[tokio::test]
async fn files_that_were_dropped_go_to_the_ceremony_they_name() {
    let (world, ceremonies, id) = begun().await;
    ceremonies
        .make_kit(&id, Path::new(KIT), Path::new(PROGRAM), Vec::new())
        .await
        .expect("made");
    let request = SigningRequest::read(&read(&world, &format!("{KIT}/requests/{id}.request"))).expect("a request");
    put(&world, "a.response", &response(&request, 2));
    let paths = [
        PathBuf::from("/stick/kit/responses/a.response"),
        PathBuf::from("/stick/none"),
    ];
    let judged = ceremonies.take_files(Some("2026-077"), &paths);
    assert!(judged[0].outcome.is_ok(), "it names its ceremony itself");
    assert_eq!(
        judged[1].outcome.as_ref().map(drop).unwrap_err().code,
        "metadata-not-found"
    );
}

#[tokio::test]
async fn a_request_holds_roots_from_before_the_desk_came_where_the_source_has_them() {
    let world = World::new();
    world.disk.create_folder(Path::new("/stick")).expect("a folder");
    let first = world.published("1.root.json").expect("there");
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
        .await
        .expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    // A desk that came when v2 was there, and never saw v1.
    let later = World::new();
    later.disk.create_folder(Path::new("/stick")).expect("a folder");
    let second = world.published("2.root.json").expect("there");
    let place = Path::new(crate::rotation_support::REPOSITORY).join("2.root.json");
    later.disk.write(&place, &second, false).expect("written");
    let anchor = AnchorRecord {
        how: AnchorHow::Given,
        version: 2,
        sha256: rootward_tuf::encoding::sha256(&second),
        bytes: second.clone(),
        at: at(NOW),
    };
    later.vault.set_anchor("demo", &anchor).expect("anchored");
    let ceremonies = later.ceremonies();
    let id = signed(&ceremonies, wish(&[2], &[5], &[1, 4]), &[1])
        .await
        .expect("signed");
    let path = Path::new("/stick/a.request");
    let written = ceremonies.hand_out(&id, path, Vec::new()).await.expect("written");
    assert_eq!(written.request.roots, [first.clone(), second.clone()]);
    // An officer who trusts v1 alone can judge it.
    let elsewhere = World::new();
    elsewhere.disk.create_folder(Path::new("/stick")).expect("a folder");
    let request = later.disk.read(path, 1 << 24).expect("there");
    elsewhere.disk.write(path, &request, false).expect("written");
    let received = elsewhere.ceremonies().receive(path, None).expect("it follows");
    assert_eq!(received.trusted_version, 1);
    // What does not lead on is left out, and so is everything before it.
    let stranger = World::with_root(&[6, 7], 2).published("1.root.json").expect("there");
    let place = Path::new(crate::rotation_support::REPOSITORY).join("1.root.json");
    later.disk.write(&place, &stranger, false).expect("written");
    let written = ceremonies
        .hand_out(&id, Path::new("/stick/b.request"), Vec::new())
        .await
        .expect("written");
    assert_eq!(written.request.roots, [second]);
}

#[tokio::test]
async fn clients_on_the_oldest_root_to_be_supported_are_taken_along_or_the_rehearsal_says_who_is_not() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let first = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2])
        .await
        .expect("signed");
    to_the_end(&ceremonies, &first).await.expect("published");
    let id = signed(&ceremonies, wish(&[2], &[5], &[1, 4]), &[1, 4])
        .await
        .expect("signed");
    for version in [0, 3, 9] {
        let refused = ceremonies
            .rehearse_from(&id, Some(version))
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(refused.code, "bad-usage", "v{version}");
    }
    let record = ceremonies.rehearse_from(&id, Some(1)).await.expect("taken along");
    let crate::ceremony::Stage::Rehearsed(_, rehearsed) = &record.sound().expect("sound").stage else {
        panic!("not rehearsed")
    };
    assert_eq!(rehearsed.oldest, Some(1));
    assert!(
        rehearsed.clients[0]
            .name
            .contains("root v1, the oldest to be supported"),
        "{:?}",
        rehearsed.clients
    );
    // Root v2 is gone from the source: nobody on v1 comes to today's root any more.
    let place = Path::new(crate::rotation_support::REPOSITORY).join("2.root.json");
    let second = world.published("2.root.json").expect("there");
    world.disk.remove(&place).expect("removed");
    let refused = ceremonies.rehearse_from(&id, Some(1)).await.map(drop).unwrap_err();
    assert_eq!(refused.code, "rehearsal-refused");
    world.disk.write(&place, &second, false).expect("written");
    ceremonies.rehearse_from(&id, Some(2)).await.expect("today's alone");
    ceremonies.publish(&id).await.expect("published");
}
