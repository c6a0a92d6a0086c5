//! What can be odd about a file as text: JSON that is no JSON, JSON with two readings, and JSON that only looks odd.

use super::{ANY, Kind, any, described, kind, replace_text, some_targets};
use crate::judged::dice::Dice;
use crate::judged::json::{Json, Style};
use crate::judged::plan::Plan;
use crate::judged::shape::target;
use crate::map;

pub const KINDS: &[Kind] = &[
    kind("member repeated in signed", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        let version = doc.signed.get("version").expect("a document has one").clone();
        doc.on_envelope(move |envelope| envelope.at(&["signed"]).members().push(("version".to_owned(), version)));
    }),
    kind("member repeated in signed with another value", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        doc.on_envelope(|envelope| {
            envelope
                .at(&["signed"])
                .members()
                .insert(0, ("version".to_owned(), Json::bare("1000")));
        });
    }),
    kind("signed twice in the envelope", ANY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| {
            let signed = envelope.get("signed").expect("an envelope has it").clone();
            envelope.members().push(("signed".to_owned(), signed));
        });
    }),
    kind("target path listed twice", ANY, |plan, dice, _| {
        plan.targets.on_envelope(|envelope| {
            let targets = envelope.at(&["signed", "targets"]).members();
            let (path, _) = targets[0].clone();
            targets.push((path, target("another")));
        });
        let _ = dice;
    }),
    kind("file cut short", ANY, |plan, dice, _| {
        let part = dice.within(0, 9);
        any(plan, dice).on_file(move |file| file.truncate(file.len() * part / 10));
    }),
    kind("text behind the document", ANY, |plan, dice, _| {
        any(plan, dice).on_file(|file| file.extend(b" {}"));
    }),
    kind("blanks around the document", ANY, |plan, dice, _| {
        any(plan, dice).on_file(|file| {
            file.splice(0..0, *b"\n\t ");
            file.extend(b"\r\n\n");
        });
    }),
    kind("byte order mark", ANY, |plan, dice, _| {
        any(plan, dice).on_file(|file| drop(file.splice(0..0, *b"\xef\xbb\xbf")));
    }),
    kind("no UTF-8", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        doc.signed.set("x-note", "note");
        doc.on_file(|file| {
            let at = file
                .windows(6)
                .position(|text| text == b"\"note\"")
                .expect("it was just set");
            file[at + 2] = 0xff;
        });
    }),
    kind("blanks and order of members", ANY, |plan, dice, _| {
        any(plan, dice).style = Style::Reversed;
    }),
    kind("escapes for every letter that may have one", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        doc.signed.set("x-é/\u{1f511}", "a/b \u{1f511} é");
        doc.style = Style::Escaped;
    }),
    kind("canonical form as the file", ANY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| {
            // With a PEM key this is no JSON: the canonical form has its line ends as they are.
            let canonical = envelope.canonical();
            *envelope = Json::bare(String::from_utf8(canonical).expect("canonical JSON is UTF-8"));
        });
    }),
    kind("control characters in a string", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::from("tab\tbell\u{7}escape\u{1b}delete\u{7f}"));
    }),
    kind("half of a surrogate pair", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        doc.signed.set("x-note", "note");
        doc.on_file(|file| replace_text(file, "\"note\"", "\"\\ud800\""));
    }),
    kind("string that is not in NFC", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::from("e\u{301}"))
    }),
    kind("names that UTF-16 sorts otherwise", ANY, |plan, dice, _| {
        odd_member(
            plan,
            dice,
            map! {"\u{ff5e}" => 1_usize, "\u{1f511}" => 2_usize, "z" => 3_usize},
        );
    }),
    kind("target path in another script", ANY, |plan, dice, _| {
        let doc = &mut plan.targets;
        let path = dice.pick(&["ключ.bin", "鍵.bin", "\u{1f511}.bin", "a b.bin", "é.bin"]);
        doc.signed.at(&["targets"]).set(path, target(path));
        plan.lookups.push(path.to_owned());
    }),
    kind("nested 30 deep", ANY, |plan, dice, _| {
        odd_member(plan, dice, nested(30))
    }),
    kind("nested 150 deep", ANY, |plan, dice, _| {
        odd_member(plan, dice, nested(150))
    }),
    kind("nested 20,000 deep", ANY, |plan, dice, _| {
        odd_member(plan, dice, nested(20_000))
    }),
    kind("integer beyond 2^53", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("9007199254740993"))
    }),
    kind("integer beyond 64 bits", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("123456789012345678901234567890"));
    }),
    kind("negative integer", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("-42"))
    }),
    kind("number with a fraction", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("1.5"))
    }),
    kind("number with an exponent", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("1e3"))
    }),
    kind("number written -0", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("-0"))
    }),
    kind("number with a leading zero", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("007"))
    }),
    kind("NaN", ANY, |plan, dice, _| odd_member(plan, dice, Json::bare("NaN"))),
    kind("null as a value", ANY, |plan, dice, _| {
        odd_member(plan, dice, Json::bare("null"))
    }),
    kind("custom of a target is odd", ANY, |plan, dice, _| {
        let custom = dice
            .pick(&["[]", "\"text\"", "7", "null", "{\"a\":[null,true]}"])
            .to_string();
        let targets = some_targets(plan, dice).signed.at(&["targets"]).members();
        targets[0].1.set("custom", Json::bare(custom));
    }),
    kind("member nobody knows beside signed", ANY, |plan, dice, _| {
        described(plan, dice).on_envelope(|envelope| envelope.set("x-beside", "unsigned"));
    }),
    kind("document as a list", ANY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| *envelope = Json::List(vec![envelope.clone()]));
    }),
    kind("signed as text", ANY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| {
            let text = envelope.get("signed").expect("an envelope has it").canonical();
            envelope.set("signed", String::from_utf8(text).expect("canonical JSON is UTF-8"));
        });
    }),
];

/// Adds a member that nobody knows to a signed document.
fn odd_member(plan: &mut Plan, dice: &mut Dice, value: Json) {
    any(plan, dice).signed.set("x-odd", value);
}

fn nested(depth: usize) -> Json {
    Json::bare(format!("{}{}", "[".repeat(depth), "]".repeat(depth)))
}
