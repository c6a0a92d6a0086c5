//! The lenient tree of one repository: every role that is named or read, with the facts that hang on it.
//!
//! Shows each document that can be parsed and proves nothing: what is proven was proven by a walk, here or before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rootward_tuf::{
    dialect::Dialect,
    finding::{Code, Finding},
    key::{KeyTable, PhysicalKey},
    metadata::{self, DelegatedRole, Envelope, PathSet, RoleKeys, Root, Snapshot, Targets, Timestamp},
    role::RoleName,
    time::{Expiry, Instant},
    verify::{self, Tally},
    walk::Outcome,
};

use super::{reading::Reading, standing::Standing};
use crate::ports::{Fetched, Proven};

/// All roles of a repository. The first four are root, timestamp, snapshot and targets; a parent comes before its children.
#[derive(Debug, Clone)]
pub struct RoleTree {
    pub dialect: Dialect,
    pub nodes: Vec<RoleNode>,
}

/// One role where its parent names it. A role named by several parents stands below each; its own delegations only once.
#[derive(Debug, Clone)]
pub struct RoleNode {
    pub role: RoleName,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    /// 0 for the four top-level roles.
    pub depth: u32,
    pub document: Option<RoleDocument>,
    pub threshold: u64,
    pub tally: Option<Tally>,
    pub keys: Vec<RoleKey>,
    /// What it may sign for; `None` for a top-level role.
    pub paths: Option<PathSet>,
    pub terminating: bool,
    pub findings: Vec<Finding>,
    /// Its own standing.
    pub own: Standing,
    /// The worst of its own and of all below it.
    pub standing: Standing,
}

/// What is shown of a role's document.
#[derive(Debug, Clone)]
pub struct RoleDocument {
    pub version: u64,
    pub expires: Expiry,
    /// Of the file.
    pub bytes: usize,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// Targets listed; `None` for other kinds.
    pub targets: Option<usize>,
    /// What other documents it names, with version: for the dashed edges of the picture.
    pub names: BTreeMap<RoleName, Option<u64>>,
    /// A walk on this machine proved these very bytes.
    pub proven: bool,
    /// File name or URL.
    pub origin: String,
}

/// A key of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleKey {
    pub keyid: String,
    /// Notary's id of the bare key, where it differs.
    pub canonical_keyid: Option<String>,
    pub physical: Option<PhysicalKey>,
    pub scheme: String,
    pub name: Option<String>,
    /// A service holds it and signs with it: the document, the dialect or the server itself says so.
    pub online: bool,
    /// A good signature of it is on the document, whether or not it was counted under another id already.
    pub signed: bool,
    /// Why its signature, or the key, does not count.
    pub problem: Option<String>,
}

impl RoleKey {
    /// Its name in the metadata, else the first and last digits of its id.
    pub fn label(&self) -> String {
        let digits = self.keyid.chars().count();
        match &self.name {
            Some(name) => name.clone(),
            None if digits <= 16 => self.keyid.clone(),
            None => {
                let first: String = self.keyid.chars().take(8).collect();
                let last: String = self.keyid.chars().skip(digits - 4).collect();
                format!("{first}…{last}")
            }
        }
    }
}

/// What a tree is built from.
pub struct Facts<'a> {
    pub dialect: Dialect,
    pub reading: &'a Reading,
    pub proven: &'a Proven,
    /// Somebody vouches for a root.
    pub anchored: bool,
    /// The walk from that root, if there was one.
    pub outcome: Option<&'a Outcome>,
    /// Keys that servers said they hold.
    pub server_held: &'a BTreeSet<PhysicalKey>,
    /// Findings about the way (`plain-http`).
    pub way: Vec<Finding>,
    pub now: Instant,
}

impl Facts<'_> {
    /// Whether only a Notary server has a key: it makes every timestamp itself, and may have told of its snapshot key.
    fn is_servers(&self, role: &RoleName, key: &RoleKey) -> bool {
        let told = || {
            key.physical
                .is_some_and(|physical| self.server_held.contains(&physical))
        };
        self.dialect == Dialect::Notary && (*role == RoleName::timestamp() || told())
    }

    /// The document of a role to be shown: the newest that can be read of what came, else the last proven one.
    pub fn document<T: metadata::Document>(&self, role: &RoleName) -> Result<(Envelope<T>, String), Option<Finding>> {
        let mut error = None;
        let mut best: Option<(Envelope<T>, String)> = None;
        for Fetched { bytes, origin } in self.reading.documents(role) {
            match metadata::read::<T>(bytes, self.dialect) {
                Ok(document)
                    if best
                        .as_ref()
                        .is_none_or(|(best, _)| document.version() >= best.version()) =>
                {
                    best = Some((document, origin.clone()));
                }
                Ok(_) => {}
                Err(why) => {
                    let evidence = vec![("why", format!("{origin}: {why}")), ("file", origin.clone())];
                    error = Some(Finding::new(Code::Unreadable, role, evidence));
                }
            }
        }
        let kept = || {
            let roots = self.proven.roots.iter().map(|(_, bytes)| (RoleName::root(), bytes));
            let others = self.proven.documents.iter().map(|(role, bytes)| (role.clone(), bytes));
            let of_role = roots.chain(others).filter(|(name, _)| name == role);
            let documents = of_role.filter_map(|(_, bytes)| metadata::read::<T>(bytes, self.dialect).ok());
            documents.max_by_key(|document| document.version())
        };
        best.or_else(|| kept().map(|document| (document, "kept from an earlier walk".to_owned())))
            .ok_or(error)
    }
}

/// Below this depth and beyond this number nothing is shown; the walk says so in a finding.
const DEEPEST: u32 = 64;
const MOST_NODES: usize = 200_000;

impl RoleTree {
    /// Builds the tree of whatever could be read.
    pub fn build(facts: &Facts<'_>) -> RoleTree {
        let mut builder = Builder::new(facts);
        builder.top_level();
        builder.delegations();
        builder.hang_findings();
        builder.judge();
        RoleTree {
            dialect: facts.dialect,
            nodes: builder.nodes,
        }
    }

    /// The worst standing of all roles.
    pub fn standing(&self) -> Standing {
        self.top_level()
            .map(|node| node.standing)
            .min()
            .unwrap_or(Standing::NeverSeen)
    }

    /// Root, timestamp, snapshot, targets.
    pub fn top_level(&self) -> impl Iterator<Item = &RoleNode> {
        self.nodes.iter().take(4)
    }

    /// Root's node.
    pub fn root(&self) -> &RoleNode {
        &self.nodes[0]
    }

    /// Whether any document could be shown.
    pub fn shows_anything(&self) -> bool {
        self.nodes.iter().any(|node| node.document.is_some())
    }

    /// Every finding, in the order of the nodes.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let mut seen = BTreeSet::new();
        let all = self.nodes.iter().flat_map(|node| &node.findings);
        all.filter(move |finding| seen.insert((finding.role.clone(), finding.code, finding.message())))
    }
}

impl RoleNode {
    /// Whether nobody has published anything for this delegation yet.
    pub fn is_unpublished(&self) -> bool {
        self.own == Standing::NeverSeen && self.findings.iter().any(|finding| finding.code == Code::NotPublished)
    }
}

/// The keys that may sign a role, and the table they are in.
struct Signers<'a> {
    table: &'a KeyTable,
    role: &'a RoleKeys,
}

struct Builder<'a> {
    facts: &'a Facts<'a>,
    proven: HashMap<RoleName, BTreeSet<Vec<u8>>>,
    nodes: Vec<RoleNode>,
    /// Delegations found, to be followed: the node and its document.
    waiting: std::collections::VecDeque<(usize, Envelope<Targets>)>,
    entered: BTreeSet<RoleName>,
    /// Versions snapshot names.
    listed: Option<Envelope<Snapshot>>,
}

impl<'a> Builder<'a> {
    fn new(facts: &'a Facts<'a>) -> Self {
        let mut proven: HashMap<RoleName, BTreeSet<Vec<u8>>> = HashMap::new();
        let mut prove = |role: &RoleName, bytes: &[u8]| {
            proven.entry(role.clone()).or_default().insert(bytes.to_vec());
        };
        if facts.anchored {
            for (_, bytes) in &facts.proven.roots {
                prove(&RoleName::root(), bytes);
            }
            for (role, bytes) in &facts.proven.documents {
                prove(role, bytes);
            }
            if let Some(outcome) = facts.outcome {
                for (role, bytes) in super::proven_documents(outcome) {
                    prove(&role, &bytes);
                }
            }
        }
        Builder {
            facts,
            proven,
            nodes: Vec::new(),
            waiting: std::collections::VecDeque::new(),
            entered: BTreeSet::new(),
            listed: None,
        }
    }

    fn top_level(&mut self) {
        let root = self.facts.document::<Root>(&RoleName::root());
        let root_body = root.as_ref().ok().map(|(root, _)| root.clone());
        let signers = |role: &RoleName| {
            let body = root_body.as_ref()?.body();
            Some(Signers {
                table: &body.keys,
                role: body.role(role)?,
            })
        };
        self.push(RoleName::root(), None, signers(&RoleName::root()), None, root, |_| {
            (None, BTreeMap::new())
        });
        let timestamp = self.facts.document::<Timestamp>(&RoleName::timestamp());
        self.push(
            RoleName::timestamp(),
            None,
            signers(&RoleName::timestamp()),
            None,
            timestamp,
            |body| (None, BTreeMap::from([(RoleName::snapshot(), body.snapshot.version)])),
        );
        let snapshot = self.facts.document::<Snapshot>(&RoleName::snapshot());
        self.listed = snapshot.as_ref().ok().map(|(snapshot, _)| snapshot.clone());
        self.push(
            RoleName::snapshot(),
            None,
            signers(&RoleName::snapshot()),
            None,
            snapshot,
            |body| {
                (
                    None,
                    body.meta.iter().map(|(role, entry)| (role, entry.version)).collect(),
                )
            },
        );
        let targets = self.facts.document::<Targets>(&RoleName::targets());
        let read = targets.as_ref().ok().map(|(targets, _)| targets.clone());
        let place = self.push(
            RoleName::targets(),
            None,
            signers(&RoleName::targets()),
            None,
            targets,
            targets_facts,
        );
        self.enter(place, read);
    }

    fn delegations(&mut self) {
        while let Some((parent, document)) = self.waiting.pop_front() {
            let Some(delegations) = &document.body().delegations else {
                continue;
            };
            let bins = self.listed.iter().flat_map(|listed| listed.body().meta.keys());
            let bins = bins.filter_map(|name| delegations.succinct.as_ref()?.role(&name));
            let named: Vec<DelegatedRole> = delegations.roles.iter().chain(bins).collect();
            for delegated in named {
                if self.nodes.len() >= MOST_NODES {
                    return;
                }
                let signers = Signers {
                    table: &delegations.keys,
                    role: &delegated.keys,
                };
                let read = self.facts.document::<Targets>(&delegated.name);
                let document = read.as_ref().ok().map(|(document, _)| document.clone());
                let name = delegated.name.clone();
                let place = self.push(name, Some(parent), Some(signers), Some(&delegated), read, targets_facts);
                self.enter(place, document);
            }
        }
    }

    /// Follows a role's delegations the first time it is met.
    fn enter(&mut self, place: usize, document: Option<Envelope<Targets>>) {
        let node = &self.nodes[place];
        if let Some(document) = document
            && node.depth < DEEPEST
            && self.entered.insert(node.role.clone())
        {
            self.waiting.push_back((place, document));
        }
    }

    fn push<T: metadata::Document>(
        &mut self,
        role: RoleName,
        parent: Option<usize>,
        signers: Option<Signers<'_>>,
        delegated: Option<&DelegatedRole>,
        read: Result<(Envelope<T>, String), Option<Finding>>,
        facts: impl Fn(&T) -> (Option<usize>, BTreeMap<RoleName, Option<u64>>),
    ) -> usize {
        let place = self.nodes.len();
        let mut findings = Vec::new();
        let tally = match (&read, &signers) {
            (Ok((document, _)), Some(signers)) => Some(Tally::of(document, signers.table, signers.role)),
            _ => None,
        };
        let mut keys = signers
            .as_ref()
            .map(|signers| role_keys(signers, tally.as_ref()))
            .unwrap_or_default();
        for key in &mut keys {
            key.online |= self.facts.is_servers(&role, key);
        }
        let document = match read {
            Ok((document, origin)) => {
                let (targets, names) = facts(document.body());
                Some(RoleDocument {
                    version: document.version(),
                    expires: document.body().expires().clone(),
                    bytes: document.file_bytes().len(),
                    digest: document.digest(),
                    targets,
                    names,
                    proven: self
                        .proven
                        .get(&role)
                        .is_some_and(|proven| proven.contains(document.file_bytes())),
                    origin,
                })
            }
            Err(unreadable) => {
                findings.extend(unreadable);
                None
            }
        };
        let depth = parent.map_or(0, |parent| self.nodes[parent].depth + 1);
        if let Some(parent) = parent {
            self.nodes[parent].children.push(place);
        }
        self.nodes.push(RoleNode {
            role,
            parent,
            children: Vec::new(),
            depth,
            document,
            threshold: signers.map_or(0, |signers| signers.role.threshold),
            tally,
            keys,
            paths: delegated.map(|delegated| delegated.paths.clone()),
            terminating: delegated.is_some_and(|delegated| delegated.terminating),
            findings,
            own: Standing::NeverSeen,
            standing: Standing::NeverSeen,
        });
        place
    }

    /// Hangs the walk's findings on their nodes, and adds what the walk did not come to say.
    fn hang_findings(&mut self) {
        let mut by_role: HashMap<&RoleName, Vec<&Finding>> = HashMap::new();
        let outcome = self.facts.outcome;
        let refused = outcome
            .iter()
            .flat_map(|outcome| outcome.refused.iter().map(|(_, finding)| finding));
        let found = outcome.iter().flat_map(|outcome| &outcome.findings);
        for finding in refused.chain(found).chain(&self.facts.way) {
            by_role.entry(&finding.role).or_default().push(finding);
        }
        let known: BTreeSet<RoleName> = self.nodes.iter().map(|node| node.role.clone()).collect();
        let homeless: Vec<&Finding> = by_role
            .iter()
            .filter(|(role, _)| !known.contains(role))
            .flat_map(|(_, findings)| findings.iter().copied())
            .collect();
        for place in 0..self.nodes.len() {
            let own = self.own_findings(&self.nodes[place]);
            let node = &mut self.nodes[place];
            let walked = by_role.get(&node.role).into_iter().flatten().copied();
            let stray = homeless
                .iter()
                .copied()
                .filter(|_| node.role == RoleName::root() && node.parent.is_none());
            for finding in walked.chain(stray) {
                if !node.findings.contains(finding) {
                    node.findings.push(finding.clone());
                }
            }
            for finding in own {
                let said = node.findings.iter().any(|said| {
                    said.code == finding.code
                        && said.role == finding.role
                        && said.evidence("keyid") == finding.evidence("keyid")
                });
                if !said {
                    node.findings.push(finding);
                }
            }
            node.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        }
    }

    /// What anybody can see without a trusted root.
    fn own_findings(&self, node: &RoleNode) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(tally) = &node.tally {
            findings.extend(tally.under_threshold(&node.role));
            findings.extend(tally.one_key_twice(&node.role));
        }
        match &node.document {
            Some(document) if document.expires.is_expired(self.facts.now) => {
                let evidence = vec![("expires", document.expires.text.clone())];
                findings.push(Finding::new(Code::Expired, &node.role, evidence));
            }
            Some(_) => {}
            None if node.findings.iter().any(|finding| finding.code == Code::Unreadable) => {}
            None => {
                let listed = self
                    .listed
                    .as_ref()
                    .map(|listed| listed.body().meta.contains_key(&node.role));
                let code = match (node.parent, listed, self.facts.dialect) {
                    (Some(_), Some(false), Dialect::Notary) => Code::NotPublished,
                    _ => Code::Missing,
                };
                findings.push(Finding::new(code, &node.role, Vec::new()));
            }
        }
        if node.role == RoleName::root() && !self.facts.anchored {
            findings.push(Finding::new(Code::NoAnchor, &node.role, Vec::new()));
        }
        findings
    }

    /// Gives every node its standing, children first.
    fn judge(&mut self) {
        for place in (0..self.nodes.len()).rev() {
            let node = &self.nodes[place];
            let own = self.own_standing(node);
            let children = node.children.iter().map(|&child| &self.nodes[child]);
            // A delegation that nobody has signed for yet is the normal beginning, no trouble of its parent's.
            let below = children
                .filter(|child| !child.is_unpublished())
                .map(|child| child.standing);
            let standing = below.chain([own]).min().unwrap_or(own);
            let node = &mut self.nodes[place];
            (node.own, node.standing) = (own, standing);
        }
    }

    fn own_standing(&self, node: &RoleNode) -> Standing {
        if !self.facts.anchored {
            return Standing::Unanchored;
        }
        let forced = node.findings.iter();
        let forced = forced
            .filter_map(|finding| Standing::forced_by(finding.code, finding.severity))
            .min();
        let unread = self.facts.reading.failure.is_some() && !self.facts.reading.walk_holds(&node.role);
        let by_itself = match &node.document {
            Some(document) if document.proven => {
                let by_expiry = Standing::by_expiry(&node.role, &document.expires, self.facts.now);
                if unread {
                    by_expiry.min(Standing::Unreachable)
                } else {
                    by_expiry
                }
            }
            _ if unread => Standing::Unreachable,
            _ => Standing::NeverSeen,
        };
        forced.map_or(by_itself, |forced| forced.min(by_itself))
    }
}

fn targets_facts(body: &Targets) -> (Option<usize>, BTreeMap<RoleName, Option<u64>>) {
    (Some(body.targets.len()), BTreeMap::new())
}

/// Members by which tuf-on-ci and RSTUF say where a service keeps a key.
const ONLINE: [&str; 2] = ["x-tuf-on-ci-online-uri", "x-rstuf-online-key-uri"];

/// The keys of a role in the order listed, and what became of their signatures.
fn role_keys(signers: &Signers<'_>, tally: Option<&Tally>) -> Vec<RoleKey> {
    let entries = tally.map(|tally| tally.entries.as_slice()).unwrap_or_default();
    let keyids = signers.role.keyids.iter();
    let keys = keyids.map(|keyid| {
        let entry = entries.iter().find(|entry| entry.keyid == *keyid);
        let outcome = entry.map(|entry| &entry.outcome);
        let signed = matches!(
            outcome,
            Some(
                verify::SignatureOutcome::Counted
                    | verify::SignatureOutcome::Repeated
                    | verify::SignatureOutcome::SameKeyCountedAlready
            )
        );
        let mut problem = match outcome {
            Some(verify::SignatureOutcome::BadSignature) => Some("its signature does not fit the document".to_owned()),
            Some(verify::SignatureOutcome::SameKeyCountedAlready) => {
                Some("the same key signed under another keyid and counts once".to_owned())
            }
            _ => None,
        };
        let Some(key) = signers.table.get(keyid) else {
            return RoleKey {
                keyid: keyid.as_str().to_owned(),
                canonical_keyid: None,
                physical: None,
                scheme: String::new(),
                name: None,
                online: false,
                signed,
                problem: Some("the document lists no key of this id".to_owned()),
            };
        };
        if let Err(unusable) = key.public() {
            problem = Some(unusable.to_string());
        }
        let canonical = key.canonical_keyid();
        RoleKey {
            keyid: keyid.as_str().to_owned(),
            canonical_keyid: (canonical != *keyid).then(|| canonical.as_str().to_owned()),
            physical: key.physical(),
            scheme: key.scheme().to_owned(),
            name: key.owner_name(),
            online: ONLINE.iter().any(|member| key.raw().get(member).is_some()),
            signed,
            problem,
        }
    });
    keys.collect()
}

/// The keys of root's own role in one root version.
pub fn keys_of_root(root: &Envelope<Root>, tally: &Tally) -> Vec<RoleKey> {
    let signers = Signers {
        table: &root.body().keys,
        role: &root.body().root,
    };
    role_keys(&signers, Some(tally))
}
