//! Clients that are not ours judge generated repositories, sound and not: they say what we say, or the page of
//! disagreements knows why. `./dev judges` asks more of them, about thousands.

use rootward_tests::judged::judge::Judge;
use rootward_tests::judged::keys::Keys;
use rootward_tests::judged::kinds::notary::CHANGES;
use rootward_tests::judged::notary::Repository;
use rootward_tests::judged::{Case, Disagreement, Summary, Verdict, case, differences, kinds, notary, ours, page, run};
use rootward_tests::rigs::python_tuf::PythonTuf;

const SEED: u64 = 1;

#[test]
fn python_tuf_says_what_we_say_or_the_page_knows_why() {
    let mut judges = [Judge::python_tuf(&PythonTuf::ready())];
    let kinds = kinds::all().len();
    let summary = run(SEED, 2 * kinds, &mut judges);
    let (unlisted, _) = page::compare(&summary, &["python-tuf"]);
    assert_eq!(
        unlisted,
        Vec::<String>::new(),
        "`./dev judges 600 {SEED} --case NUMBER` shows a case"
    );
    assert_eq!(summary.hits.len(), kinds);
    assert!(summary.hits.values().all(|hits| *hits == 2));
    let refused = summary.refused_by_all;
    assert!(
        refused * 10 >= summary.cases * 3,
        "{refused} of {} were refused",
        summary.cases
    );
    assert!(
        refused * 10 <= summary.cases * 7,
        "{refused} of {} were refused",
        summary.cases
    );
}

#[test]
fn a_difference_is_seen_and_one_that_the_page_lacks_is_told() {
    let verdict = |accepted: bool, lookups: &[&str]| Verdict {
        accepted,
        lookups: lookups.iter().map(|lookup| (*lookup).to_owned()).collect(),
        refusal: None,
    };
    let sound = verdict(true, &["nowhere", "found 3 aa"]);
    assert!(differences(&sound, &sound).is_empty());
    let cases = [
        (verdict(false, &[]), ("refuses", "accepts")),
        (verdict(true, &["refused", "found 3 aa"]), ("refuses", "accepts")),
        (
            verdict(true, &["found 3 aa", "found 3 aa"]),
            ("finds the target", "finds nothing"),
        ),
        (
            verdict(true, &["nowhere", "nowhere"]),
            ("finds nothing", "finds the target"),
        ),
        (
            verdict(true, &["nowhere", "found 3 bb"]),
            ("finds one", "finds another"),
        ),
    ];
    for (theirs, expected) in cases {
        let found: Vec<_> = differences(&theirs, &sound).into_iter().collect();
        assert_eq!(found, [expected]);
    }
    let mut summary = Summary::default();
    let known = page::listed().into_iter().next().expect("there are disagreements");
    let mut unknown = known.clone();
    unknown.kind.push_str(", and more");
    summary.disagreements.insert(unknown, vec![7]);
    let (unlisted, gone) = page::compare(&summary, &[known.judge.as_str()]);
    assert!(unlisted.len() == 1 && unlisted[0].contains("first 7"), "{unlisted:?}");
    assert!(gone.iter().any(|row| row.contains(&known.kind)), "{gone:?}");
}

#[test]
fn the_same_seed_makes_the_same_repositories_and_sound_ones_are_accepted() {
    let (keys, kinds) = (Keys::new(), kinds::all());
    let told = |case: &Case| {
        let names: Vec<String> = case.written.files.keys().cloned().collect();
        (case.kind, names, case.written.lookups.clone())
    };
    for number in (0..20).map(|round| round * kinds.len()) {
        let made = case(SEED, number, &keys, &kinds);
        assert_eq!(told(&made), told(&case(SEED, number, &keys, &kinds)));
        assert_eq!(made.kind, "nothing");
        let verdict = ours::whole(&made);
        assert!(verdict.accepted, "case {number}: {:?}", verdict.refusal);
        assert!(verdict.lookups.iter().any(|lookup| lookup.starts_with("found")));
    }
}

#[test]
fn notarys_command_line_says_what_we_say_or_the_page_knows_why() {
    let looked_for = ["r1", "v1"];
    let mut summary = Summary::default();
    let mut refused = 0;
    for (name, change) in CHANGES {
        let mut repository = Repository::new();
        change(&mut repository);
        let files = repository.write();
        let (theirs, ours) = (
            notary::judged_by_the_command_line(&files),
            notary::ours(&files, &looked_for),
        );
        refused += usize::from(theirs.is_none() && ours.is_none());
        let told = |found: &notary::Found| found.as_ref().map_or("refuses".to_owned(), |tags| format!("{tags:?}"));
        if theirs != ours {
            let disagreement = Disagreement {
                kind: (*name).to_owned(),
                judge: "notary".to_owned(),
                they: told(&theirs),
                we: told(&ours),
            };
            summary.disagreements.insert(disagreement, vec![0]);
        }
        if *name == "nothing" {
            assert_eq!(told(&theirs), r#"{"r1": "targets/releases", "v1": "targets"}"#);
        }
    }
    let (unlisted, gone) = page::compare(&summary, &["notary"]);
    assert_eq!((unlisted, gone), (Vec::new(), Vec::new()));
    assert!(
        refused * 10 >= CHANGES.len() * 3,
        "{refused} of {} were refused",
        CHANGES.len()
    );
}
