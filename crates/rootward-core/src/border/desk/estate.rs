//! The whole desk at a glance, and what needs a person.

use rootward_tuf::{
    dialect::Dialect,
    finding::{Code, Finding},
    role::RoleName,
    time::Instant,
};

use super::days;
use crate::{
    border::{AttentionItem, AttentionView, EstateView, FindingView, ProgressView, RepositoryAction, counted, visible},
    ceremony::{Record, is_publishable},
    repositories::{
        Standing,
        index::{Index, repository_node, role_node},
        known::Known,
    },
};

impl EstateView {
    /// Counts what is on the desk.
    pub fn of(
        index: &Index,
        attention: u32,
        open_ceremonies: u32,
        progress: Option<ProgressView>,
        now: Instant,
    ) -> Self {
        let all = || index.segments.iter().map(|segment| &segment.known);
        let verified = |known: &&std::sync::Arc<Known>| known.walked.is_some() && known.failure.is_none();
        EstateView {
            repositories: all().count() as u32,
            verified: all().filter(verified).count() as u32,
            verified_at: all()
                .filter_map(|known| known.walked)
                .map(|(at, _, _)| at)
                .max()
                .map(|at| at.to_string()),
            attention,
            keys: 0,
            open_ceremonies,
            practice_only: !index.segments.is_empty() && all().all(|known| known.record.practice),
            progress,
            now: now.to_string(),
        }
    }
}

impl AttentionView {
    /// Everything that is not sound, worst first, then by date.
    pub fn of(index: &Index, ceremonies: &[Record], now: Instant) -> Self {
        let mut items: Vec<AttentionItem> = Vec::new();
        for segment in &index.segments {
            let known = &segment.known;
            let of_it = |record: &&Record| {
                record
                    .begun()
                    .is_some_and(|begun| begun.repository.id == known.record.id)
            };
            let open = ceremonies.iter().filter(|record| record.is_open()).find(of_it);
            let open = open.map(|record| record.id.clone());
            // Nothing is there that somebody could look after: a ceremony begins it, or was to.
            let is_unbegun = known.is_bare() && ceremonies.iter().any(|record| of_it(&record));
            if !is_unbegun {
                push_repository(known, open, now, &mut items);
            }
            for record in ceremonies.iter().filter(of_it) {
                items.extend(given_up(known, record));
            }
        }
        items.sort_by(|a, b| {
            let key = |item: &AttentionItem| (item.practice, item.standing, item.days_left.unwrap_or(i32::MAX));
            let told = |item: &AttentionItem| (item.repository_name.clone(), item.title.clone());
            key(a).cmp(&key(b)).then_with(|| told(a).cmp(&told(b)))
        });
        AttentionView {
            items,
            readiness: Vec::new(),
            roots: 0,
            roots_ready: 0,
        }
    }
}

/// A ceremony that was given up and that anybody could publish still: a version as high is not there yet.
fn given_up(known: &Known, record: &Record) -> Option<AttentionItem> {
    let ceremony = record.sound().ok().filter(|ceremony| is_publishable(ceremony))?;
    let mut sheets = ceremony.stage.collected()?.sheets.iter();
    let loose = sheets.find(|sheet| sheet.complete.is_some())?;
    let (role, version) = (loose.role(), loose.frozen.version());
    let nodes = known.tree.top_level().filter(|node| node.role == *role);
    let there = nodes.filter_map(|node| Some(node.document.as_ref()?.version)).max();
    if there.is_some_and(|there| there >= version) {
        return None;
    }
    let (id, shown) = (visible(&record.id), visible(role.as_str()));
    Some(AttentionItem {
        node: repository_node(&known.record.id),
        repository: known.record.id.clone(),
        repository_name: visible(&known.record.name),
        practice: known.record.practice,
        standing: Standing::Suspect,
        title: format!("Anybody could publish {shown} v{version}, which ceremony {id} gave up."),
        days_left: None,
        finding: FindingView {
            code: "loose-publishable".into(),
            role: role.to_string(),
            standing: Some(Standing::Suspect),
            message: format!("The signatures of ceremony {id} reach the threshold of {shown} v{version}."),
            next: "Take the ceremony up again and publish it, then make the next change on top of it.".into(),
        },
        ceremony: Some(record.id.clone()),
        may_end: false,
    })
}

fn push_repository(known: &Known, ceremony: Option<String>, now: Instant, items: &mut Vec<AttentionItem>) {
    let item = |node: String, standing, title: String, days_left, finding: FindingView| AttentionItem {
        node,
        repository: known.record.id.clone(),
        repository_name: visible(&known.record.name),
        practice: known.record.practice,
        standing,
        title,
        days_left,
        finding,
        ceremony: ceremony.clone(),
        may_end: false,
    };
    let may_change = super::allowed(known).contains(&RepositoryAction::RotateRoot);
    let whole = repository_node(&known.record.id);
    if known.anchor.is_none() {
        let finding = Finding::new(Code::NoAnchor, &RoleName::root(), Vec::new());
        let title = format!("{} waits for its first-trust step.", visible(&known.record.name));
        items.push(item(
            whole,
            Standing::Unanchored,
            title,
            None,
            FindingView::of(&finding),
        ));
        return;
    }
    if let Some(failure) = &known.failure {
        let finding = Finding::new(
            Code::Unreachable,
            &RoleName::root(),
            vec![("why", failure.message.clone())],
        );
        let title = format!("{} could not be read to its end.", visible(&known.record.name));
        items.push(item(
            whole,
            Standing::Unreachable,
            title,
            None,
            FindingView::of(&finding),
        ));
    }
    for (place, role) in known.tree.nodes.iter().enumerate() {
        if role.own == Standing::Sound || role.is_unpublished() {
            continue;
        }
        let worst = role
            .findings
            .iter()
            .find(|finding| Standing::forced_by(finding.code, finding.severity) == Some(role.own));
        let days_left = days(role.document.as_ref().map(|document| &document.expires), now);
        let name = visible(role.role.as_str());
        let finding = match (worst, &role.document) {
            (Some(finding), _) => FindingView::of(finding),
            (None, Some(document)) if role.own == Standing::Expiring => FindingView {
                code: "expiring".to_owned(),
                role: name.clone(),
                standing: Some(Standing::Expiring),
                message: format!("{name} expires on {}.", visible(&document.expires.text)),
                next: "Sign a new version of this role before then.".to_owned(),
            },
            // Said of the role that stands in the way.
            _ => continue,
        };
        let version = role
            .document
            .as_ref()
            .map_or(String::new(), |document| format!(" v{}", document.version));
        let title = match (role.own, days_left) {
            (Standing::Expiring, Some(0)) => format!("{name}{version} expires today."),
            (Standing::Expiring, Some(left)) => {
                format!(
                    "{name}{version} expires in {}.",
                    counted(u64::from(left.unsigned_abs()), "day")
                )
            }
            (Standing::Expired, Some(0)) => format!("{name}{version} expired today."),
            (Standing::Expired, Some(left)) => {
                format!(
                    "{name}{version} expired {} ago.",
                    counted(u64::from(left.unsigned_abs()), "day")
                )
            }
            (Standing::UnderThreshold, _) => {
                let counted = role.tally.as_ref().map_or(0, |tally| tally.ours.min(tally.clients));
                format!("{name}{version} counts {counted} of {} signatures.", role.threshold)
            }
            _ => finding.message.clone(),
        };
        // A Notary server issues snapshot and timestamp by itself and decides when they end.
        let is_servers = known.tree.dialect == Dialect::Notary && matches!(place, 1 | 2);
        items.push(AttentionItem {
            may_end: may_change && !is_servers && matches!(role.own, Standing::Expiring | Standing::Expired),
            ..item(role_node(known, place), role.own, title, days_left, finding)
        });
    }
}
