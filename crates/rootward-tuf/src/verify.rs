//! Who signed: two counts, never mixed, and the only place that makes a [`Verified`].
//!
//! *Ours* counts a physical key once and decides what we call proven. The *client's* counts what the dialect's own clients
//! count, and decides what they would accept.

mod verdicts;

use std::collections::{HashMap, HashSet};
use std::ops::Deref;

use crate::dialect::Dialect;
use crate::finding::{Code, Finding};
use crate::key::{Key, KeyId, KeyProblem, KeyTable, PhysicalKey};
use crate::metadata::{Document, Envelope, RoleKeys, Root, Signature};
use crate::role::RoleName;
pub(crate) use verdicts::Message;

/// A document whose signatures met the threshold of the role that must sign it.
///
/// Proves who signed and nothing else: expiry, versions and digests are the walk's to check.
pub struct Verified<T>(Envelope<T>);

/// The signatures of a document, counted for one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Different physical keys of the role with a good signature.
    pub ours: u32,
    /// What a client of the dialect counts: different keyids with a good signature.
    pub clients: u32,
    /// How many signatures the delegator asks for.
    pub threshold: u64,
    /// One for each signature in the document, in its order.
    pub entries: Vec<TallyEntry>,
    /// Different usable physical keys the role has.
    pub keys: u32,
}

/// What became of one signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyEntry {
    /// The key that the signature claims to be by.
    pub keyid: KeyId,
    /// The key, if the role has it and it can be used.
    pub physical: Option<PhysicalKey>,
    /// Whether it counts, and why not.
    pub outcome: SignatureOutcome,
}

/// Whether a signature counts for the role, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureOutcome {
    /// Good, and the first by this physical key.
    Counted,
    /// The keyid was counted before, or came too often to be looked at again.
    Repeated,
    /// Good, but the same key was counted under another keyid: clients count it, we do not.
    SameKeyCountedAlready,
    /// No signature in it: the signer has not signed yet.
    Empty,
    /// The role has no key of this id.
    UnknownKey,
    /// The key of this id did not make it over this document.
    BadSignature,
    /// The role lists the key, but no signature by it can count, for this reason.
    UnusableKey(KeyProblem),
}

impl Tally {
    /// Counts the signatures of `document` for `role`, whose keys are in the delegator's table `keys`.
    pub fn of<T>(document: &Envelope<T>, keys: &KeyTable, role: &RoleKeys) -> Self {
        Tally::count(
            document.message(),
            document.signatures(),
            document.dialect(),
            keys,
            role,
        )
    }

    /// The count, unless enough signed; that is found with as few signatures verified as it takes.
    pub(crate) fn shortfall<T>(document: &Envelope<T>, keys: &KeyTable, role: &RoleKeys) -> Option<Self> {
        if is_plainly_met(document, keys, role) {
            return None;
        }
        let tally = Tally::of(document, keys, role);
        (!tally.is_met()).then_some(tally)
    }

    pub(crate) fn count(
        message: &Message,
        signatures: &[Signature],
        dialect: Dialect,
        keys: &KeyTable,
        role: &RoleKeys,
    ) -> Self {
        let keyids: HashSet<&KeyId> = role.keyids.iter().collect();
        let mut counter = Counter {
            message,
            keys,
            keyids,
            ids: HashSet::new(),
            bad: HashMap::new(),
            physical: HashSet::new(),
        };
        let entries: Vec<TallyEntry> = signatures.iter().map(|signature| counter.entry(signature)).collect();
        // Notary's clients give up on the document at a key of theirs whose id is not its hash.
        let gives_up = |entry: &TallyEntry| entry.outcome == SignatureOutcome::UnusableKey(KeyProblem::ForeignKeyid);
        let clients_refuse = dialect == Dialect::Notary && entries.iter().any(gives_up);
        Tally {
            ours: counter.physical.len() as u32,
            clients: if clients_refuse { 0 } else { counter.ids.len() as u32 },
            threshold: role.threshold,
            entries,
            keys: keys.physical(&role.keyids).len() as u32,
        }
    }

    /// Whether enough different keys signed.
    pub fn is_met_by_ours(&self) -> bool {
        self.threshold > 0 && u64::from(self.ours) >= self.threshold
    }

    /// Whether a client of the dialect would count enough.
    pub fn is_met_for_clients(&self) -> bool {
        self.threshold > 0 && u64::from(self.clients) >= self.threshold
    }

    /// Whether we and the clients both are satisfied: what proof takes.
    pub fn is_met(&self) -> bool {
        self.is_met_by_ours() && self.is_met_for_clients()
    }

    /// The finding that one key signed under several ids; `None` if both counts agree.
    pub fn one_key_twice(&self, role: &RoleName) -> Option<Finding> {
        (self.clients > self.ours).then(|| {
            let evidence = vec![("clients", self.clients.to_string()), ("ours", self.ours.to_string())];
            Finding::new(Code::OneKeyTwice, role, evidence)
        })
    }

    /// The finding that too few signed; `None` if enough did.
    pub fn under_threshold(&self, role: &RoleName) -> Option<Finding> {
        (!self.is_met()).then(|| {
            let evidence = vec![
                ("counted", self.ours.min(self.clients).to_string()),
                ("threshold", self.threshold.to_string()),
                ("keys", self.keys.to_string()),
            ];
            Finding::new(Code::UnderThreshold, role, evidence)
        })
    }
}

struct Counter<'a> {
    message: &'a Message,
    keys: &'a KeyTable,
    keyids: HashSet<&'a KeyId>,
    ids: HashSet<&'a KeyId>,
    /// Bad signatures by keyid.
    bad: HashMap<&'a KeyId, u32>,
    physical: HashSet<PhysicalKey>,
}

impl<'a> Counter<'a> {
    fn entry(&mut self, signature: &'a Signature) -> TallyEntry {
        let (physical, outcome) = self.outcome(signature);
        TallyEntry {
            keyid: signature.keyid.clone(),
            physical,
            outcome,
        }
    }

    fn outcome(&mut self, signature: &'a Signature) -> (Option<PhysicalKey>, SignatureOutcome) {
        let keyid = &signature.keyid;
        let listed = self.keyids.contains(keyid);
        let key = self.keys.get(keyid).filter(|_| listed);
        if signature.is_empty() {
            return (key.and_then(Key::physical), SignatureOutcome::Empty);
        }
        let Some(key) = key else {
            return (None, SignatureOutcome::UnknownKey);
        };
        let physical = match key.public() {
            Ok(public) => public.physical(),
            Err(problem) => return (None, SignatureOutcome::UnusableKey(problem.clone())),
        };
        let bad = self.bad.entry(keyid).or_default();
        if self.ids.contains(keyid) || *bad == MOST_BAD {
            return (Some(physical), SignatureOutcome::Repeated);
        }
        let outcome = if !self.message.is_signed(key, signature) {
            *bad += 1;
            SignatureOutcome::BadSignature
        } else {
            self.ids.insert(keyid);
            if self.physical.insert(physical) {
                SignatureOutcome::Counted
            } else {
                SignatureOutcome::SameKeyCountedAlready
            }
        };
        (Some(physical), outcome)
    }
}

/// Whether enough keys signed, with as few signatures verified as it takes, the cheapest first.
///
/// Only where every signature stands for itself, so that both counts are the same whichever are looked at: `false` otherwise,
/// and where too few are good. The tally tells then.
fn is_plainly_met<T>(document: &Envelope<T>, keys: &KeyTable, role: &RoleKeys) -> bool {
    let keyids: HashSet<&KeyId> = role.keyids.iter().collect();
    let (mut ids, mut physical) = (HashSet::new(), HashSet::new());
    let mut signers = Vec::new();
    for signature in document.signatures().iter().filter(|signature| !signature.is_empty()) {
        let Some(key) = keys.get(&signature.keyid).filter(|key| keyids.contains(key.keyid())) else {
            continue;
        };
        match key.public() {
            Ok(public) if ids.insert(key.keyid()) && physical.insert(public.physical()) => {
                signers.push((key, signature))
            }
            // One id twice, one key under two ids, or a key at which Notary's clients give up.
            Ok(_) | Err(KeyProblem::ForeignKeyid) => return false,
            Err(_) => {}
        }
    }
    let message = document.message();
    signers.sort_by_cached_key(|(key, signature)| message.cost(key, signature));
    let mut good = signers
        .iter()
        .filter(|(key, signature)| message.is_signed(key, signature));
    role.threshold > 0 && (0..role.threshold).all(|_| good.next().is_some())
}

/// How many bad signatures of one keyid are looked at, so that a document full of them costs no time.
const MOST_BAD: u32 = 16;

impl<T> Verified<T> {
    /// Proves `document` by the keys of `role` in the delegator's table; gives it back with the tally when too few signed.
    ///
    /// With the proof comes the tally, unless there was no need to count everything: then both counts are the same.
    pub(crate) fn prove(
        document: Envelope<T>,
        keys: &KeyTable,
        role: &RoleKeys,
    ) -> Result<(Self, Option<Tally>), (Envelope<T>, Tally)> {
        if is_plainly_met(&document, keys, role) {
            return Ok((Verified(document), None));
        }
        let tally = Tally::of(&document, keys, role);
        if tally.is_met() {
            Ok((Verified(document), Some(tally)))
        } else {
            Err((document, tally))
        }
    }

    /// The document that was proven, with its signatures.
    pub fn envelope(&self) -> &Envelope<T> {
        &self.0
    }
}

impl Verified<Root> {
    /// Takes a root that somebody vouches for from outside this program: an anchor.
    ///
    /// Checks that its own keys signed it, which anybody's root fulfils; fails with the tally when they did not.
    pub fn anchor(root: Envelope<Root>) -> Result<Self, Tally> {
        match Tally::shortfall(&root, &root.body().keys, &root.body().root) {
            None => Ok(Verified(root)),
            Some(tally) => Err(tally),
        }
    }
}

impl<T> Deref for Verified<T> {
    type Target = Envelope<T>;
    fn deref(&self) -> &Envelope<T> {
        &self.0
    }
}

impl<T> Clone for Verified<T> {
    fn clone(&self) -> Self {
        Verified(self.0.clone())
    }
}

impl<T: Document> std::fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "verified {:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{Layout, as_written};
    use crate::testing::{LATER, Made, Officer, at};

    #[test]
    fn every_kind_of_entry_gets_its_outcome_and_a_flood_of_bad_ones_costs_nothing() {
        let made = Made::new(Dialect::Tuf1);
        let mut draft = crate::draft::RootDraft::next(made.root.verified());
        let frozen = draft.set_expires(at(LATER)).freeze().unwrap();
        let by = |place: usize| {
            let (officer, key) = &made.officers[place];
            officer.signs(key, &frozen)
        };
        let stranger = Officer::p256(50);
        let bad = |place: usize| Signature {
            keyid: made.officers[place].1.keyid().clone(),
            ..by((place + 1) % 3)
        };
        let empty = Signature {
            text: String::new(),
            bytes: Some(Vec::new()),
            ..by(2)
        };
        let placeholder = Signature {
            text: "XXX".to_owned(),
            bytes: None,
            ..by(2)
        };
        let mut signatures = vec![
            by(0),
            bad(1),
            by(1),
            by(0),
            stranger.signs(&stranger.key(), &frozen),
            empty,
            placeholder,
        ];
        let root = made.root.verified().body();
        let tally = frozen.tally(&root.keys, &root.root, &signatures);
        use SignatureOutcome::{BadSignature, Counted, Empty, Repeated, UnknownKey};
        let outcomes: Vec<_> = tally.entries.iter().map(|entry| entry.outcome.clone()).collect();
        let expected = [
            Counted,
            BadSignature,
            Counted,
            Repeated,
            UnknownKey,
            Empty,
            BadSignature,
        ];
        assert_eq!(outcomes, expected);
        assert_eq!((tally.ours, tally.clients, tally.threshold, tally.keys), (2, 2, 2, 3));
        assert!(tally.is_met());
        signatures = vec![bad(2); 50_000];
        let tally = frozen.tally(&root.keys, &root.root, &signatures);
        assert_eq!((tally.ours, tally.entries[49_999].outcome.clone()), (0, Repeated));
    }

    #[test]
    fn both_counts_must_reach_a_threshold_and_a_threshold_of_nothing_is_met_by_nobody() {
        let role = RoleName::root();
        for (ours, clients, threshold, expected) in [
            (0, 0, 0, (false, false)),
            (1, 1, 0, (false, false)),
            (0, 0, 1, (false, false)),
            (1, 1, 1, (true, true)),
            (2, 1, 2, (true, false)),
            (1, 2, 2, (false, true)),
            (3, 3, 2, (true, true)),
        ] {
            let tally = Tally {
                ours,
                clients,
                threshold,
                entries: Vec::new(),
                keys: 3,
            };
            assert_eq!((tally.is_met_by_ours(), tally.is_met_for_clients()), expected);
            assert_eq!(tally.is_met(), expected == (true, true));
            let finding = tally.under_threshold(&role);
            assert_eq!(finding.is_none(), tally.is_met());
            assert!(finding.is_none_or(|finding| {
                finding.code == Code::UnderThreshold
                    && finding.evidence.contains(&("counted", ours.min(clients).to_string()))
            }));
            assert_eq!(tally.one_key_twice(&role).is_some(), clients > ours);
        }
    }

    #[test]
    fn counting_no_more_than_it_takes_gives_the_verdict_of_the_full_count() {
        for dialect in [Dialect::Tuf1, Dialect::Notary] {
            let made = Made::new(dialect);
            let frozen = crate::draft::RootDraft::next(made.root.verified()).freeze().unwrap();
            let body = made.root.verified().body();
            let alias = match dialect {
                Dialect::Tuf1 => made.officers[0].1.clone().named(crate::testing::keyid("alias")),
                // In Notary one key has two ids when it has two certificates; another's id makes clients give up.
                Dialect::Notary => made.officers[0].0.certificate(crate::testing::GUN, 90),
            };
            let foreign = made.officers[1].1.clone().named(crate::testing::keyid("foreign"));
            let mut keys = body.keys.to_vec();
            keys.extend([alias.clone(), foreign.clone()]);
            let keys = KeyTable::new(keys);
            let good = |place: usize| made.officers[place].0.signs(&made.officers[place].1, &frozen);
            let called = |signature: Signature, key: &Key| Signature {
                keyid: key.keyid().clone(),
                ..signature
            };
            let choices = [
                good(0),
                good(1),
                called(good(2), &made.officers[1].1),
                called(good(0), &alias),
                called(good(1), &foreign),
                Signature {
                    text: String::new(),
                    ..good(2)
                },
                good(2),
            ];
            let mut role = body.root.clone();
            role.keyids.extend([alias.keyid().clone(), foreign.keyid().clone()]);
            for chosen in 0..1_usize << choices.len() {
                let is_chosen = |(place, _): &(usize, &Signature)| chosen >> place & 1 == 1;
                let signatures: Vec<Signature> = choices
                    .iter()
                    .enumerate()
                    .filter(is_chosen)
                    .map(|(_, signature)| signature.clone())
                    .collect();
                let document = frozen
                    .envelope()
                    .clone()
                    .with_signatures(as_written(&signatures, dialect).unwrap(), Layout::OneLine)
                    .unwrap();
                let signed_as =
                    |places: &[usize]| places.iter().filter(|place| chosen >> **place & 1 == 1).count() as u32;
                let clients = match dialect {
                    Dialect::Tuf1 => signed_as(&[0, 1, 3, 4, 6]),
                    Dialect::Notary if signed_as(&[4]) > 0 => 0,
                    Dialect::Notary => signed_as(&[0, 1, 3, 6]),
                };
                for threshold in 0..4 {
                    role.threshold = threshold;
                    let tally = Tally::of(&document, &keys, &role);
                    assert_eq!(tally.clients, clients, "{dialect}: {tally:?}");
                    assert_eq!(
                        Tally::shortfall(&document, &keys, &role).is_none(),
                        tally.is_met(),
                        "{tally:?}"
                    );
                    let told = |tally: &Tally| tally.one_key_twice(&RoleName::root());
                    match Verified::prove(document.clone(), &keys, &role) {
                        Ok((_, quick)) => {
                            assert!(tally.is_met());
                            assert_eq!(quick.as_ref().and_then(told), told(&tally), "{tally:?}");
                        }
                        Err((_, counted)) => assert_eq!(counted, tally),
                    }
                }
            }
        }
    }

    #[test]
    fn no_more_signatures_are_verified_than_it_takes_and_none_twice() {
        let made = Made::new(Dialect::Tuf1);
        let frozen = crate::draft::RootDraft::next(made.root.verified()).freeze().unwrap();
        let signatures: Vec<Signature> = made
            .officers
            .iter()
            .map(|(officer, key)| officer.signs(key, &frozen))
            .collect();
        let document = frozen
            .envelope()
            .clone()
            .with_signatures(signatures.clone(), Layout::Lines)
            .unwrap();
        let root = made.root.verified().body();
        assert_eq!(document.message().verified(), 0);
        let (proven, _) = Verified::prove(document, &root.keys, &root.root).unwrap();
        assert_eq!(proven.message().verified(), 2);
        assert_eq!(Tally::of(&proven, &root.keys, &root.root).ours, 3);
        assert_eq!(Tally::of(&proven, &root.keys, &root.root).ours, 3);
        assert_eq!(proven.message().verified(), 3);
        // What an officer's signature was checked for when it came need not be found out again.
        for ((_, key), signature) in made.officers.iter().zip(&signatures) {
            frozen.check(key, signature).unwrap();
        }
        let complete = frozen.complete(Some(made.root.verified()), signatures).ok().unwrap();
        assert_eq!(complete.verified().message().verified(), 3);
    }
}
