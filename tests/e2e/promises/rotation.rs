//! A 2-of-3 root in a folder is rotated through the window, prompt window included, and judged by python-tuf.

use std::{fs, path::PathBuf};

use rootward_e2e::{App, Key, Leave};
use rootward_tests::{rigs::python_tuf::PythonTuf, traces::Traces};
use serde_json::Value;

use crate::look_at;

pub(crate) const NOW: &str = "2029-01-01T00:00:00Z";
/// Looked for, in every form, in all that the run leaves behind.
pub(crate) const PASSPHRASE: &str = "Zq7!mW2x";

#[tokio::test(flavor = "multi_thread")]
async fn a_2_of_3_root_is_rotated_through_the_window_and_accepted_from_the_old_root() {
    let world = World::new();
    let app = App::start(&["--at", NOW]).await;
    trust(&app, &world).await;
    begin(&app, &world, "officer_4.pem").await;

    app.find("heading", "What this change does").await;
    look_at(&app, "rotation-consequences").await;
    app.press("button", "Review the bytes").await;
    app.find("heading", "Read what will be signed").await;
    look_at(&app, "rotation-review").await;
    if let Some(path) = std::env::var_os("E2E_PICTURE") {
        fs::write(path, app.picture().await).expect("the README's picture can be written");
    }
    app.press("checkbox", "I have read all*").await;
    app.press("button", "Freeze these bytes and collect signatures").await;
    app.find("heading", "Collect signatures over root v2").await;
    look_at(&app, "rotation-signatures").await;

    sign_all(&app, 3).await;
    app.press("button", "Go to the rehearsal").await;
    app.press("button", "Rehearse with simulated clients").await;
    app.find("button", "Publish and confirm").await;
    look_at(&app, "rotation-rehearsal").await;
    app.press("button", "Publish and confirm").await;
    app.find("heading", "Publish root v2 to *").await;
    look_at(&app, "rotation-publish").await;
    app.press("button", "Publish root v2: *").await;
    app.find("heading", "root v2 is published and seen from outside").await;
    look_at(&app, "rotation-published").await;
    leaves_no_trace(&app, &world);
    app.stop().await;

    let judge = PythonTuf::ready();
    let verdict = judge.judge(&world.folder(), &world.first_root(), NOW);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
    let whole = fs::read(world.folder().join("2.root.json")).expect("the new root was published");
    for number in 0..3 {
        fs::write(
            world.folder().join("2.root.json"),
            with_signature_changed(&whole, number),
        )
        .expect("it can be changed");
        let verdict = judge.judge(&world.folder(), &world.first_root(), NOW);
        assert!(
            !verdict.accepted && verdict.versions["root"] == 1,
            "signature {number} changed: {verdict:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_stops_a_second_root_of_the_same_version_until_somebody_says_why() {
    let world = World::new();
    let app = App::start(&["--at", NOW]).await;
    trust(&app, &world).await;
    begin(&app, &world, "officer_4.pem").await;
    freeze(&app).await;
    sign_all(&app, 1).await;
    app.press("button", "Abandon…").await;
    app.fill("textbox", "Reason, for the record*", "the wrong officer")
        .await;
    app.press("button", "Abandon this ceremony: *").await;
    app.press("button", "Back to *").await;

    begin(&app, &world, "officer_5.pem").await;
    app.find("heading", "What this change does").await;
    app.says("signs this one only for a reason that goes on record").await;
    freeze(&app).await;
    app.says("Signs for a reason only").await;
    look_at(&app, "second-root").await;
    app.press("button", "Sign again with *, for a reason").await;
    app.find("button", "Sign a second document: say why").await;
    look_at(&app, "second-root-why").await;
    app.fill(
        "textbox",
        "Why this key signs again*",
        "the first root named the wrong officer",
    )
    .await;
    app.press("button", "Sign a second document of this version").await;
    app.to_prompt().await;
    app.fill("textbox", "Passphrase of *", PASSPHRASE).await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    app.no_longer("button", "Sign again with *, for a reason").await;
    app.says("Signed on this machine").await;
    let ledger = fs::read_to_string(app.folder().join("desk/ledger.jsonl")).expect("a ledger");
    assert!(ledger.contains("the first root named the wrong officer"));
    app.stop().await;
}

/// From the consequences to the screen where signatures are collected.
pub(crate) async fn freeze(app: &App) {
    app.press("button", "Review the bytes").await;
    app.press("checkbox", "I have read all*").await;
    app.press("button", "Freeze these bytes and collect signatures").await;
    app.find("heading", "Collect signatures over root v2").await;
}

/// Logs, journals and database of the desk, what WebKit keeps, the published folder, and what WebKit's processes were started with.
fn leaves_no_trace(app: &App, world: &World) {
    let traces = Traces::of(PASSPHRASE);
    assert!(app.folder().join("desk/logs").is_dir(), "a log was searched");
    for folder in [app.folder().to_owned(), world.folder()] {
        assert_eq!(traces.below(&folder), [""; 0]);
    }
    let started_with = app.started_with();
    assert!(
        started_with.len() > 4,
        "the window and WebKit's processes were looked at"
    );
    for bytes in started_with {
        assert_eq!(traces.within(&bytes), [""; 0], "{}", String::from_utf8_lossy(&bytes));
    }
}

/// A repository that python-tuf made, with the keys of five officers beside it.
pub(crate) struct World(tempfile::TempDir);

impl World {
    pub(crate) fn new() -> Self {
        let world = World(tempfile::tempdir().expect("a temporary folder can be made"));
        for folder in [world.folder(), world.keys()] {
            fs::create_dir_all(folder).expect("a folder can be made");
        }
        PythonTuf::ready().publish_with_keys(&world.folder(), "2030-01-01T00:00:00Z", &world.keys(), PASSPHRASE);
        fs::copy(world.folder().join("1.root.json"), world.first_root()).expect("the first root is there");
        world
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().join("trust-root/metadata")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.0.path().join("keys")
    }

    pub(crate) fn first_root(&self) -> PathBuf {
        self.0.path().join("trusted.json")
    }

    pub(crate) fn key(&self, name: &str) -> String {
        text(self.keys().join(name))
    }

    /// What the window calls the keys of root, in the officers' order: the ends of their keyids.
    pub(crate) fn names(&self) -> Vec<String> {
        let root: Value =
            serde_json::from_slice(&fs::read(self.first_root()).expect("it is there")).expect("it is JSON");
        let keyids = root["signed"]["roles"]["root"]["keyids"]
            .as_array()
            .expect("a list")
            .iter();
        let ends = |id: &str| format!("{}…{}", &id[..4], &id[id.len() - 4..]);
        keyids.map(|id| ends(id.as_str().expect("a text"))).collect()
    }
}

/// Adds the folder and trusts it by the root file that came another way.
pub(crate) async fn trust(app: &App, world: &World) {
    app.press("button", "Add a source…").await;
    app.press("radio", "A folder with TUF or Notary metadata").await;
    app.fill("textbox", "Folder", &text(world.folder())).await;
    app.press("button", "Add and show its root").await;
    app.find("heading", "Trust a root of *").await;
    look_at(app, "first-trust").await;
    app.fill("textbox", "Root file", &text(world.first_root())).await;
    app.press("button", "Trust * from this root file").await;
    app.find("button", "Rotate a root key…").await;
}

/// Fills in the form: officer 3 leaves, another joins, officer 2 is elsewhere, so that every signature is needed.
pub(crate) async fn begin(app: &App, world: &World, joins: &str) {
    let names = world.names();
    app.press("button", "Rotate a root key…").await;
    app.find("heading", "Rotate a root key of *").await;
    for (name, file) in [(&names[0], "officer_1.pem"), (&names[2], "officer_3.pem")] {
        app.fill("textbox", &format!("Key file of {name}"), &world.key(file))
            .await;
    }
    app.press("checkbox", &format!("Stays{}", names[2])).await;
    app.fill("textbox", "Key file", &world.key(joins)).await;
    app.press("button", "Add this key").await;
    app.fill("textbox", "Why*", "The laptop of officer 3 is worn out").await;
    look_at(app, "rotation-intent-filled").await;
    app.press("button", "Compute consequences").await;
    read_keys(app).await;
}

/// A key file of OpenSSL's tells its public half only with its passphrase, so the desk asks before it computes.
async fn read_keys(app: &App) {
    let mut looked = false;
    while !app.sees("heading", "What this change does").await {
        if app.windows().await == 1 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        }
        app.to_prompt().await;
        app.find("heading", "Read the public half of officer_*").await;
        if !looked {
            look_at(app, "prompt-read").await;
            looked = true;
        }
        app.fill("textbox", "Passphrase of *", PASSPHRASE).await;
        app.leave_by(Leave::Key(Key::Enter)).await;
    }
}

/// Signs with every key whose file was given.
pub(crate) async fn sign_all(app: &App, keys: usize) {
    for number in 1..=keys {
        app.press("button", "Sign with *").await;
        app.to_prompt().await;
        app.says("Sign root v2").await;
        if number == 1 {
            look_at(app, "prompt").await;
        }
        app.fill("textbox", "Passphrase of *", PASSPHRASE).await;
        app.leave_by(Leave::Key(Key::Enter)).await;
        app.find("heading", "Collect signatures over root v2").await;
    }
}

pub(crate) fn with_signature_changed(file: &[u8], number: usize) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(file).expect("it is JSON");
    let signature = &mut file["signatures"][number]["sig"];
    let old = signature.as_str().expect("a text").to_owned();
    *signature = format!("{}{}", if old.starts_with('0') { "1" } else { "0" }, &old[1..]).into();
    serde_json::to_vec(&file).expect("JSON can be written")
}

pub(crate) fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("paths of tests are UTF-8")
}
