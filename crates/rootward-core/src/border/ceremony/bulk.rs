//! Changes in several repositories, in the officer's words.

use crate::border::{BulkPlace, BulkState, BulkView, visible};
use crate::ceremony::{Bulk, InPlace, Outcome};
use crate::repositories::place_of;

impl BulkView {
    /// A bulk as it stands in each of its places.
    pub fn of(bulk: &Bulk, places: &[InPlace]) -> Self {
        BulkView {
            id: bulk.id.clone(),
            reason: visible(&bulk.wish.reason),
            begun_at: bulk.begun_at.to_string(),
            rows: places.iter().map(BulkPlace::of).collect(),
            pending: places.iter().filter(|place| place.is_pending()).count() as u32,
        }
    }
}

impl BulkPlace {
    fn of(place: &InPlace) -> Self {
        let known = place.repository.as_ref();
        BulkPlace {
            repository: known.map(|repository| repository.id.clone()),
            name: visible(&known.map_or_else(|| place_of(&place.source), |repository| repository.name.clone())),
            state: match place.outcome {
                None => BulkState::Pending,
                Some(Outcome::Begun) => BulkState::Begun,
                Some(Outcome::Done) => BulkState::Done,
                Some(Outcome::AlreadySo) => BulkState::AlreadySo,
                Some(Outcome::Refused) => BulkState::Refused,
                Some(Outcome::Failed) => BulkState::Failed,
                Some(Outcome::Interrupted) => BulkState::Interrupted,
                Some(Outcome::Declined) => BulkState::Declined,
            },
            ceremony: place.ceremony.clone(),
            why: place.problem.as_ref().map(|problem| visible(&problem.message)),
        }
    }
}
