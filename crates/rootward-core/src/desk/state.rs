//! What the desk holds in memory, and how questions are answered from it.

use std::{cell::LazyCell, collections::BTreeMap, sync::Arc};

use rootward_tuf::{blast, time::Instant};

use super::{Rootward, revocation::Revocation};
use crate::{
    border::{
        AttentionView, BlastView, CeremoniesView, CeremonyView, ChangeFormView, CompareView, EstateView,
        FirstTrustView, HistoryView, NodeView, PlanView, Query, RepositoryView, SettingsView, TargetsView, TreeNodes,
        TreePlace, TreeRequest, TreeWindow, View,
    },
    ports::{Failure, LimitsView, Ports},
    repositories::{
        history::History,
        index::{Index, Segment},
        known::{Known, Memory},
        reading::Reading,
        rows::{RowCache, Wanted, closed_above, closed_below},
        stolen::find_keys,
    },
};

/// Everything shown, judged by the desk's clock.
pub struct State {
    pub limits: LimitsView,
    known: BTreeMap<String, Arc<Segment>>,
    index: Option<Arc<Index>>,
    rows: RowCache,
    /// When standings were last judged: they follow the clock.
    judged: Instant,
}

/// Standings are judged anew after so many seconds.
const JUDGEMENT_HOLDS: i64 = 60;

impl State {
    /// Judges what the vault remembers.
    pub fn judge(memories: Vec<Memory>, limits: LimitsView, ports: &Ports, now: Instant) -> State {
        let mut state = State {
            limits,
            known: BTreeMap::new(),
            index: None,
            rows: RowCache::default(),
            judged: now,
        };
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let share = memories.len().div_ceil(workers).max(1);
        let segments: Vec<Segment> = std::thread::scope(|scope| {
            let shares: Vec<_> = memories
                .chunks(share)
                .map(|memories| {
                    scope.spawn(move || {
                        memories
                            .iter()
                            .map(|memory| segment(memory, &limits, ports, now))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            shares
                .into_iter()
                .flat_map(|share| share.join().unwrap_or_default())
                .collect()
        });
        for segment in segments {
            state.known.insert(segment.known.record.id.clone(), Arc::new(segment));
        }
        state
    }

    /// Puts a repository in, in place of what was known of it.
    pub fn put(&mut self, segment: Segment) {
        self.known.insert(segment.known.record.id.clone(), Arc::new(segment));
        self.forget_index();
    }

    /// Takes a repository out.
    pub fn remove(&mut self, id: &str) {
        self.known.remove(id);
        self.forget_index();
    }

    /// A repository; fails with `repository-not-found`.
    pub fn repository(&self, id: &str) -> Result<Arc<Known>, Failure> {
        let found = self.known.get(id).map(|segment| segment.known.clone());
        found.ok_or_else(|| not_found(id))
    }

    /// All repositories, by id.
    pub fn repositories(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.known.values().map(|segment| &segment.known)
    }

    /// The index, made when something changed.
    pub fn index(&mut self) -> Arc<Index> {
        let known = &self.known;
        self.index
            .get_or_insert_with(|| Arc::new(Index::of(known.values().cloned().collect())))
            .clone()
    }

    fn forget_index(&mut self) {
        self.index = None;
        self.rows.clear();
    }
}

/// Judges one repository and makes its nodes.
pub fn segment(memory: &Memory, limits: &LimitsView, ports: &Ports, now: Instant) -> Segment {
    let source = ports.connect.source(&memory.record.source, limits);
    let way = source.map(|source| source.findings()).unwrap_or_default();
    Segment::of(Arc::new(memory.judge(limits, way, now)))
}

/// The fault of a repository that is not on this desk.
pub fn not_found(id: &str) -> Failure {
    Failure::fault("repository-not-found", "there is no such repository on this desk").with("repository", id)
}

/// The name of a query for the log.
pub fn name_of(query: &Query) -> &'static str {
    match query {
        Query::Estate => "estate",
        Query::TreeRows { .. } => "tree-rows",
        Query::TreeTypeahead { .. } => "tree-typeahead",
        Query::TreeReveal { .. } => "tree-reveal",
        Query::TreeBelow { .. } => "tree-below",
        Query::Attention => "attention",
        Query::Repository { .. } => "repository",
        Query::Node { .. } => "node",
        Query::History { .. } => "history",
        Query::Compare { .. } => "compare",
        Query::Blast { .. } => "blast",
        Query::Revocation { .. } => "revocation",
        Query::FirstTrust { .. } => "first-trust",
        Query::ChangeForm { .. } => "change-form",
        Query::Plan { .. } => "plan",
        Query::BeginningForm { .. } => "beginning-form",
        Query::FirstPlan { .. } => "first-plan",
        Query::Targets { .. } => "targets",
        Query::Ceremonies => "ceremonies",
        Query::Ceremony { .. } => "ceremony",
        Query::Request { .. } => "request",
        Query::Tokens => "tokens",
        Query::Provisioning { .. } => "provisioning",
        Query::Settings => "settings",
        Query::Keys { .. } => "keys",
        Query::Key { .. } => "key",
        Query::RollCall { .. } => "roll-call",
        Query::KeyFolders { .. } => "key-folders",
        Query::AttestationRoots => "attestation-roots",
        Query::Map { .. } => "map",
        Query::Drills => "drills",
    }
}

impl Rootward {
    /// Answers a question; blocks on the vault where it must.
    pub(super) fn answer(&self, query: Query) -> Result<View, Failure> {
        let now = self.desk.ports.clock.now();
        self.follow_the_clock(now)?;
        Ok(match query {
            Query::Estate => View::Estate(self.estate(now)?),
            Query::TreeRows { tree, from, count } => View::TreeRows(self.window(&tree, from, count, now)),
            Query::TreeTypeahead { tree, from, prefix } => {
                View::TreeTypeahead(self.typeahead(&tree, from, &prefix, now))
            }
            Query::TreeReveal { tree, node } => View::TreeReveal(self.reveal(tree, &node, now)?),
            Query::TreeBelow { tree, node } => {
                let index = self.state().index();
                let place = index.find(&node).ok_or_else(|| no_such_node(&node))?;
                let nodes = closed_below(&index, &Wanted::from(&tree), place);
                View::TreeBelow(TreeNodes { nodes })
            }
            Query::Drills => View::Drills(self.drills()?),
            Query::Attention => {
                let open = self.desk.ceremonies.all()?;
                let index = self.state().index();
                let mut view = AttentionView::of(&index, &open, now);
                (view.readiness, view.roots, view.roots_ready) = self.readiness(now)?;
                View::Attention(view)
            }
            Query::Repository { repository } => {
                let known = self.state().repository(&repository)?;
                let (attestations, (ring, _)) = (self.attestations()?, self.keyring(now)?);
                let view = RepositoryView::of(&known, now).placed(&ring).attested(&attestations);
                View::Repository(Box::new(match known.is_bare() {
                    true => view.with_beginning(&self.desk.ceremonies.all()?),
                    false => view,
                }))
            }
            Query::Node { node } => {
                let index = self.state().index();
                let place = index.find(&node).ok_or_else(|| no_such_node(&node))?;
                let (attestations, (ring, _)) = (self.attestations()?, self.keyring(now)?);
                let view = NodeView::of(&index, place, now).placed(&ring);
                View::Node(Box::new(view.attested(&attestations, now)))
            }
            Query::History { repository } => {
                let (ring, _) = self.keyring(now)?;
                View::History(HistoryView::of(&repository, &self.history(&repository)?).placed(&ring))
            }
            Query::Compare { repository, from, to } => {
                let history = self.history(&repository)?;
                let version = |number: u64| history.version(number).ok_or_else(|| no_such_version(number));
                View::Compare(CompareView::of(&version(from)?.root, &version(to)?.root))
            }
            Query::Blast { repository, keys } => View::Blast(Box::new(self.blast(&repository, &keys, now)?)),
            Query::Revocation {
                physical_key,
                extent,
                cause,
                replacement,
            } => {
                let revoked = Revocation {
                    physical_key: &physical_key,
                    extent,
                    cause,
                    replacement: replacement.as_deref(),
                };
                View::Revocation(Box::new(self.revocation(&revoked, now)?))
            }
            Query::FirstTrust { repository } => View::FirstTrust(self.first_trust(&repository)?),
            Query::ChangeForm { repository, role } => {
                let (memory, reading) = self.memory(&repository)?;
                let start = self.desk.ceremonies.change_start(&memory, &reading)?;
                let tokens = self.tokens().offered_to(start.repository.practice);
                let view = ChangeFormView::of(&start, &tokens, role.as_deref());
                View::ChangeForm(Box::new(view))
            }
            Query::Plan { repository, wish } => {
                let (memory, reading) = self.memory(&repository)?;
                let foreseen = self.desk.ceremonies.foresee(&memory, &reading, &wish)?;
                View::Plan(Box::new(PlanView::of(&foreseen)))
            }
            Query::BeginningForm { dialect } => View::BeginningForm(Box::new(self.beginning_form(dialect)?)),
            Query::FirstPlan { wish } => View::FirstPlan(Box::new(self.first_plan(&wish)?)),
            Query::Targets {
                repository,
                role,
                search,
            } => {
                let (memory, reading) = self.memory(&repository)?;
                let start = self.desk.ceremonies.change_start(&memory, &reading)?;
                View::Targets(TargetsView::of(&start, &role, &search)?)
            }
            Query::Ceremonies => View::Ceremonies(CeremoniesView::of(
                &self.desk.ceremonies.all()?,
                self.open_bulks()?,
                self.desk.ports.clock.now(),
            )),
            Query::Ceremony { ceremony } => {
                let insight = self.desk.ceremonies.insight(&ceremony)?;
                View::Ceremony(Box::new(CeremonyView::of(&insight).by_tokens(&self.tokens())))
            }
            Query::Request { path, trust } => {
                let ceremonies = &self.desk.ceremonies;
                let received = ceremonies.receive(path.as_ref(), ceremonies.trusted(&trust)?)?;
                View::Request(Box::new(ceremonies.shown(&received)?))
            }
            Query::Tokens => View::Tokens(self.tokens()),
            Query::Provisioning { token } => View::Provisioning(Box::new(self.provisioning(&token)?)),
            Query::Settings => View::Settings(SettingsView {
                data_folder: self.desk.ports.data.display().to_string(),
                program_version: env!("CARGO_PKG_VERSION").to_owned(),
                limits: self.state().limits,
                proof_days: self.proof_days()?,
            }),
            Query::Keys { keys, from, count } => View::Keys(self.keys(&keys, (from, count), now)?),
            Query::Key { physical_key } => View::Key(Box::new(self.key(&physical_key, now)?)),
            Query::RollCall { repository } => View::RollCall(self.roll_call(&repository, now)?),
            Query::Map { path, target } => View::Map(self.map(&path, target.as_deref())?),
            Query::AttestationRoots => View::AttestationRoots(self.attestation_roots()?),
            Query::KeyFolders { folder } => View::KeyFolders(self.key_folders(folder.as_deref())?),
        })
    }

    /// Standings and days follow the clock: judges again what was judged too long ago.
    fn follow_the_clock(&self, now: Instant) -> Result<(), Failure> {
        let limits = {
            let mut state = self.state();
            if (now.unix_seconds() - state.judged.unix_seconds()).abs() < JUDGEMENT_HOLDS {
                return Ok(());
            }
            state.judged = now;
            state.limits
        };
        let ports = &self.desk.ports;
        let mut memories = Vec::new();
        for record in ports.vault.repositories()? {
            memories.push(Memory::of(record, ports.vault.as_ref())?);
        }
        let judged = State::judge(memories, limits, ports, now);
        *self.state() = judged;
        Ok(())
    }

    fn estate(&self, now: Instant) -> Result<EstateView, Failure> {
        let open = self.desk.ceremonies.all()?;
        let index = self.state().index();
        let attention = AttentionView::of(&index, &open, now).items.len() as u32;
        let open = open.iter().filter(|record| record.is_open()).count() as u32;
        let progress = self.desk.running.progress();
        let keys = self.keyring(now)?.0.keys.len() as u32;
        Ok(EstateView {
            keys,
            ..EstateView::of(&index, attention, open, progress, now)
        })
    }

    fn window(&self, tree: &TreeRequest, from: u32, count: u32, now: Instant) -> TreeWindow {
        let busy = self.desk.running.busy();
        let (index, rows) = self.rows(tree, now);
        // A tree that cannot say where keys live is still shown: whoever asks for the keys hears why.
        let ring = LazyCell::new(|| self.keyring(now).map(|(ring, _)| ring).unwrap_or_default());
        TreeWindow::of(&index, &rows, (from, count), &busy, &ring, now)
    }

    fn typeahead(&self, tree: &TreeRequest, from: u32, prefix: &str, now: Instant) -> TreePlace {
        let (index, rows) = self.rows(tree, now);
        let found = rows.typeahead(&index, from, prefix);
        TreePlace {
            index: found,
            id: found.map(|row| index.node(rows.rows[row as usize].place).id.clone()),
            open: Vec::new(),
        }
    }

    fn reveal(&self, tree: TreeRequest, node: &str, now: Instant) -> Result<TreePlace, Failure> {
        let index = self.state().index();
        let place = index.find(node).ok_or_else(|| no_such_node(node))?;
        let mut wanted = Wanted::from(&tree);
        let open = closed_above(&index, &wanted, place);
        for id in &open {
            match wanted.toggled.iter().position(|toggled| toggled == id) {
                Some(position) => drop(wanted.toggled.remove(position)),
                None => wanted.toggled.push(id.clone()),
            }
        }
        let rows = self.state().rows.rows(&index, &wanted, now);
        Ok(TreePlace {
            index: rows.position(place),
            id: Some(node.to_owned()),
            open,
        })
    }

    fn rows(&self, tree: &TreeRequest, now: Instant) -> (Arc<Index>, Arc<crate::repositories::rows::Rows>) {
        let mut state = self.state();
        let index = state.index();
        let rows = state.rows.rows(&index, &Wanted::from(tree), now);
        (index, rows)
    }

    fn history(&self, id: &str) -> Result<History, Failure> {
        let (memory, reading) = self.memory(id)?;
        let roots = memory.roots(&reading);
        Ok(History::of(roots.iter().map(Vec::as_slice), memory.dialect(&reading)))
    }

    pub(super) fn blast(&self, id: &str, keys: &[String], now: Instant) -> Result<BlastView, Failure> {
        let known = self.state().repository(id)?;
        let (memory, reading) = self.memory(id)?;
        let shown = memory.shown(&reading, known.gun.as_ref(), now)?;
        let stolen = find_keys(&known.tree, keys)?;
        let (ring, _) = self.keyring(now)?;
        Ok(BlastView::of(&known, &blast(shown.ground(), &stolen)).placed(&ring))
    }

    fn first_trust(&self, id: &str) -> Result<FirstTrustView, Failure> {
        let known = self.state().repository(id)?;
        let (memory, reading) = self.memory(id)?;
        let root = super::act::candidate_root(&memory, &reading)?;
        Ok(FirstTrustView::of(&known, &root))
    }

    /// What the vault remembers of a repository.
    pub(super) fn memory(&self, id: &str) -> Result<(Memory, Reading), Failure> {
        let known = self.state().repository(id)?;
        let memory = Memory::of(known.record.clone(), self.desk.ports.vault.as_ref())?;
        let reading = Reading::from_last_read(&memory.last_read);
        Ok((memory, reading))
    }
}

fn no_such_node(node: &str) -> Failure {
    Failure::fault("no-such-node", "the tree has no such node any more").with("node", node)
}

fn no_such_version(version: u64) -> Failure {
    Failure::fault(
        "metadata-not-found",
        format!("root version {version} is not on this desk"),
    )
}
