//! Signatures of an officer elsewhere: the window hands a request out, another desk signs it, and the window takes it back.

use std::{path::PathBuf, sync::Arc};

use rootward_core::{
    Rotations,
    border::RequestTrust,
    ports::{Failure, Prompt, PromptRequest, Secret, TouchRequest, Touching},
};
use rootward_e2e::App;
use rootward_tests::rigs::python_tuf::PythonTuf;
use serde_json::Value;

use crate::look_at;
use crate::rotation::{NOW, PASSPHRASE, World, begin, freeze, sign_all, text, trust};

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_elsewhere_signs_by_file_and_the_window_takes_it_back() {
    let world = World::new();
    let stick = tempfile::tempdir().expect("a temporary folder can be made");
    let (request, response) = (
        stick.path().join("root.request"),
        stick.path().join("officer_2.response"),
    );
    let app = App::start(&["--at", NOW]).await;
    trust(&app, &world).await;
    begin(&app, &world, "officer_4.pem").await;
    freeze(&app).await;
    sign_all(&app, 1).await;

    app.press("button", "Write a request…").await;
    app.fill("textbox", "File to write", &text(request.clone())).await;
    app.press("button", "Write the request").await;
    app.says("Read this digest to whoever signs").await;
    let file: Value = serde_json::from_slice(&std::fs::read(&request).expect("it was written")).expect("JSON");
    let digest = file["documents"][0]["sha256"].as_str().expect("a digest").to_owned();
    app.says(&digest[..4]).await;
    look_at(&app, "handoff-request").await;
    app.press("button", "Close").await;

    let elsewhere = Elsewhere {
        desk: stick.path().join("desk"),
        root: text(world.first_root()),
        key: format!("file:{}", world.key("officer_2.pem")),
    };
    let (asked, answered) = (request.clone(), response.clone());
    let signing = tokio::task::spawn_blocking(move || elsewhere.sign(&asked, &digest[..8], &answered));
    signing.await.expect("no panic").expect("it is signed");

    app.press("button", "Take a response…").await;
    app.fill("textbox", "File that came back", &text(response)).await;
    app.press("button", "Take its signatures").await;
    app.says("1 signature was verified and taken, over root.").await;
    look_at(&app, "handoff-taken").await;
    app.press("button", "Close").await;

    app.press("button", "Go to the rehearsal").await;
    app.press("button", "Rehearse with simulated clients").await;
    app.press("button", "Publish and confirm").await;
    app.press("button", "Publish root v2: *").await;
    app.find("heading", "root v2 is published and seen from outside").await;
    app.stop().await;
    let verdict = PythonTuf::ready().judge(&world.folder(), &world.first_root(), NOW);
    assert!(verdict.accepted && verdict.versions["root"] == 2, "{verdict:?}");
}

/// Another desk, on which officer 2 has a key and was handed the root.
struct Elsewhere {
    desk: PathBuf,
    root: String,
    key: String,
}

impl Elsewhere {
    fn sign(self, request: &std::path::Path, heard: &str, out: &std::path::Path) -> Result<(), Failure> {
        let desk = Rotations::open(Some(self.desk), Some(NOW), Arc::new(Officer))?;
        let received = desk.receive(request, &RequestTrust::RootFile { path: self.root })?;
        desk.answer(received, heard, &self.key, None, out).map(drop)
    }
}

/// Types one passphrase.
struct Officer;

impl Prompt for Officer {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        Ok(Secret::new(PASSPHRASE.as_bytes().to_vec().into()))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}
