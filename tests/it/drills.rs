//! Drills: the same officer plays them on the practice server and token, and on the real Notary with a YubiKey, by the same
//! commands, and is judged alike, whether right or wrong.

use crate::{ctl, world};
use rootward_tests::ctl::{Ctl, Told};
use rootward_tests::rigs::notary::NotaryRig;
use rootward_tests::rigs::yubikey::{FIRMWARE_5_7_1, YubiKeys};
use serde_json::{Value, json};
use std::fs;

const PIN: &str = "123456";

/// What an officer does in a drill; gives nothing, since only the verdict counts.
type Play = fn(&mut Officer<'_>);

/// An officer in a drill.
struct Officer<'a> {
    desk: &'a mut Ctl,
    drill: &'static str,
    run: Value,
    notes: tempfile::TempDir,
}

impl<'a> Officer<'a> {
    fn begins(desk: &'a mut Ctl, drill: &'static str, place: &[String]) -> Self {
        let mut words = vec!["drill".to_owned(), drill.to_owned(), "--json".to_owned()];
        words.extend_from_slice(place);
        let told = desk.run(&words);
        assert_eq!(told.code, 0, "{told:?}");
        let run = told.json()["run"].clone();
        for held in run["inHand"].as_array().expect("keys") {
            let key = held["key"].as_str().expect("a key");
            let secret = if key.starts_with("yubikey:") { PIN } else { "practice" };
            desk.learn(key, secret);
        }
        let notes = tempfile::tempdir().expect("a temporary folder can be made");
        Officer {
            desk,
            drill,
            run,
            notes,
        }
    }

    /// The key in hand whose description has these words.
    fn key(&self, words: &str) -> String {
        let held = self.run["inHand"].as_array().expect("keys").iter();
        let mut fitting = held.filter(|held| held["what"].as_str().is_some_and(|what| what.contains(words)));
        let found = fitting
            .next()
            .unwrap_or_else(|| panic!("no key for {words}: {}", self.run["inHand"]));
        found["key"].as_str().expect("a key").to_owned()
    }

    fn token(&self) -> String {
        let held = self.run["inHand"].as_array().expect("keys").iter();
        let mut keys = held.filter_map(|held| held["key"].as_str());
        keys.find(|key| key.starts_with("yubikey:"))
            .expect("a token")
            .to_owned()
    }

    fn fact(&self, name: &str) -> String {
        let facts = self.run["facts"].as_array().expect("facts").iter();
        let mut fitting = facts.filter(|fact| fact["name"] == name);
        let found = fitting
            .next()
            .unwrap_or_else(|| panic!("no fact {name}: {}", self.run["facts"]));
        found["value"].as_str().expect("a value").to_owned()
    }

    fn change(&self, words: &[String]) -> Told {
        let source = self.run["source"].as_str().expect("a source");
        let fixed = ["change", source, "--yes", "--json"].map(str::to_owned);
        self.desk.run(fixed.iter().chain(words))
    }

    fn changes(&self, words: &[String]) {
        let told = self.change(words);
        assert_eq!(told.code, 0, "{told:?}");
    }

    /// Edits in a file, in the words of the window's forms.
    fn edits(&self, edits: &Value) -> String {
        let file = self.notes.path().join("edits.json");
        fs::write(&file, edits.to_string()).expect("a temporary folder can be written to");
        file.display().to_string()
    }

    /// An image that a role is to vouch for.
    fn image(&self, role: &str, named: &str) -> Value {
        let length: u64 = self.fact(&format!("{named}, bytes")).parse().expect("a number");
        json!({ "kind": "addTarget", "role": role, "path": "1.4.1", "length": length,
                "sha256": self.fact(&format!("{named}, sha256")) })
    }

    /// The verdict now, and what both stages must say alike.
    fn verdict(&self) -> Verdict {
        let told = self.desk.run(["drill", self.drill, "--json"]);
        let view = told.json();
        Verdict {
            code: told.code,
            state: view["state"].clone(),
            checked: view["run"]["checked"].clone(),
            wrong_turns: view["run"]["wrongTurns"].clone(),
        }
    }
}

/// What a judged drill says.
#[derive(Debug, PartialEq)]
struct Verdict {
    code: i32,
    state: Value,
    checked: Value,
    wrong_turns: Value,
}

impl Verdict {
    /// The sentences that do not hold.
    fn missed(&self) -> Vec<&str> {
        let checked = self.checked.as_array().into_iter().flatten();
        let missed = checked.filter(|check| check["holds"] != true);
        missed.filter_map(|check| check["sentence"].as_str()).collect()
    }

    fn turns(&self) -> [u64; 4] {
        ["refusals", "wrongSecrets", "abandoned", "needless"]
            .map(|kind| self.wrong_turns[kind].as_u64().expect("a count"))
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Plays drills on both stages; gives the verdict after each play, which must be the same on both.
fn on_both(drill: &'static str, plays: &[Play]) -> Vec<Verdict> {
    let practice = {
        let mut desk = ctl();
        let mut officer = Officer::begins(&mut desk, drill, &[]);
        plays
            .iter()
            .map(|play| {
                play(&mut officer);
                officer.verdict()
            })
            .collect::<Vec<_>>()
    };
    let Some(cards) = YubiKeys::one(FIRMWARE_5_7_1) else {
        return practice;
    };
    cards.changing("true").expect("every card in sight is the rig's");
    let rig = NotaryRig::start();
    let key = format!("yubikey:{}/9c", cards.card(0).serial());
    let mut desk = cards
        .env()
        .into_iter()
        .fold(ctl(), |desk, (name, value)| desk.with_variable(name, value));
    let ca = rig.ca_file().display().to_string();
    let place = words(&["--server", rig.url(), "--ca", &ca, "--key", &key]);
    let mut officer = Officer::begins(&mut desk, drill, &place);
    for (play, practised) in plays.iter().zip(&practice) {
        play(&mut officer);
        assert_eq!(officer.verdict(), *practised, "the real stage, then the practice stage");
    }
    practice
}

fn passes(verdict: &Verdict) {
    assert_eq!((verdict.code, &verdict.state), (0, &json!("passed")), "{verdict:#?}");
    assert_eq!(verdict.missed(), Vec::<&str>::new());
}

fn is_not_there_yet(verdict: &Verdict, missed: &[&str]) {
    assert_eq!((verdict.code, &verdict.state), (1, &json!("under-way")), "{verdict:#?}");
    assert_eq!(verdict.missed(), missed);
}

#[test]
fn an_altered_image_is_replaced_wherever_it_is_named_and_half_of_that_is_told_apart() {
    let verdicts = on_both(
        "tampered-image",
        &[
            |_| {},
            // Docker's role alone: Notary's own clients still get the altered image.
            |officer| {
                let edits = json!([officer.image("targets/releases", "the clean image")]);
                officer.changes(&words(&["--edits", &officer.edits(&edits), "--sign", &officer.token()]));
            },
            |officer| {
                let edits = json!([officer.image("targets", "the clean image")]);
                officer.changes(&words(&[
                    "--edits",
                    &officer.edits(&edits),
                    "--sign",
                    &officer.key("the key of targets"),
                ]));
            },
        ],
    );
    assert_eq!(verdicts[0].missed().len(), 3, "nothing was done yet: {verdicts:#?}");
    assert_eq!(verdicts[1].missed().len(), 2, "{verdicts:#?}");
    assert!(
        verdicts[1]
            .missed()
            .iter()
            .all(|sentence| !sentence.contains("releases"))
    );
    passes(&verdicts[2]);
    assert_eq!(verdicts[2].turns(), [0, 0, 0, 1], "both fit into one publication");
}

#[test]
fn a_stolen_delegate_key_is_revoked_and_its_images_are_put_back_in_one_publication() {
    let verdicts = on_both(
        "stolen-delegate-key",
        &[|officer| {
            let (stolen, token) = (officer.fact("the stolen key"), officer.token());
            let edits = json!([
                { "kind": "revoke", "key": stolen, "replace": token, "signAgain": true },
                officer.image("targets/releases", "1.4.1 as officer_2 signed it"),
                { "kind": "removeTarget", "role": "targets/releases", "path": "1.4.2" },
            ]);
            officer.changes(&words(&[
                "--edits",
                &officer.edits(&edits),
                "--sign",
                &officer.key("the key of targets"),
            ]));
        }],
    );
    passes(&verdicts[0]);
    assert_eq!(verdicts[0].turns(), [0; 4]);
}

#[test]
fn a_stolen_key_that_is_left_in_one_role_and_a_document_that_nobody_signs_again_do_not_pass() {
    let verdicts = on_both(
        "stolen-delegate-key",
        &[|officer| {
            let (stolen, token) = (officer.fact("the stolen key"), officer.token());
            officer.changes(&words(&[
                "--remove",
                &format!("targets/releases={stolen}"),
                "--add",
                &format!("targets/releases={token}"),
                "--sign",
                &officer.key("the key of targets"),
            ]));
        }],
    );
    let missed = verdicts[0].missed();
    is_not_there_yet(&verdicts[0], &missed);
    assert!(missed.contains(&"the stolen key is in no role"), "{missed:?}");
    let unsigned = missed
        .iter()
        .filter(|sentence| sentence.starts_with("targets/releases vouches"));
    assert_eq!(
        unsigned.count(),
        2,
        "what nobody signs again gives no image back: {missed:?}"
    );
}

#[test]
fn a_document_signed_again_as_the_thief_left_it_does_not_pass_and_every_wrong_turn_is_counted() {
    let verdicts = on_both(
        "stolen-delegate-key",
        &[
            // The thief's images, signed again by an honest key.
            |officer| {
                let (stolen, token) = (officer.fact("the stolen key"), officer.token());
                officer.changes(&words(&[
                    "--revoke",
                    &stolen,
                    "--replace",
                    &token,
                    "--and-sign-again",
                    "--sign",
                    &officer.key("the key of targets"),
                ]));
            },
            // A wrong PIN, a ceremony that is given up, and a key that nobody has.
            |officer| {
                let token = officer.token();
                officer.desk.forget_secrets_of("yubikey:");
                officer.desk.learn(&token, "000000");
                let wrong = officer.change(&words(&["--sign-again", "targets/releases", "--sign", &token]));
                assert_eq!(wrong.code, 3, "{wrong:?}");
                officer.desk.forget_secrets_of("yubikey:");
                officer.desk.learn(&token, PIN);
                let list = officer.desk.run(["ceremony", "list", "--json"]).json();
                let mut open = list["items"].as_array().expect("ceremonies").iter();
                let open = open.find(|row| row["state"] == "collecting");
                let id = open.unwrap_or_else(|| panic!("{list}"))["id"].as_str().expect("an id");
                let gone = officer
                    .desk
                    .run(["ceremony", "abandon", id, "--reason", "the wrong way"]);
                assert_eq!(gone.code, 0, "{gone:?}");
                let nobody = officer.change(&words(&["--remove", "targets/releases=00ff", "--sign", &token]));
                assert_eq!(nobody.code, 1, "{nobody:?}");
            },
            |officer| {
                let edits = json!([
                    officer.image("targets/releases", "1.4.1 as officer_2 signed it"),
                    { "kind": "removeTarget", "role": "targets/releases", "path": "1.4.2" },
                ]);
                officer.changes(&words(&["--edits", &officer.edits(&edits), "--sign", &officer.token()]));
            },
        ],
    );
    let missed = verdicts[0].missed();
    is_not_there_yet(&verdicts[0], &missed);
    assert!(!missed.contains(&"the stolen key is in no role"), "{missed:?}");
    assert!(
        missed.contains(&"1.4.2 is named by no role"),
        "the thief's image is good again: {missed:?}"
    );
    assert_eq!((verdicts[0].turns(), verdicts[1].turns()), ([0; 4], [1, 1, 1, 0]));
    passes(&verdicts[2]);
    assert_eq!(verdicts[2].turns(), [1, 1, 1, 1]);
}

#[test]
fn a_stolen_root_key_is_answered_in_one_publication() {
    let verdicts = on_both(
        "stolen-root-key",
        &[|officer| {
            let (old, token, new) = (
                officer.key("the root key"),
                officer.token(),
                officer.key("new key for targets"),
            );
            officer.changes(&words(&[
                "--remove",
                &format!("root={old}"),
                "--add",
                &format!("root={token}"),
                "--remove",
                &format!("targets={}", officer.fact("the thief's targets key")),
                "--add",
                &format!("targets={new}"),
                "--server-key",
                "snapshot",
                "--server-key",
                "timestamp",
                "--target",
                "targets=1.4.1",
                "--length",
                &officer.fact("1.4.1 as it was, bytes"),
                "--sha256",
                &officer.fact("1.4.1 as it was, sha256"),
                "--reason",
                "the root key was stolen",
            ]));
        }],
    );
    passes(&verdicts[0]);
    assert_eq!(verdicts[0].turns(), [0; 4]);
}

#[test]
fn a_new_root_key_alone_leaves_the_thief_what_they_took() {
    let verdicts = on_both(
        "stolen-root-key",
        &[|officer| {
            let (old, token) = (officer.key("the root key"), officer.token());
            officer.changes(&words(&[
                "--remove",
                &format!("root={old}"),
                "--add",
                &format!("root={token}"),
                "--server-key",
                "snapshot",
            ]));
        }],
    );
    let missed = verdicts[0].missed();
    is_not_there_yet(&verdicts[0], &missed);
    assert!(missed.contains(&"the thief's targets key is in no role"), "{missed:?}");
    assert!(
        missed.iter().any(|sentence| sentence.starts_with("nobody vouches for")),
        "{missed:?}"
    );
    assert!(!missed.contains(&"the stolen root key is in no role"), "{missed:?}");
}

#[test]
fn one_drill_at_a_time_is_begun_judged_and_given_up() {
    let desk = ctl();
    let list = |desk: &Ctl| desk.run(["drill", "--json"]).json()["drills"].clone();
    assert_eq!(list(&desk).as_array().expect("drills").len(), 3);
    let unknown = desk.run(["drill", "no-such-drill"]);
    assert_eq!(
        (unknown.code, unknown.err.contains("bad-usage")),
        (2, true),
        "{unknown:?}"
    );
    let early = desk.run(["drill", "stolen-root-key", "--give-up"]);
    assert_eq!(
        (early.code, early.err.contains("drill-not-begun")),
        (1, true),
        "{early:?}"
    );
    let begun = desk.run(["drill", "stolen-root-key", "--at", "2026-11-22T10:00:00Z"]);
    assert_eq!(begun.code, 0, "{begun:?}");
    assert!(
        begun.out.starts_with("Practice: The root key was stolen"),
        "{}",
        begun.out
    );
    let other = desk.run(["drill", "tampered-image"]);
    assert_eq!(
        (other.code, other.err.contains("drill-under-way")),
        (1, true),
        "{other:?}"
    );
    let judged = desk.run(["drill", "stolen-root-key", "--hints", "--at", "2026-11-22T10:02:05Z"]);
    assert_eq!(judged.code, 1, "{judged:?}");
    for words in [
        "NO  the stolen root key is in no role",
        "Time: 2 min 5 s.",
        "Not yet.",
        "What helps:",
    ] {
        assert!(judged.out.contains(words), "{words}: {}", judged.out);
    }
    let ended = desk.run([
        "drill",
        "stolen-root-key",
        "--give-up",
        "--json",
        "--at",
        "2026-11-22T10:03:00Z",
    ]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let ended = ended.json();
    assert_eq!(
        (&ended["state"], &ended["run"]["seconds"]),
        (&json!("given-up"), &json!(180))
    );
    assert_eq!(
        ended["run"]["wrongTurns"]["refusals"], 0,
        "what drills refuse is no wrong turn: {ended}"
    );
    // Begun again, everything is new.
    let again = desk.run(["drill", "stolen-root-key", "--json"]).json();
    assert_eq!(again["state"], "under-way");
    assert_ne!(
        again["run"]["inHand"][0]["physicalKey"],
        ended["run"]["inHand"][0]["physicalKey"]
    );
    let tokens = desk.run(["tokens", "--json"]);
    assert!(tokens.out.contains("Practice token 1"), "{tokens:?}");
}

#[test]
fn nothing_of_practice_can_be_used_for_a_real_repository() {
    let mut desk = ctl();
    let officer = Officer::begins(&mut desk, "stolen-delegate-key", &[]);
    let (token, file) = (officer.token(), officer.key("the key of targets"));
    let source = officer.run["source"].as_str().expect("a source").to_owned();
    drop(officer);
    let real = world();
    let refused = |desk: &Ctl, key: &str| {
        let add = format!("root={key}");
        let at = "2029-01-01T00:00:00Z";
        let told = desk.run([
            "change",
            &real.source,
            "--root",
            &real.root,
            "--at",
            at,
            "--yes",
            "--add",
            &add,
        ]);
        assert_eq!((told.code, told.err.contains("practice-only")), (1, true), "{told:?}");
    };
    refused(&desk, &token);
    refused(&desk, &file);
    // On another desk the server is nobody's.
    let elsewhere = ctl();
    let told = elsewhere.run(["change", &source, "--first-use", "--yes", "--ends", "root"]);
    assert_eq!((told.code, told.err.contains("practice-only")), (1, true), "{told:?}");
}
