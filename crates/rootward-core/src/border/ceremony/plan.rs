//! What a change would come to, in data for a form.

use crate::border::{NodeKind, PlanView, PlannedView, QuorumSide, QuorumView, visible};
use crate::ceremony::{Foreseen, Planned, Preview, Quorum, Side};

impl PlanView {
    /// A change worked out.
    pub fn of(foreseen: &Foreseen) -> Self {
        let Foreseen {
            preview,
            untold,
            left_out,
        } = foreseen;
        PlanView {
            untold: *untold as u32,
            left_out: left_out.iter().map(|key| visible(key)).collect(),
            gone: preview.gone().map(ToString::to_string).collect(),
            title: visible(&preview.title()),
            documents: preview
                .plan
                .documents
                .iter()
                .map(|document| planned(document, preview))
                .collect(),
            consequences: preview.consequences.clone(),
        }
    }
}

fn planned(document: &Planned, preview: &Preview) -> PlannedView {
    let (from, version) = document.version;
    PlannedView {
        role: visible(document.role.as_str()),
        kind: kind(document.role.as_str()),
        wave: u32::from(document.wave) + 1,
        from: (from > 0).then_some(from),
        version,
        quorums: document.quorums.iter().map(|quorum| told(quorum, preview)).collect(),
    }
}

fn told(quorum: &Quorum, preview: &Preview) -> QuorumView {
    let here = quorum
        .keys
        .iter()
        .filter(|key| preview.at_hand(&key.physical).is_some());
    QuorumView {
        side: match quorum.side {
            Side::Old => QuorumSide::Old,
            Side::New => QuorumSide::New,
            Side::Own => QuorumSide::Own,
            Side::Before => QuorumSide::Before,
        },
        by: visible(quorum.by.0.as_str()),
        need: u32::try_from(quorum.threshold).unwrap_or(u32::MAX),
        keys: quorum.keys.len() as u32,
        at_hand: here.count() as u32,
    }
}

/// What a role is, by its name.
pub(super) fn kind(role: &str) -> NodeKind {
    match role {
        "root" => NodeKind::Root,
        "targets" => NodeKind::Targets,
        "snapshot" => NodeKind::Snapshot,
        "timestamp" => NodeKind::Timestamp,
        _ => NodeKind::Delegation,
    }
}
