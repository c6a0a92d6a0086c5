//! What can be wrong or odd about the keys a document lists, and about their ids.

use super::{ANY, DELEGATION, Kind, ONE_KEY, any, kind, seats, table};
use crate::judged::dice::Dice;
use crate::judged::json::Json;
use crate::judged::keys::{Key, Keys};
use crate::judged::plan::Plan;
use crate::map;

pub const KINDS: &[Kind] = &[
    kind("keyid that is no hash", ANY, |plan, dice, _| {
        relist(plan, dice, |key| key.named(&format!("{:0>64}", "7247f0db")));
    }),
    kind("keyid of a few letters", ANY, |plan, dice, _| {
        relist(plan, dice, |key| key.named("fa47289"))
    }),
    kind("keyid over the key with keyid_hash_algorithms", ANY, |plan, dice, _| {
        relist(plan, dice, |key| {
            let algorithms = vec!["sha256".to_owned(), "sha512".to_owned()];
            key.listed_as(|object| object.set("keyid_hash_algorithms", algorithms))
        });
    }),
    kind("keyid over the key without a member it has", ANY, |plan, dice, _| {
        relist(plan, dice, |key| {
            let id = key.id.clone();
            key.listed_as(|object| object.set("x-owner", "officer_1")).named(&id)
        });
    }),
    kind("keyid in upper case", ANY, |plan, dice, _| {
        relist(plan, dice, |key| key.named(&key.id.to_uppercase()))
    }),
    kind("keyid repeated in a role", ANY, |plan, dice, _| {
        let role = any(plan, dice).role.clone();
        let keyids = seats(plan, &role).at(&["keyids"]).entries();
        keyids.push(keyids[0].clone());
    }),
    kind("keyid without a key", ANY, |plan, dice, keys| {
        let (role, stranger) = (any(plan, dice).role.clone(), keys.strangers[0].id.clone());
        seats(plan, &role).at(&["keyids"]).entries().push(Json::Text(stranger));
    }),
    kind("key of a role taken from the table", ONE_KEY, |plan, dice, _| {
        let doc = any(plan, dice);
        let (role, id) = (doc.role.clone(), doc.signers[0].id.clone());
        table(plan, &role).remove(&id);
    }),
    kind("role without keys", ANY, |plan, dice, _| {
        let role = any(plan, dice).role.clone();
        seats(plan, &role).set("keyids", Vec::<Json>::new());
    }),
    kind(
        "one key under two keyids for a threshold of 2",
        ONE_KEY,
        |plan, dice, _| {
            let doc = any(plan, dice);
            let (role, first) = (doc.role.clone(), doc.signers[0].clone());
            let second = first.listed_as(|object| object.set("x-again", true));
            doc.signers.push(second.clone());
            table(plan, &role).set(&second.id, second.object);
            let seats = seats(plan, &role);
            seats.set("keyids", vec![first.id, second.id]);
            seats.set("threshold", 2_usize);
        },
    ),
    kind("unknown keytype that nobody needs", ANY, |plan, dice, _| {
        let role = any(plan, dice).role.clone();
        let object = map! {"keytype" => "dilithium9", "scheme" => "dilithium9", "keyval" => map! {"public" => "00"}};
        let id = crate::judged::keys::keyid(&object);
        table(plan, &role).set(&id, object);
    }),
    kind("unknown keytype of a role's only key", ONE_KEY, |plan, dice, _| {
        relist(plan, dice, |key| {
            key.listed_as(|object| object.set("keytype", "dilithium9"))
        });
    }),
    kind("unknown scheme of a role's only key", ONE_KEY, |plan, dice, _| {
        relist(plan, dice, |key| {
            key.listed_as(|object| object.set("scheme", "unheard-of"))
        });
    }),
    kind("scheme of another keytype", ONE_KEY, |plan, dice, _| {
        relist(plan, dice, |key| {
            let other = if key.keytype() == "ed25519" {
                "ecdsa-sha2-nistp256"
            } else {
                "ed25519"
            };
            key.listed_as(|object| object.set("scheme", other))
        });
    }),
    kind("keytype ecdsa-sha2-nistp256 with PEM", ANY, |plan, dice, keys| {
        let key = p256(keys, dice).listed_as(|object| object.set("keytype", "ecdsa-sha2-nistp256"));
        give(plan, dice, key);
    }),
    kind("P-256 key as a point in hexadecimal", ANY, |plan, dice, keys| {
        let key = p256(keys, dice);
        let point = key.hex_point().expect("a P-256 key");
        let key = key.listed_as(|object| {
            object.set("keytype", "ecdsa-sha2-nistp256");
            object.at(&["keyval"]).set("public", point);
        });
        give(plan, dice, key);
    }),
    kind("RSA key with PKCS #1 v1.5", ANY, |plan, dice, keys| {
        let key = keys.all[0].listed_as(|object| object.set("scheme", "rsa-pkcs1v15-sha256"));
        give(plan, dice, key);
    }),
    kind("public key cut short", ONE_KEY, |plan, dice, _| {
        relist(plan, dice, |key| {
            key.listed_as(|object| {
                let public = object.at(&["keyval", "public"]);
                let text = public.text();
                *public = Json::from(&text[..text.len() / 2]);
            })
        });
    }),
    kind("key without keyval", ONE_KEY, |plan, dice, _| {
        relist(plan, dice, |key| key.listed_as(|object| object.remove("keyval")));
    }),
    kind("key without scheme", ONE_KEY, |plan, dice, _| {
        relist(plan, dice, |key| key.listed_as(|object| object.remove("scheme")));
    }),
    kind("keys as a list", DELEGATION, |plan, dice, _| {
        let role = any(plan, dice).role.clone();
        *table(plan, &role) = Json::List(Vec::new());
    }),
];

/// Lists one signing key of some role in another way, wherever its document's delegator lists it.
fn relist(plan: &mut Plan, dice: &mut Dice, change: impl Fn(&Key) -> Key) {
    let doc = any(plan, dice);
    let (role, old) = (doc.role.clone(), doc.signers[0].clone());
    let new = change(&old);
    doc.signers[0] = new.clone();
    let table = table(plan, &role);
    table.remove(&old.id);
    table.set(&new.id, new.object);
    if ["root", "timestamp", "snapshot", "targets"].contains(&role.as_str()) {
        let root = plan.last_root().signed.at(&["roles"]);
        root.members()
            .iter_mut()
            .for_each(|(_, seats)| rename(seats, &old.id, &new.id));
    } else {
        rename(seats(plan, &role), &old.id, &new.id);
        // The bins share a key.
        let shared: Vec<String> = plan
            .delegated
            .iter()
            .filter(|doc| doc.role != role)
            .map(|doc| doc.role.clone())
            .collect();
        for other in shared {
            rename(seats(plan, &other), &old.id, &new.id);
        }
    }
    let docs = plan
        .delegated
        .iter_mut()
        .chain([&mut plan.targets, &mut plan.snapshot, &mut plan.timestamp]);
    for doc in docs.chain(plan.roots.last_mut()) {
        for signer in doc.signers.iter_mut().filter(|signer| signer.id == old.id) {
            // A root is also signed for the root before it, which knows the old id only; so is every later one.
            *signer = change(&old);
        }
    }
    if role == "root" && plan.roots.len() > 1 {
        plan.last_root().signers.push(old);
    }
}

fn rename(seats: &mut Json, old: &str, new: &str) {
    for keyid in seats.at(&["keyids"]).entries() {
        if keyid.text() == old {
            *keyid = Json::from(new);
        }
    }
}

/// Gives a role below root this key and no other.
fn give(plan: &mut Plan, dice: &mut Dice, key: Key) {
    let place = dice.below(3 + plan.delegated.len().min(1));
    let doc = match place {
        0 => &mut plan.timestamp,
        1 => &mut plan.snapshot,
        2 => &mut plan.targets,
        _ => super::delegated(plan, dice),
    };
    let role = doc.role.clone();
    doc.signers = vec![key.clone()];
    table(plan, &role).set(&key.id, key.object);
    let seats = seats(plan, &role);
    seats.set("keyids", vec![key.id]);
    seats.set("threshold", 1_usize);
}

fn p256(keys: &Keys, dice: &mut Dice) -> Key {
    let all: Vec<&Key> = keys.all.iter().filter(|key| key.hex_point().is_some()).collect();
    dice.pick(&all).clone()
}
