//! Every screen is readable by a machine, in light and in dark; and the machine is seen to find fault.

use rootward_e2e::{App, Key, violations};

use crate::look_at;

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_passes_axe_light_and_dark() {
    let app = App::start(&[]).await;
    app.find("heading", "Attention").await;
    app.find("treeitem", "Practice*").await;
    look_at(&app, "attention").await;

    app.press("button", "Ceremonies*").await;
    app.find("heading", "Ceremonies").await;
    look_at(&app, "ceremonies").await;

    app.chord(&[Key::Control], 'k').await;
    app.find("dialog", "Go to anything").await;
    look_at(&app, "palette").await;
    app.key(Key::Escape).await;
    app.no_longer("dialog", "Go to anything").await;

    app.press("button", "Add a source…").await;
    app.find("dialog", "Add a source").await;
    look_at(&app, "add-source").await;
    app.press("radio", "A Notary server").await;
    look_at(&app, "add-source-notary").await;
    app.key(Key::Escape).await;
    app.no_longer("dialog", "Add a source").await;

    app.chord(&[Key::Control], '2').await;
    app.focus_on("treeitem Practice estate").await;
    app.key(Key::Enter).await;
    app.find("heading", "Practice estate").await;
    look_at(&app, "source").await;

    app.chord(&[Key::Control], '2').await;
    app.focus_on("treeitem Practice estate").await;
    for letter in "firmware".chars() {
        app.key(letter).await;
    }
    app.focus_on("treeitem firmware").await;
    app.key(Key::Enter).await;
    for tab in ["Overview", "Roles and keys", "Delegations", "History", "Findings"] {
        app.press("tab", &format!("{tab}*")).await;
        app.find("tabpanel", &format!("{tab}*")).await;
        look_at(&app, &format!("repository-{}", tab.to_lowercase().replace(' ', "-"))).await;
    }
    app.press("tab", "Roles and keys*").await;
    app.press("button", "What if a key were stolen…").await;
    app.find("heading", "If keys of firmware were stolen").await;
    app.press("checkbox", "*root*").await;
    look_at(&app, "blast").await;
    app.chord(&[Key::Control], '5').await;
    app.press("button", "Sign a request…").await;
    app.find("heading", "Sign another desk’s request").await;
    look_at(&app, "request").await;
    app.chord(&[Key::Alt], Key::Left).await;
    app.chord(&[Key::Alt], Key::Left).await;
    app.chord(&[Key::Alt], Key::Left).await;
    app.chord(&[Key::Alt], Key::Left).await;
    app.press("button", "Rotate a root key…").await;
    app.find("heading", "Rotate a root key of *").await;
    look_at(&app, "rotation-intent").await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_a_fault_planted_in_the_page() {
    let app = App::start(&[]).await;
    app.find("heading", "Attention").await;
    app.run(
        "document.querySelector('main').append(document.createElement('button'), new Image())",
        &[],
    )
    .await;
    let found = violations(&app).await;
    assert!(found.iter().any(|line| line.starts_with("button-name")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("image-alt")), "{found:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_failures_and_comparisons_pass_axe_too() {
    let app = App::start(&[]).await;
    app.find("heading", "Attention").await;
    app.find("treeitem", "Practice*").await;

    app.chord(&[Key::Control], 'k').await;
    app.find("dialog", "Go to anything").await;
    for letter in "open settings".chars() {
        app.key(letter).await;
    }
    app.find("option", "Open Settings*").await;
    app.key(Key::Enter).await;
    app.find("heading", "Settings").await;
    app.find("textbox", "*").await;
    look_at(&app, "settings").await;

    app.press("button", "Add a source…").await;
    app.find("dialog", "Add a source").await;
    app.fill("textbox", "Folder*", "/there/is/no/such/folder").await;
    app.press("button", "Add and show its root").await;
    app.find("alert", "*").await;
    look_at(&app, "failure").await;
    app.key(Key::Escape).await;
    app.no_longer("dialog", "Add a source").await;

    app.chord(&[Key::Control], '2').await;
    app.focus_on("treeitem Practice estate").await;
    for letter in "platform".chars() {
        app.key(letter).await;
    }
    app.focus_on("treeitem platform").await;
    app.key(Key::Enter).await;
    app.press("tab", "History*").await;
    app.find("heading", "root v1 compared with v2*").await;
    look_at(&app, "comparison").await;
    app.stop().await;
}
