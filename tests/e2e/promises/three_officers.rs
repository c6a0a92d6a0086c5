//! One of five root keys is replaced through the window by three officers: one with a YubiKey and one with an HSM at this desk, one
//! on a machine of their own. Six screens for whoever begins, one for whoever signs elsewhere, and nobody types a keyid.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use rootward_e2e::{App, Key, Leave, rootwardctl};
use rootward_tests::{
    officers::{Files, Officers, PIN, no_keyid},
    rigs::{python_tuf::PythonTuf, softhsm::PIN as HSM_PIN, yubikey::Touch},
    tls,
};
use serde_json::Value;

use crate::{
    look_at,
    rotation::{NOW, PASSPHRASE, World, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn three_officers_replace_one_of_five_root_keys_through_the_window() {
    let Some(officers) = Officers::with_devices() else {
        return;
    };
    let world = World::new();
    let away = tempfile::tempdir().expect("a temporary folder can be made");
    let path = |name: &str| text(away.path().join(name));
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let old_root = three_of_five(&officers, &world, &text(data.path().join("desk")), away.path());
    let new_key = path("officer_4_new.pem");
    tls::self_signed("nobody", &away.path().join("unused.crt"), Path::new(&new_key));
    officers.cards.card(0).touch(Touch::WhenPressed);

    let app = App::start_on(data, &["--at", NOW], &officers.variables()).await;
    let starter = Person::at(&app);
    app.press("treeitem", "trust-root*").await;
    app.press("button", "Rotate a root key…").await;
    starter.sees("Rotate a root key of *").await;
    app.press("checkbox", "Stays*officer_4").await;
    starter.types("Key file", &new_key).await;
    app.press("button", "Add this key").await;
    app.find("button", "Take officer_4_new* off the list").await;
    starter.types("Why*", "Officer 4 lost the key").await;
    app.press("button", "Compute consequences").await;
    starter.sees("What this change does").await;
    app.press("button", "Review the bytes").await;
    starter.sees("Read what will be signed").await;
    app.press("checkbox", "I have read all*").await;
    app.press("button", "Freeze these bytes and collect signatures").await;
    starter.sees("Collect signatures over root v3").await;
    app.says("3 more signatures meet the old threshold, root v2").await;

    app.press("button", "Sign with officer_1").await;
    starter.answers("PIN of *", PIN).await;
    app.to_prompt().await;
    app.find("heading", "Touch * now").await;
    let touching = app.window().await;
    officers.cards.card(0).press();
    app.until_gone(&touching).await;
    app.says("2 more signatures meet the old threshold").await;
    app.press("button", "Sign with officer_2").await;
    starter.answers("PIN of *", HSM_PIN).await;
    app.says("1 more signature meets the old threshold").await;

    for (open, picture) in [("Make a kit…", "kit"), ("Take a kit back…", "kit-back")] {
        app.press("button", open).await;
        app.find("textbox", "*older*").await;
        look_at(&app, picture).await;
        app.press("button", "Close").await;
    }
    let (request, response) = (path("root.request"), path("officer_3.response"));
    app.press("button", "Ask by file: officer_3").await;
    starter.types("File to write", &request).await;
    look_at(&app, "quorum-ask").await;
    app.press("button", "Write the request").await;
    app.says("Read this digest to whoever signs").await;
    look_at(&app, "quorum-read-aloud").await;
    app.press("button", "Close").await;
    app.says("officer_3 was asked by file").await;
    app.find("button", "Ask instead: officer_5").await;
    look_at(&app, "quorum").await;
    app.chord(&[Key::Control], '5').await;
    app.find("table", "Waiting for somebody").await;
    app.says("; officer_3 asked by file").await;
    look_at(&app, "ceremonies-waiting").await;
    app.press("button", "Open ceremony *: Replace officer_4*").await;
    app.find("heading", "Collect signatures over root v3").await;

    let offline = Offline {
        request: &request,
        response: &response,
        root: &text(world.first_root()),
        key: &path("officer_3.pem"),
    };
    offline.signs(&app).await;

    app.press("button", "Take response of officer_3").await;
    starter.types("File that came back", &response).await;
    app.press("button", "Take its signatures").await;
    app.says("1 signature was verified and taken, over root.").await;
    app.press("button", "Close").await;
    look_at(&app, "quorum-met").await;
    app.press("button", "Go to the rehearsal").await;
    starter.sees("Try it on simulated clients").await;
    app.press("button", "Rehearse with simulated clients").await;
    app.press("button", "Publish and confirm").await;
    starter.sees("Publish root v3 to *").await;
    app.press("button", "Publish root v3: *").await;
    starter.sees("root v3 is published and seen from outside").await;
    assert_eq!(starter.screens(), 6, "{:?}", starter.seen);
    app.chord(&[Key::Control], '5').await;
    app.find("table", "Ended").await;
    look_at(&app, "ceremonies").await;
    app.stop().await;

    for anchor in [world.first_root(), old_root] {
        let verdict = PythonTuf::ready().judge(&world.folder(), &anchor, NOW);
        assert!(verdict.accepted && verdict.versions["root"] == 3, "{verdict:?}");
    }
}

/// A desk that trusts the repository, whose root is one of five keys now. Gives a copy of that root.
fn three_of_five(officers: &Officers, world: &World, desk: &str, away: &Path) -> PathBuf {
    let more = ["--data", desk, "--at", NOW];
    let mut ctl = officers.at(rootwardctl());
    officers.have_keys(&ctl, &more);
    let (source, root) = (text(world.folder()), text(world.first_root()));
    let files = Files {
        source: &source,
        root: &root,
        keys: &world.keys(),
        passphrase: PASSPHRASE,
    };
    officers.three_of_five(&mut ctl, &files, away, &more)
}

/// Officer 3, with a window on a machine that knows nothing but the root that officers were handed.
struct Offline<'a> {
    request: &'a str,
    response: &'a str,
    root: &'a str,
    key: &'a str,
}

impl Offline<'_> {
    async fn signs(&self, starter: &App) {
        let app = starter.start_elsewhere(&["--at", NOW]).await;
        let officer = Person::at(&app);
        app.find("treeitem", "Practice*").await;
        app.chord(&[Key::Control], '5').await;
        app.press("button", "Sign a request…").await;
        officer.sees("Sign another desk’s request").await;
        officer.types("Request file", self.request).await;
        app.press("radio", "A root file I was handed by another way").await;
        officer.types("Root file", self.root).await;
        app.press("button", "Read the request").await;
        officer.sees("Sign another desk’s request").await;
        // Over a line that they trust, the starter reads what stands on the screen there.
        let file: Value = serde_json::from_slice(&fs::read(self.request).expect("it was written")).expect("JSON");
        let digest = file["documents"][0]["sha256"].as_str().expect("a digest");
        officer.types("First 8 digits, as read to you", &digest[..8]).await;
        officer.types("Key file", self.key).await;
        officer.types("Response to write", self.response).await;
        look_at(&app, "request-judged").await;
        app.press("button", "Sign and write the response").await;
        officer.answers("Passphrase of *", PASSPHRASE).await;
        app.says("is signed. Hand back").await;
        officer.sees("Sign another desk’s request").await;
        look_at(&app, "request-signed").await;
        assert_eq!(officer.screens(), 1, "{:?}", officer.seen);
        app.stop().await;
    }
}

/// Somebody at a window: counts the screens that were seen, and types no keyid.
struct Person<'a> {
    app: &'a App,
    seen: Mutex<BTreeSet<String>>,
}

impl<'a> Person<'a> {
    fn at(app: &'a App) -> Self {
        Person {
            app,
            seen: Mutex::default(),
        }
    }

    /// Waits for a screen. The pages of a wizard are told apart by its rail, others by their title.
    async fn sees(&self, heading: &str) {
        const WHERE: &str = "return (document.querySelector('[aria-current=step] .dot + span') ?? document.querySelector('h1')).textContent";
        self.app.find("heading", heading).await;
        let screen = self.app.run(WHERE, &[]).await;
        let screen = screen.as_str().expect("a screen has a title").to_owned();
        let name = screen.split(", ").next().unwrap_or_default().to_owned();
        self.seen.lock().expect("nobody panicked").insert(name);
    }

    fn screens(&self) -> usize {
        self.seen.lock().expect("nobody panicked").len()
    }

    async fn types(&self, field: &str, what: &str) {
        no_keyid(what);
        self.app.fill("textbox", field, what).await;
    }

    /// Answers the prompt window, which goes away then.
    async fn answers(&self, field: &str, secret: &str) {
        self.app.to_prompt().await;
        self.app.fill("textbox", field, secret).await;
        self.app.leave_by(Leave::Key(Key::Enter)).await;
    }
}
