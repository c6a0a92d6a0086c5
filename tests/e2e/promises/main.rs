//! Promises about the real window, kept under WebKitWebDriver. Pictures of what was seen go to `$E2E_SHOTS`.

mod access;
mod beginning;
mod change;
mod door;
mod drills;
mod handoff;
mod keys;
mod opening;
mod provisioning;
mod rotation;
mod three_officers;
mod token;
mod walls;

use rootward_e2e::{App, Theme, violations};
use serde_json::{Value, json};

/// Looks at the screen that is there, light and dark: nothing for axe to find, nothing for the policy to stop.
async fn look_at(app: &App, screen: &str) {
    for theme in Theme::BOTH {
        app.show(theme).await;
        app.keep_picture(format!("{screen}-{}", theme.name())).await;
        assert_eq!(
            violations(app).await,
            Vec::<String>::new(),
            "{screen}, {}",
            theme.name()
        );
    }
    app.show(Theme::Light).await;
    let breaches = app.breaches().await;
    assert!(breaches.is_empty(), "{screen} breaks its policy: {breaches:?}");
}

/// Every row of the practice estate's tree, all of it open.
async fn practice(app: &App) -> Vec<Value> {
    let tree = |toggled: Value| json!({ "toggled": toggled, "search": "", "filters": [] });
    let closed = json!({ "kind": "treeBelow", "tree": tree(json!([])), "node": "practice" });
    let below = app.asked(closed).await["nodes"].clone();
    let all = json!({ "kind": "treeRows", "tree": tree(below), "from": 0, "count": 500 });
    let rows = app.asked(all).await["rows"].clone();
    rows.as_array().cloned().expect("a tree has rows")
}
