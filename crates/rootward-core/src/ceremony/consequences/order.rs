//! What clients meet while files appear one by one, and while somebody else has still to act.

use rootward_tuf::dialect::Dialect;
use rootward_tuf::role::RoleName;

use super::Told;
use crate::border::{Sentence, counted};
use crate::ceremony::roster::convinces_too_few;

impl Told<'_> {
    /// A Notary server takes all documents at once; only where files lie one by one does their order matter.
    pub(super) fn order(&self) -> Vec<Sentence> {
        if self.dialect == Dialect::Notary {
            return Vec::new();
        }
        let mut said = Vec::new();
        let changed = self.with_a_gap();
        let version = self.grounds.root_version().saturating_add(1);
        if self.is_issued("root") && self.change.hands_over {
            said.push(Sentence::note(format!(
                "Keys that leave sign the new documents as well, and root v{version}, which drops them, is written last: no \
                 client meets a document that it cannot check.",
            )));
        } else if self.is_issued("root") && !changed.is_empty() && self.change.online_elsewhere {
            said.push(Sentence::warning(format!(
                "Once root v{version} is written, clients refuse what the old keys of {} signed, until whoever signs snapshot and \
                 timestamp has shown them the new documents. Have them act at once.",
                changed.join(" and ")
            )));
        } else if self.is_issued("root") && !changed.is_empty() {
            said.push(Sentence::warning(format!(
                "Too few of the keys that {} had are at hand to sign the new documents as well: clients that come between the \
                 writing of root v{version} and of the timestamp, moments apart, are refused and try again.",
                changed.join(" and ")
            )));
        }
        if self.change.online_elsewhere {
            said.push(self.waits_for_others());
        }
        let versioned = self.grounds.root().is_some_and(|root| root.body().consistent_snapshot);
        if !versioned && self.plan.documents.len() > 1 {
            said.push(Sentence::warning(
                "File names carry no versions here: clients that come while the files are replaced are refused and try again.",
            ));
        }
        said
    }

    /// Top-level roles whose new keys convince no client that knows the old ones only.
    fn with_a_gap(&self) -> Vec<String> {
        let roles = self.plan.old.roles.iter();
        let below = roles.filter(|role| role.by.0 == RoleName::root() && role.role != RoleName::root());
        let new: Vec<_> = self.plan.new.roles.clone();
        below
            .filter(|old| {
                let after: Vec<_> = new.iter().filter(|role| role.role == old.role).cloned().collect();
                convinces_too_few(old, &after)
            })
            .map(|role| role.role.to_string())
            .collect()
    }

    /// Who signs the online documents, and until when clients can wait for it.
    fn waits_for_others(&self) -> Sentence {
        let signers = |role: &RoleName| {
            let listed = self.plan.new.role(role);
            listed.map_or_else(String::new, |listed| {
                let labels: Vec<&str> = listed.keys.iter().map(|key| key.label.as_str()).collect();
                format!(
                    "{} of {} ({})",
                    listed.threshold,
                    counted(labels.len() as u64, "key"),
                    labels.join(", ")
                )
            })
        };
        let text = Sentence::warning(format!(
            "Clients see nothing of this until snapshot, by {}, and timestamp, by {}, are signed again elsewhere and name the \
             new documents.",
            signers(&RoleName::snapshot()),
            signers(&RoleName::timestamp()),
        ));
        match self.grounds.timestamp() {
            Some(timestamp) => text
                .plain(" They keep what they have until then; today's timestamp ends on ")
                .evidence(&timestamp.body().expires.text)
                .plain(", and after that they refuse the repository."),
            None => text,
        }
    }
}
