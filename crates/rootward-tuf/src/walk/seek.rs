//! TUF 5.6.7 and 5.7: looks for targets as a client does, asking for a delegated role when the search comes to it and no
//! earlier.
//!
//! Goes on from an accepted walk. What one search has read the next need not ask for again, but a role is proven anew for
//! every role that delegates to it.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::dialect::Dialect;
use crate::finding::{Code, Finding};
use crate::metadata::{Envelope, MetaEntry, Target, Targets};
use crate::role::RoleName;
use crate::verify::Verified;
use crate::walk::phase::request_for;
use crate::walk::progress::Progress;
use crate::walk::targets::{Ground, KeySource, Pending};
use crate::walk::{Order, Outcome, Reply, Request, Rules, State, Walker};

/// Looks for one target after the other in a repository whose top-level roles were accepted.
pub struct Seeker {
    rules: Rules,
    ground: Ground,
    progress: Progress,
    targets: Verified<Targets>,
    /// Documents of delegated roles, each proven anew for every role that delegates to it.
    read: HashMap<RoleName, Envelope<Targets>>,
    /// Documents by the delegating role and their own that proved them.
    proven: HashMap<(RoleName, RoleName), Verified<Targets>>,
    path: String,
    /// Roles the search has come to.
    asked: HashSet<RoleName>,
    /// What comes next, last first.
    waiting: VecDeque<Pending>,
    step: Step,
}

enum Step {
    Waiting(Box<(Pending, MetaEntry)>),
    Ended(Sought),
}

/// What a search needs next.
#[derive(Clone, Debug)]
pub enum Seek {
    /// A document to be fetched and given to [`Seeker::supply`].
    Fetch(Request),
    /// Nothing more; this is how it ended.
    Finished(Sought),
}

/// Where a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The first role, in the client's order, that vouches for the target.
    Found {
        /// The role whose document lists the target.
        role: RoleName,
        /// What that document says of it.
        target: Target,
    },
    /// TUF: a role that had to be asked was refused. In Notary the search goes on behind such a role.
    Refused(Finding),
    /// No role that was asked lists it; also the state before the first search.
    Nowhere,
}

impl Walker {
    /// Goes on to look for targets; gives the walker back unless the walk has ended and was accepted.
    pub fn into_seeker(self) -> Result<Seeker, Box<Walker>> {
        let Walker { mut rules, state } = self;
        let State::Finished(outcome) = state else {
            return Err(Box::new(Walker { rules, state }));
        };
        let (true, Some(root), Some(snapshot), Some(targets)) =
            (outcome.accepted, &outcome.root, &outcome.snapshot, &outcome.targets)
        else {
            let state = State::Finished(outcome);
            return Err(Box::new(Walker { rules, state }));
        };
        rules.look_past_expiry = false;
        let ground = Ground {
            root: root.clone(),
            snapshot: snapshot.clone(),
        };
        Ok(Seeker {
            targets: targets.clone(),
            ground,
            rules,
            progress: Progress::resume(*outcome),
            read: HashMap::new(),
            proven: HashMap::new(),
            path: String::new(),
            asked: HashSet::new(),
            waiting: VecDeque::new(),
            step: Step::Ended(Sought::Nowhere),
        })
    }
}

impl Seeker {
    /// Begins to look for `path`; whatever was looked for before is given up.
    pub fn look_for(&mut self, path: &str) {
        self.path = path.to_owned();
        self.asked = HashSet::from([RoleName::targets()]);
        self.waiting.clear();
        let (top, targets) = (Pending::top(&self.ground.root), self.targets.clone());
        self.step = match self.enter(&top, &targets) {
            Some(found) => Step::Ended(found),
            None => self.advance(),
        };
    }

    /// What the search needs now; the same again until it is supplied.
    pub fn next(&self) -> Seek {
        match &self.step {
            Step::Waiting(waiting) => Seek::Fetch(self.request(&waiting.0, &waiting.1)),
            Step::Ended(sought) => Seek::Finished(sought.clone()),
        }
    }

    /// Answers the request that [`Self::next`] gave. After the end it changes nothing.
    pub fn supply(&mut self, reply: Reply) {
        let step = std::mem::replace(&mut self.step, Step::Ended(Sought::Nowhere));
        self.step = match step {
            ended @ Step::Ended(_) => ended,
            Step::Waiting(waiting) => {
                let (pending, meta) = *waiting;
                match self.receive(&pending, &meta, reply) {
                    Some(sought) => Step::Ended(sought),
                    None => self.advance(),
                }
            }
        };
    }

    /// Searches to the end with `fetch` answering every request at once.
    pub fn run(&mut self, path: &str, mut fetch: impl FnMut(&Request) -> Reply) -> Sought {
        self.look_for(path);
        loop {
            match self.next() {
                Seek::Fetch(request) => self.supply(fetch(&request)),
                Seek::Finished(sought) => return sought,
            }
        }
    }

    /// What the walk and all searches since came to; `keep` has the delegated roles that were proven.
    pub fn outcome(&self) -> &Outcome {
        &self.progress.outcome
    }

    fn request(&self, pending: &Pending, meta: &MetaEntry) -> Request {
        request_for(pending.delegation.role.clone(), meta, &self.ground.root, &self.rules)
    }

    /// Goes to the next role whose document must be fetched.
    fn advance(&mut self) -> Step {
        while let Some(pending) = self.waiting.pop_back() {
            let role = &pending.delegation.role;
            if self.asked.contains(role) {
                continue;
            }
            if self.asked.len() > self.rules.limits.delegated_roles {
                let parent = pending.parent.clone().unwrap_or_else(RoleName::targets);
                let evidence = vec![("limit", self.rules.limits.delegated_roles.to_string())];
                return Step::Ended(Sought::Refused(Finding::new(Code::TooManyRoles, &parent, evidence)));
            }
            self.asked.insert(role.clone());
            let ended = if let Some(document) = self.read.get(role).cloned() {
                self.judge(&pending, Some(document))
            } else {
                let listed = self.ground.listed(&pending, &self.rules, &mut self.progress);
                match listed {
                    None => self.judge(&pending, None),
                    Some(meta) => match self.ground.at_hand(&pending, &meta, &self.rules) {
                        Some(file) => self.receive(&pending, &meta, Reply::Found(file.into())),
                        None => return Step::Waiting(Box::new((pending, meta))),
                    },
                }
            };
            if let Some(sought) = ended {
                return Step::Ended(sought);
            }
        }
        Step::Ended(Sought::Nowhere)
    }

    fn receive(&mut self, pending: &Pending, meta: &MetaEntry, reply: Reply) -> Option<Sought> {
        let request = self.request(pending, meta);
        let document = self
            .ground
            .document(meta, reply, &request, &self.rules, &mut self.progress);
        if let Some(document) = &document {
            self.read.insert(request.role, document.clone());
        }
        self.judge(pending, document)
    }

    /// Proves a document for the role that delegates to it, and looks into it; `None` is to go on.
    fn judge(&mut self, pending: &Pending, document: Option<Envelope<Targets>>) -> Option<Sought> {
        let role = &pending.delegation.role;
        let edge = (pending.parent.clone().unwrap_or_else(RoleName::targets), role.clone());
        let proven = match (self.proven.get(&edge), document) {
            (Some(proven), _) => Some(proven.clone()),
            (None, Some(document)) => self.ground.prove(pending, document, &self.rules, &mut self.progress),
            (None, None) => None,
        };
        match (proven, self.rules.dialect) {
            (Some(proven), _) => {
                self.proven.insert(edge, proven.clone());
                self.enter(pending, &proven)
            }
            (None, Dialect::Notary) => None,
            (None, Dialect::Tuf1) => {
                let refused = self
                    .progress
                    .outcome
                    .refused
                    .iter()
                    .rev()
                    .find(|(refused, _)| refused == role);
                let finding =
                    refused.map_or_else(|| Finding::new(Code::Missing, role, Vec::new()), |(_, why)| why.clone());
                Some(Sought::Refused(finding))
            }
        }
    }

    /// Looks for the path in a proven document, else notes whom it delegates the path to.
    fn enter(&mut self, from: &Pending, document: &Verified<Targets>) -> Option<Sought> {
        let body = document.body();
        if let Some(target) = body.targets.get(&self.path) {
            return Some(Sought::Found {
                role: from.delegation.role.clone(),
                target,
            });
        }
        let mut below = Vec::new();
        for delegation in body
            .delegations
            .iter()
            .flat_map(|delegations| delegations.covering(&self.path))
        {
            let terminating = delegation.terminating;
            let child = Pending::below(from, delegation, KeySource::Parent(document.clone()), &self.rules);
            if child.leads_to(&self.path, self.rules.dialect) {
                below.push(child);
            }
            if terminating {
                self.waiting.clear();
                break;
            }
        }
        Order::of(self.rules.dialect).line_up(&mut self.waiting, below);
        None
    }
}
