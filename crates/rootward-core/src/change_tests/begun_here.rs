//! A repository is begun by what the window and `rootwardctl init` ask alike: what it comes to is foreseen, and what is refused
//! leaves the desk as it was.

use std::path::Path;

use super::{all_sign, delegate, vouch};
use crate::Rootward;
use crate::border::{
    Action, BeginningFormView, BeginningWish, CeremonyState, CeremonyView, ChangeWish, DialectView, FirstRole,
    KeyHolder, Outcome, PlanView, Query, QuorumSide, RepositoryAction, RepositoryView, Sentence, SourceSpec,
    UnbegunView, View, WishedEdit,
};
use crate::ceremony::Foreseen;
use crate::ports::{Disk, Failure, Vault};
use crate::rotation_support::notary::{Server, source as on_notary};
use crate::rotation_support::{NOW, REPOSITORY, World, file};

fn role(name: &str, officers: &[u8], threshold: Option<u64>) -> FirstRole {
    FirstRole {
        role: name.into(),
        keys: officers.iter().map(|&number| file(number)).collect(),
        threshold,
        ends: None,
    }
}

fn folder() -> SourceSpec {
    SourceSpec::Folder {
        path: REPOSITORY.into(),
        gun: None,
    }
}

fn in_a_folder() -> BeginningWish {
    BeginningWish {
        source: folder(),
        roles: vec![
            role("root", &[1, 2, 3], Some(2)),
            role("targets", &[3], None),
            role("snapshot", &[8], None),
            FirstRole {
                ends: Some("2026-12-24T00:00:00Z".into()),
                ..role("timestamp", &[9], None)
            },
        ],
        unversioned: false,
        edits: vec![
            delegate("targets", "files", &[4], &["files/*"]),
            vouch("files", "files/a", b"a"),
        ],
        reason: "as agreed".into(),
    }
}

fn on_a_server() -> BeginningWish {
    BeginningWish {
        source: on_notary(),
        roles: vec![role("root", &[101, 102], Some(2)), role("targets", &[103], None)],
        unversioned: false,
        edits: Vec::new(),
        reason: "as agreed".into(),
    }
}

/// A desk without any repository, where one can be begun.
fn bare(server: Option<Server>) -> (World, Rootward) {
    let world = World::empty(server);
    world.vault.forget("demo").expect("nothing is known");
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    (world, desk)
}

async fn form(desk: &Rootward, dialect: DialectView) -> BeginningFormView {
    match desk.query(Query::BeginningForm { dialect }).await.expect("a form") {
        View::BeginningForm(form) => *form,
        _ => panic!("another view"),
    }
}

async fn plan(desk: &Rootward, wish: BeginningWish) -> Result<PlanView, Failure> {
    match desk.query(Query::FirstPlan { wish }).await? {
        View::FirstPlan(plan) => Ok(*plan),
        _ => panic!("another view"),
    }
}

async fn begin(desk: &Rootward, wish: BeginningWish) -> Result<String, Failure> {
    match desk.act(Action::BeginRepository { wish }).await? {
        Outcome::Begun { ceremony } => Ok(ceremony),
        _ => panic!("another outcome"),
    }
}

/// Through the actions of the window, to the end.
async fn publish(world: &World, desk: &Rootward, ceremony: &str) {
    let step = |action| async { desk.act(action).await.unwrap_or_else(|failure| panic!("{failure}")) };
    let ceremony = ceremony.to_owned();
    step(Action::Freeze {
        ceremony: ceremony.clone(),
    })
    .await;
    all_sign(&world.ceremonies(), &ceremony).expect("signed");
    step(Action::Rehearse {
        ceremony: ceremony.clone(),
        oldest: None,
    })
    .await;
    step(Action::Publish { ceremony }).await;
}

/// The only one on the desk.
async fn repository(desk: &Rootward, world: &World) -> RepositoryView {
    let repository = world.vault.repositories().expect("a list").remove(0).id;
    match desk
        .query(Query::Repository { repository })
        .await
        .expect("a repository")
    {
        View::Repository(view) => *view,
        _ => panic!("another view"),
    }
}

async fn ceremony(desk: &Rootward, ceremony: &str) -> CeremonyView {
    let ceremony = ceremony.to_owned();
    match desk.query(Query::Ceremony { ceremony }).await.expect("a ceremony") {
        View::Ceremony(view) => *view,
        _ => panic!("another view"),
    }
}

#[test]
fn a_beginning_is_a_change_of_nothing_whoever_asks_for_it() {
    let ChangeWish { edits, reason, .. } = in_a_folder().in_edits();
    assert_eq!(reason, "as agreed");
    assert!(matches!(
        &edits[..],
        [
            WishedEdit::Begin {
                consistent_snapshot: true
            },
            WishedEdit::Keys { .. },
            WishedEdit::Keys { threshold: None, .. },
            WishedEdit::Keys { .. },
            WishedEdit::Keys { .. },
            WishedEdit::Ends { .. },
            WishedEdit::Delegate { .. },
            WishedEdit::AddTarget { .. },
        ]
    ));
    let unversioned = BeginningWish {
        unversioned: true,
        ..in_a_folder()
    };
    assert!(matches!(
        unversioned.in_edits().edits[0],
        WishedEdit::Begin {
            consistent_snapshot: false
        }
    ));
    // A Notary server makes what nobody gives.
    let by_server = |wish: &BeginningWish| {
        let edits = wish.in_edits().edits.into_iter();
        edits
            .filter_map(|edit| match edit {
                WishedEdit::ServerKey { role } => Some(role),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let mut wish = on_a_server();
    assert_eq!(by_server(&wish), ["snapshot", "timestamp"]);
    wish.roles.push(role("snapshot", &[108], None));
    assert_eq!(by_server(&wish), ["timestamp"]);
}

#[tokio::test]
async fn the_form_of_a_beginning_says_what_is_usual_in_each_dialect() {
    let (_, desk) = bare(None);
    let tuf = form(&desk, DialectView::Tuf1).await;
    let told: Vec<_> = tuf.roles.iter().map(|role| (&*role.role, role.days_left)).collect();
    assert_eq!(
        told,
        [
            ("root", Some(365)),
            ("targets", Some(365)),
            ("snapshot", Some(365)),
            ("timestamp", Some(7))
        ]
    );
    assert_eq!(tuf.roles[3].expires.as_deref(), Some("2026-11-29T10:00:00Z"));
    assert!(tuf.roles.iter().all(|role| role.holder == KeyHolder::People));
    let notary = form(&desk, DialectView::Notary).await;
    let by_server: Vec<_> = notary
        .roles
        .iter()
        .filter(|role| role.holder == KeyHolder::Server)
        .collect();
    assert_eq!(by_server.len(), 2);
    assert_eq!(notary.roles[0].days_left, Some(3650));
}

#[tokio::test]
async fn what_a_beginning_comes_to_is_foreseen_and_is_what_begins() {
    let (world, desk) = bare(None);
    let foreseen = plan(&desk, in_a_folder()).await.expect("a plan");
    assert_eq!(foreseen.title, "Begin the repository demo");
    let documents: Vec<_> = foreseen
        .documents
        .iter()
        .map(|it| (&*it.role, it.from, it.version))
        .collect();
    assert_eq!(
        documents,
        ["root", "targets", "files", "snapshot", "timestamp"].map(|role| (role, None, 1))
    );
    // There is no root before: its threshold is no newer one.
    assert_eq!(foreseen.documents[0].quorums[0].side, QuorumSide::Own);
    assert!(
        world.vault.repositories().expect("a list").is_empty(),
        "nothing is on the desk"
    );
    assert!(world.prompt.shown.lock().expect("a lock").is_empty(), "nobody is asked");

    let id = begin(&desk, in_a_folder()).await.expect("begun");
    let view = ceremony(&desk, &id).await;
    assert!(view.begins && view.old_meter.need == 0, "{:?}", view.old_meter);
    assert_eq!((view.new_meter.need, &*view.new_meter.label), (2, "Threshold of root"));
    // Whoever signs a first document reads what is in it.
    let read = |role: &str| {
        let document = view.documents.iter().find(|document| document.role == role);
        let sentences = document.map(|document| document.review.sentences.iter().map(Sentence::text));
        sentences.into_iter().flatten().collect::<Vec<_>>()
    };
    let targets = read("targets");
    assert_eq!(
        targets[1], "It delegates to files for files/*: 1 signature of officer-4.",
        "{targets:?}"
    );
    let files = read("files");
    assert!(files[1].starts_with("The target files/a is new: "), "{files:?}");
    // A place where nothing is yet says which ceremony is for it, and has no root that could be trusted.
    let place = repository(&desk, &world).await;
    assert_eq!(
        place.unbegun,
        Some(UnbegunView {
            ceremony: id.clone(),
            open: true
        })
    );
    assert_eq!(place.allowed, [RepositoryAction::Refresh]);
    let View::Attention(attention) = desk.query(Query::Attention).await.expect("an answer") else {
        panic!("another view")
    };
    assert!(attention.items.is_empty(), "{:?}", attention.items);
    let elsewhere = World::empty(None).ceremonies();
    let preview = elsewhere.preview("demo", in_a_folder().in_edits()).await;
    let preview = preview.expect("a plan");
    assert_eq!(
        foreseen,
        PlanView::of(&Foreseen {
            preview,
            untold: 0,
            left_out: Vec::new()
        })
    );

    publish(&world, &desk, &id).await;
    assert!(world.published("1.root.json").is_some());
    // It is on the desk, trusted by it, and may be changed.
    let known = repository(&desk, &world).await;
    assert!(known.unbegun.is_none() && known.walked.is_some());
    assert_eq!(known.anchor.as_ref().map(|anchor| anchor.root_version), Some(1));
    assert!(
        known.allowed.contains(&RepositoryAction::RotateRoot),
        "{:?}",
        known.allowed
    );
    assert_eq!(ceremony(&desk, &id).await.state, CeremonyState::Published);
}

#[tokio::test]
async fn on_a_notary_server_the_same_form_begins_one_whose_online_keys_the_server_holds() {
    let (world, desk) = bare(Some(Server::empty()));
    let foreseen = plan(&desk, on_a_server()).await.expect("a plan");
    let roles: Vec<&str> = foreseen.documents.iter().map(|document| &*document.role).collect();
    assert_eq!(roles, ["root", "targets"]);
    let id = begin(&desk, on_a_server()).await.expect("begun");
    publish(&world, &desk, &id).await;
    assert!(world.notary().is_followed_from(1, crate::rotation_support::at(NOW)));
}

#[tokio::test]
async fn what_is_refused_leaves_the_desk_as_it_was_and_says_why() {
    let with = |change: &dyn Fn(&mut BeginningWish)| {
        let mut wish = in_a_folder();
        change(&mut wish);
        wish
    };
    let elsewhere = |source: SourceSpec| with(&|wish| wish.source = source.clone());
    let folder_at = |path: &str| SourceSpec::Folder {
        path: path.into(),
        gun: None,
    };
    for (what, wish, code, says) in [
        (
            "a threshold above the keys",
            with(&|wish| wish.roles[0].threshold = Some(4)),
            "draft-refused",
            "root would need 4 signatures and have 3 keys",
        ),
        (
            "no signature at all",
            with(&|wish| wish.roles[0].threshold = Some(0)),
            "draft-refused",
            "root would need 0 signatures",
        ),
        (
            "one key twice",
            with(&|wish| wish.roles[0].keys.push(file(1))),
            "draft-refused",
            "is given twice to join root",
        ),
        (
            "a role without a key",
            with(&|wish| drop(wish.roles.remove(1))),
            "draft-refused",
            "targets has no key",
        ),
        (
            "no such role",
            with(&|wish| wish.roles[1].role = "mirrors".into()),
            "bad-usage",
            "expected root, targets, snapshot, timestamp",
        ),
        (
            "an end that has passed",
            with(&|wish| wish.roles[3].ends = Some("2020-01-01T00:00:00Z".into())),
            "draft-refused",
            "has passed",
        ),
        (
            "no place",
            elsewhere(folder_at("  ")),
            "bad-source",
            "no place is given",
        ),
        (
            "Notary in a folder",
            elsewhere(SourceSpec::Folder {
                path: REPOSITORY.into(),
                gun: Some("registry.example.org/app".into()),
            }),
            "draft-refused",
            "begun on its server",
        ),
        (
            "a practice server",
            elsewhere(SourceSpec::Notary {
                url: "practice://notary".into(),
                gun: "registry.example.org/app".into(),
                ca_file: None,
                user: None,
            }),
            "practice-only",
            "practice server",
        ),
        (
            "a practice key",
            with(&|wish| wish.roles[1].keys = vec!["file:/data/practice/keys/officer-3.pem".into()]),
            "practice-only",
            "is a practice key",
        ),
    ] {
        let (world, desk) = bare(None);
        let foreseen = plan(&desk, wish.clone()).await.expect_err(what);
        let refused = begin(&desk, wish).await.expect_err(what);
        for failure in [foreseen, refused] {
            assert_eq!(failure.code, code, "{what}: {failure}");
            assert!(failure.message.contains(says), "{what}: {failure}");
        }
        assert!(world.ceremonies().all().expect("a list").is_empty(), "{what}");
        assert!(world.vault.repositories().expect("a list").is_empty(), "{what}");
        assert!(world.published("1.root.json").is_none(), "{what}");
    }
}

#[tokio::test]
async fn where_a_repository_is_already_none_is_begun_and_what_was_known_of_it_stays() {
    // Trusted.
    let world = World::new();
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    for failure in [
        plan(&desk, in_a_folder()).await.map(drop).expect_err("trusted"),
        begin(&desk, in_a_folder()).await.map(drop).expect_err("trusted"),
    ] {
        assert_eq!(failure.code, "repository-exists");
    }
    assert_eq!(world.vault.repositories().expect("a list").len(), 1);
    // On the desk, and trusted by nobody yet: it is not forgotten.
    let world = World::new();
    world.vault.forget("demo").expect("forgotten");
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    let registered = desk.act(Action::Register { source: folder() }).await;
    assert!(matches!(registered, Ok(Outcome::Registered { .. })), "{registered:?}");
    let before = world.vault.repositories().expect("a list");
    assert_eq!(
        begin(&desk, in_a_folder()).await.expect_err("there").code,
        "repository-exists"
    );
    assert_eq!(world.vault.repositories().expect("a list"), before);
    // Only in the folder: a form sees that while it is filled in.
    let world = World::new();
    world.vault.forget("demo").expect("forgotten");
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    let foreseen = plan(&desk, in_a_folder()).await.map(drop).expect_err("there");
    assert!(
        foreseen.code == "repository-exists" && foreseen.message.contains("there is a root at"),
        "{foreseen}"
    );
    assert_eq!(
        begin(&desk, in_a_folder()).await.expect_err("there").code,
        "repository-exists"
    );
    assert!(world.vault.repositories().expect("a list").is_empty());
}

#[tokio::test]
async fn a_beginning_that_was_given_up_leaves_the_place_for_the_next() {
    let (world, desk) = bare(None);
    let id = begin(&desk, in_a_folder()).await.expect("begun");
    // The same again is the one under way; another one waits until that has ended.
    assert_eq!(begin(&desk, in_a_folder()).await.expect("the same"), id);
    let mut other = in_a_folder();
    other.roles[0].threshold = Some(3);
    assert_eq!(
        plan(&desk, other.clone()).await.map(drop).expect_err("open").code,
        "ceremony-open"
    );
    assert_eq!(
        begin(&desk, other.clone()).await.expect_err("open").code,
        "ceremony-open"
    );
    let given_up = desk.act(Action::Abandon {
        ceremony: id.clone(),
        reason: "another threshold".into(),
    });
    given_up.await.expect("given up");
    let place = repository(&desk, &world).await;
    assert!(
        place
            .unbegun
            .is_some_and(|unbegun| !unbegun.open && unbegun.ceremony == id)
    );
    assert_eq!(place.allowed, [RepositoryAction::Refresh, RepositoryAction::Forget]);
    let next = begin(&desk, other).await.expect("begun");
    publish(&world, &desk, &next).await;
    assert!(world.published("1.root.json").is_some());
    assert!(world.disk.list(Path::new(REPOSITORY)).is_ok());
}
