//! What a fuzzer may do to a repository before its documents are signed.

use rootward_tuf::Dialect;

use crate::reference::{self, Json};
use crate::tape::Tape;
use crate::workshop::{OFFICERS, Papers, with_officers};

/// Spoils up to seven places.
pub fn spoil(papers: &mut Papers, tape: &mut Tape<'_>) {
    for _ in 0..tape.below(8) {
        let place = tape.below(papers.papers.len());
        spoil_one(papers, place, tape);
    }
}

fn spoil_one(papers: &mut Papers, place: usize, tape: &mut Tape<'_>) {
    let dialect = papers.dialect;
    let paper = &mut papers.papers[place];
    match tape.below(12) {
        0 => {
            let versions = [
                "2",
                "3",
                "1",
                "0",
                "9007199254740993",
                "18446744073709551615",
                "-1",
                "99999999999999999999",
            ];
            paper.signed.set("version", Json::number(tape.pick(&versions)));
        }
        1 => {
            let dates = [
                "2025-01-01T00:00:00Z",
                "2026-06-01T00:00:00Z",
                "2026-06-01T00:00:00.1Z",
                "2026",
                "9999-12-31T23:59:59Z",
            ];
            paper.signed.set("expires", Json::text(tape.pick(&dates)));
        }
        2 => {
            let mask = tape.byte();
            paper.signers = (0..OFFICERS).filter(|place| mask >> place & 1 == 1).collect();
        }
        3 => {
            let again = tape.below(OFFICERS);
            paper.signers.push(again);
        }
        4 => paper.is_described = false,
        5 => {
            let thresholds = ["0", "2", "1", "3", "18446744073709551616"];
            let threshold = tape.pick(&thresholds);
            each(&mut paper.signed, &mut |name, json| {
                if name == "threshold" && tape.flag() {
                    *json = Json::number(threshold);
                }
            });
        }
        6 => alias(&mut paper.signed, dialect, tape),
        7 => {
            // One officer's key in the place of another's.
            let (from, to) = (tape.below(OFFICERS), tape.below(OFFICERS));
            let (from, to) = with_officers(dialect, |all| (all[from].keyid.clone(), all[to].keyid.clone()));
            each(&mut paper.signed, &mut |_, json| {
                if *json == Json::text(&from) {
                    *json = Json::text(&to);
                }
            });
        }
        8 => {
            remove_one(somewhere(&mut paper.signed, tape), tape);
        }
        9 => *somewhere(&mut paper.signed, tape) = anything(tape),
        10 => {
            let copy = somewhere(&mut paper.signed.clone(), tape).clone();
            let name = tape.text();
            match somewhere(&mut paper.signed, tape) {
                Json::List(items) => items.push(copy),
                object @ Json::Object(_) => object.set(&name, copy),
                place => *place = copy,
            }
        }
        _ => {
            let other = tape.below(papers.papers.len());
            papers.papers.swap(place, other);
        }
    }
}

/// Lists a key a second time under another id, wherever its first id stands.
fn alias(signed: &mut Json, dialect: Dialect, tape: &mut Tape<'_>) {
    let place = tape.below(OFFICERS);
    let (keyid, listed) = with_officers(dialect, |all| (all[place].keyid.clone(), all[place].listed.clone()));
    let other = tape.text();
    each(signed, &mut |name, json| match (name, &mut *json) {
        ("keyids", Json::List(keyids)) if keyids.contains(&Json::text(&keyid)) => keyids.push(Json::text(&other)),
        ("keys", Json::Object(_)) => json.set(&other, listed.clone()),
        _ => {}
    });
}

/// Every value, outer ones first, with the name it stands under.
fn each(json: &mut Json, see: &mut dyn FnMut(&str, &mut Json)) {
    match json {
        Json::Object(members) => {
            for (name, json) in members {
                see(name, json);
                each(json, see);
            }
        }
        Json::List(items) => {
            for json in items {
                see("", json);
                each(json, see);
            }
        }
        _ => {}
    }
}

/// Goes down as far as the tape says.
fn somewhere<'j>(json: &'j mut Json, tape: &mut Tape<'_>) -> &'j mut Json {
    let inside = match json {
        Json::Object(members) => members.len(),
        Json::List(items) => items.len(),
        _ => 0,
    };
    let deeper = usize::from(tape.byte());
    if inside == 0 || deeper == 0 {
        return json;
    }
    let place = (deeper - 1) % inside;
    match json {
        Json::Object(members) => somewhere(&mut members[place].1, tape),
        Json::List(items) => somewhere(&mut items[place], tape),
        leaf => leaf,
    }
}

fn remove_one(json: &mut Json, tape: &mut Tape<'_>) {
    match json {
        Json::Object(members) if !members.is_empty() => {
            let place = tape.below(members.len());
            members.remove(place);
        }
        Json::List(items) if !items.is_empty() => {
            let place = tape.below(items.len());
            items.remove(place);
        }
        json => *json = Json::Null,
    }
}

fn anything(tape: &mut Tape<'_>) -> Json {
    let text = tape.bytes();
    reference::read(text, 60, true).unwrap_or_else(|| Json::text(String::from_utf8_lossy(text)))
}
