//! A repository is begun through the window where there is none: by two officers with encrypted key files and keys of machines,
//! with a file it vouches for. python-tuf judges what was published; the window shows it, proven on this machine.

use std::{path::Path, process::Command};

use rootward_e2e::{App, Key};
use rootward_tests::{rigs::python_tuf::PythonTuf, tls};
use serde_json::json;

use crate::{
    change::from_consequences,
    look_at,
    rotation::{NOW, PASSPHRASE, World, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_begun_through_the_window_and_followed_by_python_tuf() {
    let world = World::new();
    for officer in ["officer_1.pem", "officer_2.pem"] {
        tell_public_half(&world.keys().join(officer));
    }
    for machine in ["release.pem", "machine.pem"] {
        tls::self_signed("nobody", &world.keys().join("unused.crt"), &world.keys().join(machine));
    }
    let place = world.folder().with_file_name("begun");
    let app = App::start(&["--at", NOW]).await;
    // From the keyboard; the button in the tree's head leads there as well.
    app.find("button", "Begin a repository…").await;
    app.chord(&[Key::Control], 'k').await;
    app.focus_on("option ").await;
    app.types("begin a rep").await;
    app.focus_on("option Begin a repository…").await;
    app.key(Key::Enter).await;
    app.find("heading", "Begin a repository").await;
    look_at(&app, "begin-empty").await;

    // Where there is one already, the page says so while it is filled in.
    app.fill("textbox", "Folder*", &text(world.folder())).await;
    give(&app, &world, &["officer_1.pem", "officer_2.pem"]).await;
    app.fill("textbox", "How many keys of root must sign", "3").await;
    for (role, key) in [("targets", "release.pem"), ("snapshot", "machine.pem")] {
        app.press("button", &format!("{role}: no key yet*")).await;
        give(&app, &world, &[key]).await;
    }
    app.press("button", "timestamp: no key yet*").await;
    app.press("button", "* keys on this desk are in other roles…").await;
    app.press("button", "machine.pem joins*").await;
    app.says("there is a root at").await;
    look_at(&app, "begin-exists").await;
    replace(&app, "Folder*", &text(place.clone())).await;
    app.says("root would need 3 signatures and have 2 keys").await;
    look_at(&app, "begin-refused").await;
    app.press("button", "root: 3 of 2 keys*").await;
    replace(&app, "How many keys of root must sign", "2").await;
    app.press("button", "Vouch for a file…").await;
    app.fill("textbox", "Path*", "app/1.0").await;
    app.fill("textbox", "Length in bytes", "3").await;
    app.fill("textbox", "SHA-256", &"ab".repeat(32)).await;
    app.press("button", "Done").await;
    app.find("table", "Documents that will be issued*").await;
    app.fill("textbox", "Why*", "As agreed by both officers").await;
    app.says("targets vouches for app/1.0").await;
    look_at(&app, "begin-filled").await;
    app.press("button", "Compute consequences").await;
    app.find("heading", "What is begun").await;
    from_consequences(&app, "begin", PASSPHRASE).await;
    app.says("Now it has to become known").await;

    app.press("button", "Back to begun").await;
    app.find("button", "Rotate a root key…").await;
    look_at(&app, "begin-known").await;
    let tree = json!({ "toggled": [], "search": "begun", "filters": [] });
    let rows = json!({ "kind": "treeRows", "tree": tree, "from": 0, "count": 50 });
    let rows = app.asked(rows).await;
    let rows = rows["rows"].as_array().expect("a tree has rows");
    let found = rows
        .iter()
        .find(|row| row["node"] == "repository" && row["name"] == "begun");
    let found = found.expect("it is in the tree");
    assert_eq!(
        (&found["standing"], &found["practice"]),
        (&json!("sound"), &json!(false)),
        "{found}"
    );
    app.stop().await;

    let verdict = PythonTuf::ready().judge(&place, &place.join("1.root.json"), NOW);
    assert!(verdict.accepted, "{verdict:?}");
    for role in ["root", "targets", "snapshot", "timestamp"] {
        assert_eq!(verdict.versions.get(role), Some(&1), "{role}: {verdict:?}");
    }
}

/// Types text in the place of what stands in a field, as a person does: a field that is emptied by script tells nobody.
async fn replace(app: &App, field: &str, text: &str) {
    app.press("textbox", field).await;
    app.chord(&[Key::Control], 'a').await;
    app.key(Key::Backspace).await;
    app.types(text).await;
}

/// Has key files join the role that is open.
async fn give(app: &App, world: &World, files: &[&str]) {
    for file in files {
        app.fill("textbox", "Key file", &world.key(file)).await;
        app.press("button", "Add this key").await;
        app.find("button", &format!("Take {file} off the list")).await;
    }
}

/// Puts the public half beside an encrypted key file: a form tells whose it is without its passphrase.
fn tell_public_half(key: &Path) {
    let mut public = key.as_os_str().to_owned();
    public.push(".pub");
    let told = Command::new("openssl")
        .args(["pkey", "-passin", &format!("pass:{PASSPHRASE}"), "-pubout", "-in"])
        .arg(key)
        .arg("-out")
        .arg(public)
        .output()
        .expect("openssl runs");
    assert!(told.status.success(), "{told:?}");
}
