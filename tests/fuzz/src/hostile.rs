//! Inputs made to cost more than they are long, by kind and size; what they cost is measured in `cost.rs`.
//!
//! Signed documents among them are signed well: whoever holds one key of a repository must not stop everybody's console.

use rootward_tuf::encoding::{base64, hex, sha256};
use rootward_tuf::json::{Limits, parse};
use rootward_tuf::{
    Dialect, Document, Envelope, Extent, Floors, Frozen, Key, Next, Reply, RoleName, Root, RootDraft, Select, Snapshot,
    Tally, Targets, TargetsDraft, WalkInput, Walker, canonical, detect, diff_roots, diff_targets, read,
};

use crate::reference::{Json, plain};
use crate::workshop::{GUN, LATER, NOW, Paper, Papers, moment, with_officers};

/// Files by name.
pub type Input = Vec<(String, Vec<u8>)>;

/// One kind of hostile input.
pub struct Hostile {
    pub name: &'static str,
    /// Makes an input whose length is proportional to the number.
    pub make: fn(usize) -> Input,
    /// Does with it what a desk would.
    pub work: fn(&Input),
    /// A number at which the cost of the input outweighs all that is fixed.
    pub size: usize,
}

/// Every kind.
pub fn hostile() -> Vec<Hostile> {
    let text = |name, make, size| Hostile {
        name,
        make,
        work: parse_and_encode,
        size,
    };
    let kind = |name, make, work, size| Hostile { name, make, work, size };
    vec![
        text("many names that differ in their last letters", similar_names, 4_000),
        text("many empty lists", |n| one(format!("[{}[]]", "[],".repeat(n))), 8_000),
        text("lists inside each other without end", |n| one("[".repeat(n)), 40_000),
        text(
            "objects inside each other without end",
            |n| one("{\"a\":".repeat(n)),
            20_000,
        ),
        text("one number of many digits", |n| one("7".repeat(n)), 40_000),
        text(
            "many escapes",
            |n| one(format!("\"{}\"", "\\u00e9\\n\\\"".repeat(n))),
            4_000,
        ),
        text(
            "an error behind many lines",
            |n| one(format!("[{}x", "1,\n".repeat(n))),
            8_000,
        ),
        text("many names that are escaped", escaped_names, 1_000),
        text("one long name among many", long_name, 4_000),
        kind(
            "many signatures by one key",
            |n| signatures(n, |_| 0),
            count_signatures,
            1_000,
        ),
        kind(
            "many signatures by keys nobody knows",
            |n| signatures(n, |place| place),
            count_signatures,
            1_000,
        ),
        kind("one key under many ids", one_key_many_ids, count_signatures, 300),
        kind("many keys that are none", broken_keys, walk_tuf, 500),
        kind("a keyid that a role lists many times", repeated_keyid, walk_tuf, 1_000),
        kind("many targets", |n| targets(n, 1), walk_tuf, 500),
        kind("many delegations", |n| targets(1, n), walk_tuf, 500),
        kind("many patterns over many targets", patterns_over_targets, walk_tuf, 500),
        kind(
            "many prefixes below many prefixes",
            prefixes_below_prefixes,
            walk_notary,
            500,
        ),
        kind("many bins of many keys", bins_of_keys, walk_tuf, 200),
        kind(
            "many roles that delegate to one long document",
            many_parents,
            walk_tuf,
            40,
        ),
        kind("a snapshot with floors of many roles", many_floors, walk_tuf, 500),
        kind(
            "a snapshot that lists one long name among many",
            long_floor,
            walk_tuf,
            500,
        ),
        kind("a long pattern over a long path", long_pattern, walk_tuf, 2_000),
        kind("a search past a long pattern", long_pattern, seek, 8_000),
        kind("a search past many delegations", |n| targets(1, n), seek, 500),
        kind("the next version of many targets", |n| targets(n, 1), next_targets, 500),
        kind("the next root of many keys", many_keys, next_root, 300),
        kind("a root with many numbers in it", many_numbers, tell_dialect, 20_000),
        kind("differences of many targets", |n| targets(n, 1), compare_targets, 500),
        kind("differences of many keys", many_keys, compare_roots, 300),
    ]
}

fn one(text: String) -> Input {
    vec![(String::new(), text.into_bytes())]
}

fn parse_and_encode(input: &Input) {
    if let Ok(value) = parse(&input[0].1, Limits::default()) {
        assert!(!canonical(&value).is_empty());
    }
}

fn similar_names(n: usize) -> Input {
    let members: Vec<String> = (0..n)
        .map(|number| format!("\"{}{number:06}\":0", "a".repeat(40)))
        .collect();
    one(format!("{{{}}}", members.join(",")))
}

fn escaped_names(n: usize) -> Input {
    let name = |number: usize| -> String {
        format!("{number:06}")
            .bytes()
            .map(|byte| format!("\\u{byte:04x}"))
            .collect()
    };
    let members: Vec<String> = (0..n).map(|number| format!("\"{}\":0", name(n - number))).collect();
    one(format!("{{{}}}", members.join(",")))
}

/// Names in two runs that each ascend; the last of the first run is long, escaped, and behind all of the second.
fn long_name(n: usize) -> Input {
    let run = |letter: char| (0..n).map(move |number| format!("\"{letter}{number:06}\":0"));
    let long = format!("\"z{}\":0", "\\u007a".repeat(2 * n));
    let members: Vec<String> = run('a').chain([long]).chain(run('b')).chain(run('c')).collect();
    one(format!("{{{}}}", members.join(",")))
}

/// A root with many signatures, each under the id that `of` chooses.
fn signatures(n: usize, of: fn(usize) -> usize) -> Input {
    let (_, sealed) = Papers::sound(Dialect::Tuf1);
    let mut root = json_of(&sealed.file("1.root").expect("the workshop's root"));
    let keyid = |place: usize| match of(place) {
        0 => with_officers(Dialect::Tuf1, |officers| officers[2].keyid.clone()),
        other => format!("{other:064x}"),
    };
    let entries = (0..n).map(|place| {
        let sig = hex(&[&sha256(&place.to_be_bytes())[..], &[0; 32]].concat());
        Json::object([("keyid", Json::text(keyid(place))), ("sig", Json::text(sig))])
    });
    root.set("signatures", Json::List(entries.collect()));
    vec![("1.root".to_owned(), plain(&root).into_bytes())]
}

fn json_of(file: &[u8]) -> Json {
    crate::reference::read(file, 64, false).expect("the workshop writes JSON")
}

fn file(input: &Input, name: &str) -> Vec<u8> {
    let found = input.iter().rev().find(|(have, _)| have == name);
    found.expect("the file was made").1.clone()
}

fn document<T: Document>(input: &Input, name: &str) -> Envelope<T> {
    read(&file(input, name), Dialect::Tuf1).expect("the document is one")
}

fn count_signatures(input: &Input) {
    let root: Envelope<Root> = document(input, "1.root");
    let tally = Tally::of(&root, &root.body().keys, &root.body().root);
    assert_eq!(tally.entries.len(), root.signatures().len());
}

/// A root that lists one key under many ids, and all of them have signed.
fn one_key_many_ids(n: usize) -> Input {
    let (mut papers, _) = Papers::sound(Dialect::Tuf1);
    papers.papers.truncate(1);
    let (listed, ids) = (with_officers(Dialect::Tuf1, |all| all[0].listed.clone()), |n| {
        (0..n).map(|place: usize| format!("{place:064x}")).collect::<Vec<_>>()
    });
    let signed = &mut papers.papers[0].signed;
    edit(signed, "keys", |keys| {
        extend(keys, ids(n).into_iter().map(|id| (id, listed.clone())));
    });
    edit(signed, "roles", |roles| {
        edit(roles, "root", |role| {
            role.set("keyids", Json::List(ids(n).into_iter().map(Json::Text).collect()));
        });
    });
    let sealed = papers.seal();
    let mut root = json_of(&sealed.file("1.root").expect("the root was sealed"));
    let Some(Json::List(entries)) = root.get("signatures") else {
        unreachable!("it is signed")
    };
    let sig = entries[0].get("sig").cloned().unwrap_or(Json::Null);
    let entries = ids(n)
        .into_iter()
        .map(|id| Json::object([("keyid", Json::Text(id)), ("sig", sig.clone())]));
    let entries = Json::List(entries.collect());
    root.set("signatures", entries);
    vec![("1.root".to_owned(), plain(&root).into_bytes())]
}

/// Adds members of new names to an object.
fn extend(json: &mut Json, members: impl Iterator<Item = (String, Json)>) {
    if let Json::Object(have) = json {
        have.extend(members);
    }
}

fn edit(json: &mut Json, name: &str, change: impl FnOnce(&mut Json)) {
    let mut member = json.remove(name).unwrap_or(Json::Object(Vec::new()));
    change(&mut member);
    json.set(name, member);
}

/// The sound repository with its last root changed.
fn with_root(change: impl FnOnce(&mut Json)) -> Input {
    let (mut papers, _) = Papers::sound(Dialect::Tuf1);
    papers.papers.drain(1..3);
    change(&mut papers.papers[0].signed);
    papers.seal().files
}

fn broken_keys(n: usize) -> Input {
    with_root(|root| {
        let keyval = Json::object([("public", Json::text("none"))]);
        let listed = [
            ("keytype", Json::text("ed25519")),
            ("scheme", Json::text("ed25519")),
            ("keyval", keyval),
        ];
        let listed = Json::object(listed);
        edit(root, "keys", |keys| {
            extend(keys, (0..n).map(|place| (format!("{place:064x}"), listed.clone())));
        });
        edit(root, "roles", |roles| {
            edit(roles, "timestamp", |role| {
                edit(role, "keyids", |keyids| {
                    if let Json::List(keyids) = keyids {
                        keyids.extend((0..n).map(|place| Json::text(format!("{place:064x}"))));
                    }
                });
            });
        });
    })
}

fn many_keys(n: usize) -> Input {
    with_root(|root| {
        let listed = |place: usize| {
            let secret = ed25519_dalek::SigningKey::from_bytes(&sha256(&place.to_be_bytes()));
            let public = hex(secret.verifying_key().as_bytes());
            let keyval = Json::object([("public", Json::text(public))]);
            let parts = [
                ("keytype", Json::text("ed25519")),
                ("scheme", Json::text("ed25519")),
                ("keyval", keyval),
            ];
            Json::object(parts)
        };
        edit(root, "keys", |keys| {
            extend(keys, (0..n).map(|place| (format!("{place:064x}"), listed(place))));
        });
        edit(root, "roles", |roles| {
            edit(roles, "targets", |role| {
                let keyids = (0..n).map(|place| Json::text(format!("{place:064x}")));
                role.set("keyids", Json::List(keyids.collect()));
            });
        });
    })
}

fn repeated_keyid(n: usize) -> Input {
    with_root(|root| {
        edit(root, "roles", |roles| {
            edit(roles, "targets", |role| {
                edit(role, "keyids", |keyids| {
                    if let Json::List(keyids) = keyids {
                        let again = keyids[0].clone();
                        keyids.extend(std::iter::repeat_n(again, n));
                    }
                });
            });
        });
    })
}

/// A repository whose targets list files and delegate to roles that are not there.
fn targets(files: usize, roles: usize) -> Input {
    let delegated: Vec<(String, Vec<String>)> = (0..roles)
        .map(|place| (format!("role-{place:06}"), vec![format!("f{place}/*")]))
        .collect();
    let files = listed((0..files).map(|place| format!("some/folder/{place:06}")));
    let below = delegations(&delegated, &[4], &[4]);
    repository(vec![paper("targets", targets_signed(files, Some(below)), 3)])
}

fn listed(paths: impl Iterator<Item = String>) -> Json {
    let entry = |path: String| {
        let hashes = Json::object([("sha256", Json::text(hex(&sha256(path.as_bytes()))))]);
        (path, Json::object([("hashes", hashes), ("length", Json::number(1))]))
    };
    Json::Object(paths.map(entry).collect())
}

fn delegations(roles: &[(String, Vec<String>)], officers: &[usize], signers: &[usize]) -> Json {
    with_officers(Dialect::Tuf1, |all| {
        let keys = officers
            .iter()
            .map(|&place| (all[place].keyid.clone(), all[place].listed.clone()));
        let keyids: Vec<Json> = signers.iter().map(|&place| Json::text(&all[place].keyid)).collect();
        let role = |(name, paths): &(String, Vec<String>)| {
            Json::object([
                ("name", Json::text(name)),
                ("keyids", Json::List(keyids.clone())),
                ("threshold", Json::number(1)),
                ("terminating", Json::Bool(false)),
                ("paths", Json::List(paths.iter().map(Json::text).collect())),
            ])
        };
        Json::object([
            ("keys", Json::Object(keys.collect())),
            ("roles", Json::List(roles.iter().map(role).collect())),
        ])
    })
}

fn paper(role: &str, signed: Json, signer: usize) -> Paper {
    Paper {
        role: role.to_owned(),
        signed,
        signers: vec![signer],
        is_described: true,
    }
}

fn targets_signed(files: Json, below: Option<Json>) -> Json {
    let mut signed = Json::object([
        ("_type", Json::text("targets")),
        ("spec_version", Json::text("1.0.34")),
        ("version", Json::number(1)),
        ("expires", Json::text(LATER)),
        ("targets", files),
    ]);
    if let Some(below) = below {
        signed.set("delegations", below);
    }
    signed
}

/// A repository of these targets documents besides root, snapshot and timestamp.
fn repository(documents: Vec<Paper>) -> Input {
    let (mut papers, _) = Papers::sound(Dialect::Tuf1);
    papers.papers.drain(1..3);
    papers.papers.drain(1..8);
    let names = documents
        .iter()
        .map(|paper| (format!("{}.json", paper.role), Json::Null))
        .collect();
    papers.papers[1].signed.set("meta", Json::Object(names));
    papers.papers.splice(1..1, documents);
    papers.seal().files
}

/// The last of many patterns is the only one that fits any of many targets.
fn patterns_over_targets(n: usize) -> Input {
    let patterns = (0..n)
        .map(|place| format!("other/{place:06}/*"))
        .chain(["some/folder/*".to_owned()]);
    let top = delegations(&[("role".to_owned(), patterns.collect())], &[4], &[4]);
    let files = listed((0..n).map(|place| format!("some/folder/{place:06}")));
    repository(vec![
        paper("targets", targets_signed(Json::Object(Vec::new()), Some(top)), 3),
        paper("role", targets_signed(files, None), 4),
    ])
}

/// Many roles delegate to one, whose document is long.
fn many_parents(n: usize) -> Input {
    let names: Vec<(String, Vec<String>)> = (0..n)
        .map(|place| (format!("parent-{place:04}"), vec!["*".to_owned()]))
        .collect();
    let top = delegations(&names, &[4], &[4]);
    let mut documents = vec![paper("targets", targets_signed(Json::Object(Vec::new()), Some(top)), 3)];
    for (name, _) in &names {
        let below = delegations(&[("child".to_owned(), vec!["*".to_owned()])], &[5], &[5]);
        documents.push(paper(name, targets_signed(Json::Object(Vec::new()), Some(below)), 4));
    }
    let files = listed((0..n * 8).map(|place| format!("some-folder-{place:06}")));
    documents.push(paper("child", targets_signed(files, None), 5));
    repository(documents)
}

/// Succinct bins, each of which would list all keys.
fn bins_of_keys(n: usize) -> Input {
    let bits = 12;
    let keyids = (0..n).map(|place| Json::text(format!("{place:064x}")));
    let succinct = Json::object([
        ("keyids", Json::List(keyids.collect())),
        ("threshold", Json::number(1)),
        ("bit_length", Json::number(bits)),
        ("name_prefix", Json::text("bin")),
    ]);
    let below = Json::object([("keys", Json::Object(Vec::new())), ("succinct_roles", succinct)]);
    let top = paper("targets", targets_signed(Json::Object(Vec::new()), Some(below)), 3);
    let (mut papers, _) = Papers::sound(Dialect::Tuf1);
    papers.papers.drain(1..3);
    papers.papers.drain(1..8);
    let bins = (0..n).map(|bin| {
        (
            format!("bin-{bin:03x}.json"),
            Json::object([("version", Json::number(1))]),
        )
    });
    let meta = std::iter::once(("targets.json".to_owned(), Json::Null)).chain(bins);
    papers.papers[1].signed.set("meta", Json::Object(meta.collect()));
    papers.papers.insert(1, top);
    papers.seal().files
}

/// Notary: a role with many prefixes delegates as many on, and lists a tag below the last.
fn prefixes_below_prefixes(n: usize) -> Input {
    let (mut papers, _) = Papers::sound(Dialect::Notary);
    papers.papers.drain(1..3);
    let prefixes = |middle: &str| {
        (0..n)
            .map(|place| Json::text(format!("tag-{place:06}{middle}")))
            .collect()
    };
    let set_paths = |paper: &mut Paper, paths: Vec<Json>| {
        edit(&mut paper.signed, "delegations", |below| {
            edit(below, "roles", |roles| {
                if let Json::List(roles) = roles {
                    roles[0].set("paths", Json::List(paths));
                }
            });
        });
    };
    set_paths(&mut papers.papers[1], prefixes(""));
    set_paths(&mut papers.papers[2], prefixes("-x"));
    let tag = |place: usize| {
        let name = format!("tag-{:06}-x", n - 1 - place);
        let hashes = Json::object([("sha256", Json::text(base64(&sha256(name.as_bytes()))))]);
        (name, Json::object([("hashes", hashes), ("length", Json::number(1))]))
    };
    let tags = Json::Object((0..n).map(tag).collect());
    papers.papers[4].signed.set("targets", tags);
    papers.seal().files
}

fn many_floors(n: usize) -> Input {
    floors_of((0..n).map(|place| format!("role-{place:06}")))
}

/// One of the names is as long as all others together, and every search among them comes to it.
fn long_floor(n: usize) -> Input {
    let middle = format!("role-{:06}{}", n / 2, "-".repeat(16 * n));
    floors_of((0..n).map(|place| format!("role-{place:06}")).chain([middle]))
}

fn floors_of(names: impl Iterator<Item = String>) -> Input {
    let top = paper("targets", targets_signed(Json::Object(Vec::new()), None), 3);
    let (mut papers, _) = Papers::sound(Dialect::Tuf1);
    papers.papers.drain(1..3);
    papers.papers.drain(1..8);
    let others = names.map(|name| (format!("{name}.json"), Json::object([("version", Json::number(1))])));
    let meta = std::iter::once(("targets.json".to_owned(), Json::Null)).chain(others);
    papers.papers[1].signed.set("meta", Json::Object(meta.collect()));
    papers.papers.insert(1, top);
    papers.seal().files
}

/// A pattern that fits nowhere in a path, which is tried from every letter of it on.
fn long_pattern(n: usize) -> Input {
    let pattern = format!("*{}b", "a".repeat(n / 2));
    let top = delegations(&[("role".to_owned(), vec![pattern])], &[4], &[4]);
    let files = listed(std::iter::once("a".repeat(n)));
    repository(vec![
        paper("targets", targets_signed(Json::Object(Vec::new()), Some(top)), 3),
        paper("role", targets_signed(files, None), 4),
    ])
}

fn many_numbers(n: usize) -> Input {
    one(format!(
        "{{\"signed\":{{\"_type\":\"root\",\"x\":[{}0]}}}}",
        "0,".repeat(n)
    ))
}

fn tell_dialect(input: &Input) {
    assert_eq!(detect(&input[0].1), Ok(Dialect::Tuf1));
}

fn walk_tuf(input: &Input) {
    walked(Dialect::Tuf1, input);
}

fn walk_notary(input: &Input) {
    walked(Dialect::Notary, input);
}

/// Walks everything, with the snapshot itself as the floor.
fn walked(dialect: Dialect, input: &Input) -> Walker {
    let mut walk = WalkInput::new(dialect, file(input, "1.root"), moment(NOW));
    walk.gun = (dialect == Dialect::Notary).then(|| GUN.to_owned());
    walk.floors = Floors {
        snapshot: Some(file(input, "snapshot").into()),
        ..Floors::default()
    };
    drive(walk, input)
}

fn drive(walk: WalkInput, input: &Input) -> Walker {
    let mut walker = Walker::begin(walk).expect("the workshop signs its roots");
    while let Next::Fetch(request) = walker.next() {
        let name = match request.select {
            Select::Version(version) | Select::Consistent { version } => format!("{version}.{}", request.role),
            Select::Current | Select::Sha256(_) => request.role.to_string(),
        };
        let found = input.iter().rev().find(|(have, _)| *have == name);
        walker.supply(found.map_or(Reply::Missing, |(_, file)| Reply::Found(file.clone())));
    }
    let Next::Finished(outcome) = walker.next() else {
        unreachable!("it has finished")
    };
    assert!(
        outcome.snapshot.is_some(),
        "the walk came as far as it should: {:?}",
        outcome.refused.first()
    );
    walker
}

fn seek(input: &Input) {
    let mut walk = WalkInput::new(Dialect::Tuf1, file(input, "1.root"), moment(NOW));
    walk.extent = Extent::TopLevel;
    let Ok(mut seeker) = drive(walk, input).into_seeker() else {
        panic!("the walk was accepted")
    };
    let _ = seeker.run("nowhere", |_| Reply::Missing);
}

fn next_targets(input: &Input) {
    let targets: Envelope<Targets> = document(input, "targets");
    let frozen = TargetsDraft::next(&targets, RoleName::targets())
        .freeze()
        .expect("nothing is wrong with it");
    assert_eq!(frozen.version(), 2);
}

fn next_root(input: &Input) {
    let root: Envelope<Root> = document(input, "1.root");
    let mut draft = RootDraft::next(&root);
    let stranger = with_officers(Dialect::Tuf1, |all| Key::new_tuf1(&all[5].public));
    let frozen: Frozen<Root> = draft
        .add_key(&RoleName::targets(), stranger)
        .freeze()
        .expect("nothing is wrong with it");
    assert_eq!(frozen.version(), 2);
}

fn compare_targets(input: &Input) {
    let targets: Envelope<Targets> = document(input, "targets");
    let mut draft = TargetsDraft::next(&targets, RoleName::targets());
    for path in targets.body().targets.keys().take(2) {
        draft.remove_target(&path);
    }
    let next = draft.freeze().expect("nothing is wrong with it");
    assert!(!diff_targets(&targets, next.envelope()).is_empty());
}

fn compare_roots(input: &Input) {
    let root: Envelope<Root> = document(input, "1.root");
    let mut draft = RootDraft::next(&root);
    let first = root.body().targets.keyids[0].clone();
    let next = draft
        .remove_key(&RoleName::targets(), &first)
        .freeze()
        .expect("nothing is wrong with it");
    assert!(!diff_roots(&root, next.envelope()).is_empty());
    let _: Envelope<Snapshot> = document(input, "snapshot");
}
