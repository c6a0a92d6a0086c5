//! What stolen keys come to, as the desk and rootwardctl say it, on the practice estate.

use crate::ctl;
use rootward_core::Rootward;
use rootward_core::border::{BlastGrade, BlastReach, BlastStep, BlastView, NodeKind, Query, TreeRequest, View};
use rootward_tests::desk::{NOW, ask, practised, run};

struct Practice {
    folder: tempfile::TempDir,
    desk: Rootward,
}

impl Practice {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = practised(folder.path());
        Practice { folder, desk }
    }

    /// The id of a repository, by its name.
    fn repository(&self, name: &str) -> String {
        let tree = TreeRequest {
            search: name.to_owned(),
            ..TreeRequest::default()
        };
        let rows = Query::TreeRows {
            tree,
            from: 0,
            count: 100,
        };
        let View::TreeRows(window) = ask(&self.desk, rows) else {
            panic!("another view")
        };
        let mut rows = window.rows.into_iter();
        let found = rows.find(|row| row.node == NodeKind::Repository && row.name == name);
        found
            .and_then(|row| row.repository)
            .expect("the practice estate has it")
    }

    /// The folder of a repository.
    fn location(&self, name: &str) -> String {
        let repository = self.repository(name);
        let View::Repository(view) = ask(&self.desk, Query::Repository { repository }) else {
            panic!("another view")
        };
        view.source.location
    }

    /// Asks about the keys of these holders.
    fn stolen(&self, name: &str, holders: &[&str]) -> BlastView {
        let repository = self.repository(name);
        let keys = holders.iter().map(|holder| (*holder).to_owned()).collect();
        let View::Blast(view) = ask(&self.desk, Query::Blast { repository, keys }) else {
            panic!("another view")
        };
        *view
    }
}

fn steps(view: &BlastView) -> Vec<(BlastStep, bool)> {
    view.repairs
        .iter()
        .map(|repair| (repair.step, repair.possible))
        .collect()
}

#[test]
fn the_worst_is_said_first_and_the_repair_names_the_keys_that_are_left() {
    let practice = Practice::new();
    let nobody = practice.stolen("platform", &[]);
    assert_eq!(nobody.grade, BlastGrade::Unasked);
    assert!(nobody.roles.is_empty() && nobody.repairs.is_empty() && nobody.safe.is_empty());
    assert_eq!(nobody.keys.len(), 9, "{:#?}", nobody.keys);

    // One of the two that root and targets ask for.
    let one = practice.stolen("platform", &["Officer 1"]);
    assert_eq!(one.grade, BlastGrade::Nothing);
    assert_eq!(
        one.verdict.text(),
        "Whoever holds this key can sign nothing alone. 1 signature more would do for root."
    );
    assert_eq!(one.roles[0].reach, BlastReach::With);
    assert_eq!(
        one.roles[0].sentence.text(),
        "Needs 1 signature more, of Officer 2 and Officer 3."
    );
    // The other two have signed targets as well: nothing but root is issued again.
    assert_eq!(steps(&one), [(BlastStep::Root, true)]);
    let by = one.repairs[0].by.as_ref().unwrap().text();
    assert_eq!(by, "Signed by Officer 2 and Officer 3.");

    // Two of them are everything, and the third alone repairs nothing.
    let two = practice.stolen("platform", &["Officer 1", "Officer 2"]);
    assert_eq!(two.grade, BlastGrade::Root);
    assert_eq!(steps(&two)[0], (BlastStep::OutOfBand, false));
    assert!(two.roles.iter().all(|row| row.reach != BlastReach::With));

    // A delegate, in one role alone and in another with somebody else.
    let delegate = practice.stolen("platform", &["build-19"]);
    assert_eq!(delegate.grade, BlastGrade::Delegated);
    let [web] = &delegate.paths[..] else {
        panic!("{:#?}", delegate.paths)
    };
    assert_eq!(
        (&web.roles[..], &web.paths[..], web.exact),
        (&["web".to_owned()][..], &["web/*".to_owned()][..], true)
    );
    assert_eq!(delegate.replaceable.count, 1);
    assert_eq!(delegate.replaceable.examples[0].path, "web/site.tar");
    let payments = delegate.roles.iter().find(|row| row.roles == ["payments"]).unwrap();
    assert_eq!(
        (payments.reach, payments.counts, payments.threshold),
        (BlastReach::With, 1, 2)
    );

    // The online key signs no target.
    assert_eq!(practice.stolen("platform", &["build-07"]).grade, BlastGrade::Online);
}

#[test]
fn docker_is_told_apart_from_notarys_own_tool() {
    let practice = Practice::new();
    let view = practice.stolen("gateway-images", &[]);
    let delegate = view
        .keys
        .iter()
        .find(|key| key.roles.iter().any(|role| role == "targets/releases"))
        .unwrap();
    let repository = practice.repository("gateway-images");
    let keys = vec![delegate.physical_key.clone()];
    let View::Blast(view) = ask(&practice.desk, Query::Blast { repository, keys }) else {
        panic!("another view")
    };
    assert_eq!(view.grade, BlastGrade::Delegated);
    assert!(
        view.docker_paths
            .iter()
            .any(|paths| paths.roles == ["targets/releases"] && paths.exact)
    );
    assert!(
        view.effects
            .iter()
            .any(|effect| effect.text().contains("Notary server"))
    );
    // Names of root's certificates are the repository's: they tell no two keys apart.
    assert!(
        view.keys.iter().all(|key| !key.label.contains("registry.practice")),
        "{:#?}",
        view.keys
    );
}

#[test]
fn a_word_that_means_no_key_is_refused_and_does_not_look_harmless() {
    let practice = Practice::new();
    let repository = practice.repository("platform");
    for word in ["nobody", "", &format!("sha256:{}", "0".repeat(64))] {
        let keys = vec![word.to_owned()];
        let query = Query::Blast {
            repository: repository.clone(),
            keys,
        };
        assert_eq!(
            run(practice.desk.query(query)).unwrap_err().code,
            "key-not-found",
            "{word}"
        );
    }
    let told = ctl().run(["blast", &practice.location("platform"), "--key", "nobody", "--at", NOW]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.err.contains("key-not-found"), "{}", told.err);
    let empty = practice.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let told = ctl().run(["blast", empty.to_str().unwrap(), "--key", "nobody"]);
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(
        ctl().run(["blast", &practice.location("platform")]).code,
        2,
        "no key was named"
    );
}

#[test]
fn rootwardctl_says_the_same_as_json_and_as_text() {
    let practice = Practice::new();
    let place = practice.location("platform");
    let keys = practice.stolen("platform", &["build-19", "build-23"]).keys;
    let stolen: Vec<_> = keys.iter().filter(|key| key.stolen).collect();
    // By keyid and by what the key is.
    let words = [stolen[0].keyid.as_str(), stolen[1].physical_key.as_str()];
    let arguments = ["blast", &place, "--key", words[0], "--key", words[1], "--at", NOW];
    let told = ctl().run(arguments.iter().chain(&["--json"]));
    assert_eq!(told.code, 0, "{told:?}");
    let report = told.json();
    assert_eq!(report["grade"], "delegated");
    assert_eq!(report["keys"].as_array().unwrap().len(), 2);
    let roles: Vec<&str> = report["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|paths| paths["roles"][0].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["payments-eu", "web"]);
    assert_eq!(report["repairs"][0]["step"], "documents");
    let text = ctl().run(arguments);
    assert_eq!(text.code, 0, "{text:?}");
    for expected in ["services/payments/eu/*", "web/*", "What stays safe", "1. Issue "] {
        assert!(text.out.contains(expected), "{expected}: {}", text.out);
    }
    assert!(text.out.contains(report["verdict"].as_str().unwrap()));
}
