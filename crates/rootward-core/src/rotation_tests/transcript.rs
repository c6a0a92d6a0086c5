//! The transcript as a file: computed again from its bytes, wherever it was altered, and never believed.

use std::path::Path;

use serde_json::Value;

use super::{signed, to_the_end};
use crate::ceremony::{Ceremonies, Checked, Digest, End, Fact, Stage};
use crate::chain::Chain;
use crate::ports::Disk;
use crate::rotation_support::{World, at, wish};

/// The transcript of a ceremony that was published.
async fn published() -> (World, Ceremonies, String, Vec<u8>) {
    let world = World::new();
    let ceremonies = world.ceremonies();
    let id = signed(&ceremonies, wish(&[3], &[4], &[1, 2]), &[1, 2, 4])
        .await
        .expect("signed");
    to_the_end(&ceremonies, &id).await.expect("published");
    let bytes = ceremonies.transcript(&id).expect("a transcript");
    (world, ceremonies, id, bytes)
}

fn refusal(bytes: &[u8], head: Option<Digest>) -> String {
    Checked::of(bytes, head).map(drop).expect_err("it does not hold").code
}

fn edited(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(bytes).expect("JSON");
    edit(&mut value);
    serde_json::to_vec_pretty(&value).expect("JSON")
}

/// Writes the journal anew from other facts, as somebody would who understands the chain.
fn told_anew(bytes: &[u8], change: impl FnOnce(&mut Vec<Fact>)) -> Vec<u8> {
    edited(bytes, |value| {
        let lines: String = value["journal"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| format!("{}\n", line.as_str().expect("text")))
            .collect();
        let (chain, _) = Chain::<Fact>::read(lines.as_bytes());
        let mut facts: Vec<Fact> = chain.events().iter().map(|event| event.fact.clone()).collect();
        change(&mut facts);
        let (mut anew, mut lines) = (Chain::<Fact>::default(), Vec::new());
        for fact in facts {
            let (event, line) = anew.next(at("2026-11-22T10:00:00Z"), "officer_1", fact);
            lines.push(Value::from(String::from_utf8_lossy(&line).trim_end()));
            anew.take(event, &line);
        }
        value["journal"] = lines.into();
        value["head"] = anew.head().to_string().into();
    })
}

#[tokio::test]
async fn a_transcript_holds_on_any_machine_and_its_end_is_proven_by_the_head_alone() {
    let (world, ceremonies, id, bytes) = published().await;
    let record = ceremonies.one(&id).expect("a ceremony");
    let checked = Checked::of(&bytes, None).expect("it holds");
    assert_eq!((checked.end, checked.record.head), (End::NotProven, record.head));
    assert_eq!(checked.record.events, record.events);
    assert!(matches!(checked.ceremony().expect("sound").stage, Stage::Published(..)));
    assert_eq!(
        Checked::of(&bytes, Some(record.head)).expect("it holds").end,
        End::Proven
    );
    let root = world.published("1.root.json").expect("there");
    assert_eq!(checked.descends_from(root).expect("it follows"), 1);
    let stranger = World::with_root(&[5, 6], 2).published("1.root.json").expect("there");
    assert_eq!(checked.descends_from(stranger).unwrap_err().code, "transcript-unproven");
    assert_eq!(checked.descends_from(b"{}".to_vec()).unwrap_err().code, "root-refused");
    let path = Path::new("/data/a.transcript");
    ceremonies.save_transcript(&id, path).expect("written");
    assert_eq!(
        world.disk.read(path, 1 << 20).expect("there"),
        bytes,
        "the same file each time"
    );
}

#[tokio::test]
async fn any_flipped_bit_of_journal_and_documents_is_found() {
    let (_, _, _, bytes) = published().await;
    let end = bytes
        .windows(7)
        .position(|window| window == b"\"roots\"")
        .expect("roots come last");
    for place in (0..end).step_by(31) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1;
        assert!(Checked::of(&flipped, None).is_err(), "byte {place}");
    }
}

#[tokio::test]
async fn a_line_that_is_gone_moved_repeated_or_cut_off_is_found() {
    let (_, _, _, bytes) = published().await;
    let lines =
        |edit: fn(&mut Vec<Value>)| edited(&bytes, |value| edit(value["journal"].as_array_mut().expect("lines")));
    for (what, altered) in [
        ("gone", lines(|lines| drop(lines.remove(3)))),
        ("moved", lines(|lines| lines.swap(2, 3))),
        ("repeated", lines(|lines| lines.insert(2, lines[1].clone()))),
        (
            "two in one",
            lines(|lines| {
                let second = lines.remove(1);
                lines[0] = format!("{}\n{}", lines[0].as_str().unwrap(), second.as_str().unwrap()).into();
            }),
        ),
    ] {
        let code = refusal(&altered, None);
        assert!(
            matches!(&*code, "transcript-broken" | "transcript-unreadable"),
            "{what}: {code}"
        );
    }
    let cut = lines(|lines| drop(lines.pop()));
    assert_eq!(
        refusal(&cut, None),
        "transcript-cut-off",
        "it says with which head it ends"
    );
}

#[tokio::test]
async fn whoever_writes_the_chain_anew_is_found_by_the_head_or_by_what_cannot_be_made_up() {
    let (_, ceremonies, id, bytes) = published().await;
    let head = ceremonies.one(&id).expect("a ceremony").head;
    let shorter = told_anew(&bytes, |facts| drop(facts.pop()));
    assert_eq!(
        Checked::of(&shorter, None).expect("consistent in itself").end,
        End::NotProven
    );
    assert_eq!(refusal(&shorter, Some(head)), "transcript-cut-off");
    let of_another = |change: fn(&mut Fact)| told_anew(&bytes, |facts| facts.iter_mut().for_each(change));
    for (what, altered) in [
        (
            "another signature",
            of_another(|fact| {
                if let Fact::Signed(signed) = fact {
                    signed
                        .signature
                        .replace_range(..2, if signed.signature.starts_with("00") { "01" } else { "00" });
                }
            }),
        ),
        (
            "another reason behind the bytes",
            of_another(|fact| {
                if let Fact::Frozen(frozen) = fact {
                    frozen.length += 1;
                }
            }),
        ),
        (
            "another ceremony",
            of_another(|fact| {
                if let Fact::Begun(begun) = fact {
                    begun.ceremony = "2026-002".into();
                }
            }),
        ),
        (
            "seen, and never published",
            told_anew(&bytes, |facts| {
                facts.retain(|fact| !matches!(fact, Fact::PublishingBegun(_) | Fact::Written));
            }),
        ),
        (
            "published with a signature too few",
            told_anew(&bytes, |facts| {
                let first = facts
                    .iter()
                    .position(|fact| matches!(fact, Fact::Signed(_)))
                    .expect("signed");
                facts.remove(first);
                let second = facts
                    .iter()
                    .position(|fact| matches!(fact, Fact::Signed(_)))
                    .expect("signed");
                facts.remove(second);
            }),
        ),
    ] {
        assert_eq!(refusal(&altered, None), "transcript-broken", "{what}");
    }
}

#[tokio::test]
async fn documents_that_are_gone_altered_or_smuggled_in_are_found() {
    let (_, _, _, bytes) = published().await;
    let documents = |edit: fn(&mut Vec<Value>)| {
        edited(&bytes, |value| {
            edit(value["documents"].as_array_mut().expect("documents"))
        })
    };
    for (what, altered, code) in [
        ("gone", documents(|all| drop(all.pop())), "transcript-broken"),
        (
            "swapped",
            documents(|all| {
                let first = all[0]["bytes"].take();
                all[1]["bytes"] = first;
                all[0]["bytes"] = "".into();
            }),
            "transcript-broken",
        ),
        (
            "smuggled in",
            documents(|all| {
                all.push(serde_json::json!({"name": "evil.sh", "bytes": ""}));
            }),
            "transcript-broken",
        ),
        (
            "there twice",
            documents(|all| all.push(all[0].clone())),
            "transcript-unreadable",
        ),
        (
            "no base64",
            documents(|all| all[0]["bytes"] = "%".into()),
            "transcript-unreadable",
        ),
    ] {
        assert_eq!(refusal(&altered, None), code, "{what}");
    }
}

#[tokio::test]
async fn files_that_are_no_transcript_or_a_newer_one_say_so() {
    let (_, _, _, bytes) = published().await;
    let with = |name: &str, value: Value| edited(&bytes, |text| text[name] = value);
    for (what, file, code) in [
        ("nothing", Vec::new(), "transcript-unreadable"),
        ("half of it", bytes[..bytes.len() / 2].to_vec(), "transcript-unreadable"),
        (
            "another file",
            with("type", "rootward-signing-request".into()),
            "transcript-unreadable",
        ),
        ("a member nobody knows", with("more", 1.into()), "transcript-unreadable"),
        ("of a later format", with("format", 2.into()), "transcript-newer"),
        (
            "no events",
            with("journal", Value::Array(Vec::new())),
            "transcript-cut-off",
        ),
    ] {
        assert_eq!(refusal(&file, None), code, "{what}");
    }
}

#[tokio::test]
async fn a_broken_journal_gives_no_transcript() {
    let (world, ceremonies, id, _) = published().await;
    let path = Path::new("/data/ceremonies").join(&id).join("journal.jsonl");
    let mut bytes = world.disk.read(&path, 1 << 20).expect("there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.disk.write(&path, &bytes, true).expect("written");
    assert_eq!(ceremonies.transcript(&id).unwrap_err().code, "journal-broken");
}
