//! A desk goes into a file and comes back, as a whole, never older than it was; what is no backup changes nothing.

use std::{path::Path, sync::Arc};

use rootward_tuf::{
    Dialect, RoleName,
    draft::TimestampDraft,
    encoding::{hex, sha256},
    metadata::{self, Timestamp},
};

use super::{archive::Archive, finish, make, restore};
use crate::{
    adapters::{ForgettingDisk, Loss},
    border::{Action, CeremonyState, Outcome, Query, View},
    desk::Rootward,
    ports::{Disk, Failure, FailureKind, Ports, Proven, Vault, claimed_version},
    rotation_support::{NOW, World, at, physical, signature, wish},
};

const FILE: &str = "/stick/desk.backup";

/// A desk that has rotated root once and seen the newest of each role.
async fn busy() -> World {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = ceremonies
        .begin("demo", wish(&[3], &[4], &[1, 2]))
        .await
        .expect("begun");
    ceremonies.freeze(&id).await.expect("frozen");
    for number in [1, 4, 2] {
        ceremonies.sign(&id, &physical(number)).expect("signed");
    }
    ceremonies.rehearse(&id).await.expect("rehearsed");
    ceremonies.publish(&id).await.expect("published");
    let documents = ["timestamp.json", "1.snapshot.json"].map(|name| world.published(name).expect("there"));
    let [timestamp, snapshot] = documents;
    let floors = Proven {
        documents: vec![(RoleName::timestamp(), timestamp), (RoleName::snapshot(), snapshot)],
        ..Proven::default()
    };
    world.vault.keep("demo", &floors).expect("kept");
    for (name, text) in [
        ("officer-1.pem", "a private key, encrypted"),
        ("officer-1.pem.pub", "its public half"),
    ] {
        world.disk.create_folder(Path::new("/data/keys")).expect("a folder");
        world
            .disk
            .write(&Path::new("/data/keys").join(name), text.as_bytes(), true)
            .expect("written");
    }
    world.disk.create_folder(Path::new("/stick")).expect("a folder");
    world
}

/// A desk that knows nothing yet, with the stick in it.
fn fresh(stick: &World) -> World {
    let world = World {
        disk: Arc::new(ForgettingDisk::new()),
        vault: Arc::default(),
        prompt: Arc::default(),
        keys: Arc::default(),
        server: None,
    };
    world.disk.create_folder(Path::new("/stick")).expect("a folder");
    world.disk.create_folder(Path::new("/data")).expect("a folder");
    if let Ok(bytes) = stick.disk.read(Path::new(FILE), 1 << 30) {
        world.disk.write(Path::new(FILE), &bytes, true).expect("written");
    }
    world
}

fn ports(world: &World) -> Ports {
    world.ports(NOW)
}

/// Everything a restore may change.
fn state(world: &World) -> Vec<String> {
    let vault = &world.vault;
    let mut state = Vec::new();
    for record in vault.repositories().unwrap() {
        let (anchor, proven) = (vault.anchor(&record.id).unwrap(), vault.proven(&record.id).unwrap());
        state.push(format!("{record:?} {anchor:?} {proven:?}"));
    }
    let mut waiting = vec![Path::new("/data").to_owned()];
    while let Some(folder) = waiting.pop() {
        for name in world.disk.list(&folder).unwrap_or_default() {
            let path = folder.join(name);
            match world.disk.read(&path, 1 << 30) {
                Ok(bytes) => state.push(format!("{} {bytes:?}", path.display())),
                Err(_) => waiting.push(path),
            }
        }
    }
    state.sort();
    state
}

fn timestamp_floor(world: &World) -> Option<u64> {
    let proven = world.vault.proven("demo").unwrap();
    let (_, bytes) = proven
        .documents
        .iter()
        .find(|(role, _)| *role == RoleName::timestamp())?;
    claimed_version(bytes)
}

/// The next timestamp, as the online key signs it.
fn newer_timestamp(world: &World) -> Vec<u8> {
    let root = world.trusted();
    let read = metadata::read::<Timestamp>(&world.published("timestamp.json").unwrap(), Dialect::Tuf1).unwrap();
    let mut draft = TimestampDraft::next(&read);
    draft.set_expires(at("2026-12-02T00:00:00Z"));
    let frozen = draft.freeze().unwrap();
    let signed = vec![signature(9, &frozen)];
    let body = root.body();
    frozen
        .complete(&body.keys, &body.timestamp, signed)
        .ok()
        .unwrap()
        .file_bytes()
        .to_vec()
}

#[tokio::test]
async fn a_desk_comes_back_whole_from_its_backup_and_the_same_desk_gives_the_same_file() {
    let desk = busy().await;
    let made = make(&ports(&desk), Path::new(FILE), false).unwrap();
    assert_eq!(made.keys, 0);
    let again = make(&ports(&desk), Path::new("/stick/again"), false).unwrap();
    assert_eq!(made.sha256, again.sha256);
    let refused = make(&ports(&desk), Path::new(FILE), false).unwrap_err();
    assert_eq!(refused.code, "bad-usage", "a backup is never written over");

    let other = fresh(&desk);
    let restored = restore(&ports(&other), Path::new(FILE)).unwrap();
    assert_eq!(
        (restored.added, restored.merged, restored.left_out),
        (vec!["demo".to_owned()], vec![], 0)
    );
    let (before, after) = (desk.vault.proven("demo").unwrap(), other.vault.proven("demo").unwrap());
    assert_eq!(before.documents.len(), after.documents.len());
    assert!(before.roots.iter().all(|root| after.roots.contains(root)));
    assert_eq!(other.vault.anchor("demo").unwrap(), desk.vault.anchor("demo").unwrap());
    let ceremonies = other.ceremonies();
    let record = ceremonies.one("2026-001").unwrap();
    assert_eq!(CeremonyState::of(&record), CeremonyState::Published);
    assert!(other.disk.read(Path::new("/data/keys/officer-1.pem.pub"), 99).is_ok());
    assert!(
        other.disk.read(Path::new("/data/keys/officer-1.pem"), 99).is_err(),
        "nobody asked for private keys"
    );
    // Twice is once.
    let state_then = state(&other);
    restore(&ports(&other), Path::new(FILE)).unwrap();
    assert_eq!(state(&other), state_then);
    // With private keys only when asked for.
    let made = make(&ports(&desk), Path::new("/stick/with-keys"), true).unwrap();
    assert_eq!(made.keys, 1);
}

#[tokio::test]
async fn an_open_desk_writes_a_backup_and_shows_what_it_took_in() {
    let desk = busy().await;
    let path = FILE.to_owned();
    let open = Rootward::open(ports(&desk)).unwrap();
    let made = open
        .act(Action::BackUp {
            path: path.clone(),
            with_keys: true,
        })
        .await
        .unwrap();
    assert!(matches!(made, Outcome::BackedUp { private_keys: 1, .. }), "{made:?}");
    let other = fresh(&desk);
    let open = Rootward::open(ports(&other)).unwrap();
    let restored = open.act(Action::Restore { path }).await.unwrap();
    assert!(
        matches!(&restored, Outcome::Restored { added, .. } if added == &["demo"]),
        "{restored:?}"
    );
    let shown = open
        .query(Query::Repository {
            repository: "demo".into(),
        })
        .await
        .unwrap();
    assert!(matches!(shown, View::Repository(_)));
    let relative = open
        .act(Action::Restore {
            path: "desk.backup".into(),
        })
        .await
        .unwrap_err();
    assert_eq!(relative.code, "bad-usage");
}

#[tokio::test]
async fn the_higher_of_two_floors_stays_whichever_side_it_is_on() {
    let desk = busy().await;
    make(&ports(&desk), Path::new(FILE), false).unwrap();
    let newer = Proven {
        documents: vec![(RoleName::timestamp(), newer_timestamp(&desk))],
        ..Proven::default()
    };
    // The desk has seen more since.
    desk.vault.keep("demo", &newer).unwrap();
    restore(&ports(&desk), Path::new(FILE)).unwrap();
    assert_eq!(timestamp_floor(&desk), Some(2));
    // The backup has seen more than the desk.
    make(&ports(&desk), Path::new("/stick/newer"), false).unwrap();
    let behind = fresh(&desk);
    restore(&ports(&behind), Path::new(FILE)).unwrap();
    assert_eq!(timestamp_floor(&behind), Some(1));
    let bytes = desk.disk.read(Path::new("/stick/newer"), 1 << 30).unwrap();
    behind.disk.write(Path::new("/stick/newer"), &bytes, true).unwrap();
    let restored = restore(&ports(&behind), Path::new("/stick/newer")).unwrap();
    assert_eq!((timestamp_floor(&behind), restored.merged.len()), (Some(2), 1));
}

#[tokio::test]
async fn a_floor_or_root_that_nobody_signed_is_not_taken_in() {
    let desk = busy().await;
    make(&ports(&desk), Path::new(FILE), false).unwrap();
    let whole = Archive::read(&desk.disk.read(Path::new(FILE), 1 << 30).unwrap()).unwrap();
    let plant = |from: &str, to: &str, name: &str| {
        let mut archive = whole.clone();
        for (path, bytes) in &mut archive.files {
            if path.contains(name) {
                let text = String::from_utf8(bytes.clone()).unwrap();
                assert!(text.contains(from), "{path}: {text}");
                *bytes = text.replace(from, to).into_bytes();
            }
        }
        desk.disk
            .write(Path::new("/stick/planted"), &archive.write().unwrap(), true)
            .unwrap();
    };
    // Somebody who can write manifests raises a version, to lock the desk out of everything published after.
    plant("\"version\": 1\n", "\"version\": 999\n", "documents/");
    let before = state(&desk);
    let _ = restore(&ports(&desk), Path::new("/stick/planted")).unwrap();
    assert_eq!(state(&desk), before);
    // Or a root of their own.
    plant("\"threshold\": 2", "\"threshold\": 1", "roots/2");
    let refused = restore(&ports(&desk), Path::new("/stick/planted")).unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.kind),
        ("backup-conflicts", FailureKind::Refusal)
    );
    let other = fresh(&desk);
    let bytes = desk.disk.read(Path::new("/stick/planted"), 1 << 30).unwrap();
    other.disk.write(Path::new("/stick/planted"), &bytes, true).unwrap();
    let refused = restore(&ports(&other), Path::new("/stick/planted")).unwrap_err();
    assert_eq!(
        refused.code, "backup-conflicts",
        "it does not follow from the root before"
    );
    assert_eq!(other.vault.repositories().unwrap(), []);
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() {
    let desk = busy().await;
    make(&ports(&desk), Path::new(FILE), true).unwrap();
    let whole = desk.disk.read(Path::new(FILE), 1 << 30).unwrap();
    let other = fresh(&desk);
    let before = state(&other);
    let attempt = |bytes: &[u8]| -> Result<(), Failure> {
        other.disk.write(Path::new("/stick/altered"), bytes, true).unwrap();
        restore(&ports(&other), Path::new("/stick/altered")).map(drop)
    };
    let archive = Archive::read(&whole).unwrap();
    let with_manifest = |from: &[u8], to: &[u8]| {
        let manifest = archive.manifest().unwrap();
        let altered = replaced(&manifest, from, to);
        let digest = |bytes: &[u8]| hex(&sha256(bytes)).into_bytes();
        let bytes = replaced(&whole, &manifest, &altered);
        replaced(&bytes, &digest(&manifest), &digest(&altered))
    };
    let cases: [(Vec<u8>, &str); 7] = [
        (Vec::new(), "backup-unusable"),
        (b"no archive at all".repeat(100), "backup-unusable"),
        (whole[..whole.len() / 2].to_vec(), "backup-unusable"),
        (whole[..700].to_vec(), "backup-unusable"),
        (with_manifest(b"\"version\": 1", b"\"version\": 7"), "backup-newer"),
        (with_manifest(b"rootward-backup", b"somebody-backup"), "backup-unusable"),
        (
            replaced(&whole, b"\"version\": 1", b"\"version\": 7"),
            "backup-unusable",
        ),
    ];
    for (bytes, code) in cases {
        let refused = attempt(&bytes).unwrap_err();
        assert_eq!(
            (refused.code.as_str(), refused.kind),
            (code, FailureKind::Refusal),
            "{refused}"
        );
        assert_eq!(state(&other), before, "{refused}");
    }
    // One bit anywhere: it is found, or it was between the files and says nothing.
    for place in (0..whole.len()).step_by(97) {
        let mut altered = whole.clone();
        altered[place] ^= 4;
        match Archive::read(&altered) {
            Ok(read) => assert!(read == archive, "byte {place}"),
            Err(refused) => assert!(refused.code.starts_with("backup-"), "byte {place}: {refused}"),
        }
    }
    // Names that lead elsewhere, and what no manifest names.
    for name in [
        "../outside",
        "keys/../../outside",
        "ceremonies/x/y/z",
        "desk.sqlite",
        "keys/.hidden",
        "lock",
    ] {
        let mut archive = archive.clone();
        archive.files.insert(name.into(), b"x".to_vec());
        if let Ok(bytes) = archive.write() {
            let refused = attempt(&bytes).unwrap_err();
            assert_eq!(refused.code, "backup-unusable", "{name}: {refused}");
            assert_eq!(state(&other), before, "{name}");
        }
    }
    attempt(&whole).unwrap();
}

#[tokio::test]
async fn records_that_went_different_ways_are_never_joined() {
    let desk = busy().await;
    make(&ports(&desk), Path::new(FILE), false).unwrap();
    let other = fresh(&desk);
    restore(&ports(&other), Path::new(FILE)).unwrap();
    other
        .disk
        .append(Path::new("/data/ledger.jsonl"), b"{\"another\":1}\n")
        .unwrap();
    restore(&ports(&other), Path::new(FILE)).unwrap();
    desk.disk
        .append(Path::new("/data/ledger.jsonl"), b"{\"line\":2}\n")
        .unwrap();
    make(&ports(&desk), Path::new("/stick/later"), false).unwrap();
    let bytes = desk.disk.read(Path::new("/stick/later"), 1 << 30).unwrap();
    other.disk.write(Path::new("/stick/later"), &bytes, true).unwrap();
    let before = state(&other);
    let refused = restore(&ports(&other), Path::new("/stick/later")).unwrap_err();
    assert_eq!(refused.code, "backup-conflicts");
    assert_eq!(state(&other), before);
}

#[tokio::test]
async fn a_restore_survives_the_power_cord_at_every_step() {
    let desk = busy().await;
    make(&ports(&desk), Path::new(FILE), true).unwrap();
    let (nothing, everything, steps) = {
        let world = fresh(&desk);
        let (nothing, before) = (state(&world), world.disk.steps_taken());
        restore(&ports(&world), Path::new(FILE)).unwrap();
        (nothing, state(&world), world.disk.steps_taken() - before)
    };
    for loss in Loss::ALL {
        for step in 1..=steps {
            let world = fresh(&desk);
            world.disk.crash_at(step);
            let went = restore(&ports(&world), Path::new(FILE));
            assert_eq!(went.unwrap_err().kind, FailureKind::Fault, "step {step} of {steps}");
            world.disk.restart(loss);
            finish(&ports(&world)).unwrap_or_else(|why| panic!("step {step} {loss:?}: {why}"));
            let now = without_leftovers(state(&world));
            assert!(
                now == without_leftovers(nothing.clone()) || now == without_leftovers(everything.clone()),
                "step {step} {loss:?}: something between nothing and everything: {now:#?}"
            );
        }
    }
}

/// Temporary files that a crash left behind are nobody's.
fn without_leftovers(mut state: Vec<String>) -> Vec<String> {
    state.retain(|line| !line.contains(".tmp"));
    state
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let place = bytes
        .windows(from.len())
        .position(|window| window == from)
        .expect("it is there");
    let mut altered = bytes.to_vec();
    altered[place..place + to.len()].copy_from_slice(to);
    altered
}
