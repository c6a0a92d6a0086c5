//! The screens' recorded views are what the desk says of the practice estate today: `tests/golden/*.json` are never stale.
//!
//! Keys and digests differ with every estate, so they are written as numbers of their first appearance.

use std::path::Path;

use rootward_core::{
    Rootward,
    border::{
        Action, ChangeFormView, ChangeWish, DialectView, KeyFileView, KeysRequest, NodeKind, Outcome, Query,
        RevocationCause, RevocationExtent, SourceSpec, TreeRequest, TreeRow, View, WishedEdit,
    },
};
use rootward_tests::{
    desk::{ask, practised, run},
    golden::Golden,
};

#[test]
fn the_recorded_views_of_the_screens_are_fresh() {
    let folder = tempfile::tempdir().unwrap();
    let desk = practised(folder.path());
    let mut golden = Golden::new(folder.path());
    let mut record = |name: &str, query: Query| {
        let view = ask(&desk, query.clone());
        golden.record(name, &query, &view);
        view
    };
    record("estate", Query::Estate);
    record("settings", Query::Settings);
    let everything = everything(&desk);
    let tree = Query::TreeRows {
        tree: everything,
        from: 0,
        count: 1_000,
    };
    let View::TreeRows(window) = record("tree", tree) else {
        panic!("another view")
    };
    record("attention", Query::Attention);
    for row in window.rows.iter().filter(|row| row.node == NodeKind::Repository) {
        let repository = row.repository.clone().unwrap();
        record(
            &format!("repository-{}", file_name(&row.name)),
            Query::Repository {
                repository: repository.clone(),
            },
        );
        record(
            &format!("history-{}", file_name(&row.name)),
            Query::History { repository },
        );
    }
    for row in one_of_each_kind(&window.rows) {
        let name = format!("node-{}", file_name(&format!("{:?}", row.node)));
        record(&name, Query::Node { node: row.id.clone() });
    }
    for (name, words) in [
        ("platform", &[][..]),
        ("platform", &["Officer 1"]),
        ("platform", &["build-19"]),
        ("platform", &["Officer 1", "Officer 2"]),
        ("gateway-images", &["targets/releases"]),
    ] {
        let repository = first(&window.rows, name).unwrap();
        let keys = keys_of(&desk, &repository, words);
        let name = format!("blast-{name}-{}", keys.len());
        let name = if words == ["build-19"] {
            format!("{name}-delegate")
        } else {
            name
        };
        record(&name, Query::Blast { repository, keys });
    }
    let rotated = first(&window.rows, "orchard").unwrap_or_else(|| sound_folder(&desk, &window.rows));
    record(
        "change-form",
        Query::ChangeForm {
            repository: rotated.clone(),
            role: None,
        },
    );
    record(
        "plan",
        Query::Plan {
            repository: rotated.clone(),
            wish: replaced(&desk, &rotated),
        },
    );
    for (name, dialect) in [("tuf", DialectView::Tuf1), ("notary", DialectView::Notary)] {
        record(&format!("beginning-form-{name}"), Query::BeginningForm { dialect });
    }
    record("revocation", stolen(&desk));
    let stranger = register_a_copy(&desk, &rotated, folder.path());
    record("first-trust", Query::FirstTrust { repository: stranger });
    let ceremony = begin(&desk, &rotated);
    let one = || Query::Ceremony {
        ceremony: ceremony.clone(),
    };
    record("ceremony-1-drafting", one());
    act(
        &desk,
        Action::Freeze {
            ceremony: ceremony.clone(),
        },
    );
    let View::Ceremony(frozen) = record("ceremony-2-collecting", one()) else {
        panic!("another view")
    };
    for signer in frozen.signers.iter().filter(|signer| signer.can_sign) {
        let physical_key = signer.physical_key.clone();
        let ceremony = ceremony.clone();
        act(
            &desk,
            Action::Sign {
                ceremony,
                physical_key,
                key: None,
                again_because: None,
            },
        );
    }
    record("ceremony-3-ready", one());
    act(
        &desk,
        Action::Rehearse {
            ceremony: ceremony.clone(),
            oldest: None,
        },
    );
    record("ceremony-4-rehearsed", one());
    act(
        &desk,
        Action::Publish {
            ceremony: ceremony.clone(),
        },
    );
    record("ceremony-5-published", one());
    record("ceremonies", Query::Ceremonies);
    record(
        "compare",
        Query::Compare {
            repository: rotated.clone(),
            from: 1,
            to: 2,
        },
    );
    let every_key = Query::Keys {
        keys: KeysRequest::default(),
        from: 0,
        count: 300,
    };
    let View::Keys(keys) = record("keys", every_key) else {
        panic!("another view")
    };
    let signed = keys
        .rows
        .iter()
        .find(|row| row.roles.contains(&"root".to_owned()) && !row.stale);
    let physical_key = signed.expect("somebody signed root").physical_key.clone();
    record("key", Query::Key { physical_key });
    record("roll-call", Query::RollCall { repository: rotated });
    golden.are_fresh();
}

/// The physical keys of these holders, or in this role, as screens ask for them.
fn keys_of(desk: &Rootward, repository: &str, words: &[&str]) -> Vec<String> {
    let everybody = Query::Blast {
        repository: repository.to_owned(),
        keys: Vec::new(),
    };
    let View::Blast(view) = ask(desk, everybody) else {
        panic!("another view")
    };
    let meant = view.keys.into_iter().filter(|key| {
        words.contains(&key.label.as_str()) || key.roles.iter().any(|role| words.contains(&role.as_str()))
    });
    meant.map(|key| key.physical_key).collect()
}

/// A rotation with the first key leaving and a spare joining; everybody whose key lies on the desk signs.
fn begin(desk: &Rootward, repository: &str) -> String {
    let begun = act(
        desk,
        Action::BeginChange {
            repository: repository.to_owned(),
            wish: replaced(desk, repository),
        },
    );
    let Outcome::Begun { ceremony } = begun else {
        panic!("another outcome")
    };
    ceremony
}

/// A key of the platform's root is stolen.
fn stolen(desk: &Rootward) -> Query {
    let View::TreeRows(window) = ask(
        desk,
        Query::TreeRows {
            tree: everything(desk),
            from: 0,
            count: 1_000,
        },
    ) else {
        panic!("another view")
    };
    let platform = first(&window.rows, "platform").expect("it is there");
    Query::Revocation {
        physical_key: keys_of(desk, &platform, &["Officer 1"])[0].clone(),
        extent: RevocationExtent::Key,
        cause: RevocationCause::Stolen,
        replacement: None,
    }
}

/// Whether a key is in no role.
fn spare(form: &ChangeFormView, file: &KeyFileView) -> bool {
    let mut keys = form.roles.iter().flat_map(|role| &role.keys);
    !keys.any(|key| Some(&key.physical_key) == file.physical_key.as_ref())
}

/// The first root key is replaced by one that is in no role.
fn replaced(desk: &Rootward, repository: &str) -> ChangeWish {
    let form = Query::ChangeForm {
        repository: repository.to_owned(),
        role: None,
    };
    let View::ChangeForm(form) = ask(desk, form) else {
        panic!("another view")
    };
    let root = &form.roles[0];
    let spare = form.key_files.iter().find(|file| spare(&form, file));
    ChangeWish {
        edits: vec![WishedEdit::Keys {
            role: "root".into(),
            by: None,
            remove: vec![root.keys[0].physical_key.clone()],
            add: vec![spare.expect("a key in no role").key.clone()],
            threshold: None,
        }],
        sign: root.keys.iter().filter_map(|key| key.key.clone()).collect(),
        reason: "the device is worn out".to_owned(),
        ..ChangeWish::default()
    }
}

/// The same metadata in another folder, about which nobody has told anything.
fn register_a_copy(desk: &Rootward, repository: &str, data: &Path) -> String {
    let query = Query::Repository {
        repository: repository.to_owned(),
    };
    let View::Repository(view) = ask(desk, query) else {
        panic!("another view")
    };
    let copy = data.join("vault-copy");
    copy_folder(Path::new(&view.source.location), &copy);
    let source = SourceSpec::Folder {
        path: copy.display().to_string(),
        gun: None,
    };
    let Outcome::Registered { repository } = act(desk, Action::Register { source }) else {
        panic!("another outcome")
    };
    repository
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn act(desk: &Rootward, action: Action) -> Outcome {
    run(desk.act(action)).expect("the desk does what the test wishes")
}

fn first(rows: &[TreeRow], name: &str) -> Option<String> {
    let found = rows
        .iter()
        .find(|row| row.node == NodeKind::Repository && row.name == name);
    found.and_then(|row| row.repository.clone())
}

/// The first repository whose root can be rotated here and now.
fn sound_folder(desk: &Rootward, rows: &[TreeRow]) -> String {
    let mut repositories = rows.iter().filter(|row| row.node == NodeKind::Repository);
    let found = repositories.find_map(|row| {
        let repository = row.repository.clone()?;
        let form = Query::ChangeForm {
            repository: repository.clone(),
            role: None,
        };
        let Ok(View::ChangeForm(form)) = run(desk.query(form)) else {
            return None;
        };
        let root = form.roles[0].keys.iter().filter(|key| key.key.is_some()).count();
        let spare = form.key_files.iter().filter(|file| spare(&form, file)).count();
        (root > 1 && spare > 0).then_some(repository)
    });
    found.expect("the practice estate has a repository to rotate")
}

fn one_of_each_kind(rows: &[TreeRow]) -> Vec<&TreeRow> {
    let mut kept: Vec<&TreeRow> = Vec::new();
    for row in rows {
        if !kept.iter().any(|other| other.node == row.node) {
            kept.push(row);
        }
    }
    kept
}

/// The request that opens everything.
fn everything(desk: &Rootward) -> TreeRequest {
    let tree = TreeRequest::default();
    let below = Query::TreeBelow {
        tree: tree.clone(),
        node: "practice".to_owned(),
    };
    let View::TreeBelow(nodes) = ask(desk, below) else {
        panic!("another view")
    };
    TreeRequest {
        toggled: nodes.nodes,
        ..tree
    }
}

fn file_name(name: &str) -> String {
    let letters = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    letters.collect::<String>().to_lowercase()
}
