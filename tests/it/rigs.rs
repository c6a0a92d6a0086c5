//! The rigs themselves: each accepts the good and refuses the bad, or its verdicts on us would be worth nothing.

use rootward_tests::rigs::notary::NotaryRig;
use rootward_tests::rigs::python_tuf::PythonTuf;
use rootward_tests::server::{Answer, Server};
use rootward_tests::tls::Tls;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const EXPIRES: &str = "2030-01-01T00:00:00Z";

#[test]
fn python_tuf_accepts_a_sound_repository() {
    let folder = tempfile::tempdir().unwrap();
    let judge = PythonTuf::ready();
    judge.publish(folder.path(), EXPIRES);
    let verdict = judge.judge(
        folder.path(),
        &folder.path().join("1.root.json"),
        "2029-12-31T23:59:59Z",
    );
    assert!(verdict.accepted, "{verdict:?}");
    let roles: Vec<&str> = verdict.versions.keys().map(String::as_str).collect();
    assert_eq!(roles, ["build-07", "root", "snapshot", "targets", "timestamp"]);
}

#[test]
fn python_tuf_refuses_what_has_expired() {
    let folder = tempfile::tempdir().unwrap();
    let judge = PythonTuf::ready();
    judge.publish(folder.path(), EXPIRES);
    let verdict = judge.judge(folder.path(), &folder.path().join("1.root.json"), EXPIRES);
    assert!(
        verdict
            .refusal
            .as_deref()
            .is_some_and(|why| why.starts_with("ExpiredMetadataError")),
        "{verdict:?}"
    );
}

#[test]
fn python_tuf_refuses_a_signature_with_one_digit_changed() {
    let folder = tempfile::tempdir().unwrap();
    let judge = PythonTuf::ready();
    judge.publish(folder.path(), EXPIRES);
    let (trusted, delegated) = (folder.path().join("1.root.json"), folder.path().join("1.build-07.json"));
    let mut file: serde_json::Value = serde_json::from_slice(&fs::read(&delegated).unwrap()).unwrap();
    let signature = file["signatures"][0]["sig"].as_str().unwrap().to_owned();
    let other = if signature.ends_with('0') { "1" } else { "0" };
    file["signatures"][0]["sig"] = format!("{}{other}", &signature[..signature.len() - 1]).into();
    fs::write(&delegated, file.to_string()).unwrap();
    let verdict = judge.judge(folder.path(), &trusted, "2029-01-01T00:00:00Z");
    assert!(
        verdict
            .refusal
            .as_deref()
            .is_some_and(|why| why.starts_with("UnsignedMetadataError")),
        "{verdict:?}"
    );
    assert!(
        verdict.versions.contains_key("targets"),
        "the rest was sound: {verdict:?}"
    );
}

#[test]
fn the_real_notary_publishes_and_lists_a_gun() {
    let rig = NotaryRig::start();
    rig.init_and_publish("reg.test/lab/hello");
    assert!(
        rig.notary(&["list", "reg.test/lab/hello"])
            .contains("No targets present")
    );
    assert!(
        !rig.run(&["list", "reg.test/lab/never"]).status.success(),
        "an unknown GUN is refused"
    );
}

#[test]
fn two_notaries_run_side_by_side_and_end_when_dropped() {
    let (one, other) = (NotaryRig::start(), NotaryRig::start());
    assert_ne!(one.url(), other.url());
    let address = one.host().to_owned();
    drop(one);
    assert!(TcpStream::connect(address).is_err(), "the port is closed again");
    assert!(TcpStream::connect(other.host()).is_ok());
}

#[test]
fn the_server_serves_a_folder_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inside")).unwrap();
    fs::write(folder.path().join("inside/a b.json"), "{}").unwrap();
    fs::write(folder.path().join("secret"), "no").unwrap();
    let inside = folder.path().join("inside");
    let server = Server::start(move |path| Answer::file_below(&inside, path));
    assert!(told(&server, "/a%20b.json").starts_with("HTTP/1.1 200") && told(&server, "/a%20b.json").ends_with("{}"));
    assert!(told(&server, "/other.json").starts_with("HTTP/1.1 404"));
    assert!(told(&server, "/%2e%2e/secret").starts_with("HTTP/1.1 403"));
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn the_server_misbehaves_as_told() {
    let server = Server::start(|path| match path {
        "/hang" => Answer::Hang,
        "/stall" => Answer::Stall(b"{\"a\":1}".to_vec()),
        "/drip" => Answer::Drip(b"{\"a\":1}".to_vec(), Duration::from_millis(100)),
        "/cut" => Answer::Cut(b"{\"a\":1}".to_vec()),
        "/away" => Answer::Redirect("/away".into()),
        "/garbage" => Answer::Garbage,
        _ => Answer::Claims(1 << 40),
    });
    assert_eq!(told(&server, "/hang"), "");
    assert!(told(&server, "/stall").ends_with("\r\n\r\n{\"a"));
    let dripped = told(&server, "/drip");
    assert!(
        dripped.contains("Content-Length: 7") && dripped.len() < told(&server, "/stall").len() + 6,
        "{dripped}"
    );
    assert!(told(&server, "/cut").ends_with("\r\n\r\n{\"a"));
    assert!(told(&server, "/away").contains("302 Told") && told(&server, "/away").contains("Location: /away"));
    assert!(told(&server, "/garbage").contains("not HTTP"));
    assert!(told(&server, "/endless").len() > 1 << 20);
}

#[test]
fn the_server_speaks_tls_with_a_certificate_of_the_authority_we_made() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls::make(folder.path());
    let server = Server::start_tls(&tls, |_| Answer::Bytes(b"{}".to_vec()));
    let address = server
        .url()
        .trim_start_matches("https://")
        .trim_end_matches('/')
        .to_owned();
    let verify = |authority: &std::path::Path| {
        let mut command = std::process::Command::new("openssl");
        command
            .args(["s_client", "-verify_return_error", "-connect", &address, "-CAfile"])
            .arg(authority);
        command
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(verify(&tls.ca));
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(
        !verify(&Tls::make(elsewhere.path()).ca),
        "another authority does not vouch for it"
    );
}

/// All that the server says to one GET in 300 ms, or in its first two megabytes.
fn told(server: &Server, path: &str) -> String {
    let address = server
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (mut said, mut block, end) = (
        Vec::new(),
        vec![0; 1 << 16],
        Instant::now() + Duration::from_millis(300),
    );
    while Instant::now() < end && said.len() < 2 << 20 {
        match stream.read(&mut block) {
            Ok(0) => break,
            Ok(length) => said.extend_from_slice(&block[..length]),
            Err(_) => {}
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}
