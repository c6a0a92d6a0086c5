//! Publishing to a Notary server: what it takes, what it refuses, and what happens when it lies or falls silent.

use rootward_core::adapters::{Connections, SystemDisk};
use rootward_core::border::{Failure, LimitsView, SourceSpec};
use rootward_core::ports::{
    Connect, Document, Prompt, PromptRequest, Publication, Secret, TouchRequest, Touching, Wanted,
};
use rootward_tests::desk::run;
use rootward_tests::rigs::notary::{NotaryRig, Storage};
use rootward_tests::server::{Answer, Asked, Server};
use rootward_tuf::encoding::sha256;
use rootward_tuf::{Dialect, Request, RoleName, Select};
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const GUN: &str = "reg.test/lab/hello";
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

fn spec(rig: &NotaryRig, user: Option<&str>) -> SourceSpec {
    SourceSpec::Notary {
        url: rig.url().to_owned(),
        gun: GUN.to_owned(),
        ca_file: Some(rig.ca_file().display().to_string()),
        user: user.map(str::to_owned),
    }
}

fn publish(connections: &Connections, spec: &SourceSpec, publication: &Publication) -> Result<(), Failure> {
    let publisher = connections.publisher(spec, &LIMITS).expect("the source makes sense");
    run(publisher.publish(publication))
}

fn code(result: Result<(), Failure>) -> String {
    result.map_or_else(|failure| failure.code, |()| "published".to_owned())
}

/// What the command line has published, as documents.
fn published(rig: &NotaryRig) -> Vec<Document> {
    let metadata = rig.trust_folder().join("tuf").join(GUN).join("metadata");
    let read = |role: &str| {
        document(
            role,
            fs::read(metadata.join(format!("{role}.json"))).expect("it was published"),
        )
    };
    ["root", "targets", "snapshot"].map(read).into()
}

fn document(role: &str, bytes: Vec<u8>) -> Document {
    let file: Value = serde_json::from_slice(&bytes).expect("a document is JSON");
    Document {
        role: RoleName::new(role).expect("a role"),
        version: file["signed"]["version"].as_u64().expect("a version"),
        bytes,
    }
}

fn publication(documents: Vec<Document>, builds_on: (u64, &[u8])) -> Publication {
    Publication {
        dialect: Dialect::Notary,
        consistent_snapshot: false,
        documents,
        root_last: false,
        builds_on: (
            builds_on.0,
            if builds_on.0 == 0 { [0; 32] } else { sha256(builds_on.1) },
        ),
    }
}

#[test]
fn what_is_published_is_there_and_publishing_it_again_is_no_error() {
    for storage in [Storage::Memory, Storage::Postgres] {
        let rig = NotaryRig::start_on(storage);
        rig.init_and_publish(GUN);
        let documents = published(&rig);
        rig.notary(&["delete", GUN, "--remote"]);
        let first = publication(documents.clone(), (0, &[]));
        let (connections, spec) = (connections(), spec(&rig, None));
        for _ in 0..2 {
            assert_eq!(code(publish(&connections, &spec, &first)), "published", "{storage:?}");
        }
        assert_eq!(rig.client().list(GUN), []);
        let source = connections.source(&spec, &LIMITS).unwrap();
        let root = run(source.newest_root(1 << 20)).unwrap().unwrap();
        assert_eq!(root.bytes, documents[0].bytes);
    }
}

#[test]
fn the_real_server_refuses_in_words_of_its_own() {
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    let old = published(&rig);
    let edited = |role: usize, version: u64| {
        let mut file: Value = serde_json::from_slice(&old[role].bytes).unwrap();
        file["signed"]["version"] = version.into();
        let bytes = file.to_string().into_bytes();
        Document {
            version,
            bytes,
            ..old[role].clone()
        }
    };
    let delegated = Document {
        role: RoleName::new("targets/releases").unwrap(),
        ..edited(1, 1)
    };
    let on_top = |documents| publication(documents, (1, &old[0].bytes));
    let cases = [
        (on_top(vec![edited(0, 2)]), "server-refused-root"),
        (on_top(vec![edited(0, 9)]), "server-refused-root"),
        (on_top(vec![edited(1, 3)]), "server-refused-targets"),
        (on_top(vec![edited(2, 3)]), "server-refused-snapshot"),
        (on_top(vec![delegated]), "server-refused-targets"),
        (on_top(vec![edited(0, 1)]), "superseded"),
        (publication(vec![edited(0, 3)], (2, b"another")), "stale-answer"),
        (publication(vec![edited(0, 2)], (1, b"another")), "superseded"),
        (publication(vec![edited(0, 2)], (0, &[])), "superseded"),
        (
            on_top(vec![Document {
                role: RoleName::timestamp(),
                ..edited(0, 2)
            }]),
            "rules-refused",
        ),
        (
            Publication {
                dialect: Dialect::Tuf1,
                ..on_top(vec![edited(0, 2)])
            },
            "not-publishable-there",
        ),
        (
            on_top(vec![Document {
                bytes: b"{".to_vec(),
                ..edited(0, 2)
            }]),
            "server-misread",
        ),
    ];
    let spec = spec(&rig, None);
    for (publication, expected) in cases {
        let refused = publish(&connections(), &spec, &publication);
        let shown = publication
            .documents
            .iter()
            .map(|new| format!("{} v{}", new.role, new.version));
        assert_eq!(
            code(refused.clone()),
            expected,
            "{:?}: {refused:?}",
            shown.collect::<Vec<_>>()
        );
    }
    assert_eq!(rig.client().list(GUN), [], "nothing was changed");
}

#[test]
fn a_server_that_lacks_a_key_says_so() {
    let (rig, other) = (NotaryRig::start(), NotaryRig::start());
    rig.init_and_publish(GUN);
    let documents = published(&rig);
    let refused = publish(&connections(), &spec(&other, None), &publication(documents, (0, &[]))).unwrap_err();
    assert_eq!(refused.code, "server-lacks-key", "{refused:?}");
}

#[test]
fn keys_of_the_server_are_read_and_rotated() {
    let rig = NotaryRig::start();
    rig.init_and_publish(GUN);
    let root: Value = serde_json::from_slice(&published(&rig)[0].bytes).unwrap();
    let keys = connections().server_keys(&spec(&rig, None), &LIMITS).unwrap();
    run(async {
        for role in [RoleName::timestamp(), RoleName::snapshot()] {
            let current = keys.current(&role).await.unwrap();
            let next = keys.rotate(&role).await.unwrap();
            assert_ne!(current.keyid(), next.keyid());
            if role == RoleName::timestamp() {
                assert_eq!(
                    root["signed"]["roles"]["timestamp"]["keyids"],
                    json!([current.keyid().as_str()])
                );
            }
        }
        for role in [RoleName::root(), RoleName::targets()] {
            assert_eq!(keys.current(&role).await.unwrap_err().code, "rules-refused");
        }
    });
    let folder = SourceSpec::Folder {
        path: "/nowhere".into(),
        gun: None,
    };
    assert_eq!(
        connections().server_keys(&folder, &LIMITS).err().unwrap().code,
        "no-server-keys"
    );
}

/// Answers questions for passwords with these, in turn, and remembers what was asked.
struct Passwords {
    given: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<PromptRequest>>,
}

impl Passwords {
    fn new(given: &[&'static str]) -> Arc<Self> {
        let (given, asked) = (Mutex::new(given.iter().rev().copied().collect()), Mutex::default());
        Arc::new(Passwords { given, asked })
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Prompt for Passwords {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        self.asked.lock().unwrap().push(request.clone());
        match self.given.lock().unwrap().pop() {
            Some(password) => Ok(Secret::new(password.as_bytes().to_vec().into())),
            None => Err(Failure::interruption("prompt-closed", "nobody is there")),
        }
    }

    fn touch(&self, _request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

#[test]
fn whoever_publishes_signs_in_once() {
    let rig = NotaryRig::start_guarded("admin", "right");
    let documents = {
        let open = NotaryRig::start();
        open.init_and_publish(GUN);
        published(&open)
    };
    // This server lacks the keys in it: when it says so, it has let us in.
    let first = publication(documents, (0, &[]));
    let anonymous = publish(&connections(), &spec(&rig, None), &first).unwrap_err();
    assert_eq!(anonymous.code, "unauthorized", "{anonymous:?}");

    let person = Passwords::new(&["wrong", "right"]);
    let desk = connections().asking(person.clone());
    for _ in 0..2 {
        let taken = publish(&desk, &spec(&rig, Some("admin")), &first).unwrap_err();
        assert_eq!(taken.code, "server-lacks-key", "{taken:?}");
    }
    let keys = desk.server_keys(&spec(&rig, Some("admin")), &LIMITS).unwrap();
    run(keys.rotate(&RoleName::timestamp()))
        .expect("rotating wants more rights than publishing, and no other password");
    let asked = person.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2, "once wrong, once right, never again: {asked:#?}");
    assert_eq!((asked[0].wants, asked[0].repository.as_str()), (Wanted::Password, GUN));
    assert_eq!(asked[0].key, format!("admin@{}", rig.host()));
    assert!(asked[0].notice.is_none() && asked[1].notice.is_some());

    let person = Passwords::new(&["a", "b", "c", "d"]);
    let desk = connections().asking(person.clone());
    let wrong = publish(&desk, &spec(&rig, Some("admin")), &first).unwrap_err();
    assert_eq!(
        (wrong.code.as_str(), person.asked()),
        ("wrong-password", 3),
        "{wrong:?}"
    );
    let nobody = connections().asking(Passwords::new(&[]));
    let closed = publish(&nobody, &spec(&rig, Some("admin")), &first).unwrap_err();
    assert_eq!(closed.code, "prompt-closed");
    let reading = nobody.source(&spec(&rig, Some("admin")), &LIMITS).unwrap();
    assert_eq!(
        run(reading.newest_root(1 << 20)).unwrap(),
        None,
        "anybody may read here"
    );
}

/// A server that holds one root, and answers uploads as a test pleases.
struct Fake {
    server: Server,
    uploads: Arc<AtomicUsize>,
}

/// What the fake does with an upload: the answer, and whether the new root is there from then on.
type Upload = (Answer, bool);

const OLD: &[u8] = br#"{"signed":{"_type":"Root","version":1},"signatures":[]}"#;
const NEW: &[u8] = br#"{"signed":{"_type":"Root","version":2},"signatures":[]}"#;
const OTHER: &[u8] = br#"{"signed":{"_type":"Root","version":2,"by":"somebody else"},"signatures":[]}"#;

impl Fake {
    fn start(upload: impl Fn() -> Upload + Send + Sync + 'static) -> Self {
        Self::with_cache(upload, |current| current)
    }

    /// `cache` stands before what the server shows as its current root.
    fn with_cache(
        upload: impl Fn() -> Upload + Send + Sync + 'static,
        cache: impl Fn(&'static [u8]) -> &'static [u8] + Send + Sync + 'static,
    ) -> Self {
        let (taken, uploads) = (AtomicBool::new(false), Arc::new(AtomicUsize::new(0)));
        let counted = uploads.clone();
        let server = Server::start_for_all(move |asked: &Asked| {
            let base = format!("/v2/{GUN}/_trust/tuf/");
            let is_taken = taken.load(Ordering::SeqCst);
            match (asked.method.as_str(), asked.path.strip_prefix(base.as_str())) {
                ("POST", Some("")) => {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let (answer, takes) = upload();
                    taken.fetch_or(takes, Ordering::SeqCst);
                    answer
                }
                ("GET", Some("root.json")) => Answer::Bytes(cache(if is_taken { NEW } else { OLD }).to_vec()),
                ("GET", Some("2.root.json")) if is_taken => Answer::Bytes(NEW.to_vec()),
                _ => missing(),
            }
        });
        Fake { server, uploads }
    }

    fn publish(&self) -> Result<(), Failure> {
        let spec = SourceSpec::Notary {
            url: self.server.url(),
            gun: GUN.into(),
            ca_file: None,
            user: None,
        };
        publish(
            &connections(),
            &spec,
            &publication(vec![document("root", NEW.to_vec())], (1, OLD)),
        )
    }

    fn uploads(&self) -> usize {
        self.uploads.load(Ordering::SeqCst)
    }
}

fn missing() -> Answer {
    said(404, "METADATA_NOT_FOUND", Value::Null)
}

fn said(status: u16, code: &str, detail: Value) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": "said so", "detail": detail }] });
    Answer::Says(status, Vec::new(), body.to_string().into_bytes())
}

#[test]
fn an_upload_has_the_form_that_notary_reads() {
    let fake = Fake::start(|| (Answer::Status(200), true));
    assert_eq!(code(fake.publish()), "published");
    let asked = fake.server.asked();
    let upload = asked.iter().find(|asked| asked.method == "POST").unwrap();
    let body = String::from_utf8_lossy(&upload.body);
    assert_eq!(
        body.matches("Content-Disposition").count(),
        1,
        "what changed, and nothing else: {body}"
    );
    assert!(
        body.contains("form-data; name=\"files\"; filename=\"root\"\r\n"),
        "{body}"
    );
    assert!(
        body.to_ascii_lowercase()
            .contains("content-type: application/octet-stream"),
        "{body}"
    );
    assert!(body.contains(std::str::from_utf8(NEW).unwrap()));
    assert_eq!(code(fake.publish()), "published");
    assert_eq!(fake.uploads(), 1, "what is there is not sent again");
}

#[test]
fn a_yes_that_changed_nothing_is_no_yes() {
    let fake = Fake::start(|| (Answer::Status(200), false));
    let failure = fake.publish().unwrap_err();
    assert_eq!(failure.code, "publish-failed");
    assert!(failure.message.contains("said yes"), "{failure}");
}

#[test]
fn what_the_server_refuses_has_a_code_for_what_one_can_do() {
    let cases = [
        (said(400, "VERSION", Value::Null), "superseded"),
        (
            said(
                400,
                "INVALID_UPDATE",
                json!({ "Name": "ErrBadHierarchy", "Error": { "Msg": "m", "Missing": "snapshot" } }),
            ),
            "server-refused-hierarchy",
        ),
        (said(500, "NO_CRYPTOSERVICE", Value::Null), "server-signer-failed"),
        (said(401, "UNAUTHORIZED", json!([{ "Action": "push" }])), "unauthorized"),
        (said(400, "INVALID_GUN", Value::Null), "server-refused-gun"),
        (said(400, "MALFORMED_UPLOAD", Value::Null), "server-misread"),
        (said(500, "UPDATING", Value::Null), "server-storage-failed"),
        (Answer::Status(404), "server-answered"),
        (Answer::Status(401), "unauthorized"),
        (Answer::Status(500), "server-failed"),
        (Answer::Redirect("/elsewhere".into()), "server-answered"),
    ];
    for (answer, expected) in cases {
        let fake = Fake::start(move || (answer.clone(), false));
        assert_eq!(code(fake.publish()), expected);
        assert_eq!(fake.uploads(), 1);
    }
}

#[test]
fn a_lost_answer_is_looked_into_and_never_guessed() {
    let slow = Answer::Drip(vec![b' '; 500], Duration::from_millis(200));
    for (answer, arrived) in [
        (Answer::Close, true),
        (Answer::Close, false),
        (Answer::Garbage, true),
        (Answer::Hang, true),
        (Answer::Stall(b"{\"a\":1}".to_vec()), true),
        (Answer::Cut(b"{\"a\":1}".to_vec()), false),
        (slow, true),
    ] {
        let shown = format!("{answer:?}, arrived: {arrived}");
        let first = AtomicBool::new(true);
        let fake = Fake::start(move || {
            if first.swap(false, Ordering::SeqCst) {
                (answer.clone(), arrived)
            } else {
                (Answer::Status(200), true)
            }
        });
        let failure = fake.publish().unwrap_err();
        assert_eq!(failure.code, "publish-failed", "{shown}");
        assert!(failure.message.contains("nobody knows"), "{failure}");
        assert_eq!(code(fake.publish()), "published", "{shown}");
        assert_eq!(fake.uploads(), if arrived { 1 } else { 2 }, "{shown}");
    }
}

#[test]
fn a_race_with_oneself_is_none_and_one_with_another_is_lost() {
    let taken = AtomicBool::new(false);
    // It is there when the refusal comes: the upload whose answer was lost.
    let fake = Fake::start(move || (said(400, "VERSION", Value::Null), !taken.swap(true, Ordering::SeqCst)));
    assert_eq!(code(fake.publish()), "published");
    let server = Server::start(|path| match path.rsplit('/').next() {
        Some("root.json" | "2.root.json") => Answer::Bytes(OTHER.to_vec()),
        _ => missing(),
    });
    let fake = Fake {
        server,
        uploads: Arc::default(),
    };
    assert_eq!(code(fake.publish()), "superseded");
    assert!(
        fake.server.asked().iter().all(|asked| asked.method == "GET"),
        "nothing is sent over another's root"
    );
}

#[test]
fn a_cache_that_is_behind_is_asked_twice_and_then_named() {
    let fake = Fake::with_cache(|| (Answer::Status(200), true), |_| OLD);
    let failure = fake.publish().unwrap_err();
    assert_eq!(failure.code, "stale-answer", "{failure}");
    let asked = fake
        .server
        .requests()
        .iter()
        .filter(|path| path.ends_with("/root.json"))
        .count();
    assert_eq!(asked, 3, "once before the upload, twice after it");

    let count = AtomicUsize::new(0);
    let lags = move |current| {
        if count.fetch_add(1, Ordering::SeqCst) < 2 {
            OLD
        } else {
            current
        }
    };
    let fake = Fake::with_cache(|| (Answer::Status(200), true), lags);
    assert_eq!(code(fake.publish()), "published", "it caught up");
}

#[test]
fn a_server_that_cannot_be_reached_is_a_fault() {
    let server = Server::start(|_| Answer::Status(404));
    let spec = SourceSpec::Notary {
        url: server.url(),
        gun: GUN.into(),
        ca_file: None,
        user: None,
    };
    drop(server);
    let refused = publish(
        &connections(),
        &spec,
        &publication(vec![document("root", NEW.to_vec())], (1, OLD)),
    );
    assert_eq!(code(refused), "network-failed");
}

/// The gates through which a password may go.
#[test]
fn a_password_goes_to_https_or_this_machine_and_nowhere_else() {
    let attempt = |challenge: String, given: &[&'static str]| {
        let server = Server::start_for_all(move |asked| match asked.authorization.as_deref() {
            Some("Basic YWRtaW46cmlnaHQ=") if asked.path == "/v2/" => Answer::Bytes(b"{}".to_vec()),
            Some("Basic YWRtaW46cmlnaHQ=") => missing(),
            _ => Answer::Says(401, vec![format!("WWW-Authenticate: {challenge}")], Vec::new()),
        });
        let spec = SourceSpec::Notary {
            url: server.url(),
            gun: GUN.into(),
            ca_file: None,
            user: Some("admin".into()),
        };
        let person = Passwords::new(given);
        let source = connections().asking(person.clone()).source(&spec, &LIMITS).unwrap();
        let root = Request {
            role: RoleName::root(),
            select: Select::Current,
            limit_bytes: 1000,
        };
        let read = run(source.fetch(&root));
        (
            read.map(|found| found.is_some()).map_err(|failure| failure.code),
            person.asked(),
        )
    };
    assert_eq!(
        attempt("Basic realm=\"here\"".into(), &["wrong", "right"]),
        (Ok(false), 2)
    );
    let unsafe_realm = "Bearer realm=\"http://auth.example/token\",service=\"s\",scope=\"x\"";
    assert_eq!(
        attempt(unsafe_realm.into(), &["right"]),
        (Err("unauthorized".into()), 0)
    );
    assert_eq!(attempt("Negotiate".into(), &["right"]), (Err("unauthorized".into()), 0));

    let plain = SourceSpec::Notary {
        url: "http://notary.example".into(),
        gun: GUN.into(),
        ca_file: None,
        user: Some("admin".into()),
    };
    assert_eq!(
        connections().publisher(&plain, &LIMITS).err().unwrap().code,
        "bad-source"
    );
}
