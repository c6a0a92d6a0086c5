//! Keys in the window: a roll call by keyboard alone, a proof out of a token, and keys of Docker on their way in and out.

use rootward_e2e::{App, Key, Leave};
use rootward_tests::rigs::docker_trust;
use rootward_tests::rigs::yubikey::{CardSpec, FIRMWARE_5_7_1, RIG_SERIALS, Touch, YubiKeys};
use serde_json::json;

use crate::look_at;

const PIN: &str = "123456";
const WRONG_PIN: &str = "654321";

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_call_is_held_by_keyboard_alone_and_the_first_screen_tells_what_came_of_it() {
    let app = App::start(&[]).await;
    app.find("heading", "Could root be rotated today?").await;
    look_at(&app, "attention-readiness").await;
    let question = first_roll(&app).await;
    let call = app.asked(question).await;
    let name = call["readiness"]["repositoryName"]
        .as_str()
        .expect("it has a name")
        .to_owned();
    let threshold = call["readiness"]["threshold"].as_u64().expect("a number") as usize;
    let keys = call["readiness"]["keys"].as_u64().expect("a number");
    app.says(&format!("0 of {keys} proven")).await;
    app.tab_to(&format!("button Roll call of {name}")).await;
    app.key(Key::Enter).await;
    app.find("heading", &format!("Roll call of {name}")).await;
    look_at(&app, "roll-call-before").await;

    for (number, row) in call["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .take(threshold)
        .enumerate()
    {
        let named = row["officer"]
            .as_str()
            .or(row["place"].as_str())
            .expect("it goes by a name");
        app.tab_to(&format!("button Prove that the key of {named} works")).await;
        app.key(Key::Enter).await;
        app.to_prompt().await;
        app.find("heading", "Prove that this key works").await;
        app.says("no trust changes").await;
        if number == 0 {
            look_at(&app, "prompt-proof").await;
        }
        app.fill("textbox", "Passphrase of *", "practice").await;
        app.leave_by(Leave::Key(Key::Enter)).await;
        app.says(&format!("{} of {keys} keys proven", number + 1)).await;
    }
    app.says("Yes until").await;
    look_at(&app, "roll-call-after").await;

    app.chord(&[Key::Control], '3').await;
    app.find("grid", "Keys").await;
    app.tab_to("row ").await;
    app.key(Key::Down).await;
    app.key(Key::Enter).await;
    app.says("SHA-256 of the public key").await;
    look_at(&app, "keys").await;
    app.stop().await;
}

/// The question for the roll call that the first screen asks about first.
async fn first_roll(app: &App) -> serde_json::Value {
    let first = app.asked(json!({ "kind": "attention" })).await["readiness"][0]["repository"].clone();
    json!({ "kind": "rollCall", "repository": first })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_token_proves_itself_after_a_wrong_pin_and_a_touch_and_is_remembered_when_unplugged() {
    let specs = [CardSpec::new(*RIG_SERIALS.start(), FIRMWARE_5_7_1)];
    let Some(tokens) = YubiKeys::start(&specs) else { return };
    let app = App::start_among(&[], &tokens.env()).await;
    let key = format!("yubikey:{}/9c", RIG_SERIALS.start());
    let wish = json!({ "algorithm": "p256", "pin": "always", "touch": "always" });
    app.done(json!({ "kind": "generateTokenKey", "key": key, "wish": wish }))
        .await;
    tokens.card(0).touch(Touch::WhenPressed);

    app.chord(&[Key::Control], '3').await;
    app.find("heading", "Keys").await;
    app.fill("searchbox", "Search keys", "990 000 000").await;
    app.says("1 key matches").await;
    app.tab_to("row YubiKey 990 000 000").await;
    app.key(Key::Space).await;
    app.says("never on this desk").await;
    look_at(&app, "keys-token").await;
    app.tab_to("button Prove that it works").await;
    app.key(Key::Enter).await;
    app.to_prompt().await;
    app.fill("textbox", "PIN of *", WRONG_PIN).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    app.to_prompt().await;
    app.says("2 tries are left").await;
    app.fill("textbox", "PIN of *", PIN).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    app.to_prompt().await;
    app.find("heading", "Touch YubiKey 990 000 000, slot 9c now").await;
    app.says("a proof that this key works").await;
    let window = app.window().await;
    app.keep_picture("prompt-touch-proof").await;
    tokens.card(0).press();
    app.until_gone(&window).await;
    app.says("Proved that it works, in YubiKey 990 000 000, slot 9c").await;

    tokens.card(0).unplug();
    app.says("seen 20").await;
    look_at(&app, "keys-token-gone").await;
    app.stop().await;
}

/// Guards the key that Docker made, and the copy of it.
const DOCKERS: &str = "throw-away passphrase";
const OURS: &str = "another throw-away passphrase";

/// Answers the next three prompts: a key's passphrase, then a new one, twice.
async fn type_passphrases(app: &App, now: &str, then: &str) {
    for (field, typed) in [
        ("Passphrase of *", now),
        ("New passphrase of *", then),
        ("New passphrase, once more of *", then),
    ] {
        app.to_prompt().await;
        app.fill("textbox", field, typed).await;
        app.leave_by(Leave::Key(Key::Enter)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_docker_are_listed_before_one_is_copied_by_keyboard_alone_and_a_copy_goes_out_for_notary() {
    let app = App::start(&[]).await;
    let trust = app.folder().join(".docker/trust");
    docker_trust::generate("officer_1", app.folder(), &trust, DOCKERS);

    app.find("heading", "Could root be rotated today?").await;
    app.chord(&[Key::Control], '3').await;
    app.find("grid", "Keys").await;
    app.tab_to("button Import keys").await;
    app.key(Key::Enter).await;
    app.find("table", "Private keys in *").await;
    app.says("PBKDF2 with HMAC-SHA-1, 2048 rounds").await;
    look_at(&app, "key-folders").await;
    app.tab_to("checkbox Copy the key").await;
    app.key(Key::Space).await;
    app.tab_to("button Copy 1 key onto this desk").await;
    app.key(Key::Enter).await;
    type_passphrases(&app, DOCKERS, OURS).await;
    app.says("1 key copied").await;
    app.says("On this desk as officer_1-").await;
    look_at(&app, "key-folders-copied").await;

    app.chord(&[Key::Control], '3').await;
    app.fill("searchbox", "Search keys", "officer_1-").await;
    app.says("1 key matches").await;
    app.tab_to("row officer_1-").await;
    app.key(Key::Enter).await;
    app.tab_to("button Export for Notary").await;
    app.key(Key::Enter).await;
    app.fill("textbox", "Role Notary is to keep it for*", "targets/releases")
        .await;
    let out = app.folder().join("for-notary.key");
    app.fill(
        "textbox",
        "File to write*",
        out.to_str().expect("paths of tests are UTF-8"),
    )
    .await;
    look_at(&app, "key-export").await;
    app.tab_to("button Write the copy").await;
    app.key(Key::Enter).await;
    type_passphrases(&app, OURS, DOCKERS).await;
    app.says("Written. On the other machine").await;
    let written = std::fs::read_to_string(&out).expect("the copy is there");
    assert!(
        written.contains("role: targets/releases") && !written.contains("BEGIN PRIVATE"),
        "{written}"
    );
    app.stop().await;
}
