//! What a walk has found out so far, and the checks every phase makes.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use crate::dialect::Dialect;
use crate::finding::{Code, Finding};
use crate::key::{KeyId, KeyTable};
use crate::metadata::{Document, Envelope, HashMatch, MetaEntry, RoleKeys, Root, each_key_once, read_file};
use crate::role::RoleName;
use crate::verify::Verified;
use crate::walk::{Delegated, Outcome, Reply, Request, Rules, Select};

/// The outcome in the making.
pub(super) struct Progress {
    pub(super) outcome: Outcome,
    /// Ids that were told to be no hash of their key.
    told: HashSet<KeyId>,
    /// How many patterns were held against how many paths of a role, so far.
    pub(super) looked: HashMap<RoleName, usize>,
    /// Roles whose file is to be kept.
    kept: HashSet<RoleName>,
    /// Whether an expired document was passed, behind which nothing may be kept.
    past_expiry: bool,
}

impl Progress {
    pub(super) fn new(rules: &Rules, anchor: &Verified<Root>) -> Self {
        let mut outcome = Outcome::nothing(rules.dialect);
        outcome.root_versions.push(anchor.version());
        outcome.root = Some(anchor.clone());
        let mut progress = Progress {
            outcome,
            told: HashSet::new(),
            looked: HashMap::new(),
            kept: HashSet::new(),
            past_expiry: false,
        };
        progress.look_at_ids(&RoleName::root(), &anchor.body().keys);
        progress
    }

    /// Goes on with a finished walk, to look for targets: that tells of no keys.
    pub(super) fn resume(outcome: Outcome) -> Self {
        Progress {
            told: HashSet::new(),
            looked: HashMap::new(),
            kept: outcome.keep.iter().map(|(role, _)| role.clone()).collect(),
            past_expiry: false,
            outcome,
        }
    }

    pub(super) fn finish(self) -> Outcome {
        let mut outcome = self.outcome;
        // Of roles that were too many only the delegator is named, which is not refused itself.
        let is_refused = |(role, why): &(RoleName, Finding)| role.is_top_level() && why.code != Code::TooManyRoles;
        let top_level_refused = outcome.refused.iter().any(is_refused);
        outcome.accepted = outcome.targets.is_some() && !top_level_refused;
        outcome
    }

    pub(super) fn refuse(&mut self, finding: Finding) {
        self.outcome.refused.push((finding.role.clone(), finding));
    }

    pub(super) fn refuse_because(&mut self, code: Code, role: &RoleName, evidence: Vec<(&'static str, String)>) {
        self.refuse(Finding::new(code, role, evidence));
    }

    pub(super) fn note(&mut self, finding: Finding) {
        self.outcome.findings.push(finding);
    }

    /// Notes that `root` is proven and now the newest.
    pub(super) fn root_proven(&mut self, root: &Verified<Root>) {
        self.outcome.root_versions.push(root.version());
        self.outcome.root_chain.push((root.version(), root.file().clone()));
        self.outcome.root = Some(root.clone());
        self.look_at_ids(&RoleName::root(), &root.body().keys);
        self.outcome.keep.retain(|(role, _)| role.as_str() != "root");
        self.kept.remove(&RoleName::root());
        self.keep(&RoleName::root(), root);
    }

    /// Notary: forgets timestamp and snapshot, which are looked at again under another root.
    pub(super) fn begin_again(&mut self) {
        let is_root = |role: &RoleName| *role == RoleName::root();
        self.outcome.timestamp = None;
        self.outcome.snapshot = None;
        self.outcome.keep.retain(|(role, _)| is_root(role));
        self.kept.retain(is_root);
        // Only expired documents were refused and passed all the same; what still is so will be refused again.
        self.outcome.refused.clear();
        self.outcome.findings.retain(|finding| is_root(&finding.role));
        self.past_expiry = false;
    }

    pub(super) fn keep<T>(&mut self, role: &RoleName, document: &Envelope<T>) {
        if !self.past_expiry && self.kept.insert(role.clone()) {
            self.outcome.keep.push((role.clone(), document.file().clone()));
        }
    }

    pub(super) fn delegation_proven(&mut self, delegated: Delegated) {
        self.outcome.delegated.push(delegated);
    }

    /// The bytes of a reply; anything else refuses the role.
    pub(super) fn received(&mut self, reply: Reply, request: &Request) -> Option<Bytes> {
        let role = &request.role;
        match reply {
            Reply::Found(bytes) if bytes.len() as u64 <= request.limit_bytes => return Some(bytes.into()),
            Reply::Found(_) | Reply::TooLarge => {
                self.refuse_because(Code::TooLarge, role, vec![("limit", request.limit_bytes.to_string())]);
            }
            Reply::Missing => {
                let version = match request.select {
                    Select::Version(version) | Select::Consistent { version } => vec![("version", version.to_string())],
                    Select::Current | Select::Sha256(_) => Vec::new(),
                };
                self.refuse_because(Code::Missing, role, version);
            }
            Reply::Failed(why) => self.refuse_because(Code::Unreachable, role, vec![("why", why)]),
        }
        None
    }

    /// Reads a document; what cannot be read refuses the role.
    pub(super) fn read<T: Document>(&mut self, file: &Bytes, role: &RoleName, rules: &Rules) -> Option<Envelope<T>> {
        match read_file(file.clone(), rules.dialect, rules.json_limits()).and_then(each_key_once) {
            Ok(document) => Some(document),
            Err(error) => {
                let evidence = vec![("why", error.to_string()), ("expected", error.expected().to_owned())];
                self.refuse_because(Code::Unreadable, role, evidence);
                None
            }
        }
    }

    /// Proves a document by its delegator's keys; too few signatures refuse the role.
    pub(super) fn prove<T>(
        &mut self,
        document: Envelope<T>,
        role: &RoleName,
        keys: &KeyTable,
        role_keys: &RoleKeys,
    ) -> Option<Verified<T>> {
        match Verified::prove(document, keys, role_keys) {
            Ok((proven, tally)) => {
                self.outcome
                    .findings
                    .extend(tally.and_then(|tally| tally.one_key_twice(role)));
                Some(proven)
            }
            Err((_, tally)) => {
                self.outcome.findings.extend(tally.one_key_twice(role));
                if let Some(finding) = tally.under_threshold(role) {
                    self.refuse(finding);
                }
                None
            }
        }
    }

    /// Compares a file with what its parent says of it: length, then digests (5.5.2, 5.6.2).
    pub(super) fn fits(&mut self, bytes: &[u8], meta: &MetaEntry, role: &RoleName, parent: &RoleName) -> bool {
        let length = bytes.len() as u64;
        if let Some(expected) = meta.length.filter(|expected| *expected != length) {
            let evidence = vec![("expected", expected.to_string()), ("found", length.to_string())];
            self.refuse_because(Code::WrongLength, role, evidence);
            return false;
        }
        let parent = ("parent", parent.to_string());
        match meta.hashes.as_ref().map(|hashes| hashes.compare(bytes)) {
            None | Some(HashMatch::Matches) => true,
            Some(HashMatch::Differs { algorithm }) => {
                self.refuse_because(Code::WrongHash, role, vec![parent, ("algorithm", algorithm)]);
                false
            }
            Some(HashMatch::NoneKnown) => {
                self.refuse_because(Code::NoKnownHash, role, vec![parent]);
                false
            }
        }
    }

    /// Compares a version with the one its parent names (5.5.4, 5.6.4).
    pub(super) fn is_version(&mut self, found: u64, expected: Option<u64>, role: &RoleName) -> bool {
        match expected {
            Some(expected) if expected != found => {
                let evidence = vec![("expected", expected.to_string()), ("found", found.to_string())];
                self.refuse_because(Code::WrongVersion, role, evidence);
                false
            }
            _ => true,
        }
    }

    /// Refuses the role if `found` is below the trusted version.
    pub(super) fn is_no_rollback(&mut self, found: u64, trusted: Option<u64>, role: &RoleName) -> bool {
        match trusted {
            Some(trusted) if found < trusted => {
                let evidence = vec![("expected", trusted.to_string()), ("found", found.to_string())];
                self.refuse_because(Code::RolledBack, role, evidence);
                false
            }
            _ => true,
        }
    }

    /// Refuses an expired role; says whether the walk may go on behind it.
    pub(super) fn may_pass_expiry<T: Document>(&mut self, document: &T, role: &RoleName, rules: &Rules) -> bool {
        let expires = document.expires();
        if !expires.is_expired(rules.now) {
            return true;
        }
        self.refuse_because(Code::Expired, role, vec![("expires", expires.text.clone())]);
        self.past_expiry = self.past_expiry || role.is_top_level();
        rules.look_past_expiry
    }

    /// Tells once of every key whose id is no hash of it.
    pub(super) fn look_at_ids(&mut self, role: &RoleName, keys: &KeyTable) {
        if self.outcome.dialect == Dialect::Notary {
            return;
        }
        for key in keys.iter().filter(|key| !key.id_is_hash()) {
            if self.told.insert(key.keyid().clone()) {
                self.note(Finding::new(
                    Code::KeyidNotHash,
                    role,
                    vec![("keyid", key.keyid().to_string())],
                ));
            }
        }
    }

    /// Tells of listed keys of a role that can never sign.
    pub(super) fn look_at_keys(&mut self, role: &RoleName, keys: &KeyTable, role_keys: &RoleKeys) {
        for keyid in &role_keys.keyids {
            let why = match keys.get(keyid).map(|key| key.public()) {
                Some(Ok(_)) => continue,
                Some(Err(problem)) => problem.to_string(),
                None => "no key of that id is listed".to_owned(),
            };
            let evidence = vec![("keyid", keyid.to_string()), ("why", why)];
            self.note(Finding::new(Code::UnusableKey, role, evidence));
        }
    }
}
