//! One change in many repositories: what is asked for, where, and what became of each, on record and taken up again.

use std::path::Path;

use super::{all_sign, delegate, keys, published, vouch, wish};
use crate::Rootward;
use crate::adapters::Loss;
use crate::border::{
    Action, BulkReport, BulkState, BulkView, BulkWish, ChangeWish, Outcome as Told, Query, RevocationCause, View,
    WishedEdit,
};
use crate::ceremony::{Ceremonies, Outcome, Went};
use crate::ports::{Disk, Failure, RepositoryRecord, SourceSpec};
use crate::rotation_support::{NOW, World, file, physical};

fn places() -> Vec<SourceSpec> {
    let folder = |path: &str| SourceSpec::Folder {
        path: path.into(),
        gun: None,
    };
    vec![folder("/estate/one"), folder("/estate/two"), folder("/estate/three")]
}

fn asked() -> ChangeWish {
    wish(vec![vouch("targets", "app", b"x")], &[3, 8, 9])
}

fn went(place: u32, outcome: Outcome) -> Went {
    Went {
        place,
        outcome,
        problem: None,
        ceremony: None,
    }
}

fn outcomes(ceremonies: &Ceremonies) -> Vec<Vec<&'static str>> {
    let bulks = ceremonies.bulks().expect("a list").into_iter();
    let report = bulks.map(|bulk| BulkReport::of(&bulk.expect("it holds")));
    report
        .map(|report| report.repositories.iter().map(|row| row.outcome).collect())
        .collect()
}

#[test]
fn a_bulk_is_taken_up_until_it_is_settled_everywhere_and_begun_anew_after_that() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let bulk = ceremonies.begin_bulk(&asked(), &places()).expect("begun");
    assert_eq!((bulk.id.as_str(), bulk.is_settled()), ("2026-001", false));
    for (place, outcome) in [(0, Outcome::Done), (1, Outcome::Refused), (2, Outcome::AlreadySo)] {
        ceremonies
            .went_in_bulk(&bulk.id, went(place, outcome))
            .expect("on record");
    }
    assert_eq!(outcomes(&world.ceremonies()), [["done", "refused", "already-so"]]);
    let again = ceremonies.begin_bulk(&asked(), &places()).expect("taken up");
    assert_eq!(again.id, bulk.id);
    assert_eq!([0, 1, 2].map(|place| again.is_pending(place)), [false, true, false]);
    let other = ceremonies.begin_bulk(&asked(), &places()[..2]).expect("begun");
    assert_eq!(other.id, "2026-002", "another list of repositories is another bulk");
    let settled = ceremonies
        .went_in_bulk(&bulk.id, went(1, Outcome::Done))
        .expect("on record");
    assert!(settled.is_settled());
    assert_eq!(
        ceremonies.begin_bulk(&asked(), &places()).expect("begun").id,
        "2026-003"
    );
    assert_eq!(
        ceremonies
            .went_in_bulk(&bulk.id, went(9, Outcome::Done))
            .map(drop)
            .unwrap_err()
            .code,
        "journal-broken",
        "a place that is none of its"
    );
}

#[test]
fn an_altered_record_of_a_bulk_is_told_and_hides_none_of_the_others() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let bulk = ceremonies.begin_bulk(&asked(), &places()).expect("begun");
    ceremonies.begin_bulk(&asked(), &places()[..1]).expect("begun");
    let path = Path::new("/data/bulk").join(format!("{}.jsonl", bulk.id));
    let mut bytes = world.disk.read(&path, 1 << 20).expect("there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.disk.write(&path, &bytes, true).expect("written");
    let read = ceremonies.bulks().expect("a list");
    assert_eq!(read[0].as_ref().map(drop).unwrap_err().code, "journal-broken");
    assert!(read[1].is_ok());
}

#[test]
fn the_record_of_a_bulk_survives_the_cord_and_a_full_disk_at_every_step() {
    let all = |ceremonies: &Ceremonies| -> Result<(), Failure> {
        let bulk = ceremonies.begin_bulk(&asked(), &places())?;
        for place in 0..3 {
            if bulk.is_pending(place as usize) {
                ceremonies.went_in_bulk(&bulk.id, went(place, Outcome::Done))?;
            }
        }
        Ok(())
    };
    for is_full in [false, true] {
        for step in 1_u64.. {
            let world = World::new();
            match is_full {
                true => world.disk.fill_at(step),
                false => world.disk.crash_at(step),
            }
            let went = all(&world.ceremonies());
            if went.is_ok() {
                assert!(step > 8, "step {step}");
                break;
            }
            match is_full {
                true => world.disk.make_room(),
                false => world.disk.restart(Loss::ALL[step as usize % Loss::ALL.len()]),
            }
            let ceremonies = world.ceremonies();
            all(&ceremonies).unwrap_or_else(|failure| panic!("step {step}: {failure}"));
            let told = outcomes(&ceremonies);
            assert!(told.contains(&vec!["done"; 3]), "step {step}: {told:?}");
        }
    }
}

#[tokio::test]
async fn a_repository_that_is_as_asked_is_known_and_one_that_is_not_is_too() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    published(
        &ceremonies,
        wish(
            vec![
                delegate("targets", "files", &[4], &["files/*"]),
                vouch("targets", "app", b"x"),
                keys("root", &[3], &[5], None),
            ],
            &[1, 2, 3, 8, 9],
        ),
    )
    .await;
    let ends = |at: &str| WishedEdit::Ends {
        role: "targets".into(),
        at: Some(at.into()),
    };
    let gone = |role: &str, path: &str| WishedEdit::RemoveTarget {
        role: role.into(),
        path: path.into(),
    };
    let undelegate = |role: &str| WishedEdit::Undelegate {
        role: role.into(),
        by: None,
    };
    let before = |at: &str| WishedEdit::EndsBefore {
        before: at.into(),
        at: None,
    };
    let revoke = |number: u8| WishedEdit::Revoke {
        key: physical(number).to_string(),
        replace: None,
        sign_again: false,
        cause: None,
    };
    for (what, edits, is_so) in [
        (
            "a key that left and one that joined",
            vec![keys("root", &[3], &[5], Some(2))],
            true,
        ),
        ("a key that is still there", vec![keys("root", &[1], &[], None)], false),
        ("a key that is not there", vec![keys("root", &[], &[6], None)], false),
        ("another threshold", vec![keys("root", &[], &[], Some(3))], false),
        (
            "the same delegation",
            vec![delegate("targets", "files", &[4], &["files/*"])],
            true,
        ),
        (
            "one with another key",
            vec![delegate("targets", "files", &[6], &["files/*"])],
            false,
        ),
        (
            "one for other paths",
            vec![delegate("targets", "files", &[4], &["*"])],
            false,
        ),
        ("the same file", vec![vouch("targets", "app", b"x")], true),
        ("another file", vec![vouch("targets", "app", b"y")], false),
        ("a file that is not there", vec![gone("targets", "none")], true),
        ("a file that is there", vec![gone("targets", "app")], false),
        ("a role that nobody delegates to", vec![undelegate("none")], true),
        ("a role that somebody does", vec![undelegate("files")], false),
        ("a key that counts nowhere", vec![revoke(6)], true),
        ("a key that does", vec![revoke(4)], false),
        ("the same end", vec![ends("2027-06-01T00:00:00Z")], true),
        ("another end", vec![ends("2027-06-02T00:00:00Z")], false),
        ("nothing that ends so soon", vec![before("2026-11-25T00:00:00Z")], true),
        ("something that does", vec![before("2030-01-01T00:00:00Z")], false),
        (
            "a signature once more",
            vec![WishedEdit::SignAgain { role: "targets".into() }],
            false,
        ),
        (
            "one of two",
            vec![vouch("targets", "app", b"x"), vouch("targets", "b", b"x")],
            false,
        ),
        ("nothing", Vec::new(), false),
    ] {
        let found = ceremonies.is_so("demo", &wish(edits, &[])).await;
        assert_eq!(
            found.unwrap_or_else(|failure| panic!("{what}: {failure}")),
            is_so,
            "{what}"
        );
    }
}

/// Two repositories on one desk: the world's, and one that nothing is trusted of.
fn two(world: &World) -> Vec<(String, ChangeWish)> {
    let gone = SourceSpec::Folder {
        path: "/nowhere".into(),
        gun: None,
    };
    let vault = world.ports(NOW).vault;
    let known = vault.repositories().expect("a list");
    let record = RepositoryRecord {
        id: "gone".into(),
        name: "gone".into(),
        source: gone,
        ..known[0].clone()
    };
    vault.save_repository(&record).expect("saved");
    let lost = WishedEdit::Revoke {
        key: physical(3).to_string(),
        replace: Some(file(4)),
        sign_again: true,
        cause: Some(RevocationCause::Lost),
    };
    let asked = |edit: WishedEdit| wish(vec![edit], &[1, 2, 8, 9]);
    vec![
        ("gone".into(), asked(vouch("targets", "app", b"x"))),
        ("demo".into(), asked(lost)),
    ]
}

fn states(view: &BulkView) -> Vec<(&str, BulkState)> {
    view.rows.iter().map(|row| (row.name.as_str(), row.state)).collect()
}

async fn listed(world: &World) -> Vec<BulkView> {
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    match desk.query(Query::Ceremonies).await.expect("an answer") {
        View::Ceremonies(view) => view.bulks,
        _ => panic!("another view"),
    }
}

async fn acted(world: &World, action: Action) -> BulkView {
    let desk = Rootward::open(world.ports(NOW)).expect("a desk");
    match desk.act(action).await.expect("an outcome") {
        Told::BegunBulk { bulk } => bulk,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_window_began_in_several_repositories_is_on_record_and_taken_up_after_a_restart() {
    let world = World::new();
    let wishes = two(&world);
    let name = |id: &str| {
        let known = world.ports(NOW).vault.repositories().expect("a list");
        known.into_iter().find(|known| known.id == id).expect("known").name
    };
    let demo = name("demo");
    let begin = || Action::BeginBulk {
        wishes: wishes
            .iter()
            .map(|(repository, wish)| BulkWish {
                repository: repository.clone(),
                wish: wish.clone(),
            })
            .collect(),
    };
    let begun = acted(&world, begin()).await;
    assert_eq!(
        states(&begun),
        [("gone", BulkState::Refused), (&*demo, BulkState::Begun)],
        "one that is refused keeps no other back: {begun:?}"
    );
    assert!(begun.rows[0].why.is_some() && begun.pending == 1, "{begun:?}");
    let ceremony = begun.rows[1].ceremony.clone().expect("the record names it");
    assert_eq!(
        world.ceremonies().open_in("demo").expect("a list"),
        Some(ceremony.clone())
    );

    // Another start of the program finds it, and goes on where it stopped: nothing is begun twice.
    let found = listed(&world).await;
    assert_eq!(found, std::slice::from_ref(&begun));
    let resume = || Action::ResumeBulk { bulk: begun.id.clone() };
    assert_eq!(states(&acted(&world, resume()).await), states(&begun));
    let again = acted(&world, begin()).await;
    assert_eq!(
        (&again.id, states(&again)),
        (&begun.id, states(&begun)),
        "asked for again, it is taken up"
    );
    // What is left of it is taken up alone as well.
    let Action::BeginBulk { mut wishes } = begin() else {
        unreachable!()
    };
    wishes.truncate(1);
    let alone = acted(&world, Action::BeginBulk { wishes }).await;
    assert_eq!(alone.id, begun.id);
    assert_eq!(world.ceremonies().all().expect("a list").len(), 1);
    // rootwardctl tells of the same record.
    let told = world.ceremonies().bulk(&begun.id).expect("it holds");
    let rows = BulkReport::of(&told).repositories;
    assert_eq!((rows[1].outcome, rows[1].ceremony.as_ref()), ("begun", Some(&ceremony)));

    // Given up, it is to be begun anew; published, it is done.
    world
        .ceremonies()
        .abandon(&ceremony, "a mistake")
        .await
        .expect("given up");
    assert_eq!(states(&listed(&world).await[0])[1].1, BulkState::Pending);
    let anew = acted(&world, resume()).await;
    let ceremony = anew.rows[1].ceremony.clone().expect("another");
    assert_eq!(anew.rows[1].state, BulkState::Begun);
    let ceremonies = world.ceremonies();
    ceremonies.freeze(&ceremony).await.expect("frozen");
    all_sign(&ceremonies, &ceremony).expect("signed");
    ceremonies.rehearse(&ceremony).await.expect("rehearsed");
    ceremonies.publish(&ceremony).await.expect("published");
    assert_eq!(states(&listed(&world).await[0])[1].1, BulkState::Done);
}

#[tokio::test]
async fn a_record_that_names_no_ceremonies_still_reads() {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let bulk = ceremonies.begin_bulk(&asked(), &places()).expect("begun");
    ceremonies
        .went_in_bulk(&bulk.id, went(0, Outcome::Done))
        .expect("on record");
    let path = Path::new("/data/bulk").join(format!("{}.jsonl", bulk.id));
    let text = String::from_utf8(world.disk.read(&path, 1 << 20).expect("there")).expect("text");
    // The form in which records were written before: neither field was there.
    assert!(!text.contains("\"ceremony\"") && !text.contains("\"wishes\""), "{text}");
    let read = ceremonies.bulk(&bulk.id).expect("it holds");
    let row = &BulkReport::of(&read).repositories[0];
    assert_eq!((row.outcome, row.ceremony.as_ref()), ("done", None));
    let missing = ceremonies.bulk("2026-099").map(drop).unwrap_err();
    assert_eq!(missing.code, "bad-usage");
}
