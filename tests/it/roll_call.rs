//! Roll call: a root key in a token proves with a PIN and a touch that it works, whatever stands in the way is named, and the
//! repository stays as it was. And the ledger stops a second document of one version until somebody says why.

use crate::{World, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::rigs::yubikey::{CardSpec, FIRMWARE_5_7_1, RIG_SERIALS, Touch, YubiKeys};
use serde_json::Value;
use std::time::Duration;

const PIN: &str = "123456";
const ROTATED: &str = "2029-01-01T00:00:00Z";
/// A hundred days later: what was signed then counts no more.
const LATER: &str = "2029-04-11T00:00:00Z";

/// A desk that sees the rig's cards and knows every officer's passphrase, and the PIN as given.
fn desk(world: &World, cards: &YubiKeys, pin: &str) -> Ctl {
    let desk = cards
        .env()
        .into_iter()
        .fold(world.desk(), |desk, (name, value)| desk.with_variable(name, value));
    RIG_SERIALS
        .take(2)
        .fold(desk, |desk, serial| desk.with_secret(format!("yubikey:{serial}"), pin))
}

/// The same data folder with another PIN.
fn with_pin(mut desk: Ctl, pin: &str) -> Ctl {
    // The list is looked through from its beginning.
    desk.forget_secrets_of("yubikey:");
    for serial in RIG_SERIALS.take(2) {
        desk.learn(format!("yubikey:{serial}"), pin);
    }
    desk
}

/// A repository whose root lists a key born in the first card, besides those of officer_1 and officer_2.
fn with_token() -> Option<(World, YubiKeys, Ctl, String)> {
    let specs = RIG_SERIALS.take(2).map(|serial| CardSpec::new(serial, FIRMWARE_5_7_1));
    let cards = YubiKeys::start(&specs.collect::<Vec<_>>())?;
    let world = world();
    let desk = desk(&world, &cards, PIN);
    cards.changing("true").expect("every card in sight is the rig's");
    let key = format!("yubikey:{}/9c", RIG_SERIALS.start());
    assert_eq!(desk.run(["tokens", "generate", &key, "--json"]).code, 0);
    let (leaves, stays) = (world.key("officer_3"), world.key("officer_1"));
    let told = desk.run([
        "rotate",
        "root",
        &world.source,
        "--root",
        &world.root,
        "--remove",
        &leaves,
        "--add",
        &key,
        "--sign",
        &stays,
        "--yes",
        "--reason",
        "a token",
        "--at",
        ROTATED,
        "--json",
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    Some((world, cards, desk, key))
}

fn call(desk: &Ctl, world: &World, at: &str, keys: &[&str]) -> Told {
    let mut arguments = vec!["roll-call", world.source.as_str(), "--at", at, "--json"];
    for key in keys {
        arguments.extend(["--key", key]);
    }
    desk.run(arguments)
}

fn states(told: &Told) -> Vec<String> {
    let keys = told.json()["keys"].as_array().cloned().unwrap_or_default();
    let mut states: Vec<String> = keys
        .iter()
        .filter_map(|key| Some(key["state"].as_str()?.to_owned()))
        .collect();
    states.sort();
    states
}

#[test]
fn a_root_key_in_a_token_is_called_and_whatever_stands_in_the_way_is_named() {
    let Some((world, cards, desk, key)) = with_token() else {
        return;
    };
    let before = std::fs::read(world.file("2.root.json")).expect("published");
    // On the day of the rotation everybody who signed was seen to work.
    let told = call(&desk, &world, ROTATED, &[]);
    assert_eq!(
        (told.code, told.json()["readiness"]["could"].as_bool()),
        (0, Some(true)),
        "{told:?}"
    );
    let told = call(&desk, &world, LATER, &[]);
    assert_eq!(
        (told.code, states(&told)),
        (1, ["never", "stale", "stale"].map(str::to_owned).to_vec()),
        "{told:?}"
    );

    let card = cards.card(0);
    let desk = with_pin(desk, "999999");
    let told = call(&desk, &world, LATER, &[&key]);
    assert_eq!((told.code, told.err.contains("wrong-pin")), (3, true), "{told:?}");
    assert_eq!(card.retries_left(), 2);
    let desk = with_pin(desk, PIN);
    card.touch(Touch::Denied {
        after: Duration::from_millis(50),
    });
    let told = call(&desk, &world, LATER, &[&key]);
    assert_eq!((told.code, told.err.contains("touch-missed")), (3, true), "{told:?}");
    card.touch(Touch::Given { after: Duration::ZERO });
    // The second card holds a key too, and it is none of this root's: nobody is asked for its PIN.
    let other = format!("yubikey:{}/9c", RIG_SERIALS.start() + 1);
    assert_eq!(desk.run(["tokens", "generate", &other]).code, 0);
    let told = call(&desk, &world, LATER, &[&other]);
    assert_eq!(
        (told.code, told.err.contains("is no key of root")),
        (1, true),
        "{told:?}"
    );
    assert_eq!(cards.card(1).retries_left(), 3);
    assert_eq!(
        states(&call(&desk, &world, LATER, &[])),
        ["never", "stale", "stale"],
        "nothing was proven so far"
    );

    card.reset_counters();
    let told = call(&desk, &world, LATER, &[&key]);
    assert_eq!(
        (told.code, states(&told)),
        (1, ["fresh", "never", "stale"].map(str::to_owned).to_vec()),
        "one of two: {told:?}"
    );
    assert_eq!(card.touches(), 1);
    let told = call(&desk, &world, LATER, &[&world.key("officer_1")]);
    assert_eq!(
        (told.code, told.json()["readiness"]["proven"].as_u64()),
        (0, Some(2)),
        "{told:?}"
    );
    let says = told.json()["keys"].to_string();
    assert!(says.contains(LATER) && says.contains("slot 9c"), "{says}");
    assert_eq!(
        std::fs::read(world.file("2.root.json")).expect("still there"),
        before,
        "no document has changed"
    );
    card.unplug();
    let told = call(&desk, &world, LATER, &[&key]);
    assert_eq!(
        (
            told.code,
            told.err.contains("token-absent") || told.err.contains("token-other")
        ),
        (3, true),
        "{told:?}"
    );
}

#[test]
fn the_ring_tells_where_a_root_key_is_and_what_it_did_also_when_its_token_is_gone() {
    let Some((world, cards, desk, key)) = with_token() else {
        return;
    };
    let ring = |arguments: &[&str]| -> Value {
        let fixed = ["keys", "ring", "--at", ROTATED, "--json"];
        let told = desk.run(fixed.iter().chain(arguments));
        assert_eq!(told.code, 0, "{told:?}");
        told.json()
    };
    assert_eq!(call(&desk, &world, ROTATED, &[&key]).code, 0);
    let seen = ring(&["--search", "root", "--filter", "held=token"]);
    let in_card = &seen["keys"].as_array().expect("keys")[0];
    assert_eq!(in_card["places"][0]["key"], Value::from(key.as_str()));
    assert_eq!(in_card["places"][0]["here"], Value::from(true));
    assert_eq!(
        in_card["uses"][0]["spells"][0]["versions"],
        Value::from("root v2, today")
    );
    let deeds = in_card["deeds"].to_string();
    assert!(
        deeds.contains("Signed root v2 of") && deeds.contains("Proved that it works"),
        "{deeds}"
    );
    cards.card(0).unplug();
    let gone = ring(&["--filter", "held=token"]);
    let in_card = &gone["keys"].as_array().expect("keys")[0];
    assert_eq!(
        in_card["places"][0]["here"],
        Value::from(false),
        "remembered: {in_card}"
    );
    let told = desk.run(["keys", "--filter", "nonsense"]);
    assert_eq!((told.code, told.err.contains("bad-usage")), (2, true), "{told:?}");
    assert_eq!(ring(&["--filter", "weak-protection"])["keys"], Value::Array(Vec::new()));
    let all = ring(&[]);
    let left = |key: &&Value| key["uses"][0]["role"] == "root" && key["uses"][0]["now"] == false;
    let left = all["keys"].as_array().expect("keys").iter().find(left);
    let left = left.expect("the key that left stays in the ring");
    assert_eq!(left["uses"][0]["spells"][0]["versions"], Value::from("root v1"));
}

#[test]
fn a_second_root_of_one_version_wants_a_reason_that_goes_on_record() {
    let world = world();
    let desk = world.desk();
    let rotate = |desk: &Ctl, joins: &str, more: &[&str]| {
        let (one, three, joins) = (world.key("officer_1"), world.key("officer_3"), world.key(joins));
        let fixed = [
            "rotate",
            "root",
            &world.source,
            "--root",
            &world.root,
            "--remove",
            &three,
            "--add",
            &joins,
            "--sign",
            &one,
            "--yes",
            "--reason",
            "worn out",
            "--at",
            ROTATED,
            "--json",
        ];
        desk.run(fixed.iter().chain(more))
    };
    assert_eq!(rotate(&desk, "officer_4", &[]).code, 0);
    // The repository is put back to its first root, and the desk was lost but for its ledger.
    std::fs::remove_file(world.file("2.root.json")).expect("removed");
    let restored = world.desk();
    std::fs::create_dir_all(restored.data()).expect("a folder");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(restored.data(), private).expect("made private");
    std::fs::copy(desk.data().join("ledger.jsonl"), restored.data().join("ledger.jsonl")).expect("copied");

    let told = rotate(&restored, "officer_5", &[]);
    assert_eq!(
        (told.code, told.err.contains("signed-otherwise")),
        (1, true),
        "{told:?}"
    );
    assert!(!world.file("2.root.json").exists(), "nothing was published");
    let told = rotate(&restored, "officer_5", &["--again-because", " "]);
    assert_eq!(
        (told.code, told.err.contains("signed-otherwise")),
        (1, true),
        "no reason: {told:?}"
    );
    let reason = "the first root named the wrong officer";
    let told = rotate(&restored, "officer_5", &["--again-because", reason]);
    assert_eq!(told.code, 0, "{told:?}");
    let ceremony = told.json()["ceremony"].as_str().expect("a ceremony").to_owned();
    let page = restored.data().with_file_name("transcript.html");
    let saved = restored.run([
        "ceremony",
        "transcript",
        &ceremony,
        "--out",
        page.to_str().expect("text"),
    ]);
    assert_eq!(saved.code, 0, "{saved:?}");
    assert!(std::fs::read_to_string(page).expect("written").contains(reason));
    let ledger = std::fs::read_to_string(restored.data().join("ledger.jsonl")).expect("a ledger");
    assert!(ledger.contains("again_because"));
    // A desk that was never there cannot know.
    std::fs::remove_file(world.file("2.root.json")).expect("removed");
    assert_eq!(rotate(&world.desk(), "officer_4", &[]).code, 0);
}
