//! Drills without a window: what `rootwardctl drill` asks of the desk.

use std::path::PathBuf;
use std::sync::Arc;

use crate::adapters::{SystemClock, SystemDisk, data_folder};
use crate::border::{DrillState, DrillView, DrillsView, Failure, PracticeMade};
use crate::desk::{DrillPlace, Rootward, note_refusal, source_text};
use crate::ports::{Clock, Instant, Prompt, SourceSpec};
use crate::practice::PASSPHRASE;
use crate::practice::drill::Drills;
use crate::rotations::{Rotations, Trust, desk};

/// Drills on one desk.
pub struct Drilling {
    desk: Rootward,
}

impl Drilling {
    /// Opens the desk, by the system's clock or by the one given as RFC 3339. Fails as [`crate::Rotations::open`] does.
    pub fn open(data: Option<PathBuf>, at: Option<&str>, prompt: Arc<dyn Prompt>) -> Result<Self, Failure> {
        Ok(Drilling {
            desk: desk(data, at, prompt)?,
        })
    }

    /// Every drill, with its last run.
    pub fn list(&self) -> Result<DrillsView, Failure> {
        self.desk.drills()
    }

    /// Begins a drill, or judges the one that is under way; gives whether it was judged.
    ///
    /// Refuses with `drill-under-way`, `drill-place-taken` and, for a place where one is under way, with `bad-usage`.
    pub async fn go_on(&self, name: &str, place: Option<DrillPlace>) -> Result<(DrillView, bool), Failure> {
        if self.desk.is_under_way(name)? {
            if place.is_some() {
                let message = format!("the drill {name} is under way in its place: --server is for its beginning");
                return Err(Failure::refusal("drill-under-way", message));
            }
            return Ok((self.desk.judge_drill(name).await?, true));
        }
        Ok((self.desk.begin_drill(name, place).await?, false))
    }

    /// Ends a drill that is under way, however far it came. Fails with `drill-not-begun`.
    pub async fn give_up(&self, name: &str) -> Result<DrillView, Failure> {
        self.desk.give_up_drill(name).await
    }

    /// Makes a double of a repository to practise on; gives how rootwardctl names it.
    ///
    /// Fails as [`Rotations::repository`] does for one that is not on the desk, and refuses with `draft-refused` one that nobody
    /// could sign.
    pub async fn practise_on(&self, spec: SourceSpec, trust: Trust) -> Result<PracticeMade, Failure> {
        let rotations = Rotations::of(self.desk.clone());
        let original = rotations.repository(spec, trust).await?;
        let repository = self.desk.practise_on(&original).await?;
        let known = self.desk.state().repository(&repository)?;
        Ok(PracticeMade {
            source: source_text(&known.record.source),
            gun: known.gun.as_ref().map(|gun| gun.as_str().to_owned()),
            repository,
            passphrase: PASSPHRASE.into(),
        })
    }

    /// Whether a judged drill is passed.
    pub fn is_passed(view: &DrillView) -> bool {
        view.state == DrillState::Passed
    }
}

/// Notes on a desk that is not open that it refused something, if a drill is under way there.
pub fn note_turn(data: Option<PathBuf>, at: Option<&str>, failure: &Failure) {
    if let Ok(data) = data_folder(data) {
        let given = at.and_then(|at| Instant::parse(at).ok());
        let now = given.unwrap_or_else(|| SystemClock.now());
        note_refusal(&Drills::at(Arc::new(SystemDisk::new()), &data), failure, now);
    }
}
