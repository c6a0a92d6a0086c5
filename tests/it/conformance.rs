//! The client of the conformance rig, on a few promises of our own: the official suite itself stays outside of
//! `./dev test` (`./dev conformance` runs it).

use rootward_core::adapters::{Folder, SystemDisk};
use rootward_core::ports::Failure;
use rootward_core::repositories::download::{Downloaded, Downloads};
use rootward_tests::{
    rigs::python_tuf::PythonTuf,
    server::{Answer, Server},
};
use rootward_tuf::Target;
use std::{fs, path::Path, process::Command, sync::Arc};

const CLIENT: &str = env!("CARGO_BIN_EXE_conformance-client");

fn client(metadata: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(CLIENT);
    command.arg("--metadata-dir").arg(metadata).args(arguments);
    command.status().unwrap().success()
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_suites_client_keeps_files_as_served_and_asks_for_nothing_twice() {
    let place = tempfile::tempdir().unwrap();
    let (repository, metadata, files) = (place.path().join("r"), place.path().join("m"), place.path().join("f"));
    for folder in [&repository, &metadata, &files] {
        fs::create_dir(folder).unwrap();
    }
    PythonTuf::ready().publish(&repository, "2126-01-01T00:00:00Z");
    let served = repository.clone();
    let server = Server::start(move |path| Answer::file_below(&served, path));
    let root = repository.join("1.root.json");
    assert!(client(&metadata, &["init", root.to_str().unwrap()]));
    assert_eq!(
        (names(&metadata), server.requests().len()),
        (vec!["root.json".to_owned()], 0)
    );
    assert!(client(&metadata, &["--metadata-url", &server.url(), "refresh"]));
    assert_eq!(
        names(&metadata),
        ["root.json", "snapshot.json", "targets.json", "timestamp.json"]
    );
    assert_eq!(
        fs::read(metadata.join("timestamp.json")).unwrap(),
        fs::read(repository.join("timestamp.json")).unwrap()
    );
    let asked = server.requests().len();
    assert_eq!(asked, 4);
    // The second time only the next root and the timestamp are asked for.
    assert!(client(&metadata, &["--metadata-url", &server.url(), "refresh"]));
    assert_eq!(server.requests().len() - asked, 2);
    let (url, folder) = (server.url(), files.to_str().unwrap());
    let places = [
        "--metadata-url",
        &url,
        "--target-base-url",
        &url,
        "--target-dir",
        folder,
    ];
    let nothing = [&places[..], &["--target-name", "no such target", "download"]].concat();
    assert!(!client(&metadata, &nothing));
    assert!(names(&files).is_empty());
}

#[tokio::test]
async fn a_target_is_written_once_it_is_what_the_metadata_says_and_never_outside_its_folder() {
    let place = tempfile::tempdir().unwrap();
    let (served, kept) = (place.path().join("served"), place.path().join("kept"));
    fs::create_dir_all(served.join("a")).unwrap();
    fs::create_dir_all(&kept).unwrap();
    let disk = Arc::new(SystemDisk::new());
    let files = Folder::new(disk.clone(), served.clone());
    let downloads = Downloads {
        files: &files,
        disk: &*disk,
        folder: &kept,
        consistent_snapshot: false,
    };
    let target = Target::of(b"content");
    let ended = |result: Result<Downloaded, Failure>| result.map(|done| done.is_new).map_err(|failure| failure.code);
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(
        ended(downloads.download("a/b", &target).await),
        refused("target-missing")
    );
    for wrong in ["CONTENT", "content and more", ""] {
        fs::write(served.join("a/b"), wrong).unwrap();
        assert_eq!(
            ended(downloads.download("a/b", &target).await),
            refused("target-refused"),
            "{wrong}"
        );
    }
    fs::write(served.join("a/b"), "content").unwrap();
    assert_eq!(ended(downloads.download("a/b", &target).await), Ok(true));
    assert_eq!(ended(downloads.download("a/b", &target).await), Ok(false));
    assert_eq!(fs::read(kept.join("a%2Fb")).unwrap(), b"content");
    // A file that was tampered with here is fetched again; one swapped there changes nothing here.
    fs::write(kept.join("a%2Fb"), "tampered").unwrap();
    assert_eq!(ended(downloads.download("a/b", &target).await), Ok(true));
    fs::write(served.join("a/b"), "swapped").unwrap();
    assert_eq!(ended(downloads.download("a/b", &target).await), Ok(false));
    for path in ["../b", "/etc/passwd", "a/../../b", ""] {
        assert_eq!(
            ended(downloads.download(path, &target).await),
            refused("target-path-unsafe"),
            "{path}"
        );
    }
    assert_eq!(names(place.path()), ["kept", "served"]);
}
