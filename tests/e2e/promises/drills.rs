//! A drill in the real window: begun, looked into, judged by what is published, and given up with time and wrong turns.

use rootward_e2e::App;
use serde_json::json;

use crate::look_at;

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_is_begun_judged_and_given_up_in_the_window() {
    let app = App::start(&[]).await;
    app.find("heading", "Attention").await;
    app.find("treeitem", "Practice*").await;
    app.press("button", "Practise*").await;
    app.find("heading", "Practise").await;
    look_at(&app, "practice").await;

    app.press("button", "Begin the drill: The root key was stolen").await;
    app.find("heading", "The root key was stolen").await;
    app.says("Practice token 1, slot 9c").await;
    app.press("button", "Show a hint").await;
    app.says("signed by the old key and by the new one").await;
    look_at(&app, "practice-drill").await;
    app.press("button", "I am done: judge it").await;
    app.find("heading", "What must be so").await;
    app.says("Not yet:").await;
    look_at(&app, "practice-not-yet").await;

    app.press("button", "Open its repository").await;
    app.find("heading", "drill: stolen-root-key").await;
    app.says("Nothing here is real").await;
    let tokens = app.asked(json!({ "kind": "tokens" })).await;
    assert!(tokens["tokens"].to_string().contains("Practice token 1"), "{tokens}");
    app.press("button", "Practise*").await;
    app.press("button", "Give this drill up*").await;
    app.says("Given up. This is how far it came.").await;
    look_at(&app, "practice-given-up").await;
    app.stop().await;
}
