//! What a change would come to, in data for a form.

use rootward_tuf::role::RoleName;

use super::stage::is_first;
use crate::border::{NodeKind, PlanView, PlannedView, QuorumSide, QuorumView, visible};
use crate::ceremony::{Foreseen, NamedKey, Planned, Preview, Quorum, Side, Sound};

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

impl PlannedView {
    /// The documents of a ceremony that began, in the order they are signed; a key whose signature is here is at hand.
    pub(super) fn of_begun(sound: &Sound) -> Vec<PlannedView> {
        let documents = sound.documents.as_deref().unwrap_or_default();
        let at_hand = |key: &NamedKey| sound.files.contains_key(&key.physical);
        documents
            .iter()
            .map(|shown| view(&shown.role, shown.wave, shown.version, &shown.quorums, &at_hand))
            .collect()
    }
}

fn planned(document: &Planned, preview: &Preview) -> PlannedView {
    let at_hand = |key: &NamedKey| preview.at_hand(&key.physical).is_some();
    view(
        &document.role,
        document.wave,
        document.version,
        &document.quorums,
        &at_hand,
    )
}

fn view(
    role: &RoleName,
    wave: u8,
    (from, version): (u64, u64),
    quorums: &[Quorum],
    at_hand: &dyn Fn(&NamedKey) -> bool,
) -> PlannedView {
    PlannedView {
        role: visible(role.as_str()),
        kind: kind(role.as_str()),
        wave: u32::from(wave) + 1,
        from: (from > 0).then_some(from),
        version,
        quorums: quorums.iter().map(|quorum| told(quorum, at_hand)).collect(),
    }
}

fn told(quorum: &Quorum, at_hand: &dyn Fn(&NamedKey) -> bool) -> QuorumView {
    QuorumView {
        side: match quorum.side {
            Side::Old => QuorumSide::Old,
            Side::New if is_first(quorum.side, quorum.by.1) => QuorumSide::Own,
            Side::New => QuorumSide::New,
            Side::Own => QuorumSide::Own,
            Side::Before => QuorumSide::Before,
        },
        by: visible(quorum.by.0.as_str()),
        need: u32::try_from(quorum.threshold).unwrap_or(u32::MAX),
        keys: quorum.keys.len() as u32,
        at_hand: quorum.keys.iter().filter(|key| at_hand(key)).count() as u32,
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
