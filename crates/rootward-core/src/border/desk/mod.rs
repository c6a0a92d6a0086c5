//! What the desk knows, as screens show it. Every text from outside passes through `visible` here.

mod attestation;
mod custody;
mod estate;
mod finding;
mod history;
mod key_folders;
mod keyring;
mod map;
mod module;
mod module_ready;
mod node;
mod picture;
mod provisioning;
mod repository;
mod token;
mod tree;

pub(crate) use repository::allowed;
pub use token::uses as token_uses;

use rootward_tuf::time::{Expiry, Instant};

use super::{NodeKind, visible};
use crate::repositories::{days_left, index::Kind};

/// Days to an end, if there is one.
fn days(expires: Option<&Expiry>, now: Instant) -> Option<i32> {
    expires.map(|expires| days_left(expires, now))
}

/// Days to a moment.
fn days_to(end: Option<Instant>, now: Instant) -> Option<i32> {
    end.map(|end| {
        let days = (end.unix_seconds() - now.unix_seconds()).div_euclid(crate::repositories::DAY);
        days.clamp(i32::MIN.into(), i32::MAX.into()) as i32
    })
}

fn kind(kind: Kind, name: &str, is_top: bool) -> NodeKind {
    match (kind, name) {
        (Kind::Estate, _) => NodeKind::Estate,
        (Kind::PracticeEstate, _) => NodeKind::PracticeEstate,
        (Kind::NotaryServer, _) => NodeKind::NotaryServer,
        (Kind::WebSource, _) => NodeKind::WebSource,
        (Kind::FolderSource, _) => NodeKind::FolderSource,
        (Kind::Repository, _) => NodeKind::Repository,
        (Kind::Role, "root") if is_top => NodeKind::Root,
        (Kind::Role, "targets") if is_top => NodeKind::Targets,
        (Kind::Role, "snapshot") if is_top => NodeKind::Snapshot,
        (Kind::Role, "timestamp") if is_top => NodeKind::Timestamp,
        (Kind::Role, _) => NodeKind::Delegation,
        (Kind::Key, _) => NodeKind::Key,
    }
}

fn version(version: Option<u64>) -> Option<String> {
    version.map(|version| format!("v{version}"))
}

fn small(number: u64) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| visible(text)).collect()
}
