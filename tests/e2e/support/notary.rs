//! A repository on the real Notary server, added through the window.

use std::path::Path;

use rootward_tests::rigs::notary::NotaryRig;

use crate::App;

/// Adds a repository of the rig's server and trusts it from the root that the stock command line keeps.
pub async fn trust_on_notary(app: &App, rig: &NotaryRig, gun: &str) {
    app.press("button", "Add a source…").await;
    app.press("radio", "A Notary server").await;
    app.fill("textbox", "Address of the server", rig.url()).await;
    app.fill("textbox", "CA file", text(rig.ca_file())).await;
    app.fill("textbox", "GUN", gun).await;
    app.press("button", "Add and show its root").await;
    app.find("heading", "Trust a root of *").await;
    let root = rig.trust_folder().join("tuf").join(gun).join("metadata/root.json");
    app.fill("textbox", "Root file", text(&root)).await;
    app.press("button", "Trust * from this root file").await;
    app.find("button", "Rotate a root key…").await;
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}
