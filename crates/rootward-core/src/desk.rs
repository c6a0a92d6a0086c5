//! The facade: one method per use case, and the closed enums of the border dispatched to them.
//!
//! Decides nothing itself. A panic in one request becomes a fault with a reference and leaves the desk standing.

mod act;
mod attestations;
mod backup;
mod beginning;
mod ceremonies;
mod doubles;
mod drills;
mod key_files;
mod keyring;
mod map;
mod practice;
mod refresh;
mod revocation;
mod state;
mod tokens;
mod touch;

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt as _;
use tokio::sync::broadcast;
use tracing::Instrument as _;

use crate::{
    border::{Action, Failure, Notice, Outcome, Query, View},
    ceremony::Ceremonies,
    keyring::Sessions,
    ports::{LimitsView, Ports},
    practice::drill::Drills,
    repositories::known::Memory,
};

pub use self::beginning::Place;
pub(crate) use self::beginning::{known_at, reached_as};
pub use self::drills::DrillPlace;
pub(crate) use self::drills::{note_refusal, source_text};
use self::keyring::Ring;
use refresh::Running;
use state::State;
use tokens::Shelf;
use touch::Telling;

/// The desk. Cheap to clone; every clone is the same desk.
#[derive(Clone)]
pub struct Rootward {
    pub(crate) desk: Arc<Desk>,
}

pub(crate) struct Desk {
    pub ports: Ports,
    pub state: std::sync::Mutex<State>,
    pub ceremonies: Ceremonies,
    pub running: Running,
    pub shelf: Shelf,
    pub ring: Ring,
    /// Keys that are open for a proof.
    pub proofs: Sessions,
    notices: broadcast::Sender<Notice>,
}

/// Notices a slow window may fall behind by before it is told to ask for everything again.
const NOTICES: usize = 1024;

impl Rootward {
    /// Opens the desk that `ports` are plugged into and judges everything it remembers by its clock.
    ///
    /// Fails as the vault does.
    pub fn open(ports: Ports) -> Result<Rootward, Failure> {
        Rootward::open_as(ports, "the desk")
    }

    /// Opens the desk; `holder` is the actor of its ceremonies.
    pub fn open_as(mut ports: Ports, holder: &str) -> Result<Rootward, Failure> {
        let span = tracing::info_span!("open");
        let _open = span.enter();
        crate::backup::finish(&ports)?;
        let limits = stored_limits(&ports)?;
        crate::keyring::plug_in_modules(&ports, &[])?;
        let mut memories = Vec::new();
        for record in ports.vault.repositories()? {
            memories.push(Memory::of(record, ports.vault.as_ref())?);
        }
        let now = ports.clock.now();
        let state = State::judge(memories, limits, &ports, now);
        let (notices, _) = broadcast::channel(NOTICES);
        let (drills, clock) = (Drills::of(&ports), ports.clock.clone());
        ports.prompt = Arc::new(Telling::of(ports.prompt, notices.clone()).noting(drills, clock));
        let tell = notices.clone();
        let notify = Arc::new(move |notice| {
            let _ = tell.send(notice);
        });
        let desk = Desk {
            ceremonies: Ceremonies::new(ports.clone(), holder, notify),
            ports,
            state: std::sync::Mutex::new(state),
            running: Running::default(),
            shelf: Shelf::default(),
            ring: Ring::default(),
            proofs: Sessions::default(),
            notices,
        };
        Ok(Rootward { desk: Arc::new(desk) })
    }

    /// What went stale, as it happens.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.desk.notices.subscribe()
    }

    /// Answers a question. Changes nothing.
    pub async fn query(&self, query: Query) -> Result<View, Failure> {
        let span = tracing::info_span!("query", query = state::name_of(&query));
        let desk = self.clone();
        let answer = tokio::task::spawn_blocking(move || span.in_scope(|| desk.answer(query)));
        match answer.await {
            Ok(answer) => answer,
            Err(ended) => Err(self.panicked("query", panic_text(ended))),
        }
    }

    /// Does what was wished for. A refusal leaves everything as it was.
    pub async fn act(&self, action: Action) -> Result<Outcome, Failure> {
        let span = tracing::info_span!("act", action = act::name_of(&action));
        let desk = self.clone();
        // A task of its own: a window that is closed half-way does not cut a ceremony's step in two.
        let done =
            tokio::spawn(async move { AssertUnwindSafe(desk.perform(action)).catch_unwind().await }.instrument(span));
        match done.await {
            Ok(Ok(outcome)) => {
                if let Err(failure) = &outcome {
                    self.refused(failure.clone()).await;
                }
                outcome
            }
            Ok(Err(_)) => Err(self.panicked("act", None)),
            Err(ended) => Err(self.panicked("act", panic_text(ended))),
        }
    }

    /// Notes a wrong turn of the drill that is under way, if one is.
    async fn refused(&self, failure: Failure) {
        let ports = &self.desk.ports;
        let (drills, now) = (Drills::of(ports), ports.clock.now());
        let _ = tokio::task::spawn_blocking(move || note_refusal(&drills, &failure, now)).await;
    }

    /// Tells every window what went stale.
    pub(crate) fn notify(&self, notice: Notice) {
        // Nobody listening is fine: the terminal has no window.
        let _ = self.desk.notices.send(notice);
    }

    pub(crate) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while the state was held cannot leave it half-changed: it is replaced as a whole.
        self.desk
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The fault of a request that panicked; its reference is in the log.
    fn panicked(&self, request: &str, text: Option<String>) -> Failure {
        let mut bytes = [0; 4];
        self.desk.ports.random.fill(&mut bytes);
        let reference = rootward_tuf::encoding::hex(&bytes);
        tracing::error!(
            request,
            reference,
            text = text.as_deref().unwrap_or("no text"),
            "a request panicked"
        );
        let message = format!("the request ended by a fault of this program; the log has it under {reference}");
        Failure::fault("panicked", message).with("reference", reference)
    }
}

fn panic_text(ended: tokio::task::JoinError) -> Option<String> {
    let payload = ended.try_into_panic().ok()?;
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
}

/// The limits set on this desk, or the usual ones.
fn stored_limits(ports: &Ports) -> Result<LimitsView, Failure> {
    let stored = ports.vault.setting("limits")?;
    Ok(stored
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}
