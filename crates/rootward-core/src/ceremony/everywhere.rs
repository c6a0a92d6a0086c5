//! Beginning the ceremonies of a bulk, one after the other, and going on where that stopped: whoever asks again, after a refusal or
//! after the power went, is left with one ceremony in each repository.

use super::bulk::{Bulk, Outcome, Went};
use super::ceremonies::{Ceremonies, State};
use super::event::Problem;
use super::state::Stage;
use crate::border::{ChangeWish, visible};
use crate::ports::{Failure, FailureKind, RepositoryRecord, SourceSpec};
use crate::repositories::place_of;

/// How a bulk stands in one of its places, with the ceremony there looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPlace {
    pub source: SourceSpec,
    /// None where the desk knows the repository no more.
    pub repository: Option<RepositoryRecord>,
    /// None while it waits for its turn, or was begun and given up since.
    pub outcome: Option<Outcome>,
    pub problem: Option<Problem>,
    pub ceremony: Option<String>,
}

impl InPlace {
    /// Whether a ceremony is still to be begun there.
    pub fn is_pending(&self) -> bool {
        match self.outcome {
            Some(Outcome::Begun | Outcome::Done | Outcome::AlreadySo) => false,
            Some(Outcome::Refused | Outcome::Failed | Outcome::Interrupted | Outcome::Declined) | None => true,
        }
    }

    /// Whether nothing is left to do there.
    pub fn is_settled(&self) -> bool {
        self.outcome.is_some_and(Outcome::is_settled)
    }
}

impl Ceremonies {
    /// Begins changes in several repositories of the desk, each with a ceremony of its own, or takes up the bulk that asked for them
    /// and in which nothing else is left to begin.
    ///
    /// Fails with `repository-not-found`, and with `bad-usage` where nothing is asked for.
    pub fn begin_bulk_in(&self, wishes: &[(String, ChangeWish)]) -> Result<Bulk, Failure> {
        let each = wishes
            .iter()
            .map(|(repository, wish)| Ok((self.repository(repository)?.source, wish.clone())));
        let each: Vec<(SourceSpec, ChangeWish)> = each.collect::<Result<_, Failure>>()?;
        let is_asked = |place: (&SourceSpec, &ChangeWish)| each.iter().any(|(source, wish)| (source, wish) == place);
        let is_it = |bulk: &Bulk| {
            let held: Vec<(&SourceSpec, &ChangeWish)> = bulk.asked().collect();
            let has_all = each.iter().all(|(source, wish)| held.contains(&(source, wish)));
            let mut rest = (0..held.len()).filter(|place| !is_asked(held[*place]));
            let is_begun = |place: usize| {
                bulk.places[place]
                    .1
                    .as_ref()
                    .is_some_and(|went| went.outcome == Outcome::Begun)
            };
            has_all && !bulk.is_settled() && rest.all(|place| !bulk.is_pending(place) || is_begun(place))
        };
        self.take_up_or_begin(&each, is_it)
    }

    /// Begins a ceremony wherever the bulk is pending, one after the other, and puts on record what came of each. One that is
    /// refused keeps no other back; where a person stepped away, the rest waits for the next time.
    pub async fn begin_everywhere(&self, id: &str) -> Result<Bulk, Failure> {
        let of = id.to_owned();
        let mut bulk = self.blocking(move |ceremonies| ceremonies.bulk(&of)).await?;
        for place in 0..bulk.places.len() {
            let (looked_at, of) = (bulk.clone(), place);
            let now = self
                .blocking(move |ceremonies| ceremonies.in_place(&looked_at, of))
                .await?;
            if !now.is_pending() {
                continue;
            }
            let went = self.begin_in(&now, bulk.wish_of(place)).await;
            let is_away = matches!(&went, Err(failure) if failure.kind == FailureKind::Interruption);
            let ceremony = went.as_ref().ok().and_then(|(_, ceremony)| ceremony.clone());
            let went = Went::of(place, ceremony, went.as_ref().map(|(outcome, _)| *outcome));
            let of = id.to_owned();
            bulk = self
                .blocking(move |ceremonies| ceremonies.went_in_bulk(&of, went))
                .await?;
            if is_away {
                break;
            }
        }
        Ok(bulk)
    }

    async fn begin_in(&self, place: &InPlace, wish: &ChangeWish) -> Result<(Outcome, Option<String>), Failure> {
        let repository = place.repository.as_ref().ok_or_else(|| {
            let message = format!("{} is on this desk no more", visible(&place_of(&place.source)));
            Failure::fault("repository-not-found", message)
        })?;
        if self.is_so(&repository.id, wish).await? {
            return Ok((Outcome::AlreadySo, None));
        }
        let ceremony = self.begin(&repository.id, wish.clone()).await?;
        Ok((Outcome::Begun, Some(ceremony)))
    }

    /// How a bulk stands in each of its places.
    pub fn in_places(&self, bulk: &Bulk) -> Result<Vec<InPlace>, Failure> {
        (0..bulk.places.len()).map(|place| self.in_place(bulk, place)).collect()
    }

    fn in_place(&self, bulk: &Bulk, place: usize) -> Result<InPlace, Failure> {
        let (source, went) = bulk.places[place].clone();
        let known = self.ports.vault.repositories()?;
        let repository = known.into_iter().find(|known| known.source == source);
        let (outcome, problem, ceremony) = match went {
            None => (None, None, None),
            Some(went) => (Some(went.outcome), went.problem, went.ceremony),
        };
        let outcome = match (outcome, &ceremony) {
            (Some(Outcome::Begun), Some(id)) => self.begun_came_to(id),
            (other, _) => other,
        };
        Ok(InPlace {
            source,
            repository,
            outcome,
            problem,
            ceremony,
        })
    }

    /// What became of a ceremony that a bulk began: none where it ended without its change.
    fn begun_came_to(&self, id: &str) -> Option<Outcome> {
        match self.one(id).ok()?.state {
            State::Sound(ceremony) => match ceremony.stage {
                Stage::Published(..) => Some(Outcome::Done),
                Stage::Superseded(..) | Stage::Abandoned(..) => None,
                Stage::Drafting
                | Stage::Collecting(_)
                | Stage::Ready(_)
                | Stage::Rehearsed(..)
                | Stage::Publishing(..) => Some(Outcome::Begun),
            },
            State::Broken { .. } => Some(Outcome::Begun),
        }
    }
}
