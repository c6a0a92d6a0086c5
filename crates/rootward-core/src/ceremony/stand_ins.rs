//! What a server signs by itself once a change is published: made in memory, with keys that are thrown away at once.
//!
//! A rehearsal meets these documents in the place of the server's. Whether the server really signs them so is an assumption
//! that is listed, and that the walks after publishing check.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use rootward_tuf::dialect::Dialect;
use rootward_tuf::draft::{AnyComplete, AnyFrozen, SnapshotDraft, TimestampDraft};
use rootward_tuf::key::{Key, KeyId, KeyTable, PublicKey};
use rootward_tuf::metadata::{MetaEntry, RoleKeys, Root, Signature};
use rootward_tuf::role::RoleName;
use rootward_tuf::time::Instant;
use rootward_tuf::walk::Outcome;
use zeroize::Zeroizing;

use super::walks::{Overlay, Terms};
use crate::border::short;
use crate::ports::{Failure, Random};

/// How long documents of stand-ins last: longer than any rehearsal.
const DAY_SECONDS: i64 = 86_400;

/// A document that somebody else signs when the change is there, and the keys that the new root asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftToServer {
    pub role: RoleName,
    pub keyids: Vec<KeyId>,
}

impl LeftToServer {
    /// What is taken for granted: `the server must sign timestamp with the key 5c4f…09ab`.
    pub fn sentence(&self, dialect: Dialect) -> String {
        let ids: Vec<String> = self.keyids.iter().map(|keyid| short(keyid.as_str())).collect();
        let keys = if ids.len() == 1 { "the key" } else { "keys of" };
        let who = match dialect {
            Dialect::Notary => "the server",
            Dialect::Tuf1 => "whoever holds its online key",
        };
        format!("{who} must sign {} with {keys} {}", self.role, ids.join(", "))
    }
}

/// The documents that `documents` make necessary and do not contain, under the root `after` that follows `before`; none
/// where a repository is begun.
///
/// A Notary server signs a timestamp for every publication, and a snapshot when none was given to it. In TUF 1.0 a document
/// is made again when it names one that changed, or when the keys it was signed with may not be enough any more.
pub fn left_to_server(
    before: Option<&Root>,
    after: &Root,
    documents: &[AnyComplete],
    dialect: Dialect,
) -> Vec<LeftToServer> {
    let has = |role: &RoleName| documents.iter().any(|document| document.role() == role);
    let is_harder = |role: &RoleName| match (before, before.and_then(|before| before.role(role)), after.role(role)) {
        (Some(before), Some(old), Some(new)) => {
            let (had, have) = (before.keys.physical(&old.keyids), after.keys.physical(&new.keyids));
            new.threshold > old.threshold || !had.is_subset(&have)
        }
        _ => true,
    };
    let mut left = Vec::new();
    let has_targets = documents
        .iter()
        .any(|document| matches!(document, AnyComplete::Targets(_)));
    for role in [RoleName::snapshot(), RoleName::timestamp()] {
        let names_a_new_one = match role == RoleName::snapshot() {
            true => has_targets,
            false => has(&RoleName::snapshot()) || !left.is_empty(),
        };
        let is_made_again = dialect == Dialect::Notary || names_a_new_one || is_harder(&role);
        if !has(&role) && is_made_again {
            let keyids = after.role(&role).map(|role| role.keyids.clone()).unwrap_or_default();
            left.push(LeftToServer { role, keyids });
        }
    }
    left
}

/// Lays over what `left` names, made from today's documents in `current`, where there are any.
pub fn stand_in(
    overlay: &mut Overlay,
    left: &[LeftToServer],
    current: Option<&Outcome>,
    documents: &[AnyComplete],
    terms: &Terms,
    random: &dyn Random,
) -> Result<(), Failure> {
    let end = terms.now.plus_seconds(DAY_SECONDS);
    let mut snapshot = documents
        .iter()
        .find(|document| *document.role() == RoleName::snapshot())
        .map(AnyComplete::meta_entry)
        .or_else(|| {
            let today = current?.snapshot.as_ref()?;
            Some(MetaEntry::of(today.file_bytes(), today.version(), terms.dialect))
        });
    for LeftToServer { role, .. } in left {
        let frozen = if *role == RoleName::snapshot() {
            next_snapshot(current, documents, terms.dialect, end)
        } else {
            // Where no snapshot could be read, there is nothing a timestamp could name.
            let Some(snapshot) = &snapshot else { continue };
            next_timestamp(current, snapshot, terms.dialect, end)
        };
        let frozen = frozen.map_err(|why| impossible(role, &why.to_string()))?;
        let throw_away =
            ThrowAway::new(terms.dialect, random).ok_or_else(|| impossible(role, "no key could be made"))?;
        let complete = throw_away
            .complete(frozen)
            .ok_or_else(|| impossible(role, "its signature does not hold"))?;
        if *role == RoleName::snapshot() {
            snapshot = Some(complete.meta_entry());
        }
        overlay.lay_stood_in(&complete, throw_away.key);
    }
    Ok(())
}

fn next_snapshot(
    current: Option<&Outcome>,
    documents: &[AnyComplete],
    dialect: Dialect,
    end: Instant,
) -> Result<AnyFrozen, rootward_tuf::DraftRefusal> {
    let (snapshot, targets) = match current {
        Some(current) => (current.snapshot.as_ref(), current.targets.as_ref()),
        None => (None, None),
    };
    let mut draft = match snapshot {
        Some(today) => SnapshotDraft::next(today),
        None => SnapshotDraft::first(dialect, end),
    };
    if let (None, Some(targets)) = (snapshot, targets) {
        let entry = MetaEntry::of(targets.file_bytes(), targets.version(), dialect);
        draft.set_meta(&RoleName::targets(), &entry);
    }
    for document in documents {
        draft.list(document);
    }
    draft.set_expires(end).freeze().map(AnyFrozen::from)
}

fn next_timestamp(
    current: Option<&Outcome>,
    snapshot: &MetaEntry,
    dialect: Dialect,
    end: Instant,
) -> Result<AnyFrozen, rootward_tuf::DraftRefusal> {
    let mut draft = match current.and_then(|current| current.timestamp.as_ref()) {
        Some(today) => TimestampDraft::next(today),
        None => TimestampDraft::first(dialect, snapshot, end),
    };
    draft
        .set_snapshot(snapshot)
        .set_expires(end)
        .freeze()
        .map(AnyFrozen::from)
}

fn impossible(role: &RoleName, why: &str) -> Failure {
    let message = format!("the next {role}, which only a server can sign, cannot be rehearsed: {why}");
    Failure::refusal("rehearsal-refused", message)
}

/// A key that signs one document of one rehearsal and is never written anywhere.
struct ThrowAway {
    pair: Ed25519KeyPair,
    key: Key,
}

impl ThrowAway {
    fn new(dialect: Dialect, random: &dyn Random) -> Option<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut *seed);
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).ok()?;
        let public = PublicKey::from_ed25519_bytes(pair.public_key().as_ref()).ok()?;
        let key = match dialect {
            Dialect::Tuf1 => Key::new_tuf1(&public),
            Dialect::Notary => Key::new_notary_bare(&public),
        };
        Some(ThrowAway { pair, key })
    }

    fn complete(&self, frozen: AnyFrozen) -> Option<AnyComplete> {
        let signature = Signature::by(&self.key, self.pair.sign(frozen.bytes()).as_ref())?;
        let keys = KeyTable::new(vec![self.key.clone()]);
        let role = RoleKeys {
            keyids: vec![self.key.keyid().clone()],
            threshold: 1,
        };
        Some(match frozen {
            AnyFrozen::Snapshot(frozen) => frozen.complete(&keys, &role, vec![signature]).ok()?.into(),
            AnyFrozen::Timestamp(frozen) => frozen.complete(&keys, &role, vec![signature]).ok()?.into(),
            AnyFrozen::Root(_) | AnyFrozen::Targets(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use rootward_tuf::verify::Verified;
    use rootward_tuf::walk::Rehearsed;

    use super::*;
    use crate::ceremony::walks::Memory;
    use crate::notary_support::{Counting, GUN, NOW, NotaryWorld, bare};
    use crate::ports::LimitsView;
    use crate::rotation_support::at;

    /// What a client on today's root makes of a next root, with the server's part stood in for.
    async fn rehearsed(world: &NotaryWorld, root: AnyComplete, with_stand_ins: bool) -> Rehearsed {
        let source = world.source();
        let terms = Terms {
            dialect: Dialect::Notary,
            gun: Some(GUN.into()),
            now: at(NOW),
        };
        let mut memory = Memory::new(&source, LimitsView::default(), terms.clone());
        let today = memory.root(1).await.expect("a source").expect("a root");
        let current = memory.walk_past_expiry(today.clone()).await.expect("walked");
        let before: &Verified<Root> = current.root.as_ref().expect("a root");
        let after = root.as_root().expect("a root").verified().body().clone();
        let documents = [root];
        let left = left_to_server(Some(before.body()), &after, &documents, Dialect::Notary);
        let mut overlay = Overlay::of(&documents);
        if with_stand_ins {
            stand_in(
                &mut overlay,
                &left,
                Some(&current),
                &documents,
                &terms,
                &Counting::default(),
            )
            .expect("stood in");
        }
        memory.rehearse(today, &overlay).await.expect("rehearsed")
    }

    #[tokio::test]
    async fn stand_ins_make_a_new_root_reachable_and_nothing_else_does() {
        let world = NotaryWorld::new(false);
        let accepted = rehearsed(&world, world.next_root(2, GUN), true).await;
        assert!(accepted.accepted, "{:?}", accepted.first_refusal());
        assert_eq!(accepted.stood_in, [RoleName::timestamp(), RoleName::snapshot()]);
        // The server's own documents still name the old root.
        let refused = rehearsed(&world, world.next_root(2, GUN), false).await;
        assert!(!refused.accepted && refused.stood_in.is_empty());
    }

    #[tokio::test]
    async fn a_root_whose_certificate_names_another_repository_is_refused() {
        let world = NotaryWorld::new(false);
        for (gun, accepts) in [
            ("registry.test:5000/lab/*", true),
            ("registry.test:5000/lab/other", false),
        ] {
            let client = rehearsed(&world, world.next_root(2, gun), true).await;
            assert_eq!(client.accepted, accepts, "{gun}");
            assert_eq!(client.root_versions.last() == Some(&2), accepts, "{gun}");
        }
    }

    #[test]
    fn a_notary_server_signs_what_it_is_not_given_and_tuf_what_names_something_new() {
        let world = NotaryWorld::new(false);
        let old = world.next_root(1, GUN);
        let root = world.next_root(2, GUN);
        let (before, after) = (
            old.as_root().expect("a root").verified().body().clone(),
            root.as_root().expect("a root").verified().body().clone(),
        );
        let roles = |after: &Root, documents: &[AnyComplete], dialect| {
            let left = left_to_server(Some(&before), after, documents, dialect);
            left.iter()
                .map(|left| left.role.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        let documents = [root];
        assert_eq!(roles(&after, &documents, Dialect::Notary), ["snapshot", "timestamp"]);
        assert!(roles(&after, &documents, Dialect::Tuf1).is_empty());
        // A snapshot key that left: what it signed may count no more.
        let mut harder = after.clone();
        harder.snapshot.keyids.clear();
        assert_eq!(roles(&harder, &documents, Dialect::Tuf1), ["snapshot", "timestamp"]);
        let left = LeftToServer {
            role: RoleName::timestamp(),
            keyids: vec![bare(101).keyid().clone()],
        };
        assert!(
            left.sentence(Dialect::Notary)
                .starts_with("the server must sign timestamp with the key ")
        );
    }
}
