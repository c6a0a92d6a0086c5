//! What can go wrong between documents: versions, hashes, roots that do not follow each other, things a client saw earlier.

use super::{ANY, Kind, TWO_ROOTS, any, described, kind};
use crate::judged::dice::Dice;
use crate::judged::json::Json;
use crate::judged::keys::Key;
use crate::judged::plan::{Doc, EARLIER, Plan};
use crate::map;

pub const KINDS: &[Kind] = &[
    kind("newest root expired", TWO_ROOTS, |plan, _, _| {
        plan.last_root().signed.set("expires", EARLIER)
    }),
    kind("roots before the newest expired", TWO_ROOTS, |plan, _, _| {
        let before = plan.roots.len() - 1;
        plan.roots[..before]
            .iter_mut()
            .for_each(|root| root.signed.set("expires", EARLIER));
    }),
    kind("root not signed by the keys before it", TWO_ROOTS, |plan, _, keys| {
        plan.last_root().signers = keys.strangers.clone();
        list_as_root(plan, &keys.strangers);
    }),
    kind("root not signed by its own keys", TWO_ROOTS, |plan, _, keys| {
        list_as_root(plan, &keys.strangers)
    }),
    kind(
        "root signed by the keys before it and its own",
        TWO_ROOTS,
        |plan, _, keys| {
            let signers = plan.last_root().signers.clone();
            plan.last_root().signers = signers.into_iter().chain(keys.strangers.iter().cloned()).collect();
            list_as_root(plan, &keys.strangers);
        },
    ),
    kind("root of another version than its name", TWO_ROOTS, |plan, dice, _| {
        let place = plan.roots.len() - 1;
        let (number, far) = (plan.roots[place].number(), dice.within(1, 3) as u64);
        plan.roots[place].signed.set("version", number + far);
        plan.files.push(Box::new(move |files| {
            let file = files
                .remove(&format!("{}.root.json", number + far))
                .expect("it was written under its version");
            files.insert(format!("{number}.root.json"), file);
        }));
    }),
    kind("version of root left out", TWO_ROOTS, |plan, _, _| {
        let number = plan.last_root().number();
        plan.last_root().signed.set("version", number + 1);
    }),
    kind("root served again as the next", ANY, |plan, _, _| {
        let number = plan.last_root().number();
        plan.files.push(Box::new(move |files| {
            let file = files[&format!("{number}.root.json")].clone();
            files.insert(format!("{}.root.json", number + 1), file);
        }));
    }),
    kind("newest root not served", TWO_ROOTS, |plan, _, _| {
        let number = plan.last_root().number();
        plan.files.push(Box::new(move |files| {
            drop(files.remove(&format!("{number}.root.json")))
        }));
    }),
    kind("entry of another version", ANY, |plan, dice, _| {
        let up = dice.once_in(2);
        let doc = described(plan, dice);
        let number = doc.number();
        let other = if up || number == 1 { number + 1 } else { number - 1 };
        doc.on_meta(move |meta| meta.set("version", other));
    }),
    kind("entry with another hash", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.set("hashes", map! {"sha256" => "00".repeat(32)}));
    }),
    kind("entry with a good hash and another", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| meta.at(&["hashes"]).set("sha512", "00".repeat(64)));
    }),
    kind("entry with its hash in upper case", ANY, |plan, dice, _| {
        described(plan, dice).on_meta(|meta| {
            if let Some(hash) = meta.get("hashes").and_then(|hashes| hashes.get("sha256")) {
                let upper = hash.text().to_uppercase();
                meta.at(&["hashes"]).set("sha256", upper);
            }
        });
    }),
    kind("entry of a length too short", ANY, |plan, dice, _| {
        length(plan, dice, -1)
    }),
    kind("entry of a length too long", ANY, |plan, dice, _| length(plan, dice, 1)),
    kind("served file changed behind its signature", ANY, |plan, dice, _| {
        described(plan, dice).on_served(|file| file.push(b'\n'));
    }),
    kind("file not served", ANY, |plan, dice, _| {
        let choice = dice.below(1000);
        plan.files.push(Box::new(move |files| {
            let names: Vec<String> = files
                .keys()
                .filter(|name| !name.contains("root.json"))
                .cloned()
                .collect();
            files.remove(&names[choice % names.len()]);
        }));
    }),
    kind("two files served for each other", ANY, |plan, dice, _| {
        let choice = dice.below(1000);
        plan.files.push(Box::new(move |files| {
            let names: Vec<String> = files
                .keys()
                .filter(|name| !name.contains("root.json"))
                .cloned()
                .collect();
            let (one, other) = (&names[choice % names.len()], &names[(choice + 1) % names.len()]);
            let (first, second) = (files[one].clone(), files[other].clone());
            files.insert(one.clone(), second);
            files.insert(other.clone(), first);
        }));
    }),
    kind("timestamp older than the one seen", ANY, |plan, _, _| {
        let number = plan.timestamp.number();
        cache_timestamp(plan, number + 1, 0);
    }),
    kind(
        "timestamp of the version seen, with other content",
        ANY,
        |plan, _, _| {
            let number = plan.timestamp.number();
            cache_timestamp(plan, number, 0);
        },
    ),
    kind("timestamp newer than the one seen", ANY, |plan, _, _| {
        plan.timestamp.signed.set("version", 900_000_000_000_u64);
        cache_timestamp(plan, 8, 0);
    }),
    kind("snapshot older than the one the timestamp named", ANY, |plan, _, _| {
        plan.timestamp.signed.set("version", 900_000_000_000_u64);
        cache_timestamp(plan, 8, 1);
    }),
    kind("targets older than the snapshot seen names", ANY, |plan, dice, _| {
        cache_snapshot(plan, |meta, roles| {
            let (role, number) = &roles[dice.below(roles.len())];
            meta.set(&format!("{role}.json"), map! {"version" => number + 1});
        });
    }),
    kind("role gone that the snapshot seen names", ANY, |plan, _, _| {
        cache_snapshot(plan, |meta, _| meta.set("gone.json", map! {"version" => 1_usize}));
    }),
    kind("snapshot newer than the one seen", ANY, |plan, _, _| {
        cache_snapshot(plan, |_, _| ())
    }),
    kind("seen timestamp signed by a stranger", ANY, |plan, _, keys| {
        let number = plan.timestamp.number();
        let own = std::mem::replace(&mut plan.timestamp.signers, keys.strangers.clone());
        cache_timestamp(plan, number + 1, 0);
        plan.timestamp.signers = own;
    }),
    kind("seen timestamp unreadable", ANY, |plan, _, _| {
        plan.cached.insert("timestamp".to_owned(), b"{\"signed\":".to_vec());
    }),
    kind(
        "timestamp fast-forwarded and recovered by a new key",
        TWO_ROOTS,
        |plan, _, keys| {
            cache_timestamp(plan, 1_000_000_000_000, 0);
            replace_key(plan, "timestamp", &keys.strangers[0]);
        },
    ),
    kind(
        "snapshot fast-forwarded and recovered by new keys",
        TWO_ROOTS,
        |plan, _, keys| {
            plan.timestamp.signed.set("version", 9_u64);
            plan.snapshot.signed.set("version", 9_u64);
            cache_snapshot(plan, |meta, _| {
                meta.set("targets.json", map! {"version" => 1_000_000_000_000_u64})
            });
            replace_key(plan, "timestamp", &keys.strangers[0]);
            replace_key(plan, "snapshot", &keys.strangers[1]);
        },
    ),
    kind("role's keys swapped for another's", ANY, |plan, dice, _| {
        let roles = ["timestamp", "snapshot", "targets"];
        let first = dice.below(3);
        let seats = plan.last_root().signed.at(&["roles"]);
        let (one, other) = (roles[first], roles[(first + 1) % 3]);
        let (first, second) = (seats.get(one).cloned(), seats.get(other).cloned());
        seats.set(one, second.expect("a root has it"));
        seats.set(other, first.expect("a root has it"));
    }),
    kind(
        "document of another role under a role's signature",
        ANY,
        |plan, _, _| {
            plan.snapshot.signers = plan.targets.signers.clone();
        },
    ),
    kind("large document", ANY, |plan, dice, _| {
        let size = dice.within(2_000, 12_000);
        any(plan, dice).signed.set("x-padding", "p".repeat(size));
    }),
];

fn length(plan: &mut Plan, dice: &mut Dice, by: i64) {
    described(plan, dice).on_meta(move |meta| {
        if let Some(length) = meta.get("length").and_then(|length| length.text().parse::<i64>().ok()) {
            meta.set("length", Json::bare((length + by).to_string()));
        }
    });
}

/// Makes these the newest root's root keys, both needed.
fn list_as_root(plan: &mut Plan, own: &[Key]) {
    let root = &mut plan.last_root().signed;
    for key in own {
        root.at(&["keys"]).set(&key.id, key.object.clone());
    }
    let keyids: Vec<String> = own.iter().map(|key| key.id.clone()).collect();
    root.at(&["roles"])
        .set("root", map! {"keyids" => keyids, "threshold" => own.len()});
}

/// Gives a role this key in the newest root, and signs with it.
fn replace_key(plan: &mut Plan, role: &str, key: &Key) {
    let root = &mut plan.last_root().signed;
    root.at(&["keys"]).set(&key.id, key.object.clone());
    root.at(&["roles"])
        .set(role, map! {"keyids" => vec![key.id.clone()], "threshold" => 1_usize});
    let doc = if role == "timestamp" {
        &mut plan.timestamp
    } else {
        &mut plan.snapshot
    };
    doc.signers = vec![key.clone()];
}

/// Lets the client have seen a timestamp of this version, naming a snapshot so much newer than ours.
fn cache_timestamp(plan: &mut Plan, version: u64, snapshot_ahead: u64) {
    let named = plan.snapshot.number() + snapshot_ahead;
    let mut signed = plan.timestamp.signed.clone();
    signed.set("version", version);
    signed.set("meta", map! {"snapshot.json" => map! {"version" => named}});
    let file = Doc::new("timestamp", signed, plan.timestamp.signers.clone()).write();
    plan.cached.insert("timestamp".to_owned(), file);
}

/// Lets the client have seen the snapshot before, which `change` may have made say something else, and its timestamp.
fn cache_snapshot(plan: &mut Plan, change: impl FnOnce(&mut Json, &[(String, u64)])) {
    plan.timestamp.signed.set("version", 9_u64);
    plan.snapshot.signed.set("version", 9_u64);
    let docs = plan.delegated.iter().chain([&plan.targets]);
    let roles: Vec<(String, u64)> = docs.map(|doc| (doc.role.clone(), doc.number())).collect();
    let entries = roles
        .iter()
        .map(|(role, number)| (format!("{role}.json"), map! {"version" => *number}));
    let mut meta = Json::Map(entries.collect());
    change(&mut meta, &roles);
    let mut signed = plan.snapshot.signed.clone();
    signed.set("version", 8_u64);
    signed.set("meta", meta);
    let file = Doc::new("snapshot", signed, plan.snapshot.signers.clone()).write();
    plan.cached.insert("snapshot".to_owned(), file);
    let mut signed = plan.timestamp.signed.clone();
    signed.set("version", 8_u64);
    signed.set("meta", map! {"snapshot.json" => map! {"version" => 8_usize}});
    let file = Doc::new("timestamp", signed, plan.timestamp.signers.clone()).write();
    plan.cached.insert("timestamp".to_owned(), file);
}
