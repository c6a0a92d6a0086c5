//! Tokens in the window: plugging in shows, and a key born in one takes over a GUN that the stock command line made.

use std::path::PathBuf;

use rootward_e2e::{App, Key, Leave, trust_on_notary};
use rootward_tests::rigs::notary::{NotaryRig, PASSPHRASE};
use rootward_tests::rigs::softhsm::SoftHsm;
use rootward_tests::rigs::yubikey::{CardSpec, FIRMWARE_5_7_1, RIG_SERIALS, Touch, YubiKeys};
use serde_json::{Value, json};

use crate::look_at;

const GUN: &str = "registry.example.org/lab/hello";
/// What every card is made with, and another.
const PIN: &str = "123456";
const WRONG_PIN: &str = "654321";
const SLOT: &str = "YubiKey 990 000 000, slot 9c";

/// One card; none where this machine cannot run the rig, which it has said then.
fn one_card() -> Option<YubiKeys> {
    YubiKeys::start(&[CardSpec::new(*RIG_SERIALS.start(), FIRMWARE_5_7_1)])
}

#[tokio::test(flavor = "multi_thread")]
async fn plugging_in_shows_in_the_status_line_and_among_the_tokens() {
    let Some(tokens) = one_card() else { return };
    tokens.card(0).unplug();
    let app = App::start_among(&[], &tokens.env()).await;
    app.find("button", "No token. Open Tokens").await;
    app.chord(&[Key::Control], '4').await;
    app.find("heading", "Tokens").await;
    app.says("No token is plugged in.").await;
    look_at(&app, "tokens-none").await;

    tokens.card(0).replug();
    app.find("button", "YubiKey 990 000 000. Open Tokens").await;
    app.find("heading", "YubiKey 990 000 000").await;
    app.says("3 tries left").await;
    look_at(&app, "tokens-plugged-in").await;

    tokens.card(0).unplug();
    app.find("button", "No token. Open Tokens").await;
    app.no_longer("heading", "YubiKey 990 000 000").await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_is_loaded_when_it_is_allowed_in_the_window_and_its_token_shows_like_any_other() {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    let app = App::start_among(&[], &[("SOFTHSM2_CONF", hsm.folder().join("softhsm2.conf"))]).await;
    // Nobody hears a key before the page stands.
    app.find("treeitem", "Practice*").await;
    app.chord(&[Key::Control], '4').await;
    app.find("heading", "Tokens").await;
    app.find("heading", "PKCS#11 modules").await;
    app.press("button", "Allow softhsm").await;
    app.find("heading", "rootward (softhsm)").await;
    app.find("button", "rootward (softhsm). Open Tokens").await;
    look_at(&app, "tokens-module").await;
    app.press("button", "Stop loading softhsm").await;
    app.no_longer("heading", "rootward (softhsm)").await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_key_born_in_a_token_takes_over_a_gun_of_the_notary_command_line() {
    let Some(tokens) = one_card() else { return };
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    let digest = format!("{:064x}", 1);
    rig.notary(&["addhash", GUN, "v1", "523", "--sha256", &digest, "--publish"]);
    let stale = rig.client();
    assert_eq!(stale.list(GUN).len(), 1);
    tokens.card(0).touch(Touch::WhenPressed);

    let app = App::start_among(&[], &tokens.env()).await;
    trust_on_notary(&app, &rig, GUN).await;
    begin(&app, &rig).await;
    app.press("button", "Review the bytes").await;
    app.find("heading", "Read what will be signed").await;
    look_at(&app, "token-review-before").await;
    app.press("button", "Make what the bytes need, then freeze them").await;
    certify(&app, &tokens).await;

    app.press("checkbox", "I have read all*").await;
    look_at(&app, "token-review-frozen").await;
    app.press("button", "Collect signatures").await;
    app.find("heading", "Collect signatures over root v2*").await;
    sign_with_the_file(&app).await;
    look_at(&app, "token-signatures").await;
    // The PIN was typed on this screen: only the touch is left.
    app.press("button", &sign_with(&app, "token").await).await;
    touch(&app, &tokens, "root v2").await;
    app.find("heading", "Collect signatures over root v2*").await;

    // Snapshot names root by digest, so it comes after; its key is the owner's too.
    sign_with_the_file(&app).await;
    app.press("button", "Go to the rehearsal").await;
    app.press("button", "Rehearse with simulated clients").await;
    app.find("button", "Publish and confirm").await;
    look_at(&app, "token-rehearsal").await;
    app.press("button", "Publish and confirm").await;
    app.press("button", "Publish root v2*").await;
    app.find("heading", "root v2 and snapshot v* are published and seen from outside")
        .await;
    look_at(&app, "token-published").await;
    app.chord(&[Key::Control], '4').await;
    app.find("button", &format!("root of {GUN}")).await;
    look_at(&app, "tokens-in-use").await;
    app.stop().await;

    for client in [rig.client(), stale] {
        let listed = client.list(GUN);
        assert!(listed.len() == 1 && listed[0].digest == digest, "{listed:?}");
    }
}

/// The owner's key leaves; the one that joins is born in the token.
async fn begin(app: &App, rig: &NotaryRig) {
    app.press("button", "Rotate a root key…").await;
    app.find("heading", "Rotate a root key of *").await;
    let key = root_key(app).await;
    let canonical = key["canonicalKeyid"].as_str().or(key["keyid"].as_str());
    let canonical = canonical.expect("a key of root has an id");
    let file = rig.trust_folder().join("private").join(format!("{canonical}.key"));
    app.fill("textbox", "Key file of *", &text(file)).await;
    app.press("checkbox", "Stays*").await;
    app.press("button", &format!("Make a key in {SLOT}")).await;
    app.find("button", &format!("Take {SLOT} off the list")).await;
    app.fill("textbox", "Why*", "The root key moves into a token").await;
    look_at(app, "token-intent").await;
    app.press("button", "Compute consequences").await;
    read_key(app).await;
    look_at(app, "token-consequences").await;
}

async fn root_key(app: &App) -> Value {
    let all =
        json!({ "kind": "treeRows", "tree": { "toggled": [], "search": GUN, "filters": [] }, "from": 0, "count": 50 });
    let rows = app.asked(all).await;
    let mut rows = rows["rows"].as_array().expect("a tree has rows").iter();
    let gun = rows.find(|row| row["node"] == "repository");
    let repository = &gun.expect("the GUN is in the tree")["repository"];
    let form = json!({ "kind": "changeForm", "repository": repository, "role": null });
    app.asked(form).await["roles"][0]["keys"][0].clone()
}

/// An encrypted key of the command line tells its public half only with its passphrase.
async fn read_key(app: &App) {
    while !app.sees("heading", "What this change does").await {
        assert!(!app.sees("alert", "*").await, "{}", app.text().await);
        if app.windows().await == 1 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        }
        app.to_prompt().await;
        app.fill("textbox", "Passphrase of *", PASSPHRASE).await;
        app.leave_by(Leave::Key(Key::Enter)).await;
    }
}

/// The new key signs its certificate: the PIN is wrong once, then right; then a touch.
async fn certify(app: &App, tokens: &YubiKeys) {
    app.to_prompt().await;
    app.says("3 tries are left").await;
    look_at(app, "prompt-pin").await;
    app.fill("textbox", "PIN of *", WRONG_PIN).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    app.to_prompt().await;
    app.says("2 tries are left").await;
    look_at(app, "prompt-pin-again").await;
    app.fill("textbox", "PIN of *", PIN).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    touch(app, tokens, "certificate").await;
}

/// The prompt window says which touch signs what; then somebody touches the card.
async fn touch(app: &App, tokens: &YubiKeys, what: &str) {
    app.to_prompt().await;
    app.find("heading", &format!("Touch {SLOT} now")).await;
    app.says(what).await;
    let window = app.window().await;
    app.keep_picture(format!("prompt-touch-{}", what.replace(' ', "-")))
        .await;
    tokens.card(0).press();
    app.until_gone(&window).await;
}

/// The owner's old key signs from its file.
async fn sign_with_the_file(app: &App) {
    app.press("button", &sign_with(app, "file").await).await;
    app.to_prompt().await;
    app.fill("textbox", "Passphrase of *", PASSPHRASE).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    app.find("heading", "Collect signatures over root v2*").await;
}

/// The button of the one key of the ceremony that lives there.
pub(crate) async fn sign_with(app: &App, custody: &str) -> String {
    let all = app.asked(json!({ "kind": "ceremonies" })).await;
    let ceremony = json!({ "kind": "ceremony", "ceremony": all["items"][0]["id"] });
    let view = app.asked(ceremony).await;
    let mut signers = view["signers"].as_array().expect("the ceremony lists signers").iter();
    let signer = signers.find(|signer| signer["custody"] == custody && signer["canSign"] == true);
    let signer = signer.unwrap_or_else(|| panic!("no key in a {custody} can sign: {}", view["signers"]));
    format!("Sign with {}", signer["label"].as_str().expect("it has a name"))
}

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("paths of tests are UTF-8")
}
