//! The roles concerned, those alike in one row.

use rootward_tuf::blast::{How, Reach, Seat};

use super::{MOST_NAMES, Telling, first_names};
use crate::border::{BlastReach, BlastRoleView, Sentence, Voice, counted, visible};

impl Telling<'_, '_> {
    /// Roles that are reached or have a stolen key; consecutive ones with the same keys are one row.
    pub(super) fn roles(&self) -> Vec<BlastRoleView> {
        let mut rows: Vec<BlastRoleView> = Vec::new();
        let mut last: Option<&Reach> = None;
        for reach in &self.blast.reaches {
            if !reach.is_reached() && reach.stolen.is_empty() {
                continue;
            }
            match (rows.last_mut(), last) {
                (Some(row), Some(last)) if is_alike(last, reach) => {
                    if row.roles.len() < MOST_NAMES {
                        row.roles.push(visible(reach.role.as_str()));
                    } else {
                        row.more += 1;
                    }
                }
                _ => rows.push(self.role(reach)),
            }
            last = Some(reach);
        }
        rows
    }

    fn role(&self, reach: &Reach) -> BlastRoleView {
        let small = |number: u64| number.try_into().unwrap_or(u32::MAX);
        BlastRoleView {
            roles: vec![visible(reach.role.as_str())],
            more: 0,
            parent: reach
                .parent
                .as_ref()
                .map_or_else(|| "root".to_owned(), |parent| visible(parent.as_str())),
            reach: match reach.how {
                How::Alone => BlastReach::Alone,
                How::Through(_) => BlastReach::Through,
                How::With { .. } => BlastReach::With,
                How::Never => BlastReach::Never,
            },
            counts: small(reach.clients),
            threshold: small(reach.threshold),
            sentence: self.reach(reach),
        }
    }

    fn reach(&self, reach: &Reach) -> Sentence {
        match &reach.how {
            How::Alone if reach.ours < reach.threshold => Sentence::warning(format!(
                "Clients count {} signatures: one for each id that a key is listed under. There are {} different keys.",
                reach.clients, reach.ours
            )),
            How::Alone => Sentence::warning("Signs alone."),
            How::Through(above) => Sentence::warning("Falls with ")
                .subject(above.as_str())
                .plain(", which names its keys."),
            How::With { lacking } => {
                let labels: Vec<String> = reach.others.iter().map(|seat| self.label(&seat.physical)).collect();
                let sentence = Sentence::note(format!("Needs {} more, of ", counted(*lacking, "signature")));
                sentence.list(Voice::Evidence, &first_names(&labels)).plain(".")
            }
            How::Never => Sentence::note("Nobody can sign it: it has fewer usable keys than it needs."),
        }
    }
}

fn is_alike(one: &Reach, other: &Reach) -> bool {
    let keys = |seats: &[Seat]| -> Vec<_> { seats.iter().map(|seat| seat.physical).collect() };
    (&one.parent, one.threshold, &one.how) == (&other.parent, other.threshold, &other.how)
        && one.parent.is_some()
        && keys(&one.stolen) == keys(&other.stolen)
        && keys(&one.others) == keys(&other.others)
}
