//! A secret leaves no trace: not in logs, journals, database or transcript, nor in what any process was started with.

use crate::notary_rotation::gun::{Gun, Rotation};
use crate::{ctl, world_guarded_by};
use rootward_tests::ctl::Ctl;
use rootward_tests::rigs::key_files;
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE};
use rootward_tests::rigs::softhsm::{MoodyModule, SoftHsm};
use rootward_tests::rigs::yubikey::{FIRMWARE_5_4_3, YubiKeys};
use rootward_tests::traces::Traces;
use std::fs;
use std::path::Path;

/// Eight characters, as a PIN may have at most.
const SECRET: &str = "Zq7!mW2x";
/// A PIN that does not fit, and of another length: padding shows.
const WRONG: &str = "kV9?tR4";
/// The PIN of a token fresh from its maker.
const FIRST_PIN: &str = "123456";
const YUBICO_PIV_TOOL: &str = "/usr/bin/yubico-piv-tool";
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
fn a_key_that_is_copied_here_and_from_here_leaves_no_trace_of_either_passphrase() {
    const NEW: &str = "xB4$kQ8w";
    let place = tempfile::tempdir().unwrap();
    key_files::make(place.path(), SECRET);
    let at = |name: &str| place.path().join(name).display().to_string();
    let mut desk = ctl();
    for name in ["python-ecdsa", "go-tuf-ecdsa.json", "sigstore.key"] {
        desk.learn(at(name), SECRET);
        desk.learn(format!("new:{}", at(name)), NEW);
    }
    let mut runs = Vec::new();
    for name in ["python-ecdsa", "go-tuf-ecdsa.json", "sigstore.key"] {
        let (told, started_with) = desk.run_and_look(["keys", "import", &at(name), "--json"]);
        assert_eq!(told.code, 0, "{told:?}");
        let copy = told.json()["imported"][0]["key"].as_str().unwrap().to_owned();
        desk.learn(&copy, NEW);
        desk.learn(format!("new:{copy}"), SECRET);
        runs.push((told, started_with));
        let out = at(&format!("{name}.exported"));
        let (told, started_with) = desk.run_and_look(["keys", "export", &copy, "--role", "root", "--out", &out]);
        assert_eq!(told.code, 0, "{told:?}");
        runs.push((told, started_with));
    }
    let wrong = ctl()
        .with_secret(at("python-ed25519"), NEW)
        .with_secret(format!("new:{}", at("python-ed25519")), NEW);
    let (told, started_with) = wrong.run_and_look(["keys", "import", &at("python-ed25519")]);
    assert_eq!(told.code, 3, "{told:?}");
    runs.push((told, started_with));
    let desk = desk.without_secrets();
    let (told, started_with) = desk.run_and_look(["backup", &at("desk.backup"), "--with-keys"]);
    assert_eq!(told.code, 0, "{told:?}");
    runs.push((told, started_with));
    for traces in [Traces::of(SECRET), Traces::of(NEW)] {
        for (told, started_with) in &runs {
            let said = format!("{}{}", told.out, told.err);
            assert_eq!(traces.within(said.as_bytes()), [""; 0]);
            for bytes in started_with {
                assert_eq!(traces.within(bytes), [""; 0], "{}", String::from_utf8_lossy(bytes));
            }
        }
        assert_eq!(traces.below(&desk.data()), [""; 0]);
        assert_eq!(
            traces.below(place.path()),
            [""; 0],
            "neither in an export nor in a backup"
        );
    }
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
fn a_rotation_into_a_token_leaves_no_trace_of_its_pin() {
    if !Path::new(YUBICO_PIV_TOOL).exists() {
        println!("skipped: {YUBICO_PIV_TOOL} is absent");
        return;
    }
    let Some(cards) = YubiKeys::one(FIRMWARE_5_4_3) else {
        return;
    };
    let mut changing = cards
        .changing(YUBICO_PIV_TOOL)
        .expect("every card in sight is the rig's");
    let changed = changing
        .args(["-a", "change-pin", "-P", FIRST_PIN, "-N", SECRET])
        .output()
        .unwrap();
    assert!(changed.status.success(), "{changed:?}");

    let rig = NotaryRig::start();
    let mut gun = Gun::made_by_the_command_line(&rig, "reg.test/lab/traceless");
    let born = format!("yubikey:{}/9c", cards.card(0).serial());
    let (leaves, stays) = (gun.key("root"), gun.key("snapshot"));
    let log = tempfile::tempdir().unwrap();
    let knowing = |pin: &str| {
        let desk = [&leaves, &stays]
            .into_iter()
            .fold(ctl().with_secret(&born, pin), |desk, key| {
                desk.with_secret(key, PASSPHRASE)
            });
        talkative(desk, &cards, log.path())
    };
    let (wrong, desk) = (knowing(WRONG), knowing(SECRET));
    let transcript = desk.data().with_file_name("transcript.html");
    let rotation = Rotation {
        remove: vec![leaves.clone()],
        add: vec![born.clone()],
        sign: vec![stays.clone()],
        more: vec!["--transcript", transcript.to_str().unwrap()],
    };
    let wish = gun.order("root", &rotation);
    let generate: Vec<String> = ["tokens", "generate", &born, "--json"].map(str::to_owned).to_vec();
    let runs = [(&desk, &generate, 0), (&wrong, &wish, 3), (&desk, &wish, 0)].map(|(desk, args, code)| {
        let (told, started_with) = desk.run_and_look(args);
        assert_eq!(told.code, code, "{args:?}: {told:?}");
        (told, started_with)
    });
    assert!(runs[1].0.err.contains("wrong-pin"), "{:?}", runs[1].0);
    assert_eq!(
        cards.card(0).retries_left(),
        3,
        "the PIN that fits was given after the other"
    );
    gun.judge("root is in the token");

    for traces in [Traces::of(SECRET), Traces::of(WRONG)] {
        for (told, started_with) in &runs {
            let said = format!("{}{}", told.out, told.err);
            assert_eq!(traces.within(said.as_bytes()), [""; 0]);
            assert!(!started_with.is_empty(), "a process can be looked at while it runs");
            for bytes in started_with {
                assert_eq!(traces.within(bytes), [""; 0], "{}", String::from_utf8_lossy(bytes));
            }
        }
        for desk in [&wrong, &desk] {
            assert!(desk.data().join("desk.sqlite").is_file());
            assert_eq!(traces.below(&desk.data()), [""; 0]);
        }
        assert!(has_written(&desk.data().join("ceremonies")), "a journal was searched");
        assert_eq!(traces.within(&fs::read(&transcript).unwrap()), [""; 0]);
        assert_eq!(traces.below(log.path()), [""; 0]);
        let published = gun.seen.last().unwrap().metadata(&gun.name);
        assert_eq!(traces.below(&published), [""; 0]);
        assert_eq!(traces.within(cards.log().as_bytes()), [""; 0]);
    }
    let logged = fs::read_dir(log.path().join("logs"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    assert!(
        logged.collect::<String>().contains("journal extended"),
        "a log of the ceremony was searched"
    );

    // Where nothing was found, something can be.
    let command = [&[0, 0x20, 0, 0x80, 8][..], WRONG.as_bytes(), &[0xff]].concat();
    fs::write(log.path().join("logs/planted"), format!(">>> {command:?}")).unwrap();
    let found = Traces::of(WRONG).below(log.path());
    assert!(found.len() == 1 && found[0].contains("planted"), "{found:?}");
}

#[test]
fn a_rotation_behind_a_module_that_tells_pins_leaves_no_trace_of_them() {
    let (hsm, module, world) = (SoftHsm::start(), MoodyModule::build(), world_guarded_by(PASSPHRASE));
    hsm.initialise("traceless", SECRET);
    // Its module prints every PIN it is given.
    module.is("tells-pins");
    let library = module.path();
    let library = library.to_str().unwrap();
    let token = format!("pkcs11:{library}:traceless");
    let key = format!("{token}/root");
    let log = tempfile::tempdir().unwrap();
    let knowing = |pin: &str| {
        let desk = (1..=3).fold(ctl().with_secret(&token, pin), |desk, number| {
            desk.with_secret(world.key(&format!("officer_{number}")), PASSPHRASE)
        });
        let variables = module.env(&hsm).into_iter();
        let desk = variables.fold(desk, |desk, (name, value)| {
            desk.with_variable(name.to_str().unwrap(), value)
        });
        desk.with_variable("ROOTWARD_LOG", "trace")
            .with_variable("RUST_LOG", "trace")
            .with_variable("LOG_BELOW", log.path())
    };
    let (wrong, desk) = (knowing(WRONG), knowing(SECRET));
    let transcript = desk.data().with_file_name("transcript.html");
    let (leaves, stays) = (world.key("officer_3"), world.key("officer_1"));
    let generate = ["tokens", "generate", &key, "--module", library, "--json"]
        .map(str::to_owned)
        .to_vec();
    let rotate = [
        "rotate-root",
        &world.source,
        "--root",
        &world.root,
        "--at",
        NOW,
        "--yes",
        "--json",
        "--module",
        library,
        "--remove",
        &leaves,
        "--add",
        &key,
        "--sign",
        &stays,
        "--transcript",
        transcript.to_str().unwrap(),
    ]
    .map(str::to_owned)
    .to_vec();
    let runs = [(&desk, &generate, 0), (&wrong, &rotate, 3), (&desk, &rotate, 0)].map(|(desk, args, code)| {
        let (told, started_with) = desk.run_and_look(args);
        assert_eq!(told.code, code, "{args:?}: {told:?}");
        (told, started_with)
    });
    assert!(runs[1].0.err.contains("wrong-pin"), "{:?}", runs[1].0);
    for traces in [Traces::of(SECRET), Traces::of(WRONG)] {
        for (told, started_with) in &runs {
            let said = format!("{}{}", told.out, told.err);
            assert_eq!(traces.within(said.as_bytes()), [""; 0]);
            for bytes in started_with {
                assert_eq!(traces.within(bytes), [""; 0], "{}", String::from_utf8_lossy(bytes));
            }
        }
        for desk in [&wrong, &desk] {
            assert!(desk.data().join("desk.sqlite").is_file());
            assert_eq!(traces.below(&desk.data()), [""; 0]);
        }
        assert!(has_written(&desk.data().join("ceremonies")), "a journal was searched");
        assert_eq!(traces.within(&fs::read(&transcript).unwrap()), [""; 0]);
        assert_eq!(traces.below(log.path()), [""; 0]);
        assert_eq!(traces.below(world.source.as_ref()), [""; 0]);
    }
    let modules = runs.iter().flat_map(|(_, started_with)| started_with);
    let is_keeper = |bytes: &&Vec<u8>| bytes.windows(13).any(|word| word == b"pkcs11-module");
    assert!(
        modules.filter(is_keeper).count() > 0,
        "the module's own process was looked at"
    );
}

/// Reaches the cards, and logs as much as it can be asked to.
fn talkative(desk: Ctl, cards: &YubiKeys, log: &Path) -> Ctl {
    let desk = desk
        .with_variable("ROOTWARD_LOG", "trace")
        .with_variable("RUST_LOG", "trace")
        .with_variable("LOG_BELOW", log);
    cards
        .env()
        .into_iter()
        .fold(desk, |desk, (name, value)| desk.with_variable(name, value))
}

/// Whether something is written in a file of the folder, or of a folder in it.
fn has_written(folder: &Path) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        let facts = path.metadata().unwrap();
        if facts.is_dir() {
            has_written(&path)
        } else {
            facts.len() > 0
        }
    })
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
