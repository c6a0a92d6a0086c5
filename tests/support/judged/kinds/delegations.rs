//! What can be wrong or odd about delegations, and about the paths and names in them.

use super::{ANY, DELEGATION, Kind, delegated, delegation, kind};
use crate::judged::dice::Dice;
use crate::judged::json::Json;
use crate::judged::keys::{Key, Keys, sha256};
use crate::judged::plan::{Doc, Plan};
use crate::judged::shape::{Seats, delegate, target};
use crate::map;

pub const KINDS: &[Kind] = &[
    kind("role name with a slash", DELEGATION, |plan, dice, _| {
        rename(plan, dice, &["a/b", "/x", "targets/x"])
    }),
    kind("role name of dots", DELEGATION, |plan, dice, _| {
        rename(plan, dice, &["..", ".", "../x", "a.b.c"])
    }),
    kind("role name with marks", DELEGATION, |plan, dice, _| {
        rename(
            plan,
            dice,
            &["?", "#", "%", "%2e", "a b", "a:b", "\"", "\\", "'", "&=+"],
        );
    }),
    kind("role name in another script", DELEGATION, |plan, dice, _| {
        rename(plan, dice, &["é", "роль", "\u{1f511}"])
    }),
    kind("role name of a top-level role", DELEGATION, |plan, dice, _| {
        rename(plan, dice, &["timestamp"])
    }),
    kind("role name empty", DELEGATION, |plan, dice, _| rename(plan, dice, &[""])),
    kind("role delegated to twice by one document", DELEGATION, |plan, _, _| {
        let roles = plan.targets.signed.at(&["delegations", "roles"]).entries();
        let first = roles[0].clone();
        roles.push(first);
    }),
    kind("delegation by paths and by hashes", DELEGATION, |plan, dice, _| {
        change(
            plan,
            dice,
            |entry| entry.set("path_hash_prefixes", vec!["0".to_owned()]),
            "paths",
        );
    }),
    kind("delegation by nothing", DELEGATION, |plan, dice, _| {
        change(
            plan,
            dice,
            |entry| {
                entry.remove("paths");
                entry.remove("path_hash_prefixes");
            },
            "name",
        );
    }),
    kind("delegation of no paths", DELEGATION, |plan, dice, _| {
        change(plan, dice, |entry| entry.set("paths", Vec::<Json>::new()), "paths");
    }),
    kind("paths as text", DELEGATION, |plan, dice, _| {
        change(plan, dice, |entry| entry.set("paths", "x*"), "paths")
    }),
    kind("terminating left out", DELEGATION, |plan, dice, _| {
        change(plan, dice, |entry| entry.remove("terminating"), "name")
    }),
    kind("terminating as text", DELEGATION, |plan, dice, _| {
        change(plan, dice, |entry| entry.set("terminating", "yes"), "name");
    }),
    kind("delegation with a member nobody knows", DELEGATION, |plan, dice, _| {
        change(plan, dice, |entry| entry.set("x-more", "more"), "name");
    }),
    kind("delegations of null", ANY, |plan, _, _| {
        plan.targets.signed.set("delegations", Json::bare("null"))
    }),
    kind("delegations without roles", ANY, |plan, _, _| {
        plan.targets
            .signed
            .set("delegations", map! {"keys" => Json::Map(Vec::new())});
    }),
    kind("delegations with no role", ANY, |plan, _, _| {
        plan.targets.signed.set(
            "delegations",
            map! {"keys" => Json::Map(Vec::new()), "roles" => Vec::<Json>::new()},
        );
    }),
    kind("role missing from the snapshot", DELEGATION, |plan, dice, _| {
        let role = delegated(plan, dice).role.clone();
        plan.unlisted.push(role);
    }),
    kind("targets missing from the snapshot", ANY, |plan, _, _| {
        plan.unlisted.push("targets".to_owned())
    }),
    kind("pattern: star does not cross a slash", ANY, |plan, _, keys| {
        pattern(plan, keys, "p/*", "p/a/b.bin")
    }),
    kind("pattern: star within a folder", ANY, |plan, _, keys| {
        pattern(plan, keys, "p/*/c-*", "p/b/c-1.bin")
    }),
    kind("pattern: question mark", ANY, |plan, dice, keys| {
        pattern(
            plan,
            keys,
            "q-?.bin",
            dice.pick(&["q-1.bin", "q-é.bin", "q-12.bin", "q-.bin"]),
        );
    }),
    kind("pattern: question mark at a slash", ANY, |plan, _, keys| {
        pattern(plan, keys, "q?1.bin", "q/1.bin")
    }),
    kind("pattern: class", ANY, |plan, dice, keys| {
        pattern(
            plan,
            keys,
            "k-[a-c].bin",
            dice.pick(&["k-b.bin", "k-d.bin", "k-[a-c].bin"]),
        );
    }),
    kind("pattern: class denied", ANY, |plan, dice, keys| {
        pattern(
            plan,
            keys,
            "k-[!a-c].bin",
            dice.pick(&["k-b.bin", "k-d.bin", "k-!.bin"]),
        );
    }),
    kind("pattern: class that does not end", ANY, |plan, dice, keys| {
        pattern(plan, keys, "k-[a.bin", dice.pick(&["k-a.bin", "k-[a.bin"]));
    }),
    kind("pattern: braces", ANY, |plan, dice, keys| {
        pattern(plan, keys, "{a,b}.bin", dice.pick(&["a.bin", "{a,b}.bin"]))
    }),
    kind("pattern: two stars", ANY, |plan, dice, keys| {
        pattern(plan, keys, "d/**", dice.pick(&["d/a/b.bin", "d/a.bin"]))
    }),
    kind("pattern: slash at the beginning", ANY, |plan, dice, keys| {
        pattern(plan, keys, "/s/*", dice.pick(&["s/1.bin", "/s/1.bin"]));
    }),
    kind("pattern: backslash", ANY, |plan, dice, keys| {
        pattern(plan, keys, "b\\*", dice.pick(&["b\\1.bin", "b*", "b1.bin"]))
    }),
    kind("pattern: empty", ANY, |plan, _, keys| pattern(plan, keys, "", "e.bin")),
    kind("pattern: capitals", ANY, |plan, _, keys| {
        pattern(plan, keys, "CAP-*", "cap-1.bin")
    }),
    kind("pattern: line end in the path", ANY, |plan, _, keys| {
        pattern(plan, keys, "l-*", "l-a\nb.bin")
    }),
    kind("hash prefix in capitals", ANY, |plan, _, keys| {
        hash_prefix(plan, keys, |digest| digest[..3].to_uppercase())
    }),
    kind("hash prefix as long as a digest", ANY, |plan, _, keys| {
        hash_prefix(plan, keys, str::to_owned)
    }),
    kind("hash prefix longer than a digest", ANY, |plan, _, keys| {
        hash_prefix(plan, keys, |digest| format!("{digest}00"))
    }),
    kind("hash prefix empty", ANY, |plan, _, keys| {
        hash_prefix(plan, keys, |_| String::new())
    }),
    kind("hash prefix that is no hexadecimal", ANY, |plan, _, keys| {
        hash_prefix(plan, keys, |_| "xy".to_owned())
    }),
    kind("target outside of the delegated paths", DELEGATION, |plan, dice, _| {
        let path = "outside.bin";
        delegated(plan, dice).signed.at(&["targets"]).set(path, target(path));
        plan.lookups.push(path.to_owned());
    }),
    kind("target listed by two roles", ANY, |plan, _, keys| {
        add(plan, &keys.strangers[0], "one", &["w-*"], false, &["w-1.bin"]);
        add(
            plan,
            &keys.strangers[1],
            "other",
            &["w-*"],
            false,
            &["w-1.bin", "w-2.bin"],
        );
        plan.delegated
            .last_mut()
            .expect("just added")
            .signed
            .at(&["targets"])
            .set("w-1.bin", target("another"));
        plan.lookups.extend(["w-1.bin".to_owned(), "w-2.bin".to_owned()]);
    }),
    kind("terminating delegation before one that has it", ANY, |plan, _, keys| {
        add(plan, &keys.strangers[0], "one", &["w-*"], true, &[]);
        add(plan, &keys.strangers[1], "other", &["w-*"], false, &["w-1.bin"]);
        plan.lookups.push("w-1.bin".to_owned());
    }),
    kind("delegations in a circle", ANY, |plan, _, keys| {
        add(plan, &keys.strangers[0], "one", &["w-*"], false, &["w-1.bin"]);
        add_below(plan, "one", &keys.strangers[1], "other", &["w-*"], &["w-2.bin"]);
        let seats = Seats {
            keys: vec![keys.strangers[0].clone()],
            threshold: 1,
        };
        let entry = entry(&seats, "one", &["w-*"], false);
        delegate(&mut doc(plan, "other").signed, &seats, entry);
        plan.lookups
            .extend(["w-1.bin".to_owned(), "w-2.bin".to_owned(), "w-3.bin".to_owned()]);
    }),
    kind(
        "role with two parents that name different keys",
        ANY,
        |plan, dice, keys| {
            add(plan, &keys.strangers[0], "one", &["w-*", "v-*"], false, &[]);
            add_below(
                plan,
                "one",
                &keys.strangers[0],
                "shared",
                &["w-*"],
                &["w-1.bin", "v-1.bin"],
            );
            let second = &keys.strangers[dice.below(2)];
            let seats = Seats {
                keys: vec![second.clone()],
                threshold: 1,
            };
            let entry = entry(&seats, "shared", &["v-*"], false);
            delegate(&mut plan.targets.signed, &seats, entry);
            plan.lookups
                .extend(["w-1.bin".to_owned(), "v-1.bin".to_owned(), "v-2.bin".to_owned()]);
        },
    ),
    kind("succinct roles", ANY, |plan, dice, keys| {
        succinct(plan, dice, keys, |_| ())
    }),
    kind("succinct roles of no bits", ANY, |plan, dice, keys| {
        succinct(plan, dice, keys, |roles| roles.set("bit_length", 0_usize));
    }),
    kind("succinct roles of 33 bits", ANY, |plan, dice, keys| {
        succinct(plan, dice, keys, |roles| roles.set("bit_length", 33_usize));
    }),
    kind("succinct roles and listed roles", DELEGATION, |plan, dice, keys| {
        let roles = plan.targets.signed.at(&["delegations", "roles"]).clone();
        succinct(plan, dice, keys, |_| ());
        plan.targets.signed.at(&["delegations"]).set("roles", roles);
    }),
    kind("target path that leads elsewhere", ANY, |plan, dice, _| {
        let path = dice.pick(&["../up.bin", "/abs.bin", "a//b.bin", "a/../b.bin", "./c.bin", ".."]);
        plan.targets.signed.at(&["targets"]).set(path, target(path));
        plan.lookups.push(path.to_owned());
    }),
    kind("target path empty", ANY, |plan, _, _| {
        plan.targets.signed.at(&["targets"]).set("", target("empty"));
    }),
];

fn rename(plan: &mut Plan, dice: &mut Dice, names: &[&str]) {
    let name = dice.pick(names);
    let old = delegated(plan, dice).role.clone();
    delegation(plan, &old).set("name", name);
    doc(plan, &old).role = name.to_owned();
}

/// Changes a delegation that has the member `having`.
fn change(plan: &mut Plan, dice: &mut Dice, change: impl FnOnce(&mut Json), having: &str) {
    let names: Vec<String> = plan.delegated.iter().map(|doc| doc.role.clone()).collect();
    let fits: Vec<String> = names
        .into_iter()
        .filter(|name| delegation(plan, name).get(having).is_some())
        .collect();
    let name = &fits[dice.below(fits.len())];
    change(delegation(plan, name));
}

fn doc<'a>(plan: &'a mut Plan, role: &str) -> &'a mut Doc {
    plan.delegated
        .iter_mut()
        .find(|doc| doc.role == role)
        .expect("the role was made")
}

fn entry(seats: &Seats, name: &str, paths: &[&str], terminating: bool) -> Json {
    let keyids: Vec<String> = seats.keys.iter().map(|key| key.id.clone()).collect();
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    map! {"name" => name, "keyids" => keyids, "threshold" => seats.threshold, "paths" => paths, "terminating" => terminating}
}

fn body(plan: &Plan, targets: &[&str]) -> Json {
    let mut signed = plan.targets.signed.clone();
    signed.remove("delegations");
    signed.set(
        "targets",
        Json::Map(targets.iter().map(|path| (path.to_string(), target(path))).collect()),
    );
    signed
}

/// Adds a role below targets.
fn add(plan: &mut Plan, key: &Key, name: &str, paths: &[&str], terminating: bool, targets: &[&str]) {
    let seats = Seats {
        keys: vec![key.clone()],
        threshold: 1,
    };
    let entry = entry(&seats, name, paths, terminating);
    let made = Doc::new(name, body(plan, targets), vec![key.clone()]);
    delegate(&mut plan.targets.signed, &seats, entry);
    plan.delegated.push(made);
}

fn add_below(plan: &mut Plan, parent: &str, key: &Key, name: &str, paths: &[&str], targets: &[&str]) {
    let seats = Seats {
        keys: vec![key.clone()],
        threshold: 1,
    };
    let entry = entry(&seats, name, paths, false);
    let made = Doc::new(name, body(plan, targets), vec![key.clone()]);
    delegate(&mut doc(plan, parent).signed, &seats, entry);
    plan.delegated.push(made);
}

/// Delegates by one pattern to a role that lists one path.
fn pattern(plan: &mut Plan, keys: &Keys, pattern: &str, path: &str) {
    add(plan, &keys.strangers[0], "patterned", &[pattern], false, &[path]);
    plan.lookups.push(path.to_owned());
}

/// Delegates by a prefix made of the digest of the path that the role lists.
fn hash_prefix(plan: &mut Plan, keys: &Keys, prefix: impl FnOnce(&str) -> String) {
    let path = "hashed.bin";
    add(plan, &keys.strangers[0], "hashed", &[], false, &[path]);
    let entry = delegation(plan, "hashed");
    entry.remove("paths");
    entry.set("path_hash_prefixes", vec![prefix(&sha256(path.as_bytes()))]);
    plan.lookups.push(path.to_owned());
}

/// Delegates by TAP 15 to four bins; whatever was delegated before is gone.
fn succinct(plan: &mut Plan, dice: &mut Dice, keys: &Keys, change: impl FnOnce(&mut Json)) {
    let key = &keys.strangers[0];
    if plan.targets.signed.get("delegations").is_none() {
        plan.delegated.clear();
    }
    let bits = dice.within(1, 3);
    let mut roles =
        map! {"keyids" => vec![key.id.clone()], "threshold" => 1_usize, "bit_length" => bits, "name_prefix" => "bin"};
    change(&mut roles);
    let paths: Vec<String> = (0..5).map(|number| format!("succinct-{number}.bin")).collect();
    for bin in 0..1_usize << bits {
        let first = |path: &String| usize::from_str_radix(&sha256(path.as_bytes())[..2], 16).expect("hexadecimal");
        let own: Vec<&str> = paths
            .iter()
            .filter(|path| first(path) >> (8 - bits) == bin)
            .map(String::as_str)
            .collect();
        let made = Doc::new(&format!("bin-{bin:x}"), body(plan, &own), vec![key.clone()]);
        plan.delegated.push(made);
    }
    let mut table = Json::Map(Vec::new());
    table.set(&key.id, key.object.clone());
    plan.targets
        .signed
        .set("delegations", map! {"keys" => table, "succinct_roles" => roles});
    plan.lookups.extend(paths);
}
