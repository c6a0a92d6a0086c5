//! What can be wrong or odd about the members every document has, and about the entries of lists.

use super::{ANY, Kind, any, described, kind, some_targets};
use crate::judged::dice::Dice;
use crate::judged::json::Json;
use crate::judged::plan::{EARLIER, Plan};
use crate::map;

pub const KINDS: &[Kind] = &[
    kind("_type of another role", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        let other = if doc.role == "snapshot" {
            "timestamp"
        } else {
            "snapshot"
        };
        doc.signed.set("_type", other);
    }),
    kind("_type with a capital", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        let text = doc.signed.get("_type").expect("a document has one").text();
        let capital = text[..1].to_uppercase() + &text[1..];
        doc.signed.set("_type", capital);
    }),
    kind("_type left out", ANY, |plan, dice, _| {
        any(plan, dice).signed.remove("_type")
    }),
    kind("version left out", ANY, |plan, dice, _| {
        any(plan, dice).signed.remove("version")
    }),
    kind("expires left out", ANY, |plan, dice, _| {
        any(plan, dice).signed.remove("expires")
    }),
    kind("spec_version left out", ANY, |plan, dice, _| {
        any(plan, dice).signed.remove("spec_version")
    }),
    kind("body left out", ANY, |plan, dice, _| {
        let doc = any(plan, dice);
        let name = match doc.role.as_str() {
            "root" => dice.pick(&["keys", "roles"]),
            "timestamp" | "snapshot" => return doc.on_envelope(|envelope| envelope.at(&["signed"]).remove("meta")),
            _ => "targets",
        };
        doc.signed.remove(name);
    }),
    kind("consistent_snapshot left out", ANY, |plan, _, _| {
        plan.consistent = false;
        plan.last_root().signed.remove("consistent_snapshot");
    }),
    kind("role left out of root", ANY, |plan, dice, _| {
        let role = dice.pick(&["root", "timestamp", "snapshot", "targets"]);
        plan.last_root().signed.at(&["roles"]).remove(role);
    }),
    kind("role nobody knows in root", ANY, |plan, _, _| {
        let roles = plan.last_root().signed.at(&["roles"]);
        let seats = roles.get("targets").expect("a root has it").clone();
        roles.set("mirrors", seats);
    }),
    kind("version 0", ANY, |plan, dice, _| set(plan, dice, "version", "0")),
    kind("version below 0", ANY, |plan, dice, _| set(plan, dice, "version", "-3")),
    kind("version as text", ANY, |plan, dice, _| {
        set(plan, dice, "version", "\"3\"")
    }),
    kind("version of 3.0", ANY, |plan, dice, _| set(plan, dice, "version", "3.0")),
    kind("version true", ANY, |plan, dice, _| set(plan, dice, "version", "true")),
    kind("version of 2^63", ANY, |plan, dice, _| {
        big_version(plan, dice, "9223372036854775808")
    }),
    kind("version beyond 64 bits", ANY, |plan, dice, _| {
        big_version(plan, dice, "18446744073709551616")
    }),
    kind("spec_version of another major", ANY, |plan, dice, _| {
        let text = dice.pick(&["\"2.0.0\"", "\"0.9.0\"", "\"10.0.0\""]);
        set(plan, dice, "spec_version", text);
    }),
    kind("spec_version of another minor", ANY, |plan, dice, _| {
        let text = dice.pick(&["\"1.1.0\"", "\"1.9.3\"", "\"1.99.99\""]);
        set(plan, dice, "spec_version", text);
    }),
    kind("spec_version of two numbers", ANY, |plan, dice, _| {
        set(plan, dice, "spec_version", "\"1.0\"")
    }),
    kind("spec_version of one number", ANY, |plan, dice, _| {
        set(plan, dice, "spec_version", "\"1\"")
    }),
    kind("spec_version that is no version", ANY, |plan, dice, _| {
        let text = dice.pick(&["\"one\"", "\"\"", "\"1.x.0\"", "\"1.0.0.0\"", "\"1.0.0-rc1\""]);
        set(plan, dice, "spec_version", text);
    }),
    kind("spec_version as a number", ANY, |plan, dice, _| {
        set(plan, dice, "spec_version", "1")
    }),
    kind("expires with a fraction", ANY, |plan, dice, _| {
        let text = dice.pick(&["\"2046-01-31T12:00:00.5Z\"", "\"2046-01-31T12:00:00.123456789Z\""]);
        set(plan, dice, "expires", text);
    }),
    kind("expires with an offset", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-01-31T12:00:00-06:00\"")
    }),
    kind("expires without a zone", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-01-31T12:00:00\"")
    }),
    kind("expires as a date", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-01-31\"")
    }),
    kind("expires with a blank for T", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-01-31 12:00:00Z\"")
    }),
    kind("expires in small letters", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-01-31t12:00:00z\"")
    }),
    kind("expires on a day there is not", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-02-30T12:00:00Z\"")
    }),
    kind("expires in a leap second", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"2046-06-30T23:59:60Z\"")
    }),
    kind("expires in the year 9999", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "\"9999-12-30T23:59:59Z\"")
    }),
    kind("expires as a number", ANY, |plan, dice, _| {
        set(plan, dice, "expires", "2400000000")
    }),
    kind("expired", ANY, |plan, dice, _| {
        any(plan, dice).signed.set("expires", EARLIER)
    }),
    kind("target without hashes", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.remove("hashes"))
    }),
    kind("target with no hash in hashes", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.set("hashes", Json::Map(Vec::new())));
    }),
    kind("target without length", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.remove("length"))
    }),
    kind("target of a length below 0", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.set("length", Json::bare("-1")));
    }),
    kind("target with an unknown hash too", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.at(&["hashes"]).set("md6", "00ff"));
    }),
    kind("target with an unknown hash only", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.set("hashes", map! {"md6" => "00ff"}));
    }),
    kind("target with a hash that is no hexadecimal", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.at(&["hashes"]).set("sha256", "xyz"));
    }),
    kind("target with a member nobody knows", ANY, |plan, dice, _| {
        target_entry(plan, dice, |entry| entry.set("x-more", vec!["a".to_owned()]));
    }),
    kind("entry with an unknown hash too", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.at(&["hashes"]).set("md6", "00ff"));
    }),
    kind("entry with an unknown hash only", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.set("hashes", map! {"md6" => "00ff"}));
    }),
    kind("entry with no hash in hashes", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.set("hashes", Json::Map(Vec::new())));
    }),
    kind("entry without version", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.remove("version"))
    }),
    kind("entry of length 0", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.set("length", Json::bare("0")));
    }),
    kind("entry with a member nobody knows", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.set("x-more", "more"));
    }),
    kind("entry of a role nobody delegates to", ANY, |plan, _, _| {
        plan.snapshot
            .signed
            .at(&["meta"])
            .set("stray.json", map! {"version" => 3_usize});
    }),
    kind("timestamp with a second entry", ANY, |plan, _, _| {
        plan.timestamp
            .signed
            .at(&["meta"])
            .set("targets.json", map! {"version" => 1_usize});
    }),
];

fn set(plan: &mut Plan, dice: &mut Dice, name: &str, text: &str) {
    any(plan, dice).signed.set(name, Json::bare(text));
}

/// A version of a document whose parent names it so.
fn big_version(plan: &mut Plan, dice: &mut Dice, text: &str) {
    let text = text.to_owned();
    let doc = match dice.below(3) {
        0 => &mut plan.timestamp,
        1 => &mut plan.snapshot,
        _ => some_targets(plan, dice),
    };
    doc.signed.set("version", Json::bare(text.clone()));
    doc.on_meta(move |meta| meta.set("version", Json::bare(text)));
}

fn target_entry(plan: &mut Plan, dice: &mut Dice, change: impl FnOnce(&mut Json)) {
    change(&mut some_targets(plan, dice).signed.at(&["targets"]).members()[0].1);
}
