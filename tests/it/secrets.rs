//! A secret leaves no trace: not in logs, journals, database or transcript, nor in what any process was started with.

use crate::{ctl, world_guarded_by};
use rootward_tests::traces::Traces;
use std::fs;

/// Eight characters, as a PIN may have at most.
const SECRET: &str = "Zq7!mW2x";
const NOW: &str = "2029-01-01T00:00:00Z";

#[test]
fn a_rotation_with_key_files_leaves_no_trace_of_their_passphrase() {
    let (world, traces) = (world_guarded_by(SECRET), Traces::of(SECRET));
    let desk = (1..=4).fold(ctl(), |desk, number| {
        desk.with_secret(world.key(&format!("officer_{number}")), SECRET)
    });
    let wrong = ctl().with_secret(world.key("officer_3"), format!("{SECRET}2"));
    let transcript = world.source.replace("metadata", "transcript.html");
    let (leaves, joins, stays) = (world.key("officer_3"), world.key("officer_4"), world.key("officer_1"));
    let wish = [
        "rotate-root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
        "--json",
        "--remove",
        &leaves,
        "--add",
        &joins,
        "--sign",
        &stays,
        "--transcript",
        &transcript,
    ];
    // A passphrase that does not fit is as secret as one that does: it may be that of another key.
    let (refused, begun_with) = wrong.run_and_look(wish);
    assert_eq!(refused.code, 3, "{refused:?}");
    let (told, started_with) = desk.run_and_look(wish);
    assert_eq!(told.code, 0, "{told:?}");
    for (told, started_with) in [(&refused, begun_with), (&told, started_with)] {
        let said = format!("{}{}", told.out, told.err);
        assert_eq!(traces.within(said.as_bytes()), [""; 0]);
        assert!(!started_with.is_empty(), "a process can be looked at while it runs");
        for bytes in started_with {
            assert_eq!(traces.within(&bytes), [""; 0], "{}", String::from_utf8_lossy(&bytes));
        }
    }
    for desk in [&wrong, &desk] {
        assert!(desk.data().join("desk.sqlite").is_file());
        assert_eq!(traces.below(&desk.data()), [""; 0]);
    }
    assert!(desk.data().join("ceremonies").is_dir(), "a journal was searched");
    assert_eq!(traces.below(world.source.as_ref()), [""; 0]);
    assert_eq!(traces.within(&fs::read(&transcript).unwrap()), [""; 0]);
}

#[test]
fn a_secret_taken_from_the_environment_reaches_nothing_but_the_key() {
    let (world, traces) = (world_guarded_by(SECRET), Traces::of(SECRET));
    let (leaves, joins, stays) = (world.key("officer_3"), world.key("officer_4"), world.key("officer_1"));
    let secrets: String = (1..=4)
        .map(|number| format!("{}\t{SECRET}\n", world.key(&format!("officer_{number}"))))
        .collect();
    let desk = ctl().with_variable("ROOTWARD_SECRETS", secrets);
    let told = desk.run([
        "rotate-root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
        "--secrets-from-env",
        "--remove",
        &leaves,
        "--add",
        &joins,
        "--sign",
        &stays,
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(traces.below(&desk.data()), [""; 0]);
    assert_eq!(traces.below(world.source.as_ref()), [""; 0]);
}

#[test]
fn a_trace_is_found_in_every_form_it_is_planted_in() {
    let traces = Traces::of(SECRET);
    // Each written by another program, so that the search is not checked against itself.
    let planted = [
        "PIN Zq7!mW2x.",
        "5a7137216d573278",
        "5A7137216D573278",
        "[90,113,55,33,109,87,50,120]",
        "[90, 113, 55, 33, 109, 87, 50, 120]",
        "pin=Zq7%21mW2x&",
        "WnE3IW1XMng=",
        "eFpxNyFtVzJ4eA==",
        "eHhacTchbVcyeHg=",
        "WgBxADcAIQBtAFcAMgB4AA==",
    ];
    for text in planted {
        assert!(!traces.within(text.as_bytes()).is_empty(), "{text}");
    }
    let wide: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(traces.within(&wide), ["UTF-16LE, plain"]);
    assert_eq!(traces.within(b"Zq7!mW2y and nothing else"), [""; 0]);
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("inside")).unwrap();
    fs::write(place.path().join("inside/log"), planted[6]).unwrap();
    assert!(traces.below(place.path())[0].contains("inside/log: UTF-8, base64 at 0"));
}
