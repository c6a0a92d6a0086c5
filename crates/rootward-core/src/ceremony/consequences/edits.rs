//! What the edits say that are not about keys.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::role::RoleName;

use super::Told;
use crate::border::{Mark, Sentence, counted, short};
use crate::ceremony::edit::{Delegation, Edit, Paths};

/// Edits of one kind are told one by one up to here, and counted beyond.
const MOST_TOLD: usize = 20;

impl Told<'_> {
    /// One sentence an edit; of very many, the first and how many more there are.
    pub(super) fn edits(&self) -> Vec<Sentence> {
        let mut said: Vec<Sentence> = self.change.edits.iter().filter_map(|edit| self.edit(edit)).collect();
        let more = said.len().saturating_sub(MOST_TOLD) as u64;
        if more > 0 {
            said.truncate(MOST_TOLD);
            said.push(Sentence::note(format!(
                "{} of the same kinds.",
                counted(more, "more change")
            )));
        }
        if let Some(despite) = &self.change.despite {
            said.push(
                Sentence::warning("A role may be left that nobody can sign. Why goes on record: ")
                    .plain(despite.clone()),
            );
        }
        said
    }

    fn edit(&self, edit: &Edit) -> Option<Sentence> {
        Some(match edit {
            Edit::Begins { .. } | Edit::Leaves { .. } | Edit::Joins { .. } | Edit::Threshold { .. } => return None,
            Edit::ServerKey { .. } | Edit::Ends { .. } => return None,
            Edit::Delegates { by, delegation } => self.delegates(by, delegation),
            Edit::Redelegates {
                role,
                paths,
                terminating,
                place,
                ..
            } => {
                let mut parts: Vec<String> = Vec::new();
                parts.extend(paths.as_ref().map(|paths| format!("is for {}", told(paths))));
                parts.extend(terminating.map(|ends| match ends {
                    true => "ends the search for a target".to_owned(),
                    false => "lets a search go on behind it".to_owned(),
                }));
                parts.extend(place.map(|place| format!("is asked in place {}", place.saturating_add(1))));
                Sentence::new(Mark::Changed)
                    .subject(role)
                    .plain(format!(" {} from now on.", parts.join(", ")))
            }
            Edit::Bins { by, bins } => Sentence::new(Mark::Added)
                .subject(by)
                .plain(" delegates all paths, by their digests, to ")
                .added(counted(1_u64 << bins.bits, "role"))
                .plain(format!(
                    " called {}-…, named all at once: {} of {} must sign each. Clients that do not know TAP 15 find no target in them.",
                    crate::border::visible(&bins.prefix),
                    bins.threshold,
                    counted(bins.keys.len() as u64, "key")
                )),
            Edit::Undelegates { by, role } => Sentence::new(Mark::Removed)
                .subject(by)
                .plain(" no longer delegates to ")
                .removed(role)
                .plain(": its keys count for nothing there, and neither does what it delegates to."),
            Edit::Vouches { role, path, target } => {
                let digest = target.sha256.as_ref().or(target.sha512.as_ref());
                let known = self.lists(role, path);
                Sentence::new(if known { Mark::Changed } else { Mark::Added })
                    .subject(role)
                    .plain(if known { " vouches for another file as " } else { " vouches for " })
                    .added(path)
                    .plain(", ")
                    .evidence(digest.map(|digest| short(digest)).unwrap_or_default())
                    .plain(format!(", {}.", counted(target.length, "byte")))
            }
            Edit::Unvouches { role, path } => Sentence::new(Mark::Removed)
                .subject(role)
                .plain(" vouches no longer for ")
                .removed(path)
                .plain(": it stops resolving unless another role lists it."),
            Edit::Rebuilds { role, after } => Sentence::warning("").subject(role).plain(format!(
                " is built anew behind v{after}, which counts no more: whatever that held is gone unless this change vouches for it."
            )),
            Edit::Again { role } => Sentence::warning("").subject(role).plain(
                " is signed again as it is: whoever put something into it, it counts anew. Compare it with a version known to be \
                 good first.",
            ),
        })
    }

    fn delegates(&self, by: &str, delegation: &Delegation) -> Sentence {
        let keys = counted(delegation.keys.len() as u64, "key");
        let text = Sentence::new(Mark::Added)
            .subject(by)
            .plain(" delegates to ")
            .added(&delegation.role)
            .plain(format!(
                ", for {}: {} of {keys} must sign.",
                told(&delegation.paths),
                delegation.threshold
            ));
        let text = match (self.dialect, delegation.terminating) {
            (_, true) => text.plain(" A search for a target that comes to it ends there."),
            (_, false) => text,
        };
        let is_first = RoleName::new(&*delegation.role).is_ok_and(|role| self.is_issued(role.as_str()));
        match self.dialect {
            Dialect::Tuf1 if is_first => text.plain(" It gets its first document, which vouches for nothing yet."),
            Dialect::Tuf1 => text,
            Dialect::Notary => text.plain(" It has no document until its delegates publish one, which is no harm."),
        }
    }

    fn lists(&self, role: &str, path: &str) -> bool {
        let targets = RoleName::new(role).ok().and_then(|role| self.grounds.targets_of(&role));
        targets.is_some_and(|targets| targets.body().lists(path))
    }
}

fn told(paths: &Paths) -> String {
    const MOST: usize = 5;
    let list = paths.texts();
    let shown: Vec<String> = list
        .iter()
        .take(MOST)
        .map(|path| match path.as_str() {
            "" => "every path".to_owned(),
            path => crate::border::visible(path),
        })
        .collect();
    let more = list.len().saturating_sub(MOST);
    let kind = match paths {
        Paths::Names(_) => "",
        Paths::HashPrefixes(_) => "paths whose SHA-256 begins with ",
    };
    match (shown.is_empty(), more) {
        (true, _) => "no path".into(),
        (false, 0) => format!("{kind}{}", shown.join(", ")),
        (false, more) => format!("{kind}{} and {more} more", shown.join(", ")),
    }
}
