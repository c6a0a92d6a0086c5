//! Sources: whatever a server does, reading ends with a document, with nothing, or with words for it.

use rootward_core::adapters::{Connections, SystemClock, SystemDisk};
use rootward_core::border::{Failure, LimitsView, SourceSpec};
use rootward_core::ports::{Clock, Connect, Source};
use rootward_tests::fixtures::captured;
use rootward_tests::rigs::notary::NotaryRig;
use rootward_tests::server::{Answer, Server};
use rootward_tests::tls::Tls;
use rootward_tuf::encoding::sha256;
use rootward_tuf::{Instant, Next, Outcome, Reply, Request, RoleName, Select, WalkInput, Walker};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Short, so that a test of a limit does not take as long as the limit.
const LIMITS: LimitsView = LimitsView {
    requests: 8,
    requests_per_host: 2,
    connect_seconds: 1,
    idle_seconds: 1,
    document_seconds: 2,
    timestamp_bytes: 1 << 20,
    document_bytes: 100 << 20,
};

fn connections() -> Connections {
    Connections::new(Arc::new(SystemDisk::new()))
}

fn http(url: &str, ca_file: Option<&Path>) -> Arc<dyn Source> {
    let spec = SourceSpec::Http {
        url: url.to_owned(),
        ca_file: ca_file.map(|file| file.display().to_string()),
    };
    connections().source(&spec, &LIMITS).expect("the URL makes sense")
}

fn timestamp() -> Request {
    Request {
        role: RoleName::timestamp(),
        select: Select::Current,
        limit_bytes: 1000,
    }
}

async fn fetched(source: &dyn Source) -> Result<Option<Vec<u8>>, Failure> {
    Ok(source.fetch(&timestamp()).await?.map(|found| found.bytes))
}

#[tokio::test]
async fn a_document_is_there_or_it_is_missing() {
    let server = Server::start(|path| match path {
        "/here/timestamp.json" => Answer::Bytes(b"{}".to_vec()),
        "/moved/timestamp.json" => Answer::Redirect("/here/timestamp.json".into()),
        "/forbidden/timestamp.json" => Answer::Status(403),
        _ => Answer::Status(404),
    });
    let at = |place: &str| http(&format!("{}{place}", server.url()), None);
    assert_eq!(fetched(&*at("here")).await, Ok(Some(b"{}".to_vec())));
    assert_eq!(fetched(&*at("moved/")).await, Ok(Some(b"{}".to_vec())));
    assert_eq!(fetched(&*at("forbidden")).await, Ok(None));
    assert_eq!(fetched(&*at("absent")).await, Ok(None));
}

#[tokio::test]
async fn a_server_that_misbehaves_ends_with_words_for_it() {
    let ten_thousand = vec![b' '; 10_000];
    let cases: [(Answer, &str, &str); 11] = [
        (Answer::Status(500), "server-answered", "500"),
        (Answer::Status(401), "server-answered", "401"),
        (Answer::Hang, "network-failed", "not a byte within 1 s"),
        (
            Answer::Stall(b"{\"a\":1}".to_vec()),
            "network-failed",
            "not a byte within 1 s",
        ),
        (
            Answer::Drip(vec![b' '; 500], Duration::from_millis(200)),
            "network-failed",
            "not whole after 2 s",
        ),
        (Answer::Cut(b"{\"a\":1}".to_vec()), "network-failed", ""),
        (
            Answer::Redirect("/timestamp.json".into()),
            "network-failed",
            "redirects more than 5 times",
        ),
        (
            Answer::Redirect("ftp://127.0.0.1/".into()),
            "network-failed",
            "redirects to ftp:",
        ),
        (Answer::Bytes(ten_thousand), "too-large", "larger than 1000 bytes"),
        (Answer::Endless, "too-large", "larger than 1000 bytes"),
        (Answer::Claims(1 << 60), "too-large", "larger than 1000 bytes"),
    ];
    let case = |(answer, code, words): (Answer, &'static str, &'static str)| async move {
        let told = answer.clone();
        let server = Server::start(move |_| told.clone());
        let failure = fetched(&*http(&server.url(), None)).await.expect_err(code);
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
    };
    futures::future::join_all(cases.map(case)).await;
    let garbage = Server::start(|_| Answer::Garbage);
    assert_eq!(
        fetched(&*http(&garbage.url(), None)).await.unwrap_err().code,
        "network-failed"
    );
    let closed = garbage.url();
    drop(garbage);
    assert_eq!(fetched(&*http(&closed, None)).await.unwrap_err().code, "network-failed");
}

#[tokio::test]
async fn a_request_that_is_dropped_ends_at_once() {
    let server = Server::start(|_| Answer::Hang);
    let source = http(&server.url(), None);
    tokio::time::timeout(Duration::from_millis(200), fetched(&*source))
        .await
        .expect_err("the server hangs");
    // Its place is free again: with two to a host, a third would wait for it.
    tokio::time::timeout(Duration::from_millis(200), fetched(&*source))
        .await
        .expect_err("the server hangs");
    assert_eq!(fetched(&*source).await.unwrap_err().code, "network-failed");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn no_more_requests_run_at_once_than_a_host_may_get() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counting, highest) = (now.clone(), most.clone());
    let server = Server::start(move |_| {
        highest.fetch_max(counting.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        counting.fetch_sub(1, Ordering::SeqCst);
        Answer::Status(404)
    });
    let source = http(&server.url(), None);
    let all = futures::future::join_all((0..10).map(|_| fetched(&*source))).await;
    assert!(all.iter().all(|one| *one == Ok(None)));
    assert_eq!((server.requests().len(), most.load(Ordering::SeqCst)), (10, 2));
}

#[tokio::test]
async fn a_server_of_an_authority_of_our_own_is_believed_only_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, foreign) = (Tls::make(folder.path()), tempfile::tempdir().unwrap());
    let plain = Server::start(|_| Answer::Bytes(b"plain".to_vec()));
    let down = plain.url();
    let server = Server::start_tls(&tls, move |path| match path {
        "/timestamp.json" => Answer::Bytes(b"{}".to_vec()),
        _ => Answer::Redirect(down.clone()),
    });
    assert_eq!(
        fetched(&*http(&server.url(), Some(&tls.ca))).await,
        Ok(Some(b"{}".to_vec()))
    );
    let other = Tls::make(foreign.path());
    for ca_file in [None, Some(other.ca.as_path())] {
        let failure = fetched(&*http(&server.url(), ca_file)).await.unwrap_err();
        assert_eq!(failure.code, "network-failed", "{failure}");
    }
    let failure = fetched(&*http(&format!("{}down", server.url()), Some(&tls.ca)))
        .await
        .unwrap_err();
    assert!(failure.message.contains("redirects from HTTPS to HTTP"), "{failure}");
    assert_eq!(plain.requests(), [""; 0], "nothing went there");
}

#[tokio::test]
async fn the_newest_root_is_found_by_trying_the_next_one() {
    let root = |version: u64| Answer::Bytes(format!("{{\"signed\":{{\"version\":{version}}}}}").into_bytes());
    let newest = async |server: &Server| {
        let newest = http(&server.url(), None).newest_root(1000).await.unwrap();
        newest.map(|found| found.origin.rsplit('/').next().unwrap_or_default().to_owned())
    };
    let versioned = Server::start(move |path| match path {
        "/1.root.json" => root(1),
        "/2.root.json" => root(2),
        _ => Answer::Status(404),
    });
    assert_eq!(newest(&versioned).await.as_deref(), Some("2.root.json"));
    let stale = Server::start(move |path| match path {
        "/root.json" => root(7),
        "/8.root.json" => root(8),
        _ => Answer::Status(404),
    });
    assert_eq!(newest(&stale).await.as_deref(), Some("8.root.json"));
    let chatty = Server::start(|_| Answer::Bytes(b"<html>".to_vec()));
    assert_eq!(newest(&chatty).await.as_deref(), Some("root.json"));
    assert_eq!(chatty.requests().len(), 2);
    let empty = Server::start(|_| Answer::Status(404));
    assert_eq!(newest(&empty).await, None);
}

/// Walks a source from a trusted root to its end.
async fn walked(source: &dyn Source, anchor: Vec<u8>, gun: Option<&str>, now: Instant) -> Box<Outcome> {
    let dialect = rootward_tuf::detect(&anchor).unwrap();
    let mut walker = Walker::begin(WalkInput {
        gun: gun.map(str::to_owned),
        ..WalkInput::new(dialect, anchor, now)
    })
    .unwrap();
    loop {
        match walker.next() {
            Next::Finished(outcome) => return outcome,
            Next::Fetch(request) => {
                let found = source.fetch(&request).await.unwrap();
                walker.supply(found.map_or(Reply::Missing, |found| Reply::Found(found.bytes)));
            }
        }
    }
}

#[tokio::test]
async fn captured_folders_are_walked_in_the_layouts_they_have() {
    let Some(captured) = captured() else { return };
    let walks = [
        (
            "real/sigstore-root-signing/metadata",
            "root_history/1.root.json",
            "2026-08-21T00:00:00Z",
            15,
            1,
        ),
        (
            "real/tough-testdata/tuf-reference-impl",
            "metadata/1.root.json",
            "2026-11-22T00:00:00Z",
            1,
            2,
        ),
        (
            "real/go-tuf/examples/multirepo",
            "repository/metadata/1.root.json",
            "2026-11-22T00:00:00Z",
            1,
            0,
        ),
        (
            "notary/repos/b-delegations-signed",
            "root.json",
            "2026-11-23T00:00:00Z",
            6,
            2,
        ),
        (
            "notary/repos/c-rotation-4-targets",
            "1.root.json",
            "2026-11-23T00:00:00Z",
            6,
            0,
        ),
    ];
    for (place, anchor, now, root, delegated) in walks {
        let folder = captured.path().join(place);
        let anchor = std::fs::read(folder.join(anchor)).unwrap_or_else(|error| panic!("{place}: {error}"));
        let spec = SourceSpec::Folder {
            path: folder.display().to_string(),
            gun: None,
        };
        let source = connections().source(&spec, &LIMITS).unwrap();
        let outcome = walked(&*source, anchor, None, Instant::parse(now).unwrap()).await;
        assert!(outcome.accepted, "{place}: {:?}", outcome.refused);
        assert_eq!(outcome.root_versions.last(), Some(&root), "{place}");
        assert_eq!(outcome.delegated.len(), delegated, "{place}");
        let newest = source.newest_root(1 << 20).await.unwrap().unwrap();
        assert_eq!(
            rootward_core::ports::claimed_version(&newest.bytes),
            Some(root),
            "{place}"
        );
    }
}

#[tokio::test]
async fn guns_of_a_real_notary_are_listed_and_walked() {
    let rig = NotaryRig::start();
    let gun = "reg.test/lab/hello";
    rig.init_and_publish(gun);
    rig.init_and_publish("reg.test/lab/gone");
    rig.notary(&["delete", "reg.test/lab/gone", "--remote"]);
    let server = connections()
        .notary_server(rig.url(), Some(rig.ca_file()), &LIMITS)
        .unwrap();
    assert_eq!(server.guns().await.unwrap(), [gun]);

    let source = |gun: &str| {
        let spec = SourceSpec::Notary {
            url: rig.url().to_owned(),
            gun: gun.to_owned(),
            ca_file: Some(rig.ca_file().display().to_string()),
            user: None,
        };
        connections().source(&spec, &LIMITS).unwrap()
    };
    let hello = source(gun);
    let root = hello.newest_root(1 << 20).await.unwrap().expect("it was published");
    let outcome = walked(&*hello, root.bytes.clone(), Some(gun), SystemClock.now()).await;
    assert!(outcome.accepted, "{:?}", outcome.findings);

    let by = |role: &str, select| Request {
        role: RoleName::new(role).unwrap(),
        select,
        limit_bytes: 1 << 20,
    };
    let by_digest = hello
        .fetch(&by("root", Select::Sha256(sha256(&root.bytes))))
        .await
        .unwrap();
    assert_eq!(by_digest.map(|found| found.bytes), Some(root.bytes));
    assert!(hello.fetch(&by("root", Select::Version(1))).await.unwrap().is_some());
    assert_eq!(hello.fetch(&by("root", Select::Version(99))).await.unwrap(), None);
    assert_eq!(
        hello.fetch(&by("targets/releases", Select::Current)).await.unwrap(),
        None
    );
    assert_eq!(source("reg.test/lab/never").newest_root(1 << 20).await.unwrap(), None);
}
