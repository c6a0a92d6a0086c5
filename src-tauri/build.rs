//! Tells Tauri the commands there are. A listed command is denied to every window until a capability in
//! tauri.conf.json grants it as `allow-<command>`.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["query", "act", "answer"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    tauri_build::try_build(attributes).expect("tauri.conf.json and the icons are as Tauri wants them");
}
