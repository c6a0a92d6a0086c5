//! A change in one sentence, as lists, prompts and transcripts call it.

use super::change::Change;
use super::delta::Delta;
use super::edit::Edit;
use crate::border::{counted, visible};

/// The change in one sentence without a full stop: what happens to keys first, and how much there is besides.
///
/// `deltas` are empty as long as nothing is fixed; then the edits alone are told.
pub fn title(change: &Change, deltas: &[Delta], repository: &str) -> String {
    if change.begins() {
        return format!("Begin the repository {repository}");
    }
    let mut said: Vec<String> = deltas.iter().filter_map(|delta| delta.sentence(repository)).collect();
    if deltas.is_empty() {
        let of_keys = change.of_keys();
        said.extend(
            of_keys
                .iter()
                .map(|at| format!("Rotate {} of {repository}", visible(&at.role))),
        );
    }
    said.extend(change.edits.iter().filter_map(|edit| other(edit, repository)));
    if said.is_empty() {
        said.extend(change.edits.iter().filter_map(|edit| end(edit, repository)));
    }
    let more = said.len().saturating_sub(1) as u64;
    match said.into_iter().next() {
        Some(first) if more > 0 => format!("{first}, and {}", counted(more, "more change")),
        Some(first) => first,
        None => format!("Issue documents of {repository} again"),
    }
}

/// An edit that is not about keys.
fn other(edit: &Edit, repository: &str) -> Option<String> {
    Some(match edit {
        Edit::Begins { .. }
        | Edit::Leaves { .. }
        | Edit::Joins { .. }
        | Edit::Threshold { .. }
        | Edit::ServerKey { .. }
        | Edit::Ends { .. } => return None,
        Edit::Delegates { by, delegation } => {
            format!(
                "Delegate {} of {repository} from {}",
                visible(&delegation.role),
                visible(by)
            )
        }
        Edit::Redelegates { by, role, .. } => {
            format!(
                "Change what {} of {repository} may vouch for by {}",
                visible(role),
                visible(by)
            )
        }
        Edit::Bins { by, bins } => {
            let many = counted(1_u64 << bins.bits, "bin");
            format!("Delegate {many} of {repository} from {}", visible(by))
        }
        Edit::Undelegates { by, role } => {
            format!(
                "End the delegation from {} to {} of {repository}",
                visible(by),
                visible(role)
            )
        }
        Edit::Vouches { role, path, .. } => {
            format!("Vouch for {} in {} of {repository}", visible(path), visible(role))
        }
        Edit::Unvouches { role, path } => {
            format!(
                "Vouch no longer for {} in {} of {repository}",
                visible(path),
                visible(role)
            )
        }
        Edit::Rebuilds { role, .. } => format!("Build {} of {repository} anew", visible(role)),
        Edit::Again { role } => format!("Sign {} of {repository} again", visible(role)),
    })
}

fn end(edit: &Edit, repository: &str) -> Option<String> {
    match edit {
        Edit::Ends { role, at, .. } => Some(format!("Issue {} of {repository} again, to end on {at}", visible(role))),
        _ => None,
    }
}
