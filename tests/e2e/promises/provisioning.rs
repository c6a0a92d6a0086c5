//! A token from the box to a root key, by keyboard alone: made ready, pulled out in the middle, and used in a rotation.

use std::{fs, path::Path};

use rootward_e2e::{App, Key, Leave};
use rootward_tests::{
    desk,
    rigs::{
        python_tuf::PythonTuf,
        softhsm::{self as hsm, SO_PIN, SoftHsm},
        yubikey::{CardSpec, FIRMWARE_5_7_1, Fault, RIG_SERIALS, Touch, When, YubiKeys},
    },
};
use serde_json::Value;

use crate::{
    look_at,
    rotation::{NOW, PASSPHRASE, World, with_signature_changed},
    token::sign_with,
};

const DEVICE: &str = "YubiKey 990 000 000";
const SLOT: &str = "YubiKey 990 000 000, slot 9c";
const PIN: &str = "604812";
const WRONG_PIN: &str = "111222";
/// GENERATE ASYMMETRIC KEY PAIR.
const GENERATE: u8 = 0x47;

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_is_provisioned_and_used_in_a_rotation_by_keyboard_alone() {
    let specs = [CardSpec::new(*RIG_SERIALS.start(), FIRMWARE_5_7_1)];
    let Some(tokens) = YubiKeys::start(&specs) else { return };
    let world = World::new();
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    desk::trusting(&data.path().join("desk"), &tokens.root().0);
    let app = App::start_on(data, &["--at", NOW], &tokens.env()).await;
    // Nobody hears a key before the page stands.
    app.find("treeitem", "Practice*").await;

    let card = world.folder().join("label.html");
    provision(&app, &tokens, &card).await;
    trust(&app, &world).await;
    begin(&app, &world).await;
    sign(&app, &tokens).await;
    publish(&app).await;
    app.stop().await;
    is_accepted(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_token_of_a_module_is_made_ready_in_the_same_form_and_never_called_proven() {
    let tokens = SoftHsm::start();
    let app = App::start_among(&[], &[("SOFTHSM2_CONF", tokens.folder().join("softhsm2.conf"))]).await;
    app.find("treeitem", "Practice*").await;
    app.chord(&[Key::Control], '4').await;
    app.find("heading", "PKCS#11 modules").await;
    app.press("button", "Allow softhsm").await;
    app.press("button", "Make New token (softhsm) ready…").await;
    app.find("heading", "Make New token (softhsm) ready").await;
    app.says("no PKCS#11 module proves where a key was born").await;
    look_at(&app, "provision-module-plan").await;
    forward(&app, "How is the loss of this token survived?").await;
    forward(&app, "The key that is born in it").await;
    look_at(&app, "provision-module-key").await;
    forward(&app, "Make New token (softhsm) ready").await;
    filled(&app).await;
    for (field, secret) in [
        ("New SO PIN of *", SO_PIN),
        ("New SO PIN again of *", SO_PIN),
        ("New PIN of *", hsm::PIN),
        ("New PIN again of *", hsm::PIN),
        ("PIN of *", hsm::PIN),
    ] {
        app.to_prompt().await;
        app.find("textbox", field).await;
        answer(&app, secret).await;
    }
    app.find("heading", "rootward (softhsm) is ready").await;
    app.says("Nothing proves where its key was born").await;
    look_at(&app, "provision-module-ready").await;
    app.chord(&[Key::Control], Key::Enter).await;
    app.find("heading", "rootward (softhsm)").await;
    app.stop().await;
}

/// From the box to the label: cut off while the PIN is chosen, and again while the key is made.
async fn provision(app: &App, tokens: &YubiKeys, label: &Path) {
    app.chord(&[Key::Control], '4').await;
    app.find("heading", DEVICE).await;
    look_at(app, "provision-tokens").await;
    app.tab_to(&format!("button Make {DEVICE} ready")).await;
    app.key(Key::Enter).await;
    app.find("heading", &format!("Make {DEVICE} ready")).await;
    look_at(app, "provision-plan").await;
    forward(app, "How is the loss of this token survived?").await;
    look_at(app, "provision-loss").await;
    forward(app, "The key that is born in it").await;
    look_at(app, "provision-key").await;
    forward(app, &format!("Make {DEVICE} ready")).await;
    app.says("ECDSA P-256 key in YubiKey 990 000 000, slot 9c").await;
    look_at(app, "provision-run").await;

    // The PUK is shown once, and taken only as it was written down.
    filled(app).await;
    app.to_prompt().await;
    app.find("heading", &format!("Write down the PUK of {DEVICE}")).await;
    look_at(app, "prompt-puk").await;
    let puk = app.run("return document.querySelector('#shown').innerText", &[]).await;
    let puk = puk.as_str().expect("a PUK is shown").trim().to_owned();
    assert!(
        puk.len() == 8 && puk.bytes().all(|digit| digit.is_ascii_digit()),
        "{puk}"
    );
    answer(app, "00000000").await;
    app.to_prompt().await;
    app.says("That is not what is shown").await;
    answer(app, &puk).await;

    // While the PIN is chosen, the token is pulled out.
    app.to_prompt().await;
    app.find("textbox", "New PIN of *").await;
    look_at(app, "prompt-new-pin").await;
    tokens.card(0).unplug();
    answer(app, PIN).await;
    app.to_prompt().await;
    answer(app, PIN).await;
    app.find("button", &format!("Go on: plug in {DEVICE} again")).await;
    app.says("What was done stays done").await;
    look_at(app, "provision-cut-off").await;
    tokens.card(0).replug();
    app.find("button", "Go on").await;
    app.says("It is the one you wrote down.").await;
    look_at(app, "provision-go-on").await;

    // The PUK stays; the PIN is chosen; while the key is made, the token is pulled out again.
    tokens.card(0).fault_at(1, When::Ins(GENERATE), Fault::Unplugged);
    filled(app).await;
    for _ in 0..2 {
        app.to_prompt().await;
        app.find("textbox", "New PIN *").await;
        answer(app, PIN).await;
    }
    app.find("button", &format!("Go on: plug in {DEVICE} again")).await;
    tokens.card(0).no_faults();
    tokens.card(0).replug();
    app.find("button", "Go on").await;

    // Somebody has set the PIN by now, so it is asked for: wrong first.
    filled(app).await;
    app.to_prompt().await;
    app.says("3 tries are left").await;
    answer(app, WRONG_PIN).await;
    app.to_prompt().await;
    app.says("2 tries are left").await;
    answer(app, PIN).await;
    app.find("heading", &format!("{DEVICE} is ready")).await;
    app.says("held in YubiKey 990 000 000, firmware 5.7.1, touch always")
        .await;
    app.says("chains to a root added on this machine").await;
    look_at(app, "provision-ready").await;

    app.tab_to("textbox File of the label").await;
    app.types(label.to_str().expect("paths of tests are UTF-8")).await;
    app.tab_to("button Save the label").await;
    app.key(Key::Enter).await;
    app.says("Saved in").await;
    let label = fs::read_to_string(label).expect("the label was written");
    assert!(label.contains("990 000 000") && label.contains("9c"), "{label}");
    assert!(!label.contains(PIN) && !label.contains(&puk), "{label}");
    app.chord(&[Key::Control], Key::Enter).await;
    app.find("heading", "Tokens").await;
    look_at(app, "provision-tokens-after").await;
}

/// Adds the folder and trusts it by the root file that came another way.
async fn trust(app: &App, world: &World) {
    app.chord(&[Key::Control], 'k').await;
    app.focus_on("option ").await;
    app.types("Add a source").await;
    app.says("Add a source…").await;
    app.key(Key::Enter).await;
    app.find("dialog", "Add a source").await;
    app.tab_to("textbox Folder").await;
    app.types(world.folder().to_str().expect("paths of tests are UTF-8"))
        .await;
    app.tab_to("button Add and show its root").await;
    app.key(Key::Enter).await;
    app.find("heading", "Trust a root of *").await;
    app.tab_to("textbox Root file").await;
    app.types(world.first_root().to_str().expect("paths of tests are UTF-8"))
        .await;
    app.tab_to("button Trust ").await;
    app.key(Key::Enter).await;
    app.find("button", "Rotate a root key…").await;
}

/// Officer 3 leaves, the key in the token joins, officer 2 is elsewhere: every signature is needed.
async fn begin(app: &App, world: &World) {
    app.tab_to("button Rotate a root key").await;
    app.key(Key::Enter).await;
    app.find("heading", "Rotate a root key of *").await;
    let names = world.names();
    app.tab_to(&format!("textbox Key file of {}", names[0])).await;
    app.types(&world.key("officer_1.pem")).await;
    app.tab_to(&format!("checkbox Stays{}", names[2])).await;
    app.key(' ').await;
    app.tab_to(&format!("textbox Key file of {}", names[2])).await;
    app.types(&world.key("officer_3.pem")).await;
    app.tab_to(&format!("button The key in {SLOT} joins")).await;
    app.key(Key::Enter).await;
    app.find("button", &format!("Take {SLOT} off the list")).await;
    app.tab_to("textbox Why").await;
    app.types("Officer 3 has a token now").await;
    look_at(app, "provision-intent").await;
    filled(app).await;
    while !app.sees("heading", "What this change does").await {
        if app.windows().await == 1 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        }
        app.to_prompt().await;
        app.find("heading", "Read the public half of officer_*").await;
        answer(app, PASSPHRASE).await;
    }
    forward(app, "Read what will be signed").await;
    app.tab_to("checkbox I have read all").await;
    app.key(' ').await;
    forward(app, "Collect signatures over root v2").await;
}

/// Two officers sign from their files; the token is asked with a wrong PIN first, and pulled out once.
async fn sign(app: &App, tokens: &YubiKeys) {
    tokens.card(0).touch(Touch::WhenPressed);
    ask_token(app).await;
    app.to_prompt().await;
    app.find("textbox", "PIN of *").await;
    answer(app, WRONG_PIN).await;
    app.to_prompt().await;
    app.says("2 tries are left").await;
    tokens.card(0).unplug();
    answer(app, PIN).await;
    app.find("alert", "*").await;
    app.says("The token is not plugged in, or was pulled out.").await;
    look_at(app, "provision-signing-cut-off").await;
    tokens.card(0).replug();
    app.find("button", &format!("{DEVICE}. Open Tokens")).await;

    ask_token(app).await;
    app.to_prompt().await;
    app.find("textbox", "PIN of *").await;
    answer(app, PIN).await;
    app.to_prompt().await;
    app.find("heading", &format!("Touch {SLOT} now")).await;
    app.says("root v2").await;
    let window = app.window().await;
    tokens.card(0).press();
    app.until_gone(&window).await;
    app.says("Signed on this machine").await;
    for _ in 0..2 {
        app.tab_to(&format!("button {}", sign_with(app, "file").await)).await;
        app.key(Key::Enter).await;
        app.to_prompt().await;
        app.says("Sign root v2").await;
        answer(app, PASSPHRASE).await;
    }
    forward(app, "Try it on simulated clients").await;
}

async fn ask_token(app: &App) {
    app.tab_to(&format!("button {}", sign_with(app, "token").await)).await;
    app.key(Key::Enter).await;
}

async fn publish(app: &App) {
    filled(app).await;
    app.find("button", "Publish and confirm").await;
    forward(app, "Publish root v2 to *").await;
    // The button counts down before it can be reached.
    while !app.sees("button", "Publish root v2: *").await || app.sees("button", "Publish root v2: *(in * s)").await {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    app.tab_to("button Publish root v2").await;
    app.key(Key::Enter).await;
    app.find("heading", "root v2 is published and seen from outside").await;
    look_at(app, "provision-published").await;
}

/// python-tuf takes the new root for the one it trusts, and not when the token's signature is another.
fn is_accepted(world: &World) {
    let judge = PythonTuf::ready();
    let verdict = judge.judge(&world.folder(), &world.first_root(), NOW);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
    let path = world.folder().join("2.root.json");
    let whole = fs::read(&path).expect("the new root was published");
    let root: Value = serde_json::from_slice(&whole).expect("it is JSON");
    let is_tokens = |signature: &Value| {
        let keyid = signature["keyid"].as_str().expect("a keyid");
        root["signed"]["keys"][keyid]["keytype"] == "ecdsa"
    };
    let mut signatures = root["signatures"].as_array().expect("a list").iter();
    let place = signatures.position(is_tokens).expect("the token has signed");
    fs::write(&path, with_signature_changed(&whole, place)).expect("it can be changed");
    let verdict = judge.judge(&world.folder(), &world.first_root(), NOW);
    assert!(!verdict.accepted && verdict.versions["root"] == 1, "{verdict:?}");
}

/// Presses the filled button by its key, and waits for the next page.
async fn forward(app: &App, heading: &str) {
    filled(app).await;
    app.find("heading", heading).await;
}

/// Presses the filled button by its key, once it can be pressed.
async fn filled(app: &App) {
    const READY: &str = "return [...document.querySelectorAll('[data-filled]')].at(-1)?.matches(':not([disabled], [aria-disabled=true])') ?? false";
    for _ in 0..200 {
        if app.run(READY, &[]).await == true {
            app.chord(&[Key::Control], Key::Enter).await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!(
        "the filled button cannot be pressed on a page that says: {}",
        app.text().await
    );
}

/// Types into the prompt window, whose field has the focus, and presses Enter.
async fn answer(app: &App, secret: &str) {
    app.focus_on("textbox ").await;
    app.types(secret).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
}
