//! Refreshing: many sources at once, bounded, told about while it runs, and ended within a second when cancelled.
//!
//! A visit that fails throws nothing away: what was proven stays, and what was shown stays with the failure beside it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::{StreamExt as _, stream};
use tokio::sync::watch;

use super::{Rootward, state::segment};
use crate::{
    border::{Notice, ProgressView},
    ports::{Failure, Proven},
    repositories::{known::Memory, look::begin, reading::Reading, visit::Visit},
};

/// Sources that are visited at once. The network has finer limits of its own.
const AT_ONCE: usize = 32;

/// Which refreshes run, and the way to end them.
pub struct Running {
    now: Mutex<Now>,
    cancelled: watch::Sender<u64>,
}

#[derive(Default)]
struct Now {
    busy: BTreeSet<String>,
    done: u32,
    of: u32,
    current: String,
}

impl Default for Running {
    fn default() -> Self {
        Running {
            now: Mutex::default(),
            cancelled: watch::channel(0).0,
        }
    }
}

impl Running {
    /// Repositories being visited now.
    pub fn busy(&self) -> BTreeSet<String> {
        self.now().busy.clone()
    }

    /// How far the running refresh is.
    pub fn progress(&self) -> Option<ProgressView> {
        let now = self.now();
        (now.of > 0).then(|| ProgressView {
            done: now.done,
            of: now.of,
            current: now.current.clone(),
        })
    }

    /// Ends every running refresh.
    pub fn cancel(&self) {
        self.cancelled.send_modify(|round| *round += 1);
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rootward {
    /// Visits repositories and walks those that are anchored.
    ///
    /// Answers with the interruption `cancelled` when it was ended early, else with the failure of the only repository
    /// that was asked for; of many, each keeps its own.
    pub async fn refresh(&self, ids: Vec<String>) -> Result<(), Failure> {
        let only = ids.len() == 1;
        {
            let mut now = self.desk.running.now();
            now.of += ids.len() as u32;
        }
        let mut cancelled = self.desk.running.cancelled.subscribe();
        cancelled.mark_unchanged();
        let of = ids.len() as u32;
        let mut visits = stream::iter(ids)
            .map(|id| self.refresh_one(id))
            .buffer_unordered(AT_ONCE);
        let mut first = Ok(());
        let mut done = 0;
        let ended = loop {
            tokio::select! {
                biased;
                _ = cancelled.changed() => {
                    break Err(Failure::interruption("cancelled", "the refresh was cancelled; everything proven so far stays"));
                }
                visited = visits.next() => match visited {
                    None => break Ok(()),
                    Some(outcome) => {
                        done += 1;
                        if only { first = outcome; }
                        self.desk.running.now().done += 1;
                        self.tell_progress();
                    }
                },
            }
        };
        drop(visits);
        let idle = {
            let mut now = self.desk.running.now();
            now.of -= of;
            now.done -= done;
            if now.of == 0 {
                now.busy.clear();
                now.current.clear();
            }
            now.of == 0
        };
        if idle {
            self.notify(Notice::Idle);
        }
        ended.and(first)
    }

    async fn refresh_one(&self, id: String) -> Result<(), Failure> {
        let name = self.state().repository(&id)?.record.name.clone();
        {
            let mut now = self.desk.running.now();
            now.busy.insert(id.clone());
            now.current = crate::border::visible(&name);
        }
        self.tell_progress();
        let ended = self.visit(&id).await;
        self.desk.running.now().busy.remove(&id);
        if ended.is_ok() {
            self.notify(Notice::RepositoryChanged { repository: id });
            self.notify(Notice::EstateChanged);
        }
        ended?.map_or(Ok(()), Err)
    }

    /// Visits one source, keeps what was proven, and judges the repository anew. Gives back what went wrong at the source.
    #[tracing::instrument(name = "refresh", skip(self))]
    async fn visit(&self, id: &str) -> Result<Option<Failure>, Failure> {
        let ports = self.desk.ports.clone();
        let limits = self.state().limits;
        let asked = id.to_owned();
        let desk = self.clone();
        let (memory, earlier) = blocking(move || desk.memory(&asked)).await?;
        let now = ports.clock.now();
        let walk = match memory.trusted_root() {
            Some(root) => Some(begin(root, &memory.proven, &memory.record.source, &limits, now)?.0),
            None => None,
        };
        let source = ports.connect.source(&memory.record.source, &limits)?;
        let visit = Visit {
            source: source.as_ref(),
            limits,
            earlier: Some(&earlier),
            with_history: true,
        };
        let (mut reading, outcome) = visit.make(walk).await;
        reading.at = Some(now);
        if reading.failure.is_some() {
            reading.fill_from(&earlier);
        }
        let failure = reading.failure.clone();
        let accepted = outcome.as_ref().is_some_and(|outcome| outcome.accepted);
        let last = outcome
            .as_ref()
            .and_then(|outcome| outcome.root_versions.last().copied());
        let walked = match (accepted, &memory.anchor, last) {
            (true, Some(anchor), Some(last)) => Some((now, anchor.version, last)),
            _ => memory.last_read.walked,
        };
        let proven = outcome.map(|outcome| Proven {
            roots: outcome
                .root_chain
                .into_iter()
                .map(|(version, file)| (version, file.into()))
                .collect(),
            documents: outcome
                .keep
                .into_iter()
                .filter(|(role, _)| role.as_str() != "root")
                .map(|(role, file)| (role, file.into()))
                .collect(),
            forget: outcome.forget,
        });
        let desk = self.clone();
        blocking(move || desk.settle(&memory, proven, &reading, walked)).await?;
        Ok(failure)
    }

    fn settle(
        &self,
        memory: &Memory,
        proven: Option<Proven>,
        reading: &Reading,
        walked: Option<(rootward_tuf::time::Instant, u64, u64)>,
    ) -> Result<(), Failure> {
        let ports = &self.desk.ports;
        let id = &memory.record.id;
        if let Some(proven) = proven {
            ports.vault.keep(id, &proven)?;
        }
        ports.vault.save_last_read(id, &reading.to_last_read(walked))?;
        self.rejudge(id)
    }

    /// Judges one repository anew from what the vault has.
    pub(super) fn rejudge(&self, id: &str) -> Result<(), Failure> {
        let ports = &self.desk.ports;
        let record = ports.vault.repositories()?.into_iter().find(|record| record.id == id);
        let record = record.ok_or_else(|| super::state::not_found(id))?;
        let memory = Memory::of(record, ports.vault.as_ref())?;
        let limits = self.state().limits;
        let segment = segment(&memory, &limits, ports, ports.clock.now());
        self.state().put(segment);
        Ok(())
    }

    fn tell_progress(&self) {
        if let Some(ProgressView { done, of, current }) = self.desk.running.progress() {
            self.notify(Notice::Progress { done, of, current });
        }
    }
}

/// Runs what blocks where it may block; a panic in it goes on in the caller.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(done) => done,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Failure::interruption("cancelled", "the desk is closing")),
        },
    }
}
