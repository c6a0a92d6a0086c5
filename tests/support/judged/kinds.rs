//! The named oddities and mutations, each made in a sound repository that is otherwise left alone.

mod delegations;
mod fields;
mod keys;
pub mod notary;
mod signatures;
mod text;
mod workflow;

use super::dice::Dice;
use super::json::Json;
use super::keys::Keys;
use super::plan::{Doc, Plan};
use super::shape::Wants;

/// One kind of change.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub wants: Wants,
    pub make: fn(&mut Plan, &mut Dice, &Keys),
}

const ANY: Wants = Wants {
    roots: 1,
    delegation: false,
    one_key: false,
};
/// Every role has one key, so that one broken signature is one too many.
const ONE_KEY: Wants = Wants {
    roots: 1,
    delegation: true,
    one_key: true,
};
const DELEGATION: Wants = Wants {
    roots: 1,
    delegation: true,
    one_key: false,
};
const TWO_ROOTS: Wants = Wants {
    roots: 2,
    delegation: false,
    one_key: false,
};

const fn kind(name: &'static str, wants: Wants, make: fn(&mut Plan, &mut Dice, &Keys)) -> Kind {
    Kind { name, wants, make }
}

/// Every kind, the sound repository first.
pub fn all() -> Vec<Kind> {
    let groups: [&[Kind]; 6] = [
        signatures::KINDS,
        keys::KINDS,
        text::KINDS,
        fields::KINDS,
        workflow::KINDS,
        delegations::KINDS,
    ];
    let sound = kind("nothing", ANY, |_, _, _| ());
    let all: Vec<Kind> = std::iter::once(sound)
        .chain(groups.into_iter().flatten().copied())
        .collect();
    all
}

/// A document of any role; of root the newest.
fn any<'a>(plan: &'a mut Plan, dice: &mut Dice) -> &'a mut Doc {
    let delegated = plan.delegated.len();
    match dice.below(4 + delegated.min(2)) {
        0 => plan.last_root(),
        1 => &mut plan.timestamp,
        2 => &mut plan.snapshot,
        3 => &mut plan.targets,
        _ => &mut plan.delegated[dice.below(delegated)],
    }
}

/// A document that its parent describes.
fn described<'a>(plan: &'a mut Plan, dice: &mut Dice) -> &'a mut Doc {
    let delegated = plan.delegated.len();
    match dice.below(2 + delegated.min(2)) {
        0 => &mut plan.snapshot,
        1 => &mut plan.targets,
        _ => &mut plan.delegated[dice.below(delegated)],
    }
}

fn delegated<'a>(plan: &'a mut Plan, dice: &mut Dice) -> &'a mut Doc {
    let place = dice.below(plan.delegated.len());
    &mut plan.delegated[place]
}

/// Targets, or a role below it.
fn some_targets<'a>(plan: &'a mut Plan, dice: &mut Dice) -> &'a mut Doc {
    match dice.below(1 + plan.delegated.len().min(2)) {
        0 => &mut plan.targets,
        _ => delegated(plan, dice),
    }
}

/// Where the keys and the threshold of a role stand: in the newest root, or in the document that delegates to it.
fn seats<'a>(plan: &'a mut Plan, role: &str) -> &'a mut Json {
    if ["root", "timestamp", "snapshot", "targets"].contains(&role) {
        return plan.last_root().signed.at(&["roles", role]);
    }
    delegation(plan, role)
}

/// The delegation to a role.
fn delegation<'a>(plan: &'a mut Plan, role: &str) -> &'a mut Json {
    let parents = std::iter::once(&mut plan.targets).chain(&mut plan.delegated);
    let lists = parents.filter(|parent| parent.signed.get("delegations").is_some());
    let mut entries = lists.flat_map(|parent| parent.signed.at(&["delegations", "roles"]).entries());
    let found = entries.find(|entry| entry.get("name").is_some_and(|name| name.text() == role));
    found.expect("every delegated role has a delegation")
}

/// The table that lists the keys of a role.
fn table<'a>(plan: &'a mut Plan, role: &str) -> &'a mut Json {
    if ["root", "timestamp", "snapshot", "targets"].contains(&role) {
        return plan.last_root().signed.at(&["keys"]);
    }
    let parents = std::iter::once(&mut plan.targets).chain(&mut plan.delegated);
    let names = |entry: &Json| entry.get("name").is_some_and(|name| name.text() == role);
    let mut lists = parents.filter(|parent| {
        let roles = parent.signed.get("delegations").and_then(|below| below.get("roles"));
        matches!(roles, Some(Json::List(entries)) if entries.iter().any(names))
    });
    let parent = lists.next().expect("every delegated role has a delegation");
    parent.signed.at(&["delegations", "keys"])
}

/// Changes the first `from` of a file's text to `to`.
fn replace_text(file: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8_lossy(file).replacen(from, to, 1);
    *file = text.into_bytes();
}
