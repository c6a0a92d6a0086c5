//! A repository is begun where there is none: in a folder and on a Notary server, by several officers, through the machine that
//! every other change goes through.

use std::path::Path;

use rootward_tuf::dialect::Dialect;
use rootward_tuf::metadata::{self, Root};

use super::{all_sign, delegate, keys, made, refused, vouch, wish};
use crate::adapters::Loss;
use crate::border::{CeremonyState, CeremonyView, ChangeWish, Sentence, WishedEdit};
use crate::ceremony::{Ceremonies, Checked, Compared, End, Received, Record, SigningRequest, Stage, Trusted};
use crate::ports::{Disk, Failure, Vault};
use crate::rotation_support::notary::Server;
use crate::rotation_support::{NOW, World, at, file, physical};

fn begin(consistent_snapshot: bool) -> WishedEdit {
    WishedEdit::Begin { consistent_snapshot }
}

/// Root by two of three, the others by one, a delegation with a file, and an end that somebody chose.
fn in_a_folder() -> ChangeWish {
    wish(
        vec![
            begin(true),
            keys("root", &[], &[1, 2, 3], Some(2)),
            keys("targets", &[], &[3], None),
            keys("snapshot", &[], &[8], None),
            keys("timestamp", &[], &[9], None),
            WishedEdit::Ends {
                role: "targets".into(),
                at: Some("2027-03-01T00:00:00Z".into()),
            },
            vouch("targets", "app/1.0", b"one"),
            delegate("targets", "files", &[4], &["files/*"]),
            vouch("files", "files/a", b"a"),
        ],
        &[],
    )
}

/// With one key a role, and nothing in it.
fn plainly(is_notary: bool) -> ChangeWish {
    let edits = match is_notary {
        true => vec![
            begin(false),
            keys("root", &[], &[101], None),
            keys("targets", &[], &[103], None),
            server_key("snapshot"),
            server_key("timestamp"),
        ],
        false => {
            let roles = [("root", 1), ("targets", 3), ("snapshot", 8), ("timestamp", 9)];
            let roles = roles.map(|(role, number)| keys(role, &[], &[number], None));
            [begin(false)].into_iter().chain(roles).collect()
        }
    };
    wish(edits, &[])
}

fn server_key(role: &str) -> WishedEdit {
    WishedEdit::ServerKey { role: role.into() }
}

/// As `notary init` makes one whose snapshot the server signs.
fn on_a_server() -> ChangeWish {
    wish(
        vec![
            begin(false),
            keys("root", &[], &[101, 102], Some(2)),
            keys("targets", &[], &[103], None),
            server_key("snapshot"),
            server_key("timestamp"),
            vouch("targets", "v1", b"one"),
        ],
        &[],
    )
}

async fn published(ceremonies: &Ceremonies, wish: ChangeWish) -> Record {
    let record = made(ceremonies, wish)
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    let Stage::Published(_, rehearsed, seen) = &record.sound().expect("sound").stage else {
        panic!("not published")
    };
    assert!(seen.accepted, "{:?}", seen.findings);
    let clients: Vec<&str> = rehearsed.clients.iter().map(|client| client.name.as_str()).collect();
    assert_eq!(clients, ["a client that uses the repository for the first time"]);
    record
}

#[tokio::test]
async fn a_repository_is_begun_in_a_folder_that_is_made_for_it_and_changed_from_then_on() {
    let world = World::empty(None);
    let ceremonies = world.ceremonies();
    let preview = ceremonies.preview("demo", in_a_folder()).await.expect("a plan");
    assert_eq!(preview.title(), "Begin the repository demo");
    let said: Vec<String> = preview.consequences.iter().map(Sentence::text).collect();
    assert!(
        said.iter()
            .any(|text| text.contains("Root v1 needs 2 signatures of its own keys")),
        "{said:#?}"
    );
    assert!(
        said.iter().any(|text| text.contains("No client trusts it yet")),
        "{said:#?}"
    );
    let review: Vec<String> = preview.review().iter().map(Sentence::text).collect();
    assert!(
        review
            .iter()
            .any(|text| text.starts_with("root needs 2 signatures of 3 keys")),
        "{review:#?}"
    );

    let record = published(&ceremonies, in_a_folder()).await;
    for name in [
        "1.root.json",
        "1.targets.json",
        "1.files.json",
        "1.snapshot.json",
        "timestamp.json",
    ] {
        assert!(world.published(name).is_some(), "{name}");
    }
    let root = metadata::read::<Root>(&world.published("1.root.json").expect("there"), Dialect::Tuf1).expect("a root");
    assert!(root.body().consistent_snapshot && root.body().root.threshold == 2);
    assert_eq!(
        super::targets(&world, "1.targets.json").expires.text,
        "2027-03-01T00:00:00Z"
    );
    let anchor = world
        .vault
        .anchor("demo")
        .expect("a vault")
        .expect("trusted from now on");
    assert_eq!((anchor.version, &*anchor.bytes), (1, root.file_bytes()));
    let crate::ceremony::Fact::Begun(begun) = &record.events[0].fact else {
        panic!("begun")
    };
    assert!(begun.builds_on.is_empty(), "there is nothing to build on");
    assert_eq!(begun.first, ["targets", "files", "snapshot", "timestamp"]);
    let view = CeremonyView::of(&ceremonies.insight(&record.id).expect("an insight"));
    assert_eq!(
        (view.state, view.review.builds_on_version.as_str()),
        (CeremonyState::Published, "0")
    );
    assert!(
        view.events
            .iter()
            .any(|event| event.text.contains("began a repository: ")),
        "{:?}",
        view.events
    );

    // What is there is changed, and not begun once more.
    assert_eq!(
        refused(made(&ceremonies, in_a_folder()).await).code,
        "repository-exists"
    );
    super::published(&ceremonies, wish(vec![keys("root", &[3], &[5], None)], &[1, 2])).await;
}

#[tokio::test]
async fn a_repository_is_begun_on_a_notary_server_which_makes_the_keys_it_holds() {
    let world = World::empty(Some(Server::empty()));
    let ceremonies = world.ceremonies();
    published(&ceremonies, on_a_server()).await;
    assert_eq!(
        world.notary().publications(),
        [vec!["targets".to_owned(), "root".to_owned()]]
    );
    assert!(world.notary().is_followed_from(1, at(NOW)));
    assert!(!world.notary().root().body().consistent_snapshot);

    // Or somebody here holds the snapshot's.
    let world = World::empty(Some(Server::empty()));
    let ceremonies = world.ceremonies();
    let mut ours = on_a_server();
    ours.edits[3] = keys("snapshot", &[], &[108], None);
    published(&ceremonies, ours).await;
    let uploads = world.notary().publications();
    assert_eq!(uploads, [vec!["targets".to_owned(), "snapshot".into(), "root".into()]]);
    assert!(world.notary().is_followed_from(1, at(NOW)));
}

#[tokio::test]
async fn a_repository_that_nobody_could_use_is_not_begun() {
    let without = |at: usize| {
        let mut wish = in_a_folder();
        wish.edits.remove(at);
        wish
    };
    let with = |edit: WishedEdit| {
        let mut wish = in_a_folder();
        wish.edits.push(edit);
        wish
    };
    let elsewhere = ChangeWish {
        online_elsewhere: true,
        ..in_a_folder()
    };
    for (what, wish) in [
        ("no root key", without(1)),
        ("no targets key", without(2)),
        ("no snapshot key", without(3)),
        ("no timestamp key", without(4)),
        ("a threshold nobody reaches", with(keys("snapshot", &[], &[], Some(2)))),
        ("a server's key", with(server_key("timestamp"))),
        ("somebody else's snapshot", elsewhere),
        (
            "a target that is not there",
            with(WishedEdit::RemoveTarget {
                role: "targets".into(),
                path: "x".into(),
            }),
        ),
        (
            "an end that has passed",
            with(WishedEdit::Ends {
                role: "root".into(),
                at: Some("2020-01-01T00:00:00Z".into()),
            }),
        ),
        ("begun twice", with(begin(false))),
    ] {
        let world = World::empty(None);
        let ceremonies = world.ceremonies();
        let begun = ceremonies.begin("demo", wish).await;
        assert_eq!(refused(begun).code, "draft-refused", "{what}");
        assert!(ceremonies.all().expect("a list").is_empty(), "{what}");
        assert!(world.published("1.root.json").is_none(), "{what}");
    }
    let mut versioned = on_a_server();
    versioned.edits[0] = begin(true);
    let ceremonies = World::empty(Some(Server::empty())).ceremonies();
    assert_eq!(refused(ceremonies.begin("demo", versioned).await).code, "draft-refused");
    let ceremonies = World::new().ceremonies();
    assert_eq!(
        refused(ceremonies.begin("demo", in_a_folder()).await).code,
        "repository-exists"
    );
}

#[tokio::test]
async fn an_officer_elsewhere_signs_a_first_root_only_by_the_digest_that_was_agreed_on() {
    let world = World::empty(None);
    for folder in ["/stick", "/data"] {
        world.disk.create_folder(Path::new(folder)).expect("a folder");
    }
    let ceremonies = world.ceremonies();
    let id = ceremonies.begin("demo", in_a_folder()).await.expect("begun");
    ceremonies.freeze(&id).await.expect("frozen");
    ceremonies.sign(&id, &physical(1)).expect("signed");
    let path = Path::new("/stick/a.request");
    ceremonies.hand_out(&id, path, Vec::new()).await.expect("handed out");
    let bytes = world.disk.read(path, 1 << 24).expect("there");
    let judged = |trusted: &Trusted| {
        let request = SigningRequest::read(&bytes).expect("a request");
        Received::judge(request, trusted, at(NOW))
    };
    let any = World::new().published("1.root.json").expect("there");
    for trusted in [
        Trusted::Known(Vec::new()),
        Trusted::RootFile(any),
        Trusted::Digest([7; 32]),
    ] {
        assert_eq!(judged(&trusted).map(drop).unwrap_err().code, "no-anchor");
    }
    let record = ceremonies.one(&id).expect("one");
    let fixed = record
        .sound()
        .expect("sound")
        .stage
        .collected()
        .expect("fixed")
        .root()
        .expect("a root")
        .digest();
    let received = judged(&Trusted::Digest(fixed)).unwrap_or_else(|failure| panic!("{failure}"));
    let heard = received.request.digest().to_string();
    let compared = Compared::with(received, &heard).unwrap_or_else(|(_, failure)| panic!("{failure}"));
    let elsewhere = World::new();
    for folder in ["/stick", "/data"] {
        elsewhere.disk.create_folder(Path::new(folder)).expect("a folder");
    }
    let answer = Path::new("/stick/a.response");
    let key = crate::keyring::parse(&file(2)).expect("a key");
    elsewhere
        .ceremonies()
        .answer(&compared, &key, None, answer)
        .expect("answered");
    let response = elsewhere.disk.read(answer, 1 << 24).expect("there");
    ceremonies.take_back(None, &response).map(drop).expect("taken");
    all_sign(&ceremonies, &id).expect("signed");
    ceremonies.rehearse(&id).await.expect("rehearsed");
    ceremonies.publish(&id).await.expect("published");
}

#[tokio::test]
async fn the_record_of_a_beginning_holds_on_any_machine_and_leads_to_the_root_it_made() {
    let world = World::empty(None);
    let ceremonies = world.ceremonies();
    let record = published(&ceremonies, in_a_folder()).await;
    let bytes = ceremonies.transcript(&record.id).expect("a transcript");
    let checked = Checked::of(&bytes, Some(record.head)).expect("it holds");
    assert_eq!((checked.end, &checked.record.events), (End::Proven, &record.events));
    let root = world.published("1.root.json").expect("there");
    assert_eq!(checked.descends_from(root.clone()).expect("its root"), 1);
    let other = World::new().published("1.root.json").expect("there");
    assert_eq!(checked.descends_from(other).unwrap_err().code, "transcript-unproven");
    let spec = world.vault.repositories().expect("a list")[0].source.clone();
    let sight = ceremonies.witness(&spec, &checked, root).await.expect("met");
    assert_eq!(sight.met.len(), 5);
    ceremonies.evidence(&record.id, Vec::new()).expect("a pack");
}

#[tokio::test]
async fn whoever_begins_a_repository_second_is_superseded_and_overwrites_nothing() {
    for is_rehearsed in [false, true] {
        let world = World::empty(None);
        let ceremonies = world.ceremonies();
        let id = ceremonies.begin("demo", in_a_folder()).await.expect("begun");
        ceremonies.freeze(&id).await.expect("frozen");
        all_sign(&ceremonies, &id).expect("signed");
        if is_rehearsed {
            ceremonies.rehearse(&id).await.expect("rehearsed");
        }
        let other = World::new().published("1.root.json").expect("there");
        world
            .disk
            .create_folder(Path::new(crate::rotation_support::REPOSITORY))
            .expect("a folder");
        let place = Path::new(crate::rotation_support::REPOSITORY).join("1.root.json");
        world.disk.write(&place, &other, false).expect("written");
        let went = match is_rehearsed {
            true => ceremonies.publish(&id).await,
            false => ceremonies.rehearse(&id).await,
        };
        assert_eq!(refused(went).code, "superseded");
        let record = ceremonies.one(&id).expect("one");
        assert_eq!(CeremonyState::of(&record), CeremonyState::Superseded);
        assert_eq!(world.published("1.root.json").expect("there"), other);
        assert!(world.vault.anchor("demo").expect("a vault").is_none());
    }
}

/// Takes up whatever an interruption left and brings it to its end.
async fn finish(ceremonies: &Ceremonies, wish: &ChangeWish) -> Result<Record, Failure> {
    let id = ceremonies.begin("demo", wish.clone()).await?;
    let mut record = ceremonies.resume(&id).await?;
    for _ in 0..8 {
        record = match &record.sound()?.stage {
            Stage::Drafting => ceremonies.freeze(&id).await?,
            Stage::Collecting(collected) if collected.sheets.len() < 2 => ceremonies.freeze(&id).await?,
            Stage::Collecting(_) => {
                all_sign(ceremonies, &id)?;
                ceremonies.one(&id)?
            }
            Stage::Ready(_) => ceremonies.rehearse(&id).await?,
            Stage::Rehearsed(..) | Stage::Publishing(..) => ceremonies.publish(&id).await?,
            Stage::Published(..) | Stage::Superseded(..) | Stage::Abandoned(..) => break,
        };
    }
    Ok(record)
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_beginning_is_resumed_in_a_folder_and_on_a_server() {
    for is_notary in [false, true] {
        let asked = plainly(is_notary);
        for step in 1_u64.. {
            let world = World::empty(is_notary.then(Server::empty));
            world.disk.crash_at(step);
            let went = made(&world.ceremonies(), asked.clone()).await;
            if !world.disk.is_down() {
                went.map(drop).unwrap_or_else(|failure| panic!("{failure}"));
                assert!(step > 40, "the cord was pulled {step} times");
                break;
            }
            let loss = Loss::ALL[step as usize % Loss::ALL.len()];
            let what = format!("step {step}, {loss:?}");
            world.disk.restart(loss);
            let ceremonies = world.ceremonies();
            let is_done = |record: &Record| CeremonyState::of(record) == CeremonyState::Published;
            let records = ceremonies.all().expect("a list");
            if !records.iter().any(is_done) {
                let record = finish(&ceremonies, &asked).await;
                let record = record.unwrap_or_else(|failure| panic!("{what}: {failure}"));
                assert!(is_done(&record), "{what}");
            }
            assert!(world.vault.anchor("demo").expect("a vault").is_some(), "{what}");
        }
    }
}
