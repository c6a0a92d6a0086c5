//! Makes the practice repository in Notary's dialect, as a client cache holds one.

use rootward_tuf::{
    DelegatedRole, Dialect, Instant, Key, PathSet, RoleKeys, RoleName, RootDraft, SnapshotDraft, TargetsDraft,
    TimestampDraft,
};

use super::{
    Made, broken_plan,
    holders::Holders,
    in_days,
    plan::notary::{DELEGATE, GUN, NAME, ONLINE, ROOT, TAGS, TARGETS},
    publish, source,
    tuf::{document, practice_file, role_name},
};
use crate::ports::{CertificateTerms, Failure, Message, Ports, Publication};

const ROOT_DAYS: i64 = 3_650;
const TARGETS_DAYS: i64 = 1_095;
/// Longer than a server's 14 days: no server renews it here.
const TIMESTAMP_DAYS: i64 = 60;

/// Makes and publishes it.
pub(super) async fn make(ports: &Ports, holders: &mut Holders, now: Instant) -> Result<Made, Failure> {
    let broken = |role: &str, why: &dyn std::fmt::Display| broken_plan(&format!("{role} of {NAME}"), why);
    let root_key = certificate(ports, holders, now)?;
    let [targets_key, online_key, delegate_key] = [
        bare(holders, TARGETS)?,
        bare(holders, ONLINE)?,
        bare(holders, DELEGATE)?,
    ];

    let mut draft = RootDraft::first(Dialect::Notary, false, in_days(now, ROOT_DAYS));
    draft.add_key(&RoleName::root(), root_key.clone());
    draft.add_key(&RoleName::targets(), targets_key.clone());
    draft.add_key(&RoleName::snapshot(), online_key.clone());
    draft.add_key(&RoleName::timestamp(), online_key.clone());
    let frozen = draft.freeze().map_err(|why| broken("root", &why))?;
    let signature = holders.of(ROOT)?.signer.sign(Message::metadata(&frozen), &root_key)?;
    let root = frozen
        .complete(None, vec![signature])
        .map_err(|_| broken("root", &"its key did not sign"))?;
    let body = root.verified().body();

    let releases = role_name("targets/releases")?;
    let mut draft = TargetsDraft::first(Dialect::Notary, RoleName::targets(), in_days(now, TARGETS_DAYS));
    let delegation = DelegatedRole {
        name: releases.clone(),
        keys: RoleKeys {
            keyids: vec![delegate_key.keyid().clone()],
            threshold: 1,
        },
        paths: PathSet::Prefixes(vec![String::new()]),
        terminating: false,
    };
    draft.add_delegation(&delegation, std::slice::from_ref(&delegate_key));
    let frozen = draft.freeze().map_err(|why| broken("targets", &why))?;
    let signature = holders
        .of(TARGETS)?
        .signer
        .sign(Message::metadata(&frozen), &targets_key)?;
    let targets = frozen
        .complete(&body.keys, &body.targets, vec![signature])
        .map_err(|_| broken("targets", &"its key did not sign"))?;
    let Some(delegations) = &targets.verified().body().delegations else {
        return Err(broken("targets", &"the delegation is gone"));
    };

    let mut draft = TargetsDraft::first(Dialect::Notary, releases.clone(), in_days(now, TARGETS_DAYS));
    for tag in TAGS {
        draft.add_target(tag, &practice_file(tag));
    }
    let frozen = draft.freeze().map_err(|why| broken("targets/releases", &why))?;
    let signature = holders
        .of(DELEGATE)?
        .signer
        .sign(Message::metadata(&frozen), &delegate_key)?;
    let released = frozen
        .complete(&delegations.keys, &delegation.keys, vec![signature])
        .map_err(|_| broken("targets/releases", &"its key did not sign"))?;

    let mut draft = SnapshotDraft::first(Dialect::Notary, in_days(now, TARGETS_DAYS));
    draft.set_meta(&RoleName::root(), &root.meta_entry());
    draft.set_meta(&RoleName::targets(), &targets.meta_entry());
    draft.set_meta(&releases, &released.meta_entry());
    let frozen = draft.freeze().map_err(|why| broken("snapshot", &why))?;
    let signature = holders
        .of(ONLINE)?
        .signer
        .sign(Message::metadata(&frozen), &online_key)?;
    let snapshot = frozen
        .complete(&body.keys, &body.snapshot, vec![signature])
        .map_err(|_| broken("snapshot", &"its key did not sign"))?;

    let draft = TimestampDraft::first(Dialect::Notary, &snapshot.meta_entry(), in_days(now, TIMESTAMP_DAYS));
    let frozen = draft.freeze().map_err(|why| broken("timestamp", &why))?;
    let signature = holders
        .of(ONLINE)?
        .signer
        .sign(Message::metadata(&frozen), &online_key)?;
    let timestamp = frozen
        .complete(&body.keys, &body.timestamp, vec![signature])
        .map_err(|_| broken("timestamp", &"its key did not sign"))?;

    let source = source(ports, NAME, Some(GUN));
    let publication = Publication {
        dialect: Dialect::Notary,
        consistent_snapshot: false,
        documents: vec![
            document(&root),
            document(&targets),
            document(&released),
            document(&snapshot),
            document(&timestamp),
        ],
        root_last: false,
        builds_on: (0, [0; 32]),
    };
    publish(ports, &source, publication).await?;
    Ok(Made {
        name: NAME.to_owned(),
        source,
        first_root: root.verified().envelope().clone(),
    })
}

/// The root key's certificate for this GUN, self-signed as Notary wants it.
fn certificate(ports: &Ports, holders: &mut Holders, now: Instant) -> Result<Key, Failure> {
    let mut serial = [0; 16];
    ports.random.fill(&mut serial);
    let terms = CertificateTerms {
        gun: GUN.to_owned(),
        not_before: now,
        not_after: in_days(now, ROOT_DAYS),
        serial,
    };
    let certificate = holders.of(ROOT)?.signer.certify(&terms)?;
    Key::new_notary_certificate(certificate.der()).map_err(|why| broken_plan("its certificate", &why))
}

fn bare(holders: &mut Holders, name: &str) -> Result<Key, Failure> {
    Ok(Key::new_notary_bare(holders.of(name)?.signer.public()))
}
