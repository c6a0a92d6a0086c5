//! Changes of trust besides rotations, through the window: a delegation key that was stolen on a real Notary, several changes in
//! one ceremony of a TUF repository, and a stolen root key. Other programs judge what came of each.

use std::{fs, path::PathBuf, time::Duration};

use rootward_e2e::{App, Key, Leave, trust_on_notary};
use rootward_tests::{
    rigs::{
        notary::{NotaryRig, PASSPHRASE},
        python_tuf::PythonTuf,
    },
    tls,
};
use serde_json::{Value, json};

use crate::{
    look_at,
    rotation::{self, NOW, World, text, trust},
};

const GUN: &str = "registry.example.org/lab/delegated";

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_delegation_key_is_revoked_and_what_it_signed_is_signed_again_in_one_ceremony() {
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    rig.notary(&["key", "rotate", GUN, "snapshot", "--server-managed"]);
    let (certificate, key) = rig.delegate("officer_2");
    let (certificate, key) = (text(certificate), text(key));
    rig.notary(&[
        "delegation",
        "add",
        GUN,
        "targets/releases",
        &certificate,
        "--all-paths",
        "--publish",
    ]);
    rig.notary(&["key", "import", &key, "--role", "officer_2"]);
    let digest = format!("{:064x}", 7);
    let tag = [
        "addhash",
        GUN,
        "v7",
        "523",
        "--sha256",
        &digest,
        "--roles",
        "targets/releases",
        "--publish",
    ];
    rig.notary(&tag);
    let stale = rig.client();
    stale.list(GUN);
    let stolen = stale.delegations(GUN)[0].iter().find(|word| word.len() == 64).cloned();
    let stolen = stolen.expect("the delegation names its key");

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let new = folder.path().join("officer_3.pem");
    tls::self_signed("nobody", &folder.path().join("unused.crt"), &new);
    let app = App::start(&[]).await;
    trust_on_notary(&app, &rig, GUN).await;
    let repository = repository(&app).await;

    app.press("button", "Change trust…").await;
    app.press("button", "Revoke a key everywhere…").await;
    choose(&app, "Key", "*targets/releases*").await;
    app.fill("textbox", "Key file", &text(new)).await;
    app.press("button", "Add this key").await;
    app.press("checkbox", "Sign the documents again that would count no more")
        .await;
    app.says("officer_3.pem").await;
    let form = app
        .asked(json!({ "kind": "changeForm", "repository": repository, "role": null }))
        .await;
    let targets = role(&form, "targets")["keys"][0].clone();
    app.fill("textbox", &place(&targets), &text(private(&rig, &targets)))
        .await;
    app.fill("textbox", "Why*", "The laptop of officer 2 was stolen").await;
    look_at(&app, "change-revoke").await;
    app.press("button", "Compute consequences").await;
    to_the_end(&app, "change-revoke", PASSPHRASE).await;
    app.stop().await;

    for client in [rig.client(), stale] {
        let tags = client.list(GUN);
        assert!(
            tags.iter()
                .any(|tag| tag.name == "v7" && tag.role == "targets/releases"),
            "{tags:?}"
        );
        assert!(!client.delegations(GUN)[0].contains(&stolen));
        client.has_sound_documents(GUN);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegation_and_a_new_end_go_into_one_ceremony_and_python_tuf_follows() {
    let world = World::new();
    let app = App::start(&["--at", NOW]).await;
    trust(&app, &world).await;
    app.press("tab", "Delegations*").await;
    app.press("button", "Delegate by targets…").await;
    app.find("heading", "Delegate in *").await;
    app.fill("textbox", "Name of the new role*", "tools").await;
    app.fill("textbox", "Key file", &world.key("officer_4.pem")).await;
    app.press("button", "Add this key").await;
    app.fill("textbox", "Paths*", "tools/*").await;
    app.fill("textbox", "Place among the delegations*", "1").await;
    look_at(&app, "change-delegate").await;
    app.press("button", "Another change in this ceremony…").await;
    look_at(&app, "change-choose").await;
    app.press("button", "Expiry…").await;
    app.press("radio", "One role").await;
    app.fill("textbox", "New end*", "2032-02-02").await;
    let form = json!({ "kind": "changeForm", "repository": repository(&app).await, "role": null });
    let form = app.asked(form).await;
    let online = role(&form, "targets")["keys"][0].clone();
    look_at(&app, "change-expiry").await;
    for (key, file) in [
        (&online, "online.pem"),
        (&role(&form, "root")["keys"][0], "officer_1.pem"),
        (&role(&form, "root")["keys"][1], "officer_2.pem"),
    ] {
        app.fill("textbox", &place(key), &world.key(file)).await;
    }
    app.fill("textbox", "Why*", "The tools get a team of their own").await;
    look_at(&app, "change-several").await;
    app.press("button", "Compute consequences").await;
    to_the_end(&app, "change-several", rotation::PASSPHRASE).await;
    app.stop().await;

    let verdict = PythonTuf::ready().judge(&world.folder(), &world.first_root(), NOW);
    assert!(verdict.accepted, "{verdict:?}");
    for (role, version) in [("root", 2), ("targets", 2), ("tools", 1), ("build-07", 1)] {
        assert_eq!(verdict.versions.get(role), Some(&version), "{role}: {verdict:?}");
    }
    let root: Value =
        serde_json::from_slice(&fs::read(world.folder().join("2.root.json")).expect("it was published")).expect("JSON");
    assert_eq!(root["signed"]["expires"], "2032-02-02T00:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_key_is_answered_over_every_repository_that_lists_it() {
    let app = App::start(&[]).await;
    app.find("treeitem", "Practice*").await;
    app.chord(&[Key::Control], '3').await;
    app.find("grid", "Keys").await;
    app.tab_to("row ").await;
    app.key(Key::Enter).await;
    app.press("button", "Stolen, lost, or its officer leaves…").await;
    app.find("heading", "What became of *").await;
    look_at(&app, "revocation").await;
    app.press("radio", "It is lost or broken; nobody has it").await;
    app.fill("textbox", "Why*", "Nobody found it again").await;
    app.press("button", "Begin the ceremony in *").await;
    app.says("is under way").await;
    look_at(&app, "revocation-begun").await;
    app.stop().await;
}

/// What the desk calls the one repository that is no practice.
async fn repository(app: &App) -> Value {
    let tree = json!({ "toggled": [], "search": "", "filters": [] });
    let rows = app
        .asked(json!({ "kind": "treeRows", "tree": tree, "from": 0, "count": 200 }))
        .await;
    let mut rows = rows["rows"].as_array().expect("a tree has rows").iter();
    let found = rows.find(|row| row["node"] == "repository" && row["practice"] == false);
    found.expect("the repository is in the tree")["repository"].clone()
}

fn role<'a>(form: &'a Value, name: &str) -> &'a Value {
    let mut roles = form["roles"].as_array().expect("the form lists roles").iter();
    roles.find(|role| role["role"] == name).expect("the role is there")
}

/// The field that says where a key is.
fn place(key: &Value) -> String {
    let id = key["keyid"].as_str().expect("a key has an id");
    let ends = format!("{}…{}", &id[..4], &id[id.len() - 4..]);
    format!("Key file of {}", key["name"].as_str().unwrap_or(&ends))
}

/// The file in the command line's folder that holds a key.
fn private(rig: &NotaryRig, key: &Value) -> PathBuf {
    let id = key["canonicalKeyid"]
        .as_str()
        .or(key["keyid"].as_str())
        .expect("a key has an id");
    rig.trust_folder().join("private").join(format!("{id}.key"))
}

/// Chooses in a list by what its options are called.
async fn choose(app: &App, list: &str, option: &str) {
    app.press("button", &format!("*{list}")).await;
    app.press("option", option).await;
}

/// Answers every prompt there is with the passphrase, until the page says so.
async fn answer_until(app: &App, heading: &str, passphrase: &str) {
    while !app.sees("heading", heading).await {
        assert!(!app.sees("alert", "*").await, "{}", app.text().await);
        if app.windows().await == 1 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        app.to_prompt().await;
        app.fill("textbox", "Passphrase of *", passphrase).await;
        app.leave_by(Leave::Key(Key::Enter)).await;
    }
}

async fn ceremony(app: &App) -> Value {
    let all = app.asked(json!({ "kind": "ceremonies" })).await;
    app.asked(json!({ "kind": "ceremony", "ceremony": all["items"][0]["id"] }))
        .await
}

/// From the consequences to the publication: every document is read, every key at hand signs.
async fn to_the_end(app: &App, name: &str, passphrase: &str) {
    answer_until(app, "What this change does", passphrase).await;
    from_consequences(app, name, passphrase).await;
}

/// The same from the consequences on, whatever they are called.
pub(crate) async fn from_consequences(app: &App, name: &str, passphrase: &str) {
    look_at(app, &format!("{name}-consequences")).await;
    app.press("button", "Review the bytes").await;
    app.find("heading", "Read what will be signed").await;
    let view = ceremony(app).await;
    let documents = view["documents"].as_array().expect("it issues documents");
    let readable = documents.iter().filter(|document| document["review"]["digest"] != "");
    for document in readable.collect::<Vec<_>>() {
        if documents.len() > 1 {
            app.press("radio", &named(document)).await;
        }
        app.press("checkbox", "I have read all*").await;
    }
    look_at(app, &format!("{name}-review")).await;
    app.press("button", "Freeze these bytes and collect signatures").await;
    app.find("heading", "Collect signatures over *").await;
    look_at(app, &format!("{name}-signatures")).await;
    loop {
        let view = ceremony(app).await;
        let mut signers = view["signers"].as_array().expect("it lists signers").iter();
        let Some(signer) = signers.find(|signer| signer["canSign"] == true) else {
            break;
        };
        app.press(
            "button",
            &format!("Sign with {}", signer["label"].as_str().expect("a name")),
        )
        .await;
        signed(app, &view, passphrase).await;
    }
    app.press("button", "Go to the rehearsal").await;
    app.press("button", "Rehearse with simulated clients").await;
    app.press("button", "Publish and confirm").await;
    app.find("heading", "Publish * to *").await;
    app.press("button", "Publish *").await;
    app.find("heading", "*published and seen from outside").await;
    look_at(app, &format!("{name}-published")).await;
}

fn named(document: &Value) -> String {
    format!(
        "{} v{}",
        document["role"].as_str().expect("a role"),
        document["version"]
    )
}

/// Waits until one signature more is there than in `before`; a key in an encrypted file asks for its passphrase first.
async fn signed(app: &App, before: &Value, passphrase: &str) {
    let count = |view: &Value| {
        let signers = view["signers"].as_array().expect("it lists signers").clone();
        let documents = signers
            .iter()
            .flat_map(|signer| signer["documents"].as_array().cloned().unwrap_or_default());
        documents.filter(|document| !document["signedAt"].is_null()).count()
    };
    let had = count(before);
    loop {
        if app.windows().await > 1 {
            app.to_prompt().await;
            app.fill("textbox", "Passphrase of *", passphrase).await;
            app.leave_by(Leave::Key(Key::Enter)).await;
        }
        if count(&ceremony(app).await) > had {
            return;
        }
        assert!(!app.sees("alert", "*").await, "{}", app.text().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
