//! TUF 5.3: the chain of roots, one version at a time until there is no next.

use crate::finding::{Code, Finding};
use crate::metadata::Root;
use crate::role::RoleName;
use crate::verify::{Tally, Verified};
use crate::walk::phase::{Phase, TimestampPhase, Trusted};
use crate::walk::progress::Progress;
use crate::walk::{Reply, Request, Rules, Select};

pub(super) struct TufRootPhase {
    newest: Verified<Root>,
    passed: u64,
    trusted: Trusted,
}

impl TufRootPhase {
    pub(super) fn new(anchor: Verified<Root>, trusted: Trusted) -> Self {
        TufRootPhase {
            newest: anchor,
            passed: 0,
            trusted,
        }
    }

    pub(super) fn request(&self, rules: &Rules) -> Request {
        Request {
            role: RoleName::root(),
            select: Select::Version(self.newest.version().saturating_add(1)),
            limit_bytes: rules.limits.document_bytes,
        }
    }

    pub(super) fn take(
        mut self,
        reply: Reply,
        request: &Request,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<Phase> {
        let role = RoleName::root();
        if matches!(reply, Reply::Missing) || self.newest.version() == u64::MAX {
            return self.end_of_chain(rules, progress);
        }
        let bytes = progress.received(reply, request)?;
        if self.passed == rules.limits.root_versions {
            let limit = rules.limits.root_versions.to_string();
            progress.refuse_because(Code::TooManyRoots, &role, vec![("limit", limit)]);
            return None;
        }
        let document = progress.read::<Root>(&bytes, &role, rules)?;
        // 5.3.4: by the keys of the version before, then by its own.
        let before = self.newest.body();
        document.body().keys.learn_from(&before.keys);
        if let Some(tally) = Tally::shortfall(&document, &before.keys, &before.root) {
            progress.refuse(not_signed_by_predecessor(&tally, document.version(), before.version));
            return None;
        }
        let body = document.clone();
        let proven = progress.prove(document, &role, &body.body().keys, &body.body().root)?;
        // 5.3.5: exactly one higher.
        if !progress.is_version(proven.version(), before.version.checked_add(1), &role) {
            return None;
        }
        if takes_a_key_away(before, proven.body()) {
            self.trusted.forget(progress);
        }
        progress.root_proven(&proven);
        self.newest = proven;
        self.passed += 1;
        Some(Phase::TufRoot(self))
    }

    /// 5.3.10: only the last root must not be expired.
    fn end_of_chain(self, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        if !enter_final_root(&self.newest, rules, progress) {
            return None;
        }
        Some(Phase::Timestamp(TimestampPhase::new(self.newest, self.trusted, rules)))
    }
}

/// 5.3.11: whether timestamp or snapshot has lost a key. Told as soon as the root is proven: it is kept from then on, wherever
/// the walk ends, and the next one begins behind it.
fn takes_a_key_away(before: &Root, next: &Root) -> bool {
    let keys = |root: &Root, role: &RoleName| {
        let listed = root.role(role).map(|role| root.keys.physical(&role.keyids));
        listed.unwrap_or_default()
    };
    [RoleName::timestamp(), RoleName::snapshot()]
        .iter()
        .any(|role| !keys(before, role).is_subset(&keys(next, role)))
}

/// Looks at the root in force; says whether the walk may go on.
pub(super) fn enter_final_root(root: &Verified<Root>, rules: &Rules, progress: &mut Progress) -> bool {
    let body = root.body();
    for (role, keys) in body.roles() {
        progress.look_at_keys(&role, &body.keys, keys);
    }
    progress.may_pass_expiry(body, &RoleName::root(), rules)
}

pub(super) fn not_signed_by_predecessor(tally: &Tally, version: u64, before: u64) -> Finding {
    let evidence = vec![
        ("version", version.to_string()),
        ("before", before.to_string()),
        ("counted", tally.ours.min(tally.clients).to_string()),
        ("threshold", tally.threshold.to_string()),
    ];
    Finding::new(Code::RootNotSignedByPredecessor, &RoleName::root(), evidence)
}
