//! Bad input, from files and from servers: a finding or fault that names what is wrong. Never a panic, a hang or changed trust.

use crate::{World, ctl, world};
use rootward_tests::ctl::{Ctl, codes, node, nodes};
use rootward_tests::server::{Answer, Server};
use rootward_tests::tls::Tls;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const NOW: &str = "2029-01-01T00:00:00Z";
const DOCUMENTS: [(&str, &str); 5] = [
    ("root", "1.root.json"),
    ("timestamp", "timestamp.json"),
    ("snapshot", "1.snapshot.json"),
    ("targets", "1.targets.json"),
    ("build-07", "1.build-07.json"),
];

/// Makes bad bytes of good ones.
type Break = fn(&[u8]) -> Vec<u8>;

/// Makes a bad value of a good one.
type Edit = fn(&mut Value);

#[test]
fn bytes_that_are_no_metadata_are_refused_by_the_walk_and_still_shown() {
    let broken: [(&str, Break); 15] = [
        ("empty", |_| Vec::new()),
        ("truncated", |good| good[..good.len() / 2].to_vec()),
        ("not JSON", |_| b"<html><body>404</body></html>".to_vec()),
        ("not UTF-8", |good| good.iter().map(|byte| byte | 0x80).collect()),
        ("a byte order mark", |good| [b"\xef\xbb\xbf", good].concat()),
        ("something after it", |good| [good, b"{}"].concat()),
        ("nested without end", |_| vec![b'['; 1_000_000]),
        ("nested in the signed part", |good| {
            text(good)
                .replace(
                    "\"_type\"",
                    &format!("\"x\":{}{},\"_type\"", "[".repeat(5000), "]".repeat(5000)),
                )
                .into_bytes()
        }),
        ("a key twice", |good| {
            text(good)
                .replacen("{\"signatures\"", "{\"signatures\":[],\"signatures\"", 1)
                .into_bytes()
        }),
        ("a key twice, written differently", |good| {
            text(good)
                .replacen("\"_type\"", "\"\\u005ftype\":\"root\",\"_type\"", 1)
                .into_bytes()
        }),
        ("a fraction as version", |good| {
            text(good).replace("\"version\":1", "\"version\":1.0").into_bytes()
        }),
        ("a version no one counts to", |good| {
            text(good)
                .replace("\"version\":1", &format!("\"version\":{}", "9".repeat(400)))
                .into_bytes()
        }),
        ("a negative version", |good| {
            text(good).replace("\"version\":1", "\"version\":-1").into_bytes()
        }),
        ("a list", |_| b"[]".to_vec()),
        ("nulls", |_| b"{\"signed\":null,\"signatures\":null}".to_vec()),
    ];
    let world = world();
    for (role, name) in DOCUMENTS {
        let good = fs::read(world.file(name)).unwrap();
        for (how, broken) in &broken {
            fs::write(world.file(name), broken(&good)).unwrap();
            refused_yet_shown(&world, role, &format!("{name}: {how}"));
        }
        fs::write(world.file(name), &good).unwrap();
    }
    assert_eq!(
        ctl()
            .run(["verify", &world.source, "--root", &world.root, "--at", NOW])
            .code,
        0,
        "put back, it is good again"
    );
}

#[test]
fn fields_that_are_missing_or_of_another_kind_are_refused_and_named() {
    let world = world();
    for (role, name) in DOCUMENTS {
        let good = fs::read(world.file(name)).unwrap();
        let parsed: Value = serde_json::from_slice(&good).unwrap();
        let fields: Vec<String> = parsed["signed"].as_object().unwrap().keys().cloned().collect();
        for field in fields.iter().filter(|field| *field != "delegations") {
            for (how, value) in [
                ("missing", None),
                ("null", Some(Value::Null)),
                ("of another kind", Some(json!([{"x": []}]))),
            ] {
                world.edit(name, |file| {
                    let signed = file["signed"].as_object_mut().unwrap();
                    signed.remove(field);
                    signed.extend(value.clone().map(|value| (field.clone(), value)));
                });
                refused_yet_shown(&world, role, &format!("{name}: {field} {how}"));
                fs::write(world.file(name), &good).unwrap();
            }
        }
    }
}

#[test]
fn a_timestamp_larger_than_its_limit_is_not_read() {
    let world = world();
    let good = fs::read(world.file("timestamp.json")).unwrap();
    fs::write(world.file("timestamp.json"), [good, vec![b' '; 2 << 20]].concat()).unwrap();
    refused_yet_shown(&world, "timestamp", "2 MiB where 1 MiB is the limit");
}

#[test]
fn keys_and_thresholds_that_make_no_sense_never_count() {
    let world = world();
    let edits: [(&str, Edit); 8] = [
        ("an unknown keytype", |key| key["keytype"] = "dilithium-99".into()),
        ("an unknown scheme", |key| key["scheme"] = "rot13".into()),
        ("no public part", |key| {
            drop(key["keyval"].as_object_mut().unwrap().remove("public"))
        }),
        ("an empty public part", |key| key["keyval"]["public"] = "".into()),
        ("a public part that is no point", |key| {
            key["keyval"]["public"] = "ff".repeat(32).into()
        }),
        ("a public part of a megabyte", |key| {
            key["keyval"]["public"] = "a".repeat(1 << 20).into()
        }),
        ("a private part too", |key| {
            key["keyval"]["private"] = "00".repeat(32).into()
        }),
        ("a string for a key", |key| *key = "key".into()),
    ];
    let good = fs::read(world.file("1.root.json")).unwrap();
    for (how, edit) in edits {
        world.edit("1.root.json", |file| {
            let key = file["signed"]["keys"]
                .as_object_mut()
                .unwrap()
                .values_mut()
                .next()
                .unwrap();
            edit(key);
        });
        refused_yet_shown(&world, "root", how);
    }
    for threshold in [json!(0), json!(-1), json!(4), json!(u64::MAX), json!("2")] {
        fs::write(world.file("1.root.json"), &good).unwrap();
        world.edit("1.root.json", |file| {
            file["signed"]["roles"]["root"]["threshold"] = threshold.clone()
        });
        refused_yet_shown(&world, "root", &format!("threshold {threshold}"));
    }
}

#[test]
fn names_made_to_deceive_are_shown_as_what_they_are() {
    let names = [
        "<script>alert(1)</script>".to_owned(),
        "sound\u{202e}dnuos".to_owned(),
        "a\u{1b}[31mred\u{7}".to_owned(),
        "../../../etc/passwd".to_owned(),
        "a/b\\c".to_owned(),
        "zero\u{200b}width\u{feff}".to_owned(),
        "n".repeat(4000),
        "\u{0}".to_owned(),
        "con:aux?*|\"".to_owned(),
        " ".to_owned(),
    ];
    for name in names {
        let world = world();
        world.edit("1.targets.json", |file| {
            file["signed"]["delegations"]["roles"][0]["name"] = name.clone().into()
        });
        world.edit("1.snapshot.json", |file| {
            let meta = file["signed"]["meta"].as_object_mut().unwrap();
            meta.insert(format!("{name}.json"), json!({"version": 1}));
        });
        refused_yet_shown(&world, "targets", &format!("a role named {name:?}"));
        let told = ctl().run(["tree", &world.source, "--at", NOW]);
        let visible = told.out.chars().all(|c| c == '\n' || (!c.is_control() && !deceives(c)));
        assert!(
            told.code == 0 && visible,
            "{name:?} reaches the terminal as it is: {:?}",
            told.out
        );
        let answer = ctl().run(["tree", &world.source, "--at", NOW, "--json"]).json();
        assert!(
            nodes(&answer).iter().any(|node| node["role"] == name.as_str()),
            "JSON keeps the name: {name:?}"
        );
    }
}

#[test]
fn a_server_that_answers_nonsense_is_a_finding_not_an_end() {
    let world = world();
    let answers: [(&str, Answer); 7] = [
        ("garbage", Answer::Garbage),
        ("an empty 500", Answer::Status(500)),
        ("a 403", Answer::Status(403)),
        ("a loop of redirects", Answer::Redirect("/timestamp.json".into())),
        (
            "a body cut short",
            Answer::Cut(fs::read(world.file("timestamp.json")).unwrap()),
        ),
        ("a body without an end", Answer::Endless),
        ("a length of a terabyte", Answer::Claims(1 << 40)),
    ];
    for (how, answer) in answers {
        let server = but_for_the_timestamp(&world, answer);
        let told = ctl().run(["verify", &server.url(), "--root", &world.root, "--at", NOW, "--json"]);
        assert!([1, 2].contains(&told.code), "{how}: {told:?}");
        assert!(told.took < Duration::from_secs(20), "{how} took {:?}", told.took);
        let shown = ctl().run(["tree", &server.url(), "--root", &world.root, "--at", NOW, "--json"]);
        assert_eq!(shown.code, 0, "{how}: {shown:?}");
        assert_eq!(node(&shown.json(), "root")["version"], 1, "{how}: the rest is shown");
    }
    let server = but_for_the_timestamp(&world, Answer::Bytes(fs::read(world.file("timestamp.json")).unwrap()));
    let told = ctl().run(["verify", &server.url(), "--root", &world.root, "--at", NOW, "--json"]);
    assert_eq!(told.code, 0, "the same server, behaving: {told:?}");
}

#[test]
fn a_server_that_says_nothing_is_given_up_on() {
    let world = world();
    for answer in [
        Answer::Hang,
        Answer::Stall(fs::read(world.file("timestamp.json")).unwrap()),
    ] {
        let server = but_for_the_timestamp(&world, answer);
        let told = ctl().run(["verify", &server.url(), "--root", &world.root, "--at", NOW]);
        assert!([1, 2].contains(&told.code), "{told:?}");
        assert!(
            told.took < Duration::from_secs(40),
            "15 s without a byte are enough: {:?}",
            told.took
        );
    }
}

#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let world = world();
    let keys = tempfile::tempdir().unwrap();
    let tls = Tls::make(keys.path());
    let folder = PathBuf::from(&world.source);
    let plain = Server::start(move |path| Answer::file_below(&folder, path));
    let (folder, elsewhere) = (PathBuf::from(&world.source), plain.url());
    let secure = Server::start_tls(&tls, move |path| match path {
        "/timestamp.json" => Answer::Redirect(format!("{elsewhere}timestamp.json")),
        _ => Answer::file_below(&folder, path),
    });
    let verify = |url: &str| {
        ctl().run([
            "verify",
            url,
            "--ca",
            tls.ca.to_str().unwrap(),
            "--root",
            &world.root,
            "--at",
            NOW,
            "--json",
        ])
    };
    let told = verify(&secure.url());
    assert!([1, 2].contains(&told.code), "{told:?}");
    assert!(
        plain.requests().is_empty(),
        "nothing was asked in the clear: {:?}",
        plain.requests()
    );
    let folder = PathBuf::from(&world.source);
    let honest = Server::start_tls(&tls, move |path| Answer::file_below(&folder, path));
    let told = verify(&honest.url());
    assert_eq!(told.code, 0, "over TLS all the way: {told:?}");
}

#[test]
fn the_highest_version_there_can_be_is_shown_and_has_no_successor() {
    let world = world();
    world.edit("1.root.json", |file| file["signed"]["version"] = u64::MAX.into());
    fs::rename(world.file("1.root.json"), world.file("root.json")).unwrap();
    let folder = PathBuf::from(&world.source);
    let server = Server::start(move |path| Answer::file_below(&folder, path));
    for source in [&world.source, &server.url()] {
        for command in ["tree", "history"] {
            let told = ctl().run([command, source, "--at", NOW, "--json"]);
            assert!(told.code == 0, "{command} {source}: {told:?}");
            assert!(told.out.contains(&u64::MAX.to_string()), "{command} {source}: {told:?}");
        }
    }
}

#[test]
fn plain_http_is_a_finding() {
    let world = world();
    let folder = PathBuf::from(&world.source);
    let server = Server::start(move |path| Answer::file_below(&folder, path));
    let told = ctl().run(["tree", &server.url(), "--root", &world.root, "--at", NOW, "--json"]);
    assert!(told.out.contains("plain-http"), "{told:?}");
}

#[test]
fn what_a_desk_trusts_is_not_changed_by_what_it_refuses() {
    let (world, desk) = (world(), ctl());
    let again = |desk: &Ctl| desk.run(["verify", &world.source, "--first-use", "--at", NOW, "--json"]);
    assert_eq!(again(&desk).code, 0);
    let good = fs::read(world.file("1.targets.json")).unwrap();
    fs::write(world.file("1.targets.json"), &good[..good.len() / 2]).unwrap();
    assert_eq!(again(&desk).code, 1);
    fs::write(world.file("1.targets.json"), &good).unwrap();
    assert_eq!(again(&desk).code, 0, "the same trust as before");
}

/// Everything in the world's folder over HTTP, and `answer` for the timestamp.
fn but_for_the_timestamp(world: &World, answer: Answer) -> Server {
    let folder = PathBuf::from(&world.source);
    Server::start(move |path| match path {
        "/timestamp.json" => answer.clone(),
        _ => Answer::file_below(&folder, path),
    })
}

/// The walk refuses and says so on `role`; the tree shows what it can.
fn refused_yet_shown(world: &World, role: &str, why: &str) {
    let told = ctl().run(["verify", &world.source, "--root", &world.root, "--at", NOW, "--json"]);
    // The newest root decides only once it is reached: a broken copy of the trusted one is no reason to refuse.
    let expected: &[i32] = if role == "root" { &[0, 1, 2] } else { &[1] };
    assert!(expected.contains(&told.code), "{why}: {told:?}");
    let shown = ctl().run(["tree", &world.source, "--root", &world.root, "--at", NOW, "--json"]);
    assert_eq!(shown.code, 0, "{why}: {shown:?}");
    let answer = shown.json();
    let top: Vec<&str> = answer["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["role"].as_str())
        .collect();
    assert_eq!(top, ["root", "timestamp", "snapshot", "targets"], "{why}");
    if role != "root" {
        assert!(
            !codes(node(&answer, role)).is_empty(),
            "{why}: nothing said at {role}: {answer:#}"
        );
    }
}

fn deceives(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
