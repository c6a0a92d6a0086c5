//! Sound repositories of many shapes: kinds of keys, thresholds, chains of roots, delegations below each other, bins.

use super::dice::Dice;
use super::json::{Json, Style};
use super::keys::{Key, Keys, sha256};
use super::plan::{Doc, LATER, Plan};
use crate::map;

/// What a mutation needs of the repository it is made in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// At least so many roots.
    pub roots: usize,
    pub delegation: bool,
    /// Every threshold is 1 and every role has one key, so that one broken signature is one too many.
    pub one_key: bool,
}

/// Draws a sound repository.
pub fn sound(dice: &mut Dice, keys: &Keys, wants: Wants) -> Plan {
    let mut deck = Deck::shuffled(dice, keys);
    let consistent = dice.once_in(2);
    let spec_version = dice.pick(&["1.0.0", "1.0.19", "1.0.34"]).to_string();
    let signed = |kind: &str, dice: &mut Dice| {
        let version = if dice.once_in(3) {
            dice.within(1, 2_000_000_000)
        } else {
            dice.within(1, 9)
        };
        map! {"_type" => kind, "spec_version" => spec_version.clone(), "version" => version, "expires" => LATER}
    };
    let online: Vec<(&str, Seats)> = ["timestamp", "snapshot", "targets"]
        .into_iter()
        .map(|role| (role, deck.seats(dice, if wants.one_key { 1 } else { 2 })))
        .collect();

    let most = if wants.one_key { 1 } else { 4 };
    let mut officers = deck.seats(dice, most);
    let count = wants.roots.max(if dice.once_in(3) { dice.within(2, 4) } else { 1 });
    let first = if dice.once_in(4) { dice.within(2, 40) } else { 1 };
    let mut roots: Vec<Doc> = Vec::new();
    for version in first..first + count {
        let before = officers.clone();
        if version > first && dice.once_in(2) {
            officers.replace_one(dice, &mut deck);
        }
        let mut root = signed("root", dice);
        root.set("version", version);
        root.set("consistent_snapshot", consistent);
        root.set("keys", Json::Map(Vec::new()));
        for (role, seats) in online.iter().chain([&("root", officers.clone())]) {
            seats.list(root.at(&["keys"]));
            root.at(&["roles"]).set(role, seats.role());
        }
        let mut signers = officers.signers(dice);
        if version > first {
            signers.extend(
                before
                    .signers(dice)
                    .into_iter()
                    .filter(|key| officers.keys.iter().all(|own| own.id != key.id)),
            );
            let own = signers
                .iter()
                .filter(|key| before.keys.iter().any(|old| old.id == key.id))
                .count();
            if own < before.threshold {
                signers = officers.keys.iter().chain(&before.keys).cloned().collect();
                signers.sort_by(|a, b| a.id.cmp(&b.id));
                signers.dedup_by(|a, b| a.id == b.id);
            }
        }
        roots.push(Doc::new("root", root, signers));
    }

    let mut targets = signed("targets", dice);
    targets.set("targets", Json::Map(Vec::new()));
    let mut lookups = vec!["nowhere.bin".to_owned()];
    list_targets(dice, &mut targets, "top-", &mut lookups);
    let mut delegated = Vec::new();
    if wants.delegation || dice.once_in(2) {
        let depth = dice.within(1, 3);
        below(
            dice,
            &mut deck,
            &mut targets,
            "x",
            depth,
            &signed,
            &mut delegated,
            &mut lookups,
        );
    }
    if dice.once_in(4) {
        bins(dice, &mut deck, &mut targets, &signed, &mut delegated, &mut lookups);
    }
    let doc = |role: &str, body: Json, dice: &mut Dice| {
        let seats = &online.iter().find(|(name, _)| *name == role).expect("an online role").1;
        Doc::new(role, body, seats.signers(dice))
    };
    let snapshot = signed("snapshot", dice);
    let timestamp = signed("timestamp", dice);
    let mut plan = Plan {
        consistent,
        roots,
        timestamp: doc("timestamp", timestamp, dice),
        snapshot: doc("snapshot", snapshot, dice),
        targets: doc("targets", targets, dice),
        delegated,
        lookups,
        unlisted: Vec::new(),
        cached: Default::default(),
        files: Vec::new(),
    };
    dress(dice, &mut plan);
    plan
}

/// What makes no difference: how files are written, members nobody knows, hashes that may be left out.
fn dress(dice: &mut Dice, plan: &mut Plan) {
    let style = dice.pick(&[Style::Compact, Style::Indented, Style::Reversed, Style::Escaped]);
    let described = !dice.once_in(4);
    let unknown = dice.once_in(3);
    let top = [&mut plan.timestamp, &mut plan.snapshot, &mut plan.targets];
    for doc in plan.roots.iter_mut().chain(&mut plan.delegated).chain(top) {
        doc.style = style;
        doc.described = described;
        if unknown {
            doc.signed.set(
                "x-unknown",
                map! {"list" => vec!["a \"b\" \\".to_owned()], "yes" => true},
            );
        }
    }
}

/// Keys in an order of the dice's, each handed out once.
pub struct Deck(Vec<Key>);

impl Deck {
    fn shuffled(dice: &mut Dice, keys: &Keys) -> Self {
        let mut all = keys.all.clone();
        for place in (1..all.len()).rev() {
            all.swap(place, dice.below(place + 1));
        }
        Deck(all)
    }

    fn next(&mut self) -> Key {
        self.0.pop().expect("no shape needs so many keys")
    }

    fn seats(&mut self, dice: &mut Dice, most: usize) -> Seats {
        let keys: Vec<Key> = (0..dice.within(1, most)).map(|_| self.next()).collect();
        let threshold = dice.within(1, keys.len());
        Seats { keys, threshold }
    }
}

/// The keys of a role.
#[derive(Clone)]
pub struct Seats {
    pub keys: Vec<Key>,
    pub threshold: usize,
}

impl Seats {
    fn role(&self) -> Json {
        let keyids: Vec<String> = self.keys.iter().map(|key| key.id.clone()).collect();
        map! {"keyids" => keyids, "threshold" => self.threshold}
    }

    fn list(&self, table: &mut Json) {
        for key in &self.keys {
            table.set(&key.id, key.object.clone());
        }
    }

    /// Enough of them, sometimes more.
    fn signers(&self, dice: &mut Dice) -> Vec<Key> {
        let count = dice.within(self.threshold, self.keys.len());
        self.keys[self.keys.len() - count..].to_vec()
    }

    fn replace_one(&mut self, dice: &mut Dice, deck: &mut Deck) {
        let place = dice.below(self.keys.len());
        self.keys[place] = deck.next();
    }
}

pub fn target(content: &str) -> Json {
    map! {"hashes" => map! {"sha256" => sha256(content.as_bytes())}, "length" => content.len()}
}

fn list_targets(dice: &mut Dice, into: &mut Json, prefix: &str, lookups: &mut Vec<String>) {
    for number in 0..dice.within(1, 4) {
        let path = format!("{prefix}{number}.bin");
        let mut entry = target(&path);
        if dice.once_in(3) {
            entry.set("custom", map! {"note" => "é and \u{1f511}", "number" => 7_usize});
        }
        into.at(&["targets"]).set(&path, entry);
        lookups.push(path);
    }
}

/// Delegates paths that begin with `prefix` to a role and, below it, longer prefixes to others.
#[expect(
    clippy::too_many_arguments,
    reason = "one place calls it, with everything the shape has"
)]
fn below(
    dice: &mut Dice,
    deck: &mut Deck,
    parent: &mut Json,
    prefix: &str,
    depth: usize,
    signed: &impl Fn(&str, &mut Dice) -> Json,
    delegated: &mut Vec<Doc>,
    lookups: &mut Vec<String>,
) {
    for number in 0..dice.within(1, 2) {
        let prefix = format!("{prefix}{number}-");
        let name = format!("role-{prefix}");
        let seats = deck.seats(dice, if deck.0.len() > 12 { 2 } else { 1 });
        let mut body = signed("targets", dice);
        body.set("targets", Json::Map(Vec::new()));
        list_targets(dice, &mut body, &prefix, lookups);
        lookups.push(format!("{prefix}unlisted.bin"));
        if depth > 1 && deck.0.len() > 4 {
            below(dice, deck, &mut body, &prefix, depth - 1, signed, delegated, lookups);
        }
        let mut role = seats.role();
        role.set("name", name.clone());
        role.set("paths", vec![format!("{prefix}*")]);
        role.set("terminating", dice.once_in(4));
        delegate(parent, &seats, role);
        delegated.push(Doc::new(&name, body, seats.signers(dice)));
    }
}

/// Delegates every path by its hash to one of two roles.
fn bins(
    dice: &mut Dice,
    deck: &mut Deck,
    parent: &mut Json,
    signed: &impl Fn(&str, &mut Dice) -> Json,
    delegated: &mut Vec<Doc>,
    lookups: &mut Vec<String>,
) {
    let halves = [("bin-low", "01234567"), ("bin-high", "89abcdef")];
    let paths: Vec<String> = (0..6).map(|number| format!("binned-{number}.bin")).collect();
    let key = deck.next();
    for (name, digits) in halves {
        let seats = Seats {
            keys: vec![key.clone()],
            threshold: 1,
        };
        let mut body = signed("targets", dice);
        body.set("targets", Json::Map(Vec::new()));
        for path in paths
            .iter()
            .filter(|path| digits.contains(&sha256(path.as_bytes())[..1]))
        {
            body.at(&["targets"]).set(path, target(path));
        }
        let mut role = seats.role();
        role.set("name", name);
        let prefixes: Vec<String> = digits.chars().map(String::from).collect();
        role.set("path_hash_prefixes", prefixes);
        role.set("terminating", false);
        delegate(parent, &seats, role);
        delegated.push(Doc::new(name, body, seats.signers(dice)));
    }
    lookups.extend(paths);
}

/// Adds a delegation to a targets document.
pub fn delegate(parent: &mut Json, seats: &Seats, role: Json) {
    if parent.get("delegations").is_none() {
        parent.set(
            "delegations",
            map! {"keys" => Json::Map(Vec::new()), "roles" => Vec::<Json>::new()},
        );
    }
    seats.list(parent.at(&["delegations", "keys"]));
    parent.at(&["delegations", "roles"]).entries().push(role);
}
