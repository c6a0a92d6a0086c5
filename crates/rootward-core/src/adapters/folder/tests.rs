//! Every layout is found, read and written as it was found; a publication survives a crash at any step.

use std::path::Path;

use rootward_tuf::Dialect;

use super::*;
use crate::{
    adapters::{ForgettingDisk, Loss, SystemDisk},
    ports::Document,
};

type BuiltOn = (u64, [u8; 32]);

const PLACE: &str = "/repository-of-officers";

fn document(version: u64, note: &str) -> Vec<u8> {
    format!(r#"{{"signed":{{"version":{version}}},"note":"{note}"}}"#).into_bytes()
}

/// A disk on which each name holds the version it says, or 7 when it says none.
fn disk(names: &[&str]) -> Arc<ForgettingDisk> {
    let disk = Arc::new(ForgettingDisk::new());
    disk.create_folder(Path::new(PLACE)).unwrap();
    for name in names {
        let path = Path::new(PLACE).join(name);
        let file = path.file_name().unwrap().to_str().unwrap();
        let version = file
            .split('.')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(7);
        disk.create_folder(path.parent().unwrap()).unwrap();
        disk.write(&path, &document(version, name), false).unwrap();
    }
    disk
}

fn folder(disk: &Arc<ForgettingDisk>) -> Folder {
    Folder::new(disk.clone(), PLACE.into())
}

fn request(role: &str, select: Select) -> Request {
    Request {
        role: RoleName::new(role).unwrap(),
        select,
        limit_bytes: 1000,
    }
}

async fn fetched(folder: &Folder, role: &str, select: Select) -> String {
    let found = folder.fetch(&request(role, select)).await.unwrap();
    found.map_or_else(String::new, |found| found.origin.replace(&format!("{PLACE}/"), ""))
}

#[tokio::test]
async fn every_layout_is_found_by_looking() {
    let (version, consistent) = (Select::Version(7), Select::Consistent { version: 7 });
    let digest = Select::Sha256([0; 32]);
    let current = Select::Current;
    let by_digest = format!("targets/releases.{}.json", "0".repeat(64));
    let served = ["timestamp.json", "7.targets.json", "7.a.b.json", "7.root.json"];
    let history = [
        "root.json",
        "timestamp.json",
        "targets.json",
        "root_history/6.root.json",
        "root_history/7.root.json",
    ];
    let cache = ["root.json", "targets.json", "targets/releases.json"];
    let capture = ["root.json", "6.root.json", "targets.json", "targets_releases.json"];
    let encoded = ["root.json", "targets.json", "targets%2Freleases.json"];
    let answers: &[(&[&str], &str, Select, &str)] = &[
        (&served, "root", version, "7.root.json"),
        (&served, "root", Select::Version(8), ""),
        (&served, "timestamp", current, "timestamp.json"),
        (&served, "targets", consistent, "7.targets.json"),
        (&served, "a.b", consistent, "7.a.b.json"),
        (&served, "targets", Select::Consistent { version: 8 }, ""),
        (
            &["7.root.json", "7.targets.json", "targets.json"],
            "targets",
            Select::Consistent { version: 8 },
            "",
        ),
        (&["metadata/7.root.json"], "root", version, "metadata/7.root.json"),
        (
            &["repository/metadata/root.json"],
            "root",
            version,
            "repository/metadata/root.json",
        ),
        (
            &["initial_root.json", "metadata/root.json"],
            "root",
            current,
            "metadata/root.json",
        ),
        (&["root.json", "metadata/9.root.json"], "root", current, "root.json"),
        (&history, "root", version, "root_history/7.root.json"),
        (&history, "root", Select::Version(6), "root_history/6.root.json"),
        (&history, "targets", consistent, "targets.json"),
        (&history, "targets", current, "targets.json"),
        (&cache, "targets/releases", digest, "targets/releases.json"),
        (
            &[by_digest.as_str(), "root.json"],
            "targets/releases",
            digest,
            &by_digest,
        ),
        (&capture, "targets/releases", digest, "targets_releases.json"),
        (&encoded, "targets/releases", current, "targets%2Freleases.json"),
        (&["root.json"], "root", version, "root.json"),
        (&["root.json"], "root", Select::Version(6), ""),
        (&["timestamp.json"], "timestamp", current, "timestamp.json"),
    ];
    for (names, role, select, expected) in answers {
        assert_eq!(
            fetched(&folder(&disk(names)), role, *select).await,
            *expected,
            "{names:?}: {role}, {select:?}"
        );
    }
}

#[tokio::test]
async fn a_root_is_found_by_its_digest_wherever_it_stands() {
    let found = disk(&["root.json", "6.root.json", "root_history/5.root.json"]);
    for name in ["root.json", "6.root.json", "root_history/5.root.json"] {
        let digest = sha256(&found.read(&Path::new(PLACE).join(name), 1000).unwrap());
        assert_eq!(fetched(&folder(&found), "root", Select::Sha256(digest)).await, name);
    }
    assert_eq!(
        fetched(&folder(&found), "root", Select::Sha256([1; 32])).await,
        "root.json"
    );
}

#[tokio::test]
async fn the_newest_root_is_the_newest_that_can_be_read() {
    let newest = async |found: &Arc<ForgettingDisk>| {
        let newest = folder(found).newest_root(1000).await.unwrap().unwrap();
        newest.origin.replace(&format!("{PLACE}/"), "")
    };
    let found = disk(&["root.json", "2.root.json", "10.root.json"]);
    assert_eq!(newest(&found).await, "10.root.json");
    assert_eq!(folder(&found).listed_root_versions().await.unwrap(), [2, 7, 10]);
    found
        .write(&Path::new(PLACE).join("10.root.json"), b"broken", false)
        .unwrap();
    assert_eq!(newest(&found).await, "root.json");
    found
        .write(&Path::new(PLACE).join("root.json"), b"broken", false)
        .unwrap();
    assert_eq!(newest(&found).await, "2.root.json");
    assert_eq!(newest(&disk(&["root.json", "7.root.json"])).await, "7.root.json");
}

#[tokio::test]
async fn a_folder_that_is_absent_empty_or_too_large_says_so() {
    let code = async |found: &Folder| found.newest_root(10).await.unwrap_err().code;
    assert_eq!(code(&folder(&disk(&["notes.json"]))).await, "metadata-not-found");
    assert_eq!(code(&folder(&disk(&["root.json"]))).await, "too-large");
    let absent = Folder::new(disk(&[]), "/elsewhere".into());
    assert_eq!(code(&absent).await, "source-unreadable");
}

fn publication(dialect: Dialect, builds_on: BuiltOn) -> Publication {
    let roles = ["targets/releases", "targets", "snapshot", "timestamp", "root"];
    let documents = roles.map(|role| Document {
        role: RoleName::new(role).unwrap(),
        version: 8,
        bytes: document(8, role),
    });
    Publication {
        dialect,
        consistent_snapshot: true,
        documents: documents.to_vec(),
        root_last: false,
        builds_on,
    }
}

/// Names in the folder, and in those below it.
fn names(disk: &ForgettingDisk) -> Vec<String> {
    let mut names = Vec::new();
    let mut waiting = vec![(PLACE.to_owned(), String::new())];
    while let Some((folder, before)) = waiting.pop() {
        for name in disk.list(Path::new(&folder)).unwrap() {
            let below = format!("{folder}/{name}");
            if disk.list(Path::new(&below)).is_ok() {
                waiting.push((below, format!("{before}{name}/")));
            } else {
                names.push(format!("{before}{name}"));
            }
        }
    }
    names.sort();
    names
}

async fn built_on(found: &Arc<ForgettingDisk>) -> BuiltOn {
    let newest = folder(found).newest_root(1000).await.unwrap().unwrap();
    (claimed_version(&newest.bytes).unwrap(), sha256(&newest.bytes))
}

#[tokio::test]
async fn the_layout_found_is_the_layout_written() {
    use Dialect::{Notary, Tuf1};
    let cases: &[(Dialect, &[&str], &[&str])] = &[
        (
            Tuf1,
            &["7.root.json", "7.targets.json", "timestamp.json"],
            &[
                "8.root.json",
                "8.snapshot.json",
                "8.targets%2Freleases.json",
                "8.targets.json",
                "timestamp.json",
            ],
        ),
        (
            Tuf1,
            &["metadata/root.json", "metadata/targets.json"],
            &[
                "metadata/7.root.json",
                "metadata/8.root.json",
                "metadata/root.json",
                "metadata/snapshot.json",
                "metadata/targets%2Freleases.json",
                "metadata/targets.json",
                "metadata/timestamp.json",
            ],
        ),
        (
            Tuf1,
            &["root.json", "targets.json", "root_history/7.root.json"],
            &[
                "root.json",
                "root_history/8.root.json",
                "snapshot.json",
                "targets%2Freleases.json",
                "targets.json",
                "timestamp.json",
            ],
        ),
        (
            Notary,
            &["root.json", "targets.json", "targets/releases.json"],
            &[
                "root.json",
                "snapshot.json",
                "targets.json",
                "targets/releases.json",
                "timestamp.json",
            ],
        ),
        (
            Notary,
            &["root.json", "6.root.json", "targets_alice.json"],
            &[
                "8.root.json",
                "root.json",
                "snapshot.json",
                "targets.json",
                "targets_releases.json",
                "timestamp.json",
            ],
        ),
    ];
    for (dialect, before, written) in cases {
        let found = disk(before);
        let publication = publication(*dialect, built_on(&found).await);
        folder(&found).publish(&publication).await.unwrap();
        let mut expected: Vec<_> = before.iter().chain(*written).map(|name| (*name).to_owned()).collect();
        expected.sort();
        expected.dedup();
        assert_eq!(names(&found), expected);
        for name in written.iter().filter(|name| !name.contains("7.")) {
            let bytes = found.read(&Path::new(PLACE).join(name), 1000).unwrap();
            assert_eq!(claimed_version(&bytes), Some(8), "{name}");
        }
        folder(&found)
            .publish(&publication)
            .await
            .expect("repeating is no error");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_desks_that_publish_into_one_folder_the_second_sees_the_firsts_root() {
    let shared = tempfile::tempdir().unwrap();
    let disk = Arc::new(SystemDisk::new());
    disk.write(&shared.path().join("7.root.json"), &document(7, "7.root.json"), false)
        .unwrap();
    let desk = || Folder::new(disk.clone(), shared.path().to_owned());
    let builds_on = (7, sha256(&document(7, "7.root.json")));
    let ours = publication(Dialect::Tuf1, builds_on);
    let mut theirs = ours.clone();
    for document in &mut theirs.documents {
        document.bytes.extend(b" ");
    }
    // While the folder is held, both wait; then one after the other looks and writes.
    let held = disk.hold(shared.path()).unwrap();
    assert_eq!(
        disk.hold(shared.path()).err().unwrap().kind(),
        io::ErrorKind::WouldBlock
    );
    let (one, other) = (desk(), desk());
    let one = tokio::spawn(async move { one.publish(&ours).await });
    let other = tokio::spawn(async move { other.publish(&theirs).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(disk.list(shared.path()).unwrap(), ["7.root.json"]);
    drop(held);
    let ended = [one.await.unwrap(), other.await.unwrap()];
    let refused: Vec<_> = ended.iter().filter_map(|ended| ended.as_ref().err()).collect();
    assert_eq!(refused.len(), 1, "{ended:?}");
    assert_eq!(refused[0].code, "superseded");
}

#[tokio::test]
async fn an_empty_folder_gets_the_layout_its_snapshots_ask_for() {
    let found = Arc::new(ForgettingDisk::new());
    folder(&found)
        .publish(&publication(Dialect::Tuf1, (0, [0; 32])))
        .await
        .unwrap();
    let expected = [
        "8.root.json",
        "8.snapshot.json",
        "8.targets%2Freleases.json",
        "8.targets.json",
        "timestamp.json",
    ];
    assert_eq!(names(&found), expected);
    let found = Arc::new(ForgettingDisk::new());
    let flat = Publication {
        consistent_snapshot: false,
        ..publication(Dialect::Notary, (0, [0; 32]))
    };
    folder(&found).publish(&flat).await.unwrap();
    let expected = [
        "root.json",
        "snapshot.json",
        "targets.json",
        "targets/releases.json",
        "timestamp.json",
    ];
    assert_eq!(names(&found), expected);
}

#[tokio::test]
async fn what_moved_on_or_is_taken_is_refused_and_stays() {
    let refusals: &[(&[&str], Option<BuiltOn>, &str)] = &[
        (&["9.root.json", "9.targets.json"], Some((7, [0; 32])), "superseded"),
        (&["7.root.json", "7.targets.json"], Some((7, [0; 32])), "superseded"),
        (&["7.root.json", "7.targets.json"], Some((0, [0; 32])), "superseded"),
        (&["notes.json"], Some((7, [0; 32])), "superseded"),
        (
            &["7.root.json", "7.targets.json", "8.snapshot.json"],
            None,
            "publish-failed",
        ),
        (&["8.root.json", "8.targets.json"], None, "publish-failed"),
    ];
    for (before, builds_on, code) in refusals {
        let found = disk(before);
        let builds_on = match builds_on {
            Some(builds_on) => *builds_on,
            None => built_on(&found).await,
        };
        let refused = folder(&found)
            .publish(&publication(Dialect::Tuf1, builds_on))
            .await
            .unwrap_err();
        assert_eq!(refused.code, *code, "{before:?}: {refused}");
        assert_eq!(names(&found), *before);
    }
    let found = disk(&["7.root.json", "7.targets.json"]);
    found
        .write(&Path::new(PLACE).join("timestamp.json"), &document(9, ""), false)
        .unwrap();
    let refused = folder(&found)
        .publish(&publication(Dialect::Tuf1, built_on(&found).await))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "superseded");
}

#[tokio::test]
async fn a_publication_cut_off_anywhere_shows_nothing_half_and_is_finished_by_repeating_it() {
    let before = ["root.json", "7.root.json", "7.targets.json", "timestamp.json"];
    for loss in Loss::ALL {
        for step in 1.. {
            let found = disk(&before);
            let publication = publication(Dialect::Tuf1, built_on(&found).await);
            found.crash_at(step);
            let published = folder(&found).publish(&publication).await;
            found.restart(loss);
            let read = |name: &str| found.read(&Path::new(PLACE).join(name), 1000);
            if claimed_version(&read("timestamp.json").unwrap()) == Some(8) {
                for name in ["8.root.json", "8.targets.json", "8.snapshot.json"] {
                    assert_eq!(
                        claimed_version(&read(name).unwrap()),
                        Some(8),
                        "{loss:?}, step {step}: {name}"
                    );
                }
            }
            if published.is_ok() {
                assert_eq!(read("root.json").unwrap(), document(8, "root"));
                break;
            }
            folder(&found)
                .publish(&publication)
                .await
                .expect("a repetition finishes it");
            found.restart(Loss::Everything);
            for name in [
                "8.root.json",
                "8.targets.json",
                "8.snapshot.json",
                "timestamp.json",
                "root.json",
            ] {
                let bytes = found.read(&Path::new(PLACE).join(name), 1000).unwrap();
                assert_eq!(claimed_version(&bytes), Some(8), "{loss:?}, step {step}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn links_that_lead_out_of_the_folder_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let (outside, inside) = (place.path().join("outside"), place.path().join("inside"));
    let disk = Arc::new(SystemDisk::new());
    disk.create_folder(&outside).unwrap();
    disk.create_folder(&inside).unwrap();
    disk.write(&outside.join("1.root.json"), &document(1, ""), false)
        .unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("metadata")).unwrap();
    let folder = Folder::new(disk.clone(), inside.clone());
    assert_eq!(folder.newest_root(1000).await.unwrap_err().code, "metadata-not-found");
    std::os::unix::fs::symlink("../outside/1.root.json", inside.join("root.json")).unwrap();
    assert_eq!(folder.newest_root(1000).await.unwrap_err().code, "source-unreadable");
    // The folder itself may be reached through a link: an officer chose it.
    let folder = Folder::new(disk, inside.join("metadata"));
    assert!(folder.newest_root(1000).await.unwrap().is_some());
}
