//! The prompt window: what it shows, what it may do, and that a secret passes it once.
//!
//! The ceremony is begun over the bridge, as the window's own page does it, on a practice repository.

use rootward_e2e::{App, Key, Leave};
use serde_json::{Value, json};

use crate::{look_at, practice};

#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_says_what_is_signed_and_its_passphrase_signs() {
    let app = App::start(&[]).await;
    let ceremony = Asked::on(&app).await;
    app.to_prompt().await;
    let said = app.text().await;
    let view = ceremony.view.clone();
    let review = &view["review"];
    let digest = review["digest"]
        .as_str()
        .expect("a digest")
        .trim_start_matches("sha256:")
        .to_owned();
    let role = format!("{} v{}", review["role"].as_str().expect("a role"), review["version"]);
    let repository = view["repositoryName"].as_str().expect("a name").to_owned();
    for shown in [role.as_str(), &repository, &digest[..4], "Practice"] {
        assert!(said.contains(shown), "{shown:?} is not in: {said}");
    }
    assert!(
        app.focus().await.starts_with("textbox Passphrase of "),
        "the field is ready to be typed into"
    );
    look_at(&app, "prompt-practice").await;

    app.fill("textbox", "Passphrase of *", "not the passphrase").await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    app.to_prompt().await;
    app.find("alert", "*").await;
    look_at(&app, "prompt-again").await;
    app.fill("textbox", "Passphrase of *", "practice").await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    assert_eq!(ceremony.answered(&app).await["ok"]["kind"], "done");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_and_not_now_are_an_interruption_that_signs_nothing() {
    let app = App::start(&[]).await;
    for way in [Leave::Key(Key::Escape), Leave::Button("Not now")] {
        let ceremony = Asked::on(&app).await;
        app.to_prompt().await;
        app.find("textbox", "Passphrase of *").await;
        app.leave_by(way).await;
        let failure = ceremony.answered(&app).await["refused"].clone();
        assert_eq!(
            (&failure["code"], &failure["kind"]),
            (&json!("prompt-closed"), &json!("interruption")),
            "{way:?}"
        );
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_prompt_window_answers_and_only_its_own_prompt() {
    let app = App::start(&[]).await;
    let ceremony = Asked::on(&app).await;
    app.to_prompt().await;
    app.find("textbox", "Passphrase of *").await;
    let id = app
        .run("return document.querySelector('form').dataset.prompt", &[])
        .await;

    app.to_main().await;
    let stolen = answer(&app, &id, "practice").await;
    assert!(
        stolen["refused"]
            .as_str()
            .is_some_and(|why| why.contains("not allowed")),
        "{stolen}"
    );

    app.to_prompt().await;
    for command in ["query", "act"] {
        let refused = app
            .invoke(
                command,
                json!({ "query": { "kind": "estate" }, "action": { "kind": "refreshAll" } }),
            )
            .await;
        assert!(
            refused["refused"]
                .as_str()
                .is_some_and(|why| why.contains("not allowed")),
            "{command}: {refused}"
        );
    }
    for wrong in [
        json!(""),
        json!("00"),
        json!(format!("{}0", id.as_str().expect("a text"))),
    ] {
        assert_eq!(
            answer(&app, &wrong, "practice").await["refused"]["code"],
            "prompt-closed"
        );
    }
    app.run("location.href = 'tauri://localhost/'", &[]).await;
    app.fill("textbox", "Passphrase of *", "practice").await;
    app.leave_by(Leave::Key(Key::Enter)).await;
    assert_eq!(ceremony.answered(&app).await["ok"]["kind"], "done");
    app.stop().await;
}

/// Sends a secret over the bridge as the prompt's page does.
async fn answer(app: &App, id: &Value, secret: &str) -> Value {
    const ANSWER: &str = "const [id, secret, done] = arguments;
        window.__TAURI_INTERNALS__
          .invoke('answer', new TextEncoder().encode(secret), { headers: { 'Rootward-Prompt': id } })
          .then((ok) => done({ ok }), (refused) => done({ refused }));";
    app.run_async(ANSWER, &[id.clone(), json!(secret)]).await
}

/// A ceremony on a practice repository whose first key is being asked for.
struct Asked {
    view: Value,
}

impl Asked {
    async fn on(app: &App) -> Self {
        app.find("treeitem", "Practice*").await;
        let repository = rotatable(app).await;
        let form = app
            .asked(json!({ "kind": "changeForm", "repository": repository, "role": null }))
            .await;
        let keys = form["roles"][0]["keys"].as_array().expect("the form lists keys");
        let wish = json!({
            "edits": [{ "kind": "ends", "role": "root", "at": "2031-01-01T00:00:00Z" }], "reason": "Practice",
            "sign": keys.iter().filter_map(|key| key["key"].as_str()).collect::<Vec<_>>(),
        });
        let begun = app
            .done(json!({ "kind": "beginChange", "repository": repository, "wish": wish }))
            .await;
        let id = &begun["ceremony"];
        app.done(json!({ "kind": "freeze", "ceremony": id })).await;
        let view = app.asked(json!({ "kind": "ceremony", "ceremony": id })).await;
        let signers = view["signers"].as_array().expect("the ceremony lists signers");
        let signer = signers
            .iter()
            .find(|signer| signer["canSign"] == true)
            .expect("a practice key is at hand");
        let action = json!({ "kind": "sign", "ceremony": id, "physicalKey": signer["physicalKey"] });
        // Not waited for: it is answered when the prompt is.
        app.run(
            "window.signed = undefined;
             window.__TAURI_INTERNALS__.invoke('act', { action: arguments[0] })
               .then((ok) => { window.signed = { ok } }, (refused) => { window.signed = { refused } });",
            &[action],
        )
        .await;
        Asked { view }
    }

    /// What the page was answered, once the prompt is over. The ceremony is abandoned, so that another can begin.
    async fn answered(self, app: &App) -> Value {
        const WAIT: &str = "const done = arguments[0];
            const look = () => (window.signed ? done(window.signed) : setTimeout(look, 50)); look();";
        let answered = app.run_async(WAIT, &[]).await;
        app.done(json!({ "kind": "abandon", "ceremony": self.view["id"], "reason": "Practice is over" }))
            .await;
        answered
    }
}

/// The first practice repository in which a root key may be rotated.
async fn rotatable(app: &App) -> Value {
    for row in practice(app).await.iter().filter(|row| row["node"] == "repository") {
        let repository = row["repository"].clone();
        let view = app
            .asked(json!({ "kind": "repository", "repository": repository }))
            .await;
        if view["allowed"]
            .as_array()
            .is_some_and(|allowed| allowed.contains(&json!("rotateRoot")))
        {
            return repository;
        }
    }
    panic!("no practice repository allows a rotation");
}
