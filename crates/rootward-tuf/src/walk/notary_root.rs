//! Notary's root rules: the newest root, and the ones between only when the trusted one did not sign it.
//!
//! The newest is the one served as current. When a proven snapshot names another, that one is fetched by its digest: caches
//! show the current one late. Root keys are certificates with the repository's name; those that are refused do not count.

use bytes::Bytes;

use crate::dialect::notary::{self, Certificate, CertificateProblem};
use crate::finding::{Code, Finding};
use crate::key::KeyId;
use crate::metadata::{Envelope, MetaEntry, RoleKeys, Root};
use crate::role::RoleName;
use crate::verify::{Tally, Verified};
use crate::walk::phase::{Phase, TimestampPhase, Trusted, request_for};
use crate::walk::progress::Progress;
use crate::walk::tuf_root::{enter_final_root, not_signed_by_predecessor};
use crate::walk::{Reply, Request, Rules, Select};

pub(super) struct NotaryRootPhase {
    anchor: Verified<Root>,
    /// The newest root proven from the anchor.
    newest: Verified<Root>,
    /// The root that is served, once it is known and could not be proven directly.
    served: Option<Envelope<Root>>,
    /// What the snapshot says of the root that is asked for, once one named another than was served.
    named: Option<MetaEntry>,
    trusted: Trusted,
}

impl NotaryRootPhase {
    pub(super) fn new(anchor: Verified<Root>, trusted: Trusted) -> Self {
        NotaryRootPhase {
            newest: anchor.clone(),
            anchor,
            served: None,
            named: None,
            trusted,
        }
    }

    /// Goes on from a proven root to the one that the snapshot names.
    pub(super) fn named_by_snapshot(root: Verified<Root>, meta: MetaEntry, trusted: Trusted) -> Self {
        NotaryRootPhase {
            named: Some(meta),
            ..NotaryRootPhase::new(root, trusted)
        }
    }

    pub(super) fn request(&self, rules: &Rules) -> Request {
        let select = match (&self.served, &self.named) {
            (None, Some(meta)) => return request_for(RoleName::root(), meta, &self.newest, rules),
            (None, None) => Select::Current,
            (Some(_), _) => Select::Version(self.newest.version().saturating_add(1)),
        };
        Request {
            role: RoleName::root(),
            select,
            limit_bytes: rules.limits.document_bytes,
        }
    }

    pub(super) fn take(self, reply: Reply, request: &Request, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        match self.served.clone() {
            None => self.take_served(reply, request, rules, progress),
            Some(served) => self.take_between(served, reply, request, rules, progress),
        }
    }

    fn take_served(mut self, reply: Reply, request: &Request, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        let role = RoleName::root();
        if let Some(meta) = self.named.take() {
            // A source that cannot look by digest, or has lost this one, answers with what it has.
            let bytes = match reply {
                Reply::Missing => self.anchor.file().clone(),
                reply => progress.received(reply, request)?,
            };
            if !progress.fits(&bytes, &meta, &role, &RoleName::snapshot()) {
                return None;
            }
            return self.take_newest(bytes, rules, progress);
        }
        if matches!(reply, Reply::Missing) {
            // The snapshot's digest of root decides whether the anchor is the one in force.
            return self.finish(rules, progress);
        }
        let bytes = progress.received(reply, request)?;
        if bytes == self.anchor.file_bytes() {
            return self.finish(rules, progress);
        }
        self.take_newest(bytes, rules, progress)
    }

    /// Goes to a newest root directly, or has the ones between fetched.
    fn take_newest(mut self, bytes: Bytes, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        let role = RoleName::root();
        let served = progress.read::<Root>(&bytes, &role, rules)?;
        let trusted = self.anchor.version();
        if !progress.is_no_rollback(served.version(), Some(trusted), &role) {
            return None;
        }
        if served.version() == trusted && served.signed_bytes() != self.anchor.signed_bytes() {
            let evidence = vec![("version", trusted.to_string())];
            progress.note(Finding::new(Code::SameVersionDiffers, &role, evidence));
        }
        served.body().keys.learn_from(&self.newest.body().keys);
        let between = served.version().saturating_sub(trusted).saturating_sub(1);
        if let Some(tally) = shortfall_of_predecessor(&served, &self.newest, rules) {
            if between == 0 {
                progress.refuse(not_signed_by_predecessor(&tally, served.version(), trusted));
                return None;
            }
            if between > rules.limits.root_versions {
                let limit = rules.limits.root_versions.to_string();
                progress.refuse_because(Code::TooManyRoots, &role, vec![("limit", limit)]);
                return None;
            }
            self.served = Some(served);
            return Some(Phase::NotaryRoot(self));
        }
        self.finish_with(served, rules, progress)
    }

    fn take_between(
        mut self,
        served: Envelope<Root>,
        reply: Reply,
        request: &Request,
        rules: &Rules,
        progress: &mut Progress,
    ) -> Option<Phase> {
        let role = RoleName::root();
        let version = self.newest.version().saturating_add(1);
        if matches!(reply, Reply::Missing) {
            let evidence = vec![
                ("found", version.to_string()),
                ("last", self.newest.version().to_string()),
            ];
            progress.refuse_because(Code::RootGap, &role, evidence);
            return None;
        }
        let bytes = progress.received(reply, request)?;
        let document = progress.read::<Root>(&bytes, &role, rules)?;
        if !progress.is_version(document.version(), Some(version), &role) {
            return None;
        }
        document.body().keys.learn_from(&self.newest.body().keys);
        if let Some(tally) = shortfall_of_predecessor(&document, &self.newest, rules) {
            progress.refuse(not_signed_by_predecessor(&tally, version, self.newest.version()));
            return None;
        }
        let filtered = countable_keys(document.body(), rules, progress)?;
        let body = document.clone();
        let proven = progress.prove(document, &role, &body.body().keys, &filtered)?;
        progress.root_proven(&proven);
        self.newest = proven;
        if version.saturating_add(1) < served.version() {
            return Some(Phase::NotaryRoot(self));
        }
        if let Some(tally) = shortfall_of_predecessor(&served, &self.newest, rules) {
            progress.refuse(not_signed_by_predecessor(
                &tally,
                served.version(),
                self.newest.version(),
            ));
            return None;
        }
        self.finish_with(served, rules, progress)
    }

    /// Enters with a served root that the newest proven one vouches for.
    fn finish_with(mut self, served: Envelope<Root>, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        let role = RoleName::root();
        let filtered = countable_keys(served.body(), rules, progress)?;
        let body = served.clone();
        let proven = progress.prove(served, &role, &body.body().keys, &filtered)?;
        if self.trusted.followed_snapshot {
            progress.begin_again();
        }
        progress.root_proven(&proven);
        self.newest = proven;
        self.enter(rules, progress)
    }

    /// Enters with the newest proven root, which must still meet the rules for certificates at this time.
    fn finish(self, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        let role = RoleName::root();
        let filtered = countable_keys(self.newest.body(), rules, progress)?;
        let body = self.newest.body();
        progress.prove(self.newest.envelope().clone(), &role, &body.keys, &filtered)?;
        self.enter(rules, progress)
    }

    fn enter(self, rules: &Rules, progress: &mut Progress) -> Option<Phase> {
        if !enter_final_root(&self.newest, rules, progress) {
            return None;
        }
        Some(Phase::Timestamp(TimestampPhase::new(self.newest, self.trusted, rules)))
    }
}

/// The count for the keys of the root before, unless enough of them signed. Their certificates may have expired since but
/// never bear another name.
fn shortfall_of_predecessor(document: &Envelope<Root>, before: &Verified<Root>, rules: &Rules) -> Option<Tally> {
    let check = |certificate: &Certificate| certificate.check_name_and_kind(rules.gun.as_deref());
    let (role_keys, _) = filtered_keys(before.body(), check);
    Tally::shortfall(document, &before.body().keys, &role_keys)
}

/// The root role without keys whose certificate may not hold a root key at this time, nor those that are not pinned.
///
/// `None`, and the role refused, when pins leave none.
fn countable_keys(root: &Root, rules: &Rules, progress: &mut Progress) -> Option<RoleKeys> {
    let check = |certificate: &Certificate| certificate.check_for_root(rules.gun.as_deref(), rules.now);
    let (mut role_keys, refused) = filtered_keys(root, check);
    for (keyid, why) in refused {
        let evidence = vec![("keyid", keyid.to_string()), ("why", why)];
        progress.note(Finding::new(Code::CertificateRefused, &RoleName::root(), evidence));
    }
    if !rules.pins.is_empty() {
        role_keys.keyids.retain(|keyid| rules.pins.contains(keyid));
    } else if !rules.authorities.is_empty() {
        let chain = |keyid: &KeyId| {
            root.keys
                .get(keyid)
                .map(|key| notary::chain(key.raw()))
                .unwrap_or_default()
        };
        role_keys
            .keyids
            .retain(|keyid| rules.authorities.vouch_for(&chain(keyid), rules.now));
    } else {
        return Some(role_keys);
    }
    if role_keys.keyids.is_empty() {
        progress.refuse_because(Code::NotPinned, &RoleName::root(), Vec::new());
        return None;
    }
    Some(role_keys)
}

/// The root role's keys whose certificate passes `check`, and the others with why they do not.
fn filtered_keys(
    root: &Root,
    check: impl Fn(&Certificate) -> Result<(), CertificateProblem>,
) -> (RoleKeys, Vec<(KeyId, String)>) {
    let (mut keyids, mut refused) = (Vec::new(), Vec::new());
    for keyid in &root.root.keyids {
        let Some(key) = root.keys.get(keyid) else { continue };
        let verdict = match key.certificate() {
            Some(_) if !notary::has_one_leaf(key.raw()) => {
                Err("expected one certificate besides authorities'".to_owned())
            }
            Some(certificate) => check(certificate).map_err(|why| why.to_string()),
            None => Err("expected a certificate".to_owned()),
        };
        match verdict {
            Ok(()) => keyids.push(keyid.clone()),
            Err(why) => refused.push((keyid.clone(), why)),
        }
    }
    let threshold = root.root.threshold;
    (RoleKeys { keyids, threshold }, refused)
}
