//! What can be wrong or odd about the signatures of a document.

use super::{ANY, Kind, ONE_KEY, any, kind, seats};
use crate::judged::dice::Dice;
use crate::judged::json::Json;
use crate::judged::plan::Plan;
use crate::map;

pub const KINDS: &[Kind] = &[
    kind("signature with a flipped bit", ONE_KEY, |plan, dice, _| {
        let (at, bit) = (dice.below(64), dice.below(4));
        any(plan, dice).on_signatures(move |signatures| {
            let mut sig = signatures[0]
                .get("sig")
                .expect("a signature has one")
                .text()
                .to_owned()
                .into_bytes();
            let flipped = char::from(sig[at]).to_digit(16).expect("hexadecimal") ^ (1 << bit);
            sig[at] = char::from_digit(flipped, 16).expect("four bits") as u8;
            signatures[0].set("sig", String::from_utf8(sig).expect("hexadecimal"));
        });
    }),
    kind("one signature dropped", ANY, |plan, dice, _| {
        any(plan, dice).on_signatures(|signatures| drop(signatures.pop()));
    }),
    kind("all signatures dropped", ANY, |plan, dice, _| {
        any(plan, dice).on_signatures(Vec::clear);
    }),
    kind("signatures left out", ANY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| envelope.remove("signatures"));
    }),
    kind("signatures as a map", ANY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| envelope.set("signatures", Json::Map(Vec::new())));
    }),
    kind("signature under a stranger's keyid", ONE_KEY, |plan, dice, keys| {
        let stranger = keys.strangers[0].id.clone();
        any(plan, dice).on_signatures(move |signatures| signatures[0].set("keyid", stranger));
    }),
    kind("signature by a stranger too", ANY, |plan, dice, keys| {
        let stranger = keys.strangers[dice.below(2)].clone();
        any(plan, dice).signers.push(stranger);
    }),
    kind("signature by a stranger only", ANY, |plan, dice, keys| {
        any(plan, dice).signers = keys.strangers.clone();
    }),
    kind("signature repeated", ANY, |plan, dice, _| {
        any(plan, dice).on_signatures(|signatures| signatures.push(signatures[0].clone()));
    }),
    kind(
        "bad signature before the good one of the same keyid",
        ANY,
        |plan, dice, _| {
            any(plan, dice).on_signatures(|signatures| {
                let mut bad = signatures[0].clone();
                bad.set("sig", "00".repeat(64));
                signatures.insert(0, bad);
            });
        },
    ),
    kind("empty signature in place of one", ONE_KEY, |plan, dice, _| {
        any(plan, dice).on_signatures(|signatures| signatures[0].set("sig", ""));
    }),
    kind("empty signature by another key of the role", ANY, |plan, dice, keys| {
        let stranger = keys.strangers[0].id.clone();
        any(plan, dice).on_signatures(move |signatures| signatures.push(map! {"keyid" => stranger, "sig" => ""}));
    }),
    kind("signature that is no hexadecimal", ONE_KEY, |plan, dice, _| {
        let text = dice.pick(&["XXX", "zz", "0", "abc"]);
        any(plan, dice).on_signatures(move |signatures| signatures[0].set("sig", text));
    }),
    kind("signature in upper case", ANY, |plan, dice, _| {
        any(plan, dice).on_signatures(|signatures| {
            let upper = signatures[0]
                .get("sig")
                .expect("a signature has one")
                .text()
                .to_uppercase();
            signatures[0].set("sig", upper);
        });
    }),
    kind("signature with a member nobody knows", ANY, |plan, dice, _| {
        any(plan, dice).on_signatures(|signatures| signatures[0].set("x-when", "today"));
    }),
    kind("signature without a keyid", ONE_KEY, |plan, dice, _| {
        any(plan, dice).on_signatures(|signatures| signatures[0].remove("keyid"));
    }),
    kind("signature over another document", ONE_KEY, |plan, dice, _| {
        any(plan, dice).on_envelope(|envelope| envelope.at(&["signed"]).set("x-changed", "afterwards"));
    }),
    kind("threshold above the signatures", ANY, |plan, dice, _| {
        let (role, signers) = some_role(plan, dice);
        seats(plan, &role).set("threshold", signers + 1);
    }),
    kind("threshold 0", ANY, |plan, dice, _| set_threshold(plan, dice, "0")),
    kind("threshold below 0", ANY, |plan, dice, _| {
        set_threshold(plan, dice, "-1")
    }),
    kind("threshold as text", ANY, |plan, dice, _| {
        set_threshold(plan, dice, "\"1\"")
    }),
    kind("threshold of 1.0", ANY, |plan, dice, _| {
        set_threshold(plan, dice, "1.0")
    }),
    kind("threshold beyond 64 bits", ANY, |plan, dice, _| {
        set_threshold(plan, dice, "18446744073709551617")
    }),
    kind("threshold left out", ANY, |plan, dice, _| {
        let (role, _) = some_role(plan, dice);
        seats(plan, &role).remove("threshold");
    }),
];

fn some_role(plan: &mut Plan, dice: &mut Dice) -> (String, usize) {
    let doc = any(plan, dice);
    (doc.role.clone(), doc.signers.len())
}

fn set_threshold(plan: &mut Plan, dice: &mut Dice, text: &str) {
    let (role, _) = some_role(plan, dice);
    seats(plan, &role).set("threshold", Json::bare(text));
}
