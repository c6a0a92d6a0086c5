//! The keyring of a desk, and the roll call of its root: what is shown, what counts, and what a proof changes: nothing.

use std::path::Path;

use crate::Rootward;
use crate::adapters::Loss;
use crate::border::{
    Action, AttentionView, Custody, Failure, KeyFilter, KeyView, KeysRequest, KeysWindow, Outcome, Proven, Query,
    RepositoryView, RollCallView, TreeRequest, View,
};
use crate::ports::{Disk, Vault};
use crate::rotation_support::{NOW, World, file, physical, wish};

fn desk_at(world: &World, now: &str) -> Rootward {
    // A visit, so that the tree has something to show.
    Rootward::open(world.ports(now)).expect("a desk")
}

async fn desk(world: &World) -> Rootward {
    world.disk.create_folder(Path::new("/data")).expect("a data folder");
    let desk = desk_at(world, NOW);
    let refresh = Action::Refresh {
        repository: "demo".into(),
    };
    desk.act(refresh).await.expect("refreshed");
    for number in [1, 2, 3] {
        let path = file(number).trim_start_matches("file:").to_owned();
        desk.act(Action::InspectKeyFile { path }).await.expect("a key file");
    }
    desk
}

async fn roll_call(desk: &Rootward) -> RollCallView {
    let repository = "demo".to_owned();
    match desk.query(Query::RollCall { repository }).await.expect("a roll call") {
        View::RollCall(view) => view,
        other => panic!("{other:?}"),
    }
}

async fn prove(desk: &Rootward, number: u8) -> Result<(), Failure> {
    let proven = desk.act(Action::ProveKey {
        physical_key: physical(number).to_string(),
        repository: Some("demo".into()),
    });
    proven.await.map(|outcome| assert!(matches!(outcome, Outcome::Done)))
}

async fn rows(desk: &Rootward, search: &str, filters: Vec<KeyFilter>) -> KeysWindow {
    let keys = KeysRequest {
        search: search.into(),
        filters,
    };
    match desk
        .query(Query::Keys {
            keys,
            from: 0,
            count: 50,
        })
        .await
        .expect("rows")
    {
        View::Keys(view) => view,
        other => panic!("{other:?}"),
    }
}

async fn key(desk: &Rootward, number: u8) -> KeyView {
    let physical_key = physical(number).to_string();
    match desk.query(Query::Key { physical_key }).await.expect("a key") {
        View::Key(view) => *view,
        other => panic!("{other:?}"),
    }
}

fn codes(view: &KeyView) -> Vec<&str> {
    view.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[tokio::test]
async fn root_can_be_rotated_today_once_enough_keys_have_proven_that_they_work() {
    let world = World::new();
    let desk = desk(&world).await;
    let before = roll_call(&desk).await;
    assert_eq!(
        (before.readiness.keys, before.readiness.proven, before.readiness.could),
        (3, 0, false)
    );
    assert!(
        before
            .keys
            .iter()
            .all(|row| row.state == Proven::Never && row.can_prove)
    );
    prove(&desk, 1).await.expect("proven");
    assert!(!roll_call(&desk).await.readiness.could, "one of two");
    // The same key twice is one key.
    prove(&desk, 1).await.expect("proven again");
    assert_eq!(roll_call(&desk).await.readiness.proven, 1);
    prove(&desk, 2).await.expect("proven");
    let after = roll_call(&desk).await;
    assert!(after.readiness.could, "{}", after.readiness.says);
    assert_eq!(
        after.readiness.until.as_deref(),
        Some("2027-02-20T10:00:00Z"),
        "90 days"
    );
    assert_eq!(after.keys.iter().filter(|row| row.state == Proven::Fresh).count(), 2);
    let View::Attention(AttentionView {
        readiness,
        roots,
        roots_ready,
        ..
    }) = desk.query(Query::Attention).await.expect("the first screen")
    else {
        panic!("another view")
    };
    assert_eq!((readiness.len(), roots, roots_ready, readiness[0].proven), (1, 1, 1, 2));
}

#[tokio::test]
async fn a_proof_is_too_old_after_the_days_that_the_desk_lets_pass() {
    let world = World::new();
    let today = desk(&world).await;
    prove(&today, 1).await.expect("proven");
    prove(&today, 2).await.expect("proven");
    for (now, could) in [("2027-02-20T10:00:00Z", true), ("2027-02-20T10:00:01Z", false)] {
        let later = desk_at(&world, now);
        let view = roll_call(&later).await;
        assert_eq!(view.readiness.could, could, "{now}: {}", view.readiness.says);
        assert!(could || view.keys.iter().any(|row| row.state == Proven::Stale));
    }
    let later = desk_at(&world, "2027-02-20T10:00:01Z");
    later.act(Action::SetProofDays { days: 120 }).await.expect("set");
    assert!(roll_call(&later).await.readiness.could, "by another limit");
    for days in [0, 4_000] {
        let refused = later.act(Action::SetProofDays { days }).await.unwrap_err();
        assert_eq!(refused.code, "bad-usage");
    }
    assert_eq!(roll_call(&later).await.days, 120);
}

#[tokio::test]
async fn a_signature_over_a_document_shows_that_a_key_works_as_a_proof_does() {
    let world = World::new();
    let desk = desk(&world).await;
    let ceremonies = &desk.desk.ceremonies;
    super::signed(ceremonies, wish(&[3], &[4], &[1, 2]), &[1])
        .await
        .expect("signed");
    let view = roll_call(&desk).await;
    assert_eq!(view.readiness.proven, 1);
    let row = view.keys.iter().find(|row| row.state == Proven::Fresh).expect("a row");
    assert!(row.says.contains("root v2 of demo"), "{}", row.says);
}

#[tokio::test]
async fn nothing_is_proven_by_a_closed_prompt_another_key_or_a_key_nobody_knows_and_no_proof_is_left_behind() {
    let world = World::new();
    let desk = desk(&world).await;
    *world.prompt.closed.lock().expect("a lock") = true;
    assert_eq!(prove(&desk, 1).await.unwrap_err().code, "prompt-closed");
    *world.prompt.closed.lock().expect("a lock") = false;
    let path = Path::new(file(1).trim_start_matches("file:")).to_owned();
    world.keys.swapped.lock().expect("a lock").insert(path.clone(), 2);
    assert_eq!(prove(&desk, 1).await.unwrap_err().code, "expected-other-key");
    world.keys.swapped.lock().expect("a lock").remove(&path);
    assert_eq!(
        prove(&desk, 8).await.unwrap_err().code,
        "key-not-found",
        "nobody knows where it is"
    );
    let nonsense = Action::ProveKey {
        physical_key: "officer 1".into(),
        repository: None,
    };
    assert_eq!(desk.act(nonsense).await.unwrap_err().code, "bad-usage");
    assert_eq!(roll_call(&desk).await.readiness.proven, 0);
    assert!(
        world.disk.read(Path::new("/data/ledger.jsonl"), 1 << 20).is_err(),
        "nothing is on record"
    );
    prove(&desk, 1).await.expect("proven");
}

#[tokio::test]
async fn the_prompt_says_that_it_is_a_proof_and_that_no_trust_changes() {
    let world = World::new();
    let desk = desk(&world).await;
    prove(&desk, 1).await.expect("proven");
    let shown = world.prompt.shown.lock().expect("a lock");
    let request = shown.last().expect("somebody was asked");
    assert!(request.proves && request.version == 0 && request.role.is_empty());
    assert!(request.change.contains("no trust changes"), "{}", request.change);
    assert_eq!(request.repository, "demo");
}

#[tokio::test]
async fn a_proof_changes_no_trust_and_a_false_one_in_the_ledger_counts_for_nothing() {
    let world = World::new();
    let desk = desk(&world).await;
    let before = (
        world.vault.anchor("demo").expect("a vault"),
        world.vault.proven("demo").expect("a vault"),
    );
    prove(&desk, 1).await.expect("proven");
    let after = (
        world.vault.anchor("demo").expect("a vault"),
        world.vault.proven("demo").expect("a vault"),
    );
    assert_eq!(before, after);
    // Somebody writes a line with key 2's public half around key 1's proof, with a chain that holds.
    let ledger = desk.desk.ceremonies.ledger();
    let proofs = ledger.deeds().expect("a ledger").proofs.clone();
    let stolen = crate::ledger::Proved {
        public_key: rootward_tuf::encoding::base64(crate::rotation_support::public(2).spki_der()),
        device: "officer-2.pem".into(),
        envelope: proofs[0].envelope.clone(),
    };
    ledger.keep(stolen).expect("written");
    assert_eq!(roll_call(&desk).await.readiness.proven, 1);
    assert_eq!(ledger.deeds().expect("a ledger").proofs.len(), 1);
}

#[tokio::test]
async fn after_a_crash_while_a_proof_is_kept_there_is_the_whole_proof_or_none() {
    for loss in Loss::ALL {
        for step in 1..=3 {
            let world = World::new();
            let today = desk(&world).await;
            prove(&today, 1).await.expect("proven");
            world.disk.crash_at(step);
            let went = prove(&today, 2).await;
            world.disk.restart(loss);
            let later = desk_at(&world, NOW);
            let proven = roll_call(&later).await.readiness.proven;
            assert!(
                proven >= 1 && (went.is_err() || proven == 2),
                "step {step} {loss:?}: {proven}"
            );
            prove(&later, 3).await.expect("the ledger goes on");
        }
    }
}

#[tokio::test]
async fn the_ring_has_one_row_a_key_whatever_its_roles_and_finds_it_by_anything_it_goes_by() {
    let world = World::new();
    let desk = desk(&world).await;
    let all = rows(&desk, "", Vec::new()).await;
    // Three of root, of which one signs targets as well; snapshot and timestamp.
    assert_eq!((all.total, all.keys, all.keyids), (5, 5, 5));
    let shared = key(&desk, 3).await;
    assert!(codes(&shared).contains(&"two-roles"), "{:?}", codes(&shared));
    assert_eq!(shared.uses.iter().filter(|each| each.now).count(), 2);
    assert_eq!(shared.custody, Custody::File);
    assert_eq!(shared.uses[0].spells[0].versions, "root v1, today");
    let keyid = shared.uses[0].spells[0].keyid.clone();
    for search in [&keyid[..12], &physical(3).to_string()[7..30], "officer-3.pem"] {
        let found = rows(&desk, search, Vec::new()).await;
        assert_eq!(found.rows[0].physical_key, physical(3).to_string(), "{search}");
    }
    assert_eq!(rows(&desk, "nobody knows this", Vec::new()).await.total, 0);
    let filtered = rows(
        &desk,
        "",
        vec![KeyFilter::Held { custody: Custody::File }, KeyFilter::Counts],
    )
    .await;
    assert_eq!(filtered.total, 3);
    let code = "two-roles".to_owned();
    assert_eq!(rows(&desk, "", vec![KeyFilter::Finding { code }]).await.total, 1);
    let window = desk.query(Query::Keys {
        keys: KeysRequest::default(),
        from: 3,
        count: 10,
    });
    let View::Keys(window) = window.await.expect("rows") else {
        panic!("rows")
    };
    assert_eq!((window.rows.len(), window.rows[0].index, window.total), (2, 3, 5));
}

#[tokio::test]
async fn a_key_that_no_repository_lists_is_shown_with_what_to_do_and_one_in_two_files_is_found() {
    let world = World::new();
    let desk = desk(&world).await;
    let inspect = |path: &str| desk.act(Action::InspectKeyFile { path: path.into() });
    inspect("/keys/officer-7.pem").await.expect("a key file");
    inspect("/copies/officer-1.pem").await.expect("a key file");
    assert_eq!(codes(&key(&desk, 7).await), ["unused-key"]);
    let twice = key(&desk, 1).await;
    assert!(codes(&twice).contains(&"two-places"));
    assert_eq!(twice.places.len(), 2);
    assert!(!codes(&key(&desk, 2).await).contains(&"two-places"));
}

#[tokio::test]
async fn an_officer_names_a_key_on_this_desk_and_takes_the_name_away() {
    let world = World::new();
    let desk = desk(&world).await;
    let name = |name: &str| {
        desk.act(Action::NameKey {
            physical_key: physical(1).to_string(),
            name: name.into(),
        })
    };
    name(" officer_1\u{202e} ").await.expect("named");
    let view = key(&desk, 1).await;
    assert_eq!(view.officer.as_deref(), Some("officer_1\\u{202e}"));
    assert_eq!(
        rows(&desk, "officer_1", Vec::new()).await.rows[0].physical_key,
        view.physical_key
    );
    name("").await.expect("taken away");
    assert_eq!(key(&desk, 1).await.given_name, None);
    assert_eq!(name(&"x".repeat(200)).await.unwrap_err().code, "bad-usage");
}

#[tokio::test]
async fn a_rotation_leaves_the_old_key_in_the_ring_with_the_versions_it_counted_for() {
    let world = World::new();
    let desk = desk(&world).await;
    super::cord::rotation(&desk.desk.ceremonies).await.expect("published");
    let refresh = Action::Refresh {
        repository: "demo".into(),
    };
    desk.act(refresh).await.expect("refreshed");
    let stays = key(&desk, 1).await;
    assert_eq!(stays.uses[0].spells[0].versions, "root v1 to v2, today");
    assert!(
        stays.deeds.iter().any(|deed| deed.says.contains("root v2 of demo")),
        "{:?}",
        stays.deeds
    );
    let left = key(&desk, 3).await;
    let root = left
        .uses
        .iter()
        .find(|each| each.role == "root")
        .expect("it was a root key");
    assert!(!root.now && root.spells[0].versions == "root v1", "{root:?}");
    assert!(key(&desk, 4).await.uses[0].spells[0].versions.contains("v2, today"));
}

async fn repository(desk: &Rootward) -> RepositoryView {
    let repository = "demo".to_owned();
    match desk
        .query(Query::Repository { repository })
        .await
        .expect("a repository")
    {
        View::Repository(view) => *view,
        other => panic!("{other:?}"),
    }
}

/// What the tree shows for root and for each of its keys.
async fn below_root(desk: &Rootward) -> Vec<Option<Custody>> {
    let view = repository(desk).await;
    let root = view.roles.iter().find(|role| role.role == "root").expect("a root");
    let tree = TreeRequest {
        toggled: vec![view.node.clone(), root.node.clone()],
        ..TreeRequest::default()
    };
    let (from, count) = (0, 100);
    let View::TreeRows(window) = desk.query(Query::TreeRows { tree, from, count }).await.expect("rows") else {
        panic!("another view")
    };
    let shown = window
        .rows
        .iter()
        .filter(|row| row.id == root.node || root.keys.iter().any(|key| key.node == row.id));
    shown.map(|row| row.custody).collect()
}

#[tokio::test]
async fn where_a_key_lives_is_said_wherever_the_key_is_shown() {
    let world = World::new();
    world.disk.create_folder(Path::new("/data")).expect("a data folder");
    let desk = desk_at(&world, NOW);
    let refresh = Action::Refresh {
        repository: "demo".into(),
    };
    desk.act(refresh).await.expect("refreshed");
    let seen = |custody| Some(custody);
    assert_eq!(
        below_root(&desk).await,
        [seen(Custody::Unknown); 4],
        "nobody has looked for its keys"
    );
    for (number, then) in [
        (
            1,
            [
                None,
                seen(Custody::File),
                seen(Custody::Unknown),
                seen(Custody::Unknown),
            ],
        ),
        (
            2,
            [None, seen(Custody::File), seen(Custody::File), seen(Custody::Unknown)],
        ),
        (3, [seen(Custody::File); 4]),
    ] {
        let path = file(number).trim_start_matches("file:").to_owned();
        desk.act(Action::InspectKeyFile { path }).await.expect("a key file");
        let mut shown = below_root(&desk).await;
        // Keys stand in the order in which root lists them.
        shown[1..].sort_by_key(|custody| *custody != seen(Custody::File));
        assert_eq!(shown, then, "{number} of 3 files looked at");
        let view = repository(&desk).await;
        let root = view.roles.iter().find(|role| role.role == "root").expect("a root");
        assert_eq!(root.custody, then[0], "the page says what the tree says");
        let on_page = root.keys.iter().filter(|key| key.custody == Custody::File).count();
        assert_eq!(on_page, usize::from(number));
        let View::History(history) = desk
            .query(Query::History {
                repository: "demo".into(),
            })
            .await
            .expect("a history")
        else {
            panic!("another view")
        };
        let in_history = history.lifelines.iter().filter(|line| line.custody == Custody::File);
        assert_eq!(in_history.count(), usize::from(number));
    }
}
