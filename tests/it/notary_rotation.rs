//! Rotations on the real Notary: what the command line made we change, what we changed it goes on with, and every client that
//! remembers an older state follows. Each step is judged by the stock `notary` and by an independent verifier.

pub mod gun;

use self::gun::{Gun, Rotation};
use crate::ctl;
use rootward_core::border::{CeremonyState, RotationChange, SourceSpec};
use rootward_core::ports::{Failure, Prompt, PromptRequest, Secret, TouchRequest, Touching};
use rootward_core::{Rotations, Trust, WhoSigns};
use rootward_tests::desk::run;
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE, Storage};
use rootward_tests::traces::Traces;
use rootward_tuf::Dialect;
use rootward_tuf::metadata::{self, Root};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn root_goes_from_the_command_line_to_us_and_back() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/root");
    gun.replace("root");
    gun.tag();
    gun.rotated_by_the_command_line("root", &[]);
    gun.replace("root");
    gun.replace("root");
    gun.rotated_by_the_command_line("targets", &[]);
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn targets_goes_from_the_command_line_to_us_and_back() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/targets");
    gun.replace("targets");
    gun.tag();
    gun.rotated_by_the_command_line("targets", &[]);
    gun.replace("targets");
    gun.rotated_by_the_command_line("root", &[]);
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn snapshot_goes_between_people_and_the_server_both_ways() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/snapshot");
    gun.replace("snapshot");
    gun.tag();
    gun.give_to_the_server("snapshot");
    gun.tag();
    gun.rotated_by_the_command_line("snapshot", &[]);
    gun.rotated_by_the_command_line("snapshot", &["--server-managed"]);
    gun.take_back("snapshot");
    gun.tag();
    gun.replace("root");
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn timestamp_gets_a_new_key_from_either_side() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/timestamp");
    gun.give_to_the_server("timestamp");
    gun.tag();
    gun.rotated_by_the_command_line("timestamp", &["--server-managed"]);
    gun.give_to_the_server("timestamp");
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn all_of_it_holds_on_postgresql() {
    let rig = NotaryRig::start_on(Storage::Postgres);
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/stored");
    gun.give_to_the_server("snapshot");
    gun.replace("root");
    gun.rotated_by_the_command_line("root", &[]);
    gun.replace("targets");
    gun.give_to_the_server("timestamp");
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn a_root_of_three_keys_needs_two_of_them_on_the_unmodified_server() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/two-of-three");
    let keys: Vec<_> = (0..2).map(|_| format!("file:{}", gun.new_key().display())).collect();
    let (first, snapshot) = (gun.key("root"), gun.key("snapshot"));
    let widened = Rotation {
        add: keys.clone(),
        sign: vec![first.clone(), snapshot.clone()],
        more: vec!["--threshold", "2"],
        ..Rotation::default()
    };
    gun.rotate("root", &widened);
    assert_eq!(gun.ids("root").len(), 3);
    gun.judge("two of three");

    // One of the three is not enough, and we say so before the server would have to.
    let version = gun.root().version;
    let alone = Rotation {
        remove: vec![first.clone()],
        sign: vec![snapshot.clone()],
        more: vec!["--threshold", "1"],
        ..Rotation::default()
    };
    let told = gun.try_rotate("root", &alone);
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(gun.root().version, version, "nothing was published");
    // Nor is it for the command line, which has only that one.
    let attempted = rig.attempt(&["key", "rotate", &gun.name, "targets"]);
    assert!(!attempted.status.success(), "{attempted:?}");
    assert_eq!(gun.root().version, version);

    let other = Rotation {
        remove: vec![first],
        sign: keys.into_iter().chain([snapshot]).collect(),
        ..Rotation::default()
    };
    gun.rotate("root", &other);
    assert_eq!(gun.ids("root").len(), 2);
    gun.judge("two of two");
    gun.tag();
    gun.judge("the targets key goes on as it did");
}

#[test]
fn the_old_root_key_can_publish_nothing_any_more() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/gone");
    let new = format!("file:{}", gun.new_key().display());
    let rotation = Rotation {
        remove: vec![gun.key("root")],
        add: vec![new],
        sign: vec![gun.key("snapshot")],
        ..Rotation::default()
    };
    gun.rotate("root", &rotation);
    gun.judge("rotated");
    let after = gun.root();
    // The command line still has every key but the new one.
    for args in [
        &["key", "rotate", &gun.name, "root"][..],
        &["key", "rotate", &gun.name, "targets"],
        &["key", "rotate", &gun.name, "snapshot", "--server-managed"],
        &["key", "rotate", &gun.name, "timestamp", "--server-managed"],
    ] {
        let output = rig.attempt(args);
        assert!(!output.status.success(), "{args:?}: {output:?}");
    }
    assert_eq!(gun.root(), after);
    gun.judge("nothing came of it");
}

#[test]
fn a_long_name_with_a_port_and_slashes_is_no_obstacle() {
    let rig = NotaryRig::start();
    let name = format!("registry.example:5005/{}/image-1", ["a-department"; 7].join("/"));
    assert_eq!(name.len(), 120);
    let mut gun = Gun::made_by_the_command_line(&rig, &name);
    gun.replace("root");
    gun.rotated_by_the_command_line("root", &[]);
    gun.tag();
    gun.judge("tagged at the end");
}

#[test]
fn docker_sees_the_same_keys() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/docker");
    gun.give_to_the_server("snapshot");
    gun.replace("root");
    gun.replace("targets");
    let Some(inspected) = rig.docker_trust(&gun.name) else {
        return;
    };
    let keys = |name: &str| -> BTreeSet<String> {
        let all = inspected[0]["AdministrativeKeys"].as_array().unwrap();
        let named = all.iter().filter(|keys| keys["Name"] == name);
        named
            .flat_map(|keys| keys["Keys"].as_array().unwrap())
            .map(|key| key["ID"].as_str().unwrap().to_owned())
            .collect()
    };
    // Of a root key it shows the id of the certificate; of any other, the two ids are one.
    assert_eq!(keys("Root"), gun.listed_ids("root"), "{inspected:#}");
    assert_eq!(keys("Repository"), gun.ids("targets"), "{inspected:#}");
    assert_eq!(inspected[0]["SignedTags"][0]["SignedTag"], "v1", "{inspected:#}");
}

#[test]
fn root_keys_of_the_past_sign_for_very_old_clients_when_asked() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/legacy");
    let first = gun.key("root");
    gun.rotated_by_the_command_line("root", &[]);
    let second = gun.key("root");
    let new = gun.new_key();
    let rotation = Rotation {
        remove: vec![second],
        add: vec![format!("file:{}", new.display())],
        sign: vec![first, gun.key("snapshot")],
        more: vec!["--legacy", "1"],
    };
    gun.rotate("root", &rotation);
    gun.hand_over(&new, "root");
    gun.judge("signed by three keys");
    let file = fs::read(gun.seen.last().unwrap().metadata(&gun.name).join("root.json")).unwrap();
    let root = metadata::read::<Root>(&file, Dialect::Notary).unwrap();
    assert_eq!(
        root.signatures().len(),
        3,
        "the one before the last, the last, and the new"
    );
    gun.rotated_by_the_command_line("root", &[]);
}

#[test]
fn a_delegate_can_publish_once_the_server_holds_the_snapshot() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/delegate");
    let (certificate, key) = rig.delegate("officer_3");
    let certificate = certificate.to_str().unwrap();
    rig.notary(&[
        "delegation",
        "add",
        &gun.name,
        "targets/releases",
        certificate,
        "--all-paths",
        "--publish",
    ]);
    gun.give_to_the_server("snapshot");
    gun.replace("targets");
    let digest = "b".repeat(64);
    rig.notary(&["key", "import", key.to_str().unwrap(), "--role", "officer_3"]);
    let tag = [
        "addhash",
        &gun.name,
        "r1",
        "7",
        "--sha256",
        &digest,
        "--roles",
        "targets/releases",
        "--publish",
    ];
    rig.notary(&tag);
    let client = rig.client();
    let tags = client.list(&gun.name);
    assert!(
        tags.iter()
            .any(|tag| tag.name == "r1" && tag.role == "targets/releases"),
        "{tags:?}"
    );
    client.has_sound_documents(&gun.name);
}

/// Knows every passphrase there is.
struct Officer;

impl Prompt for Officer {
    fn ask(&self, _request: &PromptRequest) -> Result<Secret, Failure> {
        Ok(Secret::new(PASSPHRASE.as_bytes().to_vec().into()))
    }

    fn touch(&self, _request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

#[test]
fn whoever_comes_second_is_superseded_and_shown_by_what() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/race");
    let data = tempfile::tempdir().unwrap();
    let desk = Rotations::open(Some(data.path().join("desk")), None, Arc::new(Officer)).unwrap();
    let source = SourceSpec::Notary {
        url: rig.url().to_owned(),
        gun: gun.name.clone(),
        ca_file: Some(gun.ca().to_owned()),
        user: None,
    };
    let wish = RotationChange {
        role: "root".into(),
        remove: vec![gun.key("root")],
        add: vec![format!("file:{}", gun.new_key().display())],
        sign: vec![gun.key("snapshot")],
        server: false,
        threshold: None,
        legacy: 0,
        expires: None,
        reason: "a race".into(),
    };
    let id = run(async {
        let repository = desk.repository(source, Trust::FirstUse).await?;
        let proposal = desk.propose(&repository, &wish.into(), WhoSigns::HereAlone).await?;
        let (id, _) = desk.begin(proposal).await?;
        desk.freeze(&id).await?;
        while let Some(key) = desk.missing_signers(&id)?.first() {
            desk.sign(&id, key, None).await?;
        }
        Ok::<_, Failure>(id)
    });
    let id = id.unwrap();
    gun.rotated_by_the_command_line("root", &[]);
    let theirs = gun.root();

    let refused = run(desk.bring_to_its_end(&id)).unwrap_err();
    assert_eq!(refused.code, "superseded", "{refused:?}");
    let view = desk.view(&id).unwrap();
    assert_eq!(view.state, CeremonyState::Superseded);
    assert!(
        !view.publication.is_empty(),
        "what came first is shown as a difference: {view:#?}"
    );
    assert_eq!(gun.root(), theirs, "nothing was published over it");
    assert!(
        run(desk.bring_to_its_end(&id)).is_err(),
        "and its signatures are never used again"
    );
    gun.judge("theirs stands");
}

#[test]
fn a_server_that_wants_a_password_gets_it_from_the_secrets_and_it_leaves_no_trace() {
    const PASSWORD: &str = "Zq7!mW2x";
    let rig = NotaryRig::start_guarded("admin", PASSWORD);
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/guarded");
    let mut rotation = Rotation {
        sign: vec![gun.key("root"), gun.key("snapshot")],
        more: vec!["--server"],
        ..Rotation::default()
    };
    let before = gun.root();
    let told = gun.try_rotate("timestamp", &rotation);
    assert_eq!((told.code, told.err.contains("unauthorized")), (2, true), "{told:?}");
    assert_eq!(gun.root(), before);

    // Whom the desk knows already is signed in from now on.
    gun.desk.learn(format!("admin@{}", rig.host()), PASSWORD);
    rotation.more.extend(["--user", "admin"]);
    gun.rotate("timestamp", &rotation);
    gun.judge("signed in");
    assert_eq!(Traces::of(PASSWORD).below(&gun.desk.data()), [""; 0]);
}

#[test]
fn a_server_that_is_gone_is_a_fault_and_no_cache_stands_in_for_it() {
    let rig = NotaryRig::start();
    let gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/gone");
    let (source, root) = (gun.source(), gun.first_root());
    let ca = tempfile::tempdir().unwrap();
    let ca = ca.path().join("ca.crt");
    fs::copy(rig.ca_file(), &ca).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let kept_root = kept.path().join("root.json");
    fs::copy(root, &kept_root).unwrap();
    drop(gun);
    drop(rig);
    for command in [&["verify"][..], &["rotate", "timestamp", "--server", "--yes"]] {
        let (ca, root) = (ca.to_str().unwrap(), kept_root.to_str().unwrap());
        let told = ctl().run([command, &[&source, "--ca", ca, "--root", root]].concat());
        assert_eq!(told.code, 2, "{told:?}");
        assert!(told.err.contains("network-failed"), "{told:?}");
    }
}

#[test]
fn a_publication_that_was_cut_off_is_brought_to_its_end_once() {
    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/killed");
    let mut killed = 0;
    for delay in [60, 120, 200, 300, 420].map(Duration::from_millis) {
        let before = gun.root();
        let signers = Rotation {
            sign: vec![gun.key("root"), gun.key("snapshot")],
            more: vec!["--server"],
            ..Rotation::default()
        };
        let wish = gun.wish("timestamp", &signers);
        killed += u32::from(gun.desk.run_and_kill(&wish, delay));
        // The same wish again takes up what was begun, or finds it done and asks for one more.
        let told = gun.try_rotate("timestamp", &signers);
        assert_eq!(told.code, 0, "{delay:?}: {told:?}");
        let versions = gun.root().version - before.version;
        assert!((1..=2).contains(&versions), "{delay:?}: {versions} roots");
        gun.judge("brought to its end");
    }
    assert!(killed > 0, "every run had ended before it was killed");
}
