//! Drills on the desk: set up, worked on with everything there is, and judged by what is published.

use super::{Rootward, refresh::blocking};
use crate::{
    border::{
        DrillCheckView, DrillFactView, DrillKeyView, DrillRunView, DrillState, DrillView, DrillsView, Failure, Notice,
        WrongTurnsView,
    },
    ceremony::{Stage as CeremonyStage, State},
    keyring,
    ports::{AnchorHow, Instant, KeyReference, Slot, SourceSpec, TokenSlot, is_practice_token, new_practice_token},
    practice::{
        self,
        drill::{self, Drill, Drills, Ended, Run, Stage, TurnKind},
    },
    repositories::place_of,
};

/// The PIN of every practice token. No secret: it is printed beside every drill.
const PIN: &str = "123456";

/// A place of one's own for a drill: a Notary server that nobody relies on, and a token with an empty slot.
#[derive(Debug, Clone)]
pub struct DrillPlace {
    pub url: String,
    pub ca_file: Option<String>,
    /// `yubikey:SERIAL/SLOT`.
    pub key: String,
}

impl Rootward {
    /// Every drill, with its last run. Fails as the disk does.
    pub(crate) fn drills(&self) -> Result<DrillsView, Failure> {
        let drills = Drill::ALL.into_iter().map(|drill| self.drill_view(drill, None));
        Ok(DrillsView {
            drills: drills.collect::<Result<_, _>>()?,
        })
    }

    /// Sets a drill up, on the practice server and token or in a place of the officer's own; what an earlier run of it left on
    /// this desk is removed.
    ///
    /// Refuses with `drill-under-way` while another one is, and with `drill-place-taken` when the place has such a repository;
    /// fails as server, token and disk do.
    pub(crate) async fn begin_drill(&self, name: &str, place: Option<DrillPlace>) -> Result<DrillView, Failure> {
        let drill = Drill::parse(name)?;
        let drills = Drills::of(&self.desk.ports);
        if let Some((under_way, _)) = drills.under_way()? {
            let message = format!(
                "the drill {} is under way: end it or give it up first",
                under_way.name()
            );
            return Err(Failure::refusal("drill-under-way", message).with("drill", under_way.name()));
        }
        self.clear(drill, drills.run(drill)?).await?;
        let stage = self.stage(drill, place).await?;
        let plot = drill::set_up(&self.desk.ports, drill, &stage).await?;
        let name = format!("drill: {}", drill.name());
        let repository = self.remember(plot.spec.clone(), Some(name), true).await?;
        let (desk, id, root) = (self.clone(), repository.clone(), plot.first_root);
        blocking(move || desk.anchor(&id, AnchorHow::Given, root)).await?;
        let run = Run {
            drill: drill.name().into(),
            repository: repository.clone(),
            source: plot.spec,
            begun_at: self.desk.ports.clock.now().to_string(),
            in_hand: plot.in_hand,
            facts: plot.facts,
            aims: plot.aims,
            turns: Vec::new(),
            ended: None,
        };
        drills.keep(drill, &run)?;
        self.refresh(vec![repository]).await?;
        self.tokens_changed();
        self.notify(Notice::EstateChanged);
        self.drill_view(drill, None)
    }

    /// Judges the drill that is under way; it ends when everything is as it must be. One that has ended is shown as it did.
    ///
    /// Fails with `drill-not-begun`, and as reading the repository does: what cannot be read is judged neither way.
    pub(crate) async fn judge_drill(&self, name: &str) -> Result<DrillView, Failure> {
        self.judged(Drill::parse(name)?, false).await
    }

    /// Ends the drill that is under way, however far it came.
    pub(crate) async fn give_up_drill(&self, name: &str) -> Result<DrillView, Failure> {
        self.judged(Drill::parse(name)?, true).await
    }

    /// Whether a drill waits to be judged.
    pub(crate) fn is_under_way(&self, name: &str) -> Result<bool, Failure> {
        let run = Drills::of(&self.desk.ports).run(Drill::parse(name)?)?;
        Ok(run.is_some_and(|run| run.ended.is_none()))
    }

    async fn judged(&self, drill: Drill, gives_up: bool) -> Result<DrillView, Failure> {
        let ports = &self.desk.ports;
        let drills = Drills::of(ports);
        let Some(mut run) = drills.run(drill)? else {
            let message = format!("the drill {} was not begun", drill.name());
            return Err(Failure::refusal("drill-not-begun", message).with("drill", drill.name()));
        };
        if run.ended.is_some() {
            return self.drill_view(drill, None);
        }
        let now = ports.clock.now();
        let looked = drill::look(&*ports.connect, &run.source, &run.aims, now).await;
        let checked = match looked {
            Ok(checked) => checked,
            // Whoever gives up may do so without a server.
            Err(_) if gives_up => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let (abandoned, needless) = self.ceremonies_of(&run.repository)?;
        let passed = !gives_up && checked.iter().all(|checked| checked.holds);
        let ended = Ended {
            at: now.to_string(),
            passed,
            checked,
            abandoned,
            needless,
        };
        if passed || gives_up {
            run.ended = Some(ended.clone());
            drills.keep(drill, &run)?;
            self.notify(Notice::EstateChanged);
        }
        self.drill_view(drill, Some(ended))
    }

    /// How many ceremonies of a repository were given up, and how many publications there were beyond the first.
    fn ceremonies_of(&self, repository: &str) -> Result<(u32, u32), Failure> {
        let (mut abandoned, mut published) = (0, 0_u32);
        for record in self.desk.ceremonies.all()? {
            let State::Sound(ceremony) = &record.state else {
                continue;
            };
            if ceremony.begun.repository.id != repository {
                continue;
            }
            match &ceremony.stage {
                CeremonyStage::Abandoned(..) => abandoned += 1,
                CeremonyStage::Published(..) => published += 1,
                CeremonyStage::Drafting
                | CeremonyStage::Collecting(_)
                | CeremonyStage::Ready(_)
                | CeremonyStage::Rehearsed(..)
                | CeremonyStage::Publishing(..)
                | CeremonyStage::Superseded(..) => {}
            }
        }
        Ok((abandoned, published.saturating_sub(1)))
    }

    /// Where a drill is held. A practice token is made for it, with a serial that no other has.
    async fn stage(&self, drill: Drill, place: Option<DrillPlace>) -> Result<Stage, Failure> {
        if let Some(place) = place {
            let KeyReference::YubiKey(token) = keyring::parse(&place.key)? else {
                let message = "expected a slot of a token for a drill, such as yubikey:19402271/9c";
                return Err(Failure::fault("bad-usage", message));
            };
            return Ok(Stage {
                url: place.url,
                ca_file: place.ca_file,
                token,
            });
        }
        let taken = self.attached().unwrap_or_default();
        let serial = new_practice_token(|serial| {
            taken
                .iter()
                .any(|token| matches!(token, crate::ports::Attached::Ready(facts) if facts.serial == serial))
        });
        Ok(Stage {
            url: format!("practice://{}", drill.name()),
            ca_file: None,
            token: TokenSlot {
                serial,
                slot: Slot::SIGNATURE,
            },
        })
    }

    /// Removes what an earlier run left: its repository on this desk, its files, its practice server and token.
    async fn clear(&self, drill: Drill, earlier: Option<Run>) -> Result<(), Failure> {
        let ports = &self.desk.ports;
        if let Some(run) = earlier {
            if self.state().repository(&run.repository).is_ok() {
                self.forget(run.repository.clone()).await?;
            }
            for held in &run.in_hand {
                if let Ok(KeyReference::YubiKey(at)) = keyring::parse(&held.key)
                    && is_practice_token(at.serial)
                {
                    practice::remove_folder(ports, "tokens", &format!("{}.json", at.serial))?;
                }
            }
        }
        practice::remove_folder(ports, "servers", &format!("{}.json", drill.name()))?;
        practice::remove_folder(ports, "drills", drill.name())
    }

    /// A drill for screens; `judged` is what was found just now.
    fn drill_view(&self, drill: Drill, judged: Option<Ended>) -> Result<DrillView, Failure> {
        let run = Drills::of(&self.desk.ports).run(drill)?;
        let state = match run.as_ref().map(|run| run.ended.as_ref()) {
            None => DrillState::NeverTried,
            Some(None) => DrillState::UnderWay,
            Some(Some(ended)) if ended.passed => DrillState::Passed,
            Some(Some(_)) => DrillState::GivenUp,
        };
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Ok(DrillView {
            name: drill.name().into(),
            title: drill.title().into(),
            task: texts(drill.task()),
            hints: texts(drill.hints()),
            state,
            run: match run {
                Some(run) => Some(self.run_view(run, judged)?),
                None => None,
            },
        })
    }

    fn run_view(&self, run: Run, judged: Option<Ended>) -> Result<DrillRunView, Failure> {
        let ended = run.ended.clone();
        let until = match &ended {
            Some(ended) => Instant::parse(&ended.at).ok(),
            None => Some(self.desk.ports.clock.now()),
        };
        let begun = Instant::parse(&run.begun_at).ok();
        let seconds = begun
            .zip(until)
            .and_then(|(begun, until)| u64::try_from(until.unix_seconds() - begun.unix_seconds()).ok());
        let found = ended.clone().or(judged);
        let (abandoned, needless) = match &ended {
            Some(ended) => (ended.abandoned, ended.needless),
            None => self.ceremonies_of(&run.repository)?,
        };
        let checked = found.iter().flat_map(|found| &found.checked);
        Ok(DrillRunView {
            checked: checked
                .map(|checked| DrillCheckView {
                    sentence: checked.aim.sentence(),
                    holds: checked.holds,
                })
                .collect(),
            wrong_turns: WrongTurnsView {
                refusals: run.count(TurnKind::Refusal),
                wrong_secrets: run.count(TurnKind::WrongSecret),
                abandoned,
                needless,
            },
            source: source_text(&run.source),
            repository: run.repository,
            begun_at: run.begun_at,
            ended_at: ended.map(|ended| ended.at),
            seconds,
            in_hand: run
                .in_hand
                .into_iter()
                .map(|held| DrillKeyView {
                    what: held.what,
                    key: held.key,
                    label: held.label,
                    physical_key: held.physical_key,
                })
                .collect(),
            facts: run
                .facts
                .into_iter()
                .map(|fact| DrillFactView {
                    name: fact.name,
                    value: fact.value,
                })
                .collect(),
            passphrase: practice::PASSPHRASE.into(),
            pin: PIN.into(),
        })
    }
}

/// A source as rootwardctl reads it.
pub(crate) fn source_text(source: &SourceSpec) -> String {
    match source {
        SourceSpec::Notary { .. } => format!("notary+{}", place_of(source)),
        SourceSpec::Folder { .. } | SourceSpec::Http { .. } => place_of(source),
    }
}

/// Notes a refusal, if a drill is under way on the desk with these ports.
pub(crate) fn note_refusal(drills: &Drills, failure: &Failure, now: Instant) {
    if failure.kind == crate::border::FailureKind::Refusal && !failure.code.starts_with("drill-") {
        drills.turned(TurnKind::Refusal, &failure.code, now);
    }
}
