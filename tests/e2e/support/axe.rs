//! axe-core on the page as it stands, run by the driver, so that the page's policy does not stop it.

use crate::App;

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/node_modules/axe-core/axe.min.js");

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        (result) => done(result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`))),
        (error) => done([`axe failed: ${error}`]),
    );";

/// Everything axe has to say against the page the window shows now.
pub async fn violations(app: &App) -> Vec<String> {
    if app.run("return !window.axe", &[]).await == true {
        let axe = std::fs::read_to_string(AXE).expect("axe-core is installed in ui/node_modules");
        app.run(&axe, &[]).await;
    }
    let found = app.run_async(RUN, &[]).await;
    serde_json::from_value(found).expect("axe's answer is a list of lines")
}
